"""Conversations of any number, each the function of a seed, as the logs that hosts would keep.

A `Recorder` is a journey that looks at nothing and writes everything down: what the model said,
what was typed and pressed, what came twice, what a client reported, what was undone and redone.
Three of four are of an A2UI client, the fourth is of a browser without a script.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.journeys import Directive, Journey, Key, Press, Tree, app_with, travels
from tests.seeded import Seeded
from uicompiler import (
    ClientProfile,
    CompileResult,
    Receipt,
    StepResult,
    Surface,
    TurnContext,
    compile,
    dispatch,
    replay,
    restore,
)
from uicompiler.app import Update
from uicompiler.backends.a2ui_v0_8.boxes import value_path
from uicompiler.backends.registry import backend_named
from uicompiler.canonical import number_text
from uicompiler.ir import data

_TRAVELS = Seeded(travels(most=6))
_UPDATES: Any = ("auto", "full", "diff")
_PROFILES = ("web_core", "spec", "no_incremental")
_LANGUAGES = ("en", "he", "ja", "de")


def conversation_of(seed: int) -> dict[str, Any]:
    """The conversation of a seed: its app's templates, its log, its state in the end."""
    script = _TRAVELS(seed)
    chance = random.Random(seed)
    steps = list(script.steps)
    steps.insert(chance.randint(1, len(steps)), ("report", chance.randint(0, 31)))
    steps.insert(chance.randint(1, len(steps)), ("again",))
    journey = Recorder(
        app_with(script.templates),
        profile=_PROFILES[seed % len(_PROFILES)],
        update=_UPDATES[seed // 3 % len(_UPDATES)],
        backend="html" if seed % 4 == 3 else "a2ui-v0.8",
        language=_LANGUAGES[seed // 5 % len(_LANGUAGES)],
    )
    for step in steps:
        journey.step(step)
    return {
        "seed": seed,
        "templates": script.templates,
        "log": journey.log,
        "state": journey.state.hash,
    }


@dataclass(frozen=True)
class Placeholders:
    """A signer whose nonces are what a log has in their place."""

    key_id: str = "k1"

    def nonce(self, _conversation: str, _surface: str, epoch: int, key_id: str) -> str:
        return f"nonce:{key_id}:{epoch}"


@dataclass
class Recorder(Journey):
    """A journey that is written down.

    Attributes:
        backend: What the client is served by.
        language: Of every turn.
        log: Its records so far.
        receipts: What the host would answer events with that come again.
        turns: How many there were.
        said: How surfaces were updated by the last meta record.
        last: The last event.
    """

    backend: str = "a2ui-v0.8"
    language: str = "en"
    log: list[dict[str, Any]] = field(default_factory=list)
    receipts: dict[str, Receipt] = field(default_factory=dict)
    turns: int = 0
    said: str = ""
    last: Mapping[str, Any] | None = None

    @property
    def client(self) -> ClientProfile:
        return ClientProfile.named(self.profile)

    def turn(self, update: Update) -> TurnContext:
        """The next turn; how it updates is told where that changes."""
        if self.said != update:
            self.said = update
            told = replay.meta_record(
                self.app, client=self.client, update=update, backend=self.backend, library="any"
            )
            self.log.append(told)
        self.turns += 1
        return TurnContext(
            turn_index=self.turns,
            request_id=f"r{self.turns}",
            now=f"2026-01-01T00:{self.turns:02}:00Z",
            signer=Placeholders(),
            seen=dict(self.receipts),
            language=self.language,
        )

    def step(self, step: tuple[Any, ...]) -> None:
        """One step; a restore counts turns, not steps."""
        if step[0] == "report":
            self.report(step[1])
        elif step[0] == "again":
            if self.last is not None:
                self.dispatch(self.last)
        elif step[0] != "lose":
            does = {
                "model": self.model,
                "type": self.type_in,
                "press": self.press,
                "back": self.back,
            }
            does[step[0]](*step[1:])

    def compile(self, said: list[Directive], update: Update) -> CompileResult:
        turn = self.turn(update)
        result = compile(
            said,
            app=self.app,
            state=self.state,
            backend=self.backend,
            client=self.client,
            turn=turn,
            update=update,
        )
        self.log.extend(replay.turn_records(said, result, turn))
        return result

    def dispatch(self, event: Mapping[str, Any]) -> StepResult:
        turn = self.turn(self.update)
        step = dispatch(
            event,
            state=self.state,
            app=self.app,
            backend=self.backend,
            client=self.client,
            turn=turn,
        )
        self.log.extend(replay.step_records(event, step, turn=turn, state=self.state))
        if step.receipt is not None:
            self.receipts[step.receipt.key] = step.receipt
        self.last = event
        self.take(step, ())
        return step

    def back(self, which: int) -> None:
        """To what one of the turns left."""
        to = which % (self.turns + 1)
        turn = self.turn(self.update)
        result = restore(
            self.state,
            self.past[to],
            app=self.app,
            backend=self.backend,
            client=self.client,
            turn=turn,
        )
        self.log.extend(replay.restore_records(to, result, turn))
        self.take(result, ())

    def report(self, which: int) -> None:
        """The client reports an error of one of the surfaces, or of none."""
        surface = self.surface(which, lambda _: True)
        named = {} if surface is None or which % 3 == 0 else {"surfaceId": self.wire_id(surface)}
        self.dispatch({"error": {**named, "message": f"error {which}"}})

    def act(self, pressed: Press) -> None:
        self.dispatch(pressed.event)

    def edit(self, wire_id: str, node: Tree, value: Any) -> None:
        """The person types, which the log knows by field."""
        super().edit(wire_id, node, value)
        surface = self.state.surfaces[wire_id.partition("#")[0]]
        paths = {value_path(*item.place): item.id for item in surface.inputs}
        bound = {part.get("path") for part in node["props"].values() if isinstance(part, dict)}
        for path in sorted(bound & paths.keys()):
            self.log.append(replay.edit_record(surface.name, paths[path], value))

    def button(self, which: int, index: int) -> Press | None:
        if self.backend != "html":
            return super().button(which, index)
        surface = self.surface(which, lambda surface: bool(surface.inputs))
        known = {} if surface is None else backend_named("html").buttons(surface)
        if surface is None or not known:
            return None
        self.clock += 1
        ident = sorted(known)[index % len(known)]
        action = {
            "name": known[ident].button.action,
            "surfaceId": self.wire_id(surface),
            "sourceComponentId": ident,
            "timestamp": f"2026-01-01T{self.clock // 60:02}:{self.clock % 60:02}:00Z",
            "context": posted(surface),
        }
        return Press(surface, self.wire_id(surface), 0, {"userAction": action})

    def type_in(self, which: int, index: int, value: int, text: str) -> None:
        if self.backend != "html":
            super().type_in(which, index, value, text)

    def take(self, result: CompileResult, named: Collection[Key]) -> None:
        """The client takes what goes out, and nobody looks."""
        if len(self.past) <= self.turns:
            self.past.append(result.state)
        self.state = result.state
        for batch in result.batches if self.backend != "html" else ():
            self.deliver(batch)

    def look(self, named: Collection[Key]) -> None:
        """Nothing: others do."""


def posted(surface: Surface) -> dict[str, Any]:
    """What a browser posts of fields in which nobody has typed."""
    found: dict[str, Any] = {"_nonce": f"nonce:k1:{surface.epoch}", "_rev": str(surface.rev)}
    for item in surface.inputs:
        value = data.get(surface.data["draft"], item.place)
        if isinstance(value, bool):
            found |= {item.id: "true"} if value else {}
        elif isinstance(value, (int, float)):
            found[item.id] = number_text(value)
        elif not isinstance(value, tuple):
            found[item.id] = "" if item.field.kind == "secret" else value
        elif value:
            found[item.id] = list(value)
    return found
