"""Turns of a conversation: a model's turn, a press of a button, a way back, tools in between.

Nothing here knows HTTP. Each is checked and run on the newest state, alone in its conversation;
what it came to is kept and told to the streams in the same breath. What takes long, a model or a
tool, runs outside of that, so that a user can press something else meanwhile. What is sent again
under its key waits for the first one to be done and gets its answer.
"""

from __future__ import annotations

import logging
import math
import secrets
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from hashlib import sha256
from threading import Lock, Thread
from typing import Any, Final

from uicompiler.app import Action, ClientProfile, Outcome, StateView, TurnContext, UIApp
from uicompiler.backends.registry import backend_named
from uicompiler.compiler import CompileResult, snapshot
from uicompiler.conversation import dump, model_record
from uicompiler.dispatcher import StepResult
from uicompiler.errors import Diagnostic, HostError, IngressError, StoreError, diagnostic
from uicompiler.executor.expiry import has_expired
from uicompiler.host.conversations.conversation import Conversation, Direction, FirstAnswer
from uicompiler.host.conversations.durable import Conversations, Step
from uicompiler.host.conversations.past import state_at, told_since
from uicompiler.host.guard import csrf
from uicompiler.host.guard.signer import KeyRing
from uicompiler.host.pages.post import Post
from uicompiler.host.streams.hub import Hub, Told
from uicompiler.host.turns.asking import Said, said_by
from uicompiler.host.turns.examples import Examples
from uicompiler.host.turns.making import Maker, now_utc, user_said, ways_back
from uicompiler.host.turns.press import (
    Answer,
    Model,
    ModelRequest,
    ModelSource,
    Pick,
    Press,
    answered,
)
from uicompiler.host.turns.rounds import Round, Rounds
from uicompiler.host.turns.tools import Tools
from uicompiler.host.turns.vault import Vault
from uicompiler.host.turns.waiting import Waiting
from uicompiler.host.uploads.store import (
    Problem,
    Received,
    UploadInfo,
    UploadStore,
    receiving,
    unknown_handle,
)
from uicompiler.host.watch.log import log_line
from uicompiler.ingress.accept import read_event
from uicompiler.ingress.form import read_form
from uicompiler.ir import data
from uicompiler.ir.field_kinds import UPLOAD_HANDLE, is_handle
from uicompiler.ir.inputs import Input
from uicompiler.ir.reserved import FIELD_PREFIX, REGENERATE
from uicompiler.ir.state import Surface, UIState
from uicompiler.ir.values import FrozenDict, Json
from uicompiler.pointer import join, parse
from uicompiler.store.memory import MemoryLog

BACKEND: Final = "html"
"""The protocol of the host's own pages."""

LEASE_S: Final = 30.0
_ASKS_EVERY_S: Final = 0.05
_EMPTY: Final[Mapping[str, Any]] = FrozenDict({"assistant_text": "", "directives": ()})
"""A model's turn that says nothing: what has expired is locked with it."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """A request that is no event.

    Attributes:
        key: Under which its answer is kept; "" for none.
        payload: SHA-256 of what was sent.
        language: The language to answer in.
        origin: The page that asked.
    """

    key: str = ""
    payload: str = ""
    language: str = "en"
    origin: str = ""

    @classmethod
    def of(
        cls, kind: str, key: str | None, payload: bytes, language: str, origin: str = ""
    ) -> _Asked:
        """A request of a kind; the same key may be used for each kind."""
        named = sha256(f"{kind}\n{key}".encode("utf-8", "replace")).hexdigest() if key else ""
        return cls(named, sha256(payload).hexdigest(), language, origin)


class Turns:
    """Runs turns.

    Args:
        app: The app.
        store: Where conversations are kept.
        hub: Where turns are told.
        uploads: Where files are kept.
        ring: Signs.
        tools: What handlers may ask for.
        examples: What can be shown without a model.
        model: The host app's model, if it has one.
        lease_s: How long a round of tools is left to whoever began it and is heard of no more.
        clock: The time.
    """

    def __init__(
        self,
        app: UIApp,
        store: Conversations,
        hub: Hub,
        uploads: UploadStore,
        ring: KeyRing,
        tools: Tools,
        examples: Examples,
        *,
        model: Model | None = None,
        lease_s: float = LEASE_S,
        clock: Callable[[], datetime] = now_utc,
    ) -> None:
        self.app = app
        self.examples = examples
        self.announced: Callable[[str, int], None] = lambda _conversation_id, _seq: None
        self._store = store
        self._hub = hub
        self._uploads = uploads
        self._ring = ring
        self.lease_s = lease_s
        self._ask = model
        self._maker = Maker(app, ring, clock)
        self._vault = Vault()
        self._rounds = Rounds(store, self._maker, tools, uploads, self._vault, lease_s)
        self._waiting = Waiting()
        self._recovering, self._recovered = Lock(), -math.inf
        store.committed = self._committed
        store.gone = self.forget

    # --- beginning and reading --------------------------------------------------------------------

    def begin(
        self,
        *,
        protocol: str = "a2ui-v0.8",
        client: ClientProfile | None = None,
        language: str = "en",
    ) -> tuple[Conversation, str]:
        """Begin a conversation; gives it and the token that opens it.

        Args:
            protocol: The backend its clients are served by.
            client: What its clients really do; `ClientProfile.web_core()` by default.
            language: The language to refuse in.

        Raises:
            HostError: HOST_CONVERSATIONS_FULL.
            ValueError: an unknown protocol.
        """
        backend_named(protocol)
        # Nothing in a name reads as an option of a command, or differs by case from another.
        name, token = secrets.token_hex(16), csrf.new_token()
        fresh = Conversation(
            name,
            csrf.token_hash(token),
            UIState(name),
            protocol=protocol,
            client=client or ClientProfile.web_core(),
            app=self._maker.app_hash,
        )
        return self._store.add(fresh, [self._maker.meta(fresh)]), token

    def opened(self, conversation_id: str, language: str = "en") -> Conversation | None:
        """The conversation as it is now, for whoever comes (back) to it; None when there is none.

        What it shows that the app no longer has is locked first, by a turn of its own, so that a
        client which goes on from where it was is told so too.
        """
        found = self._store.read(conversation_id)
        if found is None or not self._expired(found):
            return found
        return self._store.change(conversation_id, lambda c: self._locked(c, language))

    def _expired(self, conversation: Conversation) -> bool:
        return any(has_expired(surface, self.app) for surface in conversation.state.live_surfaces())

    def _locked(self, before: Conversation, language: str) -> Step[Conversation]:
        if not self._expired(before):
            return Step(before, before)
        turn = self._maker.turn(before, language)
        result, records = self._maker.compiled(before, _EMPTY, turn)
        now = self._maker.next(before, result)
        now = replace(now, history=now.history.moved(now.turns))
        return self._maker.step(before, now, now, result, records)

    def snapshot(self, conversation: Conversation, language: str) -> CompileResult:
        """Everything a client needs that has nothing: every live surface."""
        return self.shown(conversation, conversation.state, language)

    def shown(self, conversation: Conversation, state: UIState, language: str) -> CompileResult:
        """A state of a conversation as its clients are shown it."""
        return snapshot(
            state,
            app=self.app,
            backend=conversation.protocol,
            client=conversation.client,
            turn=self.context(conversation, language),
        )

    def since(self, conversation_id: str, seq: int, upto: int) -> list[Told] | None:
        """What the commits after one up to another told; None when only a snapshot helps."""
        if seq >= upto:
            return []
        known = self._hub.since(conversation_id, seq, upto)
        if known is not None:
            return list(known)
        found = self._store.read(conversation_id)
        if found is None:
            return None
        most = self._hub.limits.missed_bytes
        told = told_since(self._store.log, found, seq, upto, self._ring, most_bytes=most)
        # What can be undone is no part of any turn; the newest is what counts.
        if told and told[-1].seq == found.seq and ways_back(found):
            told[-1] = replace(told[-1], events=(*told[-1].events, *ways_back(found)))
        return told

    def seqs(self, conversation_ids: Collection[str]) -> Mapping[str, int]:
        """The newest counts of those of some conversations that there are."""
        return self._store.log.seqs(conversation_ids)

    def state_at(self, conversation_id: str, turn: int) -> UIState:
        """The state that a turn left; see `past.state_at`."""
        return state_at(self._store.log, conversation_id, turn, app=self.app)

    def context(self, conversation: Conversation, language: str) -> TurnContext:
        """The settings of a snapshot."""
        return self._maker.turn(conversation, language)

    # --- a model's turns --------------------------------------------------------------------------

    def model(
        self,
        conversation_id: str,
        source: ModelSource,
        *,
        key: str | None,
        language: str = "en",
        origin: str = "",
    ) -> Answer:
        """Show what a model wrote.

        Args:
            conversation_id: The conversation.
            source: What `compile` takes.
            key: Idempotency key, if the request has one.
            language: The language to answer in.
            origin: The page that asked.

        Raises:
            HostError: HOST_CONVERSATION_UNKNOWN.
            IngressError: A2UI_C2S_KEY_REUSED.
        """
        payload = dump([model_record(source, TurnContext())])
        asked = _Asked.of("turn", key, payload, language, origin)
        with self._waiting.alone(conversation_id, asked.key):
            said = Said(source)
            return self._store.change(conversation_id, lambda c: self._modelled(c, said, asked))

    @property
    def has_model(self) -> bool:
        """Whether there is a model to ask."""
        return self._ask is not None

    def ask(
        self,
        conversation_id: str,
        message: str,
        *,
        key: str | None,
        language: str = "en",
        origin: str = "",
        later: bool = False,
    ) -> Answer:
        """Have the host app's model answer a user; its turn lands on the newest state there is.

        The model is called once, outside of every lock: what the user does meanwhile is taken. When
        the state moved on, the same directives run on the newest one.

        Args:
            conversation_id: The conversation.
            message: What the user said.
            key: Idempotency key, if the request has one.
            language: The language to answer in.
            origin: The page that asked.
            later: Whether another page will show what it tells.

        Raises:
            HostError: HOST_CONVERSATION_UNKNOWN, or HOST_MODEL_MISSING.
            IngressError: A2UI_C2S_KEY_REUSED.
            Exception: whatever the model raises but `LLMError`; nothing is kept then.
        """
        asked = _Asked.of("ask", key, message.encode("utf-8", "replace"), language, origin)
        with self._waiting.alone(conversation_id, asked.key):
            before = self._store.read(conversation_id)
            known = None if before is None else self._known(before, asked)
            if known is not None:
                return replace(known.answer, said=message)
            said = self._asked(conversation_id, message, key or "", language)
            return self._store.change(
                conversation_id, lambda c: self._modelled(c, said, asked, message, later=later)
            )

    def _asked(
        self, conversation_id: str, message: str, key: str, language: str, regenerate: str = ""
    ) -> Said:
        """What the model says to somebody."""
        before = self._store.read(conversation_id)
        if self._ask is None or before is None:
            raise HostError([_no_model() if before is not None else _gone()])
        request = ModelRequest(
            conversation_id, message, before.messages, before.state, language, key, regenerate
        )
        return said_by(self._ask, request, self.app)

    def _modelled(
        self,
        before: Conversation,
        said: Said,
        asked: _Asked,
        message: str = "",
        *,
        later: bool = False,
    ) -> Step[Answer]:
        """The step of a model's turn."""
        known = self._known(before, asked)
        if known is not None:
            return known
        turn = self._maker.turn(before, asked.language)
        result, records = self._maker.compiled(before, said.source, turn)
        result = said.marked(result)
        now = self._maker.next(before.with_message("user", message), result)
        now = now.with_toasts(result) if later else now
        step = self._done(before, now.with_turn_undoable(before), asked, result, records)
        told = user_said(now, message)
        return replace(
            step,
            answer=replace(step.answer, said=message),
            told=[*told, *step.told],
            events=[*told, *step.events],
        )

    def _done(
        self,
        before: Conversation,
        now: Conversation,
        asked: _Asked,
        result: CompileResult,
        records: Sequence[Mapping[str, Json]],
    ) -> Step[Answer]:
        """The step of a request, its answer kept under its key."""
        first = answered(result, now, payload=asked.payload)
        now = now.with_answer(asked.key, first)
        return self._maker.step(
            before,
            now,
            Answer(before, now, (result,), first=first, key=asked.key),
            result,
            records,
            origin=asked.origin,
            after=lambda: self._rounds.keep_secrets(now, {}),
        )

    def _known(self, before: Conversation, asked: _Asked) -> Step[Answer] | None:
        """The first answer to a request that comes again; None for one that does not.

        Raises:
            IngressError: A2UI_C2S_KEY_REUSED, the key was another request's.
        """
        first = before.answers.get(asked.key) if asked.key else None
        if first is None:
            return None
        if first.payload != asked.payload:
            message = "the idempotency key was used for another request before"
            hint = "send every new request under a new key"
            raise IngressError([diagnostic("A2UI_C2S_KEY_REUSED", message, hint=hint)])
        answer = Answer(before, before, repeated=True, first=first, key=asked.key)
        return Step(before, answer)

    # --- back and forward -------------------------------------------------------------------------

    def back(
        self,
        conversation_id: str,
        direction: Direction,
        *,
        key: str | None,
        language: str = "en",
        origin: str = "",
    ) -> Answer:
        """Undo the last turn that changed what is shown, or redo the one that was undone last.

        What it showed before comes back in a turn of its own; what handlers and tools did outside
        is not undone. A turn of any other kind ends what can be redone.

        Args:
            conversation_id: The conversation.
            direction: Which way.
            key: Idempotency key, if the request has one.
            language: The language to answer in.
            origin: The page that asked.

        Raises:
            HostError: HOST_CONVERSATION_UNKNOWN.
            IngressError: A2UI_C2S_KEY_REUSED.
            StoreError: STORE_TURN_LOST.
        """
        asked = _Asked.of("back", key, direction.encode(), language, origin)
        with self._waiting.alone(conversation_id, asked.key):
            return self._store.change(conversation_id, lambda c: self._back(c, direction, asked))

    def _back(self, before: Conversation, direction: Direction, asked: _Asked) -> Step[Answer]:
        known = self._known(before, asked)
        if known is not None:
            return known
        to = before.history.target(direction)
        if to is None:
            finding = diagnostic("HOST_BACK_EMPTY", f"there is nothing to {direction}")
            return Step(before, self._turned_down(before, finding, asked.language))
        turn = self._maker.turn(before, asked.language)
        then = self.state_at(before.id, to)
        result, records = self._maker.restored(before, then, to, turn)
        now = self._maker.next(before, result)
        now = replace(now, history=before.history.gone(direction, now.turns))
        # What an undone action still waits for would show again what it led to.
        now = now.without_intents_after(to) if direction == "undo" else now
        # Whoever goes back to it, or past it, finds it without going back again first.
        return replace(self._done(before, now, asked, result, records), snapshot=True)

    def _turned_down(self, before: Conversation, finding: Diagnostic, language: str) -> Answer:
        text = self.app.text(finding.code, language=language)
        return Answer(before, before, refused=(finding,), text=text)

    # --- buttons of the page ----------------------------------------------------------------------

    def pick(self, conversation_id: str, pick: Pick) -> Answer:
        """Run an example turn, or go back.

        Raises:
            HostError: HOST_CONVERSATION_UNKNOWN.
            StoreError: STORE_TURN_LOST.
        """
        payload = f"{pick.kind}\n{pick.name}".encode("utf-8", "replace")
        asked = _Asked.of("pick", pick.key, payload, pick.language, pick.origin)
        return self._store.change(conversation_id, lambda c: self._picked(c, pick, asked))

    def _picked(self, before: Conversation, pick: Pick, asked: _Asked) -> Step[Answer]:
        if pick.kind == "back":
            return self._back(before, "redo" if pick.name == "redo" else "undo", asked)
        known = self._known(before, asked)
        if known is not None:
            return known
        source = self._source(before, pick)
        if source is None:
            finding = diagnostic("HOST_TURN_UNKNOWN", "there is no such turn, or none is left")
            return Step(before, self._turned_down(before, finding, pick.language))
        turn = self._maker.turn(before, pick.language)
        result, records = self._maker.compiled(before, source, turn)
        now = self._maker.next(before, result).with_turn_undoable(before)
        now = now.with_played(pick.name) if pick.kind == "conversation" else now
        now = now.with_toasts(result) if pick.later else now
        return self._done(before, now, asked, result, records)

    def _source(self, before: Conversation, pick: Pick) -> ModelSource | None:
        if pick.kind == "turn":
            return self.examples.turns.get(pick.name)
        turns = self.examples.conversations.get(pick.name, ())
        done = before.played.get(pick.name, 0)
        return turns[done] if done < len(turns) else None

    def toasts_taken(self, conversation_id: str) -> Conversation:
        """The newest conversation with its toasts, in which from now on there are none."""

        def taken(before: Conversation) -> Step[Conversation]:
            if not before.toasts:
                return Step(before, before)
            now = before.next(toasts=())
            return Step(now, replace(now, toasts=before.toasts))

        return self._store.change(conversation_id, taken)

    # --- presses ----------------------------------------------------------------------------------

    def press(self, conversation_id: str, press: Press) -> Answer:
        """Run a press to its end, its tools included.

        Raises:
            HostError: HOST_CONVERSATION_UNKNOWN.
            IngressError: what `read_form` raises.
            Exception: whatever the app's handler raises; nothing is kept then.
        """
        files = () if press.post is None else press.post.files
        chosen = [(i, file) for i, file in enumerate(files) if file.chosen]
        named = [(file, file.field.removeprefix(FIELD_PREFIX)) for _, file in chosen]
        with (
            self._waiting.alone(conversation_id, press.key or ""),
            receiving(self._uploads, named) as received,
        ):
            by_index = dict(zip((i for i, _ in chosen), received, strict=True))
            try:
                answer = self._pressed(conversation_id, press, by_index)
                return self._shown_again(self._with_tools(answer, press), press)
            finally:
                self._rounds.end(press)

    def _pressed(
        self, conversation_id: str, press: Press, received: Mapping[int, Received]
    ) -> Answer:
        """The first step of a press; of one that came again once nobody else is at it."""
        while True:
            answer = self._store.change(conversation_id, lambda c: self._first(c, press, received))
            elsewhere = answer.repeated and not answer.due and answer.key in answer.now.intents
            if not elsewhere or not press.key:
                return answer
            time.sleep(_ASKS_EVERY_S)  # another process runs its tools, or did until its lease ends

    def _first(
        self, before: Conversation, press: Press, received: Mapping[int, Received]
    ) -> Step[Answer]:
        """The first step of a press, on the newest state."""
        handles = {i: self._uploads.handle_for(before.id, file) for i, file in received.items()}
        event = self._event(press, handles)
        turn = self._maker.turn(before, press.language, press.key)
        problems = self._problems(before, event, list(received.values()))
        if problems:
            return self._with_problems(before, press, event, turn, problems)
        try:
            staged = self._staged(before.id, received.values())
        except HostError as exc:
            found = [Problem(item) for item in exc.diagnostics]
            return self._with_problems(before, press, event, turn, found)
        drop, keep = partial(self._uploads.drop, staged), partial(self._uploads.keep, staged)
        try:
            step = self._maker.dispatched(before, event, turn)
            made = self._came_to(before, press, event, turn, step)
        except BaseException:
            drop()
            raise
        taken = made.now is not before and step.state is not before.state
        # Who was faster may have committed the very same file: what is in place stays, and goes
        # with what nobody refers to if it was another one.
        return replace(made, after=_both(made.after, keep if taken else drop), undo=keep)

    def _staged(self, conversation_id: str, received: Iterable[Received]) -> list[str]:
        """The handles of files, all of them in their places; none of them when one fails."""
        now, staged = self._maker.clock().timestamp(), list[str]()
        try:
            for file in received:
                staged.append(self._uploads.stage(conversation_id, file, now).handle)
        except BaseException:
            self._uploads.drop(staged)
            raise
        return staged

    def read_event(self, event: bytes, protocol: str = BACKEND) -> Mapping[str, Any]:
        """An event by its text, refused for its size, shape or ids before it is asked who sent it.

        Raises:
            IngressError: as `accept` finds them.
        """
        address = backend_named(protocol).address
        return read_event(event, address=address, limits=self.app.limits)

    def _event(self, press: Press, handles: Mapping[int, str]) -> Mapping[str, Any]:
        if press.post is None:
            return press.event
        return read_form(press.post.pairs(handles), limits=self.app.limits)

    def _with_problems(
        self,
        before: Conversation,
        press: Press,
        event: Mapping[str, Any],
        turn: TurnContext,
        problems: Sequence[Problem],
    ) -> Step[Answer]:
        """What comes first in the order of checks still answers first; the handler never runs."""
        step = self._maker.dispatched(before, event, turn, handler=_nothing)
        if step.receipt is None or step.repeated or _is_refused(step):
            return self._came_to(before, press, event, turn, step)
        return Step(before, self._refused(before, press, event, problems))

    def _came_to(
        self,
        before: Conversation,
        press: Press,
        event: Mapping[str, Any],
        turn: TurnContext,
        step: StepResult,
    ) -> Step[Answer]:
        """The conversation and the answer after a press."""
        if step.repeated:
            return self._again(before, press, event, step)
        if _is_refused(step) or step.receipt is None:
            errors = [item for item in step.diagnostics if item.severity == "error"]
            found = errors or list(step.diagnostics)
            problems = [Problem(item) for item in found]
            return Step(before, self._refused(before, press, event, problems))
        key = step.receipt.key
        now = self._maker.next(before, step).with_turn_undoable(before, key)
        intent = self._rounds.intent(before, event, step, press.language)
        first = answered(step, now, payload=step.receipt.payload_hash)
        now = (
            now.with_intent(key, intent).with_answer(key, first)
            if intent
            else now.with_answer(key, first)
        )
        if intent is not None:
            self._rounds.mine(now, key, press, intent)
        due = () if intent is None else intent.calls
        answer = Answer(before, now, (step,), event=event, due=due, first=first, key=key)
        return self._maker.step(
            before,
            now,
            answer,
            step,
            self._maker.recorded(before, event, step, turn),
            origin=press.origin,
            after=lambda: self._rounds.keep_secrets(now, step.secrets),
        )

    def _again(
        self, before: Conversation, press: Press, event: Mapping[str, Any], step: StepResult
    ) -> Step[Answer]:
        """The first answer to a press that came again; it goes on where the first one stopped."""
        key = "" if step.receipt is None else step.receipt.key
        first = before.answers.get(key) or answered(step, before, payload="")
        taken = self._rounds.taken_over(before, key, press)
        answer = Answer(before, before, (step,), event=event, repeated=True, first=first, key=key)
        if taken is None:
            return Step(before, answer)
        now, intent = taken
        return Step(now, replace(answer, now=now, due=intent.calls))

    def _refused(
        self,
        before: Conversation,
        press: Press,
        event: Mapping[str, Any],
        problems: Sequence[Problem],
    ) -> Answer:
        texts = [
            self.app.text(item.finding.code, language=press.language, limit=item.limit)
            for item in problems
        ]
        beside = {
            _input_of(item.finding): text
            for item, text in zip(problems, texts, strict=True)
            if item.finding.code.startswith("HOST_UPLOAD_")
        }
        return Answer(
            before,
            before,
            refused=tuple(item.finding for item in problems),
            text=texts[0],
            event=event,
            problems=FrozenDict(beside),
        )

    def _with_tools(self, answer: Answer, press: Press) -> Answer:
        """The answer after the tools its action asked for, round by round."""
        intent = answer.now.intents.get(answer.key)
        if not answer.due or intent is None:
            return answer
        first = Round(answer.key, press, intent)
        now, steps = self._rounds.run(answer.now.id, first, answer.event)
        now = now or answer.now
        kept: FirstAnswer | None = now.answers.get(answer.key) or answer.first
        return replace(answer, now=now, results=(*answer.results, *steps), due=(), first=kept)

    # --- what has expired comes again -------------------------------------------------------------

    def _shown_again(self, answer: Answer, press: Press) -> Answer:
        """The answer with the view that a user asked for again, of a surface that had expired."""
        last = answer.results[-1] if answer.results else None
        action = last.action if isinstance(last, StepResult) else None
        if answer.repeated or action is None or action.name != REGENERATE:
            return answer
        source = self._view_again(answer.now, action.surface, press)
        result, now = self._store.change(
            answer.now.id, lambda c: self._regenerated(c, source, answer, press)
        )
        return replace(
            answer, now=now, results=(*answer.results, result), first=now.answers.get(answer.key)
        )

    def _view_again(self, now: Conversation, surface: str, press: Press) -> ModelSource:
        """The turn that shows a surface's view again: the app's own, else what the model says."""
        view = now.state.surfaces[surface].view
        template = "" if view is None else view.template_id or ""
        for kind, named, known in (
            ("ui.show_form", "form_id", self.app.forms),
            ("ui.show_view", "view_id", self.app.views),
        ):
            if template in known:
                payload = {named: template, "surface": surface}
                return {"assistant_text": "", "directives": [{"type": kind, "payload": payload}]}
        if self._ask is not None:
            return self._asked(now.id, "", press.key or "", press.language, surface).source
        text = self.app.text("A2UI_S2C_CATALOG_UNSUPPORTED", language=press.language)
        return {"assistant_text": text, "directives": []}

    def _regenerated(
        self, before: Conversation, source: ModelSource, answer: Answer, press: Press
    ) -> Step[tuple[CompileResult, Conversation]]:
        turn = self._maker.turn(before, press.language)
        result, records = self._maker.compiled(before, source, turn)
        now = self._maker.next(before, result).with_turn_undoable(before, answer.key)
        earlier = before.answers.get(answer.key) or answer.first
        payload = "" if earlier is None else earlier.payload
        first = answered(result, now, payload=payload, earlier=earlier)
        now = now.with_answer(answer.key, first)
        given = (result, now)
        return self._maker.step(before, now, given, result, records, origin=press.origin)

    # --- files ------------------------------------------------------------------------------------

    def _problems(
        self,
        before: Conversation,
        event: Mapping[str, Any],
        received: Sequence[Received],
    ) -> list[Problem]:
        """What is wrong with the files of a press, and with handles in it."""
        surface_id, context = _sent(event)
        address = self._maker.address(before, surface_id)
        surface = None if address is None else before.state.surfaces.get(address.surface)
        uploads = {} if surface is None else self._upload_inputs(surface)
        problems: list[Problem] = []
        taken: list[Received] = []
        for file in received:
            place = uploads[file.field][0].field if file.field in uploads else None
            found = self._uploads.problem(before.id, file, place, taken)
            problems.extend([] if found is None else [found])
            taken.extend([file] if found is None else [])
        fresh = {(file.field, self._uploads.handle_for(before.id, file)) for file in received}
        unknown = [
            name
            for name, (item, held) in uploads.items()
            for handle in _handles(context.get(name))
            if (name, handle) not in fresh and not self.owns(before.id, item, handle, held=held)
        ]
        places = (join(("userAction", "context", name)) for name in unknown)
        return [*problems, *(Problem(unknown_handle(place)) for place in places)]

    def _upload_inputs(self, surface: Surface) -> dict[str, tuple[Input, object]]:
        """The inputs of a surface that take files, each with what it holds now."""
        return {
            item.id: (item, data.get(surface.data, ("draft", *item.place)))
            for item in surface.inputs
            if item.field.kind == "upload"
        }

    def owns(self, conversation_id: str, item: Input, handle: str, *, held: object = None) -> bool:
        """Whether a handle is of a file of the conversation that an input may stand for.

        One that the input holds already (`held`) may be of another field: the app put it there.
        """
        if handle == held:
            return self._uploads.info(conversation_id, handle) is not None
        return self._uploads.suits(conversation_id, handle, item)

    def upload(self, conversation_id: str, post: Post) -> UploadInfo:
        """Keep a file, for an event that will name its handle.

        Args:
            conversation_id: The conversation.
            post: One file, under the id of the field that it is for.

        Raises:
            HostError: HOST_BODY_INVALID, it is not one file; HOST_UPLOAD_…, it is not taken.
        """
        chosen = [file for file in post.files if file.chosen]
        if len(chosen) != 1:
            message = f"expected one file, found {len(chosen)}"
            raise HostError([diagnostic("HOST_BODY_INVALID", message)])
        named = [(chosen[0], chosen[0].field.removeprefix(FIELD_PREFIX))]
        with receiving(self._uploads, named) as received:
            return self._store.change(conversation_id, lambda c: self._uploaded(c, received[0]))

    def _uploaded(self, before: Conversation, file: Received) -> Step[UploadInfo]:
        shown = (self._upload_inputs(surface) for surface in before.state.live_surfaces())
        fields = [known[file.field][0].field for known in shown if file.field in known]
        problem = self._uploads.problem(before.id, file, fields[0] if fields else None)
        if problem is not None:
            raise HostError([problem.finding])
        info = self._uploads.stage(before.id, file, self._maker.clock().timestamp())
        return Step(before, info, after=lambda: self._uploads.keep([info.handle]))

    # --- sweeping ---------------------------------------------------------------------------------

    def sweep(self) -> None:
        """Look at what other processes did, and forget what is no more."""
        self._store.expire()
        self._store.refresh()
        self.forget_unknown()
        self.expire_files()

    def recover(self) -> int:
        """Go on with actions whose tools were left by a process that is gone; how many."""
        return self._rounds.recover(self._store.due(self._maker.clock().timestamp()))

    def recover_when_due(self) -> None:
        """As `recover`, once as long as a lease is, in a thread that nobody waits for.

        In memory there is nothing of another process.
        """
        now = time.monotonic()
        if isinstance(self._store.log, MemoryLog) or now < self._recovered + self.lease_s:
            return
        if self._recovering.acquire(blocking=False):
            self._recovered = now
            Thread(target=self._recover, name="uicompiler-recovery", daemon=True).start()

    def _recover(self) -> None:
        try:
            self.recover()
        except Exception as exc:  # the store cannot be asked now; it is asked again
            codes = [exc.code if isinstance(exc, StoreError) else type(exc).__name__]
            log_line("recovery", level=logging.WARNING, codes=codes)
        finally:
            self._recovering.release()

    def forget_unknown(self) -> None:
        """Forget conversations that are no more, whoever let them go."""
        some = {*self._vault.ids(), *self._hub.ids()}
        for gone in sorted(some - self._store.there(some)):
            self.forget(gone)

    def expire_files(self) -> int:
        """Take away files nobody refers to; how many there were."""
        held = self._store.files(self._uploads.ids())
        return self._uploads.expire(held, self._maker.clock().timestamp())

    def end(self, conversation_id: str) -> None:
        """Forget a conversation, all of it, in the log too.

        Raises:
            StoreError: what `EventLog` raises.
        """
        self._store.delete(conversation_id)

    def forget(self, conversation_id: str) -> None:
        """A conversation ended: nothing of it stays."""
        self._uploads.forget(conversation_id)
        self._hub.forget(conversation_id)
        self._vault.forget(conversation_id)

    def _committed(self, now: Conversation, step: Step[object]) -> None:
        """Tell the streams of this process, then the other processes."""
        self._hub.tell(now.id, Told(now.seq, step.origin, tuple(step.events)))
        self.announced(now.id, now.seq)


def _both(first: Callable[[], None], then: Callable[[], None]) -> Callable[[], None]:
    def do() -> None:
        first()
        then()

    return do


def _sent(event: Mapping[str, Any]) -> tuple[str, Mapping[str, Json]]:
    """The surface and context of an action; of anything else, none."""
    found = event.get("userAction", {})
    return str(found.get("surfaceId")), found.get("context", {})


def _handles(value: Json) -> list[str]:
    """The handles of files in a field's value."""
    given = value if isinstance(value, list) else [value]
    return [item for item in given if is_handle(item, UPLOAD_HANDLE)]


def _nothing(_action: Action, _view: StateView) -> Outcome:
    return Outcome()


def _is_refused(step: StepResult) -> bool:
    """Whether nothing of an event was taken."""
    nothing = step.action is None and not step.field_errors and not step.ok
    return nothing and step.fallback is not None and not step.fallback.surfaces


def _input_of(finding: Diagnostic) -> str:
    """The input a finding points at, "" for none."""
    parts = parse(finding.pointer)
    return parts[-1] if len(parts) == 3 else ""


def _no_model() -> Diagnostic:
    message = "the host was given no model to ask"
    return diagnostic("HOST_MODEL_MISSING", message, hint="pass create_app(model=…)")


def _gone() -> Diagnostic:
    return diagnostic("HOST_CONVERSATION_UNKNOWN", "the conversation is gone")
