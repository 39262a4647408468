"""The directive envelope: found in what a model wrote, read exactly, or refused with the place.

Promises: no input makes `parse_envelope` raise; time is linear in the input; text and Python
containers are held to the same rules, those of `json_reader` and `json_values`, which read one
value each. Here stands where in a text that value is, and what makes it an envelope. It does not
know what a directive is, nor which texts and keys clients misuse.

Source: DESIGN section 4.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from uicompiler.directives.json_reader import MAX_FINDINGS, Reading, quoted, read_json
from uicompiler.directives.json_values import copy_json, too_large
from uicompiler.errors import Diagnostic, diagnostic
from uicompiler.pointer import join

_MAX_ATTEMPTS: Final = 16
_KEYS: Final = ("assistant_text", "directives")
_HINT: Final = 'Write one JSON object {"assistant_text": "…", "directives": [{"type", "payload"}]}.'


@dataclass(frozen=True, slots=True)
class Envelope:
    """What a model answered.

    Attributes:
        assistant_text: The text for the user; `""` when it was cut off.
        directives: JSON values, each expected to be `{type, payload}`; not yet validated.
        complete: False when salvaged from output that was cut off.
    """

    assistant_text: str
    directives: tuple[object, ...]
    complete: bool


@dataclass(frozen=True, slots=True)
class Parsed:
    """An envelope, or None when it was refused, and what there is to say about it."""

    envelope: Envelope | None
    diagnostics: tuple[Diagnostic, ...]


def parse_envelope(
    source: str | bytes | Mapping[str, object] | Sequence[object],
    *,
    max_bytes: int = 200_000,
    max_depth: int = 64,
    strict: bool = False,
) -> Parsed:
    """Find and read the directive envelope in what a model wrote.

    Args:
        source: Model output, in which prose, tags or code fences may surround one JSON object; or
            an envelope already parsed; or a list, short for an envelope with these directives.
        max_bytes: Largest accepted size in UTF-8; a parsed envelope counts as compact JSON.
        max_depth: Most containers inside each other, the envelope being the first.
        strict: Refuse what would otherwise be repaired or salvaged; framing is neither.

    Returns:
        The envelope with warnings, or None with at least one error. Pointers are those of the
        envelope, also for a list.

    Source: DESIGN section 4.
    """
    try:
        if isinstance(source, (str, bytes, bytearray)):
            reading = _find(_text(source, max_bytes), max_depth)
        else:
            value = _as_mapping(source)
            reading = copy_json(value, max_bytes=max_bytes, max_depth=max_depth)
        return _judge(reading, strict=strict)
    except _Refused as refusal:
        return Parsed(None, refusal.findings)


class _Refused(Exception):
    def __init__(self, *findings: Diagnostic) -> None:
        super().__init__()
        self.findings = findings


# From the source to one reading.


def _text(source: str | bytes | bytearray, max_bytes: int) -> str:
    """The source as text without byte order mark; its size is judged before anything else."""
    size = len(source)
    if isinstance(source, str) and size <= max_bytes < size * 4:
        size = len(source.encode("utf-8", "surrogatepass"))
    if size > max_bytes:
        raise _Refused(too_large(f"{size}", max_bytes))
    text = (source if isinstance(source, str) else _decoded(source)).removeprefix("\ufeff")
    if not text or text.isspace():
        raise _Refused(
            diagnostic("DIRECTIVE_EMPTY", "The output is empty, expected an envelope.", hint=_HINT)
        )
    return text


def _decoded(source: bytes | bytearray) -> str:
    try:
        return source.decode("utf-8")
    except UnicodeDecodeError as exc:
        message = f"Byte 0x{source[exc.start]:02x} at offset {exc.start} is not UTF-8 text."
        raise _Refused(diagnostic("DIRECTIVE_NOT_JSON", message, hint="Send UTF-8.")) from None


def _as_mapping(source: object) -> Mapping[object, object]:
    if isinstance(source, Mapping):
        return source
    if isinstance(source, Sequence) and not isinstance(source, memoryview):
        return {"assistant_text": "", "directives": source}
    raise _Refused(_not_object(f"a Python {type(source).__name__}"))


_CLOSING: Final = ("```", "~~~", "</directives>", "</json>")
_OPENING: Final = re.compile(
    r"\s*+(?:(?:```|~~~)[A-Za-z0-9_-]*+\s*+|<(?:directives|json)>\s*+){0,4}", re.IGNORECASE
)
# Where an object may begin in prose: `{}`, `{"key":`, or one of them cut off by the end. Each match
# is tried in time linear in the distance to the next one: a key runs to the next quote or
# backslash at most, and the next match has a quote of its own.
_CANDIDATE: Final = re.compile(r'\{[ \t\n\r]*+(?:\}|\Z|"[^"\\]*+(?:\\|\Z|"[ \t\n\r]*+(?::|\Z)))')


def _find(text: str, max_depth: int) -> Reading:
    """The first object that names a key of the envelope; failing that the first object.

    Each attempt goes on where the last one stopped and their number is bounded, so the whole is
    linear. A closing fence or tag is taken off first, so that a cut before it reads as a cut.
    """
    body = _without_closing(text)
    opening = _OPENING.match(body)
    start = opening.end() if opening else 0
    _refuse_other_value(body, start, max_depth)
    first: Reading | None = None
    for reading in _attempts(body, start, max_depth):
        if not reading.names.isdisjoint(_KEYS):
            return reading
        first = first or reading
    if first is not None:
        return first
    message = f"There is no JSON object in the {len(text)} characters, expected the envelope."
    raise _Refused(diagnostic("DIRECTIVE_NOT_JSON", message, hint=_HINT))


def _without_closing(text: str) -> str:
    body = text.rstrip()
    for _ in range(4):
        closing = next((end for end in _CLOSING if body[-len(end) :].lower() == end), None)
        if closing is None:
            break
        body = body[: -len(closing)].rstrip()
    return body


def _attempts(body: str, start: int, max_depth: int) -> Iterator[Reading]:
    pos = start
    for _ in range(_MAX_ATTEMPTS):
        if pos == start and body.startswith("{", start):
            at = start
        else:
            candidate = _CANDIDATE.search(body, pos)
            if candidate is None:
                return
            at = candidate.start()
        reading = read_json(body, at, max_depth)
        yield reading
        pos = max(reading.end, at + 1)


def _refuse_other_value(body: str, start: int, max_depth: int) -> None:
    """Refuse a text that is some other JSON value; prose that only begins like one passes."""
    if body.startswith("[", start):
        reading = read_json(body, start, max_depth)
        whole = reading.state == "complete" and not body[reading.end :].strip()
        if any(finding.code == "DIRECTIVE_TOO_DEEP" for finding in reading.findings):
            raise _Refused(*reading.findings)
        if whole or reading.state == "torn":
            raise _Refused(_not_object("a JSON array"))
    elif body[start : start + 1] in tuple('"-0123456789tfn'):
        reading = read_json(body, start, max_depth)
        sound = reading.state == "complete" and not reading.findings
        if sound and reading.end == len(body):
            raise _Refused(_not_object("a JSON value that is no object"))


# From a reading to the answer.


def _judge(reading: Reading, *, strict: bool) -> Parsed:
    if reading.findings:
        return Parsed(None, reading.findings)
    if not isinstance(reading.found, dict):
        return Parsed(None, (_not_object("a JSON value that is no object"),))
    found, torn_at = _salvaged(reading.found, reading)
    torn = reading.state == "torn"
    findings = [*_shape(found, torn), *_extras(found, strict)]
    if torn:
        findings.append(_truncated(torn_at, strict))
    if any(finding.severity == "error" for finding in findings):
        return Parsed(None, tuple(findings))
    text = found.get("assistant_text", "")
    directives = found.get("directives", ())
    return Parsed(Envelope(text, tuple(directives), not torn), tuple(findings))


def _salvaged(found: dict[str, Any], reading: Reading) -> tuple[dict[str, Any], str]:
    """The complete members, with the complete ones of torn directives; a pointer to the tear."""
    key = reading.key
    if key is None:
        return found, ""
    if key == "directives" and isinstance(reading.part, list):
        return {**found, key: reading.part}, join([key, len(reading.part)])
    return found, join([key])


def _shape(found: Mapping[str, object], torn: bool) -> list[Diagnostic]:
    """What is missing or of the wrong type; a torn envelope may lack what it did not reach."""
    findings = []
    alone = "type" in found and "directives" not in found
    hint = (
        f"This is one directive; put it into a list under directives. {_HINT}" if alone else _HINT
    )
    for key, kind, expected in (
        ("assistant_text", str, "a string"),
        ("directives", list, "an array"),
    ):
        if key not in found and not torn:
            message = f"The envelope has no {key}, expected {expected}."
        elif key in found and not isinstance(found[key], kind):
            message = f"{key} is {_kind(found[key])}, expected {expected}."
        else:
            continue
        findings.append(
            diagnostic("DIRECTIVE_ENVELOPE_INVALID", message, pointer=f"/{key}", hint=hint)
        )
    return findings


def _extras(found: Mapping[str, object], strict: bool) -> list[Diagnostic]:
    """A finding for each unknown key, the last for all beyond the bound; errors in strict."""
    extras = [key for key in found if key not in _KEYS]
    bound = MAX_FINDINGS if len(extras) <= MAX_FINDINGS else MAX_FINDINGS - 1
    what = [(f"The unknown key {quoted(key)} was", join([key])) for key in extras[:bound]]
    if extras[bound:]:
        what.append((f"{len(extras) - bound} more unknown keys were", ""))
    return [
        diagnostic(
            "DIRECTIVE_REPAIRED",
            f"{subject} ignored, expected assistant_text and directives alone.",
            pointer=pointer,
            hint="Leave out what is not assistant_text or directives.",
            severity="error" if strict else None,
        )
        for subject, pointer in what
    ]


def _kind(value: object) -> str:
    names = {str: "a string", bool: "a boolean", dict: "an object", list: "an array"}
    return "null" if value is None else names.get(type(value), "a number")


def _not_object(what: str) -> Diagnostic:
    message = f"The output is {what}, expected a JSON object."
    return diagnostic("DIRECTIVE_NOT_OBJECT", message, hint=_HINT)


def _truncated(pointer: str, strict: bool) -> Diagnostic:
    found = "inside the envelope" if not pointer else f"at {quoted(pointer)}"
    message = f"The output is cut off {found}, expected the rest; only what is complete counts."
    hint = "Write a shorter answer, or allow more output tokens."
    severity: Literal["error"] | None = "error" if strict else None
    return diagnostic("DIRECTIVE_TRUNCATED", message, pointer=pointer, hint=hint, severity=severity)
