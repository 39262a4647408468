"""A conversation with a playground."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.host.web import Browser
from uicompiler.cli.live import simulate as simulate

Open = Callable[..., Browser]


@pytest.fixture
def saved(at: Open) -> Browser:
    """A contact that was shown, refused, mended and saved: four entries."""
    browser = at("crm", playground=True, simulate=simulate).begin(turn="01_show_form")
    browser.press("Save", {"name": "Ada King", "email": "ada at example.org"})
    browser.press("Save", {"name": "Ada King", "email": "ada@example.org"})
    return browser
