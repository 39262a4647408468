"""Random conversations show on the official client exactly what the IR says, and faults are found.

A bounded slice of what `python -m tests.official.fuzz conversations` runs (see
`fuzz/conversations.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.stories import CELL_KINDS, KINDS
from uicompiler.backends.a2ui_v0_8 import backend, boxes, values
from uicompiler.backends.a2ui_v0_8.lower import actions, lowering, rows
from uicompiler.ir.tree import STANDARD_NODES

from .bridge import OfficialClient
from .fuzz.conversations import TURNS, play, run, script_of
from .fuzz.tally import Tally

pytestmark = pytest.mark.official

CONVERSATIONS = 50


@pytest.fixture(scope="module")
def tally(official: OfficialClient) -> Tally:
    """What the slice saw."""
    return run(range(CONVERSATIONS), official)


def test_the_official_client_shows_and_sends_exactly_what_the_ir_says(tally: Tally) -> None:
    assert tally.failures == [], "\n\n".join(tally.failures)
    assert tally.counts["conversations"] == CONVERSATIONS
    assert tally.counts["turns"] >= TURNS * CONVERSATIONS


def test_the_slice_holds_every_kind_of_node_field_and_step(tally: Tally) -> None:
    nodes = STANDARD_NODES.keys()
    wanted = {f"{kind} fields" for kind in KINDS} | {f"{node} nodes" for node in nodes}
    wanted |= {f"{kind} steps" for kind in ("model", "type", "press")}
    wanted |= {f"{role} lines" for role in ("label", "value", "option", "selected", "button")}
    assert sorted(name for name in wanted if not tally.counts[name]) == []
    assert sum(tally.counts[f"{kind} cells"] for kind in CELL_KINDS) > CONVERSATIONS
    for what in ("actions", "actions taken", "batches", "batches checked", "edits", "presses"):
        assert tally.counts[what] > 10, what


def test_the_same_seed_gives_the_same_conversation(official: OfficialClient) -> None:
    script = script_of(3)
    one, other = (play(3, script, None, official)[0] for _ in range(2))
    assert one.played == other.played
    assert one.lines() == other.lines()
    assert len(one.results) >= TURNS


# ---------------------------------------------------------------- faults are found

Fault = Callable[[pytest.MonkeyPatch], None]


def short_texts(patch: pytest.MonkeyPatch) -> None:
    """Of every text only the beginning."""
    whole = lowering.Lowering.readable
    patch.setattr(
        lowering.Lowering, "readable", lambda self, text, path: whole(self, text, path)[:12]
    )


def unescaped(patch: pytest.MonkeyPatch) -> None:
    """Texts go out as markdown."""
    patch.setattr(lowering, "text_line", lambda line, _client: line)


def no_help(patch: pytest.MonkeyPatch) -> None:
    """What stands below a field is left out."""
    whole = lowering.Lowering.text

    def text(self: Any, path: Any, line: str, *, style: str = "body", role: str = "") -> Any:
        return None if role == "help" else whole(self, path, line, style=style, role=role)

    patch.setattr(lowering.Lowering, "text", text)


def args_as_texts(patch: pytest.MonkeyPatch) -> None:
    """Fixed values go along under another value."""
    patch.setattr(actions, "_literal", lambda value: {"literalString": f"{value} "})


def fields_with_a_row_that_goes(patch: pytest.MonkeyPatch) -> None:
    """The button that takes a row out sends every field."""
    patch.setattr(rows, "_light", lambda button, _to: button)


def old_revision(patch: pytest.MonkeyPatch) -> None:
    """The client is told the revision before."""
    whole = boxes.rev_update
    patch.setattr(boxes, "rev_update", lambda wire_id, rev: whole(wire_id, rev - 1))


def stale_texts(patch: pytest.MonkeyPatch) -> None:
    """Texts that changed are not sent."""
    patch.setattr(backend, "changed_leaves", lambda _before, _after: set())


def stale_lists(patch: pytest.MonkeyPatch) -> None:
    """Lists that changed are not sent."""
    patch.setattr(backend, "changed_lists", lambda _before, _after: {})


def first_option_only(patch: pytest.MonkeyPatch) -> None:
    """Of several chosen options one is preset."""
    whole = values._selection
    table = dict(values._OUT)
    table["multi_choice"] = lambda chosen: whole(chosen[:1])
    patch.setattr(values, "_OUT", table)


def bare_times(patch: pytest.MonkeyPatch) -> None:
    """Times go out as they are, which no client shows."""
    patch.setattr(values, "_OUT", {**values._OUT, "time": values._text})


FAULTS: tuple[Fault, ...] = (
    short_texts,
    unescaped,
    no_help,
    args_as_texts,
    fields_with_a_row_that_goes,
    old_revision,
    stale_texts,
    stale_lists,
    first_option_only,
    bare_times,
)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_a_compiler_that_alters_what_is_shown_is_found(
    official: OfficialClient, monkeypatch: pytest.MonkeyPatch, fault: Fault
) -> None:
    fault(monkeypatch)
    talks = (play(seed, script_of(seed), None, official) for seed in range(60))
    found = next((wrong for _, wrong in talks if wrong), "60 conversations do not find it")
    assert found.startswith("AssertionError"), found
