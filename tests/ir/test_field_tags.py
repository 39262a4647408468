"""Tags say what a field's values are: the app's word, which no model gives or hears of."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from uicompiler import AppError, UIApp, UIState, compile
from uicompiler.ir.fields import Field
from uicompiler.llm.prompt import instructions
from uicompiler.llm.schema import envelope_schema

YAML = """
id: clinic
version: 1
inline_form_action: save
actions: {save: {}}
forms:
  visit:
    title: Visit
    fields:
      - {id: name, label: Name, tags: [pii]}
      - {id: pain, label: Pain, kind: number, tags: [pii, health]}
      - id: guests
        label: Guests
        columns: [{id: name, label: Name, tags: [pii]}]
      - {id: note, label: Note}
    buttons: [{label: Save, action: save, submit: true}]
"""


def loaded(folder: Path, text: str = YAML) -> UIApp:
    (folder / "app.yaml").write_text(text, "utf-8")
    return UIApp.load(folder)


def show(**payload: Any) -> list[dict[str, Any]]:
    return [{"type": "ui.show_form", "payload": payload}]


def test_a_view_knows_the_tags_of_its_fields(tmp_path: Path) -> None:
    state = compile(show(form_id="visit"), app=loaded(tmp_path)).state
    again = UIState.from_json(state.to_json())
    fields: dict[str, Any] = {node.id: node for node in again.surfaces["main"].editables}
    assert fields["pain"].tags == ("pii", "health")
    assert fields["guests"].columns[0].tags == ("pii",)
    assert fields["note"].tags is None
    assert again == state


def test_nothing_of_tags_goes_out(tmp_path: Path) -> None:
    tagged = loaded(tmp_path)
    plain = loaded(tmp_path, YAML.replace(", tags: [pii]", "").replace(", tags: [pii, health]", ""))
    for backend in ("a2ui-v0.8", "html"):
        one, two = (compile(show(form_id="visit"), app=a, backend=backend) for a in (tagged, plain))
        assert one.ok
        assert one.jsonl() == two.jsonl()


def test_tags_are_part_of_what_an_app_declares(tmp_path: Path) -> None:
    before = loaded(tmp_path).hash
    assert loaded(tmp_path, YAML.replace("[pii, health]", "[pii]")).hash != before


@pytest.mark.parametrize("tags", [["Pii"], ["a b"], [""], ["a", "a"], ["x" * 33], "pii", [1]])
def test_a_tag_is_a_short_name(tags: Any, tmp_path: Path) -> None:
    with pytest.raises(ValidationError):
        Field(id="a", label="A", tags=tags)
    with pytest.raises(AppError):
        loaded(tmp_path, YAML.replace("[pii, health]", json.dumps(tags)))


@pytest.mark.parametrize(
    "source",
    [
        show(title="T", fields=[{"id": "a", "label": "A", "tags": ["pii"]}]),
        show(
            title="T",
            fields=[
                {"id": "r", "label": "R", "columns": [{"id": "a", "label": "A", "tags": ["pii"]}]}
            ],
        ),
        [
            {
                "type": "ui.show_view",
                "payload": {
                    "root": {
                        "node": "stack",
                        "children": [{"node": "field", "id": "a", "label": "A", "tags": ["pii"]}],
                    }
                },
            }
        ],
    ],
)
def test_a_model_gives_no_tags(source: Any, tmp_path: Path) -> None:
    result = compile(source, app=loaded(tmp_path))
    assert [item.code for item in result.diagnostics] == ["DIRECTIVE_PAYLOAD_INVALID"]
    assert "tags" in result.diagnostics[0].message


def test_a_model_is_told_of_no_tags(tmp_path: Path) -> None:
    app = loaded(tmp_path)
    fields = [
        found
        for found in _objects(envelope_schema(app))
        if "max_length" in found.get("properties", {})
    ]
    assert fields != []
    assert all("tags" not in found["properties"] for found in fields)
    assert "pii" not in instructions(app)
    assert "pii" not in json.dumps(envelope_schema(app))


def _objects(value: Any) -> list[dict[str, Any]]:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    found = [value] if isinstance(value, dict) else []
    return [*found, *(item for part in inner for item in _objects(part))]
