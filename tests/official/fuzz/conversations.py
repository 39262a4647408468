"""Random conversations: the official client refuses nothing and shows exactly what the IR says.

A conversation is a script of `tests/journeys.py`, drawn by its seed: a random app, what a model
asks for, what a person types and presses. It goes on with the steps of further scripts until at
least `TURNS` turns went out. After every step the official client is looked at (see
`beside.py`); every text, value, option and button is compared, and what each button would send.
A text that the library reported as not to be shown as written is excluded and counted.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from tests.journeys import Journey, Press, Script, scripts
from tests.official.beside import ALTERED, Beside
from tests.official.bridge import BridgeError, OfficialClient, Unavailable
from tests.official.screens import presses
from tests.official.sdk import validate_batch
from tests.seeded import Seeded
from uicompiler import CompileResult, StepResult
from uicompiler.ir.fields import Field
from uicompiler.ir.rows import Rows
from uicompiler.ir.tree import walk

from .shrink import shrunk
from .tally import Tally

TURNS = 5
"""A conversation goes on until so many turns went out."""

CHECKED = 25
"""One conversation in so many is shown to the official Python checker too, which is slow."""

Step = tuple[Any, ...]

_SCRIPTS = Seeded(scripts(most=16))
_UPDATES: Any = ("auto", "full", "diff")


def run(seeds: range, official: OfficialClient) -> Tally:
    """The conversations of some seeds."""
    tally = Tally()
    for seed in seeds:
        script = script_of(seed)
        talk, wrong = play(seed, script, None, official)
        tally.counts.update(talk.counts)
        tally.counts["conversations"] += 1
        if wrong is not None:
            tally.failures.append(report(seed, script, talk.played, official))
    return tally


@functools.lru_cache(maxsize=2)
def script_of(seed: int | str) -> Script:
    """The app and the steps of a seed."""
    script = _SCRIPTS(seed)
    # The official client forgets nothing when its connection comes back.
    steps = [step for step in script.steps if step[0] != "lose"]
    return Script(script.templates, steps)


def play(
    seed: int, script: Script, steps: Iterable[Step] | None, official: OfficialClient
) -> tuple[Conversation, str | None]:
    """A conversation as far as it went, and what went wrong in it.

    Args:
        seed: Its seed, which also says how surfaces are updated and who is asked.
        script: Its app and steps.
        steps: What happens instead.
        official: The official client.
    """
    with official.session() as session:
        beside = Beside(session, validate_batch if seed % CHECKED == 0 else None)
        update = _UPDATES[seed % len(_UPDATES)]
        talk = Conversation.of(script, update=update, watch=beside, beside=beside)
        try:
            for step in talk.until_enough(seed) if steps is None else steps:
                talk.step(step)
        except (BridgeError, Unavailable):
            raise
        except Exception as error:  # whatever it is, it is told with its seed
            return talk, f"{type(error).__name__}: {error}"
    return talk, None


@dataclass
class Conversation(Journey):
    """A journey that is looked at on the official client after every step.

    Attributes:
        beside: The official client.
        played: The steps so far, the one that failed too.
        turns: How many results went out.
    """

    beside: Beside = field(kw_only=True)
    played: list[Step] = field(default_factory=list)
    turns: int = 0

    @property
    def counts(self) -> Any:
        """What was seen and compared."""
        return self.beside.counts

    def until_enough(self, seed: int) -> Iterable[Step]:
        """The steps of a seed, then of further scripts until enough turns went out."""
        yield from script_of(seed).steps
        for number in itertools.count(1):
            for step in script_of(f"{seed}+{number}").steps:
                if self.turns >= TURNS:
                    return
                yield step

    def step(self, step: Step) -> None:
        """One step, and a look at both clients."""
        self.played.append(step)
        self.counts[f"{step[0]} steps"] += 1
        super().step(step)
        self.beside.look(self)

    def act(self, pressed: Press) -> None:
        """The press is what the IR says that it is."""
        meant = presses(pressed.surface)[pressed.number]
        super().act(pressed)
        [*_, step] = self.results
        if isinstance(step, StepResult) and step.action is not None:
            done = (step.action.name, dict(step.action.args))
            assert done == (meant.action, dict(meant.args)), (done, meant)
            assert meant.item is None or step.action.row == meant.item, (step.action, meant)
            self.counts["actions taken"] += 1

    def take(self, result: CompileResult, named: Any) -> None:
        """A turn; one that sends nothing counts for nothing."""
        super().take(result, named)
        went_out = bool(result.batches or result.effects)
        self.turns += went_out
        self.counts["turns"] += went_out
        codes = [item.code for item in result.diagnostics]
        self.counts.update(f"reported {code}" for code in codes if code in ALTERED)
        self.counts.update(material(result))


def material(result: CompileResult) -> Iterable[str]:
    """What a turn shows: kinds of nodes and fields."""
    for batch in result.batches:
        surface = result.state.surfaces[batch.surface]
        for node, _, _ in () if surface.view is None else walk(surface.view.root):
            yield f"{node.node} nodes"
            if isinstance(node, Field):
                yield f"{node.kind} fields"
            if isinstance(node, Rows):
                yield from (f"{column.kind} cells" for column in node.columns)


# ---------------------------------------------------------------- reporting


def report(seed: int, script: Script, played: list[Step], official: OfficialClient) -> str:
    """A failing conversation, cut down, with what to run to see it whole."""

    def fails(steps: list[Step]) -> bool:
        return play(seed, script, steps, official)[1] is not None

    steps = shrunk(played, fails)
    _, wrong = play(seed, script, steps, official)
    again = f"python -m tests.official.fuzz conversations --seed {seed} --count 1"
    named = {name: form for name, form in script.templates.items() if f"'{name}'" in str(steps)}
    lines = [f"seed {seed}: {wrong}", *map(repr, steps), f"app: {named}", f"again: {again}"]
    return "\n".join(lines)
