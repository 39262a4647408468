"""Whether what `run` and `arun` are called with is of the right kind, told before anything is sent.

A wrong kind is a bug of the caller's, so it is a TypeError: what the argument is, what was found,
and what to do. Whether values of the right kind can work together is for `asking/checks.py`.
"""

from __future__ import annotations

import inspect
from collections.abc import Collection, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from types import NoneType, UnionType
from typing import Final, Literal, NoReturn, TypeAlias, get_args

from pydantic import BaseModel

from uicompiler.app import TurnContext
from uicompiler.compiler import CompileResult
from uicompiler.ir.state import UIState
from uicompiler.llm.asking.capabilities import Capabilities
from uicompiler.llm.asking.learned import Learned
from uicompiler.llm.cache import Cache
from uicompiler.llm.options import RunOptions
from uicompiler.llm.result import LLMResult
from uicompiler.llm.settings import Budget, ModelSettings, Tries
from uicompiler.llm.tools import Tool

Way: TypeAlias = Literal["send", "asend"]
"""How a transport is called: by `run`, or by `arun`."""

_BUDGET: Final = "write llm.Budget(seconds=30, calls=5)"
_TRIES: Final = "write llm.Tries(retries=1)"
_MODEL: Final = "name one, as in 'openai/gpt-4o-mini'"
_TURN: Final = "write TurnContext(conversation_id='…', now='…')"
_LEARNED: Final = "make one llm.Learned() for all turns"
_PAIR: Final = "write ('user', 'Hello.')"
_TOOL: Final = "write llm.Tool(name, description, parameters, run)"


def check_names(caller: str, options: Collection[str]) -> None:
    """Refuse what is no option of `run` and `arun`.

    Args:
        caller: Which of them.
        options: Names of what it was called with.

    Raises:
        TypeError: the first that there is not.
    """
    known = RunOptions.__annotations__
    for name in options:
        if name not in known:
            raise TypeError(f"{caller}() takes no argument {name}; {_name_hint(name, known)}")


def check_asked(
    *,
    message: object,
    model: object,
    state: object,
    turn: object,
    history: object,
    tools: object,
    validator: object,
    budget: object,
    tries: object,
    capabilities: object,
    learned: object,
) -> None:
    """Refuse what a turn cannot be asked with; names as for `run`.

    Raises:
        TypeError: the first that is of a wrong kind.
    """
    _expect("message", message, str, "it is what the user says")
    _expect("model", model, str | ModelSettings, _MODEL)
    _expect("state", state, UIState | None, _state_hint(state))
    _expect("turn", turn, TurnContext | None, _TURN)
    _history(history)
    _tools(tools)
    _validator(validator)
    _expect("budget", budget, Budget, _BUDGET)
    _expect("tries", tries, Tries, _TRIES)
    _expect("capabilities", capabilities, Capabilities | None, _table_hint(capabilities))
    _expect("learned", learned, Learned | None, _LEARNED)


def check_edge(
    way: Way,
    transport: object,
    cache: object = None,
    cancel: object = None,
    clock: object = None,
    sleep: object = None,
    random: object = None,
) -> None:
    """Refuse what a turn cannot be carried out with; names as for `run`.

    Raises:
        TypeError: the first that is of a wrong kind.
    """
    _transport(transport, way)
    _expect("cache", cache, Cache | None, _cache_hint(cache))
    if cancel is not None and not callable(getattr(cancel, "is_set", None)):
        _refuse("cancel", "an event that is_set() asks", cancel, "threading.Event is one")
    for name, value in (("clock", clock), ("sleep", sleep), ("random", random)):
        if value is not None and not callable(value):
            _refuse(name, "a function", value, f"hand in the function, as {name}=…")
    if way == "send" and inspect.iscoroutinefunction(sleep):
        _refuse("sleep", "a plain function", sleep, "arun takes a coroutine function")


# --- one argument ---------------------------------------------------------------------------------


def _history(history: object) -> None:
    if not isinstance(history, Sequence) or isinstance(history, str | bytes):
        _refuse("history", "a list of pairs (role, text)", history, f"{_PAIR} for each")
    for index, entry in enumerate(history):
        pair = isinstance(entry, tuple | list) and len(entry) == 2
        if not pair or not all(isinstance(part, str) for part in entry):
            _refuse(f"history[{index}]", "a pair (role, text) of strings", entry, _PAIR)


def _tools(tools: object) -> None:
    if not isinstance(tools, Sequence) or isinstance(tools, str | bytes):
        _refuse("tools", "a list of llm.Tool", tools, _TOOL)
    for index, tool in enumerate(tools):
        name = f"tools[{index}]"
        _expect(name, tool, Tool, _TOOL)
        _expect(f"{name}.name", tool.name, str, _TOOL)
        _expect(f"{name}.description", tool.description, str, _TOOL)
        _parameters(f"{name}.parameters", tool.parameters)
        if not callable(tool.run):
            _refuse(f"{name}.run", "a function of the arguments", tool.run, _TOOL)


def _parameters(name: str, given: object) -> None:
    modelled = isinstance(given, type) and issubclass(given, BaseModel)
    if not modelled and not isinstance(given, Mapping):
        hint = "write {'type': 'object', 'properties': {…}}"
        _refuse(name, "a pydantic model or a JSON Schema", given, hint)


def _validator(validator: object) -> None:
    if validator is None:
        return
    if not callable(validator):
        hint = "it takes the result and returns a list of what is missing"
        _refuse("validator", "a function", validator, hint)
    if inspect.iscoroutinefunction(validator):
        hint = "it may not wait: what it needs, the caller fetches first"
        _refuse("validator", "a plain function", validator, hint)


def _transport(transport: object, way: Way) -> None:
    if transport is None:
        return
    if isinstance(transport, type):
        _refuse("transport", "an object", transport, f"make one: {transport.__name__}(…)")
    if not callable(getattr(transport, way, None)):
        caller, other = ("run", "arun") if way == "send" else ("arun", "run")
        hint = f"{caller} needs {way}(request, *, timeout_s); {other} does without"
        _refuse("transport", f"an object with {way}()", transport, hint)


# --- what to do instead ---------------------------------------------------------------------------


def _name_hint(name: str, known: Collection[str]) -> str:
    if name in ModelSettings.__annotations__:
        return f"it is a setting: model=llm.ModelSettings('openai/gpt-4o-mini', {name}=…)"
    near = get_close_matches(name, known, n=1)
    return f"is it {near[0]}?" if near else f"known: {', '.join(sorted(known))}"


def _state_hint(state: object) -> str:
    if isinstance(state, LLMResult):
        return "hand in result.compiled.state"
    return "hand in result.state" if isinstance(state, CompileResult) else "None begins anew"


def _cache_hint(cache: object) -> str:
    in_folder = isinstance(cache, str | Path)
    return "write llm.directory_cache(path)" if in_folder else "llm.memory_cache() makes one"


def _table_hint(table: object) -> str:
    if isinstance(table, str | Path):
        return "write llm.Capabilities.load(path)"
    return "write llm.Capabilities.default().with_rows(rows)"


# --- refusing -------------------------------------------------------------------------------------


def _expect(name: str, given: object, kind: type | UnionType, hint: str) -> None:
    if not isinstance(given, kind):
        _refuse(name, _told(kind), given, hint)


def _told(kind: type | UnionType) -> str:
    """A kind in words; what None stands for, the hint says."""
    kinds = get_args(kind) or (kind,)
    return " or ".join(each.__name__ for each in kinds if each is not NoneType)


def _refuse(name: str, wanted: str, given: object, hint: str) -> NoReturn:
    """Name the kind that was found, and never what it holds: it may be a secret."""
    what = f"the class {given.__name__}" if isinstance(given, type) else type(given).__name__
    raise TypeError(f"{name} is {wanted}, found {what}; {hint}")
