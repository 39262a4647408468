"""What the commands of `uicompiler eval` share: which scenarios are meant, and refusals."""

from __future__ import annotations

import argparse
import difflib
import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from uicompiler.cli.common import UsageError, say, say_all

if TYPE_CHECKING:
    from uicompiler.errors import UICompilerError
    from uicompiler.evals.prepared import Prepared
    from uicompiler.evals.scenario import LoadedScenario

APPS_HELP = (
    "only scenarios of this app: standard, an example's name, or the path of an app's folder; "
    "may be repeated"
)


_MOST_TOLD: Final = 20


def add_choice(parser: argparse.ArgumentParser) -> None:
    """Add the options that choose scenarios."""
    parser.add_argument("--app", action="append", metavar="P", help=APPS_HELP)
    parser.add_argument(
        "--scenarios",
        action="append",
        metavar="PATH",
        help="a scenario or a folder of them, instead of those that ship; may be repeated",
    )
    parser.add_argument(
        "--filter",
        action="append",
        metavar="WORD",
        help="only scenarios with this tag or id, or whose id begins with it; may be repeated",
    )


def chosen(args: argparse.Namespace) -> list[LoadedScenario]:
    """The scenarios that the options mean.

    Raises:
        UsageError: there are none, or one cannot be read.
    """
    from uicompiler.errors import EvalError
    from uicompiler.evals.prepared import shipped_scenarios
    from uicompiler.evals.scenario import load_scenarios

    if args.app and args.scenarios:
        raise UsageError("--app and --scenarios both say where scenarios are; give one of them")
    try:
        places = args.scenarios or shipped_scenarios(args.app or ())
        found = load_scenarios(places)
    except EvalError as exc:
        raise refused(exc) from exc
    except FileNotFoundError as exc:
        raise _no_app(args.app) from exc
    for word in args.filter or ():
        _check_fits(word, found)
    return [item for item in found if _is_meant(item, args.filter)]


def _no_app(places: Sequence[str]) -> UsageError:
    told = ", ".join(places)
    return UsageError(
        f"--app {told}: neither standard, nor an example's name, nor an app's folder with "
        "scenarios/ in it; `uicompiler eval list` names the apps"
    )


def _check_fits(word: str, found: Sequence[LoadedScenario]) -> None:
    """Refuse a word that no scenario fits, which would leave something out in silence.

    Raises:
        UsageError: none does.
    """
    if any(_is_meant(item, [word]) for item in found):
        return
    tags = sorted({tag for item in found for tag in item.scenario.tags})
    near = difflib.get_close_matches(word, [*tags, *(item.id for item in found)], n=3)
    close = f"did you mean {' or '.join(near)}? " if near else ""
    raise UsageError(
        f"--filter {word}: no scenario fits; {close}tags: {', '.join(tags) or 'none'}; "
        "`uicompiler eval list` names the ids"
    )


def prepared(scenarios: Sequence[LoadedScenario]) -> list[Prepared]:
    """The scenarios made ready, on a ClientSim.

    Raises:
        UsageError: one cannot be made ready.
    """
    from uicompiler.cli.common import load_app
    from uicompiler.cli.eval_judge import ClientSimJudge
    from uicompiler.errors import EvalError
    from uicompiler.evals.prepared import Stages

    # A scenario's tool that fails is meant to; it is told in the trial's record.
    logging.getLogger("uicompiler.llm").addHandler(logging.NullHandler())
    stages = Stages(ClientSimJudge(), load_app)
    try:
        return [stages.prepare(item) for item in scenarios]
    except EvalError as exc:
        raise refused(exc) from exc


def refused(error: UICompilerError) -> UsageError:
    """Say all that the library refuses, and give the refusal of the command."""
    *most, last = error.diagnostics
    say_all(most)
    return UsageError(str(last))


def _is_meant(item: LoadedScenario, words: Sequence[str] | None) -> bool:
    if not words:
        return True
    return any(word in item.scenario.tags or item.id.startswith(word) for word in words)


def recorded(folder: Path) -> tuple[Mapping[str, Any], list[Any]]:
    """What a run was asked for, and its trials in the order of its plan; says what was torn.

    Raises:
        EvalError: EVAL_RUN_INVALID, the folder holds no run.
    """
    from uicompiler.evals.records import in_order, read_run

    found = read_run(folder)
    say_all(found.findings[:_MOST_TOLD])
    if len(found.findings) > _MOST_TOLD:
        say(f"and {len(found.findings) - _MOST_TOLD} more")
    return found.run, in_order(found.run, found.trials)


def write_reports(folder: Path) -> tuple[list[Any], str]:
    """Write the reports of a run; gives its trials in the order of the plan, and the Markdown.

    Raises:
        EvalError: EVAL_RUN_INVALID, the folder holds no run.
    """
    from uicompiler.evals.records import write_whole
    from uicompiler.evals.report import build, to_json
    from uicompiler.evals.report_html import to_html
    from uicompiler.evals.report_markdown import to_markdown

    run, trials = recorded(folder)
    report = build(run, trials)
    markdown = to_markdown(report)
    for name, text in (
        ("report.json", to_json(report)),
        ("report.md", markdown),
        ("report.html", to_html(report)),
    ):
        write_whole(folder / name, text.encode())
    return trials, markdown
