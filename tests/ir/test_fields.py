"""Fields: rules that fit their kind, values that fit without loss."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from uicompiler.backends.a2ui_v0_8.lower.fields import _FORMS
from uicompiler.ir.fields import (
    FIELD_KINDS,
    KINDS,
    SECRET_HANDLE,
    UPLOAD_HANDLE,
    Field,
    fit,
    holds,
    initial,
    is_handle,
    keeps,
    neutral,
    parse_number,
    shows,
    typed,
)
from uicompiler.ir.patterns import check_pattern, full_match
from uicompiler.ir.values import FrozenDict
from uicompiler.texts import TEXTS

OPTIONS = ["a", {"value": "b", "label": "Bee"}, {"value": "c", "label": "Sea"}]
NEEDS: dict[str, dict[str, Any]] = {
    "choice": {"options": OPTIONS},
    "multi_choice": {"options": OPTIONS},
    "slider": {"min": 2, "max": 9},
}
TOKEN = "AZaz09_-"
SECRET = f"{SECRET_HANDLE}{TOKEN}"
UPLOAD = f"{UPLOAD_HANDLE}{TOKEN}"


def make(kind: str, **rules: Any) -> Field:
    given = {"id": "x", "kind": kind, "label": "X", **NEEDS.get(kind, {}), **rules}
    return Field.model_validate(given)


def problem(field: Field, draft: Any) -> tuple[str, str] | None:
    found = typed(field, draft)
    if found.problem is None:
        return None
    assert found.value is None
    assert f"field.{found.problem.reason}" in TEXTS
    return found.problem.reason, found.problem.limit


def test_every_kind_has_its_rules() -> None:
    assert set(KINDS) == set(FIELD_KINDS)


@pytest.mark.parametrize("kind", FIELD_KINDS)
def test_an_empty_field_is_none_and_required_ones_say_so(kind: str) -> None:
    if kind == "slider":
        assert typed(make(kind, required=True), initial(make(kind))).value == 2
        return
    empty = initial(make(kind))
    if kind != "boolean":
        assert typed(make(kind), empty).value is None
    assert problem(make(kind, required=True), empty) == ("required", "")


@pytest.mark.parametrize("kind", FIELD_KINDS)
def test_the_neutral_value_of_a_kind_is_held_and_kept_by_it(kind: str) -> None:
    field = make(kind)
    empty = neutral(field)
    assert initial(field) == empty
    assert holds(kind, empty)
    assert keeps(field, empty)
    assert shows(field, kind, [option.value for option in field.options])


@pytest.mark.parametrize(
    ("kind", "value", "expected", "repaired"),
    [
        ("short_text", "a", "a", False),
        ("short_text", 3, "3", True),
        ("short_text", 1.5, "1.5", True),
        ("number", 3, 3, False),
        ("number", "3.50", 3.5, True),
        ("number", "", "", False),
        ("boolean", True, True, False),
        ("boolean", "TRUE", True, True),
        ("choice", "a", "a", False),
        ("choice", "Bee", "b", True),
        ("choice", "", "", False),
        ("date", "2026-02-28", "2026-02-28", False),
        ("date", "2026-02-28T00:00:00Z", "2026-02-28", True),
        ("secret", "", "", False),
        ("slider", 7, 7, False),
        ("slider", 7.0, 7, False),
        ("slider", "7", 7, True),
        ("multi_choice", ["c", "a"], ("c", "a"), False),
        ("multi_choice", ("c",), ("c",), False),
        ("multi_choice", [], (), False),
        ("multi_choice", ["Bee", "a"], ("b", "a"), True),
        ("multi_choice", ["a", "a"], ("a",), True),
        ("multi_choice", "Bee", ("b",), True),
        ("multi_choice", "", (), True),
        ("time", "09:30", "09:30", False),
        ("time", "9:30", "09:30", True),
        ("time", "09:30:00", "09:30", True),
        ("time", "", "", False),
        ("datetime", "2026-02-28T09:30", "2026-02-28T09:30", False),
        ("datetime", "2026-02-28 09:30:00.000", "2026-02-28T09:30", True),
        ("tags", "a, b", "a, b", False),
        ("tags", ["a", "b c"], "a, b c", False),
        ("tags", ["a", 7], "a, 7", True),
        ("tags", [], "", False),
        ("email", "ada@example.org", "ada@example.org", False),
        ("url", "https://example.org", "https://example.org", False),
        ("phone", 112233, "112233", True),
        ("upload", "", "", False),
        ("upload", UPLOAD, UPLOAD, False),
    ],
)
def test_values_are_fitted_without_loss(
    kind: str, value: Any, expected: Any, repaired: bool
) -> None:
    fitted = fit(make(kind), value)
    assert fitted is not None
    assert fitted.value == expected
    assert type(fitted.value) is type(expected)
    assert fitted.repaired is repaired


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("short_text", True),
        ("short_text", ["a"]),
        ("short_text", {}),
        ("number", True),
        ("number", "twelve"),
        ("number", "1e999"),
        ("boolean", 1),
        ("boolean", "yes"),
        ("choice", "z"),
        ("choice", 1),
        ("date", "2026-02-30"),
        ("date", "2026-02-28T10:00"),
        ("date", 20260228),
        ("date", "2026-W09-6"),
        ("date", "٢٠٢٦-٠٢-٢٨"),
        ("secret", "hunter2"),
        ("secret", SECRET),
        ("secret", 0),
        ("slider", 7.5),
        ("slider", 1),
        ("slider", 10),
        ("slider", "many"),
        ("slider", ""),
        ("slider", True),
        ("slider", float("nan")),
        ("slider", float("inf")),
        ("multi_choice", ["a", "z"]),
        ("multi_choice", ["a", None]),
        ("multi_choice", [["a"]]),
        ("multi_choice", 5),
        ("multi_choice", {}),
        ("time", "24:00"),
        ("time", "09:30:01"),
        ("time", "09:30Z"),
        ("time", "0930"),
        ("time", 930),
        ("datetime", "2026-02-28"),
        ("datetime", "2026-02-30T09:30"),
        ("datetime", "2026-02-28T09:30Z"),
        ("datetime", "2026-02-28T09:30+01:00"),
        ("tags", ["a, b"]),
        ("tags", ["a、b"]),
        ("tags", ["a\nb"]),
        ("tags", [" "]),
        ("tags", [True]),
        ("tags", {"a": 1}),
        ("email", ["ada@example.org"]),
        ("upload", "the text of a file"),
        ("upload", UPLOAD_HANDLE),
        ("upload", f"{UPLOAD_HANDLE}../x"),
        ("upload", f"{UPLOAD_HANDLE}{'x' * 101}"),
        ("upload", SECRET),
    ],
)
def test_values_that_would_lose_something_are_refused(kind: str, value: Any) -> None:
    assert fit(make(kind), value) is None


@pytest.mark.parametrize(
    "rules",
    [
        {"kind": "choice", "options": []},
        {"kind": "choice", "options": ["a", "a"]},
        {"kind": "short_text", "options": ["a"]},
        {"kind": "short_text", "min": 1},
        {"kind": "number", "max_length": 3},
        {"kind": "date", "min": "soon"},
        {"kind": "date", "min": 5},
        {"kind": "number", "min": "a"},
        {"kind": "time", "min": "9:30"},
        {"kind": "datetime", "max": "2026-01-01"},
        {"kind": "email", "min": 1},
        {"kind": "slider"},
        {"kind": "slider", "min": 0},
        {"kind": "slider", "min": 5, "max": 5},
        {"kind": "slider", "min": 0.5, "max": 5},
        {"kind": "slider", "min": "low", "max": 5},
        {"kind": "slider", "min": 0, "max": 5, "default": 6},
        {"kind": "multi_choice"},
        {"kind": "multi_choice", "options": ["a"], "default": ["z"]},
        {"kind": "multi_choice", "options": ["a"], "max_items": 0},
        {"kind": "tags", "min_items": 3, "max_items": 2},
        {"kind": "tags", "min_items": -1},
        {"kind": "tags", "pattern": "a"},
        {"kind": "choice", "options": ["a"], "max_items": 1},
        {"kind": "secret", "default": "hunter2"},
        {"kind": "upload", "default": "text"},
        {"kind": "upload", "accept": ["json"]},
        {"kind": "upload", "accept": ["text/csv, text/plain"]},
        {"kind": "upload", "max_bytes": 0},
        {"kind": "upload", "max_length": 3},
        {"kind": "short_text", "accept": [".csv"]},
        {"kind": "short_text", "max_bytes": 3},
        {"kind": "short_text", "pattern": "(a+)+$"},
        {"kind": "number", "default": "many"},
        {"id": "_hidden"},
        {"id": "__proto__"},
        {"id": ""},
        {"label": ""},
        {"color": "red"},
    ],
)
def test_rules_that_do_not_fit_are_refused(rules: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Field.model_validate({"id": "x", "label": "X", **rules})


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("12", 12),
        (" 12.50 ", 12.5),
        ("1e3", 1000),
        ("-0", 0),
        ("+4", 4),
        ("", None),
        ("1_0", None),
        ("0x10", None),
        ("١٢", None),
        ("nan", None),
        ("9" * 500, None),
        ("1e999", None),
    ],
)
def test_numbers_are_read_as_people_write_them(text: str, number: float | None) -> None:
    assert parse_number(text) == number


# --- what the app gets ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "draft", "expected"),
    [
        ("secret", "hunter2", "hunter2"),
        ("secret", SECRET, SECRET),
        ("slider", 7, 7),
        ("slider", 7.0, 7),
        ("slider", "7", 7),
        ("multi_choice", ("c", "a"), ("a", "c")),
        ("multi_choice", ["b"], ("b",)),
        ("time", "23:59", "23:59"),
        ("datetime", "2026-02-28T09:30", "2026-02-28T09:30"),
        ("tags", " a ,b;;a\nc d，e、f،g\r\n", ("a", "b", "c d", "e", "f", "g")),
        ("tags", ",; ", None),
        ("email", " Ada.Lovelace+x@mail.example.org\u00a0", "Ada.Lovelace+x@mail.example.org"),
        ("email", "用户@例え.jp", "用户@例え.jp"),
        ("email", "  ", None),
        ("url", " https://example.org/a?b=c#d", "https://example.org/a?b=c#d"),
        ("url", "HTTP://localhost:8000", "HTTP://localhost:8000"),
        ("url", "https://[2001:db8::1]:443/", "https://[2001:db8::1]:443/"),
        ("url", "https://例え.jp/日本", "https://例え.jp/日本"),
        ("url", "https://example.org./?q=(a|b)'", "https://example.org./?q=(a|b)'"),
        ("phone", "+49 (0)30 / 901820-0", "+49 (0)30 / 901820-0"),
        ("phone", "1234", "1234"),
        ("upload", UPLOAD, FrozenDict({"handle": UPLOAD})),
        ("upload", "a;b\n1;2", FrozenDict({"text": "a;b\n1;2"})),
        ("upload", f"{UPLOAD_HANDLE}no such", FrozenDict({"text": f"{UPLOAD_HANDLE}no such"})),
    ],
)
def test_drafts_are_given_to_the_app_typed(kind: str, draft: Any, expected: Any) -> None:
    found = typed(make(kind), draft)
    assert found.problem is None
    assert found.value == expected
    assert type(found.value) is type(expected)


@pytest.mark.parametrize(
    ("kind", "rules", "draft", "expected"),
    [
        ("secret", {"max_length": 3}, "hunter2", ("max_length", "3")),
        ("secret", {"min_length": 9}, "hunter2", ("min_length", "9")),
        ("secret", {"pattern": "[0-9]+"}, "hunter2", ("pattern", "")),
        ("secret", {}, 7, ("text", "")),
        ("slider", {}, 7.5, ("whole", "")),
        ("slider", {}, 1, ("min", "2")),
        ("slider", {}, "10", ("max", "9")),
        ("slider", {}, "x", ("number", "")),
        ("slider", {}, True, ("number", "")),
        ("multi_choice", {}, ("a", "z"), ("option", "")),
        ("multi_choice", {}, "a", ("option", "")),
        ("multi_choice", {"max_items": 1}, ("a", "b"), ("max_items", "1")),
        ("multi_choice", {"min_items": 2}, ("a",), ("min_items", "2")),
        ("time", {}, "9:30", ("time", "")),
        ("time", {"min": "09:00"}, "08:59", ("earliest", "09:00")),
        ("time", {"max": "17:00"}, "17:01", ("latest", "17:00")),
        ("datetime", {}, "2026-02-28T09:30Z", ("datetime", "")),
        ("date", {}, "0002-08-01", ("date", "")),  # a year of one digit yet
        ("datetime", {}, "0002-08-01T09:30", ("datetime", "")),
        ("datetime", {}, "2026-02-28", ("datetime", "")),
        (
            "datetime",
            {"min": "2026-03-01T00:00"},
            "2026-02-28T23:59",
            ("earliest", "2026-03-01 00:00"),
        ),
        ("tags", {"max_length": 2}, "ab, abc", ("tag_length", "2")),
        ("tags", {"max_items": 1}, "a, b", ("max_items", "1")),
        ("tags", {"max_items": 1}, "a, a", None),
        ("tags", {"min_items": 2}, "a, a", ("min_items", "2")),
        ("tags", {"required": True}, ", ;", ("required", "")),
        ("tags", {}, ("a",), ("text", "")),
        ("email", {"required": True}, "  ", ("required", "")),
        ("email", {"max_length": 5}, "ada@example.org", ("max_length", "5")),
        ("url", {"pattern": "https:.+"}, "http://example.org", ("pattern", "")),
        ("upload", {"max_bytes": 3}, "äö", ("max_bytes", "3")),
        ("upload", {"max_bytes": 4}, "äö", None),
        ("upload", {"max_bytes": 4}, UPLOAD, None),
        ("upload", {}, 7, ("text", "")),
    ],
)
def test_what_breaks_a_rule_is_a_problem_with_a_text(
    kind: str, rules: dict[str, Any], draft: Any, expected: Any
) -> None:
    assert problem(make(kind, **rules), draft) == expected


@pytest.mark.parametrize(
    ("kind", "draft"),
    [
        *(
            ("email", text)
            for text in (
                "ada",
                "ada@",
                "@example.org",
                "ada@localhost",
                "ada@example..org",
                "ada@-example.org",
                "ada lovelace@example.org",
                "ada@example.org, bob@example.org",
                "<ada@example.org>",
                "a@b@example.org",
                "a" * 65 + "@example.org",
                "ada@" + "a." * 130 + "org",
                "ada\u202e@example.org",
                "ada\u2003x@example.org",
            )
        ),
        *(
            ("url", text)
            for text in (
                "example.org",
                "javascript:alert(1)",
                "ftp://example.org",
                "https://",
                "https:///path",
                "https:example.org",
                "https://exa mple.org",
                "https://example.org/a b",
                "https://example.org\\@evil.example",
                "https://example..org",
                "https://example.org:99999",
                "https://example.org:x",
                "https://[::1",
                "https://[::g]",
                "https://[fe80::1%25eth0]/",
                "https://a]b/",
                "https://example.org/\n",
                'https://example.org/"onload=',
                "https://example.org/\u202e",
                "https://" + "a" * 2048,
            )
        ),
        *(
            ("phone", text)
            for text in ("123", "1" * 21, "12 34 x 5", "1234+5", "++1234", "١٢٣٤٥", "-" * 40)
        ),
    ],
)
def test_what_is_no_address_is_a_problem(kind: str, draft: str) -> None:
    found = typed(make(kind), f"{draft}x" if draft.endswith("\n") else draft)
    assert found.problem is not None
    assert found.problem.reason == kind


words = st.text(st.sampled_from("aZ0@.:/ -_+()[]\u00a0\u2060ä例\t#?")) | st.text()
addresses = st.builds("{}{}".format, st.sampled_from(["", "a@", "https://", "+1 ", " "]), words)


@pytest.mark.parametrize("kind", ["email", "url", "phone"])
@given(text=addresses | words)
def test_a_client_never_marks_an_address_that_the_server_takes(kind: str, text: str) -> None:
    check_pattern(_FORMS[kind])
    if typed(make(kind), text).value is not None:
        assert full_match(_FORMS[kind], text)


HOSTILE = [
    "a",
    "@",
    "a@",
    ".",
    "a.",
    "https://",
    "https://a@",
    "[",
    ":",
    "0",
    "-",
    ",",
    "a,",
    " ",
    "+",
    "T",
]


@pytest.mark.parametrize("kind", FIELD_KINDS)
def test_long_texts_are_judged_in_linear_time(kind: str) -> None:
    field = make(kind)
    started = time.perf_counter()
    for piece in HOSTILE:
        text = piece * (1_000_000 // len(piece))
        for draft in (text, "https://" + text, "a@" + text):
            typed(field, draft)
            fit(field, draft)
            keeps(field, draft)
    assert time.perf_counter() - started < 10


@pytest.mark.parametrize("kind", ["choice", "multi_choice"])
def test_many_options_are_judged_in_linear_time(kind: str) -> None:
    values = [f"v{number}" for number in range(20_000)]
    field = make(kind, options=[{"value": value, "label": f"L{value}"} for value in values])
    started = time.perf_counter()
    fit(field, [f"L{value}" for value in values])
    typed(field, tuple(values))
    keeps(field, tuple(values))
    assert time.perf_counter() - started < 5


junk = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(["a", "7", "09:30", "2026-02-28T09:30", SECRET, UPLOAD]),
    lambda inner: st.lists(inner) | st.lists(inner).map(tuple) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


@pytest.mark.parametrize("kind", FIELD_KINDS)
@given(value=junk)
def test_any_value_gets_an_answer_and_what_fits_is_held(kind: str, value: Any) -> None:
    field = make(kind)
    fitted = fit(field, value)
    if fitted is not None:
        assert holds(kind, fitted.value)
        assert keeps(field, fitted.value)
        assert fit(field, fitted.value) == type(fitted)(fitted.value)
        assert typed(field, fitted.value).problem is None or kind in ("email", "url", "phone")
    assert not keeps(field, value) or holds(kind, value)
    problem(field, value)


# --- what may stay --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "value", "kept"),
    [
        ("secret", SECRET, True),
        ("secret", "hunter2", False),
        ("slider", 9, True),
        ("slider", 10, False),
        ("slider", 7.5, False),
        ("slider", "7", False),
        ("multi_choice", ("a", "b"), True),
        ("multi_choice", ("a", "z"), False),
        ("multi_choice", "a", False),
        ("choice", ("a", "b"), True),
        ("choice", "z", False),
        ("choice", 5, False),
        ("number", "abc", True),
        ("number", True, False),
        ("tags", "a, b", True),
        ("tags", ("a",), False),
        ("time", "9:3", True),
        ("upload", "text", True),
        ("email", 5, False),
    ],
)
def test_a_draft_stays_where_a_user_may_have_left_it(kind: str, value: Any, kept: bool) -> None:
    assert keeps(make(kind), value) is kept


@pytest.mark.parametrize(
    ("kind", "held", "offered", "shown"),
    [
        ("email", "short_text", (), True),
        ("short_text", "tags", (), True),
        ("number", "phone", (), True),
        ("short_text", "secret", (), False),
        ("secret", "short_text", (), False),
        ("time", "datetime", (), False),
        ("choice", "multi_choice", ("a",), False),
        ("multi_choice", "multi_choice", ("a", "c"), True),
        ("multi_choice", "multi_choice", ("a", "gone"), False),
        ("short_text", "long_text", ("of an earlier choice",), True),
        ("upload", "long_text", (), False),
        ("short_text", "no kind", (), False),
    ],
)
def test_an_input_shows_what_inputs_like_it_held(
    kind: str, held: str, offered: tuple[str, ...], shown: bool
) -> None:
    assert shows(make(kind), held, offered) is shown


def test_handles_are_told_by_their_prefix_and_form() -> None:
    assert is_handle(SECRET, SECRET_HANDLE)
    assert not is_handle(UPLOAD, SECRET_HANDLE)
    assert not is_handle(f"{SECRET}\n", SECRET_HANDLE)
    assert not is_handle(7, SECRET_HANDLE)


# --- rules as models write them -------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "bound"), [("number", " 1.5 "), ("slider", "2")])
def test_a_bound_written_as_text_is_read_where_validation_is_lax(kind: str, bound: str) -> None:
    given = json.dumps({"id": "x", "kind": kind, "label": "X", "min": bound, "max": 9})
    assert Field.model_validate_json(given).min == parse_number(bound)
    with pytest.raises(ValidationError) as refused:
        Field.model_validate_json(given, strict=True)
    assert [error["loc"] for error in refused.value.errors()] == [("min",)]


@pytest.mark.parametrize(
    ("rules", "place"),
    [
        ({"kind": "number", "max": "a lot"}, ("max",)),
        ({"kind": "time", "min": "noon"}, ("min",)),
        ({"kind": "slider", "min": 0.5, "max": 3}, ("min",)),
    ],
)
def test_a_bound_that_is_none_is_named(rules: dict[str, Any], place: tuple[str, ...]) -> None:
    with pytest.raises(ValidationError) as refused:
        Field.model_validate({"id": "x", "label": "X", **rules})
    assert [error["loc"] for error in refused.value.errors()] == [place]


def test_a_default_may_be_a_list_where_the_draft_holds_several() -> None:
    assert initial(make("multi_choice", default=["c", "Bee"])) == ("c", "b")
    assert initial(make("tags", default=["a", "b"])) == "a, b"
    assert initial(make("slider", default=5)) == 5
