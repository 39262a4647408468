"""States of before: what it costs to find them, however often a user goes back and forth."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.host.playing import Site, Visit, counting, form, said
from uicompiler.errors import StoreError
from uicompiler.host.conversations import past
from uicompiler.store.log import EventLog
from uicompiler.store.memory import MemoryLog

WAYS = ["undo"] * 16 + ["redo"] * 16


@pytest.fixture
def replayed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many turns each replay ran."""
    counts: list[int] = []
    run = past.run

    def counted(*args: Any, **named: Any) -> Any:
        result = run(*args, **named)
        counts.append(len(result.turns))
        return result

    monkeypatch.setattr(past, "run", counted)
    return counts


def visited(folder: Path, turns: int = 33) -> Visit:
    visit = Visit(Site(counting(), folder))
    for number in range(turns):
        visit.model(said(form(f"T{number}")))
    return visit


def without_snapshots(log: EventLog) -> None:
    """What a redaction or an import may leave."""
    assert isinstance(log, MemoryLog)
    with log.database.transaction() as run:
        run("DELETE FROM uicompiler_snapshots")


def test_going_back_and_forth_costs_no_more_the_more_often(
    tmp_path: Path, replayed: list[int]
) -> None:
    visit = visited(tmp_path)
    shown = visit.kept.state.surfaces["main"].view
    costs = []
    for _ in range(6):
        replayed.clear()
        for way in WAYS:
            assert visit.back(way).status == 200
        costs.append(sum(replayed))
        assert max(replayed, default=0) <= 32
        assert visit.kept.state.surfaces["main"].view == shown
    assert max(costs) <= len(WAYS) * 32
    assert costs[-1] <= costs[1]


def test_where_snapshots_are_gone_each_state_is_found_once(
    tmp_path: Path, replayed: list[int]
) -> None:
    visit = visited(tmp_path)
    for way in WAYS * 2:
        visit.back(way)
    without_snapshots(visit.site.log)
    replayed.clear()
    turn = visit.kept.turns
    visit.site.turns.state_at(visit.id, turn)
    assert replayed == [turn]


def test_a_state_that_takes_too_much_is_lost_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    visit = visited(tmp_path, 5)
    monkeypatch.setattr(past, "MAX_REPLAYED", 4)
    assert visit.site.turns.state_at(visit.id, 4) is not None
    with pytest.raises(StoreError, match="more than 4 turns") as caught:
        visit.site.turns.state_at(visit.id, 5)
    assert caught.value.code == "STORE_TURN_LOST"
