"""How much is looked at here: every kind of node and field, and more than sixty checks."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from uicompiler.ir.field_kinds import KINDS
from uicompiler.ir.tree import STANDARD_NODES

from . import apps
from .screens import SCREENS, site_of
from .server import Server
from .tab import Tabs

NODES = {
    "stack": ".ui-stack.ui-row >> text=Left",
    "card": ".ui-card >> text=Ada",
    "section": "role=group[name='Saved contact'] >> role=heading",
    "divider": "hr.ui-divider",
    "tabs": "role=tab[name='Person']",
    "tab": "role=tabpanel >> text=12 Main Street",
    "disclosure": "details >> summary",
    "text": "role=heading[name='Ada Lovelace']",
    "notice": ".ui-notice.ui-warning",
    "image": "role=img[name='Ada Lovelace at her desk']",
    "icon": ".ui-symbol >> svg",
    "video": "video",
    "audio": "audio",
    "progress": "role=progressbar[name='Importing contacts']",
    "key_values": "dl >> dd",
    "stages": "[aria-current=step]",
    "actions": ".ui-actions",
    "button": "button.ui-primary",
    "field": "role=textbox[name='Full name']",
    "rows": "fieldset.ui-rows",
    "list": ".ui-empty",
    "table": "role=cell[name='Grace']",
}
"""By kind of node, where a person finds its example."""

CONTROLS = {
    "short_text": "input[type=text]",
    "long_text": "textarea",
    "secret": "input[type=password]",
    "number": "input[inputmode=decimal]",
    "slider": "input[type=range]",
    "boolean": "input[type=checkbox]",
    "choice": "input[type=radio]",
    "multi_choice": "input[type=checkbox]",
    "date": "input[type=date]",
    "time": "input[type=time]",
    "datetime": "input[type=datetime-local]",
    "tags": "input[type=text]",
    "email": "input[type=email]",
    "url": "input",
    "phone": "input[type=tel]",
    "upload": "input[type=file]",
}
"""By kind of field, its control."""


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_every_kind_of_node_is_on_a_page(
    tabs: Tabs, server: Server, folder: Path, scripts: bool
) -> None:
    assert NODES.keys() == STANDARD_NODES.keys()
    tab = tabs.open(site_of(server, "nodes", folder), scripts=scripts).begin("turn", "every")
    for kind, where in NODES.items():
        if scripts or "role=tab" not in where:
            expect(tab.frame().locator(where).first, kind).to_be_visible()


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_every_kind_of_field_is_on_a_page(
    tabs: Tabs, server: Server, folder: Path, scripts: bool
) -> None:
    assert CONTROLS.keys() == apps.FIELDS.keys() == set(KINDS)
    tab = tabs.open(site_of(server, "fields", folder), scripts=scripts).begin("turn", "form")
    for kind, control in CONTROLS.items():
        field = tab.frame().locator(f'[data-field="{kind}"]')
        label = str(apps.FIELDS[kind]["label"])
        expect(field.locator(control).first, kind).to_be_visible()
        named = field.get_by_label(label).or_(field.get_by_role("group", name=label))
        expect(named.or_(field.get_by_text(label)).first, kind).to_be_visible()
        assert tab.frame().locator(f'[name="f.{kind}"]').count() >= 1


def test_there_are_sixty_checks_and_more(request: pytest.FixtureRequest) -> None:
    asked = request.config.option
    if asked.keyword or any("::" in item or ".py" in item for item in request.config.args):
        pytest.skip("only some tests were asked for")
    here = Path(__file__).parent
    assert sum(item.path.parent == here for item in request.session.items) >= 60
    assert len(SCREENS) >= 30
