"""The guard: what may go to a client, and what is wrong with a stream that someone else made.

`StreamChecker` is handed messages in order and gives back findings. It never raises, whatever the
messages are, never recurses on their depth, and takes time linear in their size. It knows no IR
and no transport. Own output and foreign streams pass one set of rules; `Rules` says what differs.

A catalog is turned once into nested functions, one a property, so that checking good output is one
walk that collects ids, references and strings. What concerns many of them is asked of the
collections as a whole, and looked into one by one only when that answer is bad.

Source: DESIGN section 6; the v0.8 specification, and what the official clients do in its place.
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
from heapq import nsmallest
from typing import Any, Final, Literal, NamedTuple, TypeAlias
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

# Codes for what the official client takes, as does its JSON Schema: warnings at level `interop`.
_ACCEPTED: Final = frozenset(
    {
        "BEGIN_MISSING",
        "BEGIN_REPEATED",
        "CATALOG_MISMATCH",
        "CATALOG_UNKNOWN_TYPE",
        "COMPONENT_ACTION_FORBIDDEN",
        "COMPONENT_ID_COLLISION",
        "COMPONENT_ID_INVALID",
        "COMPONENT_ORPHAN",
        "COMPONENT_PATTERN_UNSAFE",
        "COMPONENT_TEXT_FORBIDDEN",
        "COMPONENT_TEXT_MARKUP",
        "COMPONENT_TYPE_CHANGED",
        "COMPONENT_URL_FORBIDDEN",
        "DATA_KEY_FORBIDDEN",
        "DATA_KEY_INVALID",
        "DATA_PATH_INVALID",
        "DATA_ROOT_REPLACED",
        "DATA_TEXT_FORBIDDEN",
        "DATA_UNREPRESENTABLE",
        "LIMIT_EXCEEDED",
    }
)


@dataclass(frozen=True, slots=True)
class Rules:
    """What a checker is handed.

    Attributes:
        catalog: The components there are.
        limits: How much a client may be asked to hold.
        actions: Action names that may go out; None allows any.
        url_schemes: URL schemes that may go out, in lower case.
        level: `interop` makes what the official clients accept a warning.
        foreign: Whether someone else made the stream: what compiling would neutralise is an
            error then, and a JSON-looking data string a warning.
    """

    catalog: Catalog
    limits: Limits
    actions: frozenset[str] | None = None
    url_schemes: frozenset[str] = frozenset({"http", "https"})
    level: Literal["strict", "interop"] = "strict"
    foreign: bool = False


def check_batch(
    messages: Sequence[Message], rules: Rules, *, live: Collection[str], sizes: Sequence[int]
) -> list[Diagnostic]:
    """Check one batch; the lines of findings count its messages from 1.

    Args:
        messages: The whole batch, in order.
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
"""A place in a message, innermost key first; made into a pointer only when there is a finding."""


def _pointer(at: At) -> str:
    parts: list[str] = []
    while at is not None:
        at, key = at
        parts.append(f"/{escape(str(key))}")
    return "".join(reversed(parts))


_KINDS: Final = {dict: "an object", list: "an array", tuple: "an array", int: "a huge number"}


def _show(value: object) -> str:
    """A value as a finding names it: short, and safe for any value."""
    if isinstance(value, str):
        return repr(value) if len(value) <= 60 else f"{value[:59]!r}…"
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, float) or (isinstance(value, int) and abs(value) < 2**64):
        return str(value)
    return _KINDS.get(type(value), f"a {type(value).__name__}")


def _name(key: object) -> str:
    """A key of any object as text."""
    return key if isinstance(key, str) else _show(key)


def _show_keys(value: object) -> str:
    """An object by its keys, anything else as itself."""
    if isinstance(value, dict):
        return f"the keys {_listed(value)}" if value else "an empty object"
    return _show(value)


def _listed(names: Iterable[object]) -> str:
    first = nsmallest(60, map(_name, names))
    return ", ".join(
        name if name.isprintable() and len(name) <= 60 else _show(name) for name in first
    )


class _Findings:
    """What was found in a stream: so many are kept, of the others only the worst severity."""

    def __init__(self) -> None:
        self.new: list[Diagnostic] = []
        self.room = MAX_FINDINGS
        self.left_out = 0
        self.worst: Severity = "warning"

    def admits(self, severity: Severity) -> bool:
        """Whether one more is kept; it is counted either way."""
        if self.room:
            self.room -= 1
            return True
        self.left_out += 1
        self.worst = "error" if severity == "error" else self.worst
        return False

    def take(self) -> list[Diagnostic]:
        """What is new since the last time."""
        new, self.new = self.new, []
        return new

    def rest(self) -> list[Diagnostic]:
        """One finding for those that were left out."""
        if not self.left_out:
            return []
        text = f"{self.left_out} more findings were left out, {MAX_FINDINGS} are reported"
        return [diagnostic("A2UI_S2C_LIMIT_EXCEEDED", text, severity=self.worst)]


class _Look:
    """One message under examination: what is wrong with it and what it holds.

    Attributes:
        texts: Strings of component properties, references and actions excepted.
        said: Strings of actions and of the data model.
        refs: Component ids referred to.
        shares_children: Whether two references are to one component.

    Beside each is a list of places. Gates know no places, so it fits only when no gate was asked
    (`StreamChecker._located`).
    """

    def __init__(self, rules: Rules, findings: _Findings, line: int | None = None) -> None:
        self.rules = rules
        self.max_data_depth = rules.limits.max_data_depth
        self.findings = findings
        self.line = line
        self.surface_id: str | None = None
        self.texts: list[str] = []
        self.text_places: list[At] = []
        self.said: list[str] = []
        self.said_places: list[At] = []
        self.refs: list[str] = []
        self.ref_places: list[At] = []
        self.shares_children = False

    def note(self, text: str, at: At) -> None:
        """Keep a property's string."""
        self.texts.append(text)
        self.text_places.append(at)

    def say(self, text: str, at: At) -> None:
        """Keep another string."""
        self.said.append(text)
        self.said_places.append(at)

    def report(
        self,
        code: str,
        at: At,
        message: str,
        hint: str = "",
        *,
        accepted: bool = False,
        severity: Severity | None = None,
        line: int | None = None,
    ) -> None:
        """Add a finding; `accepted` says that official clients take what is wrong."""
        full = f"A2UI_S2C_{code}"
        grade = severity or CODES[full].severity
        if self.rules.level == "interop" and (accepted or code in _ACCEPTED):
            grade = "warning"
        if self.findings.admits(grade):
            self.findings.new.append(
                diagnostic(
                    full,
                    message,
                    pointer=_pointer(at),
                    hint=hint,
                    severity=grade,
                    surface_id=self.surface_id,
                    line=self.line if line is None else line,
                )
            )

    def invalid(
        self, at: At, expected: str, value: object, code: str = "COMPONENT_INVALID"
    ) -> None:
        """A value is not of the kind it has to be."""
        self.report(code, at, f"expected {expected}, found {_show(value)}")

    def limit(self, name: str, allowed: int, actual: int, where: str, at: At = None) -> None:
        """A limit was passed."""
        text = f"{where}: {actual}, but {name} allows {allowed}"
        self.report("LIMIT_EXCEEDED", at, text, f"limit {name}")


# --- the catalog as functions ---------------------------------------------------------------------

_Gate: TypeAlias = Callable[[Any, list[str], "_Look"], bool]
"""Whether nothing at all is wrong with a value; collects its strings in the list given."""

_Check: TypeAlias = Callable[[Any, At, "_Look"], None]
"""Reports what is wrong with a value; collects what it holds, with places."""


class _Property(NamedTuple):
    """How a value of one rule is checked: asked by `gate`, examined by `check` when it says no.

    A gate may say no to a value that `check` finds nothing wrong with, never the reverse.
    """

    gate: _Gate
    check: _Check


_Wrap: TypeAlias = Callable[[_Property], _Property]
_PLANS: Final[dict[int, tuple[Catalog, Mapping[str, _Property]]]] = {}


def _plan(catalog: Catalog) -> Mapping[str, _Property]:
    """How each component type is checked; kept, as making it costs more than checking."""
    kept = _PLANS.get(id(catalog))
    if kept is None or kept[0] is not catalog:
        plan = {kind: _component(kind, rule) for kind, rule in catalog.components.items()}
        if len(_PLANS) >= 16:
            _PLANS.clear()
        kept = _PLANS[id(catalog)] = (catalog, plan)
    return kept[1]


def _component(kind: str, rule: Rule) -> _Property:
    inner = {name: _compiled(item) for name, item in rule.properties.items()}
    for of, name, fits, wrap in _SPECIAL:
        if of in (kind, None) and name in inner and fits(rule.properties[name]):
            inner[name] = wrap(inner[name])
    return _object(inner, rule.required)


def _compiled(rule: Rule) -> _Property:
    if rule.kind == "object":
        inner = {name: _compiled(item) for name, item in rule.properties.items()}
        return _one_of(inner) if rule.exactly_one else _object(inner, rule.required)
    if rule.kind == "array":
        return _array(_ANYTHING if rule.items is None else _compiled(rule.items))
    if rule.kind == "string":
        return _STRINGS.get(rule.format, _STRING) if rule.enum is None else _enum(rule.enum)
    return _SCALARS[rule.kind]


def _object(inner: Mapping[str, _Property], required: frozenset[str]) -> _Property:
    gates = {name: item.gate for name, item in inner.items()}
    wanted = tuple(sorted(required))

    def gate(value: Any, texts: list[str], look: _Look) -> bool:
        if not isinstance(value, dict):
            return False
        for name in wanted:
            if name not in value:
                return False
        for name, item in value.items():
            if name not in gates or not gates[name](item, texts, look):
                return False
        return True

    def check(value: Any, at: At, look: _Look) -> None:
        if not isinstance(value, dict):
            look.invalid(at, "an object", value)
            return
        for name, item in value.items():
            if name in inner:
                inner[name].check(item, (at, name), look)
            else:
                text = f"no such property: {_show(name)}"
                hint = f"known here: {_listed(inner)}"
                look.report("COMPONENT_INVALID", (at, _name(name)), text, hint)
        if not required <= value.keys():
            missing = _listed(required - value.keys())
            look.report("COMPONENT_INVALID", at, f"required but missing: {missing}")

    return _Property(gate, check)


def _one_of(inner: Mapping[str, _Property]) -> _Property:
    """An object with exactly one property: a bound value, or a container's children."""
    gates = {name: item.gate for name, item in inner.items()}
    code = "COMPONENT_BOUND_VALUE" if "path" in inner else "COMPONENT_INVALID"

    def gate(value: Any, texts: list[str], look: _Look) -> bool:
        if isinstance(value, dict) and len(value) == 1:
            for name, item in value.items():
                return name in gates and gates[name](item, texts, look)
        return False

    def check(value: Any, at: At, look: _Look) -> None:
        known = value.keys() & inner.keys() if isinstance(value, dict) else ()
        if len(known) != 1 or len(value) != 1:
            expected = f"expected an object with exactly one of {_listed(inner)}"
            look.report(code, at, f"{expected}, found {_show_keys(value)}")
        for name, item in inner.items():
            if name in known:
                item.check(value[name], (at, name), look)

    return _Property(gate, check)


def _array(inner: _Property) -> _Property:
    inner_gate = inner.gate
    is_references = inner is _STRINGS["a2ui-component-id"]

    def gate(value: Any, texts: list[str], look: _Look) -> bool:
        if not isinstance(value, (list, tuple)):
            return False
        if is_references:
            if not _ONLY_STR.issuperset(map(type, value)):
                return False
            look.refs += value
            return True
        for item in value:  # noqa: SIM110  # half the time of `all`
            if not inner_gate(item, texts, look):
                return False
        return True

    def check(value: Any, at: At, look: _Look) -> None:
        if not isinstance(value, (list, tuple)):
            look.invalid(at, "an array", value)
            return
        for index, item in enumerate(value):
            inner.check(item, (at, index), look)

    return _Property(gate, check)


_ONLY_STR: Final = frozenset({str})


def _enum(allowed: frozenset[str]) -> _Property:
    def gate(value: Any, texts: list[str], look: _Look) -> bool:
        if isinstance(value, str) and value in allowed:
            texts.append(value)
            return True
        return False

    def check(value: Any, at: At, look: _Look) -> None:
        if isinstance(value, str) and value in allowed:
            look.note(value, at)
        else:
            hint = f"one of {_listed(allowed)}"
            look.report("COMPONENT_INVALID", at, f"not an allowed value: {_show(value)}", hint)

    return _Property(gate, check)


def _scalar(expected: str, fits: Callable[[Any], bool]) -> _Property:
    """A value that is not a string."""

    def gate(value: Any, texts: list[str], look: _Look) -> bool:
        return fits(value)

    def check(value: Any, at: At, look: _Look) -> None:
        if not fits(value):
            look.invalid(at, expected, value)

    return _Property(gate, check)


def _is_boolean(value: object) -> bool:
    return isinstance(value, bool)


def _is_number(value: object) -> bool:
    """Whether it is a JSON number that a double holds: not NaN, infinite or huge."""
    return (
        isinstance(value, (int, float))
        and not isinstance(value, bool)
        and -sys.float_info.max <= value <= sys.float_info.max
    )


def _is_integer(value: Any) -> bool:
    return _is_number(value) and value == int(value)


_ANYTHING: Final = _scalar("anything", lambda value: True)
_SCALARS: Final[Mapping[str, _Property]] = {
    "number": _scalar("a finite number", _is_number),
    "integer": _scalar("an integer", _is_integer),
    "boolean": _scalar("a boolean", _is_boolean),
}


# --- strings --------------------------------------------------------------------------------------


def _string_gate(value: Any, texts: list[str], look: _Look) -> bool:
    if isinstance(value, str):
        texts.append(value)
        return True
    return False


def _string_check(value: Any, at: At, look: _Look) -> None:
    if isinstance(value, str):
        look.note(value, at)
    else:
        look.invalid(at, "a string", value)


def _reference_gate(value: Any, texts: list[str], look: _Look) -> bool:
    if isinstance(value, str):
        look.refs.append(value)
        return True
    return False


def _reference_check(value: Any, at: At, look: _Look) -> None:
    if isinstance(value, str):
        look.refs.append(value)
        look.ref_places.append(at)
    else:
        look.invalid(at, "a component id", value)


def _url_gate(value: Any, texts: list[str], look: _Look) -> bool:
    if not isinstance(value, str) or _url_refusal(value, look.rules.url_schemes) is not None:
        return False
    texts.append(value)
    return True


def _url_check(value: Any, at: At, look: _Look) -> None:
    _string_check(value, at, look)
    why = _url_refusal(value, look.rules.url_schemes) if isinstance(value, str) else None
    if why is not None:
        look.report("COMPONENT_URL_FORBIDDEN", at, f"a URL that may not go out: {why}")


_SEGMENT: Final = r"[A-Za-z0-9_-]+"
_KEY: Final = re.compile(_SEGMENT)
_PLAIN_PATH: Final = re.compile(rf"/?{_SEGMENT}(?:/{_SEGMENT})*|\.")
_SAFE_SEGMENT: Final = rf"(?!{'|'.join(sorted(FORBIDDEN_KEYS))}){_SEGMENT}"
_SAFE_PATH: Final = re.compile(rf"/?{_SAFE_SEGMENT}(?:/{_SAFE_SEGMENT})*")
_FORBIDDEN_PART: Final = re.compile(
    rf"(?:^|[/.\[])(?:{'|'.join(sorted(FORBIDDEN_KEYS))})(?:$|[/.\]])"
)


def _path_gate(value: Any, texts: list[str], look: _Look) -> bool:
    if not isinstance(value, str) or _SAFE_PATH.fullmatch(value) is None:
        return False
    texts.append(value)
    return value.count("/") <= look.max_data_depth


def _path_check(value: Any, at: At, look: _Look) -> None:
    _string_check(value, at, look)
    if isinstance(value, str):
        _check_path(value, at, look)


def _check_path(path: str, at: At, look: _Look) -> None:
    if _PLAIN_PATH.fullmatch(path) is None:
        text = f"clients read the path {_show(path)} in different ways"
        look.report("DATA_PATH_INVALID", at, text, "segments of A-Z a-z 0-9 _ - parted by /")
    if path.count("/") > look.max_data_depth:
        depth = path.count("/")
        look.limit("max_data_depth", look.max_data_depth, depth, "depth of a path", at)
    if _FORBIDDEN_PART.search(path) is not None:
        text = f"the path {_show(path)} has a segment that JavaScript clients misread"
        look.report("DATA_KEY_FORBIDDEN", at, text)


_STRING: Final = _Property(_string_gate, _string_check)
_STRINGS: Final[Mapping[str, _Property]] = {
    "a2ui-component-id": _Property(_reference_gate, _reference_check),
    "a2ui-url": _Property(_url_gate, _url_check),
    "a2ui-path": _Property(_path_gate, _path_check),
}


# --- properties with rules of their own -----------------------------------------------------------


def _pattern(inner: _Property) -> _Property:
    """`validationRegexp`: one that cannot backtrack."""

    def gate(value: Any, texts: list[str], look: _Look) -> bool:
        return inner.gate(value, texts, look) and _pattern_refusal(value[:_PATTERN]) is None

    def check(value: Any, at: At, look: _Look) -> None:
        inner.check(value, at, look)
        why = _pattern_refusal(value[:_PATTERN]) if isinstance(value, str) else None
        if why is not None:
            look.report("COMPONENT_PATTERN_UNSAFE", at, why)

    return _Property(gate, check)


_PATTERN: Final = 1_000
"""Characters of a pattern that are looked at; far fewer are allowed."""


@lru_cache(maxsize=512)
def _pattern_refusal(pattern: str) -> str | None:
    try:
        check_pattern(pattern)
    except PatternRefused as refused:
        return str(refused)
    return None


_ESCAPED: Final = re.compile(r"\\[!-/:-@\[-`{-~]")
_MARKUP: Final = re.compile(
    r"!\[|\]\(|\]\[|^ {0,3}\[[^\[\]\n]+\]:|<(?:[A-Za-z][A-Za-z0-9+.-]{1,31}:|[^\s<>@]+@)",
    re.MULTILINE,
)


def _has_markup(text: object) -> bool:
    """Whether markdown makes a link or a request of it; a backslash takes a sign's meaning."""
    return isinstance(text, str) and _MARKUP.search(_ESCAPED.sub("", text)) is not None


def _prose(inner: _Property) -> _Property:
    """A Text's text: in foreign streams without markup that compiling would have escaped."""

    def gate(value: Any, texts: list[str], look: _Look) -> bool:
        if not inner.gate(value, texts, look):
            return False
        return not look.rules.foreign or not _has_markup(value.get("literalString"))

    def check(value: Any, at: At, look: _Look) -> None:
        inner.check(value, at, look)
        text = value.get("literalString") if isinstance(value, dict) else None
        if look.rules.foreign and _has_markup(text):
            why = f"markdown that links or fetches: {_show(text)}"
            hint = "put a backslash before the punctuation"
            look.report("COMPONENT_TEXT_MARKUP", (at, "literalString"), why, hint)

    return _Property(gate, check)


def _action(inner: _Property) -> _Property:
    """A Button's action; its strings may equal ids, as clients do not resolve them."""

    def gate(value: Any, texts: list[str], look: _Look) -> bool:
        return inner.gate(value, look.said, look) and _is_allowed(value, look.rules.actions)

    def check(value: Any, at: At, look: _Look) -> None:
        texts, places = look.texts, look.text_places
        look.texts, look.text_places = look.said, look.said_places
        inner.check(value, at, look)
        look.texts, look.text_places = texts, places
        if isinstance(value, dict):
            _check_action(value, at, look)

    return _Property(gate, check)


def _is_allowed(action: Mapping[str, Any], allowed: frozenset[str] | None) -> bool:
    """Whether an action may go out, if its shape is right."""
    if not action["name"] or (allowed is not None and action["name"] not in allowed):
        return False
    context = action.get("context", ())
    keys = {entry["key"] for entry in context}
    if len(keys) != len(context) or not keys.isdisjoint(FORBIDDEN_KEYS):
        return False
    return all(key[:1] not in ("_", "") or key in RESERVED_CONTEXT for key in keys)


def _check_action(action: Mapping[str, Any], at: At, look: _Look) -> None:
    name, context = action.get("name"), action.get("context")
    allowed = look.rules.actions
    if isinstance(name, str) and (not name or (allowed is not None and name not in allowed)):
        hint = "" if allowed is None else f"one of {_listed(allowed)}"
        text = f"the action {_show(name)} may not go out"
        look.report("COMPONENT_ACTION_FORBIDDEN", (at, "name"), text, hint)
    if isinstance(context, (list, tuple)):
        _check_context(context, (at, "context"), look)


def _check_context(context: Sequence[Any], at: At, look: _Look) -> None:
    seen: set[str] = set()
    for index, entry in enumerate(context):
        key = entry.get("key") if isinstance(entry, dict) else None
        if isinstance(key, str):
            why = _context_refusal(key, seen)
            if why is not None:
                place = ((at, index), "key")
                look.report("COMPONENT_ACTION_FORBIDDEN", place, f"the context key {why}")
            seen.add(key)


def _context_refusal(key: str, seen: Collection[str]) -> str | None:
    if key in seen:
        return f"{_show(key)} is there twice"
    if key in FORBIDDEN_KEYS or not key:
        return f"{_show(key)} is one that clients misread"
    if key[0] == "_" and key not in RESERVED_CONTEXT:
        return f"{_show(key)} is reserved by its first character"
    return None


def _is_action(rule: Rule) -> bool:
    """Whether a catalog's `action` is that of the standard catalog."""
    context = rule.properties.get("context")
    entry = None if context is None else context.items
    return (
        rule.properties.get("name") == Rule("string")
        and "name" in rule.required
        and entry is not None
        and entry.properties.get("key") == Rule("string")
        and "key" in entry.required
    )


_SPECIAL: Final[Sequence[tuple[str | None, str, Callable[[Rule], bool], _Wrap]]] = (
    (None, "action", _is_action, _action),
    (None, "validationRegexp", lambda rule: rule.kind == "string", _pattern),
    ("Text", "text", lambda rule: rule.kind == "object", _prose),
)
"""Component type (None: any), property, whether it is the one meant, and what adds the rule."""


# --- URLs -----------------------------------------------------------------------------------------

_SCHEME: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_METADATA_NAMES: Final = frozenset(
    {"metadata", "metadata.google.internal", "metadata.goog", "instance-data"}
)
# Amazon, Google (IPv6), Alibaba, Oracle, Azure; the usual 169.254.169.254 is link-local.
_METADATA_ADDRESSES: Final = frozenset(
    ipaddress.ip_address(text)
    for text in ("fd00:ec2::254", "fd20:ce::254", "100.100.100.200", "192.0.0.192", "168.63.129.16")
)


def _url_refusal(url: str, schemes: frozenset[str]) -> str | None:
    """Why a URL may not go out, or None; read as browsers read it (WHATWG URL)."""
    if any(char <= " " or char == "\\" or "\x7f" <= char <= "\xa0" for char in url):
        return "it holds white space, a control character or a backslash"
    scheme = _SCHEME.match(url)
    if scheme is None or scheme[1].lower() not in schemes:
        found = "no scheme" if scheme is None else f"the scheme {_show(scheme[1])}"
        return f"it has {found}, allowed are {_listed(schemes)}"
    rest = url[scheme.end() :]
    if rest.startswith("//"):
        return _authority_refusal(url)
    return "it has no // after its scheme" if scheme[1].lower() in ("http", "https") else None


def _authority_refusal(url: str) -> str | None:
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return "its host or port cannot be read"
    if "@" in parts.netloc:
        return "it carries credentials"
    if not host or "%" in host:
        return "its host is empty or percent-encoded"
    return _host_refusal(host)


def _host_refusal(host: str) -> str | None:
    plain = unicodedata.normalize("NFKC", host).replace("\u3002", ".").lower().rstrip(".")
    if plain in _METADATA_NAMES:
        return f"the host {_show(host)} is a cloud's metadata service"
    address = _address(plain)
    mapped = getattr(address, "ipv4_mapped", None) or address
    if mapped is not None and (mapped.is_link_local or mapped in _METADATA_ADDRESSES):
        return f"the host {_show(host)} is link-local or a cloud's metadata service"
    return None


_Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address


def _address(host: str) -> _Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return _loose_ipv4(host)


_PART: Final = re.compile(r"0x[0-9a-f]*|[0-9]+")


def _loose_ipv4(host: str) -> _Address | None:
    """An IPv4 address in the spellings browsers take: hexadecimal, octal, fewer than four parts."""
    parts = host.split(".")
    if len(parts) > 4 or not all(_PART.fullmatch(part) and len(part) < 40 for part in parts):
        return None
    try:
        *high, low = (_loose_integer(part) for part in parts)
        value = low + sum(part << (24 - 8 * index) for index, part in enumerate(high))
        return ipaddress.IPv4Address(value)
    except ValueError:
        return None


def _loose_integer(text: str) -> int:
    if text.startswith("0x"):
        return int(text[2:] or "0", 16)
    return int(text, 8) if len(text) > 1 and text[0] == "0" else int(text)


# --- surfaces -------------------------------------------------------------------------------------

_Children: TypeAlias = dict[str, tuple[str, ...]]
"""Ids that each container refers to; components that refer to none are not in it."""


class _Notes:
    """What one surfaceUpdate declares, by id: index, type, references."""

    def __init__(self) -> None:
        self.declared: dict[str, int] = {}
        self.types: dict[str, str] = {}
        self.children: _Children = {}


@dataclass(slots=True)
class _Surface:
    """What the stream has made of one surface so far.

    Attributes:
        live: Whether the client had it before the stream; its earlier components are unknown.
        begun: Whether the client shows it.
        root: Id of its root, where the stream named one.
        root_at: Line of the message that did.
        types: Component type by id, "" where it has none.
        children: Ids each component refers to.
        places: Per surfaceUpdate its line, the index of each id in it, and its components.
        referred: Ids that anything refers or once referred to.
        tangled: Whether a cycle was found.
        texts: Property strings of each surfaceUpdate; `strings` holds those of older ones.
        suspects: New ids that equal one of `strings`.
        entries: Data entries by the path they were last written at; `entry_count` is their sum.
        passed: Names of limits already reported.
    """

    live: bool = False
    begun: bool = False
    first_line: int | None = None
    root: str | None = None
    root_at: int | None = None
    types: dict[str, str] = field(default_factory=dict)
    children: _Children = field(default_factory=dict)
    places: list[tuple[int | None, dict[str, int], Sequence[Any]]] = field(default_factory=list)
    referred: set[str] = field(default_factory=set)
    tangled: bool = False
    texts: list[list[str]] = field(default_factory=list)
    strings: set[str] = field(default_factory=set)
    suspects: set[str] = field(default_factory=set)
    entries: dict[str, int] = field(default_factory=dict)
    entry_count: int = 0
    messages: int = 0
    bytes: int = 0
    has_content: bool = False
    passed: set[str] = field(default_factory=set)

    def add(self, notes: _Notes, items: Sequence[Any], look: _Look) -> None:
        """Take in what a surfaceUpdate declared."""
        self.places.append((look.line, notes.declared, items))
        self.texts.append(look.texts)
        if not self.types:
            self.types, self.children = notes.types, notes.children
            return
        for ident in self.children.keys() & notes.declared.keys():
            del self.children[ident]
        self.types.update(notes.types)
        self.children.update(notes.children)

    def latest(self) -> dict[str, tuple[int | None, At, Any]]:
        """By id, the definition that holds: its line and place, and the component itself."""
        return {
            ident: (line, (_COMPONENTS, index), items[index])
            for line, declared, items in self.places
            for ident, index in declared.items()
        }


_COMPONENTS: Final[At] = ((None, "surfaceUpdate"), "components")
_CONTENTS: Final[At] = ((None, "dataModelUpdate"), "contents")


def _reached(starts: Iterable[str], children: _Children) -> set[str]:
    """Every id that `starts` lead to, themselves included."""
    reached = set(starts)
    waiting = list(reached)
    while waiting:
        new = [ident for ident in children.get(waiting.pop(), ()) if ident not in reached]
        reached.update(new)
        waiting += new
    return reached


class _Shape(NamedTuple):
    """How components hang together.

    Attributes:
        depths: Components in the longest chain from each container down, itself included;
            children come before parents.
        cycle: Ids of the first cycle found, or ().
    """

    depths: dict[str, int]
    cycle: tuple[str, ...]


def _shape(starts: Iterable[str], children: _Children) -> _Shape:
    """Walk everything below `starts`, each component and reference once."""
    depths: dict[str, int] = {}
    cycle: tuple[str, ...] = ()
    for start in starts:
        if start in depths:
            continue
        # Own output has children before parents, so that there is nothing to descend into.
        below = [depths.get(child) or child not in children for child in children.get(start, ())]
        if all(below):
            depths[start] = 1 + max(below, default=0)
        else:
            cycle = _descend(start, children, depths) or cycle
    return _Shape(depths, cycle)


def _descend(start: str, children: _Children, depths: dict[str, int]) -> tuple[str, ...]:
    """Measure everything below `start`, depth first; gives a cycle if there is one."""
    cycle: tuple[str, ...] = ()
    path: dict[str, None] = {}
    waiting = [start]
    while waiting:
        ident = waiting[-1]
        if ident in path:
            waiting.pop()
            del path[ident]
            # What has no depth here is a leaf, or closes a cycle.
            depths[ident] = 1 + max([depths.get(child, 1) for child in children[ident]])
        elif ident in depths:
            waiting.pop()
        else:
            path[ident] = None
            for child in children[ident]:
                if child in path:
                    cycle = cycle or _loop(child, path)
                elif child in children and child not in depths:
                    waiting.append(child)
    return cycle


_MANY: Final = 10**9


def _expanded(shape: _Shape, children: _Children) -> int:
    """The most nodes a client makes below one component: what two refer to is made twice."""
    counts: dict[str, int] = {}
    for ident in shape.depths:
        below = sum([counts.get(child, 1) for child in children.get(ident, ())])
        counts[ident] = min(1 + below, _MANY)
    return max(counts.values(), default=0)


def _loop(first: str, path: Iterable[str]) -> tuple[str, ...]:
    ids = list(path)
    return (*ids[ids.index(first) :], first)


# --- the checker ----------------------------------------------------------------------------------


class StreamChecker:
    """Checks the messages of one response, in order.

    Args:
        rules: What to check against.
        live: Wire surface ids already begun on the client.
    """

    def __init__(self, rules: Rules, *, live: Collection[str] = ()) -> None:
        self._rules = rules
        self._plan = _plan(rules.catalog)
        self._findings = _Findings()
        self._surfaces = {ident: _Surface(live=True, begun=True) for ident in live}
        self._deleted: set[str] = set()
        self._shown: set[str] = set()
        self._messages = 0
        self._bytes = 0
        self._passed: set[str] = set()

    def message(
        self, message: object, *, line: int | None = None, size: int | None = None
    ) -> list[Diagnostic]:
        """Check the next message.

        Args:
            message: Any JSON value.
            line: Its line in the stream, from 1.
            size: Its encoded bytes; measured when not given.
        """
        look = _Look(self._rules, self._findings, line)
        self._messages += 1
        found = self._known_message(message, look)
        if found is not None:
            kind, body = found
            surface = self._surface(kind, body, look)
            if surface is not None:
                self._HANDLERS[kind](self, surface, body, look)
                self._count(surface, _size(message) if size is None else size, look)
                self._check_strings(kind, body, look)
        return self._findings.take()

    def finish(self) -> list[Diagnostic]:
        """What only the end of the stream shows."""
        for ident, surface in self._surfaces.items():
            look = _Look(self._rules, self._findings, surface.first_line)
            look.surface_id = ident
            if surface.has_content and not surface.begun:
                text = "components or data were sent, but no beginRendering shows the surface"
                look.report("BEGIN_MISSING", None, text)
            self._finish_root(surface, look)
            self._finish_collisions(surface, look)
        return [*self._findings.take(), *self._findings.rest()]

    # Every message.

    def _known_message(self, message: object, look: _Look) -> tuple[str, dict[str, Any]] | None:
        if not isinstance(message, dict) or len(message) != 1:
            text = f"a message is an object with exactly one key, found {_show_keys(message)}"
            look.report("ENVELOPE_INVALID", None, text, f"one of {_listed(self._HANDLERS)}")
            return None
        for kind, body in message.items():
            if kind not in self._HANDLERS:
                text = f"no such message: {_show(kind)}"
                look.report("ENVELOPE_INVALID", None, text, f"one of {_listed(self._HANDLERS)}")
            elif not isinstance(body, dict):
                look.invalid((None, kind), "an object", body, "ENVELOPE_INVALID")
            else:
                ident = body.get("surfaceId")
                look.surface_id = ident if isinstance(ident, str) else None
                self._check_closed(kind, body, look)
                return kind, body
        return None

    def _check_closed(self, kind: str, body: Mapping[str, Any], look: _Look) -> None:
        if body.keys() <= _FIELDS[kind]:
            return
        code = "BEGIN_INVALID" if kind == "beginRendering" else "ENVELOPE_INVALID"
        for name in (name for name in body if name not in _FIELDS[kind]):
            hint = f"known here: {_listed(_FIELDS[kind])}"
            look.report(code, ((None, kind), _name(name)), f"no such property: {_show(name)}", hint)

    def _surface(self, kind: str, body: Mapping[str, Any], look: _Look) -> _Surface | None:
        ident = body.get("surfaceId")
        at = ((None, kind), "surfaceId")
        if not isinstance(ident, str) or not ident or ident in FORBIDDEN_KEYS:
            look.invalid(at, "a surface id", ident, "ENVELOPE_INVALID")
            return None
        look.say(ident, at)
        allowed = self._rules.limits.max_id_length
        if len(ident) > allowed:
            look.limit("max_id_length", allowed, len(ident), "characters of a surface id", at)
        if kind == "deleteSurface":
            return self._surfaces.get(ident) or _Surface(begun=True)
        return self._open(ident, at, look)

    def _open(self, ident: str, at: At, look: _Look) -> _Surface:
        if ident in self._deleted:
            self._deleted.discard(ident)
            text = f"the surface {_show(ident)} was deleted; its id may not be used again"
            look.report("BEGIN_REPEATED", at, text, "take a new id, such as main#e=2")
        surface = self._surfaces.get(ident)
        if surface is None:
            surface = self._surfaces[ident] = _Surface(first_line=look.line)
        if ident not in self._shown:
            self._shown.add(ident)
            allowed = self._rules.limits.max_surfaces_per_response
            if len(self._shown) == allowed + 1:
                look.limit("max_surfaces_per_response", allowed, allowed + 1, "surfaces", at)
        return surface

    def _count(self, surface: _Surface, size: int, look: _Look) -> None:
        limits = self._rules.limits
        surface.messages += 1
        surface.bytes += size
        self._bytes += size
        if size > limits.max_bytes_per_message:
            look.limit(
                "max_bytes_per_message", limits.max_bytes_per_message, size, "bytes of a message"
            )
        own, all_ = surface.passed, self._passed
        for passed, name, actual, where in (
            (own, "max_messages_per_surface", surface.messages, "messages of the surface"),
            (own, "max_bytes_per_surface", surface.bytes, "bytes of the surface"),
            (all_, "max_messages_per_response", self._messages, "messages of the response"),
            (all_, "max_bytes_per_response", self._bytes, "bytes of the response"),
        ):
            _limit_once(passed, name, actual, where, look)

    def _check_strings(self, kind: str, body: dict[str, Any], look: _Look) -> None:
        """Ask of all strings at once what hardly ever holds of one."""
        joined = " ".join([*look.texts, *look.said])
        longest = max(map(len, look.texts + look.said), default=0)
        bad = not joined.isprintable() and (has_controls(joined) or has_surrogates(joined))
        if not bad and 4 * longest <= self._rules.limits.max_string_bytes:
            return
        placed = self._located(kind, body, look)
        for text, at in (
            *zip(placed.texts, placed.text_places, strict=True),
            *zip(placed.said, placed.said_places, strict=True),
        ):
            _check_string(text, at, look, kind)

    def _located(self, kind: str, body: dict[str, Any], look: _Look) -> _Look:
        """The same message without gates, so that every string and reference has its place."""
        placed = _Look(self._rules, _Findings())
        for name in ("surfaceId", "path"):
            if isinstance(body.get(name), str):
                placed.say(body[name], ((None, kind), name))
        if kind == "surfaceUpdate" and isinstance(body.get("components"), (list, tuple)):
            for index, item in enumerate(body["components"]):
                component = item.get("component") if isinstance(item, dict) else None
                self._check_types(component, ((_COMPONENTS, index), "component"), placed)
        elif kind == "dataModelUpdate" and isinstance(body.get("contents"), (list, tuple)):
            _check_entries(body["contents"], _CONTENTS, 1, placed, ask=False)
        elif kind not in ("surfaceUpdate", "dataModelUpdate"):
            return look
        return placed

    # surfaceUpdate.

    def _surface_update(self, surface: _Surface, body: dict[str, Any], look: _Look) -> None:
        surface.has_content = True
        items = body.get("components")
        if not isinstance(items, (list, tuple)) or not items:
            look.invalid(_COMPONENTS, "at least one component", items)
            return
        notes = _Notes()
        for index, item in enumerate(items):
            if not self._passes(index, item, surface, notes, look):
                self._declare(index, item, surface, notes, look)
        self._check_ids(surface, notes, look)
        self._check_references(surface, body, notes, look)
        self._check_shape(surface, notes, look)
        self._check_collisions(surface, body, notes, look)
        if surface.begun and not surface.live:
            self._check_orphans(surface, notes, look)
        surface.add(notes, items, look)
        count = len(surface.types)
        _limit_once(
            surface.passed, "max_components_per_surface", count, "components of the surface", look
        )

    def _passes(
        self, index: int, item: object, surface: _Surface, notes: _Notes, look: _Look
    ) -> bool:
        """Note a component with which nothing is wrong; false for one to be examined."""
        if not isinstance(item, dict) or not (len(item) == 2 or _has_weight(item)):
            return False
        ident, body = item.get("id"), item.get("component")
        if not isinstance(ident, str) or ident in notes.declared:
            return False
        if not isinstance(body, dict) or len(body) != 1:
            return False
        for kind, props in body.items():
            first = len(look.refs)
            if surface.types.get(ident, kind) != kind or kind not in self._plan:
                return False
            if not self._plan[kind].gate(props, look.texts, look):
                return False
            notes.declared[ident] = index
            notes.types[ident] = kind
            if len(look.refs) > first:
                notes.children[ident] = tuple(look.refs[first:])
        return True

    def _declare(
        self, index: int, item: object, surface: _Surface, notes: _Notes, look: _Look
    ) -> None:
        """Examine one component and note it."""
        at = (_COMPONENTS, index)
        if not isinstance(item, dict):
            look.invalid(at, "a component", item)
            return
        self._check_frame(item, at, look)
        ident = item.get("id")
        if not isinstance(ident, str):
            look.invalid((at, "id"), "a component id", ident)
            return
        if ident in notes.declared:
            text = f"the id {_show(ident)} is defined at index {notes.declared[ident]} already"
            look.report("COMPONENT_ID_DUPLICATE", (at, "id"), text)
        notes.declared[ident] = index
        notes.children.pop(ident, None)
        first = len(look.refs)
        kind = self._check_types(item.get("component"), (at, "component"), look)
        self._check_type_kept(ident, kind, surface, (at, "component"), look)
        notes.types[ident] = kind
        if len(look.refs) > first:
            notes.children[ident] = tuple(look.refs[first:])

    def _check_frame(self, item: Mapping[str, Any], at: At, look: _Look) -> None:
        for name in (name for name in item if name not in _COMPONENT_FIELDS):
            text = f"no such property: {_show(name)}"
            look.report("COMPONENT_INVALID", (at, _name(name)), text, "id, component, weight")
        if "weight" in item:
            weight = item["weight"]
            place = (at, "weight")
            if not _is_number(weight):
                look.invalid(place, "a finite number", weight)
            elif weight <= 0:
                text = f"a weight is more than 0, found {weight}"
                look.report("COMPONENT_INVALID", place, text, accepted=True)

    def _check_types(self, body: object, at: At, look: _Look) -> str:
        """Examine what a component is; gives its type, "" if it has none."""
        if not isinstance(body, dict) or len(body) != 1:
            text = f"a component is an object with exactly one type, found {_show_keys(body)}"
            look.report("COMPONENT_INVALID", at, text)
        if not isinstance(body, dict):
            return ""
        for kind, props in body.items():
            if kind in self._plan:
                self._plan[kind].check(props, (at, kind), look)
            else:
                self._unknown_type(kind, props, at, look)
        return next(map(_name, body)) if len(body) == 1 else ""

    def _check_type_kept(
        self, ident: str, kind: str, surface: _Surface, at: At, look: _Look
    ) -> None:
        before = surface.types.get(ident, "")
        if before and kind and before != kind:
            text = f"the id {_show(ident)} was a {_show(before)} and is now a {_show(kind)}"
            look.report("COMPONENT_TYPE_CHANGED", at, text, "take a new id")

    def _unknown_type(self, kind: object, props: object, at: At, look: _Look) -> None:
        hint = f"one of {_listed(self._plan)}"
        text = f"the catalog has no component {_show(kind)}"
        look.report("CATALOG_UNKNOWN_TYPE", (at, _name(kind)), text, hint)
        # Clients resolve any string of it that is an id; which are meant as ids is not known.
        strings = list(_strings(props))
        look.refs += strings
        look.ref_places += [None] * len(strings)
        look.said += strings
        look.said_places += [(at, _name(kind))] * len(strings)

    def _check_ids(self, surface: _Surface, notes: _Notes, look: _Look) -> None:
        allowed = self._rules.limits.max_id_length
        declared = notes.declared
        signs = "".join(declared).replace("-", "").replace("_", "")
        lengths = set(map(len, declared))
        plain = signs.isascii() and signs.isalnum() and FORBIDDEN_KEYS.isdisjoint(declared)
        if plain and 0 not in lengths and max(lengths) <= allowed:
            return
        for ident, index in declared.items():
            if _KEY.fullmatch(ident) is None or len(ident) > allowed or ident in FORBIDDEN_KEYS:
                text = f"a component id is 1 to {allowed} of A-Z a-z 0-9 _ -, found {_show(ident)}"
                look.report("COMPONENT_ID_INVALID", ((_COMPONENTS, index), "id"), text)

    def _check_references(
        self, surface: _Surface, body: dict[str, Any], notes: _Notes, look: _Look
    ) -> None:
        referred = set(look.refs)
        surface.referred |= referred
        look.shares_children = len(referred) != len(look.refs)
        if notes.declared.keys() >= referred:
            return
        placed = self._located("surfaceUpdate", body, look)
        for ident, at in zip(placed.refs, placed.ref_places, strict=True):
            if ident not in notes.declared and at is not None:
                text = f"no component {_show(ident)} is defined in this surfaceUpdate"
                hint = "define it in the same message; clients do not look at earlier ones"
                look.report("COMPONENT_REFERENCE_UNRESOLVED", at, text, hint)

    def _check_shape(self, surface: _Surface, notes: _Notes, look: _Look) -> None:
        shape = _shape(notes.children, notes.children)
        if shape.cycle:
            surface.tangled = True
            at = (_COMPONENTS, notes.declared[shape.cycle[0]])
            text = f"components contain each other: {' > '.join(map(_show, shape.cycle[:9]))}"
            look.report("COMPONENT_CYCLE", at, text)
        self._check_depth(shape, notes.children, notes.declared, look)

    def _check_depth(
        self, shape: _Shape, children: _Children, declared: Mapping[str, int], look: _Look
    ) -> None:
        limits = self._rules.limits
        depth = max(shape.depths.values(), default=0)
        if depth > limits.max_component_depth:
            top = next(ident for ident in shape.depths if shape.depths[ident] == depth)
            at = (_COMPONENTS, declared[top]) if top in declared else None
            where = f"depth of components below {_show(top)}"
            look.limit("max_component_depth", limits.max_component_depth, depth, where, at)
        allowed = limits.max_components_per_surface
        count = _expanded(shape, children) if look.shares_children else 0
        if count > allowed:
            where = "components, each counted as often as it is shown"
            look.limit("max_components_per_surface", allowed, count, where)

    def _check_collisions(
        self, surface: _Surface, body: dict[str, Any], notes: _Notes, look: _Look
    ) -> None:
        """Whether a string is an id; ids that older strings equal are judged at the end."""
        old, new = surface.types.keys(), notes.declared.keys()
        if not (old.isdisjoint(look.texts) and new.isdisjoint(look.texts)):
            placed = self._located("surfaceUpdate", body, look)
            hits = [
                (text, at)
                for text, at in zip(placed.texts, placed.text_places, strict=True)
                if text in old or text in new
            ]
            for text, at in hits:
                _report_collision(text, at, look)
            self._check_hidden_cycle(surface, body, notes, hits, look)
        while surface.texts:
            surface.strings.update(surface.texts.pop())
        if surface.strings:
            surface.suspects.update(surface.strings.intersection(new))

    def _check_hidden_cycle(
        self,
        surface: _Surface,
        body: dict[str, Any],
        notes: _Notes,
        hits: Iterable[tuple[str, At]],
        look: _Look,
    ) -> None:
        """Whether strings that clients take for components close a cycle; they refuse that."""
        more: dict[str, list[str]] = {}
        for text, at in hits:
            ident = body["components"][_index(at)].get("id")
            if isinstance(ident, str):
                more.setdefault(ident, []).append(text)
        refs = notes.children
        edges = refs | {ident: (*refs.get(ident, ()), *texts) for ident, texts in more.items()}
        cycle = _shape(edges, edges).cycle
        if cycle and not surface.tangled:
            at = (_COMPONENTS, notes.declared[cycle[0]])
            shown = " > ".join(map(_show, cycle[:9]))
            text = f"clients take strings for the components they name, and find {shown}"
            look.report("COMPONENT_CYCLE", at, text)

    def _check_orphans(self, surface: _Surface, notes: _Notes, look: _Look) -> None:
        old = surface.types
        starts = [ident for ident in notes.declared if ident in old or ident == surface.root]
        if len(starts) == len(notes.declared):
            return
        reached = _reached(starts, notes.children)
        for ident, index in notes.declared.items():
            if ident not in reached:
                _report_orphan(ident, (_COMPONENTS, index), look)

    # dataModelUpdate.

    def _data_update(self, surface: _Surface, body: dict[str, Any], look: _Look) -> None:
        surface.has_content = True
        base: At = (None, "dataModelUpdate")
        path = self._data_path(surface, body, (base, "path"), look)
        contents = body.get("contents")
        if not isinstance(contents, (list, tuple)):
            look.invalid(_CONTENTS, "an array of entries", contents, "DATA_INVALID")
            return
        depth = len([part for part in path.split("/") if part])
        count = _check_entries(contents, _CONTENTS, depth + 1, look)
        surface.entry_count += count - surface.entries.get(path, 0)
        surface.entries[path] = count
        _limit_once(
            surface.passed, "max_data_entries_per_surface", surface.entry_count,
            "data entries of the surface", look,
        )  # fmt: skip

    def _data_path(self, surface: _Surface, body: Mapping[str, Any], at: At, look: _Look) -> str:
        path = body.get("path", "/")
        if not isinstance(path, str):
            look.invalid(at, "a path", path, "DATA_INVALID")
            return ""
        look.say(path, at)
        if path.strip("/."):
            if path[0] != "/":
                text = f"a data path is absolute, found {_show(path)}"
                look.report("DATA_PATH_INVALID", at, text, "begin it with /")
            _check_path(path, at, look)
        elif surface.begun:
            text = f"the path {_show(path)} replaces the whole model, what the user typed too"
            look.report("DATA_ROOT_REPLACED", at, text, "write at the narrowest path")
        elif path not in ("", "/"):
            look.report("DATA_PATH_INVALID", at, f"the root is written /, found {_show(path)}")
        return path

    # beginRendering and deleteSurface.

    def _begin(self, surface: _Surface, body: dict[str, Any], look: _Look) -> None:
        base: At = (None, "beginRendering")
        if surface.begun:
            text = "the surface is begun already; a second beginRendering resets its styles"
            look.report("BEGIN_REPEATED", base, text)
        self._check_catalog(body, (base, "catalogId"), look)
        if "styles" in body:
            _check_styles(body["styles"], (base, "styles"), look)
        root = body.get("root")
        if not isinstance(root, str):
            look.invalid((base, "root"), "a component id", root, "BEGIN_INVALID")
        elif not surface.live:
            self._show_root(surface, root, (base, "root"), look)
        surface.begun = True

    def _check_catalog(self, body: Mapping[str, Any], at: At, look: _Look) -> None:
        wanted, found = self._rules.catalog.catalog_id, body.get("catalogId")
        if "catalogId" in body and not isinstance(found, str):
            look.invalid(at, "a catalog id", found, "BEGIN_INVALID")
        elif found is not None and found != wanted:
            text = f"the catalog is {_show(wanted)}, found {_show(found)}"
            look.report("CATALOG_MISMATCH", at, text)

    def _show_root(self, surface: _Surface, root: str, at: At, look: _Look) -> None:
        surface.root, surface.root_at = root, look.line
        if root not in surface.types:
            text = f"the root {_show(root)} is not defined before beginRendering"
            # Clients show it as soon as it comes; if it never does, `finish` says so.
            look.report("BEGIN_ROOT_MISSING", at, text, accepted=True)
        elif not surface.begun:
            self._check_all_reached(surface, root, look)

    def _check_all_reached(self, surface: _Surface, root: str, look: _Look) -> None:
        # Without cycles, what something refers to hangs below what nothing refers to.
        loose = surface.types.keys() - surface.referred
        if len(surface.places) == 1 and not surface.tangled and loose <= {root}:
            return
        reached = _reached([root], surface.children)
        if not surface.types.keys() <= reached:
            for ident, (line, place, _) in surface.latest().items():
                if ident not in reached:
                    _report_orphan(ident, place, look, line)

    def _delete(self, surface: _Surface, body: dict[str, Any], _look: _Look) -> None:
        ident = body["surfaceId"]
        self._surfaces.pop(ident, None)
        self._deleted.add(ident)

    # The end.

    def _finish_root(self, surface: _Surface, look: _Look) -> None:
        if surface.root is None or surface.live:
            return
        if surface.root not in surface.types and self._rules.level == "interop":
            at = ((None, "beginRendering"), "root")
            text = f"the root {_show(surface.root)} is never defined"
            look.report("BEGIN_ROOT_MISSING", at, text, line=surface.root_at)
        elif len(surface.places) > 1:
            # One surfaceUpdate was judged by itself; several may nest deeper together.
            look.shares_children = True
            shape = _shape([surface.root], surface.children)
            self._check_depth(shape, surface.children, {}, look)

    def _finish_collisions(self, surface: _Surface, look: _Look) -> None:
        if not surface.suspects:
            return
        latest = surface.latest()
        silent = _Look(self._rules, _Findings())
        for _, _, item in latest.values():
            self._check_types(item.get("component"), None, silent)
        said = surface.suspects.intersection(silent.texts)
        for ident in (ident for ident in latest if ident in said):
            look.line, at, _ = latest[ident]
            _report_collision(ident, at, look)

    _HANDLERS: Final[Mapping[str, Callable[..., None]]] = {
        "beginRendering": _begin,
        "surfaceUpdate": _surface_update,
        "dataModelUpdate": _data_update,
        "deleteSurface": _delete,
    }


_FIELDS: Final[Mapping[str, frozenset[str]]] = {
    "beginRendering": frozenset({"surfaceId", "root", "catalogId", "styles"}),
    "surfaceUpdate": frozenset({"surfaceId", "components"}),
    "dataModelUpdate": frozenset({"surfaceId", "path", "contents"}),
    "deleteSurface": frozenset({"surfaceId"}),
}
_COMPONENT_FIELDS: Final = frozenset({"id", "component", "weight"})


def _has_weight(item: Mapping[str, Any]) -> bool:
    """Whether a component has a good weight, and nothing unknown besides."""
    weight: Any = item.get("weight")
    return len(item) == 3 and _is_number(weight) and weight > 0


def _size(message: object) -> int:
    """Bytes of a message as compact JSON; 0 for what cannot be encoded and is refused anyway."""
    try:
        return len(orjson.dumps(message))
    except orjson.JSONEncodeError:
        return 0


def _limit_once(passed: set[str], name: str, actual: int, where: str, look: _Look) -> None:
    allowed = getattr(look.rules.limits, name)
    if actual > allowed and name not in passed:
        passed.add(name)
        look.limit(name, allowed, actual, where)


_TEXT_CODES: Final[Mapping[str, str]] = {
    "beginRendering": "BEGIN_INVALID",
    "surfaceUpdate": "COMPONENT_TEXT_FORBIDDEN",
    "dataModelUpdate": "DATA_TEXT_FORBIDDEN",
    "deleteSurface": "ENVELOPE_INVALID",
}


def _check_string(text: str, at: At, look: _Look, kind: str) -> None:
    if has_surrogates(text):
        why = "a lone surrogate, which UTF-8 cannot carry"
        look.report(_TEXT_CODES[kind], at, why, accepted=True)
    elif has_controls(text):
        why = "an invisible control or a bidi override"
        look.report(_TEXT_CODES[kind], at, why, "take it out", accepted=True)
    size = len(text.encode("utf-8", "replace"))
    allowed = look.rules.limits.max_string_bytes
    if size > allowed:
        look.limit("max_string_bytes", allowed, size, "bytes of a string", at)


def _strings(value: object) -> Iterator[str]:
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, str):
            yield item
        elif isinstance(item, dict):
            waiting.extend(item.values())
        elif isinstance(item, (list, tuple)):
            waiting.extend(item)


def _report_collision(text: str, at: At, look: _Look) -> None:
    why = f"the id {_show(text)} is also a string, which clients replace by the component"
    look.report("COMPONENT_ID_COLLISION", at, why, "give ids a prefix that no text has")


def _index(at: At) -> int:
    """Which component of its message a place is in."""
    while at is not None:
        up, key = at
        if up is _COMPONENTS and isinstance(key, int):
            return key
        at = up
    raise LookupError("a place outside of components")


def _report_orphan(ident: str, at: At, look: _Look, line: int | None = None) -> None:
    text = f"neither the root nor a component shown before leads to {_show(ident)}"
    look.report("COMPONENT_ORPHAN", at, text, line=line)


_COLOUR: Final = re.compile(r"#[0-9a-fA-F]{6}")


def _check_styles(styles: object, at: At, look: _Look) -> None:
    if not isinstance(styles, dict):
        look.invalid(at, "an object", styles, "BEGIN_INVALID")
        return
    for name, value in styles.items():
        place = (at, _name(name))
        if name not in ("font", "primaryColor"):
            text = f"no such style: {_show(name)}"
            look.report("BEGIN_INVALID", place, text, "font, primaryColor")
        elif not isinstance(value, str):
            look.invalid(place, "a string", value, "BEGIN_INVALID")
        elif name == "primaryColor" and _COLOUR.fullmatch(value) is None:
            look.report("BEGIN_INVALID", place, f"a colour is #RRGGBB, found {_show(value)}")
        else:
            look.say(value, place)


# --- data entries ---------------------------------------------------------------------------------

_MAX_NESTED: Final = 5
"""Levels of entries that the official client's own schema takes; JSON Schema takes two."""

_EXACT: Final = 2**53
"""Integers up to here are exact in a double."""

_Entries: TypeAlias = tuple[Sequence[Any], At, int]
"""Entries, where they are, and how many maps of the message they are in."""


def _check_entries(
    contents: Sequence[Any], at: At, depth: int, look: _Look, *, ask: bool = True
) -> int:
    """Check `contents` and every map in it; gives the number of entries.

    Args:
        contents: The entries.
        at: Their place.
        depth: Depth of their keys in the data model.
        look: What to report to.
        ask: Whether entries with which nothing is wrong are noted without their place.
    """
    count = deepest = 0
    waiting: list[_Entries] = [(contents, at, 1)]
    while waiting:
        entries, place, level = waiting.pop()
        count += len(entries)
        deepest = max(deepest, level)
        keys: set[str] = set()
        for index, entry in enumerate(entries):
            noted = ask and _entry_passes(entry, keys, look, maps=level == 1)
            if noted:
                count += noted - 1
                deepest = max(deepest, level + (noted > 1))
                continue
            inner = _check_entry(entry, (place, index), keys, level, look)
            if inner is not None:
                waiting.append((inner, ((place, index), "valueMap"), level + 1))
    allowed = look.rules.limits.max_data_depth
    if depth + deepest - 1 > allowed:
        look.limit("max_data_depth", allowed, depth + deepest - 1, "depth of data", at)
    return count


def _entry_passes(entry: object, keys: set[str], look: _Look, *, maps: bool) -> int:
    """Note a text, boolean or number, or a map of such, with which nothing is wrong.

    Gives the number of entries noted, 0 for one to be examined.
    """
    if not isinstance(entry, dict) or len(entry) != 2:
        return 0
    key, text = entry.get("key"), entry.get("valueString")
    if not isinstance(key, str) or key in keys or _KEY.fullmatch(key) is None:
        return 0
    if key in FORBIDDEN_KEYS:
        return 0
    count = 1
    if isinstance(text, str) and (not text or text[0].isalnum()):
        look.said.append(text)
    elif maps and isinstance(entry.get("valueMap"), list):
        inner: set[str] = set()
        for item in entry["valueMap"]:
            if not _entry_passes(item, inner, look, maps=False):
                return 0
        count += len(entry["valueMap"])
    elif not isinstance(entry.get("valueBoolean"), bool):
        number: Any = entry.get("valueNumber")
        if not _is_number(number) or not -_EXACT <= number <= _EXACT:
            return 0
    keys.add(key)
    return count


def _check_entry(
    entry: object, at: At, keys: set[str], level: int, look: _Look
) -> Sequence[Any] | None:
    """Check one entry; gives its map, if it has one."""
    if not isinstance(entry, dict):
        look.invalid(at, "an entry", entry, "DATA_INVALID")
        return None
    key = entry.get("key")
    if isinstance(key, str) and key not in keys and _KEY.fullmatch(key) is not None:
        keys.add(key)
        if key in FORBIDDEN_KEYS:
            look.report("DATA_KEY_FORBIDDEN", (at, "key"), f"clients misread the key {_show(key)}")
    else:
        _check_odd_key(key, (at, "key"), keys, look)
    inner = None
    if len(entry) != 2 or key is None:
        _check_one_value(entry, at, look)
    for name, value in entry.items():
        if name == "valueString" and isinstance(value, str):
            look.say(value, (at, name))
            if value and not value[0].isalnum():
                _check_json_looking(value, (at, name), look)
        elif name == "valueMap":
            inner = _check_map(value, (at, name), level, look)
        elif name != "key":
            _check_scalar(name, value, at, look)
    return inner


def _check_odd_key(key: object, at: At, keys: set[str], look: _Look) -> None:
    if not isinstance(key, str):
        look.invalid(at, "a key", key, "DATA_INVALID")
    elif key in keys:
        text = f"the key {_show(key)} is there twice"
        look.report("DATA_INVALID", at, text, accepted=True)
    else:
        keys.add(key)
        text = f"a data key is of A-Z a-z 0-9 _ -, found {_show(key)}"
        look.report("DATA_KEY_INVALID", at, text, "clients read other keys as paths")


def _check_one_value(entry: Mapping[str, Any], at: At, look: _Look) -> None:
    found = [name for name in entry if name != "key"]
    if len(found) != 1:
        text = f"an entry has exactly one of {_listed(_VALUES)}, found {_listed(found) or 'none'}"
        look.report("DATA_INVALID", at, text)


_VALUES: Final = ("valueString", "valueNumber", "valueBoolean", "valueMap")


def _check_scalar(name: object, value: Any, at: At, look: _Look) -> None:
    place = (at, _name(name))
    if name == "valueNumber":
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            look.invalid(place, "a number", value, "DATA_INVALID")
        elif not _is_number(value):
            look.invalid(place, "a finite number", value, "DATA_NOT_FINITE")
        elif isinstance(value, int) and abs(value) > _EXACT:
            text = f"no client keeps {_show(value)} exactly"
            look.report("DATA_UNREPRESENTABLE", place, text, severity=_own_error(look))
    elif name == "valueBoolean":
        if not isinstance(value, bool):
            look.invalid(place, "a boolean", value, "DATA_INVALID")
    elif name == "valueString":
        look.invalid(place, "a string", value, "DATA_INVALID")
    else:
        hint = f"key and one of {_listed(_VALUES)}"
        look.report("DATA_INVALID", place, f"no such property: {_show(name)}", hint)


def _own_error(look: _Look) -> Severity:
    return "warning" if look.rules.foreign else "error"


def _check_map(value: object, at: At, level: int, look: _Look) -> Sequence[Any] | None:
    if not isinstance(value, (list, tuple)):
        look.invalid(at, "an array of entries", value, "DATA_INVALID")
        return None
    if level > 1:
        text = "a valueMap in a valueMap; the schema knows one level"
        accepted = level < _MAX_NESTED
        look.report("DATA_INVALID", at, text, "write it at a longer path", accepted=accepted)
    return value


def _check_json_looking(text: str, at: At, look: _Look) -> None:
    if not looks_like_json(text):
        return
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        value = None
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        look.said.extend(value)
        look.said_places.extend([at] * len(value))
        return
    why = f"clients read the text {_show(text)} as JSON"
    hint = "put U+2060 before it, or show it as a literalString"
    look.report("DATA_UNREPRESENTABLE", at, why, hint, severity=_own_error(look))
