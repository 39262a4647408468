"""A database that is damaged, full or taken away under a running host; a clock that goes back."""

from __future__ import annotations

import asyncio
import json
import random
import resource
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from clientsim import ClientSim
from tests.faults.api import Client, Refused
from tests.faults.asgi import Response, Stream, request, running
from tests.faults.crash import Processes, Till
from tests.faults.judge import judge
from tests.faults.player import RING
from tests.faults.site import Place, site
from tests.faults.till import OPEN, Ledger, bank, slow_model, till
from tests.services import free_port
from uicompiler.errors import StoreError
from uicompiler.host import create_app
from uicompiler.store.open import open_log
from uicompiler.store.verification import verify, verify_database

STAMP = "2026-01-01T00:00:00Z"


class Asked:
    """A host in this process, and one conversation of it with its till open.

    Args:
        host: The application.
    """

    def __init__(self, host: Any) -> None:
        self.host = host
        self._id = self._token = ""
        self._add: dict[str, Any] = {}

    async def begin(self) -> Asked:
        """Begin it."""
        begun = (await self._ask("POST", "/conversations", {})).json
        self._id, self._token = begun["id"], begun["token"]
        await self._ask("POST", f"{self.path}/turns", OPEN, "open")
        sim = ClientSim()
        for message in (await self.snapshot()).json["messages"]:
            sim.apply(message)
        buttons = [str(node["id"]) for node in sim.nodes("main") if node["type"] == "Button"]
        self._add = dict(sim.press("main", buttons[0], timestamp=STAMP))
        return self

    def again(self, host: Any) -> Asked:
        """The same conversation at another host."""
        other = Asked(host)
        other._id, other._token, other._add = self._id, self._token, self._add
        return other

    @property
    def path(self) -> str:
        return f"/conversations/{self._id}"

    async def add(self, number: int) -> Response:
        """Count a number."""
        action = self._add["userAction"]
        event = {"userAction": {**action, "context": {**action["context"], "number": str(number)}}}
        return await self._ask("POST", f"{self.path}/events", event, f"add-{number}")

    async def snapshot(self) -> Response:
        return await self._ask("GET", f"{self.path}/snapshot")

    async def total(self) -> int:
        """What the till has counted."""
        return counted((await self.snapshot()).json["messages"])

    async def stream(self) -> Response:
        """What a stream begins with, or how it is refused."""
        headers = {"authorization": f"Bearer {self._token}"}
        stream = Stream(self.host, "GET", f"{self.path}/stream", headers, b"")
        await stream.until(lambda: b"\nid: " in stream.received)
        await stream.cut()
        return Response(stream.status, stream.headers, bytes(stream.received))

    async def everything(self) -> list[Response]:
        """One request of each kind."""
        return [
            await self.snapshot(),
            await self.add(100),
            await self._ask("POST", "/conversations", {}),
            await self.stream(),
            await self._ask("GET", "/readyz"),
        ]

    async def _ask(
        self, method: str, path: str, content: Any = None, key: str | None = None
    ) -> Response:
        headers = {"content-type": "application/json", "authorization": f"Bearer {self._token}"}
        if key is not None:
            headers["idempotency-key"] = key
        body = b"" if content is None else json.dumps(content).encode()
        return await request(self.host, method, path, headers=headers, body=body)


@dataclass(frozen=True)
class Storage:
    """A database file, and the host that uses it."""

    file: Path

    def host(self) -> Any:
        folder = self.file.parent
        ledger = str(folder / "ledger")
        return site(Place(0, f"sqlite:///{self.file}", ledger, str(folder)))

    @property
    def journal(self) -> Path:
        return self.file.with_name(self.file.name + "-wal")

    def checkpoint(self) -> None:
        """Have everything in the file itself."""
        with closing(sqlite3.connect(self.file)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def copy(self, to: Path) -> Storage:
        """A backup, as SQLite makes one of a database in use."""
        with closing(sqlite3.connect(self.file)) as ours, closing(sqlite3.connect(to)) as theirs:
            ours.backup(theirs)
        return Storage(to)


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[Storage]:
    yield Storage(tmp_path / "log.db")


def _overwrite(path: Path, begin: int = 0, step: int = 1) -> None:
    """Garbage in place of a file's bytes; whoever has it open sees it too."""
    noise = random.Random(1)
    with path.open("r+b") as file:
        size = path.stat().st_size
        for at in range(begin, size, 4096 * step):
            file.seek(at)
            file.write(noise.randbytes(min(4096, size - at)))


def _cut(path: Path, share: float) -> None:
    with path.open("r+b") as file:
        file.truncate(int(path.stat().st_size * share))


def _exchange(path: Path) -> None:
    shutil.copy(path, path.with_name("other"))
    path.with_name("other").replace(path)


AWAY = ("gone", "in another's place")
DAMAGES: dict[str, Callable[[Storage], None]] = {
    "garbage": lambda s: _overwrite(s.file),
    "garbage behind the head": lambda s: _overwrite(s.file, 4096),
    "garbage here and there": lambda s: _overwrite(s.file, 3 * 4096, 5),
    "cut off": lambda s: _cut(s.file, 0.5),
    "empty": lambda s: _cut(s.file, 0),
    "garbage in the journal": lambda s: _overwrite(s.journal),
    "a journal that is cut off": lambda s: _cut(s.journal, 0.5),
    "gone": lambda s: [p.unlink() for p in s.file.parent.glob("log.db*")] and None,
    "in another's place": lambda s: _exchange(s.file),
}


@pytest.mark.parametrize("damage", list(DAMAGES))
def test_a_damaged_database_is_told_and_never_served(damage: str, storage: Storage) -> None:
    """Whatever is left of it: an answer is right, or a refusal that says what is wrong.

    The host that runs may still know what was in the file; one that begins anew knows nothing.
    """

    async def run() -> None:
        host = storage.host()
        async with running(host):
            asked = await Asked(host).begin()
            for number in range(1, 9):
                assert (await asked.add(number)).status == 200
            backup = storage.copy(storage.file.with_name("backup.db"))
            if "journal" not in damage:
                storage.checkpoint()  # else the file is not what is read
            DAMAGES[damage](storage)
            for response in [*await asked.everything(), *await asked.everything()]:
                _is_right_or_refused(response)
                assert damage not in AWAY or response.status == 503, "it would not last"
            health = await request(host, "GET", "/healthz")
            assert health.status == 200, "the process is fine"
        await _begin_anew(storage, asked)
        again = asked.again(backup.host())
        assert await again.total() == 36, "the backup has everything"
        assert (await again.add(9)).status == 200

    asyncio.run(run())


async def _begin_anew(storage: Storage, asked: Asked) -> None:
    """Another host on what is left: it does not begin, or answers rightly, or refuses."""
    try:
        host = storage.host()
    except StoreError as exc:
        assert exc.code in ("STORE_CORRUPT", "STORE_VERSION_UNKNOWN", "STORE_UNAVAILABLE")
        return
    async with running(host):
        for response in await asked.again(host).everything():
            _is_right_or_refused(response)


def _is_right_or_refused(response: Response) -> None:
    if response.status >= 300:
        code = response.json["error"]["code"]
        known = code.startswith("STORE_") or code == "HOST_CONVERSATION_UNKNOWN"
        assert known, response.body
        assert response.status in (404, 500, 503, 507), response.body
    elif b'"messages"' in response.body:
        assert counted(response.json["messages"]) in (36, 136)


def counted(messages: list[Any]) -> int:
    """What a till shows as its total."""
    sim = ClientSim()
    for message in messages:
        sim.apply(message)
    found: Any = sim.data("main")
    return int(found.get("committed", {}).get("total", 0))


@pytest.mark.parametrize("damage", ["garbage behind the head", "cut off", "garbage here and there"])
def test_the_log_says_what_is_damaged(damage: str, storage: Storage) -> None:
    async def run() -> None:
        host = storage.host()
        async with running(host):
            asked = await Asked(host).begin()
            for number in range(1, 9):
                assert (await asked.add(number)).status == 200

    asyncio.run(run())
    storage.checkpoint()
    DAMAGES[damage](storage)
    assert _problems(storage)


def _problems(storage: Storage) -> list[str]:
    try:
        log = open_log(f"sqlite:///{storage.file}")
    except StoreError as exc:
        return [exc.code]
    with closing(log):
        found = [item.code for item in verify_database(log)]
        try:
            found += [item.code for name in log.ids() for item in verify(log, name).diagnostics]
        except StoreError as exc:
            found.append(exc.code)
        return found


# --- a disk that is full --------------------------------------------------------------------------


def test_a_full_disk_refuses_what_it_cannot_keep_and_goes_on_when_there_is_room(
    tmp_path: Path,
) -> None:
    """A real process whose files may not grow, which is how a full disk answers a write."""
    place = Place(
        free_port(),
        f"sqlite:///{tmp_path / 'log.db'}",
        str(tmp_path / "ledger"),
        str(tmp_path),
        most_bytes=400_000,
    )
    client, done = Client([place.port], 1, gives_up_s=1.0), list[int]()
    processes = Processes([place])
    try:
        processes.start(0)
        processes.wait_until_ready(0)
        opened = Till.opened(client)
        refused = _until_refused(opened, client, done)
        assert "STORE_" in refused
        assert done, "there was room for some"
        assert client.is_answered("/healthz")
        shown = client.snapshot(opened.opened_as)
        assert shown["seq"] == len(done) + 2, "reading goes on"
        hard = resource.prlimit(processes.pids[0], resource.RLIMIT_FSIZE)[1]
        resource.prlimit(processes.pids[0], resource.RLIMIT_FSIZE, (hard, hard))
        for number in range(len(done) + 1, len(done) + 6):
            opened.operation("add", number)(client)
            done.append(number)
    finally:
        client.close()
        processes.close()
    assert judge(place, {(opened.opened_as.id, "add"): done}).wrong == ()


def _until_refused(opened: Till, client: Client, done: list[int]) -> str:
    for number in range(1, 2_000):
        try:
            opened.operation("add", number)(client)
        except Refused as exc:
            return str(exc)
        done.append(number)
    raise AssertionError("nothing was refused")


# --- a clock that goes back -----------------------------------------------------------------------


def test_a_clock_that_goes_back_changes_no_order_and_loses_nothing(tmp_path: Path) -> None:
    """Order is the number of an entry; times are what the clock said."""
    now = [datetime(2026, 6, 1, 12, tzinfo=UTC)]
    ledger = Ledger(tmp_path / "ledger")
    log = open_log(f"sqlite:///{tmp_path / 'log.db'}")
    host = create_app(
        till(),
        signer=RING,
        log=log,
        model=slow_model(ledger),
        tools={"bank.charge": bank(ledger)},
        state_dir=tmp_path,
    )
    host.state.host._turns._maker.clock = lambda: now[0]
    host.state.host._store._clock = lambda: now[0].timestamp()

    async def run() -> tuple[str, int]:
        async with running(host):
            asked = await Asked(host).begin()
            for number in range(1, 11):
                now[0] -= timedelta(days=number)
                assert (await asked.add(number)).status == 200
                assert (await asked.add(number)).status == 200, "the same, sent again"
            assert b"\nid: " in (await asked.stream()).body
            return asked.path.rsplit("/", 1)[1], await asked.total()

    name, total = asyncio.run(run())
    assert total == 55
    entries = list(log.entries(name))
    assert [entry.seq for entry in entries] == list(range(1, 13))
    assert [entry.at for entry in entries[2:]] == sorted((e.at for e in entries[2:]), reverse=True)
    assert verify(log, name).diagnostics == ()
    log.close()


def test_files_of_a_backup_are_enough(storage: Storage, tmp_path: Path) -> None:
    """The database is one file once nobody has it open."""

    async def run() -> None:
        host = storage.host()
        async with running(host):
            asked = await Asked(host).begin()
            assert (await asked.add(5)).status == 200
        moved = Storage(Path(shutil.copy(storage.copy(tmp_path / "one.db").file, tmp_path / "two")))
        assert await asked.again(moved.host()).total() == 5

    asyncio.run(run())
