"""What a request says, beside its form: where we are, keys, counts, the example it asks for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256

from starlette.requests import HTTPConnection, Request

from uicompiler.errors import UICompilerError
from uicompiler.host.conversations.conversation import Conversation
from uicompiler.host.guard.headers import CODES_KEY
from uicompiler.host.pages.answers import page_of
from uicompiler.host.pages.pages import Places
from uicompiler.host.pages.post import Post
from uicompiler.host.turns.press import PICKS, Pick
from uicompiler.ingress.form import read_form
from uicompiler.ir.reserved import KEY, PRESS


def places_of(request: HTTPConnection) -> Places:
    """Where things are: below the path that the host is mounted at."""
    return Places(request.scope.get("root_path", "").rstrip("/"))


def is_secure(request: HTTPConnection) -> bool:
    """Whether it came over https, as far as the server says."""
    return request.url.scheme == "https"


def note(request: HTTPConnection, codes: Sequence[str]) -> None:
    """Name codes for the log line."""
    request.scope[CODES_KEY] = codes


def key_of(request: Request, post: Post) -> str | None:
    """The idempotency key of a press: the header's, else the rendering's and the button's."""
    header = header_key(request)
    if header is not None:
        return header
    rendered = post.first(KEY)
    if not rendered:
        return None
    element = post.first(PRESS).rpartition(" ")[2]
    return hashed(rendered, element)


def header_key(request: Request) -> str | None:
    """The idempotency key of the header, hashed; None without one."""
    return hashed_key(request.headers.get("idempotency-key"))


def hashed_key(given: str | None) -> str | None:
    """An idempotency key that a client chose, as it is kept; None without one."""
    return hashed("header", given) if given else None


def hashed(*parts: str) -> str:
    """Some texts as one key."""
    return sha256("\n".join(parts).encode("utf-8", "replace")).hexdigest()


def picked(request: Request, post: Post, language: str, *, later: bool) -> Pick | None:
    """The example a form asks for; `later` says that another page will show what it tells.

    A script's page stays, and so does the key of its rendering: there each press has its own. One
    key serves all the buttons of a rendering, so that what is kept is a hash of it and the button.
    """
    rendered = post.first(KEY)
    key = header_key(request) or rendered
    for kind in PICKS:
        name = post.first(kind)
        if name:
            named = hashed(key, kind, name) if key else ""
            return Pick(kind, name, named, language, page_of(rendered), later)
    return None


def last_seen(request: Request, now: Conversation) -> int:
    """The count a stream goes on from; the newest one where none is named."""
    said = request.headers.get("last-event-id") or request.query_params.get("after", "")
    return int(said) if said.isascii() and said.isdigit() and len(said) < 16 else now.seq


def typed_in(post: Post) -> Mapping[str, object]:
    """The event of a form, for what was typed in it; nothing where it has none."""
    try:
        return read_form(post.pairs({}))
    except UICompilerError:
        return {}
