"""Many findings: all of them in one go, none of them long, none hidden."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.backends.a2ui_v0_8.check.streams import (
    FIRST,
    RULES,
    SURFACE,
    TEXT_AT,
    begin,
    column,
    component,
    run,
    shown,
    text,
    update,
)
from uicompiler.backends.a2ui_v0_8.check import MAX_FINDINGS


def test_all_findings_come_in_one_go() -> None:
    bad = [component("a", "Text", text={}, size=1, usageHint="x"), {"id": 1}, text("r")]
    found = run([update(*bad), begin()])
    assert [item.pointer for item in found] == [
        f"{TEXT_AT}/text",
        f"{TEXT_AT}/size",
        f"{TEXT_AT}/usageHint",
        f"{SURFACE}/1/id",
        f"{FIRST}",
    ]


@pytest.mark.parametrize(("last", "severity"), [(text("z"), "warning"), ({"id": 1}, "error")])
def test_findings_left_out_are_counted_and_never_hide_an_error(last: Any, severity: str) -> None:
    rules = replace(RULES, level="interop")
    many = [text(f"a:{index}") for index in range(MAX_FINDINGS + 5)]
    ids = [item["id"] for item in many]
    found = run([update(*many, column("r", *ids)), begin(), update(last)], rules)
    assert len(found) == MAX_FINDINGS + 1
    assert found[-1].severity == severity
    assert "left out" in found[-1].message


def test_a_finding_quotes_no_more_than_it_must() -> None:
    for value in ("x" * 10_000, [[]] * 10_000, 10**5_000, {"k" * 10_000: 1}):
        for item in run(shown(component("a", "Text", text=value))):
            assert len(item.message) < 1_000
