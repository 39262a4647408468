"""What every backend is: a function from a surface before and after to one batch.

A backend is handed all it may use (`Settings`); it knows no app, no executor, no transport.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal, Protocol, TypeAlias

from uicompiler.app import ClientProfile
from uicompiler.catalog.catalog import Catalog
from uicompiler.errors import Diagnostic
from uicompiler.ir.actions import Button
from uicompiler.ir.base import Node
from uicompiler.ir.client import Address, Decoded, Pressed, Sent
from uicompiler.ir.fields import Field
from uicompiler.ir.state import Surface
from uicompiler.ir.values import FrozenDict, Json
from uicompiler.ir.words import Words
from uicompiler.limits import Limits
from uicompiler.texts import english

Message: TypeAlias = dict[str, Any]
"""One message as JSON; `Any`, since its values are JSON."""

Mode = Literal["auto", "full", "diff"]


@dataclass(frozen=True, slots=True)
class Settings:
    """What holds for every surface of one response.

    Attributes:
        client: What the client does.
        catalog: The pinned catalog.
        limits: The app's limits.
        actions: Names of the actions that may go out.
        url_schemes: URL schemes that may go out.
        nonce: Nonce of a surface, or None when none are used.
        strict: Whether a deterministic repair is an error.
        lowerings: How the app's own nodes are shown, a function of the backend's own kind each.
        action_steps: Steps in which an action is valid, for those that are not always.
        revless: Actions whose events need not name the revision.
        words: The library's own texts, as the app has them in the language of the turn.
        words_in: The same in another language, which a client may have of an earlier turn.
        language: That language's tag.
        templates: The app's own HTML templates: source by file name.
    """

    client: ClientProfile
    catalog: Catalog
    limits: Limits
    actions: frozenset[str]
    url_schemes: frozenset[str]
    nonce: Callable[[Surface], str] | None = None
    strict: bool = False
    lowerings: Mapping[type[Node], Callable[..., Any]] = field(default_factory=dict)
    action_steps: Mapping[str, frozenset[str]] = field(default_factory=dict)
    revless: frozenset[str] = frozenset()
    words: Words = english
    words_in: Callable[[str], Words] = lambda _language: english
    language: str = "en"
    templates: Mapping[str, str] = field(default_factory=FrozenDict)

    def nonce_of(self, surface: Surface) -> str | None:
        """The nonce of a surface, or None where it has none."""
        if self.nonce is None or surface.nonce_key_id is None:
            return None
        return self.nonce(surface)

    def masked(self, surface: Surface) -> frozenset[str]:
        """Actions that are not valid in the step a surface shows."""
        if not self.action_steps:
            return frozenset()
        step = None if surface.view is None else surface.view.step
        return frozenset(name for name, steps in self.action_steps.items() if step not in steps)


@dataclass(frozen=True, slots=True)
class How:
    """How a surface was brought to a client.

    Attributes:
        update: Whether the client gets all of it for the first time (`first`), all in a new epoch
            (`reset`), its components again (`full`), only what changed (`diff`), or is told to
            delete it (`gone`).
        why: Why this and nothing else, in a few words.
    """

    update: Literal["first", "reset", "full", "diff", "gone"] = "first"
    why: str = "the client has none of it"


FIRST: Final = How()


@dataclass(frozen=True, slots=True)
class Rendered:
    """One surface's batch.

    Attributes:
        surface: The surface as the client will have it (`boxes` brought up to date).
        messages: All messages, or () when there is nothing to say or the check failed.
        diagnostics: What was found; any error means the surface failed.
        encoded: The same messages as compact JSON lines, in UTF-8.
        how: How they bring the surface to the client.
    """

    surface: Surface
    messages: tuple[Message, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    encoded: tuple[bytes, ...] = ()
    how: How = FIRST

    @property
    def failed(self) -> bool:
        """Whether an error was found, so that nothing may go out."""
        return any(finding.severity == "error" for finding in self.diagnostics)


class Backend(Protocol):
    """One target."""

    @property
    def name(self) -> str:
        """What `compile(backend=…)` calls it."""

    def first(self, surface: Surface, settings: Settings) -> Rendered:
        """Everything a client that knows nothing of the surface needs."""

    def update(
        self,
        old: Surface,
        new: Surface,
        *,
        written: frozenset[str],
        mode: Mode,
        settings: Settings,
    ) -> Rendered:
        """What brings a client from `old` to `new` without touching unnamed drafts.

        At least the new revision is told; one message alone means that nothing else changed.

        Args:
            old: The surface as the client has it.
            new: The surface as it is now, `rev` already raised.
            written: Field ids whose draft value must be sent.
            mode: How much to send again.
            settings: What holds for the response.
        """

    def delete(self, surface: Surface) -> Rendered:
        """What takes a surface away from the client."""

    def map_nonces(
        self, messages: Sequence[Message], change: Callable[[str], str]
    ) -> tuple[Message, ...]:
        """Copies of messages with every nonce in them changed; all else is shared."""

    def measure(self, messages: Sequence[Message]) -> tuple[int, int]:
        """How many components and data entries messages hold, for the trace."""

    def markup(self, messages: Sequence[Message]) -> Mapping[str, str]:
        """The HTML of each surface that messages show, by its id; empty for other targets."""

    def address(self, surface_id: str) -> Address | None:
        """The surface a client's surface id names, or None when it is no such id."""

    def surface_id(self, surface: Surface) -> str:
        """The client's id for a surface."""

    def buttons(self, surface: Surface) -> Mapping[str, Pressed]:
        """The buttons a surface shows, by the component id a client reports."""

    def sent(self, context: Mapping[str, Json], button: Button, surface: Surface) -> Sent:
        """What a press of a button carries, of the context that a client sent with it."""

    def decode(self, field: Field, value: Json) -> Decoded:
        """A field's value as a client sends it, as a draft value."""
