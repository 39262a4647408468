"""What a model thought aloud, in tags, beside what it says: never for the user. Pure."""

from __future__ import annotations

import re
from typing import Final

_TAG: Final = re.compile(r"<(/?)(?:think|thinking|thought|reasoning)>", re.IGNORECASE)


def visible(text: str) -> str:
    """A text without its thoughts; in linear time, whatever stands there.

    A thought without an end goes on to the end of the text. One without a beginning began with it:
    some models' templates open the tag for them.
    """
    kept: list[str] = []
    place, inside = 0, 0
    for tag in _TAG.finditer(text):
        if tag[1]:
            kept = kept if inside else []
            inside = max(0, inside - 1)
        else:
            kept += [] if inside else [text[place : tag.start()]]
            inside += 1
        place = tag.end()
    return "".join(kept if inside else [*kept, text[place:]]).strip() if place else text
