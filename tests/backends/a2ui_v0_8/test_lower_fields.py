"""What inputs become where the catalog decides, and what a field says beside its input."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.ir.test_fields import OPTIONS, UPLOAD
from uicompiler import CompileResult, UIApp, compile
from uicompiler.catalog.catalog import Catalog, parse_catalog
from uicompiler.resources import data_path

STRING = {
    "type": "object",
    "properties": {
        "literalString": {"type": "string"},
        "path": {"type": "string", "format": "a2ui-path"},
    },
}
EVERY = {
    "label": STRING,
    "value": STRING,
    "accept": {"type": "array", "items": {"type": "string"}},
    "maxBytes": {"type": "integer"},
}
BOUND = {"path": "/draft/x/v"}
ASKED = {"kind": "upload", "accept": [".csv", "text/csv"], "max_bytes": 2000}


def catalog(**upload: Any) -> Catalog:
    """The standard catalog and a FileUpload with some properties."""
    standard = json.loads(data_path("catalogs/standard_v0_8.json").read_text("utf-8"))
    added = {"FileUpload": {"type": "object", "properties": upload}}
    components = {**standard["components"], **added}
    return parse_catalog({"catalogId": "https://example.org/c", "components": components})


def shown(field: dict[str, Any], app: UIApp | None = None) -> CompileResult:
    given = {"id": "x", "label": "X", **field}
    payload = {"title": "T", "fields": [given]}
    result = compile([{"type": "ui.show_form", "payload": payload}], app=app or UIApp.standard())
    assert result.ok, result.diagnostics
    return result


def components(result: CompileResult, kind: str) -> list[Any]:
    """Properties of the components of one type."""
    updates = [m["surfaceUpdate"] for m in result.messages if "surfaceUpdate" in m]
    every = [item["component"] for update in updates for item in update["components"]]
    return [item[kind] for item in every if kind in item]


@pytest.mark.parametrize("known", [("label", "value"), ("value", "maxBytes"), tuple(EVERY)])
def test_an_upload_is_the_apps_file_upload_with_the_properties_it_has(
    known: tuple[str, ...],
) -> None:
    own = catalog(**{name: EVERY[name] for name in known})
    app = UIApp("app", catalog=own, inline_form_action="submit")
    result = shown({**ASKED, "default": UPLOAD}, app)
    every = {
        "label": {"literalString": "X"},
        "value": BOUND,
        "accept": [".csv", "text/csv"],
        "maxBytes": 2000,
    }
    assert components(result, "FileUpload") == [{name: every[name] for name in known}]
    labels = [item["text"]["literalString"] for item in components(result, "Text")]
    assert ("X" in labels) == ("label" not in known)
    assert result.diagnostics == ()


@pytest.mark.parametrize("kind", ["secret", "upload"])
def test_what_the_catalog_cannot_show_is_reported(kind: str) -> None:
    assert [d.code for d in shown({"kind": kind}).diagnostics] == ["A2UI_S2C_CATALOG_DEGRADED"]


@pytest.mark.parametrize(
    ("kind", "pattern"),
    [
        ("short_text", None),
        ("tags", None),
        ("email", r"^\s*[^\s@]+@[^\s@]+\s*$"),
        ("url", r"^\s*[Hh][Tt][Tt][Pp][Ss]?:\/\/[^\s]+\s*$"),
        ("phone", r"^[\d\s+\(\).\/\-]+$"),
    ],
)
def test_an_address_is_a_line_of_text_with_its_form(kind: str, pattern: str | None) -> None:
    [props] = components(shown({"kind": kind}), "TextField")
    assert props["textFieldType"] == "shortText"
    assert props.get("validationRegexp") == pattern


def test_a_pattern_of_the_apps_own_goes_before_the_form_of_an_address() -> None:
    [props] = components(shown({"kind": "url", "pattern": "https:.+"}), "TextField")
    assert props["validationRegexp"] == "https:.+"


def test_a_slider_has_both_ends_and_is_bound() -> None:
    [props] = components(shown({"kind": "slider", "min": -3, "max": 3}), "Slider")
    assert props == {"value": BOUND, "minValue": -3, "maxValue": 3}


@pytest.mark.parametrize(
    ("kind", "rules", "most"),
    [
        ("choice", {}, 1),
        ("multi_choice", {}, 3),
        ("multi_choice", {"max_items": 2}, 2),
        ("multi_choice", {"max_items": 9}, 3),
    ],
)
def test_as_many_options_may_be_chosen_as_there_are_or_as_the_rule_says(
    kind: str, rules: dict[str, int], most: int
) -> None:
    [props] = components(shown({"kind": kind, "options": OPTIONS, **rules}), "MultipleChoice")
    assert props["maxAllowedSelections"] == most


@pytest.mark.parametrize(
    ("kind", "day", "time"),
    [("date", True, False), ("time", False, True), ("datetime", True, True)],
)
def test_days_and_times_offer_what_they_hold(kind: str, day: bool, time: bool) -> None:
    [props] = components(shown({"kind": kind}), "DateTimeInput")
    assert props == {"value": BOUND, "enableDate": day, "enableTime": time}
