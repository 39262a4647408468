"""Rounds of tools: run outside of every lock, their results in steps of their own.

What is to run stands in the conversation before it runs (`Intent`), under a lease, so that whoever
finds a lease that ran out, in whichever process, goes on with the same calls under the same keys.
While tools run their lease is renewed. What they gave is in the log with the step it led to; until
then nothing of it counts, and a call may be made again.
"""

from __future__ import annotations

import contextlib
import logging
import secrets
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from uicompiler.app import ToolCall
from uicompiler.conversation import redact_event
from uicompiler.dispatcher import StepResult
from uicompiler.errors import StoreError
from uicompiler.host.conversations.conversation import (
    MAX_TRIES,
    Conversation,
    Intent,
    referred,
    texts_with,
)
from uicompiler.host.conversations.durable import Conversations, Step
from uicompiler.host.turns.making import Maker
from uicompiler.host.turns.press import answered
from uicompiler.host.turns.tools import ToolContext, Tools, call_key
from uicompiler.host.turns.vault import Running, Vault
from uicompiler.host.uploads.store import UploadStore
from uicompiler.host.watch.log import log_line
from uicompiler.ir.field_kinds import SECRET_HANDLE
from uicompiler.ir.reserved import NONCE_KEY
from uicompiler.ir.values import Json, freeze

MAX_ROUNDS: Final = 100
"""Rounds of tools that one action may ask for."""


@dataclass(frozen=True, slots=True)
class Round:
    """A round to run.

    Attributes:
        key: The key of the action's receipt.
        owner: Who runs it; told apart by being the same, not by being equal.
        intent: What is to run.
    """

    key: str
    owner: object
    intent: Intent


class Rounds:
    """Runs rounds of tools.

    Args:
        store: Where conversations are kept.
        maker: Makes steps.
        tools: What handlers may ask for.
        uploads: Where files are kept.
        vault: Where secrets are kept.
        lease_s: How long a lease is; what runs longer renews it.
    """

    def __init__(
        self,
        store: Conversations,
        maker: Maker,
        tools: Tools,
        uploads: UploadStore,
        vault: Vault,
        lease_s: float,
    ) -> None:
        self._store = store
        self._maker = maker
        self._tools = tools
        self._uploads = uploads
        self._vault = vault
        self._lease_s = lease_s
        self._running = Running()
        self._name = secrets.token_hex(8)

    # --- who runs what ----------------------------------------------------------------------------

    def intent(
        self,
        before: Conversation,
        event: Mapping[str, Any],
        step: StepResult,
        language: str,
        *,
        round_: int = 1,
    ) -> Intent | None:
        """What is to run after a step; None when nothing is."""
        if not step.tool_calls or round_ > MAX_ROUNDS:
            return None
        turn = self._maker.turn(before, language)
        kept = freeze(redact_event(event, turn=turn, state=before.state))
        return Intent(
            kept,
            step.tool_calls,
            round_,
            language,
            self._name,
            self._until(),
            turn=before.turns + 1,
        )

    def mine(self, now: Conversation, key: str, owner: object, intent: Intent) -> bool:
        """Take a round, in this process, unless somebody else here has it."""
        receipt = now.receipts.get(key)
        action = None if receipt is None else receipt.answer.get("action")
        held = texts_with(SECRET_HANDLE, action, *(call.arguments for call in intent.calls))
        return self._running.begin(now.id, key, owner, held)

    def taken_over(
        self, before: Conversation, key: str, owner: object
    ) -> tuple[Conversation, Intent] | None:
        """The conversation in which somebody goes on with an action; None when another one does."""
        intent = before.intents.get(key)
        if intent is None or not self._is_free(intent):
            return None
        if not self.mine(before, key, owner, intent):
            return None
        again = intent.tries + (intent.owner != self._name)
        now = replace(intent, owner=self._name, until=self._until(), tries=again, stopped=False)
        return before.next().with_intent(key, now), now

    def end(self, owner: object) -> None:
        """Somebody is done with all rounds, or failed."""
        self._running.end(owner)

    def _is_free(self, intent: Intent) -> bool:
        """Whether nobody runs it, unless somebody in this process does."""
        return intent.owner == self._name or intent.stopped or self.is_over(intent)

    def is_over(self, intent: Intent) -> bool:
        """Whether a lease has run out."""
        return intent.until < self._now()

    def _until(self) -> float:
        return self._now() + self._lease_s

    def _now(self) -> float:
        return self._maker.clock().timestamp()

    # --- running ----------------------------------------------------------------------------------

    def run(
        self, conversation_id: str, first: Round, event: Mapping[str, Any] | None = None
    ) -> tuple[Conversation | None, list[StepResult]]:
        """Run an action's tools round by round, to its end.

        Args:
            conversation_id: The conversation.
            first: The round that the caller has.
            event: The action's event as it came; made of the log's where it did not come again.

        Returns:
            The conversation after the last round, and the step of each; None when none was taken.

        Raises:
            Exception: whatever the app's handler raises; its rounds wait for the event then.
        """
        now: Conversation | None = None
        steps: list[StepResult] = []
        following: Round | None = first
        try:
            while following is not None:
                results = self._results(conversation_id, following)
                step = self._continuing(following, event, results)
                found, done, following = self._store.change(conversation_id, step)
                now = found
                steps.extend([] if done is None else [done])
        except BaseException:
            self._stop(conversation_id, first.key)
            raise
        return now, steps

    def _results(self, conversation_id: str, round_: Round) -> dict[str, Json]:
        intent = round_.intent
        context = ToolContext(
            conversation_id, self._uploads.of(conversation_id), self._vault.of(conversation_id)
        )

        def words(key: str, **values: str) -> str:
            return self._maker.app.text(key, language=intent.language, **values)

        def key(call: ToolCall) -> str:
            return call_key(conversation_id, round_.key, intent.round, call)

        with self._leased(conversation_id, round_):
            return self._tools.run(intent.calls, context, words, key)

    def _continuing(
        self, round_: Round, event: Mapping[str, Any] | None, results: Mapping[str, Json]
    ) -> Callable[[Conversation], Step[tuple[Conversation, StepResult | None, Round | None]]]:
        """The step in which an action goes on with what its tools gave."""
        key, asked = round_.key, round_.intent

        def step(
            before: Conversation,
        ) -> Step[tuple[Conversation, StepResult | None, Round | None]]:
            intent = before.intents.get(key)
            if intent is None or (intent.owner, intent.round) != (self._name, asked.round):
                return Step(before, (before, None, None))  # another process went on with it
            given = self._event_of(before, intent) if event is None else event
            turn = self._maker.turn(before, intent.language, key)
            frozen = freeze(results)
            done = self._maker.dispatched(before, given, turn, results=frozen)
            if done.repeated or done.receipt is None:
                now = before.next().with_intent(key, None)
                return Step(now, (now, None, None))
            return self._went_on(
                before, given, done, Round(key, round_.owner, intent), turn, frozen
            )

        return step

    def _went_on(
        self,
        before: Conversation,
        event: Mapping[str, Any],
        done: StepResult,
        round_: Round,
        turn: Any,
        results: Mapping[str, Json],
    ) -> Step[tuple[Conversation, StepResult | None, Round | None]]:
        key, intent = round_.key, round_.intent
        following = self.intent(before, event, done, intent.language, round_=intent.round + 1)
        if following is not None:
            following = replace(following, event=intent.event, turn=intent.turn)
        now = self._maker.next(before, done).with_turn_undoable(before, key)
        earlier = before.answers.get(key)
        payload = "" if earlier is None else earlier.payload
        first = answered(done, now, payload=payload, earlier=earlier)
        now = now.with_intent(key, following).with_answer(key, first)
        next_round = None if following is None else Round(key, round_.owner, following)
        if following is not None:
            self.mine(now, key, round_.owner, following)

        def after() -> None:
            if following is None:
                self.end(round_.owner)
            self.keep_secrets(now, done.secrets)

        records = self._maker.recorded(before, event, done, turn, results)
        answer = (now, done, next_round)
        return self._maker.step(before, now, answer, done, records, after=after)

    def _event_of(self, before: Conversation, intent: Intent) -> Mapping[str, Any]:
        """The event of an intent with its nonce derived anew; its secrets stay away."""
        action = intent.event.get("userAction", {})
        context = action.get("context", {})
        placeholder = context.get(NONCE_KEY)
        if not isinstance(placeholder, str) or not placeholder.startswith("nonce:"):
            return intent.event
        key_id, _, epoch = placeholder.removeprefix("nonce:").rpartition(":")
        address = self._maker.address(before, str(action.get("surfaceId")))
        surface = "" if address is None else address.surface
        nonce = self._maker.ring.nonce(before.id, surface, int(epoch), key_id)
        return {"userAction": {**action, "context": {**context, NONCE_KEY: nonce}}}

    def keep_secrets(self, now: Conversation, given: Mapping[str, str]) -> None:
        """Keep what may still be asked for: by the documents' handles, or by running tools."""
        held = referred(now, SECRET_HANDLE) | self._running.held(now.id)
        self._vault.keep(now.id, given, held)

    # --- leases -----------------------------------------------------------------------------------

    @contextlib.contextmanager
    def _leased(self, conversation_id: str, round_: Round) -> Iterator[None]:
        """Renew a lease for as long as something runs under it."""
        done = threading.Event()

        def renew() -> None:
            while not done.wait(self._lease_s / 3):
                self._quietly(conversation_id, lambda c: self._renewed(c, round_))

        renewing = threading.Thread(target=renew, name="uicompiler-lease", daemon=True)
        renewing.start()
        try:
            yield
        finally:
            done.set()
            renewing.join()

    def _renewed(self, before: Conversation, round_: Round) -> Step[None]:
        intent = before.intents.get(round_.key)
        if intent is None or intent.owner != self._name:
            return Step(before, None)
        longer = replace(intent, until=self._until())
        return Step(before.next().with_intent(round_.key, longer), None)

    def _stop(self, conversation_id: str, key: str) -> None:
        """Leave an action to whoever sends its event again, since going on with it failed."""

        def stopped(before: Conversation) -> Step[None]:
            intent = before.intents.get(key)
            if intent is None or intent.owner != self._name:
                return Step(before, None)
            return Step(before.next().with_intent(key, replace(intent, stopped=True)), None)

        self._quietly(conversation_id, stopped)

    def _quietly(self, conversation_id: str, step: Callable[[Conversation], Step[None]]) -> None:
        """A step that something else does not depend on; the log says when it failed."""
        try:
            self._store.change(conversation_id, step)
        except Exception as exc:  # the lease runs out then, and somebody goes on
            codes = [exc.code if isinstance(exc, StoreError) else type(exc).__name__]
            log_line("lease", level=logging.WARNING, conversation=conversation_id, codes=codes)

    # --- after a crash ----------------------------------------------------------------------------

    def recover(self, conversation_ids: Sequence[str]) -> int:
        """Go on with the actions of some conversations whose leases ran out; how many there were.

        One that fails is left to whoever sends its event again; the log names it.
        """
        return sum(
            self._recovered(name, key) for name in conversation_ids for key in self._abandoned(name)
        )

    def _abandoned(self, conversation_id: str) -> list[str]:
        try:
            found = self._store.read(conversation_id)
        except StoreError as exc:  # whoever opens it is told; the others go on
            log_line(
                "recovery", level=logging.ERROR, conversation=conversation_id, codes=[exc.code]
            )
            return []
        return [
            key
            for key, intent in ({} if found is None else found.intents).items()
            if self.is_over(intent) and not intent.stopped and intent.tries < MAX_TRIES
        ]

    def _recovered(self, conversation_id: str, key: str) -> bool:
        owner = object()

        def step(before: Conversation) -> Step[Round | None]:
            intent = before.intents.get(key)
            if intent is None or not self.is_over(intent):
                return Step(before, None)
            taken = self.taken_over(before, key, owner)
            if taken is None:
                return Step(before, None)
            now, mine = taken
            return Step(now, Round(key, owner, mine))

        try:
            round_ = self._store.change(conversation_id, step)
            if round_ is not None:
                self.run(conversation_id, round_)
            return round_ is not None
        except Exception as exc:  # one action's failure keeps no other one waiting
            log_line(
                "recovery",
                level=logging.ERROR,
                conversation=conversation_id,
                codes=[type(exc).__name__],
            )
            return False
        finally:
            self.end(owner)
