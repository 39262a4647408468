"""Form templates: a title, fields and buttons, and the view they make."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field as Setting
from pydantic import StringConstraints, model_validator

from uicompiler.ir.actions import Actions, Button
from uicompiler.ir.base import Frozen, Node
from uicompiler.ir.content import Text
from uicompiler.ir.fields import Field
from uicompiler.ir.layout import Card, Section, Stack
from uicompiler.ir.tree import View


class FormTemplate(Frozen):
    """A form as an app writes it.

    Attributes:
        version: Rises when the form changes; a stored surface knows which one it shows.
        title: The heading.
        intro: A text under the heading.
        fields: What the user fills in, in order; at least one.
        buttons: What the user can press; at least one.
    """

    version: Annotated[int, Setting(ge=1)] = 1
    title: Annotated[str, StringConstraints(min_length=1)]
    intro: str | None = None
    fields: Annotated[tuple[Field, ...], Setting(min_length=1)]
    buttons: Annotated[tuple[Button, ...], Setting(min_length=1)]

    @model_validator(mode="after")
    def _names_differ(self) -> FormTemplate:
        seen: set[str] = set()
        for item in self.fields:
            if item.id in seen:
                raise ValueError(f"two fields are named {item.id!r}")
            seen.add(item.id)
        return self

    def view(self, template_id: str | None) -> View:
        """The view of this form.

        Args:
            template_id: The name it is registered under, or None for an inline form.
        """
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
