"""What the app has already: ours names it, the other formats spell it out."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from benchmarks.tokens.parts import (
    button,
    card,
    check_box,
    date,
    picker,
    row,
    text,
    text_field,
)
from benchmarks.tokens.screen import Put, Screen, Show

_SHOW_CONTACT: Final = [("ui.show_form", {"form_id": "contact"})]
_CONTACT: Final = Show(
    card(
        text("New contact", "h3"),
        text_field("Full name *", "/name"),
        text_field("E-mail *", "/email"),
        text_field("Phone", "/phone"),
        picker("Segment", "/segment", SMB="SMB", Partner="Partner"),
        check_box("Newsletter", "/newsletter"),
        text_field("Notes", "/notes", "longText"),
        button("Save", "save", primary=True),
    ),
    blank={"newsletter": False},
    sends_inputs=True,
)

SCREENS: Final = (
    Screen(
        "registered form",
        "Please fill in the new contact.",
        _SHOW_CONTACT,
        [[_CONTACT]],
        app_knows=True,
    ),
    Screen(
        "registered form, filled in",
        "I have filled in what you told me.",
        [
            (
                "ui.show_form",
                {
                    "form_id": "deal",
                    "values": [
                        {"path": "/draft/title", "value": "Solar roof"},
                        {"path": "/draft/amount", "value": 12500},
                    ],
                },
            )
        ],
        [
            [
                Show(
                    card(
                        text("New deal", "h3"),
                        text_field("Title *", "/title"),
                        text_field("Amount", "/amount", "number"),
                        date("Closes on", "/close_on"),
                        button("Save", "save", primary=True),
                    ),
                    data={"title": "Solar roof", "amount": "12500", "close_on": ""},
                    sends_inputs=True,
                )
            ]
        ],
        app_knows=True,
    ),
    Screen(
        "registered view",
        "We are open on Friday until 14.",
        [("ui.show_view", {"view_id": "opening_hours"})],
        [
            [
                Show(
                    card(
                        text("Opening hours", "h3"),
                        row(text("Monday to Thursday"), text("8 to 17")),
                        row(text("Friday"), text("8 to 14")),
                        row(text("Weekend"), text("closed")),
                    )
                )
            ]
        ],
        app_knows=True,
    ),
    Screen(
        "patch of two fields",
        "I have put in the name and the number.",
        [
            (
                "ui.patch",
                {
                    "ops": [
                        {"op": "set", "path": "/draft/name", "value": "Ada Lovelace"},
                        {"op": "set", "path": "/draft/phone", "value": "+44 20 7946 0000"},
                    ]
                },
            )
        ],
        [[Put({"/name": "Ada Lovelace", "/phone": "+44 20 7946 0000"})]],
        before=(_SHOW_CONTACT, [replace(_CONTACT, changes_later=True)]),
    ),
)
