"""What is asked of a conversation, and what it comes to: values, without HTTP."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeAlias, get_args

from uicompiler.app import ToolCall
from uicompiler.compiler import CompileResult
from uicompiler.dispatcher import StepResult
from uicompiler.errors import CODES, Diagnostic
from uicompiler.host.conversations.conversation import Conversation, FirstAnswer
from uicompiler.host.pages.post import Post
from uicompiler.ir.state import UIState
from uicompiler.ir.values import FrozenDict, Json, freeze, thaw


@dataclass(frozen=True, slots=True)
class Press:
    """A press of a button, or an event of a script.

    Attributes:
        post: The form, for a press.
        event: The event, for a script's.
        key: Idempotency key, if the request has one.
        language: The language to answer in.
        origin: The page it was pressed on.
    """

    post: Post | None = None
    event: Mapping[str, Any] = field(default_factory=FrozenDict, repr=False)
    key: str | None = None
    language: str = "en"
    origin: str = ""


PickKind = Literal["turn", "conversation", "back"]
PICKS: Final[tuple[PickKind, ...]] = get_args(PickKind)


@dataclass(frozen=True, slots=True)
class Pick:
    """A press of a button of the page: one that runs an example, one that goes back.

    Attributes:
        kind: Whether it is a turn of its own, the next one of a recorded conversation, or a way
            back or forward.
        name: Which.
        key: As of `Press`.
        language: As of `Press`.
        origin: As of `Press`.
        later: Whether another page will show what it tells.
    """

    kind: PickKind
    name: str
    key: str = ""
    language: str = "en"
    origin: str = ""
    later: bool = False


@dataclass(frozen=True, slots=True)
class ModelRequest:
    """What a host app's model is asked, and what it may want to know.

    Attributes:
        conversation_id: The conversation.
        message: What the user said last.
        messages: Who said what before that, in order: `user` or `assistant`, and the text; the
            newest ones.
        state: The state as it was when the model was asked; the turn lands on the newest one.
        language: The user's language.
        key: The request's idempotency key, or "": equal when it comes again.
        regenerate: The surface whose view is to be shown again, where the user asked for that.
    """

    conversation_id: str
    message: str = field(repr=False)
    messages: Sequence[tuple[str, str]] = field(repr=False)
    state: UIState = field(repr=False)
    language: str = "en"
    key: str = ""
    regenerate: str = ""


ModelSource: TypeAlias = "str | bytes | Mapping[str, Any] | Sequence[Any]"
"""What a model wrote, as `compile` takes it."""

Model: TypeAlias = "Callable[[ModelRequest], ModelSource | Awaitable[ModelSource]]"
"""A host app's model, a function or a coroutine function.

It may take its time, is called outside of every lock and once a request. A function has a thread of
its own, a coroutine runs in the event loop that serves. Where nothing came of it, it raises
`LLMError`.
"""


def told_beside(result: CompileResult) -> Iterator[tuple[str, Mapping[str, Json]]]:
    """What a turn tells beside its messages, each by its name: `effect`, `text`, `fallback`."""
    for effect in result.effects:
        yield "effect", thaw(effect.to_dict())
    if result.assistant_text:
        yield "text", {"text": result.assistant_text}
    if result.fallback is not None:
        yield "fallback", result.fallback.to_dict()


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request came to.

    Attributes:
        before: The conversation it was asked of.
        now: The conversation after it.
        results: What was compiled, a turn each, in order.
        refused: Why nothing happened, when nothing did.
        text: What the user reads then.
        event: The event that was refused, for what was typed in it.
        problems: By input id, what a refusal says of it, in the user's words.
        repeated: Whether this is the first answer to something that came again.
        due: Tools that whoever asked is to run now.
        first: What is kept of it for those who ask again; None when it was refused.
        said: What the user said to the model, or "".
        key: The key of the action it is the answer to, or "".
        draft: The message that was refused, for its box.
    """

    before: Conversation
    now: Conversation
    results: tuple[CompileResult, ...] = ()
    refused: tuple[Diagnostic, ...] = ()
    text: str = ""
    event: Mapping[str, Any] = field(default_factory=FrozenDict, repr=False)
    problems: Mapping[str, str] = field(default_factory=FrozenDict, repr=False)
    repeated: bool = False
    due: tuple[ToolCall, ...] = ()
    first: FirstAnswer | None = None
    said: str = field(default="", repr=False)
    key: str = ""
    draft: str = field(default="", repr=False)

    @property
    def status(self) -> int:
        """The HTTP status."""
        if self.refused:
            statuses = (CODES[item.code].status for item in self.refused)
            return next((status for status in statuses if status is not None), 400)
        return 200 if self.first is None else self.first.status

    @property
    def body(self) -> Mapping[str, Json]:
        """What is said as JSON: the same, whoever asks again under the same key."""
        if self.first is not None and not self.refused:
            return self.first.body
        found = [item.to_dict() for item in self.refused]
        said = {"text": self.text, "surfaces": [], "regenerate": ""} if self.text else None
        return _body(self.now, ok=not found, diagnostics=found, fallback=said)

    @property
    def seqs(self) -> tuple[int, ...]:
        """The commits whose batches are this answer's, also when it is given again."""
        return () if self.first is None or self.refused else self.first.seqs

    @property
    def codes(self) -> list[str]:
        """Codes for the log."""
        found = [item.code for result in self.results for item in result.diagnostics]
        return list(dict.fromkeys([*(item.code for item in self.refused), *found]))


def answered(
    result: CompileResult, now: Conversation, *, payload: str, earlier: FirstAnswer | None = None
) -> FirstAnswer:
    """What is kept of an answer.

    Args:
        result: What was compiled.
        now: The conversation after it.
        payload: SHA-256 of what was sent.
        earlier: The answer so far, of an action that goes on with what its tools gave.
    """
    before = {} if earlier is None else earlier.body
    texts = [str(before.get("assistant_text", "")), result.assistant_text]
    fallback = None if result.fallback is None else result.fallback.to_dict()
    body = _body(
        now,
        ok=result.ok and bool(before.get("ok", True)),
        text="\n\n".join(text for text in texts if text),
        diagnostics=[*before.get("diagnostics", ()), *(d.to_dict() for d in result.diagnostics)],
        fallback=fallback or before.get("fallback"),
        errors=result.field_errors if isinstance(result, StepResult) else {},
    )
    status = result.status if isinstance(result, StepResult) else 200
    return FirstAnswer(payload, status, freeze(body), (*(earlier.seqs if earlier else ()), now.seq))


def _body(
    now: Conversation,
    *,
    ok: bool,
    text: str = "",
    diagnostics: Sequence[Json] = (),
    fallback: Json = None,
    errors: Mapping[str, str] | None = None,
) -> dict[str, Json]:
    more = {"field_errors": dict(errors)} if errors else {}
    return {
        "seq": now.seq,
        "ok": ok,
        "assistant_text": text,
        "diagnostics": list(diagnostics),
        "fallback": fallback,
        "undo": bool(now.history.before),
        "redo": bool(now.history.after),
        **more,
    }
