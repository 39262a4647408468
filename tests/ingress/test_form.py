"""`read_form`: a post as an event, or a refusal; a function of the post alone."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uicompiler import IngressError, Limits
from uicompiler.ingress.form import FORM_TIMESTAMP, read_form

OWN = [("_surface", "main"), ("_rev", "3"), ("_nonce", "n"), ("_press", "save ui--main--save")]
HANDLE = "upload:abc"


def context(*fields: tuple[str, str]) -> dict[str, object]:
    found = dict(read_form([*OWN, *fields])["userAction"]["context"])
    assert (found.pop("_rev"), found.pop("_nonce")) == (3, "n")
    return found


def code_of(*fields: tuple[str, str], limits: Limits | None = None) -> str:
    with pytest.raises(IngressError) as refused:
        read_form(fields, limits=limits)
    return refused.value.code


def test_a_post_is_an_event() -> None:
    assert read_form([*OWN, ("f.name", "Ada"), ("_csrf", "c"), ("_key", "k")]) == {
        "userAction": {
            "name": "save",
            "surfaceId": "main",
            "sourceComponentId": "ui--main--save",
            "timestamp": FORM_TIMESTAMP,
            "context": {"_rev": 3, "_nonce": "n", "name": "Ada"},
        }
    }


def test_neither_csrf_token_nor_key_enters_the_event() -> None:
    one = read_form([*OWN, ("_csrf", "1"), ("_key", "1")])
    assert one == read_form([*OWN, ("_csrf", "2"), ("_key", "2")]) == read_form(OWN)


@pytest.mark.parametrize("field", [("f.x", None), (None, "x"), ("f.x", 1), ("_key", None)])
def test_it_takes_texts_only(field: Any) -> None:
    assert code_of(*OWN, field) == "A2UI_C2S_ENVELOPE_INVALID"


def test_a_form_without_a_nonce_has_none() -> None:
    event = read_form([field for field in OWN if field[0] != "_nonce"])
    assert event["userAction"]["context"] == {"_rev": 3}


def test_a_name_given_several_times_is_a_list_in_order() -> None:
    assert context(("f.x", "b"), ("f.x", "a"), ("f.x", "b")) == {"x": ["b", "a", "b"]}


def test_the_cell_of_a_row_keeps_its_slashes() -> None:
    assert context(("f.guests/r1/name", "Ada")) == {"guests/r1/name": "Ada"}


def test_line_ends_are_as_they_were_typed() -> None:
    assert context(("f.x", "a\r\nb\nc\rd")) == {"x": "a\nb\nc\rd"}


@pytest.mark.parametrize(
    ("posted", "kept"),
    [
        ([HANDLE, ""], HANDLE),
        ([HANDLE, "upload:new"], "upload:new"),
        ([HANDLE], HANDLE),
        (["upload:new"], "upload:new"),
        ([""], ""),
        # No pair of a handle and a file input: what it is, `accept` says.
        ([HANDLE, "text"], [HANDLE, "text"]),
        (["", HANDLE], ["", HANDLE]),
        ([HANDLE, "", ""], [HANDLE, "", ""]),
    ],
)
def test_a_file_takes_the_place_of_the_one_before(posted: list[str], kept: object) -> None:
    assert context(*[("f.file", value) for value in posted]) == {"file": kept}


@pytest.mark.parametrize("missing", ["_surface", "_rev", "_press"])
def test_what_a_form_always_has_must_be_there(missing: str) -> None:
    assert code_of(*[field for field in OWN if field[0] != missing]) == "A2UI_C2S_ENVELOPE_INVALID"


@pytest.mark.parametrize(
    "wrong",
    [
        ("_rev", "3"),  # twice
        ("_nonce", "n"),
        ("_admin", "1"),
        ("_", ""),
        ("name", "x"),
        ("f.", "x"),
        ("", "x"),
        ("F.x", "x"),
        (f"f.{'x' * 400}", ""),
        (f"f.{'a/' * 10_000}", ""),
    ],
)
def test_a_name_no_form_has_is_refused(wrong: tuple[str, str]) -> None:
    assert code_of(*OWN, wrong) == "A2UI_C2S_ENVELOPE_INVALID"


@pytest.mark.parametrize(
    "wrong",
    [
        ("_rev", ""),
        ("_rev", "-1"),
        ("_rev", "1.0"),
        ("_rev", "٣"),
        ("_rev", "9" * 16),
        ("_press", ""),
        ("_press", "save"),
        ("_press", " x"),
        ("_press", "save "),
        ("_press", "save a b"),
        ("_press", "save " + "x" * 129),
        ("_surface", ""),
        ("_surface", "../main"),
        ("_surface", "m" * 129),
        ("_surface", "mäin"),
    ],
)
def test_a_value_no_form_has_is_refused(wrong: tuple[str, str]) -> None:
    others = [field for field in OWN if field[0] != wrong[0]]
    assert code_of(*others, wrong) == "A2UI_C2S_ENVELOPE_INVALID"


def test_there_are_only_so_many_fields() -> None:
    limits = Limits(max_context_keys=2)
    few = [("f.a", ""), ("f.b", "")]
    assert len(read_form([*OWN, *few], limits=limits)["userAction"]["context"]) == 4
    assert code_of(*OWN, *few, ("f.c", ""), limits=limits) == "A2UI_C2S_CONTEXT_TOO_LARGE"
    assert code_of(*OWN, *[("f.a", "")] * 10, limits=limits) == "A2UI_C2S_CONTEXT_TOO_LARGE"


names = st.one_of(
    st.sampled_from(["_surface", "_rev", "_nonce", "_press", "_key", "_csrf", "f.a", "f.a/r1/b"]),
    st.text(max_size=6),
)
values = st.one_of(
    st.sampled_from(["", "main", "3", "save ui--x", HANDLE]),
    st.text(max_size=8, alphabet=st.characters()),
)


@given(st.lists(st.tuples(names, values), max_size=12))
def test_any_post_is_an_event_or_refused(fields: list[tuple[str, str]]) -> None:
    try:
        event = read_form(fields)
    except IngressError as refused:
        assert refused.code in ("A2UI_C2S_ENVELOPE_INVALID", "A2UI_C2S_CONTEXT_TOO_LARGE")
        return
    posted = {name.removeprefix("f.") for name, _ in fields if name.startswith("f.")}
    context = event["userAction"]["context"]
    assert posted == context.keys() - {"_rev", "_nonce"}
    assert event == read_form(list(fields))
