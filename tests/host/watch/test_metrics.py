"""What Prometheus reads: few labels, none that somebody sent."""

from __future__ import annotations

import asyncio

from prometheus_client.parser import text_string_to_metric_families

from uicompiler.host.guard.drain import Drain
from uicompiler.host.streams.hub import Hub
from uicompiler.host.watch.metrics import Metrics


def samples(metrics: Metrics) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    families = text_string_to_metric_families(metrics.text().decode())
    found = [sample for family in families for sample in family.samples]
    return {(item.name, tuple(sorted(item.labels.items()))): item.value for item in found}


def test_requests_turns_and_refusals_are_counted() -> None:
    hub = Hub()
    metrics = Metrics(hub, Drain(hub))
    metrics.answered("POST", "/conversations/{id}/events", 403, 0.002, ["A2UI_C2S_NONCE_INVALID"])
    metrics.answered("GET", None, 404, 0.001, ["HOST_PAGE_UNKNOWN"])
    metrics.answered("GET", "/conversations/{id}/stream", 200, -1.0, [])
    metrics.turn("event", "ok")
    found = samples(metrics)
    route = ("route", "/conversations/{id}/events")
    name = "uicompiler_requests_total"
    assert found[name, (("method", "POST"), route, ("status", "403"))] == 1
    assert found[name, (("method", "GET"), ("route", "other"), ("status", "404"))] == 1
    assert found["uicompiler_refusals_total", (("code", "A2UI_C2S_NONCE_INVALID"),)] == 1
    assert found["uicompiler_turns_total", (("kind", "event"), ("outcome", "ok"))] == 1
    assert found["uicompiler_request_seconds_count", (route,)] == 1
    assert (
        "uicompiler_request_seconds_count",
        (("route", "/conversations/{id}/stream"),),
    ) not in found


def test_what_is_no_code_is_no_label() -> None:
    hub = Hub()
    metrics = Metrics(hub, Drain(hub))
    metrics.refused(["my pin is 4711", "HOST_FAILED"])
    metrics.refused(["4711"])
    text = metrics.text().decode()
    assert "4711" not in text
    assert samples(metrics)["uicompiler_refusals_total", (("code", "HOST_FAILED"),)] == 1


def test_the_streams_are_read_from_the_hub() -> None:
    async def run() -> None:
        hub = Hub()
        metrics = Metrics(hub, Drain(hub))
        hub.listen("a", "")
        hub.listen("b", "")
        hub.drops["send"] += 1
        hub.latencies.add(0.003)
        hub.latencies.add(99.0)
        found = samples(metrics)
        assert found["uicompiler_streams", ()] == 2
        assert found["uicompiler_draining", ()] == 0
        assert found["uicompiler_stream_drops_total", (("why", "send"),)] == 1
        name = "uicompiler_commit_to_send_seconds"
        assert found[f"{name}_bucket", (("le", "0.0025"),)] == 0
        assert found[f"{name}_bucket", (("le", "0.005"),)] == 1
        assert found[f"{name}_bucket", (("le", "+Inf"),)] == 2
        assert found[f"{name}_sum", ()] == 99.003

    asyncio.run(run())


def test_each_host_has_a_registry_of_its_own() -> None:
    one, other = Hub(), Hub()
    first, second = Metrics(one, Drain(one)), Metrics(other, Drain(other))
    first.turn("event", "ok")
    assert "uicompiler_turns_total{" not in second.text().decode()
