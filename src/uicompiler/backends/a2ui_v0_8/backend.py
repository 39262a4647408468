"""The A2UI v0.8 backend: lower, assemble, check, encode; whole batches or nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final, NamedTuple

import orjson

from uicompiler.backends import ids
from uicompiler.backends.a2ui_v0_8 import boxes, names, values
from uicompiler.backends.a2ui_v0_8.check import Rules, check_batch
from uicompiler.backends.a2ui_v0_8.degradations import DEGRADATIONS
from uicompiler.backends.a2ui_v0_8.diff import changed_components, changed_leaves, changed_lists
from uicompiler.backends.a2ui_v0_8.encode import encode, encode_update, map_nonces
from uicompiler.backends.a2ui_v0_8.lower.lowered import Lowered
from uicompiler.backends.a2ui_v0_8.lower.lowering import Terms
from uicompiler.backends.a2ui_v0_8.lower.parts import Component, depth_of
from uicompiler.backends.a2ui_v0_8.lower.view import button_ids, lower
from uicompiler.backends.a2ui_v0_8.values import Draft
from uicompiler.backends.base import FIRST, How, Message, Mode, Rendered, Settings
from uicompiler.backends.found import cleaned, repair, unencodable, unsupported
from uicompiler.errors import Diagnostic, diagnostic
from uicompiler.ir import data
from uicompiler.ir.actions import Button
from uicompiler.ir.client import Address, Decoded, Pressed, Sent
from uicompiler.ir.fields import Field
from uicompiler.ir.inputs import place_of
from uicompiler.ir.reserved import nonce_placeholder
from uicompiler.ir.rows import gone_rows
from uicompiler.ir.sharing import changed_keys
from uicompiler.ir.state import Memo, Surface
from uicompiler.ir.text import clean
from uicompiler.ir.values import FrozenDict, Json
from uicompiler.ir.words import Words
from uicompiler.limits import Limits


class A2uiV08:
    """The backend named `a2ui-v0.8`; see `backends.base.Backend` for what each method does."""

    name: Final[str] = "a2ui-v0.8"

    def first(self, surface: Surface, settings: Settings) -> Rendered:
        """One surfaceUpdate, the data messages, then beginRendering."""
        unsupported = _catalog_mismatch(surface, settings)
        if unsupported is not None:
            return Rendered(surface, diagnostics=(unsupported,))
        try:
            lowered = lower(surface, _terms(surface, settings.words, settings))
            update = encode_update(self.surface_id(surface), lowered.made_lines)
            drafts = _drafts(surface)
            batch = self._first_messages(surface, lowered, drafts, settings)
            lines = (update, *encode(batch[1:]))
        except (TypeError, orjson.JSONEncodeError) as exc:
            return Rendered(surface, diagnostics=(unencodable(surface, exc),))
        return _checked(surface, lowered, _Lines(batch, lines), drafts, settings)

    def _first_messages(
        self, surface: Surface, lowered: Lowered, drafts: Sequence[Draft], settings: Settings
    ) -> tuple[Message, ...]:
        wire_id = self.surface_id(surface)
        begin: Message = {"surfaceId": wire_id, "root": names.ROOT_ID}
        if not settings.catalog.is_standard:
            begin["catalogId"] = settings.catalog.catalog_id
        components = list(lowered.made.values())
        return (
            {"surfaceUpdate": {"surfaceId": wire_id, "components": components}},
            *boxes.first_data(
                wire_id, drafts, surface.rev, lowered.leaves, lowered.maps, _gone(surface)
            ),
            *boxes.list_updates(wire_id, lowered.lists),
            {"beginRendering": begin},
        )

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
        try:
            before = _shown(old, settings)
            after = lower(new, _terms(new, settings.words, settings), before)
            drafts = _sent_drafts(new, written)
            data = _later_messages(old, new, before, after, drafts, settings)
            lines = encode(data)
            told = sum(map(len, lines)) + len(encode_update(self.surface_id(new), ()))
            sent, how = _components(before, after, mode, told, settings.limits)
        except (TypeError, orjson.JSONEncodeError) as exc:
            return Rendered(new, diagnostics=(unencodable(new, exc),))
        if sent:
            line = encode_update(self.surface_id(new), [item.encoded for item in sent])
            data, lines = (*data, orjson.loads(line)), (*lines, line)
        rendered = _checked(new, after, _Lines(data, lines), drafts, settings, how, before)
        if rendered.failed and how.update == "diff":
            # Refused in the same words, however little was to be sent.
            return self.update(old, new, written=written, mode="full", settings=settings)
        return rendered

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


def _terms(surface: Surface, words: Words, settings: Settings, nonce: str | None = None) -> Terms:
    return Terms(
        settings.client,
        nonce or settings.nonce_of(surface),
        settings.lowerings,
        settings.catalog,
        settings.masked(surface),
        settings.revless,
        words,
    )


KEEP_FROM: Final = 64
"""Components of a surface whose lowering is kept; a smaller one is lowered again in no time."""


def _shown(surface: Surface, settings: Settings) -> Lowered:
    """What a client shows; where it has nonces that nobody can derive now, no button is kept."""
    unknown = None
    if settings.nonce is None and surface.nonce_key_id is not None:
        unknown = nonce_placeholder(surface.nonce_key_id, surface.epoch)
    kept = surface.memo.kept if surface.memo.of == A2uiV08.name else None
    before = kept if isinstance(kept, Lowered) else None
    words = settings.words_in(surface.language)
    return lower(surface, _terms(surface, words, settings, unknown), before)


def _remembered(lowered: Lowered) -> Memo:
    if lowered.count < KEEP_FROM:
        return Memo()
    return Memo(A2uiV08.name, lowered.forgetting())


def _findings(surface: Surface, lowered: Lowered, settings: Settings) -> list[Diagnostic]:
    """What lowering had to take out or could not show."""
    if not lowered.notes:
        return []
    found = unsupported(lowered.noted("unsupported"), "A2UI v0.8", surface)
    found.extend(
        diagnostic(
            "A2UI_S2C_CATALOG_DEGRADED",
            f"{path}: {DEGRADATIONS[row].what}; shown is {DEGRADATIONS[row].becomes}",
            hint="see the table in docs/components.md",
            surface_id=surface.name,
        )
        for row, path in lowered.noted("degraded")
        if DEGRADATIONS[row].reported
    )
    found.extend(
        diagnostic(
            "A2UI_S2C_COMPONENT_ID_DUPLICATE",
            f"two components of one surface have the id {ident!r}",
            hint="give each component of a node a role or type of its own",
            surface_id=surface.name,
        )
        for ident in sorted(set(lowered.noted("duplicates")))
    )
    paths = lowered.noted("cleaned")
    if paths:
        found.append(cleaned("A2UI_S2C_COMPONENT_TEXT_FORBIDDEN", paths, surface, settings))
    return found


def _drafts(surface: Surface) -> list[Draft]:
    """Drafts of the view's inputs, then of those a client kept from views before it."""
    if surface.view is None:
        return []
    inputs, held = surface.inputs_by_id, surface.boxes.keys()
    return _drafts_of(surface, [*inputs, *sorted(name for name in held if name not in inputs)])


def _drafts_of(surface: Surface, names: Iterable[str]) -> list[Draft]:
    """Drafts of inputs that are shown, or that a client kept."""
    inputs, held, draft = surface.inputs_by_id, surface.boxes, surface.data["draft"]
    found: list[Draft] = []
    for name in names:
        item = inputs.get(name)
        if item is None:
            kind, place = held[name], place_of(name)
        else:
            kind, place = item.field.kind, item.place
        value = draft[name] if len(place) == 1 else data.get(draft, place)
        found.append(Draft(name, kind, value, place))
    return found


def _gone(surface: Surface) -> list[tuple[str, str]]:
    """Places of the rows that were taken out."""
    draft = surface.data["draft"]
    rows = sorted((name, value) for name, value in draft.items() if isinstance(value, dict))
    return [(name, row) for name, value in rows for row in gone_rows(value)]


def _gone_since(old: Surface, new: Surface) -> list[tuple[str, str]]:
    """Places of the rows that were taken out since."""
    before, after = old.data["draft"], new.data["draft"]
    found: list[tuple[str, str]] = []
    for name in changed_keys(before, after):
        known = set(gone_rows(before.get(name)))
        found += [(name, row) for row in gone_rows(after.get(name)) if row not in known]
    return sorted(found)


def _sent_drafts(surface: Surface, written: frozenset[str]) -> list[Draft]:
    """Drafts the turn named, and those the client has no box of in this epoch."""
    inputs, held = surface.inputs_by_id, surface.boxes.keys()
    wanted = (written & held) | (inputs.keys() - held)
    if not wanted:
        return []
    others = sorted(name for name in wanted if name not in inputs)
    return _drafts_of(surface, [*(name for name in inputs if name in wanted), *others])


def _later_messages(
    old: Surface,
    new: Surface,
    before: Lowered,
    after: Lowered,
    drafts: Sequence[Draft],
    settings: Settings,
) -> tuple[Message, ...]:
    """The data of an update, each at the narrowest path, and the new revision."""
    wire_id = ids.wire_surface_id(new.name, new.epoch)
    coalesce = settings.client.coalesce
    gone = _gone_since(old, new)
    if coalesce and not gone and _is_every_box(new, drafts):
        written = [boxes.all_drafts(wire_id, drafts)]
    else:
        written = boxes.later_data(wire_id, drafts, gone)
    leaves = changed_leaves(before, after)
    lists = changed_lists(before, after)
    return (
        *written,
        *boxes.leaf_updates(wire_id, after.leaves, after.maps, leaves, coalesce=coalesce),
        *boxes.later_lists(wire_id, lists, before.lists, coalesce=coalesce),
        boxes.rev_update(wire_id, new.rev),
    )


def _is_every_box(surface: Surface, drafts: Sequence[Draft]) -> bool:
    """Whether several drafts are all that ever was in a client's `/draft`."""
    sent = {draft.id for draft in drafts}
    return (
        len(drafts) > 1
        and not surface.strays
        and surface.boxes.keys() <= sent
        and surface.data["draft"].keys() <= sent
        and all(len(draft.place) == 1 for draft in drafts)
    )


def _components(
    before: Lowered, after: Lowered, mode: Mode, told: int, limits: Limits
) -> tuple[list[Component], How]:
    """The components to send, and why these; `told` are the bytes of all that goes beside them."""
    root, count = after.root, after.count
    if mode == "full":
        return list(root.components()), How("full", "asked for")
    if _is_over_limits(after, told, limits):
        # Sent as a whole, it is refused as a first render would be.
        return list(root.components()), How("full", "the surface is over a limit")
    changed = changed_components(before.root, root)
    if len(changed) == count:
        return changed, How("full", f"all {count} components differ")
    if not changed:
        return changed, How("diff", f"only data differs, none of {count} components")
    return changed, How("diff", f"{len(changed)} of {count} components differ")


def _is_over_limits(lowered: Lowered, told: int, limits: Limits) -> bool:
    """Whether a surface is larger or deeper than it may be, however little of it is sent."""
    size = lowered.size + lowered.count - 1  # with the commas between them
    return (
        lowered.count > limits.max_components_per_surface
        or size > limits.max_bytes_per_message
        or size + told > limits.max_bytes_per_surface
        or (lowered.news is None and depth_of(lowered.root) > limits.max_component_depth)
    )


class _Lines(NamedTuple):
    """A batch, as objects and as lines."""

    messages: tuple[Message, ...]
    encoded: tuple[bytes, ...]


def _checked(
    surface: Surface,
    lowered: Lowered,
    lines: _Lines,
    drafts: Sequence[Draft],
    settings: Settings,
    how: How | None = None,
    before: Lowered | None = None,
) -> Rendered:
    """A batch that was checked; with any error nothing of it goes out.

    Args:
        surface: The surface as it is now.
        lowered: What it was lowered to.
        lines: The batch.
        drafts: The drafts in it.
        settings: What holds for the response.
        how: How a live surface is brought up to date; None for a first render.
        before: What a live surface was lowered to before.
    """
    wire_id = ids.wire_surface_id(surface.name, surface.epoch)
    rules = Rules(
        catalog=settings.catalog,
        limits=settings.limits,
        actions=settings.actions,
        url_schemes=settings.url_schemes,
    )
    found = [
        *_findings(surface, lowered, settings),
        *_guarded(surface, drafts, settings),
        *check_batch(
            lines.messages,
            rules,
            live=() if how is None else (wire_id,),
            sizes=[len(line) for line in lines.encoded],
        ),
    ]
    if any(finding.severity == "error" for finding in found):
        return Rendered(surface, diagnostics=tuple(found))
    seen = before is not None and before.view is surface.view
    holding = _holding(surface, drafts, seen=seen)
    known = replace(holding, language=settings.language, memo=_remembered(lowered))
    return Rendered(known, lines.messages, tuple(found), lines.encoded, how or FIRST)


def _holding(surface: Surface, drafts: Sequence[Draft], *, seen: bool) -> Surface:
    """The surface that knows which boxes a client holds, and the options of its choices.

    Args:
        surface: The surface.
        drafts: The drafts it is sent.
        seen: Whether a client had the same view before.
    """
    held = {draft.id: draft.kind for draft in drafts}
    if seen and held.items() <= surface.boxes.items():
        return surface
    offers = {
        item.id: tuple(option.value for option in item.field.options)
        for item in surface.inputs
        if item.field.options
    }
    if held.items() <= surface.boxes.items() and offers.items() <= surface.offered.items():
        return surface
    return replace(
        surface,
        boxes=FrozenDict({**surface.boxes, **held}),
        offered=FrozenDict({**surface.offered, **offers}),
    )


def _guarded(surface: Surface, drafts: Sequence[Draft], settings: Settings) -> list[Diagnostic]:
    found = []
    for draft in drafts:
        if values.is_plain(draft):
            continue
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
