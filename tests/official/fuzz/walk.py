"""A person, a model and a host over a line that comes and goes.

A `Walk` is a `Journey` in which the client is not always where the host is. Turns wait on a slow
line or are missed while it is cut, one is torn in its middle and comes again whole, events are sent
twice, a model answers for a state that has moved on, a page is loaded anew.

The host is what the library asks of one: it keeps the newest state, the receipts of events, and
the turns that its client has not got. `Journey.state` is then what the client has been shown, and
`Journey.held` the ledger of what each input must hold: what was typed or written last. After every
step each input that the step does not name is held against it. A step names the inputs that its
directives write, those that become others, and the row that a press takes out. A turn that comes
again whole also names the inputs that it showed first: its second coming writes them as its first.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from clientsim import ClientSim
from tests.journeys import Directive, Journey, Key, Press, is_below, named_by, row_gone
from tests.official.beside import Beside
from uicompiler import (
    CompileResult,
    Receipt,
    StepResult,
    TurnContext,
    UIState,
    compile,
    dispatch,
    snapshot,
)
from uicompiler.app import Update
from uicompiler.backends.a2ui_v0_8.boxes import value_path

REMEMBERED = 12
"""Events of which the host still has the receipts."""

Step = tuple[Any, ...]


@dataclass(frozen=True)
class Turn:
    """What went out, until the client has it.

    Attributes:
        result: The turn.
        named: The inputs that it may change.
        shown: Those among them that it showed first, when it was torn.
        again: Whether it was torn, and comes a second time.
    """

    result: CompileResult
    named: frozenset[Key]
    shown: frozenset[Key] = frozenset()
    again: bool = False


@dataclass
class Walk(Journey):
    """See the module.

    Attributes:
        beside: The official client.
        stored: Whether the host stores its state and reads it between any two turns.
        server: The host's state.
        sent: Events that the host took, each with its first answer.
        waiting: Turns that the client has not got, or not whole.
        unsent: Presses while the line was cut.
        line: `open`; `slow`, on which turns wait; or `cut`, on which events wait too.
        tear: After how many batches of the next turn the line is cut; None for never.
        torn: Whether the client has a part of the first turn that waits.
        told: What presses told of inputs since the line was cut within a turn.
        thinking: A turn that a model works on, and the state for which it does.
        played: The steps so far, the one that failed too.
    """

    beside: Beside = field(kw_only=True)
    stored: bool = False
    server: UIState = field(default_factory=UIState)
    sent: list[tuple[Mapping[str, Any], StepResult]] = field(default_factory=list)
    waiting: list[Turn] = field(default_factory=list)
    unsent: list[Press] = field(default_factory=list)
    line: str = "open"
    tear: int | None = None
    torn: bool = False
    told: dict[Key, Any] = field(default_factory=dict)
    thinking: tuple[UIState, list[Directive]] | None = None
    played: list[Step] = field(default_factory=list)

    @property
    def counts(self) -> Any:
        """What was done and compared."""
        return self.beside.counts

    def step(self, step: Step) -> None:
        """One step; where it found something to do, both clients are compared."""
        self.played.append(step)
        self.said.append(set())
        name, *rest = step
        if DOES[name](self, *rest):
            self.counts.update(["steps", f"{name} steps", f"steps on a line that is {self.line}"])
            self.beside.same_data(self.sim)

    # --- the person

    def types(self, which: int, index: int, value: int, text: str) -> bool:
        """The person fills in an input, whatever the line does."""
        before: int = self.counts["edits"]
        self.type_in(which, index, value, text)
        return bool(self.counts["edits"] > before)

    def presses(self, which: int, index: int) -> bool:
        """The person presses a button."""
        pressed = self.button(which, index)
        if pressed is not None:
            self.act(pressed)
        return pressed is not None

    def act(self, pressed: Press) -> None:
        """The event goes to the host, or waits until there is a line."""
        if self.line == "cut":
            self.unsent.append(pressed)
        else:
            self.send(pressed, behind=bool(self.waiting))

    def send(self, pressed: Press, *, behind: bool) -> None:
        """The host takes an event, or refuses one from a screen that is behind."""
        step = self.dispatch(pressed.event)
        if not self.took(step, behind=behind):
            return
        self.learn(pressed)
        self.remember(pressed.event, step)
        self.take(step, row_gone(pressed.surface.name, pressed.event["userAction"]))

    def took(self, step: StepResult, *, behind: bool) -> bool:
        """Whether an event acted; when it was refused, nothing has happened."""
        if step.status in (200, 422):
            return True
        assert behind, step.diagnostics
        assert step.status in (403, 409), step.diagnostics
        assert step.state is self.server
        assert step.batches == ()
        self.counts["events refused as stale"] += 1
        return False

    def learn(self, pressed: Press) -> None:
        """What was told is told of the inputs that the host has, which took the event."""
        there = pressed._replace(surface=self.server.surfaces[pressed.surface.name])
        super().learn(there)
        context = pressed.event["userAction"]["context"]
        places = [item.place for item in there.surface.inputs if item.id in context]
        keys = [(there.surface.name, value_path(*place)) for place in places]
        self.told.update({key: self.known[key] for key in keys})

    # --- the same event again

    def dispatch(self, event: Mapping[str, Any]) -> StepResult:
        """The host has the receipts of the last events at hand."""
        receipts = [first.receipt for _, first in self.sent if first.receipt is not None]
        turn = TurnContext(seen={receipt.key: receipt for receipt in receipts})
        return dispatch(event, state=self.server, app=self.app, turn=turn)

    def remember(self, event: Mapping[str, Any], first: StepResult) -> None:
        """Keep the first answer."""
        assert isinstance(first.receipt, Receipt)
        self.sent = [*self.sent[1 - REMEMBERED :], (event, first)]

    def retries(self, which: int, index: int) -> bool:
        """The answer to a press is lost, the event is sent again, and its answer arrives."""
        if self.line != "open":
            return False
        pressed = self.button(which, index)
        if pressed is None:
            return False
        first = self.dispatch(pressed.event)
        assert self.took(first, behind=False)
        self.learn(pressed)
        self.remember(pressed.event, first)
        self.server = first.state
        again = self.answered_again(pressed.event, first)
        assert again.jsonl() == first.jsonl(), "the first answer comes whole"
        self.take(again, row_gone(pressed.surface.name, pressed.event["userAction"]))
        return True

    def repeats(self, number: int) -> bool:
        """An event that was answered is sent once more, whatever has happened since."""
        if self.line == "cut" or not self.sent:
            return False
        event, first = self.sent[number % len(self.sent)]
        again = self.answered_again(event, first)
        known = [batch.encoded for batch in first.batches]
        assert all(batch.encoded in known for batch in again.batches)
        return True

    def answered_again(self, event: Mapping[str, Any], first: StepResult) -> StepResult:
        """The first answer, and nothing done."""
        again = self.dispatch(event)
        assert again.repeated, "an event acts once"
        assert again.state is self.server
        assert _told(again) == _told(first)
        return again

    # --- the model

    def compile(self, said: list[Directive], update: Update) -> CompileResult:
        """The host's state is the one that counts."""
        return compile(said, app=self.app, state=self.server, update=update)

    def says(self, parts: list[Any], reset: bool) -> bool:
        """The model answers at once."""
        self.model(parts, reset)
        return True

    def thinks(self, parts: list[Any]) -> bool:
        """The model begins to answer what is there now."""
        if self.thinking is not None:
            return False
        said = [part if isinstance(part, dict) else self.patch(*part[1:]) for part in parts]
        self.thinking = (self.server, [item for item in said if item is not None])
        return True

    def lands(self) -> bool:
        """The model has answered; where the state has moved on, its directives meet the new one."""
        if self.thinking is None:
            return False
        (before, said), self.thinking = self.thinking, None
        self.counts["turns that landed on a newer state"] += before is not self.server
        self.take(self.compile(said, self.update), named_by(said))
        return True

    # --- the line

    def take(self, result: CompileResult, named: Collection[Key]) -> None:
        """A turn goes out, and arrives when it can."""
        state = result.state
        if self.stored and state is not self.server:
            state = UIState.from_json(state.to_json(), nodes=self.app.nodes)
        self.server = state
        self.waiting.append(Turn(replace(result, state=state), frozenset(named)))
        self.arrive()

    def arrive(self) -> None:
        """What waits is handed to the client, turn by turn, as long as the line holds."""
        while self.waiting and self.line == "open":
            turn = self.waiting.pop(0)
            if self.tear is not None and turn.result.batches:
                self.cut_within(turn, self.tear)
            else:
                self.arrived(turn)

    def arrived(self, turn: Turn) -> None:
        """A whole turn; what a press told after it was torn, the library knows all the same."""
        typed = {key: self.held[key] for key in self.typed if _named(key) in turn.shown}
        told = self.told_since(turn)
        self.torn = False
        super().take(turn.result, turn.named)
        del self.results[:-1]
        self.known.update(told)
        over = sum(self.held.get(key) != value for key, value in typed.items())
        self.counts["inputs that a torn turn wrote again"] += over

    def cut_within(self, turn: Turn, tear: int) -> None:
        """The line is cut after some batches, or after the last but before its end was told."""
        state, batches = turn.result.state, turn.result.batches
        shown = turn.shown | frozenset(self.shown_first(state))
        told = self.told_since(turn)
        for batch in batches[: 1 + tear % len(batches)]:
            self.deliver(batch)
        named = turn.named | self.other_fields(state)
        self.line, self.tear, self.torn = "cut", None, True
        self.look(named)
        self.known.update(told)
        self.waiting.insert(0, replace(turn, named=named | shown, shown=shown, again=True))
        self.counts["torn turns"] += 1

    def told_since(self, turn: Turn) -> dict[Key, Any]:
        """What presses told since a turn was torn first; the second coming is no news of it."""
        if not turn.again:
            self.told.clear()
        return dict(self.told)

    def shown_first(self, state: UIState) -> set[Key]:
        """Inputs that the client has nothing of yet."""
        places = (
            (surface, value_path(*item.place))
            for surface in state.live_surfaces()
            for item in surface.inputs
        )
        return {(s.name, path) for s, path in places if (self.wire_id(s), path) not in self.held}

    def look(self, named: Collection[Key]) -> None:
        """As a journey does; of half a turn only that it changes no value it does not name."""
        if not self.torn:
            super().look(named)
            return
        there = self.sim.surface_ids()
        for key, value in [item for item in self.held.items() if item[0][0] in there]:
            found = self.sim.value_at(*key)
            if not is_below(_named(key), named):
                known = self.fields.get(_named(key))
                self.look_kept(key, known and known.kind, found)
            elif found != value:
                self.held[key] = self.known[_named(key)] = found
                self.typed.discard(key)

    def slows(self) -> bool:
        """Turns wait from now on."""
        done, self.line = self.line == "open", "slow" if self.line == "open" else self.line
        return done

    def cuts(self) -> bool:
        """Nothing gets through from now on."""
        done, self.line = self.line != "cut", "cut"
        return done

    def tears(self, batches: int) -> bool:
        """The next turn will be torn."""
        self.tear = batches
        return self.line == "open"

    def resumes(self, events_first: bool) -> bool:
        """The line is back: the turns since come whole, and the events that could not be sent."""
        if self.line == "open":
            return False
        unsent, self.unsent = self.unsent, []
        if not events_first:
            self.line = "open"
            self.arrive()
        for pressed in unsent:
            self.send(pressed, behind=True)
        self.counts["events sent late"] += len(unsent)
        if events_first:
            self.line = "open"
            self.arrive()
        return True

    def reloads(self) -> bool:
        """The client has lost everything, what was typed and never sent too."""
        named: set[Key] = set()
        for turn in self.waiting:
            named |= turn.named | self.other_fields(turn.result.state)
        self.sim = ClientSim()
        self.beside.lost()
        for gone in (self.held, self.typed, self.waiting, self.unsent):
            gone.clear()
        self.line, self.tear = "open", None
        self.arrived(Turn(snapshot(self.server, app=self.app), frozenset(named)))
        return True

    def complains(self, which: int) -> bool:
        """The client reports an error, and its surface is built anew with what is known."""
        surface = self.surface(which, lambda _: True)
        if surface is None or self.line == "cut":
            return False
        event = self.sim.report_error(self.wire_id(surface), "cannot be shown")
        step = self.dispatch(event)
        if self.took(step, behind=bool(self.waiting)):
            self.take(step, set())
        return True


DOES: Mapping[str, Callable[..., bool]] = {
    "type": Walk.types,
    "press": Walk.presses,
    "retry": Walk.retries,
    "repeat": Walk.repeats,
    "model": Walk.says,
    "think": Walk.thinks,
    "land": Walk.lands,
    "slow": Walk.slows,
    "cut": Walk.cuts,
    "tear": Walk.tears,
    "resume": Walk.resumes,
    "reload": Walk.reloads,
    "complain": Walk.complains,
}
"""What a step does, by its name; whether it found something to do."""


def _named(key: Key) -> Key:
    """A place on the wire by the surface's name."""
    return key[0].partition("#")[0], key[1]


def _told(step: StepResult) -> Any:
    """An answer as JSON, but for what is the host's own and what may have moved on."""
    left_out = ("state", "trace", "receipt", "repeated", "batches")
    told = {key: value for key, value in step.to_dict().items() if key not in left_out}
    return json.loads(json.dumps(told))
