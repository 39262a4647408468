"""The twenty screens."""

from __future__ import annotations

from typing import Final

from benchmarks.tokens.screen import Screen
from benchmarks.tokens.screens import asking, composed, registered, showing

SCREENS: Final[tuple[Screen, ...]] = (
    *registered.SCREENS,
    *asking.SCREENS,
    *showing.SCREENS,
    *composed.SCREENS,
)
