"""How people write numbers, days, times, addresses and lists of tags.

Every check takes time linear in the text and says the same on every Python: only ASCII digits
count as digits, and letters of other scripts are named by code point, not by a Unicode table.
"""

from __future__ import annotations

import datetime
import ipaddress
import math
import re
from typing import Final

from uicompiler.canonical import MAX_SAFE_INTEGER

_TIME: Final = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]")
_LOOSE_TIME: Final = re.compile(r"([0-9]{1,2}):([0-9]{2})(?::00(?:\.0{1,9})?)?")
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

# Beyond ASCII: all but spaces, line ends and marks of direction.
_FOREIGN: Final = (
    "\u00a1-\u167f\u1681-\u1fff\u200c\u200d\u2010-\u2027\u2030-\u205e\u2070-\u2fff"
    "\u3001-\ufefe\uff00-\U0010ffff"
)
_LOCAL: Final = re.compile(rf"[A-Za-z0-9.!#$%&'*+/=?^_`{{|}}~{_FOREIGN}-]{{1,64}}")
_HOST_LABEL: Final = re.compile(rf"[A-Za-z0-9_{_FOREIGN}-]{{1,63}}")
# Printable ASCII but the signs " < > and the backslash; an authority ends at / ? or #.
_IN_URL: Final = rf"!#-;=?-\[\]-~{_FOREIGN}"
_IN_AUTHORITY: Final = rf"!$-.0-;=@-\[\]-~{_FOREIGN}"
_URL: Final = re.compile(rf"https?://([{_IN_AUTHORITY}]*)(?:[/?#][{_IN_URL}]*)?", re.IGNORECASE)
_PORT: Final = re.compile(r":[0-9]{0,5}")
_SPACES: Final = " \t\r\n\u00a0\u2009\u202f"
_PHONE: Final = frozenset("0123456789+()-./" + _SPACES)
_TAG_ENDS: Final = re.compile("[,\u060c\u3001\uff0c;\r\n]")


def stripped(text: str) -> str:
    """The text without spaces around it, as an address is pasted."""
    return text.strip(_SPACES)


def parse_number(text: str) -> int | float | None:
    """A number as people and HTML inputs write it, or None.

    Source: HTML standard, valid floating-point number; a leading `+` is taken too.
    """
    body = text.strip()
    if not body or len(body) > 400 or not set(body) <= set("0123456789+-.eE"):
        return None
    try:
        value = float(body)
    except ValueError:
        return None
    if not math.isfinite(value):
        return None
    whole = value.is_integer() and abs(value) <= MAX_SAFE_INTEGER
    return int(value) if whole else value


def is_day(text: str) -> bool:
    """Whether this is `YYYY-MM-DD` and in the calendar."""
    if _DAY.fullmatch(text) is None:
        return False
    try:
        datetime.date.fromisoformat(text)
    except ValueError:
        return False
    return True


def is_time(text: str) -> bool:
    """Whether this is `HH:MM`."""
    return _TIME.fullmatch(text) is not None


def is_moment(text: str) -> bool:
    """Whether this is `YYYY-MM-DDTHH:MM`, without a zone."""
    return text[10:11] == "T" and is_day(text[:10]) and is_time(text[11:])


def read_time(text: str) -> str | None:
    """A time in other words that say the same: `9:30`, `09:30:00`; or None."""
    match = _LOOSE_TIME.fullmatch(text)
    found = "" if match is None else f"{match[1]:0>2}:{match[2]}"
    return found if is_time(found) else None


def read_moment(text: str) -> str | None:
    """A day and time in other words that say the same: with a space, with seconds of zero."""
    time = read_time(text[11:]) if text[10:11] in ("T", " ") else None
    return f"{text[:10]}T{time}" if time is not None and is_day(text[:10]) else None


def is_email(text: str) -> bool:
    """Whether mail could go there: one local part, and a domain with a dot.

    Source: HTML standard, valid e-mail address; letters of any script are taken too.
    """
    local, _, domain = text.rpartition("@")
    return (
        len(text) <= 254
        and _LOCAL.fullmatch(local) is not None
        and "." in domain
        and _is_host(domain)
    )


def is_url(text: str) -> bool:
    """Whether this is an http or https address, written out in full.

    Source: RFC 3986 section 3; a backslash is refused, since browsers read it as a slash.
    """
    match = _URL.fullmatch(text) if len(text) <= 2048 else None
    if match is None:
        return False
    host = match[1].rpartition("@")[2]
    inside, bracket, port = host.partition("]")
    if not bracket:
        inside, colon, port = host.partition(":")
        return _is_host(inside.removesuffix(".")) and _is_port(colon + port)
    return inside.startswith("[") and _is_ipv6(inside[1:]) and _is_port(port)


def is_phone(text: str) -> bool:
    """Whether this has 4 to 20 digits, with the signs that people put between them.

    A plus stands before the first digit or nowhere.
    """
    digits = sum(character in "0123456789" for character in text[:41])
    signs_fit = len(text) <= 40 and set(text) <= _PHONE
    return signs_fit and 4 <= digits <= 20 and "+" not in text.lstrip("( ")[1:]


def has_tag_end(text: str) -> bool:
    """Whether a text would fall apart into several tags."""
    return _TAG_ENDS.search(text) is not None


def split_tags(text: str) -> tuple[str, ...]:
    """The tags in a text, in order, each once.

    Commas and semicolons of any script and line ends come between them.
    """
    found = (tag.strip() for tag in _TAG_ENDS.split(text))
    return tuple(dict.fromkeys(tag for tag in found if tag))


def _is_host(host: str) -> bool:
    if len(host) > 253:
        return False
    return all(
        _HOST_LABEL.fullmatch(label) is not None and label.strip("-") == label
        for label in host.split(".")
    )


def _is_port(text: str) -> bool:
    return text == "" or (_PORT.fullmatch(text) is not None and int(text[1:] or 0) < 65536)


def _is_ipv6(text: str) -> bool:
    try:
        return "%" not in text and ipaddress.IPv6Address(text) is not None
    except ValueError:
        return False
