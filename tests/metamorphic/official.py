"""The official client, as often as there are lanes: given what each was given, it is the same."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import orjson

from tests.official.agreement import compare_surfaces
from tests.official.bridge import ClientError, Look, OfficialClient, Session

from .aside import first_difference
from .lanes import Lane
from .talk import Talk

_LOOK_EVERY = 8
_LIKE_WEB_CORE = ("web_core", "amnesiac")


def same_on_official(talk: Talk, official: OfficialClient) -> None:
    """After every turn all have the same data, after many the same screen, in the end all."""
    with contextlib.ExitStack() as stack:
        sessions = [stack.enter_context(official.session()) for _ in talk.lanes]
        seen = [_played(lane, session) for lane, session in zip(talk.lanes, sessions, strict=True)]
        for (one, left), (other, right) in pairwise(zip(talk.lanes, seen, strict=True)):
            for turn, (found, wanted) in enumerate(zip(right, left, strict=True)):
                what = f"turn {turn} on the official client (beside {one.name})"
                assert found == wanted, first_difference(other.name, what, wanted, found)
        if talk.profile in _LIKE_WEB_CORE:
            different = compare_surfaces(sessions[0].states(), talk.sim)
            assert different is None, different
    talk.counts.update({"official turns": len(seen[0]), "official conversations": 1})


def _played(lane: Lane, session: Session) -> list[Any]:
    """What an official client has after every turn."""
    found = []
    for acts in _until_lost(_acts(lane)):
        answers = session.perform(acts)
        for (name, argument), answer in zip(acts, answers, strict=True):
            if name == "batch":
                assert answer is None, f"{lane.name}: {answer} for {argument}"
            elif name == "edit":
                assert answer["stored"], f"{lane.name}: {answer}"
            else:
                assert not isinstance(answer, ClientError), f"{lane.name}: {answer}"
                found.append(_unordered(answer) if name == "look" else answer)
        session.restart()
    # The last life goes on, for whoever wants to look.
    session.perform(acts)
    return found


def _unordered(value: Any) -> Any:
    """A look in which maps have no order, as they have none for a person."""
    if isinstance(value, dict):
        if value.keys() == {"$map"}:
            return {"$map": {key: _unordered(item) for key, item in value["$map"]}}
        return {key: _unordered(item) for key, item in value.items()}
    if isinstance(value, Look):
        return _unordered(value.state.data), value.state.tree, value.shown, value.presses
    return [_unordered(item) for item in value] if isinstance(value, list) else value


def _acts(lane: Lane) -> Iterator[tuple[str, Any]]:
    turns = 0
    for name, argument in lane.acts:
        if name == "batch":
            yield "batch", [orjson.loads(line) for line in argument]
        elif name == "turn":
            turns += 1
            yield ("look" if turns % _LOOK_EVERY == 0 else "data"), None
        else:
            yield name, argument
    yield "look", None


def _until_lost(acts: Iterator[tuple[str, Any]]) -> Iterator[list[tuple[str, Any]]]:
    life: list[tuple[str, Any]] = []
    for act in acts:
        if act[0] == "restart":
            yield life
            life = []
        else:
            life.append(act)
    yield life
