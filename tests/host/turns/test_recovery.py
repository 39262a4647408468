"""Tools after a crash: who goes on, from where, under which key; what is gone."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Thread
from typing import Any

import orjson
import pytest

from tests.host.logs import records_of
from tests.host.playing import FORM, Site, Visit, counting, form, said
from tests.host.web import TestClient
from uicompiler import Action, Outcome, PatchOp, StateView, ToolCall, UIApp
from uicompiler.host import PressLimits
from uicompiler.host.conversations.conversation import MAX_TRIES
from uicompiler.host.turns.press import Press
from uicompiler.store.open import open_log

Process = Callable[..., Site]


class Killed(BaseException):
    """The process ends here: nothing of it runs any more."""


class Clock:
    """Everybody's clock."""

    def __init__(self) -> None:
        self.now = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def passes(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def process(tmp_path: Path, clock: Clock) -> Iterator[Process]:
    """Begins processes over one database, with a clock; every log replays in the end."""
    sites: list[Site] = []

    def begin(tool: Any, app: UIApp | None = None, **settings: Any) -> Site:
        log = open_log(str(tmp_path / "log.db"))
        given = {"tools": {"tool": tool}, "presses": PressLimits(lease_s=30), **settings}
        site = Site(app or counting(tool="tool"), tmp_path, log, **given)
        site.turns._maker.clock = clock
        sites.append(site)
        return site

    yield begin
    for site in sites:
        site.check()
        site.log.close()


def keys_of(seen: list[str]) -> Callable[[Any, Any], Any]:
    def tool(_arguments: Any, context: Any) -> Any:
        seen.append(context.key)
        return len(seen)

    return tool


def crashed(
    process: Process, monkeypatch: pytest.MonkeyPatch, seen: list[str], **typed: str
) -> tuple[Visit, Press]:
    """A conversation whose process was killed while a tool ran."""

    def tool(_arguments: Any, context: Any) -> Any:
        seen.append(context.key)
        raise Killed

    site = process(tool)
    # What is killed says no more that it stopped.
    monkeypatch.setattr(site.turns._rounds, "_stop", lambda _conversation_id, _key: None)
    visit = Visit(site)
    visit.model(said(form(secret="pin" in typed)))
    press = Press(event=visit.event(name="Ada", **typed), key="k")
    with pytest.raises(Killed):
        site.turns.press(visit.id, press)
    return visit, press


def test_what_is_to_run_is_in_the_log_before_it_runs(
    process: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    visit, _ = crashed(process, monkeypatch, [])
    outcome = [r for r in records_of(visit.site.log, visit.id) if r["kind"] == "outcome"][-1]
    assert outcome["outcome"]["tool_calls"][0]["name"] == "tool"
    assert outcome["tool_results"] is None
    assert list(visit.kept.intents) == ["k"]
    assert visit.value("count") is None


def test_a_sweep_goes_on_once_the_lease_ran_out_under_the_same_key(
    process: Process, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    visit, press = crashed(process, monkeypatch, seen)
    visit.site = second = process(keys_of(seen))
    assert second.turns.recover() == 0
    clock.passes(31)
    second.turns.recover()
    assert seen[0] == seen[1]
    assert len(seen[0]) == 64
    assert visit.value("count") == 1
    assert visit.kept.intents == {}
    assert second.turns.recover() == 0
    again = second.turns.press(visit.id, press)
    assert again.repeated
    assert again.seqs == (3, 5)  # the one between says who goes on
    assert len(seen) == 2


def test_one_that_cannot_be_read_keeps_no_other_one_waiting(
    process: Process, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    visit, _ = crashed(process, monkeypatch, seen)
    other, _ = crashed(process, monkeypatch, seen)
    with visit.site.log.database.transaction() as run:
        good = visit.site.log.head_row(min(visit.id, other.id)).kept
        run(
            "UPDATE uicompiler_heads SET kept = ? WHERE conversation_id = ?",
            (good[:-1] + b"!", min(visit.id, other.id)),
        )
    second = process(keys_of(seen))
    clock.passes(31)
    assert second.turns.recover() == 1
    with visit.site.log.database.transaction() as run:
        run(
            "UPDATE uicompiler_heads SET kept = ? WHERE conversation_id = ?",
            (good, min(visit.id, other.id)),
        )


def test_the_same_press_goes_on_when_the_lease_ran_out(
    process: Process, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    visit, press = crashed(process, monkeypatch, seen)
    visit.site = process(keys_of(seen))
    clock.passes(31)
    answer = visit.site.turns.press(visit.id, press)
    assert answer.status == 200
    assert seen[0] == seen[1]
    assert visit.value("count") == 1


def test_the_same_press_waits_for_the_lease_of_another_process(
    process: Process, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    visit, press = crashed(process, monkeypatch, seen)
    visit.site = process(keys_of(seen))
    answers: list[Any] = []
    pressing = Thread(target=lambda: answers.append(visit.site.turns.press(visit.id, press)))
    pressing.start()
    pressing.join(0.3)
    assert pressing.is_alive()
    clock.passes(31)
    pressing.join(10)
    assert answers[0].status == 200
    assert visit.value("count") == 1


def test_a_lease_is_renewed_while_a_tool_runs(process: Process, clock: Clock) -> None:
    ran, renewed = [], Event()
    limits = PressLimits(lease_s=0.15)

    def slow(_arguments: Any, _context: Any) -> Any:
        ran.append(1)
        seqs = first.log.seqs([visit.id])[visit.id]
        clock.passes(0.1)
        for _ in range(200):
            if first.log.seqs([visit.id])[visit.id] > seqs:
                renewed.set()
                break
            Event().wait(0.02)
        clock.passes(0.1)  # beyond the first lease, not beyond the second
        assert second.turns.recover() == 0
        return 1

    first, second = process(slow, presses=limits), process(slow, presses=limits)
    visit = Visit(first)
    visit.model(said(FORM))
    assert visit.press(name="Ada", key="k").status == 200
    assert renewed.is_set()
    assert len(ran) == 1
    assert visit.value("count") == 1


def test_who_lost_its_lease_does_nothing_more(process: Process, clock: Clock) -> None:
    """A process that stood still for long comes back: the other one's results count."""
    seen: list[str] = []

    def stalls(_arguments: Any, context: Any) -> Any:
        seen.append(context.key)
        clock.passes(31)
        assert second.turns.recover() == 1
        return "late"

    first, second = process(stalls), process(keys_of(seen))
    visit = Visit(first)
    visit.model(said(FORM))
    answer = visit.press(name="Ada", key="k")
    assert visit.value("count") == 1
    assert visit.value("results") == {"t": 2}
    assert seen[0] == seen[1]
    assert answer.body["seq"] == visit.kept.answers["k"].body["seq"]


def test_a_secret_is_gone_after_a_crash_and_the_handler_is_told(
    process: Process, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    visit, _ = crashed(process, monkeypatch, seen, pin="hunter22")
    visit.site = process(keys_of(seen))
    clock.passes(31)
    visit.site.turns.recover()
    assert len(seen) == 1
    assert visit.value("results/t/error").startswith("What you typed into a secret field")
    assert b"hunter22" not in b"".join(path.read_bytes() for path in tmp_path.glob("log.db*"))


def failing(calls: list[Any]) -> UIApp:
    app = UIApp("failing", inline_form_action="count")

    @app.action("count")
    def count(action: Action, _view: StateView) -> Outcome:
        calls.append(action.tool_results)
        if action.tool_results is None:
            return Outcome(tool_calls=[ToolCall("t", "tool", {})])
        if len(calls) < 4:
            raise RuntimeError("flaky")
        return Outcome(commit=[PatchOp("set", "/committed/count", len(calls))])

    return app


def test_a_process_that_begins_looks_at_what_was_left(
    process: Process, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    visit, _ = crashed(process, monkeypatch, seen)
    clock.passes(31)
    visit.site = second = process(keys_of(seen))
    with TestClient(second.asgi) as client:
        until = time.monotonic() + 10
        while visit.kept.intents and time.monotonic() < until:
            time.sleep(0.02)
        assert client.get("/healthz").status_code == 200
    assert visit.value("count") == 1
    with second.turns._recovering:  # its thread is done
        assert len(seen) == 2


def test_an_action_whose_handler_failed_is_left_to_the_user(process: Process, clock: Clock) -> None:
    calls, seen = [], []
    site = process(keys_of(seen), failing(calls))
    visit = Visit(site)
    visit.model(said(FORM))
    press = Press(event=visit.event(name="Ada"), key="k")
    with pytest.raises(RuntimeError):
        site.turns.press(visit.id, press)
    clock.passes(1_000)
    site.turns.recover()
    assert len(calls) == 2
    with pytest.raises(RuntimeError):
        site.turns.press(visit.id, press)
    assert site.turns.press(visit.id, press).status == 200
    assert visit.value("count") == 4
    assert len(set(seen)) == 1


def test_what_kills_every_process_is_given_up(
    process: Process, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    crashed(process, monkeypatch, seen)

    def tool(_arguments: Any, context: Any) -> Any:
        seen.append(context.key)
        raise Killed

    for _ in range(MAX_TRIES + 3):
        site = process(tool)
        monkeypatch.setattr(site.turns._rounds, "_stop", lambda _conversation_id, _key: None)
        clock.passes(31)
        try:
            site.turns.recover()
        except Killed:
            continue
    assert len(seen) == 1 + MAX_TRIES
    assert len(set(seen)) == 1


def test_each_call_has_a_key_of_its_own(process: Process) -> None:
    seen: list[tuple[str, str]] = []
    app = UIApp("rounds", inline_form_action="count")

    @app.action("count")
    def count(action: Action, _view: StateView) -> Outcome:
        known = dict(action.tool_results or {})
        if "c" not in known:
            names = ["a", "b"] if not known else ["c"]
            return Outcome(tool_calls=[ToolCall(name, "tool", {}) for name in names])
        return Outcome(commit=[PatchOp("set", "/committed/count", 1)])

    def tool(_arguments: Any, context: Any) -> Any:
        seen.append((context.conversation_id, context.key))
        return orjson.dumps(len(seen)).decode()

    site = process(tool, app)
    for _ in range(2):
        visit = Visit(site)
        visit.model(said(FORM))
        visit.press(name="Ada", key="k")
        assert visit.value("count") == 1
    assert len(set(seen)) == 6
