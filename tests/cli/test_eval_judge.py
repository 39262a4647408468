"""The judge of evaluations shows what a client shows, and nothing that only the server knows."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.evals.rehearsal import FORM, envelope, prepared
from uicompiler.compiler import compile
from uicompiler.evals.prepared import Prepared
from uicompiler.evals.screen import Screen, ShownAction, ShownSurface

FIELDS = [
    {"id": "pin", "kind": "secret", "label": "PIN"},
    {"id": "rate", "kind": "slider", "label": "Rate", "min": 0, "max": 10, "default": 4},
    {"id": "day", "kind": "date", "label": "Day"},
    {"id": "many", "kind": "multi_choice", "label": "Many", "options": ["a", "b", "c"]},
    {"id": "agreed", "kind": "boolean", "label": "Agreed"},
]
INLINE = {"type": "ui.show_form", "payload": {"title": "Some", "fields": FIELDS}}


def shown(ready: Prepared, *directives: Any) -> Screen:
    return ready.stage.show(ready.compile(envelope(*directives)))


@pytest.fixture
def ready(tmp_path: Path) -> Prepared:
    return prepared(tmp_path, app="standard")


def test_fields_hold_what_a_client_would_send(ready: Prepared) -> None:
    values = [{"path": "/draft/many", "value": ["a", "c"]}]
    values += [{"path": "/draft/day", "value": "2026-03-06"}]
    form = {**INLINE, "payload": {**INLINE["payload"], "values": values}}
    fields = {item.id: item for item in shown(ready, form).surfaces["main"].fields}
    assert fields["rate"].value == 4
    assert fields["day"].value == "2026-03-06"
    assert tuple(fields["many"].value) == fields["many"].words == ("a", "c")
    assert (fields["agreed"].value, fields["agreed"].words) == (False, ("unchecked",))
    assert {item.label for item in fields.values()} == {"PIN", "Rate", "Day", "Many", "Agreed"}


def test_a_secret_that_was_typed_is_known_to_the_client_alone(tmp_path: Path) -> None:
    before = [{"turn": envelope(INLINE)}, {"edit": {"field": "pin", "value": "4711"}}]
    ready = prepared(tmp_path, app="standard", before=before)
    assert "4711" not in ready.stage.state.to_json()


def test_buttons_are_told_with_their_actions_and_their_words(ready: Prepared) -> None:
    assert shown(ready, INLINE).surfaces["main"].actions == (ShownAction("submit", "Submit"),)


def test_surfaces_have_the_apps_names_in_every_epoch(tmp_path: Path) -> None:
    ready = prepared(tmp_path, before=[{"turn": envelope(FORM)}])
    state = ready.stage.state
    again = compile(envelope(FORM), app=ready.app, state=state, update="reset")
    assert any("#e=2" in str(message) for message in again.messages)
    assert list(ready.stage.show(again).surfaces) == ["main"]


def test_a_surface_that_was_closed_is_not_on_the_screen(tmp_path: Path) -> None:
    ready = prepared(tmp_path, before=[{"turn": envelope(FORM)}])
    assert shown(ready, {"type": "ui.close", "payload": {}}).surfaces == {}
    assert isinstance(shown(ready).surfaces["main"], ShownSurface), "the stage is as it was"


def test_an_update_of_what_the_client_never_got_shows_nothing(tmp_path: Path) -> None:
    first, second = prepared(tmp_path), prepared(tmp_path, before=[{"turn": envelope(FORM)}])
    patch = {"type": "ui.patch", "payload": {"ops": [{"op": "set", "path": "name", "value": "B"}]}}
    update = second.compile(envelope(patch))
    assert second.stage.show(update).surfaces["main"].fields[0].value == "B"
    assert first.stage.show(update).surfaces == {}


def test_what_the_client_would_not_take_is_told_and_is_a_bad_grade(ready: Prepared) -> None:
    source = envelope(INLINE)
    result = ready.compile(source)
    bad = replace(result.batches[0], messages=({"bogus": 1},), encoded=(b'{"bogus":1}',))
    spoilt = replace(result, batches=(bad, *result.batches))
    assert len(ready.stage.show(spoilt).refused) == 1
    grades = {grade.name: grade for grade in ready.grade(source, spoilt)}
    assert not grades["client"].ok
    assert "SIM_" in grades["client"].detail
