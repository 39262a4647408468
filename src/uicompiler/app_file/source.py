"""The file an app is declared in: its value, and the line each place in it stands on.

YAML is read by the core schema of YAML 1.2, in which a value is what it looks like: `yes` is a
text and so is `2026-01-01`; `12:30` is no number in base 60 and `010` is ten. JSON is read as JSON:
PyYAML would take `1e5` for a text and half of an emoji for a character.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias

import yaml

from uicompiler.errors import AppError, Diagnostic, diagnostic
from uicompiler.ir.verify import bad_values
from uicompiler.pointer import join
from uicompiler.strict_json import StrictJsonError, loads, outgrows

_MAX_BYTES: Final = 2 * 1024 * 1024
_MAX_VALUES: Final = 200_000
_MAX_DEPTH: Final = 128

Place: TypeAlias = Sequence[str | int]
"""Keys and indexes that lead to a value; an index may be written as a text."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file that was read.

    Attributes:
        name: What the file is called.
        value: What is in it.
        root: The same with marks, or None for an empty file.
    """

    name: str
    value: Any
    root: yaml.Node | None

    def problem(
        self, why: str, place: Place = (), *, hint: str = "", code: str = "APP_INVALID"
    ) -> Diagnostic:
        """A finding about a place in this file."""
        message = f"{self.name}: {why}"
        return diagnostic(code, message, pointer=join(place), hint=hint, line=self.line(place))

    def line(self, place: Place) -> int | None:
        """The line of the deepest part of a place that is in the file, from 1."""
        node, line = self.root, None
        for step in place:
            node = _marked(node, step)
            if node is None:
                break
            line = node.start_mark.line + 1
        return line

    def has(self, place: Place) -> bool:
        """Whether the file has such a place."""
        node = self.root
        for step in place:
            node = _marked(node, step)
        return node is not None


def inside(value: object, step: str | int) -> Any:  # JSON
    """The value under a key or index, or None."""
    if isinstance(value, dict):
        return value.get(step)
    if isinstance(value, list) and str(step).isdecimal() and int(step) < len(value):
        return value[int(step)]
    return None


def _marked(node: yaml.Node | None, step: str | int) -> yaml.Node | None:
    found: yaml.Node | None = None
    if isinstance(node, yaml.MappingNode):
        found = next((v for k, v in node.value if getattr(k, "value", None) == str(step)), None)
    elif isinstance(node, yaml.SequenceNode) and str(step).isdecimal():
        found = node.value[int(step)] if int(step) < len(node.value) else None
    return found


def read_source(path: Path) -> Source:
    """Read a file: JSON when it is called so, YAML otherwise.

    Raises:
        AppError: APP_INVALID; it cannot be read, or holds what no JSON client can show.
    """
    text = _text(path)
    try:
        root, value = _json(path.name, text) if path.suffix == ".json" else _yaml(path.name, text)
    except RecursionError as exc:
        raise _unreadable(path.name, "nests too deeply") from exc
    # Aliases let a short file stand for a huge value.
    if outgrows(value, max_values=_MAX_VALUES, max_depth=_MAX_DEPTH):
        raise _unreadable(path.name, "holds too many values, or nests too deeply")
    source = Source(path.name, value, root)
    bad = [source.problem(why, place) for place, why in bad_values(value)]
    if bad:
        raise AppError(bad)
    return source


def _text(path: Path) -> str:
    try:
        raw = path.read_bytes()
        if len(raw) > _MAX_BYTES:
            raise _unreadable(path.name, f"has {len(raw)} bytes, at most {_MAX_BYTES}")
        return raw.decode("utf-8-sig")
    except OSError as exc:
        raise _unreadable(path.name, f"could not be read: {exc.strerror}") from exc
    except UnicodeDecodeError as exc:
        raise _unreadable(path.name, f"is not UTF-8 at byte {exc.start}") from exc


def _json(name: str, text: str) -> tuple[yaml.Node | None, Any]:
    # JSON is YAML but for tabs, which no JSON text holds other than between values.
    as_yaml = text.replace("\t", " ")
    try:
        value = loads(text, max_depth=_MAX_DEPTH)
    except StrictJsonError as exc:
        found = re.search(r" at line (\d+), column \d+$", str(exc))
        if found is None:
            _yaml(name, as_yaml)  # which knows the line of a key that stands there twice
            raise _unreadable(name, str(exc)) from exc
        raise _unreadable(name, str(exc)[: found.start()], int(found[1])) from exc
    try:
        return yaml.compose(as_yaml, Loader=_Loader), value
    except yaml.YAMLError:  # its lines alone are missing then
        return None, value


def _yaml(name: str, text: str) -> tuple[yaml.Node | None, Any]:
    try:
        loader = _Loader(text)
        root = loader.get_single_node()
        return root, None if root is None else loader.construct_document(root)
    except yaml.YAMLError as exc:
        mark = getattr(exc, "problem_mark", None)
        problem = getattr(exc, "problem", None) or getattr(exc, "reason", None) or "not YAML"
        raise _unreadable(name, problem, None if mark is None else mark.line + 1) from exc
    except ValueError as exc:
        raise _unreadable(name, "a number is too long") from exc


def _unreadable(name: str, why: str, line: int | None = None) -> AppError:
    return AppError([diagnostic("APP_INVALID", f"{name}: {why}", line=line)])


class _Loader(yaml.SafeLoader):
    """JSON's values written as YAML, in which no object names a key twice."""

    _merged = 0

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if key.tag == _MERGE:
                continue
            if key.tag != _STR:
                raise _refused("a key is a text; put it in quotes", key)
            if key.value in seen:
                raise _refused(f"the key {key.value!r} stands here twice", key)
            seen.add(key.value)
        return super().construct_mapping(node, deep)

    def flatten_mapping(self, node: yaml.MappingNode) -> None:
        """As YAML merges; PyYAML's own lets a short file ask for more than memory holds."""
        sources = [value for key, value in node.value if key.tag == _MERGE]
        if not sources:
            return
        own = [pair for pair in node.value if pair[0].tag != _MERGE]
        node.value, merged = own, []
        for source in sources:
            several = source.value if isinstance(source, yaml.SequenceNode) else [source]
            for one in reversed(several):  # of two that name a key the first counts
                if not isinstance(one, yaml.MappingNode):
                    raise _refused("only objects can be merged", one)
                self.flatten_mapping(one)
                self._merged += 1 + len(one.value)
                if self._merged > _MAX_VALUES:
                    raise _refused("too many values are merged", one)
                merged += one.value
        node.value = merged + own

    def construct_yaml_int(self, node: yaml.ScalarNode) -> int:
        digits: str = self.construct_scalar(node)
        return int(digits, 0 if digits[:2] in ("0x", "0o") else 10)

    def construct_yaml_float(self, node: yaml.ScalarNode) -> float:
        digits: str = self.construct_scalar(node)
        return float(digits.replace(".inf", "inf").replace(".nan", "nan"))


def _refused(why: str, node: yaml.Node) -> yaml.constructor.ConstructorError:
    return yaml.constructor.ConstructorError(None, None, why, node.start_mark)


_TAG: Final = "tag:yaml.org,2002:"
_MERGE: Final = f"{_TAG}merge"
_STR: Final = f"{_TAG}str"

# Source: YAML 1.2.2 section 10.3.2; `inf` and `nan` are read to be refused by name.
_CORE: Final = (
    ("null", r"null|Null|NULL|~|", "~nN"),
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("int", r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", "-+0123456789"),
    (
        "float",
        r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)"
        r"|\.(?:nan|NaN|NAN)",
        "-+0123456789.",
    ),
    ("merge", r"<<", "<"),
)


def _resolvers() -> Iterator[tuple[str, list[tuple[str, re.Pattern[str]]]]]:
    firsts = {first for _, _, firsts in _CORE for first in firsts} | {""}
    for first in firsts:
        yield (
            first,
            [
                (_TAG + name, re.compile(f"(?:{pattern})\\Z"))
                for name, pattern, begins in _CORE
                if first in begins or (not first and name == "null")
            ],
        )


_Loader.yaml_implicit_resolvers = dict(_resolvers())
_KEPT: Final[frozenset[Hashable]] = frozenset(
    {*(_TAG + name for name in ("null", "bool", "str", "seq", "map")), None}
)
_Loader.yaml_constructors = {
    **{tag: make for tag, make in yaml.SafeLoader.yaml_constructors.items() if tag in _KEPT},
    f"{_TAG}int": _Loader.construct_yaml_int,
    f"{_TAG}float": _Loader.construct_yaml_float,
}
