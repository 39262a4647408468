"""Two clients of one app beside each other: ClientSim with A2UI, a browser with HTML.

What is asked here is that they show the same, that a press means the same, and that the states
behind them are the same but for what only one of the two has.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from xml.etree.ElementTree import Element

from clientsim import ClientSim
from uicompiler import CompileResult, StepResult, Surface, UIState
from uicompiler.backends.base import Backend
from uicompiler.backends.registry import backend_named
from uicompiler.canonical import number_text
from uicompiler.ingress.form import read_form
from uicompiler.ir.client import Pressed
from uicompiler.ir.field_kinds import SECRET_HANDLE
from uicompiler.ir.reserved import OWN_ACTIONS
from uicompiler.ir.values import thaw

from . import a2ui_things, html_things
from .browser import SPACES, Frame, Page
from .compare import Compared, Terms, compared
from .dom import faults
from .things import Thing, read

A2UI: Final[Backend] = backend_named("a2ui-v0.8")
HTML: Final[Backend] = backend_named("html")

_OWN_CODES: Final = (
    "A2UI_S2C_ACCESS_",
    "A2UI_S2C_CATALOG_DEGRADED",
    "A2UI_S2C_COMPONENT_TEXT_",
    "A2UI_S2C_DATA_",
    "A2UI_S2C_DRAFT_AT_RISK",
)
"""Codes that say what one backend had to do, or found on its own way out."""


@dataclass
class Pair:
    """Both clients.

    Attributes:
        sim: The A2UI client.
        page: The browser's page.
        seen: What was compared, by plural nouns, and rows of the tables that were made use of.
    """

    sim: ClientSim = field(default_factory=lambda: ClientSim(own_inputs={"FileUpload": "value"}))
    page: Page = field(default_factory=Page)
    seen: Counter[str] = field(default_factory=Counter)

    def take(self, a2ui: CompileResult, html: CompileResult) -> None:
        """Hand each client its batches."""
        for message in a2ui.messages:
            assert self.sim.apply(message) is None, (self.sim.errors, message)
        for batch in html.batches:
            self.page.take(batch.messages)
        self.seen["turns"] += 1

    def look(self, a2ui: UIState, html: UIState, terms: Terms | None = None) -> None:
        """Both show the same surfaces, and on each the same things."""
        live = {surface.name: surface for surface in html.live_surfaces()}
        theirs = {surface.name: surface for surface in a2ui.live_surfaces()}
        assert live.keys() == theirs.keys() == self.page.frames.keys()
        for name, surface in live.items():
            self.look_at(theirs[name], surface, terms)

    def look_at(self, a2ui: Surface, html: Surface, terms: Terms | None = None) -> None:
        """One surface."""
        frame = self.page.frames[html.name]
        assert faults(frame.tree) == []
        found = self.compare(a2ui, html, terms)
        assert found.difference == "", found.difference
        same_buttons(frame, a2ui, html)
        self.seen["screens"] += 1
        self.seen.update({f"{kind} things": count for kind, count in found.things.items()})
        self.seen.update({f"row {name}": count for name, count in found.rows.items()})

    def compare(self, a2ui: Surface, html: Surface, terms: Terms | None = None) -> Compared:
        """What the two clients show of a surface."""
        shown = html_things.things(self.page.frames[html.name])
        return compared(shown, self.told(a2ui, terms), terms)

    def told(self, a2ui: Surface, terms: Terms | None = None) -> list[Thing]:
        """What the A2UI client shows of a surface."""
        markdown = terms is None or not terms.plain_text
        return a2ui_things.things(self.sim, A2UI.surface_id(a2ui), markdown=markdown)


# ---------------------------------------------------------------- buttons


def same_buttons(frame: Frame, a2ui: Surface, html: Surface) -> None:
    """Every button that is seen is one the server knows; in order they mean the same."""
    known = HTML.buttons(html)
    meant = [known[button.get("id", "")] for button in frame.buttons()]
    for button, pressed in zip(frame.buttons(), meant, strict=True):
        assert button.get("value") == f"{pressed.button.action} {button.get('id')}"
    theirs = told_buttons(A2UI.buttons(a2ui))
    assert _meanings(known.values()) == _meanings(theirs)


def told_buttons(buttons: Mapping[str, Pressed]) -> list[Pressed]:
    """Buttons in order, of two ids for one only the first."""
    return list({id(pressed): pressed for pressed in buttons.values()}.values())


def _meanings(pressed: Any) -> list[tuple[Any, ...]]:
    return [(p.button.action, p.row, p.button.submit, dict(p.button.args)) for p in pressed]


def twin(ident: str, a2ui: Surface, html: Surface) -> str:
    """The element of a button that A2UI knows by a component's id."""
    buttons = A2UI.buttons(a2ui)
    order = [id(item) for item in told_buttons(buttons)]
    return list(HTML.buttons(html))[order.index(id(buttons[ident]))]


def posted(frame: Frame, button: Element) -> dict[str, Any]:
    """The event of pressing a button in a browser."""
    return read_form(frame.post(button))


# ---------------------------------------------------------------- what came of it


def same_result(a2ui: CompileResult, html: CompileResult, *, loosely: bool = False) -> None:
    """A turn came to the same, whatever went out.

    Args:
        a2ui: What it came to for A2UI.
        html: And for HTML.
        loosely: Whether values may differ in what a browser does to them: see `loose`.
    """
    assert a2ui.ok == html.ok, (_codes(a2ui), _codes(html))
    assert a2ui.assistant_text == html.assistant_text
    assert [e.to_dict() for e in a2ui.effects] == [e.to_dict() for e in html.effects]
    assert _codes(a2ui) == _codes(html)
    if isinstance(a2ui, StepResult) and isinstance(html, StepResult):
        _same_step(a2ui, html, loose if loosely else plain)


def _same_step(a2ui: StepResult, html: StepResult, read: Callable[[Any], Any]) -> None:
    assert a2ui.status == html.status, (a2ui.diagnostics, html.diagnostics)
    theirs, ours = read(_meant(a2ui)), read(_meant(html))
    assert ours == theirs, _first(ours, theirs)
    assert dict(a2ui.field_errors) == dict(html.field_errors)
    assert [call.to_dict() for call in a2ui.tool_calls] == [c.to_dict() for c in html.tool_calls]
    # A browser posts secrets with every button; none that was sent is missing.
    assert Counter(a2ui.secrets.values()) <= Counter(html.secrets.values())


def _meant(step: StepResult) -> Any:
    if step.action is None:
        return None
    own = {"component_id", "timestamp", "idempotency_key"}
    if step.action.name in OWN_ACTIONS:
        own.add("context")  # what the library does itself, it does with what the state knows
    return {k: v for k, v in step.action.to_dict().items() if k not in own}


def _codes(result: CompileResult) -> list[tuple[str, str]]:
    found = ((item.code, item.severity) for item in result.diagnostics)
    return [code for code in dict.fromkeys(found) if not code[0].startswith(_OWN_CODES)]


def same_data(a2ui: UIState, html: UIState, *, loosely: bool = False) -> None:
    """Both states hold the same documents."""
    assert list(a2ui.surfaces) == list(html.surfaces)
    for name, surface in html.surfaces.items():
        other = a2ui.surfaces[name]
        assert surface.status == other.status
        read = loose if loosely else plain
        ours, theirs = (read(thaw(found.data)) for found in (surface, other))
        assert ours == theirs, (name, _first(ours, theirs))
        assert surface.view == other.view


def plain(value: Any) -> Any:
    """A value without what differs by the event it came with: handles, and marks in front."""
    if isinstance(value, str):
        return SECRET_HANDLE if value.startswith(SECRET_HANDLE) else read(value)
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, (list, tuple)) else value


def loose(value: Any) -> Any:
    """A value without what a browser changes: order of options, spaces around, kind of numbers."""
    value = plain(value)
    if isinstance(value, Mapping):
        return {key: loose(item) for key, item in value.items()}
    if isinstance(value, list):
        found = [loose(item) for item in value]
        return sorted(found) if all(isinstance(item, str) for item in found) else found
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return number_text(value)
    return value.strip(SPACES) if isinstance(value, str) else value


def _first(ours: Any, theirs: Any, place: str = "") -> Any:
    if isinstance(ours, dict) and isinstance(theirs, dict) and ours.keys() == theirs.keys():
        found = (_first(ours[key], theirs[key], f"{place}/{key}") for key in ours)
        return next((item for item in found if item is not None), None)
    return None if ours == theirs else (place, ours, theirs)
