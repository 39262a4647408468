"""What asks: composed forms, choices, a confirmation."""

from __future__ import annotations

from typing import Final

from benchmarks.tokens.parts import (
    button,
    card,
    check_box,
    date,
    picker,
    row,
    slider,
    text,
    text_field,
)
from benchmarks.tokens.screen import Screen, Show

SCREENS: Final = (
    Screen(
        "short form",
        "Where may we send the catalogue?",
        [
            (
                "ui.show_form",
                {
                    "title": "Your address",
                    "fields": [
                        {"id": "name", "label": "Name", "required": True},
                        {"id": "address", "label": "Address", "kind": "long_text"},
                    ],
                },
            )
        ],
        [
            [
                Show(
                    card(
                        text("Your address", "h3"),
                        text_field("Name *", "/name"),
                        text_field("Address", "/address", "longText"),
                        button("Submit", "submit", primary=True),
                    ),
                    sends_inputs=True,
                )
            ]
        ],
    ),
    Screen(
        "long form",
        "Tell us who comes to the workshop.",
        [
            (
                "ui.show_form",
                {
                    "title": "Workshop",
                    "intro": "Saturday in the old mill.",
                    "fields": [
                        {"id": "name", "label": "Your name", "required": True},
                        {"id": "guests", "label": "Guests", "kind": "number"},
                        {"id": "arrival", "label": "Arrival", "kind": "date"},
                        {
                            "id": "meal",
                            "label": "Meal",
                            "kind": "choice",
                            "options": [
                                {"value": "veg", "label": "Vegetarian"},
                                {"value": "fish", "label": "Fish"},
                            ],
                        },
                        {
                            "id": "parts",
                            "label": "Parts",
                            "kind": "multi_choice",
                            "options": [
                                {"value": "talks", "label": "Talks"},
                                {"value": "walk", "label": "Walk"},
                                {"value": "dinner", "label": "Dinner"},
                            ],
                        },
                        {
                            "id": "level",
                            "label": "Experience",
                            "kind": "slider",
                            "min": 1,
                            "max": 5,
                        },
                        {"id": "car", "label": "I come by car", "kind": "boolean"},
                        {"id": "wishes", "label": "Wishes", "kind": "long_text"},
                    ],
                },
            )
        ],
        [
            [
                Show(
                    card(
                        text("Workshop", "h3"),
                        text("Saturday in the old mill."),
                        text_field("Your name *", "/name"),
                        text_field("Guests", "/guests", "number"),
                        date("Arrival", "/arrival"),
                        picker("Meal", "/meal", veg="Vegetarian", fish="Fish"),
                        picker(
                            "Parts",
                            "/parts",
                            several=True,
                            talks="Talks",
                            walk="Walk",
                            dinner="Dinner",
                        ),
                        slider("Experience", "/level", 1, 5),
                        check_box("I come by car", "/car"),
                        text_field("Wishes", "/wishes", "longText"),
                        button("Submit", "submit", primary=True),
                    ),
                    data={"level": 1, "arrival": ""},
                    blank={"car": False},
                    sends_inputs=True,
                )
            ]
        ],
    ),
    Screen(
        "form in Japanese",
        "予約の内容を入力してください。",
        [
            (
                "ui.show_form",
                {
                    "title": "ご予約",
                    "fields": [
                        {"id": "name", "label": "お名前", "required": True},
                        {"id": "day", "label": "日にち", "kind": "date"},
                        {"id": "people", "label": "人数", "kind": "number"},
                    ],
                    "submit_label": "予約する",
                },
            )
        ],
        [
            [
                Show(
                    card(
                        text("ご予約", "h3"),
                        text_field("お名前 *", "/name"),
                        date("日にち", "/day"),
                        text_field("人数", "/people", "number"),
                        button("予約する", "submit", primary=True),
                    ),
                    data={"day": ""},
                    sends_inputs=True,
                )
            ]
        ],
    ),
    Screen(
        "one of three",
        "We have three plans.",
        [
            (
                "ui.show_choices",
                {
                    "title": "Which plan?",
                    "id": "plan",
                    "options": [
                        {"value": "free", "label": "Free"},
                        {"value": "team", "label": "Team, 9 € a month"},
                        {"value": "firm", "label": "Firm, 90 € a month"},
                    ],
                },
            )
        ],
        [
            [
                Show(
                    card(
                        picker(
                            "Which plan? *",
                            "/plan",
                            free="Free",
                            team="Team, 9 € a month",
                            firm="Firm, 90 € a month",
                        ),
                        button("Submit", "submit", primary=True),
                    ),
                    sends_inputs=True,
                )
            ]
        ],
    ),
    Screen(
        "several of four, in German",
        "Dazu kann ich Ihnen etwas zeigen.",
        [
            (
                "ui.show_choices",
                {
                    "title": "Was interessiert Sie?",
                    "id": "topics",
                    "options": [
                        {"value": "roof", "label": "Dach"},
                        {"value": "heat", "label": "Heizung"},
                        {"value": "windows", "label": "Fenster"},
                        {"value": "walls", "label": "Dämmung"},
                    ],
                    "multiple": True,
                    "submit_label": "Weiter",
                },
            )
        ],
        [
            [
                Show(
                    card(
                        picker(
                            "Was interessiert Sie? *",
                            "/topics",
                            several=True,
                            roof="Dach",
                            heat="Heizung",
                            windows="Fenster",
                            walls="Dämmung",
                        ),
                        button("Weiter", "submit", primary=True),
                    ),
                    sends_inputs=True,
                )
            ]
        ],
    ),
    Screen(
        "confirmation",
        "Please confirm first.",
        [
            (
                "ui.confirm",
                {
                    "title": "Delete Ada Lovelace?",
                    "text": "This cannot be undone.",
                    "items": [{"label": "Open deals", "value": 3}],
                    "action": "remove",
                    "args": [{"key": "contact", "value": 17}],
                },
            )
        ],
        [
            [
                Show(
                    card(
                        text("Delete Ada Lovelace?", "h3"),
                        text("This cannot be undone."),
                        row(text("Open deals"), text("3")),
                        row(
                            button("OK", "remove", primary=True, contact=17),
                            button("Cancel", "dismiss"),
                        ),
                    )
                )
            ]
        ],
    ),
)
