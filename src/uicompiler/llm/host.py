"""A model for `uicompiler.host.create_app(model=…)`: `llm.arun` for every message of a user.

Knows the host's request by its attributes alone, so that a host of another make may use it too.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final, Protocol, TypeAlias, Unpack

from uicompiler.app import TurnContext, UIApp
from uicompiler.errors import LLMError
from uicompiler.ir.state import UIState
from uicompiler.llm.asking.learned import Learned
from uicompiler.llm.options import ModelOptions
from uicompiler.llm.result import LLMResult
from uicompiler.llm.runner import arun, prepared_transport
from uicompiler.llm.settings import ModelSettings

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
    on_result: Callable[[LLMResult], None] | None = None,
    **options: Unpack[ModelOptions],
) -> Model:
    """A model that a host asks; what it learns of its provider holds for all conversations.

    Where nothing usable came, it raises `LLMError` when it is asked, the finding that says why at
    the front. The host has the user read the app's text for that.

    Args:
        model: As for `run`.
        app: The app that the host serves.
        on_result: Told of every result, for its trace and what it cost.
        options: As for `run`: `run_mode`, `tools`, `validator`, `budget`, `tries`, `transport`,
            `cache`, `capabilities`, `learned`.

    Raises:
        LLMError: settings that could not work.
        AppError: the app cannot be told to a model.
    """
    options["transport"] = prepared_transport(model, app, **options)
    options["learned"] = options.get("learned") or Learned()

    async def ask(request: Asked) -> str | Mapping[str, Any]:
        turn = TurnContext(
            request.conversation_id, request_id=request.key, language=request.language
        )
        result = await arun(
            request.message or _AGAIN.format(name=request.regenerate),
            model=model,
            app=app,
            state=request.state,
            history=request.messages,
            turn=turn,
            **options,
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
