"""What was measured, as tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from benchmarks.tokens.measure import (
    COMPILED,
    FORMATS,
    OURS,
    Row,
    prompts,
    schema_tokens,
    shared,
    sums,
)

TOKENIZER: Final = "cl100k_base"
_HEADS: Final[Mapping[str, str]] = {
    OURS: "directives",
    "a2ui_v0_8": "A2UI v0.8",
    "a2ui_v0_9": "A2UI v0.9",
    "express": "Express",
    "elemental": "Elemental",
    COMPILED: "sent by us",
}
_COLUMNS: Final = (*FORMATS, COMPILED)


def facts(found: Sequence[Row]) -> dict[str, Any]:
    """Everything, as JSON."""
    common = shared(found)
    return {
        "tokenizer": TOKENIZER,
        "screens": [
            {"screen": row.screen.id, "app_knows": row.screen.app_knows, "tokens": row.tokens}
            for row in found
        ],
        "said": {name: _said(found, name) for name in FORMATS},
        "shared": {"screens": len(common), **sums(common)},
        "composed": {"screens": len(_composed(common)), **sums(_composed(common))},
        "instructions": prompts(),
        "schema": schema_tokens(),
    }


def summary(found: Sequence[Row]) -> str:
    """The race in a few lines of Markdown."""
    told = facts(found)
    common, composed = told["shared"], told["composed"]
    lines = [
        (f"screens it can say, of {len(found)}", told["said"]),
        (f"tokens written, the {common['screens']} that all can say", _picked(common, "total")),
        ("… a screen (median)", _picked(common, "median")),
        (f"… the {composed['screens']} the model composes", _picked(composed, "total")),
        ("tokens of instructions", told["instructions"]),
    ]
    return _table("", lines)


def screens(found: Sequence[Row]) -> str:
    """Every screen, in Markdown; `*` marks what the app has registered."""
    lines = [(row.screen.id + (" *" if row.screen.app_knows else ""), row.tokens) for row in found]
    return _table("screen", lines)


def _said(found: Iterable[Row], name: str) -> int:
    return sum(row.answers[name] is not None for row in found)


def _composed(found: Iterable[Row]) -> list[Row]:
    return [row for row in found if not row.screen.app_knows]


def _picked(told: Mapping[str, Any], key: str) -> dict[str, int]:
    return {name: told[name][key] for name in _COLUMNS}


def _table(corner: str, lines: Iterable[tuple[str, Mapping[str, int | None]]]) -> str:
    head = _line([corner, *(_HEADS[name] for name in _COLUMNS)])
    rule = _line(["---", *("---:" for _ in _COLUMNS)])
    body = [_line([name, *(_cell(values, key) for key in _COLUMNS)]) for name, values in lines]
    return "\n".join([head, rule, *body]) + "\n"


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(values: Mapping[str, int | None], name: str) -> str:
    """A figure; `no` where a format cannot say it, nothing where there is nothing to say."""
    value = values.get(name)
    if value is None:
        return "no" if name in values else ""
    return f"{value:,}".replace(",", " ")
