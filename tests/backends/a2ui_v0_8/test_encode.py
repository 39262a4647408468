"""Encoding many values in one call gives each as it would be alone."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from uicompiler.backends.a2ui_v0_8.encode import encode, encode_each, encode_update

TEXTS = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from('\x00",\\u0'))


@given(st.lists(st.recursive(TEXTS, lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner))))
def test_each_is_as_it_would_be_alone(values: list[Any]) -> None:
    assert encode_each(values) == [orjson.dumps(value) for value in values]


@pytest.mark.parametrize("value", ["\x00", ["a", "\x00", "b"], {"k": ["\x00"]}])
def test_a_value_that_holds_the_seam_is_no_seam(value: Any) -> None:
    assert encode_each([value, value]) == [orjson.dumps(value)] * 2


def test_an_update_of_encoded_components_is_the_update() -> None:
    components = [{"id": "a", "component": {"Text": {"text": {"literalString": "ü"}}}}, {"id": "b"}]
    message = {"surfaceUpdate": {"surfaceId": "main#e=2", "components": components}}
    assert encode_update("main#e=2", encode_each(components)) == encode([message])[0]
