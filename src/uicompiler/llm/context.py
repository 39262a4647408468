"""What a model is told of the screens as they are now: which form, which fields, what is typed.

Data, never instructions: what a user typed, or an app showed, stands in JSON and nowhere else. What
a secret field holds is never told, and all of it is bounded.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import orjson

from uicompiler.app import UIApp
from uicompiler.ir import data
from uicompiler.ir.fields import UPLOAD_HANDLE, is_handle
from uicompiler.ir.inputs import Input
from uicompiler.ir.state import Surface, UIState
from uicompiler.ir.values import Json

_MOST_SURFACES: Final = 8
_MOST_FIELDS: Final = 60
_MOST_OPTIONS: Final = 20
_MOST_CHARACTERS: Final = 400
_MOST_BYTES: Final = 12_000
_SECRET_KINDS: Final = frozenset({"secret"})


def screens(state: UIState | None, app: UIApp) -> list[dict[str, Any]]:
    """What each live surface shows, as JSON objects; the values are what the user has typed."""
    live = [] if state is None else list(state.live_surfaces())
    return [_screen(surface, app) for surface in live[:_MOST_SURFACES]]


def screens_text(state: UIState | None, app: UIApp) -> str:
    """`screens` as compact JSON of bounded size; "" when nothing is shown."""
    told = screens(state, app)
    text = orjson.dumps(told).decode()
    for bare in (_without_values, _without_fields):
        if len(text.encode()) > _MOST_BYTES:
            told = [bare(screen) for screen in told]
            text = orjson.dumps(told).decode()
    return text if told else ""


def _screen(surface: Surface, app: UIApp) -> dict[str, Any]:
    view = surface.view
    name = None if view is None else view.template_id
    template = app.template(name)
    told: dict[str, Any] = {"surface": surface.name}
    if name is not None:
        told["form_id" if name in app.forms else "view_id"] = name
    title = getattr(template, "title", None)
    if isinstance(title, str) and title:
        told["title"] = _bounded(title)
    if view is not None and view.step is not None:
        told["step"] = view.step
    if surface.status == "expired":
        return told | {"expired": True}
    fields = list(_fields(surface, inline=template is None))
    return told | ({"fields": fields} if fields else {})


def _fields(surface: Surface, *, inline: bool) -> Iterator[dict[str, Any]]:
    hidden = surface.secret_ids
    for item in surface.inputs[:_MOST_FIELDS]:
        told: dict[str, Any] = {"id": item.id, "label": _bounded(item.field.label)}
        if inline:
            told |= _kind(item)
        if item.id in hidden or item.field.kind in _SECRET_KINDS:
            yield told | {"secret": True}
        else:
            yield told | _value(data.get(surface.data["draft"], item.place))


def _kind(item: Input) -> dict[str, Any]:
    """What a model knows of a registered form, and not of one that it composed turns ago."""
    options = [option.value for option in item.field.options[:_MOST_OPTIONS]]
    return {"kind": item.field.kind} | ({"options": options} if options else {})


def _value(value: Json) -> dict[str, Any]:
    if value is data.MISSING or value in ("", None, ()):
        return {}
    if _holds_handle(value):
        return {"value": "(a file)"}
    if isinstance(value, str):
        return {"value": _bounded(value)}
    if isinstance(value, (list, tuple)):
        return {"value": [_bounded(str(item)) for item in value[:_MOST_OPTIONS]]}
    return {"value": value} if isinstance(value, (bool, int, float)) else {}


def _holds_handle(value: Json) -> bool:
    items = value if isinstance(value, (list, tuple)) else (value,)
    return any(is_handle(item, UPLOAD_HANDLE) for item in items)


def _bounded(text: str) -> str:
    # A lone surrogate cannot be sent.
    told = text[:_MOST_CHARACTERS].encode("utf-8", "replace").decode()
    return told if len(text) <= _MOST_CHARACTERS else f"{told}…"


def _without_values(screen: Mapping[str, Any]) -> dict[str, Any]:
    fields = [
        {key: value for key, value in field.items() if key not in ("value", "options")}
        for field in screen.get("fields", ())
    ]
    return {**screen, **({"fields": fields} if fields else {})}


def _without_fields(screen: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in screen.items() if key != "fields"}
