"""Undo through turns: which ones there are, what stays typed, what an undone action waits for."""

from __future__ import annotations

from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest

from tests.host.playing import FORM, NAME, TOAST, Site, Visit, counting, form, said
from uicompiler import Action, Outcome, StateView, ToolCall, UIApp
from uicompiler.host.conversations.conversation import MAX_STOPPED
from uicompiler.host.turns.press import Press

REQUIRED = {**FORM["payload"], "fields": [{**NAME, "required": True}]}


def ways(answer: Any) -> tuple[bool, bool]:
    return answer.body["undo"], answer.body["redo"]


def test_what_is_typed_since_a_press_is_there_after_undo(tmp_path: Path) -> None:
    visit = Visit(Site(counting(), tmp_path))
    visit.model(said(FORM))
    visit.press(name="Ann")
    visit.screen.enter({"surface": "main", "field": "name", "value": "Anna, typed for minutes"})
    for way in ("undo", "redo"):
        visit.back(way)
        assert visit.event()["userAction"]["context"]["name"] == "Anna, typed for minutes"


def test_answers_say_what_can_be_undone(tmp_path: Path) -> None:
    visit = Visit(Site(counting(), tmp_path))
    assert ways(visit.model(said(TOAST))) == (False, False)
    assert ways(visit.model(said(FORM))) == (True, False)
    assert ways(visit.press(name="Ada")) == (True, False)
    assert ways(visit.back("undo")) == (True, True)
    assert ways(visit.back("undo")) == (False, True)
    refused = visit.back("undo")
    assert (refused.status, ways(refused)) == (409, (False, True))


def test_a_refused_form_is_no_turn_to_undo(tmp_path: Path) -> None:
    visit = Visit(Site(counting(), tmp_path))
    visit.model(said({"type": "ui.show_form", "payload": REQUIRED}))
    visit.model(said({**form("Other"), "payload": {**REQUIRED, "title": "Other"}}))
    visit.back("undo")
    answer = visit.press(name="")
    assert answer.status == 422
    assert ways(answer) == (True, True)
    visit.back("undo")
    assert not list(visit.kept.state.live_surfaces())


def test_a_turn_that_changes_nothing_is_none_to_undo(tmp_path: Path) -> None:
    visit = Visit(Site(counting(), tmp_path))
    visit.model(said(FORM))
    assert ways(visit.model(said(FORM, TOAST))) == (True, False)
    visit.back("undo")
    assert not list(visit.kept.state.live_surfaces())


def test_an_undone_action_waits_for_nothing_more(tmp_path: Path) -> None:
    started, go = Event(), Event()

    def slow(_arguments: Any, _context: Any) -> int:
        started.set()
        assert go.wait(20)
        return 1

    site = Site(counting(tool="slow"), tmp_path, tools={"slow": slow})
    visit, answers = Visit(site), []
    visit.model(said(FORM))
    press = Press(event=visit.event(name="Ada"), key="k")
    pressing = Thread(target=lambda: answers.append(site.turns.press(visit.id, press)))
    pressing.start()
    assert started.wait(20)
    assert list(visit.kept.intents) == ["k"]
    visit.back("undo")
    assert visit.kept.intents == {}
    go.set()
    pressing.join(20)
    assert answers[0].status == 200
    assert visit.value("count") is None
    assert not list(visit.kept.state.live_surfaces())
    again = site.turns.press(visit.id, press)
    assert (again.repeated, again.body) == (True, answers[0].body)
    site.check()


def test_tools_of_an_action_before_what_is_undone_go_on(tmp_path: Path) -> None:
    started, go = Event(), Event()

    def slow(_arguments: Any, _context: Any) -> int:
        started.set()
        assert go.wait(20)
        return 1

    site = Site(counting(tool="slow"), tmp_path, tools={"slow": slow})
    visit = Visit(site)
    visit.model(said(FORM))
    press = Press(event=visit.event(name="Ada"), key="k")
    pressing = Thread(target=lambda: site.turns.press(visit.id, press))
    pressing.start()
    assert started.wait(20)
    visit.model(said({"type": "ui.show_result", "payload": {"surface": "side", "title": "T"}}))
    visit.back("undo")
    go.set()
    pressing.join(20)
    assert visit.value("count") == 1


def test_actions_that_stopped_are_kept_up_to_a_bound(tmp_path: Path) -> None:
    app = UIApp("failing", inline_form_action="count")

    @app.action("count")
    def count(action: Action, _view: StateView) -> Outcome:
        if action.tool_results is None:
            return Outcome(tool_calls=[ToolCall("t", "tool", {})])
        raise RuntimeError("a bug")

    site = Site(app, tmp_path, tools={"tool": lambda _arguments, _context: 1})
    visit = Visit(site)
    visit.model(said(FORM))
    for number in range(MAX_STOPPED + 5):
        press = Press(event=visit.event(name="Ada"), key=f"k{number}")
        with pytest.raises(RuntimeError):
            site.turns.press(visit.id, press)
        visit.look()
    assert list(visit.kept.intents) == [f"k{number}" for number in range(5, MAX_STOPPED + 5)]
    site.check()
