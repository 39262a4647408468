"""Everything the library sends is taken by the official clients, and shows what the IR says.

Each fixture, each example turn and each example conversation gets an official client of its own.
After every batch that client must show exactly what `screens.expected` reads from the IR, and its
data and tree must be those of ClientSim. In conversations the recorded user types into it, and the
event its buttons then send must be the recorded one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from clientsim import ClientSim
from tests.fixture_cases import ROOT, Case, action_of, app_named, cases_in, run
from uicompiler import Batch, Surface, UIState, compile, snapshot

from .bridge import Session
from .screens import expected, shown, shown_unrendered
from .test_sim_agrees import compare_surface

pytestmark = pytest.mark.official

SDK = Callable[[Sequence[Any]], str | None]

CASES = cases_in("accepted", "degraded")
TURNS = sorted(ROOT.glob("examples/*/turns/*.json"))


def by_path(path: Path) -> str:
    return str(path.relative_to(ROOT))


@dataclass(frozen=True)
class Step:
    """What went out, and the press that asked for it.

    Attributes:
        state: The state after it.
        batches: What went out.
        action: The content of the `userAction` it answers, if it answers one.
        exact: Whether the official client's own press must give that context.
    """

    state: UIState
    batches: Sequence[Batch]
    action: Mapping[str, Any] | None = None
    exact: bool = True


def steps_of(case: Case) -> list[Step]:
    """The steps of a fixture; `other_client` marks events no official client would send so."""
    ran = run(case)
    exact = not case.options.get("other_client")
    return [
        Step(result.state, result.batches, action_of(source), exact)
        for result, source in zip(ran.steps, ran.sources, strict=True)
    ]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_fixtures_show_what_the_ir_says(session: Session, case: Case) -> None:
    judge(session, steps_of(case), plain_text=bool(case.options.get("plain_text")))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_snapshots_show_what_the_ir_says(session: Session, case: Case) -> None:
    result = run(case).steps[-1]
    fresh = snapshot(result.state, app=case.app, client=case.client)
    steps = [Step(fresh.state, fresh.batches)]
    judge(session, steps, plain_text=bool(case.options.get("plain_text")))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_official_sdk_takes_every_batch_of_a_fixture(sdk_validate: SDK, case: Case) -> None:
    refused = [sdk_validate(batch.messages) for _, batch in run(case).batches]
    assert [reason for reason in refused if reason is not None] == []


@pytest.mark.parametrize("path", TURNS, ids=by_path)
def test_example_turns_show_what_the_ir_says(
    session: Session, sdk_validate: SDK, path: Path
) -> None:
    app = app_named(path.parent.parent.name)
    envelope = path.read_text("utf-8")
    results = [compile(envelope, app=app)]
    if not results[0].ok:  # a turn that needs the screen the first one made
        first = compile(sorted(path.parent.glob("*.json"))[0].read_text("utf-8"), app=app)
        results = [first, compile(envelope, app=app, state=first.state)]
    assert results[-1].ok
    refused = [sdk_validate(batch.messages) for batch in results[-1].batches]
    assert [reason for reason in refused if reason is not None] == []
    judge(session, [Step(result.state, result.batches) for result in results])


# ---------------------------------------------------------------- judging


def judge(session: Session, steps: Sequence[Step], *, plain_text: bool = False) -> None:
    """Hand a client batch after batch, type what was typed, and look at it after each."""
    sim = ClientSim(profile="web_core")
    for step in steps:
        if step.action is not None:
            press(session, sim, step.action, exact=step.exact)
        for batch in step.batches:
            take(session, sim, batch)
            agree(session, sim)
            surface = step.state.surfaces[batch.surface]
            if surface.live:
                look(session, batch, surface, plain_text=plain_text)
            else:
                assert session.state(batch.surface_id) is None, "it was taken away"


def take(session: Session, sim: ClientSim, batch: Batch) -> None:
    """Both clients take a batch without a word."""
    assert session.apply_many(batch.messages) == [None] * len(batch.messages)
    for message in batch.messages:
        sim.apply(message)


def look(session: Session, batch: Batch, surface: Surface, *, plain_text: bool) -> None:
    """Compare the official screen with the IR's."""
    if plain_text:
        screen = shown_unrendered(session, batch.surface_id)
    else:
        screen = shown(session.visible(batch.surface_id))
    assert screen == expected(surface, plain_text=plain_text)


def agree(session: Session, sim: ClientSim) -> None:
    """The official client's data and tree are ClientSim's."""
    assert sim.errors == []
    states = session.states(plain=False)
    assert sorted(states) == sorted(sim.surface_ids())
    for name, state in states.items():
        assert compare_surface(state, sim, name) is None


# ---------------------------------------------------------------- a user's hands


def press(
    session: Session, sim: ClientSim, action: Mapping[str, Any], *, exact: bool = True
) -> None:
    """Fill in what an event says was filled in, press its button, and compare the event sent.

    A button that is no longer there was pressed before: the event came twice.
    """
    surface_id, button_id = action["surfaceId"], action["sourceComponentId"]
    state = session.state(surface_id)
    tree = list(nodes(None if state is None else state.tree))
    button = next((node for node in tree if node["id"] == button_id), None)
    if button is None:
        return
    inputs = {bound_path(node): node for node in tree if node["type"] in BOUND}
    for entry in button["props"]["action"]["context"]:
        node = inputs.get(entry["value"].get("path"))
        if node is not None and entry["key"] in action["context"]:
            fill(session, sim, surface_id, node, action["context"][entry["key"]])
    agree(session, sim)
    pressed = session.press(surface_id, button_id, timestamp=action["timestamp"])
    assert sim.press(surface_id, button_id, timestamp=action["timestamp"]) == pressed
    if exact:
        assert pressed == {"userAction": action}


BOUND = {
    "TextField": "text",
    "CheckBox": "value",
    "DateTimeInput": "value",
    "MultipleChoice": "selections",
    "Slider": "value",
}
"""By type of input, the property that is bound to what the user fills in."""


def bound_path(node: Mapping[str, Any]) -> str | None:
    """Where an input reads and writes."""
    path: str | None = node["props"][BOUND[node["type"]]].get("path")
    return path


def fill(
    session: Session, sim: ClientSim, surface_id: str, node: Mapping[str, Any], value: Any
) -> None:
    """Bring an input to a value, unless it has it."""
    if session.get_data(surface_id, node["id"], bound_path(node) or "") == value:
        return
    if node["type"] == "MultipleChoice":
        value = [value] if isinstance(value, str) else list(value or ())
    elif not isinstance(value, bool):
        value = "" if value is None else str(value)
    typed = session.edit(surface_id, node["id"], value)
    assert typed.stored
    sim.edit(surface_id, node["id"], typed.value)


def nodes(value: Any) -> Iterator[dict[str, Any]]:
    """Every node of an official tree, in reading order."""
    if isinstance(value, list):
        for item in value:
            yield from nodes(item)
    elif isinstance(value, dict):
        if "type" in value and "props" in value:
            yield value
        for item in value.values():
            yield from nodes(item)
