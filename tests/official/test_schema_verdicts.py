"""Our schemas say what the official ones say, and our checker what the official client says.

Messages are drawn from the schemas of both sides and changed in a place or two (`drawn.py`,
`mutations.py`). One validator, Python's `jsonschema`, runs every pair of schemas over them; the
official npm client takes or refuses each by its own schema (zod), which is stricter, and then so
is our checker at either level.

The other way round, what the client's schema and the JSON Schema both accept is no error at level
`interop`, but for the rows of `STRICTER`, each with its reason.

Source: `@a2ui/web_core` 0.11.0, `src/v0_8/schemas` and `src/v0_8/schema`.
"""

from __future__ import annotations

import copy
import functools
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

import pytest
from jsonschema import Draft202012Validator, FormatChecker
from jsonschema_specifications import REGISTRY
from referencing.jsonschema import DRAFT202012

from uicompiler.backends.a2ui_v0_8.check import Rules, StreamChecker
from uicompiler.catalog.catalog import Catalog, parse_catalog, standard_catalog
from uicompiler.errors import Diagnostic
from uicompiler.limits import Limits

from .bridge import NODE_DIR, ClientError, OfficialClient, ensure_node_modules
from .conftest import require
from .drawn import places
from .messages import Message, column, data, delete, text, update
from .mutations import each_change, mutated

pytestmark = pytest.mark.official

ROOT = Path(__file__).resolve().parents[2]
OURS = ROOT / "schemas" / "a2ui_v0_8"
THEIRS = NODE_DIR / "node_modules" / "@a2ui" / "web_core" / "src" / "v0_8" / "schemas"

CORE = "server_to_client.json"
STANDARD = "server_to_client_with_standard_catalog.json"
Batch = int | Literal["systematic"]
BATCHES: Sequence[Batch] = ("systematic", *range(8))
PER_BATCH = 3_000
"""Messages of a batch by chance; all go through both pairs of server-to-client schemas."""


@pytest.fixture(scope="session", autouse=True)
def _installed() -> None:
    require(ensure_node_modules)


# ---------------------------------------------------------------- the pairs


class Pair(NamedTuple):
    """The same thing as we and as they describe it."""

    ours: Mapping[str, Any]
    theirs: Mapping[str, Any]


OTHER_PAIRS: Mapping[str, tuple[str, str]] = {
    "client to server": ("client_to_server.json", "client_to_server.json"),
    "catalog description": ("catalog_description.json", "catalog_description_schema.json"),
    "client capabilities": ("client_capabilities.json", "a2ui_client_capabilities_schema.json"),
}


def read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


@functools.cache
def pair(ours: str, theirs: str) -> Pair:
    return Pair(read(OURS / ours), read(THEIRS / theirs))


@functools.cache
def catalogs() -> Pair:
    """The standard catalogs, as a schema of one component.

    Ours asks for exactly one key where keys exclude each other, as the client does and the
    official catalog does not; that is left out here.
    """
    ours = read(ROOT / "catalogs" / "standard_v0_8.json")["components"]
    theirs = read(THEIRS / "standard_catalog_definition.json")["components"]
    ours = {
        name: without(schema, "minProperties", "maxProperties") for name, schema in ours.items()
    }
    return Pair(*({"type": "object", "properties": found} for found in (ours, theirs)))


def without(schema: Any, *keywords: str) -> Any:
    """A copy of a schema without these keywords anywhere."""
    schema = copy.deepcopy(schema)
    for parent, key in list(places(schema)):
        if key in keywords:
            del parent[key]
    return schema


# ---------------------------------------------------------------- judging by schema


FORMATS = FormatChecker(formats=())
"""Makes `format` count: a validator may ignore it, but which one is given is part of a schema."""


@FORMATS.checks("date-time")
def _is_date_time(value: object) -> bool:
    return not isinstance(value, str) or _DATE_TIME.fullmatch(value) is not None


_DATE_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")


def verdicts(schema: Mapping[str, Any], messages: Sequence[Any]) -> list[bool]:
    accepts = validator(schema).is_valid
    return [accepts(message) for message in messages]


def validator(schema: Mapping[str, Any]) -> Any:
    name = "catalog_description_schema.json"  # which one of theirs refers to
    described = DRAFT202012.create_resource(read(THEIRS / name))
    registry = REGISTRY.with_resource(name, described)
    return Draft202012Validator(schema, registry=registry, format_checker=FORMATS)


def compare(both: Pair, messages: Sequence[Any], *, least: float, most: float) -> None:
    """Assert that both schemas judge alike, and that such a share of the messages is valid."""
    ours, theirs = (verdicts(schema, messages) for schema in both)
    found = [
        f"{'ours' if mine else 'theirs'} alone accepts {json.dumps(message)[:400]}"
        for message, mine, other in zip(messages, ours, theirs, strict=True)
        if mine != other
    ]
    assert found == [], "\n".join([f"{len(found)} verdicts differ", *found[:5]])
    assert least < sum(theirs) / len(theirs) < most


@functools.cache
def stream_messages(batch: Batch) -> list[Any]:
    """The messages of one batch, from both sides' schemas; most know the standard catalog."""
    core, standard = pair(CORE, CORE), pair(STANDARD, STANDARD)
    if batch == "systematic":
        return each_change([*standard, *core])
    return mutated([*standard, *standard, *core], f"verdicts-{batch}", PER_BATCH)


@pytest.mark.parametrize("batch", BATCHES)
def test_stream_schemas_give_the_same_verdicts(batch: Batch) -> None:
    shares = {"least": 0.1, "most": 0.7} if batch == "systematic" else {"least": 0.35, "most": 0.75}
    for name in (CORE, STANDARD):
        compare(pair(name, name), stream_messages(batch), **shares)


def test_there_are_20_000_messages_no_two_alike() -> None:
    found = {json.dumps(item, sort_keys=True) for b in BATCHES for item in stream_messages(b)}
    assert len(found) >= 20_000
    for kind in ("surfaceUpdate", "dataModelUpdate", "beginRendering", "deleteSurface"):
        assert sum(item.startswith(f'{{"{kind}": {{') for item in found) > 200


@pytest.mark.parametrize("name", OTHER_PAIRS)
def test_the_other_schemas_give_the_same_verdicts(name: str) -> None:
    both = pair(*OTHER_PAIRS[name])
    compare(both, other_messages(name), least=0.4, most=0.85)


@functools.cache
def other_messages(name: str) -> list[Any]:
    both = pair(*OTHER_PAIRS[name])
    count = 3_000 if name == "client to server" else 700  # the metaschema takes its time
    return [*each_change([*both]), *mutated([*both], name, count)]


def test_the_standard_catalogs_give_the_same_verdicts() -> None:
    both = catalogs()
    compare(both, mutated([*both], "catalogs", 3_000), least=0.25, most=0.75)
    compare(both, each_change([*both]), least=0.1, most=0.5)


def test_no_schema_uses_a_format_that_validators_do_not_know() -> None:
    for ours, theirs in OTHER_PAIRS.values():
        for schema in (*pair(ours, theirs), *pair(CORE, CORE), *pair(STANDARD, STANDARD)):
            formats = {parent[key] for parent, key in places(schema) if key == "format"}
            assert formats <= {"date-time"}


# ---------------------------------------------------------------- that a difference would be seen


class Lack(NamedTuple):
    """A schema that lacks one rule, property or allowed value.

    Attributes:
        schema: The rest.
        what: What it lacks.
        part: The definition where that was, "" for the top.
        accepts_more: Whether it is a rule; without a property or value it accepts less.
    """

    schema: Mapping[str, Any]
    what: str
    part: str
    accepts_more: bool


def lacking(schema: dict[str, Any]) -> Iterator[Lack]:
    """Every single lack there can be."""
    for part, node in {"": schema, **schema.get("$defs", {})}.items():
        for parent, key in list(places(node)) if part else _top(schema):
            names = _names_listed(parent, key)
            for name in names:
                yield Lack(_without(schema, parent, key, name), name, part, key == "required")
            if _is_rule(parent, key):
                yield Lack(_without(schema, parent, key), key, part, True)


def _top(schema: dict[str, Any]) -> list[tuple[Any, Any]]:
    """The places of a schema that are in none of its definitions."""
    own = [(schema, key) for key in schema]
    return [*own, *places(schema.get("properties", {}))]


def _is_rule(parent: Any, key: Any) -> bool:
    """Whether a keyword alone refuses something; a type beside an enum does not."""
    if key == "type":
        return isinstance(parent[key], str) and "enum" not in parent
    if key == "additionalProperties":
        return parent[key] is False
    return key in ("enum", "pattern", "format", "minItems", "minProperties", "maxProperties")


def _names_listed(parent: Any, key: Any) -> list[Any]:
    """The entries, if it is `required`, `enum` or the `properties` of a closed object."""
    if key == "properties" and isinstance(parent[key], dict):
        return list(parent[key]) if parent.get("additionalProperties") is False else []
    return (
        list(parent[key]) if key in ("required", "enum") and isinstance(parent[key], list) else []
    )


def _without(schema: Any, parent: Any, key: Any, name: Any = None) -> Mapping[str, Any]:
    """A copy of a schema without a keyword, or without one of the names it lists."""
    kept = parent[key]
    if name is None:
        del parent[key]
    elif isinstance(kept, dict):
        parent[key] = {other: kept[other] for other in kept if other != name}
    else:
        parent[key] = [other for other in kept if other != name]
    found: Mapping[str, Any] = copy.deepcopy(schema)
    parent[key] = kept
    return found


KEY_OF = {
    "entry": "contents",
    "leaf": "valueMap",
    "boundNumber": "Slider",
    "boundBoolean": "CheckBox",
}
"""The key of a message that leads to a definition, where it is not of the same name."""


@pytest.mark.parametrize("name", [CORE, STANDARD, *OTHER_PAIRS])
def test_a_schema_that_lacks_anything_is_found_out(name: str) -> None:
    both = pair(*OTHER_PAIRS.get(name, (name, name)))
    messages = other_messages(name) if name in OTHER_PAIRS else each_change([*both])
    texts = [json.dumps(message) for message in messages]
    judged = list(zip(texts, messages, verdicts(both.theirs, messages), strict=True))
    tried, unseen = 0, []
    for lack in lacking(copy.deepcopy(dict(both.ours))):
        tried += 1
        accepts = validator(lack.schema).is_valid
        suspects = [row for row in judged if row[2] is not lack.accepts_more]
        key = f'"{KEY_OF.get(lack.part, lack.part)}":'
        about = [row for row in suspects if lack.part and key in row[0]] or suspects
        if all(accepts(message) == verdict for _, message, verdict in about):
            unseen.append(f"{lack.part}: {lack.what}")
    assert unseen == []
    assert tried >= (300 if name == STANDARD else 7)


# ---------------------------------------------------------------- judging as the client does


class Row(NamedTuple):
    """Where the checker is stricter at `interop` than the client's schema and JSON Schema.

    Attributes:
        code: The finding's code, without its family.
        begins: How its message begins.
        example: A message that gets this finding, and both schemas accept.
        why: What speaks against it.
    """

    code: str
    begins: str
    example: Message
    why: str


DIVIDER = {"Divider": {}}
TICK = {"label": {"literalString": "Gift"}, "value": {}}

STRICTER: Mapping[str, Row] = {
    "not one type": Row(
        "COMPONENT_INVALID",
        "a component is an object with exactly one type",
        update({"a": {}}),
        "The protocol asks for one. Without any nothing is shown; with two, what is shown is up to "
        "the order in which a client looks.",
    ),
    "a check box bound to nothing or twice": Row(
        "COMPONENT_BOUND_VALUE",
        "expected an object with exactly one of",
        update({"a": {"CheckBox": TICK}}),
        "The client forgets to check a CheckBox (it knows it as `Checkbox`) and throws when it is "
        "to be shown; of a path and a literal, clients take different ones.",
    ),
    "a reference to the empty id": Row(
        "COMPONENT_REFERENCE_UNRESOLVED",
        "no component '' is defined",
        update({"a": {"Card": {"child": ""}}}),
        "The client's schema passes over it, and the client throws when it is to be shown.",
    ),
    "a reference from the empty id": Row(
        "COMPONENT_REFERENCE_UNRESOLVED",
        "no component",
        update({"": {"Card": {"child": "nobody"}}}),
        "The client's schema passes over it, and the client throws when it is to be shown.",
    ),
    "the empty id twice": Row(
        "COMPONENT_ID_DUPLICATE",
        "the id '' is defined",
        {
            "surfaceUpdate": {
                "surfaceId": "main",
                "components": [{"id": "", "component": DIVIDER}, {"id": "", "component": DIVIDER}],
            }
        },
        "As any other id twice, which the client refuses: one of the two would never be shown.",
    ),
    "a cycle": Row(
        "COMPONENT_CYCLE",
        "components contain each other",
        update({"a": column("a")}),
        "The client throws when it is to be shown.",
    ),
    "a cycle by a string": Row(
        "COMPONENT_CYCLE",
        "clients take strings for the components they name",
        update({"a": text("a")}),
        "The client takes the string for the component, and throws when it is to be shown.",
    ),
    "no surface id": Row(
        "ENVELOPE_INVALID",
        "expected a surface id",
        delete(""),
        "No event about a surface without a name is taken; the names that JavaScript objects have "
        "by birth are refused with it.",
    ),
    "a number beyond a double": Row(
        "DATA_NOT_FINITE",
        "expected a finite number",
        data({"a": 10**309}),
        "The client reads Infinity.",
    ),
    "a number beyond a double, of a component": Row(
        "COMPONENT_INVALID",
        "expected a finite number",
        update({"a": {"Slider": {"value": {"literalNumber": 10**309}}}}),
        "The client reads Infinity.",
    ),
}


def is_known(finding: Diagnostic) -> bool:
    """Whether a finding is one of those that `STRICTER` explains."""
    code = finding.code.removeprefix("A2UI_S2C_")
    return any(
        code == row.code and finding.message.startswith(row.begins) for row in STRICTER.values()
    )


def surfaces(message: Any) -> list[str]:
    """The surfaces that a message names, wherever it has a place for one."""
    bodies = list(message.values()) if isinstance(message, dict) else []
    named = [body.get("surfaceId") for body in bodies if isinstance(body, dict)]
    return sorted({name for name in named if isinstance(name, str)})


def refusals(official: OfficialClient, messages: Sequence[Any]) -> list[ClientError | None]:
    """What the client says of each message, on a surface that it knows nothing of."""
    sent: list[Any] = []
    where: list[int] = []
    for message in messages:
        where.append(len(sent))
        sent += [message, *map(delete, surfaces(message))]
    with official.session() as session:
        answers = session.apply_many(sent)
    return [answers[index] for index in where]


def errors(
    message: Any, level: Literal["strict", "interop"], catalog: Catalog | None = None
) -> list[Diagnostic]:
    """What the checker has against a message to surfaces that are shown already."""
    rules = Rules(catalog or standard_catalog(), Limits(), level=level, foreign=True)
    checker = StreamChecker(rules, live=surfaces(message))
    found = [*checker.message(message), *checker.finish()]
    return [finding for finding in found if finding.severity == "error"]


Errors = Callable[[Any], list[Diagnostic]]


def missed(
    messages: Sequence[Any], said: Sequence[ClientError | None], errors: Errors
) -> list[str]:
    """Messages that the client refuses and the checker has nothing against."""
    return [
        f"{json.dumps(message)[:400]}: {refusal.message}"
        for message, refusal in zip(messages, said, strict=True)
        if refusal is not None and not errors(message)
    ]


@pytest.mark.parametrize("batch", BATCHES)
def test_what_the_client_refuses_is_an_error(official: OfficialClient, batch: Batch) -> None:
    messages = stream_messages(batch)
    said = refusals(official, messages)
    assert {answer.name for answer in said if answer} == {"ZodError"}
    assert sum(answer is None for answer in said) > len(said) / 20
    for level in ("strict", "interop"):
        found = missed(messages, said, lambda message, level=level: errors(message, level))
        assert found == [], "\n".join([f"{len(found)} pass at {level}", *found[:5]])


@pytest.mark.parametrize("batch", BATCHES)
def test_what_client_and_schema_accept_is_no_error_unless_explained(
    official: OfficialClient, batch: Batch
) -> None:
    messages = stream_messages(batch)
    said = refusals(official, messages)
    valid = verdicts(pair(STANDARD, STANDARD).theirs, messages)
    both = [
        message
        for message, answer, is_valid in zip(messages, said, valid, strict=True)
        if answer is None and is_valid
    ]
    assert len(both) > len(messages) / 20
    found = [
        f"{finding.code} {finding.message} {json.dumps(message)[:400]}"
        for message in both
        for finding in errors(message, "interop")
        if not is_known(finding)
    ]
    assert found == [], "\n".join([f"{len(found)} errors are not explained", *found[:5]])


@pytest.mark.parametrize("row", STRICTER.values(), ids=STRICTER)
def test_each_explained_error_is_still_one(official: OfficialClient, row: Row) -> None:
    assert refusals(official, [row.example]) == [None]
    for schema in pair(STANDARD, STANDARD):
        assert verdicts(schema, [row.example]) == [True]
    [finding] = errors(row.example, "interop")
    assert finding.code == f"A2UI_S2C_{row.code}"
    assert finding.message.startswith(row.begins)


@pytest.mark.parametrize(
    ("component", "prop"), [("Text", "usageHint"), ("Slider", "minValue"), ("Card", "child")]
)
def test_a_checker_that_lacks_a_rule_is_found_out(
    official: OfficialClient, component: str, prop: str
) -> None:
    document = read(ROOT / "catalogs" / "standard_v0_8.json")
    props = document["components"][component]["properties"]
    props[prop] = {"type": "object"} if props[prop]["type"] == "number" else {"type": "string"}
    catalog = parse_catalog(document)
    messages = stream_messages("systematic")
    said = refusals(official, messages)
    assert missed(messages, said, lambda message: errors(message, "interop", catalog))
