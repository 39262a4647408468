"""Documents: reading and writing places without changing what was there."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uicompiler.ir import data
from uicompiler.ir.values import freeze, thaw

DOCUMENT = freeze({"a": {"b": 1}, "list": ["x", "y"]})


def test_set_shares_what_it_does_not_touch() -> None:
    changed = data.set_at(DOCUMENT, ("list", "0"), "z")
    assert thaw(changed) == {"a": {"b": 1}, "list": ["z", "y"]}
    assert changed["a"] is DOCUMENT["a"]
    assert thaw(DOCUMENT) == {"a": {"b": 1}, "list": ["x", "y"]}


def test_set_makes_missing_objects() -> None:
    assert thaw(data.set_at(DOCUMENT, ("n", "m"), 1))["n"] == {"m": 1}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (("list", "0"), ["n", "x", "y"]),
        (("list", "2"), ["x", "y", "n"]),
        (("list", "-"), ["x", "y", "n"]),
    ],
)
def test_insert_puts_before_an_index(path: tuple[str, ...], expected: list[str]) -> None:
    assert thaw(data.insert_at(DOCUMENT, path, "n"))["list"] == expected


def test_delete_of_what_is_not_there_is_nothing() -> None:
    assert data.delete_at(DOCUMENT, ("a", "zzz")) == DOCUMENT
    assert data.delete_at(DOCUMENT, ("zzz", "b")) is DOCUMENT


@pytest.mark.parametrize(
    "broken",
    [
        lambda: data.set_at(DOCUMENT, ("a", "b", "c"), 1),
        lambda: data.set_at(DOCUMENT, ("list", "9"), 1),
        lambda: data.set_at(DOCUMENT, ("list", "x"), 1),
        lambda: data.insert_at(DOCUMENT, ("a", "b"), 1),
        lambda: data.insert_at(DOCUMENT, ("list", "3"), 1),
        lambda: data.delete_at(DOCUMENT, ("list", "9" * 20)),
        lambda: data.delete_at(DOCUMENT, ()),
    ],
)
def test_places_that_cannot_be_reached_are_refused(broken: Any) -> None:
    with pytest.raises(data.PlaceError):
        broken()


@given(
    st.recursive(st.integers() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x))
)
def test_thaw_undoes_freeze(value: Any) -> None:
    assert thaw(freeze(value)) == value


def test_frozen_values_refuse_changes() -> None:
    for change in (
        lambda: DOCUMENT.update(a=1),
        lambda: DOCUMENT.pop("a"),
        lambda: DOCUMENT.setdefault("z", 1),
        DOCUMENT.clear,
        lambda: DOCUMENT.__delitem__("a"),
    ):
        with pytest.raises(TypeError):
            change()
