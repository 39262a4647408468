"""Where official clients disagree, the table says why; nothing is left that no row explains.

A row is held to three things: its minimal stream does what it says and no shorter one shows it;
on that stream it explains alone; and some stream of `streams.py` still differs when all rows but
this one have rewritten it, or the row says why there is none. Long runs are
`tests/official/fuzz/official_clients.py`.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.examples import LOGS, app_of, name_of
from tests.fixture_cases import Case, cases_in, run
from uicompiler import replay

from .bridge import OfficialClient
from .common_form import explained, in_common_form, is_needed, rows_used
from .conftest import require
from .disagreements import ROWS, markdown, named, sketch
from .fuzz.official_clients import report
from .messages import begin, column, data, screen, text, update
from .rows.row import Did, Row, checked
from .sdk import require_sdk
from .streams import stream
from .three_clients import Seen, first_difference, parted, watch

pytestmark = pytest.mark.official

STREAMS = 200
SHARDS = 10
SEARCHED = 1300
"""Seeds among which a stream is looked for that needs a row."""

OURS = tuple(row for row in ROWS if row.ours)


@pytest.fixture(autouse=True)
def _installed() -> None:
    require(require_sdk)


def by_name(row: Row) -> str:
    return row.name


# ---------------------------------------------------------------- streams


@pytest.mark.parametrize("shard", range(SHARDS))
def test_rows_explain_every_difference(official: OfficialClient, shard: int) -> None:
    failures = [
        report(official, seed, stream(seed))
        for seed in range(shard, STREAMS, SHARDS)
        if in_common_form(official, stream(seed), ROWS).difference is not None
    ]
    assert failures == [], "\n\n".join(failures[:3])


@pytest.mark.parametrize("row", [row for row in ROWS if not row.own_stream_only], ids=by_name)
def test_without_a_row_some_stream_is_unexplained(official: OfficialClient, row: Row) -> None:
    assert any(is_needed(official, stream(seed), ROWS, row.name) for seed in seeds_for(row))


KNOWN = {
    "a CheckBox that is none": 560,
    "properties that are no object": 70,
    "a value in the way": 4,
    "null for no property": 737,
    "a property called `id` or `component`": 467,
    "a lone value for the whole model": 615,
    "null for no value": 523,
}
"""Seeds that needed a row when last looked for, tried first as others take long to find."""


def seeds_for(row: Row) -> Iterator[int]:
    """Streams that a row changes; the first ones where that depends on what clients hold."""
    if row.name in KNOWN:
        yield KNOWN[row.name]
    found = 0
    for seed in range(SEARCHED):
        messages = stream(seed)
        if rows_used(messages, [row]) and row.name in rows_used(messages, ROWS):
            found += 1
            yield seed
    if not found:
        yield from range(20)


# ---------------------------------------------------------------- rows


@pytest.mark.parametrize("row", ROWS, ids=by_name)
def test_a_minimal_stream_does_what_its_row_says(official: OfficialClient, row: Row) -> None:
    seen = watch(official, row.stream)
    assert did(seen, "web_core") == row.web_core
    assert did(seen, "a2ui_core") == row.a2ui_core
    assert verdicts(seen, "validate_payload") == row.checker
    if row.payload:
        assert ("n" if checked(*row.stream) else "y") == row.payload


def did(seen: Sequence[Seen], client: str) -> Did:
    """What a client did, in a row's form."""
    surface = seen[-1].surfaces[client].get("main")
    if surface is None:
        return Did(verdicts(seen, client))
    tree = None if surface.tree is None else sketch(surface.tree)
    return Did(verdicts(seen, client), surface.data, tree)


def verdicts(seen: Sequence[Seen], client: str) -> str:
    return "".join("y" if one.refusals[client] is None else "n" for one in seen)


@pytest.mark.parametrize("row", ROWS, ids=by_name)
def test_a_minimal_stream_shows_its_row_and_no_shorter_one_does(
    official: OfficialClient, row: Row
) -> None:
    assert differs(official, row, row.stream)
    shorter = [row.stream[:at] + row.stream[at + 1 :] for at in range(len(row.stream))]
    assert [messages for messages in shorter if differs(official, row, messages)] == []


def differs(official: OfficialClient, row: Row, messages: Sequence[Any]) -> bool:
    """Whether the clients differ; for a row about a payload, whether the whole is refused."""
    if first_difference(official, messages) is not None:
        return True
    return row.payload == "n" and bool(messages) and checked(*messages) is not None


@pytest.mark.parametrize("row", [row for row in ROWS if row.rewrite], ids=by_name)
def test_a_row_alone_explains_its_minimal_stream(official: OfficialClient, row: Row) -> None:
    found = explained(official, row.stream, ROWS)
    assert found.difference is not None
    assert (found.rows, found.unexplained) == ((row.name,), None)
    assert explained(official, row.stream, [row]).unexplained is None


def test_a_stream_without_differences_needs_no_row(official: OfficialClient) -> None:
    found = explained(official, screen({"root": column("a"), "a": text("x")}, n=1), ROWS)
    assert (found.difference, found.rows, found.unexplained) == (None, (), None)


def test_without_any_row_a_difference_is_unexplained(official: OfficialClient) -> None:
    assert explained(official, [begin(), data({"a": "[1]"})], []).unexplained is not None


def test_names_tell_rows_apart() -> None:
    names = [row.name for row in ROWS]
    assert len(set(names)) == len(names)
    assert named(names[0]) is ROWS[0]


@pytest.mark.parametrize(
    ("one", "other", "ordered"),
    [
        (1, True, False),
        (0, False, False),
        ("1", 1, False),
        ({}, [], False),
        ({"a": 1}, {"a": 1, "b": 2}, False),
        ([1], [1, 2], False),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, True),
        ({"a": {"b": [None]}}, {"a": {"b": [""]}}, False),
    ],
)
def test_values_that_differ_are_told_apart(one: Any, other: Any, ordered: bool) -> None:
    assert parted(one, other, "here", ordered=ordered) is not None
    assert parted(one, one, "here", ordered=ordered) is None


# ---------------------------------------------------------------- what rows say besides


def test_a_number_sent_as_text_is_stored_as_text(official: OfficialClient) -> None:
    seen = watch(official, [begin(), data([{"key": "a", "valueNumber": "1"}])])
    assert seen[-1].surfaces["a2ui_core"]["main"].data == {"a": "1"}


def test_a_null_value_deletes_on_the_python_side(official: OfficialClient) -> None:
    nothing = data([{"key": "a", "valueString": None}])
    seen = watch(official, [begin(), data({"a": "x"}), nothing])
    assert seen[-1].surfaces["a2ui_core"]["main"].data == {}
    assert seen[-1].surfaces["web_core"]["main"].data == {"a": "x"}


def test_a_refused_data_update_is_half_written_on_the_python_side(official: OfficialClient) -> None:
    half = data({"b": "y", "a/c": "z"})
    seen = watch(official, [begin(), data({"a": "x"}), half])
    assert verdicts(seen, "a2ui_core") == "yyn"
    assert seen[-1].surfaces["a2ui_core"]["main"].data == {"a": "x", "b": "y"}


def test_a_lone_value_at_the_root_ends_all_writing_on_the_python_side(
    official: OfficialClient,
) -> None:
    lone = data([{"key": ".", "valueString": "x"}])
    seen = watch(official, [begin(), lone, data({"a": "y"}), data({"b": "z"}, "/c")])
    assert verdicts(seen, "a2ui_core") == "yynn"
    assert verdicts(seen, "web_core") == "yyyy"


def test_after_a_circle_web_core_refuses_every_message(official: OfficialClient) -> None:
    circle = update({"root": column("root")})
    seen = watch(official, [begin(), circle, data({"a": "x"}), begin("b")])
    assert verdicts(seen, "web_core") == "ynny"
    assert verdicts(seen, "a2ui_core") == "ynyn"


def test_a_second_begin_moves_the_root_of_web_core_only(official: OfficialClient) -> None:
    parts = update({"root": text("x"), "b": text("y")})
    seen = watch(official, [parts, begin(), begin("b")])
    roots = [seen[-1].surfaces[client]["main"].root for client in ("web_core", "a2ui_core")]
    assert roots == ["b", "root"]


# ---------------------------------------------------------------- what the library sends


def batches_of(name: str) -> list[Any]:
    """Every message of a fixture or of a recorded conversation, in order."""
    if name.startswith(("accepted/", "degraded/")):
        case = next(case for case in cases_in("accepted", "degraded") if case.name == name)
        return [message for _, batch in run(case).batches for message in batch.messages]
    return list(logged(next(path for path in LOGS if name_of(path) == name)))


@functools.cache
def logged(path: Path) -> tuple[Any, ...]:
    turns = replay.run(path, app_of(path)).turns
    return tuple(message for turn in turns for message in turn.result.messages)


@pytest.mark.parametrize("case", cases_in("accepted", "degraded"), ids=lambda case: case.name)
def test_all_clients_take_fixtures_and_agree(official: OfficialClient, case: Case) -> None:
    agree(official, batches_of(case.name))


@pytest.mark.parametrize("path", LOGS, ids=name_of)
def test_all_clients_take_conversations_and_agree(official: OfficialClient, path: Path) -> None:
    agree(official, logged(path))


def agree(official: OfficialClient, messages: Sequence[Any]) -> None:
    """All take every message, and differ by nothing but the rows that say so of our output."""
    told = in_common_form(official, messages, OURS)
    assert (told.difference, told.refused) == (None, 0)


@pytest.mark.parametrize(
    ("row", "name"),
    [
        ("a text that reads as JSON", "crm/contact"),
        ("no contents", "accepted/rows_removed_by_the_user"),
        ("what stays beside what is written", "accepted/list_grows_and_shrinks_by_data"),
        ("weights", "accepted/table"),
    ],
)
def test_what_rows_say_of_our_output_happens(official: OfficialClient, row: str, name: str) -> None:
    assert is_needed(official, batches_of(name), OURS, row)


def test_a_list_that_shrinks_keeps_its_items_on_the_python_side(official: OfficialClient) -> None:
    last = watch(official, batches_of("accepted/list_grows_and_shrinks_by_data"))[-1]
    items = [list(last.surfaces[client]["main"].data["ui_state"]["_list"]["root--0--items"])
             for client in ("web_core", "a2ui_core")]  # fmt: skip
    assert items == [["x", "a"], ["a", "b", "c", "x"]]


def test_each_row_about_our_output_is_shown_to_happen() -> None:
    marks = test_what_rows_say_of_our_output_happens.pytestmark
    assert {row for row, _ in marks[0].args[1]} == {row.name for row in OURS}


# ---------------------------------------------------------------- in print


def test_the_table_in_print_has_all_of_every_row() -> None:
    page = markdown()
    for row in ROWS:
        assert f"### {row.name[:1].upper()}{row.name[1:]}\n" in page
        assert row.why in page
        assert row.instead in page
        assert row.ours in page
    assert page.count("```json\n") == len(ROWS)
    assert max(map(len, page.splitlines())) < 700
