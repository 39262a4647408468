"""Random forms, turns and journeys: the official client and checker accept every message.

In a journey (`tests/journeys.py`) the official client stands beside ClientSim: it is given the same
batches and the same keystrokes, and after every step it shows what the IR says and what was typed,
and holds what ClientSim holds.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.journeys import Journey, Script, scripts
from tests.stories import Story, budget, draft_path, forms, server_values, typed_values
from uicompiler import CompileResult

from .beside import Beside
from .bridge import OfficialClient, Session

pytestmark = pytest.mark.official

Validate = Callable[[Any], str | None]


def send(result: CompileResult, session: Session, sdk_validate: Validate) -> None:
    """Every message of a turn, to both official judges."""
    assert result.ok, result.diagnostics
    for batch in result.batches:
        assert session.apply_batch(batch.messages) is None
        assert sdk_validate(batch.messages) is None


@pytest.mark.fuzz
@given(forms(), st.data(), st.sampled_from(["auto", "full", "diff"]))
@budget(60)
def test_random_turns_are_accepted_and_end_like_the_sim(
    official: OfficialClient,
    sdk_validate: Validate,
    form: dict[str, Any],
    data: st.DataObject,
    update: Any,
) -> None:
    session, story = official.session(), Story()
    send(story.show(form), session, sdk_validate)
    item = data.draw(st.sampled_from(form["fields"]))
    value = data.draw(typed_values(item))
    # A browser input keeps only what fits its type, so the sim gets what the client stored, but for
    # options, which both know by other values than the form.
    edit = session.edit("main", story.input_id(item["id"]), story.wire(item["id"], value))
    stored = value if "options" in item else edit.value
    story.type_in(item["id"], int(stored) if item["kind"] == "slider" else stored)
    patched = data.draw(st.sampled_from(form["fields"]))
    op = {
        "op": "set",
        "path": draft_path(patched["id"]),
        "value": data.draw(server_values(patched)),
    }
    directive = {"type": "ui.patch", "payload": {"ops": [op]}}
    send(story.turn([directive], update), session, sdk_validate)
    send(story.show({**form, "values": []}, update), session, sdk_validate)
    state = session.state("main")
    assert state is not None
    assert state.data == story.sim.data("main")
    assert state.tree is not None


@pytest.mark.fuzz
@given(scripts(), st.sampled_from(["auto", "full", "diff"]))
@budget(60)
def test_a_journey_on_the_official_client_shows_what_the_ir_says(
    official: OfficialClient, sdk_validate: Validate, script: Script, update: Any
) -> None:
    with official.session() as session:
        beside = Beside(session, sdk_validate)
        journey = Journey.of(script, update=update, watch=beside)
        for step in script.steps:
            journey.step(step)
            beside.look(journey)


@given(forms())
@settings(max_examples=60, suppress_health_check=list(HealthCheck))
def test_random_texts_arrive_as_written(official: OfficialClient, form: dict[str, Any]) -> None:
    session, story = official.session(), Story()
    result = story.show({**form, "values": []})
    assert session.apply_batch(result.messages) is None
    shown = [item.text for item in session.visible("main")]
    assert "broken" not in {item.role for item in session.visible("main")}
    for text in [form["title"], *(field.get("help", "") for field in form["fields"])]:
        for line in filter(str.strip, text.split("\n")):
            assert plain(line) in map(plain, shown), (line, shown)


def plain(text: str) -> str:
    """Spaces of all kinds compare equal, as browsers collapse them."""
    return " ".join(text.replace("\u00a0", " ").split())
