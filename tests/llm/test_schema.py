"""The schema holds under strict mode, and whatever it allows is read without repair."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Annotated, Any, Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from pydantic import Field as Setting

from uicompiler.app import UIApp
from uicompiler.directives.envelope import parse_envelope
from uicompiler.directives.read import read_directive
from uicompiler.directives.registry import Payload
from uicompiler.errors import AppError
from uicompiler.ir.base import Frozen
from uicompiler.llm.schema import envelope_schema, offered, response_format

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


@pytest.fixture(scope="session")
def root(app: UIApp) -> Schema:
    return envelope_schema(app)


def payload_of(app: UIApp, name: str) -> Schema:
    for item in envelope_schema(app)["properties"]["directives"]["items"]["anyOf"]:
        if item["properties"]["type"]["enum"] == [name]:
            payload: Schema = item["properties"]["payload"]
            return payload
    raise KeyError(name)


# Strict mode.


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
    for schema in schemas(envelope_schema(app)):
        assert set(schema) <= ALLOWED
        assert len(set(schema) & {"type", "anyOf", "$ref"}) == 1
        assert schema.get("type", "null") in TYPES
        assert "$ref" not in schema or set(schema) == {"$ref"}


def test_every_object_is_closed_and_requires_all_its_keys(app: UIApp) -> None:
    for schema in schemas(envelope_schema(app)):
        if schema.get("type") == "object":
            assert schema["additionalProperties"] is False
            assert schema["required"] == list(schema["properties"])


def test_the_root_is_an_object_and_every_reference_resolves(app: UIApp) -> None:
    root = envelope_schema(app)
    assert root["type"] == "object"
    refs = {schema["$ref"] for schema in schemas(root) if "$ref" in schema}
    assert refs == {f"#/$defs/{name}" for name in root.get("$defs", {})}


def test_directives_are_told_apart_by_their_first_key(app: UIApp) -> None:
    items = envelope_schema(app)["properties"]["directives"]["items"]["anyOf"]
    assert [next(iter(item["properties"])) for item in items] == ["type"] * len(items)
    names = [item["properties"]["type"]["enum"] for item in items]
    assert names == [[spec.type] for spec in offered(app)]


def object_depth(schema: Schema, defs: Mapping[str, Schema]) -> int:
    """How many objects stand inside each other."""
    if "$ref" in schema:
        return object_depth(defs[schema["$ref"].rpartition("/")[2]], defs)
    children = [*schema.get("properties", {}).values(), *schema.get("anyOf", ())]
    children += [schema["items"]] if "items" in schema else []
    deepest = max((object_depth(child, defs) for child in children), default=0)
    return deepest + (schema.get("type") == "object")


def test_it_stays_within_the_limits_providers_publish() -> None:
    """OpenAI's first limits, the tightest: 5 levels of objects and 100 properties.

    The standard app: envelope, directive, payload, field, option.
    """
    root = envelope_schema(UIApp.standard())
    assert object_depth(root, root["$defs"]) == 5
    assert sum(len(schema.get("properties", ())) for schema in schemas(root)) <= 100


def test_response_format_wraps_the_schema(app: UIApp) -> None:
    assert response_format(app) == {
        "type": "json_schema",
        "json_schema": {
            "name": "uicompiler_envelope",
            "strict": True,
            "schema": envelope_schema(app),
        },
    }


def test_the_order_of_registration_does_not_matter(crm: UIApp, crm_reversed: UIApp) -> None:
    assert json.dumps(envelope_schema(crm)) == json.dumps(envelope_schema(crm_reversed))


# What an app's registrations make of it.


def test_form_ids_are_the_registered_forms(crm: UIApp, crm_inline: UIApp) -> None:
    enum = {"type": "string", "enum": ["contact", "deal", "meeting", "task"]}
    assert payload_of(crm, "ui.show_form")["properties"]["form_id"] == enum
    nullable = {"anyOf": [enum, {"type": "null"}]}
    assert payload_of(crm_inline, "ui.show_form")["properties"]["form_id"] == nullable


def test_inline_keys_are_there_only_when_the_app_allows_inline_forms(
    crm: UIApp, crm_inline: UIApp
) -> None:
    inline = {"title", "fields", "submit_label"}
    assert not inline & set(payload_of(crm, "ui.show_form")["properties"])
    assert "Field" not in envelope_schema(crm)["$defs"]
    assert inline <= set(payload_of(crm_inline, "ui.show_form")["properties"])


def test_without_forms_a_form_is_composed_inline() -> None:
    properties = payload_of(UIApp.standard(), "ui.show_form")["properties"]
    assert "form_id" not in properties
    assert properties["title"]["type"] == "string"
    assert properties["fields"]["type"] == "array"


def test_with_no_form_at_all_none_can_be_shown() -> None:
    app = UIApp("bare")
    assert [spec.type for spec in offered(app)] == ["ui.patch", "ui.toast"]
    with pytest.raises(KeyError):
        payload_of(app, "ui.show_form")


def test_hidden_and_idle_keys_are_left_out(sketch: UIApp) -> None:
    definitions = envelope_schema(sketch)["$defs"]
    assert not {"key", "node"} & set(definitions["Field"]["properties"])
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
    assert payload_of(sketch, "ui.patch")["properties"]["ops"]["description"] == "minItems 1"


def test_any_json_scalar_may_be_patched_in() -> None:
    value = envelope_schema(UIApp.standard())["$defs"]["Op"]["properties"]["value"]
    kinds = ["string", "number", "boolean", "null"]
    assert value == {"anyOf": [{"type": kind} for kind in kinds]}


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

PLAIN = st.text(st.characters(exclude_categories=["C"]), min_size=1, max_size=8)
SCALARS: dict[str, st.SearchStrategy[Any]] = {
    "null": st.none(),
    "boolean": st.booleans(),
    "integer": st.integers(-(2**53), 2**53),
    "number": st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**53), 2**53),
    "string": PLAIN,
}
RULES = {
    "min": ("number",),
    "max": ("number",),
    "min_length": ("short_text", "long_text"),
    "max_length": ("short_text", "long_text"),
}


def sensible_field(item: dict[str, Any]) -> dict[str, Any]:
    """A field whose rules fit its kind: what no schema says, the model has to know."""
    kind = item["kind"] or "short_text"
    changed = {key: None for key, kinds in RULES.items() if kind not in kinds}
    changed |= {key: None for key in ("min", "max") if isinstance(item[key], str)}
    options = {option["value"]: option for option in item["options"] or ()}
    fallback = {"a": {"value": "a", "label": "A"}}
    chosen = list((options or fallback).values()) if kind == "choice" else None
    default = item["default"] if kind == "short_text" and isinstance(item["default"], str) else None
    return item | changed | {"options": chosen, "default": default, "pattern": None}


class Instances:
    """Values that a schema allows, as a provider's constrained decoding would write them."""

    def __init__(self, definitions: Mapping[str, Schema]) -> None:
        self._definitions = definitions
        self._made: dict[str, st.SearchStrategy[Any]] = {}

    def of(self, schema: Schema) -> st.SearchStrategy[Any]:
        if "$ref" in schema:
            return self._ref(schema["$ref"].rpartition("/")[2])
        if "anyOf" in schema:
            return st.one_of([self.of(item) for item in reversed(schema["anyOf"])])
        if "enum" in schema:
            return st.sampled_from(schema["enum"])
        if schema["type"] == "array":
            return st.lists(self.of(schema["items"]), min_size=1, max_size=3)
        return self._object(schema) if schema["type"] == "object" else SCALARS[schema["type"]]

    def _object(self, schema: Schema) -> st.SearchStrategy[Any]:
        # Ids are names: not every text is one.
        names = st.from_regex(r"[a-z][a-z0-9_]{0,9}", fullmatch=True)
        return st.fixed_dictionaries(
            {
                key: names if key == "id" else self.of(value)
                for key, value in schema["properties"].items()
            }
        )

    def _ref(self, name: str) -> st.SearchStrategy[Any]:
        if name not in self._made:
            self._made[name] = st.deferred(lambda: self._definition(name))
        return self._made[name]

    def _definition(self, name: str) -> st.SearchStrategy[Any]:
        made = self.of(self._definitions[name])
        return made.map(sensible_field) if name == "Field" else made


@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(data=st.data())
def test_what_the_schema_allows_is_read_without_repair(
    app: UIApp, root: Schema, data: st.DataObject
) -> None:
    envelope = data.draw(Instances(root["$defs"]).of(root))
    Draft202012Validator(root).validate(envelope)
    parsed = parse_envelope(json.dumps(envelope))
    assert parsed.envelope is not None
    assert parsed.diagnostics == ()
    for item in parsed.envelope.directives:
        read = read_directive(item, app.directives)
        assert read.diagnostics == ()
        assert read.payload is not None


@given(data=st.data())
def test_null_reads_as_absent(app: UIApp, root: Schema, data: st.DataObject) -> None:
    instances = Instances(root["$defs"])
    item = data.draw(instances.of(root["properties"]["directives"]["items"]))
    absent = {key: value for key, value in item["payload"].items() if value is not None}
    without = read_directive({**item, "payload": absent}, app.directives)
    assert without == read_directive(item, app.directives)
