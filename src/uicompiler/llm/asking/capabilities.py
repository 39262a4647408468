"""What a model takes of a request: a table that ships, and the app's own rows after it.

Rows are data (`capabilities.yaml` says what they mean) and are read from top to bottom; each that
fits a model adds to what the earlier ones said. Nothing here asks a provider.

Source: DESIGN section 11.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Final, Literal

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator
from pydantic_core import ErrorDetails

from uicompiler.errors import Diagnostic, LLMError, diagnostic
from uicompiler.llm.settings import LADDER, ResponseFormat
from uicompiler.pointer import join

_SHIPPED: Final = Path(__file__).with_name("capabilities.yaml")
_NEEDED: Final = frozenset({"model", "messages"})
_HINT: Final = "docs/providers.md says what a row may hold, under Rows of one's own."
_SHAPE: Final = "Put the rows under `rows:`, each beginning with `- match:`."


@dataclass(frozen=True, slots=True)
class Capability:
    """What one model takes.

    Attributes:
        response_formats: The rungs of its ladder, best first; the last is `prompt_only`.
        tools: Whether it takes tools.
        parallel_tool_calls: Whether it takes the key of that name, beside tools.
        stream: Whether it streams.
        system: Whether it takes messages of the role `system`.
        refuses: Keys of a request that it does not take.
        renames: What a key is called here.
        only_with_tools: Keys that it takes beside tools only.
        one_of: Groups of keys of which it takes one.
        key_variables: Environment variables that may hold the key; None where nothing is known.
        rows: Patterns of the rows that all this comes from, for traces.
    """

    response_formats: tuple[ResponseFormat, ...] = LADDER
    tools: bool = True
    parallel_tool_calls: bool = True
    stream: bool = True
    system: bool = True
    refuses: frozenset[str] = frozenset()
    renames: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    only_with_tools: frozenset[str] = frozenset()
    one_of: tuple[tuple[str, ...], ...] = ()
    key_variables: tuple[str, ...] | None = None
    rows: tuple[str, ...] = ()


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


class Row(BaseModel):
    """One row of the table; what it leaves out, it says nothing about."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    match: Annotated[tuple[str, ...], BeforeValidator(_as_list)] = Field(min_length=1)
    server: Literal["any", "own", "provider"] = "any"
    response_formats: tuple[ResponseFormat, ...] | None = None
    tools: bool | None = None
    stream: bool | None = None
    system: bool | None = None
    refuses: tuple[str, ...] = ()
    takes: tuple[str, ...] = ()
    renames: Mapping[str, str] = Field(default_factory=dict)
    only_with_tools: tuple[str, ...] = ()
    one_of: tuple[tuple[str, ...], ...] = ()
    key: tuple[str, ...] | None = None
    why: str = ""
    source: str = ""

    @field_validator("refuses", "only_with_tools")
    @classmethod
    def _keep_what_is_needed(cls, keys: tuple[str, ...]) -> tuple[str, ...]:
        needed = sorted(_NEEDED.intersection(keys))
        if needed:
            raise ValueError(f"{needed[0]} cannot be left out of a request")
        return keys

    def fits(self, model: str, *, own_server: bool) -> bool:
        """Whether the row is about a model, named in lower case, at its provider or elsewhere."""
        there = {"any": True, "own": own_server, "provider": not own_server}[self.server]
        return there and any(fnmatchcase(model, pattern.lower()) for pattern in self.match)


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid")

    version: Literal[1] = 1
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Capabilities:
    """The table; later rows have the last word.

    Attributes:
        rows: From the most general to the most special.
    """

    rows: tuple[Row, ...] = ()

    @classmethod
    def default(cls) -> Capabilities:
        """The table that ships."""
        return _shipped()

    @classmethod
    def load(cls, path: str | Path) -> Capabilities:
        """The table that ships, with the rows of an app's file after it.

        Raises:
            LLMError: LLM_CAPABILITIES_INVALID, with all that is wrong.
        """
        try:
            text = Path(path).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as exc:
            why = (exc.strerror if isinstance(exc, OSError) else None) or "it is no UTF-8"
            raise _invalid([("", f"{path} cannot be read: {why}.")], "Name a YAML file.") from exc
        try:
            return cls.default().with_rows(read_rows(text))
        except LLMError as exc:
            found = (replace(item, message=f"{path}: {item.message}") for item in exc.diagnostics)
            raise LLMError(list(found)) from exc

    def with_rows(self, rows: Iterable[Row | Mapping[str, Any]]) -> Capabilities:
        """The table with an app's own rows after these.

        Raises:
            LLMError: LLM_CAPABILITIES_INVALID, with all that is wrong.
        """
        own: object = rows  # from whoever calls, typed or not
        if isinstance(own, str | Mapping):
            raise _invalid([("", f"Rows are a list, found {type(own).__name__}.")])
        return Capabilities((*self.rows, *_validated({"rows": list(rows)})))

    def own_rows(self) -> list[dict[str, Any]]:
        """The rows after those that ship, as JSON; `with_rows` takes them."""
        shipped = len(Capabilities.default().rows)
        own = self.rows[shipped:]
        return [row.model_dump(mode="json", exclude_defaults=True) for row in own]

    @property
    def providers(self) -> frozenset[str]:
        """Providers that rows name."""
        heads = {pattern.partition("/")[0] for row in self.rows for pattern in row.match}
        return frozenset(head for head in heads if head and not set(head) & set("*?["))

    def of(self, model: str, *, api_base: str | None = None) -> Capability:
        """What a model takes.

        Args:
            model: As litellm names it, provider first.
            api_base: The server that the settings name; None is the provider's own.
        """
        name = model.strip().lower()
        fitting = [row for row in self.rows if row.fits(name, own_server=api_base is not None)]
        return functools.reduce(_with_row, fitting, Capability())


def read_rows(text: str) -> tuple[Row, ...]:
    """The rows of a table in YAML.

    Raises:
        LLMError: LLM_CAPABILITIES_INVALID, with all that is wrong.
    """
    try:
        table = yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError, ValueError) as exc:
        mark = getattr(exc, "problem_mark", None)
        where = f" in line {mark.line + 1}" if mark else ""
        raise _invalid([("", f"The table is no YAML{where}.")]) from exc
    return _validated(table)


def _validated(table: object) -> tuple[Row, ...]:
    if not isinstance(table, Mapping):
        kind = "nothing" if table is None else type(table).__name__
        raise _invalid([("", f"The table is a mapping with rows, found {kind}.")], _SHAPE)
    try:
        return _Table.model_validate(table).rows
    except ValidationError as exc:
        errors = exc.errors(include_url=False, include_input=False)
        found = [(join(error["loc"]), _wrong(error)) for error in errors]
        raise _invalid(found) from exc


def _with_row(known: Capability, row: Row) -> Capability:
    refuses = (known.refuses | set(row.refuses)) - set(row.takes)
    formats = known.response_formats
    if row.response_formats is not None:
        formats = tuple(step for step in LADDER if step in {*row.response_formats, LADDER[-1]})
    tools = known.tools if row.tools is None else row.tools
    return Capability(
        response_formats=formats,
        tools=tools,
        parallel_tool_calls=tools and "parallel_tool_calls" not in refuses,
        stream=known.stream if row.stream is None else row.stream,
        system=known.system if row.system is None else row.system,
        refuses=refuses,
        renames=MappingProxyType({**known.renames, **row.renames}),
        only_with_tools=(known.only_with_tools | set(row.only_with_tools)) - set(row.takes),
        one_of=known.one_of + row.one_of,
        key_variables=known.key_variables if row.key is None else row.key,
        rows=(*known.rows, " ".join(row.match)),
    )


@functools.cache
def _shipped() -> Capabilities:
    return Capabilities(read_rows(_SHIPPED.read_text(encoding="utf-8")))


def _wrong(error: ErrorDetails) -> str:
    """What is wrong, without the names of classes that nobody outside knows."""
    if error["type"] in ("model_type", "model_attributes_type"):
        return "A row is a mapping that begins with match."
    if error["type"] == "extra_forbidden":
        where, known = ("row", Row) if len(error["loc"]) > 1 else ("table", _Table)
        return f"There is no such key in a {where}; known: {', '.join(known.model_fields)}."
    if error["type"] == "tuple_type":
        return "It is a list."
    return f"{error['msg']}."


def _invalid(found: Iterable[tuple[str, str]], hint: str = _HINT) -> LLMError:
    return LLMError([_finding(pointer, message, hint) for pointer, message in found])


def _finding(pointer: str, message: str, hint: str) -> Diagnostic:
    return diagnostic("LLM_CAPABILITIES_INVALID", message, pointer=pointer, hint=hint)
