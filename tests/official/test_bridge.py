"""The official client still behaves as the compiler believes it does.

Each test names one behaviour of `@a2ui/web_core` 0.11.0 (with the Lit renderer's reading of it)
that a shield in the A2UI backend answers. A test that fails after an upgrade says which shield to
look at again. The last part tests the bridge itself.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from . import bridge, conftest
from .bridge import BridgeError, ClientError, OfficialClient, Session, Shown, Unavailable
from .messages import (
    Message,
    begin,
    button,
    column,
    data,
    delete,
    path,
    repeat,
    screen,
    text,
    update,
)

pytestmark = pytest.mark.official


def show(session: Session, messages: list[Message]) -> None:
    """Apply messages that the client has to take."""
    assert [error for error in session.apply_many(messages) if error] == []


def refused(error: ClientError | None, *words: str) -> None:
    """Refused by the schema check, with these words in the reason."""
    assert error is not None
    assert error.name == "ZodError"
    assert [word for word in words if word not in error.message] == []


def model(session: Session, surface: str = "main") -> Any:
    """The data model with maps marked."""
    state = session.state(surface, plain=False)
    assert state is not None
    return state.data


def plain(session: Session, surface: str = "main") -> Any:
    """The data model as dicts."""
    state = session.state(surface)
    assert state is not None
    return state.data


def child_ids(session: Session) -> list[str]:
    """Ids of the root's children."""
    state = session.state("main")
    assert state is not None
    assert state.tree is not None
    return [child["id"] for child in state.tree["props"]["children"]]


def visible(session: Session, surface: str = "main") -> list[Shown]:
    return session.visible(surface)


# ---------------------------------------------------------------- messages


@pytest.mark.parametrize(
    "message",
    [
        {},
        None,
        [],
        "beginRendering",
        {**begin(), **delete()},
        {"createSurface": {"surfaceId": "main"}},
        {"beginRendering": {"surfaceId": "main"}},
        begin(styles={"logoUrl": "https://example.com/x.png"}),
        begin(styles={"primaryColor": "red"}),
        begin(extra=1),
        {"surfaceUpdate": {"surfaceId": "main", "components": []}},
        data([{"key": "a"}]),
        data([{"key": "a", "valueString": "x", "valueNumber": 1}]),
        data([{"key": "a", "valueArray": []}]),
        data([{"key": "a", "valueString": None}]),
    ],
    ids=lambda message: json.dumps(message)[:50],
)
def test_a_malformed_message_is_refused_and_leaves_nothing(session: Session, message: Any) -> None:
    refused(session.apply(message))
    assert session.states() == {}


def test_path_with_literal_is_refused(session: Session) -> None:
    both = {"path": "/name", "literalString": "Ada"}
    refused(session.apply(update({"root": text(both)})), "exactly one property")


@pytest.mark.parametrize(
    "container",
    [
        column("elsewhere"),
        repeat("elsewhere", "/items"),
        {"Card": {"child": "elsewhere"}},
        {"Tabs": {"tabItems": [{"title": {"literalString": "T"}, "child": "elsewhere"}]}},
        {"Modal": {"entryPointChild": "elsewhere", "contentChild": "elsewhere"}},
        button("elsewhere"),
    ],
    ids=lambda container: next(iter(container)),
)
def test_a_reference_outside_its_message_is_refused_even_when_the_surface_has_it(
    session: Session, container: Message
) -> None:
    show(session, [update({"elsewhere": text("here")}), begin()])
    refused(session.apply(update({"root": container})), "non-existent", "elsewhere")


def test_a_leaf_is_updated_alone(session: Session) -> None:
    show(session, screen({"root": column("a", "b"), "a": text("one"), "b": text("two")}))
    show(session, [update({"b": text("three")})])
    assert visible(session) == [Shown("a", "text", "one"), Shown("b", "text", "three")]


def test_duplicate_ids_in_one_message_are_refused(session: Session) -> None:
    message = update({"root": text("x")})
    message["surfaceUpdate"]["components"] *= 2
    refused(session.apply(message), "Duplicate")


def test_unknown_props_are_dropped_or_kept_as_zod_knows_the_type(session: Session) -> None:
    parts = {
        "root": column("c", "m"),
        "c": {
            "CheckBox": {
                "label": {"literalString": "L", "literal": "M"},
                "value": {"literalBoolean": True},
                "odd": 1,
            }
        },
        "m": {"MultipleChoice": {"selections": path("/m"), "options": [], "variant": "chips"}},
    }
    show(session, screen(parts))
    state = session.state("main")
    assert state is not None
    assert state.tree is not None
    check_box, choice = (child["props"] for child in state.tree["props"]["children"])
    assert check_box["odd"] == 1
    assert check_box["label"] == {"literalString": "L", "literal": "M"}
    assert "variant" not in choice


def test_the_first_bad_message_of_a_batch_stops_it_and_earlier_ones_stay(session: Session) -> None:
    batch = [data({"a": "1"}), {"bad": True}, data({"a": "2"})]
    refused(session.apply_batch(batch))
    assert plain(session) == {"a": "1"}


# ---------------------------------------------------------------- surfaces


def test_a_surface_is_hidden_until_begin_rendering(session: Session) -> None:
    *before, begin_rendering = screen({"root": text("hi")})
    show(session, before)
    state = session.state("main")
    assert state is not None
    assert (state.ready, state.tree, visible(session)) == (False, None, [])
    show(session, [begin_rendering])
    assert visible(session) == [Shown("root", "text", "hi")]


def test_order_is_free_and_an_unknown_root_is_an_empty_page(session: Session) -> None:
    show(session, [begin()])
    assert visible(session) == []
    show(session, [data({"a": "x"}), update({"root": text(path("/a"))})])
    assert visible(session) == [Shown("root", "text", "x")]


def test_a_second_begin_rendering_keeps_data_and_resets_styles(session: Session) -> None:
    show(session, screen({"root": text(path("/a"))}, a="x"))
    show(session, [begin(styles={"font": "Inter"}), begin()])
    state = session.state("main")
    assert state is not None
    assert (state.styles, state.data) == ({}, {"a": "x"})


def test_delete_surface_forgets_everything(session: Session) -> None:
    show(session, [*screen({"root": text("x")}, a="x"), delete(), delete("never"), begin()])
    state = session.state("main")
    assert state is not None
    assert (state.data, state.tree) == ({}, None)


def test_a_cycle_throws_after_the_components_were_stored(session: Session) -> None:
    show(session, screen({"root": column("a"), "a": text("x")}))
    error = session.apply(update({"root": column("a"), "a": {"Card": {"child": "root"}}}))
    assert error is not None
    assert error.name == "A2uiStateError"
    assert visible(session) == [Shown("a", "text", "x")], "the old tree stays"
    assert session.apply(data({"a": "x"})) is not None, "and so does the trouble"
    assert plain(session) == {"a": "x"}


def test_a_text_equal_to_a_component_id_becomes_that_component(session: Session) -> None:
    show(session, screen({"root": column("title", "t"), "title": text("x"), "t": text("title")}))
    assert visible(session) == [
        Shown("title", "text", "x"),
        Shown("t", "broken", "[object Object]"),
    ]


# ---------------------------------------------------------------- data model


def test_a_data_update_replaces_at_its_path(session: Session) -> None:
    show(session, [data({"name": "Ada", "age": 36}, path="/draft")])
    show(session, [data({"name": "Eva"}, path="/draft")])
    assert plain(session) == {"draft": {"name": "Eva"}}


def test_replacing_a_box_keeps_its_siblings(session: Session) -> None:
    show(session, [data({"name": {"v": "Ada"}, "age": {"v": 36}}, path="/draft")])
    show(session, [data({"v": "Eva"}, path="/draft/name")])
    assert plain(session) == {"draft": {"name": {"v": "Eva"}, "age": {"v": 36}}}


@pytest.mark.parametrize("root", [None, "", "/", "."])
def test_a_root_update_clears_the_model(session: Session, root: str | None) -> None:
    show(session, [data({"a": 1}), data({"b": 2}, path=root)])
    assert plain(session) == {"b": 2}


def test_the_dot_key_sets_a_scalar_at_a_path(session: Session) -> None:
    show(session, [data({"a": 1, "b": 2}, path="/u"), data({".": "9"}, path="/u/a")])
    assert plain(session) == {"u": {"a": "9", "b": 2}}


def test_keys_are_read_as_paths_and_an_empty_key_is_lost(session: Session) -> None:
    show(session, [data({"a.b": 1, "c/d": 2, "e[0]": 3}, path="/x")])
    assert plain(session) == {"x": {"a": {"b": 1}, "c": {"d": 2}, "e": {"0": 3}}}


def test_an_empty_key_is_lost_and_one_with_a_map_takes_the_place_of_its_siblings(
    session: Session,
) -> None:
    first = {"key": "a", "valueNumber": 1}
    show(session, [data([first, {"key": "", "valueString": "lost"}])])
    assert plain(session) == {"a": 1}
    show(session, [data([first, {"key": "", "valueMap": [{"key": "b", "valueNumber": 2}]}])])
    assert plain(session) == {"b": 2}


def test_maps_keep_insertion_order_with_numeric_keys_too(session: Session) -> None:
    show(session, [data({"10": "x", "2": "y", "b": "z", "1": "w"})])
    assert list(plain(session)) == ["10", "2", "b", "1"]


def test_value_maps_nest_to_five_entries(session: Session) -> None:
    def nested(depth: int) -> Message:
        return {"k": nested(depth - 1)} if depth else {"k": 1}

    show(session, [data(nested(4))])
    refused(session.apply(data(nested(5))), "depth")


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ('["a","b"]', ["a", "b"]),
        ("[1,2]", [1, 2]),
        (' {"a":1} ', {"a": 1}),
        ("[]", {"$map": []}),
        ('[{"key":"a","valueNumber":1}]', {"$map": [["a", 1]]}),
        ("[broken]", "[broken]"),
        ("\u2060[1]", "\u2060[1]"),
        ("12", "12"),
        ("true", "true"),
    ],
)
def test_strings_that_look_like_json_are_parsed(session: Session, sent: str, stored: Any) -> None:
    show(session, [data({"v": sent}, path="/x")])
    assert model(session) == {"$map": [["x", {"$map": [["v", stored]]}]]}


def test_a_literal_string_is_never_parsed(session: Session) -> None:
    show(session, screen({"root": text("\\[1,2\\]")}))
    assert visible(session) == [Shown("root", "text", "[1,2]")]


# ---------------------------------------------------------------- templates


def test_a_template_over_a_map_makes_one_child_a_key_in_order(session: Session) -> None:
    parts = {"root": repeat("row", "/rows"), "row": text(path("title"))}
    show(session, screen(parts, rows={"10": {"title": "ten"}, "2": {"title": "two"}}))
    assert visible(session) == [Shown("row:10", "text", "ten"), Shown("row:2", "text", "two")]


def test_a_list_grows_by_data_alone(session: Session) -> None:
    parts = {"root": repeat("row", "/rows"), "row": text(path("title"))}
    show(session, screen(parts, rows={"a": {"title": "A"}}))
    show(session, [data({"title": "B"}, path="/rows/b")])
    assert child_ids(session) == ["row:a", "row:b"]


def test_an_absolute_path_inside_a_template_is_read_in_the_item(session: Session) -> None:
    parts = {"root": repeat("row", "/rows"), "row": text(path("/title"))}
    show(session, screen(parts, title="global", rows={"a": {"title": "mine"}}))
    assert visible(session) == [Shown("row:a", "text", "mine")]


@pytest.mark.parametrize("prefix", ["item", "text", "label"])
def test_some_leading_words_are_cut_off_inside_a_template(session: Session, prefix: str) -> None:
    parts = {"root": repeat("row", "/rows"), "row": text(path(f"/{prefix}name"))}
    show(session, screen(parts, rows={"a": {"name": "cut", f"{prefix}name": "whole"}}))
    assert visible(session) == [Shown("row:a", "text", "cut")]


def test_nested_templates_over_maps_repeat_ids(session: Session) -> None:
    parts = {
        "root": repeat("group", "/groups"),
        "group": repeat("it", "items"),
        "it": button("label", "pick", {"v": path("n")}),
        "label": text(path("n")),
    }
    groups = {"x": {"items": {"a": {"n": "1"}}}, "y": {"items": {"a": {"n": "2"}}}}
    show(session, screen(parts, groups=groups))
    assert [shown.id for shown in visible(session)] == ["it:a", "it:a"]
    with pytest.raises(BridgeError, match="2 components"):
        session.press("main", "it:a")
    assert session.press("main", "it:a", index=1)["userAction"]["context"] == {"v": "2"}


# ---------------------------------------------------------------- screen


@pytest.mark.parametrize(
    "plain_text",
    [
        "5*3*2 = 30",
        "1. one",
        "- x",
        "# no heading",
        "<b>&amp;</b>",
        "![i](http://example.com/i.png)",
        "[l](http://example.com)",
        "`code` _em_ ~~s~~ |t|",
        "http://example.com",
        "> quote",
        "a\\*b",
    ],
)
@pytest.mark.parametrize("hint", ["body", "h2", "caption"])
def test_escaped_markdown_shows_the_text_as_written(
    session: Session, plain_text: str, hint: str
) -> None:
    punctuation = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"
    escaped = "".join(f"\\{char}" if char in punctuation else char for char in plain_text)
    show(session, screen({"root": text(escaped, usageHint=hint)}))
    role = "text" if hint == "body" else hint
    assert visible(session) == [Shown("root", role, plain_text)]


def test_unescaped_markdown_is_interpreted_links_and_images_too(session: Session) -> None:
    source = "*a* [l](http://example.com/l) ![i](http://example.com/i.png)"
    show(session, screen({"root": text(source)}))
    assert visible(session) == [
        Shown("root", "text", "a l"),
        Shown("root", "link", "http://example.com/l"),
        Shown("root", "image", "http://example.com/i.png"),
    ]


def test_markdown_runs_no_html_and_no_script_links(official: OfficialClient) -> None:
    shown = official.markdown("<img src=x onerror=alert(1)> [x](javascript:alert(1))")
    assert shown.tags == ["p"]
    assert shown.text == "<img src=x onerror=alert(1)> [x](javascript:alert(1))"


def test_markdown_lines_are_laid_out_as_a_browser_would(official: OfficialClient) -> None:
    assert official.markdown("a\nb  c").text == "a b c"
    assert official.markdown("a\\\nb\n\nc").text == "a\nb\nc"
    assert official.markdown("&nbsp;a&nbsp;&nbsp;b").text == "\u00a0a\u00a0\u00a0b"
    assert official.markdown("    a  b\n      c").text == "a  b\n  c"


def test_only_the_first_line_of_a_heading_is_heading(official: OfficialClient) -> None:
    assert official.markdown("# a\nb").tags == ["h1", "p"]


@pytest.mark.parametrize(
    ("component", "values", "expected"),
    [
        (text(""), {}, [("broken", "(empty)")]),
        (text(path("/missing")), {}, [("broken", "(empty)")]),
        (text(path("/v")), {"v": ""}, [("text", "")]),
        (text(path("/v")), {"v": 3.5}, [("text", "3.5")]),
        (text(path("/v")), {"v": False}, [("text", "false")]),
        (text(path("/v")), {"v": {"a": 1}}, [("text", "[object Map]")]),
        (text(path("/v")), {"v": '{"a":1}'}, [("text", "[object Object]")]),
        (
            {"CheckBox": {"label": {"literalString": "L"}, "value": {"literalBoolean": False}}},
            {},
            [("broken", "")],
        ),
        (
            {"CheckBox": {"label": {"literalString": "L"}, "value": path("/v")}},
            {},
            [("broken", "Invalid label")],
        ),
        (
            {"CheckBox": {"label": {"literalString": "L"}, "value": path("/v")}},
            {"v": False},
            [("label", "L"), ("value", "false")],
        ),
        ({"Slider": {"value": {"literalNumber": 0}}}, {}, [("broken", "")]),
        ({"Slider": {"value": path("/v")}}, {}, [("broken", "Invalid value")]),
        (
            {"Slider": {"value": path("/v"), "minValue": 1, "maxValue": 9}},
            {"v": 7},
            [("value", "7"), ("thumb", "7")],
        ),
        ({"Slider": {"value": path("/v")}}, {"v": 7}, [("value", "7"), ("thumb", "0")]),
        (
            {"DateTimeInput": {"value": path("/v"), "enableTime": False}},
            {"v": "2025-05-06"},
            [("label", "Date"), ("value", "2025-05-06")],
        ),
        (
            {"DateTimeInput": {"value": path("/v"), "enableDate": False}},
            {"v": "10:30"},
            [("label", "Time"), ("value", "")],
        ),
        (
            {"DateTimeInput": {"value": path("/v")}},
            {"v": "2025-05-06T07:08"},
            [("label", "Date & Time"), ("value", "2025-05-06T07:08")],
        ),
        ({"DateTimeInput": {"value": path("/v")}}, {}, [("broken", "(invalid)")]),
        (
            {"TextField": {"label": {"literalString": "L"}, "text": path("/v")}},
            {"v": "Ada"},
            [("label", "L"), ("value", "Ada")],
        ),
        (
            {"TextField": {"label": {"literalString": "L"}, "text": path("/v")}},
            {"v": 12},
            [("label", "L"), ("value", "")],
        ),
        ({"Image": {"url": path("/v")}}, {}, [("broken", "Invalid image URL")]),
        (
            {"Image": {"url": {"literalString": "https://example.com/a.png"}}},
            {},
            [("image", "https://example.com/a.png")],
        ),
        ({"Icon": {"name": {"literalString": "accountCircle"}}}, {}, [("icon", "account_circle")]),
        ({"Divider": {}}, {}, [("divider", "")]),
        ({"Chart": {"title": "x"}}, {}, [("broken", "")]),
    ],
)
def test_a_component_shows_what_lit_shows(
    session: Session, component: Message, values: Message, expected: list[tuple[str, str]]
) -> None:
    show(session, screen({"root": component}, **values))
    assert [(shown.role, shown.text) for shown in visible(session)] == expected


def options(*values: str) -> list[Message]:
    return [{"label": {"literalString": value.upper()}, "value": value} for value in values]


def choice(where: str = "/v") -> Message:
    return {"MultipleChoice": {"selections": path(where), "options": options("a", "b")}}


@pytest.mark.parametrize(
    ("preset", "header", "selected"),
    [('["b"]', "1 Selected", ["B"]), ("[]", "Select items", []), ("b", "Select items", [])],
)
def test_only_a_json_array_presets_a_multiple_choice(
    session: Session, preset: str, header: str, selected: list[str]
) -> None:
    show(session, screen({"root": choice()}, v=preset))
    assert [shown[1:] for shown in visible(session)] == [
        ("header", header),
        ("option", "A"),
        ("option", "B"),
        *(("selected", label) for label in selected),
    ]


def test_a_literal_array_breaks_a_multiple_choice(session: Session) -> None:
    component = {"MultipleChoice": {"selections": {"literalArray": ["a"]}, "options": options("a")}}
    show(session, screen({"root": component}))
    assert visible(session) == [Shown("root", "broken", "TypeError")]


def test_a_slider_beyond_100_starts_with_its_handle_at_100(session: Session) -> None:
    slider = {"Slider": {"value": path("/v"), "minValue": 0, "maxValue": 1000}}
    show(session, screen({"root": slider}, v=500))
    assert visible(session) == [Shown("root", "value", "500"), Shown("root", "thumb", "100")]


def test_tabs_and_modals_hide_what_is_a_click_away(session: Session) -> None:
    tabs = [
        {"title": {"literalString": "One"}, "child": "a"},
        {"title": {"literalString": "Two"}, "child": "m"},
    ]
    parts = {
        "root": {"Tabs": {"tabItems": tabs}},
        "a": {"Modal": {"entryPointChild": "c", "contentChild": "d"}},
        "c": text("entry"),
        "d": text("content"),
        "m": text("second"),
    }
    show(session, screen(parts))
    titles = [Shown("root", "tab", "One"), Shown("root", "tab", "Two")]
    entry, content = Shown("c", "text", "entry"), Shown("d", "text", "content")
    assert session.visible("main", reachable=False) == [*titles, entry]
    assert visible(session) == [*titles, entry, content, Shown("m", "text", "second")]


def test_a_button_shows_the_texts_inside_it(session: Session) -> None:
    parts = {
        "root": button("c"),
        "c": column("i", "t", "u"),
        "i": {"Icon": {"name": {"literalString": "send"}}},
        "t": text("**Send**"),
        "u": text("now", usageHint="caption"),
    }
    show(session, screen(parts))
    assert visible(session) == [Shown("root", "button", "Send\nnow"), Shown("i", "icon", "send")]


# ---------------------------------------------------------------- edits and actions


def form(session: Session) -> None:
    """One input of each kind, boxed and preset."""
    parts = {
        "root": column("name", "ok", "n", "d", "m", "fixed"),
        "name": {"TextField": {"label": {"literalString": "L"}, "text": path("/f/name/v")}},
        "ok": {"CheckBox": {"label": {"literalString": "L"}, "value": path("/f/ok/v")}},
        "n": {"Slider": {"value": path("/f/n/v"), "minValue": 0, "maxValue": 10}},
        "d": {"DateTimeInput": {"value": path("/f/d/v"), "enableTime": False}},
        "m": choice("/f/m/v"),
        "fixed": {
            "TextField": {"label": {"literalString": "L"}, "text": {"literalString": "kept"}}
        },
    }
    preset = {"name": "", "ok": False, "n": 3, "d": "", "m": '["a"]'}
    show(session, [update(parts), data({k: {"v": v} for k, v in preset.items()}, path="/f")])
    show(session, [begin()])


def test_each_input_writes_its_own_kind_of_value(session: Session) -> None:
    form(session)
    typed: list[tuple[str, Any]] = [
        ("name", "[1,2]"),
        ("ok", True),
        ("n", 7),
        ("d", "2025-05-06"),
        ("m", ["b", "a"]),
    ]
    for component, value in typed:
        assert session.edit("main", component, value).stored
    boxes = {key: box["v"] for key, box in plain(session)["f"].items()}
    assert boxes == {"name": "[1,2]", "ok": True, "n": "7", "d": "2025-05-06", "m": ["a", "b"]}


def test_deselecting_everything_leaves_a_map(session: Session) -> None:
    form(session)
    session.edit("main", "m", [])
    state = session.state("main", plain=False)
    assert state is not None
    boxes = dict(dict(state.data["$map"])["f"]["$map"])
    assert boxes["m"] == {"$map": [["v", {"$map": []}]]}
    session.edit("main", "m", ["b"])
    assert plain(session)["f"]["m"]["v"] == ["b"]


def test_a_literal_bound_input_stores_nothing(session: Session) -> None:
    form(session)
    before = plain(session)
    assert session.edit("main", "fixed", "typed") == (False, "typed")
    assert plain(session) == before


def test_typed_text_survives_what_is_written_elsewhere(session: Session) -> None:
    form(session)
    session.edit("main", "name", "Ada")
    show(session, [data({"v": True}, path="/f/ok"), update({"fixed": text("changed")})])
    assert Shown("name", "value", "Ada") in visible(session)


def test_an_input_takes_only_what_a_user_can_type(session: Session) -> None:
    form(session)
    assert session.edit("main", "name", "a\nb").value == "ab"
    assert session.edit("main", "n", 99).value == "10"
    assert session.edit("main", "d", "not a date").value == ""
    with pytest.raises(BridgeError, match="takes a boolean"):
        session.edit("main", "ok", "yes")


def test_press_builds_the_user_action_of_a_host_app(session: Session) -> None:
    context = {
        "lit": {"literalString": ""},
        "zero": {"literalNumber": 0},
        "no": {"literalBoolean": False},
        "own": path("name"),
        "map": path("more"),
        "global": path("/title"),
    }
    parts = {
        "root": repeat("b", "/rows"),
        "b": button("t", "pick", context),
        "t": text(path("name")),
    }
    rows = {"x": {"name": "X", "more": {"2": "b", "1": "a"}}}
    show(session, screen(parts, title="global", rows=rows))
    assert session.press("main", "b:x") == {
        "userAction": {
            "name": "pick",
            "surfaceId": "main",
            "sourceComponentId": "b:x",
            "timestamp": "2026-01-01T00:00:00.000Z",
            "context": {
                "lit": "",
                "zero": 0,
                "no": False,
                "own": "X",
                "map": {"2": "b", "1": "a"},
                "global": None,
            },
        }
    }


def test_press_without_a_context_sends_an_empty_one(session: Session) -> None:
    show(session, screen({"root": button("t"), "t": text("Go")}))
    event = session.press("main", "root", timestamp=None)["userAction"]
    assert event["context"] == {}
    assert event["timestamp"].endswith("Z")


# ---------------------------------------------------------------- Python SDK

SdkValidate = Callable[[Sequence[Any]], str | None]


def test_the_sdk_takes_a_first_render_and_an_update(sdk_validate: SdkValidate) -> None:
    assert sdk_validate(screen({"root": column("t"), "t": text(path("/a"))}, a="x")) is None
    assert sdk_validate([update({"t": text("y")}), data({"a": "y"}, path="/b")]) is None


@pytest.mark.parametrize(
    "messages",
    [
        [{}],
        [{**begin(), **delete()}],
        screen({"root": column("gone")}),
        screen({"root": text("x"), "orphan": text("y")}),
        screen({"root": {"Chart": {}}}),
        screen({"root": text("x", usageHint="h9")}),
        screen({"root": column("root")}),
        [update({"root": text("x")}), begin(catalogId="https://example.com/other.json")],
        screen({"root": text(path("/a/b"))}, a={"b": {"c": {"d": 1}}}),
    ],
    ids=[
        "empty",
        "two-keys",
        "dangling",
        "orphan",
        "unknown-type",
        "bad-enum",
        "cycle",
        "catalog",
        "nested-value-map",
    ],
)
def test_the_sdk_refuses(sdk_validate: SdkValidate, messages: list[Message]) -> None:
    error = sdk_validate(messages)
    assert error is not None
    assert error.startswith("A2ui")


# ---------------------------------------------------------------- the bridge itself


def test_bad_requests_are_answered_and_the_process_lives_on(official: OfficialClient) -> None:
    requests: list[tuple[str, Message]] = [
        ("nonsense", {}),
        ("constructor", {}),
        ("apply", {"session": "none", "message": {}}),
        ("apply", {"session": ["x"], "message": {}}),
        ("markdown", {"text": 5}),
    ]
    for cmd, fields in requests:
        with pytest.raises(BridgeError):
            official.request(cmd, **fields)
    with pytest.raises(ValueError, match="JSON compliant"):
        official.request("markdown", text=float("nan"))
    assert official.alive
    assert official.markdown("still *here*").text == "still here"


def test_sessions_know_nothing_of_each_other(official: OfficialClient) -> None:
    with official.session() as one, official.session() as two:
        show(one, [data({"a": 1})])
        assert two.states() == {}


def test_text_passes_both_ways_unchanged(session: Session) -> None:
    odd = "\u2028 \U0001f600 \ud800 \u0000 \u007f \u200b é"
    show(session, [data({"v": odd, "__proto__": "p"}, path="/x")])
    assert plain(session) == {"x": {"v": odd, "__proto__": "p"}}


def test_apply_each_gives_the_state_after_every_message(session: Session) -> None:
    applied = session.apply_each([data({"a": 1}), {"bad": 1}, delete()], plain=True)
    assert [one.error is None for one in applied] == [True, False, True]
    assert [{k: s.data for k, s in one.surfaces.items()} for one in applied] == [
        {"main": {"a": 1}},
        {"main": {"a": 1}},
        {},
    ]


def test_ten_thousand_messages_take_seconds(session: Session) -> None:
    start = time.monotonic()
    show(session, [data({"v": n}, path=f"/a/k{n % 9}") for n in range(10_000)])
    assert time.monotonic() - start < 20


def test_a_dead_process_is_named_and_the_next_session_starts_anew() -> None:
    with OwnClient() as client:
        lost = client.session()
        assert client._process is not None
        client._process.kill()
        with pytest.raises(BridgeError, match="died"):
            lost.apply(begin())
        with client.session() as session:
            assert session.apply(begin()) is None


def test_a_silent_process_is_stopped_after_the_time_limit() -> None:
    with OwnClient(timeout_s=0.001) as client, pytest.raises(BridgeError, match="no answer"):
        for _ in range(1000):
            client.markdown("*x*" * 5000)


def test_the_time_zone_moves_a_bare_date() -> None:
    picker = {"DateTimeInput": {"value": path("/v"), "enableTime": False}}
    with OwnClient(tz="America/Los_Angeles") as client, client.session() as session:
        show(session, screen({"root": picker}, v="2025-05-06"))
        assert visible(session)[1] == Shown("root", "value", "2025-05-05")
        show(session, [data({"v": "2025-05-06T12:00"})])
        assert visible(session)[1] == Shown("root", "value", "2025-05-06")


class OwnClient(OfficialClient):
    """A process of the test's own, so that the common one comes to no harm."""

    def start(self) -> None:
        limit, self._timeout_s = self._timeout_s, 60
        try:
            conftest.require(super().start)
        finally:
            self._timeout_s = limit


# ---------------------------------------------------------------- what is missing


def test_a_missing_program_is_named_with_the_cure(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Unavailable, match=r"`node` is not on PATH\. Install Node"):
        bridge.ensure_node_modules()


def test_a_failed_install_says_what_npm_said(official: OfficialClient, tmp_path: Path) -> None:
    (tmp_path / "package.json").write_text("{}")
    (tmp_path / "package-lock.json").write_text("not a lock")
    with pytest.raises(Unavailable, match=r"`npm ci` failed with status \d+.*By hand"):
        bridge.ensure_node_modules(tmp_path)


def test_unavailable_skips_here_and_fails_in_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "false")
    with pytest.raises(pytest.skip.Exception, match=conftest.MARK):
        conftest.unavailable(Unavailable("no Node"))
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="no Node"):
        conftest.unavailable(Unavailable("no Node"))


def test_the_lock_pins_versions_and_names_no_place_to_download_from() -> None:
    package = json.loads((bridge.NODE_DIR / "package.json").read_text())
    lock = json.loads((bridge.NODE_DIR / "package-lock.json").read_text())
    assert lock["packages"][""]["dependencies"] == package["dependencies"]
    assert all(version[0].isdigit() for version in package["dependencies"].values())
    assert lock["packages"][""]["devDependencies"] == package["devDependencies"]
    assert all(version[0].isdigit() for version in package["devDependencies"].values())
    entries = [entry for name, entry in lock["packages"].items() if name]
    assert all("integrity" in entry and "resolved" not in entry for entry in entries)
    # An address of a package's people, asked for money, is none to download from.
    told = [{key: part for key, part in entry.items() if key != "funding"} for entry in entries]
    assert "://" not in json.dumps(told)
