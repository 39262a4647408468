"""Refusals as JSON: one shape for all of them, with the status of their code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import orjson
from starlette.responses import Response

from uicompiler.app import UIApp
from uicompiler.errors import CODES, Diagnostic, HostError, UICompilerError, diagnostic
from uicompiler.host.guard.limits import Limited

JSON: Final = "application/json"
_LATER_S: Final = {
    "HOST_STREAMS_TOO_MANY": 5,
    "HOST_PRESSES_TOO_MANY": 1,
    "HOST_CONVERSATIONS_FULL": 30,
    "HOST_DRAINING": 1,
    "STORE_CONFLICT": 1,
    "STORE_UNAVAILABLE": 2,
}
"""After how many seconds it is worth to try again, where that is."""


def error_of(finding: Diagnostic | Mapping[str, Any]) -> dict[str, Any]:
    """A finding as clients read it."""
    told = finding.to_dict() if isinstance(finding, Diagnostic) else finding
    return {name: told[name] for name in ("code", "message", "hint", "pointer")}


def body_of(findings: Sequence[Diagnostic], text: str) -> dict[str, Any]:
    """What a refusal says.

    Args:
        findings: What was found, the reason first.
        text: What a user may read.
    """
    told = [item.to_dict() for item in findings]
    return {"error": error_of(findings[0]), "text": text, "diagnostics": told}


def refusal(exc: UICompilerError, app: UIApp, language: str) -> Response:
    """The response to what was refused."""
    text = app.text(exc.code, language=language)
    body = orjson.dumps(body_of(exc.diagnostics, text))
    return Response(body, status_of(exc), media_type=JSON, headers=headers_of(exc))


def status_of(exc: UICompilerError) -> int:
    """Its HTTP status."""
    return exc.status or CODES[exc.code].status or 400


def headers_of(exc: UICompilerError) -> dict[str, str]:
    """When to come back, where that is known."""
    wait_s = exc.retry_after_s if isinstance(exc, Limited) else _LATER_S.get(exc.code)
    return {} if wait_s is None else {"Retry-After": str(wait_s)}


def refused(code: str, message: str, *, pointer: str = "", hint: str = "") -> HostError:
    """A refusal of the host's own."""
    return HostError([diagnostic(code, message, pointer=pointer, hint=hint)])
