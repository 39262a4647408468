"""`uicompiler eval` itself: options to a plan, the plan to a folder of records and reports."""

from __future__ import annotations

import argparse
import asyncio
import datetime
import signal
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from uicompiler.cli.common import UsageError, out, say, say_all
from uicompiler.cli.eval_common import chosen, prepared, refused, write_reports

if TYPE_CHECKING:
    from uicompiler.cli.eval_progress import Progress
    from uicompiler.errors import Diagnostic
    from uicompiler.evals.budget import RunBudget
    from uicompiler.evals.plan import Plan
    from uicompiler.evals.records import RunFolder
    from uicompiler.llm.asking.capabilities import Capabilities
    from uicompiler.llm.settings import ModelSettings

_BELOW, _EXHAUSTED, _GIVEN_UP = 1, 3, 4
_FREE_TRIALS: Final = 3
_SEED: Final = 7
_ASKED: Final = (
    "provider",
    "strategy",
    "trials",
    "seed",
    "app",
    "scenarios",
    "filter",
    "capabilities",
)
_SETTINGS: Final = (
    "response_format",
    "temperature",
    "max_output_tokens",
    "request_timeout_s",
    "stream",
    "api_base",
)
"""What can be said of how models are asked; names of options and of `ModelSettings`."""


def run(args: argparse.Namespace) -> int:
    """Run an evaluation, or go on with one.

    Raises:
        UsageError: it cannot be run like this; nothing was sent.
    """
    from uicompiler.errors import UICompilerError

    heeded = signal.getsignal(signal.SIGINT)
    try:
        return _evaluated(args, _resumed(args) if args.resume else None)
    except UICompilerError as exc:
        raise refused(exc) from exc
    finally:
        if signal.getsignal(signal.SIGINT) is not heeded:
            signal.signal(signal.SIGINT, heeded)


def _resumed(args: argparse.Namespace) -> Mapping[str, Any]:
    """The `run.json` of the run to go on with; what was not said anew is as it was."""
    from uicompiler.evals.records import read_run

    if args.out is None:
        raise UsageError("--resume goes with --out DIR, which names the run")
    found = read_run(Path(args.out))
    say_all(found.findings)
    for name, value in found.run.get("arguments", {}).items():
        if getattr(args, name, None) is None:
            setattr(args, name, value)
    asked = found.run.get("settings", {}).get("api_base")
    if asked is not None and args.api_base is None:
        raise UsageError(f"--api-base has to be said again: of {asked} the run keeps no more")
    return found.run


def _evaluated(args: argparse.Namespace, run: Mapping[str, Any] | None) -> int:
    from uicompiler.evals.budget import RunBudget
    from uicompiler.evals.records import RunFolder

    settings, known = _settings(args), _known(args)
    plan = _checked(_plan(args, settings, known), settings, known, args)
    ready = prepared(plan.scenarios)
    plan = replace(plan, apps={item.app.id: item.app_sha256 for item in ready})
    budget = RunBudget(usd=args.budget_usd, calls=args.budget_calls)
    run_json = {**plan.to_dict(created=_now()), "arguments": _arguments(args)}
    if run is None:
        folder = RunFolder.create(Path(args.out or _default_folder()), run_json)
    else:
        plan.check_same(run, Path(args.out))
        folder = RunFolder.resume(Path(args.out))
    with folder:
        say(f"{folder.folder}: {_told(plan)}")
        ending = _Work(plan, settings, known, folder, budget, args.jobs).go(ready)
    return _ended(args, folder.folder, budget, ending)


# --- what is asked for ----------------------------------------------------------------------------


def _settings(args: argparse.Namespace) -> ModelSettings:
    from uicompiler.llm.settings import ModelSettings

    given = {name: getattr(args, name) for name in _SETTINGS}
    return ModelSettings("", **{name: value for name, value in given.items() if value is not None})


def _known(args: argparse.Namespace) -> Capabilities | None:
    """What models take, as a file of one's own says.

    Raises:
        LLMError: LLM_CAPABILITIES_INVALID, with all that is wrong in it.
    """
    from uicompiler.llm.asking.capabilities import Capabilities

    return None if args.capabilities is None else Capabilities.load(args.capabilities)


def _plan(args: argparse.Namespace, settings: ModelSettings, known: Capabilities | None) -> Plan:
    from uicompiler.evals.plan import Plan
    from uicompiler.evals.providers import is_simulated, provider_names
    from uicompiler.evals.sim.pinned import digest
    from uicompiler.llm.connection.secrets import origin_of

    names = provider_names(args.provider or ["sim"])
    is_free = all(map(is_simulated, names))
    if is_free and args.api_base is not None:
        raise UsageError("--api-base goes with a model of --provider; simulated ones have none")
    told = {name: getattr(settings, name) for name in _SETTINGS}
    told |= {} if known is None else {"capabilities": known.own_rows()}
    told["api_base"] = origin_of(settings.api_base)
    return Plan(
        scenarios=chosen(args),
        providers=names,
        strategies=_strategies(args.strategy),
        trials=args.trials or (_FREE_TRIALS if is_free else 1),
        seed=_SEED if args.seed is None else args.seed,
        settings=told,
        simulator=digest() if any(map(is_simulated, names)) else "",
    )


def _strategies(given: Sequence[str] | None) -> list[str]:
    from uicompiler.evals.strategies import STRATEGIES

    if not given:
        return ["production"]
    named = list(STRATEGIES) if "all" in given else given
    return [name for name in STRATEGIES if name in named]


def _arguments(args: argparse.Namespace) -> dict[str, Any]:
    """What was said, for a resume that says less; not the address, which may hold a secret."""
    given = {name: getattr(args, name) for name in (*_ASKED, *_SETTINGS) if name != "api_base"}
    for name in ("app", "scenarios"):
        given[name] = given[name] and [_anywhere(place) for place in given[name]]
    given["capabilities"] = args.capabilities and _anywhere(args.capabilities)
    return {name: value for name, value in given.items() if value is not None}


def _anywhere(place: str) -> str:
    """A place that means the same in another folder; an app may be named as well."""
    return str(Path(place).resolve()) if Path(place).exists() else place


def _default_folder() -> str:
    return f"eval-runs/{_now().replace('-', '').replace(':', '')}"


def _now() -> str:
    moment = datetime.datetime.now(datetime.UTC).replace(microsecond=0, tzinfo=None)
    return f"{moment.isoformat()}Z"


def _told(plan: Plan) -> str:
    parts = (
        _several(len(plan.scenarios), "scenario"),
        _several(len(plan.providers), "model"),
        _several(len(plan.strategies), "strategy", "strategies"),
        _several(plan.trials, "trial"),
    )
    return f"{' x '.join(parts)}, seed {plan.seed}"


def _several(count: int, one: str, many: str = "") -> str:
    return f"{count} {one if count == 1 else many or f'{one}s'}"


def _checked(
    plan: Plan, settings: ModelSettings, known: Capabilities | None, args: argparse.Namespace
) -> Plan:
    """The plan without scenarios that cannot be asked with these settings; each is named.

    Raises:
        LLMError: settings that contradict each other, a provider that there is not, no key.
        EvalError: a limit in money for a model whose price nobody knows.
    """
    from uicompiler.evals.providers import check_provider, fitting_modes

    asked = [replace(settings, model=name) for name in plan.providers]
    wanted = {item.scenario.run_mode for item in plan.scenarios}
    fitting, findings = fitting_modes(asked, wanted, known)
    for each in asked:
        check_provider(each, fitting, needs_price=args.budget_usd is not None, known=known)
    kept = [item for item in plan.scenarios if item.scenario.run_mode in fitting]
    if findings:
        left = [item.id for item in plan.scenarios if item.scenario.run_mode not in fitting]
        say_all(findings)
        say(f"left out, since they cannot be asked so: {', '.join(left)}")
    return replace(plan, scenarios=kept)


# --- the work -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Work:
    plan: Plan
    settings: ModelSettings
    known: Capabilities | None
    folder: RunFolder
    budget: RunBudget
    jobs: int

    def go(self, ready: Sequence[Any]) -> _Ending:
        """Run what is left; how that ended."""
        from uicompiler.cli.eval_progress import Progress
        from uicompiler.errors import UICompilerError

        progress = Progress(self.plan.total, time.monotonic)
        for record in self.folder.before:
            progress.known(record)
        ending = _Ending()
        try:
            self._run(ready, progress)
        except KeyboardInterrupt:
            _ignore_interrupts()  # what is done is written down; that takes a moment
            ending = _Ending(interrupted=True)
        except UICompilerError as exc:
            ending = _Ending(given_up=exc.diagnostics)
        finally:
            progress.end()
        return replace(ending, lost=self.budget.sent - progress.calls_here)

    def _run(self, ready: Sequence[Any], progress: Progress) -> None:
        from uicompiler.evals.providers import providers
        from uicompiler.evals.session import Session

        with providers(self.plan.providers, self.settings, self.known) as models:
            session = Session(self.plan, ready, models, self.budget, self.known)

            def on_done(record: dict[str, Any]) -> None:
                paid = not models[record["key"]["provider"]].is_free
                self.folder.append(record, sync=paid)
                progress.done(record)

            asyncio.run(session.run(self.folder.before, on_done, jobs=self.jobs))


@dataclass(frozen=True, slots=True)
class _Ending:
    """How a run ended: of itself, unless something else is said.

    Attributes:
        interrupted: Whether somebody interrupted it.
        given_up: Why nothing more was asked.
        lost: How many calls were made in trials that did not come to their end.
    """

    interrupted: bool = False
    given_up: Sequence[Diagnostic] = ()
    lost: int = 0


def _ignore_interrupts() -> None:
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, signal.SIG_IGN)


def _ended(args: argparse.Namespace, folder: Path, budget: RunBudget, ending: _Ending) -> int:
    trials, markdown = write_reports(folder)
    out(markdown)
    goes_on = f"uicompiler eval --resume --out {folder} goes on"
    if ending.lost:
        was = _several(ending.lost, "call")
        say(f"{was} went to trials that did not come to their end; they are run again on --resume")
    if ending.interrupted:
        say(f"interrupted; {goes_on}")
        raise KeyboardInterrupt
    if ending.given_up:
        say_all(ending.given_up)
        say(f"given up; when the cause is gone, {goes_on}")
        return _GIVEN_UP
    if budget.exhausted:
        say(str(_exhausted(budget, goes_on)))
        return _EXHAUSTED
    below = list(_below(args, trials))
    for line in below:
        say(line)
    return _BELOW if below else 0


def _exhausted(budget: RunBudget, goes_on: str) -> Diagnostic:
    from uicompiler.errors import diagnostic

    why = f"the run's budget of {budget.exhausted} is used up"
    if not budget.kept:
        why = f"{why}, and no trial came to its end: give it more"
    return diagnostic("EVAL_BUDGET_EXHAUSTED", why, hint=goes_on)


def _below(args: argparse.Namespace, trials: Sequence[Any]) -> Iterator[str]:
    """What is not as good as it has to be; that of `production`, where it was run."""
    best = [trial for trial in trials if trial["key"]["strategy"] == "production"] or trials
    usable = _share(best, "usable")
    if args.min_usable is not None and usable < args.min_usable:
        yield f"usable: {usable:.2%}, at least {args.min_usable:.2%} are wanted"
    avoidable = _avoidable(best)
    if args.max_avoidable is not None and avoidable > args.max_avoidable:
        yield f"avoidable second calls: {avoidable:.2%}, at most {args.max_avoidable:.2%} may be"


def _avoidable(trials: Sequence[Any]) -> float:
    """Of turns with simulated models, those asked about again though nothing was lost in them.

    What a real model meant nobody knows; there it is the share of answers that could be mended.
    """
    simulated = [item for item in trials if item.get("lossless_second_call") is not None]
    if simulated:
        return _share(simulated, "lossless_second_call")
    mendable = [item for item in trials if item["first_answer"] == "mendable"]
    return _share(mendable, "avoidable_second_call")


def _share(trials: Sequence[Any], flag: str) -> float:
    return sum(bool(trial[flag]) for trial in trials) / len(trials) if trials else 0.0
