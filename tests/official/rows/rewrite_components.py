"""How official clients read `surfaceUpdate` differently: references, types, properties, ids."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator
from typing import Any

from tests.official.messages import Message
from tests.official.sdk import catalogs

from .rewrite_data import converted, harmless, read_by_core, read_by_web
from .row import Scene, body_of, checked, copied, edited

Json = Any
Part = dict[str, Json]
"""One component with its id, as messages list them."""

LISTS = ("Row", "Column", "List")
OWN = ("id", "component")
CHILDREN = {"explicitList", "template"}


@functools.cache
def standard() -> dict[str, dict[str, Json]]:
    """The standard catalog's schemas by type."""
    found: dict[str, dict[str, Json]] = catalogs()[0].to_json()["components"]
    return found


# ---------------------------------------------------------------- walking components


def parts_of(message: Json) -> list[Part]:
    """The components of a message that has an id and one object per component, else none."""
    body = body_of(message, "surfaceUpdate")
    listed = None if body is None else body.get("components")
    return [part for part in listed if _whole(part)] if isinstance(listed, list) else []


def _whole(part: Json) -> bool:
    return (
        isinstance(part, dict)
        and isinstance(part.get("id"), str)
        and isinstance(part.get("component"), dict)
    )


def each(message: Json, edit: Callable[[Part], object]) -> list[Json]:
    """The message with every well-formed component changed in a copy."""

    def every(body: dict[str, Json]) -> None:
        for part in parts_of({"surfaceUpdate": body}):
            edit(part)

    return edited(message, "surfaceUpdate", every)


def shape_of(part: Part) -> tuple[str, dict[str, Json]]:
    """Type and properties; no type when there is not just one with an object."""
    if len(part["component"]) != 1:
        return "", {}
    [(kind, props)] = part["component"].items()
    return (kind, props) if isinstance(props, dict) else ("", {})


def references(part: Part) -> Iterator[tuple[Json, Json]]:
    """Where a component names others: what holds the id, and the key of it."""
    kind, props = shape_of(part)
    children = props.get("children") if kind in LISTS else None
    if isinstance(children, dict):
        listed = children.get("explicitList")
        yield from (
            ((listed, index) for index in range(len(listed))) if isinstance(listed, list) else ()
        )
        if isinstance(children.get("template"), dict):
            yield children["template"], "componentId"
    if kind == "Tabs" and isinstance(props.get("tabItems"), list):
        yield from ((item, "child") for item in props["tabItems"] if isinstance(item, dict))
    single = {
        "Card": ("child",),
        "Button": ("child",),
        "Modal": ("entryPointChild", "contentChild"),
    }
    yield from ((props, key) for key in single.get(kind, ()))


def names_in(part: Part) -> list[str]:
    """The ids that a component names."""
    found = (holder.get(key) if isinstance(holder, dict) else holder[key]
             for holder, key in references(part))  # fmt: skip
    return [name for name in found if isinstance(name, str) and name]


def bound_values(part: Part) -> Iterator[tuple[dict[str, Json], str, dict[str, Json]]]:
    """Where bound values stand by the catalog: what holds one, its key, and its schema."""
    kind, props = shape_of(part)
    yield from _bound(props, standard().get(kind, {}))


def _bound(value: Json, schema: Json) -> Iterator[tuple[dict[str, Json], str, dict[str, Json]]]:
    if isinstance(value, list):
        for item in value:
            yield from _bound(item, schema.get("items", {}))
    if isinstance(value, dict):
        for key, inner in schema.get("properties", {}).items():
            if key in value and "path" in inner.get("properties", {}):
                yield value, key, inner
            elif key in value:
                yield from _bound(value[key], inner)


# ---------------------------------------------------------------- ids and references


def texts_as_ids(message: Json, scene: Scene) -> list[Json]:
    """Give components whose id is also a text another id."""
    renamed = {name: f"{name}--id" for name in scene.taken}

    def rename(part: Part) -> None:
        for holder, key in references(part):
            _put(holder, key, renamed)
        part["id"] = renamed.get(part["id"], part["id"])

    def root(body: dict[str, Json]) -> None:
        _put(body, "root", renamed)

    return edited(each(message, rename)[0], "beginRendering", root)


def _put(holder: Json, key: Json, names: dict[str, str]) -> None:
    there = holder.get(key) if isinstance(holder, dict) else holder[key]
    if isinstance(there, str):
        holder[key] = names.get(there, there)


def ids_and_texts(messages: list[Json]) -> frozenset[str]:
    """Ids that are defined or named, and a string in a component besides, but in its actions."""
    parts = [part for message in messages for part in parts_of(message)]
    texts = {text for part in parts for text in _texts(part)}
    texts |= {_from_item(text) for text in texts}
    ids = {part["id"] for part in parts} | {name for part in parts for name in names_in(part)}
    return frozenset(texts & ids)


def _texts(part: Part) -> Iterator[str]:
    bare = copied(part)
    for holder, key in references(bare):
        if isinstance(holder, dict):
            holder.pop(key, None)
        else:
            holder[key] = None
    yield from _strings(bare["component"])


def _strings(value: Json) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for item in value if isinstance(value, list) else ():
        yield from _strings(item)
    for key, item in value.items() if isinstance(value, dict) else ():
        if key != "action":
            yield from _strings(item)


def missing_references(message: Json, scene: Scene) -> list[Json]:
    """Send again what a message refers to and does not hold; a Divider where nobody knows it."""

    def complete(body: dict[str, Json]) -> None:
        known = scene.components.get(body["surfaceId"], {})
        here = {part["id"] for part in parts_of(message)}
        for part in body["components"]:  # grows while it is walked
            for name in names_in(part) if _whole(part) else ():
                if name not in here:
                    here.add(name)
                    again = copied(known.get(name, {"Divider": {}}))
                    body["components"].append({"id": name, "component": again})

    return edited(message, "surfaceUpdate", complete) if parts_of(message) else [message]


def cycles(message: Json, scene: Scene) -> list[Json]:
    """A Divider in the place of a component that closes a circle."""
    body = body_of(message, "surfaceUpdate")
    known = {} if body is None else scene.components.get(body["surfaceId"], {})
    parts = {name: {"id": name, "component": component} for name, component in known.items()}
    parts |= {part["id"]: part for part in parts_of(message)}
    closing = _closing({name: names_in(part) for name, part in parts.items()})

    def cut(part: Part) -> None:
        if part["id"] in closing:
            part["component"] = {"Divider": {}}

    return each(message, cut)


def _closing(graph: dict[str, list[str]]) -> set[str]:
    """Nodes with an edge back to one that leads to them."""
    closing: set[str] = set()
    done: set[str] = set()

    def visit(name: str, above: tuple[str, ...]) -> None:
        for child in graph.get(name, ()):
            if child in (*above, name):
                closing.add(name)
            elif child not in done:
                visit(child, (*above, name))
        done.add(name)

    for name in graph:
        if name not in done:
            visit(name, ())
    return closing


# ---------------------------------------------------------------- types and properties


def no_components(message: Json, _scene: Scene) -> list[Json]:
    """Nothing at all."""
    body = body_of(message, "surfaceUpdate")
    empty = body is not None and body.keys() == {"surfaceId", "components"}
    return [] if empty and body is not None and body["components"] == [] else [message]


def unknown_types(message: Json, _scene: Scene) -> list[Json]:
    """A Divider in the place of a type that the catalog does not have."""

    def replace(part: Part) -> None:
        kinds = list(part["component"])
        if kinds and kinds[0] not in standard():
            part["component"] = {"Divider": {}}

    return each(message, replace)


def own_keys(message: Json, _scene: Scene) -> list[Json]:
    """Leave out properties that are called `id` or `component`."""

    def drop(part: Part) -> None:
        for name in OWN:
            shape_of(part)[1].pop(name, None)

    return each(message, drop)


def empty_ids(message: Json, _scene: Scene) -> list[Json]:
    """Give a component with an empty id another one."""

    def rename(part: Part) -> None:
        for holder, key in references(part):
            _put(holder, key, {"": "_"})
        part["id"] = part["id"] or "_"

    return each(message, rename)


def null_props(message: Json, _scene: Scene) -> list[Json]:
    """Leave out what is null."""

    def drop(part: Part) -> None:
        for holder in (part, *_objects(shape_of(part)[1])):
            for name in [name for name in holder if holder[name] is None]:
                del holder[name]

    return each(message, drop)


def _objects(value: Json) -> Iterator[dict[str, Json]]:
    if isinstance(value, dict):
        yield value
    for item in (
        value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    ):
        yield from _objects(item)


def lenient_props(message: Json, _scene: Scene) -> list[Json]:
    """Write numbers and booleans as what they are, and whole numbers whole."""

    def convert(part: Part) -> None:
        if "weight" in part:
            part["weight"] = converted(part["weight"], "number")
        kind, props = shape_of(part)
        _convert(props, standard().get(kind, {}))

    return each(message, convert)


def _convert(value: Json, schema: Json) -> None:
    for item in value if isinstance(value, list) else ():
        _convert(item, schema.get("items", {}))
    for key, inner in schema.get("properties", {}).items() if isinstance(value, dict) else ():
        if key in value:
            _convert(value[key], inner)
            value[key] = converted(value[key], inner.get("type", ""))


def selections(message: Json, _scene: Scene) -> list[Json]:
    """A whole number of selections."""

    def cut(part: Part) -> None:
        most = _of(part, "MultipleChoice").get("maxAllowedSelections")
        if isinstance(most, float):
            _of(part, "MultipleChoice")["maxAllowedSelections"] = int(most)

    return each(message, cut)


def tildes(message: Json, _scene: Scene) -> list[Json]:
    """Leave out of paths a `~` that is no escape."""

    def drop(part: Part) -> None:
        for holder in _objects(part["component"]):
            if isinstance(holder.get("path"), str):
                holder["path"] = re.sub(r"~(?![01])", "_", holder["path"])

    return each(message, drop)


def one_type(message: Json, _scene: Scene) -> list[Json]:
    """The first of several types; a Divider where there is none."""

    def settle(part: Part) -> None:
        kind = next(iter(part["component"]), "Divider")
        part["component"] = {kind: part["component"].get(kind, {})}

    return each(message, settle)


def unknown_props(message: Json, _scene: Scene) -> list[Json]:
    """Leave out properties that the catalog does not have."""

    def drop(part: Part) -> None:
        for props, known in _loose(part):
            kept = OWN if props is shape_of(part)[1] else ()  # these have a row of their own
            for name in [name for name in props if name not in (*known, *kept)]:
                del props[name]

    return each(message, drop)


def _loose(part: Part) -> Iterator[tuple[dict[str, Json], dict[str, Json]]]:
    """The objects in a component that `web_core` lets have more keys, and the keys they have."""
    kind, props = shape_of(part)
    places: dict[str, tuple[tuple[str, ...], ...]] = {
        **dict.fromkeys(LISTS, ((), ("children", "template"))),
        "MultipleChoice": ((), ("options", "*")),
        "Button": ((), ("action",), ("action", "context", "*")),
        "Tabs": ((), ("tabItems", "*", "title")),
    }
    for place in places.get(kind, ((),)) if kind in standard() else ():
        yield from _objects_at(props, standard()[kind], place)


def _objects_at(
    value: Json, schema: Json, place: tuple[str, ...]
) -> Iterator[tuple[dict[str, Json], dict[str, Json]]]:
    """The objects at a place below a value, `*` for each of a list, with their known keys."""
    if place[:1] == ("*",):
        for item in value if isinstance(value, list) else ():
            yield from _objects_at(item, schema.get("items", {}), place[1:])
    elif isinstance(value, dict) and place:
        inner = schema.get("properties", {}).get(place[0], {})
        yield from _objects_at(value.get(place[0]), inner, place[1:])
    elif isinstance(value, dict):
        yield value, schema.get("properties", {})


def variant(message: Json, _scene: Scene) -> list[Json]:
    """Leave `variant` out."""
    return each(message, lambda part: _of(part, "MultipleChoice").pop("variant", None))


def options(message: Json, _scene: Scene) -> list[Json]:
    """Say outright that there are no options."""

    def say(part: Part) -> None:
        if shape_of(part)[0] == "MultipleChoice":
            shape_of(part)[1].setdefault("options", [])

    return each(message, say)


def _of(part: Part, kind: str) -> dict[str, Json]:
    """The properties of a component of a type; an empty object of no use for another's."""
    return shape_of(part)[1] if shape_of(part)[0] == kind else {}


def weights(message: Json, _scene: Scene) -> list[Json]:
    """Leave `weight` out."""
    return each(message, lambda part: part.pop("weight", None))


def literals(message: Json, _scene: Scene) -> list[Json]:
    """Say what kind of literal it is."""

    def name(part: Part) -> None:
        for holder, key, schema in bound_values(part):
            value = holder[key]
            kinds = [kind for kind in schema["properties"] if kind.startswith("literal")]
            if isinstance(value, dict) and "literal" in value and kinds[0] not in value:
                holder[key] = {kinds[0] if one == "literal" else one: value[one] for one in value}

    return each(message, name)


def _from_item(where: str) -> str:
    """A path as `web_core` leaves it in a template, to the point where it changes no more."""
    shorter = where
    for start in (r"^\.?/item", r"^\.?/text", r"^\.?/label", r"^\.?/"):
        shorter = re.sub(start, "", shorter)
    return where if shorter == where else _from_item(shorter)


def no_props(message: Json, _scene: Scene) -> list[Json]:
    """An object in the place of properties that are none."""

    def replace(part: Part) -> None:
        for kind, props in part["component"].items():
            part["component"][kind] = props if isinstance(props, dict) else {}

    return each(message, replace)


def one_value(message: Json, _scene: Scene) -> list[Json]:
    """The first of several ways to give a value; a path nobody uses where there is none."""

    def settle(part: Part) -> None:
        for holder, key, schema in bound_values(part):
            value = holder[key]
            if (
                isinstance(value, dict)
                and len(value) != 1
                and value.keys() <= schema["properties"].keys()
            ):
                holder[key] = dict([next(iter(value.items()), ("path", "/_"))])
        kind, props = shape_of(part)
        children = props.get("children") if kind in LISTS else None
        if isinstance(children, dict) and len(children) != 1 and children.keys() <= CHILDREN:
            props["children"] = dict([next(iter(children.items()), ("explicitList", []))])

    return each(message, settle)


def icons(message: Json, _scene: Scene) -> list[Json]:
    """An icon that the catalog has."""

    def replace(part: Part) -> None:
        name = _of(part, "Icon").get("name")
        known = standard()["Icon"]["properties"]["name"]["properties"]["literalString"]["enum"]
        text = name.get("literalString") if isinstance(name, dict) else None
        if isinstance(name, dict) and isinstance(text, str) and text not in known:
            name["literalString"] = "star"

    return each(message, replace)


def check_boxes(message: Json, _scene: Scene) -> list[Json]:
    """A Divider in the place of a CheckBox that the catalog refuses."""

    def replace(part: Part) -> None:
        alone = {"surfaceUpdate": {"surfaceId": "main", "components": [part]}}
        if shape_of(part)[0] == "CheckBox" and checked(alone) is not None:
            part["component"] = {"Divider": {}}

    return each(message, replace)


# ---------------------------------------------------------------- templates


def forbidden_bindings(message: Json, _scene: Scene) -> list[Json]:
    """Give other names to steps of a binding that one client refuses to read."""

    def rename(part: Part) -> None:
        for holder, key in references(part):
            where = holder.get("dataBinding") if key == "componentId" else None
            if isinstance(where, str):
                holder["dataBinding"] = "/".join(map(harmless, where.split("/")))

    return each(message, rename)


def binding_spelling(message: Json, _scene: Scene) -> list[Json]:
    """Spell what a template is bound to in the way all read alike."""

    def spell(part: Part) -> None:
        for holder, key in references(part):
            where = holder.get("dataBinding") if key == "componentId" else None
            if isinstance(where, str) and read_by_web(where) != read_by_core(where):
                steps = "/".join(re.sub(r"[~\s]", "_", step) for step in read_by_web(where))
                holder["dataBinding"] = f"/{steps}" if where.startswith("/") else steps or "."

    return each(message, spell)


def item_paths(message: Json, scene: Scene) -> list[Json]:
    """Spell paths in a template as `web_core` reads them: from the item on, without a slash."""
    body = body_of(message, "surfaceUpdate")
    known = {} if body is None else scene.components.get(body["surfaceId"], {})
    parts = [{"id": name, "component": component} for name, component in known.items()]
    inside = _inside([*parts, *parts_of(message)])

    def trim(part: Part) -> None:
        if part["id"] in inside:
            _trim(part["component"])

    return each(message, trim)


def _inside(parts: list[Message]) -> set[str]:
    """Components that a template repeats, and all below them."""
    names = {part["id"]: names_in(part) for part in parts}
    todo = [holder.get(key) for part in parts for holder, key in references(part)
            if key == "componentId"]  # fmt: skip
    inside: set[str] = set()
    while todo:
        name = todo.pop()
        if isinstance(name, str) and name not in inside:
            inside.add(name)
            todo += names.get(name, [])
    return inside


def _trim(value: Json) -> None:
    for item in value if isinstance(value, list) else ():
        _trim(item)
    for key, item in value.items() if isinstance(value, dict) else ():
        if key == "path" and isinstance(item, str):
            value[key] = _from_item(item)
        else:
            _trim(item)
