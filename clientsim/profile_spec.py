"""The `spec` profile: the v0.8 specification, read strictly.

Read from the protocol: exactly one message key (1.4); components and data are buffered until
`beginRendering` names a root (1.5, 2.1), and the surface is ready once that root is defined;
components come in any order and refer to each other across messages (3.1); an omitted
`catalogId` means the standard catalog (2.1), whose types and properties are then binding; a
message that breaks a rule is refused whole and leaves nothing behind. `path` with a literal
initialises the model (4.2): at once for an absolute path; for a relative one when the tree is
made, where the model has no value yet.

Its own choices, where the text is silent: a second `beginRendering` names a new root; a cycle is
refused by the message that closes it; `.` is the item itself; a slider stores a number; deselecting
everything stores `[]`; a multiple choice also reads a string that holds a JSON array.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields, replace

from clientsim.errors import Refused
from clientsim.jsontext import copy, parse
from clientsim.messages import components
from clientsim.model_spec import (
    Journal,
    as_selections,
    from_contents,
    has_row,
    read,
    resolve,
    write,
)
from clientsim.nodes import Node, depth_first
from clientsim.outline import Sketch
from clientsim.schema_spec import STANDARD_CATALOGS, accept, unknown_types
from clientsim.surface import Surface
from clientsim.tree_spec import Build, build, references, refuse_cycles, sketch
from clientsim.walk import MAX_NODES

_LITERALS = ("literalString", "literalNumber", "literalBoolean", "literalArray")


class Spec:
    """See the module docstring."""

    name = "spec"
    official_looks = False

    def read(self, text: str) -> object:
        """A key that occurs twice makes the line ambiguous, so it is refused."""
        return parse(text, unique_keys=True)

    def apply(self, surfaces: dict[str, Surface], message: object) -> Surface | None:
        """Apply one message, and take it back if anything is refused."""
        kind, body = accept(message)
        surface_id = str(body["surfaceId"])
        if kind == "deleteSurface":
            surfaces.pop(surface_id, None)
            return None
        surface = surfaces.get(surface_id) or Surface({})
        with _whole(surface) as journal:
            _HANDLERS[kind](surface, body, journal)
        surfaces[surface_id] = surface
        return surface

    def reconnect(self, surfaces: dict[str, Surface]) -> None:
        """The protocol knows no connections: a surface lives until it is deleted."""

    def value(self, surface: Surface, path: str, context: str) -> object:
        """The value at a path."""
        return read(surface.data, resolve(path, context))

    def store(self, surface: Surface, path: str, context: str, value: object) -> None:
        """Write what a user entered, and show what depends on it."""
        with _whole(surface) as journal:
            _write(surface, resolve(path, context), value, journal)

    def typed(self, node: Node, value: str) -> str:
        """Every text is taken as it is."""
        return value

    def moved(self, node: Node, value: float) -> object:
        """A slider is bound to a number between its ends, as far as these are given."""
        low, high = node.prop("minValue"), node.prop("maxValue")
        if isinstance(low, int | float):
            value = max(low, value)
        return min(high, value) if isinstance(high, int | float) else value

    def selections(self, value: object) -> list[str]:
        """A list, or a string that holds a JSON array."""
        return as_selections(value)

    def check_selections(self, chosen: list[str], limit: object) -> str | None:
        """`maxAllowedSelections` is a limit."""
        if isinstance(limit, int) and len(chosen) > limit:
            return f"at most {limit} may be selected"
        return None


@contextmanager
def _whole(surface: Surface) -> Iterator[Journal]:
    """All that is done in here is done, or none of it."""
    before, journal = replace(surface), Journal()
    try:
        yield journal
    except Refused:
        journal.take_back()
        for each in fields(surface):
            if each.name != "outline":
                setattr(surface, each.name, getattr(before, each.name))
        raise


def _begin(surface: Surface, body: dict[str, object], journal: Journal) -> None:
    catalog, was_checked = body.get("catalogId"), surface.root is not None and _is_standard(surface)
    surface.catalog_id = catalog if isinstance(catalog, str) else None
    surface.root = str(body["root"])
    surface.styles = body.get("styles", {})
    surface.can_outline = True
    if not was_checked:
        _check_catalog(surface, surface.components)
    _render(surface, journal)


def _declare(surface: Surface, body: dict[str, object], journal: Journal) -> None:
    """Replace components; the tree of an outline that they fit into may stay unmade."""
    declared = {str(each["id"]): each["component"] for each in components(body)}
    for name, component in declared.items():
        journal.put(surface.components, name, component)
        surface.referred.update(references(component))
    refuse_cycles(list(declared), surface.components, surface.referred)
    if surface.root is not None:
        _check_catalog(surface, declared)
    if not _initialise(surface, list(declared.values()), journal):
        surface.outline = None
    elif surface.fits(declared, lambda name: _sketch(surface.components[name])):
        surface.late = _make
        return
    surface.memo = None
    _render(surface, journal)


def _update(surface: Surface, body: dict[str, object], journal: Journal) -> None:
    path = str(body.get("path", "/"))
    _write(surface, path, from_contents(body["contents"]), journal)


_HANDLERS = {"beginRendering": _begin, "surfaceUpdate": _declare, "dataModelUpdate": _update}


def _write(surface: Surface, path: str, value: object, journal: Journal) -> None:
    """Write data; the tree goes only by those that give a template its rows."""
    added = _added(surface, path)
    surface.data = write(surface.data, path, value, journal)
    if added is None:
        _render(surface, journal)
    elif added:
        surface.late = _make


def _is_standard(surface: Surface) -> bool:
    return surface.catalog_id is None or surface.catalog_id in STANDARD_CATALOGS


def _check_catalog(surface: Surface, declared: dict[str, object]) -> None:
    unknown = unknown_types(declared) if _is_standard(surface) else []
    if unknown:
        raise Refused("SIM_CATALOG_UNKNOWN", f"Not in the standard catalog: {', '.join(unknown)}.")


def _initialise(surface: Surface, props: list[object], journal: Journal) -> bool:
    """Absolute paths that come with a literal take its value now (4.2); does the tree stay?"""
    is_sure = True
    for path, literal in _initial_values(props):
        if path.startswith("/"):
            is_sure = is_sure and _added(surface, path) == 0
            surface.data = write(surface.data, path, copy(literal), journal)
    return is_sure


def _sketch(component: object) -> Sketch | None:
    """A component by itself; rows that initialise values do so when the tree is made."""
    if all(path.startswith("/") for path, _ in _initial_values(component)):
        return sketch(component)
    return None


def _added(surface: Surface, path: str) -> int | None:
    """How many nodes a write at a path adds at most; None if only building can tell."""
    last, data = surface.memo, surface.data
    if not isinstance(last, Build):
        return 0 if surface.root is None else None
    added = last.bindings.added(
        path,
        lambda bound, row: has_row(read(data, bound), row),
        lambda: surface.sketched(lambda name: _sketch(surface.components[name])),
    )
    if added is None or last.count + added > MAX_NODES:
        return None
    last.count += added
    return added


def _make(surface: Surface) -> Node | None:
    """Make a tree of which it is known that it is not refused."""
    surface.memo = made = build(str(surface.root), surface.components, surface.data)
    return made.tree


def _render(surface: Surface, journal: Journal) -> None:
    """Make the tree; rows that initialise values of their own may need a second look."""
    if surface.root is None:
        return
    last = surface.memo
    if isinstance(last, Build) and last.survives(surface.root, surface.data):
        return
    try:
        surface.show(_make(surface))
        if _fill_gaps(surface, journal):
            surface.show(_make(surface))
    except Refused:
        surface.outline = None
        raise


def _fill_gaps(surface: Surface, journal: Journal) -> bool:
    """Relative paths that come with a literal take its value where the model has none."""
    filled = False
    for node in depth_first(surface.made):
        for path, literal in _initial_values(node.props):
            place = resolve(path, node.context)
            if not path.startswith("/") and read(surface.data, place) is None:
                surface.data = write(surface.data, place, copy(literal), journal)
                filled = True
    return filled


def _initial_values(props: object) -> list[tuple[str, object]]:
    """Pairs of path and literal in a component's own properties."""
    found: list[tuple[str, object]] = []
    todo = [props]
    while todo:
        item = todo.pop()
        if isinstance(item, list):
            todo.extend(item)
        elif isinstance(item, dict):
            path = item.get("path")
            literal = next((name for name in _LITERALS if name in item), None)
            if isinstance(path, str) and literal is not None:
                found.append((path, item[literal]))
            todo.extend(item.values())
    return found
