"""Patterns are accepted only where matching is linear and browsers agree."""

from __future__ import annotations

import json
import random
import re
import shutil
import subprocess
import warnings
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uicompiler.ir.patterns import PatternRefused, check_pattern, full_match

ACCEPTED = [
    # pattern, texts that match, texts that do not
    (r"[^@\s]+@[^@\s.]+\.[a-z]{2,24}", ["a@b.de", "a.b+c@d-e.example"], ["a@b", "a b@c.de", "@"]),
    (r"^[^@\s]+@[^@\s.]+\.[a-z]{2,24}$", ["a@b.de"], ["a@b.de\n", "a@@b.de"]),
    (r"\d{5}", ["01234"], ["1234", "123456", "١٢٣٤٥"]),
    (r"\d{5}-?\d{0,4}", ["12345", "12345-6789"], ["12345--6"]),
    (r"[0-9]{4} ?[A-Z]{2}", ["1234AB", "1234 AB"], ["1234 ab"]),
    (r"[A-Z]{1,2}[0-9]{1,2} [0-9][A-Z]{2}", ["SW1 1AA", "M1 1AE"], ["SW1A"]),
    (r"\+?[0-9]{7,15}", ["+491701234567", "0301234567"], ["+", "12 34"]),
    (r"\(\d{3}\) \d{3}-\d{4}", ["(555) 123-4567"], ["555 123-4567"]),
    (r"[\d \-\/]+", ["030 / 123-45"], ["", "030.1"]),
    (r"-?\d+", ["-12", "0"], ["--1", "1.5"]),
    (r"-?\d+[.,]\d+", ["-1.5", "1,25"], ["1.", "1"]),
    (r"[+\-]?\d+[.,]\d{2}", ["+1,50", "12.00"], ["1.5"]),
    (r"\d{4}-\d{2}-\d{2}", ["2026-01-31"], ["2026-1-31"]),
    (r"\d\d:\d\d", ["09:30"], ["9:30"]),
    (r"#[0-9a-fA-F]{6}", ["#00ffAA"], ["#00ff"]),
    (r"[a-z][a-z0-9_]{2,29}", ["ab_9"], ["9ab", "ab"]),
    (r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}", ["DE89370400440532013000"], ["DE8"]),
    (r"https?:\/\/[^\s]+", ["http://x", "https://y/z"], ["ftp://x", "http:// "]),
    (r".{1,280}", ["any", "😀"], ["", "a\nb", "a\u2028b"]),
    (r"[^<>]*", ["", "plain"], ["<b>"]),
    (r"\S+", ["word"], ["two words", "a\u00a0b", "a\ufeff"]),
    (r"[\u0600-\u06FF\s]+", ["سلام دنیا"], ["hello"]),
    (r"[\w.%+\-]+@[\w\-]+\.com", ["a.b%c+d-e@f-g.com"], ["@f.com"]),
    (r"\w+ \w+", ["Ada Lovelace"], ["Ada", "Ada  Lovelace"]),
    (r"\x41\u0042\t?", ["AB", "AB\t"], ["ab"]),
    (r"a{0}b", ["b"], ["ab"]),
    (r"[$.*+?@]+", ["$.*+?@"], ["a"]),
    (r"[^\W\d]+", ["abc_"], ["a1", "-"]),
]
REFUSED = [
    (r"(a+)+$", "groups"),
    (r"(a|a)*", "groups"),
    (r"(.*)*x", "groups"),
    (r"(?:ab|cd)", "groups"),
    (r"(?=a)b", "lookaround"),
    (r"(?<!a)b", "lookaround"),
    (r"a*a*b", "can both take 'a'"),
    (r".*.*", "can both take"),
    (r"\d+\d", "can both take '0'"),
    (r"a?b?c?a", "can both take 'a'"),
    (r"[a-z]*[m-q]{1,3}", "can both take 'm'"),
    (r"\w+@?\d", "can both take '0'"),
    (r"\s*\u00a0", "can both take"),
    (r"-?\d+\.?\d*", "can both take '0'"),
    (r"a{1,2}a{2}", "can both take 'a'"),
    (r"\1", "backreferences"),
    (r"a\k<x>", "backreferences"),
    (r"\bword", "word boundaries"),
    (r"\p{L}+", "Unicode properties"),
    (r"\u{41}", "\\uHHHH"),
    (r"\-", "needs no escape"),
    (r"\@", "only"),
    (r"a|b", "alternation"),
    (r"a+?", "lazy"),
    (r"a*+", "possessive"),
    (r"a**", "doubled quantifiers"),
    (r"*a", "nothing before it"),
    (r"^*", "nothing before it"),
    (r"a{,3}", "{n,m}"),
    (r"a{3,2}", "counts rise"),
    (r"a{1001}", "at most 1000"),
    (r"a{999999999999}", "{n,m}"),
    (r"a{", "{n}"),
    (r"a}", "\\}"),
    (r"a]", "\\]"),
    (r"a^", "first character"),
    (r"a$b", "last character"),
    (r"^^a", "first character"),
    (r"a$$", "last character"),
    (r"[]", "no character"),
    (r"[^]", "no character"),
    (r"[^\s\S]", "no character"),
    (r"[abc", "not closed"),
    (r"[a-", "\\-"),
    (r"[a-z-]", "\\-"),
    (r"[-a]", "\\-"),
    (r"[\w-z]", "range"),
    (r"[z-a]", "range"),
    (r"[a&&b]", "doubled punctuation"),
    (r"[+-..]", "doubled punctuation"),
    (r"[a|b]", "\\|"),
    (r"[/]", "\\/"),
    (r"[(]", "\\("),
    (r"[[a]]", "\\["),
    (r"[a^]", "\\^"),
    ("a\tb", "control character"),
    ("\U0001f600", "U+FFFF"),
    ("\ud800", "U+FFFF"),
    (r"\ud83d\ude00", "U+FFFF"),
    ("a\\", "escapes nothing"),
    ("", "empty"),
    ("^$", "empty"),
    ("a{0}", "empty"),
]


@pytest.mark.parametrize(("pattern", "yes", "no"), ACCEPTED, ids=[row[0] for row in ACCEPTED])
def test_accepted_pattern_matches_what_it_says(pattern: str, yes: list[str], no: list[str]) -> None:
    check_pattern(pattern)
    assert [text for text in yes if not full_match(pattern, text)] == []
    assert [text for text in no if full_match(pattern, text)] == []


@pytest.mark.parametrize(("pattern", "why"), REFUSED, ids=[ascii(row[0]) for row in REFUSED])
def test_refused_pattern_says_why(pattern: str, why: str) -> None:
    with pytest.raises(PatternRefused, match=re.escape(why)):
        check_pattern(pattern)
    with pytest.raises(PatternRefused):
        full_match(pattern, "a")


def test_long_pattern_is_refused_by_length() -> None:
    check_pattern("a" * 200)
    with pytest.raises(PatternRefused, match="201 characters, at most 200"):
        check_pattern("a" * 201)
    check_pattern("a" * 300, max_chars=300)


def test_message_quotes_little_of_the_pattern() -> None:
    with pytest.raises(PatternRefused) as caught:
        check_pattern("[\\w-" + "\\u0041" + "]" + "x" * 150)
    assert "x" * 10 not in str(caught.value)


def test_long_text_that_almost_matches_is_judged() -> None:
    pattern = "a*b*c*d*e*f*g*h*x"
    assert not full_match(pattern, "a" * 1_000_000 + "b" * 1_000_000)
    assert full_match(pattern, "a" * 1_000_000 + "h" * 1_000_000 + "x")


# Random patterns, built from parts whose meaning is written down here a second time.

Takes = Callable[[str], bool]
PARTS: list[tuple[str, Takes]] = [
    ("a", lambda c: c == "a"),
    ("b", lambda c: c == "b"),
    ("-", lambda c: c == "-"),
    (r"\.", lambda c: c == "."),
    (".", lambda c: c not in "\n\r"),
    (r"\d", lambda c: c in "0123456789"),
    (r"\D", lambda c: c not in "0123456789"),
    (r"\w", lambda c: c == "_" or (c.isascii() and c.isalnum())),
    (r"\W", lambda c: not (c == "_" or (c.isascii() and c.isalnum()))),
    (r"\s", lambda c: c in " \t\n\r\f\v"),
    (r"\S", lambda c: c not in " \t\n\r\f\v"),
    ("[a-c]", lambda c: c in "abc"),
    ("[^a-c]", lambda c: c not in "abc"),
    (r"[\d\-.]", lambda c: c in "0123456789-."),
    (r"[^\s@]", lambda c: c not in " \t\n\r\f\v@"),
    ("é", lambda c: c == "é"),
]
COUNTS: list[tuple[str, int, int]] = [
    ("", 1, 1),
    ("*", 0, 99),
    ("+", 1, 99),
    ("?", 0, 1),
    ("{2}", 2, 2),
    ("{1,}", 1, 99),
    ("{0,2}", 0, 2),
    ("{1,3}", 1, 3),
]
PIECES = st.lists(
    st.tuples(st.sampled_from(PARTS), st.sampled_from(COUNTS)), min_size=1, max_size=6
)
# No \r: Python's own `.` takes it, ECMAScript's does not; the module follows the latter.
TEXTS = st.text("aabbc012-. @é_\nZ😀", max_size=12)

Piece = tuple[tuple[str, Takes], tuple[str, int, int]]


def naive_match(pieces: list[Piece], text: str) -> bool:
    """Every position reachable after each piece, by trying every count."""
    reached = {0}
    for (_, takes), (_, least, most) in pieces:
        after: set[int] = set()
        for start in reached:
            count = 0
            while True:
                if count >= least:
                    after.add(start + count)
                at = start + count
                if count == most or at >= len(text) or not takes(text[at]):
                    break
                count += 1
        reached = after
    return len(text) in reached


@given(PIECES, TEXTS)
def test_accepted_pattern_agrees_with_naive_matcher_and_python(
    pieces: list[Piece], text: str
) -> None:
    pattern = "".join(part + count for (part, _), (count, _, _) in pieces)
    try:
        check_pattern(pattern)
    except PatternRefused as refused:
        assert "can both take" in str(refused)
        return
    expected = naive_match(pieces, text)
    assert full_match(pattern, text) is expected
    assert full_match(f"^{pattern}$", text) is expected
    assert (re.fullmatch(pattern, text, re.ASCII) is not None) is expected


@given(st.text(r"ab09\dwsS^$.*+?{}[],-()|1 &@", max_size=14), st.text("ab01 @&-.", max_size=8))
def test_any_text_is_refused_or_a_pattern_python_reads_alike(pattern: str, text: str) -> None:
    try:
        check_pattern(pattern)
    except PatternRefused:
        return
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        expected = re.fullmatch(pattern, text, re.ASCII) is not None
    assert full_match(pattern, text) is expected


NODE = shutil.which("node")
JUDGE = """
const cases = JSON.parse(require('fs').readFileSync(0, 'utf8'));
const verdict = ([p, t]) => ['u', 'v'].map(f => new RegExp(`^(?:${p})$`, f).test(t));
cases.forEach(([p]) => new RegExp(p));
console.log(JSON.stringify(cases.map(verdict)));
"""


def random_cases(count: int) -> list[tuple[str, str]]:
    rng = random.Random(8)
    alphabet = "ab01-. @é_\n\r\t\u00a0\u2028\ufeffZ😀"
    cases: list[tuple[str, str]] = []
    while len(cases) < count:
        pieces = rng.choices(PARTS, k=rng.randint(1, 4))
        pattern = "".join(part + rng.choice(COUNTS)[0] for part, _ in pieces)
        try:
            check_pattern(pattern)
        except PatternRefused:
            continue
        cases.extend((pattern, "".join(rng.choices(alphabet, k=k))) for k in range(6))
    return cases


def any_accepted(count: int) -> list[tuple[str, str]]:
    """Patterns from raw characters: whatever is accepted must compile in a browser."""
    rng = random.Random(9)
    alphabet = "".join(map(chr, range(0x20, 0x7F))) + "\\\\\\[[]]^-"
    found: list[tuple[str, str]] = []
    while len(found) < count:
        pattern = "".join(rng.choices(alphabet, k=rng.randint(1, 8)))
        try:
            check_pattern(pattern)
        except PatternRefused:
            continue
        found.append((pattern, pattern))
    return found


@pytest.mark.skipif(NODE is None, reason="needs node 20 or later")
def test_ecmascript_gives_the_same_verdicts_under_u_and_v() -> None:
    cases = [(p, text) for p, yes, no in ACCEPTED for text in [*yes, *no]]
    cases += random_cases(3000) + any_accepted(1500)
    assert NODE is not None
    done = subprocess.run(
        [NODE, "-e", JUDGE], input=json.dumps(cases), capture_output=True, text=True, check=True
    )
    ours = [[full_match(pattern, text)] * 2 for pattern, text in cases]
    assert json.loads(done.stdout) == ours
