"""Small forms and views for single questions to the page, and the way back from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Locator

from uicompiler import Action, CompileResult, StepResult, UIApp, UIState, compile, dispatch
from uicompiler.backends.ids import component_id

from .client import HostPage

SURFACE = "main"


@dataclass
class Visit:
    """A conversation with one page.

    Attributes:
        page: The page.
        app: The app.
        state: The server's state.
    """

    page: HostPage
    app: UIApp = field(default_factory=UIApp.standard)
    state: UIState = field(default_factory=UIState)

    def says(self, *directives: Mapping[str, Any]) -> CompileResult:
        """The model's directives, shown on the page."""
        envelope = {"assistant_text": "", "directives": list(directives)}
        result = compile(envelope, app=self.app, state=self.state)
        assert result.ok, result.diagnostics
        self.state = result.state
        assert self.page.take(result.messages) == []
        return result

    def form(self, *fields: Mapping[str, Any], **more: Any) -> None:
        """A form of inline fields."""
        payload = {"title": "A form", "fields": list(fields), **more}
        self.says({"type": "ui.show_form", "payload": payload})

    def view(self, *nodes: Mapping[str, Any]) -> None:
        """A view of some nodes, one below the other."""
        root = {"node": "stack", "children": list(nodes)}
        self.says({"type": "ui.show_view", "payload": {"root": root}})

    def sent(self) -> StepResult:
        """What the only press since made of the server, shown on the page."""
        [event] = self.page.heard()
        step = dispatch(event, state=self.state, app=self.app)
        self.state = step.state
        assert self.page.take(step.messages) == []
        return step

    def action(self) -> Action:
        """What a handler gets of the only press since."""
        step = self.sent()
        assert step.action is not None, step.diagnostics
        return step.action

    def input(self, name: str, kind: str) -> Locator:
        """The component of a field."""
        return self.page.find(component_id(("field", name), kind))

    def button(self, label: str) -> Locator:
        """The button with a label."""
        shown = self.page.visible(SURFACE)
        ids = [item.id for item in shown if (item.role, item.text) == ("button", label)]
        return self.page.find(ids[0])
