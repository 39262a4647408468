"""Markup in the texts of foreign streams."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.backends.a2ui_v0_8.check.streams import (
    FIRST,
    FOREIGN,
    codes,
    run,
    shown,
    text,
)

MARKUP = (
    "![x](https://a.example/i.png)",
    "see [here](https://a.example)",
    "[here][1]",
    "[1]: https://a.example",
    "<https://a.example>",
    "<me@a.example>",
    r"\\![x]",
)


@pytest.mark.parametrize("said", MARKUP)
def test_markup_that_fetches_or_links_is_an_error_in_foreign_streams(said: str) -> None:
    messages = shown(text("a", said))
    [found] = run(messages, FOREIGN)
    assert (found.code, found.severity) == ("A2UI_S2C_COMPONENT_TEXT_MARKUP", "error")
    assert found.pointer == f"{FIRST}/component/Text/text/literalString"
    assert codes(run(messages, replace(FOREIGN, level="interop"))) == []
    assert run(messages) == []


@pytest.mark.parametrize("said", [r"\!\[x\]\(y\)", "a < b > c", "[1] and (2)", "*b*", "x[0] (y)"])
def test_text_without_links_is_no_markup(said: str) -> None:
    assert run(shown(text("a", said)), FOREIGN) == []
