"""What the commands of `uicompiler log` have in common: which log, which conversations."""

from __future__ import annotations

import argparse
import contextlib
import os
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from uicompiler.cli.common import UsageError, command, out, printable, say_all

if TYPE_CHECKING:
    from uicompiler.store.sql import SqlLog

T = TypeVar("T")

ENVIRONMENT: Final = "UICOMPILER_DB"


def own(
    commands: Any, name: str, run: Callable[[argparse.Namespace], int], summary: str, **more: str
) -> argparse.ArgumentParser:
    """A command of `log`, which refuses as all of them do."""
    parser = command(commands, name, _guarded(run), summary=summary, **more)
    parser.add_argument(
        "--db",
        metavar="URL",
        help=f"the log; may also be named first, without --db (default: ${ENVIRONMENT})",
    )
    return parser


def _guarded(run: Callable[[argparse.Namespace], int]) -> Callable[[argparse.Namespace], int]:
    """A command whose refusals by the store are said, and exit with 1."""

    def guarded(args: argparse.Namespace) -> int:
        from uicompiler.errors import StoreError

        try:
            _settle(args)
            return run(args)
        except StoreError as exc:
            say_all(exc.diagnostics)
            return 2 if exc.code == "STORE_URL_INVALID" else 1

    return guarded


def _settle(args: argparse.Namespace) -> None:
    """Take the log from the first argument, where it is named there and not by --db.

    `verify` sorts its arguments itself: it takes any number of logs.
    """
    ids = getattr(args, "ids", None)
    if ids and args.db is None and args.log_command != "verify" and is_place(ids[0]):
        args.db, *args.ids = ids


URL: Final = re.compile("[a-z0-9+]+://|(?:sqlite|memory|postgres(?:ql)?):|[^:]+:.*@")
"""The last is a URL gone wrong: taken for one, no message shows the password in it."""


def is_place(name: str) -> bool:
    """Whether an argument names a database or a file, and no conversation."""
    return URL.match(name) is not None or Path(name).is_file()


@contextlib.contextmanager
def opened(args: argparse.Namespace, *, make: bool = False) -> Iterator[SqlLog]:
    """The log that is named, until the block ends."""
    from uicompiler.store.open import open_log, sqlite_file

    url = args.db or os.environ.get(ENVIRONMENT, "")
    if not url:
        raise UsageError(f"name the log: --db URL, or {ENVIRONMENT} in the environment")
    file = sqlite_file(url)
    if file is not None and not make and not file.exists():
        raise UsageError(f"there is no log {file}; `uicompiler serve --db URL` makes one")
    log = open_log(url)
    try:
        yield log
    finally:
        log.close()


def chosen(log: SqlLog, args: argparse.Namespace) -> list[str]:
    """The conversations that are named, or all.

    Raises:
        UsageError: neither is said.
    """
    if args.all and args.ids and args.db is None:
        raise UsageError(f"{args.ids[0]} is no log; name conversations, or give --all")
    if args.all and args.ids:
        raise UsageError("name conversations, or give --all")
    if not args.all and not args.ids:
        raise UsageError("name conversations (`uicompiler log list`), or give --all")
    return list(log.ids()) if args.all else list(args.ids)


def add_ids(parser: argparse.ArgumentParser, what: str) -> None:
    """Take conversations by name, or all."""
    parser.add_argument(
        "ids", nargs="*", metavar="ID", help=f"a conversation {what}; the log may stand before"
    )
    parser.add_argument("--all", action="store_true", help="all conversations")


def watched(items: Sequence[T], what: str) -> Iterator[T]:
    """The items, with a line that tells how far it is, when somebody watches."""
    shown = _is_watched()
    for number, item in enumerate(items, 1):
        if shown:
            print(f"\r{what}: {number} of {len(items)}", end="", file=sys.stderr, flush=True)
        yield item
    if shown and items:
        print("\r\033[K", end="", file=sys.stderr, flush=True)


def _is_watched() -> bool:
    return sys.stderr is not None and sys.stderr.isatty()


def now() -> str:
    """The time, RFC 3339 in UTC."""
    return _written(datetime.now(UTC))


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


_AGE: Final = re.compile(r"([0-9]{1,6})(d|h|m)")
_UNITS: Final = {"d": "days", "h": "hours", "m": "minutes"}


def moment(text: str) -> str:
    """A time, or an age such as 90d, as RFC 3339 in UTC."""
    age = _AGE.fullmatch(text)
    try:
        if age is not None:
            return _written(datetime.now(UTC) - timedelta(**{_UNITS[age[2]]: int(age[1])}))
        found = datetime.fromisoformat(text)
    except (ValueError, OverflowError) as exc:
        why = "a time is 2026-01-31T00:00:00Z, an age 90d, 12h or 30m"
        raise argparse.ArgumentTypeError(why) from exc
    return _written(found if found.tzinfo else found.replace(tzinfo=UTC))


def line(text: str) -> None:
    """Print a line in which a log can do nothing to a terminal."""
    out(f"{printable(text)}\n")
