"""What a person gets of HTML and A2UI is the same: fixtures, examples, random conversations.

The long run is `python -m tests.backends.html.same_meaning --count 2000`.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest

from tests.backends.html.same_meaning.cases import Double, doubled
from tests.backends.html.same_meaning.compare import ROWS, Terms, is_shortened
from tests.backends.html.same_meaning.dom import parsed_page
from tests.backends.html.same_meaning.html_things import things
from tests.backends.html.same_meaning.pair import Pair
from tests.backends.html.same_meaning.walks import walk
from tests.examples import LOGS, TURNS, app_of, name_of
from tests.fixture_cases import Case, app_named, cases
from uicompiler import CompileResult, StepResult, TurnContext, compile, dispatch, replay
from uicompiler.conversation import dump
from uicompiler.ir.field_kinds import REDACTED

NO_CLIENT = ("refused/capabilities_",)
"""Cases in which nobody gets anything, since the client itself is refused."""

CASES = [case for case in cases() if not case.name.startswith(NO_CLIENT)]
SEEDS = 60
MET_IN = (
    "event_field_errors_of_another_client",
    "html_drafts_that_do_not_fit",
    "html_headings_skipped",
    "html_japanese",
    "kind_empty_values",
    "kind_patched",
    "node_every_new_one_as_plain_text",
    "node_tabs_say_where_an_error_is",
    "text_invisible_characters_are_taken_out",
)
MET_AT = (0, 4, 13, 16, 715)
"""Cases, and seeds of conversations, in which between them every row is met."""


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_case_means_the_same_after_every_step(case: Case) -> None:
    doubled(case)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_a_case_sends_is_a_document_that_no_parser_has_to_mend(case: Case) -> None:
    for result in doubled(case).results:
        if result is not None and result.html:
            parsed_page(*result.html.values())


@pytest.mark.parametrize("path", TURNS, ids=name_of)
def test_a_turn_of_an_example_means_the_same(path: Any) -> None:
    double = Double(app_of(path))
    source = path.read_text("utf-8")
    double.turn(source, compile(source, app=double.app))
    assert double.seen["turns"] == 1


@pytest.mark.parametrize("path", LOGS, ids=name_of)
def test_a_recorded_conversation_means_the_same_event_by_event(path: Any) -> None:
    double = played(path)
    assert double.seen["turns"] >= 3


def played(path: Any) -> Double:
    """The events and answers of a log, had live with both."""
    app = app_of(path)
    double, done = Double(app), list[CompileResult]()
    for record in replay.read_log(path):
        data = json.loads(dump([record]))
        if record.kind == "model":
            source = data.get("text", data.get("envelope"))
            update = data.get("update", "auto")
            done.append(compile(source, app=app, state=double.a2ui, update=update))
            double.turn(source, done[-1], update=update)
        elif record.kind in ("action", "error"):
            # No log holds a secret.
            event = json.loads(json.dumps(data["event"]).replace(REDACTED, "4711"))
            results = data.get("tool_results")
            receipts = [r.receipt for r in done if isinstance(r, StepResult) and r.receipt]
            turn = TurnContext(seen={receipt.key: receipt for receipt in receipts})
            done.append(
                dispatch(event, state=double.a2ui, app=app, turn=turn, tool_results=results)
            )
            double.turn(event, done[-1], tool_results=results)
    return double


@pytest.mark.parametrize("seed", range(SEEDS))
def test_a_random_conversation_means_the_same_at_every_step(seed: int) -> None:
    _, wrong = walk(seed)
    assert wrong == "", f"python -m tests.backends.html.same_meaning --seed {seed} --count 1"


# ---------------------------------------------------------------- the comparison itself


def pictures(count: int) -> list[Any]:
    """A list of so many pictures by their addresses, which no template of A2UI shows."""
    names = "abcdefgh"
    texts = [{"node": "text", "bind": name} for name in names]
    picture = {"node": "image", "bind": "url", "alt": "A picture"}
    item = {"node": "stack", "children": [picture, *texts]}
    shown = {"node": "list", "bind": "/ui_state/l", "item": item}
    root = {"node": "stack", "children": [shown, {"node": "text", "text": "After."}]}
    items = [
        {"url": f"https://example.org/{number}.png", **dict.fromkeys(names, number)}
        for number in range(count)
    ]
    ops = [{"op": "set", "path": "/ui_state/l", "value": items}]
    return [
        {"type": "test.view", "payload": {"root": root}},
        {"type": "ui.patch", "payload": {"ops": ops}},
    ]


def test_a_list_that_a2ui_cuts_short_is_whole_in_html() -> None:
    pair = cut_short()
    # The rest of the list, and the line that counts it.
    assert pair.seen["row html.items"] == pair.seen["row a2ui.list"] == 2
    kinds = [item.kind for item in things(pair.page.frames["main"])]
    assert kinds.count("item") == 150


def cut_short() -> Pair:
    """Both clients with a list of which A2UI shows a part."""
    pair, said = Pair(), pictures(150)
    app = app_named("views")
    a2ui, html = compile(said, app=app), compile(said, app=app, backend="html")
    assert is_shortened(a2ui)
    pair.take(a2ui, html)
    pair.look(a2ui.state, html.state, Terms(shortened=True))
    return pair


def test_every_row_of_the_two_tables_is_met() -> None:
    """A row that nothing needs any more is taken out."""
    seen: Counter[str] = Counter()
    for case in CASES:
        if case.folder.name in MET_IN:
            seen.update(doubled(case).seen)
    for seed in MET_AT:
        seen.update(walk(seed)[0].counts)
    seen.update(cut_short().seen)
    assert sorted(row for row in ROWS if not seen[f"row {row}"]) == []
