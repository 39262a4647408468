"""`log`: what it says of an event log, what it does to it, and how it ends."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Done, Run
from tests.examples import app_of
from tests.host.playing import Site, Visit, play, site_of
from tests.store.commits import commit, day, filled
from uicompiler import replay
from uicompiler.cli.log_common import ENVIRONMENT
from uicompiler.host.guard.csrf import token_hash
from uicompiler.resources import data_path
from uicompiler.store.open import open_log
from uicompiler.store.sql import SqlLog
from uicompiler.store.verification import verify

CONTACT = data_path("examples/crm/conversations/contact.jsonl")
Log = Callable[..., Done]


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'log.db'}"


@pytest.fixture
def log(run: Run, url: str) -> Log:
    """Runs a command of `log` on a database."""

    def call(name: str, *argv: str | Path, **more: Any) -> Done:
        return run("log", name, "--db", url, *argv, **more)

    return call


def opened(url: str, do: Callable[[SqlLog], Any]) -> Any:
    found = open_log(url)
    try:
        return do(found)
    finally:
        found.close()


@pytest.fixture
def small(url: str) -> str:
    """Two conversations without a host."""

    def fill(found: SqlLog) -> None:
        filled(found, 40)
        filled(found, 2, "c2")

    opened(url, fill)
    return url


@pytest.fixture
def talk(url: str, tmp_path: Path) -> Visit:
    """An example conversation, as a host keeps it."""
    return play(CONTACT, site_of(CONTACT, tmp_path / "host", open_log(url)))


# --- help and usage -------------------------------------------------------------------------------

COMMANDS = ("list", "show", "verify", "export", "import", "redact", "retain")


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_with_examples(run: Run, name: str) -> None:
    done = run("log", name, "--help")
    assert done.status == 0
    text = done.out.decode()
    assert "examples:" in text
    assert f"uicompiler log {name}" in text.partition("examples:")[2]


def test_the_help_names_the_commands(run: Run) -> None:
    text = run("log", "--help").out.decode()
    assert all(name in text for name in COMMANDS)
    assert "exit status" in text


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["verify"], "--db"),
        (["verify", "--db", "missing.db"], "no log missing.db"),
        (["list", "--db", "mysql://x/y"], "STORE_URL_INVALID"),
        (["nonsense"], "invalid choice"),
        ([], "COMMAND"),
        (["retain", "--db", "x.db", "--all"], "--before"),
        (["retain", "--db", "x.db", "--all", "--before", "soon"], "90d"),
        (["retain", "--db", "x.db", "--all", "--newest", "0"], "from 1"),
        (["verify", "--export", "no.jsonl", "--db", "x"], "leave the log"),
        (["verify", "--export", "no.jsonl"], "cannot read"),
        (["redact", "--db", "x.db", "--all"], "--app"),
    ],
)
def test_wrong_usage_is_told(
    run: Run, argv: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv(ENVIRONMENT, raising=False)
    done = run("log", *argv)
    assert done.status == 2
    assert said in done.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://me:hun@ter2@127.0.0.1:1/chat",
        "postgresql:me:hunter2@127.0.0.1/chat",
        "postgres//me:hunter2@127.0.0.1/chat",
        "mysql://me:hunter2@127.0.0.1/chat",
    ],
)
def test_no_part_of_a_url_that_cannot_be_read_is_shown(run: Run, url: str) -> None:
    for argv in (["verify", url], ["list", "--db", url], ["export", url, "c1"], ["list", url]):
        done = run("log", *argv)
        assert done.status == 2
        assert "STORE_URL_INVALID" in done.err
        assert not any(part in done.err for part in ("hun", "ter2", "127.0.0.1"))


def test_conversations_have_to_be_named_or_all(log: Log, small: str) -> None:
    for name in ("export", "retain"):
        more = ["--newest", "3"] if name == "retain" else []
        assert log(name, *more).status == 2
        assert log(name, "--all", "c1", *more).status == 2


def test_the_log_may_be_named_in_the_environment(
    run: Run, small: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(ENVIRONMENT, small)
    assert run("log", "list").out.decode().count("\n") == 2


# --- list and show --------------------------------------------------------------------------------


def test_list_names_conversations_with_their_heads(log: Log, small: str) -> None:
    lines = log("list").out.decode().splitlines()
    assert re.fullmatch(rf"c1  40  {day(40)}  [0-9a-f]{{64}}", lines[0])
    assert [line.split()[0] for line in lines] == ["c1", "c2"]
    assert [item["id"] for item in log("list", "--json").lines()] == ["c1", "c2"]
    assert log("list", "--idle", day(40)).out.startswith(b"c2  2  ")
    assert log("list", "--idle", "2026-01-02T09:00:00+10:00").out == b""


def test_show_tells_what_entries_are(log: Log, small: str) -> None:
    lines = log("show", "c2").out.decode().splitlines()
    assert lines == [
        f"1  {day(1)}  turn 0  meta + text",
        f"2  {day(2)}  turn 1  model, edit, action, outcome, batch, error, restore + text",
    ]
    whole = log("show", "--json", "c2").lines()
    assert [entry["seq"] for entry in whole] == [1, 2]
    assert whole[1]["records"][0]["text"] == "value 1"


def test_what_is_not_there_is_told(log: Log, small: str) -> None:
    for name in ("show", "export"):
        done = log(name, "nobody")
        assert done.status == 1
        assert "STORE_CONVERSATION_UNKNOWN" in done.err


def test_an_id_that_begins_with_a_dash_is_named_behind_dashes(log: Log, url: str) -> None:
    opened(url, lambda found: filled(found, 2, "-d"))
    assert log("show", "--", "-d").out.startswith(b"1  ")
    assert log("export", "--chain", "--", "-d").status == 0
    assert log("show", "-d").status == 2


# --- verify ---------------------------------------------------------------------------------------


def test_a_sound_log_verifies(log: Log, small: str) -> None:
    done = log("verify")
    assert (done.status, done.err) == (0, "")
    assert done.out == b"c1: 40 entries, ok\nc2: 2 entries, ok\n"
    assert log("verify", "c2").out == b"c2: 2 entries, ok\n"


def test_a_changed_byte_is_found_and_told_where(log: Log, small: str) -> None:
    def change(found: SqlLog) -> None:
        ((sealed,),) = found.database.rows(
            "SELECT sealed FROM uicompiler_entries WHERE conversation_id = 'c1' AND seq = 7"
        )
        with found.database.transaction() as run:
            run(
                "UPDATE uicompiler_entries SET sealed = ? WHERE conversation_id = 'c1' AND seq = 7",
                (bytes(sealed).replace(b"value 6", b"value 9", 1),),
            )

    opened(small, change)

    done = log("verify")

    assert done.status == 1
    assert done.out == b"c1: 40 entries, 1 wrong\nc2: 2 entries, ok\n"
    assert "c1: error: STORE_CHAIN_BROKEN at /records/0/text: entry 7: a value" in done.err
    assert log("verify", "c2").status == 0
    assert log("verify", "nobody").status == 1


def test_a_damaged_file_is_found(log: Log, small: str, tmp_path: Path) -> None:
    opened(small, lambda found: found.database.scrub())
    raw = bytearray((tmp_path / "log.db").read_bytes())
    raw[5000:9000] = b"\xff" * 4000
    (tmp_path / "log.db").write_bytes(raw)

    done = log("verify")

    assert done.status == 1
    assert "STORE_CORRUPT" in done.err
    (tmp_path / "log.db").write_bytes(b"nothing of the kind" * 100)
    assert log("verify").status == 1


def test_progress_is_shown_to_who_watches_only(
    log: Log, small: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert log("verify").err == ""
    monkeypatch.setattr("uicompiler.cli.log_common._is_watched", lambda: True)
    err = log("verify").err
    assert "verify: 1 of 2" in err
    assert "verify: 2 of 2" in err


# --- export and import ----------------------------------------------------------------------------


def test_an_export_is_a_conversation_file(log: Log, run: Run, talk: Visit, tmp_path: Path) -> None:
    done = log("export", talk.id)
    assert (done.status, done.err) == (0, "")
    (tmp_path / "out.jsonl").write_bytes(done.out)

    again = run("replay", tmp_path / "out.jsonl", "--app", CONTACT.parents[1])

    assert again.status == 0
    assert b"ok" in again.out


def test_all_are_exported_into_a_folder(log: Log, small: str, url: str, tmp_path: Path) -> None:
    opened(url, lambda found: found.begin("../a b", commit()))
    assert log("export", "--all").status == 2

    done = log("export", "--all", "--to", tmp_path / "out", "--chain")

    assert done.status == 0
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == ["%2E%2E%2Fa b.jsonl", "c1.jsonl", "c2.jsonl"]


def test_an_export_with_its_chain_verifies(log: Log, run: Run, small: str, tmp_path: Path) -> None:
    path = tmp_path / "c1.jsonl"
    path.write_bytes(log("export", "--chain", "c1").out)
    assert run("log", "verify", "--export", path).out == b"c1.jsonl: 40 entries, ok\n".replace(
        b"c1.jsonl", str(path).encode()
    )

    path.write_bytes(path.read_bytes().replace(b"value 9", b"value 8", 1))
    done = run("log", "verify", "--export", path)
    assert done.status == 1
    assert "STORE_CHAIN_BROKEN" in done.err

    path.write_bytes(log("export", "c1").out)
    assert run("log", "verify", "--export", path).status == 2


def test_databases_and_exports_may_be_named_without_options(
    log: Log, run: Run, small: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(ENVIRONMENT, raising=False)
    path, file = tmp_path / "c1.jsonl", tmp_path / "log.db"
    path.write_bytes(log("export", "--chain", "c1").out)

    both = [f"{path}: 40 entries, ok", "c1: 40 entries, ok", "c2: 2 entries, ok"]
    assert run("log", "verify", path, file).out.decode().splitlines() == both
    assert run("log", "verify", file, path, small).status == 0
    assert run("log", "verify", small, "c2").out == b"c2: 2 entries, ok\n"
    assert run("log", "verify", small, "c2", path).status == 2
    assert run("log", "verify", "c2").status == 2
    assert run("log", "list", file).out == run("log", "list", small).out == log("list").out
    assert run("log", "list", file, "--db", small).status == 2
    assert run("log", "show", file, "c2").out == log("show", "c2").out
    assert run("log", "show", file).status == 2
    assert run("log", "export", small, "c2").out == log("export", "c2").out
    assert run("log", "retain", file, "--all", "--newest", "1").status == 0
    assert run("log", "retain", "nothing.db", "--all", "--newest", "1").status == 2

    raw = path.read_bytes()
    path.write_bytes(raw.replace(b"value 9", b"value 8", 1))
    assert run("log", "verify", file, path).status == 1
    monkeypatch.setenv(ENVIRONMENT, small)
    assert run("log", "verify", "c2").out.startswith(b"c2: 1 entry, ok")


def test_verify_says_where_a_chain_begins_and_that_values_are_gone(
    log: Log, run: Run, small: str, tmp_path: Path
) -> None:
    known = opened(small, lambda found: next(found.rows("c1", after=12, upto=13)).hash)
    log("retain", "--newest", "27", "c1")
    opened(small, _without_a_value)

    done = log("verify", "c1")

    assert done.status == 0
    assert done.out.decode().splitlines() == [
        "c1: 27 entries, ok",
        f"c1: begins at entry 14; entries 1 to 13 were dropped, up to {known}",
    ]
    assert "STORE_VALUES_GONE" in done.err
    assert "from entry 20 and 1 more" in done.err
    path = tmp_path / "c1.jsonl"
    path.write_bytes(log("export", "--chain", "c1").out)
    of_file = run("log", "verify", path)
    assert of_file.status == 0
    assert of_file.out.decode().splitlines()[1].endswith(done.out.decode().splitlines()[1][4:])
    assert "STORE_VALUES_GONE" in of_file.err


def _without_a_value(found: SqlLog) -> None:
    """Somebody takes values out by hand."""
    for row in list(found.rows("c1", after=19, upto=21)):
        _, *rest = row.sealed.split(b"\n")
        with found.database.transaction() as run:
            run(
                "UPDATE uicompiler_entries SET sealed = ? WHERE conversation_id = ? AND seq = ?",
                (b"\n".join([b"-", *rest]), "c1", row.seq),
            )


def test_a_backup_comes_back_as_it_was(
    log: Log, run: Run, talk: Visit, tmp_path: Path, url: str
) -> None:
    path = tmp_path / "backup.jsonl"
    path.write_bytes(log("export", "--kept", talk.id).out)
    other = f"sqlite:///{tmp_path / 'other.db'}"

    done = run("log", "import", "--db", other, path)

    assert (done.status, done.err) == (0, "")
    assert done.out.decode() == f"{talk.id}\n"
    assert run("log", "verify", "--db", other).status == 0
    assert run("log", "list", "--db", other).out == log("list").out
    again = run("log", "import", "--db", other, path)
    assert again.status == 1
    assert "STORE_CONFLICT" in again.err


@pytest.mark.parametrize("chain", [True, False])
def test_a_host_goes_on_with_what_was_imported(
    log: Log, run: Run, talk: Visit, tmp_path: Path, chain: bool
) -> None:
    path = tmp_path / "talk.jsonl"
    path.write_bytes(log("export", *(["--chain"] if chain else []), talk.id).out)
    other = f"sqlite:///{tmp_path / 'other.db'}"

    done = run("log", "import", "--db", other, path, "--app", CONTACT.parents[1])

    assert (done.status, done.err) == (0, "")
    name, token = done.out.decode().split()
    store = open_log(other)
    visit = Visit(site_of(CONTACT, tmp_path / "other", store), name)
    assert name == talk.id
    assert visit.kept.token_hash == token_hash(token)
    assert visit.kept.state.hash == talk.kept.state.hash
    assert visit.kept.turns == talk.kept.turns
    assert visit.model({"assistant_text": "", "directives": [TOAST]}).status == 200
    assert verify(store, name).diagnostics == ()
    records = [record for entry in store.entries(name) for record in entry.records]
    assert replay.run(records, app_of(CONTACT)).ok
    store.close()


TOAST = {"type": "ui.toast", "payload": {"text": "hello"}}


def test_a_recorded_conversation_can_be_imported(log: Log, url: str) -> None:
    done = log("import", CONTACT)

    assert (done.status, done.err) == (0, "")
    name = done.out.decode().split()[0]
    shown = log("show", name).out.decode().splitlines()
    assert "meta" in shown[0]
    assert log("verify").status == 0
    exported = log("export", name).out
    assert [json.loads(line) for line in exported.splitlines()] == [
        json.loads(line) for line in CONTACT.read_bytes().splitlines()
    ]


def test_what_is_no_conversation_is_refused(log: Log, tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_bytes(b'{"v":1,"kind":"model"}\n')
    done = log("import", path)
    assert done.status == 1
    assert "REPLAY_RECORD_INVALID" in done.err

    raw = CONTACT.read_bytes().splitlines()
    meta = {**json.loads(raw[0]), "conversation_id": "a\nb"}
    path.write_bytes(json.dumps(meta).encode())
    assert log("import", path).status == 2


# --- redact and retain ----------------------------------------------------------------------------

APP = """\
id: contacts
forms:
  contact:
    title: Contact
    fields:
      - {id: email, label: E-mail, tags: [pii]}
      - {id: city, label: City}
    buttons:
      - {key: save, label: Save, action: save, submit: true}
actions:
  save: {}
"""


@pytest.fixture
def contacts(tmp_path: Path) -> Path:
    folder = tmp_path / "contacts"
    folder.mkdir()
    (folder / "app.yaml").write_text(APP)
    return folder


def test_redact_takes_values_out_of_the_file(
    log: Log, run: Run, url: str, contacts: Path, tmp_path: Path
) -> None:
    from uicompiler import UIApp

    visit = Visit(Site(UIApp.load(contacts), tmp_path / "host", open_log(url)))
    show = {"type": "ui.show_form", "payload": {"form_id": "contact"}}
    visit.model({"assistant_text": "", "directives": [show]})
    visit.press("save", email="quux@example.org", city="Ulm")

    done = log("redact", "--app", contacts, "--tag", "pii", "--all")

    assert (done.status, done.err) == (0, "")
    assert re.fullmatch(rf"{visit.id}: [1-9][0-9]* values of [1-9] entries\n", done.out.decode())
    raw = b"".join(path.read_bytes() for path in tmp_path.glob("log.db*"))
    assert b"quux" not in raw
    assert b"Ulm" in raw
    verified = log("verify")
    assert (verified.status, verified.err) == (0, "")  # the redaction is recorded
    assert "redacted)" in log("show", visit.id).out.decode()
    path = tmp_path / "out.jsonl"
    path.write_bytes(log("export", "--chain", visit.id).out)
    assert run("log", "verify", "--export", path).status == 0
    replayed = run("replay", path, "--app", contacts)
    assert replayed.status == 0
    assert "REPLAY_REDACTED" in replayed.err
    other = f"sqlite:///{tmp_path / 'other.db'}"
    assert run("log", "import", "--db", other, path, "--app", contacts).status == 0
    assert run("log", "verify", "--db", other).status == 0
    assert log("redact", "--app", contacts, "--tag", "pii", "nobody").status == 1


def test_a_tag_that_no_field_has_is_refused(
    log: Log, small: str, contacts: Path, tmp_path: Path
) -> None:
    done = log("redact", "--app", contacts, "--tag", "pii", "--tag", "pill", "--all")
    assert done.status == 2
    assert "--tag pill: no field of the app 'contacts' has that tag; it has pii" in done.err

    (contacts / "app.yaml").write_text(APP.replace("tags: [pii]", "required: true"))
    done = log("redact", "--app", contacts, "--tag", "pii", "--all")
    assert (done.status, "none of its fields has a tag" in done.err) == (2, True)


def test_retain_drops_what_is_old(log: Log, small: str) -> None:
    done = log("retain", "--all", "--before", day(30), "--idle", day(10), "--scrub")
    assert (done.status, done.err) == (0, "")
    assert done.out == b"29 entries and 1 conversations dropped\n"
    assert log("verify").out.startswith(b"c1: 11 entries, ok\nc1: begins at entry 30;")

    assert log("retain", "c1", "--newest", "4").out == b"7 entries and 0 conversations dropped\n"
    assert log("show", "c1").out.startswith(b"37  ")
    assert log("retain", "--all", "--idle", "1d").status == 0
