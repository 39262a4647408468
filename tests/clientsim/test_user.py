"""Editing and pressing as a user would."""

from collections.abc import Callable
from typing import Any

import pytest

from clientsim import ClientSim, ClientSimError

Play = Callable[..., ClientSim]
LABEL = {"literalString": "L"}
OPTIONS = [{"label": {"literalString": word.upper()}, "value": word} for word in ("a", "b")]


@pytest.fixture
def form(play: Play, m: Any) -> ClientSim:
    context = [
        {"key": "name", "value": {"path": "/d/name"}},
        {"key": "missing", "value": {"path": "/nope"}},
        {"key": "map", "value": {"path": "/d"}},
        {"key": "zero", "value": {"literalNumber": 0}},
        {"key": "no", "value": {"literalBoolean": False}},
        {"key": "empty", "value": {"literalString": ""}},
    ]
    fields = {
        "name": {"TextField": {"label": LABEL, "text": {"path": "/d/name"}}},
        "fixed": {"TextField": {"label": LABEL, "text": {"literalString": "x"}}},
        "loose": {"TextField": {"label": LABEL}},
        "ok": {"CheckBox": {"label": LABEL, "value": {"path": "/d/ok"}}},
        "vol": {"Slider": {"value": {"path": "/d/vol"}, "maxValue": 9}},
        "when": {"DateTimeInput": {"value": {"path": "/d/when"}}},
        "pick": {"MultipleChoice": {"selections": {"path": "/d/pick"}, "options": OPTIONS}},
        "save": {"Button": {"child": "lb", "action": {"name": "go", "context": context}}},
        "plain": {"Button": {"child": "lb", "action": {"name": "bare"}}},
        "lb": m.text(),
    }
    inputs = [name for name in fields if name != "lb"]
    ids = {f"i-{name}": fields[name] for name in fields}
    for button in ("i-save", "i-plain"):
        ids[button]["Button"]["child"] = "i-lb"
    return play(m.begin(), m.update(root=m.column(*(f"i-{n}" for n in inputs)), **ids))


def test_each_input_stores_what_the_client_stores(form: ClientSim) -> None:
    form.edit("s", "i-name", "[1,2]")
    form.edit("s", "i-ok", True)
    form.edit("s", "i-vol", 7.0)
    form.edit("s", "i-when", "2025-05-06T07:08")
    form.edit("s", "i-pick", ["b", "a"])
    assert form.data("s") == {
        "d": {
            "name": "[1,2]", "ok": True, "vol": "7", "when": "2025-05-06T07:08", "pick": ["b", "a"],
        }
    }  # fmt: skip
    form.edit("s", "i-pick", [])
    assert form.value_at("s", "/d/pick") == {}


@pytest.mark.parametrize(
    ("component", "value"),
    [
        ("nope", "x"), ("i-lb", "x"), ("i-save", "x"), ("i-fixed", "x"), ("i-loose", "x"),
        ("i-name", 5), ("i-ok", "true"), ("i-vol", True), ("i-vol", "7"), ("i-when", None),
        ("i-pick", "a"), ("i-pick", [1]), ("i-pick", ["c"]),
    ],
)  # fmt: skip
def test_an_edit_no_user_could_make_is_refused_and_stores_nothing(
    form: ClientSim, component: str, value: object
) -> None:
    with pytest.raises(ClientSimError):
        form.edit("s", component, value)
    assert form.data("s") == {}


def test_the_list_that_was_passed_in_is_not_kept(form: ClientSim) -> None:
    chosen = ["a"]
    form.edit("s", "i-pick", chosen)
    chosen.append("b")
    assert form.value_at("s", "/d/pick") == ["a"]


def test_a_press_builds_the_user_action(form: ClientSim) -> None:
    form.edit("s", "i-name", "Ada")
    assert form.press("s", "i-save", timestamp="2026-11-20T21:04:05.364Z") == {
        "userAction": {
            "name": "go",
            "surfaceId": "s",
            "sourceComponentId": "i-save",
            "timestamp": "2026-11-20T21:04:05.364Z",
            "context": {
                "name": "Ada", "missing": None, "map": {"name": "Ada"},
                "zero": 0, "no": False, "empty": "",
            },
        }
    }  # fmt: skip
    bare: Any = form.press("s", "i-plain", timestamp="t")
    assert bare["userAction"]["context"] == {}


@pytest.mark.parametrize("component", ["nope", "i-name", "i-lb"])
def test_only_buttons_can_be_pressed(form: ClientSim, component: str) -> None:
    with pytest.raises(ClientSimError):
        form.press("s", component, timestamp="t")


def test_a_surface_that_is_not_there_can_be_looked_at_but_not_used() -> None:
    sim = ClientSim()
    assert (sim.ready("s"), sim.root("s"), sim.data("s"), sim.tree("s")) == (False, None, {}, None)
    assert (sim.visible("s"), sim.screen("s"), list(sim.nodes("s"))) == ([], "", [])
    assert sim.value_at("s", "/x") is None
    with pytest.raises(ClientSimError):
        sim.edit("s", "a", "x")
    with pytest.raises(ClientSimError):
        sim.press("s", "a", timestamp="t")


def test_in_a_template_relative_paths_are_the_rows_and_absolute_ones_are_lost(
    play: Play, m: Any
) -> None:
    context = [
        {"key": "rel", "value": {"path": "v"}},
        {"key": "abs", "value": {"path": "/title"}},
    ]
    sim = play(
        m.begin(),
        m.update(
            root=m.rows("row", "/list"),
            row=m.column("in", "bt"),
            bt={"Button": {"child": "lb", "action": {"name": "pick", "context": context}}},
            lb=m.text(),
            **{"in": {"TextField": {"label": LABEL, "text": {"path": "v"}}}},
        ),
        m.data(None, title="T"),
        m.data("/list", a=[], b=[{"key": "v", "valueString": "B"}]),
    )
    event: Any = sim.press("s", "bt:b", timestamp="t")
    assert event["userAction"]["sourceComponentId"] == "bt:b"
    assert event["userAction"]["context"] == {"rel": "B", "abs": None}
    sim.edit("s", "in:a", "typed")
    assert sim.value_at("s", "/list/a/v") == "typed"


def test_an_error_event_names_surface_and_message() -> None:
    assert ClientSim().report_error("s", "broken") == {
        "error": {"surfaceId": "s", "message": "broken"}
    }


@pytest.mark.parametrize(
    ("props", "entered", "stored"),
    [
        ({"TextField": {"label": LABEL, "text": {"path": "/x"}}}, "a\r\nb", "ab"),
        ({"TextField": {"label": LABEL, "text": {"path": "/x"}, "textFieldType": "longText"}},
         "a\nb", "ab"),
        ({"TextField": {"label": LABEL, "text": {"path": "/x"}, "textFieldType": "number"}},
         "12.50", "12.50"),
        ({"TextField": {"label": LABEL, "text": {"path": "/x"}, "textFieldType": "number"}},
         "abc", ""),
        ({"TextField": {"label": LABEL, "text": {"path": "/x"}, "validationRegexp": "^a$"}},
         "b", "b"),
        ({"CheckBox": {"label": LABEL, "value": {"path": "/x"}}}, False, False),
        ({"Slider": {"value": {"path": "/x"}, "maxValue": 10}}, 7.4, "7"),
        ({"Slider": {"value": {"path": "/x"}, "minValue": 2, "maxValue": 10}}, 99, "10"),
        ({"Slider": {"value": {"path": "/x"}}}, 5, "0"),
        ({"DateTimeInput": {"value": {"path": "/x"}}}, "2025-05-06T07:08", "2025-05-06T07:08"),
        ({"DateTimeInput": {"value": {"path": "/x"}, "enableTime": False}},
         "2025-05-06", "2025-05-06"),
        ({"DateTimeInput": {"value": {"path": "/x"}, "enableDate": False}}, "07:08", "07:08"),
        ({"DateTimeInput": {"value": {"path": "/x"}, "enableDate": False}}, "2025-05-06", ""),
    ],
)  # fmt: skip
def test_the_official_client_stores_what_a_browser_input_holds(
    props: object, entered: object, stored: object, play: Play, m: Any
) -> None:
    sim = play(m.update(root=props), m.begin())
    sim.edit("s", "root", entered)
    assert sim.data("s") == {"x": stored}


def test_under_spec_a_slider_stays_between_the_ends_it_has(play: Play, m: Any) -> None:
    slider = {"Slider": {"value": {"path": "/x"}, "minValue": 2, "maxValue": 10}}
    sim = play(m.update(root=slider), m.begin(), profile="spec")
    for entered, stored in ((7.4, 7.4), (99, 10), (0, 2)):
        sim.edit("s", "root", entered)
        assert sim.data("s") == {"x": stored}


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_slider_cannot_be_moved_to_no_number(form: ClientSim, value: float) -> None:
    with pytest.raises(ClientSimError):
        form.edit("s", "i-vol", value)


def test_options_that_stay_selected_keep_their_place(form: ClientSim) -> None:
    form.edit("s", "i-pick", ["b"])
    form.edit("s", "i-pick", ["a", "b", "a"])
    assert form.value_at("s", "/d/pick") == ["b", "a"]


def nested(m: Any) -> list[dict[str, Any]]:
    """Rows in rows, both maps, with an input and a button in each."""
    action = {"name": "go", "context": [{"key": "v", "value": {"path": "v"}}]}
    cell = {"key": "k", "valueMap": [{"key": "v", "valueString": "0"}]}
    return [
        m.update(
            root=m.rows("i-row", "/rows"),
            **{
                "i-row": m.rows("i-cell", "cells"),
                "i-cell": m.column("i-in", "i-go"),
                "i-in": {"TextField": {"label": LABEL, "text": {"path": "v"}}},
                "i-go": {"Button": {"child": "i-word", "action": action}},
                "i-word": m.text(),
            },
        ),
        *(m.data(f"/rows/{row}/cells", cell) for row in "ab"),
        m.begin(),
    ]


def test_an_index_tells_repeated_ids_apart(play: Play, m: Any) -> None:
    sim = play(*nested(m))
    sim.edit("s", "i-in:k", "second", index=1)
    assert sim.value_at("s", "/rows/a/cells/k/v") == "0"
    assert sim.value_at("s", "/rows/b/cells/k/v") == "second"
    event: Any = sim.press("s", "i-go:k", timestamp="t", index=1)
    assert event["userAction"]["context"] == {"v": "second"}
    for index in (2, -1):
        with pytest.raises(ClientSimError):
            sim.edit("s", "i-in:k", "x", index=index)
