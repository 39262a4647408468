"""Which URLs may go out: of an allowed scheme, to a host that is no cloud's secrets.

It reads a URL as browsers do (WHATWG URL), in the odd spellings too, and never raises. It asks no
network, so where a name resolves to it does not know.
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from collections.abc import Collection
from functools import lru_cache
from typing import Final, TypeAlias
from urllib.parse import urlsplit

_REFUSED: Final = re.compile(r"[\x00-\x20\\\x7f-\xa0]")
_SCHEME: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_METADATA_NAMES: Final = frozenset(
    {
        "metadata",
        "metadata.google.internal",
        "metadata.goog",
        "metadata.tencentyun.com",
        "instance-data",
        "instance-data.ec2.internal",
    }
)
# Amazon, Google (IPv6), Alibaba, Oracle, Azure; the usual 169.254.169.254 is link-local.
_METADATA_ADDRESSES: Final = frozenset(
    ipaddress.ip_address(text)
    for text in ("fd00:ec2::254", "fd20:ce::254", "100.100.100.200", "192.0.0.192", "168.63.129.16")
)
# Prefixes whose last 32 bits are an IPv4 address: IPv4-compatible, mapped, NAT64 (RFC 6052, 8215).
_EMBEDDING: Final = tuple(
    ipaddress.IPv6Network(text)
    for text in ("::/96", "::ffff:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48")
)
# What browsers leave out of a host name (UTS #46, "ignored") beside characters of category Cf.
_IGNORED: Final = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0]"
)


def url_refusal(url: str, schemes: Collection[str]) -> str | None:
    """Why a URL may not go out, or None; read as browsers read it (WHATWG URL)."""
    if _REFUSED.search(url) is not None:
        return "it holds white space, a control character or a backslash"
    scheme = _SCHEME.match(url)
    if scheme is None or scheme[1].lower() not in schemes:
        found = "no scheme" if scheme is None else f"the scheme {_short(scheme[1])}"
        return f"it has {found}, allowed are {', '.join(sorted(schemes))}"
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


@lru_cache(maxsize=256)
def _host_refusal(host: str) -> str | None:
    if not host.isascii() and any(map(_is_ignored, host)):
        return "its host holds characters that browsers leave out"
    plain = unicodedata.normalize("NFKC", host).replace("\u3002", ".").lower().rstrip(".")
    if plain in _METADATA_NAMES:
        return f"the host {_short(host)} is a cloud's metadata service"
    found = _addresses(plain)
    if any(one.is_link_local or one in _METADATA_ADDRESSES for one in found):
        return f"the host {_short(host)} is link-local or a cloud's metadata service"
    if not found and _NUMBER.fullmatch(plain.rpartition(".")[2]) is not None:
        return f"the host {_short(host)} ends like an IPv4 address and is none"
    return None


def _is_ignored(char: str) -> bool:
    return unicodedata.category(char) == "Cf" or _IGNORED.match(char) is not None


_Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address


def _addresses(host: str) -> list[_Address]:
    """The address a host is written as, and one inside it; [] for a name."""
    try:
        address: _Address | None = ipaddress.ip_address(host)
    except ValueError:
        address = _loose_ipv4(host)
    found = [] if address is None else [address]
    if isinstance(address, ipaddress.IPv6Address):
        found += [] if address.sixtofour is None else [address.sixtofour]
        if any(address in network for network in _EMBEDDING):
            found.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    return found


_NUMBER: Final = re.compile("[0-9]+|0x[0-9a-f]*")
_PART: Final = re.compile(r"(?P<hex>0x0*[0-9a-f]{0,16})|(?P<octal>00*[0-7]{0,24})|[1-9][0-9]{0,20}")


def _loose_ipv4(host: str) -> _Address | None:
    """An IPv4 address in the spellings browsers take: hexadecimal, octal, fewer than four parts."""
    parts = host.split(".", 4)
    found = [_PART.fullmatch(part) for part in parts]
    if len(parts) > 4 or None in found:
        return None
    *high, low = (_loose_integer(match) for match in found if match is not None)
    try:
        value = low + sum(part << (24 - 8 * index) for index, part in enumerate(high))
        return ipaddress.IPv4Address(value)
    except ValueError:
        return None


def _loose_integer(found: re.Match[str]) -> int:
    if found["hex"] is not None:
        return int(found["hex"][2:].lstrip("0") or "0", 16)
    return int(found[0].lstrip("0") or "0", 8 if found["octal"] is not None else 10)


def _short(text: str) -> str:
    return repr(text) if len(text) <= 60 else f"{text[:59]!r}…"
