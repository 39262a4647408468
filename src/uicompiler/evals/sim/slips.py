"""A slip: one thing that a simulated model did to an answer, and whether it took anything away.

A slip is lossless when anybody who knows the vocabulary can tell from the text alone, and with
certainty, what was meant: a fence, a trailing comma, a payload under one of its usual other names.
It is judged here, where it is made, and by what was done; whether any reader in this library can
undo it plays no part.
"""

from __future__ import annotations

from dataclasses import dataclass

from uicompiler.ir.values import Json


@dataclass(frozen=True, slots=True)
class Slip:
    """One slip: its name, such as `malformed.wrapped`, and whether nothing was lost."""

    name: str
    lossless: bool

    def to_dict(self) -> dict[str, Json]:
        """The slip as a JSON object."""
        return {"name": self.name, "lossless": self.lossless}
