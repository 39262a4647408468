"""One look at a payload's JSON says the same as a look at each key and text, or says nothing."""

from __future__ import annotations

import copy
import sys
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from uicompiler.directives.cleaning import Notes, _Walk, cleaned, is_plain
from uicompiler.ir.text import clean
from uicompiler.ir.values import FORBIDDEN_KEYS

PIECES = st.sampled_from(
    (
        *(
            "a",
            "\\",
            '"',
            "\n",
            "\t",
            "\r\n",
            "\r",
            "\x00",
            "\x1b",
            "\x7f",
            "\x85",
            "\u00f6",
            "\u06cc",
        ),
        *("\u200b", "\u200c", "\u202e", "\u2060", "\u2066", "\ufeff", "\ud800", "\U0001f600"),
        *(
            "\U0001f3f4\U000e0067\U000e0062\U000e007f",
            "\U000e0067",
            "prototype",
            ":null",
            "\\r",
            "\\u0000",
        ),
    )
)
TEXTS = st.lists(PIECES, max_size=4).map("".join) | st.sampled_from(sorted(FORBIDDEN_KEYS))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.just(0.5) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(TEXTS, VALUES, max_size=3))
def test_cleaned_is_what_a_walk_gives(payload: dict[str, Any]) -> None:
    before = copy.deepcopy(payload)
    notes, walked = Notes(), Notes()
    found = cleaned(payload, notes)
    expected = _Walk(walked).value(payload, ("payload",))
    assert (notes.found, notes.refused) == (walked.found, walked.refused)
    assert payload == before
    assert repr(found.value) == repr(expected)
    assert found.written in (None, orjson.dumps(found.value) if not notes.refused else None)


def test_no_character_that_cleaning_takes_out_counts_as_plain() -> None:
    for start in range(0, sys.maxunicode, 256):
        block = [chr(code) for code in range(start, start + 256) if not 0xD800 <= code < 0xE000]
        whole = "".join(block)
        for text in (whole,) if is_plain(orjson.dumps(whole)) else block:
            assert not is_plain(orjson.dumps(text)) or clean(text) == text


@pytest.mark.parametrize(
    "payload",
    [
        {"text": "A \u201cW\u00f6rk\u201d & <play>: 100 %\n\t\u0633\u0644\u0627\u0645\u200c"},
        {"path": "C:\\temp", "prototypes": ["a constructor of", None]},
    ],
)
def test_plain_payload_is_not_copied(payload: dict[str, Any]) -> None:
    assert cleaned(payload, Notes()).value is payload
