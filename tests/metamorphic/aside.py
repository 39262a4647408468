"""What the person sees is what would be there if a surface were built anew."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from clientsim import ClientSim
from tests.journeys import same, surfaces_in
from tests.lists import pruned
from uicompiler import CompileResult, Surface, compile, snapshot
from uicompiler.backends.a2ui_v0_8.boxes import value_path

if TYPE_CHECKING:
    from .talk import Talk


def same_told_again(talk: Talk) -> None:
    """A snapshot shows what is on the screen, and so does a reset."""
    settings: Any = {"app": talk.app, "client": talk.lanes[0].client, "turn": talk.context}
    same_screen(talk, snapshot(talk.state, **settings))
    same_screen(talk, compile([], state=talk.state, update="reset", **settings))


def same_screen(talk: Talk, result: CompileResult) -> None:
    """Surfaces that are built anew show what the person has of them."""
    seen = {surface.name: (wire_id, surface) for wire_id, surface in surfaces_in(talk)}
    for batch in result.batches:
        messages = [message for message in batch.messages if "deleteSurface" not in message]
        fresh = ClientSim(profile=talk.profile)
        for message in messages:
            assert fresh.apply(message) is None, fresh.errors
        if messages:
            _compare(talk, *seen[batch.surface], fresh, batch.surface_id)
            talk.counts["surfaces built anew"] += 1


def _compare(talk: Talk, seen: str, surface: Surface, fresh: ClientSim, wire_id: str) -> None:
    """One tree, one document but for the revision, and the drafts that the library knows."""
    assert _looks(fresh.tree(wire_id)) == _looks(talk.sim.tree(seen)), "built anew, it is another"
    ours, theirs = _documents(talk.sim, seen), _documents(fresh, wire_id)
    assert ours == theirs, f"built anew, {theirs} is shown where {ours} was"
    for item in surface.inputs:
        path = value_path(*item.place)
        known, value = talk.known.get((surface.name, path)), fresh.value_at(wire_id, path)
        kept = value is not None and (known is None or same(item.field.kind, known, value))
        assert kept, f"built anew, {path} is {value!r}, and was {known!r}"


def _looks(tree: Any) -> Any:
    """A resolved tree without what buttons send, which is of an epoch and of a kind of client."""
    if isinstance(tree, list):
        return [_looks(item) for item in tree]
    if not isinstance(tree, Mapping):
        return tree
    return {key: None if key == "action" else _looks(item) for key, item in tree.items()}


def _documents(sim: ClientSim, wire_id: str) -> list[Any]:
    """What is only shown: that which was emptied and that which never was are the same."""
    data: Any = sim.data(wire_id)
    parts = [dict(data.get(part, {})) for part in ("ui_state", "committed")]
    parts[0].pop("_rev", None)
    return [pruned(part) for part in parts]
