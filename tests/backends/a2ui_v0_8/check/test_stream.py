"""Good streams, bad envelopes, surfaces that were there before, other catalogs.

One row a rule: what is wrong, which code and place it gets, and what is left of it in interop.

Source: DESIGN section 6; what the official clients refuse is measured by `tests/official`.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.backends.a2ui_v0_8.check.streams import (
    FOREIGN,
    GOOD,
    RULES,
    Row,
    begin,
    check_interop,
    check_refused,
    codes,
    column,
    component,
    data,
    delete,
    run,
    shown,
    text,
    update,
)
from uicompiler.backends.a2ui_v0_8.check import Rules, check_batch
from uicompiler.catalog.catalog import parse_catalog, standard_catalog


@pytest.mark.parametrize("rules", [RULES, FOREIGN], ids=["own", "foreign"])
@pytest.mark.parametrize("name", GOOD)
def test_good_streams_have_no_findings(name: str, rules: Rules) -> None:
    assert run(GOOD[name], rules) == []


ENVELOPE: dict[str, Row] = {
    "not an object": ([[]], "ENVELOPE_INVALID", 1, "", "error"),
    "no key": ([{}], "ENVELOPE_INVALID", 1, "", "error"),
    "two keys": ([{**delete(), **begin()}], "ENVELOPE_INVALID", 1, "", "error"),
    "unknown key": ([{"createSurface": {}}], "ENVELOPE_INVALID", 1, "", "error"),
    "body not an object": (
        [{"deleteSurface": []}],
        "ENVELOPE_INVALID",
        1,
        "/deleteSurface",
        "error",
    ),
    "no surface id": (
        [{"deleteSurface": {}}],
        "ENVELOPE_INVALID",
        1,
        "/deleteSurface/surfaceId",
        "error",
    ),
    "surface id of JavaScript": (
        [delete("__proto__")],
        "ENVELOPE_INVALID",
        1,
        "/deleteSurface/surfaceId",
        "error",
    ),
    "open message": (
        [{"deleteSurface": {"surfaceId": "main", "now": True}}],
        "ENVELOPE_INVALID",
        1,
        "/deleteSurface/now",
        "error",
    ),
    "open update": (
        [
            update(text("r")) | {"surfaceUpdate": {**update(text("r"))["surfaceUpdate"], "x/y": 1}},
            begin(),
        ],
        "ENVELOPE_INVALID",
        1,
        "/surfaceUpdate/x~1y",
        "error",
    ),
}


@pytest.mark.parametrize("row", ENVELOPE.values(), ids=ENVELOPE)
def test_what_breaks_a_rule_is_refused(row: Row) -> None:
    check_refused(row)


@pytest.mark.parametrize("row", ENVELOPE.values(), ids=ENVELOPE)
def test_interop_warns_of_what_official_clients_accept(row: Row) -> None:
    check_interop(row)


def test_what_a_live_surface_had_is_not_asked() -> None:
    assert run([update(text("a"), column("c", "x"), text("x"))], live=["main"]) == []
    assert run([data({"key": "v", "valueString": ""}, path="/draft/a")], live=["main"]) == []


def test_a_live_surface_is_not_begun_again_nor_its_root_replaced() -> None:
    assert codes(run([begin()], live=["main"])) == ["BEGIN_REPEATED"]
    assert codes(run([data(path="/")], live=["main"])) == ["DATA_ROOT_REPLACED"]


def test_a_batch_counts_its_messages_as_lines() -> None:
    messages = [update(text("r")), begin("x")]
    [found] = check_batch(messages, RULES, live=(), sizes=[1, 1])
    assert (found.code, found.line) == ("A2UI_S2C_BEGIN_ROOT_MISSING", 2)


def test_another_catalog_has_its_own_components() -> None:
    said = {"type": "object", "properties": {"path": {"type": "string"}}}
    catalog = parse_catalog(
        {
            "catalogId": "https://a.example/c.json",
            "components": {
                "Chart": {
                    "type": "object",
                    "required": ["title"],
                    "properties": {
                        "title": said,
                        "action": {"type": "string"},
                        "text": {"type": "number"},
                        "of": {"type": "array"},
                        "validationRegexp": {"type": "number"},
                    },
                }
            },
        }
    )
    rules = replace(RULES, catalog=catalog)
    chart = component("r", "Chart", title={"path": "/x"}, action="go", text=1, of=[{}, 1])
    begun = begin(catalogId=catalog.catalog_id)
    assert run([update(chart), begun], rules) == []
    assert codes(run([update(text("r")), begun], rules)) == ["CATALOG_UNKNOWN_TYPE"]
    assert codes(run([update(component("r", "Chart")), begun], rules)) == ["COMPONENT_INVALID"]
    assert codes(run([update(chart), begun])) == ["CATALOG_UNKNOWN_TYPE", "CATALOG_MISMATCH"]


def test_own_output_may_name_the_standard_catalog() -> None:
    assert run(shown(text("a"), catalogId=standard_catalog().catalog_id)) == []
