"""Tools that a model may ask for: functions of the app's, and directives under a tool's name.

Pure but for `Tool.run`, which only a driver calls.

Source: DESIGN section 11.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError
from pydantic import BaseModel, ValidationError
from referencing import Registry
from referencing.exceptions import Unresolvable
from referencing.jsonschema import DRAFT202012

from uicompiler.errors import Diagnostic, diagnostic
from uicompiler.llm.mending.mend import mend_object
from uicompiler.llm.schema import Schema
from uicompiler.pointer import join
from uicompiler.strict_json import loads

Run: TypeAlias = Callable[[Mapping[str, Any]], "Any | Awaitable[Any]"]
"""`arguments -> a JSON value`, or a coroutine function of that; `Any` as in `ir.values.Json`."""

_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
_MOST_FINDINGS: Final = 8
_MAX_DEPTH: Final = 64


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool of the app's.

    Attributes:
        name: As the model calls it: letters, digits, `_` and `-`, at most 64.
        description: What it does, for the model.
        parameters: Of its arguments: a pydantic model, or a JSON Schema of an object.
        run: What it does; takes the arguments as a mapping, gives a JSON value. What it raises,
            the model is told of by name.
    """

    name: str
    description: str
    parameters: type[BaseModel] | Mapping[str, Any]
    run: Run = field(repr=False)


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What a tool gave.

    Attributes:
        value: What it returned, a JSON value.
        error: The name of what it raised, or "".
    """

    value: Any = None
    error: str = ""


@dataclass(frozen=True, slots=True)
class Arguments:
    """Arguments as a tool takes them, or (without values) why it does not.

    Attributes:
        values: The arguments.
        findings: Why there are none.
        mended: What was mended in them.
    """

    values: Mapping[str, Any] | None
    findings: tuple[Diagnostic, ...] = ()
    mended: tuple[str, ...] = ()


# --- what a model is told -------------------------------------------------------------------------


def tool_schema(tool: Tool) -> Schema:
    """A tool of the app's as a request names it."""
    parameters = tool.parameters
    if isinstance(parameters, type):
        parameters = parameters.model_json_schema()
    return function_schema(tool.name, tool.description, dict(parameters))


def function_schema(name: str, description: str, parameters: Schema) -> Schema:
    """Anything that can be called, as a request names it."""
    body = {"name": name, "description": description, "parameters": parameters}
    return {"type": "function", "function": body}


@dataclass(frozen=True, slots=True)
class DirectiveTool:
    """A directive that is called as a tool.

    Attributes:
        type: Its canonical name, such as `ui.show_form`.
        schema: As a request names it.
    """

    type: str
    schema: Schema


def directive_tools(schema: Schema) -> dict[str, DirectiveTool]:
    """Directives as tools: by the tool's name, such as `ui_show_form`.

    Args:
        schema: The schema of an envelope with these directives.
    """
    definitions = schema.get("$defs", {})
    told = {}
    for item in schema["properties"]["directives"]["items"]["anyOf"]:
        properties = item["properties"]
        kind = properties["type"]["enum"][0]
        name = re.sub(r"[^A-Za-z0-9_-]", "_", kind)[:64]
        payload = _with_definitions(properties["payload"], definitions)
        described = function_schema(name, item.get("description", ""), payload)
        told[name] = DirectiveTool(kind, described)
    return told


def _with_definitions(payload: Schema, definitions: Mapping[str, Schema]) -> Schema:
    """A payload's schema with the definitions that it refers to, however far."""
    needed: dict[str, Schema] = {}
    waiting = list(_referred(payload))
    while waiting:
        name = waiting.pop()
        if name not in needed:
            needed[name] = definitions[name]
            waiting += _referred(definitions[name])
    return payload | ({"$defs": {name: needed[name] for name in sorted(needed)}} if needed else {})


def _referred(node: object) -> Iterator[str]:
    """Names of the definitions that a schema refers to."""
    return (reference.rpartition("/")[2] for reference in _references(node))


def _references(node: object) -> Iterator[str]:
    if isinstance(node, Mapping):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for value in node.values():
            yield from _references(value)
    elif isinstance(node, list):
        for item in node:
            yield from _references(item)


# --- whether they can be used ---------------------------------------------------------------------


def check_tools(tools: Sequence[Tool], taken: Iterable[str]) -> list[Diagnostic]:
    """What is wrong with an app's tools.

    Args:
        tools: The tools.
        taken: Names that directives have as tools.
    """
    found = []
    names = set(taken)
    for index, tool in enumerate(tools):
        wrong = _wrong(tool, names)
        names.add(tool.name)
        if wrong:
            found.append(_invalid(f"The tool {tool.name[:80]!r} {wrong}.", index))
    return found


def _wrong(tool: Tool, taken: set[str]) -> str:
    name: object = tool.name  # from whoever calls, typed or not
    if not isinstance(name, str) or _NAME.fullmatch(name) is None:
        return "has a name with other characters than letters, digits, _ and -, or over 64 of them"
    if tool.name in taken:
        return "has a name that another tool, or a directive, has"
    description: object = tool.description
    if not (isinstance(description, str) and callable(tool.run)):
        return "has a description that is no text, or nothing to run"
    try:
        return _wrong_parameters(tool.parameters)
    except Exception as exc:  # of schemas and models that are wrong in their own ways
        return f"has parameters that cannot be read ({type(exc).__name__})"


def _wrong_parameters(parameters: object) -> str:
    if isinstance(parameters, type) and issubclass(parameters, BaseModel):
        parameters.model_json_schema()
        return ""
    if not isinstance(parameters, Mapping):
        return "has parameters that are neither a pydantic model nor a JSON Schema"
    try:
        Draft202012Validator.check_schema(dict(parameters))
    except SchemaError as exc:
        return f"has parameters that are no JSON Schema ({exc.message[:120]})"
    if parameters.get("type") != "object":
        return "has parameters that are no JSON Schema of an object"
    lost = _lost_reference(parameters)
    return f"has parameters that refer to what is not in them ({lost[:80]})" if lost else ""


def _validator(parameters: Mapping[str, Any]) -> Draft202012Validator:
    """A validator that reads no other document than the schema: the network is not asked."""
    return Draft202012Validator(dict(parameters), registry=Registry())


def _lost_reference(parameters: Mapping[str, Any]) -> str:
    """The first reference that leads nowhere in the schema itself, or ""."""
    whole = DRAFT202012.create_resource(dict(parameters))
    resolver = Registry().with_resource("", whole).resolver("")
    for reference in _references(parameters):
        try:
            resolver.lookup(reference)
        except Unresolvable:
            return reference
    return ""


def _invalid(message: str, index: int) -> Diagnostic:
    return diagnostic("LLM_SETTINGS_INVALID", message, pointer=join(["tools", index]))


# --- what a model passes --------------------------------------------------------------------------


def read_object(
    text: str, *, max_bytes: int, finished: bool = True, mending: bool = True
) -> Arguments:
    """The JSON object that a model passed, mended where that is sure.

    Args:
        text: What it wrote.
        max_bytes: Most of it, in UTF-8.
        finished: Whether the model says that it wrote all it had to.
        mending: Whether anything is mended.
    """
    if len(text.encode("utf-8", "replace")) > max_bytes:
        return _refused(f"The arguments exceed {max_bytes} bytes.")
    changes: tuple[str, ...] = ()
    if not text.strip():
        text = "{}"  # so do providers write that there are none
    elif mending:
        mended = mend_object(text, finished=finished, max_bytes=max_bytes, max_depth=_MAX_DEPTH)
        text, changes = mended.text, mended.changes
    try:
        value = loads(text, max_depth=_MAX_DEPTH)
    except ValueError as exc:
        return _refused(f"The arguments are no JSON object ({str(exc)[:120]}).")
    if not isinstance(value, dict):
        return _refused("The arguments are another JSON value than an object.")
    return Arguments(value, mended=changes)


def checked(tool: Tool, values: Mapping[str, Any]) -> Arguments:
    """Arguments as a tool of the app's takes them."""
    try:
        if isinstance(tool.parameters, type):
            return _modelled(tool.parameters, values)
        errors = _validator(tool.parameters).iter_errors(dict(values))
        found = [_fault(error.message, error.absolute_path) for error in errors]
    except Exception as exc:  # of the app's schema or model, which may be wrong in its own ways
        return _refused(f"The arguments could not be checked ({type(exc).__name__}).")
    return Arguments(None, tuple(found[:_MOST_FINDINGS])) if found else Arguments(values)


def _modelled(model: type[BaseModel], values: Mapping[str, Any]) -> Arguments:
    try:
        return Arguments(model.model_validate(dict(values)).model_dump())
    except ValidationError as exc:
        errors = exc.errors(include_url=False, include_context=False, include_input=False)
        return Arguments(
            None, tuple(_fault(error["msg"], error["loc"]) for error in errors[:_MOST_FINDINGS])
        )


def _fault(message: str, path: Iterable[str | int]) -> Diagnostic:
    pointer = join(map(str, path))
    return diagnostic("LLM_TOOL_ARGUMENTS_INVALID", f"{message[:200]}.", pointer=pointer)


def _refused(message: str) -> Arguments:
    return Arguments(None, (diagnostic("LLM_TOOL_ARGUMENTS_INVALID", message),))
