"""Everything a user does works with JavaScript off: real forms, real pages."""

from __future__ import annotations

import json

CARD = {"data": {"name": "Ada", "description": "First <b>programmer</b>", "tags": ["maths"]}}


def test_a_form_is_filled_in_mended_and_saved(at) -> None:
    page = at("crm").begin(turn="01_show_form")
    page.press("Save", {"name": "", "email": "ada at example.org"})
    assert page.response.status_code == 422
    assert page.error_of("email").startswith("Please enter an e-mail address")
    assert page.error_of("name") == "Please fill this in."
    assert page.values()["f.email"] == "ada at example.org"
    page.press("Save", {"name": "Ada", "email": "ada@example.org", "newsletter": "true"})
    assert page.response.status_code == 200
    assert "Contact saved." in page.text
    saved = page.state.surfaces["main"].data["committed"]["contact"]
    assert (saved["name"], saved["newsletter"]) == ("Ada", True)


def test_a_wizard_goes_on_and_back_and_forgets_nothing(at) -> None:
    page = at("booking").begin(turn="01_show_wizard")
    stay = {"arrival": "2026-03-02", "departure": "2026-03-05", "room": "double"}
    page.press("Next", stay)
    assert "Who is coming?" in page.text
    page.press("Back", {"guests/r1/name": "Alan"})
    assert page.values()["f.arrival"] == "2026-03-02"
    page.press("Next")
    assert page.values()["f.guests/r1/name"] == "Alan"


def test_rows_are_added_and_taken_out(at) -> None:
    page = at("booking").begin(turn="01_show_wizard")
    page.press("Next", {"arrival": "2026-03-02", "departure": "2026-03-05"})
    before = [name for name in page.values() if name.endswith("/name")]
    page.press("Add a guest", {before[0].removeprefix("f."): "Alan"})
    after = [name for name in page.values() if name.endswith("/name")]
    assert len(after) == len(before) + 1
    page.press("Remove this guest")
    assert len([name for name in page.values() if name.endswith("/name")]) == len(before)


def test_a_whole_booking_is_made_and_cancelled(at) -> None:
    page = at("booking").begin(conversation="whole_booking")
    stay = {"arrival": "2026-03-02", "departure": "2026-03-05", "room": "single", "budget": "100"}
    page.press("Next", stay)
    page.press("Next", {"guests/r1/name": "Ada King", "guests/r1/age": "36"})
    page.press("Next", {"extras": ["parking"]})
    page.press("Next", {"email": "ada@example.org", "loyalty_pin": "123456"})
    assert "123456" not in page.response.text
    page.press("Book")
    assert "Your room is booked" in page.text
    page.press("See the booking")
    page.press("Cancel the booking")
    assert "This cannot be undone." in page.text
    page.press("Keep it")
    assert "Your booking" in page.text
    page.press("Cancel the booking")
    page.press("Cancel the booking")
    assert "Your booking is cancelled" in page.text


def test_tools_answer_as_they_did_in_a_recording(at) -> None:
    page = at("crm").begin(turn="06_show_pipeline")
    page.press("Fetch deals")
    assert "Analytical engine" in page.text
    assert "Fetching deals" not in page.text


def test_a_file_is_uploaded_and_read(at) -> None:
    page = at("character_card").begin(conversation="upload")
    raw = json.dumps(CARD).encode()
    page.press("Read the card", files={"file": ("ada.json", raw, "application/json")})
    assert page.response.status_code == 200, page.text
    assert page.values()["f.name"] == "Ada"
    assert page.values()["f.description"] == "First <b>programmer</b>"


def test_toasts_of_an_example_turn_are_on_the_next_page_once(at) -> None:
    page = at("crm").begin(turn="03_toast")
    assert "Contact saved." in page.text
    assert "Contact saved." not in page.reload().text
    page.pick(turn="03_toast")
    assert "Contact saved." in page.text


def test_example_conversations_are_played_turn_by_turn(at) -> None:
    page = at("crm").begin(conversation="contact")
    page.pick(conversation="contact")
    assert "Ada King is in the CRM now." in page.text
    page.pick(conversation="contact")
    assert page.kept.played["contact"] == 3
    page.pick(conversation="contact")
    assert page.response.status_code == 404
    assert "No turn is left" in page.text


def test_a_turn_button_pressed_twice_counts_once(at) -> None:
    page = at("crm").begin()
    again = page.response
    page.pick(turn="01_show_form")
    page.response = again
    page.pick(turn="01_show_form")
    assert page.kept.turns == 1


def test_two_turn_buttons_of_one_page_are_two_presses(at) -> None:
    page = at("crm").begin()
    opened = page.response
    page.pick(turn="01_show_form")
    page.response = opened
    page.pick(turn="02_patch")
    assert page.kept.turns == 2


def test_the_key_of_a_turn_button_takes_no_room(at) -> None:
    page = at("crm").begin()
    page.pick(turn="01_show_form", _key="k" * 50_000)
    assert [len(key) for key in page.kept.answers] == [64]
