"""`uicompiler log …`: look into an event log, verify it, take conversations out and in, forget."""

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

from uicompiler.cli.common import (
    APP_HELP,
    UsageError,
    app_for,
    command,
    json_text,
    load_app,
    out,
    printable,
    read_input,
    say,
    say_all,
    write_files,
)

if TYPE_CHECKING:
    from uicompiler.app import UIApp
    from uicompiler.conversation import Record
    from uicompiler.store.log import Entry
    from uicompiler.store.sql import SqlLog
    from uicompiler.store.verification import Verified

T = TypeVar("T")

ENVIRONMENT: Final = "UICOMPILER_DB"
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
    for adding in (_add_list, _add_show, _add_verify, _add_export, _add_import):
        adding(own)
    _add_redact(own)
    _add_retain(own)


def _no_command(_args: argparse.Namespace) -> int:
    raise AssertionError("argparse asks for a command of log")


def _own(
    commands: Any, name: str, run: Callable[[argparse.Namespace], int], summary: str, **more: str
) -> argparse.ArgumentParser:
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
    if ids and args.db is None and args.log_command != "verify" and _is_place(ids[0]):
        args.db, *args.ids = ids


_URL: Final = re.compile("[a-z0-9+]+://|(?:sqlite|memory|postgres(?:ql)?):|[^:]+:.*@")
"""The last is a URL gone wrong: taken for one, no message shows the password in it."""


def _is_place(name: str) -> bool:
    """Whether an argument names a database or a file, and no conversation."""
    return _URL.match(name) is not None or Path(name).is_file()


@contextlib.contextmanager
def _opened(args: argparse.Namespace, *, make: bool = False) -> Iterator[SqlLog]:
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


def _chosen(log: SqlLog, args: argparse.Namespace) -> list[str]:
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


def _add_ids(parser: argparse.ArgumentParser, what: str) -> None:
    parser.add_argument(
        "ids", nargs="*", metavar="ID", help=f"a conversation {what}; the log may stand before"
    )
    parser.add_argument("--all", action="store_true", help="all conversations")


def _watched(items: Sequence[T], what: str) -> Iterator[T]:
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


def _now() -> str:
    return _written(datetime.now(UTC))


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


_AGE: Final = re.compile(r"([0-9]{1,6})(d|h|m)")
_UNITS: Final = {"d": "days", "h": "hours", "m": "minutes"}


def _moment(text: str) -> str:
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


# --- list and show --------------------------------------------------------------------------------


def _add_list(commands: Any) -> None:
    parser = _own(
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
        "--idle", type=_moment, metavar="T", help="only those without a commit since a time or age"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object a line")


def _list(args: argparse.Namespace) -> int:
    if args.place is not None and args.db is not None:
        raise UsageError("name one log")
    args.db = args.place if args.db is None else args.db
    with _opened(args) as log:
        for name in log.ids(idle_since=args.idle):
            row = log.head_row(name)
            if row is None:
                continue  # it was deleted meanwhile
            found = {"id": name, "seq": row.seq, "at": row.at, "hash": row.hash}
            _line(json_text(found) if args.json else "  ".join(map(str, found.values())))
    return 0


def _line(text: str) -> None:
    out(f"{printable(text)}\n")


def _add_show(commands: Any) -> None:
    parser = _own(
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
    with _opened(args) as log:
        for name in args.ids:
            _known(log, name)
            for entry in log.entries(name):
                if args.json:
                    _line(json_text({"id": name, **_entry(entry)}))
                else:
                    _line(_summary(entry))
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


# --- verify ---------------------------------------------------------------------------------------


def _add_verify(commands: Any) -> None:
    parser = _own(
        commands,
        "verify",
        _verify,
        "find what was changed, cut off or damaged",
        description="Hold every entry against its hash and the one before it, every value against "
        "its commitment, and what is kept beside the chain against the chain. Any changed byte is "
        "found; redacted values are no error, but a warning where no redaction is recorded. Where "
        "a chain lost its beginning, that is said. Arguments are databases, files that `log export "
        "--chain` wrote, any number of both, or conversations of one database. Without a "
        "conversation everything is looked at, and the database itself.",
        examples="uicompiler log verify log.db\n"
        "uicompiler log verify postgresql://me@db/chat ID\n"
        "uicompiler log verify conversation.jsonl backup/*.jsonl",
    )
    parser.add_argument(
        "ids", nargs="*", metavar="DB|FILE|ID", help="a database, an export, a conversation"
    )
    parser.add_argument("--export", action="append", metavar="FILE", help="an export, instead")


def _verify(args: argparse.Namespace) -> int:
    if args.export and (args.ids or args.db):
        raise UsageError("--export verifies files; leave the log and its conversations out")
    places = [name for name in args.ids if args.db is None and _is_place(name)]
    ids = [name for name in args.ids if name not in places]
    exports = [*(args.export or ()), *filter(_is_export, places)]
    logs: list[str | None] = [name for name in places if name not in exports]
    if ids and (exports or len(logs) > 1):
        raise UsageError(f"{ids[0]} is no database or file; conversations need one database")
    if not exports and not logs:
        logs = [args.db]
    results = [_verify_export(name) for name in exports]
    results += [_verify_log(args, name, ids) for name in logs]
    return int(not all(results))


def _is_export(name: str) -> bool:
    """Whether a file holds JSON Lines: a database begins otherwise."""
    if _URL.match(name):
        return False
    with contextlib.suppress(OSError), Path(name).open("rb") as file:
        return file.read(1024).lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{")
    return False


def _verify_log(args: argparse.Namespace, name: str | None, ids: Sequence[str]) -> bool:
    """Look at a database, and say what was found; whether all is well."""
    from uicompiler.store.verification import verify, verify_database

    args.db = name
    with _opened(args) as log:
        damage = [] if ids else verify_database(log)
        say_all(damage)
        sound = not damage
        for conversation_id in _watched(list(ids or log.ids()), "verify"):
            result = verify(log, conversation_id)
            _report(conversation_id, result)
            sound = sound and not result.diagnostics
    return sound


def _report(name: str, result: Verified) -> None:
    for item in (*result.diagnostics, *result.warnings):
        say(f"{name}: {item}")
    count = f"{result.entries} {'entry' if result.entries == 1 else 'entries'}"
    wrong = len(result.diagnostics)
    _line(f"{name}: {count}, {f'{wrong} wrong' if wrong else 'ok'}")
    if result.anchor.seq:
        seq, known = result.anchor.seq, result.anchor.hash
        _line(f"{name}: begins at entry {seq + 1}; entries 1 to {seq} were dropped, up to {known}")


def _verify_export(name: str) -> bool:
    """Look at an export, and say what was found; whether all is well."""
    from uicompiler.errors import StoreError
    from uicompiler.store.exports import read_chain
    from uicompiler.store.verification import Verified, verify_rows

    try:
        chain = read_chain([record.data for record in _chained(name)])
    except StoreError as exc:
        _report(name, Verified(name, 0, tuple(exc.diagnostics)))
        return False
    _report(name, verify_rows(chain.conversation_id, chain.rows, chain.anchor))
    return True


def _chained(name: str) -> list[Record]:
    """The records of an export with its chain.

    Raises:
        UsageError: it has none.
    """
    from uicompiler.conversation import read_log
    from uicompiler.store.exports import has_chain

    records = read_log(read_input(name))
    if not has_chain(record.data for record in records):
        raise UsageError(f"{name} has no chain; `uicompiler log export --chain` writes one")
    return records


# --- export and import ----------------------------------------------------------------------------


def _add_export(commands: Any) -> None:
    parser = _own(
        commands,
        "export",
        _export,
        "write conversations in the conversation format",
        description="Write a conversation as JSON Lines, as `uicompiler replay` and tests read "
        "them. With --chain the file verifies, and an import goes on with the same chain. With "
        "--kept clients can go on after an import as if nothing had happened; such a file has the "
        "hash of the token that opens the conversation, and is a backup rather than a test.",
        examples="uicompiler log export --db log.db ID > tests/replays/sale.jsonl\n"
        "uicompiler log export --db log.db --all --chain --kept --to backup/",
    )
    _add_ids(parser, "to write; one goes to standard output, more need --to")
    parser.add_argument("--chain", action="store_true", help="make the file verify")
    parser.add_argument("--kept", action="store_true", help="with what the host keeps; has a chain")
    parser.add_argument("--to", metavar="DIR", help="a folder; files are named after the ids")


def _export(args: argparse.Namespace) -> int:
    from uicompiler.conversation import dump
    from uicompiler.store.exports import export

    with _opened(args) as log:
        names = _chosen(log, args)
        if len(names) > 1 and args.to is None:
            raise UsageError("several conversations need a folder: --to DIR")
        for name in _watched(names, "export"):
            chain = args.chain or args.kept
            records = export(log, name, chain=chain, kept=args.kept)
            if args.to is None:
                for record in records:
                    out(dump([record]))
            else:
                write_files({str(_file(args.to, name)): dump(records)})
    return 0


def _file(folder: str, name: str) -> Path:
    """Where a conversation goes; ids are a host's own, and may hold what no file name may."""
    from urllib.parse import quote

    Path(folder).mkdir(parents=True, exist_ok=True)
    return Path(folder) / f"{quote(name, safe=' ').replace('.', '%2E')}.jsonl"


def _add_import(commands: Any) -> None:
    parser = _own(
        commands,
        "import",
        _import,
        "read conversations into the log",
        description="Write conversation files into the log, each whole or not at all. A file with "
        "a chain has to verify. One without what the host kept is replayed with the app, and "
        "gets a new token, which is printed behind its id: only who has it can open the "
        "conversation. One with it (`log export --kept`) is opened by its token of before.",
        examples="uicompiler log import --db log.db sale.jsonl --app examples/crm\n"
        "uicompiler log import --db log.db backup/*.jsonl",
    )
    parser.add_argument("files", nargs="+", metavar="FILE", help="a conversation file")
    parser.add_argument("--app", metavar="P", help=APP_HELP)


def _import(args: argparse.Namespace) -> int:
    with _opened(args, make=True) as log:
        for name in _watched(args.files, "import"):
            _line(_imported(log, name, args))
    return 0


def _imported(log: SqlLog, name: str, args: argparse.Namespace) -> str:
    from uicompiler.conversation import read_log
    from uicompiler.store.exports import has_chain, import_chain, import_commits, read_chain

    records = read_log(read_input(name))
    conversation_id = records[0].data["conversation_id"]
    _check_id(conversation_id, name)
    chain = None
    if has_chain(record.data for record in records):
        chain = read_chain([record.data for record in records])
        if chain.kept:
            import_chain(log, chain)
            return str(conversation_id)
    app = app_for(args.app, name)
    token, settings = _opening()
    if chain is not None:
        import_chain(log, chain, _going_on(records, app, settings))
    else:
        import_commits(log, conversation_id, _commits(records, app, settings))
    return f"{conversation_id}  {token}"


def _check_id(conversation_id: str, name: str) -> None:
    from uicompiler.store.sql import is_id

    if not is_id(conversation_id):
        raise UsageError(f"{name}: a conversation's id is a printable text of 1 to 128 characters")


def _opening() -> tuple[str, dict[str, str]]:
    """A new token, and what the log is told of it."""
    try:
        from uicompiler.host.guard import csrf
    except ImportError as exc:
        raise UsageError(
            f"importing needs more than is installed ({exc.name} is missing): "
            "pip install 'uicompiler[host]'"
        ) from exc
    token = csrf.new_token()
    return token, {"token_hash": csrf.token_hash(token), "now": _now()}


def _going_on(records: Sequence[Record], app: UIApp, settings: dict[str, str]) -> Any:
    from uicompiler.cli.log_import import going_on

    return going_on(records, app, **settings)


def _commits(records: Sequence[Record], app: UIApp, settings: dict[str, str]) -> Any:
    from uicompiler.cli.log_import import commits_of

    return commits_of(records, app, **settings)


# --- redact and retain ----------------------------------------------------------------------------


def _add_redact(commands: Any) -> None:
    parser = _own(
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
    _add_ids(parser, "to redact")
    parser.add_argument("--app", metavar="P", required=True, help=f"the app; {APP_HELP}")
    parser.add_argument(
        "--tag", action="append", required=True, metavar="TAG", help="a tag; may be given again"
    )


def _redact(args: argparse.Namespace) -> int:
    app = load_app(args.app)
    _check_tags(app, args.tag)
    with _opened(args) as log:
        names = _chosen(log, args)
        results = [_redacted(log, name, app, args.tag) for name in _watched(names, "redact")]
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
            done = redact(log, name, app, tags, now=_now())
        except StoreError as exc:
            if exc.code == "STORE_CONFLICT" and left:
                continue
            for item in exc.diagnostics:
                say(f"{name}: {item}")
            return False
        for item in done.diagnostics:
            say(f"{name}: {item}")
        _line(f"{name}: {done.values} values of {done.entries} entries")
        return True
    raise AssertionError("the last try ends the loop")


def _add_retain(commands: Any) -> None:
    parser = _own(
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
    _add_ids(parser, "to shorten")
    parser.add_argument("--before", type=_moment, metavar="T", help="a time, or an age such as 90d")
    parser.add_argument("--newest", type=_count, metavar="N", help="keep this many entries of each")
    parser.add_argument("--idle", type=_moment, metavar="T", help="a time, or an age")
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
    with _opened(args) as log:
        gone = dropped = 0
        for name in _watched(_chosen(log, args), "retain"):
            if args.idle is not None and delete_if_idle(log, name, args.idle):
                gone += 1
            elif args.before is not None or args.newest is not None:
                dropped += retain(log, name, before=args.before, newest=args.newest)
        if args.scrub:
            log.database.scrub()
    _line(f"{dropped} entries and {gone} conversations dropped")
    return 0
