"""Token buckets: so often at once, so often in the long run, in bounded memory."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.requests import HTTPConnection

from uicompiler.host.guard.limits import Bucket, Limited, Limiter, Rate, RateLimits, client_of


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def asking(address: str | None) -> HTTPConnection:
    client: Any = None if address is None else (address, 5_000)
    return HTTPConnection({"type": "http", "client": client, "headers": []})


LIMITS = RateLimits(
    conversation=Rate(2, 3), client=Rate(1, 2), begun=Rate(0.1, 1), messages=Rate(1, 1), known=3
)


def test_a_burst_then_the_rate() -> None:
    clock = Clock()
    limiter = Limiter(LIMITS, clock)
    for _ in range(3):
        limiter.conversation("c")
    with pytest.raises(Limited) as refused:
        limiter.conversation("c")
    assert (refused.value.code, refused.value.status) == ("HOST_RATE_LIMITED", 429)
    assert refused.value.retry_after_s == 1
    clock.now += 0.5
    limiter.conversation("c")
    with pytest.raises(Limited):
        limiter.conversation("c")


def test_conversations_and_addresses_are_counted_apart() -> None:
    limiter = Limiter(LIMITS, Clock())
    for _ in range(3):
        limiter.conversation("a")
    limiter.conversation("b")
    for _ in range(2):
        limiter.client(asking("192.0.2.1"))
    limiter.client(asking("192.0.2.2"))
    with pytest.raises(Limited):
        limiter.client(asking("192.0.2.1"))


def test_how_long_to_wait_is_said_in_whole_seconds() -> None:
    limiter = Limiter(LIMITS, Clock())
    limiter.begun(asking("192.0.2.1"))
    with pytest.raises(Limited) as refused:
        limiter.begun(asking("192.0.2.1"))
    assert refused.value.retry_after_s == 10
    assert refused.value.diagnostics[0].hint == "wait 10 s"


def test_memory_is_bounded_and_who_is_forgotten_begins_anew() -> None:
    limiter = Limiter(LIMITS, Clock())
    for number in range(100):
        limiter.conversation(f"c{number}")
    assert len(limiter) == 3
    for _ in range(3):
        limiter.conversation("c0")


def test_a_clock_that_goes_backwards_gives_nothing_and_takes_nothing() -> None:
    bucket = Bucket(Rate(1, 2), 100.0)
    assert (bucket.take(100.0), bucket.take(50.0)) == (0.0, 0.0)
    assert bucket.take(50.0) == pytest.approx(1.0)
    assert bucket.take(51.0) == 0.0


def test_a_rate_of_nothing_never_comes_back() -> None:
    limiter = Limiter(RateLimits(conversation=Rate(0, 1)), Clock())
    limiter.conversation("c")
    with pytest.raises(Limited) as refused:
        limiter.conversation("c")
    assert refused.value.retry_after_s == 3_600


def test_messages_of_each_socket_have_a_bucket_of_their_own() -> None:
    limiter = Limiter(LIMITS, Clock())
    one, other = limiter.messages(), limiter.messages()
    one()
    other()
    with pytest.raises(Limited):
        one()
    assert len(limiter) == 0


def test_without_limits_nothing_is_limited() -> None:
    limiter = Limiter(None, Clock())
    take = limiter.messages()
    for _ in range(1_000):
        limiter.conversation("c")
        limiter.client(asking("192.0.2.1"))
        limiter.begun(asking("192.0.2.1"))
        take()
    assert len(limiter) == 0


@pytest.mark.parametrize(
    ("address", "named"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::"),
        ("fe80::1%eth0", "fe80::"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("testclient", "testclient"),
        (None, ""),
    ],
)
def test_an_ipv6_client_is_its_network(address: str | None, named: str) -> None:
    assert client_of(asking(address)) == named
