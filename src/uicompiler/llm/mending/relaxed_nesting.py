"""Where a reader of almost-JSON stands, and whether a bracket can be missing there only.

Promises: nothing here reads text. A bracket counts as forgotten only where no other place for it
gives JSON too; the nesting of an envelope's directives, whose keys are known, settles some of what
syntax alone leaves open.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal

from uicompiler.llm.mending.relaxed_words import BrokenError

CLOSING: Final = {"{": "}", "[": "]"}
ENVELOPE: Final = frozenset({"assistant_text", "directives"})

_PAYLOADS: Final = ("payload", "arguments", "parameters")
_DIRECTIVE: Final = frozenset({"type", *_PAYLOADS})

_Role = Literal["", "root", "directives", "directive", "payload"]


@dataclass(slots=True)
class Container:
    """A container that is not closed yet.

    Attributes:
        bracket: `{` or `[`.
        role: What it is in an envelope.
        count: How many values it has.
        key: Of the value that is being read.
        doubtful: Its last value is a container of its own kind, so that a missing bracket could
            also stand inside that one.
    """

    bracket: str
    role: _Role
    count: int = 0
    key: str = ""
    doubtful: bool = False
    keys: dict[str, None] = field(default_factory=dict)


class Nesting:
    """The containers that are open, outermost first.

    Attributes:
        mixed: Whether an envelope or a directive had keys that are not its own.
    """

    def __init__(self) -> None:
        self._stack: list[Container] = []
        self.mixed = False

    def __len__(self) -> int:
        return len(self._stack)

    @property
    def top(self) -> Container:
        """The innermost."""
        return self._stack[-1]

    @property
    def keys(self) -> tuple[str, ...]:
        """Those of the outermost, as far as they were read."""
        return tuple(self._stack[0].keys) if self._stack else ()

    @property
    def is_whole_envelope(self) -> bool:
        """Whether the envelope alone is open, and has all its keys."""
        return len(self._stack) == 1 and self.top.keys.keys() >= ENVELOPE

    def open(self, bracket: str) -> None:
        """A container begins."""
        self._stack.append(Container(bracket, self._role(bracket)))

    def _role(self, bracket: str) -> _Role:
        if not self._stack:
            return "root" if bracket == "{" else "directives"
        outer = self.top
        if bracket == "[":
            root = outer.role == "root"
            return "directives" if root and outer.key == "directives" else ""
        if outer.role == "directives":
            return "directive"
        is_directive = outer.role in ("directive", "root")
        return "payload" if is_directive and outer.key in _PAYLOADS else ""

    def name(self, key: str) -> None:
        """The innermost names a key."""
        self.top.key = key
        self.top.keys[key] = None

    def put(self) -> None:
        """The innermost has one more value, a scalar."""
        self.top.count += 1
        self.top.doubtful = False

    def close(self) -> Container:
        """The innermost ends, and is a value of the one around it."""
        closed = self._stack.pop()
        if closed.role in ("root", "directive"):
            self.mixed |= _is_mixed({*closed.keys})
        if self._stack:
            self.top.doubtful = self._is_doubtful(closed)
            self.top.count += 1
        return closed

    def _is_doubtful(self, closed: Container) -> bool:
        outer = self.top
        if outer.bracket != closed.bracket:
            return False
        # What belongs to a payload is never meant to stand beside it.
        several = closed.count > 1 and closed.role != "payload"
        twice = closed.bracket == "[" and outer.count == 0  # in `[[`, one may be too many
        return several or twice or closed.doubtful

    def inside(self, bracket: str) -> int:
        """How many containers stand inside the innermost one of this kind.

        Raises:
            BrokenError: none of this kind is open.
        """
        for depth, container in enumerate(reversed(self._stack)):
            if container.bracket == bracket:
                return depth
        raise BrokenError

    def judge_missing(self, count: int, *, at_end: bool) -> None:
        """Whether so many of the innermost may be closed here.

        Raises:
            BrokenError: the missing brackets may also stand elsewhere.
        """
        missing = self._stack[len(self._stack) - count :]
        several = count > 1 and not at_end and not all(item.role for item in missing)
        if several or any(item.doubtful or _is_excess(item) for item in missing):
            raise BrokenError


def _is_excess(item: Container) -> bool:
    """Whether an array that is not closed may rather be a bracket too many."""
    return item.bracket == "[" and item.count < (1 if item.role == "directives" else 2)


def _is_mixed(keys: set[str]) -> bool:
    """Whether an envelope or a directive has keys that are not its own."""
    beside_envelope = not keys.isdisjoint(ENVELOPE) and not keys <= ENVELOPE
    return beside_envelope or (not keys.isdisjoint(_PAYLOADS) and not keys <= _DIRECTIVE)
