"""`compile`: exit statuses, options, files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from uicompiler import TurnContext, UIApp, UIState, compile

INLINE = {
    "type": "ui.show_form",
    "payload": {"title": "You", "fields": [{"id": "name", "label": "Name"}]},
}


def envelope(*directives: object) -> bytes:
    return json.dumps({"assistant_text": "Hi.", "directives": directives}).encode()


FIELD = {"node": "field", "id": "a", "label": "A"}


def surface(**changes: object) -> bytes:
    """A stored state with one surface that never showed anything, with changes."""
    parts = {"draft": {}, "committed": {}, "ui_state": {}}
    empty = {
        "name": "main",
        "epoch": 1,
        "rev": 0,
        "status": "failed",
        "nonce_key_id": None,
        "catalog_id": "",
        "view": None,
        "data": parts,
        "past_keys": {},
        "boxes": {},
        "offered": {},
        "error_resets": 0,
        "named": {},
    }
    state = {"ir_version": 1, "conversation_id": "", "surfaces": [{**empty, **changes}]}
    return json.dumps(state).encode()


def test_a_whole_state_is_taken(run, tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    path.write_bytes(surface())
    assert run("compile", "--state", path, stdin=envelope(INLINE)).status == 0


def test_output_is_exactly_the_jsonl(run, crm: Path, first_turn: Path) -> None:
    done = run("compile", first_turn)
    assert done.status == 0
    assert done.out == compile(first_turn.read_bytes(), app=UIApp.load(crm)).jsonl()
    assert done.err == ""


def test_the_app_of_a_file_is_found(run, first_turn: Path) -> None:
    assert b"Full name" in run("compile", first_turn).out


def test_standard_input_gets_the_standard_app(run) -> None:
    done = run("compile", stdin=envelope(INLINE))
    assert done.status == 0
    assert b"Name" in done.out


def test_no_app_is_taken_from_a_shared_folder(run, tmp_path: Path, first_turn: Path) -> None:
    tmp_path.chmod(0o1777)
    (tmp_path / "app.yaml").write_text("id: planted\n")
    (tmp_path / "turn.json").write_bytes(envelope(INLINE))
    assert run("compile", tmp_path / "turn.json").status == 0  # the planted app has no forms


def test_a_repair_is_a_warning(run) -> None:
    done = run("compile", stdin=envelope({**INLINE, "type": "show_form"}))
    assert done.status == 0
    assert "warning: DIRECTIVE_REPAIRED" in done.err


def test_strict_refuses_a_repair_and_prints_nothing(run, tmp_path: Path) -> None:
    out = tmp_path / "state.json"
    stdin = envelope({**INLINE, "type": "show_form"})
    done = run("compile", "--strict", "--state-out", out, stdin=stdin)
    assert (done.status, done.out) == (1, b"")
    assert "error: DIRECTIVE_REPAIRED" in done.err
    assert not out.exists()


@pytest.mark.parametrize(
    "stdin", [b"", b"hello", envelope({"type": "ui.fly", "payload": {}}), b'{"assistant_text": 1}']
)
def test_refused_input_prints_and_writes_nothing(run, tmp_path: Path, stdin: bytes) -> None:
    out = tmp_path / "result.json"
    done = run("compile", "--result", out, stdin=stdin)
    assert (done.status, done.out) == (1, b"")
    assert "error: DIRECTIVE_" in done.err
    assert not out.exists()


def test_a_surface_that_fell_back_is_status_3(run) -> None:
    long = {"type": "ui.show_form", "payload": {**INLINE["payload"], "title": "x" * 70_000}}
    other = {"type": "ui.show_form", "payload": {**INLINE["payload"], "surface": "other"}}
    done = run("compile", stdin=envelope(long, other))
    assert done.status == 3
    assert b'"other"' in done.out
    assert b'"main"' not in done.out
    assert "fallback: " in done.err


def test_no_directives_is_fine_and_empty(run) -> None:
    done = run("compile", stdin=envelope())
    assert (done.status, done.out) == (0, b"")
    assert run("compile", "--format", "json", stdin=envelope()).json() == []


def test_format_json_is_one_array_of_the_same_messages(run, first_turn: Path) -> None:
    lines = run("compile", first_turn).lines()
    assert run("compile", first_turn, "--format", "json").json() == lines


def test_state_goes_from_turn_to_turn(run, crm: Path, tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    turns = sorted((crm / "turns").glob("*.json"))[:2]
    assert run("compile", turns[0], "--state-out", state, "--conversation", "c1").status == 0
    done = run("compile", turns[1], "--state", state, "--state-out", state)
    assert done.status == 0
    app = UIApp.load(crm)
    first = compile(turns[0].read_bytes(), app=app, turn=TurnContext(conversation_id="c1"))
    second = compile(turns[1].read_bytes(), app=app, state=first.state)
    assert done.out == second.jsonl()
    assert state.read_text() == second.state.to_json()
    assert UIState.from_json(state.read_bytes()).conversation_id == "c1"


def test_a_forgotten_app_is_named_when_its_view_is_not_known(
    run, tmp_path: Path, first_turn: Path
) -> None:
    state = tmp_path / "state.json"
    known = run("compile", first_turn, "--state-out", state)
    assert "--app P" not in known.err
    toast = {"type": "ui.toast", "payload": {"text": "Saved."}}
    done = run("compile", "--state", state, stdin=envelope(toast))
    assert "A2UI_S2C_VIEW_EXPIRED" in done.err
    assert done.err.splitlines()[-1] == (
        "note: standard input is of no app, so the standard app was used; name another with --app P"
    )


def test_the_app_that_was_found_is_named_when_it_may_be_the_wrong_one(
    run, tmp_path: Path, crm: Path
) -> None:
    turn = tmp_path / "turn.json"
    unknown = envelope({"type": "ui.show_form", "payload": {"template": "none.such"}})
    turn.write_bytes(unknown)
    assert "the file lies in no app's folder" in run("compile", turn).err
    folder = tmp_path / "app"
    folder.mkdir()
    for name in ("app.yaml", "crm.py"):
        (folder / name).write_bytes((crm / name).read_bytes())
    (folder / "turn.json").write_bytes(unknown)
    assert f"the file lies in, {folder};" in run("compile", folder / "turn.json").err
    assert "note: " not in run("compile", folder / "turn.json", "--app", folder).err


def test_a_state_of_another_conversation_is_wrong_usage(
    run, tmp_path: Path, first_turn: Path
) -> None:
    state = tmp_path / "state.json"
    run("compile", first_turn, "--state-out", state, "--conversation", "c1")
    done = run("compile", first_turn, "--state", state, "--conversation", "c2")
    assert done.status == 2
    assert "'c1'" in done.err


def test_result_and_trace_are_whole_json_files(run, tmp_path: Path, first_turn: Path) -> None:
    result, trace = tmp_path / "result.json", tmp_path / "trace.json"
    done = run("compile", first_turn, "--result", result, "--trace", trace)
    assert done.status == 0
    whole = json.loads(result.read_bytes())
    assert whole["ok"] is True
    assert whole["batches"][0]["messages"] == done.lines()
    traced = json.loads(trace.read_bytes())
    assert traced["trace_version"] == 1
    assert traced["timings"]["compile_ms"] > 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["result.json", "trace.json"]


def test_the_result_file_is_repeatable(run, tmp_path: Path, first_turn: Path) -> None:
    files = [tmp_path / "a", tmp_path / "b"]
    for file in files:
        run("compile", first_turn, "--result", file)
    assert files[0].read_bytes() == files[1].read_bytes()


def test_a_special_file_is_written_to_not_replaced(run, tmp_path: Path, first_turn: Path) -> None:
    assert run("compile", first_turn, "--state-out", "/dev/null").status == 0
    assert Path("/dev/null").is_char_device()


def test_a_link_stays_a_link(run, tmp_path: Path, first_turn: Path) -> None:
    real, link = tmp_path / "real.json", tmp_path / "link.json"
    real.write_text("old")
    real.chmod(0o640)
    link.symlink_to(real)
    assert run("compile", first_turn, "--state-out", link).status == 0
    assert link.is_symlink()
    assert real.read_bytes().startswith(b"{")
    assert real.stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize(
    "options",
    [
        ("--app", "no/such/app"),
        ("--app", "no_such_module:app"),
        ("--backend", "pdf"),
        ("--client", "netscape"),
        ("--update", "sometimes"),
        ("--format", "xml"),
        ("--state", "no/such/file"),
        ("--state-out", "no/such/folder/file"),
        ("--result", "."),
        ("--result", "same", "--trace", "same"),
        ("--result", "same", "--trace", "./same"),
        ("--state-out", "-"),
        ("--result", "-"),
        ("--trace", "-"),
        ("--result", "./-", "--trace", "-"),
    ],
)
def test_wrong_options_are_status_2_with_a_message(
    run, tmp_path: Path, monkeypatch, options: tuple[str, ...]
) -> None:
    monkeypatch.chdir(tmp_path)
    done = run("compile", *options, stdin=envelope(INLINE))
    assert (done.status, done.out) == (2, b"")
    assert done.err
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("place", ["no/such/file", ".", "/proc/self/mem"])
def test_an_unreadable_file_is_status_2(run, place: str) -> None:
    done = run("compile", place)
    assert done.status == 2
    assert f"cannot read {place}" in done.err


@pytest.mark.parametrize(
    "state",
    [
        b"",
        b"[]",
        b"{}",
        b"\xff",
        b'{"ir_version":2,"conversation_id":"","surfaces":[]}',
        b'{"ir_version":1,"conversation_id":"","surfaces":[null]}',
        b'{"ir_version":1,"conversation_id":"","surfaces":{"a":1}}',
        b"[" * 10_000,
        surface(boxes=None),
        surface(boxes={"a": "short_text"}),
        surface(boxes={"a": 1}),
        surface(named={"a": "1"}),
        surface(named=[1]),
        surface(data={"draft": [], "committed": {}, "ui_state": {}}),
        surface(data={"draft": {}, "committed": {}, "ui_state": {"_errors": []}}),
        surface(nonce_key_id=1),
        surface(name="\ud800"),
        surface(status="live"),
        surface(
            view={
                "root": {"node": "stack"},
                "template_id": 1,
                "template_version": None,
                "step": None,
            }
        ),
        surface(view={"root": FIELD, "template_id": None, "template_version": None, "step": None}),
    ],
)
def test_a_broken_state_is_status_2(run, tmp_path: Path, state: bytes) -> None:
    path = tmp_path / "state.json"
    path.write_bytes(state)
    done = run("compile", "--state", path, stdin=envelope(INLINE))
    assert (done.status, done.out) == (2, b"")
    assert "--state" in done.err


def test_an_app_with_broken_code_is_status_2(run, tmp_path: Path) -> None:
    (tmp_path / "app.yaml").write_text("id: broken\ncode: code.py\n")
    (tmp_path / "code.py").write_text("def register(app: None) -> None:\n    1 / 0\n")
    done = run("compile", "--app", tmp_path, stdin=envelope(INLINE))
    assert done.status == 2
    assert "ZeroDivisionError" in done.err
