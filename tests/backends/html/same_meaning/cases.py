"""Cases of `fixtures/` for HTML: the same directives, and every event as a browser would post it.

An event of A2UI names a component and holds values as A2UI clients send them. What it means, a
browser does: the values are entered into the page, and the button that is the component's twin is
pressed. What A2UI refused is no press that a page has; it is handed to HTML as it is.
"""

from __future__ import annotations

import functools
import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from tests.fixture_cases import (
    Case,
    FixtureSigner,
    Ran,
    is_event,
    run,
    source_of,
)
from uicompiler import (
    CompileResult,
    StepResult,
    Surface,
    TurnContext,
    UIApp,
    UICompilerError,
    UIState,
    compile,
    dispatch,
    snapshot,
)
from uicompiler.app import Signer
from uicompiler.executor.expiry import presented

from .browser import sanitized
from .compare import Terms, is_shortened
from .pair import A2UI, Pair, posted, same_data, same_result, twin

Json = Any

NATIVE: Final = ("date", "time", "datetime-local")

ONLY_A2UI: Final = ("A2UI_S2C_CATALOG_MISMATCH", "A2UI_S2C_DATA_UNREPRESENTABLE")
"""What only A2UI fails at: HTML needs no catalog, and has a form for every text."""


@dataclass
class Double:
    """A conversation that was had with A2UI, had with HTML beside it.

    Attributes:
        app: The app.
        signer: Signs nonces, or None.
        client: What the A2UI client does; the HTML turns are given the same.
        language: The language of every turn.
        a2ui: The A2UI state.
        html: The HTML state.
        pair: Both clients.
        results: What came of each turn for HTML; None where strict mode raised.
        errors: What strict mode raised, by turn.
        pressed: The posts so far, by the event that they stand for.
        has_events: Whether the person has acted, so that the clients hold more than they were sent.
        apart: Whether A2UI could not show what HTML can, so that the states go their own ways.
    """

    app: UIApp
    signer: Signer | None = None
    client: Any = None
    language: str = "en"
    a2ui: UIState = field(default_factory=UIState)
    html: UIState = field(default_factory=UIState)
    pair: Pair = field(default_factory=Pair)
    results: list[CompileResult | None] = field(default_factory=list)
    errors: dict[int, UICompilerError] = field(default_factory=dict)
    pressed: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    has_events: bool = False
    apart: bool = False

    @property
    def seen(self) -> Counter[str]:
        """What was compared."""
        return self.pair.seen

    def turn(self, source: Json, a2ui: CompileResult | None, **options: Any) -> None:
        """One turn, of which the A2UI side is known, and a look at both.

        Args:
            source: An envelope or an event.
            a2ui: What came of it; None where strict mode raised.
            options: As of a case.
        """
        try:
            html = self.answer(source, a2ui, options)
        except UICompilerError as error:
            self.results.append(None)
            self.errors[len(self.results)] = error
            return
        self.results.append(html)
        if a2ui is None:
            return
        self.a2ui, self.html = a2ui.state, html.state
        self.pair.take(a2ui, html)
        if is_event(source) and not a2ui.ok and not _acted(a2ui):
            assert not html.ok
            return
        if any(item.code in ONLY_A2UI and item.severity == "error" for item in a2ui.diagnostics):
            assert html.ok
            self.apart = True
        if not self.apart:
            same_result(a2ui, html, loosely=True)
            same_data(self.a2ui, self.html, loosely=True)
            self.look(a2ui)

    def answer(
        self, source: Json, a2ui: CompileResult | None, options: Mapping[str, Any]
    ) -> CompileResult:
        """What comes of it for HTML."""
        app = options.get("app", self.app)
        strict = bool(options.get("strict"))
        key = hashlib.sha256(json.dumps(action_of(source)).encode()).hexdigest()
        receipts = [r.receipt for r in self.results if isinstance(r, StepResult) and r.receipt]
        is_press = action_of(source) is not None
        turn = TurnContext(
            conversation_id=self.html.conversation_id,
            signer=self.signer,
            idempotency_key=options.get("idempotency_key") or (key if is_press else None),
            seen={receipt.key: receipt for receipt in receipts},
            language=self.language,
        )
        common: dict[str, Any] = {"app": app, "state": self.html, "turn": turn, "strict": strict}
        common |= {"backend": "html", "client": self.client}
        if not is_event(source):
            return compile(source, update=options.get("update", "auto"), **common)
        event = self.post_of(source, a2ui)
        self.has_events = True
        return dispatch(event, tool_results=options.get("tool_results"), **common)

    def post_of(self, source: Json, a2ui: CompileResult | None) -> Json:
        """The post that stands for an event; the event itself where no page could make one."""
        action = action_of(source)
        if action is None or a2ui is None or not _acted(a2ui):
            return source
        key = json.dumps(action, sort_keys=True)
        if key not in self.pressed:
            self.pressed[key] = self.press(action)
        return self.pressed[key]

    def press(self, action: Mapping[str, Any]) -> dict[str, Any]:
        """Enter what an event holds, press what it names, and post."""
        address = A2UI.address(action["surfaceId"])
        assert address is not None
        words = functools.partial(self.app.text, language=self.language)
        old, new = (
            presented(state.surfaces[address.surface], self.app, words)
            for state in (self.a2ui, self.html)
        )
        ident = twin(action["sourceComponentId"], old, new)
        if (
            new is not self.html.surfaces[address.surface]
        ):  # expired, as a page shows that is loaded
            for batch in snapshot(self.html, app=self.app, backend="html").batches:
                self.pair.page.take(batch.messages)
        frame = self.pair.page.frames[address.surface]
        for name, value in entered(action["context"], old, ident=action["sourceComponentId"]):
            if not frame.can_hold(name, value):
                self.seen["row html.unchosen"] += 1
            first = frame.controls(name)[0]
            if first.get("type") in NATIVE and sanitized(first, value) != value:
                first.set("type", "text")  # as in a browser that does not know the type
            frame.enter(name, value)
        (button,) = (item for item in frame.buttons() if item.get("id") == ident)
        return posted(frame, button)

    def look(self, a2ui: CompileResult) -> None:
        """Both clients show the same; once somebody has typed, two that were loaded anew do."""
        short = is_shortened(a2ui)
        plain_text = self.client is not None and self.client.markdown == "none"
        app = self.app
        terms = Terms(functools.partial(app.text, language=self.language), plain_text, short)
        pair = self.pair
        if self.has_events:
            turn = TurnContext(
                conversation_id=self.html.conversation_id,
                signer=self.signer,
                language=self.language,
            )
            common: dict[str, Any] = {"app": app, "client": self.client, "turn": turn}
            pair = Pair(seen=self.seen)
            pair.take(snapshot(self.a2ui, **common), snapshot(self.html, backend="html", **common))
        pair.look(self.a2ui, self.html, terms)


def action_of(source: Json) -> Mapping[str, Any] | None:
    """The content of a `userAction`; None for anything else, broken events too."""
    if not is_event(source):
        return None
    try:
        event = json.loads(source) if isinstance(source, bytes) else source
    except (ValueError, RecursionError):
        return None
    action = event.get("userAction") if isinstance(event, dict) else None
    return action if isinstance(action, dict) else None


def _acted(a2ui: CompileResult) -> bool:
    """Whether an event was one that a page could bring about."""
    return isinstance(a2ui, StepResult) and (a2ui.action is not None or bool(a2ui.field_errors))


def entered(context: Mapping[str, Any], surface: Surface, *, ident: str) -> list[tuple[str, Any]]:
    """What a person entered, by field, of the context that an A2UI client sent with a button."""
    button = A2UI.buttons(surface)[ident].button
    if not button.submit:
        return []
    found = []
    for item in surface.inputs:
        decoded = A2UI.decode(item.field, context.get(item.id))
        if item.id in context and decoded.refused is None:
            found.append((item.id, decoded.value))
    return found


@functools.cache
def doubled(case: Case) -> Double:
    """A case with both, looked at after every step; a test's failure is an assertion's."""
    return doubled_anew(case, run(case))


def doubled_anew(case: Case, ran: Ran) -> Double:
    """The same, whatever was run before."""
    conversation = str(case.options.get("conversation_id", ""))
    signer = FixtureSigner() if case.options.get("signed") else None
    double = Double(
        case.app,
        signer,
        case.client,
        case.language,
        UIState(conversation),
        UIState(conversation),
    )
    # What strict mode refused is no step of a run.
    sources = ran.sources if ran.result is not None else (*ran.sources, source_of(case))
    for number, source in enumerate(sources, 1):
        is_last = number == len(sources)
        result = ran.steps[number - 1] if number <= len(ran.steps) else None
        options = dict(case.options) if is_last else {"app": case.app_before}
        options["idempotency_key"] = case.options.get("idempotency_key")
        double.turn(source, result, **options)
    return double


# ---------------------------------------------------------------- expectations


def expected_html(case: Case) -> bytes:
    """What the last step of a case sends as HTML, to be read by people.

    Every element has a line of its own, which is not how it goes out: a hash pins the exact bytes.
    """
    double = doubled(case)
    result = double.results[-1]
    if result is None:
        error = double.errors[len(double.results)]
        told = [f"raises {type(error).__name__}", *map(_finding, error.diagnostics)]
        return _page(told)
    told = ["ok" if result.ok else "not ok", *map(_finding, result.diagnostics)]
    return _page(told) + b"".join(
        _message(message, line)
        for batch in result.batches
        for message, line in zip(batch.messages, batch.encoded, strict=True)
    )


def _page(lines: list[str]) -> bytes:
    return "".join(f"<!-- {line} -->\n" for line in lines).encode()


def _finding(found: Any) -> str:
    where = f" {found.surface_id}" if found.surface_id else ""
    return f"{found.severity} {found.code}{where}"


def _message(message: Mapping[str, Any], line: bytes) -> bytes:
    ((kind, told),) = message.items()
    digest = hashlib.sha256(line).hexdigest()
    if kind != "replace":
        return _page([f"{kind} {told['surface']} {told.get('rev', '')}".strip()])
    written = ", ".join(told["written"]) or "nothing"
    head = _page(
        [f"replace {told['surface']}, written: {written}", f"sha256 of the line: {digest}"]
    )
    markup = told["html"].replace("><", ">\n<")
    return head + f"{markup}\n".encode("utf-8", "surrogatepass")
