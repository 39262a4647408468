"""Bodies that are no chat completion, or hardly one."""

from __future__ import annotations

import json
from typing import Any, Final

from tests.llm.faults.cases import GOOD, TEXT, Fault, raw
from uicompiler.evals.sim.answer import SimAnswer

_BAD: Final = "invalid_response"


def completion(message: Any, **more: Any) -> bytes:
    """A chat completion whose message is given."""
    choice = {"index": 0, "finish_reason": "stop", "message": message, **more}
    body = {"id": "1", "object": "chat.completion", "created": 1, "model": "x", "choices": [choice]}
    return json.dumps(body).encode()


_INSIDE: Final = raw(b'{"error":{"message":"The upstream broke.","code":502}}')
_TRUE: Final = completion({"role": "assistant", "content": TEXT})

UNREADABLE: Final = {
    "a page": raw(b"<!doctype html><p>Sign in to the network", content_type="text/html"),
    "nothing": raw(b""),
    "a number": raw(b"42"),
    "null": raw(b"null"),
    "no JSON": raw(b'{"choices": ['),
    "no choices": raw(b'{"id": "1", "object": "chat.completion", "model": "x"}'),
    "an empty list of choices": raw(b'{"id":"1","object":"chat.completion","choices":[]}'),
    "choices that are null": raw(b'{"id":"1","object":"chat.completion","choices":null}'),
    "a choice without a message": raw(b'{"id":"1","choices":[{"index":0}]}'),
    "invalid UTF-8": raw(_TRUE.replace(b"Monday", b"Mon\xff\xfeday")),
    "a lie about its encoding": raw(_TRUE, headers=(("content-encoding", "gzip"),)),
    "100 000 brackets": raw(b"[" * 100_000),
}
"""Each once, and for ever."""

BODIES: Final = (
    *(
        Fault(f"{name}, once", [answer, GOOD], outcomes=(_BAD, "ok"))
        for name, answer in UNREADABLE.items()
    ),
    *(
        Fault(f"{name}, for ever", [answer], "LLM_RESPONSE_INVALID", (_BAD,) * 4)
        for name, answer in UNREADABLE.items()
    ),
    Fault("an error with status 200, once", [_INSIDE, GOOD], outcomes=("unavailable", "ok")),
    Fault("an error with status 200, for ever", [_INSIDE], "LLM_UNAVAILABLE", ("unavailable",) * 4),
    Fault("another content type", [raw(_TRUE, content_type="text/plain")]),
    Fault(
        "usage that is nonsense",
        [raw(_TRUE[:-1] + b',"usage":{"prompt_tokens":-5,"completion_tokens":-1}}')],
    ),
    Fault("usage that is null", [raw(_TRUE[:-1] + b',"usage":null}')]),
    Fault(
        "keys nobody knows",
        [raw(completion({"role": "assistant", "content": TEXT, "z": {}}, native="STOP"))],
    ),
    Fault(
        "reasoning beside the answer",
        [
            raw(
                completion(
                    {"role": "assistant", "content": TEXT, "reasoning_content": "A choice, then."}
                )
            )
        ],
    ),
    Fault(
        "huge, once",
        [SimAnswer(text="x" * 300_000), GOOD],
        outcomes=("too_large", "ok"),
        max_bytes=100_000,
    ),
    Fault(
        "huge, for ever",
        [SimAnswer(text="x" * 300_000)],
        "LLM_RESPONSE_TOO_LARGE",
        ("too_large", "too_large"),
        max_bytes=100_000,
    ),
    Fault(
        "huge without a length",
        [SimAnswer(text="x" * 3_000_000, piece_bytes=20_000), GOOD],
        outcomes=("too_large", "ok"),
        max_bytes=100_000,
    ),
)
"""Bodies."""
