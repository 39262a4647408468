"""ClientSim with the `web_core` profile agrees with the official client on every stream.

Both get the same seeded stream, a message at a time; after each message they must agree on
whether it was taken, on every surface's root and data model, and on the resolved tree. The number
of streams is `UICOMPILER_SIM_STREAMS` (default 300), in shards so that they can run in parallel.

A failing stream is cut down to the messages that matter before it is shown; `stream(seed)` in
`streams.py` gives it again.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from clientsim import ClientSim

from .bridge import Applied, OfficialClient, Session, SurfaceState
from .streams import form, stream

pytestmark = pytest.mark.official

STREAMS = int(os.environ.get("UICOMPILER_SIM_STREAMS", "300"))
SHARDS = 10


@pytest.mark.parametrize("shard", range(SHARDS))
def test_the_sim_agrees_with_the_official_client(official: OfficialClient, shard: int) -> None:
    failures = []
    for seed in range(shard, STREAMS, SHARDS):
        messages = stream(seed)
        if disagreement(official, messages):
            failures.append(report(official, seed, messages))
    assert failures == [], "\n\n".join([f"{len(failures)} streams differ", *failures[:5]])


@pytest.mark.parametrize("shard", range(SHARDS))
def test_the_sim_edits_and_presses_as_the_official_client(
    official: OfficialClient, shard: int
) -> None:
    hands = 0
    for seed in range(shard, STREAMS, SHARDS):
        sim = ClientSim(profile="web_core")
        with official.session() as session:
            messages = [*stream(seed)[:6], *form(seed)]
            session.apply_many(messages)
            for message in messages:
                sim.apply(message)
            for surface, state in session.states().items():
                hands += use(session, sim, surface, state, f"seed {seed}")
    assert hands > STREAMS // SHARDS, "the streams hold enough inputs and buttons to try"


# ---------------------------------------------------------------- one stream


def disagreement(official: OfficialClient, messages: list[Any]) -> str | None:
    """Where the two first part ways on a stream, or None."""
    sim = ClientSim(profile="web_core")
    with official.session() as session:
        applied = session.apply_each(messages)
    for number, (message, theirs) in enumerate(zip(messages, applied, strict=True), start=1):
        different = after_message(sim, message, theirs)
        if different:
            return f"message {number}: {different}"
    return None


def after_message(sim: ClientSim, message: Any, theirs: Applied) -> str | None:
    """Hand the sim one message and compare what both are now."""
    error = sim.apply(message)
    if (error is None) != (theirs.error is None):
        return f"the official client says {theirs.error}, the sim says {error}"
    if theirs.surfaces.keys() != set(sim.surface_ids()):
        return differs(list(theirs.surfaces), sim.surface_ids(), "surfaces")
    for surface in theirs.surfaces:
        different = compare_surface(theirs.surfaces[surface], sim, surface)
        if different:
            return f"surface {surface!r}: {different}"
    return None


def compare_surface(theirs: SurfaceState, sim: ClientSim, surface: str) -> str | None:
    """Root, data and tree of one surface."""
    return (
        compare(theirs.root, sim.root(surface), "root")
        or compare(theirs.data, sim.data(surface), "data")
        or compare(without_context(theirs.tree), sim.tree(surface), "tree")
    )


def without_context(value: Any) -> Any:
    """The official tree with nodes reduced to `{"id", "type", "props"}`."""
    if isinstance(value, list):
        return [without_context(item) for item in value]
    if not isinstance(value, dict):
        return value
    kept = {key: without_context(item) for key, item in value.items()}
    if kept.keys() - {"weight"} == {"id", "type", "props", "dataContextPath"}:
        return {key: kept[key] for key in ("id", "type", "props")}
    return kept


# ---------------------------------------------------------------- a user's hands


def use(session: Session, sim: ClientSim, surface: str, state: SurfaceState, seed: str) -> int:
    """Fill every input and press every button of a surface in both; how many there were."""
    found = list(nodes(state.tree))
    ids = [node["id"] for node in found]
    buttons = []
    edited = 0
    for node in found:
        name, value = node["id"], typed(node)
        if ids.count(name) > 1:
            continue
        if node["type"] == "Button":
            buttons.append(name)
        if value is not None:
            assert session.edit(surface, name, value).stored
            sim.edit(surface, name, value)
            edited += 1
    after = session.state(surface, plain=False)
    assert after is not None
    different = compare(after.data, sim.data(surface), f"{seed} {surface}: data")
    assert different is None, different
    for name in buttons:
        expected = session.press(surface, name)
        stamp = expected["userAction"]["timestamp"]
        event = sim.press(surface, name, timestamp=stamp)
        different = compare(expected, event, f"{seed} {surface}")
        assert different is None, different
    return edited + len(buttons)


def nodes(value: Any) -> Iterator[dict[str, Any]]:
    """Every node of an official tree."""
    if isinstance(value, list):
        for item in value:
            yield from nodes(item)
    elif isinstance(value, dict):
        if "dataContextPath" in value:
            yield value
        for item in value.values():
            yield from nodes(item)


BOUND = {
    "TextField": "text",
    "CheckBox": "value",
    "DateTimeInput": "value",
    "Slider": "value",
    "MultipleChoice": "selections",
}


def typed(node: dict[str, Any]) -> Any:
    """What a user enters into a node; None when it is no input or stores nothing."""
    kind, props = node["type"], node["props"]
    bound = props.get(BOUND.get(kind, ""))
    if not isinstance(bound, dict) or not isinstance(bound.get("path"), str) or not bound["path"]:
        return None
    if kind == "TextField":
        return "12" if props.get("textFieldType") == "number" else "[typed]"
    if kind == "CheckBox":
        return True
    if kind == "Slider":
        return props.get("minValue", 0)
    if kind == "MultipleChoice":
        values = [option["value"] for option in props.get("options", ())]
        return [value for value in values if isinstance(value, str)][:1] or None
    day, clock = props.get("enableDate", True), props.get("enableTime", True)
    if day == clock:
        return "2025-05-06T07:08"
    return "2025-05-06" if day else "07:08"


# ---------------------------------------------------------------- comparing values


def compare(theirs: Any, ours: Any, where: str) -> str | None:
    """The first difference between an official value and the sim's, or None.

    A map (`{"$map": …}`) is the sim's dict with the same keys in the same order; a plain object is
    a dict in any order; numbers are equal as numbers, and are never booleans.
    """
    if isinstance(theirs, dict):
        return compare_objects(theirs, ours, where)
    if isinstance(theirs, list):
        if not isinstance(ours, list) or len(theirs) != len(ours):
            return differs(theirs, ours, where)
        pairs = enumerate(zip(theirs, ours, strict=True))
        return next(filter(None, (compare(a, b, f"{where}/{i}") for i, (a, b) in pairs)), None)
    same = theirs == ours and isinstance(theirs, bool) == isinstance(ours, bool)
    return None if same else differs(theirs, ours, where)


def compare_objects(theirs: dict[str, Any], ours: Any, where: str) -> str | None:
    """A map or a plain object."""
    if not isinstance(ours, Mapping):
        return differs(theirs, ours, where)
    if theirs.keys() == {"$map"}:
        theirs = dict(theirs["$map"])
        if list(theirs) != list(ours):
            return f"{where}: order {list(theirs)} expected, {list(ours)} found"
    if theirs.keys() != ours.keys():
        return differs(theirs, ours, where)
    found = (compare(value, ours[key], f"{where}/{key}") for key, value in theirs.items())
    return next(filter(None, found), None)


def differs(theirs: Any, ours: Any, where: str) -> str:
    """The official value and the sim's, side by side."""
    return f"{where}: official {shown(theirs)}, sim {shown(ours)}"


def shown(value: Any) -> str:
    """JSON where it is some, cut to a readable length."""
    text = json.dumps(value, ensure_ascii=False, default=repr)
    return text if len(text) <= 400 else f"{text[:400]}…"


# ---------------------------------------------------------------- reporting


def report(official: OfficialClient, seed: int, messages: list[Any]) -> str:
    """A failing stream, cut down to what still fails."""
    index = 0
    while index < len(messages):
        shorter = messages[:index] + messages[index + 1 :]
        if disagreement(official, shorter):
            messages = shorter
        else:
            index += 1
    lines = [json.dumps(message, ensure_ascii=False) for message in messages]
    return "\n".join([f"seed {seed}: {disagreement(official, messages)}", *lines])
