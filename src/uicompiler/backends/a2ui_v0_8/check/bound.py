"""What components read: URLs that may go out, and what inputs can show and change.

It promises that every value a stream writes where a client fetches it is looked at, in templates,
JSON strings and replaced definitions too; values of inputs are judged as the end leaves them. What
components mean to each other, it does not know.

Source: section 6 of the traps of the official clients.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple, TypeAlias

from uicompiler.backends.a2ui_v0_8.check.alone import INPUTS
from uicompiler.backends.a2ui_v0_8.check.definitions import Definition
from uicompiler.backends.a2ui_v0_8.check.findings import At, Look
from uicompiler.backends.a2ui_v0_8.check.model import Array, Model, Written
from uicompiler.backends.a2ui_v0_8.check.places import ANY, Path, absolute, parts_of
from uicompiler.backends.a2ui_v0_8.check.values import is_number
from uicompiler.backends.a2ui_v0_8.check.wording import show
from uicompiler.urls import url_refusal

Places: TypeAlias = Iterable[tuple[Definition, Path]]
"""Components, each with the item its relative paths start at."""


class _Reader(NamedTuple):
    """A component that reads a path; `kind` is "url" or the input's type."""

    kind: str
    ident: str
    path: str
    line: int | None
    at: At


class _Node:
    """The keys that readers' paths go on with, and those who read here."""

    __slots__ = ("below", "readers")

    def __init__(self) -> None:
        self.below: dict[str, _Node] = {}
        self.readers: set[_Reader] = set()


def _tree(readers: Iterable[tuple[Path, _Reader | None]]) -> _Node:
    top = _Node()
    for path, reader in readers:
        node = top
        for part in path:
            below = node.below.get(part)
            if below is None:
                below = node.below[part] = _Node()
            node = below
        if reader is not None:
            node.readers.add(reader)
    return top


# --- URLs -----------------------------------------------------------------------------------------


def check_urls(placed: Places, model: Model, look: Look) -> None:
    """Whether anything that is written where a client fetches it may not be fetched."""
    tree = _tree(_url_readers(placed, model.depth))
    if not tree.below:
        return
    schemes = look.rules.url_schemes
    for item in model.written:
        if isinstance(item.value, str) and _is_read(item.path, tree, look):
            why = url_refusal(item.value, schemes)
            if why is not None:
                text = f"a URL that may not go out: {why}"
                look.report("COMPONENT_URL_FORBIDDEN", item.at, text, line=item.line)


def _url_readers(placed: Places, depth: int) -> Iterator[tuple[Path, _Reader | None]]:
    for found, base in placed:
        for path, at, is_url in found.bindings:
            if is_url and len(base) > depth:
                # No message writes to an item that deep.
                yield base[:depth], None
            elif is_url:
                reader = _Reader("url", found.ident, path, found.line, at)
                yield absolute(path, base), reader
                yield _as_clients_read(path, base), reader


_CUT: Final = re.compile(r"^/(?:item|text|label)?")


def _as_clients_read(path: str, base: Path) -> Path:
    """A path from the top; in an item the official client knows none that is absolute."""
    return (*base, *parts_of(_CUT.sub("", path))) if base else parts_of(path)


_MANY: Final = 256
"""Ways in which readers' paths may lead to one value."""


def _is_read(path: Path, tree: _Node, look: Look) -> bool:
    return any(node.readers for node in _reached(path, tree, look))


def _reached(path: Path, tree: _Node, look: Look) -> list[_Node]:
    """Where readers' paths are after a path that was written."""
    nodes = [tree]
    for part in path:
        below = [node.below for node in nodes]
        nodes = [keys[part] for keys in below if part in keys]
        if part != ANY:
            nodes += [keys[ANY] for keys in below if ANY in keys]
        if not nodes:
            return nodes
        if len(nodes) > _MANY:
            text = f"paths in templates lead to one value in more than {_MANY} ways"
            look.report("LIMIT_EXCEEDED", None, text)
            return []
    return nodes


# --- inputs ---------------------------------------------------------------------------------------

_BOUND: Final = dict(INPUTS)
_BARE_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")
_BARE_TIME: Final = re.compile(r"\d\d:\d\d(?::\d\d(?:\.\d+)?)?")


def _date(value: object) -> str:
    if not isinstance(value, str):
        return "a text"
    if _BARE_DAY.fullmatch(value.strip()):
        return "a day with a time: clients read a bare one as UTC, and west of it show another"
    return "a time with a day: clients show no bare one" if _BARE_TIME.match(value.strip()) else ""


def _wants(expected: str, fits: Callable[[Any], bool]) -> Callable[[object], str]:
    return lambda value: "" if fits(value) else expected


_JUDGES: Final[Mapping[str, Callable[[object], str]]] = {
    "TextField": _wants("a text", lambda value: isinstance(value, str)),
    "CheckBox": _wants("a boolean", lambda value: isinstance(value, bool)),
    "Slider": _wants("a number", is_number),
    "DateTimeInput": _date,
    "MultipleChoice": _wants("an array as a JSON string", lambda value: isinstance(value, list)),
}
"""What each input needs at its path, in words, where a value is not that; "" where it is."""

_NEUTRAL: Final[Mapping[str, str]] = {
    "TextField": 'a valueString, "" if there is none yet',
    "CheckBox": "a valueBoolean",
    "Slider": "a valueNumber",
    "DateTimeInput": 'a valueString, "" if there is none yet',
    "MultipleChoice": "an array as a JSON string, or nothing",
}


def check_inputs(placed: Places, model: Model, known: frozenset[str], look: Look) -> None:
    """Whether what inputs read is there, and of their kind."""
    tree = _tree(_input_readers(placed, known, model.depth))
    told: set[int | str] = set()
    for reader, value in _left(tree, model):
        why = _refusal(reader.kind, value)
        if isinstance(value, Written):
            if why and id(value) not in told:
                told.add(id(value))
                text = f"the {reader.kind} {show(reader.ident)} needs {why}"
                look.report(
                    "DATA_INVALID", value.at, f"{text}, found {show(value.value)}",
                    _NEUTRAL[reader.kind], accepted=True, line=value.line,
                )  # fmt: skip
        elif why and reader.ident not in told:
            told.add(reader.ident)
            text = f"no message writes {why} at {show(reader.path)}, which the input is bound to"
            hint = f"send {_NEUTRAL[reader.kind]}"
            # A TextField draws an empty input all the same; the others draw what is wrong.
            mild = reader.kind == "TextField"
            look.report(
                "COMPONENT_BOUND_VALUE",
                reader.at,
                text,
                hint,
                accepted=True,
                severity="warning" if mild else None,
                line=reader.line,
            )


def _input_readers(
    placed: Places, known: frozenset[str], depth: int
) -> Iterator[tuple[Path, _Reader | None]]:
    for found, base in placed:
        name = _BOUND.get(found.kind, "")
        bound = found.props.get(name)
        path = bound.get("path") if isinstance(bound, dict) else None
        # In an item an absolute path is a finding of its own.
        if found.kind not in known or not isinstance(path, str) or (base and path[:1] == "/"):
            continue
        if len(base) > depth:
            yield base[:depth], None
        else:
            at = ((found.at, name), "path")
            reader = _Reader(found.kind, found.ident, path, found.line, at)
            yield absolute(path, base), reader


_MISSING: Final = object()
_MAX_STEPS: Final = 200_000
"""Values that are looked at for inputs; a stream with more is over other limits."""


def _left(tree: _Node, model: Model) -> Iterator[tuple[_Reader, Any]]:
    """Every reader with what is left at its path at the end, item by item."""
    waiting: list[tuple[_Node, Any]] = [(tree, model.now)]
    steps = 0
    while waiting and steps < _MAX_STEPS:
        node, value = waiting.pop()
        steps += 1 + len(node.below)
        for reader in sorted(node.readers, key=lambda reader: (reader.line or 0, reader.ident)):
            yield reader, value
        waiting += reversed(list(_below(node, value)))


def _below(node: _Node, value: Any) -> Iterator[tuple[_Node, Any]]:
    inner = value if isinstance(value, dict) else {}
    for key, below in node.below.items():
        if key == ANY:
            yield from ((below, item) for item in inner.values())
        else:
            yield below, inner.get(key, _MISSING)


def refusal(kind: str, value: object) -> str:
    """What an input of a type needs in place of this value, "" where that will do."""
    return _JUDGES[kind](value)


def _refusal(kind: str, value: Any) -> str:
    """What an input needs in place of what is left, "" where that will do."""
    if isinstance(value, Written):
        return _JUDGES[kind](value.value)
    # An array stands here by its items, and of the maps a choice takes the empty one.
    is_chosen = kind == "MultipleChoice" and (
        value is _MISSING or isinstance(value, Array) or value == {}
    )
    return "" if is_chosen else _JUDGES[kind](None)
