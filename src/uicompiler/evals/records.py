"""The folder of a run: what was asked for, and a line for each trial that is done.

`run.json` is written first, by whoever has the lock. A trial is a line of `trials.jsonl`, appended
when it is done; what many requests have in common, such as instructions and schemas, is kept once
in `shared.jsonl`, before the trial that names it. Whatever ends the process, all lines but the last
are whole.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Final, Self

import orjson

from uicompiler.errors import Diagnostic, EvalError, diagnostic
from uicompiler.evals.plan import RUN_VERSION, keys_of
from uicompiler.evals.shared_parts import light, whole, with_references
from uicompiler.evals.trial import TrialKey
from uicompiler.ir.values import Json

RUN: Final = "run.json"
TRIALS: Final = "trials.jsonl"
SHARED: Final = "shared.jsonl"


@dataclass(frozen=True, slots=True)
class Read:
    """What a folder holds.

    Attributes:
        run: `run.json`.
        trials: Records of trials, in the order in which they were done, without what was sent; for
            that there is `whole_trials`.
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
    shared, lines = _Lines(folder / SHARED), _Lines(folder / TRIALS)
    with _records_of(folder):
        known = {item["sha256"] for item in shared}
        trials = [light(line, known) for line in lines]
        _keys(trials)
    findings = (_torn(folder, len(trials) + 1),) if lines.torn else ()
    return Read(run, trials, findings, {SHARED: shared.size, TRIALS: lines.size})


def whole_trials(folder: Path) -> Iterator[Mapping[str, Json]]:
    """The records of a run one by one, each with all that was sent, in the order of the file.

    Raises:
        EvalError: EVAL_RUN_INVALID, the run is damaged.
    """
    with _records_of(folder):
        parts = {item["sha256"]: item["value"] for item in _Lines(folder / SHARED)}
    for line in _Lines(folder / TRIALS):
        with _records_of(folder):
            record = {**line, "calls": [whole(call, parts) for call in line["calls"]]}
        yield record


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
            raise _taken(folder)
        folder.mkdir(parents=True, exist_ok=True)
        begun = cls(folder)
        if (folder / RUN).exists():  # another process came, and went, before this one had the lock
            begun.close()
            raise _taken(folder)
        write_whole(folder / RUN, orjson.dumps(run, option=orjson.OPT_INDENT_2) + b"\n")
        return begun

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
        going_on._known = {item["sha256"] for item in _Lines(folder / SHARED)}
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
        calls = [with_references(call, parts) for call in record["calls"]]
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


class _Lines:
    """The objects in a file of lines, read one by one.

    Attributes:
        torn: Whether the last line was not written whole; known when all were read.
        size: Of the file up to the last whole line; likewise.
    """

    def __init__(self, path: Path) -> None:
        self.torn = False
        self.size = 0
        self._path = path

    def __iter__(self) -> Iterator[dict[str, Any]]:
        if not self._path.exists():
            return
        with self._path.open("rb") as stream:
            for line in stream:
                if not line.endswith(b"\n"):
                    self.torn = True
                    return
                self.size += len(line)
                yield self._value(line)

    def _value(self, line: bytes) -> Any:  # JSON
        try:
            return orjson.loads(line)
        except ValueError as exc:
            raise _invalid(f"{self._path} holds a line that is no JSON") from exc


@contextlib.contextmanager
def _records_of(folder: Path) -> Iterator[None]:
    """Within, what lacks a key or is no object is no record."""
    try:
        yield
    except (KeyError, TypeError, AttributeError) as exc:
        raise _invalid(f"{folder / TRIALS} holds what is no record of a trial") from exc


def _torn(folder: Path, line: int) -> Diagnostic:
    why = f"{folder / TRIALS}: the last line was not written whole; its trial is run again"
    return diagnostic("EVAL_RECORD_TORN", why, line=line)


def _taken(folder: Path) -> EvalError:
    return _invalid(f"{folder} holds something already", hint="--resume goes on with a run")


def _invalid(why: str, *, hint: str = "") -> EvalError:
    return EvalError([diagnostic("EVAL_RUN_INVALID", why, hint=hint)])


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
