"""What goes out after an attack, `fixtures/hostile/`, is plain text on the official client.

No markdown link, image or tag comes of it, nothing is fetched but what an image, video or sound
of a view names, and every text that a case says is on the screen is there as it was written.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from clientsim import ClientSim
from tests.hostile_cases import Attack, cases, verdict

from .bridge import OfficialClient, Session

pytestmark = pytest.mark.official

MEDIA = {"Image": "image", "Video": "video", "AudioPlayer": "audio"}
PLAIN_TAGS = {"p", "h1", "h2", "h3", "h4", "h5", "em", "br"}
"""What a text's own line, a heading and a caption are made of."""


def sent(case: Attack) -> list[Any]:
    """Every message, of the steps before too."""
    raw = b"".join(result.jsonl() for result in verdict(case).results)
    return [json.loads(line) for line in raw.decode().split("\n") if line]


CASES = [
    case
    for case in cases()
    if case.stated.get("output_hash") is not None
    and not {"plain_text", "repeat"} & case.options.keys()  # another client's, or long for a bridge
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.folder.name)
def test_an_attack_shows_as_plain_text(session: Session, case: Attack) -> None:
    assert [error for error in session.apply_many(sent(case)) if error is not None] == []
    media = set(media_of(case))
    seen = []
    for surface in session.states():
        shown = session.visible(surface)
        seen += [item.text for item in shown]
        assert {item.role for item in shown} & {"link", "broken"} == set()
        fetched = {(item.id, item.role) for item in shown if item.role in MEDIA.values()}
        assert fetched <= media, "only media components fetch"
    for text in case.shows:
        assert any(text in words for words in seen), (text, seen[:20])


def media_of(case: Attack) -> Iterator[tuple[str, str]]:
    """Id and role of every media component that the simulated client shows."""
    sim = ClientSim("web_core")
    for message in sent(case):
        sim.apply(message)
    for surface in sim.surface_ids():
        for node in sim.nodes(surface):
            kind = str(node["type"])
            if kind in MEDIA:
                yield str(node["id"]), MEDIA[kind]


def test_the_renderer_makes_no_tag_of_any_text(official: OfficialClient) -> None:
    texts = {text for case in CASES for text in texts_of(case)}
    assert len(texts) > 100
    for text in sorted(texts):
        found = official.markdown(text)
        assert (found.links, found.images) == ([], [])
        assert set(found.tags) <= PLAIN_TAGS, text


def texts_of(case: Attack) -> Iterator[str]:
    """The markdown source of every Text."""
    for message in sent(case):
        for item in message.get("surfaceUpdate", {}).get("components", []):
            literal = item["component"].get("Text", {}).get("text", {}).get("literalString")
            if literal is not None:
                yield literal
