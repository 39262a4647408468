from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping

import pytest

from uicompiler.evals.sim.personalities import (
    PERSONALITIES_YAML,
    Cited,
    Personality,
    catalogue,
    personality,
)
from uicompiler.evals.sim.pinned import FILES, digest

FROZEN = "ff9e3558197ff3549f55b11c67e4e3964399ad32d05ea011e952ecbce5414997"
"""Of the file as it was before anything was tuned against it; this line never changes."""

PINNED = "0f88249525c104d4aabd68425e1e7cec16ff1ded88ae50cf40bb40a0cfe72604"
"""Of all that decides what a simulated model says; another one needs new figures in docs/evals.md,
and a line in decision 0021 that says what was changed, and why."""

NAMES = ("frontier", "loose", "json_mode", "plain", "small_local", "flaky")


def test_the_rates_are_those_that_were_frozen() -> None:
    assert hashlib.sha256(PERSONALITIES_YAML.read_bytes()).hexdigest() == FROZEN


def test_what_simulated_models_say_is_pinned_as_well() -> None:
    assert digest() == PINNED


def test_all_modules_that_decide_their_words_are_pinned() -> None:
    """All there are but those that carry an answer, and the clock."""
    here = PERSONALITIES_YAML.parent
    carrying = {"__init__.py", "answer.py", "clock.py", "pinned.py"}
    carrying |= {"server.py", "transport.py", "wire.py"}
    assert {path.name for path in here.glob("*.py")} - carrying == set(FILES) - {
        "personalities.yaml"
    }


def test_there_are_six_personalities() -> None:
    assert tuple(catalogue().personalities) == NAMES


def test_every_figure_has_a_public_source() -> None:
    assert all(figure.source.startswith("https://") for figure in catalogue().figures.values())
    assert all(figure.says for figure in catalogue().figures.values())


@pytest.mark.parametrize("name", NAMES)
def test_every_rate_cites_figures_that_are_there(name: str) -> None:
    cited = list(_cited(personality(name)))

    assert {figure for one in cited for figure in one.figures} <= set(catalogue().figures)
    assert all(one.how for one in cited)


def test_every_figure_is_used() -> None:
    used: set[str] = set()
    for one in catalogue().personalities.values():
        used.update(one.figures, one.refusal.figures)
        used.update(figure for cited in _cited(one) for figure in cited.figures)

    assert used == set(catalogue().figures)


@pytest.mark.parametrize("name", NAMES)
def test_what_is_enforced_has_rates_of_its_own(name: str) -> None:
    found = personality(name)

    enforced = {form for form, taken in found.formats.items() if taken == "enforced"}
    assert set(found.answers) == enforced | {"prompt_only"}


@pytest.mark.parametrize(
    ("name", "asked", "held_to"),
    [
        ("frontier", "json_schema", "json_schema"),
        ("json_mode", "json_schema", None),
        ("json_mode", "json_object", "json_object"),
        ("plain", "json_object", None),
        ("small_local", "json_schema", "prompt_only"),
        ("plain", "prompt_only", "prompt_only"),
    ],
)
def test_a_format_is_enforced_overlooked_or_refused(
    name: str, asked: str, held_to: str | None
) -> None:
    assert personality(name).held_to(asked) == held_to  # type: ignore[arg-type]  # as a parameter


@pytest.mark.parametrize("name", NAMES)
def test_the_faults_of_a_call_are_less_than_certain(name: str) -> None:
    found = personality(name)
    for faults in (found.provider, *found.answers.values()):
        assert 0 < _sum(faults) < 1


def _sum(faults: Mapping[object, Cited]) -> float:
    return sum(cited.rate for cited in faults.values())


def _cited(one: Personality) -> Iterator[Cited]:
    yield one.repaired
    yield from one.provider.values()
    for faults in one.answers.values():
        yield from faults.values()
