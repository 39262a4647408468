"""A browser without a script of ours: controls that hold what a browser lets them hold, and posts.

A `Page` takes the messages of the HTML backend as `uicompiler.js` does, which is asked to lose
nothing that was typed: a surface that comes anew gets the fields that were typed in and are not
among `written`. What is typed and posted follows the HTML standard: value sanitization (4.10.5.1),
the entry list of a form (4.10.22.4), CRLF at the ends of lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from xml.etree.ElementTree import Element

from clientsim import browser as inputs
from uicompiler.backends.base import Message

from .dom import parsed

FIELD: Final = "f."
"""What the names of fields begin with."""

SPACES: Final = " \t\n\f\r"
"""What a browser takes off both ends of an e-mail or web address."""


def is_control(element: Element) -> bool:
    """Whether a person can put a value into it."""
    if element.tag not in ("input", "select", "textarea"):
        return False
    return element.get("name", "").startswith(FIELD) and element.get("type") != "hidden"


def value_of(element: Element) -> str:
    """What a control holds, whatever its markup says; of a box what it posts when ticked."""
    if element.tag == "textarea":
        return _unified(element.text or "")
    if element.tag == "select":
        options = list(element.iter("option"))
        chosen = [item for item in options if "selected" in item.attrib] or options[:1]
        return chosen[-1].get("value", "") if chosen else ""
    return sanitized(element, element.get("value", ""))


def sanitized(element: Element, value: str) -> str:
    """What an `<input>` makes of a value."""
    kind = element.get("type", "text")
    if kind in ("text", "tel", "password", "email", "url"):
        value = inputs.one_line(value)
        return value.strip(SPACES) if kind in ("email", "url") else value
    if kind in ("date", "time", "datetime-local"):
        return inputs.moment(value, kind)
    if kind == "range":
        low, high = (float(element.get(name, otherwise)) for name, otherwise in _RANGE)
        number = float(value) if inputs.number(value) else (low + high) / 2
        held = inputs.slider(number, low, high)
        return str(int(held)) if held == int(held) else str(held)
    return "" if kind == "file" else value


_RANGE: Final = (("min", "0"), ("max", "100"))


def _unified(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


@dataclass
class Frame:
    """One surface on a page.

    Attributes:
        tree: Its parsed markup; controls hold what they hold now.
        typed: Ids of fields that the person has changed.
        files: By field id, the file that is chosen, as its handle.
    """

    tree: Element
    typed: set[str] = field(default_factory=set)
    files: dict[str, str] = field(default_factory=dict)

    def controls(self, name: str) -> list[Element]:
        """The controls of a field."""
        named = FIELD + name
        return [item for item in self.tree.iter() if item.get("name") == named and is_control(item)]

    def names(self) -> list[str]:
        """The fields in reading order."""
        found = [item.get("name", "") for item in self.tree.iter() if is_control(item)]
        return [name.removeprefix(FIELD) for name in dict.fromkeys(found)]

    def can_hold(self, name: str, value: Any) -> bool:
        """Whether a person can bring a field to a value.

        No radio button is let go, but for another; of some one says that nothing is chosen.
        """
        first = self.controls(name)[0]
        kind = first.get("type")
        if kind == "radio" and not value:
            controls = self.controls(name)
            free = any(item.get("value") == "" for item in controls)
            return free or not any("checked" in item.attrib for item in controls)
        if kind == "file":
            return str(value).startswith("upload:")
        return True

    def enter(self, name: str, value: Any) -> None:
        """Bring a field to a value, as a person does.

        Args:
            name: The field's id.
            value: A text, a bool for a box, a number for a slider; for a choice, one option's
                value or several.
        """
        self.typed.add(name)
        controls = self.controls(name)
        first = controls[0]
        kind = first.get("type", str(first.tag))
        if kind in ("radio", "checkbox") and (kind == "radio" or not isinstance(value, bool)):
            chosen = {value} if isinstance(value, str) else set(value) or {""}
            for item in controls:
                _switch(item, "checked", item.get("value") in chosen)
        elif kind == "checkbox":
            _switch(first, "checked", value)
        elif kind == "file":
            self.files[name] = str(value)
        elif first.tag == "select":
            wanted = value if isinstance(value, str) else next(iter(value), "")
            for item in first.iter("option"):
                _switch(item, "selected", item.get("value") == wanted)
        elif first.tag == "textarea":
            first.text = _unified(str(value))
        else:
            first.set("value", sanitized(first, _text(value)))
            for item in self.tree.iter("output"):
                if item.get("for") == first.get("id"):
                    item.text = first.get("value")

    def held(self, name: str) -> Any:
        """What a field holds, in the form in which `enter` takes it."""
        controls = self.controls(name)
        first = controls[0]
        kind = first.get("type")
        if kind == "radio" or (kind == "checkbox" and self.is_group(first)):
            chosen = [item.get("value", "") for item in controls if "checked" in item.attrib]
            return tuple(chosen)
        if kind == "checkbox":
            return "checked" in first.attrib
        if kind == "file":
            return self.files.get(name, "")
        return (value_of(first),) if first.tag == "select" else value_of(first)

    def is_group(self, control: Element) -> bool:
        """Whether a box is one of several, or stands for yes and no."""
        groups = (item for item in self.tree.iter("fieldset") if item.get("data-field"))
        named = control.get("name", "").removeprefix(FIELD)
        return any(item.get("data-field") == named for item in groups)

    def buttons(self) -> list[Element]:
        """The buttons a person sees, from top to bottom."""
        found = self.tree.iter("button")
        return [item for item in found if "ui-visually-hidden" not in item.get("class", "")]

    def default(self) -> Element | None:
        """What the Enter key presses: the first submit button of the form."""
        first = next(iter(self.tree.iter("button")), None)
        return None if first is None or "disabled" in first.attrib else first

    def post(self, pressed: Element) -> list[tuple[str, str]]:
        """What is posted when a button is pressed, in order."""
        return [
            (name, _unified(value).replace("\n", "\r\n")) for name, value in self._entries(pressed)
        ]

    def _entries(self, pressed: Element) -> Iterator[tuple[str, str]]:
        for item in self.tree.iter():
            name = item.get("name", "")
            if not name or "disabled" in item.attrib or not _is_submittable(item, pressed):
                continue
            if item.get("type") == "file":
                yield name, self.files.get(name.removeprefix(FIELD), "")
            elif item.get("type") in ("hidden", "submit"):
                yield name, item.get("value", "")
            else:
                yield name, value_of(item)


def _is_submittable(item: Element, pressed: Element) -> bool:
    if item.tag == "button":
        return item is pressed
    if item.get("type") in ("radio", "checkbox"):
        return "checked" in item.attrib
    return item.tag in ("input", "select", "textarea")


def _switch(element: Element, name: str, on: bool) -> None:
    if on:
        element.set(name, "")
    else:
        element.attrib.pop(name, None)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else re.sub(r"\.0$", "", str(value))


@dataclass
class Page:
    """A page with the surfaces that the backend sent.

    Attributes:
        frames: By name of surface; a reset puts another in its place.
        ids: The id on the wire of each.
    """

    frames: dict[str, Frame] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)

    def take(self, messages: Sequence[Message]) -> None:
        """Apply the messages of a batch."""
        for message in messages:
            ((kind, told),) = message.items()
            _TAKE[kind](self, told)

    def _replace(self, told: Mapping[str, Any]) -> None:
        name = told["surface"].partition("#")[0]
        before, same = self.frames.get(name), self.ids.get(name)
        frame = Frame(parsed(told["html"]))
        (element,) = frame.tree
        assert element.get("id") == f"ui-{name}"
        assert element.get("data-surface") == told["surface"]
        assert set(told["written"]) <= set(frame.names()), told["written"]
        if before is not None and same == told["surface"]:
            _carry(before, frame, told["written"])
        self.frames[name], self.ids[name] = frame, told["surface"]

    def _remove(self, told: Mapping[str, Any]) -> None:
        name = told["surface"].partition("#")[0]
        assert self.ids.pop(name) == told["surface"]
        del self.frames[name]

    def _rev(self, told: Mapping[str, Any]) -> None:
        name = told["surface"].partition("#")[0]
        assert self.ids[name] == told["surface"]
        tree = self.frames[name].tree
        if next(tree.iter("form"), None) is None:
            return  # nothing is shown, so nothing can be pressed
        (found,) = (item for item in tree.iter("input") if item.get("name") == "_rev")
        assert found.get("id") == f"ui--{name}--rev"
        found.set("value", str(told["rev"]))


def _carry(before: Frame, after: Frame, written: Sequence[str]) -> None:
    """Bring what was typed along, where the field is still there and was not written."""
    there = set(after.names())
    for name in before.typed & there - set(written):
        value = before.held(name)
        if after.can_hold(name, value):
            after.enter(name, value)
        if name in before.files:
            after.files[name] = before.files[name]


_TAKE: Final = {"replace": Page._replace, "remove": Page._remove, "rev": Page._rev}
