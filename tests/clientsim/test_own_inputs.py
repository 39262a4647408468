"""Inputs that a host has registered beside those of the standard catalog."""

from typing import Any

import pytest

from clientsim import PROFILES, ClientSim, ClientSimError

FILE = {
    "FileUpload": {
        "label": {"literalString": "Card"},
        "value": {"path": "/d/file"},
        "accept": [".json"],
    }
}


def stream(m: Any) -> list[dict[str, Any]]:
    return [
        m.update(root=m.column("i-file"), **{"i-file": FILE}),
        m.data("/d", file=""),
        m.begin(catalogId="https://a.example/catalog.json"),
    ]


def client(m: Any, profile: str, **settings: Any) -> ClientSim:
    sim = ClientSim(profile, **settings)
    assert [sim.apply(message) for message in stream(m)] == [None] * 3
    return sim


@pytest.mark.parametrize("profile", PROFILES)
def test_a_registered_input_shows_its_label_and_stores_what_is_entered(
    m: Any, profile: str
) -> None:
    sim = client(m, profile, own_inputs={"FileUpload": "value"})
    assert sim.screen("s") == "[ Card: ____________ ]\n"
    sim.edit("s", "i-file", "[1,\n2]")
    assert sim.value_at("s", "/d/file") == "[1,\n2]"
    sim.edit("s", "i-file", "upload:f1")
    assert sim.visible("s") == [("i-file", "label", "Card"), ("i-file", "value", "upload:f1")]
    with pytest.raises(ClientSimError, match="takes a string"):
        sim.edit("s", "i-file", 7)


@pytest.mark.parametrize("profile", PROFILES)
def test_without_it_the_type_is_nothing_that_a_user_sees(m: Any, profile: str) -> None:
    sim = client(m, profile)
    assert sim.screen("s") == ""
    with pytest.raises(ClientSimError, match="no input"):
        sim.edit("s", "i-file", "upload:f1")


def test_what_a_host_registers_changes_neither_tree_nor_hash(m: Any) -> None:
    plain, own = client(m, "web_core"), client(m, "web_core", own_inputs={"FileUpload": "value"})
    assert plain.hash("s") == own.hash("s")
