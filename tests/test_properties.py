"""The promises, on random forms, turns and keystrokes."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.stories import TRICKY, Story, budget, draft_path, forms, server_values, typed_values
from uicompiler import ClientProfile, UIApp, UIState, compile, dispatch, snapshot
from uicompiler.a2ui import validate
from uicompiler.backends.a2ui_v0_8 import boxes, values

UPDATES = ("auto", "full", "diff")


@given(forms())
@settings(max_examples=60)
def test_two_compiles_give_equal_bytes(form: dict[str, Any]) -> None:
    source = [{"type": "ui.show_form", "payload": form}]
    first, second = compile(source), compile(source)
    assert first.jsonl() == second.jsonl()
    assert first.state.to_json() == second.state.to_json()


@given(forms(), st.sampled_from(["web_core", "spec"]))
@settings(max_examples=100)
def test_every_output_passes_the_checker_and_the_client(form: dict[str, Any], profile: str) -> None:
    story = Story(client=ClientProfile.named(profile), profile=profile)
    result = story.show(form)
    assert result.ok, result.diagnostics
    assert [d for d in validate(result.jsonl()) if d.severity == "error"] == []
    assert story.sim.ready("main")


@given(forms())
@settings(max_examples=60)
def test_state_round_trips_through_json(form: dict[str, Any]) -> None:
    state = compile([{"type": "ui.show_form", "payload": form}]).state
    again = UIState.from_json(state.to_json())
    assert again == state
    assert again.to_json() == state.to_json()


paths = st.sampled_from(
    [
        "/committed/x",
        "/committed",
        "committed.x",
        "committed/x",
        "/committed~1x",
        "/draft/../committed/x",
        "/ui_state/x",
        "/draft/name",
        "",
        "/",
        "/_rev",
        "/ui_state/_rev",
        "/draft/__proto__",
    ]
)
ops = st.fixed_dictionaries(
    {
        "op": st.sampled_from(["set", "delete", "append", "insert", "add", "replace", "move", ""]),
        "path": paths,
        "value": st.one_of(st.text(max_size=5), st.integers(), st.booleans(), st.none()),
    }
)


@given(st.lists(ops, max_size=4), st.booleans())
@settings(max_examples=200)
def test_the_models_ops_never_reach_committed(found: list[dict[str, Any]], wrap: bool) -> None:
    before = _committed()
    payload = {"ops": found} if wrap or len(found) != 1 else found[0]
    after = compile([{"type": "ui.patch", "payload": payload}], app=_app(), state=before)
    assert after.state.surfaces["main"].data["committed"] == {"kept": "yes"}


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    ["type", "payload", "ops", "path", "value", "form_id", "userAction"]
                )
                | st.text(max_size=5),
                inner,
                max_size=4,
            )
        ),
        max_leaves=12,
    )
)
@settings(max_examples=300)
def test_whatever_is_refused_changes_nothing(value: Any) -> None:
    before = _committed()
    text = before.to_json()
    result = compile([value], app=_app(), state=before)
    if not result.ok:
        assert result.state is before
        assert result.jsonl() == b""
    step = dispatch(value, state=before, app=_app())  # type: ignore[arg-type]  # anything at all
    if not step.ok:
        assert step.state is before
    assert before.to_json() == text


def _app() -> UIApp:
    return UIApp.standard()


def _committed() -> UIState:
    form = {"title": "T", "fields": [{"id": "name", "label": "Name"}]}
    state = compile([{"type": "ui.show_form", "payload": form}]).state
    surface = state.surfaces["main"]
    document = {**surface.data, "committed": {"kept": "yes"}}
    return UIState.from_json(
        {
            **state.to_dict(),
            "surfaces": [{**surface.to_dict(), "data": document}],
        }
    )


# --- no lost keystroke ----------------------------------------------------------------------------


@st.composite
def scripts(draw: st.DrawFn) -> list[tuple[str, Any]]:
    """Forms with shared field ids, and edits, patches, submits between them."""
    shared = draw(forms())
    steps: list[tuple[str, Any]] = [("show", (shared, "auto"))]
    for _ in range(draw(st.integers(1, 8))):
        kind = draw(st.sampled_from(["type", "type", "patch", "again", "toast", "other", "submit"]))
        update = draw(st.sampled_from(UPDATES))
        item = draw(st.sampled_from(shared["fields"]))
        if kind == "type":
            steps.append(("type", (item, draw(typed_values(item)))))
        elif kind == "patch":
            steps.append(("patch", (item, draw(server_values(item)), update)))
        elif kind == "again":
            kept = {**shared, "title": draw(st.sampled_from(TRICKY[:6])), "values": []}
            steps.append(("show", (kept, update)))
        elif kind == "other":
            fewer = {**shared, "fields": shared["fields"][:1], "values": []}
            steps.extend([("show", (fewer, update)), ("show", ({**shared, "values": []}, update))])
        else:
            steps.append((kind, None))
    return steps


def run_script(script: list[tuple[str, Any]]) -> None:
    """Run a script; after every step each field shows what was typed last, or was named since."""
    story = Story()
    expected: dict[str, Any] = {}
    for kind, what in script:
        named: set[str] = set()
        if kind == "type":
            item, value = what
            if item["id"] in story.shown:
                story.type_in(item["id"], value)
                named = {item["id"]}
        elif kind == "show":
            form, update = what
            paths_named = {entry["path"] for entry in form["values"]}
            fresh = {f["id"] for f in form["fields"]} - set(expected)
            story.show(form, update)
            named = fresh | {f["id"] for f in form["fields"] if draft_path(f["id"]) in paths_named}
        elif kind == "patch":
            item, value, update = what
            op = {"op": "set", "path": draft_path(item["id"]), "value": value}
            directive = {"type": "ui.patch", "payload": {"ops": [op]}}
            assert story.turn([directive], update).ok
            named = {item["id"]}
        elif kind == "toast":
            story.turn([{"type": "ui.toast", "payload": {"text": "Hi"}}])
        else:
            story.submit()
        for field_id in list(expected):
            if field_id not in named:
                assert story.on_client(field_id) == expected[field_id], (kind, field_id)
        expected.update({field_id: story.on_client(field_id) for field_id in named})


@pytest.mark.fuzz
@given(scripts())
@budget(120)
def test_no_lost_keystroke(script: list[tuple[str, Any]]) -> None:
    run_script(script)


def test_no_lost_keystroke_fails_when_parents_are_written(monkeypatch: pytest.MonkeyPatch) -> None:
    """The mutation: write `/draft` as a whole instead of one box, and the property breaks."""
    form = {
        "title": "T",
        "fields": [{"id": "name", "label": "Name"}, {"id": "email", "label": "E-mail"}],
        "values": [],
    }
    name, email = form["fields"]
    script = [
        ("show", (form, "auto")),
        ("type", ({**email, "kind": "short_text"}, "ada@example.org")),
        ("patch", ({**name, "kind": "short_text"}, "Ada", "auto")),
    ]
    _defaults(form)
    run_script(script)

    def parent_write(surface_id: str, drafts: Any, *_rest: Any) -> list[Any]:
        entries = [
            {"key": boxes.escape_key(d.id), "valueMap": [values.draft_entry(d)]} for d in drafts
        ]
        contents = {"surfaceId": surface_id, "path": "/draft", "contents": entries}
        return [{"dataModelUpdate": contents}]

    monkeypatch.setattr(boxes, "later_data", parent_write)
    with pytest.raises(AssertionError):
        run_script(script)


def _defaults(form: dict[str, Any]) -> None:
    for item in form["fields"]:
        item.setdefault("kind", "short_text")


@given(forms(), st.data())
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
def test_full_and_diff_and_auto_end_in_one_client_state(
    form: dict[str, Any], data: st.DataObject
) -> None:
    other = {**data.draw(forms()), "values": []}
    item = data.draw(st.sampled_from(form["fields"]))
    value = data.draw(typed_values(item))
    hashes = set()
    for update in UPDATES:
        story = Story()
        story.show(form)
        story.type_in(item["id"], value)
        story.show(other, update)
        story.show({**form, "values": []}, update)
        hashes.add(story.sim.hash("main"))
    assert len(hashes) == 1


@given(forms())
@settings(max_examples=40)
def test_a_snapshot_shows_what_a_client_saw_live(form: dict[str, Any]) -> None:
    story = Story()
    story.show(form)
    story.turn([{"type": "ui.toast", "payload": {"text": "x"}}])
    fresh = Story()
    fresh.take(snapshot(story.state))
    assert fresh.sim.hash("main") == story.sim.hash("main")
