"""What a user can do: fill in an input, press a button.

Inputs and buttons are found by the id of their node in the current tree, template suffix
included, depth first; where ids repeat (nested templates over maps) an index says which.
Buttons and inputs inside a modal or a tab that is not in front can be reached as well.

Observed: official client (lit and react 0.11.0): an input writes what its `<input>` holds,
unparsed, to the path it is bound to, seen from its own data context.
"""

import math
from collections.abc import Callable, Mapping
from itertools import islice
from typing import Final

from clientsim.errors import ClientSimError
from clientsim.nodes import Node, depth_first
from clientsim.surface import NO_INPUTS, Profile, Surface
from clientsim.values import to_json

LITERALS: Final = (
    "literalString",
    "literalNumber",
    "literalBoolean",
    "literalArray",
    "literal",
)
INPUTS: Final = {
    "TextField": "text",
    "CheckBox": "value",
    "Slider": "value",
    "DateTimeInput": "value",
    "MultipleChoice": "selections",
}


def bound_value(profile: Profile, surface: Surface, node: Node, bound: object) -> object:
    """What a bound value stands for now, as the model holds it; None if for nothing.

    Observed: the official client prefers a literal. Specification 4.2: a literal beside a path
    only initialises, so `spec` prefers the path.
    """
    if not isinstance(bound, dict):
        return None
    literal = next((bound[name] for name in LITERALS if name in bound), None)
    path = bound.get("path")
    has_path = isinstance(path, str) and path != ""
    if has_path and (literal is None or not profile.official_looks):
        return profile.value(surface, str(path), node.context)
    return literal


def find(surface: Surface, component_id: str, index: int = 0) -> Node:
    """A node by its id, and by its number among those of that id.

    Raises:
        ClientSimError: there is no such node on the screen.
    """
    same = (node for node in depth_first(surface.tree) if node.id == component_id)
    found = next(islice(same, max(index, 0), None), None)
    if found is None or index < 0:
        which = f", number {index}" if index else ""
        raise ClientSimError(f"no component {component_id!r}{which} on the screen")
    return found


def edit(
    profile: Profile,
    surface: Surface,
    node: Node,
    value: object,
    own_inputs: Mapping[str, str] = NO_INPUTS,
) -> None:
    """Enter a value; an input of the host's own stores the text as it is.

    Raises:
        ClientSimError: it is no input, it has no path to write to, or it does not take such a
            value. Nothing is stored then.
    """
    name = {**own_inputs, **INPUTS}.get(node.type or "")
    if name is None:
        raise ClientSimError(f"{node.id!r} is a {node.type}, which is no input")
    path = _path(node, name)
    stored = _EDITS.get(node.type or "", _whole)(profile, surface, node, value)
    profile.store(surface, path, node.context, stored)


def press(
    profile: Profile, surface: Surface, surface_id: str, node: Node, timestamp: str
) -> dict[str, object]:
    """Press a button; the event is built as the official hosts build it.

    Raises:
        ClientSimError: it is no button, or has no named action.

    Source: v0.8 protocol, section 5.2; observed: react 0.11.0 (a missing value is null, an entry
    whose path is empty, as `/item` becomes inside a template, is left out).
    """
    action = node.prop("action")
    if (
        node.type != "Button"
        or not isinstance(action, dict)
        or not isinstance(action.get("name"), str)
    ):
        raise ClientSimError(f"{node.id!r} is a {node.type}, not a button with an action")
    context = {
        entry["key"]: to_json(bound_value(profile, surface, node, entry["value"]))
        for entry in action.get("context", [])
        if not (profile.official_looks and entry["value"] == {"path": ""})
    }
    return {
        "userAction": {
            "name": action["name"],
            "surfaceId": surface_id,
            "sourceComponentId": node.id,
            "timestamp": timestamp,
            "context": context,
        }
    }


def options(node: Node) -> list[dict[str, object]]:
    """The options of a multiple choice."""
    found = node.prop("options")
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def _path(node: Node, name: str) -> str:
    """Where an input writes: to its path, whatever literal stands beside it."""
    bound = node.prop(name)
    path = bound.get("path") if isinstance(bound, dict) else None
    if not isinstance(path, str) or path == "":
        raise ClientSimError(f"{node.id!r} has no path to write to; the client stores nothing")
    return path


def _text(profile: Profile, surface: Surface, node: Node, value: object) -> object:
    if not isinstance(value, str):
        raise ClientSimError(f"{node.id!r} takes a string")
    return profile.typed(node, value)


def _whole(profile: Profile, surface: Surface, node: Node, value: object) -> object:
    if not isinstance(value, str):
        raise ClientSimError(f"{node.id!r} takes a string")
    return value


def _flag(profile: Profile, surface: Surface, node: Node, value: object) -> object:
    if not isinstance(value, bool):
        raise ClientSimError(f"{node.id!r} takes true or false")
    return value


def _number(profile: Profile, surface: Surface, node: Node, value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ClientSimError(f"{node.id!r} takes a number")
    if not math.isfinite(value):
        raise ClientSimError(f"{node.id!r} takes a finite number")
    return profile.moved(node, value)


def _selected(profile: Profile, surface: Surface, node: Node, value: object) -> object:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ClientSimError(f"{node.id!r} takes a list of strings")
    offered = {option.get("value") for option in options(node)}
    for item in value:
        if item not in offered:
            raise ClientSimError(f"{node.id!r} does not offer {item!r}")
    problem = profile.check_selections(value, node.prop("maxAllowedSelections"))
    if problem:
        raise ClientSimError(f"{node.id!r}: {problem}")
    bound = bound_value(profile, surface, node, node.prop("selections"))
    return _toggled(profile.selections(bound), value)


def _toggled(current: list[str], wanted: list[str]) -> list[str]:
    """Options are chosen one by one: those that stay keep their place, new ones come last."""
    kept = [each for each in current if each in wanted]
    return [*kept, *(each for each in dict.fromkeys(wanted) if each not in kept)]


_EDITS: Final[dict[str, Callable[[Profile, Surface, Node, object], object]]] = {
    "TextField": _text,
    "CheckBox": _flag,
    "Slider": _number,
    "DateTimeInput": _text,
    "MultipleChoice": _selected,
}
