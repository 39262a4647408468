"""The official Python SDK's judgement of one batch.

`validate_batch` runs `a2ui.utils.validation.validate_payload` of `a2ui-agent-sdk` with the v0.8
standard catalog that ships inside `a2ui-core`, so nothing is fetched. The SDK sees one payload
and no history: a surface without `beginRendering` in the batch is checked as an update.

Source: A2UI v0.8 protocol; `a2ui-agent-sdk` 0.9.0 and `a2ui-core` 0.4.0.
"""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable, Sequence
from typing import Any

from .bridge import Unavailable

HINT = "Install it into the test environment: pip install a2ui-agent-sdk==0.9.0 a2ui-core==0.4.0"


@functools.cache
def _validator() -> Callable[[list[Any]], None]:
    """`validate_payload` with its catalog; imported when used, as the SDK is large and optional."""
    try:
        validation = importlib.import_module("a2ui.utils.validation")
        catalog = importlib.import_module("a2ui.core.basic_catalog.v0_8").BasicCatalog()
    except ImportError as error:
        raise Unavailable(f"a2ui-agent-sdk cannot be imported: {error}. {HINT}") from error
    return functools.partial(validation.validate_payload, [catalog])


def require_sdk() -> None:
    """Load the SDK now.

    Raises:
        Unavailable: it is not installed; the text says how to get it.
    """
    _validator()


def validate_batch(messages: Sequence[Any]) -> str | None:
    """What the official SDK says against one batch, taken as one payload; None when it is fine.

    Only the SDK's own refusals are answers (its error family are `ValueError`s); a crash inside
    the SDK is raised.
    """
    check = _validator()
    try:
        check(list(messages))
    except ValueError as error:
        return f"{type(error).__name__}: {error}"
    return None
