"""docs/providers.md says what the table of models says, row for row."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from uicompiler.llm.asking.capabilities import Capabilities, Row

PAGE = Path(__file__).resolve().parent.parent.parent / "docs" / "providers.md"


def line(row: Row) -> str:
    """A row of the table as the page shows it."""
    cells = (_code(row.match), _rungs(row), "; ".join(_besides(row)), _key(row), _source(row))
    return f"| {' | '.join(cells)} |"


def _code(words: tuple[str, ...]) -> str:
    return ", ".join(f"`{word}`" for word in words)


def _rungs(row: Row) -> str:
    if row.response_formats is None:
        return ""
    return _code((*row.response_formats, "prompt_only"))


def _besides(row: Row) -> list[str]:
    said = []
    if row.server == "own":
        said.append("at a server of one's own")
    said += [f"no {name}" for name in ("tools", "stream", "system") if getattr(row, name) is False]
    if row.refuses:
        said.append(f"not {_code(row.refuses)}")
    if row.takes:
        said.append(f"again {_code(row.takes)}")
    said += [f"`{old}` is `{new}`" for old, new in row.renames.items()]
    said += [f"one of {_code(group)}" for group in row.one_of]
    if row.only_with_tools:
        said.append(f"{_code(row.only_with_tools)} only with tools")
    return said


def _key(row: Row) -> str:
    return "" if row.key is None else _code(row.key) or "none needed"


def _source(row: Row) -> str:
    return f"[source]({row.source})" if row.source else ""


def test_the_page_shows_the_table() -> None:
    shown = re.findall(
        r"^\| `.*\|$", PAGE.read_text("utf-8").partition("## What models take")[2], re.M
    )
    assert shown == [line(row) for row in Capabilities.default().rows]


@pytest.mark.parametrize("name", ["`api_key`", "`api_base`", "LLM_KEY_MISSING", "HTTPS_PROXY"])
def test_the_page_tells_what_users_ask_for(name: str) -> None:
    assert name in PAGE.read_text("utf-8")
