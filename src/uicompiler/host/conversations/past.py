"""What was: the state after an earlier turn, and what earlier turns told, read from the log.

A state is the newest snapshot before its turn and the records after that, replayed; it has to be
the one that the log says it was, or it is not given. What was told is told again as it was, with
its nonces derived anew: no log holds one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import orjson

from uicompiler.app import Signer, UIApp
from uicompiler.backends.registry import backend_named
from uicompiler.conversation import Raw, meta_record, state_record
from uicompiler.errors import StoreError, diagnostic
from uicompiler.host.conversations.conversation import Conversation
from uicompiler.host.conversations.kept import from_kept
from uicompiler.host.streams.hub import Told
from uicompiler.ir.state import UIState
from uicompiler.ir.values import Json, thaw
from uicompiler.replay import ReplayResult, run
from uicompiler.store.log import Entry, EventLog

MAX_MISSED: Final = 512
"""Commits that are told again; whoever missed more is better served by a snapshot."""

MAX_REPLAYED: Final = 2_048
"""Turns that are run again to find one state; what would take more is said to be lost."""

EVENT_NAMES: Final[Mapping[str, str]] = {"html": "html", "a2ui-v0.8": "a2ui"}
"""The name under which a protocol's messages are told."""


def state_at(log: EventLog, conversation_id: str, turn: int, *, app: UIApp) -> UIState:
    """The state that a turn left.

    Args:
        log: The log.
        conversation_id: The conversation.
        turn: The count of the turn; 0 is before the first one.
        app: The app as it is now.

    Raises:
        StoreError: STORE_TURN_LOST, the log no longer has it, or the app no longer makes it of
            what the log has; what `EventLog` raises.
    """
    return _Past(log, conversation_id, app).state(turn)


def replayed_to(log: EventLog, conversation_id: str, turn: int, *, app: UIApp) -> ReplayResult:
    """A turn run again, the last one of the result, from the newest snapshot before it.

    Args:
        log: The log.
        conversation_id: The conversation.
        turn: The count of the turn, from 1.
        app: The app as it is now.

    Raises:
        StoreError: as for `state_at`.
    """
    past = _Past(log, conversation_id, app)
    return past.replayed(past.snapshot(turn - 1), turn)


@dataclass(slots=True)
class _Past:
    """What is looked for in one conversation, each state once.

    A turn that went back leaves a snapshot, so that few states need others to be found first. Where
    snapshots are gone, each state that was gone back to is found once, by at most so many turns.
    """

    log: EventLog
    conversation_id: str
    app: UIApp
    found: dict[int, UIState] = field(default_factory=dict)
    left: int = field(default_factory=lambda: MAX_REPLAYED)

    def state(self, turn: int) -> UIState:
        """The state that a turn left."""
        if turn not in self.found:
            self.found[turn] = self._state(turn)
        return self.found[turn]

    def _state(self, turn: int) -> UIState:
        if turn == 0:
            return UIState(self.conversation_id)
        start = self.snapshot(turn)
        if start is None or start.turns < turn:
            return self.replayed(start, turn).state
        entry = next(
            self.log.entries(self.conversation_id, after=start.seq - 1, upto=start.seq), None
        )
        _check(start.state, None if entry is None else entry.state, turn)
        return start.state

    def snapshot(self, turn: int) -> Conversation | None:
        """The newest snapshot that is no newer than a turn."""
        kept = self.log.kept_before(self.conversation_id, turn)
        return None if kept is None else from_kept(kept[1], self.app.nodes, kept[0])

    def replayed(self, start: Conversation | None, turn: int) -> ReplayResult:
        """What comes of the records up to a turn, from a snapshot or from the beginning."""
        before, after = (0, 0) if start is None else (start.turns, start.seq)
        self.left -= turn - before
        if self.left < 0:
            raise _lost(turn, f"more than {MAX_REPLAYED} turns would have to be run again")
        entries = list(_upto(self.log.entries(self.conversation_id, after=after), turn))
        if not entries or entries[-1].turn != turn:
            raise _lost(turn, "the log has no such turn")
        records = [record for entry in entries for record in entry.records]
        known = [] if start is None else list(self._beginning(start, records))
        try:
            result = run([*known, *map(thaw, records)], self.app, check=False)
        except StoreError as exc:
            raise _lost(turn, exc.message) from exc
        if result.left_out:
            raise _lost(turn, "something of it was redacted")
        _check(result.state, entries[-1].state, turn)
        return result

    def _beginning(
        self, start: Conversation, records: Sequence[Mapping[str, Json]]
    ) -> Iterator[Raw]:
        """Records with which a replay goes on from a snapshot, and what it will go back to."""
        yield meta_record(
            self.app, conversation_id=start.id, client=start.client, backend=start.protocol
        )
        for to in sorted(_gone_back_to(records, start.turns)):
            yield state_record(self.state(to), turn_index=to)
        receipts = start.receipts.values()
        yield state_record(start.state, turn_index=start.turns, receipts=receipts)


def _check(state: UIState, recorded: str | None, turn: int) -> None:
    if recorded != state.hash:
        raise _lost(turn, "what the log has gives another state now")


def _upto(entries: Iterable[Entry], turn: int) -> Iterator[Entry]:
    for entry in entries:
        if entry.turn > turn:
            return
        yield entry


def _gone_back_to(records: Sequence[Mapping[str, Json]], turn: int) -> set[int]:
    """Turns before one that some records go back to."""
    found = {int(record["to"]) for record in records if record["kind"] == "restore"}
    return {to for to in found if to < turn}


def _lost(turn: int, why: str) -> StoreError:
    message = f"turn {turn} can no longer be gone back to: {why}"
    return StoreError([diagnostic("STORE_TURN_LOST", message)])


# --- what was told --------------------------------------------------------------------------------


def told_since(
    log: EventLog,
    conversation: Conversation,
    seq: int,
    upto: int,
    signer: Signer,
    *,
    most_bytes: int | None = None,
) -> list[Told] | None:
    """What the commits after one up to another told; None when that can no longer be said.

    Args:
        log: The log.
        conversation: The conversation, for its protocol.
        seq: The last commit whose telling is known.
        upto: The last commit to tell.
        signer: Derives nonces.
        most_bytes: How long it may be, as JSON; whoever missed more is better served by a snapshot.
    """
    if not 0 <= upto - seq <= MAX_MISSED:
        return None
    found: list[Told] = []
    size = 0
    for entry in log.entries(conversation.id, after=seq, upto=upto):
        if entry.redacted:
            return None
        found.append(_told(entry, conversation, signer))
        size += len(orjson.dumps(found[-1].events))
        if most_bytes is not None and size > most_bytes:
            return None
    return found if len(found) == upto - seq else None


def _told(entry: Entry, conversation: Conversation, signer: Signer) -> Told:
    name = EVENT_NAMES[conversation.protocol]
    batches = [record for record in entry.records if record["kind"] == "batch"]
    shown = [(name, m) for batch in batches for m in _messages(batch, conversation, signer)]
    return Told(entry.seq, entry.origin, (*shown, *entry.told))


def _messages(
    batch: Mapping[str, Json], conversation: Conversation, signer: Signer
) -> tuple[Mapping[str, Json], ...]:
    """The messages of a recorded batch, with their nonces."""

    def derive(placeholder: str) -> str:
        if not placeholder.startswith("nonce:"):
            return placeholder
        key_id, _, epoch = placeholder.removeprefix("nonce:").rpartition(":")
        return signer.nonce(conversation.id, batch["surface"], int(epoch), key_id)

    return backend_named(conversation.protocol).map_nonces(thaw(batch["messages"]), derive)
