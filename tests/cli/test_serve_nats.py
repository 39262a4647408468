"""`uicompiler serve --nats`: two real processes on one database."""

from __future__ import annotations

import json
import socket
import time
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from tests.cli.test_serve import Served, started
from tests.services import NatsServer, free_port, nats_server
from uicompiler.cli.serve import _listening

__all__ = ["nats_server", "started"]

TURN = {"assistant_text": "There.", "directives": []}


def post(server: Served, path: str, content: Any, token: str = "") -> Any:
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
    body = json.dumps(content).encode()
    request = urllib.request.Request(server.address + path, body, headers)
    with urllib.request.urlopen(request, timeout=10) as response:
        return json.load(response)


def test_a_turn_at_one_process_is_told_by_the_other_at_once(
    started: Any, nats_server: NatsServer, tmp_path: Path
) -> None:
    common = ("--db", str(tmp_path / "log.db"), "--state-dir", str(tmp_path))
    one = started(*common, "--nats", nats_server.url)
    two = started(*common, env={"UICOMPILER_NATS": nats_server.url})
    begun = post(one, "conversations", {})
    path, token = f"conversations/{begun['id']}", begun["token"]
    headers = {"Authorization": f"Bearer {token}", "Accept": "text/event-stream"}
    asked = urllib.request.Request(f"{two.address}{path}/stream", headers=headers)
    with urllib.request.urlopen(asked, timeout=10) as stream:
        while b"id: 1" not in stream.readline():
            pass
        time.sleep(1.0)  # the notices of a process that has just begun
        began = time.monotonic()
        assert post(one, f"{path}/turns", TURN, token)["seq"] == 2
        while b"id: 2" not in stream.readline():
            pass
        assert time.monotonic() - began < 5, "a heartbeat is 15 s away"


def test_a_server_of_notices_that_is_away_keeps_nobody_from_serving(started: Any) -> None:
    url = f"nats://me:hunter2@127.0.0.1:{free_port()}"
    server = started("--nats", url)
    begun = post(server, "conversations", {})
    assert post(server, f"conversations/{begun['id']}/turns", TURN, begun["token"])["seq"] == 2
    status, err = server.stop()
    assert status == 0
    assert "hunter2" not in err


def test_an_address_of_no_known_kind_is_wrong_usage(run: Any) -> None:
    done = run("serve", "--nats", "redis://me:hunter2@localhost")
    assert done.status == 2
    assert "--nats: an address for fan-out begins with nats://" in done.err
    assert "hunter2" not in done.err


def test_a_missing_extra_is_told(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "nats", None)
    done = run("serve", "--nats", "nats://localhost")
    assert done.status == 2
    assert "uicompiler[nats]" in done.err


def test_events_do_not_wait_for_acknowledgements() -> None:
    with (
        _listening("127.0.0.1", 0) as listening,
        socket.create_connection(listening.getsockname()),
        listening.accept()[0] as accepted,
    ):
        assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
