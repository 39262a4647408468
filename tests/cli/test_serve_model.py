"""`uicompiler serve --model`: what cannot work is refused before anything is served."""

from __future__ import annotations

import json
import threading
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.cli.test_serve import Served

WRONG = "canary-0123456789"
ENVELOPE = '{"assistant_text": "Who is it?", "directives": []}'


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--model", "nobody/x"], "There is no provider 'nobody'."),
        (["--model", "openai/gpt-4o-mini"], "There is no key for openai. Set OPENAI_API_KEY"),
        (["--model", "gpt"], "The model names no provider."),
        (["--api-base", "http://127.0.0.1:1/v1"], "--api-base is of a model; name it with --model"),
        (["--capabilities", "x.yaml"], "--capabilities is of a model; name it with --model"),
        (
            ["--model", "openai/x", "--capabilities", "nothing.yaml"],
            "--capabilities: nothing.yaml cannot be read: No such file or directory.",
        ),
    ],
)
def test_a_model_that_cannot_be_asked_is_a_usage_error(
    run: Any, monkeypatch: pytest.MonkeyPatch, arguments: list[str], says: str
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    result = run("serve", "--port", "0", *arguments)
    assert result.status == 2
    assert says in result.err


def test_a_table_that_is_wrong_is_a_usage_error_with_its_place(run: Any, tmp_path: Path) -> None:
    table = tmp_path / "models.yaml"
    table.write_text("rows: [{match: 'openai/*', refuse: [seed]}]")
    result = run("serve", "--port", "0", "--model", "openai/x", "--capabilities", table)
    assert result.status == 2
    assert f"--capabilities: {table}: There is no such key in a row; known: match" in result.err
    assert "(/rows/0/refuse)" in result.err


class _Model(BaseHTTPRequestHandler):
    """An OpenAI-compatible server that always says the same."""

    def do_POST(self) -> None:
        length = int(self.headers["content-length"])
        self.server.asked.append(json.loads(self.rfile.read(length)))  # type: ignore[attr-defined]
        if self.headers["authorization"] == f"Bearer {WRONG}":
            self._send(401, {"error": {"message": "No such account.", "type": "auth"}})
            return
        message = {"role": "assistant", "content": ENVELOPE}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        self._send(200, {"id": "1", "object": "chat.completion", "choices": [choice]})

    def _send(self, status: int, said: dict[str, Any]) -> None:
        body = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: Any) -> None:
        pass


@pytest.fixture
def model() -> Iterator[ThreadingHTTPServer]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Model)
    server.asked = []  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.thorough
def test_a_message_is_answered_by_the_model_that_was_named(model: ThreadingHTTPServer) -> None:
    base = f"http://127.0.0.1:{model.server_address[1]}/v1"
    served = Served("--model", "openai/any", "--api-base", base)
    try:
        begun = _post(f"{served.address}conversations", {})
        path = f"{served.address}conversations/{begun['id']}/turns"
        answer = _post(path, {"message": "A contact, please."}, begun["token"])
    finally:
        code, err = served.stop()
    assert (code, answer["assistant_text"]) == (0, "Who is it?"), err
    assert f"messages are answered by openai/any at {base}\n" in err
    (asked,) = model.asked  # type: ignore[attr-defined]
    assert asked["messages"][-1] == {"role": "user", "content": "A contact, please."}


@pytest.mark.thorough
def test_a_wrong_key_is_told_to_the_user_the_client_and_the_log(
    model: ThreadingHTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", WRONG)
    base = f"http://127.0.0.1:{model.server_address[1]}/v1"
    served = Served("--model", "openai/any", "--api-base", base)
    try:
        begun = _post(f"{served.address}conversations", {})
        path = f"{served.address}conversations/{begun['id']}/turns"
        answer = _post(path, {"message": "canary-message"}, begun["token"])
    finally:
        _, err = served.stop()
    assert answer["assistant_text"].startswith("This is not available for the moment.")
    assert not answer["ok"] and answer["diagnostics"][0]["code"] == "LLM_UNAUTHORIZED"
    lines = [json.loads(line) for line in err.splitlines() if line.startswith("{")]
    (line,) = [line for line in lines if line["event"] == "model"]
    (request,) = [line for line in lines if line.get("codes") and line["event"] == "request"]
    assert line["request"] == request["request"]
    assert line["codes"] == ["LLM_UNAUTHORIZED"] and "No such account." in line["hint"]
    assert "canary" not in err + json.dumps(answer)


def _post(url: str, body: dict[str, Any], token: str = "") -> Any:
    headers = {"content-type": "application/json", "authorization": f"Bearer {token}"}
    request = urllib.request.Request(url, json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request, timeout=30) as response:
        return json.loads(response.read())
