"""An envelope as a careless writer writes it: JSON with small faults of syntax, and words around.

Pure; each function takes a text or a value and gives the text a model would have written. What an
envelope means stays as it was, so that whoever mends the form has mended the answer.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

_BEFORE: Final = (
    "Here is the JSON you asked for:\n\n",
    "Sure! I'll show that now.\n\n",
    "Of course. Here's what I came up with:\n",
    "I set {title} and {fields} as you asked:\n\n",
    "Based on the conversation, the next step is clear [1].\n\n",
    "**Answer**\n\n",
)
_AFTER: Final = (
    "",
    "\n\nLet me know if you need anything else!",
    "\n\nThis keeps to the schema {assistant_text, directives}.",
)
_THOUGHTS: Final = (
    "The user wants a screen. A toast would be too little, so a form it is.",
    'Maybe {"type": "ui.toast"}? No, that only informs.',
    "Okay, let me see what is on the screen.\n\nFirst, the surface. Then the fields.",
)
_FENCES: Final = ("```json", "```json", "```json", "```", "```JSON", "~~~json")


def compact(value: Any) -> str:
    """JSON without spaces."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def indented(value: Any) -> str:
    """JSON over many lines."""
    return json.dumps(value, ensure_ascii=False, indent=2)


def fenced(text: str, rng: random.Random) -> str:
    """In a code fence."""
    opening = rng.choice(_FENCES)
    return f"{opening}\n{text}\n{opening[:3]}"


def with_prose(text: str, rng: random.Random) -> str:
    """With words before, and sometimes after."""
    return rng.choice(_BEFORE) + text + rng.choice(_AFTER)


def with_thoughts(text: str, rng: random.Random) -> str:
    """After reasoning; now and then the opening tag was swallowed."""
    opening = "" if rng.random() < 0.25 else "<think>\n"
    return f"{opening}{rng.choice(_THOUGHTS)}\n</think>\n\n{text}"


def with_trailing_comma(text: str, rng: random.Random) -> str:
    """With a comma after the last item of an object or list."""
    ends = [match.start() for match in re.finditer(r"(?<=[\"\]}\w])\s*[\]}]", text)]
    return _inserted(text, rng.choice(ends), ",") if ends else text


def with_comment(text: str, rng: random.Random) -> str:
    """With a comment after the opening brace."""
    comment = rng.choice((" // what the user sees", " /* the turn */", " # envelope"))
    line = f"{comment}\n" if comment[1] != "/" or comment[2] == "/" else comment
    return _inserted(text, 1, line)


def with_raw_newline(value: Any, write: Callable[[Any], str]) -> str:
    """With newlines in its strings as they are; one string at least has one at its end."""
    marked = dict(value) if isinstance(value, Mapping) else value
    if isinstance(marked, dict) and isinstance(marked.get("assistant_text"), str):
        marked["assistant_text"] += "\n"
    return re.sub(r"(?<!\\)((?:\\\\)*)\\n", r"\1\n", write(marked))


def without_last_bracket(text: str) -> str:
    """Without its last bracket."""
    return text.rstrip()[:-1]


def single_quoted(value: Any) -> str:
    """JSON in every other way, with single quotes around strings."""
    if isinstance(value, str):
        inside = json.dumps(value, ensure_ascii=False)[1:-1].replace('\\"', '"')
        return "'" + inside.replace("'", "\\'") + "'"
    if isinstance(value, Mapping):
        items = (f"{single_quoted(str(key))}: {single_quoted(item)}" for key, item in value.items())
        return "{" + ", ".join(items) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(single_quoted(item) for item in value) + "]"
    return json.dumps(value)


def as_python(value: Any) -> str:
    """As Python writes it: True, False, None, and the quotes it chooses."""
    return repr(value)


def cut_off(text: str, rng: random.Random) -> str:
    """The beginning of it: between a third and all but little."""
    return text[: max(1, int(len(text) * rng.uniform(0.33, 0.97)))]


def _inserted(text: str, place: int, what: str) -> str:
    return text[:place] + what + text[place:]
