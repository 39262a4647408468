"""Whether a trace is what `schemas/trace_v1.json` says, and tells nothing that it must not."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator, Mapping
from typing import Any

from jsonschema import Draft202012Validator

from uicompiler.errors import CODES
from uicompiler.resources import data_path
from uicompiler.trace import Trace


@functools.cache
def schema() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(data_path("schemas/trace_v1.json").read_bytes())
    return found


@functools.cache
def _validator() -> Draft202012Validator:
    return Draft202012Validator(schema())


def check(trace: Trace) -> dict[str, Any]:
    """The trace as read back from its JSON, once it is known to fit."""
    found: dict[str, Any] = json.loads(trace.to_json())
    assert [f"{e.json_path}: {e.message}" for e in _validator().iter_errors(found)] == []
    assert set(found["validation"]["codes"]) <= CODES.keys()
    assert found == json.loads(json.dumps(trace.to_dict()))
    return found


def objects(part: Mapping[str, Any], place: str = "#") -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every schema of an object below this one, with its place."""
    if part.get("type") == "object":
        yield place, part
    for key, inner in part.items():
        if isinstance(inner, Mapping):
            yield from objects(inner, f"{place}/{key}")
        elif isinstance(inner, list):
            for index, item in enumerate(inner):
                if isinstance(item, Mapping):
                    yield from objects(item, f"{place}/{key}/{index}")
