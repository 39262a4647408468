"""The pages around surfaces: the start page, a conversation's page, a refusal's.

Jinja2 with autoescape for everything; the surfaces' own markup comes from the backend, which
escapes what is in it. No page holds inline script or style.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, Final

from jinja2 import Environment, PackageLoader
from markupsafe import Markup

from uicompiler.app import UIApp
from uicompiler.backends.html.markup import environment_of
from uicompiler.host.conversations.conversation import History
from uicompiler.host.pages.visitor import THEMES, Visitor
from uicompiler.ir.values import Json

NAMES: Final[Mapping[str, str]] = {"en": "English", "he": "עברית", "ja": "日本語"}
"""What languages call themselves."""

_TONES: Final[Mapping[Json, str]] = {
    "info": "info",
    "success": "success",
    "warning": "warning",
    "error": "error-tone",
}
_SAID_BY_SCRIPT: Final[Mapping[str, str]] = {
    "busy": "send.busy",
    "failed": "send.failed",
    "again": "send.again",
    "close": "send.dismiss",
    "error": "notice.error",
    "answering": "message.answering",
    "you": "message.you",
}
"""Texts that the script shows: its own word for each, and the text's key."""


@cache
def _environment() -> Environment:
    environment = environment_of(PackageLoader("uicompiler.host.pages"))
    environment.filters["spoken"] = spoken
    return environment


_NUMBERED: Final = re.compile(r"^[0-9]+[_ -]+(?=.)")


def spoken(name: str) -> str:
    """The name of a file as a person would say it: `01_show_form` is "Show form"."""
    words = _NUMBERED.sub("", name).replace("_", " ").strip() or name
    return words[:1].upper() + words[1:]


@dataclass(frozen=True, slots=True)
class Places:
    """Where things are, below the host's own root path."""

    root: str = ""

    @property
    def home(self) -> str:
        """The start page."""
        return f"{self.root}/"

    @property
    def static(self) -> str:
        """The folder of script and style."""
        return f"{self.root}/static"

    def conversation(self, conversation_id: str) -> str:
        """A conversation's page."""
        return f"{self.root}/c/{conversation_id}"


@dataclass(frozen=True, slots=True)
class Pages:
    """Writes pages.

    Attributes:
        app: Whose texts are used, and whose name stands above.
        title: The name.
        languages: Tags of the languages there are texts in.
        playground: Whether there is one, for a conversation's page to lead to.
        asks: Whether there is a model, for a box in which to write to it.
    """

    app: UIApp
    title: str
    languages: Sequence[str]
    playground: bool = False
    asks: bool = False

    def start(
        self,
        visitor: Visitor,
        places: Places,
        *,
        turns: Iterable[str] = (),
        conversations: Iterable[str] = (),
        key: str = "",
        draft: str = "",
        notice: str = "",
    ) -> str:
        """The start page, with the names of what can be begun.

        Args:
            visitor: Who reads it.
            places: Where things are.
            turns: Names of the example turns.
            conversations: Names of the recorded conversations.
            key: Idempotency key of this rendering.
            draft: The message that was refused.
            notice: Why it was.
        """
        named = {"turns": list(turns), "conversations": list(conversations)}
        said = {"key": key, "draft": draft, "notice": notice}
        return self._page("start.html", visitor, places, **named, **said)

    def refused(self, visitor: Visitor, places: Places, text: str) -> str:
        """The page of a refusal for which there is no conversation to show."""
        return self._page("refused.html", visitor, places, notice=text)

    def conversation(
        self,
        visitor: Visitor,
        places: Places,
        *,
        surfaces: Iterable[str],
        back: str,
        messages: Sequence[tuple[str, str]],
        toasts: Iterable[Mapping[str, Json]],
        turns: Sequence[str],
        conversations: Sequence[tuple[str, int, int]],
        csrf: str,
        key: str,
        stream: str,
        turns_at: str,
        at: str,
        draft: str = "",
        notice: str = "",
    ) -> str:
        """A conversation's page.

        Args:
            visitor: Who reads it.
            places: Where things are.
            surfaces: Their markup, filled in.
            back: The buttons that undo and redo.
            messages: Who said what, in order.
            toasts: What the last turns told.
            turns: Names of the example turns.
            conversations: Of each recorded conversation its name, turns played, and all its turns.
            csrf: The conversation's CSRF token.
            key: Idempotency key of this rendering.
            stream: Where its events come from.
            turns_at: Where example turns are posted to.
            at: Its own address.
            draft: The message that was refused.
            notice: Why the last post was refused, or "".
        """
        return self._page(
            "conversation.html",
            visitor,
            places,
            surfaces=[Markup(markup) for markup in surfaces],  # noqa: S704  # the backend escapes
            back=back,
            said=[self.said(visitor, *message) for message in messages],
            messages_at=f"{at}/messages",
            draft=draft,
            toasts=[self.toast(toast) for toast in toasts],
            turns=turns,
            conversations=[self._played(visitor, *item) for item in conversations],
            csrf=csrf,
            key=key,
            stream=stream,
            turns_at=turns_at,
            playground=f"{at}/playground" if self.playground else "",
            notice=notice,
        )

    def back(
        self, visitor: Visitor, *, history: History, csrf: str, key: str, turns_at: str
    ) -> Markup:
        """The buttons that undo and redo; those there is nothing for are hidden."""
        markup = (
            _environment()
            .get_template("back.html")
            .render(
                words=partial(self.app.text, language=visitor.language),
                ways={"undo": bool(history.before), "redo": bool(history.after)},
                csrf=csrf,
                key=key,
                turns_at=turns_at,
            )
        )
        return Markup(markup)  # noqa: S704  # the template escapes

    def toast(self, toast: Mapping[str, Json]) -> Markup:
        """A toast as an element."""
        element = Markup('<div class="ui-toast ui-{}"><p dir="auto">{}</p></div>')
        tone = _TONES.get(toast.get("level"), _TONES["info"])
        return element.format(tone, str(toast.get("text", "")))

    def said(self, visitor: Visitor, role: str, text: str) -> Markup:
        """What somebody said, as an element."""
        if role != "user":
            return Markup('<p class="ui-said" dir="auto">{}</p>').format(text)
        element = Markup(
            '<p class="ui-said ui-mine" dir="auto"><bdi class="ui-visually-hidden">{}: </bdi>{}</p>'
        )
        return element.format(self.app.text("message.you", language=visitor.language), text)

    def _played(self, visitor: Visitor, name: str, done: int, count: int) -> dict[str, Any]:
        over = done >= count
        word = partial(self.app.text, language=visitor.language)
        label = (
            word("host.over") if over else word("host.turn", number=str(done + 1), count=str(count))
        )
        return {"name": name, "label": label, "over": over}

    def _page(self, template: str, visitor: Visitor, places: Places, **values: Any) -> str:
        given = {
            "heading": self.title,
            "home": places.home,
            "static": places.static,
            "languages": self.languages,
            "names": NAMES,
            "said_by_script": _SAID_BY_SCRIPT,
            "themes": THEMES,
            "visitor": visitor,
            "words": partial(self.app.text, language=visitor.language),
            "stream": "",
            "notice": "",
            "asks": self.asks,
            "draft": "",
        }
        return _environment().get_template(template).render({**given, **values})
