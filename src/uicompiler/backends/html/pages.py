"""What a host does with markup: fill its slots, and wrap it for Turbo.

A slot is an attribute of the library's own elements. Text of users and models is escaped, so it
can hold none, and filling is a matter of replacing strings.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from typing import Final

import orjson
from markupsafe import Markup, escape

from uicompiler.backends.base import Message
from uicompiler.backends.ids import parse_surface_id

_FORM: Final = '<form class="ui-form" method="post"'
# A browser that restores forms on a reload would restore these as well.
_HIDDEN: Final = '<input type="hidden" autocomplete="off"'
_CSRF: Final = f'{_HIDDEN} name="_csrf" value="">'
_KEY: Final = f'{_HIDDEN} name="_key" value="">'
_NEW: Final = ("append", "ui--surfaces")
_NONCE: Final = re.compile(rf'({_HIDDEN} name="_nonce" value=")([^"]*)(">)')


def fill(markup: str, *, csrf: str = "", key: str = "", action: str | None = None) -> str:
    """Markup with its slots filled in.

    Args:
        markup: Of one surface, as `CompileResult.html` has it; or of a page of several.
        csrf: The token that shows that the form is one of the host's own.
        key: Names this rendering: a press that is sent twice is one press.
        action: Where the form is posted to; the page it is on by default.
    """
    filled = markup.replace(_CSRF, f'{_CSRF[:-2]}{escape(csrf)}">')
    filled = filled.replace(_KEY, f'{_KEY[:-2]}{escape(key)}">')
    return filled if action is None else filled.replace(_FORM, f'{_FORM} action="{escape(action)}"')


def with_nonces(markup: str, change: Callable[[str], str]) -> str:
    """Markup with every nonce in it changed."""

    def changed(match: re.Match[str]) -> str:
        return f"{match[1]}{escape(change(Markup(match[2]).unescape()))}{match[3]}"  # noqa: S704

    return _NONCE.sub(changed, markup)


def turbo_streams(messages: Iterable[Message], *, present: Collection[str] = ()) -> str:
    """Messages of the HTML backend as Turbo Stream elements, for Turbo 7.1 and later.

    Args:
        messages: Of the batches of one turn, their slots filled in.
        present: Names of the surfaces that are on the page; others are appended to the element
            with the id `ui--surfaces`.
    """
    there = set(present)
    return "".join(_stream(message, there) for message in messages)


def _stream(message: Message, present: set[str]) -> str:
    ((kind, told),) = message.items()
    name = _name(told["surface"])
    if kind == "replace":
        action, target = ("replace", f"ui-{name}") if name in present else _NEW
        present.add(name)
        written = escape(orjson.dumps(told["written"]).decode())
        return (
            f'<turbo-stream action="{action}" target="{target}" data-written="{written}">'
            f"<template>{told['html']}</template></turbo-stream>"
        )
    if kind == "remove":
        present.discard(name)
        return f'<turbo-stream action="remove" target="ui-{name}"></turbo-stream>'
    target = f"ui--{name}--rev"
    field = f'{_HIDDEN} name="_rev" value="{int(told["rev"])}" id="{target}">'
    return (
        f'<turbo-stream action="replace" target="{target}"><template>{field}</template>'
        "</turbo-stream>"
    )


def _name(surface_id: str) -> str:
    address = parse_surface_id(surface_id)
    return escape(surface_id if address is None else address.surface)
