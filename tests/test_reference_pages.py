"""The pages that tools/generate_docs.py writes: what they show works, and nothing is left out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from uicompiler import UIApp, UIState, compile
from uicompiler.backends.a2ui_v0_8.degradations import DEGRADATIONS
from uicompiler.catalog.catalog import standard_catalog
from uicompiler.directives.standard import STANDARD
from uicompiler.ir.fields import FIELD_KINDS
from uicompiler.ir.tree import STANDARD_NODES

DOCS = Path(__file__).resolve().parent.parent / "docs"


def page(name: str) -> str:
    return (DOCS / name).read_text("utf-8")


def rows(name: str, column: int = 1) -> dict[str, str]:
    """The lines of a page's tables, by their first cell in code."""
    lines = re.findall(r"^\| `([^`]+)` \|(.*)\|$", page(name), re.MULTILINE)
    return {first: rest.split(" | ")[column - 1].strip() for first, rest in lines}


@pytest.fixture
def example(tmp_path: Path) -> UIApp:
    """The app that docs/app_yaml.md shows."""
    found = re.search(r"```yaml\n(.*?)```", page("app_yaml.md"), re.DOTALL)
    assert found is not None
    (tmp_path / "app.yaml").write_text(found[1], "utf-8")
    return UIApp.load(tmp_path)


def test_the_example_of_app_yaml_has_one_of_everything(example: UIApp) -> None:
    assert {"sign", "stay"} == set(example.forms)
    assert set(example.views) == {"visits"}
    assert example.actions["book"].steps == {"review"}


@pytest.mark.parametrize(
    "payload", [{"form_id": "sign"}, {"form_id": "stay"}, {"view_id": "visits"}]
)
def test_everything_in_the_example_of_app_yaml_can_be_shown(
    payload: dict[str, str], example: UIApp
) -> None:
    name = "ui.show_view" if "view_id" in payload else "ui.show_form"
    assert compile([{"type": name, "payload": payload}], app=example, state=UIState()).ok


def test_every_component_of_the_standard_catalog_is_made_by_a_node() -> None:
    made = rows("components.md")
    assert [name for name in standard_catalog().components if "nodes.md#" not in made[name]] == []


def test_every_degradation_is_told() -> None:
    assert DEGRADATIONS.keys() <= rows("components.md").keys()


def test_every_node_kind_of_field_and_directive_is_told() -> None:
    nodes, directives = page("nodes.md"), page("directives.md")
    assert [kind for kind in STANDARD_NODES if f"\n## {kind}\n" not in nodes] == []
    assert [kind for kind in FIELD_KINDS if f"\n| `{kind}` |" not in nodes] == []
    assert [spec.type for spec in STANDARD if f"\n## {spec.type}\n" not in directives] == []
