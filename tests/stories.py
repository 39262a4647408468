"""Random forms and stories for property tests: what a model shows, what a user types.

A story runs against the library and a ClientSim side by side (`Story`), and knows what each
field must show after every step.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from clientsim import ClientSim
from uicompiler import ClientProfile, CompileResult, UIApp, UIState, compile, dispatch
from uicompiler.app import Update
from uicompiler.backends.a2ui_v0_8.names import component_id, escape_key, wire_surface_id


def budget(examples: int) -> settings:
    """So many examples, or as many as `make fuzz N=…` asks for."""
    fuzzing = os.environ.get("HYPOTHESIS_PROFILE") == "fuzz"
    most = settings.default.max_examples if fuzzing and settings.default else examples
    return settings(max_examples=most, suppress_health_check=list(HealthCheck))


KINDS = ("short_text", "long_text", "number", "boolean", "choice", "date")
INPUTS = {
    "short_text": "TextField",
    "long_text": "TextField",
    "number": "TextField",
    "boolean": "CheckBox",
    "choice": "MultipleChoice",
    "date": "DateTimeInput",
}

# Texts people and models write, and texts that clients misread.
TRICKY = (
    "Hello",
    "5*3*2 = 30",
    "# not a heading",
    "1. one",
    "- item",
    "[link](https://example.org) ![image](https://example.org/x.png)",
    "<b>bold</b> & <script>alert(1)</script>",
    '{"a": 1}',
    "[1,2]",
    "[]",
    "  two  spaces  ",
    "a\tb",
    "line one\nline two",
    "h1",
    "name",
    "ui--surface--Column",
    "\u2060joined",
    "שלום עולם",
    "سلام دنیا",
    "👩‍👩‍👧‍👦 🏴󠁧󠁢󠁥󠁮󠁧󠁿",
    "日本語テキスト",
    "C:\\path\\file",
    "`code` ~~gone~~ **bold** _it_",
    "&nbsp; &amp; &#35;",
    "\\*escaped\\*",
    "x" * 300,
)

texts = st.one_of(
    st.sampled_from(TRICKY),
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20).filter(str.strip),
)
labels = texts.map(str.strip).filter(bool)
field_ids = st.sampled_from(["name", "email", "title", "h1", "body", "a b", "größe", "x.y", "n0"])


@st.composite
def fields(draw: st.DrawFn, field_id: str | None = None) -> dict[str, Any]:
    kind = draw(st.sampled_from(KINDS))
    found: dict[str, Any] = {
        "id": draw(field_ids) if field_id is None else field_id,
        "kind": kind,
        "label": draw(labels),
        "required": draw(st.booleans()),
    }
    if kind == "choice":
        values = draw(
            st.lists(st.sampled_from("abcde") | labels, min_size=1, max_size=4, unique=True)
        )
        found["options"] = [{"value": value, "label": draw(labels)} for value in values]
    if draw(st.booleans()):
        found["help"] = draw(labels)
    return found


@st.composite
def forms(draw: st.DrawFn) -> dict[str, Any]:
    chosen = draw(st.lists(fields(), min_size=1, max_size=5, unique_by=lambda item: item["id"]))
    payload: dict[str, Any] = {"title": draw(labels), "fields": chosen}
    named = draw(st.lists(st.sampled_from(chosen), unique_by=lambda item: item["id"]))
    payload["values"] = [
        {"path": draft_path(item["id"]), "value": draw(server_values(item))} for item in named
    ]
    return payload


def draft_path(field_id: str) -> str:
    return "/draft/" + field_id.replace("~", "~0").replace("/", "~1")


def server_values(item: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Values a model may preset or patch."""
    numbers = st.integers(-(10**6), 10**6) | st.floats(-1e6, 1e6).map(lambda x: round(x, 3))
    return {
        "short_text": texts,
        "long_text": texts,
        "number": numbers,
        "boolean": st.booleans(),
        "choice": st.sampled_from([o["value"] for o in item.get("options", [{"value": ""}])]),
        "date": st.dates().map(str),
    }[item["kind"]]


def typed_values(item: dict[str, Any]) -> st.SearchStrategy[Any]:
    """What a user may leave in an input, as the client gives it to its model."""
    return {
        "short_text": st.just("") | texts,
        "long_text": st.just("") | texts,
        "number": st.sampled_from(["", "12", "12.50", "abc", "-0", "1e3"]),
        "boolean": st.booleans(),
        "choice": st.sampled_from([[o["value"]] for o in item.get("options", [{"value": ""}])]),
        "date": st.sampled_from(["", "2026-02-28", "2025-12-31"]),
    }[item["kind"]]


@dataclass
class Story:
    """A library state and a client that saw everything it sent."""

    app: UIApp = field(default_factory=UIApp.standard)
    client: ClientProfile = field(default_factory=ClientProfile.web_core)
    profile: str = "web_core"
    state: UIState = field(default_factory=UIState)
    sim: ClientSim = field(init=False)
    shown: dict[str, dict[str, Any]] = field(default_factory=dict)
    clock: int = 0

    def __post_init__(self) -> None:
        self.sim = ClientSim(profile=self.profile)

    def turn(self, directives: list[dict[str, Any]], update: Update = "auto") -> CompileResult:
        result = compile(
            directives, app=self.app, state=self.state, client=self.client, update=update
        )
        self.take(result)
        return result

    def take(self, result: CompileResult) -> None:
        errors = self.sim.feed(result.jsonl())
        assert errors == []
        self.state = result.state

    def show(self, form: dict[str, Any], update: Update = "auto") -> CompileResult:
        result = self.turn([{"type": "ui.show_form", "payload": form}], update)
        if result.ok:
            self.shown = {item["id"]: item for item in form["fields"]}
        return result

    @property
    def wire_id(self) -> str:
        surface = self.state.surfaces["main"]
        return wire_surface_id(surface.name, surface.epoch)

    def input_id(self, field_id: str) -> str:
        return component_id(("field", field_id), INPUTS[self.shown[field_id]["kind"]])

    def type_in(self, field_id: str, value: Any) -> None:
        self.sim.edit(self.wire_id, self.input_id(field_id), self.wire(field_id, value))

    def wire(self, field_id: str, value: Any) -> Any:
        """Options as the client knows them."""
        if self.shown[field_id]["kind"] != "choice":
            return value
        known = next(
            node for node in self.sim.nodes(self.wire_id) if node["id"] == self.input_id(field_id)
        )
        offered = [option["value"] for option in known["props"]["options"]]
        return [wire for wire in offered if wire.removeprefix("\u2060") in value or wire in value]

    def on_client(self, field_id: str) -> Any:
        return self.sim.value_at(self.wire_id, f"/draft/{escape_key(field_id)}/v")

    def press(self) -> dict[str, Any]:
        self.clock += 1
        button = next(n for n in self.sim.nodes(self.wire_id) if n["type"] == "Button")
        stamp = f"2026-01-01T00:{self.clock // 60:02}:{self.clock % 60:02}Z"
        return self.sim.press(self.wire_id, button["id"], timestamp=stamp)

    def submit(self) -> Any:
        step = dispatch(self.press(), state=self.state, app=self.app, client=self.client)
        self.take(step)
        return step
