"""A form post, read within limits."""

from __future__ import annotations

import errno
from typing import Any

import pytest
from starlette.formparsers import MultiPartParser

from tests.host.web import Browser
from uicompiler.host.pages.post import BodyLimits

HEADERS = {"content-type": "multipart/form-data; boundary=B"}


def parts(page: Browser, *contents: bytes) -> bytes:
    """The page's form with file parts that have no name."""
    texts = [(name, value) for name, value in page.post_of("Read the card") if name != "f.file"]
    found = [f'name="{name}"\r\n\r\n{value}'.encode() for name, value in texts]
    found.extend(b'name="f.file"; filename=""\r\n\r\n' + content for content in contents)
    lines = [b"--B\r\nContent-Disposition: form-data; " + part + b"\r\n" for part in found]
    return b"".join(lines) + b"--B--\r\n"


LONG = b"x" * 300_000


@pytest.mark.parametrize(
    ("contents", "status"), [([LONG], 415), ([LONG, b"", b"x"], 413), ([b""] * 20, 400)]
)
def test_a_file_without_a_name_counts_from_its_first_byte(
    contents: list[bytes], status: int, at
) -> None:
    page = at("character_card", body=BodyLimits(max_files=1)).begin(turn="01_upload")
    response = page.client.post(page.path, content=parts(page, *contents), headers=HEADERS)
    assert response.status_code == status


def test_no_part_of_too_many_is_written_away(at, monkeypatch: pytest.MonkeyPatch) -> None:
    page = at("character_card").begin(turn="01_upload")
    received: list[Any] = []
    store = page.host._turns._uploads
    monkeypatch.setattr(store, "receive", lambda *given: received.append(given))
    body = parts(page, *[b"x"] * 50)
    assert page.client.post(page.path, content=body, headers=HEADERS).status_code == 413
    assert received == []


def test_a_full_disk_while_reading_is_a_refusal(at, monkeypatch: pytest.MonkeyPatch) -> None:
    page = at("character_card").begin(turn="01_upload")
    body = parts(page, b"{}")

    async def full(_parser: Any) -> Any:
        raise OSError(errno.ENOSPC, "no space left")

    monkeypatch.setattr(MultiPartParser, "parse", full)
    response = page.client.post(page.path, content=body, headers=HEADERS)
    assert response.status_code == 507
    assert "could not be stored" in response.text
