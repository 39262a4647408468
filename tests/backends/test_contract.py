"""What `backends.base.Backend` says of every backend, asked of each that is registered.

A new backend needs a line in `CLIENTS`: the client that takes its messages here.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar, Literal, Protocol

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientsim import ClientSim
from tests.backends.html.same_meaning.browser import Page
from tests.backends.html.same_meaning.pair import posted
from tests.fixture_cases import Case, FixtureSigner, app_named, cases_in, run
from tests.stories import budget, fields
from uicompiler import (
    CompileResult,
    Limits,
    Outcome,
    Payload,
    Surface,
    TurnContext,
    UIApp,
    UIState,
    compile,
    dispatch,
    snapshot,
)
from uicompiler.backends.base import Backend, Message, Mode, Settings
from uicompiler.backends.registry import BACKENDS, backend_named
from uicompiler.compiler import resolve
from uicompiler.executor.expiry import presented
from uicompiler.ir.base import Node
from uicompiler.ir.changes import ShowView
from uicompiler.ir.client import Address
from uicompiler.ir.fields import Field, keeps
from uicompiler.ir.inputs import with_values
from uicompiler.ir.layout import Stack
from uicompiler.ir.tree import View, parse_node
from uicompiler.texts import english

NONCE = "nonce-of-"
FORM = [
    {
        "type": "ui.show_form",
        "payload": {
            "title": "Details",
            "fields": [
                {"id": "name", "label": "Name", "required": True},
                {"id": "size", "kind": "slider", "label": "Size", "min": 0, "max": 9},
            ],
            "values": [{"path": "name", "value": "Ada"}],
        },
    }
]


# ---------------------------------------------------------------- clients


class Client(Protocol):
    """One client of one backend."""

    def take(self, messages: Sequence[Message]) -> None:
        """Take a batch."""

    def surfaces(self) -> list[str]:
        """Ids of the surfaces that it shows."""

    def buttons(self, surface_id: str) -> list[str]:
        """Ids of the buttons that a person sees there, from top to bottom."""

    def press(self, surface_id: str, button: str) -> Mapping[str, Any]:
        """The event of pressing one."""


class A2uiClient:
    """ClientSim."""

    def __init__(self) -> None:
        self.sim = ClientSim(own_inputs={"FileUpload": "value"})

    def take(self, messages: Sequence[Message]) -> None:
        for message in messages:
            assert self.sim.apply(message) is None, self.sim.errors

    def surfaces(self) -> list[str]:
        return self.sim.surface_ids()

    def buttons(self, surface_id: str) -> list[str]:
        nodes = self.sim.nodes(surface_id)
        return [str(node["id"]) for node in nodes if node["type"] == "Button"]

    def press(self, surface_id: str, button: str) -> Mapping[str, Any]:
        return self.sim.press(surface_id, button, timestamp="2026-01-01T00:00:00Z")


class HtmlClient:
    """A page in a browser."""

    def __init__(self) -> None:
        self.page = Page()

    def take(self, messages: Sequence[Message]) -> None:
        self.page.take(messages)

    def surfaces(self) -> list[str]:
        return list(self.page.ids.values())

    def _frame(self, surface_id: str) -> Any:
        names = {wire_id: name for name, wire_id in self.page.ids.items()}
        return self.page.frames[names[surface_id]]

    def buttons(self, surface_id: str) -> list[str]:
        return [item.get("id", "") for item in self._frame(surface_id).buttons()]

    def press(self, surface_id: str, button: str) -> Mapping[str, Any]:
        frame = self._frame(surface_id)
        (found,) = (item for item in frame.buttons() if item.get("id") == button)
        return posted(frame, found)


CLIENTS: Mapping[str, Callable[[], Client]] = {"a2ui-v0.8": A2uiClient, "html": HtmlClient}


def test_every_backend_has_a_client_here() -> None:
    assert CLIENTS.keys() == BACKENDS.keys()


# ---------------------------------------------------------------- surfaces

each_backend = pytest.mark.parametrize("name", sorted(BACKENDS))
ALONE = "A2UI_S2C_CATALOG_"
CASES = [case for case in cases_in("accepted") if "language" not in case.options]


@functools.cache
def snapshots(name: str) -> tuple[tuple[Case, CompileResult], ...]:
    """What a client is sent that lost everything, at the end of every accepted case."""
    found = []
    for case in CASES:
        state = run(case).steps[-1].state
        result = snapshot(
            state, app=case.app, backend=name, client=case.client, turn=turn_of(case, state)
        )
        found.append((case, result))
    return tuple(found)


def turn_of(case: Case, state: UIState) -> TurnContext:
    signer = FixtureSigner() if case.options.get("signed") else None
    return TurnContext(conversation_id=state.conversation_id, signer=signer)


def settings_of(name: str, app: UIApp, *, strict: bool = False, signed: bool = False) -> Settings:
    signer = FixtureSigner() if signed else None
    context = TurnContext(conversation_id="c1", signer=signer)
    turn = resolve(app, None, name, None, context, strict=strict, update="auto")
    return turn.settings("c1")


def shown(name: str, said: Any = FORM, app: UIApp | None = None) -> Surface:
    """A surface that one client has."""
    result = compile(said, app=app or UIApp.standard(), backend=name)
    assert result.ok, result.diagnostics
    return result.state.surfaces["main"]


def raised(surface: Surface) -> Surface:
    return replace(surface, rev=surface.rev + 1)


# ---------------------------------------------------------------- names


@each_backend
def test_a_backend_is_known_by_its_name(name: str) -> None:
    assert backend_named(name).name == name
    assert backend_named(name) is backend_named(name)


def test_a_name_that_no_backend_has_is_told_with_those_there_are() -> None:
    with pytest.raises(ValueError, match=", ".join(sorted(BACKENDS))):
        backend_named("gopher")


# ---------------------------------------------------------------- first


@each_backend
def test_a_first_render_shows_every_surface_and_says_it_in_bytes(name: str) -> None:
    for case, result in snapshots(name):
        assert result.ok, (case.name, result.diagnostics)
        live = list(result.state.live_surfaces())
        assert [batch.surface for batch in result.batches] == [surface.name for surface in live]
        client = CLIENTS[name]()
        for batch, surface in zip(result.batches, live, strict=True):
            assert batch.backend == name
            assert batch.messages
            assert [orjson.loads(line) for line in batch.encoded] == list(batch.messages)
            assert all(b"\n" not in line for line in batch.encoded)
            assert batch.rev == surface.rev
            assert {item.id for item in surface.inputs} <= surface.boxes.keys(), "it holds them"
            client.take(batch.messages)
        assert client.surfaces() == [batch.surface_id for batch in result.batches]


@each_backend
def test_a_second_render_by_a_backend_of_its_own_is_the_same_bytes(name: str) -> None:
    for case, result in snapshots(name):
        settings = settings_of(name, case.app)
        if case.options:
            continue
        for surface in result.state.live_surfaces():
            shown = presented(surface, case.app, english)
            one, other = BACKENDS[name]().first(shown, settings), backend_named(name)
            assert one.encoded == other.first(shown, settings).encoded, case.name


@each_backend
def test_rendering_changes_nothing_but_what_the_client_holds(name: str) -> None:
    for _, result in snapshots(name):
        for surface in result.state.live_surfaces():
            before = result.state.to_json()
            settings = settings_of(name, app_named("views"))
            rendered = backend_named(name).first(surface, settings)
            assert result.state.to_json() == before
            own = {"boxes": surface.boxes, "offered": surface.offered}
            assert replace(rendered.surface, **own) == surface


# ---------------------------------------------------------------- update


@each_backend
@pytest.mark.parametrize("mode", ["auto", "diff"])
def test_when_nothing_changed_one_message_tells_the_revision(name: str, mode: Mode) -> None:
    for case, result in snapshots(name):
        settings = settings_of(name, case.app, signed=bool(case.options.get("signed")))
        settings = replace(settings, client=case.client)
        for old in result.state.live_surfaces():
            if presented(old, case.app, english) is not old:
                continue
            rendered = update(name, old, raised(old), settings, mode=mode)
            assert len(rendered.messages) == 1, case.name
            assert str(old.rev + 1).encode() in rendered.encoded[0]


def update(
    name: str,
    old: Surface,
    new: Surface,
    settings: Settings,
    *,
    mode: Mode = "auto",
    written: frozenset[str] = frozenset(),
) -> Any:
    return backend_named(name).update(old, new, written=written, mode=mode, settings=settings)


@each_backend
@pytest.mark.parametrize("mode", ["auto", "full", "diff"])
def test_an_update_brings_a_client_to_what_is_shown_now(name: str, mode: Literal["auto"]) -> None:
    client, other = CLIENTS[name](), CLIENTS[name]()
    result = compile(FORM, backend=name)
    client.take(result.messages)
    more = [{"type": "ui.show_result", "payload": {"title": "Done", "surface": "main"}}]
    after = compile(more, backend=name, state=result.state, update=mode)
    client.take(after.messages)
    other.take(snapshot(after.state, backend=name).messages)
    assert client.buttons("main") == other.buttons("main")
    assert not result.html or after.html["main"] == snapshot(after.state, backend=name).html["main"]


@each_backend
def test_a_value_that_was_written_is_sent_and_one_that_was_not_is_left_alone(name: str) -> None:
    old = shown(name)
    (item, _) = old.inputs
    draft = with_values(old.data["draft"], [(item, "Grace Hopper")])
    new = raised(replace(old, data=type(old.data)({**old.data, "draft": draft})))
    settings = settings_of(name, UIApp.standard())
    told = update(name, old, new, settings, written=frozenset({"name"}))
    assert any(b"Grace Hopper" in line for line in told.encoded)
    learned = update(name, old, new, settings)
    assert len(learned.messages) == 1, "the client has what the user typed"


@each_backend
def test_a_full_update_sends_the_view_again_in_place(name: str) -> None:
    old = shown(name)
    settings = settings_of(name, UIApp.standard())
    rendered = update(name, old, raised(old), settings, mode="full")
    client = CLIENTS[name]()
    client.take(backend_named(name).first(old, settings).messages)
    before = client.buttons("main")
    client.take(rendered.messages)
    assert len(rendered.messages) > 1
    assert client.buttons("main") == before


# ---------------------------------------------------------------- delete, nonces, measures, markup


@each_backend
def test_deleting_takes_the_surface_from_the_client(name: str) -> None:
    client, surface = CLIENTS[name](), shown(name)
    backend = backend_named(name)
    client.take(backend.first(surface, settings_of(name, UIApp.standard())).messages)
    rendered = backend.delete(surface)
    assert [orjson.loads(line) for line in rendered.encoded] == list(rendered.messages)
    client.take(rendered.messages)
    assert client.surfaces() == []
    assert backend.markup(rendered.messages) == {}


@each_backend
def test_nonces_stand_only_where_they_can_be_mapped(name: str) -> None:
    backend, seen = backend_named(name), list[str]()
    for said in (FORM, [FORM[0], {"type": "ui.toast", "payload": {"text": NONCE[:-1]}}]):
        result = compile(
            said, backend=name, turn=TurnContext(conversation_id="c1", signer=FixtureSigner())
        )
        before = json.dumps(result.messages)
        hidden = backend.map_nonces(result.messages, lambda nonce: seen.append(nonce) or 'X&"')
        assert NONCE in before
        assert NONCE not in json.dumps(hidden)
        assert json.dumps(result.messages) == before, "the others are not changed"
        assert backend.map_nonces(result.messages, lambda nonce: nonce) == result.messages
    assert set(seen) == {"nonce-of-c1-main-1-k1"}


@each_backend
def test_without_a_signer_there_is_no_nonce_to_map(name: str) -> None:
    def never(nonce: str) -> str:
        raise AssertionError(nonce)

    for case, result in snapshots(name):
        if not case.options.get("signed"):
            assert backend_named(name).map_nonces(result.messages, never) == result.messages


@each_backend
def test_measures_add_up(name: str) -> None:
    backend = backend_named(name)
    for _, result in snapshots(name):
        whole = backend.measure(result.messages)
        parts = [backend.measure([message]) for message in result.messages]
        assert whole == tuple(map(sum, zip(*parts, strict=True))) if parts else (0, 0)
        inputs = sum(len(surface.inputs) for surface in result.state.live_surfaces())
        assert whole[0] > 0 or not result.messages or not inputs
        assert whole[1] >= inputs


@each_backend
def test_markup_is_told_by_the_ids_of_surfaces(name: str) -> None:
    for _, result in snapshots(name):
        told = backend_named(name).markup(result.messages)
        assert told == result.html
        assert told.keys() in (set(), {batch.surface_id for batch in result.batches})
        assert all(markup.startswith("<") for markup in told.values())


# ---------------------------------------------------------------- ids


@each_backend
@pytest.mark.parametrize("epoch", [1, 2, 17])
def test_the_address_of_a_surfaces_id_is_the_surface(name: str, epoch: int) -> None:
    surface = replace(shown(name), name="a-b_C9", epoch=epoch)
    backend = backend_named(name)
    assert backend.address(backend.surface_id(surface)) == Address("a-b_C9", epoch)


@each_backend
@pytest.mark.parametrize(
    "text", ["", "main#e=1", "main#e=0", "main#e=-2", "main#e=2#e=3", "a b", "ü"]
)
def test_what_is_no_id_of_ours_has_no_address(name: str, text: str) -> None:
    assert backend_named(name).address(text) is None


@each_backend
def test_ids_of_two_epochs_differ(name: str) -> None:
    surface, backend = shown(name), backend_named(name)
    ids = {backend.surface_id(replace(surface, epoch=epoch)) for epoch in range(1, 20)}
    assert len(ids) == 19


# ---------------------------------------------------------------- buttons


@each_backend
def test_every_button_that_is_shown_is_known_and_every_one_known_is_shown(name: str) -> None:
    backend = backend_named(name)
    for case, result in snapshots(name):
        client = CLIENTS[name]()
        client.take(result.messages)
        for surface in result.state.live_surfaces():
            known = backend.buttons(presented(surface, case.app, english))
            ids = client.buttons(backend.surface_id(surface))
            assert set(ids) <= known.keys(), case.name
            steps = settings_of(name, case.app).masked(surface)
            wanted = {id(p) for p in known.values() if p.button.action not in steps}
            assert {id(known[ident]) for ident in ids} == wanted, case.name


@each_backend
def test_every_button_that_is_shown_can_be_pressed(name: str) -> None:
    count = 0
    for case, result in snapshots(name):
        client = CLIENTS[name]()
        client.take(result.messages)
        for batch in result.batches:
            for button in client.buttons(batch.surface_id):
                event = client.press(batch.surface_id, button)
                if event["userAction"]["name"] == "put":
                    continue  # an action of the tests that takes no more than its own arguments
                assert_taken(case, result.state, event, name)
                count += 1
    assert count >= 250


def assert_taken(case: Case, state: UIState, event: Mapping[str, Any], name: str) -> None:
    turn = replace(turn_of(case, state), idempotency_key="one press")
    common: dict[str, Any] = {"state": state, "app": case.app, "client": case.client}
    step = dispatch(event, turn=turn, backend=name, **common)
    assert step.status in (200, 422), (case.name, event, step.diagnostics)
    assert step.action is not None or step.field_errors


@each_backend
def test_a_button_of_no_registered_action_never_goes_out(name: str) -> None:
    def leave(_action: Any, _view: Any) -> Outcome:
        return Outcome()

    app = UIApp("a", inline_form_action="submit")
    app.add_action("submit", leave)
    root = {"node": "button", "label": "No", "action": "submit"}
    surface = shown(name, [{"type": "ui.show_view", "payload": {"root": root}}], app)
    settings = replace(settings_of(name, app), actions=frozenset())
    rendered = backend_named(name).first(surface, settings)
    assert rendered.failed
    assert rendered.messages == ()


# ---------------------------------------------------------------- what comes back


@each_backend
def test_a_press_that_submits_carries_every_input_and_the_fixed_values(name: str) -> None:
    backend = backend_named(name)
    for _, result in snapshots(name):
        client = CLIENTS[name]()
        client.take(result.messages)
        for surface in result.state.live_surfaces():
            wire_id = backend.surface_id(surface)
            known = backend.buttons(surface)
            for ident in client.buttons(wire_id):
                if ident not in known or not known[ident].button.submit:
                    continue
                context = client.press(wire_id, ident)["userAction"]["context"]
                told = backend.sent(context, known[ident].button, surface)
                assert set(told.inputs) <= set(surface.inputs)
                args = known[ident].button.args
                assert {key: told.context[key] for key in args if key in told.context} == args
                if known[ident].button.check:
                    assert told.inputs == surface.inputs
                    assert {item.id for item in surface.inputs} <= told.context.keys()


_scalars = st.none() | st.booleans() | st.integers(-5, 5) | st.floats(allow_nan=False)
_json = st.recursive(
    _scalars | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("ab"), inner),
    max_leaves=6,
)


@each_backend
@given(spec=fields("x"), value=_json)
@budget(150)
def test_whatever_a_client_sends_is_a_draft_value_or_refused(
    name: str, spec: dict[str, Any], value: Any
) -> None:
    field = Field.model_validate(spec)
    found = backend_named(name).decode(field, value)
    if found.refused is None:
        # Of a choice more than one may be kept, for an error beside it, and a number that is not
        # on its slider; of a secret a handle is.
        is_apart = isinstance(found.value, tuple) or field.kind in ("secret", "slider")
        assert keeps(field, found.value) or is_apart, (spec, value, found)
    else:
        assert found.value is None


@each_backend
@given(spec=fields("x"))
@budget(100)
def test_nothing_sent_is_an_empty_field(name: str, spec: dict[str, Any]) -> None:
    field = Field.model_validate(spec)
    found = backend_named(name).decode(field, None)
    assert found.refused is None
    assert keeps(field, found.value)


# ---------------------------------------------------------------- failures

TIGHT = [
    ("max_bytes_per_message", 200),
    ("max_bytes_per_surface", 200),
    ("max_string_bytes", 40),
]
LONG = [
    {"type": "ui.show_result", "payload": {"title": "A title of more than forty letters, surely"}}
]


@each_backend
@pytest.mark.parametrize(("limit", "most"), TIGHT)
def test_a_limit_is_kept_and_nothing_goes_out(name: str, limit: str, most: int) -> None:
    app = UIApp("tight", limits=replace(Limits(), **{limit: most}))
    result = compile(LONG, app=app, backend=name)
    assert not result.ok
    assert result.batches == ()
    assert "A2UI_S2C_LIMIT_EXCEEDED" in [item.code for item in result.diagnostics]
    assert any(limit in item.message for item in result.diagnostics)
    assert result.state.surfaces == {}
    assert result.fallback is not None


@each_backend
def test_a_response_as_a_whole_keeps_to_its_limit(name: str) -> None:
    said = [
        {"type": "ui.show_result", "payload": {"title": "T", "surface": f"s{number}"}}
        for number in range(3)
    ]
    app = UIApp("tight", limits=replace(Limits(), max_surfaces_per_response=2))
    result = compile(said, app=app, backend=name)
    assert [batch.surface for batch in result.batches] == ["s0", "s1"]
    assert [item.code for item in result.diagnostics] == ["A2UI_S2C_LIMIT_EXCEEDED"]


class Rating(Node):
    """A node of an app's own."""

    example: ClassVar[Mapping[str, Any]] = {"stars": 3}

    node: Literal["rating"] = "rating"
    stars: int = 3


class ShowRating(Payload):
    """Show a rating."""


@each_backend
def test_a_node_that_nobody_says_how_to_show_is_reported_and_nothing_goes_out(name: str) -> None:
    app = UIApp("rate")
    app.add_node(Rating, {})

    @app.directive("rate.show", payload=ShowRating, summary="Show a rating.")
    def show(_payload: ShowRating, _context: Any) -> list[Any]:
        return [ShowView("main", View(Stack(children=(Rating(stars=3),))))]

    result = compile([{"type": "rate.show", "payload": {}}], app=app, backend=name)
    assert [item.code for item in result.diagnostics] == ["A2UI_S2C_CATALOG_UNSUPPORTED"]
    assert (result.ok, result.batches) == (False, ())
    assert "rating" in result.diagnostics[0].message


@each_backend
@pytest.mark.parametrize("strict", [False, True])
def test_a_text_that_had_to_be_cleaned_is_a_warning_and_in_strict_an_error(
    name: str, strict: bool
) -> None:
    surface = shown(name)
    assert surface.view is not None
    root = parse_node({"node": "stack", "children": [{"node": "text", "text": "a\u202eb"}]})
    changed = replace(surface, view=View(root))
    backend: Backend = backend_named(name)
    rendered = backend.first(changed, settings_of(name, UIApp.standard(), strict=strict))
    assert [item.code for item in rendered.diagnostics] == ["A2UI_S2C_COMPONENT_TEXT_FORBIDDEN"]
    assert rendered.failed == strict
    assert (rendered.messages == ()) == strict
    assert all("\u202e" not in line.decode() for line in rendered.encoded)


@each_backend
def test_an_update_that_fails_sends_nothing_of_itself(name: str) -> None:
    app = UIApp("tight", limits=replace(Limits(), max_string_bytes=40))
    result = compile([{"type": "ui.show_result", "payload": {"title": "T"}}], app=app, backend=name)
    after = compile(LONG, app=app, backend=name, state=result.state)
    assert not after.ok
    client = CLIENTS[name]()
    client.take(result.messages)
    client.take(after.messages)
    assert client.surfaces() == []
    assert after.state.surfaces["main"].status == "failed"
    assert dict(after.state.surfaces["main"].data["draft"]) == {}
