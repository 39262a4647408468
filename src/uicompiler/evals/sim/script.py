"""What a simulated model means to say, and where in an evaluation it says it."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from uicompiler.app import UIApp


@dataclass(frozen=True, slots=True)
class Script:
    """One trial of one scenario.

    Attributes:
        scenario: Its id.
        reply: The envelope that the model means; `Any` as in `ir.values.Json`.
        index: Which trial of the scenario it is.
        uses: Tools of the app's that it asks for first, with their arguments.
        required: Keys that a directive cannot do without, by type: what a careless model forgets.
    """

    scenario: str
    reply: Mapping[str, Any]
    index: int = 0
    required: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    uses: tuple[tuple[str, Mapping[str, Any]], ...] = ()

    @classmethod
    def for_app(
        cls, app: UIApp, *, scenario: str, reply: Mapping[str, Any], index: int = 0
    ) -> Script:
        """A script whose required keys are those of an app's directives."""
        required = {
            spec.type: tuple(
                name for name, found in spec.payload.model_fields.items() if found.is_required()
            )
            for spec in app.directives
        }
        return cls(scenario, reply, index, required)


def dice(seed: int, personality: str, script: Script, call: int) -> random.Random:
    """The randomness of one call: that and nothing else decides it, whoever asks and when."""
    name = f"{seed}\n{personality}\n{script.scenario}\n{script.index}\n{call}"
    digest = hashlib.sha256(name.encode()).digest()
    return random.Random(int.from_bytes(digest, "big"))  # noqa: S311  # repeatable, not secret
