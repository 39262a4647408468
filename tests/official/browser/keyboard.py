"""What can be done on the official client by keyboard alone, and what cannot: one table.

`test_keyboard.py` tries every row in a real browser and fails when a row is no longer true, also
when upstream has mended what does not work.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that was tried.

    Attributes:
        key: Names the row for its test.
        component: The component.
        tried: What a person did.
        result: What came of it.
        works: Whether that is what the person wanted.
    """

    key: str
    component: str
    tried: str
    result: str
    works: bool


KEYBOARD = (
    Row(
        "order",
        "all inputs but MultipleChoice, Button",
        "Tab through a form",
        "every input and button is reached, in reading order",
        True,
    ),
    Row("type", "TextField", "type; Enter", "the text is kept; Enter sends nothing", True),
    Row("tick", "CheckBox", "Space", "it is ticked", True),
    Row("slide", "Slider", "arrow keys", "the handle moves by one", True),
    Row("press_enter", "Button", "Enter", "the action is sent", True),
    Row("press_space", "Button", "Space", "the action is sent", True),
    Row("tabs", "Tabs", "Tab to a title, Enter", "that tab comes to the front", True),
    Row(
        "choose",
        "MultipleChoice",
        "Tab to it",
        "no stop there: nothing can be chosen or taken back without a mouse",
        False,
    ),
    Row(
        "open_dialog",
        "Modal",
        "Tab to its entry, a Card with a Text (a disclosure)",
        "no stop there: it cannot be opened without a mouse",
        False,
    ),
    Row(
        "open_by_button",
        "Modal",
        "Enter on an entry that is a Button (the library sends none)",
        "it opens; the Button's action is sent too",
        True,
    ),
    Row(
        "in_dialog",
        "Modal",
        "Tab through an open one, Enter on its cross",
        "what is inside is reached, and it closes",
        True,
    ),
    Row(
        "escape",
        "Modal",
        "Escape in an open one, then open it again",
        "it closes, and its entry does not come back until the element is made anew: "
        "what is inside is out of reach, though it is still sent",
        False,
    ),
    Row(
        "date_typed",
        "DateTimeInput",
        "type a date from the front, month, day and year",
        "the first digit of the year empties the input, and a day of the year 2 is kept and sent; "
        "the library asks for the date again",
        False,
    ),
    Row(
        "date_picked",
        "DateTimeInput",
        "Alt+Down, arrow keys, Enter",
        "the calendar opens and the day is kept",
        True,
    ),
    Row("time_typed", "DateTimeInput", "type a time into an empty one", "the time is kept", True),
    Row(
        "time_replaced",
        "DateTimeInput",
        "type a time over one that is there",
        "the first digit empties the input, and the rest is read from there: 11:45 PM becomes "
        "14:05, unless the input is emptied first",
        False,
    ),
    Row(
        "players",
        "Video, AudioPlayer",
        "Tab to it",
        "the player's own controls are reached",
        True,
    ),
)


def markdown() -> str:
    """The table as a page shows it."""
    lines = ["| component | tried | result | works |", "| --- | --- | --- | --- |"]
    lines += [
        f"| {row.component} | {row.tried} | {row.result} | {'yes' if row.works else '**no**'} |"
        for row in KEYBOARD
    ]
    return "\n".join([*lines, ""])
