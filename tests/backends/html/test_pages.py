"""Slots are filled, nonces mapped, and messages wrapped for Turbo; texts cannot pose as slots."""

from __future__ import annotations

import json

from tests.backends.html.surfaces import all_of, markup, one, parsed, tree, words
from uicompiler.backends.html.pages import fill, turbo_streams, with_nonces

SLOT = '<input type="hidden" autocomplete="off" name="_csrf" value="">'
FIELD = {"node": "field", "id": "x", "label": SLOT, "default": SLOT}


def test_slots_are_filled_and_escaped() -> None:
    text = fill(markup(FIELD), csrf='to"ken', key="k&1", action="/c/1?a=1&b=2")
    found = parsed(text)
    assert one(found, "input", name="_csrf").get("value") == 'to"ken'
    assert one(found, "input", name="_key").get("value") == "k&1"
    assert one(found, "form").get("action") == "/c/1?a=1&b=2"


def test_a_text_that_looks_like_a_slot_is_a_text() -> None:
    found = parsed(fill(markup(FIELD), csrf="token"))
    assert words(one(found, "label")) == SLOT
    assert one(found, "input", name="f.x").get("value") == SLOT
    assert len(all_of(found, "input", name="_csrf")) == 1


def test_without_an_action_the_form_posts_to_its_page() -> None:
    assert "action" not in one(tree(FIELD), "form").attrib


def test_nonces_are_mapped_and_nothing_else() -> None:
    hidden, rest = '<input type="hidden" autocomplete="off" name="_nonce"', '<p>value="a"</p>'
    text = f'{hidden} value="a&amp;b">{rest}'
    assert with_nonces(text, lambda nonce: f"<{nonce}>") == (
        f'{hidden} value="&lt;a&amp;b&gt;">{rest}'
    )


def test_messages_become_turbo_streams() -> None:
    messages = [
        {"replace": {"surface": "main#e=2", "html": "<p>new</p>", "written": ["a", 'b"']}},
        {"replace": {"surface": "side", "html": "<p>side</p>", "written": []}},
        {"rev": {"surface": "main#e=2", "rev": 7}},
        {"remove": {"surface": "side"}},
    ]
    found = parsed(turbo_streams(messages, present=["main"]))
    streams = [item for item in found if item.tag == "turbo-stream"]
    assert [(item.get("action"), item.get("target")) for item in streams] == [
        ("replace", "ui-main"),
        ("append", "ui--surfaces"),
        ("replace", "ui--main--rev"),
        ("remove", "ui-side"),
    ]
    assert [json.loads(item.get("data-written", "[]")) for item in streams[:2]] == [["a", 'b"'], []]
    assert one(streams[2], "input", id="ui--main--rev").get("value") == "7"
