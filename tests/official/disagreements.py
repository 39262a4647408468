"""The table of where official clients disagree with each other.

Each row says what it is, what each client does, what to send instead, and shows it by the shortest
stream there is. The rows are the whole of it as far as streams of `streams.py` go: rewritten by
all rows, a stream leaves the clients nothing to differ about, and there is a stream for each row
that still differs without it (or the row says why `streams.py` has none). `three_clients.py` tells
which clients are meant and what is compared.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from .rows import about_components, about_data, about_surfaces
from .rows.row import Did, Row
from .three_clients import CLIENTS

ROWS: tuple[Row, ...] = (*about_surfaces.ROWS, *about_data.ROWS, *about_components.ROWS)
"""In the order in which they rewrite a message."""

LONGEST = 300
"""Longer lines of a stream are cut in print."""


def named(name: str) -> Row:
    """A row by its name."""
    return next(row for row in ROWS if row.name == name)


def sketch(tree: Any) -> str:
    """A tree of `three_clients` in one line: `<id Type property=value>`, `@context`, `weight`."""
    if isinstance(tree, list):
        return f"[{', '.join(map(sketch, tree))}]"
    if not isinstance(tree, dict):
        return json.dumps(tree, ensure_ascii=False)
    if not {"id", "type", "props", "context"} <= tree.keys():
        pairs = (f"{json.dumps(key)}: {sketch(value)}" for key, value in tree.items())
        return f"{{{', '.join(pairs)}}}"
    place = [] if tree["context"] == "/" else [f"@{tree['context']}"]
    weight = [f"weight={tree['weight']}"] if "weight" in tree else []
    props = [f"{key}={sketch(value)}" for key, value in tree["props"].items()]
    return f"<{' '.join([tree['id'], str(tree['type']), *place, *props, *weight])}>"


# ---------------------------------------------------------------- in print


def markdown() -> str:
    """Every row as a section of docs/official-clients.md, third level, in the table's order."""
    return "\n".join(line for row in ROWS for line in _section(row))


def _section(row: Row) -> Iterator[str]:
    yield f"### {row.name[:1].upper()}{row.name[1:]}"
    yield ""
    yield row.why
    yield ""
    yield f"Instead: {row.instead}"
    yield ""
    if row.ours:
        yield f"**In what the compiler sends:** {row.ours}"
        yield ""
    yield "```json"
    yield from (_line(message) for message in row.stream)
    yield "```"
    yield ""
    yield "| client | takes | data at the end | tree at the end |"
    yield "|---|---|---|---|"
    yield from _verdicts(row)
    yield ""


def _line(message: Any) -> str:
    text = json.dumps(message, ensure_ascii=False)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}… (and so on)"


def _verdicts(row: Row) -> Iterator[str]:
    checker = Did(row.checker)
    for client, did in zip(CLIENTS, (row.web_core, row.a2ui_core, checker), strict=True):
        taken = ", ".join("yes" if letter == "y" else "**no**" for letter in did.verdicts)
        if did is checker:
            taken += {"": "", "y": "; all as one: yes", "n": "; all as one: **no**"}[row.payload]
        data = "–" if did.data is None else f"`{json.dumps(did.data, ensure_ascii=False)}`"
        tree = "–" if did.tree is None else f"`{did.tree}`"
        yield f"| `{client}` | {taken} | {data} | {tree} |"
