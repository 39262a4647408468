"""What an app's folder has to show without a model: example turns, and recorded conversations.

Of a conversation only the model's turns are played, one a press; the user does the rest. What its
tools answered then is what tools answer that nobody registered. Read once; a file that cannot be
read is named and left out.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

from uicompiler.canonical import canonical_json
from uicompiler.conversation import Record, read_records
from uicompiler.errors import Diagnostic, StoreError, diagnostic
from uicompiler.ir.values import Json

ModelOutput: TypeAlias = str | Mapping[str, Any] | Sequence[Any]
"""What a model wrote, as `compile` takes it."""


@dataclass(frozen=True, slots=True)
class Examples:
    """What an app's folder has to show.

    Attributes:
        turns: What a model wrote in one turn, by name.
        conversations: The model's turns of each recorded conversation, by name.
        answers: What a tool answered, by its name and canonical arguments, or by its name alone.
        problems: Files that could not be read.
    """

    turns: Mapping[str, ModelOutput] = field(default_factory=dict)
    conversations: Mapping[str, tuple[ModelOutput, ...]] = field(default_factory=dict)
    answers: Mapping[tuple[str, str | None], Json] = field(default_factory=dict)
    problems: tuple[Diagnostic, ...] = ()

    @classmethod
    def of(cls, folder: Path | None) -> Examples:
        """Read `turns/*.json` and `conversations/*.jsonl` below a folder."""
        if folder is None:
            return cls()
        problems: list[Diagnostic] = []
        logs = dict(_logs(sorted((folder / "conversations").glob("*.jsonl")), problems))
        return cls(
            dict(_turns(sorted((folder / "turns").glob("*.json")), problems)),
            {name: tuple(_model_turns(records)) for name, records in logs.items()},
            _answers(logs.values()),
            tuple(problems),
        )

    def answer(self, tool: str, arguments: Json) -> Json | None:
        """What a tool answered to the same question in a recording, else to any; None for never."""
        exact = self.answers.get((tool, canonical_json(arguments)))
        return self.answers.get((tool, None)) if exact is None else exact


def _turns(paths: Iterable[Path], problems: list[Diagnostic]) -> Iterator[tuple[str, ModelOutput]]:
    for path in paths:
        try:
            yield path.stem, json.loads(path.read_bytes())
        except (OSError, ValueError) as exc:
            problems.append(_unreadable(path, str(exc)))


def _logs(paths: Iterable[Path], problems: list[Diagnostic]) -> Iterator[tuple[str, list[Record]]]:
    for path in paths:
        try:
            yield path.stem, read_records(path)
        except StoreError as exc:
            problems.append(_unreadable(path, exc.message))


def _unreadable(path: Path, why: str) -> Diagnostic:
    message = f"{path.parent.name}/{path.name} cannot be shown: {why}"
    return diagnostic("HOST_EXAMPLE_INVALID", message)


def _model_turns(records: Iterable[Record]) -> Iterator[ModelOutput]:
    for record in records:
        if record.data.get("kind") == "model":
            written: ModelOutput | None = record.data.get("text", record.data.get("envelope"))
            if written is not None:
                yield written


def _answers(logs: Iterable[Iterable[Record]]) -> dict[tuple[str, str | None], Json]:
    """The answers of tools in some logs; to an equal question the first one counts."""
    found: dict[tuple[str, str | None], Json] = {}
    for records in logs:
        for call, result in _called(records):
            name = str(call.get("name"))
            found.setdefault((name, canonical_json(call.get("arguments", {}))), result)
            found.setdefault((name, None), result)
    return found


def _called(records: Iterable[Record]) -> Iterator[tuple[Mapping[str, Json], Json]]:
    """Each tool call of a log with its result: one outcome asks, the next one has the answers."""
    asked: Sequence[Mapping[str, Json]] = ()
    for record in records:
        if record.data.get("kind") != "outcome":
            continue
        results = record.data.get("tool_results") or {}
        yield from ((call, results[call["id"]]) for call in asked if call.get("id") in results)
        asked = record.data["outcome"].get("tool_calls", ())
