r"""Validation patterns that cannot backtrack and mean the same in Python and in a browser.

The language is a sequence of atoms, each with an optional greedy quantifier; no groups:

    pattern    = ["^"] 1*( atom [quantifier] ) ["$"]
    atom       = literal / "." / escape / "[" ["^"] 1*( member / member "-" member ) "]"
    quantifier = "*" / "+" / "?" / "{n}" / "{n,}" / "{n,m}"          ; n and m up to 1000
    escape     = "\" ( d D w W s S / t n r f v / xHH / uHHHH / one of ^$\.*+?()[]{}|/ )

It is the intersection of what the `u` and `v` flags and no flag of ECMAScript accept, so a pattern
is valid in HTML's `pattern` attribute: inside `[...]` the characters ( ) [ { } / | - must be
escaped, and doubled punctuation such as `&&` is refused.

One rule makes matching linear: an atom with a variable count shares no character with any atom
after it, up to and including the first that must match. At each character at most one atom can
take it, so there is nothing to try again, and greedy and possessive matching agree.

Where Python and ECMAScript disagree this module follows ECMAScript, where the user types: `\s`
is its white space (U+00A0 and U+FEFF too), `.` stops at its four line ends, `\d` and `\w` are
ASCII. Characters beyond U+FFFF are refused in patterns, since without the `u` flag ECMAScript
reads them as two; in texts they count as one, as under `u` and `v`.

Source: ECMA-262 section 22.2.1 (Pattern, ClassSetCharacter); HTML section 4.10.5.3.6.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

MAX_REPEAT: Final = 1000

_Chars = tuple[tuple[int, int], ...]
"""A character set: sorted, disjoint, inclusive intervals of code points."""

_LAST: Final = 0x10FFFF
_SYNTAX: Final = "^$\\.*+?()[]{}|/"
_ESCAPE_IN_CLASS: Final = "()[{}/|-"
_DOUBLES: Final = "&!#$%*+,.:;<=>?@^`~"

_UNQUOTED: Final[Mapping[str, str]] = {
    "(": "groups and lookaround are not allowed",
    ")": "groups are not allowed",
    "|": "alternation is not allowed",
    "*": "there is nothing before it that it could repeat",
    "+": "there is nothing before it that it could repeat",
    "?": "there is nothing before it that it could repeat",
    "{": "there is nothing before it that it could repeat",
    "}": "a literal brace is written \\}",
    "]": "a literal bracket is written \\]",
    "^": "an anchor is allowed only as the first character",
    "$": "an anchor is allowed only as the last character",
}


class PatternRefused(ValueError):
    """The pattern is outside the language; the text says which part, why, and what is allowed."""


@dataclass(frozen=True, slots=True)
class _Atom:
    text: str
    chars: _Chars
    least: int
    most: int | None


def check_pattern(pattern: str, *, max_chars: int = 200) -> None:
    """Accept a pattern of the language in the module docstring.

    Raises:
        PatternRefused: it is too long, outside the language, or ambiguous.
    """
    if len(pattern) > max_chars:
        raise PatternRefused(
            f"the pattern has {len(pattern)} characters, at most {max_chars} are allowed"
        )
    _check_unambiguous(_parse(pattern))


def full_match(pattern: str, text: str) -> bool:
    """Whether the whole of `text` matches, in time linear in its length.

    The verdict is that of ECMAScript's `^(?:pattern)$` under the `u` or `v` flag.

    Raises:
        PatternRefused: `check_pattern` would refuse the pattern for more than its length.
    """
    return _compiled(pattern).fullmatch(text) is not None


@lru_cache(maxsize=512)
def _compiled(pattern: str) -> re.Pattern[str]:
    atoms = _parse(pattern)
    _check_unambiguous(atoms)
    return re.compile("".join(_possessive(atom) for atom in atoms))


def _possessive(atom: _Atom) -> str:
    ranges = "".join(f"\\U{low:08x}-\\U{high:08x}" for low, high in atom.chars)
    most = "" if atom.most is None else atom.most
    return f"[{ranges}]{{{atom.least},{most}}}+"


def _check_unambiguous(atoms: tuple[_Atom, ...]) -> None:
    for index, atom in enumerate(atoms):
        if atom.least == atom.most:
            continue
        for later in atoms[index + 1 :]:
            shared = _shared(atom.chars, later.chars)
            if shared is not None:
                raise PatternRefused(
                    f"{_short(atom.text)} and the later {_short(later.text)} can both take "
                    f"{chr(shared)!r}, so a text could match in several ways; a part with a "
                    "variable count must share no character with what may follow it"
                )
            if later.least > 0:
                break


# Reading a pattern. Each reader takes the pattern and a position and gives the position after.


def _parse(pattern: str) -> tuple[_Atom, ...]:
    atoms: list[_Atom] = []
    pos = 1 if pattern.startswith("^") else 0
    end = len(pattern)
    while pos < end and not (pos == end - 1 and pattern[pos] == "$"):
        chars, after = _atom(pattern, pos)
        least, most, stop = _quantifier(pattern, after)
        if most != 0:
            atoms.append(_Atom(pattern[pos:stop], chars, least, most))
        pos = stop
    if not atoms:
        raise PatternRefused("the pattern is empty; it must describe at least one character")
    return tuple(atoms)


def _atom(pattern: str, pos: int) -> tuple[_Chars, int]:
    char = pattern[pos]
    if char == "[":
        return _class(pattern, pos)
    if char == "\\":
        return _escape(pattern, pos, inside=False)
    if char == ".":
        return _DOT, pos + 1
    if char in _UNQUOTED:
        raise _refused(pos, char, _UNQUOTED[char])
    return _literal(char, pos), pos + 1


def _literal(char: str, pos: int) -> _Chars:
    code = ord(char)
    if code < 0x20 or 0x7F <= code < 0xA0:
        raise _refused(pos, char, "a control character is written as an escape such as \\t")
    return _one(code, char, pos)


def _one(code: int, text: str, pos: int) -> _Chars:
    if 0xD800 <= code <= 0xDFFF or code > 0xFFFF:
        raise _refused(pos, text, "only characters up to U+FFFF, no surrogates, are allowed")
    return ((code, code),)


_HEX: Final = re.compile(r"\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4})")
_WHY_ESCAPE: Final[Mapping[str, str]] = {
    **dict.fromkeys("0123456789k", "backreferences and octal escapes are not allowed"),
    **dict.fromkeys("bB", "word boundaries are not allowed"),
    **dict.fromkeys("pP", "Unicode properties are not in Python; write [\\u0600-\\u06FF]"),
    **dict.fromkeys("xu", "a character code is written \\xHH or \\uHHHH"),
    "-": "outside [...] a hyphen needs no escape, and browsers refuse one",
}


def _escape(pattern: str, pos: int, *, inside: bool) -> tuple[_Chars, int]:
    char = pattern[pos + 1 : pos + 2]
    if char and char in _SETS:
        return _SETS[char], pos + 2
    if char and (char in _SYNTAX or (inside and char == "-")):
        return ((ord(char), ord(char)),), pos + 2
    found = _HEX.match(pattern, pos)
    if found is not None:
        return _one(int(found.group()[2:], 16), found.group(), pos), found.end()
    why = _WHY_ESCAPE.get(char, "only \\d \\w \\s, their negations and punctuation are escaped")
    raise _refused(pos, f"\\{char}", why if char else "it escapes nothing")


def _class(pattern: str, pos: int) -> tuple[_Chars, int]:
    negated = pattern.startswith("^", pos + 1)
    at = pos + 2 if negated else pos + 1
    parts: list[tuple[int, int]] = []
    while pattern[at : at + 1] != "]":
        if at >= len(pattern):
            raise _refused(pos, "[", "the class is not closed by ]")
        chars, at = _class_part(pattern, at)
        parts.extend(chars)
    chars = _union(parts)
    chars = _complement(chars) if negated else chars
    if not parts or not chars:
        raise _refused(pos, pattern[pos : at + 1], "the class holds no character")
    return chars, at + 1


def _class_part(pattern: str, pos: int) -> tuple[_Chars, int]:
    first, at = _class_char(pattern, pos)
    if pattern[at : at + 1] != "-":
        return first, at
    if pattern[at + 1 : at + 2] in ("", "]"):
        raise _refused(at, "-", "inside [...] a literal hyphen is written \\-")
    last, end = _class_char(pattern, at + 1)
    low, high = first[0][0], last[0][1]
    if first != ((low, low),) or last != ((high, high),) or low > high:
        raise _refused(pos, pattern[pos:end], "a range goes from one character to a later one")
    return ((low, high),), end


def _class_char(pattern: str, pos: int) -> tuple[_Chars, int]:
    char = pattern[pos]
    if char == "\\":
        return _escape(pattern, pos, inside=True)
    if char in _ESCAPE_IN_CLASS or char == "^":
        raise _refused(pos, char, f"inside [...] it is written \\{char}")
    if char in _DOUBLES and pattern[pos + 1 : pos + 2] == char:
        raise _refused(pos, char * 2, "browsers reserve doubled punctuation inside [...]")
    return _literal(char, pos), pos + 1


_COUNT: Final = re.compile(r"\{([0-9]{1,9})(,?)([0-9]{0,9})\}")
_SIGNS: Final[Mapping[str, tuple[int, int | None]]] = {"*": (0, None), "+": (1, None), "?": (0, 1)}


def _quantifier(pattern: str, pos: int) -> tuple[int, int | None, int]:
    char = pattern[pos : pos + 1]
    if char in _SIGNS:
        (least, most), end = _SIGNS[char], pos + 1
    elif char == "{":
        least, most, end = _count(pattern, pos)
    else:
        return 1, 1, pos
    if end < len(pattern) and pattern[end] in "*+?{":
        raise _refused(end, pattern[end], "lazy, possessive or doubled quantifiers are not allowed")
    return least, most, end


def _count(pattern: str, pos: int) -> tuple[int, int | None, int]:
    found = _COUNT.match(pattern, pos)
    if found is None or (not found[2] and found[3]):
        raise _refused(pos, "{", "a count is written {n}, {n,} or {n,m}; a literal brace \\{")
    least = int(found[1])
    most = int(found[3]) if found[3] else (None if found[2] else least)
    if max(least, most or 0) > MAX_REPEAT or (most is not None and most < least):
        raise _refused(pos, found[0], f"counts rise and are at most {MAX_REPEAT}")
    return least, most, found.end()


def _refused(pos: int, part: str, why: str) -> PatternRefused:
    return PatternRefused(f"{_short(part)!r} at character {pos + 1} is refused: {why}")


def _short(part: str) -> str:
    return part if len(part) <= 40 else f"{part[:39]}…"


# Character sets.


def _union(parts: Iterable[tuple[int, int]]) -> _Chars:
    merged: list[tuple[int, int]] = []
    for low, high in sorted(parts):
        if merged and low <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(merged[-1][1], high))
        else:
            merged.append((low, high))
    return tuple(merged)


def _complement(chars: _Chars) -> _Chars:
    starts = [0, *(high + 1 for _, high in chars)]
    ends = [*(low - 1 for low, _ in chars), _LAST]
    return tuple((low, high) for low, high in zip(starts, ends, strict=True) if low <= high)


def _shared(one: _Chars, other: _Chars) -> int | None:
    """The lowest code point in both sets, or None."""
    both = [max(a, c) for a, b in one for c, d in other if max(a, c) <= min(b, d)]
    return min(both, default=None)


def _of(text: str) -> _Chars:
    return _union((ord(char), ord(char)) for char in text)


_DIGITS: Final = ((0x30, 0x39),)
_WORD: Final = _union([(0x30, 0x39), (0x41, 0x5A), (0x5F, 0x5F), (0x61, 0x7A)])
# ECMA-262 sections 12.2 (WhiteSpace) and 12.3 (LineTerminator).
_SPACE: Final = _union(
    [(0x9, 0xD), (0x2000, 0x200A), *_of(" \u00a0\u1680\u2028\u2029\u202f\u205f\u3000\ufeff")]
)
_DOT: Final = _complement(_of("\n\r\u2028\u2029"))
_SETS: Final[Mapping[str, _Chars]] = {
    "d": _DIGITS,
    "D": _complement(_DIGITS),
    "w": _WORD,
    "W": _complement(_WORD),
    "s": _SPACE,
    "S": _complement(_SPACE),
    **{name: _of(char) for name, char in zip("tnrfv", "\t\n\r\f\v", strict=True)},
}
