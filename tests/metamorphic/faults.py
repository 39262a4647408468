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

from uicompiler.backends.a2ui_v0_8 import backend, diff
from uicompiler.backends.a2ui_v0_8.backend import A2uiV08
from uicompiler.backends.a2ui_v0_8.encode import encode
from uicompiler.backends.a2ui_v0_8.lower import view
from uicompiler.backends.a2ui_v0_8.lower.again import Again
from uicompiler.backends.a2ui_v0_8.lower.lowered import Lowered
from uicompiler.backends.a2ui_v0_8.lower.lowering import ERROR_SIGN, Lowering, Terms
from uicompiler.backends.base import Rendered
from uicompiler.ir import changed, data
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


# ---------------------------------------------------------------- faults in how it is made


def unread(name: str) -> Fault:
    """What one of the ways to read tells is not noted, so that a part outlives what it was of."""
    whole = getattr(Lowering, name)

    def fault(patch: pytest.MonkeyPatch) -> None:
        def read(self: Lowering, *arguments: Any) -> Any:
            noted = self.work.open.reads
            found = whole(self, *arguments)
            self.work.open.reads = noted
            return found

        patch.setattr(Lowering, name, read)

    fault.__name__ = f"{name}_is_not_noted"
    return fault


def unchanged_nonce(patch: pytest.MonkeyPatch) -> None:
    """Buttons of another key pass for those there were."""
    whole = view._again

    def again(surface: Surface, terms: Terms, before: Lowered | None) -> Again | None:
        if before is not None:
            before = replace(before, terms=terms)
        return whole(surface, terms, before)

    patch.setattr(view, "_again", again)


def one_component_less(patch: pytest.MonkeyPatch) -> None:
    """Of several parts that changed, the last is passed over."""
    whole = diff.changed_components
    patch.setattr(backend, "changed_components", lambda old, new: whole(old, new)[:-1])


def one_leaf_less(patch: pytest.MonkeyPatch) -> None:
    """Of the display texts that changed, one is passed over."""
    whole = diff.changed_leaves
    patch.setattr(backend, "changed_leaves", lambda old, new: set(sorted(whole(old, new))[1:]))


def moved_unseen(patch: pytest.MonkeyPatch) -> None:
    """A value that went away is not seen to have changed."""
    whole = changed._inside

    def inside(place: Any, old: Any, new: Any) -> Any:
        return [item for item in whole(place, old, new) if item[2] is not data.MISSING]

    patch.setattr(changed, "_inside", inside)


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
    *map(unread, ("value", "error_of", "has_error", "document")),
    unchanged_nonce,
    one_component_less,
    one_leaf_less,
    moved_unseen,
)
