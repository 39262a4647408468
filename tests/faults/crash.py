"""Kill a host at random moments under load, and see whether anything is lost or done twice.

    python -m tests.faults.crash --kills 200 --on sqlite      # or postgres, or two

Clients press buttons, hand in turns and ask a slow model, each under a key that they send again
until it is answered. Meanwhile processes of the host are killed (SIGKILL) and started again. In the
end the log is read, and these must hold:

- an answer that a client got stands: the state counts every acknowledged operation, once;
- an operation that was sent twice is answered twice with the same bytes;
- what was asked outside was asked under one key an operation, however often;
- the chain verifies, and a replay of each conversation comes to the state that was kept;
- streams got every turn in order, and show what a new client is shown.

`two` is two processes on PostgreSQL and NATS, of which one at a time is killed.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeAlias

import orjson

from clientsim import ClientSim
from tests.faults.api import Client, Listening, Opened
from tests.faults.judge import Found, judge
from tests.faults.site import Place
from tests.faults.sse import Event
from tests.faults.till import OPEN, says
from tests.services import NatsServer, free_port, running_postgres

KINDS = ("add", "add", "charge", "charge", "turn", "ask")
LIVES_S = (0.0, 0.7)
LONGEST_LIFE_S = 3.0
READY_WITHIN_S = 20.0
SETTLES_WITHIN_S = 30.0


# --- the host -------------------------------------------------------------------------------------


class Processes:
    """The processes of a host, each of which can be killed and started again.

    Args:
        places: Where they are and what they use.
    """

    def __init__(self, places: Sequence[Place]) -> None:
        self.places = list(places)
        self.pids: dict[int, int] = {}
        self._mother = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.site"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
        )

    def start(self, index: int) -> None:
        """Start one; it listens a little later."""
        assert self._mother.stdin is not None
        assert self._mother.stdout is not None
        self._mother.stdin.write(self.places[index].to_json() + "\n")
        self._mother.stdin.flush()
        self.pids[index] = int(self._mother.stdout.readline())

    def kill(self, index: int) -> None:
        """Kill one, and see that it is gone."""
        pid = self.pids.pop(index)
        os.kill(pid, signal.SIGKILL)
        until = time.monotonic() + READY_WITHIN_S
        while _is_there(pid):
            assert time.monotonic() < until, f"{pid} does not end"
            time.sleep(0.001)

    def wait_until_ready(self, index: int) -> None:
        """Wait until one answers.

        Raises:
            RuntimeError: it ended by itself.
        """
        client = Client([self.places[index].port], 0)
        until = time.monotonic() + READY_WITHIN_S
        while not client.is_answered("/healthz"):
            if not _is_there(self.pids[index]) or time.monotonic() > until:
                raise RuntimeError(f"it does not answer: {self.said()}")
            time.sleep(0.005)
        client.close()

    def said(self) -> str:
        """The end of what the processes wrote."""
        logs = (Path(place.folder) / f"{place.port}.log" for place in self.places)
        return "\n".join(log.read_text()[-3_000:] for log in logs if log.exists())

    def close(self) -> None:
        """Kill all; nothing when that was done."""
        if self._mother.poll() is not None:
            return
        for index in list(self.pids):
            self.kill(index)
        assert self._mother.stdin is not None
        self._mother.stdin.close()
        self._mother.wait(READY_WITHIN_S)
        assert self._mother.stdout is not None
        self._mother.stdout.close()


def _is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


# --- the load -------------------------------------------------------------------------------------


@dataclass
class Acknowledged:
    """What clients were told is done.

    Attributes:
        numbers: By conversation and kind, the numbers of operations that were answered.
        wrong: What no client should see.
        repeated: Operations that were sent once more after their answer.
    """

    numbers: dict[tuple[str, str], list[int]] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    repeated: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, conversation_id: str, kind: str, number: int) -> None:
        """An operation was answered."""
        with self.lock:
            self.numbers.setdefault((conversation_id, kind), []).append(number)

    @property
    def count(self) -> int:
        """How many there were."""
        with self.lock:
            return sum(map(len, self.numbers.values()))


class User(threading.Thread):
    """One client, that does one thing after the other until it is stopped."""

    def __init__(
        self, number: int, ports: Sequence[int], shared: Sequence[Till], told: Acknowledged
    ) -> None:
        super().__init__(name=f"user-{number}", daemon=True)
        self.number = number
        self.stopped = False
        self.client = Client(ports, number)
        self._random = random.Random(f"user {number}")
        self._shared = shared
        self._told = told
        self._done = 0

    def run(self) -> None:
        try:
            own = Till.opened(self.client)
            while not self.stopped:
                self._do(self._random.choice([*self._shared, own]))
        except BaseException as exc:
            self._told.wrong.append(f"{self.name}: {type(exc).__name__}: {exc}")
        finally:
            self.client.close()

    def _do(self, till: Till) -> None:
        self._done += 1
        number = self.number * 1_000_000 + self._done
        kind = self._random.choice(KINDS)
        send = till.operation(kind, number)
        answer = send(self.client)
        self._told.add(till.opened_as.id, kind, number)
        if self._random.random() < 0.15:
            again = send(self.client)
            self._told.repeated += 1
            if again != answer:
                message = f"{kind} {number}: answered {answer[:400]!r}, then {again[:400]!r}"
                self._told.wrong.append(message)


@dataclass
class Till:
    """A conversation with the till open, and its buttons as a client sees them."""

    opened_as: Opened
    events: dict[str, dict[str, Any]]

    @classmethod
    def opened(cls, client: Client) -> Till:
        """Begin one."""
        opened = client.begin()
        client.turn(opened, OPEN, "open")
        sim = ClientSim("web_core")
        for message in client.snapshot(opened)["messages"]:
            sim.apply(message)
        buttons = [node for node in sim.nodes("main") if node["type"] == "Button"]
        stamp = "2026-01-01T00:00:00Z"
        events = (sim.press("main", str(node["id"]), timestamp=stamp) for node in buttons)
        return cls(opened, {event["userAction"]["name"]: event for event in events})

    def operation(self, kind: str, number: int) -> Callable[[Client], bytes]:
        """What sends an operation, the same bytes each time."""
        key, opened = f"{kind}-{number}", self.opened_as
        if kind == "turn":
            return lambda client: client.turn(opened, says(number), key)
        if kind == "ask":
            return lambda client: client.turn(opened, {"message": str(number)}, key)
        action = self.events[kind]["userAction"]
        context = {**action["context"], "number": str(number)}
        event = {"userAction": {**action, "context": context}}
        return lambda client: client.event(opened, event, key)


class Watcher(threading.Thread):
    """Somebody who only looks on, over every cut."""

    def __init__(self, ports: Sequence[int], till: Till, number: int, told: Acknowledged) -> None:
        super().__init__(name=f"watcher-{number}", daemon=True)
        self.till = till
        self.sim = ClientSim("web_core")
        self.listening = Listening(ports, till.opened_as, number)
        self._told = told

    def run(self) -> None:
        try:
            self.listening.run(self._took)
        except BaseException as exc:
            self._told.wrong.append(f"{self.name}: {type(exc).__name__}: {exc}")

    def _took(self, event: Event) -> None:
        if event.name == "a2ui":
            self.sim.apply(orjson.loads(event.data))

    def wait_for(self, seq: int) -> None:
        """Wait until it saw a turn; says so when it does not."""
        until = time.monotonic() + SETTLES_WITHIN_S
        while int(self.listening.last_id or 0) < seq and time.monotonic() < until:
            time.sleep(0.02)
        if int(self.listening.last_id or 0) < seq:
            message = f"{self.name}: at {self.listening.last_id or 0} of {seq}"
            self._told.wrong.append(message)


# --- a run ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Report:
    """What a run came to."""

    kills: int
    seconds: float
    acknowledged: int
    sent: int
    repeated: int
    cuts: int
    found: Found
    wrong: tuple[str, ...]

    @property
    def ok(self) -> bool:
        return not self.wrong

    def text(self) -> str:
        """All of it, for people."""
        figures = {
            "kills": self.kills,
            "seconds": round(self.seconds, 1),
            "acknowledged operations": self.acknowledged,
            "requests sent": self.sent,
            "asked for once more": self.repeated,
            "streams cut": self.cuts,
            **self.found.figures,
            "wrong": len(self.wrong),
        }
        lines = [f"{name:<40}{value:>12}" for name, value in figures.items()]
        return "\n".join([*lines, *self.wrong[:20]])


@dataclass(frozen=True)
class Plan:
    """What a run is to do.

    Attributes:
        kills: How often a process is killed.
        seed: Of what is random.
        users: Clients.
        shared: Conversations that all of them use, beside one of their own each.
        least: So many operations are acknowledged before it ends, however slow it is here.
        say: Told how far it is.
    """

    kills: int
    seed: int = 1
    users: int = 6
    shared: int = 3
    least: int = 0
    say: Callable[[str], None] = lambda _text: None


Disturb: TypeAlias = Callable[[Processes, Acknowledged], None]


def run(plan: Plan, places: Sequence[Place], disturb: Disturb | None = None) -> Report:
    """Run it; what is done meanwhile is killing, unless something else is said."""
    began, told = time.monotonic(), Acknowledged()
    ports = [place.port for place in places]
    processes = Processes(places)
    try:
        for index in range(len(places)):
            processes.start(index)
            processes.wait_until_ready(index)
        first = Client(ports, plan.seed)
        shared = [Till.opened(first) for _ in range(plan.shared)]
        users = [User(number, ports, shared, told) for number in range(1, plan.users + 1)]
        watchers = [Watcher(ports, till, number, told) for number, till in enumerate(shared)]
        for thread in (*watchers, *users):
            thread.start()
        if disturb is None:
            _kill(plan, processes, told)
        else:
            disturb(processes, told)
        until = time.monotonic() + SETTLES_WITHIN_S
        while told.count < plan.least and not told.wrong and time.monotonic() < until:
            time.sleep(0.01)
        _settle(users, watchers, first, told)
        cuts = sum(watcher.listening.cuts for watcher in watchers)
        sent = sum(user.client.sent for user in users)
        _stop(users, watchers)
        first.close()
    finally:
        said = processes.said()
        processes.close()
    if told.wrong:
        told.wrong.append(said)
    found = judge(places[0], told.numbers)
    wrong = (*told.wrong, *found.wrong)
    seconds = time.monotonic() - began
    return Report(plan.kills, seconds, told.count, sent, told.repeated, cuts, found, wrong)


def _kill(plan: Plan, processes: Processes, told: Acknowledged) -> None:
    """Kill at random moments: some while it starts, most under load."""
    chance = random.Random(plan.seed)
    for number in range(1, plan.kills + 1):
        index = chance.randrange(len(processes.places))
        if chance.random() < 0.1:
            time.sleep(chance.uniform(0.0, 0.15))
        else:
            processes.wait_until_ready(index)
            _live(chance, told)
        processes.kill(index)
        if len(processes.places) > 1:
            time.sleep(chance.uniform(0.0, 0.2))
        processes.start(index)
        if number % 10 == 0 or number == plan.kills:
            plan.say(f"{number} kills, {told.count} operations acknowledged")
        if told.wrong:
            return
    for index in range(len(processes.places)):
        processes.wait_until_ready(index)


def _live(chance: random.Random, told: Acknowledged) -> None:
    """Wait for some time, or for some operations, however long these take here, and a moment."""
    if chance.random() < 0.5:
        time.sleep(chance.uniform(*LIVES_S))
        return
    wanted, until = told.count + chance.randrange(12), time.monotonic() + LONGEST_LIFE_S
    while told.count < wanted and time.monotonic() < until:
        time.sleep(0.001)
    time.sleep(chance.uniform(0.0, 0.02))


def _settle(
    users: Sequence[User], watchers: Sequence[Watcher], client: Client, told: Acknowledged
) -> None:
    """Let everybody finish, and look whether those who look on see what there is."""
    for user in users:
        user.stopped = True
    for user in users:
        user.join(SETTLES_WITHIN_S)
        if user.is_alive():
            told.wrong.append(f"{user.name} is not answered")
    for watcher in watchers:
        shown = client.snapshot(watcher.till.opened_as)
        watcher.wait_for(shown["seq"])
        fresh = ClientSim("web_core")
        for message in shown["messages"]:
            fresh.apply(message)
        if _read(fresh) != _read(watcher.sim):
            message = f"{watcher.name} shows {_read(watcher.sim)}, a new client {_read(fresh)}"
            told.wrong.append(message)


def _read(sim: ClientSim) -> list[tuple[str, str]]:
    """What is read on the screen, but for what somebody else typed into a field."""
    return [(ident, words) for ident, role, words in sim.visible("main") if role == "text"]


def _stop(users: Sequence[User], watchers: Sequence[Watcher]) -> None:
    for watcher in watchers:
        watcher.listening.stopped = True
    for thread in (*users, *watchers):
        thread.join(5)


# --- where it runs --------------------------------------------------------------------------------


@contextmanager
def on_sqlite(folder: Path) -> Iterator[list[Place]]:
    """One process and a file."""
    yield [_place(folder, f"sqlite:///{folder / 'log.db'}", None)]


@contextmanager
def on_postgres(folder: Path) -> Iterator[list[Place]]:
    """One process and a database server."""
    with running_postgres() as server:
        yield [_place(folder, server.database(), None)]


@contextmanager
def on_two(folder: Path) -> Iterator[list[Place]]:
    """Two processes, a database server and a server that carries notices."""
    nats = NatsServer(folder / "nats")
    nats.start()
    try:
        with running_postgres() as server:
            url = server.database()
            yield [_place(folder, url, nats.url) for _ in range(2)]
    finally:
        nats.stop()


ON: Final = {"sqlite": on_sqlite, "postgres": on_postgres, "two": on_two}


def _place(folder: Path, log: str, nats: str | None) -> Place:
    ledger = str(folder / "ledger")
    return Place(port=free_port(), log=log, ledger=ledger, folder=str(folder), nats=nats)


def main() -> int:
    """The command; see the module's docstring."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--on", choices=list(ON), default="sqlite")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--users", type=int, default=6)
    parser.add_argument("--keep", action="store_true", help="keep the folder")
    args = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="uicompiler-crash-"))
    plan = Plan(args.kills, args.seed, args.users, say=lambda text: print(text, flush=True))
    try:
        with ON[args.on](folder) as places:
            report = run(plan, places)
    finally:
        if args.keep:
            print(folder)
        else:
            shutil.rmtree(folder, ignore_errors=True)
    print(report.text())
    return 0 if report.ok else 1


if __name__ == "__main__":
    sys.exit(main())
