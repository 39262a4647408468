"""Reading catalogs: what is one, what extends the standard one, what is refused and where."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from uicompiler.catalog.catalog import (
    STANDARD_CATALOG_ID,
    load_catalog,
    parse_catalog,
    standard_catalog,
)
from uicompiler.errors import AppError

LABEL = {"type": "object", "properties": {"path": {"type": "string", "format": "a2ui-path"}}}
BADGE = {"type": "object", "required": ["label"], "properties": {"label": LABEL}}


def document(**changed: Any) -> dict[str, Any]:
    found = {
        "catalogId": "https://a.example/c.json",
        "extends": STANDARD_CATALOG_ID,
        "components": {"Badge": BADGE},
        **changed,
    }
    return {name: value for name, value in found.items() if value is not None}


def pointers(given: object) -> list[str]:
    with pytest.raises(AppError) as refused:
        parse_catalog(given)
    assert {item.code for item in refused.value.diagnostics} == {"APP_INVALID"}
    return [item.pointer for item in refused.value.diagnostics]


def test_a_catalog_that_extends_the_standard_one_has_its_components_and_its_own() -> None:
    catalog = parse_catalog(document())
    standard = standard_catalog().components
    assert catalog.catalog_id == "https://a.example/c.json"
    assert not catalog.is_standard
    assert catalog.components.keys() == {*standard, "Badge"}
    assert all(catalog.components[name] == rule for name, rule in standard.items())
    assert catalog.components["Badge"].properties["label"].exactly_one


def test_a_catalog_that_extends_nothing_stands_alone() -> None:
    assert parse_catalog(document(extends=None)).components.keys() == {"Badge"}


def test_only_the_standard_catalog_can_be_extended() -> None:
    assert pointers(document(extends="https://b.example/c.json")) == ["/extends"]
    assert pointers(document(extends=["standard"])) == ["/extends"]


def test_extending_adds_components_and_changes_none() -> None:
    assert pointers(document(components={"Text": BADGE})) == ["/components/Text"]


def test_a_catalog_that_adds_components_has_an_id_of_its_own() -> None:
    assert pointers(document(catalogId=STANDARD_CATALOG_ID)) == ["/catalogId"]


@pytest.mark.parametrize(
    "name", ["my-badge", "", "1st", "B" * 65, "constructor", "__proto__", "Büro", "a/b"]
)
def test_no_type_can_be_mistaken_for_a_custom_element_or_a_javascript_name(name: str) -> None:
    assert len(pointers(document(components={name: BADGE}))) == 1


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (None, [""]),
        ([], [""]),
        ({}, ["/catalogId", "/components"]),
        (document(catalogId=7), ["/catalogId"]),
        (document(components=[]), ["/components"]),
        (document(components={"A": {"type": "string"}}), ["/components/A"]),
        (document(components={"A": 7, "B": {}}), ["/components/A", "/components/B"]),
    ],
)
def test_what_is_no_catalog_is_refused_with_its_places(given: Any, expected: list[str]) -> None:
    assert pointers(given) == expected


@pytest.mark.parametrize(
    ("prop", "below"),
    [
        (7, ""),
        ({"type": "uuid"}, ""),
        ({"type": ["string", "null"]}, ""),
        ({"$ref": "#/$defs/nothing"}, ""),
        ({"type": "object", "properties": []}, "/properties"),
        ({"type": "object", "required": "x"}, "/required"),
        ({"type": "string", "enum": [1]}, "/enum"),
        ({"type": "array", "items": {"type": "x"}}, "/items"),
    ],
)
def test_a_property_that_cannot_be_read_is_named(prop: Any, below: str) -> None:
    given = document(components={"Badge": {"type": "object", "properties": {"a~b": prop}}})
    assert pointers(given) == [f"/components/Badge/properties/a~0b{below}"]


def test_references_may_be_shared_and_not_go_round() -> None:
    ref = {"type": "object", "properties": {"label": {"$ref": "#/$defs/label"}}}
    catalog = parse_catalog({**document(components={"Badge": ref}), "$defs": {"label": LABEL}})
    assert catalog.components["Badge"].properties["label"].properties.keys() == {"path"}
    round_and_round = {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}
    ref["properties"]["label"] = {"$ref": "#/$defs/a"}  # type: ignore[index]  # a plain dict
    given = {**document(components={"Badge": ref}), "$defs": round_and_round}
    assert pointers(given) == ["/components/Badge/properties/label"]


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "catalog.json"
    with pytest.raises(AppError, match=r"catalog\.json could not be read"):
        load_catalog(path)
    path.write_text("{")
    with pytest.raises(AppError, match=r"catalog\.json could not be read"):
        load_catalog(path)
    path.write_text(json.dumps(document()))
    assert load_catalog(path) == parse_catalog(document())
