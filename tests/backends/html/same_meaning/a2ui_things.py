"""What a person finds of A2UI on a client, told from a ClientSim's resolved tree alone.

Markdown is read as it is rendered, a bar of cells as the progress it shows. Inputs are told by
what the client holds for them, not by what its `<input>` can show of that.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from clientsim import ClientSim
from clientsim.markdown import plain
from uicompiler.backends.ids import unescape_key

from .things import Thing, read, thing

Node = Mapping[str, Any]

_BAR: Final = re.compile("(\u25a0*)(\u25a1*) (?:([0-9]+) %|\u2026)")
_TEXT_FAMILIES: Final = {
    "shortText": "text",
    "longText": "long",
    "number": "number",
    "obscured": "secret",
}


def things(sim: ClientSim, surface_id: str, *, markdown: bool = True) -> list[Thing]:
    """Everything on a surface, from top to bottom.

    Args:
        sim: The client.
        surface_id: The surface.
        markdown: Whether it renders markdown.
    """
    return list(Reader(sim, surface_id, plain if markdown else str).everything())


class Reader:
    """Reads one surface of a ClientSim."""

    def __init__(self, sim: ClientSim, surface_id: str, rendered: Callable[[str], str]) -> None:
        self._sim = sim
        self._rendered = rendered
        self._surface = surface_id
        self._nodes = list(sim.nodes(surface_id))
        # The nested nodes share their properties with the listed ones, which know their context.
        self._contexts = {id(node["props"]): str(node["context"]) for node in self._nodes}

    def everything(self) -> Iterator[Thing]:
        """From the root down."""
        if self._nodes:
            yield from self.of(self._nodes[0])

    def of(self, node: Node) -> Iterator[Thing]:
        """What a component is to a person, and what is in it."""
        yield from _READ.get(node["type"], Reader.own)(self, node)

    def bound(self, node: Node, name: str) -> Any:
        """What a property stands for now."""
        value = node["props"].get(name)
        if not isinstance(value, Mapping) or "path" not in value:
            literals = list((value or {}).values())
            return literals[0] if literals else None
        return self._sim.value_at(self._surface, value["path"], self._contexts[id(node["props"])])

    # --- containers

    def children(self, node: Node) -> Iterator[Thing]:
        """Those of a Row, a Column or a Card."""
        props = node["props"]
        for child in [*props.get("children", ()), *([props["child"]] if "child" in props else ())]:
            yield from self.of(child)

    def listed(self, node: Node) -> Iterator[Thing]:
        """Those of a List, each an item."""
        yield thing("list")
        for child in node["props"].get("children", ()):
            yield thing("item")
            yield from self.of(child)
        yield thing("end")

    def modal(self, node: Node) -> Iterator[Thing]:
        """A title that says that it opens something, and what it opens."""
        entry = list(self.of(node["props"]["entryPointChild"]))
        assert all(item.kind == "text" for item in entry), entry
        title = " ".join(item.words for item in entry)
        assert title.endswith(" \u2026"), title
        yield thing("disclosure", title[:-2])
        yield from self.of(node["props"]["contentChild"])

    def tabs(self, node: Node) -> Iterator[Thing]:
        """Each title with its page."""
        for item in node["props"]["tabItems"]:
            title = str(item["title"]["literalString"])
            wrong = title.startswith("\u26a0 ")
            yield thing("tab", title.removeprefix("\u26a0 "), wrong=wrong)
            yield from self.of(item["child"])

    # --- texts

    def text(self, node: Node) -> Iterator[Thing]:
        """One line; nothing for a text of nothing."""
        words = self._rendered(str(self.bound(node, "text")))
        bar = _BAR.fullmatch(words)
        if bar is not None and len(bar[1] + bar[2]) == 10:
            percent = None if bar[3] is None else int(bar[3])
            assert len(bar[1]) == (percent or 0) // 10
            yield thing("progress", percent=percent)
        elif words:
            yield thing("text", words, style=node["props"].get("usageHint", "body"))

    def button(self, node: Node) -> Iterator[Thing]:
        """A button, by what it sends."""
        child = node["props"]["child"]
        words = " ".join(item.words for item in self.of(child))
        action = node["props"]["action"]
        sends = [
            input_id(entry["value"]["path"])
            for entry in action.get("context", ())
            if "path" in entry["value"] and entry["key"] != "_rev"
        ]
        primary = node["props"].get("primary", False)
        about = {"action": action["name"], "id": node["id"], "sends": tuple(sends)}
        yield thing("button", words, primary=primary, **about)

    # --- inputs

    def text_field(self, node: Node) -> Iterator[Thing]:
        """A text input and its own label."""
        family = _TEXT_FAMILIES[node["props"]["textFieldType"]]
        yield thing("label", str(self.bound(node, "label")))
        yield self.input(node, "text", family, pattern=node["props"].get("validationRegexp"))

    def own(self, node: Node) -> Iterator[Thing]:
        """An input of the app's own catalog, as far as it is one."""
        assert node["type"] == "FileUpload", node["type"]
        yield thing("label", str(self.bound(node, "label")))
        yield self.input(node, "value", "file")

    def check_box(self, node: Node) -> Iterator[Thing]:
        """A box and its own label."""
        yield thing("label", str(self.bound(node, "label")))
        yield self.input(node, "value", "flag")

    def slider(self, node: Node) -> Iterator[Thing]:
        """A slider with its ends."""
        ends = {"min": node["props"]["minValue"], "max": node["props"]["maxValue"]}
        yield self.input(node, "value", "slider", **ends)

    def date(self, node: Node) -> Iterator[Thing]:
        """A day, a time, or both."""
        props = node["props"]
        family = "datetime" if props["enableTime"] else "date"
        yield self.input(node, "value", family if props["enableDate"] else "time")

    def choice(self, node: Node) -> Iterator[Thing]:
        """Options, of which one or several can be chosen."""
        props = node["props"]
        held = self.bound(node, "selections")
        chosen = held if isinstance(held, list) else []
        options = tuple(
            (
                read(item["value"]),
                read(item["label"]["literalString"]),
                item["value"] in chosen,
            )
            for item in props["options"]
        )
        most = props["maxAllowedSelections"]
        yield self.input(node, "selections", "several", options=options, most=most)

    def input(self, node: Node, name: str, family: str, **about: Any) -> Thing:
        """Any input, by the field it is bound to."""
        value = "" if name == "selections" else self.bound(node, name)
        field = input_id(node["props"][name]["path"])
        return thing("input", field=field, family=family, value=value, **about)

    # --- what is no text

    def image(self, node: Node) -> Iterator[Thing]:
        """A picture."""
        alt = node["props"].get("altText")
        said = None if alt is None else str(self.bound(node, "altText"))
        yield thing("image", url=self.bound(node, "url"), alt=said)

    def icon(self, node: Node) -> Iterator[Thing]:
        """A symbol by its name in our own spelling."""
        name = re.sub("[A-Z]", lambda found: f"_{found[0].lower()}", str(self.bound(node, "name")))
        yield thing("icon", name)

    def player(self, node: Node) -> Iterator[Thing]:
        """A video or a sound."""
        what = "video" if node["type"] == "Video" else "audio"
        yield thing("player", what=what, url=self.bound(node, "url"))

    def divider(self, _node: Node) -> Iterator[Thing]:
        """A line."""
        yield thing("divider")


def input_id(path: str) -> str:
    """The input that a path of the data model is the box of."""
    _, draft, *parts, box = path.split("/")
    assert (draft, box) == ("draft", "v"), path
    return "/".join(map(unescape_key, parts))


def shown_value(family: str, value: Any) -> Any:
    """A value as the field means it: days without the hour that keeps them, numbers as texts."""
    if family == "date" and isinstance(value, str):
        return value.removesuffix("T12:00")
    if family == "time" and isinstance(value, str):
        return re.sub("^[0-9]{4}-[0-9]{2}-[0-9]{2}T", "", value)
    if family == "flag":
        return value is True
    if isinstance(value, (int, float)):
        return json.dumps(int(value) if value == int(value) else value)
    return value


Read = Callable[[Reader, Node], Iterator[Thing]]

_READ: Final[Mapping[str, Read]] = {
    "Column": Reader.children,
    "Row": Reader.children,
    "Card": Reader.children,
    "List": Reader.listed,
    "Modal": Reader.modal,
    "Tabs": Reader.tabs,
    "Text": Reader.text,
    "Button": Reader.button,
    "TextField": Reader.text_field,
    "CheckBox": Reader.check_box,
    "Slider": Reader.slider,
    "DateTimeInput": Reader.date,
    "MultipleChoice": Reader.choice,
    "Image": Reader.image,
    "Icon": Reader.icon,
    "Video": Reader.player,
    "AudioPlayer": Reader.player,
    "Divider": Reader.divider,
}
