"""Every example conversation, played by hand in a real browser with the official Lit renderer.

What is typed and pressed there is what the log says; what the app's real handlers get, decide and
send must be the log, and the screen must be what the IR says, after every batch and every deed.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.examples import LOGS, name_of
from tests.official.bridge import Session
from tests.official.test_outputs import continued
from uicompiler import replay
from uicompiler.conversation import dump

from .client import HostPage
from .play import PIN, Play, Told

pytestmark = pytest.mark.official

EAST = [path for path in LOGS if path.stem in ("dates_mended", "japanese")]
"""Conversations that are played in a zone east of UTC too; one of them goes back to its dates."""


@pytest.mark.parametrize("path", LOGS, ids=name_of)
def test_a_conversation_played_west_of_utc_is_the_recording(
    session: Session, page: HostPage, pictures: Path, path: Path
) -> None:
    folder = pictures / name_of(path)
    play = Play(path, session, page)
    play.run(lambda turn: page.screenshot(folder / f"{turn:02d}.png"))
    judge(play, path)


@pytest.mark.parametrize("path", EAST, ids=name_of)
def test_a_conversation_played_east_of_utc_is_the_recording(
    session: Session, open_page: Callable[..., HostPage], path: Path
) -> None:
    play = Play(path, session, open_page("Asia/Tokyo"), west=False)
    play.run()
    judge(play, path)


def judge(play: Play, path: Path) -> None:
    """The run is the log, and every handler got what was typed."""
    assert dump(play.records).split(b"\n") == play.expected().split(b"\n")
    wrong = [told for told in play.told if told.given != meant(told, play.secrets)]
    assert wrong == []
    left = {name for _, name in play.waiting}
    assert left == set(NEVER_SENT.get(name_of(path), ()))
    assert play.visitor.hands.deeds >= deeds_of(path)


NEVER_SENT = {"crm/discard_and_inline": ("name", "newsletter")}
"""By conversation, inputs that were typed in and then discarded: that button sends nothing."""


def meant(told: Told, secrets: dict[str, str]) -> Any:
    """What a handler should get of what was typed, told without the library's own rules."""
    typed, kind = told.typed, told.field.kind
    if kind == "secret":
        return next(handle for handle, text in secrets.items() if text == PIN)
    if kind in ("number", "slider"):
        return float(typed)
    if kind == "tags":
        return tuple(part.strip() for part in re.split("[,、]", typed))
    if kind == "multi_choice":
        return tuple(typed)
    if kind == "upload":
        return {"handle" if typed.startswith("upload:") else "text": typed}
    return typed


def deeds_of(path: Path) -> int:
    """How often a log's user typed, picked or pressed something."""
    records = [record.data for record in replay.read_log(path)]
    edits = [record for record in records if record["kind"] == "edit"]
    actions = [index for index, record in enumerate(records) if record["kind"] == "action"]
    presses = [index for index in actions if not continued(records[index : index + 2])]
    return len(edits) + len(presses)


def test_there_are_sixty_deeds_and_more_in_the_conversations() -> None:
    assert sum(map(deeds_of, LOGS)) >= 200
