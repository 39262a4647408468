"""The `web_core` profile: the official web client, traps included.

Observed: official client (web_core 0.11.0, `A2uiMessageProcessor`). Any message creates its
surface. A message that the schema refuses changes nothing; one that fails later has already
stored its components, root or data, the old tree stays, and every following message on the
surface fails too until it is repaired. What a user enters does not rebuild the tree.
"""

from clientsim import browser
from clientsim.canonical import number_text
from clientsim.errors import Refused
from clientsim.jsontext import parse
from clientsim.messages import components
from clientsim.model_web_core import read, resolve, write
from clientsim.nodes import Node
from clientsim.parts import date_kind
from clientsim.schema_web_core import accept
from clientsim.surface import Surface
from clientsim.tree_web_core import Build, build, has_row, sketch
from clientsim.values import JsArray, JsMap
from clientsim.walk import MAX_NODES


class WebCore:
    """See the module docstring."""

    name = "web_core"
    official_looks = True

    def read(self, text: str) -> object:
        """A host reads lines with `JSON.parse`: of equal keys the last one counts."""
        return parse(text)

    def apply(self, surfaces: dict[str, Surface], message: object) -> Surface | None:
        """Apply one message."""
        return self.carry_out(surfaces, *accept(message))

    def carry_out(
        self, surfaces: dict[str, Surface], kind: str, body: dict[str, object]
    ) -> Surface | None:
        """Do what a checked message says."""
        surface_id = str(body["surfaceId"])
        if kind == "deleteSurface":
            surfaces.pop(surface_id, None)
            return None
        surface = surfaces.setdefault(surface_id, Surface(JsMap()))
        _HANDLERS[kind](surface, body)
        return surface

    def reconnect(self, surfaces: dict[str, Surface]) -> None:
        """The page lives on while the connection is gone: nothing is lost."""

    def value(self, surface: Surface, path: str, context: str) -> object:
        """`.` and the empty path are the data context itself."""
        return read(_model(surface), _full_path(path, context))

    def store(self, surface: Surface, path: str, context: str, value: object) -> None:
        """Write as an input does; an empty list becomes a map. The next message makes new rows."""
        path = _full_path(path, context)
        surface.settle()
        if _added(surface, path) != 0:
            surface.memo = None
        write(_model(surface), path, value)

    def typed(self, node: Node, value: str) -> str:
        """An input holds one line; a number or a date only if it is one."""
        if node.type == "DateTimeInput":
            return browser.moment(value, date_kind(node))
        if node.prop("textFieldType") == "number":
            return browser.number(value)
        return browser.one_line(value)

    def moved(self, node: Node, value: float) -> object:
        """A slider writes the string of its `<input>`, whose range is 0 to 0 by default."""
        low, high = (node.prop(name, 0) for name in ("minValue", "maxValue"))
        if isinstance(low, int | float) and isinstance(high, int | float):
            value = browser.slider(value, low, high)
        return number_text(value)

    def selections(self, value: object) -> list[str]:
        """Only an array counts; a map, as left by deselecting everything, selects nothing."""
        items = value.items if isinstance(value, JsArray) else []
        return [item for item in items if isinstance(item, str)]

    def check_selections(self, chosen: list[str], limit: object) -> str | None:
        """`maxAllowedSelections` is not enforced."""
        return None


def _model(surface: Surface) -> JsMap:
    if not isinstance(surface.data, JsMap):
        raise TypeError("a surface of another profile")
    return surface.data


def _full_path(path: str, context: str) -> str:
    return context if path in ("", ".") else resolve(path, context)


def _begin(surface: Surface, body: dict[str, object]) -> None:
    if surface.root != body["root"]:
        surface.settle()
        surface.memo = None
    surface.root, surface.styles = str(body["root"]), body.get("styles", {})
    surface.can_outline = True
    _verdict(surface)


def _declare(surface: Surface, body: dict[str, object]) -> None:
    """Replace components; the tree of an outline that they fit into may stay unmade."""
    fresh = {str(each["id"]): each["component"] for each in components(body)}
    known = surface.components
    before = {name: known[name] for name in fresh if name in known}
    known.update(fresh)
    if surface.fits(fresh, lambda name: sketch(name, known)):
        surface.late = _make
        return
    if surface.late is not None:
        surface.components = {name: known[name] for name in known if name not in fresh} | before
        surface.settle()
        surface.components = known
    if isinstance(surface.memo, Build) and not surface.memo.survives_components(fresh.keys()):
        surface.memo = None
    _verdict(surface)


def _update(surface: Surface, body: dict[str, object]) -> None:
    """Write data; the tree goes only by those that give a template its rows."""
    path = str(body.get("path", "/"))
    added = _added(surface, path)
    if added is None:
        surface.settle()
    write(_model(surface), path, body["contents"])
    if added is None:
        _rebuild(surface)
    elif added:
        surface.late = _make
    else:
        _verdict(surface)


_HANDLERS = {"beginRendering": _begin, "surfaceUpdate": _declare, "dataModelUpdate": _update}


def _verdict(surface: Surface) -> None:
    """Refuse what the last build refused; build anew if there is none for the present state."""
    if surface.late is not None:
        return
    if not isinstance(surface.memo, Build):
        _rebuild(surface)
    elif surface.memo.refusal is not None:
        raise Refused(surface.memo.refusal.code, surface.memo.refusal.message)


def _rebuild(surface: Surface) -> None:
    """Rebuild the tree, unless all that the last build looked at is as it was."""
    last, model = surface.memo, _model(surface)
    if not surface.root:
        surface.memo = None
        surface.show(None)
        return
    if not isinstance(last, Build) or not last.survives_data(surface.root, model):
        last = surface.memo = build(surface.root, surface.components, model)
    if last.refusal is not None:
        surface.outline = None
        raise Refused(last.refusal.code, last.refusal.message)
    surface.show(last.tree)


def _make(surface: Surface) -> Node | None:
    """Make a tree of which it is known that it is not refused."""
    surface.memo = made = build(str(surface.root), surface.components, _model(surface))
    if made.refusal is not None:
        raise AssertionError(f"an outline was wrong: {made.refusal.message}")
    return made.tree


def _added(surface: Surface, path: str) -> int | None:
    """How many nodes a write at a path adds at most; None if only building can tell."""
    last, model = surface.memo, _model(surface)
    if not isinstance(last, Build):
        return 0
    added = last.bindings.added(
        path,
        lambda bound, row: has_row(read(model, bound), row),
        lambda: surface.sketched(lambda name: sketch(name, surface.components)),
    )
    if added is None or last.count + added > MAX_NODES:
        return None
    last.count += added
    return added
