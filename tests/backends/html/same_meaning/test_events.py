"""What is posted from a form means what the A2UI event of the same edits means.

Each test shows a view with both backends, does the same to both clients, and compares the actions:
name, context, fixed values, row, errors, and the drafts afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.backends.html.same_meaning.browser import Frame, Page
from tests.backends.html.same_meaning.pair import (
    A2UI,
    HTML,
    posted,
    same_data,
    same_result,
    told_buttons,
)
from tests.fixture_cases import FixtureSigner, app_named
from uicompiler import StepResult, TurnContext, UIApp, UIState, compile, dispatch
from uicompiler.ir.fields import FIELD_KINDS

SEND = {"node": "button", "label": "Send", "action": "save", "submit": True}
ANYHOW = {**SEND, "label": "Anyhow", "check": False, "args": {"how": "fast", "n": 3, "no": False}}
LOOK = {"node": "button", "label": "Look", "action": "glance", "args": {"at": "it"}}
OPTIONS = [{"value": value, "label": value.upper()} for value in ("a", "b", "c", "[1]")]
MANY = [{"value": f"v{n}", "label": f"Option {n}"} for n in range(9)]


@dataclass
class Both:
    """One surface on both sides."""

    app: UIApp
    a2ui: UIState = field(default_factory=lambda: UIState("c1"))
    html: UIState = field(default_factory=lambda: UIState("c1"))
    page: Page = field(default_factory=Page)
    presses: int = 0
    signed: bool = False

    @property
    def frame(self) -> Frame:
        return self.page.frames["main"]

    def turn(self, key: str | None = None) -> TurnContext:
        signer = FixtureSigner() if self.signed else None
        return TurnContext(conversation_id="c1", idempotency_key=key, signer=signer)

    def shows(self, *directives: Any) -> None:
        a2ui = compile(list(directives), app=self.app, state=self.a2ui, turn=self.turn())
        html = compile(
            list(directives), app=self.app, state=self.html, turn=self.turn(), backend="html"
        )
        same_result(a2ui, html)
        assert a2ui.ok, a2ui.diagnostics
        self.take(a2ui, html)

    def take(self, a2ui: Any, html: Any) -> None:
        self.a2ui, self.html = a2ui.state, html.state
        for batch in html.batches:
            self.page.take(batch.messages)

    def presses_button(
        self, number: int, wire: Mapping[str, Any] | None = None, **typed: Any
    ) -> tuple[StepResult, StepResult]:
        """Type, and press the button of a number.

        Args:
            number: Counts the buttons from 0.
            wire: What the A2UI client sends for some fields, where that is not what is typed.
            typed: By field, what is typed; `__` stands for a slash.
        """
        self.presses += 1
        values = {name.replace("__", "/"): value for name, value in typed.items()}
        for name, value in values.items():
            self.frame.enter(name, value)
        key = f"press {self.presses}"
        event = self.event(number, {**values, **(wire or {})})
        a2ui = dispatch(event, state=self.a2ui, app=self.app, turn=self.turn(key))
        html = dispatch(
            posted(self.frame, self.frame.buttons()[number]),
            state=self.html,
            app=self.app,
            turn=self.turn(key),
            backend="html",
        )
        same_result(a2ui, html)
        self.take(a2ui, html)
        return a2ui, html

    def event(self, number: int, values: Mapping[str, Any]) -> dict[str, Any]:
        """The A2UI event of a button, with what its client holds."""
        surface = self.a2ui.surfaces["main"]
        buttons = A2UI.buttons(surface)
        pressed = told_buttons(buttons)[number]
        ident = next(name for name, item in buttons.items() if item is pressed)
        held = {item.id: self.draft(item) for item in surface.inputs}
        sent = {**held, **values} if pressed.button.submit else {}
        nonce = {"_nonce": "nonce-of-c1-main-1-k1"} if self.signed else {}
        return {
            "userAction": {
                "name": pressed.button.action,
                "surfaceId": A2UI.surface_id(surface),
                "sourceComponentId": ident,
                "timestamp": f"2026-01-01T10:{self.presses:02}:00Z",
                "context": {**pressed.button.args, **sent, **nonce, "_rev": surface.rev},
            }
        }

    def draft(self, item: Any) -> Any:
        value: Any = self.a2ui.surfaces["main"].data["draft"]
        for part in item.place:
            value = value[part]
        if item.field.kind == "secret":
            return ""
        return list(value) if isinstance(value, tuple) else value


def view(*nodes: Any) -> dict[str, Any]:
    root = {"node": "stack", "children": list(nodes)}
    return {"type": "test.view", "payload": {"root": root}}


def one(kind: str, *buttons: Any, **rules: Any) -> Both:
    """A surface with one field."""
    both = Both(app_named("views"))
    spec = {"node": "field", "id": "x", "kind": kind, "label": "X", **rules}
    if kind in ("choice", "multi_choice"):
        spec.setdefault("options", OPTIONS)
    if kind == "slider":
        spec |= {"min": -2, "max": 8}
    both.shows(view(spec, *(buttons or (SEND,))))
    return both


# ---------------------------------------------------------------- every kind of field

TYPED: list[tuple[str, Any, Any]] = [
    ("short_text", "Ada", "Ada"),
    ("short_text", "  spaces  ", "  spaces  "),
    ("short_text", '{"a": 1}', '{"a": 1}'),
    ("short_text", "", None),
    ("long_text", "one\ntwo\n\nfour", "one\ntwo\n\nfour"),
    ("long_text", "\nbegins and ends with a line\n", "\nbegins and ends with a line\n"),
    ("long_text", "", None),
    ("number", "41.5", 41.5),
    ("number", "-0", 0),
    ("number", "1e3", 1000),
    ("number", "", None),
    ("slider", 5, 5),
    ("slider", -2, -2),
    ("boolean", True, True),
    ("boolean", False, False),
    ("choice", ["b"], "b"),
    ("choice", ["[1]"], "[1]"),
    ("choice", [], None),
    ("multi_choice", ["a", "c"], ("a", "c")),
    ("multi_choice", ["[1]"], ("[1]",)),
    ("multi_choice", [], None),
    ("date", "2026-02-28", "2026-02-28"),
    ("date", "", None),
    ("time", "07:08", "07:08"),
    ("time", "", None),
    ("datetime", "2026-02-28T07:08", "2026-02-28T07:08"),
    ("datetime", "", None),
    ("tags", "red, blue; green", ("red", "blue", "green")),
    ("tags", "", None),
    ("email", "ada@example.org", "ada@example.org"),
    ("email", "", None),
    ("url", "https://example.org/a?b=c", "https://example.org/a?b=c"),
    ("phone", "+43 1 234", "+43 1 234"),
    ("upload", "upload:h-1", {"handle": "upload:h-1"}),
    ("upload", "", None),
]


@pytest.mark.parametrize(("kind", "typed", "meant"), TYPED)
def test_what_is_typed_comes_to_the_same_typed_value(kind: str, typed: Any, meant: Any) -> None:
    both = one(kind)
    _, html = both.presses_button(0, x=typed)
    assert html.action is not None
    assert html.action.context["x"] == meant
    same_data(both.a2ui, both.html)


def test_every_kind_of_field_is_typed_into() -> None:
    assert {kind for kind, _, _ in TYPED} | {"secret"} == set(FIELD_KINDS)


WRONG: list[tuple[str, dict[str, Any], Any]] = [
    ("short_text", {"required": True}, ""),
    ("short_text", {"max_length": 3}, "four"),
    ("short_text", {"pattern": "[a-z]+"}, "A1"),
    ("long_text", {"min_length": 9}, "a\nb"),
    ("number", {}, "no number"),
    ("number", {"min": 3}, "2"),
    ("boolean", {"required": True}, False),
    ("choice", {"required": True}, []),
    ("multi_choice", {"max_items": 1}, ["a", "b"]),
    ("multi_choice", {"required": True}, []),
    ("email", {}, "nobody"),
    ("url", {}, "javascript:alert(1)"),
    ("tags", {"required": True}, " , "),
    ("upload", {"required": True}, ""),
    ("secret", {"required": True}, ""),
    ("secret", {"min_length": 6}, "1234"),
]


@pytest.mark.parametrize(("kind", "rules", "typed"), WRONG)
def test_what_breaks_a_rule_says_the_same_and_keeps_what_was_typed(
    kind: str, rules: dict[str, Any], typed: Any
) -> None:
    both = one(kind, **rules)
    _, html = both.presses_button(0, x=typed)
    assert html.action is None
    assert html.status == 422
    assert list(html.field_errors) == ["x"]
    same_data(both.a2ui, both.html)
    if kind not in ("choice", "multi_choice", "boolean"):
        assert both.frame.held("x") == typed


def test_a_menu_of_many_options_posts_the_one_that_is_chosen_or_none() -> None:
    both = one("choice", ANYHOW, options=MANY)
    assert both.frame.controls("x")[0].tag == "select"
    _, html = both.presses_button(0)
    assert html.action is not None
    assert html.action.context["x"] is None
    _, html = both.presses_button(0, x=["v7"])
    assert html.action is not None
    assert html.action.context["x"] == "v7"
    _, html = both.presses_button(0, x=[])
    assert html.action is not None
    assert html.action.context["x"] is None


def test_line_ends_are_crlf_on_the_way_and_lf_in_the_draft() -> None:
    both = one("long_text")
    both.frame.enter("x", "one\r\ntwo\rthree\nfour")
    (button,) = both.frame.buttons()
    post = dict(both.frame.post(button))
    assert post["f.x"] == "one\r\ntwo\r\nthree\r\nfour"
    _, html = both.presses_button(0, x="one\ntwo\nthree\nfour")
    assert html.action is not None
    assert html.action.context["x"] == "one\ntwo\nthree\nfour"


def test_a_day_that_is_none_comes_back_as_a_text_to_mend() -> None:
    """As a browser posts it that knows no date inputs."""
    both = one("date")
    (control,) = both.frame.controls("x")
    control.set("type", "text")
    both.presses_button(0, x="tomorrow")
    (control,) = both.frame.controls("x")
    assert (control.get("type"), both.frame.held("x")) == ("text", "tomorrow")
    same_data(both.a2ui, both.html)


# ---------------------------------------------------------------- secrets


def test_a_secret_comes_to_a_handle_and_is_kept_when_nothing_is_typed_again() -> None:
    both = one("secret", ANYHOW)
    a2ui, html = both.presses_button(0, x="0000")
    assert list(html.secrets.values()) == list(a2ui.secrets.values()) == ["0000"]
    assert html.action is not None
    handle = html.action.context["x"]
    assert handle.startswith("secret:")
    assert "0000" not in html.to_json()
    both.frame.enter("x", "")
    _, html = both.presses_button(0)
    assert html.action is not None
    assert html.action.context["x"] == handle
    assert dict(html.secrets) == {}


def test_a_button_that_sends_no_fields_is_told_no_secret() -> None:
    both = one("secret", LOOK)
    a2ui, html = both.presses_button(0, x="0000")
    assert html.action is not None
    assert (dict(html.action.context), dict(html.action.args)) == ({}, {"at": "it"})
    assert list(html.secrets.values()) == ["0000"], "it was posted, so it is kept"
    assert dict(a2ui.secrets) == {}


# ---------------------------------------------------------------- buttons


def test_a_button_that_sends_no_fields_still_lets_what_was_typed_be_known() -> None:
    both = Both(app_named("views"))
    fields = [
        {"node": "field", "id": "x", "label": "X"},
        {"node": "field", "id": "y", "kind": "multi_choice", "label": "Y", "options": OPTIONS},
        {"node": "field", "id": "z", "kind": "boolean", "label": "Z", "default": True},
    ]
    both.shows(view(*fields, LOOK))
    _, html = both.presses_button(0, x="kept", y=["b"], z=False)
    assert html.action is not None
    assert dict(html.action.context) == {}
    assert dict(both.html.surfaces["main"].data["draft"]) == {"x": "kept", "y": ("b",), "z": False}
    assert dict(both.a2ui.surfaces["main"].data["draft"]) == {"x": "", "y": (), "z": True}


def test_fixed_values_come_from_the_server_whatever_is_posted() -> None:
    both = one("short_text", ANYHOW, {**ANYHOW, "label": "Slow", "args": {"how": "slow"}})
    for number, args in enumerate([{"how": "fast", "n": 3, "no": False}, {"how": "slow"}]):
        _, html = both.presses_button(number, x="v")
        assert html.action is not None
        assert dict(html.action.args) == args
    forged = posted(both.frame, both.frame.buttons()[0])
    forged["userAction"]["context"]["how"] = "forged"
    step = dispatch(forged, state=both.html, app=both.app, backend="html")
    assert step.action is None or step.action.args["how"] == "fast"


def test_a_field_that_the_form_does_not_have_is_refused() -> None:
    both = one("short_text")
    forged = posted(both.frame, both.frame.buttons()[0])
    forged["userAction"]["context"]["other"] = "x"
    step = dispatch(forged, state=both.html, app=both.app, backend="html")
    assert [item.code for item in step.diagnostics] == ["A2UI_C2S_CONTEXT_INVALID"]
    assert step.state is both.html


def test_the_enter_key_presses_the_button_that_sends() -> None:
    both = one("short_text", LOOK, {**SEND, "primary": True})
    default = both.frame.default()
    assert default is not None
    step = dispatch(posted(both.frame, default), state=both.html, app=both.app, backend="html")
    assert step.action is not None
    assert step.action.name == "save"


def test_the_enter_key_presses_nothing_where_nothing_is_sent() -> None:
    assert one("short_text", LOOK).frame.default() is None


def test_a_signed_form_carries_its_nonce_and_one_without_is_refused() -> None:
    both = Both(app_named("views"), signed=True)
    both.shows(view({"node": "field", "id": "x", "label": "X"}, SEND))
    _, html = both.presses_button(0, x="v")
    assert html.action is not None
    event = posted(both.frame, both.frame.buttons()[0])
    del event["userAction"]["context"]["_nonce"]
    step = dispatch(event, state=both.html, app=both.app, backend="html", turn=both.turn("k"))
    assert (step.status, step.diagnostics[0].code) == (403, "A2UI_C2S_NONCE_INVALID")


# ---------------------------------------------------------------- rows, steps, lists


def test_rows_are_added_and_taken_out_and_sent_by_their_ids() -> None:
    both = Both(app_named("flows"))
    both.shows({"type": "ui.show_form", "payload": {"form_id": "party"}})
    add = 0
    both.presses_button(add, theme="Space")
    both.presses_button(1, songs__r1__title="One", songs__r1__loud=True)
    both.presses_button(0, songs__r2__title="Two")  # takes the first out
    assert both.frame.names() == ["theme", "songs/r2/title", "songs/r2/loud"]
    assert both.frame.held("songs/r2/title") == "Two"
    _, html = both.presses_button(2)
    assert html.action is not None
    assert [dict(row) for row in html.action.context["songs"]] == [
        {"id": "r2", "title": "Two", "loud": False}
    ]
    assert html.action.context["theme"] == "Space"


def test_a_button_of_a_row_names_its_row() -> None:
    both = trip()
    pressed = [p.row for p in HTML.buttons(both.html.surfaces["main"]).values()]
    assert "r1" in pressed
    _, html = both.presses_button(pressed.index("r1"), guests__r1__name="Ada")
    assert html.action is not None
    assert (html.action.name, html.action.row) == ("star", "r1")


def trip() -> Both:
    """A wizard at its second step."""
    both = Both(app_named("flows"))
    both.shows({"type": "ui.show_form", "payload": {"form_id": "trip"}})
    names = [p.button.action for p in HTML.buttons(both.html.surfaces["main"]).values()]
    both.presses_button(names.index("ui.next"), **{"from": "2026-01-01", "to": "2026-01-03"})
    assert "guests/r1/name" in both.frame.names()
    return both


def test_an_action_that_a_step_masks_has_no_button_and_is_refused() -> None:
    both = trip()
    shown = [button.get("value", "").partition(" ")[0] for button in both.frame.buttons()]
    assert "book" not in shown
    assert "stop" not in shown
    event = posted(both.frame, both.frame.buttons()[0])
    event["userAction"]["name"] = "book"
    step = dispatch(event, state=both.html, app=both.app, backend="html")
    assert (step.status, step.diagnostics[0].code) == (403, "A2UI_C2S_ACTION_FORBIDDEN")


def test_going_back_and_on_again_keeps_what_was_typed_in_each_step() -> None:
    both = trip()
    names = [p.button.action for p in HTML.buttons(both.html.surfaces["main"]).values()]
    both.presses_button(names.index("ui.back"), guests__r1__name="Ada", guests__r1__age="36")
    assert both.frame.held("from") == "2026-01-01"
    names = [p.button.action for p in HTML.buttons(both.html.surfaces["main"]).values()]
    both.presses_button(names.index("ui.next"))
    assert both.frame.held("guests/r1/name") == "Ada"
    assert both.frame.held("guests/r1/age") == "36"


def test_a_button_in_a_list_names_its_item() -> None:
    item = {"node": "stack", "children": [{"node": "text", "bind": "name"}, LOOK]}
    listed = {"node": "list", "bind": "/ui_state/l", "item_key": "id", "item": item}
    items = [{"id": "a/b", "name": "A"}, {"id": "c", "name": "C"}]
    both = Both(app_named("views"))
    ops = [{"op": "set", "path": "/ui_state/l", "value": items}]
    both.shows(view(listed), {"type": "ui.patch", "payload": {"ops": ops}})
    _, html = both.presses_button(1)
    assert html.action is not None
    assert (html.action.name, html.action.row) == ("glance", "c")


def test_an_older_page_is_refused_and_loses_nothing() -> None:
    both = one("short_text")
    old = both.frame
    both.shows(view({"node": "field", "id": "x", "label": "Another"}, SEND))
    old.enter("x", "typed on the old page")
    step = dispatch(posted(old, old.buttons()[0]), state=both.html, app=both.app, backend="html")
    assert (step.status, step.diagnostics[0].code) == (409, "A2UI_C2S_SURFACE_STALE")
    assert step.state is both.html
