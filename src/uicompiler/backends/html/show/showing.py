"""What the functions that show nodes build with, and what comes of it.

It knows texts, ids, headings and templates; which node becomes what, the modules beside it say.
"""

from __future__ import annotations

import copy
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple, TypeAlias

from markupsafe import Markup

from uicompiler.backends.base import Settings
from uicompiler.backends.html.markup import NOTHING, Macros, joined
from uicompiler.backends.ids import component_id
from uicompiler.ir import data
from uicompiler.ir.actions import Button
from uicompiler.ir.attention import error_of
from uicompiler.ir.base import Node
from uicompiler.ir.inputs import Input
from uicompiler.ir.reserved import ERRORS_PLACE
from uicompiler.ir.state import Surface
from uicompiler.ir.text import clean
from uicompiler.ir.tree import NodePath, child_path, children_of
from uicompiler.ir.values import Json
from uicompiler.urls import url_refusal

PAGE_LEVEL: Final = 1
"""The level of the page's own heading, below which a surface's begin."""

_LOWEST_LEVEL: Final = 6


class Finding(NamedTuple):
    """What showing a node met: a code, and what was found where."""

    code: str
    message: str
    hint: str = ""


class Invalid(NamedTuple):
    """One entry of the summary of errors.

    Attributes:
        target: Id of the element to go to.
        label: Of the field.
        text: What is wrong.
    """

    target: str
    label: str
    text: str


@dataclass(slots=True)
class Found:
    """Everything that was met.

    Attributes:
        findings: For diagnostics, in reading order.
        cleaned: Paths of nodes whose text lost characters that no text may hold.
        unsupported: Kinds of nodes that nobody says how to show.
        cleaned_values: As `cleaned`, for what fields hold.
        invalid: The summary of errors.
        default: What the Enter key presses, as a post says it, or "".
        default_rank: How good that is.
        wanted: Level that the view gave its last heading, on the page.
        level: The level it has.
    """

    findings: list[Finding] = field(default_factory=list)
    cleaned: list[str] = field(default_factory=list)
    unsupported: list[str] = field(default_factory=list)
    cleaned_values: list[str] = field(default_factory=list)
    invalid: list[Invalid] = field(default_factory=list)
    default: str = ""
    default_rank: int = 0
    wanted: int = PAGE_LEVEL
    level: int = PAGE_LEVEL


class Showing:
    """What the functions that show nodes build with."""

    def __init__(
        self,
        surface: Surface,
        settings: Settings,
        macros: Macros,
        table: Mapping[type[Node], ShowNode],
    ) -> None:
        self.surface = surface
        self.macros = macros
        self.words = settings.words
        self.masked = settings.masked(surface)
        self.actions = settings.actions
        self.found = Found()
        self.inputs: Mapping[str, Input] = {item.id: item for item in surface.inputs}
        self._table = table
        self._settings = settings
        self.has_errors = data.get(surface.data, ERRORS_PLACE) is not data.MISSING

    def node(self, node: Node, path: NodePath) -> Markup:
        """Show any node; one that nobody says how to show is left out and reported."""
        how = self._table.get(type(node))
        if how is None:
            self.found.unsupported.append(node.node)
            return NOTHING
        return how(node, path, self)

    def inner(self, node: Node, path: NodePath) -> Markup:
        """Show a node's children."""
        return self.each(children_of(node), path)

    def each(self, children: Sequence[Node], path: NodePath) -> Markup:
        """Show nodes that stand directly inside the one at a path."""
        return joined(
            [self.node(child, child_path(child, path, i)) for i, child in enumerate(children)]
        )

    def within(self, shown: Mapping[type[Node], ShowNode]) -> Showing:
        """The same work, with other functions for some classes of nodes."""
        inner = copy.copy(self)
        inner._table = {**self._table, **shown}
        return inner

    def element_id(self, path: NodePath, role: str) -> str:
        """The id of an element: of its node's path and its role, and of the surface it is on."""
        return element_id(self.surface, path, role)

    def readable(self, text: str, path: NodePath) -> str:
        """The text without characters that no text may hold; what came from outside may."""
        cleaned = clean(text)
        if cleaned != text:
            self.found.cleaned.append("/".join(path))
        if len(cleaned) * 4 > self._settings.limits.max_string_bytes:
            self._check_length(cleaned, path)
        return cleaned

    def _check_length(self, text: str, path: NodePath) -> None:
        size, most = len(text.encode()), self._settings.limits.max_string_bytes
        if size > most:
            why = f"{'/'.join(path)}: max_string_bytes is {most}, found {size}"
            self.found.findings.append(Finding("A2UI_S2C_LIMIT_EXCEEDED", why, "show less of it"))

    def value(self, text: str, path: NodePath) -> str:
        """A draft value without characters that no text may hold."""
        cleaned = clean(text)
        if cleaned != text:
            self.found.cleaned_values.append("/".join(path))
        return cleaned

    def name(self, text: str, path: NodePath, what: str) -> str:
        """A text that something is known by; one that shows nothing is a finding."""
        shown = self.readable(text, path)
        if not shown[:1].isalnum() and not any(map(_is_seen, shown)):
            self.nameless(path, what)
        return shown

    def nameless(self, path: NodePath, what: str) -> None:
        """Note that something has no name that could be read out."""
        why = f"{'/'.join(path)}: {what} has no name that could be read out"
        hint = "give it a label or a title of letters"
        self.found.findings.append(Finding("A2UI_S2C_ACCESS_NAME_MISSING", why, hint))

    def heading(self, wanted: int, path: NodePath) -> int:
        """The level of a heading that the view has at 1 to 5; never one that skips a level.

        A page has its own at `PAGE_LEVEL`. How large it looks is the style's affair.
        """
        found = self.found
        if found.wanted != PAGE_LEVEL and wanted + PAGE_LEVEL > found.wanted + 1:
            why = f"{'/'.join(path)}: a heading of level {wanted} follows one of level "
            why += f"{found.wanted - PAGE_LEVEL}"
            hint = "a heading is at most one level below the one before it"
            found.findings.append(Finding("A2UI_S2C_ACCESS_HEADING_SKIPPED", why, hint))
        found.wanted = wanted + PAGE_LEVEL
        found.level = min(found.wanted, found.level + 1, _LOWEST_LEVEL)
        return found.level

    def url(self, url: str, path: NodePath) -> str:
        """A URL that may be fetched; one that may not is an error, and nothing goes out."""
        refusal = url_refusal(url, self._settings.url_schemes)
        if refusal is not None:
            why = f"{'/'.join(path)}: the URL may not go out: {refusal}"
            self.found.findings.append(Finding("A2UI_S2C_COMPONENT_URL_FORBIDDEN", why))
            return ""
        if len(url) * 4 > self._settings.limits.max_string_bytes:
            self._check_length(url, path)
        return url

    def draft_of(self, input_id: str) -> Json:
        """An input's draft value."""
        return data.get(self.surface.data["draft"], self.inputs[input_id].place)

    def error_of(self, input_id: str) -> str:
        """The error shown beside an input, or ""."""
        return error_of(self.surface, input_id) if self.has_errors else ""

    def pressed(self, button: Button, press: str) -> None:
        """Note a button: the best of them is pressed by the Enter key in a field.

        That is the main one that sends what was typed, never one that leads back or takes out.
        """
        rank = 0 if not button.submit or not button.check else 2 if button.primary else 1
        if rank > self.found.default_rank:
            self.found.default_rank, self.found.default = rank, press

    def report(self, code: str, path: NodePath, message: str, hint: str = "") -> None:
        """Note anything else."""
        self.found.findings.append(Finding(code, f"{'/'.join(path)}: {message}", hint))


_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Zs", "Zl", "Zp"})
"""Categories of what shows nothing. Code points without a character count as seen, since a later
version of Unicode, and with it of Python, may have one there: all versions are to find the same."""

_FORMATS: Final = ("\U00013430", "\U0001343f")
"""Controls that Unicode got in two versions, of which Python 3.11 knows the first."""


def _is_seen(char: str) -> bool:
    return unicodedata.category(char) not in _UNSEEN and not _FORMATS[0] <= char <= _FORMATS[1]


def element_id(surface: Surface, path: NodePath, role: str) -> str:
    """The id of an element of a surface; no other surface of the page has it."""
    return component_id((surface.name, *path), role)


ShowNode: TypeAlias = Callable[[Any, NodePath, Showing], Markup]
"""`Any`: each function takes its own node class."""
