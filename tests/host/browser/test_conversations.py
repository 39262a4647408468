"""Every recorded conversation of the example apps, played in Chromium on the real host."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.examples import LOGS, name_of

from .hands import Keys
from .play import played
from .server import Server
from .tab import Tabs


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
@pytest.mark.parametrize("path", LOGS, ids=name_of)
def test_a_conversation_goes_as_it_was_recorded(
    tabs: Tabs, server: Server, path: Path, scripts: bool
) -> None:
    compared = 0
    for play, _ in played(tabs, server, path, scripts=scripts):
        compared = play.compared
    assert compared >= 2


BY_KEYS = [
    path
    for path in LOGS
    if name_of(path) in ("crm/contact", "booking/dates_mended", "character_card/rows")
]
"""One of each app; dates, times, choices, sliders, boxes, files and rows are among them."""


@pytest.mark.parametrize("path", BY_KEYS, ids=name_of)
def test_a_conversation_goes_by_keyboard_alone(tabs: Tabs, server: Server, path: Path) -> None:
    hands: Keys | None = None
    for play, _ in played(tabs, server, path, scripts=True, keys=True):
        assert isinstance(play.hands, Keys)
        hands = play.hands
    assert hands is not None
    assert hands.pressed > 20


def test_a_wizard_goes_by_keyboard_alone_without_scripts(tabs: Tabs, server: Server) -> None:
    path = next(path for path in LOGS if name_of(path) == "booking/cancel_and_reopen")
    assert list(played(tabs, server, path, scripts=False, keys=True))
