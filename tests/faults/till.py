"""A till: the app of the crash tests. Every operation has a number, and may count once only.

`add` counts in the state alone. `charge` asks a tool outside first, which writes down the key it
was called with before and after it does its work. What the state says is `count` and `total` (the
sum of the numbers), and `charged` and `paid` of those that were charged: an operation that was lost
and another one that counted twice do not even out.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from uicompiler import Action, Outcome, PatchOp, StateView, ToolCall, UIApp
from uicompiler.ir.tree import STANDARD_NODES
from uicompiler.templates.view import ViewTemplate

COUNTED = ("count", "total", "charged", "paid")

BOARD: Mapping[str, Any] = {
    "root": {
        "node": "section",
        "title": "Till",
        "children": [
            *({"node": "text", "key": name, "bind": f"/committed/{name}"} for name in COUNTED),
            {"node": "text", "key": "said", "bind": "/ui_state/said"},
            {"node": "field", "key": "number", "id": "number", "kind": "number", "label": "Number"},
            {
                "node": "actions",
                "key": "actions",
                "children": [
                    {"node": "button", "label": "Add", "action": "add", "submit": True},
                    {"node": "button", "label": "Charge", "action": "charge", "submit": True},
                ],
            },
        ],
    }
}

OPEN: Mapping[str, Any] = {
    "assistant_text": "The till is open.",
    "directives": [{"type": "ui.show_view", "payload": {"view_id": "board"}}],
}


def _counted(view: StateView, count: str, total: str, number: int) -> list[PatchOp]:
    return [
        PatchOp("set", f"/committed/{count}", view.get(f"/committed/{count}", default=0) + 1),
        PatchOp("set", f"/committed/{total}", view.get(f"/committed/{total}", default=0) + number),
    ]


def add(action: Action, view: StateView) -> Outcome:
    """Count in the state."""
    return Outcome(commit=_counted(view, "count", "total", int(action.context["number"])))


def charge(action: Action, view: StateView) -> Outcome:
    """Charge outside, then count."""
    number = int(action.context["number"])
    if action.tool_results is None:
        return Outcome(tool_calls=[ToolCall("charge", "bank.charge", {"number": number})])
    if action.tool_results["charge"].get("number") != number:
        raise AssertionError("the bank answers something else")
    return Outcome(commit=_counted(view, "charged", "paid", number))


def till() -> UIApp:
    """The app."""
    app = UIApp("till")
    app.add_view("board", ViewTemplate.model_validate(BOARD, context={"nodes": STANDARD_NODES}))
    app.add_action("add", add, requires_rev=False)
    app.add_action("charge", charge, requires_rev=False)
    return app


def says(number: int) -> dict[str, Any]:
    """What the model writes: a remark, and nothing that counts."""
    ops = [{"op": "set", "path": "/ui_state/said", "value": f"model {number}"}]
    return {
        "assistant_text": f"Said {number}.",
        "directives": [{"type": "ui.patch", "payload": {"ops": ops}}],
    }


# --- what is outside ------------------------------------------------------------------------------


class Ledger:
    """A file that whoever is outside writes in: one line a call, whole or not at all.

    Args:
        path: The file; several processes may append to it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def write(self, kind: str, **said: Any) -> None:
        """Add a line; a process that is killed has written it before, or never will."""
        line = json.dumps({"kind": kind, **said}).encode() + b"\n"
        file = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            os.write(file, line)
        finally:
            os.close(file)

    def lines(self, kind: str) -> list[dict[str, Any]]:
        """What was written of one kind, in order."""
        text = self._path.read_text() if self._path.exists() else ""
        return [item for item in map(json.loads, text.splitlines()) if item["kind"] == kind]


def bank(ledger: Ledger, seconds: float = 0.004) -> Any:
    """The tool outside, as a host takes it."""

    def run(arguments: Mapping[str, Any], context: Any) -> Any:
        told = {"key": context.key, "conversation": context.conversation_id}
        ledger.write("charge", number=arguments["number"], **told)
        time.sleep(seconds)
        return {"number": arguments["number"]}

    return run


def slow_model(ledger: Ledger, seconds: float = 0.03) -> Any:
    """The model, as a host takes it; what a user says is a number."""

    def answer(request: Any) -> Mapping[str, Any]:
        number = int(request.message)
        ledger.write("model", number=number)
        time.sleep(seconds)
        return says(number)

    return answer
