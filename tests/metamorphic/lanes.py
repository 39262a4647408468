"""One way of bringing a client up to date, and the client that saw nothing else."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from clientsim import ClientSim
from tests.journeys import Tree, Watcher
from uicompiler import ClientProfile, CompileResult, UIState
from uicompiler.app import Update

_MODES: Sequence[Update] = ("full", "auto", "diff")


@dataclass
class Lane:
    """A state and a client that went one way.

    Attributes:
        name: For reports.
        mode: How surfaces are brought up to date; None for now one way, now another.
        client: The client, as the library knows it.
        sim: The client.
        state: The state, with all that the library keeps in it.
        past: The state at the beginning, and after every step.
        acts: What the client was given and what was done on it, for another client.
    """

    name: str
    mode: Update | None
    client: ClientProfile
    sim: ClientSim
    state: UIState
    past: list[UIState]
    acts: list[tuple[str, Any]] = field(default_factory=list)

    def update(self, turn: int) -> Update:
        """How surfaces are brought up to date in a turn."""
        if self.mode is not None:
            return self.mode
        return random.Random(f"{self.name} {turn}").choice(_MODES)

    def take(self, result: CompileResult, *, applied: bool = False) -> None:
        """A turn's state, and its batches where the client has not got them yet."""
        self.state = result.state
        for batch in result.batches:
            self.acts.append(("batch", batch.encoded))
            for message in () if applied else batch.messages:
                assert self.sim.apply(message) is None, (self.name, self.sim.errors, message)

    def lose(self) -> None:
        """The connection goes and comes back, and the client is empty."""
        self.sim.disconnect()
        self.sim.resume()
        self.acts.append(("restart", None))

    def stream(self) -> list[list[bytes]]:
        """All lines that went out, up to each loss of the client's state."""
        found: list[list[bytes]] = [[]]
        for name, argument in self.acts:
            if name == "restart":
                found.append([])
            elif name == "batch":
                found[-1].extend(argument)
        return found


def lanes(client: ClientProfile, lead: ClientSim, state: UIState, rng: random.Random) -> list[Lane]:
    """The lanes of a conversation; in the first one everything is sent again in every turn.

    But where a client shows no updates: there that would be a new epoch in every turn, which in
    the other lanes would be none.
    """
    modes = _MODES if client.incremental else ("auto", "diff")
    ways: list[tuple[str, Update | None, bool]] = [
        *((mode, mode, True) for mode in modes),
        *([("now and then", None, True)] if client.incremental else []),
        ("not coalesced", rng.choice(modes), False),
    ]
    return [
        Lane(
            name,
            mode,
            replace(client, coalesce=coalesce),
            ClientSim(profile=lead.profile) if number else lead,
            state,
            [state],
        )
        for number, (name, mode, coalesce) in enumerate(ways)
    ]


@dataclass
class Hands(Watcher):
    """What the person does in the first lane is done in all."""

    lanes: Sequence[Lane]

    def edited(self, wire_id: str, node: Tree, value: Any) -> Any:
        """Type the same."""
        for lane in self.lanes[1:]:
            lane.sim.edit(wire_id, node["id"], value)
        where = {"surface": wire_id, "component": node["id"], "value": value}
        for lane in self.lanes:
            lane.acts.append(("edit", where))
        return value

    def pressed(self, event: Mapping[str, Any], index: int) -> None:
        """Press the same button; it sends the same."""
        action = event["userAction"]
        for lane in self.lanes[1:]:
            again = lane.sim.press(
                action["surfaceId"],
                action["sourceComponentId"],
                timestamp=action["timestamp"],
                index=index,
            )
            assert again == event, f"{lane.name}: pressing sends {again}, in full it is {event}"
