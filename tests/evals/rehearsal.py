"""A small scenario of the CRM, ready to be tried, and terms to try it on."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

from tests.llm.scripted import Line, Scripted
from uicompiler.cli.eval_judge import ClientSimJudge
from uicompiler.evals.prepared import Prepared, Stages
from uicompiler.evals.scenario import load_scenario
from uicompiler.evals.sim.clock import SimClock
from uicompiler.evals.strategies import Terms
from uicompiler.llm.settings import ModelSettings
from uicompiler.resources import data_path

TOAST = {"type": "ui.toast", "payload": {"text": "Saved"}}
FORM = {
    "type": "ui.show_form",
    "payload": {"form_id": "contact", "values": [{"path": "/draft/name", "value": "Ada"}]},
}
SCENARIO: dict[str, Any] = {
    "id": "form-and-toast",
    "title": "A form, and a toast",
    "app": "crm",
    "tags": ["form", "toast"],
    "message": "A new contact: Ada.",
    "expect": {
        "directives": [
            {"type": "ui.toast", "payload": {"text": "Saved"}},
            {"type": "ui.show_form", "payload": {"form_id": "contact"}},
        ],
        "only": True,
        "forbid": ["ui.confirm"],
        "assistant_text": {"contains": ["fill"], "not_contains": ["sorry"], "not_empty": True},
        "screen": {
            "main": {
                "texts": ["full name"],
                "not_texts": ["Quiet since"],
                "fields": [{"id": "name", "value": "Ada"}, {"label": "Stage", "value": "lead"}],
                "actions": ["save_contact", "Discard"],
            }
        },
        "effects": [{"kind": "toast", "data": {"text": "Saved"}}],
        "closed": ["side"],
        "safety": {"absent": ["evil.example"]},
    },
    "reply": {"assistant_text": "Please fill it in.", "directives": [TOAST, FORM]},
}
GOOD = json.dumps(SCENARIO["reply"])


def write(folder: Path, **changes: Any) -> Path:
    """The scenario as a file, with other values for some keys; None leaves a key out."""
    told = {key: value for key, value in {**SCENARIO, **changes}.items() if value is not None}
    path = folder / f"{told.get('id', 'scenario')}.yaml"
    path.write_text(yaml.safe_dump(told, sort_keys=False, allow_unicode=True), "utf-8")
    return path


@functools.cache
def stages() -> Stages:
    return Stages(ClientSimJudge())


def prepared(folder: Path, **changes: Any) -> Prepared:
    return stages().prepare(load_scenario(write(folder, **changes)))


def envelope(*directives: Any, text: str = "Please fill it in.") -> dict[str, Any]:
    return {"assistant_text": text, "directives": list(directives)}


def terms(lines: Iterable[Line], **changes: Any) -> Terms:
    """Terms with a scripted model, on a clock that nobody waits for."""
    settings = ModelSettings("sim/scripted")
    return Terms(settings, Scripted(lines), SimClock(), lambda: 0.5, **changes)


def shipped(app: str, name: str) -> Path:
    return data_path(f"examples/{app}/scenarios/{name}.yaml")
