"""Two processes of one host, with a PostgreSQL and a NATS server of their own."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
import pytest

from clientsim import ClientSim
from tests.faults.api import Client, Listening
from tests.faults.crash import Processes, Till
from tests.faults.judge import judge
from tests.faults.site import Place
from tests.faults.sse import Event
from tests.faults.till import Ledger
from tests.services import NatsServer, PostgresServer, free_port, postgres_server

__all__ = ["postgres_server"]

WITHIN_S = 20.0


@dataclass
class Two:
    """The two processes, and what they use."""

    processes: Processes
    nats: NatsServer
    ledger: Ledger
    clients: list[Client] = field(default_factory=list)

    @property
    def places(self) -> list[Place]:
        return self.processes.places

    @property
    def ports(self) -> list[int]:
        return [place.port for place in self.places]

    def client(self, *which: int) -> Client:
        """A client of some of them, or of both."""
        ports = [self.ports[index] for index in which] or self.ports
        self.clients.append(Client(ports, sum(which)))
        return self.clients[-1]


@pytest.fixture
def two(tmp_path: Path, postgres_server: PostgresServer) -> Iterator[Two]:
    nats = NatsServer(tmp_path / "nats")
    nats.start()
    url, ledger, folder = postgres_server.database(), str(tmp_path / "ledger"), str(tmp_path)
    places = [Place(free_port(), url, ledger, folder, nats.url) for _ in range(2)]
    processes = Processes(places)
    try:
        for index in range(2):
            processes.start(index)
        for index in range(2):
            processes.wait_until_ready(index)
        both = Two(processes, nats, Ledger(Path(ledger)))
        yield both
        for client in both.clients:
            client.close()
    finally:
        processes.close()
        nats.stop()


class Looking:
    """Somebody who looks on at one process."""

    def __init__(self, port: int, till: Till) -> None:
        self.sim = ClientSim("web_core")
        self.events: list[Event] = []
        self.came: dict[int, float] = {}
        self._listening = Listening([port], till.opened_as, port)
        self._thread = threading.Thread(target=self._listening.run, args=[self._took], daemon=True)
        self._thread.start()
        eventually(lambda: self.ids)

    def _took(self, event: Event) -> None:
        if event.name == "a2ui":
            self.sim.apply(orjson.loads(event.data))
        self.events.append(event)
        if event.is_last:
            self.came[int(event.last_id)] = time.monotonic()

    @property
    def ids(self) -> list[int]:
        return [int(event.last_id) for event in list(self.events) if event.is_last]

    def stop(self) -> None:
        self._listening.stopped = True
        self._thread.join(WITHIN_S)


def eventually(true: Callable[[], Any]) -> None:
    until = time.monotonic() + WITHIN_S
    while not true():
        assert time.monotonic() < until, "not within the time"
        time.sleep(0.01)


def seq_of(answer: bytes) -> int:
    return int(orjson.loads(answer)["seq"])


def committed(two: Two, till: Till) -> dict[str, int]:
    """What a new client reads of the counts."""
    shown = two.client(1).snapshot(till.opened_as)["messages"]
    sim = ClientSim("web_core")
    for message in shown:
        sim.apply(message)
    found: Any = sim.data("main")
    return {name: int(value) for name, value in found.get("committed", {}).items()}


def test_any_process_serves_any_conversation(two: Two) -> None:
    till = Till.opened(two.client(0))
    assert seq_of(till.operation("add", 5)(two.client(1))) == 3
    assert seq_of(till.operation("charge", 7)(two.client(0))) >= 5
    assert committed(two, till) == {"count": 1, "total": 5, "charged": 1, "paid": 7}
    shown = [two.client(index).snapshot(till.opened_as) for index in range(2)]
    assert shown[0] == shown[1]


def test_what_happens_at_one_process_comes_in_order_to_streams_of_the_other(two: Two) -> None:
    till = Till.opened(two.client(0))
    looking = [Looking(port, till) for port in two.ports]
    with ThreadPoolExecutor(6) as pool:
        done = pool.map(lambda n: seq_of(till.operation("turn", n)(two.client(n % 2))), range(60))
        head = max(done)
    for each in looking:
        eventually(lambda e=each: e.ids[-1] >= head)
        each.stop()
        assert each.ids == list(range(each.ids[0], head + 1)), "each turn once, in order"
    assert looking[0].sim.surface_hash_all() == looking[1].sim.surface_hash_all()
    both = [sorted((e.name, e.data, e.last_id) for e in each.events) for each in looking]
    assert both[0] == both[1]


def test_a_notice_is_there_long_before_the_heartbeat(two: Two) -> None:
    till = Till.opened(two.client(0))
    looking = Looking(two.ports[1], till)
    seq_of(till.operation("add", 0)(two.client(0)))
    waits = []
    for number in range(1, 21):
        seq = seq_of(till.operation("add", number)(two.client(0)))
        acknowledged = time.monotonic()
        eventually(lambda s=seq: s in looking.came)
        waits.append(looking.came[seq] - acknowledged)
    looking.stop()
    assert sorted(waits)[10] < 0.2, waits


@pytest.mark.parametrize("kind", ["add", "charge"])
def test_fifty_clients_with_one_key_have_one_effect_and_equal_answers(two: Two, kind: str) -> None:
    till = Till.opened(two.client(0))
    send = till.operation(kind, 9)
    start = threading.Barrier(50)

    def one(number: int) -> bytes:
        client = two.client(number % 2)
        start.wait()
        return send(client)

    with ThreadPoolExecutor(50) as pool:
        answers = set(pool.map(one, range(50)))
    assert len(answers) == 1, answers
    counts = {"add": {"count": 1, "total": 9}, "charge": {"charged": 1, "paid": 9}}
    assert committed(two, till) == counts[kind]
    assert len({line["key"] for line in two.ledger.lines("charge")}) == (kind == "charge")


def test_one_writer_wins_each_turn_and_none_is_lost(two: Two) -> None:
    till = Till.opened(two.client(0))
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: till.operation("add", n)(two.client(n % 2)), range(1, 41)))
    assert committed(two, till) == {"count": 40, "total": 820}


def test_a_user_acts_at_one_process_while_a_model_is_asked_at_the_other(two: Two) -> None:
    till = Till.opened(two.client(0))
    with ThreadPoolExecutor(2) as pool:
        asked = pool.submit(lambda: till.operation("ask", 1)(two.client(0)))
        for number in range(1, 6):
            till.operation("add", number)(two.client(1))
        asked.result()
    assert committed(two, till) == {"count": 5, "total": 15}
    assert len(two.ledger.lines("model")) == 1


def test_without_its_notices_a_stream_is_only_late(two: Two) -> None:
    till = Till.opened(two.client(0))
    looking = Looking(two.ports[1], till)
    two.nats.kill()
    began = time.monotonic()
    seqs = [seq_of(till.operation("add", number)(two.client(0))) for number in range(1, 11)]
    assert time.monotonic() - began < 5, "no turn waits for notices"
    eventually(lambda: looking.ids[-1] >= seqs[-1])
    two.nats.start()
    eventually(lambda: _is_prompt(two, till, looking))
    looking.stop()
    assert looking.ids == list(range(looking.ids[0], looking.ids[-1] + 1))


def _is_prompt(two: Two, till: Till, looking: Looking) -> bool:
    seq = seq_of(till.operation("turn", 0)(two.client(0)))
    acknowledged = time.monotonic()
    eventually(lambda: seq in looking.came)
    return looking.came[seq] - acknowledged < 0.1


def test_after_one_is_killed_the_other_goes_on(two: Two) -> None:
    till = Till.opened(two.client(0))
    looking = [Looking(port, till) for port in two.ports]
    done = [till.operation("charge", number)(two.client(0)) for number in range(1, 4)]
    two.processes.kill(0)
    done += [till.operation("charge", number)(two.client(1)) for number in range(4, 7)]
    assert committed(two, till) == {"charged": 6, "paid": 21}
    eventually(lambda: looking[1].ids[-1] >= seq_of(done[-1]))
    two.processes.start(0)
    eventually(lambda: looking[0].ids[-1] >= seq_of(done[-1]))
    for each in looking:
        each.stop()
    two.processes.close()
    found = judge(two.places[0], {(till.opened_as.id, "charge"): [1, 2, 3, 4, 5, 6]})
    assert found.wrong == ()
