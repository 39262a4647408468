"""A browser at each example app."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.host.web import Browser, example, folder

Open = Callable[..., Browser]


@pytest.fixture
def at(tmp_path: Path) -> Open:
    """Opens an example app by its name; settings are those of `create_app`."""

    def open_(name: str, **settings: Any) -> Browser:
        return Browser(example(name), tmp_path, folder=folder(name), **settings)

    return open_
