"""Random histories: whatever was done to a log, it says what a list would, and verifies."""

from __future__ import annotations

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from tests.store.commits import META, batch, commit, day
from uicompiler.errors import StoreError
from uicompiler.store.exports import export, import_chain, read_chain
from uicompiler.store.log import Commit, Head
from uicompiler.store.memory import MemoryLog
from uicompiler.store.retention import delete_if_idle, retain
from uicompiler.store.verification import verify, verify_database

NAMES = st.sampled_from(["a", "b", "c"])
SIZES = st.integers(0, 3)


class Histories(RuleBasedStateMachine):
    """A log, and lists of what was committed to it."""

    def __init__(self) -> None:
        super().__init__()
        self.log = MemoryLog()
        self.commits: dict[str, list[Commit]] = {}
        self.dropped: dict[str, int] = {}
        self.heads: dict[str, Head] = {}
        self.old: list[Head] = []

    def teardown(self) -> None:
        self.log.close()

    @rule(name=NAMES, time=st.integers(1, 300))
    def begin(self, name: str, time: int) -> None:
        made = commit(0, [{**META, "conversation_id": name}], at=day(time))
        try:
            head = self.log.begin(name, made)
        except StoreError as exc:
            assert exc.code == "STORE_CONFLICT"
            assert name in self.commits
            return
        assert name not in self.commits
        self.commits[name], self.dropped[name], self.heads[name] = [made], 0, head

    @precondition(lambda self: self.commits)
    @rule(data=st.data(), size=SIZES, time=st.integers(1, 300), count=st.integers(1, 20))
    def append(self, data: Any, size: int, time: int, count: int) -> None:
        name = data.draw(st.sampled_from(sorted(self.commits)))
        for _ in range(count):
            turn = len(self.commits[name])
            records = [batch({"surfaceUpdate": {"n": n}}) for n in range(size)]
            made = commit(turn, records, at=day(time))
            head = self.log.append(name, made, expected=self.heads[name])
            self.old.append(self.heads[name])
            self.commits[name].append(made)
            self.heads[name] = head

    @precondition(lambda self: self.old)
    @rule(data=st.data())
    def lose_a_race(self, data: Any) -> None:
        late = data.draw(st.sampled_from(self.old))
        try:
            self.log.append(late.conversation_id, commit(7), expected=late)
        except StoreError as exc:
            assert exc.code == "STORE_CONFLICT"
        else:
            raise AssertionError("a late commit was taken")

    @precondition(lambda self: self.commits)
    @rule(data=st.data(), newest=st.integers(1, 40))
    def retain(self, data: Any, newest: int) -> None:
        name = data.draw(st.sampled_from(sorted(self.commits)))
        there = len(self.commits[name]) - self.dropped[name]
        gone = retain(self.log, name, newest=newest)
        assert gone == max(0, there - newest)
        self.dropped[name] += gone

    @rule(name=NAMES)
    def delete(self, name: str) -> None:
        assert self.log.delete(name) is (name in self.commits)
        self._forget(name)

    @rule(name=NAMES, time=st.integers(1, 300))
    def delete_if_idle(self, name: str, time: int) -> None:
        idle = name in self.heads and self.heads[name].at < day(time)
        assert delete_if_idle(self.log, name, day(time)) is idle
        if idle:
            self._forget(name)

    def _forget(self, name: str) -> None:
        for kept in (self.commits, self.dropped, self.heads):
            kept.pop(name, None)  # type: ignore[attr-defined]

    @precondition(lambda self: self.commits)
    @rule(data=st.data())
    def move(self, data: Any) -> None:
        """Out of the log and in again: the same bytes."""
        name = data.draw(st.sampled_from(sorted(self.commits)))
        before = list(self.log.rows(name)), self.log.head_row(name)
        chain = read_chain(list(export(self.log, name, chain=True, kept=True)))
        self.log.delete(name)
        import_chain(self.log, chain)
        assert (list(self.log.rows(name)), self.log.head_row(name)) == before

    @invariant()
    def it_says_what_was_committed(self) -> None:
        assert list(self.log.ids()) == sorted(self.commits)
        assert self.log.seqs(["a", "b", "c"]) == {n: len(c) for n, c in self.commits.items()}
        for name, commits in self.commits.items():
            assert self.log.head(name) == self.heads[name]
            found = list(self.log.entries(name))
            rest = commits[self.dropped[name] :]
            assert [(e.at, list(e.records)) for e in found] == [
                (c.at, list(c.records)) for c in rest
            ]

    @invariant()
    def it_verifies(self) -> None:
        assert verify_database(self.log) == []
        for name in self.commits:
            assert verify(self.log, name).diagnostics == ()


Histories.TestCase.settings = settings(max_examples=25, stateful_step_count=25)
TestHistories = Histories.TestCase
