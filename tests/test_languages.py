"""Tags, directions and Accept-Language, with what strangers send."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uicompiler.languages import MAX_RANGES, MAX_TAG, best, direction, is_tag, lookup

OFFERED = ("en", "he", "ja")


# --- tags -----------------------------------------------------------------------------------------

# The examples of RFC 5646 appendix A that are well formed, but for the grandfathered ones.
WELL_FORMED = """
de fr ja zh-Hant zh-Hans sr-Cyrl sr-Latn zh-cmn-Hans-CN cmn-Hans-CN zh-yue-HK yue-HK zh-Hans-CN
sr-Latn-RS sl-rozaj sl-rozaj-biske sl-nedis de-CH-1901 sl-IT-nedis hy-Latn-IT-arevela de-DE en-US
es-419 de-CH-x-phonebk az-Arab-x-AZE-derbend x-whatever qaa-Qaaa-QM-x-southern de-Qaaa sr-Latn-QM
sr-Qaaa-RS en-US-u-islamcal zh-CN-a-myext-x-private en-a-myext-b-another EN he-IL"""

ILL_FORMED = [
    "",
    "-",
    "e",
    "en-",
    "-en",
    "en--US",
    "en_US",
    "de-419-DE",
    "a-DE",
    "en-u",
    "x",
    "x-",
    "en-x",
    "en US",
    "en\n",
    "én",
    "\u0130\u0130",  # lower case is longer than it
    "ﬁ",
    "абв",
    "en-\u0663\u0664\u0665",
    "*",
    "i-klingon",
    '"><script>',
    "en-" + "a" * 9,
    "a" * 100_000,
    "en" + "-abcde" * 20_000,
]


@pytest.mark.parametrize("tag", WELL_FORMED.split())
def test_what_the_rfc_calls_well_formed_is_a_tag(tag: str) -> None:
    assert is_tag(tag)
    assert is_tag(tag.upper())


@pytest.mark.parametrize("tag", ILL_FORMED, ids=lambda tag: ascii(tag[:12]))
def test_anything_else_is_none_and_falls_nowhere(tag: str) -> None:
    assert not is_tag(tag)
    assert lookup(tag) == ()
    assert direction(tag) == "ltr"


def test_the_longest_tag_that_counts() -> None:
    tag = "en-" + "-".join(["x", *["a" * 8] * 6, "aaaaa"])
    assert len(tag) <= MAX_TAG
    assert is_tag(tag)
    assert not is_tag(tag + "-aaaaaaaa")


@pytest.mark.parametrize(
    ("tag", "found"),
    [
        ("he-IL", ("he-il", "he")),
        ("zh-Hant-TW", ("zh-hant-tw", "zh-hant", "zh")),
        ("zh-Hant-CN-x-private1", ("zh-hant-cn-x-private1", "zh-hant-cn", "zh-hant", "zh")),
        ("iw-IL", ("he-il", "he")),
        ("en-a-bbb-x-a-ccc", ("en-a-bbb-x-a-ccc", "en-a-bbb-x-a", "en-a-bbb", "en")),
    ],
)
def test_lookup_drops_subtags_from_the_end(tag: str, found: tuple[str, ...]) -> None:
    # RFC 4647 section 3.4 drops a single letter with what follows it; the last example shows that
    # a letter is dropped only where it ends the tag.
    wanted = tuple(item for item in found if not item.endswith("-a"))
    assert lookup(tag) == wanted


# --- direction ------------------------------------------------------------------------------------


RIGHT_TO_LEFT = """
he HE he-IL iw ar ar-EG fa-IR ur yi ji ps dv ug ckb az-Arab pa-Arab-PK en-Hebr uz-arab-AF ff-Adlm
nqo syr ar-u-nu-latn"""
LEFT_TO_RIGHT = """
en ja ja-JP zh-Hant ru he-Latn ar-Latn-EG az pa ff yi-Latn hebrew arabic x-he en-x-hebr en-x-arab"""


@pytest.mark.parametrize("tag", RIGHT_TO_LEFT.split())
def test_right_to_left(tag: str) -> None:
    assert direction(tag) == "rtl"


@pytest.mark.parametrize("tag", LEFT_TO_RIGHT.split())
def test_left_to_right(tag: str) -> None:
    assert direction(tag) == "ltr"


# --- Accept-Language ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "chosen"),
    [
        ("he", "he"),
        ("HE-il", "he"),
        ("iw-IL,iw;q=0.9,en-US;q=0.8", "he"),
        ("ja,en;q=0.9", "ja"),
        ("en;q=0.5, ja;q=0.9", "ja"),
        ("en;q=0.5,ja;q=0.5", "en"),
        ("fr, ja;q=0.1", "ja"),
        ("fr-CA", None),
        ("", None),
        ("*", "en"),
        ("fr, *;q=0.1", "en"),
        ("*, en;q=0", "he"),
        ("en;q=0", None),
        ("en-GB;q=0, en", "en"),
        ("en;q=0, en-GB", None),
        ("he ; q=0.7 , en ; q=0.2", "he"),
        ("ja;q=1.000,he;q=0.999", "ja"),
        # What cannot be read is passed over.
        ("en;q=2, ja;q=0.1", "ja"),
        ("en;q=, ja;q=0.1", "ja"),
        ("en;q=nan, ja;q=0.1", "ja"),
        ("en;q=inf;x, ja;q=0.1", "ja"),
        ("en;q=0.0001, ja;q=0.1", "ja"),
        ("en_US, ja;q=0.1", "ja"),
        (",,;;,=,q=1, ja", "ja"),
        ("\x00, \u200fhe, ja", "ja"),
    ],
)
def test_the_best_language(header: str, chosen: str | None) -> None:
    assert best(header, OFFERED) == chosen


def test_a_range_finds_a_narrower_tag_only_where_there_is_no_other() -> None:
    assert best("pt", ["en", "pt-BR", "pt-PT"]) == "pt-BR"
    assert best("pt-PT", ["en", "pt-BR", "pt-PT"]) == "pt-PT"
    assert best("pt", ["pt-BR", "pt"]) == "pt"
    assert best("zh-Hant-HK", ["zh-Hans", "zh-Hant"]) == "zh-Hant"


def test_the_chosen_tag_is_spelled_as_it_was_offered() -> None:
    assert best("EN-gb", ["En-GB", "en-gb"]) == "En-GB"
    assert best("he", ["iw-IL"]) == "iw-IL"


def test_nothing_offered_is_nothing_found() -> None:
    assert best("en, *", []) is None


def test_entries_beyond_the_bound_are_not_read() -> None:
    assert best(", ".join(["fr"] * (MAX_RANGES - 1) + ["ja"]), OFFERED) == "ja"
    assert best(", ".join(["fr"] * MAX_RANGES + ["ja"]), OFFERED) is None


@pytest.mark.parametrize(
    "header",
    ["en," * 300_000, "en;" * 300_000, "-" * 1_000_000, "a-" * 500_000, "*;q=" + "0" * 1_000_000],
    ids=["entries", "parameters", "dashes", "subtags", "digits"],
)
def test_a_huge_header_is_read_at_once(header: str) -> None:
    begun = time.perf_counter()
    best(header, OFFERED)
    assert time.perf_counter() - begun < 0.5


@given(st.text(max_size=80) | st.text("enhja-_*;,=q. 0123", max_size=200))
def test_any_text_is_answered_with_something_offered(text: str) -> None:
    assert best(text, OFFERED) in (*OFFERED, None)
    assert direction(text) in ("ltr", "rtl")
    assert len(lookup(text)) <= MAX_TAG
