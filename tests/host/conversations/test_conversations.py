"""What is kept of a conversation, and that turns come one after the other."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from uicompiler import ClientProfile, HostError, Receipt, StoreError, ToolCall, UIState
from uicompiler.host.conversations.conversation import (
    MAX_RECEIPTS,
    MAX_UNDO,
    Conversation,
    FirstAnswer,
    History,
    Intent,
    referred,
)
from uicompiler.host.conversations.durable import MAX_RETRIES, Conversations, Keeping, Step
from uicompiler.host.conversations.kept import from_kept, to_kept
from uicompiler.ir.state import Surface
from uicompiler.ir.tree import STANDARD_NODES
from uicompiler.ir.values import freeze
from uicompiler.store.memory import MemoryLog
from uicompiler.store.open import open_log


def named(name: str) -> Conversation:
    return Conversation(name, "hash", UIState(name))


def used(name: str, turns: int) -> Conversation:
    return replace(named(name), turns=turns)


def played(before: Conversation) -> Step[None]:
    return Step(before.next().with_played("x"), None)


def at_once(*todo: Callable[[], Any]) -> None:
    threads = [threading.Thread(target=do) for do in todo]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


# --- one step at a time ---------------------------------------------------------------------------


def test_steps_are_alone() -> None:
    store, ran = Conversations(), []
    store.add(named("c"))

    def step(before: Conversation) -> Step[None]:
        ran.append(1)
        time.sleep(0.001)
        return played(before)

    at_once(*[lambda: store.change("c", step)] * 20)
    assert store.read("c").played == {"x": 20}  # type: ignore[union-attr]
    assert len(ran) == 20


def test_two_processes_take_turns() -> None:
    """Two stores on one log know nothing of each other; a step that came second runs again."""
    log = MemoryLog()
    one, two = Conversations(log), Conversations(log)
    one.add(named("c"))
    at_once(*[lambda: one.change("c", played), lambda: two.change("c", played)] * 10)
    assert one.read("c") == two.read("c")
    assert one.read("c").played == {"x": 20}  # type: ignore[union-attr]


def test_who_is_always_second_gives_up() -> None:
    log = MemoryLog()
    one, two, undone, done = Conversations(log), Conversations(log), [], []
    one.add(named("c"))

    def step(before: Conversation) -> Step[None]:
        two.change("c", played)
        made = played(before)
        return replace(made, after=lambda: done.append(1), undo=lambda: undone.append(1))

    with pytest.raises(StoreError) as refused:
        one.change("c", step)
    assert refused.value.code == "STORE_CONFLICT"
    assert (len(undone), done) == (MAX_RETRIES + 1, [])
    assert one.read("c").played == {"x": MAX_RETRIES + 1}  # type: ignore[union-attr]


def test_a_step_that_raises_keeps_nothing() -> None:
    store = Conversations()
    store.add(named("c"))

    def step(_before: Conversation) -> Any:
        raise LookupError

    with pytest.raises(LookupError):
        store.change("c", step)
    assert store.read("c") == named("c")
    assert store.change("c", lambda c: Step(c, 7)) == 7
    assert store.log.seqs(["c"]) == {"c": 1}


def test_what_follows_a_commit_happens_once() -> None:
    store, told = Conversations(), []
    store.add(named("c"))
    store.committed = lambda now, step: told.append((now.seq, step.answer))
    store.change("c", lambda c: Step(c.next(), "a", after=lambda: told.append("after")))
    store.change("c", lambda c: Step(c, "nothing"))
    assert told == ["after", (2, "a")]


def test_a_conversation_that_is_not_there_cannot_change() -> None:
    with pytest.raises(HostError) as refused:
        Conversations().change("c", lambda c: Step(c, None))
    assert refused.value.code == "HOST_CONVERSATION_UNKNOWN"


def test_one_that_was_read_is_not_decoded_again() -> None:
    log = MemoryLog()
    store = Conversations(log)
    store.add(named("c"))
    assert store.read("c") is store.read("c")
    other = Conversations(log)
    other.change("c", played)
    assert store.read("c") == other.read("c")


# --- how many, and for how long -------------------------------------------------------------------


def keeping(clock: Callable[[], float], **rules: Any) -> tuple[Conversations, list[str]]:
    gone: list[str] = []
    store = Conversations(keeping=Keeping(**rules), clock=clock)
    store.gone = gone.append
    return store, gone


def test_idle_ones_go_and_make_room() -> None:
    now = [0.0]
    store, gone = keeping(lambda: now[0], most=2, idle_s=10)
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
    now = [0.0]
    store, gone = keeping(lambda: now[0], idle_s=100, unused_s=10)
    store.add(used("a", 1))
    store.add(named("b"))
    now[0] = 11
    assert store.read("b") is None
    store.expire()
    assert gone == ["b"]
    assert store.read("a") is not None


def test_when_there_is_no_room_the_least_used_goes_first() -> None:
    now = [0.0]
    store, gone = keeping(lambda: now[0], most=3, unused_s=10)
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


def test_in_a_database_what_was_used_stays(tmp_path: Path) -> None:
    now, log = [0.0], open_log(str(tmp_path / "log.db"))
    store = Conversations(log, clock=lambda: now[0])
    for number in range(30):
        store.add(used(f"c{number}", 1))
    store.add(named("unused"))
    now[0] = 1e9
    store.expire()
    assert len(list(log.ids())) == 30
    log.close()


def test_one_that_another_process_went_on_with_stays() -> None:
    now, log = [0.0], MemoryLog()
    one, two = (Conversations(log, clock=lambda: now[0]) for _ in range(2))
    one.add(named("c"))
    now[0] = 800
    two.change("c", lambda c: Step(c.next(turns=1), None))
    now[0] = 1_000
    one.expire()
    assert one.read("c") is not None
    assert one.there(["c", "d"]) == {"c"}


def test_what_another_process_commits_while_it_is_taken_out_stays() -> None:
    now, log = [0.0], MemoryLog()
    one, two = (Conversations(log, clock=lambda: now[0]) for _ in range(2))
    gone: list[str] = []
    one.gone = gone.append
    one.add(named("c"))
    now[0] = 800
    two.read("c")
    now[0] = 1_000
    delete = log.delete

    def late(name: str, *expected: Any) -> bool:
        two.change(name, played)
        return delete(name, *expected)

    object.__setattr__(log, "delete", late)
    one.expire()
    assert gone == []
    assert [entry.seq for entry in log.entries("c")] == [1, 2]


def test_what_others_did_is_looked_at() -> None:
    log = MemoryLog()
    one, two = Conversations(log), Conversations(log)
    one.add(named("c"))
    intent = Intent({}, (ToolCall("t", "x", {}),), 1, "en", "me", 0.0)
    one.change("c", lambda c: Step(c.next().with_intent("k", intent), None))
    assert (two.due(0.0), two.due(1.0)) == ([], ["c"])
    one.change("c", lambda c: Step(c.next().with_intent("k", replace(intent, stopped=True)), None))
    assert two.due(1.0) == []
    one.change("c", lambda c: Step(c.next().with_intent("k", intent), None))
    one.delete("c")
    assert two.due(1.0) == []


def test_a_large_database_is_not_read_to_find_what_is_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now, log = [0.0], MemoryLog()
    one = Conversations(log, keeping=Keeping.lasting(), clock=lambda: now[0])
    two = Conversations(log, keeping=Keeping.lasting(), clock=lambda: now[0])
    for name in ("unused", "used"):
        one.add(named(name))
    one.change("used", lambda c: Step(c.next(turns=1), None))
    read: list[str] = []
    head = log.head
    object.__setattr__(log, "head", lambda name: read.append(name) or head(name))
    two.refresh()
    assert read == []
    now[0] = 1_000
    two.refresh()
    assert read == ["unused"]
    two.expire()
    assert list(log.ids()) == ["used"]
    assert two.files(["used", "nobody"]) == {"used": frozenset()}


# --- values ---------------------------------------------------------------------------------------


def test_the_newest_receipts_are_kept_and_those_that_tools_wait_for() -> None:
    conversation = named("c").with_intent("0", Intent({}, (), 1, "en", "me", 0.0))
    for number in range(MAX_RECEIPTS + 5):
        receipts = conversation._with_receipt(Receipt(str(number), "", {}))
        conversation = replace(conversation, receipts=receipts)
        conversation = conversation.with_answer(str(number), FirstAnswer("", 200, {}))
    for kept in (conversation.receipts, conversation.answers):
        assert len(kept) == MAX_RECEIPTS
        assert list(kept)[:2] == ["0", "6"]


def test_undo_leads_back_and_redo_forward() -> None:
    history = History().with_turn(1).with_turn(2).with_turn(3)
    assert (history.target("undo"), history.target("redo")) == (2, None)
    history = history.gone("undo", 4)
    assert (history.target("undo"), history.target("redo")) == (1, 3)
    history = history.gone("redo", 5)
    assert (history.target("undo"), history.target("redo")) == (4, None)
    fresh = history.gone("undo", 6).with_turn(7)
    assert (fresh.target("undo"), fresh.target("redo")) == (6, None)


def test_the_steps_of_one_action_are_undone_together() -> None:
    history = History().with_turn(1).with_turn(2, "a").with_turn(3, "a")
    assert history.target("undo") == 1
    assert history.with_turn(4, "b").with_turn(5, "a").target("undo") == 4


def test_only_so_much_can_be_undone() -> None:
    history = History()
    for turn in range(1, MAX_UNDO + 10):
        history = history.with_turn(turn)
    assert len(history.before) == MAX_UNDO


def test_a_conversation_comes_back_from_json() -> None:
    state = UIState("c").with_surface(Surface("main", status="closed"))
    client = replace(ClientProfile.web_core(), catalog_ids=frozenset({"b", "a"}))
    call = ToolCall("t", "x", freeze({"n": [1]}))
    event = freeze({"userAction": {"context": {"a": "\ud800"}}})
    whole = Conversation(
        "c",
        "hash",
        state,
        protocol="a2ui-v0.8",
        client=client,
        app="h",
        receipts=freeze({"k": Receipt("k", "p", freeze({"ok": True}), ("pin",))}),
        answers=freeze({"k": FirstAnswer("p", 422, freeze({"seq": 3}), (2, 3))}),
        intents=freeze({"k": Intent(event, (call,), 2, "he", "me", 1.5, 1, True)}),
        turns=3,
        seq=9,
        messages=(("user", "\ud800"), ("assistant", "b")),
        toasts=freeze([{"text": "x"}]),
        played=freeze({"x": 1}),
        history=History().with_turn(1).with_turn(2, "a").gone("undo", 3),
        files=freeze({"upload:x": (2, 3)}),
    )
    kept = to_kept(whole)
    assert from_kept(kept, STANDARD_NODES, 9) == whole
    assert to_kept(from_kept(kept, STANDARD_NODES, 9)) == kept


@pytest.mark.parametrize(
    ("kept", "code"),
    [
        (b"", "STORE_CORRUPT"),
        (b"[]", "STORE_CORRUPT"),
        (b"{}", "STORE_CORRUPT"),
        (b'{"v":2}', "STORE_VERSION_UNKNOWN"),
        (to_kept(named("c")).replace(b'"receipts":[]', b'"receipts":[1]'), "STORE_CORRUPT"),
    ],
)
def test_what_is_no_conversation_is_refused(kept: bytes, code: str) -> None:
    with pytest.raises(StoreError) as refused:
        from_kept(kept, STANDARD_NODES, 1)
    assert refused.value.code == code


def test_handles_are_found_wherever_they_stand() -> None:
    data = freeze(
        {"draft": {"a": "upload:1"}, "committed": {"b": [{"c": "upload:2"}]}, "ui_state": {}}
    )
    state = UIState("c").with_surface(Surface("main", data=data))
    assert referred(Conversation("c", "", state), "upload:") == {"upload:1", "upload:2"}


# --- how long what is kept may get ----------------------------------------------------------------

LONG = "x" * 100_000


def test_what_was_said_is_bounded_by_bytes_the_oldest_goes_first() -> None:
    kept = named("c")
    for number in range(5):
        kept = kept.with_message("user", f"{number}{LONG}")
    assert [text[0] for _, text in kept.messages] == ["3", "4"]
    assert kept.with_message("user", LONG * 4).messages == (("user", LONG * 4),)


def test_first_answers_are_bounded_by_bytes_but_for_those_still_needed() -> None:
    waiting = Intent(freeze({}), (), 1, "en", "", 0.0)
    kept = named("c").with_intent("0", waiting)
    for number in range(6):
        answer = FirstAnswer("", 200, freeze({"assistant_text": LONG}))
        kept = kept.with_answer(str(number), answer)
    assert list(kept.answers) == ["0", "5"]
    receipts = named("c")
    for number in range(6):
        receipt = Receipt(str(number), "", freeze({"assistant_text": LONG}))
        receipts = replace(receipts, receipts=receipts._with_receipt(receipt))
    assert list(receipts.receipts) == ["4", "5"]


def test_a_conversation_stays_short_however_much_is_said() -> None:
    kept = named("c")
    for number in range(70):
        kept = kept.with_message("user", LONG).with_message("assistant", LONG)
        kept = kept.with_answer(str(number), FirstAnswer("", 200, freeze({"text": LONG})))
    assert len(to_kept(kept)) < 600_000


def test_a_token_is_compared_without_reading_the_conversation(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    store = Conversations()
    store.add(named("c"))
    another = Conversations(store.log)
    assert another.token_hash("c") == "hash"  # read once
    monkeypatch.setattr(store.log, "head", None)
    assert [item.token_hash("c") for item in (store, another)] == ["hash", "hash"]
    monkeypatch.undo()
    assert store.token_hash("d") is None
    store.delete("c")
    assert store.token_hash("c") is None
