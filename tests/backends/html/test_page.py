"""docs/html.md says what is: the differences from A2UI, the names in the form, the codes."""

from __future__ import annotations

from pathlib import Path

from tests.backends.html.surfaces import all_of, tree
from uicompiler.backends.html.degradations import DEGRADATIONS
from uicompiler.errors import CODES

PAGE = (Path(__file__).parents[3] / "docs" / "html.md").read_text("utf-8")


def test_the_page_lists_every_difference() -> None:
    listed = PAGE.partition("degradations.py -->\n")[2].strip().splitlines()
    assert listed == [f"- {text}" for text in DEGRADATIONS.values()]


def test_the_page_names_everything_that_is_posted() -> None:
    button = {"node": "button", "label": "Save", "action": "save", "submit": True}
    found = tree({"node": "field", "id": "x", "label": "X"}, button)
    names = {item.attrib["name"] for item in found.iter() if "name" in item.attrib}
    assert all(f"`{name}`" in PAGE for name in names - {"f.x"})


def test_the_page_names_every_code_of_its_own() -> None:
    own = [code for code in CODES if code.startswith("A2UI_S2C_ACCESS_")]
    assert own and all(f"`{code}`" in PAGE for code in own)


def test_a_form_posts_files_too() -> None:
    (form,) = all_of(tree({"node": "divider"}), "form")
    assert form.get("enctype") == "multipart/form-data"
