"""Checks come in one order, and the first that fails answers: DESIGN section 10.

Each case has its own fault and all that come after it; so no later check ran before it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.host.test_refusals import codes_in
from tests.host.web import RING, Browser, changed
from uicompiler.host.pages.post import BodyLimits


@dataclass
class Draft:
    """A request on its way to being wrong in many ways."""

    page: Browser
    post: list[tuple[str, Any]]
    headers: dict[str, str] = field(default_factory=dict)
    stranger: bool = False

    def set(self, **values: Any) -> None:
        self.post = changed(self.post, **values)


def too_large(draft: Draft) -> None:
    draft.set(f__website="x" * 60_000)


def shapeless(draft: Draft) -> None:
    draft.set(_admin="1")


def unknown(draft: Draft) -> None:
    draft.stranger = True


def foreign(draft: Draft) -> None:
    draft.headers["origin"] = "https://evil.example"


def no_csrf(draft: Draft) -> None:
    draft.set(_csrf=None)


def forged(draft: Draft) -> None:
    draft.set(_nonce="forged")


def reused(draft: Draft) -> None:
    draft.headers["idempotency-key"] = "used before"


def other_epoch(draft: Draft) -> None:
    nonce = RING.nonce(draft.page.id, "main", 2, "k1")
    draft.set(_surface="main#e=2", _nonce=nonce)


def other_rev(draft: Draft) -> None:
    draft.set(_rev="77")


def no_action(draft: Draft) -> None:
    draft.set(_press="save_contact ui--none")


def no_context(draft: Draft) -> None:
    draft.set(f__admin="1")


def no_field(draft: Draft) -> None:
    draft.set(f__notes=("a.txt", b"text", "text/plain"))


FAULTS: list[tuple[Callable[[Draft], None], str]] = [
    (too_large, "HOST_BODY_TOO_LARGE"),
    (shapeless, "A2UI_C2S_ENVELOPE_INVALID"),
    (unknown, "HOST_CONVERSATION_UNKNOWN"),
    (foreign, "HOST_ORIGIN_FORBIDDEN"),
    (no_csrf, "HOST_CSRF_INVALID"),
    (forged, "A2UI_C2S_NONCE_INVALID"),
    (reused, "A2UI_C2S_KEY_REUSED"),
    (other_epoch, "A2UI_C2S_SURFACE_STALE"),
    (other_rev, "A2UI_C2S_SURFACE_STALE"),
    (no_action, "A2UI_C2S_ACTION_FORBIDDEN"),
    (no_context, "A2UI_C2S_CONTEXT_INVALID"),
    (no_field, "HOST_UPLOAD_UNEXPECTED"),
]


@pytest.mark.parametrize("first", range(len(FAULTS)), ids=[f.__name__ for f, _ in FAULTS])
def test_the_first_fault_answers(first: int, at, caplog: pytest.LogCaptureFixture) -> None:
    page = at("crm", body=BodyLimits(max_body_bytes=50_000)).begin(turn="01_show_form")
    wrong = page.post_of("Save", {"name": ""})
    page.send(wrong, idempotency_key="used before")
    page.reload()
    draft = Draft(page, page.post_of("Save"))
    # From the last fault to the first: one that replaces the nonce must not mend a later one.
    for fault, _ in reversed(FAULTS[first:]):
        fault(draft)
    caplog.set_level(logging.INFO, "uicompiler.host")
    caplog.clear()
    who = page.another() if draft.stranger else page
    who.send(draft.post, path=page.path, **draft.headers)
    assert codes_in(caplog)[0] == FAULTS[first][1]


def test_an_accepted_press_has_none_of_them(at) -> None:
    page = at("crm").begin(turn="01_show_form")
    page.press("Save", {"name": "Ada", "email": "ada@example.org"})
    assert page.response.status_code == 200


def test_a_repeated_next_gets_its_first_answer_whatever_happened_since(at) -> None:
    """Not 403, though its step is over, and not 409, though its revision is."""
    page = at("booking").begin(turn="01_show_wizard")
    post = page.post_of("Next", {"arrival": "2026-03-02", "departure": "2026-03-05"})
    first = page.send(post)
    page.response = first
    page.press("Back")
    again = page.send(post)
    assert (first.status_code, again.status_code) == (200, 200)
    page.response = again
    assert "Your stay" in page.text  # the newest page
    assert page.kept.turns == 3


def test_a_refusal_can_be_mended_under_the_same_key(at) -> None:
    page = at("crm").begin(turn="01_show_form")
    post = page.post_of("Save", {"name": "Ada", "email": "ada@example.org"})
    assert page.send(changed(post, _nonce="x"), idempotency_key="k").status_code == 403
    assert page.send(post, idempotency_key="k").status_code == 200
