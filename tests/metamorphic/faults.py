"""Ways in which updates could go wrong, made on purpose: each of them has to be found.

A fault changes what the backend sends for an update that is not in full, or how it makes it.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeAlias

import pytest

from uicompiler.backends.a2ui_v0_8.backend import A2uiV08
from uicompiler.backends.a2ui_v0_8.encode import encode
from uicompiler.backends.a2ui_v0_8.lower.lowering import ERROR_SIGN
from uicompiler.backends.base import Rendered
from uicompiler.ir.state import Surface

Fault: TypeAlias = Callable[[pytest.MonkeyPatch], None]
Messages: TypeAlias = list[dict[str, Any]]

_UPDATE = A2uiV08.update


def sending(change: Callable[[Messages, Surface, Surface], Messages]) -> Fault:
    """A fault in what is sent."""

    def fault(patch: pytest.MonkeyPatch) -> None:
        def update(self: A2uiV08, old: Surface, new: Surface, **settings: Any) -> Rendered:
            rendered = _UPDATE(self, old, new, **settings)
            if settings["mode"] == "full" or rendered.failed:
                return rendered
            messages = change(copy.deepcopy(list(rendered.messages)), old, new)
            return replace(rendered, messages=tuple(messages), encoded=encode(messages))

        patch.setattr(A2uiV08, "update", update)

    fault.__name__ = change.__name__
    fault.__doc__ = change.__doc__
    return fault


def dropped_component(messages: Messages, _old: Surface, _new: Surface) -> Messages:
    """One changed component is not sent, where it is the only one."""
    return [
        message
        for message in messages
        if len(message.get("surfaceUpdate", {}).get("components", "..")) != 1
    ]


def _leaf(message: Mapping[str, Any], places: tuple[str, ...]) -> bool:
    path = str(message.get("dataModelUpdate", {}).get("path", ""))
    return path.startswith(places) and not path.startswith("/ui_state/_rev")


def skipped_leaf(messages: Messages, _old: Surface, _new: Surface) -> Messages:
    """The last change of a text or list in the data is not sent."""
    found = [message for message in messages if _leaf(message, ("/committed", "/ui_state"))]
    return [message for message in messages if message not in found[-1:]]


def overwritten_draft(messages: Messages, _old: Surface, new: Surface) -> Messages:
    """A draft that nobody named is written too."""
    texts = [item for item in new.inputs if item.field.kind in ("short_text", "long_text")]
    wire_id = next(iter(messages[0].values()))["surfaceId"]
    for item in texts[:1]:
        path = "/draft/" + item.id
        contents = [{"key": "v", "valueString": "lost"}]
        if item.id.isalnum() and item.id.isascii():
            update = {"surfaceId": wire_id, "path": path, "contents": contents}
            messages.insert(0, {"dataModelUpdate": update})
    return messages


def older_revision(messages: Messages, old: Surface, _new: Surface) -> Messages:
    """The revision is the one before."""
    for message in messages:
        if message.get("dataModelUpdate", {}).get("path") == "/ui_state/_rev":
            message["dataModelUpdate"]["contents"][0]["valueNumber"] = old.rev
    return messages


def forgotten_error(messages: Messages, _old: Surface, _new: Surface) -> Messages:
    """The words of an error are not those that were found."""
    text = json.dumps(messages, ensure_ascii=False)
    found: Messages = json.loads(text.replace(f'"{ERROR_SIGN} ', '"'))
    return found


def everything_twice(messages: Messages, _old: Surface, _new: Surface) -> Messages:
    """The client is the same in the end, and had to read twice as much."""
    return [*messages, *messages]


def order_of_children(messages: Messages, _old: Surface, _new: Surface) -> Messages:
    """Children of a holder stand the other way round."""
    for message in messages:
        for component in message.get("surfaceUpdate", {}).get("components", ()):
            for props in component["component"].values():
                children = props.get("children", {})
                children.get("explicitList", []).reverse()
    return messages


def only_once(patch: pytest.MonkeyPatch) -> None:
    """From a state that was used before, a turn sends something else."""
    used: list[Surface] = []

    def update(self: A2uiV08, old: Surface, new: Surface, **settings: Any) -> Rendered:
        rendered = _UPDATE(self, old, new, **settings)
        again = any(old is known for known in used)
        used.append(old)
        if again and not rendered.failed and settings["mode"] == "diff":
            messages = rendered.messages[:-1] or rendered.messages
            return replace(rendered, messages=messages, encoded=rendered.encoded[: len(messages)])
        return rendered

    patch.setattr(A2uiV08, "update", update)


FAULTS: tuple[Fault, ...] = (
    *map(
        sending,
        (
            dropped_component,
            skipped_leaf,
            overwritten_draft,
            older_revision,
            forgotten_error,
            everything_twice,
            order_of_children,
        ),
    ),
    only_once,
)
