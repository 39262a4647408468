"""Every fault, through the real litellm: a turn ends usable or with a clear code, and says how."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from tests.llm.faults.answers import ANSWERS, REFUSALS, TOOLS
from tests.llm.faults.bodies import BODIES
from tests.llm.faults.cases import Fault
from tests.llm.faults.odd import ODD
from tests.llm.faults.playing import KEY, USUAL_SECONDS, Played, aplay, play, screen, shows_all
from tests.llm.faults.requests import FAILING, LIMITED, REFUSED
from tests.llm.faults.streams import STREAMS
from uicompiler.errors import CODES
from uicompiler.evals.sim.server import SimServer
from uicompiler.llm.settings import Budget
from uicompiler.llm.transport import count_tokens

ALL = (*REFUSED, *LIMITED, *FAILING, *BODIES, *ANSWERS, *REFUSALS, *TOOLS, *STREAMS, *ODD)
WITHOUT_BLOCKING = (*REFUSED[:3], *LIMITED[:2], *FAILING[-6:], *STREAMS[:2], TOOLS[0])


@pytest.fixture(scope="module")
def server() -> Iterator[SimServer]:
    count_tokens("")  # litellm takes seconds to load, which no turn here has
    with SimServer() as running:
        yield running


@pytest.mark.parametrize("fault", ALL, ids=lambda fault: fault.name)
def test_a_fault_ends_as_it_should(server: SimServer, fault: Fault) -> None:
    played = play(server, fault)

    assert tuple(item.outcome for item in played.result.attempts) == fault.outcomes
    _ends(fault, played)
    _keeps_its_budget(fault, played)
    _tells_its_story(fault, played)
    _keeps_its_secret(played)


@pytest.mark.parametrize("fault", WITHOUT_BLOCKING, ids=lambda fault: fault.name)
def test_it_ends_the_same_in_an_event_loop(server: SimServer, fault: Fault) -> None:
    played = asyncio.run(aplay(server, fault))

    assert tuple(item.outcome for item in played.result.attempts) == fault.outcomes
    _ends(fault, played)


def test_names_of_faults_differ() -> None:
    assert len({fault.name for fault in ALL}) == len(ALL)


def test_a_wait_that_is_asked_for_is_kept(server: SimServer) -> None:
    played = play(server, LIMITED[0])

    assert len(played.waits) == 1
    assert 2.0 <= played.waits[0] <= 3.0


def test_waits_grow_and_differ(server: SimServer) -> None:
    forever = next(fault for fault in LIMITED if fault.name == "429 for ever")

    first, second = play(server, forever).waits, play(server, forever).waits

    assert first == sorted(first)
    assert first != second


def test_a_key_that_was_refused_is_gone_and_the_others_are_not(server: SimServer) -> None:
    played = play(server, REFUSED[0])

    assert [sorted({"temperature", "seed"} & set(one)) for one in played.requests] == [
        ["seed", "temperature"],
        ["seed"],
    ]


def test_the_ladder_goes_down_one_rung_at_a_time(server: SimServer) -> None:
    nowhere = next(
        fault for fault in REFUSED if fault.name.startswith("every structured mode, 404")
    )

    played = play(server, nowhere)

    asked = [(one.get("response_format") or {}).get("type") for one in played.requests]
    assert asked == ["json_schema", "json_object", None]


# --- what holds for all ---------------------------------------------------------------------------


def _ends(fault: Fault, played: Played) -> None:
    result = played.result
    codes = [item.code for item in result.diagnostics]
    assert set(fault.codes) <= set(codes)
    if fault.ends == "usable":
        assert result.ok
        assert shows_all(result.compiled)
    elif fault.ends == "partly":
        assert result.ok
        assert screen(result.compiled) or result.compiled.effects
        assert "LLM_OUTPUT_UNUSABLE" not in [
            item.code for item in result.diagnostics if item.severity == "error"
        ]
    elif fault.ends == "words":
        assert result.ok
        assert result.compiled.assistant_text
        assert not result.compiled.batches
    else:
        _fails_clearly(fault, played)


def _fails_clearly(fault: Fault, played: Played) -> None:
    compiled = played.result.compiled
    errors = [item for item in played.result.diagnostics if item.severity == "error"]
    assert not played.result.ok
    assert errors[0].code == fault.ends
    assert errors[0].code in CODES
    assert compiled.batches == ()
    assert compiled.state.surfaces == {}
    assert compiled.fallback is not None
    assert compiled.fallback.text


def _keeps_its_budget(fault: Fault, played: Played) -> None:
    budget = Budget(**{"seconds": USUAL_SECONDS, **fault.budget})
    assert len(played.requests) <= (budget.calls or 0)
    assert played.took_s + sum(played.waits) < (budget.seconds or 0) + 2


def _tells_its_story(fault: Fault, played: Played) -> None:
    told = played.result.trace.to_dict()["llm"]
    assert [one["outcome"] for one in told["attempts"]] == list(fault.outcomes)
    assert len(told["attempts"]) == len(played.requests)
    for one in told["attempts"]:
        if one["outcome"] not in ("ok", "unusable"):
            assert one["code"].startswith("LLM_")
    waited = sum(one["waited_ms"] for one in told["attempts"]) / 1000
    assert waited <= sum(played.waits) + 1


def _keeps_its_secret(played: Played) -> None:
    assert KEY not in repr(played.result.trace.to_dict())
    assert KEY not in repr(played.result)
    assert KEY not in repr(played.requests)
