"""What a well-formed state is, and the check of it; runs after every change.

For every surface:

1.  `epoch` is at least 1 once it has shown something, `rev` at least 0.
2.  A live surface has a view.
3.  The document has exactly the parts draft, committed and ui_state, each an object.
4.  No key in the document or the view is `__proto__`, `constructor` or `prototype`.
5.  Every number is finite; every integer is within 2^53.

For every view:

6.  Field ids differ; the paths of sibling nodes differ; `tabs` hold nodes of kind `tab`, and
    nothing else does.
7.  Depth and number of nodes are within the limits given.
8.  A button, in an item of a list too, names an action that is allowed and sends no more values
    than that; a submit button has fields to send, on this step of a wizard or on another.
9.  A node's `bind` is a pointer into the document, not at a part as a whole.
10. Every field has a value in `/draft`.

All findings are collected; nothing is changed.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import compress, repeat
from operator import is_not
from typing import Final, NamedTuple

from uicompiler.canonical import MAX_SAFE_INTEGER
from uicompiler.errors import Diagnostic, diagnostic
from uicompiler.ir.actions import Button
from uicompiler.ir.base import Node
from uicompiler.ir.content import Text
from uicompiler.ir.data import MISSING, NAMESPACES, get
from uicompiler.ir.fields import FIELD_KINDS, Field, holds
from uicompiler.ir.figures import KeyValues, Progress
from uicompiler.ir.inputs import place_of
from uicompiler.ir.layout import Tab, Tabs
from uicompiler.ir.lists import (
    MAX_EXPANDED,
    NOT_IN_ITEMS,
    List,
    Table,
    has_buttons,
    nodes_of_item,
    templates_of,
)
from uicompiler.ir.media import Audio, Image, Video
from uicompiler.ir.reserved import CONTEXT_KEYS, ERRORS_KEY
from uicompiler.ir.rows import Rows, row_buttons
from uicompiler.ir.state import Surface, UIState, Verified
from uicompiler.ir.text import has_surrogates
from uicompiler.ir.tree import Editable, Index, NodePath, Spot, View, child_paths, walk
from uicompiler.ir.values import FORBIDDEN_KEYS, Json
from uicompiler.pointer import PointerError, join, parse
from uicompiler.urls import url_refusal


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
    index = view.index
    beyond = None
    if index.depth > max_depth or index.count > max_nodes:
        beyond = _first_beyond(view.root, max_depth, max_nodes)
    terms = _Terms(max_depth, max_context_keys, actions, _most_inputs(index), view.step is not None)
    found: list[Diagnostic] = []
    for spot in index.spots:
        if beyond is not None and spot.number >= beyond.number:
            break
        found.extend(_verify_spot(spot, terms, repeats=spot.number in index.repeated))
    if beyond is not None:
        deep = beyond.depth > max_depth
        what = f"depth {beyond.depth} of {max_depth}" if deep else f"{max_nodes} nodes"
        why = f"the view exceeds {what}"
        found.append(_finding("DIRECTIVE_LIMIT_EXCEEDED", beyond.path, why))
    return found


def _first_beyond(root: Node, max_depth: int, max_nodes: int) -> Spot:
    """The first node that is too deep or one too many; there is one."""
    return next(
        Spot(number, node, path, depth)
        for number, (node, path, depth) in enumerate(walk(root), start=1)
        if depth > max_depth or number > max_nodes
    )


class _Terms(NamedTuple):
    """What holds for every node of a view.

    Attributes:
        max_depth: As of `verify_view`, like the next two.
        max_context_keys: See there.
        actions: See there.
        fields: How many values a submit sends at most.
        in_flow: Whether the view is one step of several.
    """

    max_depth: int
    max_context_keys: int
    actions: Collection[str] | None
    fields: int
    in_flow: bool


def _verify_spot(spot: Spot, terms: _Terms, *, repeats: bool) -> Iterator[Diagnostic]:
    """Invariants 6 to 9 of one node."""
    _, node, path, depth = spot
    # Most are one of these two, and nothing else can be said of it.
    if type(node) is Button:
        yield from _verify_button(node, path, terms)
        return
    if type(node) is Text:
        if node.bind is not None:
            yield from _verify_bind(node.bind, path)
        return
    if repeats and isinstance(node, (Field, Rows)):
        yield _invalid(path, f"two fields are named {node.id!r}")
    if isinstance(node, Rows):
        for button in (*node.buttons, *row_buttons(node, {}).values()):
            yield from _verify_button(button, path, terms._replace(in_flow=False))
    elif isinstance(node, Button):
        yield from _verify_button(node, path, terms)
    for bind in _binds(node):
        yield from _verify_bind(bind, path)
    inner = tuple(child_paths(node, path))
    yield from _verify_tabs(node, inner, path, depth)
    if isinstance(node, (List, Table)):
        left = terms._replace(max_depth=terms.max_depth - depth, fields=0, in_flow=False)
        yield from _verify_item(node, path, left)
    paths = [below for _, below in inner]
    if len(set(paths)) != len(paths) and not _same_field_twice(paths):
        yield _invalid(path, "two siblings have the same key")


def verify_urls(
    root: Node, schemes: Collection[str], place: tuple[str | int, ...] = ()
) -> list[Diagnostic]:
    """Whether the fixed URLs of a tree may go out; one that is bound is known once it is shown.

    Args:
        root: The tree, in the items of its lists too.
        schemes: Those allowed.
        place: Where the tree stands in what was written.

    Returns:
        All findings, code DIRECTIVE_URL_FORBIDDEN, each with a pointer to its URL.
    """
    found: list[Diagnostic] = []
    todo: list[tuple[tuple[str | int, ...], object]] = [(place, root)]
    while todo:
        at, item = todo.pop()
        inner: Iterable[tuple[str | int, object]] = ()
        if isinstance(item, Node):
            why = url_refusal(item.url, schemes) if isinstance(item, _MEDIA) and item.url else None
            if why is not None:
                found.append(_url_finding(why, (*at, "url"), schemes))
            inner = item
        elif isinstance(item, tuple):
            inner = enumerate(item)
        todo.extend(((*at, step), below) for step, below in inner if isinstance(below, _HOLDERS))
    return sorted(found, key=lambda finding: finding.pointer)


def shows_forbidden(view: View, schemes: Collection[str]) -> bool:
    """Whether `verify_urls` would find anything in a view; it says where, and takes longer."""
    index = view.index
    if index.foreign:
        return bool(verify_urls(view.root, schemes))
    urls = (node.url for node in index.media if isinstance(node, _MEDIA))
    return any(url_refusal(url, schemes) is not None for url in urls if url)


_MEDIA: Final = (Image, Video, Audio)
_HOLDERS: Final = (Node, tuple)


def _url_finding(why: str, place: tuple[str | int, ...], schemes: Collection[str]) -> Diagnostic:
    hint = f"write an absolute URL ({', '.join(sorted(schemes))}) of a public host"
    return diagnostic(
        "DIRECTIVE_URL_FORBIDDEN", f"the URL may not go out: {why}", pointer=join(place), hint=hint
    )


def verify_names(view: View, document: Json) -> list[Diagnostic]:
    """Whether the items of every list with buttons have names, given what is in the document.

    Returns:
        All findings, code DIRECTIVE_VIEW_INVALID.
    """
    return [
        _invalid(path, "an array's items have buttons, so that item_key has to name them")
        for _, node, path, _ in view.index.lists
        if isinstance(node, (List, Table))
        and node.bind is not None
        and node.item_key is None
        and has_buttons(node)
        and isinstance(get(document, parse(node.bind)), (tuple, list))
    ]


def verify_state(state: UIState) -> list[Diagnostic]:
    """Invariants 1 to 5 and 10 of every surface; all findings."""
    return [finding for surface in state.surfaces.values() for finding in verify_surface(surface)]


def verify_stored(state: UIState) -> list[Diagnostic]:
    """What must hold of a state that comes from outside: `verify_state`, the views, and more.

    11. A surface holds boxes of known field kinds only, each with a value in `/draft`.
    12. The draft value of a choice is a text or texts; of a field but a boolean, text or number.
    13. Errors beside fields, `/ui_state/_errors`, are an object.
    14. `offered` holds lists of option values, `past_keys` key ids by epoch, `named` revisions by
        input id.
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
        get(draft, place_of(name)) is not MISSING and kind in FIELD_KINDS
        for name, kind in boxes.items()
    ):
        yield _invalid((*at, "boxes"), "boxes are field kinds by input id, each with a draft value")
        return
    if not _are_offers(surface.offered) or not _are_keys(surface.past_keys):
        yield _invalid(at, "offered holds lists of option values, past_keys key ids by epoch")
        return
    if not _are_revisions(surface.named):
        yield _invalid((*at, "named"), "named holds revisions by input id")
        return
    for name, kind in {**boxes, **{item.id: item.field.kind for item in surface.inputs}}.items():
        if not holds(kind, get(draft, place_of(name))):
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


def _are_revisions(named: Json) -> bool:
    return isinstance(named, dict) and all(
        isinstance(rev, int) and not isinstance(rev, bool) and rev > 0 for rev in named.values()
    )


def verify_surface(surface: Surface) -> Iterator[Diagnostic]:
    """Invariants 1 to 5 and 10 of one surface; what was verified before is not looked at again."""
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
    known = surface.verified
    if not is_sound(surface.data, known.document):
        yield from (_invalid((*at, "data", *place), why) for place, why in bad_values(surface.data))
    draft = surface.data["draft"]
    if surface.view is not None and not _is_known(surface, known):
        missing = _without_draft(surface.view, draft)
        if missing:
            yield _invalid(at, f"fields without a draft value: {', '.join(missing)}")


def _is_known(surface: Surface, known: Verified) -> bool:
    """Whether every field of the view had its draft value before, and there are no rows."""
    if surface.view is None or surface.view is not known.view or surface.view.index.rows:
        return False
    draft, before = surface.data["draft"], known.document["draft"]
    return draft is before or (len(draft) == len(before) and list(draft) == list(before))


def as_verified(surface: Surface) -> Surface:
    """The surface that knows that nothing was found in it."""
    known = surface.verified
    if known.view is surface.view and known.document is surface.data:
        return surface
    return replace(surface, verified=Verified(surface.view, surface.data))


def _without_draft(view: View, draft: Mapping[str, Json]) -> list[str]:
    """Ids of fields and rows that have no value in the draft, or none that fits rows."""
    index = view.index
    if index.field_ids <= draft.keys() and all(_has_draft(rows, draft) for rows in index.rows):
        return []
    return [node.id for node in index.editables if not _has_draft(node, draft)]


def _has_draft(node: Editable, draft: Mapping[str, Json]) -> bool:
    if isinstance(node, Field):
        return node.id in draft
    value = draft.get(node.id)
    columns = {column.id for column in node.columns}
    return isinstance(value, dict) and all(
        cells is None or (isinstance(cells, dict) and columns <= cells.keys())
        for cells in value.values()
    )


def is_sound(value: Json, known: Json = None) -> bool:
    """Whether `bad_values` finds nothing.

    Args:
        value: A JSON value.
        known: One of which that is known; what both share is not looked at again.
    """
    todo = [(value, known)]
    while todo:
        item, before = todo.pop()
        if isinstance(item, dict) and any(key in item for key in FORBIDDEN_KEYS):
            return False
        for inner, was in _news(_parts(item), _parts(before)):
            kind = type(inner)
            if kind is str:
                if has_surrogates(inner):
                    return False
            elif issubclass(kind, (dict, list, tuple)):
                todo.append((inner, was))
            elif next(bad_values(inner), None) is not None:
                return False
    return True


def _parts(value: Json) -> Collection[Json]:
    """The values directly in one; of what holds none, itself."""
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, (list, tuple)) else (value,)


def _news(new: Collection[Json], old: Collection[Json]) -> Iterator[tuple[Json, Json]]:
    """The new values that do not stand at their position among the old ones, each with that one."""
    others = list(old)
    others += repeat(None, len(new) - len(others))
    return compress(zip(new, others, strict=False), map(is_not, new, others))


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
        elif item is not None and not isinstance(item, (bool, int, float)):
            yield place, f"a {type(item).__name__} is no JSON value"


def _verify_button(button: Button, path: NodePath, terms: _Terms) -> Iterator[Diagnostic]:
    actions, fields = terms.actions, terms.fields
    if actions is not None and button.action not in actions:
        known = ", ".join(sorted(actions)) or "none"
        yield _finding(
            "DIRECTIVE_ACTION_UNKNOWN",
            path,
            f"the action {button.action!r} is not registered",
            hint=f"registered actions: {known}",
        )
    if button.submit and not fields and not terms.in_flow:
        yield _invalid(path, "a submit button needs fields to send")
    keys = len(button.args) + (fields if button.submit else 0) + len(CONTEXT_KEYS)
    if keys > terms.max_context_keys:
        yield _finding(
            "DIRECTIVE_LIMIT_EXCEEDED",
            path,
            f"max_context_keys is {terms.max_context_keys}, the button would send {keys}",
            hint="split the form",
        )


def _verify_tabs(
    node: Node, inner: Iterable[tuple[Node, NodePath]], path: NodePath, depth: int
) -> Iterator[Diagnostic]:
    wrong = [at for child, at in inner if isinstance(child, Tab) != isinstance(node, Tabs)]
    if depth == 1 and isinstance(node, Tab):
        wrong.append(path)
    for at in wrong:
        yield _invalid(at, "tabs hold nodes of kind tab, and nothing else does")


def _binds(node: Node) -> list[str]:
    """What a node reads from the document, by `bind`."""
    if isinstance(node, KeyValues):
        return [item.bind for item in node.items if item.bind is not None]
    if isinstance(node, (Text, Image, Progress, List, Table)):
        return [] if node.bind is None else [node.bind]
    return []


def _verify_item(node: List | Table, path: NodePath, terms: _Terms) -> Iterator[Diagnostic]:
    """What stands for every item of a list, whose depth counts from there."""
    nodes = nodes_of_item(node)
    if nodes * node.max_items > MAX_EXPANDED:
        what = f"{nodes} nodes for each of up to {node.max_items} items, of {MAX_EXPANDED} in all"
        yield _finding("DIRECTIVE_LIMIT_EXCEEDED", path, f"the list holds {what}")
    for template, below in templates_of(node):
        for inner, at, depth in walk(template, (*path, "item", *below)):
            if depth > terms.max_depth:
                what = "the item of a list nests too deeply"
                yield _finding("DIRECTIVE_LIMIT_EXCEEDED", at, what)
                return
            if inner.node in NOT_IN_ITEMS:
                yield _invalid(at, f"an item of a list holds no {inner.node}")
            if isinstance(inner, Button):
                yield from _verify_button(inner, at, terms)
            for bind in _binds(inner):
                yield from _verify_item_bind(bind, at)
            paths = [place for _, place in child_paths(inner, at)]
            if len(set(paths)) != len(paths):
                yield _invalid(at, "two siblings have the same key")


def _verify_item_bind(bind: str, path: NodePath) -> Iterator[Diagnostic]:
    """A pointer into the document; or one into the item, without its first slash."""
    if bind.startswith("/"):
        yield from _verify_bind(bind, path)
        return
    try:
        segments = parse(f"/{bind}")
    except PointerError:
        segments = ("",)
    if not all(segments) or FORBIDDEN_KEYS & set(segments):
        yield _invalid(path, "a bind in an item is `.`, or a path such as address/city")


def _verify_bind(bind: str, path: NodePath) -> Iterator[Diagnostic]:
    try:
        segments = parse(bind)
    except PointerError:
        segments = ()
    known = len(segments) > 1 and segments[0] in NAMESPACES
    if not known or FORBIDDEN_KEYS & set(segments):
        yield _invalid(path, f"bind is a JSON Pointer below {', '.join(NAMESPACES)}")


def _most_inputs(index: Index) -> int:
    """How many values the fields and rows of a view may send."""
    cells = sum(rows.max_rows * len(rows.columns) for rows in index.rows)
    return len(index.editables) - len(index.rows) + cells


def _same_field_twice(paths: list[NodePath]) -> bool:
    others = [path for path in paths if path[0] != "field"]
    return len(set(others)) == len(others)


def _invalid(path: tuple[str, ...], why: str) -> Diagnostic:
    return _finding("DIRECTIVE_VIEW_INVALID", path, why)


def _finding(code: str, path: tuple[str, ...], why: str, hint: str = "") -> Diagnostic:
    place = "/".join(path)
    return diagnostic(code, f"{why}{_IN}{place})", hint=hint, pointer=join(()))


_IN: Final = " (in "


def told(finding: Diagnostic) -> tuple[str, str]:
    """What a finding of this module says, and the path of the node it says it of."""
    why, _, place = finding.message.rpartition(_IN)
    return why, place.removesuffix(")")
