"""What the specification and the standard catalog accept.

Read from: the v0.8 protocol (one key per message; exactly one component type; typed contents
with one value each) and the JSON Schemas beside it (required fields, closed objects, one level of
`valueMap`), the standard catalog for properties and enums. A bound value has a `path`, a literal
of its own kind, or both, the literal then initialising the model (4.2).
"""

from collections.abc import Mapping
from typing import Final

from clientsim.errors import Refused
from clientsim.messages import checked, components
from clientsim.shape import (
    Check,
    Mismatch,
    choice,
    flag,
    integer,
    many,
    number,
    one_of,
    only_one,
    record,
    text,
)

STANDARD_CATALOGS: Final = frozenset(
    {
        "https://a2ui.org/specification/v0_8/standard_catalog_definition.json",
        "https://github.com/google/A2UI/blob/main/specification/v0_8/json/"
        "standard_catalog_definition.json",
    }
)
# fmt: off
ICONS: Final = (
    "accountCircle", "add", "arrowBack", "arrowForward", "attachFile", "calendarToday", "call",
    "camera", "check", "close", "delete", "download", "edit", "event", "error", "favorite",
    "favoriteOff", "folder", "help", "home", "info", "locationOn", "lock", "lockOpen", "mail",
    "menu", "moreVert", "moreHoriz", "notificationsOff", "notifications", "payment", "person",
    "phone", "photo", "print", "refresh", "search", "send", "settings", "share", "shoppingCart",
    "star", "starHalf", "starOff", "upload", "visibility", "visibilityOff", "warning",
)
# fmt: on


def _bound(literal: str, check: Check) -> Check:
    members = record({}, {"path": text, literal: check})

    def bound(value: object) -> object:
        kept = members(value)
        if not kept:
            raise Mismatch(f"expected path, {literal} or both")
        return kept

    return bound


_STRING: Final = _bound("literalString", text)
_CHILDREN: Final = choice(
    {"explicitList": many(text), "template": record({"componentId": text, "dataBinding": text})}
)
_CONTEXT_VALUE: Final = choice(
    {"path": text, "literalString": text, "literalNumber": number, "literalBoolean": flag}
)
_ACTION: Final = record(
    {"name": text}, {"context": many(record({"key": text, "value": _CONTEXT_VALUE}))}
)
_ALIGNMENT: Final = one_of("start", "center", "end", "stretch")
_FLOW: Final[dict[str, Check]] = {
    "distribution": one_of("start", "center", "end", "spaceBetween", "spaceAround", "spaceEvenly"),
    "alignment": _ALIGNMENT,
}

TYPES: Final[dict[str, Check]] = {
    "Text": record(
        {"text": _STRING}, {"usageHint": one_of("h1", "h2", "h3", "h4", "h5", "caption", "body")}
    ),
    "Image": record(
        {"url": _STRING},
        {
            "altText": _STRING,
            "fit": one_of("contain", "cover", "fill", "none", "scale-down"),
            "usageHint": one_of(
                "icon", "avatar", "smallFeature", "mediumFeature", "largeFeature", "header"
            ),
        },
    ),
    "Icon": record({"name": _bound("literalString", one_of(*ICONS))}),
    "Video": record({"url": _STRING}),
    "AudioPlayer": record({"url": _STRING}, {"description": _STRING}),
    "Row": record({"children": _CHILDREN}, _FLOW),
    "Column": record({"children": _CHILDREN}, _FLOW),
    "List": record(
        {"children": _CHILDREN},
        {"direction": one_of("vertical", "horizontal"), "alignment": _ALIGNMENT},
    ),
    "Card": record({"child": text}),
    "Tabs": record({"tabItems": many(record({"title": _STRING, "child": text}))}),
    "Divider": record({}, {"axis": one_of("horizontal", "vertical")}),
    "Modal": record({"entryPointChild": text, "contentChild": text}),
    "Button": record({"child": text, "action": _ACTION}, {"primary": flag}),
    "CheckBox": record({"label": _STRING, "value": _bound("literalBoolean", flag)}),
    "TextField": record(
        {"label": _STRING},
        {
            "text": _STRING,
            "textFieldType": one_of("date", "longText", "number", "shortText", "obscured"),
            "validationRegexp": text,
        },
    ),
    "DateTimeInput": record({"value": _STRING}, {"enableDate": flag, "enableTime": flag}),
    "MultipleChoice": record(
        {
            "selections": _bound("literalArray", many(text)),
            "options": many(record({"label": _STRING, "value": text})),
        },
        {
            "maxAllowedSelections": integer,
            "variant": one_of("checkbox", "chips"),
            "filterable": flag,
        },
    ),
    "Slider": record(
        {"value": _bound("literalNumber", number)},
        {"label": _STRING, "minValue": number, "maxValue": number},
    ),
}


def _component(value: object) -> object:
    kept = only_one(record({}, TYPES, extra="keep"))(value)
    if not isinstance(value, dict) or len(value) != 1:
        raise Mismatch("expected exactly one component type")
    return kept


def _entry(value: object) -> object:
    return _LEAF(value) if isinstance(value, dict) and "valueMap" not in value else _MAP(value)


_SCALARS: Final = record(
    {"key": text}, {"valueString": text, "valueNumber": number, "valueBoolean": flag}
)


def _leaf(value: object) -> object:
    kept = _SCALARS(value)
    if isinstance(kept, dict) and len(kept) != 2:
        raise Mismatch("expected exactly one value")
    return kept


_LEAF: Final[Check] = _leaf
_MAP: Final = record({"key": text, "valueMap": many(_LEAF)})

MESSAGE: Final = choice(
    {
        "beginRendering": record(
            {"surfaceId": text, "root": text},
            {"catalogId": text, "styles": record({}, extra="keep")},
        ),
        "surfaceUpdate": record(
            {
                "surfaceId": text,
                "components": many(
                    record({"id": text, "component": _component}, {"weight": number}), at_least=1
                ),
            }
        ),
        "dataModelUpdate": record({"surfaceId": text, "contents": many(_entry)}, {"path": text}),
        "deleteSurface": record({"surfaceId": text}),
    }
)


def accept(message: object) -> tuple[str, dict[str, object]]:
    """Check one message by itself.

    Returns:
        Its kind and its body.

    Raises:
        Refused: the message breaks the specification.
    """
    kind, body = checked(MESSAGE, message)
    if kind == "surfaceUpdate":
        _unique_ids(components(body))
    return kind, body


def unknown_types(declared: Mapping[str, object]) -> list[str]:
    """Types among these components that the standard catalog does not have."""
    kinds = {
        kind for component in declared.values() if isinstance(component, dict) for kind in component
    }
    return sorted(kinds - TYPES.keys())


def _unique_ids(instances: list[dict[str, object]]) -> None:
    seen: set[object] = set()
    for instance in instances:
        if instance["id"] in seen:
            raise Refused("SIM_DUPLICATE_ID", f"Component {instance['id']!r} is defined twice.")
        seen.add(instance["id"])
