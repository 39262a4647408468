"""Random lists and turns: the official client shows what the IR says, and holds what it should."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.lists import LIST_STEPS, Watched, show, views_of_lists
from tests.stories import budget
from uicompiler import CompileResult

from .bridge import OfficialClient, Session
from .screens import expected, shown

pytestmark = pytest.mark.official

Validate = Callable[[Any], str | None]


@pytest.mark.fuzz
@given(st.data(), st.sampled_from(["auto", "full", "diff"]))
@budget(60)
def test_random_lists_show_what_the_ir_says(
    official: OfficialClient, sdk_validate: Validate, data: st.DataObject, update: Any
) -> None:
    session, seen = official.session(), Watched(update)
    send(seen, seen.take(show(data.draw(views_of_lists()))), session, sdk_validate)
    for path, value in data.draw(LIST_STEPS):
        send(seen, seen.patch(path, value), session, sdk_validate)


def send(seen: Watched, result: CompileResult, session: Session, sdk_validate: Validate) -> None:
    """Every message of a turn, to both official judges."""
    for batch in result.batches:
        assert session.apply_batch(batch.messages) is None
        assert sdk_validate(batch.messages) is None
    assert shown(session.visible("main")) == expected(seen.state.surfaces["main"])
    state = session.state("main")
    assert state is not None
    assert state.data == seen.sim.data("main")
