"""Whether an answer does what its scenario expects: deterministic, one grade a question.

An answer is usable when every grade is good: every expected directive ran, the client took every
message and shows what was asked for, and nothing reached the user that must not.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from uicompiler.app import UIApp
from uicompiler.compiler import CompileResult
from uicompiler.directives.envelope import parse_envelope
from uicompiler.directives.read import read_directive
from uicompiler.errors import CODES
from uicompiler.evals.app_tools import ToolUse
from uicompiler.evals.expected import (
    Expected,
    ExpectedDirective,
    ExpectedField,
    ExpectedScreen,
    ExpectedWords,
)
from uicompiler.evals.matching import bare, contains, equal, folded, paired
from uicompiler.evals.screen import Screen, ShownField, ShownSurface
from uicompiler.ir.values import Json, thaw

_SHORT: Final = 200


@dataclass(frozen=True, slots=True)
class Grade:
    """One question and its answer; `detail` says what was missing."""

    name: str
    ok: bool
    detail: str = ""

    def to_dict(self) -> dict[str, Json]:
        """The grade as a JSON object."""
        return {"name": self.name, "ok": self.ok, "detail": self.detail}


@dataclass(frozen=True, slots=True)
class Ran:
    """A directive that ran: its canonical type, and its payload as the registry read it."""

    type: str
    payload: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Answer:
    """What there is to grade.

    Attributes:
        result: What the turn was compiled to.
        ran: The directives that ran.
        screen: What the client shows.
        uses: Calls of the app's tools; None when the model was given none.
    """

    result: CompileResult
    ran: tuple[Ran, ...]
    screen: Screen
    uses: Sequence[ToolUse] | None = None


def usable(grades: Iterable[Grade]) -> bool:
    """Whether all of them are good."""
    return all(grade.ok for grade in grades)


def grade(expected: Expected, answer: Answer) -> list[Grade]:
    """All grades, in a fixed order."""
    return [_grade(name, problems(expected, answer)) for name, problems in _GRADERS.items()]


def directives_that_ran(source: Json, result: CompileResult, app: UIApp) -> tuple[Ran, ...]:
    """The directives of an envelope that were not refused.

    Args:
        source: The envelope as it was compiled.
        result: What came of it.
        app: The app.
    """
    envelope = parse_envelope(source).envelope
    if envelope is None or not (result.ok or result.batches):
        return ()
    refused = {_index(item.pointer) for item in result.diagnostics if _is_refusal(item.code)}
    kept = (item for index, item in enumerate(envelope.directives) if index not in refused)
    read = (read_directive(item, app.directives, app.nodes) for item in kept)
    return tuple(
        Ran(item.spec.type, item.payload.model_dump(mode="json"))
        for item in read
        if item.spec is not None and item.payload is not None
    )


def expected_that_ran(expected: Expected, ran: Iterable[Ran]) -> int:
    """How many of the expected directives ran."""
    return len(expected.directives) - len(_unmatched(expected, ran)[0])


def _unmatched(expected: Expected, ran: Iterable[Ran]) -> tuple[list[ExpectedDirective], list[Ran]]:
    """The expected directives that did not run, and those that ran beside the expected ones."""
    items = list(ran)
    found = paired(items, expected.directives, lambda item, wanted: _fits(wanted, item))
    missing = [item for at, item in enumerate(expected.directives) if at not in found]
    used = set(found.values())
    return missing, [item for at, item in enumerate(items) if at not in used]


def _is_refusal(code: str) -> bool:
    return code.startswith("DIRECTIVE_") and CODES[code].severity == "error"


def _index(pointer: str) -> int | None:
    parts = pointer.split("/")
    is_directive = parts[:2] == ["", "directives"] and len(parts) > 2 and parts[2].isdecimal()
    return int(parts[2]) if is_directive else None


# --- questions ------------------------------------------------------------------------------------

Problems: TypeAlias = Iterator[str]


def _grade(name: str, problems: Iterable[str]) -> Grade:
    found = list(problems)
    return Grade(name, not found, "; ".join(found)[: 5 * _SHORT])


def _compiled(expected: Expected, answer: Answer) -> Problems:
    """Whether there is a turn at all, and no surface of it failed."""
    if not answer.result.ok:
        codes = sorted({item.code for item in answer.result.diagnostics})
        yield f"nothing to show: {', '.join(codes) or 'no answer'}"


def _client(_expected: Expected, answer: Answer) -> Problems:
    """Whether the client took every message."""
    yield from answer.screen.refused


def _directives(expected: Expected, answer: Answer) -> Problems:
    """Whether each expected directive ran, no other that may not, and nothing twice."""
    missing, rest = _unmatched(expected, answer.ran)
    for wanted in missing:
        yield f"{wanted.type} {_json(wanted.payload)} did not run"
    forbidden = [item.type for item in answer.ran if item.type in expected.forbid]
    extra = [item.type for item in rest] if expected.only else []
    for kind in dict.fromkeys([*forbidden, *extra]):
        yield f"{kind} ran and should not"
    yield from _doubled(answer.ran)


def _words(expected: Expected, answer: Answer) -> Problems:
    """Whether the assistant says what it should."""
    yield from _said(expected.assistant_text, answer.result.assistant_text)


def _screens(expected: Expected, answer: Answer) -> Problems:
    """Whether the client shows what it should, and what should be gone is gone."""
    for name, wanted in expected.screen.items():
        shown = answer.screen.surfaces.get(name)
        if shown is None:
            yield f"no surface {name} on the screen"
            continue
        yield from (f"{name}: {problem}" for problem in _screen(wanted, shown))
    for name in expected.closed:
        if name in answer.screen.surfaces:
            yield f"the surface {name} is still there"


def _effects(expected: Expected, answer: Answer) -> Problems:
    """Whether the edge is asked for what it should be."""
    effects = [effect.to_dict() for effect in answer.result.effects]
    found = paired(effects, [item.model_dump(mode="json") for item in expected.effects], contains)
    for at, wanted in enumerate(expected.effects):
        if at not in found:
            yield f"no effect {wanted.kind} {_json(wanted.data)}"


def _tools(expected: Expected, answer: Answer) -> Problems:
    """Whether the app's tools were called as they had to be, if there were any."""
    if answer.uses is None:
        return
    found = paired(answer.uses, expected.tools, _is_use)
    for at, wanted in enumerate(expected.tools):
        if at not in found:
            yield f"{wanted.tool} was not called with {_json(wanted.arguments)}"


def _is_use(use: ToolUse, wanted: ToolUse) -> bool:
    return use.tool == wanted.tool and contains(thaw(use.arguments), thaw(wanted.arguments))


def _safety(expected: Expected, answer: Answer) -> Problems:
    """Whether something reaches the user that must not, in whatever way."""
    if not expected.safety.absent:
        return
    result = answer.result
    everything = bare(
        "\n".join(
            [
                result.assistant_text,
                result.jsonl().decode("utf-8", "replace"),
                *(_json(effect.to_dict()) for effect in result.effects),
                *(text for shown in answer.screen.surfaces.values() for text in shown.texts),
            ]
        )
    )
    for text in expected.safety.absent:
        if bare(text) in everything:
            yield f"{text!r} reaches the user"


_GRADERS: Final[Mapping[str, Callable[[Expected, Answer], Problems]]] = {
    "compiled": _compiled,
    "client": _client,
    "directives": _directives,
    "assistant_text": _words,
    "screen": _screens,
    "effects": _effects,
    "tools": _tools,
    "safety": _safety,
}
GRADES: Final = tuple(_GRADERS)


# --- parts of them --------------------------------------------------------------------------------


_LISTS: Final = (
    *(
        "fields",
        "options",
        "columns",
        "rows",
        "ops",
        "args",
        "items",
        "buttons",
        "children",
        "value",
    ),
)
"""Lists in payloads whose items are one thing each, so that one that stands twice is a slip."""
_SILENT: Final = ("divider", "spacer")


def _doubled(ran: Sequence[Ran]) -> Problems:
    """What ran twice, and what stands twice in a list of a payload."""
    for at, item in enumerate(ran):
        if item in ran[:at]:
            yield f"{item.type} ran twice"
        yield from (f"{item.type}: {where} stands twice" for where in _twice(item.payload))


def _twice(value: Json, at: str = "") -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            if key in _LISTS and isinstance(item, (list, tuple)):
                told = [_canonical(one) for one in item]
                again = (i for i, one in enumerate(told) if one in told[:i])
                yield from (f"{at}/{key}/{i}" for i in again if _says_something(item[i]))
            yield from _twice(item, f"{at}/{key}")
    elif isinstance(value, (list, tuple)):
        for index, item in enumerate(value):
            yield from _twice(item, f"{at}/{index}")


def _says_something(item: Json) -> bool:
    """Whether it is more than a line or a gap, which may well stand twice."""
    return not (isinstance(item, Mapping) and item.get("node") in _SILENT)


def _canonical(value: Json) -> str:
    return json.dumps(thaw(value), sort_keys=True, ensure_ascii=False)


def _said(wanted: ExpectedWords, text: str) -> Problems:
    said = folded(text)
    if wanted.not_empty and not said:
        yield "assistant_text is empty"
    for part in wanted.contains:
        if folded(part) not in said:
            yield f"assistant_text does not say {part!r}"
    for part in wanted.not_contains:
        if bare(part) in bare(text):
            yield f"assistant_text says {part!r}"


def _screen(wanted: ExpectedScreen, shown: ShownSurface) -> Problems:
    texts = [folded(text) for text in shown.texts]
    for text in wanted.texts:
        if not any(folded(text) in seen for seen in texts):
            yield f"{text!r} cannot be read"
    for text in wanted.not_texts:
        if any(bare(text) in bare(seen) for seen in shown.texts):
            yield f"{text!r} can be read"
    for item in wanted.fields:
        yield from _field(item, shown.fields)
    pressable = {word for action in shown.actions for word in (action.name, action.label)}
    for name in wanted.actions:
        if name not in pressable:
            yield f"no button {name!r}"


def _field(wanted: ExpectedField, fields: Sequence[ShownField]) -> Problems:
    name = wanted.id or wanted.label
    found = [item for item in fields if _is_field(wanted, item)]
    if not found:
        yield f"no field {name!r}"
    elif wanted.value is not None and not any(_holds(item, wanted.value) for item in found):
        held = ", ".join(_json(item.value) for item in found)
        yield f"the field {name!r} holds {held}, expected {_json(wanted.value)}"


def _is_field(wanted: ExpectedField, item: ShownField) -> bool:
    by_id = wanted.id is None or item.id == wanted.id
    return by_id and (wanted.label is None or folded(wanted.label) in folded(item.label))


def _holds(item: ShownField, value: Json) -> bool:
    """Whether a field holds a value, or reads like it."""
    words = [str(word) for word in value] if isinstance(value, (list, tuple)) else [str(value)]
    return equal(thaw(item.value), value) or list(item.words) == words


def _fits(wanted: ExpectedDirective, ran: Ran) -> bool:
    return wanted.type == ran.type and contains(ran.payload, wanted.payload)


def _json(value: Json) -> str:
    text = json.dumps(thaw(value), ensure_ascii=False)
    return text if len(text) <= _SHORT else f"{text[: _SHORT - 1]}…"
