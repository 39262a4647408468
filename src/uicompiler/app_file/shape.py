"""The keys of an `app.yaml`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field as Setting

from uicompiler.app import ContextKind, RunMode
from uicompiler.errors import Recovery
from uicompiler.ir.base import Frozen, Key
from uicompiler.templates.form import FormTemplate
from uicompiler.templates.view import ViewTemplate
from uicompiler.templates.wizard import WizardTemplate


class ActionFile(Frozen):
    """One entry of `actions`.

    Attributes:
        requires_rev: Whether an event must be for the surface's latest revision (`rev`: the count
            of batches that went out for it). With `false` a press on an older screen counts.
        steps: The steps of wizards in which it is valid; left out, it always is. `review` is the
            last step of a wizard that has one.
        context: The values it takes, by name, each with its kind; left out, whatever its buttons
            send.
        run_mode: How the host lets a model go on after it: with directives, with tools, or both.
    """

    requires_rev: bool = True
    steps: Annotated[tuple[Key, ...], Setting(min_length=1)] | None = None
    context: dict[Key, ContextKind] | None = None
    run_mode: RunMode = "directives"


class AppFile(Frozen):
    """The content of an `app.yaml`.

    Attributes:
        id: The app's name.
        version: Rises when the app changes; recordings know which one they were made with.
        code: A Python file beside `app.yaml`; its function `register(app)` adds what YAML cannot
            say: [handlers](extending.md#an-action), [directives](extending.md#a-directive),
            [nodes](extending.md#a-node).
        inline_form_action: The action of forms that a model composes; without it a model can show
            registered forms only. It counts as declared.
        actions: Every action there is, by name: those on buttons and those that code gives a
            handler. See [actions](#actions).
        forms: Forms by the id a model names them with. See [forms](#forms).
        wizards: Forms in steps, by id. See [wizards](#wizards).
        views: Other screens by id. See [views](#views).
        texts: What users read, by language and key. See [texts](#texts).
        recoveries: What happens on an error code instead of the default. See
            [recoveries](#recoveries).
        limits: Limits that differ from the defaults, by name. See [limits](#limits).
        url_schemes: Schemes of URLs that may go out.
        html_templates: Jinja2 files beside `app.yaml`; a macro in one takes the place of the
            library's of the same name. See [templates](html.md#templates-of-your-own).
        catalog: An A2UI catalog file beside `app.yaml`, in JSON; the standard catalog without. See
            [a catalog](extending.md#a-catalog).
        catalog_fallback: `standard`: a client that lacks the app's catalog gets the standard one,
            if it says that it knows that. Left out, it gets a text.
    """

    id: Key
    version: Annotated[int, Setting(ge=1)] = 1
    code: str | None = None
    inline_form_action: Key | None = None
    actions: dict[Key, ActionFile | None] = Setting(default_factory=dict)
    forms: dict[Key, FormTemplate] = Setting(default_factory=dict)
    wizards: dict[Key, WizardTemplate] = Setting(default_factory=dict)
    views: dict[Key, ViewTemplate] = Setting(default_factory=dict)
    texts: dict[str, dict[str, str]] = Setting(default_factory=dict)
    recoveries: dict[str, Recovery] = Setting(default_factory=dict)
    limits: dict[str, Annotated[int, Setting(ge=1, strict=True)]] = Setting(default_factory=dict)
    url_schemes: tuple[str, ...] = ("http", "https")
    html_templates: tuple[str, ...] = ()
    catalog: str | None = None
    catalog_fallback: Literal["standard"] | None = None
