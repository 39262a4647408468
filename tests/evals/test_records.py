from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.evals.samples import trial
from uicompiler.errors import EvalError
from uicompiler.evals.records import RunFolder, in_order, read_run, whole_trials

LONG = "instructions " * 100
RUN: dict[str, Any] = {
    "v": 1,
    "providers": ["sim/frontier"],
    "strategies": ["production"],
    "scenarios": [{"id": "a"}, {"id": "b"}],
    "trials": 2,
}


def done(scenario: str = "a", index: int = 0, text: str = LONG) -> dict[str, Any]:
    messages = [{"role": "system", "content": text}, {"role": "user", "content": "hi"}]
    request = {"model": "m", "messages": messages, "response_format": {"schema": LONG}}
    call = {"request_sha256": "0", "request": request, "reply": {"text": "{}"}, "seconds": 0.5}
    return trial(scenario, index=index, calls=[call])


def written(folder: Path, *records: dict[str, Any]) -> Path:
    with RunFolder.create(folder, RUN) as run:
        for record in records:
            run.append(record, sync=True)
    return folder


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    records = [done("b"), done("a", 1), done("a", text="short")]
    folder = written(tmp_path / "run", *records)
    found = read_run(folder)
    assert found.run == RUN
    assert list(whole_trials(folder)) == records
    assert [item["key"] for item in found.trials] == [item["key"] for item in records]
    assert found.findings == ()


def test_what_requests_have_in_common_is_written_once(tmp_path: Path) -> None:
    folder = written(tmp_path / "run", *(done("a", index) for index in range(50)))
    assert (folder / "trials.jsonl").read_bytes().count(LONG.encode()) == 0
    assert (folder / "shared.jsonl").read_bytes().count(b"\n") == 2


def test_records_are_put_in_the_order_of_the_plan(tmp_path: Path) -> None:
    found = read_run(written(tmp_path / "run", done("b"), done("x"), done("a", 1), done("a")))
    keys = [item["key"] for item in in_order(found.run, found.trials)]
    assert [(key["scenario"], key["index"]) for key in keys] == [("a", 0), ("a", 1), ("b", 0)]


def test_at_every_cut_whole_lines_are_kept_and_a_torn_one_is_told(tmp_path: Path) -> None:
    folder = written(tmp_path / "run", done("a"), done("b"))
    path = folder / "trials.jsonl"
    raw = path.read_bytes()
    first = raw.index(b"\n") + 1
    for cut in (1, first - 1, first, first + 1, len(raw) - 1, len(raw)):
        path.write_bytes(raw[:cut])
        found = read_run(folder)
        whole = raw[:cut].count(b"\n")
        assert len(found.trials) == whole
        torn = [item.code for item in found.findings]
        assert torn == ([] if cut in (first, len(raw)) else ["EVAL_RECORD_TORN"])


def test_a_run_goes_on_where_it_was_torn(tmp_path: Path) -> None:
    folder = written(tmp_path / "run", done("a"))
    for name in ("trials.jsonl", "shared.jsonl"):
        with (folder / name).open("ab") as stream:
            stream.write(b'{"v": 1, "key": {"scen')
    with RunFolder.resume(folder) as run:
        run.append(done("b", text=f"other {LONG}"), sync=False)
    again = read_run(folder)
    assert again.findings == ()
    assert list(whole_trials(folder)) == [done("a"), done("b", text=f"other {LONG}")]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("run.json", b""),
        ("run.json", b"[]"),
        ("run.json", b'{"v": 2}'),
        ("trials.jsonl", b"no JSON\n"),
        ("trials.jsonl", b'{"calls": [{}]}\n'),
        ("trials.jsonl", b'{"calls": []}\n'),
        ("trials.jsonl", b"[]\n"),
        ("shared.jsonl", b"{}\n"),
        ("shared.jsonl", b"[]\n"),
    ],
)
def test_a_damaged_run_is_refused(tmp_path: Path, name: str, content: bytes) -> None:
    folder = written(tmp_path / "run", done())
    (folder / name).write_bytes(content)
    with pytest.raises(EvalError) as caught:
        read_run(folder)
    assert caught.value.code == "EVAL_RUN_INVALID"
    with pytest.raises(EvalError):
        RunFolder.resume(folder)
    assert (folder / name).read_bytes() == content


@pytest.mark.parametrize(
    "line", [b"no JSON", b'{"v": 1, "key": {"sce', b"[]", b"null", b'{"key": {}}', b'{"calls": 1}']
)
def test_a_damaged_line_is_named_and_its_trial_is_run_again(tmp_path: Path, line: bytes) -> None:
    folder = written(tmp_path / "run", done("a"), done("b"), done("a", 1))
    path = folder / "trials.jsonl"
    first, _, last = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(first + line + b"\n" + last)
    found = read_run(folder)
    assert [item["key"]["scenario"] for item in found.trials] == ["a", "a"]
    (told,) = found.findings
    assert told.code == "EVAL_RECORD_TORN"
    assert "line 2" in told.message
    assert "--resume" in told.hint
    with RunFolder.resume(folder) as run:
        run.append(done("b"), sync=False)
    assert [item["key"]["scenario"] for item in whole_trials(folder)] == ["a", "a", "b"]
    assert line in path.read_bytes(), "nothing is destroyed"


def test_a_trial_whose_request_lost_a_part_is_run_again(tmp_path: Path) -> None:
    folder = written(tmp_path / "run", done("a"), done("b", text=f"other {LONG}"))
    path = folder / "shared.jsonl"
    *most, last = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(most) + b"x" * (len(last) - 1) + b"\n")
    found = read_run(folder)
    assert [item["key"]["scenario"] for item in found.trials] == ["a"]
    assert len(found.findings) == 2, "the line of what is shared, and that of the trial"
    with RunFolder.resume(folder) as run:
        run.append(done("b", text=f"other {LONG}"), sync=False)
    assert list(whole_trials(folder)) == [done("a"), done("b", text=f"other {LONG}")]


def test_no_run_is_begun_where_something_is(tmp_path: Path) -> None:
    folder = written(tmp_path / "run")
    with pytest.raises(EvalError, match="holds something already"):
        RunFolder.create(folder, RUN)
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(EvalError, match="holds something already"):
        RunFolder.create(tmp_path / "file", RUN)


def test_one_process_writes_a_run_at_a_time(tmp_path: Path) -> None:
    pytest.importorskip("fcntl")
    folder = written(tmp_path / "run", done())
    with RunFolder.resume(folder) as run:
        run.append(done("b"), sync=False)
        with pytest.raises(EvalError, match="another process"):
            RunFolder.resume(folder)
        run.append(done("a", 1), sync=False)
    assert len(read_run(folder).trials) == 3


def test_of_two_that_begin_the_same_run_one_writes_what_was_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second one looked while the folder was empty, and goes on when the first one is done."""
    folder = tmp_path / "run"
    plain = RunFolder.__init__

    def late(self: RunFolder, place: Path) -> None:
        monkeypatch.setattr(RunFolder, "__init__", plain)
        RunFolder.create(place, RUN).close()
        plain(self, place)

    monkeypatch.setattr(RunFolder, "__init__", late)
    with pytest.raises(EvalError, match="holds something already"):
        RunFolder.create(folder, {**RUN, "trials": 99})
    assert read_run(folder).run == RUN


def test_requests_are_not_held_while_reports_are_made(tmp_path: Path) -> None:
    folder = written(tmp_path / "run", done())
    assert list(read_run(folder).trials[0]["calls"][0]) == ["request_sha256", "reply", "seconds"]


def test_what_another_process_wrote_before_it_ended_is_kept(tmp_path: Path) -> None:
    folder = written(tmp_path / "run", done())
    read_run(folder)
    with RunFolder.resume(folder) as other:
        other.append(done("b"), sync=False)
    with RunFolder.resume(folder) as run:
        assert [item["key"]["scenario"] for item in run.before] == ["a", "b"]


def test_a_paid_trial_is_on_the_disk_before_it_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []
    monkeypatch.setattr(os, "fsync", lambda number: synced.append(number))
    with RunFolder.create(tmp_path / "run", RUN) as run:
        before = len(synced)
        run.append(done("a"), sync=False)
        assert len(synced) == before
        assert len(read_run(tmp_path / "run").trials) == 1, "the process may end here"
        run.append(done("b"), sync=True)
        assert len(synced) > before
        raw = (tmp_path / "run" / "trials.jsonl").read_bytes()
        assert len(raw.splitlines()) == 2
        orjson.loads(raw.splitlines()[1])
