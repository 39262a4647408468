"""What a person sees: each component's words, and the screen as text for a terminal.

Text is read through a markdown renderer (`markdown.plain`). Modal contents and all tabs are
shown, since a person can open them. With `official_looks` the renderer's quirks are kept, so that
a test can see a blank or broken screen: observed in lit 0.11.0, `(empty)`, `Invalid label`,
`Invalid value`, `(invalid)`, and inputs with some literals that are not drawn at all.
"""

import math

from clientsim.canonical import number_text
from clientsim.inputs import bound_value, options
from clientsim.markdown import plain
from clientsim.nodes import Node, depth_first
from clientsim.surface import Profile, Surface
from clientsim.values import HOLE, JsArray, JsMap
from clientsim.walk import Steps, walk

Seen = tuple[str, str, str]
_FIELD_WIDTH = 12


def visible(profile: Profile, surface: Surface) -> list[Seen]:
    """Component id, role and words, from top to bottom.

    Roles are text, button, label, value, option, tab, image, icon, video and audio. A button's
    words are those of its child, which is not listed again.
    """
    reader = _Reader(profile, surface)
    seen: list[Seen] = []
    inside: set[int] = set()
    for node in depth_first(surface.tree):
        if id(node) in inside:
            continue
        if node.type == "Button":
            inside.update(id(child) for child in depth_first(node) if child is not node)
        seen.extend((node.id, role, words) for role, words in reader.words(node))
    return seen


def screen(profile: Profile, surface: Surface) -> str:
    """The screen as indented text, one trailing newline; empty when there is nothing to see."""
    if surface.tree is None:
        return ""
    lines = walk(_Screen(_Reader(profile, surface)).lines(surface.tree))
    return "".join(f"{line.rstrip()}\n" for line in lines)


def shown(value: object) -> str:
    """A model value as JavaScript's `toString` shows it."""
    if isinstance(value, str):
        return value
    if value is None or value is HOLE:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return number_text(value)
    if isinstance(value, JsArray | list):
        return ",".join(shown(leaf) for leaf in _leaves(value))
    return "[object Map]" if isinstance(value, JsMap) else "[object Object]"


def _leaves(value: object) -> list[object]:
    found: list[object] = []
    todo = [value]
    while todo:
        item = todo.pop()
        inner = item.items if isinstance(item, JsArray) else item
        if isinstance(inner, list) and inner:
            todo.extend(reversed(inner))
        else:
            found.append("" if isinstance(inner, list) else inner)
    return found


class _Reader:
    """Reads a node's properties as the profile's renderer would."""

    def __init__(self, profile: Profile, surface: Surface) -> None:
        self.profile = profile
        self.surface = surface
        self.quirks = profile.official_looks

    def value(self, node: Node, bound: object) -> object:
        return bound_value(self.profile, self.surface, node, bound)

    def string(self, node: Node, bound: object) -> str:
        """A title or label: the official renderer shows strings only."""
        value = self.value(node, bound)
        return value if isinstance(value, str) else "" if self.quirks else shown(value)

    def text(self, node: Node) -> str:
        bound = node.props.get("text")
        value = self.value(node, bound)
        literal = isinstance(bound, dict) and "path" not in bound
        if self.quirks and (value is None or (literal and value == "")):
            return "(empty)"
        return plain(shown(value))

    def words(self, node: Node) -> list[tuple[str, str]]:
        """Roles and words of one node, without its children (but for a button)."""
        match node.type:
            case "Text":
                return [("text", self.text(node))]
            case "Button":
                return [("button", self.button(node))]
            case "Tabs":
                return [("tab", title) for title in self.titles(node)]
            case "TextField":
                props = node.props
                return [
                    ("label", self.string(node, props.get("label"))),
                    ("value", self.string(node, props.get("text"))),
                ]
            case "CheckBox":
                return self.check_box(node)
            case "DateTimeInput":
                return [("label", self.date_label(node)), ("value", self.date(node))]
            case "Slider":
                return self.slider(node)
            case "MultipleChoice":
                return self.choices(node)
            case _:
                return self.media(node)

    def media(self, node: Node) -> list[tuple[str, str]]:
        props = node.props
        match node.type:
            case "Image":
                return [("image", self.string(node, props.get("altText")))]
            case "Icon":
                return [("icon", self.string(node, props.get("name")))]
            case "Video":
                return [("video", self.string(node, props.get("url")))]
            case "AudioPlayer":
                named = props.get("url" if self.quirks else "description")
                return [("audio", self.string(node, named))]
            case _:
                return []

    def button(self, node: Node) -> str:
        parts = (
            words
            for child in depth_first(node)
            if child is not node and child.type != "Button"
            for _, words in self.words(child)
        )
        return " ".join(part for part in parts if part)

    def titles(self, node: Node) -> list[str]:
        items = node.props.get("tabItems")
        tabs = items if isinstance(items, list) else []
        return [self.string(node, tab.get("title")) for tab in tabs if isinstance(tab, dict)]

    def check_box(self, node: Node) -> list[tuple[str, str]]:
        bound = node.props.get("value")
        value = self.value(node, bound)
        if self.quirks and isinstance(bound, dict) and "path" not in bound and value is False:
            return []
        if self.quirks and not isinstance(value, bool):
            return [("label", "Invalid label")]
        label = self.string(node, node.props.get("label"))
        return [("label", label), ("value", "checked" if value is True else "unchecked")]

    def date_label(self, node: Node) -> str:
        date, time = (node.props.get(name, True) for name in ("enableDate", "enableTime"))
        if date is time or (date and time):
            return "Date & Time"
        return "Date" if date else "Time"

    def date(self, node: Node) -> str:
        value = self.value(node, node.props.get("value"))
        return "(invalid)" if self.quirks and not isinstance(value, str) else shown(value)

    def slider(self, node: Node) -> list[tuple[str, str]]:
        bound = node.props.get("value")
        value = self.value(node, bound)
        if not self.quirks:
            label = self.string(node, node.props.get("label"))
            return [*([("label", label)] if label else []), ("value", shown(value))]
        if isinstance(bound, dict) and "path" not in bound and value == 0:
            return []
        return [("value", "Invalid value" if value is None else shown(value))]

    def choices(self, node: Node) -> list[tuple[str, str]]:
        return [
            pair
            for label, chosen in self.options(node)
            for pair in ((("option", label), ("value", label)) if chosen else (("option", label),))
        ]

    def options(self, node: Node) -> list[tuple[str, bool]]:
        """Label of each option, and whether it is selected."""
        bound = node.props.get("selections")
        if self.quirks and isinstance(bound, dict) and "literalArray" in bound:
            return []
        chosen = self.profile.selections(self.value(node, bound))
        return [
            (self.string(node, option.get("label")), option.get("value") in chosen)
            for option in options(node)
        ]


class _Screen:
    """Draws nodes as lines; containers indent or join what their children drew."""

    def __init__(self, reader: _Reader) -> None:
        self.reader = reader

    def lines(self, node: Node) -> Steps[list[str]]:
        if node.type == "Button":
            return [f"< {self.reader.button(node)} >"]
        blocks: list[list[str]] = []
        for child in _child_nodes(node):
            drawn = yield 1, self.lines(child)
            blocks.append(drawn)
        match node.type:
            case "Row":
                return _side_by_side(blocks)
            case "Card":
                return _box(_stack(blocks))
            case "Modal":
                return _modal(blocks)
            case "Tabs":
                return _tabs(self.reader.titles(node), blocks)
            case "List":
                return [line for block in blocks for line in _hang("- ", block)]
            case _:
                return self.leaf(node) + _stack(blocks)

    def leaf(self, node: Node) -> list[str]:
        words = self.reader.words(node)
        match node.type:
            case "Text":
                return _text(words[0][1], node.props.get("usageHint"))
            case "Divider":
                return ["-" * 40]
            case "CheckBox":
                return [_check_box(words)] if words else []
            case "MultipleChoice":
                single = node.props.get("maxAllowedSelections") == 1
                marks = ("(•)", "( )") if single else ("[x]", "[ ]")
                pairs = self.reader.options(node)
                return [f"{marks[0] if chosen else marks[1]} {label}" for label, chosen in pairs]
            case "Slider":
                return [_slider(words, node.props)] if words else []
            case "TextField" | "DateTimeInput":
                return [_field([said for _, said in words])] if words else []
            case _:
                return [f"[{role}: {said}]" if said else f"[{role}]" for role, said in words]


def _child_nodes(node: Node) -> list[Node]:
    found: list[Node] = []
    todo: list[object] = list(reversed(node.props.values()))
    while todo:
        item = todo.pop()
        if isinstance(item, Node):
            found.append(item)
        elif isinstance(item, dict):
            todo.extend(reversed(item.values()))
        elif isinstance(item, list):
            todo.extend(reversed(item))
    return found


def _text(words: str, hint: object) -> list[str]:
    first, *rest = words.split("\n")
    if isinstance(hint, str) and hint[:1] == "h":
        return [f"{'#' * int(hint[1:])} {first}", *rest]
    return [first, *rest]


def _check_box(words: list[tuple[str, str]]) -> str:
    label = words[0][1]
    if len(words) == 1:
        return label
    return f"[{'x' if words[1][1] == 'checked' else ' '}] {label}"


def _field(words: list[str]) -> str:
    *label, value = words
    before = f"{label[0]}: " if label and label[0] else ""
    return f"[ {before}{value.ljust(_FIELD_WIDTH, '_')} ]"


def _slider(words: list[tuple[str, str]], props: dict[str, object]) -> str:
    """A track from minimum to maximum with a knob at the value, if the value is a number."""
    *label, (_, value) = words
    before = f"{label[0][1]}: " if label else ""
    low, high = props.get("minValue", 0), props.get("maxValue", 0)
    try:
        share = (float(value) - float(str(low))) / (float(str(high)) - float(str(low)))
    except (ValueError, ZeroDivisionError):
        return f"[ {before}{value} ]"
    knob = round(min(max(share, 0.0), 1.0) * 10) if math.isfinite(share) else 0
    return f"[ {before}{'-' * knob}o{'-' * (10 - knob)} {value} ]"


def _stack(blocks: list[list[str]]) -> list[str]:
    return [line for block in blocks for line in block]


def _side_by_side(blocks: list[list[str]]) -> list[str]:
    drawn = [block for block in blocks if block]
    if all(len(block) == 1 for block in drawn):
        return ["   ".join(block[0] for block in drawn)] if drawn else []
    return _stack(drawn)


def _box(lines: list[str]) -> list[str]:
    return [f"| {line}" for line in lines]


def _hang(mark: str, lines: list[str]) -> list[str]:
    return [(mark if i == 0 else " " * len(mark)) + line for i, line in enumerate(lines)]


def _modal(blocks: list[list[str]]) -> list[str]:
    entry, *content = blocks
    return [*_hang("> ", entry), *(f"    {line}" for line in _stack(content))]


def _tabs(titles: list[str], blocks: list[list[str]]) -> list[str]:
    lines: list[str] = []
    for title, block in zip(titles, blocks, strict=False):
        lines.append(f"[ {title} ]")
        lines.extend(f"  {line}" for line in block)
    return lines
