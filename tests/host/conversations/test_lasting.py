"""Conversations in databases: races between processes, restarts, what no database may hold."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.examples import LOGS, name_of
from tests.faults.player import SECRET
from tests.host.playing import (
    FORM,
    TOAST,
    Site,
    Visit,
    at_once,
    counting,
    form,
    play,
    said,
    site_of,
)
from tests.services import postgres_server  # noqa: F401  # a fixture
from uicompiler.host.turns.press import Pick, Press
from uicompiler.store.entry import open_kept
from uicompiler.store.open import open_log
from uicompiler.store.sql import SqlLog

Process = Callable[..., Site]


@pytest.fixture(params=["sqlite", "postgres"])
def process(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Process]:
    """Begins what another process would have: its own host over its own door to one database."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'log.db'}"
    else:
        url = request.getfixturevalue("postgres_server").database()
    logs: list[SqlLog] = []

    def begin(app: Any = None, **settings: Any) -> Site:
        logs.append(open_log(url))
        return Site(app or counting(), tmp_path, logs[-1], **settings)

    yield begin
    for log in logs:
        log.close()


def body(answer: Any) -> bytes:
    return orjson.dumps(answer.body)


# --- several processes ----------------------------------------------------------------------------


def test_fifty_presses_in_two_processes_have_one_effect_and_equal_answers(process: Process) -> None:
    one, two = process(), process()
    visit = Visit(one)
    visit.model(said(FORM))
    press = Press(event=visit.event(name="Ada"), key="k")
    answers = at_once(50, lambda n: (one, two)[n % 2].turns.press(visit.id, press))
    assert {body(answer) for answer in answers} == {body(answers[0])}
    assert {(answer.status, answer.seqs) for answer in answers} == {(200, (3,))}
    assert sum(not answer.repeated for answer in answers) == 1
    assert visit.value("count") == 1
    one.check()


def test_fifty_presses_in_two_processes_have_their_tool_run_once(process: Process) -> None:
    ran: list[str] = []
    tools = {"slow": lambda _arguments, context: ran.append(context.key) or len(ran)}
    one, two = (process(counting(tool="slow"), tools=tools) for _ in range(2))
    visit = Visit(one)
    visit.model(said(FORM))
    press = Press(event=visit.event(name="Ada"), key="k")
    answers = at_once(50, lambda n: (one, two)[n % 2].turns.press(visit.id, press))
    assert {body(answer) for answer in answers} == {body(answers[0])}
    assert len(ran) == 1
    assert visit.value("count") == 1
    one.check()


def test_turns_of_two_processes_all_land(process: Process) -> None:
    one, two = process(), process()
    visit = Visit(one)

    def turn(number: int) -> Any:
        site = (one, two)[number % 2]
        return site.turns.model(visit.id, said(form(f"T{number}")), key=f"k{number}")

    answers = at_once(12, turn)
    assert sorted(answer.seqs[0] for answer in answers) == list(range(2, 14))
    visit.look()
    assert two.turns.snapshot(two.store.read(visit.id), "en").ok
    one.check()


# --- after a restart ------------------------------------------------------------------------------


def test_a_restart_keeps_everything(process: Process) -> None:
    first = process()
    visit = Visit(first)
    visit.model(said(FORM, text="Hello."), "m")
    event = visit.event(name="Ada")
    answer = first.turns.press(visit.id, Press(event=event, key="k"))
    visit.look()
    undone = visit.back("undo", "b")
    before = visit.kept

    visit.site = second = process()
    assert visit.kept == before
    again = second.turns.press(visit.id, Press(event=event, key="k"))
    assert again.repeated
    assert (body(again), again.status) == (body(answer), 200)
    assert body(visit.back("undo", "b")) == body(undone)
    assert body(visit.model(said(FORM, text="Hello."), "m")) == body(
        second.turns.model(visit.id, said(FORM, text="Hello."), key="m")
    )
    visit.back("redo")
    assert visit.value("count") == 1
    told = [t.events for t in second.turns.since(visit.id, 0, 4)]
    assert orjson.dumps(told) == orjson.dumps([t.events for t in first.turns.since(visit.id, 0, 4)])
    second.check()


def test_toasts_are_shown_by_whoever_is_asked_next(process: Process, tmp_path: Path) -> None:
    turns = tmp_path / "app" / "turns"
    turns.mkdir(parents=True)
    (turns / "toast.json").write_bytes(orjson.dumps(said(TOAST)))
    first = process(examples=tmp_path / "app")
    visit = Visit(first, protocol="html")
    first.turns.pick(visit.id, Pick("turn", "toast", later=True))
    second = process(examples=tmp_path / "app")
    assert [t["text"] for t in second.turns.toasts_taken(visit.id).toasts] == ["hello"]
    assert first.turns.toasts_taken(visit.id).toasts == ()


# --- what is never there --------------------------------------------------------------------------


def test_no_secret_nonce_or_token_is_in_the_database(tmp_path: Path) -> None:
    seen: list[str | None] = []

    def tool(arguments: Any, context: Any) -> Any:
        seen.append(context.secret(arguments["pin"]))
        return 1

    log = open_log(str(tmp_path / "log.db"))
    site = Site(counting(tool="tool"), tmp_path, log, tools={"tool": tool})
    visit = Visit(site)
    _, token = site.turns.begin()
    visit.model(said(form(secret=True)))
    event = visit.event(name="Ada Lovelace", pin="hunter22-hunter22")
    nonce = event["userAction"]["context"]["_nonce"]
    site.turns.press(visit.id, Press(event=event, key="the-key"))
    visit.look()
    visit.back("undo")
    for number in range(40):  # so that there are snapshots
        visit.model(said(TOAST, text=f"{number}"))
    assert seen == ["hunter22-hunter22"]
    site.check()
    log.close()
    held = b"".join(path.read_bytes() for path in tmp_path.glob("log.db*"))
    held += b"".join(_cells(tmp_path / "log.db"))
    assert b"Ada Lovelace" in held
    for never in ("hunter22", nonce, token):
        assert never.encode() not in held


def _cells(path: Path) -> Iterator[bytes]:
    """Every value in a database, opened as the log opens it."""
    connection = sqlite3.connect(path)
    tables = [
        row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type='table'")
    ]
    for table in tables:
        rows = connection.execute(f"SELECT * FROM {table}")  # names of its own
        names = [item[0] for item in rows.description]
        for row in rows:
            for name, value in zip(names, row, strict=True):
                raw = value if isinstance(value, bytes) else str(value).encode()
                yield raw
                if name == "kept" and raw:
                    yield open_kept(raw)
    connection.close()


# --- every example --------------------------------------------------------------------------------


@pytest.mark.parametrize("path", LOGS, ids=name_of)
def test_an_example_that_is_played_replays(path: Path, tmp_path: Path) -> None:
    """The log's batches and states are a replay's; a client knows what a new one is told."""
    log = open_log(str(tmp_path / "log.db"))
    site = site_of(path, tmp_path, log)
    visit = play(path, site)
    site.check()
    for direction in ("undo", "undo", "redo", "undo", "undo"):
        answer = site.turns.back(visit.id, direction, key=None)
        assert answer.status in (200, 409)
        visit.look()
        assert visit.screen.shown == Visit(site, visit.id).screen.shown
    site.check()
    other = site_of(path, tmp_path, open_log(str(tmp_path / "log.db")))
    assert other.store.read(visit.id) == visit.kept
    for turn in range(visit.kept.turns + 1):
        assert other.turns.state_at(visit.id, turn).conversation_id == visit.id
    assert f'"{SECRET}"'.encode() not in b"".join(_cells(tmp_path / "log.db"))
    other.log.close()
    log.close()
