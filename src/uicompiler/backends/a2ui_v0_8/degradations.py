"""What the catalog, or the official client, cannot show as the IR means it: one table.

A row says what becomes of it instead. Where that loses something a user would miss, the row is
reported as A2UI_S2C_CATALOG_DEGRADED; the others only stand here and in the documentation. Tests
that compare screens with the IR allow these differences and no others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, slots=True)
class Degradation:
    """One row.

    Attributes:
        what: What the IR means.
        becomes: What a client shows instead, and why.
        reported: Whether every use is a warning.
    """

    what: str
    becomes: str
    reported: bool = False


DEGRADATIONS: Final[Mapping[str, Degradation]] = MappingProxyType(
    {
        "secret": Degradation(
            "a secret field hides what is typed",
            "an obscured TextField, which the official web client shows in clear",
            reported=True,
        ),
        "upload": Degradation(
            "an upload field takes a file",
            "without FileUpload in the catalog: a TextField for the file's text or its handle",
            reported=True,
        ),
        "long_text": Degradation(
            "a long text is edited in several lines",
            "a longText TextField, one line in the official web client",
        ),
    }
)
