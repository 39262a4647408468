"""Edge cases that users of such a compiler ask for by name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from uicompiler import compile
from uicompiler.a2ui import validate

Message = dict[str, Any]


def _text(ident: str, **text: Any) -> Message:
    return {"id": ident, "component": {"Text": {"text": text or {"literalString": "hello"}}}}


def _column(ident: str, *children: str) -> Message:
    return {"id": ident, "component": {"Column": {"children": {"explicitList": list(children)}}}}


def _update(*components: Message) -> Message:
    return {"surfaceUpdate": {"surfaceId": "main", "components": list(components)}}


def _begin(root: str = "r") -> Message:
    return {"beginRendering": {"surfaceId": "main", "root": root}}


def _delete() -> Message:
    return {"deleteSurface": {"surfaceId": "main"}}


def _codes(*messages: Message) -> list[str]:
    return [item.code for item in validate(messages) if item.severity == "error"]


def test_begin_rendering_gate() -> None:
    """Nothing shows without beginRendering, and it comes once, after what it shows."""
    assert _codes(_update(_text("r")), _begin()) == []
    assert _codes(_update(_text("r"))) == ["A2UI_S2C_BEGIN_MISSING"]
    assert _codes(_begin(), _update(_text("r"))) == ["A2UI_S2C_BEGIN_ROOT_MISSING"]
    assert _codes(_update(_text("r")), _begin(), _begin()) == ["A2UI_S2C_BEGIN_REPEATED"]


def test_root_missing() -> None:
    assert "A2UI_S2C_BEGIN_ROOT_MISSING" in _codes(_update(_text("r")), _begin("other"))
    assert _codes(_begin()) == ["A2UI_S2C_BEGIN_ROOT_MISSING"]


@pytest.mark.parametrize(
    "components",
    [
        [_column("r", "r")],
        [_column("r", "a"), _column("a", "r")],
        [_column("r", "a"), _column("a", "b"), _column("b", "c"), _column("c", "a")],
    ],
)
def test_cycle_detection(components: list[Message]) -> None:
    assert _codes(_update(*components), _begin()) == ["A2UI_S2C_COMPONENT_CYCLE"]
    twice = [_column("r", "a", "b"), _column("a", "c"), _column("b", "c"), _text("c")]
    assert _codes(_update(*twice), _begin()) == []


def test_delete_surface_idempotent() -> None:
    assert _codes(_delete(), _delete()) == []
    assert _codes(_update(_text("r")), _begin(), _delete(), _delete(), _delete()) == []


def _objects(value: object) -> Iterator[dict[str, Any]]:
    items = value.values() if isinstance(value, dict) else value
    if isinstance(value, dict):
        yield value
    for item in items if isinstance(items, (list, tuple)) or isinstance(value, dict) else ():
        yield from _objects(item)


def test_path_plus_literal_never_emitted() -> None:
    both = _text("r", path="/x", literalString="x")
    assert _codes(_update(both), _begin()) == ["A2UI_S2C_COMPONENT_BOUND_VALUE"]
    form = {
        "title": "Contact",
        "fields": [
            {"id": "name", "kind": "short_text", "label": "Name", "default": "Ada"},
            {"id": "agree", "kind": "boolean", "label": "Agree", "default": True},
        ],
    }
    result = compile([{"type": "ui.show_form", "payload": form}])
    assert result.ok, result.diagnostics
    assert any(isinstance(item.get("path"), str) for item in _objects(list(result.messages)))
    for item in _objects(list(result.messages)):
        assert "path" not in item or not any(name.startswith("literal") for name in item)
