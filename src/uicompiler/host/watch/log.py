"""The host's log: one line of JSON an event, made of codes, ids and numbers only.

Nothing a user typed, no token, nonce or key can stand in it, since no function here takes a text
that could be one: values are codes, paths of routes, figures. A hint is what a model's provider
says of the account, without keys.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterator, Sequence
from typing import Final, TextIO

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
    request: str | None = None,
    hint: str = "",
) -> None:
    """Write one line.

    Args:
        event: What happened: `request`, `tool`, `socket`.
        level: As of `logging`.
        conversation: Its id, which opens nothing.
        status: The HTTP status that was answered.
        codes: Codes of `errors.CODES`, or names of exception classes.
        ms: How long it took.
        method: The HTTP method.
        route: The route's pattern, never the path that was asked for.
        request: The request's id, made here or of a safe form.
        hint: What may help whoever runs the host; never what a user or a model wrote.
    """
    if not LOGGER.isEnabledFor(level):
        return
    said = {
        "event": event,
        "method": method,
        "route": route,
        "request": request,
        "conversation": conversation,
        "status": status,
        "codes": list(codes),
        "hint": hint or None,
        "ms": None if ms is None else round(ms, 1),
    }
    told = {name: value for name, value in said.items() if value not in (None, [])}
    LOGGER.log(level, "%s", orjson.dumps(told).decode())


class Wordless(logging.Formatter):
    """Formats the lines of a server's log, exceptions without what they say.

    The message of an exception may quote what a user typed. Its class and its frames never do, so
    those are what is written, of all exceptions that led to it. Of `asyncio` only the first line
    is written: those after it show objects.
    """

    def format(self, record: logging.LogRecord) -> str:
        """One record."""
        said = record.getMessage()
        if record.name == "asyncio":
            said = said.partition("\n")[0]
        exc = record.exc_info[1] if record.exc_info else None
        return said if exc is None else "\n".join([said.rstrip(), *_frames(exc)])


def serve_log(stream: TextIO) -> None:
    """Send the log of this process to a stream, with nothing in it that was typed."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(Wordless())
    logging.basicConfig(handlers=[handler], force=True)
    LOGGER.setLevel(logging.INFO)
    # Its warnings quote the bytes of a body.
    logging.getLogger("python_multipart").setLevel(logging.ERROR)


def _frames(exc: BaseException) -> Iterator[str]:
    """An exception and those that led to it: class, then file, line and function of each frame."""
    waiting, seen = [exc], {id(exc)}
    while waiting:
        found = waiting.pop()
        yield f"{type(found).__module__}.{type(found).__qualname__}"
        for frame, line in traceback.walk_tb(found.__traceback__):
            code = frame.f_code
            yield f"  {code.co_filename}:{line} {code.co_name}"
        inner = found.exceptions if isinstance(found, BaseExceptionGroup) else ()
        for led in (*inner, found.__context__, found.__cause__):
            if led is not None and id(led) not in seen:
                seen.add(id(led))
                waiting.append(led)
