"""Requests to models through litellm, the one module that imports it, and only when it is used.

It neither retries nor raises: what went wrong is a `Failure`. Keys stay here; neither a request,
nor a reply, nor a failure, nor a log line that passes here holds one. litellm is kept from the
network (its list of prices is the one it ships with), from logging and from retrying.

Source: DESIGN section 11.
"""

from __future__ import annotations

import asyncio
import atexit
import concurrent.futures
import contextlib
import functools
import importlib.util
import logging
import os
import sys
import warnings
import weakref
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from uicompiler.errors import Diagnostic, LLMError, diagnostic
from uicompiler.llm.asking.capabilities import Capabilities, Capability
from uicompiler.llm.asking.checks import check_address, check_provider, refuse
from uicompiler.llm.connection.clients import GUARDED, OPEN, UNGUARDED, Clients, takes_client
from uicompiler.llm.connection.failures import Seen, failure_of
from uicompiler.llm.connection.keywords import QUIET, arguments
from uicompiler.llm.connection.replies import (
    collect,
    reply_of,
    reply_of_stream,
    with_estimates,
    without_echo,
)
from uicompiler.llm.connection.secrets import (
    Scrubber,
    ScrubbingFilter,
    Secret,
    environment_secrets,
    host_of,
)
from uicompiler.llm.connection.wire import CALL, LOOP, let_go
from uicompiler.llm.exchange import Failure, Reply, Request, Usage
from uicompiler.llm.settings import ModelSettings

MAX_BYTES: Final = 8_000_000
"""Of one answer as it comes over the wire; a model's longest output is a tenth of it."""

_LOGGERS: Final = (
    *("LiteLLM", "LiteLLM Router", "LiteLLM Proxy"),
    *("openai", "openai._base_client", "httpx"),
    *("httpcore.connection", "httpcore.http11", "httpcore.http2", "httpcore.proxy"),
)
"""Loggers below; a filter on one does not see what its children say, so all are named."""
_NO_KEY: Final = "none"
"""Clients want some key where a server wants none."""

_COUNTED: Final = 50_000
"""Characters whose tokens are counted in an estimate."""

_SHORTEST_ECHO: Final = 12
"""What servers that want no key are given (`ollama`, `not-needed`) is a word like others."""

_OTHER_TOKENS: Final = ("_AUTH_TOKEN", "_AD_TOKEN")

_GRACE_S: Final = 5.0
"""How much longer than its deadline a call may take to say that it is over."""


class LiteLLMTransport:
    """Carries requests to the model that the settings name.

    Any thread and any event loop may use one at once. `close`, or leaving its `with` block, ends
    its connections; so does forgetting it.
    """

    def __init__(
        self,
        settings: ModelSettings,
        *,
        capabilities: Capabilities | None = None,
        max_bytes: int = MAX_BYTES,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """Open nothing yet.

        Args:
            settings: Of them, the model, the address and the key are used.
            capabilities: Where the provider's key is looked for; the table that ships.
            max_bytes: Of one answer.
            environment: Where keys are; that of the process.

        Raises:
            LLMError: LLM_NOT_INSTALLED, LLM_MODEL_UNKNOWN, LLM_KEY_MISSING, or
                LLM_SETTINGS_INVALID for an address or a provider that cannot be asked safely.
        """
        if importlib.util.find_spec("litellm") is None:
            raise _not_installed()
        table = capabilities or Capabilities.default()
        env = os.environ if environment is None else environment
        self._settings = settings
        server = _own_server(settings, env)
        refuse(list(check_address(server)))
        known = table.of(str(settings.model), api_base=server)
        refuse(
            check_provider(
                settings,
                known,
                environment=env,
                providers=_providers(table, str(settings.model)),
                own_server=server is not None,
            )
        )
        refuse(list(_unsafe(settings.model, server)))
        self._key = Secret(settings.api_key or _key_from(env, known))
        self._needs_key = _has_other_token(env, known) or (
            known.key_variables != () and server is None
        )
        self._scrub = Scrubber([self._key.reveal(), *environment_secrets(env)])
        self._echo = Scrubber([self._key.reveal()], shortest=_SHORTEST_ECHO)
        _FILTER.scrubbers.add(self._scrub)
        self._clients = Clients(max_bytes)
        weakref.finalize(self, self._clients.close, wait=False).atexit = False

    def __repr__(self) -> str:
        where = host_of(self._settings.api_base)
        return f"LiteLLMTransport({self._settings.model!r}{f', at {where}' if where else ''})"

    def __enter__(self) -> LiteLLMTransport:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        """End the connections; a later request opens new ones."""
        self._clients.close()

    @property
    def is_loaded(self) -> bool:
        """Whether litellm was loaded in this process."""
        return bool(_litellm.cache_info().currsize)

    def load(self) -> None:
        """Load litellm, which takes seconds, once in a process; else the first request does."""
        _litellm()

    @property
    def knows_price(self) -> bool:
        """Whether litellm knows what the model costs."""
        return self._price(Usage(1, 1)) is not None

    def send(self, request: Request, *, timeout_s: float) -> Reply | Failure:
        """Ask and wait, `timeout_s` seconds in all at most."""
        _litellm()
        seen = Seen()
        future = LOOP.submit(self._ask(request, timeout_s, seen))
        try:
            return future.result(max(0.0, timeout_s) + _GRACE_S)
        except concurrent.futures.TimeoutError:
            return without_echo(_timed_out(timeout_s, seen), self._echo.known)
        finally:
            future.cancel()

    async def asend(self, request: Request, *, timeout_s: float) -> Reply | Failure:
        """The same in an event loop; cancelling it closes the connection."""
        if not self.is_loaded:
            await asyncio.to_thread(self.load)
        return await asyncio.wrap_future(LOOP.submit(self._ask(request, timeout_s, Seen())))

    async def _ask(self, request: Request, timeout_s: float, seen: Seen) -> Reply | Failure:
        return without_echo(await self._tried(request, timeout_s, seen), self._echo.known)

    async def _tried(self, request: Request, timeout_s: float, seen: Seen) -> Reply | Failure:
        CALL.set(seen)
        try:
            async with asyncio.timeout(max(0.0, timeout_s)):
                return await self._complete(request, timeout_s, seen)
        except TimeoutError:
            return seen.failure or _timed_out(timeout_s, seen)
        except Exception as exc:  # whatever litellm or a provider's client makes of it is a value
            return failure_of(exc, seen, request=request, scrub=self._scrub)
        finally:
            let_go(seen)

    async def _complete(self, request: Request, timeout_s: float, seen: Seen) -> Reply | Failure:
        if request["model"] != self._settings.model:  # its key is for this model's provider alone
            return Failure("refused", f"This transport asks {self._settings.model} and no other.")
        litellm = _litellm()
        where = self._where(litellm)
        if litellm.model_fallbacks:  # litellm would ask these, and take the key along
            return Failure("refused", "litellm.model_fallbacks is set, which asks other models.")
        if "client" not in where and not _own_way(litellm, self._settings.model):
            return Failure("unauthorized", "Without a key or an address, nothing can be asked.")
        answer = await litellm.acompletion(
            **arguments(request), **where, timeout=timeout_s, **QUIET
        )
        reply: Reply | Failure
        if request.get("stream"):
            reply = reply_of_stream(await collect(answer, seen), self._price)
        else:
            reply = reply_of(answer, self._price)
        if isinstance(reply, Failure):
            return replace(reply, status=seen.status)
        return with_estimates(reply, request, _roughly, self._price)

    def _price(self, usage: Usage) -> float | None:
        """What tokens cost, where litellm knows the model's price."""
        try:
            sent, written = _litellm().cost_per_token(
                model=self._settings.model,
                prompt_tokens=usage.input_tokens,
                completion_tokens=usage.output_tokens,
                cache_read_input_tokens=usage.cached_input_tokens,
            )
            return float(sent + written)
        except Exception:  # it raises a bare one for a model without a price
            return None

    def _where(self, litellm: Any) -> dict[str, Any]:  # litellm is not typed
        """Address, key and client, as litellm takes them."""
        settings = self._settings
        _, provider, key, base = litellm.get_llm_provider(
            settings.model, api_base=settings.api_base, api_key=self._key.reveal() or None
        )
        key = self._key.reveal() or key or (None if self._needs_key else _NO_KEY)
        client = self._clients.of(litellm, provider, key, settings.api_base or base)
        known = {"api_base": settings.api_base, "api_key": key, "client": client}
        return {name: value for name, value in known.items() if value is not None}


@atexit.register
def _close_all() -> None:
    for clients in list(OPEN):
        clients.close()
    litellm = sys.modules.get("litellm")
    if litellm is not None and hasattr(litellm, "close_litellm_async_clients") and LOOP.started:
        LOOP.finish(litellm.close_litellm_async_clients())
    LOOP.stop()


def count_tokens(text: str) -> int:
    """Tokens of a text by cl100k_base, which litellm ships with, so that no network is needed.

    Other models count otherwise; it is an estimate for them.

    Raises:
        LLMError: LLM_NOT_INSTALLED.
    """
    return len(_litellm().encoding.encode(text, disallowed_special=()))


def _roughly(text: str) -> int:
    """Tokens of a text; of a long one as its beginning has them, since counting holds up calls."""
    if len(text) <= _COUNTED:
        return count_tokens(text)
    return count_tokens(text[:_COUNTED]) * len(text) // _COUNTED


@functools.cache
def _litellm() -> Any:
    """litellm, quiet; it is not typed.

    Raises:
        LLMError: LLM_NOT_INSTALLED.
    """
    # Without it, the import itself fetches a list of prices from the network.
    os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its types warn when pydantic first reads them
        try:
            import litellm
        except ImportError as exc:
            raise _not_installed() from exc
        _warm(litellm)
    warnings.filterwarnings("ignore", message=_TYPES_WARN)  # some are first read by a call
    for name in _LOGGERS:
        # Before litellm's own, which takes out half of a key, and leaves what we do not know.
        logging.getLogger(name).filters.insert(0, _FILTER)
    return litellm


def _warm(litellm: Any) -> None:
    """Have litellm load what it puts off until the first call, which has a deadline."""
    litellm.suppress_debug_info = True
    said = {"messages": [{"role": "user", "content": ""}], "api_key": _NO_KEY, **QUIET}
    with contextlib.suppress(Exception):  # it is put off then, no more
        for model in ("openai/x", "mistral/x"):
            for stream in (False, True):
                litellm.completion(model=model, mock_response="", stream=stream, **said)
        litellm.ModelResponseStream()


_FILTER: Final = ScrubbingFilter()
_TYPES_WARN: Final = r"Items? '.*on TypedDict class .*ReadOnly"


def _providers(table: Capabilities, model: str) -> frozenset[str]:
    """Providers that there are; litellm is asked only for those that the table does not name."""
    named = table.providers
    provider, slash, _ = model.partition("/")
    if not slash or provider in named:
        return named
    litellm = _litellm()
    known = {str(getattr(each, "value", each)) for each in litellm.provider_list}
    own = {str(each.get("provider", "")) for each in litellm.custom_provider_map}
    return named | known | own


def _own_way(litellm: Any, model: str) -> bool:
    """Whether a provider is asked without a client of ours: by Cohere's, or by code of the app."""
    provider = model.partition("/")[0]
    own = {str(each.get("provider", "")) for each in litellm.custom_provider_map}
    return provider in UNGUARDED | own


def _unsafe(model: str, server: str | None) -> Iterator[Diagnostic]:
    """Why a provider cannot be asked so that redirects, sizes and retries are held."""
    provider = model.partition("/")[0]
    hint = "What speaks OpenAI's API is openai/… with api_base; else hand in your own transport."
    if provider in UNGUARDED and server is not None:
        why = f"{provider} is asked at its own address only."
        yield diagnostic("LLM_SETTINGS_INVALID", why, pointer="/api_base", hint=hint)
    elif provider not in GUARDED | UNGUARDED:
        litellm = _litellm()
        if not takes_client(litellm, provider) and not _own_way(litellm, model):
            why = f"{provider} cannot be asked: litellm takes no guarded connection for it."
            yield diagnostic("LLM_SETTINGS_INVALID", why, pointer="/model", hint=hint)


def _own_server(settings: ModelSettings, environment: Mapping[str, str]) -> str | None:
    """The server that the settings name, or OpenAI's variables."""
    by_name = environment.get("OPENAI_BASE_URL") or environment.get("OPENAI_API_BASE")
    return settings.api_base or (by_name if str(settings.model).startswith("openai/") else None)


def _key_from(environment: Mapping[str, str], capability: Capability) -> str:
    # Tokens of another kind are sent in other ways, which litellm knows: it reads them itself.
    names = [name for name in capability.key_variables or () if not name.endswith(_OTHER_TOKENS)]
    return next((environment[name] for name in names if environment.get(name)), "")


def _has_other_token(environment: Mapping[str, str], capability: Capability) -> bool:
    names = [name for name in capability.key_variables or () if name.endswith(_OTHER_TOKENS)]
    return any(environment.get(name) for name in names)


def _timed_out(timeout_s: float, seen: Seen) -> Failure:
    return Failure(
        "timeout",
        f"No whole answer came within {timeout_s:g} s.",
        status=seen.status,
        partial_text="".join(seen.text),
    )


def _not_installed() -> LLMError:
    finding = diagnostic(
        "LLM_NOT_INSTALLED",
        "litellm is not installed, and no model can be asked without it.",
        hint="Install uicompiler[llm].",
    )
    return LLMError([finding])
