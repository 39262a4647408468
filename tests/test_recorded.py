"""Generated conversations replay as they were recorded; `make determinism` runs many more."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import orjson
import pytest

from tests.journey_app import app_with
from tests.recorded import conversation_of
from uicompiler import UIApp, compile, replay

# 4 and 5: presses under another `update`; 27: a name of newer Unicode; 50: secrets that come again.
SEEDS = (0, 1, 2, 3, 4, 5, 6, 7, 11, 27, 50)


def known(seed: int) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(orjson.dumps(conversation_of(seed)))
    return found


@pytest.mark.parametrize("seed", SEEDS)
def test_a_generated_conversation_replays_as_recorded(seed: int) -> None:
    conversation = known(seed)
    result = replay.run(conversation["log"], app_with(conversation["templates"]))
    assert [str(item) for item in result.diagnostics] == []
    assert result.state.hash == conversation["state"]


def test_a_seed_is_one_conversation() -> None:
    assert orjson.dumps(conversation_of(3)) == orjson.dumps(conversation_of(3))


def test_every_kind_of_record_is_among_them() -> None:
    kinds = Counter(record["kind"] for seed in SEEDS for record in known(seed)["log"])
    assert set(kinds) == {"meta", "model", "edit", "action", "error", "outcome", "batch", "restore"}


@pytest.mark.parametrize(("label", "is_missing"), [("\U00031350", False), ("\u200d", True)])
def test_characters_of_newer_unicode_count_as_seen(label: str, is_missing: bool) -> None:
    """Python 3.11 does not know U+31350, later ones do; all find the same."""
    app = UIApp("app", inline_form_action="save")
    fields = [{"id": "a", "label": label}]
    said = [{"type": "ui.show_form", "payload": {"title": "T", "fields": fields}}]
    result = compile(said, app=app, backend="html")
    codes = [item.code for item in result.diagnostics]
    assert ("A2UI_S2C_ACCESS_NAME_MISSING" in codes) is is_missing
