"""Wizard templates: a form in steps, with rules in each, a way back, and a review at the end.

A surface shows one step; the drafts of all steps are kept in its document. The review shows what
was entered as plain text, made from the draft at that moment, since a text that follows an input
would be read as markup.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Final, NamedTuple

from pydantic import Field as Setting
from pydantic import model_validator

from uicompiler.ir.actions import Actions, Button
from uicompiler.ir.base import Frozen, Key, Node
from uicompiler.ir.content import Text
from uicompiler.ir.fields import Field
from uicompiler.ir.figures import KeyValue, KeyValues
from uicompiler.ir.inputs import typed_values
from uicompiler.ir.layout import Card, Section, Stack
from uicompiler.ir.reserved import NEXT_STEP, PREVIOUS_STEP
from uicompiler.ir.rows import Entries, Rows
from uicompiler.ir.tree import Editable, View
from uicompiler.ir.values import Json
from uicompiler.ir.words import Words, shown
from uicompiler.templates.form import Title, check_names
from uicompiler.templates.kept import kept_view
from uicompiler.templates.rules import Comparison, Rule, holds, misfit, unknown_names

REVIEW: Final = "review"
"""Id of the step that shows what was entered."""


class Step(Frozen):
    """One step of a wizard.

    Attributes:
        id: Its name; actions name the steps they are valid in.
        title: The heading.
        intro: A text under the heading.
        fields: What the user fills in.
        rules: What must hold between fields of this step and of those before.
        when: The step is left out unless this holds.
    """

    id: Key
    title: Title
    intro: str | None = None
    fields: Entries
    rules: tuple[Rule, ...] = ()
    when: Comparison | None = None


class _Frame(NamedTuple):
    """What stands around a step's fields: where in the flow it is, in the texts of one language."""

    step: str
    is_first: bool
    is_last: bool
    where: str
    back: str
    next: str

    @classmethod
    def of(cls, ids: Sequence[str], step: str, words: Words) -> _Frame:
        number, count = ids.index(step) + 1, len(ids)
        where = words("wizard.step", number=str(number), count=str(count))
        back, onward = words("wizard.back"), words("wizard.next")
        return cls(step, number == 1, number == count, where, back, onward)


class WizardTemplate(Frozen):
    """A form in steps, as an app writes it.

    Attributes:
        version: Rises when the wizard changes.
        title: The heading above every step.
        steps: In order; at least one.
        review: Whether a last step shows what was entered.
        buttons: What the user can press in the last step; a submit sends the fields of all steps.
        side_buttons: What the user can press in every step, such as a way out; they send no field.
        next_label: Of the button to the next step; a text of the library's own by default.
        back_label: Of the button to the step before.
    """

    version: Annotated[int, Setting(ge=1)] = 1
    title: Title
    steps: Annotated[tuple[Step, ...], Setting(min_length=1)]
    review: bool = True
    buttons: Annotated[tuple[Button, ...], Setting(min_length=1)]
    side_buttons: tuple[Button, ...] = ()
    next_label: Title | None = None
    back_label: Title | None = None

    @model_validator(mode="after")
    def _names_fit(self) -> WizardTemplate:
        names = [step.id for step in self.steps]
        if len(set(names)) != len(names) or REVIEW in names:
            raise ValueError(f"step ids must differ, and none may be {REVIEW!r}")
        if not any(button.submit for button in self.buttons):
            raise ValueError("one of the buttons sends the fields: submit: true")
        conditions = [step.when for step in self.steps if step.when is not None]
        by_id = {item.id: item for item in self.fields}
        odd = next((why for item in conditions if (why := misfit(item, by_id))), None)
        if odd is not None:
            raise ValueError(f"a step depends on what does not compare: {odd}")
        if any(button.submit for button in self.side_buttons):
            raise ValueError("side_buttons send no fields; a submit belongs to buttons")
        check_names(self.fields, [rule for step in self.steps for rule in step.rules])
        before: set[str] = set()
        for step in self.steps:
            own = {item.id for item in step.fields}
            late = unknown_names(step.rules, before | own)
            strange = sorted({rule.field for rule in step.rules} - own)
            if late or strange:
                raise ValueError(
                    f"a rule of {step.id!r} is about a field of its own, held against one of it or "
                    f"of a step before; found {(late or strange)[0]!r}"
                )
            unknown = unknown_names([step.when] if step.when else [], before)
            if unknown:
                raise ValueError(
                    f"{step.id!r} depends on {unknown[0]!r}, which no step before asks"
                )
            before |= own
        return self

    @property
    def fields(self) -> tuple[Editable, ...]:
        """The fields and rows of all steps."""
        return tuple(item for step in self.steps for item in step.fields)

    def step_ids(self, draft: Mapping[str, Json]) -> tuple[str, ...]:
        """The steps there are, given what was entered so far; the review is the last."""
        values: dict[str, Json] = {}
        ids = []
        for step in self.steps:
            if step.when is None or holds(step.when, values):
                ids.append(step.id)
                values.update(typed_values(step.fields, draft)[0])
        return (*ids, REVIEW) if self.review else tuple(ids)

    def in_play(self, draft: Mapping[str, Json]) -> Iterator[Step]:
        """The steps whose fields count."""
        ids = self.step_ids(draft)
        return (step for step in self.steps if step.id in ids)

    def view(
        self, template_id: str, words: Words, draft: Mapping[str, Json], step: str | None
    ) -> View:
        """The view of one step.

        Args:
            template_id: The name the wizard is registered under.
            words: The library's own texts.
            draft: What was entered so far.
            step: The step to show; None, or one that is not there now, for the first.
        """
        ids = self.step_ids(draft)
        now = step if step in ids else ids[0]
        frame = _Frame.of(ids, now, words)
        if now == REVIEW:
            return self._view(template_id, frame, self._review(draft, words))
        body = next(item for item in self.steps if item.id == now)
        return kept_view(
            self, (template_id, frame), lambda: self._view(template_id, frame, _fields(body))
        )

    def _view(self, template_id: str, frame: _Frame, body: Node) -> View:
        buttons = Actions(key="actions", children=self._buttons(frame))
        where = Text(key="where", text=frame.where, style="caption")
        section = Section(key="wizard", title=self.title, level=2, children=(where, body, buttons))
        root = Stack(children=(Card(key="card", children=(section,)),))
        return View(root, template_id, self.version, frame.step)

    def _buttons(self, frame: _Frame) -> tuple[Button, ...]:
        back = Button(
            key="back",
            label=self.back_label or frame.back,
            action=PREVIOUS_STEP,
            submit=True,
            check=False,
        )
        onward = Button(
            key="next",
            label=self.next_label or frame.next,
            action=NEXT_STEP,
            submit=True,
            primary=True,
        )
        back_there = () if frame.is_first else (back,)
        return (*back_there, *(self.buttons if frame.is_last else (onward,)), *self.side_buttons)

    def _review(self, draft: Mapping[str, Json], words: Words) -> Node:
        sections = tuple(
            Section(
                key=step.id,
                title=step.title,
                level=4,
                children=tuple(_reviewed(step.fields, draft, words)),
            )
            for step in self.in_play(draft)
        )
        return Section(key="review", title=words("wizard.review"), level=3, children=sections)


def _fields(step: Step) -> Node:
    intro = () if step.intro is None else (Text(text=step.intro, key="intro"),)
    return Section(
        key=f"step-{step.id}",
        title=step.title,
        level=3,
        children=(*intro, *step.fields),
    )


_MOST_LINES: Final = 40
_MOST_CHARACTERS: Final = 4_000


def _short(text: str) -> str:
    """A long answer by its beginning: the review is for a look, and has to fit a message."""
    lines = text[:_MOST_CHARACTERS].split("\n")[:_MOST_LINES]
    found = "\n".join(lines)
    return found if found == text else f"{found} …"


def _reviewed(
    fields: tuple[Editable, ...], draft: Mapping[str, Json], words: Words
) -> Iterator[Node]:
    values, _ = typed_values(fields, draft)
    plain = [item for item in fields if isinstance(item, Field)]
    if plain:
        items = tuple(
            KeyValue(label=item.label, text=_short(shown(item, values[item.id], words)))
            for item in plain
        )
        yield KeyValues(key="values", items=items)
    for rows in (item for item in fields if isinstance(item, Rows)):
        lines = [
            " · ".join(shown(column, row[column.id], words) for column in rows.columns)
            for row in values[rows.id]
        ]
        text = _short("\n".join(lines)) or words("value.none")
        yield KeyValues(key=f"rows-{rows.id}", items=(KeyValue(label=rows.label, text=text),))
