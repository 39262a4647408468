"""What `uicompiler.host` shows, and what it loads."""

from __future__ import annotations

import subprocess
import sys

import pytest

import uicompiler.host

NAMES = uicompiler.host.__all__


def test_all_is_sorted_and_listed() -> None:
    assert list(NAMES) == sorted(NAMES)
    assert set(NAMES) <= set(dir(uicompiler.host))


@pytest.mark.parametrize("name", NAMES)
def test_each_name_is_there(name: str) -> None:
    assert getattr(uicompiler.host, name) is not None


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no_such_name"):
        uicompiler.host.no_such_name  # noqa: B018


def test_keys_are_made_without_starlette() -> None:
    program = (
        "import sys\nfrom uicompiler.host import KeyRing\nKeyRing.generated()\n"
        "sys.exit('starlette' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], check=False)
    assert done.returncode == 0
