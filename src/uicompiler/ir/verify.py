"""What a well-formed state is, and the check of it; runs after every change.

For every surface:

1.  `epoch` is at least 1 once it has shown something, `rev` at least 0.
2.  A live surface has a view.
3.  The document has exactly the parts draft, committed and ui_state, each an object.
4.  No key in the document or the view is `__proto__`, `constructor` or `prototype`.
5.  Every number is finite; every integer is within 2^53.

For every view:

6.  Field ids differ; the paths of sibling nodes differ.
7.  Depth and number of nodes are within the limits given.
8.  A button names an action that is allowed and sends no more values than that; a submit button
    has fields to send.
9.  A text's `bind` is a pointer into the document, not at a part as a whole.
10. Every field has a value in `/draft`.

All findings are collected; nothing is changed.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator

from uicompiler.canonical import MAX_SAFE_INTEGER
from uicompiler.errors import Diagnostic, diagnostic
from uicompiler.ir.actions import Button
from uicompiler.ir.content import Text
from uicompiler.ir.data import NAMESPACES
from uicompiler.ir.fields import FIELD_KINDS, Field
from uicompiler.ir.reserved import CONTEXT_KEYS, ERRORS_KEY
from uicompiler.ir.state import Surface, UIState
from uicompiler.ir.text import has_surrogates
from uicompiler.ir.tree import NodePath, View, child_paths, fields_of, walk
from uicompiler.ir.values import FORBIDDEN_KEYS, Json
from uicompiler.pointer import PointerError, join, parse


def verify_view(
    view: View,
    *,
    max_depth: int,
    max_nodes: int,
    max_context_keys: int,
    actions: Collection[str] | None,
) -> list[Diagnostic]:
    """Invariants 6 to 9 of one view.

    Args:
        view: The view.
        max_depth: Deepest nesting, the root counting 1.
        max_nodes: Most nodes.
        max_context_keys: Most values a button may send.
        actions: Names of the actions buttons may send; None for any.

    Returns:
        All findings, code DIRECTIVE_VIEW_INVALID, DIRECTIVE_ACTION_UNKNOWN or
        DIRECTIVE_LIMIT_EXCEEDED.
    """
    found: list[Diagnostic] = []
    seen_fields: set[str] = set()
    fields = len(fields_of(view.root))
    for count, (node, path, depth) in enumerate(walk(view.root), start=1):
        if depth > max_depth or count > max_nodes:
            what = f"depth {depth} of {max_depth}" if depth > max_depth else f"{max_nodes} nodes"
            found.append(_finding("DIRECTIVE_LIMIT_EXCEEDED", path, f"the view exceeds {what}"))
            return found
        if isinstance(node, Field):
            if node.id in seen_fields:
                found.append(_invalid(path, f"two fields are named {node.id!r}"))
            seen_fields.add(node.id)
        elif isinstance(node, Button):
            found.extend(_verify_button(node, path, actions, fields))
            found.extend(_verify_context(node, path, fields, max_context_keys))
        elif isinstance(node, Text) and node.bind is not None:
            found.extend(_verify_bind(node.bind, path))
        paths = [below for _, below in child_paths(node, path)]
        if len(set(paths)) != len(paths) and not _same_field_twice(paths):
            found.append(_invalid(path, "two siblings have the same key"))
    return found


def verify_state(state: UIState) -> list[Diagnostic]:
    """Invariants 1 to 5 and 10 of every surface; all findings."""
    found: list[Diagnostic] = []
    for surface in state.surfaces.values():
        found.extend(_verify_surface(surface))
    return found


def verify_stored(state: UIState) -> list[Diagnostic]:
    """What must hold of a state that comes from outside: `verify_state`, the views, and more.

    11. A surface holds boxes of known field kinds only, each with a value in `/draft`.
    12. The draft value of a choice is a text or texts; of a field but a boolean, text or number.
    13. Errors beside fields, `/ui_state/_errors`, are an object.
    14. `offered` holds lists of option values, `past_keys` key ids by epoch.
    """
    found = verify_state(state)
    for surface in state.surfaces.values() if not found else ():
        if surface.view is not None:
            unbounded = MAX_SAFE_INTEGER
            view = surface.view
            found.extend(
                verify_view(
                    view,
                    max_depth=unbounded,
                    max_nodes=unbounded,
                    max_context_keys=unbounded,
                    actions=None,
                )
            )
        found.extend(_verify_client_side(surface))
    return found


def _verify_client_side(surface: Surface) -> Iterator[Diagnostic]:
    at, draft = ("surfaces", surface.name), surface.data["draft"]
    boxes: Json = surface.boxes  # from outside, so that it may be no object
    if not isinstance(boxes, dict) or not all(
        name in draft and kind in FIELD_KINDS for name, kind in boxes.items()
    ):
        yield _invalid((*at, "boxes"), "boxes are field kinds by field id, each with a draft value")
        return
    if not _are_offers(surface.offered) or not _are_keys(surface.past_keys):
        yield _invalid(at, "offered holds lists of option values, past_keys key ids by epoch")
        return
    shown = () if surface.view is None else fields_of(surface.view.root)
    for name, kind in {**boxes, **{field.id: field.kind for field in shown}}.items():
        if not _drafts_as(kind, draft[name]):
            yield _invalid((*at, "data", "draft", name), f"no draft value of a {kind} field")
    if not isinstance(surface.data["ui_state"].get(ERRORS_KEY, {}), dict):
        yield _invalid((*at, "data", "ui_state", ERRORS_KEY), "errors are an object")


def _are_offers(offered: Json) -> bool:
    return isinstance(offered, dict) and all(
        isinstance(values, tuple) and all(isinstance(value, str) for value in values)
        for values in offered.values()
    )


def _are_keys(keys: Json) -> bool:
    return isinstance(keys, dict) and all(
        epoch.isascii() and epoch.isdecimal() and len(epoch) < 10 and isinstance(key, str)
        for epoch, key in keys.items()
    )


def _drafts_as(kind: str, value: Json) -> bool:
    if kind == "boolean":
        return True
    if kind != "choice":
        return isinstance(value, (str, int, float))
    texts = value if isinstance(value, (list, tuple)) else (value,)
    return all(isinstance(item, str) for item in texts)


def _verify_surface(surface: Surface) -> Iterator[Diagnostic]:
    at = ("surfaces", surface.name)
    if surface.epoch < 1 or surface.rev < 0:
        yield _invalid(at, "epoch is at least 1 and rev at least 0")
    if surface.status == "live" and surface.view is None:
        yield _invalid(at, "a live surface has a view")
    if set(surface.data) != set(NAMESPACES) or not all(
        isinstance(part, dict) for part in surface.data.values()
    ):
        yield _invalid(at, f"a document has exactly the parts {', '.join(NAMESPACES)}")
        return
    yield from (_invalid((*at, "data", *place), why) for place, why in bad_values(surface.data))
    if surface.view is not None:
        missing = [f.id for f in fields_of(surface.view.root) if f.id not in surface.data["draft"]]
        if missing:
            yield _invalid(at, f"fields without a draft value: {', '.join(missing)}")


def bad_values(value: Json) -> Iterator[tuple[tuple[str, ...], str]]:
    """Places in a JSON value with a forbidden key, or what has no form every client reads."""
    stack: list[tuple[tuple[str, ...], Json]] = [((), value)]
    while stack:
        place, item = stack.pop()
        if isinstance(item, dict):
            for key, inner in item.items():
                if key in FORBIDDEN_KEYS:
                    yield (*place, key), f"the key {key!r} is forbidden"
                stack.append(((*place, key), inner))
        elif isinstance(item, (list, tuple)):
            stack.extend(((*place, str(i)), inner) for i, inner in enumerate(item))
        elif isinstance(item, str):
            if has_surrogates(item):
                yield place, "a lone surrogate stands in a text"
        elif isinstance(item, float) and not math.isfinite(item):
            yield place, "the number is not finite"
        elif isinstance(item, int) and abs(item) > MAX_SAFE_INTEGER:
            yield place, "the integer is beyond 2^53"


def _verify_button(
    button: Button, path: NodePath, actions: Collection[str] | None, fields: int
) -> Iterator[Diagnostic]:
    if actions is not None and button.action not in actions:
        known = ", ".join(sorted(actions)) or "none"
        yield _finding(
            "DIRECTIVE_ACTION_UNKNOWN",
            path,
            f"the action {button.action!r} is not registered",
            hint=f"registered actions: {known}",
        )
    if button.submit and not fields:
        yield _invalid(path, "a submit button needs fields to send")


def _verify_context(
    button: Button, path: NodePath, fields: int, limit: int
) -> Iterator[Diagnostic]:
    keys = len(button.args) + (fields if button.submit else 0) + len(CONTEXT_KEYS)
    if keys > limit:
        yield _finding(
            "DIRECTIVE_LIMIT_EXCEEDED",
            path,
            f"max_context_keys is {limit}, the button would send {keys}",
            hint="split the form",
        )


def _verify_bind(bind: str, path: NodePath) -> Iterator[Diagnostic]:
    try:
        segments = parse(bind)
    except PointerError:
        segments = ()
    if len(segments) < 2 or segments[0] not in NAMESPACES:
        yield _invalid(path, f"bind is a JSON Pointer below {', '.join(NAMESPACES)}")


def _same_field_twice(paths: list[NodePath]) -> bool:
    others = [path for path in paths if path[0] != "field"]
    return len(set(others)) == len(others)


def _invalid(path: tuple[str, ...], why: str) -> Diagnostic:
    return _finding("DIRECTIVE_VIEW_INVALID", path, why)


def _finding(code: str, path: tuple[str, ...], why: str, hint: str = "") -> Diagnostic:
    place = "/".join(path)
    return diagnostic(code, f"{why} (in {place})", hint=hint, pointer=join(()))
