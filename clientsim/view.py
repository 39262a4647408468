"""What a person sees: everything that can be read, and the screen as text for a terminal.

By default Modal contents and all tabs are shown, since a person can open them; with
`reachable=False` only what is in front. What a component says stands in `words`.
"""

import math

from clientsim.front import is_open, selected_tab
from clientsim.nodes import Node
from clientsim.parts import tabs
from clientsim.walk import Steps, walk
from clientsim.words import Reader, Words

Seen = tuple[str, str, str]
_FIELD_WIDTH = 12


def visible(reader: Reader) -> list[Seen]:
    """Component id, role and words, from top to bottom.

    Roles are text, button, label, value, option, tab, image, icon, video and audio. A button's
    words are those of its child, which is not listed again.
    """
    tree = reader.surface.tree
    if tree is None:
        return []
    return [
        (node.id, role, words)
        for node in reader.nodes(tree, into_buttons=False)
        for role, words in reader.words(node)
    ]


def screen(reader: Reader) -> str:
    """The screen as indented text, one trailing newline; empty when there is nothing to see."""
    tree = reader.surface.tree
    if tree is None:
        return ""
    lines = walk(_Screen(reader).lines(tree))
    return "".join(f"{line.rstrip()}\n" for line in lines)


class _Screen:
    """Draws nodes as lines; containers indent or join what their children drew."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader

    def lines(self, node: Node) -> Steps[list[str]]:
        if node.type == "Button":
            return [f"< {self.reader.button(node)[0][1]} >"]
        blocks: list[list[str]] = []
        for child in self.reader.parts(node):
            drawn = yield 1, self.lines(child)
            blocks.append(drawn)
        match node.type:
            case "Row":
                return _side_by_side(blocks)
            case "List":
                items = [_hang("- ", block) for block in blocks]
                flat = node.prop("direction") == "horizontal"
                return _side_by_side(items) if flat else _stack(items)
            case "Card":
                return _box("| ", _stack(blocks))
            case "Modal":
                return self.modal(node, blocks)
            case "Tabs":
                return self.tabs(node, blocks)
            case _:
                return self.leaf(node) + _stack(blocks)

    def modal(self, node: Node, blocks: list[list[str]]) -> list[str]:
        """The entry, and below it what it opens; in front, one of the two."""
        if self.reader.reachable:
            has_entry = isinstance(node.prop("entryPointChild"), Node)
            entry, content = (blocks[:1], blocks[1:]) if has_entry else ([], blocks)
            return [*_hang("> ", _stack(entry)), *_box("    ", _stack(content))]
        inner = _stack(blocks)
        return _box("|| ", inner) if is_open(self.reader.surface, node) else _hang("> ", inner)

    def tabs(self, node: Node, blocks: list[list[str]]) -> list[str]:
        """Each title above its content; in front, all titles above the content of one."""
        titles = [words for _, words in self.reader.words(node)]
        if not self.reader.reachable:
            at = selected_tab(self.reader.surface, node)
            marked = (f"[ {title} ]" if i == at else title for i, title in enumerate(titles))
            return [*(["   ".join(marked)] if titles else []), *_box("  ", _stack(blocks))]
        drawn = iter(blocks)
        lines: list[str] = []
        for title, (_, child) in zip(titles, tabs(node), strict=False):
            lines.append(f"[ {title} ]")
            lines.extend(_box("  ", next(drawn) if child is not None else []))
        return lines

    def leaf(self, node: Node) -> list[str]:
        words = self.reader.words(node)
        match node.type:
            case "Text":
                return _text(words[0][1], node.prop("usageHint")) if words else []
            case "Divider":
                return ["-" * 40]
            case "CheckBox":
                return [_check_box(words)] if words else []
            case "MultipleChoice":
                single = node.prop("maxAllowedSelections") == 1
                marks = ("(•)", "( )") if single else ("[x]", "[ ]")
                pairs = self.reader.options(node) if words else []
                return [f"{marks[0] if chosen else marks[1]} {label}" for label, chosen in pairs]
            case "Slider":
                return [_slider(words, node)] if words else []
            case "TextField" | "DateTimeInput":
                return [_field([said for _, said in words])] if words else []
            case own if own in self.reader.own_inputs:
                return [_field([said for _, said in words])] if words else []
            case _:
                return [f"[{role}: {said}]" if said else f"[{role}]" for role, said in words]


def _text(words: str, hint: object) -> list[str]:
    first, *rest = words.split("\n")
    if isinstance(hint, str) and hint[:1] == "h":
        return [f"{'#' * int(hint[1:])} {first}", *rest]
    return [first, *rest]


def _check_box(words: Words) -> str:
    label = words[0][1]
    if len(words) == 1:
        return label
    return f"[{'x' if words[1][1] == 'checked' else ' '}] {label}"


def _field(words: list[str]) -> str:
    *label, value = words
    before = f"{label[0]}: " if label and label[0] else ""
    return f"[ {before}{value.ljust(_FIELD_WIDTH, '_')} ]"


def _slider(words: Words, node: Node) -> str:
    """A track from minimum to maximum with a knob at the value, if the value is a number."""
    *label, (_, value) = words
    before = f"{label[0][1]}: " if label else ""
    low, high = node.prop("minValue", 0), node.prop("maxValue", 0)
    try:
        share = (float(value) - float(str(low))) / (float(str(high)) - float(str(low)))
    except (ValueError, ZeroDivisionError):
        return f"[ {before}{value} ]"
    knob = round(min(max(share, 0.0), 1.0) * 10) if math.isfinite(share) else 0
    return f"[ {before}{'-' * knob}o{'-' * (10 - knob)} {value} ]"


def _stack(blocks: list[list[str]]) -> list[str]:
    return [line for block in blocks for line in block]


def _side_by_side(blocks: list[list[str]]) -> list[str]:
    drawn = [block for block in blocks if block]
    if all(len(block) == 1 for block in drawn):
        return ["   ".join(block[0] for block in drawn)] if drawn else []
    return _stack(drawn)


def _box(edge: str, lines: list[str]) -> list[str]:
    return [edge + line for line in lines]


def _hang(mark: str, lines: list[str]) -> list[str]:
    return [(mark if i == 0 else " " * len(mark)) + line for i, line in enumerate(lines)]
