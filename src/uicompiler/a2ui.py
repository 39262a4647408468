"""The door to the A2UI v0.8 checker: is this stream something a client may be sent?

Reading text into messages is all that happens here; the rules are in the backend's `check`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from uicompiler.backends.a2ui_v0_8.check import Rules, StreamChecker
from uicompiler.catalog.catalog import Catalog, load_catalog, standard_catalog
from uicompiler.errors import Diagnostic, diagnostic
from uicompiler.limits import Limits
from uicompiler.strict_json import StrictJsonError, loads

MAX_DEPTH: Final = 64
"""Levels of arrays and objects that are read; no valid message has half as many."""


@dataclass(frozen=True, slots=True)
class _Read:
    """One message of the stream, or why it could not be read."""

    line: int
    message: object = None
    size: int | None = None
    refused: Diagnostic | None = None


def validate(
    stream: str | bytes | Iterable[object],
    *,
    catalog: Catalog | Path | None = None,
    limits: Limits | None = None,
    rules: Literal["strict", "interop"] = "strict",
) -> list[Diagnostic]:
    """Check a whole stream as one response; an empty one is valid.

    Args:
        stream: JSONL (blank lines are skipped) or one JSON array as text, or parsed messages.
        catalog: The components there are, or a catalog file; None is the standard catalog.
        limits: How much a client may be asked to hold; None is the defaults.
        rules: `strict` for all our rules; `interop` for what the official clients refuse, the
            rest as warnings.

    Returns:
        All findings in stream order; each has the line (or the number) of its message, from 1.

    Raises:
        AppError: the catalog file is no catalog.

    Source: DESIGN sections 3 and 6.
    """
    if isinstance(catalog, Path):
        catalog = load_catalog(catalog)
    limits = limits or Limits()
    checker = StreamChecker(Rules(catalog or standard_catalog(), limits, level=rules, foreign=True))
    found: list[Diagnostic] = []
    for item in _messages(stream, limits):
        if item.refused is not None:
            found.append(item.refused)
        else:
            found += checker.message(item.message, line=item.line, size=item.size)
    return found + checker.finish()


def _messages(stream: str | bytes | Iterable[object], limits: Limits) -> Iterator[_Read]:
    if not isinstance(stream, (str, bytes, bytearray)):
        yield from (_Read(number, item) for number, item in enumerate(stream, start=1))
        return
    data = stream if isinstance(stream, str) else bytes(stream)
    # One encoding for both; a lone surrogate in a str becomes what no reader takes as UTF-8.
    raw = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
    array = _array(raw, limits)
    if array is None:
        yield from _lines(raw, limits)
    else:
        yield from (_Read(number, item) for number, item in enumerate(array, start=1))


def _array(raw: bytes, limits: Limits) -> list[object] | None:
    """The items of a text that is one JSON array, or None."""
    if not raw.lstrip().startswith(b"[") or len(raw) > limits.max_bytes_per_response:
        return None
    try:
        value = loads(raw, max_depth=MAX_DEPTH + 1)
    except StrictJsonError:
        return None
    return value if isinstance(value, list) else None


def _lines(raw: bytes, limits: Limits) -> Iterator[_Read]:
    # Only LF parts lines: U+2028 and the like may stand inside JSON strings.
    for number, line in enumerate(raw.split(b"\n"), start=1):
        text = line.strip()
        if text:
            yield _read(number, text, limits)


def _read(line: int, text: bytes, limits: Limits) -> _Read:
    allowed = limits.max_bytes_per_response
    if len(text) > allowed:
        why = f"bytes of a line: {len(text)}, but max_bytes_per_response allows {allowed}"
        return _Read(line, refused=diagnostic("A2UI_S2C_LIMIT_EXCEEDED", why, line=line))
    try:
        return _Read(line, loads(text, max_depth=MAX_DEPTH), len(text))
    except StrictJsonError as exc:
        why = f"the line is not JSON as messages are written: {exc}"
        return _Read(line, refused=diagnostic("A2UI_S2C_ENVELOPE_NOT_JSON", why, line=line))
