"""A scenario ready to be tried any number of times: its app loaded, what comes before played."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from uicompiler.app import TurnContext, UIApp
from uicompiler.canonical import sha256_hex
from uicompiler.compiler import CompileResult, compile
from uicompiler.errors import Diagnostic, EvalError, UICompilerError, diagnostic
from uicompiler.evals.app_tools import ToolUse
from uicompiler.evals.graders import Answer, Grade, directives_that_ran, grade
from uicompiler.evals.scenario import STANDARD_APP, LoadedScenario, Scenario
from uicompiler.evals.screen import Judge, Screen, Stage
from uicompiler.llm.briefing import briefing
from uicompiler.resources import data_path
from uicompiler.trace import Trace

_OWN: Final = Path(__file__).resolve().parent / "scenarios"


@dataclass(frozen=True, slots=True)
class Prepared:
    """A scenario, its app, and the stage on which its message is said."""

    loaded: LoadedScenario
    app: UIApp
    stage: Stage

    @property
    def scenario(self) -> Scenario:
        """What its file says."""
        return self.loaded.scenario

    @property
    def turn(self) -> TurnContext:
        """The turn in which the message is answered."""
        return TurnContext(
            conversation_id=self.stage.state.conversation_id,
            turn_index=len(self.scenario.before) + 1,
            request_id=self.loaded.id,
            language=self.scenario.language,
        )

    @property
    def app_sha256(self) -> str:
        """Hash of what its app declares and of what models are told of it."""
        return _app_sha256(self.app)

    def compile(self, source: Any, *, strict: bool = False) -> CompileResult:  # as `compile`
        """Compile an answer on the stage; `strict` refuses, and does not raise, what it would."""
        app, state, turn = self.app, self.stage.state, self.turn
        try:
            return compile(source, app=app, state=state, turn=turn, strict=strict)
        except UICompilerError as exc:
            return self.refused(exc.diagnostics)

    def refused(self, findings: Sequence[Diagnostic]) -> CompileResult:
        """The result of an answer that could not be compiled; nothing is shown instead."""
        trace = Trace(
            request_id=self.turn.request_id,
            conversation_id=self.turn.conversation_id,
            turn_index=self.turn.turn_index,
            started_at=self.turn.now,
            diagnostics=tuple(findings),
        )
        state = self.stage.state
        return CompileResult(False, "", state, diagnostics=tuple(findings), trace=trace)

    def grade(
        self,
        source: Any,  # as above
        result: CompileResult,
        uses: Sequence[ToolUse] | None = None,
    ) -> list[Grade]:
        """What an answer is worth.

        Args:
            source: The envelope.
            result: What it was compiled to, on this stage.
            uses: Calls of the app's tools; None when the model was given none.
        """
        ran = directives_that_ran(source, result, self.app)
        screen = self.stage.show(result) if result.ok or result.batches else Screen()
        return grade(self.scenario.expect, Answer(result, ran, screen, uses))

    def rehearse(self) -> list[Grade]:
        """What the scenario's own `reply` is worth, compiled strictly; all should be good."""
        result = self.compile(self.scenario.reply, strict=True)
        return self.grade(self.scenario.reply, result, self.scenario.uses)


@functools.lru_cache(maxsize=64)
def _app_sha256(app: UIApp) -> str:
    """An app is loaded once for all its scenarios, and stays as it is."""
    return sha256_hex([app.hash, briefing(app).instructions])


class Stages:
    """Makes scenarios ready; each app is loaded once."""

    def __init__(self, judge: Judge, load_app: Callable[[str], UIApp] = UIApp.load) -> None:
        self._judge = judge
        self._load = load_app
        self._apps: dict[str, UIApp] = {STANDARD_APP: UIApp.standard()}

    def prepare(self, loaded: LoadedScenario) -> Prepared:
        """Make one ready.

        Raises:
            EvalError: EVAL_SCENARIO_INVALID, its app cannot be loaded or what comes before cannot
                be played.
        """
        place = loaded.app_place
        try:
            if place not in self._apps:
                self._apps[place] = self._load(place)
            app = self._apps[place]
            return Prepared(loaded, app, self._judge.stage(loaded.scenario, app))
        except UICompilerError as exc:
            raise EvalError(list(_of_file(loaded.path, exc))) from exc


def _of_file(path: Path, error: UICompilerError) -> Iterator[Any]:
    for item in error.diagnostics:
        pointer = item.pointer if item.code.startswith("EVAL_") else "/app"
        why = f"{path}: {item.message}"
        yield diagnostic("EVAL_SCENARIO_INVALID", why, pointer=pointer, hint=item.hint)


def shipped_scenarios(apps: Iterable[str] = ()) -> list[Path]:
    """Folders of the scenarios that ship: of the named example apps, or of all and of none.

    Raises:
        FileNotFoundError: an app's name is unknown, or it has no scenarios.
    """
    named = list(apps)
    if named:
        return [_folder_of(name) for name in named]
    examples = sorted(data_path("examples").glob("*/scenarios"))
    return [folder for folder in (*examples, _OWN) if folder.is_dir()]


def _folder_of(app: str) -> Path:
    if app == STANDARD_APP:
        return _OWN
    given = Path(app) / "scenarios"
    return given if given.is_dir() else data_path(f"examples/{app}/scenarios")
