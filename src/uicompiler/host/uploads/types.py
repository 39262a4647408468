"""What a file is, told by its content, and whether a field takes it.

The client's word for it (its Content-Type) is never asked. A file is taken when its content is of
a type on a list: the field's `accept`, else `USUAL`. What browsers would run (HTML, SVG, scripts)
has to be named by the field itself, and a file that begins as one type and holds another is none:
a medium with markup in its head, or anything with an archive at its end, is refused.

Looking costs a bounded time whatever the bytes are: values of a JSON text and entries of an archive
are counted before a parser sees them.

puremagic knows the signatures; texts, which have none, are told by their characters.
"""

from __future__ import annotations

import json
import re
import struct
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

import puremagic

from uicompiler.host.uploads.names import ending_of

USUAL: Final = (
    "image/png",
    "image/jpeg",
    "image/gif",
    "image/webp",
    "application/pdf",
    "text/plain",
    "text/csv",
    "text/markdown",
    "application/json",
    "audio/mpeg",
    "audio/wav",
    "audio/ogg",
    "video/mp4",
    "video/webm",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "application/vnd.oasis.opendocument.text",
    "application/vnd.oasis.opendocument.spreadsheet",
)
"""What a field takes that names nothing."""

ENDINGS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "image/png": (".png",),
        "image/jpeg": (".jpg", ".jpeg", ".jpe", ".jfif"),
        "image/gif": (".gif",),
        "image/webp": (".webp",),
        "image/svg+xml": (".svg",),
        "application/pdf": (".pdf",),
        "application/zip": (".zip",),
        "application/json": (".json",),
        "application/xml": (".xml",),
        "text/html": (".html", ".htm", ".xhtml"),
        "text/plain": (".txt", ".text", ".log"),
        "text/csv": (".csv",),
        "text/tab-separated-values": (".tsv",),
        "text/markdown": (".md", ".markdown"),
        "text/x-script": (".sh",),
        "audio/mpeg": (".mp3",),
        "audio/wav": (".wav",),
        "audio/ogg": (".ogg", ".oga", ".opus"),
        "video/mp4": (".mp4", ".m4v"),
        "video/webm": (".webm",),
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document": (".docx",),
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": (".xlsx",),
        "application/vnd.openxmlformats-officedocument.presentationml.presentation": (".pptx",),
        "application/vnd.oasis.opendocument.text": (".odt",),
        "application/vnd.oasis.opendocument.spreadsheet": (".ods",),
    }
)
"""Endings of each type, the usual one first."""

ACTIVE: Final = frozenset(
    {"text/html", "image/svg+xml", "application/xml", "text/x-script", "application/x-executable"}
)
"""What a browser or a system would run; no `image/*` or ending of another type covers it."""

_HEAD: Final = 64 * 1024
_ARCHIVE_END: Final = struct.Struct("<4s4H2LH")
_LOCATOR_BYTES: Final = 20
_TAIL: Final = _LOCATOR_BYTES + _ARCHIVE_END.size + 65_536
"""An archive's end record, what may stand before it and the longest comment behind it, as readers
look for it (APPNOTE.TXT 4.3.15 and 4.3.16)."""

_SNIFFED: Final = 2048
"""Browsers look at 1 445 bytes at most to tell a type (WHATWG MIME Sniffing)."""

_MAX_JSON_BYTES: Final = 8 * 1024 * 1024
_MAX_JSON_VALUES: Final = 350_000
_MAX_ENTRIES: Final = 10_000
_MAX_TYPE_BYTES: Final = 100
_MAX_DIRECTORY_BYTES: Final = 1024 * 1024
"""Of the list of an archive's entries, which takes 46 bytes for each at least."""

_SIGNATURES: Final[tuple[tuple[re.Pattern[bytes], str], ...]] = (
    (re.compile(rb"\x89PNG\r\n\x1a\n"), "image/png"),
    (re.compile(rb"\xff\xd8\xff"), "image/jpeg"),
    (re.compile(rb"GIF8[79]a"), "image/gif"),
    (re.compile(rb"RIFF.{4}WEBP", re.DOTALL), "image/webp"),
    (re.compile(rb"RIFF.{4}WAVE", re.DOTALL), "audio/wav"),
    (re.compile(rb"%PDF-[12]\."), "application/pdf"),
    (re.compile(rb"PK(?:\x03\x04|\x05\x06)"), "application/zip"),
    (re.compile(rb"OggS\x00"), "audio/ogg"),
    (re.compile(rb"ID3[\x02-\x04]|\xff[\xfb\xf3\xf2]"), "audio/mpeg"),
    (re.compile(rb".{4}ftyp(?:isom|iso[2-9]|mp4|avc1|M4V|MSNV|dash)", re.DOTALL), "video/mp4"),
    (re.compile(rb"\x1aE\xdf\xa3.{0,64}\x42\x82.{1,2}webm", re.DOTALL), "video/webm"),
    (
        re.compile(rb"MZ|\x7fELF|\xca\xfe\xba\xbe|[\xcf\xce]\xfa\xed\xfe|\0asm"),
        "application/x-executable",
    ),
)
_MARKUP: Final = re.compile(
    rb"<(?:!doctype\s|html|head|body|script|iframe|svg|style|object|embed|form|img\s|a\s|\?php|\?xml"
    rb"|!--)",
    re.IGNORECASE,
)
_RUNS: Final = re.compile(
    rb"<(?:!doctype\s+html|html|script|iframe|svg\b|body|\?php)", re.IGNORECASE
)
_SCRIPT: Final = re.compile(rb"#!\s*/|%!PS|@echo\s", re.IGNORECASE)
_ARCHIVE_MARK: Final = b"PK\x05\x06"
_MEDIA: Final = ("image/", "audio/", "video/")
_BOMS: Final = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_NO_TEXT: Final = re.compile("[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Content:
    """What a file's bytes say.

    Attributes:
        media_type: Its type; `application/octet-stream` for bytes nobody knows.
        is_text: Whether it is readable as text.
        mixed: Whether it is one type at its head and another one elsewhere.
    """

    media_type: str
    is_text: bool = False
    mixed: bool = False


def inspect(path: Path, name: str) -> Content:
    """Tell what a file is.

    Args:
        path: Where it is.
        name: Its safe name; its ending chooses among texts, which all look alike.
    """
    head, tail = _ends(path)
    signed = next((kind for sign, kind in _SIGNATURES if sign.match(head)), None)
    if signed is None and _is_text(path):
        mixed = _ARCHIVE_MARK in tail  # letters, in UTF-16
        return Content(_text_type(path, head, name), is_text=True, mixed=mixed)
    if signed == "application/zip":
        return Content(_archive_type(path, tail))
    known = signed or _by_magic(head)
    return Content(known, mixed=_is_mixed(known, head, tail))


def accepts(accept: Sequence[str] | None, content: Content, name: str) -> bool:
    """Whether a field takes a file.

    Args:
        accept: The field's own list: media types, `image/*`, endings; None for `USUAL`.
        content: What the file is.
        name: Its safe name.
    """
    if content.mixed:
        return False
    entries = USUAL if accept is None else tuple(accept)
    return any(_matches(entry.lower(), content, name) for entry in entries)


def usual_ending(media_type: str) -> str:
    """The ending files of a type have; "" for a type without one here."""
    return ENDINGS.get(media_type, ("",))[0]


def fits_ending(media_type: str, ending: str) -> bool:
    """Whether a name with an ending says what its file is."""
    return ending in ENDINGS.get(media_type, ())


def _matches(entry: str, content: Content, name: str) -> bool:
    kind = content.media_type
    if entry.startswith("."):
        return ending_of(name) == entry and _ending_holds(entry, content)
    if entry.endswith("/*"):
        return kind not in ACTIVE and kind.startswith(entry[:-1])
    # Text is text: a plain one may be asked for whatever its ending says it is.
    return entry == kind or (entry == "text/plain" and content.is_text and kind not in ACTIVE)


def _ending_holds(ending: str, content: Content) -> bool:
    """Whether content is what an ending promises; of an ending nobody knows, not what runs."""
    types = [kind for kind, endings in ENDINGS.items() if ending in endings]
    if types:
        return content.media_type in types
    return content.media_type not in ACTIVE


# --- bytes ----------------------------------------------------------------------------------------


def _ends(path: Path) -> tuple[bytes, bytes]:
    with path.open("rb") as stream:
        head = stream.read(_HEAD)
        stream.seek(max(0, path.stat().st_size - _TAIL))
        return head, stream.read(_TAIL)


def _by_magic(head: bytes) -> str:
    """The type puremagic is surest of; what runs counts before anything else."""
    try:
        found = puremagic.magic_string(head)
    except (puremagic.PureError, ValueError):
        return "application/octet-stream"
    types = [match.mime_type for match in found if match.mime_type]
    active = [kind for kind in types if kind in ACTIVE]
    return next(iter([*active, *types]), "application/octet-stream")


def _is_mixed(kind: str, head: bytes, tail: bytes) -> bool:
    """Whether a file that begins as `kind` is something else as well."""
    if _RUNS.search(head[:_SNIFFED]) or _ARCHIVE_MARK in tail:
        return True
    if kind != "application/pdf" and b"%PDF-" in head[:1024]:
        return True
    return kind.startswith(_MEDIA) and (_runs_at_all(head) or _runs_at_all(tail))


def _runs_at_all(content: bytes) -> bool:
    """Markup that runs does not belong into a medium, at either end; metadata is RDF."""
    return re.search(rb"<(?:script|iframe|\?php|html)\b", content, re.IGNORECASE) is not None


def _archive_type(path: Path, tail: bytes) -> str:
    """An office document by the files in it, else a plain archive."""
    if _is_vast(tail):
        return "application/zip"
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            if entries and _names_type(entries[0]):
                with archive.open(entries[0]) as stream:
                    return _opened(stream.read(_MAX_TYPE_BYTES))
    except (zipfile.BadZipFile, OSError, ValueError, RuntimeError, NotImplementedError):
        return "application/octet-stream"
    return _office_type(entry.filename for entry in entries)


def _is_vast(tail: bytes) -> bool:
    """Whether an archive has more entries than are looked at, by what may be its end record.

    Readers differ in which one they take, where there are several: each has to be a small one.
    """
    return any(_is_vast_end(tail, found.start()) for found in re.finditer(_ARCHIVE_MARK, tail))


def _is_vast_end(tail: bytes, at: int) -> bool:
    if len(tail) - at < _ARCHIVE_END.size:
        return False
    _, _, _, _, entries, directory, _, _ = _ARCHIVE_END.unpack_from(tail, at)
    # With a locator before it, another record has the figures (ZIP64), for archives beyond 4 GB.
    longer = tail[max(0, at - _LOCATOR_BYTES) : at].startswith(b"PK\x06\x07")
    return longer or entries > _MAX_ENTRIES or directory > _MAX_DIRECTORY_BYTES


def _names_type(entry: zipfile.ZipInfo) -> bool:
    """Whether an entry is the first one of OpenDocument, which is short and not compressed.

    Source: OpenDocument 1.2 part 3, section 3.3.
    """
    plain = entry.compress_type == zipfile.ZIP_STORED
    return entry.filename == "mimetype" and plain and entry.file_size < _MAX_TYPE_BYTES


def _opened(mimetype: bytes) -> str:
    found = mimetype.decode("ascii", "replace").strip()
    return found if found in ENDINGS else "application/zip"


def _office_type(names: Iterable[str]) -> str:
    parts = set(names)
    macros = any(name.endswith("vbaProject.bin") for name in parts)
    if "[Content_Types].xml" not in parts or macros:
        return "application/zip"
    base = "application/vnd.openxmlformats-officedocument"
    kinds = {"word/": "wordprocessingml.document", "xl/": "spreadsheetml.sheet"}
    kinds["ppt/"] = "presentationml.presentation"
    return next(
        (f"{base}.{kind}" for at, kind in kinds.items() if any(n.startswith(at) for n in parts)),
        "application/zip",
    )


# --- texts ----------------------------------------------------------------------------------------


def _encoding(head: bytes) -> str:
    return next((name for bom, name in _BOMS if head.startswith(bom)), "utf-8")


def _is_text(path: Path) -> bool:
    """Whether a whole file is text: UTF-8, or UTF-16 with its mark, without control characters."""
    try:
        with path.open("rb") as raw:
            encoding = _encoding(raw.read(4))
        with path.open("r", encoding=encoding, newline="") as stream:
            while chunk := stream.read(_HEAD):
                if _NO_TEXT.search(chunk):
                    return False
    except (UnicodeError, OSError):
        return False
    return True


def _text_type(path: Path, head: bytes, name: str) -> str:
    start = head.decode(_encoding(head), "ignore").lstrip().encode()[:_SNIFFED]
    if _SCRIPT.match(start):
        return "text/x-script"
    # At the beginning only, as browsers look; what a JSON text quotes does not run.
    if _MARKUP.match(start):
        return _markup_type(start)
    ending = ending_of(name)
    if ending == ".json":
        return "application/json" if _is_json(path, head) else "text/plain"
    known = ("text/csv", "text/tab-separated-values", "text/markdown")
    return next((kind for kind in known if ending in ENDINGS[kind]), "text/plain")


def _markup_type(start: bytes) -> str:
    lower = start.lower()
    if b"<svg" in lower:
        return "image/svg+xml"
    plain_xml = lower.startswith(b"<?xml") and b"<html" not in lower and b"<script" not in lower
    return "application/xml" if plain_xml else "text/html"


def _is_json(path: Path, head: bytes) -> bool:
    if path.stat().st_size > _MAX_JSON_BYTES:
        return False
    content = path.read_bytes()
    # Every value stands behind one of these, so that they bound what a parser makes of the text.
    if sum(map(content.count, (b"[", b"{", b","))) > _MAX_JSON_VALUES:
        return False
    try:
        json.loads(content.decode(_encoding(head)))
    except (ValueError, RecursionError):
        return False
    return True
