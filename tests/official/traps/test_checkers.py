"""Traps of the official Python checker: section 8 of docs/a2ui-v0_8-traps.md."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from tests.official.messages import Message, begin, column, screen, text

from . import ours
from .judges import codes
from .ours import Node, Talk

pytestmark = pytest.mark.official

Sdk = Callable[[Sequence[Any]], str | None]


def nested(depth: int) -> Node:
    """A text in so many cards; each is a Card and the Column in it."""
    node = ours.text("x")
    for _ in range(depth):
        node = {"node": "card", "children": [node, ours.text("y")]}
    return node


def test_components_are_not_too_deep(sdk_validate: Sdk) -> None:
    """The checker counts components in components, and ends at 50."""
    parts: Message = {f"c{depth}": column(f"c{depth + 1}") for depth in range(51)}
    naive = screen({**parts, "c51": text("x")})
    assert "depth" in str(sdk_validate(naive)).lower()
    assert codes(naive) == {"LIMIT_EXCEEDED"}
    assert sdk_validate(ours.ours(nested(24))) is None
    result = ours.tried(nested(25))
    assert ours.found_by(result) == {"A2UI_S2C_LIMIT_EXCEEDED"}
    assert not result.messages


def test_each_batch_is_whole(sdk_validate: Sdk) -> None:
    """The checker knows no history: it judges each payload as all there is."""
    shown = screen({"root": column("a"), "a": text("x")})
    assert sdk_validate(shown) is None
    assert sdk_validate([*shown, begin("a")]) is not None
    talk = Talk()
    node = (ours.text("x"), ours.field("f"))
    batches = [talk.show(*node), talk.patch("/draft/f", "y"), talk.show(*node[:1], update="full")]
    batches += [talk.show(*node, update="diff"), talk.show(*node, update="reset")]
    assert [sdk_validate(batch) for batch in batches] == [None] * 5


def test_the_standard_catalog_is_named_by_silence(sdk_validate: Sdk) -> None:
    """The checker knows it under one long name or none, and no client minds any."""
    *parts, _ = screen({"root": text("x")})
    naive = [*parts, begin(catalogId="standard")]
    assert sdk_validate(naive) is not None
    assert codes(naive) == {"CATALOG_MISMATCH"}
    sent = ours.ours(ours.text("x"))
    assert sdk_validate(sent) is None
    assert "catalogId" not in sent[-1]["beginRendering"]
