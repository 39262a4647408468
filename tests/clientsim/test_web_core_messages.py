"""`web_core`: which messages the official client takes, and what a refused one leaves behind."""

from collections.abc import Callable
from typing import Any

import pytest

from clientsim import ClientSim

Play = Callable[..., ClientSim]
Ids = Callable[[ClientSim], list[object]]


TEMPLATE = {"componentId": "a", "dataBinding": ""}


def code(message: object) -> str | None:
    error = ClientSim("web_core").apply(message)
    return error.code if error else None


def one(component: object, **more: object) -> dict[str, Any]:
    instance = {"id": "a", "component": component, **more}
    return {"surfaceUpdate": {"surfaceId": "s", "components": [instance]}}


@pytest.mark.parametrize(
    "message",
    [
        None, [], "x", 5, {}, {"other": {}}, {"deleteSurface": None}, {"deleteSurface": {}},
        {"deleteSurface": {"surfaceId": "s"}, "x": 1},
        {"deleteSurface": {"surfaceId": "s"}, "beginRendering": {"surfaceId": "s", "root": "r"}},
        {"deleteSurface": {"surfaceId": "s", "x": 1}},
        {"beginRendering": {"surfaceId": "s"}},
        {"beginRendering": {"surfaceId": "s", "root": "r", "catalogId": None}},
        {"beginRendering": {"surfaceId": "s", "root": "r", "styles": {"logoUrl": "x"}}},
        {"beginRendering": {"surfaceId": "s", "root": "r", "styles": {"primaryColor": "red"}}},
        {"beginRendering": {"surfaceId": "s", "root": "r", "styles": {"primaryColor": "#00bf0g"}}},
        {"surfaceUpdate": {"surfaceId": "s", "components": []}},
        one({"Divider": {}}, weight="1"), one({"Divider": {}}, x=1),
        {"dataModelUpdate": {"surfaceId": "s"}},
    ],
)  # fmt: skip
def test_a_message_of_the_wrong_shape_is_refused(message: object) -> None:
    assert code(message) == "SIM_MESSAGE_SHAPE"


@pytest.mark.parametrize(
    "component",
    [
        {}, {"Foo": None}, {"Foo": {"x": [1]}}, {"Divider": {}, "Foo": 1},
        {"Text": {"text": {"literal": "x"}}},
        {"Text": {"text": {"literalString": "x"}, "unknown": {"a": 1}}},
        {"CheckBox": 5}, {"CheckBox": {"anything": 1}},
        {"Checkbox": {"label": {"path": "a"}, "value": {"literalBoolean": True}}},
        {"MultipleChoice": {"selections": {"path": "a"}, "variant": "nope"}},
        {"Divider": {"color": "red", "thickness": 1.5}},
    ],
)  # fmt: skip
def test_a_component_the_official_client_takes_is_taken(component: object) -> None:
    assert code(one(component)) is None


@pytest.mark.parametrize(
    "component",
    [
        None, {"Text": None}, {"Text": {}}, {"Text": {"text": "bare"}}, {"Text": {"text": {}}},
        {"Text": {"text": {"path": "a", "literalString": "b"}}},
        {"Text": {"text": {"literalString": 5}}},
        {"Text": {"text": {"path": "a"}, "usageHint": "h6"}},
        {"Text": {"text": {"path": "a"}, "usageHint": None}},
        {"Slider": {"value": {"literal": 5}}},
        {"Slider": {"value": {"literalNumber": True}}},
        {"Checkbox": {"label": {"path": "a"}, "value": {"literal": True}}},
        {"Row": {"children": {}}}, {"Row": {"children": ["a"]}},
        {"Row": {"children": {"explicitList": [], "template": TEMPLATE}}},
        {"Tabs": {"tabItems": [{"title": {"path": "a"}, "child": ""}]}},
        {"Button": {"child": "a", "action": {"name": "x", "context": [{"key": "k", "value": {}}]}}},
        {"MultipleChoice": {"selections": {"literalArray": [1]}}},
    ],
)  # fmt: skip
def test_a_component_the_official_client_refuses_is_refused(component: object) -> None:
    assert code(one(component)) == "SIM_COMPONENT_INVALID"


@pytest.mark.parametrize(
    "component",
    [
        {"Card": {"child": "b"}}, {"Modal": {"entryPointChild": "a", "contentChild": "b"}},
        {"Column": {"children": {"explicitList": ["b"]}}},
        {"List": {"children": {"template": {"componentId": "b", "dataBinding": "/"}}}},
        {"Tabs": {"tabItems": [{"title": {"path": "a"}, "child": "b"}]}},
        {"Button": {"child": "b", "action": {"name": "x"}}},
    ],
)  # fmt: skip
def test_references_must_be_defined_in_the_same_message(
    component: object, play: Play, m: Any
) -> None:
    assert code(one(component)) == "SIM_REFERENCE_UNRESOLVED"
    sim = play(m.update(b=m.text()))
    error = sim.apply(one(component))
    assert error is not None
    assert error.code == "SIM_REFERENCE_UNRESOLVED"


def test_a_component_of_two_types_escapes_the_reference_check_and_its_first_type_counts(
    play: Play, m: Any
) -> None:
    two = {"Foo": {"x": 1}, "Card": {"child": "later"}}
    sim = play(m.begin(), m.update(later=m.text()), one({"1": {}, **two}), m.update(root=two))
    tree = sim.tree("s")
    assert tree is not None
    assert tree["type"] == "Card"


def test_an_id_may_not_be_defined_twice() -> None:
    twice = one({"Divider": {}})
    twice["surfaceUpdate"]["components"] *= 2
    assert code(twice) == "SIM_DUPLICATE_ID"


def test_value_maps_go_five_levels_deep(m: Any) -> None:
    entry: dict[str, Any] = {"key": "k", "valueString": "x"}
    for _ in range(4):
        entry = {"key": "k", "valueMap": [entry]}
    assert code(m.data(None, entry)) is None
    assert code(m.data(None, {"key": "k", "valueMap": [entry]})) == "SIM_DATA_INVALID"


@pytest.mark.parametrize(
    "entry",
    [{"key": "k"}, {"valueString": "x"}, {"key": "k", "valueString": "x", "valueNumber": 1},
     {"key": "k", "valueArray": []}, {"key": "k", "valueString": None}, {"key": 1, "valueMap": []}],
)  # fmt: skip
def test_an_entry_has_a_key_and_exactly_one_value(entry: object, m: Any) -> None:
    assert code(m.data(None, entry)) == "SIM_DATA_INVALID"


def test_a_message_that_the_schema_refuses_leaves_nothing(play: Play, m: Any) -> None:
    sim = play(one({"Text": {}}), refused=1)
    assert sim.surface_ids() == []


def test_a_message_that_fails_later_has_stored_its_part_and_keeps_the_old_tree(
    play: Play, m: Any
) -> None:
    good = m.update(root=m.column("a"), a=m.text("x"))
    sim = play(m.begin(), good)
    before = sim.tree("s")
    error = sim.apply(m.update(a={"CheckBox": {}}))
    assert error is not None
    assert error.code == "SIM_NODE_INVALID"
    assert sim.tree("s") == before
    again = sim.apply(m.data(None, x="stored"))
    assert again is not None
    assert sim.data("s") == {"x": "stored"}
    assert sim.visible("s") == [("a", "text", "stored")]
    assert sim.apply(m.update(a=m.text("x"))) is None


def test_any_message_creates_the_surface_and_nothing_shows_before_a_root(
    play: Play, m: Any
) -> None:
    for first in (m.update(root=m.text()), m.data()):
        sim = play(first)
        assert sim.surface_ids() == ["s"]
        assert not sim.ready("s")
    sim = play(m.begin(), m.data(None, x="1"))
    assert not sim.ready("s")
    assert sim.root("s") == "root"
    sim.apply(m.update(root=m.text("x")))
    assert sim.ready("s")


def test_an_empty_root_shows_nothing(play: Play, m: Any) -> None:
    sim = play(m.update(root=m.text()), m.begin(), m.begin(""))
    assert sim.tree("s") is None


def test_a_second_begin_changes_the_root_and_keeps_components_and_data(play: Play, m: Any) -> None:
    sim = play(m.begin("a", catalogId="any"), m.update(a=m.text("x"), b=m.text("y")))
    sim.apply(m.data(None, y="Y"))
    sim.apply(m.begin("b"))
    assert sim.visible("s") == [("b", "text", "Y")]


def test_a_deleted_surface_is_forgotten_and_its_id_starts_empty(play: Play, m: Any) -> None:
    delete = {"deleteSurface": {"surfaceId": "s"}}
    sim = play(delete, m.update(root=m.text()), m.data(None, x="1"), m.begin(), delete)
    assert sim.surface_ids() == []
    sim.apply(m.begin())
    assert sim.data("s") == {}
    assert sim.tree("s") is None


def test_components_are_replaced_whole_and_may_change_type(play: Play, m: Any, ids: Ids) -> None:
    sim = play(m.begin(), m.update(root=m.column("a"), a=m.text()))
    sim.apply(m.update(a={"Divider": {"axis": "vertical"}}))
    assert [node["type"] for node in sim.nodes("s")] == ["Column", "Divider"]
    assert ids(sim) == ["root", "a"]


def test_of_equal_keys_in_a_line_the_last_counts() -> None:
    sim = ClientSim("web_core")
    assert sim.feed('{"beginRendering":{"surfaceId":"s","root":"a","root":"b"}}') == []
    assert sim.root("s") == "b"
