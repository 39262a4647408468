"""Quick answers: where a whole collection is said to be good, looking closely finds nothing.

The close look is the same checker with every quick way barred, so that each component and each
entry is examined, and every surface asked about everything that clients might make of it.
"""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.backends.a2ui_v0_8.check.streams import (
    FOREIGN,
    GOOD,
    RULES,
    begin,
    button,
    card,
    column,
    component,
    data,
    run,
    text,
    update,
)
from tests.backends.a2ui_v0_8.check.test_any_input import harmed
from tests.official import streams as seeded
from uicompiler.backends.a2ui_v0_8.check import Rules, components, entries, traps
from uicompiler.errors import Diagnostic

CHECK = "uicompiler.backends.a2ui_v0_8.check"


@contextmanager
def closely() -> Iterator[None]:
    """No component, entry or surface is taken for good without being looked at."""
    with (
        patch.object(components, "_passes", lambda *_: False),
        patch.object(components, "_one_passes", lambda *_: False),
        patch.object(entries, "_note", lambda *_, **__: 0),
        patch.object(entries, "_entry_passes", lambda *_, **__: 0),
        patch.object(traps, "is_meant", lambda *_: False),
    ):
        yield


def compare(messages: Sequence[Any], live: Sequence[str] = ()) -> list[Diagnostic]:
    """Judge a stream both ways by several rules; gives what is found in a foreign one."""
    found: list[Diagnostic] = []
    for rules in several_rules():
        found = run(messages, rules, live)
        with closely():
            assert run(messages, rules, live) == found
    return found


def several_rules() -> Sequence[Rules]:
    narrow = {"actions": frozenset({"save", "go"}), "url_schemes": frozenset({"https"})}
    return (RULES, replace(RULES, **narrow), replace(FOREIGN, level="interop"), FOREIGN)


@pytest.mark.parametrize("name", [name for name in GOOD if name != "nothing"])
def test_good_streams_are_good_closely_too(name: str) -> None:
    compare(GOOD[name])
    compare(GOOD[name], live=["main"])


@pytest.mark.fuzz
@given(harmed())
def test_a_quick_yes_is_never_wrong(messages: list[Any]) -> None:
    compare(messages)


@pytest.mark.fuzz
@settings(max_examples=40)
@given(st.integers(0, 100_000))
def test_a_quick_yes_is_never_wrong_about_rich_streams(seed: int) -> None:
    compare(seeded.stream(seed))


KINDS = {
    "TextField": ("text", "valueString"),
    "CheckBox": ("value", "valueBoolean"),
    "Slider": ("value", "valueNumber"),
    "DateTimeInput": ("value", "valueString"),
    "MultipleChoice": ("selections", "valueString"),
}
VALUES = (
    "",
    "x",
    "2025-05-06",
    "2025-05-06T12:00",
    "[]",
    '["a"]',
    '[{"key":"a"}]',
    "[1",
    "{}",
    " []",
)
KEYS = ("a", "b", "v", "a-b", "_c", "1")


@st.composite
def forms(draw: st.DrawFn) -> list[Any]:
    """Inputs, and data that is mostly where they look for it and mostly what they need."""
    shown = [text("t", draw(st.sampled_from(["hello", "", "a]b", "[x](y)", "<a:b>"])))]
    for index in range(draw(st.integers(1, 4))):
        kind = draw(st.sampled_from(sorted(KINDS)))
        name, _ = KINDS[kind]
        path = "/" + "/".join(draw(st.lists(st.sampled_from(KEYS), min_size=1, max_size=3)))
        more = {"label": {"literalString": "l"}} if kind in ("TextField", "CheckBox") else {}
        more |= {"options": []} if kind == "MultipleChoice" else {}
        more |= (
            {"minValue": 0, "maxValue": draw(st.sampled_from([0, 5]))} if kind == "Slider" else {}
        )
        shown.append(component(f"i{index}", kind, **{name: {"path": path}}, **more))
    ids = [item["id"] for item in shown]
    shown += [card("c", draw(st.sampled_from([*ids, "d"]))), text("d"), button("bt", "d", "go")]
    listed = draw(st.permutations([*ids, "c", "bt"]))
    messages = [update(*draw(st.permutations([*shown, column("r", *listed)])))]
    messages += draw(st.lists(writes(), max_size=4))
    return [*messages, begin()]


@st.composite
def writes(draw: st.DrawFn) -> Any:
    path = draw(st.lists(st.sampled_from(KEYS), max_size=2))
    contents = draw(st.lists(fields(maps=True), max_size=4))
    return data(*contents, path=draw(st.sampled_from(["/", "/" + "/".join(path)])))


@st.composite
def fields(draw: st.DrawFn, *, maps: bool) -> Any:
    key = {"key": draw(st.sampled_from(KEYS))}
    if maps and draw(st.booleans()):
        return {**key, "valueMap": draw(st.lists(fields(maps=False), max_size=3))}
    kind = draw(st.sampled_from(["valueString", "valueNumber", "valueBoolean"]))
    any_value: dict[str, st.SearchStrategy[Any]] = {
        "valueString": st.sampled_from(VALUES),
        "valueNumber": st.sampled_from([0, 1.5, 2**53, 2**53 + 1, float("nan")]),
        "valueBoolean": st.booleans(),
    }
    return {**key, kind: draw(any_value[kind])}


@pytest.mark.fuzz
@given(forms())
def test_a_quick_yes_is_never_wrong_about_what_inputs_read(messages: list[Any]) -> None:
    compare(messages)


PATHS = ("a", "b", "/a", "/b/a", "a/b", ".", "/text")
URLS = ("https://a.example/p.png", "javascript:x", "", '["javascript:x"]', "[]", "a")


@st.composite
def lists(draw: st.DrawFn) -> list[Any]:
    """Templates, what they repeat and URLs, in one message or in several, with data for them."""
    paths = st.sampled_from(PATHS)
    made = []
    for index in range(draw(st.integers(1, 3))):
        inner = draw(
            st.sampled_from([f"t{index}", f"i{index}", f"c{index}", f"f{index}", f"l{index + 1}"])
        )
        template = {"componentId": inner, "dataBinding": draw(paths)}
        label = {"literalString": "l"}
        made += [
            component(f"l{index}", "List", children={"template": template}),
            column(f"c{index}", f"t{index}", f"i{index}"),
            component(f"t{index}", "Text", text={"path": draw(paths)}),
            component(f"i{index}", "Image", url={"path": draw(paths)}),
            component(f"f{index}", "TextField", label=label, text={"path": draw(paths)}),
        ]
    made = draw(st.lists(st.sampled_from(made), min_size=1, unique_by=lambda item: item["id"]))
    ids = [item["id"] for item in made]
    loose = [
        ident for ident in ids if f"'{ident}'" not in str([item["component"] for item in made])
    ]
    root = column("r", *draw(st.sampled_from([loose, loose, loose, ids])))
    updates = [update(*made, root)]
    if draw(st.booleans()):
        updates = [update(item) for item in [*made, root, *draw(st.sampled_from([[], made[:1]]))]]
    return [*updates, *draw(st.lists(items(), max_size=3)), begin()]


@st.composite
def items(draw: st.DrawFn) -> Any:
    """Data with texts that are URLs, or stand where one is read."""
    text_of = st.builds(
        lambda key, value: {"key": key, "valueString": value},
        st.sampled_from(["a", "b"]),
        st.sampled_from(URLS),
    )
    inner = draw(st.lists(text_of, max_size=2, unique_by=lambda entry: entry["key"]))
    entry = draw(st.sampled_from([{"key": "k", "valueMap": inner}, *inner]))
    return data(entry, path=draw(st.sampled_from(["/", "/a", "/b", "/b/k"])))


@pytest.mark.fuzz
@given(lists())
def test_a_quick_yes_is_never_wrong_about_what_templates_repeat(messages: list[Any]) -> None:
    compare(messages)


def test_one_bad_component_among_many_is_found_where_it_is() -> None:
    many = [text(f"a{index}") for index in range(1_000)]
    root = column("r", *[item["id"] for item in many])
    rng = random.Random(1)
    for index in (0, 999, *rng.sample(range(1_000), 5)):
        bad = copy.deepcopy(many)
        bad[index]["component"]["Text"]["usageHint"] = "h9"
        found = run([update(*bad, root), begin()])
        assert [item.pointer for item in found] == [
            f"/surfaceUpdate/components/{index}/component/Text/usageHint"
        ]
