"""After any prefix of a turn's batches no surface is half shown, on the official processor.

The same question as in `tests/test_prefixes.py`, put to the official client.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.examples import LOGS, name_of
from tests.fixture_cases import Case
from tests.journeys import Journey, Script, scripts
from tests.prefixes import conversation, holes, judge, pieces
from tests.stories import budget
from tests.test_prefixes import (
    SEVERAL,
    before_the_last,
    first_half,
    notices_parts,
    turns_in,
    turns_of,
)

from .bridge import OfficialClient, Session

pytestmark = pytest.mark.official


class OfficialScreen:
    """The official client as a `Screen`.

    Args:
        official: The process.
        seen: Messages it has seen already.
    """

    def __init__(self, official: OfficialClient, seen: Sequence[Any] = ()) -> None:
        self._official = official
        self._seen: list[Any] = []
        self._session: Session = official.session()
        if seen:
            self.take(seen)

    def take(self, messages: Sequence[Any]) -> None:
        """See `Screen`."""
        assert self._session.apply_batch(messages) is None
        self._seen += messages

    def looks(self) -> dict[str, Any]:
        """See `Screen`."""
        return {
            wire_id: {"ready": s.ready and s.tree is not None, "tree": s.tree, "data": s.data}
            for wire_id, s in self._session.states(plain=False).items()
        }

    def broken(self) -> list[str]:
        """What it shows a failure text for, or nothing at all; children that are no nodes."""
        found = [why for look in self.looks().values() for why in holes(look["tree"])]
        for wire_id in self.looks():
            visible = self._session.visible(wire_id)
            found += [f"{item.id}: {item.text!r}" for item in visible if item.role == "broken"]
        return found

    def again(self) -> OfficialScreen:
        """See `Screen`."""
        return OfficialScreen(self._official, self._seen)


def test_no_prefix_of_a_turn_shows_half_a_surface(official: OfficialClient) -> None:
    turns = [pieces(result) for result in conversation()]
    assert judge(OfficialScreen(official), turns) > 15


@pytest.mark.parametrize("case", SEVERAL, ids=lambda case: case.name)
def test_no_prefix_of_a_fixture_shows_half_a_surface(official: OfficialClient, case: Case) -> None:
    judge(OfficialScreen(official), turns_of(case))


@pytest.mark.parametrize("log", LOGS, ids=name_of)
def test_no_prefix_of_a_conversation_shows_half_a_surface(
    official: OfficialClient, log: Path
) -> None:
    turns = turns_in(log)
    assert any(turns)
    judge(OfficialScreen(official), turns)


@pytest.mark.fuzz
@given(scripts(most=8), st.sampled_from(["auto", "full", "diff"]))
@budget(40)
def test_no_prefix_of_a_journey_shows_half_a_surface(
    official: OfficialClient, script: Script, update: Any
) -> None:
    journey = Journey.of(script, update=update).run(script)
    judge(OfficialScreen(official), [pieces(result) for result in journey.results])


@pytest.mark.parametrize("cut", [first_half, before_the_last])
def test_a_batch_in_two_parts_is_noticed(official: OfficialClient, cut: Any) -> None:
    notices_parts(lambda: OfficialScreen(official), cut)
