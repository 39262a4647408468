"""The judge of an evaluation: a ClientSim that plays what comes before, and shows the answer.

What a field holds is asked of the client, not of the state: the value it would send, read back as
ingress reads it, and the words a person sees.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import Any, Final

from clientsim import ClientSim, ClientSimError
from uicompiler.app import UIApp
from uicompiler.backends.a2ui_v0_8.values import decode
from uicompiler.backends.ids import component_id, parse_surface_id
from uicompiler.cli.live import INPUTS, OWN_INPUTS, Live
from uicompiler.compiler import CompileResult
from uicompiler.conversation import Record
from uicompiler.errors import Diagnostic, EvalError, UICompilerError, diagnostic
from uicompiler.evals.scenario import Before, Scenario
from uicompiler.evals.screen import Screen, ShownAction, ShownField, ShownSurface, Stage
from uicompiler.ir.inputs import Input
from uicompiler.ir.state import UIState

_PROPERTIES: Final[Mapping[str, str]] = {
    "TextField": "text",
    "MultipleChoice": "selections",
    **OWN_INPUTS,
}
"""The property that is bound to an input's value; `value` for the others."""
_MOST_KEPT: Final = 256


class ClientSimJudge:
    """Judges with the client that behaves as the official web client does."""

    def stage(self, scenario: Scenario, app: UIApp) -> Stage:
        """Play what comes before.

        Raises:
            EvalError: EVAL_SCENARIO_INVALID, it cannot be played.
        """
        live = Live(app)
        live.step(Record(0, {"v": 1, "kind": "meta"}))
        for index, step in enumerate(scenario.before):
            try:
                done = live.step(Record(index + 1, _record(step, scenario.language)))
            except (UICompilerError, ClientSimError) as exc:
                raise _unplayable(scenario, index, str(exc)) from exc
            if done.result is not None and not done.result.ok:
                codes = ", ".join(sorted({item.code for item in done.result.diagnostics}))
                raise _unplayable(scenario, index, f"nothing of it can be shown: {codes}")
        return _SimStage(live.state, live.sim)


def _record(step: Before, language: str) -> Mapping[str, Any]:
    if step.edit is not None:
        return {"kind": "edit", **step.edit.model_dump()}
    if step.event is not None:
        pressed = step.event.model_dump(exclude_none=True)
        return {"kind": "action", "language": language, **pressed}
    return {"kind": "model", "language": language, "envelope": step.turn}


def _unplayable(scenario: Scenario, index: int, why: str) -> EvalError:
    message = f"{scenario.id}: what comes before cannot be played: {why}"
    found: Diagnostic = diagnostic("EVAL_SCENARIO_INVALID", message, pointer=f"/before/{index}")
    return EvalError([found])


class _SimStage:
    """The server's state, and the client that shows it."""

    def __init__(self, state: UIState, sim: ClientSim) -> None:
        self.state = state
        self._sim = sim
        # Most answers to one message come to the same messages.
        self._shown: dict[bytes, Screen] = {}

    def show(self, result: CompileResult) -> Screen:
        sent = result.jsonl()
        if sent not in self._shown:
            if len(self._shown) >= _MOST_KEPT:
                self._shown.clear()
            self._shown[sent] = self._screen(result)
        return self._shown[sent]

    def _screen(self, result: CompileResult) -> Screen:
        sim = copy.deepcopy(self._sim)
        before = len(sim.errors)
        for message in result.messages:
            sim.apply(message)
        refused = tuple(f"{error.code}: {error.message}" for error in sim.errors[before:])
        return Screen(dict(_surfaces(sim, result.state)), refused)


def _surfaces(sim: ClientSim, state: UIState) -> Iterator[tuple[str, ShownSurface]]:
    for wire_id in sim.surface_ids():
        address = parse_surface_id(wire_id)
        if address is None or not sim.ready(wire_id):
            continue
        known = state.surfaces.get(address.surface)
        inputs = () if known is None else known.inputs
        yield address.surface, _surface(sim, wire_id, inputs)


def _surface(sim: ClientSim, wire_id: str, inputs: tuple[Input, ...]) -> ShownSurface:
    words = sim.visible(wire_id)
    nodes = list(sim.nodes(wire_id))
    texts = tuple(said for _, _, said in words if said)
    labels = {ident: said for ident, role, said in words if role == "button"}
    by_id: dict[str, Any] = {str(node["id"]): node for node in nodes}
    fields = (_field(sim, wire_id, item, by_id, words) for item in inputs)
    return ShownSurface(
        texts,
        tuple(field for field in fields if field is not None),
        tuple(_actions(nodes, labels)),
    )


def _field(
    sim: ClientSim,
    wire_id: str,
    item: Input,
    nodes: Mapping[str, Any],
    words: list[tuple[str, str, str]],
) -> ShownField | None:
    """The input as the client shows it, or None when it does not."""
    ids = (component_id(("field", *item.place), kind) for kind in INPUTS)
    node = next((nodes[ident] for ident in ids if ident in nodes), None)
    if node is None:
        return None
    bound = node["props"].get(_PROPERTIES.get(node["type"], "value")) or {}
    path = bound.get("path") if isinstance(bound, dict) else None
    held = None if path is None else sim.value_at(wire_id, path, str(node["context"]))
    label = item.field.label
    can_be_read = any(label in said for _, _, said in words)
    read = tuple(said for ident, role, said in words if ident == node["id"] and role == "value")
    return ShownField(item.id, label if can_be_read else "", decode(item.field, held).value, read)


def _actions(nodes: list[dict[str, Any]], labels: Mapping[str, str]) -> Iterator[ShownAction]:
    for node in nodes:
        action = node["props"].get("action") if node["type"] == "Button" else None
        if isinstance(action, dict):
            yield ShownAction(str(action.get("name")), labels.get(str(node["id"]), ""))
