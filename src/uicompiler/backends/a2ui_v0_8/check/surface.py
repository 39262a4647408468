"""What a stream has made of one surface so far, and what one surfaceUpdate declares.

It keeps what rules of later messages ask for. What is wrong with any of it, it does not know.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from uicompiler.backends.a2ui_v0_8.check.findings import At, Look
from uicompiler.backends.a2ui_v0_8.check.graph import Children

COMPONENTS: Final[At] = ((None, "surfaceUpdate"), "components")


class Notes:
    """What one surfaceUpdate declares, by id: index, type, references."""

    def __init__(self) -> None:
        self.declared: dict[str, int] = {}
        self.types: dict[str, str] = {}
        self.children: Children = {}


@dataclass(slots=True)
class Surface:
    """What the stream has made of one surface so far.

    Attributes:
        live: Whether the client had it before the stream; its earlier components are unknown.
        begun: Whether the client shows it.
        root: Id of its root, where the stream named one.
        root_at: Line of the message that did.
        types: Component type by id, "" where it has none.
        children: Ids each component refers to.
        places: Per surfaceUpdate its line, the index of each id in it, and its components.
        referred: Ids that anything refers or once referred to.
        tangled: Whether a cycle was found.
        texts: Property strings of each surfaceUpdate; `strings` holds those of older ones.
        shown: Paths of strings that a user reads; `written` those that inputs write.
        inputs: Type and path of each input of a foreign stream.
        repeated: Components that templates repeat; `fetched` the paths of URLs.
        holds_json: Whether a text of the data model is an array to clients.
        suspect: Whether clients might show any of a foreign stream otherwise than it is meant.
        suspects: New ids that equal one of `strings`.
        writes: Line and body of each dataModelUpdate of a foreign stream.
        entries: Data entries by the path they were last written at; `entry_count` is their sum.
        passed: Names of limits already reported.
    """

    live: bool = False
    begun: bool = False
    first_line: int | None = None
    root: str | None = None
    root_at: int | None = None
    types: dict[str, str] = field(default_factory=dict)
    children: Children = field(default_factory=dict)
    places: list[tuple[int | None, dict[str, int], Sequence[Any]]] = field(default_factory=list)
    referred: set[str] = field(default_factory=set)
    tangled: bool = False
    texts: list[list[str]] = field(default_factory=list)
    strings: set[str] = field(default_factory=set)
    suspects: set[str] = field(default_factory=set)
    shown: list[str] = field(default_factory=list)
    written: list[str] = field(default_factory=list)
    inputs: list[tuple[str, str]] = field(default_factory=list)
    repeated: list[str] = field(default_factory=list)
    fetched: list[str] = field(default_factory=list)
    holds_json: bool = False
    suspect: bool = False
    writes: list[tuple[int | None, Mapping[str, Any]]] = field(default_factory=list)
    entries: dict[str, int] = field(default_factory=dict)
    entry_count: int = 0
    messages: int = 0
    bytes: int = 0
    has_content: bool = False
    passed: set[str] = field(default_factory=set)

    def add(self, notes: Notes, items: Sequence[Any], look: Look) -> None:
        """Take in what a surfaceUpdate declared."""
        self.places.append((look.line, notes.declared, items))
        self.texts.append(look.texts)
        self.shown += look.shown
        self.written += look.written
        self.inputs += look.inputs
        self.repeated += look.repeated
        self.fetched += look.fetched
        # What several messages say of one component is looked into.
        is_new = self.types.keys().isdisjoint(notes.declared.keys())
        self.suspect |= look.suspect or look.shares_children or not is_new
        if not self.types:
            self.types, self.children = notes.types, notes.children
            return
        for ident in self.children.keys() & notes.declared.keys():
            del self.children[ident]
        self.types.update(notes.types)
        self.children.update(notes.children)

    def latest(self) -> dict[str, tuple[int | None, At, Any]]:
        """By id, the definition that holds: its line and place, and the component itself."""
        return {
            ident: (line, (COMPONENTS, index), items[index])
            for line, declared, items in self.places
            for ident, index in declared.items()
        }
