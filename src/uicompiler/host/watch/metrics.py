"""What a host tells Prometheus: counts and times, in a registry of its own.

Labels are names of routes, methods, statuses, codes and kinds: no id, address, token or text that
somebody sent is ever one, so that there are few of them and nothing leaks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import accumulate
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from uicompiler.errors import CODES
from uicompiler.host.guard.drain import Drain
from uicompiler.host.streams.hub import Hub

CONTENT_TYPE: Final = CONTENT_TYPE_LATEST
_OTHER: Final = "other"
_SECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 60.0)


class Metrics:
    """The metrics of one host.

    Args:
        hub: Its streams.
        drain: What runs in it.
    """

    def __init__(self, hub: Hub, drain: Drain) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "uicompiler_requests",
            "Requests answered, by route and status",
            ["method", "route", "status"],
            registry=self.registry,
        )
        self._seconds = Histogram(
            "uicompiler_request_seconds",
            "How long answers took; streams are not counted",
            ["route"],
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._turns = Counter(
            "uicompiler_turns",
            "Turns run, by what was asked and what it came to",
            ["kind", "outcome"],
            registry=self.registry,
        )
        self._refusals = Counter(
            "uicompiler_refusals", "Refusals, by code", ["code"], registry=self.registry
        )
        self.registry.register(_Streams(hub, drain))

    def answered(
        self, method: str, route: str | None, status: int, seconds: float, codes: Iterable[str]
    ) -> None:
        """Count a request.

        Args:
            method: Its method, one of a few.
            route: The pattern of its route; None for none of ours.
            status: Of the answer.
            seconds: How long it took; below zero for a stream, which is not timed.
            codes: What it was refused with, or warned of.
        """
        self._requests.labels(method, route or _OTHER, str(status)).inc()
        if seconds >= 0:
            self._seconds.labels(route or _OTHER).observe(seconds)
        if status >= 400:
            self.refused(codes)

    def refused(self, codes: Iterable[str]) -> None:
        """Count a refusal under its first code."""
        code = next((code for code in codes if code in CODES), None)
        if code is not None:
            self._refusals.labels(code).inc()

    def turn(self, kind: str, outcome: str) -> None:
        """Count a turn: what was asked (`model`, `press`, …) and whether it was `ok`."""
        self._turns.labels(kind, outcome).inc()

    def text(self) -> bytes:
        """Everything, as Prometheus reads it."""
        return generate_latest(self.registry)


class _Streams:
    """What the hub counts itself, read when somebody asks."""

    def __init__(self, hub: Hub, drain: Drain) -> None:
        self._hub = hub
        self._drain = drain

    def collect(self) -> Iterator[Metric]:
        """The metrics as they are now."""
        yield GaugeMetricFamily("uicompiler_streams", "Open streams", self._hub.open_streams)
        yield GaugeMetricFamily("uicompiler_running", "Turns that run", self._drain.running)
        yield GaugeMetricFamily("uicompiler_draining", "Whether it stops", int(self._drain.began))
        drops = CounterMetricFamily(
            "uicompiler_stream_drops", "Streams dropped, by why", labels=["why"]
        )
        for why, count in self._hub.drops.items():
            drops.add_metric([why], count)
        yield drops
        yield self._latencies()

    def _latencies(self) -> Metric:
        found = self._hub.latencies
        bounds = [*(str(bound) for bound in found.BOUNDS), "+Inf"]
        buckets = list(zip(bounds, map(float, accumulate(found.counts)), strict=True))
        return HistogramMetricFamily(
            "uicompiler_commit_to_send_seconds",
            "From a turn's commit to its sending, by stream and turn",
            buckets=buckets,
            sum_value=found.total_s,
        )
