r"""Canonical JSON (RFC 8785) and its SHA-256, without recursion.

Two states are equal exactly when their canonical texts are. The encoder walks with a stack of
its own, so that a data model nested thousands deep still has a hash. Where RFC 8785 refuses a
lone surrogate, this encoder escapes it (`\udxxx`), as JavaScript does: a client may well hold one.
"""

import hashlib
import json
import math
from collections.abc import Iterator
from typing import Final

_SAFE_INTEGER: Final = 2**53
_PLAIN: Final = json.JSONEncoder(
    ensure_ascii=False, sort_keys=True, separators=(",", ":"), check_circular=False
)
"""Writes canonical JSON, and fast, where `_is_plain`."""


def encode(value: object) -> str:
    """Write a JSON value in canonical form.

    Raises:
        ValueError: a number is not finite, or something is not a JSON value.

    Source: RFC 8785 section 3.2.
    """
    if _is_plain(value):
        try:
            return _PLAIN.encode(value)
        except RecursionError:
            pass  # deeper than the library's encoder goes
    return _encode(value)


def _encode(value: object) -> str:
    """The same for any value."""
    out: list[str] = []
    stack: list[Iterator[object]] = [iter((value,))]
    while stack:
        for item in stack[-1]:
            if isinstance(item, _Raw):
                out.append(item)
            elif isinstance(item, dict):
                stack.append(_members(item))
                break
            elif isinstance(item, list):
                stack.append(_items(item))
                break
            else:
                out.append(_scalar(item))
        else:
            stack.pop()
    return "".join(out)


def digest(value: object) -> str:
    """SHA-256 of the canonical text, in hex."""
    return hashlib.sha256(encode(value).encode("utf-8")).hexdigest()


def number_text(number: int | float) -> str:
    """A number as ECMAScript's `Number::toString` writes it (ECMA-262 section 6.1.6.1.20)."""
    if isinstance(number, int) and abs(number) <= _SAFE_INTEGER:
        return str(number)
    value = _as_double(number)
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    if value == 0:
        return "0"
    sign = "-" if value < 0 else ""
    return sign + _finite_text(*_shortest_digits(abs(value)))


def utf16_key(text: str) -> bytes:
    """Sort key that orders strings by UTF-16 code units, as JavaScript does."""
    return text.encode("utf-16-be", "surrogatepass")


def _is_plain(value: object) -> bool:
    """Does the library's encoder write all of this canonically?

    It does not know the order of UTF-16 code units, which is that of code points below the
    surrogates, nor how ECMAScript writes numbers that are very large, very small or, as a double,
    whole; and a lone surrogate stays one.
    """
    todo = [value]
    while todo:
        item = todo.pop()
        if isinstance(item, dict):
            if not all(isinstance(key, str) and _below_surrogates(key) for key in item):
                return False
            todo.extend(item.values())
        elif isinstance(item, list):
            todo.extend(item)
        elif not _is_plain_scalar(item):
            return False
    return True


def _is_plain_scalar(item: object) -> bool:
    if isinstance(item, str):
        return _below_surrogates(item)
    if isinstance(item, float):
        return 1e-4 <= abs(item) < 1e16 and not item.is_integer()
    if isinstance(item, int):
        return -_SAFE_INTEGER <= item <= _SAFE_INTEGER
    return item is None


def _below_surrogates(text: str) -> bool:
    return text.isascii() or max(text) < "\ud800"


class _Raw(str):
    """Punctuation and ready-made text, to be told apart from string values."""

    __slots__ = ()


_OPEN, _CLOSE, _COMMA = _Raw("{"), _Raw("}"), _Raw(",")
_OPEN_LIST, _CLOSE_LIST = _Raw("["), _Raw("]")


def _members(mapping: dict[str, object]) -> Iterator[object]:
    yield _OPEN
    comma = ""
    for key in sorted(mapping, key=utf16_key):
        yield _Raw(f"{comma}{_quoted(key)}:")
        yield mapping[key]
        comma = ","
    yield _CLOSE


def _items(values: list[object]) -> Iterator[object]:
    yield _OPEN_LIST
    for index, value in enumerate(values):
        if index:
            yield _COMMA
        yield value
    yield _CLOSE_LIST


def _scalar(value: object) -> str:
    if isinstance(value, str):
        return _quoted(value)
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        if not math.isfinite(value if isinstance(value, float) else 0.0):
            raise ValueError(f"{value} has no JSON form")
        return number_text(value)
    raise ValueError(f"{type(value).__name__} is not a JSON value")


def _quoted(text: str) -> str:
    quoted = json.dumps(text, ensure_ascii=False)
    try:
        quoted.encode("utf-8")
    except UnicodeEncodeError:
        return "".join(f"\\u{ord(c):04x}" if "\ud800" <= c <= "\udfff" else c for c in quoted)
    return quoted


def _as_double(number: int | float) -> float:
    try:
        return float(number)
    except OverflowError:
        return math.inf if number > 0 else -math.inf


def _shortest_digits(value: float) -> tuple[str, int]:
    """Digits and exponent n, so that value = 0.digits x 10**n; repr is shortest round-trip."""
    mantissa, _, exponent = repr(value).partition("e")
    whole, _, fraction = mantissa.partition(".")
    point = len(whole) + int(exponent or 0)
    digits = whole + fraction
    leading = len(digits) - len(digits.lstrip("0"))
    return digits.strip("0"), point - leading


def _finite_text(digits: str, point: int) -> str:
    count = len(digits)
    if count <= point <= 21:
        return digits + "0" * (point - count)
    if 0 < point <= 21:
        return f"{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return "0." + "0" * -point + digits
    exponent = point - 1
    mantissa = digits if count == 1 else f"{digits[0]}.{digits[1:]}"
    return f"{mantissa}e{'+' if exponent > 0 else '-'}{abs(exponent)}"
