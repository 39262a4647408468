"""Tools of a scenario's app: what they are called, and what they give, as the scenario writes it.

Nothing is looked up anywhere: a tool answers a call whose arguments hold what is written, and says
that it found nothing to any other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Annotated, Any, TypeAlias

from pydantic import Field as Setting
from pydantic import StringConstraints

from uicompiler.evals.matching import contains
from uicompiler.ir.base import Frozen
from uicompiler.ir.values import thaw
from uicompiler.llm.tools import Tool

Json: TypeAlias = Any
"""Arguments, results and schemas."""


class Given(Frozen):
    """What a tool gives to some arguments.

    Attributes:
        to: Part of the arguments.
        result: What it gives.
        error: The name of what it raises instead.
    """

    to: Mapping[str, Json] = Setting(default_factory=dict)
    result: Json = None
    error: str = ""


class ScenarioTool(Frozen):
    """A tool of the app's.

    Attributes:
        name: As the model calls it.
        description: What it does, for the model.
        parameters: JSON Schema of its arguments.
        gives: What it gives; the first that fits counts.
    """

    name: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
    description: str
    parameters: Mapping[str, Json]
    gives: tuple[Given, ...] = Setting(min_length=1)


class ToolUse(Frozen):
    """One call of a tool: its name, and its arguments (or part of them, where it is expected)."""

    tool: str
    arguments: Mapping[str, Json] = Setting(default_factory=dict)


class ToolFailedError(Exception):
    """What a tool raises of which its scenario says so; its text names the error."""


def given(tool: ScenarioTool, arguments: Mapping[str, Json]) -> Json:
    """What a tool gives.

    Raises:
        ToolFailedError: the scenario says that it fails.
    """
    plain = thaw(arguments)
    found = next((item for item in tool.gives if contains(plain, thaw(item.to))), None)
    if found is None:
        return {"found": False}
    if found.error:
        raise ToolFailedError(found.error)
    return thaw(found.result)


def as_tools(tools: Iterable[ScenarioTool], on_call: Callable[[ToolUse], None]) -> list[Tool]:
    """The tools as `llm.run` takes them; each call is told to `on_call`."""
    return [_as_tool(tool, on_call) for tool in tools]


def _as_tool(tool: ScenarioTool, on_call: Callable[[ToolUse], None]) -> Tool:
    async def run(arguments: Mapping[str, Any]) -> Json:
        on_call(ToolUse(tool=tool.name, arguments=arguments))
        return given(tool, arguments)

    return Tool(tool.name, tool.description, thaw(tool.parameters), run)


def looked_up(tools: Sequence[ScenarioTool], uses: Iterable[ToolUse]) -> list[tuple[ToolUse, Json]]:
    """What an app finds out for itself before it asks a model that is given no tools."""
    by_name = {tool.name: tool for tool in tools}
    return [(use, _told(by_name[use.tool], use)) for use in uses]


def _told(tool: ScenarioTool, use: ToolUse) -> Json:
    try:
        return given(tool, use.arguments)
    except ToolFailedError as exc:
        return {"error": str(exc)}
