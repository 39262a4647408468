"""What does the official web client have to do for a turn: bytes, messages, components, time?

    python -m benchmarks.web_client [--sizes 1000,10000] [--rounds 5]

Two turns, one field and one leaf, on the screen of `turns.py`, sent in each way of updating to
`@a2ui/web_core` (`A2uiMessageProcessor`), one message a call, all in one Node process. What the
client holds afterwards must be the same however the turn was sent. Without Node or the packages
(see `tests/official`) nothing is measured, and that is said aloud.
"""

from __future__ import annotations

import json
import shutil
import statistics
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks import arguments
from benchmarks.figures import Figure, Section, number
from benchmarks.turns import changes, counting, screen
from tests.official.bridge import NODE_DIR, Unavailable, ensure_node_modules
from uicompiler.app import Update
from uicompiler.cli.bench_measure import progress
from uicompiler.cli.bench_shapes import envelope
from uicompiler.compiler import CompileResult
from uicompiler.compiler import compile as compile_turn

SIZES = (1_000, 10_000)
ROUNDS = 5
TURNS = ("1 field", "1 leaf")
WAYS: tuple[Update, ...] = ("full", "reset", "diff", "auto")
MOST = 0.1
TIMEOUT_S = 900

Message = Mapping[str, Any]


@dataclass(frozen=True)
class Sent:
    """A turn as it goes out, and what the client made of it."""

    name: str
    way: str
    result: CompileResult
    ms: float
    first_ms: float

    @property
    def size(self) -> tuple[int, int, int, int]:
        """Bytes, messages, components, data entries."""
        messages = self.result.messages
        return (len(self.result.jsonl()), len(messages), components(messages), entries(messages))


def components(messages: Sequence[Message]) -> int:
    """How many components a client is sent."""
    return sum(
        len(each["surfaceUpdate"]["components"]) for each in messages if "surfaceUpdate" in each
    )


def entries(messages: Sequence[Message]) -> int:
    """How many values a client is sent."""
    return sum(
        _leaves(each["dataModelUpdate"]["contents"])
        for each in messages
        if "dataModelUpdate" in each
    )


def _leaves(contents: Sequence[Message]) -> int:
    return sum(_leaves(entry["valueMap"]) if "valueMap" in entry else 1 for entry in contents)


def measure(sizes: Sequence[int] = SIZES, rounds: int = ROUNDS) -> list[Section]:
    """One section a size.

    Raises:
        Unavailable: Node or the official packages are missing.
    """
    ensure_node_modules()
    return [_section(size, *_sent(size, rounds)) for size in sizes]


def in_order(first: Sequence[Message]) -> bool:
    """Is a first render one `surfaceUpdate`, the data messages, one `beginRendering`?"""
    kinds = [kind for each in first for kind in each]
    return (
        kinds[:1] == ["surfaceUpdate"]
        and kinds[-1:] == ["beginRendering"]
        and set(kinds[1:-1]) <= {"dataModelUpdate"}
    )


def _sent(size: int, rounds: int) -> tuple[CompileResult, list[Sent]]:
    app = counting()
    first = compile_turn(envelope(screen(size)), app=app)
    if not first.ok or not in_order(first.messages):
        raise AssertionError(first.diagnostics)
    made = {
        (change.name, way): change.turn(first.state, 1)
        for way in WAYS
        for change in changes(app, size, way)
        if change.name in TURNS
    }
    progress(f"official client, {size} components")
    turns = {" ".join(key): result.messages for key, result in made.items()}
    answer = applied(first.messages, turns, rounds)
    progress("")
    first_ms = statistics.median(answer["first"])
    for name in TURNS:
        _same({way: answer["turns"][f"{name} {way}"]["state"] for way in WAYS}, name)
    return first, [
        Sent(name, way, result, statistics.median(answer["turns"][f"{name} {way}"]["ms"]), first_ms)
        for (name, way), result in sorted(made.items(), key=lambda each: TURNS.index(each[0][0]))
    ]


def applied(
    first: Sequence[Message], turns: Mapping[str, Sequence[Message]], rounds: int
) -> dict[str, Any]:
    """What `timing.mjs` says of these messages.

    Raises:
        Unavailable: there is no Node.
        RuntimeError: the client refused a message.
    """
    node = shutil.which("node")
    if node is None:
        raise Unavailable("`node` is not on PATH.")
    asked = json.dumps({"rounds": rounds, "first": list(first), "turns": dict(turns)})
    done = subprocess.run(
        [node, "--expose-gc", "--max-old-space-size=4096", str(NODE_DIR / "timing.mjs")],
        input=asked,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(f"the client ended with {done.returncode}: {done.stderr[-2000:]}")
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def _same(states: Mapping[str, Mapping[str, Any]], name: str) -> None:
    """However a turn is sent, the client ends with the same screen; a reset is another surface."""
    held = {way: list(state.values()) for way, state in states.items()}
    for way in WAYS:
        if held[way] != held["full"]:
            raise AssertionError(
                f"{name}: after {way!r} the client holds what it does not after 'full'"
            )


def _section(size: int, first: CompileResult, sent: Sequence[Sent]) -> Section:
    rows = [[f"{each.name}, {each.way}", *_cells(each, sent)] for each in sent]
    (begun,) = {each.first_ms for each in sent}
    whole = (
        len(first.jsonl()),
        len(first.messages),
        components(first.messages),
        entries(first.messages),
    )
    rows.append(["the first render", *map(str, whole), number(begun), "", ""])
    text = (
        f"{components(first.messages)} components; `@a2ui/web_core`, one message a call; medians. "
        "After every way of sending a turn the client holds the same screen and data."
    )
    head = ["turn", "bytes", "messages", "components", "values", "ms", "÷ full", "÷ reset"]
    return Section(
        f"The official web client, {size} components", text, head, rows, list(_figures(size, sent))
    )


def _rebuild(each: Sent, sent: Sequence[Sent], way: str) -> Sent:
    return next(other for other in sent if (other.name, other.way) == (each.name, way))


def _cells(each: Sent, sent: Sequence[Sent]) -> list[str]:
    shares = (f"{each.ms / _rebuild(each, sent, way).ms:.1%}" for way in ("full", "reset"))
    return [*map(str, each.size), number(each.ms), *shares]


def _figures(size: int, sent: Sequence[Sent]) -> Iterator[Figure]:
    for each in sent:
        if each.way != "auto":
            continue
        again = _rebuild(each, sent, "reset")
        name = f"official client, {size}: {each.name} ÷ rebuild"
        told = [own / all_of_it for own, all_of_it in zip(each.size, again.size, strict=True)]
        yield Figure(f"{name}, bytes", told[0], MOST)
        yield Figure(f"{name}, messages", told[1])
        yield Figure(f"{name}, components", told[2], MOST)
        yield Figure(f"{name}, time", each.ms / again.ms)


def main() -> int:
    """Measure and print; 2 when it cannot be measured here."""
    parser = arguments.parser("web_client", __doc__)
    parser.add_argument("--sizes", type=arguments.counts, default=list(SIZES), help="components")
    parser.add_argument("--rounds", type=arguments.count, default=ROUNDS, help="(%(default)s)")
    args = parser.parse_args()
    try:
        sections = measure(args.sizes, args.rounds)
    except Unavailable as problem:
        print(f"THE OFFICIAL WEB CLIENT WAS NOT MEASURED: {problem}", file=sys.stderr)
        return 2
    for section in sections:
        print(section.markdown())
    return 0


if __name__ == "__main__":
    sys.exit(main())
