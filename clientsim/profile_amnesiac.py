"""The `amnesiac` profile: a client that forgets.

As `web_core`, except that it comes back from a lost connection with nothing: no surface, no data,
nothing that was typed. Messages for a surface it had then build a new one.
"""

from clientsim.profile_web_core import WebCore
from clientsim.surface import Surface


class Amnesiac(WebCore):
    """See the module docstring."""

    name = "amnesiac"

    def reconnect(self, surfaces: dict[str, Surface]) -> None:
        """Forget every surface."""
        surfaces.clear()
