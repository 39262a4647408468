"""A person's hands on the host page: mouse and keys in the real elements, and nothing else.

Whatever is filled in is first brought to sight, as a person has to: a tab is opened, a dialog is
opened or closed. Every deed is counted.

Dates are picked in the browser's calendar, and times typed into inputs that were emptied first: the
official client draws an input anew whenever it holds something whole, so that a date typed from the
front is gone with the first digit of its year (`keyboard.py` tells more).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import date
from typing import Any

from playwright.sync_api import Locator

from uicompiler.ir.fields import Field

from .client import HEIGHT, WIDTH, HostPage

_TEXTS = frozenset({"short_text", "long_text", "secret", "number", "tags", "email", "url", "phone"})


class Hands:
    """Fills in, picks and presses.

    Attributes:
        deeds: How often something was typed, picked, opened or pressed.
    """

    def __init__(self, page: HostPage) -> None:
        self.page = page
        self.deeds = 0
        self._keys = page.page.keyboard
        self._mouse = page.page.mouse

    def done(self) -> None:
        """One more deed; the page gets time to show it."""
        self.deeds += 1
        self.page.settle()

    # ------------------------------------------------------------ fields

    def fill(self, element: Locator, field: Field, value: Any) -> None:
        """Bring a field's input to a value, by what its kind asks for.

        Args:
            element: The input's component.
            field: The field, whose options a person reads.
            value: What it should hold; None or "" empties it.
        """
        self.reveal(element)
        if element.evaluate("element => element.component.type") == "FileUpload":
            self._upload(element, value)
        elif field.kind in _TEXTS or field.kind == "upload":
            self.type(element, "" if value is None else str(value))
            return
        else:
            _FILL[field.kind](self, element, field, value)
        self.done()

    def type(self, element: Locator, text: str) -> None:
        """Replace a text by typing another one."""
        self.reveal(element)
        element.locator("input").click()
        self._keys.press("Control+A")
        self._keys.press("Delete")
        self._keys.type(text)
        self.done()

    def _tick(self, element: Locator, _field: Field, value: Any) -> None:
        box = element.locator("input")
        if box.is_checked() != bool(value):
            box.click()

    def _choose(self, element: Locator, field: Field, value: Any) -> None:
        """Open the list, press what has to change, close it."""
        wanted = {value} if isinstance(value, str) else set(value or ())
        labels = {option.label for option in field.options if option.value in wanted}
        self.choose(element, labels)

    def choose(self, element: Locator, labels: Collection[str]) -> None:
        """Have just the options with these labels chosen: press those that have to change."""
        element.locator(".dropdown-header").click()
        options = element.locator(".option-item")
        for index, label in enumerate(options.all_inner_texts()):
            option = options.nth(index)
            chosen = "selected" in (option.get_attribute("class") or "")
            if chosen != (label.removeprefix("\u2713").strip() in labels):
                option.click()
                self.page.settle()
        element.locator(".dropdown-header").click()

    def _drag(self, element: Locator, field: Field, value: Any) -> None:
        """Drag the handle there by mouse; the last steps go by arrow keys."""
        low, high = float(field.min or 0), float(field.max or 0)
        handle = element.locator("input")
        handle.scroll_into_view_if_needed()
        box = handle.bounding_box()
        assert box is not None
        held = float(handle.input_value())
        middle = box["y"] + box["height"] / 2
        self._mouse.move(_along(box, held, low, high), middle)
        self._mouse.down()
        self._mouse.move(_along(box, float(value), low, high), middle, steps=8)
        self._mouse.up()
        self.page.settle()
        off = int(value) - int(handle.input_value())
        for _ in range(abs(off)):
            self._keys.press("ArrowRight" if off > 0 else "ArrowLeft")

    def _date(self, element: Locator, _field: Field, value: Any) -> None:
        if value:
            self.pick(element, value)
        else:
            self._empty(element)

    def pick(self, element: Locator, day: str) -> None:
        """Open the calendar and walk to a day by keys, month by month and day by day."""
        self._open_calendar(element)
        wanted = date.fromisoformat(day)
        while (off := _months(wanted) - _months(_picked(element))) != 0:
            self._step(element, "PageDown" if off > 0 else "PageUp")
        while (off := (wanted - _picked(element)).days) != 0:
            self._step(element, "ArrowRight" if off > 0 else "ArrowLeft")
        self._keys.press("Enter")
        self.page.page.set_viewport_size({"width": WIDTH, "height": HEIGHT})

    def _open_calendar(self, element: Locator) -> None:
        """Open it and take the first step, to today or by a day.

        Chromium without a screen opens none that would not fit below; so there is room for it.
        """
        height = self.page.page.evaluate("document.documentElement.scrollHeight") + 400
        self.page.page.set_viewport_size({"width": WIDTH, "height": height})
        element.locator("input").focus()
        self._keys.press("Alt+ArrowDown")
        opened = any(self._moves(element, "ArrowRight", 60) for _ in range(160))
        assert opened, "the calendar does not open"

    def _step(self, element: Locator, key: str) -> None:
        """Press a key until it moves the calendar, which hears none while it slides."""
        moved = any(self._moves(element, key, 60) for _ in range(160))
        assert moved, f"{key} does not move the calendar"

    def _moves(self, element: Locator, key: str, timeout_ms: int) -> bool:
        """Press a key in the calendar, which is a window of its own and has its own pace."""
        before = _stored(element)
        self._keys.press(key)
        for _ in range(timeout_ms // 10):
            if _stored(element) != before:
                return True
            self.page.page.wait_for_timeout(10)
        return False

    def _time(self, element: Locator, _field: Field, value: Any) -> None:
        self._empty(element)
        if value:
            self._keys.type(_clock(value))

    def _moment(self, element: Locator, _field: Field, value: Any) -> None:
        self._empty(element)
        if value:
            day, _, clock = value.partition("T")
            self._day(day)
            self._keys.press("Tab")
            self._keys.type(_clock(clock))

    def _empty(self, element: Locator) -> None:
        """Take out what a date or time input holds, and stand in its first part."""
        entry = element.locator("input")
        for _ in range(2):  # the element is drawn anew when the first part goes
            entry.focus()
            self._keys.press("Backspace")
            self.page.settle()
        assert entry.input_value() == ""

    def _day(self, day: str) -> None:
        """From the input's first part: the year, and then month and day, as en-US has them."""
        year, month, number = day.split("-")
        for key in ("Tab", "Tab"):
            self._keys.press(key)
        self._keys.type(year)
        for key in ("Shift+Tab", "Shift+Tab"):
            self._keys.press(key)
        self._keys.type(month + number)  # moves on to the year by itself

    def _upload(self, element: Locator, value: str) -> None:
        """Choose a file; the page's store answers with a handle of its name."""
        name = f"{value.removeprefix('upload:')}.json"
        file = {"name": name, "mimeType": "application/json", "buffer": b"{}"}
        element.locator("input").set_input_files(files=[file])  # type: ignore[list-item]

    # ------------------------------------------------------------ the rest of the screen

    def press(self, element: Locator) -> None:
        """Press a button."""
        self.reveal(element)
        element.locator("button").click()
        self.done()

    def open_tab(self, tabs: Locator, index: int) -> None:
        """Bring a tab to the front, unless it is."""
        button = tabs.locator("#buttons > button").nth(index)
        if button.is_enabled():
            button.click()
            self.done()

    def open_dialog(self, modal: Locator) -> None:
        """Press what opens a dialog, unless it is open."""
        if modal.locator("dialog[open]").count() == 0:
            modal.locator("xpath=./*[@slot='entry']").click()
            modal.locator("dialog[open]").wait_for()
            self.done()

    def close_dialog(self, modal: Locator) -> None:
        """Press the cross of an open dialog."""
        modal.locator("#controls > button").click()
        self.done()

    def reveal(self, element: Locator) -> None:
        """Bring something to sight: what hides it is opened, a dialog above it is closed."""
        self._close_others(element)
        around = element.locator("xpath=ancestor::a2ui-modal | ancestor::a2ui-tabs")
        for above in around.all():
            if above.evaluate("item => item.localName") == "a2ui-modal":
                self.open_dialog(above)
            else:
                self.open_tab(above, _place_in(above, element))

    def _close_others(self, element: Locator) -> None:
        for modal in self.page.of_kind("Modal").all():
            inside = element.evaluate(
                "(item, modal) => modal.contains(item)", modal.element_handle()
            )
            if not inside and modal.locator("dialog[open]").count():
                self.close_dialog(modal)


def _picked(element: Locator) -> date:
    """The day the calendar stands on."""
    return date.fromisoformat(_stored(element)[:10])


def _stored(element: Locator) -> str:
    """What the client has stored of a date input."""
    held: str = element.evaluate(
        "item => item.processor.getData(item.component, item.value.path, item.surfaceId)"
    )
    return held


def _months(day: date) -> int:
    return day.year * 12 + day.month


def _along(box: Mapping[str, float], value: float, low: float, high: float) -> float:
    """Where the handle's middle stands for a value; the handle is sixteen pixels wide."""
    share = (value - low) / (high - low) if high > low else 0
    return box["x"] + 8 + share * (box["width"] - 16)


def _clock(time: str) -> str:
    """`15:30` as it is typed into a clock of twelve hours."""
    hour, minute = int(time[:2]), time[3:5]
    return f"{hour % 12 or 12:02d}{minute}{'PM' if hour >= 12 else 'AM'}"


def _place_in(tabs: Locator, element: Locator) -> int:
    """In which tab something is."""
    place: int = element.evaluate(
        "(item, tabs) => [...tabs.children].findIndex(page => page.contains(item))",
        tabs.element_handle(),
    )
    return place


_FILL: Mapping[str, Callable[[Hands, Locator, Field, Any], None]] = {
    "boolean": Hands._tick,
    "choice": Hands._choose,
    "multi_choice": Hands._choose,
    "slider": Hands._drag,
    "date": Hands._date,
    "time": Hands._time,
    "datetime": Hands._moment,
}
