"""Any text in any place of a view comes back from the parsed markup as exactly that text."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from xml.etree.ElementTree import Element

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.backends.html.same_meaning.browser import Frame, value_of
from tests.backends.html.same_meaning.dom import (
    classes,
    faults,
    parsed,
    parsed_page,
    plain_tag,
    words,
)
from tests.fixture_cases import app_named
from tests.stories import TRICKY, budget
from uicompiler import compile
from uicompiler.ir.text import clean

MARKUP = (
    "</textarea><script>alert(1)</script>",
    "</option></select></p></div></form></turbo-frame>",
    "<!-- <![CDATA[ ]]> -->",
    "\"'` onload=x style=y",
    "&amp; &#60; &lt; &notit; &",
    "{{ 7 * 7 }} {% raw %} {# no #} ${x}",
    "\n\nfirst lines\n",
    "\t tab and spaces  ",
    "a\u2028b\u2029c\u0085d\u000cf",
    "\ufffe\uffff\U0001ffff",
    "e\u0301 \u1ea3 \u200d \u200f \u2060",
    '<input type="hidden" name="_csrf" value="">',
    '<input type="hidden" autocomplete="off" name="_nonce" value="x">',
)

texts = st.one_of(
    st.sampled_from(MARKUP),
    st.sampled_from(TRICKY),
    st.lists(st.sampled_from(MARKUP + TRICKY), min_size=2, max_size=3).map("".join),
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40),
    st.text("<>&\"'`=/!-{}%#\\ \n\tab", min_size=1, max_size=40),
).filter(lambda text: bool(clean(text).strip()))

Find = Callable[[Frame], str]
Tree = dict[str, Any]


def first(tag: str, named: str = "") -> Find:
    """The words of the first element of a name and class."""
    return lambda frame: words(next(_all(frame.tree, tag, named)))


def _all(root: Element, tag: str, named: str) -> Iterator[Element]:
    for item in root.iter():
        if plain_tag(item) == tag and (not named or named in classes(item)):
            yield item


def attribute(tag: str, name: str) -> Find:
    """An attribute of the first element of a name."""
    return lambda frame: next(_all(frame.tree, tag, "")).get(name, "")


def held(frame: Frame) -> str:
    """What the one control holds."""
    return value_of(frame.controls("x")[0])


def field(**about: Any) -> Callable[[str], Tree]:
    """A field with a text somewhere."""

    def made(text: str) -> Tree:
        filled = {key: text if value is TEXT else value for key, value in about.items()}
        return {"node": "field", "id": "x", "label": "X", **filled}

    return made


TEXT: Any = object()
"""Stands for the text."""


def node(kind: str, /, **about: Any) -> Callable[[str], Tree]:
    """A node with a text somewhere."""

    def put(value: Any, text: str) -> Any:
        if value is TEXT:
            return text
        if isinstance(value, dict):
            return {key: put(item, text) for key, item in value.items()}
        return [put(item, text) for item in value] if isinstance(value, list) else value

    return lambda text: {"node": kind, **put(about, text)}


def flat(text: str) -> str:
    """In one line."""
    return text.replace("\n", " ")


def same(text: str) -> str:
    """As it is."""
    return text


TAB = [{"node": "tab", "title": TEXT, "children": []}]
HEADS = [{"id": "c", "label": TEXT}]
COLUMNS = [{"id": "c", "label": "C"}]
OPTIONS = [{"value": "a", "label": TEXT}, {"value": "b", "label": "B"}]
MORE = [{"value": f"v{number}", "label": f"V {number}"} for number in range(6)]
URL = "https://example.org/a.png"
PLACES: dict[str, tuple[Callable[[str], Tree], Find, Callable[[str], str]]] = {
    "text": (node("text", text=TEXT), first("p", "ui-body"), same),
    "caption": (node("text", text=TEXT, style="caption"), first("p", "ui-caption"), same),
    "notice": (node("notice", text=TEXT), first("p", "ui-body"), same),
    "notice title": (node("notice", text="x", title=TEXT), first("p", "ui-title"), same),
    "section": (node("section", title=TEXT, children=[]), first("h2"), flat),
    "disclosure": (node("disclosure", title=TEXT, children=[]), first("summary"), flat),
    "tab": (node("tabs", children=TAB), first("p", "ui-title"), flat),
    "label": (field(label=TEXT), first("label"), same),
    "label of a box": (field(kind="boolean", label=TEXT), first("label"), same),
    "label of a slider": (field(kind="slider", min=0, max=1, label=TEXT), first("label"), same),
    "help": (field(help=TEXT), first("p", "ui-help"), same),
    "legend": (
        field(kind="choice", label=TEXT, options=["a", "b"]),
        first("legend", "ui-label"),
        same,
    ),
    "option": (
        node("field", id="x", kind="choice", label="X", options=OPTIONS, required=True),
        first("label"),
        same,
    ),
    "option of a menu": (
        node("field", id="x", kind="choice", label="X", options=[*OPTIONS, *MORE]),
        lambda frame: words(list(frame.tree.iter("option"))[1]),
        same,
    ),
    "value": (field(default=TEXT), held, same),
    "value of several lines": (field(kind="long_text", default=TEXT), held, same),
    "button": (node("button", label=TEXT, action="save"), first("button", "ui-button"), flat),
    "alt": (node("image", url=URL, alt=TEXT), attribute("img", "alt"), same),
    "figure": (node("image", url=URL, alt="a", caption=TEXT), first("figcaption"), same),
    "icon": (node("icon", name="star", label=TEXT), lambda f: _symbol(f), same),
    "player": (node("audio", url=URL, title=TEXT), attribute("audio", "aria-label"), same),
    "progress": (node("progress", value=1, label=TEXT), first("label"), same),
    "key": (node("key_values", items=[{"label": TEXT, "text": "x"}]), first("dt"), same),
    "pair": (node("key_values", items=[{"label": "x", "text": TEXT}]), first("dd"), same),
    "stage": (node("stages", items=[{"label": TEXT, "state": "now"}]), lambda f: _stage(f), same),
    "cell": (node("table", columns=COLUMNS, rows=[[TEXT]]), first("td"), flat),
    "column": (
        node("table", columns=[{"id": "c", "label": TEXT}], rows=[["x"]]),
        first("th"),
        flat,
    ),
    "item": (node("list", children=[{"node": "text", "text": TEXT}]), first("li"), same),
    "empty list": (
        node("list", bind="/ui_state/l", item={"node": "text", "bind": "."}, empty=TEXT),
        first("p", "ui-empty"),
        same,
    ),
    "rows": (
        node("rows", id="r", label=TEXT, columns=[{"id": "c", "label": "C"}]),
        first("legend", "ui-label"),
        same,
    ),
    "cell label": (
        node("rows", id="r", label="R", min_rows=1, columns=[{"id": "c", "label": TEXT}]),
        first("label"),
        same,
    ),
}


def _symbol(frame: Frame) -> str:
    (found,) = (item for item in frame.tree.iter() if "ui-symbol" in classes(item))
    return words(found[1])


def _stage(frame: Frame) -> str:
    (item,) = frame.tree.iter("li")
    return words(item[-1])


@pytest.mark.parametrize("place", PLACES)
@given(text=texts)
@example(text="".join(MARKUP))
@budget(25)
def test_any_text_in_any_place_is_read_as_it_was_written(place: str, text: str) -> None:
    made, find, shape = PLACES[place]
    markup = shown(made(text))
    frame = Frame(parsed(markup))
    assert faults(frame.tree) == []
    wanted = shape(clean(text))
    assert find(frame) == wanted
    parsed_page(markup)


def shown(root: Tree) -> str:
    """The markup of a view."""
    said = [{"type": "test.view", "payload": {"root": root}}]
    result = compile(said, app=app_named("views"), backend="html")
    assert result.ok, result.diagnostics
    return result.html["main"]


@given(values=st.lists(texts, min_size=2, max_size=9, unique_by=clean))
@budget(60)
def test_any_text_as_the_value_of_an_option_is_posted_as_it_was_written(values: list[str]) -> None:
    options = [{"value": value, "label": f"Option {n}"} for n, value in enumerate(values)]
    spec = {"node": "field", "id": "x", "kind": "choice", "label": "X", "options": options}
    button = {"node": "button", "label": "Send", "action": "save", "submit": True}
    frame = Frame(parsed(shown({"node": "stack", "children": [spec, button]})))
    for value in map(clean, values):  # as the library reads what a model wrote
        frame.enter("x", [value])
        post = frame.post(frame.buttons()[0])
        (sent,) = (told for name, told in post if name == "f.x")
        assert sent.replace("\r\n", "\n") == value


def test_every_place_has_markup_of_its_own() -> None:
    made = {place: shown(PLACES[place][0]("abc")) for place in PLACES}
    assert [place for place, markup in made.items() if "abc" not in markup] == []
