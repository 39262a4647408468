"""Images, icons, videos and sounds: where they come from and what tells of them."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from uicompiler.ir.media import Image
from uicompiler.ir.tree import View, parse_node
from uicompiler.ir.verify import verify_view

URL = "https://example.com/a.png"


@pytest.mark.parametrize(
    "given",
    [
        {"url": URL, "alt": "Ada"},
        {"bind": "/committed/photo", "alt": "Ada"},
        {"url": URL, "decorative": True},
        {"url": URL, "alt": "Ada", "decorative": False, "caption": "Ada, 1843"},
    ],
)
def test_an_image_has_one_source_and_words_or_none_needed(given: dict[str, Any]) -> None:
    assert Image(**given).fit == "contain"


@pytest.mark.parametrize(
    "given",
    [
        {"alt": "Ada"},
        {"url": URL, "bind": "/committed/photo", "alt": "Ada"},
        {"url": "", "alt": "Ada"},
        {"url": URL},
        {"url": URL, "alt": ""},
        {"url": URL, "alt": " \n"},
        {"url": URL, "caption": "Ada"},
        {"url": URL, "alt": "Ada", "decorative": True},
    ],
)
def test_any_other_image_is_refused(given: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Image(**given)


@pytest.mark.parametrize("name", ["arrowBack", "rocket", ""])
def test_an_icon_is_one_of_the_set(name: str) -> None:
    with pytest.raises(ValidationError):
        parse_node({"node": "icon", "name": name})


@pytest.mark.parametrize("bind", ["/secrets/photo", "/committed", "photo", "~"])
def test_an_image_reads_from_the_document(bind: str) -> None:
    view = View(parse_node({"node": "image", "bind": bind, "alt": "Ada"}))
    found = verify_view(view, max_depth=1, max_nodes=1, max_context_keys=1, actions=None)
    assert [item.code for item in found] == ["DIRECTIVE_VIEW_INVALID"]
