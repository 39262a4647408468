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
    """A snapshot, which knows of nothing that went out before, shows what is on the screen."""
    keys = {surface.nonce_key_id for surface in talk.state.live_surfaces()}
    same_keys = keys <= {None} if talk.context.signer is None else None not in keys
    same_screen(talk, snapshot(talk.state, **_settings(talk)), exact=same_keys)


def same_reset(talk: Talk) -> None:
    """A reset shows what is on the screen."""
    same_screen(talk, compile([], state=talk.state, update="reset", **_settings(talk)))


def _settings(talk: Talk) -> dict[str, Any]:
    return {"app": talk.app, "client": talk.lanes[0].client, "turn": talk.context}


def same_screen(talk: Talk, result: CompileResult, *, exact: bool = False) -> None:
    """Surfaces that are built anew show what the person has of them.

    Args:
        talk: The conversation.
        result: What builds them anew.
        exact: Whether their buttons send the same, nonces included.
    """
    seen = {surface.name: (wire_id, surface) for wire_id, surface in surfaces_in(talk)}
    for batch in result.batches:
        messages = [message for message in batch.messages if "deleteSurface" not in message]
        fresh = ClientSim(profile=talk.profile)
        for message in messages:
            assert fresh.apply(message) is None, fresh.errors
        if messages:
            wire_id, surface = seen[batch.surface]
            if result.state.surfaces[batch.surface].language != surface.language:
                # Built anew in another language, for which what is there waits until it has a turn.
                talk.counts["surfaces built anew in another language"] += 1
                continue
            _compare(talk, wire_id, surface, fresh, batch.surface_id, exact=exact)
            talk.counts["surfaces built anew"] += 1


def _compare(
    talk: Talk, seen: str, surface: Surface, fresh: ClientSim, wire_id: str, *, exact: bool
) -> None:
    """One tree, one document but for the revision, and the drafts that the library knows."""
    ours, theirs = talk.sim.tree(seen), fresh.tree(wire_id)
    if not exact:
        ours, theirs = _looks(ours), _looks(theirs)
    assert ours == theirs, first_difference(*_NAMES, theirs, ours)
    shown, built = _documents(talk.sim, seen), _documents(fresh, wire_id)
    assert shown == built, first_difference(*_NAMES, built, shown)
    for item in surface.inputs:
        path = value_path(*item.place)
        known, value = talk.known.get((surface.name, path)), fresh.value_at(wire_id, path)
        kept = value is not None and (known is None or same(item.field.kind, known, value))
        assert kept, f"built anew, {path} is {value!r}, and was {known!r}"


_NAMES = ("what is on the screen", "a surface that is not what it is when built anew")


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


def first_difference(lane: str, what: str, wanted: Any, found: Any, at: str = "") -> str:
    """Where two JSON values part ways, as a sentence."""
    if isinstance(wanted, Mapping) and isinstance(found, Mapping):
        for key in [*wanted, *(key for key in found if key not in wanted)]:
            if key not in wanted or key not in found or wanted[key] != found[key]:
                one, two = wanted.get(key, "(none)"), found.get(key, "(none)")
                return first_difference(lane, what, one, two, f"{at}/{key}")
    lists = isinstance(wanted, (list, tuple)) and isinstance(found, (list, tuple))
    if lists and len(wanted) == len(found):
        for index, (one, two) in enumerate(zip(wanted, found, strict=True)):
            if one != two:
                return first_difference(lane, what, one, two, f"{at}/{index}")
    return f"{lane}: {what} at {at or '/'} is\n{found!r}\nexpected was\n{wanted!r}"
