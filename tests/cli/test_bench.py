"""`bench`: its shape, and that what it compares is comparable."""

from __future__ import annotations

import json

import pytest

from clientsim import ClientSim
from uicompiler import Limits, UIApp, compile
from uicompiler.cli import bench, bench_peers, floor, floor_check, floor_html, floor_tree
from uicompiler.cli.bench_measure import Case
from uicompiler.cli.bench_shapes import DEPTH, SHAPES, envelope, form_fields

KEYS = {
    "step",
    "components",
    "us_per_component",
    "floor_us_per_component",
    "encoder_us_per_component",
}
STEPS = ["parse", "execute", "lower", "check", "encode", "compile"]
FLOORS = ["out", "floor", "floor_checked"]
PEERS = ["official_checker", "official_compiler", "official_compiler_nested"]
TREES = [shape for shape in SHAPES if shape != "form"]


def app() -> UIApp:
    return UIApp("bench", limits=Limits.bench(), inline_form_action="submit")


def test_json_is_one_array_of_steps_at_each_size(run) -> None:
    done = run("bench", "--json", "--sizes", "10,100", "--rounds", "1")
    assert done.status == 0
    rows = done.json()
    assert all(set(row) > KEYS for row in rows)
    by_size = [[row for row in rows if row["components"] == size] for size in (10, 100)]
    assert [row["step"] for found in by_size for row in found] == [*STEPS, *FLOORS, *PEERS] * 2
    assert all(row[key] > 0 for row in rows for key in KEYS - {"step"})
    assert {row["shape"] for row in rows} == {"composed"}
    assert [found[0]["growth"] is None for found in by_size] == [True, False]


def test_every_shape_is_measured_in_one_run(run) -> None:
    rows = run("bench", "--json", "--shape", "all", "--sizes", "10", "--rounds", "1").json()
    assert list(dict.fromkeys(row["shape"] for row in rows)) == list(SHAPES)


def test_text_is_a_table_with_growth_and_ratios(run) -> None:
    table = run("bench", "--sizes", "10,100", "--rounds", "1").out.decode()
    assert "growth" in table
    assert all(f"\n{step} " in table for step in STEPS)
    assert "\nout ÷ stdlib encoder " in table
    assert "\nofficial checker ÷ compile " in table


def test_larger_sizes_are_not_put_to_peers(run) -> None:
    rows = run("bench", "--json", "--sizes", "10,100", "--rounds", "1", "--peers", "10").json()
    assert {row["components"] for row in rows if row["step"] in PEERS} == {10}


def test_peers_that_are_not_installed_are_named(run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench_peers, "load", lambda: None)
    done = run("bench", "--json", "--sizes", "10", "--rounds", "1")
    assert "NOT INSTALLED" in done.err
    assert [row["step"] for row in done.json()] == [*STEPS, *FLOORS]


# --- what is compared -----------------------------------------------------------------------------


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("size", [10, 100, 1000])
def test_a_shape_has_about_the_size_that_was_asked_for(shape: str, size: int) -> None:
    result = compile(envelope(SHAPES[shape](size)), app=app())
    assert result.ok
    assert result.diagnostics == ()
    assert abs(sum(item.components for item in result.trace.surfaces) - size) <= max(1, size / 10)


def test_deep_is_as_deep_as_it_says() -> None:
    sim = ClientSim("web_core")
    for message in compile(envelope(SHAPES["deep"](1000)), app=app()).messages:
        sim.apply(message)
    assert depth(sim.tree("main")) == DEPTH


def depth(node: object) -> int:
    if isinstance(node, dict):
        return ("type" in node) + max(map(depth, node.values()), default=0)
    return max(map(depth, node), default=0) if isinstance(node, list) else 0


@pytest.mark.parametrize("shape", TREES)
@pytest.mark.parametrize("size", [10, 100, 1000])
def test_the_floor_of_a_tree_is_the_same_surface(shape: str, size: int) -> None:
    directives = SHAPES[shape](size)
    ours = compile(envelope(directives), app=app()).messages
    assert ordered(floor_tree.build(directives)) == ordered(ours)


def ordered(messages) -> list[str]:
    """Messages with their components and entries in an order of their own."""
    told = json.loads(json.dumps(messages))
    for message in told:
        for part in message.values():
            for name, key in (("components", "id"), ("contents", "key")):
                if name in part:
                    part[name].sort(key=lambda item, key=key: item[key])
    return sorted(json.dumps(message) for message in told)


@pytest.mark.parametrize("size", [10, 100, 1000])
def test_the_floor_of_a_form_builds_an_equal_surface(size: int) -> None:
    ours = compile(envelope(SHAPES["form"](size)), app=app()).messages
    built = floor.build("Bench", form_fields(size))
    assert counted(built) == counted(ours)


def counted(messages) -> tuple[list[str], list[int]]:
    """What the two must share: component types, and data entries by message."""
    components = messages[0]["surfaceUpdate"]["components"]
    kinds = sorted(kind for item in components for kind in item["component"])
    updates = [message["dataModelUpdate"] for message in messages if "dataModelUpdate" in message]
    return kinds, [len(update["contents"]) for update in updates]


@pytest.mark.parametrize("shape", SHAPES)
def test_the_checked_floor_gives_the_same_bytes(shape: str) -> None:
    result = compile(envelope(SHAPES[shape](100)), app=app())
    assert b"".join(line + b"\n" for line in floor_check.checked(result.messages)) == result.jsonl()


def update(*components: dict) -> dict:
    return {"surfaceUpdate": {"surfaceId": "main", "components": list(components)}}


def column(ident: str, *children: str) -> dict:
    return {"id": ident, "component": {"Column": {"children": {"explicitList": list(children)}}}}


def text(value: object) -> dict:
    return {"id": "t", "component": {"Text": {"text": {"literalString": value}}}}


@pytest.mark.parametrize(
    "message",
    [
        update(text("a"), column("r", "t", "t")),
        update(text("a"), column("r")),
        update(text("a"), text("b"), column("r", "t")),
        update(text("\u202e"), column("r", "t")),
        update(text(1), column("r", "t")),
        update(column("r", "r")),
        {"dataModelUpdate": {"contents": [{"key": "a", "valueNumber": "1"}]}},
        {"dataModelUpdate": {"contents": [{"key": "a"}]}},
        {"somethingElse": {}},
    ],
)
def test_the_checked_floor_refuses_what_is_wrong(message: dict) -> None:
    with pytest.raises(floor_check.Fault):
        floor_check.checked([message])


@pytest.mark.parametrize("shape", TREES)
@pytest.mark.parametrize("nested", [True, False])
def test_the_official_compiler_makes_as_many_components(shape: str, nested: bool) -> None:
    peers, directives = bench_peers.load(), SHAPES[shape](100)
    assert peers is not None
    texts = bench_peers.express_texts(directives, nested=nested)
    updates = [
        message.update_components.components
        for item in texts
        for message in peers.compile(item)
        if hasattr(message, "update_components")
    ]
    result = compile(envelope(directives), app=app())
    assert sum(map(len, updates)) == sum(item.components for item in result.trace.surfaces)


@pytest.mark.parametrize("shape", SHAPES)
def test_the_official_checker_takes_our_messages(shape: str) -> None:
    peers = bench_peers.load()
    assert peers is not None
    messages = list(compile(envelope(SHAPES[shape](100)), app=app()).messages)
    peers.check(messages)
    del messages[0]["surfaceUpdate"]["components"][0]["id"]
    with pytest.raises(ValueError, match="id"):
        peers.check(messages)


# --- figures --------------------------------------------------------------------------------------


def test_growth_is_the_exponent_of_the_whole_time() -> None:
    small = Case("wide", 100, dict, 100, 1, [{"out": 0.1, "floor": 1.0, "encoder": 1.0}])
    large = Case("wide", 1000, dict, 1000, 1, [{"out": 10.0, "floor": 1.0, "encoder": 1.0}])
    assert bench.growth(small, large, "out") == 2
    rows = bench.rows_of([small, large], ["out"])
    assert [row["growth"] for row in rows] == [None, 2]


def test_ratios_are_taken_within_a_round() -> None:
    rounds = [
        {"out": 1.0, "floor": 1.0, "encoder": 1.0},
        {"out": 9.0, "floor": 1.0, "encoder": 9.0},
    ]
    case = Case("wide", 1, dict, 1, 1, [*rounds, *rounds])
    assert case.ratio("out", "encoder") == 1


# --- HTML -----------------------------------------------------------------------------------------


def test_html_has_steps_of_its_own(run) -> None:
    done = run("bench", "--json", "--backend", "html", "--sizes", "10", "--rounds", "1")
    rows = done.json()
    assert [row["step"] for row in rows] == ["parse", "execute", "show", "compile"]
    assert all(row[key] > 0 for row in rows for key in KEYS - {"step"})
    shown = run("bench", "--backend", "html", "--sizes", "10", "--rounds", "1")
    assert "show ÷ floor" in shown.out.decode()


@pytest.mark.parametrize("size", [10, 100, 1000])
def test_the_floor_of_html_is_the_same_document(size: int) -> None:
    ours = compile(envelope(SHAPES["form"](size)), app=app(), backend="html").html
    assert floor_html.build("Bench", form_fields(size)) == ours["main"]


@pytest.mark.parametrize(
    "options",
    [
        ("--sizes", "ten"),
        ("--sizes", "0"),
        ("--rounds", "0"),
        ("--shape", "round"),
        ("--backend", "html", "--shape", "wide"),
    ],
)
def test_wrong_options_are_status_2(run, options: tuple[str, ...]) -> None:
    assert run("bench", *options).status == 2
