"""A slice of the soak; `python -m tests.llm.soak` runs all of it."""

from __future__ import annotations

import pytest

from tests.llm.soak import soak
from tests.llm.soaking.conversations import conversation
from tests.llm.soaking.hostile import texts


def test_a_slice_of_the_soak_breaks_no_rule() -> None:
    inside, _ = soak(96, seed=11, http_every=0)

    assert inside.all_turns == 96
    assert inside.sent > 10
    assert inside.faults == []


def test_every_hostile_text_comes_up_as_it_is() -> None:
    asked = {turn.name for number in range(900) for turn in conversation(1, number).turns}

    assert {text.name for text in texts()} <= asked


@pytest.mark.thorough
@pytest.mark.slow
def test_a_larger_slice_breaks_no_rule_over_http_either() -> None:
    inside, outside = soak(1_500, seed=12, http_every=20)

    assert outside.all_turns > 50
    assert inside.faults + outside.faults == []
