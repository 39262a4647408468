"""`uicompiler eval report`: the reports of a run, made anew from its records."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any, Final

from uicompiler.cli.common import command, out
from uicompiler.cli.eval_common import refused, write_reports

_DESCRIPTION: Final = """\
Make report.json, report.md and report.html in the folder of a run anew, from its records. The
Markdown goes to standard output as well.

exit status: 0 done · 2 wrong usage"""
_EXAMPLES: Final = "uicompiler eval report eval-runs/sim"


def add(commands: Any) -> None:  # argparse does not name its type
    """Add the command."""
    parser = command(
        commands,
        "report",
        run,
        summary="make the reports of a run anew",
        description=_DESCRIPTION,
        examples=_EXAMPLES,
    )
    parser.add_argument("folder", metavar="DIR", help="the folder of a run")


def run(args: argparse.Namespace) -> int:
    """Report; see the module docstring."""
    from uicompiler.errors import EvalError

    try:
        _, markdown = write_reports(Path(args.folder))
    except EvalError as exc:
        raise refused(exc) from exc
    out(markdown)
    return 0
