"""JSON Pointer (RFC 6901): the one way this library names a place in a document.

Built on the `jsonpointer` package; this module alone imports it. It also reads the spellings
models use instead (`name`, `draft.name`, `draft/name`), which `canonical_path` turns into
pointers. It knows nothing of namespaces' meaning.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from jsonpointer import JsonPointer, JsonPointerException


class PointerError(ValueError):
    """The text is not a JSON Pointer."""


def parse(pointer: str) -> tuple[str, ...]:
    """The unescaped segments of a pointer; `""` gives `()`.

    Raises:
        PointerError: not a pointer by RFC 6901 section 3.
    """
    if pointer[:1] == "/" and "~" not in pointer:
        return tuple(pointer[1:].split("/"))  # nothing in it is escaped
    try:
        return tuple(JsonPointer(pointer).parts)
    except JsonPointerException as exc:
        raise PointerError(str(exc)) from exc


def join(segments: Iterable[str | int]) -> str:
    """The pointer that names `segments`, escaped by RFC 6901 section 4."""
    return "".join([f"/{escape(str(segment))}" for segment in segments])


def escape(segment: str) -> str:
    """One segment with `~` and `/` escaped."""
    return segment.replace("~", "~0").replace("/", "~1")


def is_canonical(text: str) -> bool:
    """Whether a pointer names a place and has nothing escaped, so that it is all that is meant."""
    return text[:1] == "/" and "~" not in text and text.strip("/") != ""


def canonical_path(text: str, *, namespaces: Sequence[str], default: str) -> str:
    """Read a path the way models write it and give the pointer meant.

    `/draft/name`, `draft/name`, `draft.name` and `name` all give `/draft/name` when `draft` is
    the default namespace. Syntax only: whether the place exists is not asked.

    Raises:
        PointerError: empty, or an escape that RFC 6901 does not have.
    """
    if not text.strip("/"):
        raise PointerError("an empty path names no place inside a namespace")
    if is_canonical(text):
        return text
    if text.startswith("/"):
        segments = list(parse(text))
    else:
        cut = text.split("/") if "/" in text else text.split(".")
        segments = [part for piece in cut for part in parse(f"/{piece}")]
    if segments[0] not in namespaces and not text.startswith("/"):
        segments.insert(0, default)
    return join(segments)
