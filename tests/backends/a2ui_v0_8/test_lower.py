"""Texts that no model wrote: an app's own are shown without invisible controls too."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from clientsim import ClientSim
from uicompiler import CompileResult, Payload, UIApp, compile
from uicompiler.directives.registry import DirectiveContext
from uicompiler.ir.actions import Button
from uicompiler.ir.base import Node
from uicompiler.ir.changes import Change, ShowView
from uicompiler.ir.content import Notice, Text
from uicompiler.ir.fields import Field
from uicompiler.ir.layout import Section, Stack
from uicompiler.ir.tree import View
from uicompiler.templates.form import FormTemplate

DIRTY = "Na\u202eme\u200b"
CLEAN = "Name"
SUBMIT = Button(label="Save", action="submit", submit=True)


def assert_shown_clean(result: CompileResult) -> None:
    assert result.ok, result.diagnostics
    assert [(item.code, item.severity) for item in result.diagnostics] == [
        ("A2UI_S2C_COMPONENT_TEXT_FORBIDDEN", "warning")
    ]
    assert "\u202e" not in result.jsonl().decode()
    sim = ClientSim("web_core")
    assert sim.feed(result.jsonl()) == []
    assert CLEAN in sim.screen("main")


def form_with(**changed: Any) -> FormTemplate:
    """A form with one field; keywords change the form, or with `field` its field."""
    field = {"id": "a", "label": "A", **changed.pop("field", {})}
    return FormTemplate(
        **{"title": "T", "fields": (Field(**field),), "buttons": (SUBMIT,), **changed}
    )


@pytest.mark.parametrize(
    "changed",
    [
        {"title": DIRTY},
        {"intro": DIRTY},
        {"buttons": (Button(label=DIRTY, action="submit", submit=True),)},
        {"field": {"help": DIRTY}},
        *(
            {"field": {"label": DIRTY, "kind": kind}}
            for kind in ("short_text", "long_text", "number", "boolean", "date")
        ),
        {"field": {"label": DIRTY, "kind": "choice", "options": ["x"]}},
        {"field": {"kind": "choice", "options": [{"value": "x", "label": DIRTY}]}},
    ],
    ids=str,
)
def test_a_registered_form_is_shown_clean(changed: dict[str, Any]) -> None:
    app = UIApp("app", inline_form_action="submit")
    app.add_form("f", form_with(**changed))
    assert_shown_clean(compile([{"type": "ui.show_form", "payload": {"form_id": "f"}}], app=app))


def test_an_app_file_is_shown_clean(tmp_path: Path) -> None:
    (tmp_path / "app.yaml").write_text(
        """
id: app
version: 1
actions: {submit: {}}
forms:
  f:
    title: T
    fields: [{id: a, kind: short_text, label: "Na\\u202Eme\\u200B"}]
    buttons: [{label: Save, action: submit, submit: true}]
""",
        "utf-8",
    )
    app = UIApp.load(tmp_path)
    assert_shown_clean(compile([{"type": "ui.show_form", "payload": {"form_id": "f"}}], app=app))


@pytest.mark.parametrize(
    "node",
    [
        Text(text=DIRTY),
        Text(text=DIRTY, style="h1"),
        Text(text=f"one\n{DIRTY}"),
        Notice(text=DIRTY),
        Notice(text="x", title=DIRTY),
        Section(title=DIRTY),
    ],
    ids=repr,
)
def test_a_directive_of_the_apps_own_is_shown_clean(node: Node) -> None:
    app = UIApp("app")

    @app.directive("t.show", payload=Payload, summary="Show it.")
    def show(_payload: Payload, _context: DirectiveContext) -> list[Change]:
        return [ShowView("main", View(Stack(children=(node,))))]

    assert_shown_clean(compile([{"type": "t.show", "payload": {}}], app=app))
