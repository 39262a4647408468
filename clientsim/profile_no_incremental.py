"""The `no_incremental` profile: a client that draws a surface once.

As `web_core`, except that from a surface's first `beginRendering` on it ignores further
`surfaceUpdate` and `dataModelUpdate` messages for that surface. An ignored message is still
checked, and is no error. Later `beginRendering` and `deleteSurface` messages count, so a deleted
surface can be built anew, and what a user enters is stored as ever.
"""

from clientsim.profile_web_core import WebCore
from clientsim.schema_web_core import accept
from clientsim.surface import Surface

_UPDATES = frozenset({"surfaceUpdate", "dataModelUpdate"})


class NoIncremental(WebCore):
    """See the module docstring."""

    name = "no_incremental"

    def apply(self, surfaces: dict[str, Surface], message: object) -> Surface | None:
        """Apply one message, unless it updates a surface that was begun."""
        kind, body = accept(message)
        surface = surfaces.get(str(body["surfaceId"]))
        if kind in _UPDATES and surface is not None and surface.root is not None:
            return None
        return self.carry_out(surfaces, kind, body)
