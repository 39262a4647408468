"""A scripted conversation, live: the app's real handlers on one side, a ClientSim on the other.

A script is a conversation log with less in it. Of an action only the button is needed
(`"press": "save_contact"`; where several share an action, the `"row"` it is in, or `"component"`),
of an error only a message; `meta` may be left out, and so may turn_index, request_id and now. An
action of `"tool_results"` alone is what the edge's tools gave for the action before it. A restore
needs where `to`. Outcomes and batches are passed over, so that a whole log is a script too. What
comes out is a whole log.

Deterministic: no clock, no randomness; times come from the script, or count up from a fixed one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Final

from clientsim import PROFILES, ClientSim, ClientSimError
from uicompiler.app import Action, ClientProfile, Receipt, Signer, TurnContext, UIApp, Update
from uicompiler.backends.a2ui_v0_8.lower.view import button_ids
from uicompiler.backends.base import Message
from uicompiler.backends.ids import component_id, parse_surface_id, wire_surface_id
from uicompiler.compiler import CompileResult, compile, resolve, restore
from uicompiler.conversation import (
    Raw,
    Record,
    Source,
    client_from_json,
    edit_record,
    invalid_record,
    meta_record,
    read_records,
    restore_records,
    step_records,
    turn_records,
)
from uicompiler.dispatcher import dispatch_with
from uicompiler.ir.field_kinds import REDACTED
from uicompiler.ir.state import UIState
from uicompiler.ir.values import Json

_START: Final = datetime(2026, 1, 1, 9, 0, 0)  # written with its Z by hand
OWN_INPUTS: Final[Mapping[str, str]] = MappingProxyType({"FileUpload": "value"})
"""What an app's own catalog may have, and where such a component writes to."""

INPUTS: Final = (
    "TextField",
    "CheckBox",
    "MultipleChoice",
    "DateTimeInput",
    "Slider",
    "FileUpload",
)
_MAIN: Final = "main"


@dataclass(frozen=True, slots=True)
class LiveStep:
    """One record of the script, done.

    Attributes:
        record: The record as the script has it.
        says: What was done, in words.
        result: What the library answered; None for a meta record or an edit.
        messages: What went to the client.
        screen: What the client shows then, all surfaces.
        action: What the user did, as the app got it; None unless an action was accepted.
        records: What the log says about it.
    """

    record: Record
    says: str
    result: CompileResult | None
    messages: tuple[Message, ...]
    screen: str
    action: Action | None
    records: tuple[Raw, ...]


def play(
    script: Source | Iterable[Record], app: UIApp, *, signer: Signer | None = None
) -> Iterator[LiveStep]:
    """Run a script and yield each step as it is done.

    Args:
        script: JSON Lines, the path of a file of them, or records.
        app: The app; its handlers decide.
        signer: Derives nonces, if there are to be any.

    Raises:
        StoreError: REPLAY_RECORD_INVALID, a record that cannot be done, with its line.
        Exception: whatever the app's own handlers raise.
    """
    yield from Live(app, signer=signer).play(script)


def play_all(
    script: Source | Iterable[Record], app: UIApp, *, signer: Signer | None = None
) -> list[Raw]:
    """The whole log of a script; see `play`."""
    return [record for step in play(script, app, signer=signer) for record in step.records]


def _script(records: Iterable[Record]) -> Iterator[Record]:
    """The records to do: meta first, tool results with their action, nothing that is output."""
    waiting: Record | None = None
    for index, record in enumerate(records):
        kind = record.data.get("kind")
        if index == 0 and kind != "meta":
            yield Record(record.line, {"v": 1, "kind": "meta"})
        if kind == "outcome" and waiting is not None:
            results = record.data.get("tool_results")
            waiting = Record(waiting.line, {**waiting.data, "tool_results": results})
        if kind in ("outcome", "batch"):
            continue
        if waiting is not None:
            yield waiting
        waiting = record
    if waiting is not None:
        yield waiting


class Live:
    """A conversation going on: the state on the server, the screen of the client.

    Args:
        app: The app.
        signer: Derives nonces, if there are to be any.

    Attributes:
        state: The server's state.
        sim: The client.
        records: The log so far.
    """

    def __init__(self, app: UIApp, *, signer: Signer | None = None) -> None:
        self.state = UIState()
        self.sim = ClientSim(own_inputs=OWN_INPUTS)
        self.records: list[Raw] = []
        self._app = app
        self._signer = signer
        self._client = ClientProfile.web_core()
        self._update: Update = "auto"
        self._turns = 0
        self._language = "en"
        self._event: Mapping[str, Any] = {}
        self._receipts: dict[str, Receipt] = {}
        self._past: dict[int, UIState] = {}

    def play(self, script: Source | Iterable[Record]) -> Iterator[LiveStep]:
        """Do a whole script; see the function `play`."""
        for record in _script(read_records(script)):
            yield self.step(record)

    def step(self, record: Record) -> LiveStep:
        """Do one record of a script.

        Raises:
            StoreError: REPLAY_RECORD_INVALID, it cannot be done; the message says why.
        """
        do = {
            "meta": self._meta,
            "model": self._model,
            "edit": self._edit,
            "action": self._action,
            "error": self._error,
            "restore": self._restore,
        }.get(str(record.data.get("kind")))
        if do is None or (bool(self.records) == (record.kind == "meta")):
            hint = "one meta record, then model, edit, action, error and restore"
            raise invalid_record(record.line, "no such record can be done here", "/kind", hint)
        try:
            step = do(record)
        except ClientSimError as exc:
            raise invalid_record(record.line, f"the client cannot do that: {exc}") from exc
        self.records.extend(step.records)
        return step

    def screen(self) -> str:
        """What the client shows, surface after surface."""
        return "\n".join(filter(None, map(self.sim.screen, self.sim.surface_ids())))

    # --- kinds of records -------------------------------------------------------------------------

    def _meta(self, record: Record) -> LiveStep:
        data = record.data
        try:
            self._client = client_from_json(data.get("client", "web_core"))
        except ValueError as exc:
            raise invalid_record(record.line, str(exc), "/client") from exc
        known = self._client.name in PROFILES
        profile = self._client.name if known else "web_core"
        self.sim = ClientSim(profile, own_inputs=OWN_INPUTS)
        self.state = self._past[0] = UIState(data.get("conversation_id", ""))
        self._update = data.get("update", "auto")
        self._language = "en"
        meta = meta_record(
            self._app,
            conversation_id=self.state.conversation_id,
            client=self._client,
            update=self._update,
            library=data.get("versions", {}).get("library"),
        )
        return self._done(record, f"the app {self._app.id}", None, [meta])

    def _model(self, record: Record) -> LiveStep:
        turn = self._turn(record)
        source = _need(record, "text", "envelope")
        result = compile(
            source,
            app=self._app,
            state=self.state,
            client=self._client,
            turn=turn,
            update=self._update,
        )
        self._take(result)
        return self._done(record, "the model answers", result, turn_records(source, result, turn))

    def _edit(self, record: Record) -> LiveStep:
        surface = record.data.get("surface", _MAIN)
        field, value = _need(record, "field"), _need(record, "value")
        if self._is_secret(surface, field) and value:
            # Neither log nor screen may hold one, and the log has to run as the script did.
            value = REDACTED
        node = self._input(surface, field)
        kind = node["type"]
        typed = [value] if kind == "MultipleChoice" and not isinstance(value, list) else value
        self.sim.edit(self._wire_id(surface), str(node["id"]), typed)
        says = f"the user enters {field}: {value!r}"
        return self._done(record, says, None, [edit_record(surface, field, value)])

    def _action(self, record: Record) -> LiveStep:
        results = record.data.get("tool_results")
        turn = self._turn(record)
        if results is not None:
            # The first answer's receipt knows the action, whatever is shown by now.
            turn = replace(turn, seen=self._receipts)
            return self._sent(record, turn, f"tools answer: {', '.join(results)}", results)
        self._event = self._pressed(record, turn)
        says = f"the user presses {self._event['userAction']['name']}"
        return self._sent(record, turn, says, None)

    def _error(self, record: Record) -> LiveStep:
        event = record.data.get("event")
        if event is None:
            surface = self._wire_id(record.data.get("surface", _MAIN))
            event = self.sim.report_error(surface, _need(record, "message"))
        self._event = event
        return self._sent(record, self._turn(record), "the client reports an error", None)

    def _restore(self, record: Record) -> LiveStep:
        to, turn = _need(record, "to"), self._turn(record)
        if to not in self._past:
            raise invalid_record(record.line, f"no turn has the turn_index {to}", "/to")
        result = restore(self.state, self._past[to], app=self._app, client=self._client, turn=turn)
        self._take(result)
        says = f"the conversation goes to what turn {to} left"
        return self._done(record, says, result, restore_records(to, result, turn))

    # --- the client -------------------------------------------------------------------------------

    def _input(self, surface: str, field: str) -> dict[str, object]:
        """The input of a field, as the client shows it."""
        known = self.state.surfaces.get(surface)
        places = [] if known is None else [i.place for i in known.inputs if i.id == field]
        ids = {component_id(("field", *place), kind) for place in places for kind in INPUTS}
        nodes = self.sim.nodes(self._wire_id(surface))
        found = next((node for node in nodes if node["id"] in ids), None)
        if found is None:
            raise ClientSimError(f"no input of the field {field!r} on the surface {surface!r}")
        return found

    def _is_secret(self, surface: str, field: str) -> bool:
        known = self.state.surfaces.get(surface)
        inputs = () if known is None else known.inputs
        return any(item.id == field and item.field.kind == "secret" for item in inputs)

    def _pressed(self, record: Record, turn: TurnContext) -> dict[str, Any]:
        name, component, surface = _button(record)
        among = self._in_row(surface, record.data.get("row"))
        buttons = (n for n in self.sim.nodes(self._wire_id(surface)) if n["type"] == "Button")
        for node in buttons:
            props: Any = node["props"]  # `Any`: whatever the stream said
            if among is not None and node["id"] not in among:
                continue
            if component in (None, node["id"]) and props["action"]["name"] == name:
                wire_id, ident = self._wire_id(surface), str(node["id"])
                return self.sim.press(wire_id, ident, timestamp=turn.now)
        raise ClientSimError(f"no button sends {name!r} on the surface {surface!r}")

    def _in_row(self, surface: str, row: Json) -> set[str] | None:
        """Ids of the buttons in a row of a list, table or rows; None for no row named."""
        known = self.state.surfaces.get(surface)
        if row is None or known is None:
            return None
        return {ident for ident, pressed in button_ids(known).items() if pressed.row == row}

    def _wire_id(self, surface: str) -> str:
        known = self.state.surfaces.get(surface)
        return surface if known is None else wire_surface_id(surface, known.epoch)

    # --- the server -------------------------------------------------------------------------------

    def _turn(self, record: Record) -> TurnContext:
        index = record.data.get("turn_index", self._turns + 1)
        self._turns = index
        self._language = record.data.get("language", self._language)
        return TurnContext(
            conversation_id=self.state.conversation_id,
            turn_index=index,
            request_id=record.data.get("request_id", f"r{index}"),
            now=record.data.get("now", f"{(_START + timedelta(minutes=index)).isoformat()}Z"),
            signer=self._signer,
            language=self._language,
        )

    def _sent(
        self, record: Record, turn: TurnContext, says: str, results: Mapping[str, Json] | None
    ) -> LiveStep:
        before = self.state
        settings = resolve(
            self._app, before, "a2ui-v0.8", self._client, turn, strict=False, update="auto"
        )
        # The script may come from a log, which says of a secret only that there was one.
        step = dispatch_with(
            self._event, state=before, turn=settings, tool_results=results, recorded=True
        )
        self._take(step)
        if step.receipt is not None:
            self._receipts[step.receipt.key] = step.receipt
        told = step_records(self._event, step, turn=turn, state=before, tool_results=results)
        return replace(self._done(record, says, step, told), action=step.action)

    def _take(self, result: CompileResult) -> None:
        self.state = result.state
        if self._turns:
            self._past[self._turns] = result.state
        for message in result.messages:
            self.sim.apply(message)

    def _done(
        self, record: Record, says: str, result: CompileResult | None, told: Iterable[Raw]
    ) -> LiveStep:
        messages = () if result is None else result.messages
        return LiveStep(record, says, result, messages, self.screen(), None, tuple(told))


def _need(record: Record, *keys: str) -> Json:
    """The value of the first of some keys that a record has."""
    for key in keys:
        if key in record.data:
            return record.data[key]
    raise invalid_record(record.line, f"a {record.kind} record needs {' or '.join(keys)}")


def _button(record: Record) -> tuple[str, str | None, str]:
    """Action, component (None for any) and surface of the button to press."""
    data = record.data
    if "press" in data:
        return data["press"], data.get("component"), data.get("surface", _MAIN)
    event = _need(record, "press", "event")["userAction"]
    address = parse_surface_id(event.get("surfaceId", _MAIN))
    surface = _MAIN if address is None else address.surface
    return event["name"], event.get("sourceComponentId"), surface


def simulate(messages: Iterable[Mapping[str, Any]]) -> Mapping[str, Any]:
    """What a client shows and holds after some messages: for `create_app(simulate=…)`."""
    sim = ClientSim(own_inputs=OWN_INPUTS)
    for message in messages:
        sim.apply(message)
    screens = {name: sim.screen(name) for name in sim.surface_ids()}
    return {**sim.report(), "screens": screens}
