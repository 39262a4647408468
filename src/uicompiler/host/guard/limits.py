"""How often somebody may ask: token buckets, by conversation and by client.

Whoever is over is refused before anything is done for them; how long to wait is in the refusal. The
memory is bounded: of the buckets used longest ago the oldest are forgotten, and a forgotten bucket
is a full one. Time is handed in.
"""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv6Address, IPv6Network, ip_address
from typing import Final

from starlette.requests import HTTPConnection

from uicompiler.errors import HostError, diagnostic

_NETWORK_BITS: Final = 64
"""Of an IPv6 address: who has one has all of its network."""


@dataclass(frozen=True, slots=True)
class Rate:
    """How often something may happen.

    Attributes:
        per_s: So often a second, in the long run.
        burst: So often at once.
    """

    per_s: float
    burst: int


@dataclass(frozen=True, slots=True)
class RateLimits:
    """How often a host may be asked.

    Attributes:
        conversation: Posts of one conversation.
        client: Posts and streams of one address.
        reads: Reading requests of one conversation, its streams included,
        client_reads: and of one address, whether it may read or not.
        begun: Conversations begun by one address.
        messages: Messages on one WebSocket.
        known: So many conversations and addresses are told apart.
    """

    conversation: Rate = Rate(20.0, 100)
    client: Rate = Rate(100.0, 500)
    begun: Rate = Rate(5.0, 100)
    reads: Rate = Rate(50.0, 250)
    client_reads: Rate = Rate(200.0, 1_000)
    messages: Rate = Rate(20.0, 60)
    known: int = 20_000


class Limited(HostError):
    """HOST_RATE_LIMITED, and how long to wait.

    Args:
        what: What is limited, in words.
        rate: How often it may happen.
        retry_after_s: In whole seconds.
    """

    def __init__(self, what: str, rate: Rate, retry_after_s: int) -> None:
        message = f"{what}: at most {rate.per_s:g} a second, {rate.burst} at once"
        hint = f"wait {retry_after_s} s"
        super().__init__([diagnostic("HOST_RATE_LIMITED", message, hint=hint)])
        self.retry_after_s = retry_after_s


class Bucket:
    """Tokens that are taken out one at a time and come back with time.

    Args:
        rate: How fast, and how many there are at most.
        now: The time, in seconds.
    """

    __slots__ = ("_at", "_rate", "_tokens")

    def __init__(self, rate: Rate, now: float) -> None:
        self._rate = rate
        self._tokens = float(rate.burst)
        self._at = now

    def take(self, now: float) -> float:
        """Take one out.

        Returns:
            0, or in how many seconds there is one; a clock that went backwards brings none.
        """
        passed = max(0.0, now - self._at)
        self._at = now
        self._tokens = min(float(self._rate.burst), self._tokens + passed * self._rate.per_s)
        if self._tokens < 1.0:
            missing = 1.0 - self._tokens
            return missing / self._rate.per_s if self._rate.per_s > 0 else math.inf
        self._tokens -= 1.0
        return 0.0


class Limiter:
    """The buckets of a host; None limits nothing.

    Args:
        limits: How often it may be asked.
        clock: Seconds that only rise.
    """

    def __init__(
        self, limits: RateLimits | None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.limits = limits
        self._clock = clock
        self._buckets: OrderedDict[tuple[str, str], Bucket] = OrderedDict()
        self._lock = threading.Lock()

    def conversation(self, conversation_id: str) -> None:
        """Count a post of a conversation, of somebody who may post there.

        Raises:
            Limited: HOST_RATE_LIMITED.
        """
        if self.limits is not None:
            self._take("posts of one conversation", conversation_id, self.limits.conversation)

    def reads(self, conversation_id: str) -> None:
        """Count a reading request of a conversation, of somebody who may read it.

        Raises:
            Limited: HOST_RATE_LIMITED.
        """
        if self.limits is not None:
            self._take("reads of one conversation", conversation_id, self.limits.reads)

    def client_reads(self, request: HTTPConnection) -> None:
        """Count a reading request of an address, before anything is read for it.

        Raises:
            Limited: HOST_RATE_LIMITED.
        """
        if self.limits is not None:
            self._take("reads of one client", client_of(request), self.limits.client_reads)

    def client(self, request: HTTPConnection) -> None:
        """Count a request of an address.

        Raises:
            Limited: HOST_RATE_LIMITED.
        """
        if self.limits is not None:
            self._take("requests of one client", client_of(request), self.limits.client)

    def begun(self, request: HTTPConnection) -> None:
        """Count a conversation that an address begins.

        Raises:
            Limited: HOST_RATE_LIMITED.
        """
        if self.limits is not None:
            self._take("conversations begun", client_of(request), self.limits.begun)

    def messages(self) -> Callable[[], None]:
        """Counts the messages of one WebSocket; raises as the others do."""
        if self.limits is None:
            return _unlimited
        rate, clock = self.limits.messages, self._clock
        bucket = Bucket(rate, clock())

        def take() -> None:
            wait_s = bucket.take(clock())
            if wait_s:
                raise Limited("messages on one WebSocket", rate, _whole(wait_s))

        return take

    def _take(self, what: str, who: str, rate: Rate) -> None:
        with self._lock:
            wait_s = self._bucket((what, who), rate).take(self._clock())
        if wait_s:
            raise Limited(what, rate, _whole(wait_s))

    def _bucket(self, name: tuple[str, str], rate: Rate) -> Bucket:
        found = self._buckets.get(name)
        if found is None:
            found = self._buckets[name] = Bucket(rate, self._clock())
            while self.limits is not None and len(self._buckets) > self.limits.known:
                self._buckets.popitem(last=False)
        self._buckets.move_to_end(name)
        return found

    def __len__(self) -> int:
        return len(self._buckets)


def _unlimited() -> None:
    return None


def _whole(wait_s: float) -> int:
    return 3_600 if wait_s > 3_600 else max(1, math.ceil(wait_s))


def client_of(request: HTTPConnection) -> str:
    """The address a request comes from, as the server says: a proxy's, unless it is trusted."""
    host = "" if request.client is None else request.client.host
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return host
    if not isinstance(address, IPv6Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(IPv6Network((int(address), _NETWORK_BITS), strict=False).network_address)
