"""`uicompiler diff`: what differs between two streams, states or logs, by meaning."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any, Final

from uicompiler.cli.common import UsageError, command, json_text, out, printable, read_input

if TYPE_CHECKING:
    from uicompiler.semantic_diff import Difference

_DESCRIPTION: Final = """\
Compare two A2UI streams, two states or two conversation logs by what they mean: components by id,
data by path. What A and B are is seen from what is in them.

exit status: 0 equal · 1 differences · 2 wrong usage"""
_EXAMPLES: Final = """\
uicompiler diff before.jsonl after.jsonl
uicompiler diff state1.json state2.json --json
uicompiler compile answer.json | uicompiler diff recorded.jsonl -"""


def add(commands: Any) -> None:  # argparse does not name its type
    """Add the command."""
    parser = command(
        commands,
        "diff",
        run,
        summary="compare two streams, states or logs by meaning",
        description=_DESCRIPTION,
        examples=_EXAMPLES,
    )
    parser.add_argument("before", metavar="A", help="a file, or - for stdin")
    parser.add_argument("after", metavar="B", help="a file, or - for stdin")
    parser.add_argument("--json", action="store_true", help="one JSON object a difference")


def run(args: argparse.Namespace) -> int:
    """Compare; see the module docstring."""
    from uicompiler.semantic_diff import diff

    if args.before == args.after == "-":
        raise UsageError("A and B are both standard input; name a file for one of them")
    before, after = _document(args.before), _document(args.after)
    try:
        _check_logs(args.before, before)
        _check_logs(args.after, after)
        found = diff(before, after)
    except ValueError as exc:
        raise UsageError(f"{args.before} and {args.after}: {exc}") from exc
    show = _json_line if args.json else _text_line
    out("".join(f"{show(item)}\n" for item in found))
    return int(bool(found))


def _document(name: str) -> Any:  # JSON
    from uicompiler.semantic_diff import parse_document
    from uicompiler.strict_json import StrictJsonError

    try:
        return parse_document(read_input(name))
    except StrictJsonError as exc:
        raise UsageError(f"{name} is neither JSON nor JSON Lines: {exc}") from exc


def _check_logs(name: str, document: Any) -> None:  # JSON
    """Hold a log against its schema, since only whole records can be compared."""
    from uicompiler.conversation import read_log
    from uicompiler.errors import StoreError
    from uicompiler.semantic_diff import sniff

    if sniff(document) != "log":
        return
    try:
        read_log(document)
    except StoreError as exc:
        raise UsageError(f"{name} is no conversation log: {exc.diagnostics[0]}") from exc


def _text_line(item: Difference) -> str:
    return printable(str(item))


def _json_line(item: Difference) -> str:
    """The difference as an object; a value that is not there has no key."""
    from uicompiler.semantic_diff import MISSING

    values = {"before": item.before, "after": item.after}
    there = {key: value for key, value in values.items() if value is not MISSING}
    return json_text({"where": item.where, "what": item.what, **there})
