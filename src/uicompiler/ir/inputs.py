"""What a user can change on a surface: its fields, and the cells of its editable rows.

An input has an id, which names it in a submit's context, among a surface's boxes and errors, and a
place below `/draft`. For a field both are its id; the cell of a row is `guests/r1/name`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from uicompiler.ir import data
from uicompiler.ir.field_rules import cell_id, is_cell_id
from uicompiler.ir.fields import Field, Problem, keeps, typed
from uicompiler.ir.rows import ROW_ID, Rows, kept_rows, live_rows
from uicompiler.ir.tree import Editable, View
from uicompiler.ir.values import FrozenDict, Json


@dataclass(frozen=True, slots=True)
class Input:
    """One value a user can change.

    Attributes:
        id: Its name, such as `email` or `guests/r1/name`.
        place: Its place below `/draft`.
        field: Its kind and rules.
    """

    id: str
    place: tuple[str, ...]
    field: Field


def inputs_of(nodes: Iterable[Editable], draft: Mapping[str, Json]) -> tuple[Input, ...]:
    """The inputs of some fields and rows, given which rows there are now."""
    return tuple(found for node in nodes for found in _inputs(node, draft))


def _inputs(node: Editable, draft: Mapping[str, Json]) -> Iterator[Input]:
    if isinstance(node, Field):
        yield Input(node.id, (node.id,), node)
        return
    for row, _ in live_rows(draft.get(node.id)):
        for column in node.columns:
            yield cell(node.id, row, column)


@dataclass(frozen=True, slots=True)
class Shown:
    """The inputs that a view shows under a draft.

    Attributes:
        all: In reading order.
        by_id: The same by id.
        secrets: Ids of those that take a secret.
    """

    all: tuple[Input, ...] = ()
    by_id: Mapping[str, Input] = field(default_factory=FrozenDict)
    secrets: frozenset[str] = frozenset()


def shown_inputs(view: View, draft: Mapping[str, Json]) -> Shown:
    """What a user can change on a view; made anew only when other rows are in the draft."""
    fields = view.kept("fields", (), lambda: _shown(inputs_of(view.editables, {})))
    rows = view.index.rows
    if not rows:
        return fields
    drafts = tuple(draft.get(node.id) for node in rows)
    return view.kept("inputs", drafts, lambda: _with_rows(fields, view.editables, draft))


def _shown(inputs: tuple[Input, ...]) -> Shown:
    secrets = frozenset(item.id for item in inputs if item.field.kind == "secret")
    return Shown(inputs, FrozenDict({item.id: item for item in inputs}), secrets)


def _with_rows(fields: Shown, nodes: Iterable[Editable], draft: Mapping[str, Json]) -> Shown:
    found: list[Input] = []
    for node in nodes:
        known = fields.by_id.get(node.id) if isinstance(node, Field) else None
        found.extend(_inputs(node, draft) if known is None else (known,))
    return _shown(tuple(found))


def cell(rows: str, row: str, column: Field) -> Input:
    """The input of one cell."""
    return Input(cell_id(rows, row, column.id), (rows, row, column.id), column)


def place_of(input_id: str) -> tuple[str, ...]:
    """The place of an input that a view before this one may have shown.

    A field's id may hold slashes, but never look like a cell's.
    """
    return tuple(input_id.split("/")) if is_cell_id(input_id) else (input_id,)


def holds(node: Editable, value: Json) -> bool:
    """Whether a draft value can stand under a field or rows as it is."""
    if isinstance(node, Field):
        return keeps(node, value)
    return kept_rows(node, value) == (value, [])


def with_values(draft: FrozenDict, values: Iterable[tuple[Input, Json]]) -> FrozenDict:
    """The draft with some inputs' values."""
    found: dict[str, Json] = {}
    for item, value in values:
        name, *below = item.place
        before = found[name] if name in found else draft.get(name, FrozenDict() if below else None)
        found[name] = data.set_at(before, below, value)
    news = {
        name: value for name, value in found.items() if draft.get(name, data.MISSING) is not value
    }
    return draft.plus(news) if news else draft


def typed_values(
    nodes: Iterable[Editable], draft: Mapping[str, Json]
) -> tuple[FrozenDict, FrozenDict]:
    """What an app gets for fields and rows, and the problems by input id.

    Rows come as a tuple of objects, each with the row's `id` beside its values.
    """
    values: dict[str, Json] = {}
    problems: dict[str, Problem] = {}
    for node in nodes:
        if isinstance(node, Field):
            result = typed(node, draft.get(node.id))
            values[node.id] = result.value
            if result.problem is not None:
                problems[node.id] = result.problem
        else:
            values[node.id] = _typed_rows(node, draft.get(node.id), problems)
    return FrozenDict(values), FrozenDict(problems)


def _typed_rows(node: Rows, draft: Json, problems: dict[str, Problem]) -> tuple[Json, ...]:
    found = []
    for row, cells in live_rows(draft):
        values: dict[str, Json] = {ROW_ID: row}
        for column in node.columns:
            result = typed(column, cells.get(column.id))
            values[column.id] = result.value
            if result.problem is not None:
                problems[cell(node.id, row, column).id] = result.problem
        found.append(FrozenDict(values))
    if len(found) < node.min_rows:
        problems[node.id] = Problem("min_rows", str(node.min_rows))
    return tuple(found)
