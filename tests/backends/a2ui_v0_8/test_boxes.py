"""Values on the wire: what goes out clean, what comes back as it was, what moves together."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from clientsim import ClientSim
from tests.crm import SAVE, event
from tests.stories import Story
from uicompiler import (
    Action,
    Outcome,
    PatchOp,
    Payload,
    StateView,
    UIApp,
    UIState,
    compile,
    dispatch,
    snapshot,
)
from uicompiler.backends.a2ui_v0_8.boxes import later_lists, leaf_updates, maps_of
from uicompiler.directives.registry import DirectiveContext
from uicompiler.ir.actions import Button
from uicompiler.ir.changes import Change, ShowView
from uicompiler.ir.content import Text
from uicompiler.ir.layout import Stack
from uicompiler.ir.tree import View

MARK = "\u2060"


def form(**field: Any) -> dict[str, Any]:
    return {"title": "T", "fields": [{"id": "a", "label": "A", **field}], "values": []}


def first(**field: Any) -> UIState:
    return compile([{"type": "ui.show_form", "payload": form(**field)}]).state


def submit(state: UIState, value: Any) -> Any:
    context = {"a": value, "_rev": state.surfaces["main"].rev}
    return dispatch(event(state, action="submit", component=SAVE, context=context), state=state)


@pytest.mark.parametrize("kind", ["short_text", "long_text", "number", "date"])
def test_what_a_user_typed_goes_back_without_invisible_controls(kind: str) -> None:
    state = submit(first(kind=kind), "a\u202eb\u0007").state
    assert state.surfaces["main"].data["draft"]["a"] == "a\u202eb\u0007"
    result = snapshot(state)
    assert result.ok, result.diagnostics
    sim = ClientSim("web_core")
    assert sim.feed(result.jsonl()) == []
    assert sim.value_at("main", "/draft/a/v") == "ab"
    assert "A2UI_S2C_DATA_TEXT_FORBIDDEN" in [item.code for item in result.diagnostics]


@pytest.mark.parametrize("option", ["[1]", '{"a":1}', "ui--surface--Column", MARK + "a"])
def test_an_option_that_goes_out_marked_comes_back_as_it_is(option: str) -> None:
    story = Story()
    story.show(form(kind="choice", options=[option, "other"]))
    story.sim.edit(story.wire_id, story.input_id("a"), [MARK + option])
    assert story.submit().action.context["a"] == option


def test_an_option_preset_by_the_model_comes_back_as_it_is() -> None:
    story = Story()
    payload = form(kind="choice", options=["[1]", "other"])
    story.show({**payload, "values": [{"path": "/draft/a", "value": "[1]"}]})
    assert story.on_client("a") == [MARK + "[1]"]
    assert story.submit().action.context["a"] == "[1]"


@pytest.mark.parametrize("value", ["a\x00b", "\x00", "a\x00"])
@pytest.mark.parametrize("kind", ["short_text", "long_text", "number", "date"])
def test_a_text_with_nul_is_refused(kind: str, value: str) -> None:
    state = first(kind=kind)
    step = submit(state, value)
    assert [item.code for item in step.diagnostics] == ["A2UI_C2S_CONTEXT_INVALID"]
    assert step.diagnostics[0].pointer == "/userAction/context/a"
    assert step.state is state


def test_a_list_of_very_long_numbers_is_json_to_a_client() -> None:
    value = f"[{'1' * 5000}]"
    payload = {**form(), "values": [{"path": "/draft/a", "value": value}]}
    result = compile([{"type": "ui.show_form", "payload": payload}])
    assert [item.code for item in result.diagnostics] == ["A2UI_S2C_DATA_UNREPRESENTABLE"]
    sim = ClientSim("web_core")
    assert sim.feed(result.jsonl()) == []
    assert sim.value_at("main", "/draft/a/v") == MARK + value


def contact_app() -> UIApp:
    """Shows `/committed/contact` and its address; its button commits another name."""
    app = UIApp("contacts")

    @app.action("rename")
    def rename(_action: Action, _view: StateView) -> Outcome:
        return Outcome([PatchOp("set", "/committed/contact/name", "Grace")])

    @app.action("fill")
    def fill(_action: Action, _view: StateView) -> Outcome:
        contact = {"name": "Ada", "home": {"city": "London", "map": {"x": "51"}}}
        return Outcome([PatchOp("set", "/committed/contact", contact)])

    @app.directive("t.show", payload=Payload, summary="Show it.")
    def show(_payload: Payload, _context: DirectiveContext) -> list[Change]:
        places = ("name", "home/city", "home/map/x")
        texts = [Text(bind=f"/committed/contact/{place}") for place in places]
        buttons = [Button(label=name, action=name, key=name) for name in ("fill", "rename")]
        return [ShowView("main", View(Stack(children=(*texts, *buttons))))]

    return app


def test_texts_below_a_changed_one_stay_on_the_screen() -> None:
    app = contact_app()
    result = compile([{"type": "t.show", "payload": {}}], app=app)
    sim = ClientSim("web_core")
    assert sim.feed(result.jsonl()) == []
    for action in ("fill", "rename"):
        button = f"ui--root--{action}--Button"
        context = {"_rev": result.state.surfaces["main"].rev}
        sent = event(result.state, action=action, component=button, context=context)
        result = dispatch(sent, state=result.state, app=app)
        assert sim.feed(result.jsonl()) == []
    for text in ("Grace", "London", "51"):
        assert text in sim.screen("main")


def test_a_map_sent_again_brings_the_maps_inside_it_and_no_other() -> None:
    leaves = {
        ("committed", "a", "x"): "1",
        ("committed", "a", "in", "y"): "2",
        ("committed", "a", "in", "deep", "z"): "3",
        ("committed", "b", "x"): "4",
    }

    def paths(*changed: tuple[str, ...]) -> list[str]:
        messages = leaf_updates("main", leaves, maps_of(leaves), changed)
        return [message["dataModelUpdate"]["path"] for message in messages]

    assert paths() == []
    assert paths(("committed", "a", "in", "deep", "z")) == ["/committed/a/in/deep"]
    assert paths(("committed", "a", "in", "y")) == ["/committed/a/in", "/committed/a/in/deep"]
    assert paths(("committed", "a", "x")) == [
        "/committed/a",
        "/committed/a/in",
        "/committed/a/in/deep",
    ]


def box(name: str) -> tuple[str, ...]:
    return ("ui_state", "_text", name)


@pytest.mark.parametrize(
    ("changed", "of", "coalesce", "messages"),
    [(1, 2, True, 1), (2, 3, True, 1), (2, 32, True, 2), (40, 1000, True, 1), (40, 50, False, 40)],
)
def test_few_texts_go_out_one_by_one_and_many_together(
    changed: int, of: int, coalesce: bool, messages: int
) -> None:
    leaves = {box(f"k{index}"): f"text {index}" for index in range(of)}
    places = list(leaves)[:changed]
    sent = leaf_updates("main", leaves, maps_of(leaves), places, coalesce=coalesce)
    assert len(sent) == messages
    sim = ClientSim("web_core")
    old = {**leaves, **dict.fromkeys(places, "old")}
    for message in [*leaf_updates("main", old, maps_of(old), old), *sent]:
        assert sim.feed(orjson.dumps(message)) == []
    assert sim.data("main") == {"ui_state": {"_text": {k[-1]: {"t": v} for k, v in leaves.items()}}}


def test_a_text_that_is_gone_takes_its_map_along_whatever_the_client_likes() -> None:
    leaves = {box("a"): "1", box("b"): "2"}
    for coalesce in (True, False):
        [sent] = leaf_updates("main", leaves, maps_of(leaves), [box("gone")], coalesce=coalesce)
        assert sent["dataModelUpdate"]["path"] == "/ui_state/_text"
        assert [entry["key"] for entry in sent["dataModelUpdate"]["contents"]] == ["a", "b"]


def test_of_a_list_few_items_go_out_one_by_one_unless_one_went_or_moved() -> None:
    def paths(old: Any, new: Any, *, coalesce: bool = True) -> list[str]:
        sent = later_lists("main", {("l",): new}, {("l",): old}, coalesce=coalesce)
        return [message["dataModelUpdate"]["path"] for message in sent]

    old = tuple((f"i{index}", (("t", str(index)),)) for index in range(40))
    one = (*old[:3], ("i3", (("t", "new"),)), *old[4:])
    many = tuple((key, (("t", "new"),)) for key, _ in old)
    assert paths(old, one) == ["/l/i3"]
    assert paths(old, (*old, ("last", ()))) == ["/l/last"]
    assert paths(old, old[1:]) == paths(old, old[::-1]) == paths(old, many) == ["/l"]
    assert paths((), old) == ["/l"], "a client may have none of it"
    assert len(paths(old, many, coalesce=False)) == 40
