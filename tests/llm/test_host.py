"""A model for `create_app`: the user always reads something, and whoever asked can tell why."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.llm.scripted import Scripted, envelope, said
from uicompiler.app import UIApp
from uicompiler.errors import LLMError
from uicompiler.host import KeyRing, create_app
from uicompiler.llm.exchange import Failure
from uicompiler.llm.host import as_model
from uicompiler.llm.result import LLMResult
from uicompiler.llm.settings import ModelSettings, Tries

FORM = envelope(("ui.show_form", {"form_id": "contact"}), text="Who is it?")


class Chat:
    """A conversation over HTTP."""

    def __init__(self, app: UIApp, lines: list[Any], **options: Any) -> None:
        self.transport = Scripted(lines)
        self.results: list[LLMResult] = []
        model = as_model(
            "sim/any",
            app,
            transport=self.transport,
            on_result=self.results.append,
            tries=Tries(retries=0),
            **options,
        )
        ring = KeyRing.generated()
        self._client = TestClient(create_app(app, signer=ring, model=model))
        begun = self._client.post("/conversations", json={}).json()
        self._path = f"/conversations/{begun['id']}/turns"
        self._headers = {"authorization": f"Bearer {begun['token']}"}

    def say(self, message: str, language: str = "en") -> dict[str, Any]:
        headers = {**self._headers, "accept-language": language}
        answer = self._client.post(self._path, json={"message": message}, headers=headers)
        assert answer.status_code == 200
        told: dict[str, Any] = answer.json()
        return told


def test_a_users_message_is_answered_by_the_model(crm: UIApp) -> None:
    chat = Chat(crm, [FORM, envelope(("ui.patch", {"path": "name", "value": "Ada"}))])
    assert chat.say("A contact, please.")["assistant_text"] == "Who is it?"
    assert chat.say("She is called Ada.")["ok"]
    second = said(chat.transport.requests[1])
    assert second[1:3] == [("user", "A contact, please."), ("assistant", "Who is it?")]
    assert '"form_id":"contact"' in second[3][1]
    assert chat.results[1].trace.conversation_id


def test_what_a_provider_does_is_told_in_the_users_language(crm: UIApp) -> None:
    chat = Chat(crm, [Failure("unavailable", "canary", status=503)])
    english, hebrew = chat.say("Hi"), chat.say("Hi", language="he")
    assert english["assistant_text"] == crm.text("LLM_UNAVAILABLE")
    assert hebrew["assistant_text"] == crm.text("LLM_UNAVAILABLE", language="he")


@pytest.mark.parametrize(
    ("kind", "status", "code"),
    [
        ("unauthorized", 401, "LLM_UNAUTHORIZED"),
        ("not_found", 404, "LLM_NOT_FOUND"),
        ("unavailable", 503, "LLM_UNAVAILABLE"),
    ],
)
def test_a_failure_is_told_apart_and_logged_with_what_the_provider_says(
    crm: UIApp, caplog: pytest.LogCaptureFixture, kind: Any, status: int, code: str
) -> None:
    answer = Chat(crm, [Failure(kind, "No account of ours.", status=status)]).say("Hi")
    assert not answer["ok"]
    assert answer["assistant_text"] == crm.text("STORE_UNAVAILABLE")
    assert answer["diagnostics"][0]["code"] == code
    assert "account" not in json.dumps(answer)
    (line,) = [json.loads(item.message) for item in caplog.records if '"model"' in item.message]
    assert line.keys() == {"event", "request", "conversation", "codes", "hint"}
    assert line["codes"][0] == code and line["hint"] == "No account of ours."


def test_what_may_quote_the_conversation_is_no_hint_in_the_log(
    crm: UIApp, caplog: pytest.LogCaptureFixture
) -> None:
    answer = Chat(crm, [Failure("refused", "canary: you said Hi", status=400)]).say("Hi")
    assert not answer["ok"] and '"LLM_REQUEST_REFUSED"' in caplog.text
    assert "canary" not in caplog.text + json.dumps(answer)


def test_whoever_called_it_off_is_not_told_to_try_again(crm: UIApp) -> None:
    assert crm.text("LLM_CANCELLED") == "This was stopped. Nothing was changed."


def test_what_is_learned_holds_for_all_conversations(crm: UIApp) -> None:
    refusal = Failure("unsupported", "no", status=400, parameter="response_format")
    chat = Chat(crm, [refusal, FORM])
    chat.say("Hi")
    chat.say("Hi again")
    kinds = [request["response_format"]["type"] for request in chat.transport.requests]
    assert kinds == ["json_schema", "json_object", "json_object"]


def test_settings_that_cannot_work_are_refused_when_the_model_is_made(crm: UIApp) -> None:
    settings = ModelSettings("sim/any", stream=True, response_format="json_schema")
    with pytest.raises(LLMError) as caught:
        as_model(settings, crm, transport=Scripted([FORM]))
    assert caught.value.code == "LLM_STREAMING_WITH_RESPONSE_FORMAT_FORBIDDEN"


def test_no_word_of_a_conversation_is_logged(crm: UIApp, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    chat = Chat(crm, ['{"canary-answer', "canary-answer {"])
    chat.say("canary-message")
    traces = json.dumps([result.trace.to_dict() for result in chat.results])
    assert "canary-message" not in caplog.text + traces
    assert "canary-answer" not in caplog.text + traces


def test_an_option_that_there_is_not_is_refused_when_the_model_is_made(crm: UIApp) -> None:
    options: dict[str, Any] = {"tool": []}
    with pytest.raises(TypeError, match="tool"):
        as_model("sim/any", crm, transport=Scripted(["x"]), **options)
