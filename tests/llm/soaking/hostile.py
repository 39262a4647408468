"""The hostile corpus as a model's output: every text in it, as it is and as models put things."""

from __future__ import annotations

import functools
import json
import random
from dataclasses import dataclass
from typing import Final

from tests.fixture_cases import is_event, source_of
from tests.hostile_cases import Attack, cases
from uicompiler import UIApp
from uicompiler.evals.sim import written

_LONGEST: Final = 250_000
"""Longer than an envelope may be, so that what is too long is among them; no longer than that."""


@dataclass(frozen=True)
class Text:
    """One text, and the app whose model writes it."""

    name: str
    words: str
    app: UIApp


@functools.cache
def texts() -> tuple[Text, ...]:
    """All of them: envelopes, events as if a model had written them, app files."""
    found = [text for case in cases() for text in _of(case)]
    return tuple(found)


def _of(case: Attack) -> list[Text]:
    if case.is_app:
        files = sorted(path for path in case.folder.glob("app.*") if path.is_file())
        return [Text(case.folder.name, _decoded(path.read_bytes()), _standard()) for path in files]
    source = source_of(case)
    words = _decoded(source) if isinstance(source, bytes) else _as_text(source)
    app = _standard() if is_event(source) else case.app
    if app.id == "views":
        return [Text(case.folder.name, words.replace("test.view", "ui.show_view"), _views())]
    return [Text(case.folder.name, words, app)]


@functools.cache
def _standard() -> UIApp:
    return UIApp.standard()


@functools.cache
def _views() -> UIApp:
    """The fixtures' app of that name, without its directive that takes any tree: no strict schema
    could say that, and the standard one takes any view."""
    app = UIApp("views", inline_form_action="submit")
    for action in ("save", "put", "look_up", "refuse_name", "glance"):
        app.add_action(action)
    return app


def _as_text(source: object) -> str:
    if isinstance(source, str):
        return source[:_LONGEST]
    return json.dumps(source, ensure_ascii=False, default=repr)[:_LONGEST]


def _decoded(raw: bytes) -> str:
    return bytes(raw[:_LONGEST]).decode("utf-8", errors="surrogateescape")


def told(text: str, rng: random.Random) -> str:
    """A text as a model might put it: more often than not as it is."""
    if rng.random() < 0.4:
        return text
    return rng.choice(_WAYS)(text, rng)


def _damaged(text: str, rng: random.Random) -> str:
    """With a few characters changed, dropped or doubled."""
    found = list(text[:20_000])
    for _ in range(rng.randint(1, 4)):
        if found:
            place = rng.randrange(len(found))
            found[place] = rng.choice(
                ('"', "{", "}", "[", "]", "\\", ",", "", "\x00", "\u202e", "é")
            )
    return "".join(found)


def _said(text: str, rng: random.Random) -> str:
    return json.dumps({"assistant_text": text, "directives": []}, ensure_ascii=False)


def _toasted(text: str, rng: random.Random) -> str:
    toast = {"type": "ui.toast", "payload": {"text": text}}
    return json.dumps({"assistant_text": "x", "directives": [toast]}, ensure_ascii=False)


def _shown(text: str, rng: random.Random) -> str:
    fields = [{"id": text[:60] or "x", "label": text, "value": text}]
    payload = {"title": text, "fields": fields}
    form = {"type": "ui.show_form", "payload": payload}
    return json.dumps({"assistant_text": text, "directives": [form]}, ensure_ascii=False)


def _tabled(text: str, rng: random.Random) -> str:
    payload = {"title": text, "columns": [{"key": "a", "label": text}], "rows": [{"a": text}]}
    table = {"type": "ui.show_table", "payload": payload}
    return json.dumps({"assistant_text": "", "directives": [table]}, ensure_ascii=False)


def _patched(text: str, rng: random.Random) -> str:
    ops = [{"op": "set", "path": text[:200], "value": text}]
    patch = {"type": "ui.patch", "payload": {"ops": ops}}
    return json.dumps({"assistant_text": "", "directives": [patch]}, ensure_ascii=False)


def _quoted(text: str, rng: random.Random) -> str:
    return json.dumps(text, ensure_ascii=False)


def _cut(text: str, rng: random.Random) -> str:
    return written.cut_off(text, rng) if text else text


_WAYS: Final = (
    written.fenced,
    written.with_prose,
    written.with_thoughts,
    written.with_trailing_comma,
    _cut,
    _damaged,
    _damaged,
    _quoted,
    _said,
    _toasted,
    _shown,
    _tabled,
    _patched,
)
