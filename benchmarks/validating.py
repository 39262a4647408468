"""How fast is `validate` on a stream that someone else made, beside the official checker?

    python -m benchmarks.validating

Two ways to send one screen: all components in one message, and one component a message. The rules
are `interop`; by them as well a reference has to be resolved in its own message, so that the second
stream has an error at every parent, which is found, worded and told. Two more screens: lists whose
items are templates, and a single text with large data; of that an entry counts as a component.
"""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Sequence
from typing import Any

from benchmarks import arguments
from benchmarks.figures import Figure, Section, number
from uicompiler import a2ui
from uicompiler.app import ClientProfile
from uicompiler.cli import bench_peers
from uicompiler.cli.bench_measure import Case, Watch, bench_app, run
from uicompiler.cli.bench_shapes import composed, envelope
from uicompiler.compiler import compile as compile_turn
from uicompiler.limits import Limits

SIZES = (100, 1_000, 10_000)
ROUNDS = 5
PEERS_UP_TO = 1_000
# The official checker looks at all that is known after every message.
SLOW_PEERS_UP_TO = 1_000
LEAST = 10.0
WAYS = ("batch", "one by one", "templates", "data")

Message = dict[str, Any]


def stream(size: int, way: str) -> list[Message]:
    """Messages of somebody else, of so many components or entries."""
    if way == "templates":
        return _templates(size // 4)
    return _data(size // 5) if way == "data" else _reference(size, way)


def _reference(size: int, way: str) -> list[Message]:
    """Our own messages of the reference screen, as plain JSON."""
    result = compile_turn(
        envelope(composed(size)), app=bench_app(), client=ClientProfile.web_core()
    )
    messages: list[Message] = [json.loads(line) for line in result.jsonl().splitlines()]
    if way == "batch":
        return messages
    update = messages[0]["surfaceUpdate"]
    each = [
        {"surfaceUpdate": {"surfaceId": update["surfaceId"], "components": [component]}}
        for component in update["components"]
    ]
    return [*each, *messages[1:]]


def _templates(lists: int) -> list[Message]:
    """Lists of three items each, of a name and a picture at paths from the item."""
    components: list[Message] = []
    written: list[Message] = []
    for index in range(lists):
        template = {"componentId": f"row{index}", "dataBinding": f"/list{index}"}
        components += [
            _component(f"list{index}", "List", children={"template": template}),
            _component(f"row{index}", "Row", children=_children(f"name{index}", f"image{index}")),
            _component(f"name{index}", "Text", text={"path": "name"}),
            _component(f"image{index}", "Image", url={"path": "picture"}),
        ]
        items = [_map(f"item{item}", _ITEM) for item in range(3)]
        written.append(_write(items, f"/list{index}"))
    root = _component("root", "Column", children=_children(*[f"list{i}" for i in range(lists)]))
    return [_update(*components, root), *written, _BEGIN]


_ITEM = (
    {"key": "name", "valueString": "Ada"},
    {"key": "picture", "valueString": "https://pictures.example/ada.png"},
)


def _data(records: int) -> list[Message]:
    """A column with a text that reads one of many records, of four values each."""
    told = _component("told", "Text", text={"path": "/record0/name"})
    found = [
        _map(
            f"record{index}",
            (
                {"key": "name", "valueString": "Ada Lovelace"},
                {"key": "number", "valueNumber": index},
                {"key": "known", "valueBoolean": True},
                {"key": "said", "valueString": "W\u00f6rk & <play>"},
            ),
        )
        for index in range(records)
    ]
    root = _component("root", "Column", children=_children("told"))
    return [_update(root, told), _write(found, "/"), _BEGIN]


def _update(*components: Message) -> Message:
    return {"surfaceUpdate": {"surfaceId": "main", "components": list(components)}}


def _component(ident: str, kind: str, **props: Any) -> Message:
    return {"id": ident, "component": {kind: props}}


def _children(*idents: str) -> Message:
    return {"explicitList": list(idents)}


def _map(key: str, entries: Sequence[Message]) -> Message:
    return {"key": key, "valueMap": [dict(entry) for entry in entries]}


def _write(contents: Sequence[Message], path: str) -> Message:
    return {"dataModelUpdate": {"surfaceId": "main", "path": path, "contents": list(contents)}}


_BEGIN: Message = {"beginRendering": {"surfaceId": "main", "root": "root"}}


def measure(
    sizes: Sequence[int] = SIZES, rounds: int = ROUNDS, ways: Sequence[str] = WAYS
) -> list[Section]:
    """One section."""
    peers = bench_peers.load()
    cases = [_case(way, size, peers) for way in ways for size in sizes]
    run(cases, rounds)
    head = ["µs per component", "components", "messages", "JSONL", "official", "official ÷ ours"]
    rows = [_row(case) for case in cases]
    notes = [] if peers is not None else [bench_peers.MISSING]
    text = (
        "`uicompiler.a2ui.validate(stream, rules='interop')` on parsed messages, and on text; "
        "`validate_payload` of the official SDK on the same parsed messages. One by one, ours has "
        "an error to tell at every parent; theirs looks at all it knows after every message. "
        "Templates are lists of three items each; of data an entry counts as a component."
    )
    return [Section("Validating a foreign stream", text, head, rows, _figures(cases), notes)]


def _case(way: str, size: int, peers: bench_peers.Peers | None) -> Case:
    messages = stream(size, way)
    text = "".join(json.dumps(message, ensure_ascii=False) + "\n" for message in messages)
    limits = Limits.bench()
    up_to = SLOW_PEERS_UP_TO if way == "one by one" else PEERS_UP_TO

    def validate(given: Any) -> Any:
        found = a2ui.validate(given, limits=limits, rules="interop")
        if way != "one by one" and found:
            raise AssertionError(found[0])
        return found

    def sample() -> dict[str, float]:
        watch = Watch()
        watch.each("messages", validate, [messages])
        watch.each("text", validate, [text])
        if peers is not None and size <= up_to:
            watch.each("official", peers.check, [messages])
        return watch.seconds

    validate(messages)  # tables are built once
    return Case(way, size, sample, size, len(text.encode()))


def _row(case: Case) -> list[str]:
    official = "official" in case.steps
    return [
        case.shape,
        str(case.size),
        number(case.us("messages")),
        number(case.us("text")),
        number(case.us("official")) if official else "",
        number(case.ratio("official", "messages")) if official else "",
    ]


def _figures(cases: Sequence[Case]) -> list[Figure]:
    found = []
    for case in cases:
        if "official" in case.steps:
            name = f"validate {case.shape}, {case.size}: official ÷ ours"
            bound = LEAST if case.size == 1_000 else None
            found.append(Figure(name, case.ratio("official", "messages"), bound, True))
    for small, large in itertools.pairwise(cases):
        if small.shape == large.shape:
            times = large.us("messages") * large.size / (small.us("messages") * small.size)
            exponent = math.log(times) / math.log(large.size / small.size)
            name = f"validate {small.shape}: growth, {small.size} → {large.size}"
            found.append(Figure(name, exponent, 1.2))
    return found


def main() -> None:
    """Measure and print."""
    arguments.parser("validating", __doc__).parse_args()
    for section in measure():
        print(section.markdown())


if __name__ == "__main__":
    main()
