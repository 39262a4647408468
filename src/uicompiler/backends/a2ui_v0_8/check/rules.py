"""What a checker is handed: the rules that differ from one app, and one stream, to the next.

They say which components, actions and URLs may go out, and how much. What a good message is beyond
that, and who made it, they do not know.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from uicompiler.catalog.catalog import Catalog
from uicompiler.limits import Limits


@dataclass(frozen=True, slots=True)
class Rules:
    """What a checker is handed.

    Attributes:
        catalog: The components there are.
        limits: How much a client may be asked to hold.
        actions: Action names that may go out; None allows any.
        url_schemes: URL schemes that may go out, in lower case.
        level: `interop` makes what the official clients accept a warning.
        foreign: Whether someone else made the stream: what compiling would neutralise is an
            error then, and a JSON-looking data string a warning.
    """

    catalog: Catalog
    limits: Limits
    actions: frozenset[str] | None = None
    url_schemes: frozenset[str] = frozenset({"http", "https"})
    level: Literal["strict", "interop"] = "strict"
    foreign: bool = False
