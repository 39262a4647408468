"""What a model wrote, mended without asking it again: its JSON's syntax, the envelope's shape.

Promises: no text makes `mend` raise; time is linear in the text, with a small constant; what
`compile` reads as a sound envelope comes back as the same object; nothing the model said is lost,
made up or changed in meaning, and nothing runs that it only quoted. Where two readings are possible
nothing is done, and the model has to be asked. It does not know which directives an app has, unless
it is given their registry.

Source: DESIGN section 11.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from uicompiler.directives.envelope import parse_envelope
from uicompiler.directives.json_reader import read_json
from uicompiler.directives.registry import DirectiveRegistry
from uicompiler.errors import Diagnostic, diagnostic
from uicompiler.llm.mending.candidates import only_envelope, only_value
from uicompiler.llm.mending.envelope_shapes import as_envelope
from uicompiler.llm.mending.framing import frame_end, without_closing, without_thoughts
from uicompiler.llm.mending.relaxed_nesting import ENVELOPE

CHANGES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "thinking": "left out what the model thought before its answer",
        "encoded": "unpacked JSON that stood in a string",
        "wrapper": "took an envelope or a payload out of what was around it",
        "bare_directive": "put a single directive into an envelope",
        "bare_list": "put a list of directives into an envelope",
        "key_name": "named a key of the envelope as it is spelt",
        "missing_key": "added an empty assistant_text or directives",
        "payload_wrapper": "took a payload, or a value in it, out of what was around it",
        "call": "read a name and its arguments as a type and its payload",
        "space": "read characters that are invisible as white space",
        "punctuation": "read full-width punctuation as the plain one",
        "comment": "left out comments",
        "quotes": "put strings and keys into double quotes",
        "inner_quotes": "escaped quotes inside a string",
        "escape": "corrected escapes",
        "control_character": "escaped line breaks and control characters in strings",
        "literal": "wrote True, False and None as JSON does",
        "number": "wrote numbers as JSON does",
        "unquoted_key": "put bare keys into quotes",
        "trailing_comma": "left out commas after the last value",
        "missing_comma": "added commas between values",
        "missing_bracket": "closed brackets",
        "excess_bracket": "left out a bracket that closes nothing",
    }
)
"""By the name of a change, what was done."""

_FIRST_KEY: Final = re.compile(r"""["'](?:assistant_text|directives)["']\s*+:""")


@dataclass(frozen=True, slots=True)
class Mended:
    """What came of it.

    Attributes:
        text: What to compile.
        changes: Names of what was done, keys of `CHANGES`, each once, in order; () when the text
            is the one that was given.
    """

    text: str
    changes: tuple[str, ...] = ()

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """One finding that names the changes, or none."""
        if not self.changes:
            return ()
        done = "; ".join(CHANGES[name] for name in self.changes)
        return (diagnostic("LLM_OUTPUT_MENDED", f"The answer was mended: {done}."),)


def mend(
    text: str,
    *,
    finished: bool = False,
    registry: DirectiveRegistry | None = None,
    max_bytes: int = 200_000,
    max_depth: int = 64,
) -> Mended:
    """Mend an envelope as far as it is sure what was meant.

    Args:
        text: What a model wrote.
        finished: The provider says that the model came to its end, so brackets missing there were
            forgotten; otherwise the text counts as cut off, and what is incomplete stays so.
        registry: The directives there are, which makes more of their shapes sure.
        max_bytes: Longer texts are left alone; `compile` refuses them.
        max_depth: Most containers inside each other, as for `compile`.

    Returns:
        The text to compile; the one that was given where nothing was to be done or nothing is sure.
    """
    if len(text) > max_bytes:
        return Mended(text)
    body = without_thoughts(text)
    changes: dict[str, None] = {} if body is text else {"thinking": None}
    left = Mended(body, tuple(changes))
    parsed = parse_envelope(body, max_bytes=max_bytes, max_depth=max_depth).envelope
    if parsed is not None and parsed.complete:
        value = {"assistant_text": parsed.assistant_text, "directives": list(parsed.directives)}
        return _shaped(_text(value), changes, registry, max_depth, body) or left
    unpacked = _unpacked(body, changes)
    opened = _opened(unpacked, changes)
    inner = without_closing(opened)
    finished |= inner != opened  # who closes a fence has finished
    best = only_envelope(inner, max_depth, finished)
    if best is None or (best.state == "torn" and parsed is not None):
        return left
    if unpacked is not body and not ENVELOPE.issubset(best.keys):
        return left  # what stands in quotes is an answer only if it can be nothing else
    changes.update(dict.fromkeys(best.changes))
    if best.state == "torn":
        return Mended(best.text, tuple(changes)) if best.changes else left
    mended = _shaped(best.text, changes, registry, max_depth, best.text)
    return mended if mended is not None and mended.changes else left


def mend_object(
    text: str, finished: bool = False, *, max_bytes: int = 200_000, max_depth: int = 64
) -> Mended:
    """Mend the arguments of a tool: one JSON object, of which nothing is known but the syntax.

    Args:
        text: The arguments as the model wrote them; nothing but white space is an empty object.
        finished: The model came to its end; otherwise no bracket is closed.
        max_bytes: Longer texts are left alone.
        max_depth: Most containers inside each other.
    """
    if len(text) > max_bytes:
        return Mended(text)
    if not text.strip():
        return Mended("{}", ("missing_key",))
    changes: dict[str, None] = {}
    body = _unpacked(text, changes)
    found = read_json(body, frame_end(body), max_depth)
    if found.state == "complete" and isinstance(found.found, dict):
        return Mended(body, tuple(changes))
    best = only_value(without_closing(body), max_depth, finished)
    if best is None or best.state != "complete" or not best.text.startswith("{"):
        return Mended(text)
    if not finished and "missing_bracket" in best.changes:
        return Mended(text)
    return Mended(best.text, (*changes, *best.changes))


def _shaped(
    text: str,
    changes: dict[str, None],
    registry: DirectiveRegistry | None,
    max_depth: int,
    otherwise: str,
) -> Mended | None:
    """The envelope that a value is or was meant to be; None when it is none.

    Args:
        text: The value as JSON.
        changes: What was done to it so far.
        registry: The directives there are, if they are known.
        max_depth: Most containers inside each other.
        otherwise: What to give back when its shape is right.
    """
    reading = read_json(text, 0, max_depth)
    if reading.state != "complete" or reading.findings:
        return Mended(text, tuple(changes))  # a key that occurs twice, say: refused with its place
    shapes: dict[str, None] = {}
    found = as_envelope(reading.found, shapes, registry)
    if found is None:
        return None
    return Mended(_text(found) if shapes else otherwise, (*changes, *shapes))


def _text(envelope: Mapping[str, Any]) -> str:
    return json.dumps(envelope, ensure_ascii=False, separators=(",", ":"))


# What stands around all of it.


def _opened(body: str, changes: dict[str, None]) -> str:
    """With the first bracket, which is left out by models that were given it to go on from."""
    start = frame_end(body)
    if not _FIRST_KEY.match(body, start):
        return body
    changes["missing_bracket"] = None
    return f"{{{body[start:]}"


_ESCAPED: Final = re.compile(
    r'(?P<quote>"?)(?P<content>(?:\s|\\[nt"])*+[\[{](?:[^"\\]|\\.)*+)"?+', re.S
)
_FRAME_CLOSE: Final = re.compile(r"\s*+(?:(?:```|~~~)\s*+)?\Z")
_TORN_ESCAPE: Final = re.compile(r"\\(?:u[0-9a-fA-F]{0,3})?\Z")


def _unpacked(body: str, changes: dict[str, None]) -> str:
    """The JSON that a text holds as a string, with its quotes or without."""
    for _ in range(3):
        found = _ESCAPED.match(body, frame_end(body))
        if found is None or not _FRAME_CLOSE.match(body, found.end()):
            break
        if not found["quote"] and '\\"' not in found["content"]:
            break
        content = _TORN_ESCAPE.sub("", found["content"])
        try:
            body = json.loads(f'"{content}"', strict=False)
        except ValueError:
            break
        changes["encoded"] = None
    return body
