"""Reports of a run whose every text means harm: it stays text."""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from collections import Counter
from typing import Any, Final

import html5lib
import pytest
from markdown_it import MarkdownIt

from tests.evals.samples import Record, run, trial
from uicompiler.evals.compare import compare
from uicompiler.evals.figures import plain
from uicompiler.evals.report import Report, build
from uicompiler.evals.report_html import to_html
from uicompiler.evals.report_markdown import code, comparison_to_markdown, to_markdown

HOSTILE: Final = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</style></title></textarea><svg onload=alert(1)>",
    "{{ 7 * 7 }}{% include 'x' %}",
    "[click](https://evil.example) ![](https://evil.example/p.png) https://evil.example",
    "a | b | c\n\n# Heading\n- item\n```js\ncode\n```",
    "&lt;b&gt; &#60;i&#62; \\` `code` *bold* __bold__ ~~gone~~",
    "\u202egnp.exe\u0000\u001b[31m",
    "<!-- --> ]]> <![CDATA[ ",
]


def _trials(text: str) -> list[Record]:
    """Trials in which everything that others write is one text."""
    bad: dict[str, Any] = {
        "usable": False,
        "grades": [{"name": text, "ok": False, "detail": text}],
        "calls": [{"reply": {"text": text}}],
        "codes": [text],
        "tags": [text],
        "language": text,
        "app": text,
        "failure": text,
    }
    return [
        trial(text, provider=text, strategy=strategy, index=at, **bad)
        for strategy in (text, "production")
        for at in range(2)
    ]


def _report(text: str) -> Report:
    trials = _trials(text)
    versions = {"library": text, text: "1"}
    asked = run(
        trials, each=2, created=text, versions=versions, plan_sha256=text, settings={text: text}
    )
    titled = {**asked, "scenarios": [{"id": text, "title": text}]}
    return build(titled, trials)


def _tags(page: str) -> Counter[str]:
    tree = html5lib.parse(page, namespaceHTMLElements=False)
    return Counter(str(node.tag) for node in tree.iter())


def _attributes(page: str) -> set[str]:
    tree = html5lib.parse(page, namespaceHTMLElements=False)
    return {str(name).lower() for node in tree.iter() for name in node.attrib}


@pytest.mark.parametrize("text", HOSTILE)
def test_a_page_has_the_same_elements_whatever_its_texts_are(text: str) -> None:
    harmless, page = to_html(_report("x")), to_html(_report(text))
    parser = html5lib.HTMLParser()
    parser.parse(page)
    assert parser.errors == []
    assert _tags(page) == _tags(harmless)
    assert _attributes(page) == _attributes(harmless)


def test_a_text_can_be_read_as_it_was_written() -> None:
    page = to_html(_report(HOSTILE[0]))
    tree = html5lib.parse(page, namespaceHTMLElements=False)
    assert [node.text for node in tree.iter("pre")] == [HOSTILE[0]] * 4


def test_a_page_runs_nothing_and_fetches_nothing() -> None:
    page = to_html(_report("x"))
    assert (
        _tags(page).keys().isdisjoint({"script", "img", "link", "iframe", "object", "base", "form"})
    )
    names = _attributes(page)
    assert names.isdisjoint({"src", "style", "srcset", "action", "xlink:href"})
    assert not [name for name in names if name.startswith("on")]
    assert set(re.findall(r'href="(.)', page)) == {"#"}
    assert "@import" not in page and "url(" not in page


def test_the_policy_allows_the_style_sheet_and_nothing_else() -> None:
    page = to_html(_report("x"))
    (style,) = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
    digest = b64encode(hashlib.sha256(style.encode()).digest()).decode()
    (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)
    allowed = policy.replace("&#39;", "'")
    assert allowed == (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    )
    assert page.index("Content-Security-Policy") < page.index("<style>")


def test_links_lead_to_parts_of_the_page_and_labels_to_what_is_there() -> None:
    page = to_html(_report("x"))
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    named = re.findall(r'href="#([^"]+)"', page)
    named += [name for found in re.findall(r'labelledby="([^"]+)"', page) for name in found.split()]
    assert named and set(named) <= set(ids)


def _markdown_shape(text: str) -> list[str]:
    parser = MarkdownIt("gfm-like", {"linkify": False})
    tokens = parser.parse(text)
    return [
        inner.type
        for token in tokens
        for inner in (token, *(token.children or ()))
        if inner.type not in ("text", "text_special")
    ]


@pytest.mark.parametrize("text", HOSTILE)
def test_markdown_has_the_same_shape_whatever_its_texts_are(text: str) -> None:
    assert _markdown_shape(to_markdown(_report(text))) == _markdown_shape(to_markdown(_report("x")))


@pytest.mark.parametrize("text", HOSTILE)
def test_a_comparison_has_the_same_shape_whatever_its_texts_are(text: str) -> None:
    def told(text: str) -> str:
        good = [{**item, "usable": True} for item in _trials(text)]
        return comparison_to_markdown(compare(_trials(text), good, names=(text, f"{text}2")))

    assert _markdown_shape(told(text)) == _markdown_shape(told("x"))


def test_an_address_in_markdown_is_no_link() -> None:
    text = to_markdown(_report("https://evil.example www.evil.example me@evil.example"))
    assert "https\\://evil" in text and "www\\.evil" in text and "me\\@evil" in text
    outside_code = re.sub(r"`[^`]*`", "", text)
    assert not re.search(r"https?://evil|www\.evil|[a-z]@evil", outside_code)


def test_code_spans_hold_any_text() -> None:
    parser = MarkdownIt()
    for text in HOSTILE:
        (token,) = [item for item in parser.parse(code(text)) if item.type == "inline"]
        (span,) = token.children or ()
        assert span.type == "code_inline"
        assert span.content.replace("\\|", "|") == plain(text)
