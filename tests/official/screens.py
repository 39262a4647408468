"""What a person should see of a surface, told from the IR alone, in reading order.

`expected` walks a surface's view and document and knows no component, id, path or message; it is
compared with what the official client shows. It shares no code with lowering, so that one
misunderstanding cannot hide in both.

What it knows of the official client is only how that client draws an input: a text input has one
line, a number input shows nothing but numbers, a date input names itself "Date", a choice shows
how many are chosen before its options.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from uicompiler.ir.actions import Actions, Button
from uicompiler.ir.base import Node
from uicompiler.ir.content import Notice, Text
from uicompiler.ir.fields import Field
from uicompiler.ir.figures import KeyValues, Progress, Stages
from uicompiler.ir.layout import Card, Disclosure, Divider, Section, Stack, Tab, Tabs
from uicompiler.ir.lists import List, Table
from uicompiler.ir.media import Audio, Icon, Image, Video
from uicompiler.ir.rows import Rows
from uicompiler.ir.state import Surface

from .bridge import Session, Shown

Line = tuple[str, str]
"""A role of `bridge.Shown`, and the words."""


class Press(NamedTuple):
    """What pressing a button means, told from the IR alone.

    Attributes:
        action: The action's name.
        args: The fixed values that go with it.
        fields: Whether every input of the surface goes with it.
        item: Name of the item of a list in which the button is, or None.
    """

    action: str
    args: Mapping[str, Any]
    fields: bool
    item: str | None = None


_Line = tuple[str, str] | tuple[str, str, Press]
"""A line, and of a button what it means."""

_NUMBER = re.compile(r"-?(\d+(\.\d+)?|\.\d+)([eE][+-]?\d+)?")
# A tone is shown as an icon; the official client shows its name where the icon font is missing.
_TONES = {"info": "info", "success": "check", "warning": "warning", "error": "error"}
_TEXT_ROLES = frozenset({"text", "caption", "h1", "h2", "h3", "h4", "h5"})


def expected(
    surface: Surface,
    *,
    typed: Mapping[str, Any] | None = None,
    plain_text: bool = False,
    masked: Collection[str] = (),
    files: bool = False,
) -> list[Line]:
    """Role and words of everything a person sees, from top to bottom.

    Args:
        surface: The surface as the state has it.
        typed: By field, what was typed and is not in the state yet; only the input shows it.
        plain_text: For a client without markdown, whose texts have no roles but `text`.
        masked: Actions whose buttons do not show, or as a caption.
        files: Whether the client takes files, and so asks nobody to paste one.
    """
    if surface.view is None:
        return []
    seen = _seen_from(surface, typed or {}, masked)._replace(files=files)
    lines = [_seen(role, words) for role, words, *_ in _node(surface.view.root, seen)]
    if plain_text:
        return [("text" if role in _TEXT_ROLES else role, words) for role, words in lines]
    return lines


def presses(surface: Surface, *, masked: Collection[str] = ()) -> list[Press]:
    """What every button means, from top to bottom."""
    if surface.view is None:
        return []
    lines = _node(surface.view.root, _seen_from(surface, {}, masked))
    return [press for _, _, *meant in lines for press in meant]


def _seen_from(surface: Surface, typed: Mapping[str, Any], masked: Collection[str]) -> _Seen:
    inputs = {**surface.data["draft"], **typed}
    return _Seen(surface.data, inputs, typed=typed.keys(), masked=masked)


def shown(entries: Iterable[Shown]) -> list[Line]:
    """What the official client shows, in the same form."""
    return [_seen(entry.role, entry.text) for entry in entries if _is_there(entry.role, entry.text)]


def _is_there(role: str, words: str) -> bool:
    """Whether a person sees it: a text of nothing, as an item of a list may have it, is not."""
    return bool(words) or role not in _TEXT_ROLES


def shown_unrendered(session: Session, surface_id: str) -> list[Line]:
    """What a client without a markdown renderer shows: each Text's source as it came."""
    state = session.state(surface_id)
    texts = dict(_sources(session, surface_id, None if state is None else state.tree))
    found = [(item.role, texts.get(item.id, item.text)) for item in session.visible(surface_id)]
    return [_seen(role, words) for role, words in found if _is_there(role, words)]


def _sources(session: Session, surface_id: str, tree: Any) -> Iterator[tuple[str, str]]:
    """Source of every Text by id; a Button's own id has its text's too."""
    if isinstance(tree, list):
        for item in tree:
            yield from _sources(session, surface_id, item)
    elif isinstance(tree, dict):
        inner = list(_sources(session, surface_id, list(tree.values())))
        if tree.get("type") == "Text":
            text = tree["props"]["text"]
            source = text.get("literalString")
            if source is None:
                source = session.get_data(surface_id, tree["id"], text["path"])
            yield tree["id"], source
        elif tree.get("type") == "Button":
            yield tree["id"], "\n".join(source for _, source in inner)
        yield from inner


def _seen(role: str, words: str) -> Line:
    """Words with what nobody can tell apart made equal: kinds of space, and U+2060 in front."""
    return role, words.replace("\u00a0", " ").replace("\t", " ").lstrip("\u2060")


# ---------------------------------------------------------------- the nodes


class _Seen(NamedTuple):
    """What a node is shown from.

    Attributes:
        document: The surface's document.
        inputs: What its inputs hold, by id.
        item: The item of a list.
        named: Whether that item has a name.
        name: That name.
        typed: Fields that were typed in since the library last sent them.
        masked: Actions whose buttons do not show, or as a caption.
        files: Whether the client takes files.
    """

    document: Mapping[str, Any]
    inputs: Mapping[str, Any]
    item: Any = None
    named: bool = True
    name: str | None = None
    typed: Collection[str] = ()
    masked: Collection[str] = ()
    files: bool = False


def _node(node: Node, seen: _Seen) -> Iterator[_Line]:
    show = _NODES.get(type(node))
    if show is None:
        raise TypeError(f"no screen is known for a {type(node).__name__}; tell it in screen.txt")
    yield from show(node, seen)


def _children(node: Any, seen: _Seen) -> Iterator[_Line]:
    for child in node.children:
        yield from _node(child, seen)


def _section(node: Section, seen: _Seen) -> Iterator[_Line]:
    yield from _text(node.title, f"h{node.level}")
    yield from _children(node, seen)


def _divider(_node: Divider, _seen: _Seen) -> Iterator[_Line]:
    yield "divider", ""


def _notice(node: Notice, _seen: _Seen) -> Iterator[_Line]:
    yield "icon", _TONES[node.tone]
    yield from _text(node.title or "", "h5")
    yield from _text(node.text)


def _button(node: Button, seen: _Seen) -> Iterator[_Line]:
    if node.action in seen.masked:
        yield from _text(node.label, "caption") if node.masked == "caption" else ()
    elif seen.named:
        press = Press(node.action, node.args, node.submit, seen.name)
        yield "button", node.label.replace("\n", " "), press


def _text(text: str, role: str = "text") -> Iterator[_Line]:
    """A text line by line; only its first line can be a heading."""
    if not text.strip("\n"):
        return
    for index, line in enumerate(text.split("\n")):
        yield (role if index == 0 else "text"), line or " "


def _content(node: Text, seen: _Seen) -> Iterator[_Line]:
    role = "text" if node.style == "body" else node.style
    if node.bind is None:
        yield from _text(node.text or "", role)
        return
    yield from _text(_plain(_bound(node.bind, seen)), role)


def _plain(value: Any) -> str:
    """A value of the document as a person reads it; nothing for what is no text or number."""
    if isinstance(value, bool):
        return str(value).lower()
    return _words(value) if isinstance(value, (str, int, float)) else ""


def _bound(bind: str, seen: _Seen) -> Any:
    if bind.startswith("/"):
        return _at(seen.document, bind)
    return seen.item if bind == "." else _at(seen.item, f"/{bind}")


def _at(document: Any, pointer: str) -> Any:
    for segment in pointer.split("/")[1:]:
        key = segment.replace("~1", "/").replace("~0", "~")
        if isinstance(document, Mapping):
            document = document.get(key)
        elif isinstance(document, tuple) and key.isdecimal() and int(key) < len(document):
            document = document[int(key)]
        else:
            return None
    return document


def _words(value: Any) -> str:
    """A draft or committed value as text; numbers as ECMA-262 section 6.1.6.1.20 writes them."""
    if not isinstance(value, float):
        return str(value)
    if value == 0:
        return "0"  # minus zero too
    if 1e-6 <= abs(value) < 1e21:
        digits = format(Decimal(repr(value)), "f")
        return digits.rstrip("0").rstrip(".") if "." in digits else digits
    return re.sub(r"e([+-])0*", r"e\1", repr(value)).replace(".0e", "e")


# ---------------------------------------------------------------- what is no text


def _image(node: Image, seen: _Seen) -> Iterator[_Line]:
    url = node.url if node.bind is None else _bound(node.bind, seen)
    if isinstance(url, str) and url:
        yield "image", url
    yield from _text(node.caption or node.alt or "", "caption")


def _icon(node: Icon, _seen: _Seen) -> Iterator[_Line]:
    yield "icon", node.name
    yield from _text(node.label or "")


def _player(node: Video | Audio, _seen: _Seen) -> Iterator[_Line]:
    yield from _text(node.title or "", "caption")
    yield node.node, node.url


def _progress(node: Progress, seen: _Seen) -> Iterator[_Line]:
    yield from _text(node.label or "")
    yield "text", _bar(node.value if node.bind is None else _bound(node.bind, seen), node.max)


_STAGES = {"todo": "more_horiz", "now": "arrow_forward", "done": "check", "failed": "error"}


def _stages(node: Stages, _seen: _Seen) -> Iterator[_Line]:
    """An icon for how far a stage is, and its name; what is still to come is small."""
    for item in node.items:
        yield "icon", _STAGES[item.state]
        yield from _text(item.label, "caption" if item.state == "todo" else "text")


def _bar(value: Any, most: float) -> str:
    """Ten cells and a percentage: 100 only when all is done."""
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        value = Decimal(value)
    if not isinstance(value, (int, float, Decimal)) or isinstance(value, bool):
        return "\u25a1" * 10 + " \u2026"
    part = min(max(Decimal(str(value)) / Decimal(str(most)), Decimal(0)), Decimal(1))
    percent = int(part * 100 + Decimal("0.5"))
    percent = min(percent, 99) if part < 1 else percent
    cells = percent // 10
    return "\u25a0" * cells + "\u25a1" * (10 - cells) + f" {percent} %"


# ---------------------------------------------------------------- lists


def _list(node: List, seen: _Seen) -> Iterator[_Line]:
    if node.item is None:
        fixed = [line for child in node.children for line in _node(child, seen)]
        yield from fixed or _text(node.empty or "")
        return
    items = _items(node, _at(seen.document, node.bind or ""))
    if not items:
        yield from _text(node.empty or "")
    for name, value in items[: node.max_items]:
        yield from _node(node.item, seen._replace(item=value, named=bool(name), name=name))
    yield from _and_more(node, items)


def _table(node: Table, seen: _Seen) -> Iterator[_Line]:
    for column in node.columns:
        yield ("h5" if column.label.strip() else "text"), column.label.replace("\n", " ") or " "
    if node.buttons:
        yield "text", " "
    rows = _items(node, node.rows if node.bind is None else _at(seen.document, node.bind))
    if not rows:
        yield from _text(node.empty or "")
    for name, row in rows[: node.max_items]:
        for index, column in enumerate(node.columns):
            value = _at(row, f"/{column.id if isinstance(row, Mapping) else index}")
            tick = {True: "\u2713", False: "\u2013"}[value] if isinstance(value, bool) else None
            yield "text", tick or _plain(value).replace("\n", " ") or " "
        for button in node.buttons:
            yield from _node(button, seen._replace(named=bool(name), name=name))
    yield from _and_more(node, rows)


def _and_more(node: List | Table, items: list[Any]) -> Iterator[_Line]:
    if len(items) > node.max_items:
        text = node.more or "\u2026 and {count} more"
        yield from _text(text.replace("{count}", str(len(items) - node.max_items)))


def _items(node: List | Table, source: Any) -> list[tuple[str, Any]]:
    """The items, each with its name, or "" where it has none of its own."""
    if isinstance(source, Mapping):
        whole = sorted((key for key in source if re.fullmatch("[0-9]{1,15}", key)), key=int)
        keys = [*whole, *sorted(key for key in source if key not in whole)]
        return [(key, source[key]) for key in keys]
    values = list(source) if isinstance(source, tuple) else []
    if node.item_key is None:
        return [(str(index), value) for index, value in enumerate(values)]
    given = [_at(value, f"/{node.item_key}") for value in values]
    found = ["" if isinstance(name, bool) else _plain(name) for name in given]
    return [
        (name if found.count(name) == 1 else "", value)
        for name, value in zip(found, values, strict=True)
    ]


def _key_values(node: KeyValues, seen: _Seen) -> Iterator[_Line]:
    for item in node.items:
        yield from _text(item.label, "caption")
        value = item.text if item.bind is None else _bound(item.bind, seen)
        yield from list(_text(_plain(value))) or [("text", "\u2014")]


# ---------------------------------------------------------------- what may be out of sight


def _tabs(node: Tabs, seen: _Seen) -> Iterator[_Line]:
    for tab in node.children:
        yield "tab", _tab_title(tab, seen)
    yield from _children(node, seen)


def _disclosure(node: Disclosure, seen: _Seen) -> Iterator[_Line]:
    if _is_open(node, seen):
        yield from _text(node.title, "h5")
    else:
        yield from _text(f"{node.title} \u2026")
    yield from _children(node, seen)


def _tab_title(tab: Node, seen: _Seen) -> str:
    assert isinstance(tab, Tab)
    wrong = any(_error(name, seen) for name, _ in _asked(tab, seen))
    return ("\u26a0 " if wrong else "") + tab.title.replace("\n", " ")


def _is_open(node: Disclosure, seen: _Seen) -> bool:
    """Whether it cannot be closed: what must be filled in or mended is always in sight."""
    pressed = node.title.strip("\n")
    needed = any(must or _error(name, seen) for name, must in _asked(node, seen))
    return node.open or needed or not pressed


def _asked(node: Any, seen: _Seen) -> Iterator[tuple[str, bool]]:
    """What is inside to be filled in, fields, rows and cells: its id, and whether it must be."""
    if isinstance(node, Field):
        yield node.id, node.required
    if isinstance(node, Rows):
        yield node.id, node.min_rows > 0
        for row in _live(node, seen):
            for column in node.columns:
                yield f"{node.id}/{row}/{column.id}", column.required
    for child in getattr(node, "children", ()):
        yield from _asked(child, seen)


def _error(name: str, seen: _Seen) -> str:
    errors = _at(seen.document, "/ui_state/_errors") or {}
    found: str = errors.get(name, "")
    return found


# ---------------------------------------------------------------- the fields


def _field(node: Field, seen: _Seen) -> Iterator[_Line]:
    label = f"{node.label} *" if node.required else node.label
    show = _file if node.kind == "upload" and seen.files else _INPUTS[node.kind]
    yield from show(node, label, _held(node, seen))
    yield from _text(node.help or "", "caption")
    yield from _mistake(node.id, seen)


def _mistake(name: str, seen: _Seen) -> Iterator[_Line]:
    """The error beside an input, behind a warning sign."""
    error = _error(name, seen)
    if error.strip("\n"):
        yield from _text(f"\u26a0 {error}", "caption")


def _held(node: Field, seen: _Seen) -> Any:
    """What the client has: what was typed as it was, and what was sent as it may be sent."""
    draft = seen.inputs[node.id]
    if node.id in seen.typed:
        return draft
    if node.kind in ("secret", "time"):
        return f"2000-01-01T{draft}" if node.kind == "time" and draft else ""
    return sent(draft) if isinstance(draft, str) else draft


_FLAG = re.compile("\U0001f3f4[\U000e0020-\U000e007e]+\U000e007f")
_UNSENT = re.compile(
    f"({_FLAG.pattern})"
    "|[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\ufeff]"  # controls but TAB and LF, invisible spaces
    "|[\u202a-\u202e\u2066-\u2069]"  # what turns the direction of all text after it
    "|[\U000e0000-\U000e007f]"  # tags, which belong into flags only
)


def sent(text: str) -> str:
    """A text as it goes out: invisible controls and bidi overrides never do."""
    return _UNSENT.sub(lambda match: match[1] or "", text)


def _one_line(_node: Field, label: str, draft: Any) -> Iterator[_Line]:
    yield "label", label
    yield "value", _words(draft).replace("\n", "")


def _number(_node: Field, label: str, draft: Any) -> Iterator[_Line]:
    text = _words(draft)
    yield "label", label
    yield "value", text if _NUMBER.fullmatch(text) else ""


def _tick(_node: Field, label: str, draft: Any) -> Iterator[_Line]:
    yield "label", label
    yield "value", "true" if draft is True else "false"


def _choice(node: Field, label: str, draft: Any) -> Iterator[_Line]:
    chosen = draft if isinstance(draft, tuple) else (draft,) if draft != "" else ()
    yield from _text(label)
    yield "header", f"{len(chosen)} Selected" if chosen else "Select items"
    for option in node.options:
        yield "option", option.label
    for option in node.options:
        if option.value in chosen:
            yield "selected", option.label


def _day(_node: Field, label: str, draft: Any) -> Iterator[_Line]:
    yield from _text(label)
    yield "label", "Date"
    yield "value", draft if re.fullmatch(r"\d{4}-\d\d-\d\d", draft) else ""


def _clock(_node: Field, label: str, held: Any) -> Iterator[_Line]:
    """A time is shown with its day only, as the library sends it, not as the client stores it."""
    yield from _text(label)
    yield "label", "Time"
    yield "value", held[11:] if re.fullmatch(r"2000-01-01T\d\d:\d\d", held) else ""


def _moment(_node: Field, label: str, draft: Any) -> Iterator[_Line]:
    yield from _text(label)
    yield "label", "Date & Time"
    yield "value", draft if re.fullmatch(r"\d{4}-\d\d-\d\dT([01]\d|2[0-3]):\d\d", draft) else ""


def _slide(node: Field, label: str, draft: Any) -> Iterator[_Line]:
    """The handle is pulled into 0 to 100 first, and only then into its own range."""
    yield from _text(label)
    yield "value", str(draft)
    low, high, at = int(node.min or 0), int(node.max or 0), int(draft)
    yield "thumb", str(max(low, min(high, max(0, min(100, at)))))


def _file(_node: Field, label: str, draft: Any) -> Iterator[_Line]:
    yield "label", label
    yield "value", draft


def _paste(_node: Field, label: str, draft: Any) -> Iterator[_Line]:
    yield from _one_line(_node, label, draft)
    yield "caption", "Please paste the file's text here."


_INPUTS: Mapping[str, Callable[[Field, str, Any], Iterator[_Line]]] = {
    "short_text": _one_line,
    "long_text": _one_line,
    "number": _number,
    "boolean": _tick,
    "choice": _choice,
    "date": _day,
    "secret": _one_line,
    "slider": _slide,
    "multi_choice": _choice,
    "time": _clock,
    "datetime": _moment,
    "tags": _one_line,
    "email": _one_line,
    "url": _one_line,
    "phone": _one_line,
    "upload": _paste,
}


# ---------------------------------------------------------------- the rows


def _rows(node: Rows, seen: _Seen) -> Iterator[_Line]:
    yield from _text(node.label, "h4")
    yield from _text(node.help or "", "caption")
    yield from _mistake(node.id, seen)
    rows = _live(node, seen)
    for row, cells in rows.items():
        yield from _row(node, row, cells, seen)
        if len(rows) > node.min_rows:
            # Updates leave what was typed alone, so that nothing need be sent to take a row out.
            press = Press("ui.remove_row", {"rows": node.id, "row": row}, fields=False)
            yield "button", node.remove_label or "Remove", press
    if len(rows) < node.max_rows:
        press = Press("ui.add_row", {"rows": node.id}, fields=True)
        yield "button", node.add_label or "Add", press


def _live(node: Rows, seen: _Seen) -> Mapping[str, Any]:
    """The rows that are there."""
    return {row: cells for row, cells in seen.inputs[node.id].items() if cells is not None}


def _row(node: Rows, row: str, cells: Mapping[str, Any], seen: _Seen) -> Iterator[_Line]:
    """A row's cells, each named as the button sends it."""
    for column in node.columns:
        name = f"{node.id}/{row}/{column.id}"
        held = {name: cells[column.id], **seen.inputs}
        yield from _field(column.model_copy(update={"id": name}), seen._replace(inputs=held))
    for button in node.buttons:
        yield "button", button.label, Press(button.action, button.args, button.submit, row)


_NODES: Mapping[type[Node], Callable[[Any, _Seen], Iterator[_Line]]] = {
    Stack: _children,
    Card: _children,
    Section: _section,
    Divider: _divider,
    Tabs: _tabs,
    Tab: _children,
    Disclosure: _disclosure,
    Text: _content,
    Notice: _notice,
    Image: _image,
    Icon: _icon,
    Video: _player,
    Audio: _player,
    Progress: _progress,
    KeyValues: _key_values,
    Stages: _stages,
    List: _list,
    Table: _table,
    Actions: _children,
    Button: _button,
    Field: _field,
    Rows: _rows,
}
