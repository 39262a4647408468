"""From a surface to its markup: the table of what shows each node, and its use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, NamedTuple

from markupsafe import Markup

from uicompiler import languages
from uicompiler.backends.base import Settings
from uicompiler.backends.html.markup import NOTHING, Macros
from uicompiler.backends.html.show import (
    actions,
    content,
    fields,
    figures,
    layout,
    lists,
    media,
    rows,
)
from uicompiler.backends.html.show.actions import ROLE
from uicompiler.backends.html.show.showing import Found, Invalid, Showing, ShowNode, element_id
from uicompiler.backends.ids import wire_surface_id
from uicompiler.ir.base import Node
from uicompiler.ir.client import Pressed
from uicompiler.ir.inputs import Input
from uicompiler.ir.layout import Stack
from uicompiler.ir.pressable import pressable
from uicompiler.ir.state import Surface
from uicompiler.ir.tree import NodePath

SHOW: Final[Mapping[type[Node], ShowNode]] = MappingProxyType(
    {
        **layout.SHOW,
        **content.SHOW,
        **media.SHOW,
        **figures.SHOW,
        **actions.SHOW,
        **fields.SHOW,
        **rows.SHOW,
        **lists.SHOW,
    }
)

_PLAIN: Final = ("column", None, None)
_FALLBACK: Final = "en"
"""The language of the library's texts where the turn's is no language."""

VIEW_PATH: Final[NodePath] = ("root",)


class SurfaceValues(NamedTuple):
    """Of the macro `surface`.

    Attributes:
        name: The surface's name.
        surface: Its id on the wire, which names the epoch too.
        rev: Its revision.
        nonce: Its nonce, or "".
        default: What the Enter key in a field presses, or "".
        language: Tag of the turn's language (RFC 5646).
        direction: Which way that is written: ltr or rtl.
        summary: Heading of the summary of errors.
        invalid: Its entries.
        body: The view.
    """

    name: str
    surface: str
    rev: int
    nonce: str
    default: str
    language: str
    direction: str
    summary: str
    invalid: tuple[Invalid, ...]
    body: Markup


@dataclass(frozen=True, slots=True)
class Shown:
    """A surface's view as markup, what showing it met, and its inputs by id."""

    body: Markup
    found: Found
    inputs: Mapping[str, Input]


def show(surface: Surface, settings: Settings, macros: Macros) -> Shown:
    """Show a surface's view."""
    own = settings.lowerings
    to = Showing(surface, settings, macros, {**SHOW, **own} if own else SHOW)
    body = NOTHING if surface.view is None else _outermost(surface.view.root, to)
    return Shown(body, to.found, to.inputs)


def _outermost(root: Node, to: Showing) -> Markup:
    """A plain column's children stand in the form itself."""
    if isinstance(root, Stack) and (root.direction, root.align, root.distribute) == _PLAIN:
        return to.inner(root, VIEW_PATH)
    return to.node(root, VIEW_PATH)


def framed(surface: Surface, shown: Shown, settings: Settings, macros: Macros) -> str:
    """The surface's element around its view."""
    found = shown.found
    count = str(len(found.invalid))
    markup = macros["surface"](
        SurfaceValues(
            surface.name,
            wire_surface_id(surface.name, surface.epoch),
            surface.rev,
            settings.nonce_of(surface) or "",
            found.default,
            settings.language if languages.is_tag(settings.language) else _FALLBACK,
            languages.direction(settings.language),
            settings.words("form.errors", count=count) if found.invalid else "",
            tuple(found.invalid),
            shown.body,
        )
    )
    return str(markup)


def buttons(surface: Surface) -> dict[str, Pressed]:
    """The buttons a surface shows, by the ids of their elements."""
    return {element_id(surface, path, ROLE): pressed for path, pressed, _ in pressable(surface)}
