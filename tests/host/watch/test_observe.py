"""Spans, with the SDK and without OpenTelemetry; ids of requests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from uicompiler.host.watch import observe

CALLER = "4bf92f3577b34da6a3ce929d0e0e4736"


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> Iterator[InMemorySpanExporter]:
    """Where spans go."""
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(trace, "get_tracer", provider.get_tracer)
    yield exporter
    provider.shutdown()


def by_name(spans: InMemorySpanExporter) -> dict[str, ReadableSpan]:
    return {span.name: span for span in spans.get_finished_spans()}


def test_a_request_goes_on_with_its_callers_trace_and_turns_are_within(
    spans: InMemorySpanExporter,
) -> None:
    headers = {"traceparent": f"00-{CALLER}-00f067aa0ba902b7-01"}
    with observe.request_span("POST", headers) as request:
        with observe.span("uicompiler event", uicompiler__kind="event") as turn:
            turn.codes(["HOST_FAILED"])
            turn.set(uicompiler__seq=3, left__out=None)
        request.name("POST /conversations/{id}/events")
    found = by_name(spans)
    outer, inner = found["POST /conversations/{id}/events"], found["uicompiler event"]
    assert format(outer.context.trace_id, "032x") == CALLER
    assert inner.parent is not None
    assert inner.parent.span_id == outer.context.span_id
    assert dict(inner.attributes or {}) == {
        "uicompiler.kind": "event",
        "uicompiler.seq": 3,
        "uicompiler.codes": ("HOST_FAILED",),
    }


def test_a_failure_is_marked_without_what_it_says(spans: InMemorySpanExporter) -> None:
    with pytest.raises(ValueError, match="4711"), observe.span("uicompiler event"):
        raise ValueError("my pin is 4711")
    found = by_name(spans)["uicompiler event"]
    assert found.status.status_code is trace.StatusCode.ERROR
    assert "4711" not in found.to_json()
    assert found.events == ()


def test_an_ended_span_takes_nothing_more(spans: InMemorySpanExporter) -> None:
    with observe.request_span("GET", {}) as span:
        span.end()
        span.name("later")
        span.set(http__route="/later")
        span.codes(["HOST_FAILED"])
        span.end(failed=True)
    assert list(by_name(spans)) == ["GET"]


def test_without_opentelemetry_nothing_is_told(
    spans: InMemorySpanExporter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(observe, "_trace", None)
    with observe.request_span("GET", {}) as request, observe.span("turn", a__b=1) as turn:
        for each in (request, turn):
            each.name("x")
            each.set(y=1)
            each.codes(["HOST_FAILED"])
            each.end()
    assert spans.get_finished_spans() == ()


@pytest.mark.parametrize("given", ["abc-1.2_3", "A" * 64])
def test_a_request_keeps_its_id(given: str) -> None:
    assert observe.new_request_id(given) == given
    assert observe.request_id() == given


@pytest.mark.parametrize("given", [None, "", "a b", "x" * 65, "a\r\nSet-Cookie: x", "é"])
def test_what_is_no_id_is_replaced(given: str | None) -> None:
    found = observe.new_request_id(given)
    assert len(found) == 32
    assert found != observe.new_request_id(given)
