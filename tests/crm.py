"""The example CRM, for tests: its app, a shown form, events as a client builds them."""

from __future__ import annotations

import functools
import hashlib
import hmac
from typing import Any

from uicompiler import CompileResult, TurnContext, UIApp, UIState, compile
from uicompiler.resources import data_path

SAVE = "ui--root--card--form--actions--0--Button"
DISCARD = "ui--root--card--form--actions--1--Button"
FILLED = {
    "name": "Ada Lovelace",
    "email": "ada@example.org",
    "stage": ["talking"],
    "deal_size": "12.50",
    "follow_up": "2026-03-06",
    "newsletter": True,
    "phone": "",
    "website": "",
    "tags": "",
    "notes": "",
}


@functools.cache
def crm() -> UIApp:
    return UIApp.load(data_path("examples/crm"))


class TestSigner:
    """HMAC nonces under a fixed key."""

    __test__ = False
    key_id = "k1"

    def nonce(self, conversation_id: str, surface_id: str, epoch: int, key_id: str) -> str:
        message = f"{conversation_id}|{surface_id}|{epoch}|{key_id}".encode()
        return hmac.new(b"test key", message, hashlib.sha256).hexdigest()


def shown(turn: TurnContext | None = None, **payload: Any) -> CompileResult:
    """The contact form on surface `main`."""
    form = {"form_id": "contact", **payload}
    return compile([{"type": "ui.show_form", "payload": form}], app=crm(), turn=turn)


def event(
    state: UIState,
    *,
    action: str = "save_contact",
    component: str = SAVE,
    surface_id: str = "main",
    timestamp: str = "2026-01-01T12:00:00Z",
    context: dict[str, Any] | None = None,
    **changed: Any,
) -> dict[str, Any]:
    """A userAction for the form as it stands; keywords change single context values."""
    rev = state.surfaces["main"].rev if "main" in state.surfaces else 1
    found = {**FILLED, "_rev": rev, **changed} if context is None else context
    return {
        "userAction": {
            "name": action,
            "surfaceId": surface_id,
            "sourceComponentId": component,
            "timestamp": timestamp,
            "context": found,
        }
    }
