"""A conversation file as commits of an event log: replayed, so that a host can go on with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from uicompiler.app import Receipt, UIApp
from uicompiler.conversation import CAUSES, Record, client_from_json, is_redacted
from uicompiler.dispatcher import StepResult
from uicompiler.host.conversations.conversation import MAX_RECEIPTS, Conversation, History
from uicompiler.host.conversations.kept import to_kept
from uicompiler.ir.state import UIState
from uicompiler.ir.values import FrozenDict, Json
from uicompiler.replay import ReplayTurn, run
from uicompiler.store.exports import CHAIN
from uicompiler.store.log import Commit

_BEGIN: Final = (*CAUSES, "meta", "state")
"""Kinds of records that begin a commit."""


@dataclass(slots=True)
class _Course:
    """The conversation as commits go by."""

    app: UIApp
    token_hash: str
    turns: Mapping[int, ReplayTurn]
    state: UIState
    known: bool = True
    turn: int = 0
    receipts: dict[str, Receipt] = field(default_factory=dict)


def commits_of(
    records: Sequence[Record], app: UIApp, *, token_hash: str, now: str
) -> Iterator[Commit]:
    """A conversation as the commits that it may have been.

    Args:
        records: Its records, read strictly.
        app: The app.
        token_hash: Of the token that is to open it.
        now: The time, where no record says one.

    Raises:
        StoreError: as `replay.run`.
    """
    plain = [Record(item.line, _unchained(item.data)) for item in records]
    meta = plain[0].data
    result = run(plain, app, check=False)
    turns = {turn.line: turn for turn in result.turns}
    course = _Course(app, token_hash, turns, UIState(meta["conversation_id"]))
    at = next((str(item.data["now"]) for item in plain if "now" in item.data), now)
    for seq, group in enumerate(_grouped(plain), 1):
        _advance(course, group[0])
        at = group[0].data.get("now") or at
        data = [item.data for item in group]
        yield Commit(at, data, _kept(course, meta, seq), _hash(course), course.turn)


def going_on(records: Sequence[Record], app: UIApp, *, token_hash: str, now: str) -> Commit:
    """What is appended to a chain that comes without what the host kept."""
    last = list(commits_of(records, app, token_hash=token_hash, now=now))[-1]
    return replace(last, at=now, records=())


def _unchained(data: Mapping[str, Json]) -> Mapping[str, Json]:
    return {name: value for name, value in data.items() if name != CHAIN}


def _grouped(records: Sequence[Record]) -> Iterator[list[Record]]:
    group: list[Record] = []
    for record in records:
        if record.kind in _BEGIN and group:
            yield group
            group = []
        group.append(record)
    yield group


def _advance(course: _Course, first: Record) -> None:
    """Take over what a commit came to."""
    course.turn = first.data.get("turn_index", course.turn)
    if first.kind == "state" and not is_redacted(first.data["state"]):
        course.state = UIState.from_json(first.data["state"], nodes=course.app.nodes)
        course.known = True
    elif first.line in course.turns:
        result = course.turns[first.line].result
        course.state, course.known = result.state, True
        if isinstance(result, StepResult) and result.receipt is not None:
            course.receipts[result.receipt.key] = result.receipt
    elif first.kind != "meta":
        course.known = False  # something of it was redacted


def _hash(course: _Course) -> str:
    return course.state.hash if course.known else ""


def _kept(course: _Course, meta: Mapping[str, Any], seq: int) -> bytes:
    """What the library's own host would keep."""
    newest = dict(list(course.receipts.items())[-MAX_RECEIPTS:])
    return to_kept(
        Conversation(
            id=course.state.conversation_id,
            token_hash=course.token_hash,
            state=course.state,
            protocol=meta["versions"]["protocol"],
            client=client_from_json(meta["client"]),
            app=course.app.hash,
            receipts=FrozenDict(newest),
            turns=course.turn,
            seq=seq,
            history=History(course.turn),
        )
    )
