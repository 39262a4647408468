"""A conversation in several lanes at once, compared after every turn.

A `Talk` is a `Journey` (see `tests/journeys.py`) whose own state and client are those of the lane
in which everything is sent again. What a model says, a person types and presses happens in every
lane. After every turn all lanes have the same state, the same findings, the same surfaces on their
clients, and none sent more bytes than the first. The journey looks that no draft was lost.

Now and then a turn is also made aside, and must give the same bytes: from the state as it is read
back from JSON, and before and after another turn from the same state.
"""

from __future__ import annotations

import copy
import hashlib
import random
import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from clientsim import ClientSim
from tests.crm import TestSigner
from tests.journeys import (
    Directive,
    Journey,
    Key,
    Press,
    named_by,
    preset,
    row_gone,
)
from tests.stories import draft_path
from uicompiler import (
    ClientProfile,
    CompileResult,
    StepResult,
    Surface,
    TurnContext,
    UICompilerError,
    UIState,
    compile,
    snapshot,
)
from uicompiler.a2ui import validate
from uicompiler.app import Update
from uicompiler.compiler import finish, resolve
from uicompiler.dispatcher import dispatch_with
from uicompiler.executor.expiry import with_expired
from uicompiler.executor.restore import restored

from .aside import first_difference, same_reset, same_screen, same_told_again
from .lanes import Hands, Lane, lanes
from .moves import Step
from .trees import CHANGES
from .worlds import LANGUAGES, World

Act: TypeAlias = Callable[[Lane, UIState], CompileResult]
"""A turn, made in a lane from a state."""

_ID = "c"
_PROFILES = ("web_core", "web_core", "web_core", "spec", "amnesiac", "no_incremental")
_SHOWS = ("ui.show_", "ui.confirm", "ui.request_", "ui.surface.open")
_PLACE = re.compile(r"^/surfaceUpdate/components/\d+")
"""Where a component stands in what is sent, which depends on how much is."""

_BATCH_LIMITS = ("max_messages_", "max_bytes_")
PROFILES = ("web_core", "spec", "no_incremental", "amnesiac")


class Signer(TestSigner):
    """Nonces under one of several keys."""

    def __init__(self, key_id: str) -> None:
        self.key_id = key_id


SIGNERS = (None, Signer("k1"), Signer("k2"))


@dataclass(kw_only=True)
class Talk(Journey):
    """See the module.

    Attributes:
        world: Its app, and what a model may say.
        seed: Tells what is done aside, and when.
        lanes: The lanes; the first is the journey's own.
        context: Language and signer.
        strict: Whether the next answer of the model is compiled strictly.
        aside: Whether everything (1) or nothing (0) is done aside; None for now and then.
        turns: How many turns went out.
        made: How many turns were made.
        shown: What was shown on a surface, by its name, the last one at the end.
        presses: Presses so far.
        pending: The results of the turn that is being taken, by lane.
        rebuilt: The result of that turn for a client that shows no updates, where it was made.
        log: Everything that was said and done, for a report.
        counts: What was seen and compared.
        over: Why the conversation ends before its steps do, or "".
    """

    world: World
    seed: int | str
    lanes: list[Lane] = field(init=False)
    context: TurnContext = field(default_factory=lambda: TurnContext(_ID))
    strict: bool = False
    aside: int | None = None
    turns: int = 0
    made: int = 0
    shown: dict[str, list[Directive]] = field(default_factory=dict)
    presses: list[Press] = field(default_factory=list)
    pending: list[CompileResult] = field(default_factory=list)
    rebuilt: CompileResult | None = None
    log: list[tuple[str, Any]] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    over: str = ""

    def __post_init__(self) -> None:
        super().__post_init__()
        rng = random.Random(f"talk {self.seed}")
        client = ClientProfile.named(self.profile)
        self.lanes = lanes(
            client.plain_text() if rng.randrange(4) == 0 else client, self.sim, self.state, rng
        )
        self.watch = Hands(self.lanes)

    @classmethod
    def begin(cls, seed: int | str, world: World) -> Talk:
        """A conversation before its first step."""
        profile = random.Random(f"profile {seed}").choice(_PROFILES)
        new: dict[str, Any] = {"state": UIState(_ID), "past": [UIState(_ID)]}
        return cls(world.app(), profile, "full", world=world, seed=seed, **new)

    @property
    def settings(self) -> str:
        """The client, and what the app allows."""
        lanes = [f"{lane.name}: {lane.mode}" for lane in self.lanes]
        client = f"client {self.profile}, markdown {self.lanes[0].client.markdown}"
        limits = f"limits {dict(self.world.limits)}, catalog {self.world.catalog}"
        return f"{client}, {limits}, lanes {lanes}"

    def step(self, step: Step) -> None:
        """One step in every lane, and a look at what came of it."""
        self.counts[f"{step[0]} steps"] += 1
        self.said.append(set())
        _STEPS[step[0]](self, *step[1:])
        self.past.append(self.state)
        for lane in self.lanes:
            lane.past.append(lane.state)

    # --- a turn

    def turn(self, act: Act) -> CompileResult:
        """A turn in every lane; aside too, when its time has come."""
        self.made += 1
        rng = random.Random(f"{self.seed} {self.made}")
        before = [lane.state for lane in self.lanes]
        other = self.other_turn(rng) if self.due(rng, 10) else None
        alone = [] if other is None else self.bytes_of(other, before)
        self.pending = [act(lane, lane.state) for lane in self.lanes]
        if other is not None:
            again = self.bytes_of(other, before)
            assert again == alone, "a turn from an older state gives other bytes than before"
            self.counts["turns from older states"] += len(again)
        if self.due(rng, 6):
            self.from_json(act, before[0])
        if self.due(rng, 6) and not self.world.limits:
            self.rebuilt = self.without_updates(act, before[0])
        return self.pending[0]

    def due(self, rng: random.Random, every: int) -> bool:
        """Whether something is done aside now."""
        chosen = rng.randrange(every) == 0
        return chosen if self.aside is None else self.aside > 0

    def without_updates(self, act: Act, before: UIState) -> CompileResult:
        """The same turn for a client that shows no updates."""
        lead = self.lanes[0]
        client = replace(lead.client, incremental=False)
        return act(replace(lead, mode="auto", client=client), before)

    def from_json(self, act: Act, before: UIState) -> None:
        """The same turn, from a state in which nothing is kept."""
        stored = UIState.from_json(before.to_json(), nodes=self.app.nodes)
        for lane, result in zip(self.lanes, self.pending, strict=True):
            again = act(lane, stored)
            assert again.jsonl() == result.jsonl(), (
                f"{lane.name}: from JSON it sends\n{again.jsonl().decode()}\n"
                f"and from the state as it was\n{result.jsonl().decode()}"
            )
            assert again.state == result.state, f"{lane.name}: from JSON it ends in another state"
            assert again.diagnostics == result.diagnostics, lane.name
        self.counts["turns from JSON"] += len(self.lanes)

    def other_turn(self, rng: random.Random) -> Act:
        """A turn that might have been."""
        parts = [part for part in rng.choice(self.world.answers) if isinstance(part, dict)]
        said = parts or [rng.choice(self.world.shows)]
        return lambda lane, state: self.compiled(lane, state, said, self.update)

    def bytes_of(self, act: Act, states: list[UIState]) -> list[bytes]:
        """What a turn sends in each lane."""
        return [act(lane, state).jsonl() for lane, state in zip(self.lanes, states, strict=True)]

    def take(self, result: CompileResult, named: Collection[Key]) -> None:
        """Every client gets its batches, and all are compared."""
        results, self.pending = self.pending, []
        assert result is results[0]
        self.agree(results)
        if self.over:
            return
        super().take(result, named)
        del self.results[:-1]
        for lane, own in zip(self.lanes, results, strict=True):
            lane.take(own, applied=lane is self.lanes[0])
            lane.acts.append(("turn", None))
        self.same_clients({b.surface_id for own in results for b in own.batches})
        if self.due(random.Random(f"again {self.seed} {self.made}"), 3) and not self.world.limits:
            same_told_again(self)
        if self.rebuilt is not None:
            same_screen(self, self.rebuilt)
            self.rebuilt = None
        went_out = bool(result.batches or result.effects)
        self.counts["turns in which all was refused"] += not result.ok
        self.turns += went_out
        self.counts["turns"] += went_out
        for lane, own in zip(self.lanes, results, strict=True):
            self.counts[f"bytes {lane.name}"] += len(own.jsonl())

    def agree(self, results: list[CompileResult]) -> None:
        """All lanes come to the same, and none sends more than the first."""
        lead = _told(results[0])
        for lane, own in zip(self.lanes[1:], results[1:], strict=True):
            told = _told(own)
            if told != lead and self.cut_by_limits([results[0], own]):
                self.over = "a batch of one lane was larger than the app allows"
                self.counts["conversations cut by limits"] += 1
                return
            assert told == lead, f"{lane.name} comes to {told}, full to {lead}"
            assert own.state == results[0].state, _differs(lane, own.state, results[0].state)
            if self.lanes[0].mode == "full" and lane.client.coalesce:
                _no_more_bytes(lane, own, results[0])

    def cut_by_limits(self, results: list[CompileResult]) -> bool:
        """Whether a limit of single batches was met, which may be in one lane alone."""
        found = [d for r in results for d in r.diagnostics if d.code == "A2UI_S2C_LIMIT_EXCEEDED"]
        return any(name in d.message for d in found for name in _BATCH_LIMITS)

    def same_clients(self, wire_ids: Collection[str]) -> None:
        """The same surfaces are on all clients, those among them that were written the same."""
        lead = self.lanes[0].sim
        for lane in self.lanes[1:]:
            assert lane.sim.surface_ids() == lead.surface_ids(), lane.name
        for wire_id in sorted(wire_ids):
            wanted = _seen(lead, wire_id)
            for lane in self.lanes[1:]:
                found = _seen(lane.sim, wire_id)
                assert found == wanted, first_difference(lane.name, wire_id, wanted, found)
        self.counts["surfaces compared"] += len(wire_ids) * (len(self.lanes) - 1)

    def look(self, named: Collection[Key]) -> None:
        """As in any journey; where an app allows little, surfaces fail, and drafts with them."""
        if not self.world.limits:
            super().look(named)

    def finish(self) -> None:
        """What is looked at once, in the end."""
        lead, *others = self.lanes
        told = lead.state.to_json()
        whole = lead.sim.surface_hash_all()
        for lane in others:
            assert lane.sim.surface_hash_all() == whole, lane.name
            assert lane.state.to_json() == told, lane.name
        for lane in self.lanes:
            self.well_formed(lane)
        if not self.world.limits:
            same_told_again(self)
            same_reset(self)
        rng = random.Random(f"end {self.seed}")
        lane, profile = rng.choice(self.lanes), rng.choice(PROFILES)
        for lines in lane.stream():
            sim = ClientSim(profile=profile)
            assert sim.feed(b"\n".join(lines)) == [], (lane.name, profile)

    def well_formed(self, lane: Lane) -> None:
        """The checker finds nothing in what a lane sent."""
        for lines in lane.stream():
            limits = self.app.limits.bench()
            found = validate(b"\n".join(lines), limits=limits, catalog=self.app.catalog)
            wrong = [item for item in found if item.severity == "error"]
            if lane.client.markdown == "none":
                wrong = [item for item in wrong if item.code != "A2UI_S2C_COMPONENT_TEXT_MARKUP"]
            assert wrong == [], f"{lane.name}: {wrong[:3]}"

    def digest(self) -> str:
        """A hash over all that went out in every lane, and the states in the end."""
        whole = hashlib.sha256()
        for lane in self.lanes:
            for lines in lane.stream():
                whole.update(b"\n".join(lines))
            whole.update(lane.state.to_json().encode())
        return whole.hexdigest()

    # --- what the library is asked for

    def compile(self, said: list[Directive], update: Update) -> CompileResult:
        """The model's answer, in every lane."""
        self.log.append(("compile" if update != "reset" else "reset", said))
        result = self.turn(lambda lane, state: self.compiled(lane, state, said, update))
        self.strict = False
        for item in said if result.ok else ():
            if item["type"].startswith(_SHOWS):
                name = item["payload"].get("surface", "main")
                self.shown[name] = [*self.shown.get(name, ())[-5:], item]
        return result

    def compiled(
        self, lane: Lane, state: UIState, said: list[Directive], update: Update
    ) -> CompileResult:
        """An answer in one lane; one that strict mode refuses comes to nothing."""
        try:
            return compile(
                said,
                app=self.app,
                state=state,
                client=lane.client,
                turn=self.context,
                strict=self.strict,
                update="reset" if update == "reset" else lane.update(self.made),
            )
        except UICompilerError as error:
            return CompileResult(False, "", state, diagnostics=error.diagnostics)

    def dispatch(self, event: Mapping[str, Any]) -> StepResult:
        """An event, in every lane."""
        self.log.append(("dispatch", event))
        result = self.turn(lambda lane, state: self.dispatched(lane, state, event))
        assert isinstance(result, StepResult)
        return result

    def dispatched(self, lane: Lane, state: UIState, event: Mapping[str, Any]) -> StepResult:
        """An event in one lane; in full too, unless only in full anything would go out."""
        update = lane.update(self.made)
        step = self._dispatched(lane, state, event, "auto" if update == "full" else update)
        if update == "full":
            whole = self._dispatched(lane, state, event, "full")
            if _revisions(whole) == _revisions(step):
                return whole
        return step

    def _dispatched(
        self, lane: Lane, state: UIState, event: Mapping[str, Any], update: Update
    ) -> StepResult:
        turn = resolve(
            self.app, state, "a2ui-v0.8", lane.client, self.context, strict=False, update=update
        )
        return dispatch_with(event, state=state, turn=turn, tool_results=None)

    def restore(self, index: int) -> CompileResult:
        """Back to a state of before, in every lane."""
        self.log.append(("restore", index))
        return self.turn(lambda lane, state: self.restored(lane, state, lane.past[index]))

    def restored(self, lane: Lane, state: UIState, then: UIState) -> CompileResult:
        """The same in one lane."""
        update = lane.update(self.made)
        turn = resolve(
            self.app, state, "a2ui-v0.8", lane.client, self.context, strict=False, update=update
        )
        done = restored(state, then, nonce_key_id=turn.nonce_key_id)
        return finish(state, with_expired(done, turn.app, turn.words), turn, "", idle=False)

    def lose(self) -> None:
        """A client that forgets is told everything again."""
        if self.profile != "amnesiac":
            return
        for lane in self.lanes:
            lane.lose()
        self.held.clear()
        self.typed.clear()
        self.log.append(("snapshot", None))
        self.take(self.turn(self.told_again), set())

    def told_again(self, lane: Lane, state: UIState) -> CompileResult:
        """Everything, in one lane."""
        return snapshot(state, app=self.app, client=lane.client, turn=self.context)

    # --- further steps

    def act(self, pressed: Press) -> None:
        """A press is taken; where an app allows little, what comes of it may fail."""
        self.presses.append(pressed)
        step = self.dispatch(pressed.event)
        accepted = step.status in (200, 422)
        # Who types a handle into a secret is refused.
        values = pressed.event["userAction"]["context"].values()
        handle = any(isinstance(value, str) and value.startswith("secret:") for value in values)
        assert accepted or self.world.limits or handle, (pressed.event, step.diagnostics)
        if accepted:
            self.learn(pressed)
        self.take(step, row_gone(pressed.surface.name, pressed.event["userAction"]))

    def late(self, which: int) -> None:
        """A press of before arrives now; as a rule it is refused, and nothing has happened."""
        if not self.presses or self.world.limits:
            return
        pressed = self.presses[-1 - which % min(6, len(self.presses))]
        step = self.dispatch(pressed.event)
        self.counts[f"late events: {step.status}"] += 1
        surface = self.state.surfaces.get(pressed.surface.name)
        if step.status in (200, 422) and surface is not None:
            self.learn(pressed._replace(surface=surface))
        self.take(step, row_gone(pressed.surface.name, pressed.event["userAction"]))

    def complain(self, which: int) -> None:
        """A client cannot show a surface."""
        surface = self.surface(which, lambda _: True)
        if surface is not None:
            event = self.sim.report_error(self.wire_id(surface), "cannot be shown")
            self.take(self.dispatch(event), set())

    def close(self, which: int) -> None:
        """A surface goes."""
        surface = self.surface(which, lambda _: True)
        if surface is not None:
            self.say({"type": "ui.close", "payload": {"surface": surface.name}})

    def show(self, which: int, directive: Directive) -> None:
        """Something else is shown on a surface, or on a new one."""
        name = ("main", "main", "side", "third")[which % 4]
        payload = {**directive["payload"], "surface": name}
        self.say({"type": directive["type"], "payload": payload})

    def again(self, which: int, number: int, how: int) -> None:
        """What was shown before is shown again: as it was, with values, or anew."""
        surface, shown = self.shown_on(which)
        if surface is None or not shown:
            return
        directive = shown[-1 - number % len(shown) if how % 3 else -1]
        payload = copy.deepcopy(directive["payload"])
        if directive["type"] == "ui.show_form":
            if how % 7 == 0:
                payload["reset"] = True
            elif how % 7 < 4:
                payload["values"] = self.some_values(surface, number)
        self.say({"type": directive["type"], "payload": payload})

    def some_values(self, surface: Surface, number: int) -> list[dict[str, Any]]:
        """Values for some of a surface's fields."""
        specs = [node.model_dump(mode="json", exclude_none=True) for node in surface.editables]
        fields = [spec for spec in specs if "columns" not in spec]
        chosen = [spec for index, spec in enumerate(fields) if number >> index & 1]
        return [
            {"path": draft_path(spec["id"]), "value": preset(spec, number, "v")} for spec in chosen
        ]

    def change(self, which: int, what: str, where: int, how: int, node: Any) -> None:
        """What is shown is shown again, and something in it is otherwise."""
        surface, shown = self.shown_on(which)
        payload = CHANGES[what](shown[-1]["payload"], where, how, node) if shown else None
        if surface is not None and payload is not None:
            self.say({"type": shown[-1]["type"], "payload": payload})

    def shown_on(self, which: int) -> tuple[Surface | None, list[Directive]]:
        """A surface, and what was shown on it."""
        surface = self.surface(which, lambda surface: surface.name in self.shown)
        return surface, [] if surface is None else self.shown.get(surface.name, [])

    def write(self, which: int, ops: list[dict[str, Any]]) -> None:
        """The model writes to what is only shown."""
        surface = self.surface(which, lambda _: True)
        if surface is not None:
            payload = {"surface": surface.name, "ops": copy.deepcopy(ops)}
            self.say({"type": "ui.patch", "payload": payload})

    def say(self, *said: Directive) -> None:
        """The model says something."""
        named = named_by(list(said))
        self.take(self.compile(list(said), self.update), named)

    def speak(self, which: int) -> None:
        """From now on in another language."""
        language = LANGUAGES[which % len(LANGUAGES)]
        self.log.append(("language", language))
        self.context = replace(self.context, language=language)

    def sign(self, which: int) -> None:
        """From now on under another key, or none."""
        signer = SIGNERS[which % len(SIGNERS)]
        self.log.append(("signer", None if signer is None else signer.key_id))
        self.context = replace(self.context, signer=signer)

    def strictly(self) -> None:
        """The next answer is compiled strictly."""
        self.log.append(("strict", None))
        self.strict = True

    def typed_log(self, *numbers: Any) -> None:
        """The person types."""
        before = len(self.lanes[0].acts)
        self.type_in(*numbers)
        self.log.extend(("edit", argument) for _, argument in self.lanes[0].acts[before:])


_STEPS: Mapping[str, Callable[..., None]] = {
    "model": Talk.model,
    "show": Talk.show,
    "again": Talk.again,
    "change": Talk.change,
    "write": Talk.write,
    "type": Talk.typed_log,
    "press": Talk.press,
    "late": Talk.late,
    "back": Talk.back,
    "close": Talk.close,
    "complain": Talk.complain,
    "lose": Talk.lose,
    "language": Talk.speak,
    "key": Talk.sign,
    "strict": Talk.strictly,
}


def _told(result: CompileResult) -> Any:
    """All of a result but what it sends and its state."""
    found = [
        (item.code, item.severity, item.message, _PLACE.sub("", item.pointer), item.surface_id)
        for item in result.diagnostics
    ]
    fallback = None if result.fallback is None else result.fallback.to_dict()
    told: list[Any] = [result.ok, found, fallback, result.effects, _revisions(result)]
    if isinstance(result, StepResult):
        told += [result.status, result.action, result.field_errors, result.outcome]
    return told


def _no_more_bytes(lane: Lane, own: CompileResult, full: CompileResult) -> None:
    most = {batch.surface: sum(map(len, batch.encoded)) for batch in full.batches}
    for batch in own.batches:
        sent = sum(map(len, batch.encoded))
        assert sent <= most[batch.surface], (
            f"{lane.name} sends {sent} bytes for {batch.surface!r}, full {most[batch.surface]}"
        )


def _revisions(result: CompileResult) -> list[tuple[str, int]]:
    return [(batch.surface_id, batch.rev) for batch in result.batches]


def _seen(sim: ClientSim, wire_id: str) -> Any:
    """What a client has of a surface."""
    return sim.root(wire_id), sim.ready(wire_id), sim.data(wire_id), sim.tree(wire_id)


def _differs(lane: Lane, one: UIState, two: UIState) -> str:
    ours, theirs = one.to_dict(), two.to_dict()
    return first_difference(lane.name, "the state", theirs, ours)
