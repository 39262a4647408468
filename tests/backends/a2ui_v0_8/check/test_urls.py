"""URLs as browsers read them: what may be fetched, and what may not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.backends.a2ui_v0_8.check.streams import (
    FIRST,
    RULES,
    codes,
    component,
    run,
    shown,
)

URLS_FORBIDDEN = (
    "javascript:alert(1)",
    "data:text/html,x",
    "//a.example/x",
    "/x",
    "",
    "https:a.example",
    "https:///a.example",
    "https://",
    "https://user@a.example/",
    "https://user:pw@a.example/",
    "https://a.example\\@b.example/",
    "https://a.example/\n",
    " https://a.example/",
    "https://a.example/\x7f",
    "https://a.example:99999/",
    "https://[::1/",
    "https://%6d.example/",
    "http://169.254.169.254/latest",
    "http://169.254.0.1/",
    "http://2852039166/",
    "http://0xA9FEA9FE/",
    "http://0251.0376.0251.0376/",
    "http://169.254.43518/",
    "http://\uff11\uff16\uff19.254.169.254/",
    "http://169\u3002254\u3002169\u3002254/",
    "http://[::ffff:169.254.169.254]/",
    "http://[fd00:ec2::254]/",
    "http://[fe80::1]/",
    "http://metadata.google.internal/",
    "http://METADATA.google.internal./",
    "http://100.100.100.200/",
)


@pytest.mark.parametrize("url", URLS_FORBIDDEN)
def test_a_url_that_may_not_be_fetched_is_refused(url: str) -> None:
    messages = shown(component("a", "Image", url={"literalString": url}))
    found = run(messages)
    assert "A2UI_S2C_COMPONENT_URL_FORBIDDEN" in {item.code for item in found}
    assert found[0].pointer == f"{FIRST}/component/Image/url/literalString"
    assert codes(run(messages, replace(RULES, level="interop"))) == []


@pytest.mark.parametrize(
    "url",
    [
        "https://a.example",
        "HTTP://a.example:8080/p?q=1#f",
        "https://[2001:db8::1]/",
        "https://192.0.2.1/a@b",
        "https://ä.example/ö",
    ],
)
def test_a_plain_url_passes(url: str) -> None:
    assert run(shown(component("a", "Video", url={"literalString": url}))) == []


def test_an_app_may_allow_a_scheme() -> None:
    rules = replace(RULES, url_schemes=frozenset({"cid"}))
    assert run(shown(component("a", "Image", url={"literalString": "cid:part1"})), rules) == []
    assert codes(
        run(shown(component("a", "Image", url={"literalString": "https://a.example"})), rules)
    )
