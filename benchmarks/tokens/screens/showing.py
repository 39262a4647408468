"""What shows: tables, lists, tabs, media, a message that goes away."""

from __future__ import annotations

from typing import Final

from benchmarks.tokens.parts import (
    Bound,
    audio,
    card,
    column,
    image,
    items,
    row,
    tabs,
    text,
    video,
)
from benchmarks.tokens.screen import Screen, Show


def _table(title: str, head: tuple[str, ...], rows: list[tuple[str, ...]]) -> list[list[Show]]:
    """The two ways to show a table with the standard catalog: cell by cell, or a row for each."""
    keys = "abcdefgh"[: len(head)]
    top = (text(title, "h3"), row(*map(text, head)))
    cells = [row(*map(text, cells)) for cells in rows]
    data = {"r": [dict(zip(keys, cells, strict=True)) for cells in rows]}
    made = items("/r", row(*(text(Bound(key)) for key in keys)))
    return [[Show(card(*top, *cells))], [Show(card(*top, made), data=data)]]


SCREENS: Final = (
    Screen(
        "table of 3 rows",
        "These are your open deals.",
        [
            (
                "ui.show_table",
                {
                    "title": "Open deals",
                    "columns": [
                        {"id": "name", "label": "Customer"},
                        {"id": "size", "label": "Amount", "align": "end"},
                        {"id": "stage", "label": "Stage"},
                    ],
                    "rows": [
                        ["Northwind", 12500, "Offer"],
                        ["Contoso", 8000, "Lead"],
                        ["Fabrikam", 31000, "Won"],
                    ],
                },
            )
        ],
        _table(
            "Open deals",
            ("Customer", "Amount", "Stage"),
            [
                ("Northwind", "12500", "Offer"),
                ("Contoso", "8000", "Lead"),
                ("Fabrikam", "31000", "Won"),
            ],
        ),
    ),
    Screen(
        "table of 7 rows, in Hebrew",
        "אלה השיעורים של השבוע.",
        [
            (
                "ui.show_table",
                {
                    "title": "שיעורים",
                    "columns": [
                        {"id": "a", "label": "יום"},
                        {"id": "b", "label": "שעה"},
                        {"id": "c", "label": "נושא"},
                        {"id": "d", "label": "חדר"},
                    ],
                    "rows": [
                        ["ראשון", "8:00", "חשבון", 12],
                        ["ראשון", "10:00", "אנגלית", 7],
                        ["שני", "8:00", "מדעים", 3],
                        ["שני", "10:00", "היסטוריה", 12],
                        ["שלישי", "9:00", "ספורט", 1],
                        ["רביעי", "8:00", "אמנות", 5],
                        ["חמישי", "11:00", "מוזיקה", 6],
                    ],
                },
            )
        ],
        _table(
            "שיעורים",
            ("יום", "שעה", "נושא", "חדר"),
            [
                ("ראשון", "8:00", "חשבון", "12"),
                ("ראשון", "10:00", "אנגלית", "7"),
                ("שני", "8:00", "מדעים", "3"),
                ("שני", "10:00", "היסטוריה", "12"),
                ("שלישי", "9:00", "ספורט", "1"),
                ("רביעי", "8:00", "אמנות", "5"),
                ("חמישי", "11:00", "מוזיקה", "6"),
            ],
        ),
    ),
    Screen(
        "list in French",
        "Voici le programme de demain.",
        [
            (
                "ui.show_view",
                {
                    "root": {
                        "node": "section",
                        "title": "Programme",
                        "children": [
                            "9 h : accueil et café",
                            "10 h : visite du musée",
                            "12 h 30 : déjeuner",
                            "14 h : atelier de gravure",
                            "17 h : retour à l'hôtel",
                        ],
                    }
                },
            )
        ],
        [
            [
                Show(
                    column(
                        text("Programme", "h3"),
                        text("9 h : accueil et café"),
                        text("10 h : visite du musée"),
                        text("12 h 30 : déjeuner"),
                        text("14 h : atelier de gravure"),
                        text("17 h : retour à l'hôtel"),
                    )
                )
            ]
        ],
    ),
    Screen(
        "three tabs",
        "Here is what we know about the cottage.",
        [
            (
                "ui.show_view",
                {
                    "root": {
                        "node": "tabs",
                        "children": [
                            {
                                "node": "tab",
                                "title": "House",
                                "children": ["Two bedrooms, a stove and a garden."],
                            },
                            {
                                "node": "tab",
                                "title": "Prices",
                                "children": [
                                    {
                                        "node": "key_values",
                                        "items": [
                                            {"label": "Summer", "text": "120 € a night"},
                                            {"label": "Winter", "text": "90 € a night"},
                                        ],
                                    }
                                ],
                            },
                            {
                                "node": "tab",
                                "title": "Way there",
                                "children": ["Bus 14 to the last stop."],
                            },
                        ],
                    }
                },
            )
        ],
        [
            [
                Show(
                    tabs(
                        House=text("Two bedrooms, a stove and a garden."),
                        Prices=column(
                            row(text("Summer"), text("120 € a night")),
                            row(text("Winter"), text("90 € a night")),
                        ),
                        Way_there=text("Bus 14 to the last stop."),
                    )
                )
            ]
        ],
    ),
    Screen(
        "picture, film and sound",
        "This is the lighthouse.",
        [
            (
                "ui.show_view",
                {
                    "root": {
                        "node": "card",
                        "children": [
                            {"node": "text", "text": "The lighthouse", "style": "h2"},
                            {
                                "node": "image",
                                "url": "https://example.com/tower.jpg",
                                "alt": "A white tower by the sea",
                            },
                            {"node": "video", "url": "https://example.com/tour.mp4"},
                            {
                                "node": "audio",
                                "url": "https://example.com/horn.mp3",
                                "title": "The fog horn",
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
                        text("The lighthouse", "h2"),
                        image("https://example.com/tower.jpg", "A white tower by the sea"),
                        video("https://example.com/tour.mp4"),
                        audio("https://example.com/horn.mp3", "The fog horn"),
                    )
                )
            ]
        ],
    ),
    Screen(
        "toast",
        "Done.",
        [("ui.toast", {"text": "The contact was saved.", "level": "success"})],
        missing="no message that goes away by itself",
    ),
)
