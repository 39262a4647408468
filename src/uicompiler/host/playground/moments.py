"""The moments of a conversation, read from its log: one an entry, and what each led to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from uicompiler.app import UIApp
from uicompiler.errors import Diagnostic, StoreError
from uicompiler.host.conversations.past import replayed_to, state_at
from uicompiler.host.playground.written import size
from uicompiler.ir.state import UIState
from uicompiler.ir.values import Json
from uicompiler.replay import ReplayTurn
from uicompiler.store.log import Entry, EventLog

PAGE: Final = 50
"""Moments in one list."""

_CAUSES: Final = ("model", "action", "error", "restore", "state")


@dataclass(frozen=True, slots=True)
class SentMessage:
    """One message of a batch.

    Attributes:
        kind: Its key, such as `surfaceUpdate`.
        message: The message.
        size: Its bytes.
    """

    kind: str
    message: Mapping[str, Json]
    size: int


@dataclass(frozen=True, slots=True)
class SentBatch:
    """One batch.

    Attributes:
        record: As the log has it.
        messages: Its messages.
        size: Bytes of all of them.
    """

    record: Mapping[str, Json]
    messages: tuple[SentMessage, ...]
    size: int


@dataclass(frozen=True, slots=True)
class Moment:
    """One entry of a log, as it is listed.

    Attributes:
        entry: The entry.
        cause: Kind of the record that caused it; "" for one that tells of no turn.
        says: The cause in a few words.
        records: Its records but batches.
        batches: Its batches.
    """

    entry: Entry
    cause: str
    says: str
    records: tuple[Mapping[str, Json], ...]
    batches: tuple[SentBatch, ...]

    @property
    def seq(self) -> int:
        """Number of the entry."""
        return self.entry.seq

    @property
    def turn(self) -> int:
        """Count of turns after it."""
        return self.entry.turn

    @property
    def size(self) -> int:
        """Bytes of all its batches."""
        return sum(batch.size for batch in self.batches)


@dataclass(frozen=True, slots=True)
class Then:
    """The state after a moment, or why it cannot be shown.

    Attributes:
        state: The state.
        lost: Why there is none.
    """

    state: UIState | None
    lost: tuple[Diagnostic, ...] = ()


class Moments:
    """Reads the moments of one conversation.

    Args:
        log: The log.
        conversation_id: The conversation.
        app: The app as it is now.
        newest: Number of the last entry.
    """

    def __init__(self, log: EventLog, conversation_id: str, app: UIApp, newest: int) -> None:
        self._log = log
        self._id = conversation_id
        self._app = app
        self.newest = newest

    def listed(self, upto: int) -> list[Moment]:
        """The last moments up to one, the newest first."""
        found = self._log.entries(self._id, after=max(0, upto - PAGE), upto=upto)
        return [moment_of(entry) for entry in found][::-1]

    def at(self, seq: int) -> Moment:
        """One moment.

        Raises:
            LookupError: there is none of that number.
        """
        found = next(iter(self._log.entries(self._id, after=seq - 1, upto=seq)), None)
        if found is None:
            raise LookupError(f"no entry {seq}")
        return moment_of(found)

    def then(self, moment: Moment) -> Then:
        """The state after a moment."""
        try:
            return Then(state_at(self._log, self._id, moment.turn, app=self._app))
        except StoreError as exc:
            return Then(None, exc.diagnostics)

    def again(self, moment: Moment) -> tuple[ReplayTurn | None, tuple[Diagnostic, ...]]:
        """A moment's turn run again, for what no log keeps: diagnostics and trace; or why not."""
        if moment.cause in ("", "state"):
            return None, ()
        try:
            result = replayed_to(self._log, self._id, moment.turn, app=self._app)
        except StoreError as exc:
            return None, exc.diagnostics
        return (result.turns[-1] if result.turns else None), result.diagnostics


def moment_of(entry: Entry) -> Moment:
    """An entry as it is shown."""
    others = tuple(record for record in entry.records if record["kind"] != "batch")
    cause = next((record for record in others if record["kind"] in _CAUSES), None)
    batches = tuple(_batch(record) for record in entry.records if record["kind"] == "batch")
    kind = "" if cause is None else str(cause["kind"])
    return Moment(entry, kind, _says(cause, others), others, batches)


def _batch(record: Mapping[str, Json]) -> SentBatch:
    messages = record.get("messages")
    found = messages if isinstance(messages, (list, tuple)) else ()
    sent = tuple(SentMessage(_kind(message), message, size(message)) for message in found)
    return SentBatch(record, sent, sum(message.size for message in sent))


def _kind(message: Any) -> str:
    return str(next(iter(message), "")) if isinstance(message, Mapping) else ""


def _says(cause: Mapping[str, Json] | None, records: Sequence[Mapping[str, Json]]) -> str:
    """A cause in a few words; what was typed is not among them."""
    if cause is None:
        return "begun" if any(record["kind"] == "meta" for record in records) else "kept"
    if cause["kind"] == "action":
        return f"action {_name(cause)}"
    if cause["kind"] == "restore":
        return f"back to turn {cause.get('to')}"
    return {"model": "the model", "error": "an error of the client", "state": "redacted"}[
        str(cause["kind"])
    ]


def _name(cause: Mapping[str, Json]) -> str:
    event: Any = cause.get("event")
    action = event.get("userAction") if isinstance(event, Mapping) else None
    return str(action.get("name", "")) if isinstance(action, Mapping) else ""
