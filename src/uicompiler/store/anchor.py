"""What a chain goes on from when its first entries were dropped.

An anchor names the last entry that was dropped, with its hash, and has what a reader of the rest
needs from before: the meta record that holds for it. A checksum stands before it, since no entry's
hash covers it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from uicompiler.ir.values import Json
from uicompiler.store.entry import START, corrupt, decode, encode


@dataclass(frozen=True, slots=True)
class Anchor:
    """Where a chain begins.

    Attributes:
        seq: Number of the entry before the first; 0 when none was dropped.
        hash: Its hash.
        kept: The commitment of what was kept after it; "" when none was dropped.
        turn: The conversation's count of turns then.
        meta: The meta record that held then; None when none was dropped.
    """

    seq: int = 0
    hash: str = START
    kept: str = ""
    turn: int = 0
    meta: Mapping[str, Json] | None = None

    def to_dict(self) -> dict[str, Json]:
        """The anchor as a JSON object."""
        return {
            "seq": self.seq,
            "hash": self.hash,
            "kept": self.kept,
            "turn": self.turn,
            "meta": self.meta,
        }

    def to_bytes(self) -> bytes:
        """The anchor as it is stored; nothing when no entry was dropped."""
        if not self.seq:
            return b""
        raw = encode(self.to_dict())
        return hashlib.sha256(raw).hexdigest().encode() + b" " + raw


WHOLE: Final = Anchor()
"""Of a chain that begins with its first entry."""


def read_anchor(stored: bytes) -> Anchor:
    """The anchor that is stored.

    Raises:
        StoreError: STORE_CORRUPT, it does not fit its checksum.
    """
    if not stored:
        return WHOLE
    digest, _, raw = stored.partition(b" ")
    if hashlib.sha256(raw).hexdigest().encode() != digest:
        raise corrupt("the anchor of a conversation does not fit its checksum")
    return Anchor(**decode(raw))
