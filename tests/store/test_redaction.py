"""Values of tagged fields are gone for good, and what is left is a log like any other."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.host.playing import Site, Visit, said
from tests.store.commits import META, batch, commit, filled
from uicompiler import Action, Outcome, PatchOp, StateView, ToolCall, UIApp, replay
from uicompiler.errors import StoreError
from uicompiler.host.conversations.kept import from_kept
from uicompiler.store.entry import open_kept
from uicompiler.store.log import EventLog
from uicompiler.store.open import open_log
from uicompiler.store.redaction import Redaction, redact
from uicompiler.store.sql import SqlLog
from uicompiler.store.sqlite import SqliteDatabase
from uicompiler.store.verification import verify, verify_database
from uicompiler.templates.form import FormTemplate

NOW = "2026-02-03T04:05:06Z"
EMAIL = "Zoë.<b>_Quux*@example.org"
NOTE = "Call me\nat 5551234567 & not later"
CARD = 4242424242
FORM: Mapping[str, Any] = {
    "title": "Contact",
    "fields": [
        {"id": "email", "label": "E-mail", "tags": ["pii", "contact"]},
        {"id": "note", "kind": "long_text", "label": "Note", "tags": ["pii"]},
        {"id": "card", "kind": "number", "label": "Card", "tags": ["money"]},
        {"id": "adult", "kind": "boolean", "label": "Adult", "tags": ["pii"]},
        {"id": "city", "label": "City"},
        {
            "id": "guests",
            "label": "Guests",
            "min_rows": 1,
            "columns": [{"id": "name", "label": "Name", "tags": ["pii"]}],
        },
    ],
    "buttons": [{"key": "save", "label": "Save", "action": "save", "submit": True}],
}
VIEW = {"surface": "side", "root": {"node": "text", "text": "Hello."}}
SHOW = {"type": "ui.show_form", "payload": {"form_id": "contact"}}


def contacts() -> UIApp:
    app = UIApp("contacts")
    app.add_form("contact", FormTemplate.model_validate(FORM))

    @app.action("save")
    def save(action: Action, view: StateView) -> Outcome:
        if action.tool_results is None:
            given = {"to": action.context["email"], "text": action.context["note"]}
            return Outcome(tool_calls=[ToolCall("t", "mail", given)])
        email, guests = action.context["email"], action.context["guests"]
        rows = [{"label": "Sent to", "value": email}, {"label": "City", "value": "Ulm"}]
        ops = [
            PatchOp("set", f"/committed/{name}", action.context[name])
            for name in ("email", "note", "card", "adult", "city")
        ]
        told = {"type": "ui.toast", "payload": {"text": f"Mail to {email}, {guests[0]['name']}"}}
        shown = {
            "type": "ui.show_result",
            "payload": {"surface": "done", "title": f"{email} is saved", "items": rows},
        }
        return Outcome(commit=ops, directives=[told, shown])

    return app


def mail(arguments: Mapping[str, Any], _context: Any) -> Any:
    return {"sent": f"<{arguments['to']}>"}


SECRETS = (EMAIL, "Zoë", "Quux", "5551234567", "Call me", str(CARD), "Ottokar")


def played(folder: Path, log: EventLog, protocol: str = "a2ui-v0.8") -> Visit:
    """A conversation in which someone says who she is, and someone else is known before."""
    visit = Visit(Site(contacts(), folder, log, tools={"mail": mail}), protocol=protocol)
    values = {"email": "ottokar@example.org", "city": "Ulm"}
    visit.model(said({**SHOW, "payload": {"form_id": "contact", "values": values}}))
    if protocol == "html":
        return visit
    typed = {"email": EMAIL, "note": NOTE, "card": str(CARD), "adult": True}
    visit.press("save", key="k1", **typed, **{"guests/r1/name": "Ottokar"})
    visit.model(said(text=f"I wrote to {EMAIL}."))
    return visit


def everything(log: SqlLog) -> str:
    """All that the tables hold, decoded as far as it can be."""
    tables = ("uicompiler_heads", "uicompiler_entries", "uicompiler_snapshots")
    cells = [
        cell if isinstance(cell, (str, int)) else bytes(cell).decode()
        for table in tables
        for row in log.database.rows(f"SELECT * FROM {table}")
        for cell in row
    ]
    return json.dumps(cells, ensure_ascii=False).casefold()


@pytest.fixture
def visit(tmp_path: Path, log: SqlLog) -> Iterator[Visit]:
    yield played(tmp_path / "host", log)


def taken_out(visit: Visit, log: SqlLog, *tags: str) -> Redaction:
    return redact(log, visit.id, visit.site.app, tags or ("pii", "money"), now=NOW)


def test_nothing_of_the_values_is_left_in_the_tables(visit: Visit, log: SqlLog) -> None:
    before = everything(log)
    assert all(secret.casefold() in before for secret in ("quux", str(CARD), "ottokar"))

    done = taken_out(visit, log)

    assert (done.diagnostics, done.entries > 2, done.values > 10) == ((), True, True)
    left = everything(log)
    for secret in SECRETS:
        assert secret.casefold() not in left, secret
    assert "ottokar" not in left  # whom the model had filled in


def test_the_log_verifies_and_what_is_not_tagged_is_there(visit: Visit, log: SqlLog) -> None:
    taken_out(visit, log)

    assert verify(log, visit.id).diagnostics == ()
    assert verify_database(log) == []
    left = everything(log)
    assert "ulm" in left
    entries = list(log.entries(visit.id))
    pressed = next(e for e in entries for r in e.records if r["kind"] == "action")
    action = next(r for r in pressed.records if r["kind"] == "action")
    context = action["event"]["userAction"]["context"]
    assert context["city"] == "Ulm"
    for name in ("email", "note", "card", "adult", "guests/r1/name"):
        assert set(context[name]) == {"redacted"}
    assert any(pointer.endswith("/context/email") for pointer in pressed.redacted)


def test_replay_goes_on_from_the_state_that_was_written(visit: Visit, log: SqlLog) -> None:
    taken_out(visit, log)
    again = Visit(visit.site, visit.id)
    again.model(said({"type": "ui.toast", "payload": {"text": "on we go"}}))
    again.press("save", **{"email": "new@example.org", "guests/r1/name": "Neu"})

    head = log.head(visit.id)
    assert head is not None
    records = [record for entry in log.entries(visit.id) for record in entry.records]
    result = replay.run(records, visit.site.app)

    codes = {item.code for item in result.diagnostics}
    assert codes == {"REPLAY_REDACTED"}
    kept = from_kept(head.kept, visit.site.app.nodes, head.seq)
    assert result.state.hash == kept.state.hash == list(log.entries(visit.id))[-1].state
    assert verify(log, visit.id).diagnostics == ()


def test_undo_leads_back_to_what_was_after_the_redaction_and_not_before(
    visit: Visit, log: SqlLog
) -> None:
    taken_out(visit, log)
    again = Visit(visit.site, visit.id)
    again.model(said({"type": "ui.show_view", "payload": VIEW}))
    again.model(said({"type": "ui.close", "payload": {"surface": "side"}}))

    assert again.back("undo").status == 200
    with pytest.raises(StoreError) as caught:
        for _ in range(3):  # the press itself may be passed over, where nobody sees a difference
            again.back("undo")
    assert caught.value.code == "STORE_TURN_LOST"
    assert "quux" not in everything(log)


def test_the_same_event_again_is_not_run_again(visit: Visit, log: SqlLog) -> None:
    taken_out(visit, log)
    again = Visit(visit.site, visit.id)
    seq = again.kept.seq

    answer = again.press("save", key="k1", email=EMAIL)

    assert answer.status in (200, 409)
    assert again.kept.seq == seq
    assert EMAIL.casefold() not in everything(log)


def test_only_the_fields_with_the_tags_are_taken(visit: Visit, log: SqlLog) -> None:
    taken_out(visit, log, "money")

    left = everything(log)
    assert str(CARD) not in left
    assert "quux" in left
    assert verify(log, visit.id).diagnostics == ()


@pytest.mark.parametrize("tags", [("nobody-has-this",), ()])
def test_without_such_fields_nothing_is_written(
    visit: Visit, log: SqlLog, tags: tuple[str, ...]
) -> None:
    before = log.head(visit.id)

    done = redact(log, visit.id, visit.site.app, tags, now=NOW)

    assert done == Redaction()
    assert log.head(visit.id) == before


def test_a_second_time_nothing_is_left_to_take(visit: Visit, log: SqlLog) -> None:
    taken_out(visit, log)
    head = log.head(visit.id)

    assert taken_out(visit, log) == Redaction()
    assert log.head(visit.id) == head


def test_snapshots_that_have_a_value_in_them_go(
    tmp_path: Path, log: SqlLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("uicompiler.store.sql.SNAPSHOT_EVERY", 1)
    visit = played(tmp_path / "host", log)
    before = [item.seq for item in log.snapshots(visit.id)]

    taken_out(visit, log)

    after = {item.seq: open_kept(item.kept).decode() for item in log.snapshots(visit.id)}
    assert len(before) > 3
    assert after
    assert not any("quux" in kept.casefold() for kept in after.values())
    assert verify(log, visit.id).diagnostics == ()


def test_a_value_shown_by_the_html_backend_is_gone_too(tmp_path: Path, log: SqlLog) -> None:
    visit = played(tmp_path / "host", log, "html")
    assert "ottokar" in everything(log)

    taken_out(visit, log)

    assert "ottokar" not in everything(log)
    assert verify(log, visit.id).diagnostics == ()


def test_whoever_went_on_meanwhile_wins(
    visit: Visit, log: SqlLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = SqlLog.rows

    def meanwhile(self: SqlLog, *args: Any, **kwargs: Any) -> Any:
        monkeypatch.setattr(SqlLog, "rows", real)
        visit.site.turns.model(visit.id, said(text="hello"), key=None)
        return real(self, *args, **kwargs)

    monkeypatch.setattr(SqlLog, "rows", meanwhile)

    with pytest.raises(StoreError) as caught:
        taken_out(visit, log)

    assert caught.value.code == "STORE_CONFLICT"
    assert "quux" in everything(log)
    assert taken_out(visit, log).entries
    assert "quux" not in everything(log)


def test_a_damaged_entry_is_left_to_be_looked_at(visit: Visit, log: SqlLog) -> None:
    with log.database.transaction() as run:
        run("UPDATE uicompiler_entries SET sealed = ? WHERE seq = 3", (b"-",))

    with pytest.raises(StoreError) as caught:
        taken_out(visit, log)
    assert caught.value.code == "STORE_CHAIN_BROKEN"


def test_a_value_in_a_name_is_told_of(log: SqlLog) -> None:
    event = {
        "userAction": {
            "name": "save",
            "surfaceId": "main",
            "sourceComponentId": "quux@example.org",
            "timestamp": "",
            "context": {"email": "quux@example.org"},
        }
    }
    head = {"turn_index": 1, "request_id": "r", "now": NOW}
    log.append(
        "c1",
        commit(1, [{"v": 1, "kind": "action", **head, "event": event}, batch({"a": "b"})]),
        expected=log.begin("c1", commit(0, [META])),
    )

    done = redact(log, "c1", contacts(), ["pii"], now=NOW)

    assert [item.code for item in done.diagnostics] == ["STORE_REDACTED_IN_PART"]
    assert done.diagnostics[0].pointer == "/records/0/event/userAction/sourceComponentId"
    assert "'sourceComponentId'" in done.diagnostics[0].message
    assert "quux" not in str(done.diagnostics[0])
    assert done.values == 1


def test_a_value_in_the_name_of_a_member_is_told_of_without_it(log: SqlLog) -> None:
    action = {"name": "save", "surfaceId": "main", "sourceComponentId": "x", "timestamp": ""}
    event = {"userAction": {**action, "context": {"email": EMAIL, EMAIL: ""}}}
    head = {"turn_index": 1, "request_id": EMAIL, "now": NOW}
    log.append(
        "c1",
        commit(1, [{"v": 1, "kind": "action", **head, "event": event}]),
        expected=log.begin("c1", commit(0, [META])),
    )

    (told,) = redact(log, "c1", contacts(), ["pii"], now=NOW).diagnostics

    assert told.pointer == "/records/0/event/userAction/context"
    assert "a member of 'context'" in told.message


ESCAPED = (
    r'{"assistant_text": "I wrote to Zo\u00eb Quux.", "directives": []}',
    r'Sure: {"assistant_text": "", "directives": [{"type": "ui.toast", "payload": '
    r'{"text": "See mailto:x?q=Zo%C3%AB%20Quux"}}]}',
    r"```json" "\n" r'{"assistant_text": "x", "directives": [], "note": "\"Zo\u00eb\nQuux\""}',
)


@pytest.mark.parametrize("text", ESCAPED)
def test_what_a_model_wrote_with_escapes_is_found(tmp_path: Path, log: SqlLog, text: str) -> None:
    visit = Visit(Site(contacts(), tmp_path / "host", log, tools={"mail": mail}))
    visit.model(said(SHOW))
    visit.press("save", email="Zo\u00eb Quux", **GUEST)
    visit.model(text)
    assert "quux" in everything(log)

    taken_out(visit, log)

    assert "quux" not in everything(log)


def test_what_a_tool_gave_as_the_text_of_json_is_found(tmp_path: Path, log: SqlLog) -> None:
    def answers(arguments: Mapping[str, Any], _context: Any) -> Any:
        return json.dumps({"sent": [arguments["to"]], "id": "Quuxly"})

    visit = Visit(Site(contacts(), tmp_path / "host", log, tools={"mail": answers}))
    visit.model(said(SHOW))
    visit.press("save", email="Zo\u00eb", **GUEST)

    taken_out(visit, log)

    assert "quuxly" not in everything(log)


def test_words_of_the_app_and_ids_of_the_library_stay(tmp_path: Path, log: SqlLog) -> None:
    app = contacts()
    form = {**FORM, "title": "Guest book", "intro": "Canada only"}
    app.add_form("guests", FormTemplate.model_validate(form))
    visit = Visit(Site(app, tmp_path / "host", log, tools={"mail": mail}))
    shown = {"type": "ui.show_form", "payload": {"form_id": "guests", "surface": "book"}}
    visit.model(said(shown, SHOW))
    visit.press("save", key="ada0" * 16, email="Guest", note="Ada", **GUEST)

    done = taken_out(visit, log)

    assert done.diagnostics == ()
    head = log.head(visit.id)
    assert head is not None
    kept = head.kept.decode()
    assert "Guest book" in kept
    assert "Canada only" in kept
    assert "\u2026" not in json.dumps(json.loads(kept)["state"]["surfaces"][0]["view"]["root"])
    first = next(iter(log.entries(visit.id, after=1)))
    assert "Guest book" in str(first.records)


def test_a_conversation_that_is_not_there(log: SqlLog) -> None:
    with pytest.raises(StoreError) as caught:
        redact(log, "nobody", contacts(), ["pii"], now=NOW)
    assert caught.value.code == "STORE_CONVERSATION_UNKNOWN"


def test_what_a_host_of_ones_own_keeps_has_to_have_a_state(log: SqlLog) -> None:
    filled(log, 1)
    head = log.head("c1")
    assert head is not None
    log.append("c1", commit(1, kept=b"my own"), expected=head)

    with pytest.raises(StoreError) as caught:
        redact(log, "c1", contacts(), ["pii"], now=NOW)
    assert caught.value.code == "STORE_CORRUPT"


MARK = "Quux"
"""So rare that nothing else has it in it."""


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    email=st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=20),
    note=st.text(max_size=40),
)
def test_whatever_was_typed_is_gone(
    email: str, note: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    log = open_log("memory:")
    visit = Visit(Site(contacts(), tmp_path_factory.mktemp("host"), log, tools={"mail": mail}))
    shown = {"form_id": "contact", "values": {"email": f"{MARK}{email}", "note": f"{note}{MARK}"}}
    visit.model(said({**SHOW, "payload": shown}, text=f"Is {MARK}{email} right?"))
    visit.press("save", email=f"{MARK}{email}{MARK}", note=f"{MARK}{note}", **GUEST)
    assert MARK.casefold() in everything(log)

    taken_out(visit, log)

    assert MARK.casefold() not in everything(log)
    assert verify(log, visit.id).diagnostics == ()
    head = log.head(visit.id)
    assert head is not None
    from_kept(head.kept, visit.site.app.nodes, head.seq)


GUEST = {"guests/r1/name": "Ottokar"}


# --- the database's files -------------------------------------------------------------------------


def files(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


RAW = [secret.encode() for secret in ("Quux", "5551234567", str(CARD), "ttokar")]


def test_the_file_of_sqlite_has_no_trace_after_scrubbing(tmp_path: Path) -> None:
    (tmp_path / "db").mkdir()
    log = open_log(f"sqlite:///{tmp_path / 'db' / 'log.db'}")
    visit = played(tmp_path / "host", log)
    assert isinstance(log.database, SqliteDatabase)
    assert all(secret in files(tmp_path / "db") for secret in RAW)

    taken_out(visit, log)
    log.database.scrub()

    assert not [secret for secret in RAW if secret in files(tmp_path / "db")]
    log.close()
    assert not [secret for secret in RAW if secret in files(tmp_path / "db")]


def test_scrubbing_says_when_a_reader_keeps_the_old_pages(tmp_path: Path) -> None:
    log = open_log(f"sqlite:///{tmp_path / 'log.db'}")
    filled(log, 3)
    import sqlite3

    reader = sqlite3.connect(tmp_path / "log.db", isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT * FROM uicompiler_heads").fetchall()
    log.database._timeout_s = 0.1  # type: ignore[attr-defined]

    with pytest.raises(StoreError) as caught:
        log.database.scrub()

    assert caught.value.code == "STORE_UNAVAILABLE"
    reader.execute("COMMIT")
    reader.close()
    log.database.scrub()
    log.close()


def test_the_tables_files_of_postgres_have_no_trace_after_scrubbing(
    tmp_path: Path, postgres_server: Any
) -> None:
    url = postgres_server.database()
    log = open_log(url)
    visit = played(tmp_path / "host", log)

    taken_out(visit, log)
    log.database.scrub()

    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CHECKPOINT")
        paths = connection.execute(
            "SELECT pg_relation_filepath(oid) FROM pg_class WHERE relname LIKE '%uicompiler%' "
            "OR oid IN (SELECT reltoastrelid FROM pg_class WHERE relname LIKE 'uicompiler%')"
        ).fetchall()
    raw = b"".join((postgres_server.folder / path).read_bytes() for (path,) in paths if path)
    assert b"uicompiler" not in raw
    assert raw
    assert not [secret for secret in RAW if secret in raw]
    log.close()
