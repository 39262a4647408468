from __future__ import annotations

import ast
import json
import random

import pytest

from uicompiler.evals.sim import written

VALUE = {
    "assistant_text": 'It\'s "here"\nand there',
    "directives": [{"type": "x", "payload": {"a": True, "b": None, "c": [1, 2.5], "d": {}}}],
}
TEXT = written.compact(VALUE)


@pytest.fixture(params=range(12))
def rng(request: pytest.FixtureRequest) -> random.Random:
    return random.Random(request.param)


def test_a_fence_is_closed_as_it_was_opened(rng: random.Random) -> None:
    opening, *inside, closing = written.fenced(TEXT, rng).split("\n")

    assert opening.startswith(closing)
    assert "\n".join(inside) == TEXT


def test_prose_leaves_the_object_whole(rng: random.Random) -> None:
    found = written.with_prose(TEXT, rng)

    assert TEXT in found
    assert not found.startswith("{")


def test_thoughts_end_before_the_object(rng: random.Random) -> None:
    assert written.with_thoughts(TEXT, rng).endswith(f"</think>\n\n{TEXT}")


def test_a_trailing_comma_is_all_that_is_wrong(rng: random.Random) -> None:
    found = written.with_trailing_comma(TEXT, rng)

    assert len(found) == len(TEXT) + 1
    with pytest.raises(json.JSONDecodeError):
        json.loads(found)


def test_a_comment_is_no_json(rng: random.Random) -> None:
    found = written.with_comment(written.indented(VALUE), rng)

    with pytest.raises(json.JSONDecodeError):
        json.loads(found)


def test_raw_newlines_are_inside_strings() -> None:
    found = written.with_raw_newline(VALUE, written.compact)

    assert json.loads(found, strict=False) == {
        **VALUE,
        "assistant_text": f"{VALUE['assistant_text']}\n",
    }
    with pytest.raises(json.JSONDecodeError):
        json.loads(found)


def test_a_backslash_before_an_n_is_no_newline() -> None:
    found = written.with_raw_newline({"path": "C:\\new"}, written.compact)

    assert json.loads(found) == {"path": "C:\\new"}


def test_single_quotes_say_the_same() -> None:
    found = written.single_quoted(VALUE)

    as_python = found.replace("true", "True").replace("null", "None")
    assert ast.literal_eval(as_python) == VALUE


def test_python_says_the_same() -> None:
    assert ast.literal_eval(written.as_python(VALUE)) == VALUE


def test_what_is_cut_off_is_a_beginning(rng: random.Random) -> None:
    found = written.cut_off(TEXT, rng)

    assert TEXT.startswith(found)
    assert 0 < len(found) < len(TEXT)
