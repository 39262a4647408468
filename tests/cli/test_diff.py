"""`diff`: streams, states and logs."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def streams(run, crm: Path, tmp_path: Path) -> list[Path]:
    paths = []
    for number, turn in enumerate(sorted((crm / "turns").glob("0[12]*.json"))):
        path = tmp_path / f"{number}.jsonl"
        path.write_bytes(run("compile", turn).out)
        paths.append(path)
    return paths


def test_equal_is_status_0_and_silent(run, streams: list[Path]) -> None:
    done = run("diff", streams[0], streams[0])
    assert (done.status, done.out, done.err) == (0, b"", "")


def test_streams_differ_by_what_a_client_holds(run, streams: list[Path]) -> None:
    done = run("diff", *streams)
    assert done.status == 1
    assert 'surface main, data /draft/name/v: changed: "Ada Lovelace" -> ""' in done.out.decode()


def test_json_is_one_object_a_difference(run, streams: list[Path]) -> None:
    done = run("diff", "--json", *streams)
    assert done.status == 1
    assert done.lines()
    assert all({"where", "what"} <= set(item) for item in done.lines())


def test_a_file_is_compared_with_standard_input(run, streams: list[Path]) -> None:
    assert run("diff", streams[0], "-", stdin=streams[0].read_bytes()).status == 0


def test_states_and_logs_are_known_too(run, crm: Path, tmp_path: Path) -> None:
    states = [tmp_path / "a.json", tmp_path / "b.json"]
    for path, turn in zip(states, sorted((crm / "turns").glob("*.json")), strict=False):
        run("compile", turn, "--state-out", path)
    assert run("diff", *states).status == 1
    log = next((crm / "conversations").glob("*.jsonl"))
    assert run("diff", log, log).status == 0
    other = tmp_path / "other.jsonl"
    other.write_bytes(log.read_bytes().replace(b"Full name", b"Whole name"))
    assert b"label changed" in run("diff", log, other).out


def test_what_cannot_be_compared_is_status_2(run, streams, crm: Path, tmp_path: Path) -> None:
    text, record = tmp_path / "text", tmp_path / "record"
    text.write_text("hello")
    record.write_text('{"v":1,"kind":"batch"}')
    log = next((crm / "conversations").glob("*.jsonl"))
    for pair in [(text, text), (streams[0], log), (record, record), ("-", "-"), ("no", "no")]:
        done = run("diff", *pair)
        assert done.status == 2, pair
        assert done.err
