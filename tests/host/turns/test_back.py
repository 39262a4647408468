"""Undo and redo on pages: without scripts, in each language, only where there is something."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.host.web import XHTML, Browser

NDJSON = "application/x-ndjson"
SAVED = {"name": "Ada", "email": "ada@example.org"}


def ways(page: Browser) -> dict[str, str]:
    """The buttons that are there to be pressed, with their labels."""
    form = next(e for e in page.root.iter(f"{XHTML}form") if e.get("id") == "ui--back")
    buttons = [e for e in form.iter(f"{XHTML}button") if e.get("hidden") is None]
    return {str(e.get("value")): "".join(e.itertext()) for e in buttons}


def go(page: Browser, way: str, **headers: str) -> Any:
    form = next(e for e in page.root.iter(f"{XHTML}form") if e.get("id") == "ui--back")
    hidden = {e.get("name"): e.get("value") for e in form.iter(f"{XHTML}input")}
    path = str(form.get("action"))
    response = page.client.post(path, data={**hidden, "back": way}, headers=headers)
    if not headers:
        page.response = response
    return response


def test_a_page_goes_back_and_forward_without_scripts(at) -> None:
    page = at("crm").begin()
    assert ways(page) == {}
    page.pick(turn="01_show_form")
    assert ways(page) == {"undo": "Undo"}
    page.press("Save", SAVED)
    saved = page.text
    assert "contact" in page.state.surfaces["main"].data["committed"]
    go(page, "undo")
    assert ways(page.reload()) == {"undo": "Undo", "redo": "Redo"}
    assert "contact" not in page.state.surfaces["main"].data["committed"]
    go(page, "undo")
    assert ways(page) == {"redo": "Redo"}
    go(page, "redo")
    go(page, "redo")
    assert ways(page) == {"undo": "Undo"}
    assert page.text.removeprefix("Contact saved. ") == saved.removeprefix("Contact saved. ")


@pytest.mark.parametrize(("tag", "label"), [("he", "ביטול"), ("ja", "元に戻す")])
def test_the_buttons_speak_the_readers_language(at, tag: str, label: str) -> None:
    page = at("crm").begin(turn="01_show_form")
    assert ways(page.reload(lang=tag)) == {"undo": label}


def test_a_script_is_told_what_can_be_undone_now(at) -> None:
    page = at("crm").begin(turn="01_show_form")
    page.press("Save", SAVED)
    told = [json.loads(line) for line in go(page, "undo", accept=NDJSON).text.splitlines()]
    assert told[-1] == {"back": {"undo": True, "redo": True}}


def test_turbo_gets_the_buttons_anew(at) -> None:
    page = at("crm").begin(turn="01_show_form")
    told = go(page, "undo", accept="text/vnd.turbo-stream.html").text
    assert 'target="ui--back"' in told
    assert 'value="undo" hidden' in told


def test_pressed_twice_it_counts_once(at) -> None:
    page = at("crm").begin(turn="01_show_form")
    page.press("Save", SAVED)
    before = page.kept.turns
    form = page.root
    go(page, "undo")
    page._read = (page.response, form)  # the browser's way back shows the page of before
    go(page, "undo")
    assert page.kept.turns == before + 1


def test_nothing_to_go_back_to_is_said(at) -> None:
    page = at("crm").begin()
    assert go(page, "undo").status_code == 409
    assert "There is nothing to undo or redo." in page.text
