"""Which fields an app has tagged, and where in a log their values stand under their own names.

A field is known by its id: the app's templates say which ids are tagged, and so do the views that
are shown, which may be of an app as it was before. Fields of equal ids count as one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from uicompiler.app import UIApp
from uicompiler.directives.envelope import parse_envelope
from uicompiler.ir.field_rules import is_cell_id
from uicompiler.ir.fields import Field
from uicompiler.ir.rows import Rows
from uicompiler.ir.state import UIState
from uicompiler.ir.tree import Editable, editables
from uicompiler.ir.values import Json
from uicompiler.pointer import PointerError, parse
from uicompiler.store.sought import leaves
from uicompiler.store.writings import read_json

Found = Iterator[tuple[Field, Json]]
"""Values with the fields that they are of."""


@dataclass(frozen=True, slots=True)
class Tagged:
    """Tagged fields.

    Attributes:
        fields: By id.
        columns: The columns of rows, by the ids of both.
    """

    fields: Mapping[str, Field]
    columns: Mapping[tuple[str, str], Field]

    def owner(self, input_id: str) -> Field | None:
        """The tagged field that an input is of."""
        if is_cell_id(input_id):
            rows, _, column = input_id.split("/")
            return self.columns.get((rows, column))
        return self.fields.get(input_id)

    def on_path(self, pointer: Json) -> Field | None:
        """The tagged field whose value, or a part of it, is at a path below a document."""
        try:
            steps = parse(pointer) if isinstance(pointer, str) else ()
        except PointerError:
            return None
        named = (self.fields[step] for step in steps if step in self.fields)
        cells = (f for (rows, column), f in self.columns.items() if {rows, column} <= {*steps})
        return next(named, next(cells, None))

    def in_document(self, document: Json) -> Found:
        """The values that a draft, or a committed document, has under the fields' own names."""
        if not isinstance(document, Mapping):
            return
        yield from ((self.fields[key], document[key]) for key in document if key in self.fields)
        for (rows, column), field in self.columns.items():
            yield from ((field, value) for value in _column(document.get(rows), column))

    def in_envelope(self, source: Json) -> Found:
        """The values that a model gave: `values` by id, or objects with a path and a value."""
        if isinstance(source, str):
            envelope = parse_envelope(source).envelope
            source = None if envelope is None else list(envelope.directives)
        for item in _objects(source):
            yield from self.in_document(item.get("values"))
            field = self.on_path(_rooted(item.get("path")))
            if field is not None and "value" in item:
                yield field, item["value"]

    def names(self, value: Json) -> bool:
        """Whether some object has a value under the name of a tagged field, in JSON texts too."""
        value = [value, *map(read_json, leaves(value))]
        names = {*self.fields, *(column for _, column in self.columns)}
        return any(
            key in names and item not in (None, "", (), [])
            for found in _objects(value)
            for key, item in found.items()
        )


def texts_of(app: UIApp) -> frozenset[str]:
    """What an app's templates always show, and the ids in them."""
    templates = [form.model_dump(mode="json") for form in app.forms.values()]
    templates += [view.model_dump(mode="json") for view in app.views.values()]
    names = [app.id, *app.forms, *app.views, *app.actions]
    return frozenset(text for text in leaves([names, templates]) if isinstance(text, str))


def tags_of(app: UIApp) -> frozenset[str]:
    """The tags that fields of an app have."""
    nodes = [node for top in _editables(app, ()) for node in (top, *getattr(top, "columns", ()))]
    return frozenset(tag for node in nodes for tag in getattr(node, "tags", None) or ())


def tagged_fields(app: UIApp, tags: Collection[str], states: Iterable[UIState]) -> Tagged:
    """The fields that have one of some tags, in an app and in states."""
    wanted = frozenset(tags)
    fields: dict[str, Field] = {}
    columns: dict[tuple[str, str], Field] = {}
    for node in _editables(app, states):
        if isinstance(node, Rows):
            found = (column for column in node.columns if wanted & {*(column.tags or ())})
            columns.update({(node.id, column.id): column for column in found})
        elif wanted & {*(node.tags or ())}:
            fields[node.id] = node
    return Tagged(fields, columns)


def _editables(app: UIApp, states: Iterable[UIState]) -> Iterator[Editable]:
    for form in app.forms.values():
        yield from form.fields
    for template in app.views.values():
        yield from editables(template.root)
    for state in states:
        for surface in state.surfaces.values():
            yield from surface.editables


def _column(rows: Json, column: str) -> Iterator[Json]:
    """The values of a column: of a draft's rows by id, or of a list of objects."""
    items = rows.values() if isinstance(rows, Mapping) else rows
    for row in items if isinstance(items, (list, tuple)) or isinstance(rows, Mapping) else ():
        if isinstance(row, Mapping) and column in row:
            yield row[column]


def _objects(value: Json) -> Iterator[Mapping[str, Json]]:
    """Every object in a value."""
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, Mapping):
            yield item
            waiting.extend(item.values())
        elif isinstance(item, (list, tuple)):
            waiting.extend(item)


def _rooted(path: Json) -> Json:
    """A path as a pointer, however a model wrote it."""
    if not isinstance(path, str) or path.startswith("/"):
        return path
    return f"/{path}" if "/" in path else f"/{path.replace('.', '/')}"
