"""The routes of the API: one table, for the application and for its description."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Tag = Literal["conversations", "turns", "streams", "host"]
Who = Literal["anybody", "reader", "poster"]
"""Anybody; whoever has the token; whoever has the token and posts from here."""

_ID: Final = "/conversations/{id}"
_READING: Final = ("HOST_CONVERSATION_UNKNOWN", "STORE_UNAVAILABLE")
_POSTING: Final = (
    *_READING,
    "HOST_ORIGIN_FORBIDDEN",
    "HOST_RATE_LIMITED",
    "HOST_PRESSES_TOO_MANY",
    "HOST_BODY_TOO_LARGE",
    "HOST_BODY_SLOW",
    "STORE_CONFLICT",
    "STORE_FULL",
)
_JSON_BODY: Final = ("HOST_BODY_INVALID", "HOST_CONTENT_TYPE_UNSUPPORTED")


@dataclass(frozen=True, slots=True)
class ApiRoute:
    """One route.

    Attributes:
        method: The HTTP method; `WS` for a WebSocket.
        path: Its pattern.
        endpoint: The name of what serves it; of the operation too.
        tag: What it is about.
        summary: What it does, in a few words.
        who: Who may ask.
        takes: Names of schemas of its body, by media type.
        optional: Whether the body may be left out.
        gives: Names of schemas of its answer, by media type; "" for no schema.
        status: Of its answer.
        also: Further statuses, each with what it means; their bodies are as of `gives`.
        query: Names of query parameters.
        headers: Names of header parameters.
        codes: Codes it may be refused with.
    """

    method: Literal["GET", "POST", "DELETE", "WS"]
    path: str
    endpoint: str
    tag: Tag
    summary: str
    who: Who = "poster"
    takes: tuple[tuple[str, str], ...] = ()
    optional: bool = False
    gives: tuple[tuple[str, str], ...] = (("application/json", "Answer"),)
    status: int = 200
    also: tuple[tuple[int, str], ...] = ()
    query: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()


_ANSWER: Final = (("application/json", "Answer"), ("application/x-ndjson", "AnswerLine"))
_KEY: Final = ("Idempotency-Key",)

ROUTES: Final = (
    ApiRoute(
        "POST",
        "/conversations",
        "begin",
        "conversations",
        "Begin a conversation",
        who="anybody",
        takes=(("application/json", "Begin"),),
        optional=True,
        gives=(("application/json", "Begun"),),
        status=201,
        codes=(
            *_JSON_BODY,
            "HOST_BODY_TOO_LARGE",
            "HOST_BODY_SLOW",
            "HOST_ORIGIN_FORBIDDEN",
            "HOST_RATE_LIMITED",
            "HOST_CONVERSATIONS_FULL",
            "A2UI_C2S_CAPABILITIES_INVALID",
            "A2UI_C2S_INLINE_CATALOG_FORBIDDEN",
            "STORE_UNAVAILABLE",
            "STORE_FULL",
        ),
    ),
    ApiRoute(
        "DELETE",
        _ID,
        "end",
        "conversations",
        "Forget a conversation, all of it",
        gives=(),
        status=204,
        codes=(*_READING, "HOST_ORIGIN_FORBIDDEN", "HOST_RATE_LIMITED"),
    ),
    ApiRoute(
        "GET",
        f"{_ID}/snapshot",
        "snapshot",
        "streams",
        "Everything there is, for a client that lost all",
        who="reader",
        gives=(("application/json", "Snapshot"), ("application/x-ndjson", "Message")),
        codes=(*_READING, "HOST_RATE_LIMITED"),
    ),
    ApiRoute(
        "GET",
        f"{_ID}/stream",
        "stream",
        "streams",
        "What turns tell, as server-sent events",
        who="reader",
        gives=(("text/event-stream", "Events"),),
        query=("after",),
        headers=("Last-Event-ID",),
        codes=(
            *_READING,
            "HOST_RESUME_INVALID",
            "HOST_RATE_LIMITED",
            "HOST_STREAMS_TOO_MANY",
        ),
    ),
    ApiRoute(
        "WS",
        f"{_ID}/ws",
        "socket",
        "streams",
        "The same over a WebSocket, and what the user did on it",
        who="reader",
        gives=(),
        status=101,
        query=("after",),
        codes=(
            *_READING,
            "HOST_ORIGIN_FORBIDDEN",
            "HOST_RESUME_INVALID",
            "HOST_RATE_LIMITED",
            "HOST_DRAINING",
        ),
    ),
    ApiRoute(
        "POST",
        f"{_ID}/turns",
        "turn",
        "turns",
        "Show what a model wrote, or ask the host's model",
        takes=(("application/json", "Turn"), ("text/plain", "Text")),
        gives=_ANSWER,
        headers=_KEY,
        codes=(*_POSTING, *_JSON_BODY, "HOST_MODEL_MISSING", "A2UI_C2S_KEY_REUSED"),
    ),
    ApiRoute(
        "POST",
        f"{_ID}/events",
        "event",
        "turns",
        "Take what a user did, or what a client could not show",
        takes=(("application/json", "ClientEvent"),),
        gives=_ANSWER,
        also=((422, "Fields need attention"), (500, "The app's own directives were refused")),
        headers=_KEY,
        codes=(
            *_POSTING,
            *_JSON_BODY,
            "A2UI_C2S_ENVELOPE_INVALID",
            "A2UI_C2S_ACTION_FORBIDDEN",
            "A2UI_C2S_NONCE_INVALID",
            "A2UI_C2S_SURFACE_STALE",
            "A2UI_C2S_KEY_REUSED",
            "A2UI_C2S_CONTEXT_TOO_LARGE",
            "HOST_UPLOAD_UNKNOWN",
        ),
    ),
    ApiRoute(
        "POST",
        f"{_ID}/uploads",
        "upload",
        "turns",
        "Keep a file for a field; its handle goes into the event that sends it",
        takes=(("multipart/form-data", "Upload"),),
        gives=(("application/json", "Uploaded"),),
        status=201,
        codes=(
            *_POSTING,
            *_JSON_BODY,
            "A2UI_C2S_CONTEXT_TOO_LARGE",
            "HOST_UPLOAD_TOO_LARGE",
            "HOST_UPLOAD_TOO_MANY",
            "HOST_UPLOAD_TYPE_FORBIDDEN",
            "HOST_UPLOAD_STORE_FULL",
            "HOST_UPLOAD_NOT_KEPT",
            "HOST_UPLOAD_UNEXPECTED",
        ),
    ),
    *(
        ApiRoute(
            "POST",
            f"{_ID}/{direction}",
            direction,
            "turns",
            summary,
            gives=_ANSWER,
            headers=_KEY,
            codes=(*_POSTING, "HOST_BACK_EMPTY", "A2UI_C2S_KEY_REUSED", "STORE_TURN_LOST"),
        )
        for direction, summary in (("undo", "Go a turn back"), ("redo", "Go a turn forward again"))
    ),
    ApiRoute(
        "GET",
        "/openapi.json",
        "openapi",
        "host",
        "This description",
        who="anybody",
        gives=(("application/json", "Object"),),
    ),
    ApiRoute(
        "GET",
        "/healthz",
        "health",
        "host",
        "That it is there",
        who="anybody",
        gives=(("application/json", "Health"),),
    ),
    ApiRoute(
        "GET",
        "/readyz",
        "ready",
        "host",
        "That requests may be sent to it",
        who="anybody",
        gives=(("application/json", "Health"),),
        codes=("HOST_DRAINING", "STORE_UNAVAILABLE"),
    ),
    ApiRoute(
        "GET",
        "/metrics",
        "metric",
        "host",
        "What is counted, for Prometheus",
        who="anybody",
        gives=(("text/plain", "Text"),),
    ),
)
