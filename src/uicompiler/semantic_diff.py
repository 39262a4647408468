"""What changed between two streams, states or conversation logs, in words a person can use.

Streams are compared by what a client would hold after them: components by id, data by path. So
two streams that say the same in another order differ in one line, and a changed label is one
difference wherever its message stands. Any A2UI v0.8 stream will do, valid or not, and any of HTML
messages, whose elements are compared like components: what cannot be read is compared as it is.
Knows nothing of apps, the IR or how streams are made.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Any, Final, Literal, TypeAlias

from uicompiler.canonical import canonical_json
from uicompiler.html_elements import elements
from uicompiler.pointer import join
from uicompiler.strict_json import StrictJsonError, depth_exceeds, loads

Json: TypeAlias = Any
"""A JSON value; `Any`, because the recursive type makes every step of tree code a cast."""

Kind = Literal["stream", "state", "log"]

_MAX_DEPTH: Final = 200
_SHOWN: Final = 60
_MESSAGE_KEYS: Final = frozenset(
    {"beginRendering", "surfaceUpdate", "dataModelUpdate", "deleteSurface"}
)
_HTML_KEYS: Final = frozenset({"replace", "remove", "rev"})
_LITERALS: Final = ("literalString", "literalNumber", "literalBoolean", "literalArray", "path")
_VALUES: Final = ("valueString", "valueNumber", "valueBoolean", "valueMap")
_IDENTITIES: Final = ("id", "key", "name", "value")


class _Missing:
    """Stands for what is not there; null is a value."""

    def __repr__(self) -> str:
        return "MISSING"


MISSING: Final = _Missing()


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that changed.

    Attributes:
        where: The surface and component, data path, pointer or line.
        what: What about it changed, was added or removed.
        before: The value before; `MISSING` when there was none.
        after: The value after; `MISSING` when there is none.
    """

    where: str
    what: str
    before: Json = MISSING
    after: Json = MISSING

    def __str__(self) -> str:
        if self.before is MISSING and self.after is MISSING:
            return f"{self.where}: {self.what}"
        return f"{self.where}: {self.what}: {short(self.before)} -> {short(self.after)}"


def short(value: Json) -> str:
    """A value as compact JSON, cut to one line's part; `nothing` for what is not there."""
    if value is MISSING:
        return "nothing"
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"


# --- documents ------------------------------------------------------------------------------------


def parse_document(text: str | bytes) -> Json:
    """One JSON value, or the values of JSON Lines as a list.

    Raises:
        StrictJsonError: neither; the message names the line.
    """
    raw = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    lines = [(number, line) for number, line in enumerate(raw.split(b"\n"), 1) if line.strip()]
    if len(lines) > 1 and _reads(lines[0][1]):
        return [_line(number, line) for number, line in lines]
    whole = loads(raw, max_depth=_MAX_DEPTH) if lines else []
    return [whole] if _is_line(whole) else whole


def _reads(line: bytes) -> bool:
    try:
        loads(line, max_depth=_MAX_DEPTH)
    except StrictJsonError:
        return False
    return True


def _line(number: int, line: bytes) -> Json:
    try:
        return loads(line, max_depth=_MAX_DEPTH)
    except StrictJsonError as exc:
        raise StrictJsonError(f"line {number}: {exc}") from exc


def _is_line(value: Json) -> bool:
    return isinstance(value, Mapping) and (_is_message(value) or _is_record(value))


def _is_message(value: Json) -> bool:
    if not isinstance(value, Mapping):
        return False
    html = len(value) == 1 and value.keys() <= _HTML_KEYS
    return bool(_MESSAGE_KEYS & value.keys()) or html


def _is_record(value: Json) -> bool:
    return isinstance(value, Mapping) and {"v", "kind"} <= value.keys()


def sniff(document: Json) -> Kind:
    """What a parsed document is: a state, a conversation log, or a stream of messages.

    Raises:
        ValueError: none of them.
    """
    if isinstance(document, Mapping) and "ir_version" in document:
        return "state"
    items = document if isinstance(document, list) else [document]
    if items and all(map(_is_record, items)):
        return "log"
    if all(map(_is_message, items)):
        return "stream"
    raise ValueError(
        "expected A2UI messages, HTML ones, conversation records or a UIState, found something else"
    )


def diff(before: Json, after: Json) -> list[Difference]:
    """The differences of two documents of one kind.

    Raises:
        ValueError: they are of different kinds, or of none that is known; or logs with a record
            that is none (see `diff_logs`).
    """
    kinds = sniff(before), sniff(after)
    if kinds[0] != kinds[1]:
        raise ValueError(f"the first is a {kinds[0]}, the second a {kinds[1]}")
    return _BY_KIND[kinds[0]](before, after)


# --- streams --------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Screen:
    """What a client holds of one surface."""

    begin: dict[str, Json] = field(default_factory=dict)
    components: dict[str, Json] = field(default_factory=dict)
    data: Json = field(default_factory=dict)
    deleted: bool = False


def diff_streams(before: Sequence[Json], after: Sequence[Json]) -> list[Difference]:
    """What a client shows or holds differently after `after` than after `before`."""
    if same(before, after):
        return []
    old, new = _fold(before), _fold(after)
    found: list[Difference] = []
    for name in [*old, *(name for name in new if name not in old)]:
        found.extend(_diff_screens(f"surface {name}", old.get(name), new.get(name)))
    return found or [_form_differs(before, after)]


def diff_batches(before: Sequence[Json], after: Sequence[Json]) -> list[Difference]:
    """The differences of two turns' batches, surface by surface.

    Args:
        before: Batch records, or what of them counts: surface, surface_id, epoch, rev, messages.
        after: The same of the other turn.

    Raises:
        ValueError: one is no batch: not an object with a surface's name and a list of messages.
    """
    _check_batches(before)
    _check_batches(after)
    if same(before, after):
        return []
    old = {str(item.get("surface")): item for item in before}
    new = {str(item.get("surface")): item for item in after}
    found: list[Difference] = []
    for name in [*old, *(name for name in new if name not in old)]:
        if name not in new or name not in old:
            what = "nothing is sent, but was" if name in old else "something is sent, but was not"
            found.append(Difference(f"surface {name}", what))
        else:
            found.extend(_diff_batch(f"surface {name}", old[name], new[name]))
    return found or [Difference("the turn", "the order or number of its batches changed")]


def _check_batches(batches: Sequence[Json]) -> None:
    for number, item in enumerate(batches, 1):
        if not (
            isinstance(item, Mapping)
            and isinstance(item.get("surface"), str)
            and isinstance(item.get("messages"), (list, tuple))
        ):
            raise ValueError(f"batch {number} is no batch: it has a surface's name and messages")
        if depth_exceeds(item, _MAX_DEPTH):
            raise ValueError(f"batch {number} is nested deeper than {_MAX_DEPTH}")


def _diff_batch(where: str, old: Json, new: Json) -> Iterator[Difference]:
    for key in ("surface_id", "epoch", "rev"):
        before, after = old.get(key, MISSING), new.get(key, MISSING)
        if not _equal(before, after):
            yield Difference(where, f"{key} {_verb(before, after)}", before, after)
    yield from diff_streams(_list(old.get("messages")), _list(new.get("messages")))


def same(before: Json, after: Json) -> bool:
    """Whether two JSON values are equal; the order of keys and `1` or `1.0` do not count."""
    try:
        return canonical_json(before) == canonical_json(after)
    except (ValueError, TypeError):
        return bool(before == after)


def _form_differs(before: Sequence[Json], after: Sequence[Json]) -> Difference:
    pairs = enumerate(zip(before, after, strict=False))
    shorter = min(len(before), len(after))
    index = next((number for number, (a, b) in pairs if not same(a, b)), shorter)
    return Difference(
        f"message {index + 1}",
        "the messages differ in form or order; a client ends up with the same",
        _at(before, index),
        _at(after, index),
    )


def _at(items: Sequence[Json], index: int) -> Json:
    return items[index] if index < len(items) else MISSING


def _fold(messages: Sequence[Json]) -> dict[str, _Screen]:
    """What a client that keeps everything holds after the messages."""
    screens: dict[str, _Screen] = {}
    for message in messages:
        for kind, body in message.items() if isinstance(message, Mapping) else ():
            fold = _FOLDS.get(kind)
            if fold is not None and isinstance(body, Mapping):
                name = str(body.get("surfaceId", body.get("surface", "")))
                fold(screens.setdefault(name, _Screen()), body)
    return screens


def _fold_begin(screen: _Screen, body: Mapping[str, Json]) -> None:
    screen.deleted = False
    screen.begin = {key: value for key, value in body.items() if key != "surfaceId"}


def _fold_components(screen: _Screen, body: Mapping[str, Json]) -> None:
    screen.deleted = False
    for item in _list(body.get("components")):
        if isinstance(item, Mapping):
            screen.components[str(item.get("id", ""))] = item


def _fold_data(screen: _Screen, body: Mapping[str, Json]) -> None:
    screen.deleted = False
    path = body.get("path")
    segments = [part for part in path.split("/") if part] if isinstance(path, str) else []
    if len(segments) > _MAX_DEPTH:
        segments = [str(path)]  # no document is as deep; it is compared as it is
    value = _contents(body.get("contents"))
    if not segments:
        screen.data = value
        return
    place = screen.data
    for segment in segments[:-1]:
        inner = place.get(segment)
        place[segment] = inner if isinstance(inner, dict) else {}
        place = place[segment]
    place[segments[-1]] = value


def _fold_delete(screen: _Screen, _body: Mapping[str, Json]) -> None:
    screen.begin, screen.components, screen.data, screen.deleted = {}, {}, {}, True


def _fold_markup(screen: _Screen, body: Mapping[str, Json]) -> None:
    """A surface's element, whole."""
    screen.deleted = False
    markup = body.get("html")
    shown = elements(markup) if isinstance(markup, str) else ()
    screen.components = {str(item["id"]): item for item in shown}
    written = _list(body.get("written"))
    screen.begin = {**screen.begin, "written": [item for item in written if isinstance(item, str)]}


def _fold_rev(screen: _Screen, body: Mapping[str, Json]) -> None:
    screen.begin = {**screen.begin, "rev": body.get("rev")}


_FOLDS: Final[Mapping[str, Callable[[_Screen, Mapping[str, Json]], None]]] = {
    "beginRendering": _fold_begin,
    "surfaceUpdate": _fold_components,
    "dataModelUpdate": _fold_data,
    "deleteSurface": _fold_delete,
    "replace": _fold_markup,
    "remove": _fold_delete,
    "rev": _fold_rev,
}


def _contents(entries: Json) -> dict[str, Json]:
    """The entries of a data update as an object."""
    found: dict[str, Json] = {}
    for entry in _list(entries):
        if isinstance(entry, Mapping):
            kind = next((name for name in _VALUES if name in entry), None)
            value = None if kind is None else entry[kind]
            found[str(entry.get("key", ""))] = _contents(value) if kind == "valueMap" else value
    return found


def _list(value: Json) -> Sequence[Json]:
    return value if isinstance(value, (list, tuple)) else ()


def _diff_screens(where: str, old: _Screen | None, new: _Screen | None) -> Iterator[Difference]:
    if old is None or new is None:
        yield Difference(where, "added" if old is None else "removed")
        return
    if old.deleted or new.deleted:
        if old.deleted != new.deleted:
            yield Difference(where, "deleted" if new.deleted else "no longer deleted")
        return
    for path, before, after in _walk(old.begin, new.begin):
        yield Difference(where, f"{_words(path)} {_verb(before, after)}", before, after)
    yield from _diff_components(where, old.components, new.components)
    for path, before, after in _walk(old.data, new.data):
        yield Difference(f"{where}, data {join(path)}", _verb(before, after), before, after)


def _diff_components(
    where: str, old: Mapping[str, Json], new: Mapping[str, Json]
) -> Iterator[Difference]:
    for ident in [*old, *(ident for ident in new if ident not in old)]:
        before, after = old.get(ident), new.get(ident)
        if before is None or after is None:
            known = new if before is None else old
            what = "added" if before is None else "removed"
            yield Difference(f"{where}, {_component(ident, known)}", what)
        elif _type(before) != _type(after):
            place = f"{where}, component {ident}"
            yield Difference(place, "type changed", _type(before), _type(after))
        else:
            place = f"{where}, {_component(ident, old)}"
            for path, a, b in _walk(_plain(before), _plain(after)):
                yield Difference(place, f"{_words(path)} {_verb(a, b)}", a, b)


def _type(item: Json) -> str:
    component = item.get("component")
    return next(iter(component), "") if isinstance(component, Mapping) else ""


def _props(item: Json) -> Json:
    component = item.get("component")
    return component.get(_type(item), {}) if isinstance(component, Mapping) else {}


def _plain(item: Json) -> Json:
    """A component's properties, bound values as what they hold, and what stands beside them."""
    rest = {key: value for key, value in item.items() if key not in ("id", "component")}
    props = _unwrapped(_props(item))
    return {**rest, **props} if isinstance(props, Mapping) else {**rest, "properties": props}


def _unwrapped(value: Json) -> Json:
    if isinstance(value, Mapping):
        if len(value) == 1 and (name := next(iter(value))) in _LITERALS:
            return {"bound to": value[name]} if name == "path" else value[name]
        if len(value) == 1 and "explicitList" in value:
            return value["explicitList"]
        return {key: _unwrapped(item) for key, item in value.items()}
    return [_unwrapped(item) for item in value] if isinstance(value, (list, tuple)) else value


def _component(ident: str, known: Mapping[str, Json]) -> str:
    """A component as a person would call it: type, its words, id."""
    item = known[ident]
    words = _own_words(item)
    child = known.get(str(_props(item).get("child"))) if not words and _is_object(item) else None
    words = words or (_own_words(child) if child is not None else "")
    called = f" {short(words)}" if words else ""
    return f"{_type(item) or 'component'}{called} ({ident})"


def _is_object(item: Json) -> bool:
    return isinstance(_props(item), Mapping)


def _own_words(item: Json) -> str:
    props = _props(item)
    for name in ("label", "text") if isinstance(props, Mapping) else ():
        value = props.get(name)
        words = value.get("literalString") if isinstance(value, Mapping) else None
        if isinstance(words, str) and words:
            return words
    return ""


# --- states ---------------------------------------------------------------------------------------


def diff_states(before: Json, after: Json) -> list[Difference]:
    """What differs between two states, by pointer; surfaces and nodes are matched by name."""
    names = [_surface_names(before), _surface_names(after)]
    found = []
    for path, a, b in _walk(before, after, indexes=True):
        known = names[0] if b is MISSING else names[1]
        on = ""
        if len(path) > 1 and path[0] == "surfaces" and path[1].isdecimal():
            index = int(path[1])
            on = f"surface {known[index]} " if index < len(known) else ""
        found.append(Difference(join(path), f"{on}{_verb(a, b)}", a, b))
    return found


def _surface_names(state: Json) -> list[str]:
    surfaces = _list(state.get("surfaces")) if isinstance(state, Mapping) else ()
    return [str(item.get("name")) if isinstance(item, Mapping) else "" for item in surfaces]


# --- logs -----------------------------------------------------------------------------------------


def diff_logs(before: Sequence[Json], after: Sequence[Json]) -> list[Difference]:
    """What differs between two conversation logs: records first, then what each sent.

    Raises:
        ValueError: a record is no object, or its batch is none (see `diff_batches`).
    """
    old, new = _groups(before), _groups(after)
    found: list[Difference] = []
    matcher = SequenceMatcher(None, [g.key for g in old], [g.key for g in new], autojunk=False)
    for _, a0, a1, b0, b1 in matcher.get_opcodes():
        both = min(a1 - a0, b1 - b0)
        for one, other in zip(old[a0 : a0 + both], new[b0 : b0 + both], strict=True):
            found.extend(_diff_groups(one, other))
        found.extend(Difference(g.where, "record removed") for g in old[a0 + both : a1])
        found.extend(Difference(g.where, "record added") for g in new[b0 + both : b1])
    return found


@dataclass(slots=True)
class _Group:
    """A record that is no batch, and the batches that follow it."""

    where: str
    record: Json
    key: str
    batches: list[Json] = field(default_factory=list)


def _groups(records: Sequence[Json]) -> list[_Group]:
    groups: list[_Group] = []
    for line, record in enumerate(records, 1):
        if not isinstance(record, Mapping) or depth_exceeds(record, _MAX_DEPTH):
            raise ValueError(
                f"line {line} is no record: a JSON object, nested at most {_MAX_DEPTH}"
            )
        if record.get("kind") == "batch" and groups:
            groups[-1].batches.append(record)
        else:
            where = f"line {line} ({record.get('kind')})"
            groups.append(_Group(where, record, _key(record, where)))
    return groups


def _key(record: Json, where: str) -> str:
    try:
        return canonical_json(record)
    except TypeError as exc:
        raise ValueError(f"{where} holds what JSON does not have: {exc}") from exc


def _diff_groups(old: _Group, new: _Group) -> Iterator[Difference]:
    for path, before, after in _walk(old.record, new.record):
        yield Difference(new.where, f"{_words(path)} {_verb(before, after)}", before, after)
    for change in diff_batches(old.batches, new.batches):
        yield Difference(f"{new.where}, {change.where}", change.what, change.before, change.after)


_BY_KIND: Final[Mapping[Kind, Callable[[Json, Json], list[Difference]]]] = {
    "stream": diff_streams,
    "state": diff_states,
    "log": diff_logs,
}


# --- any two values -------------------------------------------------------------------------------

_Change: TypeAlias = tuple[tuple[str, ...], Json, Json]


def _walk(
    before: Json, after: Json, path: tuple[str, ...] = (), *, indexes: bool = False
) -> Iterator[_Change]:
    """Every place where two values differ, with what stands there.

    Args:
        before: One value.
        after: The other.
        path: Where both stand.
        indexes: Whether list items are named by position, as pointers do, or by identity.
    """
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in [*before, *(key for key in after if key not in before)]:
            old, new = before.get(key, MISSING), after.get(key, MISSING)
            yield from _walk(old, new, (*path, str(key)), indexes=indexes)
    elif isinstance(before, (list, tuple)) and isinstance(after, (list, tuple)):
        yield from _walk_lists(before, after, path, indexes=indexes)
    elif not _equal(before, after):
        yield path, before, after


def _equal(before: Json, after: Json) -> bool:
    if before is MISSING or after is MISSING:
        return before is after
    return isinstance(before, bool) == isinstance(after, bool) and bool(before == after)


def _walk_lists(
    before: Sequence[Json], after: Sequence[Json], path: tuple[str, ...], *, indexes: bool
) -> Iterator[_Change]:
    old, new = _identified(before), _identified(after)
    if old is None or new is None:
        if not any(isinstance(item, (Mapping, list, tuple)) for item in (*before, *after)):
            if not same(list(before), list(after)):
                yield path, list(before), list(after)
            return
        old, new = dict(enumerate(before)), dict(enumerate(after))
    places_old, places_new = list(old), list(new)
    for key in [*old, *(key for key in new if key not in old)]:
        places = places_new if key in new else places_old
        step = str(places.index(key)) if indexes or isinstance(key, int) else str(key)
        inner = _walk(old.get(key, MISSING), new.get(key, MISSING), (*path, step), indexes=indexes)
        yield from inner
    kept = [key for key in old if key in new]
    if kept != [key for key in new if key in old]:
        yield (*path, "order"), places_old, places_new


def _identified(items: Sequence[Json]) -> dict[Any, Json] | None:
    """List items by the name each has of its own; None unless all have one and all differ."""
    found: dict[Any, Json] = {}
    for item in items:
        names = (item.get(name) for name in _IDENTITIES) if isinstance(item, Mapping) else ()
        name = next((name for name in names if isinstance(name, str)), None)
        if name is None:
            return None
        found[name] = item
    return found if len(found) == len(items) else None


_SINGULAR: Final = {"options": "option", "context": "context key", "tabItems": "tab"}


def _words(path: Sequence[str]) -> str:
    """A path inside a component as words: `option 'a' label`."""
    words: list[str] = []
    for before, part in zip(("", *path), path, strict=False):
        words.append(f"{short(part)}" if before in _SINGULAR else _SINGULAR.get(part, part))
    return " ".join(words) or "the value"


def _verb(before: Json, after: Json) -> str:
    if before is MISSING:
        return "added"
    return "removed" if after is MISSING else "changed"
