"""Every case in `fixtures/` gives what it expects, and what goes out is fit for every judge.

`UICOMPILER_GOLDEN=update pytest tests/test_fixtures.py` rewrites the expectations; review the
diff. A new case is a folder (see `fixtures/README.md`), not code.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from clientsim import ClientSim
from tests import traces
from tests.backends.html.same_meaning.cases import doubled, doubled_anew, expected_html
from tests.fixture_cases import (
    ROOT,
    Case,
    action_of,
    as_bytes,
    cases,
    cases_in,
    compare,
    outcome,
    run,
    run_anew,
    source_of,
)
from uicompiler import CompileResult, TurnContext, UIApp, UIState, a2ui, snapshot
from uicompiler.catalog.catalog import standard_catalog
from uicompiler.cli import main
from uicompiler.errors import CODES
from uicompiler.ir.fields import FIELD_KINDS, Field
from uicompiler.ir.tree import STANDARD_NODES, walk

MODEL_CODES = {code for code in CODES if code.startswith(("DIRECTIVE_", "A2UI_C2S_"))}
UNREACHED: dict[str, str] = {}
"""Codes that no case can reach yet, each with the reason."""


def each(*areas: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("case", cases_in(*areas), ids=lambda case: case.name)


# ---------------------------------------------------------------- what is expected


@each("accepted", "refused", "degraded")
def test_a_case_gives_what_it_expects(case: Case) -> None:
    ran = run(case)
    sent = b"" if ran.result is None else ran.result.jsonl()
    compare(case.expected_jsonl, sent)
    compare(case.expected_json, as_file(outcome(ran)))
    if case.expected_state.is_file() and ran.result is not None:
        compare(case.expected_state, as_file(ran.result.state.to_dict()))
    for step in ran.steps:
        traces.check(step.trace)


SENT_AS_HTML = [case for case in cases() if case.options.get("html")]


@pytest.mark.parametrize("case", SENT_AS_HTML, ids=lambda case: case.name)
def test_a_case_sends_the_html_it_expects(case: Case) -> None:
    compare(case.expected_html, expected_html(case))


@pytest.mark.parametrize("case", SENT_AS_HTML, ids=lambda case: case.name)
def test_a_second_run_sends_the_same_html(case: Case) -> None:
    again = doubled_anew(case, run_anew(case))
    assert [item and item.jsonl() for item in again.results] == [
        item and item.jsonl() for item in doubled(case).results
    ]


def as_file(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode()


@each("accepted", "refused", "degraded")
def test_a_second_run_gives_the_same_bytes(case: Case) -> None:
    assert as_bytes(run_anew(case)) == as_bytes(run(case))


# The command line has no way to give these, or does not take events.
BY_HAND = {
    "parsed",
    "signed",
    "plain_text",
    "catalog_ids",
    "capabilities",
    "conversation_id",
    "language",
}
SIMPLE = [
    case
    for case in cases()
    if not BY_HAND & case.options.keys()
    and case.app.id not in ("views", "flows")
    and not (case.folder / "before.json").is_file()
    and not (case.folder / "event.json").is_file()
]


@pytest.mark.parametrize("case", SIMPLE, ids=lambda case: case.name)
def test_the_command_line_gives_the_same_bytes_and_exit_status(
    case: Case, tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    path = tmp_path / "input"
    path.write_bytes(source_of(case))
    place = [] if case.app.id == "standard" else ["--app", str(ROOT / "tests/apps" / case.app.id)]
    flags = ["--strict"] if case.options.get("strict") else []
    named = [
        f"--{name}={case.options[name]}" for name in ("client", "update") if name in case.options
    ]
    status = main(["compile", str(path), *place, *flags, *named])
    ran = run(case)
    assert status == outcome(ran)["exit"]
    assert capsysbinary.readouterr().out == ran.jsonl()


# ---------------------------------------------------------------- refused


@each("refused")
def test_what_is_refused_leaves_the_state_exactly_as_it_was(case: Case) -> None:
    ran = run(case)
    before = list(run_anew(case).steps)[: len(ran.steps) - (ran.result is not None)]
    assert ran.state.to_json() == (before[-1].state if before else UIState()).to_json()
    if ran.result is None:
        assert ran.error is not None, "strict mode raises"
        return
    assert ran.result.state is ran.state
    assert not ran.result.ok
    assert (ran.result.batches, ran.result.effects) == ((), ())
    assert ran.result.fallback is not None, "the user reads something"


@each("refused")
def test_a_refusal_names_a_registered_code_and_the_next_move(case: Case) -> None:
    ran = run(case)
    found = ran.error.diagnostics if ran.result is None and ran.error else ran.steps[-1].diagnostics
    errors = [item for item in found if item.severity == "error"]
    assert errors, "a refusal says why"
    assert {item.code for item in found} <= CODES.keys()
    assert all(item.message and len(item.message) < 400 for item in found)


# ---------------------------------------------------------------- accepted


@each("accepted")
def test_accepted_input_is_ok_and_its_state_comes_back_from_json(case: Case) -> None:
    ran = run(case)
    assert ran.result is not None
    assert ran.result.ok
    text = ran.result.state.to_json()
    again = UIState.from_json(text, nodes=case.app.nodes)
    assert again == ran.result.state
    assert again.to_json() == text


@each("accepted", "degraded")
def test_what_goes_out_is_valid_by_all_our_rules(case: Case) -> None:
    markup = {"A2UI_S2C_COMPONENT_TEXT_MARKUP"} if case.options.get("plain_text") else set()
    found = a2ui.validate(run(case).jsonl(), catalog=case.app.catalog_for(case.client))
    assert [item for item in found if item.severity == "error" and item.code not in markup] == []


@pytest.mark.parametrize("profile", ["spec", "web_core"])
@each("accepted", "degraded")
def test_clients_take_the_stream_at_every_cut_between_batches(case: Case, profile: str) -> None:
    sim = ClientSim(profile=profile)
    for step, batch in run(case).batches:
        for message in batch.messages:
            sim.apply(message)
        assert sim.errors == []
        live = {item.name for item in step.state.live_surfaces()}
        shown = [name for name in sim.surface_ids() if sim.ready(name)]
        assert shown == sim.surface_ids(), "no surface is half there"
        if batch.surface in live:
            assert batch.surface_id in shown
            assert no_broken_texts(sim, batch.surface_id)


def no_broken_texts(sim: ClientSim, surface_id: str) -> bool:
    failures = {"(empty)", "(invalid)", "Invalid label", "Invalid value", "[object Object]"}
    return not failures & {words for _, _, words in sim.visible(surface_id)}


@pytest.mark.parametrize(
    "case",
    [case for case in cases_in("accepted") if case.options.get("client") == "no_incremental"],
    ids=lambda case: case.name,
)
def test_a_client_that_ignores_updates_gets_whole_surfaces_only(case: Case) -> None:
    seen: set[str] = set()
    for step, batch in run(case).batches:
        if step.state.surfaces[batch.surface].live:
            kinds = [key for message in batch.messages for key in message]
            assert kinds[-1] == "beginRendering"
            assert batch.surface_id not in seen
            seen.add(batch.surface_id)


@each("accepted", "degraded")
def test_a_snapshot_shows_a_client_that_lost_all_the_same(case: Case) -> None:
    ran = run(case)
    turn = TurnContext(conversation_id=ran.state.conversation_id, language=case.language)
    fresh = snapshot(ran.steps[-1].state, app=case.app, client=case.client, turn=turn)
    assert fresh.ok
    there = ClientSim()
    feed(there, fresh)
    assert there.errors == []
    if any(action_of(source) is not None for source in ran.sources):
        return  # What the user typed is on the old client only; the official tests type it.
    here = ClientSim()
    for step in ran.steps:
        feed(here, step)
    for batch in fresh.batches:
        assert there.screen(batch.surface_id) == here.screen(batch.surface_id)


def feed(sim: ClientSim, result: CompileResult) -> None:
    for message in result.messages:
        sim.apply(message)


# ---------------------------------------------------------------- what the cases cover


def test_there_are_enough_cases() -> None:
    assert len(cases_in("accepted")) >= 30
    assert len(cases_in("refused")) >= 30
    assert {case.area for case in cases()} == {"accepted", "refused", "degraded"}


def test_every_code_of_models_and_clients_occurs_in_a_case() -> None:
    seen = {code for case in cases() for code in outcome(run(case))["codes"]}
    assert seen & UNREACHED.keys() == set(), "these are reached now"
    assert sorted(MODEL_CODES - seen - UNREACHED.keys()) == []


def test_every_node_and_every_kind_of_field_is_shown_in_an_accepted_case() -> None:
    nodes = [node for result in accepted_results() for node in shown_nodes(result)]
    assert {type(node) for node in nodes} >= set(STANDARD_NODES.values())
    assert {node.kind for node in nodes if isinstance(node, Field)} >= set(FIELD_KINDS)


def test_every_component_of_the_standard_catalog_goes_out_in_an_accepted_case() -> None:
    sent = {
        kind
        for result in accepted_results()
        for message in result.messages
        if "surfaceUpdate" in message
        for item in message["surfaceUpdate"]["components"]
        for kind in item["component"]
    }
    standard = standard_catalog().components.keys()
    assert len(standard) == 18
    assert sorted(standard - sent) == []


def test_the_cases_with_html_cover_nodes_fields_and_codes_of_access() -> None:
    """A case says so by the option `html`."""
    results = [item for case in SENT_AS_HTML for item in doubled(case).results if item is not None]
    codes = {item.code for result in results for item in result.diagnostics}
    assert {code for code in CODES if code.startswith("A2UI_S2C_ACCESS_")} <= codes
    nodes = [node for result in results for node in shown_nodes(result)]
    assert {type(node) for node in nodes} >= set(STANDARD_NODES.values())
    assert {node.kind for node in nodes if isinstance(node, Field)} >= set(FIELD_KINDS)


def test_every_standard_directive_runs_in_an_accepted_case() -> None:
    written = "".join(
        path.read_text("utf-8") for case in cases_in("accepted") for path in case.folder.iterdir()
    )
    standard = {spec.type for spec in UIApp.standard().directives}
    assert [name for name in sorted(standard) if f'"{name}"' not in written] == []


def accepted_results() -> Iterator[CompileResult]:
    return (result for case in cases_in("accepted") for result in run(case).steps)


def shown_nodes(result: CompileResult) -> Iterator[Any]:
    for surface in result.state.live_surfaces():
        if surface.view is not None:
            yield from (node for node, _, _ in walk(surface.view.root))
