"""A recorded conversation, played again by a person in a real browser.

`Visitor` stands before the page as `test_outputs.Person` stands before the official processor, and
does there with mouse and keys what the log says that the user did. What the page's host then sends
goes to the app's real handlers; what those decide and what goes out must be what the log holds, and
after every batch the page must show what the processor's model of the screen says.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import zip_longest
from pathlib import Path
from typing import Any, NamedTuple

from playwright.sync_api import Locator

from tests.examples import app_of, tool
from tests.official.bridge import Session, Shown
from tests.official.test_outputs import BOUND, Person, continued, directives_of
from uicompiler import (
    Action,
    ClientProfile,
    CompileResult,
    Receipt,
    TurnContext,
    UIState,
    compile,
    dispatch,
    replay,
)
from uicompiler.backends.ids import component_id
from uicompiler.conversation import client_from_json, dump, step_records, turn_records
from uicompiler.ir.field_kinds import REDACTED
from uicompiler.ir.fields import Field
from uicompiler.ir.inputs import Input
from uicompiler.ir.reserved import OWN_PREFIX

from .client import HostPage
from .hands import Hands

PIN = "471108"
"""What is typed where a log only says that there was a secret."""


@dataclass
class Visitor(Person):
    """Someone who types and looks, at the page and at the official processor.

    Attributes:
        page: The page.
        hands: What they type with.
        west: Whether the page is in a time zone west of UTC.
    """

    page: HostPage = field(kw_only=True)
    hands: Hands = field(kw_only=True)
    west: bool = field(kw_only=True)
    _left: dict[tuple[str, str], list[Shown]] = field(default_factory=dict)

    def see(self, result: CompileResult, directives: Sequence[Any]) -> None:
        """Take a turn's batches, and look at every surface after each, here and there."""
        for batch in result.batches:
            assert self.page.take(batch.messages) == []
            super().see(replace(result, batches=(batch,)), directives)

    def look(self, name: str) -> None:
        """Compare screen and data of the page with the processor's, and those with the IR."""
        super().look(name)
        surface_id = self.shown[name].surface_id
        state = self.session.state(surface_id)
        if state is None:
            assert surface_id not in self.page.surfaces()
            return
        pairs = differing(self.page.visible(surface_id), self.session.visible(surface_id))
        left = [pair for pair in pairs if not self._still(surface_id, *pair)]
        assert [pair for pair in left if not self._day_before(*pair)] == []
        assert self.page.data(surface_id) == state.data

    def _still(self, surface_id: str, shown: Shown | None, model: Shown | None) -> bool:
        """Whether an input holds what was typed, where the model says how it is drawn anew.

        The model empties a time, and has a slider's handle at 100 at most.
        """
        if shown is None or model is None or not (model.text == "" or model.role == "thumb"):
            return False
        return shown in self._left.get((surface_id, shown.id), ())

    def _day_before(self, shown: Shown | None, model: Shown | None) -> bool:
        """Whether a date that was picked here is drawn anew west of UTC, as the day before it."""
        if not self.west or shown is None or model is None or shown.role != "value":
            return False
        if not shown.id.endswith("-DateTimeInput") or len(shown.text) != len("2026-01-01"):
            return False
        day = date.fromisoformat(model.text) - timedelta(days=1)
        return shown == model._replace(text=day.isoformat())

    def type(self, surface: str, field_id: str, value: Any) -> None:
        """Enter a value into the real input."""
        known = next(item for item in self.surfaces[surface].inputs if item.id == field_id)
        value = PIN if value == REDACTED else value
        element = self.input_of(surface, known)
        self.hands.fill(element, known.field, value)
        self._note(self.shown[surface].surface_id, element.get_attribute("id") or "")
        super().type(surface, field_id, value)

    def _note(self, surface_id: str, component: str) -> None:
        """Remember what an input holds after typing: it is set again only when that changes."""
        shown = self.page.visible(surface_id)
        self._left[surface_id, component] = [
            item for item in shown if item.id == component and item.role in ("value", "thumb")
        ]

    def input_of(self, surface: str, known: Input) -> Locator:
        """The component of an input."""
        surface_id = self.shown[surface].surface_id
        ids = [component_id(("field", *known.place), kind) for kind in BOUND]
        found = [self.page.find(ident, surface_id) for ident in ids]
        return next(item for item in found if item.count() == 1)

    def press(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """Press the button an event came from; what the host page built of it."""
        action = event["userAction"]
        self.page.at(action["timestamp"])
        self.hands.press(self.page.find(action["sourceComponentId"], action["surfaceId"]))
        [heard] = self.page.heard()
        return heard


def differing(page: Sequence[Shown], model: Sequence[Shown]) -> list[tuple[Any, Any]]:
    """What stands at the same place of the page and of the processor's model, and is not equal."""
    return [pair for pair in zip_longest(page, model) if pair[0] != pair[1]]


class Told(NamedTuple):
    """What a handler was given of an input, beside what was typed there.

    Attributes:
        field: The input's field.
        typed: What the log says that was typed.
        given: What the action's context has for it.
    """

    field: Field
    typed: Any
    given: Any


class Play:
    """One log, played.

    Attributes:
        visitor: Who plays it.
        records: What a log of this run holds, of turns alone.
        told: Of every input that was typed in, what a handler got of it next.
        secrets: By handle, what was typed into secret fields.
        waiting: By surface and input, what was typed and no handler was told of yet.
    """

    def __init__(self, path: Path, session: Session, page: HostPage, *, west: bool = True) -> None:
        self._path = path
        self._app = app_of(path)
        self._log = replay.read_log(path)
        self._client = ClientProfile.web_core()
        self._state = UIState()
        self._receipts: dict[str, Receipt] = {}
        self._signer = tool().signer_for(path.read_bytes())
        self._event: dict[str, Any] = {}
        self.waiting: dict[tuple[str, str], tuple[Field, Any]] = {}
        self.secrets: dict[str, str] = {}
        self._language = "en"
        self.visitor = Visitor(session, self._app, page=page, hands=Hands(page), west=west)
        self.records: list[Mapping[str, Any]] = []
        self.told: list[Told] = []

    def run(self, after_turn: Callable[[int], None] = lambda number: None) -> None:
        """Do all that the log says.

        Args:
            after_turn: Called with the number of each turn when the page shows it.
        """
        turns = 0
        for index, record in enumerate(self._log):
            if record.kind == "meta":
                self._client = client_from_json(record.data["client"])
                self._state = UIState(record.data["conversation_id"])
            elif record.kind == "edit":
                self._edit(record.data)
            elif record.kind in ("model", "action", "error"):
                self._turn([item.data for item in self._log[index:]])
                turns += 1
                after_turn(turns)

    def expected(self) -> bytes:
        """The log, of turns alone."""
        return dump(item for item in self._log if item.kind not in ("meta", "edit"))

    def _edit(self, data: Mapping[str, Any]) -> None:
        surface, name, value = data["surface"], data["field"], data["value"]
        self.visitor.type(surface, name, value)
        inputs = self.visitor.surfaces[surface].inputs
        known = next(item.field for item in inputs if item.id == name)
        self.waiting[surface, name] = (known, value)

    def _turn(self, said: Sequence[Mapping[str, Any]]) -> None:
        cause = said[0]
        self._language = cause.get("language", self._language)
        turn = TurnContext(
            conversation_id=self._state.conversation_id,
            turn_index=cause["turn_index"],
            request_id=cause["request_id"],
            now=cause["now"],
            signer=self._signer,
            language=self._language,
            seen=None,
        )
        result = self._model(cause, turn) if cause["kind"] == "model" else self._sent(said, turn)
        self._state = result.state
        self.visitor.see(result, directives_of(said))

    def _model(self, cause: Mapping[str, Any], turn: TurnContext) -> CompileResult:
        source = cause["text"] if "text" in cause else cause["envelope"]
        result = compile(source, app=self._app, state=self._state, client=self._client, turn=turn)
        self.records += turn_records(source, result, turn)
        return result

    def _sent(self, said: Sequence[Mapping[str, Any]], turn: TurnContext) -> CompileResult:
        """An event, as the page built it, to the real handler."""
        goes_on = continued(said)
        results = said[1]["tool_results"] if goes_on else None
        if goes_on:
            turn = replace(turn, seen=self._receipts)
        elif said[0]["kind"] == "error":
            self._event = said[0]["event"]  # the renderer reports none; a host may
        else:
            self._event = self.visitor.press(said[0]["event"])
        before = self._state
        step = dispatch(
            self._event,
            state=before,
            app=self._app,
            client=self._client,
            turn=turn,
            tool_results=results,
        )
        if step.receipt is not None:
            self._receipts[step.receipt.key] = step.receipt
        if step.action is not None:
            self._tell(step.action)
        self.secrets |= step.secrets
        self.records += step_records(
            self._event, step, turn=turn, state=before, tool_results=results
        )
        return step

    def _tell(self, action: Action) -> None:
        """Note what a handler got of what was typed."""
        for (surface, name), (known, typed) in list(self.waiting.items()):
            given = _given(action.context, *name.split("/"))
            if surface == action.surface and not (given is None and _goes_on(action)):
                self.told.append(Told(known, typed, given))
                del self.waiting[surface, name]


def _goes_on(action: Action) -> bool:
    """Whether an action may go by what was typed, as it is no submit of the app's own."""
    return action.name.startswith(OWN_PREFIX) or not action.context


def _given(context: Mapping[str, Any], name: str, *cell: str) -> Any:
    """An input's value in an action's context; a cell's in its row; None where there is none."""
    if not cell:
        return context.get(name)
    row, column = cell
    return next((item[column] for item in context.get(name, ()) if item["id"] == row), None)
