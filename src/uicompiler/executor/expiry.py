"""Views that the app no longer has: what a client still shows of them is locked.

A stored surface knows the template, its version and the catalog it was made with. When the app
has moved on, a notice takes the view's place, with a button that asks for it again; what the
user had entered stays in the document.
"""

from __future__ import annotations

from dataclasses import replace

from uicompiler.app import UIApp
from uicompiler.errors import Diagnostic, diagnostic
from uicompiler.executor.execute import Executed, Touched
from uicompiler.ir.actions import Actions, Button
from uicompiler.ir.content import Notice
from uicompiler.ir.layout import Stack
from uicompiler.ir.reserved import REGENERATE
from uicompiler.ir.state import Surface
from uicompiler.ir.tree import View
from uicompiler.ir.values import FrozenDict
from uicompiler.ir.words import Words


def has_expired(surface: Surface, app: UIApp) -> bool:
    """Whether a surface shows what the app no longer has."""
    if surface.view is None or surface.status != "live":
        return False
    if surface.catalog_id != app.catalog.catalog_id:
        return True
    if surface.view.template_id is None:
        return False
    template = app.template(surface.view.template_id)
    return template is None or template.version != surface.view.template_version


def presented(surface: Surface, app: UIApp, words: Words) -> Surface:
    """The surface as it is to be shown: with the notice where its view has expired."""
    if not has_expired(surface, app):
        return surface
    notice = Notice(
        key="notice", tone="warning", title=words("expired.title"), text=words("expired.text")
    )
    again = Button(key="again", label=words("expired.regenerate"), action=REGENERATE)
    root = Stack(key="expired", children=(notice, Actions(key="actions", children=(again,))))
    view = View(root, surface.view.template_id if surface.view else None)
    return replace(surface, status="expired", view=view, catalog_id=app.catalog.catalog_id)


def with_expired(done: Executed, app: UIApp, words: Words) -> Executed:
    """What was done, and the notice on every surface whose view has expired."""
    state, touched, findings = done.state, dict(done.touched), list(done.diagnostics)
    for surface in done.state.surfaces.values():
        shown = presented(surface, app, words)
        if shown is not surface:
            state = state.with_surface(shown)
            touched[surface.name] = touched.get(surface.name, Touched()).then(Touched(whole=True))
            findings.append(_expired(surface))
    return replace(done, state=state, touched=FrozenDict(touched), diagnostics=tuple(findings))


def _expired(surface: Surface) -> Diagnostic:
    return diagnostic(
        "A2UI_S2C_VIEW_EXPIRED",
        f"the view of {surface.name!r} is one that the app no longer has; its draft is kept",
        hint="show a form or view on it again",
        surface_id=surface.name,
    )
