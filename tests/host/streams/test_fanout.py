from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.services import NatsServer, free_port, nats_server
from uicompiler.host.streams.fanout import Newest, NoFanout, open_fanout
from uicompiler.host.streams.fanout_nats import NatsFanout, subject_token

__all__ = ["nats_server"]

WITHIN_S = 15.0
Made = Callable[..., NatsFanout]


class Heard:
    """What a process heard, in order."""

    def __init__(self) -> None:
        self.all: list[tuple[str, int]] = []

    def __call__(self, conversation_id: str, seq: int) -> None:
        self.all.append((conversation_id, seq))

    def of(self, conversation_id: str) -> list[int]:
        return [seq for name, seq in list(self.all) if name == conversation_id]


def eventually(true: Callable[[], Any]) -> None:
    until = time.monotonic() + WITHIN_S
    while not true():
        assert time.monotonic() < until, "not within the time"
        time.sleep(0.01)


@pytest.fixture
def made() -> Iterator[Made]:
    """Makes fan-outs that are closed in the end."""
    all_: list[NatsFanout] = []

    def make(server: NatsServer | str, stream: str, **settings: Any) -> NatsFanout:
        url = server if isinstance(server, str) else server.url
        all_.append(NatsFanout(url, stream=stream, **settings))
        return all_[-1]

    yield make
    for fanout in all_:
        fanout.close()


def connected(*fanouts: NatsFanout) -> None:
    for fanout in fanouts:
        eventually(lambda f=fanout: f.counts().get("connections"))
    time.sleep(0.1)  # its consumer comes right after


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[NatsServer]:
    """A server that the test may stop."""
    server = NatsServer(tmp_path / "nats")
    server.start()
    yield server
    server.stop()


# --- without a server -----------------------------------------------------------------------------


def test_one_process_needs_no_fanout() -> None:
    fanout = open_fanout(None)
    assert isinstance(fanout, NoFanout)
    fanout.subscribe(Heard())
    fanout.announce("c1", 1)
    assert fanout.counts() == {}
    fanout.close()


def test_an_address_of_no_known_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="nats://"):
        open_fanout("redis://user:secret@somewhere")


def test_a_newer_number_takes_the_place_of_an_older_one() -> None:
    waiting = Newest(most=2)
    assert waiting.put("a", 1)
    assert waiting.put("b", 5)
    assert waiting.put("a", 3)
    assert waiting.put("a", 2), "an overtaken one takes no room"
    assert not waiting.put("c", 1), "bounded"
    assert waiting.take(1) == [("a", 3)]
    assert waiting.take(9) == [("b", 5)]
    assert len(waiting) == 0


def test_who_waits_for_numbers_is_let_go_at_the_end() -> None:
    waiting, got = Newest(), list[Any]()
    thread = threading.Thread(target=lambda: got.append(waiting.wait(9)))
    thread.start()
    waiting.close()
    thread.join(5)
    assert got == [[]]


@pytest.mark.parametrize("name", ["c1", "a.b", "a *>b\r\nPUB x", "", "名前", "\ud800", "x" * 5000])
def test_any_id_is_one_token_of_a_subject(name: str) -> None:
    token = subject_token(name)
    assert token.isalnum()
    assert len(token) == 40


def test_tokens_of_different_ids_differ() -> None:
    assert subject_token("a.b") != subject_token("a-b")


def test_a_server_that_is_away_fails_nothing(made: Made, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    fanout = made(f"nats://me:hunter2@127.0.0.1:{free_port()}", "s")
    fanout.subscribe(Heard())
    began = time.monotonic()
    for seq in range(1_000):
        fanout.announce("c1", seq)
    assert time.monotonic() - began < 1, "an announcement waits for nobody"
    eventually(lambda: fanout.counts().get("failures", 0) >= 2)
    fanout.close()
    assert time.monotonic() - began < 10
    assert '"event":"fanout"' in caplog.text
    assert "hunter2" not in caplog.text
    assert "hunter2" not in repr(fanout)


# --- with one -------------------------------------------------------------------------------------


def test_what_one_announces_the_other_hears_and_not_itself(
    nats_server: NatsServer, made: Made
) -> None:
    one, two, at_one, at_two = made(nats_server, "t1"), made(nats_server, "t1"), Heard(), Heard()
    one.subscribe(at_one)
    two.subscribe(at_two)
    connected(one, two)
    for name in ("c1", "a.b *>\r\n", "名前", "\ud800"):
        one.announce(name, 7)
    eventually(lambda: len(at_two.all) == 4)
    assert set(at_two.all) == {("c1", 7), ("a.b *>\r\n", 7), ("名前", 7), ("\ud800", 7)}
    two.announce("c1", 8)
    eventually(lambda: at_one.all == [("c1", 8)])
    assert at_two.of("c1") == [7]


def test_numbers_of_a_conversation_only_rise_and_the_last_one_comes(
    nats_server: NatsServer, made: Made
) -> None:
    one, two, heard = made(nats_server, "t2"), made(nats_server, "t2"), Heard()
    two.subscribe(heard)
    connected(two)
    for seq in range(1, 501):
        for name in ("a", "b"):
            one.announce(name, seq)
    eventually(lambda: heard.of("a")[-1:] == [500] and heard.of("b")[-1:] == [500])
    assert heard.of("a") == sorted(set(heard.of("a")))


def test_two_that_announce_the_same_are_heard_once(nats_server: NatsServer, made: Made) -> None:
    one, two, three = (made(nats_server, "t3") for _ in range(3))
    heard = Heard()
    three.subscribe(heard)
    connected(three)
    one.announce("c1", 4)
    eventually(lambda: heard.all)
    two.announce("c1", 4)  # as after a crash between the commit and its notice
    two.announce("c1", 5)
    eventually(lambda: len(heard.all) == 2)
    assert heard.of("c1") == [4, 5]


def test_who_comes_later_hears_nothing_of_before(nats_server: NatsServer, made: Made) -> None:
    one = made(nats_server, "t4")
    one.announce("old", 1)
    eventually(lambda: one.counts().get("announced") == 1)
    two, heard = made(nats_server, "t4"), Heard()
    two.subscribe(heard)
    connected(two)
    one.announce("new", 1)
    eventually(lambda: heard.all)
    assert heard.all == [("new", 1)]


def test_streams_of_different_names_do_not_hear_each_other(
    nats_server: NatsServer, made: Made
) -> None:
    one, other, heard = made(nats_server, "t5"), made(nats_server, "t6"), Heard()
    other.subscribe(heard)
    connected(other)
    one.announce("c1", 1)
    eventually(lambda: one.counts().get("announced") == 1)
    time.sleep(0.2)
    assert heard.all == []


def test_one_that_cannot_be_told_does_not_keep_it_from_the_next(
    nats_server: NatsServer, made: Made
) -> None:
    one, two, heard = made(nats_server, "t7"), made(nats_server, "t7"), Heard()

    def fails(_conversation_id: str, _seq: int) -> None:
        raise OSError("the database is away")

    two.subscribe(fails)
    two.subscribe(heard)
    connected(two)
    one.announce("c1", 1)
    one.announce("c2", 1)
    eventually(lambda: len(heard.all) == 2)
    assert two.counts()["failures"] == 2


def test_it_works_inside_a_running_event_loop(nats_server: NatsServer, made: Made) -> None:
    async def host() -> list[tuple[str, int]]:
        one, two, heard = made(nats_server, "t8"), made(nats_server, "t8"), Heard()
        two.subscribe(heard)
        await asyncio.to_thread(connected, two)
        one.announce("c1", 1)
        await asyncio.to_thread(eventually, lambda: heard.all)
        return heard.all

    assert asyncio.run(host()) == [("c1", 1)]


def test_the_stream_is_bounded(nats_server: NatsServer, made: Made) -> None:
    one = made(nats_server, "t9", max_age_s=60.0, max_bytes=1024 * 1024)
    for seq in range(1, 4):
        one.announce("c1", seq)
        eventually(lambda s=seq: one.counts().get("announced") == s)

    async def config() -> Any:
        import nats

        client = await nats.connect(nats_server.url)
        info = await client.jetstream().stream_info("t9")
        await client.close()
        return info

    info = asyncio.run(config())
    assert (info.config.max_age, info.config.max_bytes) == (60.0, 1024 * 1024)
    assert info.state.messages == 1, "the newest notice of each conversation"


def test_a_stream_that_was_set_up_otherwise_is_taken_as_it_is(
    nats_server: NatsServer, made: Made
) -> None:
    made(nats_server, "t10", max_age_s=60.0).announce("c0", 1)
    one, two, heard = made(nats_server, "t10"), made(nats_server, "t10"), Heard()
    two.subscribe(heard)
    connected(two)
    one.announce("c1", 1)
    eventually(lambda: ("c1", 1) in heard.all)


def test_what_is_no_notice_of_ours_is_passed_over(nats_server: NatsServer, made: Made) -> None:
    one, two, heard = made(nats_server, "t11"), made(nats_server, "t11"), Heard()
    two.subscribe(heard)
    connected(two)

    async def strange() -> None:
        import nats

        client = await nats.connect(nats_server.url)
        strangers = (b"", b"[1]", b"\xff", b'{"conversation": 1, "seq": "x", "from": null}')
        for number, raw in enumerate(strangers):
            # The stream keeps the newest of a subject alone.
            await client.jetstream().publish(f"t11.told.x{number}", raw)
        await client.close()

    asyncio.run(strange())
    one.announce("c1", 1)
    eventually(lambda: heard.all)
    assert heard.all == [("c1", 1)]
    assert two.counts()["failures"] == 4


# --- with one that goes away ----------------------------------------------------------------------


def test_a_killed_server_that_comes_back_delivers_what_was_announced_meanwhile(
    own_server: NatsServer, made: Made
) -> None:
    one, two, heard = made(own_server, "r1"), made(own_server, "r1"), Heard()
    two.subscribe(heard)
    connected(two)
    one.announce("c1", 1)
    eventually(lambda: heard.all)
    own_server.kill()
    for seq in range(2, 50):
        one.announce("c1", seq)
        one.announce("c2", seq)
    time.sleep(0.5)
    own_server.start()
    eventually(lambda: heard.of("c1")[-1:] == [49] and heard.of("c2")[-1:] == [49])
    assert heard.of("c1") == sorted(set(heard.of("c1")))


def test_what_was_not_answered_when_a_connection_broke_is_announced_on_the_next(
    nats_server: NatsServer, made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    from nats.js import JetStreamContext

    one, two, heard = made(nats_server, "r4"), made(nats_server, "r4"), Heard()
    two.subscribe(heard)
    connected(two)
    publish, read = JetStreamContext.publish, NatsFanout._read
    sent, broke = threading.Event(), threading.Event()

    async def unanswered(js: Any, *notice: Any, **headers: Any) -> Any:
        if not sent.is_set():
            sent.set()
            await asyncio.sleep(2 * WITHIN_S)
        return await publish(js, *notice, **headers)

    async def breaking(fanout: NatsFanout, reading: Any) -> None:
        if fanout is one and not broke.is_set():
            while not sent.is_set():
                await asyncio.sleep(0.01)
            broke.set()
            raise ConnectionError
        await read(fanout, reading)

    monkeypatch.setattr(JetStreamContext, "publish", unanswered)
    monkeypatch.setattr(NatsFanout, "_read", breaking)
    one.announce("c1", 1)
    eventually(lambda: heard.of("c1") == [1])
    assert one.counts()["connections"] == 2


def test_what_was_not_begun_when_a_connection_broke_waits(made: Made) -> None:
    fanout = made("nats://127.0.0.1:1", "r5")

    async def run() -> None:
        publishing = asyncio.ensure_future(fanout._publish_all(None, [("c1", 1)]))  # type: ignore[arg-type]
        await asyncio.sleep(0)
        publishing.cancel()
        await asyncio.wait([publishing])
        assert publishing.cancelled()

    asyncio.run(run())
    assert fanout._due.take(9) == [("c1", 1)]


def test_a_server_that_lost_its_streams_is_set_up_anew(
    own_server: NatsServer, made: Made, tmp_path: Path
) -> None:
    one, two, heard = made(own_server, "r2"), made(own_server, "r2"), Heard()
    two.subscribe(heard)
    connected(two)
    for seq in range(1, 4):
        one.announce("c1", seq)
        eventually(lambda s=seq: heard.of("c1")[-1:] == [s])
    own_server.kill()
    own_server.folder = tmp_path / "another"
    own_server.start()
    one.announce("c1", 4)
    eventually(lambda: heard.of("c1")[-1:] == [4])


def test_a_stream_deleted_while_it_is_read_is_made_anew(
    nats_server: NatsServer, made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("uicompiler.host.streams.fanout_nats._HEARTBEAT_S", 0.2)
    monkeypatch.setattr("uicompiler.host.streams.fanout_nats._SILENT_S", 0.6)
    one, two, heard = made(nats_server, "r3"), made(nats_server, "r3"), Heard()
    two.subscribe(heard)
    connected(two)

    async def delete() -> None:
        import nats

        client = await nats.connect(nats_server.url)
        await client.jetstream().delete_stream("r3")
        await client.close()

    asyncio.run(delete())
    eventually(lambda: two.counts()["connections"] >= 2)
    one.announce("c1", 1)
    eventually(lambda: ("c1", 1) in heard.all)


def test_a_password_is_asked_for_and_stands_in_no_log(
    tmp_path: Path, made: Made, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    server = NatsServer(tmp_path / "nats", user="me:hunter2")
    server.start()
    try:
        right, wrong = made(server, "p"), made(f"nats://me:wrong3@127.0.0.1:{server.port}", "p")
        right.announce("c1", 1)
        wrong.announce("c1", 1)
        eventually(lambda: right.counts().get("announced"))
        eventually(lambda: wrong.counts().get("failures"))
        assert not wrong.counts().get("connections")
    finally:
        server.stop()
    assert "hunter2" not in caplog.text
    assert "wrong3" not in caplog.text
