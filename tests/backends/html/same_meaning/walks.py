"""Random conversations with both backends: a `Journey` beside which a browser does the same.

The scripts are those of `tests/journeys.py`, drawn by seed: every kind of node and field, drafts,
errors, rows, lists, tables, tabs, secrets, texts that clients misread, several surfaces, updates in
every mode. What is typed into the A2UI client is typed into the page, every press is posted as a
browser posts it; after every step both show the same, and the states behind them are the same.
"""

from __future__ import annotations

import copy
import functools
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from tests.journeys import Directive, Journey, Press, Script, Tree, scripts
from tests.official.fuzz.conversations import material
from tests.seeded import Seeded
from uicompiler import (
    CompileResult,
    StepResult,
    Surface,
    TurnContext,
    UIState,
    compile,
    dispatch,
    restore,
    snapshot,
)
from uicompiler.app import Update
from uicompiler.backends.a2ui_v0_8.boxes import value_path
from uicompiler.ir import data
from uicompiler.ir.field_kinds import SECRET_HANDLE, is_handle
from uicompiler.ir.fields import Field
from uicompiler.ir.inputs import Input, with_values

from .a2ui_things import input_id
from .browser import SPACES, Page
from .compare import Terms, is_shortened
from .pair import A2UI, Pair, plain, posted, same_data, same_result

_SCRIPTS = Seeded(scripts(most=16))
_UPDATES: Any = ("auto", "full", "diff")
_LANGUAGES = ("en", "he", "en", "ja", "de")
_TYPES = {"date": "date", "time": "time", "datetime": "datetime-local"}


@functools.lru_cache(maxsize=4)
def script_of(seed: int) -> Script:
    """The app and the steps of a seed."""
    return _SCRIPTS(seed)


def walk(seed: int, steps: list[Any] | None = None) -> tuple[Beside, str]:
    """A conversation as far as it went, and what went wrong in it, or "".

    Args:
        seed: Its seed, which also says how surfaces are updated and whether states are stored.
        steps: What happens instead.
    """
    script = script_of(seed)
    found = Beside.of(
        script,
        update=_UPDATES[seed % len(_UPDATES)],
        through_json=seed % 2 == 0,
        language=_LANGUAGES[seed % len(_LANGUAGES)],
    )
    try:
        for step in script.steps if steps is None else steps:
            found.played.append(step)
            found.step(step)
        found.reload()
    except Exception as error:  # whatever it is, it is told with its seed
        return found, f"{type(error).__name__}: {error}"
    return found, ""


@dataclass
class Beside(Journey):
    """A journey, and a browser beside it.

    Attributes:
        pair: Both clients; the journey's own is one of them.
        html: The state that the browser is served from.
        answer: What came of the step for the browser, until it is taken.
        played: The steps so far, the one that failed too.
        presses: How many there were.
        language: The language of every turn.
        gone: Fields by surface that were typed in, and are not on the page.
        typed_before: Fields by surface that were typed in and are on the page.
        became: Inputs that are of another kind than when they were shown last.
        html_past: As `past`, of the browser.
    """

    pair: Pair = field(default_factory=Pair)
    html: UIState = field(default_factory=UIState)
    answer: CompileResult | None = None
    played: list[Any] = field(default_factory=list)
    presses: int = 0
    language: str = "en"
    gone: set[tuple[str, str]] = field(default_factory=set)
    typed_before: dict[str, set[str]] = field(default_factory=dict)
    became: set[Any] = field(default_factory=set)
    html_past: list[UIState] = field(default_factory=lambda: [UIState()])

    def __post_init__(self) -> None:
        super().__post_init__()
        self.pair.sim = self.sim

    @property
    def counts(self) -> Counter[str]:
        """What was compared."""
        return self.pair.seen

    def compile(self, said: list[Directive], update: Update) -> CompileResult:
        """The model's directives, for both."""
        common: dict[str, Any] = {"app": self.app, "update": update, "turn": self.turn}
        self.answer = compile(copy.deepcopy(said), state=self.html, backend="html", **common)
        return compile(said, state=self.state, **common)

    def dispatch(self, event: Mapping[str, Any]) -> StepResult:
        """The A2UI side of a press."""
        return dispatch(event, state=self.state, app=self.app, turn=self.turn)

    def step(self, step: tuple[Any, ...]) -> None:
        """One step, for both."""
        super().step(step)
        self.html_past.append(self.html)

    def restore(self, index: int) -> CompileResult:
        """A state of before, for both."""
        common: dict[str, Any] = {"app": self.app, "turn": self.turn}
        self.answer = restore(self.html, self.html_past[index], backend="html", **common)
        return restore(self.state, self.past[index], **common)

    @property
    def turn(self) -> TurnContext:
        """What holds for every turn."""
        return TurnContext(language=self.language)

    def edit(self, wire_id: str, node: Tree, value: Any) -> None:
        """The person types into both clients what both can hold."""
        path = next(iter(_paths(node)))
        name = wire_id.partition("#")[0]
        frame, ident = self.pair.page.frames[name], input_id(path)
        first = frame.controls(ident)[0]
        if first.get("type") == "file":
            value = f"upload:h-{len(str(value))}"
        if first.get("type") in ("email", "url"):
            value = value.strip(SPACES)
        if first.get("type") == "radio" and not value and not frame.can_hold(ident, value):
            self.counts["edits that no browser can do"] += 1
            value = self.sim.value_at(wire_id, path)
        if first.get("type") in ("time", "datetime-local"):
            value = re.sub(r"(:[0-9]{2}):[0-9]{2}$", r"\1", value)  # browsers ask for no seconds
        super().edit(wire_id, node, value)
        item = next(i for i in self.state.surfaces[name].inputs if i.id == ident)
        decoded = A2UI.decode(item.field, self.sim.value_at(wire_id, path))
        assert decoded.refused is None, decoded
        frame.enter(ident, decoded.value)
        self.typed_before.setdefault(name, set()).add(ident)
        self.counts["edits"] += 1

    def button(self, which: int, index: int) -> Press | None:
        """A browser posts options in the order in which they stand, whatever came first."""
        for surface in self.state.live_surfaces():
            wire_id, found = self.on_screen(surface, ("MultipleChoice", "TextField"))
            for node in found:
                how = self.put_in_order if node["type"] == "MultipleChoice" else self.strip
                how(surface, wire_id, node)
        return super().button(which, index)

    def put_in_order(self, surface: Surface, wire_id: str, node: Tree) -> None:
        """The person takes back what is chosen, and chooses it again from top to bottom."""
        path = node["props"]["selections"]["path"]
        held = self.sim.value_at(wire_id, path)
        offered = [option["value"] for option in node["props"]["options"]]
        wanted = [value for value in offered if value in (held or ())]
        if not isinstance(held, list) or held == wanted:
            return
        self.sim.edit(wire_id, node["id"], [])
        self.retype(surface, wire_id, node, wanted)
        self.counts["row html.order"] += 1

    def strip(self, surface: Surface, wire_id: str, node: Tree) -> None:
        """The person takes the spaces off an address, as a browser does."""
        path = node["props"]["text"]["path"]
        first = self.pair.page.frames[surface.name].controls(input_id(path))[0]
        held = self.sim.value_at(wire_id, path)
        if first.get("type") in ("email", "url") and held != str(held).strip(SPACES):
            self.retype(surface, wire_id, node, str(held).strip(SPACES))

    def retype(self, surface: Surface, wire_id: str, node: Tree, value: Any) -> None:
        """The A2UI client is brought to a value that the page has already."""
        path = next(iter(_paths(node)))
        self.sim.edit(wire_id, node["id"], value)
        self.held[wire_id, path] = self.sim.value_at(wire_id, path)
        self.typed.add((wire_id, path))
        self.known.pop((surface.name, path), None)

    def act(self, pressed: Press) -> None:
        """The press is posted, and comes to the same."""
        frame = self.pair.page.frames[pressed.surface.name]
        button = frame.buttons()[pressed.number]
        self.presses += 1
        self.counts["presses"] += 1
        turn = replace(self.turn, idempotency_key=f"press-{self.presses}")
        event = posted(frame, button)
        assert event["userAction"]["surfaceId"] == self.pair.page.ids[pressed.surface.name]
        self.answer = dispatch(event, state=self.html, app=self.app, backend="html", turn=turn)
        super().act(pressed)

    def take(self, result: CompileResult, named: Collection[Any]) -> None:
        """Both take what is theirs, and are compared."""
        super().take(result, named)
        if self.answer is None:
            return  # a client that forgets is told everything again: not this one
        html, self.answer = self.answer, None
        for batch in html.batches:
            self.pair.page.take(batch.messages)
        self.html = html.state
        if self.through_json:
            self.html = UIState.from_json(html.state.to_json(), nodes=self.app.nodes)
        self.counts["turns"] += 1
        self.counts.update(material(html))
        same_result(result, html)
        self.start_anew()
        self.type_again()
        self.tell()
        same_data(self.state, self.html)
        self.pair.look(self.state, self.html, self.terms(is_shortened(result)))

    def other_fields(self, state: UIState) -> set[Any]:
        """As before; and what has become another field starts anew on both."""
        found = super().other_fields(state)
        self.became = found
        return found

    def start_anew(self) -> None:
        """What an A2UI client may hold of a field of another kind is written over, here not."""
        for surface in self.html.live_surfaces():
            other = self.state.surfaces[surface.name]
            for item in surface.inputs:
                ours, theirs = (data.get(s.data["draft"], item.place) for s in (surface, other))
                became = (surface.name, value_path(*item.place)) in self.became
                if became and plain(ours) != plain(theirs):
                    self.counts["row html.kind"] += 1
                    frame = self.pair.page.frames[surface.name]
                    if item.field.kind in _TYPES:
                        frame.controls(item.id)[0].set("type", _TYPES[item.field.kind])
                    frame.enter(item.id, theirs)
                    surface = _with_draft(surface, [(item, theirs)])
            self.html = self.html.with_surface(surface)

    def type_again(self) -> None:
        """What was typed and never posted is gone with its field; when it comes back, so is that.

        An A2UI client has it still, wherever it was.
        """
        for surface in self.html.live_surfaces():
            frame = self.pair.page.frames[surface.name]
            for item in surface.inputs:
                key = (surface.name, item.id)
                if key not in self.gone or item.id not in frame.names():
                    continue
                self.gone.discard(key)
                held = self.sim.value_at(self.wire_id(surface), value_path(*item.place))
                value = A2UI.decode(item.field, held).value
                if frame.can_hold(item.id, value) and plain(frame.held(item.id)) != plain(value):
                    frame.enter(item.id, value)
                    self.counts["row html.gone"] += 1
        self.gone |= {
            (name, ident)
            for name, typed in self.typed_before.items()
            for ident in typed - set(self.frame_names(name))
        }
        frames = self.pair.page.frames
        self.typed_before = {name: set(frame.typed) for name, frame in frames.items()}

    def frame_names(self, name: str) -> list[str]:
        """The fields that a surface shows."""
        frame = self.pair.page.frames.get(name)
        return [] if frame is None else frame.names()

    def tell(self) -> None:
        """What a browser posts with every button, the A2UI state gets to know as well.

        There only a button that sends fields tells it; a later step may depend on it.
        """
        for surface in self.html.surfaces.values():
            other = self.state.surfaces[surface.name]
            wire_id = self.wire_id(other)
            news = []
            for item in surface.inputs:
                path = value_path(*item.place)
                ours, theirs = (data.get(s.data["draft"], item.place) for s in (surface, other))
                held = self.sim.value_at(wire_id, path)
                known = not surface.live or _is_held(item.field, ours, held)
                if plain(ours) != plain(theirs) and known:
                    news.append((item, ours))
                    self.known[surface.name, path] = held
            if news:
                self.counts["row html.posted"] += len(news)
                self.state = self.state.with_surface(_with_draft(other, news))

    def terms(self, shortened: bool = False) -> Terms:
        """What holds for a comparison."""
        return Terms(functools.partial(self.app.text, language=self.language), shortened=shortened)

    def reload(self) -> None:
        """A page that is loaded anew shows what the state knows, as a client does that lost all."""
        fresh = Pair(page=Page())
        common: dict[str, Any] = {"app": self.app, "turn": self.turn}
        fresh.take(snapshot(self.state, **common), snapshot(self.html, backend="html", **common))
        fresh.look(self.state, self.html, self.terms())
        self.counts["pages loaded anew"] += 1


def _with_draft(surface: Surface, values: list[tuple[Input, Any]]) -> Surface:
    draft = with_values(surface.data["draft"], values)
    return replace(surface, data=data.set_at(surface.data, ("draft",), draft))


def _paths(node: Tree) -> Iterator[str]:
    """Where a node writes to."""
    for inner in node["props"].values():
        if isinstance(inner, dict) and str(inner.get("path", "")).startswith("/draft/"):
            yield inner["path"]


def _is_held(field: Field, ours: Any, held: Any) -> bool:
    """Whether a draft is what the A2UI client holds."""
    if field.kind == "secret":
        return held != "" and is_handle(ours, SECRET_HANDLE)
    return bool(plain(A2UI.decode(field, held).value) == plain(ours))
