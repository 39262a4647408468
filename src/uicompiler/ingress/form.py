"""`read_form`: what a browser posts for a surface's form, as the event `accept` takes.

A function of the post alone: same post, same event, same payload hash. It knows no surface, so that
values stay the texts that were posted; which of them are numbers, boxes nobody ticked or values of
no button is told by `accept`. `_csrf` and `_key` are the host's and never enter the event.

Source: HTML, "Constructing the entry list" (names repeat, line ends are CRLF, an empty file input
posts an empty file).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from uicompiler.errors import IngressError, diagnostic
from uicompiler.ir.field_kinds import UPLOAD_HANDLE, is_handle
from uicompiler.ir.reserved import CSRF, FIELD_PREFIX, KEY, NONCE_KEY, PRESS, REV_KEY, SURFACE
from uicompiler.limits import Limits

FORM_TIMESTAMP: Final = "1970-01-01T00:00:00Z"
"""A form has no clock; a handler that needs the time is given it by its host."""

_OWN: Final = frozenset({PRESS, SURFACE, REV_KEY, NONCE_KEY, KEY, CSRF})
_NEEDED: Final = (SURFACE, REV_KEY, PRESS)
_ID: Final = re.compile(r"[A-Za-z0-9_:#=.-]+")
_REV: Final = re.compile(r"[0-9]{1,15}")
_MAX_NAME: Final = 3
"""A cell's id is three ids and two slashes: no name is longer than so many ids."""


def read_form(
    fields: Sequence[tuple[str, str]], *, limits: Limits | None = None
) -> dict[str, dict[str, Any]]:
    """The event of a form post.

    Args:
        fields: Names and values in order; a file is its handle `upload:…`, or "" for none chosen.
        limits: How many fields there may be, and how long an id.

    Returns:
        `{"userAction": {…}}`; its context holds `_rev`, `_nonce` if there is one, and every field
        by its id: a text, or a list of texts for a name that was given several times.

    Raises:
        IngressError: A2UI_C2S_ENVELOPE_INVALID, or A2UI_C2S_CONTEXT_TOO_LARGE for too many fields.
    """
    if not all(isinstance(text, str) for field in fields for text in field):
        raise _invalid("a form's names and values are texts; a file is its handle")
    allowed = Limits() if limits is None else limits
    most = allowed.max_context_keys
    if len(fields) > most + len(_OWN):
        raise _too_many(most, len(fields))
    own = _own(fields)
    values = _values(fields, allowed.max_id_length)
    if len(values) > most:
        raise _too_many(most, len(values))
    action, component = _pressed(own[PRESS], allowed.max_id_length)
    return {
        "userAction": {
            "name": action,
            "surfaceId": _id(SURFACE, own[SURFACE], allowed.max_id_length),
            "sourceComponentId": component,
            "timestamp": FORM_TIMESTAMP,
            "context": {**_reserved(own), **values},
        }
    }


def _own(fields: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The fields that are the library's own, each once."""
    found: dict[str, str] = {}
    for name, value in fields:
        if not name.startswith("_"):
            continue
        if name not in _OWN:
            raise _invalid("a field whose name begins with _ is none of a form's own")
        if name in found:
            raise _invalid(f"the field {name} was given twice")
        found[name] = value
    missing = [name for name in _NEEDED if name not in found]
    if missing:
        raise _invalid(f"the form has no {missing[0]}")
    return found


def _values(fields: Iterable[tuple[str, str]], longest: int) -> dict[str, str | list[str]]:
    """Every field by its id, with what was posted for it."""
    given: dict[str, list[str]] = {}
    for name, value in fields:
        if name.startswith("_"):
            continue
        if not name.startswith(FIELD_PREFIX) or name == FIELD_PREFIX:
            raise _invalid(f"a field's name is {FIELD_PREFIX} and an id")
        if len(name) > _MAX_NAME * longest:
            raise _invalid("a field's name is longer than any id")
        given.setdefault(name.removeprefix(FIELD_PREFIX), []).append(_with_plain_ends(value))
    return {name: _value(values) for name, values in given.items()}


def _with_plain_ends(value: str) -> str:
    """Browsers post every line end as CRLF, whatever was typed."""
    return value.replace("\r\n", "\n")


def _value(values: list[str]) -> str | list[str]:
    if len(values) == 2 and is_handle(values[0], UPLOAD_HANDLE):
        # The file that is there, then the file input: nothing was chosen, or another one.
        if values[1] == "":
            return values[0]
        if is_handle(values[1], UPLOAD_HANDLE):
            return values[1]
    return values[0] if len(values) == 1 else values


def _pressed(value: str, longest: int) -> tuple[str, str]:
    """Action and element of the button that was pressed."""
    action, space, component = value.partition(" ")
    if not space:
        raise _invalid(f"{PRESS} is an action and an element's id")
    return _id(PRESS, action, longest), _id(PRESS, component, longest)


def _id(name: str, value: str, longest: int) -> str:
    if len(value) > longest or _ID.fullmatch(value) is None:
        raise _invalid(f"{name} holds no id: 1 to {longest} of A-Z a-z 0-9 and _ : # = . -")
    return value


def _reserved(own: Mapping[str, str]) -> dict[str, str | int]:
    if _REV.fullmatch(own[REV_KEY]) is None:
        raise _invalid(f"{REV_KEY} is a whole number")
    nonce = {NONCE_KEY: own[NONCE_KEY]} if NONCE_KEY in own else {}
    return {REV_KEY: int(own[REV_KEY]), **nonce}


def _invalid(message: str) -> IngressError:
    hint = "post the form as it was rendered"
    return IngressError([diagnostic("A2UI_C2S_ENVELOPE_INVALID", message, hint=hint)])


def _too_many(most: int, found: int) -> IngressError:
    message = f"max_context_keys is {most}, found {found}"
    return IngressError([diagnostic("A2UI_C2S_CONTEXT_TOO_LARGE", message)])
