"""One surface of the HTML backend by itself, read by a real parser."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element

import html5lib

from uicompiler import ClientProfile, UIApp
from uicompiler.backends.base import Rendered, Settings
from uicompiler.backends.html.backend import Html
from uicompiler.catalog.catalog import standard_catalog
from uicompiler.ir.fields import initial
from uicompiler.ir.reserved import OWN_ACTIONS
from uicompiler.ir.rows import Rows, initial_rows
from uicompiler.ir.state import Surface
from uicompiler.ir.tree import View, editables, parse_node
from uicompiler.ir.values import freeze
from uicompiler.limits import Limits

APP = UIApp("app", inline_form_action="save")


def settings(**own: Any) -> Settings:
    """What holds for one response."""
    known: dict[str, Any] = {
        "client": ClientProfile.web_core(),
        "catalog": standard_catalog(),
        "limits": Limits(),
        "actions": frozenset({"save", "look"}) | OWN_ACTIONS,
        "url_schemes": ("http", "https"),
    }
    return Settings(**{**known, **own})


def surface(*nodes: dict[str, Any], name: str = "main", **document: Any) -> Surface:
    """A surface that shows nodes one below the other; fields start as they do."""
    root = parse_node({"node": "stack", "children": list(nodes)})
    draft = {
        item.id: initial_rows(item) if isinstance(item, Rows) else initial(item)
        for item in editables(root)
    }
    draft |= document.pop("draft", {})
    data = freeze({"draft": draft, "committed": {}, "ui_state": {}, **document})
    return Surface(name, rev=1, view=View(root), data=data)


def rendered(*nodes: dict[str, Any], name: str = "main", **own: Any) -> Rendered:
    """The first render of such a surface; what is no part of a document is a setting."""
    parts = {key: own.pop(key) for key in ("draft", "committed", "ui_state") if key in own}
    return Html().first(surface(*nodes, name=name, **parts), settings(**own))


def markup(*nodes: dict[str, Any], **own: Any) -> str:
    """Its markup; the render must succeed."""
    done = rendered(*nodes, **own)
    assert not done.failed, done.diagnostics
    (message,) = done.messages
    text: str = message["replace"]["html"]
    return text


def parsed(text: str) -> Element:
    """A fragment as a browser reads it."""
    return html5lib.parseFragment(text, namespaceHTMLElements=False)


def tree(*nodes: dict[str, Any], **own: Any) -> Element:
    """The parsed markup of a first render."""
    return parsed(markup(*nodes, **own))


def all_of(root: Element, tag: str, **attributes: str) -> list[Element]:
    """Elements by tag and attributes; `class_` and `for_` stand for the reserved words."""
    wanted = {key.rstrip("_").replace("_", "-"): value for key, value in attributes.items()}
    return [
        item
        for item in root.iter(tag)
        if all(value in (item.get(key) or "").split(" ") for key, value in wanted.items())
    ]


def one(root: Element, tag: str, **attributes: str) -> Element:
    """The one element of its kind."""
    (found,) = all_of(root, tag, **attributes)
    return found


def words(item: Element) -> str:
    """All text in an element."""
    return "".join(item.itertext())


def ids(root: Element) -> Iterator[str]:
    """Every id, in order."""
    return (item.attrib["id"] for item in root.iter() if "id" in item.attrib)
