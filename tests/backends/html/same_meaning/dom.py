"""Markup as a browser takes it: parsed by html5lib without one error, and held against the rules.

`parsed` takes no parse error at all, however a browser would mend it. `faults` lists
what a parser lets pass: ids that are there twice, references that lead nowhere, elements that may
not stand where they do, and whatever the templates do not have.
"""

from __future__ import annotations

import functools
import re
from collections import Counter
from collections.abc import Iterator
from importlib.resources import files
from typing import Final
from xml.etree.ElementTree import Element

import html5lib

SVG: Final = "{http://www.w3.org/2000/svg}"

PAGE: Final = (
    '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>A page</title></head>'
    "<body><main>{}</main></body></html>"
)


def parsed(markup: str) -> Element:
    """The markup of a surface as a tree; a parser must not have had to mend anything."""
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    found: Element = parser.parseFragment(markup)
    assert _errors(parser) == [], _errors(parser)
    return found


def parsed_page(*markup: str) -> Element:
    """A whole document with surfaces in it, parsed as strictly."""
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    found: Element = parser.parse(PAGE.format("".join(markup)))
    assert _errors(parser) == [], _errors(parser)
    return found


def _errors(parser: html5lib.HTMLParser) -> list[object]:
    """But for noncharacters such as U+FFFF, which a parser minds and keeps."""
    return [error for error in parser.errors if error[1] != "invalid-codepoint"]


def classes(element: Element) -> frozenset[str]:
    """The names in its class."""
    return frozenset(element.get("class", "").split())


def is_hidden(element: Element) -> bool:
    """Whether a person who sees the page does not see it."""
    return (
        element.get("aria-hidden") == "true"
        or "hidden" in element.attrib
        or "ui-visually-hidden" in classes(element)
        or (element.tag == "input" and element.get("type") == "hidden")
    )


def words(element: Element) -> str:
    """What is written in it, as far as it is seen."""
    inner = (words(child) + (child.tail or "") for child in element)
    return "" if is_hidden(element) else (element.text or "") + "".join(inner)


def whole(element: Element) -> str:
    """Everything that is written in it, hidden or not."""
    return "".join(element.itertext())


# ---------------------------------------------------------------- what a parser lets pass

_REFERENCES: Final = ("for", "aria-labelledby", "aria-describedby", "aria-controls")
_PHRASING: Final = frozenset(
    [
        "a",
        "abbr",
        "b",
        "bdi",
        "bdo",
        "br",
        "button",
        "code",
        "em",
        "i",
        "img",
        "input",
        "label",
        "output",
        "path",
        "progress",
        "select",
        "small",
        "span",
        "strong",
        "svg",
        "textarea",
        "video",
        "audio",
        "option",
    ]
)
_ONLY_PHRASING: Final = frozenset(
    [
        "p",
        "span",
        "label",
        "button",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "legend",
        "summary",
        "dt",
        "a",
        "bdi",
        "option",
        "output",
    ]
)
_ONLY: Final = {
    "ul": {"li"},
    "ol": {"li"},
    "dl": {"div"},
    "table": {"thead", "tbody"},
    "thead": {"tr"},
    "tbody": {"tr"},
    "tr": {"th", "td"},
    "select": {"option"},
}
_PRESSED: Final = frozenset({"a", "button", "input", "select", "textarea", "details", "label"})
_EVIL_URL: Final = re.compile(r"[\s\x00-\x20]*(javascript|data|vbscript|file|blob):", re.IGNORECASE)
_URLS: Final = frozenset({"src", "href", "action", "formaction", "poster", "xlink:href"})


def faults(root: Element) -> list[str]:
    """What is wrong with a tree, in words."""
    return [
        *_faults_of_ids(root),
        *_faults_of_names(root),
        *_faults_of_places(root, (), ()),
        *_faults_of_urls(root),
    ]


def _faults_of_ids(root: Element) -> Iterator[str]:
    ids = Counter(element.get("id") for element in root.iter() if element.get("id") is not None)
    yield from (f"the id {name!r} is there {n} times" for name, n in ids.items() if n > 1)
    for element in root.iter():
        for name in _REFERENCES:
            for ident in element.get(name, "").split():
                if ident not in ids:
                    yield f"{element.tag} {name}={ident!r} leads nowhere"
        target = element.get("href", "")
        if element.tag == "a" and target.removeprefix("#") not in ids:
            yield f"the link {target!r} leads nowhere"


def _faults_of_names(root: Element) -> Iterator[str]:
    elements, attributes = allowed()
    for element in root.iter():
        tag = plain_tag(element)
        if tag not in elements and tag != "DOCUMENT_FRAGMENT":
            yield f"no template has an element {tag!r}"
        for name in element.attrib:
            if name not in attributes or name.startswith("on") or name == "style":
                yield f"no template has an attribute {name!r} ({tag})"


def _faults_of_places(
    element: Element, above: tuple[str, ...], forms: tuple[str, ...]
) -> Iterator[str]:
    tag = plain_tag(element)
    parent = above[-1] if above else ""
    if parent in _ONLY_PHRASING and tag not in _PHRASING and not _may_hold(parent, tag):
        yield f"{tag} in {parent}"
    if parent in _ONLY and tag not in _ONLY[parent]:
        yield f"{tag} in {parent}"
    if tag in _PRESSED and {"a", "button", "label"} & set(above):
        yield f"{tag} in one of {above}, which is pressed itself"
    if tag == "form" and "form" in above:
        yield "a form in a form"
    if re.fullmatch("p|h[1-6]", tag) and not whole(element):
        yield f"an empty {tag} in {parent}"
    if tag == "fieldset" and (not len(element) or element[0].tag != "legend"):
        yield "a fieldset that does not begin with its legend"
    for child in element:
        yield from _faults_of_places(child, (*above, tag), forms)


def _may_hold(parent: str, tag: str) -> bool:
    """A summary and a legend may hold one heading."""
    return parent in ("summary", "legend") and re.fullmatch("h[1-6]", tag) is not None


def _faults_of_urls(root: Element) -> Iterator[str]:
    for element in root.iter():
        for name, value in element.attrib.items():
            if name in _URLS and _EVIL_URL.match(value):
                yield f"{name}={value[:60]!r}"


def plain_tag(element: Element) -> str:
    """Its name, without a namespace."""
    return str(element.tag).rpartition("}")[2]


@functools.cache
def allowed() -> tuple[frozenset[str], frozenset[str]]:
    """The elements and attributes that the library's own templates have."""
    folder = files("uicompiler.backends.html").joinpath("templates")
    source = "".join(
        re.sub(r"\{#.*?#\}", "", path.read_text("utf-8"), flags=re.DOTALL)
        for path in folder.iterdir()
        if path.name.endswith(".html")
    )
    source = source.replace("<h{{ v.level }}", "<h2 ").replace("<{{ kind }}", "<video ")
    source = re.sub(r"\{\{.*?\}\}", " ", source, flags=re.DOTALL)
    source = re.sub(r"\{%.*?%\}", " ", source, flags=re.DOTALL)
    elements, attributes = set(), set()
    for tag, inner in re.findall(r"<([a-z][a-z0-9-]*)((?:\s[^<>]*)?)/?>", source):
        elements.add(tag)
        attributes.update(re.findall(r"""([a-zA-Z-]+)(?:="[^"]*")?""", inner))
    # What stands in an expression, or in a macro of attributes alone.
    elements |= {"audio", "video", *(f"h{level}" for level in range(2, 7))}
    attributes |= {"aria-current", "aria-invalid", "checked", "selected", "open"}
    return frozenset(elements), frozenset(attributes)
