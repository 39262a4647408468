"""The HTML backend: show, check, frame, encode; whole surfaces or nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import repeat
from typing import Final

import orjson
from markupsafe import escape

from uicompiler import languages
from uicompiler.backends import ids
from uicompiler.backends.base import Message, Mode, Rendered, Settings
from uicompiler.backends.html import pages, posted, values
from uicompiler.backends.html.markup import Macros, macros
from uicompiler.backends.html.show.view import Shown, buttons, framed, show
from uicompiler.errors import Diagnostic, Severity, diagnostic
from uicompiler.ir import data
from uicompiler.ir.actions import Button
from uicompiler.ir.client import Address, Decoded, Pressed, Sent
from uicompiler.ir.fields import Field
from uicompiler.ir.inputs import Input, with_values
from uicompiler.ir.reserved import FIELD_PREFIX
from uicompiler.ir.state import Surface
from uicompiler.ir.values import FrozenDict, Json


class Html:
    """The backend named `html`; see `backends.base.Backend` for what each method does.

    Its messages are `{"replace": {"surface", "html", "written"}}`, `{"remove": {"surface"}}` and
    `{"rev": {"surface", "rev"}}`. `written` names the inputs whose values the client has to take;
    in all others what the user typed stays.
    """

    name: Final[str] = "html"

    def first(self, surface: Surface, settings: Settings) -> Rendered:
        """The surface's element."""
        own = macros(settings.templates)
        return _finish(surface, show(surface, settings, own), settings, own, ())

    def update(
        self,
        old: Surface,
        new: Surface,
        *,
        written: frozenset[str],
        mode: Mode,
        settings: Settings,
    ) -> Rendered:
        """The surface's element again where anything shows that the client does not have."""
        own = macros(settings.templates)
        after = show(new, settings, own)
        held = {item.id for item in old.inputs}
        taken = sorted(item.id for item in new.inputs if item.id in written or item.id not in held)
        rev: Message = {"rev": {"surface": self.surface_id(new), "rev": new.rev}}
        before = _as_typed(old, new)
        if mode != "full" and not taken and show(before, settings, own).body == after.body:
            known = replace(new, boxes=_held(after))
            return Rendered(known, (rev,), _findings(new, after, settings), (orjson.dumps(rev),))
        return _finish(new, after, settings, own, taken, rev)

    def delete(self, surface: Surface) -> Rendered:
        """One message that takes the element away."""
        message: Message = {"remove": {"surface": self.surface_id(surface)}}
        return Rendered(surface, (message,), (), (orjson.dumps(message),))

    def map_nonces(
        self, messages: Sequence[Message], change: Callable[[str], str]
    ) -> tuple[Message, ...]:
        """Copies of messages with the nonces in their markup changed."""
        return tuple(_with_nonces(message, change) for message in messages)

    def measure(self, messages: Sequence[Message]) -> tuple[int, int]:
        """Elements that are closed, and controls that have a value of the draft."""
        texts = [message["replace"]["html"] for message in messages if "replace" in message]
        shown = "".join(texts)
        return shown.count("</"), shown.count(f' name="{FIELD_PREFIX}')

    def markup(self, messages: Sequence[Message]) -> Mapping[str, str]:
        """Markup by the surface's id."""
        told = [message["replace"] for message in messages if "replace" in message]
        return {item["surface"]: item["html"] for item in told}

    def address(self, surface_id: str) -> Address | None:
        """`main#e=2` names epoch 2 of `main`."""
        return ids.parse_surface_id(surface_id)

    def surface_id(self, surface: Surface) -> str:
        """As on the A2UI wire: never used again after a reset, since the epoch is in it."""
        return ids.wire_surface_id(surface.name, surface.epoch)

    def buttons(self, surface: Surface) -> Mapping[str, Pressed]:
        """Buttons by element id."""
        return buttons(surface)

    def sent(self, context: Mapping[str, Json], button: Button, surface: Surface) -> Sent:
        """See `posted.sent`."""
        return posted.sent(context, button, surface)

    def decode(self, field: Field, value: Json) -> Decoded:
        """See `values.decode`."""
        return values.decode(field, value)


def _as_typed(old: Surface, new: Surface) -> Surface:
    """The surface before, with what the user typed: the client shows that already."""
    typed = [
        (item, data.get(new.data["draft"], item.place))
        for item in old.inputs
        if data.get(new.data["draft"], item.place) is not data.MISSING
    ]
    draft = with_values(old.data["draft"], typed)
    return replace(old, data=data.set_at(old.data, ("draft",), draft))


def _with_nonces(message: Message, change: Callable[[str], str]) -> Message:
    if "replace" not in message:
        return message
    told = message["replace"]
    return {"replace": {**told, "html": pages.with_nonces(told["html"], change)}}


def _finish(
    surface: Surface,
    shown: Shown,
    settings: Settings,
    own: Macros,
    written: Sequence[str],
    *later: Message,
) -> Rendered:
    """Frame and encode a surface; with any error nothing of it goes out."""
    findings = _findings(surface, shown, settings)
    if any(item.severity == "error" for item in findings):
        return Rendered(surface, diagnostics=findings)
    html = framed(surface, shown, settings, own, _nonce(surface, settings))
    told = {
        "surface": ids.wire_surface_id(surface.name, surface.epoch),
        "html": html,
        "written": list(written),
    }
    messages: tuple[Message, ...] = ({"replace": told}, *later)
    try:
        encoded = tuple(orjson.dumps(message) for message in messages)
    except orjson.JSONEncodeError as exc:
        return Rendered(surface, diagnostics=(*findings, _unencodable(surface, exc)))
    excess = _excess(surface, shown, encoded, settings)
    if excess:
        return Rendered(surface, diagnostics=(*findings, *excess))
    return Rendered(replace(surface, boxes=_held(shown)), messages, findings, encoded)


def _held(shown: Shown) -> FrozenDict:
    """What the client has values of: the inputs it shows, and no others."""
    return FrozenDict({name: item.field.kind for name, item in shown.inputs.items()})


def _nonce(surface: Surface, settings: Settings) -> str:
    if settings.nonce is None or surface.nonce_key_id is None:
        return ""
    return settings.nonce(surface)


# ---------------------------------------------------------------- what is found


def _findings(surface: Surface, shown: Shown, settings: Settings) -> tuple[Diagnostic, ...]:
    found, name = shown.found, surface.name
    repair: Severity = "error" if settings.strict else "warning"
    said = [
        diagnostic(
            "A2UI_S2C_CATALOG_UNSUPPORTED",
            f"nothing says how to show a {kind!r} node in HTML",
            hint="register the node with a lowering for the backend 'html'",
            surface_id=name,
        )
        for kind in sorted(set(found.unsupported))
    ]
    for item in found.findings:
        severity = repair if item.code.startswith("A2UI_S2C_ACCESS_") else None
        said.append(
            diagnostic(item.code, item.message, hint=item.hint, severity=severity, surface_id=name)
        )
    for code, where in (
        ("A2UI_S2C_COMPONENT_TEXT_FORBIDDEN", found.cleaned),
        ("A2UI_S2C_DATA_TEXT_FORBIDDEN", found.cleaned_values),
    ):
        if where:
            places = ", ".join(sorted(set(where))[:5])
            why = f"took invisible or direction-changing characters out of the texts of {places}"
            said.append(diagnostic(code, why, severity=repair, surface_id=name))
    if not languages.is_tag(settings.language):
        said.append(
            diagnostic(
                "A2UI_S2C_ACCESS_LANGUAGE_UNKNOWN",
                f"the language {settings.language[:40]!r} is no language tag",
                hint="give TurnContext.language a tag such as en or pt-BR (RFC 5646)",
                severity=repair,
                surface_id=name,
            )
        )
    return tuple(said)


def _unencodable(surface: Surface, exc: Exception) -> Diagnostic:
    return diagnostic(
        "A2UI_S2C_COMPONENT_TEXT_FORBIDDEN",
        f"a text of the view has no form in UTF-8 ({exc})",
        hint="look for lone surrogates in the app's own texts",
        surface_id=surface.name,
    )


def _weight(item: Input, surface: Surface) -> int:
    """What the draft of an input takes in an encoded message, its escapes included."""
    text = values.text_of(data.get(surface.data["draft"], item.place))
    return len(orjson.dumps(str(escape(text)))) - 2


def _excess(
    surface: Surface, shown: Shown, encoded: Sequence[bytes], settings: Settings
) -> list[Diagnostic]:
    sizes, limits = list(map(len, encoded)), settings.limits
    if sum(sizes) <= min(limits.max_bytes_per_message, limits.max_bytes_per_surface):
        return []
    # What the user typed is no part of what the app shows: nobody loses a form by typing much.
    # Events and envelopes have limits of their own, so that drafts have an end as well.
    sizes[0] -= sum(map(_weight, shown.inputs.values(), repeat(surface)))
    totals = {"max_bytes_per_message": max(sizes), "max_bytes_per_surface": sum(sizes)}
    return [
        diagnostic(
            "A2UI_S2C_LIMIT_EXCEEDED",
            f"{limit} is {getattr(limits, limit)}, the surface has {actual}",
            hint="show less of it",
            surface_id=surface.name,
        )
        for limit, actual in totals.items()
        if actual > getattr(limits, limit)
    ]
