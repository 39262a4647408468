"""A catalog of an app's own, as the official SDK and the official client read it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

from tests.fixture_cases import app_named
from uicompiler import ClientProfile, compile
from uicompiler.catalog.catalog import STANDARD_CATALOG_ID

from .bridge import Session

pytestmark = pytest.mark.official

SDK = Callable[[Sequence[Any]], str | None]
SHOW = [{"type": "ui.show_form", "payload": {"form_id": "upload"}}]


def messages(*catalog_ids: str) -> list[dict[str, Any]]:
    client = ClientProfile.web_core().with_capabilities({"supportedCatalogIds": [*catalog_ids]})
    result = compile(SHOW, app=app_named("own_catalog"), client=client)
    assert result.ok
    return list(result.messages)


def own() -> list[dict[str, Any]]:
    return messages(app_named("own_catalog").catalog.catalog_id)


def upload_in(sent: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    found = [
        item["component"]["FileUpload"]
        for message in sent
        for item in message.get("surfaceUpdate", {}).get("components", ())
        if "FileUpload" in item["component"]
    ]
    props: dict[str, Any] = found[0]
    return props


def test_the_sdk_takes_what_the_apps_catalog_and_the_fallback_give(sdk_validate: SDK) -> None:
    assert sdk_validate(own()) is None
    assert sdk_validate(messages(STANDARD_CATALOG_ID)) is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"label": 7},
        {"value": {"path": "/draft/file/v", "literalString": "x"}},
        {"accept": ".json"},
        {"maxBytes": "many"},
        {"colour": "red"},
    ],
)
def test_the_sdk_reads_the_apps_component_and_refuses_a_wrong_one(
    sdk_validate: SDK, wrong: dict[str, Any]
) -> None:
    sent = own()
    upload_in(sent).update(wrong)
    assert sdk_validate(sent) is not None


def test_the_sdk_knows_the_component_in_no_other_catalog(sdk_validate: SDK) -> None:
    sent = own()
    del sent[-1]["beginRendering"]["catalogId"]
    assert sdk_validate(sent) is not None


def test_the_official_client_keeps_the_component_and_what_is_chosen(session: Session) -> None:
    sent = own()
    assert session.apply_many(sent) == [None] * len(sent)
    ident = "ui--field--file--FileUpload"
    typed = session.edit("main", ident, "upload:f1")
    assert typed.stored
    assert session.get_data("main", ident, "/draft/file/v") == "upload:f1"
    pressed = session.press(
        "main", "ui--root--card--form--actions--0--Button", timestamp="2026-01-01T09:00:00Z"
    )
    assert pressed["userAction"]["context"]["file"] == "upload:f1"
