from __future__ import annotations

import random

import pytest

from tests.evals.sim.scripts import ENVELOPE, script
from uicompiler import UIApp, compile
from uicompiler.evals.sim import mistakes


@pytest.fixture(params=range(40))
def rng(request: pytest.FixtureRequest) -> random.Random:
    return random.Random(request.param)


def test_a_violation_is_refused_or_repaired_never_overlooked(rng: random.Random) -> None:
    found = mistakes.violation(ENVELOPE, script(), rng)

    result = compile(found, app=UIApp.standard())

    assert found != ENVELOPE
    assert {item.code for item in result.diagnostics} & {
        "DIRECTIVE_PAYLOAD_INVALID",
        "DIRECTIVE_UNKNOWN_TYPE",
        "DIRECTIVE_ACTION_UNKNOWN",
        "DIRECTIVE_REPAIRED",
    }


def test_other_shapes_hold_the_same_texts(rng: random.Random) -> None:
    found = repr(mistakes.other_envelope(ENVELOPE, rng))

    assert "Tuesday" in found
    assert "Two days are left" in found


def test_nested_strings_hold_the_same_texts(rng: random.Random) -> None:
    found = mistakes.nested_string(ENVELOPE, rng)

    assert "Tuesday" in repr(found)
    assert found != ENVELOPE


def test_an_envelope_without_directives_cannot_be_violated() -> None:
    words = {"assistant_text": "No", "directives": []}

    assert mistakes.violation(words, script(), random.Random(1)) == words


def test_the_envelope_that_is_meant_stays_as_it_was(rng: random.Random) -> None:
    before = repr(ENVELOPE)
    mistakes.violation(ENVELOPE, script(), rng)
    mistakes.nested_string(ENVELOPE, rng)
    mistakes.other_envelope(ENVELOPE, rng)

    assert repr(ENVELOPE) == before
