"""An OpenAI-compatible server on loopback that answers as it is told to, faults included.

It runs in a thread of its own, so that whoever asks may block or not. Which session a request
belongs to says its key `sim_session`, or its path (`/s/TOKEN/v1/chat/completions`); a session is a
function of the request, called in order of arrival.
"""

from __future__ import annotations

import asyncio
import itertools
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Any, Final, Self, TypeAlias

import orjson

from uicompiler.evals.sim.answer import SimAnswer
from uicompiler.evals.sim.script import Script
from uicompiler.evals.sim.transport import SimSession
from uicompiler.evals.sim.wire import body_of, head_of
from uicompiler.llm.exchange import Request

Answers: TypeAlias = Callable[[Request], SimAnswer]

SESSION: Final = "sim_session"
"""The key of a request that names its session; the real transport passes it on as it is."""

_HOST: Final = "127.0.0.1"
_MAX_HEAD: Final = 65_536
_MAX_BODY: Final = 16_000_000
_STARTING_S: Final = 10.0


@dataclass(frozen=True, slots=True)
class _Asked:
    path: str
    body: dict[str, Any]


class SimServer:
    """The server; a context manager. Sessions may be opened and closed from any thread."""

    def __init__(self) -> None:
        self._sessions: dict[str, Answers] = {}
        self._tokens = itertools.count(1)
        self._numbers = itertools.count(1)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="sim-server", daemon=True)
        self._started = threading.Event()
        self._stop: asyncio.Event | None = None
        self._port = 0

    def __enter__(self) -> Self:
        self._thread.start()
        if not self._started.wait(_STARTING_S):
            raise RuntimeError("the simulated provider did not start")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._stop is not None:
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(_STARTING_S)

    @property
    def base_url(self) -> str:
        """Where requests go that name their session by that key."""
        return f"http://{_HOST}:{self._port}/v1"

    def base_url_of(self, token: str) -> str:
        """Where requests of one session go."""
        return f"http://{_HOST}:{self._port}/s/{token}/v1"

    def open(self, answers: Answers) -> str:
        """A session with answers of its own; its token."""
        token = f"sim-{next(self._tokens)}"
        self._sessions[token] = answers
        return token

    def open_personality(self, name: str, script: Script, *, seed: int) -> str:
        """A session in which a personality answers, as fast as it can; its token."""
        return self.open_session(SimSession(name, script, seed=seed))

    def open_session(self, session: SimSession) -> str:
        """A session that somebody else holds as well, answered as fast as it can; its token."""
        return self.open(lambda request: _at_once(session(request)))

    def close_session(self, token: str) -> None:
        """Forget a session."""
        self._sessions.pop(token, None)

    # --- in the thread of the server --------------------------------------------------------------

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._serve())
        finally:
            self._loop.close()

    async def _serve(self) -> None:
        self._stop = asyncio.Event()
        tasks: set[asyncio.Task[None]] = set()

        def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = self._loop.create_task(self._connection(reader, writer))
            tasks.add(task)
            task.add_done_callback(tasks.discard)

        server = await asyncio.start_server(connected, _HOST, 0, limit=_MAX_HEAD)
        self._port = server.sockets[0].getsockname()[1]
        self._started.set()
        await self._stop.wait()
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            asked = await _read(reader)
            made = self._answer(asked)
            await _write(made, asked.body, next(self._numbers), reader, writer)
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()

    def _answer(self, asked: _Asked) -> SimAnswer:
        answers = self._sessions.get(str(asked.body.get(SESSION, ""))) or self._sessions.get(
            _token(asked.path)
        )
        if answers is None or not asked.path.endswith("/chat/completions"):
            return SimAnswer(status=404, error={"message": f"no such endpoint: {asked.path}"})
        return answers(asked.body)


def _at_once(made: SimAnswer) -> SimAnswer:
    return made if made.delay_s is None else replace(made, delay_s=0.0)


def _token(path: str) -> str:
    parts = path.split("/")
    return parts[2] if parts[1:2] == ["s"] and len(parts) > 2 else ""


async def _read(reader: asyncio.StreamReader) -> _Asked:
    """One request; a body that is no JSON object is an empty one."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.split("\r\n")
    headers = dict(_headers(lines))
    length = min(int(headers.get("content-length", "0")), _MAX_BODY)
    raw = await reader.readexactly(length)
    try:
        body = orjson.loads(raw)
    except orjson.JSONDecodeError:
        body = {}
    path = first.split(" ")[1] if first.count(" ") >= 2 else ""
    return _Asked(path, body if isinstance(body, dict) else {})


def _headers(lines: list[str]) -> Iterator[tuple[str, str]]:
    for line in lines:
        name, colon, value = line.partition(":")
        if colon:
            yield name.strip().lower(), value.strip()


async def _write(
    made: SimAnswer,
    request: Request,
    number: int,
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
) -> None:
    if not await _waited(made.delay_s, reader):
        return
    body = body_of(made, request, number)
    if made.cut_after == 0:
        writer.transport.abort()
        return
    writer.write(head_of(made, request, len(body)))
    sent = body if made.cut_after is None else body[: made.cut_after]
    for start in range(0, len(sent), made.piece_bytes):
        writer.write(sent[start : start + made.piece_bytes])
        await writer.drain()
        if made.pause_s and not await _waited(made.pause_s, reader):
            return
    if made.cut_after is not None:
        await writer.drain()
        writer.transport.abort()


async def _waited(seconds: float | None, reader: asyncio.StreamReader) -> bool:
    """Wait, for ever when that is None; False once the client has gone."""
    if seconds == 0:
        return True
    try:
        await asyncio.wait_for(reader.read(1), seconds)
    except TimeoutError:
        return True
    return False
