"""The folder of a run: what was asked for, and a line for each trial that is done.

`run.json` is written first, by whoever has the lock. A trial is a line of `trials.jsonl`, appended
when it is done; what many requests have in common, such as instructions and schemas, is kept once
in `shared.jsonl`, before the trial that names it. Whatever ends the process, all lines but the last
are whole.
"""

from __future__ import annotations

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

_GRADED: Final = ("usable", "grades", "attempts", "first_answer", "failure", "codes", "cost_usd")
_NEEDED: Final = frozenset({*_GRADED, "calls", "tags", "language", "app", "times"})
"""What no report does without."""


@dataclass(frozen=True, slots=True)
class Read:
    """What a folder holds.

    Attributes:
        run: `run.json`.
        trials: Records of trials, in the order in which they were done, without what was sent; for
            that there is `whole_trials`.
        findings: EVAL_RECORD_TORN for each line that is damaged, or was not written whole; its
            trial is not among them.
        sizes: Of each file, up to its last whole line.
    """

    run: Mapping[str, Json]
    trials: Sequence[Mapping[str, Json]]
    findings: tuple[Diagnostic, ...] = ()
    sizes: Mapping[str, int] = field(default_factory=dict)


def read_run(folder: Path) -> Read:
    """Read a run; goes on without lines that are damaged, as long as there are others.

    Raises:
        EvalError: EVAL_RUN_INVALID, there is none in the folder, or all of it is damaged.
    """
    run = _run(folder)
    shared, lines = _Lines(folder / SHARED), _Lines(folder / TRIALS)
    known = _parts(shared)
    found = [(number, _light(value, known)) for number, value in lines]
    trials = [record for _, record in found if record is not None]
    damaged = [number for number, record in found if record is None]
    if damaged and not trials:
        raise _no_record(folder, damaged[0])
    findings = [_damaged(folder / SHARED, number) for number in shared.damaged]
    findings += [_damaged(folder / TRIALS, number) for number in damaged]
    if lines.torn:
        findings.append(_torn(folder, len(found) + 1))
    return Read(run, trials, tuple(findings), {SHARED: shared.size, TRIALS: lines.size})


def whole_trials(folder: Path) -> Iterator[Mapping[str, Json]]:
    """The records that `read_run` gives, each with all that was sent, in the order of the file.

    Of a trial that was run again since its first record was damaged, the last one.
    """
    parts = _parts(_Lines(folder / SHARED))
    light_ones = ((number, _light(value, parts)) for number, value in _Lines(folder / TRIALS))
    last = {TrialKey(**item["key"]): number for number, item in light_ones if item is not None}
    numbers = set(last.values())
    for number, value in _Lines(folder / TRIALS):
        if number in numbers:
            yield {**value, "calls": [whole(call, parts) for call in value["calls"]]}


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
        going_on._known = set(_parts(_Lines(folder / SHARED)))
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
    """The values in a file of lines, read one by one, with the lines' numbers.

    Attributes:
        torn: Whether the last line was not written whole; known when all were read.
        size: Of the file up to the last whole line; likewise.
        damaged: Numbers of lines that somebody who read them found to be damaged.
    """

    def __init__(self, path: Path) -> None:
        self.torn = False
        self.size = 0
        self.damaged: list[int] = []
        self._path = path

    def __iter__(self) -> Iterator[tuple[int, Any]]:
        """Numbers and JSON values; None for what is no JSON."""
        if not self._path.exists():
            return
        with self._path.open("rb") as stream:
            for number, line in enumerate(stream, start=1):
                if not line.endswith(b"\n"):
                    self.torn = True
                    return
                self.size += len(line)
                yield number, _value(line)


def _value(line: bytes) -> Any:  # JSON
    try:
        return orjson.loads(line)
    except ValueError:
        return None


def _parts(shared: _Lines) -> dict[str, Json]:
    """What requests have in common, by its hash."""
    found: dict[str, Json] = {}
    for number, item in shared:
        try:
            found[item["sha256"]] = item["value"]
        except (KeyError, TypeError):
            shared.damaged.append(number)
    return found


def _light(value: Any, known: Mapping[str, Json]) -> dict[str, Json] | None:  # JSON
    """A trial's record without what was sent; None when it is none, or refers to what is gone."""
    try:
        hash(TrialKey(**value["key"]))
        return light(value, known) if value.keys() >= _NEEDED else None
    except (KeyError, TypeError, AttributeError):
        return None


def _damaged(path: Path, line: int) -> Diagnostic:
    why = f"{path}, line {line} is damaged, and is passed over"
    hint = "--resume runs its trial again; what is in the line is kept until you delete it"
    return diagnostic("EVAL_RECORD_TORN", why, hint=hint, line=line)


def _no_record(folder: Path, line: int) -> EvalError:
    why = f"{folder / TRIALS} holds no whole record of a trial: line {line} is none"
    return _invalid(why, hint="delete the line; its trial is run again on --resume")


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
