"""Tools: what an action's handler asks for and the edge does, between two steps of one action.

A tool is a function, or a coroutine function, of its arguments and the conversation it runs for.
What it gives is handed to the handler as it is; a tool that fails, or gives no JSON, answers
`{"error": …}`, in the user's language, so that the handler can say so. A call that is run again,
after a crash or a failure, has the same key again; one that names a secret which nobody knows any
more is not run. `read_upload` is always there.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final, TypeAlias

from uicompiler.app import ToolCall
from uicompiler.canonical import canonical_json, sha256_hex
from uicompiler.errors import HostError
from uicompiler.host.conversations.conversation import texts_with
from uicompiler.host.turns.awaiting import settled
from uicompiler.host.turns.examples import Examples
from uicompiler.host.uploads.store import ConversationUploads
from uicompiler.host.watch.log import log_line
from uicompiler.ir.field_kinds import SECRET_HANDLE, is_handle
from uicompiler.ir.values import Json, freeze, thaw
from uicompiler.ir.words import Words


@dataclass(frozen=True, slots=True)
class ToolContext:
    """For whom a tool runs.

    Attributes:
        conversation_id: The conversation.
        uploads: Its files.
        secret: What was typed into a secret field, by its handle; None when it is not there.
        key: Names this very call, equal whenever it is run again: for the `Idempotency-Key` of
            a request to another service.
    """

    conversation_id: str
    uploads: ConversationUploads
    secret: Callable[[str], str | None]
    key: str = ""


Tool: TypeAlias = "Callable[[Mapping[str, Json], ToolContext], Json | Awaitable[Json]]"
"""What a handler may ask for, a function or a coroutine function; what it gives is JSON."""

_MAX_READ: Final = 1024 * 1024


def read_upload(arguments: Mapping[str, Json], context: ToolContext) -> Json:
    """The text of an uploaded file: `{"handle": …, "max_bytes": …}` gives `{"text": …}`.

    Raises:
        HostError: HOST_UPLOAD_UNKNOWN.
        ValueError: it is too long, or no text.
    """
    most = arguments.get("max_bytes", _MAX_READ)
    with context.uploads.open(str(arguments.get("handle"))) as stream:
        raw = stream.read(int(most) + 1)
    if len(raw) > most:
        raise ValueError("the file is too long")
    return {"text": raw.decode("utf-8-sig")}


STANDARD: Final[Mapping[str, Tool]] = MappingProxyType({"read_upload": read_upload})


@dataclass(frozen=True, slots=True)
class Tools:
    """The tools of an app.

    Attributes:
        own: By name.
        examples: What recordings say of tools that are not there.
    """

    own: Mapping[str, Tool]
    examples: Examples

    def run(
        self,
        calls: Iterable[ToolCall],
        context: ToolContext,
        words: Words,
        key: Callable[[ToolCall], str],
    ) -> dict[str, Json]:
        """The result of each call, by its id."""
        return {
            call.id: self._result(call, replace(context, key=key(call)), words) for call in calls
        }

    def _result(self, call: ToolCall, context: ToolContext, words: Words) -> Json:
        tool = self.own.get(call.name) or STANDARD.get(call.name)
        if tool is None:
            known = self.examples.answer(call.name, thaw(call.arguments))
            return {"error": words("host.tool_missing")} if known is None else known
        if any(context.secret(handle) is None for handle in _secrets_in(call)):
            return {"error": words("host.secret_gone")}
        try:
            return _json(settled(tool(call.arguments, context)))
        except HostError as exc:
            return _failed(context, exc.code, words)
        except Exception as exc:  # the world outside failed, not the conversation
            return _failed(context, type(exc).__name__, words)


def _json(value: Json) -> Json:
    """What a tool gave, once it is known to be what the log and the handler can take.

    Raises:
        TypeError: it is no JSON.
        ValueError: a number in it has no JSON form.
    """
    canonical_json(freeze(value))
    return value


def _secrets_in(call: ToolCall) -> list[str]:
    """Handles of secrets in the arguments of a call."""
    found = texts_with(SECRET_HANDLE, call.arguments)
    return [text for text in found if is_handle(text, SECRET_HANDLE)]


def call_key(conversation_id: str, action: str, round_: int, call: ToolCall) -> str:
    """The key of a call: of one conversation, one action, one of its rounds."""
    return sha256_hex([conversation_id, action, round_, call.id])


def _failed(context: ToolContext, why: str, words: Words) -> Json:
    """A result that says so; the log names the kind of failure, never its text."""
    conversation = context.conversation_id
    log_line("tool", level=logging.WARNING, conversation=conversation, codes=[why])
    return {"error": words("host.tool_failed")}
