"""What an app finds wrong in a wizard is shown in the step that asks for it."""

from __future__ import annotations

from typing import Any

from tests.examples import ROOT
from uicompiler import Action, Outcome, StateView, UIApp
from uicompiler.cli.live import Live
from uicompiler.ir.actions import Button
from uicompiler.ir.fields import Field
from uicompiler.ir.rows import Rows
from uicompiler.templates.wizard import Step, WizardTemplate

OPEN = {"type": "ui.show_form", "payload": {"form_id": "trip"}}
SHOW = {"kind": "model", "envelope": {"assistant_text": "", "directives": [OPEN]}}
NEXT, DONE = ({"kind": "action", "press": name} for name in ("ui.next", "done"))


def wizard() -> WizardTemplate:
    return WizardTemplate(
        title="Trip",
        steps=(
            Step(id="where", title="Where", fields=(Field(id="place", label="Place"),)),
            Step(
                id="who",
                title="Who",
                fields=(
                    Rows(id="guests", label="Guests", columns=(Field(id="name", label="Name"),)),
                ),
            ),
            Step(id="when", title="When", fields=(Field(id="day", kind="date", label="Day"),)),
        ),
        buttons=(Button(label="Done", action="done", submit=True),),
    )


def shown_after(errors: dict[str, str]) -> tuple[str | None, str]:
    """The step and the screen after the app found something wrong in the review."""

    def done(_action: Action, _view: StateView) -> Outcome:
        return Outcome(field_errors=errors)

    app = UIApp("trip")
    app.add_form("trip", wizard())
    app.add_action("done", done)
    add: dict[str, Any] = {"kind": "action", "press": "ui.add_row"}
    live = Live(app)
    *_, last = live.play([SHOW, NEXT, add, NEXT, NEXT, DONE])
    view = live.state.surfaces["main"].view
    return (None if view is None else view.step), last.screen


def test_the_first_step_with_an_error_is_shown() -> None:
    step, screen = shown_after({"day": "Not on Mondays.", "place": "We do not go there."})
    assert step == "where"
    assert "We do not go there." in screen


def test_a_cell_of_a_row_leads_to_the_step_of_the_rows() -> None:
    step, screen = shown_after({"guests/r1/name": "Banned."})
    assert step == "who"
    assert "Banned." in screen


def test_rows_as_a_whole_lead_to_their_step() -> None:
    step, screen = shown_after({"guests": "Too many."})
    assert step == "who"
    assert "Too many." in screen


def test_an_error_of_no_field_leaves_the_step_as_it_is() -> None:
    assert shown_after({"nothing": "No."})[0] == "review"


def test_the_hotel_leads_to_the_room() -> None:
    screens = (ROOT / "examples/booking/screens/hotel_says_no.txt").read_text("utf-8")
    page = next(item for item in screens.split("\n== ") if "Double room: 2 at most" in item)
    assert "Step 1 of 5" in page
