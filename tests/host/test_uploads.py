"""Uploaded files, end to end and in their store: whose they are, where, and how long."""

from __future__ import annotations

import io
import json
import stat
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.host.web import RING, Browser, changed
from uicompiler import HostError, Outcome, UIApp
from uicompiler.host.post import PostedFile
from uicompiler.host.tools import ToolContext, read_upload
from uicompiler.host.uploads import UploadLimits, UploadStore, receiving

TEXT = b"some text"
FIELD: dict[str, Any] = {"id": "doc", "label": "Document", "kind": "upload"}


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


def test_files_nobody_refers_to_expire(upload, tmp_path: Path) -> None:
    seen: list[Any] = []
    page = upload(seen, uploads=UploadLimits(unreferenced_s=-1.0))
    page.press("Submit", files={"doc": ("a.txt", b"one", "")})
    assert page.host._turns.expire_files() == 0  # the draft holds it
    page.press("Submit", files={"doc": ("b.txt", b"two", "")})
    assert page.host._turns.expire_files() == 1
    assert len(files_in(tmp_path)) == 2
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
