"""What a file is, whatever it says it is, and what a field takes."""

from __future__ import annotations

import io
import struct
import tracemalloc
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from uicompiler.host.uploads.types import ACTIVE, USUAL, accepts, inspect

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + b"\0" * 30 + b"IEND\xaeB`\x82"
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + b"\0" * 30 + b"\xff\xd9"
GIF = b"GIF89a" + b"\0" * 30 + b";"
WEBP = b"RIFF\x20\x00\x00\x00WEBPVP8 " + b"\0" * 30
MP3 = b"ID3\x03" + b"\0" * 3_000
MP4 = b"\0\0\0\x18ftypisom" + b"\0" * 3_000
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
XMP = b'<?xpacket begin="\xef\xbb\xbf"?><x:xmpmeta xmlns:x="adobe:ns:meta/"></x:xmpmeta>'
OOXML = "application/vnd.openxmlformats-officedocument"


def archive(
    *names: str,
    first: tuple[str, bytes] | None = None,
    packed: int = zipfile.ZIP_STORED,
    comment: bytes = b"",
) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", packed) as made:
        made.comment = comment
        if first is not None:
            made.writestr(*first)
        for name in names:
            made.writestr(name, "x")
    return out.getvalue()


TYPES = {
    "png": (PNG, "a.png", "image/png"),
    "jpeg": (JPEG, "a.jpg", "image/jpeg"),
    "gif": (GIF, "a.gif", "image/gif"),
    "webp": (WEBP, "a.webp", "image/webp"),
    "pdf": (PDF, "a.pdf", "application/pdf"),
    "zip": (archive("a.txt"), "a.zip", "application/zip"),
    "docx": (
        archive("[Content_Types].xml", "word/document.xml"),
        "a.docx",
        f"{OOXML}.wordprocessingml.document",
    ),
    "xlsx": (
        archive("[Content_Types].xml", "xl/workbook.xml"),
        "a.xlsx",
        f"{OOXML}.spreadsheetml.sheet",
    ),
    "docx with macros": (
        archive("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"),
        "a.docx",
        "application/zip",
    ),
    "odt": (
        archive("content.xml", first=("mimetype", b"application/vnd.oasis.opendocument.text")),
        "a.odt",
        "application/vnd.oasis.opendocument.text",
    ),
    "broken zip": (b"PK\x03\x04 and no more", "a.zip", "application/octet-stream"),
    "json": (b' {"a": [1, 2]}', "a.json", "application/json"),
    "json with markup in it": (b'{"a": "<script>1</script>"}', "a.json", "application/json"),
    "json that is none": (b"{a: 1}", "a.json", "text/plain"),
    "json of 3 MB": (b'["%b"]' % (b"x" * 3_000_000), "a.json", "application/json"),
    "json of too many values": (b"[" + b"[]," * 400_000 + b"[]]", "a.json", "text/plain"),
    "json that is too long": (b'["%b"]' % (b"x" * 9_000_000), "a.json", "text/plain"),
    "json nested too deep": (b"[" * 300_000, "a.json", "text/plain"),
    "empty zip": (archive(), "a.zip", "application/zip"),
    "odt with a packed type": (
        archive(
            first=("mimetype", b"application/vnd.oasis.opendocument.text"),
            packed=zipfile.ZIP_DEFLATED,
        ),
        "a.odt",
        "application/zip",
    ),
    "csv": (b"a,b\n1,2\n", "a.csv", "text/csv"),
    "markdown": (b"# Title\n\n<b>x</b>", "a.md", "text/markdown"),
    "text": ("שלום, 世界".encode(), "a.txt", "text/plain"),
    "text with a mark": (b"\xef\xbb\xbfhello", "a", "text/plain"),
    "text in UTF-16": ("hello".encode("utf-16"), "a.txt", "text/plain"),
    "empty": (b"", "a.txt", "text/plain"),
    "html": (b"\n  <!DOCTYPE html><p>x", "a.txt", "text/html"),
    "html without head": (b"<script>1</script>", "a.json", "text/html"),
    "html behind a comment": (b"<!-- x --><html>", "a.md", "text/html"),
    "html in UTF-16": ("<html>".encode("utf-16"), "a.txt", "text/html"),
    "svg": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "a.png", "image/svg+xml"),
    "svg behind xml": (b"<?xml version='1.0'?><svg/>", "a.svg", "image/svg+xml"),
    "xml": (b"<?xml version='1.0'?><a/>", "a.xml", "application/xml"),
    "shell script": (b"#!/bin/sh\nrm -rf /", "a.txt", "text/x-script"),
    "program": (b"MZ\x90\0" + b"\0" * 60, "a.png", "application/x-executable"),
    "elf": (b"\x7fELF\x02\x01" + b"\0" * 60, "a", "application/x-executable"),
    "bytes": (bytes(range(1, 20)), "a.txt", "application/octet-stream"),
    "text cut in the middle of a letter": ("ü".encode()[:1], "a.txt", "application/octet-stream"),
}


@pytest.mark.parametrize("case", TYPES)
def test_a_type_is_told_by_content(case: str, tmp_path: Path) -> None:
    content, name, expected = TYPES[case]
    path = tmp_path / "x"
    path.write_bytes(content)
    assert inspect(path, name).media_type == expected


ANYTHING = ["image/*", "audio/*", "video/*", "application/*", "text/*", "text/html", ".png", ".gif"]
POLYGLOTS = {
    "a script in a GIF": GIF[:6] + b"/*<script>alert(1)</script>*/" + GIF[6:],
    "HTML in the head of a PNG": PNG[:20] + b"<html><body>" + PNG[20:],
    "PHP in the metadata of a JPEG": JPEG[:20] + b"<?php system($_GET[0]);" + JPEG[20:],
    "a script behind a PNG": PNG + b"\n" * 200_000 + b"<script>1</script>",
    "an archive behind a JPEG": JPEG + archive("a.txt"),
    "an archive with the longest comment": PNG + archive("a.txt", comment=b"c" * 65_535),
    "an archive behind a PDF": PDF + b"\n" * 3_000 + archive("a.txt"),
    "an archive behind a video": MP4 + archive("a.txt"),
    "an archive behind unknown bytes": bytes(range(1, 20)) + archive("a.txt"),
    "an archive behind UTF-16": "hello".encode("utf-16") + b"PK\x05\x06" + b"aa" * 9,
    "a script in a song": MP3 + b"<script>alert(1)</script>" + b"\0" * 3_000,
    "a script behind a video": MP4 + b"\0" * 200_000 + b"<SCRIPT>1</SCRIPT>",
    "a PDF in a GIF": GIF[:6] + b"%PDF-1.4" + GIF[6:],
    "SVG in the head of a WebP": WEBP + b"<svg onload=1>",
}


@pytest.mark.parametrize("case", POLYGLOTS)
def test_two_types_in_one_are_refused(case: str, tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(POLYGLOTS[case])
    for name in ("a.png", "a.gif", "a.jpg", "a.html", "a"):
        content = inspect(path, name)
        assert not accepts(ANYTHING, content, name)


def directory_of(entries: int, *, said: int, locator: bytes = b"", mark: bytes = b"") -> bytes:
    """An archive of nothing but entries without names, and the end record that tells of them."""
    head, listed = b"PK\x03\x04" + b"\0" * 26, (b"PK\x01\x02" + b"\0" * 42) * entries
    size = len(listed) if not locator else 0
    disks = mark or b"\0" * 4
    end = struct.pack("<4s4s2H2LH", b"PK\x05\x06", disks, said, said, size, len(head), 0)
    return head + listed + locator + end


VAST = {
    "a list of 19 MB": directory_of(430_000, said=65_535),
    "a list that says it is short": directory_of(430_000, said=1),
    "more entries than are looked at": directory_of(20_000, said=20_000),
    "the figures elsewhere": directory_of(430_000, said=0, locator=b"PK\x06\x07" + b"\0" * 16),
    "an end in the end": directory_of(430_000, said=1, mark=b"PK\x05\x06"),
}


@pytest.mark.parametrize("case", VAST)
def test_a_vast_archive_is_not_opened(
    case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x"
    path.write_bytes(VAST[case])
    monkeypatch.setattr(zipfile, "ZipFile", None)
    assert inspect(path, "a.docx").media_type == "application/zip"


def test_a_packed_type_is_not_unpacked(tmp_path: Path) -> None:
    raw = archive(first=("mimetype", b"\0" * 50_000_000), packed=zipfile.ZIP_DEFLATED)
    path = tmp_path / "x"
    path.write_bytes(raw.replace(struct.pack("<L", 50_000_000), struct.pack("<L", 90)))
    tracemalloc.start()
    try:
        assert inspect(path, "a.odt").media_type == "application/zip"
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()


def test_metadata_of_a_photo_is_no_other_type(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(JPEG[:20] + XMP + JPEG[20:])
    assert accepts(["image/*"], inspect(path, "a.jpg"), "a.jpg")


TAKEN = [
    (None, "png", True),
    (None, "json", True),
    (None, "html", False),
    (None, "svg", False),
    (None, "zip", False),
    (None, "bytes", False),
    (["image/*"], "png", True),
    (["image/*"], "svg", False),
    (["image/svg+xml"], "svg", True),
    (["image/*"], "pdf", False),
    ([".svg"], "svg behind xml", True),
    ([".json"], "json", True),
    ([".json"], "json that is none", False),
    ([".json"], "html without head", False),
    ([".txt"], "html", False),
    (["text/plain"], "csv", True),
    (["text/plain"], "html", False),
    (["text/plain"], "shell script", False),
    (["text/csv"], "text", False),
    (["text/*"], "csv", True),
    (["text/*"], "html", False),
    (["TEXT/CSV", ".CSV"], "csv", True),
    ([".log"], "text", False),
    (["application/octet-stream"], "bytes", True),
    ([], "text", False),
]


@pytest.mark.parametrize(("accept", "case", "taken"), TAKEN)
def test_what_a_field_takes(
    accept: list[str] | None, case: str, taken: bool, tmp_path: Path
) -> None:
    raw, name, _ = TYPES[case]
    path = tmp_path / "x"
    path.write_bytes(raw)
    assert accepts(accept, inspect(path, name), name) is taken


def test_an_ending_nobody_knows_is_the_apps_own(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"any text")
    assert accepts([".heron"], inspect(path, "a.heron"), "a.heron")
    path.write_bytes(b"MZ" + b"\0" * 60)
    assert not accepts([".heron"], inspect(path, "a.heron"), "a.heron")


def test_nothing_that_runs_is_usual() -> None:
    assert not ACTIVE & set(USUAL)


@given(st.binary(max_size=400), st.sampled_from(["a.json", "a.png", "a.docx", "a", "a.html"]))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_are_something(tmp_path: Path, raw: bytes, name: str) -> None:
    path = tmp_path / "x"
    for head in (b"", b"PK\x03\x04", b"\x89PNG\r\n\x1a\n", b"<", b"GIF89a"):
        path.write_bytes(head + raw)
        assert inspect(path, name).media_type
