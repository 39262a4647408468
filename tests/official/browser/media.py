"""Tiny files for every picture, sound and film an app may name: a page needs no network."""

from __future__ import annotations

import io
import struct
import wave
import zlib

_WIDTH, _HEIGHT = 64, 36


def picture() -> bytes:
    """A PNG of one colour."""
    rows = (b"\x00" + b"\x6f\x9c\xde" * _WIDTH) * _HEIGHT
    header = struct.pack(">IIBBBBB", _WIDTH, _HEIGHT, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in parts)


def _chunk(name: bytes, data: bytes) -> bytes:
    check = zlib.crc32(name + data)
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", check)


def sound() -> bytes:
    """A WAV of a tenth of a second of silence; players of films take it too."""
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(b"\x00\x00" * 800)
    return out.getvalue()
