"""Traps of the data model: section 3 of docs/a2ui-v0_8-traps.md."""

from __future__ import annotations

from typing import Any

import pytest

from tests.official.bridge import Session
from tests.official.messages import (
    Message,
    button,
    column,
    data,
    entries,
    path,
    repeat,
    screen,
    text,
)
from uicompiler.backends import ids

from . import ours
from .judges import codes, data_of, literal, refusal, screen_of, send
from .ours import Talk

pytestmark = pytest.mark.official


def input_at(where: str) -> Message:
    return {"TextField": {"label": literal("L"), "text": path(where)}}


def test_writing_one_field_keeps_what_was_typed_in_the_next(session: Session) -> None:
    """A write replaces all that is at its path."""
    naive = screen({"root": column("a"), "a": input_at("/draft/a")}, draft={"a": "", "b": ""})
    send(session, naive)
    session.edit("main", "a", "typed")
    send(session, [data({"b": "new"}, path="/draft")])
    assert screen_of(session) == [("label", "L"), ("value", "")]
    talk = Talk(session)
    talk.show(ours.field("a"), ours.field("b"))
    session.edit("main", "ui--field--a--TextField", "typed")
    talk.patch("/draft/b", "new")
    assert [text for role, text in talk.screen() if role == "value"] == ["typed", "new"]


@pytest.mark.parametrize("root", ["/", "", ".", None])
def test_the_root_is_never_written_on_a_live_surface(session: Session, root: str | None) -> None:
    """A write at the root clears the whole model, the user's typing too."""
    naive = [
        *screen({"root": input_at("/draft/a")}, draft={"a": ""}),
        data({"other": "x"}, path=root),
    ]
    send(session, naive[:-1])
    session.edit("main", "root", "typed")
    send(session, naive[-1:])
    assert data_of(session) == {"other": "x"}
    assert "DATA_ROOT_REPLACED" in codes(naive)
    talk = Talk(session)
    talk.show(ours.field("a"), ours.text(bind="/ui_state/other"))
    session.edit("main", talk.id_of("TextField"), "typed")
    talk.patch("/ui_state/other", "x", update="full")
    assert talk.screen() == [("label", "Label"), ("value", "typed"), ("text", "x")]
    assert all(
        message["dataModelUpdate"]["path"] not in ("/", "", ".")
        for message in talk.sent
        if "dataModelUpdate" in message
    )


def test_maps_in_messages_are_one_level_deep(session: Session, sdk_validate: Any) -> None:
    """The web client takes five levels of entries, the official schema and SDK two."""

    def nested(depth: int) -> Message:
        return {"k": nested(depth - 1)} if depth else {"k": 1}

    assert "depth" in refusal(session, [data(nested(5))])
    naive = screen({"root": text("x")}, a={"b": {"c": 1}})
    assert sdk_validate(naive) is not None
    assert codes(naive) == {"DATA_INVALID"}
    columns = [{"id": "name", "label": "Name"}]
    guests = {"node": "rows", "id": "guests", "label": "Guests", "columns": columns, "min_rows": 1}
    nodes = (ours.text(bind="/committed/a/b/c/d/e"), guests, ours.button(submit=False, key="go"))
    talk = Talk(session)
    first = talk.show(*nodes)
    talk.press({"/committed/a": {"b": {"c": {"d": {"e": "deep"}}}}}, ident="ui--root--go--Button")
    assert ("text", "deep") in talk.screen()
    anew = talk.show(*nodes, update="reset")
    assert [sdk_validate(first), sdk_validate(anew)] == [None, None]
    assert codes(first) == set()


@pytest.mark.parametrize("key", ["x.y", "a/b", "a[0]", "é b"])
def test_keys_are_escaped(session: Session, key: str) -> None:
    """Keys are read as paths."""
    naive = screen({"root": input_at("/draft/x")}, draft={"x": "", key: "kept"})
    send(session, naive)
    if key != "é b":
        assert key not in data_of(session)["draft"]
    assert "DATA_KEY_INVALID" in codes(naive)
    talk = Talk(session)
    talk.show(ours.field(key, default="kept"), ours.button())
    assert ("value", "kept") in talk.screen()
    assert session.press("main", talk.id_of("Button"))["userAction"]["context"][key] == "kept"


def test_an_empty_key_is_escaped(session: Session) -> None:
    """An empty key is dropped, and one with a map takes its parent's place."""
    send(session, [data([{"key": "", "valueString": "lost"}, *entries({"a": 1})])])
    assert data_of(session) == {"a": 1}
    send(session, [data([*entries({"a": 1}), {"key": "", "valueMap": entries({"b": 2})}])])
    assert data_of(session) == {"b": 2}
    assert "DATA_KEY_INVALID" in codes([data([{"key": "", "valueString": "lost"}])])
    assert ids.escape_key("") == "_u_"
    talk = Talk(session)
    talk.show(ours.text(bind="/ui_state/a/"), ours.field())
    talk.patch("/ui_state/a", {"": "kept"})
    assert ("text", "kept") in talk.screen()


def test_paths_hold_no_pointer_escapes(session: Session) -> None:
    """`~1` is two plain characters, so a JSON Pointer and a key do not meet."""
    naive = screen({"root": input_at("/draft/a~1b")}, draft={"a/b": "kept"})
    send(session, naive)
    assert screen_of(session) == [("label", "L"), ("value", "")]
    assert {"DATA_PATH_INVALID", "DATA_KEY_INVALID"} <= codes(naive)
    talk = Talk(session)
    talk.show(ours.field("a/b"), ours.field("a~b"))
    talk.patch("/draft/a~1b", "kept")
    talk.patch("/draft/a~0b", "too")
    assert [text for role, text in talk.screen() if role == "value"] == ["kept", "too"]


@pytest.mark.parametrize("where", ["draft//f/v/", "./draft/f/v", "/draft.f.v"])
def test_a_path_is_spelt_in_one_way(session: Session, where: str) -> None:
    """A place has many spellings, and who compares paths as texts takes them for others."""
    naive = screen({"root": column("a", "b"), "a": input_at(where), "b": text(path("/draft/f/v"))})
    send(session, naive)
    session.edit("main", "a", "![x](https://example.com/x.png)")
    assert ("image", "https://example.com/x.png") in screen_of(session)
    assert "DATA_PATH_INVALID" in codes(naive) or "COMPONENT_TEXT_MARKUP" in codes(naive)
    sent = Talk(session).show(ours.field("f"), ours.text(bind="/draft/f"), ours.field("x.y"))
    assert codes(sent) == set()


@pytest.mark.parametrize("words", ['{"a":1}', "[1,2]", " [] ", "{}", '["a"]'])
def test_a_text_that_reads_as_json_stays_a_text(session: Session, words: str) -> None:
    """Such a string becomes an object, an array or a map."""
    naive = screen({"root": input_at("/v")}, v=words)
    send(session, naive)
    assert not isinstance(data_of(session)["v"], str)
    assert screen_of(session) == [("label", "L"), ("value", "")]
    if words != '["a"]' and words.strip() != "[]":
        assert codes(naive) == {"DATA_UNREPRESENTABLE", "COMPONENT_BOUND_VALUE"}
    result = ours.tried(ours.field(default=words))
    assert ours.found_by(result) == {"A2UI_S2C_DATA_UNREPRESENTABLE"}
    talk = Talk(session)
    talk.show(ours.field(default=words))
    assert ("value", "\u2060" + words) in talk.screen()


def test_maps_are_sent_as_maps(session: Session) -> None:
    """An object in a JSON string reads like a map, but what is written below it is lost."""
    naive = screen({"root": input_at("/draft/a")}, draft='{"a":""}')
    send(session, naive)
    session.edit("main", "root", "typed")
    assert screen_of(session) == [("label", "L"), ("value", "")]
    assert codes(naive) == {"DATA_UNREPRESENTABLE"}
    talk = Talk(session)
    talk.show(ours.field("a"))
    session.edit("main", talk.id_of("TextField"), "typed")
    assert talk.screen() == [("label", "Label"), ("value", "typed")]


def test_an_array_of_records_is_no_json_string(session: Session) -> None:
    """An array whose first item has a `key` becomes a map of typed entries, and loses the rest."""
    rows = '[{"key":"a","name":"Ada"},{"key":"b","name":"Eva"}]'
    naive = screen({"root": repeat("row", "/rows"), "row": text(path("name"))}, rows=rows)
    assert session.apply_many(naive)
    assert ("text", "Ada") not in screen_of(session)
    assert codes(naive) == {"DATA_UNREPRESENTABLE"}
    records = [{"key": "a", "name": "Ada"}, {"key": "b", "name": "Eva"}]
    talk = Talk(session)
    talk.show(ours.text(bind="/ui_state/rows/0/name"), ours.text(bind="/ui_state/rows/1/name"))
    talk.patch("/ui_state/rows", records)
    assert talk.screen() == [("text", "Ada"), ("text", "Eva")]


def test_a_value_is_written_into_its_box(session: Session) -> None:
    """What is written at a path is always a map; a lone value needs the unspecified key `.`."""
    naive = [
        *screen({"root": input_at("/draft/a")}, draft={"a": ""}),
        data({"a": "new"}, path="/draft/a"),
    ]
    send(session, naive)
    assert data_of(session) == {"draft": {"a": {"a": "new"}}}
    assert screen_of(session) == [("label", "L"), ("value", "")]
    assert "DATA_KEY_INVALID" in codes([data({".": "new"}, path="/draft/a")])
    talk = Talk(session)
    talk.show(ours.field("a"))
    talk.patch("/draft/a", "new")
    assert talk.screen() == [("label", "Label"), ("value", "new")]
    assert data_of(session)["draft"] == {"a": {"v": "new"}}


def test_an_emptied_field_holds_its_kinds_neutral_value(session: Session) -> None:
    """A box without a value breaks the input that is bound to it."""
    kinds = ("short_text", "boolean", "date", "choice", "number")
    fields = [ours.field(kind, kind, options=["a"] if kind == "choice" else []) for kind in kinds]
    presets = {"short_text": "x", "boolean": True, "date": "2025-05-06", "choice": "a", "number": 3}
    talk = Talk(session)
    talk.show(*fields, **presets)
    ops = [{"op": "delete", "path": f"/draft/{kind}"} for kind in kinds]
    talk.turn({"type": "ui.patch", "payload": {"ops": ops}})
    assert "broken" not in {role for role, _ in talk.screen()}
    values = [text for role, text in talk.screen() if role in ("value", "header")]
    assert values == ["", "false", "", "Select items", ""]
    send(session, [data([], path=f"/draft/{kind}") for kind in kinds])
    broken = [text for role, text in talk.screen() if role == "broken"]
    assert broken == ["Invalid label", "(invalid)"]


def test_no_two_fields_share_a_key(session: Session) -> None:
    """Of a key that is there twice the last wins, without a word."""
    both = [{"key": "a_b", "valueString": "one"}, {"key": "a_b", "valueString": "two"}]
    send(session, [data(both, path="/draft")])
    assert data_of(session) == {"draft": {"a_b": "two"}}
    assert "DATA_INVALID" in codes([data(both, path="/draft")])
    talk = Talk(session)
    ids = ("a.b", "a_b", "a_u2e_b", "a b")
    talk.show(*(ours.field(ident, default=ident) for ident in ids))
    assert [text for role, text in talk.screen() if role == "value"] == list(ids)


def test_a_text_gives_way_to_the_map_in_its_place(session: Session) -> None:
    """Writing below a text makes a map of it, which its Text then shows."""
    parts = {"root": column("a", "b"), "a": text(path("/c/a")), "b": text(path("/c/a/b"))}
    naive = [*screen(parts, c={"a": "old"}), data({"b": "new"}, path="/c/a")]
    send(session, naive)
    assert screen_of(session) == [("text", "[object Map]"), ("text", "new")]
    talk = Talk(session)
    nodes = [
        ours.text(bind="/committed/a"),
        ours.text(bind="/committed/a/b"),
        ours.button(submit=False),
    ]
    talk.show(*nodes)
    talk.press({"/committed/a": "old"})
    assert talk.screen()[0] == ("text", "old")
    talk.press({"/committed/a": {"b": "new"}})
    assert talk.screen() == [("text", "new"), ("button", "Go")]


@pytest.mark.parametrize("where", ["/missing", "/scalar/below", ""])
def test_a_text_with_nothing_to_read_is_not_sent(session: Session, where: str) -> None:
    """A path to nothing shows `(empty)` to the user."""
    naive = screen({"root": text(path(where))}, scalar="x")
    send(session, naive)
    assert screen_of(session) == [("broken", "(empty)")]
    if where == "":
        assert codes(naive) == {"DATA_PATH_INVALID"}
    talk = Talk(session)
    talk.show(ours.text("before"), ours.text(bind="/committed/missing"))
    assert talk.screen() == [("text", "before")]


def test_typed_text_comes_back_as_text(session: Session) -> None:
    """What a user types is kept as it is; the same text sent back would be parsed."""
    talk = Talk(session)
    talk.show(ours.field("a"), ours.button())
    session.edit("main", talk.id_of("TextField"), "[1,2]")
    step = talk.press()
    assert step.action.context["a"] == "[1,2]"
    talk.show(ours.field("a"), ours.button(), update="reset")
    assert ("value", "\u2060[1,2]") in talk.screen()
    again = session.press(talk.surface_id, talk.id_of("Button"))["userAction"]
    assert again["context"]["a"] == "\u2060[1,2]"
    assert talk.press().action.context["a"] == "[1,2]"
    parts = {"root": column("a", "b"), "a": input_at("/a"), "b": button("t"), "t": text("Go")}
    naive = screen(parts, a="")
    send(session, naive)
    session.edit("main", "a", "[1,2]")
    send(session, [data({"a": data_of(session)["a"]})])
    assert ("value", "[1,2]") not in screen_of(session)
