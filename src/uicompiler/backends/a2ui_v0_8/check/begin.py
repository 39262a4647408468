"""beginRendering: once a surface, with a root that is there, of the catalog that was agreed on.

It promises that what a root does not lead to is reported, now or at the end. What components are,
it does not know.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from uicompiler.backends.a2ui_v0_8.check.containment import check_all_reached, check_whole
from uicompiler.backends.a2ui_v0_8.check.findings import At, Look
from uicompiler.backends.a2ui_v0_8.check.surface import Surface
from uicompiler.backends.a2ui_v0_8.check.wording import name_of, show


def begin(surface: Surface, body: Mapping[str, Any], look: Look) -> None:
    """Check a beginRendering and begin the surface."""
    base: At = (None, "beginRendering")
    if surface.begun:
        text = "the surface is begun already; a second beginRendering resets its styles"
        look.report("BEGIN_REPEATED", base, text)
    _check_catalog(body, (base, "catalogId"), look)
    if "styles" in body:
        _check_styles(body["styles"], (base, "styles"), look)
    root = body.get("root")
    if not isinstance(root, str):
        look.invalid((base, "root"), "a component id", root, "BEGIN_INVALID")
    elif not surface.live:
        _show_root(surface, root, (base, "root"), look)
    surface.begun = True


def _check_catalog(body: Mapping[str, Any], at: At, look: Look) -> None:
    wanted, found = look.rules.catalog.catalog_id, body.get("catalogId")
    if "catalogId" in body and not isinstance(found, str):
        look.invalid(at, "a catalog id", found, "BEGIN_INVALID")
    elif found is not None and found != wanted:
        text = f"the catalog is {show(wanted)}, found {show(found)}"
        look.report("CATALOG_MISMATCH", at, text)


_COLOUR: Final = re.compile(r"#[0-9a-fA-F]{6}")


def _check_styles(styles: object, at: At, look: Look) -> None:
    if not isinstance(styles, dict):
        look.invalid(at, "an object", styles, "BEGIN_INVALID")
        return
    for name, value in styles.items():
        place = (at, name_of(name))
        if name not in ("font", "primaryColor"):
            text = f"no such style: {show(name)}"
            look.report("BEGIN_INVALID", place, text, "font, primaryColor")
        elif not isinstance(value, str):
            look.invalid(place, "a string", value, "BEGIN_INVALID")
        elif name == "primaryColor" and _COLOUR.fullmatch(value) is None:
            look.report("BEGIN_INVALID", place, f"a colour is #RRGGBB, found {show(value)}")
        else:
            look.say(value, place)


def _show_root(surface: Surface, root: str, at: At, look: Look) -> None:
    surface.root, surface.root_at = root, look.line
    if root not in surface.types:
        text = f"the root {show(root)} is not defined before beginRendering"
        # Clients show it as soon as it comes; if it never does, `finish_root` says so.
        look.report("BEGIN_ROOT_MISSING", at, text, accepted=True)
    elif not surface.begun:
        check_all_reached(surface, root, look)


def finish_root(surface: Surface, look: Look) -> None:
    """At the end: whether the root came, and what it shows in all."""
    if surface.has_content and not surface.begun:
        text = "components or data were sent, but no beginRendering shows the surface"
        look.report("BEGIN_MISSING", None, text)
    if surface.root is None or surface.live:
        return
    if surface.root not in surface.types and look.rules.level == "interop":
        at = ((None, "beginRendering"), "root")
        text = f"the root {show(surface.root)} is never defined"
        look.report("BEGIN_ROOT_MISSING", at, text, line=surface.root_at)
    else:
        check_whole(surface, surface.root, look)
