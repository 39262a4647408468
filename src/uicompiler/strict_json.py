"""JSON as machines must write it: no duplicate keys, no NaN, no numbers others read differently.

For what clients and files send. What models write is read by `directives/json_reader.py`
under the same rules, which stand here; it also salvages and says where.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, NamedTuple

import orjson

from uicompiler.canonical import MAX_SAFE_INTEGER


class StrictJsonError(ValueError):
    """The text is not such JSON; the message says why in a few words."""


class TooDeepError(StrictJsonError):
    """Nesting exceeds the limit."""


def loads(text: str | bytes, *, max_depth: int) -> Any:  # any JSON value
    """Read one JSON value.

    Args:
        text: JSON, UTF-8 when bytes.
        max_depth: Deepest nesting of objects and arrays; a scalar has depth 0.

    Raises:
        StrictJsonError: not JSON, a key twice, or a number JSON readers disagree about.
        TooDeepError: nested deeper than `max_depth`.

    Source: RFC 8259 sections 4 and 6; RFC 7493 (I-JSON) sections 2.1 to 2.3.
    """
    try:
        sure = read_surely(text.encode() if isinstance(text, str) else text)
    except UnicodeEncodeError:
        sure = None
    if sure is not None and not is_deeper(sure.value, max_depth):
        return sure.value
    try:
        decoded = text.decode() if isinstance(text, bytes) else text
        value = _DECODER.decode(decoded)
    except UnicodeDecodeError as exc:
        raise StrictJsonError(f"not UTF-8 at byte {exc.start}") from exc
    except json.JSONDecodeError as exc:
        raise StrictJsonError(f"{exc.msg} at line {exc.lineno}, column {exc.colno}") from exc
    except RecursionError as exc:
        raise TooDeepError("nested too deeply") from exc
    if depth_exceeds(value, max_depth):
        raise TooDeepError(f"nested deeper than {max_depth}")
    return value


_DIGITS: Final = bytes.maketrans(b"123456789", b"000000000")
_HUGE: Final = b"0" * 19
"""Digits of a negative integer that may be below -2^63; what no machine word holds, orjson reads
as a float. (Of the others, which have a digit more, these are a part.)"""


class Sure(NamedTuple):
    """An object or array that was read at C speed, and the same written again."""

    value: dict[str, Any] | list[Any]
    written: bytes


def read_surely(source: bytes) -> Sure | None:
    """An object or array that is right beyond doubt, however deep; None for any other text.

    orjson takes the last of two equal keys, which loses the colon of the other one: as many colons
    in what was read, written again, as in the text (where none is an escape) mean none was lost.
    """
    try:
        value = orjson.loads(source)
        written = orjson.dumps(value, option=orjson.OPT_STRICT_INTEGER)
    except (ValueError, TypeError):
        return None
    if not isinstance(value, (dict, list)) or source.count(b":") != written.count(b":"):
        return None
    if b"\\u003" in source or _HUGE in source.translate(_DIGITS):
        return None
    return Sure(value, written)


_CONTAINERS: Final = frozenset({dict, list})


def is_deeper(value: object, limit: int) -> bool:
    """The same as `depth_exceeds`, of what was just read: there are but dicts and lists."""
    level: list[Any] = [value] if type(value) in _CONTAINERS else []
    for _ in range(limit):
        level = [
            item
            for holder in level
            for item in (holder if type(holder) is list else holder.values())
            if type(item) in _CONTAINERS
        ]
        if not level:
            return False
    return bool(level)


def _inside(value: object) -> Iterable[object]:
    """The values directly inside an object or array; none in a scalar."""
    if isinstance(value, Mapping):
        return value.values()
    return value if isinstance(value, (list, tuple)) else ()


_SCALARS: Final = frozenset({str, int, float, bool, type(None)})


def depth_exceeds(value: object, limit: int) -> bool:
    """Whether a JSON value nests deeper than a limit; level by level, without recursion."""
    if type(value) in _SCALARS:
        return limit < 0
    level = [value]
    for _ in range(limit + 1):
        inner: list[object] = []
        for item in level:
            inner.extend(_inside(item))
        if not any(isinstance(item, (Mapping, list, tuple)) for item in level):
            return False
        level = inner
    return True


def outgrows(value: object, *, max_values: int, max_depth: int) -> bool:
    """Whether a value holds more values, or nests deeper, than that.

    A Python value may hold one list many times over; each occurrence counts, and counting stops
    at the limit, so that the time is bounded whatever the value is.
    """
    level, count = [value], 1
    for _ in range(max_depth + 1):
        inner: list[object] = []
        for item in level:
            inner.extend(_inside(item))
            if count + len(inner) > max_values:
                return True
        if not inner:
            return False
        level, count = inner, count + len(inner)
    return any(isinstance(item, (Mapping, list, tuple)) for item in level)


# The rules, as hooks of the stdlib decoder.


def safe_integer(digits: str) -> int:
    """An integer within ±2^53.

    Raises:
        StrictJsonError: it is beyond.
    """
    # Length first: int() is quadratic in the digits and refuses more than 4300 of them.
    if len(digits) > 17 or abs(value := int(digits)) > MAX_SAFE_INTEGER:
        raise StrictJsonError("an integer is beyond 2^53")
    return value


def finite_float(digits: str) -> float:
    """A number with a fraction or an exponent.

    Raises:
        StrictJsonError: no double holds it.
    """
    value = float(digits)
    if math.isinf(value):
        raise StrictJsonError("a number is too large")
    return value


def _constant(name: str) -> None:
    raise StrictJsonError(f"{name} is not JSON")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise StrictJsonError("an object names one key twice")
    return value


def decoder(parse_float: Callable[[str], float] = finite_float) -> json.JSONDecoder:
    """The stdlib decoder under these rules; at a breach it raises StrictJsonError."""
    return json.JSONDecoder(
        object_pairs_hook=_object,
        parse_int=safe_integer,
        parse_float=parse_float,
        parse_constant=_constant,
    )


_DECODER: Final = decoder()
