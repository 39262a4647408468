"""The table of backends by name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from uicompiler.backends.a2ui_v0_8.backend import A2uiV08
from uicompiler.backends.base import Backend

BACKENDS: Final[Mapping[str, Backend]] = MappingProxyType({A2uiV08.name: A2uiV08()})


def backend_named(name: str) -> Backend:
    """The backend of a name.

    Raises:
        ValueError: no such backend; the message lists them.
    """
    if name not in BACKENDS:
        raise ValueError(f"unknown backend {name!r}; known: {', '.join(sorted(BACKENDS))}")
    return BACKENDS[name]
