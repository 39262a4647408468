from __future__ import annotations

from typing import Any

import pytest

from uicompiler.evals.matching import bare, contains, folded, paired


@pytest.mark.parametrize(
    ("found", "wanted", "fits"),
    [
        ({"a": 1, "b": 2}, {"a": 1}, True),
        ({"a": 1}, {"a": 1, "b": 2}, False),
        ([1, 2, 3], [3, 1], True),
        ([1, 2], [1, 1], False),
        ([{"a": 1, "b": 1}, {"a": 1}], [{"a": 1}, {"b": 1}], True),
        ([{"a": 1}, {"a": 1, "b": 1}], [{}, {"a": 1}, {"b": 1}], False),
        ("12500", 12500, True),
        (1, True, False),
        ("true", True, False),
        ("e\u0301", "\u00e9", True),
        ([{"path": "/draft/name", "value": "Ada"}], {"name": "Ada"}, True),
        ([{"path": "/draft/name", "value": "Ada"}], [{"path": "draft.name"}], True),
        ([{"path": "/ui_state/name", "value": "Ada"}], {"name": "Ada"}, False),
        (None, {"a": 1}, False),
        ({"path": 7}, {"path": "x"}, False),
    ],
)
def test_a_payload_has_what_is_wanted(found: Any, wanted: Any, fits: bool) -> None:
    assert contains(found, wanted) is fits


def test_texts_are_compared_by_what_is_read() -> None:
    assert folded("  Stra\u00dfe\n 7 ") == folded("STRASSE 7")
    assert folded("e\u0301") == folded("\u00c9")
    assert folded("one") != folded("o ne")


def test_as_many_as_possible_are_paired_whatever_the_order() -> None:
    sizes, holes = [3, 2, 1], [1, 2, 3]
    found = paired(sizes, holes, lambda size, hole: size >= hole)
    assert found == {0: 2, 1: 1, 2: 0}
    assert paired([1, 1, 9], [9, 9], lambda size, hole: size >= hole) == {0: 2}


@pytest.mark.parametrize(
    "hidden",
    [
        "ev\u200bil.example",
        "e\u00advil.example",
        "EVIL\uff0eexample",
        "\U0001d41eviℓ.example".replace("ℓ", "l"),
        "evil\u2060.exam\u3164ple",
        "ev\ufe0fil.e\u034fxample",
        "evil.ex\x00ample",
    ],
)
def test_invisible_and_look_alike_characters_hide_no_words(hidden: str) -> None:
    assert bare(hidden) == bare("evil.example")
