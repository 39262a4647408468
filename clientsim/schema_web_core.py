"""What the official client accepts, and what it keeps of a message.

Observed: official client (web_core 0.11.0, its zod schemas). The traps are kept: unknown
properties of known components vanish; a bound value has exactly one key, and `literal` is one of
them; CheckBox is not looked at, because the schema knows it as `Checkbox`; a component may have
no type or several; every reference must be defined in the same message.
"""

from collections.abc import Iterator
from typing import Final

from clientsim.errors import Refused
from clientsim.messages import checked, components
from clientsim.shape import (
    Check,
    Mismatch,
    choice,
    flag,
    many,
    number,
    one_of,
    record,
    text,
)
from clientsim.values import js_keys

MAP_DEPTH: Final = 5

_STRING: Final = choice({"path": text, "literalString": text, "literal": text})
_TITLE: Final = choice({"path": text, "literalString": text})
_BOOLEAN: Final = choice({"path": text, "literalBoolean": flag})
_NUMBER: Final = choice({"path": text, "literalNumber": number})
_SELECTIONS: Final = choice({"path": text, "literalArray": many(text)})
_CONTEXT_VALUE: Final = choice(
    {"path": text, "literalString": text, "literalNumber": number, "literalBoolean": flag}
)
_ACTION: Final = record(
    {"name": text},
    {"context": many(record({"key": text, "value": _CONTEXT_VALUE}, extra="drop"))},
    extra="drop",
)
_CHILDREN: Final = choice(
    {
        "explicitList": many(text),
        "template": record({"componentId": text, "dataBinding": text}, extra="drop"),
    }
)
_ALIGNMENT: Final = one_of("start", "center", "end", "stretch")
_DISTRIBUTION: Final = one_of(
    "start", "center", "end", "spaceBetween", "spaceAround", "spaceEvenly"
)
_IMAGE_HINT: Final = one_of(
    "icon", "avatar", "smallFeature", "mediumFeature", "largeFeature", "header"
)


def _named(value: object) -> object:
    if value == "":
        raise Mismatch("expected an id")
    return text(value)


def _loose_title(value: object) -> object:
    """A tab's title drops unknown members before they are counted."""
    kept = record({}, {"path": text, "literalString": text}, extra="drop")(value)
    return _TITLE(kept)


def _props(required: dict[str, Check], optional: dict[str, Check] | None = None) -> Check:
    return record(required, optional, extra="drop")


_TYPES: Final[dict[str, Check]] = {
    "Text": _props(
        {"text": _STRING},
        {"usageHint": one_of("h1", "h2", "h3", "h4", "h5", "caption", "body")},
    ),
    "Image": _props(
        {"url": _STRING},
        {
            "usageHint": _IMAGE_HINT,
            "fit": one_of("contain", "cover", "fill", "none", "scale-down"),
            "altText": _STRING,
        },
    ),
    "Icon": _props({"name": _STRING}),
    "Video": _props({"url": _STRING}),
    "AudioPlayer": _props({"url": _STRING}, {"description": _STRING}),
    "Row": _props(
        {"children": _CHILDREN}, {"distribution": _DISTRIBUTION, "alignment": _ALIGNMENT}
    ),
    "Column": _props(
        {"children": _CHILDREN}, {"distribution": _DISTRIBUTION, "alignment": _ALIGNMENT}
    ),
    "List": _props(
        {"children": _CHILDREN},
        {"direction": one_of("vertical", "horizontal"), "alignment": _ALIGNMENT},
    ),
    "Card": _props({"child": text}),
    "Tabs": _props({"tabItems": many(record({"title": _loose_title, "child": _named}))}),
    "Divider": _props(
        {}, {"axis": one_of("horizontal", "vertical"), "color": text, "thickness": number}
    ),
    "Modal": _props({"entryPointChild": text, "contentChild": text}),
    "Button": _props({"child": text, "action": _ACTION}, {"primary": flag}),
    "Checkbox": _props({"label": _STRING, "value": _BOOLEAN}),
    "TextField": _props(
        {"label": _STRING},
        {
            "text": _STRING,
            "textFieldType": one_of("shortText", "number", "date", "longText", "obscured"),
            "validationRegexp": text,
        },
    ),
    "DateTimeInput": _props(
        {"value": _STRING}, {"enableDate": flag, "enableTime": flag, "outputFormat": text}
    ),
    "MultipleChoice": _props(
        {"selections": _SELECTIONS},
        {
            "options": many(record({"label": _TITLE, "value": text}, extra="drop")),
            "maxAllowedSelections": number,
            "type": one_of("checkbox", "chips"),
            "filterable": flag,
        },
    ),
    "Slider": _props(
        {"value": _NUMBER}, {"minValue": number, "maxValue": number, "label": _STRING}
    ),
}
_COMPONENT: Final = record(
    {"id": text, "component": record({}, _TYPES, extra="keep")}, {"weight": number}
)


def _colour(value: object) -> object:
    digits = str(text(value)).removeprefix("#")
    if value != f"#{digits}" or len(digits) != 6 or set(digits) - set("0123456789abcdefABCDEF"):
        raise Mismatch("expected a colour as #RRGGBB")
    return value


def _entry(value: object, level: int = 1) -> object:
    if level > MAP_DEPTH:
        raise Mismatch(f"expected at most {MAP_DEPTH} levels of entries")
    return _ENTRIES[level](value)


def _entry_check(level: int) -> Check:
    members = record(
        {"key": text},
        {
            "valueString": text,
            "valueNumber": number,
            "valueBoolean": flag,
            "valueMap": many(lambda item: _entry(item, level + 1)),
        },
    )

    def check(value: object) -> object:
        entry = members(value)
        if isinstance(entry, dict) and len(entry) != 2:
            raise Mismatch("expected exactly one value")
        return entry

    return check


_ENTRIES: Final = {level: _entry_check(level) for level in range(1, MAP_DEPTH + 1)}

MESSAGE: Final = choice(
    {
        "beginRendering": record(
            {"surfaceId": text, "root": text},
            {"catalogId": text, "styles": record({}, {"font": text, "primaryColor": _colour})},
        ),
        "surfaceUpdate": record({"surfaceId": text, "components": many(_COMPONENT, at_least=1)}),
        "dataModelUpdate": record({"surfaceId": text, "contents": many(_entry)}, {"path": text}),
        "deleteSurface": record({"surfaceId": text}),
    }
)


def accept(message: object) -> tuple[str, dict[str, object]]:
    """Check one message.

    Returns:
        Its kind and its body as the client keeps it.

    Raises:
        Refused: the message is not accepted; nothing of it may be applied.
    """
    kind, body = checked(MESSAGE, message)
    if kind == "surfaceUpdate":
        _references(components(body))
    return kind, body


def type_and_props(component: object) -> tuple[str | None, object]:
    """A component's type is its first key in JavaScript's order; it may have none."""
    if not isinstance(component, dict):
        return None, None
    kind = next(iter(js_keys(component)), None)
    return kind, None if kind is None else component[kind]


def _references(instances: list[dict[str, object]]) -> None:
    known: set[object] = set()
    for instance in instances:
        if instance["id"] and instance["id"] in known:
            raise Refused("SIM_DUPLICATE_ID", f"Component {instance['id']!r} is defined twice.")
        known.add(instance["id"])
    for instance in instances:
        for child in _children(instance):
            if child and child not in known:
                raise Refused(
                    "SIM_REFERENCE_UNRESOLVED",
                    f"{instance['id']!r} refers to {child!r}, which this message does not define.",
                )


def _children(instance: dict[str, object]) -> Iterator[object]:
    """Ids that a component of one known type refers to; an instance with id "" is not looked at."""
    component = instance["component"]
    if not instance["id"] or not isinstance(component, dict) or len(component) != 1:
        return
    ((kind, props),) = component.items()
    if kind in ("Card", "Button"):
        yield props["child"]
    elif kind == "Modal":
        yield from (props["entryPointChild"], props["contentChild"])
    elif kind == "Tabs":
        yield from (tab["child"] for tab in props["tabItems"])
    elif kind in ("Row", "Column", "List"):
        children = props["children"]
        yield from children.get("explicitList", ())
        if "template" in children:
            yield children["template"]["componentId"]
