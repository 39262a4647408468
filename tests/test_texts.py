"""The catalogues say the same things, and a reader gets the nearest text there is."""

from __future__ import annotations

import ast
import json
import re
import unicodedata
from pathlib import Path

import pytest

from uicompiler import TurnContext, UIApp, compile
from uicompiler.errors import CODES
from uicompiler.ir.text import clean
from uicompiler.languages import is_tag
from uicompiler.texts import LANGUAGES, TEXTS, catalogue, english, filled, key_of, spoken

SOURCE = Path(__file__).resolve().parent.parent / "src" / "uicompiler"
WORDS = SOURCE / "words"
SCRIPTS = {"he": "HEBREW", "ja": ("HIRAGANA", "KATAKANA", "CJK")}
SIGNS = {"value.none", "value.secret", "value.percent", "row.label", "confirm.ok"}
"""Keys whose text may be the same in every language."""

languages = pytest.mark.parametrize("language", LANGUAGES)


def placeholders(text: str) -> list[str]:
    return sorted(re.findall(r"\{[^}]*\}", text))


# --- catalogues -----------------------------------------------------------------------------------


def test_every_file_is_a_language_and_every_language_a_file() -> None:
    assert {path.stem for path in WORDS.iterdir()} == set(LANGUAGES)
    assert all(map(is_tag, LANGUAGES))
    assert LANGUAGES[0] == "en"


@languages
def test_no_key_stands_twice_in_a_file(language: str) -> None:
    pairs = json.loads((WORDS / f"{language}.json").read_bytes(), object_pairs_hook=list)
    assert len(pairs) == len({key for key, _ in pairs})


@languages
def test_a_catalogue_has_the_keys_of_the_english_one_in_its_order(language: str) -> None:
    assert list(catalogue(language)) == list(TEXTS)


@languages
def test_a_text_has_the_placeholders_of_the_english_one(language: str) -> None:
    wanted = {key: placeholders(text) for key, text in TEXTS.items()}
    assert {key: placeholders(text) for key, text in catalogue(language).items()} == wanted
    assert {name for names in wanted.values() for name in names} <= {
        "{limit}",
        "{label}",
        "{number}",
        "{count}",
    }


@languages
def test_texts_are_tidy(language: str) -> None:
    for key, text in catalogue(language).items():
        assert text == text.strip() == clean(text), key
        assert text == unicodedata.normalize("NFC", text), key
        assert text, key
        assert "\n" not in text, key
        assert "  " not in text, key


@languages
def test_sentences_end_alike(language: str) -> None:
    """A text is a sentence in every language or in none; labels carry no full stop."""
    ends = {key for key, text in TEXTS.items() if text.endswith(".")}
    assert {key for key, text in catalogue(language).items() if text.endswith((".", "。"))} == ends


@pytest.mark.parametrize("language", sorted(SCRIPTS))
def test_texts_are_written_in_the_script_of_their_language(language: str) -> None:
    for key, text in catalogue(language).items():
        if key not in SIGNS:
            assert any(unicodedata.name(c, "").startswith(SCRIPTS[language]) for c in text), key


def test_hebrew_keeps_signs_on_their_side() -> None:
    """A left-to-right mark before a figure holds its minus, after an address its slashes."""
    hebrew = catalogue("he")
    assert all("\u200e{limit}" in hebrew[key] for key in ("field.min", "field.max"))
    assert hebrew["field.url"].count("://\u200e") == 2


def test_an_unknown_catalogue_is_none() -> None:
    for name in ("xx", "EN", "../he", ""):
        with pytest.raises(KeyError):
            catalogue(name)


def test_every_key_that_the_code_asks_for_is_there() -> None:
    asked = {
        node.args[0].value
        for path in sorted(SOURCE.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and node.args
        and isinstance(node.args[0], ast.Constant)
        and isinstance(node.args[0].value, str)
        and getattr(node.func, "attr", getattr(node.func, "id", "")) in ("words", "english")
    }
    assert asked
    assert asked <= TEXTS.keys()


# --- error codes ----------------------------------------------------------------------------------


def test_every_code_names_a_text() -> None:
    assert {code.text for code in CODES.values()} <= TEXTS.keys()
    assert not CODES.keys() & TEXTS.keys()
    assert all(english(name) == TEXTS[code.text] for name, code in CODES.items())


def test_key_of_a_key_is_itself() -> None:
    assert key_of("form.submit") == "form.submit"
    assert key_of("A2UI_C2S_NONCE_INVALID") == "problem.not_done"


# --- filling in -----------------------------------------------------------------------------------


def test_a_value_brings_no_placeholder_along() -> None:
    said = filled("{label} {number} {count}", {"label": "{number}{count}", "number": "1"})
    assert said == "{number}{count} 1 {count}"


def test_braces_that_are_no_placeholder_stay() -> None:
    assert filled("{} {0} {Limit} {limit.x} {limit", {"limit": "1"}) == (
        "{} {0} {Limit} {limit.x} {limit"
    )


# --- which text a reader gets ---------------------------------------------------------------------


def test_the_library_speaks_the_wider_language() -> None:
    app = UIApp("app")
    assert app.text("form.submit", language="he-IL") == catalogue("he")["form.submit"]
    assert app.text("form.submit", language="JA") == catalogue("ja")["form.submit"]
    assert app.text("form.submit", language="iw") == catalogue("he")["form.submit"]
    assert app.text("field.min", language="ja", limit="3") == "3以上の値を入力してください。"
    assert [spoken(tag) for tag in ("he-IL", "en-GB", "fr", "", "*")] == ["he", "en", None] + [
        None
    ] * 2


@pytest.mark.parametrize("language", ["fr", "", "not a tag", "../he", "he_IL", "x" * 100_000])
def test_what_is_not_known_is_english(language: str) -> None:
    assert UIApp("app").text("form.submit", language=language) == "Submit"


def test_an_apps_own_text_comes_first_by_nearness() -> None:
    texts = {
        "en": {"form.submit": "Go", "rows.add": "More"},
        "he": {"form.submit": "א"},
        "he-IL": {"rows.add": "ב"},
        "pt-BR": {"form.submit": "Enviar"},
        "odd_name": {"form.submit": "!"},
    }
    app = UIApp("app", texts=texts)
    submit = {tag: app.text("form.submit", language=tag) for tag in ("he-IL", "ja", "pt", "fr")}
    assert submit == {"he-IL": "א", "ja": "送信", "pt": "Go", "fr": "Go"}
    assert app.text("form.submit", language="PT-br") == "Enviar"
    assert app.text("form.submit", language="odd_name") == "!"
    assert app.text("rows.add", language="he-IL") == "ב"
    assert app.text("rows.add", language="he") == catalogue("he")["rows.add"]
    assert app.text("rows.add", language="fr-CA") == "More"
    assert app.languages == (*LANGUAGES, "he-IL", "pt-BR", "odd_name")


def test_an_app_may_override_a_code_or_the_text_of_many() -> None:
    texts = {"en": {"problem.not_done": "Oops.", "A2UI_C2S_NONCE_INVALID": "Who?"}}
    app = UIApp("app", texts=texts)
    assert app.text("A2UI_C2S_NONCE_INVALID") == "Who?"
    assert app.text("A2UI_C2S_ACTION_FORBIDDEN") == "Oops."
    assert app.text("A2UI_C2S_NONCE_INVALID", language="he") == catalogue("he")["problem.not_done"]


def test_an_unknown_key_is_a_mistake_of_the_caller() -> None:
    for language in ("en", "he", "fr"):
        with pytest.raises(KeyError):
            UIApp("app").text("no.such", language=language)


def test_a_form_is_in_the_language_of_its_turn() -> None:
    form = {
        "type": "ui.show_form",
        "payload": {"title": "T", "fields": [{"id": "a", "label": "A"}]},
    }
    sent = compile([form], app=UIApp.standard(), turn=TurnContext(language="he-IL")).jsonl()
    assert catalogue("he")["form.submit"] in sent.decode()
    refused = compile("nothing", app=UIApp.standard(), turn=TurnContext(language="ja"))
    assert refused.fallback is not None
    assert refused.fallback.text == catalogue("ja")["problem.not_understood"]
