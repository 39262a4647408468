"""Replies that are kept: by request and server, whole or not at all, and never in the way."""

from __future__ import annotations

import json
import math
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uicompiler.errors import Diagnostic
from uicompiler.llm.cache import Cache, directory_cache, memory_cache
from uicompiler.llm.exchange import Reply, ToolRequest, Usage

ASK: dict[str, Any] = {"model": "openai/gpt-4o", "messages": [{"role": "user", "content": "Hi"}]}
FULL = Reply(
    text='{"assistant_text": "Grüße, שלום, 你好 \\u2028"}',
    finish_reason="tool_calls",
    tool_requests=(ToolRequest("c1", "look_up", '{"a": 1}'), ToolRequest("c2", "x", "")),
    refusal="no",
    usage=Usage(10, 3, 4, estimated=True),
    cost_usd=0.00012,
    model="gpt-4o-2024",
    request_id="r1",
)


@pytest.fixture(params=["memory", "directory"])
def cache(request: pytest.FixtureRequest, tmp_path: Path) -> Cache:
    return memory_cache() if request.param == "memory" else directory_cache(tmp_path / "kept")


def test_a_reply_comes_back_as_it_was(cache: Cache) -> None:
    assert cache.get(ASK) is None
    cache.put(ASK, FULL)
    assert cache.get(ASK) == FULL
    assert cache.get(json.loads(json.dumps(ASK))) == FULL
    cache.put(ASK, Reply("another"))
    assert cache.get(ASK) == Reply("another")


@pytest.mark.parametrize(
    "other",
    [
        {**ASK, "model": "openai/gpt-4o-mini"},
        {**ASK, "temperature": 0},
        {**ASK, "messages": [{"role": "user", "content": "hi"}]},
        {**ASK, "messages": [*ASK["messages"], *ASK["messages"]]},
    ],
)
def test_another_request_is_another_reply(cache: Cache, other: dict[str, Any]) -> None:
    cache.put(ASK, FULL)
    assert cache.get(other) is None


def test_another_server_is_another_reply(cache: Cache) -> None:
    cache.at("localhost:8000").put(ASK, FULL)
    assert cache.get(ASK) is None
    assert cache.at("localhost:8001").get(ASK) is None
    assert cache.at("localhost:8000").get(ASK) == FULL


@pytest.mark.parametrize("reason", ["length", "content_filter"])
def test_what_another_try_may_do_better_is_not_kept(cache: Cache, reason: str) -> None:
    cache.put(ASK, Reply("half a", finish_reason=reason))
    assert cache.get(ASK) is None


@pytest.mark.parametrize("odd", [math.nan, 2**60, {1, 2}, "\ud800", {3: 4}])
def test_a_request_that_is_no_json_is_not_kept(cache: Cache, odd: Any) -> None:
    found: list[Diagnostic] = []
    told = cache.at("", found.append)
    told.put({**ASK, "odd": odd}, FULL)
    assert told.get({**ASK, "odd": odd}) is None
    assert [each.code for each in found] == ["LLM_CACHE_UNUSABLE"] * 2


def test_many_threads_may_use_one(cache: Cache) -> None:
    wrong: list[object] = []

    def use(number: int) -> None:
        for turn in range(20):
            asked = {**ASK, "seed": turn % 5}
            cache.put(asked, Reply(f"seed {turn % 5}"))
            got = cache.get(asked)
            if got != Reply(f"seed {turn % 5}"):
                wrong.append((number, turn, got))

    threads = [threading.Thread(target=use, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_in_memory_the_longest_unused_goes_first() -> None:
    cache = memory_cache(max_entries=2)
    first, second, third = ({**ASK, "seed": number} for number in range(3))
    cache.put(first, Reply("1"))
    cache.put(second, Reply("2"))
    assert cache.get(first) == Reply("1")
    cache.put(third, Reply("3"))
    assert (cache.get(second), cache.get(first), cache.get(third)) == (None, Reply("1"), Reply("3"))


# --- in a folder ----------------------------------------------------------------------------------


def one_file(folder: Path) -> Path:
    (path,) = [path for path in folder.rglob("*") if path.is_file()]
    return path


def _flip(path: Path) -> None:
    path.write_text(path.read_text().replace('"no"', '"on"'))


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-9])


DAMAGE = {
    "a changed letter": _flip,
    "cut off": _cut,
    "empty": lambda path: path.write_bytes(b""),
    "no JSON": lambda path: path.write_bytes(b"\xff\x00"),
    "another shape": lambda path: path.write_text("[]"),
    "deep": lambda path: path.write_text("[" * 100_000),
    "of another request": lambda path: path.write_text(
        path.read_text().replace('"key":"', '"key":"0')
    ),
    "of another version": lambda path: path.write_text(
        path.read_text().replace('"version":1', '"version":2')
    ),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE.keys())
def test_a_damaged_entry_is_reported_and_replaced(tmp_path: Path, damage: Any) -> None:
    found: list[Diagnostic] = []
    cache = directory_cache(tmp_path).at("", found.append)
    cache.put(ASK, FULL)
    damage(one_file(tmp_path))
    assert cache.get(ASK) is None
    assert [(each.code, each.severity) for each in found] == [("LLM_CACHE_UNUSABLE", "warning")]
    cache.put(ASK, FULL)
    assert cache.get(ASK) == FULL
    assert len(found) == 1


def test_a_folder_that_cannot_be_written_is_reported(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    found: list[Diagnostic] = []
    cache = directory_cache(tmp_path / "file").at("", found.append)
    cache.put(ASK, FULL)
    assert cache.get(ASK) is None
    assert {each.code for each in found} == {"LLM_CACHE_UNUSABLE"}


def test_what_goes_wrong_is_logged_when_nobody_is_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    cache = directory_cache(tmp_path)
    cache.put(ASK, FULL)
    one_file(tmp_path).write_text("")
    assert cache.get(ASK) is None
    assert "LLM_CACHE_UNUSABLE" in caplog.text


def test_nothing_half_written_is_left_or_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found: list[Diagnostic] = []
    cache = directory_cache(tmp_path).at("", found.append)
    cache.put(ASK, FULL)

    def broken(self: Path, target: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(Path, "replace", broken)
    cache.put(ASK, Reply("another"))
    monkeypatch.undo()
    assert [each.code for each in found] == ["LLM_CACHE_UNUSABLE"]
    assert cache.get(ASK) == FULL
    assert one_file(tmp_path).suffix == ".json"


def test_a_folder_is_read_by_its_owner_alone(tmp_path: Path) -> None:
    cache = directory_cache(tmp_path / "kept")
    cache.put(ASK, FULL)
    assert one_file(tmp_path).stat().st_mode & 0o077 == 0


WRITER = """
import sys
from uicompiler.llm.cache import directory_cache
from uicompiler.llm.exchange import Reply
cache = directory_cache(sys.argv[1])
for turn in range(60):
    cache.put({"model": "m/m", "messages": []}, Reply(sys.argv[2] * 20_000))
"""


def test_several_processes_may_write_while_one_reads(tmp_path: Path) -> None:
    found: list[Diagnostic] = []
    cache = directory_cache(tmp_path).at("", found.append)
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path), letter]) for letter in "ab"
    ]
    seen = set()
    while any(writer.poll() is None for writer in writers):
        got = cache.get({"model": "m/m", "messages": []})
        seen.add("" if got is None else got.text[:1] * (len(got.text) == 20_000))
    assert [writer.wait() for writer in writers] == [0, 0]
    assert found == []
    assert seen <= {"", "a", "b"}
    assert cache.get({"model": "m/m", "messages": []}) is not None


_REPLIES = st.builds(
    Reply,
    text=st.text(st.characters(exclude_categories=["Cs"])),
    refusal=st.text("ab\n\x00\u2028"),
    usage=st.builds(Usage, st.integers(0, 2**53), st.integers(0, 9), st.integers(0, 9)),
    cost_usd=st.none() | st.floats(0, 1e6),
)


@given(_REPLIES)
def test_any_reply_comes_back_from_a_folder(
    tmp_path_factory: pytest.TempPathFactory, reply: Reply
) -> None:
    cache = directory_cache(tmp_path_factory.mktemp("kept", numbered=True))
    cache.put(ASK, reply)
    assert cache.get(ASK) == reply
