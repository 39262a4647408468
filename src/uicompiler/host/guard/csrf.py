"""Who may post: capability tokens, CSRF tokens, and where a request comes from.

A conversation's token is 256 random bits; only its hash is kept. Whoever has it, as a cookie or as
`Authorization: Bearer`, has the conversation; its id alone opens nothing, and a wrong token is
answered like a wrong id. A form also carries a code that is bound to the conversation and its
token, since browsers send cookies along with forms of other sites.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Collection
from hashlib import sha256
from typing import Final
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection

from uicompiler.errors import HostError, diagnostic
from uicompiler.host.guard.signer import KeyRing

COOKIE: Final = "ui_capability"
"""The cookie that holds a conversation's token, under the conversation's own path."""

_BEARER: Final = "bearer "
_MOST_COOKIES: Final = 8
"""Of one name: other paths and parent domains may have set theirs, in any order (RFC 6265, 5.4)."""
_OWN_SITES: Final = ("same-origin", "none")


def new_token() -> str:
    """A token nobody guesses: 256 random bits as base64url."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """What is kept of a token."""
    return sha256(token.encode("utf-8", "replace")).hexdigest()


def given_tokens(request: HTTPConnection) -> list[str]:
    """The tokens a request brings: that of its Authorization, else its cookie's."""
    if is_bearer(request):
        return [request.headers["authorization"][len(_BEARER) :].strip()]
    pairs = (item.partition("=") for item in ";".join(request.headers.getlist("cookie")).split(";"))
    found = [value.strip() for name, _, value in pairs if name.strip() == COOKIE]
    return found[:_MOST_COOKIES]


def is_bearer(request: HTTPConnection) -> bool:
    """Whether a request brings its token in a header, which no browser does by itself."""
    return request.headers.get("authorization", "")[: len(_BEARER)].lower() == _BEARER


def opens(tokens: Collection[str], kept_hash: str) -> bool:
    """Whether one of the tokens is the one whose hash was kept."""
    same = [hmac.compare_digest(token_hash(token), kept_hash) for token in tokens]
    return any(same)


def csrf_token(ring: KeyRing, conversation_id: str, kept_hash: str) -> str:
    """What the forms of a conversation carry."""
    return ring.code("csrf", conversation_id, kept_hash)


def check_csrf(ring: KeyRing, given: str, conversation_id: str, kept_hash: str) -> None:
    """Refuse a form that is not one of this conversation's pages.

    Raises:
        HostError: HOST_CSRF_INVALID.
    """
    if not ring.verifies(given, "csrf", conversation_id, kept_hash):
        message = "the form's CSRF token is missing, or not this conversation's"
        hint = "post the `_csrf` of the page, or send it as X-CSRF-Token"
        raise HostError([diagnostic("HOST_CSRF_INVALID", message, hint=hint)])


def check_origin(request: HTTPConnection, trusted: Collection[str] = ()) -> None:
    """Refuse a post that another site made the browser send.

    `Origin` and `Sec-Fetch-Site` are set by browsers; no page can forge them. A client that sends
    neither is no browser, and what it has to show is the token.

    Args:
        request: The post.
        trusted: Origins beside our own, such as that of a proxy.

    Raises:
        HostError: HOST_ORIGIN_FORBIDDEN.
    """
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    if origin in trusted and origin is not None:
        return
    foreign_site = site is not None and site not in _OWN_SITES
    # Under some referrer policies a browser hides its origin, from its own site too.
    hidden = origin == "null" and site in _OWN_SITES
    foreign_origin = origin is not None and not hidden and not _is_own(origin, request)
    if foreign_site or foreign_origin:
        message = "the post comes from another site"
        raise HostError([diagnostic("HOST_ORIGIN_FORBIDDEN", message, hint="post from our pages")])


def _is_own(origin: str, request: HTTPConnection) -> bool:
    """Host and port as the request names them; a proxy may have changed the scheme."""
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    host = request.headers.get("host", "").lower()
    return parts.scheme in ("http", "https") and bool(host) and parts.netloc.lower() == host
