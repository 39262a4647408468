"""The library's own actions, and what a form or wizard makes of what was sent.

Own actions lead through a wizard, add and take out rows, take a surface away. A wizard's last
step sends the fields of all its steps; the first step in which something is wrong is shown again.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from uicompiler.app import Action, UIApp
from uicompiler.executor.execute import form_view
from uicompiler.ir.changes import Change, Close, Patch, PatchOp, ShowView
from uicompiler.ir.fields import Problem
from uicompiler.ir.inputs import inputs_of, typed_values
from uicompiler.ir.reserved import ADD_ROW, DISMISS, NEXT_STEP, PREVIOUS_STEP, REMOVE_ROW
from uicompiler.ir.state import Surface
from uicompiler.ir.tree import Editable, View
from uicompiler.ir.values import FrozenDict, Json
from uicompiler.ir.words import Words
from uicompiler.pointer import join
from uicompiler.templates.form import FormTemplate
from uicompiler.templates.rules import Rule, broken
from uicompiler.templates.wizard import WizardTemplate


@dataclass(frozen=True, slots=True)
class Findings:
    """What was sent, typed, and what is wrong with it.

    Attributes:
        values: Typed values by field id.
        problems: Broken rules of fields, by input id.
        messages: Broken rules between fields: what the user reads, by field id.
        step: The step of a wizard in which something is wrong; None for the one shown.
    """

    values: Mapping[str, Json] = field(default_factory=FrozenDict)
    problems: Mapping[str, Problem] = field(default_factory=FrozenDict)
    messages: Mapping[str, str] = field(default_factory=FrozenDict)
    step: str | None = None

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems and not self.messages


def judged(surface: Surface, app: UIApp, *, final: bool) -> Findings:
    """The fields that a submit sends, held against their rules.

    Args:
        surface: The surface, its draft as the user left it.
        app: Whose form or wizard it shows, if any.
        final: Whether the fields of all steps of a wizard count, not only of the one shown.
    """
    found = _wizard_of(surface, app)
    if found is not None:
        view, wizard = found
        return _judged_steps(surface.data["draft"], view.step, wizard, final=final)
    name = None if surface.view is None else surface.view.template_id
    form = app.forms.get(name or "")
    rules = form.rules if isinstance(form, FormTemplate) else ()
    return _judged(surface.editables, rules, surface.data["draft"], {})


def _wizard_of(surface: Surface, app: UIApp) -> tuple[View, WizardTemplate] | None:
    """The wizard a surface shows, with the view of its step."""
    view = surface.view
    wizard = None if view is None else app.forms.get(view.template_id or "")
    return (view, wizard) if view is not None and isinstance(wizard, WizardTemplate) else None


def _judged_steps(
    draft: Mapping[str, Json], shown: str | None, wizard: WizardTemplate, *, final: bool
) -> Findings:
    values: dict[str, Json] = {}
    wrong: tuple[str, Findings] | None = None
    for step in wizard.in_play(draft):
        found = _judged(step.fields, step.rules, draft, values)
        values.update(found.values)
        if (final or step.id == shown) and not found.ok:
            wrong = wrong or (step.id, found)
        if not final and step.id == shown:
            break
    if wrong is None:
        return Findings(FrozenDict(values))
    return Findings(FrozenDict(values), wrong[1].problems, wrong[1].messages, wrong[0])


def _judged(
    nodes: Sequence[Editable],
    rules: Sequence[Rule],
    draft: Mapping[str, Json],
    before: Mapping[str, Json],
) -> Findings:
    values, problems = typed_values(nodes, draft)
    messages = broken(rules, {**before, **values})
    return Findings(values, problems, {k: v for k, v in messages.items() if k not in problems})


def own_changes(action: Action, surface: Surface, app: UIApp, words: Words) -> list[Change]:
    """What one of the library's own actions asks for; nothing for what the host decides."""
    rows = join(("draft", str(action.args.get("rows", ""))))
    if action.name == ADD_ROW:
        return [Patch(surface.name, [PatchOp("append", rows, FrozenDict())])]
    if action.name == REMOVE_ROW:
        row = str(action.args.get("row", ""))
        return [Patch(surface.name, [PatchOp("delete", f"{rows}{join((row,))}")])]
    if action.name == DISMISS:
        return [Close(surface.name)]
    if action.name in (NEXT_STEP, PREVIOUS_STEP):
        return _step_by(1 if action.name == NEXT_STEP else -1, surface, app, words)
    return []


def _step_by(offset: int, surface: Surface, app: UIApp, words: Words) -> list[Change]:
    found = _wizard_of(surface, app)
    if found is None:
        return []
    view, wizard = found
    ids = wizard.step_ids(surface.data["draft"])
    here = ids.index(view.step) if view.step in ids else 0
    to = ids[min(max(here + offset, 0), len(ids) - 1)]
    return show_step(surface, to, app, words)


def show_step(surface: Surface, step: str, app: UIApp, words: Words) -> list[Change]:
    """Show one step of the wizard that a surface shows; nothing where it shows none."""
    found = _wizard_of(surface, app)
    if found is None:
        return []
    view, wizard = found
    shown = form_view(view.template_id or "", wizard, surface.data["draft"], words, step)
    return [ShowView(surface.name, shown.view, carried=shown.carried)]


def step_with(surface: Surface, names: Collection[str], app: UIApp) -> str | None:
    """The first step of the wizard a surface shows that asks for one of some inputs.

    None when there is none, or it is the one shown.
    """
    found, draft = _wizard_of(surface, app), surface.data["draft"]
    if found is None:
        return None
    view, wizard = found
    for step in wizard.in_play(draft):
        inputs = {item.id for item in inputs_of(step.fields, draft)}
        if not inputs.isdisjoint(names) or any(node.id in names for node in step.fields):
            return None if step.id == view.step else step.id
    return None
