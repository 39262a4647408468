"""The symbols of `ir/media.py` as path data in a box of 24 by 24."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from importlib.resources import files
from typing import Final

FLIPPED: Final = frozenset({"arrow_back", "arrow_forward", "send"})
"""Symbols that point along the line of writing."""


@functools.cache
def _paths() -> Mapping[str, str]:
    text = files("uicompiler.backends.html").joinpath("icons.json").read_text("utf-8")
    found: Mapping[str, str] = json.loads(text)
    return found


def icon_path(name: str) -> str:
    """The path data of a symbol.

    Raises:
        KeyError: no such symbol.
    """
    return _paths()[name]
