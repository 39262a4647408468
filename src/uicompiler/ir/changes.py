"""What a directive or an action's outcome asks for, as data.

Handlers return changes; the executor applies them under the rules of `executor/`. A new
directive needs no change to the executor as long as these say what it wants.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from uicompiler.ir.tree import Editable, View
from uicompiler.ir.values import FrozenDict, Json

OpName = Literal["set", "delete", "append", "insert"]


@dataclass(frozen=True, slots=True)
class PatchOp:
    """One write.

    Attributes:
        op: `insert` puts before a list index, `append` at a list's end.
        path: Canonical JSON Pointer into a surface's document.
        value: What to write; None for `delete`.
    """

    op: OpName
    path: str
    value: Json = None


@dataclass(frozen=True, slots=True)
class ShowView:
    """Show a view on a surface; what the user typed there stays unless `values` names it.

    Attributes:
        values: Values by canonical pointer, below `/draft` or `/ui_state`.
        reset: Whether every field of the view starts over.
        carried: Fields and rows of the same flow that this step of it does not show.
    """

    surface: str
    view: View
    values: Mapping[str, Json] = field(default_factory=FrozenDict)
    reset: bool = False
    carried: Sequence[Editable] = ()


@dataclass(frozen=True, slots=True)
class Replace:
    """Write a surface's `/draft` or `/ui_state` anew.

    Attributes:
        part: `draft` or `ui_state`.
        values: Values by canonical pointer; what they leave out starts over, or goes.
    """

    surface: str
    part: Literal["draft", "ui_state"]
    values: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Close:
    """Take a surface away; its document stays for the next time it is shown."""

    surface: str


@dataclass(frozen=True, slots=True)
class Patch:
    """Write to a surface's `/draft` and `/ui_state`, all ops or none."""

    surface: str
    ops: Sequence[PatchOp]


@dataclass(frozen=True, slots=True)
class Commit:
    """Write to a surface's `/committed`; only an action's outcome may ask for it."""

    surface: str
    ops: Sequence[PatchOp]


@dataclass(frozen=True, slots=True)
class Effect:
    """Something the edge carries out, such as a toast; it changes no state.

    Attributes:
        kind: What it is, such as `toast`.
        data: JSON values the edge needs.
    """

    kind: str
    data: Mapping[str, Json]

    def to_dict(self) -> dict[str, Json]:
        """The effect as a JSON object."""
        return {"kind": self.kind, "data": dict(self.data)}


Change: TypeAlias = ShowView | Replace | Close | Patch | Commit | Effect
