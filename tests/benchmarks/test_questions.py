"""Each benchmark, on a few components: it measures what it says, and times are not looked at."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest

from benchmarks import conversations, imports, memory, steps, turns, validating
from benchmarks.figures import Section
from uicompiler import a2ui
from uicompiler.cli import bench_peers
from uicompiler.compiler import compile as compile_turn

SMALL = 40


def named(section: Section) -> list[str]:
    return [figure.name for figure in section.figures]


def test_steps_have_a_section_a_shape_with_ratios_and_growth() -> None:
    wide, deep = steps.measure(("wide", "deep"), (100, 1_000), rounds=1, peers_up_to=100)
    assert [wide.title, deep.title] == ["Steps: wide", "Steps: deep"]
    assert "wide, 1000: compile ÷ stdlib encoder" in named(wide)
    assert "wide, 100: official checker ÷ compile" in named(wide)
    assert "wide, 1000: official checker ÷ compile" not in named(wide)
    (grown,) = [item for item in deep.figures if "growth" in item.name]
    assert (grown.name, grown.bound) == ("deep: growth of compile, 100 → 1000", 1.1)


def test_targets_are_about_the_reference_at_a_thousand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "NEAR", 10)
    (composed,) = steps.measure(("composed",), (10,), rounds=1)
    bounds = {item.name: (item.bound, item.more_is_better) for item in composed.figures}
    assert bounds["composed, 10: out ÷ stdlib encoder"] == (3.5, False)
    assert bounds["composed, 10: compile ÷ stdlib encoder"] == (5.5, False)
    assert bounds["composed, 10: official checker ÷ compile"] == (7.0, True)
    assert bounds["composed, 10: official compiler ÷ compile"] == (30.0, True)
    assert bounds["composed, 10: out ÷ floor checked"] == (None, False)


# --- validating -----------------------------------------------------------------------------------


def test_one_stream_says_the_same_a_component_at_a_time() -> None:
    batch, each = (validating.stream(SMALL, way) for way in ("batch", "one by one"))
    parts = [item["surfaceUpdate"]["components"] for item in each if "surfaceUpdate" in item]
    assert all(len(part) == 1 for part in parts)
    assert [item for (item,) in parts] == batch[0]["surfaceUpdate"]["components"]
    assert each[len(parts) :] == batch[1:]
    assert a2ui.validate(batch) == []


@pytest.mark.parametrize("way", ["templates", "data"])
def test_streams_of_somebody_else_are_good(way: str) -> None:
    messages = validating.stream(SMALL, way)
    assert a2ui.validate(messages) == []
    assert sum(_size(message) for message in messages) >= SMALL


def _size(message: dict[str, Any]) -> int:
    """Components and entries of a message."""
    entries = message.get("dataModelUpdate", {}).get("contents", [])
    components = message.get("surfaceUpdate", {}).get("components", [])
    return len(components) + sum(1 + len(entry.get("valueMap", [])) for entry in entries)


def test_validating_is_measured_each_way_beside_the_official_checker() -> None:
    (section,) = validating.measure((10, SMALL), rounds=1)
    assert [row[:2] for row in section.rows] == [
        [way, size] for way in validating.WAYS for size in ("10", str(SMALL))
    ]
    assert all(cell for row in section.rows for cell in row)
    assert f"validate one by one: growth, 10 → {SMALL}" in named(section)


def test_an_absent_official_checker_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench_peers, "load", lambda: None)
    (section,) = validating.measure((10,), rounds=1)
    assert section.notes == [bench_peers.MISSING]
    assert section.rows[0][-1] == ""


# --- turns ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("update", ["auto", "diff", "full"])
def test_turns_of_every_kind_reach_the_client(update) -> None:
    (section,) = turns.measure(SMALL * 3, rounds=1, update=update)
    assert [row[0] for row in section.rows] == [
        "1 leaf",
        "10 leaves",
        "1 field",
        "10 fields",
        "an action that commits one leaf",
        "append a row",
        "show the view with another card",
        "1 leaf, on a state read from JSON",
        "the full compile",
    ]
    *turns_told, whole = section.rows
    assert all(int(row[at]) > 0 for row in turns_told for at in (3, 4, 6, 7))
    assert all(int(whole[at]) > 0 for at in (3, 4))


def test_a_turn_changes_as_many_places_as_it_says() -> None:
    app = turns.counting()
    state = compile_turn(turns.screen(SMALL * 3), app=app).state
    for item in turns.changes(app, SMALL * 3, "auto"):
        before, after = (one.surfaces["main"].data for one in (state, item.turn(state, 1).state))
        counts = {
            part: sum(before[part].get(key) != value for key, value in after[part].items())
            for part in ("draft", "ui_state")
        }
        if item.name.endswith(("leaf", "leaves", "field", "fields")) and item.name[0] == "1":
            told = int(item.name.split()[0])
            assert sum(counts.values()) == told, item.name


def test_only_what_is_asked_for_is_measured() -> None:
    (section,) = turns.measure(SMALL, rounds=1, only=("1 field",))
    assert [row[0] for row in section.rows] == ["1 field", "the full compile"]
    assert named(section) == ["turn, 1 field ÷ full compile", "turn, 1 field: kB"]


# --- memory ---------------------------------------------------------------------------------------


def test_what_is_shared_counts_once() -> None:
    part = {"key": "value", "list": [1, 2, 3]}
    once, twice = (memory.deep_size([part] * times, set()) for times in (1, 2))
    assert twice - once == 8  # a reference
    assert memory.deep_size([dict(part), dict(part)], set()) > twice


def test_the_peak_holds_the_messages() -> None:
    found = memory.peak("composed", SMALL)
    assert found["peak"] > found["messages"] > found["stored"] > 0


def test_the_long_conversation_goes_on_and_comes_back_to_the_same_size() -> None:
    states = list(itertools.islice(memory.conversation(memory.talking()), 60))
    revs = [state.surfaces["main"].rev for state in states]
    assert revs == sorted(revs)
    assert revs[-1] > 30
    assert set(states[-1].surfaces) == {"main", "done"}
    sizes = [len(state.to_json()) for state in (states[23], states[59])]
    assert abs(sizes[1] - sizes[0]) < 100


def test_resident_memory_is_measured_in_a_process_of_its_own() -> None:
    (section,) = memory.measure(SMALL, turns=20)[-1:]
    assert section.rows[0][0] == "20"
    assert named(section) == ["memory: RSS after 20 turns ÷ after a tenth"]


# --- conversations --------------------------------------------------------------------------------


def test_many_conversations_have_a_turn_each(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conversations, "IDLE", 3)
    found = conversations.alive(5)
    assert found["alone_us"] > 0
    assert found["among_us"] > 0
    waiting = conversations.idle(conversations.bench_app())
    assert list(waiting) == ["first render", "an update", "read from JSON", "as JSON"]
    assert all(value > 0 for value in waiting.values())


def test_threads_come_to_the_same_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conversations, "THREAD_TURNS", 8)
    monkeypatch.setattr(conversations, "ROUNDS", 1)
    found = conversations.threaded(conversations.bench_app())
    assert [threads for threads, _, _ in found] == [1, 2, 4]


def test_threads_that_come_to_other_bytes_are_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conversations, "THREAD_TURNS", 4)
    answers = map(str, itertools.count())
    monkeypatch.setattr(conversations, "worked", lambda _app, _count: next(answers))
    with pytest.raises(AssertionError, match="other bytes"):
        conversations.threaded(conversations.bench_app())


# --- imports --------------------------------------------------------------------------------------


def test_imports_are_told_beside_pydantic() -> None:
    (section,) = imports.measure(rounds=1)
    assert [row[0] for row in section.rows] == [
        "`import pydantic`",
        "`import uicompiler`",
        "`from uicompiler import compile`",
    ]
    assert section.figures[0].bound == 100
    assert not section.figures[0].portable
    json.dumps([figure.value for figure in section.figures])
