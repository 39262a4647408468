"""A stream that nobody looks at costs no more than its messages, and ends as if all had looked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from clientsim import (
    PROFILES,
    ClientSim,
    outline,
    profile_spec,
    profile_web_core,
    tree_spec,
    tree_web_core,
)
from clientsim.canonical import encode
from tests.clientsim.conftest import Message, begin, column, data, rows, text, update
from tests.clientsim.unseen import story

Stream = Callable[[int], list[Message]]
PLAIN = ("spec", "web_core")


def told(messages: list[Message], profile: str, *, look: bool) -> ClientSim:
    sim = ClientSim(profile)
    for message in messages:
        sim.apply(message)
        if look:
            sim.surface_hash_all()
    return sim


def same(unseen: ClientSim, seen: ClientSim) -> bool:
    """Equal reports, of whatever depth."""
    return encode(unseen.report()) == encode(seen.report())


@pytest.mark.parametrize("profile", sorted(PROFILES))
@pytest.mark.parametrize("shard", range(2))
def test_whether_someone_looks_makes_no_difference(profile: str, shard: int) -> None:
    late = 0
    for seed in range(shard, 120, 2):
        messages = story(seed)
        unseen, seen = (told(messages, profile, look=look) for look in (False, True))
        late += any(surface.late for surface in unseen._surfaces.values())
        assert same(unseen, seen), f"seed {seed}"
    assert late > 8 or profile == "no_incremental", "trees are made late in many of them"


def leaves(size: int) -> list[Message]:
    """Each leaf once more."""
    parts = {f"t{i}": text() for i in range(size)}
    again = [update(**{name: text(literal="again")}) for name in parts]
    return [update(root=column(*parts), **parts), begin(), *again]


def boxes(size: int) -> list[Message]:
    """Each container once more, with what is in it."""
    leaf = text()
    parts = [{f"b{i}": column(f"t{i}", f"u{i}"), f"t{i}": leaf, f"u{i}": leaf} for i in range(size)]
    whole = {name: part for each in parts for name, part in each.items()}
    root = column(*(f"b{i}" for i in range(size)))
    return [update(root=root, **whole), begin(), *(update(**part) for part in parts)]


def values(size: int) -> list[Message]:
    """Each leaf's value."""
    parts = {f"t{i}": text(f"/d/k{i}/v") for i in range(size)}
    written = [data(f"/d/k{i}", v="x") for i in range(size)]
    return [update(root=column(*parts), **parts), begin(), *written]


def more_rows(size: int) -> list[Message]:
    """A list that grows by a row a message; then a value of each row."""
    parts = {"root": rows("row", "/rows"), "row": column("name"), "name": text("says")}
    grown = [data(f"/rows/r{i}", says="x") for i in range(size)]
    return [update(**parts), begin(), *grown, *(data(f"/rows/r{i}", says="y") for i in range(size))]


def downwards(size: int) -> list[Message]:
    """One component a message, each before those in it; `spec` alone takes them."""
    parts = {f"t{i}": text() for i in range(size)}
    each = (update(**{name: part}) for name, part in parts.items())
    return [begin(), update(root=column(*parts)), *each]


def work(patch: pytest.MonkeyPatch, messages: list[Message], profile: str) -> int:
    """How many nodes and sketches are made for a stream, and one look at its end."""
    counted = 0

    def counting(home: Any, name: str) -> None:
        made = getattr(home, name)

        def count(*args: Any) -> Any:
            nonlocal counted
            counted += 1
            return made(*args)

        patch.setattr(home, name, count)

    with patch.context() as patch:
        counting(tree_web_core._Builder, "node")
        counting(tree_spec._Builder, "node")
        counting(profile_web_core, "sketch")
        counting(profile_spec, "_sketch")
        counting(tree_spec, "references")
        assert told(messages, profile, look=False).tree("s") is not None
    return counted


@pytest.mark.parametrize("profile", PLAIN)
@pytest.mark.parametrize("stream", [leaves, boxes, values, more_rows, downwards])
def test_work_grows_with_messages_and_nodes(
    profile: str, stream: Stream, monkeypatch: pytest.MonkeyPatch
) -> None:
    if stream is downwards and profile == "web_core":
        assert told(stream(3), profile, look=False).errors[0].code == "SIM_REFERENCE_UNRESOLVED"
        return
    few, many = (work(monkeypatch, stream(size), profile) for size in (50, 200))
    assert many < 4.2 * few
    nodes = sum(len(body.get("components", ())) for each in stream(200) for body in each.values())
    assert many < 8 * (nodes + len(stream(200)))


def test_looking_each_time_costs_a_tree_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the measure above would say of a client that rebuilds per message."""
    monkeypatch.setattr("clientsim.surface.Surface.sketched", lambda self, sketch: None)
    few, many = (work(monkeypatch, leaves(size), "web_core") for size in (50, 200))
    assert many > 10 * few


def late_and_early(*messages: Message, profile: str = "web_core") -> list[str]:
    """Codes and lines of the errors, the same for who looks and who does not."""
    unseen, seen = (told(list(messages), profile, look=look) for look in (False, True))
    assert same(unseen, seen)
    return [f"{error.code} {error.line}" for error in unseen.errors]


def deeper(start: int, steps: int) -> list[Message]:
    """A chain of columns that each message makes one longer."""
    chain = {f"c{i}": column(f"c{i + 1}") for i in range(start)} | {f"c{start}": text()}
    grown = [
        update(**{f"c{i}": column(f"c{i + 1}"), f"c{i + 1}": text()})
        for i in range(start, start + steps)
    ]
    return [update(root=column("c0"), **chain), begin(), *grown]


@pytest.mark.parametrize(("profile", "start"), [("web_core", 925), ("spec", 1370)])
def test_the_message_that_makes_it_too_deep_is_refused(profile: str, start: int) -> None:
    found = late_and_early(*deeper(start, 20), profile=profile)
    assert found[0].startswith("SIM_TOO_DEEP")
    assert 3 < int(found[0].split()[1]) < 22


@pytest.mark.parametrize("profile", PLAIN)
def test_the_row_that_makes_it_too_large_is_refused(
    profile: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (outline, profile_spec, profile_web_core, tree_spec, tree_web_core):
        if hasattr(module, "MAX_NODES"):
            monkeypatch.setattr(module, "MAX_NODES", 10)
    parts = {"root": rows("row", "/rows"), "row": column("name"), "name": text("says")}
    grown = [data(f"/rows/r{i}", says="x") for i in range(6)]
    assert late_and_early(update(**parts), begin(), *grown, profile=profile)[0] == "SIM_TOO_LARGE 7"


def test_a_row_whose_id_is_a_component_of_its_own_is_a_cycle() -> None:
    """`row` in the row `k` has the id that the component around the list has."""
    parts = {"row:k": rows("row", "/rows"), "row": text("says")}
    grown = [data(f"/rows/{key}", says="x") for key in "abk"]
    assert late_and_early(update(**parts), begin("row:k"), *grown) == ["SIM_CYCLE 5"]


def test_a_name_that_others_asked_for_changes_them() -> None:
    parts = update(root=column("a", "b"), a=text(literal="later"), b=text())
    again = update(b=text(literal="again"))
    steps = (parts, begin(), again, again, update(later=text()), again)
    assert late_and_early(*steps) == []
    sim = told(list(steps), "web_core", look=False)
    tree: Any = sim.tree("s")
    assert tree["props"]["children"][0]["props"]["text"]["literalString"]["id"] == "later"


def test_what_was_refused_leaves_the_tree_of_the_message_before() -> None:
    parts = update(root=column("a", "b"), a=text(), b=text())
    again = [update(b=text(literal=words)) for words in ("one", "two")]
    cycle = update(b={"Own": {"x": "root"}})
    sim = told([parts, begin(), *again, cycle], "web_core", look=False)
    assert [error.code for error in sim.errors] == ["SIM_CYCLE"]
    assert ("b", "text", "two") in sim.visible("s")


def test_a_shared_component_is_built_each_time_and_ends_alike() -> None:
    parts = update(root=column("a", "a"), a=text())
    assert late_and_early(parts, begin(), *(update(a=text(literal=f"{i}")) for i in range(4))) == []


def test_what_a_user_chose_ends_with_its_node_though_nobody_looks() -> None:
    items = [{"title": {"literalString": name}, "child": name} for name in "ab"]
    tabs = {"Tabs": {"tabItems": items}}
    parts = update(root=column("tabs"), tabs=tabs, a=text(literal="A"), b=text(literal="B"))
    sim = told([parts, begin()], "web_core", look=False)
    sim.select_tab("s", "tabs", 1)
    for message in (update(root=column("a"), a=text()), parts):
        sim.apply(message)
    assert ("a", "text", "A") in sim.visible("s", reachable=False)


def test_a_refused_message_leaves_no_trace_in_spec() -> None:
    steps = [
        update(root=column("a"), a=text()), begin(), data("/d", x="1"),
        update(a=text(literal="late")), update(a=column("root")), data(None, y="2"),
    ]  # fmt: skip
    assert late_and_early(*steps, profile="spec") == ["SIM_CYCLE 5"]
    sim = told(steps, "spec", look=False)
    assert sim.data("s") == {"y": "2"}
    assert sim.visible("s") == [("a", "text", "late")]
