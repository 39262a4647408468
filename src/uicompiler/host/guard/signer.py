"""Keys, and the codes derived from them: nonces, CSRF tokens, upload handles.

Everything a client has to give back is an HMAC-SHA-256 over what it is for, so that nothing of it
is stored. The newest key signs; older ones still verify until they are taken out. A surface
remembers the id of the key its nonces derive from, never the nonce.

A code is over length-prefixed parts, so that no two lists of parts are the same bytes; the first
part says what the code is for, so that none passes for another.
"""

from __future__ import annotations

import base64
import contextlib
import hmac
import os
import re
import secrets
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from typing import Final

from uicompiler.errors import HostError, diagnostic

KEYS_VARIABLE: Final = "UICOMPILER_KEYS"
"""Environment variable with keys as `KeyRing.from_text` reads them."""

_KEY_BYTES: Final = 32
_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
_HINT: Final = "one `id:key` a line, the newest first; a key is 32 bytes or more in base64url"


@dataclass(frozen=True, slots=True)
class KeyRing:
    """Named keys, the newest first; a `Signer` (see `uicompiler.app`).

    Attributes:
        keys: Secret key by id, 32 bytes or more each.
    """

    keys: Mapping[str, bytes] = field(repr=False)

    def __post_init__(self) -> None:
        """Refuse what would sign weakly."""
        if not self.keys:
            raise _invalid("there is no key")
        for key_id, key in self.keys.items():
            if _ID.fullmatch(key_id) is None:
                raise _invalid("a key's id is 1 to 64 of A-Z a-z 0-9 _ and -")
            if len(key) < _KEY_BYTES:
                raise _invalid(f"the key {key_id} has {len(key)} bytes, {_KEY_BYTES} are needed")
        object.__setattr__(self, "keys", MappingProxyType(dict(self.keys)))

    def __repr__(self) -> str:
        """Ids only; a key never stands in a log."""
        return f"KeyRing({', '.join(self.keys)})"

    def __reduce__(self) -> str | tuple[object, ...]:
        """Keys are not to be written away by accident."""
        raise TypeError("a KeyRing is not pickled; load its keys where they are needed")

    @classmethod
    def generated(cls) -> KeyRing:
        """A ring of one new random key."""
        return cls({f"k{secrets.token_hex(4)}": secrets.token_bytes(_KEY_BYTES)})

    @classmethod
    def from_text(cls, text: str) -> KeyRing:
        """Read keys, newest first: `id:key` by lines or commas; lines with `#` are remarks.

        Raises:
            HostError: HOST_KEYS_INVALID; the message names ids at most, never a key.
        """
        keys: dict[str, bytes] = {}
        for line in text.replace(",", "\n").splitlines():
            entry = line.strip()
            if not entry or entry.startswith("#"):
                continue
            key_id, _, encoded = entry.partition(":")
            if not encoded or key_id in keys:
                raise _invalid("a line is no `id:key`, or names an id twice")
            keys[key_id] = _decoded(encoded)
        return cls(keys)

    @classmethod
    def from_environment(cls, name: str = KEYS_VARIABLE) -> KeyRing | None:
        """The keys of an environment variable; None when it is not set.

        Raises:
            HostError: HOST_KEYS_INVALID.
        """
        text = os.environ.get(name)
        return None if text is None else cls.from_text(text)

    @classmethod
    def from_file(cls, path: str | Path) -> KeyRing:
        """The keys of a file that nobody else may read.

        Raises:
            HostError: HOST_KEYS_INVALID, also when others may read it.
        """
        place = Path(path)
        try:
            others = stat.S_IMODE(place.stat().st_mode) & 0o077
            text = place.read_text("ascii")
        except (OSError, ValueError) as exc:
            why = exc.strerror if isinstance(exc, OSError) else "it is no ASCII text"
            raise _invalid(f"{place} cannot be read: {why}") from exc
        if others and os.name == "posix":
            raise _invalid(f"{place} can be read by others", hint=f"chmod 600 {place}")
        return cls.from_text(text)

    @classmethod
    def kept_in(cls, path: str | Path) -> KeyRing:
        """The keys of a file; where there is none, one with a new key, mode 0600.

        Raises:
            HostError: HOST_KEYS_INVALID.
        """
        place = Path(path)
        with contextlib.suppress(FileExistsError):
            ring = cls.generated()
            opened = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(opened, "w", encoding="ascii") as stream:
                stream.write(ring.to_text())
        return cls.from_file(place)

    def to_text(self) -> str:
        """The keys as `from_text` reads them: to be kept where only the host reads."""
        return "".join(f"{key_id}:{_encoded(key)}\n" for key_id, key in self.keys.items())

    def rotated(self) -> KeyRing:
        """The ring with a new key in front of the others."""
        return KeyRing({**KeyRing.generated().keys, **self.keys})

    @property
    def key_id(self) -> str:
        """Id of the key new surfaces use: the newest."""
        return next(iter(self.keys))

    def nonce(self, conversation_id: str, surface_id: str, epoch: int, key_id: str) -> str:
        """The nonce of one surface in one epoch.

        Under a key that was taken out nothing verifies any more: its surfaces get nonces of the
        newest key with their next page.
        """
        key = self.keys.get(key_id, self.keys[self.key_id])
        return _encoded(_mac(key, "nonce", conversation_id, surface_id, str(epoch), key_id))

    def code(self, purpose: str, *parts: str) -> str:
        """A code under the newest key."""
        return _encoded(_mac(self.keys[self.key_id], purpose, *parts))

    def verifies(self, code: str, purpose: str, *parts: str) -> bool:
        """Whether a code is of one of the keys; all are tried, in constant time each."""
        given = code.encode("utf-8", "replace")
        same = [hmac.compare_digest(given, known) for known in self._codes(purpose, *parts)]
        return any(same)

    def _codes(self, purpose: str, *parts: str) -> Iterator[bytes]:
        for key in self.keys.values():
            yield _encoded(_mac(key, purpose, *parts)).encode()


def _mac(key: bytes, *parts: str) -> bytes:
    raw = [part.encode("utf-8", "surrogatepass") for part in parts]
    message = b"".join(len(part).to_bytes(8, "big") + part for part in raw)
    return hmac.digest(key, message, sha256)


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except ValueError as exc:
        raise _invalid("a key is no base64url") from exc


def _invalid(message: str, *, hint: str = _HINT) -> HostError:
    return HostError([diagnostic("HOST_KEYS_INVALID", message, hint=hint)])
