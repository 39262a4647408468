"""Every refusal: its code, its status, its text, and a state that is what it was.

The codes are read from the log, which is where a host tells them; a client reads the text.
"""

from __future__ import annotations

import io
import json
import logging
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from tests.host.web import Browser, Response, changed
from uicompiler.errors import CODES
from uicompiler.host.pages.post import BodyLimits
from uicompiler.host.uploads.store import UploadLimits

PNG = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89"
    b"\x00\x00\x00\x00IEND\xaeB`\x82"
)
CARD = json.dumps({"data": {"name": "Ada"}}).encode()


@dataclass(frozen=True)
class Case:
    """A request that is refused."""

    code: str
    send: Callable[[Browser], Response]
    app: str = "crm"
    turn: str = "01_show_form"
    settings: tuple[tuple[str, Any], ...] = ()


def posted(page: Browser, button: str = "Save", **values: Any) -> Response:
    return page.send(changed(page.post_of(button), **values))


def with_headers(**headers: str) -> Callable[[Browser], Response]:
    return lambda page: page.send(page.post_of("Save"), **headers)


def with_values(**values: Any) -> Callable[[Browser], Response]:
    return lambda page: posted(page, **values)


def uploaded(name: str, content: bytes, kind: str = "application/json") -> Any:
    def send(page: Browser) -> Response:
        files = {"file": (name, content, kind)}
        return page.send(page.post_of("Read the card", files=files))

    return send


def card(code: str, send: Callable[[Browser], Response], **settings: Any) -> Case:
    return Case(code, send, "character_card", "01_upload", tuple(settings.items()))


def raw(body: bytes, kind: str) -> Callable[[Browser], Response]:
    return lambda page: page.client.post(page.path, content=body, headers={"content-type": kind})


def stale(page: Browser) -> Response:
    """The page of before a turn that came meanwhile."""
    post = page.post_of("Save", {"notes": "typed before"})
    form = dict(page.fields())
    data = {"turn": "02_patch", "_csrf": form["_csrf"], "_key": "other.key"}
    page.client.post(f"{page.path}/turns", data=data)
    return page.send(post)


def reset(page: Browser) -> Response:
    """A surface of an epoch that is over: nothing closed or reset it yet, so it is made up."""
    return posted(page, _surface="main#e=2")


def key_reused(page: Browser) -> Response:
    post = page.post_of("Save", {"name": "Ada", "email": "ada@example.org"})
    page.send(post, idempotency_key="one")
    return page.send(changed(post, f__name="Grace"), idempotency_key="one")


def with_other_file(page: Browser) -> Response:
    """A handle that another conversation was given."""
    other = page.another().begin(turn="01_upload")
    files = {"file": ("a.json", b"[]", "application/json")}
    other.press("Read the card", files=files)
    handle = next(v for n, v in other.fields() if n == "f.file" and isinstance(v, str))
    return page.send([("f.file", handle), *page.post_of("Read the card")])


def without_cookie(page: Browser) -> Response:
    return page.another().send(page.post_of("Save"), path=page.path)


def foreign_cookie(page: Browser) -> Response:
    other = page.another().begin()
    token = next(iter(other.client.cookies.values()))
    other.client.cookies.clear()
    bearer = {"authorization": f"Bearer {token}"}
    return other.send(page.post_of("Save"), path=page.path, **bearer)


def step_of_another(page: Browser) -> Response:
    """The button that books, which the first step of the wizard does not have."""
    press = page.button("Next").rpartition(" ")[2].replace("next", "1")
    return page.send(changed(page.post_of("Next"), _press=f"book {press}"))


def polyglot_gif() -> bytes:
    return b"GIF89a/*" + b"\0" * 20 + b"*/=1;<script>alert(1)</script>"


def zip_behind_png() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.txt", "hidden")
    return PNG + out.getvalue()


def events(body: bytes, **headers: str) -> Callable[[Browser], Response]:
    def send(page: Browser) -> Response:
        token = page.values()["_csrf"]
        told = {"content-type": "application/json", "x-csrf-token": token, **headers}
        return page.client.post(f"{page.path}/events", content=body, headers=told)

    return send


def event_with(page: Browser, value: Any) -> Response:
    """A press as a script would send it."""
    form = dict(page.post_of("Read the card"))
    action, component = form["_press"].split(" ")
    body = {
        "name": action,
        "surfaceId": "main",
        "sourceComponentId": component,
        "timestamp": "2026-01-01T00:00:00Z",
        "context": {"_rev": int(form["_rev"]), "_nonce": form["_nonce"], "file": value},
    }
    return events(json.dumps({"userAction": body}).encode())(page)


def event_with_handle(page: Browser) -> Response:
    return event_with(page, "upload:" + "a" * 43)


def event_with_handles(page: Browser) -> Response:
    """Several are no value of a file field, which is told first."""
    response = event_with(page, ["upload:a", "upload:b"])
    assert response.status_code == 400
    return event_with_handle(page)


CASES = {
    "a forged nonce": Case("A2UI_C2S_NONCE_INVALID", with_values(_nonce="x" * 43)),
    "no nonce": Case("A2UI_C2S_NONCE_INVALID", with_values(_nonce=None)),
    "a foreign surface": Case("A2UI_C2S_NONCE_INVALID", with_values(_surface="other")),
    "an epoch to come": Case("A2UI_C2S_NONCE_INVALID", reset),
    "an older revision": Case("A2UI_C2S_SURFACE_STALE", stale),
    "a revision to come": Case("A2UI_C2S_SURFACE_STALE", with_values(_rev="99")),
    "an action nobody has": Case(
        "A2UI_C2S_ACTION_FORBIDDEN", with_values(_press="drop_tables ui--main--root--x--button")
    ),
    "a component nobody has": Case(
        "A2UI_C2S_ACTION_FORBIDDEN", with_values(_press="save_contact ui--nothing")
    ),
    "an action of another step": Case(
        "A2UI_C2S_ACTION_FORBIDDEN", step_of_another, "booking", "01_show_wizard"
    ),
    "an option nobody offered": Case("A2UI_C2S_CONTEXT_INVALID", with_values(f__stage="king")),
    "a field nobody asked for": Case("A2UI_C2S_CONTEXT_INVALID", with_values(f__admin="true")),
    "a field twice": Case(
        "A2UI_C2S_CONTEXT_INVALID", lambda page: page.send([*page.post_of("Save"), ("f.name", "2")])
    ),
    "a key that comes again": Case("A2UI_C2S_KEY_REUSED", key_reused),
    "a reserved name twice": Case(
        "A2UI_C2S_ENVELOPE_INVALID", lambda page: page.send([*page.post_of("Save"), ("_rev", "1")])
    ),
    "a reserved name nobody knows": Case("A2UI_C2S_ENVELOPE_INVALID", with_values(_admin="1")),
    "no button": Case("A2UI_C2S_ENVELOPE_INVALID", with_values(_press=None)),
    "a button that is none": Case("A2UI_C2S_ENVELOPE_INVALID", with_values(_press="save")),
    "a revision that is none": Case("A2UI_C2S_ENVELOPE_INVALID", with_values(_rev="one")),
    "a name without prefix": Case("A2UI_C2S_ENVELOPE_INVALID", with_values(name="x")),
    "a surface id with a path in it": Case(
        "A2UI_C2S_ENVELOPE_INVALID", with_values(_surface="../main")
    ),
    "10 000 fields": Case(
        "A2UI_C2S_CONTEXT_TOO_LARGE",
        lambda page: page.send([*page.post_of("Save"), *[(f"f.x{n}", "") for n in range(10_000)]]),
    ),
    "a text of 10 MB": Case("A2UI_C2S_CONTEXT_TOO_LARGE", with_values(f__notes="x" * 10_000_000)),
    "a text beyond the longest": Case(
        "A2UI_C2S_CONTEXT_TOO_LARGE", with_values(f__notes="x" * 70_000)
    ),
    "an event nested 10 000 deep": Case(
        "A2UI_C2S_CONTEXT_TOO_LARGE",
        events(b'{"userAction":' + b"[" * 10_000 + b"]" * 10_000 + b"}"),
    ),
    "an event that is no JSON": Case("A2UI_C2S_ENVELOPE_INVALID", events(b"{")),
    "an event of another type": Case(
        "HOST_CONTENT_TYPE_UNSUPPORTED", events(b"{}", **{"content-type": "text/plain"})
    ),
    "JSON to a form": Case(
        "HOST_CONTENT_TYPE_UNSUPPORTED", raw(b'{"userAction":{}}', "application/json")
    ),
    "no content type": Case("HOST_CONTENT_TYPE_UNSUPPORTED", raw(b"x", "")),
    "multipart without boundary": Case("HOST_BODY_INVALID", raw(b"x", "multipart/form-data")),
    "multipart that is none": Case(
        "HOST_BODY_INVALID", raw(b"x", "multipart/form-data; boundary=b")
    ),
    "multipart without end": Case(
        "HOST_BODY_INVALID",
        raw(
            b'--b\r\nContent-Disposition: form-data; name="_rev"\r\n\r\n1',
            "multipart/form-data; boundary=b",
        ),
    ),
    "a form that is no UTF-8": Case(
        "HOST_BODY_INVALID", raw(b"f.name=%ff", "application/x-www-form-urlencoded")
    ),
    "a body beyond the limit": Case(
        "HOST_BODY_TOO_LARGE",
        with_values(f__notes="x" * 20_000),
        settings=(("body", BodyLimits(max_body_bytes=10_000)),),
    ),
    "no CSRF token": Case("HOST_CSRF_INVALID", with_values(_csrf=None)),
    "another CSRF token": Case("HOST_CSRF_INVALID", with_values(_csrf="x" * 43)),
    "a foreign origin": Case("HOST_ORIGIN_FORBIDDEN", with_headers(origin="https://evil.example")),
    "a hidden origin": Case("HOST_ORIGIN_FORBIDDEN", with_headers(origin="null")),
    "another site": Case("HOST_ORIGIN_FORBIDDEN", with_headers(sec_fetch_site="cross-site")),
    "a sibling site": Case("HOST_ORIGIN_FORBIDDEN", with_headers(sec_fetch_site="same-site")),
    "no cookie": Case("HOST_CONVERSATION_UNKNOWN", without_cookie),
    "the cookie of another conversation": Case("HOST_CONVERSATION_UNKNOWN", foreign_cookie),
    "an id that is none": Case(
        "HOST_CONVERSATION_UNKNOWN", lambda page: page.send(page.post_of("Save"), path="/c/none")
    ),
    "no such turn": Case(
        "HOST_TURN_UNKNOWN",
        lambda page: page.client.post(
            f"{page.path}/turns", data={"turn": "none", "_csrf": page.values()["_csrf"]}
        ),
    ),
    "no turn at all": Case(
        "HOST_TURN_UNKNOWN", lambda page: page.client.post(f"{page.path}/turns", data={"x": "1"})
    ),
    "a Host that is none": Case("HOST_ADDRESS_INVALID", with_headers(host="a b/../@evil")),
    "a Host that is not ours": Case(
        "HOST_ADDRESS_INVALID",
        with_headers(host="evil.example"),
        settings=(("hosts", ("testserver",)),),
    ),
    "a port beyond the last": Case("HOST_ADDRESS_INVALID", with_headers(host="testserver:99999")),
    "no such page": Case("HOST_PAGE_UNKNOWN", lambda page: page.client.get("/admin")),
    "another method": Case("HOST_METHOD_FORBIDDEN", lambda page: page.client.delete(page.path)),
    "no such file": Case(
        "HOST_PAGE_UNKNOWN", lambda page: page.client.get("/static/..%2f..%2fapp.py")
    ),
    "a file that is too large": card(
        "HOST_UPLOAD_TOO_LARGE", uploaded("a.json", b"[" + b" " * 400_000)
    ),
    "a file beyond the host's limit": card(
        "HOST_UPLOAD_TOO_LARGE", uploaded("a.json", CARD), uploads=UploadLimits(max_file_bytes=10)
    ),
    "too many files at once": card(
        "HOST_UPLOAD_TOO_MANY",
        lambda page: page.send(
            [*page.post_of("Read the card"), *[("f.file", ("a.json", b"1", ""))] * 11]
        ),
    ),
    "too many files in all": card(
        "HOST_UPLOAD_TOO_MANY",
        uploaded("a.json", CARD),
        uploads=UploadLimits(max_conversation_files=0),
    ),
    "too many bytes in all": card(
        "HOST_UPLOAD_TOO_MANY",
        uploaded("a.json", CARD),
        uploads=UploadLimits(max_conversation_bytes=10),
    ),
    "no room for files": card(
        "HOST_UPLOAD_STORE_FULL",
        uploaded("a.json", CARD),
        uploads=UploadLimits(max_total_bytes=10),
    ),
    "a picture for a text": card("HOST_UPLOAD_TYPE_FORBIDDEN", uploaded("a.png", PNG, "image/png")),
    "a picture called a text": card("HOST_UPLOAD_TYPE_FORBIDDEN", uploaded("a.json", PNG)),
    "HTML called JSON": card(
        "HOST_UPLOAD_TYPE_FORBIDDEN", uploaded("a.json", b"<!doctype html><script>1</script>")
    ),
    "a picture that is a script too": card(
        "HOST_UPLOAD_TYPE_FORBIDDEN", uploaded("a.gif", polyglot_gif(), "image/gif")
    ),
    "a picture that is an archive too": card(
        "HOST_UPLOAD_TYPE_FORBIDDEN", uploaded("a.png", zip_behind_png(), "image/png")
    ),
    "a program": card("HOST_UPLOAD_TYPE_FORBIDDEN", uploaded("a.json", b"MZ\x90\0" + b"\0" * 99)),
    "a file for a text field": Case(
        "HOST_UPLOAD_UNEXPECTED",
        lambda page: page.send(changed(page.post_of("Save"), f__notes=("a.txt", b"x", ""))),
    ),
    "a handle typed by hand": card(
        "HOST_UPLOAD_UNKNOWN",
        lambda page: page.send(
            changed(page.post_of("Read the card"), f__file="upload:" + "a" * 43)
        ),
    ),
    "a handle typed into an event": card("HOST_UPLOAD_UNKNOWN", event_with_handle),
    "handles typed into an event": card("HOST_UPLOAD_UNKNOWN", event_with_handles),
    "a handle of another conversation": card("HOST_UPLOAD_UNKNOWN", with_other_file),
}

UNREACHED = {
    "A2UI_C2S_CAPABILITIES_INVALID": "what an A2UI client says of itself; a browser says nothing",
    "A2UI_C2S_INLINE_CATALOG_FORBIDDEN": "as above",
    "A2UI_C2S_FIELD_INVALID": "is no refusal: test_a_field_error_keeps_what_was_typed",
    "A2UI_C2S_CLIENT_ERROR": "is no refusal: test_an_error_event_shows_the_surface_anew",
    "HOST_KEYS_INVALID": "before anything is served: test_signer.py",
    "HOST_SIGNER_MISSING": "before anything is served: test_app.py",
    "HOST_EXAMPLE_INVALID": "before anything is served: test_examples.py",
    "HOST_WEB_CLIENT_MISSING": "before anything is served: test_web_client.py",
    "HOST_CONVERSATIONS_FULL": "test_no_conversation_is_begun_beyond_the_limit",
    "HOST_STREAMS_TOO_MANY": "test_stream.py",
    "HOST_RATE_LIMITED": "api/test_limits.py",
    "HOST_BODY_SLOW": "api/test_hostile.py",
    "HOST_RESUME_INVALID": "api/test_stream.py",
    "HOST_FRAME_INVALID": "api/test_websocket.py",
    "HOST_TOKEN_LATE": "api/test_websocket.py",
    "HOST_STREAM_SLOW": "api/test_websocket.py",
    "HOST_DRAINING": "api/test_drain.py",
    "HOST_UPLOAD_NOT_KEPT": "test_uploads.py, test_post.py",
    "HOST_PRESSES_TOO_MANY": "test_presses_beyond_the_limit_are_refused_and_keep_nobody_waiting",
    "HOST_BACK_EMPTY": "test_turns.py",
    "HOST_MODEL_MISSING": "test_turns.py",
    "HOST_FAILED": "test_a_bug_of_the_app_is_told_and_goes_on",
}


def codes_in(caplog: pytest.LogCaptureFixture) -> list[str]:
    """The codes of the last request."""
    own = [record for record in caplog.records if record.name == "uicompiler.host"]
    lines = [json.loads(record.message) for record in own]
    return [line for line in lines if line["event"] == "request"][-1].get("codes", [])


@pytest.mark.parametrize("name", CASES)
def test_a_refusal(name: str, at, caplog: pytest.LogCaptureFixture) -> None:
    case = CASES[name]
    page = at(case.app, **dict(case.settings)).begin(turn=case.turn)
    caplog.set_level(logging.INFO, "uicompiler.host")
    before = page.kept
    states = [before.state]
    seen: list[Any] = []
    response = case.send(_watched(page, states, seen))
    assert codes_in(caplog)[:1] == [case.code]
    assert response.status_code == CODES[case.code].status
    after = page.kept
    assert after.state.to_json() == states[-1].to_json()
    assert after.receipts.keys() == seen[-1] if seen else after == before
    said = page.host._app.text(case.code, limit="")
    assert said.split("{")[0][:20] in response.text


def _watched(page: Browser, states: list[Any], seen: list[Any]) -> Browser:
    """A browser that notes the state right before its last post."""
    send = page.client.request

    def request(*args: Any, **more: Any) -> Any:
        states.append(page.kept.state)
        seen.append(page.kept.receipts.keys())
        return send(*args, **more)

    page.client.request = request  # type: ignore[method-assign]
    return page


def test_every_code_is_reached_or_says_where() -> None:
    wanted = {code for code in CODES if code.startswith(("A2UI_C2S_", "HOST_"))}
    assert {case.code for case in CASES.values()} | UNREACHED.keys() == wanted
    assert {case.code for case in CASES.values()} & UNREACHED.keys() == set()
