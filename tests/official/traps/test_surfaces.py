"""Traps of messages and of a surface's life: section 1 of docs/a2ui-v0_8-traps.md."""

from __future__ import annotations

from typing import Any

import pytest

from tests.official.bridge import Session
from tests.official.messages import Message, begin, button, column, data, delete, path, screen, text
from tests.official.messages import update as update_of
from uicompiler import ClientProfile, compile

from . import ours
from .judges import codes, ids_of, literal, refusal, screen_of, send, tree_of
from .lit import Page
from .ours import Talk, components

pytestmark = pytest.mark.official


def test_a_container_goes_out_with_its_whole_subtree(session: Session) -> None:
    """A reference is looked up in its own message, not on the surface."""
    talk = Talk(session)
    first = talk.show(ours.stack(ours.text("kept"), key="box"))
    later = talk.show(ours.stack(ours.text("kept"), ours.text("new"), key="box"), update="diff")
    assert talk.screen() == [("text", "kept"), ("text", "new")]
    changed = [part for part in components(later) if part not in components(first)]
    naive = [*first, update_of({part["id"]: part["component"] for part in changed})]
    assert "non-existent" in refusal(session, naive)
    assert codes(naive) == {"COMPONENT_REFERENCE_UNRESOLVED"}


def test_a_surface_is_begun(session: Session) -> None:
    """Until beginRendering nothing shows, whatever was sent."""
    *naive, begun = ours.ours(ours.text("hi"))
    assert list(begun) == ["beginRendering"]
    send(session, naive)
    assert screen_of(session) == []
    assert codes(naive) == {"BEGIN_MISSING"}
    send(session, [begun])
    assert screen_of(session) == [("text", "hi")]


def test_the_root_is_there(session: Session) -> None:
    """A root that nobody defines is an empty page without an error."""
    sent = ours.ours(ours.text("hi"))
    naive = [*sent[:-1], begin("root")]
    send(session, naive)
    assert screen_of(session) == []
    assert "BEGIN_ROOT_MISSING" in codes(naive)
    send(session, [delete(), *sent])
    assert screen_of(session) == [("text", "hi")]


def test_a_component_that_changed_goes_out_whole(session: Session) -> None:
    """What an update of a component leaves out is gone, not kept."""
    talk = Talk(session)
    talk.show(ours.field("n", "number", label="Before"))
    [later] = components(talk.show(ours.field("n", "number", label="After"), update="diff"))[:1]
    assert tree_of(session)["props"]["children"][0]["props"]["textFieldType"] == "number"
    del later["component"]["TextField"]["textFieldType"]
    send(session, [update_of({later["id"]: later["component"]})])
    assert "textFieldType" not in tree_of(session)["props"]["children"][0]["props"]


def test_an_id_keeps_its_type(session: Session) -> None:
    """A type may change under its id; the new input then finds the old one's value."""
    box = {"CheckBox": {"label": literal("L"), "value": path("/f/v")}}
    field = {"TextField": {"label": literal("L"), "text": path("/f/v")}}
    naive = [*screen({"root": column("f"), "f": field}, f={"v": "Ada"}), update_of({"f": box})]
    send(session, naive)
    assert screen_of(session) == [("broken", "Invalid label")]
    assert codes(naive) == {"COMPONENT_TYPE_CHANGED", "DATA_INVALID"}
    talk = Talk(session)
    before = components(talk.show(ours.field("f", default="Ada")))
    after = components(talk.show(ours.field("f", "boolean")))
    assert talk.screen() == [("label", "Label"), ("value", "false")]
    assert {part["id"] for part in before if "TextField" in part["component"]}.isdisjoint(
        part["id"] for part in after if "CheckBox" in part["component"]
    )


def test_no_text_can_name_a_component_that_is_gone(session: Session) -> None:
    """Components are never removed, so an old id still swallows a text that equals it."""
    naive = [
        *screen({"root": column("title"), "title": text("x")}),
        update_of({"root": column("t"), "t": text("title")}),
    ]
    send(session, naive)
    assert screen_of(session) == [("broken", "[object Object]")]
    assert "COMPONENT_ID_COLLISION" in codes(naive)
    talk = Talk(session)
    gone = components(talk.show(ours.text("x")))[0]["id"]
    talk.show(ours.field("f", label=gone), ours.text(gone, key="t"))
    assert talk.screen() == [("label", "\u2060" + gone), ("value", ""), ("text", gone)]


def test_no_component_is_lost_on_the_way(session: Session) -> None:
    """A component that nothing refers to is taken and never shown."""
    naive = screen({"root": column("a"), "a": text("shown"), "b": text("lost")})
    send(session, naive)
    assert screen_of(session) == [("text", "shown")]
    assert codes(naive) == {"COMPONENT_ORPHAN"}
    send(session, [delete()])
    sent = ours.ours(ours.stack(ours.text("a\nb")), ours.field(help="h"), ours.button())
    send(session, sent)
    assert sorted(ids_of(session)) == sorted(part["id"] for part in components(sent))


def test_a_live_surface_is_not_begun_again(session: Session) -> None:
    """A second beginRendering resets the styles of the first."""
    *parts, _ = screen({"root": text("x")})
    naive = [*parts, begin(styles={"font": "Inter"}), begin()]
    send(session, naive)
    state = session.state("main")
    assert state is not None
    assert state.styles == {}
    assert "BEGIN_REPEATED" in codes(naive)
    for update in ("auto", "full", "diff"):
        talk = Talk()
        talk.show(ours.text("x"))
        later = talk.show(ours.text("y"), update=update)
        assert not [message for message in later if "beginRendering" in message]


def test_a_surface_of_another_catalog_is_not_sent(session: Session) -> None:
    """No client minds a catalogId that it does not have."""
    *parts, _ = screen({"root": {"Gauge": {"value": 3}}})
    naive = [*parts, begin(catalogId="https://example.com/gauges.json")]
    send(session, naive)
    assert screen_of(session) == [("broken", "")]
    assert "CATALOG_MISMATCH" in codes(naive)
    client = ClientProfile(catalog_ids=frozenset({"https://example.com/gauges.json"}))
    show = {"type": "trap.show", "payload": {"nodes": [ours.text("x")]}}
    result = compile([show], app=ours.app(), client=client)
    assert not result.messages
    assert result.fallback is not None
    assert "A2UI_S2C_CATALOG_MISMATCH" in {found.code for found in result.diagnostics}


def test_a_deleted_id_is_not_used_again(session: Session) -> None:
    """What comes for a deleted surface opens an empty one of the same id."""
    shown = screen({"root": text(path("/a"))}, a="x")
    naive = [*shown, delete(), *shown[:1], begin()]
    send(session, naive)
    assert screen_of(session) == [("broken", "(empty)")]
    assert "BEGIN_REPEATED" in codes(naive)
    talk = Talk(session)
    talk.show(ours.field("f", default="x"))
    talk.show(ours.field("f"), update="reset")
    assert session.state("main") is None
    assert talk.surface_id == "main#e=2"
    assert talk.screen() == [("label", "Label"), ("value", "x")]


def test_a_bad_batch_does_not_go_out_by_halves(session: Session) -> None:
    """The first bad message ends a batch; those before it stay."""
    naive: list[Message] = [
        *screen({"root": column("a"), "a": text("new")}),
        data([{"key": "v"}]),
        update_of({"a": text("never")}),
    ]
    error = session.apply_batch(naive)
    assert error is not None
    assert screen_of(session) == [("text", "new")]
    assert "DATA_INVALID" in codes(naive)
    assert "COMPONENT_INVALID" in ours.bad_node("Text", {"text": {"literalString": 5}})


def test_a_cycle_never_reaches_a_surface(session: Session) -> None:
    """A cycle is stored before it is noticed; every later message then throws."""
    naive = [
        *screen({"root": column("a"), "a": text("x")}),
        update_of({"root": column("a"), "a": {"Card": {"child": "root"}}}),
    ]
    assert "Circular dependency" in refusal(session, naive)
    assert "Circular dependency" in refusal(session, [data({"v": 1}, path="/x")])
    assert codes([*naive, data({"v": 1}, path="/x")]) >= {"COMPONENT_CYCLE"}
    assert "COMPONENT_CYCLE" in ours.bad_node("Card", {"child": "ui--root--0--Card"})


def test_each_component_is_shown_once(session: Session) -> None:
    """Two references to one component make two nodes of one id; who was pressed?"""
    shared = {
        "root": column("one", "two"),
        "one": {"Card": {"child": "b"}},
        "two": {"Card": {"child": "b"}},
        "b": button("t"),
        "t": text("Go"),
    }
    send(session, screen(shared))
    assert ids_of(session).count("b") == 2
    assert codes(screen(shared)) == {"COMPONENT_ID_DUPLICATE"}
    send(session, [delete()])
    twin = ours.button(submit=False)
    send(session, ours.ours(ours.stack(twin), ours.stack(twin)))
    ids = ids_of(session)
    assert len(ids) == len(set(ids))
    assert len([ident for ident in ids if ident.endswith("-Button")]) == 2


def test_a_type_that_is_not_in_the_catalog_is_not_sent(lit: Any) -> None:
    """An unknown type is accepted, and nothing is drawn."""
    naive = screen({"root": column("a", "b"), "a": {"Gauge": {"value": 3}}, "b": text("x")})
    page: Page = lit(naive)
    assert page.results == [None, None]
    assert [element.tag for element in page.shown] == ["a2ui-column", "a2ui-text"]
    assert codes(naive) == {"CATALOG_UNKNOWN_TYPE"}
    assert "CATALOG_UNKNOWN_TYPE" in ours.bad_node("Gauge", {"value": 3})


def test_no_type_names_an_element_of_the_host(lit: Any) -> None:
    """With custom elements on, a type is any element's tag, and its properties are set."""
    naive = screen({"root": column("a"), "a": {"a2ui-image": {"url": literal("https://x.y/z")}}})
    page: Page = lit(naive, custom=True)
    assert '<img src="https://x.y/z"' in page["a"].html
    assert codes(naive) == {"CATALOG_UNKNOWN_TYPE"}
    refused = ours.bad_node("a2ui-image", {"url": literal("https://x.y/z")})
    assert "CATALOG_UNKNOWN_TYPE" in refused
