"""What is written to the data model.

One row a rule: what is wrong, which code and place it gets, and what is left of it in interop.

Source: DESIGN section 6; what the official clients refuse is measured by `tests/official`.
"""

from __future__ import annotations

import pytest

from tests.backends.a2ui_v0_8.check.streams import (
    ENTRY,
    FOREIGN,
    Row,
    begin,
    check_interop,
    check_refused,
    codes,
    column,
    data,
    inside,
    run,
    shown,
    text,
    update,
)

DATA: dict[str, Row] = {
    "contents not an array": (
        [
            *shown(text("a")),
            {"dataModelUpdate": {"surfaceId": "main", "path": "/x", "contents": {}}},
        ],
        "DATA_INVALID",
        3,
        "/dataModelUpdate/contents",
        "error",
    ),
    "entry not an object": (inside(1), "DATA_INVALID", 2, ENTRY, "error"),
    "no value": (inside({"key": "a"}), "DATA_INVALID", 2, ENTRY, "error"),
    "two values": (
        inside({"key": "a", "valueString": "x", "valueNumber": 1}),
        "DATA_INVALID",
        2,
        ENTRY,
        "error",
    ),
    "no key": (inside({"valueString": "x"}), "DATA_INVALID", 2, f"{ENTRY}/key", "error"),
    "unknown value": (
        inside({"key": "a", "valueArray": []}),
        "DATA_INVALID",
        2,
        f"{ENTRY}/valueArray",
        "error",
    ),
    "string of another type": (
        inside({"key": "a", "valueString": 1}),
        "DATA_INVALID",
        2,
        f"{ENTRY}/valueString",
        "error",
    ),
    "a boolean is no number": (
        inside({"key": "a", "valueNumber": True}),
        "DATA_INVALID",
        2,
        f"{ENTRY}/valueNumber",
        "error",
    ),
    "a number is no boolean": (
        inside({"key": "a", "valueBoolean": 0}),
        "DATA_INVALID",
        2,
        f"{ENTRY}/valueBoolean",
        "error",
    ),
    "a map of another type": (
        inside({"key": "a", "valueMap": {}}),
        "DATA_INVALID",
        2,
        f"{ENTRY}/valueMap",
        "error",
    ),
    "map in a map": (
        inside({"key": "a", "valueMap": [{"key": "b", "valueMap": []}]}),
        "DATA_INVALID",
        2,
        f"{ENTRY}/valueMap/0/valueMap",
        "warning",
    ),
    "key twice": (
        [update(column("r")), data(*[{"key": "a", "valueNumber": 1}] * 2), begin()],
        "DATA_INVALID",
        2,
        "/dataModelUpdate/contents/1/key",
        "warning",
    ),
    "infinite": (
        inside({"key": "a", "valueNumber": float("inf")}),
        "DATA_NOT_FINITE",
        2,
        f"{ENTRY}/valueNumber",
        "error",
    ),
    "inexact": (
        inside({"key": "a", "valueNumber": 2**53 + 1}),
        "DATA_UNREPRESENTABLE",
        2,
        f"{ENTRY}/valueNumber",
        "warning",
    ),
    "dotted key": (
        inside({"key": "a.b", "valueNumber": 1}),
        "DATA_KEY_INVALID",
        2,
        f"{ENTRY}/key",
        "warning",
    ),
    "the dot key": (
        inside({"key": ".", "valueNumber": 1}),
        "DATA_KEY_INVALID",
        2,
        f"{ENTRY}/key",
        "warning",
    ),
    "key of JavaScript": (
        inside({"key": "__proto__", "valueNumber": 1}),
        "DATA_KEY_FORBIDDEN",
        2,
        f"{ENTRY}/key",
        "warning",
    ),
    "relative path": (
        [update(column("r")), data(path="draft"), begin()],
        "DATA_PATH_INVALID",
        2,
        "/dataModelUpdate/path",
        "warning",
    ),
    "path with brackets": (
        [update(column("r")), data(path="/a[0]"), begin()],
        "DATA_PATH_INVALID",
        2,
        "/dataModelUpdate/path",
        "warning",
    ),
    "path ends in a slash": (
        [update(column("r")), data(path="/a/"), begin()],
        "DATA_PATH_INVALID",
        2,
        "/dataModelUpdate/path",
        "warning",
    ),
    "path of JavaScript": (
        [update(column("r")), data(path="/a/__proto__"), begin()],
        "DATA_KEY_FORBIDDEN",
        2,
        "/dataModelUpdate/path",
        "warning",
    ),
    "path of another type": (
        [
            update(column("r")),
            {"dataModelUpdate": {"surfaceId": "main", "path": 1, "contents": []}},
            begin(),
        ],
        "DATA_INVALID",
        2,
        "/dataModelUpdate/path",
        "error",
    ),
    **{
        f"root replaced by {path!r}": (
            [*shown(text("a")), data(path=path)],
            "DATA_ROOT_REPLACED",
            3,
            "/dataModelUpdate/path",
            "warning",
        )
        for path in (None, "", "/", ".", "./", "//")
    },
    "JSON-looking": (
        inside({"key": "a", "valueString": ' {"a": 1}'}),
        "DATA_UNREPRESENTABLE",
        2,
        f"{ENTRY}/valueString",
        "warning",
    ),
    "JSON-looking array of numbers": (
        inside({"key": "a", "valueString": "[1]"}),
        "DATA_UNREPRESENTABLE",
        2,
        f"{ENTRY}/valueString",
        "warning",
    ),
    "zero width space": (
        inside({"key": "a", "valueString": "a\u200bb"}),
        "DATA_TEXT_FORBIDDEN",
        2,
        f"{ENTRY}/valueString",
        "warning",
    ),
    "bidi override in a selection": (
        inside({"key": "a", "valueString": '["\\u202e"]'}),
        "DATA_TEXT_FORBIDDEN",
        2,
        f"{ENTRY}/valueString",
        "warning",
    ),
}


@pytest.mark.parametrize("row", DATA.values(), ids=DATA)
def test_what_breaks_a_rule_is_refused(row: Row) -> None:
    check_refused(row)


@pytest.mark.parametrize("row", DATA.values(), ids=DATA)
def test_interop_warns_of_what_official_clients_accept(row: Row) -> None:
    check_interop(row)


def test_json_looking_data_is_a_warning_in_foreign_streams() -> None:
    messages = inside({"key": "a", "valueString": "[1]"})
    assert codes(run(messages), "error") == ["DATA_UNREPRESENTABLE"]
    assert codes(run(messages, FOREIGN), "warning") == ["DATA_UNREPRESENTABLE"]
