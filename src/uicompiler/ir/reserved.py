"""Names the library keeps for itself, each written here once.

Field ids, action arguments and patch paths may not begin with `_`, so none of an app's own names
can meet these.
"""

from __future__ import annotations

from typing import Final

NONCE_KEY: Final = "_nonce"
"""Context key of a button's nonce."""

REV_KEY: Final = "_rev"
"""Context key of the revision a button was shown in, and its box `/ui_state/_rev`."""


def nonce_placeholder(key_id: str, epoch: int) -> str:
    """What stands for a nonce wherever messages and events are stored."""
    return f"nonce:{key_id}:{epoch}"


CONTEXT_KEYS: Final = (NONCE_KEY, REV_KEY)
"""What every button may send beside the app's own values."""

FIELD_PREFIX: Final = "f."
"""What the names of a form's controls begin with; the rest is the input's id."""

PRESS: Final = "_press"
SURFACE: Final = "_surface"
CSRF: Final = "_csrf"
KEY: Final = "_key"
"""Names in a form beside `_nonce`, `_rev` and its fields: the button, the surface, the slots."""

ERRORS_KEY: Final = "_errors"
ERRORS_PLACE: Final = ("ui_state", ERRORS_KEY)
"""Errors beside fields: `/ui_state/_errors/<input id>`."""

MARK: Final = "\u2060"
"""WORD JOINER: shows nothing, and keeps a text from being read as JSON or as a component id."""

OWN_PREFIX: Final = "ui."
"""What the names of the library's own actions begin with, and no app's may."""

NEXT_STEP: Final = "ui.next"
PREVIOUS_STEP: Final = "ui.back"
ADD_ROW: Final = "ui.add_row"
REMOVE_ROW: Final = "ui.remove_row"
DISMISS: Final = "ui.dismiss"
REGENERATE: Final = "ui.regenerate"

OWN_ACTIONS: Final = frozenset({NEXT_STEP, PREVIOUS_STEP, ADD_ROW, REMOVE_ROW, DISMISS, REGENERATE})
"""Actions the library carries out itself: through a wizard, on rows, away with a surface."""

SURFACE_NAME: Final = r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}"
"""A surface's name, as a pattern."""
