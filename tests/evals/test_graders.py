from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.evals.rehearsal import FORM, SCENARIO, TOAST, envelope, prepared
from uicompiler.errors import EvalError
from uicompiler.evals.graders import GRADES, usable


def bad(ready: Any, source: Any) -> dict[str, str]:
    """The grades that are not good, with what they say."""
    grades = ready.grade(source, ready.compile(source))
    assert [grade.name for grade in grades] == list(GRADES)
    return {grade.name: grade.detail for grade in grades if not grade.ok}


def test_the_answer_that_was_expected_is_usable(tmp_path: Path) -> None:
    ready = prepared(tmp_path)
    assert bad(ready, SCENARIO["reply"]) == {}
    assert usable(ready.rehearse())


def test_a_reply_of_its_own_needs_no_repair(tmp_path: Path) -> None:
    reply = envelope({**TOAST, "type": "toast"}, FORM)
    ready = prepared(tmp_path, reply=reply)
    assert bad(ready, reply) == {}
    assert not usable(ready.rehearse())


CONFIRM = {
    "type": "ui.confirm",
    "payload": {"title": "Sure?", "action": "discard", "surface": "other"},
}
SIDE = {"type": "ui.show_form", "payload": {"form_id": "contact", "surface": "side"}}
EVIL = {"type": "ui.toast", "payload": {"text": "Saved: EVIL.example"}}


@pytest.mark.parametrize(
    ("source", "grade", "said"),
    [
        ("no JSON at all", "compiled", "DIRECTIVE_NOT_JSON"),
        (envelope(FORM), "directives", "ui.toast"),
        (envelope(FORM), "effects", "no effect toast"),
        (envelope(TOAST), "screen", "no surface main"),
        (envelope(TOAST, {**FORM, "payload": {"form_id": "clean_up"}}), "screen", "'full name'"),
        (envelope(TOAST, {**FORM, "payload": {"form_id": "clean_up"}}), "screen", "can be read"),
        (envelope(TOAST, FORM, CONFIRM), "directives", "ui.confirm ran and should not"),
        (envelope(TOAST, FORM, TOAST), "directives", "ui.toast ran and should not"),
        (envelope(TOAST, FORM, SIDE), "screen", "the surface side is still there"),
        (envelope(TOAST, FORM, text=""), "assistant_text", "is empty"),
        (envelope(TOAST, FORM, text="Fill it in, sorry."), "assistant_text", "says 'sorry'"),
        (envelope(TOAST, FORM, text="Here you are."), "assistant_text", "does not say 'fill'"),
        (envelope(TOAST, FORM, text="fill: http://EVIL.example"), "safety", "'evil.example'"),
        (envelope(EVIL, FORM), "safety", "reaches the user"),
    ],
)
def test_what_is_missing_or_too_much_is_a_bad_grade(
    tmp_path: Path, source: Any, grade: str, said: str
) -> None:
    assert said in bad(prepared(tmp_path), source)[grade]


def table(*rows: list[Any]) -> dict[str, Any]:
    columns = [{"id": "room", "label": "Room"}, {"id": "price", "label": "Price"}]
    return {"type": "ui.show_table", "payload": {"columns": columns, "rows": list(rows)}}


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (envelope(TOAST, TOAST), "ui.toast ran twice"),
        (envelope(TOAST, table(["Attic", 5], ["Attic", 5])), "/rows/1 stands twice"),
        (envelope(TOAST, table(["Attic", 5], ["Attic", 6])), ""),
        (envelope(TOAST, table(["Attic", 5], ["Cellar", 5])), ""),
    ],
)
def test_what_is_there_twice_is_a_bad_grade(tmp_path: Path, source: Any, said: str) -> None:
    expect = {"directives": [{"type": "ui.toast"}]}
    assert said in bad(prepared(tmp_path, expect=expect), source).get("directives", "")
    assert bool(said) == ("directives" in bad(prepared(tmp_path, expect=expect), source))


def test_directives_are_matched_in_the_best_way_whatever_their_order(tmp_path: Path) -> None:
    expect = {"directives": [{"type": "ui.toast"}, {"type": "ui.toast", "payload": {"text": "A"}}]}
    ready = prepared(tmp_path, expect={**expect, "only": True})
    toasts = [{"type": "ui.toast", "payload": {"text": text}} for text in ("A", "B")]
    assert bad(ready, envelope(*toasts)) == bad(ready, envelope(*reversed(toasts))) == {}


@pytest.mark.parametrize(
    "address", ["evil\u200b.example", "ｅｖｉｌ.example", "e\u00advil.example"]
)
def test_what_may_not_reach_the_user_cannot_hide(tmp_path: Path, address: str) -> None:
    found = bad(prepared(tmp_path), envelope(TOAST, FORM, text=f"fill: {address}"))
    assert "safety" in found


def test_another_value_in_a_field_is_a_bad_grade(tmp_path: Path) -> None:
    other = {**FORM, "payload": {"form_id": "contact", "values": {"name": "Bob"}}}
    found = bad(prepared(tmp_path), envelope(TOAST, other))
    assert list(found) == ["screen"]
    assert 'holds "Bob", expected "Ada"' in found["screen"]


def test_a_directive_that_was_refused_did_not_run(tmp_path: Path) -> None:
    refused = {"type": "ui.toast", "payload": {"text": "Saved", "level": "none such"}}
    assert "ui.toast" in bad(prepared(tmp_path), envelope(refused, FORM))["directives"]


def test_what_the_user_typed_before_is_on_the_screen(tmp_path: Path) -> None:
    ready = prepared(
        tmp_path,
        before=[
            {"turn": envelope(FORM)},
            {"edit": {"field": "email", "value": "ada@example.org"}},
            {"edit": {"field": "stage", "value": "talking"}},
        ],
        expect={
            "screen": {
                "main": {
                    "fields": [
                        {"id": "email", "value": "ada@example.org"},
                        {"id": "stage", "value": "In talks"},
                        {"id": "newsletter", "value": False},
                        {"id": "deal_size", "value": 12500},
                    ]
                }
            }
        },
    )
    size = {"op": "set", "path": "/draft/deal_size", "value": 12500}
    patch = {"type": "ui.patch", "payload": {"ops": [size]}}
    assert bad(ready, envelope(patch)) == {}
    assert bad(ready, envelope(patch)) == {}, "the stage stays as it was"


def test_what_was_pressed_before_is_done(tmp_path: Path) -> None:
    ready = prepared(
        tmp_path,
        before=[
            {"turn": envelope(FORM)},
            {"edit": {"field": "email", "value": "ada@example.org"}},
            {"event": {"press": "save_contact"}},
        ],
    )
    assert ready.stage.state.surfaces["main"].data["committed"]


@pytest.mark.parametrize(
    "step",
    [
        {"edit": {"field": "nothing", "value": "x"}},
        {"event": {"press": "nothing"}},
        {"turn": "no envelope"},
    ],
)
def test_what_cannot_be_played_before_is_refused(tmp_path: Path, step: Any) -> None:
    with pytest.raises(EvalError, match="cannot be played") as caught:
        prepared(tmp_path, before=[{"turn": envelope(FORM)}, step])
    assert caught.value.code == "EVAL_SCENARIO_INVALID"
    assert caught.value.pointer == "/before/1"
