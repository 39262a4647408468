"""In which form a post is answered: the messages, turbo streams, or a whole page."""

from __future__ import annotations

import re
from typing import Final, Literal

from starlette.requests import HTTPConnection

Form = Literal["page", "ndjson", "turbo"]

NDJSON: Final = "application/x-ndjson"
TURBO: Final = "text/vnd.turbo-stream.html"
_MAX_ACCEPT: Final = 2_048
_ZERO: Final = re.compile(r";\s*q\s*=\s*0(?:\.0*)?\s*(?:;|$)")


def form_of(request: HTTPConnection) -> Form:
    """The form a request asks for.

    The two that are not pages are asked for by name, by a script that knows them; what a browser
    prefers among them and HTML is no question of quality, so that only `q=0` is looked at.
    """
    accepted = request.headers.get("accept", "")[:_MAX_ACCEPT].lower().split(",")
    named = {part.partition(";")[0].strip() for part in accepted if not _ZERO.search(part)}
    if NDJSON in named:
        return "ndjson"
    return "turbo" if TURBO in named else "page"
