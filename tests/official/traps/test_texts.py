"""Traps of texts, markdown and URLs: section 7 of docs/a2ui-v0_8-traps.md."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.official.messages import column, path, screen, text
from uicompiler import ClientProfile

from . import ours
from .judges import codes, literal
from .lit import Page, typing
from .ours import Talk

pytestmark = pytest.mark.official

Lit = Callable[..., Page]

MARKED = ("5*3*2", "1. one", "- x", "# title", "> said", "`code`", "_a_", "~~no~~", "***")


def test_a_text_is_shown_as_it_is_written(lit: Lit) -> None:
    """Every text is markdown, headings and captions too."""
    parts = {str(index): text(words) for index, words in enumerate(MARKED)}
    page = lit(screen({"root": column(*parts), **parts}))
    for index, words in enumerate(MARKED):
        assert page[str(index)].html != f"<section> <p>{words}</p> </section>"
    for style, tag in (("body", "p"), ("h2", "h2"), ("caption", "em")):
        page = lit(ours.ours(*(ours.text(words, style=style) for words in MARKED)))
        assert [element.text for element in page.of("Text")] == list(MARKED)
        assert all(element.html.count(f"<{tag}>") == 1 for element in page.of("Text"))


FETCHED = {
    "![x](https://example.com/x.png)": '<img src="https://example.com/x.png"',
    "[x](https://example.com/x)": '<a href="https://example.com/x"',
    "<https://example.com/x>": '<a href="https://example.com/x"',
    "![x][1]\n\n[1]: https://example.com/x.png": '<img src="https://example.com/x.png"',
}


def test_a_text_fetches_and_links_nothing(lit: Lit) -> None:
    """An image in a text is a request to its host, as soon as the text is shown."""
    parts = {str(index): text(words) for index, words in enumerate(FETCHED)}
    page = lit(screen({"root": column(*parts), **parts}))
    for index, (words, fetched) in enumerate(FETCHED.items()):
        assert fetched in page[str(index)].html
        assert codes(screen({"root": text(words)})) == {"COMPONENT_TEXT_MARKUP"}
    nodes = [
        node
        for words in FETCHED
        for node in (ours.text(words), ours.button(submit=False, label=words))
    ]
    drawn = "".join(element.html for element in lit(ours.ours(*nodes)).of("Text"))
    assert "<img" not in drawn
    assert "<a " not in drawn


def test_what_is_typed_is_not_shown_as_markdown(lit: Lit) -> None:
    """A text bound to what an input writes renders what the user types, images and all."""
    parts = {
        "root": column("t", "i"),
        "t": text(path("/v")),
        "i": {"TextField": {"label": literal("L"), "text": path("/v")}},
    }
    words = "![x](https://example.com/x.png)"
    naive = screen(parts, v="")
    assert "<img" in lit(naive, typing("i", words))["t"].html
    assert codes(naive) == {"COMPONENT_TEXT_MARKUP"}
    talk = Talk()
    talk.show(ours.text(bind="/draft/f"), ours.field("f", default="before"))
    page = lit(talk.sent, typing("ui--field--f--TextField", words))
    assert page.one("Text").text == "before"
    talk.patch("/draft/f", words)
    page = lit(talk.sent)
    assert page.one("Text").text == words
    assert "<img" not in page.one("Text").html


def test_spaces_are_kept(lit: Lit) -> None:
    """Markdown drops spaces at both ends, and takes four in front for code."""
    words = "    a  b "
    assert lit(screen({"root": text(words)}))["root"].text != words
    assert "<pre>" in lit(screen({"root": text(words)}))["root"].html
    page = lit(ours.ours(ours.text(words)))
    shown = page.one("Text").html.replace("&nbsp;", " ")
    assert shown == f"<section> <p>{words}</p> </section>"


def test_lines_are_kept(lit: Lit) -> None:
    """Markdown joins lines, and a blank one begins a paragraph."""
    assert lit(screen({"root": text("a\nb")}))["root"].html == "<section> <p>a b</p> </section>"
    page = lit(ours.ours(ours.text("a\nb\n\nc")))
    assert [element.text for element in page.of("Text")] == ["a", "b", "", "c"]


def test_a_client_without_markdown_gets_plain_texts(lit: Lit, plain_text_lit: Lit) -> None:
    """Where no renderer is installed, sources are shown: escapes, `##` and stars."""
    nodes = (ours.text("5*3", style="h2"), ours.text("a_b", style="caption"))
    naive = plain_text_lit(ours.ours(*nodes))
    assert [element.text for element in naive.of("Text")] == ["## 5\\*3", "*a\\_b*"]
    page = plain_text_lit(ours.ours(*nodes, client=ClientProfile(markdown="none")))
    assert [element.text for element in page.of("Text")] == ["5*3", "a_b"]


def test_html_is_text(lit: Lit) -> None:
    """The official renderer escapes HTML; another one's output goes into the page as it is."""
    words = "<img src=x onerror=alert(1)><b>b</b> &amp; &lt;"
    page = lit(ours.ours(ours.text(words)))
    assert page.one("Text").text == words
    assert "<img" not in page.one("Text").html
    source = page_source(ours.ours(ours.text(words)))
    assert "<" not in source.replace("\\<", "")
    assert "&" not in source.replace("\\&", "")
    unescaped = lit(screen({"root": text(words)}))["root"]
    assert unescaped.text != words, "entities, at least, are read without the escapes"


def page_source(messages: list[ours.Message]) -> str:
    """The markdown source of the first text."""
    [source] = [
        part["component"]["Text"]["text"]["literalString"]
        for part in ours.components(messages)
        if "Text" in part["component"]
    ]
    return str(source)


URLS = (
    *("javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "x.png"),
    *("//example.com/x", "http://169.254.169.254/latest"),
)

NODES = {"Image": "image", "Video": "video", "AudioPlayer": "audio"}


@pytest.mark.parametrize("kind", NODES)
def test_a_url_has_an_allowed_scheme_and_host(lit: Lit, kind: str) -> None:
    """Any URL becomes the `src` of an element, and is requested."""
    parts = {str(index): {kind: {"url": literal(url)}} for index, url in enumerate(URLS)}
    page = lit(screen({"root": column(*parts), **parts}))
    for index, url in enumerate(URLS):
        assert f'src="{url}"' in page[str(index)].html
        assert codes(screen({"root": parts[str(index)]})) == {"COMPONENT_URL_FORBIDDEN"}
        by_data = screen({"root": {kind: {"url": path("/u")}}}, u=url)
        assert f'src="{url}"' in lit(by_data)["root"].html
        assert codes(by_data) == {"COMPONENT_URL_FORBIDDEN"}
        node = {"node": NODES[kind], "url": url}
        props = {"decorative": True} if kind == "Image" else {}
        result = ours.tried({**node, **props})
        assert not result.messages
        assert "A2UI_S2C_COMPONENT_URL_FORBIDDEN" in ours.found_by(result)
    assert codes(screen({"root": {kind: {"url": literal("https://example.com/a")}}})) == set()


def test_a_label_is_no_markdown(lit: Lit) -> None:
    """Labels, titles and options show what they hold: the escapes of a Text would show too."""
    naive = {"TextField": {"label": literal("5\\*3"), "text": path("/v")}}
    assert lit(screen({"root": naive}, v=""))["root"].text == "5\\*3"
    options = [{"value": "a*b", "label": "a*b"}]
    page = lit(
        ours.ours(
            ours.field("f", label="5*3"),
            ours.field("g", "boolean", label="5*3"),
            ours.field("h", "choice", options=options),
        )
    )
    assert page.one("TextField").text == page.one("CheckBox").text == "5*3"
    assert "a*b" in page.one("MultipleChoice").text
