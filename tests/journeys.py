"""Random conversations over the whole vocabulary, and what must hold after every step of one.

A `Journey` runs steps against the library and a ClientSim that stands for the person's device: a
model's directives, keystrokes, presses, lost connections. Steps name inputs, buttons and surfaces
by number, counted on the screen as it is then, so that a script means something to any client.

After every step the journey knows what nobody named since, and looks that it is still there: typed
values in the inputs, values the library was told of after a surface was built anew. Which values
a step names is told from the step alone.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias

from hypothesis import strategies as st

from clientsim import ClientSim
from tests import journey_app
from tests.stories import TRICKY, TYPED, draft_path, fields, labels, rows, server_values, texts
from uicompiler import (
    Action,
    Batch,
    ClientProfile,
    CompileResult,
    Outcome,
    PatchOp,
    StateView,
    StepResult,
    Surface,
    UIApp,
    UIState,
    compile,
    dispatch,
    restore,
    snapshot,
)
from uicompiler.app import Update
from uicompiler.backends.a2ui_v0_8.boxes import box_path, value_path
from uicompiler.backends.ids import wire_surface_id
from uicompiler.ir.fields import Field
from uicompiler.ir.inputs import inputs_of
from uicompiler.templates.wizard import WizardTemplate

Tree: TypeAlias = dict[str, Any]
Directive: TypeAlias = dict[str, Any]

SURFACES = ("main", "side", "third")
TOO_LONG = "y" * 800
"""A text that the app's limits let no surface hold."""

# ---------------------------------------------------------------- the app


def put(action: Action, view: StateView) -> Outcome:
    """Let a committed list grow, shrink, turn round or go, and some values move beside it."""
    items = list(view.get("/committed/l", default=()))
    count = view.get("/committed/count", default=0) + 1
    how = action.args.get("how")
    if how == "grow":
        fresh = {"id": f"i{count}", "name": TRICKY[count % len(TRICKY)], "note": count}
        items.append(fresh)
    elif how == "shrink":
        items = items[1:]
    elif how == "turn":
        items = items[::-1]
    else:
        items = []
    url = f"https://example.org/{count}.png"
    found = {"l": items, "count": count, "url": url, "said": TRICKY[count % len(TRICKY)]}
    return Outcome(commit=[PatchOp("set", f"/committed/{k}", v) for k, v in found.items()])


def keep(action: Action, _view: StateView) -> Outcome:
    """Commit what was filled in."""
    return Outcome(commit=[PatchOp("set", "/committed/form", action.context)])


def pick(action: Action, _view: StateView) -> Outcome:
    """Commit which item was meant, and say so elsewhere."""
    said = {"type": "ui.show_result", "payload": {"surface": "third", "title": action.row or "-"}}
    commit = [PatchOp("set", "/committed/picked", action.row)]
    return Outcome(commit=commit, directives=[said])


def wrong(action: Action, _view: StateView) -> Outcome:
    """Find something wrong that only the app can see."""
    return Outcome(field_errors=dict.fromkeys(list(action.context)[:2], "*No*, [1]"))


def leave(action: Action, _view: StateView) -> Outcome:
    """Take the surface away."""
    return Outcome(directives=[{"type": "ui.close", "payload": {"surface": action.surface}}])


HANDLERS: Mapping[str, Callable[[Action, StateView], Outcome]] = {
    "submit": keep,
    "put": put,
    "pick": pick,
    "wrong": wrong,
    "leave": leave,
}


def app_with(templates: Mapping[str, Any]) -> UIApp:
    """The app of a journey, with its forms, wizards and views."""
    return journey_app.app_with(templates, HANDLERS)


# ---------------------------------------------------------------- scripts


@dataclass(frozen=True)
class Script:
    """What happens.

    Attributes:
        templates: The app's forms, wizards and views, by id.
        steps: What happens in turn; see `Journey.step`.
    """

    templates: Mapping[str, Any]
    steps: list[tuple[Any, ...]]


numbers = st.integers(0, 31)
surfaces = st.sampled_from((*SURFACES[:2], *SURFACES))


@st.composite
def pools(draw: st.DrawFn) -> list[Tree]:
    """The fields and rows of a journey: what has the same id is the same, mostly."""
    single = draw(st.lists(fields(), min_size=2, max_size=6, unique_by=lambda item: item["id"]))
    several = draw(st.lists(rows(), max_size=2, unique_by=lambda item: item["id"]))
    return [*several, *(item for item in single if item["id"] not in {r["id"] for r in several})]


def _some(pool: list[Tree], least: int = 1) -> st.SearchStrategy[list[Tree]]:
    ids = lambda item: item["id"]  # noqa: E731
    return st.lists(st.sampled_from(pool), min_size=least, max_size=5, unique_by=ids)


def _values(draw: st.DrawFn, chosen: list[Tree]) -> list[Tree]:
    named = draw(_some(chosen, 0)) if chosen and draw(st.booleans()) else []
    return [{"path": draft_path(item["id"]), "value": draw(server_values(item))} for item in named]


@st.composite
def form_payloads(draw: st.DrawFn, pool: list[Tree]) -> Tree:
    """An inline form; now and then a field of the same name is another one."""
    chosen = draw(_some(pool))
    if draw(st.integers(0, 5)) == 0:
        known = {item["id"] for item in pool if "columns" in item}
        chosen = [draw(fields(item["id"])) if item["id"] not in known else item for item in chosen]
    payload = {"title": draw(labels), "fields": chosen, "values": _values(draw, chosen)}
    optional = {"intro": texts, "submit_label": labels, "reset": st.just(True)}
    return payload | draw(st.fixed_dictionaries({}, optional=optional))


BUTTONS: tuple[Tree, ...] = (
    *({"label": how, "action": "put", "args": {"how": how}} for how in ("grow", "shrink", "turn")),
    {"label": "grow", "action": "put", "args": {"how": "grow"}},
    {"label": "none", "action": "put", "args": {"how": "none"}},
    {"label": "[1]", "action": "glance"},
    {"label": "**Leave**", "action": "leave"},
)
SENDING: tuple[Tree, ...] = (
    {"label": "Send", "action": "submit", "submit": True},
    {"label": "Wrong", "action": "wrong", "submit": True},
    {"label": "Anyhow", "action": "submit", "submit": True, "check": False},
)
ICONS = ("star", "mail", "location_on")
URLS = ("https://example.org/a.png", "https://example.org/b.mp4?x=1&y=2")


@st.composite
def views(draw: st.DrawFn, pool: list[Tree]) -> Tree:
    """A tree of nodes of every kind, in which each field stands at most once."""
    root = draw(nodes(pool))
    root = {"node": "stack", "children": [root, *map(_button, draw(_pressed))]}
    seen: set[str] = set()
    _once(root, seen)
    if seen:
        root["children"].append(_button(draw(st.sampled_from(SENDING))))
    return root


_pressed = st.lists(st.sampled_from(BUTTONS), max_size=2)


def _button(spec: Tree) -> Tree:
    return {"node": "button", **spec}


def _once(node: Tree, seen: set[str]) -> None:
    """Leave each field where it comes first; a line takes the place of the others."""
    for index, child in enumerate(node.get("children", ())):
        if child["node"] in ("field", "rows"):
            if child["id"] in seen:
                node["children"][index] = {"node": "divider"}
            seen.add(child["id"])
        _once(child, seen)


@st.composite
def nodes(draw: st.DrawFn, pool: list[Tree], depth: int = 2) -> Tree:
    """A node with up to two levels below it."""
    kind = draw(st.sampled_from(_HOLDERS if depth else _LEAVES))
    if kind in _LEAVES:
        return draw(_leaf(kind, pool))
    below = nodes(pool, depth - 1)
    if kind == "tabs":
        pages = st.builds(_page, labels, st.lists(below, max_size=2))
        return {"node": "tabs", "children": draw(st.lists(pages, min_size=1, max_size=3))}
    titled = {"title": draw(labels)} if kind in ("section", "disclosure") else {}
    return {"node": kind, **titled, "children": draw(st.lists(below, max_size=3))}


_LEAVES = (
    *("text", "figures", "progress", "stages", "media", "media", "list", "table"),
    *("input", "input", "input"),
)
_HOLDERS = (*_LEAVES, "stack", "card", "section", "disclosure", "tabs", "list", "tabs")


def _stage(label: str, state: str) -> Tree:
    return {"label": label, "state": state}


def _page(title: str, children: list[Tree]) -> Tree:
    return {"node": "tab", "title": title, "children": children}


def _leaf(kind: str, pool: list[Tree]) -> st.SearchStrategy[Tree]:
    if kind == "input":
        return st.sampled_from(pool).map(_as_node)
    bound = st.sampled_from(["/committed/said", "/committed/count", "/ui_state/note"])
    if kind == "text":
        style = st.sampled_from(["body", "h2", "caption"])
        fixed = st.builds(lambda t, s: {"node": "text", "text": t, "style": s}, texts, style)
        read = st.builds(lambda b, s: {"node": "text", "bind": b, "style": s}, bound, style)
        notice = st.builds(lambda t: {"node": "notice", "tone": "warning", "text": t}, texts)
        return fixed | read | notice
    if kind == "figures":
        pair = st.builds(lambda n, b: {"label": n, "bind": b}, labels, bound)
        fixed = st.builds(lambda n, t: {"label": n, "text": t}, labels, texts)
        pairs = st.lists(pair | fixed, min_size=1, max_size=3)
        return pairs.map(lambda items: {"node": "key_values", "items": items})
    if kind == "stages":
        state = st.sampled_from(["todo", "now", "done", "failed"])
        items = st.lists(st.builds(_stage, labels, state), min_size=1, max_size=3)
        return items.map(lambda found: {"node": "stages", "items": found})
    if kind == "progress":
        return st.sampled_from([{"bind": "/committed/count", "max": 3}, {"value": 7}, {}]).map(
            lambda props: {"node": "progress", **props}
        )
    return st.sampled_from(_MEDIA if kind == "media" else _LISTS if kind == "list" else _TABLES)


_MEDIA: tuple[Tree, ...] = (
    {"node": "image", "url": URLS[0], "alt": "**A**"},
    {"node": "image", "bind": "/committed/url", "alt": "B", "caption": "- c"},
    {"node": "icon", "name": "star", "label": "1. Star"},
    {"node": "video", "url": URLS[1], "title": "V"},
    {"node": "audio", "url": URLS[1]},
    {"node": "divider"},
)
_ITEM: Tree = {
    "node": "card",
    "children": [{"node": "text", "bind": "name"}, {"node": "text", "bind": "/committed/said"}],
}
_PICK: Tree = {"node": "button", "label": "Pick", "action": "pick"}
_LISTS: tuple[Tree, ...] = (
    {"node": "list", "bind": "/committed/l", "item": _ITEM, "empty": "Nothing."},
    {"node": "list", "bind": "/committed/l", "item": _ITEM, "item_key": "id", "max_items": 2},
    {
        "node": "list",
        "bind": "/committed/l",
        "item_key": "id",
        "item": {"node": "stack", "children": [{"node": "text", "bind": "note"}, _PICK]},
    },
    {"node": "list", "bind": "/ui_state/log", "item": {"node": "text", "bind": "."}},
)
_COLUMNS: list[Tree] = [
    {"id": "name", "label": "*Name*"},
    {"id": "note", "label": "", "align": "end"},
]
_TABLES: tuple[Tree, ...] = (
    {"node": "table", "bind": "/committed/l", "columns": _COLUMNS, "empty": "[]"},
    {
        "node": "table",
        "bind": "/committed/l",
        "columns": _COLUMNS,
        "item_key": "id",
        "buttons": [_PICK],
    },
    {"node": "table", "rows": [["a", 1], ["# b", True]], "columns": _COLUMNS},
)


def _as_node(item: Tree) -> Tree:
    return {"node": "rows" if "columns" in item else "field", **item}


@st.composite
def wizards(draw: st.DrawFn, pool: list[Tree]) -> Tree:
    """A few steps over the pool; a later one may depend on an earlier answer."""
    chosen = draw(_some(pool, min(2, len(pool))))
    last = max(1, len(chosen) - 1)
    cuts = sorted(draw(st.lists(st.integers(1, last), min_size=1, max_size=2, unique=True)))
    cuts = [cut for cut in cuts if cut < len(chosen)]
    parts = [chosen[a:b] for a, b in zip([0, *cuts], [*cuts, len(chosen)], strict=True)]
    steps = [
        {"id": f"s{index}", "title": draw(labels), "fields": part}
        for index, part in enumerate(parts)
    ]
    asked = [item for item in parts[0] if item.get("kind") == "boolean"]
    if len(steps) > 1 and asked:
        steps[1]["when"] = {"field": asked[0]["id"], "op": "eq", "value": draw(st.booleans())}
    finish = {"label": "Finish", "action": "submit", "submit": True}
    return {
        "title": draw(labels),
        "steps": steps,
        "review": draw(st.booleans()),
        "buttons": [finish, *draw(st.sampled_from([[], [SENDING[1]], [BUTTONS[-1]]]))],
    }


@st.composite
def directives(draw: st.DrawFn, pool: list[Tree]) -> Directive:
    """Any directive but patches, which need to know what is there."""
    kind = draw(st.sampled_from(tuple(_PAYLOADS)))
    payload = draw(_PAYLOADS[kind](pool))
    if kind != "ui.toast":
        payload = {"surface": draw(surfaces), **payload}
    return {"type": kind.partition(" ")[0], "payload": payload}


def _options() -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from("abc") | labels, min_size=1, max_size=3, unique=True)


def _built(always: Mapping[str, Any], /, **optional: Any) -> st.SearchStrategy[Tree]:
    return st.fixed_dictionaries(dict(always), optional=optional)


_figures = st.lists(
    st.builds(lambda n, v: {"label": n, "value": v}, labels, texts | st.integers(0, 9)), max_size=2
)
_ways = st.lists(st.sampled_from(BUTTONS), max_size=2)
_title = {"title": labels}
_PAYLOADS: Mapping[str, Callable[[list[Tree]], st.SearchStrategy[Tree]]] = {
    "ui.show_form": form_payloads,
    "ui.show_form named": lambda _pool: st.sampled_from(
        [{"form_id": "flow"}, {"form_id": "card"}, {"form_id": "flow", "reset": True}]
    ),
    "ui.show_form flow": lambda _pool: st.just({"form_id": "flow"}),
    "ui.show_view": lambda pool: views(pool).map(lambda root: {"root": root}),
    "ui.show_view named": lambda _pool: st.just({"view_id": "board"}),
    "ui.show_choices": lambda _pool: _built(
        {"title": labels, "options": _options()}, text=texts, multiple=st.booleans()
    ),
    "ui.confirm": lambda _pool: _built(
        {"title": labels, "action": st.just("put"), "args": st.just({"how": "grow"})},
        items=_figures,
        cancel_action=st.just("glance"),
    ),
    "ui.show_progress": lambda _pool: _built(
        _title, text=texts, value=st.integers(-1, 120), cancel_action=st.just("leave")
    ),
    "ui.show_result": lambda _pool: _built(_title, text=texts, items=_figures, buttons=_ways),
    "ui.show_error": lambda _pool: _built(
        _title, text=texts, hint=texts, retry_action=st.just("glance")
    ),
    "ui.show_table": lambda _pool: st.sampled_from(
        [{key: part for key, part in table.items() if key != "node"} for table in _TABLES[::2]]
    ),
    "ui.request_upload": lambda _pool: _built(_title, label=labels, required=st.booleans()),
    "ui.surface.open": lambda pool: views(pool).map(lambda root: {"root": root}),
    "ui.toast": lambda _pool: _built({"text": labels}),
    "ui.close": lambda _pool: st.just({}),
    "ui.data.replace": lambda _pool: st.sampled_from(
        [
            {"path": "/ui_state", "values": {"/ui_state/note": "[1]"}},
            {"path": "/ui_state", "values": {"/ui_state/log": ["*a*", "b\nc"]}},
            {"path": "/draft", "values": []},
        ]
    ),
    "ui.data.patch": lambda _pool: st.sampled_from(
        [
            {"ops": [{"op": "set", "path": "/ui_state/note", "value": "# n"}]},
            {"ops": [{"op": "append", "path": "/ui_state/log", "value": "c"}]},
        ]
    ),
    "ui.show_result long": lambda _pool: st.just({"title": TOO_LONG}),
}


def _parts(pool: list[Tree]) -> st.SearchStrategy[Any]:
    """A directive, or a patch of what will be there."""
    patch = st.tuples(st.just("patch"), numbers, numbers, numbers, texts)
    return patch | directives(pool) | directives(pool)


@st.composite
def templates_of(draw: st.DrawFn, pool: list[Tree]) -> dict[str, Tree]:
    """A wizard, a form and a view."""
    return {
        "flow": draw(wizards(pool)),
        "card": {
            "title": draw(labels),
            "fields": draw(_some(pool)),
            "buttons": [SENDING[0], BUTTONS[-1]],
        },
        "board": {"root": draw(views(pool))},
    }


def answers(pool: list[Tree]) -> st.SearchStrategy[list[Any]]:
    """What a model says in one turn: directives, and patches of what will be there."""
    return st.lists(_parts(pool), min_size=1, max_size=4).map(_one_view_a_surface)


@st.composite
def worlds(draw: st.DrawFn, least: int = 8, most: int = 14) -> Script:
    """An app, and what a model may say about it at any time: steps without a person."""
    pool = draw(pools())
    shown = _starts(pool).map(lambda start: [start])
    said = draw(st.lists(shown | answers(pool), min_size=least, max_size=most))
    return Script(draw(templates_of(pool)), [("model", parts, False) for parts in said])


@st.composite
def travels(draw: st.DrawFn, most: int = 12) -> Script:
    """A conversation that goes back and forth."""
    script = draw(scripts(most))
    steps = list(script.steps)
    for _ in range(draw(st.integers(1, 4))):
        steps.insert(draw(st.integers(1, len(steps))), ("back", draw(numbers)))
    return Script(script.templates, steps)


@st.composite
def scripts(draw: st.DrawFn, most: int = 12) -> Script:
    """A conversation: something with inputs first, then anything."""
    pool = draw(pools())
    templates = draw(templates_of(pool))
    model = st.tuples(st.just("model"), answers(pool), st.integers(0, 7).map(lambda n: n == 0))
    typed = st.tuples(st.just("type"), numbers, numbers, numbers, texts)
    press = st.tuples(st.just("press"), numbers, numbers)
    lose = st.just(("lose",))
    first = ("model", [draw(directives(pool)), draw(_starts(pool))], False)
    anything = st.one_of(typed, typed, typed, press, press, press, press, model, model, lose)
    later = st.lists(anything, min_size=most // 3, max_size=most)
    return Script(templates, [(*first[:1], _one_view_a_surface(first[1]), False), *draw(later)])


def _starts(pool: list[Tree]) -> st.SearchStrategy[Directive]:
    shown = [
        form_payloads(pool).map(lambda p: {"type": "ui.show_form", "payload": p}),
        st.just({"type": "ui.show_form", "payload": {"form_id": "flow"}}),
        views(pool).map(lambda root: {"type": "ui.show_view", "payload": {"root": root}}),
    ]
    return st.one_of(shown)


def _one_view_a_surface(parts: list[Any]) -> list[Any]:
    """Without a second view for a surface in one turn, which is refused."""
    seen: set[str] = set()
    kept = []
    for part in parts:
        if isinstance(part, dict) and part["type"].startswith(("ui.show", "ui.confirm", "ui.req")):
            name = part["payload"].get("surface", "main")
            if name in seen:
                continue
            seen.add(name)
        kept.append(part)
    return kept


# ---------------------------------------------------------------- a journey

EDITED = {
    "TextField": "text",
    "CheckBox": "value",
    "DateTimeInput": "value",
    "MultipleChoice": "selections",
    "Slider": "value",
}
_NUMBERS = ("", "12", "12.50", "-0", "1e3", "abc", "0.1", "999999999999999999999")
_DAYS = ("", "2026-02-28", "2025-12-31", "2025-02-29")
_TIMES = ("", "07:08", "23:59", "07:08:09", "24:00")
_MOMENTS = ("", "2026-02-28T07:08", "2025-12-31T23:59", "2025-12-31T23:59:00")
_PLAIN = frozenset({"short_text", "long_text", "tags", "email", "url", "phone"})
_STARTED_OVER = re.compile(r"the draft of '(?P<id>[^']+)' does not fit")

Key: TypeAlias = tuple[str, str]
"""A surface's name or wire id, and the path an input is bound to."""


class Press(NamedTuple):
    """A press, before the library knows of it.

    Attributes:
        surface: The surface, as the person sees it.
        wire_id: Its id on the wire.
        number: Which of its buttons, in reading order.
        event: What the client sends.
    """

    surface: Surface
    wire_id: str
    number: int
    event: dict[str, Any]


@dataclass
class Journey:
    """A conversation between a model, the library and a person at a client.

    Attributes:
        app: The app.
        profile: Name of the client, for the library and for ClientSim.
        update: How the library brings surfaces up to date.
        through_json: Whether the state is stored and read between any two turns.
        state: The state.
        sim: The person's client.
        results: Every result so far.
        held: What each input holds on the client, by wire id.
        known: What the library knows of each input, by the surface's name, as the client had it.
        typed: Inputs in which the person typed since the library sent their value, by wire id.
        fields: What each input was when it was shown last, by the surface's name.
        others: Inputs that became others, and were not shown since, by the surface's name.
        watch: Told of every batch after the sim took it, of every edit and press: another client.
        clock: Presses so far; each has a minute of its own.
        unshown: Inputs that a restore named, and that were not shown since, by the surface's name.
        past: The state at the beginning, and after every step.
        said: What each step named.
    """

    app: UIApp
    profile: str = "web_core"
    update: Update = "auto"
    through_json: bool = False
    state: UIState = field(default_factory=UIState)
    sim: ClientSim = field(init=False)
    results: list[CompileResult] = field(default_factory=list)
    held: dict[Key, Any] = field(default_factory=dict)
    known: dict[Key, Any] = field(default_factory=dict)
    typed: set[Key] = field(default_factory=set)
    fields: dict[Key, Field] = field(default_factory=dict)
    others: set[Key] = field(default_factory=set)
    watch: Watcher | None = None
    clock: int = 0
    unshown: set[Key] = field(default_factory=set)
    past: list[UIState] = field(default_factory=lambda: [UIState()])
    said: list[set[Key]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.sim = ClientSim(profile=self.profile)

    @classmethod
    def of(cls, script: Script, **settings: Any) -> Journey:
        """A journey at its beginning."""
        return cls(app_with(script.templates), **settings)

    def run(self, script: Script) -> Journey:
        """Every step of a script."""
        for step in script.steps:
            self.step(step)
        return self

    def step(self, step: tuple[Any, ...]) -> None:
        """One step, and a look at what came of it."""
        self.said.append(set())
        _STEPS[step[0]](self, *step[1:])
        self.past.append(self.state)

    # --- what happens

    def model(self, parts: list[Any], reset: bool) -> None:
        """The model answers; patches are made for what is shown now."""
        said = [part if isinstance(part, dict) else self.patch(*part[1:]) for part in parts]
        said = copy.deepcopy([item for item in said if item is not None])
        self.take(self.compile(said, "reset" if reset else self.update), named_by(said))

    def compile(self, said: list[Directive], update: Update) -> CompileResult:
        client = ClientProfile.named(self.profile)
        return compile(said, app=self.app, state=self.state, client=client, update=update)

    def patch(self, which: int, index: int, value: int, text: str) -> Directive | None:
        """A write to one of a surface's inputs, or of its rows, or to what is only shown."""
        surface = self.surface(which, lambda surface: bool(surface.editables))
        if surface is None:
            return None
        name, shown = surface.name, surface.editables
        if not shown:
            op = {"op": "set", "path": "/ui_state/note", "value": text}
            return {"type": "ui.patch", "payload": {"surface": name, "ops": [op]}}
        node = shown[index % len(shown)]
        draft = surface.data["draft"][node.id]
        spec = node.model_dump(mode="json", exclude_none=True)
        op = (
            _rows_op(spec, draft, value, text)
            if "columns" in spec
            else _field_op(spec, value, text)
        )
        op["path"] = draft_path(node.id) + op["path"]
        return {"type": "ui.patch", "payload": {"surface": name, "ops": [op]}}

    def type_in(self, which: int, index: int, value: int, text: str) -> None:
        """The person fills in one of the inputs."""
        surface = self.surface(which, lambda surface: bool(surface.inputs))
        wire_id, found = self.on_screen(surface, EDITED)
        if surface is None or not found:
            return
        name = surface.name
        node = found[index % len(found)]
        path = _path_of(node)
        self.edit(wire_id, node, typed_into(node, value, text))
        self.held[wire_id, path] = self.sim.value_at(wire_id, path)
        self.typed.add((wire_id, path))
        self.known.pop((name, path), None)
        self.look(set())

    def edit(self, wire_id: str, node: Tree, value: Any) -> None:
        if self.watch is not None:
            value = self.watch.edited(wire_id, node, value)
        self.sim.edit(wire_id, node["id"], value)

    def press(self, which: int, index: int) -> None:
        """The person presses one of the buttons; any press a client can make is taken."""
        pressed = self.button(which, index)
        if pressed is not None:
            self.act(pressed)

    def button(self, which: int, index: int) -> Press | None:
        """What pressing one of the buttons sends; None where there is none."""
        surface = self.surface(which, lambda surface: bool(surface.inputs))
        wire_id, found = self.on_screen(surface, ("Button",))
        if surface is None or not found:
            return None
        number = index % len(found)
        node = found[number]
        at = sum(other["id"] == node["id"] for other in found[:number])
        self.clock += 1
        stamp = f"2026-01-01T{self.clock // 60:02}:{self.clock % 60:02}:00Z"
        event = self.sim.press(wire_id, node["id"], timestamp=stamp, index=at)
        if self.watch is not None:
            self.watch.pressed(event, at)
        return Press(surface, wire_id, number, event)

    def act(self, pressed: Press) -> None:
        """The library takes a press."""
        step = self.dispatch(pressed.event)
        assert step.status in (200, 422), (pressed.event, step.diagnostics)
        self.learn(pressed)
        self.take(step, row_gone(pressed.surface.name, pressed.event["userAction"]))

    def dispatch(self, event: Mapping[str, Any]) -> StepResult:
        client = ClientProfile.named(self.profile)
        return dispatch(event, state=self.state, app=self.app, client=client)

    def learn(self, pressed: Press) -> None:
        """What a press sends, the library knows from now on."""
        context = pressed.event["userAction"]["context"]
        for item in pressed.surface.inputs:
            path = value_path(*item.place)
            if item.id in context:
                self.known[pressed.surface.name, path] = context[item.id]

    def lose(self) -> None:
        """The connection goes and comes back; a client that forgets is told everything again."""
        if self.profile != "amnesiac":
            return
        self.sim.disconnect()
        self.sim.resume()
        self.held.clear()
        self.typed.clear()
        assert self.sim.surface_ids() == []
        self.take(snapshot(self.state, app=self.app, client=ClientProfile.amnesiac()), set())

    def back(self, which: int) -> None:
        """The conversation goes to a state of before, or forward again."""
        index = which % len(self.past)
        then = self.past[index]
        since = set().union(*self.said[index:])
        # A row that only one of the two has comes or goes, whoever made it.
        named = {
            key
            for key, there in differing(self.state, then).items()
            if not there or _touches(key, since)
        }
        held = {(wire_id.partition("#")[0], path) for wire_id, path in self.held}
        self.unshown |= {key for key in held if is_below(key, named)}
        self.take(self.restore(index), named)

    def restore(self, index: int) -> CompileResult:
        client = ClientProfile.named(self.profile)
        return restore(self.state, self.past[index], app=self.app, client=client)

    # --- what came of it

    def take(self, result: CompileResult, named: Collection[Key]) -> None:
        """Hand the client a turn's batches, and look."""
        self.results.append(result)
        self.state = result.state
        if self.through_json:
            self.state = UIState.from_json(result.state.to_json(), nodes=self.app.nodes)
        for batch in result.batches:
            self.deliver(batch)
        # What cannot stand in another field starts over, which a restore takes back as well.
        named = {*named, *self.other_fields(self.state), *self.lost_unseen(result)}
        self.said[-1].update(named)
        self.look({*named, *self.unshown})
        self.unshown -= {
            (surface.name, value_path(*item.place))
            for surface in self.state.live_surfaces()
            for item in surface.inputs
        }

    def deliver(self, batch: Batch) -> None:
        """Hand the client a batch."""
        for message in batch.messages:
            assert self.sim.apply(message) is None, (self.sim.errors, message)
        if self.watch is not None:
            self.watch.batch(batch)

    def other_fields(self, state: UIState) -> set[Key]:
        """Inputs that are of another kind than when they were shown last, or offer less.

        Those of a wizard's other steps too. The client gets no value of these before they are
        shown, in the wizard or elsewhere; until then they stay others.
        """
        found: set[Key] = set()
        for surface in state.live_surfaces():
            template = self.app.template(surface.view and surface.view.template_id)
            carried = template.fields if isinstance(template, WizardTemplate) else ()
            shown = {item.id for item in surface.inputs}
            for item in inputs_of((*surface.editables, *carried), surface.data["draft"]):
                key = (surface.name, value_path(*item.place))
                if key in self.fields and _is_another(self.fields[key], item.field):
                    self.others.add(key)
                if key in self.others:
                    found.add(key)
                if item.id in shown:
                    self.others.discard(key)
                    self.fields[key] = item.field
        return found

    def lost_unseen(self, result: CompileResult) -> set[Key]:
        """Inputs that started over in a view that was closed again in the turn that showed it.

        Nobody saw that view, but what was in it is what its surface has when it opens again; the
        turn warned of each.
        """
        live = {surface.name for surface in self.state.live_surfaces()}
        warned = [
            (item.surface_id, _STARTED_OVER.match(item.message))
            for item in result.diagnostics
            if item.code == "A2UI_S2C_DRAFT_AT_RISK" and item.surface_id not in live
        ]
        return {(name, box_path((found["id"],))) for name, found in warned if name and found}

    def look(self, named: Collection[Key]) -> None:
        """Nothing that was not named has changed, and what was known is there again."""
        there = {self.wire_id(surface): surface for surface in self.state.live_surfaces()}
        assert set(self.sim.surface_ids()) == set(there), "what is shown is what is live"
        for key in [key for key in self.held if key[0] not in there]:
            del self.held[key]
        self.typed = {key for key in self.typed if key[0] in there}
        for name, path in [key for key in self.known if is_below(key, named)]:
            del self.known[name, path]
        for wire_id, surface in there.items():
            self.look_at(wire_id, surface, named)

    def look_at(self, wire_id: str, surface: Surface, named: Collection[Key]) -> None:
        kinds = {value_path(*item.place): item.field.kind for item in surface.inputs}
        paths = {*kinds, *(path for wire, path in self.held if wire == wire_id)}
        for path in sorted(paths):
            value = self.sim.value_at(wire_id, path)
            held, known = (wire_id, path), (surface.name, path)
            is_named = is_below(known, named)
            if held in self.held and not is_named:
                self.look_kept(held, kinds.get(path), value)
            elif held not in self.held and known in self.known and not is_named:
                kept = same(kinds.get(path, ""), self.known[known], value)
                assert kept, f"{known}: {self.known[known]!r} came back as {value!r}"
            if path not in kinds and value is None:
                self.held.pop(held, None)
                self.known.pop(known, None)
                continue
            assert value is not None, f"{held}: an input without a value"
            # What was named need not have changed: the directive may have been refused.
            if held not in self.held or value != self.held[held]:
                self.known[known] = value
                self.typed.discard(held)
            self.held[held] = value

    def look_kept(self, held: Key, kind: str | None, value: Any) -> None:
        """A value that nobody named is what it was."""
        # A slider's number may come back from what was a text in a view before.
        kept = value == self.held[held] or (
            kind == "slider" and same("slider", self.held[held], value)
        )
        assert kept, f"{held}: {self.held[held]!r} became {value!r}"

    # --- where things are

    def wire_id(self, surface: Surface) -> str:
        return wire_surface_id(surface.name, surface.epoch)

    def surface(self, which: int, better: Callable[[Surface], bool]) -> Surface | None:
        """One of the live surfaces; mostly one of the better ones, where there are any."""
        live = list(self.state.live_surfaces())
        liked = [surface for surface in live if better(surface)]
        found = liked if liked and which % 4 else live
        return found[which // 4 % len(found)] if found else None

    def on_screen(self, surface: Surface | None, types: Collection[str]) -> tuple[str, list[Tree]]:
        """A surface's id on the wire, and its nodes of some types in reading order."""
        if surface is None:
            return "", []
        wire_id = self.wire_id(surface)
        found: list[Any] = list(self.sim.nodes(wire_id))
        return wire_id, [node for node in found if node["type"] in types]

    def lines(self) -> bytes:
        """Every byte that went out, and every state there was."""
        states = [result.state.to_json().encode() for result in self.results]
        return b"\n".join([*(result.jsonl() for result in self.results), *states])


_STEPS: Mapping[str, Callable[..., None]] = {
    "model": Journey.model,
    "type": Journey.type_in,
    "press": Journey.press,
    "lose": Journey.lose,
    "back": Journey.back,
}


class Watcher:
    """A second client beside the sim."""

    def batch(self, batch: Batch) -> None:
        """Take a batch."""

    def edited(self, _wire_id: str, _node: Tree, value: Any) -> Any:
        """Type a value, and give what the first client shall be given."""
        return value

    def pressed(self, event: Mapping[str, Any], index: int) -> None:
        """Press the button of an event, which of those with its id the index tells."""


# ---------------------------------------------------------------- what a step names


def named_by(said: list[Directive]) -> set[Key]:
    """Places below `/draft` that directives write, by surface."""
    found: set[Key] = set()
    for item in said:
        payload = item["payload"]
        name = payload.get("surface", "main")
        if payload.get("reset") or payload.get("path") == "/draft":
            found.add((name, "/draft"))
        entries = [*payload.get("ops", ()), *payload.get("values", ())]
        for entry in entries:
            place = entry["path"] if isinstance(entry, dict) else entry
            found.add((name, _wire_place(place)))
    return found


def _wire_place(pointer: str) -> str:
    parts = [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[2:]]
    return box_path(parts)


def row_gone(name: str, action: Mapping[str, Any]) -> set[Key]:
    """The row that a press takes out."""
    if action["name"] != "ui.remove_row":
        return set()
    context = action["context"]
    return {(name, box_path((context["rows"], context["row"])))}


def differing(state: UIState, then: UIState) -> dict[Key, bool]:
    """Places below `/draft` where two states differ; whether both have a value there."""
    found: dict[Key, bool] = {}
    for name in {*state.surfaces, *then.surfaces}:
        one, two = (_draft_of(known.surfaces.get(name)) for known in (state, then))
        for place, there in _differing(one, two, ()):
            found[name, box_path(place)] = there
    return found


def _draft_of(surface: Surface | None) -> Mapping[str, Any]:
    return {} if surface is None else surface.data["draft"]


def _differing(
    one: Any, two: Any, place: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], bool]]:
    if isinstance(one, dict) and isinstance(two, dict):
        for key in {*one, *two}:
            yield from _differing(one.get(key), two.get(key), (*place, key))
    elif one != two:
        yield place, one is not None and two is not None


def _touches(key: Key, named: Collection[Key]) -> bool:
    """Whether an input is among some places, below one of them, or above."""
    name, path = key
    return is_below(key, named) or any(n == name and at.startswith(f"{path}/") for n, at in named)


def is_below(key: Key, named: Collection[Key]) -> bool:
    """Whether an input is among some places, or below one of them."""
    name, path = key
    return any(n == name and (path == at or path.startswith(f"{at}/")) for n, at in named)


def _is_another(old: Field, new: Field) -> bool:
    """Whether what was in the one need not be in the other."""
    if old.kind != new.kind:
        return not {old.kind, new.kind} <= _PLAIN
    if old.kind == "slider":
        return (old.min, old.max) != (new.min, new.max)
    return not {o.value for o in old.options} <= {o.value for o in new.options}


# ---------------------------------------------------------------- values


def _path_of(node: Tree) -> str:
    path: str = node["props"][EDITED[node["type"]]]["path"]
    return path


def typed_into(node: Tree, number: int, text: str) -> Any:
    """One of the things a person may leave in an input."""
    kind, props = node["type"], node["props"]
    if kind == "CheckBox":
        return number % 2 == 0
    if kind == "Slider":
        return props["minValue"] + number % (props["maxValue"] - props["minValue"] + 1)
    if kind == "MultipleChoice":
        chosen = [o["value"] for i, o in enumerate(props["options"]) if number >> i & 1]
        return chosen[: props["maxAllowedSelections"]]
    if kind == "DateTimeInput":
        forms = _MOMENTS if props["enableDate"] and props["enableTime"] else _DAYS
        forms = forms if props["enableDate"] else _TIMES
        return forms[number % len(forms)]
    if props["textFieldType"] == "number":
        return _NUMBERS[number % len(_NUMBERS)]
    return (*TYPED, text, "")[number % (len(TYPED) + 2)]


def preset(spec: Tree, number: int, text: str) -> Any:
    """One of the values that a model may write into a field."""
    kind, options = spec["kind"], [option["value"] for option in spec.get("options", ())]
    if kind == "slider":
        return spec["min"] + number % (spec["max"] - spec["min"] + 1)
    if kind == "choice":
        return [*options, ""][number % (len(options) + 1)]
    if kind == "multi_choice":
        return [value for i, value in enumerate(options) if number >> i & 1]
    fixed = {
        "boolean": (True, False),
        "number": (1, -2.5, 0, 10**15),
        "date": ("2026-05-06", ""),
        "time": ("12:13", ""),
        "datetime": ("2026-05-06T12:13", ""),
        "secret": ("",),
        "upload": ("upload:h-2", ""),
    }
    values = fixed.get(kind, (*TRICKY, text))
    return values[number % len(values)]


def _field_op(spec: Tree, number: int, text: str) -> Tree:
    if number % 7 == 6:
        return {"op": "delete", "path": ""}
    return {"op": "set", "path": "", "value": preset(spec, number, text)}


def _rows_op(spec: Tree, draft: Mapping[str, Any], number: int, text: str) -> Tree:
    """A row more or less, other rows, or a cell."""
    cells = {column["id"]: preset(column, number, text) for column in spec["columns"]}
    live = [row for row, value in draft.items() if value is not None]
    how = number % 4
    if how == 0 or (how > 1 and not live):
        return {"op": "append", "path": "", "value": cells}
    if how == 1:
        return {"op": "set", "path": "", "value": [cells][: number % 3]}
    row = live[number % len(live)]
    if how == 2:
        return {"op": "delete", "path": f"/{row}"}
    column = spec["columns"][number % len(spec["columns"])]
    place = column["id"].replace("~", "~0").replace("/", "~1")
    return {"op": "set", "path": f"/{row}/{place}", "value": cells[column["id"]]}


def same(kind: str, before: Any, after: Any) -> bool:
    """Whether an input that was built anew shows what was in it, as far as it may go out."""
    if kind == "secret":
        return after == ""
    if kind in ("choice", "multi_choice"):
        return sorted(_chosen(before)) == sorted(_chosen(after))
    if kind == "slider":
        return float(before) == float(after)
    return _read(kind, before) == _read(kind, after)


def _chosen(value: Any) -> list[str]:
    if isinstance(value, str):
        value = json.loads(value) if value else []
    return list(value or ())


_INVISIBLE = dict.fromkeys(
    map(ord, "\u2060\ufeff\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
)


def _read(kind: str, value: Any) -> Any:
    """A value without what the library puts around it or takes out of it, as seconds are."""
    if not isinstance(value, str):
        return value
    if kind == "date":
        return value.removesuffix("T12:00")
    if kind == "time":
        return value.removeprefix("2000-01-01T")[:5]
    if kind == "datetime":
        return value[:16]
    return value.translate(_INVISIBLE)


def surfaces_in(journey: Journey) -> Iterator[tuple[str, Surface]]:
    """The live surfaces with their ids on the wire."""
    for surface in journey.state.live_surfaces():
        yield journey.wire_id(surface), surface


def pressed(journey: Journey) -> list[StepResult]:
    """The answers to presses."""
    return [result for result in journey.results if isinstance(result, StepResult)]
