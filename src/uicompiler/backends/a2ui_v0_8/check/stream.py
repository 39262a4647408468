"""The checker: messages in order, in; findings, out.

It never raises, whatever the messages are, never recurses on their depth, and takes time linear in
their size. Here are the envelope, the surfaces there are and the sizes of things; what is in a
message, it does not know.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

import orjson

from uicompiler.backends.a2ui_v0_8.check.begin import begin, finish_root
from uicompiler.backends.a2ui_v0_8.check.collisions import check_suspects
from uicompiler.backends.a2ui_v0_8.check.entries import write_data
from uicompiler.backends.a2ui_v0_8.check.findings import At, Findings, Look
from uicompiler.backends.a2ui_v0_8.check.plan import plan_of
from uicompiler.backends.a2ui_v0_8.check.rules import Rules
from uicompiler.backends.a2ui_v0_8.check.strings import check_strings
from uicompiler.backends.a2ui_v0_8.check.surface import Surface
from uicompiler.backends.a2ui_v0_8.check.traps import check_traps
from uicompiler.backends.a2ui_v0_8.check.typed import check_typed
from uicompiler.backends.a2ui_v0_8.check.update import update_surface
from uicompiler.backends.a2ui_v0_8.check.wording import listed, name_of, show, show_keys
from uicompiler.backends.base import Message
from uicompiler.errors import Diagnostic
from uicompiler.ir.values import FORBIDDEN_KEYS


def check_batch(
    messages: Sequence[Message], rules: Rules, *, live: Collection[str], sizes: Sequence[int]
) -> list[Diagnostic]:
    """Check one batch; the lines of findings count its messages from 1.

    Args:
        messages: The whole batch, in order.
        rules: What to check against.
        live: Wire surface ids already begun on the client.
        sizes: Encoded bytes of each message.
    """
    checker = StreamChecker(rules, live=live)
    found: list[Diagnostic] = []
    for line, (message, size) in enumerate(zip(messages, sizes, strict=True), start=1):
        found += checker.message(message, line=line, size=size)
    return found + checker.finish()


class StreamChecker:
    """Checks the messages of one response, in order.

    Args:
        rules: What to check against.
        live: Wire surface ids already begun on the client.
    """

    def __init__(self, rules: Rules, *, live: Collection[str] = ()) -> None:
        self._rules = rules
        self._plan = plan_of(rules.catalog, foreign=rules.foreign)
        self._findings = Findings()
        self._surfaces = {ident: Surface(live=True, begun=True) for ident in live}
        self._deleted: set[str] = set()
        self._shown: set[str] = set()
        self._messages = 0
        self._bytes = 0
        self._passed: set[str] = set()

    def message(
        self, message: object, *, line: int | None = None, size: int | None = None
    ) -> list[Diagnostic]:
        """Check the next message.

        Args:
            message: Any JSON value.
            line: Its line in the stream, from 1.
            size: Its encoded bytes; measured when not given.
        """
        look = Look(self._rules, self._findings, line)
        self._messages += 1
        found = _known_message(message, look)
        if found is not None:
            kind, body = found
            surface = self._surface(kind, body, look)
            if surface is not None:
                self._apply(kind, surface, body, look)
                self._count(surface, _size(message) if size is None else size, look)
                check_strings(kind, body, self._plan, look)
        return self._findings.take()

    def finish(self) -> list[Diagnostic]:
        """What only the end of the stream shows."""
        for ident, surface in self._surfaces.items():
            look = Look(self._rules, self._findings, surface.first_line)
            look.surface_id = ident
            finish_root(surface, look)
            check_suspects(surface, self._plan, look)
            check_typed(surface, self._plan, look)
            check_traps(surface, self._plan, look)
        return [*self._findings.take(), *self._findings.rest()]

    def _surface(self, kind: str, body: Mapping[str, Any], look: Look) -> Surface | None:
        ident = body.get("surfaceId")
        at = ((None, kind), "surfaceId")
        if not isinstance(ident, str) or not ident or ident in FORBIDDEN_KEYS:
            look.invalid(at, "a surface id", ident, "ENVELOPE_INVALID")
            return None
        look.say(ident, at)
        if _SURFACE_ID.fullmatch(ident) is None:
            text = f"a surface id is of A-Z a-z 0-9 _ # = . -, found {show(ident)}"
            look.report("ENVELOPE_INVALID", at, text, accepted=True)
        allowed = self._rules.limits.max_id_length
        if len(ident) > allowed:
            look.limit("max_id_length", allowed, len(ident), "characters of a surface id", at)
        if kind == "deleteSurface":
            return self._surfaces.get(ident) or Surface(begun=True)
        return self._open(ident, at, look)

    def _open(self, ident: str, at: At, look: Look) -> Surface:
        if ident in self._deleted:
            self._deleted.discard(ident)
            text = f"the surface {show(ident)} was deleted; its id may not be used again"
            look.report("BEGIN_REPEATED", at, text, "take a new id, such as main#e=2")
        surface = self._surfaces.get(ident)
        if surface is None:
            surface = self._surfaces[ident] = Surface(first_line=look.line)
        if ident not in self._shown:
            self._shown.add(ident)
            allowed = self._rules.limits.max_surfaces_per_response
            if len(self._shown) == allowed + 1:
                look.limit("max_surfaces_per_response", allowed, allowed + 1, "surfaces", at)
        return surface

    def _apply(self, kind: str, surface: Surface, body: dict[str, Any], look: Look) -> None:
        if kind == "surfaceUpdate":
            update_surface(surface, body, self._plan, look)
        elif kind == "dataModelUpdate":
            write_data(surface, body, look)
        elif kind == "beginRendering":
            begin(surface, body, look)
        else:
            check_typed(surface, self._plan, look)
            check_traps(surface, self._plan, look)
            self._surfaces.pop(body["surfaceId"], None)
            self._deleted.add(body["surfaceId"])

    def _count(self, surface: Surface, size: int, look: Look) -> None:
        allowed = self._rules.limits.max_bytes_per_message
        surface.messages += 1
        surface.bytes += size
        self._bytes += size
        if size > allowed:
            look.limit("max_bytes_per_message", allowed, size, "bytes of a message")
        own, all_ = surface.passed, self._passed
        for passed, name, actual, where in (
            (own, "max_messages_per_surface", surface.messages, "messages of the surface"),
            (own, "max_bytes_per_surface", surface.bytes, "bytes of the surface"),
            (all_, "max_messages_per_response", self._messages, "messages of the response"),
            (all_, "max_bytes_per_response", self._bytes, "bytes of the response"),
        ):
            look.limit_once(passed, name, actual, where)


_SURFACE_ID: Final = re.compile(r"[A-Za-z0-9_#=.-]+")
"""What `accept` takes back from a client, too."""

_FIELDS: Final[Mapping[str, frozenset[str]]] = {
    "beginRendering": frozenset({"surfaceId", "root", "catalogId", "styles"}),
    "surfaceUpdate": frozenset({"surfaceId", "components"}),
    "dataModelUpdate": frozenset({"surfaceId", "path", "contents"}),
    "deleteSurface": frozenset({"surfaceId"}),
}
"""The messages there are, and the properties of each."""


def _known_message(message: object, look: Look) -> tuple[str, dict[str, Any]] | None:
    """A message's kind and body, if it is one."""
    if not isinstance(message, dict) or len(message) != 1:
        text = f"a message is an object with exactly one key, found {show_keys(message)}"
        look.report("ENVELOPE_INVALID", None, text, f"one of {listed(_FIELDS)}")
        return None
    [(kind, body)] = message.items()
    if kind not in _FIELDS:
        text = f"no such message: {show(kind)}"
        look.report("ENVELOPE_INVALID", None, text, f"one of {listed(_FIELDS)}")
        return None
    if not isinstance(body, dict):
        look.invalid((None, kind), "an object", body, "ENVELOPE_INVALID")
        return None
    ident = body.get("surfaceId")
    look.surface_id = ident if isinstance(ident, str) else None
    _check_closed(kind, body, look)
    return kind, body


def _check_closed(kind: str, body: Mapping[str, Any], look: Look) -> None:
    if body.keys() <= _FIELDS[kind]:
        return
    code = "BEGIN_INVALID" if kind == "beginRendering" else "ENVELOPE_INVALID"
    for name in (name for name in body if name not in _FIELDS[kind]):
        hint = f"known here: {listed(_FIELDS[kind])}"
        look.report(code, ((None, kind), name_of(name)), f"no such property: {show(name)}", hint)


def _size(message: object) -> int:
    """Bytes of a message as compact JSON; 0 for what cannot be encoded and is refused anyway."""
    try:
        return len(orjson.dumps(message))
    except orjson.JSONEncodeError:
        return 0
