"""`web_core`: resolving components and templates."""

from collections.abc import Callable
from typing import Any

import pytest

from clientsim import ClientSim

Play = Callable[..., ClientSim]
Ids = Callable[[ClientSim], list[object]]


def named(key: str, name: str) -> dict[str, object]:
    return {"key": key, "valueMap": [{"key": "name", "valueString": name}]}


def test_any_string_that_equals_an_id_becomes_that_component(play: Play, m: Any) -> None:
    shown = {"Text": {"text": {"literalString": "x"}, "usageHint": "h1"}}
    sim = play(m.begin(), m.update(root=shown, h1={"Divider": {}}, x={"Divider": {}}))
    tree: Any = sim.tree("s")
    assert tree["props"]["usageHint"] == {"id": "h1", "type": "Divider", "props": {}}
    assert tree["props"]["text"]["literalString"]["id"] == "x"


def test_inside_an_action_strings_stay_strings(play: Play, m: Any) -> None:
    value = {"literalString": "lb"}
    action = {"name": "lb", "context": [{"key": "lb", "value": value}]}
    sim = play(m.begin(), m.update(root={"Button": {"child": "lb", "action": action}}, lb=m.text()))
    tree: Any = sim.tree("s")
    assert tree["props"]["action"] == action


def test_a_component_that_names_itself_is_a_cycle(play: Play, m: Any) -> None:
    sim = play(m.begin(), m.update(root=m.text(literal="root")), refused=1)
    assert sim.errors[0].code == "SIM_CYCLE"


def test_a_cycle_counts_only_when_the_root_reaches_it(play: Play, m: Any) -> None:
    cycle = m.update(root=m.text(), a=m.column("b"), b=m.column("a"))
    sim = play(m.begin(), cycle)
    error = sim.apply(m.begin("a"))
    assert error is not None
    assert error.code == "SIM_CYCLE"


def test_two_references_give_two_nodes_of_one_id(play: Play, m: Any, ids: Ids) -> None:
    assert ids(play(m.begin(), m.update(root=m.column("a", "a"), a=m.text()))) == ["root", "a", "a"]


def test_a_template_over_a_map_makes_a_child_per_key_in_order(play: Play, m: Any, ids: Ids) -> None:
    sim = play(m.begin(), m.update(root=m.rows("row", "/items"), row=m.text("name")))
    assert ids(sim) == ["root"]
    sim.apply(m.data("/items", named("10", "ten"), named("9", "nine")))
    sim.apply(m.data("/items/b", name="last"))
    assert sim.visible("s") == [
        ("row:10", "text", "ten"),
        ("row:9", "text", "nine"),
        ("row:b", "text", "last"),
    ]


def test_nested_arrays_carry_all_indices_and_nested_maps_only_the_last_key(
    play: Play, m: Any, ids: Ids
) -> None:
    surface = m.update(root=m.rows("group", "/g"), group=m.rows("it", "sub"), it=m.text("."))
    arrays = play(m.begin(), surface, m.data(None, g='[{"sub":["p","q"]},{"sub":["r"]}]'))
    assert ids(arrays) == ["root", "group:0", "it:0:0", "it:0:1", "group:1", "it:1:0"]
    sub = {"key": "sub", "valueMap": [{"key": "a", "valueString": "p"}]}
    groups = [{"key": key, "valueMap": [sub]} for key in "xy"]
    assert ids(play(m.begin(), surface, m.data("/g", *groups))) == [
        "root", "group:x", "it:a", "group:y", "it:a",
    ]  # fmt: skip


@pytest.mark.parametrize("value", ["scalar", '{"a":{}}'])
def test_a_template_over_anything_else_has_no_children(value: str, play: Play, m: Any) -> None:
    surface = m.update(root=m.rows("row", "/items"), row=m.text("name"))
    assert play(m.begin(), surface, m.data(None, items=value)).visible("s") == []


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        ("/title", "title"), ("/items/a/name", "s/a/name"), ("/item/x", "x"), ("./text", ""),
        ("/textual", "ual"), ("/item/text/label/x", "x"), ("a/item", "a/item"), (".", "."),
        ("//x", "/x"), ("../x", "../x"),
    ],
)  # fmt: skip
def test_inside_a_template_a_path_loses_its_front(path: str, kept: str, play: Play, m: Any) -> None:
    surface = m.update(root=m.rows("row", "/list"), row=m.text(path))
    sim = play(m.begin(), surface, m.data("/list", named("k", "v")))
    row = list(sim.nodes("s"))[1]
    assert row["context"] == "/list/k"
    assert row["props"] == {"text": {"path": kept}}


def test_a_data_binding_inside_a_template_may_be_absolute(play: Play, m: Any, ids: Ids) -> None:
    surface = m.update(root=m.rows("g", "/a"), g=m.rows("t", "/b"), t=m.text("."))
    sim = play(m.begin(), surface, m.data(None, a="[0]", b='["x"]'))
    assert sim.visible("s") == [("t:0:0", "text", "x")]
    assert ids(sim) == ["root", "g:0", "t:0:0"]


def test_a_key_with_a_dot_breaks_its_row(play: Play, m: Any) -> None:
    surface = m.update(root=m.rows("row", "/items"), row=m.text("name"))
    sim = play(m.begin(), surface, m.data("/items", named("a.b", "lost")))
    assert sim.visible("s") == [("row:a", "text", "(empty)")]


def test_an_unknown_type_is_resolved_like_any_other(play: Play, m: Any) -> None:
    own = {"Chart": {"legend": "a", "series": [{"name": "a"}], "options": {"template": None}}}
    tree: Any = play(m.begin(), m.update(root=own, a=m.text())).tree("s")
    assert tree["props"]["legend"]["id"] == "a"
    assert tree["props"]["series"][0]["name"]["id"] == "a"


@pytest.mark.parametrize(
    "children",
    [{"explicitList": "ab"}, {"template": {"componentId": "a"}}, {"template": "x"}],
)
def test_a_malformed_list_in_an_unknown_type_fails(children: object, play: Play, m: Any) -> None:
    sim = play(m.begin(), m.update(root={"Chart": {"x": children}}), refused=1)
    assert sim.errors[0].code == "SIM_NODE_INVALID"


def test_a_check_box_is_checked_only_when_resolved_even_through_its_prototype(
    play: Play, m: Any
) -> None:
    whole = {"label": {"literalString": "L"}, "value": {"path": "/x"}}
    play(m.begin(), m.update(root={"CheckBox": {"__proto__": whole}}))
    play(m.begin(), m.update(root={"CheckBox": {"label": whole["label"]}}), refused=1)


def test_what_a_user_types_does_not_rebuild_the_tree(play: Play, m: Any, ids: Ids) -> None:
    pick = {
        "MultipleChoice": {
            "selections": {"path": "/sel"},
            "options": [{"label": {"literalString": "A"}, "value": "a"}],
        }
    }
    surface = m.update(root=m.column("pick", "l"), pick=pick, l=m.rows("t", "/sel"), t=m.text("."))
    sim = play(m.begin(), surface)
    sim.edit("s", "pick", ["a"])
    assert ids(sim) == ["root", "pick", "l"]
    sim.apply(m.data("/other", x="1"))
    assert ids(sim) == ["root", "pick", "l", "t:0"]


def test_depth_and_size_end_in_an_error_entry(play: Play, m: Any) -> None:
    def chain(length: int, twice: bool) -> dict[str, Any]:
        links = {f"c{i}": m.column(*[f"c{i + 1}"] * (2 if twice else 1)) for i in range(length)}
        made: dict[str, Any] = m.update(**links, **{f"c{length}": {"Divider": {}}})
        return made

    assert play(m.begin("c0"), chain(900, False)).ready("s")
    deep = play(m.begin("c0"), chain(10_000, False), refused=1)
    assert deep.errors[0].code == "SIM_TOO_DEEP"
    assert len(deep.hash("s")) == 64
    wide = play(m.begin("c0"), chain(40, True), refused=1)
    assert wide.errors[0].code == "SIM_TOO_LARGE"


def test_three_levels_of_rows_mix_arrays_and_maps(play: Play, m: Any, ids: Ids) -> None:
    surface = m.update(
        root=m.rows("i-a", "/g"),
        **{"i-a": m.rows("i-b", "."), "i-b": m.rows("i-c", "sub"), "i-c": m.text(".")},
    )
    rows = {"key": "one", "valueString": '[{"sub":["p"]},{"sub":["q","r"]}]'}
    sim = play(m.begin(), surface, m.data("/g", rows))
    assert ids(sim) == [
        "root", "i-a:one", "i-b:0", "i-c:0:0", "i-b:1", "i-c:1:0", "i-c:1:1",
    ]  # fmt: skip
    assert [words for _, _, words in sim.visible("s")] == ["p", "q", "r"]
    assert [node["context"] for node in sim.nodes("s")][-1] == "/g/one/./1/sub/1"


def test_a_templated_button_acts_in_its_row(play: Play, m: Any) -> None:
    context = [{"key": key, "value": {"path": path}} for key, path in (("i", "."), ("v", "./v"))]
    button = {"Button": {"child": "i-word", "action": {"name": "go", "context": context}}}
    sim = play(
        m.begin(),
        m.update(root=m.rows("i-bt", "/list"), **{"i-bt": button, "i-word": m.text("v")}),
        m.data(None, list='[{"v":"A"},{"v":"B"}]'),
    )
    event: Any = sim.press("s", "i-bt:1", timestamp="t")
    assert event["userAction"]["sourceComponentId"] == "i-bt:1"
    assert event["userAction"]["context"] == {"i": {"v": "B"}, "v": "B"}
    assert [node["context"] for node in sim.nodes("s")] == [
        "/", "/list/0", "/list/0", "/list/1", "/list/1",
    ]  # fmt: skip
