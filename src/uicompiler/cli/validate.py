"""`uicompiler validate`: is this stream something a client may be sent?"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from uicompiler.cli.common import (
    UsageError,
    add_file,
    command,
    json_text,
    out,
    printable,
    read_input,
)

if TYPE_CHECKING:
    from uicompiler.catalog.catalog import Catalog
    from uicompiler.errors import Diagnostic

_DESCRIPTION: Final = """\
Check an A2UI v0.8 stream: shape, meaning, limits. One finding a line on standard output.

exit status: 0 clean, warnings allowed · 1 errors found · 2 wrong usage"""
_EXAMPLES: Final = """\
uicompiler validate stream.jsonl
uicompiler compile answer.json | uicompiler validate
uicompiler validate stream.jsonl --rules interop --json"""


def add(commands: Any) -> None:  # argparse does not name its type
    """Add the command."""
    parser = command(
        commands,
        "validate",
        run,
        summary="check an A2UI stream",
        description=_DESCRIPTION,
        examples=_EXAMPLES,
    )
    add_file(parser, "messages, one JSON object a line")
    parser.add_argument("--catalog", metavar="P", help="a catalog file; default: the standard one")
    parser.add_argument(
        "--rules",
        choices=("strict", "interop"),
        default="strict",
        help="all our rules (default), or only what the official clients refuse",
    )
    parser.add_argument("--json", action="store_true", help="one JSON object a line")


def run(args: argparse.Namespace) -> int:
    """Validate; see the module docstring."""
    from uicompiler.a2ui import validate

    catalog = None if args.catalog is None else _catalog(args.catalog)
    findings = validate(read_input(args.file), catalog=catalog, rules=args.rules)
    out("".join(f"{_line(item, as_json=args.json)}\n" for item in findings))
    return int(any(item.severity == "error" for item in findings))


def _line(finding: Diagnostic, *, as_json: bool) -> str:
    return json_text(finding.to_dict()) if as_json else printable(str(finding))


def _catalog(name: str) -> Catalog:
    from uicompiler.catalog.catalog import load_catalog
    from uicompiler.errors import AppError

    try:
        return load_catalog(Path(name))
    except AppError as exc:
        raise UsageError(f"--catalog {name}: {exc}") from exc
