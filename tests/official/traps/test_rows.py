"""The page of traps and the tests say the same: a row a test, a test a row."""

from __future__ import annotations

import importlib
import inspect
import re
from collections import Counter
from pathlib import Path
from typing import NamedTuple

from uicompiler import errors

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
PAGE = ROOT / "docs" / "a2ui-v0_8-traps.md"
PACKAGE = ROOT / "src" / "uicompiler"
BACKEND = PACKAGE / "backends" / "a2ui_v0_8"

ROW = re.compile(r"^\| (?P<id>T\S+) \| (?P<trap>.+) \| (?P<shield>.+) \| `(?P<test>\w+)` \|$")


class Row(NamedTuple):
    """One row of the page."""

    id: str
    trap: str
    shield: str
    test: str


def lines() -> list[str]:
    return PAGE.read_text("utf-8").splitlines()


def rows() -> list[Row]:
    """Every row, in order."""
    return [Row(*match.groups()) for match in map(ROW.match, lines()) if match]


def names_of_tests() -> list[str]:
    """Every test beside this file, as pytest collects them: functions by their name."""
    modules = [
        importlib.import_module(f"tests.official.traps.{path.stem}")
        for path in sorted(HERE.glob("test_*.py"))
        if path != Path(__file__)
    ]
    return [
        name
        for module in modules
        for name, member in inspect.getmembers(module, inspect.isfunction)
        if name.startswith("test_") and member.__module__ == module.__name__
    ]


def test_each_row_has_one_test_and_each_test_one_row() -> None:
    named = [row.test for row in rows()]
    assert [name for name, times in Counter(named).items() if times > 1] == []
    assert sorted(named) == sorted(names_of_tests())
    assert len(named) > 100


def test_every_line_of_the_tables_is_a_row() -> None:
    parts = [line for line in lines() if line.startswith("|")]
    heads = [line for line in parts if line.startswith(("| row |", "|---|"))]
    assert [line for line in parts if line not in heads and ROW.match(line) is None] == []
    assert len(parts) - len(heads) == len(rows())


def test_ids_count_up_in_their_section() -> None:
    section, number = "", 0
    expected: list[str] = []
    for line in lines():
        head = re.match(r"## (\d+)\.", line)
        if head is not None:
            section, number = head[1], 0
        elif ROW.match(line):
            number += 1
            expected.append(f"T{section}.{number}")
    assert [row.id for row in rows()] == expected


def test_a_row_names_its_shield_or_says_that_there_is_none() -> None:
    bare = [
        row.id for row in rows() if not re.search(r"`[^`]+`|T\d\.\d|\*\*No shield\*\*", row.shield)
    ]
    assert bare == []


def test_codes_and_places_exist() -> None:
    for row in rows():
        for name in re.findall(r"`([^`]+)`", row.shield):
            if name.startswith("A2UI_"):
                assert name in errors.CODES, row
            elif name.endswith(".py"):
                assert (BACKEND / name).is_file() or (PACKAGE / name).is_file(), row
            elif re.fullmatch(r"[a-z_]+\.\w+", name):
                module, _, member = name.partition(".")
                room = "backends" if module == "ids" else "backends.a2ui_v0_8"
                found = importlib.import_module(f"uicompiler.{room}.{module}")
                assert hasattr(found, member), row
