"""The app of a journey (see `journeys.py`), which needs nothing but the library.

So a conversation that was recorded with it can be replayed where no test tools are installed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from uicompiler import FormTemplate, Limits, UIApp, ViewTemplate, WizardTemplate
from uicompiler.app import Handler
from uicompiler.ir.tree import STANDARD_NODES

ACTIONS = ("submit", "put", "pick", "wrong", "leave")


def app_with(templates: Mapping[str, Any], handlers: Mapping[str, Handler] | None = None) -> UIApp:
    """The app of a journey, with its forms, wizards and views; without handlers, for replays."""
    limits = replace(Limits(), max_string_bytes=700)
    app = UIApp("journeys", inline_form_action="submit", limits=limits)
    for name in ACTIONS if handlers is None else handlers:
        if handlers is not None or name not in app.actions:
            app.add_action(name, None if handlers is None else handlers[name])
    app.add_action("glance", requires_rev=False)
    for name, template in templates.items():
        if "steps" in template:
            app.add_form(name, WizardTemplate.model_validate(template))
        elif "fields" in template:
            app.add_form(name, FormTemplate.model_validate(template))
        else:
            context = {"nodes": STANDARD_NODES}
            app.add_view(name, ViewTemplate.model_validate(template, context=context))
    return app
