"""What tests of traps ask: how the official client took it, and what the checker says."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tests.official.bridge import Session
from uicompiler.a2ui import validate

Message = dict[str, Any]


def literal(words: str) -> Message:
    """A fixed text as a bound value."""
    return {"literalString": words}


def codes(messages: Sequence[Message]) -> set[str]:
    """The codes of what the checker finds, without their common beginning."""
    return {found.code.removeprefix("A2UI_S2C_") for found in validate(messages)}


def send(session: Session, messages: Sequence[Message]) -> None:
    """Send messages that the official client takes without a word."""
    assert [error for error in session.apply_many(messages) if error] == []


def refusal(session: Session, messages: Sequence[Message]) -> str:
    """Why the official client refuses the first message that it refuses."""
    error = next(error for error in session.apply_many(messages) if error)
    return f"{error.name}: {error.message}"


def screen_of(session: Session, surface: str = "main") -> list[tuple[str, str]]:
    """Role and text of everything on the official client's screen."""
    return [(shown.role, shown.text) for shown in session.visible(surface)]


def data_of(session: Session, surface: str = "main") -> Any:
    """The official client's data model, maps as dicts."""
    state = session.state(surface)
    assert state is not None
    return state.data


def tree_of(session: Session, surface: str = "main") -> Message:
    """The official client's tree; each node's properties are under `props`."""
    state = session.state(surface)
    assert state is not None
    assert state.tree is not None
    return state.tree


def ids_of(session: Session, surface: str = "main") -> list[str]:
    """The id of every node that the official client made, in tree order."""
    state = session.state(surface)
    return [] if state is None else list(_ids(state.tree))


def _ids(value: Any) -> list[str]:
    if isinstance(value, list):
        return [ident for item in value for ident in _ids(item)]
    if not isinstance(value, dict):
        return []
    own = [value["id"]] if "id" in value and "type" in value else []
    return own + [ident for item in value.values() for ident in _ids(item)]
