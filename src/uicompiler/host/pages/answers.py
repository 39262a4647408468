"""What goes back over HTTP: messages, turbo streams or a page, made of an `Answer`.

Markup has empty slots when it is compiled; they are filled in here, for each page anew, so that
no stored or broadcast markup ever holds a token.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson
from starlette.responses import HTMLResponse, Response

from uicompiler.app import UIApp
from uicompiler.backends.base import Message
from uicompiler.backends.html.pages import fill, turbo_streams
from uicompiler.backends.registry import backend_named
from uicompiler.compiler import CompileResult
from uicompiler.errors import Diagnostic, UICompilerError
from uicompiler.host.conversations.conversation import Conversation
from uicompiler.host.guard.csrf import csrf_token
from uicompiler.host.guard.signer import KeyRing
from uicompiler.host.pages.negotiate import NDJSON, TURBO, Form
from uicompiler.host.pages.overlay import laid_over
from uicompiler.host.pages.pages import Pages, Places
from uicompiler.host.pages.visitor import Visitor
from uicompiler.host.streams.hub import Told
from uicompiler.host.streams.stream import encoded
from uicompiler.host.turns.making import ways_back
from uicompiler.host.turns.press import Answer, told_beside
from uicompiler.host.turns.turns import BACKEND, Turns
from uicompiler.ir.state import UIState
from uicompiler.ir.values import Json

_PAGE_BYTES: Final = 9


@dataclass(frozen=True, slots=True)
class Slots:
    """What a rendering carries along.

    Attributes:
        page: Names the page, so that it is not told what it did itself.
        csrf: The conversation's CSRF token.
        action: Where its forms are posted to.
    """

    page: str
    csrf: str
    action: str

    def fill(self, markup: str) -> str:
        """Markup with its slots filled in, under a key of its own."""
        return fill(markup, csrf=self.csrf, key=self.new_key(), action=self.action)

    def message(self, message: Message) -> Message:
        """A message, its markup filled in."""
        if "replace" not in message:
            return message
        told = message["replace"]
        return {"replace": {**told, "html": self.fill(told["html"])}}

    def new_key(self) -> str:
        """An idempotency key for one rendering."""
        return f"{self.page}.{secrets.token_urlsafe(12)}"


def page_of(key: str) -> str:
    """The page that a rendering's key names, or ""."""
    page, dot, _ = key.partition(".")
    return page if dot and len(page) <= 4 * _PAGE_BYTES else ""


@dataclass(frozen=True, slots=True)
class Answers:
    """Writes responses.

    Attributes:
        app: The app.
        pages: Writes pages.
        turns: Knows examples, files and settings.
        ring: Signs.
    """

    app: UIApp
    pages: Pages
    turns: Turns
    ring: KeyRing

    def slots(self, conversation: Conversation, places: Places, page: str = "") -> Slots:
        """The slots of a rendering; of a new page when none is named."""
        token = csrf_token(self.ring, conversation.id, conversation.token_hash)
        named = page or secrets.token_urlsafe(_PAGE_BYTES)
        return Slots(named, token, places.conversation(conversation.id))

    def response(
        self, form: Form, answer: Answer, visitor: Visitor, places: Places, page: str
    ) -> Response:
        """The response to a post, in the form that was asked for."""
        if form == "page":
            return self.page(answer, visitor, places)
        slots = self.slots(answer.now, places, page)
        make = self._lines if form == "ndjson" else self._streams
        kind = NDJSON if form == "ndjson" else TURBO
        body = make(answer, visitor, slots)
        return Response(body, answer.status, media_type=f"{kind}; charset=utf-8")

    # --- messages ---------------------------------------------------------------------------------

    def _lines(self, answer: Answer, visitor: Visitor, slots: Slots) -> bytes:
        messages = map(slots.message, self._messages(answer, visitor))
        said: list[Mapping[str, Any]] = [{"said": {"text": answer.said}}] if answer.said else []
        told = [*messages, *_told(answer), *_ways_back(answer)]
        lines: list[Mapping[str, Any]] = [*said, *told]
        if answer.refused:
            code = answer.refused[0].code
            lines.append({"fallback": _fallback(answer.text, self.app, visitor, code)})
        return b"".join(orjson.dumps(line) + b"\n" for line in lines)

    def _streams(self, answer: Answer, visitor: Visitor, slots: Slots) -> str:
        present = {surface.name for surface in answer.before.state.live_surfaces()}
        messages = map(slots.message, self._messages(answer, visitor))
        more = [self._stream(told, visitor) for told in _told(answer)]
        if answer.said:
            more.insert(0, _appended("ui--log", self.pages.said(visitor, "user", answer.said)))
        if _ways_back(answer):
            more.append(self._back(answer.now, visitor, slots))
        if answer.refused:
            more.append(_appended("ui--toasts", self.pages.toast(_error(answer.text))))
        return turbo_streams(messages, present=present) + "".join(more)

    def _stream(self, told: Mapping[str, Any], visitor: Visitor) -> str:
        """A turbo stream for what is no surface."""
        if "text" in told:
            return _appended("ui--log", self.pages.said(visitor, "assistant", told["text"]))
        if "fallback" in told:
            return _appended("ui--toasts", self.pages.toast(_error(told["fallback"]["text"])))
        effect = told["effect"]
        shown = effect["kind"] == "toast"
        return _appended("ui--toasts", self.pages.toast(effect["data"])) if shown else ""

    def _back(self, now: Conversation, visitor: Visitor, slots: Slots) -> str:
        """A turbo stream with the buttons for what can be undone now."""
        form = self.pages.back(
            visitor,
            history=now.history,
            csrf=slots.csrf,
            key=slots.new_key(),
            turns_at=f"{slots.action}/turns",
        )
        return (
            f'<turbo-stream action="replace" target="ui--back"><template>{form}</template>'
            "</turbo-stream>"
        )

    def _messages(self, answer: Answer, visitor: Visitor) -> Iterator[Message]:
        """The messages of an answer; of one that changed nothing, the newest surfaces.

        In those no field counts as written: what the user typed stays.
        """
        for result in answer.results:
            yield from result.messages
        if answer.refused or answer.repeated:
            told = {batch.surface for result in answer.results for batch in result.batches}
            state = self._with_problems(answer)
            for batch in self._snapshot(state, answer.now, visitor).batches:
                if batch.surface not in told:
                    yield from map(_unwritten, batch.messages)

    def stream_events(self, told: Told, slots: Slots) -> bytes:
        """A turn as one page gets it in its stream; the page that made it gets nothing."""
        if told.origin and told.origin == slots.page:
            return b""
        events = [
            (name, slots.message(dict(content)) if name == "html" else content)
            for name, content in told.events
        ]
        return encoded(events or [("rest", {})], told.seq)

    def newest(self, conversation: Conversation, visitor: Visitor, slots: Slots) -> bytes:
        """All surfaces as events, for a stream that has lost count."""
        shown = self._snapshot(conversation.state, conversation, visitor)
        gone: list[Message] = [
            {"remove": {"surface": backend_named(BACKEND).surface_id(surface)}}
            for surface in conversation.state.surfaces.values()
            if not surface.live
        ]
        messages = [*gone, *map(_unwritten, shown.messages)]
        events = [("html", slots.message(message)) for message in messages]
        return encoded(events or [("rest", {})], conversation.seq)

    # --- pages ------------------------------------------------------------------------------------

    def page(self, answer: Answer, visitor: Visitor, places: Places) -> Response:
        """A conversation's page after a post."""
        slots = self.slots(answer.now, places)
        state = self._shown_state(answer)
        shown = self._snapshot(state, answer.now, visitor)
        toasts = [e.data for r in answer.results for e in r.effects if e.kind == "toast"]
        fallbacks = [r.fallback.text for r in answer.results if r.fallback is not None]
        notice = answer.text or " ".join(dict.fromkeys(fallbacks))
        body = self._conversation(
            answer.now, shown, toasts, notice, visitor, places, slots, draft=answer.draft
        )
        return HTMLResponse(body, answer.status)

    def view(
        self,
        conversation: Conversation,
        visitor: Visitor,
        places: Places,
        *,
        toasts: Iterable[Mapping[str, Json]] = (),
    ) -> Response:
        """A conversation's page as it is now."""
        slots = self.slots(conversation, places)
        shown = self._snapshot(conversation.state, conversation, visitor)
        body = self._conversation(conversation, shown, toasts, "", visitor, places, slots)
        return HTMLResponse(body)

    def _shown_state(self, answer: Answer) -> UIState:
        """The newest state, under what a refused post had typed."""
        if not answer.refused or not answer.event:
            return answer.now.state
        return self._laid_over(answer, answer.event)

    def _laid_over(self, answer: Answer, event: Mapping[str, Any]) -> UIState:
        return laid_over(
            answer.now.state,
            event,
            backend=backend_named(BACKEND),
            owned=lambda item, handle: self.turns.owns(answer.now.id, item, handle),
            problems=answer.problems,
        )

    def _with_problems(self, answer: Answer) -> UIState:
        """The newest state with what a refusal says beside fields; what was typed a page keeps."""
        if not answer.problems:
            return answer.now.state
        action = {**answer.event["userAction"], "context": {}}
        return self._laid_over(answer, {"userAction": action})

    def _snapshot(
        self, state: UIState, conversation: Conversation, visitor: Visitor
    ) -> CompileResult:
        return self.turns.shown(conversation, state, visitor.language)

    def _conversation(
        self,
        conversation: Conversation,
        shown: CompileResult,
        toasts: Iterable[Mapping[str, Json]],
        notice: str,
        visitor: Visitor,
        places: Places,
        slots: Slots,
        draft: str = "",
    ) -> str:
        at = places.conversation(conversation.id)
        examples = self.turns.examples
        failed = "" if shown.fallback is None else shown.fallback.text
        back = self.pages.back(
            visitor,
            history=conversation.history,
            csrf=slots.csrf,
            key=slots.new_key(),
            turns_at=f"{at}/turns",
        )
        return self.pages.conversation(
            visitor,
            places,
            back=back,
            surfaces=[slots.fill(markup) for markup in shown.html.values()],
            messages=conversation.messages,
            draft=draft,
            toasts=toasts,
            turns=list(examples.turns),
            conversations=[
                (name, conversation.played.get(name, 0), len(turns))
                for name, turns in examples.conversations.items()
            ],
            csrf=slots.csrf,
            key=slots.new_key(),
            stream=f"{at}/stream?after={conversation.seq}&page={slots.page}",
            turns_at=f"{at}/turns",
            at=at,
            notice=notice or failed,
        )

    # --- refusals without a conversation ----------------------------------------------------------

    def refusal(
        self, form: Form, exc: UICompilerError, visitor: Visitor, places: Places
    ) -> Response:
        """The response to a request that opened nothing."""
        code, status = exc.code, exc.status or 400
        text = self.app.text(code, language=visitor.language)
        if form == "ndjson":
            line = orjson.dumps({"fallback": _fallback(text, self.app, visitor, code)})
            return Response(line + b"\n", status, media_type=f"{NDJSON}; charset=utf-8")
        if form == "turbo":
            stream = _appended("ui--toasts", self.pages.toast(_error(text)))
            return Response(stream, status, media_type=f"{TURBO}; charset=utf-8")
        return HTMLResponse(self.pages.refused(visitor, places, text), status)


def refused_answer(
    conversation: Conversation,
    findings: tuple[Diagnostic, ...],
    text: str,
    event: Mapping[str, Any],
    draft: str = "",
) -> Answer:
    """The answer to a post that was refused before its turn."""
    return Answer(conversation, conversation, refused=findings, text=text, event=event, draft=draft)


def _told(answer: Answer) -> Iterator[Mapping[str, Any]]:
    """A line for each; that of a text is its content already.

    Whoever sends a message again has not seen what the assistant said to it.
    """
    if answer.said and answer.repeated and answer.body["assistant_text"]:
        yield {"text": answer.body["assistant_text"]}
    for result in answer.results:
        for name, content in told_beside(result):
            yield content if name == "text" else {name: content}


def _ways_back(answer: Answer) -> list[Mapping[str, Any]]:
    """A line that says what can be undone, where that changed."""
    now = ways_back(answer.now)
    return [line for _, line in now] if now != ways_back(answer.before) else []


def _fallback(text: str, app: UIApp, visitor: Visitor, code: str) -> dict[str, Any]:
    again = app.text("fallback.regenerate", language=visitor.language)
    return {"text": text, "surfaces": [], "regenerate": again, "code": code}


def _error(text: str) -> dict[str, str]:
    return {"text": text, "level": "error"}


def _unwritten(message: Message) -> Message:
    told = message.get("replace")
    return message if told is None else {"replace": {**told, "written": []}}


def _appended(target: str, element: str) -> str:
    return (
        f'<turbo-stream action="append" target="{target}"><template>{element}</template>'
        "</turbo-stream>"
    )
