"""Fields: what a user fills in, with the rules that fit its kind.

What each kind holds and takes stands in `ir/field_kinds.py`; here is the node, and the questions
the rest of the library asks about any field.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from operator import itemgetter
from types import MappingProxyType
from typing import Annotated, Any, ClassVar, Final, Literal, TypeAlias, get_args

from pydantic import (
    AfterValidator,
    BeforeValidator,
    GetCoreSchemaHandler,
    GetPydanticSchema,
    StringConstraints,
    ValidationInfo,
    model_validator,
)
from pydantic import Field as Setting
from pydantic_core import CoreSchema, core_schema  # pydantic has no lax-only validator

from uicompiler.ir.base import AS_WRITTEN, HIDDEN, SHARES, Key, Node
from uicompiler.ir.field_formats import is_day, is_moment, is_time, parse_number
from uicompiler.ir.field_kinds import KINDS, SECRET_HANDLE, UPLOAD_HANDLE, Kind, is_handle
from uicompiler.ir.field_rules import Fitted, Label, Option, Problem, Typed, is_cell_id, nothing
from uicompiler.ir.patterns import PatternRefused, check_pattern
from uicompiler.ir.values import Json

__all__ = [
    "FIELD_KINDS",
    "KINDS",
    "NODES",
    "SECRET_HANDLE",
    "UPLOAD_HANDLE",
    "Field",
    "FieldKind",
    "Fitted",
    "Kind",
    "Label",
    "Option",
    "Problem",
    "Typed",
    "fit",
    "holds",
    "initial",
    "is_handle",
    "keeps",
    "neutral",
    "parse_number",
    "shows",
    "typed",
]

FieldKind = Literal[
    "short_text",
    "long_text",
    "secret",
    "number",
    "slider",
    "boolean",
    "choice",
    "multi_choice",
    "date",
    "time",
    "datetime",
    "tags",
    "email",
    "url",
    "phone",
    "upload",
]
FIELD_KINDS: Final[tuple[str, ...]] = get_args(FieldKind)


def _option_shorthand(value: Any) -> Any:  # a before-validator sees anything
    return {"value": value, "label": value} if isinstance(value, str) else value


AnyOption: TypeAlias = Annotated[Option, BeforeValidator(_option_shorthand), AS_WRITTEN]
"""An option, or a text that is its value and label."""


_BOUND_FORMS: Final[Mapping[str, tuple[Callable[[str], bool], str]]] = MappingProxyType(
    {
        "date": (is_day, "a date bound is YYYY-MM-DD"),
        "time": (is_time, "a time bound is HH:MM"),
        "datetime": (is_moment, "a datetime bound is YYYY-MM-DDTHH:MM"),
    }
)


def _bound_fits(bound: Any, info: ValidationInfo) -> Any:  # a number or a text by now
    kind = info.data.get("kind")
    if bound is None or kind is None:
        return bound
    if kind in _BOUND_FORMS:
        fits, why = _BOUND_FORMS[kind]
        if not isinstance(bound, str) or not fits(bound):
            raise ValueError(why)
    elif kind == "slider" and (isinstance(bound, str) or bound != bound // 1):
        raise ValueError("a slider bound is a whole number")
    elif kind == "number" and isinstance(bound, str):
        raise ValueError("a number bound is a number")
    return bound


def _written_as_text(bound: Any, info: ValidationInfo) -> Any:  # a before-validator
    if not isinstance(bound, str) or info.data.get("kind") not in ("number", "slider"):
        return bound
    number = parse_number(bound)
    return bound if number is None else number


def _numbers_from_texts(source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:  # any type
    """`"5"` is read as 5 where validation is lax, so that a strict reader can report it."""
    exact = handler(source)
    lax = core_schema.with_info_before_validator_function(
        _written_as_text, exact, metadata={SHARES: True}
    )
    return core_schema.lax_or_strict_schema(lax_schema=lax, strict_schema=exact)


Bound = Annotated[
    int | float | str | None, GetPydanticSchema(_numbers_from_texts), AfterValidator(_bound_fits)
]


Tag: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,31}$")]
"""What an app says of a field's values: a name of its own, such as `pii` or `health`."""


class Field(Node):
    """One input, bound to `/draft/<id>`.

    Attributes:
        id: Name of the value; unique in its view.
        kind: One of `FIELD_KINDS`.
        min: Smallest number, or earliest date `YYYY-MM-DD`, time `HH:MM` or datetime
            `YYYY-MM-DDTHH:MM`. A slider needs both bounds, whole numbers.
        max: Largest number, or latest date, time or datetime.
        min_length: In characters.
        max_length: In characters; of tags, of each.
        min_items: Fewest options or tags, where there are any.
        max_items: Most options or tags.
        pattern: A pattern of `ir/patterns.py`; the whole text must match.
        options: What a choice or multi_choice offers; only there.
        accept: Media types (`text/csv`, `image/*`) and endings (`.csv`) an upload is for.
        max_bytes: Size of an upload.
        default: Draft value when the field first appears; of a multi_choice or tags also a list.
        tags: What the app says of the values, such as `pii`, so that a log can be redacted by it;
            for the app's own fields, not for those a model composes.
    """

    example: ClassVar[Mapping[str, Any]] = {"id": "name", "label": "Full name", "required": True}

    owns_entry: ClassVar[bool] = True

    node: Literal["field"] = "field"
    id: Key
    kind: FieldKind = "short_text"
    label: Label
    required: bool = False
    help: str | None = None
    min: Bound = None
    max: Bound = None
    min_length: int | None = None
    max_length: int | None = None
    min_items: int | None = None
    max_items: int | None = None
    pattern: str | None = None
    options: tuple[AnyOption, ...] = ()
    accept: tuple[str, ...] | None = None
    max_bytes: int | None = None
    default: str | int | float | bool | tuple[str, ...] | None = None
    tags: Annotated[tuple[Tag, ...] | None, Setting(json_schema_extra=HIDDEN)] = None

    @model_validator(mode="after")
    def _rules_fit_kind(self) -> Field:
        # By its dict: pydantic makes each property cost several times as much as a local name.
        own = self.__dict__
        kind = own["kind"]
        if is_cell_id(own["id"]):
            raise ValueError("an id such as a/r1/b is that of a row's cell")
        if kind not in _NEEDING_RULES and _RULES(own) == _NO_RULES:
            return self
        unfit, none = _UNFIT[kind]
        if unfit(own) != none:
            self._check_kind()
        if kind in _RULE_KINDS["options"]:
            self._check_options(own["options"])
        self._check_ends(own)
        self._check_contents(own)
        return self

    def _check_kind(self) -> None:
        for name, kinds in _RULE_KINDS.items():
            if self.kind not in kinds and getattr(self, name) not in (None, ()):
                raise ValueError(f"{name} does not fit a {self.kind} field")

    def _check_options(self, options: tuple[Option, ...]) -> None:
        if not options:
            raise ValueError(f"a {self.kind} needs options")
        if len({option.value for option in options}) != len(options):
            raise ValueError("option values must differ")

    def _check_ends(self, own: Mapping[str, Any]) -> None:
        """A slider without a range of its own cannot be moved: clients take 0 to 0."""
        low, high = own["min"], own["max"]
        if own["kind"] == "slider" and not (
            isinstance(low, (int, float)) and isinstance(high, (int, float)) and low < high
        ):
            raise ValueError("a slider needs min and max, whole numbers, min below max")
        fewest = 1 if own["min_items"] is None else own["min_items"]
        if fewest < 0 or (own["max_items"] is not None and own["max_items"] < max(1, fewest)):
            raise ValueError("max_items is at least 1 and not below min_items")

    def _check_contents(self, own: Mapping[str, Any]) -> None:
        for entry in own["accept"] or ():
            if _ACCEPTED.fullmatch(entry) is None:
                raise ValueError("accept holds media types (text/csv, image/*) and endings (.csv)")
        if own["max_bytes"] is not None and own["max_bytes"] < 1:
            raise ValueError("max_bytes is at least 1")
        if own["tags"] and len(set(own["tags"])) != len(own["tags"]):
            raise ValueError("tags must differ")
        if own["pattern"] is not None:
            _check_pattern(own["pattern"])
        if own["default"] is not None and fit(self, own["default"]) is None:
            raise ValueError("the default does not fit the field")


def _check_pattern(pattern: str) -> None:
    try:
        check_pattern(pattern)
    except PatternRefused as exc:
        raise ValueError(f"unsafe pattern: {exc}") from exc


_ACCEPTED: Final = re.compile(
    r"\.[A-Za-z0-9._+-]{1,40}|[A-Za-z0-9][A-Za-z0-9.+-]{0,60}/(?:\*|[A-Za-z0-9][A-Za-z0-9.+-]{0,90})"
)
_TEXTS: Final = ("short_text", "long_text", "secret", "email", "url", "phone")
_ORDERED: Final = ("number", "slider", *_BOUND_FORMS)
_RULE_KINDS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "min": _ORDERED,
        "max": _ORDERED,
        "min_length": _TEXTS,
        "max_length": (*_TEXTS, "tags"),
        "min_items": ("multi_choice", "tags"),
        "max_items": ("multi_choice", "tags"),
        "pattern": _TEXTS,
        "options": ("choice", "multi_choice"),
        "accept": ("upload",),
        "max_bytes": ("upload",),
    }
)
_NEEDING_RULES: Final = frozenset({"choice", "multi_choice", "slider"})


def _without_rules(names: Collection[str]) -> tuple[Callable[[Any], Any], tuple[Any, ...]]:
    """What gives some properties of a field, and what that is in a field that has none of them."""
    return itemgetter(*names), tuple(Field.model_fields[name].default for name in names)


_RULES, _NO_RULES = _without_rules((*_RULE_KINDS, "default", "tags"))
_UNFIT: Final = MappingProxyType(
    {
        kind: _without_rules([name for name, kinds in _RULE_KINDS.items() if kind not in kinds])
        for kind in FIELD_KINDS
    }
)
"""By kind, those rules that do not fit it."""


def neutral(field: Field) -> Json:
    """The draft value of an empty field."""
    return KINDS[field.kind].neutral(field)


def initial(field: Field) -> Json:
    """The draft value a field starts with."""
    fitted = fit(field, field.default) if field.default is not None else None
    return neutral(field) if fitted is None else fitted.value


def fit(field: Field, value: Json) -> Fitted | None:
    """A value from the app or the model made to fit the field, or None when it cannot."""
    return KINDS[field.kind].fit(field, value)


def typed(field: Field, draft: Json) -> Typed:
    """The typed value of a draft value, or the problem with it."""
    if draft is None or draft in ("", ()):
        return nothing(field)
    return KINDS[field.kind].typed(field, draft)


def holds(kind: str, value: Json) -> bool:
    """Whether a stored draft value can be one of a kind, whatever its field's rules."""
    return KINDS[kind].holds(value)


def keeps(field: Field, value: Json) -> bool:
    """Whether a draft value can stay under a field: what a user may have left in it."""
    return KINDS[field.kind].keeps(field, value)


def shows(field: Field, held: str, offered: Collection[str] = ()) -> bool:
    """Whether a field's input can show whatever a client may hold in the same place.

    Args:
        field: The field.
        held: The kind of the input that was there.
        offered: Values of the options it offered.
    """
    if held not in KINDS or KINDS[held].box != KINDS[field.kind].box:
        return False
    values = {option.value for option in field.options}
    return not values or values.issuperset(offered)


NODES: Final[tuple[type[Node], ...]] = (Field,)
