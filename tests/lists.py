"""Lists and what becomes of them on a client: random ones for property tests, and a watcher."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

from clientsim import ClientSim
from tests.fixture_cases import app_named
from tests.official.screens import expected, shown
from tests.stories import TRICKY
from uicompiler import CompileResult, StepResult, UIState, compile, dispatch, snapshot
from uicompiler.app import Update

Tree = dict[str, Any]


def tree(*children: Tree) -> Tree:
    """A column of nodes."""
    return {"node": "stack", "children": list(children)}


def show(root: Tree, state: UIState | None = None) -> CompileResult:
    """The turn that shows a view."""
    directive = {"type": "test.view", "payload": {"root": root}}
    return compile([directive], app=app_named("views"), state=state)


def pruned(data: Any) -> Any:
    """Data without empty maps: what was emptied and what never was are the same to a person."""
    if not isinstance(data, dict):
        return data
    inner = {key: pruned(value) for key, value in data.items()}
    return {key: value for key, value in inner.items() if value != {}}


@dataclass
class Watched:
    """A surface and a client that saw everything, looked at after each turn."""

    update: Update = "auto"
    state: UIState = field(default_factory=UIState)
    sim: ClientSim = field(default_factory=ClientSim)
    results: list[CompileResult] = field(default_factory=list)
    presses: list[StepResult] = field(default_factory=list)

    def take(self, result: CompileResult) -> CompileResult:
        """Hand a turn's messages to the client."""
        assert result.ok, result.diagnostics
        for message in result.messages:
            self.sim.apply(message)
        assert self.sim.errors == []
        self.state = result.state
        self.results.append(result)
        return result

    def patch(self, path: str, value: Any) -> CompileResult:
        """Write a value, as a model would."""
        op = {"op": "delete", "path": path} if value is None else {"path": path, "value": value}
        directive = {"type": "ui.patch", "payload": {"ops": [{"op": "set", **op}]}}
        turn = compile([directive], app=app_named("views"), state=self.state, update=self.update)
        return self.take(turn)

    def words(self) -> list[str]:
        """What a person reads."""
        return [words for _, _, words in self.sim.visible("main")]

    def buttons(self) -> list[str]:
        """Ids of the buttons, from top to bottom."""
        return [ident for ident, role, _ in self.sim.visible("main") if role == "button"]

    def event(self, button: str) -> dict[str, Any]:
        """What pressing a button sends."""
        stamp = f"2026-01-01T09:{len(self.presses) % 60:02}:00Z"
        return self.sim.press("main", button, timestamp=stamp)

    def press(self, index: int) -> StepResult:
        """Press one of the buttons."""
        event = self.event(self.buttons()[index])
        step = dispatch(event, state=self.state, app=app_named("views"))
        self.presses.append(step)
        self.take(step)
        return step

    def look(self) -> None:
        """The screen says what the IR says, and a snapshot would show and hold the same."""
        surface = self.state.surfaces["main"]
        seen = [Seen(*entry) for entry in self.sim.visible("main")]
        assert spaces(shown(seen)) == spaces(expected(surface))
        fresh = ClientSim()
        for message in snapshot(self.state, app=app_named("views")).messages:
            fresh.apply(message)
        assert pruned(fresh.data("main")) == pruned(self.sim.data("main"))
        assert fresh.screen("main") == self.sim.screen("main")


@dataclass(frozen=True)
class Seen:
    """One thing on the screen, as `bridge.Shown`."""

    id: str
    role: str
    text: str


def spaces(lines: Any) -> list[tuple[str, str]]:
    """Lines without dividers, and the roles that a simulated client does not tell apart."""
    known = {"button", "icon", "image"}
    return [
        (role if role in known else "text", words) for role, words in lines if role != "divider"
    ]


# ---------------------------------------------------------------- random lists

SCALARS = st.none() | st.booleans() | st.integers(-9, 9) | st.sampled_from([0.5, 1e21])
WORDS = st.sampled_from([text for text in TRICKY if "&nbsp;" not in text]) | st.sampled_from(
    ["", "a", "b", "two\nlines", "\n", " "]
)
VALUES = SCALARS | WORDS
NAMES = st.sampled_from(
    ["a", "b", "c", "a.b", "a[0]", "7", "10", "", "item", "text", "größe", "__x__", "x" * 70]
)
OBJECTS = st.fixed_dictionaries(
    {},
    optional={
        "name": VALUES,
        "note": VALUES,
        "id": NAMES | st.integers(0, 3),
        "in": st.fixed_dictionaries({"x": VALUES}),
    },
)
ITEMS = OBJECTS | VALUES
SOURCES = st.lists(ITEMS, max_size=4) | st.dictionaries(NAMES, ITEMS, max_size=4) | VALUES
LIST_STEPS = st.lists(
    st.tuples(st.sampled_from(["/ui_state/l", "/ui_state/l", "/ui_state/top"]), SOURCES),
    max_size=4,
)

TEXTS = st.builds(
    lambda bind, style: {"node": "text", "bind": bind, "style": style},
    st.sampled_from(["name", "note", "in/x", ".", "/ui_state/top", "0"]),
    st.sampled_from(["body", "body", "body", "h3", "caption"]),
)
NODES = TEXTS | st.sampled_from(
    [
        {"node": "divider"},
        {"node": "text", "text": "fixed"},
        {"node": "icon", "name": "star", "label": "Star"},
        {"node": "button", "label": "Look", "action": "glance"},
        {"node": "button", "label": "Save", "action": "save"},
    ]
)


@st.composite
def lists(draw: st.DrawFn) -> Tree:
    """A list or table of `/ui_state/l`."""
    node: Tree = {"bind": "/ui_state/l", "max_items": draw(st.sampled_from([2, 3, 50]))}
    node |= draw(st.sampled_from([{}, {"empty": "Nothing."}, {"more": "{count}!"}]))
    if draw(st.booleans()):
        columns = [{"id": "name", "label": "Name"}, {"id": "note", "label": "", "align": "end"}]
        buttons = draw(st.lists(st.sampled_from(BUTTONS), max_size=2))
        node |= {"node": "table", "columns": columns, "buttons": buttons}
    else:
        around = draw(st.sampled_from(["stack", "card", "section"]))
        item = {"node": around, "children": draw(st.lists(NODES, max_size=4))}
        node |= {"node": "list", "item": item | ({"title": "T"} if around == "section" else {})}
    if '"button"' in str(node).replace("'", '"') or draw(st.booleans()):
        node["item_key"] = "id"
    return node


BUTTONS = [
    {"node": "button", "label": "Look", "action": "glance"},
    {"node": "button", "label": "Save", "action": "save"},
]


@st.composite
def views_of_lists(draw: st.DrawFn) -> Tree:
    """A view with a list or two, and a text beside them."""
    beside = {"node": "text", "bind": "/ui_state/top"}
    return tree(*draw(st.lists(lists(), min_size=1, max_size=2)), beside)
