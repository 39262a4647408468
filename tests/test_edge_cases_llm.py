"""Edge cases of the LLM boundary, one test each."""

from __future__ import annotations

import pytest

from uicompiler.app import UIApp
from uicompiler.errors import LLMError
from uicompiler.llm.preflight import preflight
from uicompiler.llm.schema import response_format


def test_structured_output_forbids_parallel_tool_calls() -> None:
    request = {"model": "m", "response_format": response_format(UIApp.standard())}
    with pytest.raises(LLMError) as caught:
        preflight({**request, "parallel_tool_calls": True})
    found = caught.value
    assert found.code == "LLM_STRUCTURED_OUTPUTS_PARALLEL_TOOL_CALLS_FORBIDDEN"
    assert (found.pointer, "false" in found.hint) == ("/parallel_tool_calls", True)
    preflight({**request, "parallel_tool_calls": False})
