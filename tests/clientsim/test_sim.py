"""Lines, errors, reports and hashes."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientsim import ERROR_CODES, PROFILES, ClientSim, SimError
from clientsim.canonical import digest

Play = Callable[..., ClientSim]
BEGIN = '{"beginRendering":{"surfaceId":"s","root":"r"}}'


def test_an_unknown_profile_names_the_known_ones() -> None:
    with pytest.raises(ValueError, match="spec, web_core"):
        ClientSim("nope")
    assert set(PROFILES) == {"spec", "web_core", "no_incremental", "amnesiac"}


def test_lines_count_over_feeds_and_blank_ones_count_too() -> None:
    sim = ClientSim()
    assert sim.feed(f"{BEGIN}\n\n \t\r\nnope\n") == [sim.errors[0]]
    assert sim.errors[0].line == 4
    (error,) = sim.feed(b"\xff\n")
    assert (error.line, error.code) == (5, "SIM_JSON_INVALID")
    applied = sim.apply({})
    assert applied is not None
    assert applied.line == 6
    placed = sim.apply({}, line=40)
    assert placed is not None
    assert placed.line == 40


@pytest.mark.parametrize("line", ["NaN", "{", BEGIN + BEGIN, "\ufeff" + BEGIN, "\u00a0"])
def test_a_line_that_is_no_json_is_an_entry_and_the_next_one_counts(line: str) -> None:
    sim = ClientSim()
    errors = sim.feed(f"{line}\n{BEGIN}\r\n")
    assert [(e.line, e.code) for e in errors] == [(1, "SIM_JSON_INVALID")]
    assert sim.root("s") == "r"


def test_errors_are_frozen_known_and_one_sentence() -> None:
    error = SimError(1, "SIM_CYCLE", "It turns.")
    assert error.to_dict() == {"line": 1, "code": "SIM_CYCLE", "message": "It turns."}
    with pytest.raises(AttributeError):
        error.line = 2  # type: ignore[misc]
    assert all(code.startswith("SIM_") and meaning for code, meaning in ERROR_CODES.items())


def test_the_report_has_the_shape_of_sim_json(play: Play, m: Any) -> None:
    sim = play(m.begin(), m.update(root=m.text("/x")), m.data(None, x="1"), {}, refused=1)
    state = {
        "root": "root",
        "ready": True,
        "data": {"x": "1"},
        "tree": {"id": "root", "type": "Text", "props": {"text": {"path": "/x"}}},
    }
    assert sim.report() == {
        "surfaces": {"s": {**state, "hash": digest(state)}},
        "errors": [sim.errors[0].to_dict()],
    }
    assert sim.hash("s") == digest(state)
    assert sim.surface_hash_all() == digest({"s": state})


def test_the_hash_does_not_depend_on_the_order_of_keys_or_surfaces(play: Play, m: Any) -> None:
    one = play(m.begin(), m.data(None, a="1", b="2"))
    two = play(m.data(None, b="2", a="1"), m.begin())
    assert one.hash("s") == two.hash("s")
    for sim, names in ((one, "pq"), (two, "qp")):
        for name in names:
            sim.apply({"beginRendering": {"surfaceId": name, "root": "r"}})
    assert one.surface_hash_all() == two.surface_hash_all()
    assert one.surface_ids() != two.surface_ids()


def test_what_is_handed_out_can_be_changed_without_harm(play: Play, m: Any) -> None:
    sim = play(m.begin(), m.update(root=m.text("/x")), m.data(None, x=[]))
    before = sim.hash("s")
    data: Any = sim.data("s")
    tree: Any = sim.tree("s")
    data["x"]["y"] = 1
    tree["props"]["text"]["path"] = "/other"
    sim.errors.append(SimError(1, "SIM_CYCLE", ""))
    assert sim.hash("s") == before
    assert sim.errors == []


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.floats(allow_nan=False)
    | st.sampled_from(["s", "root", "/", "a", "Text", "[]", "", "__proto__"]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(
            ["surfaceUpdate", "dataModelUpdate", "beginRendering", "surfaceId", "components", "id",
             "component", "root", "contents", "key", "valueString", "valueMap", "path", "Text",
             "text", "Foo", "children", "explicitList", "template", "__proto__"]
        ),
        inner,
        max_size=4,
    ),
    max_leaves=20,
)  # fmt: skip


@given(st.lists(JSON, max_size=5), st.sampled_from(sorted(PROFILES)))
def test_no_message_raises(messages: list[object], profile: str) -> None:
    sim = ClientSim(profile)
    for message in messages:
        error = sim.apply(message)
        assert error is None or error.code in ERROR_CODES
    assert len(sim.surface_hash_all()) == 64
    again = ClientSim(profile)
    again.feed("\n".join(json.dumps(message) for message in messages if _finite(message)))
    assert all(error.code in ERROR_CODES for error in again.errors)


def _finite(message: object) -> bool:
    return "Infinity" not in json.dumps(message)


@given(st.text(), st.sampled_from(sorted(PROFILES)))
def test_no_line_raises(text: str, profile: str) -> None:
    ClientSim(profile).feed(text)


@given(st.lists(JSON, max_size=5))
def test_under_spec_a_refused_message_leaves_the_state_alone(messages: list[object]) -> None:
    sim = ClientSim("spec")
    for message in messages:
        before = sim.surface_hash_all()
        if sim.apply(message) is not None:
            assert sim.surface_hash_all() == before
