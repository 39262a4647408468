"""A conversation with a playground."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

from clientsim import ClientSim
from tests.host.web import Browser

Open = Callable[..., Browser]


def simulate(messages: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """What a client shows and holds, as `serve --playground` has it."""
    sim = ClientSim(own_inputs={"FileUpload": "value"})
    for message in messages:
        sim.apply(message)
    screens = {name: sim.screen(name) for name in sim.surface_ids()}
    return {**sim.report(), "screens": screens}


@pytest.fixture
def saved(at: Open) -> Browser:
    """A contact that was shown, refused, mended and saved: four entries."""
    browser = at("crm", playground=True, simulate=simulate).begin(turn="01_show_form")
    browser.press("Save", {"name": "Ada King", "email": "ada at example.org"})
    browser.press("Save", {"name": "Ada King", "email": "ada@example.org"})
    return browser
