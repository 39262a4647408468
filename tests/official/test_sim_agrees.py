"""ClientSim with the `web_core` profile agrees with the official client on every stream.

Seeded stories (`fuzz/sim_streams.py`) are compared step by step: whether a message was taken, every
surface's root, styles and data model, the resolved tree with each node's data context, what a
user's hands do, and in the end what is on the screen. `make fuzz N=…` runs any number of them;
here run `STREAMS`, in shards so that they run in parallel, and Hypothesis looks on its own.

That the comparison would tell is shown by faults put into ClientSim (`faults.py`).
"""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest
from hypothesis import given

from tests.stories import budget

from .bridge import OfficialClient
from .faults import FAULTS, Fault
from .fuzz.features import FEATURES
from .fuzz.sim_streams import disagreement, report, run, steps_of
from .fuzz.tally import Tally
from .messages import begin, column, data, text, update
from .stream_strategies import streams

pytestmark = pytest.mark.official

STREAMS = 2000
SHARDS = 10


@pytest.mark.parametrize("shard", range(SHARDS))
def test_the_sim_agrees_with_the_official_client(official: OfficialClient, shard: int) -> None:
    tally = run(range(shard, STREAMS, SHARDS), official)
    assert tally.failures == [], "\n\n".join(tally.failures[:5])
    assert tally.counts["streams"] == STREAMS // SHARDS
    for seen in ("refusals", "hands", "screens"):
        assert tally.counts[seen] > STREAMS // SHARDS // 2, f"the streams hold enough {seen}"
    assert tally.counts["refusals"] < tally.counts["agreements"] // 2, "most messages are taken"
    missing = [name for name in FEATURES if not tally.counts[f"streams with {name}"]]
    assert missing == [], "every shard holds everything that clients stumble over"


@given(streams())
@budget(150)
def test_the_sim_agrees_on_streams_that_hypothesis_draws(
    official: OfficialClient, messages: list[Any]
) -> None:
    steps = [{"message": message} for message in messages]
    assert disagreement(official, steps) is None


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_a_fault_in_the_sim_is_found(
    official: OfficialClient, monkeypatch: pytest.MonkeyPatch, fault: Fault
) -> None:
    fault(monkeypatch)
    found = next((seed for seed in range(600) if disagreement(official, steps_of(seed))), None)
    assert found is not None, f"{fault.__name__}: no stream of 600 tells"


def test_there_are_enough_faults_to_find() -> None:
    assert len({fault.__name__ for fault in FAULTS}) >= 10


def test_a_difference_is_cut_down_to_what_matters(
    official: OfficialClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    fault = next(each for each in FAULTS if each.__name__ == "paths_in_templates_stay")
    fault(monkeypatch)
    seed = next(seed for seed in range(100) if disagreement(official, steps_of(seed)))
    first, *lines, again = report(official, seed, steps_of(seed)).splitlines()
    steps = [json.loads(line) for line in lines]
    assert first.startswith(f"seed {seed}: step ")
    assert again == f"again: python -m tests.official.fuzz streams --seed {seed} --count 1"
    kinds = sorted(kind for step in steps for kind in step["message"])
    assert kinds == ["beginRendering", "dataModelUpdate", "surfaceUpdate"]
    assert "dataBinding" in "".join(lines)


MEMBERS: dict[str, tuple[Any, ...]] = {
    "path": ("x", ""),
    "literalString": ({}, "s", ""),
    "literalBoolean": (True, False, {}, [], 0),
    "literalNumber": (0, 3),
    "literal": (True, False, None, "z"),
}
"""What a check box's bound value may hold, as no schema looks at it."""


@pytest.mark.parametrize("names", [*itertools.combinations(MEMBERS, 2), tuple(MEMBERS)[:3]])
def test_of_a_check_box_with_several_values_the_same_one_counts(
    official: OfficialClient, names: tuple[str, ...]
) -> None:
    """Found by a stream: an input writes to its path whatever literal stands beside it."""
    values = {"message": data({"x": True})}
    edit = {"edit": {"surface": "main", "component": "root", "index": 0, "value": False}}
    for combination in itertools.product(*(MEMBERS[name] for name in names)):
        bound = dict(zip(names, combination, strict=True))
        for label in ({"literalString": "L"}, {"path": "x", "literalString": "q"}, bound):
            box = {"CheckBox": {"label": label, "value": bound}}
            steps = [{"message": update({"root": box})}, values, {"message": begin("root")}]
            steps += [edit] if bound.get("path") else []
            assert disagreement(official, steps) is None, bound


def test_a_dead_surface_order_is_a_difference(
    official: OfficialClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is not on any screen is compared, too."""
    steps = [{"message": data({"a": 1}, surface=name)} for name in ("main", "other")]
    assert disagreement(official, steps) is None
    monkeypatch.setattr("clientsim.ClientSim.surface_ids", lambda self: ["other", "main"])
    assert disagreement(official, steps) is not None


def test_what_was_seen_is_counted(official: OfficialClient) -> None:
    first_render = [update({"root": column("t"), "t": text("x")}), begin("root")]
    tally = Tally()
    steps = [{"message": message} for message in first_render]
    assert disagreement(official, [*steps, {"message": 7}], tally) is None
    assert dict(tally.counts) == {"agreements": 3, "refusals": 1, "hands": 0, "screens": 2}
