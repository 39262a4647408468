"""What the catalog, or the official client, cannot show as the IR means it: one table.

A row says what becomes of it instead. Where that loses something a user would miss, the row is
reported as A2UI_S2C_CATALOG_DEGRADED; the others only stand here and in the documentation. Tests
that compare screens with the IR allow these differences and no others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, slots=True)
class Degradation:
    """One row.

    Attributes:
        what: What the IR means.
        becomes: What a client shows instead, and why.
        reported: Whether every use is a warning.
    """

    what: str
    becomes: str
    reported: bool = False


DEGRADATIONS: Final[Mapping[str, Degradation]] = MappingProxyType(
    {
        "secret": Degradation(
            "a secret field hides what is typed",
            "an obscured TextField, which the official web client shows in clear",
            reported=True,
        ),
        "upload": Degradation(
            "an upload field takes a file",
            "without FileUpload in the catalog: a TextField for the file's text or its handle",
            reported=True,
        ),
        "time": Degradation(
            "a time can be picked",
            "a DateTimeInput; the official web client empties it when a time that was there is "
            "changed, and still sends what was picked",
        ),
        "date": Degradation(
            "a date shows as the day it is",
            "a DateTimeInput; the official web client draws a day that was picked west of UTC "
            "anew as the day before, when it is shown again, and still sends what was picked",
        ),
        "number": Degradation(
            "a number may have decimals",
            "a number TextField, which the official web client marks as wrong unless the number "
            "is whole, and still sends",
        ),
        "field_error": Degradation(
            "an error stands out beside its field",
            "a caption behind a warning sign, since a client has one look for all captions",
        ),
        "slider": Degradation(
            "a slider's handle stands at its value",
            "a Slider; the official web client draws the handle of a value it was sent as if the "
            "range were 0 to 100 at most, beside the right number",
        ),
        "max_items": Degradation(
            "no more than max_items options can be chosen",
            "a MultipleChoice whose limit the official web client does not keep; the server does",
        ),
        "long_text": Degradation(
            "a long text is edited in several lines",
            "a longText TextField, one line in the official web client",
        ),
        "image_alt": Degradation(
            "an image's alt text is told to whoever does not see the picture",
            "altText, which the official web client does not pass on, and the image's caption, "
            "which is the alt text where the image has no caption of its own",
        ),
        "video": Degradation(
            "a video has a title, and may be a page of a video site",
            "its title as a text above it; the page of a video site (YouTube, Vimeo) does not "
            "play, only the address of a media file does",
        ),
        "audio": Degradation(
            "a sound has a title",
            "its title as a text above it, since the official web client shows no description",
        ),
        "tab_error": Degradation(
            "a tab with an error comes to the front",
            "a warning sign before its title, since no message can open a tab",
        ),
        "disclosure": Degradation(
            "a disclosure opens in its place and closes again",
            "a Card with its title and an ellipsis that opens a Modal, the catalog having nothing "
            "closer; a keyboard does not reach it in the official web client, where it is gone "
            "after Escape until its view is made anew",
        ),
        "disclosure_open": Degradation(
            "a disclosure is open, or holds a required field or an error that must be seen",
            "a section that is always open, since no message can open a Modal",
        ),
        "progress": Degradation(
            "a progress bar",
            "a text of ten cells and a percentage; without a value, ten empty cells",
        ),
        "list": Degradation(
            "a list or table shows as many items as it may, in components of their own where no "
            "template can show them",
            "the first of them, and a line that says how many more there are",
            reported=True,
        ),
        "table": Degradation(
            "a cell holds a text of several lines",
            "one line, since a row of a table is one for all of its cells",
        ),
    }
)
