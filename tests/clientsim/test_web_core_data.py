"""`web_core`: the data model of the official client."""

from collections.abc import Callable
from typing import Any

import pytest

from clientsim import ClientSim

Play = Callable[..., ClientSim]


def entry(key: str, value: str) -> dict[str, object]:
    return {"key": key, "valueString": value}


@pytest.mark.parametrize("path", ["u/a", "/u/a", "./u/a", "u.a", "//u//a/", "/u[0]"])
def test_slashes_dots_and_brackets_all_separate(path: str, play: Play, m: Any) -> None:
    last = "0" if "[" in path else "a"
    assert play(m.data(path, k="v")).data("s") == {"u": {last: {"k": "v"}}}


def test_keys_are_paths_and_the_empty_key_is_dropped(play: Play, m: Any) -> None:
    sim = play(
        m.data(None, entry("a.b", "1"), entry("c/d", "2"), entry("e[0]", "3"), entry("", "4"))
    )
    assert sim.data("s") == {"a": {"b": "1"}, "c": {"d": "2"}, "e": {"0": "3"}}


def test_an_empty_key_with_a_map_replaces_its_siblings(play: Play, m: Any) -> None:
    sim = play(m.data(None, entry("a", "1"), {"key": "", "valueMap": [entry("b", "2")]}))
    assert sim.data("s") == {"b": "2"}


def test_pointer_escapes_mean_nothing(play: Play, m: Any) -> None:
    assert play(m.data("/a~1b", k="v")).data("s") == {"a~1b": {"k": "v"}}


@pytest.mark.parametrize("root", [None, "/", "", "."])
def test_an_update_of_the_root_replaces_everything(root: str | None, play: Play, m: Any) -> None:
    assert play(m.data("/a", k="v"), m.data(root, x="y")).data("s") == {"x": "y"}


def test_an_update_replaces_at_its_path_and_keeps_what_is_beside_it(play: Play, m: Any) -> None:
    sim = play(m.data(None, a="1", b=[entry("x", "1")]), m.data("/b", y="2"))
    assert sim.data("s") == {"a": "1", "b": {"y": "2"}}


def test_a_scalar_in_the_way_gives_way(play: Play, m: Any) -> None:
    assert play(m.data(None, a="1"), m.data("/a/b", c="2")).data("s") == {"a": {"b": {"c": "2"}}}


def test_the_dot_key_sets_a_bare_value(play: Play, m: Any) -> None:
    sim = play(m.data("/u", a="1", b="2"), m.data("/u/a", entry(".", "9")))
    assert sim.data("s") == {"u": {"a": "9", "b": "2"}}


def test_empty_contents_are_an_empty_map(play: Play, m: Any) -> None:
    assert play(m.data(None, a="1"), m.data("/a")).data("s") == {"a": {}}
    assert play(m.data(None, a="1"), m.data()).data("s") == {}


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("[1,2]", [1, 2]),
        (' {"a":{"b":[]}} ', {"a": {"b": []}}),
        ("[]", {}),
        ('[{"key":"k","valueString":"v"}]', {"k": "v"}),
        ('[{"a":1}]', [{"a": 1}]),
        ("[oops]", "[oops]"),
        ("[NaN]", "[NaN]"),
        ("\u00a0[1]", "\u00a0[1]"),
        ("\u2060[1]", "\u2060[1]"),
        ("5", "5"),
        ("[1e400]", [None]),
        ("{", "{"),
    ],
)
def test_a_string_that_reads_as_json_is_stored_as_json(
    text: str, stored: object, play: Play, m: Any
) -> None:
    assert play(m.data(None, a=text)).data("s") == {"a": stored}


def test_below_a_parsed_object_reading_works_and_writing_is_lost(play: Play, m: Any) -> None:
    sim = play(m.data(None, o='{"a":{"b":1}}'), m.data("/o/a", b="2"), m.data("/o/x/y", z="3"))
    assert sim.data("s") == {"o": {"a": {"b": 1}}}
    assert sim.value_at("s", "/o/a/b") == 1


def test_a_parsed_array_can_be_written_by_index_and_grows(play: Play, m: Any) -> None:
    sim = play(m.data(None, a="[1,2]"), m.data("/a/0", entry(".", "x")), m.data("/a/4", k="v"))
    assert sim.data("s") == {"a": ["x", 2, None, None, {"k": "v"}]}
    sim.apply(m.data("/a/word", k="lost"))
    sim.apply(m.data("/a/4294967294", k="far"))
    assert sim.value_at("s", "/a/4294967294/k") == "far"


def test_a_parsed_root_object_becomes_the_model_in_key_order_of_javascript(
    play: Play, m: Any
) -> None:
    sim = play(m.data(None, entry(".", '{"b":1,"10":2,"9":3}')))
    data = sim.data("s")
    assert isinstance(data, dict)
    assert list(data) == ["9", "10", "b"]


def test_a_key_that_is_no_string_fails_and_stores_nothing_but_the_surface(
    play: Play, m: Any
) -> None:
    sim = play(m.data(None, a='[{"key":5,"value":1}]'), refused=1)
    assert sim.errors[0].code == "SIM_DATA_INVALID"
    assert sim.surface_ids() == ["s"]
    assert sim.data("s") == {}


def test_insertion_order_is_kept_for_numeric_keys(play: Play, m: Any) -> None:
    data = play(m.data(None, entry("2", "a"), entry("1", "b"), entry("2", "c"))).data("s")
    assert isinstance(data, dict)
    assert list(data.items()) == [("2", "c"), ("1", "b")]


def test_reading_past_a_scalar_or_a_missing_key_gives_nothing(play: Play, m: Any) -> None:
    sim = play(m.data("/u", a="1"))
    assert sim.value_at("s", "/u/a/b") is None
    assert sim.value_at("s", "/nope/b") is None
    assert sim.value_at("s", "a", "/u") == "1"
    assert sim.value_at("s", ".", "/u") == sim.value_at("s", "", "/u") == {"a": "1"}
