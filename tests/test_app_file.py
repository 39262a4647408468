"""Loading apps: clear errors with file, line and pointer."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from tests.crm import crm
from uicompiler import (
    AppError,
    Diagnostic,
    FormTemplate,
    Rule,
    Step,
    UIApp,
    ViewTemplate,
    WizardTemplate,
    compile,
)

GOOD = """\
id: shop
actions: {buy: {}}
forms:
  order:
    title: Order
    fields: [{id: count, kind: number, label: How many}]
    buttons: [{label: Buy, action: buy, submit: true}]
"""


def load(folder: Path, text: str, code: str | None = None) -> UIApp:
    (folder / "app.yaml").write_text(text, "utf-8")
    if code is not None:
        (folder / "code.py").write_text(code, "utf-8")
    return UIApp.load(folder)


def test_the_example_loads_with_its_handlers() -> None:
    assert crm().actions["save_contact"].handler is not None
    assert "crm.show_contact" in crm().directives.names()


def test_a_folder_loads(tmp_path: Path) -> None:
    assert list(load(tmp_path, GOOD).forms) == ["order"]


def test_limits_and_schemes_come_from_the_file(tmp_path: Path) -> None:
    app = load(tmp_path, GOOD + "limits: {max_directives: 3}\nurl_schemes: [https]\n")
    assert app.limits.max_directives == 3
    assert app.url_schemes == {"https"}


def test_equal_apps_hash_equal_and_changed_ones_do_not(tmp_path: Path) -> None:
    first, second = load(tmp_path, GOOD), load(tmp_path, GOOD)
    assert first.hash == second.hash
    assert load(tmp_path, GOOD.replace("How many", "Count")).hash != first.hash


@pytest.mark.parametrize(
    ("text", "line", "pointer"),
    [
        (GOOD.replace("kind: number", "kind: numbr"), 6, "/forms/order/fields/0/kind"),
        (GOOD.replace("title: Order", "titel: Order"), 5, "/forms/order/titel"),
        (GOOD + "color: red\n", 8, "/color"),
        (GOOD + "limits: {max_colours: 3}\n", 8, "/limits/max_colours"),
        (GOOD + "recoveries: {NO_SUCH: refuse}\n", 8, "/recoveries/NO_SUCH"),
        (
            GOOD + "recoveries: {DIRECTIVE_UNKNOWN_TYPE: soft_fail}\n",
            8,
            "/recoveries/DIRECTIVE_UNKNOWN_TYPE",
        ),
        (
            GOOD + "recoveries: {DIRECTIVE_NOT_JSON: refuse}\n",
            8,
            "/recoveries/DIRECTIVE_NOT_JSON",
        ),
        (GOOD + "texts: {en: {field.requird: X}}\n", 8, "/texts/en/field.requird"),
        (GOOD + "id: other\n", 8, ""),
        (GOOD.replace("label: How many}]", "label: A}, {id: count, label: B}]"), 5, "/forms/order"),
        (GOOD.replace("action: buy", "action: steal"), 7, "/forms/order/buttons/0/action"),
        (GOOD + "x: &a [1,1]\ny: &b [*a,*a]\n", 8, "/x"),
        (GOOD + "limits: {max_directives: 0}\n", 8, "/limits/max_directives"),
        ("id: [\n", 2, ""),
        ("- a list\n", None, ""),
    ],
)
def test_errors_name_line_and_place(
    text: str, line: int | None, pointer: str, tmp_path: Path
) -> None:
    with pytest.raises(AppError) as caught:
        load(tmp_path, text)
    assert caught.value.code == "APP_INVALID"
    places = [(item.line, item.pointer) for item in caught.value.diagnostics]
    assert (line, pointer) in places


def test_a_button_needs_a_registered_action(tmp_path: Path) -> None:
    with pytest.raises(AppError, match="under actions"):
        load(tmp_path, GOOD.replace("action: buy", "action: steal"))


@pytest.mark.parametrize(
    ("code", "message"), [(None, "not a file"), ("x = 1\n", "no function register")]
)
def test_code_has_a_register_function(code: str | None, message: str, tmp_path: Path) -> None:
    with pytest.raises(AppError, match=message):
        load(tmp_path, GOOD + "code: code.py\n", code)


def test_a_handler_under_a_name_nobody_declared_is_a_typo(tmp_path: Path) -> None:
    code = "def register(app):\n    app.add_action('bye', lambda a, v: None)\n"
    with pytest.raises(AppError) as caught:
        load(tmp_path, GOOD + "code: code.py\n", code)
    assert "buy" in caught.value.hint


def test_aliases_cannot_blow_a_file_up(tmp_path: Path) -> None:
    levels = "".join(f"a{i}: &a{i} [{f'*a{i - 1},' * 9}]\n" for i in range(1, 12))
    with pytest.raises(AppError, match="too many values"):
        load(tmp_path, "a0: &a0 [1]\n" + levels)


def test_a_file_that_is_not_utf8_says_so(tmp_path: Path) -> None:
    (tmp_path / "app.yaml").write_bytes(b"id: \xff\n")
    with pytest.raises(AppError, match="UTF-8"):
        UIApp.load(tmp_path)


def test_code_stays_inside_the_folder(tmp_path: Path) -> None:
    (tmp_path / "app").mkdir()
    (tmp_path / "evil.py").write_text("def register(app): pass\n", "utf-8")
    with pytest.raises(AppError, match="not a file beside"):
        load(tmp_path / "app", GOOD + "code: ../evil.py\n")


@pytest.mark.parametrize("place", ["nowhere", "nowhere:app", "uicompiler.errors:CODES"])
def test_a_place_without_an_app_is_named(place: str) -> None:
    with pytest.raises(AppError):
        UIApp.load(place)


def test_registering_twice_is_refused() -> None:
    app = UIApp("twice")
    app.add_action("go", lambda _action, _view: None)  # type: ignore[arg-type,return-value]  # unused
    with pytest.raises(AppError):
        app.add_action("go")


# --- wizards, views, actions ----------------------------------------------------------------------

WHOLE = """\
id: shop
actions:
  buy: {steps: [review], context: {count: number}, run_mode: tool_loop}
  open: {}
wizards:
  order:
    title: Order
    steps:
      - id: what
        title: What
        fields:
          - {id: count, kind: number, label: How many}
          - id: lines
            label: Lines
            columns: [{id: name, label: Name}]
            buttons: [{label: Look, action: open}]
      - id: gift
        title: Gift
        when: {field: count, op: gt, value: 5}
        fields: [{id: card, label: Card}]
    buttons: [{label: Buy, action: buy, submit: true}]
views:
  home:
    root:
      node: stack
      children:
        - {node: text, bind: /committed/name}
        - node: list
          bind: /committed/orders
          item_key: id
          item:
            node: card
            children:
              - {node: text, bind: name}
              - {node: button, label: Open, action: open}
        - {node: button, label: Gone, action: ui.dismiss}
"""


def findings(folder: Path, text: str, code: str | None = None) -> list[Diagnostic]:
    with pytest.raises(AppError) as caught:
        load(folder, text, code)
    return list(caught.value.diagnostics)


def test_wizards_views_and_what_actions_say_are_loaded(tmp_path: Path) -> None:
    app = load(tmp_path, WHOLE)
    assert isinstance(app.forms["order"], WizardTemplate)
    assert list(app.views) == ["home"]
    buy = app.actions["buy"]
    assert (buy.steps, dict(buy.context or {}), buy.run_mode, buy.requires_rev) == (
        {"review"},
        {"count": "number"},
        "tool_loop",
        True,
    )


def test_what_was_loaded_can_be_shown(tmp_path: Path) -> None:
    app = load(tmp_path, WHOLE)
    for directive in (
        {"type": "ui.show_form", "payload": {"form_id": "order"}},
        {"type": "ui.show_view", "payload": {"view_id": "home"}},
    ):
        assert compile([directive], app=app).ok


STEP0, STEP1 = "/wizards/order/steps/0", "/wizards/order/steps/1"
LIST = "/views/home/root/children/1"


@pytest.mark.parametrize(
    ("old", "new", "line", "pointer", "hint"),
    [
        # Keys and values, at any depth.
        ("wizards:", "wizard:", 6, "/wizard", "wizards"),
        ("columns: [", "colums: [", 15, f"{STEP0}/fields/1/colums", "columns"),
        ("op: gt", "op: gte", 19, f"{STEP1}/when/op", "gt"),
        ("title: Gift", "titel: Gift", 18, f"{STEP1}/titel", "title"),
        ("tool_loop", "tool_lop", 3, "/actions/buy/run_mode", "tool_loop"),
        ("count: number", "count: numbr", 3, "/actions/buy/context/count", "number"),
        ("label: How many", "label: 5", 12, f"{STEP0}/fields/0/label", "quotes"),
        ("bind: name}", "bnd: name}", 34, f"{LIST}/item/children/0/bnd", "bind"),
        ("node: card", "node: crad", 32, f"{LIST}/item/node", "card"),
        ("node: stack", "node: stck", 25, "/views/home/root/node", "stack"),
        # What must hold between them.
        ("[review]", "[reviw]", 3, "/actions/buy/steps", "review"),
        ("Buy, action: buy", "Buy, action: bye", 21, "/wizards/order/buttons/0/action", "buy"),
        (
            "Look, action: open",
            "Look, action: opn",
            16,
            f"{STEP0}/fields/1/buttons/0/action",
            "open",
        ),
        ("Open, action: open", "Open, action: opn", 35, f"{LIST}/item/children/1/action", "open"),
        ("ui.dismiss", "ui.dismis", 36, "/views/home/root/children/2/action", "ui.dismiss"),
        ("{}", "{}\n  ui.open: {}", 5, "/actions/ui.open", ""),
        ("bind: /committed/name", "bind: /name", 27, "/views/home/root/children/0", ""),
        ("text, bind: name}", "tab, title: A}", 34, f"{LIST}/item/children/0", ""),
        ("text, bind: name}", "text, bind: name, key: '1'}", 32, f"{LIST}/item", ""),
        ("id: count, kind", "id: card, kind", 7, "/wizards/order", ""),
        ("  home:", "  order:", 24, "/views/order", "one namespace"),
    ],
)
def test_problems_in_any_depth_name_line_place_and_what_was_meant(
    old: str, new: str, line: int, pointer: str, hint: str, tmp_path: Path
) -> None:
    found = findings(tmp_path, WHOLE.replace(old, new, 1))
    assert (line, pointer) in [(item.line, item.pointer) for item in found]
    told = next(item for item in found if item.pointer == pointer)
    assert hint in told.hint
    assert told.message.startswith("app.yaml: ")


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    wrong = WHOLE.replace("title: Gift", "titel: Gift").replace("node: card", "node: crad")
    pointers = {
        item.pointer for item in findings(tmp_path, wrong + "limits: {max_directives: 0}\n")
    }
    assert pointers >= {f"{STEP1}/titel", f"{LIST}/item/node", "/limits/max_directives"}
    wrong = WHOLE.replace("[review]", "[reviw]").replace("ui.dismiss", "ui.dismis")
    assert len(findings(tmp_path, wrong.replace("bind: /committed/name", "bind: /name"))) == 3
    two = GOOD + "limits: {max_colours: 3}\ntexts: {en: {field.requird: X}}\n"
    assert [item.line for item in findings(tmp_path, two)] == [8, 9]


def test_what_a_union_refuses_is_one_finding(tmp_path: Path) -> None:
    [found] = findings(tmp_path, GOOD.replace("kind: number", "kind: number, min: []"))
    assert found.pointer == "/forms/order/fields/0/min"
    assert "integer or a valid number or a valid string" in found.message


def test_forms_are_verified_as_views_are(tmp_path: Path) -> None:
    [found] = findings(tmp_path, GOOD + "limits: {max_context_keys: 2}\n")
    assert (found.line, found.pointer) == (7, "/forms/order/buttons/0")


def test_forms_and_wizards_are_one_namespace(tmp_path: Path) -> None:
    [found] = findings(tmp_path, WHOLE + "forms: " + json.dumps({"order": FORM}) + "\n")
    assert (found.code, found.pointer) == ("APP_DUPLICATE", "/wizards/order")


FORM = {
    "title": "Order",
    "fields": [{"id": "count", "label": "How many"}],
    "buttons": [{"label": "Buy", "action": "buy", "submit": True}],
}


# --- what code adds -------------------------------------------------------------------------------

BADGE = """\
from typing import Literal
from uicompiler.ir.base import Node

class Badge(Node):
    node: Literal["badge"] = "badge"
    word: str

def register(app):
    app.add_node(Badge, {})
"""
BADGE_FILE = """\
id: badges
code: code.py
views:
  one:
    root: {node: badge, word: New}
"""


def test_views_may_hold_nodes_that_the_code_registers(tmp_path: Path) -> None:
    app = load(tmp_path, BADGE_FILE, BADGE)
    assert app.views["one"].root.node == "badge"


def test_own_nodes_are_read_as_strictly(tmp_path: Path) -> None:
    [missing, unknown] = findings(tmp_path, BADGE_FILE.replace("word:", "wrod:"), BADGE)
    assert (missing.line, missing.pointer) == (5, "/views/one/root/word")
    assert (unknown.pointer, unknown.hint) == ("/views/one/root/wrod", "did you mean word?")


def test_a_node_that_code_may_bring_is_no_problem_beside_others(tmp_path: Path) -> None:
    [found] = findings(tmp_path, BADGE_FILE + "color: red\n", BADGE)
    assert found.pointer == "/color"


def test_what_code_registers_is_judged_too(tmp_path: Path) -> None:
    code = f"""\
from uicompiler import FormTemplate

def register(app):
    app.add_form("late", FormTemplate.model_validate({FORM!r}))
"""
    [found] = findings(tmp_path, "id: late\ncode: code.py\nactions: {bye: {}}\n", code)
    assert (found.line, found.pointer) == (None, "/forms/late/buttons/0/action")
    assert found.message.startswith("code.py: ")


def test_an_action_may_be_valid_in_a_step_of_a_wizard_from_code(tmp_path: Path) -> None:
    code = f"""\
from uicompiler import Step, WizardTemplate

def register(app):
    step = Step(id="one", title="One", fields={FORM["fields"]!r})
    app.add_form("late", WizardTemplate(title="Late", steps=[step], buttons={FORM["buttons"]!r}))
"""
    text = "id: late\ncode: code.py\nactions: {buy: {steps: [one]}}\n"
    assert load(tmp_path, text, code).actions["buy"].steps == {"one"}


def test_what_code_refuses_names_its_file(tmp_path: Path) -> None:
    code = "def register(app):\n    app.add_action('ui.next', print)\n"
    [found] = findings(tmp_path, GOOD + "code: code.py\n", code)
    assert found.message.startswith("code.py: ")


# --- JSON, and YAML as it looks -------------------------------------------------------------------


def load_json(folder: Path, text: str) -> UIApp:
    (folder / "app.json").write_text(text, "utf-8")
    return UIApp.load(folder)


@pytest.mark.parametrize("indent", [None, 2, "\t"])
def test_an_app_may_be_json(indent: int | str | None, tmp_path: Path) -> None:
    (tmp_path / "yaml").mkdir()
    text = WHOLE.replace("How many", "How many \U0001f381")
    same = load(tmp_path / "yaml", text)
    assert load_json(tmp_path, json.dumps(yaml.safe_load(text), indent=indent)).hash == same.hash


@pytest.mark.parametrize(
    ("text", "line", "pointer"),
    [
        ('{\n\t"id": "a",\n\t"color": 1e5\n}', 3, "/color"),
        ('{\n  "id": "a",\n  "id": "b"\n}', 3, ""),
        ('{\n  "id": "a",\n}', 3, ""),
        ('{"id": "a", "version": NaN}', None, ""),
    ],
)
def test_problems_in_json_have_lines_too(
    text: str, line: int | None, pointer: str, tmp_path: Path
) -> None:
    with pytest.raises(AppError) as caught:
        load_json(tmp_path, text)
    found = caught.value.diagnostics[0]
    assert (found.line, found.pointer) == (line, pointer)
    assert found.message.startswith("app.json: ")


def test_a_folder_has_one_app(tmp_path: Path) -> None:
    (tmp_path / "app.json").write_text("{}", "utf-8")
    with pytest.raises(AppError, match="keep one"):
        load(tmp_path, GOOD)


def test_a_yaml_value_is_what_it_looks_like(tmp_path: Path) -> None:
    fields = """
      - {id: again, kind: choice, label: Again, options: [yes, no, off]}
      - {id: day, kind: date, label: Day, min: 2026-01-01}
      - {id: size, kind: number, label: Size, min: 010, max: 1e5, required: yes}
      - {id: code, kind: short_text, label: 12:30}"""
    app = load(tmp_path, GOOD.replace("[{id: count, kind: number, label: How many}]", fields))
    form = app.forms["order"]
    assert isinstance(form, FormTemplate)
    again, day, size, code = (item.model_dump() for item in form.fields)
    assert [item["value"] for item in again["options"]] == ["yes", "no", "off"]
    assert day["min"] == "2026-01-01"
    assert (size["min"], size["max"], size["required"]) == (10, 100_000, True)
    assert code["label"] == "12:30"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("id: a\n1: x\n", 2),
        ("id: a\n? [a]\n: x\n", 2),
        ("id: a\nx: !!binary aGk=\n", 2),
        ("id: a\nx: !!timestamp 2026-01-01\n", 2),
        ("id: a\nversion: 99999999999999999999\n", 2),
        ("id: a\nversion: .inf\n", 2),
        ("id: a\ntexts: {constructor: {}}\n", 2),
        ("id: a\n--- {}\n", 2),
        ("id: a\nx: &x [*x]\n", None),
        ("id: " + "9" * 5000, None),
        ("[" * 5000, None),
    ],
)
def test_what_json_does_not_have_is_refused(text: str, line: int | None, tmp_path: Path) -> None:
    assert findings(tmp_path, text)[0].line == line


# --- catalogs -------------------------------------------------------------------------------------

CATALOG = '{\n "catalogId": "x",\n "components": {\n  "Text": {"type": "thing"}\n }\n}'


def test_a_problem_in_a_catalog_names_that_file(tmp_path: Path) -> None:
    (tmp_path / "catalog.json").write_text(CATALOG, "utf-8")
    [found] = findings(tmp_path, GOOD + "catalog: catalog.json\n")
    assert found.message.startswith("catalog.json: ")
    assert (found.line, found.pointer) == (4, "/components/Text")


def test_who_names_no_app_is_told_where_one_is() -> None:
    """After an installation there is no `examples` beside one, but one inside the package."""
    with pytest.raises(AppError) as refused:
        UIApp.load("examples/nowhere")
    (found,) = refused.value.diagnostics
    named = found.hint.removeprefix("for example ")
    assert (found.code, UIApp.load(named).id) == ("APP_NOT_FOUND", "crm")


def test_a_catalog_that_is_not_there_is_named(tmp_path: Path) -> None:
    [found] = findings(tmp_path, GOOD + "catalog: catalog.json\n")
    assert (found.code, found.line, found.pointer) == ("APP_NOT_FOUND", 8, "/catalog")


def test_an_app_has_the_catalog_beside_it(tmp_path: Path) -> None:
    (tmp_path / "catalog.json").write_text(CATALOG.replace("thing", "object"), "utf-8")
    assert load(tmp_path, GOOD + "catalog: catalog.json\n").catalog.catalog_id == "x"


# --- in Python ------------------------------------------------------------------------------------


def test_templates_are_made_in_python_from_plain_objects() -> None:
    app = UIApp("made")
    app.add_action("buy")
    app.add_form("form", FormTemplate.model_validate(FORM))
    rule = Rule(field="to", op="ge", other="from", message="Not before it begins.")
    fields = [{"id": "from", "label": "From"}, {"id": "to", "label": "To"}]
    step = Step.model_validate({"id": "a", "title": "A", "fields": fields, "rules": [rule]})
    wizard = {"title": "W", "steps": [step], "buttons": FORM["buttons"]}
    app.add_form("wizard", WizardTemplate.model_validate(wizard))
    root = {"node": "stack", "children": [{"node": "text", "text": "Hello"}]}
    context = {"nodes": app.nodes}
    app.add_view("view", ViewTemplate.model_validate({"root": root}, context=context))
    for directive in (
        {"type": "ui.show_form", "payload": {"form_id": "form"}},
        {"type": "ui.show_form", "payload": {"form_id": "wizard"}},
        {"type": "ui.show_view", "payload": {"view_id": "view"}},
    ):
        assert compile([directive], app=app).ok
