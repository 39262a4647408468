"""Editable rows: a list the user fills in, each row with the same columns.

In the draft they are one object, `{"r1": {column: value}, "r2": null, …}`, in the order in which
the rows were made. A row that was taken out stays as null, a tombstone, so that no later row gets
its id and no late event brings it back.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Annotated, Any, ClassVar, Final, Literal, TypeAlias

from pydantic import Field as Setting
from pydantic import (
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    model_validator,
)

from uicompiler.ir.actions import Button
from uicompiler.ir.base import Key, Node, read_as, read_whole_as
from uicompiler.ir.field_rules import ROW_ID_PATTERN, cell_id
from uicompiler.ir.fields import Field, Label, fit, initial, keeps
from uicompiler.ir.reserved import ADD_ROW, REMOVE_ROW
from uicompiler.ir.values import FrozenDict, Json
from uicompiler.ir.words import Words
from uicompiler.texts import english

MAX_ROWS_EVER: Final = 1_000
"""Rows and tombstones of one list; beyond, the list takes no further row."""

MAX_UNSEEN_CELLS: Final = 2_000
"""Cells of columns that are not shown, of one list; of more, some columns are forgotten."""

ROW_ID: Final = "id"
"""The key under which an app finds a row's id beside its values."""

_REMOVE: Final = "remove"

_ROW: Final = re.compile(ROW_ID_PATTERN)


class Rows(Node):
    """Rows of fields that a user may add to and take from.

    Attributes:
        id: Name of the list; its values are at `/draft/<id>/<row>/<column>`.
        label: What the rows are; not empty.
        columns: The fields of every row.
        min_rows: How many there are at first, and at least on submit.
        max_rows: Beyond this many, no row can be added.
        help: A line below the label.
        add_label: Of the button that adds a row; a text of the library's own by default.
        remove_label: Of the button that takes a row out.
        buttons: The app's own buttons of every row; their action gets the row's id (`Action.row`).
    """

    example: ClassVar[Mapping[str, Any]] = {
        "id": "guests",
        "label": "Guests",
        "columns": [{"id": "name", "label": "Name"}],
    }

    owns_entry: ClassVar[bool] = True

    node: Literal["rows"] = "rows"
    id: Key
    label: Label
    columns: Annotated[tuple[Field, ...], Setting(min_length=1)]
    min_rows: Annotated[int, Setting(ge=0, le=100)] = 0
    max_rows: Annotated[int, Setting(ge=1, le=100)] = 20
    help: str | None = None
    add_label: Label | None = None
    remove_label: Label | None = None
    buttons: tuple[Button, ...] = ()

    @model_validator(mode="after")
    def _columns_fit(self) -> Rows:
        names = [column.id for column in self.columns]
        if len(set(names)) != len(names) or ROW_ID in names:
            raise ValueError(f"column ids must differ, and none may be {ROW_ID!r}")
        if any("/" in name for name in (self.id, *names)):
            raise ValueError("the ids of rows and columns hold no slash")
        keys = [button.key or str(index) for index, button in enumerate(self.buttons)]
        if len(set(keys)) != len(keys) or _REMOVE in keys:
            raise ValueError(f"keys of buttons must differ, and none may be {_REMOVE!r}")
        if any(column.kind in ("secret", "upload") for column in self.columns):
            raise ValueError("rows hold no secret and no upload")
        if self.min_rows > self.max_rows:
            raise ValueError("min_rows is more than max_rows")
        return self


def live_rows(draft: Json) -> Iterator[tuple[str, Mapping[str, Json]]]:
    """Id and cells of every row that is there, in order; none for what is no draft of rows."""
    return ((row, draft[row]) for row in _row_ids(draft) if isinstance(draft[row], dict))


def are_rows(draft: Json) -> bool:
    """Whether a draft value is one of rows."""
    return isinstance(draft, dict) and all(map(_ROW.fullmatch, draft))


def gone_rows(draft: Json) -> list[str]:
    """Ids of the rows that were taken out, in order."""
    return [row for row in _row_ids(draft) if draft[row] is None]


def _row_ids(draft: Json) -> list[str]:
    """Ids by number: a stored object has its keys in the order of their characters."""
    found = draft if isinstance(draft, dict) else {}
    return sorted((row for row in found if _ROW.fullmatch(row)), key=lambda row: int(row[1:]))


def initial_rows(rows: Rows) -> FrozenDict:
    """The draft of rows that nobody has touched."""
    return with_rows(rows, FrozenDict(), [{} for _ in range(rows.min_rows)])


def with_rows(
    rows: Rows, draft: Mapping[str, Json], added: Iterable[Mapping[str, Json]]
) -> FrozenDict:
    """The draft with rows at its end; a column without a value starts as its field does.

    Args:
        rows: The node.
        draft: The rows before.
        added: Cells by column id, each fitting its column.
    """
    grown = dict(draft)
    for cells in added:
        values = {c.id: cells[c.id] if c.id in cells else initial(c) for c in rows.columns}
        grown[f"r{len(grown) + 1}"] = FrozenDict(values)
    return FrozenDict(grown)


def without_row(draft: Mapping[str, Json], row: str) -> FrozenDict:
    """The draft with a tombstone in place of a row."""
    return FrozenDict({**draft, row: None})


def rows_learned(rows: Rows, before: Mapping[str, Json], after: Mapping[str, Json]) -> FrozenDict:
    """The rows of before with the cells of after that the node shows, where both have them."""
    shown = {column.id for column in rows.columns}

    def cells_of(row: str, cells: Json) -> Json:
        learned = after.get(row)
        if not isinstance(cells, dict) or not isinstance(learned, dict):
            return cells
        news = {name: learned[name] for name in cells if name in shown and name in learned}
        return FrozenDict({**cells, **news})

    return FrozenDict({row: cells_of(row, cells) for row, cells in before.items()})


def kept_rows(rows: Rows, draft: Json) -> tuple[FrozenDict, list[str]]:
    """The draft under a node that may be new, and the ids of cells that start over.

    Cells of columns that are not shown stay, as drafts of fields that are not shown do.
    """
    if not are_rows(draft):
        return initial_rows(rows), []
    kept: dict[str, Json] = dict(draft)
    lost = []
    there = list(live_rows(draft))
    forgotten = _forgotten(rows, (cells for _, cells in there))
    for row, cells in there:
        under = dict(cells)
        for name in forgotten:
            under.pop(name, None)
        for column in rows.columns:
            fits = column.id in cells and keeps(column, cells[column.id])
            under[column.id] = cells[column.id] if fits else initial(column)
            if column.id in cells and not fits:
                lost.append(cell_id(rows.id, row, column.id))
        kept[row] = FrozenDict(under)
    return FrozenDict(kept), lost


def _forgotten(rows: Rows, there: Iterable[Mapping[str, Json]]) -> Collection[str]:
    """Columns that are not shown and go, once there are too many of their cells to keep."""
    shown = {column.id for column in rows.columns}
    unseen = Counter(name for cells in there for name in cells.keys() - shown)
    left = unseen.total()
    gone: set[str] = set()
    for name in sorted(unseen):
        if left <= MAX_UNSEEN_CELLS:
            break
        gone.add(name)
        left -= unseen[name]
    return gone


def row_buttons(node: Rows, draft: Json, words: Words = english) -> dict[tuple[str, ...], Button]:
    """The buttons of rows, each by its place below the node, such as `("add",)` for the last.

    Those of a row are at `("r1", "buttons", key)`, apart from its columns.

    The library's own take the fields of their view along unchecked, so that nothing typed is lost.
    """
    rows = [row for row, _ in live_rows(draft)]
    named = {"rows": node.id}
    found: dict[tuple[str, ...], Button] = {}
    for row in rows:
        args = {**named, "row": row}
        for index, button in enumerate(node.buttons):
            found[row, "buttons", button.key or str(index)] = button
        if len(rows) > node.min_rows:
            found[row, "buttons", _REMOVE] = _own(
                REMOVE_ROW, node.remove_label or words("rows.remove"), args
            )
    if len(rows) < node.max_rows:
        found[("add",)] = _own(ADD_ROW, node.add_label or words("rows.add"), named)
    return found


def _own(action: str, label: str, args: Mapping[str, Json]) -> Button:
    return Button(label=label, action=action, submit=True, check=False, args=args)


def fitted_rows(rows: Rows, value: Json) -> list[dict[str, Json]] | None:
    """Rows from the app or the model as cells that fit, or None when one does not."""
    if not isinstance(value, (list, tuple)) or len(value) > rows.max_rows:
        return None
    found = [_fitted_cells(rows, item) for item in value]
    return None if any(item is None for item in found) else [item for item in found if item]


def _fitted_cells(rows: Rows, item: Json) -> dict[str, Json] | None:
    columns = {column.id: column for column in rows.columns}
    if not isinstance(item, dict):
        return None
    cells: dict[str, Json] = {}
    for name, value in item.items():
        if name == ROW_ID or value is None:
            continue
        fitted = fit(columns[name], value) if name in columns else None
        if fitted is None:
            return None
        cells[name] = fitted.value
    return {column.id: cells.get(column.id, initial(column)) for column in rows.columns}


def _read_entry(
    value: Any, handler: ValidatorFunctionWrapHandler, info: ValidationInfo
) -> Field | Rows:
    """Told by its keys; what is a field or rows already has been read, and is not read again."""
    if isinstance(value, (Field, Rows)):
        return value
    if not isinstance(value, dict):
        entry: Field | Rows = handler(value)
        return entry
    rows = value.get("node") == "rows" or "columns" in value
    return read_as(Rows, value, info) if rows else read_as(Field, value, info)


FormEntry: TypeAlias = Annotated[
    Field | Rows,
    # No object is both: a field has no columns, and rows have them always.
    Setting(union_mode="left_to_right"),
    WrapValidator(_read_entry),
    read_whole_as(lambda read: read["schema"]),
]
"""A field, or rows of fields (told by their `columns`)."""

Entries: TypeAlias = Annotated[tuple[FormEntry, ...], Setting(min_length=1)]


NODES: Final[tuple[type[Node], ...]] = (Rows,)
