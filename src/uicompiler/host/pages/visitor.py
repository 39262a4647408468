"""Who is looking: the language and the appearance they asked for, by link, cookie or browser."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from starlette.requests import HTTPConnection
from starlette.responses import Response

from uicompiler.languages import Direction, best, direction, is_tag

LANGUAGE_COOKIE: Final = "ui_language"
THEME_COOKIE: Final = "ui_theme"
THEMES: Final = ("auto", "light", "dark")
_YEAR_S: Final = 365 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Visitor:
    """What a request says of its reader.

    Attributes:
        language: A tag, one of those there are texts in.
        theme: One of `THEMES`.
        chosen: Cookies to set, since the request chose anew.
    """

    language: str = "en"
    theme: str = "auto"
    chosen: tuple[tuple[str, str], ...] = ()

    @property
    def direction(self) -> Direction:
        """Which way the language is written."""
        return direction(self.language)

    def remember(self, response: Response, *, secure: bool) -> None:
        """Set the cookies of what was chosen by a link."""
        for name, value in self.chosen:
            response.set_cookie(
                name, value, max_age=_YEAR_S, httponly=True, samesite="lax", secure=secure
            )


def visitor(request: HTTPConnection, languages: Sequence[str]) -> Visitor:
    """The visitor of a request: by `?lang=` and `?theme=`, else cookies, else the browser.

    Args:
        request: The request.
        languages: Tags of the languages there are texts in, the default first.
    """
    asked = _language(request.query_params.get("lang"), languages)
    kept = _language(request.cookies.get(LANGUAGE_COOKIE), languages)
    preferred = best(request.headers.get("accept-language", ""), languages)
    theme = _theme(request.query_params.get("theme"))
    chosen = [(LANGUAGE_COOKIE, asked), (THEME_COOKIE, theme)]
    return Visitor(
        asked or kept or preferred or languages[0],
        theme or _theme(request.cookies.get(THEME_COOKIE)) or THEMES[0],
        tuple((name, value) for name, value in chosen if value),
    )


def _theme(name: str | None) -> str | None:
    return name if name in THEMES else None


def _language(tag: str | None, languages: Sequence[str]) -> str | None:
    return best(tag, languages) if tag is not None and is_tag(tag) else None
