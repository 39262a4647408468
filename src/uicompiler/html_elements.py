"""Markup as a flat list of elements, each under a name that stays when others come and go.

What two screens are compared by (`semantic_diff`): an element goes by its id, else by the name it
posts under, else by its place below the nearest element that has a name. An input knows its label,
a button its action. Any markup will do, closed or not. Knows nothing of surfaces or backends.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any, Final

_VOID: Final = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link"}) | {
    *("meta", "param", "source", "track", "wbr")
}
_MOST: Final = 300
"""Characters of a place that count: markup may be nested without end."""
_PRESS: Final = "_press"
_LEFT_OUT: Final = frozenset({"id", "for", "data-rev", "data-surface"})
"""Attributes that name things, or say again what a message says beside the markup."""


@dataclass(slots=True)
class _Element:
    tag: str
    name: str
    props: dict[str, Any]
    text: list[str] = field(default_factory=list)
    children: Counter[str] = field(default_factory=Counter)
    label_of: str | None = None


class _Reader(HTMLParser):
    """Reads markup into elements."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = _Element("", "", {})
        self.open: list[_Element] = [self.root]
        self.done: list[_Element] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        element = _Element(tag, self._name(tag, given), _props(tag, given))
        element.label_of = given.get("for") if tag in ("label", "output") else None
        self.done.append(element)
        if tag not in _VOID:
            self.open.append(element)

    def handle_endtag(self, tag: str) -> None:
        depth = next((n for n, item in enumerate(self.open[:0:-1], 1) if item.tag == tag), 0)
        if depth:
            del self.open[-depth:]

    def handle_data(self, data: str) -> None:
        self.open[-1].text.append(data)

    def _name(self, tag: str, given: dict[str, str]) -> str:
        if given.get("id"):
            return given["id"]
        above = self.open[-1]
        step = f"{tag}[{given['name']}]" if given.get("name") else tag
        above.children[step] += 1
        count = above.children[step]
        return f"{above.name}/{step}{'' if count == 1 else f'#{count}'}"[-_MOST:]


def _props(tag: str, given: dict[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {name: value for name, value in given.items() if name not in _LEFT_OUT}
    if tag == "button" and given.get("name") == _PRESS:
        found["action"] = found.pop("value", "").partition(" ")[0]
        del found["name"]
    if given.get("name") == "_rev":
        found.pop("value", None)
    return found


def elements(markup: str) -> list[dict[str, Any]]:
    """Every element in order, as `{"id", "component": {tag: properties}}`.

    Args:
        markup: HTML. Texts are `{"literalString": …}`, as in components, white space made one.
    """
    reader = _Reader()
    try:
        reader.feed(markup)
        reader.close()
    except AssertionError:
        # What the standard library's reader says to declarations of no known kind.
        return [{"id": "markup", "component": {"markup": {"text": {"literalString": markup}}}}]
    labels = {
        element.label_of: _text(element)
        for element in reader.done
        if element.tag == "label" and element.label_of
    }
    found = []
    for element in reader.done:
        if element.tag == "label" and element.label_of in labels:
            continue
        props = dict(element.props)
        words = {"label": labels.get(element.name, ""), "text": _text(element)}
        props |= {name: {"literalString": text} for name, text in words.items() if text}
        found.append({"id": element.name, "component": {element.tag: props}})
    return found


def _text(element: _Element) -> str:
    return " ".join("".join(element.text).split())
