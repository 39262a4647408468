"""What a host keeps of each conversation: a value, of which a turn makes a new one.

Everything that the next turn, in whichever process, has to know stands in it: the state, the first
answers by key, which turns can be undone, which tools wait. `kept.py` writes it as JSON,
`durable.py` puts it in the event log. Secrets, files and open streams are none of it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal, TypeVar

import orjson

from uicompiler.app import ClientProfile, Receipt, ToolCall
from uicompiler.compiler import CompileResult
from uicompiler.dispatcher import StepResult
from uicompiler.errors import HostError, diagnostic
from uicompiler.ir.field_kinds import UPLOAD_HANDLE
from uicompiler.ir.reserved import ERRORS_KEY
from uicompiler.ir.rows import are_rows, live_rows
from uicompiler.ir.state import Surface, UIState
from uicompiler.ir.values import FrozenDict, Json, thaw

T = TypeVar("T")

MAX_RECEIPTS: Final = 64
MAX_SAID: Final = 50
MAX_TOASTS: Final = 20
MAX_BYTES: Final = 256 * 1024
"""Of each of these, as JSON; the oldest go first, the newest stays. All of it is written anew with
every commit."""

MAX_UNDO: Final = 100
MAX_STOPPED: Final = 8
"""Actions that wait for their event to come again, since their handler failed."""

MAX_TRIES: Final = 5
"""How often an action is gone on with by itself after a lease ran out."""


Direction = Literal["undo", "redo"]


@dataclass(frozen=True, slots=True)
class FirstAnswer:
    """What a request was answered, for whoever sends it again.

    Attributes:
        payload: SHA-256 of what was sent.
        status: The HTTP status.
        body: What was said, as JSON.
        seqs: The commits it made, whose batches went out with it.
    """

    payload: str
    status: int
    body: Mapping[str, Json] = field(repr=False)
    seqs: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Intent:
    """An action whose tools are to run, or run now: what it takes to go on after a crash.

    Attributes:
        event: The action's event, without nonce and secrets.
        calls: The tools of its last round.
        round: Which round that is, from 1.
        language: The language to answer in.
        owner: Whoever runs the tools.
        until: When its lease runs out, in seconds since 1970.
        tries: How often somebody went on with it after a lease had run out.
        stopped: Whether its handler failed: only the same event sent again goes on then.
        turn: The turn it began with.
    """

    event: Mapping[str, Json] = field(repr=False)
    calls: tuple[ToolCall, ...]
    round: int
    language: str
    owner: str
    until: float
    tries: int = 0
    stopped: bool = False
    turn: int = 0

    @property
    def is_left(self) -> bool:
        """Whether nobody goes on with it but whoever sends its event again."""
        return self.stopped or self.tries >= MAX_TRIES


@dataclass(frozen=True, slots=True)
class History:
    """Which turns can be undone and redone, by their counts.

    Attributes:
        at: The turn that left what is shown now.
        key: The action that turn was a step of, or "".
        before: What undo leads to, the newest at the end.
        after: What redo leads to, the next at the beginning.
    """

    at: int = 0
    key: str = ""
    before: tuple[int, ...] = ()
    after: tuple[int, ...] = ()

    @property
    def turns(self) -> tuple[int, ...]:
        """The turns whose state is shown, or can come back."""
        return (*self.before, self.at, *self.after)

    def with_turn(self, turn: int, key: str = "") -> History:
        """After a fresh turn; the steps of one action are undone together."""
        if key and key == self.key:
            return History(turn, key, self.before)
        return History(turn, key, (*self.before, self.at)[-MAX_UNDO:])

    def moved(self, turn: int, key: str = "") -> History:
        """After a turn that is none to undo: nobody asked for it, or it showed nothing else."""
        return replace(self, at=turn, key=key if key == self.key else "")

    def target(self, direction: Direction) -> int | None:
        """The turn whose state comes back, or None."""
        found = self.before[-1:] if direction == "undo" else self.after[:1]
        return found[0] if found else None

    def gone(self, direction: Direction, turn: int) -> History:
        """After a turn that went back, or forward again."""
        if direction == "undo":
            return History(turn, "", self.before[:-1], (self.at, *self.after))
        return History(turn, "", (*self.before, self.at), self.after[1:])


@dataclass(frozen=True, slots=True)
class Conversation:
    """One conversation between two turns.

    Attributes:
        id: Names it; opens nothing.
        token_hash: Hash of the token that opens it.
        state: What the pure core knows.
        protocol: The backend its clients are served by, from its beginning to its end.
        client: What its clients really do.
        app: Hash of the app of its last commit.
        receipts: First answers by idempotency key, the oldest first; the newest `MAX_RECEIPTS`.
            Their batches are in the log only.
        answers: What was said to requests under their keys; as many, in the same order.
        intents: Actions whose tools are to run, by the keys of their receipts.
        turns: How many turns there were.
        seq: Number of its last commit; its beginning is the first.
        messages: Who said what last, the newest at the end: `user` or `assistant`, and the text.
        toasts: Effects that the next page shows.
        played: How many turns of each recorded conversation were played.
        history: What can be undone and redone.
        files: Handles of files in its documents, now and in turns that can come back; each with
            the first and the last turn that had it.
    """

    id: str
    token_hash: str
    state: UIState
    protocol: str = "html"
    client: ClientProfile = field(default_factory=ClientProfile.web_core)
    app: str = ""
    receipts: Mapping[str, Receipt] = field(default_factory=FrozenDict, repr=False)
    answers: Mapping[str, FirstAnswer] = field(default_factory=FrozenDict, repr=False)
    intents: Mapping[str, Intent] = field(default_factory=FrozenDict, repr=False)
    turns: int = 0
    seq: int = 1
    messages: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    toasts: tuple[Mapping[str, Json], ...] = field(default=(), repr=False)
    played: Mapping[str, int] = field(default_factory=FrozenDict)
    history: History = field(default_factory=History)
    files: Mapping[str, tuple[int, int]] = field(default_factory=FrozenDict, repr=False)

    @property
    def due(self) -> float | None:
        """When the first lease runs out after which somebody goes on by itself; None for none."""
        waiting = (intent.until for intent in self.intents.values() if not intent.is_left)
        return min(waiting, default=None)

    def next(self, **changes: Any) -> Conversation:
        """The conversation after one more commit, with some attributes changed."""
        return replace(self, seq=self.seq + 1, **changes)

    def after(self, result: CompileResult) -> Conversation:
        """The conversation after a turn, in a commit of its own."""
        receipt = result.receipt if isinstance(result, StepResult) else None
        now = self.with_message("assistant", result.assistant_text)
        receipts = self.receipts if receipt is None else self._with_receipt(receipt)
        turns = self.turns + 1
        files = self._files_after(result.state, turns)
        return now.next(state=result.state, receipts=receipts, turns=turns, files=files)

    def _files_after(self, state: UIState, turn: int) -> Mapping[str, tuple[int, int]]:
        """The files after a turn; one that no turn had which can come back is left out."""
        held = texts_with(UPLOAD_HANDLE, *(surface.data for surface in state.surfaces.values()))
        if not held and not self.files:
            return self.files
        back = self.history.turns
        kept = {
            handle: (first, last)
            for handle, (first, last) in self.files.items()
            if any(first <= to <= last for to in back)
        }
        now = {h: (self.files.get(h, (turn, turn))[0], turn) for h in sorted(held)}
        return FrozenDict({**kept, **now})

    def with_turn_undoable(self, before: Conversation, key: str = "") -> Conversation:
        """The conversation in which its last turn can be undone, if it changed what is seen.

        What was only learned of a user, or said beside their fields, is no change to undo.
        """
        if self.state is before.state or _seen(self.state) == _seen(before.state):
            return replace(self, history=self.history.moved(self.turns, key))
        return replace(self, history=self.history.with_turn(self.turns, key))

    def with_message(self, role: str, text: str) -> Conversation:
        """The conversation in which somebody said something."""
        if not text:
            return self
        return replace(self, messages=_last((*self.messages, (role, text)), MAX_SAID))

    def with_toasts(self, result: CompileResult) -> Conversation:
        """The conversation that keeps a turn's toasts for the next page."""
        toasts = [effect.data for effect in result.effects if effect.kind == "toast"]
        return replace(self, toasts=_last((*self.toasts, *toasts), MAX_TOASTS))

    def with_played(self, name: str) -> Conversation:
        """The conversation after one more turn of a recorded one."""
        return replace(self, played=FrozenDict({**self.played, name: self.played.get(name, 0) + 1}))

    def with_answer(self, key: str, answer: FirstAnswer) -> Conversation:
        """The conversation that knows what a request was answered."""
        return (
            replace(self, answers=_newest(self.answers, key, answer, self.intents)) if key else self
        )

    def with_intent(self, key: str, intent: Intent | None) -> Conversation:
        """The conversation in which an action's tools are to run; with None, no longer."""
        found = {name: known for name, known in self.intents.items() if name != key}
        if intent is not None:
            found[key] = intent
        left = [name for name, known in found.items() if known.is_left]
        for name in left[: max(0, len(left) - MAX_STOPPED)]:
            del found[name]  # whoever sends its event again gets its first answer
        return replace(self, intents=FrozenDict(found))

    def without_intents_after(self, turn: int) -> Conversation:
        """The conversation without the actions that began after a turn: they are undone."""
        kept = {name: known for name, known in self.intents.items() if known.turn <= turn}
        return self if len(kept) == len(self.intents) else replace(self, intents=FrozenDict(kept))

    def _with_receipt(self, receipt: Receipt) -> Mapping[str, Receipt]:
        """The receipts with one more; batches are left to the log, which has them already."""
        answer = FrozenDict({**receipt.answer, "batches": ()})
        slim = replace(receipt, answer=answer)
        return _newest(self.receipts, receipt.key, slim, self.intents)


def _newest(known: Mapping[str, T], key: str, item: T, needed: Iterable[str]) -> Mapping[str, T]:
    """The newest items with one more at the end; what is still needed stays, however old.

    Whoever sends something under a key that went is not known again.
    """
    others = [(name, other) for name, other in known.items() if name != key]
    spared = frozenset(needed)
    count, size = len(others) + 1, _size(item) + sum(_size(other) for _, other in others)
    kept: list[tuple[str, T]] = []
    for name, other in others:
        if name in spared or (count <= MAX_RECEIPTS and size <= MAX_BYTES):
            kept.append((name, other))
        else:
            count, size = count - 1, size - _size(other)
    return FrozenDict({**dict(kept), key: item})


def _last(items: Sequence[T], most: int) -> tuple[T, ...]:
    """The last of some items, within `MAX_BYTES`; the very last however long it is."""
    kept, size = list(items[-most:]), 0
    for index in range(len(kept) - 1, -1, -1):
        size += _size(kept[index])
        if size > MAX_BYTES and index < len(kept) - 1:
            return tuple(kept[index + 1 :])
    return tuple(kept)


def _size(item: object) -> int:
    """How many bytes an item is, as it is written."""
    value = item
    if isinstance(item, FirstAnswer):
        value = item.body
    elif isinstance(item, Receipt):
        value = item.to_dict()
    return len(json_bytes(value))


def json_bytes(value: object) -> bytes:
    """A value as compact JSON, also where lone surrogates or large integers are in it."""
    try:
        return orjson.dumps(value)
    except TypeError:
        # As clients may send in what is answered only.
        return json.dumps(thaw(value), separators=(",", ":")).encode()


def _seen(state: UIState) -> list[object]:
    """What users see of a state, but for what they typed themselves."""
    return [_seen_of(surface) for surface in state.live_surfaces()]


def _seen_of(surface: Surface) -> object:
    rows = {
        name: [row for row, _ in live_rows(value)]
        for name, value in surface.data["draft"].items()
        if are_rows(value)
    }
    said = {name: v for name, v in surface.data["ui_state"].items() if name != ERRORS_KEY}
    looks = (surface.name, surface.status, surface.catalog_id, surface.view)
    return (*looks, surface.data["committed"], said, rows, surface.named)


def unknown_conversation() -> HostError:
    """The refusal that tells neither whether the id nor whether the token was wrong."""
    message = "no such conversation, or not its token"
    hint = "begin one at the start page"
    return HostError([diagnostic("HOST_CONVERSATION_UNKNOWN", message, hint=hint)])


def files_of(conversation: Conversation) -> frozenset[str]:
    """Handles of the files that a conversation may still need: undo and waiting tools included."""
    calls = [call.arguments for item in conversation.intents.values() for call in item.calls]
    waiting = [item.event for item in conversation.intents.values()]
    needed = texts_with(UPLOAD_HANDLE, *waiting, *calls)
    return referred(conversation, UPLOAD_HANDLE) | needed | frozenset(conversation.files)


def referred(conversation: Conversation, prefix: str) -> frozenset[str]:
    """Every text in a conversation's documents that begins with a prefix."""
    return texts_with(prefix, *(surface.data for surface in conversation.state.surfaces.values()))


def texts_with(prefix: str, *values: object) -> frozenset[str]:
    """Every text in some values, however deep, that begins with a prefix."""
    found: set[str] = set()
    waiting: list[Any] = list(values)
    while waiting:
        item = waiting.pop()
        if isinstance(item, str):
            if item.startswith(prefix):
                found.add(item)
        elif isinstance(item, Mapping):
            waiting.extend(item.values())
        elif isinstance(item, (list, tuple)):
            waiting.extend(item)
    return frozenset(found)
