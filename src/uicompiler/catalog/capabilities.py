"""What a client announces about itself: the catalogs that it can show.

A2UI v0.8 calls it `a2uiClientCapabilities`: `{"supportedCatalogIds", "inlineCatalogs"}`, sent with
a client's messages. It is a stranger's word, so it is read as strictly as any event. It never
chooses a catalog: the app has pinned its own, and asks only whether the client knows that one.

Source: A2UI v0.8 protocol, section 2.1; `schemas/a2ui_v0_8/client_capabilities.json`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

from uicompiler.catalog.catalog import parse_catalog
from uicompiler.errors import AppError, Diagnostic, IngressError, diagnostic
from uicompiler.ir.text import has_surrogates
from uicompiler.pointer import join

MAX_CATALOGS: Final = 100
_MAX_ID: Final = 2_048


def supported_catalogs(report: object, *, allow_inline: bool = False) -> frozenset[str]:
    """Ids of the catalogs that a client can show.

    Args:
        report: The content of `a2uiClientCapabilities`, as JSON.
        allow_inline: Whether catalogs that the client brings along count too (development only:
            they hold whatever a stranger wrote).

    Raises:
        IngressError: A2UI_C2S_CAPABILITIES_INVALID, all that is wrong with the report;
            A2UI_C2S_INLINE_CATALOG_FORBIDDEN, it brings catalogs along.
    """
    given = report if isinstance(report, dict) else {}
    ids, inline = given.get("supportedCatalogIds"), given.get("inlineCatalogs", [])
    found = [*_problems_of_ids(ids), *_problems_of_inline(inline)]
    if found:
        raise IngressError(found)
    if inline and not allow_inline:
        raise IngressError([_forbidden()])
    return frozenset([*(ids or ()), *(item["catalogId"] for item in inline)])


def _problems_of_ids(ids: object) -> Iterator[Diagnostic]:
    place = ("supportedCatalogIds",)
    if not isinstance(ids, list) or len(ids) > MAX_CATALOGS:
        yield _invalid(place, f"a client names the catalogs that it knows, at most {MAX_CATALOGS}")
        return
    for index, name in enumerate(ids):
        if not _is_id(name):
            yield _invalid((*place, index), "the id of a catalog is a text, and not empty")


def _problems_of_inline(inline: object) -> Iterator[Diagnostic]:
    place = ("inlineCatalogs",)
    if not isinstance(inline, list) or len(inline) > MAX_CATALOGS:
        yield _invalid(place, f"inline catalogs are a list of at most {MAX_CATALOGS}")
        return
    for index, document in enumerate(inline):
        yield from _problems_of_catalog(document, (*place, index))


def _problems_of_catalog(document: Any, place: tuple[str | int, ...]) -> Iterator[Diagnostic]:
    try:
        catalog = parse_catalog(document)
    except AppError as exc:
        for item in exc.diagnostics:
            found = _invalid(place, item.message, item.hint)
            yield replace(found, pointer=found.pointer + item.pointer)
        return
    if not _is_id(catalog.catalog_id):
        yield _invalid((*place, "catalogId"), "the id of a catalog is a text, and not empty")


def _is_id(name: object) -> bool:
    return isinstance(name, str) and 0 < len(name) <= _MAX_ID and not has_surrogates(name)


def _invalid(place: tuple[str | int, ...], why: str, hint: str = "") -> Diagnostic:
    return diagnostic("A2UI_C2S_CAPABILITIES_INVALID", why, pointer=join(place), hint=hint)


def _forbidden() -> Diagnostic:
    return diagnostic(
        "A2UI_C2S_INLINE_CATALOG_FORBIDDEN",
        "the client brings catalogs along, and the app shows its own only",
        pointer=join(("inlineCatalogs",)),
        hint="register the catalog with the app; allow_inline_catalogs=True is for development",
    )
