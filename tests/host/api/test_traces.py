"""Spans of requests: one each, turns within, nothing in them that somebody typed."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from tests.faults.asgi import Stream
from tests.host.api.served import FORM, Caller, calling, host
from tests.host.watch.test_observe import CALLER, by_name, spans
from tests.host.web import TestClient

assert spans  # the fixture


def test_a_turn_is_within_its_request(
    spans: InMemorySpanExporter,
) -> None:
    caller = calling()
    turn = {"assistant_text": "my pin is 4711", "directives": [FORM]}
    caller.turn(turn, traceparent=f"00-{CALLER}-00f067aa0ba902b7-01")
    found = by_name(spans)
    request, inner = found["POST /conversations/{id}/turns"], found["uicompiler model"]
    assert format(request.context.trace_id, "032x") == CALLER
    assert inner.parent is not None
    assert inner.parent.span_id == request.context.span_id
    told = dict(request.attributes or {})
    assert told["http.route"] == "/conversations/{id}/turns"
    assert told["http.response.status_code"] == 200
    assert told["uicompiler.conversation"] == caller.id
    assert dict(inner.attributes or {})["uicompiler.seq"] == 2
    for span in found.values():
        assert caller.token not in span.to_json()
        assert "4711" not in span.to_json()


def test_a_refusal_has_its_code(spans: InMemorySpanExporter) -> None:
    caller = calling()
    caller.get("/stream", Last_Event_ID="x")
    told = dict(by_name(spans)["GET /conversations/{id}/stream"].attributes or {})
    assert told["uicompiler.codes"] == ("HOST_RESUME_INVALID",)
    assert told["http.response.status_code"] == 400


def test_a_streams_span_ends_when_it_begins(spans: InMemorySpanExporter) -> None:
    async def run() -> None:
        asgi: Any = host()
        caller = Caller(TestClient(asgi))
        spans.clear()
        stream = Stream(asgi, "GET", f"{caller.at}/stream", caller.bearer, b"")
        await stream.until(lambda: b"id: 1" in stream.received)
        assert list(by_name(spans)) == ["GET /conversations/{id}/stream"]
        await stream.cut()
        assert len(spans.get_finished_spans()) == 1

    asyncio.run(run())


def test_a_bug_marks_its_span(spans: InMemorySpanExporter) -> None:
    def broken(_request: Any) -> Any:
        raise LookupError("my pin is 4711")

    caller = Caller(TestClient(host(model=broken), raise_server_exceptions=False))
    caller.turn({"message": "hello"})
    found = by_name(spans)
    for name in ("uicompiler ask", "POST /conversations/{id}/turns"):
        assert found[name].status.status_code.name == "ERROR"
        assert "4711" not in found[name].to_json()


@pytest.mark.parametrize("name", ["uicompiler_requests_total"])
def test_counting_goes_on_without_spans(name: str) -> None:
    caller = calling()
    caller.turn()
    assert name in caller.http.get("/metrics").text
