"""Which URLs may go out; forbidden spellings stand in `fixtures/hostile/` as well."""

from __future__ import annotations

import pytest

from uicompiler.urls import url_refusal

HTTP = frozenset({"http", "https"})


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com",
        "HTTPS://EXAMPLE.COM/a.png?b=1#c",
        "https://example.com.:8443/",
        "https://b\u00fccher.example/\u00fc",
        "https://\u4f8b\u3048.example/",
        "https://1.example/",
        "http://127.0.0.1:8000/a.png",
        "http://10.0.0.1/",
        "http://0x7f.1/",
        "https://[2001:db8::1]:443/",
        "https://0x.example/",
    ],
)
def test_other_hosts_may_be_fetched_from(url: str) -> None:
    assert url_refusal(url, HTTP) is None


@pytest.mark.parametrize(
    "host",
    [
        "0x" + "0" * 60 + "a9fea9fe",
        "0" * 50 + "251.254.169.254",
        "169.254.169.25\u00ad4",
        "169.254\u2060.169.254",
        "169.254.169.254\ufe0f",
        "[::169.254.169.254]",
        "[64:ff9b::a9fe:a9fe]",
        "[2002:a9fe:a9fe::1]",
        "1" * 60_000,
        "1.2.3.4.5",
        "256.256.256.256",
        "a.0x1g.08",
    ],
)
def test_an_address_in_an_odd_spelling_is_found(host: str) -> None:
    assert url_refusal(f"http://{host}/", HTTP) is not None


def test_an_app_may_allow_schemes_of_its_own() -> None:
    assert url_refusal("cid:1", HTTP | {"cid"}) is None
    assert url_refusal("javascript:alert(1)", HTTP | {"cid"}) is not None
