"""The LLM boundary: ask a model for directives, bounded, repaired and traced.

    from uicompiler import llm
    result = llm.run("I want to add a contact.", model="openai/gpt-4o-mini", app=app)

What is here loads when it is first asked for; litellm only when a provider is.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from uicompiler.llm.asking.attempt import Attempt
    from uicompiler.llm.asking.capabilities import Capabilities, Capability
    from uicompiler.llm.asking.learned import Learned
    from uicompiler.llm.cache import Cache, directory_cache, memory_cache
    from uicompiler.llm.exchange import Failure, Reply, ToolRequest, Transport, Usage
    from uicompiler.llm.host import as_model
    from uicompiler.llm.mending.mend import Mended, mend
    from uicompiler.llm.prompt import instructions
    from uicompiler.llm.result import LLMResult
    from uicompiler.llm.runner import arun, run
    from uicompiler.llm.schema import envelope_schema, response_format
    from uicompiler.llm.settings import Budget, ModelSettings, Tries
    from uicompiler.llm.tools import Tool
    from uicompiler.llm.transport import LiteLLMTransport, count_tokens

_HOMES: Final = {
    "Attempt": "asking.attempt",
    "Budget": "settings",
    "Cache": "cache",
    "Capabilities": "asking.capabilities",
    "Capability": "asking.capabilities",
    "Failure": "exchange",
    "LLMResult": "result",
    "Learned": "asking.learned",
    "LiteLLMTransport": "transport",
    "Mended": "mending.mend",
    "ModelSettings": "settings",
    "Reply": "exchange",
    "Tool": "tools",
    "ToolRequest": "exchange",
    "Transport": "exchange",
    "Tries": "settings",
    "Usage": "exchange",
    "arun": "runner",
    "as_model": "host",
    "count_tokens": "transport",
    "directory_cache": "cache",
    "envelope_schema": "schema",
    "instructions": "prompt",
    "memory_cache": "cache",
    "mend": "mending.mend",
    "response_format": "schema",
    "run": "runner",
}

__all__ = [
    "Attempt",
    "Budget",
    "Cache",
    "Capabilities",
    "Capability",
    "Failure",
    "LLMResult",
    "Learned",
    "LiteLLMTransport",
    "Mended",
    "ModelSettings",
    "Reply",
    "Tool",
    "ToolRequest",
    "Transport",
    "Tries",
    "Usage",
    "arun",
    "as_model",
    "count_tokens",
    "directory_cache",
    "envelope_schema",
    "instructions",
    "memory_cache",
    "mend",
    "response_format",
    "run",
]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
