"""Images and players go out so that the official client shows them, and says what they are."""

from __future__ import annotations

from typing import Any, get_args

import pytest

from tests.backends.a2ui_v0_8.lower.views import lowered, parts
from uicompiler.backends.a2ui_v0_8.lower.media import icon_name
from uicompiler.catalog.catalog import standard_catalog
from uicompiler.ir.media import Fit, IconName, ImageSize

URL = "https://example.com/a.png"
PHOTO = {"node": "image", "bind": "/committed/photo", "alt": "Ada"}


def icon_names() -> set[str]:
    rule = standard_catalog().components["Icon"].properties["name"]
    return set(rule.properties["literalString"].enum)


def test_every_icon_of_the_catalog_has_a_name_here() -> None:
    assert {icon_name(name) for name in get_args(IconName)} == icon_names()


@pytest.mark.parametrize("fit", get_args(Fit))
@pytest.mark.parametrize("size", [None, *get_args(ImageSize)])
def test_an_image_always_says_its_fit(fit: str, size: str | None) -> None:
    node = {"node": "image", "url": URL, "alt": "Ada", "fit": fit, "size": size}
    (image,) = parts(lowered(node), "Image")
    rules = standard_catalog().components["Image"].properties
    assert image["fit"] in rules["fit"].enum
    assert image.get("usageHint") in {*rules["usageHint"].enum, None}
    assert ("usageHint" in image) == (size is not None)


def test_words_for_an_image_are_read_by_everyone() -> None:
    found = lowered({"node": "image", "url": URL, "alt": "Ada"})
    assert parts(found, "Image")[0]["altText"] == {"literalString": "Ada"}
    assert {"text": {"literalString": "Ada"}, "usageHint": "caption"} in parts(found, "Text")


def test_a_caption_stands_in_for_the_words() -> None:
    found = lowered({"node": "image", "url": URL, "alt": "Ada", "caption": "In 1843"})
    assert [text["text"]["literalString"] for text in parts(found, "Text")][-1] == "In 1843"


def test_a_decorative_image_says_nothing() -> None:
    (image,) = parts(lowered({"node": "image", "url": URL, "decorative": True}), "Image")
    assert "altText" not in image


def test_a_bound_url_goes_out_as_it_is_now() -> None:
    (image,) = parts(lowered(PHOTO, committed={"photo": URL}), "Image")
    assert image["url"] == {"literalString": URL}


@pytest.mark.parametrize("value", ["", None, 7, [URL], {"url": URL}])
def test_an_image_of_no_url_leaves_its_words(value: Any) -> None:
    found = lowered(PHOTO, committed={"photo": value})
    assert parts(found, "Image") == []
    assert parts(found, "Text")[-1]["text"] == {"literalString": "Ada"}


@pytest.mark.parametrize(("kind", "component"), [("video", "Video"), ("audio", "AudioPlayer")])
def test_a_players_title_is_a_text(kind: str, component: str) -> None:
    found = lowered({"node": kind, "url": URL, "title": "Tour"})
    assert parts(found, component)[0]["url"] == {"literalString": URL}
    assert {"text": {"literalString": "Tour"}, "usageHint": "caption"} in parts(found, "Text")
