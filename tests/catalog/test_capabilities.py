"""What clients announce: catalogs are counted, never chosen; a stranger's word is read strictly."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uicompiler import ClientProfile, CompileResult, UIApp, compile
from uicompiler.catalog.capabilities import MAX_CATALOGS
from uicompiler.catalog.catalog import STANDARD_CATALOG_ID, Catalog, parse_catalog
from uicompiler.errors import IngressError

OWN_ID = "https://a.example/c.json"
OWN = {
    "catalogId": OWN_ID,
    "extends": STANDARD_CATALOG_ID,
    "components": {
        "FileUpload": {
            "type": "object",
            "required": ["value"],
            "properties": {
                "value": {"type": "object", "properties": {"path": {"type": "string"}}},
            },
        }
    },
}
INLINE = {"catalogId": "https://b.example/c.json", "components": {"Badge": {"type": "object"}}}
UPLOAD = [{"type": "ui.request_upload", "payload": {"title": "A file"}}]


def announced(*ids: str, **more: Any) -> dict[str, Any]:
    return {"supportedCatalogIds": list(ids), **more}


def refusals(report: Any, **settings: bool) -> list[tuple[str, str]]:
    with pytest.raises(IngressError) as refused:
        ClientProfile.web_core().with_capabilities(report, **settings)
    return [(item.code, item.pointer) for item in refused.value.diagnostics]


def invalid(*pointers: str) -> list[tuple[str, str]]:
    return [("A2UI_C2S_CAPABILITIES_INVALID", pointer) for pointer in pointers]


def own_catalog() -> Catalog:
    return parse_catalog(OWN)


def shown(client: ClientProfile, *, fallback: bool) -> CompileResult:
    app = UIApp("a", catalog=own_catalog(), catalog_fallback=fallback, inline_form_action="submit")
    return compile(UPLOAD, app=app, client=client)


def test_the_announced_catalogs_are_those_the_client_supports() -> None:
    client = ClientProfile.spec().with_capabilities(announced("a", "b", "a"))
    assert client.catalog_ids == {"a", "b"}
    assert client.name == "spec"


def test_further_keys_and_an_empty_list_say_nothing() -> None:
    report = announced("a", inlineCatalogs=[], version="0.8")
    assert ClientProfile().with_capabilities(report).catalog_ids == {"a"}


@pytest.mark.parametrize(
    ("report", "pointers"),
    [
        (None, ["/supportedCatalogIds"]),
        ([], ["/supportedCatalogIds"]),
        ("x", ["/supportedCatalogIds"]),
        ({}, ["/supportedCatalogIds"]),
        ({"supportedCatalogIds": "a"}, ["/supportedCatalogIds"]),
        (announced("a", ""), ["/supportedCatalogIds/1"]),
        (
            {"supportedCatalogIds": [1, None, "x"]},
            ["/supportedCatalogIds/0", "/supportedCatalogIds/1"],
        ),
        (announced("a\ud800"), ["/supportedCatalogIds/0"]),
        (announced("a" * 3000), ["/supportedCatalogIds/0"]),
        (announced(*["a"] * (MAX_CATALOGS + 1)), ["/supportedCatalogIds"]),
        (announced("a", inlineCatalogs={}), ["/inlineCatalogs"]),
        (announced("a", inlineCatalogs=None), ["/inlineCatalogs"]),
        (announced("a", inlineCatalogs=[7]), ["/inlineCatalogs/0"]),
        (
            announced("a", inlineCatalogs=[INLINE, {**INLINE, "components": {"B": 1}}]),
            ["/inlineCatalogs/1/components/B"],
        ),
    ],
)
def test_a_malformed_report_is_refused_with_its_places(report: Any, pointers: list[str]) -> None:
    assert refusals(report) == invalid(*pointers)
    assert refusals(report, allow_inline_catalogs=True) == invalid(*pointers)


def test_inline_catalogs_are_refused_unless_development_takes_them() -> None:
    report = announced("a", inlineCatalogs=[INLINE])
    assert refusals(report) == [("A2UI_C2S_INLINE_CATALOG_FORBIDDEN", "/inlineCatalogs")]
    client = ClientProfile().with_capabilities(report, allow_inline_catalogs=True)
    assert client.catalog_ids == {"a", INLINE["catalogId"]}


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["supportedCatalogIds", "inlineCatalogs", "catalogId", "components", "type"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(_JSON)
def test_any_report_is_taken_or_refused_in_words(report: Any) -> None:
    try:
        client = ClientProfile().with_capabilities(report, allow_inline_catalogs=True)
    except IngressError as exc:
        assert all(item.message for item in exc.diagnostics)
    else:
        assert client.catalog_ids is not None


# ---------------------------------------------------------------- what is shown then


@pytest.mark.parametrize("fallback", [False, True])
def test_a_client_that_knows_the_apps_catalog_is_told_its_id(fallback: bool) -> None:
    client = ClientProfile().with_capabilities(announced(OWN_ID, STANDARD_CATALOG_ID))
    for known in (client, ClientProfile()):
        result = shown(known, fallback=fallback)
        assert result.ok
        assert result.diagnostics == ()
        assert result.messages[-1]["beginRendering"]["catalogId"] == OWN_ID
        assert b'"FileUpload"' in result.jsonl()


def test_a_client_that_lacks_it_gets_the_standard_catalog_where_the_app_says_so() -> None:
    client = ClientProfile().with_capabilities(announced(STANDARD_CATALOG_ID))
    result = shown(client, fallback=True)
    assert result.ok
    assert [item.code for item in result.diagnostics] == ["A2UI_S2C_CATALOG_DEGRADED"]
    assert "catalogId" not in result.messages[-1]["beginRendering"]
    assert b"FileUpload" not in result.jsonl()


@pytest.mark.parametrize(
    ("knows", "fallback"), [(STANDARD_CATALOG_ID, False), ("https://other.example", True)]
)
def test_a_client_that_has_nothing_to_fall_back_to_gets_a_text(knows: str, fallback: bool) -> None:
    result = shown(ClientProfile().with_capabilities(announced(knows)), fallback=fallback)
    assert [item.code for item in result.diagnostics] == ["A2UI_S2C_CATALOG_MISMATCH"]
    assert result.messages == ()
    assert result.fallback is not None


def test_a_fallback_is_part_of_what_an_app_declares() -> None:
    plain, falls_back = UIApp("a"), UIApp("a", catalog_fallback=True)
    assert plain.hash != falls_back.hash
