from __future__ import annotations

import random
from typing import Any

import pytest

from tests.evals.sim.scripts import ENVELOPE, script
from uicompiler import UIApp, compile
from uicompiler.evals.sim import mistakes


@pytest.fixture(params=range(40))
def rng(request: pytest.FixtureRequest) -> random.Random:
    return random.Random(request.param)


def test_a_violation_is_refused_or_repaired_never_overlooked(rng: random.Random) -> None:
    found, slips = mistakes.violation(ENVELOPE, script(), rng)

    result = compile(found, app=UIApp.standard())

    assert found != ENVELOPE and len(slips) == 1
    assert {item.code for item in result.diagnostics} & {
        "DIRECTIVE_PAYLOAD_INVALID",
        "DIRECTIVE_UNKNOWN_TYPE",
        "DIRECTIVE_ACTION_UNKNOWN",
        "DIRECTIVE_REPAIRED",
    }


def test_other_shapes_hold_the_same_texts(rng: random.Random) -> None:
    found = repr(mistakes.other_envelope(ENVELOPE, rng)[0])

    assert "Tuesday" in found
    assert "Two days are left" in found


def test_nested_strings_hold_the_same_texts(rng: random.Random) -> None:
    found, _ = mistakes.nested_string(ENVELOPE, rng)

    assert "Tuesday" in repr(found)
    assert found != ENVELOPE


def test_an_envelope_without_directives_cannot_be_violated() -> None:
    words = {"assistant_text": "No", "directives": []}

    assert mistakes.violation(words, script(), random.Random(1)) == (words, ())


def test_the_envelope_that_is_meant_stays_as_it_was(rng: random.Random) -> None:
    before = repr(ENVELOPE)
    mistakes.violation(ENVELOPE, script(), rng)
    mistakes.nested_string(ENVELOPE, rng)
    mistakes.other_envelope(ENVELOPE, rng)

    assert repr(ENVELOPE) == before


def _lossless(name: str, made: Any) -> set[bool]:
    return {
        slip.lossless
        for seed in range(400)
        for slip in made(random.Random(seed))[1]
        if slip.name == name
    }


@pytest.mark.parametrize(
    ("name", "lossless"),
    [
        ("missing_key", {False}),
        ("wrong_value", {False}),
        ("invented_type", {False}),
        ("wrong_type", {True}),
        ("malformed.listed", {True}),
        ("malformed.wrapped", {True}),
        ("malformed.extra_key", {True, False}),
    ],
)
def test_a_violation_says_whether_it_took_something_away(name: str, lossless: set[bool]) -> None:
    assert _lossless(name, lambda rng: mistakes.violation(ENVELOPE, script(), rng)) == lossless


@pytest.mark.parametrize("words", ["Which day suits you?", ""])
def test_words_that_are_left_out_are_lost(words: str) -> None:
    envelope = {**ENVELOPE, "assistant_text": words}
    for name in ("bare_list", "without_words"):
        found = _lossless(
            f"other_envelope.{name}", lambda rng: mistakes.other_envelope(envelope, rng)
        )
        assert found == {not words}
    for name in ("in_another", "payload_renamed", "payload_flat", "as_string"):
        found = _lossless(
            f"other_envelope.{name}", lambda rng: mistakes.other_envelope(envelope, rng)
        )
        assert found == {True}


def test_json_where_a_text_would_do_is_that_text() -> None:
    view = {"type": "ui.show_view", "payload": {"root": {"node": "text", "text": "Hi"}}}
    envelope = {"assistant_text": "", "directives": [view]}
    assert _lossless("nested_string", lambda rng: mistakes.nested_string(envelope, rng)) == {
        True,
        False,
    }
    assert _lossless("nested_string", lambda rng: mistakes.nested_string(ENVELOPE, rng)) == {True}
