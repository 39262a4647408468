"""Which URLs may go out: of an allowed scheme, to a host that is no cloud's secrets.

It reads a URL as browsers do (WHATWG URL), in the odd spellings too, and never raises. It asks no
network, so where a name resolves to it does not know.
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from typing import Final, TypeAlias
from urllib.parse import urlsplit

from uicompiler.backends.a2ui_v0_8.check.wording import listed, show

_SCHEME: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_METADATA_NAMES: Final = frozenset(
    {"metadata", "metadata.google.internal", "metadata.goog", "instance-data"}
)
# Amazon, Google (IPv6), Alibaba, Oracle, Azure; the usual 169.254.169.254 is link-local.
_METADATA_ADDRESSES: Final = frozenset(
    ipaddress.ip_address(text)
    for text in ("fd00:ec2::254", "fd20:ce::254", "100.100.100.200", "192.0.0.192", "168.63.129.16")
)


def url_refusal(url: str, schemes: frozenset[str]) -> str | None:
    """Why a URL may not go out, or None; read as browsers read it (WHATWG URL)."""
    if any(char <= " " or char == "\\" or "\x7f" <= char <= "\xa0" for char in url):
        return "it holds white space, a control character or a backslash"
    scheme = _SCHEME.match(url)
    if scheme is None or scheme[1].lower() not in schemes:
        found = "no scheme" if scheme is None else f"the scheme {show(scheme[1])}"
        return f"it has {found}, allowed are {listed(schemes)}"
    rest = url[scheme.end() :]
    if rest.startswith("//"):
        return _authority_refusal(url)
    return "it has no // after its scheme" if scheme[1].lower() in ("http", "https") else None


def _authority_refusal(url: str) -> str | None:
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return "its host or port cannot be read"
    if "@" in parts.netloc:
        return "it carries credentials"
    if not host or "%" in host:
        return "its host is empty or percent-encoded"
    return _host_refusal(host)


def _host_refusal(host: str) -> str | None:
    plain = unicodedata.normalize("NFKC", host).replace("\u3002", ".").lower().rstrip(".")
    if plain in _METADATA_NAMES:
        return f"the host {show(host)} is a cloud's metadata service"
    address = _address(plain)
    mapped = getattr(address, "ipv4_mapped", None) or address
    if mapped is not None and (mapped.is_link_local or mapped in _METADATA_ADDRESSES):
        return f"the host {show(host)} is link-local or a cloud's metadata service"
    return None


_Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address


def _address(host: str) -> _Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return _loose_ipv4(host)


_PART: Final = re.compile(r"0x[0-9a-f]*|[0-9]+")


def _loose_ipv4(host: str) -> _Address | None:
    """An IPv4 address in the spellings browsers take: hexadecimal, octal, fewer than four parts."""
    parts = host.split(".")
    if len(parts) > 4 or not all(_PART.fullmatch(part) and len(part) < 40 for part in parts):
        return None
    try:
        *high, low = (_loose_integer(part) for part in parts)
        value = low + sum(part << (24 - 8 * index) for index, part in enumerate(high))
        return ipaddress.IPv4Address(value)
    except ValueError:
        return None


def _loose_integer(text: str) -> int:
    if text.startswith("0x"):
        return int(text[2:] or "0", 16)
    return int(text, 8) if len(text) > 1 and text[0] == "0" else int(text)
