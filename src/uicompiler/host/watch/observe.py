"""Spans of OpenTelemetry, where it is installed; nothing where it is not.

A request is a span, which goes on with the caller's trace, and each turn in it another one.
Attributes are what the log has: routes, statuses, codes and the conversation's id, which opens
nothing; nothing that somebody typed, and no token. A stream's span ends when the stream begins.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Iterator, Mapping
from contextvars import ContextVar
from types import ModuleType
from typing import Any, Final, Protocol
from uuid import uuid4

_trace: ModuleType | None
_propagate: ModuleType | None
try:
    from opentelemetry import propagate as _propagate
    from opentelemetry import trace as _trace
except ImportError:  # it is an extra
    _trace = _propagate = None

_NAME: Final = "uicompiler.host"
_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")
_request_id: ContextVar[str] = ContextVar("uicompiler_request_id", default="")


class Span(Protocol):
    """A span that is open."""

    def name(self, name: str) -> None:
        """Name it, once that is known."""

    def set(self, **attributes: str | int | None) -> None:
        """Set attributes; dots are written as `__`, None is left out."""

    def codes(self, codes: Iterable[str]) -> None:
        """Set the codes it came to."""

    def end(self, *, failed: bool = False) -> None:
        """End it; a second time does nothing."""


class _Nothing:
    """Takes everything, and tells nobody."""

    def name(self, name: str) -> None:
        """Nothing."""

    def set(self, **attributes: str | int | None) -> None:
        """Nothing."""

    def codes(self, codes: Iterable[str]) -> None:
        """Nothing."""

    def end(self, *, failed: bool = False) -> None:
        """Nothing."""


class _Told:
    """A span of OpenTelemetry."""

    def __init__(self, span: Any) -> None:  # no types where it is not installed
        self._span = span
        self._open = True

    def name(self, name: str) -> None:
        """Name it."""
        if self._open:
            self._span.update_name(name)

    def set(self, **attributes: str | int | None) -> None:
        """Set attributes."""
        for name, value in attributes.items():
            if value is not None and self._open:
                self._span.set_attribute(name.replace("__", "."), value)

    def codes(self, codes: Iterable[str]) -> None:
        """Set the codes."""
        found = list(codes)
        if found and self._open:
            self._span.set_attribute("uicompiler.codes", found)

    def end(self, *, failed: bool = False) -> None:
        """End it."""
        if self._open:
            self._open = False
            if failed and _trace is not None:
                self._span.set_status(_trace.StatusCode.ERROR)
            self._span.end()


@contextlib.contextmanager
def request_span(method: str, headers: Mapping[str, str]) -> Iterator[Span]:
    """The span of a request, in the trace that its headers name.

    Args:
        method: Its method, one of a few.
        headers: Of the request; only those of a trace are read.
    """
    if _trace is None or _propagate is None:
        yield _Nothing()
        return
    context = _propagate.extract(headers)
    tracer = _trace.get_tracer(_NAME)
    with _opened(tracer.start_span(method, context, kind=_trace.SpanKind.SERVER)) as span:
        span.set(http__request__method=method)
        yield span


@contextlib.contextmanager
def span(name: str, **attributes: str | int | None) -> Iterator[Span]:
    """A span within the one that is open.

    Args:
        name: What is done.
        attributes: As of `Span.set`.
    """
    if _trace is None:
        yield _Nothing()
        return
    with _opened(_trace.get_tracer(_NAME).start_span(name)) as opened:
        opened.set(**attributes)
        yield opened


@contextlib.contextmanager
def _opened(found: Any) -> Iterator[_Told]:  # no types where it is not installed
    if _trace is None:
        raise RuntimeError("there is a span, but nothing that makes spans")
    told = _Told(found)
    with _trace.use_span(
        found, end_on_exit=False, record_exception=False, set_status_on_exception=False
    ):
        try:
            yield told
        except BaseException:
            told.end(failed=True)  # without what the exception says: it may quote what was typed
            raise
        finally:
            told.end()


def new_request_id(given: str | None) -> str:
    """The id of a request: the one it brings, if it is one, else a fresh one."""
    found = given if given is not None and _REQUEST_ID.fullmatch(given) else uuid4().hex
    _request_id.set(found)
    return found


def request_id() -> str:
    """The id of the request that is answered now; a fresh one where there is none."""
    return _request_id.get() or uuid4().hex
