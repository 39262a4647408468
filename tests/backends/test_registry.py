"""Backends by name."""

from __future__ import annotations

from typing import Any

import pytest

from uicompiler.backends.registry import BACKENDS, backend_named


def test_a_backend_is_made_once_and_knows_its_name() -> None:
    for name in BACKENDS:
        assert backend_named(name).name == name
        assert backend_named(name) is backend_named(name)


@pytest.mark.parametrize("name", ["pdf", "", None, ["html"], 3])
def test_what_is_no_backend_is_told_which_there_are(name: Any) -> None:
    with pytest.raises(ValueError, match=r"known: a2ui-v0\.8, html"):
        backend_named(name)
