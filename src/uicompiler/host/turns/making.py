"""Makes steps: through the pure core, and written down for the log and for open streams.

Nothing here keeps or changes anything; time and ids of requests are handed in or drawn here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from uicompiler.app import Action, Outcome, StateView, TurnContext, UIApp
from uicompiler.backends.registry import backend_named
from uicompiler.compiler import CompileResult, compile, resolve, restore
from uicompiler.conversation import (
    client_to_json,
    meta_record,
    restore_records,
    step_records,
    turn_records,
)
from uicompiler.dispatcher import StepResult, dispatch_with
from uicompiler.host.conversations.conversation import Conversation
from uicompiler.host.conversations.durable import Step, T
from uicompiler.host.conversations.past import EVENT_NAMES
from uicompiler.host.guard.signer import KeyRing
from uicompiler.host.turns.press import ModelSource, told_beside
from uicompiler.ir.client import Address
from uicompiler.ir.state import UIState
from uicompiler.ir.values import Json

Records = Sequence[Mapping[str, Json]]
Decide = Callable[[Action, StateView], Outcome]
Event = tuple[str, Mapping[str, Json]]


def now_utc() -> datetime:
    """The time."""
    return datetime.now(UTC)


class Maker:
    """Makes steps.

    Args:
        app: The app, which declares from now on what it declares now.
        ring: Signs.
        clock: The time.
    """

    def __init__(self, app: UIApp, ring: KeyRing, clock: Callable[[], datetime] = now_utc) -> None:
        self.app = app
        self.ring = ring
        self.clock = clock
        self._meta = meta_record(app)
        self.app_hash: str = self._meta["app"]["hash"]

    def turn(self, before: Conversation, language: str, key: str | None = None) -> TurnContext:
        """The settings of a conversation's next turn."""
        return TurnContext(
            conversation_id=before.id,
            turn_index=before.turns + 1,
            request_id=uuid4().hex,
            now=self.clock().isoformat(timespec="seconds").replace("+00:00", "Z"),
            signer=self.ring,
            idempotency_key=key,
            seen=before.receipts,
            language=language,
        )

    def meta(self, conversation: Conversation) -> Mapping[str, Json]:
        """The record that a conversation begins with, and goes on with under a changed app."""
        return {
            **self._meta,
            "versions": {**self._meta["versions"], "protocol": conversation.protocol},
            "client": client_to_json(conversation.client),
            "conversation_id": conversation.id,
        }

    def address(self, conversation: Conversation, surface_id: str) -> Address | None:
        """The surface that a client's surface id names."""
        return backend_named(conversation.protocol).address(surface_id)

    def compiled(
        self, before: Conversation, source: ModelSource, turn: TurnContext
    ) -> tuple[CompileResult, Records]:
        """What a model's turn comes to, and its records."""
        result = compile(
            source,
            app=self.app,
            state=before.state,
            backend=before.protocol,
            client=before.client,
            turn=turn,
        )
        return result, turn_records(source, result, turn)

    def restored(
        self, before: Conversation, then: UIState, to: int, turn: TurnContext
    ) -> tuple[CompileResult, Records]:
        """What going back to an earlier state comes to, and its records."""
        result = restore(
            before.state,
            then,
            app=self.app,
            backend=before.protocol,
            client=before.client,
            turn=turn,
        )
        return result, restore_records(to, result, turn)

    def dispatched(
        self,
        before: Conversation,
        event: Mapping[str, Any],
        turn: TurnContext,
        *,
        results: Mapping[str, Json] | None = None,
        handler: Decide | None = None,
    ) -> StepResult:
        """What an event comes to."""
        settings = resolve(
            self.app,
            before.state,
            before.protocol,
            before.client,
            turn,
            strict=False,
            update="auto",
        )
        return dispatch_with(
            event, state=before.state, turn=settings, tool_results=results, handler=handler
        )

    def recorded(
        self,
        before: Conversation,
        event: Mapping[str, Any],
        step: StepResult,
        turn: TurnContext,
        results: Mapping[str, Json] | None = None,
    ) -> Records:
        """The records of an event that was taken."""
        return step_records(event, step, turn=turn, state=before.state, tool_results=results)

    def step(
        self,
        before: Conversation,
        now: Conversation,
        answer: T,
        result: CompileResult,
        records: Records,
        **more: Any,
    ) -> Step[T]:
        """The step of a result; a new meta record comes first where the app has changed."""
        changed = before.app != self.app_hash
        return Step(
            now,
            answer,
            [self.meta(now), *records] if changed else records,
            told=list(told_beside(result)),
            events=[*self._shown(before, now, result), *told_beside(result)],
            **more,
        )

    def next(self, before: Conversation, result: CompileResult) -> Conversation:
        """The conversation after a turn, under the app as it is now."""
        return replace(before.after(result), app=self.app_hash)

    def _shown(self, before: Conversation, now: Conversation, result: CompileResult) -> list[Event]:
        shown: list[Event] = [(EVENT_NAMES[now.protocol], message) for message in result.messages]
        return [*shown, *ways_back(now)] if ways_back(before) != ways_back(now) else shown


def user_said(conversation: Conversation, message: str) -> list[Event]:
    """What pages are told of what a user said; other clients know what they sent."""
    if not message or conversation.protocol != "html":
        return []
    return [("html", {"said": {"text": message}})]


def ways_back(conversation: Conversation) -> list[Event]:
    """What pages are told of what can be undone; other clients ask for it when they want it."""
    if conversation.protocol != "html":
        return []
    history = conversation.history
    ways = {"undo": bool(history.before), "redo": bool(history.after)}
    return [("html", {"back": ways})]
