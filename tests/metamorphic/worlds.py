"""The app of a conversation and what its model may say, by seed."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from hypothesis import strategies as st

from tests import journey_app
from tests.fixture_cases import app_named, save
from tests.journeys import (
    BUTTONS,
    HANDLERS,
    SENDING,
    Directive,
    Tree,
    answers,
    form_payloads,
    nodes,
    pools,
    templates_of,
    views,
)
from tests.lists import SOURCES, views_of_lists
from tests.seeded import Seeded
from uicompiler import UIApp
from uicompiler.backends.a2ui_v0_8.lower.lowering import Lowering
from uicompiler.canonical import canonical_json
from uicompiler.ir import data
from uicompiler.ir.base import Node
from uicompiler.ir.reserved import ERRORS_PLACE
from uicompiler.ir.tree import NodePath
from uicompiler.pointer import parse

CATALOGS = ("standard", "standard", "own_catalog")
LANGUAGES = ("en", "he", "ja", "de-AT")

LIMITS: tuple[Mapping[str, int], ...] = (
    *({} for _ in range(9)),
    {"max_components_per_surface": 40},
    {"max_data_entries_per_surface": 40, "max_component_depth": 9},
    {"max_bytes_per_surface": 6_000, "max_messages_per_surface": 30},
    {"max_surfaces_per_response": 1, "max_live_surfaces": 2, "max_view_nodes": 30},
)
"""What apps allow less than usual; surfaces of these conversations come near it."""


@dataclass(frozen=True)
class World:
    """An app, and the material of which a conversation is made.

    Attributes:
        templates: The app's forms, wizards and views.
        answers: What the model may say in a turn, as steps of a journey have it.
        shows: Directives that show something whole.
        nodes: Nodes to put into what is shown.
        values: Values for places of the document.
        limits: What the app allows less than usual.
        catalog: Whose catalog the app has.
    """

    templates: Mapping[str, Any]
    answers: tuple[list[Any], ...]
    shows: tuple[Directive, ...]
    nodes: tuple[Tree, ...]
    values: tuple[Any, ...]
    limits: Mapping[str, int] = field(default_factory=dict)
    catalog: str = "standard"

    def app(self) -> UIApp:
        """A new app, with nothing cached in it."""
        app = journey_app.app_with(self.templates, {**HANDLERS, "save": save})
        app.limits = replace(app.limits, **self.limits)
        if self.catalog != "standard":
            app.catalog = app_named(self.catalog).catalog
        for kind, how in OWN_NODES.items():
            app.add_node(kind, {"a2ui-v0.8": how})
        return app


# ---------------------------------------------------------------- nodes of the app's own


class Gauge(Node):
    """What is at a place of the document, and how much is wrong beside it."""

    node: Literal["gauge"] = "gauge"
    bind: str


def lower_gauge(node: Gauge, path: NodePath, to: Lowering) -> str | None:
    """A lowering that reads the document, and as many components as it finds items."""
    document = to.surface.data
    # A change of a tree may bring a node out of the item of a list, whose paths begin there.
    value = data.get(document, parse(node.bind)) if node.bind[:1] == "/" else data.MISSING
    errors = data.get(document, ERRORS_PLACE)
    wrong = 0 if errors is data.MISSING else len(errors)
    value = "-" if value is data.MISSING else value
    # Objects have no order that survives storing.
    items = sorted(value.items()) if isinstance(value, dict) else [("", value)]
    lines = [f"{key}: {canonical_json(item)}" for key, item in items]
    # JSON has one kind of number: a whole one that was read as 1.0 comes back from storing as 1.
    kind = "number" if type(value) in (int, float) else type(value).__name__
    said = f"{kind} {wrong} " + "\n".join(lines)
    return to.text(path, said)


class Seal(Node):
    """Which step and count of inputs the surface has."""

    node: Literal["seal"] = "seal"


def lower_seal(_node: Seal, path: NodePath, to: Lowering) -> str | None:
    """A lowering that reads of the surface what no node can."""
    surface = to.surface
    step = surface.view.step if surface.view is not None else None
    return to.text(path, f"{step} {len(to.inputs)} {surface.status}")


OWN_NODES: Mapping[type[Node], Any] = {Gauge: lower_gauge, Seal: lower_seal}

PLACES = (
    *("/ui_state/note", "/ui_state/log", "/ui_state/l", "/ui_state/top", "/ui_state/a"),
    *("/ui_state/a/b", "/ui_state/a/c", "/ui_state/a/b/d"),
)
"""Where a model may write and a view may read."""

READ = (
    *PLACES,
    *("/committed/said", "/committed/count", "/committed/l", "/committed/url", "/committed/form"),
    *("/committed/picked", "/committed/form/name", "/draft/name", "/draft/title", "/draft/email"),
)
"""Where a view may read."""

EXTRA: tuple[Tree, ...] = (
    {"node": "gauge", "bind": "/ui_state/a"},
    {"node": "gauge", "bind": "/draft/name"},
    {"node": "gauge", "bind": "/committed/count"},
    *({"node": "seal"} for _ in range(3)),
    {"node": "list", "bind": "/ui_state/a", "item": {"node": "text", "bind": "."}, "max_items": 2},
    *({"node": "text", "bind": place} for place in READ),
    *({"node": "progress", "bind": place, "max": 7, "label": "P"} for place in READ[2:6]),
    {"node": "image", "bind": "/ui_state/note", "alt": "A"},
    {"node": "key_values", "items": [{"label": str(i), "bind": p} for i, p in enumerate(READ)]},
    {"node": "tabs", "children": [{"node": "tab", "title": t, "children": []} for t in "AB"]},
    {
        "node": "disclosure",
        "title": "More",
        "children": [{"node": "text", "bind": "/ui_state/note"}],
    },
)
"""Nodes beside the drawn ones: every place read by several kinds."""

# ---------------------------------------------------------------- by seed


@st.composite
def _worlds(draw: st.DrawFn) -> World:
    pool = draw(pools())
    shown = st.one_of(
        form_payloads(pool).map(lambda payload: ("ui.show_form", payload)),
        views(pool).map(lambda root: ("ui.show_view", {"root": root})),
        views_of_lists().map(lambda root: ("ui.show_view", {"root": root})),
    )
    named = [("ui.show_form", {"form_id": "flow"}), ("ui.show_form", {"form_id": "card"})]
    shows = [*draw(st.lists(shown, min_size=4, max_size=5)), *named]
    shows.append(("ui.show_view", {"view_id": "board"}))
    leaves = [{"node": "divider"}, *EXTRA, *pool_nodes(pool)]
    everything = {"node": "stack", "children": [_grouped(leaves, 5), *EXTRA[-1:]]}
    shows.append(("ui.show_view", {"root": everything}))
    shows += [("ui.show_view", {"root": hidden(pool)})] * 2
    return World(
        draw(templates_of(pool)),
        tuple(draw(st.lists(answers(pool), min_size=5, max_size=7))),
        tuple({"type": kind, "payload": payload} for kind, payload in shows),
        (*draw(st.lists(nodes(pool), min_size=4, max_size=6)), *EXTRA, *pool_nodes(pool)),
        tuple(draw(st.lists(SOURCES, min_size=5, max_size=8))),
    )


def hidden(pool: list[Tree]) -> Tree:
    """Every field behind something that a person has to press, which tells of errors in it."""
    fields, half = pool_nodes(pool), len(pool) // 2
    below = {"node": "disclosure", "title": "More", "children": list(fields[half:])}
    pages = [
        {"node": "tab", "title": "*First*", "children": list(fields[:half])},
        {"node": "tab", "title": "Second", "children": [below]},
    ]
    buttons = [{"node": "button", **button} for button in (*SENDING, BUTTONS[0])]
    return {"node": "stack", "children": [{"node": "tabs", "children": pages}, *buttons]}


def _grouped(leaves: list[Tree], size: int) -> Tree:
    """All of some nodes, a few in each of the holders there are."""
    kinds = ({"node": "card"}, {"node": "section", "title": "S"}, {"node": "stack"})
    groups = [
        {**kinds[start // size % 3], "children": leaves[start : start + size]}
        for start in range(0, len(leaves), size)
    ]
    return {"node": "stack", "children": groups}


def pool_nodes(pool: list[Tree]) -> tuple[Tree, ...]:
    """The fields and rows as nodes."""
    return tuple({"node": "rows" if "columns" in item else "field", **item} for item in pool)


_WORLDS = Seeded(_worlds())


def world_of(seed: int | str) -> World:
    """The world of a seed."""
    rng = random.Random(f"world {seed}")
    return replace(
        _WORLDS(f"metamorphic {seed}"), limits=rng.choice(LIMITS), catalog=rng.choice(CATALOGS)
    )
