"""What is written to a surface's draft, and what a view finds there when it is shown.

The draft is the user's: a value stays as long as it fits the field that shows it, unless a change
names it. Rows come and go one by one; one that was taken out never comes back.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from types import MappingProxyType
from typing import Final, TypeGuard

from uicompiler.errors import Diagnostic, DirectiveError, diagnostic
from uicompiler.ir import data
from uicompiler.ir.changes import PatchOp
from uicompiler.ir.field_formats import is_day, is_moment, is_time
from uicompiler.ir.fields import (
    SECRET_HANDLE,
    Field,
    Fitted,
    fit,
    initial,
    is_handle,
    keeps,
    neutral,
    shows,
)
from uicompiler.ir.inputs import Input, cell, inputs_of, place_of, with_values
from uicompiler.ir.rows import (
    MAX_ROWS_EVER,
    Rows,
    fitted_rows,
    initial_rows,
    kept_rows,
    live_rows,
    with_rows,
    without_row,
)
from uicompiler.ir.sharing import changed_keys, shared
from uicompiler.ir.state import Surface
from uicompiler.ir.tree import Editable
from uicompiler.ir.values import FrozenDict, Json
from uicompiler.pointer import join


@dataclass(frozen=True, slots=True)
class Written:
    """A draft after a write.

    Attributes:
        draft: The new draft.
        ids: Inputs whose value was named, so that a client must take it over.
        findings: Repairs and warnings.
    """

    draft: FrozenDict
    ids: frozenset[str] = frozenset()
    findings: tuple[Diagnostic, ...] = ()


# --- a view is shown ------------------------------------------------------------------------------


def draft_under(
    nodes: Iterable[Editable], surface: Surface, *, named: Collection[str], reset: bool
) -> Written:
    """The draft under a view: what fits stays, what is new or does not fit starts over.

    Args:
        nodes: The view's fields and rows, and those of its other steps.
        surface: The surface with the draft so far.
        named: Ids of nodes whose whole value is about to be written, so that its loss is none.
        reset: Whether everything starts over.
    """
    old = surface.data["draft"]
    draft: dict[str, Json] = dict(old)
    written: set[str] = set()
    findings: list[Diagnostic] = []
    for node in nodes:
        if _is_new(node, draft, surface) and not reset:
            draft[node.id] = initial(node)
            continue
        before = draft.get(node.id)
        known = node.id in draft
        if isinstance(node, Rows) and not known and node.id in named:
            before, known = FrozenDict(), True  # no row is made only to be taken out at once
        value, lost = _under(node, before, known=known, reset=reset)
        if lost and surface.editables_by_id.get(node.id) == node:
            # It was sent from this very node, where the user may have mended it since.
            value, lost = before, ()
        draft[node.id] = shared(before, value)
        inputs = inputs_of((node,), draft)
        strays = [item for item in inputs if is_stray(item, draft, surface)]
        if strays:
            draft = dict(with_values(FrozenDict(draft), [(i, initial(i.field)) for i in strays]))
            lost = {*lost, *(item.id for item in strays)}
        changed = {item.id for item in inputs if item.id in lost or other_box(item, surface)}
        written |= {item.id for item in inputs} if reset else changed
        if changed and not reset and node.id not in named:
            findings.append(_draft_lost(node, surface.name))
    made = FrozenDict(draft) if changed_keys(old, draft) else old
    return Written(made, frozenset(written), tuple(findings))


def _is_new(node: Editable, draft: Mapping[str, Json], surface: Surface) -> TypeGuard[Field]:
    """Whether it is a field of which neither document nor client know anything."""
    return (
        isinstance(node, Field)
        and node.default is None
        and node.id not in draft
        and node.id not in surface.boxes
    )


def _under(
    node: Editable, value: Json, *, known: bool, reset: bool
) -> tuple[Json, Collection[str]]:
    """A node's draft value, and the inputs of it that start over though they held something."""
    if isinstance(node, Rows):
        return _rows_under(node, value, known=known, reset=reset)
    if reset or not known:
        return initial(node), ()
    return (value, ()) if keeps(node, value) else (initial(node), {node.id})


def _rows_under(
    node: Rows, value: Json, *, known: bool, reset: bool
) -> tuple[Json, Collection[str]]:
    if not known or not isinstance(value, dict):
        return initial_rows(node), ()
    if reset:
        return with_rows(node, _all_gone(value), [{} for _ in range(node.min_rows)]), ()
    return kept_rows(node, value)


def other_box(item: Input, surface: Surface) -> bool:
    """Whether what the client holds for an input may be nothing its new field can show."""
    held = surface.boxes.get(item.id)
    return held is not None and not shows(item.field, held, surface.offered.get(item.id, ()))


def with_named(surface: Surface, ids: Collection[str], rev: int) -> Surface:
    """The surface that knows which batch named some inputs' values last."""
    if not ids:
        return surface
    draft, known = surface.data["draft"], surface.named
    named = known.plus({name: rev for name in ids if _is_there(name, draft)})
    if not named.keys() <= draft.keys():  # cells are not, nor what is gone
        there = (name for name in named if name in draft or _is_there(name, draft))
        named = FrozenDict({name: named[name] for name in there})
    if any(name not in known for name in ids):
        # `ids` may be a set, and the state is one byte for byte.
        named = FrozenDict({name: named[name] for name in sorted(named)})
    return replace(surface, named=named)


def _is_there(input_id: str, draft: Mapping[str, Json]) -> bool:
    return data.get(draft, place_of(input_id)) is not data.MISSING


def is_stray(item: Input, draft: Mapping[str, Json], surface: Surface) -> bool:
    """Whether what was in a field of another kind may not be shown by its new one."""
    return _is_left_handle(item, draft, surface) or _is_misread(item, draft, surface)


def _is_left_handle(item: Input, draft: Mapping[str, Json], surface: Surface) -> bool:
    """Whether it is the handle of a secret, which is for the server alone."""
    value = data.get(draft, item.place)
    if item.field.kind == "secret" or not is_handle(value, SECRET_HANDLE):
        return False
    held = surface.boxes.get(item.id)
    if held is None:
        return _MADE.fullmatch(value) is not None
    return bool(held == "secret")


_MADE: Final = re.compile(rf"{SECRET_HANDLE}[0-9a-f]{{32}}")
"""A handle as the dispatcher makes them; nobody types such a text."""


def _is_misread(item: Input, draft: Mapping[str, Json], surface: Surface) -> bool:
    """Whether a date input would show what was in a field of another kind as some date or time.

    Browsers read a day as a moment in UTC, and guess at most other texts.
    """
    value = data.get(draft, item.place)
    fitted = fit(item.field, value)
    if item.field.kind not in _WHEN or value == "" or (fitted and not fitted.repaired):
        return False
    held = surface.boxes.get(item.id)
    if held is None:
        return fitted is not None or any(fits(value) for fits in _WHEN.values())
    return bool(held != item.field.kind)


_WHEN: Final[Mapping[str, Callable[[str], bool]]] = MappingProxyType(
    {"date": is_day, "time": is_time, "datetime": is_moment}
)


def _draft_lost(node: Editable, surface: str) -> Diagnostic:
    what = f"{node.kind} field" if isinstance(node, Field) else "rows"
    return diagnostic(
        "A2UI_S2C_DRAFT_AT_RISK",
        f"the draft of {node.id!r} does not fit the new {what} and starts over",
        pointer="/payload",
        surface_id=surface,
    )


# --- one write ------------------------------------------------------------------------------------


def write_draft(
    draft: FrozenDict,
    op: PatchOp,
    place: Sequence[str],
    nodes: Mapping[str, Editable],
    at: str,
) -> Written:
    """One op on the draft.

    Args:
        draft: The draft before.
        op: The op.
        place: Its place below `/draft`.
        nodes: Fields and rows by id.
        at: Pointer to the op in the payload.

    Raises:
        DirectiveError: the place is no input's, or the value does not fit.
    """
    node = nodes.get(place[0])
    if isinstance(node, Rows):
        return _write_rows(_RowsWrite(node, draft, op, at), place[1:])
    fitted, findings = field_value(op, place, nodes, at)
    written = data.set_at(draft, place, fitted)
    return Written(written, frozenset(place), findings)


def field_value(
    op: PatchOp, place: Sequence[str], nodes: Mapping[str, Editable], at: str
) -> tuple[Json, tuple[Diagnostic, ...]]:
    """What one op writes to a field, and the repairs; arguments are those of `write_draft`."""
    node = nodes.get(place[0])
    if not isinstance(node, Field) or len(place) != 1:
        raise no_input(place, nodes, at)
    fitted = _for_field(node, op, at)
    return fitted.value, _repair(fitted, node, at)


def no_input(place: Sequence[str], nodes: Mapping[str, Editable], at: str) -> DirectiveError:
    """The refusal of a place that is no input's."""
    known = ", ".join(join(("draft", name)) for name in islice(nodes, 20)) or "none"
    found = f"no field of the view is at {join(('draft', *place))[:80]!r}"
    return refusal("DIRECTIVE_PATH_INVALID", found, f"{at}/path", f"fields: {known}")


def _for_field(field: Field, op: PatchOp, at: str) -> Fitted:
    if op.op == "delete":
        return Fitted(neutral(field))
    if op.op != "set":
        raise refusal(
            "DIRECTIVE_OP_INVALID",
            f"{op.op} needs a list, and {field.id!r} holds one value",
            f"{at}/op",
            "use set or delete",
        )
    if op.value is None:
        raise no_value(at)
    fitted = fit(field, op.value)
    if fitted is None:
        options = ", ".join(option.value[:40] for option in field.options[:20])
        raise refusal(
            "DIRECTIVE_VALUE_INVALID",
            f"the value does not fit the {field.kind} field {field.id!r}",
            f"{at}/value",
            f"options: {options}" if options else f"send a {field.kind} value",
        )
    return fitted


def _repair(fitted: Fitted, field: Field, at: str) -> tuple[Diagnostic, ...]:
    if not fitted.repaired:
        return ()
    why = f"made the value fit {field.kind}"
    return (diagnostic("DIRECTIVE_REPAIRED", why, pointer=f"{at}/value"),)


# --- rows -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _RowsWrite:
    """One op on rows: the node, the draft before, the op and where it stands."""

    node: Rows
    draft: FrozenDict
    op: PatchOp
    at: str

    @property
    def rows(self) -> Mapping[str, Json]:
        """The rows before."""
        found: Mapping[str, Json] = self.draft[self.node.id]
        return found

    def written(self, rows: FrozenDict, changed: Callable[[Input], bool]) -> Written:
        """The draft with other rows."""
        draft = data.set_at(self.draft, (self.node.id,), rows)
        ids = {item.id for item in inputs_of((self.node,), draft) if changed(item)}
        return Written(draft, frozenset(ids))


def _write_rows(write: _RowsWrite, place: Sequence[str]) -> Written:
    if not place:
        return _write_all_rows(write)
    row = _row_id(write, place[0])
    cells = write.rows.get(row)
    if not isinstance(cells, dict):
        known = ", ".join(name for name, _ in live_rows(write.rows)) or "none"
        why = f"no row {place[0][:20]!r} is in {write.node.id!r}"
        raise refusal("DIRECTIVE_PATH_INVALID", why, f"{write.at}/path", f"rows: {known}")
    if len(place) == 1 and write.op.op == "delete":
        return write.written(without_row(write.rows, row), lambda _: False)
    if len(place) == 2:
        return _write_cell(write, row, place[1])
    raise _rows_op(write)


def _row_id(write: _RowsWrite, segment: str) -> str:
    """A row's id; a position counts the rows that are there."""
    if segment in write.rows or not (segment.isascii() and segment.isdecimal()):
        return segment
    ids = [row for row, _ in live_rows(write.rows)]
    return ids[int(segment)] if len(segment) < 4 and int(segment) < len(ids) else segment


def _write_all_rows(write: _RowsWrite) -> Written:
    if write.op.op == "delete":
        return write.written(_all_gone(write.rows), lambda _: False)
    if write.op.op not in ("set", "append"):
        raise _rows_op(write)
    before = _all_gone(write.rows) if write.op.op == "set" else FrozenDict(write.rows)
    value = write.op.value if write.op.op == "set" else (write.op.value,)
    added = fitted_rows(write.node, value)
    if added is None:
        columns = ", ".join(column.id for column in write.node.columns)
        raise refusal(
            "DIRECTIVE_VALUE_INVALID",
            f"the value does not fit the rows {write.node.id!r}",
            f"{write.at}/value",
            f"rows are objects with {columns}; at most {write.node.max_rows}",
        )
    grown = with_rows(write.node, before, added)
    if len(list(live_rows(grown))) > write.node.max_rows or len(grown) > MAX_ROWS_EVER:
        raise refusal(
            "DIRECTIVE_VALUE_INVALID",
            f"{write.node.id!r} takes at most {write.node.max_rows} rows",
            f"{write.at}/value",
            "take a row out first",
        )
    return write.written(grown, lambda item: item.place[1] not in before)


def _write_cell(write: _RowsWrite, row: str, name: str) -> Written:
    column = next((item for item in write.node.columns if item.id == name), None)
    if column is None:
        places = {cell(write.node.id, row, item).id: item for item in write.node.columns}
        raise no_input((write.node.id, row, name), places, write.at)
    fitted = _for_field(column, write.op, write.at)
    cells = FrozenDict({**write.rows[row], name: fitted.value})
    only = cell(write.node.id, row, column).id
    done = write.written(FrozenDict({**write.rows, row: cells}), lambda item: item.id == only)
    return Written(done.draft, done.ids, _repair(fitted, column, write.at))


def _all_gone(rows: Mapping[str, Json]) -> FrozenDict:
    return FrozenDict(dict.fromkeys(rows))


def _rows_op(write: _RowsWrite) -> DirectiveError:
    return refusal(
        "DIRECTIVE_OP_INVALID",
        f"rows cannot be written so: {write.op.op} {write.op.path[:80]!r}",
        f"{write.at}/op",
        "append a row, delete one, or set a cell",
    )


# --- refusals -------------------------------------------------------------------------------------


def refusal(code: str, message: str, pointer: str, hint: str) -> DirectiveError:
    """The refusal of one change."""
    return DirectiveError([diagnostic(code, message, pointer=pointer, hint=hint)])


def no_value(at: str) -> DirectiveError:
    """The refusal of an op that should bring a value."""
    return refusal(
        "DIRECTIVE_OP_INVALID", "set, append and insert need a value", at, "to clear, use delete"
    )
