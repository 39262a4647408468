"""A model for `uicompiler.host.create_app(model=…)`: `llm.arun` for every message of a user.

Knows the host's request by its attributes alone, so that a host of another make may use it too.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final, Protocol, TypeAlias

from uicompiler.app import TurnContext, UIApp
from uicompiler.errors import LLMError
from uicompiler.ir.state import UIState
from uicompiler.llm.asking.capabilities import Capabilities
from uicompiler.llm.asking.learned import Learned
from uicompiler.llm.cache import Cache
from uicompiler.llm.exchange import Transport
from uicompiler.llm.result import LLMResult
from uicompiler.llm.runner import BUDGET, TRIES, arun, prepared_transport
from uicompiler.llm.settings import Budget, ModelSettings, RunMode, Tries
from uicompiler.llm.tools import Tool
from uicompiler.llm.turns.judging import Validator

_AGAIN: Final = "Show the view on the surface {name} again."


class Asked(Protocol):
    """What is read of a `uicompiler.host.ModelRequest`."""

    @property
    def conversation_id(self) -> str:
        """The conversation."""

    @property
    def message(self) -> str:
        """What the user said last."""

    @property
    def messages(self) -> Sequence[tuple[str, str]]:
        """Who said what before that."""

    @property
    def state(self) -> UIState:
        """What the user sees."""

    @property
    def language(self) -> str:
        """The user's language."""

    @property
    def key(self) -> str:
        """The request's idempotency key, or ""."""

    @property
    def regenerate(self) -> str:
        """The surface whose view is to be shown again, or ""."""


Model: TypeAlias = Callable[[Asked], Awaitable["str | Mapping[str, Any]"]]
"""`request -> envelope`, as `create_app` takes it."""


def as_model(
    model: str | ModelSettings,
    app: UIApp,
    *,
    run_mode: RunMode = "directives",
    tools: Sequence[Tool] = (),
    validator: Validator | None = None,
    budget: Budget = BUDGET,
    tries: Tries = TRIES,
    transport: Transport | None = None,
    cache: Cache | None = None,
    capabilities: Capabilities | None = None,
    learned: Learned | None = None,
    on_result: Callable[[LLMResult], None] | None = None,
) -> Model:
    """A model that a host asks; what it learns of its provider holds for all conversations.

    Where nothing usable came, it raises `LLMError` when it is asked, the finding that says why at
    the front. The host has the user read the app's text for that.

    Args:
        model: As for `run`, and so are all below.
        app: The app that the host serves.
        run_mode: How the model answers.
        tools: The app's, for `tool_loop` and `hybrid`.
        validator: Says what a result lacks.
        budget: What a turn may cost.
        tries: How often something is tried again.
        transport: Carries requests; litellm by default.
        cache: Replies that are kept.
        capabilities: What models take.
        learned: What they were found to refuse.
        on_result: Told of every result, for its trace and what it cost.

    Raises:
        LLMError: settings that could not work.
        AppError: the app cannot be told to a model.
    """
    settings = ModelSettings(model) if isinstance(model, str) else model
    carrier = prepared_transport(
        settings, app, run_mode, tools, budget, tries, transport, capabilities
    )
    lessons = Learned() if learned is None else learned

    async def ask(request: Asked) -> str | Mapping[str, Any]:
        result = await arun(
            request.message or _AGAIN.format(name=request.regenerate),
            model=settings,
            app=app,
            state=request.state,
            history=request.messages,
            tools=tools,
            run_mode=run_mode,
            validator=validator,
            budget=budget,
            tries=tries,
            transport=carrier,
            cache=cache,
            capabilities=capabilities,
            learned=lessons,
            turn=TurnContext(
                request.conversation_id, request_id=request.key, language=request.language
            ),
        )
        if on_result is not None:
            on_result(result)
        return _told(result)

    return ask


def _told(result: LLMResult) -> str | Mapping[str, Any]:
    if result.ok:
        return result.source
    # Of equally severe findings the first one counts: what a provider did, before what it wrote.
    raise LLMError(sorted(result.diagnostics, key=lambda item: not item.code.startswith("LLM_")))
