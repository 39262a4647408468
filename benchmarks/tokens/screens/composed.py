"""What a model composes itself: cards, an order, a dashboard, two surfaces."""

from __future__ import annotations

from typing import Final

from benchmarks.tokens.parts import (
    button,
    card,
    column,
    divider,
    icon,
    image,
    row,
    text,
)
from benchmarks.tokens.screen import Screen, Show

SCREENS: Final = (
    Screen(
        "card of a person",
        "I have found her.",
        [
            (
                "ui.show_view",
                {
                    "root": {
                        "node": "card",
                        "children": [
                            {
                                "node": "image",
                                "url": "https://example.com/ada.jpg",
                                "alt": "Ada Lovelace",
                                "size": "avatar",
                            },
                            {"node": "text", "text": "Ada Lovelace", "style": "h3"},
                            {
                                "node": "key_values",
                                "items": [
                                    {"label": "Phone", "text": "+44 20 7946 0000"},
                                    {"label": "City", "text": "London"},
                                ],
                            },
                            {
                                "node": "actions",
                                "children": [
                                    {
                                        "node": "button",
                                        "label": "Call",
                                        "action": "call",
                                        "primary": True,
                                        "args": [{"key": "id", "value": 17}],
                                    },
                                    {
                                        "node": "button",
                                        "label": "Open",
                                        "action": "open",
                                        "args": [{"key": "id", "value": 17}],
                                    },
                                ],
                            },
                        ],
                    }
                },
            )
        ],
        [
            [
                Show(
                    card(
                        image("https://example.com/ada.jpg", "Ada Lovelace", "avatar"),
                        text("Ada Lovelace", "h3"),
                        row(text("Phone"), text("+44 20 7946 0000")),
                        row(text("City"), text("London")),
                        row(
                            button("Call", "call", primary=True, id=17),
                            button("Open", "open", id=17),
                        ),
                    )
                )
            ]
        ],
    ),
    Screen(
        "order, 20 nodes",
        "Here is your order.",
        [
            (
                "ui.show_view",
                {
                    "root": {
                        "node": "card",
                        "children": [
                            {"node": "text", "text": "Order 2048", "style": "h2"},
                            {"node": "notice", "tone": "success", "text": "On its way"},
                            {
                                "node": "section",
                                "title": "Items",
                                "children": [
                                    {
                                        "node": "key_values",
                                        "items": [
                                            {"label": "Teapot", "text": "24 €"},
                                            {"label": "Two cups", "text": "18 €"},
                                            {"label": "Delivery", "text": "5 €"},
                                        ],
                                    },
                                    {"node": "divider"},
                                    {"node": "text", "text": "47 € in all", "style": "h4"},
                                ],
                            },
                            {
                                "node": "section",
                                "title": "Delivery",
                                "children": [
                                    {"node": "icon", "name": "location_on"},
                                    "12 Mill Lane, York",
                                    {"node": "text", "text": "Tuesday", "style": "caption"},
                                ],
                            },
                            {
                                "node": "section",
                                "title": "Questions?",
                                "children": [
                                    "We are there from 8 to 17.",
                                    {"node": "icon", "name": "phone"},
                                    "+44 20 7946 0000",
                                ],
                            },
                            {"node": "divider"},
                            "Thank you, Ada",
                            {
                                "node": "actions",
                                "children": [
                                    {"node": "button", "label": "Pay", "action": "pay"},
                                    {"node": "button", "label": "Details", "action": "open"},
                                ],
                            },
                        ],
                    }
                },
            )
        ],
        [
            [
                Show(
                    card(
                        text("Order 2048", "h2"),
                        text("On its way"),
                        text("Items", "h3"),
                        row(text("Teapot"), text("24 €")),
                        row(text("Two cups"), text("18 €")),
                        row(text("Delivery"), text("5 €")),
                        divider(),
                        text("47 € in all", "h4"),
                        text("Delivery", "h3"),
                        icon("locationOn"),
                        text("12 Mill Lane, York"),
                        text("Tuesday", "caption"),
                        text("Questions?", "h3"),
                        text("We are there from 8 to 17."),
                        icon("phone"),
                        text("+44 20 7946 0000"),
                        divider(),
                        text("Thank you, Ada"),
                        row(button("Pay", "pay"), button("Details", "open")),
                    )
                )
            ]
        ],
    ),
    Screen(
        "dashboard, 20 nodes",
        "This is how the week went.",
        [
            (
                "ui.show_view",
                {
                    "root": {
                        "node": "section",
                        "title": "Week 12",
                        "children": [
                            {
                                "node": "stack",
                                "direction": "row",
                                "children": [
                                    {
                                        "node": "card",
                                        "children": [
                                            {"node": "icon", "name": "phone"},
                                            {"node": "text", "text": "Calls", "style": "caption"},
                                            {"node": "text", "text": "184", "style": "h2"},
                                        ],
                                    },
                                    {
                                        "node": "card",
                                        "children": [
                                            {"node": "icon", "name": "mail"},
                                            {"node": "text", "text": "Mails", "style": "caption"},
                                            {"node": "text", "text": "412", "style": "h2"},
                                        ],
                                    },
                                    {
                                        "node": "card",
                                        "children": [
                                            {"node": "icon", "name": "star"},
                                            {"node": "text", "text": "Won", "style": "caption"},
                                            {"node": "text", "text": "9", "style": "h2"},
                                        ],
                                    },
                                ],
                            },
                            {"node": "notice", "tone": "warning", "text": "Two calls are late"},
                            "Best day: Tuesday",
                            {"node": "divider"},
                            "Next week is short.",
                            {"node": "button", "label": "Open the list", "action": "open"},
                            {"node": "button", "label": "Save as a file", "action": "save"},
                        ],
                    }
                },
            )
        ],
        [
            [
                Show(
                    column(
                        text("Week 12", "h3"),
                        row(
                            card(icon("phone"), text("Calls", "caption"), text("184", "h2")),
                            card(icon("mail"), text("Mails", "caption"), text("412", "h2")),
                            card(icon("star"), text("Won", "caption"), text("9", "h2")),
                        ),
                        text("Two calls are late"),
                        text("Best day: Tuesday"),
                        divider(),
                        text("Next week is short."),
                        button("Open the list", "open"),
                        button("Save as a file", "save"),
                    )
                )
            ]
        ],
    ),
    Screen(
        "two surfaces",
        "The recipe, and what to buy beside it.",
        [
            (
                "ui.show_view",
                {
                    "root": {
                        "node": "section",
                        "title": "Pancakes",
                        "children": [
                            "Whisk all of it and let it rest.",
                            "Bake in a hot pan.",
                        ],
                    }
                },
            ),
            (
                "ui.show_view",
                {
                    "surface": "side",
                    "root": {
                        "node": "card",
                        "children": [
                            "Flour",
                            "Milk",
                            "Eggs",
                        ],
                    },
                },
            ),
        ],
        [
            [
                Show(
                    column(
                        text("Pancakes", "h3"),
                        text("Whisk all of it and let it rest."),
                        text("Bake in a hot pan."),
                    )
                ),
                Show(card(text("Flour"), text("Milk"), text("Eggs")), surface="side"),
            ]
        ],
    ),
)
