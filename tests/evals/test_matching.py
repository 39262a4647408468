from __future__ import annotations

from typing import Any

import pytest

from uicompiler.evals.matching import contains, folded


@pytest.mark.parametrize(
    ("found", "wanted", "fits"),
    [
        ({"a": 1, "b": 2}, {"a": 1}, True),
        ({"a": 1}, {"a": 1, "b": 2}, False),
        ([1, 2, 3], [3, 1], True),
        ([1, 2], [1, 1], False),
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
