"""What a person sees."""

from collections.abc import Callable
from typing import Any

import pytest

from clientsim import PROFILES, ClientSim
from clientsim.schema_spec import TYPES

Play = Callable[..., ClientSim]


def string(words: str) -> dict[str, str]:
    return {"literalString": words}


def test_the_screen_reads_like_a_screen(play: Play, m: Any) -> None:
    options = [{"label": string(word), "value": word} for word in ("Red", "Blue")]
    order = ["title", "card", "ok", "one", "vol", "day", "line", "tabs", "more", "row"]
    components = {
        "title": {"Text": {"text": string("Order\\*"), "usageHint": "h1"}},
        "card": {"Card": {"child": "name"}},
        "name": {"TextField": {"label": string("Name"), "text": {"path": "/name"}}},
        "ok": {"CheckBox": {"label": string("I agree"), "value": {"path": "/ok"}}},
        "one": {
            "MultipleChoice": {
                "selections": {"path": "/one"}, "options": options, "maxAllowedSelections": 1,
            }
        },
        "vol": {"Slider": {"value": {"path": "/vol"}, "maxValue": 10}},
        "day": {"DateTimeInput": {"value": {"path": "/day"}, "enableTime": False}},
        "line": {"Divider": {}},
        "tabs": {"Tabs": {"tabItems": [{"title": string("First"), "child": "t1"}]}},
        "t1": m.text(literal="inside"),
        "more": {"Modal": {"entryPointChild": "open", "contentChild": "list"}},
        "open": m.text(literal="Details"),
        "list": {"List": {"children": {"explicitList": ["t1", "pic"]}}},
        "pic": {"Image": {"url": string("https://x"), "altText": string("a cat")}},
        "row": {"Row": {"children": {"explicitList": ["yes", "no"]}}},
        "yes": {"Button": {"child": "ly", "action": {"name": "y"}}},
        "ly": m.text(literal="Save"),
        "no": {"Button": {"child": "ln", "action": {"name": "n"}}},
        "ln": m.text(literal="Cancel"),
    }  # fmt: skip
    ids = {f"{name}-id": value for name, value in components.items()}
    surface = m.update(root=m.column(*(f"{name}-id" for name in order)), **_suffixed(ids))
    model = m.data(None, name="Ada", ok=True, one='["Blue"]', vol=5, day="2025-05-06")
    sim = play(m.begin(), surface, model)
    assert sim.screen("s").splitlines() == [
        "# Order*",
        "| [ Name: Ada_________ ]",
        "[x] I agree",
        "( ) Red",
        "(•) Blue",
        "[ -----o----- 5 ]",
        "[ Date: 2025-05-06__ ]",
        "-" * 40,
        "[ First ]",
        "  inside",
        "> Details",
        "    - inside",
        "    - [image: a cat]",
        "< Save >   < Cancel >",
    ]
    seen = sim.visible("s")
    assert ("yes-id", "button", "Save") in seen
    assert ("ly-id", "text", "Save") not in seen
    assert ("one-id", "value", "Blue") in seen


def _suffixed(value: Any) -> Any:
    """Rename the references to the ids of this test, which no other string equals."""
    names = ("child", "entryPointChild", "contentChild")
    if isinstance(value, dict):
        return {
            key: f"{item}-id" if key in names else
            [f"{i}-id" for i in item] if key == "explicitList" else _suffixed(item)
            for key, item in value.items()
        }  # fmt: skip
    return [_suffixed(item) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize(
    ("value", "shown"),
    [("3.50", "3.50"), (3.5, "3.5"), (False, "false"), ("[1,[2,null]]", "1,2,"), ("", ""),
     ('{"a":1}', "[object Object]"), ([], "[object Map]"), ("a\\*b", "a*b")],
)  # fmt: skip
def test_a_text_shows_any_value_as_javascript_does(
    value: object, shown: str, play: Play, m: Any
) -> None:
    sim = play(m.begin(), m.update(root=m.text("/x")), m.data(None, x=value))
    assert sim.visible("s") == [("root", "text", shown)]


@pytest.mark.parametrize(
    ("component", "words"),
    [
        ({"Text": {"text": {"path": "/x"}}}, [("text", "(empty)")]),
        ({"Text": {"text": {"literalString": ""}}}, [("text", "(empty)")]),
        ({"Text": {"text": {"path": ""}}}, [("text", "(empty)")]),
        ({"CheckBox": {"label": string("L"), "value": {"path": "/x"}}},
         [("label", "Invalid label")]),
        ({"CheckBox": {"label": string("L"), "value": {"literalBoolean": False}}}, []),
        ({"Slider": {"value": {"path": "/x"}}}, [("value", "Invalid value")]),
        ({"Slider": {"value": {"literalNumber": 0}}}, []),
        ({"CheckBox": {"label": string("L"), "value": {"path": "/n"}}},
         [("label", "Invalid label")]),
        ({"CheckBox": {"label": {"path": 5}, "value": {"literalBoolean": True}}}, []),
        ({"Slider": {"value": {"path": "/map"}}}, [("value", "Invalid value")]),
        ({"Slider": {"value": {"path": ""}}}, []),
        ({"Slider": {"value": {"path": "/word"}}}, [("value", "-1")]),
        ({"DateTimeInput": {"value": {"path": "/x"}}}, [("value", "(invalid)")]),
        ({"DateTimeInput": {"value": {"literalString": ""}}}, []),
        ({"DateTimeInput": {"value": {"path": "/word"}}},
         [("label", "Date & Time"), ("value", "")]),
        ({"Image": {"url": {"path": "/x"}, "altText": string("a cat")}},
         [("image", "Invalid image URL")]),
        ({"Icon": {"name": {"path": "/n"}}}, [("icon", "Invalid icon name")]),
        ({"Video": {"url": {"path": "/x"}}}, [("video", "Invalid video URL")]),
        ({"AudioPlayer": {"url": {"path": ""}}}, [("audio", "(empty)")]),
        ({"Tabs": {"tabItems": [{"title": {"path": "/n"}, "child": "root-2"}]}},
         [("tab", "(invalid)"), ("text", "hi")]),
        ({"TextField": {"label": string("L"), "text": {"path": "/word"},
                        "textFieldType": "number"}}, [("label", "L"), ("value", "")]),
        ({"Chart": {"inside": "root-2"}}, []),
        ({"MultipleChoice": {"selections": {"literalArray": ["a"]},
                             "options": [{"label": string("A"), "value": "a"}]}}, []),
        ({"TextField": {"label": {"path": "/n"}}}, [("label", ""), ("value", "")]),
    ],
)  # fmt: skip
def test_the_official_client_shows_broken_inputs_as_broken(
    component: object, words: list[tuple[str, str]], play: Play, m: Any
) -> None:
    model = m.data(None, n=5, word="seven", map=[])
    sim = play(m.begin(), m.update(root=component, **{"root-2": m.text()}), model)
    assert [(role, said) for _, role, said in sim.visible("s")] == words
    assert isinstance(sim.screen("s"), str)


CATALOG: list[tuple[dict[str, Any], list[tuple[str, str]], str]] = [
    ({"Text": {"text": string("Hi"), "usageHint": "h2"}}, [("text", "Hi")], "## Hi"),
    ({"Image": {"url": string("u"), "altText": string("a cat")}}, [("image", "a cat")],
     "[image: a cat]"),
    ({"Icon": {"name": string("mail")}}, [("icon", "mail")], "[icon: mail]"),
    ({"Video": {"url": string("u")}}, [("video", "u")], "[video: u]"),
    ({"AudioPlayer": {"url": string("u")}}, [("audio", "u")], "[audio: u]"),
    ({"Divider": {}}, [], "-" * 40),
    ({"Row": {"children": {"explicitList": ["i-a", "i-b"]}}}, [("text", "A"), ("text", "B")],
     "A   B"),
    ({"Column": {"children": {"explicitList": ["i-a", "i-b"]}}}, [("text", "A"), ("text", "B")],
     "A\nB"),
    ({"List": {"children": {"explicitList": ["i-a", "i-b"]}}}, [("text", "A"), ("text", "B")],
     "- A\n- B"),
    ({"List": {"children": {"explicitList": ["i-a", "i-b"]}, "direction": "horizontal"}},
     [("text", "A"), ("text", "B")], "- A   - B"),
    ({"Card": {"child": "i-a"}}, [("text", "A")], "| A"),
    ({"Tabs": {"tabItems": [{"title": string("T"), "child": "i-a"}]}},
     [("tab", "T"), ("text", "A")], "[ T ]\n  A"),
    ({"Modal": {"entryPointChild": "i-a", "contentChild": "i-b"}}, [("text", "A"), ("text", "B")],
     "> A\n    B"),
    ({"Button": {"child": "i-a", "action": {"name": "go"}}}, [("button", "A")], "< A >"),
    ({"CheckBox": {"label": string("L"), "value": {"path": "/yes"}}},
     [("label", "L"), ("value", "checked")], "[x] L"),
    ({"TextField": {"label": string("L"), "text": {"path": "/word"}}},
     [("label", "L"), ("value", "seven")], "[ L: seven_______ ]"),
    ({"DateTimeInput": {"value": {"path": "/at"}}},
     [("label", "Date & Time"), ("value", "2025-05-06T07:08")],
     "[ Date & Time: 2025-05-06T07:08 ]"),
    ({"MultipleChoice": {"selections": {"path": "/chosen"}, "options": [
        {"label": string("One"), "value": "1"}, {"label": string("Two"), "value": "2"}]}},
     [("option", "One"), ("option", "Two"), ("value", "Two")], "[ ] One\n[x] Two"),
    ({"Slider": {"value": {"path": "/n"}, "minValue": 0, "maxValue": 10}}, [("value", "5")],
     "[ -----o----- 5 ]"),
]  # fmt: skip


@pytest.mark.parametrize("profile", sorted(PROFILES))
@pytest.mark.parametrize(("component", "words", "drawn"), CATALOG)
def test_every_component_of_the_catalog_can_be_read_and_drawn(
    component: Any, words: list[tuple[str, str]], drawn: str, profile: str, play: Play, m: Any
) -> None:
    parts = {"i-a": m.text(literal="A"), "i-b": m.text(literal="B")}
    model = m.data(None, word="seven", yes=True, at="2025-05-06T07:08", n=5, chosen='["2"]')
    sim = play(m.update(root=component, **parts), model, m.begin(), profile=profile)
    assert [(role, said) for _, role, said in sim.visible("s")] == words
    assert sim.screen("s") == f"{drawn}\n"


def test_the_list_above_is_the_whole_catalog() -> None:
    assert {kind for component, _, _ in CATALOG for kind in component} == set(TYPES)


@pytest.mark.parametrize(
    ("flags", "label", "shown"),
    [({"enableTime": False}, "Date", "2025-05-06"), ({"enableDate": False}, "Time", "07:08"),
     ({"enableDate": False, "enableTime": False}, "Date & Time", "2025-05-06T07:08")],
)  # fmt: skip
def test_a_date_time_input_shows_the_part_it_is_for(
    flags: dict[str, bool], label: str, shown: str, play: Play, m: Any
) -> None:
    field = {"DateTimeInput": {"value": {"path": "/at"}, **flags}}
    sim = play(m.update(root=field), m.data(None, at="2025-05-06T07:08"), m.begin())
    assert [words for _, _, words in sim.visible("s")] == [label, shown]


@pytest.mark.parametrize("value", ['{"toString":"x"}', '[1,{"toString":null}]'])
def test_an_object_that_cannot_be_a_string_is_not_drawn(value: str, play: Play, m: Any) -> None:
    sim = play(m.update(root=m.text("/x")), m.data(None, x=value), m.begin())
    assert (sim.visible("s"), sim.screen("s")) == ([], "")


def test_an_icon_without_its_font_shows_the_ligature(play: Play, m: Any) -> None:
    surface = m.update(root={"Icon": {"name": string("shoppingCart")}})
    assert play(surface, m.begin()).visible("s") == [("root", "icon", "shopping_cart")]
    strict = play(surface, m.begin(), profile="spec")
    assert strict.visible("s") == [("root", "icon", "shoppingCart")]


def test_the_specification_shows_what_the_official_client_leaves_out(play: Play, m: Any) -> None:
    sim = play(
        m.update(
            root=m.column("i-audio", "i-slide"),
            **{
                "i-audio": {"AudioPlayer": {"url": string("u"), "description": string("A song")}},
                "i-slide": {"Slider": {"value": {"path": "/n"}, "label": string("Loud")}},
            },
        ),
        m.data(None, n=5),
        m.begin(),
        profile="spec",
    )
    assert [words for _, _, words in sim.visible("s")] == ["A song", "Loud", "5"]


def test_a_component_in_place_of_a_string_is_not_drawn_as_a_child(play: Play, m: Any) -> None:
    heading = {"Text": {"text": string("Hi"), "usageHint": "h1"}}
    sim = play(m.update(root=heading, h1=m.text(literal="stray")), m.begin())
    assert sim.visible("s") == [("root", "text", "Hi")]
