"""One surface as a client holds it, and what a profile must be able to do with it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, Protocol

from clientsim.nodes import Node, Place

NO_INPUTS: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(slots=True)
class Surface:
    """A surface's state: buffering without a root, ready once there is a tree.

    `data` is whatever container the profile's data model uses, and `memo` whatever it remembers
    of the last build of the tree, to spare the next one. `tabs` and `open_modals` are what the user
    brought to the front; `front` alone reads and writes them.
    """

    data: object
    root: str | None = None
    styles: object = None
    catalog_id: str | None = None
    components: dict[str, object] = field(default_factory=dict)
    tree: Node | None = None
    memo: object = None
    tabs: dict[Place, int] = field(default_factory=dict)
    open_modals: set[Place] = field(default_factory=set)

    @property
    def ready(self) -> bool:
        """Is there something to see?"""
        return bool(self.root) and self.tree is not None


class Profile(Protocol):
    """How one kind of client behaves; a new one is a class and a line in `profiles.PROFILES`."""

    @property
    def name(self) -> str:
        """The name `ClientSim(profile=...)` knows it by."""

    @property
    def official_looks(self) -> bool:
        """Does the screen show the official renderer's quirks (`(empty)`, `Invalid label`)?"""

    def read(self, text: str) -> object:
        """Parse one line; raises `jsontext.BadJson` or `Refused`."""

    def apply(self, surfaces: dict[str, Surface], message: object) -> None:
        """Apply one message to the surfaces; raises `Refused`, leaving what this client leaves."""

    def reconnect(self, surfaces: dict[str, Surface]) -> None:
        """Make of the surfaces what this client has left of them after a lost connection."""

    def value(self, surface: Surface, path: str, context: str) -> object:
        """The value at a path seen from a data context, as the model holds it."""

    def store(self, surface: Surface, path: str, context: str, value: object) -> None:
        """Write what a user entered."""

    def typed(self, node: Node, value: str) -> str:
        """What a text or date input holds after this was typed or pasted into it."""

    def moved(self, node: Node, value: float) -> object:
        """What the client stores when a slider is moved to this number."""

    def selections(self, value: object) -> list[str]:
        """The selected options that a bound value stands for."""

    def check_selections(self, chosen: list[str], limit: object) -> str | None:
        """Why a user could not select these, or None."""
