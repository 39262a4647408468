"""Seeded streams of A2UI v0.8 messages: valid, nearly valid and hostile.

A stream is a function of its seed alone. Valid streams are rich rather than realistic (templates
in templates, ids that equal texts, paths of every spelling); nearly valid ones get one or two
mutations a stream; hostile ones are mutated all over and mixed with shapes that are no message.
"""

from __future__ import annotations

import copy
import random
from collections.abc import Callable
from typing import Any

from .messages import Message, begin, data, delete, entries, repeat, update

KINDS = ("valid", "nearly", "hostile")

SURFACES = ("main", "main#e=2", "other")
IDS = ("root", "a", "b", "c", "d", "e", "f", "title", "h1", "name", "it-1")
"""Some equal texts, enum values and paths below: the client then takes the text for a component."""
PLAIN_IDS = ("root", *(f"t-{number}" for number in range(1, 10)))
"""These equal nothing else, so a screen of them does come out as it was written."""
KEYS = ("a", "b", "c", "name", "items", "item", "text", "10", "2", "0", "v")
ODD_KEYS = ("a.b", "x[0]", "", ".", "/q", "a/b", "constructor", "é", "[1]", "a..b", "length")
ROW_KEYS = ("__proto__", "toString", "-1", "01", "1e3", "4294967295", " 1", "a:b", "..", "items")
"""Keys that rows of a template may have besides; some look like an index, some like a member."""
PATHS = (
    "/a",
    "a",
    "/a/b",
    "a.b",
    "/items",
    "/items/0",
    "items[0].v",
    "/item/name",
    "/text",
    "/label/v",
    "./a",
    ".",
    "",
    "/",
    "//a//b/",
    "/title",
    "name",
    "/items/a/v",
    "/a/~1b",
    "/c/10",
    "/textual",
    "items",
    "/items/a/items",
    "/items/0/items/1",
    "/items/10/name",
    "items/a",
    "v",
    "./items",
    "./item/v",
    "/__proto__/v",
    "/items/01/v",
    "items[00].v",
    "/items/3",
)
BINDINGS = (
    "items",
    "items",
    ".",
    "",
    "./items",
    "/items",
    "/item/items",
    "items/a",
    "/items/a/items",
)
"""What a template in a template is bound to, and what finds something there more often than not."""
ROW_PATHS = (
    *("/items", "/items/a", "/items/a/items", "/items/0", "items[1].items", "/items/b/v"),
    *("/items/01", "/items/00/v", "items[3]", "/items/4294967295", "/items/1e3"),
)
STRINGS = (
    "x",
    "title",
    "h1",
    "",
    " ",
    "5*3",
    "[1,2]",
    "[]",
    '{"a":1,"b":{"c":[true,null]}}',
    '[{"key":"k","valueString":"s"}]',
    '[{"v":1},{"v":2}]',
    '[{"items":["p","q"],"v":1},{"items":[{"name":"n"}]},[]]',
    '["a","b"]',
    '[[{"v":1,"items":[0]}],[],"x",null]',
    '[{"items":{"a":{"v":2}}},{"items":[[1],[2,[3]]]}]',
    '{"items":["p",{"v":"q"}],"a":{"items":[]}}',
    '[{"key":"items","valueMap":[{"key":"a","valueString":"[7,8]"}]},{"key":"v","valueNumber":1}]',
    '[{"__proto__":{"v":1},"toString":"t","items":["p"]},{"length":2}]',
    "{broken}",
    " [3] ",
    "{}",
    "\u2060[1]",
    "\ufeff[1]",
    "é\U0001f600",
    "null",
)
NUMBERS = (0, 1, -1, 3.5, 2**53, 1e21, 1e-7, 100)
INPUTS = ("TextField", "CheckBox", "DateTimeInput", "MultipleChoice", "Slider")
LISTS = ("Row", "Column", "List")
DATES = ("2025-05-06", "2025-05-06T07:08", "07:08", "2025-02-30", "2025-05-06T23:30:00-02:00", "")
HINTS = ("h1", "h5", "caption", "body")
ENUMS = {
    "usageHint": ("h1", "h5", "caption", "body", "icon", "header"),
    "fit": ("contain", "cover"),
    "alignment": ("start", "stretch"),
    "distribution": ("start", "spaceBetween"),
    "direction": ("vertical", "horizontal"),
    "axis": ("vertical", "horizontal"),
    "textFieldType": ("number", "longText", "obscured"),
}
"""Properties with a list of allowed values, and some of these; not all are allowed everywhere."""
ALMOST = ("H1", "h6", "centre", "space-between", "Number", "", "stretch ", "toString")
"""What no such property allows."""
JUNK: tuple[Any, ...] = (None, True, False, 0, -1.5, "", "x", "a", [], {}, [[]], {"a": 1}, ["a"])


class Generator:
    """Everything one stream is drawn from."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(f"a2ui-{seed}")
        self.kind = KINDS[seed % len(KINDS)]

    def chance(self, probability: float) -> bool:
        return self.random.random() < probability

    def stream(self) -> list[Any]:
        """The messages."""
        surfaces = self.random.sample(SURFACES, self.random.choice((1, 1, 2)))
        messages: list[Any] = [
            self.message(self.random.choice(surfaces)) for _ in range(self.random.randint(3, 12))
        ]
        if self.chance(0.8):
            plain = self.chance(0.6)
            first_render = [
                update(self.grid() if plain else self.forest(rooted=True), surfaces[0]),
                self.rows(surfaces[0]),
                begin(surface=surfaces[0]),
            ]
            self.random.shuffle(first_render)
            if plain:
                messages = [self.row_update(surfaces[0]) for _ in range(4)] + messages[:3]
            messages = first_render + messages
        if self.kind == "nearly":
            for _ in range(self.random.randint(1, 2)):
                self.mutate(self.random.choice(messages))
        if self.kind == "hostile":
            messages = [self.harmed(message) for message in messages]
        return messages

    def harmed(self, message: Message) -> Any:
        """A message after a few mutations, or something that never was one."""
        if self.chance(0.1):
            return self.junk()
        for _ in range(self.random.choice((0, 0, 1, 1, 3))):
            self.mutate(message)
        return message

    def message(self, surface: str) -> Message:
        """One valid message."""
        roll = self.random.random()
        if roll < 0.4:
            return update(self.forest(), surface)
        if roll < 0.75:
            return self.data_update(surface)
        if roll < 0.95:
            styles = {"styles": self.styles()} if self.chance(0.3) else {}
            return begin(
                self.random.choice(("root", "root", "root", "a", "nobody")), surface, **styles
            )
        return delete(surface)

    def styles(self) -> Message:
        return self.random.choice(
            [{}, {"font": "Inter"}, {"primaryColor": "#00BFFF"}, {"primaryColor": "blue"}]
        )

    # --- data -------------------------------------------------------------------------------------

    def data_update(self, surface: str) -> Message:
        where = self.random.choice((None, *PATHS))
        if self.chance(0.1):
            return data([{"key": ".", **self.value(1)}], where, surface)
        if self.chance(0.1):
            return data([self.tower(self.random.randint(3, 6))], where, surface)
        return data(self.contents(self.random.choice((1, 2, 3))), where, surface)

    def tower(self, height: int) -> Message:
        """An entry of so many levels; the client takes five."""
        if height == 1:
            return self.entry(0)
        return {"key": self.random.choice(KEYS), "valueMap": [self.tower(height - 1)]}

    def rows(self, surface: str) -> Message:
        """Data that templates find something in."""
        items = self.row_map(self.random.choice((1, 2, 2, 3)))
        if self.chance(0.35):
            items = {
                "valueString": self.random.choice([text for text in STRINGS if text[:1] in "[{"])
            }
        values = entries({"a": self.random.choice(STRINGS), "n": self.random.choice(NUMBERS)})
        return data([{"key": "items", **items}, *values], surface=surface)

    def row_map(self, depth: int) -> Message:
        """Rows by key, some of them hostile, that hold rows again."""
        keys = self.random.choices(KEYS, k=self.random.randint(0, 3))
        if self.chance(0.25):
            keys.append(self.random.choice((*ROW_KEYS, *ODD_KEYS)))
        return {"valueMap": [{"key": key, **self.row(depth - 1)} for key in keys]}

    def row(self, depth: int) -> Message:
        if self.chance(0.2):
            return self.value(0)
        below = self.row_map(depth) if depth > 0 else self.value(0)
        return {"valueMap": [*entries({"v": "x", "name": "n"}), {"key": "items", **below}]}

    def row_update(self, surface: str) -> Message:
        """Rows that come, change or go."""
        where = self.random.choice(ROW_PATHS)
        if self.chance(0.3):
            return data([{"key": ".", **self.row(self.random.randint(0, 2))}], where, surface)
        return data(self.row_map(2)["valueMap"], where, surface)

    def contents(self, depth: int) -> list[Message]:
        return [self.entry(depth) for _ in range(self.random.choice((0, 1, 2, 2, 3)))]

    def entry(self, depth: int) -> Message:
        key = self.random.choice(ODD_KEYS if self.chance(0.12) else KEYS)
        return {"key": key, **self.value(depth)}

    def value(self, depth: int) -> Message:
        roll = self.random.random()
        if depth > 0 and roll < 0.35:
            return {"valueMap": self.contents(depth - 1)}
        if roll < 0.75:
            return {"valueString": self.random.choice(STRINGS)}
        if roll < 0.9:
            return {"valueNumber": self.random.choice(NUMBERS)}
        return {"valueBoolean": self.chance(0.5)}

    # --- components -------------------------------------------------------------------------------

    def forest(self, *, rooted: bool = False) -> dict[str, Any]:
        """Components that refer to each other inside the message only, without cycles but for one.

        Later ids are children of earlier ones, so the first one reaches most of them.
        """
        ids = self.random.sample(IDS[1:], self.random.randint(1, 6))
        if rooted or self.chance(0.6):
            ids.insert(0, "root")
        parts: dict[str, Any] = {}
        if rooted and len(ids) > 3 and self.chance(0.4):
            ids = self.nest(parts, ids)
        for index, name in enumerate(ids):
            below = ids[index + 1 :]
            if self.chance(0.03):
                below = ids
            parts[name] = self.component(below)
        return parts

    def grid(self) -> dict[str, Any]:
        """A screen of templates that hold each other, tabs, modals, buttons and inputs."""
        ids = [*PLAIN_IDS]
        parts: dict[str, Any] = {}
        left = self.nest(parts, ids[: self.random.randint(3, 6)])
        left += ids[6:]
        for index, name in enumerate(left):
            parts[name] = self.component(left[index + 1 :])
        return {name: parts.get(name, {"Divider": {}}) for name in ids}

    def nest(self, parts: dict[str, Any], ids: list[str]) -> list[str]:
        """Templates in templates, from the root down; returns the ids that are left over."""
        parts["root"] = repeat(ids[1], "/items", self.random.choice(LISTS))
        ids = ids[1:]
        for _ in range(self.random.randint(0, len(ids) - 2)):
            over = self.random.choice(BINDINGS)
            parts[ids[0]] = repeat(ids[1], over, self.random.choice(LISTS))
            ids = ids[1:]
        parts[ids[0]] = self.random.choice((*CONTAINERS, *OPENERS))(self, ids[1:])
        return ids[1:]

    def form(self) -> list[Message]:
        """A screen full of inputs and two buttons, over whatever data there is."""
        kinds = [leaf for leaf in LEAVES if next(iter(leaf(self)), None) in INPUTS]
        names = self.random.sample(IDS[1:], 8)
        parts: dict[str, Any] = {name: self.random.choice(kinds)(self) for name in names[2:]}
        for name in names[:2]:
            parts[name] = _button(self, names[2:])
        parts["root"] = {"Column": {"children": {"explicitList": names}}}
        if self.chance(0.4):
            parts["root"] = repeat(names[0], "/items")
            parts[names[0]] = {"Row": {"children": {"explicitList": names[1:]}}}
        surface = self.random.choice(SURFACES)
        return [
            self.data_update(surface),
            self.rows(surface),
            update(parts, surface),
            begin(surface=surface),
        ]

    def component(self, below: list[str]) -> Message:
        if below and self.chance(0.75):
            return self.random.choice(CONTAINERS)(self, below)
        return self.random.choice(LEAVES)(self)

    def bound(self, literal: str, values: tuple[Any, ...], *, loose: bool = True) -> Message:
        """A path or a literal; `loose` ones may say `literal`, which strings alone may."""
        if self.chance(0.6):
            return {"path": self.random.choice(PATHS)}
        if loose and self.chance(0.1):
            return {"literal": self.random.choice(values)}
        return {literal: self.random.choice(values)}

    def string(self) -> Message:
        return self.bound("literalString", STRINGS)

    def maybe(self, probability: float = 0.4, **props: Any) -> Message:
        return {name: value for name, value in props.items() if self.chance(probability)}

    def children(self, below: list[str]) -> Message:
        if self.chance(0.4):
            where = self.random.choice(BINDINGS if self.chance(0.6) else PATHS)
            template = {"componentId": self.random.choice(below), "dataBinding": where}
            return {"template": template}
        return {"explicitList": self.random.choices(below, k=self.random.randint(0, 4))}

    # --- harm -------------------------------------------------------------------------------------

    def junk(self) -> Any:
        if self.chance(0.3):
            return {self.random.choice((*KEYS, *ODD_KEYS, "path")): self.junk()}
        return copy.deepcopy(self.random.choice(JUNK))

    def mutate(self, message: Any) -> None:
        """Change one random spot in place."""
        spots = list(_spots(message))
        if not spots:
            return
        enums = [(holder, key) for holder, key in spots if key in ENUMS]
        if enums and self.chance(0.15):
            holder, key = self.random.choice(enums)
            holder[key] = self.random.choice((*ALMOST, *ENUMS[key]))
            return
        holder, key = self.random.choice(spots)
        change = self.random.choice(
            (self._drop, self._replace, self._add, self._copy, self._rename)
        )
        change(holder, key)

    def _drop(self, holder: Any, key: Any) -> None:
        del holder[key]

    def _replace(self, holder: Any, key: Any) -> None:
        old = holder[key]
        if isinstance(old, str) and self.chance(0.6):
            holder[key] = self.random.choice((*STRINGS, *PATHS, *IDS, *HINTS))
        else:
            holder[key] = self.junk()

    def _add(self, holder: Any, key: Any) -> None:
        if isinstance(holder, dict):
            extra = (
                "path",
                "literalString",
                "valueString",
                "valueMap",
                "extra",
                "Text",
                "children",
            )
            holder[self.random.choice(extra)] = self.junk()
        else:
            holder.insert(key, self.junk())

    def _copy(self, holder: Any, key: Any) -> None:
        if isinstance(holder, list):
            holder.append(copy.deepcopy(holder[key]))
        else:
            holder[self.random.choice(list(holder))] = copy.deepcopy(holder[key])

    def _rename(self, holder: Any, key: Any) -> None:
        if isinstance(holder, dict):
            names = ("Checkbox", "CheckBox", "Chart", "Column", "id", "component", "valueNumber")
            holder[self.random.choice(names)] = holder.pop(key)


def _spots(value: Any) -> list[tuple[Any, Any]]:
    """Every place inside a value: its holder, and the key or index there."""
    spots: list[tuple[Any, Any]] = []
    pairs: Any = ()
    if isinstance(value, dict):
        pairs = value.items()
    elif isinstance(value, list):
        pairs = enumerate(value)
    for key, child in pairs:
        spots.append((value, key))
        spots += _spots(child)
    return spots


Container = Callable[[Generator, list[str]], Message]
Leaf = Callable[[Generator], Message]

_ALIGN = {"alignment": "center", "distribution": "spaceBetween"}


def _listing(kind: str, **props: Any) -> Container:
    return lambda g, below: {kind: {"children": g.children(below), **g.maybe(0.3, **props)}}


def _tabs(g: Generator, below: list[str]) -> Message:
    items = [
        {"title": g.bound("literalString", STRINGS[:5]), "child": g.random.choice(below)}
        for _ in range(g.random.randint(0, 3))
    ]
    return {"Tabs": {"tabItems": items}}


def _modal(g: Generator, below: list[str]) -> Message:
    entry, content = g.random.choice(below), g.random.choice(below)
    return {"Modal": {"entryPointChild": entry, "contentChild": content}}


def _button(g: Generator, below: list[str]) -> Message:
    context: list[Message] = [
        {"key": g.random.choice(KEYS), "value": g.bound("literalString", STRINGS)}
        for _ in range(g.random.randint(0, 2))
    ]
    for item in context:
        item["value"] = {
            ("literalString" if k == "literal" else k): v for k, v in item["value"].items()
        }
    action = {"name": g.random.choice(("go", "title", "a")), **g.maybe(context=context)}
    return {"Button": {"child": g.random.choice(below), "action": action, **g.maybe(primary=True)}}


CONTAINERS: tuple[Container, ...] = (
    _listing("Column", **_ALIGN),
    _listing("Row", **_ALIGN),
    _listing("List", direction="horizontal"),
    _listing("Column"),
    lambda g, below: {"Card": {"child": g.random.choice(below)}},
    _tabs,
    _modal,
    _button,
)

OPENERS: tuple[Container, ...] = (_tabs, _modal, _button)
"""Containers that show one thing or another."""

LEAVES: tuple[Leaf, ...] = (
    lambda g: {"Text": {"text": g.string(), **g.maybe(usageHint=g.random.choice(HINTS))}},
    lambda g: {"Text": {"text": {"path": g.random.choice(PATHS)}}},
    lambda g: {"Image": {"url": g.string(), **g.maybe(fit="cover", altText=g.string(), odd=1)}},
    lambda g: {"Icon": {"name": g.string()}},
    lambda g: {"Video": {"url": g.string()}},
    lambda g: {"AudioPlayer": {"url": g.string(), **g.maybe(description=g.string())}},
    lambda g: {"Divider": g.maybe(axis="vertical", color="red", thickness=2)},
    lambda g: {
        "CheckBox": {
            "label": g.string(),
            "value": g.bound("literalBoolean", (True, False)),
            **g.maybe(0.1, odd=["a", {"path": "/a"}]),
        }
    },
    lambda g: {
        "TextField": {
            "label": g.string(),
            **g.maybe(
                text=g.string(),
                textFieldType=g.random.choice(("number", "shortText", "longText", "date")),
                validationRegexp="^a$",
            ),
        }
    },
    lambda g: {
        "DateTimeInput": {
            "value": g.bound("literalString", DATES),
            **g.maybe(enableDate=g.chance(0.5), enableTime=g.chance(0.5)),
        }
    },
    lambda g: {
        "MultipleChoice": {
            "selections": g.random.choice(
                ({"path": g.random.choice(PATHS)}, {"literalArray": ["x", "a"]})
            ),
            **g.maybe(
                0.7,
                options=[
                    {"label": g.bound("literalString", STRINGS[:4], loose=False), "value": value}
                    for value in g.random.sample(("a", "b", "p", "title"), g.random.randint(0, 3))
                ],
                maxAllowedSelections=1,
                variant="chips",
                filterable=True,
            ),
        }
    },
    lambda g: {
        "Slider": {
            "value": g.bound("literalNumber", NUMBERS, loose=False),
            **g.maybe(
                0.6,
                minValue=g.random.choice((0, -5, 0.5)),
                maxValue=g.random.choice((10, 10.5, 0, -9)),
                label=g.string(),
            ),
        }
    },
    lambda g: {
        "Chart": {
            "series": g.random.choice((["a", "zz"], {"path": "/a"}, "title", 5)),
            **g.maybe(children=g.children([*IDS[:3]]), action={"name": "title", "path": "/item/a"}),
        }
    },
    lambda g: g.random.choice(({}, {"Text": {"text": g.string()}, "Chart": {}}, {"Chart": None})),
)


def stream(seed: int) -> list[Any]:
    """The stream of a seed."""
    return Generator(seed).stream()


def form(seed: int) -> list[Message]:
    """A screen to type into, after whatever a stream left behind."""
    return Generator(seed).form()
