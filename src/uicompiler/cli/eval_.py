"""`uicompiler eval`: put scenarios to models, and see how many answers are usable."""

from __future__ import annotations

import argparse
from typing import Any, Final

from uicompiler.cli import eval_list
from uicompiler.cli.common import command

_DESCRIPTION: Final = """\
Put scenarios to models, and see how many answers are usable."""
_EXAMPLES: Final = """\
uicompiler eval list"""


def add(commands: Any) -> None:  # argparse does not name its type
    """Add the command and its own."""
    parser = command(
        commands,
        "eval",
        run,
        summary="put scenarios to models, and see how many answers are usable",
        description=_DESCRIPTION,
        examples=_EXAMPLES,
    )
    own = parser.add_subparsers(dest="eval_command", metavar="COMMAND", parser_class=type(parser))
    for adding in (eval_list,):
        adding.add(own)


def run(args: argparse.Namespace) -> int:
    """Run an evaluation; see the module docstring."""
    raise NotImplementedError(args)
