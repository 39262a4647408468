"""What decides the words of a simulated model, under one hash.

The rates alone decide little: which shape a mistake takes, and how it is written down, decides as
much whether it can be mended. So the hash is over all of it.
"""

from __future__ import annotations

import functools
import hashlib
from pathlib import Path
from typing import Final

FILES: Final = (
    "personalities.yaml",
    "personalities.py",
    "script.py",
    "simulator.py",
    "model.py",
    "mistakes.py",
    "written.py",
    "strict_form.py",
    "tool_calls.py",
    "slips.py",
)


@functools.cache
def digest() -> str:
    """SHA-256 over the files, by their hashes, 64 hex digits."""
    here = Path(__file__).parent
    hashes = (hashlib.sha256((here / name).read_bytes()).hexdigest() for name in FILES)
    return hashlib.sha256("\n".join(hashes).encode()).hexdigest()
