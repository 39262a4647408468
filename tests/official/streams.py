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

from .messages import Message, begin, data, delete, repeat, update

KINDS = ("valid", "nearly", "hostile")

SURFACES = ("main", "main#e=2", "other")
IDS = ("root", "a", "b", "c", "d", "e", "f", "title", "h1", "name", "it-1")
"""Some equal texts, enum values and paths below: the client then takes the text for a component."""
KEYS = ("a", "b", "c", "name", "items", "item", "text", "10", "2", "0", "v")
ODD_KEYS = ("a.b", "x[0]", "", ".", "/q", "a/b", "constructor", "é", "[1]", "a..b", "length")
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
HINTS = ("h1", "h5", "caption", "body")
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
            first_render = [
                update(self.forest(rooted=True), surfaces[0]),
                self.rows(surfaces[0]),
                begin(surface=surfaces[0]),
            ]
            self.random.shuffle(first_render)
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
        rows = {key: {"v": "x", "name": key, "items": {"a": {"v": 1}}} for key in ("10", "2", "a")}
        keys = self.random.sample(sorted(rows), self.random.randint(0, 3))
        items: Any = {key: rows[key] for key in keys}
        if self.chance(0.3):
            items = self.random.choice([string for string in STRINGS if string.startswith("[")])
        return data({"items": items, "a": self.random.choice(STRINGS)}, surface=surface)

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
        if rooted and len(ids) > 3 and self.chance(0.15):
            parts["root"] = repeat(ids[1], "/items", self.random.choice(LISTS))
            parts[ids[1]] = repeat(ids[2], self.random.choice(("items", ".", "/items")))
            parts[ids[2]] = self.component(ids[3:])
            ids = ids[3:]
        for index, name in enumerate(ids):
            below = ids[index + 1 :]
            if self.chance(0.03):
                below = ids
            parts[name] = self.component(below)
        return parts

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

    def bound(self, literal: str, values: tuple[Any, ...]) -> Message:
        if self.chance(0.6):
            return {"path": self.random.choice(PATHS)}
        if self.chance(0.1):
            return {"literal": self.random.choice(values)}
        return {literal: self.random.choice(values)}

    def string(self) -> Message:
        return self.bound("literalString", STRINGS)

    def maybe(self, probability: float = 0.4, **props: Any) -> Message:
        return {name: value for name, value in props.items() if self.chance(probability)}

    def children(self, below: list[str]) -> Message:
        if self.chance(0.4):
            where = self.random.choice(("/items", "items") if self.chance(0.5) else PATHS)
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
        for _ in range(g.random.randint(0, 2))
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
            **g.maybe(text=g.string(), textFieldType="number", validationRegexp="^a$"),
        }
    },
    lambda g: {
        "DateTimeInput": {"value": g.string(), **g.maybe(enableDate=False, enableTime=True)}
    },
    lambda g: {
        "MultipleChoice": {
            "selections": g.random.choice(({"path": "/a"}, {"literalArray": ["x", "a"]})),
            **g.maybe(
                0.7,
                options=[{"label": {"literalString": "X"}, "value": "a"}],
                maxAllowedSelections=1,
                variant="chips",
                filterable=True,
            ),
        }
    },
    lambda g: {
        "Slider": {
            "value": g.random.choice(({"path": "/n"}, {"literalNumber": 0})),
            **g.maybe(minValue=0, maxValue=10.5, label=g.string()),
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
