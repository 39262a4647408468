"""The browser, the page and the host on it: what they need, what they refuse, what they build."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.examples import ROOT
from tests.official import bridge, conftest
from tests.official.bridge import Unavailable

from . import bundle
from .client import PROGRAM, BrowserClient, HostPage, find_chromium

pytestmark = pytest.mark.official


# ---------------------------------------------------------------- what is missing


def test_a_missing_chromium_is_told_with_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv(PROGRAM, raising=False)
    with pytest.raises(Unavailable, match=r"(?s)None of chromium.*apt-get install chromium"):
        find_chromium()


def test_a_program_that_is_named_and_not_there_is_told_by_its_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(PROGRAM, "/nowhere/chrome")
    with pytest.raises(Unavailable, match=f"`/nowhere/chrome`, which {PROGRAM} names, is"):
        find_chromium()


def test_a_program_that_is_named_is_taken(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program = tmp_path / "my-browser"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    monkeypatch.setenv(PROGRAM, str(program))
    assert find_chromium() == str(program)


def test_a_missing_node_is_told_before_a_browser_starts(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program = tmp_path / "chromium"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv(PROGRAM, raising=False)
    with pytest.raises(Unavailable, match="Install Node"):
        BrowserClient().start()


def test_a_page_that_cannot_be_bundled_is_told_with_the_reason(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    conftest.require(bridge.ensure_node_modules)
    monkeypatch.setattr(bundle, "PAGE_DIR", tmp_path)
    with pytest.raises(Unavailable, match=r"could not be bundled.*"):
        bundle.build(tmp_path / "out")


@pytest.mark.parametrize(
    ("in_ci", "outcome"), [("", pytest.skip.Exception), ("true", pytest.fail.Exception)]
)
def test_what_is_missing_skips_loudly_on_a_desk_and_fails_in_ci(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, in_ci: str, outcome: type[BaseException]
) -> None:
    monkeypatch.setenv("CI", in_ci)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv(PROGRAM, raising=False)
    with pytest.raises(outcome, match=r"OFFICIAL CLIENT NOT TESTED: None of chromium"):
        conftest.require(BrowserClient().start)


# ---------------------------------------------------------------- the page


def test_the_page_is_bundled_from_what_the_lock_names(tmp_path: Path) -> None:
    bundle.build(tmp_path)
    names = {path.name for path in tmp_path.iterdir()}
    assert {"index.html", "main.js", "page.css"} <= names
    assert any(name.endswith(".woff2") for name in names)
    assert (bridge.NODE_DIR / "node_modules" / "esbuild").is_dir()


def test_a_page_reaches_no_network(browser: BrowserClient) -> None:
    with pytest.raises(AssertionError, match="example"), browser.page() as page:
        page.page.evaluate(
            "document.body.append(Object.assign(document.createElement('iframe'), "
            "{src: 'https://example.com/'}))"
        )
        page.page.wait_for_timeout(100)


def test_the_page_lets_no_script_in(browser: BrowserClient) -> None:
    with pytest.raises(AssertionError, match="Content Security Policy"), browser.page() as page:
        page.page.evaluate("document.body.innerHTML = '<img src=x onerror=\"document.title = 1\">'")
        page.page.wait_for_timeout(100)


def test_what_elements_throw_is_an_error(browser: BrowserClient) -> None:
    with pytest.raises(AssertionError, match="thrown"), browser.page() as page:
        page.page.evaluate("setTimeout(() => { throw new Error('thrown'); })")
        page.page.wait_for_timeout(100)


def test_a_refused_message_is_told_and_the_next_is_taken(page: HostPage) -> None:
    refused = page.take([{"nonsense": {}}, *screen({"the_root": text("here")})])
    assert [error["name"] for error in refused] == ["ZodError"]
    assert [item.text for item in page.visible("main")] == ["here"]


def test_surfaces_stand_below_each_other_in_the_order_they_came(page: HostPage) -> None:
    for name in ("second", "first"):
        assert page.take(screen({"the_root": text(name)}, name)) == []
    assert page.surfaces() == ["second", "first"]
    assert page.take([{"deleteSurface": {"surfaceId": "second"}}]) == []
    assert page.surfaces() == ["first"]
    assert page.page.locator("a2ui-surface").count() == 1


# ---------------------------------------------------------------- the host's userAction


def test_the_host_builds_a_user_action_as_the_protocol_says(page: HostPage) -> None:
    context = [
        ("text", {"literalString": ""}),
        ("number", {"literalNumber": 0}),
        ("no", {"literalBoolean": False}),
        ("bound", {"path": "/some/v"}),
        ("map", {"path": "/some"}),
        ("missing", {"path": "/nowhere"}),
    ]
    contents = [{"key": "v", "valueString": "typed"}]
    messages = screen({"the_root": button("go", context), "the_label": text("Go")})
    data = {"dataModelUpdate": {"surfaceId": "main", "path": "/some", "contents": contents}}
    assert page.take([messages[0], data, messages[1]]) == []
    page.at("2026-01-01T00:00:00Z")
    page.find("the_root").locator("button").click()
    assert page.heard() == [
        {
            "userAction": {
                "name": "go",
                "surfaceId": "main",
                "sourceComponentId": "the_root",
                "timestamp": "2026-01-01T00:00:00Z",
                "context": {
                    "text": "",
                    "number": 0,
                    "no": False,
                    "bound": "typed",
                    "map": {"v": "typed"},
                    "missing": None,
                },
            }
        }
    ]


def test_a_button_without_a_context_sends_an_empty_one(page: HostPage) -> None:
    messages = screen({"the_root": button("go", None), "the_label": text("Go")})
    assert page.take(messages) == []
    page.find("the_root").locator("button").click()
    [event] = page.heard()
    assert event["userAction"]["context"] == {}
    assert page.heard() == []


def test_a_button_of_a_template_sends_its_own_item(page: HostPage) -> None:
    rows = {"template": {"componentId": "the_button", "dataBinding": "/rows"}}
    components = {
        "the_root": {"Column": {"children": rows}},
        "the_button": button("pick", [("name", {"path": "name"})]),
        "the_label": text("Pick"),
    }
    entries = [
        {"key": key, "valueMap": [{"key": "name", "valueString": key.upper()}]} for key in "ab"
    ]
    data = {"dataModelUpdate": {"surfaceId": "main", "path": "/rows", "contents": entries}}
    first, second = screen(components)
    assert page.take([first, data, second]) == []
    page.find("the_button:b").locator("button").click()
    [event] = page.heard()
    assert event["userAction"]["sourceComponentId"] == "the_button:b"
    assert event["userAction"]["context"] == {"name": "B"}


def screen(components: dict[str, Any], surface_id: str = "main") -> list[dict[str, Any]]:
    """A surface of some components; the first is its root."""
    listed = [{"id": ident, "component": component} for ident, component in components.items()]
    return [
        {"surfaceUpdate": {"surfaceId": surface_id, "components": listed}},
        {"beginRendering": {"surfaceId": surface_id, "root": next(iter(components))}},
    ]


def text(said: str) -> dict[str, Any]:
    return {"Text": {"text": {"literalString": said}}}


def button(name: str, context: list[tuple[str, dict[str, Any]]] | None) -> dict[str, Any]:
    """A Button with the label `the_label`."""
    action: dict[str, Any] = {"name": name}
    if context is not None:
        action["context"] = [{"key": key, "value": value} for key, value in context]
    return {"Button": {"child": "the_label", "action": action}}


def test_a_browser_that_does_not_start_is_told_with_its_last_words(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """In a process of its own, since one process drives one Playwright."""
    program = tmp_path / "chromium"
    program.write_text("#!/bin/sh\necho no screen >&2\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setenv(PROGRAM, str(program))
    script = "from tests.official.browser.client import BrowserClient; BrowserClient().start()"
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 1
    assert f"Unavailable: {program} does not start" in done.stderr
