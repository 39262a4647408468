"""Uploaded files: kept apart from everything that is served, each bound to its conversation.

A file stands under a handle that nobody can guess and that says nothing of its content, in a folder
only the host reads, beside a JSON file about it. The handle is a code over conversation, field,
name and content, so that the same post sent twice is the same event. Handlers and tools read by
handle through `UploadStore.of(conversation_id)`; a handle of another conversation, or one somebody
typed, is unknown there. A file is `staged` while its turn runs, then kept or taken away; one that
no state refers to goes after a while, and so does what a killed process left half done.

Several processes may share the folder. What counts is what is in it; what is in memory is only so
that no description is read twice: one that is there never changes.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
import threading
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import IO, Any, BinaryIO, Final

from uicompiler.errors import Diagnostic, HostError, diagnostic
from uicompiler.host.guard.signer import KeyRing
from uicompiler.host.pages.post import PostedFile, not_kept
from uicompiler.host.uploads.names import ending_of, safe_name, with_ending
from uicompiler.host.uploads.types import Content, accepts, fits_ending, inspect, usual_ending
from uicompiler.ir.field_kinds import UPLOAD_HANDLE
from uicompiler.ir.fields import Field
from uicompiler.ir.inputs import Input
from uicompiler.pointer import join

_CHUNK: Final = 256 * 1024
_META: Final = ".json"
_PART: Final = ".part"
_OWN: Final = re.compile(r"[0-9a-f]{64}(?:\.json)?|.+\.part")
_ORPHAN_S: Final = 3600.0


@dataclass(frozen=True, slots=True)
class UploadLimits:
    """How much may be uploaded.

    Attributes:
        max_file_bytes: Of one file; a field's own `max_bytes` can only lower it.
        max_conversation_files: Of one conversation.
        max_conversation_bytes: Of all files of one conversation.
        max_total_bytes: Of all files of the store.
        unreferenced_s: How long a file stays that no state refers to.
    """

    max_file_bytes: int = 20 * 1024 * 1024
    max_conversation_files: int = 100
    max_conversation_bytes: int = 200 * 1024 * 1024
    max_total_bytes: int = 4 * 1024 * 1024 * 1024
    unreferenced_s: float = 3600.0


@dataclass(frozen=True, slots=True)
class UploadInfo:
    """What is known of a file.

    Attributes:
        handle: What stands for it in state and actions.
        conversation_id: Whose it is.
        field: The field it was chosen in.
        name: Its name, safe to show and to store under.
        media_type: Told by its content.
        size: In bytes.
        sha256: Of its content, in hex.
        created: Seconds since 1970.
    """

    handle: str
    conversation_id: str
    field: str
    name: str
    media_type: str
    size: int
    sha256: str
    created: float

    def to_dict(self) -> dict[str, Any]:
        """The metadata as a JSON object."""
        return {name: getattr(self, name) for name in UploadInfo.__dataclass_fields__}


@dataclass(frozen=True)
class Received:
    """A file that was written away, and is nobody's yet.

    Attributes:
        field: The input's id.
        name: Its safe name.
        path: Where it is for now.
        size: In bytes.
        sha256: Of its content, in hex.
    """

    field: str
    name: str
    path: Path
    size: int
    sha256: str

    @cached_property
    def content(self) -> Content:
        """What its bytes say: looked at once somebody asks, for a field that takes files."""
        return inspect(self.path, self.name)


@dataclass(frozen=True, slots=True)
class Problem:
    """Why something is not taken, and the figure its text names."""

    finding: Diagnostic
    limit: str = ""


class UploadStore:
    """A folder of uploaded files.

    Args:
        folder: Where they are kept: outside of everything that is served; made with mode 0700.
        ring: Makes handles.
        limits: How much is kept.
    """

    def __init__(self, folder: Path, ring: KeyRing, limits: UploadLimits | None = None) -> None:
        self.limits = limits or UploadLimits()
        self._folder = folder
        self._ring = ring
        self._lock = threading.Lock()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
        self._known: dict[str, UploadInfo] = {}
        self._total = 0
        self._staged: set[str] = set()
        self._look()

    # --- reading ----------------------------------------------------------------------------------

    def of(self, conversation_id: str) -> ConversationUploads:
        """The files of one conversation, for its handlers and tools."""
        return ConversationUploads(self, conversation_id)

    def info(self, conversation_id: str, handle: str) -> UploadInfo | None:
        """What is known of a conversation's file; None for every other handle."""
        with self._lock:
            found = self._known.get(handle)
            staged = handle in self._staged
        if not staged and (found is None or not self.path(found).is_file()):
            found = self._found(handle)  # another process may have taken it, or taken it away
        return found if found is not None and found.conversation_id == conversation_id else None

    def _found(self, handle: str) -> UploadInfo | None:
        """What the folder has under a handle."""
        info = _read(self._folder / f"{_file_name(handle)}{_META}")
        if info is None:
            self._forget(handle)
        else:
            self._remember(info)
        return info

    def _look(self) -> None:
        """Take in what other processes did: list names, and read the descriptions that are new."""
        found = {path.stem for path in self._folder.glob(f"*{_META}")}
        names = {name for name in found if _OWN.fullmatch(name)}
        with self._lock:
            known = {_file_name(handle): handle for handle in self._known}
            gone = [known[name] for name in known.keys() - names if known[name] not in self._staged]
        for handle in gone:
            self._forget(handle)
        for name in sorted(names - known.keys()):
            info = _read(self._folder / f"{name}{_META}")
            if info is not None:
                self._remember(info)

    def _remember(self, info: UploadInfo) -> None:
        with self._lock:
            if info.handle not in self._known:
                self._known[info.handle] = info
                self._total += info.size

    def _forget(self, handle: str) -> None:
        with self._lock:
            known = self._known.pop(handle, None)
            self._total -= 0 if known is None else known.size

    def path(self, info: UploadInfo) -> Path:
        """Where a file is."""
        return self._folder / _file_name(info.handle)

    # --- writing ----------------------------------------------------------------------------------

    def receive(self, file: PostedFile, field: str) -> Received:
        """Write a posted file away; to be called outside of any lock.

        Raises:
            HostError: HOST_UPLOAD_NOT_KEPT.
        """
        name = safe_name(file.name)
        path = self._folder / f"{secrets.token_hex(16)}{_PART}"
        digest, size = sha256(), 0
        try:
            with _on_disk(field), os.fdopen(_create(path), "wb") as out:
                while chunk := file.stream.read(_CHUNK):
                    digest.update(chunk)
                    size += len(chunk)
                    out.write(chunk)
                _to_disk(out)
            return Received(field, name, path, size, digest.hexdigest())
        except BaseException:
            path.unlink(missing_ok=True)
            raise

    def handle_for(self, conversation_id: str, received: Received) -> str:
        """The handle of a file: equal for the same file, field and conversation."""
        parts = (conversation_id, received.field, received.name, received.sha256)
        return UPLOAD_HANDLE + self._ring.code("upload", *parts)

    def problem(
        self,
        conversation_id: str,
        received: Received,
        field: Field | None,
        earlier: Collection[Received] = (),
    ) -> Problem | None:
        """Why a file is not taken, or None; its content is looked at last.

        Args:
            conversation_id: Whose it would be.
            received: The file.
            field: The field it was sent for; None when the surface has none that takes files.
            earlier: Those of the same post that are to be taken.
        """
        if field is None or field.kind != "upload":
            return _refusal("HOST_UPLOAD_UNEXPECTED", "the field takes no file", received)
        most = self._most_bytes(field)
        if received.size > most:
            why = f"at most {most} bytes are taken"
            return _refusal("HOST_UPLOAD_TOO_LARGE", why, received, limit=_size_text(most))
        beyond = self._quota_problem(conversation_id, received, earlier)
        if beyond is not None:
            return beyond
        if not accepts(field.accept, received.content, received.name):
            kind = "two types in one" if received.content.mixed else received.content.media_type
            return _refusal("HOST_UPLOAD_TYPE_FORBIDDEN", f"the content is {kind}", received)
        return None

    def suits(self, conversation_id: str, handle: str, item: Input) -> bool:
        """Whether a handle may stand for an input: chosen in it, and nothing its field refuses."""
        info = self.info(conversation_id, handle)
        if info is None or info.field != item.id or info.size > self._most_bytes(item.field):
            return False
        given = info.name.removesuffix(usual_ending(info.media_type))  # see `_named_for`
        content = Content(info.media_type, is_text=_is_readable(info.media_type))
        return any(accepts(item.field.accept, content, name) for name in (info.name, given))

    def _most_bytes(self, field: Field) -> int:
        most = self.limits.max_file_bytes
        return most if field.max_bytes is None else min(field.max_bytes, most)

    def _quota_problem(
        self, conversation_id: str, received: Received, earlier: Collection[Received]
    ) -> Problem | None:
        """Whether there would be too much, with what comes in the same post."""
        coming = {self.handle_for(conversation_id, item): item.size for item in earlier}
        handle = self.handle_for(conversation_id, received)
        self._look()
        with self._lock:
            total = self._total
            own = [i for i in self._known.values() if i.conversation_id == conversation_id]
        known = {info.handle: info.size for info in own}
        kept = {**known, **coming}
        if handle in kept:
            return None
        limits = self.limits
        if len(kept) >= limits.max_conversation_files:
            why = f"at most {limits.max_conversation_files} files are kept for one conversation"
            return _refusal("HOST_UPLOAD_TOO_MANY", why, received)
        if sum(kept.values()) + received.size > limits.max_conversation_bytes:
            why = f"at most {limits.max_conversation_bytes} bytes are kept for one conversation"
            return _refusal("HOST_UPLOAD_TOO_MANY", why, received)
        fresh = sum(size for name, size in coming.items() if name not in known)
        if total + fresh + received.size > limits.max_total_bytes:
            return Problem(self._full(received.field))
        return None

    def _full(self, field: str) -> Diagnostic:
        why = f"at most {self.limits.max_total_bytes} bytes are kept in all"
        return diagnostic("HOST_UPLOAD_STORE_FULL", why, pointer=_place(field))

    def stage(self, conversation_id: str, received: Received, now: float) -> UploadInfo:
        """Put a file in its place while its turn runs; then `keep` or `drop` it.

        Raises:
            HostError: HOST_UPLOAD_NOT_KEPT, or HOST_UPLOAD_STORE_FULL as others were faster;
                nothing of the file stays.
        """
        handle = self.handle_for(conversation_id, received)
        known = self.info(conversation_id, handle)
        if known is not None:  # the same post again
            return known
        info = UploadInfo(
            handle,
            conversation_id,
            received.field,
            _named_for(received),
            received.content.media_type,
            received.size,
            received.sha256,
            now,
        )
        with self._lock:
            if self._total + info.size > self.limits.max_total_bytes:
                raise HostError([self._full(info.field)])
            self._known[handle] = info
            self._staged.add(handle)
            self._total += info.size
        try:
            with _on_disk(info.field):
                received.path.replace(self.path(info))
                _write(self._folder / f"{_file_name(handle)}{_META}", info)
                _folder_to_disk(self._folder)
        except BaseException:
            self.drop([handle])
            raise
        return info

    def keep(self, handles: Collection[str]) -> None:
        """The turn was taken: its files stay."""
        with self._lock:
            self._staged.difference_update(handles)

    def drop(self, handles: Collection[str]) -> None:
        """The turn was refused: what was staged for it goes."""
        with self._lock:
            gone = self._staged.intersection(handles)
            self._staged -= gone
        for handle in gone:
            self._remove(handle)

    def forget(self, conversation_id: str) -> None:
        """A conversation ended: all its files go, whichever process took them."""
        self._look()
        with self._lock:
            own = [h for h, info in self._known.items() if info.conversation_id == conversation_id]
        for handle in own:
            self._remove(handle)

    def ids(self) -> frozenset[str]:
        """The conversations that have files."""
        self._look()
        with self._lock:
            return frozenset(info.conversation_id for info in self._known.values())

    def expire(self, referred: Mapping[str, Collection[str]], now: float) -> int:
        """Take away files that nothing refers to any more; how many there were.

        Args:
            referred: Handles that each conversation there is may still need.
            now: Seconds since 1970.
        """
        self._look()
        with self._lock:
            old = [
                info
                for info in self._known.values()
                if info.created + self.limits.unreferenced_s < now
                and info.handle not in self._staged
                and info.handle not in referred.get(info.conversation_id, ())
            ]
        for info in old:
            self._remove(info.handle)
        self._remove_orphans(now)
        return len(old)

    def _remove(self, handle: str) -> None:
        self._forget(handle)
        place = self._folder / _file_name(handle)
        for path in (place.with_name(f"{place.name}{_META}"), place):
            with contextlib.suppress(OSError):  # a file without its description goes later
                path.unlink()

    def _remove_orphans(self, now: float) -> None:
        """What a process that was killed, or a full disk, left: parts, and halves of a pair."""
        with self._lock:
            known = {_file_name(handle) for handle in self._known}
        for path in self._folder.iterdir():
            if path.stem in known or not _OWN.fullmatch(path.name):
                continue
            with contextlib.suppress(OSError):
                old = path.stat().st_mtime + _ORPHAN_S < now
                if old and _read(path.with_suffix(_META)) is None:
                    path.unlink()


@dataclass(frozen=True, slots=True)
class ConversationUploads:
    """The files of one conversation."""

    store: UploadStore
    conversation_id: str

    def info(self, handle: str) -> UploadInfo:
        """What is known of a file.

        Raises:
            HostError: HOST_UPLOAD_UNKNOWN, no such file of this conversation.
        """
        found = self.store.info(self.conversation_id, handle)
        if found is None:
            raise HostError([unknown_handle()])
        return found

    def open(self, handle: str) -> BinaryIO:
        """A file's bytes, to be closed by the caller.

        Raises:
            HostError: HOST_UPLOAD_UNKNOWN, no such file of this conversation.
        """
        path = self.store.path(self.info(handle))
        try:
            return path.open("rb")
        except FileNotFoundError as exc:
            raise HostError([unknown_handle()]) from exc


def unknown_handle(pointer: str = "") -> Diagnostic:
    """The finding that a handle is none of the conversation's."""
    message = "the handle is of no file of this conversation"
    return diagnostic("HOST_UPLOAD_UNKNOWN", message, pointer=pointer, hint="choose the file again")


@contextlib.contextmanager
def receiving(
    store: UploadStore, files: Collection[tuple[PostedFile, str]]
) -> Iterator[list[Received]]:
    """The files of a post, written away; what was not staged is taken away in the end."""
    found: list[Received] = []
    try:
        for file, field in files:
            found.append(store.receive(file, field))
        yield found
    finally:
        for received in found:
            received.path.unlink(missing_ok=True)


def _named_for(received: Received) -> str:
    """The name, with the usual ending where its own tells of something else."""
    kind, name = received.content.media_type, received.name
    ending = usual_ending(kind)
    told = fits_ending(kind, ending_of(name))
    own_text = received.content.is_text and kind == "text/plain" and ending_of(name) == ""
    return name if told or own_text or not ending else with_ending(name, ending)


def _is_readable(media_type: str) -> bool:
    return media_type.startswith("text/") or media_type == "application/json"


def _refusal(code: str, message: str, received: Received, *, limit: str = "") -> Problem:
    return Problem(diagnostic(code, message, pointer=_place(received.field)), limit)


def _place(field: str) -> str:
    return join(("userAction", "context", field))


@contextlib.contextmanager
def _on_disk(field: str) -> Iterator[None]:
    """A full or failing disk, as a refusal."""
    try:
        yield
    except OSError as exc:
        raise not_kept(_place(field)) from exc


def _size_text(size: int) -> str:
    """A size as people read it, never more than it is."""
    for unit, bytes_each in (("MB", 1_000_000), ("kB", 1_000)):
        if size >= bytes_each:
            return f"{size * 10 // bytes_each / 10:g} {unit}"
    return f"{size} B"


def _file_name(handle: str) -> str:
    """The handle itself is a capability of a sort, so that not even the folder tells it."""
    return sha256(handle.encode()).hexdigest()


def _create(path: Path) -> int:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)
    return os.open(path, flags, 0o600)


def _to_disk(out: IO[Any]) -> None:
    """Have the system write what is in its memory: who is told that a file is kept relies on it."""
    out.flush()
    os.fsync(out.fileno())


def _folder_to_disk(folder: Path) -> None:
    """The same for the names in a folder, where the system has a way to say so."""
    if os.name == "nt":
        return
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _write(path: Path, info: UploadInfo) -> None:
    """Write a description, whole or not at all."""
    part = path.with_name(f"{secrets.token_hex(16)}{_PART}")
    try:
        with os.fdopen(_create(part), "w", encoding="utf-8") as out:
            json.dump(info.to_dict(), out)
            _to_disk(out)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _read(path: Path) -> UploadInfo | None:
    """A description with a file beside it; None for every other one."""
    with contextlib.suppress(OSError, ValueError, TypeError):
        info = UploadInfo(**json.loads(path.read_text("utf-8")))
        if path.with_suffix("").name == _file_name(info.handle) and path.with_suffix("").is_file():
            return info
    return None
