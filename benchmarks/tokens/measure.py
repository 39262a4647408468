"""The race: every screen in every format, checked to say the same, and its tokens counted.

An answer is counted as a model sends it: the sentence to the user and the screen, in our envelope
or in the tags of the official SDK. Of several ways to say a screen a format takes the shortest
that the SDK reads.
"""

from __future__ import annotations

import functools
import json
import statistics
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from benchmarks.tokens import sdk
from benchmarks.tokens.app import build
from benchmarks.tokens.formats import a2ui_v0_8, a2ui_v0_9, elemental, express
from benchmarks.tokens.same import screen as screen_of
from benchmarks.tokens.same import surfaces
from benchmarks.tokens.screen import Screen, Step
from benchmarks.tokens.screens import SCREENS
from uicompiler.app import UIApp
from uicompiler.compiler import compile
from uicompiler.ir.state import UIState
from uicompiler.llm.prompt import instructions
from uicompiler.llm.schema import response_format
from uicompiler.llm.transport import count_tokens

OURS: Final = "directives"
COMPILED: Final = "compiled"
_WRITERS: Final[Mapping[str, Callable[[Sequence[Step]], str]]] = {
    "a2ui_v0_8": a2ui_v0_8.write,
    "a2ui_v0_9": a2ui_v0_9.write,
    "express": express.write,
    "elemental": elemental.write,
}
_TAGS: Final = {"express": "a2ui", "elemental": "a2ui"}
FORMATS: Final = (OURS, *_WRITERS)
"""In the order of the table."""


@dataclass(frozen=True, slots=True)
class Row:
    """One screen.

    Attributes:
        screen: Which.
        answers: What a model writes, by format; None where a format cannot say it.
        compiled: The A2UI v0.8 that our compiler makes of the directives.
        tokens: Of the answers and of `compiled`.
    """

    screen: Screen
    answers: Mapping[str, str | None]
    compiled: str
    tokens: Mapping[str, int | None]

    @property
    def everywhere(self) -> bool:
        """Whether every format can say it."""
        return None not in self.answers.values()


def rows() -> list[Row]:
    """All screens.

    Raises:
        ValueError: two formats do not say the same, or the official SDK refuses one.
    """
    return [row(item) for item in SCREENS]


def row(item: Screen) -> Row:
    """One screen.

    Raises:
        ValueError: as `rows`.
    """
    envelope = _envelope(item.ours, item.text)
    compiled, shown = _compiled(item, envelope)
    answers: dict[str, str | None] = {OURS: envelope}
    for name in _WRITERS:
        answers[name] = shortest(name, item)
    if item.theirs:
        _check_same(item, shown)
    counted = {**answers, COMPILED: compiled}
    return Row(item, answers, compiled, {name: _count(text) for name, text in counted.items()})


def _count(text: str | None) -> int | None:
    return None if text is None else count_tokens(text)


# Ours.


def _envelope(directives: Iterable[tuple[str, Mapping[str, Any]]], text: str) -> str:
    told = [{"type": kind, "payload": payload} for kind, payload in directives]
    return compact({"assistant_text": text, "directives": told})


def compact(value: object) -> str:
    """JSON without blanks, in the letters of its language."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _compiled(item: Screen, envelope: str) -> tuple[str, list[Any]]:
    """What goes out for the directives, and all messages up to then."""
    state: UIState | None = None
    earlier: list[Any] = []
    if item.before is not None:
        state, earlier = _turn(_envelope(item.before[0], ""), None)
    _, messages = _turn(envelope, state)
    return "\n".join(map(compact, messages)), [*earlier, *messages]


def _turn(envelope: str, state: UIState | None) -> tuple[UIState, list[Any]]:
    result = compile(envelope, app=_app(), state=state, strict=True)
    return result.state, list(result.messages)


@functools.cache
def _app() -> UIApp:
    return build()


# Theirs.


def shortest(name: str, item: Screen) -> str | None:
    """The shortest answer in one of their formats, if there is any."""
    told = [_answer(name, steps, item.text) for steps in item.theirs if _says(name, steps, item)]
    return min(told, key=count_tokens, default=None)


def _answer(name: str, steps: Sequence[Step], text: str) -> str:
    tag = _TAGS.get(name, "a2ui-json")
    return f"{text}\n<{tag}>\n{_WRITERS[name](steps)}\n</{tag}>"


def _says(name: str, steps: Sequence[Step], item: Screen) -> bool:
    """Whether the official SDK reads what was meant, on top of what was shown before."""
    try:
        read = sdk.parse(name, _answer(name, steps, item.text))
    except ValueError:
        return False
    if name == "a2ui_v0_8":
        return read == a2ui_v0_8.messages(steps)
    earlier = a2ui_v0_9.messages(item.before[1]) if item.before else []
    typed = _typed(earlier)
    meant = surfaces([*earlier, *typed, *a2ui_v0_9.messages(steps)])
    return surfaces([*earlier, *typed, *read]) == meant


def _typed(earlier: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Something the user has typed meanwhile, which a later answer must leave alone."""
    if not earlier:
        return []
    body = {"surfaceId": "main", "path": "/typed", "value": "by the user"}
    return [{"version": "v0.9", "updateDataModel": body}]


def _check_same(item: Screen, shown: Sequence[Any]) -> None:
    ours = screen_of(shown)
    earlier = a2ui_v0_8.messages(item.before[1]) if item.before else []
    for steps in item.theirs:
        sdk.check("v0.9", a2ui_v0_9.messages(steps))
        theirs = screen_of([*earlier, *a2ui_v0_8.messages(steps)])
        if ours != theirs:
            raise ValueError(f"{item.id}: ours shows {ours}, theirs {theirs}")


# Sums.


def sums(found: Sequence[Row]) -> dict[str, dict[str, int]]:
    """Total and median by format, over the screens that every format can say."""
    return {
        name: {"total": sum(counted), "median": round(statistics.median(counted))}
        for name in (*FORMATS, COMPILED)
        if (counted := [row.tokens[name] or 0 for row in found])
    }


def shared(found: Iterable[Row]) -> list[Row]:
    """The screens that every format can say."""
    return [row for row in found if row.everywhere]


def prompts() -> dict[str, int]:
    """Tokens of the instructions for the standard vocabulary, by format."""
    return {OURS: count_tokens(instructions(UIApp.standard()))} | {
        name: count_tokens(sdk.prompt(name)) for name in sdk.FORMATS
    }


def schema_tokens() -> int:
    """Tokens of the JSON Schema that a provider with a strict mode gets beside our instructions."""
    return count_tokens(compact(response_format(UIApp.standard())))


def spelled(found: Iterable[Row]) -> Iterator[tuple[str, str, str]]:
    """Every answer: screen, format, text."""
    for row in found:
        for name, text in row.answers.items():
            if text is not None:
                yield row.screen.id, name, text
