"""What a refused post had typed, laid over the newest view: for one page, never for the state.

Nothing is kept of a refused event. But whoever filled in a form that was no longer the newest sees
the newest one with their own words in it, and sends it again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from uicompiler.backends.base import Backend
from uicompiler.ir import data
from uicompiler.ir.field_kinds import UPLOAD_HANDLE, is_handle
from uicompiler.ir.fields import holds
from uicompiler.ir.inputs import Input, with_values
from uicompiler.ir.reserved import CONTEXT_KEYS, ERRORS_PLACE
from uicompiler.ir.state import Surface, UIState
from uicompiler.ir.values import Json, freeze

_TICKED = ("boolean", "multi_choice")


def laid_over(
    state: UIState,
    event: Mapping[str, Any],
    *,
    backend: Backend,
    owned: Callable[[Input, str], bool],
    problems: Mapping[str, str],
) -> UIState:
    """The state as a page is to show it.

    Args:
        state: The newest state.
        event: The refused event, as `read_form` gave it.
        backend: Reads values as its clients send them.
        owned: Whether a file's handle is one of the conversation's that an input may stand for.
        problems: By input id, what is wrong with it in the user's words.
    """
    body = event.get("userAction")
    if not isinstance(body, Mapping) or not isinstance(body.get("context"), Mapping):
        return state
    address = backend.address(str(body.get("surfaceId")))
    surface = None if address is None else state.surfaces.get(address.surface)
    if surface is None or not surface.live or surface.status != "live":
        return state
    typed = {k: v for k, v in body["context"].items() if k not in CONTEXT_KEYS}
    values = [
        (item, value)
        for item in surface.inputs
        for value in _value(item, _with_unticked(surface, typed), backend, owned)
    ]
    document = data.set_at(surface.data, ("draft",), with_values(surface.data["draft"], values))
    shown = {i.id: problems[i.id] for i in surface.inputs if i.id in problems}
    if shown:
        before = data.get(document, ERRORS_PLACE)
        known = {} if before is data.MISSING else dict(before)
        document = data.set_at(document, ERRORS_PLACE, freeze({**known, **shown}))
    return state.with_surface(replace(surface, data=document))


def _with_unticked(surface: Surface, typed: Mapping[str, Json]) -> Mapping[str, Json]:
    """The values with the boxes nobody ticked, which browsers leave out.

    Only where every other input was posted: then it was this very form.
    """
    boxes = [item.id for item in surface.inputs if item.field.kind in _TICKED]
    others = [
        item.id
        for item in surface.inputs
        if item.field.kind not in (*_TICKED, "choice", "upload", "secret")
    ]
    if not typed or not others or not all(name in typed for name in others):
        return typed
    return {**dict.fromkeys(boxes), **typed}


def _value(
    item: Input, typed: Mapping[str, Json], backend: Backend, owned: Callable[[Input, str], bool]
) -> list[Json]:
    """The value to show for an input: one, or none where the newest one stays."""
    kind = item.field.kind
    if item.id not in typed or kind == "secret":
        return []
    decoded = backend.decode(item.field, typed[item.id])
    value = freeze(decoded.value)
    if decoded.refused is not None or not holds(kind, value):
        return []
    if is_handle(value, UPLOAD_HANDLE) and not owned(item, value):
        return []
    return [value]
