"""Limits: the last that passes, the first that does not, and what counts."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.backends.a2ui_v0_8.check.streams import (
    RULES,
    Level,
    Message,
    begin,
    card,
    codes,
    column,
    data,
    deep,
    delete,
    doubled,
    run,
    shown,
    text,
    update,
)
from uicompiler.backends.a2ui_v0_8.check import check_batch
from uicompiler.limits import Limits

LIMITS: dict[str, Callable[[int], list[Message]]] = {
    "max_messages_per_surface": lambda n: [*shown(text("a")), *[update(text("a"))] * (n - 2)],
    "max_messages_per_response": lambda n: [delete(str(index)) for index in range(n)],
    "max_components_per_surface": lambda n: shown(*[text(f"a{index}") for index in range(n - 1)]),
    "max_component_depth": deep,
    "max_data_entries_per_surface": lambda n: [
        *shown(text("a")),
        data({"key": "k", "valueMap": [{"key": str(i), "valueNumber": i} for i in range(n - 1)]}),
    ],
    "max_data_depth": lambda n: [
        *shown(text("a")),
        data({"key": "m", "valueMap": [{"key": "k", "valueNumber": 1}]}, path="/a" * (n - 2)),
    ],
    "max_string_bytes": lambda n: shown(text("a", "é" * (n // 2) + "e" * (n % 2))),
    "max_surfaces_per_response": lambda n: [
        message
        for index in range(n)
        for message in (update(text("r"), surface=f"s{index}"), begin(surface=f"s{index}"))
    ],
    "max_id_length": lambda n: [update(text("r"), surface="s" * n), begin(surface="s" * n)],
}
ALLOWED = 20


@pytest.mark.parametrize("level", ["strict", "interop"])
@pytest.mark.parametrize("name", LIMITS)
def test_a_limit_is_the_last_that_passes(name: str, level: Level) -> None:
    limits = Limits(**{name: ALLOWED})
    rules = replace(RULES, limits=limits, level=level)
    assert run(LIMITS[name](ALLOWED), rules) == []
    found = run(LIMITS[name](ALLOWED + 1), rules)
    severity = "error" if level == "strict" else "warning"
    assert {(item.code, item.severity) for item in found} == {("A2UI_S2C_LIMIT_EXCEEDED", severity)}
    for part in (name, str(ALLOWED), str(ALLOWED + 1)):
        assert part in found[0].message


@pytest.mark.parametrize(
    ("name", "sizes", "line"),
    [
        ("max_bytes_per_message", (21, 1), 1),
        ("max_bytes_per_surface", (20, 1), 2),
        ("max_bytes_per_response", (20, 1), 2),
    ],
)
def test_bytes_are_limited(name: str, sizes: tuple[int, ...], line: int) -> None:
    rules = replace(RULES, limits=Limits(**{name: ALLOWED}))
    messages = shown(text("a"))
    assert check_batch(messages, rules, live=(), sizes=(10, 10)) == []
    [found] = check_batch(messages, rules, live=(), sizes=sizes)
    assert (found.code, found.line) == ("A2UI_S2C_LIMIT_EXCEEDED", line)
    assert name in found.message
    assert "21" in found.message


def test_sizes_are_measured_when_not_given() -> None:
    messages = shown(text("a"))
    longest = max(len(json.dumps(item, separators=(",", ":"))) for item in messages)
    assert run(messages, replace(RULES, limits=Limits(max_bytes_per_message=longest))) == []
    [found] = run(messages, replace(RULES, limits=Limits(max_bytes_per_message=longest - 1)))
    assert str(longest) in found.message


def test_updates_that_nest_deeper_together_are_seen_at_the_end() -> None:
    rules = replace(RULES, limits=Limits(max_component_depth=4))
    messages = [
        *shown(column("a", "b"), column("b")),
        update(column("b", "c"), card("c", "d"), text("d")),
    ]
    assert codes(run(messages, rules)) == ["LIMIT_EXCEEDED"]


def test_components_count_as_often_as_they_are_shown() -> None:
    found = run(doubled(40))
    assert codes(found) == ["LIMIT_EXCEEDED"]
    assert "max_components_per_surface" in found[0].message


def test_writing_one_path_again_adds_no_entries() -> None:
    rules = replace(RULES, limits=Limits(max_data_entries_per_surface=2))
    write = data({"key": "v", "valueNumber": 1}, path="/a")
    assert run([*shown(text("a")), *[write] * 10], rules) == []
