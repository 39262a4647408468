"""Turns of a conversation: a press of a button, an example turn, tools in between.

Nothing here knows HTTP. A press is checked and run on the newest state, alone in its conversation;
what it came to is kept and told to the streams in the same breath. Tools run outside of that, so
that a user can press something else meanwhile, and each round of their results is a step of its
own. The same press sent twice waits for the first one to be done and gets its answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final, TypeAlias
from uuid import uuid4

from uicompiler.app import Action, Outcome, StateView, ToolCall, TurnContext, UIApp
from uicompiler.backends.base import Backend
from uicompiler.backends.registry import backend_named
from uicompiler.compiler import CompileResult, compile, resolve
from uicompiler.dispatcher import StepResult, dispatch_with
from uicompiler.errors import Diagnostic, HostError, diagnostic
from uicompiler.host.conversations import Conversation, Conversations, referred, texts_with
from uicompiler.host.examples import Examples, ModelOutput
from uicompiler.host.press import Answer, Pick, Press, told_beside
from uicompiler.host.signer import KeyRing
from uicompiler.host.stream import Hub, Told
from uicompiler.host.tools import ToolContext, Tools
from uicompiler.host.uploads import Problem, Received, UploadStore, receiving, unknown_handle
from uicompiler.host.vault import Running, Vault
from uicompiler.host.waiting import Waiting
from uicompiler.ingress.accept import read_event
from uicompiler.ingress.form import read_form
from uicompiler.ir import data
from uicompiler.ir.field_kinds import SECRET_HANDLE, UPLOAD_HANDLE, is_handle
from uicompiler.ir.inputs import Input
from uicompiler.ir.reserved import FIELD_PREFIX
from uicompiler.ir.values import FrozenDict, Json, freeze
from uicompiler.pointer import join, parse

BACKEND: Final = "html"
MAX_ROUNDS: Final = 100
"""Rounds of tools that one press may ask for."""

_Round: TypeAlias = tuple[Conversation, StepResult, tuple[ToolCall, ...]]
"""The conversation after a round of tools, its step, and the tools of the next round."""


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
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.app = app
        self.examples = examples
        self._store = store
        self._hub = hub
        self._uploads = uploads
        self._ring = ring
        self._tools = tools
        self._clock = clock
        self._backend: Backend = backend_named(BACKEND)
        self._vault = Vault()
        self._running = Running()
        self._waiting = Waiting()

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
                answer = self._store.change(
                    conversation_id, lambda c: self._first(c, press, by_index)
                )
                return self._with_tools(answer, press)
            finally:
                self._running.end(press)

    def _first(
        self, before: Conversation, press: Press, received: Mapping[int, Received]
    ) -> tuple[Conversation, Answer]:
        """The first step of a press, on the newest state."""
        handles = {i: self._uploads.handle_for(before.id, file) for i, file in received.items()}
        event = self._event(press, handles)
        turn = self._turn(before, press.language, press.key)
        problems = self._problems(before, event, list(received.values()))
        if problems:
            return self._with_problems(before, press, event, turn, problems)
        try:
            staged = self._staged(before.id, received.values())
        except HostError as exc:
            found = [Problem(item) for item in exc.diagnostics]
            return self._with_problems(before, press, event, turn, found)
        try:
            step = self._dispatch(event, before, turn)
        except BaseException:
            self._uploads.drop(staged)
            raise
        taken = step.receipt is not None and not step.repeated and step.state is not before.state
        (self._uploads.keep if taken else self._uploads.drop)(staged)
        return self._came_to(before, press, event, step)

    def _staged(self, conversation_id: str, received: Iterable[Received]) -> list[str]:
        """The handles of files, all of them in their places; none of them when one fails."""
        now, staged = self._clock().timestamp(), list[str]()
        try:
            for file in received:
                staged.append(self._uploads.stage(conversation_id, file, now).handle)
        except BaseException:
            self._uploads.drop(staged)
            raise
        return staged

    def read_event(self, event: bytes) -> Mapping[str, Any]:
        """An event by its text, refused for its size, shape or ids before it is asked who sent it.

        Raises:
            IngressError: as `accept` finds them.
        """
        return read_event(event, address=self._backend.address, limits=self.app.limits)

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
    ) -> tuple[Conversation, Answer]:
        """What comes first in the order of checks still answers first; the handler never runs."""
        step = self._dispatch(event, before, turn, handler=_nothing)
        if step.receipt is None or step.repeated or _is_refused(step):
            return self._came_to(before, press, event, step)
        return before, self._refused(before, press, event, problems)

    def _came_to(
        self,
        before: Conversation,
        press: Press,
        event: Mapping[str, Any],
        step: StepResult,
    ) -> tuple[Conversation, Answer]:
        """The conversation and the answer after a step."""
        if step.repeated:
            due = self._due(before, press, step, _key_of(step), _calls_left(before, step))
            return before, Answer(before, before, (step,), event=event, repeated=True, due=due)
        if _is_refused(step):
            errors = [item for item in step.diagnostics if item.severity == "error"]
            found = errors or list(step.diagnostics)
            return before, self._refused(before, press, event, [Problem(item) for item in found])
        now = before.after(step)
        due = self._due(before, press, step, _key_of(step), step.tool_calls)
        self._keep_secrets(now, step.secrets)
        self._tell(now, step, press.origin)
        return now, Answer(before, now, (step,), event=event, due=due)

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

    def _dispatch(
        self,
        event: Mapping[str, Any],
        before: Conversation,
        turn: TurnContext,
        *,
        results: Mapping[str, Json] | None = None,
        handler: Callable[[Action, StateView], Outcome] | None = None,
    ) -> StepResult:
        settings = resolve(self.app, before.state, BACKEND, None, turn, strict=False, update="auto")
        return dispatch_with(
            event, state=before.state, turn=settings, tool_results=results, handler=handler
        )

    # --- files ------------------------------------------------------------------------------------

    def _problems(
        self,
        before: Conversation,
        event: Mapping[str, Any],
        received: Sequence[Received],
    ) -> list[Problem]:
        """What is wrong with the files of a press, and with handles in it."""
        surface_id, context = _sent(event)
        uploads = self._upload_inputs(before, surface_id)
        problems: list[Problem] = []
        taken: list[Received] = []
        for file in received:
            field = uploads[file.field][0].field if file.field in uploads else None
            found = self._uploads.problem(before.id, file, field, taken)
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

    def _upload_inputs(
        self, before: Conversation, surface_id: str
    ) -> dict[str, tuple[Input, object]]:
        """The inputs of a surface that take files, each with what it holds now."""
        address = self._backend.address(surface_id)
        surface = None if address is None else before.state.surfaces.get(address.surface)
        if surface is None:
            return {}
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

    def forget_unknown(self) -> None:
        """Forget conversations that are no more, whichever store let them go."""
        some = {*self._vault.ids(), *self._hub.ids()}  # asked before the store: none is newer
        there = {conversation.id for conversation in self._store.all()} if some else set()
        for gone in sorted(some - there):
            self.forget(gone)

    def expire_files(self) -> int:
        """Take away files nobody refers to; how many there were."""
        held = {c.id: referred(c, UPLOAD_HANDLE) for c in self._store.all()}
        return self._uploads.expire(held, self._clock().timestamp())

    # --- tools ------------------------------------------------------------------------------------

    def _due(
        self,
        before: Conversation,
        press: Press,
        step: StepResult,
        key: str,
        calls: tuple[ToolCall, ...],
    ) -> tuple[ToolCall, ...]:
        """The tools that a press is to run now: none while another press runs them."""
        if not calls:
            return ()
        action = () if step.action is None else (step.action.context, step.action.args)
        held = texts_with(SECRET_HANDLE, *action, *(call.arguments for call in calls))
        return calls if self._running.begin(before.id, key, press, held) else ()

    def _with_tools(self, answer: Answer, press: Press) -> Answer:
        """The answer after the tools its action asked for, round by round.

        An action that came again goes on where it stopped: its handler failed then.
        """
        first, due = answer.results[-1] if answer.results else None, answer.due
        key = _key_of(first) if isinstance(first, StepResult) else ""
        for _ in range(MAX_ROUNDS):
            if not due:
                break
            results = self._tool_results(answer.now.id, due, press.language)
            now, step, due = self._store.change(
                answer.now.id, self._continuing(press, key, answer.event, results)
            )
            answer = replace(answer, now=now, results=(*answer.results, step), due=())
        return answer

    def _tool_results(
        self, conversation_id: str, calls: Sequence[ToolCall], language: str
    ) -> dict[str, Json]:
        context = ToolContext(
            conversation_id, self._uploads.of(conversation_id), self._vault.of(conversation_id)
        )

        def words(key: str, **values: str) -> str:
            return self.app.text(key, language=language, **values)

        return self._tools.run(calls, context, words)

    def _continuing(
        self,
        press: Press,
        key: str,
        event: Mapping[str, Any],
        results: Mapping[str, Json],
    ) -> Callable[[Conversation], tuple[Conversation, _Round]]:
        """The step in which an action goes on with what its tools gave."""

        def step(before: Conversation) -> tuple[Conversation, _Round]:
            turn = self._turn(before, press.language, key)
            done = self._dispatch(event, before, turn, results=freeze(results))
            if done.repeated or _is_refused(done):
                return before, (before, done, ())
            now = before.after(done)
            due = self._due(before, press, done, key, done.tool_calls)
            if not due:
                self._running.end(press)
            self._keep_secrets(now, done.secrets)
            self._tell(now, done, press.origin)
            return now, (now, done, due)

        return step

    def _keep_secrets(self, now: Conversation, secrets: Mapping[str, str]) -> None:
        """Keep what may still be asked for: by the documents' handles, or by running tools."""
        held = referred(now, SECRET_HANDLE) | self._running.held(now.id)
        self._vault.keep(now.id, secrets, held)

    # --- examples ---------------------------------------------------------------------------------

    def pick(self, conversation_id: str, pick: Pick) -> Answer:
        """Run an example turn.

        Raises:
            HostError: HOST_CONVERSATION_UNKNOWN.
        """
        return self._store.change(conversation_id, lambda c: self._picked(c, pick))

    def _picked(self, before: Conversation, pick: Pick) -> tuple[Conversation, Answer]:
        if pick.key and pick.key in before.pressed:
            return before, Answer(before, before, repeated=True)
        source = self._source(before, pick)
        if source is None:
            finding = diagnostic("HOST_TURN_UNKNOWN", "there is no such turn, or none is left")
            text = self.app.text(finding.code, language=pick.language)
            return before, Answer(before, before, refused=(finding,), text=text)
        turn = self._turn(before, pick.language, None)
        result = compile(source, app=self.app, state=before.state, backend=BACKEND, turn=turn)
        now = before.after(result).with_pressed(pick.key)
        if pick.kind == "conversation":
            now = now.with_played(pick.name)
        if pick.later:
            now = now.with_toasts(result)
        self._keep_secrets(now, {})
        self._tell(now, result, pick.origin)
        return now, Answer(before, now, (result,))

    def _source(self, before: Conversation, pick: Pick) -> ModelOutput | None:
        if pick.kind == "turn":
            return self.examples.turns.get(pick.name)
        turns = self.examples.conversations.get(pick.name, ())
        done = before.played.get(pick.name, 0)
        return turns[done] if done < len(turns) else None

    # --- all --------------------------------------------------------------------------------------

    def forget(self, conversation_id: str) -> None:
        """A conversation ended: nothing of it stays."""
        self._uploads.forget(conversation_id)
        self._hub.forget(conversation_id)
        self._vault.forget(conversation_id)

    def context(self, conversation: Conversation, language: str) -> TurnContext:
        """The settings of a snapshot."""
        return self._turn(conversation, language, None)

    def _turn(self, before: Conversation, language: str, key: str | None) -> TurnContext:
        return TurnContext(
            conversation_id=before.id,
            turn_index=before.turns + 1,
            request_id=uuid4().hex,
            now=self._clock().isoformat(timespec="seconds").replace("+00:00", "Z"),
            signer=self._ring,
            idempotency_key=key,
            seen=before.receipts,
            language=language,
        )

    def _tell(self, now: Conversation, result: CompileResult, origin: str) -> None:
        shown = (("html", message) for message in result.messages)
        events = (*shown, *told_beside(result))
        self._hub.tell(now.id, Told(now.seq, origin, events))


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


def _key_of(step: StepResult) -> str:
    """The key of a step's receipt, "" for none."""
    return "" if step.receipt is None else step.receipt.key


def _calls_left(conversation: Conversation, step: StepResult) -> tuple[ToolCall, ...]:
    """The tools that an action which came again still waits for: those of its last round."""
    key = _key_of(step)
    rounds = [
        receipt
        for name, receipt in conversation.receipts.items()
        if name == key or name.startswith(f"{key}:tools:")
    ]
    calls = rounds[-1].answer["tool_calls"] if rounds else ()
    return tuple(ToolCall(call["id"], call["name"], call["arguments"]) for call in calls)


def _is_refused(step: StepResult) -> bool:
    """Whether nothing of an event was taken."""
    nothing = step.action is None and not step.field_errors and not step.ok
    return nothing and step.fallback is not None and not step.fallback.surfaces


def _input_of(finding: Diagnostic) -> str:
    """The input a finding points at, "" for none."""
    parts = parse(finding.pointer)
    return parts[-1] if len(parts) == 3 else ""
