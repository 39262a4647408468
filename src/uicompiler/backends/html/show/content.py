"""Text and notice."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from markupsafe import Markup

from uicompiler.backends.html.icons import icon_path
from uicompiler.backends.html.markup import NOTHING
from uicompiler.backends.html.show.showing import Showing, ShowNode
from uicompiler.ir import data
from uicompiler.ir.base import Node
from uicompiler.ir.content import TONE_ICONS, Notice, Text
from uicompiler.ir.tree import NodePath
from uicompiler.ir.words import display_text
from uicompiler.pointer import parse


class TextValues(NamedTuple):
    """Of the macros `text` and `heading`.

    Attributes:
        text: What to read; may have several lines.
        style: `h1` to `h5`, `body` or `caption`: how it looks.
        level: Level of the heading it is, from 2; 0 for none.
        rest: The lines after a heading's first.
    """

    text: str
    style: str
    level: int = 0
    rest: str = ""


def _text(node: Text, path: NodePath, to: Showing) -> Markup:
    text = node.text if node.bind is None else bound_text(node.bind, to)
    return text_of(text or "", path, to, style=node.style)


def text_of(text: str, path: NodePath, to: Showing, *, style: str = "body") -> Markup:
    """A plain text; nothing where there is nothing to read."""
    shown = to.readable(text, path)
    if not shown.strip("\n"):
        return NOTHING
    if style in ("body", "caption"):
        return to.macros["text"](TextValues(shown, style))
    first, _, rest = shown.partition("\n")
    if not first.strip():  # a heading has to say something
        return to.macros["text"](TextValues(shown, "body"))
    level = to.heading(int(style[1]), path)
    return to.macros["heading"](TextValues(first, style, level, rest))


def bound_text(bind: str, to: Showing) -> str | None:
    """What a pointer into the document reads, or None when there is nothing to read."""
    return display_text(data.get(to.surface.data, parse(bind)))


class NoticeValues(NamedTuple):
    """Of the macro `notice`.

    Attributes:
        tone: info, success, warning or error.
        said: The tone in words, for who does not see the icon.
        icon: Path data of its icon.
        title: A line above the text, or "".
        text: The message, or "".
    """

    tone: str
    said: str
    icon: str
    title: str
    text: str


def _notice(node: Notice, path: NodePath, to: Showing) -> Markup:
    return to.macros["notice"](
        NoticeValues(
            node.tone,
            to.words(f"notice.{node.tone}"),
            icon_path(TONE_ICONS[node.tone]),
            _shown(node.title or "", path, to),
            _shown(node.text, path, to),
        )
    )


def _shown(text: str, path: NodePath, to: Showing) -> str:
    """The text, or nothing where there is nothing to read."""
    shown = to.readable(text, path)
    return shown if shown.strip("\n") else ""


SHOW: Final[Mapping[type[Node], ShowNode]] = MappingProxyType({Text: _text, Notice: _notice})
