"""Every provider is asked once a call, by a client that follows no redirect and reads no flood."""

from __future__ import annotations

import functools
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.llm.model_server import Answer, ModelServer, model_server, refusal
from uicompiler import llm
from uicompiler.app import UIApp
from uicompiler.errors import LLMError
from uicompiler.llm.asking.capabilities import Capabilities
from uicompiler.llm.connection import clients
from uicompiler.llm.connection.clients import GUARDED, UNGUARDED
from uicompiler.llm.exchange import Failure
from uicompiler.llm.settings import Budget, ModelSettings, Tries
from uicompiler.llm.transport import LiteLLMTransport, _litellm

pytestmark = pytest.mark.filterwarnings("ignore:.*ReadOnly:UserWarning")  # as litellm is loaded

PAGE = Path(__file__).resolve().parents[3] / "docs" / "providers.md"
ASK: dict[str, Any] = {"messages": [{"role": "user", "content": "Hello?"}]}
TABLE = Capabilities.default().providers
ELSEWHERE = frozenset({"vertex_ai"})
"""Asked by way of a library of its own, which is not installed here."""

PROVIDERS = sorted((TABLE - UNGUARDED - ELSEWHERE) | {"ai21", "azure_ai", "deepinfra", "zai"})
REFUSED = ("amazon_nova", "cloudflare", "replicate", "sagemaker", "aiohttp_openai", "oobabooga")


@pytest.fixture(autouse=True)
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    """No name leads anywhere, since some providers are asked for more than an answer."""
    found = socket.getaddrinfo

    def only_here(host: Any, *args: Any, **kwargs: Any) -> Any:
        if host in ("127.0.0.1", b"127.0.0.1"):
            return found(host, *args, **kwargs)
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", only_here)


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with model_server() as held:
        yield held


def settings(provider: str, server: ModelServer) -> ModelSettings:
    return ModelSettings(f"{provider}/x", api_base=server.url, api_key="key-1234567890")


def asked(provider: str, server: ModelServer) -> llm.LLMResult:
    return llm.run(
        "Hello?",
        model=settings(provider, server),
        app=UIApp.standard(),
        budget=Budget(calls=1),
        tries=Tries(retries=0, repairs=0),
    )


@pytest.mark.parametrize("status", [500, 429])
@pytest.mark.parametrize("provider", PROVIDERS)
def test_one_call_is_one_request(server: ModelServer, provider: str, status: int) -> None:
    server.answer = Answer(refusal("It went wrong."), status)
    result = asked(provider, server)
    assert (len(server.asked), len(result.attempts), result.ok) == (1, 1, False)
    assert server.last.headers["accept-encoding"] == "identity"


@pytest.mark.parametrize("provider", PROVIDERS)
def test_no_provider_may_send_us_elsewhere(server: ModelServer, provider: str) -> None:
    with model_server() as elsewhere:
        server.answer = Answer(b"", 307, {"location": elsewhere.url})
        result = asked(provider, server)
        assert elsewhere.asked == []
    assert (len(server.asked), result.ok) == (1, False)
    assert "which is not followed" in str(result.diagnostics)


def test_who_is_asked_without_the_guard_is_asked_at_home(server: ModelServer) -> None:
    assert TABLE - GUARDED == UNGUARDED == {"cohere", "cohere_chat"}
    for provider in UNGUARDED:
        with pytest.raises(LLMError) as caught:
            LiteLLMTransport(settings(provider, server))
        assert (caught.value.code, caught.value.pointer) == ("LLM_SETTINGS_INVALID", "/api_base")
        LiteLLMTransport(ModelSettings(f"{provider}/x", api_key="key-1234567890")).close()
        assert f"`{provider}/…`" in PAGE.read_text("utf-8")


@pytest.mark.parametrize("provider", REFUSED)
def test_who_takes_no_guarded_client_is_not_asked(server: ModelServer, provider: str) -> None:
    with pytest.raises(LLMError) as caught:
        LiteLLMTransport(settings(provider, server))
    assert (caught.value.code, caught.value.pointer) == ("LLM_SETTINGS_INVALID", "/model")
    assert "openai/… with api_base" in caught.value.hint


def test_all_that_litellm_knows_is_guarded_or_refused(server: ModelServer) -> None:
    server.answer = Answer(refusal("It went wrong."), 500)
    names = {str(getattr(each, "value", each)) for each in _litellm().provider_list}
    reached = 0
    for provider in sorted(names - ELSEWHERE):
        server.asked.clear()
        try:
            transport = LiteLLMTransport(settings(provider, server))
        except LLMError:
            continue
        with transport:
            came = transport.send({**ASK, "model": f"{provider}/x"}, timeout_s=30)
        assert isinstance(came, Failure), provider
        assert [it.headers["accept-encoding"] for it in server.asked] == ["identity"], provider
        reached += 1
    assert reached > len(PROVIDERS)


@pytest.mark.parametrize("provider", ["openai", "sambanova", "mistral", "anthropic"])
def test_what_an_app_has_litellm_try_again_is_tried_once_here(
    server: ModelServer, provider: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    litellm = _litellm()
    monkeypatch.setattr(litellm, "num_retries", 3)
    server.answer = Answer(refusal("It went wrong."), 500)
    asked(provider, server)
    assert len(server.asked) == 1
    monkeypatch.setattr(litellm, "model_fallbacks", ["openai/another"])
    result = asked(provider, server)
    assert len(server.asked) == 1
    assert "model_fallbacks" in str(result.diagnostics)


@pytest.mark.parametrize("status", [400, 422, 500])
def test_a_client_that_tries_again_sends_nothing_more(
    server: ModelServer, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_litellm(), "drop_params", True)
    monkeypatch.setattr(clients, "_once", _eager)
    told = {"message": "Unknown seed.", "param": "seed", "loc": ["body", "seed"]}
    server.answer = Answer({"error": told, "detail": [told]}, status)
    with LiteLLMTransport(settings("sambanova", server)) as transport:
        came = transport.send({**ASK, "model": "sambanova/x", "seed": 1}, timeout_s=30)
    assert isinstance(came, Failure)
    assert (came.status, len(server.asked)) == (status, 1)


def _eager(client: Any) -> Any:
    return functools.partial(client, max_retries=2)


def test_a_token_of_azure_goes_by_the_guarded_client(
    server: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AZURE_API_KEY", raising=False)
    monkeypatch.setenv("AZURE_AD_TOKEN", "token-1234567890")
    home = ModelSettings("azure/ours", api_base=server.url.removesuffix("/v1"))
    with LiteLLMTransport(home) as transport:
        transport.send({**ASK, "model": "azure/ours"}, timeout_s=30)
    assert server.last.headers["authorization"] == "Bearer token-1234567890"
    assert server.last.headers["accept-encoding"] == "identity"
