"""Which log a URL names."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from uicompiler.errors import StoreError
from uicompiler.store.memory import MemoryLog
from uicompiler.store.open import open_log
from uicompiler.store.sqlite import SqliteLog


@pytest.mark.parametrize("url", ["memory:", "memory://", ":memory:"])
def test_memory(url: str) -> None:
    log = open_log(url)
    assert isinstance(log, MemoryLog)
    log.close()


@pytest.mark.parametrize("form", ["{}", "sqlite:///{}", "sqlite:{}"])
def test_a_file_of_sqlite(tmp_path: Path, form: str) -> None:
    path = tmp_path / "my log.db"
    log = open_log(form.format(str(path).replace(" ", "%20") if ":" in form else path))
    assert isinstance(log, SqliteLog)
    log.close()
    assert path.is_file()


def test_a_relative_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    open_log("sqlite:///log.db").close()
    open_log("other.db").close()
    assert {path.name for path in tmp_path.glob("*.db")} == {"log.db", "other.db"}


@pytest.mark.parametrize(
    "url",
    [
        "",
        "  ",
        "a\0b",
        "mysql://host/name",
        "sqlite://host/name",
        "sqlite:",
        "sqlite:///",
        "sqlite:///a.db?mode=ro",
        "postgresql://user:hunter2@[::1/name",
        "postgresql://u:hunter2@h/n?nonsense=1",
    ],
)
def test_what_names_none_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(StoreError) as caught:
        open_log(url)
    assert caught.value.code == "STORE_URL_INVALID"
    assert caught.value.hint
    assert "hunter2" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_missing_driver_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "uicompiler.store.postgres", raising=False)
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(StoreError) as caught:
        open_log("postgresql://localhost/x")
    assert caught.value.code == "STORE_URL_INVALID"
    assert "uicompiler[postgres]" in caught.value.hint
