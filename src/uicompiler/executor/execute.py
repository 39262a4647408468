"""From raw directives and a state to the next state, effects and diagnostics.

Each directive runs on the state the ones before it left; one that is refused leaves no trace
in the state. The input state is never changed. Knows nothing of backends or clients.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from pydantic import ValidationError

from uicompiler.app import Form, UIApp
from uicompiler.directives.read import payload_findings, read_directive
from uicompiler.directives.registry import FormView
from uicompiler.errors import Diagnostic, DirectiveError, diagnostic
from uicompiler.executor.apply import Applied, apply_change
from uicompiler.executor.drafts import refusal
from uicompiler.ir.actions import Button
from uicompiler.ir.base import Node
from uicompiler.ir.changes import Change, Effect, ShowView
from uicompiler.ir.fields import Field, fit, initial
from uicompiler.ir.state import UIState
from uicompiler.ir.tree import Editable, View
from uicompiler.ir.values import FrozenDict, Json
from uicompiler.ir.verify import as_verified, shows_forbidden, verify_surface, verify_urls
from uicompiler.ir.words import Words
from uicompiler.pointer import join
from uicompiler.templates.form import FormTemplate


@dataclass(frozen=True, slots=True)
class Touched:
    """What a turn did to one surface.

    Attributes:
        written: Field ids whose draft value the turn named; a client must take these over.
        quiet: Whether only the client's own news were taken in, so that nothing needs to go out.
        gone: Whether it must be taken away, since it fails on the client again and again.
        whole: Whether it goes out however much else does: no directive chose to show it, so that
            none could have shown less, and leaving it out would lose it.
    """

    written: frozenset[str] = frozenset()
    quiet: bool = False
    gone: bool = False
    whole: bool = False

    def then(self, later: Touched) -> Touched:
        """What both did together."""
        return Touched(
            self.written | later.written,
            self.quiet and later.quiet,
            self.gone or later.gone,
            self.whole or later.whole,
        )


@dataclass(frozen=True, slots=True)
class Executed:
    """The result of a run.

    Attributes:
        state: The next state; the given one when nothing ran.
        touched: By surface name, in order of first touch.
        effects: For the edge, in order.
        diagnostics: Pointers are into the envelope.
        ran: How many directives ran.
    """

    state: UIState
    touched: Mapping[str, Touched] = field(default_factory=FrozenDict)
    effects: tuple[Effect, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    ran: int = 0


def execute(
    directives: Sequence[Json],
    before: UIState | Executed,
    app: UIApp,
    *,
    nonce_key_id: str | None = None,
    language: str = "en",
) -> Executed:
    """Run directives in order.

    Args:
        directives: As a model wrote them, each expected `{"type", "payload"}`.
        before: The state before, or what was done to it already in this turn.
        app: Whose registry, forms, actions and limits hold.
        nonce_key_id: Key id that new surfaces remember; None when no nonces are used.
        language: Of the library's own texts in views.
    """
    start = before if isinstance(before, Executed) else Executed(before)
    run = _Run(start, app, nonce_key_id, language)
    limit = app.limits.max_directives
    for index, item in enumerate(directives[:limit]):
        run.directive(item, f"/directives/{index}")
    if len(directives) > limit:
        run.refuse(
            diagnostic(
                "DIRECTIVE_LIMIT_EXCEEDED",
                f"max_directives is {limit}, found {len(directives)}; the rest was dropped",
                pointer=f"/directives/{limit}",
                hint="send fewer directives in one turn",
            )
        )
    return run.result


def execute_changes(
    changes: Sequence[Change], done: Executed, app: UIApp, *, nonce_key_id: str | None = None
) -> Executed:
    """Apply an outcome's changes after what was done before; all of them or an exception.

    Raises:
        DirectiveError: a change does not fit the state.
    """
    for change in changes:
        done = _merge(done, apply_change(change, done.state, app, nonce_key_id=nonce_key_id))
    return done


class _Run:
    """One run: the result so far and which surfaces' views it has replaced."""

    def __init__(
        self, start: Executed, app: UIApp, nonce_key_id: str | None, language: str
    ) -> None:
        self.result = start
        self._app = app
        self._nonce_key_id = nonce_key_id
        self._language = language
        self._shown: set[str] = set()
        self._sound = False

    def refuse(self, *findings: Diagnostic) -> None:
        self.result = replace(self.result, diagnostics=(*self.result.diagnostics, *findings))

    def directive(self, item: Json, pointer: str) -> None:
        read = read_directive(item, self._app.directives, self._app.nodes)
        found = [finding.at(pointer) for finding in read.diagnostics]
        if read.spec is None or read.payload is None:
            self.refuse(*found)
            return
        context = _Context(self.result.state, self._app, self._language)
        try:
            changes = read.spec.run(read.payload, context)
            after = self._applied(changes)
        except DirectiveError as exc:
            self.refuse(*found, *(finding.at(pointer) for finding in exc.diagnostics))
            return
        found.extend(finding.at(pointer) for finding in context.notes)
        added = after.diagnostics[len(self.result.diagnostics) :]
        found.extend(finding.at(pointer) for finding in added)
        before = self.result.diagnostics
        self._shown.update(c.surface for c in changes if isinstance(c, ShowView))
        self.result = Executed(
            after.state, after.touched, after.effects, (*before, *found), after.ran + 1
        )

    def _applied(self, changes: Sequence[Change]) -> Executed:
        for change in changes:
            if isinstance(change, ShowView) and change.surface in self._shown:
                raise DirectiveError([_conflict(change.surface)])
        after = execute_changes(changes, self.result, self._app, nonce_key_id=self._nonce_key_id)
        if not changes:
            return after
        return self._verified(after, [c.surface for c in changes if not isinstance(c, Effect)])

    def _verified(self, after: Executed, names: Sequence[str]) -> Executed:
        """The same, once what was changed is known to be well formed, and at first all the rest."""
        surfaces = after.state.surfaces
        looked_at = (surfaces[name] for name in names) if self._sound else surfaces.values()
        problems = [finding for surface in looked_at for finding in verify_surface(surface)]
        if problems:
            raise DirectiveError(problems)
        self._sound = True
        state = after.state
        for name in dict.fromkeys(names):
            state = state.with_surface(as_verified(state.surfaces[name]))
        return Executed(state, after.touched, after.effects, after.diagnostics, after.ran)


def _merge(done: Executed, applied: Applied) -> Executed:
    touched = done.touched
    if applied.surface is not None:
        before = touched.get(applied.surface, Touched(quiet=True))
        what = before.then(Touched(applied.written))
        touched = FrozenDict({**touched, applied.surface: what})
    effects = done.effects if applied.effect is None else (*done.effects, applied.effect)
    findings = (*done.diagnostics, *applied.diagnostics)
    return Executed(applied.state, touched, effects, findings, done.ran)


class _Context:
    """The `DirectiveContext` a handler gets."""

    def __init__(self, state: UIState, app: UIApp, language: str) -> None:
        self.state = state
        self.notes: list[Diagnostic] = []
        self.words = partial(app.text, language=language)
        self._app = app

    def form(
        self, form_id: str, *, surface: str, values: Mapping[str, Json], reset: bool
    ) -> FormView | None:
        template = self._app.forms.get(form_id)
        if template is None:
            return None
        if isinstance(template, FormTemplate):
            return FormView(template.view(form_id))
        known = None if reset else self.state.surfaces.get(surface)
        view = known.view if known is not None and known.live else None
        step = view.step if view is not None and view.template_id == form_id else None
        before = FrozenDict() if known is None else known.data["draft"]
        draft = _expected_draft(template.fields, before, values)
        return form_view(form_id, template, draft, self.words, step)

    def form_ids(self) -> Sequence[str]:
        return sorted(self._app.forms)

    def view(self, view_id: str) -> View | None:
        template = self._app.views.get(view_id)
        return None if template is None else template.view(view_id)

    def view_ids(self) -> Sequence[str]:
        return sorted(self._app.views)

    def action(self, name: str | None) -> str:
        action = name or self._app.inline_form_action
        if action is None:
            known = ", ".join(sorted(self._app.actions)) or "none"
            why = "the app has no action for what a model composes, and none is named"
            raise refusal("DIRECTIVE_ACTION_UNKNOWN", why, "/payload/action", f"actions: {known}")
        return action

    def inline_view(self, root: Node) -> View:
        view = View(root)
        if view.editables and self._app.inline_form_action is None:
            raise DirectiveError([_inline_forbidden(self.form_ids())])
        _check_untagged(view.editables, "/payload/root")
        if shows_forbidden(view, self._app.url_schemes):
            place = ("payload", "root")
            raise DirectiveError(verify_urls(root, self._app.url_schemes, place))
        return view

    def inline_form(self, spec: Mapping[str, Any]) -> View:
        action = self._app.inline_form_action
        if action is None:
            raise DirectiveError([_inline_forbidden(self.form_ids())])
        label = spec.get("submit_label") or self.words("form.submit")
        try:
            template = FormTemplate(
                title=spec["title"],
                intro=spec["intro"],
                fields=spec["fields"],
                buttons=(Button(label=label, action=action, submit=True, primary=True),),
            )
        except ValidationError as exc:
            raise DirectiveError(payload_findings(exc)) from exc
        _check_untagged(template.fields, "/payload/fields")
        return template.view(None)

    def repaired(self, pointer: str, what: str) -> None:
        self.notes.append(diagnostic("DIRECTIVE_REPAIRED", what, pointer=f"/payload{pointer}"))


def form_view(
    form_id: str, template: Form, draft: Mapping[str, Json], words: Words, step: str | None = None
) -> FormView:
    """The view of a form or of one step of a wizard.

    Args:
        form_id: The name it is registered under.
        template: The form or wizard.
        draft: What was entered so far, which says what steps there are.
        words: The library's own texts.
        step: The step to show; None for the first.
    """
    if isinstance(template, FormTemplate):
        return FormView(template.view(form_id))
    return FormView(template.view(form_id, words, draft, step), template.fields)


def _expected_draft(
    fields: Iterable[Editable], draft: Mapping[str, Json], values: Mapping[str, Json]
) -> dict[str, Json]:
    """The draft of fields once they are shown with some values, as far as they fit."""
    found = dict(draft)
    for item in fields:
        if not isinstance(item, Field):
            continue
        named = fit(item, values.get(join(("draft", item.id))))
        if named is not None:
            found[item.id] = named.value
        elif item.id not in found:
            found[item.id] = initial(item)
    return found


def _conflict(surface: str) -> Diagnostic:
    return diagnostic(
        "DIRECTIVE_SURFACE_CONFLICT",
        f"the view of surface {surface!r} was replaced already in this turn",
        pointer="/payload/surface",
        hint="show one view per surface and turn, or name another surface",
        surface_id=surface,
    )


def _check_untagged(nodes: Iterable[Editable], pointer: str) -> None:
    """Only the app says what its fields' values are.

    Raises:
        DirectiveError: what a model composes has tags.
    """
    fields = (f for node in nodes for f in ((node,) if isinstance(node, Field) else node.columns))
    tagged = [field.id for field in fields if field.tags]
    if tagged:
        why = f"the field {tagged[0][:40]!r} has tags, which only an app's own fields have"
        raise refusal("DIRECTIVE_PAYLOAD_INVALID", why, pointer, "leave tags out")


def _inline_forbidden(form_ids: Sequence[str]) -> Diagnostic:
    return diagnostic(
        "DIRECTIVE_TEMPLATE_UNKNOWN",
        "the app takes registered forms only, found one without form_id",
        pointer="/payload/form_id",
        hint=f"registered forms: {', '.join(form_ids) or 'none'}",
    )
