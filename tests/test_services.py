"""What the tests' own servers stand on."""

from __future__ import annotations

import itertools
import socket

import pytest

from tests import services
from tests.services import free_port


def test_a_port_is_given_once() -> None:
    assert len({free_port() for _ in range(20)}) == 20


def test_a_port_where_somebody_listens_is_not_given(monkeypatch: pytest.MonkeyPatch) -> None:
    port = free_port()
    with socket.create_server(("127.0.0.1", port)):
        monkeypatch.setattr(services, "_tried", itertools.count(services._PORTS.index(port)))
        assert free_port() != port


def test_without_a_free_port_there_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", free_port())) as taken:
        port = taken.getsockname()[1]
        monkeypatch.setattr(services, "_PORTS", range(port, port + 1))
        with pytest.raises(OSError, match=f"no port from {port} to {port} is free"):
            free_port()
