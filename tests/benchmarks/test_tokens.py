"""The race of tokens: its formats say the same, and what is written about it is what it gives."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.tokens import measure, report, sdk
from benchmarks.tokens.app import build
from benchmarks.tokens.formats import a2ui_v0_8, express
from benchmarks.tokens.measure import Row
from benchmarks.tokens.screens import SCREENS
from uicompiler import UIApp
from uicompiler.ir.tree import parse_node, walk
from uicompiler.llm.prompt import instructions
from uicompiler.llm.transport import count_tokens

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def found() -> list[Row]:
    return measure.rows()


@pytest.fixture(scope="module")
def by_id(found: Sequence[Row]) -> Mapping[str, Row]:
    return {row.screen.id: row for row in found}


# What is written about it.


def block(page: Path, what: str) -> str:
    """What stands in a page between the two comments around a generated table."""
    pattern = rf"<!-- python -m benchmarks.tokens{re.escape(what)} -->\n(.*?)<!-- end -->"
    match = re.search(pattern, page.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert match is not None, f"{page} has no table of {what or 'the command'}"
    return match[1]


def test_the_table_in_the_readme_is_what_the_command_prints(found: list[Row]) -> None:
    assert block(ROOT / "README.md", " --markdown") == report.summary(found)


def test_every_screen_stands_on_the_page_of_the_race(found: list[Row]) -> None:
    page = ROOT / "benchmarks" / "tokens" / "README.md"
    assert block(page, ": screens") == report.screens(found)
    schema = f"{measure.schema_tokens():,}".replace(",", " ")
    assert f"a further {schema} tokens" in " ".join(page.read_text(encoding="utf-8").split())


# Budgets.


def test_instructions_with_examples_take_at_most_1_950_tokens() -> None:
    text = instructions(UIApp.standard())
    assert text.count("\n  e.g. ") >= 9
    assert count_tokens(text) <= 1_950
    assert count_tokens(instructions(build())) <= 2_500  # with forms, a view and composed forms


def test_the_schema_takes_at_most_5_400_tokens() -> None:
    assert measure.schema_tokens() <= 5_400


def test_a_registered_form_takes_at_most_60_tokens(by_id: Mapping[str, Row]) -> None:
    for name in ("registered form", "registered form, filled in", "registered view"):
        assert (by_id[name].tokens[measure.OURS] or 0) <= 60


@pytest.mark.parametrize("name", ["order, 20 nodes", "dashboard, 20 nodes"])
def test_a_composed_screen_of_twenty_nodes_takes_at_most_265_tokens(
    by_id: Mapping[str, Row], name: str
) -> None:
    row = by_id[name]
    assert len(list(walk(parse_node(row.screen.ours[0][1]["root"])))) == 20
    assert (row.tokens[measure.OURS] or 0) <= 265


# That it is fair.


def test_there_are_twenty_screens_each_once(found: list[Row]) -> None:
    assert len({row.screen.id for row in found}) == len(found) == 20


def test_only_the_toast_and_a_patch_in_express_cannot_be_said(found: list[Row]) -> None:
    missing = [
        (row.screen.id, name) for row in found for name, text in row.answers.items() if text is None
    ]
    assert missing == [
        ("patch of two fields", "express"),
        *(("toast", name) for name in sdk.FORMATS),
    ]


def test_a_patch_in_express_puts_all_data_anew() -> None:
    patch = next(item for item in SCREENS if item.id == "patch of two fields")
    answer = f"Done.\n<a2ui>\n{express.write(patch.theirs[0])}\n</a2ui>"
    (message,) = sdk.parse("express", answer)
    assert message["updateDataModel"]["path"] == "/"


@pytest.mark.parametrize(
    "changed", [{"title": "Delete all?"}, {"args": [{"key": "contact", "value": 18}]}]
)
def test_a_screen_that_shows_or_sends_something_else_is_refused(
    changed: Mapping[str, object],
) -> None:
    screen = next(item for item in SCREENS if item.id == "confirmation")
    other = [(kind, {**payload, **changed}) for kind, payload in screen.ours]
    with pytest.raises(ValueError, match="confirmation: ours shows"):
        measure.row(replace(screen, ours=other))


def test_what_the_official_sdk_refuses_is_no_answer() -> None:
    table = next(item for item in SCREENS if item.id == "table of 3 rows")
    cells, repeated = table.theirs
    only_repeated = replace(table, theirs=[repeated])
    assert measure.shortest("a2ui_v0_8", only_repeated) is None
    told = measure.shortest("a2ui_v0_8", table)
    assert told is not None
    assert a2ui_v0_8.write(cells) in told


def test_their_catalogs_have_no_component_for_what_the_page_says_they_lack() -> None:
    for version in ("v0.8", "v0.9"):
        names = " ".join(sdk.catalog(version).to_json()["components"]).lower()
        assert not re.search("table|file|upload|progress|toast|snack", names)


def test_ids_are_as_short_as_letters_can_make_them() -> None:
    wide = next(item for item in SCREENS if item.id == "table of 7 rows, in Hebrew")
    (shown,) = a2ui_v0_8.messages(wide.theirs[0])[:1]
    ids = [item["id"] for item in shown["surfaceUpdate"]["components"]]
    assert ids[:3] == ["root", "a", "b"]
    assert (len(ids), len(set(ids)), max(map(len, ids[1:]))) == (43, 43, 2)
