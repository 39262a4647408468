"""A directive read in one go gives what reading it node by node gives, findings included."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any, Literal

from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import SchemaValidator

from uicompiler.directives.read import read_directive
from uicompiler.directives.registry import (
    DirectiveRegistry,
    DirectiveSpec,
    Note,
    Payload,
    PayloadModel,
)
from uicompiler.directives.standard import STANDARD
from uicompiler.directives.standard.views import ShowTree
from uicompiler.ir.base import Node
from uicompiler.ir.tree import STANDARD_NODES


class NodeByNode(DirectiveRegistry):
    """A registry that leaves all reading to the models."""

    def whole_reader(
        self, payload: PayloadModel, nodes: Mapping[str, type[Node]]
    ) -> SchemaValidator | None:
        return None


REGISTRY = DirectiveRegistry(STANDARD)
SLOWLY = NodeByNode(STANDARD)
VALUES = st.sampled_from(
    (None, True, 5, "5", "", "x", "a\x1bb", "\ud800", [], ["x"], {}, {"constructor": 1}, "true")
)
NODES = st.builds(
    lambda node, name, value: {**node, name: value},
    st.sampled_from([{"node": kind, **model.example} for kind, model in STANDARD_NODES.items()]),
    st.sampled_from(
        ("key", "title", "text", "id", "open", "level", "min", "required", "__proto__")
    ),
    VALUES,
)


@st.composite
def directives(draw: st.DrawFn) -> dict[str, Any]:
    spec = draw(st.sampled_from(STANDARD))
    payload = {**spec.example}
    names = (*spec.payload.model_fields, *spec.key_aliases, "no_such")
    for name in draw(st.lists(st.sampled_from(names), max_size=2)):
        payload[name] = draw(VALUES)
    tree = {"node": "stack", "children": draw(st.lists(NODES | VALUES, min_size=1, max_size=3))}
    trees = {"root": tree, "fields": tree["children"]}
    payload |= {name: trees[name] for name in trees.keys() & spec.payload.model_fields.keys()}
    return {"type": spec.type, "payload": payload}


@given(directives())
def test_directive_read_whole_is_the_directive_read_node_by_node(item: dict[str, Any]) -> None:
    before = copy.deepcopy(item)
    assert read_directive(item, REGISTRY) == read_directive(item, SLOWLY)
    assert item == before


def test_reader_is_made_once_for_a_table() -> None:
    registry = DirectiveRegistry(STANDARD)
    first = registry.whole_reader(ShowTree, STANDARD_NODES)
    assert first is not None
    assert registry.whole_reader(ShowTree, dict(STANDARD_NODES)) is first
    other = registry.whole_reader(ShowTree, {"badge": Badge})
    assert other is not first
    assert registry.whole_reader(ShowTree, {"badge": Badge}) is other


class Badge(Node):
    """A node that an app adds."""

    node: Literal["badge"] = "badge"


def test_node_added_later_is_known_at_once() -> None:
    nodes = dict(STANDARD_NODES)
    item = {"type": "ui.show_view", "payload": {"root": {"node": "badge"}}}
    assert read_directive(item, REGISTRY, nodes).payload is None
    nodes["badge"] = Badge
    assert read_directive(item, REGISTRY, nodes).payload == ShowTree(root=Badge())


class Notes(Payload):
    """Lines of text."""

    lines: tuple[str, ...]


def test_repair_that_alters_its_payload_in_place_leaves_the_directive_alone() -> None:
    def prepare(payload: dict[str, Any], note: Note) -> dict[str, Any]:
        payload["lines"].append("more")
        note("/lines", "added a line")
        return payload

    spec = DirectiveSpec("app.note", Notes, lambda *_: (), "Take a note.", prepare=prepare)
    item = {"type": "app.note", "payload": {"lines": ["one"]}}
    read = read_directive(item, DirectiveRegistry([spec]))
    assert read.payload == Notes(lines=("one", "more"))
    assert item["payload"] == {"lines": ["one"]}
