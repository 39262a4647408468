"""The table of backends by name; a backend is imported when it is first asked for."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from uicompiler.backends.base import Backend


def _a2ui_v0_8() -> Backend:
    from uicompiler.backends.a2ui_v0_8.backend import A2uiV08

    return A2uiV08()


def _html() -> Backend:
    from uicompiler.backends.html.backend import Html  # and with it Jinja2

    return Html()


BACKENDS: Final[Mapping[str, Callable[[], Backend]]] = MappingProxyType(
    {"a2ui-v0.8": _a2ui_v0_8, "html": _html}
)


def backend_named(name: str) -> Backend:
    """The backend of a name.

    Raises:
        ValueError: no such backend; the message lists them.
    """
    if name not in tuple(BACKENDS):  # whatever the name is, even what no key can be
        raise ValueError(f"unknown backend {name!r}; known: {', '.join(sorted(BACKENDS))}")
    return _made(name)


@functools.cache
def _made(name: str) -> Backend:
    return BACKENDS[name]()
