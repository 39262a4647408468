"""What a model writes when it is done with its tools: words, or an envelope. Pure.

Words are words. They may quote an envelope, out of a tool's result or a user's message, so that
nothing is mended here and nothing run that `compile` itself would not read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from uicompiler.directives.envelope import Parsed, parse_envelope
from uicompiler.directives.registry import DirectiveRegistry
from uicompiler.errors import Diagnostic
from uicompiler.llm.turns.judging import Compiling, envelope_of
from uicompiler.llm.turns.tool_loop import same
from uicompiler.strict_json import loads

_FENCE: Final = re.compile(r"(?:```|~~~)[A-Za-z0-9_-]*+")
_CLOSING: Final = ("```", "~~~")
_MEANT_AS_ENVELOPE: Final = re.compile(r"""\{\s*+["']?(?:assistant_text|directives)\b""")


@dataclass(frozen=True, slots=True)
class LastWords:
    """What a loop of tools comes to.

    Attributes:
        source: An envelope of what was called and what was said.
        faults: What is wrong with an envelope among the words.
    """

    source: str
    faults: tuple[Diagnostic, ...] = ()


def joined(text: str, directives: Sequence[object], compiling: Compiling) -> LastWords:
    """What was called, with the last words; an envelope of the model's own counts among them.

    Args:
        text: The last words.
        directives: Those that were called.
        compiling: How they are compiled.
    """
    parsed = _parsed(text, compiling)
    last = parsed.envelope
    if last is None:
        meant = _MEANT_AS_ENVELOPE.match(_unfenced(text)) is not None
        return LastWords(envelope_of(text, directives), parsed.diagnostics if meant else ())
    registry = compiling.app.directives
    called = {same(item) for item in directives}
    more = [item for item in last.directives if same(_canonical(item, registry)) not in called]
    torn = () if last.complete else parsed.diagnostics
    return LastWords(envelope_of(last.assistant_text, [*directives, *more]), torn)


def envelope_alone(text: str, compiling: Compiling) -> str:
    """The envelope that a text is, with nothing but a fence around it; "" when it is none."""
    body = _unfenced(text)
    try:
        loads(body, max_depth=compiling.app.limits.max_envelope_depth)
    except ValueError:
        return ""
    return body if body.startswith("{") and _parsed(body, compiling).envelope is not None else ""


def _parsed(text: str, compiling: Compiling) -> Parsed:
    limits = compiling.app.limits
    return parse_envelope(
        text,
        max_bytes=limits.max_envelope_bytes,
        max_depth=limits.max_envelope_depth,
        strict=compiling.strict,
    )


def _unfenced(text: str) -> str:
    body = text.strip()
    fence = _FENCE.match(body)
    if fence is None:
        return body
    closing = next((end for end in _CLOSING if body.endswith(end)), "")
    return body[fence.end() :].removesuffix(closing).strip()


def _canonical(directive: object, registry: DirectiveRegistry) -> object:
    """A directive under the name of its type that a call of it has."""
    name = directive.get("type") if isinstance(directive, Mapping) else None
    spec = registry.find(name) if isinstance(name, str) else None
    if spec is None or not isinstance(directive, Mapping):
        return directive
    return {**directive, "type": spec.type}
