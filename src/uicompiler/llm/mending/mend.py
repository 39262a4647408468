"""What a model wrote, mended without asking it again: its JSON's syntax, the envelope's shape.

Promises: no text makes `mend` raise; time is linear in the text; what `compile` reads as it is
comes back as the same object; nothing the model said is lost, made up or changed in meaning. Where
two readings are possible nothing is done, and the model has to be asked. What surrounds the
envelope (prose, fences, a byte order mark) is left to `compile`, which looks past it, and so is
what was cut off. It does not know which directives an app has, unless it is given their registry.

Source: DESIGN section 11.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from uicompiler.directives.envelope import parse_envelope
from uicompiler.directives.json_reader import read_json
from uicompiler.directives.registry import DirectiveRegistry
from uicompiler.errors import Diagnostic, diagnostic
from uicompiler.llm.mending.envelope_shapes import as_envelope
from uicompiler.llm.mending.relaxed_json import Rewritten, rewrite

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
        "payload_key": "left out a key that the payload does not know",
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

_MAX_ATTEMPTS: Final = 16
_MAX_CLOSING: Final = 120
_ENVELOPE: Final = frozenset({"assistant_text", "directives"})
# Where an object or a list of objects may begin: with a key in any quotes or in none, or empty.
_START: Final = re.compile(
    r"""\{\s*+(?:["'`\u201c\u201d\u201e\u2018}]|//|/\*|\#[ ]|[A-Za-z_$][\w$-]*+\s*+:)"""
    r"""|\[\s*+[\{"']"""
)
_KEY: Final = re.compile(r"""["']?(?:assistant_text|directives)["']\s*+:""")
_FRAME: Final = re.compile(r"\s*+(?:(?:```|~~~)[A-Za-z0-9_-]*+\s*+)?")
_CLOSING: Final = re.compile(
    r"(?:\s*+(?:```|~~~|</directives>|</json>|<\|\w{1,20}\|>|</s>)){1,4}\Z", re.IGNORECASE
)
_THINKING: Final = re.compile(r"\s*+<(think|thinking|thought|reasoning)>", re.IGNORECASE)
_THOUGHT: Final = re.compile(r"</(?:think|thinking|thought|reasoning)>\s*+", re.IGNORECASE)
_FINAL: Final = re.compile(r"<\|channel\|>final(?:\s*+<\|constrain\|>\w*+)?<\|message\|>")


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
    changes: dict[str, None] = {}
    body = _without_thinking(text, changes)
    left = Mended(body, tuple(changes))
    parsed = parse_envelope(body, max_bytes=max_bytes, max_depth=max_depth).envelope
    if parsed is not None and parsed.complete:
        value = {"assistant_text": parsed.assistant_text, "directives": list(parsed.directives)}
        return _shaped(_text(value), changes, registry, max_depth, body) or left
    body = _opened(_unpacked(body, changes), changes)
    inner = _without_closing(body)
    best = _best(inner, max_depth, finished or inner != body)  # who closes a fence has finished
    if best is None or (best.state == "torn" and parsed is not None):
        return left
    changes.update(dict.fromkeys(best.changes))
    if best.state == "torn":
        return Mended(best.text, tuple(changes)) if best.changes else left
    mended = _shaped(best.text, changes, registry, max_depth, best.text)
    return mended if mended is not None and mended.changes else left


def mend_object(text: str, *, max_bytes: int = 200_000, max_depth: int = 64) -> Mended:
    """Mend the arguments of a tool: one JSON object, of which nothing is known but the syntax.

    Args:
        text: The arguments as the model wrote them; nothing but white space is an empty object.
        max_bytes: Longer texts are left alone.
        max_depth: Most containers inside each other.
    """
    if len(text) > max_bytes:
        return Mended(text)
    if not text.strip():
        return Mended("{}", ("missing_key",))
    changes: dict[str, None] = {}
    body = _unpacked(text, changes)
    found = read_json(body, _frame_end(body), max_depth)
    if found.state == "complete" and isinstance(found.found, dict):
        return Mended(body, tuple(changes))
    best = _only(list(_attempts(body, max_depth, finished=True)), body)
    if best is None or best.state != "complete" or not best.text.startswith("{"):
        return Mended(text)
    return Mended(best.text, (*changes, *best.changes))


# From a text to the value that counts.


def _best(body: str, max_depth: int, finished: bool) -> Rewritten | None:
    """The first value that names a key of the envelope; failing that the only one there is."""
    others = []
    for attempt in _attempts(body, max_depth, finished):
        if not _ENVELOPE.isdisjoint(attempt.keys):
            parts = not _ENVELOPE.issubset(attempt.keys) and _names_envelope(body, [attempt])
            return None if attempt.state == "broken" or parts else attempt
        others.append(attempt)
    if not others or len(others) == _MAX_ATTEMPTS:
        return None
    if _names_envelope(body, others):
        return None  # a part of an envelope that could not be read
    return _only(others, body)


def _names_envelope(body: str, attempts: list[Rewritten]) -> bool:
    """Whether keys of an envelope stand beside what was read."""
    before, after = body[: attempts[0].start], body[attempts[-1].end :]
    return _KEY.search(before) is not None or _KEY.search(after) is not None


def _only(attempts: list[Rewritten], body: str) -> Rewritten | None:
    """The one value that there is, or a list of several with nothing but space between."""
    if any(attempt.state != "complete" for attempt in attempts):
        return None
    if len(attempts) < 2:
        return attempts[0] if attempts else None
    if not _side_by_side(attempts, body):
        return None
    text = f"[{','.join(attempt.text for attempt in attempts)}]"
    changes = dict.fromkeys(name for attempt in attempts for name in attempt.changes)
    return Rewritten(text, attempts[0].start, attempts[-1].end, "complete", (), tuple(changes))


def _side_by_side(attempts: list[Rewritten], body: str) -> bool:
    return all(
        not body[left.end : right.start].strip(" \t\r\n,;")
        for left, right in itertools.pairwise(attempts)
    )


def _attempts(body: str, max_depth: int, finished: bool) -> Iterator[Rewritten]:
    """Each goes on where the last one stopped and their number is bounded, so all is linear."""
    pos = _frame_end(body)
    for _ in range(_MAX_ATTEMPTS):
        start = _START.search(body, pos)
        if start is None:
            return
        attempt = rewrite(body, start.start(), max_depth=max_depth, finished=finished)
        yield attempt
        pos = max(attempt.end, start.start() + 1)


def _without_closing(body: str) -> str:
    """Without the fences, tags and tokens that end an answer."""
    plain = body.rstrip()
    closing = _CLOSING.search(plain, max(0, len(plain) - _MAX_CLOSING))
    return body if closing is None else body[: closing.start()]


def _frame_end(body: str) -> int:
    frame = _FRAME.match(body)
    return frame.end() if frame else 0


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


# What stands before the answer, and around all of it.


def _without_thinking(text: str, changes: dict[str, None]) -> str:
    """The answer after what a model thought; a thought that has no end is left alone."""
    body = text
    channel = _FINAL.search(body) if body.lstrip().startswith("<|") else None
    if channel is not None:
        body = body[channel.end() :]
    for _ in range(_MAX_ATTEMPTS):
        opening = _THINKING.match(body)
        if opening is None and body.lstrip().startswith(("{", "[", '"', "`", "~")):
            break
        closing = _THOUGHT.search(body, opening.end() if opening else 0)
        if closing is None:
            break
        rest = body[closing.end() :]
        # Without a tag that opens it, only an answer that follows tells that this was a thought.
        if opening is None and not rest.startswith(("{", "[", "`", "~", "<")):
            break
        body = rest
    if body is not text:
        changes["thinking"] = None
    return body


def _opened(body: str, changes: dict[str, None]) -> str:
    """With the first bracket, which is left out by models that were given it to go on from."""
    start = _frame_end(body)
    if not _KEY.match(body, start):
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
        found = _ESCAPED.match(body, _frame_end(body))
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
