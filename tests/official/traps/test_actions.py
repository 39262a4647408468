"""Traps of what a client sends back: section 5 of docs/a2ui-v0_8-traps.md."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.official.bridge import Session
from tests.official.messages import button, column, path, screen, text
from uicompiler import dispatch

from . import ours
from .judges import codes, data_of, literal, refusal, send, tree_of
from .lit import Page, click, typing
from .ours import Talk, components

pytestmark = pytest.mark.official

Lit = Callable[..., Page]

TEXT = "ui--field--f--TextField"


def test_a_button_sends_every_field(lit: Lit, session: Session) -> None:
    """Inputs tell nobody what they hold; only a Button speaks."""
    sent = ours.ours(ours.field("f"), ours.field("g", "boolean"), ours.button())
    press = "ui--root--2--Button"
    page = lit(sent, typing(TEXT, "Ada"), typing("ui--field--g--CheckBox", True))
    assert page.data["draft"] == {"f": {"v": "Ada"}, "g": {"v": True}}
    assert page.events == []
    assert lit(sent, click(press, "button")).events == [{"name": "send", "id": press}]
    talk = Talk(session)
    talk.show(ours.field("f"), ours.field("g", "boolean"), ours.button())
    session.edit("main", TEXT, "Ada")
    assert talk.press().action.context == {"f": "Ada", "g": False}


def test_every_path_a_button_sends_has_a_value(session: Session) -> None:
    """A path to nothing is sent as null, a map as an object."""
    context = {"missing": path("/x"), "map": path("/m")}
    send(session, screen({"root": button("t", "go", context), "t": text("Go")}, m={"k": "v"}))
    event = session.press("main", "root")["userAction"]
    assert event["context"] == {"missing": None, "map": {"k": "v"}}
    kinds = ("short_text", "long_text", "number", "boolean", "date", "choice")
    talk = Talk(session)
    options = {"choice": ["a"]}
    fields = [ours.field(kind, kind, options=options.get(kind, [])) for kind in kinds]
    talk.show(*fields, ours.button())
    sent = session.press("main", talk.id_of("Button"))["userAction"]["context"]
    assert None not in sent.values()
    assert talk.press().action.context == {
        **dict.fromkeys(kinds),
        "boolean": False,
    }


def test_a_number_comes_back_as_a_number(session: Session) -> None:
    """A number field gives text."""
    talk = Talk(session)
    talk.show(ours.field("f", "number"), ours.button())
    session.edit("main", TEXT, "12.50")
    event = session.press("main", talk.id_of("Button"))["userAction"]
    assert event["context"]["f"] == "12.50"
    assert talk.press().action.context == {"f": 12.5}


def test_a_date_comes_back_as_a_day(session: Session) -> None:
    """What was preset comes back as it went out, what was chosen as the browser writes it."""
    talk = Talk(session)
    talk.show(ours.field("f", "date", default="2025-05-06"), ours.button())
    event = session.press("main", talk.id_of("Button"))["userAction"]
    assert event["context"]["f"] == "2025-05-06T12:00"
    assert talk.press().action.context == {"f": "2025-05-06"}
    session.edit("main", "ui--field--f--DateTimeInput", "2025-05-07")
    assert talk.press().action.context == {"f": "2025-05-07"}


@pytest.mark.parametrize(
    ("chosen", "sent", "typed"), [(["a"], ["a"], "a"), ([], {}, None), (None, [], None)]
)
def test_a_choice_comes_back_as_its_value(
    session: Session, chosen: list[str] | None, sent: Any, typed: str | None
) -> None:
    """A choice is a list, and a map after everything was deselected."""
    talk = Talk(session)
    talk.show(ours.field("f", "choice", options=["a", "b"]), ours.button())
    if chosen is not None:
        ident = "ui--field--f--MultipleChoice"
        session.edit("main", ident, ["b"])
        session.edit("main", ident, chosen)
    event = session.press("main", talk.id_of("Button"))["userAction"]
    assert event["context"]["f"] == (sent or {})
    assert talk.press().action.context == {"f": typed}


def test_one_option_is_counted_on_the_server(session: Session, lit: Lit) -> None:
    """`maxAllowedSelections` is sent and nobody minds it."""
    talk = Talk(session)
    sent = talk.show(ours.field("f", "choice", options=["a", "b"]), ours.button())
    ident = "ui--field--f--MultipleChoice"
    [props] = [p["component"]["MultipleChoice"] for p in components(sent) if p["id"] == ident]
    assert props["maxAllowedSelections"] == 1
    options = [
        click(ident, ".option-item:first-child"),
        click(ident, ".option-item:last-child"),
    ]
    assert lit(sent, *options).data["draft"]["f"]["v"] == ["a", "b"]
    session.edit("main", ident, ["a", "b"])
    step = talk.press()
    assert step.status == 422
    assert "A2UI_C2S_FIELD_INVALID" in {found.code for found in step.diagnostics}
    assert data_of(session)["draft"]["f"]["v"] == ["a", "b"]


def test_an_input_is_bound_to_a_path(lit: Lit) -> None:
    """An input that holds a literal takes typing and stores it nowhere."""
    literal_input = {"TextField": {"label": literal("L"), "text": literal("fixed")}}
    assert codes(screen({"root": literal_input})) == {"COMPONENT_BOUND_VALUE"}
    page = lit(screen({"root": literal_input}), typing("root", "typed"))
    assert page["root"].inputs[0]["value"] == "typed"
    assert page.data == {}
    sent = ours.ours(ours.field("f", default="fixed"))
    page = lit(sent, typing(TEXT, "typed"))
    assert page.data["draft"] == {"f": {"v": "typed"}}


def test_rules_of_fields_are_asked_on_the_server(lit: Lit, session: Session) -> None:
    """An invalid value is stored and sent like any other."""
    talk = Talk(session)
    nodes = (ours.field("f", pattern="[a-z]+", required=True), ours.button())
    sent = talk.show(*nodes)
    [props] = [part["component"]["TextField"] for part in components(sent) if part["id"] == TEXT]
    assert props["validationRegexp"] == "[a-z]+"
    page = lit(sent, typing(TEXT, "123"), click("ui--root--1--Button", "button"))
    assert page.data["draft"] == {"f": {"v": "123"}}
    assert len(page.events) == 1
    session.edit("main", TEXT, "123")
    step = talk.press()
    assert step.status == 422
    assert {found.code for found in step.diagnostics} == {"A2UI_C2S_FIELD_INVALID"}
    assert ("caption", "Label") not in talk.screen()
    assert [role for role, _ in talk.screen()] == ["label", "value", "caption", "button"]


def test_an_action_says_no_more_than_clients_read(session: Session) -> None:
    """More keys in an action are dropped, and a context value of two kinds is refused."""
    action = {"name": "go", "confirm": "Sure?"}
    naive = screen({"root": {"Button": {"child": "t", "action": action}}, "t": text("Go")})
    send(session, naive)
    assert tree_of(session)["props"]["action"] == {"name": "go"}
    assert codes(naive) == {"COMPONENT_INVALID"}
    both = {"v": {"literalString": "x", "path": "/x"}}
    two = screen({"root": button("t", "go", both), "t": text("Go")})
    assert "ZodError" in refusal(session, two)
    assert codes(two) == {"COMPONENT_BOUND_VALUE"}
    talk = Talk(session)
    talk.show(ours.field("f"), ours.button(args={"id": 0, "flag": False, "none": ""}))
    assert talk.press().action.args == {"id": 0, "flag": False, "none": ""}


def test_fixed_values_that_a_host_drops_are_known(session: Session) -> None:
    """A sample host leaves out literals that are 0, false or empty."""
    talk = Talk(session)
    talk.show(ours.button(submit=False, args={"id": 0, "flag": False, "note": ""}))
    event = session.press("main", talk.id_of("Button"))
    context = event["userAction"]["context"]
    event["userAction"]["context"] = {key: value for key, value in context.items() if value}
    step = dispatch(event, state=talk.state, app=talk.app)
    assert step.status == 200
    assert step.action is not None
    assert step.action.args == {"id": 0, "flag": False, "note": ""}


def test_what_breaks_on_a_client_is_found_before(lit: Lit) -> None:
    """A client tells nobody what it could not draw."""
    props = {"selections": path("/v"), "options": None}
    naive = screen({"root": column("m"), "m": {"MultipleChoice": props}}, v="[]")
    del naive[0]["surfaceUpdate"]["components"][1]["component"]["MultipleChoice"]["options"]
    page = lit(naive)
    assert page.results == [None] * 3
    assert page["m"].html == ""
    assert [thrown["name"] for thrown in page.thrown] == ["TypeError"]
    assert page.events == []
    assert codes(naive) == {"COMPONENT_INVALID"}
    assert ours.bad_node("MultipleChoice", {"selections": path("/v")}) == {"COMPONENT_INVALID"}


def test_many_options_come_back_as_a_list(session: Session) -> None:
    """Of nothing chosen comes a map, or what was sent at first."""
    talk = Talk(session)
    talk.show(ours.field("f", "multi_choice", options=["a", "b"]), ours.button())
    ident = "ui--field--f--MultipleChoice"
    assert talk.press().action.context["f"] in ([], (), None)
    session.edit("main", ident, ["a", "b"])
    assert list(talk.press().action.context["f"]) == ["a", "b"]
    session.edit("main", ident, [])
    event = session.press("main", talk.id_of("Button"))["userAction"]
    assert event["context"]["f"] == {}
    assert talk.press().action.context["f"] in ([], (), None)
