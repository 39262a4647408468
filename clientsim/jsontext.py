"""JSON text to values, as a client's `JSON.parse` reads it, and Python values to the same form.

Values are None, bool, str, list, dict and numbers; a number is an int when it is integral and
within 2**53, else the nearest double, which may be infinite (`1e999`). NaN and Infinity as words
are refused. Deep text is read with a stack of its own; beyond `MAX_DEPTH` levels it is refused.
"""

import json
import json.decoder
import math
import re
from collections.abc import Callable
from typing import Final, TypeAlias

from clientsim.errors import Refused

MAX_DEPTH: Final = 5_000
_SHALLOW: Final = 150
_SAFE_INTEGER: Final = 2**53
_SPACE: Final = re.compile(r"[ \t\n\r]*")
_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")
# The standard library's string reader; typeshed does not list it.
_read_string: Callable[[str, int, bool], tuple[str, int]] = vars(json.decoder)["scanstring"]
_WORDS: Final[dict[str, object]] = {"true": True, "false": False, "null": None}


class BadJson(ValueError):
    """The text is not one JSON document."""


def parse(text: str, *, unique_keys: bool = False) -> object:
    """Read one JSON document.

    Args:
        text: The document.
        unique_keys: Refuse an object that has a key twice; otherwise the last one wins.

    Raises:
        BadJson: the text is not JSON.
        Refused: `SIM_TOO_DEEP`.

    Source: RFC 8259; ECMA-262 `JSON.parse`.
    """
    openings = text.count("[") + text.count("{")
    try:
        value = _loads(text, _unique if unique_keys else None)
    except json.JSONDecodeError as error:
        if openings <= _SHALLOW:
            raise BadJson(f"{error.msg} at character {error.pos}") from None
    except (BadJson, RecursionError):
        if openings <= _SHALLOW:
            raise
    else:
        if openings <= MAX_DEPTH or not _deeper(value, MAX_DEPTH):
            return value
    # This reader alone says what is wrong with a long text, and takes one that is deep.
    return _Reader(text, unique_keys).document()


def number(text: str) -> int | float:
    """A JSON number as the double a client holds."""
    return normal_number(float(text))


def normal_number(value: int | float) -> int | float:
    """One spelling per number: integral and within 2**53 is an int, anything else a double."""
    if isinstance(value, int):
        if abs(value) <= _SAFE_INTEGER:
            return value
        try:
            return float(value)
        except OverflowError:
            return math.inf if value > 0 else -math.inf
    if value.is_integer() and abs(value) <= _SAFE_INTEGER:
        return int(value)
    return value


def copy(value: object) -> object:
    """Copy a Python value into this form, so that later changes by the caller cannot reach in.

    Raises:
        Refused: something in it is no JSON value, or it is nested too deep.
    """
    out: list[object] = [None]
    todo: list[tuple[object, _Slot, int]] = [(value, (out, 0), 0)]
    while todo:
        item, (home, at), depth = todo.pop()
        if depth > MAX_DEPTH:
            raise Refused(
                "SIM_TOO_DEEP", f"The message is nested more than {MAX_DEPTH} levels deep."
            )
        if isinstance(item, dict):
            members: dict[str, object] = dict.fromkeys(map(_key, item))
            home[at] = members  # type: ignore[index]  # `at` fits the kind of `home`
            todo.extend((child, (members, key), depth + 1) for key, child in item.items())
        elif isinstance(item, list):
            items: list[object] = [None] * len(item)
            home[at] = items  # type: ignore[index]  # as above
            todo.extend((child, (items, i), depth + 1) for i, child in enumerate(item))
        else:
            home[at] = _scalar(item)  # type: ignore[index]  # as above
    return out[0]


_Slot: TypeAlias = tuple[list[object] | dict[str, object], int | str]


def _key(key: object) -> str:
    if not isinstance(key, str):
        raise Refused("SIM_MESSAGE_SHAPE", f"A key is {type(key).__name__}, not a string.")
    return key


def _scalar(item: object) -> object:
    if item is None or isinstance(item, bool | str):
        return item
    if isinstance(item, int | float):
        if isinstance(item, float) and math.isnan(item):
            raise Refused("SIM_MESSAGE_SHAPE", "NaN is not a JSON value.")
        return normal_number(item)
    raise Refused("SIM_MESSAGE_SHAPE", f"{type(item).__name__} is not a JSON value.")


def _loads(text: str, hook: Callable[[list[tuple[str, object]]], object] | None) -> object:
    return json.loads(
        text,
        parse_int=number,
        parse_float=number,
        parse_constant=_refuse,
        object_pairs_hook=hook,
    )


def _deeper(value: object, levels: int) -> bool:
    """Is a value nested more than so many levels deep?"""
    level = [value] if isinstance(value, dict | list) else []
    while level and levels:
        levels -= 1
        below = (item.values() if isinstance(item, dict) else item for item in level)
        level = [child for inner in below for child in inner if isinstance(child, dict | list)]
    return bool(level)


def _refuse(word: str) -> object:
    raise BadJson(f"{word} is not JSON")


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise BadJson("an object has the same key twice")
    return members


class _Reader:
    """A JSON reader whose nesting lives on a list instead of the call stack."""

    def __init__(self, text: str, unique_keys: bool) -> None:
        self.text = text
        self.at = 0
        self.unique_keys = unique_keys
        self.open: list[tuple[list[object] | dict[str, object], str]] = []

    def document(self) -> object:
        value = self._value()
        while self.open:
            value = self._step(value)
        self._skip()
        if self.at != len(self.text):
            raise BadJson(f"extra text at character {self.at}")
        return value

    def _step(self, value: object) -> object:
        """Put a finished value into its container; go on to the next value or close up."""
        container, key = self.open[-1]
        if value is not _OPENED:
            self._store(container, key, value)
        closing = "}" if isinstance(container, dict) else "]"
        self._skip()
        if self._take(closing):
            self.open.pop()
            return container
        if value is not _OPENED and not self._take(","):
            raise BadJson(f"expected , or {closing} at character {self.at}")
        if isinstance(container, dict):
            self.open[-1] = (container, self._name())
        return self._value()

    def _store(self, container: list[object] | dict[str, object], key: str, value: object) -> None:
        if isinstance(container, list):
            container.append(value)
        elif self.unique_keys and key in container:
            raise BadJson("an object has the same key twice")
        else:
            container[key] = value

    def _value(self) -> object:
        self._skip()
        if self._take("{"):
            return self._opened({})
        if self._take("["):
            return self._opened([])
        if self._take('"'):
            return self._string()
        if match := _NUMBER.match(self.text, self.at):
            self.at = match.end()
            return number(match[0])
        for word, value in _WORDS.items():
            if self._take(word):
                return value
        raise BadJson(f"expected a value at character {self.at}")

    def _opened(self, container: list[object] | dict[str, object]) -> object:
        self.open.append((container, ""))
        if len(self.open) > MAX_DEPTH:
            raise Refused("SIM_TOO_DEEP", f"The JSON is nested more than {MAX_DEPTH} levels deep.")
        return _OPENED

    def _name(self) -> str:
        self._skip()
        if not self._take('"'):
            raise BadJson(f"expected a key at character {self.at}")
        name = self._string()
        self._skip()
        if not self._take(":"):
            raise BadJson(f"expected : at character {self.at}")
        return name

    def _string(self) -> str:
        try:
            text, self.at = _read_string(self.text, self.at, True)
        except json.JSONDecodeError as error:
            raise BadJson(f"{error.msg} at character {error.pos}") from None
        return text

    def _skip(self) -> None:
        match = _SPACE.match(self.text, self.at)
        self.at = match.end() if match else self.at

    def _take(self, token: str) -> bool:
        if self.text.startswith(token, self.at):
            self.at += len(token)
            return True
        return False


_OPENED: Final = object()
