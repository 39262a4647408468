"""Stopping: what runs is waited for, who listens is sent away."""

from __future__ import annotations

import asyncio

from uicompiler.host.guard.drain import Drain
from uicompiler.host.streams.hub import Hub


def test_it_begins_once_and_ends_the_streams() -> None:
    async def run() -> None:
        hub = Hub()
        drain, listener = Drain(hub), hub.listen("c", "")
        assert not drain.began
        drain.begin()
        drain.begin()
        await asyncio.sleep(0)
        assert drain.began
        assert await listener.take() is None

    asyncio.run(run())


def test_running_turns_are_waited_for() -> None:
    async def run() -> None:
        drain = Drain(Hub())
        assert await drain.finished(0.0)

        async def turn() -> None:
            with drain.turn():
                await asyncio.sleep(0.1)

        task = asyncio.ensure_future(turn())
        await asyncio.sleep(0.01)
        assert drain.running == 1
        assert not await drain.finished(0.02)
        assert await drain.finished(2)
        await task

    asyncio.run(run())


def test_a_turn_that_fails_is_over_too() -> None:
    drain = Drain(Hub())
    try:
        with drain.turn():
            raise LookupError
    except LookupError:
        pass
    assert drain.running == 0
