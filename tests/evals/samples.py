"""Records of trials and runs, as an evaluation writes them, for tests of what is made of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

Record = dict[str, Any]


def trial(
    scenario: str = "crm.new_contact",
    *,
    provider: str = "sim/frontier",
    strategy: str = "production",
    index: int = 0,
    usable: bool = True,
    latency_ms: float = 800.0,
    **changed: Any,
) -> Record:
    """A trial; keywords change what its record holds."""
    return {
        "v": 1,
        "key": {
            "scenario": scenario,
            "provider": provider,
            "strategy": strategy,
            "index": index,
        },
        "app": scenario.split(".")[0],
        "tags": ["show_form"],
        "language": "en",
        "run_mode": "directives",
        "usable": usable,
        "grades": [{"name": "screen", "ok": usable, "detail": "" if usable else "no field 'name'"}],
        "compile_ok": True,
        "directives_expected": 1,
        "directives_ok": int(usable),
        "calls": [{"reply": {"text": '{"assistant_text": "Here.", "directives": []}'}}],
        "attempts": 1,
        "first_answer": "clean" if usable else "unusable",
        "second_call": False,
        "avoidable_second_call": False,
        "usage": {"input_tokens": 900, "output_tokens": 60, "estimated": False},
        "cost_usd": 0.001,
        "codes": [],
        "failure": "",
        "times": {"latency_ms": latency_ms},
        **changed,
    }


def run(trials: Iterable[Record], *, each: int = 1, **changed: Any) -> Mapping[str, Any]:
    """The run that trials could be of, each asked for `each` times."""
    keys = [item["key"] for item in trials]
    scenarios = dict.fromkeys(key["scenario"] for key in keys)
    return {
        "v": 1,
        "created": "2026-01-01T00:00:00Z",
        "seed": 7,
        "trials": each,
        "providers": list(dict.fromkeys(key["provider"] for key in keys)),
        "strategies": list(dict.fromkeys(key["strategy"] for key in keys)),
        "scenarios": [{"id": name, "title": f"Title of {name}"} for name in scenarios],
        "settings": {},
        "versions": {"library": "0.1.0", "python": "3.11.0"},
        "plan_sha256": "0123456789abcdef" * 4,
        **changed,
    }
