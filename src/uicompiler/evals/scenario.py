"""One scenario: what a user says to an app, and what a good answer does.

A scenario is a YAML file. It names an app, what happened before, the user's message, what has to be
on the screen then, and `reply`, an envelope that a good model could write: scripted models answer
from it, and a test holds it against the scenario's own expectations.

Knows nothing of providers, strategies and clients.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Final, Literal, Self, TypeAlias

from pydantic import StringConstraints, ValidationError, model_validator

from uicompiler.app_file.source import Place, Source, read_source
from uicompiler.canonical import sha256_hex
from uicompiler.errors import AppError, Diagnostic, EvalError, diagnostic
from uicompiler.evals.app_tools import Given, ScenarioTool, ToolUse
from uicompiler.evals.expected import (
    Expected,
    ExpectedDirective,
    ExpectedEffect,
    ExpectedField,
    ExpectedScreen,
    ExpectedWords,
    Json,
    Safety,
    Text,
)
from uicompiler.ir.base import Frozen
from uicompiler.resources import data_path

STANDARD_APP: Final = "standard"
SUFFIXES: Final = (".yaml", ".yml")

_MAX_FILES: Final = 10_000
_EXPECTED: Final = "Value error, "

Name: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_.-]{0,79}$")]
Language: TypeAlias = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$")
]


class Said(Frozen):
    """One message of the conversation so far."""

    role: Literal["user", "assistant"]
    text: str


class Edited(Frozen):
    """What the user typed: the id of a field, and its value."""

    surface: str = "main"
    field: Text
    value: Json


class Pressed(Frozen):
    """A button that the user pressed: the name of its action, and the row it stands in."""

    surface: str = "main"
    press: Text
    row: str | None = None


class Before(Frozen):
    """One thing that happened before; exactly one of the three."""

    turn: Json = None
    edit: Edited | None = None
    event: Pressed | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if sum(item is not None for item in (self.turn, self.edit, self.event)) != 1:
            raise ValueError("one of turn, edit and event was expected")
        return self


class Scenario(Frozen):
    """One scenario as its file says it.

    Attributes:
        id: Unique among all scenarios of a run.
        title: What is asked of the model, in a few words.
        app: `standard`, an app's folder (by its name among the examples, or by its path from the
            file), or None for the app whose folder the file lies in.
        tags: To choose scenarios by.
        language: Of the user, and of the library's own words.
        history: What was said before the message.
        before: What happened on the screen before it.
        message: What the user says.
        run_mode: How the model is asked.
        tools: Those of the app's, in a run mode that has any.
        uses: What a good model asks of them before it answers, in order.
        expect: What a usable answer does.
        reply: The envelope of an answer that is.
    """

    id: Name
    title: Text
    app: Text | None = None
    tags: tuple[Name, ...] = ()
    language: Language = "en"
    history: tuple[Said, ...] = ()
    before: tuple[Before, ...] = ()
    message: Text
    run_mode: Literal["directives", "tool_loop", "hybrid"] = "directives"
    tools: tuple[ScenarioTool, ...] = ()
    uses: tuple[ToolUse, ...] = ()
    expect: Expected
    reply: Mapping[str, Json]

    @model_validator(mode="after")
    def _tools_fit(self) -> Self:
        names = {tool.name for tool in self.tools}
        if self.tools and self.run_mode == "directives":
            raise ValueError("tools go with the run modes tool_loop and hybrid")
        unknown = {use.tool for use in (*self.uses, *self.expect.tools)} - names
        if unknown:
            raise ValueError(f"no tool {min(unknown)!r}; known: {', '.join(sorted(names))}")
        return self


@dataclass(frozen=True, slots=True)
class LoadedScenario:
    """A scenario and where it comes from.

    Attributes:
        scenario: What the file says.
        path: The file.
        app_place: `standard`, or the folder of its app.
        sha256: Of what the file says, in canonical JSON.
    """

    scenario: Scenario
    path: Path
    app_place: str
    sha256: str

    @property
    def id(self) -> str:
        """Its id."""
        return self.scenario.id


def load_scenarios(places: Iterable[str | Path]) -> list[LoadedScenario]:
    """Read scenarios from files and folders, which are searched whole; sorted by id.

    Raises:
        EvalError: EVAL_SCENARIO_INVALID with every problem of every file: its name, line and
            pointer; also for a place that holds no scenario, and for an id that is there twice.
    """
    found: list[LoadedScenario] = []
    problems: list[Diagnostic] = []
    for path in dict.fromkeys(file for place in places for file in scenario_files(place)):
        try:
            found.append(load_scenario(path))
        except EvalError as exc:
            problems.extend(exc.diagnostics)
    problems += _twice(found)
    if problems:
        raise EvalError(problems)
    return sorted(found, key=lambda item: item.id)


def scenario_files(place: str | Path) -> list[Path]:
    """The scenario files at a place: itself, or all in a folder and below it, sorted.

    Raises:
        EvalError: EVAL_SCENARIO_INVALID, there are none.
    """
    path = Path(place)
    if path.is_file():
        return [path.resolve()]
    inside = (file for suffix in SUFFIXES for file in path.rglob(f"*{suffix}"))
    files = sorted(file.resolve() for file in inside if file.is_file())
    if not files or len(files) > _MAX_FILES:
        found = f"{len(files)} files" if path.is_dir() else "nothing"
        raise _invalid(f"{place}: {found} there, expected a scenario or a folder of *.yaml")
    return files


def load_scenario(path: Path) -> LoadedScenario:
    """Read one scenario.

    Raises:
        EvalError: EVAL_SCENARIO_INVALID, with all that is wrong with it.
    """
    try:
        source = replace(read_source(path), name=str(path))
    except AppError as exc:
        raise EvalError([_of_file(path, item) for item in exc.diagnostics]) from exc
    try:
        scenario = Scenario.model_validate(source.value)
        place = _app_place(scenario.app, path)
    except ValidationError as exc:
        raise EvalError(list(_problems(source, exc))) from exc
    except _NoAppError as exc:
        raise EvalError([_problem(source, str(exc), ("app",), hint=_APP_HINT)]) from exc
    return LoadedScenario(scenario, path, place, sha256_hex(source.value))


# --- which app ------------------------------------------------------------------------------------

_APP_FILES: Final = ("app.yaml", "app.json")
_APP_HINT: Final = "say app: standard, an example's name, or the path of an app's folder"


class _NoAppError(Exception):
    pass


def _app_place(app: str | None, path: Path) -> str:
    if app == STANDARD_APP:
        return STANDARD_APP
    if app is None:
        folders: Iterable[Path] = path.resolve().parents
    else:
        folders = (path.parent / app, *(parent / "examples" / app for parent in _shipped(app)))
    for folder in folders:
        if any((folder / name).is_file() for name in _APP_FILES):
            return str(folder.resolve())
    raise _NoAppError(
        "the file lies in no app's folder and names no app" if app is None else f"no app {app!r}"
    )


def _shipped(app: str) -> Iterator[Path]:
    if "/" not in app and "\\" not in app:
        try:
            yield data_path(f"examples/{app}").parent.parent
        except FileNotFoundError:
            return


# --- problems -------------------------------------------------------------------------------------


def _invalid(why: str, *, hint: str = "") -> EvalError:
    return EvalError([diagnostic("EVAL_SCENARIO_INVALID", why, hint=hint)])


def _problem(source: Source, why: str, place: Place = (), *, hint: str = "") -> Diagnostic:
    return source.problem(why, place, hint=hint, code="EVAL_SCENARIO_INVALID")


def _of_file(path: Path, item: Diagnostic) -> Diagnostic:
    """What is wrong with a file before it is known to be a scenario."""
    message = f"{path}: {item.message.removeprefix(f'{path.name}: ')}"
    return replace(item, code="EVAL_SCENARIO_INVALID", severity="error", message=message)


def _problems(source: Source, error: ValidationError) -> Iterator[Diagnostic]:
    for item in error.errors(include_url=False):
        place = [step for step in item["loc"] if not _is_tag(step)]
        if item["type"] == "extra_forbidden":
            hint = _known(place[:-1])
            yield _problem(source, "no such key", place, hint=hint)
        elif item["type"] == "missing":
            yield _problem(source, f"the key {place[-1]!r} is missing", place)
        else:
            yield _problem(source, item["msg"].removeprefix(_EXPECTED), place)


def _is_tag(step: str | int) -> bool:
    """Steps that pydantic adds for itself lead nowhere in a file."""
    return isinstance(step, str) and ("[" in step or "(" in step)


def _known(place: Sequence[str | int]) -> str:
    """The keys an object at a place may have."""
    models: Mapping[str, type[Frozen]] = {
        "": Scenario,
        "history": Said,
        "before": Before,
        "edit": Edited,
        "event": Pressed,
        "expect": Expected,
        "directives": ExpectedDirective,
        "assistant_text": ExpectedWords,
        "screen": ExpectedScreen,
        "fields": ExpectedField,
        "effects": ExpectedEffect,
        "safety": Safety,
        "tools": ScenarioTool,
        "gives": Given,
        "uses": ToolUse,
    }
    named = [step for step in place if step in models]
    keys = models[str(named[-1]) if named else ""].model_fields
    return f"known: {', '.join(sorted(keys))}"


def _twice(found: Iterable[LoadedScenario]) -> Iterator[Diagnostic]:
    first: dict[str, Path] = {}
    for item in found:
        known = first.setdefault(item.id, item.path)
        if known != item.path:
            why = f"{item.path}: the id {item.id!r} is taken by {known}"
            yield diagnostic("EVAL_SCENARIO_INVALID", why, pointer="/id", hint="give it another id")
