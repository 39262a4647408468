"""beginRendering and what it shows.

One row a rule: what is wrong, which code and place it gets, and what is left of it in interop.

Source: DESIGN section 6; what the official clients refuse is measured by `tests/official`.
"""

from __future__ import annotations

import pytest

from tests.backends.a2ui_v0_8.check.streams import (
    Row,
    begin,
    check_interop,
    check_refused,
    data,
    delete,
    shown,
    text,
    update,
)

BEGIN: dict[str, Row] = {
    "unknown property": (
        shown(text("a"), logo="x"),
        "BEGIN_INVALID",
        2,
        "/beginRendering/logo",
        "error",
    ),
    "root of another type": (
        [update(text("r")), {"beginRendering": {"surfaceId": "main", "root": 1}}],
        "BEGIN_INVALID",
        2,
        "/beginRendering/root",
        "error",
    ),
    "unknown style": (
        shown(text("a"), styles={"logoUrl": "x"}),
        "BEGIN_INVALID",
        2,
        "/beginRendering/styles/logoUrl",
        "error",
    ),
    "not a colour": (
        shown(text("a"), styles={"primaryColor": "red"}),
        "BEGIN_INVALID",
        2,
        "/beginRendering/styles/primaryColor",
        "error",
    ),
    "styles not an object": (
        shown(text("a"), styles=[]),
        "BEGIN_INVALID",
        2,
        "/beginRendering/styles",
        "error",
    ),
    "root never defined": (
        [update(text("a")), begin()],
        "BEGIN_ROOT_MISSING",
        2,
        "/beginRendering/root",
        "error",
    ),
    "root defined later": (
        [begin(), update(text("r"))],
        "BEGIN_ROOT_MISSING",
        1,
        "/beginRendering/root",
        "warning",
    ),
    "begun twice": (
        [*shown(text("a")), begin()],
        "BEGIN_REPEATED",
        3,
        "/beginRendering",
        "warning",
    ),
    "used after deletion": (
        [*shown(text("a")), delete(), *shown(text("a"))],
        "BEGIN_REPEATED",
        4,
        "/surfaceUpdate/surfaceId",
        "warning",
    ),
    "never begun": ([update(text("r"))], "BEGIN_MISSING", 1, "", "warning"),
    "only data": ([data()], "BEGIN_MISSING", 1, "", "warning"),
    "another catalog": (
        shown(text("a"), catalogId="https://other.example/c.json"),
        "CATALOG_MISMATCH",
        2,
        "/beginRendering/catalogId",
        "warning",
    ),
}


@pytest.mark.parametrize("row", BEGIN.values(), ids=BEGIN)
def test_what_breaks_a_rule_is_refused(row: Row) -> None:
    check_refused(row)


@pytest.mark.parametrize("row", BEGIN.values(), ids=BEGIN)
def test_interop_warns_of_what_official_clients_accept(row: Row) -> None:
    check_interop(row)
