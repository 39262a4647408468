"""`uicompiler eval compare`: whether two runs differ by more than chance."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from uicompiler.cli.common import UsageError, command, json_text, out, say
from uicompiler.cli.eval_common import recorded, refused

_DESCRIPTION: Final = """\
Compare two runs, trial by trial: which answers are usable in one and not in the other, and whether
that can be chance. Trials are paired by scenario, model, strategy and number; where each run has
one model, or one strategy, these may differ. Scenarios and apps that are not the same in both runs
are named on standard error.

exit status: 0 B is not worse than A · 1 B is worse, by more than chance · 2 wrong usage, or no
trial of one run has a counterpart in the other one"""
_EXAMPLES: Final = """\
uicompiler eval compare eval-runs/monday eval-runs/tuesday
uicompiler eval compare eval-runs/mini eval-runs/large --json"""


def add(commands: Any) -> None:  # argparse does not name its type
    """Add the command."""
    parser = command(
        commands,
        "compare",
        run,
        summary="say whether two runs differ by more than chance",
        description=_DESCRIPTION,
        examples=_EXAMPLES,
    )
    parser.add_argument("a", metavar="A", help="the folder of a run")
    parser.add_argument("b", metavar="B", help="the folder of another one")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of Markdown")


def run(args: argparse.Namespace) -> int:
    """Compare; see the module docstring."""
    from uicompiler.errors import EvalError
    from uicompiler.evals.compare import compare
    from uicompiler.evals.plan import changed_since
    from uicompiler.evals.report_markdown import comparison_to_markdown

    try:
        (run_a, a), (run_b, b) = (recorded(Path(name)) for name in (args.a, args.b))
        for name in changed_since(run_a, run_b):
            say(f"{name} is not the same in both runs; its trials are compared all the same")
        comparison = compare(a, b, names=(args.a, args.b))
    except EvalError as exc:
        raise refused(exc) from exc
    if not comparison.contrast.pairs:
        raise UsageError(f"nothing to compare: {args.a} has {_held(a)}; {args.b} has {_held(b)}")
    told = (
        json_text(comparison.to_dict(), indent=2)
        if args.json
        else comparison_to_markdown(comparison)
    )
    out(told if told.endswith("\n") else f"{told}\n")
    return int(comparison.worse)


def _held(trials: Sequence[Any]) -> str:
    """What the trials of a run are of, in words."""
    if not trials:
        return "no trials"
    parts = [sorted({trial["key"][part] for trial in trials}) for part in ("provider", "strategy")]
    models, strategies = (", ".join(found) for found in parts)
    return f"{len(trials)} trials of {models} by {strategies}"
