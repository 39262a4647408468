"""`spec`: the specification read strictly."""

from collections.abc import Callable
from typing import Any

import pytest

from clientsim import ClientSim

Play = Callable[..., ClientSim]
Ids = Callable[[ClientSim], list[object]]


@pytest.fixture
def strict(play: Play) -> Play:
    return lambda *messages, **more: play(*messages, profile="spec", **more)


def test_components_may_come_in_any_order_over_many_messages(strict: Play, m: Any) -> None:
    sim = strict(m.update(root=m.column("a", "b")), m.begin(), m.update(b=m.text(literal="B")))
    assert sim.visible("s") == [("b", "text", "B")]
    sim.apply(m.update(a=m.text(literal="A")))
    assert [words for _, _, words in sim.visible("s")] == ["A", "B"]


def test_nothing_shows_before_begin_rendering_or_without_its_root(strict: Play, m: Any) -> None:
    sim = strict(m.update(a=m.text()), m.data(None, x="1"))
    assert not sim.ready("s")
    sim.apply(m.begin("b"))
    assert not sim.ready("s")
    assert sim.tree("s") is None
    sim.apply(m.update(b=m.text()))
    assert sim.ready("s")


@pytest.mark.parametrize(
    ("component", "code"),
    [
        ({}, "SIM_COMPONENT_INVALID"),
        ({"Divider": {}, "Card": {"child": "a"}}, "SIM_COMPONENT_INVALID"),
        ({"Divider": {}, "__proto__": {}}, "SIM_COMPONENT_INVALID"),
        ({"Text": {"text": {}}}, "SIM_COMPONENT_INVALID"),
        ({"Text": {"text": {"literal": "x"}}}, "SIM_COMPONENT_INVALID"),
        ({"Text": {"text": {"path": "a"}, "other": 1}}, "SIM_COMPONENT_INVALID"),
        ({"CheckBox": {}}, "SIM_COMPONENT_INVALID"),
        ({"Icon": {"name": {"literalString": "unicorn"}}}, "SIM_COMPONENT_INVALID"),
        ({"Card": {"child": "a"}}, "SIM_CYCLE"),
        ({"Chart": {}}, "SIM_CATALOG_UNKNOWN"),
    ],
)
def test_a_refused_component_leaves_nothing_behind(
    component: object, code: str, strict: Play, m: Any
) -> None:
    sim = strict(m.begin(), m.update(root=m.text()), m.data(None, x="1"))
    before = sim.report()
    error = sim.apply(m.update(b=m.text(), a=component))
    assert error is not None
    assert error.code == code
    assert sim.report()["surfaces"] == before["surfaces"]


def test_a_catalog_other_than_the_standard_one_leaves_its_types_open(strict: Play, m: Any) -> None:
    strict(m.begin(catalogId="https://example.org/own"), m.update(root={"Chart": {"x": 1}}))
    early = strict(m.update(root={"Chart": {}}), m.begin(), refused=1)
    assert early.errors[0].code == "SIM_CATALOG_UNKNOWN"
    assert early.root("s") is None


def test_strings_are_what_they_are(strict: Play, m: Any) -> None:
    surface = m.update(root=m.column("a"), a={"Text": {"text": {"literalString": "root"}}})
    sim = strict(m.begin(), surface, m.data(None, x="[1,2]"))
    assert sim.visible("s") == [("a", "text", "root")]
    assert sim.data("s") == {"x": "[1,2]"}


def test_keys_and_paths_know_slashes_only(strict: Play, m: Any) -> None:
    entries = [{"key": key, "valueString": "v"} for key in ("a.b", "c/d", "")]
    sim = strict(m.data("/u[0].x/y", *entries))
    assert sim.data("s") == {"u[0].x": {"y": {"a.b": "v", "c/d": "v", "": "v"}}}
    assert sim.value_at("s", "a.b", "/u[0].x/y") == "v"


def test_value_maps_have_one_level(strict: Play, m: Any) -> None:
    inner = {"key": "b", "valueMap": [{"key": "c", "valueString": "v"}]}
    assert strict(m.data(None, inner)).data("s") == {"b": {"c": "v"}}
    strict(m.data(None, {"key": "a", "valueMap": [inner]}), refused=1)


def test_a_path_with_a_literal_initialises_the_model(strict: Play, m: Any) -> None:
    field = {
        "TextField": {
            "label": {"literalString": "Name"},
            "text": {"path": "/n", "literalString": "Ada"},
        }
    }
    sim = strict(m.begin(), m.update(root=field))
    assert sim.data("s") == {"n": "Ada"}
    sim.edit("s", "root", "Bob")
    assert sim.visible("s")[1] == ("root", "value", "Bob")
    sim.apply(m.data(None, n="Cy"))
    assert sim.data("s") == {"n": "Cy"}


def test_a_relative_path_with_a_literal_fills_only_gaps(strict: Play, m: Any) -> None:
    row = {"Text": {"text": {"path": "name", "literalString": "nobody"}}}
    entries = [
        {"key": "a", "valueMap": []},
        {"key": "b", "valueMap": [{"key": "name", "valueString": "B"}]},
    ]
    sim = strict(
        m.data("/items", *entries), m.update(root=m.rows("row", "/items"), row=row), m.begin()
    )
    assert sim.data("s") == {"items": {"a": {"name": "nobody"}, "b": {"name": "B"}}}


def test_inside_a_template_absolute_stays_absolute_and_ids_stay_unique(
    strict: Play, m: Any
) -> None:
    surface = m.update(root=m.rows("g", "/g"), g=m.rows("t", "."), t=m.text("/title"))
    group = [{"key": "a", "valueString": "x"}]
    sim = strict(m.begin(), surface, m.data(None, title="T", g=[{"key": "p", "valueString": "1"}]))
    sim.apply(m.data("/g", p=group, q=group))
    assert sim.visible("s") == [("t:p:a", "text", "T"), ("t:q:a", "text", "T")]


def test_selections_are_preset_by_a_json_string_and_stored_as_a_list(strict: Play, m: Any) -> None:
    options = [{"label": {"literalString": word}, "value": word} for word in ("a", "b")]
    pick = {
        "MultipleChoice": {
            "selections": {"path": "/p"}, "options": options, "maxAllowedSelections": 1,
        }
    }  # fmt: skip
    sim = strict(m.begin(), m.update(root=pick), m.data(None, p='["b"]'))
    assert ("root", "value", "b") in sim.visible("s")
    assert sim.data("s") == {"p": '["b"]'}
    with pytest.raises(ValueError, match="at most 1"):
        sim.edit("s", "root", ["a", "b"])
    sim.edit("s", "root", [])
    assert sim.data("s") == {"p": []}


def test_a_slider_stores_a_number(strict: Play, m: Any) -> None:
    sim = strict(m.begin(), m.update(root={"Slider": {"value": {"path": "/n"}}}))
    sim.edit("s", "root", 7)
    assert sim.data("s") == {"n": 7}


def test_equal_keys_make_a_line_ambiguous() -> None:
    sim = ClientSim("spec")
    (error,) = sim.feed('{"beginRendering":{"surfaceId":"s","root":"a","root":"b"}}')
    assert error.code == "SIM_JSON_INVALID"


def test_depth_ends_in_an_error_entry_and_leaves_nothing(strict: Play, m: Any) -> None:
    links = {f"c{i}": m.column(f"c{i + 1}") for i in range(10_000)}
    sim = strict(m.begin("c0"), m.update(**links, c10000={"Divider": {}}), refused=1)
    assert sim.tree("s") is None
    sim.apply(m.data("/a" * 20_000, x="1"))
    assert [error.code for error in sim.errors] == ["SIM_TOO_DEEP"] * 2


def test_nested_rows_over_lists_and_maps_have_unique_ids(strict: Play, m: Any, ids: Ids) -> None:
    options = [{"label": {"literalString": word}, "value": word} for word in ("p", "q")]
    pick = {"MultipleChoice": {"selections": {"path": "chosen"}, "options": options}}
    sim = strict(
        m.update(
            root=m.rows("i-row", "/rows"),
            **{
                "i-row": m.column("i-pick", "i-list"),
                "i-pick": pick,
                "i-list": m.rows("i-item", "chosen"),
                "i-item": m.text("."),
            },
        ),
        m.data("/rows", a=[], b=[]),
        m.begin(),
    )
    sim.edit("s", "i-pick:a", ["p", "q"])
    sim.edit("s", "i-pick:b", ["q"])
    assert [name for name in ids(sim) if str(name).startswith("i-item")] == [
        "i-item:a:0", "i-item:a:1", "i-item:b:0",
    ]  # fmt: skip
    assert [words for _, role, words in sim.visible("s") if role == "text"] == ["p", "q", "q"]


def test_a_templated_button_acts_in_its_row_and_sees_the_globals(strict: Play, m: Any) -> None:
    paths = (("item", "."), ("rel", "v"), ("all", "/title"))
    context = [{"key": key, "value": {"path": path}} for key, path in paths]
    button = {"Button": {"child": "i-word", "action": {"name": "go", "context": context}}}
    sim = strict(
        m.update(root=m.rows("i-bt", "/list"), **{"i-bt": button, "i-word": m.text("v")}),
        m.data(None, title="T"),
        m.data("/list", {"key": "b", "valueMap": [{"key": "v", "valueString": "B"}]}),
        m.begin(),
    )
    event: Any = sim.press("s", "i-bt:b", timestamp="t")
    assert event["userAction"]["sourceComponentId"] == "i-bt:b"
    assert event["userAction"]["context"] == {"item": {"v": "B"}, "rel": "B", "all": "T"}
