"""`uicompiler serve`: an app as HTML over HTTP, with its example turns and conversations.

Needs the extra `uicompiler[host]`. Nothing is served without keys: those of the environment, those
kept in a folder, or fresh ones that end with the process.
"""

from __future__ import annotations

import argparse
import os
import signal
import socket
import sys
from collections.abc import Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from uicompiler.cli.common import APP_HELP, UsageError, command, load_app, out, say

if TYPE_CHECKING:
    from starlette.applications import Starlette

    from uicompiler.app import UIApp
    from uicompiler.host.guard.signer import KeyRing
    from uicompiler.host.streams.fanout import Fanout
    from uicompiler.llm.host import Model
    from uicompiler.store.log import EventLog

_DESCRIPTION: Final = """\
Serve an app as HTML: a start page with its example turns and conversations, a page for each
conversation, forms that work with and without JavaScript. Without --model no model is asked: the
model's turns come from the app's folder, all else is real. With it, pages have a box for messages,
which that model answers; its key is read from its provider's variable. The address is written to
standard output, what happens to standard error. Ctrl+C stops it.

Conversations are kept in the database that --db names, else in DIR/conversations.db, else in
memory. Several processes may serve one database; with --nats they hear of each other's turns at
once, without it with the next heartbeat of a stream. Keys are taken from UICOMPILER_KEYS, else from
DIR/keys, which is made; without --state-dir they are fresh, and pages of an earlier process can no
longer be sent."""
_EXAMPLES: Final = """\
uicompiler serve
uicompiler serve --app examples/booking --port 8080
uicompiler serve --app examples/crm --language he --state-dir ~/.local/state/crm
uicompiler serve --app examples/crm --state-dir state --db postgresql://crm@localhost/crm
uicompiler serve --app examples/crm --model openai/gpt-4o-mini
uicompiler serve --model openai/local --api-base http://127.0.0.1:8080/v1
uicompiler serve --db postgresql://crm@localhost/crm --nats nats://localhost --port 8001
uicompiler serve --web-client examples/web_client/dist --playground"""

_NATS_VARIABLE: Final = "UICOMPILER_NATS"
_ANY: Final = ("0.0.0.0", "::", "")  # noqa: S104  # told apart, not bound


def add(commands: Any) -> None:  # argparse does not name its type
    """Add the command."""
    parser = command(
        commands,
        "serve",
        run,
        summary="serve an app as HTML",
        description=_DESCRIPTION,
        examples=_EXAMPLES,
    )
    parser.add_argument("--app", metavar="P", help=f"default: the example CRM; {APP_HELP}")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen at (%(default)s)")
    parser.add_argument("--port", type=_port, default=8000, help="0 for any (%(default)s)")
    parser.add_argument(
        "--language",
        action="append",
        metavar="TAG",
        help="speak this language only; may be given again (default: what the browser asks for)",
    )
    parser.add_argument(
        "--state-dir",
        metavar="DIR",
        help="where keys, uploads and, without --db, conversations are kept",
    )
    parser.add_argument(
        "--db",
        metavar="URL",
        help="where conversations are kept: memory:, sqlite:///file.db, a path, postgresql://… "
        "(default: DIR/conversations.db with --state-dir, else memory:)",
    )
    parser.add_argument(
        "--nats",
        metavar="URL",
        help="a NATS server with JetStream, for more than one process: nats://… "
        "(default: UICOMPILER_NATS, where no other user of this machine reads a password)",
    )
    parser.add_argument(
        "--model",
        metavar="NAME",
        help="a model to answer messages, provider first: openai/gpt-4o-mini; needs the extra llm",
    )
    parser.add_argument(
        "--api-base", metavar="URL", help="an OpenAI-compatible server that has the model"
    )
    parser.add_argument(
        "--capabilities", metavar="FILE", help="rows of one's own on what the model takes, as YAML"
    )
    parser.add_argument(
        "--web-client", metavar="DIR", help="a built web client, to be served below /a2ui/"
    )
    parser.add_argument(
        "--proxy",
        action="store_true",
        help="believe the X-Forwarded-For and -Proto of a proxy at 127.0.0.1, or at one of the "
        "addresses in FORWARDED_ALLOW_IPS; without it nobody's",
    )
    parser.add_argument(
        "--playground",
        action="store_true",
        help="let whoever has a conversation look into its log; for development",
    )


def _port(text: str) -> int:
    port = int(text) if text.isascii() and text.isdigit() else -1
    if not 0 <= port < 65_536:
        raise argparse.ArgumentTypeError("a port is a number from 0 to 65535")
    return port


def run(args: argparse.Namespace) -> int:
    """Serve until stopped; see the module docstring."""
    _check_extra()
    place = _place(args.app)
    app = load_app(place)
    model = _model(args, app)
    state_dir = _state_dir(args.state_dir)
    ring = _keys(state_dir)
    with (
        closing(_log(args.db, state_dir)) as log,
        closing(_fanout(args.nats or os.environ.get(_NATS_VARIABLE))) as fanout,
    ):
        asgi = _made(app, place, ring, log, fanout, state_dir, args, model)
        listening = _listening(args.host, args.port)
        if model is not None:
            at = f" at {args.api_base}" if args.api_base else ""
            say(f"messages are answered by {args.model}{at}")
        if args.playground:
            say("the playground is on: whoever has a conversation can look into its log")
        web_client = args.web_client is not None
        _serve(asgi, listening, args.host, web_client=web_client, proxy=args.proxy)
    return 0


def _check_extra() -> None:
    try:
        import prometheus_client  # noqa: F401
        import puremagic  # noqa: F401
        import python_multipart  # noqa: F401
        import starlette  # noqa: F401
        import uvicorn  # noqa: F401
    except ImportError as exc:
        raise UsageError(
            f"serving needs more than is installed ({exc.name} is missing): "
            "pip install 'uicompiler[host]'"
        ) from exc


def _place(given: str | None) -> str:
    from uicompiler.resources import data_path

    if given is not None:
        return given
    try:
        return str(data_path("examples/crm"))
    except FileNotFoundError as exc:
        raise UsageError(f"{exc}; name an app's folder with --app") from exc


def _model(args: argparse.Namespace, app: UIApp) -> Model | None:
    """The model that answers messages, if one was named."""
    if args.model is None:
        for option in ("api_base", "capabilities"):
            if getattr(args, option) is not None:
                name = option.replace("_", "-")
                raise UsageError(f"--{name} is of a model; name it with --model")
        return None
    from uicompiler.errors import UICompilerError
    from uicompiler.llm.asking.capabilities import Capabilities
    from uicompiler.llm.host import as_model
    from uicompiler.llm.settings import ModelSettings

    option = "--capabilities"
    try:
        known = Capabilities.load(args.capabilities) if args.capabilities is not None else None
        option = "--model"
        return as_model(ModelSettings(args.model, api_base=args.api_base), app, capabilities=known)
    except UICompilerError as exc:
        found = exc.diagnostics[0]
        place = f" ({found.pointer})" if option == "--capabilities" and found.pointer else ""
        hint = f" {found.hint}" if found.hint else ""
        raise UsageError(f"{option}: {found.message}{place}{hint}") from exc


def _state_dir(given: str | None) -> Path | None:
    if given is None:
        return None
    folder = Path(given).expanduser()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def _keys(state_dir: Path | None) -> KeyRing:
    from uicompiler.errors import HostError
    from uicompiler.host.guard.signer import KeyRing

    try:
        ring = KeyRing.from_environment()
        if ring is None and state_dir is not None:
            ring = KeyRing.kept_in(state_dir / "keys")
    except HostError as exc:
        raise UsageError(f"{exc.message}; {exc.hint}") from exc
    if ring is None:
        ring = KeyRing.generated()
        say("keys are fresh, and end with this process; --state-dir keeps them")
    return ring


def _log(url: str | None, state_dir: Path | None) -> EventLog:
    """The log that was asked for; one in the folder for state, if there is one, else in memory."""
    from uicompiler.errors import StoreError
    from uicompiler.store.open import open_log

    kept = "memory:" if state_dir is None else str(state_dir / "conversations.db")
    try:
        return open_log(kept if url is None else url)
    except StoreError as exc:
        raise UsageError(f"--db: {exc.message}" + (f"; {exc.hint}" if exc.hint else "")) from exc


def _fanout(url: str | None) -> Fanout:
    """How other processes hear of turns; a server that is away is waited for while serving."""
    from uicompiler.host.streams.fanout import open_fanout

    try:
        return open_fanout(url or None)
    except ImportError as exc:
        raise UsageError(
            "--nats needs more than is installed: pip install 'uicompiler[nats]'"
        ) from exc
    except ValueError as exc:
        raise UsageError(f"--nats: {exc}") from exc


def _made(
    app: UIApp,
    place: str,
    ring: KeyRing,
    log: EventLog,
    fanout: Fanout,
    state_dir: Path | None,
    args: argparse.Namespace,
    model: Model | None,
) -> Starlette:
    from uicompiler.cli.live import simulate
    from uicompiler.errors import AppError, HostError
    from uicompiler.host.app import create_app

    folder = Path(place)
    try:
        asgi = create_app(
            app,
            signer=ring,
            folder=folder if folder.is_dir() else None,
            state_dir=state_dir,
            log=log,
            fanout=fanout,
            languages=_languages(args.language, app),
            hosts=_names(args.host),
            web_client=None if args.web_client is None else Path(args.web_client),
            playground=args.playground,
            simulate=simulate,
            model=model,
        )
    except HostError as exc:
        raise UsageError(f"{exc.message}; {exc.hint}") from exc
    except AppError as exc:
        raise UsageError(f"{place}: {exc.message}" + (f"; {exc.hint}" if exc.hint else "")) from exc
    for problem in asgi.state.host.examples.problems:
        say(str(problem))
    return asgi


def _languages(tags: Sequence[str] | None, app: UIApp) -> list[str] | None:
    from uicompiler.languages import is_tag

    wrong = [tag for tag in tags or () if not is_tag(tag)]
    if wrong:
        raise UsageError(f"{wrong[0]!r} is no language tag; there are {', '.join(app.languages)}")
    return None if tags is None else list(tags)


def _names(host: str) -> list[str] | None:
    """Names in a request's Host that are ours; any where any address is listened at."""
    own = f"[{host}]" if ":" in host else host
    return None if host in _ANY else ["localhost", "127.0.0.1", "[::1]", own]


def _listening(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listening = socket.create_server((host, port), family=family)
        # Connections take it over. Else an event waits until the one before it was acknowledged,
        # 40 ms; asyncio sees to it itself only with sockets that it made.
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return listening
    except (OSError, UnicodeError) as exc:
        reason = getattr(exc, "strerror", None) or exc
        raise UsageError(
            f"cannot listen at {host} port {port}: {reason}; --port 0 takes a free one"
        ) from exc


def _serve(
    asgi: Starlette,
    listening: socket.socket,
    host: str,
    *,
    web_client: bool = False,
    proxy: bool = False,
) -> None:
    from uicompiler.host import server
    from uicompiler.host.watch.log import serve_log

    serve_log(sys.stderr)

    shown = f"[{host}]" if ":" in host else host
    address = f"http://{shown}:{listening.getsockname()[1]}/"

    class Server(server.Server):
        """Says where it is once it listens."""

        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            if self.started:
                out(f"{address}\n")
                if web_client:
                    out(f"{address}a2ui/\n")

    limits = server.ServerLimits()
    config = server.config(
        asgi,
        limits,
        proxy=proxy,
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
    )
    # The signal comes again when all is done; it has done its work then.
    before = signal.signal(signal.SIGTERM, lambda _sig, _frame: None)
    try:
        with suppress(KeyboardInterrupt):
            Server(config, asgi.state.host.drain, limits.notice_s).run(sockets=[listening])
        say("stopped")
    finally:
        signal.signal(signal.SIGTERM, before)
        listening.close()
