"""No lost keystroke: long walks (see `walk.py`) on ClientSim and the official client at once.

What happens on a walk is told by its seed alone. After every step the walk's own ledger is compared
with ClientSim, and ClientSim's whole data models with those of the official client, which gets
every batch, keystroke and press. The official client is asked for many acts in one go; its data are
still compared as they were after each step.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from tests.journeys import worlds
from tests.official.beside import Beside
from tests.official.bridge import BridgeError, OfficialClient, Unavailable
from tests.seeded import Seeded
from tests.stories import TYPED, WORLD

from .shrink import shrunk
from .tally import Tally
from .walk import Step, Walk

STEPS = 500
"""Steps of one walk, without those that found nothing to do."""

MOST_WAITING = 60
"""Acts that the official client is asked for at a time."""

_WORLDS = Seeded(worlds())
_UPDATES: Any = ("auto", "full", "diff")


def run(seeds: range, official: OfficialClient) -> Tally:
    """The walks of some seeds."""
    tally = Tally()
    for seed in seeds:
        walk, wrong = play(seed, steps_of(seed), official)
        tally.counts.update(walk.counts)
        tally.counts["walks"] += 1
        if wrong is not None:
            tally.failures.append(report(seed, walk.played, official))
    return tally


def play(
    seed: int, steps: Iterable[Step], official: OfficialClient, *, most: int = STEPS
) -> tuple[Walk, str | None]:
    """A walk as far as it went, and what went wrong on it.

    Args:
        seed: Its seed, which gives the app and says how surfaces are updated.
        steps: What happens; more than is needed does no harm.
        official: The official client.
        most: After how many steps that did something it ends.
    """
    with official.session() as session:
        beside = Beside(session, most=MOST_WAITING)
        update = _UPDATES[seed % len(_UPDATES)]
        walk = Walk.of(
            _WORLDS(seed), update=update, stored=seed % 10 == 0, watch=beside, beside=beside
        )
        try:
            for step in steps:
                walk.step(step)
                if walk.counts["steps"] >= most:
                    break
            beside.flush()
        except (BridgeError, Unavailable):
            raise
        except Exception as error:  # whatever it is, it is told with its seed
            notes = "; ".join(getattr(error, "__notes__", ()))
            return walk, f"{type(error).__name__}: {error} {notes}".rstrip()
    return walk, None


# ---------------------------------------------------------------- what happens


def steps_of(seed: int) -> Iterator[Step]:
    """Whatever may happen, for ever."""
    chance = random.Random(f"walk {seed}")
    said = [step[1] for step in _WORLDS(seed).steps]
    names, weights = list(_MAKE), [weight for weight, _ in _MAKE.values()]
    yield ("model", said[0], False)
    while True:
        [name] = chance.choices(names, weights)
        yield (name, *_MAKE[name][1](chance, said))


Said = list[list[Any]]


def _number(chance: random.Random) -> int:
    return chance.randrange(32)


def _input(chance: random.Random, _said: Said) -> Step:
    return (_number(chance), _number(chance), _number(chance), _text(chance))


def _button(chance: random.Random, _said: Said) -> Step:
    return (_number(chance), _number(chance))


def _text(chance: random.Random) -> str:
    """What somebody types or writes, of any alphabet; without lone surrogates, which none has."""
    if chance.random() < 0.7:
        return chance.choice(chance.choice((TYPED, WORLD)))
    points = [chance.choice((chance.randrange(0x20, 0xD800), chance.randrange(0xE000, 0x110000)))]
    points *= chance.randrange(1, 4)
    return "".join(map(chr, points))


def _answer(chance: random.Random, said: Said) -> list[Any]:
    """What the model said before, or a patch of what is there."""
    if chance.random() < 0.4:
        return [("patch", *_input(chance, said))]
    return chance.choice(said)


_MAKE: Mapping[str, tuple[float, Callable[[random.Random, Said], Step]]] = {
    "type": (50, _input),
    "press": (14, _button),
    "model": (9, lambda c, said: (_answer(c, said), c.random() < 0.03)),
    "retry": (4, _button),
    "repeat": (3, lambda c, _: (_number(c),)),
    "think": (3, lambda c, said: (_answer(c, said),)),
    "land": (6, lambda _c, _: ()),
    "slow": (2, lambda _c, _: ()),
    "cut": (2, lambda _c, _: ()),
    "tear": (2, lambda c, _: (_number(c),)),
    "resume": (12, lambda c, _: (c.random() < 0.5,)),
    "reload": (0.6, lambda _c, _: ()),
    "complain": (0.4, lambda c, _: (_number(c),)),
}
"""How often a step happens, and what it is made of."""


# ---------------------------------------------------------------- reporting


def report(seed: int, played: list[Step], official: OfficialClient) -> str:
    """A failing walk, cut down, with what to run to see it whole."""

    def fails(steps: list[Step]) -> bool:
        return play(seed, steps, official)[1] is not None

    steps = shrunk(played, fails)
    _, wrong = play(seed, steps, official)
    again = f"python -m tests.official.fuzz keystrokes --seed {seed} --count {STEPS}"
    return "\n".join([f"seed {seed}: {wrong}", *map(repr, steps), f"again: {again}"])
