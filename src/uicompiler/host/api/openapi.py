"""The API described as OpenAPI 3.1, made of the table of routes, the codes and the app."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import version
from typing import Any, Final

from uicompiler.app import PROFILE_NAMES, UIApp
from uicompiler.errors import CODES
from uicompiler.host.api.bodies import PROTOCOLS
from uicompiler.host.api.frames import NAMES
from uicompiler.host.api.table import ROUTES, ApiRoute
from uicompiler.host.guard import csrf

VERSION: Final = "3.1.0"
_REFUSAL: Final = "Refusal"
_SCHEMAS: Final = "#/components/schemas/"

Schema = Mapping[str, Any]  # JSON Schema


def openapi(app: UIApp, title: str, server: str = "") -> dict[str, Any]:
    """The description.

    Args:
        app: The app, whose directives and languages it names.
        title: What it is of.
        server: The path that the host is mounted at.
    """
    return {
        "openapi": VERSION,
        "info": {
            "title": title,
            "version": version("uicompiler"),
            "description": _ABOUT,
        },
        "servers": [{"url": server or "/"}],
        "tags": [{"name": name, "description": text} for name, text in _TAGS.items()],
        "paths": _paths(),
        "components": {
            "schemas": schemas(app),
            "parameters": _PARAMETERS,
            "headers": _HEADERS,
            "securitySchemes": {
                "bearer": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "The conversation's token.",
                },
                "cookie": {
                    "type": "apiKey",
                    "in": "cookie",
                    "name": csrf.COOKIE,
                    "description": "Set when a conversation is begun; for pages of the same site.",
                },
            },
        },
    }


def _paths() -> dict[str, Any]:
    paths: dict[str, Any] = {}
    for route in ROUTES:
        item = paths.setdefault(route.path, {})
        item["get" if route.method == "WS" else route.method.lower()] = _operation(route)
    return paths


def _operation(route: ApiRoute) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": route.endpoint,
        "tags": [route.tag],
        "summary": route.summary,
        "responses": _responses(route),
    }
    parameters = [_parameter(name) for name in _parameters(route)]
    if parameters:
        operation["parameters"] = parameters
    if route.takes:
        content = {kind: {"schema": _ref(name)} for kind, name in route.takes}
        operation["requestBody"] = {"required": not route.optional, "content": content}
    # A WebSocket may also bring its token in its first message.
    first_message: list[dict[str, list[str]]] = [{}] if route.method == "WS" else []
    known: list[dict[str, list[str]]] = [{"bearer": []}, {"cookie": []}, *first_message]
    operation["security"] = [] if route.who == "anybody" else known
    return operation


def _parameters(route: ApiRoute) -> list[str]:
    return [*re.findall(r"{(\w+)}", route.path), *route.query, *route.headers]


def _parameter(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/parameters/{name}"}


def _responses(route: ApiRoute) -> dict[str, Any]:
    found = {str(route.status): _given(route, route.summary)}
    found.update({str(status): _given(route, text) for status, text in route.also})
    for status, codes in sorted(_by_status(route.codes).items()):
        found.setdefault(str(status), {}).update(_refused(status, codes, found.get(str(status))))
    return found


def _given(route: ApiRoute, description: str) -> dict[str, Any]:
    response: dict[str, Any] = {
        "description": description,
        "headers": {"X-Request-ID": {"$ref": "#/components/headers/X-Request-ID"}},
    }
    if route.gives:
        content = {kind: {"schema": _ref(name)} for kind, name in route.gives}
        response["content"] = content
    return response


def _refused(status: int, codes: Sequence[str], known: Mapping[str, Any] | None) -> dict[str, Any]:
    """The response of a status that codes have, beside what it already means."""
    means = "; ".join(f"`{code}`: {CODES[code].meaning}" for code in codes)
    if known:
        means = f"{known['description']}; {means}"
    headers = {"X-Request-ID": {"$ref": "#/components/headers/X-Request-ID"}}
    if status in (429, 503):
        headers["Retry-After"] = {"$ref": "#/components/headers/Retry-After"}
    schema: dict[str, Any] = _ref(_REFUSAL)
    if known and known.get("content"):
        schema = {"anyOf": [_ref("Answer"), schema]}
    content = {"application/json": {"schema": schema}}
    return {"description": means, "headers": headers, "content": content}


def _by_status(codes: Iterable[str]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for code in dict.fromkeys(codes):
        found.setdefault(CODES[code].status or 400, []).append(code)
    return found


def _ref(name: str) -> dict[str, Any]:
    return {"$ref": f"{_SCHEMAS}{name}"}


# --- what is said -------------------------------------------------------------------------------


def schemas(app: UIApp) -> dict[str, Schema]:
    """The schemas of bodies, by name.

    Args:
        app: The app, whose directives they name.
    """
    text, number = {"type": "string"}, {"type": "integer", "minimum": 0}
    code = {"type": "string", "pattern": "^[A-Z0-9]+(_[A-Z0-9]+)+$"}
    key = {"type": "string", "minLength": 1, "maxLength": 256}
    pointer = {"type": "string", "description": "RFC 6901, into what was sent"}
    finding = {"code": code, "message": text, "hint": text, "pointer": pointer}
    anything = {"type": "object"}
    event = {
        "userAction": {
            "type": "object",
            "required": ["name", "surfaceId", "sourceComponentId", "timestamp", "context"],
            "properties": {
                "name": text,
                "surfaceId": text,
                "sourceComponentId": text,
                "timestamp": {"type": "string", "format": "date-time"},
                "context": anything,
            },
        },
        "error": anything,
    }
    only = [_object({name: value}, [name]) for name, value in event.items()]
    return {
        "Object": anything,
        "Text": text,
        "Begin": _object(
            {
                "protocol": {"enum": list(PROTOCOLS), "default": PROTOCOLS[0]},
                "client": {"enum": list(PROFILE_NAMES), "default": "web_core"},
                "capabilities": {
                    "type": "object",
                    "description": "What the client announces as `a2uiClientCapabilities`",
                },
                "language": {"enum": list(app.languages)},
            },
            [],
        ),
        "Begun": _object(
            {
                "id": text,
                "token": {"type": "string", "description": "Told this once; keep it secret"},
                "protocol": {"enum": list(PROTOCOLS)},
                "seq": number,
            },
            ["id", "token", "protocol", "seq"],
        ),
        "Turn": {"anyOf": [_ref("Envelope"), _ref("UserMessage"), {"type": "array"}]},
        "Envelope": _object(
            {
                "assistant_text": text,
                "directives": {"type": "array", "items": _ref("Directive")},
            },
            ["assistant_text", "directives"],
            closed=False,
        ),
        "Directive": _object(
            {"type": {"enum": sorted(app.directives.names())}, "payload": anything},
            ["type", "payload"],
            closed=False,
        ),
        "UserMessage": _object({"message": {"type": "string", "minLength": 1}}, ["message"]),
        "ClientEvent": {"oneOf": only},
        "Upload": {
            "type": "object",
            "description": "One file, under the name of its field; `surface` names the surface",
            "properties": {"surface": text},
            "additionalProperties": {"type": "string", "contentMediaType": "*/*"},
        },
        "Uploaded": _object(
            {
                "handle": text,
                "field": text,
                "name": text,
                "media_type": text,
                "size": number,
            },
            ["handle", "field", "name", "media_type", "size"],
        ),
        "Answer": _object(
            {
                "seq": number,
                "ok": {"type": "boolean"},
                "assistant_text": text,
                "diagnostics": {"type": "array", "items": _ref("Diagnostic")},
                "fallback": {"anyOf": [_ref("Fallback"), {"type": "null"}]},
                "undo": {"type": "boolean"},
                "redo": {"type": "boolean"},
                "field_errors": {"type": "object", "additionalProperties": text},
                "error": _ref("Error"),
                "text": text,
            },
            ["seq", "ok", "assistant_text", "diagnostics", "fallback", "undo", "redo"],
        ),
        "AnswerLine": {"anyOf": [_ref("Message"), _object({"answer": _ref("Answer")}, ["answer"])]},
        "Fallback": _object(
            {
                "text": text,
                "surfaces": {"type": "array", "items": text},
                "regenerate": text,
                "code": code,
            },
            ["text", "surfaces", "regenerate"],
        ),
        "Error": _object(finding, ["code", "message", "hint", "pointer"]),
        "Diagnostic": _object(
            {
                **finding,
                "severity": {"enum": ["error", "warning", "info"]},
                "line": {"type": ["integer", "null"]},
                "surface_id": {"type": ["string", "null"]},
            },
            ["code", "severity", "message"],
        ),
        _REFUSAL: _object(
            {
                "error": _ref("Error"),
                "text": {"type": "string", "description": "For the user, in their language"},
                "diagnostics": {"type": "array", "items": _ref("Diagnostic")},
                "ok": {"const": False},
            },
            ["error", "text", "diagnostics"],
        ),
        "Message": {
            "type": "object",
            "minProperties": 1,
            "maxProperties": 1,
            "description": "One message of the conversation's protocol, such as `surfaceUpdate`",
        },
        "Snapshot": _object(
            {
                "seq": number,
                "messages": {"type": "array", "items": _ref("Message")},
                "beside": {"type": "array", "items": anything},
            },
            ["seq", "messages", "beside"],
        ),
        "Events": {
            "type": "string",
            "description": (
                f"Events {', '.join(NAMES)}; the data of each is one JSON object; a turn's "
                "last event has its count as id."
            ),
        },
        "Frame": _object(
            {
                "event": {"enum": [*NAMES, "answer", "error", "heartbeat", "retry"]},
                "data": anything,
                "id": number,
                "status": {"type": "integer"},
                "key": key,
            },
            ["event", "data"],
        ),
        "ClientFrame": {
            "oneOf": [
                _object({"token": text, "resume": {"type": ["integer", "null"]}}, ["token"]),
                _object({"resume": {"type": ["integer", "null"]}}, ["resume"]),
                *(_object({name: value, "key": key}, [name]) for name, value in event.items()),
            ]
        },
        "Health": _object(
            {
                "ok": {"type": "boolean"},
                "error": _ref("Error"),
                "text": text,
                "diagnostics": {"type": "array", "items": _ref("Diagnostic")},
            },
            ["ok"],
        ),
    }


def _object(
    properties: Mapping[str, Any], required: Sequence[str], *, closed: bool = True
) -> dict[str, Any]:
    made: dict[str, Any] = {"type": "object", "properties": dict(properties)}
    if required:
        made["required"] = list(required)
    return {**made, "additionalProperties": False} if closed else made


_ABOUT: Final = """\
Conversations whose UI is compiled from a model's directives. Whoever begins one gets its token, \
which opens it; an id opens nothing. Turns are posted, and what they show comes over the stream: \
`GET …/stream` (server-sent events) or `GET …/ws` (WebSocket, see the schemas Frame and \
ClientFrame). A post that is sent again under its `Idempotency-Key` is done once, and answered \
alike."""

_TAGS: Final = {
    "conversations": "Beginning and ending",
    "turns": "What changes a conversation",
    "streams": "What its turns tell",
    "host": "The host itself",
}

_PARAMETERS: Final = {
    "id": {
        "name": "id",
        "in": "path",
        "required": True,
        "description": "The conversation's id",
        "schema": {"type": "string"},
    },
    "after": {
        "name": "after",
        "in": "query",
        "description": "As `Last-Event-ID`, where a client cannot send headers",
        "schema": {"type": "integer", "minimum": 0},
    },
    "Last-Event-ID": {
        "name": "Last-Event-ID",
        "in": "header",
        "description": "The last turn that was seen whole; without it everything there is comes",
        "schema": {"type": "integer", "minimum": 0},
    },
    "Idempotency-Key": {
        "name": "Idempotency-Key",
        "in": "header",
        "description": "Of this post; the same over all attempts to send it",
        "schema": {"type": "string", "minLength": 1, "maxLength": 256},
    },
}

_HEADERS: Final = {
    "Retry-After": {
        "description": "After so many seconds it is worth to try again",
        "schema": {"type": "integer"},
    },
    "X-Request-ID": {
        "description": "Names the request in the host's log and traces",
        "schema": {"type": "string"},
    },
}
