"""Conversations for the soak: an app, and what its model answers turn after turn.

Three kinds: personalities that answer scenarios, the hostile corpus as output, and the answers of
the fault server. A conversation is a function of its number and the seed.
"""

from __future__ import annotations

import functools
import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from tests.llm.faults.answers import ANSWERS, REFUSALS, TOOLS
from tests.llm.faults.bodies import BODIES
from tests.llm.faults.cases import Fault
from tests.llm.faults.requests import FAILING, LIMITED, REFUSED
from tests.llm.soaking.hostile import Text, texts, told
from uicompiler import UIApp
from uicompiler.evals.prepared import shipped_scenarios
from uicompiler.evals.scenario import STANDARD_APP, LoadedScenario, load_scenarios
from uicompiler.evals.sim.answer import SimAnswer, SimTool
from uicompiler.evals.sim.personalities import catalogue
from uicompiler.evals.sim.script import Script
from uicompiler.evals.sim.tool_calls import tool_name
from uicompiler.evals.sim.transport import SimSession
from uicompiler.llm.exchange import Request
from uicompiler.llm.settings import RunMode

Answers: TypeAlias = Callable[[Request], SimAnswer]

TURNS: Final = 4
KINDS: Final = ("personality", "hostile", "hostile", "fault")
MODES: Final[tuple[RunMode, ...]] = (
    "directives",
    "directives",
    "directives",
    "tool_loop",
    "hybrid",
)

_FAULTS: Final = (*REFUSED, *LIMITED, *FAILING, *BODIES, *ANSWERS, *REFUSALS, *TOOLS)
_LANGUAGES: Final = ("en", "de", "he", "ar", "ja")


@dataclass(frozen=True)
class Asked:
    """One turn.

    Attributes:
        name: What is answered.
        message: What the user says.
        answers: What comes back.
        run_mode: How the model is asked.
        language: Of the user.
    """

    name: str
    message: str
    answers: Answers
    run_mode: RunMode
    language: str


@dataclass(frozen=True)
class Conversation:
    """Several turns with one app; `kind` is one of `KINDS`."""

    kind: str
    app: UIApp
    turns: Sequence[Asked]


def conversation(seed: int, number: int) -> Conversation:
    """The conversation of a number."""
    rng = random.Random(f"{seed}/{number}")
    kind = KINDS[number % len(KINDS)]
    return {"personality": _personal, "hostile": _hostile, "fault": _faulty}[kind](
        rng, seed, number
    )


def _turn(rng: random.Random, name: str, message: str, answers: Answers) -> Asked:
    return Asked(name, message, answers, rng.choice(MODES), rng.choice(_LANGUAGES))


# --- personalities --------------------------------------------------------------------------------


@functools.cache
def _scenarios() -> dict[str, tuple[LoadedScenario, ...]]:
    found: dict[str, tuple[LoadedScenario, ...]] = {}
    for item in load_scenarios(shipped_scenarios()):
        found[item.app_place] = (*found.get(item.app_place, ()), item)
    return found


@functools.cache
def _loaded(place: str) -> UIApp:
    return UIApp.standard() if place == STANDARD_APP else UIApp.load(place)


def _personal(rng: random.Random, seed: int, number: int) -> Conversation:
    place = rng.choice(sorted(_scenarios()))
    app = _loaded(place)
    name = rng.choice(sorted(catalogue().personalities))
    turns = []
    for index in range(TURNS):
        item = rng.choice(_scenarios()[place]).scenario
        script = Script.for_app(app, scenario=item.id, reply=item.reply, index=number + index)
        session = SimSession(name, script, seed=seed)
        turns.append(_turn(rng, f"{name}: {item.id}", item.message, session))
    return Conversation("personality", app, turns)


# --- the hostile corpus ---------------------------------------------------------------------------


@functools.cache
def _chunks() -> tuple[tuple[Text, ...], ...]:
    """All texts, in conversations with one app each."""
    by_app: dict[int, list[Text]] = {}
    for text in texts():
        by_app.setdefault(id(text.app), []).append(text)
    return tuple(
        tuple(group[start : start + TURNS])
        for group in by_app.values()
        for start in range(0, len(group), TURNS)
    )


def _hostile(rng: random.Random, seed: int, number: int) -> Conversation:
    """The texts in turn: all of them as they are at first, then as models put things."""
    round_, place = divmod(_ordinal(number), len(_chunks()))
    chosen = _chunks()[place]
    turns = [
        _turn(
            rng,
            text.name,
            f"Tell me about {text.name}.",
            _writing(told(text.words, rng) if round_ else text.words, rng),
        )
        for text in chosen
    ]
    return Conversation("hostile", chosen[0].app, turns)


def _ordinal(number: int) -> int:
    """How many conversations of the same kind came before."""
    kind = KINDS[number % len(KINDS)]
    whole, rest = divmod(number, len(KINDS))
    return whole * KINDS.count(kind) + KINDS[:rest].count(kind)


def _writing(words: str, rng: random.Random) -> Answers:
    """A model that writes a text, as an answer or as arguments of tools; then it gives in."""
    reason = rng.choice(("stop", "stop", "stop", "length"))
    tool = _as_tool(words, rng)
    stubborn = rng.random() < 0.5
    asked = [0]

    def answers(request: Request) -> SimAnswer:
        asked[0] += 1
        if asked[0] > 1 and not stubborn:
            return SimAnswer(text='{"assistant_text": "Sorry.", "directives": []}')
        if request.get("tools") and asked[0] <= 2:
            return SimAnswer(tools=(tool,), finish_reason="tool_calls")
        return SimAnswer(text=words, finish_reason=reason)

    return answers


def _as_tool(words: str, rng: random.Random) -> SimTool:
    """A text as what a tool is given: its own directive's payload where it has one."""
    try:
        item = json.loads(words)["directives"][0]
        return SimTool(tool_name(str(item["type"])), json.dumps(item["payload"]))
    except (ValueError, KeyError, IndexError, TypeError, RecursionError):
        return SimTool(rng.choice(("ui_toast", "ui_show_form", words[:80])), words)


# --- the fault server -----------------------------------------------------------------------------


def _faulty(rng: random.Random, seed: int, number: int) -> Conversation:
    app = _loaded(STANDARD_APP)
    every = len(_FAULTS)
    chosen = [_FAULTS[(_ordinal(number) * TURNS + step) % every] for step in range(TURNS)]
    turns = [_turn(rng, fault.name, "When?", _answering(fault)) for fault in chosen]
    return Conversation("fault", app, turns)


def _answering(fault: Fault) -> Answers:
    lines = list(fault.lines)

    def answers(request: Request) -> SimAnswer:
        line = lines.pop(0) if len(lines) > 1 else lines[0]
        made = line(request) if callable(line) else line
        return replace(made, piece_bytes=65_536, pause_s=0.0)

    return answers
