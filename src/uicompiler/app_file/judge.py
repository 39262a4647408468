"""What must hold between the parts of an app: its actions, forms, wizards and views.

Buttons, wherever they stand, send actions there are; actions name steps there are; every view, form
and step of a wizard keeps the invariants of `ir/verify.py`. All findings are collected.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, TypeAlias

from pydantic import BaseModel

from uicompiler.app import Form, UIApp
from uicompiler.app_file.problems import did_you_mean
from uicompiler.app_file.source import Place
from uicompiler.errors import Diagnostic
from uicompiler.ir.actions import Button
from uicompiler.ir.base import Node
from uicompiler.ir.lists import templates_of
from uicompiler.ir.reserved import DISMISS, OWN_ACTIONS
from uicompiler.ir.tree import View, walk
from uicompiler.ir.verify import told, verify_urls, verify_view
from uicompiler.pointer import parse
from uicompiler.templates.form import FormTemplate
from uicompiler.templates.view import ViewTemplate
from uicompiler.templates.wizard import REVIEW, WizardTemplate

Report: TypeAlias = Callable[[str, Place, str], Diagnostic]
"""`(why, place, hint) -> finding`."""


@dataclass(frozen=True, slots=True)
class _Screen:
    """A template with its id and the place it has in an app's file."""

    name: str
    template: Form | ViewTemplate

    @property
    def place(self) -> tuple[str, str]:
        return (_GROUPS[type(self.template)], self.name)

    @property
    def own_actions(self) -> frozenset[str]:
        return OWN_ACTIONS if isinstance(self.template, ViewTemplate) else frozenset({DISMISS})


_GROUPS: Final[Mapping[type[BaseModel], str]] = MappingProxyType(
    {FormTemplate: "forms", WizardTemplate: "wizards", ViewTemplate: "views"}
)
"""Under which key of an app's file each kind of template stands."""


def judge(app: UIApp, report: Report) -> list[Diagnostic]:
    """All findings.

    Args:
        app: The app.
        report: Makes a finding.
    """
    screens = [_Screen(name, item) for name, item in (*app.forms.items(), *app.views.items())]
    found = [finding for screen in screens for finding in _buttons(screen, app, report)]
    found += [finding for screen in screens for finding in _verified(screen, app, report)]
    found += [finding for screen in screens for finding in _urls(screen, app, report)]
    return [*found, *_steps(app, report)]


def _buttons(screen: _Screen, app: UIApp, report: Report) -> Iterator[Diagnostic]:
    known = app.actions.keys() | screen.own_actions
    for place, button in _records(screen.template, screen.place):
        if isinstance(button, Button) and button.action not in known:
            yield report(
                f"the button {button.label!r} sends {button.action!r}, which is not under actions",
                (*place, "action"),
                did_you_mean(button.action, known),
            )


def _steps(app: UIApp, report: Report) -> Iterator[Diagnostic]:
    wizards = [form for form in app.forms.values() if isinstance(form, WizardTemplate)]
    known = {step.id for wizard in wizards for step in wizard.steps}
    known |= {REVIEW for wizard in wizards if wizard.review}
    for name, spec in app.actions.items():
        for step in sorted((spec.steps or frozenset()) - known):
            why = f"the action {name!r} is valid in the step {step!r}, which no wizard has"
            yield report(why, ("actions", name, "steps"), did_you_mean(step, known))


def _verified(screen: _Screen, app: UIApp, report: Report) -> Iterator[Diagnostic]:
    seen: set[str] = set()
    for view in _views(screen, app):
        places = _places(view, screen)
        for finding in verify_view(
            view,
            max_depth=app.limits.max_view_depth,
            max_nodes=app.limits.max_view_nodes,
            max_context_keys=app.limits.max_context_keys,
            actions=None,
        ):
            if finding.message not in seen:
                seen.add(finding.message)
                why, path = told(finding)
                yield report(why, _closest(path, places, screen.place), finding.hint)


def _urls(screen: _Screen, app: UIApp, report: Report) -> Iterator[Diagnostic]:
    if isinstance(screen.template, ViewTemplate):
        root = screen.template.root
        for finding in verify_urls(root, app.url_schemes, (*screen.place, "root")):
            yield report(finding.message, parse(finding.pointer), finding.hint)


def _views(screen: _Screen, app: UIApp) -> Iterator[View]:
    """Everything a template can show, as it is before anything was entered."""
    template = screen.template
    if isinstance(template, (ViewTemplate, FormTemplate)):
        yield template.view(screen.name)
    else:
        every = tuple(step.model_copy(update={"when": None}) for step in template.steps)
        wizard = template.model_copy(update={"steps": every})
        for step in wizard.step_ids({}):
            yield wizard.view(screen.name, app.text, {}, step)


def _places(view: View, screen: _Screen) -> dict[str, Place]:
    """Where the nodes of a view stand in the file, by their paths; not those it made itself."""
    known = {id(record): place for place, record in _records(screen.template, screen.place)}
    return {
        "/".join(path): known[id(node)] for path, node in _nodes(view.root) if id(node) in known
    }


def _nodes(root: Node) -> Iterator[tuple[tuple[str, ...], Node]]:
    for node, path, _ in walk(root):
        yield path, node
        for template, below in templates_of(node):
            for inner, at, _ in walk(template, (*path, "item", *below)):
                yield at, inner


def _closest(path: str, places: Mapping[str, Place], otherwise: Place) -> Place:
    while path and path not in places:
        path = path.rpartition("/")[0]
    return places.get(path, otherwise)


def _records(value: object, at: tuple[str | int, ...]) -> Iterator[tuple[Place, BaseModel]]:
    """Every record in a value, nodes and what they hold among them, with its place."""
    inner: Iterator[tuple[str | int, object]] = iter(())
    if isinstance(value, BaseModel):
        yield at, value
        inner = iter(value)
    elif isinstance(value, Mapping):
        inner = iter(value.items())
    elif isinstance(value, (list, tuple)):
        inner = iter(enumerate(value))
    for step, item in inner:
        yield from _records(item, (*at, step))
