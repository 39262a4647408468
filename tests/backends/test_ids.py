"""Ids and keys: reversible, typed, short."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from uicompiler.backends.ids import (
    component_id,
    escape_key,
    escape_place,
    parse_surface_id,
    unescape_key,
    wire_surface_id,
)


@given(st.text())
@example("_u41_")
@example("_u_")
@example("")
@example("a_u_b")
@example("__u5f_")
@example("_u:")
@example("_u4:")
def test_keys_are_escaped_one_to_one(key: str) -> None:
    escaped = escape_key(key)
    assert re.fullmatch(r"[A-Za-z0-9_-]+", escaped)
    assert unescape_key(escaped) == key


@given(st.lists(st.text("_uf2-a/é") | st.text(), min_size=1, max_size=4))
@example(["a_", "u_b"])
@example(["_uab", "c"])
@example(["", ""])
def test_a_place_is_escaped_as_the_key_of_its_keys_with_slashes(place: list[str]) -> None:
    assert escape_place(place) == escape_key("/".join(place))


@given(st.lists(st.text(min_size=1, max_size=5), min_size=1, max_size=4), st.data())
def test_different_paths_have_different_ids(path: list[str], data: st.DataObject) -> None:
    other = data.draw(st.lists(st.text(min_size=1, max_size=5), min_size=1, max_size=4))
    if path != other:
        assert component_id(path, "Text") != component_id(other, "Text")


@given(st.lists(st.text(max_size=100), min_size=1, max_size=5))
def test_ids_are_short_and_plain(path: list[str]) -> None:
    assert re.fullmatch(r"[A-Za-z0-9_-]{1,64}", component_id(path, "TextField"))


@given(st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}", fullmatch=True), st.integers(1, 10**9 - 1))
def test_surface_ids_name_surface_and_epoch(name: str, epoch: int) -> None:
    address = parse_surface_id(wire_surface_id(name, epoch))
    assert address is not None
    assert (address.surface, address.epoch) == (name, epoch)


@pytest.mark.parametrize("bad", ["", "a b", "a#e=0", "a#e=1", "a#e=02", "a#e=", "#e=2", "_x", "é"])
def test_other_ids_name_nothing(bad: str) -> None:
    assert parse_surface_id(bad) is None
