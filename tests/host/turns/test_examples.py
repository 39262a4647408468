"""Examples of an app's folder, and the tools that answer as they were recorded."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

import pytest

from tests.host.web import RING, example, folder
from uicompiler import ToolCall
from uicompiler.host.turns.examples import Examples
from uicompiler.host.turns.tools import ToolContext, Tools, call_key
from uicompiler.host.uploads.store import UploadStore


@pytest.mark.parametrize("app", ["crm", "booking", "character_card"])
def test_every_example_can_be_played(app: str, at) -> None:
    page = at(app)
    examples = Examples.of(folder(app))
    assert examples.problems == ()
    for name in examples.turns:
        page.begin(turn=name)
        assert page.response.status_code == 200
        assert "could not be shown" not in page.text
    for name, turns in examples.conversations.items():
        page.begin(conversation=name)
        for _ in turns[1:]:
            page.pick(conversation=name)
            assert page.response.status_code == 200


def test_a_file_that_cannot_be_read_is_named_and_left_out(tmp_path: Path) -> None:
    (tmp_path / "turns").mkdir()
    (tmp_path / "conversations").mkdir()
    (tmp_path / "turns/bad.json").write_text("{")
    (tmp_path / "turns/good.json").write_text("[]")
    (tmp_path / "conversations/bad.jsonl").write_text("no JSON")
    examples = Examples.of(tmp_path)
    assert list(examples.turns) == ["good"]
    assert examples.conversations == {}
    assert [item.code for item in examples.problems] == ["HOST_EXAMPLE_INVALID"] * 2


def test_no_folder_has_no_examples() -> None:
    assert Examples.of(None) == Examples()


def test_a_tool_answers_the_same_question_as_it_did_then() -> None:
    examples = Examples.of(folder("crm"))
    assert examples.answer("sales.list_deals", {})["deals"]
    exact = {name: arguments for name, arguments in examples.answers if arguments is not None}
    assert "contacts.delete" in exact
    known = json.loads(exact["contacts.delete"])
    assert examples.answer("contacts.delete", known) is not None
    assert examples.answer("contacts.delete", {"contact": "?"}) is not None
    assert examples.answer("nobody", {}) is None


@pytest.fixture
def context(tmp_path: Path) -> ToolContext:
    return ToolContext("c", UploadStore(tmp_path, RING).of("c"), lambda _handle: None)


def words(key: str, **values: str) -> str:
    return example("crm").text(key, language="he", **values)


def key(call: ToolCall) -> str:
    return call_key("c", "action", 1, call)


def test_a_tool_that_is_there_comes_before_a_recording(context: ToolContext) -> None:
    tools = Tools({"sales.list_deals": lambda _a, _c: {"deals": []}}, Examples.of(folder("crm")))
    call = ToolCall("x", "sales.list_deals", {})
    assert tools.run([call], context, words, key) == {"x": {"deals": []}}


def test_a_tool_that_is_not_there_says_so_in_the_users_language(context: ToolContext) -> None:
    found = Tools({}, Examples()).run([ToolCall("x", "fly", {})], context, words, key)
    assert found == {"x": {"error": words("host.tool_missing")}}


def test_a_tool_that_fails_says_so_and_the_log_names_the_kind(
    context: ToolContext, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(_arguments: Any, _context: Any) -> Any:
        raise TimeoutError("typed: hunter22")

    tools = Tools({"slow": broken}, Examples())
    calls = [ToolCall("x", "slow", {}), ToolCall("y", "read_upload", {"handle": "upload:no"})]
    caplog.set_level(logging.INFO, "uicompiler.host")
    assert tools.run(calls, context, words, key) == {
        "x": {"error": words("host.tool_failed")},
        "y": {"error": words("host.tool_failed")},
    }
    assert "TimeoutError" in caplog.text
    assert "HOST_UPLOAD_UNKNOWN" in caplog.text
    assert "hunter22" not in caplog.text
