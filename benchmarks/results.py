"""All benchmarks in one command, on one page, with the ratios beside it for the next run.

    python -m benchmarks.results                    # everything; says it, and keeps nothing
    python -m benchmarks.results --write            # … and writes RESULTS.md and results.json
    python -m benchmarks.results --only turns       # one of them
    python -m benchmarks.results --compare          # a minute of it, held against results.json

`--compare` warns of ratios that slid by more than a fifth. It never fails: machines differ.
"""

from __future__ import annotations

import argparse
import datetime
import gc
import json
import os
import platform
import re
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

from benchmarks import (
    arguments,
    conversations,
    imports,
    memory,
    steps,
    turns,
    validating,
    web_client,
)
from benchmarks.figures import SLIDE, Figure, Section, table, verdicts
from tests.official.bridge import Unavailable
from uicompiler.cli import bench_peers

FOLDER = Path(__file__).parent
PAGE, KEPT = FOLDER / "RESULTS.md", FOLDER / "results.json"
README = FOLDER.parent / "README.md"
COMMAND = "python -m benchmarks.results --write"
PACKAGES = ("uicompiler", "pydantic", "pydantic-core", "orjson", "a2ui-agent-sdk", "a2ui-core")

Measure = Callable[[argparse.Namespace], list[Section]]

ALL: Mapping[str, Measure] = {
    "steps": lambda args: steps.measure(),
    "validating": lambda args: validating.measure(),
    "turns": lambda args: turns.measure() + turns.measure(update="diff"),
    "memory": lambda args: memory.measure(turns=args.turns),
    "conversations": lambda args: conversations.measure(),
    "imports": lambda args: imports.measure(),
    "web_client": lambda args: _web_client(),
}
"""Everything, by name."""


def _web_client() -> list[Section]:
    """The official client needs Node, and what npm installs; without it that is said, loudly."""
    try:
        return web_client.measure()
    except Unavailable as exc:
        why = f"THE OFFICIAL WEB CLIENT WAS NOT MEASURED: {exc}"
        return [Section("What the official web client does with a turn", why, [], [])]


QUICK: Mapping[str, Callable[[], list[Section]]] = {
    "steps": lambda: steps.measure(("composed", "wide"), (100, 1_000), 5),
    "validating": lambda: validating.measure((1_000,), 3, ("batch",)),
    "turns": lambda: turns.measure(rounds=3, only=("1 leaf", "1 field")),
    "imports": lambda: imports.measure(3),
}
"""The part of it that takes less than a minute."""


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, say it, and keep it or hold it against what was kept."""
    args = _parser().parse_args(argv)
    unknown = sorted(set(args.only or ()) - set(ALL))
    if unknown:
        print(f"results: unknown {', '.join(unknown)}; known: {', '.join(ALL)}", file=sys.stderr)
        return 2
    if args.only and args.write:
        print("results: --write is about everything; leave --only out", file=sys.stderr)
        return 2
    if args.compare:
        return compare(args.kept)
    sections = _measured({name: ALL[name] for name in args.only or ALL}, args)
    page = render(sections)
    if args.write:
        told = kept(sections)
        args.kept.write_text(f"{json.dumps(told, indent=1, ensure_ascii=False)}\n", "utf-8")
        args.page.write_text(page, "utf-8")
        args.readme.write_text(with_summary(args.readme.read_text("utf-8"), told), "utf-8")
    print(page)
    return 0


def _parser() -> argparse.ArgumentParser:
    text = __doc__ or ""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.results",
        description=text,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--write", action="store_true", help="keep the page and the ratios")
    parser.add_argument("--compare", action="store_true", help="a quick part, beside what was kept")
    parser.add_argument("--only", nargs="+", metavar="NAME", help=", ".join(ALL))
    parser.add_argument(
        "--turns",
        type=arguments.count,
        default=memory.TURNS,
        help="of the long conversation; the target is about 100000 (%(default)s)",
    )
    parser.add_argument("--page", type=Path, default=PAGE, help="(%(default)s)")
    parser.add_argument("--kept", type=Path, default=KEPT, help="(%(default)s)")
    parser.add_argument("--readme", type=Path, default=README, help="(%(default)s)")
    return parser


def _measured(what: Mapping[str, Measure], args: argparse.Namespace) -> list[Section]:
    sections: list[Section] = []
    for name, measure in what.items():
        sections += _timed(name, lambda measure=measure: measure(args))  # type: ignore[misc]
    return sections


def _timed(name: str, measure: Callable[[], list[Section]]) -> list[Section]:
    print(f"results: measuring {name} …", file=sys.stderr, flush=True)
    start = time.perf_counter()
    sections = measure()
    gc.collect()
    print(f"results: {name} took {time.perf_counter() - start:.0f} s", file=sys.stderr, flush=True)
    return sections


# --- the page -------------------------------------------------------------------------------------


def render(sections: Sequence[Section]) -> str:
    """RESULTS.md."""
    figures = [figure for section in sections for figure in section.figures]
    notes = "\n".join(f"- {key}: {value}" for key, value in machine().items())
    parts = [
        "# Results of the benchmarks",
        f"Written by `{COMMAND}`; do not edit. What is measured, and what to make of it: "
        "[docs/performance.md](../docs/performance.md). Times are those of one machine, so quote "
        "ratios; `results.json` holds them for the next run.",
        notes,
        "## Targets",
        verdicts(figures),
    ]
    if bench_peers.load() is None:
        parts.insert(3, bench_peers.MISSING)
    return "\n\n".join([*parts, *(section.markdown().strip() for section in sections)]) + "\n"


def machine() -> dict[str, str]:
    """What it ran on."""
    gil = "" if not conversations.free_threaded() else ", free-threaded"
    return {
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "processor": f"{_processor()}, {os.cpu_count()} of them",
        "system": f"{platform.system()} {platform.machine()}",
        "python": f"{platform.python_implementation()} {platform.python_version()}{gil}",
        "packages": ", ".join(_versions()),
    }


def _processor() -> str:
    path = Path("/proc/cpuinfo")
    lines = path.read_text().splitlines() if path.exists() else []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, "") or platform.processor() or "unknown"


def _versions() -> Iterable[str]:
    for name in PACKAGES:
        try:
            yield f"{name} {metadata.version(name)}"
        except metadata.PackageNotFoundError:
            yield f"{name} not installed"


def kept(sections: Sequence[Section]) -> dict[str, Any]:
    """What the next run is held against."""
    figures = [figure for section in sections for figure in section.figures]
    return {
        "command": COMMAND,
        "machine": machine(),
        "figures": {
            figure.name: {
                "value": round(figure.value, 4),
                "more_is_better": figure.more_is_better,
                "bound": figure.bound,
                "missed": figure.missed,
            }
            for figure in figures
            if figure.portable
        },
    }


SUMMARY: Sequence[tuple[str, str, str]] = (
    (
        "compiling a screen of 1 000 components, ÷ the stdlib JSON encoder on the result",
        "composed, 1000: compile ÷ stdlib encoder",
        "{:.1f}",
    ),
    (
        "… of that, from IR to checked bytes",
        "composed, 1000: out ÷ stdlib encoder",
        "{:.1f}",
    ),
    (
        "… the same ÷ a hand-written, checked builder of just that screen",
        "composed, 1000: out ÷ floor checked",
        "{:.1f}",
    ),
    (
        "the official checker alone, ÷ our whole compile",
        "composed, 1000: official checker ÷ compile",
        "{:.1f}",
    ),
    (
        "the official text compiler on an equal screen, ÷ our whole compile",
        "composed, 1000: official compiler ÷ compile",
        "{:.1f}",
    ),
    (
        "the official checker on a foreign stream, ÷ our `validate`",
        "validate batch, 1000: official ÷ ours",
        "{:.1f}",
    ),
    (
        "a turn that changes one field of 10 000 components, ÷ compiling them",
        "turn, 1 field ÷ full compile",
        "{:.2%}",
    ),
    ("… what it sends, in kB", "turn, 1 field: kB", "{:.2f}"),
)
"""What the README says: words, the figure, and how it is written."""
_BLOCK = re.compile("(<!-- python -m benchmarks.results --write -->\n).*?(<!-- end -->)", re.DOTALL)


def summary(told: Mapping[str, Any]) -> str:
    """The table in the README, of what was kept."""
    figures = told["figures"]
    rows = [
        [words, form.format(figures[name]["value"])]
        for words, name, form in SUMMARY
        if name in figures
    ]
    return table(["ratio", "measured"], rows) + "\n"


def with_summary(readme: str, told: Mapping[str, Any]) -> str:
    """The README with that table in its place."""
    return _BLOCK.sub(lambda found: f"{found[1]}{summary(told)}{found[2]}", readme)


# --- beside what was kept -------------------------------------------------------------------------


def compare(path: Path) -> int:
    """Measure the quick part, and warn of what slid; what seems to have slid is measured again."""
    if not path.exists():
        print(f"WARNING: bench-compare: there is no {path.name} yet; {COMMAND} makes one")
        return 0
    told = json.loads(path.read_text("utf-8"))
    before = {name: item["value"] for name, item in told["figures"].items()}
    compared, slid = 0, []
    for name, measure in QUICK.items():
        figures = _figures(_timed(name, measure))
        compared += len(set(before) & set(figures))
        if slides(figures, before):
            figures = _better(figures, _figures(_timed(f"{name} again", measure)))
        slid += slides(figures, before)
    for line in slid:
        print(f"WARNING: bench-compare: {line}")
    where = f"{told['machine']['python']}, {told['machine']['date']}"
    here = platform.python_version()
    print(
        f"bench-compare: {len(slid)} of {compared} ratios slid by more than {SLIDE:.0%} "
        f"since {path.name} ({where}; this is Python {here})"
    )
    return 0


def _figures(sections: Sequence[Section]) -> dict[str, Figure]:
    return {figure.name: figure for section in sections for figure in section.figures}


def _better(first: Mapping[str, Figure], second: Mapping[str, Figure]) -> dict[str, Figure]:
    """Of two runs the better figure each: a busy machine only ever makes them worse."""
    return {
        name: min(figure, second.get(name, figure), key=lambda item: item.slide(figure.value))
        for name, figure in first.items()
    }


def slides(figures: Mapping[str, Figure], before: Mapping[str, float]) -> list[str]:
    """What is worse than it was by more than is told apart from noise."""
    return [
        f"{name} is {figure.value:.3g}, was {before[name]:.3g} ({figure.slide(before[name]):+.0%})"
        for name, figure in figures.items()
        if name in before and figure.slide(before[name]) > SLIDE
    ]


if __name__ == "__main__":
    sys.exit(main())
