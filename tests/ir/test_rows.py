"""The draft of rows under columns that come and go."""

from __future__ import annotations

import pytest

from uicompiler.ir import rows
from uicompiler.ir.fields import Field
from uicompiler.ir.rows import Rows, kept_rows, rows_learned
from uicompiler.ir.values import freeze

NAME = Field(id="name", label="Name")
GUESTS = Rows(id="guests", label="Guests", columns=(NAME,))


def test_cells_of_columns_that_are_not_shown_stay_and_those_that_are_new_begin() -> None:
    draft = freeze({"r1": {"note": "x"}, "r2": None})
    kept = {"r1": {"note": "x", "name": ""}, "r2": None}
    assert kept_rows(GUESTS, draft) == (kept, [])
    assert kept_rows(GUESTS, kept) == (kept, [])


@pytest.mark.parametrize(("most", "left"), [(4, "ab"), (3, "b"), (1, "")])
def test_of_too_many_cells_whole_columns_go_and_none_that_is_shown(
    monkeypatch: pytest.MonkeyPatch, most: int, left: str
) -> None:
    monkeypatch.setattr(rows, "MAX_UNSEEN_CELLS", most)
    cells = {"name": "n", "b": 1, "a": 2}
    kept, lost = kept_rows(GUESTS, freeze({"r1": cells, "r2": cells}))
    assert [row.keys() for row in kept.values()] == [{"name", *left}] * 2
    assert lost == []


def test_what_a_turn_that_failed_learned_is_learned_of_cells_that_were_shown() -> None:
    before = freeze({"r1": {"name": "a", "note": "x"}, "r2": {"name": "b"}, "r3": {"name": "c"}})
    learned = {"name": "A", "note": "not shown", "more": ""}
    after = freeze({"r1": learned, "r2": None, "r4": {"name": "d"}})
    assert rows_learned(GUESTS, before, after) == {
        "r1": {"name": "A", "note": "x"},
        "r2": {"name": "b"},
        "r3": {"name": "c"},
    }
