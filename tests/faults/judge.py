"""What the log says of a run, held against what clients were told, and against what is outside."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from tests.faults.site import Place
from tests.faults.till import COUNTED, Ledger, till
from uicompiler import replay
from uicompiler.canonical import sha256_hex
from uicompiler.store.log import Entry
from uicompiler.store.open import open_log
from uicompiler.store.verification import verify, verify_database

Numbers = Mapping[tuple[str, str], Sequence[int]]
"""By conversation and kind, the operations that were acknowledged."""

_COUNTS = {"add": ("count", "total"), "charge": ("charged", "paid")}


@dataclass(frozen=True)
class Found:
    """What the log says.

    Attributes:
        figures: For people.
        wrong: What may not be.
    """

    figures: Mapping[str, int]
    wrong: tuple[str, ...]


def judge(place: Place, numbers: Numbers) -> Found:
    """Read the whole log; nobody writes to it any more."""
    log, ledger = open_log(place.log), Ledger(Path(place.ledger))
    try:
        ids, entries, states = list(log.ids()), 0, 0
        wrong = [str(item) for item in verify_database(log)]
        for name in ids:
            found = verify(log, name)
            wrong += [f"{name}: {item}" for item in found.diagnostics]
            conversation = list(log.entries(name))
            entries += len(conversation)
            wrong += _differs(name, _kept(log, name), conversation, numbers)
            replayed, differing = _replayed(name, conversation)
            states, wrong = states + replayed, wrong + differing
    finally:
        log.close()
    wrong += [f"{name} is gone" for name in sorted({name for name, _ in numbers} - set(ids))]
    charges, models = ledger.lines("charge"), ledger.lines("model")
    wrong += list(_outside(charges, numbers))
    figures = {
        "conversations": len(ids),
        "entries": entries,
        "states as in a replay": states,
        "charges outside": len(charges),
        "of them, asked again under their key": len(charges) - len({c["key"] for c in charges}),
        "model calls": len(models),
    }
    return Found(figures, tuple(wrong))


def _kept(log: Any, name: str) -> Mapping[str, Any]:
    kept: Mapping[str, Any] = orjson.loads(log.head(name).kept)
    return kept


def _differs(
    name: str, kept: Mapping[str, Any], entries: Sequence[Entry], numbers: Numbers
) -> Iterator[str]:
    """What is lost, done twice, or comes to something else when it is replayed."""
    documents = {surface["name"]: surface["data"] for surface in kept["state"]["surfaces"]}
    committed = documents["main"]["committed"] if "main" in documents else {}
    for kind, (count, total) in _COUNTS.items():
        told = numbers.get((name, kind), ())
        said = (committed.get(count, 0), committed.get(total, 0))
        if said != (len(told), sum(told)):
            yield f"{name}: {kind}: {len(told)} acknowledged, {said} in the state"
    seqs = [entry.seq for entry in entries]
    if seqs != list(range(1, len(seqs) + 1)):
        yield f"{name}: entries {seqs}"


def _replayed(name: str, entries: Sequence[Entry]) -> tuple[int, list[str]]:
    """How many states are as a replay of the records has them, and what is not."""
    records = [record for entry in entries for record in entry.records]
    result = replay.run(records, till())
    wrong = [f"{name}: replay: {finding}" for finding in result.diagnostics]
    turns = {turn.line: turn for turn in result.turns}
    line, same = 0, 0
    for entry in entries:
        lines = range(line + 1, line + 1 + len(entry.records))
        line += len(entry.records)
        ran = [turns[at] for at in lines if at in turns]
        if ran and sha256_hex(ran[-1].result.state.to_dict()) != entry.state:
            return same, [*wrong, f"{name}: entry {entry.seq} is another one in a replay"]
        same += bool(ran)
    return same, wrong


def _outside(charges: Sequence[Mapping[str, Any]], numbers: Numbers) -> Iterator[str]:
    """Whether each charge was asked for under one key, and each key is of one charge."""
    keys: dict[int, set[str]] = {}
    for line in charges:
        keys.setdefault(line["number"], set()).add(line["key"])
    for number, found in keys.items():
        if len(found) != 1:
            yield f"charge {number} was asked for under {len(found)} keys"
    if len(set().union(*keys.values())) != len(keys):
        yield "a key stands for several charges"
    told = {n for (_, kind), all_ in numbers.items() if kind == "charge" for n in all_}
    if told - set(keys):
        yield f"charges that nobody asked for: {sorted(told - set(keys))[:5]}"


assert set(COUNTED) == {name for pair in _COUNTS.values() for name in pair}
