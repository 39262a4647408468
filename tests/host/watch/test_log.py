"""The server's log: exceptions without what they say."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator

import pytest

from tests.host.web import Browser, TestClient
from uicompiler.host.guard import headers
from uicompiler.host.watch.log import LOGGER, serve_log


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What `serve_log` writes; the loggers are put back."""
    root, others = logging.getLogger(), [LOGGER, logging.getLogger("python_multipart")]
    levels, handlers = [other.level for other in others], list(root.handlers)
    for handler in handlers:
        root.removeHandler(handler)  # else they would be closed
    # A server that ran in this process before has loggers with handlers of their own.
    uvicorn = [logging.getLogger(name) for name in ("uvicorn", "uvicorn.error")]
    before = [(each.propagate, list(each.handlers), each.level) for each in uvicorn]
    for each in uvicorn:
        each.propagate, each.handlers[:] = True, []
        each.setLevel(logging.NOTSET)
    stream = io.StringIO()
    serve_log(stream)
    yield stream
    root.handlers[:] = handlers
    for each, (propagate, own, level) in zip(uvicorn, before, strict=True):
        each.propagate, each.handlers[:] = propagate, own
        each.setLevel(level)
    for other, level in zip(others, levels, strict=True):
        other.setLevel(level)


def fail(typed: str) -> int:
    try:
        return int(typed)
    except ValueError as exc:
        raise KeyError(typed) from exc


def test_an_exception_is_its_class_and_frames(log: io.StringIO) -> None:
    try:
        fail("my pin 4711")
    except KeyError:
        logging.getLogger("uvicorn.error").exception("Exception in ASGI application\n")
    lines = log.getvalue().splitlines()
    assert "4711" not in log.getvalue()
    assert lines[:2] == ["Exception in ASGI application", "builtins.KeyError"]
    assert all(line.startswith(f"  {__file__}:") for line in [*lines[2:4], lines[5]])
    assert [line.split()[-1] for line in lines[2:4]] == [
        "test_an_exception_is_its_class_and_frames",
        "fail",
    ]
    assert lines[4] == "builtins.ValueError"


def test_so_are_those_of_a_group(log: io.StringIO) -> None:
    try:
        raise ExceptionGroup("4711", [ValueError("4711"), TypeError("4711")])
    except ExceptionGroup:
        logging.getLogger("x").exception("failed")
    assert "4711" not in log.getvalue()
    assert "builtins.ValueError" in log.getvalue()
    assert "builtins.TypeError" in log.getvalue()


def test_asyncio_shows_no_objects(log: io.StringIO) -> None:
    logging.getLogger("asyncio").error("Task exception was never retrieved\nfuture: <Task 4711>")
    assert log.getvalue() == "Task exception was never retrieved\n"


def test_the_parser_of_bodies_quotes_nothing(log: io.StringIO) -> None:
    logging.getLogger("python_multipart.multipart").warning("Did not find 4711 at end of header")
    assert log.getvalue() == ""


@pytest.mark.parametrize(
    ("path", "route"),
    [("/", "/"), ("/c/x/stream", "/c/{id}/stream"), ("/static/x.js", "/static"), ("/no", None)],
)
def test_a_route_is_told_by_its_endpoint_too(path: str, route: str | None, at) -> None:
    """Starlette names the route itself in newer versions only."""
    page: Browser = at("crm")
    known: list[str | None] = []

    async def spying(scope: dict, receive: object, send: object) -> None:
        await page.asgi(scope, receive, send)  # type: ignore[arg-type]  # as a server calls it
        scope.pop("route", None)
        known.append(headers._route(scope))

    TestClient(spying).get(path)
    assert known == [route]
