"""Where a key may hide in what is meant to be logged: further keys of a request.

Source: DESIGN section 11.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final, TypeAlias

from uicompiler.llm.connection.secrets import looks_like_key

Path: TypeAlias = tuple[str, ...]

_HOLDERS: Final = frozenset(
    {
        *("headers", "extra_headers", "default_headers", "cookies"),
        *("extra_body", "extra_query", "default_query"),
    }
)
"""Of headers, queries and bodies, where keys travel; refused whatever they hold."""

_SECRET: Final = frozenset(
    {
        *("key", "apikey", "accesskey", "secretkey", "token", "accesstoken", "authtoken"),
        *("secret", "secrets", "password", "passwords", "passwd", "passphrase", "bearer"),
        *("authorization", "auth", "credential", "credentials", "cookie"),
    }
)
_NO_SECRET: Final = frozenset({"prompt_cache_key"})
"""Texts that a word above is part of, and that are meant to be seen."""

_WORD: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_DEEPEST: Final = 32


def hidden_keys(extra: Mapping[str, object]) -> Iterator[Path]:
    """Where in further keys of a request a text stands that may be a key.

    A number or a flag is none, so `stop_token_ids` may be sent. Below `properties` stand names of
    a schema, which hold no values.

    Args:
        extra: Further keys of a request.
    """
    for name, value in extra.items():
        if name.lower() in _HOLDERS:
            yield (name,)
        else:
            yield from _inside(value, (name,))


def _inside(value: object, path: Path) -> Iterator[Path]:
    if len(path) > _DEEPEST:
        return
    if isinstance(value, str):
        if looks_like_key(value) or any(map(_is_secret, _names(path))):
            yield path
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _inside(inner, (*path, str(name)))
    elif isinstance(value, list | tuple):
        for number, inner in enumerate(value):
            yield from _inside(inner, (*path, str(number)))


def _names(path: Path) -> Iterator[str]:
    """The names on the way to a value, but for those that a schema tells of."""
    for number, name in enumerate(path):
        if number == 0 or path[number - 1] != "properties":
            yield name


def _is_secret(name: str) -> bool:
    words = {word.lower() for word in _WORD.findall(name)}
    return name.lower() not in _NO_SECRET and not words.isdisjoint(_SECRET)
