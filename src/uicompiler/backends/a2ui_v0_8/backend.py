"""The A2UI v0.8 backend: lower, assemble, check, encode; whole batches or nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final

import orjson

from uicompiler.backends import ids
from uicompiler.backends.a2ui_v0_8 import boxes, names, values
from uicompiler.backends.a2ui_v0_8.check import Rules, check_batch
from uicompiler.backends.a2ui_v0_8.degradations import DEGRADATIONS
from uicompiler.backends.a2ui_v0_8.diff import changed_components, changed_leaves, changed_lists
from uicompiler.backends.a2ui_v0_8.encode import encode, map_nonces
from uicompiler.backends.a2ui_v0_8.lower.lowering import Lowered, Terms
from uicompiler.backends.a2ui_v0_8.lower.view import button_ids, lower
from uicompiler.backends.a2ui_v0_8.values import Draft
from uicompiler.backends.base import Message, Mode, Rendered, Settings
from uicompiler.backends.found import cleaned, repair, unencodable, unsupported
from uicompiler.errors import Diagnostic, diagnostic
from uicompiler.ir import data
from uicompiler.ir.actions import Button
from uicompiler.ir.client import Address, Decoded, Pressed, Sent
from uicompiler.ir.fields import Field
from uicompiler.ir.inputs import place_of
from uicompiler.ir.reserved import nonce_placeholder
from uicompiler.ir.rows import gone_rows
from uicompiler.ir.state import Surface
from uicompiler.ir.text import clean
from uicompiler.ir.values import FrozenDict, Json


class A2uiV08:
    """The backend named `a2ui-v0.8`; see `backends.base.Backend` for what each method does."""

    name: Final[str] = "a2ui-v0.8"

    def first(self, surface: Surface, settings: Settings) -> Rendered:
        """One surfaceUpdate, the data messages, then beginRendering."""
        unsupported = _catalog_mismatch(surface, settings)
        if unsupported is not None:
            return Rendered(surface, diagnostics=(unsupported,))
        wire_id = self.surface_id(surface)
        lowered = _lower(surface, settings)
        drafts = _drafts(surface)
        begin: Message = {"surfaceId": wire_id, "root": names.ROOT_ID}
        if not settings.catalog.is_standard:
            begin["catalogId"] = settings.catalog.catalog_id
        messages = [
            _surface_update(wire_id, list(lowered.components.values())),
            *boxes.first_data(wire_id, drafts, surface.rev, lowered.leaves, _gone(surface)),
            *boxes.list_updates(wire_id, lowered.lists),
            {"beginRendering": begin},
        ]
        return _finish(surface, messages, drafts, settings, _findings(surface, lowered, settings))

    def update(
        self,
        old: Surface,
        new: Surface,
        *,
        written: frozenset[str],
        mode: Mode,
        settings: Settings,
    ) -> Rendered:
        """Data first, so that no new input is ever shown without its value."""
        wire_id = self.surface_id(new)
        before, after = _shown(old, settings), _lower(new, settings)
        drafts = _sent_drafts(new, written)
        components = _components(before, after, mode)
        changed, gone = changed_leaves(before, after), set(_gone(new)) - set(_gone(old))
        later = boxes.later_data(wire_id, drafts, after.leaves, changed, sorted(gone))
        update = [_surface_update(wire_id, components)] if components else []
        lists = boxes.list_updates(wire_id, changed_lists(before, after))
        messages = [*later, *lists, boxes.rev_update(wire_id, new.rev), *update]
        return _finish(new, messages, drafts, settings, _findings(new, after, settings), live=True)

    def delete(self, surface: Surface) -> Rendered:
        """One deleteSurface."""
        messages = ({"deleteSurface": {"surfaceId": self.surface_id(surface)}},)
        return Rendered(surface, messages, (), encode(messages))

    def map_nonces(
        self, messages: Sequence[Message], change: Callable[[str], str]
    ) -> tuple[Message, ...]:
        """See `encode.map_nonces`."""
        return tuple(map_nonces(messages, change))

    def measure(self, messages: Sequence[Message]) -> tuple[int, int]:
        """Components of all surfaceUpdates, entries of all dataModelUpdates."""
        components = [m["surfaceUpdate"]["components"] for m in messages if "surfaceUpdate" in m]
        entries = [m["dataModelUpdate"]["contents"] for m in messages if "dataModelUpdate" in m]
        return sum(map(len, components)), sum(map(len, entries))

    def markup(self, messages: Sequence[Message]) -> Mapping[str, str]:
        """None: clients make their own."""
        return FrozenDict()

    def address(self, surface_id: str) -> Address | None:
        """`main#e=2` names epoch 2 of `main`."""
        return ids.parse_surface_id(surface_id)

    def surface_id(self, surface: Surface) -> str:
        """The wire id; never used again after a deletion, since the epoch is in it."""
        return ids.wire_surface_id(surface.name, surface.epoch)

    def buttons(self, surface: Surface) -> Mapping[str, Pressed]:
        """Buttons by component id."""
        return button_ids(surface)

    def sent(self, context: Mapping[str, Json], button: Button, surface: Surface) -> Sent:
        """The context as it is; the fields are in it where the button sends them."""
        return Sent(context, surface.inputs if button.submit else ())

    def decode(self, field: Field, value: Json) -> Decoded:
        """See `values.decode`."""
        return values.decode(field, value)


def _lower(surface: Surface, settings: Settings) -> Lowered:
    return _lower_with(surface, settings.nonce_of(surface), settings)


def _lower_with(surface: Surface, nonce: str | None, settings: Settings) -> Lowered:
    terms = Terms(
        settings.client,
        nonce,
        settings.lowerings,
        settings.catalog,
        settings.masked(surface),
        settings.revless,
        settings.words,
    )
    return lower(surface, terms)


def _shown(surface: Surface, settings: Settings) -> Lowered:
    """What a client shows; where it has nonces that nobody can derive now, no button is kept."""
    if settings.nonce is not None or surface.nonce_key_id is None:
        return _lower(surface, settings)
    unknown = nonce_placeholder(surface.nonce_key_id, surface.epoch)
    return _lower_with(surface, unknown, settings)


def _findings(surface: Surface, lowered: Lowered, settings: Settings) -> list[Diagnostic]:
    """What lowering had to take out or could not show."""
    found = unsupported(lowered.unsupported, "A2UI v0.8", surface)
    found.extend(
        diagnostic(
            "A2UI_S2C_CATALOG_DEGRADED",
            f"{path}: {DEGRADATIONS[row].what}; shown is {DEGRADATIONS[row].becomes}",
            hint="see the table in docs/nodes.md",
            surface_id=surface.name,
        )
        for row, path in lowered.degraded
        if DEGRADATIONS[row].reported
    )
    found.extend(
        diagnostic(
            "A2UI_S2C_COMPONENT_ID_DUPLICATE",
            f"two components of one surface have the id {ident!r}",
            hint="give each component of a node a role or type of its own",
            surface_id=surface.name,
        )
        for ident in sorted(set(lowered.duplicates))
    )
    if lowered.cleaned:
        code = "A2UI_S2C_COMPONENT_TEXT_FORBIDDEN"
        found.append(cleaned(code, lowered.cleaned, surface, settings))
    return found


def _drafts(surface: Surface) -> list[Draft]:
    """Drafts of the view's inputs, then of those a client kept from views before it."""
    if surface.view is None:
        return []
    draft = surface.data["draft"]
    shown = {item.id: item for item in surface.inputs}
    drafts = [
        Draft(item.id, item.field.kind, data.get(draft, item.place), item.place)
        for item in shown.values()
    ]
    for name, kind in sorted(surface.boxes.items()):
        if name not in shown:
            place = place_of(name)
            drafts.append(Draft(name, kind, data.get(draft, place), place))
    return drafts


def _gone(surface: Surface) -> list[tuple[str, str]]:
    """Places of the rows that were taken out."""
    draft = surface.data["draft"]
    return [(name, row) for name, value in sorted(draft.items()) for row in gone_rows(value)]


def _sent_drafts(surface: Surface, written: frozenset[str]) -> list[Draft]:
    """Drafts the turn named, and those the client has no box of in this epoch."""
    return [
        draft for draft in _drafts(surface) if draft.id in written or draft.id not in surface.boxes
    ]


def _components(before: Lowered, after: Lowered, mode: Mode) -> list[Message]:
    if mode == "diff":
        return changed_components(before, after)
    if mode == "auto" and before.components == after.components:
        return []
    return list(after.components.values())


def _surface_update(wire_id: str, components: list[Message]) -> Message:
    return {"surfaceUpdate": {"surfaceId": wire_id, "components": components}}


def _finish(
    surface: Surface,
    messages: Sequence[Message],
    drafts: Sequence[Draft],
    settings: Settings,
    findings: Sequence[Diagnostic],
    *,
    live: bool = False,
) -> Rendered:
    """Check and encode a batch; with any error nothing of it goes out."""
    wire_id = ids.wire_surface_id(surface.name, surface.epoch)
    try:
        encoded = encode(messages)
    except (TypeError, orjson.JSONEncodeError) as exc:
        return Rendered(surface, diagnostics=(unencodable(surface, exc),))
    rules = Rules(
        catalog=settings.catalog,
        limits=settings.limits,
        actions=settings.actions,
        url_schemes=settings.url_schemes,
    )
    found = [
        *findings,
        *_guarded(surface, drafts, settings),
        *check_batch(
            messages,
            rules,
            live=(wire_id,) if live else (),
            sizes=[len(line) for line in encoded],
        ),
    ]
    if any(finding.severity == "error" for finding in found):
        return Rendered(surface, diagnostics=tuple(found))
    held = FrozenDict({**surface.boxes, **{draft.id: draft.kind for draft in drafts}})
    offers = {
        item.id: tuple(option.value for option in item.field.options)
        for item in surface.inputs
        if item.field.options
    }
    offered = FrozenDict({**surface.offered, **offers})
    known = replace(surface, boxes=held, offered=offered)
    return Rendered(known, tuple(messages), tuple(found), encoded)


def _guarded(surface: Surface, drafts: Sequence[Draft], settings: Settings) -> list[Diagnostic]:
    found = []
    for draft in drafts:
        if values.reads_as_json(draft):
            why = f"the draft of {draft.id!r} reads as JSON and goes out with a U+2060 before it"
            hint = "clients parse such strings; write the value as plain words"
            found.append(repair("A2UI_S2C_DATA_UNREPRESENTABLE", why, surface, settings, hint=hint))
        if isinstance(draft.value, str) and clean(draft.value) != draft.value:
            why = f"the draft of {draft.id!r} goes out without its invisible controls"
            found.append(repair("A2UI_S2C_DATA_TEXT_FORBIDDEN", why, surface, settings))
    return found


def _catalog_mismatch(surface: Surface, settings: Settings) -> Diagnostic | None:
    known = settings.client.catalog_ids
    if known is None or settings.catalog.catalog_id in known:
        return None
    return diagnostic(
        "A2UI_S2C_CATALOG_MISMATCH",
        f"the client does not support the app's catalog {settings.catalog.catalog_id!r}",
        hint="show the HTML or the text instead",
        surface_id=surface.name,
    )
