"""A built web client beside the API: its files, its policy, what it is told of the app."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette

from tests.host.web import TestClient, folder
from uicompiler.errors import HostError
from uicompiler.host.turns.examples import Examples
from uicompiler.host.web_client import WebClient


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """What a bundler made."""
    (tmp_path / "index.html").write_text("<!doctype html><title>client</title>")
    (tmp_path / "main.js").write_text("export {};")
    (tmp_path / "icons.woff2").write_bytes(b"wOF2")
    return tmp_path


def served(built: Path, **more: Any) -> TestClient:
    given = {"title": "CRM", "languages": ["en", "he"], "examples": Examples(), **more}
    return TestClient(Starlette(routes=WebClient(built, **given).routes()))


def test_a_folder_without_a_page_is_told_before_anything_is_served(tmp_path: Path) -> None:
    with pytest.raises(HostError) as caught:
        WebClient(tmp_path, "CRM", ["en"], Examples())
    assert caught.value.code == "HOST_WEB_CLIENT_MISSING"
    assert "npm ci" in (caught.value.hint or "")


def test_the_page_stands_in_a_folder_of_its_own(built: Path) -> None:
    client = served(built)
    moved = client.get("/a2ui", follow_redirects=False)
    assert moved.headers["location"].endswith("/a2ui/")
    page = client.get("/a2ui/")
    assert page.status_code == 200
    assert "<title>client" in page.text
    assert client.get("/a2ui/main.js").headers["content-type"].startswith("text/javascript")
    assert client.get("/a2ui/../secret").status_code == 404


def test_the_policy_allows_its_own_files_and_nothing_inline(built: Path) -> None:
    policy = served(built, url_schemes=["https"]).get("/a2ui/").headers["content-security-policy"]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == rules["style-src"] == rules["font-src"] == "'self'"
    assert rules["img-src"] == "'self' https:"
    assert "unsafe" not in policy


def test_browsers_ask_again_and_are_told_that_nothing_changed(built: Path) -> None:
    client = served(built)
    first = client.get("/a2ui/main.js")
    assert first.headers["cache-control"] == "no-cache"
    again = client.get("/a2ui/main.js", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_the_client_is_told_what_the_app_has_to_show(built: Path) -> None:
    examples = Examples.of(folder("crm"))
    told = served(built, examples=examples).get("/a2ui/config.json?lang=he").json()
    assert (told["title"], told["language"], told["direction"]) == ("CRM", "he", "rtl")
    assert told["playground"] is False
    assert [turn["label"] for turn in told["turns"][:2]] == ["Show form", "Patch"]
    assert told["turns"][0]["source"] == examples.turns["01_show_form"]
    [contact] = [item for item in told["conversations"] if item["name"] == "contact"]
    assert len(contact["sources"]) == len(examples.conversations["contact"])
