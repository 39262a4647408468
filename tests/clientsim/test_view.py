"""What a person sees."""

from collections.abc import Callable
from typing import Any

import pytest

from clientsim import ClientSim

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
        ({"DateTimeInput": {"value": {"path": "/x"}}},
         [("label", "Date & Time"), ("value", "(invalid)")]),
        ({"MultipleChoice": {"selections": {"literalArray": ["a"]},
                             "options": [{"label": string("A"), "value": "a"}]}}, []),
        ({"TextField": {"label": {"path": "/n"}}}, [("label", ""), ("value", "")]),
    ],
)  # fmt: skip
def test_the_official_client_shows_broken_inputs_as_broken(
    component: object, words: list[tuple[str, str]], play: Play, m: Any
) -> None:
    sim = play(m.begin(), m.update(root=component), m.data(None, n=5))
    assert [(role, said) for _, role, said in sim.visible("s")] == words
    assert isinstance(sim.screen("s"), str)
