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
from clientsim.tree_web_core import Build, build
from clientsim.values import JsArray, JsMap


class WebCore:
    """See the module docstring."""

    name = "web_core"
    official_looks = True

    def read(self, text: str) -> object:
        """A host reads lines with `JSON.parse`: of equal keys the last one counts."""
        return parse(text)

    def apply(self, surfaces: dict[str, Surface], message: object) -> None:
        """Apply one message."""
        self.carry_out(surfaces, *accept(message))

    def carry_out(self, surfaces: dict[str, Surface], kind: str, body: dict[str, object]) -> None:
        """Do what a checked message says."""
        surface_id = str(body["surfaceId"])
        if kind == "deleteSurface":
            surfaces.pop(surface_id, None)
            return
        surface = surfaces.setdefault(surface_id, Surface(JsMap()))
        _HANDLERS[kind](surface, body)
        _rebuild(surface)

    def reconnect(self, surfaces: dict[str, Surface]) -> None:
        """The page lives on while the connection is gone: nothing is lost."""

    def value(self, surface: Surface, path: str, context: str) -> object:
        """`.` and the empty path are the data context itself."""
        return read(_model(surface), _full_path(path, context))

    def store(self, surface: Surface, path: str, context: str, value: object) -> None:
        """Write as an input does; an empty list becomes a map."""
        write(_model(surface), _full_path(path, context), value)

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
    surface.root = str(body["root"])
    surface.styles = body.get("styles", {})


def _declare(surface: Surface, body: dict[str, object]) -> None:
    changed = set()
    for instance in components(body):
        name = str(instance["id"])
        changed.add(name)
        surface.components[name] = instance["component"]
    if isinstance(surface.memo, Build) and not surface.memo.survives_components(changed):
        surface.memo = None


def _update(surface: Surface, body: dict[str, object]) -> None:
    write(_model(surface), str(body.get("path", "/")), body["contents"])


_HANDLERS = {"beginRendering": _begin, "surfaceUpdate": _declare, "dataModelUpdate": _update}


def _rebuild(surface: Surface) -> None:
    """Rebuild the tree, unless all that the last build looked at is as it was."""
    if not surface.root:
        surface.tree = None
        return
    last, model = surface.memo, _model(surface)
    if not isinstance(last, Build) or not last.survives_data(surface.root, model):
        last = surface.memo = build(surface.root, surface.components, model)
    if last.refusal is not None:
        raise Refused(last.refusal.code, last.refusal.message)
    surface.tree = last.tree
