"""`create_app`: the parts of a host, put together.

What the routes are and do stands in `endpoints.py`; docs/host.md tells it to those who use it.
"""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Final, cast

from starlette.applications import Starlette

from uicompiler.app import UIApp
from uicompiler.backends.html.markup import macros
from uicompiler.errors import HostError, diagnostic
from uicompiler.host.api.endpoints import Api
from uicompiler.host.api.routes import routes
from uicompiler.host.conversations.durable import Conversations, Keeping
from uicompiler.host.guard.drain import Drain
from uicompiler.host.guard.headers import security_headers
from uicompiler.host.guard.limits import Limiter, RateLimits
from uicompiler.host.guard.signer import KeyRing
from uicompiler.host.pages.answers import Answers
from uicompiler.host.pages.endpoints import Host
from uicompiler.host.pages.pages import Pages
from uicompiler.host.pages.post import BodyLimits
from uicompiler.host.playground.routes import Playground, Simulate
from uicompiler.host.streams.fanout import Fanout, NoFanout
from uicompiler.host.streams.hub import Hub, StreamLimits
from uicompiler.host.turns.examples import Examples
from uicompiler.host.turns.press import Model
from uicompiler.host.turns.tools import Tool, Tools
from uicompiler.host.turns.turns import Turns
from uicompiler.host.turns.waiting import Presses, PressLimits
from uicompiler.host.uploads.store import UploadLimits, UploadStore
from uicompiler.host.watch.metrics import Metrics
from uicompiler.host.web_client import WebClient
from uicompiler.store.log import EventLog
from uicompiler.store.open import open_log

RATES: Final = RateLimits()


def create_app(
    app: UIApp,
    *,
    signer: KeyRing | None,
    folder: Path | None = None,
    title: str | None = None,
    state_dir: Path | None = None,
    tools: Mapping[str, Tool] | None = None,
    model: Model | None = None,
    log: EventLog | str | Path | None = None,
    keeping: Keeping | None = None,
    fanout: Fanout | None = None,
    languages: Sequence[str] | None = None,
    hosts: Collection[str] | None = None,
    origins: Collection[str] = (),
    body: BodyLimits | None = None,
    uploads: UploadStore | UploadLimits | None = None,
    streams: StreamLimits | None = None,
    presses: PressLimits | None = None,
    rates: RateLimits | None = RATES,
    inline_catalogs: bool = False,
    web_client: Path | None = None,
    playground: bool = False,
    simulate: Simulate | None = None,
) -> Starlette:
    """An ASGI application that serves an app as HTML.

    Args:
        app: The app; its handlers decide.
        signer: The keys; there is no serving without.
        folder: The app's folder, for its example turns and conversations.
        title: What stands above every page; the app's id by default.
        state_dir: Where uploads are kept; a folder of this process's own by default.
        tools: What handlers may ask for, by name.
        model: Asked for the assistant's turns; without one they come from outside, or from the
            app's folder.
        log: Where conversations are kept: what `uicompiler.store.open_log` gave, or what it takes,
            which is then open as long as the process; in memory by default.
        keeping: How many conversations there may be, and how long they stay.
        fanout: How processes that share a log hear of each other's turns.
        languages: Tags of the languages to offer, the default first; all there are by default.
        hosts: Names it is reached by; requests for others are refused. None takes any.
        origins: Origins whose posts are trusted beside its own.
        body: How much of a post is read.
        uploads: The store of files, or the limits of one.
        streams: Limits of streams.
        presses: How many presses run or wait at a time.
        rates: How often it may be asked; None for any number of times.
        inline_catalogs: Whether clients may bring catalogs along; for development.
        web_client: The folder of a built client, to be served below `/a2ui/`.
        playground: Whether conversations can be looked into at `/c/{id}/playground`; for
            development.
        simulate: A client for the playground to look through.

    Raises:
        HostError: HOST_SIGNER_MISSING, HOST_WEB_CLIENT_MISSING.
        AppError: APP_INVALID, a template of the app's own cannot be used.
        StoreError: `log` names no database, or one that cannot be opened.
        TypeError: `log` is neither a log nor its URL.
    """
    signer = _keys(signer)
    macros(app.html_templates)  # a wrong one shows now, and not to the first visitor
    store = Conversations(_log(log), keeping=keeping, nodes=app.nodes)
    hub = Hub(streams)
    examples = Examples.of(folder)
    waits = presses or PressLimits()
    turns = Turns(
        app,
        store,
        hub,
        _files(uploads, state_dir, signer),
        signer,
        Tools(dict(tools or {}), examples),
        examples,
        model=model,
        lease_s=waits.lease_s,
    )
    _connect(turns, hub, fanout or NoFanout())
    offered = tuple(languages or app.languages)
    pages = Pages(app, title or app.id, offered, playground, asks=turns.has_model)
    drain, running, headers = Drain(hub), Presses(waits), security_headers(app.url_schemes)
    api = Api(
        app=app,
        store=store,
        turns=turns,
        hub=hub,
        presses=running,
        limiter=Limiter(rates),
        drain=drain,
        metrics=Metrics(hub, drain),
        body=body or BodyLimits(),
        origins=frozenset(origins),
        languages=offered,
        headers=headers,
        inline_catalogs=inline_catalogs,
    )
    host = Host(api, answers=Answers(app, pages, turns, signer), pages=pages, ring=signer)
    beside = routes(api, pages.title)
    if web_client is not None:
        schemes = sorted(app.url_schemes)
        client = WebClient(web_client, pages.title, offered, examples, schemes, playground)
        beside += client.routes()
    if playground:
        beside += Playground(app, store.log, api.reading, simulate).routes()
    return host.starlette(hosts, beside)


def _keys(given: object) -> KeyRing:
    """The keys, checked: not everybody checks types."""
    if isinstance(given, KeyRing):
        return given
    found = "nothing" if given is None else f"a value of type {type(given).__name__}"
    message = f"without keys nothing could be checked: signer is a KeyRing, not {found}"
    hint = "pass KeyRing.from_file, KeyRing.from_environment, KeyRing.kept_in or KeyRing.generated"
    text = "; KeyRing.from_text reads a text of keys" if isinstance(given, (str, bytes)) else ""
    raise HostError([diagnostic("HOST_SIGNER_MISSING", message, hint=hint + text)])


def _log(given: object) -> EventLog | None:
    """The log, opened if need be.

    Raises:
        StoreError: it names no database, or one that cannot be opened.
        TypeError: it is no log.
    """
    if isinstance(given, (str, Path)):
        return open_log(str(given))
    if given is None:
        return None
    if all(callable(getattr(given, name, None)) for name in ("begin", "append", "head")):
        return cast("EventLog", given)
    kind = type(given).__name__
    raise TypeError(f"log is an EventLog or its URL, as open_log takes it, not a {kind}")


def _files(
    given: UploadStore | UploadLimits | None, folder: Path | None, ring: KeyRing
) -> UploadStore:
    """The store of files: the given one, or one with the given limits."""
    return (
        given
        if isinstance(given, UploadStore)
        else UploadStore(_upload_folder(folder), ring, given)
    )


def _connect(turns: Turns, hub: Hub, fanout: Fanout) -> None:
    """Have streams ask turns for what they lack, and processes hear of each other's."""
    hub.source = turns
    fanout.subscribe(hub.caught_up_to)
    turns.announced = fanout.announce


def _upload_folder(state_dir: Path | None) -> Path:
    if state_dir is not None:
        return state_dir / "uploads"
    folder = tempfile.mkdtemp(prefix="uicompiler-uploads-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)
