"""What nodes become in HTML, and what is found on the way."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal

import pytest
from markupsafe import Markup

from tests.backends.html.surfaces import (
    all_of,
    ids,
    markup,
    one,
    rendered,
    settings,
    surface,
    tree,
    words,
)
from uicompiler import UIApp
from uicompiler.backends.html.backend import Html
from uicompiler.ir.base import Node
from uicompiler.ir.tree import STANDARD_NODES, View

HOSTILE = "<script>alert(1)</script>\"'&amp;<!--"


def codes(*nodes: dict[str, Any], **own: Any) -> list[tuple[str, str]]:
    return [(item.code, item.severity) for item in rendered(*nodes, **own).diagnostics]


@pytest.mark.parametrize("kind", sorted(STANDARD_NODES))
def test_every_node_shows_its_own_example(kind: str) -> None:
    example = {"node": kind, **STANDARD_NODES[kind].example}
    if kind == "tab":
        example = {"node": "tabs", "children": [example]}
    done = rendered(example, committed={"contacts": [{"id": "1", "name": "Ada"}], "seats": 3})
    assert [item for item in done.diagnostics if item.severity == "error"] == []
    text = done.messages[0]["replace"]["html"]
    assert "<script" not in text
    assert " style=" not in text
    found = list(ids(tree(example)))
    assert len(found) == len(set(found))


@pytest.mark.parametrize(
    "node",
    [
        {"node": "text", "text": HOSTILE},
        {"node": "text", "text": HOSTILE, "style": "h2"},
        {"node": "section", "title": HOSTILE},
        {"node": "notice", "text": HOSTILE, "title": HOSTILE},
        {"node": "button", "label": HOSTILE, "action": "save"},
        {"node": "field", "id": "x", "label": HOSTILE, "help": HOSTILE, "default": HOSTILE},
        {"node": "field", "id": HOSTILE.replace("/", ""), "label": "x"},
        {"node": "disclosure", "title": HOSTILE},
        {"node": "tabs", "children": [{"node": "tab", "title": HOSTILE}]},
        {"node": "table", "columns": [{"id": "a", "label": HOSTILE}], "rows": [[HOSTILE]]},
        {"node": "key_values", "items": [{"label": HOSTILE, "text": HOSTILE}]},
        {"node": "image", "url": "https://example.com/a.png", "alt": HOSTILE, "caption": HOSTILE},
    ],
)
def test_a_text_is_a_text_wherever_it_stands(node: dict[str, Any]) -> None:
    found = tree(node)
    assert all_of(found, "script") == []
    shown = [words(found), *(value for item in found.iter() for value in item.attrib.values())]
    assert any(HOSTILE in text or HOSTILE.replace("/", "") in text for text in shown)


def test_headings_begin_below_the_pages_own_and_skip_no_level() -> None:
    nodes = [
        {"node": "text", "style": "h3", "text": "A"},
        {"node": "section", "title": "B", "level": 4, "children": []},
        {"node": "text", "style": "h1", "text": "C"},
        {"node": "text", "style": "h5", "text": "D"},
    ]
    found = tree(*nodes)
    tags = [item.tag for item in found.iter() if item.tag in {f"h{n}" for n in range(1, 7)}]
    assert tags == ["h2", "h3", "h2", "h3"]
    assert codes(*nodes) == [("A2UI_S2C_ACCESS_HEADING_SKIPPED", "warning")]
    assert codes(*nodes, strict=True) == [("A2UI_S2C_ACCESS_HEADING_SKIPPED", "error")]


@pytest.mark.parametrize(
    "node",
    [
        {"node": "field", "id": "x", "label": " "},
        {"node": "button", "label": "\u200e", "action": "save"},
        {"node": "field", "id": "x", "label": "x", "kind": "choice", "options": [" "]},
        {"node": "video", "url": "https://example.com/a.mp4"},
        {"node": "tabs", "children": [{"node": "tab", "title": " "}]},
        {"node": "disclosure", "title": " "},
        {"node": "table", "columns": [{"id": "a", "label": ""}], "rows": []},
    ],
)
def test_what_has_no_name_is_found(node: dict[str, Any]) -> None:
    assert ("A2UI_S2C_ACCESS_NAME_MISSING", "warning") in codes(node)
    assert ("A2UI_S2C_ACCESS_NAME_MISSING", "error") in codes(node, strict=True)


def test_a_language_that_is_none_is_found() -> None:
    found = codes({"node": "divider"}, language="not a tag")
    assert found == [("A2UI_S2C_ACCESS_LANGUAGE_UNKNOWN", "warning")]


def test_the_surface_says_its_language_and_direction() -> None:
    frame = one(tree({"node": "divider"}, language="he-IL"), "turbo-frame")
    assert (frame.get("lang"), frame.get("dir")) == ("he-IL", "rtl")


def test_a_url_that_may_not_go_out_takes_the_surface_down() -> None:
    done = rendered({"node": "image", "url": "javascript:alert(1)", "alt": "x"})
    assert done.failed
    assert done.messages == ()
    assert [item.code for item in done.diagnostics] == ["A2UI_S2C_COMPONENT_URL_FORBIDDEN"]


def test_an_action_the_app_does_not_have_takes_the_surface_down() -> None:
    done = rendered({"node": "button", "label": "x", "action": "unknown"})
    assert [item.code for item in done.diagnostics] == ["A2UI_S2C_COMPONENT_ACTION_FORBIDDEN"]
    assert done.failed


def test_a_text_that_is_too_long_takes_the_surface_down() -> None:
    done = rendered({"node": "text", "text": "x" * 70_000})
    assert [item.code for item in done.diagnostics] == ["A2UI_S2C_LIMIT_EXCEEDED"]
    assert done.failed


def test_invisible_controls_are_taken_out_and_reported() -> None:
    node = {"node": "text", "text": "a\u202eb"}
    assert "a\u202eb" not in markup(node)
    assert codes(node) == [("A2UI_S2C_COMPONENT_TEXT_FORBIDDEN", "warning")]


def press(found: Any) -> str | None:
    """What the Enter key in a field presses: the first submit button of the form."""
    first = all_of(found, "button")[0]
    return None if "disabled" in first.attrib else first.get("value")


def test_the_enter_key_presses_the_main_button_and_never_one_that_leads_back() -> None:
    back = {"node": "button", "label": "Back", "action": "ui.back", "submit": True, "check": False}
    save = {"node": "button", "label": "Save", "action": "save", "submit": True, "primary": True}
    draft = {"node": "button", "label": "Keep", "action": "save", "submit": True}
    look = {"node": "button", "label": "Look", "action": "look"}
    assert str(press(tree(back, draft, save))).startswith("save ui--main--root--2--")
    assert str(press(tree(back, draft))).startswith("save ui--main--root--1--")
    assert press(tree(back, look)) is None


def test_a_disclosure_is_open_where_something_inside_must_be_seen() -> None:
    inner = {"node": "field", "id": "x", "label": "x"}
    closed = {"node": "disclosure", "title": "More", "children": [inner]}
    needed = {**closed, "children": [{**inner, "required": True}]}
    assert "open" not in one(tree(closed), "details").attrib
    assert "open" in one(tree(needed), "details").attrib
    wrong = tree(closed, ui_state={"_errors": {"x": "No."}})
    assert "open" in one(wrong, "details").attrib


def test_two_surfaces_share_no_id() -> None:
    node = {"node": "field", "id": "x", "label": "x", "help": "y"}
    one_page = [*ids(tree(node, name="main")), *ids(tree(node, name="side"))]
    assert len(one_page) == len(set(one_page))


def test_no_name_of_a_surface_gives_an_id_of_anything_else() -> None:
    """The page's own ids and those inside surfaces begin with `ui--`, which no frame's does."""
    node = {"node": "field", "id": "x", "label": "x"}
    names = ("main", "main-rev", "main--rev", "toasts", "log", "surfaces", "main--root")
    found = [ident for name in names for ident in ids(tree(node, name=name))]
    assert len(found) == len(set(found))
    frames = {f"ui-{name}" for name in names}
    assert all(ident in frames or ident.startswith("ui--") for ident in found)


def test_items_without_a_name_have_no_buttons() -> None:
    node = {
        "node": "list",
        "bind": "/committed/deals",
        "item_key": "id",
        "item": {"node": "button", "label": "Open", "action": "look"},
    }
    found = tree(node, committed={"deals": ({"id": "1"}, {"id": "2"}, {"id": "2"})})
    assert len(all_of(found, "button", class_="ui-button")) == 1


class Badge(Node):
    """A node of an app's own."""

    node: Literal["badge"] = "badge"
    text: str


def test_a_node_of_the_apps_own_is_shown_as_it_says_and_is_an_error_without() -> None:
    app = UIApp("app", inline_form_action="save")
    app.add_node(Badge, {"html": lambda node, path, to: Markup("<b>{}</b>").format(node.text)})
    shown = surface({"node": "divider"})
    badge = replace(shown, view=View(Badge(text="a < b")))
    known = settings(lowerings=app.lowerings["html"])
    assert "<b>a &lt; b</b>" in Html().first(badge, known).messages[0]["replace"]["html"]
    without = Html().first(badge, settings())
    assert [item.code for item in without.diagnostics] == ["A2UI_S2C_CATALOG_UNSUPPORTED"]
    assert without.messages == ()
