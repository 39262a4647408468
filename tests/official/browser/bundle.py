"""The host page, bundled with the official packages into a folder of its own.

What shows surfaces on it is the example's own (`examples/web_client/src`), so that every test of
the renderer is one of the page that users build on.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from tests.official.bridge import NODE_DIR, Unavailable, ensure_node_modules

PAGE_DIR = Path(__file__).parent / "page"
"""The page's sources, which are readable by themselves."""

_ROOT = Path(__file__).parents[3]
_SHARED = "examples/web_client/src"

_ENTRIES = ("main.js", "page.css")


def build(target: Path) -> None:
    """Write the page into a folder, ready to be served.

    Raises:
        Unavailable: Node, npm or the official packages are missing, or the bundler failed.
    """
    ensure_node_modules()
    with tempfile.TemporaryDirectory(prefix="uicompiler-sources-") as folder:
        done = _bundled(_sources(Path(folder)), target)
    if done.returncode != 0:
        tail = (done.stderr or done.stdout).strip()[-2000:]
        raise Unavailable(f"the host page could not be bundled (status {done.returncode}):\n{tail}")
    shutil.copy(PAGE_DIR / "index.html", target)


def _sources(folder: Path) -> Path:
    """A copy of the sources, apart from packages that the example may have beside its own."""
    page = folder / "tests/official/browser/page"
    shutil.copytree(PAGE_DIR, page)
    shutil.copytree(_ROOT / _SHARED, folder / _SHARED)
    return page


def _bundled(page: Path, target: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [
            str(NODE_DIR / "node_modules" / ".bin" / "esbuild"),
            *(str(page / entry) for entry in _ENTRIES),
            "--bundle",
            "--format=esm",
            "--loader:.woff=file",
            "--loader:.woff2=file",
            "--log-level=warning",
            f"--outdir={target}",
        ],
        # No folder of packages stands above the sources.
        env={**os.environ, "NODE_PATH": str(NODE_DIR / "node_modules")},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
