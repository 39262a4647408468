"""Any input: nothing makes the checker raise, nothing takes it long."""

from __future__ import annotations

import copy
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.backends.a2ui_v0_8.check.streams import (
    FOREIGN,
    GOOD,
    RULES,
    Level,
    begin,
    column,
    component,
    data,
    deep,
    doubled,
    run,
    shown,
    text,
    update,
)
from uicompiler.errors import CODES

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=8),
    st.sampled_from(
        ["main", "r", "a", "/x", "Text", "Column", "__proto__", "[1]", "\ud800", "\u202e"]
    ),
)
names = st.one_of(
    st.text(max_size=4),
    st.sampled_from(["surfaceUpdate", "dataModelUpdate", "surfaceId", "components", "contents"]),
    st.sampled_from(["path", "id", "component", "key", "valueString", "valueMap", "Text", "child"]),
)
anything = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(names, inner, max_size=4)),
    max_leaves=20,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    items: Sequence[tuple[Any, Any]] = ()
    if isinstance(value, dict):
        items = list(value.items())
    elif isinstance(value, list):
        items = list(enumerate(value))
    return [path, *(place for key, item in items for place in places(item, (*path, key)))]


@st.composite
def harmed(draw: st.DrawFn) -> list[Any]:
    """A good stream with something else at one or two places."""
    messages: list[Any] = copy.deepcopy(GOOD["every property"])
    for _ in range(draw(st.integers(1, 2))):
        *way, last = draw(st.sampled_from([place for place in places(messages) if place]))
        home: Any = messages
        for key in way:
            home = home[key]
        if draw(st.booleans()):
            home[last] = draw(anything)
        else:
            del home[last]
        if not messages:
            break
    return messages


@pytest.mark.fuzz
@given(st.one_of(st.lists(anything, max_size=4), harmed()), st.sampled_from(["strict", "interop"]))
def test_no_input_makes_it_raise(messages: list[Any], level: Level) -> None:
    for rules in (RULES, FOREIGN):
        for item in run(messages, replace(rules, level=level)):
            assert item.code in CODES
            str(item)
            json.dumps(item.to_dict())


@pytest.mark.fuzz
@given(harmed())
def test_what_is_refused_in_interop_is_refused_in_strict(messages: list[Any]) -> None:
    loose = {
        (item.code, item.pointer)
        for item in run(messages, replace(FOREIGN, level="interop"))
        if item.severity == "error" and item.line is not None
    }
    strict = {(item.code, item.pointer) for item in run(messages, FOREIGN)}
    assert loose <= strict


@pytest.mark.fuzz
@given(harmed())
def test_quick_acceptance_never_hides_a_finding(messages: list[Any]) -> None:
    """A component that is no good alone is no good beside others, and the other way round."""
    for message in messages:
        body = message.get("surfaceUpdate") if isinstance(message, dict) else None
        items = body.get("components") if isinstance(body, dict) else None
        for item in items if isinstance(items, list) else ():
            if isinstance(item, dict) and isinstance(item.get("component"), dict):
                # One more property, which is an error of its own, forces a close look.
                closely = run([update({**item, "x": 1})])
                quickly = run([update(item)])
                assert len(closely) == len(quickly) + 1


def nested(depth: int, kind: type) -> Any:
    value: Any = "x"
    for _ in range(depth):
        value = [value] if kind is list else {"valueMap": [value], "key": "k"}
    return value


HARD: dict[str, Callable[[], list[Any]]] = {
    "deep arrays": lambda: [nested(100_000, list)],
    "deep property": lambda: shown(component("a", "Text", text=nested(100_000, list))),
    "deep unknown type": lambda: shown(component("a", "Chart", text=nested(100_000, list))),
    "deep data": lambda: [data(nested(20_000, dict))],
    "long chain": lambda: deep(20_000),
    "wide": lambda: shown(*[text(f"a{index}") for index in range(20_000)]),
    "doubled": lambda: doubled(5_000),
    "one child very often": lambda: [update(text("a"), column("r", *["a"] * 50_000)), begin()],
    "many updates": lambda: [
        *shown(*[text(f"a{i}") for i in range(2_000)]),
        *[update(text("a1"))] * 5_000,
    ],
    "many begins": lambda: [*shown(*[text(f"a{i}") for i in range(2_000)]), *[begin()] * 5_000],
    "many orphans": lambda: [*[update(text(f"a{i}")) for i in range(5_000)], begin("a1")],
    "many collisions": lambda: [
        update(*[text(f"a{i}", f"a{i + 1}") for i in range(5_000)]),
        *[update(text(f"b{i}", f"a{i}")) for i in range(2_000)],
    ],
    "brackets": lambda: shown(
        text("a", "[" * 60_000), text("b", "<a" * 30_000), text("c", "\\" * 60_000)
    ),
    "brackets in data": lambda: [data({"key": "a", "valueString": "[" * 60_000})],
    "long path": lambda: [data(path="/a" * 30_000), data(path="." * 60_000)],
    "long pattern": lambda: shown(
        component("a", "TextField", label={"path": "/l"}, validationRegexp="a?" * 30_000)
    ),
    "long URL": lambda: shown(
        component("a", "Image", url={"literalString": "http://" + "1." * 30_000})
    ),
}


@pytest.mark.parametrize("name", HARD)
def test_hard_input_takes_linear_time(name: str) -> None:
    messages = HARD[name]()
    started = time.perf_counter()
    run(messages, FOREIGN)
    assert time.perf_counter() - started < 5
