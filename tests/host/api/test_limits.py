"""How often somebody may ask."""

from __future__ import annotations

from typing import Any

import pytest

from tests.host.api.served import Caller, host
from tests.host.web import TestClient
from uicompiler.host import Rate, RateLimits

PLENTY = Rate(1_000, 1_000)


def caller(**rates: Rate) -> Caller:
    given: dict[str, Any] = {
        "conversation": PLENTY,
        "client": PLENTY,
        "begun": PLENTY,
        "messages": PLENTY,
        "reads": PLENTY,
        "client_reads": PLENTY,
        **rates,
    }
    return Caller(TestClient(host(rates=RateLimits(**given))))


def limited(response: Any) -> None:
    assert response.status_code == 429
    assert response.json()["error"]["code"] == "HOST_RATE_LIMITED"
    assert int(response.headers["retry-after"]) >= 1


def test_posts_of_one_conversation() -> None:
    one = caller(conversation=Rate(0.001, 3))
    assert [one.turn().status_code for _ in range(3)] == [200] * 3
    for response in (one.turn(), one.post("/undo"), one.post("/events", one.submit())):
        limited(response)
    assert one.get("/snapshot").json()["seq"] == 4
    assert Caller(one.http).turn().status_code == 200


def test_who_may_not_post_uses_nothing_up() -> None:
    one = caller(conversation=Rate(0.001, 1))
    for _ in range(10):
        assert one.http.post(f"{one.at}/undo").status_code == 404
    assert one.turn().status_code == 200


def test_requests_of_one_client_pages_included() -> None:
    one = caller(client=Rate(0.001, 3))  # beginning was the first
    assert one.turn().status_code == 200
    assert one.turn().status_code == 200
    limited(one.turn())
    limited(one.http.post("/conversations"))
    page = one.http.post("/", data={})
    assert page.status_code == 429
    assert page.headers["retry-after"]
    assert page.headers["content-type"].startswith("text/html")
    assert one.get("/snapshot").status_code == 200  # who only reads is not kept from it


def test_conversations_begun_by_one_client() -> None:
    one = caller(begun=Rate(0.001, 2))
    assert one.http.post("/conversations").status_code == 201
    limited(one.http.post("/conversations"))


def test_streams_count_as_requests_of_a_client() -> None:
    one = caller(client=Rate(0.001, 1))
    limited(one.get("/stream"))


READS = ("/conversations/{}/snapshot", "/conversations/{}/playground", "/c/{}", "/c/{}/playground")


@pytest.mark.parametrize("path", [*READS, "/conversations/{}/stream", "/c/{}/stream"])
@pytest.mark.parametrize("rate", ["reads", "client_reads"])
def test_reading_has_a_rate_of_its_own(path: str, rate: str) -> None:
    rates: dict[str, Any] = {rate: Rate(0.001, 2)}
    asgi = host(rates=RateLimits(**rates), playground=True)
    one = Caller(TestClient(asgi), protocol="html")
    for _ in range(2):
        assert one.get("/snapshot").status_code == 200
    response = one.http.get(path.format(one.id), headers=one.bearer)
    assert response.status_code == 429
    assert response.headers["retry-after"]
    assert one.turn().status_code == 200


def test_who_has_no_token_is_limited_before_the_store_is_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one = caller(client_reads=Rate(0.001, 3), reads=Rate(0.001, 1))
    asked: list[str] = []
    store = one.http.app.state.host._store
    real = store.token_hash

    def counted(_self: Any, name: str) -> str | None:
        asked.append(name)
        return real(name)  # type: ignore[no-any-return]  # of a store that is not typed here

    monkeypatch.setattr(type(store), "token_hash", counted)
    wrong = {"Authorization": "Bearer wrong"}
    statuses = [one.http.get(f"{one.at}/snapshot", headers=wrong).status_code for _ in range(5)]
    assert statuses == [404] * 3 + [429] * 2
    assert len(asked) == 3


def test_a_wrong_token_has_nothing_read(monkeypatch: pytest.MonkeyPatch) -> None:
    one = caller()
    store = one.http.app.state.host._store
    monkeypatch.setattr(type(store), "read", lambda _self, _name: pytest.fail("it is read"))
    wrong = {"Authorization": "Bearer wrong"}
    for path in ("/snapshot", "/stream"):
        assert one.http.get(f"{one.at}{path}", headers=wrong).status_code == 404
    assert one.http.post(f"{one.at}/undo", headers=wrong).status_code == 404


@pytest.mark.parametrize("rates", [None])
def test_without_limits_nothing_is_limited(rates: None) -> None:
    one = Caller(TestClient(host(rates=rates)))
    assert {one.post("/redo").status_code for _ in range(300)} == {409}
