"""One surface as a client holds it, and what a profile must be able to do with it."""

from dataclasses import dataclass, field
from typing import Protocol

from clientsim.nodes import Node


@dataclass(slots=True)
class Surface:
    """A surface's state: buffering without a root, ready once there is a tree.

    `data` is whatever container the profile's data model uses, and `memo` whatever it remembers
    of the last build of the tree, to spare the next one.
    """

    data: object
    root: str | None = None
    styles: object = None
    catalog_id: str | None = None
    components: dict[str, object] = field(default_factory=dict)
    tree: Node | None = None
    memo: object = None

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

    def value(self, surface: Surface, path: str, context: str) -> object:
        """The value at a path seen from a data context, as the model holds it."""

    def store(self, surface: Surface, path: str, context: str, value: object) -> None:
        """Write what a user entered."""

    def slider_value(self, number: float) -> object:
        """What the client stores when a slider is moved to this number."""

    def selections(self, value: object) -> list[str]:
        """The selected options that a bound value stands for."""

    def check_selections(self, chosen: list[str], limit: object) -> str | None:
        """Why a user could not select these, or None."""
