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

from dataclasses import replace

from clientsim.errors import Refused
from clientsim.jsontext import parse
from clientsim.messages import components
from clientsim.model_spec import as_selections, from_contents, read, resolve, write
from clientsim.nodes import Node, depth_first
from clientsim.schema_spec import STANDARD_CATALOGS, accept, unknown_types
from clientsim.surface import Surface
from clientsim.tree_spec import Build, build, refuse_cycles

_LITERALS = ("literalString", "literalNumber", "literalBoolean", "literalArray")


class Spec:
    """See the module docstring."""

    name = "spec"
    official_looks = False

    def read(self, text: str) -> object:
        """A key that occurs twice makes the line ambiguous, so it is refused."""
        return parse(text, unique_keys=True)

    def apply(self, surfaces: dict[str, Surface], message: object) -> None:
        """Apply one message to a copy, and keep the copy only if nothing was refused."""
        kind, body = accept(message)
        surface_id = str(body["surfaceId"])
        if kind == "deleteSurface":
            surfaces.pop(surface_id, None)
            return
        changed = replace(surfaces.get(surface_id) or Surface({}))
        _HANDLERS[kind](changed, body)
        _render(changed)
        surfaces[surface_id] = changed

    def reconnect(self, surfaces: dict[str, Surface]) -> None:
        """The protocol knows no connections: a surface lives until it is deleted."""

    def value(self, surface: Surface, path: str, context: str) -> object:
        """The value at a path."""
        return read(surface.data, resolve(path, context))

    def store(self, surface: Surface, path: str, context: str, value: object) -> None:
        """Write what a user entered, and show what depends on it."""
        changed = replace(surface, data=write(surface.data, resolve(path, context), value))
        _render(changed)
        surface.data, surface.tree, surface.memo = changed.data, changed.tree, changed.memo

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


def _begin(surface: Surface, body: dict[str, object]) -> None:
    catalog = body.get("catalogId")
    surface.catalog_id = catalog if isinstance(catalog, str) else None
    surface.root = str(body["root"])
    surface.styles = body.get("styles", {})
    _check_catalog(surface, surface.components)


def _declare(surface: Surface, body: dict[str, object]) -> None:
    declared = {str(each["id"]): each["component"] for each in components(body)}
    surface.components = {**surface.components, **declared}
    refuse_cycles(list(declared), surface.components)
    if surface.root is not None:
        _check_catalog(surface, declared)
    for component in declared.values():
        _initialise(surface, component)


def _update(surface: Surface, body: dict[str, object]) -> None:
    path = str(body.get("path", "/"))
    surface.data = write(surface.data, path, from_contents(body["contents"]))


_HANDLERS = {"beginRendering": _begin, "surfaceUpdate": _declare, "dataModelUpdate": _update}


def _check_catalog(surface: Surface, declared: dict[str, object]) -> None:
    standard = surface.catalog_id is None or surface.catalog_id in STANDARD_CATALOGS
    unknown = unknown_types(declared) if standard else []
    if unknown:
        raise Refused("SIM_CATALOG_UNKNOWN", f"Not in the standard catalog: {', '.join(unknown)}.")


def _initialise(surface: Surface, props: object) -> None:
    """Absolute paths that come with a literal take its value now (4.2)."""
    for path, literal in _initial_values(props):
        if path.startswith("/"):
            surface.data = write(surface.data, path, literal)


def _render(surface: Surface) -> None:
    """Make the tree; rows that initialise values of their own may need a second look."""
    if surface.root is None:
        return
    last = surface.memo
    if isinstance(last, Build) and last.survives(surface.root, surface.components, surface.data):
        return
    _build(surface, surface.root)
    before = surface.data
    for node in depth_first(surface.tree):
        for path, literal in _initial_values(node.props):
            place = resolve(path, node.context)
            if not path.startswith("/") and read(surface.data, place) is None:
                surface.data = write(surface.data, place, literal)
    if surface.data is not before:
        _build(surface, surface.root)


def _build(surface: Surface, root: str) -> None:
    made = build(root, surface.components, surface.data)
    surface.memo, surface.tree = made, made.tree


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
