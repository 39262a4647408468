"""`uicompiler log redact` and `log retain`: what goes, for good."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from uicompiler.cli.common import APP_HELP, UsageError, load_app, say
from uicompiler.cli.log_common import add_ids, chosen, line, moment, now, opened, own, watched

if TYPE_CHECKING:
    from uicompiler.app import UIApp
    from uicompiler.store.sql import SqlLog


def add_redact(commands: Any) -> None:
    """Add `log redact`."""
    parser = own(
        commands,
        "redact",
        _redact,
        "take the values of tagged fields out, for good",
        description="Remove what users, models and tools gave as values of the app's fields with "
        "one of the tags, wherever it was copied to as it is, with its salts. The log verifies as "
        "before; turns that had such values can no longer be replayed or undone. Afterwards the "
        "database's free pages are emptied: on PostgreSQL its tables are locked while they are "
        "written anew. Backups, and a server's own write-ahead log, are not reached.",
        examples="uicompiler log redact --db log.db --app examples/crm --tag pii ID\n"
        "uicompiler log redact --db log.db --app examples/crm --tag pii --tag health --all",
    )
    add_ids(parser, "to redact")
    parser.add_argument("--app", metavar="P", required=True, help=f"the app; {APP_HELP}")
    parser.add_argument(
        "--tag", action="append", required=True, metavar="TAG", help="a tag; may be given again"
    )


def _redact(args: argparse.Namespace) -> int:
    app = load_app(args.app)
    _check_tags(app, args.tag)
    with opened(args) as log:
        names = chosen(log, args)
        results = [_redacted(log, name, app, args.tag) for name in watched(names, "redact")]
        log.database.scrub()
    return int(not all(results))


def _check_tags(app: UIApp, tags: Sequence[str]) -> None:
    """Refuse a tag that no field has: whoever mistypes one would believe that all is gone.

    Raises:
        UsageError: the tags that there are.
    """
    from uicompiler.store.tagged import tags_of

    known = tags_of(app)
    strange = ", ".join(sorted({*tags} - known))
    if strange:
        there = f"it has {', '.join(sorted(known))}" if known else "none of its fields has a tag"
        raise UsageError(f"--tag {strange}: no field of the app {app.id!r} has that tag; {there}")


_TRIES: Final = 5


def _redacted(log: SqlLog, name: str, app: UIApp, tags: Sequence[str]) -> bool:
    """Redact one conversation, also while it goes on; whether that was done."""
    from uicompiler.errors import StoreError
    from uicompiler.store.redaction import redact

    for left in reversed(range(_TRIES)):
        try:
            done = redact(log, name, app, tags, now=now())
        except StoreError as exc:
            if exc.code == "STORE_CONFLICT" and left:
                continue
            for item in exc.diagnostics:
                say(f"{name}: {item}")
            return False
        for item in done.diagnostics:
            say(f"{name}: {item}")
        line(f"{name}: {done.values} values of {done.entries} entries")
        return True
    raise AssertionError("the last try ends the loop")


def add_retain(commands: Any) -> None:
    """Add `log retain`."""
    parser = own(
        commands,
        "retain",
        _retain,
        "drop what is old",
        description="Drop the first entries of conversations: those made before a time, or all but "
        "the newest. What is left verifies; turns that were dropped can no longer be undone. The "
        "last entry of a conversation always stays. With --idle, conversations go whole whose "
        "last entry is before a time.",
        examples="uicompiler log retain --db log.db --all --before 90d\n"
        "uicompiler log retain --db log.db --all --newest 1000 --idle 365d",
    )
    add_ids(parser, "to shorten")
    parser.add_argument("--before", type=moment, metavar="T", help="a time, or an age such as 90d")
    parser.add_argument("--newest", type=_count, metavar="N", help="keep this many entries of each")
    parser.add_argument("--idle", type=moment, metavar="T", help="a time, or an age")
    parser.add_argument(
        "--scrub", action="store_true", help="then write the database anew, without free pages"
    )


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 10**9):
        raise argparse.ArgumentTypeError("a number from 1")
    return int(text)


def _retain(args: argparse.Namespace) -> int:
    from uicompiler.store.retention import delete_if_idle, retain

    if args.before is None and args.newest is None and args.idle is None:
        raise UsageError("say what is to go: --before, --newest, --idle")
    with opened(args) as log:
        gone = dropped = 0
        for name in watched(chosen(log, args), "retain"):
            if args.idle is not None and delete_if_idle(log, name, args.idle):
                gone += 1
            elif args.before is not None or args.newest is not None:
                dropped += retain(log, name, before=args.before, newest=args.newest)
        if args.scrub:
            log.database.scrub()
    line(f"{dropped} entries and {gone} conversations dropped")
    return 0
