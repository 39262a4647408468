"""What a browser's `<input>` holds after it was given a value.

Read from: HTML Living Standard, value sanitization of `<input>` (4.10.5.1) and the number and date
syntaxes it names (2.3.4, 2.3.5); ECMA-262 21.4.1.32 for the dates that `new Date(…)` reads. The
clock of this browser is on UTC. Nothing here knows about components.
"""

import calendar
import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from decimal import ROUND_FLOOR, Decimal
from typing import Final

DATE: Final = "date"
TIME: Final = "time"
DATE_TIME: Final = "datetime-local"

_NUMBER: Final = re.compile(r"-?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_DAY: Final = r"(?P<year>[0-9]{4,6})-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})"
_CLOCK: Final = (
    r"(?P<hour>[0-9]{2}):(?P<minute>[0-9]{2})"
    r"(?::(?P<second>[0-9]{2})(?:\.(?P<fraction>[0-9]{1,3}))?)?"
)
_HELD: Final = {
    DATE: re.compile(_DAY),
    TIME: re.compile(_CLOCK),
    DATE_TIME: re.compile(f"{_DAY}[T ]{_CLOCK}"),
}
_ISO: Final = re.compile(
    r"(?P<year>[0-9]{4})(?:-(?P<month>[0-9]{2})(?:-(?P<day>[0-9]{2}))?)?"
    rf"(?:[T ]{_CLOCK}(?:Z|(?P<sign>[+-])(?P<hours>[0-9]{{2}}):(?P<minutes>[0-9]{{2}}))?)?"
)
_SHOWN: Final = {DATE: "%m-%d", TIME: "%H:%M", DATE_TIME: "%m-%dT%H:%M"}


def one_line(value: str) -> str:
    """A text input drops line breaks."""
    return value.replace("\r", "").replace("\n", "")


def number(value: str) -> str:
    """A number input holds a number as it was written, or nothing."""
    return value if _NUMBER.fullmatch(value) and math.isfinite(float(value)) else ""


def moment(value: str, kind: str) -> str:
    """A date, time or date-time input holds one in its own spelling, or nothing."""
    match = _HELD[kind].fullmatch(value)
    if match is None or not (_is_day(match.groupdict()) and _is_clock(match.groupdict())):
        return ""
    if kind != DATE_TIME:
        return value
    return f"{value[: match.start('hour') - 1]}T{_short_clock(match)}"


def slider(value: float, low: float, high: float) -> float:
    """A range input stays between its ends, at whole steps from the lower one."""
    start, end = Decimal(str(low)), Decimal(str(max(low, high)))
    wanted = min(max(Decimal(str(value)), start), end) - start
    steps = min(_floor(wanted + Decimal("0.5")), _floor(end - start))
    return float(start + steps)


def date_text(value: str, kind: str) -> str:
    """What a date is shown as: `new Date(value)` in UTC, written for an input of this kind.

    Only the ISO forms are read; what else an engine may guess at counts as no date. A day that its
    month does not have is one of the next month, as V8 counts.
    """
    match = _ISO.fullmatch(value)
    at = None if match is None else _instant(match.groupdict())
    if at is None:
        return ""
    text = at.strftime(_SHOWN[kind])
    return text if kind == TIME else moment(f"{at.year}-{text}", kind)


def _floor(value: Decimal) -> Decimal:
    return value.to_integral_value(ROUND_FLOOR)


def _is_day(parts: Mapping[str, str | None]) -> bool:
    if "year" not in parts:
        return True
    year, month, day = (int(parts[name] or 0) for name in ("year", "month", "day"))
    return year > 0 and 1 <= month <= 12 and 1 <= day <= calendar.monthrange(year, month)[1]


def _is_clock(parts: Mapping[str, str | None]) -> bool:
    hour, minute, second = (int(parts.get(name) or 0) for name in ("hour", "minute", "second"))
    return hour < 24 and minute < 60 and second < 60


def _short_clock(match: re.Match[str]) -> str:
    """Hours and minutes, with seconds and their fraction only where these are not zero."""
    short = f"{match['hour']}:{match['minute']}"
    fraction = (match["fraction"] or "").strip("0") and f".{match['fraction']}"
    if fraction or (match["second"] or "00") != "00":
        short += f":{match['second']}{fraction}"
    return short


def _instant(parts: Mapping[str, str | None]) -> datetime | None:
    year, month, day = (int(parts[name] or 1) for name in ("year", "month", "day"))
    hour, minute, second = (int(parts[name] or 0) for name in ("hour", "minute", "second"))
    offset = timedelta(hours=int(parts["hours"] or 0), minutes=int(parts["minutes"] or 0))
    midnight = (hour, minute, second) == (24, 0, 0)
    if day > 31 or not (midnight or _is_clock(parts)) or offset >= timedelta(days=1):
        return None
    try:
        first = datetime(
            year, month, 1, tzinfo=timezone(-offset if parts["sign"] == "-" else offset)
        )
        there = first + timedelta(days=day - 1, hours=hour, minutes=minute, seconds=second)
        return there.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
