"""Writes the reference pages that come from the code, those of `PAGES`, into docs/.

    python tools/generate_docs.py            write the pages
    python tools/generate_docs.py --check    write nothing; name the pages that are out of date

Same code, same bytes. What a page says about a code, a limit, a directive, a node or a key stands
where that is declared, and so does every example, so that a new one needs no change here. Kept here
is only what a docstring leaves to a key's name.
"""

from __future__ import annotations

import functools
import inspect
import json
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any, Final, TypeAlias

from pydantic import BaseModel, ValidationError
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaWarningKind

from clientsim import ERROR_CODES
from uicompiler import CompileResult, Limits, UIApp, UIState, compile
from uicompiler.app_file import ActionFile, AppFile
from uicompiler.backends.a2ui_v0_8.degradations import DEGRADATIONS
from uicompiler.backends.a2ui_v0_8.lower.lowering import Terms
from uicompiler.backends.a2ui_v0_8.lower.view import lower
from uicompiler.backends.a2ui_v0_8.values import Draft, draft_entry
from uicompiler.catalog.catalog import standard_catalog
from uicompiler.directives.registry import DirectiveSpec, Payload
from uicompiler.directives.standard import STANDARD
from uicompiler.errors import CODES, Code, diagnostic, error_for
from uicompiler.ir import data
from uicompiler.ir.actions import Button
from uicompiler.ir.base import Node
from uicompiler.ir.fields import FIELD_KINDS, Field, Option, initial
from uicompiler.ir.lists import Repeating
from uicompiler.ir.rows import Rows
from uicompiler.ir.state import Surface
from uicompiler.ir.tree import STANDARD_NODES, View, parse_node, walk
from uicompiler.ir.values import FrozenDict, Json
from uicompiler.pointer import parse
from uicompiler.resources import data_path
from uicompiler.templates.form import FormTemplate
from uicompiler.templates.rules import Rule
from uicompiler.templates.view import ViewTemplate
from uicompiler.templates.wizard import Step, WizardTemplate
from uicompiler.texts import LANGUAGES, TEXTS

ROOT: Final = Path(__file__).resolve().parent.parent
DOCS: Final = ROOT / "docs"
MARK: Final = "<!-- Written by tools/generate_docs.py. Change the code, then run that. -->"
SHORT: Final = 700
"""Characters of compiled output that a page quotes; longer ones it sums up."""

Schema: TypeAlias = Mapping[str, Any]
"""A JSON Schema; `Any`, since its values are JSON."""


def main() -> int:
    """Write the pages, or with `--check` compare them."""
    written = dict(pages())
    stale = [name for name, text in written.items() if _stored(name) != text]
    if sys.argv[1:] == ["--check"]:
        for name in stale:
            print(f"docs/{name} is out of date; run python tools/generate_docs.py")
        return int(bool(stale))
    for name in stale:
        (DOCS / name).write_text(written[name], "utf-8")
    print(f"docs/: {len(written)} pages; changed: {', '.join(stale) or 'none'}")
    return 0


def pages() -> Iterator[tuple[str, str]]:
    """Each page by file name."""
    for name, write in PAGES.items():
        yield name, "\n\n".join([MARK, *write()]) + "\n"


def _stored(name: str) -> str:
    path = DOCS / name
    return path.read_text("utf-8") if path.is_file() else ""


# --- Markdown -------------------------------------------------------------------------------------


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A table; `|` in cells is escaped."""
    columns = list(head)
    lines = [columns, ["---"] * len(columns), *(list(row) for row in rows)]
    return "\n".join(
        f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines
    )


def code(value: object) -> str:
    """A value as inline code: texts as they are, anything else as JSON."""
    return f"`{value if isinstance(value, str) else compact(value)}`"


def codes(values: Iterable[object]) -> str:
    """Values as inline code, parted by commas."""
    return ", ".join(map(code, values))


def block(text: str, language: str = "json") -> str:
    """A code block."""
    return f"```{language}\n{text}\n```"


def compact(value: object) -> str:
    """JSON on one line, with spaces to read it by."""
    return json.dumps(value, ensure_ascii=False, default=dict)


def described(kind: type) -> str:
    """The first paragraph of a docstring, on one line."""
    return next(paragraphs(kind), "")


def paragraphs(kind: type) -> Iterator[str]:
    """What a docstring says before it comes to the attributes, a paragraph a line."""
    for text in (inspect.getdoc(kind) or "").partition("Attributes:\n")[0].split("\n\n"):
        if text.strip():
            yield " ".join(text.split())


def attributes(kind: type) -> dict[str, str]:
    """What the `Attributes:` of a class's docstring, and of its bases', says of each."""
    found: dict[str, str] = {}
    for base in reversed(inspect.getmro(kind)):
        found.update(_listed(inspect.cleandoc(base.__doc__ or "")))
    return found


def _listed(docstring: str) -> dict[str, str]:
    found: dict[str, str] = {}
    name = ""
    for line in docstring.partition("Attributes:\n")[2].splitlines():
        if line[:4] == "    " and line[4:5].strip():
            name, _, said = line.strip().partition(":")
            found[name] = said.strip()
        elif name and line.strip():
            found[name] += f" {line.strip()}"
    return found


# --- errors.md ------------------------------------------------------------------------------------

RECOVERIES: Final[Mapping[str, str]] = {
    "drop_directive": "the directive is dropped and leaves no trace; the others run, and where "
    "one does, the finding is a warning",
    "soft_fail": "nothing runs and nothing goes out; the user reads a text",
    "surface_fail": "nothing of this surface goes out; a client that shows it is told to delete "
    "it; the user reads a text with a way on",
    "epoch_reset": "the surface is built anew in its next epoch",
    "refuse": "nothing happens and the state stays as it was",
    "report": "everything goes on; the finding is only told",
}


FAMILIES: Final[Mapping[str, str]] = {
    "LLM_*": "A model that could not be asked, or did not answer as it should",
    "STORE_*": "What was stored is not a state that `to_json` wrote",
    "REPLAY_*": "A recorded conversation cannot be read, or today's code answers it differently",
}
"""Where an exception's docstring covers more than the codes there are."""


def errors_page() -> Iterator[str]:
    """Every code."""
    yield "# Error codes"
    yield (
        "A code is stable: match on it, never on a message. Every finding also has a `message`, a\n"
        "`pointer` (RFC 6901, into the offending input) and a `hint`. How findings become\n"
        "exceptions and fallbacks: [design, section 8](design.md#8-errors-and-recovery)."
    )
    yield "## Recoveries"
    rows = (
        (code(name), RECOVERIES[name]) for name in dict.fromkeys(c.recovery for c in CODES.values())
    )
    yield table(("recovery", "what happens by default"), rows)
    yield (
        "An app may choose another recovery for some codes, under `recoveries`:\n"
        "[app_yaml.md](app_yaml.md#recoveries). The tables below name the default."
    )
    for family, members in _families().items():
        sample = error_for([diagnostic(members[0].name, "")])
        yield f"## {family}"
        said = FAMILIES.get(family) or described(type(sample)).partition(" (")[0]
        yield f"{said}. Raised as `{type(sample).__name__}`."
        yield table(("code", "meaning", "severity", "recovery", "HTTP"), map(_code_row, members))
    yield "## What a user reads"
    yield (
        "An app overrides any of these by language and code, or by language and key for all codes\n"
        "that name it: `texts` of `UIApp` or of `app.yaml`. No text quotes what a user or a model\n"
        "wrote."
    )
    yield table(("text", "key", "codes"), _user_texts())
    yield "## ClientSim"
    yield (
        "`uicompiler sim` reports what a simulated client refused, in codes of its own: it shares\n"
        "nothing with the library that it judges."
    )
    yield table(("code", "meaning"), ((code(name), said) for name, said in ERROR_CODES.items()))


def _families() -> dict[str, list[Code]]:
    found: dict[str, list[Code]] = {}
    for item in CODES.values():
        words = item.name.split("_")
        family = "_".join(words[:2]) if words[0] == "A2UI" else words[0]
        found.setdefault(f"{family}_*", []).append(item)
    return found


def _code_row(item: Code) -> tuple[str, ...]:
    status = "" if item.status is None else str(item.status)
    return code(item.name), item.meaning, item.severity, code(item.recovery), status


def _user_texts() -> list[tuple[str, str, str]]:
    """Each text with its codes; the most common one stands for all that are not listed."""
    found: dict[str, list[str]] = {}
    for item in CODES.values():
        found.setdefault(item.text, []).append(item.name)
    common = max(found, key=lambda key: len(found[key]))
    listed = [
        (TEXTS[key], code(key), codes(names)) for key, names in found.items() if key != common
    ]
    return [*listed, (TEXTS[common], code(common), "all others")]


# --- limits.md ------------------------------------------------------------------------------------

_UNITS: Final = {"bytes": "bytes of UTF-8", "depth": "levels", "length": "characters"}
_TRIPS: Final = {
    "max_envelope_bytes": "DIRECTIVE_TOO_LARGE",
    "max_envelope_depth": "DIRECTIVE_TOO_DEEP",
    "max_directives": "DIRECTIVE_LIMIT_EXCEEDED",
    "max_live_surfaces": "DIRECTIVE_LIMIT_EXCEEDED",
    "max_view_depth": "DIRECTIVE_LIMIT_EXCEEDED",
    "max_view_nodes": "DIRECTIVE_LIMIT_EXCEEDED",
    "max_event_bytes": "A2UI_C2S_CONTEXT_TOO_LARGE",
    "max_event_depth": "A2UI_C2S_CONTEXT_TOO_LARGE",
    "max_context_keys": "A2UI_C2S_CONTEXT_TOO_LARGE",
    "max_error_resets": "A2UI_C2S_CLIENT_ERROR",
}


def limits_page() -> Iterator[str]:
    """Every limit."""
    yield "# Limits"
    yield (
        "How much one conversation may ask of a client, and a client of the server. An app sets\n"
        "its own with `UIApp(limits=Limits(…))`, or under `limits` of its\n"
        "[app.yaml](app_yaml.md#limits); all are inclusive. A trip names the limit, the actual\n"
        "figure and the place."
    )
    rows = (
        (code(item.name), _figure(item.default), _unit(item.name), code(_trip(item.name)))
        for item in fields(Limits)
    )
    yield table(("limit", "default", "unit", "trips as"), rows)
    yield (
        "`max_string_bytes` and `max_id_length` also hold for what a client sends; a trip there\n"
        "is `A2UI_C2S_CONTEXT_TOO_LARGE` or `A2UI_C2S_ENVELOPE_INVALID`. `max_*_per_response`\n"
        "bound what the directives of one turn show. What goes out by itself is whole however\n"
        "much it is: a snapshot, what is undone, what is locked since the app changed. What\n"
        "bounds that is `max_live_surfaces`, how many surfaces a conversation shows at a time,\n"
        "and `max_*_per_surface`; whoever opens one more is refused. `max_view_*` bound the\n"
        "tree of nodes before it is lowered, `max_component*` what it became. `max_view_nodes` is\n"
        "also how many draft values a surface keeps; the oldest of earlier views go first. After\n"
        "`max_error_resets` client errors without an accepted action between them, a surface\n"
        "fails instead of being built anew. `Limits.bench()` lifts all of them; never serve so."
    )


def _figure(default: object) -> str:
    return f"{default:,}".replace(",", " ") if isinstance(default, int) else str(default)


def _unit(name: str) -> str:
    words = name.removeprefix("max_").split("_")
    return next((_UNITS[word] for word in words if word in _UNITS), " ".join(words))


def _trip(name: str) -> str:
    return _TRIPS.get(name, "A2UI_S2C_LIMIT_EXCEEDED")


# --- directives.md --------------------------------------------------------------------------------


def directives_page() -> Iterator[str]:
    """Every standard directive."""
    yield "# Standard directives"
    yield (
        "What `UIApp` offers a model before the app adds its own ([how](extending.md)). An app\n"
        "takes one out with `app.directives.drop(name)`. Names are found in any spelling:\n"
        "`ui_show_form` and `UI.ShowForm` mean `ui.show_form`, at the price of a warning."
    )
    own = ", ".join(f"{code(name)} ({_kind(node)})" for name, node in _properties(Payload).items())
    yield f"Every payload may also have: {own}. Left out, the surface is `main`."
    for spec in sorted(STANDARD, key=lambda item: item.type):
        yield from _directive(spec)


def _directive(spec: DirectiveSpec) -> Iterator[str]:
    yield f"## {spec.type}"
    yield f"{spec.summary} {described(spec.payload)}"
    keys = set(spec.payload.model_fields) - set(Payload.model_fields)
    yield _keys(spec.payload, skip=Payload.model_fields) if keys else "It has no other keys."
    for name, definition in _parts(spec.payload).items():
        yield f"`{name}`:"
        yield _schema_table(definition)
    if spec.aliases:
        yield f"Also called {codes(spec.aliases)}."
    if spec.key_aliases:
        pairs = (f"{code(given)} for {code(meant)}" for given, meant in spec.key_aliases.items())
        yield f"Keys also read: {', '.join(pairs)}."
    if spec.example:
        yield "Example:"
        yield block(compact({"type": spec.type, "payload": spec.example}))
        yield from _compiled(spec)


class _Quiet(GenerateJsonSchema):
    """Without the warning about defaults that JSON does not have."""

    ignored_warning_kinds: set[JsonSchemaWarningKind] = {  # noqa: RUF012  # as in the base class
        "skipped-choice",
        "non-serializable-default",
    }


def _schema(model: type[BaseModel]) -> Schema:
    return model.model_json_schema(schema_generator=_Quiet)


def _keys(model: type[BaseModel], skip: Iterable[str] = ()) -> str:
    return _schema_table(_schema(model), skip=skip)


def _schema_table(schema: Schema, skip: Iterable[str] = ()) -> str:
    required = schema.get("required", ())
    rows = [
        (code(name), _kind(node), "required" if name in required else _default(node))
        for name, node in schema["properties"].items()
        if name not in set(skip)
    ]
    return table(("key", "type", "default"), rows)


def _properties(model: type[BaseModel]) -> Mapping[str, Schema]:
    found: Mapping[str, Schema] = _schema(model)["properties"]
    return found


def _default(node: Schema) -> str:
    default = node.get("default")
    return (
        ""
        if default is None
        else code(default if isinstance(default, str) and default else compact(default))
    )


def _kind(node: Schema, link: Callable[[str], str] | None = None) -> str:
    """A property's type in a few words.

    Args:
        node: Its schema.
        link: How a record is called; by its name, with a link to a node, by default.
    """
    if "$ref" in node:
        return (link or _link)(node["$ref"].rpartition("/")[2])
    marker = node.get("nodes", node.get("anyOf"))
    if isinstance(marker, str):
        return _MARKED.get(marker, "node")
    parts = node.get("anyOf") or node.get("oneOf")
    if parts:
        kinds = dict.fromkeys(_kind(part, link) for part in parts)
        dropped = {"null", "integer"} if "number" in kinds else {"null"}
        return _or([kind for kind in kinds if kind not in dropped])
    if "enum" in node or "const" in node:
        return codes(node.get("enum", [node.get("const")]))
    if node.get("type") == "array":
        return f"list of {_plural(_kind(node.get('items', {}), link))}"
    if isinstance(node.get("additionalProperties"), Mapping):
        return f"by name: {_plural(_kind(node['additionalProperties'], link))}"
    kind = str(node.get("type", "any value"))
    return "text" if kind == "string" else kind


_MARKED: Final[Mapping[str, str]] = {
    "scalar": "text, number or boolean",
    "value": "text, number, boolean or list of texts",
}
"""What the markers mean that stand in a schema for what differs by app."""


def _or(kinds: list[str]) -> str:
    return " or ".join([*filter(None, [", ".join(kinds[:-1])]), *kinds[-1:]])


def _plural(kind: str) -> str:
    if kind.startswith("list of "):
        return kind.replace("list", "lists", 1)
    counted = ("text", "number", "integer", "boolean", "node", "object")
    return f"{kind}s" if kind in counted else kind


def _link(name: str) -> str:
    node = next((kind for kind, model in STANDARD_NODES.items() if model.__name__ == name), None)
    return code(name) if node is None else f"[{name}](nodes.md#{node})"


def _parts(model: type[BaseModel]) -> dict[str, Schema]:
    """The records a payload is made of, without nodes and what nodes are made of."""
    schema = _schema(model)
    nodes = {item.__name__ for item in STANDARD_NODES.values()}
    found: dict[str, Schema] = {}
    waiting = [schema["properties"]]
    while waiting:
        for name in _referred(waiting.pop()):
            if name not in nodes and name not in found:
                found[name] = schema["$defs"][name]
                waiting.append(found[name])
    return found


def _referred(node: object) -> Iterator[str]:
    if isinstance(node, Mapping):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"].rpartition("/")[2]
        for value in node.values():
            yield from _referred(value)
    elif isinstance(node, list):
        for item in node:
            yield from _referred(item)


def _compiled(spec: DirectiveSpec) -> Iterator[str]:
    """What the example becomes in the example CRM, with its form shown where one is needed."""
    directive = {"type": spec.type, "payload": dict(spec.example)}
    result, shown = compile([directive], app=_crm()), ""
    if not result.ok:
        result, shown = (
            compile([directive], app=_crm(), state=_contact_form()),
            ", with its form shown,",
        )
    if not result.ok:
        return
    place = f"In the example CRM{shown} this becomes"
    for effect in result.effects:
        yield f"{place} no message, but an effect for the host:"
        yield block(compact(effect.to_dict()))
    if result.batches:
        yield from _messages(place, result)


def _messages(place: str, result: CompileResult) -> Iterator[str]:
    text = result.jsonl().decode().rstrip("\n")
    if len(text) <= SHORT:
        yield f"{place}:"
        yield block(text, "jsonl")
        return
    kinds = [next(iter(message)) for message in result.messages]
    counted = ", ".join(f"{kinds.count(kind)} `{kind}`" for kind in dict.fromkeys(kinds))
    components = sum(item.components for item in result.trace.surfaces)
    yield f"{place} {counted} with {components} components."


@functools.cache
def _crm() -> UIApp:
    return UIApp.load(data_path("examples/crm"))


@functools.cache
def _contact_form() -> UIState:
    return compile([{"type": "ui.show_form", "payload": {"form_id": "contact"}}], app=_crm()).state


# --- nodes.md -------------------------------------------------------------------------------------

_SAMPLES: Final[tuple[Any, ...]] = (
    1,
    9,
    "2026-01-01",
    "09:00",
    "2026-01-01T09:00",
    "[a-z]+",
    ["a"],
    [".json"],
)
"""Values of rules: one a field's kind takes is there for every rule."""


def nodes_page() -> Iterator[str]:
    """Every node of the IR."""
    yield "# Nodes"
    yield (
        "A view is a tree of these. They say what is shown, not how: each backend lowers them to\n"
        "what its clients have. Own nodes: [extending](extending.md#a-node). Rules for whole\n"
        "trees stand in `src/uicompiler/ir/verify.py`."
    )
    yield (
        "Besides its properties every node has `node` (its kind) and may have `key`, which names\n"
        "it among its siblings so that its component ids survive when siblings come and go.\n"
        'A text without more may be a string: `"Ada"` is `{"node": "text", "text": "Ada"}`.'
    )
    for kind, model in STANDARD_NODES.items():
        yield f"## {kind}"
        yield from paragraphs(model)
        yield from _node_properties(model)
        for name, part in _parts(model).items():
            yield f"`{name}`: {_uncapped(part.get('description', ''))}"
            yield _part_table(part)
        yield from _node_example(kind, model)
        if model is Field:
            yield from _field_kinds()


def _node_properties(model: type[Node]) -> Iterator[str]:
    said = {**attributes(model), **MEANINGS.get(model, {})}
    schema = _schema(model)
    required = schema.get("required", ())
    rows = [
        (
            code(name),
            _TYPES.get(name) or _kind(node),
            "required" if name in required else _default(node),
            said.get(name, ""),
        )
        for name, node in schema["properties"].items()
        if name not in Node.model_fields
    ]
    if rows:
        yield table(("property", "type", "default", "meaning"), rows)


def _uncapped(description: str) -> str:
    """The first sentence of a record's description, to follow its name."""
    first = " ".join(description.partition("\n\n")[0].split())
    return first[:1].lower() + first[1:]


def _part_table(part: Schema) -> str:
    """The keys of a record inside a node, with what its docstring says of them."""
    said = _listed(part.get("description", ""))
    required = part.get("required", ())
    rows = (
        (
            code(name),
            _kind(node),
            "required" if name in required else _default(node),
            said.get(name, ""),
        )
        for name, node in part["properties"].items()
    )
    return table(("key", "type", "default", "meaning"), rows)


def _node_example(kind: str, model: type[Node]) -> Iterator[str]:
    properties = {"node": kind, **model.example}
    yield block(compact(properties))
    yield f"In A2UI v0.8: {_components(properties)}."


def _components(properties: dict[str, Any]) -> str:
    """The components of a node, each type once, without those of its children."""
    return codes(dict.fromkeys(_own_components(properties)))


def _own_components(properties: dict[str, Any]) -> list[str]:
    found = _lowered(properties)
    inner = Counter(kind for child in properties.get("children", ()) for kind in _lowered(child))
    return [*(Counter(found) - inner).elements()]


def _lowered(properties: dict[str, Any]) -> list[str]:
    # Inside a section, since a plain column at the root is merged with the surface's own.
    outer = parse_node({"node": "section", "title": "-", "children": [properties]})
    surface = Surface("main", view=View(outer), data=_document(outer))
    found = lower(surface, Terms()).components.values()
    frame = {"ui--root--Column", "ui--root--title-Text", "ui--surface--Column"}
    return [
        next(iter(item["component"])) for item in reversed(list(found)) if item["id"] not in frame
    ]


def _document(root: Node) -> FrozenDict:
    """A document in which every `bind` of a view finds something: lists an item, others a text."""
    found: Json = data.empty_document()
    for node, _, _ in walk(root):
        bind = getattr(node, "bind", None)
        if isinstance(bind, str):
            item = FrozenDict({str(getattr(node, "item_key", None) or "id"): "1"})
            value = (item,) if isinstance(node, Repeating) else "-"
            found = data.set_at(found, parse(bind), value)
    filled: FrozenDict = found
    return filled


def _field_kinds() -> Iterator[str]:
    yield "Kinds of fields, the rules each takes, and how an empty one goes out:"
    rows = []
    for kind in FIELD_KINDS:
        example = _field_example(kind)
        field = Field.model_validate(example)
        entry = draft_entry(Draft(field.id, kind, initial(field), (field.id,)))
        wire = {name: value for name, value in entry.items() if name != "key"}
        components = _components({"node": "field", **example})
        rows.append((code(kind), components, codes(_rules(example)), code(wire)))
    yield table(("kind", "components", "rules", "empty box"), rows)
    yield 'An `Option` is `{"value": …, "label": …}`; a text alone stands for both.'


def _field_example(kind: str) -> dict[str, Any]:
    """The least a field of this kind needs."""
    base = {"id": "name", "kind": kind, "label": "Full name"}
    for more in ({}, {"options": ["a"]}, {"min": 0, "max": 9}, {"accept": [".json"]}):
        if _is_field({**base, **more}):
            return {**base, **more}
    raise SystemExit(f"say in _field_example of tools/generate_docs.py what a {kind} field needs")


def _rules(example: Mapping[str, Any]) -> list[str]:
    """The rules that a field of this kind takes."""
    return [
        name
        for name in Field.model_fields
        if name not in (*_EVERY_FIELD, *Node.model_fields)
        and any(_is_field({**example, name: value}) for value in _SAMPLES)
    ]


_EVERY_FIELD: Final = ("id", "kind", "label", "required", "help", "default", "tags")


def _is_field(properties: Mapping[str, Any]) -> bool:
    try:
        Field.model_validate(properties)
    except ValidationError:
        return False
    return True


# --- components.md --------------------------------------------------------------------------------


def components_page() -> Iterator[str]:
    """Every component of the standard catalog, and what cannot be shown as it is meant."""
    catalog = standard_catalog()
    yield "# Components"
    yield (
        "The components of the standard catalog of A2UI v0.8, and the [nodes](nodes.md) that\n"
        "become one: the examples there, lowered. Every surface has a `Column` as its root\n"
        "besides. Nodes know nothing of components; which becomes which is told by\n"
        "`src/uicompiler/backends/a2ui_v0_8/lower/`, one function a node. How to add\n"
        "[a node](extending.md#a-node), or [a backend](extending.md#a-backend)."
    )
    makers = _makers()
    yield table(
        ("component", "made by"),
        ((code(name), ", ".join(makers.get(name, ())) or "no node") for name in catalog.components),
    )
    yield "## What is shown otherwise than it is meant"
    yield (
        "What the catalog, or the official client, cannot show as a node means it. Where that\n"
        "loses something a user would miss, every use is a warning,\n"
        "[`A2UI_S2C_CATALOG_DEGRADED`](errors.md)."
    )
    rows = (
        (code(name), row.what, row.becomes, "yes" if row.reported else "")
        for name, row in DEGRADATIONS.items()
    )
    yield table(("row", "a node means", "a client shows", "warning"), rows)


def _makers() -> dict[str, list[str]]:
    """By component, the nodes that become one; a field by its kinds."""
    found: dict[str, list[str]] = {}
    kinds: dict[str, list[str]] = {}
    for kind, model in STANDARD_NODES.items():
        if model is not Field:
            for component in dict.fromkeys(_own_components({"node": kind, **model.example})):
                found.setdefault(component, []).append(f"[{kind}](nodes.md#{kind})")
    for kind in FIELD_KINDS:
        for component in dict.fromkeys(_own_components({"node": "field", **_field_example(kind)})):
            kinds.setdefault(component, []).append(kind)
    for component, names in kinds.items():
        every = "" if len(names) == len(FIELD_KINDS) else f" of kind {codes(names)}"
        found.setdefault(component, []).append(f"[field](nodes.md#field){every}")
    return found


# --- app_yaml.md ----------------------------------------------------------------------------------

MEANINGS: Final[Mapping[type[BaseModel], Mapping[str, str]]] = {
    Field: {
        "kind": "What is filled in.",
        "pattern": "A regular expression that the whole text must match; "
        "[one that cannot backtrack](decisions/0009-patterns-without-backtracking.md).",
        "label": "What the user reads; not empty.",
        "required": "Whether it must be filled in.",
        "help": "A text below the input.",
    },
    Option: {
        "value": "What the app gets.",
        "label": "What the user reads.",
    },
    Button: {
        "action": "The name of an action under `actions`, or of one of the library's own.",
        "primary": "Whether it stands out.",
    },
}
"""What a key means, where the docstring of its class does not say, or says it to programmers."""

APP_YAML: Final = """\
id: guestbook
version: 1
inline_form_action: submit

actions:
  sign: {}
  help: {requires_rev: false}
  book:
    steps: [review]
    context: {guests: number, from: text, to: text, name: text, extras: list}
    run_mode: tool_loop
  open: {}

forms:
  sign:
    version: 1
    title: Guest book
    intro: It takes a minute.
    fields:
      - {id: name, kind: short_text, label: Name, required: true, max_length: 80}
      - {id: again, kind: choice, label: Come back, options: [yes, no]}
    buttons:
      - {label: Sign, action: sign, submit: true, primary: true}
      - {label: Help, action: help}

wizards:
  stay:
    version: 1
    title: Book a room
    steps:
      - id: when
        title: When
        fields:
          - {id: from, kind: date, label: From, required: true, min: 2026-01-01}
          - {id: to, kind: date, label: To, required: true}
          - {id: guests, kind: number, label: Guests, required: true, min: 1}
        rules:
          - {field: to, op: gt, other: from, message: Please stay for a night at least.}
      - id: extras
        title: Extras
        intro: For three guests or more.
        when: {field: guests, op: ge, value: 3}
        fields:
          - id: extras
            label: Extra beds
            columns:
              - {id: size, kind: choice, label: Size, options: [child, adult]}
            max_rows: 4
      - id: who
        title: Who
        fields:
          - {id: name, kind: short_text, label: Name, required: true}
    review: true
    buttons:
      - {label: Book, action: book, submit: true, primary: true}

views:
  visits:
    version: 1
    description: Everybody who was here.
    root:
      node: section
      title: Visits
      children:
        - {node: text, bind: /committed/headline}
        - node: list
          bind: /committed/visits
          item_key: id
          empty: Nobody yet.
          item:
            node: card
            children:
              - {node: text, bind: name, style: h4}
              - {node: button, label: Open, action: open}
        - node: actions
          children:
            - {node: button, label: Help, action: help}
            - {node: button, label: Close, action: ui.dismiss}

texts:
  en:
    field.required: Please fill this in, we would like to know.

recoveries:
  A2UI_S2C_LIMIT_EXCEEDED: soft_fail

limits:
  max_components_per_surface: 500

url_schemes: [https]
"""


def app_yaml_page() -> Iterator[str]:
    """Every key of an app.yaml."""
    yield "# app.yaml"
    yield (
        "An app is a folder with this file, or with the same as JSON, `app.json`. It is read\n"
        "strictly: an unknown key, a key twice, a value that does not fit, an action that is not\n"
        "declared is `APP_INVALID` with its line, its JSON Pointer and, for a typo, what was\n"
        "meant; all problems are told at once. How to begin:\n"
        "[extending](extending.md#your-own-app-from-nothing)."
    )
    yield (
        "A value is what it looks like (YAML 1.2): `yes`, `2026-01-01` and `12:30` are texts,\n"
        "`true` and `false` are the only booleans. A text that looks like a number is put in\n"
        "quotes."
    )
    yield block(_loads(APP_YAML).rstrip("\n"), "yaml")
    yield "## Keys"
    yield _yaml_table(AppFile)
    yield "Ids of forms, wizards and views are one namespace: no two share one."
    yield "## Actions"
    yield "An entry may be empty (`sign: {}`)."
    yield _yaml_table(ActionFile)
    yield (
        "An action needs no handler: the host then gets `step.action` and decides itself. A\n"
        "handler is given in `code`, with `app.add_action(name, handler)`; the name must be\n"
        "declared here. Names that begin with `ui.` are the library's own; a button may send\n"
        "`ui.dismiss`, which takes its surface away."
    )
    yield "## Forms"
    yield _yaml_table(FormTemplate)
    yield "A field; which kind takes which rules is told in [nodes](nodes.md#field):"
    yield _yaml_table(Field)
    yield "An entry of `fields` with `columns` is editable rows instead:"
    yield _yaml_table(Rows)
    yield "An option; a text alone stands for both:"
    yield _yaml_table(Option)
    yield "A button:"
    yield _yaml_table(Button)
    yield from _rules_section()
    yield "## Wizards"
    yield from paragraphs(WizardTemplate)
    yield _yaml_table(WizardTemplate)
    yield "A step:"
    yield _yaml_table(Step)
    yield (
        "A model shows a wizard as it shows a form, by its id. The library goes from step to step\n"
        "by itself and keeps what was entered; only the last step's buttons send actions, with\n"
        "the fields of all steps that are in play."
    )
    yield "## Views"
    yield _yaml_table(ViewTemplate)
    yield (
        "`root` is a tree of [nodes](nodes.md), the app's own included: views are read after\n"
        "`code` ran. What a `bind` reads, handlers commit below `/committed` and directives write\n"
        "below `/ui_state`."
    )
    yield "## Texts"
    yield (
        "By language, then by key; they hold for the whole app: `field.pattern` is the text of\n"
        f"every field with a pattern. The library itself speaks {codes(LANGUAGES)}; how a text is\n"
        "chosen is told in [languages](languages.md). A key is an\n"
        "[error code](errors.md#what-a-user-reads) or one of these, here in English:"
    )
    yield table(("key", "text"), ((code(name), text) for name, text in TEXTS.items()))
    yield "## Recoveries"
    yield "By [error code](errors.md); only what has an effect is accepted:"
    yield table(("code", "recovery", "what happens"), _RECOVERIES)
    yield "## Limits"
    yield "By name, a whole number from 1: the names are those of [limits](limits.md)."
    yield "## In Python"
    yield (
        "The same without a file: the classes take plain objects, and a view the nodes there are."
    )
    yield block(_PYTHON.rstrip("\n"), "python")


def _rules_section() -> Iterator[str]:
    yield "### Rules"
    yield "What must hold between fields of a form, or of a step of a wizard and those before it:"
    yield _yaml_table(Rule)
    yield (
        "A rule is asked once both sides are filled in; a field that is empty breaks none. Texts\n"
        "compare by their characters, so dates and times by time; numbers as numbers. The `when`\n"
        "of a step has the same keys, without `message`."
    )


_PYTHON: Final = """\
from uicompiler import FormTemplate, UIApp, ViewTemplate

app = UIApp("guestbook")
app.add_action("sign")
app.add_form(
    "sign",
    FormTemplate.model_validate(
        {
            "title": "Guest book",
            "fields": [{"id": "name", "label": "Name"}],
            "buttons": [{"label": "Sign", "action": "sign", "submit": True}],
        }
    ),
)
root = {"node": "text", "bind": "/committed/headline"}
view = ViewTemplate.model_validate({"root": root}, context={"nodes": app.nodes})
app.add_view("visits", view)
"""

_RECOVERIES: Final = (
    (
        "`DIRECTIVE_*` that drop one directive",
        "`drop_directive`",
        "the one directive is dropped, the others run",
    ),
    ("", "`refuse`", "the whole turn is refused: nothing runs"),
    (
        "`A2UI_S2C_*` that fail a surface",
        "`surface_fail`",
        "the surface is taken away, with a text and a way on",
    ),
    ("", "`soft_fail`", "the client keeps what it shows of the surface; with the same text"),
    ("`A2UI_C2S_CLIENT_ERROR`", "`epoch_reset`", "the surface is built anew"),
    ("", "`surface_fail`", "it is taken away at the first error"),
    ("", "`soft_fail`", "nothing is done"),
)


def _loads(text: str) -> str:
    """An app.yaml as it stands, once it has been loaded."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "app.yaml").write_text(text, "utf-8")
        UIApp.load(folder)
    return text


def _yaml_table(model: type[BaseModel]) -> str:
    schema = _schema(model)
    required = schema.get("required", ())
    said = {**attributes(model), **MEANINGS.get(model, {})}
    keys = [name for name in schema["properties"] if name not in Node.model_fields]
    for name in keys:
        if name not in said:
            raise SystemExit(
                f"say in the docstring of {model.__name__} what {name!r} means, "
                "or in MEANINGS of tools/generate_docs.py"
            )
    rows = (
        (
            code(name),
            _TYPES.get(name) or _kind(schema["properties"][name], _in_yaml),
            "required" if name in required else _default(schema["properties"][name]),
            said[name],
        )
        for name in keys
    )
    return table(("key", "type", "default", "meaning"), rows)


_TYPES: Final[Mapping[str, str]] = {
    "texts": "by language and key: texts",
    "recoveries": "by code: a recovery",
    "args": "by name: texts, numbers or booleans",
    "root": "a node",
    "rows": "list of lists, or of objects",
}
_NAMES: Final[Mapping[str, str]] = {
    "ActionFile": "[actions](#actions)",
    "FormTemplate": "[forms](#forms)",
    "WizardTemplate": "[wizards](#wizards)",
    "ViewTemplate": "[views](#views)",
    "Field": "fields",
    "Rows": "rows",
    "Button": "buttons",
    "Option": "options",
    "Rule": "[rules](#rules)",
    "Comparison": "a [comparison](#rules)",
    "Step": "steps",
}


def _in_yaml(name: str) -> str:
    """What the page of app.yaml calls a record."""
    return _NAMES.get(name, code(name))


PAGES: Final[Mapping[str, Callable[[], Iterator[str]]]] = {
    "errors.md": errors_page,
    "limits.md": limits_page,
    "directives.md": directives_page,
    "nodes.md": nodes_page,
    "components.md": components_page,
    "app_yaml.md": app_yaml_page,
}


if __name__ == "__main__":
    sys.exit(main())
