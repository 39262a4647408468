"""The guard: what may go to a client, and what is wrong with a stream that someone else made.

`StreamChecker` is handed messages in order and gives back findings; it never raises, whatever the
messages are, and takes time linear in their size. It knows no IR and no bytes on the wire beyond
their number. Own output and foreign streams pass the same rules; `Rules` says where they differ.

A catalog is turned once into nested functions (`_plan`), one a property, so that checking good
output is a walk over it that only collects ids, references and strings. What concerns a whole
message is asked of these collections at once, and looked into only when the answer is bad.

Source: DESIGN section 6; the behaviour of the official clients, DESIGN section 6 and its sources.
"""

from __future__ import annotations

import ipaddress
import json
import re
import sys
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final, Literal, TypeAlias
from urllib.parse import urlsplit

import orjson

from uicompiler.backends.a2ui_v0_8.names import looks_like_json
from uicompiler.backends.base import Message
from uicompiler.catalog.catalog import Catalog, Rule
from uicompiler.errors import CODES, Diagnostic, Severity, diagnostic
from uicompiler.ir.patterns import PatternRefused, check_pattern
from uicompiler.ir.text import has_controls, has_surrogates
from uicompiler.ir.values import FORBIDDEN_KEYS
from uicompiler.limits import Limits
from uicompiler.pointer import escape

MAX_FINDINGS: Final = 200
RESERVED_CONTEXT: Final = frozenset({"_nonce", "_rev"})
MESSAGES: Final = ("beginRendering", "surfaceUpdate", "dataModelUpdate", "deleteSurface")

_WEB: Final = frozenset({"http", "https"})
_DOUBLE_MAX: Final = sys.float_info.max
_EXACT_INT: Final = 2**53

# What the official client takes, and JSON Schema too: only a warning at level `interop`.
_ACCEPTED: Final = frozenset(
    {
        "A2UI_S2C_BEGIN_MISSING",
        "A2UI_S2C_BEGIN_REPEATED",
        "A2UI_S2C_CATALOG_MISMATCH",
        "A2UI_S2C_CATALOG_UNKNOWN_TYPE",
        "A2UI_S2C_COMPONENT_ACTION_FORBIDDEN",
        "A2UI_S2C_COMPONENT_ID_COLLISION",
        "A2UI_S2C_COMPONENT_ID_INVALID",
        "A2UI_S2C_COMPONENT_ORPHAN",
        "A2UI_S2C_COMPONENT_PATTERN_UNSAFE",
        "A2UI_S2C_COMPONENT_TEXT_FORBIDDEN",
        "A2UI_S2C_COMPONENT_TEXT_MARKUP",
        "A2UI_S2C_COMPONENT_TYPE_CHANGED",
        "A2UI_S2C_COMPONENT_URL_FORBIDDEN",
        "A2UI_S2C_DATA_KEY_FORBIDDEN",
        "A2UI_S2C_DATA_KEY_INVALID",
        "A2UI_S2C_DATA_PATH_INVALID",
        "A2UI_S2C_DATA_ROOT_REPLACED",
        "A2UI_S2C_DATA_TEXT_FORBIDDEN",
        "A2UI_S2C_LIMIT_EXCEEDED",
    }
)


@dataclass(frozen=True, slots=True)
class Rules:
    """What a checker is handed.

    Attributes:
        catalog: The components there are.
        limits: How much a client may be asked to hold.
        actions: Action names that may go out; None allows any.
        url_schemes: URL schemes that may go out, lower case.
        level: `interop` makes what the official clients accept a warning.
        foreign: Whether someone else made the stream: what compiling would neutralise is an
            error then, and JSON-looking data strings are a warning.
    """

    catalog: Catalog
    limits: Limits
    actions: frozenset[str] | None = None
    url_schemes: frozenset[str] = _WEB
    level: Literal["strict", "interop"] = "strict"
    foreign: bool = False


def check_batch(
    messages: Sequence[Message],
    rules: Rules,
    *,
    live: Collection[str],
    sizes: Sequence[int],
) -> list[Diagnostic]:
    """Check the whole batch of one response's surface; lines count its messages from 1.

    Args:
        messages: All messages, in order.
        rules: What to check against.
        live: Wire surface ids already begun on the client.
        sizes: Encoded bytes of each message.
    """
    checker = StreamChecker(rules, live=live)
    found: list[Diagnostic] = []
    for line, (message, size) in enumerate(zip(messages, sizes, strict=True), start=1):
        found += checker.message(message, line=line, size=size)
    return found + checker.finish()


# --- findings -------------------------------------------------------------------------------------

At: TypeAlias = "tuple[At, str | int] | None"
"""A place in a message, innermost key first; made into a pointer only for a finding."""

_MESSAGE: Final[Mapping[str, At]] = MappingProxyType({name: (None, name) for name in MESSAGES})


def _pointer(at: At) -> str:
    parts: list[str] = []
    while at is not None:
        at, key = at
        parts.append(f"/{escape(str(key))}")
    return "".join(reversed(parts))


def _show(value: object) -> str:
    """A value as a finding names it: short, and safe for any value."""
    if isinstance(value, str):
        return repr(value) if len(value) <= 60 else f"{value[:59]!r}…"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, float) or (isinstance(value, int) and abs(value) < 2**64):
        return str(value)
    kinds = {dict: "an object", list: "an array", tuple: "an array", int: "a huge number"}
    return kinds.get(type(value), f"a {type(value).__name__}")


def _names(names: Iterable[object]) -> str:
    shown = [name for name, _ in zip(names, range(60), strict=False)]
    return ", ".join(sorted(name if isinstance(name, str) else _show(name) for name in shown))


class _Findings:
    """The findings of a stream: so many are kept, of the others only the worst severity."""

    __slots__ = ("left_out", "new", "room", "worst")

    def __init__(self) -> None:
        self.room = MAX_FINDINGS
        self.left_out = 0
        self.worst: Severity = "info"
        self.new: list[Diagnostic] = []

    def add(self, finding: Callable[[], Diagnostic], severity: Severity) -> None:
        if self.room:
            self.room -= 1
            self.new.append(finding())
            return
        self.left_out += 1
        if self.worst == "info" or severity == "error":
            self.worst = severity

    def take(self) -> list[Diagnostic]:
        new, self.new = self.new, []
        return new


class _Look:
    """One message under examination: what is reported and what is collected.

    Attributes:
        texts, text_places: Every string of a component property but references.
        said, said_places: Every other string: those of actions and of the data model.
        refs, ref_places: Every reference to a component.
    """

    __slots__ = (
        "findings", "line", "ref_places", "refs", "rules", "said", "said_places", "surface_id",
        "text_places", "texts",
    )  # fmt: skip

    def __init__(self, rules: Rules, findings: _Findings, line: int | None = None) -> None:
        self.rules = rules
        self.findings = findings
        self.line = line
        self.surface_id: str | None = None
        self.texts: list[str] = []
        self.text_places: list[At] = []
        self.said: list[str] = []
        self.said_places: list[At] = []
        self.refs: list[str] = []
        self.ref_places: list[At] = []

    def report(
        self,
        code: str,
        at: At,
        message: str,
        hint: str = "",
        *,
        accepted: bool = False,
        severity: Severity | None = None,
    ) -> None:
        """Add one finding; `accepted` says that official clients take it."""
        code = f"A2UI_S2C_{code}"
        grade = severity or CODES[code].severity
        if self.rules.level == "interop" and (accepted or code in _ACCEPTED):
            grade = "warning"
        where = {"surface_id": self.surface_id, "line": self.line}
        self.findings.add(
            lambda: diagnostic(
                code, message, pointer=_pointer(at), hint=hint, severity=grade, **where  # type: ignore[arg-type]  # two keywords of two types
            ),
            grade,
        )

    def invalid(self, at: At, expected: str, value: object) -> None:
        """A component's value is not what the catalog says."""
        self.report("COMPONENT_INVALID", at, f"expected {expected}, found {_show(value)}")

    def limit(self, name: str, allowed: int, actual: int, where: str, at: At = None) -> None:
        """A limit was passed."""
        self.report(
            "LIMIT_EXCEEDED", at, f"{where} has {actual}, and {name} allows {allowed}", name
        )


# --- a catalog as functions -----------------------------------------------------------------------

_Check: TypeAlias = Callable[[Any, At, _Look], None]
"""Checks a value and collects from it; `Any`, since it may be any JSON value."""


@dataclass(frozen=True, slots=True)
class _Plan:
    catalog: Catalog
    checks: Mapping[str, _Check]


_PLANS: Final[dict[int, _Plan]] = {}


def _plan(catalog: Catalog) -> Mapping[str, _Check]:
    """The checks of a catalog by component type; kept, as making them costs more than a check."""
    plan = _PLANS.get(id(catalog))
    if plan is None or plan.catalog is not catalog:
        checks = {kind: _component_check(kind, rule) for kind, rule in catalog.components.items()}
        plan = _Plan(catalog, MappingProxyType(checks))
        if len(_PLANS) >= 16:
            _PLANS.clear()
        _PLANS[id(catalog)] = plan
    return plan.checks


def _component_check(kind: str, rule: Rule) -> _Check:
    special = {"action": _action, "validationRegexp": _pattern}
    if kind == "Text":
        special["text"] = _prose
    checks = {
        name: special.get(name, _same)(_check_of(inner)) for name, inner in rule.properties.items()
    }
    return _object_check(checks, rule.required)


def _same(check: _Check) -> _Check:
    return check


def _check_of(rule: Rule) -> _Check:
    if rule.kind == "object":
        checks = {name: _check_of(inner) for name, inner in rule.properties.items()}
        return (_one_check if rule.exactly_one else _object_check)(checks, rule.required)
    if rule.kind == "array":
        return _array_check(rule.items)
    if rule.kind == "string":
        return _string if rule.enum is None else _enum_check(rule.enum)
    return {"number": _number, "integer": _integer, "boolean": _boolean}[rule.kind]


def _check_of_string(rule: Rule) -> _Check:
    formats = {"a2ui-component-id": _reference, "a2ui-url": _url, "a2ui-path": _path}
    if rule.enum is not None:
        return _enum_check(rule.enum)
    return formats.get(rule.format, _string)
