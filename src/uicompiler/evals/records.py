"""The folder of a run: what was asked for, and a line for each trial that is done.

`run.json` is written first. A trial is a line of `trials.jsonl`, appended when it is done; what
many requests have in common, such as instructions and schemas, is kept once in `shared.jsonl`,
before the trial that names it. Whatever ends the process, all lines but the last are whole.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Final, Self

import orjson

from uicompiler.errors import Diagnostic, EvalError, diagnostic
from uicompiler.evals.plan import RUN_VERSION, keys_of
from uicompiler.evals.trial import TrialKey
from uicompiler.ir.values import Json

RUN: Final = "run.json"
TRIALS: Final = "trials.jsonl"
SHARED: Final = "shared.jsonl"

_LONG: Final = 400
_REFERENCE: Final = "$shared"
_PARTS: Final = ("response_format", "tools")


@dataclass(frozen=True, slots=True)
class Read:
    """What a folder holds.

    Attributes:
        run: `run.json`.
        trials: Records of trials, in the order in which they were done.
        findings: EVAL_RECORD_TORN, when a last line was not written whole.
        sizes: Of each file, up to its last whole line.
    """

    run: Mapping[str, Json]
    trials: Sequence[Mapping[str, Json]]
    findings: tuple[Diagnostic, ...] = ()
    sizes: Mapping[str, int] = field(default_factory=dict)


def read_run(folder: Path) -> Read:
    """Read a run.

    Raises:
        EvalError: EVAL_RUN_INVALID, there is none in the folder, or it is damaged.
    """
    run = _run(folder)
    shared, _, shared_size = _lines(folder / SHARED)
    lines, torn, size = _lines(folder / TRIALS)
    findings = (_torn(folder, len(lines) + 1),) if torn else ()
    try:
        parts = {item["sha256"]: item["value"] for item in shared}
        trials = [{**line, "calls": [_whole(c, parts) for c in line["calls"]]} for line in lines]
        _keys(trials)
    except (KeyError, TypeError, AttributeError) as exc:
        raise _invalid(f"{folder / TRIALS} holds what is no record of a trial") from exc
    return Read(run, trials, findings, {SHARED: shared_size, TRIALS: size})


class RunFolder:
    """A run that is being written, by one process at a time; see `create` and `resume`.

    Attributes:
        folder: Where.
        before: Records of trials that were done before.
    """

    def __init__(self, folder: Path) -> None:
        """Open the files of a run, and keep others from writing them.

        Raises:
            EvalError: EVAL_RUN_INVALID, another process is writing them.
        """
        self.folder = folder
        self.before: Sequence[Mapping[str, Json]] = ()
        self._known: set[str] = set()
        self._trials, self._shared = (_opened(folder / name) for name in (TRIALS, SHARED))
        try:
            _lock(self._trials, folder)
        except EvalError:
            self.close()
            raise

    @classmethod
    def create(cls, folder: Path, run: Mapping[str, Json]) -> RunFolder:
        """Begin a run.

        Raises:
            EvalError: EVAL_RUN_INVALID, something is in the folder already.
        """
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise _invalid(f"{folder} holds something already", hint="--resume goes on with a run")
        folder.mkdir(parents=True, exist_ok=True)
        write_whole(folder / RUN, orjson.dumps(run, option=orjson.OPT_INDENT_2) + b"\n")
        return cls(folder)

    @classmethod
    def resume(cls, folder: Path) -> RunFolder:
        """Go on with a run; what was not written whole is cut off.

        Raises:
            EvalError: EVAL_RUN_INVALID, it cannot be read, or another process is writing it.
        """
        _run(folder)
        going_on = cls(folder)
        try:
            found = read_run(folder)  # nobody else writes by now
        except EvalError:
            going_on.close()
            raise
        going_on.before = found.trials
        going_on._known = {item["sha256"] for item in _lines(folder / SHARED)[0]}
        _cut(going_on._trials, found.sizes[TRIALS])
        _cut(going_on._shared, found.sizes[SHARED])
        return going_on

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None
    ) -> None:
        self.sync()
        self.close()

    def append(self, record: Mapping[str, Json], *, sync: bool) -> None:
        """Add a trial.

        Args:
            record: Its record.
            sync: Whether it has to outlast a power cut, since it cost money; the end of the
                process it outlasts in any case.
        """
        parts: dict[str, Json] = {}
        calls = [_with_references(call, parts) for call in record["calls"]]
        new = {name: value for name, value in parts.items() if name not in self._known}
        for name, value in new.items():
            self._shared.write(orjson.dumps({"sha256": name, "value": value}) + b"\n")
            self._known.add(name)
        write_out = _sync if sync else _flush
        if new:
            write_out(self._shared)
        self._trials.write(orjson.dumps({**record, "calls": calls}) + b"\n")
        write_out(self._trials)

    def close(self) -> None:
        """Write no more."""
        self._trials.close()
        self._shared.close()

    def sync(self) -> None:
        """Make everything outlast a power cut."""
        _sync(self._shared)
        _sync(self._trials)


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that it is there whole or as it was."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    with draft.open("wb") as stream:
        stream.write(content)
        _sync(stream)
    draft.replace(path)


# --- reading --------------------------------------------------------------------------------------


def _run(folder: Path) -> Mapping[str, Json]:
    try:
        run = orjson.loads((folder / RUN).read_bytes())
    except OSError as exc:
        raise _invalid(f"{folder} holds no run: {RUN} cannot be read") from exc
    except ValueError as exc:
        raise _invalid(f"{folder / RUN} is no JSON") from exc
    if not isinstance(run, dict) or run.get("v") != RUN_VERSION:
        raise _invalid(f"{folder / RUN} describes no run of version {RUN_VERSION}")
    return run


def _lines(path: Path) -> tuple[list[dict[str, Any]], bool, int]:
    """The objects in a file of lines; whether its last line is torn; its size without that one."""
    raw = path.read_bytes() if path.exists() else b""
    whole, newline, rest = raw.rpartition(b"\n")
    lines = whole.split(b"\n") if newline else []
    try:
        values = [orjson.loads(line) for line in lines]
    except ValueError as exc:
        raise _invalid(f"{path} holds a line that is no JSON") from exc
    return values, bool(rest), len(whole) + len(newline)


def _torn(folder: Path, line: int) -> Diagnostic:
    why = f"{folder / TRIALS}: the last line was not written whole; its trial is run again"
    return diagnostic("EVAL_RECORD_TORN", why, line=line)


def _invalid(why: str, *, hint: str = "") -> EvalError:
    return EvalError([diagnostic("EVAL_RUN_INVALID", why, hint=hint)])


# --- what requests have in common -----------------------------------------------------------------


def _with_references(call: Mapping[str, Json], parts: dict[str, Json]) -> dict[str, Json]:
    request = call["request"]
    said = [
        {key: _kept(value, parts) if key == "content" else value for key, value in item.items()}
        for item in request["messages"]
    ]
    whole = {name: _kept(request[name], parts) for name in _PARTS if name in request}
    return {**call, "request": {**request, "messages": said, **whole}}


def _kept(value: Json, parts: dict[str, Json]) -> Json:
    raw = orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    if len(raw) <= _LONG:
        return value
    name = hashlib.sha256(raw).hexdigest()
    parts[name] = value
    return {_REFERENCE: name}


def _whole(call: Mapping[str, Json], parts: Mapping[str, Json]) -> dict[str, Json]:
    request = call["request"]
    said = [
        {key: _resolved(value, parts) for key, value in item.items()}
        for item in request["messages"]
    ]
    whole = {name: _resolved(request[name], parts) for name in _PARTS if name in request}
    return {**call, "request": {**request, "messages": said, **whole}}


def _resolved(value: Json, parts: Mapping[str, Json]) -> Json:
    if isinstance(value, Mapping) and set(value) == {_REFERENCE}:
        return parts[value[_REFERENCE]]
    return value


# --- files ----------------------------------------------------------------------------------------


def _opened(path: Path) -> BinaryIO:
    path.touch()
    stream = path.open("r+b")
    stream.seek(0, os.SEEK_END)
    return stream


def _cut(stream: BinaryIO, size: int) -> None:
    stream.truncate(size)
    stream.seek(size)


def _sync(stream: BinaryIO) -> None:
    stream.flush()
    os.fsync(stream.fileno())


def _flush(stream: BinaryIO) -> None:
    stream.flush()


def _lock(stream: BinaryIO, folder: Path) -> None:
    try:
        import fcntl
    except ImportError:  # where there is none, nobody is kept from writing twice
        return
    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as exc:
        raise _invalid(f"another process is writing the run in {folder}") from exc


def _keys(trials: Iterable[Mapping[str, Json]]) -> dict[TrialKey, Mapping[str, Json]]:
    return {TrialKey(**record["key"]): record for record in trials}


def in_order(run: Mapping[str, Json], trials: Iterable[Mapping[str, Json]]) -> list[Json]:
    """The records of a run in the order of its plan, one a trial."""
    by_key = _keys(trials)
    return [by_key[key] for key in keys_of(run) if key in by_key]
