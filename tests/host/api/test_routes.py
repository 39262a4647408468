"""Every route: what it takes, what it gives, what it refuses, in which order."""

from __future__ import annotations

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.host.api.served import ENVELOPE, Caller, calling, host
from tests.host.web import TestClient, example
from uicompiler.errors import CODES
from uicompiler.host.api.openapi import openapi

CATALOG = "https://a2ui.org/specification/v0_8/standard_catalog_definition.json"
INLINE = {"catalogId": "https://b.example/c.json", "components": {"Badge": {"type": "object"}}}
NOWHERE = "/conversations/nowhere"


def check(name: str, body: Any) -> None:
    """A body is what the description says."""
    schemas = openapi(example("crm"), "CRM")["components"]["schemas"]
    schema = {"$ref": f"#/components/schemas/{name}", "components": {"schemas": schemas}}
    Draft202012Validator(schema).validate(body)


def refused(response: Any, status: int, code: str) -> None:
    assert (response.status_code, response.json()["error"]["code"]) == (status, code)
    assert set(response.json()["error"]) == {"code", "message", "hint", "pointer"}
    assert response.json()["text"]
    assert response.headers["content-type"] == "application/json"
    assert response.headers["x-content-type-options"] == "nosniff"


# --- conversations --------------------------------------------------------------------------------


def test_a_conversation_is_begun_and_its_token_opens_it() -> None:
    http = TestClient(host())
    response = http.post("/conversations")
    assert response.status_code == 201
    body = response.json()
    check("Begun", body)
    assert (body["protocol"], body["seq"]) == ("a2ui-v0.8", 1)
    at = response.headers["location"]
    assert at == f"/conversations/{body['id']}"
    cookie = response.headers["set-cookie"]
    assert f"ui_capability={body['token']}" in cookie
    assert {"HttpOnly", f"Path={at}", "SameSite=strict"} <= set(cookie.split("; "))
    assert http.get(f"{at}/snapshot").status_code == 200  # by the cookie
    http.cookies.clear()
    refused(http.get(f"{at}/snapshot"), 404, "HOST_CONVERSATION_UNKNOWN")
    bearer = {"Authorization": f"bearer {body['token']}"}
    assert http.get(f"{at}/snapshot", headers=bearer).status_code == 200


def test_over_https_the_cookie_is_secure() -> None:
    http = TestClient(host(), base_url="https://testserver")
    assert "; Secure" in http.post("/conversations").headers["set-cookie"]


def test_what_it_is_begun_with() -> None:
    caller = calling()
    begin = {
        "protocol": "html",
        "client": "spec",
        "language": "he",
        "capabilities": {"supportedCatalogIds": [CATALOG]},
    }
    other = Caller(caller.http, **begin)
    assert other.begun["protocol"] == "html"
    assert other.turn().json()["ok"]
    assert all("replace" in message for message in other.messages())


@pytest.mark.parametrize(
    ("begin", "code", "pointer"),
    [
        ({"protocol": "a2ui-v9"}, "HOST_BODY_INVALID", "/protocol"),
        ({"client": "netscape"}, "HOST_BODY_INVALID", "/client"),
        ({"client": 1}, "HOST_BODY_INVALID", "/client"),
        ({"what": 1}, "HOST_BODY_INVALID", ""),
        ([], "HOST_BODY_INVALID", ""),
        (
            {"capabilities": 1},
            "A2UI_C2S_CAPABILITIES_INVALID",
            "/capabilities/supportedCatalogIds",
        ),
        (
            {"capabilities": {"supportedCatalogIds": [CATALOG], "inlineCatalogs": [INLINE]}},
            "A2UI_C2S_INLINE_CATALOG_FORBIDDEN",
            "/capabilities/inlineCatalogs",
        ),
    ],
)
def test_what_it_is_not_begun_with(begin: Any, code: str, pointer: str) -> None:
    response = TestClient(host()).post("/conversations", json=begin)
    refused(response, CODES[code].status or 0, code)
    assert response.json()["error"]["pointer"] == pointer


def test_a_conversation_ends_for_good() -> None:
    caller = calling()
    response = caller.http.delete(caller.at, headers=caller.bearer)
    assert (response.status_code, response.content) == (204, b"")
    for again in (caller.get("/snapshot"), caller.turn()):
        refused(again, 404, "HOST_CONVERSATION_UNKNOWN")
    refused(caller.http.delete(caller.at, headers=caller.bearer), 404, "HOST_CONVERSATION_UNKNOWN")


# --- who ------------------------------------------------------------------------------------------

ROUTES = [
    ("GET", "/snapshot"),
    ("GET", "/stream"),
    ("POST", "/turns"),
    ("POST", "/events"),
    ("POST", "/uploads"),
    ("POST", "/undo"),
    ("POST", "/redo"),
    ("DELETE", ""),
]


def asked(caller: Caller, method: str, at: str, headers: dict[str, str]) -> Any:
    """A request that is well formed."""
    more: dict[str, Any] = {}
    if at.endswith("/uploads"):
        more = {"files": {"picture": ("a.txt", b"a")}}
    elif at.endswith("/events"):
        more = {"json": caller.submit()}
    elif method == "POST":
        more = {"json": ENVELOPE}
    return caller.http.request(method, at, headers=headers, **more)


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_a_wrong_token_is_answered_like_a_wrong_id(method: str, path: str) -> None:
    caller = calling()
    caller.turn()
    other = Caller(caller.http)
    right = caller.bearer
    wrong = [
        (f"{caller.at}{path}", {}),
        (f"{caller.at}{path}", {"Authorization": "Bearer "}),
        (f"{caller.at}{path}", {"Authorization": f"Basic {caller.token}"}),
        (f"{caller.at}{path}", other.bearer),
        (f"{caller.at}{path}", {"Authorization": f"Bearer {caller.token}x"}),
        (f"{caller.at}{path}", {"Cookie": f"ui_capability={other.token}"}),
        (f"{NOWHERE}{path}", right),
        (f"{NOWHERE}{path}", {}),
    ]
    answers = [asked(caller, method, at, headers) for at, headers in wrong]
    for answer in answers:
        refused(answer, 404, "HOST_CONVERSATION_UNKNOWN")
    assert len({answer.content for answer in answers}) == 1
    assert len(caller.messages()) > 0  # nothing happened


@pytest.mark.parametrize("path", ["/turns", "/events", "/undo", "/uploads"])
@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "null"},
    ],
)
def test_a_cookie_of_another_sites_making_opens_nothing(path: str, headers: Any) -> None:
    caller = calling()
    caller.turn()
    cookie = {"Cookie": f"ui_capability={caller.token}"}
    at = f"{caller.at}{path}"
    refused(asked(caller, "POST", at, {**cookie, **headers}), 403, "HOST_ORIGIN_FORBIDDEN")
    own = asked(caller, "POST", at, {**cookie, "Origin": "http://testserver"})
    assert own.status_code in (200, 201, 400), own.text


def test_a_bearer_needs_no_origin() -> None:
    caller = calling()
    response = caller.turn(Origin="https://elsewhere.example")
    assert response.status_code == 200
    begun = caller.http.post("/conversations", headers={"Origin": "https://evil.example"})
    refused(begun, 403, "HOST_ORIGIN_FORBIDDEN")


def test_trusted_origins_may_call_and_others_may_not() -> None:
    friend = "https://friend.example"
    caller = Caller(TestClient(host(origins=[friend])))
    asks = {
        "Origin": friend,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type,idempotency-key",
    }
    allowed = caller.http.options(f"{caller.at}/turns", headers=asks)
    assert allowed.status_code == 200
    assert allowed.headers["access-control-allow-origin"] == friend
    response = caller.turn(Origin=friend)
    assert response.headers["access-control-allow-origin"] == friend
    assert "X-Request-ID" in response.headers["access-control-expose-headers"]
    stranger = caller.http.options(
        f"{caller.at}/turns", headers={**asks, "Origin": "https://evil.example"}
    )
    assert stranger.status_code == 400
    assert "access-control-allow-origin" not in stranger.headers
    page = caller.http.get("/", headers={"Origin": friend})
    assert "access-control-allow-origin" not in page.headers


def test_without_origins_nobody_elsewhere_reads_anything() -> None:
    response = TestClient(host()).get("/healthz", headers={"Origin": "https://friend.example"})
    assert "access-control-allow-origin" not in response.headers


# --- turns ----------------------------------------------------------------------------------------


def test_a_turn_is_answered_and_its_messages_are_in_the_snapshot() -> None:
    caller = calling()
    response = caller.turn()
    check("Answer", response.json())
    assert response.status_code == 200
    assert response.json() == {
        "seq": 2,
        "ok": True,
        "assistant_text": "Hello",
        "diagnostics": [],
        "fallback": None,
        "undo": True,
        "redo": False,
    }
    snapshot = caller.get("/snapshot").json()
    check("Snapshot", snapshot)
    assert snapshot["seq"] == 2
    assert [next(iter(m)) for m in snapshot["messages"]][-1] == "beginRendering"


def test_lines_bring_the_messages_along() -> None:
    caller = calling()
    response = caller.turn(Accept="application/x-ndjson", Idempotency_Key="k")
    assert response.headers["content-type"] == "application/x-ndjson"
    lines = [json.loads(line) for line in response.content.splitlines()]
    for line in lines:
        check("AnswerLine", line)
    assert [line for line in lines if "answer" not in line] == caller.messages()
    again = caller.turn(Accept="application/x-ndjson", Idempotency_Key="k")
    assert again.content == response.content
    shown = caller.get("/snapshot", Accept="application/x-ndjson")
    assert shown.headers["x-conversation-seq"] == "2"
    assert [json.loads(line) for line in shown.content.splitlines()] == caller.messages()


def test_what_a_model_wrote_may_be_text() -> None:
    caller = calling()
    text = f"Here you are:\n```json\n{json.dumps(ENVELOPE)}\n```"
    response = caller.http.post(
        f"{caller.at}/turns",
        content=text.encode(),
        headers={**caller.bearer, "Content-Type": "text/plain; charset=utf-8"},
    )
    assert response.json()["ok"]
    assert response.json()["assistant_text"] == "Hello"


def test_a_turn_that_shows_nothing_is_no_refusal() -> None:
    caller = calling()
    response = caller.turn({"assistant_text": "?", "directives": [{"type": "ui.nothing"}]})
    check("Answer", response.json())
    assert response.status_code == 200
    assert not response.json()["ok"]
    assert response.json()["diagnostics"][0]["code"].startswith("DIRECTIVE_")


def test_a_message_asks_the_hosts_model_once() -> None:
    asked_for: list[Any] = []

    def model(request: Any) -> Any:
        asked_for.append(request)
        return ENVELOPE

    caller = Caller(TestClient(host(model=model)))
    first = caller.turn({"message": "a contact, please"}, Idempotency_Key="k")
    again = caller.turn({"message": "a contact, please"}, Idempotency_Key="k")
    assert first.json()["ok"]
    assert again.content == first.content
    assert [item.message for item in asked_for] == ["a contact, please"]


def test_without_a_model_there_is_nobody_to_ask() -> None:
    refused(calling().turn({"message": "hello"}), 501, "HOST_MODEL_MISSING")


@pytest.mark.parametrize(
    "message", [{"message": ""}, {"message": 1}, {"message": "x", "directives": []}]
)
def test_a_message_is_a_text_and_stands_alone(message: Any) -> None:
    refused(calling().turn(message), 400, "HOST_BODY_INVALID")


def test_an_event_runs_its_handler_once_under_its_key() -> None:
    caller = calling()
    caller.turn()
    event = caller.submit()
    first = caller.post("/events", event, Idempotency_Key="k1")
    assert first.status_code == 200, first.text
    check("Answer", first.json())
    again = caller.post("/events", event, Idempotency_Key="k1")
    assert again.content == first.content
    other = {"userAction": {**event["userAction"], "timestamp": "2026-01-01T00:00:09Z"}}
    refused(caller.post("/events", other, Idempotency_Key="k1"), 409, "A2UI_C2S_KEY_REUSED")


def test_field_errors_are_said_beside_their_fields() -> None:
    caller = calling()
    caller.turn()
    response = caller.post("/events", caller.submit(email="nobody"))
    check("Answer", response.json())
    assert response.status_code == 422
    assert set(response.json()["field_errors"]) == {"email"}
    assert response.json()["error"]["code"]


def test_a_forged_nonce_changes_nothing() -> None:
    caller = calling()
    caller.turn()
    event = caller.submit()
    event["userAction"]["context"]["_nonce"] = "forged"
    response = caller.post("/events", event)
    refused(response, 403, "A2UI_C2S_NONCE_INVALID")
    check("Answer", response.json())
    assert caller.get("/snapshot").json()["seq"] == 2


def test_a_turn_is_undone_and_redone() -> None:
    caller = calling()
    refused(caller.post("/undo"), 409, "HOST_BACK_EMPTY")
    caller.turn()
    shown = caller.messages()
    undone = caller.post("/undo", Idempotency_Key="u")
    assert (undone.status_code, undone.json()["seq"]) == (200, 3)
    assert caller.post("/undo", Idempotency_Key="u").content == undone.content
    assert [next(iter(m)) for m in caller.messages()] == ["deleteSurface"]
    assert caller.post("/redo").json()["ok"]
    again = [m for m in caller.messages() if "deleteSurface" not in m]
    assert [next(iter(m)) for m in again] == [next(iter(m)) for m in shown]
    refused(caller.post("/redo"), 409, "HOST_BACK_EMPTY")


def test_a_file_is_kept_and_its_handle_goes_into_an_event() -> None:
    caller = Caller(TestClient(host("character_card")))
    assert caller.turn(_upload_turn()).json()["ok"]
    field = _upload_field(caller)
    answer = caller.http.post(
        f"{caller.at}/uploads",
        files={field: ("card.json", b'{"name": "Ada"}', "application/json")},
        headers=caller.bearer,
    )
    assert answer.status_code == 201, answer.text
    check("Uploaded", answer.json())
    assert answer.json()["handle"].startswith("upload:")
    unexpected = caller.http.post(
        f"{caller.at}/uploads", files={"nothing": ("a.txt", b"a")}, headers=caller.bearer
    )
    refused(unexpected, 400, "HOST_UPLOAD_UNEXPECTED")


def _upload_turn() -> Any:
    folder = example("character_card")
    names = [name for name, form in folder.forms.items() if "upload" in repr(form)]
    return {
        "assistant_text": "",
        "directives": [{"type": "ui.show_form", "payload": {"form_id": names[0]}}],
    }


def _upload_field(caller: Caller) -> str:
    state = caller.http.app.state.host._store.read(caller.id).state
    surface = next(iter(state.live_surfaces()))
    return next(item.id for item in surface.inputs if item.field.kind == "upload")


# --- the shape of a request -----------------------------------------------------------------------


def raw(caller: Caller, path: str, body: bytes, kind: str | None = "application/json") -> Any:
    headers = dict(caller.bearer) if kind is None else {**caller.bearer, "Content-Type": kind}
    return caller.http.post(f"{caller.at}{path}", content=body, headers=headers)


def test_bodies_that_are_not_what_they_say() -> None:
    caller = calling()
    for body in (b"{", b'{"message":"a","message":"b"}', b'{"message": NaN}', b"\xff"):
        refused(raw(caller, "/turns", body), 400, "HOST_BODY_INVALID")
    for path in ("/turns", "/events"):
        refused(raw(caller, path, b"{}", "application/xml"), 415, "HOST_CONTENT_TYPE_UNSUPPORTED")
        refused(raw(caller, path, b"{}", None), 415, "HOST_CONTENT_TYPE_UNSUPPORTED")
    refused(raw(caller, "/turns", b"\xff\xfe", "text/plain"), 400, "HOST_BODY_INVALID")
    refused(raw(caller, "/events", b'{"a":1}'), 400, "A2UI_C2S_ENVELOPE_INVALID")


def test_size_comes_before_everything_else() -> None:
    caller = calling()
    large = b"[" + b" " * 300_000
    for headers in (caller.bearer, {}):
        asks = {**headers, "Content-Type": "application/xml", "Origin": "https://evil.example"}
        for path, code in (("/turns", "HOST_BODY_TOO_LARGE"), ("/undo", "HOST_BODY_TOO_LARGE")):
            refused(caller.http.post(f"{caller.at}{path}", content=large, headers=asks), 413, code)
        event = caller.http.post(f"{caller.at}/events", content=large, headers=asks)
        refused(event, 413, "A2UI_C2S_CONTEXT_TOO_LARGE")


def test_shape_comes_before_who_it_is_from() -> None:
    caller = calling()
    nobody = {"Content-Type": "application/json"}
    for path, body, code in (
        ("/events", b'{"a":1}', "A2UI_C2S_ENVELOPE_INVALID"),
        ("/turns", b"{", "HOST_BODY_INVALID"),
    ):
        answers = [
            caller.http.post(f"{at}{path}", content=body, headers=nobody)
            for at in (caller.at, NOWHERE)
        ]
        for answer in answers:
            refused(answer, 400, code)
        assert answers[0].content == answers[1].content


def test_deep_json_is_refused_before_anything_is_made_of_it() -> None:
    caller = calling()
    bomb = b"[" * 90_000 + b"]" * 90_000
    refused(raw(caller, "/turns", bomb), 400, "HOST_BODY_INVALID")
    assert raw(caller, "/events", bomb).status_code in (400, 413)


def test_keys_are_bounded() -> None:
    refused(calling().turn(Idempotency_Key="k" * 257), 400, "HOST_BODY_INVALID")


# --- the host itself ------------------------------------------------------------------------------


def test_probes() -> None:
    asgi = host()
    http = TestClient(asgi)
    for path in ("/healthz", "/readyz"):
        response = http.get(path)
        check("Health", response.json())
        assert (response.status_code, response.json()) == (200, {"ok": True})
    asgi.state.host.drain.begin()
    response = http.get("/readyz")
    check("Health", response.json())
    assert response.status_code == 503
    assert response.json()["error"]["code"] == "HOST_DRAINING"
    assert response.headers["retry-after"] == "1"
    assert http.get("/healthz").status_code == 200


def test_a_store_that_is_away_is_not_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    from uicompiler import StoreError
    from uicompiler.errors import diagnostic

    asgi = host()
    log = asgi.state.host._store.log

    def away(_ids: Any) -> Any:
        raise StoreError([diagnostic("STORE_UNAVAILABLE", "away")])

    monkeypatch.setattr(log, "seqs", away)
    response = TestClient(asgi).get("/readyz")
    assert response.status_code == 503
    assert response.json()["error"]["code"] == "STORE_UNAVAILABLE"


def test_the_description_is_served_as_it_is_mounted() -> None:
    response = TestClient(host()).get("/openapi.json")
    check("Object", response.json())
    assert response.json() == json.loads(json.dumps(openapi(example("crm"), "crm")))


def test_metrics_count_and_name_nobody() -> None:
    caller = calling()
    caller.turn()
    caller.get("/stream", Last_Event_ID="x")
    refused(caller.http.get(f"{NOWHERE}/snapshot"), 404, "HOST_CONVERSATION_UNKNOWN")
    response = caller.http.get("/metrics")
    assert response.headers["content-type"].startswith("text/plain")
    for line in (
        'uicompiler_turns_total{kind="model",outcome="ok"} 1.0',
        'uicompiler_refusals_total{code="HOST_RESUME_INVALID"} 1.0',
        'uicompiler_refusals_total{code="HOST_CONVERSATION_UNKNOWN"} 1.0',
        'route="/conversations/{id}/turns"',
    ):
        assert line in response.text
    for secret in (caller.id, caller.token, "nowhere", "testserver", "testclient"):
        assert secret not in response.text


@pytest.mark.parametrize("path", ["/conversations", "/conversations/a/turns", "/metrics"])
def test_a_method_that_is_not_there_is_refused_as_json(path: str) -> None:
    response = TestClient(host()).request("PUT", path)
    refused(response, 405, "HOST_METHOD_FORBIDDEN")
    assert response.headers["allow"]


def test_a_bug_is_told_as_json_and_goes_on() -> None:
    def broken(_request: Any) -> Any:
        raise LookupError("my pin is 4711")

    caller = Caller(TestClient(host(model=broken), raise_server_exceptions=False))
    response = caller.turn({"message": "hello"})
    refused(response, 500, "HOST_FAILED")
    assert "4711" not in response.text
