"""Every recorded conversation of the example apps, played in Chromium on the real host."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.examples import LOGS, name_of

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
