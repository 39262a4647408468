"""What a person finds in our HTML, told from the markup alone.

It reads as people do: a label by what it is `for`, help and errors by `aria-describedby`, a group
by its legend. A text that nothing claims is a `stray` one, so that what is not tied to its field
stands out. `Reader.faults` are contradictions, such as a mark of what is required without the
attribute.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterator, Mapping
from importlib.resources import files as package_files
from typing import Any, Final
from xml.etree.ElementTree import Element

from .browser import FIELD, Frame, is_control, value_of
from .dom import SVG, classes, is_hidden, plain_tag, whole, words
from .things import Thing, lines, thing

STYLES: Final = ("h1", "h2", "h3", "h4", "h5", "body", "caption")
_FAMILIES: Final[Mapping[str, str]] = {
    "text": "text",
    "email": "text",
    "url": "text",
    "tel": "text",
    "password": "secret",
    "checkbox": "flag",
    "date": "date",
    "time": "time",
    "datetime-local": "datetime",
    "range": "slider",
    "file": "file",
}
_HELD: Final = ("text", "long", "number", "secret", "date", "time", "datetime", "file", "slider")
_HEADINGS: Final = frozenset(f"ui-h{level}" for level in range(1, 7))
_TONES: Final = {"info": "info", "success": "check", "warning": "warning", "error": "error"}
_STAGES: Final = {
    "todo": "more_horiz",
    "now": "arrow_forward",
    "done": "check",
    "failed": "error",
}


def things(frame: Frame) -> list[Thing]:
    """Everything on a surface, from top to bottom, and nothing that is wrong with it."""
    reader = Reader(frame)
    found = reader.everything()
    assert reader.faults == [], reader.faults
    return found


@functools.cache
def icons() -> Mapping[str, str]:
    """Names of symbols by path data."""
    source = package_files("uicompiler.backends.html").joinpath("icons.json")
    paths = json.loads(source.read_text("utf-8"))
    found = {path: name for name, path in paths.items()}
    assert len(found) == len(paths), "two symbols look alike"
    return found


class Reader:
    """Reads one surface.

    Attributes:
        faults: Contradictions, in words.
    """

    def __init__(self, frame: Frame) -> None:
        self.faults: list[str] = []
        self._frame = frame
        surface = frame.tree
        self._by_id = {item.get("id", ""): item for item in surface.iter()}
        self._labels = {item.get("for", ""): item for item in surface.iter("label")}
        self._claimed: set[str] = set()
        for item in surface.iter():
            self._claimed.update(item.get("aria-describedby", "").split())

    def everything(self) -> list[Thing]:
        """All that is on the surface; its summary lists the errors that are beside its fields."""
        found = list(self.inside(self._frame.tree))
        beside = [item.get("error") for item in found if item.get("error")]
        listed = [error for item in found for _, _, error in item.get("entries", ())]
        if sorted(beside) != sorted(listed):
            self.fault(f"the summary lists {listed}, beside fields are {beside}")
        return found

    def inside(self, element: Element) -> Iterator[Thing]:
        """What is in an element, texts of its own too."""
        yield from self._stray(element.text)
        for child in element:
            yield from self.of(child)
            yield from self._stray(child.tail)

    def of(self, element: Element) -> Iterator[Thing]:
        """What an element is to a person, and what is in it."""
        if element.get("id") in self._claimed or self._is_aside(element):
            return
        named = classes(element) & _BY_CLASS.keys()
        how = _BY_CLASS[min(named)] if named else _BY_TAG.get(plain_tag(element))
        yield from self.inside(element) if how is None else how(self, element)

    def _is_aside(self, element: Element) -> bool:
        """What is not there for who sees the page, but symbols, which say something."""
        return is_hidden(element) and plain_tag(element) != "svg"

    def _stray(self, text: str | None) -> Iterator[Thing]:
        if text and text.strip():
            yield thing("stray", text)

    def fault(self, what: str) -> None:
        """Note a contradiction."""
        self.faults.append(what)

    # --- texts

    def paragraph(self, element: Element) -> Iterator[Thing]:
        """A text, line by line; its style is that of its first."""
        if classes(element) & _HEADINGS:
            self.fault(f"a {element.tag} looks like a heading: {words(element)!r}")
        yield from self.text(element, _style(element))

    def text(self, element: Element, style: str, heading: int = 0) -> Iterator[Thing]:
        """The lines of an element."""
        for index, line in enumerate(lines(words(element))):
            if index == 0:
                yield thing("text", line, style=style, heading=heading)
            else:
                yield thing("text", line, style="body", heading=0)

    def heading(self, element: Element) -> Iterator[Thing]:
        """A heading has one line, and is as deep as its element says."""
        style, said = _style(element), words(element)
        if style[0] != "h" or not said.strip() or "\n" in said:
            self.fault(f"{element.tag} of style {style} says {said!r}")
        joined = "ui-title" in classes(element)
        level = int(plain_tag(element)[1])
        yield thing("text", said, style=style, heading=level, joined=joined)

    def notice(self, element: Element) -> Iterator[Thing]:
        """Its tone is the icon's, its look's, its role's and its hidden word's."""
        tone = next(t for t in _TONES if f"ui-{t}" in classes(element) or t == "error")
        if (element.get("role") == "alert") != (tone in ("warning", "error")):
            self.fault(f"a notice of tone {tone} is an {element.get('role')}")
        yield thing("notice", tone=tone)
        found = list(self.inside(element))
        if found[:1] != [thing("icon", _TONES[tone])]:
            self.fault(f"a notice of tone {tone} shows {found[:1]}")
        if not _aside(element):
            self.fault("a notice does not say its tone")
        yield from found

    def summary(self, element: Element) -> Iterator[Thing]:
        """The errors of the whole view, each tied to what it is about."""
        entries = []
        for link in element.iter("a"):
            target = self._by_id[link.get("href", "").removeprefix("#")]
            label, error = (words(part) for part in link.iter("bdi"))
            found = self._described(target)
            if error != found["error"]:
                self.fault(f"the summary says {error!r}, the field {found['error']!r}")
            entries.append((target.get("id"), label, error))
        yield thing("summary", "", entries=tuple(entries))

    # --- inputs

    def label(self, element: Element) -> Iterator[Thing]:
        """Told with its control; one that is for nothing is a text in the wrong place."""
        target = element.get("for", "")
        if target not in self._by_id or self._labels[target] is not element:
            yield thing("stray", words(element))

    def control(self, element: Element) -> Iterator[Thing]:
        """A control that stands alone."""
        if not element.get("name", "").startswith(FIELD) or is_hidden(element):
            return
        family = self._family(element)
        label = self._labels.get(element.get("id", ""))
        needed = "required" in element.attrib
        options: tuple[Any, ...] = ()
        if family == "menu":
            options = tuple(
                (item.get("value"), words(item), "selected" in item.attrib)
                for item in element.iter("option")
            )
            if options[0][0] != "" or not options[0][1].strip():
                self.fault(f"a menu begins with {options[0]}")
            options = options[1:]
        yield from self._input(element, label, family, options, needed)

    def group(self, element: Element) -> Iterator[Thing]:
        """Radio buttons or check boxes of one name, in a fieldset."""
        legend = element.find("legend")
        boxes = [item for item in element.iter("input") if is_control(item)]
        (name,) = {item.get("name") for item in boxes}
        (kind,) = {item.get("type") for item in boxes}
        options = tuple(
            (item.get("value"), words(self._labels[item.get("id", "")]), "checked" in item.attrib)
            for item in boxes
        )
        family = "one" if kind == "radio" else "several"
        no_choice = family == "one" and options[0][0] == ""
        if no_choice:
            if not any(item[2] for item in options):
                self.fault(f"{name}: of its radio buttons none is pressed")
            options = options[1:]
        if (element.get("role") == "radiogroup") != (kind == "radio"):
            self.fault(f"{name}: {kind} in a {element.get('role')}")
        needed = element.get("aria-required") == "true" or bool(_aside(legend, but="ui-required"))
        if family == "one" and no_choice == needed:
            self.fault(f"{name}: can be let go is {no_choice}, required is {needed}")
        found = list(
            self._input(element, legend, family, options, needed, name=name, free=no_choice)
        )
        yield from found

    def _input(
        self,
        element: Element,
        label: Element | None,
        family: str,
        options: tuple[Any, ...],
        needed: bool,
        name: str | None = None,
        free: bool = False,
    ) -> Iterator[Thing]:
        name = (element.get("name") if name is None else name) or ""
        mark = label is not None and any(
            "ui-required" in classes(item) and whole(item) == " *" for item in label.iter()
        )
        handle = self._handle(name, family)
        if mark != needed and family != "slider" and not (mark and handle):
            self.fault(f"{name}: marked as required is {mark}, required is {needed}")
        if label is not None:
            yield thing("label", words(label), required=mark, field=name.removeprefix(FIELD))
        described = self._described(element)
        wrong = element.get("aria-invalid") == "true" or element.tag == "fieldset"
        if wrong != bool(described["error"]) and element.tag != "fieldset":
            self.fault(f"{name}: error {described['error']!r}, but aria-invalid")
        yield thing(
            "input",
            "",
            field=name.removeprefix(FIELD),
            family=family,
            value=self._held(element, family),
            type=element.get("type"),
            options=options or None,
            min=element.get("min"),
            max=element.get("max"),
            pattern=element.get("pattern"),
            chosen=any(item[2] for item in options) or "checked" in element.attrib,
            handle=handle,
            free=free,
            typed=name.removeprefix(FIELD) in self._frame.typed,
            **described,
        )

    def _held(self, element: Element, family: str) -> str:
        if family == "file":
            return self._frame.files.get(element.get("name", "").removeprefix(FIELD), "")
        return value_of(element) if family in _HELD else ""

    def _family(self, element: Element) -> str:
        if element.tag != "input":
            return {"textarea": "long", "select": "menu"}[str(element.tag)]
        family = _FAMILIES[element.get("type", "text")]
        return "number" if element.get("inputmode") == "decimal" else family

    def _handle(self, name: str, family: str) -> str:
        """The handle that goes along with a file input."""
        if family != "file":
            return ""
        named = [item for item in self._frame.tree.iter("input") if item.get("name") == name]
        held = [item.get("value", "") for item in named if item.get("type") == "hidden"]
        return held[0] if held else ""

    def _described(self, element: Element) -> dict[str, str]:
        """Help, hint and error that a person is told with a control."""
        found = {"help": "", "hint": "", "error": ""}
        for ident in element.get("aria-describedby", "").split():
            role = ident.rpartition("-")[2]
            target = self._by_id[ident]
            if f"ui-{'help' if role == 'hint' else role}" not in classes(target) or found[role]:
                self.fault(f"{ident} is {target.attrib}")
            found[role] = words(target)
        return found

    # --- what can be pressed or opened

    def button(self, element: Element) -> Iterator[Thing]:
        """A button, by what it posts."""
        action, _, ident = element.get("value", "").partition(" ")
        if (element.get("name"), element.get("type"), element.get("id")) != (
            "_press",
            "submit",
            ident,
        ):
            self.fault(f"a button that posts {element.attrib}")
        primary = "ui-primary" in classes(element)
        yield thing("button", words(element), action=action, id=ident, primary=primary)

    def disclosure(self, element: Element) -> Iterator[Thing]:
        """A title that opens and closes what is below it."""
        title, *rest = element
        if title.tag != "summary" or (title.tail or "").strip():
            self.fault("a disclosure without its title first")
        yield thing("disclosure", words(title), open="open" in element.attrib)
        for child in rest:
            yield from self.of(child)

    def tab(self, element: Element) -> Iterator[Thing]:
        """A page behind its title."""
        title, *rest = element
        if title.get("id") != element.get("aria-labelledby"):
            self.fault("a page of tabs is not named by its title")
        yield thing("tab", words(title), wrong="ui-invalid" in classes(element))
        for child in rest:
            yield from self.of(child)

    # --- lists

    def listed(self, element: Element) -> Iterator[Thing]:
        """The items of a list."""
        yield thing("list")
        for child in element:
            yield thing("item")
            yield from self.inside(child)
        yield thing("end")

    def table(self, element: Element) -> Iterator[Thing]:
        """Headings, then the cells of every row; a cell of nothing takes its place."""
        heads = list(element.iter("th"))
        for head in heads:
            said = words(head)
            yield thing("column", said if said.strip() else " ", blank=not said.strip())
        for row in element.find("tbody") or ():
            if len(row) != len(heads):
                self.fault(f"{len(row)} cells below {len(heads)} headings")
            for head, cell in zip(heads, row, strict=False):
                if len(cell):
                    yield from self.inside(cell)
                else:
                    yield thing("cell", words(cell) or " ")
                if not len(cell) and head.get("class") != cell.get("class"):
                    self.fault("a cell is not below its heading")

    def pairs(self, element: Element) -> Iterator[Thing]:
        """Names and values."""
        for pair in element:
            name, value = pair
            yield from self.text(name, "caption")
            yield from self.text(value, "body")

    def stages(self, element: Element) -> Iterator[Thing]:
        """How far each stage is, by its symbol and its hidden word, and what it is."""
        for item in element:
            (state,) = (name for name in _STAGES if f"ui-{name}" in classes(item))
            if (item.get("aria-current") == "step") != (state == "now") or not _aside(item):
                self.fault(f"a stage that is {state}: {item.attrib}")
            yield thing("stage", state=state)
            symbol, *_, label = item
            yield from self.symbol(symbol)
            yield from self.text(label, "caption" if state == "todo" else "body")

    def rows(self, element: Element) -> Iterator[Thing]:
        """Rows of fields: what they are, and each by its name."""
        legend = element.find("legend")
        assert legend is not None
        yield thing(
            "rows", words(legend), field=element.get("data-field"), **self._described(element)
        )
        for child in element:
            if child is not legend:
                yield from self.of(child)

    def row(self, element: Element) -> Iterator[Thing]:
        """One row."""
        legend, *rest = element
        yield thing("row", words(legend))
        for child in rest:
            yield from self.of(child)

    # --- what is no text

    def symbol(self, element: Element) -> Iterator[Thing]:
        """A symbol by its name."""
        (path,) = element.iter(f"{SVG}path")
        yield thing("icon", icons()[path.get("d", "")])

    def figure(self, element: Element) -> Iterator[Thing]:
        """A picture with its caption, a player with its title."""
        for child in element:
            if child.tag == "figcaption":
                yield from self.text(child, "caption")
            elif child.tag == "img":
                caption = element.find("figcaption")
                said = "" if caption is None else words(caption)
                yield thing("image", url=child.get("src"), alt=child.get("alt"), caption=said)
            else:
                title = element.find("figcaption")
                said = None if title is None else words(title)
                if child.get("aria-label") != said:
                    self.fault(f"a player of {said!r} is named {child.get('aria-label')!r}")
                yield thing("player", what=child.tag, url=child.get("src"))

    def progress(self, element: Element) -> Iterator[Thing]:
        """A bar, its label and its percentage."""
        (bar,) = element.iter("progress")
        percent = None if bar.get("value") is None else int(bar.get("value", ""))
        label = self._labels.get(bar.get("id", ""))
        if label is not None:
            yield from self.text(label, "body")
        if (label is None or not words(label).strip()) != bool(bar.get("aria-label")):
            self.fault("a bar has a label, or a name of its own")
        said = [words(item) for item in element if item.tag == "span"]
        yield thing("progress", "", percent=percent, said=tuple(said))

    def divider(self, _element: Element) -> Iterator[Thing]:
        """A line."""
        yield thing("divider")

    def output(self, element: Element) -> Iterator[Thing]:
        """The number beside a slider, which is the slider's."""
        if words(element) != value_of(self._by_id[element.get("for", "")]):
            self.fault(f"a slider says {words(element)!r}")
        yield from ()


def _style(element: Element) -> str:
    found = [style for style in STYLES if f"ui-{style}" in classes(element)]
    if found:
        return found[0]
    named = classes(element)
    if "ui-masked" in named:
        return "caption"
    return "h5" if "ui-title" in named else "body"


def _aside(element: Element | None, but: str = "") -> str:
    """What is only told to who does not see the page."""
    inner = () if element is None else element.iter("span")
    return "".join(whole(item) for item in inner if is_hidden(item) and but not in classes(item))


How = Callable[[Reader, Element], Iterator[Thing]]

_BY_CLASS: Final[Mapping[str, How]] = {
    "ui-notice": Reader.notice,
    "ui-summary": Reader.summary,
    "ui-tab": Reader.tab,
    "ui-list": Reader.listed,
    "ui-rows": Reader.rows,
    "ui-row-item": Reader.row,
    "ui-progress": Reader.progress,
    "ui-symbol": Reader.inside,
}
_BY_TAG: Final[Mapping[str, How]] = {
    "p": Reader.paragraph,
    **{f"h{level}": Reader.heading for level in range(1, 7)},
    "span": Reader.paragraph,
    "label": Reader.label,
    "input": Reader.control,
    "select": Reader.control,
    "textarea": Reader.control,
    "fieldset": Reader.group,
    "button": Reader.button,
    "details": Reader.disclosure,
    "table": Reader.table,
    "dl": Reader.pairs,
    "ol": Reader.stages,
    "svg": Reader.symbol,
    "figure": Reader.figure,
    "hr": Reader.divider,
    "output": Reader.output,
}
