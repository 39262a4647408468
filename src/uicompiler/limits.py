"""Limits: how much a conversation may ask of a client. Defaults are DESIGN section 6's.

Each trip names the limit, the actual figure and where.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Final

_MIB: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """Counts, bytes (UTF-8) and depths; all inclusive.

    Attributes that no name explains: `max_live_surfaces` bounds what one conversation shows at a
    time, and so what a snapshot of it holds, `max_*_per_response` what a model's turn shows anew;
    `max_view_depth` and `max_view_nodes` bound the IR view,
    `max_event_*` what a client sends, `max_error_resets` how often a client's errors may make a
    surface be built anew before it fails.
    """

    max_envelope_bytes: int = 200_000
    max_envelope_depth: int = 64
    max_directives: int = 64
    max_messages_per_surface: int = 1_024
    max_messages_per_response: int = 4_096
    max_bytes_per_message: int = _MIB
    max_bytes_per_surface: int = 2 * _MIB
    max_bytes_per_response: int = 8 * _MIB
    max_components_per_surface: int = 2_000
    max_component_depth: int = 50
    max_data_entries_per_surface: int = 10_000
    max_data_depth: int = 16
    max_string_bytes: int = 64 * 1024
    max_surfaces_per_response: int = 16
    max_live_surfaces: int = 64
    max_id_length: int = 128
    max_view_depth: int = 50
    max_view_nodes: int = 2_000
    max_event_bytes: int = 256 * 1024
    max_event_depth: int = 16
    max_context_keys: int = 2_048
    max_error_resets: int = 3

    @classmethod
    def bench(cls) -> Limits:
        """Limits no benchmark reaches; never for serving."""
        return cls(**{item.name: 10**12 for item in fields(cls)})
