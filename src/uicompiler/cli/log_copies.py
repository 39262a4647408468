"""`uicompiler log export` and `log import`: conversations out of a log, and into one."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from uicompiler.cli.common import (
    APP_HELP,
    UsageError,
    app_for,
    out,
    read_input,
    write_files,
)
from uicompiler.cli.log_common import add_ids, chosen, line, now, opened, own, watched

if TYPE_CHECKING:
    from uicompiler.app import UIApp
    from uicompiler.conversation import Record
    from uicompiler.store.sql import SqlLog


def add_export(commands: Any) -> None:
    """Add `log export`."""
    parser = own(
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
    add_ids(parser, "to write; one goes to standard output, more need --to")
    parser.add_argument("--chain", action="store_true", help="make the file verify")
    parser.add_argument("--kept", action="store_true", help="with what the host keeps; has a chain")
    parser.add_argument("--to", metavar="DIR", help="a folder; files are named after the ids")


def _export(args: argparse.Namespace) -> int:
    from uicompiler.conversation import dump
    from uicompiler.store.exports import export

    with opened(args) as log:
        names = chosen(log, args)
        if len(names) > 1 and args.to is None:
            raise UsageError("several conversations need a folder: --to DIR")
        for name in watched(names, "export"):
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


def add_import(commands: Any) -> None:
    """Add `log import`."""
    parser = own(
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
    with opened(args, make=True) as log:
        for name in watched(args.files, "import"):
            line(_imported(log, name, args))
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
    return token, {"token_hash": csrf.token_hash(token), "now": now()}


def _going_on(records: Sequence[Record], app: UIApp, settings: dict[str, str]) -> Any:
    from uicompiler.cli.log_import import going_on

    return going_on(records, app, **settings)


def _commits(records: Sequence[Record], app: UIApp, settings: dict[str, str]) -> Any:
    from uicompiler.cli.log_import import commits_of

    return commits_of(records, app, **settings)
