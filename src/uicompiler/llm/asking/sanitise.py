"""A request without what the model does not take, so that it is not refused for it.

Pure. Best effort leaves such keys out and names them; strict refuses them. What says nothing (a
key that is None, `response_format` of type `text`) goes without a word.

Source: DESIGN section 11.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from uicompiler.errors import Diagnostic, LLMError, diagnostic
from uicompiler.llm.asking.capabilities import Capability
from uicompiler.llm.exchange import Request
from uicompiler.pointer import join

_TOOL_KEYS: Final = ("tools", "tool_choice", "parallel_tool_calls")
_EMPTY: Final = ("tools", "tool_choice")
"""Keys that say nothing when they are empty, and that some providers refuse then."""

_Why: TypeAlias = dict[str, str]


@dataclass(frozen=True, slots=True)
class Sanitised:
    """A request that the model takes, as far as is known.

    Attributes:
        request: What to send.
        dropped: Keys that were left out, in the order of the request.
        findings: The same as warnings, with why.
    """

    request: dict[str, Any]  # as `exchange.Request`
    dropped: tuple[str, ...] = ()
    findings: tuple[Diagnostic, ...] = ()


def sanitise(request: Request, capability: Capability, *, strict: bool = False) -> Sanitised:
    """Leave out, or rename, what the model does not take.

    Args:
        request: A chat-completions request; it stays as it is.
        capability: What the model takes.
        strict: Refuse instead of leaving out. What only repeats the default (`parallel_tool_calls`
            and `tool_choice` without tools) is left out all the same.

    Raises:
        LLMError: LLM_PARAMETER_UNSUPPORTED, with all such keys, when `strict`.
    """
    named = _renamed(_without_silence(request), capability)
    why = _refused(named, capability)
    idle = _idle({key: value for key, value in named.items() if key not in why}, capability)
    if strict and why:
        raise LLMError([_finding("LLM_PARAMETER_UNSUPPORTED", key, why[key]) for key in why])
    kept = {key: value for key, value in named.items() if key not in why and key not in idle}
    left_out = {key: (why | idle)[key] for key in named if key in why or key in idle}
    findings = (_finding("LLM_PARAMETER_DROPPED", key, text) for key, text in left_out.items())
    return Sanitised(_addressed(kept, capability), tuple(left_out), tuple(findings))


def _without_silence(request: Request) -> dict[str, Any]:
    return {key: value for key, value in request.items() if not _says_nothing(key, value)}


def _says_nothing(key: str, value: object) -> bool:
    if key == "response_format":
        return value is None or (isinstance(value, Mapping) and value.get("type") == "text")
    return value is None or (key in _EMPTY and not value)


def _renamed(request: dict[str, Any], capability: Capability) -> dict[str, Any]:
    """The request under the names that the provider uses; one that is there already wins."""
    named: dict[str, Any] = {}
    for key, value in request.items():
        name = capability.renames.get(key, key)
        if name == key or name not in request:
            named[name] = value
    return named


def _refused(request: Mapping[str, Any], capability: Capability) -> _Why:
    why = {key: "the model does not take it" for key in request if key in capability.refuses}
    if not capability.tools:
        why |= {key: "the model takes no tools" for key in _TOOL_KEYS if key in request}
    if request.get("stream") and not capability.stream:
        why["stream"] = "the model does not stream"
    wanted = _format_type(request)
    if wanted and wanted not in capability.response_formats:
        why["response_format"] = f"the model does not take {wanted}"
    left = [key for key in request if key not in why]
    return why | dict(_surplus(left, capability.one_of))


def _format_type(request: Mapping[str, Any]) -> str:
    wanted = request.get("response_format")
    return str(wanted.get("type", "")) if isinstance(wanted, Mapping) else ""


def _surplus(keys: Collection[str], groups: Iterable[tuple[str, ...]]) -> Iterator[tuple[str, str]]:
    for group in groups:
        present = [key for key in group if key in keys]
        for key in present[1:]:
            yield key, f"the model does not take it beside {present[0]}"


def _idle(request: Mapping[str, Any], capability: Capability) -> _Why:
    if request.get("tools"):
        return {}
    return dict.fromkeys(capability.only_with_tools & {*request}, "without tools it says nothing")


def _addressed(request: dict[str, Any], capability: Capability) -> dict[str, Any]:
    """The request with its messages in roles that the model takes."""
    messages = request.get("messages")
    if capability.system or not isinstance(messages, list | tuple):
        return request
    return {**request, "messages": _without_system(list(messages))}


def _without_system(messages: list[Any]) -> list[Any]:
    """What the system said, before what the user said first."""
    said = [_text(message) for message in messages if _role(message) == "system"]
    rest = [message for message in messages if _role(message) != "system"]
    if not said:
        return rest
    first = next((i for i, message in enumerate(rest) if _role(message) == "user"), None)
    if first is None:
        return [{"role": "user", "content": "\n\n".join(said)}, *rest]
    joined = "\n\n".join([*said, _text(rest[first])])
    return [*rest[:first], {**rest[first], "content": joined}, *rest[first + 1 :]]


def _role(message: object) -> str:
    return str(message.get("role", "")) if isinstance(message, Mapping) else ""


def _text(message: Mapping[str, Any]) -> str:
    """The words of a message; of one in parts, its parts' words."""
    content = message.get("content")
    if isinstance(content, list):
        return "\n".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    return "" if content is None else str(content)


def _finding(code: str, key: str, why: str) -> Diagnostic:
    return diagnostic(
        code,
        f"{key} is in the request, but {why}.",
        pointer=join([key]),
        hint=f"Leave {key} out, or say in a row of your own that the model takes it.",
    )
