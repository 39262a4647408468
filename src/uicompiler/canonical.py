"""Canonical JSON and hashes (RFC 8785, SHA-256): equal values give equal bytes.

Numbers follow ECMAScript's shortest form (RFC 8785 section 3.2.2.3), keys sort by UTF-16 code
units (section 3.2.3). Integers beyond 2^53 and non-finite numbers have no canonical form.
"""

from __future__ import annotations

import hashlib
import json
import math
from typing import Final

MAX_SAFE_INTEGER: Final = 2**53


def canonical_json(value: object) -> str:
    """The one JSON text of a JSON value.

    Args:
        value: dict with str keys, list or tuple, str, int, float, bool or None.

    Raises:
        ValueError: a number without canonical form.
        TypeError: not a JSON value.
    """
    out: list[str] = []
    _write(value, out)
    return "".join(out)


def canonical_bytes(value: object) -> bytes:
    """`canonical_json` in UTF-8.

    Raises:
        UnicodeEncodeError: a lone surrogate.
    """
    return canonical_json(value).encode()


def sha256_hex(value: object) -> str:
    """SHA-256 of the canonical bytes, 64 hex digits."""
    return hashlib.sha256(canonical_bytes(value)).hexdigest()


def number_text(value: int | float) -> str:
    """A number as ECMAScript prints it: `3`, `3.5`, `1e+21`, `-0` as `0`.

    Source: RFC 8785 section 3.2.2.3, ECMA-262 Number::toString.
    """
    if isinstance(value, int):
        if abs(value) > MAX_SAFE_INTEGER:
            raise ValueError(f"integer {value} is beyond 2^53")
        return str(value)
    if not math.isfinite(value):
        raise ValueError("a number that is not finite has no JSON form")
    if value == 0:
        return "0"
    return _shortest(value)


def _shortest(value: float) -> str:
    sign = "-" if value < 0 else ""
    mantissa, _, exponent = f"{abs(value)!r}".partition("e")
    whole, _, fraction = mantissa.partition(".")
    fraction = "" if fraction == "0" else fraction
    digits = (whole + fraction).lstrip("0")
    # `point`: position of the decimal point relative to the first digit.
    point = len(whole) + int(exponent or 0)
    if whole == "0":
        point = -(len(fraction) - len(fraction.lstrip("0"))) + int(exponent or 0)
    digits = digits.rstrip("0") or "0"
    return sign + _layout(digits, point)


def _layout(digits: str, point: int) -> str:
    count = len(digits)
    if count <= point <= 21:
        return digits + "0" * (point - count)
    if 0 < point <= 21:
        return f"{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return "0." + "0" * -point + digits
    power = point - 1
    tail = f".{digits[1:]}" if count > 1 else ""
    return f"{digits[0]}{tail}e{'+' if power >= 0 else '-'}{abs(power)}"


def _write(value: object, out: list[str]) -> None:
    if value is None or isinstance(value, bool):
        out.append({None: "null", True: "true", False: "false"}[value])
    elif isinstance(value, str):
        out.append(json.dumps(value, ensure_ascii=False))
    elif isinstance(value, (int, float)):
        out.append(number_text(value))
    elif isinstance(value, dict):
        _write_object(value, out)
    elif isinstance(value, (list, tuple)):
        _write_array(value, out)
    else:
        raise TypeError(f"{type(value).__name__} is not a JSON value")


def _write_object(value: dict[object, object], out: list[str]) -> None:
    out.append("{")
    keys = [key for key in value if isinstance(key, str)]
    if len(keys) != len(value):
        raise TypeError("an object's keys are strings")
    for index, key in enumerate(sorted(keys, key=lambda k: k.encode("utf-16-be", "surrogatepass"))):
        out.append("," if index else "")
        out.append(json.dumps(key, ensure_ascii=False))
        out.append(":")
        _write(value[key], out)
    out.append("}")


def _write_array(value: list[object] | tuple[object, ...], out: list[str]) -> None:
    out.append("[")
    for index, item in enumerate(value):
        out.append("," if index else "")
        _write(item, out)
    out.append("]")
