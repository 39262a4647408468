"""`uicompiler log …`: look into an event log, verify it, take conversations out and in, forget."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any, Final

from uicompiler.cli.common import UsageError, command, json_text
from uicompiler.cli.log_common import ENVIRONMENT, line, moment, opened, own
from uicompiler.cli.log_copies import add_export, add_import
from uicompiler.cli.log_forget import add_redact, add_retain
from uicompiler.cli.log_verify import add_verify

if TYPE_CHECKING:
    from uicompiler.store.log import Entry
    from uicompiler.store.sql import SqlLog


_SUMMARY: Final = "look into an event log, verify it, export, import, redact, drop what is old"
_DESCRIPTION: Final = f"""\
Work on the event log that `uicompiler serve --db URL` writes. URL is sqlite:///path/to/file.db, a
path, or postgresql://user@host/name. It may also be the first argument, without --db, where it is
a URL or a file that is there; else it is taken from {ENVIRONMENT}, where no other user of the
machine reads a password. IDs that begin with - are named behind --.

exit status: 0 done · 1 refused, or something does not verify · 2 wrong usage"""
_EXAMPLES: Final = """\
uicompiler log list --db log.db
uicompiler log verify --db log.db
uicompiler log export --db log.db ID > conversation.jsonl
uicompiler log redact --db log.db --app examples/crm --tag pii --all"""


def add(commands: Any) -> None:  # argparse does not name its type
    """Add the command and its own."""
    parser = command(
        commands, "log", _no_command, summary=_SUMMARY, description=_DESCRIPTION, examples=_EXAMPLES
    )
    own = parser.add_subparsers(
        dest="log_command", metavar="COMMAND", required=True, parser_class=type(parser)
    )
    for adding in (_add_list, _add_show, add_verify, add_export, add_import):
        adding(own)
    add_redact(own)
    add_retain(own)


def _no_command(_args: argparse.Namespace) -> int:
    raise AssertionError("argparse asks for a command of log")


def _add_list(commands: Any) -> None:
    parser = own(
        commands,
        "list",
        _list,
        "name the conversations",
        description="One line a conversation: id, number of its last entry, when that was, its "
        "hash. A hash that is noted elsewhere proves later that nothing before it was changed.",
        examples="uicompiler log list log.db\nuicompiler log list --db log.db --idle 90d",
    )
    parser.add_argument("place", nargs="?", metavar="DB", help="the log, instead of --db")
    parser.add_argument(
        "--idle", type=moment, metavar="T", help="only those without a commit since a time or age"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object a line")


def _list(args: argparse.Namespace) -> int:
    if args.place is not None and args.db is not None:
        raise UsageError("name one log")
    args.db = args.place if args.db is None else args.db
    with opened(args) as log:
        for name in log.ids(idle_since=args.idle):
            row = log.head_row(name)
            if row is None:
                continue  # it was deleted meanwhile
            found = {"id": name, "seq": row.seq, "at": row.at, "hash": row.hash}
            line(json_text(found) if args.json else "  ".join(map(str, found.values())))
    return 0


def _add_show(commands: Any) -> None:
    parser = own(
        commands,
        "show",
        _show,
        "tell what the entries of a conversation are",
        description="One line an entry: number, time, turn, the kinds of its records, and what was "
        "told beside them. With --json all of it: records, what was told, what was redacted.",
        examples="uicompiler log show --db log.db ID\nuicompiler log show --db log.db ID --json",
    )
    parser.add_argument(
        "ids", nargs="+", metavar="ID", help="a conversation; the log may stand before"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object a line")


def _show(args: argparse.Namespace) -> int:
    if not args.ids:
        raise UsageError("name conversations (`uicompiler log list`)")
    with opened(args) as log:
        for name in args.ids:
            _known(log, name)
            for entry in log.entries(name):
                if args.json:
                    line(json_text({"id": name, **_entry(entry)}))
                else:
                    line(_summary(entry))
    return 0


def _known(log: SqlLog, name: str) -> None:
    from uicompiler.store.exports import unknown

    if log.head_row(name) is None:
        raise unknown(name)


def _entry(entry: Entry) -> dict[str, object]:
    return {name: getattr(entry, name) for name in entry.__slots__}


def _summary(entry: Entry) -> str:
    kinds = ", ".join(str(record["kind"]) for record in entry.records) or "no record"
    told = f" + {', '.join(name for name, _ in entry.told)}" if entry.told else ""
    gone = f" ({len(entry.redacted)} redacted)" if entry.redacted else ""
    return f"{entry.seq}  {entry.at}  turn {entry.turn}  {kinds}{told}{gone}"
