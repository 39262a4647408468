"""What is kept of a conversation, and that turns come one after the other."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from typing import Any

import pytest

from uicompiler import HostError, Receipt, UIState
from uicompiler.host.conversations import (
    MAX_RECEIPTS,
    Conversation,
    MemoryConversations,
    _with,
    referred,
)
from uicompiler.ir.state import Surface
from uicompiler.ir.values import freeze


def named(name: str) -> Conversation:
    return Conversation(name, "hash", UIState(name))


def used(name: str, turns: int) -> Conversation:
    return replace(named(name), turns=turns)


def test_steps_are_alone() -> None:
    store = MemoryConversations()
    store.add(named("c"))

    def step(before: Conversation) -> tuple[Conversation, None]:
        time.sleep(0.001)
        return before.with_played("x"), None

    threads = [threading.Thread(target=store.change, args=("c", step)) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.read("c").played == {"x": 20}  # type: ignore[union-attr]


def test_a_step_that_raises_keeps_nothing() -> None:
    store = MemoryConversations()
    store.add(named("c"))

    def step(_before: Conversation) -> Any:
        raise LookupError

    with pytest.raises(LookupError):
        store.change("c", step)
    assert store.read("c") == named("c")
    assert store.change("c", lambda c: (c, 7)) == 7


def test_a_conversation_that_is_not_there_cannot_change() -> None:
    with pytest.raises(HostError) as refused:
        MemoryConversations().change("c", lambda c: (c, None))
    assert refused.value.code == "HOST_CONVERSATION_UNKNOWN"


def test_idle_ones_go_and_make_room() -> None:
    now, gone = [0.0], []
    store = MemoryConversations(most=2, idle_s=10, clock=lambda: now[0], gone=gone.append)
    store.add(used("a", 2))
    store.add(used("b", 2))
    now[0] = 8
    assert store.read("b") is not None
    with pytest.raises(HostError):
        store.add(named("c"))
    now[0] = 12
    assert store.read("a") is None
    store.add(named("c"))
    assert gone == ["a"]
    assert [c.id for c in store.all()] == ["b", "c"]


def test_one_that_never_had_a_turn_goes_within_minutes() -> None:
    now, gone = [0.0], []
    store = MemoryConversations(idle_s=100, unused_s=10, clock=lambda: now[0], gone=gone.append)
    store.add(used("a", 1))
    store.add(named("b"))
    now[0] = 11
    assert store.read("b") is None
    store.expire()
    assert gone == ["b"]
    assert store.read("a") is not None


def test_when_there_is_no_room_the_least_used_goes_first() -> None:
    now, gone = [0.0], []
    store = MemoryConversations(most=3, unused_s=10, clock=lambda: now[0], gone=gone.append)
    for conversation in (used("begun", 1), used("used", 2), named("unused")):
        store.add(conversation)
    store.add(used("next", 2))
    assert gone == ["unused"]
    with pytest.raises(HostError) as refused:
        store.add(named("last"))
    assert refused.value.code == "HOST_CONVERSATIONS_FULL"
    now[0] = 11
    store.add(named("last"))
    assert gone == ["unused", "begun"]


def test_the_newest_receipts_are_kept() -> None:
    receipts: Any = freeze({})
    for number in range(MAX_RECEIPTS + 5):
        receipts = _with(receipts, Receipt(str(number), "", {}))
    assert len(receipts) == MAX_RECEIPTS
    assert next(iter(receipts)) == "5"
    again = _with(receipts, Receipt("5", "", {}))
    assert (len(again), next(iter(again))) == (MAX_RECEIPTS, "6")


def test_handles_are_found_wherever_they_stand() -> None:
    data = freeze(
        {"draft": {"a": "upload:1"}, "committed": {"b": [{"c": "upload:2"}]}, "ui_state": {}}
    )
    state = UIState("c").with_surface(Surface("main", data=data))
    assert referred(Conversation("c", "", state), "upload:") == {"upload:1", "upload:2"}
