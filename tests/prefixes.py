"""What a client shows after any prefix of a turn's batches: every surface as it was, or as it is.

`judge` hands clients the turns of a conversation batch by batch. What a surface is after its batch
is told by another client, which had all turns before and then this one batch alone, so that no
batch may need another. It knows clients only by `Screen`: one is `SimScreen`.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, Protocol, TypeAlias

from clientsim import ClientSim
from uicompiler import CompileResult, Limits, UIApp, UIState, compile

Looks: TypeAlias = Mapping[str, Any]
"""What a client has of one surface's name: by wire id, whether it shows, its tree and data."""


class Piece(NamedTuple):
    """A batch: the surface's name, and the messages that go out together."""

    surface: str
    messages: Sequence[Any]


Turn: TypeAlias = Sequence[Piece]


class Screen(Protocol):
    """A client."""

    def take(self, messages: Sequence[Any]) -> None:
        """Apply messages; an `AssertionError` when it refuses one."""

    def looks(self) -> dict[str, Any]:
        """Every surface by wire id: `{"ready", "root", "tree", "data"}`."""

    def broken(self) -> list[str]:
        """What it cannot show of what is on the screen."""

    def again(self) -> Screen:
        """Another client that saw the same."""


def pieces(result: CompileResult) -> Turn:
    """A turn's batches."""
    return [Piece(batch.surface, batch.messages) for batch in result.batches]


def judge(screen: Screen, turns: Sequence[Turn]) -> int:
    """Look at every prefix of every turn; how many there were of turns with several batches."""
    prefixes = 0
    for turn in turns:
        before = by_name(screen)
        alone = {piece.surface: _after(screen, turn, piece.surface) for piece in turn}
        begun: set[str] = set()
        for piece in turn:
            screen.take(piece.messages)
            begun.add(piece.surface)
            now = by_name(screen)
            for name in {*before, *alone, *now}:
                wanted = (alone if name in begun else before).get(name, {})
                assert now.get(name, {}) == wanted, f"{name!r} is neither old nor new"
            assert screen.broken() == []
            prefixes += len(turn) > 1
    return prefixes


def _after(screen: Screen, turn: Turn, name: str) -> Looks:
    """What a surface is when its own batch alone arrives, whole."""
    other = screen.again()
    other.take([message for piece in turn if piece.surface == name for message in piece.messages])
    return by_name(other).get(name, {})


def by_name(screen: Screen) -> dict[str, Looks]:
    """What a client has, by the surface's name; every epoch of it is a surface of its own."""
    found: dict[str, dict[str, Any]] = {}
    for wire_id, look in screen.looks().items():
        assert look["ready"], f"{wire_id!r} is there, and not shown"
        found.setdefault(wire_id.partition("#")[0], {})[wire_id] = look
    return dict(found)


def split(turn: Turn, at: Callable[[Sequence[Any]], int]) -> Turn:
    """The turn with every batch in two, as no compiler may send it."""
    halves = []
    for piece in turn:
        cut = at(piece.messages)
        parts = (piece.messages[:cut], piece.messages[cut:])
        halves += [Piece(piece.surface, part) for part in parts if part]
    return halves


# ---------------------------------------------------------------- ClientSim


class SimScreen:
    """A ClientSim of some profile."""

    def __init__(self, profile: str) -> None:
        self.sim = ClientSim(profile=profile)

    def take(self, messages: Sequence[Any]) -> None:
        """See `Screen`."""
        for message in messages:
            assert self.sim.apply(message) is None, self.sim.errors

    def looks(self) -> dict[str, Any]:
        """See `Screen`."""
        report: Any = self.sim.report()["surfaces"]
        return dict(report)

    def broken(self) -> list[str]:
        """References to components or data that are not there."""
        return [why for wire_id in self.sim.surface_ids() for why in self._broken(wire_id)]

    def _broken(self, wire_id: str) -> Iterator[str]:
        yield from holes(self.sim.tree(wire_id))
        for node in self.sim.nodes(wire_id):
            for path in _paths(node["props"]):
                if self.sim.value_at(wire_id, path, str(node["context"])) is None:
                    yield f"{node['id']}: nothing is at {path}"

    def again(self) -> SimScreen:
        """See `Screen`."""
        return copy.deepcopy(self)


def holes(tree: Any) -> Iterator[str]:
    """Children of a resolved tree that are no nodes."""
    if isinstance(tree, list):
        for item in tree:
            yield from holes(item)
        return
    if not isinstance(tree, dict):
        return
    if "type" in tree and "props" in tree:
        for name in ("child", "entryPointChild", "contentChild"):
            if name in tree["props"] and not isinstance(tree["props"][name], dict):
                yield f"{tree['id']}: {name} is {tree['props'][name]!r}"
        children = tree["props"].get("children", [])
        for child in children if isinstance(children, list) else [None]:
            if not isinstance(child, dict):
                yield f"{tree['id']}: a child is {child!r}"
    for item in tree.values():
        yield from holes(item)


def _paths(props: Any) -> Iterator[str]:
    """Where a node's own properties are bound, without the nodes below it."""
    if isinstance(props, list):
        for item in props:
            yield from _paths(item)
    elif isinstance(props, dict) and not {"type", "props"} <= props.keys():
        path = props.get("path")
        if isinstance(path, str):
            yield path
        for item in props.values():
            yield from _paths(item)


# ---------------------------------------------------------------- a conversation made for it


def conversation() -> list[CompileResult]:
    """Turns with several surfaces: shown, updated, closed, failed, reset, shown again."""
    limits = Limits(max_string_bytes=200)
    app = UIApp("prefixes", inline_form_action="submit", limits=limits)
    app.add_action("look", requires_rev=False)
    state, results = UIState(), []
    for directives in _TURNS:
        update: Any = "auto" if directives else "reset"
        result = compile(directives, app=app, state=state, update=update)
        results.append(result)
        state = result.state
    return results


def _form(surface: str, *ids: str, title: str = "T") -> dict[str, Any]:
    columns = [{"id": "v", "label": "V"}]
    rows = {"id": "rows", "label": "Rows", "columns": columns, "min_rows": 1}
    fields = [rows, *({"id": name, "label": name} for name in ids)]
    payload = {"surface": surface, "title": title, "fields": fields}
    return {"type": "ui.show_form", "payload": payload}


def _directive(kind: str, surface: str, **payload: Any) -> dict[str, Any]:
    return {"type": f"ui.{kind}", "payload": {"surface": surface, **payload}}


def _set(surface: str, path: str, value: Any, op: str = "set") -> dict[str, Any]:
    return _directive("patch", surface, ops=[{"op": op, "path": path, "value": value}])


_LOG = {"node": "list", "bind": "/ui_state/log", "item": {"node": "text", "bind": "."}}
_VIEW = {"node": "stack", "children": [_LOG, {"node": "text", "bind": "/ui_state/said"}]}
_TURNS: Sequence[list[dict[str, Any]]] = (
    [_form("a", "x"), _directive("show_view", "b", root=_VIEW), _form("c", "x", "y")],
    [_set("a", "/draft/x", "[1]"), _set("b", "/ui_state/log", ["one", "two"])],
    [_set("a", "/draft/rows", {"v": "2"}, "append"), _form("c", "y"), _directive("close", "b")],
    [_directive("show_result", "a", title="Done"), _directive("show_error", "c", title="z" * 300)],
    [_form("a", "x"), _directive("show_view", "b", root=_VIEW), _form("c", "x")],
    [],
    [_set("b", "/ui_state/said", "# later"), _form("a", "x", "z"), _directive("close", "c")],
    [_directive("show_result", "a", title="z" * 300), _form("b", "x"), _form("d", "x")],
    [_directive("close", "b"), _directive("close", "d"), _form("a", "x")],
)
