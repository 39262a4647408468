"""Traps of ids and the strings that equal them: section 2 of docs/a2ui-v0_8-traps.md."""

from __future__ import annotations

import json

import pytest

from tests.official.bridge import Session
from tests.official.messages import Message, column, delete, path, screen, text
from uicompiler.backends import ids
from uicompiler.backends.a2ui_v0_8 import names

from . import ours
from .judges import codes, literal, refusal, screen_of, send
from .ours import Talk, components

pytestmark = pytest.mark.official

MARK = "\u2060"
WORDS = ("name", "title", "email", "date", "center", "h1", "star", "body", "v")


def test_ids_are_no_words(session: Session) -> None:
    """A text that equals an id becomes that component."""
    naive = screen({"root": column("title", "t"), "title": text("x"), "t": text("title")})
    send(session, naive)
    assert ("broken", "[object Object]") in screen_of(session)
    assert codes(naive) == {"COMPONENT_ID_COLLISION"}
    talk = Talk(session)
    talk.show(*(ours.text(word, key=word) for word in WORDS))
    assert talk.screen() == [("text", word) for word in WORDS]


def test_no_id_equals_a_string_of_its_own_component(session: Session) -> None:
    """A component whose text is its own id contains itself."""
    naive = screen({"root": text("root")})
    assert "Circular dependency" in refusal(session, naive)
    assert codes(naive) >= {"COMPONENT_ID_COLLISION", "COMPONENT_CYCLE"}
    talk = Talk(session)
    sent = talk.show(ours.field("root", key="root", label="root"))
    assert talk.screen() == [("label", "root"), ("value", "")]
    assert "root" not in {part["id"] for part in components(sent)}


OPTIONS = [{"label": literal("One"), "value": "one"}]
NAMED: dict[str, tuple[Message, tuple[str, str]]] = {
    "h1": (text("Title", usageHint="h1"), ("h1", "Title")),
    "one": (
        {"MultipleChoice": {"selections": path("/m"), "options": OPTIONS}},
        ("selected", "One"),
    ),
    "name": (text(path("name")), ("text", "Ada")),
}
"""By id, a component with a string that equals it, and what it should show."""


@pytest.mark.parametrize("ident", NAMED)
def test_ids_equal_no_enum_option_or_path(session: Session, ident: str) -> None:
    """Enum values, options and paths that equal an id become components too."""
    component, shown = NAMED[ident]
    values = {"name": "Ada", "m": '["one"]'}
    naive = screen({"root": column("other", "c"), "other": text("x"), "c": component}, **values)
    send(session, naive)
    assert shown in screen_of(session)
    naive = screen({"root": column(ident, "c"), ident: text("x"), "c": component}, **values)
    session.apply_many([delete(), *naive])
    assert shown not in screen_of(session)
    assert "COMPONENT_ID_COLLISION" in codes(naive)
    talk = Talk(session)
    sent = talk.show(
        ours.text("Title", style="h1", key="h1"),
        ours.field("one", "choice", options=["one", "h1"], default="one", key="one"),
        ours.text(key="name", bind="/draft/one"),
    )
    assert {("h1", "Title"), ("selected", "one"), ("text", "one")} <= set(talk.screen())
    assert all(part["id"].startswith(ids.ID_PREFIX) for part in components(sent))


def test_a_text_that_looks_like_our_ids_is_marked(session: Session) -> None:
    """Who knows how ids are made could name one."""
    talk = Talk(session)
    sent = talk.show(ours.field("f", label=names.ROOT_ID), ours.button(label=names.ROOT_ID))
    assert talk.screen() == [
        ("label", MARK + names.ROOT_ID),
        ("value", ""),
        ("button", names.ROOT_ID),
    ]
    undone = json.loads(json.dumps(sent, ensure_ascii=False).replace(MARK, ""))
    assert "Circular dependency" in refusal(session, [delete(), *undone])
    assert "COMPONENT_ID_COLLISION" in codes(undone)
