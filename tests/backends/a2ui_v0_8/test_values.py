"""Draft values go out in the one form clients show, and come back as drafts, whatever is sent."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ir.test_fields import SECRET, UPLOAD, make
from uicompiler.backends.a2ui_v0_8.values import Draft, decode, draft_entry, reads_as_json
from uicompiler.ir.fields import FIELD_KINDS, Field, fit, holds, initial, neutral, typed
from uicompiler.ir.text import clean

MARK = "\u2060"


def wire(kind: str, value: Any) -> Any:
    """What stands in the box."""
    entry = draft_entry(Draft("x", kind, value, ("x",)))
    assert entry.pop("key") == "v"
    [(name, found)] = entry.items()
    assert name in {str: "valueString", bool: "valueBoolean"}.get(type(found), "valueNumber")
    return found


def sent(kind: str, value: Any) -> Any:
    """What a client that stored the box sends: arrays parsed, the rest as it is."""
    found = wire(kind, value)
    return json.loads(found) if kind in ("choice", "multi_choice") else found


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("secret", SECRET, ""),
        ("secret", "hunter2", ""),
        ("slider", 7, 7),
        ("slider", 0, 0),
        ("slider", "left of another kind", 0),
        ("multi_choice", (), "[]"),
        ("multi_choice", ("a", "[1]"), f'["a","{MARK}[1]"]'),
        ("choice", "a", '["a"]'),
        ("date", "2026-02-28", "2026-02-28T12:00"),
        ("date", "soon", "soon"),
        ("time", "09:30", "2000-01-01T09:30"),
        ("time", "", ""),
        ("time", "[9]", f"{MARK}[9]"),
        ("datetime", "2026-02-28T09:30", "2026-02-28T09:30"),
        ("tags", "a, b", "a, b"),
        ("tags", "[1,2]", f"{MARK}[1,2]"),
        ("email", "ui--x@example.org", f"{MARK}ui--x@example.org"),
        ("upload", UPLOAD, UPLOAD),
        ("upload", '{"a": 1}', f'{MARK}{{"a": 1}}'),
        ("upload", "a\x00b\u202e", "ab"),
    ],
)
def test_drafts_go_out_as_clients_show_them(kind: str, value: Any, expected: Any) -> None:
    assert wire(kind, value) == expected


def test_only_texts_read_as_json() -> None:
    found = {kind for kind in FIELD_KINDS if reads_as_json(Draft("x", kind, "[1]", ("x",)))}
    assert found == {
        *("short_text", "long_text", "number", "datetime", "tags"),
        *("email", "url", "phone", "upload", "date", "time"),
    }


@pytest.mark.parametrize("kind", FIELD_KINDS)
def test_a_neutral_value_comes_back_as_it_went(kind: str) -> None:
    field = make(kind)
    assert decode(field, sent(kind, neutral(field))).value == neutral(field)
    assert decode(field, None).value == neutral(field)


@pytest.mark.parametrize(
    ("kind", "value", "draft"),
    [
        ("secret", "hunter2", "hunter2"),
        ("secret", SECRET, SECRET),
        ("secret", f"{MARK}{{}}", "{}"),
        ("slider", "7", 7),
        ("slider", 7.0, 7),
        ("slider", "", 2),
        ("slider", "7.5", 7.5),
        ("slider", 99, 99),
        ("multi_choice", ["c", "a"], ("c", "a")),
        ("multi_choice", ["a", "a"], ("a",)),
        ("multi_choice", [], ()),
        ("multi_choice", {}, ()),
        ("multi_choice", "", ()),
        ("multi_choice", "a", ("a",)),
        ("multi_choice", '["a","b"]', ("a", "b")),
        ("multi_choice", "[]", ()),
        ("choice", '["a","b"]', ("a", "b")),
        ("choice", ["a", "a"], "a"),
        ("time", "09:30", "09:30"),
        ("time", "09:30:59.5", "09:30"),
        ("time", "2000-01-01T09:30", "09:30"),
        ("time", "2000-01-01T09:30:00Z", "2000-01-01T09:30:00Z"),
        ("time", "25:00", "25:00"),
        ("datetime", "2026-02-28T09:30", "2026-02-28T09:30"),
        ("datetime", "2026-02-28T09:30:59.123", "2026-02-28T09:30"),
        ("datetime", "2026-02-28T09:30+02:00", "2026-02-28T09:30+02:00"),
        ("date", "2026-02-28T12:00", "2026-02-28"),
        ("date", "2026-02-28T12:00:00.000Z", "2026-02-28"),
        ("date", "٢٠٢٦-٠٢-٢٨T12:00", "٢٠٢٦-٠٢-٢٨T12:00"),
        ("tags", "a, b", "a, b"),
        ("tags", f"{MARK}[1,2]", "[1,2]"),
        ("phone", 112233, "112233"),
        ("upload", UPLOAD, UPLOAD),
    ],
)
def test_what_clients_send_is_a_draft(kind: str, value: Any, draft: Any) -> None:
    found = decode(make(kind), value)
    assert found.refused is None
    assert found.value == draft
    assert type(found.value) is type(draft)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("secret", ["hunter2"]),
        ("secret", True),
        ("secret", "\ud800"),
        ("slider", "x"),
        ("slider", True),
        ("slider", [7]),
        ("slider", {}),
        ("slider", "1e999"),
        ("multi_choice", ["a", "z"]),
        ("multi_choice", ["a", 1]),
        ("multi_choice", [["a"]]),
        ("multi_choice", {"a": 1}),
        ("multi_choice", '{"a":1}'),
        ("multi_choice", 5),
        ("multi_choice", False),
        ("multi_choice", "[" * 30_000 + "]" * 30_000),
        ("choice", "[" * 30_000 + "]" * 30_000),
        ("choice", f"[{'9' * 5_000}]"),
        ("time", {}),
        ("datetime", ["2026-02-28T09:30"]),
        ("tags", ["a", "b"]),
        ("email", True),
        ("upload", {"name": "a.csv"}),
        ("upload", "a\x00b"),
    ],
)
def test_what_no_client_sends_is_refused(kind: str, value: Any) -> None:
    assert decode(make(kind), value).refused is not None


drafts = {
    "slider": st.integers(2, 9),
    "multi_choice": st.lists(st.sampled_from("abc"), unique=True).map(tuple),
    "choice": st.sampled_from(["", "a", "b", "c"]),
    "boolean": st.booleans(),
    "number": st.sampled_from(["", 7, 1.5, "abc"]),
    "date": st.dates().map(str) | st.just(""),
    "time": st.times().map(lambda at: f"{at:%H:%M}") | st.just(""),
    "datetime": st.datetimes().map(lambda at: at.isoformat()[:16]) | st.just(""),
}
texts = st.text(st.characters(exclude_categories=["Cs", "Cc"])).map(clean)


@pytest.mark.parametrize("kind", [kind for kind in FIELD_KINDS if kind != "secret"])
@given(data=st.data())
def test_decode_after_encode_is_identity(kind: str, data: st.DataObject) -> None:
    field = make(kind)
    value = data.draw(drafts.get(kind, texts))
    back = decode(field, sent(kind, value)).value
    assert back == value or (kind == "number" and back == str(value))


@pytest.mark.parametrize("kind", FIELD_KINDS)
@given(
    value=st.recursive(
        st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=5,
    )
)
def test_any_value_is_decoded_or_refused(kind: str, value: Any) -> None:
    field = make(kind)
    found = decode(field, value)
    if found.refused is None:
        typed(field, found.value)
        draft_entry(Draft("x", kind, found.value, ("x",)))
        assert kind == "secret" or holds(kind, found.value)


@pytest.mark.parametrize("kind", FIELD_KINDS)
def test_long_values_are_decoded_in_linear_time(kind: str) -> None:
    field: Field = make(kind)
    started = time.perf_counter()
    for piece in ("a", "[", "2", "2026-02-28T", "00:", '["a",', " "):
        decode(field, piece * (500_000 // len(piece)))
    assert time.perf_counter() - started < 10


def test_values_that_fit_go_out_and_come_back() -> None:
    found = {
        kind: decode(make(kind), sent(kind, initial(make(kind, default=default)))).value
        for kind, default in {
            "slider": 5,
            "multi_choice": ["c", "a"],
            "time": "9:30",
            "datetime": "2026-02-28 09:30",
            "tags": ["a", "b"],
        }.items()
    }
    assert found == {
        "slider": 5,
        "multi_choice": ("c", "a"),
        "time": "09:30",
        "datetime": "2026-02-28T09:30",
        "tags": "a, b",
    }
    assert all(fit(make(kind), value) is not None for kind, value in found.items())


@pytest.mark.parametrize("kind", ["choice", "multi_choice"])
def test_an_empty_choice_is_no_option_that_looks_like_one(kind: str) -> None:
    """An option `[]` goes out guarded, so that a bare `[]` says that nothing is chosen."""
    field = Field.model_validate({"id": "a", "label": "A", "kind": kind, "options": ["[]", "b"]})
    nothing, chosen = ((), ("[]",)) if kind == "multi_choice" else ("", "[]")
    assert decode(field, "[]").value == nothing
    assert decode(field, "\u2060[]").value == chosen
    assert decode(field, ["\u2060[]"]).value == chosen
