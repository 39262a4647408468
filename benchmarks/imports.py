"""How long does importing take?

    python -m benchmarks.imports

Each import in a process of its own, by `-X importtime`, less what Python imports by itself.
"""

from __future__ import annotations

import re
import statistics
import subprocess
import sys

from benchmarks import arguments
from benchmarks.figures import Figure, Section, number

ROUNDS = 5
MOST_MS = 100.0
STATEMENTS = {
    "nothing": "pass",
    "pydantic": "import pydantic",
    "uicompiler": "import uicompiler",
    "compile": "from uicompiler import compile",
}
_LINE = re.compile(r"^import time:\s*(\d+) \|", re.MULTILINE)


def import_ms(statement: str) -> float:
    """Milliseconds that the imports of a statement take, in a new process."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", statement],
        capture_output=True,
        text=True,
        check=True,
    )
    return sum(int(us) for us in _LINE.findall(done.stderr)) / 1000


def measure(rounds: int = ROUNDS) -> list[Section]:
    """One section."""
    samples: dict[str, list[float]] = {name: [] for name in STATEMENTS}
    for _ in range(rounds):
        for name, statement in STATEMENTS.items():
            samples[name].append(import_ms(statement))
    bare = samples.pop("nothing")
    took = {
        name: [max(ms - nothing, 0.0) for ms, nothing in zip(found, bare, strict=True)]
        for name, found in samples.items()
    }
    rows = [[f"`{STATEMENTS[name]}`", number(statistics.median(took[name]))] for name in took]
    figures = [
        Figure(
            "import uicompiler, ms", statistics.median(took["uicompiler"]), MOST_MS, portable=False
        ),
        Figure(
            "from uicompiler import compile ÷ import pydantic",
            statistics.median(
                a / b for a, b in zip(took["compile"], took["pydantic"], strict=True)
            ),
        ),
    ]
    text = "`python -X importtime`, each in a new process, less an empty one."
    return [Section("Importing", text, ["statement", "ms"], rows, figures)]


def main() -> None:
    """Measure and print."""
    arguments.parser("imports", __doc__).parse_args()
    for section in measure():
        print(section.markdown())


if __name__ == "__main__":
    main()
