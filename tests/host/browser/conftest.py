"""One browser and one server for the tests of this folder, tabs of its own for each test.

Without Chromium these tests are skipped, and say so; with `CI=true` they fail instead.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.chromium import chromium

from . import apps
from .server import Server, Site, serving
from .tab import Tabs

pytest.register_assert_rewrite("tests.host.browser.play", "tests.host.browser.hands")

_FLAGS = ("--disable-gpu", "--disable-quic", "--disable-background-networking", "--no-first-run")


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Chromium."""
    with chromium(*_FLAGS) as found:
        yield found


@pytest.fixture(scope="package")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The server of all apps."""
    with serving(tmp_path_factory.mktemp("host")) as found:
        yield found


@pytest.fixture
def tabs(browser: Browser) -> Iterator[Tabs]:
    """Opens tabs; whatever goes wrong on one fails its test."""
    found = Tabs(browser)
    try:
        yield found
    finally:
        wrong = found.close()
    assert wrong == [], wrong


@pytest.fixture(scope="package")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where apps of our own have their turns."""
    return tmp_path_factory.mktemp("apps")


@pytest.fixture
def forms_site(server: Server, tmp_path: Path) -> Site:
    """The app with the form of all fields."""
    patches = {
        "patch": [{"type": "ui.patch", "payload": {"ops": [_set("/draft/email", "new@e.org")]}}],
        "patch_name": [{"type": "ui.patch", "payload": {"ops": [_set("/draft/short_text", "X")]}}],
        "other": [
            {"type": "ui.show_form", "payload": {"surface": "side", **apps.ASIDE}},
        ],
        "toast": [{"type": "ui.toast", "payload": {"text": "Hello.", "level": "info"}}],
        "again": [{**apps.FORM, "payload": {**apps.FORM["payload"], "reset": True}}],
    }
    folder = apps.written(tmp_path / "app", form=[apps.FORM], **patches)
    return server.site(f"forms-{tmp_path.name}", apps.forms(), folder=folder)


def _set(path: str, value: object) -> dict[str, object]:
    return {"op": "set", "path": path, "value": value}
