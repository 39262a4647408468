"""Keys: which sign, which verify, where they come from, and that they are never shown."""

from __future__ import annotations

import copy
import os
import pickle
import stat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uicompiler import HostError
from uicompiler.host.guard.signer import KeyRing

OLD = b"old key of thirty-two bytes ....."
NEW = b"new key of thirty-two bytes ....."
parts = st.lists(st.text(max_size=8), min_size=1, max_size=4)


def test_the_newest_key_signs_and_older_ones_verify() -> None:
    before, after = KeyRing({"a": OLD}), KeyRing({"b": NEW, "a": OLD})
    code = before.code("csrf", "c1")
    assert after.key_id == "b"
    assert after.code("csrf", "c1") != code
    assert after.verifies(code, "csrf", "c1")
    assert not KeyRing({"b": NEW}).verifies(code, "csrf", "c1")
    assert after.nonce("c", "main", 1, "a") == before.nonce("c", "main", 1, "a")


def test_a_key_that_was_taken_out_verifies_nothing_any_more() -> None:
    before, after = KeyRing({"a": OLD}), KeyRing({"b": NEW})
    assert after.nonce("c", "main", 1, "a") != before.nonce("c", "main", 1, "a")
    assert after.nonce("c", "main", 1, "a") != after.nonce("c", "main", 1, "b")


def test_a_rotated_ring_has_a_new_key_in_front() -> None:
    ring = KeyRing({"a": OLD})
    rotated = ring.rotated()
    assert list(rotated.keys)[1:] == ["a"]
    assert rotated.verifies(ring.code("x", "y"), "x", "y")


@given(parts, parts)
def test_different_parts_have_different_codes(one: list[str], other: list[str]) -> None:
    ring = KeyRing({"a": OLD})
    assert (ring.code(*one) == ring.code(*other)) == (one == other)


@given(st.text(max_size=20))
def test_no_text_verifies_by_chance(text: str) -> None:
    assert not KeyRing({"a": OLD}).verifies(text, "csrf", "c1")


@pytest.mark.parametrize(
    "arguments",
    [("c1", "main", 1, "a"), ("c", "1main", 1, "a"), ("c1", "mai", 1, "a"), ("c1", "main", 2, "a")],
)
def test_a_nonce_is_of_one_conversation_surface_and_epoch(arguments) -> None:
    ring = KeyRing({"a": OLD})
    other = ring.nonce("c1", "main", 11, "a")
    assert ring.nonce(*arguments) != other
    assert len(other) == 43


def test_keys_are_never_shown_and_never_pickled() -> None:
    ring = KeyRing({"a": OLD})
    assert repr(ring) == str(ring) == "KeyRing(a)"
    assert "old key" not in f"{ring!r} {vars(ring) if hasattr(ring, '__dict__') else ''}"
    with pytest.raises(TypeError):
        pickle.dumps(ring)
    with pytest.raises(TypeError):
        copy.deepcopy(ring)


def test_text_and_back() -> None:
    ring = KeyRing({"b": NEW, "a": OLD})
    assert KeyRing.from_text(ring.to_text()) == ring
    assert KeyRing.from_text("# mine\n\n" + ring.to_text().replace("\n", ",")) == ring


@pytest.mark.parametrize(
    "text",
    ["", "a", "a:", "a:!!!", "a:c2hvcnQ", f"a b:{'A' * 43}", f"a:{'A' * 43}\na:{'A' * 43}"],
)
def test_what_is_no_key_is_refused_without_quoting_it(text: str) -> None:
    with pytest.raises(HostError) as refused:
        KeyRing.from_text(text)
    assert refused.value.code == "HOST_KEYS_INVALID"
    assert "c2hvcnQ" not in str(refused.value)


def test_a_file_is_made_once_with_mode_0600_and_read_again(tmp_path) -> None:
    place = tmp_path / "keys"
    ring = KeyRing.kept_in(place)
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert KeyRing.kept_in(place) == ring


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
def test_a_file_others_can_read_is_refused(tmp_path) -> None:
    place = tmp_path / "keys"
    KeyRing.kept_in(place)
    place.chmod(0o640)
    with pytest.raises(HostError, match="read by others"):
        KeyRing.from_file(place)


def test_a_file_that_is_not_there_is_refused(tmp_path) -> None:
    with pytest.raises(HostError, match="cannot be read"):
        KeyRing.from_file(tmp_path / "keys")


def test_keys_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("UICOMPILER_KEYS", raising=False)
    assert KeyRing.from_environment() is None
    ring = KeyRing.generated()
    monkeypatch.setenv("UICOMPILER_KEYS", ring.to_text())
    assert KeyRing.from_environment() == ring
