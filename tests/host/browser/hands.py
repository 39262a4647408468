"""A person's hands: what is typed, ticked and chosen, by mouse or by keyboard alone.

By keyboard everything is reached with the Tab key; nothing is ever focused by a script.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from playwright.sync_api import FilePayload, Locator

from uicompiler.ir.fields import Field

from .tab import Tab

MOST_STOPS = 150


class Mouse:
    """Points, clicks and types."""

    def __init__(self, tab: Tab) -> None:
        self.tab = tab

    def fill(self, surface: str, name: str, field: Field, value: Any) -> None:
        """Bring a field to a value; None or "" empties it."""
        controls = self.tab.controls(name, surface)
        kind = controls.first.get_attribute("type") or "text"
        if kind in ("radio", "checkbox"):
            self._tick(controls, field, value)
        elif controls.first.evaluate("control => control.localName") == "select":
            controls.first.select_option("" if value is None else str(value))
        else:
            controls.first.fill("" if value is None else str(value))

    def _tick(self, controls: Locator, field: Field, value: Any) -> None:
        if field.kind == "boolean":
            controls.first.set_checked(bool(value))
            return
        wanted = {value} if isinstance(value, str) else set(value or ())
        for control in controls.all():
            is_wanted = control.get_attribute("value") in wanted
            if is_wanted or control.get_attribute("type") == "checkbox":
                control.set_checked(is_wanted)

    def choose(self, surface: str, name: str, file: FilePayload) -> None:
        """Choose a file."""
        self.tab.controls(name, surface).first.set_input_files(files=[file])

    def press(self, button: Locator) -> None:
        """Press a button."""
        self.tab.press(button)


class Keys:
    """Uses the keyboard alone.

    Attributes:
        pressed: How many keys.
    """

    def __init__(self, tab: Tab) -> None:
        self.tab = tab
        self.pressed = 0
        # Who asks for choosers only as the key goes down may be later than the browser.
        tab.page.on("filechooser", lambda _: None)

    def key(self, *keys: str) -> None:
        for key in keys:
            self.tab.page.keyboard.press(key)
            self.pressed += 1

    def go(self, target: Locator) -> None:
        """Tab to an element, or to the one of its group that Tab stops at."""
        seen: list[str] = []
        for _ in range(MOST_STOPS):
            if target.evaluate("(item) => item === document.activeElement"):
                return
            self.key("Tab")
            seen.append(self.tab.focused())
        raise AssertionError(f"Tab does not lead to {target}; it stops at {seen}")

    def fill(self, surface: str, name: str, field: Field, value: Any) -> None:
        """As of `Mouse`."""
        controls = self.tab.controls(name, surface)
        kind = controls.first.get_attribute("type") or "text"
        if kind == "radio":
            self._radio(controls, str(value))
        elif kind == "checkbox":
            self._boxes(controls, field, value)
        elif kind in ("date", "time"):
            self.go(controls.first)
            self._moment(kind, str(value))
        elif kind == "range":
            self._slide(controls.first, int(value))
        elif controls.first.evaluate("control => control.localName") == "select":
            self.go(controls.first)
            label = next(item.label for item in field.options if item.value == value)
            self.tab.page.keyboard.type(label)
        else:
            self.go(controls.first)
            self.key("Control+A", "Delete")
            self.tab.page.keyboard.type(str(value))

    def _radio(self, controls: Locator, value: str) -> None:
        stop = next((c for c in controls.all() if c.is_checked()), controls.first)
        self.go(stop)
        for _ in range(controls.count()):
            focused = next(c for c in controls.all() if _has_focus(c))
            if focused.get_attribute("value") == value:
                if not focused.is_checked():
                    self.key("Space")
                return
            self.key("ArrowDown")
        raise AssertionError(f"no radio {value!r}")

    def _boxes(self, controls: Locator, field: Field, value: Any) -> None:
        wanted = set(value or ()) if field.kind == "multi_choice" else None
        for control in controls.all():
            is_wanted = bool(value) if wanted is None else control.get_attribute("value") in wanted
            if control.is_checked() != is_wanted:
                self.go(control)
                self.key("Space")

    def _moment(self, kind: str, value: str) -> None:
        """In the order of en-US, as the browser has its parts."""
        if kind == "date":
            year, month, day = value.split("-")
            self.tab.page.keyboard.type(f"{month}{day}{year}")
            return
        hour, minute = int(value[:2]), value[3:5]
        half = "PM" if hour >= 12 else "AM"
        self.tab.page.keyboard.type(f"{hour % 12 or 12:02d}{minute}{half}")

    def _slide(self, slider: Locator, value: int) -> None:
        self.go(slider)
        self.key("Home")
        low = int(slider.input_value())
        for _ in range(value - low):
            self.key("ArrowRight")

    def choose(self, surface: str, name: str, file: FilePayload) -> None:
        """Open the dialog for files by a key, and choose one there."""
        self.go(self.tab.controls(name, surface).first)
        with self.tab.page.expect_file_chooser() as chooser:
            self.key("Space")
        chooser.value.set_files(files=[file])

    def press(self, button: Locator) -> None:
        """Tab to a button, and press it by the Enter key."""
        self.go(button)
        tab = self.tab
        if not tab.scripts:
            with tab.page.expect_navigation():
                self.key("Enter")
            return
        with tab.page.expect_response(lambda answer: answer.request.method == "POST"):
            self.key("Enter")
        tab.settle()


Hands = Mouse | Keys


def _has_focus(control: Locator) -> bool:
    found: bool = control.evaluate("item => item === document.activeElement")
    return found


def payload(text: str, name: str = "card.json", kind: str = "application/json") -> FilePayload:
    """A file to choose."""
    return {"name": name, "mimeType": kind, "buffer": text.encode()}


__all__: Sequence[str] = ["Hands", "Keys", "Mouse", "payload"]
