"""What `make test` leaves out: the table names tests that there are, and keeps what it says."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.thorough import KEPT


def test_each_row_leaves_something_out_and_keeps_what_it_says(
    request: pytest.FixtureRequest,
) -> None:
    names = [item.nodeid.removeprefix("tests/") for item in request.session.items]
    marked = {
        item.nodeid.removeprefix("tests/")
        for item in request.session.items
        if item.get_closest_marker("thorough")
    }
    for begins, kept in KEPT.items():
        assert (Path(__file__).parent / begins.partition("::")[0]).is_file(), begins
        there = [name for name in names if name.startswith(begins)]
        for part in kept if there else ():
            assert any(part in name for name in there), (begins, part)
        assert not marked or not there or any(name.startswith(begins) for name in marked), begins
