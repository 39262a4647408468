"""`bench`: its shape, and that what it compares is comparable."""

from __future__ import annotations

import pytest

from uicompiler import UIApp, compile
from uicompiler.cli.bench import envelope, form_fields
from uicompiler.cli.floor import build
from uicompiler.cli.floor_html import build as build_html

KEYS = {
    "step",
    "components",
    "us_per_component",
    "floor_us_per_component",
    "encoder_us_per_component",
}
STEPS = ["parse", "execute", "lower", "check", "encode", "compile"]


def test_json_is_one_array_of_steps_at_each_size(run) -> None:
    done = run("bench", "--json", "--sizes", "10,100", "--rounds", "1")
    assert done.status == 0
    rows = done.json()
    assert all(set(row) == KEYS for row in rows)
    assert [row["step"] for row in rows] == STEPS * 2
    assert all(abs(row["components"] - 10) <= 5 for row in rows[:6])
    assert all(abs(row["components"] - 100) <= 5 for row in rows[6:])
    assert all(row[key] > 0 for row in rows for key in KEYS - {"step"})


def test_text_is_a_table_with_growth(run) -> None:
    done = run("bench", "--sizes", "10,100", "--rounds", "1")
    table = done.out.decode()
    assert "growth" in table
    assert all(f"\n{step} " in table for step in STEPS)


@pytest.mark.parametrize("size", [10, 100, 1000])
def test_the_floor_builds_an_equal_surface(size: int) -> None:
    fields = form_fields(size)
    ours = compile(envelope(fields), app=UIApp("bench", inline_form_action="submit")).messages
    floor = build("Bench", fields)
    assert shape(floor) == shape(ours)
    assert abs(len(components(floor)) - size) <= 5


def test_html_has_steps_of_its_own(run) -> None:
    done = run("bench", "--json", "--backend", "html", "--sizes", "10", "--rounds", "1")
    rows = done.json()
    assert [row["step"] for row in rows] == ["parse", "execute", "show", "compile"]
    assert all(row[key] > 0 for row in rows for key in KEYS - {"step"})
    shown = run("bench", "--backend", "html", "--sizes", "10", "--rounds", "1")
    assert "out ÷ floor" in shown.out.decode()


@pytest.mark.parametrize("size", [10, 100, 1000])
def test_the_floor_of_html_is_the_same_document(size: int) -> None:
    fields = form_fields(size)
    app = UIApp("bench", inline_form_action="submit")
    ours = compile(envelope(fields), app=app, backend="html").html
    assert build_html("Bench", fields) == ours["main"]


def components(messages: list[dict]) -> list[dict]:
    return messages[0]["surfaceUpdate"]["components"]


def shape(messages: list[dict]) -> tuple[list[str], list[int]]:
    """What the two must share: component types, and data entries by message."""
    kinds = sorted(kind for item in components(messages) for kind in item["component"])
    updates = [message["dataModelUpdate"] for message in messages if "dataModelUpdate" in message]
    return kinds, [len(update["contents"]) for update in updates]


@pytest.mark.parametrize("options", [("--sizes", "ten"), ("--sizes", "0"), ("--rounds", "0")])
def test_wrong_numbers_are_status_2(run, options: tuple[str, ...]) -> None:
    assert run("bench", *options).status == 2
