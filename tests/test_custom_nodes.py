"""A node of the app's own: its class and one lowering per backend."""

from __future__ import annotations

from typing import Any, Literal

import pytest

from clientsim import ClientSim
from uicompiler import AppError, UIApp, UIState, compile
from uicompiler.backends.a2ui_v0_8.lower.lowering import Lowering
from uicompiler.directives.registry import DirectiveContext, Payload
from uicompiler.ir.base import Node
from uicompiler.ir.changes import Change, ShowView
from uicompiler.ir.layout import Stack
from uicompiler.ir.tree import NodePath, View


class Rating(Node):
    """So many stars out of five."""

    node: Literal["rating"] = "rating"
    stars: int


def lower_rating(node: Rating, path: NodePath, to: Lowering) -> str | None:
    return to.text(path, "★" * node.stars + "☆" * (5 - node.stars))


class ShowRating(Payload):
    stars: int


def app_with(lowerings: dict[str, Any]) -> UIApp:
    app = UIApp("ratings")
    app.add_node(Rating, lowerings)

    @app.directive("rate.show", payload=ShowRating, summary="Show a rating.")
    def show(payload: ShowRating, _context: DirectiveContext) -> list[Change]:
        return [ShowView("main", View(Stack(children=(Rating(stars=payload.stars),))))]

    return app


SHOW = [{"type": "rate.show", "payload": {"stars": 3}}]


def test_a_node_of_the_apps_own_is_shown_and_stored() -> None:
    app = app_with({"a2ui-v0.8": lower_rating})
    result = compile(SHOW, app=app)
    sim = ClientSim("web_core")
    assert sim.feed(result.jsonl()) == []
    assert "★★★☆☆" in sim.screen("main")
    assert UIState.from_json(result.state.to_json(), nodes=app.nodes) == result.state


def test_a_node_without_a_lowering_is_reported_not_dropped() -> None:
    result = compile(SHOW, app=app_with({}))
    assert not result.ok
    assert [item.code for item in result.diagnostics] == ["A2UI_S2C_CATALOG_UNSUPPORTED"]
    assert result.fallback is not None


def test_a_kind_can_be_registered_once() -> None:
    app = app_with({})
    with pytest.raises(AppError):
        app.add_node(Rating, {})
