"""What was found so far, and one message under examination.

However many findings there are, so many are kept, and one more says how many were left out and how
bad the worst of them was. What is good or bad it does not know; only how bad it is at which level.
"""

from __future__ import annotations

from typing import Any, Final, TypeAlias

from uicompiler.backends.a2ui_v0_8.check.rules import Rules
from uicompiler.backends.a2ui_v0_8.check.wording import show
from uicompiler.errors import CODES, Diagnostic, Severity, diagnostic
from uicompiler.pointer import escape

MAX_FINDINGS: Final = 200


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


At: TypeAlias = "tuple[At, str | int] | None"
"""A place in a message, innermost key first; made into a pointer only when there is a finding."""


def _pointer(at: At) -> str:
    parts: list[str] = []
    while at is not None:
        at, key = at
        parts.append(f"/{escape(str(key))}")
    return "".join(reversed(parts))


class Findings:
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


class Look:
    """One message under examination: what is wrong with it and what it holds.

    Attributes:
        texts: Strings of component properties, references and actions excepted.
        said: Strings of actions and of the data model.
        refs: Component ids referred to.
        shown: Paths of string properties that a user reads.
        written: Paths that inputs write to, without places.
        paths: Other paths that gates came by; they ask nothing of one path (see `all_safe`).
        inputs: Type of each input of a foreign stream that a gate came by, with its path.
        repeated: Components that templates repeat, and that a gate came by.
        fetched: Paths of URLs that a gate came by.
        holds_json: Whether a text of the data model is an array to clients.
        suspect: Whether clients might show any of a foreign stream otherwise than it is meant.
        shares_children: Whether two references are to one component.

    Beside each other one is a list of places. Gates know no places, so it fits only when no gate
    was asked (see `located`).
    """

    def __init__(self, rules: Rules, findings: Findings, line: int | None = None) -> None:
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
        self.shown: list[str] = []
        self.shown_places: list[At] = []
        self.written: list[str] = []
        self.paths: list[str] = []
        self.inputs: list[tuple[str, str]] = []
        self.repeated: list[str] = []
        self.fetched: list[str] = []
        self.holds_json = False
        self.suspect = False
        self.shares_children = False

    def note(self, text: str, at: At) -> None:
        """Keep a property's string."""
        self.texts.append(text)
        self.text_places.append(at)

    def say(self, text: str, at: At) -> None:
        """Keep another string."""
        self.said.append(text)
        self.said_places.append(at)

    def noted(self) -> list[int]:
        """How much is noted of each thing, for `forget`."""
        return [len(things) for things in self._things()]

    def forget(self, noted: list[int]) -> None:
        """Forget what gates noted since then."""
        for things, count in zip(self._things(), noted, strict=True):
            del things[count:]

    def _things(self) -> tuple[list[Any], ...]:
        texts, paths = (self.texts, self.said), (self.shown, self.written, self.paths)
        return *texts, *paths, self.refs, self.inputs, self.repeated, self.fetched

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
        self.report(code, at, f"expected {expected}, found {show(value)}")

    def limit(self, name: str, allowed: int, actual: int, where: str, at: At = None) -> None:
        """A limit was passed."""
        text = f"{where}: {actual}, but {name} allows {allowed}"
        self.report("LIMIT_EXCEEDED", at, text, f"limit {name}")

    def limit_once(self, passed: set[str], name: str, actual: int, where: str) -> None:
        """A limit was passed, unless that was said before."""
        allowed = getattr(self.rules.limits, name)
        if actual > allowed and name not in passed:
            passed.add(name)
            self.limit(name, allowed, actual, where)
