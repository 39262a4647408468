"""docs/trace.md tells of every key of a trace and of every change of mending."""

from __future__ import annotations

import re
from pathlib import Path

from tests.traces import schema
from uicompiler.llm.mending.mend import CHANGES

PAGE = (Path(__file__).resolve().parent.parent / "docs" / "trace.md").read_text("utf-8")


def rows(heading: str) -> dict[str, str]:
    """The rows of the first table after a heading or a line, by first cell."""
    table = PAGE.partition(heading)[2].partition("|---|---|\n")[2].partition("\n\n")[0]
    return dict(re.findall(r"^\| (.+?) \| (.+) \|$", table, re.MULTILINE))


def names(heading: str) -> set[str]:
    return {name for first in rows(heading) for name in re.findall(r"`(\w+)`", first)}


def test_every_change_of_mending_is_told_as_the_code_tells_it() -> None:
    told = {first.strip("`"): rest for first, rest in rows("## What is mended").items()}
    assert told == dict(CHANGES)


def test_every_key_of_a_trace_is_told() -> None:
    parts = schema()["$defs"]
    assert names("## What a trace holds") == set(schema()["properties"])
    assert names("Under `llm`:") == set(parts["llm"]["properties"])
    assert names("Each of the `attempts`:") == set(parts["attempt"]["properties"]) - {"index"}
