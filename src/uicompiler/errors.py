"""Every way this library says no: stable codes, diagnostics, one exception family.

    UICompilerError        .diagnostics; code, message, pointer, hint are those of the first
    ├── AppError           APP_*         an app's own files or registrations are wrong
    ├── DirectiveError     DIRECTIVE_*   the model or the caller sent something we refuse
    ├── OutputError        A2UI_S2C_*    what we were about to send breaks a rule
    ├── IngressError       A2UI_C2S_*    a client sent something we refuse; knows its HTTP status
    ├── LLMError           LLM_*         a provider failed, or the request could not have worked
    ├── EvalError          EVAL_*        a scenario or a run of an evaluation cannot be used
    ├── StoreError         STORE_* REPLAY_*   a lost race, a broken chain, a log that no longer fits
    └── HostError          HOST_*        token, rate limit, CSRF, upload; knows its HTTP status

A code is registered once, in `CODES`, with its severity, default recovery, HTTP status and the
key of the text a user may read. Tests and clients match on the code, never on prose. A bug, ours
or an app's, stays an ordinary exception outside the family.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final, Literal

Severity = Literal["error", "warning", "info"]
Recovery = Literal["drop_directive", "soft_fail", "surface_fail", "epoch_reset", "refuse", "report"]

_NOT_SHOWN: Final = "problem.not_shown"
_NOT_UNDERSTOOD: Final = "problem.not_understood"
_NOT_DONE: Final = "problem.not_done"


@dataclass(frozen=True, slots=True)
class Code:
    """What is fixed about one code.

    Attributes:
        name: The stable code.
        meaning: One line for developers.
        severity: Default severity of a diagnostic with this code.
        recovery: What happens by default (DESIGN section 8).
        status: HTTP status for a refusal that reaches a client, or None.
        text: Key of what an end user may read (`texts.TEXTS`); the text never quotes input.
    """

    name: str
    meaning: str
    severity: Severity
    recovery: Recovery
    status: int | None
    text: str


def _family(
    prefix: str,
    rows: Iterable[tuple[str, str]],
    *,
    recovery: Recovery,
    severity: Severity = "error",
    status: int | None = None,
    text: str = _NOT_SHOWN,
) -> list[Code]:
    return [
        Code(f"{prefix}_{name}", meaning, severity, recovery, status, text)
        for name, meaning in rows
    ]


def _refusals(prefix: str, rows: Iterable[tuple[str, str, int | None, str]]) -> list[Code]:
    """Codes of what is refused whole: each with its own status and text."""
    return [
        Code(f"{prefix}_{name}", meaning, "error", "refuse", status, text)
        for name, meaning, status, text in rows
    ]


_ALL: Final[list[Code]] = [
    *_family(
        "APP",
        [
            ("NOT_FOUND", "no app at the given place"),
            ("INVALID", "an app file or registration does not fit its schema"),
            ("DUPLICATE", "two registrations share one name"),
        ],
        recovery="refuse",
    ),
    # Reading the envelope: nothing runs when one of these is an error.
    *_family(
        "DIRECTIVE",
        [
            ("EMPTY", "the model wrote nothing"),
            ("TOO_LARGE", "the model's output exceeds the size limit"),
            ("NOT_JSON", "no JSON object could be read"),
            ("NOT_OBJECT", "the JSON found is not an object"),
            ("DUPLICATE_KEY", "an object names one key twice"),
            ("NUMBER_NOT_FINITE", "NaN or Infinity where JSON has none"),
            ("NUMBER_OUT_OF_RANGE", "an integer beyond 2^53 or a number no double holds"),
            ("TOO_DEEP", "nesting exceeds the depth limit"),
            ("ENVELOPE_INVALID", "assistant_text or directives is missing or of the wrong type"),
        ],
        recovery="soft_fail",
        text=_NOT_UNDERSTOOD,
    ),
    # Running one directive: it is dropped, the others run.
    *_family(
        "DIRECTIVE",
        [
            ("UNKNOWN_TYPE", "no such directive is registered"),
            ("PAYLOAD_INVALID", "the payload does not fit the directive's model"),
            ("KEY_FORBIDDEN", "a key such as __proto__ that clients misuse"),
            ("TEXT_UNENCODABLE", "a lone surrogate, which UTF-8 cannot carry"),
            ("TEXT_FORBIDDEN", "control or bidi override characters where no text is shown"),
            ("LIMIT_EXCEEDED", "too many directives, fields, options or ops"),
            ("SURFACE_CONFLICT", "two directives of one turn replace the same surface's view"),
            ("SURFACE_UNKNOWN", "the surface is not there"),
            ("SURFACE_EXPIRED", "the surface shows a view that the app no longer has"),
            ("TEMPLATE_UNKNOWN", "no such form or view is registered"),
            ("VIEW_INVALID", "the view breaks an invariant of the UI IR"),
            ("ACTION_UNKNOWN", "the action is not registered by the app"),
            ("URL_FORBIDDEN", "a URL whose scheme or host may not go out"),
            ("PATH_INVALID", "not a JSON Pointer, or it names nothing that can be patched"),
            ("PATH_FORBIDDEN", "the path is outside /draft and /ui_state, or reserved"),
            ("OP_INVALID", "a patch op that cannot be read or does not fit its target"),
            ("VALUE_INVALID", "the value does not fit the field"),
        ],
        recovery="drop_directive",
    ),
    *_family(
        "DIRECTIVE",
        [
            ("REPAIRED", "a deterministic repair was made"),
            ("TRUNCATED", "the output was cut off; complete directives ran"),
            ("TEXT_INVISIBLE", "invisible or direction-changing characters were taken out"),
        ],
        recovery="report",
        severity="warning",
    ),
    *_family(
        "A2UI_S2C_ENVELOPE",
        [
            ("NOT_JSON", "a line is not JSON"),
            ("INVALID", "a message is not an object with exactly one known key"),
        ],
        recovery="soft_fail",
    ),
    *_family(
        "A2UI_S2C_BEGIN",
        [
            ("ROOT_MISSING", "the root component is not defined"),
            ("INVALID", "beginRendering has a wrong or unknown property"),
            ("REPEATED", "a live surface is begun a second time"),
            ("MISSING", "components or data were sent for a surface that never begins"),
        ],
        recovery="surface_fail",
    ),
    *_family(
        "A2UI_S2C_COMPONENT",
        [
            ("INVALID", "a component's shape or property does not fit the catalog"),
            ("ID_INVALID", "a component id has forbidden characters or length"),
            ("ID_DUPLICATE", "one message defines an id twice, or a view shows it twice"),
            ("ID_COLLISION", "a string equals a component id, which the web client replaces"),
            ("TYPE_CHANGED", "an id changes its component type"),
            ("REFERENCE_UNRESOLVED", "a referenced component is not in the same surfaceUpdate"),
            ("CYCLE", "components contain each other"),
            ("ORPHAN", "a component no other component or root refers to"),
            ("BOUND_VALUE", "not exactly one of path and literal, or an input without data"),
            ("URL_FORBIDDEN", "a URL scheme or host that is not allowed"),
            ("PATTERN_UNSAFE", "a validation pattern that can backtrack without bound"),
            ("TEXT_FORBIDDEN", "control or bidi override characters in a text"),
            ("TEXT_MARKUP", "a text that a client with markdown would read as markup"),
            ("ACTION_FORBIDDEN", "an action or context key the app does not allow"),
        ],
        recovery="surface_fail",
    ),
    *_family(
        "A2UI_S2C_DATA",
        [
            ("INVALID", "a data entry has not exactly one typed value of the right type"),
            ("PATH_INVALID", "a data path that clients read differently"),
            ("KEY_INVALID", "a data key outside [A-Za-z0-9_-]"),
            ("KEY_FORBIDDEN", "a data key such as __proto__"),
            ("ROOT_REPLACED", "a live surface's whole model would be replaced"),
            ("NOT_FINITE", "NaN or Infinity"),
            ("UNREPRESENTABLE", "a value no data model entry can carry unchanged"),
            ("TEXT_FORBIDDEN", "control or bidi override characters in a data string"),
        ],
        recovery="surface_fail",
    ),
    *_family(
        "A2UI_S2C",
        [
            ("DRAFT_AT_RISK", "a surface was torn down; the last known draft was seeded again"),
            ("VIEW_EXPIRED", "a notice stands where a view was that the app no longer has"),
        ],
        recovery="report",
        severity="warning",
    ),
    *_family(
        "A2UI_S2C_LIMIT",
        [("EXCEEDED", "a size, count or depth limit; the message names it")],
        recovery="surface_fail",
    ),
    *_family(
        "A2UI_S2C_CATALOG",
        [
            ("UNSUPPORTED", "the pinned catalog cannot show this node"),
            ("UNKNOWN_TYPE", "a component type the catalog does not have"),
            ("MISMATCH", "the client does not support the pinned catalog"),
        ],
        recovery="surface_fail",
    ),
    *_family(
        "A2UI_S2C_CATALOG",
        [("DEGRADED", "a node is shown with a loss that its user would notice")],
        recovery="report",
        severity="warning",
    ),
    *_family(
        "A2UI_S2C_ACCESS",
        [
            ("NAME_MISSING", "something has no name that could be read out"),
            ("HEADING_SKIPPED", "a heading is more than one level below the one before it"),
            ("LANGUAGE_UNKNOWN", "the language of a turn is no language tag"),
        ],
        recovery="report",
        severity="warning",
    ),
    *_refusals(
        "A2UI_C2S",
        [
            ("CAPABILITIES_INVALID", "what a client says it can show is malformed", 400, _NOT_DONE),
            (
                "INLINE_CATALOG_FORBIDDEN",
                "a client brings catalogs of its own along",
                403,
                _NOT_DONE,
            ),
            ("ENVELOPE_INVALID", "not exactly one well-formed userAction or error", 400, _NOT_DONE),
            ("CONTEXT_INVALID", "the context does not fit the action's schema", 400, _NOT_DONE),
            ("ACTION_FORBIDDEN", "the component does not carry that action now", 403, _NOT_DONE),
            ("NONCE_INVALID", "the nonce is missing or not the surface's", 403, _NOT_DONE),
            (
                "SURFACE_STALE",
                "the event is for an older state of the surface, or none",
                409,
                "problem.stale",
            ),
            ("KEY_REUSED", "an idempotency key came back with another payload", 409, _NOT_DONE),
            (
                "CONTEXT_TOO_LARGE",
                "the event exceeds a size, depth or key limit",
                413,
                "problem.too_large",
            ),
        ],
    ),
    Code(
        "A2UI_C2S_FIELD_INVALID",
        "a field's value breaks its rule; the user sees why and keeps what was typed",
        "warning",
        "report",
        422,
        "problem.fields",
    ),
    Code(
        "A2UI_C2S_CLIENT_ERROR",
        "the client reported an error; its surface is built anew",
        "warning",
        "epoch_reset",
        None,
        _NOT_SHOWN,
    ),
    *_family(
        "LLM",
        [
            (
                "STREAMING_WITH_TOOL_CALLING_FORBIDDEN",
                "a streamed request cannot carry tools",
            ),
            (
                "STREAMING_WITH_RESPONSE_FORMAT_FORBIDDEN",
                "a streamed request cannot carry a response_format",
            ),
            (
                "STRUCTURED_OUTPUTS_PARALLEL_TOOL_CALLS_FORBIDDEN",
                "structured output with parallel tool calls",
            ),
            ("TOOLS_WITH_RESPONSE_FORMAT_FORBIDDEN", "tools and response_format in one request"),
            ("NOT_INSTALLED", "models cannot be asked without the extra `llm`"),
            ("SETTINGS_INVALID", "settings that contradict each other or name nothing"),
            ("MODEL_UNKNOWN", "no such provider, or no provider is named"),
            ("KEY_MISSING", "the provider wants a key and there is none"),
            ("CAPABILITIES_INVALID", "the table of what models take cannot be read"),
            ("PARAMETER_UNSUPPORTED", "the model does not take a key of the request"),
        ],
        recovery="refuse",
    ),
    # What a provider did: the turn comes to nothing, the state stays as it was.
    *_family(
        "LLM",
        [
            ("REQUEST_REFUSED", "the provider refused the request"),
            ("CONTEXT_TOO_LONG", "the request is longer than the model reads"),
        ],
        recovery="soft_fail",
    ),
    *_family(
        "LLM",
        [
            ("UNAUTHORIZED", "the provider refused the key"),
            ("NOT_FOUND", "the provider has no such model or endpoint"),
            ("RATE_LIMITED", "the provider said to wait, longer than the turn may take"),
            ("TIMEOUT", "the provider took too long"),
            ("UNAVAILABLE", "the provider cannot be reached, or failed"),
            ("BUDGET_EXHAUSTED", "time, tokens, money or calls of the turn are used up"),
        ],
        recovery="soft_fail",
        text="host.unavailable",
    ),
    *_family(
        "LLM",
        [("CANCELLED", "whoever asked does not want the answer any more")],
        recovery="soft_fail",
        text="host.cancelled",
    ),
    *_family(
        "LLM",
        [
            ("RESPONSE_INVALID", "what the provider sent is no chat completion"),
            ("RESPONSE_TOO_LARGE", "what the provider sent exceeds the size limit"),
            ("CONTENT_FILTERED", "the provider or the model would not answer"),
            ("OUTPUT_UNUSABLE", "the model's answer could not be used, repaired or not"),
            ("TOOL_LOOP_ENDLESS", "the model asked for tools more often than it may"),
        ],
        recovery="soft_fail",
        text=_NOT_UNDERSTOOD,
    ),
    *_family(
        "LLM",
        [
            ("PARAMETER_DROPPED", "a key that the model does not take was left out"),
            ("LADDER_STEPPED", "a response_format was refused, the next one taken"),
            ("RETRIED", "a request was sent again after a failure"),
            ("REPAIR_ASKED", "the model was asked to mend its answer"),
            ("VALIDATOR_UNSATISFIED", "what was taken still lacks what the app's validator wants"),
            ("OUTPUT_MENDED", "the JSON of an answer was mended without asking"),
            ("OUTPUT_CUT_OFF", "the answer ended at its length limit"),
            ("TOOL_UNKNOWN", "the model asked for a tool that there is not"),
            ("TOOL_ARGUMENTS_INVALID", "the arguments of a tool do not fit its schema"),
            ("TOOL_FAILED", "a tool raised, and the model was told that it failed"),
            ("CACHE_UNUSABLE", "a kept answer could not be read or written"),
            ("PRICE_UNKNOWN", "what the model costs is not known, so no limit in money holds"),
        ],
        recovery="report",
        severity="warning",
    ),
    # Evaluation.
    *_family(
        "EVAL",
        [
            ("SCENARIO_INVALID", "a scenario does not fit its schema"),
            ("RUN_INVALID", "the folder holds no run, or one of other scenarios"),
            ("REPLAY_DIFFERS", "a trial run again from its record comes to something else"),
        ],
        recovery="refuse",
    ),
    *_family(
        "EVAL",
        [
            ("BUDGET_EXHAUSTED", "money or calls of the run are used up; it can be resumed"),
            ("RECORD_TORN", "a line of a run is damaged or torn, and its trial is run again"),
        ],
        recovery="report",
        severity="warning",
    ),
    # The host: what comes before, or beside, an event.
    *_refusals(
        "HOST",
        [
            ("KEYS_INVALID", "the keys that sign cannot be used", None, "host.failed"),
            (
                "SIGNER_MISSING",
                "there is no signer, so that nothing would be checked",
                None,
                "host.failed",
            ),
            (
                "EXAMPLE_INVALID",
                "an example turn or conversation cannot be read",
                None,
                "host.failed",
            ),
            ("WEB_CLIENT_MISSING", "there is no built web client", None, "host.failed"),
            (
                "ADDRESS_INVALID",
                "the Host header is missing, malformed or not ours",
                400,
                _NOT_DONE,
            ),
            ("PAGE_UNKNOWN", "there is no such page", 404, "problem.not_found"),
            ("METHOD_FORBIDDEN", "the page does not take this method", 405, _NOT_DONE),
            (
                "CONVERSATION_UNKNOWN",
                "no such conversation, or not its token",
                404,
                "host.conversation_gone",
            ),
            ("CONVERSATIONS_FULL", "no further conversation can be begun now", 503, "host.full"),
            ("ORIGIN_FORBIDDEN", "another site made the browser post", 403, _NOT_DONE),
            ("CSRF_INVALID", "the CSRF token is missing or not the conversation's", 403, _NOT_DONE),
            (
                "CONTENT_TYPE_UNSUPPORTED",
                "the body is of a type that is not read here",
                415,
                _NOT_DONE,
            ),
            ("BODY_INVALID", "the body is not what its type says", 400, _NOT_DONE),
            ("BODY_TOO_LARGE", "the body exceeds the host's limit", 413, "problem.too_large"),
            ("TURN_UNKNOWN", "no such example turn, or none is left", 404, "host.over"),
            ("BACK_EMPTY", "there is nothing to undo, or to redo", 409, "host.back_empty"),
            ("MODEL_MISSING", "the host was given no model to ask", 501, "host.tool_missing"),
            (
                "UPLOAD_TOO_LARGE",
                "a file exceeds its field's or the host's limit",
                413,
                "problem.file_size",
            ),
            (
                "UPLOAD_TOO_MANY",
                "too many files at once, or for one conversation",
                413,
                "host.files_many",
            ),
            (
                "UPLOAD_TYPE_FORBIDDEN",
                "the content is no type that the field takes",
                415,
                "problem.file_type",
            ),
            (
                "UPLOAD_STORE_FULL",
                "all files together would exceed the host's limit",
                503,
                "host.files_full",
            ),
            ("UPLOAD_NOT_KEPT", "the disk did not take a file", 507, "host.file_lost"),
            ("UPLOAD_UNEXPECTED", "a file came for a field that takes none", 400, _NOT_DONE),
            (
                "UPLOAD_UNKNOWN",
                "the handle is of no file of this conversation and field",
                403,
                "host.file_unknown",
            ),
            (
                "STREAMS_TOO_MANY",
                "the conversation has too many open streams",
                429,
                "problem.too_many",
            ),
            (
                "PRESSES_TOO_MANY",
                "the conversation has too many presses that run or wait",
                429,
                "problem.too_many",
            ),
            ("RATE_LIMITED", "too many requests in a short time", 429, "problem.too_many"),
            ("BODY_SLOW", "the body arrives too slowly", 408, _NOT_DONE),
            ("RESUME_INVALID", "what names the last turn seen is no count", 400, _NOT_DONE),
            ("FRAME_INVALID", "a WebSocket message is none that is known", 400, _NOT_DONE),
            ("TOKEN_LATE", "a WebSocket brought no token in time", 408, _NOT_DONE),
            ("STREAM_SLOW", "a client takes what it is told too slowly", 408, _NOT_DONE),
            ("DRAINING", "the server stops, another one takes over", 503, _NOT_DONE),
            ("FAILED", "a bug, ours or the app's", 500, "host.failed"),
        ],
    ),
    *_family(
        "STORE",
        [("STATE_INVALID", "what was stored is not a UIState")],
        recovery="refuse",
    ),
    *_family(
        "STORE",
        [
            ("REDACTED_IN_PART", "a redacted value is also in a name that the chain needs"),
            ("VALUES_GONE", "values were taken out, and no redaction says so"),
        ],
        recovery="report",
        severity="warning",
    ),
    *_refusals(
        "STORE",
        [
            ("CONFLICT", "another commit came first, again and again", 409, _NOT_DONE),
            (
                "UNAVAILABLE",
                "the database cannot be reached, or is locked for too long",
                503,
                "host.unavailable",
            ),
            ("FULL", "the database takes no more", 507, _NOT_DONE),
            ("CORRUPT", "what the database holds cannot be read", 500, "host.failed"),
            (
                "CHAIN_BROKEN",
                "an entry does not fit its hash, or the one before it",
                None,
                "host.failed",
            ),
            ("VERSION_UNKNOWN", "the database was written by another version", None, "host.failed"),
            ("URL_INVALID", "no database can be opened under that URL", None, "host.failed"),
            ("CONVERSATION_UNKNOWN", "the log has no such conversation", None, "host.failed"),
            ("TURN_LOST", "a turn can no longer be gone back to", 410, "host.turn_lost"),
        ],
    ),
    *_family(
        "REPLAY",
        [
            ("RECORD_INVALID", "a log record does not fit the conversation format"),
            ("DIFFERS", "the replay sends something else than the log says"),
            ("REFUSED", "a turn that was taken is refused now, or the other way round"),
            ("CHAINED", "a log with its chain is not written anew"),
        ],
        recovery="refuse",
    ),
    *_family(
        "REPLAY",
        [
            ("APP_CHANGED", "the log was recorded with another version of the app"),
            ("REDACTED", "turns were not run again, since something was taken out of the log"),
        ],
        recovery="report",
        severity="warning",
    ),
]

CODES: Final[Mapping[str, Code]] = MappingProxyType({code.name: code for code in _ALL})
"""Every code, by name. Source: DESIGN section 8."""

_SEVERITY_RANK: Final = {"error": 0, "warning": 1, "info": 2}


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding: what was found, where, and the next move.

    Attributes:
        code: A key of `CODES`.
        severity: error, warning or info.
        message: One sentence: what was found, what was expected.
        pointer: RFC 6901 pointer into the offending input; `""` is the whole document.
        hint: The next move, often the accepted values.
        surface_id: The surface concerned, where one is.
        line: Line of a JSONL stream, from 1, where the input has lines.
    """

    code: str
    severity: Severity
    message: str
    pointer: str = ""
    hint: str = ""
    surface_id: str | None = None
    line: int | None = None

    def to_dict(self) -> dict[str, object]:
        """All seven fields as JSON values (the shape of `validate --json`)."""
        return {
            "code": self.code,
            "severity": self.severity,
            "message": self.message,
            "pointer": self.pointer,
            "hint": self.hint,
            "line": self.line,
            "surface_id": self.surface_id,
        }

    def at(self, prefix: str) -> Diagnostic:
        """The same finding with `prefix` put before its pointer."""
        return replace(self, pointer=prefix + self.pointer)

    def __str__(self) -> str:
        where = "".join(
            [
                f" line {self.line}" if self.line is not None else "",
                f" surface {self.surface_id}" if self.surface_id is not None else "",
                f" at {self.pointer}" if self.pointer else "",
            ]
        )
        hint = f" ({self.hint})" if self.hint else ""
        return f"{self.severity}: {self.code}{where}: {self.message}{hint}"


def diagnostic(
    code: str,
    message: str,
    *,
    pointer: str = "",
    hint: str = "",
    severity: Severity | None = None,
    surface_id: str | None = None,
    line: int | None = None,
) -> Diagnostic:
    """A diagnostic with the registered severity of `code` unless another is given.

    Raises:
        KeyError: `code` is not registered.
    """
    return Diagnostic(
        code, severity or CODES[code].severity, message, pointer, hint, surface_id, line
    )


class UICompilerError(Exception):
    """Base of every refusal; carries all diagnostics, the most severe first."""

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        if not diagnostics:
            raise ValueError("a UICompilerError needs at least one diagnostic")
        ordered = sorted(diagnostics, key=lambda d: _SEVERITY_RANK[d.severity])
        self.diagnostics: tuple[Diagnostic, ...] = tuple(ordered)
        super().__init__("\n".join(str(d) for d in self.diagnostics))

    @property
    def code(self) -> str:
        """Code of the first diagnostic."""
        return self.diagnostics[0].code

    @property
    def message(self) -> str:
        """Message of the first diagnostic."""
        return self.diagnostics[0].message

    @property
    def pointer(self) -> str:
        """RFC 6901 pointer of the first diagnostic."""
        return self.diagnostics[0].pointer

    @property
    def hint(self) -> str:
        """Hint of the first diagnostic."""
        return self.diagnostics[0].hint

    @property
    def status(self) -> int | None:
        """HTTP status of the first diagnostic's code, or None."""
        return CODES[self.code].status


class AppError(UICompilerError):
    """An app's own files or registrations are wrong (APP_*)."""


class DirectiveError(UICompilerError):
    """The model or the caller sent something we refuse (DIRECTIVE_*)."""


class OutputError(UICompilerError):
    """What we were about to send breaks a rule (A2UI_S2C_*)."""


class IngressError(UICompilerError):
    """A client sent something we refuse (A2UI_C2S_*)."""


class LLMError(UICompilerError):
    """A provider failed, or the request could not have worked (LLM_*)."""


class EvalError(UICompilerError):
    """A scenario or a run of an evaluation cannot be used (EVAL_*)."""


class StoreError(UICompilerError):
    """A lost race, a broken chain, a log that no longer fits (STORE_*, REPLAY_*)."""


class HostError(UICompilerError):
    """Token, rate limit, CSRF or upload (HOST_*)."""


_TYPES: Final[tuple[tuple[str, type[UICompilerError]], ...]] = (
    ("APP_", AppError),
    ("DIRECTIVE_", DirectiveError),
    ("A2UI_S2C_", OutputError),
    ("A2UI_C2S_", IngressError),
    ("LLM_", LLMError),
    ("EVAL_", EvalError),
    ("STORE_", StoreError),
    ("REPLAY_", StoreError),
    ("HOST_", HostError),
)


def error_for(diagnostics: Sequence[Diagnostic]) -> UICompilerError:
    """The exception of the family that the most severe diagnostic belongs to."""
    error = UICompilerError(diagnostics)
    for prefix, kind in _TYPES:
        if error.code.startswith(prefix):
            return kind(diagnostics)
    return error
