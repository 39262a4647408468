"""Streams: whole turns, resumed at whole turns, bounded; a slow client goes, never the server."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import pytest

from tests.host.web import Browser
from uicompiler import HostError, StoreError
from uicompiler.errors import diagnostic
from uicompiler.host.streams.hub import Hub, StreamLimits, Told
from uicompiler.host.streams.stream import EventStream, encoded, within

QUICK = StreamLimits(streams=2, queued=2, remembered=3, heartbeat_s=0.05, send_s=0.05)


def told(seq: int, origin: str = "") -> Told:
    return Told(seq, origin, (("html", {"rev": {"surface": "main", "rev": seq}}),))


def as_events(turn: Told) -> bytes:
    return encoded(turn.events, turn.seq)


class Client:
    """An ASGI client that reads as fast as it likes, and leaves when told."""

    def __init__(self, *, slow: bool = False) -> None:
        self.body = b""
        self.sizes: list[int] = []
        self.ended = False
        self.slow = slow
        self.left = asyncio.Event()

    async def receive(self) -> Any:
        await self.left.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            return
        if self.slow and self.body:
            await asyncio.sleep(60)
        self.body += message["body"]
        self.sizes.append(len(message["body"]))
        self.ended = not message["more_body"]

    def seqs(self) -> list[int]:
        ids = [line for line in self.body.decode().splitlines() if line.startswith("id: ")]
        return [int(line.removeprefix("id: ")) for line in ids]


def streaming(
    scenario: Callable[[Hub, Client, asyncio.Task[None]], Awaitable[None]],
    *,
    limits: StreamLimits = QUICK,
    page: str = "p",
    slow: bool = False,
    missed: Sequence[bytes] = (),
    after: int = 0,
    shared: bool = True,
) -> Client:
    """Run a scenario beside an open stream."""

    async def run() -> Client:
        hub, client = Hub(limits), Client(slow=slow)
        listener = hub.listen("c", page, as_events if shared else None)
        listener.after = after
        stream = EventStream(hub, listener, missed, as_events, {})
        task = asyncio.ensure_future(stream({}, client.receive, client.send))
        await asyncio.sleep(0.01)
        await scenario(hub, client, task)
        client.left.set()
        await asyncio.wait_for(task, 2)
        return client

    return asyncio.run(run())


def test_a_turn_is_told_as_a_whole() -> None:
    async def scenario(hub: Hub, _client: Client, _task: Any) -> None:
        events = (("html", {"a": 1}), ("text", {"text": "x\ny"}))
        hub.tell("c", Told(7, "", events))
        await asyncio.sleep(0.02)

    body = streaming(scenario).body.decode()
    assert body.endswith(
        'event: html\ndata: {"a":1}\n\nevent: text\ndata: {"text":"x\\ny"}\nid: 7\n\n'
    )


def test_a_quiet_stream_says_that_it_is_there() -> None:
    async def scenario(_hub: Hub, _client: Client, _task: Any) -> None:
        await asyncio.sleep(1.0)

    assert streaming(scenario).body.count(b": still here\n\n") >= 2


def test_a_page_is_not_told_what_it_did_itself() -> None:
    async def scenario(hub: Hub, _client: Client, _task: Any) -> None:
        hub.tell("c", told(1, "p"))
        hub.tell("c", told(2, "q"))
        await asyncio.sleep(0.02)

    assert streaming(scenario).seqs() == [2]


def test_what_was_missed_is_not_told_twice() -> None:
    async def scenario(hub: Hub, _client: Client, _task: Any) -> None:
        for seq in (4, 5, 6):
            hub.tell("c", told(seq))
            await asyncio.sleep(0.01)

    client = streaming(scenario, missed=[as_events(told(5))], after=5)
    assert client.seqs() == [5, 6]


def test_a_slow_client_is_dropped_and_others_go_on() -> None:
    async def scenario(hub: Hub, client: Client, task: asyncio.Task[None]) -> None:
        other = hub.listen("c", "other")
        for seq in range(1, 3):
            hub.tell("c", told(seq))
        await asyncio.wait_for(asyncio.shield(task), 2)  # it ended by itself
        assert not client.ended
        found = await asyncio.wait_for(other.take(), 1)
        assert [item.told for item in found or ()] == [told(1), told(2)]
        assert hub.drops == {"queue": 0, "send": 1}

    streaming(scenario, slow=True)


def test_a_full_queue_ends_the_stream() -> None:
    async def run() -> None:
        hub = Hub(QUICK)
        listener = hub.listen("c", "p")
        for seq in range(1, 6):
            hub.tell("c", told(seq))
        await asyncio.sleep(0.01)
        assert listener.dropped
        assert await listener.take() is None

    asyncio.run(run())


def test_when_the_server_stops_streams_end() -> None:
    async def scenario(hub: Hub, client: Client, task: asyncio.Task[None]) -> None:
        hub.close()
        await asyncio.wait_for(asyncio.shield(task), 2)
        assert client.ended
        with pytest.raises(HostError):
            hub.listen("c", "p")

    streaming(scenario)


def test_only_so_many_streams_are_open() -> None:
    async def run() -> None:
        hub = Hub(QUICK)
        first = [hub.listen("c", "a"), hub.listen("c", "b")]
        with pytest.raises(HostError) as refused:
            hub.listen("c", "d")
        assert refused.value.code == "HOST_STREAMS_TOO_MANY"
        hub.listen("other", "d")
        hub.leave("c", first[0])
        hub.listen("c", "d")

    asyncio.run(run())


def test_turns_are_remembered_for_those_who_come_back() -> None:
    hub = Hub(QUICK)
    for seq in range(1, 6):
        hub.tell("c", told(seq))
    assert [t.seq for t in hub.since("c", 3, 5) or ()] == [4, 5]
    assert hub.since("c", 5, 5) == ()
    assert hub.since("c", 1, 5) is None  # the second turn is not remembered
    assert hub.since("c", 9, 5) == ()


def test_what_waits_is_bounded_by_bytes_too() -> None:
    async def run() -> None:
        hub = Hub(StreamLimits(queued_bytes=1_000))
        listener = hub.listen("c", "", as_events)
        hub.tell("c", Told(1, "", (("text", {"text": "x" * 5_000}),)))
        await asyncio.sleep(0.01)
        assert not listener.dropped  # one may always wait
        hub.tell("c", told(2))
        await asyncio.sleep(0.01)
        assert listener.dropped

    asyncio.run(run())


def test_what_was_missed_and_not_sent_yet_counts_with_what_waits() -> None:
    async def scenario(hub: Hub, _client: Client, task: asyncio.Task[None]) -> None:
        [listener] = hub._channels["c"].listeners
        assert listener.held > 900
        hub.tell("c", Told(1, "", (("text", {"text": "x" * 100}),)))
        await asyncio.sleep(0.01)
        assert not listener.dropped  # one may always wait
        hub.tell("c", told(2))
        await asyncio.sleep(0.01)
        assert listener.dropped
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    limits = StreamLimits(queued_bytes=1_000)
    with pytest.raises(asyncio.CancelledError):
        streaming(scenario, slow=True, missed=[b"first", b"x" * 950], limits=limits)


def test_what_was_missed_goes_out_in_pieces() -> None:
    async def scenario(hub: Hub, client: Client, _task: Any) -> None:
        assert len(client.body) > 1_000_000
        assert max(client.sizes) <= 256 * 1024
        [listener] = hub._channels["c"].listeners
        assert listener.held == 0

    long = Told(1, "", (("text", {"text": "x" * 1_000_000}),))
    streaming(scenario, missed=[as_events(long)], after=1)


def test_more_than_so_many_bytes_are_not_told_again() -> None:
    turns = [told(1), told(2)]
    size = sum(len(as_events(turn)) for turn in turns)
    assert within(turns, as_events, size) == [as_events(turn) for turn in turns]
    assert within(turns, as_events, size - 1) is None


def test_all_conversations_together_are_remembered_so_far() -> None:
    hub = Hub(StreamLimits(remembered_total=3))
    for name in ("a", "b", "c", "d"):
        hub.tell(name, told(1))
    assert hub.since("a", 0, 1) is None
    assert [t.seq for t in hub.since("b", 0, 1) or ()] == [1]
    assert hub.ids() == ["b", "c", "d"]


def test_so_many_streams_are_open_in_all() -> None:
    async def run() -> None:
        hub = Hub(StreamLimits(total=2))
        first = hub.listen("a", "")
        hub.listen("b", "")
        with pytest.raises(HostError, match="HOST_STREAMS_TOO_MANY"):
            hub.listen("c", "")
        hub.leave("a", first)
        hub.leave("a", first)  # twice is once
        hub.listen("c", "")
        assert hub.open_streams == 2

    asyncio.run(run())


def test_a_turn_is_encoded_once_for_all_of_a_kind() -> None:
    calls: list[int] = []

    def counted(turn: Told) -> bytes:
        calls.append(turn.seq)
        return as_events(turn)

    async def run() -> None:
        hub, clients = Hub(), [Client() for _ in range(5)]
        tasks = []
        for client in clients:
            listener = hub.listen("c", "", counted)
            stream = EventStream(hub, listener, [], counted, {})
            tasks.append(asyncio.ensure_future(stream({}, client.receive, client.send)))
        await asyncio.sleep(0.01)
        hub.tell("c", told(1))
        await asyncio.sleep(0.01)
        assert [client.seqs() for client in clients] == [[1]] * 5
        assert calls == [1]
        hub.close()
        await asyncio.gather(*tasks)
        assert sum(hub.latencies.counts) == 5

    asyncio.run(run())


def test_those_sent_away_are_told_when_to_come_back() -> None:
    async def scenario(hub: Hub, _client: Client, _task: Any) -> None:
        hub.close()
        await asyncio.sleep(0.02)

    body = streaming(scenario).body.decode()
    assert body.startswith("retry: 2000\n\n")
    assert 1_000 <= int(body.strip().rpartition("retry: ")[2]) < 5_000


# --- turns of other processes ---------------------------------------------------------------------


class Log:
    """A source that knows turns up to a count, and counts how often it is asked."""

    def __init__(self, upto: int, *, gone: bool = False) -> None:
        self.upto, self.gone, self.asked = upto, gone, 0

    def since(self, _name: str, seq: int, upto: int) -> list[Told] | None:
        self.asked += 1
        return None if self.gone else [told(n) for n in range(seq + 1, upto + 1)]

    def seqs(self, names: Any) -> dict[str, int]:
        return dict.fromkeys(names, self.upto)


def following(
    log: Log,
    scenario: Callable[[Hub], Awaitable[None]],
    *,
    streams: int = 1,
    limits: StreamLimits | None = None,
) -> list[Client]:
    async def newest() -> tuple[bytes, int]:
        return encoded((("html", {"newest": log.upto}),), log.upto), log.upto

    async def run() -> list[Client]:
        hub, clients = Hub(limits, log), [Client() for _ in range(streams)]
        tasks = []
        for client in clients:
            listener = hub.listen("c", "", as_events)
            stream = EventStream(hub, listener, [], as_events, {}, newest)
            tasks.append(asyncio.ensure_future(stream({}, client.receive, client.send)))
        await asyncio.sleep(0.01)
        await scenario(hub)
        await asyncio.sleep(0.1)
        hub.close()
        await asyncio.gather(*tasks)
        return clients

    return asyncio.run(run())


def test_turns_told_out_of_order_arrive_in_order() -> None:
    async def scenario(hub: Hub) -> None:
        for seq in (1, 3, 2, 4):
            hub.tell("c", told(seq))

    assert following(Log(4), scenario)[0].seqs() == [1, 2, 3, 4]


def test_a_notice_brings_the_turns_another_process_made_and_the_log_is_asked_once() -> None:
    async def scenario(hub: Hub) -> None:
        hub.caught_up_to("c", 3)
        hub.caught_up_to("c", 2)

    log = Log(3)
    clients = following(log, scenario, streams=4)
    assert [client.seqs() for client in clients] == [[1, 2, 3]] * 4
    assert log.asked == 1


def test_turns_that_cannot_be_told_any_more_are_the_newest_surfaces() -> None:
    async def scenario(hub: Hub) -> None:
        hub.caught_up_to("c", 7)
        await asyncio.sleep(0.05)
        hub.tell("c", told(8))

    client = following(Log(7, gone=True), scenario)[0]
    assert client.seqs() == [7, 8]
    assert b'{"newest":7}' in client.body


def test_a_stream_ends_to_be_resumed_when_the_log_cannot_be_asked() -> None:
    class Away(Log):
        def since(self, _name: str, seq: int, upto: int) -> list[Told] | None:
            raise StoreError([diagnostic("STORE_UNAVAILABLE", "away")])

    async def scenario(hub: Hub) -> None:
        hub.caught_up_to("c", 2)

    client = following(Away(2), scenario)[0]
    assert client.ended
    assert client.seqs() == []


def test_a_lost_notice_only_delays() -> None:
    async def scenario(hub: Hub) -> None:
        await hub.look_after_lost_notices()

    assert following(Log(2), scenario)[0].seqs() == [1, 2]


def test_streams_of_a_conversation_that_another_process_deleted_end() -> None:
    class Empty(Log):
        def seqs(self, names: Any) -> dict[str, int]:
            return {}

    async def scenario(hub: Hub) -> None:
        await hub.look_after_lost_notices()
        await asyncio.sleep(0.05)
        assert hub.open_streams == 0

    assert following(Empty(0), scenario)[0].ended


def test_every_heartbeat_looks_for_what_was_lost() -> None:
    async def scenario(_hub: Hub) -> None:
        await asyncio.sleep(0.2)

    limits = StreamLimits(heartbeat_s=0.05)
    assert following(Log(2), scenario, limits=limits)[0].seqs() == [1, 2]


def test_once_the_last_stream_has_left_nothing_is_looked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looked: list[Hub] = []

    async def look(hub: Hub) -> None:
        looked.append(hub)

    class Stream:
        def tick(self, now: float) -> None:
            pass

    async def run() -> None:
        hub = Hub(StreamLimits(heartbeat_s=0.02))
        leave = hub.watch(Stream())
        time.sleep(0.05)  # so that it is due at the next tick
        await asyncio.sleep(0.05)
        assert looked
        looked.clear()
        leave()
        time.sleep(0.05)
        await asyncio.sleep(0.05)
        assert not looked

    monkeypatch.setattr(Hub, "look_after_lost_notices", look)
    asyncio.run(run())


def test_a_source_that_cannot_be_asked_now_is_asked_again() -> None:
    class Away(Log):
        def seqs(self, names: Any) -> dict[str, int]:
            self.asked += 1
            if self.asked < 3:
                raise StoreError([diagnostic("STORE_UNAVAILABLE", "away")])
            return super().seqs(names)

    async def scenario(_hub: Hub) -> None:
        await asyncio.sleep(0.4)

    limits = StreamLimits(heartbeat_s=0.05)
    assert following(Away(2), scenario, limits=limits)[0].seqs() == [1, 2]


# --- over HTTP ------------------------------------------------------------------------------------


def first_chunk(page: Browser, path: str, **headers: str) -> tuple[int, str]:
    """What a stream sends at once; it is left then."""

    async def run() -> tuple[int, str]:
        status, body = 0, b""
        cookie = "; ".join(f"{c.name}={c.value}" for c in page.client.cookies.jar)
        told = {"host": "testserver", "cookie": cookie, **headers}
        route, _, query = path.partition("?")
        scope = {
            "type": "http",
            "method": "GET",
            "path": route,
            "raw_path": route.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "scheme": "http",
            "server": ("testserver", 80),
            "headers": [(k.encode(), v.encode()) for k, v in told.items()],
        }
        seen = asyncio.Event()

        async def receive() -> Any:
            await seen.wait()
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            nonlocal status, body
            if message["type"] == "http.response.start":
                status = message["status"]
                return
            body += message.get("body", b"")
            seen.set()

        await asyncio.wait_for(page.asgi(scope, receive, send), 5)
        return status, body.decode()

    return asyncio.run(run())


def stream_of(page: Browser) -> str:
    main = next(e for e in page.root.iter() if e.get("data-stream"))
    return str(main.get("data-stream"))


def test_another_tab_gets_the_turn_with_slots_of_its_own(at) -> None:
    page = at("crm").begin(turn="01_show_form")
    other = stream_of(page)
    page.reload()
    page.press("Save", {"name": "Ada", "email": "ada@example.org"})
    status, body = first_chunk(page, other)
    assert status == 200
    names = [line for line in body.splitlines() if line.startswith("event: ")]
    assert names == ["event: html", "event: html", "event: effect"]
    assert f"id: {page.kept.seq}" in body
    data = json.loads(
        next(x for x in body.splitlines() if x.startswith("data: ")).removeprefix("data: ")
    )
    tab = other.partition("page=")[2]
    assert f'name="_key" value="{tab}.' in data["replace"]["html"]
    assert page.values()["_csrf"] in data["replace"]["html"]


def test_the_tab_that_pressed_gets_nothing_of_it(at) -> None:
    page = at("crm").begin(turn="01_show_form")
    own = stream_of(page)
    page.press("Save", {"name": "Ada", "email": "ada@example.org"}, accept="application/x-ndjson")
    assert first_chunk(page, own)[1] == "retry: 2000\n\n"


def test_a_stream_that_lost_count_gets_the_newest_surfaces(
    at, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("uicompiler.host.conversations.past.MAX_MISSED", 2)
    limits = StreamLimits(remembered=1)
    page = at("crm", streams=limits).begin(turn="01_show_form")
    page.pick(turn="04_inline_form")
    page.pick(turn="02_patch")
    _, body = first_chunk(page, f"{page.path}/stream", **{"last-event-id": "1"})
    data = [json.loads(x[6:]) for x in body.splitlines() if x.startswith("data: ")]
    assert [next(iter(item)) for item in data] == ["replace", "replace"]
    assert all(item["replace"]["written"] == [] for item in data)
    assert f"id: {page.kept.seq}" in body


def test_a_count_beyond_the_newest_gets_the_newest_surfaces(at) -> None:
    page = at("crm").begin(turn="01_show_form")
    _, body = first_chunk(page, f"{page.path}/stream", **{"last-event-id": "99"})
    data = [json.loads(x[6:]) for x in body.splitlines() if x.startswith("data: ")]
    assert [next(iter(item)) for item in data] == ["replace"]
    assert f"id: {page.kept.seq}" in body


def test_a_stream_needs_the_conversations_token(at) -> None:
    page = at("crm").begin()
    assert page.another().client.get(f"{page.path}/stream").status_code == 404


def test_a_stream_beyond_the_limit_is_refused(at) -> None:
    page = at("crm", streams=StreamLimits(streams=0)).begin()
    response = page.client.get(f"{page.path}/stream")
    assert response.status_code == 429


@pytest.mark.parametrize("said", ["", "x", "-1", "9" * 30, "%C2%B3"])
def test_a_count_that_is_none_is_the_newest(said: str, at) -> None:
    page = at("crm").begin(turn="01_show_form")
    assert first_chunk(page, f"{page.path}/stream?after={said}") == (200, "retry: 2000\n\n")
