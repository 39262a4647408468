"""The rules of each kind of field, one row of `KINDS` a kind.

A row says what an empty field holds, how a value from the app or the model is fitted without
loss, how what the user left becomes a typed value or a reason why not, and which draft values are
of the kind at all. Cleared values are `""` in the draft, `()` where several are chosen, and None
in the typed result (DESIGN section 5).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, TypeGuard

from uicompiler.canonical import MAX_SAFE_INTEGER, number_text
from uicompiler.ir.field_formats import (
    has_tag_end,
    is_day,
    is_email,
    is_moment,
    is_phone,
    is_time,
    is_url,
    parse_number,
    read_moment,
    read_time,
    split_tags,
    stripped,
)
from uicompiler.ir.field_rules import Fitted, Problem, Rules, Typed, nothing
from uicompiler.ir.patterns import full_match
from uicompiler.ir.values import FrozenDict, Json

SECRET_HANDLE: Final = "secret:"  # noqa: S105  # a prefix, no secret
"""What stands in state and log for a secret begins with this."""

REDACTED: Final = f"{SECRET_HANDLE}redacted"
"""What stands in a log for what was typed into a secret field; replay takes it for that."""

UPLOAD_HANDLE: Final = "upload:"
"""What stands in the draft for an uploaded file begins with this."""

_HANDLE: Final = re.compile(r"(?:secret|upload):[A-Za-z0-9_-]{1,100}")


@dataclass(frozen=True, slots=True)
class Kind:
    """The rules of one kind of field.

    Attributes:
        neutral: The draft value of an empty field.
        fit: A server-side value made to fit without loss, or None.
        typed: What the user left there, typed and checked.
        holds: Whether a stored draft value can be one of this kind.
        keeps: Whether a draft value can stay under a field of this kind.
        box: What its input reads on a client: what one of a group holds, the others can show.
    """

    neutral: Callable[[Rules], Json]
    fit: Callable[[Rules, Json], Fitted | None]
    typed: Callable[[Rules, Json], Typed]
    holds: Callable[[Json], bool]
    keeps: Callable[[Rules, Json], bool]
    box: str


# --- texts ----------------------------------------------------------------------------------------


def _empty_text(_rules: Rules) -> Json:
    return ""


def _is_text(value: Json) -> bool:
    return isinstance(value, str)


def _keeps_text(_rules: Rules, value: Json) -> bool:
    return isinstance(value, str)


def _fit_text(_rules: Rules, value: Json) -> Fitted | None:
    if isinstance(value, str):
        return Fitted(value)
    if not _is_number(value) or not abs(value) <= MAX_SAFE_INTEGER:
        return None
    return Fitted(number_text(value), repaired=True)


def _typed_text(rules: Rules, draft: Json) -> Typed:
    if not isinstance(draft, str):
        return Typed(problem=Problem("text"))
    if rules.min_length is not None and len(draft) < rules.min_length:
        return Typed(problem=Problem("min_length", str(rules.min_length)))
    if rules.max_length is not None and len(draft) > rules.max_length:
        return Typed(problem=Problem("max_length", str(rules.max_length)))
    if rules.pattern is not None and not full_match(rules.pattern, draft):
        return Typed(problem=Problem("pattern"))
    return Typed(draft)


def _text_kind(
    typed: Callable[[Rules, Json], Typed],
    fit: Callable[[Rules, Json], Fitted | None] = _fit_text,
    box: str = "text",
) -> Kind:
    return Kind(_empty_text, fit, typed, _is_text, _keeps_text, box)


def _address_kind(reason: str, fits: Callable[[str], bool]) -> Kind:
    """A text of a certain form; spaces around it are not part of it."""

    def typed(rules: Rules, draft: Json) -> Typed:
        text = stripped(draft) if isinstance(draft, str) else draft
        if text == "":
            return nothing(rules)
        found = _typed_text(rules, text)
        wrong = found.problem is None and not fits(text)
        return Typed(problem=Problem(reason)) if wrong else found

    return _text_kind(typed)


# --- handles: what stands for a secret or a file --------------------------------------------------


def is_handle(value: Json, prefix: str) -> bool:
    """Whether a draft value is a handle: `SECRET_HANDLE` or `UPLOAD_HANDLE` and an id.

    A user can type one as well: whose it is, and whether it exists, only the host knows.
    """
    return (
        isinstance(value, str) and value.startswith(prefix) and _HANDLE.fullmatch(value) is not None
    )


def _fit_secret(_rules: Rules, value: Json) -> Fitted | None:
    """Nobody presets a secret: it would stand in the state."""
    return Fitted("") if isinstance(value, str) and value == "" else None


def _is_secret(value: Json) -> bool:
    return value == "" or is_handle(value, SECRET_HANDLE)


def _keeps_secret(_rules: Rules, value: Json) -> bool:
    return _is_secret(value)


def _typed_secret(rules: Rules, draft: Json) -> Typed:
    """The rules are for what was typed; a handle stands for what met them already."""
    return Typed(draft) if is_handle(draft, SECRET_HANDLE) else _typed_text(rules, draft)


def _fit_upload(_rules: Rules, value: Json) -> Fitted | None:
    return Fitted(value) if value == "" or is_handle(value, UPLOAD_HANDLE) else None


def _typed_upload(rules: Rules, draft: Json) -> Typed:
    if not isinstance(draft, str):
        return Typed(problem=Problem("text"))
    if is_handle(draft, UPLOAD_HANDLE):
        return Typed(FrozenDict({"handle": draft}))
    limit = rules.max_bytes
    if limit is not None and len(draft.encode("utf-8", "surrogatepass")) > limit:
        return Typed(problem=Problem("max_bytes", str(limit)))
    return Typed(FrozenDict({"text": draft}))


# --- numbers and ticks ----------------------------------------------------------------------------


def _is_number(value: Json) -> TypeGuard[int | float]:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _holds_number(value: Json) -> bool:
    return isinstance(value, str) or _is_number(value)


def _keeps_number(_rules: Rules, value: Json) -> bool:
    return _holds_number(value)


def _fit_number(_rules: Rules, value: Json) -> Fitted | None:
    if value == "" and isinstance(value, str):
        return Fitted("")
    if isinstance(value, str):
        number = parse_number(value)
        return None if number is None else Fitted(number, repaired=True)
    return Fitted(value) if _is_number(value) else None


def _typed_number(rules: Rules, draft: Json) -> Typed:
    number = parse_number(draft) if isinstance(draft, str) else draft
    if not _is_number(number):
        return Typed(problem=Problem("number"))
    if isinstance(rules.min, (int, float)) and number < rules.min:
        return Typed(problem=Problem("min", number_text(rules.min)))
    if isinstance(rules.max, (int, float)) and number > rules.max:
        return Typed(problem=Problem("max", number_text(rules.max)))
    return Typed(number)


def _slider_start(rules: Rules) -> Json:
    return int(rules.min) if isinstance(rules.min, (int, float)) else 0


def _fit_slider(rules: Rules, value: Json) -> Fitted | None:
    number = parse_number(value) if isinstance(value, str) else value
    if not _is_number(number) or number != number // 1 or not _on_slider(rules, number):
        return None
    return Fitted(int(number), repaired=isinstance(value, str))


def _on_slider(rules: Rules, number: int | float) -> bool:
    ends = (rules.min, rules.max)
    low, high = (end if isinstance(end, (int, float)) else 0 for end in ends)
    return low <= number <= high


def _keeps_slider(rules: Rules, value: Json) -> bool:
    return not isinstance(value, str) and _fit_slider(rules, value) is not None


def _typed_slider(rules: Rules, draft: Json) -> Typed:
    found = _typed_number(rules, draft)
    if found.problem is not None:
        return found
    whole = found.value == found.value // 1
    return Typed(int(found.value)) if whole else Typed(problem=Problem("whole"))


def _unticked(_rules: Rules) -> Json:
    return False


def _is_flag(value: Json) -> bool:
    return isinstance(value, bool)


def _keeps_flag(_rules: Rules, value: Json) -> bool:
    return isinstance(value, bool)


def _fit_boolean(_rules: Rules, value: Json) -> Fitted | None:
    if isinstance(value, bool):
        return Fitted(value)
    words = {"true": True, "false": False}
    if isinstance(value, str) and value.lower() in words:
        return Fitted(words[value.lower()], repaired=True)
    return None


def _typed_boolean(rules: Rules, draft: Json) -> Typed:
    if not isinstance(draft, bool):
        return Typed(problem=Problem("boolean"))
    return nothing(rules) if rules.required and not draft else Typed(draft)


# --- choices --------------------------------------------------------------------------------------


def _options_in(rules: Rules, words: Iterable[Json]) -> list[Fitted | None]:
    """Options by their values, or by their labels where only one has it."""
    values = frozenset(option.value for option in rules.options)
    labels = Counter(option.label for option in rules.options)
    by_label = {o.label: o.value for o in rules.options if labels[o.label] == 1}

    def option(word: Json) -> Fitted | None:
        if not isinstance(word, str):
            return None
        if word in values:
            return Fitted(word)
        return Fitted(by_label[word], repaired=True) if word in by_label else None

    return [option(word) for word in words]


def _fit_choice(rules: Rules, value: Json) -> Fitted | None:
    if isinstance(value, str) and value == "":
        return Fitted("")
    return _options_in(rules, (value,))[0]


def _holds_choice(value: Json) -> bool:
    """Clients may send several, which is a problem of the draft, not another kind."""
    return isinstance(value, str) or _holds_choices(value)


def _keeps_choice(rules: Rules, value: Json) -> bool:
    return value == "" or _keeps_choices(rules, value if isinstance(value, tuple) else (value,))


def _typed_choice(rules: Rules, draft: Json) -> Typed:
    if isinstance(draft, (list, tuple)):
        return Typed(problem=Problem("one_option"))
    if not any(draft == option.value for option in rules.options):
        return Typed(problem=Problem("option"))
    return Typed(draft)


def _none_chosen(_rules: Rules) -> Json:
    return ()


def _fit_choices(rules: Rules, value: Json) -> Fitted | None:
    """A list of values or labels, each once; one alone stands for a list of it."""
    listed = isinstance(value, (list, tuple))
    read = _options_in(rules, value if listed else (value,) if value != "" else ())
    found = [item for item in read if item is not None]
    if len(found) < len(read):
        return None
    chosen = tuple(dict.fromkeys(item.value for item in found))
    mended = not listed or len(chosen) < len(found) or any(item.repaired for item in found)
    return Fitted(chosen, mended)


def _holds_choices(value: Json) -> bool:
    return isinstance(value, tuple) and all(isinstance(item, str) for item in value)


def _keeps_choices(rules: Rules, value: Json) -> bool:
    known = {option.value for option in rules.options}
    return _holds_choices(value) and known.issuperset(value)


def _typed_choices(rules: Rules, draft: Json) -> Typed:
    """The chosen options in the order in which they are offered."""
    given = tuple(draft) if isinstance(draft, list) else draft
    if not _keeps_choices(rules, given):
        return Typed(problem=Problem("option"))
    chosen = frozenset(given)
    return _counted(rules, tuple(o.value for o in rules.options if o.value in chosen))


def _counted(rules: Rules, items: tuple[str, ...]) -> Typed:
    if not items:
        return nothing(rules)
    if rules.min_items is not None and len(items) < rules.min_items:
        return Typed(problem=Problem("min_items", str(rules.min_items)))
    if rules.max_items is not None and len(items) > rules.max_items:
        return Typed(problem=Problem("max_items", str(rules.max_items)))
    return Typed(items)


def _fit_tags(rules: Rules, value: Json) -> Fitted | None:
    """A text as it would be typed, or a list of tags, none of which may fall apart."""
    if not isinstance(value, (list, tuple)):
        return _fit_text(rules, value)
    read = [_fit_text(rules, item) for item in value]
    found = [item for item in read if item is not None]
    texts = [item.value for item in found]
    if len(found) < len(read) or any(has_tag_end(tag) or not tag.strip() for tag in texts):
        return None
    return Fitted(", ".join(texts), any(item.repaired for item in found))


def _typed_tags(rules: Rules, draft: Json) -> Typed:
    if not isinstance(draft, str):
        return Typed(problem=Problem("text"))
    tags = split_tags(draft)
    if rules.max_length is not None and any(len(tag) > rules.max_length for tag in tags):
        return Typed(problem=Problem("tag_length", str(rules.max_length)))
    return _counted(rules, tags)


# --- days and times -------------------------------------------------------------------------------


_HALF_A_YEAR: Final = "000"
"""So begins a day whose year has one digit yet: the official web client empties its input then and
sends that day, whatever else was typed. Nobody means the year 2."""


def _read_day(text: str) -> str | None:
    midnight = text[10:] in ("T00:00", "T00:00:00", "T00:00:00Z", "T00:00Z")
    return text[:10] if midnight and is_day(text[:10]) else None


def _when_kind(reason: str, fits: Callable[[str], bool], read: Callable[[str], str | None]) -> Kind:
    """A day or time: a text in one form, in which earlier sorts before later.

    Args:
        reason: The problem of a text that is none.
        fits: Whether a text has the form.
        read: The form of a text that says the same in another one, or None.
    """

    def fit(_rules: Rules, value: Json) -> Fitted | None:
        if not isinstance(value, str):
            return None
        if value == "" or fits(value):
            return Fitted(value)
        found = read(value)
        return None if found is None else Fitted(found, repaired=True)

    def typed(rules: Rules, draft: Json) -> Typed:
        if not isinstance(draft, str) or not fits(draft) or draft.startswith(_HALF_A_YEAR):
            return Typed(problem=Problem(reason))
        if isinstance(rules.min, str) and draft < rules.min:
            return Typed(problem=Problem("earliest", rules.min.replace("T", " ")))
        if isinstance(rules.max, str) and draft > rules.max:
            return Typed(problem=Problem("latest", rules.max.replace("T", " ")))
        return Typed(draft)

    return _text_kind(typed, fit, reason)


KINDS: Final[Mapping[str, Kind]] = MappingProxyType(
    {
        "short_text": _text_kind(_typed_text),
        "long_text": _text_kind(_typed_text),
        "secret": Kind(
            _empty_text, _fit_secret, _typed_secret, _is_secret, _keeps_secret, "secret"
        ),
        "number": Kind(
            _empty_text, _fit_number, _typed_number, _holds_number, _keeps_number, "text"
        ),
        "slider": Kind(
            _slider_start, _fit_slider, _typed_slider, _is_number, _keeps_slider, "slider"
        ),
        "boolean": Kind(_unticked, _fit_boolean, _typed_boolean, _is_flag, _keeps_flag, "boolean"),
        "choice": Kind(
            _empty_text, _fit_choice, _typed_choice, _holds_choice, _keeps_choice, "choice"
        ),
        "multi_choice": Kind(
            _none_chosen, _fit_choices, _typed_choices, _holds_choices, _keeps_choices, "choices"
        ),
        "date": _when_kind("date", is_day, _read_day),
        "time": _when_kind("time", is_time, read_time),
        "datetime": _when_kind("datetime", is_moment, read_moment),
        "tags": _text_kind(_typed_tags, _fit_tags),
        "email": _address_kind("email", is_email),
        "url": _address_kind("url", is_url),
        "phone": _address_kind("phone", is_phone),
        "upload": _text_kind(_typed_upload, _fit_upload, "upload"),
    }
)
