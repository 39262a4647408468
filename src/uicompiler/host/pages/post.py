"""A form post, read within limits: the fields in order, the files on disk but for short ones.

Size comes first, then shape. A body that grows beyond its limit is not read to its end. Whoever
may not post has the form looked at all the same, so that the answer tells nothing of what exists,
but no byte of a file is kept.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from typing import BinaryIO, Final
from urllib.parse import unquote_plus

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from uicompiler.errors import HostError, IngressError, UICompilerError, diagnostic
from uicompiler.limits import Limits

_MULTIPART: Final = "multipart/form-data"
_URLENCODED: Final = "application/x-www-form-urlencoded"
_UNCOUNTED: Final = 10**9
_OWN_FIELDS: Final = 8
"""More than the reserved names of a form: `ingress/form.py` counts exactly."""


@dataclass(frozen=True, slots=True)
class BodyLimits:
    """How much of a post is read.

    Attributes:
        max_body_bytes: Of the whole body.
        max_files: Of one post.
        slow_s: How long a body may take,
        min_bytes_per_s: beside a second for so many bytes of it that have come.
    """

    max_body_bytes: int = 24 * 1024 * 1024
    max_files: int = 10
    slow_s: float = 15.0
    min_bytes_per_s: int = 8 * 1024


@dataclass(frozen=True, slots=True)
class PostedFile:
    """A file part.

    Attributes:
        field: Name of the form's field.
        name: The file's name as the client gave it.
        stream: Its bytes, at the beginning; empty when it was not to be kept.
        size: Its size in bytes.
    """

    field: str
    name: str
    stream: BinaryIO
    size: int

    @property
    def chosen(self) -> bool:
        """Whether there is a file at all: an input without one posts an empty file."""
        return bool(self.name) or self.size > 0


@dataclass(frozen=True, slots=True)
class Post:
    """A form post.

    Attributes:
        fields: Names and values in order; a file's value is None, and it is the next of `files`.
        files: File parts in order.
    """

    fields: tuple[tuple[str, str | None], ...] = ()
    files: tuple[PostedFile, ...] = ()

    def pairs(self, handles: Mapping[int, str]) -> list[tuple[str, str]]:
        """Names and values, each file as its handle (by its index in `files`) or ""."""
        index = -1
        found = []
        for name, value in self.fields:
            if value is None:
                index += 1
            found.append((name, handles.get(index, "") if value is None else value))
        return found

    def first(self, name: str) -> str:
        """The first text posted under a name, "" for none."""
        return next((value for key, value in self.fields if key == name and value), "")

    def close(self) -> None:
        """Give temporary files back."""
        for file in self.files:
            file.stream.close()


async def read_body(request: Request, max_bytes: int, body: BodyLimits | None = None) -> bytes:
    """The whole body.

    Raises:
        HostError: HOST_BODY_TOO_LARGE, HOST_BODY_SLOW.
    """
    chunks = _counted(request, max_bytes, body or BodyLimits())
    return b"".join([chunk async for chunk in chunks])


async def read_post(
    request: Request, *, body: BodyLimits, limits: Limits, keep_files: bool
) -> Post:
    """Read a form.

    Args:
        request: The request.
        body: How large it may be.
        limits: The app's limits: how many fields, how long a text.
        keep_files: Whether what files hold is kept.

    Raises:
        HostError: HOST_BODY_TOO_LARGE, HOST_BODY_SLOW, HOST_CONTENT_TYPE_UNSUPPORTED,
            HOST_BODY_INVALID, HOST_UPLOAD_TOO_MANY, HOST_UPLOAD_NOT_KEPT.
        IngressError: A2UI_C2S_CONTEXT_TOO_LARGE: a text, or the number of fields.
    """
    _check_length(request, body.max_body_bytes)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    stream = _counted(request, body.max_body_bytes, body)
    if not kind and _is_empty(request):
        return Post()  # a form without a field
    try:
        if kind == _MULTIPART:
            return await _Multipart(request, stream, body, limits, keep_files).post()
        if kind == _URLENCODED:
            return await _urlencoded(request, stream, limits)
    except OSError as exc:  # longer files are on disk while they are read
        raise not_kept() from exc
    except MultiPartException as exc:
        raise _invalid("the multipart body cannot be read") from exc
    except UICompilerError:
        raise
    except (ValueError, LookupError) as exc:  # what the grammars beneath raise
        raise _invalid("the form cannot be read") from exc
    message = f"a form is {_MULTIPART} or {_URLENCODED}"
    hint = "post it as a browser does; JSON is for /conversations, and for events of scripts"
    raise HostError([diagnostic("HOST_CONTENT_TYPE_UNSUPPORTED", message, hint=hint)])


def _is_empty(request: Request) -> bool:
    """Whether no body comes: with neither header there is none (RFC 9112, section 6.3)."""
    length = request.headers.get("content-length", "0")
    return length == "0" and "transfer-encoding" not in request.headers


def _check_length(request: Request, most: int) -> None:
    """Refuse a body that says itself that it is too large, before any of it is read."""
    said = request.headers.get("content-length", "")
    if said.isascii() and said.isdigit() and (len(said) > 15 or int(said) > most):
        raise _too_large(most)


async def _counted(request: Request, most: int, body: BodyLimits) -> AsyncGenerator[bytes, None]:
    _check_length(request, most)
    size, clock = 0, asyncio.get_running_loop().time
    chunks, began = request.stream(), clock()
    while True:
        until = began + body.slow_s + size / body.min_bytes_per_s
        chunk = await _next(chunks, until)
        if chunk is None:
            return
        size += len(chunk)
        if size > most:
            raise _too_large(most)
        yield chunk


async def _next(chunks: AsyncGenerator[bytes, None], until: float) -> bytes | None:
    """The next piece of a body, None at its end; whoever dribbles is not waited for."""
    try:
        async with asyncio.timeout_at(until):
            return await anext(chunks, None)
    except TimeoutError as exc:
        message = "the body did not come in time"
        raise HostError([diagnostic("HOST_BODY_SLOW", message)]) from exc


class _Multipart(MultiPartParser):
    """Starlette's parser under the app's limits, with our own words for breaking them."""

    def __init__(
        self,
        request: Request,
        stream: AsyncGenerator[bytes, None],
        body: BodyLimits,
        limits: Limits,
        keep_files: bool,
    ) -> None:
        # Counting is done here, so that what is refused has our words.
        super().__init__(
            request.headers,
            stream,
            max_files=_UNCOUNTED,
            max_fields=_UNCOUNTED,
            max_part_size=_UNCOUNTED,
        )
        self._most_files = body.max_files
        self._limits = limits
        self._keep_files = keep_files
        self._parts = 0
        self._chosen = 0
        self._sizes: list[int] = []
        self._ended = False

    def on_part_data(self, data: bytes, start: int, end: int) -> None:
        """Count a text's bytes; keep a file's only if asked to."""
        part = self._current_part
        if part.file is not None:
            if end > start and not self._sizes[-1] and not part.file.filename:
                self._count_file()  # one without a name is one from its first byte on
            self._sizes[-1] += end - start
            if not self._keep_files:
                return
        elif len(part.data) + end - start > self._limits.max_event_bytes:
            raise _text_too_large(self._limits.max_event_bytes)
        super().on_part_data(data, start, end)

    def on_headers_finished(self) -> None:
        """Count parts, and the files among them; an input without a file posts one without name."""
        self._parts += 1
        if self._parts > self._limits.max_context_keys + _OWN_FIELDS:
            raise _too_many_fields(self._limits.max_context_keys)
        super().on_headers_finished()
        if self._current_part.file is None:
            return
        self._sizes.append(0)
        if self._current_part.file.filename:
            self._count_file()

    def _count_file(self) -> None:
        self._chosen += 1
        if self._chosen > self._most_files:
            raise too_many_files(self._most_files)

    def on_end(self) -> None:
        """Remember that the body was whole."""
        self._ended = True

    async def post(self) -> Post:
        """The form, once its end was seen."""
        form = await self.parse()
        if not self._ended:
            await form.close()
            raise _invalid("the multipart body ends too early")
        fields: list[tuple[str, str | None]] = []
        files: list[PostedFile] = []
        for name, value in form.multi_items():
            if isinstance(value, UploadFile):
                fields.append((name, None))
                size = self._sizes[len(files)]
                files.append(PostedFile(name, value.filename or "", value.file, size))
            else:
                fields.append((name, value))
        return Post(tuple(fields), tuple(files))


async def _urlencoded(
    request: Request, stream: AsyncGenerator[bytes, None], limits: Limits
) -> Post:
    # Three bytes may stand for one; a text's own limit is looked at by `accept`.
    longest = 3 * limits.max_event_bytes
    raw = b"".join([chunk async for chunk in stream])
    if len(raw) > longest:
        raise _text_too_large(limits.max_event_bytes)
    parts = raw.split(b"&") if raw else []
    if len(parts) > limits.max_context_keys + _OWN_FIELDS:
        raise _too_many_fields(limits.max_context_keys)
    pairs = [part.partition(b"=") for part in parts if part]
    return Post(tuple((_unquoted(name), _unquoted(value)) for name, _, value in pairs))


def _unquoted(raw: bytes) -> str:
    return unquote_plus(raw.decode("ascii"), errors="strict")


def _invalid(message: str) -> HostError:
    return HostError([diagnostic("HOST_BODY_INVALID", message, hint="post the form as rendered")])


def _too_large(most: int) -> HostError:
    message = f"max_body_bytes is {most}"
    return HostError([diagnostic("HOST_BODY_TOO_LARGE", message)])


def _text_too_large(most: int) -> IngressError:
    message = f"max_event_bytes is {most}, a field has more"
    return IngressError([diagnostic("A2UI_C2S_CONTEXT_TOO_LARGE", message)])


def _too_many_fields(most: int) -> IngressError:
    message = f"max_context_keys is {most}, the form has more fields"
    return IngressError([diagnostic("A2UI_C2S_CONTEXT_TOO_LARGE", message)])


def too_many_files(most: int) -> HostError:
    """The refusal of one file more than may be."""
    message = f"at most {most} files may be sent at once"
    return HostError([diagnostic("HOST_UPLOAD_TOO_MANY", message)])


def not_kept(pointer: str = "") -> HostError:
    """The refusal of a file that the disk did not take."""
    message = "the file could not be written"
    return HostError([diagnostic("HOST_UPLOAD_NOT_KEPT", message, pointer=pointer)])
