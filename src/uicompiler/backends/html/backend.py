"""The HTML backend: show, check, frame, encode; whole surfaces or nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final

import orjson
from markupsafe import Markup, escape

from uicompiler import languages
from uicompiler.backends import ids
from uicompiler.backends.base import How, Message, Mode, Rendered, Settings
from uicompiler.backends.found import cleaned, repair, unencodable, unsupported
from uicompiler.backends.html import pages, posted, values
from uicompiler.backends.html.markup import Macros, macros
from uicompiler.backends.html.show.view import Shown, buttons, framed, show
from uicompiler.errors import Diagnostic, diagnostic
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
        if not (mode == "full" or taken) and _shown_as_typed(old, new, settings, own) == after.body:
            known = replace(new, boxes=_held(after), language=settings.language)
            how = How("diff", "it looks the same")
            findings = _findings(new, after, settings)
            return Rendered(known, (rev,), findings, (orjson.dumps(rev),), how)
        how = How("full", "an element is replaced as a whole")
        return replace(_finish(new, after, settings, own, taken, rev), how=how)

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


def _shown_as_typed(old: Surface, new: Surface, settings: Settings, own: Macros) -> Markup:
    """The view before, with what the user typed: the client shows that already."""
    values_now = [(item, data.get(new.data["draft"], item.place)) for item in old.inputs]
    typed = [(item, value) for item, value in values_now if value is not data.MISSING]
    draft = with_values(old.data["draft"], typed)
    before = replace(old, data=data.set_at(old.data, ("draft",), draft))
    words = settings.words_in(old.language)
    return show(before, replace(settings, words=words, language=old.language), own).body


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
    html = framed(surface, shown, settings, own)
    told = {
        "surface": ids.wire_surface_id(surface.name, surface.epoch),
        "html": html,
        "written": list(written),
    }
    messages: tuple[Message, ...] = ({"replace": told}, *later)
    try:
        encoded = tuple(orjson.dumps(message) for message in messages)
    except orjson.JSONEncodeError as exc:
        return Rendered(surface, diagnostics=(*findings, unencodable(surface, exc)))
    excess = _excess(surface, shown, encoded, settings)
    if excess:
        return Rendered(surface, diagnostics=(*findings, *excess))
    known = replace(surface, boxes=_held(shown), language=settings.language)
    return Rendered(known, messages, findings, encoded)


def _held(shown: Shown) -> FrozenDict:
    """What the client has values of: the inputs it shows, and no others."""
    return FrozenDict({name: item.field.kind for name, item in shown.inputs.items()})


# ---------------------------------------------------------------- what is found


def _findings(surface: Surface, shown: Shown, settings: Settings) -> tuple[Diagnostic, ...]:
    found = shown.found
    said = unsupported(found.unsupported, "HTML", surface)
    for item in found.findings:
        said.append(
            repair(item.code, item.message, surface, settings, hint=item.hint)
            if item.code.startswith("A2UI_S2C_ACCESS_")
            else diagnostic(item.code, item.message, hint=item.hint, surface_id=surface.name)
        )
    for code, paths in (
        ("A2UI_S2C_COMPONENT_TEXT_FORBIDDEN", found.cleaned),
        ("A2UI_S2C_DATA_TEXT_FORBIDDEN", found.cleaned_values),
    ):
        said.extend([cleaned(code, paths, surface, settings)] if paths else [])
    if not languages.is_tag(settings.language):
        why = f"the language {settings.language[:40]!r} is no language tag"
        hint = "give TurnContext.language a tag such as en or pt-BR (RFC 5646)"
        said.append(repair("A2UI_S2C_ACCESS_LANGUAGE_UNKNOWN", why, surface, settings, hint=hint))
    return tuple(said)


def _excess(
    surface: Surface, shown: Shown, encoded: Sequence[bytes], settings: Settings
) -> list[Diagnostic]:
    """Limits that a surface exceeds; what its fields hold is not counted.

    Nobody loses a form by typing much. Events and envelopes have limits of their own, so that
    drafts have an end as well.
    """
    limits = settings.limits
    largest, whole = max(map(len, encoded)), sum(map(len, encoded))
    if whole <= min(limits.max_bytes_per_message, limits.max_bytes_per_surface):
        return []
    typed = sum(_weight(item, surface) for item in shown.inputs.values())
    totals = {"max_bytes_per_message": largest - typed, "max_bytes_per_surface": whole - typed}
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


def _weight(item: Input, surface: Surface) -> int:
    """What the draft of an input takes in an encoded message, its escapes included."""
    text = values.text_of(data.get(surface.data["draft"], item.place))
    return len(orjson.dumps(str(escape(text)))) - 2
