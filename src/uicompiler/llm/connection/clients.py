"""The clients that litellm is handed, so that every provider is asked through the guarded one.

litellm takes a client of its own, or one of OpenAI's, depending on the provider; it is handed in
here as a module that is not typed, since only `transport` imports it.
"""

from __future__ import annotations

import importlib
import os
import weakref
from typing import Any, Final

from uicompiler.llm.connection.wire import LOOP, guarded_client, no_second_try

_HTTP_CLIENTS: Final = frozenset(
    {
        "anthropic",
        "bedrock",
        "cohere",
        "cohere_chat",
        "databricks",
        "deepseek",
        "fireworks_ai",
        "gemini",
        "groq",
        "hosted_vllm",
        "huggingface",
        "mistral",
        "ollama",
        "ollama_chat",
        "openrouter",
        "together_ai",
        "vertex_ai",
        "xai",
    }
)
"""Providers that litellm asks by its own HTTP client; others it asks by OpenAI's."""


class Clients:
    """The clients of one transport, made when they are used, in the loop that they are used in."""

    def __init__(self, max_bytes: int) -> None:
        """Make none yet.

        Args:
            max_bytes: Of one answer.
        """
        self._max_bytes = max_bytes
        self._pid = 0
        self._http: Any = None  # httpx.AsyncClient, which is imported late
        self._made: dict[tuple[str, str | None], Any] = {}
        OPEN.add(self)

    def of(self, litellm: Any, provider: str, key: str | None, base: str | None) -> Any:
        """What litellm takes as `client`; None where it makes its own.

        Args:
            litellm: The module.
            provider: As litellm names it.
            key: Always the same one.
            base: Address of the server; None is the provider's own.
        """
        if self._http is None or self._pid != os.getpid():
            # After a fork, the connections are the parent's.
            self._http, self._pid = guarded_client(max_bytes=self._max_bytes), os.getpid()
            self._made = {}
        if (provider, base) not in self._made:
            self._made[provider, base] = self._make(litellm, provider, key, base)
        return self._made[provider, base]

    def close(self, *, wait: bool = True) -> None:
        """End the connections; the next use opens new ones."""
        http, self._http, self._made = self._http, None, {}
        if http is None or self._pid != os.getpid():
            return
        if wait:
            LOOP.finish(http.aclose())
        else:
            LOOP.submit(http.aclose())

    def _make(self, litellm: Any, provider: str, key: str | None, base: str | None) -> Any:
        if provider in _HTTP_CLIENTS:
            return self._litellm_client(litellm)
        if provider == "azure":
            return self._azure_client(litellm, key, base)
        if key and (provider == "openai" or provider in litellm.openai_compatible_providers):
            return self._openai_client(key, base)
        return None

    def _litellm_client(self, litellm: Any) -> Any:
        handlers = litellm.llms.custom_httpx.http_handler
        handler = handlers.AsyncHTTPHandler(transport=no_second_try(), follow_redirects=False)
        handler.client = self._http
        return handler

    def _openai_client(self, key: str, base: str | None) -> Any:
        address = base or os.environ.get("OPENAI_BASE_URL") or os.environ.get("OPENAI_API_BASE")
        return importlib.import_module("openai").AsyncOpenAI(
            api_key=key, base_url=address, http_client=self._http, max_retries=0
        )

    def _azure_client(self, litellm: Any, key: str | None, base: str | None) -> Any:
        endpoint = base or os.environ.get("AZURE_API_BASE")
        if not key or not endpoint:
            return None
        version = os.environ.get("AZURE_API_VERSION") or litellm.AZURE_DEFAULT_API_VERSION
        return importlib.import_module("openai").AsyncAzureOpenAI(
            api_key=key,
            azure_endpoint=endpoint,
            api_version=version,
            http_client=self._http,
            max_retries=0,
        )


OPEN: Final[weakref.WeakSet[Clients]] = weakref.WeakSet()
"""All of the process, for its end."""
