"""The connection to a model's provider: one event loop for all calls, and a guarded HTTP client.

All calls of a process run in one loop in a thread of its own, so that any thread and any event
loop may ask, connections are kept, and a deadline or a cancellation ends a call wherever it is:
in the middle of headers, of a body, of a stream.

The client follows no redirect (it would take the key along), sends nothing twice (whoever asked
decides about that), asks for no compression (a small answer could become a huge one), and stops
reading beyond a limit. Proxies are those of the
environment.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import inspect
import os
import ssl
import threading
from collections.abc import AsyncIterator, Callable, Coroutine
from contextvars import ContextVar
from functools import cache
from typing import TYPE_CHECKING, Any, Final, TypeVar

from uicompiler.llm.connection.failures import Seen
from uicompiler.llm.connection.secrets import host_of
from uicompiler.llm.exchange import Failure, FailureKind

if TYPE_CHECKING:
    import httpx

_T = TypeVar("_T")

CALL: Final[ContextVar[Seen | None]] = ContextVar("uicompiler_llm_call", default=None)
"""The call that the current task makes."""


class _TidyLoop(asyncio.SelectorEventLoop):
    """Notes what threads make for a call, so that `let_go` finds it.

    litellm makes the coroutine of a call in a thread. A call that ends before it takes that
    coroutine over would leave it behind, never awaited, which Python warns of.
    """

    def run_in_executor(  # type: ignore[override]  # what it is handed is handed on as it is
        self, executor: Any, func: Callable[..., Any], *args: Any
    ) -> asyncio.Future[Any]:
        """As always, and what comes of it is noted."""
        seen = CALL.get()

        def work() -> Any:
            made = func(*args)
            if seen is not None and asyncio.iscoroutine(made):
                seen.made.append(made)
                if seen.over:
                    let_go(seen)
            return made

        return super().run_in_executor(executor, work)


def let_go(seen: Seen) -> None:
    """Close what was made for a call and never begun; also what is still being made for it."""
    seen.over = True
    for made in list(seen.made):
        if inspect.getcoroutinestate(made) == inspect.CORO_CREATED:
            made.close()


class Loop:
    """An event loop in a daemon thread; a forked process gets one of its own."""

    def __init__(self) -> None:
        # Reentrant, since collecting garbage in here may close a client, which comes here too.
        self._lock = threading.RLock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._pid = 0

    @property
    def started(self) -> bool:
        """Whether it runs in this process."""
        return self._loop is not None and self._pid == os.getpid()

    def submit(self, work: Coroutine[Any, Any, _T]) -> concurrent.futures.Future[_T]:
        """Run a coroutine there."""
        return asyncio.run_coroutine_threadsafe(work, self._running())

    def finish(self, work: Coroutine[Any, Any, object], *, timeout_s: float = 5.0) -> None:
        """Run a coroutine there to its end, or begin it where waiting would never end."""
        future = self.submit(work)
        if threading.current_thread() is not self._thread:
            with contextlib.suppress(concurrent.futures.TimeoutError):
                future.result(timeout_s)

    def stop(self) -> None:
        """Cancel what still runs, and end the loop."""
        with self._lock:
            loop, self._loop = self._loop, None
            thread = self._thread
        if loop is None or thread is None or self._pid != os.getpid() or not thread.is_alive():
            return
        with contextlib.suppress(concurrent.futures.TimeoutError):
            asyncio.run_coroutine_threadsafe(_cancel_all(), loop).result(5.0)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5.0)

    def _running(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None or self._pid != os.getpid():
                self._loop, self._pid = _TidyLoop(), os.getpid()
                name = "uicompiler-llm"
                threading.Thread(target=_serve, args=(self._loop,), name=name, daemon=True).start()
            return self._loop


def _serve(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    try:
        loop.run_forever()
    finally:
        loop.close()


async def _cancel_all() -> None:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    await asyncio.sleep(0)  # sockets that were closed are let go of one turn later


LOOP: Final = Loop()


_HERE: Final = ("all://localhost", "all://127.0.0.1", "all://[::1]")
"""Reached without a proxy, which would look for them elsewhere."""


class RefusedAnswer(Exception):  # a decision about an answer, not an error of ours
    """The answer is not read; why stands in the call's `Seen`."""


def guarded_client(*, max_bytes: int) -> httpx.AsyncClient:
    """An HTTP client that reads what may be read, and notes what it saw in `CALL`.

    Args:
        max_bytes: Of one answer's body.
    """
    import httpx

    async def note(request: httpx.Request) -> None:
        _note(request)

    async def look(response: httpx.Response) -> None:
        _look(response, max_bytes)

    return httpx.AsyncClient(
        follow_redirects=False,
        headers={"accept-encoding": "identity"},
        verify=_tls(),
        event_hooks={"request": [note], "response": [look]},
        mounts=dict.fromkeys(_HERE),
        limits=httpx.Limits(max_connections=200, max_keepalive_connections=20),
    )


def no_second_try() -> httpx.AsyncBaseTransport:
    """What litellm would send a request through once more after a lost connection."""
    import httpx

    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("The server cannot be reached.", request=request)

    return httpx.MockTransport(refuse)


@cache
def _tls() -> ssl.SSLContext:
    """Trusted roots, read once: the environment's file or folder if it names one."""
    import httpx

    return httpx.create_ssl_context()


def _note(request: httpx.Request) -> None:
    seen = CALL.get()
    if seen is None:
        return
    sent = request.method, str(request.url)
    if sent in seen.sent:
        raise RefusedAnswer("A request is not sent twice.")
    seen.sent.add(sent)


def _look(response: httpx.Response, max_bytes: int) -> None:
    seen = CALL.get()
    if seen is None:
        return
    seen.status, seen.headers = response.status_code, dict(response.headers)
    if response.has_redirect_location:
        where = host_of(response.headers["location"]) or "another place"
        raise _refuse(seen, "refused", f"The server redirects to {where}, which is not followed.")
    if response.headers.get("content-encoding", "identity") != "identity":
        raise _refuse(
            seen, "invalid_response", "The answer is compressed, which was not asked for."
        )
    length = response.headers.get("content-length", "")
    if length.isascii() and length.isdigit() and (len(length) > 18 or int(length) > max_bytes):
        raise _refuse(seen, "too_large", _too_large(max_bytes))
    response.stream = _counted(response.stream, seen, max_bytes)


def _refuse(seen: Seen, kind: FailureKind, message: str) -> RefusedAnswer:
    seen.failure = Failure(kind, message, seen.status)
    return RefusedAnswer(message)


def _too_large(max_bytes: int) -> str:
    return f"The answer has more than {max_bytes} bytes."


def _counted(stream: Any, seen: Seen, max_bytes: int) -> httpx.AsyncByteStream:
    """The same bytes, up to the limit.

    `stream` is whatever httpx was about to read from; its type says more than is used of it.
    """
    import httpx

    class Counted(httpx.AsyncByteStream):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            left = max_bytes
            async for chunk in stream:
                left -= len(chunk)
                if left < 0:
                    raise _refuse(seen, "too_large", _too_large(max_bytes))
                yield chunk

        async def aclose(self) -> None:
            await stream.aclose()

    return Counted()
