"""`uicompiler replay`: recorded conversations through today's code."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any, Final

from uicompiler.cli.common import (
    APP_HELP,
    UsageError,
    app_for,
    command,
    out,
    printable,
    read_input,
    say,
    write_files,
)

if TYPE_CHECKING:
    from uicompiler.app import UIApp
    from uicompiler.cli.emit import Emitter
    from uicompiler.replay import ReplayResult, ReplayTurn

_DESCRIPTION: Final = """\
Run recorded conversations again and compare what goes out with the recording. Handlers and tools
are not called: their recorded outcomes stand in. The app of a log that lies in an app's folder is
found by itself; name it for others. With --emit, several logs make one stream: the surfaces of one
conversation are deleted before the next, whose ids get their next free epoch where they were used.

exit status: 0 all equal · 1 something differs, or a log is broken · 2 wrong usage"""
_EXAMPLES: Final = """\
uicompiler replay examples/crm/conversations/*.jsonl
uicompiler replay log.jsonl --app examples/crm --emit | uicompiler sim
uicompiler replay log.jsonl --app examples/crm --update-snapshots"""


def add(commands: Any) -> None:  # argparse does not name its type
    """Add the command."""
    parser = command(
        commands,
        "replay",
        run,
        summary="run recorded conversations again",
        description=_DESCRIPTION,
        examples=_EXAMPLES,
    )
    parser.add_argument("logs", nargs="+", metavar="LOG", help="a conversation log")
    parser.add_argument("--app", metavar="P", help=APP_HELP)
    parser.add_argument(
        "--emit", action="store_true", help="print every message; the report goes to stderr"
    )
    parser.add_argument(
        "--update-snapshots",
        action="store_true",
        help="write what goes out today into the logs; review the difference",
    )
    parser.add_argument(
        "--update-refused",
        action="store_true",
        help="with it: also where turns that were taken are refused today, or the other way round",
    )


def run(args: argparse.Namespace) -> int:
    """Replay; see the module docstring."""
    from uicompiler.cli.emit import Emitter
    from uicompiler.errors import StoreError

    if args.update_snapshots and "-" in args.logs:
        raise UsageError("--update-snapshots writes into the log; name a file instead of -")
    if args.update_refused and not args.update_snapshots:
        raise UsageError("--update-refused goes with --update-snapshots")
    logs = [_loaded(args, name) for name in args.logs]
    status, emitter = 0, Emitter()
    for name, raw, app in logs:
        try:
            status |= _one(args, name, raw, app, emitter)
        except StoreError as exc:
            _say_findings(name, exc.diagnostics)
            status = 1
    return status


def _loaded(args: argparse.Namespace, name: str) -> tuple[str, bytes, UIApp]:
    """A log with its app.

    Raises:
        UsageError: no app is named, and the one that is found is not the log's.
    """
    from uicompiler.replay import recorded_app

    raw, app = read_input(name), app_for(args.app, name)
    known = recorded_app(raw)
    if args.app is None and known and known != app.id:
        found = f"without --app it would be replayed with {app.id!r}"
        raise UsageError(f"{name} was recorded with the app {known!r}, {found}: name it by --app")
    return name, raw, app


def _one(args: argparse.Namespace, name: str, raw: bytes, app: UIApp, emitter: Emitter) -> int:
    from uicompiler.replay import run as run_again
    from uicompiler.replay import update

    result = run_again(raw, app, check=not args.update_snapshots)
    if args.emit:
        out(b"".join(line + b"\n" for line in emitter.conversation(result.jsonl().splitlines())))
    if args.update_snapshots:
        lines = [_updated(name, raw, update(raw, app, refused=args.update_refused))]
    else:
        findings = [item for item in result.diagnostics if item.code not in _IN_THE_REPORT]
        _say_findings(name, findings)
        lines = _report(name, result)
    for line in lines:
        say(line) if args.emit else out(f"{printable(line)}\n")
    return int(not result.ok)


_IN_THE_REPORT: Final = ("REPLAY_DIFFERS", "REPLAY_REFUSED")


def _say_findings(name: str, findings: Any) -> None:  # any iterable of diagnostics
    for item in findings:
        say(f"{name}: {item}")


def _updated(name: str, before: bytes, after: bytes) -> str:
    if before == after:
        return f"{name}: unchanged"
    write_files({name: after})
    return f"{name}: updated"


def _report(name: str, result: ReplayResult) -> list[str]:
    count = len(result.turns)
    turns = f"{count} turn{'' if count == 1 else 's'}"
    odd = [f"  {turn.title} {turn.refusal}" for turn in result.turns if turn.refusal]
    first = result.first_difference
    if first is None:
        return [f"{name}: {turns}, {f'{len(odd)} of them not as it was' if odd else 'ok'}", *odd]
    more = sum(bool(turn.differences) for turn in result.turns) - 1
    return [f"{name}: {turns}, {first.title} differs{_more(more)}", *odd, *_differences(first)]


def _more(count: int) -> str:
    return "" if not count else f", and {count} after it"


def _differences(turn: ReplayTurn) -> list[str]:
    return [f"  {item}" for item in turn.differences]
