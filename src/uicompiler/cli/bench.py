"""`uicompiler bench`: what each step costs a component, beside a floor and the stdlib encoder.

Every round runs the whole chain on fresh values, so that nothing kept from the last round makes
a step look cheaper. Medians; quote ratios, since the times are those of one machine.
"""

from __future__ import annotations

import argparse
import gc
import itertools
import json
import math
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, Literal, TypedDict

from uicompiler.cli.common import UsageError, command, out

if TYPE_CHECKING:
    from uicompiler.app import UIApp

STEPS: Final = ("parse", "execute", "lower", "check", "encode", "compile")
HTML_STEPS: Final = ("parse", "execute", "show", "compile")
SIZES: Final = "10,100,1000,10000"
_MAX_SIZE: Final = 100_000
_KINDS: Final = ("short_text", "long_text", "number", "boolean", "choice", "date")
# A form is seven components, and six fields, one of each kind, are ten.
_FRAME, _FIELDS, _COMPONENTS = 7, 6, 10
_TITLE: Final = "Bench"
_DESCRIPTION: Final = """\
Measure each step on forms of growing size, in microseconds per component.

floor    a hand-written builder of an equal surface, unchecked; of HTML, plain Jinja2
encoder  the stdlib JSON encoder on the finished messages
growth   the exponent of the time in the size; 1 is linear"""
_EXAMPLES: Final = """\
uicompiler bench
uicompiler bench --backend html
uicompiler bench --json --sizes 100,1000 --rounds 5"""


class Row(TypedDict):
    """One step at one size."""

    step: str
    components: int
    us_per_component: float
    floor_us_per_component: float
    encoder_us_per_component: float


def add(commands: Any) -> None:  # argparse does not name its type
    """Add the command."""
    parser = command(
        commands,
        "bench",
        run,
        summary="measure each step, per component",
        description=_DESCRIPTION,
        examples=_EXAMPLES,
    )
    parser.add_argument("--json", action="store_true", help="one JSON array")
    parser.add_argument(
        "--backend",
        choices=("a2ui-v0.8", "html"),
        default="a2ui-v0.8",
        help="what is compiled to; of html, components are nodes; default: %(default)s",
    )
    parser.add_argument(
        "--sizes", metavar="N,N…", default=SIZES, help="components; default: %(default)s"
    )
    parser.add_argument(
        "--rounds", metavar="N", type=int, help="rounds per size; default: by size, 3 to 50"
    )


def run(args: argparse.Namespace) -> int:
    """Measure; see the module docstring."""
    sizes = _sizes(args.sizes)
    if args.rounds is not None and not 1 <= args.rounds <= 10_000:
        raise UsageError(f"--rounds is {args.rounds}, expected 1 to 10000; 5 is enough")
    rows: list[Row] = []
    bench = HTML if args.backend == "html" else A2UI
    for size in sizes:
        _progress(f"measuring {size} components …")
        rows += measure(size, args.rounds or _rounds(size), bench)
    _progress("")
    out(json.dumps(rows) + "\n" if args.json else _table(rows, bench))
    return 0


def _sizes(text: str) -> list[int]:
    try:
        sizes = [int(part) for part in text.split(",")]
    except ValueError:
        sizes = []
    if not sizes or not all(1 <= size <= _MAX_SIZE for size in sizes):
        raise UsageError(
            f"--sizes is {text!r}, expected numbers from 1 to {_MAX_SIZE}; for example {SIZES}"
        )
    return sizes


def _rounds(size: int) -> int:
    return max(3, min(50, 20_000 // size))


def _progress(text: str) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[K{text}")
        sys.stderr.flush()


# --- measuring ------------------------------------------------------------------------------------


def form_fields(size: int) -> list[dict[str, Any]]:
    """Fields of mixed kinds whose form has about so many components."""
    count = max(1, round((size - _FRAME) * _FIELDS / _COMPONENTS))
    return [_field(index) for index in range(count)]


def _field(index: int) -> dict[str, Any]:
    kind = _KINDS[index % len(_KINDS)]
    field: dict[str, Any] = {"id": f"f{index}", "kind": kind, "label": f"Field {index}"}
    if kind == "choice":
        field["options"] = [{"value": "a", "label": "First"}, {"value": "b", "label": "Second"}]
    return field


def envelope(fields: Sequence[dict[str, Any]]) -> str:
    """What a model writes to show these fields."""
    payload = {"title": _TITLE, "fields": fields}
    directive = {"type": "ui.show_form", "payload": payload}
    return json.dumps({"assistant_text": "Please fill this in.", "directives": [directive]})


def measure(size: int, rounds: int, bench: Bench) -> list[Row]:
    """One row a step, medians over rounds."""
    from uicompiler.app import UIApp
    from uicompiler.limits import Limits

    app = UIApp("bench", limits=Limits.bench(), inline_form_action="submit")
    fields = form_fields(size)
    text = envelope(fields)
    components = bench.one_round(app, fields, text)[1]  # also warms up
    samples = []
    for _ in range(rounds):
        gc.collect()
        samples.append(bench.one_round(app, fields, text)[0])
    cost = {
        name: statistics.median(sample[name] for sample in samples) * 1e6 / components
        for name in samples[0]
    }
    return [
        Row(
            step=step,
            components=components,
            us_per_component=round(cost[step], 3),
            floor_us_per_component=round(cost["floor"], 3),
            encoder_us_per_component=round(cost["encoder"], 3),
        )
        for step in bench.steps
    ]


class _Watch:
    """Takes the time of named calls."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    def time(self, name: str, call: Callable[[], Any]) -> Any:  # what `call` gives
        start = time.perf_counter()
        value = call()
        self.seconds[name] = time.perf_counter() - start
        return value


def one_round(
    app: UIApp, fields: Sequence[dict[str, Any]], text: str
) -> tuple[dict[str, float], int]:
    """Every step once, on fresh values: seconds by step, and the number of components."""
    from uicompiler.cli.floor import build
    from uicompiler.compiler import compile

    watch = _Watch()
    messages = _chain(app, text, watch)
    result = watch.time("compile", lambda: compile(text, app=app))
    if not result.ok or len(result.messages) != len(messages):
        raise RuntimeError("the benchmark's own form was not compiled")
    watch.time("floor", lambda: build(_TITLE, fields))
    encoder = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
    watch.time("encoder", lambda: [encoder.encode(message) for message in messages])
    return watch.seconds, result.trace.surfaces[0].components


def one_html_round(
    app: UIApp, fields: Sequence[dict[str, Any]], text: str
) -> tuple[dict[str, float], int]:
    """As `one_round`, for HTML: seconds by step, and the number of nodes."""
    from uicompiler.app import TurnContext
    from uicompiler.backends.registry import backend_named
    from uicompiler.cli.floor_html import build
    from uicompiler.compiler import compile, resolve
    from uicompiler.ir.tree import walk

    watch = _Watch()
    surface = _executed(app, text, watch)
    turn = resolve(app, None, "html", None, TurnContext(), strict=False, update="auto")
    settings, backend = turn.settings(""), backend_named("html")
    # Both have run once before they are measured, so that neither alone pays for cold caches.
    build(_TITLE, fields)
    result = watch.time("compile", lambda: compile(text, app=app, backend="html"))
    shown = watch.time("show", lambda: backend.first(replace(surface, rev=1), settings))
    if not result.ok or result.messages != shown.messages:
        raise RuntimeError("the benchmark's own form was not compiled")
    watch.time("floor", lambda: build(_TITLE, fields))
    encoder = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
    watch.time("encoder", lambda: [encoder.encode(message) for message in shown.messages])
    return watch.seconds, sum(1 for _ in walk(surface.view.root))


@dataclass(frozen=True, slots=True)
class Bench:
    """What is measured.

    Attributes:
        steps: By name, in order.
        one_round: Every step once: seconds by step, and the number of components.
        out: The steps from IR to checked bytes.
        beside: The measure that those are held against: `encoder` or `floor`.
    """

    steps: tuple[str, ...]
    one_round: Callable[..., tuple[dict[str, float], int]]
    out: tuple[str, ...]
    beside: Literal["encoder", "floor"]


A2UI: Final = Bench(STEPS, one_round, ("lower", "check", "encode"), "encoder")
HTML: Final = Bench(HTML_STEPS, one_html_round, ("show",), "floor")


def _executed(app: UIApp, text: str, watch: _Watch) -> Any:  # a Surface, imported when measured
    """The surface that the text asks for."""
    from uicompiler.directives.envelope import parse_envelope
    from uicompiler.executor.execute import execute
    from uicompiler.ir.state import UIState

    limits = app.limits
    parsed = watch.time(
        "parse",
        lambda: parse_envelope(
            text, max_bytes=limits.max_envelope_bytes, max_depth=limits.max_envelope_depth
        ),
    )
    done = watch.time("execute", lambda: execute(parsed.envelope.directives, UIState(), app))
    return done.state.surfaces["main"]


def _chain(app: UIApp, text: str, watch: _Watch) -> list[dict[str, Any]]:
    """The steps that `compile` runs, one by one; the messages."""
    from uicompiler.app import ClientProfile
    from uicompiler.backends.a2ui_v0_8.check import Rules, check_batch
    from uicompiler.backends.a2ui_v0_8.encode import encode

    surface = _executed(app, text, watch)
    messages: list[dict[str, Any]] = watch.time(
        "lower", lambda: _lowered(surface, ClientProfile.web_core())
    )
    encoded = watch.time("encode", lambda: encode(messages))
    rules = Rules(
        catalog=app.catalog,
        limits=app.limits,
        actions=frozenset(app.actions),
        url_schemes=app.url_schemes,
    )
    sizes = [len(line) for line in encoded]
    watch.time("check", lambda: check_batch(messages, rules, live=(), sizes=sizes))
    return messages


def _lowered(surface: Any, client: Any) -> list[dict[str, Any]]:  # named in _chain
    """The messages of a first render, built as the backend builds them."""
    from uicompiler.backends.a2ui_v0_8 import boxes, names, values
    from uicompiler.backends.a2ui_v0_8.lower.lowering import Terms
    from uicompiler.backends.a2ui_v0_8.lower.view import lower
    from uicompiler.ir.tree import fields_of

    name = surface.name
    lowered = lower(surface, Terms(client))
    drafts = [
        values.Draft(field.id, field.kind, surface.data["draft"][field.id])
        for field in fields_of(surface.view.root)
    ]
    components = list(lowered.components.values())
    return [
        {"surfaceUpdate": {"surfaceId": name, "components": components}},
        *boxes.first_data(name, drafts, 1, lowered.leaves),
        {"beginRendering": {"surfaceId": name, "root": names.ROOT_ID}},
    ]


# --- showing --------------------------------------------------------------------------------------


def growth(rows: Sequence[Row], step: str) -> list[float]:
    """The exponent of a step's whole time in the number of components, between sizes."""
    picked = [row for row in rows if row["step"] == step]
    return [
        math.log(_whole(right) / _whole(left)) / math.log(right["components"] / left["components"])
        for left, right in itertools.pairwise(picked)
        if left["components"] != right["components"] and _whole(left) > 0 and _whole(right) > 0
    ]


def _whole(row: Row) -> float:
    return row["us_per_component"] * row["components"]


def _table(rows: Sequence[Row], bench: Bench) -> str:
    whole = [row for row in rows if row["step"] == bench.steps[-1]]
    head = f"{'µs per component':<18}" + "".join(f"{row['components']:>10}" for row in whole)
    lines = [head + "   growth"]
    for step in bench.steps:
        picked = [row for row in rows if row["step"] == step]
        cells = "".join(f"{row['us_per_component']:>10.2f}" for row in picked)
        exponents = "  ".join(f"{exponent:.2f}" for exponent in growth(rows, step))
        lines.append(f"{step:<18}{cells}   {exponents}".rstrip())
    floors = "".join(f"{row['floor_us_per_component']:>10.2f}" for row in whole)
    encoders = "".join(f"{row['encoder_us_per_component']:>10.2f}" for row in whole)
    ratios = "".join(f"{_ratio(rows, row['components'], bench):>10.1f}" for row in whole)
    lines += [
        f"{'floor':<18}{floors}",
        f"{'stdlib encoder':<18}{encoders}",
        f"{f'out ÷ {bench.beside}':<18}{ratios}   (out: {' + '.join(bench.out)})",
    ]
    return "".join(f"{line}\n" for line in lines)


def _ratio(rows: Sequence[Row], components: int, bench: Bench) -> float:
    """From IR to checked bytes, in times of what that is held against."""
    same = [row for row in rows if row["components"] == components]
    ours = sum(row["us_per_component"] for row in same if row["step"] in bench.out)
    row = same[0]
    if bench.beside == "floor":
        return ours / row["floor_us_per_component"]
    return ours / row["encoder_us_per_component"]
