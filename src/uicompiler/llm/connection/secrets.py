"""Keys are taken out of whatever others may read: messages of providers, logs, addresses.

What a provider says may quote the key that it was sent. A scrubber knows the keys in use, in the
ways they are spelled in a message, and the look of keys in general.
"""

from __future__ import annotations

import base64
import json
import logging
import re
import weakref
from collections.abc import Iterable, Mapping
from typing import Any, Final
from urllib.parse import quote, quote_plus, unquote, urlsplit

HIDDEN: Final = "***"

_SHORTEST: Final = 6
"""Anything shorter is part of ordinary words; no provider's key is that short."""

_LOOKS: Final = re.compile(
    r"(?i:\b(?:bearer|basic)\s+)[\w.~+/=-]{6,}"
    r"|\b(?:sk|pk|rk|gsk|xai|hf|pplx|fw|csk|nvapi|glpat|ghp|gho|github_pat)[-_][\w-]{8,}"
    r"|\bAIza[\w-]{20,}"
    r"|\bA[KS]IA[A-Z0-9]{16}\b"
    r"|\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*"
)
_NAMED: Final = re.compile(
    r"(?i)((?:api[-_]?key|access[-_]?token|auth[-_]?token|authorization|x-goog-api-key"
    r"|client[-_]?secret|password)[\"']?\s*[=:]\s*[\"']?)(?!\*)([^\s\"'&,;}\])]{6,})"
)
_USER_INFO: Final = re.compile(r"(?<=://)[^/@\s\"']+@")
_VARIABLE: Final = re.compile(r"(?:^|_)(?:KEY|TOKEN|SECRET|PASSWORD)(?:$|_)")


class Secret:
    """A text that is shown nowhere by itself."""

    __slots__ = ("_text",)

    def __init__(self, text: str | None) -> None:
        self._text = text or ""

    def __bool__(self) -> bool:
        return bool(self._text)

    def __repr__(self) -> str:
        return f"Secret({HIDDEN!r})"

    def reveal(self) -> str:
        """The text itself, for whoever has to send it."""
        return self._text


class Scrubber:
    """Takes secrets out of texts.

    Its own secrets appear in no `repr`.
    """

    def __init__(self, secrets: Iterable[str | None] = (), *, shortest: int = _SHORTEST) -> None:
        """Know some secrets.

        Args:
            secrets: In use.
            shortest: Of characters; shorter ones are taken for ordinary words.
        """
        known = [secret.strip() for secret in secrets if secret]
        spelled = {form for it in known if len(it) >= shortest for form in _spellings(it)}
        # The longest first, since a secret may contain another one.
        ordered = sorted(spelled, key=lambda form: (-len(form), form))
        self._known = re.compile("|".join(map(re.escape, ordered))) if ordered else None

    def known(self, text: str) -> str:
        """The text without the secrets in use, and otherwise as it is."""
        return self._known.sub(HIDDEN, text) if self._known else text

    def __call__(self, text: str) -> str:
        """The text without the secrets in use, and without what looks like one."""
        looked = _LOOKS.sub(HIDDEN, _USER_INFO.sub(f"{HIDDEN}@", self.known(text)))
        return _NAMED.sub(rf"\1{HIDDEN}", looked)


class ScrubbingFilter(logging.Filter):
    """Takes secrets out of log records, their arguments and exceptions.

    Attributes:
        scrubbers: Of all who have keys in use.
    """

    def __init__(self) -> None:
        super().__init__()
        self.scrubbers: weakref.WeakSet[Scrubber] = weakref.WeakSet()
        self._looks = Scrubber()

    def scrub(self, text: str) -> str:
        """The text without what any of the scrubbers knows, and what looks like a key."""
        for scrubber in list(self.scrubbers):
            text = scrubber(text)
        return self._looks(text)

    def filter(self, record: logging.LogRecord) -> bool:
        """Keep the record, without secrets."""
        try:
            text = record.getMessage()
        except (TypeError, ValueError):
            text = str(record.msg)
        scrubbed = self.scrub(text)
        if scrubbed != text:
            record.msg, record.args = scrubbed, None
        if record.exc_info:
            trace = logging.Formatter().formatException(record.exc_info)
            cleaned = self.scrub(trace)
            if cleaned != trace:
                record.exc_text, record.exc_info = cleaned, None
        return True


def environment_secrets(environment: Mapping[str, str]) -> list[str]:
    """Values of variables that are called a key, a token, a secret or a password."""
    return [value for name, value in sorted(environment.items()) if _VARIABLE.search(name.upper())]


def looks_like_key(text: str) -> bool:
    """Whether a key stands in a text, as far as keys look like keys."""
    return bool(_LOOKS.search(text))


def address_holds_key(address: str) -> bool:
    """Whether something stands in an address that is, or could be, a key."""
    plain = unquote(address)
    parts = urlsplit(address)
    told = "@" in parts.netloc or "?" in plain or "#" in plain
    return told or looks_like_key(plain) or bool(_NAMED.search(plain))


def origin_of(address: str | None) -> str | None:
    """An address without all that may be secret in it: its scheme, host and port."""
    if address is None:
        return None
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def host_of(address: str | None) -> str:
    """Host and port of an address, which is all of it that may be told; "" for none."""
    if not address:
        return ""
    try:
        parts = urlsplit(address if "://" in address else f"//{address}")
        port = f":{parts.port}" if parts.port else ""
        return f"{parts.hostname or ''}{port}"
    except ValueError:
        return ""


def without_secrets(value: Any, scrub: Scrubber) -> Any:  # any JSON value
    """A JSON value whose texts are scrubbed."""
    if isinstance(value, str):
        return scrub(value)
    if isinstance(value, Mapping):
        return {key: without_secrets(inner, scrub) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [without_secrets(inner, scrub) for inner in value]
    return value


def _spellings(plain: str) -> set[str]:
    """A secret as it is, in URLs, in JSON, in Python's repr, and in Basic authorization."""
    encoded = base64.b64encode(plain.encode("utf-8", "surrogatepass")).decode().rstrip("=")
    in_json = json.dumps(plain)[1:-1]
    in_url = {quote(plain, safe="", errors="replace"), quote_plus(plain, errors="replace")}
    return {plain, in_json, repr(plain)[1:-1], encoded, *in_url}
