"""Fields: what a user fills in, and the rules each kind of field has.

A kind is one row of `KINDS`: its neutral value, how a value from the app or the model is
fitted without loss, and how what the user sent becomes a typed value or a reason why not.
Cleared values are `""` in the draft and None in the typed result (DESIGN section 5).
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Any, ClassVar, Final, Literal, get_args

from pydantic import BeforeValidator, StringConstraints, model_validator

from uicompiler.canonical import MAX_SAFE_INTEGER, number_text
from uicompiler.ir.base import Frozen, Key, Node
from uicompiler.ir.patterns import PatternRefused, check_pattern, full_match
from uicompiler.ir.values import Json

FieldKind = Literal["short_text", "long_text", "number", "boolean", "choice", "date"]
FIELD_KINDS: Final[tuple[str, ...]] = get_args(FieldKind)

Label = Annotated[str, StringConstraints(min_length=1)]


class Option(Frozen):
    """One value a choice offers."""

    value: Label
    label: Label


def _option_shorthand(value: Any) -> Any:  # a before-validator sees anything
    return {"value": value, "label": value} if isinstance(value, str) else value


class Field(Node):
    """One input, bound to `/draft/<id>`.

    Attributes:
        id: Name of the value; unique in its view.
        kind: One of `FIELD_KINDS`.
        min: Smallest number, or earliest date `YYYY-MM-DD`.
        max: Largest number, or latest date.
        min_length: In characters.
        max_length: In characters.
        pattern: A pattern of `ir/patterns.py`; the whole text must match.
        options: What a choice offers; only there.
        default: Draft value when the field first appears.
    """

    example: ClassVar[Mapping[str, Any]] = {"id": "name", "label": "Full name", "required": True}

    node: Literal["field"] = "field"
    id: Key
    kind: FieldKind = "short_text"
    label: Label
    required: bool = False
    help: str | None = None
    min: int | float | str | None = None
    max: int | float | str | None = None
    min_length: int | None = None
    max_length: int | None = None
    pattern: str | None = None
    options: tuple[Annotated[Option, BeforeValidator(_option_shorthand)], ...] = ()
    default: str | int | float | bool | None = None

    @model_validator(mode="after")
    def _rules_fit_kind(self) -> Field:
        for name, kinds in _RULE_KINDS.items():
            if getattr(self, name) not in (None, ()) and self.kind not in kinds:
                raise ValueError(f"{name} does not fit a {self.kind} field")
        if self.kind == "choice" and not self.options:
            raise ValueError("a choice needs options")
        values = [option.value for option in self.options]
        if len(set(values)) != len(values):
            raise ValueError("option values must differ")
        self._check_bounds()
        if self.pattern is not None:
            try:
                check_pattern(self.pattern)
            except PatternRefused as exc:
                raise ValueError(f"unsafe pattern: {exc}") from exc
        if self.default is not None and fit(self, self.default) is None:
            raise ValueError("the default does not fit the field")
        return self

    def _check_bounds(self) -> None:
        for bound in (self.min, self.max):
            if bound is None:
                continue
            if self.kind == "date" and (not isinstance(bound, str) or _date(bound) is None):
                raise ValueError("a date bound is YYYY-MM-DD")
            if self.kind == "number" and isinstance(bound, str):
                raise ValueError("a number bound is a number")


_TEXTS: Final = ("short_text", "long_text")
_RULE_KINDS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "min": ("number", "date"),
        "max": ("number", "date"),
        "min_length": _TEXTS,
        "max_length": _TEXTS,
        "pattern": _TEXTS,
        "options": ("choice",),
    }
)


@dataclass(frozen=True, slots=True)
class Fitted:
    """A draft value that fits its field; `repaired` says that its type was changed."""

    value: Json
    repaired: bool = False


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a field's value cannot be taken: a stable reason and its numbers or names."""

    reason: str
    limit: str = ""


@dataclass(frozen=True, slots=True)
class Typed:
    """What the app gets for a field: a typed value, or None when it was left empty."""

    value: Json = None
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class Kind:
    """The rules of one kind of field.

    Attributes:
        neutral: The draft value of an empty field.
        fit: A server-side value made to fit without loss, or None.
        typed: What the user left there, typed and checked.
    """

    neutral: str | bool
    fit: Callable[[Field, Json], Fitted | None]
    typed: Callable[[Field, Json], Typed]


def neutral(field: Field) -> str | bool:
    """The draft value of an empty field."""
    return KINDS[field.kind].neutral


def initial(field: Field) -> Json:
    """The draft value a field starts with."""
    fitted = fit(field, field.default) if field.default is not None else None
    return neutral(field) if fitted is None else fitted.value


def fit(field: Field, value: Json) -> Fitted | None:
    """A value from the app or the model made to fit the field, or None when it cannot."""
    return KINDS[field.kind].fit(field, value)


def typed(field: Field, draft: Json) -> Typed:
    """The typed value of a draft value, or the problem with it."""
    if draft == "" or draft is None:
        return Typed(problem=Problem("required") if field.required else None)
    return KINDS[field.kind].typed(field, draft)


def _fit_text(_field: Field, value: Json) -> Fitted | None:
    if isinstance(value, str):
        return Fitted(value)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return Fitted(number_text(value), repaired=True)


def _typed_text(field: Field, draft: Json) -> Typed:
    if not isinstance(draft, str):
        return Typed(problem=Problem("text"))
    if field.min_length is not None and len(draft) < field.min_length:
        return Typed(problem=Problem("min_length", str(field.min_length)))
    if field.max_length is not None and len(draft) > field.max_length:
        return Typed(problem=Problem("max_length", str(field.max_length)))
    if field.pattern is not None and not full_match(field.pattern, draft):
        return Typed(problem=Problem("pattern"))
    return Typed(draft)


def parse_number(text: str) -> int | float | None:
    """A number as people and HTML inputs write it, or None.

    Source: HTML standard, valid floating-point number; a leading `+` is taken too.
    """
    body = text.strip()
    if not body or len(body) > 400 or not set(body) <= set("0123456789+-.eE"):
        return None
    try:
        value = float(body)
    except ValueError:
        return None
    if not math.isfinite(value):
        return None
    whole = value.is_integer() and abs(value) <= MAX_SAFE_INTEGER
    return int(value) if whole else value


def _fit_number(_field: Field, value: Json) -> Fitted | None:
    if value == "" and isinstance(value, str):
        return Fitted("")
    if isinstance(value, str):
        number = parse_number(value)
        return None if number is None else Fitted(number, repaired=True)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return Fitted(value)


def _typed_number(field: Field, draft: Json) -> Typed:
    number = parse_number(draft) if isinstance(draft, str) else draft
    if isinstance(number, bool) or not isinstance(number, (int, float)):
        return Typed(problem=Problem("number"))
    if isinstance(field.min, (int, float)) and number < field.min:
        return Typed(problem=Problem("min", number_text(field.min)))
    if isinstance(field.max, (int, float)) and number > field.max:
        return Typed(problem=Problem("max", number_text(field.max)))
    return Typed(number)


def _fit_boolean(_field: Field, value: Json) -> Fitted | None:
    if isinstance(value, bool):
        return Fitted(value)
    words = {"true": True, "false": False}
    if isinstance(value, str) and value.lower() in words:
        return Fitted(words[value.lower()], repaired=True)
    return None


def _typed_boolean(field: Field, draft: Json) -> Typed:
    if not isinstance(draft, bool):
        return Typed(problem=Problem("boolean"))
    if field.required and not draft:
        return Typed(problem=Problem("required"))
    return Typed(draft)


def _fit_choice(field: Field, value: Json) -> Fitted | None:
    if value == "" or any(value == option.value for option in field.options):
        return Fitted(value) if isinstance(value, str) else None
    by_label = [option.value for option in field.options if option.label == value]
    return Fitted(by_label[0], repaired=True) if len(by_label) == 1 else None


def _typed_choice(field: Field, draft: Json) -> Typed:
    if isinstance(draft, (list, tuple)):
        return Typed(problem=Problem("one_option"))
    if not any(draft == option.value for option in field.options):
        return Typed(problem=Problem("option"))
    return Typed(draft)


def _date(text: str) -> datetime.date | None:
    try:
        return datetime.date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None


def _fit_date(_field: Field, value: Json) -> Fitted | None:
    if not isinstance(value, str):
        return None
    if value == "" or _date(value) is not None:
        return Fitted(value)
    day = value[:10]
    midnight = value[10:] in ("T00:00", "T00:00:00", "T00:00:00Z", "T00:00Z")
    return Fitted(day, repaired=True) if midnight and _date(day) is not None else None


def _typed_date(field: Field, draft: Json) -> Typed:
    day = _date(draft) if isinstance(draft, str) else None
    if day is None:
        return Typed(problem=Problem("date"))
    if isinstance(field.min, str) and draft < field.min:
        return Typed(problem=Problem("min", field.min))
    if isinstance(field.max, str) and draft > field.max:
        return Typed(problem=Problem("max", field.max))
    return Typed(draft)


KINDS: Final[Mapping[str, Kind]] = MappingProxyType(
    {
        "short_text": Kind("", _fit_text, _typed_text),
        "long_text": Kind("", _fit_text, _typed_text),
        "number": Kind("", _fit_number, _typed_number),
        "boolean": Kind(False, _fit_boolean, _typed_boolean),
        "choice": Kind("", _fit_choice, _typed_choice),
        "date": Kind("", _fit_date, _typed_date),
    }
)

NODES: Final[tuple[type[Node], ...]] = (Field,)
