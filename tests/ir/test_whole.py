"""A tree read whole is the tree read node by node, and what is refused is left to the model."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Annotated, Any, Literal

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, ValidationError, field_validator, model_validator
from pydantic import Field as Setting

from uicompiler.directives.standard.forms import ShowForm
from uicompiler.directives.standard.views import ShowTree, Toast
from uicompiler.ir.base import AnyNode, Children, Frozen, Node
from uicompiler.ir.fields import FIELD_KINDS
from uicompiler.ir.tree import STANDARD_NODES
from uicompiler.ir.whole import Whole, whole_reader


class Tree(Frozen):
    """The smallest model that holds a tree."""

    root: AnyNode


def made(model: type[BaseModel], nodes: Mapping[str, type[Node]]) -> Whole:
    reader = whole_reader(model, nodes)
    assert reader is not None
    return reader


READER = made(Tree, STANDARD_NODES)
FORMS = made(ShowForm, STANDARD_NODES)
VIEWS = made(ShowTree, STANDARD_NODES)


def whole(value: object, reader: Whole = READER) -> Any:  # a model, or None when refused
    """What is read, which is the same of the value and of its text."""
    from_text = read(value, replace(reader, from_text=True))
    if not reader.from_text:
        assert spelled(read(value, reader)) == spelled(from_text)
    return from_text


def read(value: object, reader: Whole) -> Any:  # a model, or None when refused
    text = orjson.dumps(value)
    try:
        # Without the table in its context no node is read through Python.
        return reader.read(orjson.loads(text), text, {})
    except ValidationError:
        return None


def one_by_one(
    value: object,
    model: type[BaseModel] = Tree,
    nodes: Mapping[str, type[Node]] = STANDARD_NODES,
) -> BaseModel | None:
    context = {"nodes": nodes, "strict": True}
    try:
        return model.model_validate_json(orjson.dumps(value), strict=True, context=context)
    except ValidationError:
        return None


def spelled(value: object) -> object:
    """All there is to a value: classes, properties in order, and which of them were given."""
    if isinstance(value, BaseModel):
        given = sorted(value.model_fields_set)
        return type(value), given, [(name, spelled(item)) for name, item in value.__dict__.items()]
    if isinstance(value, (list, tuple)):
        return type(value), [spelled(item) for item in value]
    if isinstance(value, dict):
        return type(value), [(name, spelled(item)) for name, item in value.items()]
    return type(value), value


EXAMPLES = [{"node": kind, **model.example} for kind, model in STANDARD_NODES.items()]
PROPERTIES = sorted({name for model in STANDARD_NODES.values() for name in model.model_fields})
ODD = (
    *(
        None,
        True,
        0,
        5,
        5.0,
        1,
        1.0,
        -1,
        0.5,
        "",
        "5",
        "x",
        "_x",
        "a/r1/b",
        "constructor",
        "row",
        "slider",
    ),
    *([], ["a"], [["a", 1]], {}, {"a": 1}, {"value": "a", "label": "A"}, "(a+)+", "/committed/x"),
    *([{"value": "a", "label": "A"}, "a"], [{"key": "k", "value": 1}], [{"id": "c", "label": "C"}]),
)
CHANGES = st.dictionaries(st.sampled_from(PROPERTIES), st.sampled_from(ODD), max_size=2)
LEAVES = st.builds(lambda node, changes: node | changes, st.sampled_from(EXAMPLES), CHANGES)
TREES = st.recursive(
    LEAVES | st.sampled_from(("London", "", 5, None, {}, {"node": "no_such"})),
    lambda inner: (
        st.builds(
            lambda kind, children: {"node": kind, "title": "T", "children": children},
            st.sampled_from(("section", "disclosure", "tabs", "list")),
            st.lists(inner, max_size=3),
        )
        | st.builds(lambda item: {"node": "list", "bind": "/committed/x", "item": item}, inner)
    ),
    max_leaves=6,
)


@given(TREES)
def test_tree_read_whole_is_the_tree_read_node_by_node(root: object) -> None:
    assert spelled(whole({"root": root})) == spelled(one_by_one({"root": root}))


RULES = st.sampled_from(
    (
        *(
            {},
            {},
            {"required": True, "help": "x"},
            {"min": 1, "max": 9},
            {"min": "2026-01-31"},
            {"min": 0.5},
        ),
        *(
            {"min_length": 2, "pattern": "[a-z]+"},
            {"max_length": 9},
            {"pattern": "(a+)+"},
            {"max_items": 0},
        ),
        *(
            {"min_items": 1, "max_items": 2},
            {"accept": [".csv"], "max_bytes": 10},
            {"accept": ["x"]},
        ),
        *(
            {"default": "a"},
            {"default": 5},
            {"default": ["a"]},
            {"default": True},
            {"tags": ["pii", "pii"]},
        ),
        *(
            {"options": ["a", "b"]},
            {"options": [{"value": "a", "label": "A"}, "b"]},
            {"options": ["a", "a"]},
        ),
    )
)
FIELDS = st.builds(
    lambda kind, rules, entry: {"id": "f", "kind": kind, "label": "F", **rules, **entry},
    st.sampled_from(FIELD_KINDS),
    RULES,
    st.sampled_from(
        ({}, {}, {}, {}, {"node": "field"}, {"key": "k"}, {"id": "_f"}, {"id": "a/r1/b"})
    ),
)
ROWS = st.builds(
    lambda columns, entry: {"id": "r", "label": "R", "columns": columns, **entry},
    st.lists(FIELDS, max_size=2),
    st.sampled_from(({}, {"node": "rows"}, {"max_rows": 2}, {"kind": "choice"}, {"node": "field"})),
)


@given(st.lists(FIELDS | FIELDS | ROWS | st.sampled_from(("x", None)), max_size=2))
def test_form_read_whole_is_the_form_read_entry_by_entry(fields: list[object]) -> None:
    form = {"title": "T", "fields": fields}
    assert spelled(whole(form, FORMS)) == spelled(one_by_one(form, ShowForm))


NAMES = (
    *("a", "name", "Straße", "\n", "a b", "é" * 64, "é" * 65, "", "_a", "_", "__proto__"),
    *("constructor", "constructors", "prototype", "p", "c", "c_", "proto", "a__proto__", 5, None),
)


@pytest.mark.parametrize("name", NAMES)
def test_names_read_whole_are_those_the_model_takes(name: object) -> None:
    button = {"node": "button", "label": "L", "action": name, "args": {str(name): 1}}
    field = {"node": "field", "id": name, "label": "L"}
    for node in (button, field, {"node": "divider", "key": name}):
        assert spelled(whole({"root": node})) == spelled(one_by_one({"root": node}))


VALUES = st.recursive(
    st.sampled_from(ODD),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("ab"), inner),
    max_leaves=3,
)
ENTRIES = st.lists(
    st.fixed_dictionaries({"path": st.sampled_from(("a", "/draft/a", "", 5)), "value": VALUES})
    | VALUES,
    max_size=2,
) | st.dictionaries(st.sampled_from(("a", "/draft/a")), VALUES, max_size=2)


@given(ENTRIES, st.sampled_from((True, False, 1, "true", [], {})))
def test_view_read_whole_is_the_view_read_entry_by_entry(entries: object, reset: object) -> None:
    view = {"root": "London", "values": entries, "reset": reset}
    assert spelled(whole(view, VIEWS)) == spelled(one_by_one(view, ShowTree))


@pytest.mark.parametrize("reader", [READER, FORMS, VIEWS])
def test_what_the_library_has_is_read_without_its_text(reader: Whole) -> None:
    assert not reader.from_text


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda node: str(node["node"]))
def test_every_kind_of_node_is_read_whole(example: dict[str, Any]) -> None:
    tree = {"root": {"node": "stack", "children": [example, "London"]}}
    assert spelled(whole(tree)) == spelled(one_by_one(tree)) != spelled(None)


def test_model_without_nodes_has_nothing_to_gain() -> None:
    assert whole_reader(Toast, STANDARD_NODES) is None


class Gauge(Node):
    """An app's own node, with a rule, nodes inside, and one of a fixed class."""

    node: Literal["gauge"] = "gauge"
    value: int
    needle: Gauge | None = None
    children: Children = ()

    @field_validator("value")
    @classmethod
    def _half(cls, value: int) -> int:
        if value % 2:
            raise ValueError("an even number")
        return value // 2


OWN = MappingProxyType({**STANDARD_NODES, "gauge": Gauge})


@pytest.mark.parametrize("value", [4, 5, "4"])
def test_app_nodes_keep_their_own_rules(value: object) -> None:
    gauge = {"node": "gauge", "value": 2, "needle": {"value": value, "children": ["A"]}}
    tree = {"root": {"node": "card", "children": [gauge]}}
    read = whole(tree, made(Tree, OWN))
    assert spelled(read) == spelled(one_by_one(tree, Tree, OWN))
    assert (read is not None) == (value == 4)
    assert whole(tree) is None  # not in this table


class Mended(Node):
    """An app's own node that alters what it is given."""

    node: Literal["mended"] = "mended"
    value: int = 0

    @model_validator(mode="before")
    @classmethod
    def _without_odd(cls, value: Any) -> Any:  # a before-validator sees anything
        value.pop("odd", None)
        return value


class Loose(Node):
    """An app's own node, with a value of any type, and one that JSON writes as a text."""

    node: Literal["loose"] = "loose"
    day: datetime.date | None = None
    count: Annotated[int, Setting(strict=False)] = 0


class Open(Node):
    """An app's own node that keeps whatever it is given."""

    model_config = ConfigDict(extra="allow")

    node: Literal["open"] = "open"


@pytest.mark.parametrize(
    ("model", "more"),
    [(Mended, {"odd": 1}), (Loose, {"day": "2026-01-31"}), (Open, {"more": [1]})],
)
def test_what_app_nodes_may_alter_is_read_from_text(
    model: type[Node], more: dict[str, object]
) -> None:
    kind = model.model_fields["node"].default
    reader = made(Tree, {**STANDARD_NODES, kind: model})
    assert reader.from_text
    tree = {"root": {"node": "card", "children": [{"node": kind, **more}]}}
    before = orjson.dumps(tree)
    found = reader.read(tree, before, {})
    assert spelled(found) == spelled(one_by_one(tree, Tree, {**STANDARD_NODES, kind: model}))
    assert found is not None
    assert orjson.dumps(tree) == before


def test_a_property_that_is_loose_of_its_own_is_read_as_strictly() -> None:
    nodes = {**STANDARD_NODES, "loose": Loose}
    tree = {"root": {"node": "loose", "count": "5"}}
    assert whole(tree, made(Tree, nodes)) is one_by_one(tree, Tree, nodes) is None


def test_table_without_texts_knows_no_short_ones() -> None:
    nodes = {kind: model for kind, model in STANDARD_NODES.items() if kind != "text"}
    tree = {"root": {"node": "card", "children": ["London"]}}
    assert whole(tree, made(Tree, nodes)) is None
    assert one_by_one(tree, Tree, nodes) is None


class Unfinished(Node):
    """A node whose property has a type that is nowhere."""

    node: Literal["unfinished"] = "unfinished"
    value: NoSuchType  # type: ignore[name-defined]  # noqa: F821


def test_class_that_cannot_be_carried_over_leaves_all_to_the_model() -> None:
    assert whole_reader(Tree, {**STANDARD_NODES, "unfinished": Unfinished}) is None
