"""Every kind of field, filled in by hand: what was typed is what the handler gets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from uicompiler.ir.field_kinds import KINDS
from uicompiler.ir.fields import FIELD_KINDS, Field

from .client import LOS_ANGELES, HostPage
from .forms import SURFACE, Visit
from .hands import Hands

pytestmark = pytest.mark.official

PLACES = ({"value": "north", "label": "In the north"}, {"value": "south", "label": "In the south"})
ENTERED: dict[str, tuple[str, Any, Any]] = {
    "short_text": ("TextField", "  Ada *Lovelace* ", "  Ada *Lovelace* "),
    "long_text": ("TextField", "One line. And [another].", "One line. And [another]."),
    "secret": ("TextField", "open sesame", None),
    "number": ("TextField", "-12.75", -12.75),
    "slider": ("Slider", 37, 37),
    "boolean": ("CheckBox", True, True),
    "choice": ("MultipleChoice", "south", "south"),
    "multi_choice": ("MultipleChoice", ["north", "south"], ("north", "south")),
    "date": ("DateTimeInput", "2027-02-28", "2027-02-28"),
    "time": ("DateTimeInput", "00:15", "00:15"),
    "datetime": ("DateTimeInput", "2027-03-14T02:30", "2027-03-14T02:30"),
    "tags": ("TextField", "red, green , blue", ("red", "green", "blue")),
    "email": ("TextField", "ada@example.org", "ada@example.org"),
    "url": ("TextField", "https://example.org/?q=1&r=2", "https://example.org/?q=1&r=2"),
    "phone": ("TextField", "+44 20 7946 0000", "+44 20 7946 0000"),
    "upload": ("TextField", '{"a": [1, 2]}', {"text": '{"a": [1, 2]}'}),
}
"""By kind: its component, what is entered, and what a handler should get of it."""


def field_of(kind: str) -> dict[str, Any]:
    """A field of a kind, with what the kind cannot be without."""
    more: dict[str, Any] = {}
    if kind in ("choice", "multi_choice"):
        more = {"options": PLACES}
    elif kind == "slider":
        more = {"min": 0, "max": 50}
    return {"id": f"a_{kind}", "kind": kind, "label": f"A {kind}", **more}


FIELDS = [field_of(kind) for kind in FIELD_KINDS]


def test_there_is_something_to_enter_for_every_kind() -> None:
    assert set(ENTERED) == set(FIELD_KINDS) == set(KINDS)


@pytest.mark.parametrize("zone", [LOS_ANGELES, "Asia/Tokyo", "UTC"])
def test_what_is_typed_into_every_kind_of_field_is_what_the_handler_gets(
    open_page: Callable[..., HostPage], zone: str
) -> None:
    visit = Visit(open_page(zone))
    hands = Hands(visit.page)
    visit.form(*FIELDS)
    for item in FIELDS:
        component, value, _ = ENTERED[item["kind"]]
        hands.fill(visit.input(item["id"], component), Field.model_validate(item), value)
    hands.press(visit.button("Submit"))
    step = visit.sent()
    assert step.action is not None
    got = dict(step.action.context)
    handle = got.pop("a_secret")
    assert step.secrets[handle] == ENTERED["secret"][1]
    assert got == {
        f"a_{kind}": given for kind, (_, _, given) in ENTERED.items() if kind != "secret"
    }
    assert hands.deeds >= len(FIELD_KINDS) + 1


def test_what_was_there_can_be_changed_and_taken_out(page: HostPage, hands: Hands) -> None:
    """From the first values to others, and then to nothing, by hand."""
    visit = Visit(page)
    values = {
        "a_short_text": "before",
        "a_number": 5,
        "a_slider": 20,
        "a_boolean": True,
        "a_choice": "north",
        "a_multi_choice": ["north"],
        "a_date": "2026-01-31",
        "a_time": "10:00",
        "a_datetime": "2026-01-31T10:00",
    }
    fields = [item for item in FIELDS if item["id"] in values]
    visit.form(*fields, values=[{"path": f"/draft/{k}", "value": v} for k, v in values.items()])
    for item in fields:
        component, value, _ = ENTERED[item["kind"]]
        hands.fill(visit.input(item["id"], component), Field.model_validate(item), value)
    hands.press(visit.button("Submit"))
    given = {item["id"]: ENTERED[item["kind"]][2] for item in fields}
    assert dict(visit.action().context) == given
    empty = {"boolean": False, "slider": 0, "choice": "", "multi_choice": []}
    for item in fields:
        component = ENTERED[item["kind"]][0]
        value = empty.get(item["kind"], "")
        hands.fill(visit.input(item["id"], component), Field.model_validate(item), value)
    hands.press(visit.button("Submit"))
    nothing = {"a_boolean": False, "a_slider": 0}
    got = dict(visit.action().context)
    assert got == {item["id"]: nothing.get(item["id"]) for item in fields}


def test_a_date_that_was_sent_shows_as_that_day_west_of_utc(page: HostPage) -> None:
    visit = Visit(page)
    value = {"path": "/draft/a_date", "value": "2026-05-06"}
    visit.form(field_of("date"), field_of("datetime"), values=[value])
    assert visit.input("a_date", "DateTimeInput").locator("input").input_value() == "2026-05-06"


def test_a_date_typed_from_the_front_is_asked_for_again(page: HostPage, hands: Hands) -> None:
    """The client empties the input at the year's first digit, and keeps a day of the year 2."""
    visit = Visit(page)
    visit.form(field_of("date"))
    element = visit.input("a_date", "DateTimeInput")
    element.locator("input").focus()
    page.page.keyboard.type("08012026")
    page.settle()
    hands.press(visit.button("Submit"))
    assert visit.sent().action is None
    assert ("caption", "\u26a0 Please enter a date.") in [
        (item.role, item.text) for item in page.visible(SURFACE)
    ]
    hands.fill(element, Field.model_validate(field_of("date")), "2026-08-01")
    hands.press(visit.button("Submit"))
    assert visit.action().context["a_date"] == "2026-08-01"


def test_text_that_is_half_typed_survives_a_turn_with_the_caret_in_it(
    page: HostPage, hands: Hands
) -> None:
    """Batches come while somebody types: data of another field, another field, the whole form."""
    visit = Visit(page)
    other = {"id": "other", "kind": "short_text", "label": "Another"}
    visit.form(field_of("long_text"), other)
    element = visit.input("a_long_text", "TextField")
    keys = page.page.keyboard
    hands.type(element, "The quick ")
    visit.says(
        {
            "type": "ui.patch",
            "payload": {"ops": [{"op": "set", "path": "/draft/other", "value": "x"}]},
        }
    )
    keys.type("brown fox ")
    more = {"id": "more", "kind": "short_text", "label": "One more"}
    visit.form(field_of("long_text"), other, more)
    keys.type("jumps.")
    page.settle()
    entry = element.locator("input")
    assert entry.input_value() == "The quick brown fox jumps."
    assert entry.evaluate("input => input.selectionStart") == len("The quick brown fox jumps.")
    assert page.data(SURFACE)["draft"]["a_long_text"] == {"v": "The quick brown fox jumps."}
    hands.press(visit.button("Submit"))
    assert visit.action().context["a_long_text"] == "The quick brown fox jumps."


def test_rows_are_added_filled_in_and_taken_out_by_hand(page: HostPage, hands: Hands) -> None:
    visit = Visit(page)
    columns = [{"id": "name", "kind": "short_text", "label": "Name"}]
    visit.form({"node": "rows", "id": "people", "label": "People", "columns": columns})
    for name in ("Ada", "Grace", "Emmy"):
        hands.press(visit.button("Add"))
        visit.sent()
        hands.type(page.of_kind("TextField").last, name)
    removers = [item.id for item in page.visible(SURFACE) if item.text == "Remove"]
    hands.press(page.find(removers[1]))
    visit.sent()
    hands.press(visit.button("Submit"))
    assert [row["name"] for row in visit.action().context["people"]] == ["Ada", "Emmy"]


def test_a_field_in_a_tab_or_behind_a_dialog_is_filled_in_there(
    page: HostPage, hands: Hands
) -> None:
    visit = Visit(page)
    inner = {"node": "field", **field_of("short_text")}
    hidden = {"node": "field", **field_of("email")}
    visit.view(
        {
            "node": "tabs",
            "children": [
                {"node": "tab", "title": "First", "children": [{"node": "text", "text": "One"}]},
                {"node": "tab", "title": "Second", "children": [inner]},
            ],
        },
        {"node": "disclosure", "title": "More", "children": [hidden]},
        {"node": "button", "label": "Send", "action": "submit", "submit": True},
    )
    assert not visit.input("a_short_text", "TextField").is_visible()
    assert not visit.input("a_email", "TextField").is_visible()
    hands.type(visit.input("a_short_text", "TextField"), "in a tab")
    hands.type(visit.input("a_email", "TextField"), "ada@example.org")
    hands.press(visit.button("Send"))  # which closes the dialog first, as a person has to
    got = visit.action().context
    assert dict(got) == {"a_short_text": "in a tab", "a_email": "ada@example.org"}
