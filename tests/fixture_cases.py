"""Reading and running `fixtures/<area>/<case>/`; the README there says what a case holds.

Both the library's own tests and those with the official clients run the same cases through this.
"""

from __future__ import annotations

import functools
import json
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeAlias

from pydantic import ValidationError

from tests.flows import flows
from uicompiler import (
    Action,
    Batch,
    ClientProfile,
    CompileResult,
    Outcome,
    PatchOp,
    Payload,
    StateView,
    StepResult,
    ToolCall,
    TurnContext,
    UIApp,
    UICompilerError,
    UIState,
    compile,
    dispatch,
)
from uicompiler.directives.read import payload_findings
from uicompiler.directives.registry import DirectiveContext
from uicompiler.errors import DirectiveError
from uicompiler.ir.changes import Change, ShowView
from uicompiler.ir.tree import View, parse_node

ROOT = Path(__file__).resolve().parent.parent
FIXTURES = ROOT / "fixtures"
AREAS = ("accepted", "degraded", "refused")

Json: TypeAlias = Any
"""A JSON value, as a fixture's file holds it."""


# ---------------------------------------------------------------- apps


class ShowAny(Payload):
    """Show any tree of nodes."""

    root: dict[str, Any]


def show_any(payload: ShowAny, _context: DirectiveContext) -> list[Change]:
    """The tree as it was written, with the nodes' own checks only."""
    try:
        root = parse_node(payload.root)
    except ValidationError as exc:
        raise DirectiveError(payload_findings(exc)) from exc
    return [ShowView(payload.surface or "main", View(root))]


def save(action: Action, _view: StateView) -> Outcome:
    """Commit what the button carries and what the user filled in."""
    ops = [PatchOp("set", f"/committed/{name}", value) for name, value in action.args.items()]
    return Outcome(commit=[*ops, PatchOp("set", "/committed/form", action.context)])


def put(action: Action, _view: StateView) -> Outcome:
    """Commit the JSON that the button carries, each value at its name."""
    found = [PatchOp("set", f"/committed/{k}", json.loads(v)) for k, v in action.args.items()]
    return Outcome(commit=found)


def look_up(action: Action, _view: StateView) -> Outcome:
    """Ask for a tool first, commit its result then."""
    if action.tool_results is None:
        return Outcome(tool_calls=[ToolCall("t1", "directory.find", {"name": "Ada"})])
    return Outcome(commit=[PatchOp("set", "/committed/found", action.tool_results["t1"])])


def refuse_name(_action: Action, _view: StateView) -> Outcome:
    """Mark a field after a check that only the app can make."""
    return Outcome(field_errors={"name": "This name is *taken*."})


@functools.cache
def app_named(name: str) -> UIApp:
    """An app of `tests/apps/`, the standard one, or `views`, which shows any tree of nodes."""
    if name == "standard":
        return UIApp.standard()
    if name == "flows":
        return flows()
    if name == "flows_before":
        return flows(version=1, has_board=False)
    if name != "views":
        return UIApp.load(ROOT / "tests" / "apps" / name)
    app = UIApp("views", inline_form_action="submit")
    app.directive("test.view", payload=ShowAny, summary="Show a tree.")(show_any)
    app.add_action("save", save)
    app.add_action("put", put)
    app.add_action("look_up", look_up)
    app.add_action("refuse_name", refuse_name)
    app.add_action("glance", requires_rev=False)
    return app


class FixtureSigner:
    """Nonces that a person can read in a fixture."""

    key_id = "k1"

    def nonce(self, conversation_id: str, surface_id: str, epoch: int, key_id: str) -> str:
        """Depends on every argument, and on nothing else."""
        return f"nonce-of-{conversation_id}-{surface_id}-{epoch}-{key_id}"


# ---------------------------------------------------------------- cases


@dataclass(frozen=True)
class Case:
    """One folder."""

    folder: Path

    @property
    def area(self) -> str:
        """The folder above: accepted, refused or degraded."""
        return self.folder.parent.name

    @property
    def name(self) -> str:
        """Such as `accepted/toast`."""
        return f"{self.area}/{self.folder.name}"

    @functools.cached_property
    def options(self) -> Mapping[str, Json]:
        """`options.json`, or {}."""
        options: Mapping[str, Json] = _json(self.folder / "options.json", {})
        return options

    @functools.cached_property
    def app(self) -> UIApp:
        """The app that the file `app` names."""
        path = self.folder / "app"
        return app_named(path.read_text("utf-8").strip() if path.is_file() else "standard")

    @property
    def app_before(self) -> UIApp:
        """The app that `before.json` ran with."""
        name = self.options.get("app_before")
        return self.app if name is None else app_named(str(name))

    @property
    def language(self) -> str:
        """The language of every turn."""
        return str(self.options.get("language", "en"))

    @property
    def client(self) -> ClientProfile:
        """The client that the options name."""
        profile = ClientProfile.named(self.options.get("client", "web_core"))
        if "catalog_ids" in self.options:
            profile = replace(profile, catalog_ids=frozenset(self.options["catalog_ids"]))
        if "capabilities" in self.options:
            inline = bool(self.options.get("allow_inline_catalogs"))
            report = self.options["capabilities"]
            profile = profile.with_capabilities(report, allow_inline_catalogs=inline)
        return profile.plain_text() if self.options.get("plain_text") else profile

    @property
    def expected_jsonl(self) -> Path:
        """Where the expected bytes stand; absent when nothing goes out."""
        return self.folder / "expected.jsonl"

    @property
    def expected_json(self) -> Path:
        """Where the rest of the expectation stands."""
        return self.folder / "expected.json"

    @property
    def expected_html(self) -> Path:
        """Where the HTML that the same turn sends stands, of cases with the option `html`."""
        return self.folder / "expected.html"

    @property
    def expected_state(self) -> Path:
        """Where a case pins the state's shape, if it does."""
        return self.folder / "expected_state.json"


@dataclass(frozen=True)
class Ran:
    """What came of a case.

    Attributes:
        steps: The results of `before.json`, then the case's own unless strict mode raised.
        sources: What each step was made from: an envelope or an event.
        state: The state before the case's own input.
        result: The case's own result; None when strict mode raised.
        error: What strict mode raised.
    """

    case: Case
    steps: tuple[CompileResult, ...]
    sources: tuple[Json, ...]
    state: UIState
    result: CompileResult | None
    error: UICompilerError | None

    @property
    def batches(self) -> list[tuple[CompileResult, Batch]]:
        """Every batch that goes out, with the step it belongs to, in order."""
        return [(step, batch) for step in self.steps for batch in step.batches]

    def jsonl(self) -> bytes:
        """Every line that goes out, those of `before.json` first."""
        return b"".join(step.jsonl() for step in self.steps)


@functools.cache
def cases() -> tuple[Case, ...]:
    """Every case, by name; `fixtures/hostile/` has a reader and a judge of its own."""
    folders = (path for area in AREAS for path in sorted((FIXTURES / area).glob("*/")))
    return tuple(Case(path) for path in folders if path.is_dir())


def cases_in(*areas: str) -> list[Case]:
    """The cases of some areas."""
    return [case for case in cases() if case.area in areas]


@functools.cache
def run(case: Case) -> Ran:
    """Run a case; the same case gives the same result object."""
    return run_anew(case)


def run_anew(case: Case) -> Ran:
    """Run a case from its files, whatever was run before."""
    state = UIState(str(case.options.get("conversation_id", "")))
    steps: list[CompileResult] = []
    before = _before(case)
    for source in before:
        steps.append(_step(case, source, state, steps, {}))
        state = steps[-1].state
    source = source_of(case)
    try:
        last = _step(case, source, state, steps, case.options)
    except UICompilerError as exc:
        return Ran(case, tuple(steps), tuple(before), state, None, exc)
    return Ran(case, (*steps, last), (*before, source), state, last, None)


def _step(
    case: Case,
    source: Json,
    state: UIState,
    done: list[CompileResult],
    options: Mapping[str, Json],
) -> CompileResult:
    app = case.app if options is case.options else case.app_before
    settings: dict[str, Any] = {"app": app, "state": state, "client": case.client}
    turn = TurnContext(
        conversation_id=state.conversation_id,
        signer=FixtureSigner() if case.options.get("signed") else None,
        idempotency_key=case.options.get("idempotency_key"),
        seen={
            step.receipt.key: step.receipt
            for step in done
            if isinstance(step, StepResult) and step.receipt is not None
        },
        language=case.language,
    )
    strict = options.get("strict", False)
    if is_event(source):
        results = options.get("tool_results")
        return dispatch(source, turn=turn, strict=strict, tool_results=results, **settings)
    update = options.get("update", "auto")
    return compile(source, turn=turn, strict=strict, update=update, **settings)


def _before(case: Case) -> list[Json]:
    path = case.folder / "before.json"
    if not path.is_file():
        return []
    found = json.loads(path.read_bytes().replace(b"@REPEAT@", _repeated(case)))
    return found if isinstance(found, list) else [found]


def action_of(source: Json) -> dict[str, Json] | None:
    """The content of a `userAction`, or None for anything else."""
    if not is_event(source):
        return None
    event = json.loads(source) if isinstance(source, _Event) else source
    action: dict[str, Json] | None = event.get("userAction")
    return action


def is_event(source: Json) -> bool:
    """Whether a client sent it: `event.json`, and objects in `before.json` with an event's key."""
    return isinstance(source, _Event) or (
        isinstance(source, dict) and ("userAction" in source or "error" in source)
    )


class _Event(bytes):
    """The raw bytes of an `event.json`."""


def source_of(case: Case) -> Json:
    """The case's own input: an envelope's text or object, or an event's text."""
    for name, kind in _READERS.items():
        path = case.folder / name
        if path.is_file():
            raw = path.read_bytes().replace(b"@REPEAT@", _repeated(case))
            return json.loads(raw) if case.options.get("parsed") else kind(raw)
    if "hex" in case.options:
        given: str = case.options["hex"]
        return bytes.fromhex(given)
    return _repeated(case)


_READERS: Mapping[str, Callable[[bytes], bytes]] = {
    "input.txt": bytes,
    "input.json": bytes,
    "event.json": _Event,
}


def _repeated(case: Case) -> bytes:
    repeat = case.options.get("repeat", {"text": "", "times": 0})
    text, times = str(repeat["text"]), int(repeat["times"])
    if "@N@" in text:
        return "".join(text.replace("@N@", str(number)) for number in range(times)).encode()
    return (text * times).encode()


def _json(path: Path, otherwise: Json) -> Json:
    return json.loads(path.read_bytes()) if path.is_file() else otherwise


# ---------------------------------------------------------------- expectations


UPDATE = os.environ.get("UICOMPILER_GOLDEN") == "update"


def compare(path: Path, actual: bytes) -> None:
    """Compare a file with what should stand in it; no file stands for nothing."""
    if UPDATE and actual:
        path.write_bytes(actual)
    elif UPDATE:
        path.unlink(missing_ok=True)
    expected = path.read_bytes() if path.is_file() else b""
    assert actual.decode() == expected.decode(), (
        f"{path.parent.name}/{path.name} differs; UICOMPILER_GOLDEN=update rewrites it"
    )


def as_bytes(ran: Ran) -> bytes:
    """Everything a run made, in the order it was made: results, lines, what was raised."""
    raised = [] if ran.error is None else [item.to_dict() for item in ran.error.diagnostics]
    results = "\n".join(step.to_json() for step in ran.steps)
    return b"\n".join([results.encode(), ran.jsonl(), json.dumps(raised).encode()])


def outcome(ran: Ran) -> dict[str, Json]:
    """A run in the shape of `expected.json`; what is empty is left out, but for codes."""
    if ran.result is None:
        found = ran.error.diagnostics if ran.error is not None else ()
        raised = type(ran.error).__name__
        return {"exit": 1, "raises": raised, **_codes(found)}
    result = ran.result
    said = {
        "assistant_text": result.assistant_text,
        "effects": [effect.to_dict() for effect in result.effects],
        "fallback": None if result.fallback is None else result.fallback.to_dict(),
        **(_answer(result) if isinstance(result, StepResult) else {}),
    }
    return {
        "exit": exit_status(result),
        "ok": result.ok,
        **{name: value for name, value in said.items() if value},
        **_codes(result.diagnostics),
    }


def exit_status(result: CompileResult) -> int:
    """What `uicompiler compile` would exit with: 0 done, 1 refused, 3 degraded."""
    if result.ok:
        return 0
    return 3 if result.fallback is not None and result.fallback.surfaces else 1


def _answer(step: StepResult) -> dict[str, Json]:
    return {
        "status": step.status,
        "action": None if step.action is None else _no_key(step.action.to_dict()),
        "field_errors": dict(step.field_errors),
        "tool_calls": [call.to_dict() for call in step.tool_calls],
        "repeated": step.repeated,
    }


def _no_key(action: dict[str, Json]) -> dict[str, Json]:
    return {name: value for name, value in action.items() if name != "idempotency_key"}


def _codes(found: Iterator[Any] | Any) -> dict[str, Json]:
    listed = list(found)
    return {
        "codes": [item.code for item in listed],
        "severities": [item.severity for item in listed],
        "pointers": [item.pointer for item in listed],
    }
