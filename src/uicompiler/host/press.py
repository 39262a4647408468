"""What is asked of a conversation, and what it comes to: values, without HTTP."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, get_args

from uicompiler.app import ToolCall
from uicompiler.compiler import CompileResult
from uicompiler.dispatcher import StepResult
from uicompiler.errors import CODES, Diagnostic
from uicompiler.host.conversations import Conversation
from uicompiler.host.post import Post
from uicompiler.ir.values import FrozenDict, Json, thaw


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


PickKind = Literal["turn", "conversation"]
PICKS: Final[tuple[PickKind, ...]] = get_args(PickKind)


@dataclass(frozen=True, slots=True)
class Pick:
    """A press of a button that runs an example.

    Attributes:
        kind: Whether it is a turn of its own, or the next one of a recorded conversation.
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

    @property
    def status(self) -> int:
        """The HTTP status."""
        if self.refused:
            statuses = (CODES[item.code].status for item in self.refused)
            return next((status for status in statuses if status is not None), 400)
        last = self.results[-1] if self.results else None
        return last.status if isinstance(last, StepResult) else 200

    @property
    def codes(self) -> list[str]:
        """Codes for the log."""
        found = [item.code for result in self.results for item in result.diagnostics]
        return list(dict.fromkeys([*(item.code for item in self.refused), *found]))
