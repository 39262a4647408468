"""The host page, bundled with the official packages into a folder of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from tests.official.bridge import NODE_DIR, Unavailable, ensure_node_modules

PAGE_DIR = Path(__file__).parent / "page"
"""The page's sources, which are readable by themselves."""

_ENTRIES = ("main.js", "page.css")


def build(target: Path) -> None:
    """Write the page into a folder, ready to be served.

    Raises:
        Unavailable: Node, npm or the official packages are missing, or the bundler failed.
    """
    ensure_node_modules()
    done = subprocess.run(
        [
            str(NODE_DIR / "node_modules" / ".bin" / "esbuild"),
            *(str(PAGE_DIR / entry) for entry in _ENTRIES),
            "--bundle",
            "--format=esm",
            "--loader:.woff=file",
            "--loader:.woff2=file",
            "--log-level=warning",
            f"--outdir={target}",
        ],
        # The sources stand beside the packages' folder, not above it.
        env={**os.environ, "NODE_PATH": str(NODE_DIR / "node_modules")},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    if done.returncode != 0:
        tail = (done.stderr or done.stdout).strip()[-2000:]
        raise Unavailable(f"the host page could not be bundled (status {done.returncode}):\n{tail}")
    shutil.copy(PAGE_DIR / "index.html", target)
