"""Findings that every backend has in the same words: what it took out, or could not show."""

from __future__ import annotations

from collections.abc import Iterable

from uicompiler.backends.base import Settings
from uicompiler.errors import Diagnostic, Severity, diagnostic
from uicompiler.ir.state import Surface


def repair(
    code: str, message: str, surface: Surface, settings: Settings, *, hint: str = ""
) -> Diagnostic:
    """A deterministic repair on the way out: a warning, and an error in strict."""
    severity: Severity = "error" if settings.strict else "warning"
    return diagnostic(code, message, severity=severity, hint=hint, surface_id=surface.name)


def cleaned(code: str, paths: Iterable[str], surface: Surface, settings: Settings) -> Diagnostic:
    """Texts of some nodes went out without characters that no text may hold."""
    places = ", ".join(sorted(set(paths))[:5])
    why = f"took invisible or direction-changing characters out of the texts of {places}"
    return repair(code, why, surface, settings)


def unsupported(kinds: Iterable[str], target: str, surface: Surface) -> list[Diagnostic]:
    """Kinds of nodes that nobody says how to show."""
    return [
        diagnostic(
            "A2UI_S2C_CATALOG_UNSUPPORTED",
            f"nothing says how to show a {kind!r} node in {target}",
            hint="register the node with a lowering for this backend",
            surface_id=surface.name,
        )
        for kind in sorted(set(kinds))
    ]


def unencodable(surface: Surface, exc: Exception) -> Diagnostic:
    """Something in the view has no bytes."""
    return diagnostic(
        "A2UI_S2C_COMPONENT_TEXT_FORBIDDEN",
        f"a text or number of the view has no JSON form in UTF-8 ({exc})",
        hint="look for lone surrogates in the app's own texts",
        surface_id=surface.name,
    )
