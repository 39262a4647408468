"""ClientSim with the `web_core` profile agrees with the official client on every stream.

Both get the same seeded stream, a message at a time; after each message they must agree on
whether it was taken, on every surface's root and data model, on the resolved tree, and on the data
context of each node. They must also agree on what a user's hands do, and on what is on the screen,
as far as `bridge.Shown` knows the official one. The number of streams is
`UICOMPILER_SIM_STREAMS` (default 300), in shards so that they can run in parallel.

A failing stream is cut down to the messages that matter before it is shown; `stream(seed)` in
`streams.py` gives it again.
"""

from __future__ import annotations

import json
import os
import random
from collections import Counter
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


@pytest.mark.parametrize("shard", range(SHARDS))
def test_the_sim_shows_what_the_official_client_shows(official: OfficialClient, shard: int) -> None:
    screens = 0
    for seed in range(shard, STREAMS, SHARDS):
        sim = ClientSim(profile="web_core")
        with official.session() as session:
            messages = [*stream(seed)[:5], *form(seed)]
            session.apply_many(messages)
            for message in messages:
                sim.apply(message)
            for surface, state in session.states().items():
                if state.ready and state.tree and not replaced(state.tree):
                    for reachable in (True, False):
                        theirs = official_words(session, surface, state, reachable=reachable)
                        ours = sim_words(sim, surface, state, reachable=reachable)
                        for name in unread_dates(sim, surface, state):
                            theirs = [entry for entry in theirs if entry[0] != name]
                            ours = [entry for entry in ours if entry[0] != name]
                        assert theirs == ours, f"seed {seed} {surface}, reachable={reachable}"
                        assert sim.screen(surface, reachable=reachable) is not None
                        screens += 1
    assert screens > STREAMS // SHARDS, "the streams hold enough screens to look at"


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
    """Root, data and tree of one surface, and the data context of each node."""
    contexts = sorted([node["id"], node["dataContextPath"]] for node in nodes(theirs.tree))
    ours = sorted([node["id"], node["context"]] for node in sim.nodes(surface))
    return (
        compare(theirs.root, sim.root(surface), "root")
        or compare(theirs.data, sim.data(surface), "data")
        or compare(without_context(theirs.tree), sim.tree(surface), "tree")
        or compare(contexts, ours, "contexts")
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
    chance = random.Random(f"{seed} {surface}")
    seen: Counter[str] = Counter()
    buttons = []
    edited = 0
    for node in nodes(state.tree):
        name = node["id"]
        index, value = seen[name], typed(node, chance)
        seen[name] += 1
        if node["type"] == "Button":
            buttons.append((name, index))
        if value is not None:
            assert session.edit(surface, name, value, index=index).stored
            sim.edit(surface, name, value, index=index)
            edited += 1
    after = session.state(surface, plain=False)
    assert after is not None
    different = compare(after.data, sim.data(surface), f"{seed} {surface}: data")
    assert different is None, different
    for name, index in buttons:
        expected = session.press(surface, name, index=index)
        stamp = expected["userAction"]["timestamp"]
        event = sim.press(surface, name, timestamp=stamp, index=index)
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


LINES = ("[typed]", "two\r\nlines\n", "", " x ", '{"a":1}')
NUMBERS = ("12", "-.5e3", "", "1.", "+1", "abc", "1e999", " 1")
DATES = ("2025-05-06", "2024-02-29", "2025-02-29", "2025-5-6", "")
TIMES = ("07:08", "07:08:09", "24:00", "7:08", "")
MOMENTS = ("2025-05-06T07:08", "2025-05-06 07:08:00", "2025-02-30T07:08", "2025-05-06", "x")


def typed(node: dict[str, Any], chance: random.Random) -> Any:
    """What a user enters into a node; None when it is no input or stores nothing."""
    kind, props = node["type"], node["props"]
    bound = props.get(BOUND.get(kind, ""))
    if not isinstance(bound, dict) or not isinstance(bound.get("path"), str) or not bound["path"]:
        return None
    if kind == "TextField":
        return chance.choice(NUMBERS if props.get("textFieldType") == "number" else LINES)
    if kind == "CheckBox":
        return chance.random() < 0.5
    if kind == "Slider":
        return slid(props.get("minValue", 0), props.get("maxValue", 0), chance)
    if kind == "MultipleChoice":
        values = [option["value"] for option in props.get("options", ())]
        texts = [value for value in values if isinstance(value, str)]
        return chance.sample(texts, chance.randint(0, len(texts))) if "options" in props else None
    day, clock = props.get("enableDate", True), props.get("enableTime", True)
    if day == clock:
        return chance.choice(MOMENTS)
    return chance.choice(DATES if day else TIMES)


def slid(low: float, high: float, chance: random.Random) -> float | None:
    """Where a slider is moved: jsdom neither rounds to steps nor knows ends the wrong way round."""
    if high < low:
        return None
    steps = int(high - low)
    beyond = (high + 7,) if low + steps == high else ()
    return chance.choice((low - 3, low, low + steps // 2, low + steps, *beyond))


# ---------------------------------------------------------------- what is on the screen

WRITTEN = frozenset({"text", "caption", "h1", "h2", "h3", "h4", "h5"})
FAILURES = frozenset(
    {
        "(empty)", "(invalid)", "Invalid label", "Invalid value", "Invalid image URL",
        "Invalid icon name", "Invalid video URL", "Invalid audio URL",
    }
)  # fmt: skip


def replaced(tree: Any) -> bool:
    """Did a component take the place of a path or a literal? How that looks is not modelled."""
    todo = [tree]
    while todo:
        item = todo.pop()
        if isinstance(item, dict):
            if any(isinstance(item.get(key), dict) for key in ("path", "literal", "literalString")):
                return True
            todo.extend(item.values())
        elif isinstance(item, list):
            todo.extend(item)
    return False


def in_buttons(state: SurfaceState) -> set[str]:
    """Ids of what is inside a Button, which the sim does not list again."""
    buttons = (node for node in nodes(state.tree) if node["type"] == "Button")
    return {inner["id"] for button in buttons for inner in nodes(button["props"])}


def unread_dates(sim: ClientSim, surface: str, state: SurfaceState) -> set[str]:
    """Ids of date inputs that the sim leaves empty: V8 guesses a date even in `5*3`."""
    dates = {node["id"] for node in nodes(state.tree) if node["type"] == "DateTimeInput"}
    return {name for name, _, text in sim.visible(surface) if name in dates and not text}


def official_words(
    session: Session, surface: str, state: SurfaceState, *, reachable: bool
) -> list[tuple[str, str]]:
    """Id and words of what the official client shows; of a Text or Button only that it is there."""
    inner = in_buttons(state)
    words = []
    for entry in session.visible(surface, reachable=reachable):
        if entry.id in inner or entry.role in ("link", "header", "thumb", "divider"):
            continue
        if entry.role == "broken" and entry.text not in FAILURES:
            continue
        text = {"true": "checked", "false": "unchecked"}.get(entry.text, entry.text)
        masked = entry.role in WRITTEN | {"button", "image"}
        words.append((entry.id, "…" if masked else text))
    return sorted(words)


def sim_words(
    sim: ClientSim, surface: str, state: SurfaceState, *, reachable: bool
) -> list[tuple[str, str]]:
    """The same of the sim; a label without words is no label."""
    inner = in_buttons(state)
    boxes = {node["id"] for node in nodes(state.tree) if node["type"] == "TextField"}
    words = []
    for name, role, text in sim.visible(surface, reachable=reachable):
        if name in inner or (name in boxes and role == "label" and not text):
            continue
        masked = role == "button" or (role in ("text", "image") and text not in FAILURES)
        words.append((name, "…" if masked else text))
    return sorted(words)


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
