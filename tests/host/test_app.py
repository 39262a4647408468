"""Around the turns: headers, cookies, languages, appearance, the log, refusals at the start."""

from __future__ import annotations

import json
import logging
from contextlib import closing
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from tests.host.api.served import serving
from tests.host.web import RING, XHTML, Browser, TestClient, changed, example
from uicompiler import AppError, HostError, StoreError, UIApp
from uicompiler.host import Keeping, KeyRing, create_app
from uicompiler.host.guard.headers import security_headers
from uicompiler.store import open_log

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' http: https:; "
    "media-src 'self' http: https:; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)


def cookies_of(response: Any) -> SimpleCookie:
    found = SimpleCookie()
    for line in response.headers.get_list("set-cookie"):
        found.load(line)
    return found


# --- headers --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "get",
    [
        lambda page: page.client.get("/"),
        lambda page: page.reload().response,
        lambda page: page.press("Save", {"name": ""}).response,
        lambda page: page.client.get("/healthz"),
        lambda page: page.client.get("/nothing"),
        lambda page: page.client.get("/static/uicompiler.js"),
        lambda page: page.client.get("/", headers={"host": "?"}),
        lambda page: page.client.post("/", follow_redirects=False),
    ],
)
def test_every_response_carries_the_security_headers(at, get) -> None:
    response = get(at("crm").begin(turn="01_show_form"))
    assert response.headers["content-security-policy"] == POLICY
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["cross-origin-opener-policy"] == "same-origin"
    assert response.headers["cross-origin-resource-policy"] == "same-origin"
    # Under no-referrer a browser hides the origin of our own forms from us.
    assert response.headers["referrer-policy"] == "same-origin"
    kept = "no-cache" if "/static/" in str(response.url) else "no-store"
    assert response.headers["cache-control"] == kept


def test_schemes_of_an_app_widen_images_and_media_only() -> None:
    policy = security_headers(["https", "mailto", "ipfs"])["Content-Security-Policy"]
    assert "img-src 'self' https: ipfs:; media-src 'self' https: ipfs:;" in policy
    assert policy.count("ipfs:") == 2
    assert "mailto" not in policy
    assert "unsafe" not in policy


def test_no_page_holds_inline_script_style_or_handler(at) -> None:
    pages = [
        at("booking").begin(conversation="whole_booking"),
        at("crm").begin(turn="01_show_form"),
    ]
    for page in pages:
        for element in page.root.iter():
            assert not any(name.startswith("on") or name == "style" for name in element.attrib)
            if element.tag == f"{XHTML}script":
                assert element.get("src") == "/static/uicompiler.js"
                assert not (element.text or "").strip()
            assert element.tag != f"{XHTML}style"


# --- the page -------------------------------------------------------------------------------------


def test_the_page_has_one_heading_of_the_first_level_landmarks_and_a_skip_link(at) -> None:
    page = at("crm").begin(turn="01_show_form")
    tags = [element.tag.removeprefix(XHTML) for element in page.root.iter()]
    assert [tags.count(name) for name in ("h1", "header", "main", "footer")] == [1, 1, 1, 1]
    body = page.root.find(f"{XHTML}body")
    assert body[0].get("href") == "#main"
    main = page.root.find(f".//{XHTML}main")
    assert main.get("id") == "main"
    assert main.get("data-stream").startswith(f"{page.path}/stream?after=")


def test_ids_differ_on_a_page(at) -> None:
    page = at("booking").begin(conversation="whole_booking")
    ids = [element.get("id") for element in page.root.iter() if element.get("id")]
    assert len(ids) == len(set(ids))


def test_an_app_below_a_path_links_and_posts_below_it(at) -> None:
    page = at("crm")
    page.client = TestClient(Starlette(routes=[Mount("/ui", page.asgi)]))
    page.response = page.client.post("/ui/", data={"turn": "01_show_form"})
    assert page.response.url.path.startswith("/ui/c/")
    assert "/ui/static/uicompiler.js" in page.response.text
    assert page.form().get("action") == page.response.url.path
    page.press("Save", {"name": ""})
    assert page.response.status_code == 422
    page.pick(turn="03_toast")
    assert "Contact saved." in page.text


# --- capability -----------------------------------------------------------------------------------


def test_the_cookie_is_for_the_conversation_alone(at) -> None:
    response = at("crm").client.post("/", follow_redirects=False)
    cookie = cookies_of(response)["ui_capability"]
    assert response.status_code == 303
    assert cookie["path"] == response.headers["location"]
    assert (cookie["httponly"], cookie["samesite"], cookie["secure"]) == (True, "lax", "")
    assert len(cookie.value) >= 43


def test_the_cookie_is_secure_on_https(at) -> None:
    page = at("crm")
    page.client.base_url = "https://testserver"
    response = page.client.post("/", follow_redirects=False)
    assert cookies_of(response)["ui_capability"]["secure"] is True


def test_only_the_hash_of_a_token_is_kept(at) -> None:
    page = at("crm").begin()
    token = next(iter(page.client.cookies.values()))
    assert token not in repr(page.kept)
    assert page.kept.token_hash != token


def test_a_token_opens_as_bearer_too(at) -> None:
    page = at("crm").begin()
    token = next(iter(page.client.cookies.values()))
    other = page.another().client
    assert other.get(page.path).status_code == 404
    assert other.get(page.path, headers={"authorization": f"Bearer {token}"}).status_code == 200


def test_a_wrong_token_and_a_wrong_id_are_answered_alike(at) -> None:
    page = at("crm").begin()
    other = page.another().client
    bearer = {"authorization": "Bearer nothing"}
    wrong = [other.get(page.path, headers=bearer), other.get("/c/none", headers=bearer)]
    assert wrong[0].text == wrong[1].text
    assert [r.status_code for r in wrong] == [404, 404]


def test_no_conversation_is_begun_beyond_the_limit(at) -> None:
    page = at("crm", keeping=Keeping(most=1)).begin(turn="01_show_form")
    response = page.client.post("/")
    assert response.status_code == 503
    assert "too many conversations" in response.text
    assert page.reload().response.status_code == 200


def test_conversations_without_a_turn_keep_nobody_out(at) -> None:
    page = at("crm", keeping=Keeping(most=20)).begin(turn="01_show_form")
    for _ in range(30):
        assert page.another().begin().response.status_code == 200
    assert page.reload().response.status_code == 200
    assert len(list(page.host._store.all())) == 20


def test_a_second_cookie_of_the_name_shuts_nobody_out(at) -> None:
    page = at("crm").begin()
    token = page.client.cookies["ui_capability"]
    other = page.another().client
    for cookie in (
        f"ui_capability={token}; ui_capability=evil",
        f"a=b; ui_capability=evil;ui_capability={token}",
    ):
        assert other.get(page.path, headers={"cookie": cookie}).status_code == 200
    assert other.get(page.path, headers={"cookie": "ui_capability=evil"}).status_code == 404


def test_a_head_request_takes_no_toast_from_whoever_reads(at) -> None:
    page = at("crm")
    chosen = {"turn": "03_toast"}
    begun = page.client.post("/", data=chosen, follow_redirects=False).headers["location"]
    page.client.head(begun)
    assert "ui-toast " in page.client.get(begun).text
    assert "ui-toast " not in page.client.get(begun).text


def test_another_site_begins_no_conversation(at) -> None:
    page = at("crm")
    response = page.client.post("/", headers={"origin": "https://evil.example"})
    assert response.status_code == 403
    assert list(page.host._store.all()) == []


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://testserver", "sec-fetch-site": "same-origin"},
        {"origin": "http://testserver"},
        {"origin": "null", "sec-fetch-site": "same-origin"},
        {"sec-fetch-site": "none"},
        {},
    ],
)
def test_our_own_pages_post(at, headers: dict[str, str]) -> None:
    page = at("crm").begin(turn="01_show_form")
    told = {name.replace("-", "_"): value for name, value in headers.items()}
    page.press("Save", {"name": "Ada", "email": "ada@example.org"}, **told)
    assert page.response.status_code == 200


def test_a_trusted_origin_posts(at) -> None:
    page = at("crm", origins=["https://shop.example"]).begin(turn="01_show_form")
    page.press("Save", {"name": "Ada", "email": "a@b.example"}, origin="https://shop.example")
    assert page.response.status_code == 200


# --- languages and appearance ---------------------------------------------------------------------


def test_the_language_is_chosen_by_link_then_cookie_then_browser(at) -> None:
    page = at("crm").begin(turn="01_show_form")
    html = page.root
    assert (html.get("lang"), html.get("dir")) == ("en", "ltr")
    page.client.headers["accept-language"] = "ja, en;q=0.5"
    assert page.reload().root.get("lang") == "ja"
    page.reload(lang="he")
    assert (page.root.get("lang"), page.root.get("dir")) == ("he", "rtl")
    assert page.reload().root.get("lang") == "he"  # the cookie, before the browser's
    assert page.reload(lang="tlh").root.get("lang") == "he"
    page.press("Save", {"name": ""})
    assert page.error_of("name") == example("crm").text("field.required", language="he")


@pytest.mark.parametrize("language", ["en", "he", "ja"])
def test_a_refusal_is_in_the_language_of_its_reader(at, language: str) -> None:
    page = at("crm").begin(turn="01_show_form")
    page.reload(lang=language)
    page.response = page.send(changed(page.post_of("Save"), _rev="9"))
    assert page.response.status_code == 409
    assert example("crm").text("problem.stale", language=language) in page.text


def test_the_languages_offered_can_be_fewer(at) -> None:
    page = at("crm", languages=["ja"])
    page.response = page.client.get("/?lang=en")
    assert page.root.get("lang") == "ja"


def test_the_appearance_is_chosen_by_link_and_kept(at) -> None:
    page = at("crm").begin()
    assert page.root.get("data-theme") == "auto"
    assert page.reload(theme="dark").root.get("data-theme") == "dark"
    assert page.reload().root.get("data-theme") == "dark"
    assert page.reload(theme="<script>").root.get("data-theme") == "dark"
    assert page.reload(theme="auto").root.get("data-theme") == "auto"


# --- the log --------------------------------------------------------------------------------------


def test_the_log_tells_codes_and_no_more(at, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    page = at("booking").begin(turn="01_show_wizard")
    page.press("Next", {"arrival": "2026-03-02", "departure": "2026-03-05"})
    page.press("Next", {"guests/r1/name": "Grace Brewster Hopper"})
    page.press("Next")
    if "How do we reach you?" not in page.text:
        page.press("Next", {"wishes": "a window to the sea"})
    post = page.post_of("Next", {"email": "grace@example.org", "loyalty_pin": "hunter22"})
    page.send(changed(post, _nonce="forged-nonce", _csrf="forged-csrf"))
    page.send(changed(post, _nonce="forged-nonce"))
    page.response = page.send(post, idempotency_key="key-of-mine")
    hidden = page.values()
    token = next(iter(page.client.cookies.values()))
    said = "\n".join(f"{r.getMessage()} {r.exc_text or ''}" for r in caplog.records)
    for secret in (
        token,
        hidden["_nonce"],
        hidden["_csrf"],
        hidden["_key"],
        "forged",
        "hunter22",
        "Grace",
        "grace@",
        "key-of-mine",
        "a window",
        RING.keys["k1"].decode(),
    ):
        assert secret not in said
    own = [json.loads(r.message) for r in caplog.records if r.name == "uicompiler.host"]
    assert {"event", "method", "route", "conversation", "status", "ms"} <= own[-1].keys()
    assert ["HOST_CSRF_INVALID"] in [line.get("codes") for line in own]


def test_a_conversation_begins_without_a_body(tmp_path: Path) -> None:
    """As `curl -X POST` sends it: neither a length nor a type."""
    with serving(create_app(example("crm"), signer=RING, state_dir=tmp_path)) as served:
        for head in ("", "Content-Length: 0\r\n"):
            answer = exchanged(
                served, f"POST / HTTP/1.1\r\nHost: x\r\n{head}Connection: close\r\n\r\n"
            )
            assert answer.startswith(b"HTTP/1.1 303 "), answer
        chunked = "Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n1\r\nx\r\n0\r\n\r\n"
        answer = exchanged(served, f"POST / HTTP/1.1\r\nHost: x\r\n{chunked}")
        assert answer.startswith(b"HTTP/1.1 415 "), answer


def exchanged(served: Any, request: str) -> bytes:
    """What a connection gives for one request."""
    connection = served.connect()
    connection.sendall(request.encode())
    found = b""
    while piece := connection.recv(65_536):
        found += piece
    return found


@pytest.mark.parametrize("language", ["en", "he", "ja"])
@pytest.mark.parametrize("code", ["STORE_TURN_LOST", "STORE_UNAVAILABLE"])
def test_what_cannot_be_helped_by_a_reload_does_not_ask_for_one(code: str, language: str) -> None:
    app = UIApp.standard()
    text = app.text(code, language=language)
    assert text != app.text("problem.not_done", language=language)
    assert (language == "en") == text.isascii()


def test_a_wrong_content_type_is_told_the_right_one(tmp_path: Path) -> None:
    client = TestClient(create_app(example("crm"), signer=RING, state_dir=tmp_path))
    answer = client.post("/conversations", content=b"{}", headers={"Content-Type": "text/plain"})
    assert answer.status_code == 415
    assert answer.json()["error"]["hint"] == "send Content-Type: application/json"


# --- the start ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("signer", "says"),
    [(None, "not nothing"), (object(), "of type object"), ("k:AAAA", "of type str")],
)
def test_there_is_no_serving_without_keys(signer: Any, says: str) -> None:
    with pytest.raises(HostError, match=says) as refused:
        create_app(UIApp.standard(), signer=signer)
    assert refused.value.code == "HOST_SIGNER_MISSING"
    assert "AAAA" not in str(refused.value)  # a text may be a key
    assert ("from_text" in str(refused.value)) == isinstance(signer, str)


@pytest.mark.parametrize("kind", [str, Path])
def test_a_log_may_be_named_by_its_url(tmp_path: Path, kind: Any) -> None:
    url = tmp_path / "x.db" if kind is Path else f"sqlite:///{tmp_path}/x.db"
    host = create_app(UIApp.standard(), signer=RING, log=url).state.host
    made = host._turns.begin()[0].id
    host._store.log.close()
    with closing(open_log(str(tmp_path / "x.db"))) as log:
        assert list(log.ids()) == [made]


def test_what_is_no_log_is_refused_at_once() -> None:
    for given in (42, object(), {"log": 1}):
        with pytest.raises(TypeError, match="log is an EventLog or its URL"):
            create_app(UIApp.standard(), signer=RING, log=given)
    with pytest.raises(StoreError) as refused:
        create_app(UIApp.standard(), signer=RING, log="mysql://x")
    assert refused.value.code == "STORE_URL_INVALID"


def test_an_app_without_a_folder_is_served(tmp_path) -> None:
    page = Browser(UIApp.standard(), tmp_path).begin()
    assert page.response.status_code == 200
    assert page.client.get("/healthz").json() == {"ok": True}


def test_a_template_that_cannot_be_used_is_told_before_anybody_comes() -> None:
    app = UIApp("app", html_templates={"own.html": "{% macro txet(v) %}{% endmacro %}"})
    with pytest.raises(AppError, match="'txet', which nothing shows"):
        create_app(app, signer=KeyRing.generated())
