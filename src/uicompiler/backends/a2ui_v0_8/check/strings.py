"""What is asked of all strings of a message at once, and where each of them is.

No text that goes out holds an invisible control, a lone surrogate or more bytes than allowed. What
a string is for, it does not know.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from uicompiler.backends.a2ui_v0_8.check.components import check_types
from uicompiler.backends.a2ui_v0_8.check.entries import CONTENTS, check_entries
from uicompiler.backends.a2ui_v0_8.check.findings import At, Findings, Look
from uicompiler.backends.a2ui_v0_8.check.plan import Plan
from uicompiler.backends.a2ui_v0_8.check.surface import COMPONENTS
from uicompiler.ir.text import has_controls, has_surrogates


def check_strings(kind: str, body: dict[str, Any], plan: Plan, look: Look) -> None:
    """Ask of all strings at once what hardly ever holds of one."""
    texts = [*look.texts, *look.said]
    joined = " ".join(texts)
    most = look.rules.limits.max_string_bytes // 4
    if _is_clean(joined) and (len(joined) <= most or max(map(len, texts)) <= most):
        return
    placed = located(kind, body, plan, look)
    for text, at in (
        *zip(placed.texts, placed.text_places, strict=True),
        *zip(placed.said, placed.said_places, strict=True),
    ):
        _check_string(text, at, look, kind)


_CONTROLS: Final = bytes(sign for sign in range(128) if has_controls(chr(sign)))


def _is_clean(text: str) -> bool:
    """Whether it holds neither an invisible control nor a lone surrogate."""
    if text.isascii():
        signs = text.encode()
        return len(signs.translate(None, _CONTROLS)) == len(signs)
    return text.isprintable() or not (has_controls(text) or has_surrogates(text))


_CODES: Final[Mapping[str, str]] = {
    "beginRendering": "BEGIN_INVALID",
    "surfaceUpdate": "COMPONENT_TEXT_FORBIDDEN",
    "dataModelUpdate": "DATA_TEXT_FORBIDDEN",
    "deleteSurface": "ENVELOPE_INVALID",
}


def _check_string(text: str, at: At, look: Look, kind: str) -> None:
    if has_surrogates(text):
        why = "a lone surrogate, which UTF-8 cannot carry"
        look.report(_CODES[kind], at, why, accepted=True)
    elif has_controls(text):
        why = "an invisible control or a bidi override"
        look.report(_CODES[kind], at, why, "take it out", accepted=True)
    size = len(text.encode("utf-8", "replace"))
    allowed = look.rules.limits.max_string_bytes
    if size > allowed:
        look.limit("max_string_bytes", allowed, size, "bytes of a string", at)


def located(kind: str, body: dict[str, Any], plan: Plan, look: Look) -> Look:
    """The same message without gates, so that every string and reference has its place."""
    placed = Look(look.rules, Findings())
    for name in ("surfaceId", "path"):
        if isinstance(body.get(name), str):
            placed.say(body[name], ((None, kind), name))
    if kind == "surfaceUpdate" and isinstance(body.get("components"), (list, tuple)):
        for index, item in enumerate(body["components"]):
            component = item.get("component") if isinstance(item, dict) else None
            check_types(component, ((COMPONENTS, index), "component"), plan, placed)
    elif kind == "dataModelUpdate" and isinstance(body.get("contents"), (list, tuple)):
        check_entries(body["contents"], CONTENTS, 1, placed, ask=False)
    elif kind not in ("surfaceUpdate", "dataModelUpdate"):
        return look
    return placed
