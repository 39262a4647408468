"""The schema holds under strict mode, and whatever it allows is read without repair."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Annotated, Any, Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from pydantic import ConfigDict, ValidationError
from pydantic import Field as Setting

from uicompiler.app import UIApp
from uicompiler.compiler import compile
from uicompiler.directives.envelope import parse_envelope
from uicompiler.directives.read import read_directive
from uicompiler.directives.registry import Payload
from uicompiler.directives.standard.common import ButtonSpec
from uicompiler.errors import AppError
from uicompiler.ir.base import Frozen, Node
from uicompiler.ir.content import Text
from uicompiler.ir.tree import parse_node
from uicompiler.llm.schema import envelope_schema, offered, response_format
from uicompiler.templates.form import FormTemplate
from uicompiler.templates.view import ViewTemplate

Schema = dict[str, Any]

ALLOWED = {
    "$defs",
    "$ref",
    "additionalProperties",
    "anyOf",
    "description",
    "enum",
    "items",
    "properties",
    "required",
    "type",
}
TYPES = {"object", "array", "string", "number", "integer", "boolean", "null"}


# An app whose own directive uses most of what a payload model can say.


class Point(Frozen):
    """A place.

    This paragraph is for developers.
    """

    x: float
    y: int = 0


class Circle(Frozen):
    shape: Literal["circle"] = "circle"
    at: Point


class Square(Frozen):
    shape: Literal["square"] = "square"
    side: Annotated[float, Setting(description="In metres")]


class Tree(Frozen):
    node: Literal["tree"] = "tree"
    name: str
    children: tuple[Tree, ...] = ()


class Sketch(Payload):
    """Not shown: the summary is."""

    shapes: tuple[Circle | Square, ...]
    main: Annotated[Circle | Square, Setting(discriminator="shape")]
    tree: Tree
    scale: Literal[1, 2, "auto", None] = 1
    always: str | None
    point: Point | None = None
    spelled: Annotated[bool, Setting(alias="spelledOtherwise")] = False
    ours: Annotated[int, Setting(json_schema_extra={"hidden_from_model": True})] = 7


def ignore(_payload: Any, _context: Any) -> list[Any]:
    return []


def with_directive(payload: type[Payload], name: str = "x.sketch") -> UIApp:
    app = UIApp.standard()
    app.directive(name, payload=payload, summary="Draw.")(ignore)
    return app


@pytest.fixture(scope="session")
def sketch() -> UIApp:
    return with_directive(Sketch)


@pytest.fixture(scope="session", params=["standard", "crm", "crm_inline", "sketch"])
def app(request: pytest.FixtureRequest) -> UIApp:
    if request.param == "standard":
        return UIApp.standard()
    built: UIApp = request.getfixturevalue(request.param)
    return built


@cache
def schema_of(app: UIApp) -> Schema:
    return envelope_schema(app)


def payload_of(app: UIApp, name: str) -> Schema:
    for item in envelope_schema(app)["properties"]["directives"]["items"]["anyOf"]:
        if item["properties"]["type"]["enum"] == [name]:
            payload: Schema = item["properties"]["payload"]
            return payload
    raise KeyError(name)


# Strict mode.


def sent(app: UIApp) -> Schema:
    """The schema a provider gets."""
    schema: Schema = response_format(app)["json_schema"]["schema"]
    return schema


def schemas(schema: Schema) -> Iterator[Schema]:
    """The schema and every schema inside it."""
    yield schema
    children = [*schema.get("properties", {}).values(), *schema.get("$defs", {}).values()]
    children += [*schema.get("anyOf", ()), *([schema["items"]] if "items" in schema else [])]
    for child in children:
        yield from schemas(child)


def test_it_is_a_valid_json_schema(app: UIApp) -> None:
    Draft202012Validator.check_schema(envelope_schema(app))


def test_only_keywords_of_strict_mode_occur(app: UIApp) -> None:
    for schema in (*schemas(envelope_schema(app)), *schemas(sent(app))):
        assert set(schema) <= ALLOWED
        assert len(set(schema) & {"type", "anyOf", "$ref"}) == 1
        assert schema.get("type", "null") in TYPES
        assert "$ref" not in schema or set(schema) == {"$ref"}


def test_every_object_is_closed_and_requires_all_its_keys(app: UIApp) -> None:
    for schema in (*schemas(envelope_schema(app)), *schemas(sent(app))):
        if schema.get("type") == "object":
            assert schema["additionalProperties"] is False
            assert schema["required"] == list(schema["properties"])


def test_the_root_is_an_object_and_every_reference_resolves(app: UIApp) -> None:
    for root in (envelope_schema(app), sent(app)):
        assert root["type"] == "object"
        refs = {schema["$ref"] for schema in schemas(root) if "$ref" in schema}
        assert refs == {f"#/$defs/{name}" for name in root.get("$defs", {})}


def test_directives_are_told_apart_by_their_first_key(app: UIApp) -> None:
    items = envelope_schema(app)["properties"]["directives"]["items"]["anyOf"]
    assert [next(iter(item["properties"])) for item in items] == ["type"] * len(items)
    names = [item["properties"]["type"]["enum"] for item in items]
    assert names == [[spec.type] for spec in offered(app)]


def depth(schema: Schema, defs: Mapping[str, Schema], inside: tuple[str, ...] = ()) -> int:
    """How many objects and arrays stand inside each other; a recursion counts once."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return 0 if name in inside else depth(defs[name], defs, (*inside, name))
    children = [*schema.get("properties", {}).values(), *schema.get("anyOf", ())]
    children += [schema["items"]] if "items" in schema else []
    deepest = max((depth(child, defs, inside) for child in children), default=0)
    return deepest + (schema.get("type") in ("object", "array"))


@pytest.mark.parametrize("name", ["standard", "crm", "views"])
def test_it_stays_within_the_limits_providers_publish(
    name: str, crm_inline: UIApp, with_views: UIApp
) -> None:
    """OpenAI's: 10 levels, 5 000 properties, 1 000 enum values, 120 000 characters of names.

    Source: https://platform.openai.com/docs/guides/structured-outputs#supported-schemas
    """
    root = envelope_schema(
        {"standard": UIApp.standard(), "crm": crm_inline, "views": with_views}[name]
    )
    properties = [key for schema in schemas(root) for key in schema.get("properties", ())]
    values = [value for schema in schemas(root) for value in schema.get("enum", ())]
    assert depth(root, root["$defs"]) <= 10
    assert len(properties) <= 300
    assert len(values) <= 200
    assert sum(len(str(name)) for name in (*properties, *values, *root["$defs"])) <= 5_000
    assert len(json.dumps(root)) <= 35_000


def test_fifty_forms_and_actions_stay_within_the_limits_too() -> None:
    app = UIApp("big", inline_form_action="submit")
    for index in range(50):
        app.add_action(f"action_{index}")
        app.add_form(f"form_{index}", CONTACT)
        app.add_view(f"view_{index}", CARD)
    root = envelope_schema(app)
    # Views stand twice: in ui.show_view and in ui.surface.open.
    assert sum(len(schema.get("enum", ())) for schema in schemas(root)) <= 400


def test_response_format_wraps_a_schema_that_takes_the_same(app: UIApp) -> None:
    form = response_format(app)
    lean = form["json_schema"]["schema"]
    assert form == {
        "type": "json_schema",
        "json_schema": {"name": "uicompiler_envelope", "strict": True, "schema": lean},
    }
    whole = envelope_schema(app)
    shared = lean["$defs"].keys() - whole["$defs"].keys()
    written_out = inlined(lean, {name: lean["$defs"][name] for name in shared})
    written_out["$defs"] = {name: written_out["$defs"][name] for name in whole["$defs"]}
    assert undescribed(written_out) == undescribed(whole)


def test_the_order_of_registration_does_not_matter(crm: UIApp, crm_reversed: UIApp) -> None:
    assert json.dumps(envelope_schema(crm)) == json.dumps(envelope_schema(crm_reversed))


def inlined(value: Any, shared: Mapping[str, Schema]) -> Any:
    """A schema with some references replaced by what they stand for."""
    if isinstance(value, Mapping):
        name = str(value.get("$ref", "")).rpartition("/")[2]
        if name in shared:
            return inlined(shared[name], shared)
        return {key: inlined(item, shared) for key, item in value.items()}
    return [inlined(item, shared) for item in value] if isinstance(value, list) else value


def undescribed(value: Any) -> Any:
    if isinstance(value, Mapping):
        kept = {
            key: item
            for key, item in value.items()
            if key != "description" or isinstance(item, Mapping)
        }
        return {key: undescribed(item) for key, item in kept.items()}
    return [undescribed(item) for item in value] if isinstance(value, list) else value


# What an app's registrations make of it.

CONTACT = FormTemplate.model_validate(
    {
        "title": "Contact",
        "fields": [{"id": "name", "label": "Name"}],
        "buttons": [{"label": "Save", "action": "action_1"}],
    }
)
CARD = ViewTemplate(root=Text(text="Ada"))


@pytest.fixture(scope="session")
def with_views() -> UIApp:
    app = UIApp("views", inline_form_action="submit")
    app.add_view("overview", CARD)
    app.add_view("details", CARD)
    app.add_action("open")
    return app


def test_form_ids_are_the_registered_forms(crm: UIApp, crm_inline: UIApp) -> None:
    enum = {"type": "string", "enum": ["contact", "deal", "meeting", "task"]}
    assert payload_of(crm, "ui.show_form")["properties"]["form_id"] == enum
    nullable = {"anyOf": [enum, {"type": "null"}]}
    assert payload_of(crm_inline, "ui.show_form")["properties"]["form_id"] == nullable


def test_inline_keys_are_there_only_when_the_app_allows_inline_forms(
    crm: UIApp, crm_inline: UIApp
) -> None:
    inline = {"title", "intro", "fields", "submit_label"}
    assert not inline & set(payload_of(crm, "ui.show_form")["properties"])
    assert "Field" not in envelope_schema(crm)["$defs"]
    assert inline <= set(payload_of(crm_inline, "ui.show_form")["properties"])


def test_without_forms_a_form_is_composed_inline() -> None:
    properties = payload_of(UIApp.standard(), "ui.show_form")["properties"]
    assert "form_id" not in properties
    assert properties["title"]["type"] == "string"
    assert properties["fields"]["type"] == "array"


def test_without_an_action_nothing_is_offered_that_needs_one() -> None:
    app = UIApp("bare")
    names = [spec.type for spec in offered(app)]
    assert not {"ui.show_form", "ui.show_choices", "ui.request_upload", "ui.confirm"} & set(names)
    definitions = envelope_schema(app)["$defs"]
    assert not {"Button", "ButtonSpec", "Action", "Field", "Rows"} & set(definitions)
    assert "buttons" not in definitions["Table"]["properties"]
    assert "buttons" not in payload_of(app, "ui.show_result")["properties"]
    assert "retry_action" not in payload_of(app, "ui.show_error")["properties"]


def test_a_required_record_that_needs_an_action_is_refused_where_there_is_none() -> None:
    class Menu(Payload):
        first: ButtonSpec

    app = UIApp("bare")
    app.directive("x.menu", payload=Menu, summary="A menu.")(ignore)
    with pytest.raises(AppError, match="needs an action") as caught:
        envelope_schema(app)
    assert caught.value.pointer == "/properties/first"


def test_buttons_can_only_send_what_the_app_has(with_views: UIApp) -> None:
    definitions = envelope_schema(with_views)["$defs"]
    assert definitions["Action"]["enum"] == ["open", "submit"]
    action = {"$ref": "#/$defs/Action"}
    assert definitions["Button"]["properties"]["action"] == action
    assert definitions["ButtonSpec"]["properties"]["action"] == action
    confirm = payload_of(with_views, "ui.confirm")["properties"]
    assert confirm["action"] == action
    assert confirm["cancel_action"] == {"anyOf": [action, {"type": "null"}]}


def test_without_an_action_for_what_models_compose_one_is_named(crm: UIApp) -> None:
    for name in ("ui.show_choices", "ui.request_upload"):
        assert payload_of(crm, name)["properties"]["action"] == {"$ref": "#/$defs/Action"}


def test_view_ids_are_the_registered_views(with_views: UIApp, crm: UIApp) -> None:
    enum = {"type": "string", "enum": ["details", "overview"]}
    for name in ("ui.show_view", "ui.surface.open"):
        properties = payload_of(with_views, name)["properties"]
        assert properties["view_id"] == {"anyOf": [enum, {"type": "null"}]}
        assert properties["root"] == {"anyOf": [{"$ref": "#/$defs/Node"}, {"type": "null"}]}
        assert "view_id" not in payload_of(crm, name)["properties"]
        assert payload_of(crm, name)["properties"]["root"] == {"$ref": "#/$defs/Node"}


# Trees.


def node_classes(root: Schema) -> list[Schema]:
    """References to all nodes that fit anywhere; beside them a string does, as a text."""
    *classes, text = root["$defs"]["Node"]["anyOf"]
    assert text == {"type": "string"}
    return list(classes)


def kinds(root: Schema) -> list[str]:
    """The kinds of nodes that fit anywhere."""
    names = [item["$ref"].rpartition("/")[2] for item in node_classes(root)]
    return [root["$defs"][name]["properties"]["node"]["enum"][0] for name in names]


def test_a_tree_holds_all_kinds_of_nodes_but_tab_anywhere() -> None:
    app = UIApp.standard()
    assert kinds(envelope_schema(app)) == sorted({*app.nodes} - {"tab"})


def test_a_tree_holds_no_fields_where_forms_cannot_be_composed(crm: UIApp) -> None:
    root = envelope_schema(crm)
    assert kinds(root) == sorted({*crm.nodes} - {"tab", "field", "rows"})
    assert not {"Field", "Rows"} & set(root["$defs"])


def test_nodes_are_told_apart_by_their_first_key(app: UIApp) -> None:
    root = envelope_schema(app)
    definitions = root["$defs"]
    for item in node_classes(root):
        first, tag = next(iter(definitions[item["$ref"].rpartition("/")[2]]["properties"].items()))
        assert (first, len(tag["enum"])) == ("node", 1)


def test_trees_are_recursive_and_tabs_hold_tabs() -> None:
    definitions = envelope_schema(UIApp.standard())["$defs"]
    node = {"$ref": "#/$defs/Node"}
    children = {"anyOf": [{"type": "array", "items": node}, {"type": "null"}]}
    assert definitions["Card"]["properties"]["children"] == children
    assert definitions["List"]["properties"]["item"] == {"anyOf": [node, {"type": "null"}]}
    pages = definitions["Tabs"]["properties"]["children"]
    assert pages["items"] == {"$ref": "#/$defs/Tab"}
    assert definitions["Tab"]["properties"]["node"]["enum"] == ["tab"]


def test_a_form_holds_fields_and_rows() -> None:
    fields = payload_of(UIApp.standard(), "ui.show_form")["properties"]["fields"]
    assert fields["items"] == {"anyOf": [{"$ref": f"#/$defs/{name}"} for name in ("Field", "Rows")]}


def test_maps_are_lists_of_entries_and_rows_are_lists_of_cells() -> None:
    definitions = envelope_schema(UIApp.standard())["$defs"]
    args = definitions["Button"]["properties"]["args"]["anyOf"][0]
    assert list(args["items"]["properties"]) == ["key", "value"]
    rows = definitions["Table"]["properties"]["rows"]["anyOf"]
    cells = [{"type": kind} for kind in ("string", "number", "boolean", "null")]
    row = {"type": "array", "items": {"anyOf": cells}}
    assert rows == [{"type": "array", "items": row}, {"type": "null"}]


def test_entries_are_read_as_the_map_they_stand_for() -> None:
    button = {"node": "button", "label": "Open", "action": "open"}
    entries = [{"key": "id", "value": 7}, {"key": "id", "value": 8}, {"key": "on", "value": True}]
    read = parse_node({**button, "args": entries})
    assert read == parse_node({**button, "args": {"id": 8, "on": True}})


@pytest.mark.parametrize("entry", [{"key": "_a", "value": 1}, {"key": "a"}, {"key": 1, "value": 1}])
def test_entries_that_are_none_are_refused(entry: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        parse_node({"node": "button", "label": "Open", "action": "open", "args": [entry]})


class Badge(Node):
    """A word on a coloured ground."""

    node: Literal["badge"] = "badge"
    word: str


class Legend(Node):
    """Only for the app's own templates."""

    model_config = ConfigDict(json_schema_extra={"hidden_from_model": True})

    node: Literal["legend"] = "legend"
    colours: dict[str, str]


class Chart(Node):
    """Has a map, which strict mode cannot say."""

    node: Literal["chart"] = "chart"
    values: dict[str, float]


def test_nodes_of_the_app_come_for_free_unless_hidden() -> None:
    app = UIApp.standard()
    app.add_node(Badge, {})
    app.add_node(Legend, {})
    assert "badge" in kinds(envelope_schema(app))
    assert "legend" not in kinds(envelope_schema(app))


def test_a_node_that_cannot_be_said_is_refused_once() -> None:
    app = UIApp.standard()
    app.add_node(Chart, {})
    with pytest.raises(AppError) as caught:
        envelope_schema(app)
    assert [item.pointer for item in caught.value.diagnostics] == ["/$defs/Chart/properties/values"]


def test_low_level_directives_come_last() -> None:
    names = [spec.type for spec in offered(UIApp.standard())]
    assert names[-4:] == ["ui.data.patch", "ui.data.replace", "ui.surface.close", "ui.surface.open"]


def test_hidden_and_idle_keys_are_left_out(sketch: UIApp) -> None:
    definitions = envelope_schema(sketch)["$defs"]
    assert "key" not in definitions["Field"]["properties"]
    assert "node" not in definitions["Tree"]["properties"]
    assert "ours" not in payload_of(sketch, "x.sketch")["properties"]


def test_tags_that_tell_alternatives_apart_stay(sketch: UIApp) -> None:
    tag = envelope_schema(sketch)["$defs"]["Circle"]["properties"]["shape"]
    assert tag == {"type": "string", "enum": ["circle"]}


def test_a_directive_of_the_app_comes_for_free(sketch: UIApp) -> None:
    properties = payload_of(sketch, "x.sketch")["properties"]
    assert properties["main"] == {"anyOf": [{"$ref": f"#/$defs/{n}"} for n in ("Circle", "Square")]}
    assert properties["always"] == {"type": "string"}
    assert properties["scale"]["anyOf"] == [
        {"type": "integer", "enum": [1, 2]},
        {"type": "string", "enum": ["auto"]},
        {"type": "null"},
    ]
    assert "spelledOtherwise" in properties


def test_descriptions_are_one_paragraph_and_hold_the_bounds(sketch: UIApp) -> None:
    definitions = envelope_schema(sketch)["$defs"]
    assert definitions["Point"]["description"] == "A place."
    assert definitions["Square"]["properties"]["side"]["description"] == "In metres"
    assert definitions["Field"]["properties"]["id"]["description"] == "maxLength 64"


def test_what_the_app_says_of_its_shapes_is_sent_and_what_the_instructions_tell_is_not(
    sketch: UIApp,
) -> None:
    root = sent(sketch)
    assert root["$defs"]["Point"]["description"] == "A place."
    assert root["$defs"]["Square"]["properties"]["side"]["description"] == "In metres"
    assert "description" not in root["$defs"]["Card"]
    told = {item.get("description") for item in root["properties"]["directives"]["items"]["anyOf"]}
    assert told == {None}


def test_that_something_given_is_not_empty_goes_without_saying(sketch: UIApp) -> None:
    assert "description" not in payload_of(sketch, "ui.patch")["properties"]["ops"]
    assert "description" not in payload_of(sketch, "ui.confirm")["properties"]["title"]


def test_scalars_and_lists_of_texts_may_be_patched_in() -> None:
    value = envelope_schema(UIApp.standard())["$defs"]["Op"]["properties"]["value"]
    scalars = [{"type": kind} for kind in ("string", "number", "boolean")]
    texts = {"type": "array", "items": {"type": "string"}}
    assert value == {"anyOf": [*scalars, texts, {"type": "null"}]}


# What strict mode cannot say.


class Inner(Frozen):
    scores: dict[str, int]


class Map(Payload):
    scores: dict[str, int] | None = None


class NestedMap(Payload):
    inner: tuple[Inner, ...]


class Anything(Payload):
    value: Any = None


class Pair(Payload):
    pair: tuple[int, str]


class HiddenRequired(Payload):
    secret: Annotated[int, Setting(json_schema_extra={"hidden_from_model": True})]


class AnyList(Payload):
    items: list[Any]


REFUSED: list[tuple[type[Payload], str]] = [
    (Map, "/properties/scores/anyOf/0"),
    (NestedMap, "/$defs/Inner/properties/scores"),
    (Anything, "/properties/value"),
    (Pair, "/properties/pair"),
    (HiddenRequired, "/properties/secret"),
    (AnyList, "/properties/items/items"),
]


@pytest.mark.parametrize(("payload", "pointer"), REFUSED)
def test_what_strict_mode_cannot_say_is_refused(payload: type[Payload], pointer: str) -> None:
    with pytest.raises(AppError) as caught:
        envelope_schema(with_directive(payload, "x.bad"))
    found = caught.value
    assert (found.code, found.pointer) == ("APP_INVALID", pointer)
    assert "x.bad" in found.message
    assert found.hint


def test_all_that_cannot_be_said_is_told_at_once() -> None:
    app = UIApp.standard()
    for index, (payload, _) in enumerate(REFUSED):
        app.directive(f"x.bad{index}", payload=payload, summary="Bad.")(ignore)
    with pytest.raises(AppError) as caught:
        envelope_schema(app)
    assert [item.pointer for item in caught.value.diagnostics] == [place for _, place in REFUSED]


def test_a_payload_without_json_schema_is_refused() -> None:
    class Opaque(Payload):
        call: Callable[[], int]

    with pytest.raises(AppError, match=r"x\.bad") as caught:
        envelope_schema(with_directive(Opaque, "x.bad"))
    assert caught.value.code == "APP_INVALID"


def test_an_app_that_offers_nothing_is_refused() -> None:
    app = UIApp("bare")
    for name in app.directives.names():
        app.directives.drop(name)
    with pytest.raises(AppError, match="no directive"):
        envelope_schema(app)


def test_models_of_one_name_do_not_mix() -> None:
    def payload(kind: type) -> type[Payload]:
        class Entry(Frozen):
            only: kind  # type: ignore[valid-type]  # a model made by the test

        class Holder(Payload):
            entry: Entry

        return Holder

    app = with_directive(payload(int), "x.one")
    app.directive("x.two", payload=payload(bool), summary="Two.")(ignore)
    definitions = envelope_schema(app)["$defs"]
    kinds = []
    for name in ("x.one", "x.two"):
        ref = payload_of(app, name)["properties"]["entry"]["$ref"]
        kinds.append(definitions[ref.rpartition("/")[2]]["properties"]["only"]["type"])
    assert kinds == ["integer", "boolean"]


# What the schema allows, the reader reads.


def one_of(item: dict[str, Any], first: str, second: str, value: Any) -> dict[str, Any]:
    """With exactly one of two keys; `value` for the second one."""
    return item | ({second: None} if item[first] is not None else {second: value})


FITTING = {
    "short_text": ("min_length", "max_length"),
    "long_text": ("min_length", "max_length"),
    "number": ("min", "max"),
    "upload": ("accept", "max_bytes"),
}
RULES = ("min", "max", "min_length", "max_length", "min_items", "max_items", "accept", "max_bytes")
LINE = {"node": "divider"}
OPTIONS = [{"value": "a", "label": "A"}, {"value": "b", "label": "B"}]


def sensible_field(item: dict[str, Any]) -> dict[str, Any]:
    """A field whose rules fit its kind: what no schema says, the model has to know."""
    kind = item["kind"] or "short_text"
    changed = {key: None for key in RULES if key not in FITTING.get(kind, ())}
    changed |= {key: None for key in ("min", "max") if isinstance(item[key], str)}
    changed |= {"min": 0, "max": 10} if kind == "slider" else {}
    changed |= {"accept": [".csv"], "max_bytes": 1} if kind == "upload" else {}
    chosen = OPTIONS if kind in ("choice", "multi_choice") else None
    default = item["default"] if kind == "short_text" and isinstance(item["default"], str) else None
    return item | changed | {"options": chosen, "default": default, "pattern": None}


def sensible_rows(item: dict[str, Any]) -> dict[str, Any]:
    columns = [
        column | {"id": f"c{index}"}
        for index, column in enumerate(item["columns"])
        if column["kind"] not in ("secret", "upload")
    ]
    first = sensible_field({**item["columns"][0], "id": "first", "kind": "short_text"})
    return item | {"columns": [first, *columns], "min_rows": None}


def sensible_table(item: dict[str, Any]) -> dict[str, Any]:
    columns = [column | {"id": f"c{index}"} for index, column in enumerate(item["columns"])]
    rows = item["rows"] and [row[: len(columns)] for row in item["rows"]]
    return one_of(item, "rows", "bind", "/committed/a") | {
        "columns": columns,
        "rows": rows,
        "item_key": "c0",
    }


def sensible_list(item: dict[str, Any]) -> dict[str, Any]:
    if item["item"] is None:
        return item | {"bind": None, "item_key": None}
    return item | {"bind": "/committed/a", "children": None}


def sensible_image(item: dict[str, Any]) -> dict[str, Any]:
    alt = None if item["decorative"] else "A desk"
    return one_of(item, "url", "bind", "/committed/a") | {"alt": alt}


def on_payload(
    change: Callable[[dict[str, Any]], dict[str, Any]],
) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda item: item | {"payload": change(item["payload"])}


def sensible_form(payload: dict[str, Any]) -> dict[str, Any]:
    """By `form_id`, or composed of fields whose ids differ."""
    if payload.get("form_id") is not None:
        return payload
    fields = payload["fields"] or []
    named = [field | {"id": f"f{index}"} for index, field in enumerate(fields)]
    return payload | {"title": payload["title"] or "T", "fields": named or None}


SENSIBLE: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "field": sensible_field,
    "rows": sensible_rows,
    "table": sensible_table,
    "list": sensible_list,
    "image": sensible_image,
    "text": lambda item: one_of(item, "text", "bind", "/committed/a"),
    "KeyValue": lambda item: one_of(item, "text", "bind", "/committed/a"),
    "progress": lambda item: item | ({"bind": None} if item["value"] is not None else {}),
    "ui.show_form": on_payload(sensible_form),
    "ui.show_choices": on_payload(lambda payload: payload | {"options": OPTIONS}),
    "ui.request_upload": on_payload(lambda payload: payload | {"accept": [".csv"]}),
    "ui.show_table": on_payload(sensible_table),
    "ui.show_view": on_payload(lambda payload: {**payload, "root": payload["root"] or LINE}),
    "ui.surface.open": on_payload(lambda payload: {**payload, "root": payload["root"] or LINE}),
}
"""By kind of node, directive or definition: the rules between keys, which no schema says."""


class Model:
    """Writes what a schema allows, like a provider's constrained decoding; heeds stated bounds."""

    DEEPEST = 14

    def __init__(self, root: Schema, seed: int) -> None:
        self._definitions = root.get("$defs", {})
        self._random = random.Random(seed)

    def write(self, schema: Schema, key: str = "", note: str = "", depth: int = 0) -> Any:
        note = schema.get("description", note)
        if "$ref" in schema:
            name = schema["$ref"].rpartition("/")[2]
            return self._sensible(name, self.write(self._definitions[name], key, note, depth))
        if "anyOf" in schema:
            options = schema["anyOf"]
            if depth >= self.DEEPEST and {"type": "null"} in options:
                return None
            return self.write(self._random.choice(options), key, note, depth)
        if "enum" in schema:
            return self._random.choice(schema["enum"])
        if schema["type"] == "array":
            count = self._random.randint(1, 1 if depth >= self.DEEPEST else 2)
            return [self.write(schema["items"], "", "", depth + 1) for _ in range(count)]
        if schema["type"] == "object":
            made = {
                name: self.write(value, name, "", depth + 1)
                for name, value in schema["properties"].items()
            }
            return self._sensible(str(made.get("node", made.get("type"))), made)
        return self._scalar(schema["type"], key, note)

    def _sensible(self, name: str, made: Any) -> Any:
        return SENSIBLE[name](made) if name in SENSIBLE and isinstance(made, dict) else made

    def _scalar(self, kind: str, key: str, note: str) -> Any:
        if kind == "null":
            return None
        if kind == "boolean":
            return self._random.random() < 0.5
        if kind == "string":
            return self._text(key)
        bounds = {name: float(value) for name, value in re.findall(r"(\w+) (-?[\d.]+)", note)}
        low = int(bounds.get("minimum", bounds.get("exclusiveMinimum", -(2**53) - 1) + 1))
        whole = self._random.randint(low, int(bounds.get("maximum", 2**53)))
        return whole if kind == "integer" else self._random.choice([whole, float(whole), low + 0.5])

    def _text(self, key: str) -> str:
        # Names and pointers: not every text is one.
        known = {"bind": "/committed/a", "path": "/draft/name", "pattern": "[a-z]+"}
        if key in known:
            return known[key]
        if key in ("id", "key", "item_key"):
            return "".join(self._random.choices("abcxyz", k=8))
        letters = 'abcÄ漢\U0001f600 {}[]"\\<&*_/0.'
        return "".join(self._random.choices(letters, k=self._random.randint(1, 8)))


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 2**32))
def test_what_the_schema_allows_is_read_without_repair(app: UIApp, seed: int) -> None:
    root = schema_of(app)
    envelope = Model(root, seed).write(root)
    Draft202012Validator(root).validate(envelope)
    parsed = parse_envelope(json.dumps(envelope))
    assert parsed.envelope is not None
    assert parsed.diagnostics == ()
    for item in parsed.envelope.directives:
        read = read_directive(item, app.directives, app.nodes)
        assert read.diagnostics == ()
        assert read.payload is not None


@given(seed=st.integers(0, 2**32))
def test_null_reads_as_absent(app: UIApp, seed: int) -> None:
    root = schema_of(app)
    item = Model(root, seed).write(root["properties"]["directives"]["items"])
    absent = {key: value for key, value in item["payload"].items() if value is not None}
    without = read_directive({**item, "payload": absent}, app.directives, app.nodes)
    assert without == read_directive(item, app.directives, app.nodes)


@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=50, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_what_the_schema_allows_names_nothing_unknown(app: UIApp, seed: int) -> None:
    """Every form, view, action and node it allows is there."""
    root = schema_of(app)
    item = Model(root, seed).write(root["properties"]["directives"]["items"])
    found = {finding.code for finding in compile([item], app=app).diagnostics}
    unknown = {"TEMPLATE_UNKNOWN", "ACTION_UNKNOWN", "UNKNOWN_TYPE", "INLINE_FORM_FORBIDDEN"}
    assert not found & {f"DIRECTIVE_{name}" for name in unknown}
