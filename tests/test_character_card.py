"""The example `character_card`: whatever a file holds, a card or clear words come of it."""

from __future__ import annotations

import json
import sys
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.examples import ROOT
from uicompiler import UIApp, compile

APP = UIApp.load(ROOT / "examples/character_card")
CARD = {"name": "Captain Mira", "description": "Captain of the Heron."}
PARTS = ("name", "description", "first_mes", "avatar", "tags", "alternate_greetings", "data")


def code() -> ModuleType:
    handler = APP.actions["read_card"].handler
    assert handler is not None
    return sys.modules[handler.__module__]


def read(card: Any) -> dict[str, Any]:
    text = card if isinstance(card, str) else json.dumps(card)
    values: dict[str, Any] = code().read(text).values
    return values


def refusal(card: Any) -> str:
    with pytest.raises(code().NoCard) as refused:
        read(card)
    return str(refused.value)


def fits_the_form(values: dict[str, Any]) -> bool:
    result = compile([code()._form(values)], app=APP)
    assert [item.code for item in result.diagnostics if item.code.startswith("DIRECTIVE_")] == []
    return result.ok


@pytest.mark.parametrize("wrapped", [False, True])
def test_every_version_of_the_format_is_read(wrapped: bool) -> None:
    card = {"spec": "chara_card_v2", "data": CARD} if wrapped else CARD
    assert read(card)["name"] == "Captain Mira"


@pytest.mark.parametrize(
    ("card", "words"),
    [
        ("", "This is not JSON"),
        ("{", "line 1, column 2"),
        ("[" * 100_000, "nests too deeply"),
        ("[]", "no character card"),
        ("null", "no character card"),
        ({}, "has no name"),
        ({"name": " "}, "has no name"),
        ({"data": []}, "data is not an object"),
        ({**CARD, "description": 7}, "description is not a text"),
        ({**CARD, "tags": "sea"}, "tags is not a list"),
        ({**CARD, "tags": [1]}, "tags holds something that is not a text"),
        ({**CARD, "scenario": "x" * 10_001}, "scenario has more than 10000 characters"),
        ({**CARD, "alternate_greetings": [""] * 13}, "has 13 entries, at most 12"),
        ({**CARD, "alternate_greetings": [None, 7]}, "alternate greeting 2 is not a text"),
        ({**CARD, "character_book": []}, ""),
        ({**CARD, "character_book": 7}, "character_book is not an object"),
        ({**CARD, "character_book": {"entries": [7]}}, "lore entry 1 is not an object"),
        (
            {**CARD, "character_book": {"entries": [{"keys": "x"}]}},
            "keys of lore entry 1 is not a list",
        ),
        ("x" * 400_001, "too long for a card"),
    ],
)
def test_what_is_no_card_is_told_in_words(card: Any, words: str) -> None:
    if words:
        assert words in refusal(card)
    else:
        assert read(card)["lore"] == []


@pytest.mark.parametrize(
    ("avatar", "kept"),
    [
        ("https://cards.example/a.png", True),
        ("http://cards.example/a.png", False),
        ("javascript:alert(1)", False),
        ("data:image/png;base64,AAAA", False),
        (" //cards.example/a.png", False),
        (7, False),
    ],
)
def test_a_picture_comes_from_an_https_address_or_not_at_all(avatar: Any, kept: bool) -> None:
    found = code().read(json.dumps({**CARD, "avatar": avatar}))
    assert (found.values["avatar"] != "") is kept
    assert bool(found.notes) is not kept


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=6,
)
_ENTRIES = st.lists(
    st.fixed_dictionaries(
        {"keys": st.lists(st.text(max_size=6), max_size=3), "content": st.text(max_size=8)}
    )
    | _VALUES,
    max_size=3,
)
_CARDS = st.fixed_dictionaries(
    {"name": st.text(min_size=1, max_size=8)},
    optional={
        **dict.fromkeys(PARTS[1:], _VALUES),
        "tags": st.lists(st.text(max_size=6), max_size=4),
        "alternate_greetings": st.lists(st.text(max_size=8), max_size=3),
        "character_book": st.fixed_dictionaries({"entries": _ENTRIES}) | _VALUES,
    },
)


@given(_CARDS)
def test_any_json_is_a_card_that_the_form_takes_or_is_refused(card: Any) -> None:
    try:
        values = read(card)
    except code().NoCard as exc:
        assert str(exc)
    else:
        assert fits_the_form(values)
