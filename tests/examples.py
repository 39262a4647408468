"""The example apps, for tests: their files, and the tool that records their conversations."""

from __future__ import annotations

import functools
import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from clientsim import ClientSim
from uicompiler import UIApp, replay
from uicompiler.backends.a2ui_v0_8.boxes import value_path

ROOT = Path(__file__).resolve().parents[1]
APPS = sorted(path.parent for path in ROOT.glob("examples/*/app.yaml"))
LOGS = sorted(ROOT.glob("examples/*/conversations/*.jsonl"))
TURNS = sorted(ROOT.glob("examples/*/turns/*.json"))


def name_of(path: Path) -> str:
    """`crm/contact` for `examples/crm/conversations/contact.jsonl`."""
    return f"{path.parent.parent.name}/{path.stem}"


@functools.cache
def tool() -> ModuleType:
    """`tools/record_conversations.py`."""
    path = ROOT / "tools/record_conversations.py"
    spec = importlib.util.spec_from_file_location("record_conversations", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@functools.cache
def app_of(path: Path) -> UIApp:
    """The app of a file in one of its folders."""
    return UIApp.load(path.parent.parent)


def enter(sim: ClientSim, surface_id: str, field: str, value: Any) -> None:
    """Enter a value into the input that is bound to a field's box."""
    bound = {"path": value_path(*field.split("/"))}
    node = next(
        node
        for node in sim.nodes(surface_id)
        if isinstance(node["props"], dict) and bound in node["props"].values()
    )
    several = node["type"] == "MultipleChoice" and not isinstance(value, list)
    sim.edit(surface_id, str(node["id"]), [value] if several else value)


def replayed_screens(path: Path) -> str:
    """What a user reads when a log is replayed and a client is fed with what goes out."""
    result = replay.run(path, app_of(path))
    turns = {turn.line: turn for turn in result.turns}
    sim = ClientSim(own_inputs={"FileUpload": "value"})
    shown: dict[str, str] = {}
    pages: list[str] = []
    edits: list[Any] = []
    for record in replay.read_log(path):
        if record.kind == "edit":
            enter(sim, shown[record.data["surface"]], record.data["field"], record.data["value"])
            edits.append(record.data)
        turn = turns.get(record.line)
        if turn is None:
            continue
        for batch in turn.result.batches:
            shown[batch.surface] = batch.surface_id
        for message in turn.result.messages:
            assert sim.apply(message) is None
        pages.append(tool().page(len(pages) + 1, record.data, edits, turn.result, sim))
        edits = []
    return "\n".join(pages)
