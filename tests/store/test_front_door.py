"""What `uicompiler.store` offers."""

from __future__ import annotations

import subprocess
import sys

import pytest

from uicompiler import store


def test_everything_that_is_named_is_there() -> None:
    assert store.__all__ == sorted(store.__all__, key=lambda name: (name.islower(), name))
    for name in store.__all__:
        assert getattr(store, name).__name__ == name
    assert dir(store) == sorted(store.__all__)
    with pytest.raises(AttributeError, match="nothing"):
        store.nothing  # noqa: B018  # asked for, and not there


def test_a_driver_is_loaded_when_it_is_needed() -> None:
    script = (
        "import sys; from uicompiler.store import open_log; open_log('memory:').close(); "
        "print('psycopg' in sys.modules, 'starlette' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout == "False False\n"
