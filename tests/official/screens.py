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
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from uicompiler.ir.actions import Actions, Button
from uicompiler.ir.base import Node
from uicompiler.ir.content import Notice, Text
from uicompiler.ir.fields import Field
from uicompiler.ir.layout import Card, Divider, Section, Stack
from uicompiler.ir.state import Surface

from .bridge import Session, Shown

Line = tuple[str, str]
"""A role of `bridge.Shown`, and the words."""

_NUMBER = re.compile(r"-?(\d+(\.\d+)?|\.\d+)([eE][+-]?\d+)?")
# A tone is shown as an icon; the official client shows its name where the icon font is missing.
_TONES = {"info": "info", "success": "check", "warning": "warning", "error": "error"}
_TEXT_ROLES = frozenset({"text", "caption", "h1", "h2", "h3", "h4", "h5"})


def expected(
    surface: Surface, *, typed: Mapping[str, Any] | None = None, plain_text: bool = False
) -> list[Line]:
    """Role and words of everything a person sees, from top to bottom.

    Args:
        surface: The surface as the state has it.
        typed: By field, what was typed and is not in the state yet; only the input shows it.
        plain_text: For a client without markdown, whose texts have no roles but `text`.
    """
    if surface.view is None:
        return []
    seen = _Seen(surface.data, {**surface.data["draft"], **(typed or {})})
    lines = [_seen(role, words) for role, words in _node(surface.view.root, seen)]
    if plain_text:
        return [("text" if role in _TEXT_ROLES else role, words) for role, words in lines]
    return lines


def shown(entries: Iterable[Shown]) -> list[Line]:
    """What the official client shows, in the same form."""
    return [_seen(entry.role, entry.text) for entry in entries]


def shown_unrendered(session: Session, surface_id: str) -> list[Line]:
    """What a client without a markdown renderer shows: each Text's source as it came."""
    state = session.state(surface_id)
    texts = dict(_sources(session, surface_id, None if state is None else state.tree))
    return [
        _seen(entry.role, texts.get(entry.id, entry.text)) for entry in session.visible(surface_id)
    ]


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
    """A surface's document, and what its inputs hold."""

    document: Mapping[str, Any]
    inputs: Mapping[str, Any]


def _node(node: Node, seen: _Seen) -> Iterator[Line]:
    if isinstance(node, Section):
        yield from _text(node.title, f"h{node.level}")
    if isinstance(node, (Stack, Card, Section, Actions)):
        for child in node.children:
            yield from _node(child, seen)
    elif isinstance(node, Text):
        yield from _content(node, seen)
    elif isinstance(node, Notice):
        yield "icon", _TONES[node.tone]
        yield from _text(node.title or "", "h5")
        yield from _text(node.text)
    elif isinstance(node, Divider):
        yield "divider", ""
    elif isinstance(node, Button):
        yield "button", node.label.replace("\n", " ")
    elif isinstance(node, Field):
        yield from _field(node, seen)
    else:
        raise TypeError(f"no screen is known for a {type(node).__name__}")


def _text(text: str, role: str = "text") -> Iterator[Line]:
    """A text line by line; only its first line can be a heading."""
    if not text.strip("\n"):
        return
    for index, line in enumerate(text.split("\n")):
        yield (role if index == 0 else "text"), line or " "


def _content(node: Text, seen: _Seen) -> Iterator[Line]:
    role = "text" if node.style == "body" else node.style
    if node.bind is None:
        yield from _text(node.text or "", role)
        return
    value = _at(seen.document, node.bind)
    if isinstance(value, bool):
        yield from _text(str(value).lower(), role)
    elif isinstance(value, (str, int, float)):
        yield from _text(_words(value), role)


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
    if value == 0 or 1e-6 <= abs(value) < 1e21:
        digits = format(Decimal(repr(value)), "f")
        return digits.rstrip("0").rstrip(".") if "." in digits else digits
    return re.sub(r"e([+-])0*", r"e\1", repr(value)).replace(".0e", "e")


# ---------------------------------------------------------------- the fields


def _field(node: Field, seen: _Seen) -> Iterator[Line]:
    label = f"{node.label} *" if node.required else node.label
    yield from _INPUTS[node.kind](node, label, seen.inputs[node.id])
    yield from _text(node.help or "", "caption")
    error = _at(seen.document, "/ui_state/_errors") or {}
    yield from _text(error.get(node.id, ""), "caption")


def _one_line(_node: Field, label: str, draft: Any) -> Iterator[Line]:
    yield "label", label
    yield "value", _words(draft).replace("\n", "")


def _number(_node: Field, label: str, draft: Any) -> Iterator[Line]:
    text = _words(draft)
    yield "label", label
    yield "value", text if _NUMBER.fullmatch(text) else ""


def _tick(_node: Field, label: str, draft: Any) -> Iterator[Line]:
    yield "label", label
    yield "value", "true" if draft is True else "false"


def _choice(node: Field, label: str, draft: Any) -> Iterator[Line]:
    chosen = draft if isinstance(draft, tuple) else (draft,) if draft != "" else ()
    yield from _text(label)
    yield "header", f"{len(chosen)} Selected" if chosen else "Select items"
    for option in node.options:
        yield "option", option.label
    for option in node.options:
        if option.value in chosen:
            yield "selected", option.label


def _day(_node: Field, label: str, draft: Any) -> Iterator[Line]:
    yield from _text(label)
    yield "label", "Date"
    yield "value", draft if re.fullmatch(r"\d{4}-\d\d-\d\d", draft) else ""


_INPUTS: Mapping[str, Callable[[Field, str, Any], Iterator[Line]]] = {
    "short_text": _one_line,
    "long_text": _one_line,
    "number": _number,
    "boolean": _tick,
    "choice": _choice,
    "date": _day,
}
