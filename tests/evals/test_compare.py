"""Two sets of trials side by side."""

from __future__ import annotations

from typing import Any

import pytest

from tests.evals.samples import Record, trial
from uicompiler.evals.compare import compare
from uicompiler.evals.report_markdown import comparison_to_markdown


def _side(usable: int, of: int, **changed: Any) -> list[Record]:
    return [trial(f"app.s{at:02}", usable=at < usable, **changed) for at in range(of)]


def test_a_difference_in_many_scenarios_is_shown() -> None:
    found = compare(_side(10, 20), _side(20, 20))
    assert found.differs and not found.worse
    assert (found.contrast.only_a, found.contrast.only_b, found.contrast.both) == (0, 10, 10)
    assert found.contrast.p_value == pytest.approx(2 / 2**10)
    assert found.contrast.interval.low > 0
    assert "better" in found.verdict


def test_the_other_way_round_it_is_worse() -> None:
    found = compare(_side(20, 20), _side(10, 20), names=("before", "after"))
    assert found.worse and found.verdict == "after is worse than before."
    assert [name for name, _ in found.lost] == [f"app.s{at}" for at in range(10, 20)]
    assert found.won == ()


def test_equal_sides_do_not_differ() -> None:
    found = compare(_side(15, 20), _side(15, 20))
    assert not found.differs and not found.worse
    assert found.contrast.difference == 0 and found.contrast.p_value == 1


def test_many_trials_of_one_scenario_do_not_show_a_difference() -> None:
    rest = _side(20, 20)
    lost = [trial("app.hard", index=at, usable=False) for at in range(20)]
    won = [trial("app.hard", index=at) for at in range(20)]
    found = compare([*rest, *lost], [*rest, *won])
    assert found.contrast.p_mcnemar < 0.001
    assert not found.differs
    assert found.won == (("app.hard", 20),)


def test_two_models_are_paired_by_scenario_and_index() -> None:
    found = compare(_side(5, 9, provider="openai/a"), _side(9, 9, provider="openai/b"))
    assert found.contrast.pairs == 9 and found.unpaired == (0, 0) and found.groups == ()


def test_several_models_are_paired_with_themselves() -> None:
    def side(usable: int) -> list[Record]:
        return [*_side(usable, 9, provider="x"), *_side(9, 9, provider="y")]

    found = compare(side(2), side(9))
    assert [group.name for group in found.groups] == ["x", "y"]
    better, same = found.groups
    assert better.contrast.only_b == 7 and same.contrast.only_b == 0
    assert better.p_holm == pytest.approx(2 * better.contrast.p_value)


def test_what_has_no_counterpart_is_counted_and_left_out() -> None:
    found = compare(_side(3, 3), [*_side(3, 3)[1:], trial("app.new"), trial("app.newer")])
    assert found.contrast.pairs == 2 and found.unpaired == (1, 2)
    assert "3 trials have no counterpart" in comparison_to_markdown(found)


def test_nothing_in_common_is_said() -> None:
    found = compare([trial("a.a")], [trial("b.b")])
    assert not found.differs and "nothing to compare" in found.verdict
    assert found.to_dict()["all"]["rate_a"] is None


def test_a_comparison_reads_the_same_twice() -> None:
    a, b = _side(4, 12), _side(12, 12)
    assert comparison_to_markdown(compare(a, b)) == comparison_to_markdown(compare(a, b))
    assert compare(a, b).to_dict()["verdict"] == "B is better than A."
