"""ClientSim (`web_core`) and the official client take the same streams, and stay alike.

A story is a seeded stream of `streams.py`, with a user's hands between its messages. After every
step both must agree (see `agreement.py`), and in the end on what is on the screen. A story that
fails is cut down to the steps, and the parts of them, that matter.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Collection, Iterator
from typing import Any

from clientsim import ClientSim
from tests.official.agreement import compare_screen, compare_step, is_known
from tests.official.bridge import OfficialClient, Story
from tests.official.hands import Step, move, some_hand
from tests.official.streams import form, stream

from .features import features
from .shrink import shrunk, shrunk_json
from .tally import Tally


def run(seeds: range, official: OfficialClient) -> Tally:
    """The stories of some seeds."""
    tally = Tally()
    for seed in seeds:
        steps = steps_of(seed)
        messages = [step["message"] for step in steps if "message" in step]
        tally.counts.update(streams=1, messages=len(messages))
        tally.counts.update(f"streams with {name}" for name in features(messages))
        found = disagreement(official, steps, tally)
        if found is not None:
            tally.failures.append(report(official, seed, steps))
    return tally


def steps_of(seed: int) -> list[Step]:
    """The story of a seed: its messages, and hands that find something to do on the sim's screen.

    The hands are chosen by what ClientSim shows. Where that is not what the official client
    shows, the two part ways before a hand can tell.
    """
    chance = random.Random(f"hands-{seed}")
    messages = stream(seed)
    if chance.random() < 0.5:
        messages = [*messages[:6], *form(seed)]
    sim, steps = ClientSim(profile="web_core"), []
    for message in messages:
        steps.append({"message": message})
        sim.apply(message)
        for _ in range(chance.choice((0, 1, 1, 2))):
            hand = some_hand(sim, chance)
            if hand is not None:
                steps.append(hand)
                move(sim, hand)
    return steps


def disagreement(
    official: OfficialClient, steps: list[Step], tally: Tally | None = None
) -> str | None:
    """Where the two first part ways on a story, or None."""
    story = official.play(steps, screens=True)
    sim, tally = ClientSim(profile="web_core"), tally or Tally()
    for number, (step, theirs) in enumerate(zip(steps, story.steps, strict=True), start=1):
        error, answer = take(sim, step)
        if "edit" in step:
            answer = theirs.answer  # what the input made of it; the data tell whether rightly
        different = compare_step(theirs, sim, error, answer)
        if different is not None:
            return f"step {number}: {different}"
        tally.counts.update(agreements=1, refusals=error is not None, hands="message" not in step)
    hands = {kind for step in steps for kind in step}
    return next(filter(None, _screens(story, sim, hands, tally)), None)


def take(sim: ClientSim, step: Step) -> tuple[object, object]:
    """One step in the sim: why it was refused, and what it gave."""
    if "message" in step:
        return sim.apply(step["message"]), None
    return move(sim, step)


def _screens(
    story: Story, sim: ClientSim, hands: Collection[str], tally: Tally
) -> Iterator[str | None]:
    for surface, looks in story.screens.items():
        if not is_known(sim.tree(surface)):
            tally.counts["screens not compared"] += 1
            continue
        for reachable, seen in looks.items():
            if not reachable and "press" in hands:
                continue  # a press may have opened a Modal, which only the sim remembers
            tally.counts["screens"] += 1
            yield compare_screen(seen, sim, surface, reachable=reachable)


# ---------------------------------------------------------------- reporting


def report(official: OfficialClient, seed: int, steps: list[Step]) -> str:
    """A failing story, cut down, with what to run to see it whole."""

    what = _kind(disagreement(official, steps))

    def fails(shorter: Any) -> bool:
        return _is_story(shorter) and _kind(disagreement(official, shorter)) == what

    smallest = shrunk_json(shrunk(steps, fails), fails)
    lines = [json.dumps(step, ensure_ascii=False) for step in smallest]
    again = f"python -m tests.official.fuzz streams --seed {seed} --count 1"
    return "\n".join(
        [f"seed {seed}: {disagreement(official, smallest)}", *lines, f"again: {again}"]
    )


def _kind(difference: str | None) -> str | None:
    """What a difference is about, which cutting down must not change: the answer, the data, …"""
    found = difference and re.sub(r"^step \d+: |surface '[^']*': ", "", difference)
    return found and re.split(r"[ :/]", found)[0]


def _is_story(steps: Any) -> bool:
    """Whether a cut-down story is one still: hands keep what they need to be hands."""
    wants = {"edit": {"surface", "component", "index", "value"}}
    wants["press"] = {"surface", "component", "index", "timestamp"}
    return all(
        len(step) == 1 and (kind == "message" or (kind in wants and wants[kind] == set(fields)))
        for step in steps
        for kind, fields in step.items()
    ) and all(steps)
