"""Where the data files that ship with the library are: schemas, catalogs, the example apps.

In an installed wheel they sit in `uicompiler/_data`; in a source checkout at its root.
"""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_ROOTS = (_PACKAGE / "_data", _PACKAGE.parent.parent)


def data_path(name: str) -> Path:
    """The path of a shipped file or folder, such as `examples/crm`.

    Raises:
        FileNotFoundError: no such file ships; the message names where it was looked for.
    """
    for root in _ROOTS:
        path = root / name
        if path.exists():
            return path
    places = ", ".join(str(root) for root in _ROOTS)
    raise FileNotFoundError(f"{name} does not ship with uicompiler (looked in {places})")
