"""Loading apps: clear errors with file, line and pointer."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.crm import crm
from uicompiler import AppError, UIApp

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
        (GOOD + "limits: {max_colours: 3}\n", None, "/limits/max_colours"),
        (GOOD + "recoveries: {NO_SUCH: refuse}\n", None, "/recoveries/NO_SUCH"),
        (
            GOOD + "recoveries: {DIRECTIVE_UNKNOWN_TYPE: soft_fail}\n",
            None,
            "/recoveries/DIRECTIVE_UNKNOWN_TYPE",
        ),
        (
            GOOD + "recoveries: {DIRECTIVE_NOT_JSON: refuse}\n",
            None,
            "/recoveries/DIRECTIVE_NOT_JSON",
        ),
        (GOOD + "texts: {en: {field.requird: X}}\n", None, "/texts/en/field.requird"),
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
