"""What a result says of itself."""

from __future__ import annotations

from tests.llm.scripted import Scripted, envelope
from uicompiler.app import UIApp
from uicompiler.llm.runner import run

WRONG = envelope(("ui.show_form", {"form_id": "nobody"}), text="Her number is 555-0199.")
GOOD = envelope(("ui.show_form", {"form_id": "contact"}), text="Her number is 555-0199.")


def test_a_result_prints_as_one_line_without_anybodys_words(crm: UIApp) -> None:
    told = repr(run("Who is it?", model="sim/x", app=crm, transport=Scripted([WRONG, GOOD])))
    assert told == (
        "<LLMResult ok=True attempts=2 cost_usd=None surfaces=['main'] codes=['LLM_REPAIR_ASKED']>"
    )
