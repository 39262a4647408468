"""A browser at each example app."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.host.logs import check_log
from tests.host.web import Browser, example, folder

Open = Callable[..., Browser]


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Open]:
    """Opens an example app by its name; settings are those of `create_app`.

    Whatever a test did, the log of each conversation replays to what is kept in the end.
    """
    opened: list[Browser] = []

    def open_(name: str, **settings: Any) -> Browser:
        opened.append(Browser(example(name), tmp_path, folder=folder(name), **settings))
        return opened[-1]

    yield open_
    for page in opened:
        log = page.host._store.log
        for conversation_id in list(log.ids()):
            check_log(log, conversation_id, page.host._app)
