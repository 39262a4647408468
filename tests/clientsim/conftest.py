"""Short ways to write messages."""

from collections.abc import Callable
from typing import Any

import pytest

from clientsim import ClientSim

Message = dict[str, Any]


def begin(root: str = "root", **more: object) -> Message:
    return {"beginRendering": {"surfaceId": "s", "root": root, **more}}


def update(**components: object) -> Message:
    instances = [{"id": name, "component": component} for name, component in components.items()]
    return {"surfaceUpdate": {"surfaceId": "s", "components": instances}}


def data(path: str | None = None, *entries: Message, **strings: object) -> Message:
    kinds: dict[type, str] = {str: "valueString", bool: "valueBoolean", list: "valueMap"}
    contents = [*entries]
    for key, value in strings.items():
        contents.append({"key": key, kinds.get(type(value), "valueNumber"): value})
    body: Message = {"surfaceId": "s", "contents": contents}
    return {"dataModelUpdate": body if path is None else {**body, "path": path}}


def text(path: str | None = None, literal: str = "hi") -> Message:
    return {"Text": {"text": {"path": path} if path is not None else {"literalString": literal}}}


def column(*children: str) -> Message:
    return {"Column": {"children": {"explicitList": list(children)}}}


def rows(component: str, binding: str) -> Message:
    return {"List": {"children": {"template": {"componentId": component, "dataBinding": binding}}}}


class Words:
    """The builders above, for tests to use as `m.begin()` and so on."""

    begin = staticmethod(begin)
    update = staticmethod(update)
    data = staticmethod(data)
    text = staticmethod(text)
    column = staticmethod(column)
    rows = staticmethod(rows)


@pytest.fixture
def m() -> type[Words]:
    return Words


@pytest.fixture
def play() -> Callable[..., ClientSim]:
    def run(*messages: Message, profile: str = "web_core", refused: int = 0) -> ClientSim:
        sim = ClientSim(profile)
        for message in messages:
            sim.apply(message)
        assert len(sim.errors) == refused, sim.errors
        return sim

    return run


@pytest.fixture
def ids() -> Callable[[ClientSim], list[object]]:
    return lambda sim: [node["id"] for node in sim.nodes("s")]
