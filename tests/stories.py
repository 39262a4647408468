"""Random forms and stories for property tests: what a model shows, what a user types.

A story runs against the library and a ClientSim side by side (`Story`), and knows what each
field must show after every step. `journeys.py` goes on to whole conversations.
"""

from __future__ import annotations

import datetime
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from clientsim import ClientSim
from uicompiler import ClientProfile, CompileResult, UIApp, UIState, compile, dispatch
from uicompiler.app import Update
from uicompiler.backends.ids import component_id, escape_key, wire_surface_id
from uicompiler.ir.text import clean


def budget(examples: int) -> settings:
    """So many examples where Hypothesis tries its usual 100; N in `make fuzz-properties N=…`."""
    fuzzing = os.environ.get("HYPOTHESIS_PROFILE") == "fuzz"
    tried = settings.default.max_examples if settings.default else 100
    most = tried if fuzzing else examples * tried // 100
    return settings(max_examples=most, suppress_health_check=list(HealthCheck))


INPUTS = {
    "short_text": "TextField",
    "long_text": "TextField",
    "secret": "TextField",
    "number": "TextField",
    "slider": "Slider",
    "boolean": "CheckBox",
    "choice": "MultipleChoice",
    "multi_choice": "MultipleChoice",
    "date": "DateTimeInput",
    "time": "DateTimeInput",
    "datetime": "DateTimeInput",
    "tags": "TextField",
    "email": "TextField",
    "url": "TextField",
    "phone": "TextField",
    "upload": "TextField",
}
KINDS = tuple(INPUTS)
CELL_KINDS = tuple(kind for kind in KINDS if kind not in ("secret", "upload"))

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

# What only users bring: nothing of it may be lost, whatever the library would not send itself.
TYPED = (
    *TRICKY,
    "\u202eevil\u202c",
    "\u2066isolated\u2069 \u200fright",
    "\u2060[1]",
    "a\u2060b",
    "\ufeffmark",
    "ada@example.org",
    " https://example.org/a?b=c ",
    "+43 1 234",
    "one, two; three",
    "secret:abc",
    "upload:abc",
    "__proto__",
    "null",
)


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for item in inner:
        yield from _strings(item)


def _of_the_world() -> Iterator[str]:
    for path in Path(__file__).parent.parent.glob("fixtures/benign/*.jsonl"):
        for line in path.read_text("utf-8").splitlines():
            yield from _strings(json.loads(line))


# What ordinary people read, in many languages and scripts: short texts of the benign fixtures.
WORLD = tuple(sorted({text for text in _of_the_world() if len(text) <= 60 and not text.isascii()}))

texts = st.one_of(
    st.sampled_from(TRICKY),
    st.sampled_from(WORLD),
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20).filter(str.strip),
)
labels = texts.map(str.strip).filter(lambda text: bool(clean(text)))
field_ids = st.sampled_from(
    ["name", "email", "title", "h1", "body", "a b", "größe", "x.y", "n0", "a/b"]
)
column_ids = st.sampled_from(["name", "title", "a b", "v", "x~y"])
row_ids = st.sampled_from(["guests", "r1", "größen", "x.z", "a~1b"])


# ---------------------------------------------------------------- what a model asks for


@st.composite
def fields(
    draw: st.DrawFn, field_id: str | None = None, kinds: tuple[str, ...] = KINDS
) -> dict[str, Any]:
    kind = draw(st.sampled_from(kinds))
    found: dict[str, Any] = {
        "id": draw(field_ids) if field_id is None else field_id,
        "kind": kind,
        "label": draw(labels),
        "required": draw(st.integers(0, 3)) == 0,
    }
    if kind in ("choice", "multi_choice"):
        values = draw(
            st.lists(st.sampled_from("abcde") | labels, min_size=1, max_size=4, unique_by=clean)
        )
        found["options"] = [{"value": value, "label": draw(labels)} for value in values]
    if kind == "slider":
        low = draw(st.integers(-3, 3))
        found |= {"min": low, "max": low + draw(st.integers(1, 9))}
    if kind in ("short_text", "tags") and draw(st.booleans()):
        found["max_length"] = draw(st.integers(0, 9))
    if draw(st.booleans()):
        found["help"] = draw(labels)
    if kind not in ("secret", "upload", "tags") and draw(st.booleans()):
        found["default"] = draw(server_values(found))
    return found


@st.composite
def forms(draw: st.DrawFn) -> dict[str, Any]:
    """An inline form of single fields, some of them with values."""
    chosen = draw(st.lists(fields(), min_size=1, max_size=5, unique_by=lambda item: item["id"]))
    payload: dict[str, Any] = {"title": draw(labels), "fields": chosen}
    named = draw(st.lists(st.sampled_from(chosen), unique_by=lambda item: item["id"]))
    payload["values"] = [
        {"path": draft_path(item["id"]), "value": draw(server_values(item))} for item in named
    ]
    return payload


@st.composite
def rows(draw: st.DrawFn, rows_id: str | None = None) -> dict[str, Any]:
    """Editable rows."""
    names = draw(st.lists(column_ids, min_size=1, max_size=3, unique=True))
    fewest = draw(st.integers(0, 2))
    found: dict[str, Any] = {
        "id": draw(row_ids) if rows_id is None else rows_id,
        "label": draw(labels),
        "columns": [draw(fields(name, CELL_KINDS)) for name in names],
        "min_rows": fewest,
        "max_rows": draw(st.integers(max(1, fewest), 4)),
    }
    if draw(st.booleans()):
        found["help"] = draw(labels)
    return found


def draft_path(field_id: str) -> str:
    return "/draft/" + field_id.replace("~", "~0").replace("/", "~1")


# Official date inputs show no year before 1000.
_days = st.dates(min_value=datetime.date(1000, 1, 1)).map(str)
_clock = st.times().map(lambda time: time.strftime("%H:%M"))
_handles = st.sampled_from(["", "upload:h-1"])


def server_values(item: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Values a model may preset or patch; of rows a list of them."""
    if "columns" in item:
        cells = {column["id"]: server_values(column) for column in item["columns"]}
        return st.lists(st.fixed_dictionaries({}, optional=cells), max_size=item["max_rows"])
    numbers = st.integers(-(10**6), 10**6) | st.floats(-1e6, 1e6).map(lambda x: round(x, 3))
    options = st.sampled_from([o["value"] for o in item.get("options", [{"value": ""}])])
    by_kind: dict[str, st.SearchStrategy[Any]] = {
        "secret": st.just(""),
        "number": numbers,
        "slider": st.integers(item.get("min", 0), item.get("max", 1)),
        "boolean": st.booleans(),
        "choice": options,
        "multi_choice": st.lists(options, unique=True),
        "date": _days,
        "time": _clock,
        "datetime": st.tuples(_days, _clock).map("T".join),
        "tags": texts | st.lists(st.sampled_from(["red", "[1]", "日本語"]), max_size=3),
        "upload": _handles,
    }
    return by_kind.get(item["kind"], texts)


def typed_values(item: dict[str, Any]) -> st.SearchStrategy[Any]:
    """What a user may leave in an input, as the client gives it to its model."""
    options = [o["value"] for o in item.get("options", [{"value": ""}])]
    by_kind: dict[str, st.SearchStrategy[Any]] = {
        "number": st.sampled_from(["", "12", "12.50", "abc", "-0", "1e3"]),
        "slider": st.integers(item.get("min", 0), item.get("max", 1)),
        "boolean": st.booleans(),
        "choice": st.sampled_from([[value] for value in options]),
        "multi_choice": st.lists(st.sampled_from(options), unique=True),
        "date": st.sampled_from(["", "2026-02-28", "2025-12-31"]),
        "time": st.sampled_from(["", "07:08", "23:59"]),
        "datetime": st.sampled_from(["", "2026-02-28T07:08", "2025-12-31T23:59"]),
    }
    return by_kind.get(item["kind"], st.just("") | st.sampled_from(TYPED) | texts)


# ---------------------------------------------------------------- one form and its user


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
        """Options as the client knows them, which has them in the same order."""
        options = self.shown[field_id].get("options")
        if options is None:
            return value
        known = next(
            node for node in self.sim.nodes(self.wire_id) if node["id"] == self.input_id(field_id)
        )
        # An option may be written as its value alone.
        values = [option if isinstance(option, str) else option["value"] for option in options]
        offered = [option["value"] for option in known["props"]["options"]]
        return [wire for wire, own in zip(offered, values, strict=True) if own in value]

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
