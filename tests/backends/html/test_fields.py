"""Fields in HTML: a native input of the kind, tied to its label, help and error."""

from __future__ import annotations

from typing import Any

import pytest

from tests.backends.html.surfaces import all_of, markup, one, tree, words
from uicompiler.ir.fields import FIELD_KINDS

OPTIONS = [{"value": "a", "label": "First"}, {"value": "b", "label": "Second"}]


def field(kind: str, **more: Any) -> dict[str, Any]:
    """A field that its kind accepts."""
    needed: dict[str, Any] = {}
    if kind in ("choice", "multi_choice"):
        needed = {"options": OPTIONS}
    elif kind == "slider":
        needed = {"min": 1, "max": 9}
    return {"node": "field", "id": "it", "kind": kind, "label": "Its name", **needed, **more}


TYPES = {
    "short_text": "text",
    "secret": "password",
    "number": "text",
    "slider": "range",
    "boolean": "checkbox",
    "date": "date",
    "time": "time",
    "datetime": "datetime-local",
    "tags": "text",
    "email": "email",
    "url": "url",
    "phone": "tel",
    "upload": "file",
}


@pytest.mark.parametrize(("kind", "expected"), TYPES.items())
def test_a_kind_has_its_native_type_and_a_label_that_names_it(kind: str, expected: str) -> None:
    found = tree(field(kind))
    control = one(found, "input", name="f.it")
    assert control.get("type") == expected
    assert words(one(found, "label", for_=control.attrib["id"])) == "Its name"


def test_the_table_of_types_is_whole() -> None:
    assert set(TYPES) | {"long_text", "choice", "multi_choice"} == set(FIELD_KINDS)


@pytest.mark.parametrize(("kind", "expected"), [("choice", "radio"), ("multi_choice", "checkbox")])
def test_a_few_options_are_a_group_with_a_legend(kind: str, expected: str) -> None:
    found = tree(field(kind), draft={"it": "b" if kind == "choice" else ("a", "b")})
    group = one(found, "fieldset")
    assert words(one(group, "legend")) == "Its name"
    controls = all_of(group, "input", name="f.it", type=expected)
    none = [] if kind == "multi_choice" else [("", False)]
    found = [(item.get("value"), "checked" in item.attrib) for item in controls]
    assert found == [*none, ("a", kind == "multi_choice"), ("b", True)]


def test_a_choice_that_may_be_left_open_can_be_let_go_again() -> None:
    shown = all_of(tree(field("choice")), "input", type="radio")
    assert [(item.get("value"), "checked" in item.attrib) for item in shown] == [
        ("", True),
        ("a", False),
        ("b", False),
    ]
    assert len(all_of(tree(field("choice", required=True)), "input", type="radio")) == 2


def test_many_options_are_a_menu_that_can_be_empty() -> None:
    options = [{"value": str(n), "label": f"Number {n}"} for n in range(7)]
    found = tree(field("choice", options=options), draft={"it": "3"})
    shown = all_of(one(found, "select", name="f.it"), "option")
    assert [item.get("value") for item in shown] == ["", *(str(n) for n in range(7))]
    assert [item.get("value") for item in shown if "selected" in item.attrib] == ["3"]


def test_an_error_and_a_help_are_tied_to_the_input_and_stand_in_the_summary() -> None:
    found = tree(
        field("short_text", help="As in your passport."),
        ui_state={"_errors": {"it": "Please fill this in."}},
    )
    control = one(found, "input", name="f.it")
    told = control.attrib["aria-describedby"].split(" ")
    texts = {item.attrib["id"]: words(item) for item in found.iter() if "id" in item.attrib}
    assert [texts[name] for name in told] == ["As in your passport.", "Please fill this in."]
    assert control.get("aria-invalid") == "true"
    link = one(one(found, "div", class_="ui-summary"), "a")
    assert link.get("href") == f"#{control.attrib['id']}"
    assert words(link) == "Its name: Please fill this in."


@pytest.mark.parametrize("kind", FIELD_KINDS)
def test_a_required_field_says_so_to_everyone(kind: str) -> None:
    found = tree(field(kind, required=True))
    assert one(found, "span", class_="ui-required") is not None
    if kind == "slider":
        return  # it always has a value
    controls = [item for item in found.iter() if item.get("name") == "f.it"]
    told = any("required" in item.attrib for item in controls)
    group = all_of(found, "fieldset", class_="ui-field")
    assert told or group[0].get("aria-required") == "true" or "required" in words(group[0])


@pytest.mark.parametrize(
    ("kind", "value"),
    [("date", "May 5"), ("time", "noon"), ("datetime", "2026-01-01"), ("number", "12 or so")],
)
def test_a_value_that_its_input_could_not_show_is_shown_as_text(kind: str, value: str) -> None:
    control = one(tree(field(kind), draft={"it": value}), "input", name="f.it")
    assert (control.get("type"), control.get("value")) == ("text", value)


def test_several_lines_are_never_put_into_one() -> None:
    area = one(tree(field("short_text"), draft={"it": "one\ntwo"}), "textarea", name="f.it")
    assert area.text == "one\ntwo"


def test_a_line_break_at_the_beginning_is_not_eaten_by_the_parser() -> None:
    area = one(tree(field("long_text"), draft={"it": "\n\ntext\n"}), "textarea")
    assert area.text == "\n\ntext\n"


def test_what_stands_for_a_secret_never_goes_out() -> None:
    text = markup(field("secret"), draft={"it": "secret:abc123"})
    assert "secret:abc123" not in text
    assert "Kept as you entered it" in text


def test_a_file_that_was_chosen_before_goes_along_as_its_handle() -> None:
    found = tree(field("upload", required=True, accept=[".csv", "text/csv"]))
    control = one(found, "input", type="file")
    assert control.get("accept") == ".csv,text/csv"
    assert "required" in control.attrib
    found = tree(field("upload", required=True), draft={"it": "upload:abc"})
    assert one(found, "input", name="f.it", type="hidden").get("value") == "upload:abc"
    assert "required" not in one(found, "input", type="file").attrib


def test_a_text_in_place_of_a_file_stays_a_text() -> None:
    area = one(tree(field("upload"), draft={"it": "name,age\nAda,36"}), "textarea")
    assert area.text == "name,age\nAda,36"


def test_rows_are_groups_with_names_and_buttons_of_their_own() -> None:
    rows = {
        "node": "rows",
        "id": "guests",
        "label": "Guests",
        "min_rows": 2,
        "columns": [{"id": "name", "label": "Name"}],
    }
    found = tree(rows)
    whole = one(found, "fieldset", class_="ui-rows")
    assert [words(item) for item in all_of(whole, "legend")] == ["Guests", "Guests 1", "Guests 2"]
    names = [item.get("name") for item in all_of(whole, "input")]
    assert names == ["f.guests/r1/name", "f.guests/r2/name"]
    assert [words(item) for item in all_of(whole, "button")] == ["Add"]
