"""What many requests have in common, such as instructions and schemas, kept once by its hash."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final

import orjson

from uicompiler.ir.values import Json

_LONG: Final = 400
_REFERENCE: Final = "$shared"
_PARTS: Final = ("response_format", "tools")


def with_references(call: Mapping[str, Json], parts: dict[str, Json]) -> dict[str, Json]:
    """A call whose long parts stand in `parts`, by their hashes."""
    request = call["request"]
    said = [
        {key: _kept(value, parts) if key == "content" else value for key, value in item.items()}
        for item in request["messages"]
    ]
    whole = {name: _kept(request[name], parts) for name in _PARTS if name in request}
    return {**call, "request": {**request, "messages": said, **whole}}


def _kept(value: Json, parts: dict[str, Json]) -> Json:
    raw = orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    if len(raw) <= _LONG:
        return value
    name = hashlib.sha256(raw).hexdigest()
    parts[name] = value
    return {_REFERENCE: name}


def whole(call: Mapping[str, Json], parts: Mapping[str, Json]) -> dict[str, Json]:
    """The call as it was.

    Raises:
        KeyError: a part is not there.
    """
    request = call["request"]
    said = [
        {key: _resolved(value, parts) for key, value in item.items()}
        for item in request["messages"]
    ]
    whole = {name: _resolved(request[name], parts) for name in _PARTS if name in request}
    return {**call, "request": {**request, "messages": said, **whole}}


def _resolved(value: Json, parts: Mapping[str, Json]) -> Json:
    if isinstance(value, Mapping) and set(value) == {_REFERENCE}:
        return parts[value[_REFERENCE]]
    return value


def light(line: Mapping[str, Any], known: Collection[str]) -> dict[str, Json]:
    """A record without its requests; what they refer to has to be there all the same.

    Raises:
        KeyError: it is not there.
    """
    calls = []
    for call in line["calls"]:
        missing = set(_references(call["request"])) - set(known)
        if missing:
            raise KeyError(min(missing))
        calls.append({key: value for key, value in call.items() if key != "request"})
    return {**line, "calls": calls}


def _references(request: Mapping[str, Json]) -> Iterator[str]:
    said = (value for item in request["messages"] for value in item.values())
    for value in (*said, *(request.get(name) for name in _PARTS)):
        if isinstance(value, Mapping) and set(value) == {_REFERENCE}:
            yield value[_REFERENCE]
