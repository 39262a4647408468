"""Single components that clients accept and show otherwise than they are meant.

Each rule is asked of the properties of one type of the standard catalog. Where a component stands
and what is at its paths, it does not know.

Source: the traps of the official clients, sections 3 to 5.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple, TypeAlias

from uicompiler.backends.a2ui_v0_8.check.values import is_number
from uicompiler.backends.a2ui_v0_8.check.wording import show
from uicompiler.catalog.catalog import Catalog, standard_catalog

INPUTS: Final = frozenset(
    {
        ("TextField", "text"),
        ("CheckBox", "value"),
        ("DateTimeInput", "value"),
        ("MultipleChoice", "selections"),
        ("Slider", "value"),
    }
)
"""Component type and the property whose path it writes to."""


class Trap(NamedTuple):
    """What is wrong with a component, and below which of its properties."""

    where: str
    text: str
    hint: str = ""
    code: str = "COMPONENT_INVALID"


_Props: TypeAlias = Mapping[str, Any]

Ask: TypeAlias = Callable[[_Props], Sequence[Trap]]
"""What is wrong with these properties, however wrong they are."""


def standard_types(catalog: Catalog) -> frozenset[str]:
    """Types that are the standard catalog's; what another means by a name is not known."""
    standard = standard_catalog().components
    return frozenset(
        kind for kind, rule in catalog.components.items() if standard.get(kind) == rule
    )


def _text(props: _Props) -> Sequence[Trap]:
    bound = props.get("text")
    text = bound.get("literalString") if isinstance(bound, dict) else None
    where = "text/literalString"
    if text == "":
        return [Trap(where, "an empty text is shown as (empty)", "leave the component out")]
    is_heading = props.get("usageHint") in ("h1", "h2", "h3", "h4", "h5")
    if is_heading and isinstance(text, str) and len(text.strip().splitlines()) > 1:
        hint = "one Text a line"
        return [Trap(where, "of the lines of a heading only the first is shown as one", hint)]
    return ()


def _tabs(props: _Props) -> Sequence[Trap]:
    if props.get("tabItems") in ([], ()):
        return [Trap("tabItems", "Tabs without items show nothing")]
    return ()


def modal(props: _Props, types: Mapping[str, str]) -> Sequence[Trap]:
    """The same of a Modal, which depends on what opens it."""
    entry = props.get("entryPointChild")
    if isinstance(entry, str) and types.get(entry) == "Button":
        text = "a Button that opens a Modal sends its action as well"
        return [Trap("entryPointChild", text, "a Card with a Text")]
    return ()


def _input(name: str) -> Ask:
    def ask(props: _Props) -> Sequence[Trap]:
        bound = props.get(name, {})
        if not isinstance(bound, dict) or "path" in bound:
            return ()
        where = name if name in props else ""
        text = "an input without a path keeps nothing of what a user enters"
        return [Trap(where, text, f"bind {name} to a path", "COMPONENT_BOUND_VALUE")]

    return ask


def _text_field(props: _Props) -> Sequence[Trap]:
    if props.get("textFieldType") == "obscured":
        text = "clients show in clear what is entered as obscured"
        return [Trap("textFieldType", text, code="CATALOG_DEGRADED")]
    return ()


def _slider(props: _Props) -> Sequence[Trap]:
    # An end that is left out is 0 to the official client.
    least: Any = props.get("minValue", 0)
    most: Any = props.get("maxValue", 0)
    if is_number(least) and is_number(most) and not least < most:
        where = "maxValue" if "maxValue" in props else ""
        text = f"a Slider from {show(least)} to {show(most)} cannot be moved"
        return [Trap(where, text, "minValue less than maxValue")]
    return ()


def _date(props: _Props) -> Sequence[Trap]:
    if props.get("enableDate") is False and props.get("enableTime") is False:
        text = "a DateTimeInput that asks for neither date nor time asks for both"
        return [Trap("enableTime", text)]
    return ()


def _choice(props: _Props) -> Sequence[Trap]:
    if "variant" in props:
        return [Trap("variant", "clients drop the variant of a MultipleChoice", "leave it out")]
    return ()


ASKED: Final[Mapping[str, tuple[Ask, ...]]] = {
    **{kind: (_input(name),) for kind, name in INPUTS},
    "Text": (_text,),
    "Tabs": (_tabs,),
    "TextField": (_input("text"), _text_field),
    "Slider": (_input("value"), _slider),
    "DateTimeInput": (_input("value"), _date),
    "MultipleChoice": (_input("selections"), _choice),
}
"""What is asked of the components of each type."""
