"""How `bench` takes times: cases of every shape and size in turn, round by round, on fresh values.

Nothing that one round made is handed to the next, so that nothing kept makes a step look cheaper;
the garbage collector is on, and has collected before every sample. Small screens are taken several
at a time, so that a sample lasts. What is told are medians, and ratios within one round.
"""

from __future__ import annotations

import gc
import json
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from uicompiler.cli.bench_shapes import SHAPES, TITLE, Json, envelope

if TYPE_CHECKING:
    from uicompiler.app import UIApp
    from uicompiler.cli.bench_peers import Peers
    from uicompiler.ir.state import Surface

ROUNDS: Final = 7
_AT_ONCE: Final = 1_000
"""Components that a sample has at least."""
_FINE_S: Final = 1e-6

Seconds = Mapping[str, float]
"""By step, of one screen in one round."""


@dataclass
class Case:
    """One screen of one shape and size.

    Attributes:
        shape: Name of the shape.
        size: Components it was asked to have.
        sample: Measures every step once.
        components: How many it has; of HTML, its nodes.
        bytes: What it takes as JSONL, or as HTML.
        samples: What was measured, a round each.
    """

    shape: str
    size: int
    sample: Callable[[], Seconds]
    components: int
    bytes: int
    samples: list[Seconds] = field(default_factory=list)

    def us(self, step: str) -> float:
        """Microseconds a component; the median over rounds."""
        return statistics.median(item[step] for item in self.samples) * 1e6 / self.components

    def ratio(self, step: str, to: str) -> float:
        """How often one step takes the time of another; the median over rounds."""
        return statistics.median(item[step] / item[to] for item in self.samples)

    @property
    def steps(self) -> tuple[str, ...]:
        """What was measured."""
        return tuple(self.samples[0])


def run(cases: Sequence[Case], rounds: int) -> None:
    """Sample all cases in turn, so often."""
    with settled():
        for number in range(1, rounds + 1):
            for case in cases:
                progress(f"round {number} of {rounds}: {case.shape}, {case.components} components")
                case.samples.append(case.sample())
    progress("")


def progress(text: str) -> None:
    """Tell whoever watches what is being done."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[K{text}")
        sys.stderr.flush()


@contextmanager
def settled() -> Iterator[None]:
    """What is there now is left alone by the garbage collector, as it was before the rounds."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


# What the processor spent on us: a busy machine makes everything late, but not more work.
clock: Final = (
    time.process_time
    if time.get_clock_info("process_time").resolution <= _FINE_S
    else time.perf_counter
)


class Watch:
    """Takes the time of named calls, each made for every one of several values."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    def each(self, name: str, call: Callable[[Any], Any], values: Sequence[Any]) -> list[Any]:
        """What `call` gives for each; its time is that of one."""
        gc.collect()
        start = clock()
        made = [call(value) for value in values]
        self.seconds[name] = (clock() - start) / len(values)
        return made


def bench_app() -> UIApp:
    """The app that everything is measured with."""
    from uicompiler.app import UIApp
    from uicompiler.limits import Limits

    return UIApp("bench", limits=Limits.bench(), inline_form_action="submit")


# --- A2UI -----------------------------------------------------------------------------------------


def a2ui_case(shape: str, size: int, peers: Peers | None) -> Case:
    """The steps to A2UI of one screen, beside the floors, the encoder and the peers."""
    directives = SHAPES[shape](size)
    text = envelope(directives)
    chain = _Chain(bench_app())
    components, size_bytes = chain.measured(text)
    times = max(1, _AT_ONCE // components)
    spelled = {} if peers is None else _express(directives)

    def sample() -> Seconds:
        watch = Watch()
        messages = chain.run(watch, [text] * times)
        watch.each("floor", _floor(shape), [directives] * times)
        watch.each("floor_checked", _floor_checked(shape), [directives] * times)
        watch.each("encoder", _encode_with_stdlib, [messages] * times)
        if peers is not None:
            watch.each("official_checker", peers.check, [messages])
            for name, told in spelled.items():
                watch.each(name, lambda texts: [peers.compile(text) for text in texts], [told])
        return watch.seconds

    return Case(shape, size, sample, components, size_bytes)


def _express(directives: Sequence[Json]) -> dict[str, list[str]]:
    """What the official text compiler is given, by the name of its row."""
    from uicompiler.cli.bench_peers import express_texts

    return {
        "official_compiler": express_texts(directives, nested=False),
        "official_compiler_nested": express_texts(directives, nested=True),
    }


def _floor(shape: str) -> Callable[[Sequence[Json]], list[Json]]:
    from uicompiler.cli import floor, floor_tree

    if shape == "form":
        return lambda directives: floor.build(TITLE, directives[0]["payload"]["fields"])
    return floor_tree.build


def _floor_checked(shape: str) -> Callable[[Sequence[Json]], list[bytes]]:
    from uicompiler.cli.floor_check import checked

    build = _floor(shape)
    return lambda directives: checked(build(directives))


def _encode_with_stdlib(messages: Sequence[Json]) -> list[str]:
    encoder = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
    return [encoder.encode(message) for message in messages]


class _Chain:
    """What `compile` runs, step by step, and `compile` itself."""

    def __init__(self, app: UIApp) -> None:
        from uicompiler.app import TurnContext
        from uicompiler.backends.a2ui_v0_8.check import Rules
        from uicompiler.compiler import resolve

        self.app = app
        turn = resolve(app, None, "a2ui-v0.8", None, TurnContext(), strict=False, update="auto")
        self.backend, self.settings = turn.backend, turn.settings("")
        self.rules = Rules(
            catalog=app.catalog,
            limits=app.limits,
            actions=frozenset(app.actions),
            url_schemes=app.url_schemes,
        )

    def measured(self, text: str) -> tuple[int, int]:
        """How many components and bytes it makes; a first run of everything."""
        from uicompiler.compiler import compile

        result = compile(text, app=self.app)
        if not result.ok or result.diagnostics:
            raise RuntimeError("the benchmark's own screen was not compiled as it is")
        return sum(surface.components for surface in result.trace.surfaces), len(result.jsonl())

    def run(self, watch: Watch, texts: Sequence[str]) -> list[Json]:
        """Every step once; gives the messages of the first text.

        `lower` is what remains of `out`, the whole way from IR to checked bytes, after what the
        check and the encoding of the same messages take by themselves.
        """
        from uicompiler.compiler import compile

        surfaces = executed(self.app, texts, watch)
        rendered = watch.each("out", self._out, surfaces)
        batches = [(item.messages, item.encoded) for item in rendered[0]]
        watch.each("check", self._check, [batches] * len(texts))
        watch.each("encode", _encoded, [batches] * len(texts))
        del rendered
        results = watch.each("compile", lambda text: compile(text, app=self.app).jsonl(), texts)
        if results[0] != b"".join(line + b"\n" for _, lines in batches for line in lines):
            raise RuntimeError("the steps and the whole came to different messages")
        took = watch.seconds
        took["lower"] = max(took["out"] - took["check"] - took["encode"], 1e-9)
        return [message for messages, _ in batches for message in messages]

    def _out(self, surfaces: Sequence[Surface]) -> list[Any]:
        rendered = [self.backend.first(replace(item, rev=1), self.settings) for item in surfaces]
        if not all(item.encoded for item in rendered):  # bytes, whatever makes them, and when
            raise RuntimeError("the benchmark's own screen was not rendered")
        return rendered

    def _check(self, batches: Sequence[Any]) -> None:
        from uicompiler.backends.a2ui_v0_8.check import check_batch

        for messages, lines in batches:
            found = check_batch(messages, self.rules, live=(), sizes=[len(line) for line in lines])
            if found:
                raise RuntimeError(f"the benchmark's own screen is refused: {found[0]}")


def _encoded(batches: Sequence[Any]) -> list[tuple[bytes, ...]]:
    from uicompiler.backends.a2ui_v0_8.encode import encode

    return [encode(messages) for messages, _ in batches]


def executed(app: UIApp, texts: Sequence[str], watch: Watch) -> list[list[Surface]]:
    """The surfaces that each text asks for, read and executed."""
    from uicompiler.directives.envelope import parse_envelope
    from uicompiler.executor.execute import execute
    from uicompiler.ir.state import UIState

    limits = app.limits

    def parse(text: str) -> Any:
        return parse_envelope(
            text, max_bytes=limits.max_envelope_bytes, max_depth=limits.max_envelope_depth
        )

    def perform(parsed: Any) -> list[Surface]:
        done = execute(parsed.envelope.directives, UIState(), app)
        return list(done.state.surfaces.values())

    return watch.each("execute", perform, watch.each("parse", parse, texts))


# --- HTML -----------------------------------------------------------------------------------------


def html_case(shape: str, size: int, _peers: Peers | None) -> Case:
    """The steps to HTML of one form, beside plain Jinja2 and the encoder; counted are nodes."""
    from uicompiler.app import TurnContext
    from uicompiler.cli import floor_html
    from uicompiler.compiler import compile, resolve
    from uicompiler.ir.tree import walk

    app, directives = bench_app(), SHAPES[shape](size)
    text, fields = envelope(directives), directives[0]["payload"]["fields"]
    turn = resolve(app, None, "html", None, TurnContext(), strict=False, update="auto")
    backend, settings = turn.backend, turn.settings("")
    (surface,) = executed(app, [text], Watch())[0]
    if surface.view is None:
        raise RuntimeError("the benchmark's own form shows nothing")
    nodes = sum(1 for _ in walk(surface.view.root))
    times = max(1, _AT_ONCE // nodes)

    def show(surfaces: Sequence[Surface]) -> Any:
        return backend.first(replace(surfaces[0], rev=1), settings)

    def sample() -> Seconds:
        watch = Watch()
        texts = [text] * times
        shown = watch.each("show", show, executed(app, texts, watch))[0].messages
        watch.each("compile", lambda told: compile(told, app=app, backend="html").html, texts)
        watch.each("floor", lambda told: floor_html.build(TITLE, told), [fields] * times)
        watch.each("encoder", _encode_with_stdlib, [shown] * times)
        return watch.seconds

    sample()  # neither side alone pays for cold caches
    return Case(shape, size, sample, nodes, len(floor_html.build(TITLE, fields).encode()))
