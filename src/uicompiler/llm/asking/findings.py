"""What a turn's diagnostics say of its requests. Pure."""

from __future__ import annotations

import re
from typing import Final

from uicompiler.errors import Diagnostic, diagnostic
from uicompiler.llm.asking.attempt import FAILURE_CODES
from uicompiler.llm.exchange import Failure

_VERSION: Final = re.compile(r"/v\d[^/]*/?$")
"""The end of an address such as http://localhost:8000/v1."""

NO_PRICE: Final = diagnostic(
    "LLM_PRICE_UNKNOWN",
    "No price is known for the model, so usd bounds nothing.",
    pointer="/budget/usd",
    hint="Bound tokens or calls.",
)


def failed(failure: Failure, api_base: str | None = None) -> Diagnostic:
    """Why a request was not answered, by the server that the settings name."""
    status = "" if failure.status is None else f" ({failure.status})"
    what = f"The model could not be asked: {failure.kind}{status}."
    if failure.kind == "not_found" and api_base is not None and not _VERSION.search(api_base):
        what += " Its api_base does not end in /v1, as most servers want."
    return diagnostic(FAILURE_CODES[failure.kind], what, hint=failure.message[:300])


def no_time(failure: Failure, wait_s: float, left_s: float | None) -> Diagnostic:
    """A failure after which there is no time to try again."""
    left = max(0.0, left_s or 0.0)
    what = (
        f"The turn's time is used up: after {failure.kind}, {wait_s:.3g} s have to pass before "
        f"another try, and {left:.3g} s are left."
    )
    return diagnostic(FAILURE_CODES[failure.kind], what, hint=failure.message[:200])


def left_out(key: str) -> Diagnostic:
    """A key that the provider refused."""
    what = f"{key} was refused, and left out."
    return diagnostic("LLM_PARAMETER_DROPPED", what, pointer=f"/{key}")


def not_taken(wanted: str, rung: str) -> Diagnostic:
    """A response_format that the settings ask for, and the table of models does not hold."""
    what = f"The model is not known to take {wanted}, so {rung} is asked for."
    hint = "Set response_format to auto, or say in a row of your own that it does."
    return diagnostic("LLM_LADDER_STEPPED", what, hint=hint)


def out_of(used_up: str, after: str) -> Diagnostic:
    """A budget that is used up, after a failure with a code, or ""."""
    told = f" after {after}" if after else ""
    what = f"The turn's {used_up} are used up{told}."
    return diagnostic("LLM_BUDGET_EXHAUSTED", what, hint="Allow more in Budget.")
