"""Image, icon, video, audio."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from markupsafe import Markup

from uicompiler.backends.html.icons import FLIPPED, icon_path
from uicompiler.backends.html.markup import NOTHING
from uicompiler.backends.html.show.content import text_of
from uicompiler.backends.html.show.showing import Showing, ShowNode
from uicompiler.ir import data
from uicompiler.ir.base import Node
from uicompiler.ir.media import Audio, Icon, Image, Video
from uicompiler.ir.tree import NodePath
from uicompiler.pointer import parse


class ImageValues(NamedTuple):
    """Of the macro `image`.

    Attributes:
        url: Where it is fetched from.
        alt: What a person who does not see it should know; "" where there is nothing to know.
        caption: A line below, or "".
        classes: Its fit and size.
    """

    url: str
    alt: str
    caption: str
    classes: str


class IconValues(NamedTuple):
    """Of the macro `icon`.

    Attributes:
        icon: Path data.
        label: Words beside it, or "".
        flips: Whether it points along the line, and so the other way where that runs leftwards.
    """

    icon: str
    label: str
    flips: bool


class MediaValues(NamedTuple):
    """Of the macros `video` and `audio`.

    Attributes:
        url: Of a media file.
        title: A line above, or "".
    """

    url: str
    title: str


def _image(node: Image, path: NodePath, to: Showing) -> Markup:
    url = node.url if node.bind is None else data.get(to.surface.data, parse(node.bind))
    allowed = to.url(url, path) if isinstance(url, str) and url else ""
    if not allowed:
        return text_of(node.caption or node.alt or "", path, to, style="caption")
    size = f" ui-size-{node.size}" if node.size else ""
    classes = f" ui-fit-{node.fit.replace('_', '-')}{size}"
    alt, caption = to.readable(node.alt or "", path), to.readable(node.caption or "", path)
    return to.macros["image"](ImageValues(allowed, alt, caption, classes))


def _icon(node: Icon, path: NodePath, to: Showing) -> Markup:
    label = to.readable(node.label or "", path)
    return to.macros["icon"](IconValues(icon_path(node.name), label, node.name in FLIPPED))


def _video(node: Video, path: NodePath, to: Showing) -> Markup:
    return _titled("video", node.url, node.title, path, to)


def _audio(node: Audio, path: NodePath, to: Showing) -> Markup:
    return _titled("audio", node.url, node.title, path, to)


def _titled(kind: str, url: str, title: str | None, path: NodePath, to: Showing) -> Markup:
    shown = to.name(title or "", path, f"{kind} controls")
    allowed = to.url(url, path)
    return to.macros[kind](MediaValues(allowed, shown)) if allowed else NOTHING


SHOW: Final[Mapping[type[Node], ShowNode]] = MappingProxyType(
    {Image: _image, Icon: _icon, Video: _video, Audio: _audio}
)
