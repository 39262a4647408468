"""A first render is one `surfaceUpdate`, the data messages, one `beginRendering`; a turn is less.

The official client makes its tree anew at each message after `beginRendering`, and at none before.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from benchmarks import web_client
from benchmarks.web_client import in_order
from tests.fixture_cases import Case, cases_in, run

from .messages import begin, data, text, update


@pytest.mark.parametrize("case", cases_in("accepted", "degraded"), ids=lambda case: case.name)
def test_every_surface_begins_with_a_first_render(case: Case) -> None:
    known: set[str] = set()
    for _, batch in run(case).batches:
        kinds = [kind for message in batch.messages for kind in message]
        if kinds == ["deleteSurface"]:
            known.discard(batch.surface_id)
            continue
        fresh = [each for each in batch.messages if "deleteSurface" not in each]
        assert "deleteSurface" not in kinds[1:]
        assert in_order(fresh) == ("beginRendering" in kinds) == (batch.surface_id not in known)
        known.add(batch.surface_id)


def test_what_is_in_order_can_fail() -> None:
    parts, values = update({"root": text("x")}), data({"a": 1})
    assert in_order([parts, begin("root")])
    assert in_order([parts, values, values, begin("root")])
    for wrong in (
        [parts, begin("root"), values],
        [values, parts, begin("root")],
        [parts, parts, begin("root")],
        [parts, begin("root"), begin("root")],
        [parts, values],
        [],
    ):
        assert not in_order(wrong)


@pytest.mark.official
def test_a_turn_of_one_field_is_a_small_part_of_the_rebuild() -> None:
    """Of bytes and components at most a tenth; of messages the two it needs: value, revision."""
    (section,) = web_client.measure((200,), rounds=1)
    assert section.figures, "and the states after each way of sending it are the same"
    assert [figure.name for figure in section.figures if figure.missed] == []
    cells: dict[str, list[Any]] = {row[0]: list(row) for row in section.rows}
    assert cells["1 field, auto"][2:5] == ["2", "0", "2"]
    assert int(cells["1 field, reset"][3]) == int(cells["the first render"][3]) > 150
    assert int(cells["1 field, auto"][1]) < 1_000


@pytest.mark.official
def test_a_difference_between_the_ways_of_sending_a_turn_is_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    applied = web_client.applied

    def forgetful(first: Any, turns: Any, rounds: int) -> dict[str, Any]:
        return applied(first, {**turns, "1 field diff": turns["1 field diff"][1:]}, rounds)

    monkeypatch.setattr(web_client, "applied", forgetful)
    with pytest.raises(AssertionError, match="after 'diff' the client holds"):
        web_client.measure((200,), rounds=1)


@pytest.mark.official
def test_what_the_client_refuses_ends_the_run() -> None:
    turns = {"a": [data({"b": 2})]}
    first = [update({"root": text("x")}), begin("root")]
    assert len(web_client.applied(first, turns, 2)["turns"]["a"]["ms"]) == 2
    with pytest.raises(RuntimeError, match="Unrecognized key"):
        web_client.applied([{"nothing": {}}], turns, 1)


def test_without_node_it_is_said_aloud(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("sys.argv", ["web_client", "--sizes", "200"])
    assert web_client.main() == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("THE OFFICIAL WEB CLIENT WAS NOT MEASURED: `node` is not on PATH.")
