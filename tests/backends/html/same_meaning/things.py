"""What a person finds on a screen, one thing after the other, whatever it was made of."""

from __future__ import annotations

from typing import Any, NamedTuple


class Thing(NamedTuple):
    """One thing on a screen.

    Attributes:
        kind: Such as `text`, `label`, `input`, `button` or `image`.
        words: What can be read of it.
        about: What else is known of it, by name.
    """

    kind: str
    words: str = ""
    about: tuple[tuple[str, Any], ...] = ()

    def get(self, name: str, otherwise: Any = None) -> Any:
        """One of `about`."""
        return dict(self.about).get(name, otherwise)


def thing(kind: str, words: str = "", **about: Any) -> Thing:
    """A thing, with what is known of it in a fixed order."""
    return Thing(kind, read(words), tuple(sorted(about.items())))


def read(words: str) -> str:
    """Words with what nobody can tell apart made equal: kinds of space, and U+2060 in front."""
    return words.replace("\u00a0", " ").replace("\t", " ").lstrip("\u2060")


def lines(words: str) -> list[str]:
    """A text line by line; none for what shows nothing."""
    return [line or " " for line in words.split("\n")] if words.strip("\n") else []
