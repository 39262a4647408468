"""What a person sees of each standard component on the official client, and its limits: one table.

`test_seen.py` looks at every row in a real browser and fails when a row is no longer true.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """One component.

    Attributes:
        component: Its type.
        sees: What a person sees of it.
        limits: What they do not see, or see otherwise than the catalog says; "" for nothing.
    """

    component: str
    sees: str
    limits: str = ""


SEEN = (
    Row("Text", "the text, its first line as a heading or caption", "every Text is markdown"),
    Row("Image", "the picture", "the alt text is not passed on: `alt` stays empty"),
    Row("Icon", "a sign of the host's icon font", "without that font, the sign's name as a word"),
    Row("Video", "a player with controls", "a page of a video site does not play"),
    Row("AudioPlayer", "a player with controls", "the description is not shown"),
    Row("Row", "its children beside each other", "they wrap only where the host's theme says so"),
    Row("Column", "its children below each other"),
    Row("List", "its children below or beside each other", "`alignment` has no effect"),
    Row("Card", "a frame around its child", "looks the same where it opens a Modal"),
    Row(
        "Tabs",
        "a row of titles and the page of the chosen one",
        "no message can bring a tab to the front",
    ),
    Row("Divider", "a line"),
    Row(
        "Modal",
        "its entry; after a press on that, a dialog with a cross",
        "no message can open or close it; after Escape its entry does not come back",
    ),
    Row("Button", "its text in a frame", "`primary` makes no difference"),
    Row("CheckBox", "a box and its label"),
    Row(
        "TextField",
        'its label above an input of one line, with the words "Please enter a value"',
        "long texts have one line too; an obscured text is shown; a number that is not whole is "
        "marked as wrong, and sent all the same",
    ),
    Row(
        "DateTimeInput",
        '"Date", "Time" or "Date & Time" above the browser\'s own input',
        "a day that was picked west of UTC is drawn anew as the day before it, and sent as it was "
        "picked; bounds are not known to it",
    ),
    Row(
        "MultipleChoice",
        '"Select items" or how many are chosen; after a press, the options with a box before each',
        "what is chosen is not named while it is closed; as many as one likes can be chosen; the "
        "list stays open after a choice",
    ),
    Row(
        "Slider",
        "a handle on a line, and its value as a number",
        "the label is not passed on; a value above 100 that was sent has its handle at 100",
    ),
)


def markdown() -> str:
    """The table as a page shows it."""
    lines = ["| component | a person sees | limits |", "| --- | --- | --- |"]
    lines += [f"| {row.component} | {row.sees} | {row.limits or '-'} |" for row in SEEN]
    return "\n".join([*lines, ""])
