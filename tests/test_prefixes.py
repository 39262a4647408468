"""After any prefix of a turn's batches no surface is half shown, in ClientSim.

`tests/official/test_prefixes.py` asks the same of the official processor.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.examples import LOGS, app_of, name_of
from tests.fixture_cases import Case, cases_in, run
from tests.journeys import Journey, Script, scripts
from tests.prefixes import Screen, SimScreen, Turn, conversation, judge, pieces, split
from tests.stories import budget
from uicompiler import replay

PROFILES = ("web_core", "spec")
each_profile = pytest.mark.parametrize("profile", PROFILES)
SEVERAL = [case for case in cases_in("accepted", "degraded") if not case.options.get("strict")]


def turns_of(case: Case) -> list[Turn]:
    """The turns of a fixture."""
    return [pieces(step) for step in run(case).steps]


def turns_in(log: Path) -> list[Turn]:
    """The turns of an example's conversation."""
    return [pieces(turn.result) for turn in replay.run(log, app_of(log)).turns]


@each_profile
def test_no_prefix_of_a_turn_shows_half_a_surface(profile: str) -> None:
    turns = [pieces(result) for result in conversation()]
    assert judge(SimScreen(profile), turns) > 15


def test_the_conversation_has_every_kind_of_turn() -> None:
    results = conversation()
    sent = [message for result in results for message in result.messages]
    assert {"deleteSurface", "beginRendering", "surfaceUpdate"} <= {k for m in sent for k in m}
    assert [result.ok for result in results].count(False) == 2
    statuses = [{s.status for s in r.state.surfaces.values()} for r in results]
    assert set.union(*statuses) == {"live", "failed", "closed"}
    assert any(batch.epoch > 1 for result in results for batch in result.batches)


@each_profile
@pytest.mark.parametrize("case", SEVERAL, ids=lambda case: case.name)
def test_no_prefix_of_a_fixture_shows_half_a_surface(profile: str, case: Case) -> None:
    judge(SimScreen(profile), turns_of(case))


@each_profile
@pytest.mark.parametrize("log", LOGS, ids=name_of)
def test_no_prefix_of_a_conversation_shows_half_a_surface(profile: str, log: Path) -> None:
    turns = turns_in(log)
    assert any(turns)
    judge(SimScreen(profile), turns)


@pytest.mark.fuzz
@given(scripts(most=8), st.sampled_from(PROFILES), st.sampled_from(["auto", "full", "diff"]))
@budget(60)
def test_no_prefix_of_a_journey_shows_half_a_surface(
    script: Script, profile: str, update: Any
) -> None:
    journey = Journey.of(script, update=update).run(script)
    judge(SimScreen(profile), [pieces(result) for result in journey.results])


# ---------------------------------------------------------------- the property can fail


def first_half(messages: Sequence[Any]) -> int:
    return len(messages) // 2


def before_the_last(messages: Sequence[Any]) -> int:
    return len(messages) - 1


def notices_parts(fresh: Callable[[], Screen], cut: Callable[[Sequence[Any]], int]) -> None:
    """Every batch of a conversation that can be cut in two is noticed when it is."""
    turns = [pieces(result) for result in conversation()]
    cuts = 0
    for index, turn in enumerate(turns):
        screen = fresh()
        judge(screen, turns[:index])
        broken = split(turn, cut)
        if len(broken) > len(turn):
            cuts += 1
            with pytest.raises(AssertionError):
                judge(screen, [broken])
    assert cuts > 0


@each_profile
@pytest.mark.parametrize("cut", [first_half, before_the_last])
def test_a_batch_in_two_parts_is_noticed(profile: str, cut: Any) -> None:
    notices_parts(lambda: SimScreen(profile), cut)


@each_profile
def test_a_batch_that_needs_another_is_noticed(profile: str) -> None:
    """The components of one surface in the batch of another."""
    first = pieces(conversation()[0])
    one, two = first[0], first[1]
    moved = [one._replace(messages=two.messages[:1]), two._replace(messages=two.messages[1:])]
    with pytest.raises(AssertionError):
        judge(SimScreen(profile), [moved])
