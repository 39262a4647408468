"""Requests that cannot work are refused before they are sent, with all that is wrong."""

from __future__ import annotations

from typing import Any

import pytest

from uicompiler.app import UIApp
from uicompiler.errors import LLMError
from uicompiler.llm.preflight import check_request, preflight
from uicompiler.llm.schema import response_format

TOOLS = [{"type": "function", "function": {"name": "look_up"}}]
OBJECT = {"type": "json_object"}
SCHEMA = {"type": "json_schema", "json_schema": {"name": "x", "strict": True, "schema": {}}}

STREAM_TOOLS = ("LLM_STREAMING_WITH_TOOL_CALLING_FORBIDDEN", "/stream")
STREAM_FORMAT = ("LLM_STREAMING_WITH_RESPONSE_FORMAT_FORBIDDEN", "/stream")
PARALLEL = "LLM_STRUCTURED_OUTPUTS_PARALLEL_TOOL_CALLS_FORBIDDEN"
TOOLS_FORMAT = ("LLM_TOOLS_WITH_RESPONSE_FORMAT_FORBIDDEN", "/tools")

CASES: list[tuple[dict[str, Any], list[tuple[str, str]]]] = [
    # What works.
    ({}, []),
    ({"stream": True}, []),
    ({"stream": True, "tools": [], "functions": None, "response_format": None}, []),
    ({"stream": True, "response_format": {"type": "text"}}, []),
    ({"tools": TOOLS}, []),
    ({"tools": TOOLS, "parallel_tool_calls": True}, []),
    ({"tools": TOOLS, "response_format": {"type": "text"}}, []),
    ({"response_format": SCHEMA}, []),
    ({"response_format": OBJECT, "parallel_tool_calls": False}, []),
    ({"stream": False, "response_format": SCHEMA, "parallel_tool_calls": None}, []),
    # What does not.
    ({"stream": True, "tools": TOOLS}, [STREAM_TOOLS]),
    ({"stream": True, "functions": TOOLS}, [STREAM_TOOLS]),
    ({"stream": True, "response_format": OBJECT}, [STREAM_FORMAT]),
    ({"stream": True, "response_format": dict}, [STREAM_FORMAT]),
    (
        {"response_format": OBJECT, "parallel_tool_calls": True},
        [(PARALLEL, "/parallel_tool_calls")],
    ),
    (
        {"response_format": SCHEMA, "tools": TOOLS, "parallel_tool_calls": False},
        [TOOLS_FORMAT],
    ),
    (
        {"response_format": SCHEMA, "tools": TOOLS},
        [(PARALLEL, "/response_format"), TOOLS_FORMAT],
    ),
    (
        {"response_format": SCHEMA, "tools": TOOLS, "parallel_tool_calls": None},
        [(PARALLEL, "/parallel_tool_calls"), TOOLS_FORMAT],
    ),
    (
        {"stream": True, "response_format": SCHEMA, "tools": TOOLS},
        [STREAM_TOOLS, STREAM_FORMAT, (PARALLEL, "/response_format"), TOOLS_FORMAT],
    ),
]


@pytest.mark.parametrize(("request_", "expected"), CASES)
def test_all_that_is_wrong_is_found(
    request_: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    found = check_request(request_)
    assert [(item.code, item.pointer) for item in found] == expected
    assert all(item.severity == "error" and item.hint and item.message for item in found)


def test_preflight_raises_once_with_all() -> None:
    with pytest.raises(LLMError) as caught:
        preflight({"stream": True, "response_format": SCHEMA, "tools": TOOLS})
    assert len(caught.value.diagnostics) == 4


def test_preflight_lets_our_own_format_pass() -> None:
    preflight({"model": "m", "messages": [], "response_format": response_format(UIApp.standard())})


def test_the_request_is_left_as_it_was() -> None:
    request = {"stream": True, "tools": TOOLS}
    check_request(request)
    assert request == {"stream": True, "tools": TOOLS}
