"""Everything the library sends is taken by the official clients, and shows what the IR says.

Each fixture, each example turn and each example conversation gets an official client of its own.
After every batch that client must show exactly what `screens.expected` reads from the IR, and its
data and tree must be those of ClientSim. In conversations the recorded user types into it, and the
event its buttons then send must be the recorded one.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from clientsim import ClientSim
from tests.examples import app_of
from tests.fixture_cases import ROOT, Case, action_of, cases_in, compare, run
from uicompiler import (
    Batch,
    CompileResult,
    Surface,
    UIApp,
    UIState,
    compile,
    replay,
    snapshot,
)
from uicompiler.directives.envelope import parse_envelope
from uicompiler.ir.tree import fields_of

from .agreement import compare_surface
from .bridge import Session
from .screens import expected, shown, shown_unrendered

pytestmark = pytest.mark.official

SDK = Callable[[Sequence[Any]], str | None]

OWN_INPUTS = {"FileUpload": "value"}
"""Inputs of the example apps' own catalogs, which a host of theirs would register."""

CASES = cases_in("accepted", "degraded")
TURNS = sorted(ROOT.glob("examples/*/turns/*.json"))
CONVERSATIONS = sorted(ROOT.glob("examples/*/conversations/*.jsonl"))


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
    plain = bool(case.options.get("plain_text"))
    judge(session, steps_of(case), case.app, plain_text=plain, told=told_by(case))


def told_by(case: Case) -> Path | None:
    """The file of a case that tells its last screen, where it has one."""
    path = case.folder / "screen.txt"
    return path if path.is_file() else None


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_snapshots_show_what_the_ir_says(session: Session, case: Case) -> None:
    result = run(case).steps[-1]
    fresh = snapshot(result.state, app=case.app, client=case.client)
    steps = [Step(fresh.state, fresh.batches)]
    plain = bool(case.options.get("plain_text"))
    judge(session, steps, case.app, plain_text=plain, told=told_by(case))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_official_sdk_takes_every_batch_of_a_fixture(sdk_validate: SDK, case: Case) -> None:
    refused = [sdk_validate(batch.messages) for _, batch in run(case).batches]
    assert [reason for reason in refused if reason is not None] == []


@pytest.mark.parametrize("path", TURNS, ids=by_path)
def test_example_turns_show_what_the_ir_says(
    session: Session, sdk_validate: SDK, path: Path
) -> None:
    app = app_of(path)
    envelope = path.read_text("utf-8")
    results = [compile(envelope, app=app)]
    if not results[0].ok:  # a turn that needs the screen the first one made
        first = compile(sorted(path.parent.glob("*.json"))[0].read_text("utf-8"), app=app)
        results = [first, compile(envelope, app=app, state=first.state)]
    assert results[-1].ok
    refused = [sdk_validate(batch.messages) for batch in results[-1].batches]
    assert [reason for reason in refused if reason is not None] == []
    judge(session, [Step(result.state, result.batches) for result in results], app)


@pytest.mark.parametrize("path", CONVERSATIONS, ids=by_path)
def test_conversations_show_what_the_ir_says_and_what_was_typed(
    session: Session, path: Path
) -> None:
    app = app_of(path)
    records = replay.read_log(path)
    person = Person(session, app)
    for turn in replay.run(path, app).turns:
        for record in between(records, person.line, turn.line):
            person.type(record.data["surface"], record.data["field"], record.data["value"])
        person.line = turn.line
        said = [record.data for record in records if record.line >= turn.line]
        if turn.kind == "action" and not continued(said):
            press(session, person.sim, said[0]["event"]["userAction"], filled=True)
        person.see(turn.result, directives_of(said))


def between(records: Sequence[replay.Record], after: int, before: int) -> list[replay.Record]:
    """The edits between two turns."""
    return [item for item in records if item.kind == "edit" and after < item.line < before]


def continued(said: Sequence[Mapping[str, Any]]) -> bool:
    """Whether tool results came for an event that was sent before; nobody pressed again."""
    return len(said) > 1 and said[1].get("tool_results") is not None


def directives_of(said: Sequence[Mapping[str, Any]]) -> list[Any]:
    """The directives of the cause that a log begins with: a model's, or its outcome's."""
    cause = said[0]
    if cause["kind"] == "model":
        envelope = parse_envelope(cause.get("text", cause.get("envelope"))).envelope
        return [] if envelope is None else list(envelope.directives)
    outcome = said[1] if len(said) > 1 and said[1]["kind"] == "outcome" else {}
    found: list[Any] = outcome.get("outcome", {}).get("directives", [])
    return found


@pytest.mark.parametrize("path", CONVERSATIONS, ids=by_path)
def test_the_official_sdk_takes_every_batch_of_a_conversation(
    sdk_validate: SDK, path: Path
) -> None:
    app = app_of(path)
    turns = replay.run(path, app).turns
    refused = [sdk_validate(batch.messages) for turn in turns for batch in turn.result.batches]
    assert [reason for reason in refused if reason is not None] == []


# ---------------------------------------------------------------- judging


def judge(
    session: Session,
    steps: Sequence[Step],
    app: UIApp,
    *,
    plain_text: bool = False,
    told: Path | None = None,
) -> None:
    """Hand a client batch after batch, type what was typed, and look at it after each.

    Args:
        session: The official client.
        steps: What a client is handed and does.
        app: The app.
        plain_text: Whether the client has no markdown renderer.
        told: A file that tells the last screen, a role and words a line; instead of the IR.
    """
    sim, screen = ClientSim(profile="web_core", own_inputs=OWN_INPUTS), ""
    for step in steps:
        if step.action is not None:
            press(session, sim, step.action, exact=step.exact)
        for batch in step.batches:
            take(session, sim, batch)
            agree(session, sim)
            surface = step.state.surfaces[batch.surface]
            if surface.live and told is not None:
                lines = shown(session.visible(batch.surface_id))
                screen = "".join(f"{role}: {words}\n" for role, words in lines)
            elif surface.live:
                left = left_there(surface, step.action)
                masked = masked_actions(surface, app)
                look(session, batch, surface, plain_text=plain_text, typed=left, masked=masked)
            else:
                assert session.state(batch.surface_id) is None, "it was taken away"
    if told is not None:
        compare(told, screen.encode())


def take(session: Session, sim: ClientSim, batch: Batch) -> None:
    """Both clients take a batch without a word."""
    assert session.apply_many(batch.messages) == [None] * len(batch.messages)
    for message in batch.messages:
        sim.apply(message)


def left_there(surface: Surface, action: Mapping[str, Any] | None) -> dict[str, Any]:
    """What a press leaves on the client that the state has in another form, or not at all."""
    if action is None or surface.view is None:
        return {}
    context = action["context"]
    other = [f.id for f in fields_of(surface.view.root) if f.kind in ("secret", "time")]
    return {name: context[name] for name in other if context.get(name) is not None}


def look(
    session: Session,
    batch: Batch,
    surface: Surface,
    *,
    plain_text: bool,
    typed: Mapping[str, Any] | None = None,
    masked: Collection[str] = (),
) -> None:
    """Compare the official screen with the IR's."""
    if plain_text:
        screen = shown_unrendered(session, batch.surface_id)
    else:
        screen = shown(session.visible(batch.surface_id))
    files = takes_files(session, batch.surface_id)
    assert screen == expected(
        surface, plain_text=plain_text, typed=typed, masked=masked, files=files
    )


def takes_files(session: Session, surface_id: str) -> bool:
    """Whether the surface has the component for files of an app's own catalog."""
    state = session.state(surface_id)
    tree = None if state is None else state.tree
    return any(node["type"] == "FileUpload" for node in nodes(tree))


def masked_actions(surface: Surface, app: UIApp) -> set[str]:
    """Actions that are not valid in the step a surface shows."""
    step = None if surface.view is None else surface.view.step
    return {
        name
        for name, spec in app.actions.items()
        if spec.steps is not None and step not in spec.steps
    }


def agree(session: Session, sim: ClientSim) -> None:
    """The official client's data and tree are ClientSim's."""
    assert sim.errors == []
    states = session.states(plain=False)
    assert sorted(states) == sorted(sim.surface_ids())
    for name, state in states.items():
        assert compare_surface(state, sim, name) is None


# ---------------------------------------------------------------- a user's hands


@dataclass
class Person:
    """Someone who types and looks, at an official client and at ClientSim.

    Attributes:
        session: The official client.
        app: The app.
        sim: ClientSim, given the same messages and the same hands.
        line: The log's line of the last turn seen.
        shown: The last batch of each surface.
        surfaces: Each surface as the state has it.
        typed: By surface, what was typed since, which no turn may touch unless it names it.
    """

    session: Session
    app: UIApp
    sim: ClientSim = field(
        default_factory=lambda: ClientSim(profile="web_core", own_inputs=OWN_INPUTS)
    )
    line: int = 0
    shown: dict[str, Batch] = field(default_factory=dict)
    surfaces: dict[str, Surface] = field(default_factory=dict)
    typed: dict[str, dict[str, Any]] = field(default_factory=dict)

    def type(self, surface: str, field_id: str, value: Any) -> None:
        """Enter a value into a field, found by the key that a button sends it under."""
        surface_id = self.shown[surface].surface_id
        state = self.session.state(surface_id)
        tree = list(nodes(None if state is None else state.tree))
        inputs = {bound_path(node): node for node in tree if node["type"] in BOUND}
        paths = [
            entry["value"].get("path")
            for node in tree
            if node["type"] == "Button"
            for entry in node["props"]["action"]["context"]
            if entry["key"] == field_id
        ]
        fill(self.session, self.sim, surface_id, inputs[paths[0]], value)
        self.typed.setdefault(surface, {})[field_id] = (
            tuple(value) if isinstance(value, list) else value
        )
        self.look(surface)

    def see(self, result: CompileResult, directives: Sequence[Any]) -> None:
        """Take a turn's batches, and look at every surface after each."""
        for batch in result.batches:
            take(self.session, self.sim, batch)
            agree(self.session, self.sim)
            surface = result.state.surfaces[batch.surface]
            before = self.surfaces.get(batch.surface)
            typed = self.typed.setdefault(batch.surface, {})
            for name in written(before, surface, directives, typed):
                typed.pop(name, None)
            self.surfaces[batch.surface] = surface
            self.shown[batch.surface] = batch
            for name in self.surfaces:
                self.look(name)

    def look(self, name: str) -> None:
        """Compare the official screen with the IR and what was typed since."""
        surface = self.surfaces[name]
        if not surface.live:
            assert self.session.state(self.shown[name].surface_id) is None
            return
        surface_id = self.shown[name].surface_id
        screen = shown(self.session.visible(surface_id))
        masked = masked_actions(surface, self.app)
        files = takes_files(self.session, surface_id)
        typed = self.typed.get(name)
        assert screen == expected(surface, typed=typed, masked=masked, files=files)


def written(
    before: Surface | None, after: Surface, directives: Sequence[Any], typed: Collection[str]
) -> set[str]:
    """What a turn named on a surface of what was typed: all of it when it was torn down."""
    if before is None or not before.live or before.epoch != after.epoch:
        return set(typed)
    payloads = [item["payload"] for item in directives]
    here = [item for item in payloads if (item.get("surface") or "main") == after.name]
    if any(item.get("reset") for item in here):
        return set(typed)
    entries = [entry for item in here for entry in [*item.get("values", ()), *item.get("ops", ())]]
    return {entry["path"].removeprefix("/draft/") for entry in entries}


def press(
    session: Session,
    sim: ClientSim,
    action: Mapping[str, Any],
    *,
    filled: bool = False,
    exact: bool = True,
) -> None:
    """Press a button, and compare the event that is sent.

    Args:
        session: The official client.
        sim: ClientSim, which must send the same.
        action: The content of the `userAction` that should be sent.
        filled: Whether everything was typed already; else what the event holds is filled in.
        exact: Whether the event must be just that.

    A button that is no longer there was pressed before: the event came twice.
    """
    surface_id, button_id = action["surfaceId"], action["sourceComponentId"]
    state = session.state(surface_id)
    tree = list(nodes(None if state is None else state.tree))
    button = next((node for node in tree if node["id"] == button_id), None)
    if button is None:
        return
    inputs = {bound_path(node): node for node in tree if node["type"] in BOUND}
    for entry in () if filled else button["props"]["action"]["context"]:
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
    "FileUpload": "value",
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
    # ClientSim takes a slider's number, and stores it as browsers do.
    there = int(typed.value) if node["type"] == "Slider" else typed.value
    sim.edit(surface_id, node["id"], there)


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
