"""Nodes that show what is no text: image, icon, video, audio."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Final, Literal

from pydantic import StringConstraints, model_validator

from uicompiler.ir.base import Node

Url = Annotated[str, StringConstraints(min_length=1)]
"""An absolute URL; which schemes and hosts may go out, the app and the backend say."""

Fit = Literal["contain", "cover", "fill", "none", "scale_down"]
ImageSize = Literal["icon", "avatar", "small", "medium", "large", "header"]
IconName = Literal[
    "account_circle",
    "add",
    "arrow_back",
    "arrow_forward",
    "attach_file",
    "calendar_today",
    "call",
    "camera",
    "check",
    "close",
    "delete",
    "download",
    "edit",
    "error",
    "event",
    "favorite",
    "favorite_off",
    "folder",
    "help",
    "home",
    "info",
    "location_on",
    "lock",
    "lock_open",
    "mail",
    "menu",
    "more_horiz",
    "more_vert",
    "notifications",
    "notifications_off",
    "payment",
    "person",
    "phone",
    "photo",
    "print",
    "refresh",
    "search",
    "send",
    "settings",
    "share",
    "shopping_cart",
    "star",
    "star_half",
    "star_off",
    "upload",
    "visibility",
    "visibility_off",
    "warning",
]


class Image(Node):
    """A picture, from a fixed `url` or one read from the surface's document (`bind`).

    Attributes:
        url: Where the picture is fetched from.
        bind: A JSON Pointer to a URL; nothing but words shows while there is none.
        alt: What a person who does not see the picture should know of it.
        decorative: Whether there is nothing to know; stands instead of `alt`.
        caption: A line below the picture.
        fit: How the picture fills its box.
        size: From a tiny symbol or a round portrait to a banner across the page.
    """

    example: ClassVar[Mapping[str, Any]] = {
        "url": "https://example.com/ada.png",
        "alt": "Ada Lovelace at her desk",
        "size": "avatar",
    }

    node: Literal["image"] = "image"
    url: Url | None = None
    bind: str | None = None
    alt: str | None = None
    decorative: bool = False
    caption: str | None = None
    fit: Fit = "contain"
    size: ImageSize | None = None

    @model_validator(mode="after")
    def _one_source(self) -> Image:
        if (self.url is None) == (self.bind is None):
            raise ValueError("an image has exactly one of url and bind")
        if bool(self.alt and self.alt.strip()) == self.decorative:
            raise ValueError("an image has either alt or decorative: true")
        return self


class Icon(Node):
    """A symbol out of a fixed set, with or without words beside it.

    Attributes:
        name: Which symbol.
        label: Words beside it.
    """

    example: ClassVar[Mapping[str, Any]] = {"name": "location_on", "label": "London"}

    node: Literal["icon"] = "icon"
    name: IconName
    label: str | None = None


class Video(Node):
    """A video with controls.

    Attributes:
        url: Of a media file; the page of a video site does not play.
        title: A line above it.
    """

    example: ClassVar[Mapping[str, Any]] = {
        "url": "https://example.com/tour.mp4",
        "title": "A tour of the house",
    }

    node: Literal["video"] = "video"
    url: Url
    title: str | None = None


class Audio(Node):
    """A sound with controls.

    Attributes:
        url: Of a media file.
        title: A line above it.
    """

    example: ClassVar[Mapping[str, Any]] = {
        "url": "https://example.com/call.mp3",
        "title": "Your call on Monday",
    }

    node: Literal["audio"] = "audio"
    url: Url
    title: str | None = None


NODES: Final[tuple[type[Node], ...]] = (Image, Icon, Video, Audio)
