"""What each component says to a person: its words, by their role.

Text is read through a markdown renderer (`markdown.plain`). With `official_looks` the renderer's
quirks are kept, so that a test can see a blank or broken screen. An Image is named here by its
altText, which no sighted person reads.

Observed: official client (lit 0.11.0): `(empty)`, `Invalid label`, `Invalid value`, `(invalid)`,
`Invalid image URL`; inputs with some literals are not drawn at all, nor are types outside the
catalog; an icon without its font shows the ligature's name.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final, TypeAlias

from clientsim import browser
from clientsim.canonical import number_text
from clientsim.front import in_front
from clientsim.inputs import LITERALS, bound_value, options
from clientsim.markdown import plain
from clientsim.nodes import Node, truthy
from clientsim.parts import date_kind, is_standard, parts, tabs
from clientsim.surface import NO_INPUTS, Profile, Surface
from clientsim.values import HOLE, JsArray, JsMap

Words: TypeAlias = list[tuple[str, str]]
_CAPITAL: Final = re.compile("[A-Z]")
_LEADING_INT: Final = re.compile(r"\s*[-+]?[0-9]{1,300}")
_DATE_LABELS: Final = {
    browser.DATE: "Date",
    browser.TIME: "Time",
    browser.DATE_TIME: "Date & Time",
}


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


class _Broken(Exception):
    """The official renderer throws here, and so draws nothing of the node."""


class Reader:
    """Reads a node's properties as the profile's renderer would."""

    def __init__(
        self,
        profile: Profile,
        surface: Surface,
        *,
        reachable: bool,
        own_inputs: Mapping[str, str] = NO_INPUTS,
    ) -> None:
        self.profile = profile
        self.surface = surface
        self.reachable = reachable
        self.own_inputs = own_inputs
        self.quirks = profile.official_looks
        self._drawn = parts if reachable else in_front(surface)

    def parts(self, node: Node) -> list[Node]:
        """The nodes drawn inside a node."""
        return [] if self.quirks and not is_standard(node) else self._drawn(node)

    def nodes(self, root: Node, *, into_buttons: bool) -> Iterator[Node]:
        """Every drawn node from a root down, from top to bottom."""
        stack = [root]
        while stack:
            node = stack.pop()
            yield node
            if into_buttons or node.type != "Button":
                stack.extend(reversed(self.parts(node)))

    def value(self, node: Node, bound: object) -> object:
        """What a bound value stands for now; a path that is no string breaks the official one."""
        if self.quirks and isinstance(bound, dict) and not any(name in bound for name in LITERALS):
            path = bound.get("path")
            if path and not isinstance(path, str):
                raise _Broken
        return bound_value(self.profile, self.surface, node, bound)

    def string(self, node: Node, bound: object) -> str:
        """A title or label: the official renderer shows strings from the model only."""
        value = self.value(node, bound)
        is_literal = isinstance(bound, dict) and any(name in bound for name in LITERALS)
        if self.quirks and not is_literal and not isinstance(value, str | Node):
            return ""
        return shown(value)

    def is_blank(self, bound: object, unset: object = "") -> bool:
        """Does the official renderer draw nothing at all for this bound value?"""
        if not self.quirks or not isinstance(bound, dict) or "literal" in bound:
            return False
        literal = next((bound[name] for name in LITERALS if name in bound), None)
        return bound.get("path") in (None, "") and (literal is None or literal == unset)

    def words(self, node: Node) -> Words:
        """Roles and words of one node, without its children (but for a button)."""
        read = _WORDS.get(node.type or "")
        if read is None and node.type in self.own_inputs:
            read = Reader.own_input
        try:
            return [] if read is None else read(self, node)
        except _Broken:
            return []

    def text(self, node: Node) -> Words:
        """A Text's words; missing and empty literal ones read `(empty)`."""
        bound = node.prop("text")
        value = self.value(node, bound)
        literal = isinstance(bound, dict) and "literalString" in bound
        if self.quirks and (value is None or (literal and value == "")):
            return [("text", "(empty)")]
        if self.quirks and _has_own_to_string(value):
            raise _Broken
        return [("text", plain(shown(value)))]

    def image(self, node: Node) -> Words:
        """An Image's altText."""
        broken = self.broken(node, "url", "image URL")
        return [("image", broken or self.string(node, node.prop("altText")))]

    def icon(self, node: Node) -> Words:
        """An Icon's name; the official renderer writes `accountCircle` as `account_circle`."""
        broken = self.broken(node, "name", "icon name")
        name = self.string(node, node.prop("name"))
        return [("icon", broken or (_ligature(name) if self.quirks else name))]

    def video(self, node: Node) -> Words:
        """Its source."""
        return [("video", self.source(node, "url", "video URL"))]

    def audio(self, node: Node) -> Words:
        """The official renderer does not show the description."""
        said = "" if self.quirks else self.string(node, node.prop("description"))
        return [("audio", said or self.source(node, "url", "audio URL"))]

    def source(self, node: Node, name: str, what: str) -> str:
        """A name or URL, or what is shown in place of a broken one."""
        return self.broken(node, name, what) or self.string(node, node.prop(name))

    def broken(self, node: Node, name: str, what: str) -> str | None:
        """What the official renderer shows for a source that is none."""
        bound = node.prop(name)
        if not self.quirks or not isinstance(bound, dict) or "path" not in bound:
            return None
        if bound["path"] == "":
            return "(empty)"
        value = self.value(node, bound)
        return None if value and isinstance(value, str) else f"Invalid {what}"

    def button(self, node: Node) -> Words:
        """All words inside a button, without those of buttons in it."""
        said = (
            words
            for child in self.nodes(node, into_buttons=True)
            if child.type != "Button"
            for _, words in self.words(child)
        )
        return [("button", " ".join(filter(None, said)))]

    def titles(self, node: Node) -> Words:
        """The titles of a Tabs."""
        return [("tab", self.title(node, title)) for title, _ in tabs(node)]

    def title(self, node: Node, bound: object) -> str:
        """One tab's title."""
        path = bound.get("path") if isinstance(bound, dict) else None
        if self.quirks and path and not isinstance(self.value(node, bound), str):
            return "(invalid)"
        return self.string(node, bound)

    def text_field(self, node: Node) -> Words:
        """Label and content; the official input shows what it would hold."""
        value = self.string(node, node.prop("text"))
        if self.quirks:
            value = self.profile.typed(node, value)
        return [("label", self.string(node, node.prop("label"))), ("value", value)]

    def own_input(self, node: Node) -> Words:
        """Label and content of an input that the host has registered."""
        value = self.string(node, node.prop(self.own_inputs[node.type or ""]))
        return [("label", self.string(node, node.prop("label"))), ("value", value)]

    def check_box(self, node: Node) -> Words:
        """Label and state; no schema has looked at the official one's bound values."""
        bound, label = node.prop("value"), node.prop("label")
        if self.quirks:
            bound, label = _as_read(bound, "literalBoolean"), _as_read(label, "literalString")
        if self.is_blank(bound, unset=False):
            return []
        value = self.value(node, bound)
        if self.quirks and not isinstance(value, bool):
            return [("label", "Invalid label")]
        label = self.string(node, label)
        return [("label", label), ("value", "checked" if value is True else "unchecked")]

    def date(self, node: Node) -> Words:
        """Label and value; the official renderer names its label after the kind of input."""
        bound = node.prop("value")
        if self.is_blank(bound):
            return []
        value = self.value(node, bound)
        if self.quirks and not isinstance(value, str):
            return [("value", "(invalid)")]
        kind = date_kind(node)
        said = browser.date_text(str(value), kind) if self.quirks else shown(value)
        return [("label", _DATE_LABELS[kind]), ("value", said)]

    def slider(self, node: Node) -> Words:
        """Label and number; the official renderer shows no label."""
        bound = node.prop("value")
        if self.is_blank(bound, unset=0):
            return []
        value = self.value(node, bound)
        if self.quirks:
            return [("value", _slider_number(value))]
        label = self.string(node, node.prop("label"))
        return [*([("label", label)] if label else []), ("value", shown(value))]

    def choices(self, node: Node) -> Words:
        """Each option, and once more as a value if it is selected."""
        return [
            pair
            for label, chosen in self.options(node)
            for pair in ((("option", label), ("value", label)) if chosen else (("option", label),))
        ]

    def options(self, node: Node) -> list[tuple[str, bool]]:
        """Label of each option, and whether it is selected."""
        bound = node.prop("selections")
        if self.quirks and isinstance(bound, dict) and "literalArray" in bound:
            return []
        chosen = self.profile.selections(self.value(node, bound))
        return [
            (self.string(node, option.get("label")), option.get("value") in chosen)
            for option in options(node)
        ]


_WORDS: Final[dict[str, Callable[[Reader, Node], Words]]] = {
    "Text": Reader.text,
    "Image": Reader.image,
    "Icon": Reader.icon,
    "Video": Reader.video,
    "AudioPlayer": Reader.audio,
    "Button": Reader.button,
    "Tabs": Reader.titles,
    "TextField": Reader.text_field,
    "CheckBox": Reader.check_box,
    "DateTimeInput": Reader.date,
    "Slider": Reader.slider,
    "MultipleChoice": Reader.choices,
}


def _slider_number(value: object) -> str:
    """The number beside an official slider: `parseInt`, or -1 for a text that has none."""
    if isinstance(value, str):
        match = _LEADING_INT.match(value)
        return number_text(int(match[0])) if match else "-1"
    if isinstance(value, bool) or not isinstance(value, int | float):
        return "Invalid value"
    return number_text(value)


def _as_read(bound: object, literal: str) -> object:
    """The one member of a bound value that counts, where nothing has seen to it that it has one.

    Observed: official client (lit 0.11.0): a literal of the kind, if it is not false; then any
    `literal`; then the path.
    """
    if not isinstance(bound, dict):
        return bound
    counts = literal in bound and (truthy(bound[literal]) or literal == "literalString")
    names = ([literal] if counts else []) + [name for name in ("literal", "path") if name in bound]
    return {names[0]: bound[names[0]]} if names else {}


def _has_own_to_string(value: object) -> bool:
    """A plain object with a member of this name cannot be made a string in JavaScript."""
    return any(isinstance(leaf, dict) and "toString" in leaf for leaf in _leaves(value))


def _ligature(name: str) -> str:
    return _CAPITAL.sub(lambda letter: f"_{letter[0]}", name).lower()
