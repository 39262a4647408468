"""What stands around an answer: thoughts before it, a fence, tags, words; and where it stands.

Promises: no text makes these raise; time is linear in the text. A thought is left out only where it
opens the text and one place alone can be its end. It does not know JSON.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import Final

from uicompiler.directives.json_reader import read_json
from uicompiler.llm.mending.relaxed_nesting import ENVELOPE

_MAX_CLOSING: Final = 120
_MAX_DEPTH: Final = 64
_MAX_THOUGHTS: Final = 4
_TAG: Final = "answer|directives|json|output|response|result|tool_call"
_ENDS: Final = (*":.!\uff1a\u3002\uff01", "```", "~~~", ">")
_OPENING: Final = re.compile(
    rf"(?:[\s\ufeff]|<(?:{_TAG})>)*+(?:(?:```|~~~)[A-Za-z0-9_-]*+\s*+)?+(?:<(?:{_TAG})>\s*+)?+",
    re.IGNORECASE,
)
_CLOSING: Final = re.compile(
    rf"(?:[\s\ufeff]*+(?:```|~~~|</(?:{_TAG}|s)>|<\|\w{{1,20}}\|>)){{1,4}}\Z", re.IGNORECASE
)
_THOUGHT: Final = re.compile(r"[\s\ufeff]*+<(think|thinking|thought|reasoning)>", re.IGNORECASE)
_FINAL: Final = re.compile(r"<\|channel\|>final(?:\s*+<\|constrain\|>\w*+)?<\|message\|>")


def without_thoughts(text: str) -> str:
    """The answer after what a model thought; the text itself where that is not sure."""
    body = _final_channel(text)
    for _ in range(_MAX_THOUGHTS):
        opening = _THOUGHT.match(body)
        if opening is None:
            return body
        end = _end_of_thought(body, opening)
        if end is None:
            return text
        body = body[end:]
    return text


def _final_channel(text: str) -> str:
    """What follows the one mark of a final channel, as some open models write."""
    if not text.lstrip().startswith("<|"):
        return text
    marks = list(islice(_FINAL.finditer(text), 2))
    return text[marks[0].end() :] if len(marks) == 1 else text


def _end_of_thought(body: str, opening: re.Match[str]) -> int | None:
    """Where the thought ends; None where that is nowhere, or may be in two places.

    A thought may quote the very tag that ends it, and so may an answer. Of several such tags, one
    counts before which all was thought and after which a whole envelope stands alone.
    """
    closing = re.compile(rf"</{opening[1]}>\s*+", re.IGNORECASE)
    found = closing.finditer(body, opening.end())
    ends = [match.end() for match in islice(found, _MAX_THOUGHTS + 1)]
    if not ends or len(ends) > _MAX_THOUGHTS:
        return None
    if len(ends) == 1 or _THOUGHT.match(body, ends[0]):
        return ends[0]
    return next((end for end in ends if _is_envelope(body[end:])), None)


def _is_envelope(text: str) -> bool:
    inner = without_closing(text)
    start = frame_end(inner)
    if not inner.startswith("{", start):
        return False
    found = read_json(inner, start, _MAX_DEPTH)
    names = found.state == "complete" and found.names >= ENVELOPE
    return names and stands_alone(inner, start, found.end)


def frame_end(body: str) -> int:
    """Where what opens an answer ends: white space, a byte order mark, tags, one fence."""
    found = _OPENING.match(body)
    return found.end() if found else 0


def without_closing(body: str) -> str:
    """Without the fences, tags and tokens that end an answer."""
    plain = body.rstrip("\ufeff \t\r\n")
    closing = _CLOSING.search(plain, max(0, len(plain) - _MAX_CLOSING))
    return body if closing is None else body[: closing.start()]


def stands_alone(body: str, start: int, end: int) -> bool:
    """Whether nothing but a frame is around a part of a text without its closing."""
    return frame_end(body) == start and not body[end:].strip("\ufeff \t\r\n")


def stands_apart(body: str, start: int, end: int) -> bool:
    """Whether a part ends its line, and begins it or follows the end of a sentence.

    What stands inside a sentence is spoken of, rather than said.
    """
    before = body[body.rfind("\n", 0, start) + 1 : start].strip()
    after = body[end:].split("\n", 1)[0].strip()
    return not after and (not before or before.endswith(_ENDS))
