"""Messages of the pages' box: what was typed, and conversations that begin with one."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Final, TypeAlias

from starlette.requests import Request

from uicompiler.errors import IngressError, diagnostic
from uicompiler.host.conversations.conversation import Conversation
from uicompiler.host.pages.asked import hashed, header_key
from uicompiler.host.pages.post import Post
from uicompiler.ir.reserved import KEY

FIELD: Final = "message"
"""The name of the box."""

MAX_MESSAGE: Final = 8_000
"""How many characters a message may have."""

_MOST: Final = 256
_KNOWN_S: Final = 600.0
_CONTROLS: Final = {n: " " for n in (*range(32), 127) if chr(n) not in "\n\t"}

Begun: TypeAlias = tuple[Conversation, str]
"""A conversation and its token."""


def message_of(post: Post) -> str:
    """What was typed into the box, "" for nothing.

    Raises:
        IngressError: A2UI_C2S_CONTEXT_TOO_LARGE.
    """
    text = typed(post)
    if len(text) > MAX_MESSAGE:
        message = f"a message has at most {MAX_MESSAGE} characters, this one has {len(text)}"
        raise IngressError([diagnostic("A2UI_C2S_CONTEXT_TOO_LARGE", message)])
    return text


def typed(post: Post) -> str:
    """What was typed, however long; browsers write line ends as CRLF."""
    return post.first(FIELD).replace("\r\n", "\n").translate(_CONTROLS).strip()


def message_key(request: Request, post: Post, message: str) -> str | None:
    """The idempotency key of a message: the header's, else of the rendering and what was typed.

    Whoever goes back to a page without a script and writes something else says something new.
    """
    header, rendered = header_key(request), post.first(KEY)
    if header is not None or not rendered:
        return header
    return hashed(rendered, FIELD, message)


class Beginnings:
    """Conversations that began with a message, each once, however often its form is sent.

    Those of this process, for as long as somebody may press twice or go back.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._known: OrderedDict[str, tuple[float, asyncio.Task[Begun]]] = OrderedDict()

    async def once(self, key: str | None, begin: Callable[[], Awaitable[Begun]]) -> Begun:
        """Begin a conversation, or wait for the one that began under the same key.

        Raises:
            Exception: whatever `begin` raises; it is begun anew under the same key then.
        """
        if key is None:
            return await begin()
        self._forget()
        if key not in self._known:
            self._known[key] = self._clock(), asyncio.ensure_future(self._begun(key, begin))
        return await asyncio.shield(self._known[key][1])

    async def _begun(self, key: str, begin: Callable[[], Awaitable[Begun]]) -> Begun:
        try:
            return await begin()
        except BaseException:
            self._known.pop(key, None)
            raise

    def _forget(self) -> None:
        until = self._clock() - _KNOWN_S
        while self._known:
            at, task = next(iter(self._known.values()))
            if not task.done() or (at > until and len(self._known) < _MOST):
                return
            self._known.popitem(last=False)
