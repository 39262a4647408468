"""The description: valid OpenAPI 3.1, complete, and made of the same table as the routes."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.host.web import example
from uicompiler.errors import CODES
from uicompiler.host.api.endpoints import Api
from uicompiler.host.api.openapi import openapi
from uicompiler.host.api.table import ROUTES

OFFICIAL = json.loads((Path(__file__).parent / "openapi_3_1.json").read_text("utf-8"))
"""https://spec.openapis.org/oas/3.1/schema/2022-10-07, as published."""


@pytest.fixture(scope="module")
def description() -> Any:
    return json.loads(json.dumps(openapi(example("crm"), "CRM", "/below")))


def test_it_is_openapi(description: Any) -> None:
    Draft202012Validator.check_schema(OFFICIAL)
    Draft202012Validator(OFFICIAL).validate(description)


def test_a_broken_description_would_be_found(description: Any) -> None:
    broken = {**description, "info": {"title": "no version"}}
    assert not Draft202012Validator(OFFICIAL).is_valid(broken)


def test_its_schemas_are_json_schemas(description: Any) -> None:
    for schema in description["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


def test_every_reference_leads_somewhere(description: Any) -> None:
    references = set(re.findall(r'"\$ref": "(#[^"]*)"', json.dumps(description)))
    assert references
    for reference in references:
        found = description
        for part in reference.removeprefix("#/").split("/"):
            assert part in found, reference
            found = found[part]


def test_every_schema_is_used(description: Any) -> None:
    said = json.dumps(description)
    names = description["components"]["schemas"]
    unused = [name for name in names if f'"#/components/schemas/{name}"' not in said]
    assert unused == ["Frame", "ClientFrame"]  # of the WebSocket, which OpenAPI has no place for


def test_every_route_is_in_it_once(description: Any) -> None:
    operations = [
        (path, method, operation["operationId"])
        for path, item in description["paths"].items()
        for method, operation in item.items()
    ]
    table = [(r.path, {"WS": "get"}.get(r.method, r.method.lower()), r.endpoint) for r in ROUTES]
    assert sorted(operations) == sorted(table)
    ids = [name for _, _, name in operations]
    assert len(ids) == len(set(ids))


def test_every_route_is_served() -> None:
    elsewhere = {"openapi", "socket"}
    assert [r.endpoint for r in ROUTES if not hasattr(Api, r.endpoint)] == sorted(
        elsewhere, key=[r.endpoint for r in ROUTES].index
    )


def test_the_codes_of_a_route_are_codes_and_stand_under_their_status(description: Any) -> None:
    for route in ROUTES:
        method = {"WS": "get"}.get(route.method, route.method.lower())
        responses = description["paths"][route.path][method]["responses"]
        for code in route.codes:
            assert code in CODES
            assert f"`{code}`" in responses[str(CODES[code].status or 400)]["description"]


def test_whoever_may_is_said(description: Any) -> None:
    stream = description["paths"]["/conversations/{id}/stream"]["get"]
    assert stream["security"] == [{"bearer": []}, {"cookie": []}]
    assert description["paths"]["/conversations"]["post"]["security"] == []
    assert {} in description["paths"]["/conversations/{id}/ws"]["get"]["security"]


def test_the_apps_directives_are_named(description: Any) -> None:
    directive = description["components"]["schemas"]["Directive"]
    assert "ui.show_form" in directive["properties"]["type"]["enum"]
    assert description["servers"] == [{"url": "/below"}]
