"""`uicompiler eval list`: the scenarios there are, and whether each one's own reply is usable."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from uicompiler.cli.common import command, json_text, out, printable, say
from uicompiler.cli.eval_common import add_choice, chosen, prepared

if TYPE_CHECKING:
    from uicompiler.evals.graders import Grade
    from uicompiler.evals.scenario import LoadedScenario

_DESCRIPTION: Final = """\
List scenarios: id, app, language, tags, title. With --check each one's own reply is compiled and
graded, as an answer of a model would be, but strictly: nothing in it may need repair.

exit status: 0 all fine · 1 with --check: a reply is not usable · 2 wrong usage"""
_EXAMPLES: Final = """\
uicompiler eval list
uicompiler eval list --app crm --filter patch
uicompiler eval list --scenarios my_app/scenarios --check"""


def add(commands: Any) -> None:  # argparse does not name its type
    """Add the command."""
    parser = command(
        commands,
        "list",
        run,
        summary="list the scenarios",
        description=_DESCRIPTION,
        examples=_EXAMPLES,
    )
    add_choice(parser)
    parser.add_argument("--check", action="store_true", help="grade each scenario's own reply")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")


def run(args: argparse.Namespace) -> int:
    """List; see the module docstring."""
    scenarios = chosen(args)
    for item in scenarios:
        row = _row(item)
        shown = "  ".join(row[key] for key in ("id", "app", "language", "tags", "title"))
        told = json_text({**row, "tags": list(item.scenario.tags)}) if args.json else shown
        out(f"{printable(told)}\n")
    return _check(scenarios) if args.check else 0


def _row(item: LoadedScenario) -> dict[str, str]:
    scenario = item.scenario
    return {
        "id": item.id,
        "app": Path(item.app_place).name,
        "language": scenario.language,
        "tags": ",".join(scenario.tags) or "-",
        "title": scenario.title,
        "path": str(item.path),
        "sha256": item.sha256,
    }


def _check(scenarios: list[LoadedScenario]) -> int:
    failed = 0
    for ready in prepared(scenarios):
        bad = [grade for grade in ready.rehearse() if not grade.ok]
        failed += bool(bad)
        for line in _problems(bad):
            say(f"{ready.loaded.path}: its own reply is not usable: {line}")
    say(f"{len(scenarios) - failed} of {len(scenarios)} replies are usable")
    return int(bool(failed))


def _problems(bad: Iterable[Grade]) -> Iterable[str]:
    return (f"{grade.name}: {grade.detail}" for grade in bad)
