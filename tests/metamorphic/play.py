"""Conversations by seed: as many turns as are wanted, and what went wrong cut down to what matters.

`TURNS` turns go out for every seed. Should a conversation end before, another one of that seed
begins.
"""

from __future__ import annotations

import itertools
import json
import time
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from tests.official.bridge import BridgeError, OfficialClient, Unavailable
from tests.official.fuzz.shrink import shrunk, shrunk_json
from uicompiler.backends.a2ui_v0_8 import backend

from .moves import Step, moves
from .official import same_on_official
from .talk import Talk
from .worlds import World, world_of

KEEP_FROM = backend.KEEP_FROM
TURNS = 50
"""How many turns every seed gives."""


_CUTTING_S = 90
"""How long one finding is cut down; what is left then is told."""


@dataclass(frozen=True)
class Wrong:
    """A conversation in which something differed.

    Attributes:
        seed: Of the conversation, as `world_of` takes it.
        steps: Its steps, up to the one that showed it.
        why: What differed.
        log: All that was said and done.
    """

    seed: str
    steps: list[Step]
    why: str
    log: list[tuple[str, Any]]


@dataclass
class Played:
    """What a seed came to.

    Attributes:
        counts: What was seen.
        digests: A hash over each conversation.
        wrong: What differed, if anything did.
    """

    counts: Counter[str] = field(default_factory=Counter)
    digests: list[str] = field(default_factory=list)
    wrong: Wrong | None = None


def play(seed: int, official: OfficialClient | None = None, *, turns: int = TURNS) -> Played:
    """The conversations of a seed, until so many turns went out or something differs."""
    played = Played()
    # A surface of every size is kept from turn to turn, or only a large one.
    backend.KEEP_FROM = 1 if seed % 4 else KEEP_FROM
    for number in itertools.count():
        name = f"{seed}+{number}"
        world = world_of(name)
        talk, steps = Talk.begin(name, world), []
        why = None
        try:
            for step in moves(name, world):
                steps.append(step)
                talk.step(step)
                if talk.over or played.counts["turns"] + talk.turns >= turns:
                    break
            talk.finish()
            if official is not None:
                same_on_official(talk, official)
        except (BridgeError, Unavailable):
            raise
        except Exception as error:  # whatever it is, it is told with its seed
            why = f"{type(error).__name__}: {error}"
        played.counts.update(talk.counts)
        played.counts["conversations"] += 1
        if why is not None:
            played.wrong = Wrong(name, steps, why, talk.log)
            return played
        played.digests.append(talk.digest())
        if played.counts["turns"] >= turns:
            return played
    raise AssertionError("itertools.count does not end")


def in_threads(seeds: Iterable[int], digests: Iterable[list[str]], *, turns: int = TURNS) -> None:
    """Conversations that run at the same time are those that ran one after the other."""
    with ThreadPoolExecutor(4) as pool:
        again = list(pool.map(lambda seed: play(seed, turns=turns).digests, seeds))
    assert again == list(digests), f"in threads, one of the seeds {list(seeds)} goes otherwise"


# ---------------------------------------------------------------- reporting


def report(wrong: Wrong, official: OfficialClient | None = None, *, tries: int = 200) -> str:
    """What differed, cut down, with what to run to see it whole.

    Args:
        wrong: What differed.
        official: The official client, where that saw it.
        tries: How often the inside of a step is made simpler.
    """
    seed = wrong.seed.partition("+")[0]
    for aside in (0, None, 1):
        smallest = _cut_down(wrong, aside, official, tries)
        if smallest is not None:
            break
    found = smallest or wrong
    head = f"seed {wrong.seed}, {Talk.begin(wrong.seed, world_of(wrong.seed)).settings}"
    lines = [f"{head}: {found.why}", "what was said and done:"]
    lines += [f"  {name} {json.dumps(it, ensure_ascii=False)}" for name, it in found.log]
    lines += ["steps:", *(f"  {step!r}" for step in found.steps)]
    world = world_of(wrong.seed)
    used = {name: it for name, it in world.templates.items() if name in str(found.steps)}
    lines.append(f"templates: {json.dumps(used, ensure_ascii=False)}")
    return "\n".join([*lines, f"again: python -m tests.metamorphic --seed {seed} --turns 1"])


def _cut_down(
    wrong: Wrong, aside: int | None, official: OfficialClient | None, tries: int
) -> Wrong | None:
    """The same, of fewer and simpler steps; None where it is not seen with so much done aside."""
    world, kind, until = world_of(wrong.seed), _kind(wrong.why), time.monotonic() + _CUTTING_S

    def again(steps: list[Any]) -> Wrong | None:
        return _replayed(wrong.seed, world, steps, aside, official)

    def fails(steps: list[Any]) -> bool:
        found = again(steps) if time.monotonic() < until else None
        return found is not None and _kind(found.why) == kind

    if not fails(wrong.steps):
        return None
    steps: list[Any] = shrunk(wrong.steps, fails)
    plain = json.loads(json.dumps(steps))
    if tries and fails(plain):
        steps = shrunk_json(plain, fails, tries=tries)
    return again(steps)


def _kind(why: str) -> str:
    """What stays the same of a finding while the conversation is cut down: the error's name."""
    return why.partition(":")[0]


def _replayed(
    seed: str, world: World, steps: list[Any], aside: int | None, official: OfficialClient | None
) -> Wrong | None:
    """A conversation of some steps, if something differs in it."""
    talk = Talk.begin(seed, world)
    talk.aside = aside
    try:
        for step in steps:
            talk.step(step)
        talk.finish()
        if official is not None:
            same_on_official(talk, official)
    except (BridgeError, Unavailable):
        raise
    except Exception as error:
        return Wrong(seed, steps, f"{type(error).__name__}: {error}", talk.log)
    return None
