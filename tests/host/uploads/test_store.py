"""Uploaded files, end to end and in their store: whose they are, where, and how long."""

from __future__ import annotations

import errno
import io
import json
import os
import stat
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.host.playing import Json, Site, Visit, counting, said
from tests.host.web import RING, Browser, changed
from uicompiler import HostError, Outcome, ToolCall, UIApp, compile
from uicompiler.errors import CODES
from uicompiler.host.conversations import conversation as conversations
from uicompiler.host.conversations.conversation import Intent, referred
from uicompiler.host.conversations.durable import Step
from uicompiler.host.pages.post import Post, PostedFile
from uicompiler.host.turns.press import Answer, Press
from uicompiler.host.turns.tools import ToolContext, read_upload
from uicompiler.host.uploads import store as uploads
from uicompiler.host.uploads.store import UploadInfo, UploadLimits, UploadStore, receiving
from uicompiler.host.uploads.types import Content, inspect
from uicompiler.ir import data
from uicompiler.ir.field_kinds import UPLOAD_HANDLE
from uicompiler.ir.fields import Field
from uicompiler.ir.inputs import Input
from uicompiler.ir.reserved import NONCE_KEY, PRESS, REV_KEY, SURFACE
from uicompiler.ir.state import Surface, UIState
from uicompiler.ir.values import freeze
from uicompiler.store import open_log

TEXT = b"some text"
FIELD: dict[str, Any] = {"id": "doc", "label": "Document", "kind": "upload"}
DOCUMENT = Field.model_validate(FIELD)


def files_in(folder: Path) -> list[Path]:
    return sorted(path for path in (folder / "uploads").iterdir())


@pytest.fixture
def upload(tmp_path: Path) -> Any:
    """Opens an app with a form of one upload, of which a handler gets the action."""

    def open_(seen: list[Any], *more: dict[str, Any], **settings: Any) -> Browser:
        app = UIApp("files", inline_form_action="take")

        def take(action: Any, _view: Any) -> Outcome:
            seen.append(action)
            return Outcome(field_errors={"doc": "Not this one."} if len(seen) == 1 else {})

        app.add_action("take", take)
        fields = [FIELD, {"id": "title", "label": "Title"}, *more]
        form = {"type": "ui.show_form", "payload": {"title": "T", "fields": fields}}
        (tmp_path / "app" / "turns").mkdir(parents=True)
        turn = {"assistant_text": "", "directives": [form]}
        (tmp_path / "app" / "turns" / "form.json").write_text(json.dumps(turn))
        return Browser(app, tmp_path, folder=tmp_path / "app", **settings).begin(turn="form")

    return open_


# --- over HTTP ------------------------------------------------------------------------------------


def test_a_file_arrives_as_a_handle_and_is_kept_apart(upload, tmp_path: Path) -> None:
    seen: list[Any] = []
    page = upload(seen)
    page.press("Submit", files={"doc": ("../../my\u202e text.txt", TEXT, "text/html")})
    handle = seen[0].context["doc"]["handle"]
    assert seen[0].context["doc"] == {"handle": handle}
    assert handle.startswith("upload:")
    info = page.host._turns._uploads.of(page.id).info(handle)
    assert (info.name, info.media_type, info.size) == ("my text.txt", "text/plain", len(TEXT))
    with page.host._turns._uploads.of(page.id).open(handle) as stream:
        assert stream.read() == TEXT
    kept = files_in(tmp_path)
    assert len(kept) == 2
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in kept)
    assert stat.S_IMODE((tmp_path / "uploads").stat().st_mode) == 0o700
    assert not any("text" in path.name or handle[7:] in path.name for path in kept)


def test_a_file_stays_chosen_until_another_takes_its_place(upload) -> None:
    seen: list[Any] = []
    page = upload(seen)
    page.press("Submit", files={"doc": ("a.txt", b"one", "")})
    assert page.response.status_code == 422
    page.press("Submit", {"title": "again"})
    assert seen[1].context["doc"] == seen[0].context["doc"]
    page.press("Submit", files={"doc": ("b.txt", b"two", "")})
    assert seen[2].context["doc"] != seen[0].context["doc"]


def test_no_file_is_no_file(upload, tmp_path: Path) -> None:
    seen: list[Any] = []
    upload(seen).press("Submit", {"title": "x"})
    assert seen[0].context["doc"] is None
    assert files_in(tmp_path) == []


def test_the_same_post_sent_twice_is_the_same_event(upload, tmp_path: Path) -> None:
    seen: list[Any] = []
    page = upload(seen)
    post = page.post_of("Submit", files={"doc": ("a.txt", b"one", "")})
    first, again = (page.send(post, idempotency_key="k") for _ in range(2))
    assert (first.status_code, again.status_code) == (422, 422)
    assert len(seen) == 1
    assert len(files_in(tmp_path)) == 2


@pytest.mark.parametrize(
    "values",
    [{"_nonce": "x"}, {"_csrf": "x"}, {"_rev": "9"}, {"f__title": "x" * 70_000}, {"_x": ""}],
)
def test_a_refused_post_leaves_no_file(values: dict[str, str], upload, tmp_path: Path) -> None:
    seen: list[Any] = []
    page = upload(seen)
    post = page.post_of("Submit", files={"doc": ("a.txt", TEXT, "")})
    assert page.send(changed(post, **values)).status_code >= 400
    assert (seen, files_in(tmp_path)) == ([], [])


def test_a_stranger_leaves_no_file(upload, tmp_path: Path) -> None:
    page = upload([])
    post = page.post_of("Submit", files={"doc": ("a.bin", b"x" * 3_000_000, "")})
    assert page.another().send(post, path=page.path).status_code == 404
    assert files_in(tmp_path) == []


def test_a_stale_post_keeps_no_file_and_shows_no_handle(upload, tmp_path: Path) -> None:
    page = upload([])
    post = page.post_of("Submit", files={"doc": ("a.txt", TEXT, "")})
    page.response = page.send(changed(post, _rev="9"))
    assert page.response.status_code == 409
    assert "upload:" not in page.response.text
    assert files_in(tmp_path) == []


def test_a_bug_of_a_handler_leaves_no_file(upload, tmp_path: Path) -> None:
    page = upload([])
    actions = page.host._app.actions
    actions["take"] = replace(actions["take"], handler=lambda _action, _view: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        page.press("Submit", files={"doc": ("a.txt", TEXT, "")})
    assert files_in(tmp_path) == []


def test_files_are_never_served(upload, tmp_path: Path) -> None:
    page = upload([])
    page.press("Submit", files={"doc": ("a.txt", TEXT, "")})
    name = next(path for path in files_in(tmp_path) if path.suffix != ".json").name
    for path in (f"/uploads/{name}", f"/static/../uploads/{name}", f"{page.path}/uploads/{name}"):
        assert page.client.get(path).status_code == 404


# --- handles --------------------------------------------------------------------------------------

PICTURE: dict[str, Any] = {**FIELD, "id": "pic", "accept": ["image/png"], "max_bytes": 5}


def chosen_before(page: Browser) -> str:
    """The handle of a text in `doc`, which the page's form holds now."""
    page.press("Submit", files={"doc": ("a.txt", TEXT, "")})
    return next(value for name, value in page.fields() if name == "f.doc" and value)


def test_a_handle_is_good_in_its_own_field_only(upload) -> None:
    seen: list[Any] = []
    page = upload(seen, PICTURE)
    handle = chosen_before(page)
    response = page.send(changed(page.post_of("Submit"), f__pic=handle))
    assert (response.status_code, len(seen)) == (403, 1)
    assert response.text.count(handle) == 1
    assert page.press("Submit").response.status_code == 200


def test_a_file_of_this_very_post_is_good_in_its_own_field_only(upload, tmp_path: Path) -> None:
    seen: list[Any] = []
    page = upload(seen, PICTURE)
    handle = chosen_before(page)
    post = page.post_of("Submit", files={"doc": ("a.txt", TEXT, "")})
    assert page.send(changed(post, f__pic=handle)).status_code == 403
    assert len(files_in(tmp_path)) == 2


def test_a_handle_in_an_event_is_good_in_its_own_field_only(upload) -> None:
    seen: list[Any] = []
    page = upload(seen, PICTURE)
    handle = chosen_before(page)
    values = dict(page.post_of("Submit"))
    name, component = values["_press"].split(" ", 1)
    statuses = []
    for field in ("pic", "doc"):
        action = {
            "name": name,
            "surfaceId": "main",
            "sourceComponentId": component,
            "timestamp": "1970-01-01T00:00:00Z",
            "context": {
                "_rev": int(values["_rev"]),
                "_nonce": values["_nonce"],
                "title": "",
                "doc": "",
                "pic": "",
                field: handle,
            },
        }
        response = page.client.post(
            f"{page.path}/events",
            json={"userAction": action},
            headers={"x-csrf-token": values["_csrf"], "accept": "application/x-ndjson"},
        )
        statuses.append(response.status_code)
    assert (statuses, len(seen)) == ([403, 200], 2)


def test_a_handle_that_the_app_put_into_a_field_stays_good(upload) -> None:
    seen: list[Any] = []
    page = upload(seen, PICTURE)
    handle = chosen_before(page)

    def preset(before: Any) -> Any:
        surface = before.state.surfaces["main"]
        document = data.set_at(surface.data, ("draft", "pic"), handle)
        state = before.state.with_surface(replace(surface, data=document))
        return Step(before.next(state=state), None)

    page.host._store.change(page.id, preset)
    page.reload()
    page.press("Submit")
    assert seen[-1].context["pic"] == {"handle": handle}


@pytest.mark.parametrize(
    ("rules", "name", "content", "good"),
    [
        ({}, "a.txt", TEXT, True),
        ({"max_bytes": 5}, "a.txt", TEXT, False),
        ({"accept": ["image/png"]}, "a.txt", TEXT, False),
        ({"accept": ["text/plain"]}, "a.csv", b"a,b", True),
        ({"accept": [".heron"]}, "a.heron", TEXT, True),
        ({"accept": [".heron"]}, "a.txt", TEXT, False),
    ],
)
def test_a_handle_meets_the_rules_its_field_has_now(
    rules: dict[str, Any], name: str, content: bytes, good: bool, tmp_path: Path
) -> None:
    store = UploadStore(tmp_path, RING)
    handle = staged(store, name=name, content=content)
    now = Input("doc", ("doc",), DOCUMENT.model_copy(update=rules))
    assert store.suits("c1", handle, now) is good
    assert not store.suits("c1", handle, replace(now, id="pic"))
    assert not store.suits("c2", handle, now)


# --- limits and failures --------------------------------------------------------------------------


def looks(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of files whose content is looked at from now on."""
    names: list[str] = []

    def noted(path: Path, name: str) -> Content:
        names.append(name)
        return inspect(path, name)

    monkeypatch.setattr("uicompiler.host.uploads.store.inspect", noted)
    return names


def test_content_is_looked_at_last(upload, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = looks(monkeypatch)
    more = [{**FIELD, "id": "small", "max_bytes": 3}, {**FIELD, "id": "second"}]
    page = upload([], *more, uploads=UploadLimits(max_conversation_files=1))
    post = page.post_of(
        "Submit",
        files={
            "doc": ("good.txt", TEXT, ""),
            "small": ("large.txt", TEXT, ""),
            "second": ("many.txt", b"2", ""),
        },
    )
    response = page.send(post)
    assert (response.status_code, names) == (413, ["good.txt"])
    response = page.send([*post, ("f.title", ("none.txt", TEXT, ""))])
    assert (response.status_code >= 400, names) == (True, ["good.txt"] * 2)
    assert files_in(tmp_path) == []


@pytest.mark.parametrize(
    ("limits", "code"),
    [
        ({"max_conversation_files": 2}, "HOST_UPLOAD_TOO_MANY"),
        ({"max_conversation_bytes": 5}, "HOST_UPLOAD_TOO_MANY"),
        ({"max_total_bytes": 5}, "HOST_UPLOAD_STORE_FULL"),
    ],
)
def test_files_of_one_post_count_together(
    limits: dict[str, int], code: str, upload, tmp_path: Path
) -> None:
    seen: list[Any] = []
    fields = [{**FIELD, "id": f"d{at}"} for at in range(3)]
    page = upload(seen, *fields, uploads=UploadLimits(**limits))
    files = {f"d{at}": ("a.txt", b"12", "") for at in range(3)}
    page.press("Submit", files=files)
    assert page.response.status_code == CODES[code].status
    assert page.error_of("d0") == ""
    assert page.error_of("d2") == page.host._app.text(code, language="en")
    assert (seen, files_in(tmp_path)) == ([], [])
    del files["d2"]
    assert page.press("Submit", files=files).response.status_code == 422
    assert len(seen) == 1


def test_what_goes_makes_room_in_the_store(tmp_path: Path) -> None:
    store = UploadStore(tmp_path, RING, UploadLimits(max_total_bytes=len(TEXT)))
    for conversation in ("c1", "c2"):
        staged(store, conversation)
        with (
            receiving(store, [(posted(content=b"x"), "doc")]) as received,
            pytest.raises(HostError) as refused,
        ):
            store.stage("c3", received[0], 0.0)
        assert refused.value.code == "HOST_UPLOAD_STORE_FULL"
        again = UploadStore(tmp_path, RING, store.limits)
        assert again.problem("c3", received[0], DOCUMENT) is not None
        store.forget(conversation)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("at", range(5))
def test_a_full_disk_is_a_refusal_and_leaves_nothing(
    at: int, upload, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Any] = []
    page = upload(seen, {**FIELD, "id": "second"})
    made: list[Path] = []
    create = uploads._create

    def create_or_fail(path: Path) -> int:
        made.append(path)
        if len(made) == at + 1:
            raise OSError(errno.ENOSPC, "no space left")
        return create(path)

    monkeypatch.setattr(uploads, "_create", create_or_fail)
    files = {"doc": ("a.txt", TEXT, ""), "second": ("b.txt", b"2", "")}
    page.press("Submit", {"title": "kept"}, files=files)
    store = page.host._turns._uploads
    if at < 4:  # two files, two descriptions
        assert (page.response.status_code, seen) == (507, [])
        assert "could not be stored" in page.response.text
        assert page.values()["f.title"] == "kept"
        assert (files_in(tmp_path), store._staged, store._total) == ([], set(), 0)
    else:
        assert (page.response.status_code, len(files_in(tmp_path))) == (422, 4)


def test_what_is_half_a_pair_goes_after_an_hour(tmp_path: Path) -> None:
    store = UploadStore(tmp_path, RING)
    handle = staged(store)
    store.keep([handle])
    for name, content in {
        "f" * 64: "no description",
        "e" * 64 + ".json": "{",
        "d" * 64 + ".json": "{}",
        "d" * 64: "a torn one",
        "notes.txt": "somebody's own",
    }.items():
        (tmp_path / name).write_text(content)
    store.expire({"c1": [handle]}, now=time.time() + 3_000)
    assert len(list(tmp_path.iterdir())) == 7
    store.expire({"c1": [handle]}, now=time.time() + 4_000)
    assert len(list(tmp_path.iterdir())) == 3
    with store.of("c1").open(handle) as stream:
        assert stream.read() == TEXT


def test_files_nobody_refers_to_expire(upload, tmp_path: Path) -> None:
    seen: list[Any] = []
    page = upload(seen, uploads=UploadLimits(unreferenced_s=-1.0))
    page.press("Submit", files={"doc": ("a.txt", b"one", "")})
    assert page.host._turns.expire_files() == 0  # the draft holds it
    page.press("Submit", files={"doc": ("b.txt", b"two", "")})
    assert page.host._turns.expire_files() == 0  # undo leads to the one before
    page.press("Submit", files={"doc": ("c.txt", b"three", "")})
    assert page.host._turns.expire_files() == 1  # what was chosen in between shows nothing else
    assert len(files_in(tmp_path)) == 4
    page.host._turns.forget(page.id)
    assert files_in(tmp_path) == []


# --- the store ------------------------------------------------------------------------------------


def posted(content: bytes = TEXT, name: str = "a.txt") -> PostedFile:
    return PostedFile("f.doc", name, io.BytesIO(content), len(content))


def staged(store: UploadStore, conversation: str = "c1", **more: Any) -> str:
    with receiving(store, [(posted(**more), "doc")]) as received:
        return store.stage(conversation, received[0], 0.0).handle


def test_a_handle_opens_nothing_in_another_conversation(tmp_path: Path) -> None:
    store = UploadStore(tmp_path, RING)
    handle = staged(store)
    assert store.of("c1").info(handle).handle == handle
    for conversation, given in (("c2", handle), ("c1", "upload:x"), ("c1", ""), ("c1", "../x")):
        with pytest.raises(HostError) as refused:
            store.of(conversation).open(given)
        assert refused.value.code == "HOST_UPLOAD_UNKNOWN"
    assert staged(store, "c2") != handle


def test_what_was_dropped_goes_and_what_was_kept_stays(tmp_path: Path) -> None:
    store = UploadStore(tmp_path, RING)
    one, two = staged(store), staged(store, content=b"two")
    store.keep([one])
    store.drop([one, two])
    assert store.info("c1", one) is not None
    assert store.info("c1", two) is None
    assert len(list(tmp_path.iterdir())) == 2


def test_a_store_knows_its_files_again(tmp_path: Path) -> None:
    handle = staged(UploadStore(tmp_path, RING))
    again = UploadStore(tmp_path, RING)
    assert again.of("c1").info(handle).name == "a.txt"
    (tmp_path / "x.json").write_text("no metadata")
    assert UploadStore(tmp_path, RING).info("c1", handle) is not None


def test_files_in_place_are_on_the_disk_before_that_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Content and description before they have their names, the names before the answer."""
    store, synced = UploadStore(tmp_path, RING), []

    def fsync(number: int) -> None:
        folder = stat.S_ISDIR(os.fstat(number).st_mode)
        named = sorted(path.suffix for path in tmp_path.iterdir() if path.suffix != ".part")
        synced.append(named if folder else os.fstat(number).st_size > 0)

    monkeypatch.setattr(os, "fsync", fsync)
    staged(store)
    assert synced == [True, True, ["", ".json"]]


# --- several processes ----------------------------------------------------------------------------


def test_two_stores_of_one_folder_know_each_others_files(tmp_path: Path) -> None:
    one, two = UploadStore(tmp_path, RING), UploadStore(tmp_path, RING)
    handle = staged(two)
    two.keep([handle])
    assert one.of("c1").info(handle).name == "a.txt"
    assert one.info("c2", handle) is None
    one.forget("c1")
    assert (list(tmp_path.iterdir()), two.info("c1", handle)) == ([], None)
    assert (one._total, two._total) == (0, 0)


def test_a_store_takes_away_what_another_one_took(tmp_path: Path) -> None:
    one, two = UploadStore(tmp_path, RING), UploadStore(tmp_path, RING)
    handle = staged(two)
    two.keep([handle])
    assert one.expire({"c1": [handle]}, now=4_000.0) == 0
    assert one.expire({}, now=4_000.0) == 1
    assert two.info("c1", handle) is None


def test_quotas_count_what_other_processes_took(tmp_path: Path) -> None:
    limits = UploadLimits(max_conversation_files=2, max_total_bytes=3 * len(TEXT))
    one, two = (UploadStore(tmp_path, RING, limits) for _ in range(2))
    staged(two), staged(two, name="b.txt")
    with receiving(one, [(posted(name="c.txt"), "doc")]) as (more,):
        problem = one.problem("c1", more, DOCUMENT)
        assert problem is not None
        assert problem.finding.code == "HOST_UPLOAD_TOO_MANY"
        assert one.problem("c2", more, DOCUMENT) is None
        staged(two, "c3")
        problem = one.problem("c2", more, DOCUMENT)
        assert problem is not None
        assert problem.finding.code == "HOST_UPLOAD_STORE_FULL"


@pytest.fixture
def sites(tmp_path: Path) -> Iterator[list[Site]]:
    """Two processes that share a database and a folder."""
    logs = [open_log(f"sqlite:///{tmp_path}/log.db") for _ in range(2)]
    app = counting()
    yield [Site(app, tmp_path, log) for log in logs]
    for log in logs:
        log.close()


UPLOAD_FORM = {
    "type": "ui.show_form",
    "payload": {"title": "T", "fields": [{**FIELD, "accept": ["text/plain"]}]},
}


def begun_with_file(site: Site) -> tuple[Visit, UploadInfo]:
    visit = Visit(site)
    visit.model(said(UPLOAD_FORM))
    file = PostedFile("doc", "a.txt", io.BytesIO(TEXT), len(TEXT))
    return visit, site.turns.upload(visit.id, Post(files=(file,)))


def test_a_file_of_one_process_is_pressed_with_and_deleted_in_another(
    sites: list[Site], tmp_path: Path
) -> None:
    one, two = sites
    visit, info = begun_with_file(one)
    event = visit.event(doc=info.handle)
    answers = [s.turns.press(visit.id, Press(event=event, key="k")) for s in (two, one)]
    assert [(a.status, a.repeated) for a in answers] == [(200, False), (200, True)]
    with two.turns._uploads.of(visit.id).open(info.handle) as stream:
        assert stream.read() == TEXT
    two.turns.end(visit.id)
    assert files_in(tmp_path) == []
    assert one.turns._uploads.info(visit.id, info.handle) is None


def test_what_undo_and_redo_lead_to_keeps_its_files(sites: list[Site]) -> None:
    site, other = sites
    visit, info = begun_with_file(site)
    assert visit.press(doc=info.handle).status == 200
    again = {**UPLOAD_FORM["payload"], "reset": True}
    visit.model(said({**UPLOAD_FORM, "payload": again}))
    for _ in range(3):
        visit.back("undo")
    assert not referred(visit.kept, UPLOAD_HANDLE)
    for store in (other.store, site.store):
        store.refresh()
        assert site.turns._uploads.expire(store.files([visit.id]), time.time() + 4_000) == 0
    visit.back("redo")
    visit.back("redo")
    assert referred(visit.kept, UPLOAD_HANDLE) == {info.handle}
    assert other.turns._uploads.info(visit.id, info.handle) is not None


def test_a_file_is_needed_as_long_as_a_turn_that_had_it_can_come_back() -> None:
    def holding(*handles: str) -> UIState:
        return UIState("c").with_surface(Surface("main", data=freeze({"draft": list(handles)})))

    def after(now: Any, *handles: str, undoable: bool = True) -> Any:
        result = replace(compile("x", app=UIApp.standard()), state=holding(*handles))
        made = now.after(result)
        return replace(made, history=now.history.with_turn(made.turns)) if undoable else made

    one = after(conversations.Conversation("c", "hash", UIState("c")), "upload:a")
    two = after(one, "upload:b", undoable=False)  # nothing to see: undo leads past it
    three = after(two, "upload:c")
    assert conversations.files_of(two) == {"upload:a", "upload:b"}
    assert conversations.files_of(three) == {"upload:a", "upload:c"}
    four = after(three, "upload:c")
    assert four.files == {"upload:a": (1, 1), "upload:c": (3, 4)}
    gone = replace(four, history=conversations.History(at=4, before=(3,)))
    assert after(gone).files == {"upload:c": (3, 4)}
    assert conversations.files_of(after(gone)) == {"upload:c"}


def test_a_file_that_a_waiting_tool_was_given_stays() -> None:
    event = freeze({"userAction": {"context": {}}})
    call = ToolCall("t", "read_upload", freeze({"handle": "upload:x"}))
    intents = freeze({"k": Intent(event, (call,), 1, "en", "me", 0.0)})
    waiting = conversations.Conversation("c", "hash", UIState("c"), intents=intents)
    assert conversations.files_of(waiting) == {"upload:x"}


def posted_press(event: Json) -> Press:
    """An event's press as a browser posts it, with a file."""
    own = {name: str(event["context"][name]) for name in (REV_KEY, NONCE_KEY)}
    pressed = {SURFACE: event["surfaceId"], PRESS: f"{event['name']} {event['sourceComponentId']}"}
    file = PostedFile("f.doc", "a.txt", io.BytesIO(TEXT), len(TEXT))
    fields = (*own.items(), *pressed.items(), ("f.doc", None))
    return Press(Post(fields, (file,)), key="k")


def test_a_file_that_another_process_committed_stays_when_this_one_was_late(
    sites: list[Site],
) -> None:
    """The same post at two processes: the slower one's step is undone, the file is the other's."""
    one, two = sites
    visit = Visit(one)
    visit.model(said(UPLOAD_FORM))
    event = visit.event()["userAction"]
    lost: list[Answer] = []
    change = one.log.append

    def append(conversation_id: str, commit: Any, *, expected: Any) -> Any:
        if not lost:
            lost.append(two.turns.press(visit.id, posted_press(event)))
        return change(conversation_id, commit, expected=expected)

    one.log.append = append
    answer = one.turns.press(visit.id, posted_press(event))
    assert (lost[0].status, answer.status, answer.repeated) == (200, 200, True)
    (handle,) = referred(visit.kept, UPLOAD_HANDLE)
    assert one.turns._uploads.info(visit.id, handle) is not None


def test_what_a_killed_process_left_goes_too(tmp_path: Path) -> None:
    store = UploadStore(tmp_path, RING)
    (tmp_path / "x.part").write_bytes(b"half")
    store.expire({}, now=0.0)
    assert (tmp_path / "x.part").exists()
    store.expire({}, now=4e9)
    assert not (tmp_path / "x.part").exists()


@pytest.mark.parametrize(
    ("name", "content", "kept"),
    [
        ("photo.exe", b"\x89PNG\r\n\x1a\n" + b"\0" * 9, "photo.exe.png"),
        ("photo.png", b"\x89PNG\r\n\x1a\n" + b"\0" * 9, "photo.png"),
        ("evil.js", b"alert(1)", "evil.js.txt"),
        ("notes", b"text", "notes"),
        ("data.json", b"[1]", "data.json"),
    ],
)
def test_a_kept_name_tells_what_the_file_is(
    name: str, content: bytes, kept: str, tmp_path: Path
) -> None:
    store = UploadStore(tmp_path, RING)
    handle = staged(store, name=name, content=content)
    assert store.of("c1").info(handle).name == kept


def test_the_tool_reads_texts_within_limits(tmp_path: Path) -> None:
    store = UploadStore(tmp_path, RING)
    context = ToolContext("c1", store.of("c1"), lambda _handle: None)
    handle = staged(store, content=b"\xef\xbb\xbfhello")
    assert read_upload({"handle": handle}, context) == {"text": "hello"}
    with pytest.raises(ValueError, match="too long"):
        read_upload({"handle": handle, "max_bytes": 3}, context)
    with pytest.raises(UnicodeDecodeError):
        read_upload({"handle": staged(store, content=b"\xff\x00")}, context)
    with pytest.raises(HostError):
        read_upload({"handle": "upload:none"}, context)
