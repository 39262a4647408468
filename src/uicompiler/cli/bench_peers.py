"""The official packages as `bench` measures them, where they are installed.

The checker is `validate_payload` of `a2ui-agent-sdk` on our own messages; the text compiler is its
Express format, on a text that says the same screen. Nothing else of the library knows them.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from uicompiler.cli.bench_shapes import Json

_VARIANTS: Final[Mapping[str, Sequence[str]]] = MappingProxyType(
    {"short_text": (), "long_text": ('variant="longText"',), "number": ('variant="number"',)}
)


@dataclass(frozen=True, slots=True)
class Peers:
    """What is there to compare with.

    Attributes:
        check: The official checker.
        compile: The official text compiler; gives its messages.
    """

    check: Callable[[Sequence[Json]], Any]
    compile: Callable[[str], Sequence[Any]]


MISSING: Final = "NOT INSTALLED: the official packages; pip install a2ui-agent-sdk a2ui-core"


def load() -> Peers | None:
    """The official packages; None where they cannot be imported."""
    try:
        catalogs = importlib.import_module("a2ui.core.basic_catalog")
        utils = importlib.import_module("a2ui.utils")
        express = importlib.import_module("a2ui.inference_formats.express")
    except ImportError:
        return None
    known = [catalogs.BasicCatalog("v0.8")]
    parser = express.ExpressFormat([catalogs.BasicCatalog("v0.9")], surface_id="main").parser
    return Peers(lambda messages: utils.validate_payload(known, messages), parser.compile)


def express_texts(directives: Sequence[Json], *, nested: bool) -> list[str]:
    """The screens of directives, a text each, as a model would write them in Express.

    Args:
        directives: `ui.show_view` with trees, or `ui.show_form`.
        nested: Whether components stand inside each other, as short as it gets, or each has a name
            and a line of its own, which the SDK's instructions know as well.
    """
    return [_Writer(nested).block(item["payload"]) for item in directives]


class _Writer:
    """One text."""

    def __init__(self, nested: bool) -> None:
        self.nested = nested
        self.lines: list[str] = []

    def block(self, payload: Json) -> str:
        data = [f"${item['path']}={_quoted(item['value'])}" for item in payload.get("values", ())]
        root = self.node(payload["root"] if "root" in payload else _form(payload))
        surface = f"surface({_quoted(payload.get('surface', 'main'))})"
        return "\n".join([surface, *self.lines, f"root={root}", *data])

    def node(self, node: Json) -> str:
        kind = node["node"]
        if kind == "text":
            words = f"${node['bind']}" if "bind" in node else _quoted(node["text"])
            return self.put("Text", words, *([_quoted(node["style"])] if "style" in node else []))
        if kind == "field":
            return self.field(node)
        if kind == "button":
            args = ",".join(f"{key}:{_quoted(value)}" for key, value in node["args"].items())
            event = f"Event({_quoted(node['action'])},{{{args}}})"
            return self.put("Button", self.put("Text", _quoted(node["label"])), '"primary"', event)
        children = f"[{','.join(map(self.node, node['children']))}]"
        if kind == "card":
            return self.put("Card", self.put("Column", children))
        return self.put("Row" if node.get("direction") == "row" else "Column", children)

    def field(self, node: Json) -> str:
        kind, label, value = node["kind"], _quoted(node["label"]), f"$/draft/{node['id']}"
        if kind == "boolean":
            return self.put("CheckBox", label, value)
        if kind == "date":
            return self.put("DateTimeInput", value, "true", f"label={label}")
        if kind == "choice":
            told = ",".join(
                f"{{label:{_quoted(option['label'])},value:{_quoted(option['value'])}}}"
                for option in node["options"]
            )
            return self.put("ChoicePicker", label, '"mutuallyExclusive"', f"[{told}]", value)
        return self.put("TextField", label, value, *_VARIANTS[kind])

    def put(self, name: str, *told: str) -> str:
        """A component in its place, or the name of the line where it stands."""
        component = f"{name}({','.join(told)})"
        if self.nested:
            return component
        self.lines.append(f"c{len(self.lines)}={component}")
        return f"c{len(self.lines) - 1}"


def _form(payload: Json) -> Json:
    title = {"node": "text", "text": payload["title"], "style": "h2"}
    button = {"node": "button", "label": "Submit", "action": "submit", "args": {}}
    fields = [{"node": "field", **field} for field in payload["fields"]]
    return {"node": "card", "children": [title, *fields, button]}


def _quoted(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
