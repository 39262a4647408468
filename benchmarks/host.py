"""How fast a host tells a thousand open streams, beside an endpoint that does nothing else.

    python -m benchmarks.host [--streams 1000] [--json]

One process serves; this one opens the streams and reads them, on the same machine. The measure is a
bare Starlette endpoint in the same process: a `StreamingResponse` over a generator that yields
bytes which were encoded before, the same bytes. Rounds alternate between the two, medians count.

- *one by one*: the next turn is told when every stream has the one before;
- *at once*: a burst of turns, as many as may wait for a stream.

Then turns over HTTP, with a log in memory, in SQLite and in PostgreSQL: commits a second, and the
time from a commit to its receipt, by the clock that both processes share. And what a stream costs
in memory. Exit status 1 when a target in `targets.py` is missed.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import http.client
import json
import resource
import selectors
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from benchmarks import arguments
from benchmarks.targets import FANOUT, verdict

ROUNDS = 5
ONE_BY_ONE = 8
AT_ONCE = 50
COMMITS = 200
WRITERS = 4
CONVERSATIONS = 8
LOGS = ("memory", "sqlite", "postgres")

# --- the process that serves ----------------------------------------------------------------------


def serve(args: argparse.Namespace) -> None:
    """Serve until killed."""
    import uvicorn

    _many_files()
    # The connection that asks is quiet while streams are read.
    config = uvicorn.Config(
        application(args.log), log_level="warning", access_log=False, timeout_keep_alive=600
    )
    listening = socket.create_server(("127.0.0.1", 0), backlog=4096)
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # as `serve` does
    print(listening.getsockname()[1], flush=True)
    uvicorn.Server(config).run(sockets=[listening])


def application(url: str) -> Any:
    """The host, with the bare endpoint and the measuring beside it."""
    from starlette.applications import Starlette
    from starlette.concurrency import run_in_threadpool
    from starlette.requests import Request
    from starlette.responses import JSONResponse, StreamingResponse
    from starlette.routing import Mount, Route

    from tests.faults.till import till
    from uicompiler.host import KeyRing, create_app
    from uicompiler.host.api.frames import as_events
    from uicompiler.host.streams.hub import StreamLimits, Told

    limits = StreamLimits(streams=4_096, total=8_192, heartbeat_s=3_600)
    log = _timed(url)
    host = create_app(till(), signer=KeyRing.generated(), log=log, streams=limits, rates=None)
    hub = host.state.host.hub
    bare = Bare()

    async def stream(_request: Request) -> StreamingResponse:
        return StreamingResponse(bare.body(), media_type="text/event-stream")

    async def tell(request: Request) -> JSONResponse:
        given = await request.json()
        told = [
            Told(seq, "", tuple((name, data) for name, data in given["events"]))
            for seq in range(given["first"], given["first"] + given["turns"])
        ]
        if given["bare"]:
            bare.tell([as_events(item) for item in told])
        else:
            await run_in_threadpool(lambda: [hub.tell(given["conversation"], t) for t in told])
        return JSONResponse({"bytes": sum(len(as_events(item)) for item in told)})

    async def times(_request: Request) -> JSONResponse:
        return JSONResponse(log.times)

    async def memory(_request: Request) -> JSONResponse:
        gc.collect()
        return JSONResponse({"rss": _rss(), "streams": hub.open_streams})

    return Starlette(
        routes=[
            Route("/bare", stream),
            Route("/tell", tell, methods=["POST"]),
            Route("/times", times),
            Route("/memory", memory),
            Mount("/", host),
        ]
    )


class Bare:
    """An endpoint of a few lines: everybody gets the bytes that there are, piece by piece."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._more = asyncio.Event()

    def tell(self, pieces: Sequence[bytes]) -> None:
        self._pieces = list(pieces)
        more, self._more = self._more, asyncio.Event()
        more.set()

    async def body(self) -> Any:
        yield b"retry: 2000\n\n"
        while True:
            await self._more.wait()
            for piece in self._pieces:
                yield piece


def _timed(url: str) -> Any:
    """A log that notes when each commit was durable."""
    from uicompiler.store.open import open_log

    log = open_log(url)
    append = log.append
    log.times = []  # type: ignore[attr-defined]

    def timed(conversation_id: str, commit: Any, *, expected: Any) -> Any:
        head = append(conversation_id, commit, expected=expected)
        log.times.append((conversation_id, head.seq, time.monotonic()))  # type: ignore[attr-defined]
        return head

    log.append = timed  # type: ignore[method-assign]
    return log


def _rss() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize()


def _many_files() -> None:
    """As many open files as the system allows: a stream is one on each side."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 65_536 if most == resource.RLIM_INFINITY else most
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))
    if wanted < 8_192:
        raise SystemExit(f"only {wanted} files may be open here; raise the hard limit")


# --- the process that reads -----------------------------------------------------------------------


class Server:
    """The serving process, seen from outside."""

    def __init__(self, log: str) -> None:
        command = [sys.executable, "-m", "benchmarks.host", "--serve", "--log", log]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        self.port = int(self._process.stdout.readline())
        self._http = http.client.HTTPConnection("127.0.0.1", self.port)

    def ask(
        self, method: str, path: str, content: Any = None, token: str = "", key: str = ""
    ) -> Any:
        """One request; its answer as JSON."""
        return _ask(self._http, method, path, content, token, key)

    @contextmanager
    def asked(self, path: str, content: Any) -> Iterator[None]:
        """Post something, and read the answer in the end."""
        headers = {"Content-Type": "application/json"}
        self._http.request("POST", path, json.dumps(content), headers)
        yield
        self._http.getresponse().read()

    def begin(self) -> tuple[str, str]:
        """A conversation with the till open: its id and token."""
        from tests.faults.till import OPEN

        found = self.ask("POST", "/conversations", {})
        self.ask("POST", f"/conversations/{found['id']}/turns", OPEN, found["token"], "open")
        return found["id"], found["token"]

    def close(self) -> None:
        """Stop it; nobody waits for its streams to end."""
        assert self._process.stdout is not None
        self._http.close()
        self._process.kill()
        self._process.wait(30)
        self._process.stdout.close()


def _ask(
    connection: http.client.HTTPConnection,
    method: str,
    path: str,
    content: Any,
    token: str,
    key: str,
) -> Any:
    headers = {"Content-Type": "application/json"}
    headers |= {"Authorization": f"Bearer {token}"} if token else {}
    headers |= {"Idempotency-Key": key} if key else {}
    body = None if content is None else json.dumps(content)
    connection.request(method, path, body, headers)
    response = connection.getresponse()
    answer = response.read()
    if response.status >= 300:
        raise SystemExit(f"{method} {path}: {response.status} {answer[:500]!r}")
    return json.loads(answer)


class Streams:
    """Open streams, all read by one selector."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._open: list[socket.socket] = []

    def open(self, port: int, path: str, token: str, count: int) -> None:
        """Open some more, and read until each has begun."""
        ask = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
        ask += f"Authorization: Bearer {token}\r\n" if token else ""
        fresh = []
        for _ in range(count):
            found = socket.create_connection(("127.0.0.1", port))
            found.sendall(f"{ask}Accept: text/event-stream\r\n\r\n".encode())
            fresh.append(found)
        for found in fresh:
            head = b""
            while b"retry:" not in head:
                piece = found.recv(65_536)
                head += piece
                if not piece or (b"\r\n" in head and b" 200 " not in head.split(b"\r\n")[0]):
                    raise SystemExit(f"a stream did not open: {head[:500]!r}")
            found.setblocking(False)
            self._selector.register(found, selectors.EVENT_READ, path)
        self._open += fresh

    def drain(self, quiet_s: float = 0.3) -> None:
        """Read until nothing comes."""
        while found := self._selector.select(quiet_s):
            for key, _ in found:
                _read(key.fileobj)

    def until(self, seq: int) -> None:
        """Read until every stream has a turn."""
        wanted = b"\nid: %d\n" % seq
        tails = dict.fromkeys(self._open, b"")
        while tails:
            for key, _ in self._selector.select(30):
                tail = tails.get(key.fileobj)
                raw = _read(key.fileobj)
                if tail is None:
                    continue
                raw = tail + raw
                if wanted in raw:
                    del tails[key.fileobj]
                else:
                    tails[key.fileobj] = raw[-len(wanted) :]

    def receipts(self, stop: threading.Event) -> list[tuple[str, int, float]]:
        """Which turn came when, by the path of its stream, until it is said to stop."""
        found: list[tuple[str, int, float]] = []
        while not stop.is_set():
            for key, _ in self._selector.select(0.05):
                raw = _read(key.fileobj)
                now = time.monotonic()
                found += [(key.data, seq, now) for seq in _ids(raw)]
        return found

    def close(self) -> None:
        """Close all."""
        self._selector.close()
        for found in self._open:
            found.close()


def _read(found: Any) -> bytes:
    raw: bytes = found.recv(1 << 20)
    if not raw:
        raise SystemExit("a stream ended")
    return raw


def _ids(raw: bytes) -> Iterator[int]:
    at = raw.find(b"\nid: ")
    while at >= 0:
        end = raw.find(b"\n", at + 5)
        if end > 0:
            yield int(raw[at + 5 : end])
        at = raw.find(b"\nid: ", at + 5)


# --- measuring ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    """One thing that was measured."""

    name: str
    value: float
    unit: str

    def text(self) -> str:
        return f"{self.name:<58}{self.value:>12,.2f} {self.unit}"


def payloads() -> dict[str, list[tuple[str, Any]]]:
    """What one turn tells: a small change, and a whole form."""
    from uicompiler import UIApp, compile
    from uicompiler.resources import data_path

    app = UIApp.load(data_path("examples/crm"))
    turn = (data_path("examples/crm") / "turns/01_show_form.json").read_text()
    form = compile(turn, app=app)
    message = form.messages[1]
    return {
        "small": [("a2ui", message)],
        "form": [*(("a2ui", item) for item in form.messages), ("text", {"text": "There."})],
    }


def fan_out(server: Server, count: int) -> Iterator[Row]:
    """The host beside the bare endpoint."""
    conversation, token = server.begin()
    before = server.ask("GET", "/memory")
    streams, bare = Streams(), Streams()
    streams.open(server.port, f"/conversations/{conversation}/stream?after=2", token, count)
    streams.drain()
    after = server.ask("GET", "/memory")
    yield Row("memory of a stream", (after["rss"] - before["rss"]) / count / 1024, "KiB")
    bare.open(server.port, "/bare", "", count)
    first = 3
    for name, events in payloads().items():
        for way, turns in (("one by one", 1), ("at once", AT_ONCE)):
            seconds: dict[bool, list[float]] = {False: [], True: []}
            for number in range(ROUNDS + 1):
                for is_bare, readers in ((True, bare), (False, streams)):
                    took, first = _round(
                        server, readers, conversation, events, is_bare, turns, first
                    )
                    if number:  # the first one warms up
                        seconds[is_bare].append(took)
            told = count * (ONE_BY_ONE if turns == 1 else turns)
            rates = {is_bare: told / median(times) for is_bare, times in seconds.items()}
            yield Row(f"{name}, {way}: bare", rates[True], "events/s")
            yield Row(f"{name}, {way}: host", rates[False], "events/s")
            yield Row(f"{name}, {way}: host ÷ bare", rates[False] / rates[True], "")
    streams.close()
    bare.close()


def _round(
    server: Server,
    streams: Streams,
    conversation: str,
    events: Sequence[Any],
    is_bare: bool,
    turns: int,
    first: int,
) -> tuple[float, int]:
    """Tell some turns and wait until all streams have them: the seconds, and the next number.

    Both kinds of streams are told turns of the same numbers, the bare ones before the host's.
    """
    began, last = time.perf_counter(), first
    for _ in range(ONE_BY_ONE if turns == 1 else 1):
        given = {"conversation": conversation, "events": events, "bare": is_bare}
        # Its answer waits: whoever waited for it would not read while the server writes.
        with server.asked("/tell", {**given, "turns": turns, "first": last}):
            last += turns
            streams.until(last - 1)
    return time.perf_counter() - began, first if is_bare else last


def commits(log: str, server: Server, count: int) -> Iterator[Row]:
    """Turns over HTTP, by several writers; the streams listen to their conversations."""
    opened = [server.begin() for _ in range(CONVERSATIONS)]
    streams = Streams()
    for conversation, token in opened:
        path = f"/conversations/{conversation}/stream"
        streams.open(server.port, path, token, count // CONVERSATIONS)
    streams.drain()
    stop, receipts = threading.Event(), list[tuple[str, int, float]]()
    reading = threading.Thread(target=lambda: receipts.extend(streams.receipts(stop)))
    reading.start()
    began = time.perf_counter()
    _write(server.port, opened)
    seconds = time.perf_counter() - began
    time.sleep(0.5)
    stop.set()
    reading.join()
    durable = {(name, seq): at for name, seq, at in server.ask("GET", "/times")}
    waits = [
        (at - durable[name, seq]) * 1000
        for path, seq, at in receipts
        if (name := path.split("/")[2], seq) in durable and seq > 2
    ]
    streams.close()
    cuts = quantiles(waits, n=100)
    yield Row(f"{log}: turns over HTTP, {count} streams open", COMMITS / seconds, "commits/s")
    yield Row(f"{log}: told to streams", len(waits) / seconds, "turns/s")
    yield Row(f"{log}: from commit to receipt, p50", cuts[49], "ms")
    yield Row(f"{log}: from commit to receipt, p99", cuts[98], "ms")


def _write(port: int, opened: Sequence[tuple[str, str]]) -> None:
    """Each writer posts turns, one after the other."""
    from tests.faults.till import says

    def write(writer: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port)
        for number in range(writer, COMMITS, WRITERS):
            conversation, token = opened[number % len(opened)]
            path, key = f"/conversations/{conversation}/turns", f"turn-{number}"
            _ask(connection, "POST", path, says(number), token, key)
        connection.close()

    writers = [threading.Thread(target=write, args=(number,)) for number in range(WRITERS)]
    for thread in writers:
        thread.start()
    for thread in writers:
        thread.join()


@contextmanager
def _log_url(name: str) -> Iterator[str]:
    """A log of a kind, in a place of its own."""
    from tests.services import running_postgres

    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        if name == "postgres":
            yield stack.enter_context(running_postgres()).database()
        else:
            yield "memory:" if name == "memory" else f"sqlite:///{folder / 'log.db'}"


def measured(count: int) -> Iterator[Row]:
    """All of it."""
    server = Server("memory:")
    try:
        yield from fan_out(server, count)
    finally:
        server.close()
    for name in LOGS:
        with _log_url(name) as url:
            server = Server(url)
            try:
                yield from commits(name, server, count)
            finally:
                server.close()


def main() -> int:
    """The command; see the module's docstring."""
    parser = arguments.parser("host", __doc__)
    parser.add_argument("--streams", type=arguments.count, default=1_000)
    parser.add_argument("--json", action="store_true", help="one array of rows")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--log", default="memory:", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.serve:
        serve(args)
        return 0
    _many_files()
    rows = []
    for row in measured(args.streams):
        rows.append(row)
        if not args.json:
            print(row.text(), flush=True)
    if args.json:
        print(json.dumps([vars(row) for row in rows]))
        return 0
    worst = min(row.value for row in rows if row.name.endswith("host ÷ bare"))
    said = verdict(FANOUT, worst, more_is_better=True)
    print(said)
    return int(said.startswith("missed"))


if __name__ == "__main__":
    sys.exit(main())
