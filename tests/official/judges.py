"""The official packages that judge, and the versions to which the tests are pinned."""

from __future__ import annotations

import json
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

JUDGES = (
    ("@a2ui/web_core", "npm", "the message processor: schema, data model, tree"),
    ("@a2ui/lit", "npm", "the renderer, in Chromium and, for single traps, under jsdom"),
    ("@a2ui/markdown-it", "npm", "what a Text shows"),
    ("a2ui-core", "PyPI", "the Python processor"),
    ("a2ui-agent-sdk", "PyPI", "`validate_payload`, the check before sending"),
)
"""Packages, where they come from, and what is asked of each."""


def versions() -> dict[str, str]:
    """The pinned version of each."""
    package = Path(__file__).parent / "node" / "package.json"
    npm: dict[str, str] = json.loads(package.read_text("utf-8"))["dependencies"]
    python = dict(
        re.findall(r"^([\w.-]+)==(\S+)", (ROOT / "constraints.txt").read_text("utf-8"), re.M)
    )
    return {name: npm[name] if home == "npm" else python[name] for name, home, _ in JUDGES}
