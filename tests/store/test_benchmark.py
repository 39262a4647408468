"""The benchmark measures what it says: the same conversation, opened and folded."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import store


def test_what_is_opened_is_what_a_fold_comes_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "CHUNK", 16)  # so that the fold is cut several times
    path = tmp_path / "log.db"

    store.record(path, 70)

    opened = store.opened(path)
    assert (opened.seq, opened.turns) == (72, 71)
    assert opened.state.surfaces["main"].data["committed"]["count"] == 70
    store.fold(path, 70, opened.state)
    store.verified(path)


def test_it_tells_its_figures(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "COMMITS", 20)
    store.main(["--events", "30", "--verify"])  # its verdict is of longer runs
    out = capsys.readouterr().out
    assert "opening / folding: " in out
    assert "commits a second, SQLite: " in out
