"""Whichever way surfaces are brought up to date, the client is the same; and faults are found.

A slice of what `python -m tests.metamorphic` runs.
"""

from __future__ import annotations

from collections import Counter

import pytest

from tests.metamorphic import faults
from tests.metamorphic.moves import moves
from tests.metamorphic.play import TURNS, Played, in_threads, play, report
from tests.metamorphic.worlds import world_of
from tests.official.bridge import OfficialClient, ensure_node_modules
from tests.official.conftest import require

SEEDS = range(6)
THREADED = SEEDS[:2]
SOUGHT = 40
"""Conversations in which a fault has to be found."""


@pytest.fixture(scope="module")
def played() -> list[Played]:
    """What the slice saw."""
    return [play(seed) for seed in SEEDS]


def test_every_way_of_updating_ends_in_the_same_client(played: list[Played]) -> None:
    wrong = [report(one.wrong) for one in played if one.wrong is not None]
    assert wrong == [], "\n\n".join(wrong)
    counts: Counter[str] = sum((one.counts for one in played), Counter())
    assert counts["turns"] == len(SEEDS) * TURNS
    for what in ("turns from JSON", "turns from older states", "surfaces built anew"):
        assert counts[what] > 20, what
    assert counts["surfaces compared"] > 3 * counts["turns"]
    assert counts["bytes diff"] < counts["bytes full"]


def test_conversations_at_the_same_time_are_as_one_after_the_other(played: list[Played]) -> None:
    in_threads(THREADED, [played[seed].digests for seed in THREADED])


def test_a_seed_is_a_conversation(played: list[Played]) -> None:
    assert play(2, turns=20).digests == play(2, turns=20).digests
    assert len({digest for one in played for digest in one.digests}) >= len(SEEDS)


@pytest.mark.official
def test_the_official_client_is_the_same_too() -> None:
    require(ensure_node_modules)
    with OfficialClient() as official:
        for seed in SEEDS[:2]:
            one = play(seed, official)
            assert one.wrong is None, report(one.wrong, official)
            assert one.counts["official turns"] >= TURNS


# ---------------------------------------------------------------- faults are found


@pytest.mark.parametrize("fault", faults.FAULTS, ids=lambda fault: fault.__name__)
def test_a_fault_in_updates_is_found(monkeypatch: pytest.MonkeyPatch, fault: faults.Fault) -> None:
    fault(monkeypatch)
    wrong = next((one.wrong for one in map(play, range(SOUGHT)) if one.wrong is not None), None)
    assert wrong is not None, f"{SOUGHT} seeds do not find it"


def test_what_is_found_is_cut_down(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is left is what it takes: something shown, and a change of it."""
    faults.sending(faults.skipped_leaf)(monkeypatch)
    short = (play(seed, turns=6) for seed in range(SOUGHT))
    found = next(one.wrong for one in short if one.wrong is not None)
    told = report(found, tries=0)
    steps = told.partition("steps:\n")[2].partition("\ntemplates:")[0].splitlines()
    assert 2 <= len(steps) <= 4 <= len(found.steps), told
    assert f"--seed {found.seed.partition('+')[0]}" in told


def test_every_kind_of_step_occurs() -> None:
    kinds: Counter[str] = Counter()
    for seed in SEEDS:
        steps = moves(seed, world_of(seed))
        kinds.update(next(steps)[0] for _ in range(100))
    assert min(kinds.values()) > 2, kinds
    assert len(kinds) == 15
