"""Markup as a list of elements, and what of two streams of HTML differs."""

from __future__ import annotations

from typing import Any

import pytest

from tests.crm import crm
from uicompiler import CompileResult, TurnContext, UIApp, compile, replay
from uicompiler.html_elements import elements
from uicompiler.resources import data_path
from uicompiler.semantic_diff import diff, diff_streams, parse_document

CONTACT = [{"type": "ui.show_form", "payload": {"form_id": "contact"}}]


def other_crm(**changes: Any) -> UIApp:
    app = UIApp.load(data_path("examples/crm"))
    app.forms["contact"] = app.forms["contact"].model_copy(update=changes)
    return app


def html(app: UIApp) -> CompileResult:
    return compile(CONTACT, app=app, backend="html")


def changes(app: UIApp) -> list[tuple[str, str, Any, Any]]:
    found = diff_streams(html(crm()).messages, html(app).messages)
    return [(item.where.partition(" (")[0], item.what, item.before, item.after) for item in found]


def test_a_text_is_told_by_its_words() -> None:
    (found,) = changes(other_crm(intro="Who?"))
    assert found[1:] == ("text changed", "Who is it, and how far along are we?", "Who?")


def test_a_field_is_told_by_its_label() -> None:
    fields = list(crm().forms["contact"].fields)
    fields[0] = fields[0].model_copy(update={"label": "Name", "required": False})
    found = changes(other_crm(fields=tuple(fields)))
    assert ('surface main, input "Full name"', "label changed", "Full name", "Name") in found
    assert ('surface main, input "Full name"', "required removed") in [f[:2] for f in found]


def test_a_field_more_is_added_by_its_label() -> None:
    fields = crm().forms["contact"].fields
    more = fields[0].model_copy(update={"id": "nick", "label": "Nickname"})
    found = [item[:2] for item in changes(other_crm(fields=(*fields, more)))]
    assert ('surface main, input "Nickname"', "added") in found
    assert not any(what == "removed" for _, what in found)


def test_an_action_is_told_by_its_button() -> None:
    save, discard = crm().forms["contact"].buttons
    other = discard.model_copy(update={"action": "edit_contact"})
    found = changes(other_crm(buttons=(save, other)))
    expected = ('surface main, button "Discard"', "action changed", "discard", "edit_contact")
    assert found == [expected]


def test_a_log_of_html_says_what_differs_turn_by_turn() -> None:
    result = html(crm())
    meta = replay.meta_record(crm(), backend="html")
    log = [meta, *replay.turn_records(CONTACT, result, TurnContext())]
    first = replay.run(log, other_crm(intro="Who?")).first_difference
    assert first is not None
    assert [item.what for item in first.differences] == ["text changed"]


def test_a_stream_of_html_is_a_stream() -> None:
    before, after = html(crm()).jsonl(), html(other_crm(title="Person")).jsonl()
    (found,) = diff(parse_document(before), parse_document(after))
    assert (found.what, found.after) == ("text changed", "Person")
    gone = [{"replace": {"surface": "main", "html": "<p>a</p>", "written": []}}]
    assert [str(item) for item in diff(gone, [{"remove": {"surface": "main"}}])] == [
        "surface main: deleted"
    ]
    rev = [{"rev": {"surface": "main", "rev": 1}}], [{"rev": {"surface": "main", "rev": 2}}]
    assert [str(item) for item in diff(*rev)] == ["surface main: rev changed: 1 -> 2"]


@pytest.mark.parametrize(
    ("markup", "names"),
    [
        ("<p>a<p>b", ["/p", "/p/p"]),
        ('<input name="f.a"><input name="f.a">', ["/input[f.a]", "/input[f.a]#2"]),
        ('<div id="x"><i></div></i></div><b>', ["x", "x/i", "/b"]),
        ("<![nope[x]]>", ["markup"]),
        ("</p><", []),
        ("", []),
        ("<i>" * 3_000, None),
    ],
)
def test_any_markup_will_do(markup: str, names: list[str] | None) -> None:
    found = [item["id"] for item in elements(markup)]
    assert names is None or found == names
