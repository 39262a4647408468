"""The registry of directives: one spec a type, found under any reasonable spelling of it.

Prompt instructions and JSON Schema are generated from the same specs, so nothing about a
directive is written twice.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Protocol, TypeAlias

from uicompiler.errors import AppError, diagnostic
from uicompiler.ir.base import Frozen, Node
from uicompiler.ir.changes import Change
from uicompiler.ir.state import UIState
from uicompiler.ir.tree import Editable, View
from uicompiler.ir.whole import Whole, whole_reader

Note: TypeAlias = Callable[[str, str], None]
"""Reports a deterministic repair: pointer inside the payload, what was done."""


@dataclass(frozen=True, slots=True)
class FormView:
    """The view of a form, and the fields of its steps that are not shown."""

    view: View
    carried: Sequence[Editable] = ()


class DirectiveContext(Protocol):
    """What a directive's handler may ask; it gives nothing to change."""

    @property
    def state(self) -> UIState:
        """The state as the directives before this one left it."""

    def words(self, key: str, **values: str) -> str:
        """A text of the library's own, in the language of the turn."""

    def form(
        self, form_id: str, *, surface: str, values: Mapping[str, Any], reset: bool
    ) -> FormView | None:
        """The view of a registered form or wizard, or None; `values` are about to be written.

        A wizard that the surface shows already stays at its step, unless it is reset.
        """

    def form_ids(self) -> Sequence[str]:
        """Names of all registered forms, sorted."""

    def view(self, view_id: str) -> View | None:
        """A registered view, or None."""

    def view_ids(self) -> Sequence[str]:
        """Names of all registered views, sorted."""

    def inline_view(self, root: Node) -> View:
        """The view of a tree the model composed itself.

        Raises:
            DirectiveError: it has fields, and the app does not allow inline forms.
        """

    def action(self, name: str | None) -> str:
        """The action of something the model composed: the one named, or the app's for such.

        Raises:
            DirectiveError: none is named, and the app has none for it.
        """

    def inline_form(self, spec: Mapping[str, Any]) -> View:
        """The view of a form the model composed itself.

        Raises:
            DirectiveError: the app does not allow inline forms.
        """

    def repaired(self, pointer: str, what: str) -> None:
        """Report a deterministic repair at a pointer inside the payload."""


Run: TypeAlias = Callable[[Any, DirectiveContext], Sequence[Change]]
"""`(payload, context) -> changes`; pure; refuses by raising DirectiveError.

`Any`: each handler takes its own payload model.
"""

Prepare: TypeAlias = Callable[[dict[str, Any], Note], dict[str, Any]]


class Payload(Frozen):
    """Base of all payload models: every directive may name its surface."""

    surface: str | None = None


PayloadModel: TypeAlias = type[Payload]
_Nodes: TypeAlias = Mapping[str, type[Node]]


@dataclass(frozen=True, slots=True)
class DirectiveSpec:
    """One directive.

    Attributes:
        type: Its canonical name, such as `ui.show_form`.
        payload: Model of its payload.
        run: What it asks for.
        summary: One line for the model: when to use it.
        example: A payload that shows it, for prompts.
        aliases: Other names models give it.
        key_aliases: Other names models give its payload's keys.
        prepare: Repairs the raw payload before validation.
    """

    type: str
    payload: PayloadModel
    run: Run
    summary: str
    example: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    aliases: tuple[str, ...] = ()
    key_aliases: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    prepare: Prepare | None = None


class DirectiveRegistry:
    """Specs by canonical name; looks names up the way models spell them."""

    def __init__(self, specs: Iterable[DirectiveSpec] = ()) -> None:
        self._specs: dict[str, DirectiveSpec] = {}
        self._spellings: dict[str, str] = {}
        self._readers: dict[PayloadModel, tuple[_Nodes, Whole | None]] = {}
        for spec in specs:
            self.add(spec)

    def add(self, spec: DirectiveSpec) -> None:
        """Register a directive.

        Raises:
            AppError: APP_DUPLICATE, its name or an alias is taken.
        """
        for name in (spec.type, *spec.aliases):
            taken = self._spellings.get(_squash(name))
            if taken is not None:
                raise AppError(
                    [
                        diagnostic(
                            "APP_DUPLICATE",
                            f"the directive name {name!r} is taken by {taken!r}",
                            hint="choose another name or drop the other directive first",
                        )
                    ]
                )
        self._specs[spec.type] = spec
        for name in (spec.type, *spec.aliases):
            self._spellings[_squash(name)] = spec.type

    def drop(self, name: str) -> None:
        """Take a directive out, so that models are not offered it.

        Raises:
            KeyError: no such directive.
        """
        del self._specs[name]
        self._spellings = {key: kind for key, kind in self._spellings.items() if kind != name}

    def find(self, name: str) -> DirectiveSpec | None:
        """The spec meant by a name such as `UI.ShowForm` or `ui_show_form`."""
        kind = name if name in self._specs else self._spellings.get(_squash(name))
        return None if kind is None else self._specs[kind]

    def whole_reader(self, payload: PayloadModel, nodes: _Nodes) -> Whole | None:
        """What reads payloads of a model at once (`ir/whole.py`), or None.

        It is kept until it is asked for with another table of node classes.
        """
        made_for, reader = self._readers.get(payload, (None, None))
        if made_for != nodes:
            reader = whole_reader(payload, nodes)
            self._readers[payload] = (dict(nodes), reader)
        return reader

    def __iter__(self) -> Iterator[DirectiveSpec]:
        return iter(self._specs[name] for name in sorted(self._specs))

    def names(self) -> list[str]:
        """Canonical names, sorted."""
        return sorted(self._specs)


def _squash(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())
