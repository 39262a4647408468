"""`uicompiler log verify`: find what was changed, in databases and in exports."""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from uicompiler.cli.common import UsageError, read_input, say, say_all
from uicompiler.cli.log_common import URL, is_place, line, opened, own, watched

if TYPE_CHECKING:
    from uicompiler.conversation import Record
    from uicompiler.store.verification import Verified


def add_verify(commands: Any) -> None:
    """Add `log verify`."""
    parser = own(
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
    places = [name for name in args.ids if args.db is None and is_place(name)]
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
    if URL.match(name):
        return False
    with contextlib.suppress(OSError), Path(name).open("rb") as file:
        return file.read(1024).lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{")
    return False


def _verify_log(args: argparse.Namespace, name: str | None, ids: Sequence[str]) -> bool:
    """Look at a database, and say what was found; whether all is well."""
    from uicompiler.store.verification import verify, verify_database

    args.db = name
    with opened(args) as log:
        damage = [] if ids else verify_database(log)
        say_all(damage)
        sound = not damage
        for conversation_id in watched(list(ids or log.ids()), "verify"):
            result = verify(log, conversation_id)
            _report(conversation_id, result)
            sound = sound and not result.diagnostics
    return sound


def _report(name: str, result: Verified) -> None:
    for item in (*result.diagnostics, *result.warnings):
        say(f"{name}: {item}")
    count = f"{result.entries} {'entry' if result.entries == 1 else 'entries'}"
    wrong = len(result.diagnostics)
    line(f"{name}: {count}, {f'{wrong} wrong' if wrong else 'ok'}")
    if result.anchor.seq:
        seq, known = result.anchor.seq, result.anchor.hash
        line(f"{name}: begins at entry {seq + 1}; entries 1 to {seq} were dropped, up to {known}")


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
