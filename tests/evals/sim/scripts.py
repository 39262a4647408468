"""A script for simulated models, and requests that ask for it."""

from __future__ import annotations

import functools
from typing import Any, Final

from uicompiler import UIApp
from uicompiler.evals.sim.script import Script
from uicompiler.llm.schema import response_format

FORMATS: Final = ("json_schema", "json_object", "prompt_only")

ENVELOPE: Final[dict[str, Any]] = {
    "assistant_text": "Which day suits you?",
    "directives": [
        {
            "type": "ui.show_choices",
            "payload": {
                "title": "Day",
                "options": [
                    {"label": "Monday", "value": "mon"},
                    {"label": "Tuesday", "value": "tue"},
                ],
                "action": "submit",
            },
        },
        {"type": "ui.toast", "payload": {"text": "Two days are left"}},
    ],
}


@functools.cache
def script(index: int = 0) -> Script:
    """The script of a trial."""
    return Script.for_app(_app(), scenario="day", reply=ENVELOPE, index=index)


@functools.cache
def _app() -> UIApp:
    return UIApp.standard()


@functools.cache
def _schema() -> dict[str, Any]:
    return response_format(_app())


def asking(asked: str) -> dict[str, Any]:
    """A request in a format."""
    formats: dict[str, Any] = {
        "json_schema": {"response_format": _schema()},
        "json_object": {"response_format": {"type": "json_object"}},
        "prompt_only": {},
    }
    return {"model": "sim/x", "messages": [{"role": "user", "content": "When?"}], **formats[asked]}
