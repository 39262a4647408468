"""The A2UI v0.8 schemas and the standard catalog are well-formed and judge rightly.

These are tests of data files: they use `jsonschema` and nothing of `uicompiler`. The schemas accept
what the protocol's own do (`tests/official/test_schema_verdicts.py` compares them); the catalog
asks for exactly one key where keys exclude each other. Rows are `(name, schema or component,
instance)`, one table per verdict.

Source: A2UI v0.8 specification, sections 2, 4 and 5.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any  # JSON documents, whose shape is what the tests are about

import pytest
from jsonschema import Draft202012Validator

ROOT = Path(__file__).resolve().parents[2]
S2C = "schemas/a2ui_v0_8/server_to_client.json"
C2S = "schemas/a2ui_v0_8/client_to_server.json"
STANDARD = "schemas/a2ui_v0_8/server_to_client_with_standard_catalog.json"
DESCRIPTION = "schemas/a2ui_v0_8/catalog_description.json"
CAPABILITIES = "schemas/a2ui_v0_8/client_capabilities.json"
CATALOG = "catalogs/standard_v0_8.json"
SCHEMAS = (S2C, STANDARD, C2S, DESCRIPTION, CAPABILITIES)
FILES = (*SCHEMAS, CATALOG)

COMPONENTS = {
    *("Text", "Image", "Icon", "Video", "AudioPlayer", "Row", "Column", "List", "Card"),
    *("Tabs", "Divider", "Modal", "Button", "CheckBox", "TextField", "DateTimeInput"),
    *("MultipleChoice", "Slider"),
}
# Every prop with an enum, and every object with required props; the rest has neither.
MAIN_AXIS = "start center end spaceBetween spaceAround spaceEvenly"
CROSS_AXIS = "start center end stretch"
ENUMS = {
    "Text.usageHint": "h1 h2 h3 h4 h5 body caption",
    "Image.fit": "contain cover fill none scale-down",
    "Image.usageHint": "icon avatar smallFeature mediumFeature largeFeature header",
    "Row.distribution": MAIN_AXIS,
    "Row.alignment": CROSS_AXIS,
    "Column.distribution": MAIN_AXIS,
    "Column.alignment": CROSS_AXIS,
    "List.direction": "vertical horizontal",
    "List.alignment": CROSS_AXIS,
    "Divider.axis": "horizontal vertical",
    "TextField.textFieldType": "shortText longText number date obscured",
    "MultipleChoice.variant": "checkbox chips",
}
REQUIRED = {
    "Text": "text",
    "Image": "url",
    "Icon": "name",
    "Video": "url",
    "AudioPlayer": "url",
    "Row": "children",
    "Row.children.template": "componentId dataBinding",
    "Column": "children",
    "Column.children.template": "componentId dataBinding",
    "List": "children",
    "List.children.template": "componentId dataBinding",
    "Card": "child",
    "Tabs": "tabItems",
    "Tabs.tabItems": "title child",
    "Modal": "entryPointChild contentChild",
    "Button": "child action",
    "Button.action": "name",
    "Button.action.context": "key value",
    "CheckBox": "label value",
    "TextField": "label",
    "DateTimeInput": "value",
    "MultipleChoice": "selections options",
    "MultipleChoice.options": "label value",
    "Slider": "value",
}
# Props that are neither strings, objects nor arrays, wherever they occur.
SCALARS = {
    **dict.fromkeys(("primary", "enableDate", "enableTime", "filterable"), "boolean"),
    **dict.fromkeys(("literalNumber", "minValue", "maxValue"), "number"),
    "literalBoolean": "boolean",
    "maxAllowedSelections": "integer",
}
# Below these keys of a message anything goes, null included.
FREE = {"styles", "component", "context", "error", "A"}
DIALECT = "https://json-schema.org/draft/2020-12/schema"

Row = tuple[str, str, Any]


def load(name: str) -> Any:
    return json.loads((ROOT / name).read_text(encoding="utf-8"))


DOCUMENTS = {name: load(name) for name in FILES}


def subschemas(node: Any) -> Iterator[dict[str, Any]]:
    """Every JSON object in a document, outermost first."""
    if isinstance(node, dict):
        yield node
    children = node.values() if isinstance(node, dict) else node
    for child in children if isinstance(node, (dict, list)) else ():
        if isinstance(child, (dict, list)):
            yield from subschemas(child)


def catalog_schemas() -> dict[str, Any]:
    catalog = DOCUMENTS[CATALOG]
    styles = {f"styles.{name}": schema for name, schema in catalog["styles"].items()}
    return {**catalog["components"], **styles}


def is_accepted(schema: str, instance: Any) -> bool:
    schemas = {**DOCUMENTS, **catalog_schemas()}
    return Draft202012Validator(schemas[schema]).is_valid(instance)


def with_null(instance: Any, free: set[str]) -> Iterator[Any]:
    """Copies of a JSON value with one part turned into null, none below `free` keys."""
    yield None
    if isinstance(instance, list):
        for i, part in enumerate(instance):
            rest = instance[i + 1 :]
            yield from ([*instance[:i], x, *rest] for x in with_null(part, free))
    elif isinstance(instance, dict):
        for key, part in instance.items():
            below = [None] if key in free else with_null(part, free)
            yield from ({**instance, key: x} for x in below)


def props(name: str, schema: Any) -> Iterator[tuple[str, Any]]:
    """A schema and those of its props, by dotted name; array items go by their prop."""
    yield name, schema
    inner = schema.get("items", schema)
    for key, prop in inner.get("properties", {}).items():
        yield from props(f"{name}.{key}", prop)


def all_props() -> list[tuple[str, Any]]:
    components = DOCUMENTS[CATALOG]["components"].items()
    return [row for name, schema in components for row in props(name, schema)]


def begin(**fields: Any) -> dict[str, Any]:
    return {"beginRendering": {"surfaceId": "shop", "root": "top", **fields}}


def update(*components: Any) -> dict[str, Any]:
    return {"surfaceUpdate": {"surfaceId": "shop", "components": list(components)}}


def data(*contents: Any, **fields: Any) -> dict[str, Any]:
    return {"dataModelUpdate": {"surfaceId": "shop", "contents": list(contents), **fields}}


def action(**changes: Any) -> dict[str, Any]:
    fields = {
        "name": "order",
        "surfaceId": "shop",
        "sourceComponentId": "buy:2",
        "timestamp": "2026-03-04T05:06:07Z",
        "context": {},
        **changes,
    }
    return {"userAction": {k: v for k, v in fields.items() if v is not None}}


def lit(text: str) -> dict[str, Any]:
    return {"literalString": text}


def fixed(*ids: str) -> dict[str, Any]:
    return {"explicitList": list(ids)}


def repeated(**template: str) -> dict[str, Any]:
    return {"template": template}


def sends(value: Any) -> dict[str, Any]:
    context = [{"key": "sku", "value": value}]
    return {"child": "face", "action": {"name": "order", "context": context}}


def shown(kind: str, **props: Any) -> dict[str, Any]:
    return update({"id": "a", "component": {kind: props}})


def able(*catalogs: Any) -> dict[str, Any]:
    return {"supportedCatalogIds": ["example.com:c"], "inlineCatalogs": list(catalogs)}


def catalog(**changes: Any) -> dict[str, Any]:
    return {"catalogId": "example.com:c", "components": {}, "styles": {}, **changes}


LABEL = {"id": "hello", "component": {"Text": {"text": lit("Good day")}}}
SHOP = {"surfaceId": "shop", "components": [LABEL]}
AGES = {"key": "ages", "valueMap": [{"key": "Ada", "valueNumber": 36}]}
FLAG = {"key": "new", "valueBoolean": True}
NAME = {"key": "name", "valueString": "Ada"}
TWICE = {"key": "k", "valueString": "1", "valueNumber": 1}
KEYLESS = {"valueString": "1", "valueNumber": 1}
CHOICE = {"selections": {"path": "/a"}, "options": []}
DEEP = {"key": "a", "valueMap": [{"key": "b", "valueMap": []}]}

ACCEPTED: list[Row] = [
    ("begin, bare", S2C, begin()),
    ("begin, catalog", S2C, begin(catalogId="example.com:parts")),
    ("begin, any styles", S2C, begin(styles={"font": "Inter", "corner": [4]})),
    ("update, one component", S2C, update(LABEL)),
    ("update, weight zero", S2C, update({**LABEL, "weight": 0})),
    ("update, weight fraction", S2C, update({**LABEL, "weight": 1.5})),
    ("update, ids may repeat", S2C, update(LABEL, LABEL)),
    ("update, unknown type", S2C, update({"id": "g", "component": {"Gauge": {}}})),
    ("update, props unchecked", S2C, update({"id": "g", "component": {"Text": 7}})),
    ("data, nothing", S2C, data()),
    ("data, flag in map", S2C, data({"key": "a", "valueMap": [FLAG, NAME]})),
    ("data, path", S2C, data({"key": "city", "valueString": "Oslo"}, path="/to")),
    ("data, dot key", S2C, data({"key": ".", "valueNumber": -0.5}, path="/to/x")),
    ("data, falsy", S2C, data({"key": "", "valueBoolean": False})),
    ("data, map", S2C, data(AGES)),
    ("data, empty map", S2C, data({"key": "ages", "valueMap": []})),
    ("delete", S2C, {"deleteSurface": {"surfaceId": "shop"}}),
    # Clients refuse these or show nothing; `uicompiler.a2ui.validate` does not let them pass.
    ("no message", S2C, {}),
    ("two messages", S2C, {**begin(), **data()}),
    ("update, no type", S2C, update({"id": "x", "component": {}})),
    ("update, two types", S2C, update({"id": "x", "component": {"A": {}, "B": {}}})),
    ("data, no value", S2C, data({"key": "city"})),
    ("data, two values", S2C, data({"key": "n", "valueString": "1", "valueNumber": 1})),
    ("data, map entry double", S2C, data({"key": "n", "valueMap": [TWICE]})),
    ("data, map entry bare", S2C, data({"key": "n", "valueMap": [{"key": "k"}]})),
    ("standard, bound to nothing", STANDARD, shown("Text", text={})),
    ("standard, bound twice", STANDARD, shown("Text", text={"path": "/a", **lit("b")})),
    ("standard, no children", STANDARD, shown("Row", children={})),
    ("standard, no type", STANDARD, update({"id": "x", "component": {}})),
    # The rest is as clients take it.
    ("standard, component", STANDARD, shown("Text", text=lit("x"), usageHint="h1")),
    ("standard, styles", STANDARD, begin(styles={"font": "Inter", "primaryColor": "#0a1B2c"})),
    ("standard, data", STANDARD, data(AGES, FLAG, path="/to")),
    ("standard, delete", STANDARD, {"deleteSurface": {"surfaceId": "shop"}}),
    ("catalog, bare", DESCRIPTION, catalog()),
    ("catalog, component", DESCRIPTION, catalog(components={"A": {"type": "object"}})),
    ("catalog, anything goes", DESCRIPTION, catalog(styles={"A": True})),
    ("catalog, extra key", DESCRIPTION, catalog(version=1)),
    ("client, no catalogs", CAPABILITIES, {"supportedCatalogIds": []}),
    ("client, own catalog", CAPABILITIES, able(catalog(components={"A": {}}))),
    ("action, empty context", C2S, action()),
    ("action, nested context", C2S, action(context={"picked": ["a"], "gone": {}})),
    ("action, extra key", C2S, action(locale="nb")),
    ("error, empty", C2S, {"error": {}}),
    ("error, any keys", C2S, {"error": {"what": "font", "tries": 3}}),
    ("Text", "Text", {"text": {"path": "/doc/name"}, "usageHint": "h5"}),
    ("Image", "Image", {"url": lit("https://example.com/a.png"), "fit": "none"}),
    ("Icon", "Icon", {"name": lit("shoppingCart")}),
    ("Icon, bound", "Icon", {"name": {"path": "symbol"}}),
    ("Video", "Video", {"url": {"path": "/clip"}}),
    ("AudioPlayer", "AudioPlayer", {"url": {"path": "/s"}, "description": lit("")}),
    ("Row, no children", "Row", {"children": fixed(), "distribution": "spaceEvenly"}),
    ("Column", "Column", {"children": fixed("a", "b"), "alignment": "stretch"}),
    ("List", "List", {"children": repeated(componentId="t", dataBinding="/rows")}),
    ("Card", "Card", {"child": "inner"}),
    ("Tabs", "Tabs", {"tabItems": [{"title": lit("One"), "child": "p1"}]}),
    ("Divider, no props", "Divider", {}),
    ("Modal", "Modal", {"entryPointChild": "open", "contentChild": "inside"}),
    ("Button, no context", "Button", {"child": "face", "action": {"name": "go"}}),
    ("Button, number", "Button", sends({"literalNumber": 0})),
    ("CheckBox", "CheckBox", {"label": lit("Gift"), "value": {"path": "/gift"}}),
    ("TextField", "TextField", {"label": lit("Pin"), "textFieldType": "obscured"}),
    ("DateTimeInput", "DateTimeInput", {"value": lit(""), "enableTime": False}),
    (
        "MultipleChoice",
        "MultipleChoice",
        {"selections": {"literalArray": []}, "options": [], "variant": "chips"},
    ),
    ("Slider", "Slider", {"value": {"literalNumber": 3}, "maxValue": 10}),
    ("style, colour", "styles.primaryColor", "#0a1B2c"),
    ("style, font", "styles.font", "Inter"),
]

REFUSED: list[Row] = [
    ("unknown message", S2C, {"hideSurface": {"surfaceId": "shop"}}),
    ("unknown beside known", S2C, {**begin(), "note": 1}),
    ("a list of messages", S2C, [begin()]),
    ("null body", S2C, {"deleteSurface": None}),
    ("begin, no root", S2C, {"beginRendering": {"surfaceId": "shop"}}),
    ("begin, no surface", S2C, {"beginRendering": {"root": "top"}}),
    ("begin, extra key", S2C, begin(theme="dark")),
    ("begin, styles a string", S2C, begin(styles="dark")),
    ("begin, catalog null", S2C, begin(catalogId=None)),
    ("update, no components", S2C, update()),
    ("update, component a string", S2C, update("hello")),
    ("update, components missing", S2C, {"surfaceUpdate": {"surfaceId": "shop"}}),
    ("update, surface missing", S2C, {"surfaceUpdate": {"components": [LABEL]}}),
    ("update, unknown field", S2C, {"surfaceUpdate": {**SHOP, "order": 1}}),
    ("update, no id", S2C, update({"component": LABEL["component"]})),
    ("update, numeric id", S2C, update({**LABEL, "id": 4})),
    ("update, weight text", S2C, update({**LABEL, "weight": "1"})),
    ("update, weight boolean", S2C, update({**LABEL, "weight": True})),
    ("update, extra key", S2C, update({**LABEL, "hidden": True})),
    ("update, type a string", S2C, update({"id": "x", "component": "Text"})),
    ("data, no contents", S2C, {"dataModelUpdate": {"surfaceId": "shop"}}),
    ("data, contents a map", S2C, data(contents={"city": "Oslo"})),
    ("data, path null", S2C, data(path=None)),
    ("data, no key", S2C, data({"valueString": "Oslo"})),
    ("data, values, no key", S2C, data({"valueString": "x", "valueNumber": 1})),
    ("data, null value", S2C, data({"key": "n", "valueString": None})),
    ("data, number as text", S2C, data({"key": "n", "valueNumber": "1"})),
    ("data, extra key", S2C, data(mode="merge")),
    ("data, map entry keyless", S2C, data({"key": "n", "valueMap": [KEYLESS]})),
    ("data, boolean as number", S2C, data({"key": "n", "valueNumber": True})),
    ("data, array value", S2C, data({"key": "n", "valueArray": []})),
    ("data, map as object", S2C, data({"key": "n", "valueMap": {}})),
    ("data, map in map", S2C, data(DEEP)),
    ("delete, no surface", S2C, {"deleteSurface": {}}),
    ("delete, extra key", S2C, {"deleteSurface": {"surfaceId": "s", "why": "old"}}),
    ("standard, unknown style", STANDARD, begin(styles={"logoUrl": "x"})),
    ("standard, short colour", STANDARD, begin(styles={"primaryColor": "#abc"})),
    ("standard, unknown type", STANDARD, shown("Gauge")),
    ("standard, unknown prop", STANDARD, shown("Text", text=lit("x"), color="red")),
    ("standard, unknown hint", STANDARD, shown("Text", text=lit("x"), usageHint="h6")),
    ("standard, wrong literal", STANDARD, shown("Text", text={"literalNumber": 1})),
    ("standard, variant", STANDARD, shown("MultipleChoice", **CHOICE, variant="chips")),
    ("catalog, no id", DESCRIPTION, {"components": {}, "styles": {}}),
    ("catalog, no styles", DESCRIPTION, {"catalogId": "x", "components": {}}),
    ("catalog, no schema", DESCRIPTION, catalog(components={"A": "Text"})),
    ("catalog, broken schema", DESCRIPTION, catalog(components={"A": {"type": "text"}})),
    ("client, ids missing", CAPABILITIES, {"inlineCatalogs": []}),
    ("client, id a number", CAPABILITIES, {"supportedCatalogIds": [1]}),
    ("client, broken catalog", CAPABILITIES, able({"catalogId": "x"})),
    ("client, nothing", C2S, {}),
    ("client, both", C2S, {**action(), "error": {}}),
    ("client, unknown", C2S, {"ping": {}}),
    ("client, unknown beside known", C2S, {**action(), "ping": {}}),
    ("action, no name", C2S, action(name=None)),
    ("action, no source", C2S, action(sourceComponentId=None)),
    ("action, no surface", C2S, action(surfaceId=None)),
    ("action, no context", C2S, action(context=None)),
    ("action, context a list", C2S, action(context=[])),
    ("action, no time", C2S, action(timestamp=None)),
    ("action, numeric time", C2S, action(timestamp=1772600767)),
    ("error, a string", C2S, {"error": "font"}),
    ("Text, bare string", "Text", {"text": "Good day"}),
    ("Text, empty bound value", "Text", {"text": {}}),
    ("Text, path and literal", "Text", {"text": {"path": "/a", **lit("b")}}),
    ("Text, wrong literal", "Text", {"text": {"literalNumber": 1}}),
    ("Text, unknown hint", "Text", {"text": lit("x"), "usageHint": "h6"}),
    ("Text, extra prop", "Text", {"text": lit("x"), "color": "red"}),
    ("Image, no url", "Image", {"altText": lit("x")}),
    ("Image, unknown fit", "Image", {"url": lit("x"), "fit": "crop"}),
    ("Icon, unknown name", "Icon", {"name": lit("unicorn")}),
    ("Row, bare list", "Row", {"children": ["a"]}),
    ("Row, no kind of children", "Row", {"children": {}}),
    (
        "Column, both kinds of children",
        "Column",
        {"children": {**fixed(), **repeated(componentId="t", dataBinding="/r")}},
    ),
    ("Column, unknown spread", "Column", {"children": fixed(), "distribution": "even"}),
    ("List, template without data", "List", {"children": repeated(componentId="t")}),
    ("Card, two children", "Card", {"child": ["a", "b"]}),
    ("Tabs, no child", "Tabs", {"tabItems": [{"title": lit("One")}]}),
    ("Divider, unknown axis", "Divider", {"axis": "diagonal"}),
    ("Modal, no content", "Modal", {"entryPointChild": "open"}),
    ("Button, label", "Button", {"label": lit("Go"), "action": {"name": "go"}}),
    ("Button, no action", "Button", {"child": "face"}),
    ("Button, value bare", "Button", sends("A-1")),
    ("Button, value double", "Button", sends({"literalNumber": 1, "path": "/n"})),
    ("CheckBox, no value", "CheckBox", {"label": lit("Gift")}),
    ("TextField, unknown kind", "TextField", {"label": lit("x"), "textFieldType": "x"}),
    ("DateTimeInput, label", "DateTimeInput", {"value": lit(""), "label": lit("Day")}),
    (
        "MultipleChoice, no options",
        "MultipleChoice",
        {"selections": {"path": "/picked"}},
    ),
    ("Slider, text value", "Slider", {"value": lit("3")}),
    ("style, short colour", "styles.primaryColor", "#abc"),
    ("style, colour and newline", "styles.primaryColor", "#0a1B2c\n"),
]


def params(rows: list[Row]) -> list[Any]:
    return [pytest.param(schema, value, id=name) for name, schema, value in rows]


@pytest.mark.parametrize("name", SCHEMAS)
def test_schema_is_valid_draft_2020_12(name: str) -> None:
    assert DOCUMENTS[name]["$schema"] == DIALECT
    Draft202012Validator.check_schema(DOCUMENTS[name])


@pytest.mark.parametrize("name", sorted(catalog_schemas()))
def test_catalog_schema_is_valid_draft_2020_12(name: str) -> None:
    Draft202012Validator.check_schema(catalog_schemas()[name])


@pytest.mark.parametrize("name", FILES)
def test_nothing_has_to_be_fetched(name: str) -> None:
    document = DOCUMENTS[name]
    refs = [node["$ref"] for node in subschemas(document) if "$ref" in node]
    inside = [ref for ref in refs if ref != DIALECT]  # validators bring the metaschema along
    assert all(ref.removeprefix("#/$defs/") in document["$defs"] for ref in inside)
    assert document.get("$id", "urn:uicompiler:").startswith("urn:uicompiler:")


@pytest.mark.parametrize(("schema", "instance"), params(ACCEPTED))
def test_accepts(schema: str, instance: Any) -> None:
    assert is_accepted(schema, instance)


@pytest.mark.parametrize(("schema", "instance"), params(REFUSED))
def test_refuses(schema: str, instance: Any) -> None:
    assert not is_accepted(schema, instance)


@pytest.mark.parametrize(
    ("schema", "instance"),
    params([row for row in ACCEPTED if not row[0].endswith("extra key")]),
)
def test_null_is_refused_in_every_place(schema: str, instance: Any) -> None:
    free = FREE if schema in FILES else set()
    for broken in with_null(instance, free):
        assert not is_accepted(schema, broken)


def test_both_stream_schemas_describe_messages_alike() -> None:
    core, standard = (DOCUMENTS[name]["$defs"] for name in (S2C, STANDARD))
    beginning = standard["beginRendering"]["properties"].keys()
    assert beginning == core["beginRendering"]["properties"].keys()
    for name in core.keys() - {"beginRendering", "component"}:
        assert standard[name] == core[name]


@pytest.mark.parametrize("name", sorted(COMPONENTS))
def test_the_standard_schema_knows_the_components_of_the_catalog(name: str) -> None:
    """But for two props of MultipleChoice, and keys that exclude each other."""
    described = bare(DOCUMENTS[CATALOG]["components"][name], {})
    for prop in ("variant", "filterable") if name == "MultipleChoice" else ():
        del described["properties"][prop]
    definitions = DOCUMENTS[STANDARD]["$defs"]
    assert bare({"$ref": f"#/$defs/{name}"}, definitions) == described


def bare(schema: Any, definitions: dict[str, Any]) -> Any:
    """A schema with its references resolved and nothing that does not decide over types."""
    if "$ref" in schema:
        schema = definitions[schema["$ref"].removeprefix("#/$defs/")]
    dropped = {"description", "format", "minProperties", "maxProperties"}
    found = {key: value for key, value in schema.items() if key not in dropped}
    if "properties" in found:
        found["properties"] = {
            name: bare(prop, definitions) for name, prop in found["properties"].items()
        }
    if "items" in found:
        found["items"] = bare(found["items"], definitions)
    return found


def test_catalog_is_a_catalog_description() -> None:
    assert is_accepted(DESCRIPTION, DOCUMENTS[CATALOG])
    assert set(DOCUMENTS[CATALOG]) == {"catalogId", "components", "styles"}
    assert set(DOCUMENTS[CATALOG]["components"]) == COMPONENTS


def test_every_component_is_accepted_and_refused_somewhere() -> None:
    assert {schema for _, schema, _ in ACCEPTED} >= COMPONENTS
    assert {schema for _, schema, _ in REFUSED} >= COMPONENTS - {"Video", "AudioPlayer"}


def test_enums_are_those_of_the_protocol() -> None:
    found = {name: set(prop["enum"]) for name, prop in all_props() if "enum" in prop}
    del found["Icon.name.literalString"]  # has its own test
    assert found == {name: set(values.split()) for name, values in ENUMS.items()}


def test_required_props_are_those_of_the_protocol() -> None:
    inner = {name: prop.get("items", prop) for name, prop in all_props()}
    found = {name: set(p["required"]) for name, p in inner.items() if "required" in p}
    assert found == {name: set(values.split()) for name, values in REQUIRED.items()}


def test_every_prop_has_its_type() -> None:
    for name, prop in all_props():
        expected = SCALARS.get(name.rpartition(".")[2])
        assert prop["type"] in ([expected] if expected else ["string", "object", "array"])
        assert prop.get("items", prop)["type"]


def test_children_are_a_list_or_a_template() -> None:
    for name in ("Row", "Column", "List"):
        children = DOCUMENTS[CATALOG]["components"][name]["properties"]["children"]
        assert set(children["properties"]) == {"explicitList", "template"}
        assert (children["minProperties"], children["maxProperties"]) == (1, 1)


def test_catalog_objects_are_closed() -> None:
    for node in subschemas(DOCUMENTS[CATALOG]["components"]):
        if node.get("type") == "object":
            assert node["additionalProperties"] is False


def test_bound_values_take_exactly_one_key() -> None:
    found = 0
    for node in subschemas(DOCUMENTS[CATALOG]["components"]):
        if "path" in node.get("properties", {}):
            found += 1
            assert (node["minProperties"], node["maxProperties"]) == (1, 1)
            assert node["properties"]["path"]["format"] == "a2ui-path"
    assert found == 18


def test_references_paths_and_urls_are_marked() -> None:
    marks = {"child", "componentId", "entryPointChild", "contentChild"}
    formats = dict.fromkeys(marks, "a2ui-component-id")
    formats |= {"path": "a2ui-path", "dataBinding": "a2ui-path"}
    for node in subschemas(DOCUMENTS[CATALOG]["components"]):
        for name, schema in node.get("properties", {}).items():
            if name in formats:
                assert schema["format"] == formats[name]
            if name == "explicitList":
                assert schema["items"]["format"] == "a2ui-component-id"
            if name == "url":
                literal = schema["properties"]["literalString"]
                assert literal["format"] == "a2ui-url"


def test_icon_names_are_the_48_of_the_protocol() -> None:
    name = DOCUMENTS[CATALOG]["components"]["Icon"]["properties"]["name"]
    names = name["properties"]["literalString"]["enum"]
    assert len(names) == len(set(names)) == 48
