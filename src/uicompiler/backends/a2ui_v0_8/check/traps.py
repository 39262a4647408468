"""Foreign streams that clients accept and show otherwise than they are meant.

Each rule is one that compiling keeps by itself, so that own output is not asked. Whether properties
fit the catalog, the plan has said; here it is what the official clients make of them.

Source: the traps of the official clients, sections 3 to 6.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, Final, NamedTuple, TypeAlias

from uicompiler.backends.a2ui_v0_8.check.bound import check_inputs, check_urls
from uicompiler.backends.a2ui_v0_8.check.definitions import Definition, definitions_of, edges_of
from uicompiler.backends.a2ui_v0_8.check.findings import At, Look
from uicompiler.backends.a2ui_v0_8.check.model import Array, Model
from uicompiler.backends.a2ui_v0_8.check.places import ANY, Path, absolute, places, tops
from uicompiler.backends.a2ui_v0_8.check.special import INPUTS
from uicompiler.backends.a2ui_v0_8.check.surface import Surface
from uicompiler.backends.a2ui_v0_8.check.values import is_number
from uicompiler.backends.a2ui_v0_8.check.wording import show
from uicompiler.catalog.catalog import Catalog, standard_catalog

_Placed: TypeAlias = list[tuple[Definition, Path]]


def check_traps(surface: Surface, look: Look) -> None:
    """At the end of a surface: whether it is shown as it is meant."""
    if not look.rules.foreign:
        return
    model = Model(look.max_data_depth + 1)
    for line, body in surface.writes:
        model.write(line, body)
    latest, every = definitions_of(surface, look.rules.catalog)
    placed = _placed(surface, latest)
    known = _standard(look.rules.catalog)
    for found in latest:
        if found.kind in known:
            _check_alone(found, surface, look)
    _check_in_items(placed, look)
    _check_repeated(placed, model, look)
    check_urls(placed if len(every) == len(latest) else _placed(surface, every), model, look)
    if not surface.live:
        check_inputs(placed, model, known, look)


def _placed(surface: Surface, definitions: Collection[Definition]) -> _Placed:
    """Each definition with each item its relative paths start at, in the order of the stream."""
    edges = edges_of(definitions)
    bases: dict[str, list[Path]] = {}
    for ident, base in places(tops(surface, edges), edges):
        bases.setdefault(ident, []).append(base)
    return [(found, base) for found in definitions for base in bases.get(found.ident, ())]


def _standard(catalog: Catalog) -> frozenset[str]:
    """Types that are the standard catalog's; what another means by a name is not known."""
    standard = standard_catalog().components
    return frozenset(
        kind for kind, rule in catalog.components.items() if standard.get(kind) == rule
    )


# --- one component --------------------------------------------------------------------------------


class _Trap(NamedTuple):
    """What is wrong with a component, and below which of its properties."""

    where: str
    text: str
    hint: str = ""
    code: str = "COMPONENT_INVALID"


def _check_alone(found: Definition, surface: Surface, look: Look) -> None:
    traps = [trap for ask in _ASKED.get(found.kind, ()) for trap in ask(found.props)]
    if found.kind == "Modal":
        traps += _modal(found.props, surface.types)
    for trap in traps:
        at = _within(found.at, *filter(None, trap.where.split("/")))
        look.report(trap.code, at, trap.text, trap.hint, accepted=True, line=found.line)


_Props: TypeAlias = Mapping[str, Any]


def _text(props: _Props) -> Iterable[_Trap]:
    text = _in(props, "text", "literalString")
    where = "text/literalString"
    if text == "":
        yield _Trap(where, "an empty text is shown as (empty)", "leave the component out")
    is_heading = props.get("usageHint") in ("h1", "h2", "h3", "h4", "h5")
    if is_heading and isinstance(text, str) and len(text.strip().splitlines()) > 1:
        hint = "one Text a line"
        yield _Trap(where, "of the lines of a heading only the first is shown as one", hint)


def _tabs(props: _Props) -> Iterable[_Trap]:
    if props.get("tabItems") in ([], ()):
        yield _Trap("tabItems", "Tabs without items show nothing")


def _modal(props: _Props, types: Mapping[str, str]) -> Iterable[_Trap]:
    entry = props.get("entryPointChild")
    if isinstance(entry, str) and types.get(entry) == "Button":
        text = "a Button that opens a Modal sends its action as well"
        yield _Trap("entryPointChild", text, "a Card with a Text")


def _input(name: str) -> Callable[[_Props], Iterable[_Trap]]:
    def ask(props: _Props) -> Iterable[_Trap]:
        bound = props.get(name, {})
        if isinstance(bound, dict) and "path" not in bound:
            where = name if name in props else ""
            text = "an input without a path keeps nothing of what a user enters"
            yield _Trap(where, text, f"bind {name} to a path", "COMPONENT_BOUND_VALUE")

    return ask


def _text_field(props: _Props) -> Iterable[_Trap]:
    if props.get("textFieldType") == "obscured":
        text = "clients show in clear what is entered as obscured"
        yield _Trap("textFieldType", text, code="CATALOG_DEGRADED")


def _slider(props: _Props) -> Iterable[_Trap]:
    # An end that is left out is 0 to the official client.
    least: Any = props.get("minValue", 0)
    most: Any = props.get("maxValue", 0)
    if is_number(least) and is_number(most) and not least < most:
        where = "maxValue" if "maxValue" in props else ""
        text = f"a Slider from {show(least)} to {show(most)} cannot be moved"
        yield _Trap(where, text, "minValue less than maxValue")


def _date(props: _Props) -> Iterable[_Trap]:
    if props.get("enableDate") is False and props.get("enableTime") is False:
        text = "a DateTimeInput that asks for neither date nor time asks for both"
        yield _Trap("enableTime", text)


def _choice(props: _Props) -> Iterable[_Trap]:
    if "variant" in props:
        yield _Trap("variant", "clients drop the variant of a MultipleChoice", "leave it out")


def _in(props: _Props, *names: str) -> object:
    value: Any = props
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value


_ASKED: Final[Mapping[str, tuple[Callable[[_Props], Iterable[_Trap]], ...]]] = {
    **{kind: (_input(name),) for kind, name in INPUTS},
    "Text": (_text,),
    "Tabs": (_tabs,),
    "TextField": (_input("text"), _text_field),
    "Slider": (_input("value"), _slider),
    "DateTimeInput": (_input("value"), _date),
    "MultipleChoice": (_input("selections"), _choice),
}


# --- templates and places -------------------------------------------------------------------------


def _check_in_items(placed: _Placed, look: Look) -> None:
    """In an item, official clients take an absolute path for one that starts at the item."""
    told: set[int] = set()
    for found, base in placed:
        for path, at, _ in found.bindings:
            if base and path[:1] == "/" and id(at) not in told:
                told.add(id(at))
                text = f"in a template clients read the absolute path {show(path)} from the item"
                hint = "a path without a slash in front, to what each item holds"
                look.report("DATA_PATH_INVALID", at, text, hint, line=found.line)


def _check_repeated(placed: _Placed, model: Model, look: Look) -> None:
    """Whether two nodes on screen have one id, so that what is done to one seems done to both."""
    _check_nested(placed, model, look)
    repeats: dict[str, str] = {}
    uses: dict[str, int] = {}
    shown = {id(found.at): found for found, _ in placed}.values()
    for found in shown:
        for template in found.templates:
            if template.component in repeats:
                owner = repeats[template.component]
                text = f"{show(owner)} repeats {show(template.component)} already"
                at = _within(found.at, template.name, "template", "componentId")
                _report_twice(text, at, found, look)
            repeats.setdefault(template.component, found.ident)
        for ident, _ in found.refs:
            uses[ident] = uses.get(ident, 0) + 1
    for found in shown:
        if uses.get(found.ident, 0) > 1 and found.ident not in repeats:
            text = f"{show(found.ident)} is referred to {uses[found.ident]} times"
            look.report(
                "COMPONENT_ID_DUPLICATE", found.at, f"{text}, and shown under one id",
                _ONE_EACH, severity="warning", line=found.line,
            )  # fmt: skip


_ONE_EACH: Final = "a component of its own for each place"


def _check_nested(placed: _Placed, model: Model, look: Look) -> None:
    told: set[int] = set()
    for found, base in placed:
        for template in found.templates if ANY in base and id(found.at) not in told else ():
            if not _is_arrays((*absolute(template.path, base), ANY), model):
                told.add(id(found.at))
                text = "a template in a template: ids of items lack the keys of the outer list"
                at = _within(found.at, template.name, "template")
                _report_twice(text, at, found, look, "repeat over arrays, or write items out")


def _is_arrays(path: Path, model: Model) -> bool:
    """Whether all that is repeated on the way are arrays: ids hold the index in each of them."""
    values: list[Any] = [model.now]
    for part in path:
        if part == ANY:
            if not values or not all(isinstance(value, Array) for value in values):
                return False
            values = [item for value in values for item in value.values()]
        else:
            inner = [value.get(part) for value in values if isinstance(value, dict)]
            values = [value for value in inner if isinstance(value, dict)]
    return True


def _within(at: At, *keys: str) -> At:
    for key in keys:
        at = (at, key)
    return at


def _report_twice(text: str, at: At, found: Definition, look: Look, hint: str = _ONE_EACH) -> None:
    look.report("COMPONENT_ID_DUPLICATE", at, text, hint, accepted=True, line=found.line)
