"""Trace v1: what happened in one turn and why, as one JSON object.

`schemas/trace_v1.json` is its published schema. A trace holds settings, counts, codes and times,
and of texts only what a finding quotes; no key, no nonce. Times come from the edge, which has a
clock; the core leaves them None.

Source: DESIGN section 13.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from uicompiler.errors import CODES, Diagnostic

TRACE_VERSION: Final = 1

_REPAIRS: Final = frozenset({"DIRECTIVE_REPAIRED", "LLM_OUTPUT_MENDED"})


@dataclass(frozen=True, slots=True)
class SurfaceTrace:
    """What went out for one surface: counts and UTF-8 bytes, how, and why so (`backends.How`)."""

    surface_id: str
    epoch: int
    rev: int
    messages: int
    bytes: int
    components: int
    data_entries: int
    update: str = "first"
    update_why: str = ""

    def to_dict(self) -> dict[str, object]:
        """The record as a JSON object."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class Trace:
    """One turn.

    Attributes:
        run_mode: directives, tool_loop or hybrid.
        llm: How a model was asked and what came of each call; None when none was called.
        surfaces: What went out.
        diagnostics: All findings.
        recoveries: By code of an error found, what was done about it.
        timings_ms: By step; None where nobody measured.
    """

    request_id: str = ""
    conversation_id: str = ""
    turn_index: int = 0
    started_at: str = ""
    run_mode: str = "directives"
    strict_mode: bool = False
    llm: Mapping[str, Any] | None = None
    surfaces: Sequence[SurfaceTrace] = ()
    diagnostics: Sequence[Diagnostic] = ()
    recoveries: Mapping[str, str] = field(default_factory=dict)
    timings_ms: Mapping[str, float | None] = field(
        default_factory=lambda: dict.fromkeys(
            ("llm_ms", "directives_ms", "tool_loop_ms", "compile_ms", "total_ms")
        )
    )

    def to_dict(self) -> dict[str, object]:
        """The trace as a JSON object."""
        errors = [item for item in self.diagnostics if item.severity == "error"]
        return {
            "trace_version": TRACE_VERSION,
            "request_id": self.request_id,
            "conversation_id": self.conversation_id,
            "turn_index": self.turn_index,
            "started_at": self.started_at,
            "run_mode": self.run_mode,
            "strict_mode": self.strict_mode,
            "llm": self.llm,
            "surfaces": [surface.to_dict() for surface in self.surfaces],
            "validation": {
                "status": "failed" if errors else "ok",
                "warnings": len(self.diagnostics) - len(errors),
                "codes": sorted({item.code for item in self.diagnostics}),
            },
            "repairs": [item.to_dict() for item in self.diagnostics if _is_repair(item)],
            "recovery": [
                {
                    "code": item.code,
                    "taken": self.recoveries.get(item.code, CODES[item.code].recovery),
                    "why": item.message,
                }
                for item in errors
            ],
            "timings": dict(self.timings_ms),
        }

    def to_json(self) -> str:
        """The trace as compact JSON, a line of a file of traces."""
        return json.dumps(self.to_dict(), separators=(",", ":"))


def _is_repair(item: Diagnostic) -> bool:
    return item.code in _REPAIRS
