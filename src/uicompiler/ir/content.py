"""Nodes that show something: text and notice."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, ClassVar, Final, Literal

from pydantic import model_validator

from uicompiler.ir.base import Node

TextStyle = Literal["h1", "h2", "h3", "h4", "h5", "body", "caption"]
Tone = Literal["info", "success", "warning", "error"]


class Text(Node):
    """Plain text, fixed (`text`) or read from the surface's document (`bind`, a JSON Pointer)."""

    example: ClassVar[Mapping[str, Any]] = {"text": "Ada Lovelace", "style": "h2"}

    node: Literal["text"] = "text"
    text: str | None = None
    bind: str | None = None
    style: TextStyle = "body"

    @model_validator(mode="after")
    def _one_source(self) -> Text:
        if (self.text is None) == (self.bind is None):
            raise ValueError("a text has exactly one of text and bind")
        return self


TONE_ICONS: Final[Mapping[Tone, str]] = MappingProxyType(
    {"info": "info", "success": "check", "warning": "warning", "error": "error"}
)
"""The symbol (`ir/media.py`) of each tone."""


class Notice(Node):
    """A message that stands out by its tone."""

    example: ClassVar[Mapping[str, Any]] = {
        "tone": "warning",
        "title": "Careful",
        "text": "Nothing is saved yet.",
    }

    node: Literal["notice"] = "notice"
    tone: Tone = "info"
    title: str | None = None
    text: str


NODES: Final[tuple[type[Node], ...]] = (Text, Notice)
