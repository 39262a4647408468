"""A screen of the race: what a model says in our directives, and the same in A2UI's own terms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from benchmarks.tokens.parts import Part

MAIN = "main"


@dataclass(frozen=True, slots=True)
class Show:
    """A new surface, what it shows, and the values its paths have in the beginning.

    Attributes:
        root: The tree.
        data: The data model.
        blank: What the official v0.8 client needs in the data model to show an input that is empty.
        changes_later: Whether a later answer changes single values.
        surface: Its id.
        sends_inputs: Whether what the user typed goes back with a press. A format says so in the
            shortest way it has.
    """

    root: Part
    data: Mapping[str, Any] = field(default_factory=dict)
    blank: Mapping[str, Any] = field(default_factory=dict)
    changes_later: bool = False
    surface: str = MAIN
    sends_inputs: bool = False


@dataclass(frozen=True, slots=True)
class Put:
    """Other values in the data model of a surface that is shown."""

    values: Mapping[str, Any]
    surface: str = MAIN


Step: TypeAlias = Show | Put


@dataclass(frozen=True, slots=True)
class Screen:
    """One answer of a model.

    Attributes:
        id: Its name.
        text: What the model says beside the screen, the same in every format.
        ours: Directives: types with payloads.
        theirs: The same in A2UI; where there are several ways, each format takes its shortest.
            Empty where the standard catalog has no words for it.
        before: What was shown earlier, as `ours` and `theirs`.
        missing: What A2UI cannot say here.
        app_knows: Whether the app has what is shown, so that ours names it and theirs spells it.
    """

    id: str
    text: str
    ours: Sequence[tuple[str, Mapping[str, Any]]]
    theirs: Sequence[Sequence[Step]] = ()
    before: tuple[Sequence[tuple[str, Mapping[str, Any]]], Sequence[Step]] | None = None
    missing: str = ""
    app_knows: bool = False
