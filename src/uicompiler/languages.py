"""Language tags: which are well formed, which way a language is written, which one to speak.

Pure, and safe with what a stranger sends: every function reads a bounded part of its input.
It knows no texts. Sources: RFC 5646 (tags), RFC 4647 section 3 (matching), RFC 9110 section
12.5.4 (Accept-Language).
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, Literal

Direction = Literal["ltr", "rtl"]

MAX_TAG: Final = 64
"""Characters of a tag; RFC 5646 section 4.4.1 asks for room for 35 at least."""

MAX_HEADER: Final = 2_048
"""Characters of an Accept-Language header that are read."""

MAX_RANGES: Final = 32
"""Entries of an Accept-Language header that are read."""

# RFC 5646 section 2.1; without the grandfathered tags, all of which have a modern form.
_TAG: Final = re.compile(
    r"""(?:[a-z]{2,3}(?:-[a-z]{3}){0,3}|[a-z]{4,8})   # language, with extended subtags
        (?:-(?P<script>[a-z]{4}))?
        (?:-(?:[a-z]{2}|[0-9]{3}))?                   # region
        (?:-(?:[a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*      # variants
        (?:-[0-9a-wy-z](?:-[a-z0-9]{2,8})+)*          # extensions
        (?:-x(?:-[a-z0-9]{1,8})+)?                    # private use
        |x(?:-[a-z0-9]{1,8})+""",
    re.VERBOSE,
)

_PREFERRED: Final = {"iw": "he", "in": "id", "ji": "yi"}
"""Subtags that old browsers and Java still send, by what replaced them in the registry."""

# fmt: off
# ISO 15924 scripts whose letters have the bidirectional classes R or AL.
_RTL_SCRIPTS: Final = frozenset(
    {
        "adlm", "arab", "aran", "armi", "avst", "chrs", "cprt", "elym", "gara", "hatr", "hebr",
        "hung", "khar", "lydi", "mand", "mani", "mend", "merc", "mero", "narb", "nbat", "nkoo",
        "orkh", "ougr", "palm", "phli", "phlp", "phnx", "prti", "rohg", "samr", "sarb", "sogd",
        "sogo", "syrc", "syre", "syrj", "syrn", "thaa", "yezi",
    }
)

# Languages that are written from right to left when no script is named (CLDR likely subtags).
_RTL_LANGUAGES: Final = frozenset(
    {
        "acm", "acq", "aeb", "afb", "aii", "ajp", "apc", "apd", "ar", "arc", "ars", "ary", "arz",
        "azb", "bal", "bcc", "bgn", "bqi", "ckb", "dv", "fa", "glk", "haz", "he", "khw", "ks",
        "lki", "lrc", "mzn", "nqo", "pal", "pnb", "prd", "prs", "ps", "sam", "scl", "sd", "sdh",
        "skr", "syc", "syr", "trw", "ug", "ur", "ydd", "yi", "yih",
    }
)
# fmt: on

_RANGE: Final = re.compile(r"\*|[a-z]{1,8}(?:-(?:[a-z0-9]{1,8}|\*))*")
_QUALITY: Final = re.compile(r"0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?")


@functools.lru_cache(maxsize=256)
def is_tag(text: str) -> bool:
    """Whether a text is a well-formed language tag, in any case, of at most `MAX_TAG` characters.

    Source: RFC 5646 section 2.2.9; whether its subtags are registered is not asked.
    """
    return len(text) <= MAX_TAG and text.isascii() and _TAG.fullmatch(text.lower()) is not None


def normal(tag: str) -> str:
    """A tag as this module compares it: lower case, its language by the name in use today."""
    language, dash, rest = tag.lower().partition("-")
    return f"{_PREFERRED.get(language, language)}{dash}{rest}"


@functools.lru_cache(maxsize=256)
def direction(tag: str) -> Direction:
    """Which way a language is written: by its script where it names one, else by the language.

    A text that is no tag counts as written from left to right. A region is not looked at, so
    Punjabi of Pakistan is `pa-Arab-PK`.
    """
    found = _TAG.fullmatch(tag.lower()) if is_tag(tag) else None
    if found is None:
        return "ltr"
    script = found["script"]
    if script is None:
        return "rtl" if normal(tag).partition("-")[0] in _RTL_LANGUAGES else "ltr"
    return "rtl" if script in _RTL_SCRIPTS else "ltr"


def lookup(tag: str) -> tuple[str, ...]:
    """The tags to look for, the best first: `zh-hant-tw`, `zh-hant`, `zh`; none for no tag.

    Source: RFC 4647 section 3.4; a single letter at the end goes with what follows it.
    """
    if not is_tag(tag):
        return ()
    subtags = normal(tag).split("-")
    found = []
    while subtags:
        found.append("-".join(subtags))
        subtags.pop()
        while subtags and len(subtags[-1]) == 1:
            subtags.pop()
    return tuple(found)


def best(accept_language: str, offered: Sequence[str]) -> str | None:
    """The offered language that a reader prefers, as it is spelled in `offered`.

    A range finds the offered language it names or a wider one (`he-IL` finds `he`), else a
    narrower one (`pt` finds `pt-BR`). A range of quality 0 takes out what it names.

    Args:
        accept_language: The header's value; what is malformed in it is passed over.
        offered: Tags, the first of which is what `*` finds.

    Returns:
        None when nothing fits.
    """
    ranges = sorted(_ranges(accept_language), key=lambda found: -found[1])
    refused = {wanted for wanted, quality in ranges if not quality and wanted != "*"}
    # Of two spellings of one tag the first counts; the order is that of `offered`.
    open_to: dict[str, str] = {}
    for tag in offered:
        if not _covered(normal(tag), refused):
            open_to.setdefault(normal(tag), tag)
    for wanted, quality in ranges:
        found = _find(wanted, open_to) if quality else None
        if found is not None:
            return found
    return None


def _covered(tag: str, ranges: Iterable[str]) -> bool:
    return any(wanted in ("*", tag) or tag.startswith(f"{wanted}-") for wanted in ranges)


def _find(wanted: str, open_to: Mapping[str, str]) -> str | None:
    """What a range finds among tags in order, by their normal form."""
    wider = next((tag for tag in lookup(wanted) if tag in open_to), None)
    narrower = (tag for tag in open_to if _covered(tag, [wanted]))
    return open_to.get(wider or next(narrower, ""))


def _ranges(header: str) -> Iterator[tuple[str, float]]:
    """Each range with its quality, in order."""
    for entry in header[:MAX_HEADER].lower().split(",")[:MAX_RANGES]:
        wanted, *parameters = (part.strip(" \t") for part in entry.split(";"))
        quality = _quality(parameters)
        if quality is not None and len(wanted) <= MAX_TAG and _RANGE.fullmatch(wanted):
            yield normal(wanted), quality


def _quality(parameters: Sequence[str]) -> float | None:
    """The quality of a range, 1 when it names none; None when it cannot be read."""
    if not parameters:
        return 1.0
    name, _, value = parameters[0].partition("=")
    if len(parameters) > 1 or name.rstrip() != "q":
        return None
    value = value.strip()
    return float(value) if _QUALITY.fullmatch(value) else None
