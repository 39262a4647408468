"""What ops write to a surface's document, and which of them may.

A patch and the values that come with a view write below `/draft` and `/ui_state`, a commit below
`/committed`. All of some ops are written, or none. Most of what is written is a plain value of a
field or of `/ui_state`: that is seen at a glance, and the rules are asked about everything else.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple, TypeAlias

from uicompiler.errors import Diagnostic, DirectiveError
from uicompiler.executor.drafts import field_value, no_value, refusal, write_draft
from uicompiler.ir import data
from uicompiler.ir.changes import OpName, PatchOp
from uicompiler.ir.fields import Field, fit
from uicompiler.ir.reserved import ERRORS_KEY, ERRORS_PLACE
from uicompiler.ir.sharing import shared
from uicompiler.ir.text import has_surrogates
from uicompiler.ir.tree import Editable
from uicompiler.ir.values import FORBIDDEN_KEYS, FrozenDict, Json, freeze
from uicompiler.ir.verify import bad_values
from uicompiler.pointer import PointerError, parse
from uicompiler.strict_json import depth_exceeds

Op: TypeAlias = tuple[OpName, str, Json]
"""An op, its path and its value, as in `PatchOp`."""

Place: TypeAlias = tuple[str, ...]
"""Where in a document an op writes, its part first."""


class Asked(NamedTuple):
    """Ops that may be written.

    Attributes:
        ops: The ops.
        places: The place of each.
        at: Pointer to all of them in the payload.
    """

    ops: Sequence[Op]
    places: Sequence[Place]
    at: str

    def names(self) -> set[str]:
        """Entries of the draft in which something is written."""
        return {place[1] for place in self.places if place[0] == "draft"}

    def whole_names(self) -> set[str]:
        """Entries of the draft that are written as a whole."""
        return {place[1] for place in self.places if len(place) == 2 and place[0] == "draft"}


@dataclass(frozen=True, slots=True)
class Done:
    """A document after some ops.

    Attributes:
        data: The document.
        ids: Inputs whose value was named.
        findings: Repairs.
    """

    data: FrozenDict
    ids: frozenset[str]
    findings: tuple[Diagnostic, ...]


def asked_for(ops: Sequence[Op], at: str) -> Asked:
    """Ops with their places.

    Args:
        ops: The ops.
        at: Pointer to all of them in the payload.

    Raises:
        DirectiveError: one of them is at no place that may be written.
    """
    places = [_place(path, f"{at}/{index}/path") for index, (_, path, _) in enumerate(ops)]
    return Asked(ops, places, at)


def written(
    document: FrozenDict, asked: Asked, nodes: Mapping[str, Editable], max_depth: int
) -> Done:
    """A document with some ops written.

    Args:
        document: The document before.
        asked: The ops.
        nodes: Fields and rows of the view by id.
        max_depth: How deep the document may nest.

    Raises:
        DirectiveError: an op does not fit; nothing is written then.
    """
    pending = _Pending(document)
    ids: set[str] = set()
    findings: list[Diagnostic] = []
    for index, (op, place) in enumerate(zip(asked.ops, asked.places, strict=True)):
        part, name = place[0], place[1]
        plain = _plain(op, place, nodes) if max_depth > 1 else data.MISSING
        if plain is not data.MISSING:
            pending.put(part, name, plain)
            if part == "draft":
                ids.add(name)
            continue
        patch, at = PatchOp(*op), f"{asked.at}/{index}"
        if part == "ui_state":
            _check_depth(patch, place, at, max_depth)
            _check_value(patch, at)
            if patch.op == "set" and len(place) == 2:
                pending.put(part, name, freeze(patch.value))
            else:
                pending.document = _patched_ui_state(pending.whole(), patch, place, at)
        elif isinstance(nodes.get(name), Field):
            value, repairs = field_value(patch, place[1:], nodes, at)
            pending.put(part, name, value)
            ids.add(name)
            findings.extend(repairs)
        else:
            done = write_draft(pending.whole()["draft"], patch, place[1:], nodes, at)
            pending.document = data.with_entry(pending.document, "draft", done.draft)
            ids |= done.ids
            findings.extend(done.findings)
    return Done(_without_errors_of(pending.whole(), ids), frozenset(ids), tuple(findings))


def apply_op(document: Json, op: PatchOp, place: Sequence[str]) -> Json:
    """One op on a document, at a place.

    Raises:
        data.PlaceError: the op does not fit what is there.
    """
    if op.op == "set":
        return data.set_at(document, place, freeze(op.value))
    if op.op == "delete":
        return data.delete_at(document, place)
    at = (*place, "-") if op.op == "append" else place
    return data.insert_at(document, at, op.value)


def committed(document: FrozenDict, ops: Sequence[PatchOp], max_depth: int) -> FrozenDict:
    """A document with what an action's outcome commits.

    Raises:
        ValueError: a commit outside `/committed`, or of what no document may hold.
        data.PlaceError: an op does not fit what is there.
    """
    after: Json = document
    for op in ops:
        place = parse(op.path)
        if len(place) < 2 or place[0] != "committed" or FORBIDDEN_KEYS & set(place):
            raise ValueError(f"a handler commits below /committed, found {op.path!r}")
        if len(place) > max_depth or depth_exceeds(op.value, max_depth - len(place)):
            raise ValueError(f"a handler committed deeper than {max_depth} at {op.path[:80]!r}")
        if next(iter(bad_values(op.value)), None) is not None:
            raise ValueError(f"a handler committed a value JSON does not have at {op.path!r}")
        after = apply_op(after, op, place)
    whole: FrozenDict = after
    return whole


def forbidden(path: str, at: str, hint: str) -> DirectiveError:
    """The refusal of a path that is not for whoever wrote it."""
    return refusal("DIRECTIVE_PATH_FORBIDDEN", f"{path[:80]!r} may not be written", at, hint)


# --- what may be written --------------------------------------------------------------------------


def _place(path: str, at: str) -> Place:
    try:
        segments = parse(path)
    except PointerError as exc:
        raise refusal("DIRECTIVE_PATH_INVALID", str(exc), at, "write /draft/<field id>") from exc
    # Only after a slash can a name begin; what `~` stands for begins with no "_".
    if not segments or "/_" in path or not FORBIDDEN_KEYS.isdisjoint(segments):
        raise forbidden(path, at, "names beginning with _ and __proto__ and the like are reserved")
    if segments[0] not in _WRITTEN:
        raise forbidden(path, at, "write below /draft/ or /ui_state/")
    if len(segments) < 2:
        raise refusal(
            "DIRECTIVE_PATH_INVALID",
            f"{path!r} names a whole namespace",
            at,
            "name one value inside it",
        )
    return segments


_WRITTEN: Final = ("draft", "ui_state")


def _plain(op: Op, place: Place, nodes: Mapping[str, Editable]) -> Json:
    """What an op writes where it sets an entry to a plain value that fits as it is, or MISSING."""
    verb, _, value = op
    if verb != "set" or len(place) != 2:
        return data.MISSING
    if place[0] == "draft":
        node = nodes.get(place[1])
        fitted = fit(node, value) if isinstance(node, Field) and value is not None else None
        return data.MISSING if fitted is None or fitted.repaired else fitted.value
    is_plain = type(value) is bool or (type(value) is str and not has_surrogates(value))
    return value if is_plain else data.MISSING


def _check_depth(op: PatchOp, place: Place, at: str, limit: int) -> None:
    if len(place) > limit or depth_exceeds(op.value, limit - len(place)):
        raise refusal(
            "DIRECTIVE_PATH_INVALID",
            f"max_data_depth is {limit}, the document would nest deeper",
            f"{at}/path",
            "store a flatter value",
        )


def _check_value(op: PatchOp, at: str) -> None:
    if op.op != "delete" and op.value is None:
        raise no_value(at)
    bad = next(iter(bad_values(op.value)), None)
    if bad is not None:
        raise refusal("DIRECTIVE_VALUE_INVALID", bad[1], f"{at}/value", "send another value")


# --- a document with it ---------------------------------------------------------------------------


class _Pending:
    """A document, and entries of its parts that are to be written, all in one copy of each."""

    def __init__(self, document: FrozenDict) -> None:
        self.document = document
        self._news: dict[str, dict[str, Json]] = {part: {} for part in _WRITTEN}

    def put(self, part: str, name: str, value: Json) -> None:
        """Write an entry of a part."""
        before = self.document[part].get(name, data.MISSING)
        self._news[part][name] = value if before is data.MISSING else shared(before, value)

    def whole(self) -> FrozenDict:
        """The document with all that was written."""
        for part, news in self._news.items():
            before = self.document[part]
            if any(before.get(name, data.MISSING) is not v for name, v in news.items()):
                self.document = data.with_entry(self.document, part, before.plus(news))
            news.clear()
        return self.document


def _without_errors_of(document: FrozenDict, ids: Collection[str]) -> FrozenDict:
    errors = document["ui_state"].get(ERRORS_KEY)
    for name in ids if errors else ():
        document = data.delete_at(document, (*ERRORS_PLACE, name))
    return document


def _patched_ui_state(document: FrozenDict, op: PatchOp, place: Place, at: str) -> FrozenDict:
    try:
        patched: FrozenDict = apply_op(document, op, place)
    except data.PlaceError as exc:
        raise refusal("DIRECTIVE_OP_INVALID", str(exc), at, "check the path") from exc
    return patched
