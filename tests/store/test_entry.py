"""The chain, on values of any kind."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.store.commits import META, batch, commit, turn_records
from uicompiler.errors import StoreError
from uicompiler.ir.values import freeze
from uicompiler.store.entry import (
    SALT_BYTES,
    START,
    Row,
    check_chain,
    check_row,
    decode,
    encode,
    kept_fits,
    make_row,
    open_kept,
    read_row,
    seals_of,
    without,
)
from uicompiler.store.log import Commit

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(), max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=12,
)


def made(found: Commit, seq: int = 1, prev: str = START) -> Row:
    entropy = random.Random(seq).randbytes
    return make_row(found, conversation_id="c1", seq=seq, prev=prev, entropy=entropy)[0]


def chain(count: int) -> list[Row]:
    rows: list[Row] = []
    for seq in range(1, count + 1):
        rows.append(made(commit(seq), seq, rows[-1].hash if rows else START))
    return rows


@given(VALUES)
def test_any_value_is_read_as_it_was_written(value: Any) -> None:
    raw = encode(value)

    assert b"\n" not in raw
    assert encode(decode(raw)) == raw
    assert repr(decode(raw)) == repr(value)
    assert encode(freeze(value)) == raw


@given(st.dictionaries(st.text(max_size=8), VALUES, max_size=4), VALUES)
def test_any_turn_is_read_as_it_was_committed(context: dict[str, Any], value: Any) -> None:
    records = [dict(record) for record in turn_records(1)]
    records[2]["event"] = {"userAction": {**records[2]["event"]["userAction"], "context": context}}
    records[3]["tool_results"] = context
    records.append(dict(batch({"surfaceUpdate": value})))
    before = repr(records)
    found = commit(1, records, told=[("effect", {"value": value})])

    entry = read_row(made(found), "c1")

    assert repr(list(entry.records)) == before == repr(records)
    assert repr(entry.told) == repr(tuple(found.told))
    assert check_row(made(found), "c1") == []


@given(st.data())
def test_any_changed_byte_of_an_entry_is_found(data: st.DataObject) -> None:
    row = made(commit(3))
    column = data.draw(st.sampled_from(["body", "sealed"]))
    old: bytes = getattr(row, column)
    at = data.draw(st.integers(0, len(old) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda value: value != old[at]))

    changed = replace(row, **{column: old[:at] + bytes([byte]) + old[at + 1 :]})

    problems = check_row(changed, "c1")
    assert problems
    assert {item.code for item in problems} == {"STORE_CHAIN_BROKEN"}
    with pytest.raises(StoreError):
        read_row(changed, "c1")


@given(st.permutations(range(5)), st.sets(st.integers(0, 4)))
def test_any_other_order_and_any_gap_is_found(order: list[int], gone: set[int]) -> None:
    rows = chain(5)
    found = [rows[index] for index in order if index not in gone]
    whole = found == rows[: len(found)]

    assert bool(list(check_chain(found, "c1"))) is not whole


def test_an_entry_of_another_conversation_or_place_is_found() -> None:
    rows = chain(2)

    assert check_row(rows[0], "c2")
    assert check_row(replace(rows[1], seq=1), "c1")
    assert list(check_chain(rows, "c1")) == []
    assert list(check_chain(rows[1:], "c1", seq=1, prev=rows[0].hash)) == []
    assert list(check_chain(rows[1:], "c1", seq=1, prev=START))


def test_a_forged_body_with_its_own_hash_breaks_what_follows() -> None:
    rows = chain(3)
    rows[1] = made(commit(99), 2, rows[0].hash)

    assert [item.message[:8] for item in check_chain(rows, "c1")] == ["entry 3:"]


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b"\xff", b'{"seals":1}'])
def test_what_is_no_entry_is_found_though_it_fits_its_hash(body: bytes) -> None:
    import hashlib

    row = Row(1, hashlib.sha256(body).hexdigest(), body, b"-")

    assert [item.code for item in check_row(row, "c1")] == ["STORE_CHAIN_BROKEN"]
    assert list(check_chain([row], "c1"))


# --- sealed values --------------------------------------------------------------------------------

SECRET = "0123456789 hush"


def test_the_body_holds_no_value_that_was_given() -> None:
    row = made(commit(1, turn_records(1, SECRET), told=[("text", {"text": SECRET})]))

    assert SECRET.encode() not in row.body
    assert SECRET.encode() in row.sealed


def test_what_is_redacted_is_gone_and_the_chain_stays() -> None:
    rows = [made(commit(1, turn_records(1, SECRET), told=[("text", {"text": SECRET})]))]
    rows.append(made(commit(2), 2, rows[0].hash))
    places = [pointer for pointer, value in seals_of(rows[0]).items() if SECRET in str(value)]

    rows[0] = without(rows[0], places)

    assert SECRET.encode() not in rows[0].body + rows[0].sealed
    assert list(check_chain(rows, "c1")) == []
    entry = read_row(rows[0], "c1")
    assert entry.redacted == tuple(sorted(places))
    assert SECRET not in repr(entry)
    promised = dict(decode(rows[0].body)["seals"])
    assert entry.records[0]["text"] == {"redacted": promised["/records/0/text"]}
    assert entry.told == (("text", {"redacted": promised["/told/0/1"]}),)
    # The kind of an age is not the e-mail's, so it is still there.
    assert entry.records[2]["event"]["userAction"]["context"]["age"] == 31
    assert entry.state == f"{1:064x}"


def test_a_redacted_state_is_told_as_nothing() -> None:
    assert read_row(without(made(commit(1)), ["/state"]), "c1").state == ""


def test_equal_values_have_different_commitments() -> None:
    # Or a redacted yes could be told from a redacted no.
    row = made(commit(1, turn_records(1, "yes")))
    promised = [promise for _, promise in decode(row.body)["seals"]]

    assert len(set(promised)) == len(promised) > 10


def test_salts_are_asked_of_the_entropy_that_was_given() -> None:
    asked: list[int] = []

    def entropy(size: int) -> bytes:
        asked.append(size)
        return bytes(size)

    row, kept = make_row(
        commit(1, [META], told=()), conversation_id="c1", seq=1, prev=START, entropy=entropy
    )

    assert asked == [2 * SALT_BYTES]  # of the state and of what is kept
    assert row.sealed.startswith(b"0" * 32 + b" ")
    assert kept[65:98] == b"0" * 32 + b" "


def test_kept_fits_its_commitment_or_is_refused() -> None:
    kept = make_row(commit(5), conversation_id="c1", seq=1, prev=START, entropy=bytes)[1]

    assert open_kept(kept) == commit(5).kept
    for at in range(len(kept)):
        changed = kept[:at] + bytes([kept[at] ^ 1]) + kept[at + 1 :]
        assert not kept_fits(changed)
    for cut in (b"", kept[:64], kept[:-1], kept[1:]):
        with pytest.raises(StoreError) as caught:
            open_kept(cut)
        assert caught.value.code == "STORE_CORRUPT"
    assert kept_fits(kept, kept[:64].decode())
    assert not kept_fits(kept, START)


@pytest.mark.parametrize(
    "record",
    [
        {"kind": "outcome", "outcome": {}},
        {"kind": "outcome", "outcome": {"commit": [{"op": "delete", "path": "/committed/a"}]}},
        {"kind": "outcome", "outcome": {"tool_calls": [{"id": "a", "name": "b"}]}},
        {"kind": "outcome", "outcome": {}, "tool_results": None},
        {"kind": "something of tomorrow", "text": "a"},
        {"kind": "state", "state": {"a": 1}, "receipts": [{"key": "k"}]},
    ],
)
def test_parts_that_are_left_out_are_left_out(record: Mapping[str, Any]) -> None:
    entry = read_row(made(commit(1, [record])), "c1")

    assert entry.records == (record,)
