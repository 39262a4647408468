"""Image, icon, video, audio."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from uicompiler.backends.a2ui_v0_8.lower.lowering import Lowering, LowerNode
from uicompiler.backends.a2ui_v0_8.names import guard_label
from uicompiler.ir.base import Node
from uicompiler.ir.media import Audio, Icon, Image, Video
from uicompiler.ir.tree import NodePath
from uicompiler.pointer import parse

_SIZES: Final = MappingProxyType(
    {"small": "smallFeature", "medium": "mediumFeature", "large": "largeFeature"}
)


def _image(node: Image, path: NodePath, to: Lowering) -> str | None:
    url = _url(node, to)
    line = to.text(path, node.caption or node.alt or "", style="caption", role="caption")
    if url is None:
        return line
    # Without a fit the official client stretches the picture.
    props: dict[str, Any] = {
        "url": {"literalString": url},
        "fit": node.fit.replace("_", "-"),
    }
    if node.size is not None:
        props["usageHint"] = _SIZES.get(node.size, node.size)
    if node.alt is not None:
        to.degraded("image_alt", path)
        props["altText"] = {"literalString": guard_label(to.readable(node.alt, path))}
    image = to.add(path, "Image", props)
    return image if line is None else to.box(path, [image, line])


def _url(node: Image, to: Lowering) -> str | None:
    """The URL as it is now: a literal, so that the check of what goes out sees it."""
    if node.bind is None:
        return node.url
    value = to.value(parse(node.bind))
    return value if isinstance(value, str) and value else None


def _icon(node: Icon, path: NodePath, to: Lowering) -> str:
    icon = to.add(path, "Icon", {"name": {"literalString": icon_name(node.name)}})
    label = to.text(path, node.label or "", role="label")
    return icon if label is None else to.box(path, [icon, label], kind="Row", alignment="center")


def icon_name(name: str) -> str:
    """The catalog's name of an icon: `arrow_back` is `arrowBack`."""
    first, *rest = name.split("_")
    return "".join((first, *(part.capitalize() for part in rest)))


def _video(node: Video, path: NodePath, to: Lowering) -> str:
    to.degraded("video", path)
    player = to.add(path, "Video", {"url": {"literalString": node.url}})
    return _titled(node.title, player, path, to)


def _audio(node: Audio, path: NodePath, to: Lowering) -> str:
    to.degraded("audio", path)
    props: dict[str, Any] = {"url": {"literalString": node.url}}
    if node.title is not None:
        props["description"] = {"literalString": guard_label(to.readable(node.title, path))}
    return _titled(node.title, to.add(path, "AudioPlayer", props), path, to)


def _titled(title: str | None, player: str, path: NodePath, to: Lowering) -> str:
    line = to.text(path, title or "", style="caption", role="title")
    return player if line is None else to.box(path, [line, player])


LOWER: Final[Mapping[type[Node], LowerNode]] = MappingProxyType(
    {
        Image: _image,
        Icon: _icon,
        Video: _video,
        Audio: _audio,
    }
)
