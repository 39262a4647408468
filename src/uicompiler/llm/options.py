"""What may be said of a turn beside its message and its model; `run` tells what each is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, TypeAlias, TypedDict

from uicompiler.app import ClientProfile, TurnContext, UIApp, Update
from uicompiler.ir.state import UIState
from uicompiler.llm.asking.capabilities import Capabilities
from uicompiler.llm.asking.learned import Learned
from uicompiler.llm.cache import Cache
from uicompiler.llm.exchange import Transport
from uicompiler.llm.settings import Budget, RunMode, Tries
from uicompiler.llm.tools import Tool
from uicompiler.llm.turns.driving import Cancel
from uicompiler.llm.turns.judging import Validator

History: TypeAlias = Sequence[tuple[str, str]]
"""Who said what, `user` or `assistant`, oldest first."""

BUDGET: Final = Budget()
TRIES: Final = Tries()


class ModelOptions(TypedDict, total=False):
    """What may be said of all turns of a host, as for `run`."""

    tools: Sequence[Tool]
    run_mode: RunMode
    validator: Validator | None
    budget: Budget
    tries: Tries
    transport: Transport | None
    cache: Cache | None
    capabilities: Capabilities | None
    learned: Learned | None


class RunOptions(ModelOptions, total=False):
    """What may be said of one turn, as for `run`."""

    app: UIApp | None
    state: UIState | None
    history: History
    backend: str
    client: ClientProfile | None
    turn: TurnContext | None
    strict: bool
    update: Update
    clock: Callable[[], float]
    random: Callable[[], float]
    cancel: Cancel | None
