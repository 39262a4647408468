"""The Lit elements, one process for the whole run."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.official.conftest import require

from .lit import LitClient, Page


@pytest.fixture(scope="session")
def lit_client() -> Iterator[LitClient]:
    """The process that draws pages."""
    client = LitClient()
    require(client.start)
    yield client
    client.close()


@pytest.fixture
def lit(lit_client: LitClient) -> Callable[..., Page]:
    """Draw a page with the official Lit elements: messages, then clicks and typing."""
    return lit_client.page


@pytest.fixture(scope="session")
def los_angeles() -> Iterator[Callable[..., Page]]:
    """The same, on a client west of UTC."""
    client = LitClient(tz="America/Los_Angeles")
    require(client.start)
    yield client.page
    client.close()


@pytest.fixture(scope="session")
def plain_text_lit() -> Iterator[Callable[..., Page]]:
    """The same, on a client without a markdown renderer."""
    client = LitClient(markdown=False)
    require(client.start)
    yield client.page
    client.close()
