"""Every example app: its turns compile cleanly, its conversations replay, its screens are known.

After a change that is meant, logs and screens are written anew by
`python tools/record_conversations.py examples/*/conversations/*.jsonl`.
"""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from tests import traces
from tests.examples import APPS, LOGS, ROOT, TURNS, app_of, name_of, replayed_screens, tool
from uicompiler import a2ui, compile, replay

each_log = pytest.mark.parametrize("path", LOGS, ids=name_of)
each_turn = pytest.mark.parametrize("path", TURNS, ids=name_of)


@pytest.mark.parametrize("folder", APPS, ids=lambda path: path.name)
def test_an_example_has_turns_conversations_and_their_screens(folder: Path) -> None:
    logs = {path.stem for path in folder.glob("conversations/*.jsonl")}
    assert logs
    assert {path.stem for path in folder.glob("screens/*")} == logs
    assert list(folder.glob("turns/*.json"))


@each_log
def test_a_conversation_replays_as_it_was_recorded(path: Path) -> None:
    assert replay.run(path, app_of(path)).diagnostics == ()


@each_log
def test_a_conversation_run_live_is_the_recording(path: Path) -> None:
    done = tool().recording(path, app_of(path))
    assert done.log == path.read_bytes()
    assert done.screens.decode() == tool().screens_path(path).read_text(encoding="utf-8")


@each_log
def test_a_client_fed_with_the_replay_shows_the_screens(path: Path) -> None:
    screens = tool().screens_path(path).read_text(encoding="utf-8")
    assert replayed_screens(path) == screens


@each_log
def test_no_directive_of_a_conversation_is_refused_or_repaired_and_its_traces_fit(
    path: Path,
) -> None:
    turns = replay.run(path, app_of(path)).turns
    assert all(traces.check(turn.result.trace) for turn in turns)
    found = [
        str(item)
        for turn in turns
        for item in turn.result.diagnostics
        if item.code.startswith("DIRECTIVE_")
    ]
    assert found == []


@each_turn
def test_a_turn_compiles_without_findings_to_a_stream_that_is_valid(path: Path) -> None:
    app = app_of(path)
    result = compile(path.read_text(encoding="utf-8"), app=app)
    # What a client shows more plainly than was asked for may be said; all else is a mistake.
    found = [item for item in result.diagnostics if item.code != "A2UI_S2C_CATALOG_DEGRADED"]
    assert [str(item) for item in found] == []
    assert a2ui.validate(result.jsonl(), catalog=app.catalog) == []


def test_the_wheel_holds_every_example_app_and_nothing_else_of_the_folder() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    included = project["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    shipped = {name for name in included if name.startswith("examples")}
    assert shipped == {f"examples/{folder.name}" for folder in APPS}
