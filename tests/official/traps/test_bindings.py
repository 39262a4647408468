"""Traps of bound values and templates: section 4 of docs/a2ui-v0_8-traps.md."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.official.bridge import Session
from tests.official.messages import (
    Message,
    begin,
    button,
    column,
    data,
    path,
    repeat,
    screen,
    text,
)
from tests.official.messages import update as update_of
from uicompiler import dispatch

from . import ours
from .judges import codes, ids_of, literal, refusal, screen_of, send, tree_of
from .lit import Page, typing
from .ours import Node, Talk

pytestmark = pytest.mark.official

Lit = Callable[..., Page]


def test_a_bound_value_has_a_path_or_a_literal(session: Session) -> None:
    """Both together, a default by the specification, is refused."""
    both = {"path": "/draft/f", "literalString": "Ada"}
    naive = screen({"root": {"TextField": {"label": literal("L"), "text": both}}})
    assert "exactly one property" in refusal(session, naive)
    assert codes(naive) == {"COMPONENT_BOUND_VALUE"}
    talk = Talk(session)
    talk.show(ours.field("f", default="Ada"), ours.button())
    assert ("value", "Ada") in talk.screen()
    assert talk.press().action.context == {"f": "Ada"}


def test_a_check_box_has_no_literal_beside_its_path(lit: Lit) -> None:
    """A check box with both is accepted, as nobody checks it; what is ticked is never read."""
    both = {"path": "/v", "literalBoolean": True}
    naive = screen({"root": {"CheckBox": {"label": literal("L"), "value": both}}}, v=False)
    page = lit(naive)
    assert page.results == [None] * 3
    assert page["root"].inputs[0]["checked"] is True
    assert page.data == {"v": False}
    assert codes(naive) == {"COMPONENT_BOUND_VALUE"}
    sent = ours.ours(ours.field("f", "boolean", default=True))
    page = lit(sent, typing("ui--field--f--CheckBox", False))
    assert page.one("CheckBox").inputs[0]["checked"] is False
    assert page.data["draft"] == {"f": {"v": False}}


def test_a_bound_value_is_spelt_as_every_client_reads_it(
    session: Session, sdk_validate: Any
) -> None:
    """A bare string is refused; a `literal`, in no schema, is taken by the web client alone."""
    bare = screen({"root": {"Text": {"text": "hi"}}})
    assert "ZodError" in refusal(session, bare)
    alone = screen({"root": {"Text": {"text": {"literal": "hi"}}}})
    send(session, alone)
    assert screen_of(session) == [("text", "hi")]
    assert sdk_validate(alone) is not None
    assert codes(bare) == codes(alone) == {"COMPONENT_BOUND_VALUE"}
    sent = Talk(session).show(ours.text("hi"))
    assert screen_of(session) == [("text", "hi")]
    assert sdk_validate(sent) is None


def test_a_property_that_the_catalog_does_not_have_is_not_sent(session: Session) -> None:
    """Unknown properties are dropped in silence."""
    naive = screen({"root": {"Text": {"text": literal("x"), "color": "red"}}})
    send(session, naive)
    assert tree_of(session)["props"] == {"text": literal("x")}
    assert codes(naive) == {"COMPONENT_INVALID"}
    refused = ours.bad_node("Text", {"text": literal("x"), "color": "red"})
    assert refused == {"COMPONENT_INVALID"}


def test_an_enum_value_is_one_of_the_catalogs(session: Session) -> None:
    """One unknown enum value has the whole message refused, and all that comes with it."""
    naive = screen({"root": column("a", "b"), "a": text("x"), "b": text("y", usageHint="h9")})
    assert "h9" in refusal(session, naive)
    assert screen_of(session) == []
    assert codes(naive) == {"COMPONENT_INVALID"}
    assert ours.bad_node("Text", {"text": literal("x"), "usageHint": "h9"}) == {"COMPONENT_INVALID"}


def test_a_check_box_is_checked_by_us(lit: Lit) -> None:
    """Of a CheckBox the client's schema checks nothing: `"no"` is drawn as a tick."""
    props = {"label": literal("L"), "value": {"literalBoolean": "no"}}
    naive = screen({"root": {"CheckBox": props}})
    page = lit(naive)
    assert page.results == [None, None]
    assert page["root"].inputs[0]["checked"] is True
    assert codes(naive) == {"COMPONENT_INVALID", "COMPONENT_BOUND_VALUE"}
    assert ours.bad_node("CheckBox", props) == {"COMPONENT_INVALID"}
    assert lit(ours.ours(ours.field("f", "boolean"))).one("CheckBox").inputs


def test_a_check_box_is_spelt_as_clients_know_it(lit: Lit) -> None:
    """The client's own schema knows a `Checkbox`, which none of its elements draws."""
    props = {"label": literal("L"), "value": {"literalBoolean": True}}
    naive = screen({"root": {"Checkbox": props}})
    page = lit(naive)
    assert page.results == [None, None]
    assert page.shown == []
    assert codes(naive) <= {"COMPONENT_INVALID", "CATALOG_UNKNOWN_TYPE"}
    assert codes(naive)
    assert ours.bad_node("Checkbox", props) == codes(naive)
    assert lit(ours.ours(ours.field("f", "boolean"))).one("CheckBox").inputs


def test_what_is_shown_is_a_text(session: Session) -> None:
    """A Text shows `toString()` of what it is bound to."""
    naive = screen(
        {"root": column("a", "b"), "a": text(path("/price")), "b": text(path("/map"))},
        price=3.50,
        map={"k": "v"},
    )
    send(session, naive)
    assert screen_of(session) == [("text", "3.5"), ("text", "[object Map]")]
    talk = Talk(session)
    talk.show(ours.text(bind="/ui_state/price"), ours.text(bind="/ui_state/map"), ours.field())
    talk.patch("/ui_state/price", "3.50")
    talk.patch("/ui_state/map", {"k": "v"})
    assert talk.screen()[0] == ("text", "3.50")
    assert [role for role, _ in talk.screen()] == ["text", "label", "value"]


def test_an_input_is_given_a_text(session: Session) -> None:
    """Everything but a Text shows nothing of a value that is no string."""
    number = {"label": literal("L"), "text": path("/n"), "textFieldType": "number"}
    naive = screen({"root": {"TextField": number}}, n=12)
    assert codes(naive) == {"DATA_INVALID"}
    send(session, naive)
    assert screen_of(session) == [("label", "L"), ("value", "")]
    talk = Talk(session)
    talk.show(ours.field("n", "number", default=12))
    assert talk.screen() == [("label", "Label"), ("value", "12")]


# ---------------------------------------------------------------- templates


def rows(item: Message, *, parts: Message | None = None, **data: Any) -> list[Message]:
    """A list over `/rows`, as one may write it."""
    return screen({"root": repeat("row", "/rows"), "row": item, **(parts or {})}, **data)


def listed(item: Node, where: str = "rows", **props: Any) -> Node:
    """A list node over `/ui_state/<where>`."""
    return {"node": "list", "bind": f"/ui_state/{where}", "item": item, **props}


def is_template(messages: list[Message]) -> bool:
    """Whether a list went out as a template."""
    return "'template'" in str(messages)


def test_a_template_reads_its_item_only(session: Session) -> None:
    """Inside a template an absolute path is read from the item."""
    naive = rows(text(path("/title")), title="global", rows={"a": {"title": "mine"}})
    send(session, naive)
    assert screen_of(session) == [("text", "mine")]
    assert "DATA_PATH_INVALID" in codes(naive)
    talk = Talk(session)
    talk.show(listed(ours.stack(ours.text(bind="title"), ours.text(bind="/ui_state/title"))))
    talk.patch("/ui_state/title", "global")
    talk.patch("/ui_state/rows", {"a": {"title": "mine"}})
    assert is_template(talk.sent)
    assert talk.screen() == [("text", "mine"), ("text", "global")]


def test_a_row_holds_all_that_it_shows(session: Session) -> None:
    """There is no way from an item to what is around it."""
    naive = rows(text(path("../currency")), rows={"a": {"t": "x"}, "currency": {"t": "EUR"}})
    send(session, naive)
    assert {role for role, _ in screen_of(session)} == {"broken"}
    assert "DATA_PATH_INVALID" in codes(naive)
    talk = Talk(session)
    talk.show(listed(ours.text(bind="/ui_state/currency")))
    talk.patch("/ui_state/rows", {"a": {}, "b": {}})
    talk.patch("/ui_state/currency", "EUR")
    assert is_template(talk.sent)
    assert talk.screen() == [("text", "EUR"), ("text", "EUR")]


@pytest.mark.parametrize("word", ["item", "text", "label"])
def test_an_items_paths_have_no_slash_in_front(session: Session, word: str) -> None:
    """In a template some words are cut off the front of an absolute path."""
    row = {"name": "cut", f"{word}name": "whole"}
    naive = rows(text(path(f"/{word}name")), rows={"a": row})
    send(session, naive)
    assert screen_of(session) == [("text", "cut")]
    assert "DATA_PATH_INVALID" in codes(naive)
    talk = Talk(session)
    talk.show(listed(ours.text(bind=f"{word}name")))
    talk.patch("/ui_state/rows", {"a": row})
    assert is_template(talk.sent)
    assert talk.screen() == [("text", "whole")]


def test_there_is_no_list_in_a_lists_item(session: Session) -> None:
    """A template in a template repeats ids: only the innermost key is in them."""
    groups = {"x": {"items": {"a": {"n": "1"}}}, "y": {"items": {"a": {"n": "2"}}}}
    parts = {"root": repeat("g", "/groups"), "g": repeat("it", "items"), "it": text(path("n"))}
    naive = screen(parts, groups=groups)
    send(session, naive)
    assert ids_of(session).count("it:a") == 2
    assert "COMPONENT_ID_DUPLICATE" in codes(naive)
    result = ours.tried(listed(listed(ours.text(bind="n")), "groups"))
    assert not result.ok
    assert ours.found_by(result) == {"DIRECTIVE_VIEW_INVALID"}


def test_each_list_has_a_template_of_its_own(session: Session) -> None:
    """Two lists that share a template component share the ids of their rows."""
    lists: dict[str, Any] = {"a": {"k": {"n": "1"}}, "b": {"k": {"n": "2"}}}
    shared = {
        "root": column("one", "two"),
        "one": repeat("it", "/a"),
        "two": repeat("it", "/b"),
        "it": text(path("n")),
    }
    send(session, screen(shared, **lists))
    assert ids_of(session).count("it:k") == 2
    assert "COMPONENT_ID_DUPLICATE" in codes(screen(shared, **lists))
    talk = Talk(session)
    item = ours.text(bind="n")
    talk.show(listed(item, "a"), listed(item, "b"))
    talk.patch("/ui_state/a", lists["a"])
    talk.patch("/ui_state/b", lists["b"])
    assert is_template(talk.sent)
    assert talk.screen() == [("text", "1"), ("text", "2")]
    assert len(ids_of(session)) == len(set(ids_of(session)))


def test_the_keys_of_rows_are_escaped(session: Session) -> None:
    """A dot in a row's key stores the row elsewhere, and nobody shows it."""
    naive = rows(text(path("t")), rows={"a.b": {"t": "lost"}})
    send(session, naive)
    assert ("text", "lost") not in screen_of(session)
    assert "DATA_KEY_INVALID" in codes(naive)
    talk = Talk(session)
    talk.show(listed(ours.text(bind="t")))
    talk.patch("/ui_state/rows", {"a.b": {"t": "1"}, "a/b": {"t": "2"}, "a[0]": {"t": "3"}})
    assert is_template(talk.sent)
    assert sorted(talk.screen()) == [("text", "1"), ("text", "2"), ("text", "3")]


def test_rows_are_a_map(session: Session) -> None:
    """A template over an object, a scalar or nothing shows nothing, without an error."""
    wrong: list[dict[str, Any]] = [{"rows": '{"a":{"t":"x"}}'}, {"rows": "x"}, {}]
    for where in wrong:
        send(session, [{"deleteSurface": {"surfaceId": "main"}}])
        send(session, rows(text(path("t")), **where))
        assert screen_of(session) == []
    talk = Talk(session)
    talk.show(listed(ours.text(bind="t"), empty="Nothing yet"))
    assert talk.screen() == [("text", "Nothing yet")]
    for value in ({"a": {"t": "x"}}, [{"t": "x"}]):
        talk.patch("/ui_state/rows", value)
        assert talk.screen() == [("text", "x")]
    talk.patch("/ui_state/rows", "x")
    assert talk.screen() == [("text", "Nothing yet")]


def test_rows_keep_their_order(session: Session) -> None:
    """Rows stand in the order in which their keys were first written, whatever comes later."""
    naive = rows(text(path("t")), rows={"b": {"t": "old"}})
    send(session, [*naive, data({"t": "new, first"}, path="/rows/a")])
    assert screen_of(session) == [("text", "old"), ("text", "new, first")]
    talk = Talk(session)
    talk.show(listed(ours.text(bind="t"), item_key="k"))
    talk.patch("/ui_state/rows", [{"k": "b", "t": "old"}])
    talk.patch("/ui_state/rows", [{"k": "a", "t": "new, first"}, {"k": "b", "t": "old"}])
    assert is_template(talk.sent)
    assert talk.screen() == [("text", "new, first"), ("text", "old")]
    twelve = {str(number): {"t": str(number)} for number in range(12)}
    talk.patch("/ui_state/rows", twelve)
    assert talk.screen() == [("text", number) for number in twelve]


def test_a_button_in_a_row_sends_what_its_row_holds(session: Session) -> None:
    """A global value reads null in a row's button, and its id has the row's key behind it."""
    context = {"own": path("n"), "global": path("/rev")}
    parts = {"label": text("Go")}
    naive = rows(button("label", "pick", context), parts=parts, rev=3, rows={"a": {"n": "x"}})
    send(session, naive)
    action = session.press("main", "row:a")["userAction"]
    assert action["context"] == {"own": "x", "global": None}
    for name, templated in (("pick", True), ("send", False)):
        talk = Talk(session)
        talk.show(listed(ours.button(submit=False, action=name)))
        talk.patch("/ui_state/rows", {"a.b": {}, "c": {}})
        assert is_template(talk.sent) == templated
        pressed = next(ident for ident in ids_of(session) if "Button" in ident)
        event = session.press("main", pressed)
        assert None not in event["userAction"]["context"].values()
        step = dispatch(event, state=talk.state, app=talk.app)
        assert step.status == 200
        assert "a.b" in str(step.action)


def test_children_are_listed_or_repeated(session: Session) -> None:
    """A container with both kinds of children is refused."""
    both = {"explicitList": ["a"], "template": {"componentId": "a", "dataBinding": "/rows"}}
    naive = [update_of({"root": {"Column": {"children": both}}, "a": text("x")}), begin()]
    assert "ZodError" in refusal(session, naive)
    assert codes(naive) == {"COMPONENT_INVALID"}
    refused = ours.bad_node("Column", {"children": {**both, "explicitList": []}})
    assert "COMPONENT_INVALID" in refused
