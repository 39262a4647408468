"""Whether a chat-completions request can work at all, told before anything is sent.

Pure: a request is a mapping like the body of OpenAI's chat completions. What a single model or
provider supports is not asked here; these rules hold for all of them.

Source: DESIGN sections 8 and 11.
"""

from __future__ import annotations

from collections.abc import Mapping

from uicompiler.errors import Diagnostic, LLMError, diagnostic


def preflight(request: Mapping[str, object]) -> None:
    """Refuse a request that could not have worked.

    Raises:
        LLMError: with all that is wrong.
    """
    findings = check_request(request)
    if findings:
        raise LLMError(findings)


def check_request(request: Mapping[str, object]) -> list[Diagnostic]:
    """All that forbids sending a request; pointers are into it.

    Args:
        request: `stream`, `tools`, `response_format`, `parallel_tool_calls` and whatever else;
            a `response_format` of type `text` is none.
    """
    tools, structured = _tools(request), _structured(request)
    return [
        *(_streaming(tools, structured) if request.get("stream") else ()),
        *(_parallel(request) if structured and _calls_in_parallel(request, tools) else ()),
        *(_both(tools) if structured and tools else ()),
    ]


def _tools(request: Mapping[str, object]) -> str:
    """The key that holds tools (`functions` is its deprecated spelling), or nothing."""
    return next((key for key in ("tools", "functions") if request.get(key)), "")


def _structured(request: Mapping[str, object]) -> bool:
    wanted = request.get("response_format")
    return wanted is not None and not (isinstance(wanted, Mapping) and wanted.get("type") == "text")


def _calls_in_parallel(request: Mapping[str, object], tools: str) -> bool:
    # Providers allow parallel calls unless told otherwise, so silence with tools is not enough.
    wanted = request.get("parallel_tool_calls")
    return wanted is not False and bool(tools or wanted)


def _streaming(tools: str, structured: bool) -> list[Diagnostic]:
    findings = []
    if tools:
        findings.append(
            diagnostic(
                "LLM_STREAMING_WITH_TOOL_CALLING_FORBIDDEN",
                f"The request streams and carries {tools}, expected one of the two.",
                pointer="/stream",
                hint=f"Set stream to false, or leave {tools} out.",
            )
        )
    if structured:
        findings.append(
            diagnostic(
                "LLM_STREAMING_WITH_RESPONSE_FORMAT_FORBIDDEN",
                "The request streams and carries a response_format, expected one of the two.",
                pointer="/stream",
                hint="Set stream to false, or leave response_format out.",
            )
        )
    return findings


def _parallel(request: Mapping[str, object]) -> list[Diagnostic]:
    is_set = "parallel_tool_calls" in request
    found = "not false" if is_set else "missing"
    return [
        diagnostic(
            "LLM_STRUCTURED_OUTPUTS_PARALLEL_TOOL_CALLS_FORBIDDEN",
            f"parallel_tool_calls is {found} beside a response_format, expected false.",
            pointer="/parallel_tool_calls" if is_set else "/response_format",
            hint="Set parallel_tool_calls to false.",
        )
    ]


def _both(tools: str) -> list[Diagnostic]:
    return [
        diagnostic(
            "LLM_TOOLS_WITH_RESPONSE_FORMAT_FORBIDDEN",
            f"The request carries {tools} and a response_format, expected one of the two.",
            pointer=f"/{tools}",
            hint=f"Run the tools first, then ask again with response_format and without {tools}.",
        )
    ]
