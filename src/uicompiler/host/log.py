"""The host's log: one line of JSON an event, made of codes, ids and numbers only.

Nothing a user typed, no token, nonce or key can stand in it, since no function here takes a text
that could be one: values are codes, paths of routes, figures.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Final

import orjson

LOGGER: Final = logging.getLogger("uicompiler.host")


def log_line(
    event: str,
    *,
    level: int = logging.INFO,
    conversation: str | None = None,
    status: int | None = None,
    codes: Sequence[str] = (),
    ms: float | None = None,
    method: str | None = None,
    route: str | None = None,
) -> None:
    """Write one line.

    Args:
        event: What happened: `request`, `tool`, `stream`.
        level: As of `logging`.
        conversation: Its id, which opens nothing.
        status: The HTTP status that was answered.
        codes: Codes of `errors.CODES`, or names of exception classes.
        ms: How long it took.
        method: The HTTP method.
        route: The route's pattern, never the path that was asked for.
    """
    if not LOGGER.isEnabledFor(level):
        return
    said = {
        "event": event,
        "method": method,
        "route": route,
        "conversation": conversation,
        "status": status,
        "codes": list(codes),
        "ms": None if ms is None else round(ms, 1),
    }
    told = {name: value for name, value in said.items() if value not in (None, [])}
    LOGGER.log(level, "%s", orjson.dumps(told).decode())
