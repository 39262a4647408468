"""`uicompiler serve`: a real process, asked over a real socket of this machine."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import stat
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from uicompiler.host.server import ServerLimits

ROOT = Path(__file__).resolve().parents[2]


class Served:
    """A running server."""

    def __init__(self, *argv: str, env: dict[str, str] | None = None) -> None:
        path = os.pathsep.join([str(ROOT / "src"), str(ROOT)])
        inherited = {k: v for k, v in os.environ.items() if k != "UICOMPILER_KEYS"}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "uicompiler", "serve", "--port", "0", *argv],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env={**inherited, "PYTHONPATH": path, **(env or {})},
        )
        assert self.process.stdout is not None
        self.address = self.process.stdout.readline().strip()

    def get(self, path: str = "", **headers: str) -> str:
        request = urllib.request.Request(self.address + path, headers=headers)
        with urllib.request.urlopen(request, timeout=10) as response:
            return response.read().decode()

    def stop(self, sig: int = signal.SIGTERM) -> tuple[int, str]:
        self.process.send_signal(sig)
        _, err = self.process.communicate(timeout=15)
        return self.process.returncode, err


@pytest.fixture
def started() -> Iterator[Any]:
    running: list[Served] = []

    def start(*argv: str, **more: Any) -> Served:
        running.append(Served(*argv, **more))
        return running[-1]

    yield start
    for served in running:
        if served.process.poll() is None:
            served.process.kill()
            served.process.communicate()


def test_it_serves_says_where_and_stops_when_told(started) -> None:
    served = started()
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/", served.address)
    page = served.get()
    assert "<h1>crm</h1>" in page
    assert 'value="01_show_form"' in page
    status, err = served.stop()
    assert status == 0
    assert err.splitlines()[0].startswith("keys are fresh")
    assert '"route":"/"' in err
    assert "Traceback" not in err


def test_an_open_stream_does_not_keep_it_from_stopping(started) -> None:
    served = started("--app", "examples/crm")
    jar = urllib.request.HTTPCookieProcessor()
    visitor = urllib.request.build_opener(jar)
    with visitor.open(served.address, data=b"turn=01_show_form", timeout=10) as response:
        page, where = response.read().decode(), response.url
    stream = re.search(r'data-stream="([^"]+)"', page)
    assert stream is not None
    cookie = "; ".join(f"{c.name}={c.value}" for c in jar.cookiejar)
    port = int(served.address.split(":")[2][:-1])
    with socket.create_connection(("127.0.0.1", port)) as listening:
        path = stream[1].replace("&amp;", "&")
        listening.sendall(
            f"GET {path} HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie}\r\n\r\n".encode()
        )
        assert b"200 OK" in listening.recv(4096)
        began = time.monotonic()
        status, err = served.stop(signal.SIGINT)
        assert time.monotonic() - began < ServerLimits().finish_s
    # The log's line of the stream may come after.
    assert (status, "stopped" in err.splitlines()) == (0, True)
    assert where.startswith(served.address)


def test_keys_are_kept_in_the_state_folder(started, tmp_path: Path) -> None:
    first = started("--state-dir", str(tmp_path / "state"))
    _, err = first.stop()
    keys = tmp_path / "state" / "keys"
    assert "keys are fresh" not in err
    assert stat.S_IMODE(keys.stat().st_mode) == 0o600
    before = keys.read_text()
    started("--state-dir", str(tmp_path / "state")).stop()
    assert keys.read_text() == before


def test_keys_of_the_environment_come_first(started, tmp_path: Path) -> None:
    served = started("--state-dir", str(tmp_path), env={"UICOMPILER_KEYS": f"k:{'A' * 43}"})
    served.stop()
    assert not (tmp_path / "keys").exists()


def test_it_answers_to_its_own_names_only(started) -> None:
    served = started()
    with pytest.raises(urllib.error.HTTPError, match="400"):
        served.get(Host="evil.example")
    assert served.get(Host="localhost:1234")


def test_a_language_can_be_the_only_one(started) -> None:
    served = started("--language", "he")
    assert '<html lang="he" dir="rtl"' in served.get(**{"Accept-Language": "en"})


# --- wrong usage ----------------------------------------------------------------------------------


def test_a_web_client_is_served_beside_the_pages(started, tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("<!doctype html><title>client</title>")
    served = started("--web-client", str(tmp_path))
    assert served.process.stdout.readline() == f"{served.address}a2ui/\n"
    assert "<title>client" in served.get("a2ui/")
    assert '"turns"' in served.get("a2ui/config.json")


def test_a_web_client_that_was_not_built_is_wrong_usage(run, tmp_path: Path) -> None:
    done = run("serve", "--web-client", str(tmp_path))
    assert done.status == 2
    assert "npm ci && npm run build" in done.err


@pytest.mark.parametrize("argv", [(), ("--playground",)])
def test_conversations_can_be_looked_into_when_that_is_turned_on(started, argv) -> None:
    served = started(*argv)
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
    page = opener.open(served.address, data=b"turn=01_show_form", timeout=10).url
    if argv:
        looked = opener.open(f"{page}/playground?show=client", timeout=10).read().decode()
        assert "[ Full name *: Ada Lovelace ]" in looked
    else:
        with pytest.raises(urllib.error.HTTPError, match="404"):
            opener.open(f"{page}/playground", timeout=10)
    assert ("the playground is on" in served.stop()[1]) == bool(argv)


@pytest.mark.parametrize("argv", [(), ("--proxy",)])
def test_what_a_proxy_says_of_its_clients_is_believed_only_when_told(started, argv) -> None:
    served = started(*argv)
    told = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.1"}
    request = urllib.request.Request(f"{served.address}conversations", b"{}", told)
    request.add_header("Content-Type", "application/json")
    with urllib.request.urlopen(request, timeout=10) as response:
        assert ("secure" in response.headers["Set-Cookie"].lower()) == bool(argv)


def begun(served: Served) -> tuple[Any, str]:
    """A visitor of a server, and the page of a conversation they began."""
    visitor = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
    page = visitor.open(served.address, data=b"turn=01_show_form", timeout=10).url
    return visitor, page.removeprefix(served.address)


@pytest.mark.parametrize("named", [True, False])
def test_conversations_outlive_a_kill(started, tmp_path: Path, named: bool) -> None:
    more = ("--db", f"sqlite:///{tmp_path / 'own.db'}") if named else ()
    first = started("--state-dir", str(tmp_path / "state"), *more)
    visitor, path = begun(first)
    first.process.kill()
    first.process.communicate()
    kept = tmp_path / ("own.db" if named else "state/conversations.db")
    assert kept.is_file()
    port = first.address.rstrip("/").rpartition(":")[2]
    second = started("--state-dir", str(tmp_path / "state"), "--port", port, *more)
    assert second.address == first.address
    page = visitor.open(second.address + path, timeout=10).read().decode()
    assert 'value="Ada Lovelace"' in page
    assert 'value="undo">Undo</button>' in page


def test_conversations_in_memory_are_gone_with_the_process(started, tmp_path: Path) -> None:
    served = started("--state-dir", str(tmp_path), "--db", "memory:")
    begun(served)
    served.stop()
    assert not list(tmp_path.glob("*.db"))


@pytest.mark.parametrize("url", ["mysql://x/y", "", "sqlite://host/x"])
def test_a_database_that_cannot_be_is_wrong_usage(run, url: str) -> None:
    done = run("serve", "--db", url)
    assert done.status == 2
    assert "--db: " in done.err


def test_help_has_examples(run) -> None:
    done = run("serve", "--help")
    assert done.status == 0
    assert "uicompiler serve --app" in done.out.decode().partition("examples:")[2]


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (("--port", "x"), "a port is a number"),
        (("--port", "70000"), "a port is a number"),
        (("--app", "nowhere"), "neither a folder"),
        (("--language", "not a tag"), "is no language tag; there are en, he, ja"),
        (("--host", "192.0.2.1"), "cannot listen at 192.0.2.1"),
        (("--state-dir", "/dev/null/x"), "Not a directory"),
    ],
)
def test_what_cannot_be_served_is_wrong_usage(run, argv: tuple[str, ...], said: str) -> None:
    done = run("serve", *argv)
    assert (done.status, done.out) == (2, b"")
    assert said in done.err
    assert "Traceback" not in done.err


def test_a_port_that_is_taken_is_told(run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = run("serve", "--port", str(taken.getsockname()[1]))
    assert done.status == 2
    assert "--port 0 takes a free one" in done.err


def test_keys_that_others_can_read_are_refused(run, tmp_path: Path) -> None:
    (tmp_path / "keys").write_text(f"k:{'A' * 43}\n")
    (tmp_path / "keys").chmod(0o644)
    done = run("serve", "--state-dir", tmp_path)
    assert done.status == 2
    assert "can be read by others" in done.err
    assert "AAAA" not in done.err


def test_keys_that_are_none_are_refused(run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UICOMPILER_KEYS", "short:abc")
    done = run("serve")
    assert done.status == 2
    assert "32 are needed" in done.err


@pytest.mark.parametrize("missing", ["starlette", "uvicorn", "puremagic", "python_multipart"])
def test_a_missing_extra_is_told(run, missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, missing, None)
    done = run("serve")
    assert done.status == 2
    assert f"{missing} is missing): pip install 'uicompiler[host]'" in done.err


# --- the log --------------------------------------------------------------------------------------

BUGGY = """
from uicompiler import Outcome, UIApp

app = UIApp("buggy", inline_form_action="take")


@app.action("take")
def take(action, view):
    return int(action.context["pin"])
"""
FORM = {"title": "T", "fields": [{"id": "pin", "label": "PIN"}]}
SERVE = """
import sys, pathlib
from buggy import app
from uicompiler.cli import serve
from uicompiler.host import KeyRing, create_app

asgi = create_app(app, signer=KeyRing.generated(), folder=pathlib.Path(sys.argv[1]))
serve._serve(asgi, serve._listening("127.0.0.1", 0), "127.0.0.1")
"""


def test_the_log_of_a_bug_holds_nothing_that_was_typed(tmp_path: Path) -> None:
    (tmp_path / "buggy.py").write_text(BUGGY)
    (tmp_path / "turns").mkdir()
    turn = {"assistant_text": "", "directives": [{"type": "ui.show_form", "payload": FORM}]}
    (tmp_path / "turns" / "form.json").write_text(json.dumps(turn))
    path = os.pathsep.join([str(ROOT / "src"), str(tmp_path)])
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE, str(tmp_path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": path},
    )
    assert process.stdout is not None
    address = process.stdout.readline().strip()
    visitor = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
    with visitor.open(address, data=b"turn=form", timeout=10) as response:
        page, where = response.read().decode(), response.url
    own = dict(re.findall(r'name="(_\w+)" value="([^"]*)"', page))
    press = urllib.parse.urlencode({**own, "f.pin": "my pin 4711"}).encode()
    with pytest.raises(urllib.error.HTTPError, match="500"):
        visitor.open(where, data=press, timeout=10)
    kind = {"content-type": "multipart/form-data; boundary=a"}
    for body in (b"--a\xe94711", b"--a\r\nContent-Disposition: form-data; n4711\r\n4711 x: y\r\n"):
        with pytest.raises(urllib.error.HTTPError, match="400"):
            visitor.open(urllib.request.Request(where, body, kind), timeout=10)
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=15)
    assert "4711" not in err
    assert "Exception in ASGI application\nbuiltins.ValueError\n" in err
    assert f"{tmp_path / 'buggy.py'}:9 take" in err
