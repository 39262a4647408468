"""A database server or a server of notices that goes away and comes back, under load."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.crash import Acknowledged, Disturb, Plan, Processes, run
from tests.faults.site import Place
from tests.services import NatsServer, free_port, running_postgres

PLAN = Plan(kills=0, seed=7, users=4, shared=2)


def away(stop: Callable[[], None], start: Callable[[], None], times: int) -> Disturb:
    """Stop something and start it again, under load, and see that operations go on after it."""

    def disturb(_processes: Processes, told: Acknowledged) -> None:
        for _ in range(times):
            time.sleep(0.4)
            stop()
            time.sleep(0.3)
            start()
            before, until = told.count, time.monotonic() + 20
            while told.count < before + 5:
                assert time.monotonic() < until, "nothing goes on"
                time.sleep(0.02)

    return disturb


@pytest.mark.slow
@pytest.mark.parametrize("how", ["fast", "immediate"])
def test_a_postgresql_that_is_restarted_loses_nothing(how: str, tmp_path: Path) -> None:
    with running_postgres() as server:
        place = Place(free_port(), server.database(), str(tmp_path / "ledger"), str(tmp_path))
        report = run(PLAN, [place], away(lambda: server.stop(how), server.start, 2))
    assert report.ok, report.text()


@pytest.mark.slow
def test_a_nats_that_is_killed_costs_no_turn_and_no_order(tmp_path: Path) -> None:
    nats = NatsServer(tmp_path / "nats")
    nats.start()
    ledger, folder = str(tmp_path / "ledger"), str(tmp_path)
    with running_postgres() as server:
        url = server.database()
        places = [Place(free_port(), url, ledger, folder, nats.url) for _ in range(2)]
        report = run(PLAN, places, away(nats.kill, nats.start, 2))
    nats.stop()
    assert report.ok, report.text()
