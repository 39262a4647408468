"""What happens to surfaces that cannot go out, and what holds for a response as a whole."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal

import pytest

from clientsim import ClientSim
from tests.crm import SAVE, TestSigner, crm, event, shown
from uicompiler import (
    CompileResult,
    Limits,
    Outcome,
    PatchOp,
    Payload,
    StepResult,
    TurnContext,
    UIApp,
    compile,
    dispatch,
    snapshot,
)
from uicompiler.directives.registry import DirectiveContext
from uicompiler.ir.base import Node
from uicompiler.ir.changes import Change, ShowView
from uicompiler.ir.content import Text
from uicompiler.ir.layout import Stack
from uicompiler.ir.tree import View

SMALL = replace(Limits(), max_string_bytes=100)
TOO_LONG = "x" * 101


class Rotated(TestSigner):
    """The same signer after a change of keys."""

    key_id = "k2"


class Unknown(Node):
    """A node that no backend can show."""

    node: Literal["unknown"] = "unknown"


def form(title: str = "T", surface: str = "main") -> dict[str, Any]:
    fields = [{"id": "a", "label": "A", "kind": "choice", "options": ["x"]}]
    payload = {"title": title, "fields": fields, "surface": surface}
    return {"type": "ui.show_form", "payload": payload}


def committing_then_failing(**settings: Any) -> StepResult:
    """A step whose handler commits and then shows what is too long, on the same surface."""
    app = UIApp("app", inline_form_action="submit", limits=SMALL, **settings)
    ops = [PatchOp("set", "/committed/x", 1)]
    app.add_action("submit", lambda _action, _view: Outcome(ops, [form(TOO_LONG)]))
    state = compile([form()], app=app).state
    sent = event(state, action="submit", component=SAVE, context={"a": ["x"], "_rev": 1})
    return dispatch(sent, state=state, app=app)


def test_what_was_committed_stays_when_the_surface_then_fails() -> None:
    step = committing_then_failing()
    surface = step.state.surfaces["main"]
    assert surface.status == "failed"
    assert surface.data["committed"] == {"x": 1}
    assert surface.data["draft"] == {"a": "x"}


def test_what_was_committed_stays_when_the_app_keeps_the_surface() -> None:
    step = committing_then_failing(recoveries={"A2UI_S2C_LIMIT_EXCEEDED": "soft_fail"})
    surface = step.state.surfaces["main"]
    assert surface.live
    assert surface.data["committed"] == {"x": 1}


def test_a_client_holds_nothing_of_a_surface_that_was_taken_away() -> None:
    surface = committing_then_failing().state.surfaces["main"]
    assert surface.boxes == {}
    assert surface.offered == {}
    assert surface.rev == 2


def response_total(result: CompileResult, name: str) -> int:
    return {
        "max_surfaces_per_response": len(result.batches),
        "max_messages_per_response": len(result.messages),
        "max_bytes_per_response": sum(len(line) - 1 for line in result.jsonl().splitlines(True)),
    }[name]


LIMITS = ("max_surfaces_per_response", "max_messages_per_response", "max_bytes_per_response")
THREE = [form(surface=name) for name in "xyz"]


@pytest.mark.parametrize("name", LIMITS)
def test_the_surface_over_a_limit_of_the_response_stays_away(name: str) -> None:
    roomy = UIApp("app", inline_form_action="submit")
    allowed = response_total(compile(THREE[:2], app=roomy), name)
    limits = replace(Limits(), **{name: allowed})
    tight = UIApp("app", inline_form_action="submit", limits=limits)
    result = compile(THREE, app=tight)
    assert [batch.surface for batch in result.batches] == ["x", "y"]
    assert response_total(result, name) == allowed
    assert not result.ok
    assert result.fallback is not None
    assert result.fallback.surfaces == ("z",)
    [finding] = [item for item in result.diagnostics if item.severity == "error"]
    assert finding.code == "A2UI_S2C_LIMIT_EXCEEDED"
    assert finding.surface_id == "z"
    assert name in finding.message


def test_a_surface_stays_only_when_the_app_says_so_of_every_error() -> None:
    app = UIApp("app", limits=SMALL, recoveries={"A2UI_S2C_LIMIT_EXCEEDED": "soft_fail"})
    app.add_node(Unknown, {})
    views: dict[str, tuple[Node, ...]] = {
        "good": (Text(text="ok"),),
        "long": (Text(text=TOO_LONG),),
        "both": (Text(text=TOO_LONG), Unknown()),
    }

    class Show(Payload):
        name: str

    @app.directive("t.show", payload=Show, summary="Show one of the views.")
    def show(payload: Show, _context: DirectiveContext) -> list[Change]:
        return [ShowView("main", View(Stack(children=views[payload.name])))]

    first = compile([{"type": "t.show", "payload": {"name": "good"}}], app=app)
    for name, remains in (("long", ["main"]), ("both", [])):
        directive = {"type": "t.show", "payload": {"name": name}}
        failed = compile([directive], app=app, state=first.state)
        assert not failed.ok
        sim = ClientSim("web_core")
        assert sim.feed(first.jsonl() + failed.jsonl()) == []
        assert sim.surface_ids() == remains


def test_a_surface_keeps_its_key_until_its_epoch_ends() -> None:
    old, new = TurnContext("c", signer=TestSigner()), TurnContext("c", signer=Rotated())
    state = shown(old).state
    under_old = TestSigner().nonce("c", "main", 1, "k1").encode()
    card = {"type": "crm.show_contact", "payload": {}}
    full = compile([card], app=crm(), state=state, turn=new, update="full")
    assert under_old in full.jsonl()
    assert under_old in snapshot(state, app=crm(), turn=new).jsonl()
    reset = compile([], app=crm(), state=state, turn=new, update="reset")
    assert TestSigner().nonce("c", "main", 2, "k2").encode() in reset.jsonl()
