"""The command line: `uicompiler COMMAND …`.

Data goes to stdout as UTF-8 bytes, diagnostics to stderr, one a line. No input ends in a
traceback: what cannot be used is exit status 2 and one message that says what was found, what was
expected and what to do. A bug, ours or an app's, is named as one and exits with 70;
`UICOMPILER_TRACEBACK=1` shows where it is.

Each command is one module with `add(commands)` and `run(args)`. Only `run` imports the library,
so that `--help` and usage errors are immediate.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from collections.abc import Sequence
from typing import Any, Final, NoReturn

from uicompiler.cli import (
    bench,
    compile_,
    demo,
    diff,
    eval_,
    log,
    prompt,
    replay,
    serve,
    sim,
    trace,
    validate,
)
from uicompiler.cli.common import UsageError, say

__all__ = ["main"]

_COMMANDS: Final = (
    compile_,
    validate,
    sim,
    replay,
    diff,
    prompt,
    serve,
    log,
    eval_,
    trace,
    demo,
    bench,
)
_USAGE: Final = 2
_SHORT_USAGE: Final = 4
_BUG: Final = 70
_INTERRUPTED: Final = 130
_CLOSED_PIPE: Final = 141

_DESCRIPTION: Final = """\
Compile what a model wrote into guarded A2UI v0.8, and look at the result.

FILE may be left out or be - for standard input; data goes to standard output."""
_EPILOG: Final = """\
examples:
  uicompiler demo
  uicompiler compile answer.json --app examples/crm | uicompiler sim
  uicompiler validate stream.jsonl

exit status: 0 fine · 1 refused, errors or differences · 2 wrong usage · 3 compile fell back"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and give its exit status."""
    try:
        args, unknown = _parser().parse_known_args(argv)
        if unknown:  # told by the command itself, whose help knows what there is
            args.parser.error(f"unrecognized arguments: {' '.join(unknown)}")
        return _run(args)
    except SystemExit as done:  # argparse leaves this way, after --help and after an error
        return done.code if isinstance(done.code, int) else _USAGE
    except BrokenPipeError:
        return _closed_pipe()
    except KeyboardInterrupt:
        return _INTERRUPTED


def _run(args: argparse.Namespace) -> int:
    try:
        if sys.stdout is None:  # as when a shell closed it: `>&-`
            raise UsageError("standard output is closed; give it a file or a pipe")
        status: int = args.run(args)
        sys.stdout.flush()
        return status
    except UsageError as exc:
        say(f"uicompiler {args.command}: {exc}")
        return _USAGE
    except BrokenPipeError:
        raise
    except OSError as exc:
        say(f"uicompiler {args.command}: {exc.strerror or exc} ({exc.filename or 'output'})")
        return _USAGE
    except Exception as exc:
        if os.environ.get("UICOMPILER_TRACEBACK"):
            raise
        say(
            f"uicompiler {args.command}: this is a bug, in uicompiler or in the app: "
            f"{type(exc).__name__}: {exc}; UICOMPILER_TRACEBACK=1 shows where"
        )
        return _BUG


def _closed_pipe() -> int:
    """End quietly, as other tools do whose reader went away."""
    with contextlib.suppress(OSError, ValueError):  # in a test stdout is not a file
        # Python flushes stdout once more at exit; there has to be someone to take it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return _CLOSED_PIPE


class _Parser(argparse.ArgumentParser):
    """Says in an error where to read on, and leaves a long usage to the help."""

    def error(self, message: str) -> NoReturn:
        if self.format_usage().count("\n") <= _SHORT_USAGE:
            self.print_usage(sys.stderr)
        say(f"{self.prog}: {message}; see {self.prog} --help")
        raise SystemExit(_USAGE)


class _Version(argparse.Action):
    """Prints the version; finding it takes longer than starting does."""

    def __call__(self, parser: argparse.ArgumentParser, *_rest: Any, **_more: Any) -> None:
        from importlib.metadata import PackageNotFoundError, version

        try:
            print(f"uicompiler {version('uicompiler')}")
        except PackageNotFoundError:
            print("uicompiler (not installed)")
        parser.exit()


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="uicompiler",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="show the version and end")
    commands = parser.add_subparsers(
        dest="command", metavar="COMMAND", required=True, parser_class=_Parser
    )
    for command in _COMMANDS:
        command.add(commands)
    return parser
