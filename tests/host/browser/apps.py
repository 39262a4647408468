"""Small apps: one with every kind of field, one that shows any tree of nodes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tests.fixture_cases import ShowAny, show_any
from uicompiler import Action, Outcome, PatchOp, StateView, UIApp
from uicompiler.ir.field_kinds import KINDS
from uicompiler.ir.tree import STANDARD_NODES

Tree = dict[str, Any]

MEALS = [{"value": name, "label": name.title()} for name in ("vegan", "kosher", "halal")]
CITIES = [{"value": f"c{n}", "label": f"City {n}"} for n in range(9)]

FIELDS: Mapping[str, Tree] = {
    "short_text": {"label": "Full name", "required": True, "help": "As in your passport."},
    "email": {"label": "E-mail", "required": True},
    "url": {"label": "Website"},
    "phone": {"label": "Phone"},
    "secret": {"label": "Passphrase"},
    "number": {"label": "How many", "min": 0, "max": 90},
    "slider": {"label": "Budget", "min": 0, "max": 40},
    "boolean": {"label": "I agree"},
    "choice": {"label": "Meal", "options": MEALS},
    "multi_choice": {"label": "Allergies", "options": MEALS},
    "date": {"label": "Day"},
    "time": {"label": "Time"},
    "datetime": {"label": "Moment"},
    "tags": {"label": "Tags", "help": "With commas between them."},
    "long_text": {"label": "Notes"},
    "upload": {"label": "File", "accept": ["text/plain", "application/json"]},
}
"""A field of every kind; its id is its kind."""

ENTERED: Mapping[str, Any] = {
    "short_text": "Ada King",
    "url": "https://example.org/a?b=c",
    "phone": "+43 1 234",
    "number": "12",
    "slider": 17,
    "boolean": True,
    "choice": "kosher",
    "multi_choice": ["vegan", "halal"],
    "date": "2026-03-09",
    "time": "15:30",
    "datetime": "2026-03-09T15:30",
    "tags": "one, two",
    "long_text": 'First line.\n  <b>Second</b> & "third" line',
    "city": "c4",
}
"""What is typed into the fields; the rest needs a test's own hands."""


def fields() -> Iterator[Tree]:
    """All fields of the form."""
    assert FIELDS.keys() == set(KINDS)
    for kind, more in FIELDS.items():
        yield {"id": kind, "kind": kind, **more}
    yield {"id": "city", "kind": "choice", "label": "City", "options": CITIES}
    columns = [
        {"id": "name", "label": "Name", "required": True},
        {"id": "age", "kind": "number", "label": "Age"},
    ]
    labels = {"add_label": "Add a guest", "remove_label": "Remove this guest"}
    yield {"id": "guests", "label": "Guests", "columns": columns, "max_rows": 4, **labels}


def save(action: Action, _view: StateView) -> Outcome:
    """Keep what was sent, and count it."""
    done = _view.get("/committed/times", default=0) + 1
    ops = [
        PatchOp("set", "/committed/saved", action.context),
        PatchOp("set", "/committed/times", done),
    ]
    toast = {"type": "ui.toast", "payload": {"text": f"Saved {done}.", "level": "success"}}
    return Outcome(commit=ops, directives=[toast])


def forms() -> UIApp:
    """An app with the form of all fields."""
    app = UIApp("forms", inline_form_action="save")
    app.add_action("save", save)
    app.add_action("look", requires_rev=False)
    return app


FORM: Tree = {
    "type": "ui.show_form",
    "payload": {"title": "Everything", "fields": list(fields()), "submit_label": "Save"},
}


ASIDE: Tree = {
    "title": "Aside",
    "fields": [{"id": "note", "label": "Note"}],
    "submit_label": "Send",
}


def put(action: Action, _view: StateView) -> Outcome:
    """Commit the JSON that the button carries, each value at its name."""
    found = [PatchOp("set", f"/committed/{k}", json.loads(v)) for k, v in action.args.items()]
    return Outcome(commit=found)


def views() -> UIApp:
    """An app that shows any tree of nodes."""
    app = UIApp("views", inline_form_action="save")
    app.directive("test.view", payload=ShowAny, summary="Show a tree.")(show_any)
    app.add_action("save", save)
    app.add_action("put", put)
    for name in ("open", "more", "save_contact", "edit_contact", "open_deal"):
        app.add_action(name, requires_rev=False)
    return app


def tree(*children: Tree) -> Tree:
    """A column of nodes."""
    return {"node": "stack", "children": list(children)}


def shown(*children: Tree, surface: str = "main") -> Tree:
    """The directive that shows some nodes."""
    return {"type": "test.view", "payload": {"root": tree(*children), "surface": surface}}


def written(folder: Path, **turns: Any) -> Path:
    """An app's folder with example turns, each a list of directives or an envelope."""
    (folder / "turns").mkdir(parents=True, exist_ok=True)
    for name, turn in turns.items():
        source = {"assistant_text": "", "directives": turn} if isinstance(turn, list) else turn
        (folder / "turns" / f"{name}.json").write_text(json.dumps(source), "utf-8")
    return folder


def node_examples() -> Iterator[Tree]:
    """The example of every kind of node, as the pages on nodes have it."""
    for kind, model in STANDARD_NODES.items():
        yield {"node": kind, **model.example}
