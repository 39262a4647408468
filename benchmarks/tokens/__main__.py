"""`python -m benchmarks.tokens`: the same screens in five formats, and what they cost."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence

from benchmarks.tokens import measure, report


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, and print tables, JSON, or one screen in every format."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.tokens", description=__doc__)
    parser.add_argument("--json", action="store_true", help="all figures, as JSON")
    parser.add_argument("--markdown", action="store_true", help="the table of the README alone")
    parser.add_argument("--show", metavar="SCREEN", help="one screen as each format writes it")
    asked = parser.parse_args(arguments)
    found = measure.rows()
    if asked.show is not None:
        _show(found, asked.show, parser)
    elif asked.json:
        print(json.dumps(report.facts(found), ensure_ascii=False, indent=2))
    elif asked.markdown:
        print(report.summary(found), end="")
    else:
        print(report.screens(found))
        print(report.summary(found))
        print(f"Tokens of {report.TOKENIZER}.")


def _show(found: Sequence[measure.Row], name: str, parser: argparse.ArgumentParser) -> None:
    told = [text for text in measure.spelled(found) if text[0] == name]
    if not told:
        parser.error(f"no screen {name!r}; known: {', '.join(row.screen.id for row in found)}")
    for _, form, text in told:
        print(f"--- {form}\n{text}")


if __name__ == "__main__":
    main()
