"""Form templates: a title, fields and buttons, and the view they make."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, TypeAlias

from pydantic import Field as Setting
from pydantic import StringConstraints, model_validator

from uicompiler.ir.actions import Actions, Button
from uicompiler.ir.base import Frozen, Node
from uicompiler.ir.content import Text
from uicompiler.ir.layout import Card, Section, Stack
from uicompiler.ir.rows import Entries
from uicompiler.ir.tree import Editable, View
from uicompiler.templates.kept import kept_view
from uicompiler.templates.rules import Rule, misfit, unknown_names

Title: TypeAlias = Annotated[str, StringConstraints(min_length=1)]


class FormTemplate(Frozen):
    """A form as an app writes it.

    Attributes:
        version: Rises when the form changes; a stored surface knows which one it shows.
        title: The heading.
        intro: A text under the heading.
        fields: What the user fills in, in order; at least one. With `columns`, editable rows.
        rules: What must hold between fields.
        buttons: What the user can press; at least one.
    """

    version: Annotated[int, Setting(ge=1)] = 1
    title: Title
    intro: str | None = None
    fields: Entries
    rules: tuple[Rule, ...] = ()
    buttons: Annotated[tuple[Button, ...], Setting(min_length=1)]

    @model_validator(mode="after")
    def _names_fit(self) -> FormTemplate:
        check_names(self.fields, self.rules)
        return self

    def view(self, template_id: str | None) -> View:
        """The view of this form.

        Args:
            template_id: The name it is registered under, or None for an inline form.
        """
        return kept_view(self, template_id, lambda: self._view(template_id))

    def _view(self, template_id: str | None) -> View:
        intro: tuple[Node, ...] = (
            () if self.intro is None else (Text(text=self.intro, key="intro"),)
        )
        body = Section(
            key="form",
            title=self.title,
            level=2,
            children=(*intro, *self.fields, Actions(key="actions", children=self.buttons)),
        )
        root = Stack(children=(Card(key="card", children=(body,)),))
        return View(root, template_id, None if template_id is None else self.version)


def check_names(fields: Iterable[Editable], rules: Iterable[Rule]) -> None:
    """Whether field ids differ and rules speak of fields that are there.

    Raises:
        ValueError: they do not.
    """
    fields, rules = tuple(fields), tuple(rules)
    seen: set[str] = set()
    for item in fields:
        if item.id in seen:
            raise ValueError(f"two fields are named {item.id!r}")
        seen.add(item.id)
    unknown = unknown_names(rules, seen)
    by_id = {item.id: item for item in fields}
    for rule in rules if not unknown else ():
        why = misfit(rule, by_id)
        if why is not None:
            raise ValueError(f"a rule compares what does not compare: {why}")
    if unknown:
        raise ValueError(f"a rule speaks of {unknown[0]!r}; fields: {', '.join(sorted(seen))}")
