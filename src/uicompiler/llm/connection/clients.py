"""The clients that litellm is handed, so that every provider is asked through the guarded one.

litellm takes a client of its own, or one of OpenAI's, depending on the provider; for some it takes
none, and these are not asked at all, but for `UNGUARDED`. litellm is handed in here as a module
that is not typed, since only `transport` imports it.
"""

from __future__ import annotations

import importlib
import os
import weakref
from functools import cache
from typing import Any, Final

from uicompiler.llm.connection.wire import LOOP, guarded_client, no_second_try

_HTTP_CLIENTS: Final = frozenset(
    {
        "anthropic",
        "azure_ai",
        "bedrock",
        "bedrock_mantle",
        "cometapi",
        "compactifai",
        "databricks",
        "datarobot",
        "deepseek",
        "edenai",
        "fireworks_ai",
        "gemini",
        "groq",
        "heroku",
        "hosted_vllm",
        "huggingface",
        "lemonade",
        "minimax",
        "mistral",
        "nadir",
        "ollama",
        "ollama_chat",
        "opencode_go",
        "openrouter",
        "ovhcloud",
        "snowflake",
        "together_ai",
        "vertex_ai",
        "xai",
    }
)
"""Providers that litellm asks by its own HTTP client."""

_OPENAI_CLIENTS: Final = frozenset(
    {
        "abliteration",
        "assemblyai",
        "cerebras",
        "charity_engine",
        "custom_openai",
        "empiriolabs",
        "github",
        "inferenceapis",
        "kyma",
        "llamafile",
        "lm_studio",
        "moonshot",
        "neosantara",
        "nvidia_nim",
        "openai",
        "perplexity",
        "refuseless",
        "sambanova",
        "scaleway",
        "text-completion-openai",
        "xiaomi_mimo",
    }
)
"""Providers that litellm asks by OpenAI's client; others stand in a list of its own."""

GUARDED: Final = _HTTP_CLIENTS | _OPENAI_CLIENTS | {"azure"}
"""Providers that are known to be asked by a client that litellm is handed."""

_OTHER_WAYS: Final = frozenset({"anyscale", "chatgpt", "clarifai", "github_copilot", "ragflow"})
"""Providers of that list that are asked, or logged in to, in another way all the same."""

UNGUARDED: Final = frozenset({"cohere", "cohere_chat"})
"""Asked by a client of litellm's own, at their own address only."""


def takes_client(litellm: Any, provider: str) -> bool:
    """Whether litellm asks a provider by a client that it is handed."""
    return provider in GUARDED or _is_openai(litellm, provider)


def _is_openai(litellm: Any, provider: str) -> bool:
    if provider in _HTTP_CLIENTS | _OTHER_WAYS:
        return False
    return provider in _OPENAI_CLIENTS or provider in litellm.openai_compatible_providers


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
        """What litellm takes as `client`; None where it takes none, or there is no key.

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
        if key and _is_openai(litellm, provider):
            return self._openai_client(key, base)
        return None

    def _litellm_client(self, litellm: Any) -> Any:
        handlers = litellm.llms.custom_httpx.http_handler
        handler = handlers.AsyncHTTPHandler(transport=no_second_try(), follow_redirects=False)
        handler.client = self._http
        return handler

    def _openai_client(self, key: str, base: str | None) -> Any:
        address = base or os.environ.get("OPENAI_BASE_URL") or os.environ.get("OPENAI_API_BASE")
        client = _once(importlib.import_module("openai").AsyncOpenAI)
        return client(api_key=key, base_url=address, http_client=self._http)

    def _azure_client(self, litellm: Any, key: str | None, base: str | None) -> Any:
        endpoint = base or os.environ.get("AZURE_API_BASE")
        token = None if key else os.environ.get("AZURE_AD_TOKEN")
        if not endpoint or not (key or token):
            return None
        version = os.environ.get("AZURE_API_VERSION") or litellm.AZURE_DEFAULT_API_VERSION
        client = _once(importlib.import_module("openai").AsyncAzureOpenAI)
        return client(
            api_key=key,
            azure_ad_token=token,
            azure_endpoint=endpoint,
            api_version=version,
            http_client=self._http,
        )


@cache
def _once(client: Any) -> Any:
    """A class of OpenAI's clients that sends each request once, whatever it is told.

    litellm sets `max_retries` of a client that it is handed, to 2 for many providers.
    """

    class Once(client):  # type: ignore[misc]  # openai is not typed here
        @property
        def max_retries(self) -> int:
            return 0

        @max_retries.setter
        def max_retries(self, value: int) -> None:
            """Nothing is tried again below `run`."""

    return Once


OPEN: Final[weakref.WeakSet[Clients]] = weakref.WeakSet()
"""All of the process, for its end."""
