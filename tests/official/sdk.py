"""The official Python SDK's judgement of one batch.

`validate_batch` runs `a2ui.utils.validation.validate_payload` of `a2ui-agent-sdk` with the v0.8
standard catalog that ships inside `a2ui-core`, so nothing is fetched, and with the catalogs of
the example apps: the standard components and their own. The SDK sees one payload
and no history: a surface without `beginRendering` in the batch is checked as an update.

Source: A2UI v0.8 protocol; `a2ui-agent-sdk` 0.9.0 and `a2ui-core` 0.4.0.
"""

from __future__ import annotations

import functools
import importlib
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from .bridge import Unavailable

ROOT = Path(__file__).resolve().parents[2]

HINT = "Install it into the test environment: pip install a2ui-agent-sdk==0.9.0 a2ui-core==0.4.0"


@functools.cache
def catalogs() -> tuple[Any, ...]:
    """The standard catalog and those of apps; imported when used, as the SDK is optional.

    Raises:
        Unavailable: the SDK is not installed; the text says how to get it.
    """
    try:
        standard = importlib.import_module("a2ui.core.basic_catalog.v0_8").BasicCatalog()
        return (standard, *_own_catalogs(standard))
    except ImportError as error:
        raise Unavailable(f"a2ui-core cannot be imported: {error}. {HINT}") from error


@functools.cache
def _validator() -> Callable[[list[Any]], None]:
    """`validate_payload` with its catalogs."""
    known = list(catalogs())
    try:
        validation = importlib.import_module("a2ui.utils.validation")
    except ImportError as error:
        raise Unavailable(f"a2ui-agent-sdk cannot be imported: {error}. {HINT}") from error
    return functools.partial(validation.validate_payload, known)


def _own_catalogs(standard: Any) -> Iterator[Any]:
    """The catalogs of apps, each as the SDK reads a whole one."""
    read = importlib.import_module("a2ui.core.catalog").Catalog.from_json
    document = standard.to_json()
    for path in sorted(
        [*ROOT.glob("examples/*/catalog.json"), *ROOT.glob("tests/apps/*/catalog.json")]
    ):
        own = json.loads(path.read_bytes())
        whole = {**document, "components": {**document["components"], **own["components"]}}
        version = standard.protocol_version
        yield read(whole, protocol_version=version, catalog_id=own["catalogId"])


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
