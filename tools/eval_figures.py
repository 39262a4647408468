"""Writes the figures of the simulated evaluation into docs/evals.md, between its two marks.

    python tools/eval_figures.py            run the evaluation, write its figures
    python tools/eval_figures.py --check    write nothing; 1 when the page says something else

The figures follow from the seed: on every machine they are the same. Takes about half a minute.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

PAGE: Final = Path(__file__).resolve().parent.parent / "docs" / "evals.md"
BEGIN: Final = "<!-- Figures by tools/eval_figures.py. -->\n"
END: Final = "<!-- End of figures. -->\n"
COMMAND: Final = ("eval", "--provider", "sim", "--strategy", "all")


def main(arguments: Sequence[str]) -> int:
    """Write or check; see the module docstring."""
    page = PAGE.read_text("utf-8")
    head, _, rest = page.partition(BEGIN)
    _, _, tail = rest.partition(END)
    written = f"{head}{BEGIN}\n{tables(report())}\n{END}{tail}"
    if "--check" in arguments:
        return int(written != page)
    PAGE.write_text(written, "utf-8")
    return 0


def report() -> Mapping[str, Any]:
    """The report of the evaluation, run anew."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "run"
        command = [sys.executable, "-m", "uicompiler", *COMMAND, "--out", str(out)]
        subprocess.run(command, check=True, capture_output=True)
        found: Mapping[str, Any] = json.loads((out / "report.json").read_text("utf-8"))
    return found


def is_current() -> bool:
    """Whether the page says what the evaluation gives."""
    return main(["--check"]) == 0


def tables(report: Mapping[str, Any]) -> str:
    """By strategy, and of each model by strategy, as Markdown."""
    head = ("strategy", "trials", "usable", "95 % interval", "second calls", "nothing lost")
    strategies = (
        (
            f"`{row['strategy']}`",
            f"{row['trials']:,}",
            _percent(row["usable"]["rate"]),
            f"{row['usable']['low'] * 100:.1f} to {_percent(row['usable']['high'])}",
            _percent(row["second_call"]["rate"]),
            _percent(row["lossless_second_call"]["rate"]),
        )
        for row in report["strategies"]
    )
    models: dict[str, list[str]] = {}
    for row in report["providers"]:
        models.setdefault(row["name"], []).append(_percent(row["usable"]["rate"]))
    names = [f"`{name}`" for name in report["asked"]["strategies"]]
    usable = ((f"`{name}`", *rates) for name, rates in models.items())
    return f"{_table(head, strategies)}\n{_table(('usable trials of', *names), usable)}"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---", *("--:" for _ in head[1:])], *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _percent(rate: float | None) -> str:
    return "–" if rate is None else f"{rate * 100:.1f} %"  # noqa: RUF001  # a dash


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
