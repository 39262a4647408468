"""One surface as a client holds it, and what a profile must be able to do with it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, Protocol

from clientsim.nodes import Node, Place
from clientsim.outline import Outline, Sketch, outline_of

NO_INPUTS: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(slots=True)
class Surface:
    """A surface's state: buffering without a root, ready once there is a tree.

    `data` is whatever container the profile's data model uses, `referred` at least the ids that
    components refer to, where that is of use, and `memo` whatever the profile remembers of the
    last build of the tree, to spare the next one. Of many messages that nobody looks at in
    between, `outline` knows that none of them is refused; `late` then makes the tree for the first
    who looks. `tabs` and `open_modals` are what the user brought to the front; `front` alone reads
    and writes them.
    """

    data: object
    root: str | None = None
    styles: object = None
    catalog_id: str | None = None
    components: dict[str, object] = field(default_factory=dict)
    referred: set[str] = field(default_factory=set)
    made: Node | None = None
    late: "Callable[[Surface], Node | None] | None" = None
    looked: bool = False
    memo: object = None
    outline: Outline | None = None
    can_outline: bool = True
    tabs: dict[Place, int] = field(default_factory=dict)
    open_modals: set[Place] = field(default_factory=set)

    @property
    def tree(self) -> Node | None:
        """The resolved tree; None if there is none yet."""
        self.looked = True
        if self.late is not None:
            self.made, self.late = self.late(self), None
        return self.made

    def show(self, tree: Node | None) -> None:
        """Have this tree, which nobody has looked at so far."""
        self.made, self.late, self.looked = tree, None, False

    def settle(self) -> None:
        """Make a tree that is late, before something changes that its outline does not know."""
        if self.late is not None:
            self.show(self.tree)

    def fits(self, fresh: Iterable[str], sketch: Callable[[str], Sketch | None]) -> bool:
        """Will the tree be a good one with these components, which are in place already?"""
        if self.outline is not None:
            if not self.outline.take({name: sketch(name) for name in fresh}):
                self.outline = None
            return self.outline is not None
        made = self.sketched(sketch)
        return made is not None and not made.repeats

    def sketched(self, sketch: Callable[[str], Sketch | None]) -> Outline | None:
        """The outline. It costs about as much as a tree, so one is made only where nobody looks."""
        if self.outline is None and self.root and self.can_outline and not self.looked:
            self.outline = outline_of({name: sketch(name) for name in self.components})
            self.can_outline = self.outline is not None
        return self.outline

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

    def apply(self, surfaces: dict[str, Surface], message: object) -> Surface | None:
        """Apply one message to the surfaces; raises `Refused`, leaving what this client leaves.

        Returns:
            The surface that is another now; None if none is, or it is gone.
        """

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
