"""Templates of an app's own: a macro takes the place of the library's of that name."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.backends.html.surfaces import all_of, markup, tree, words
from uicompiler import AppError, UIApp, compile
from uicompiler.backends.html import markup as templates

TEXT = {"node": "text", "text": "a < b"}
OWN = '{% macro text(v) %}<p class="own">{{ v.text }}</p>{% endmacro %}'


def test_a_macro_of_the_apps_own_is_used_and_escapes() -> None:
    (shown,) = all_of(tree(TEXT, templates={"own.html": OWN}), "p")
    assert (shown.get("class"), words(shown)) == ("own", "a < b")


def test_others_stay_and_the_replaced_one_can_be_called() -> None:
    source = (
        '{% import "uicompiler/content.html" as own %}'
        '{% macro text(v) %}<div class="around">{{ own.text(v) }}</div>{% endmacro %}'
    )
    found = tree(TEXT, {"node": "divider"}, templates={"content.html": source})
    assert words(all_of(found, "div", class_="around")[0]) == "a < b"
    assert len(all_of(found, "hr")) == 1


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("{% macro text(v) %}", "cannot be read in line 1"),
        ("{% macro txet(v) %}{% endmacro %}", "'txet', which nothing shows"),
        ('{% include "gone.html" %}', "cannot be read"),
    ],
)
def test_a_template_that_cannot_be_used_is_refused_with_its_place(source: str, said: str) -> None:
    with pytest.raises(AppError) as caught:
        templates.macros({"own.html": source})
    assert said in caught.value.message
    assert (caught.value.code, caught.value.pointer) == ("APP_INVALID", "/html_templates/own.html")


def test_an_app_folder_names_its_templates(tmp_path: Path) -> None:
    (tmp_path / "app.yaml").write_text(
        "id: app\ninline_form_action: save\nhtml_templates: [own.html]\n"
    )
    (tmp_path / "own.html").write_text(OWN)
    app = UIApp.load(tmp_path)
    view = {"type": "ui.show_view", "payload": {"root": {"node": "text", "text": "hello"}}}
    assert '<p class="own">hello</p>' in compile([view], app=app, backend="html").html["main"]
    (tmp_path / "app.yaml").write_text("id: app\nhtml_templates: [../own.html]\n")
    with pytest.raises(AppError) as caught:
        UIApp.load(tmp_path)
    assert caught.value.code == "APP_NOT_FOUND"


def test_the_same_view_gives_the_same_bytes() -> None:
    assert markup(TEXT) == markup(TEXT)


def test_every_macro_of_the_library_is_called_by_something() -> None:
    show = Path(templates.__file__).parent / "show"
    source = "".join(path.read_text("utf-8") for path in show.glob("*.py"))
    for name in templates.macros({}):
        assert f'macros["{name}"]' in source or name in ("video", "audio"), name
