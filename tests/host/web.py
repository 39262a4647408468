"""A browser without a screen or scripts: reads pages as browsers do, fills in, presses, posts."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

import html5lib

from uicompiler import UIApp
from uicompiler.host import KeyRing, create_app
from uicompiler.resources import data_path

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # Starlette would rather have another HTTP client
    from starlette.testclient import TestClient

Response = Any  # of whichever HTTP client Starlette uses
Field = tuple[str, Any]
File = tuple[str, bytes, str]
"""Name, content and content type, as an HTTP client takes a file."""

RING = KeyRing({"k1": b"a key for tests, 32 bytes long .."})
XHTML = "{http://www.w3.org/1999/xhtml}"


@functools.cache
def example(name: str) -> UIApp:
    return UIApp.load(data_path(f"examples/{name}"))


def folder(name: str) -> Path:
    return data_path(f"examples/{name}")


class Browser:
    """One visitor of one host.

    Attributes:
        response: The last one.
        client: The HTTP client, with its cookies.
        host: What serves.
    """

    def __init__(self, app: UIApp, tmp_path: Path, **settings: Any) -> None:
        given = {"signer": RING, "state_dir": tmp_path, **settings}
        self.asgi = create_app(app, **given)
        self.host = self.asgi.state.host
        self.client = TestClient(self.asgi, raise_server_exceptions=True)
        self.response: Response = None

    def another(self) -> Browser:
        """Another visitor of the same host."""
        other = object.__new__(Browser)
        other.asgi, other.host = self.asgi, self.host
        other.client, other.response = TestClient(self.asgi), None
        return other

    # --- going around -----------------------------------------------------------------------------

    def begin(self, **chosen: str) -> Browser:
        """Begin a conversation, with `turn=…` or `conversation=…` if one is named."""
        self.response = self.client.post("/", data=chosen)
        assert self.response.status_code == 200, self.response.text
        return self

    @property
    def path(self) -> str:
        return self.response.url.path.removesuffix("/turns").removesuffix("/events")

    @property
    def id(self) -> str:
        return self.path.split("/")[2]

    @property
    def kept(self) -> Any:
        """What the host keeps of the conversation."""
        return self.host._store.read(self.id)

    @property
    def state(self) -> Any:
        return self.kept.state

    def reload(self, **query: str) -> Browser:
        self.response = self.client.get(self.path, params=query)
        return self

    # --- reading ----------------------------------------------------------------------------------

    @property
    def root(self) -> Element:
        known = getattr(self, "_read", (None, None))
        if known[0] is not self.response:
            self._read = known = (self.response, html5lib.parse(self.response.text))
        return known[1]

    @property
    def text(self) -> str:
        """What a reader sees, in order."""
        return " ".join(" ".join(self.root.find(f".//{XHTML}main").itertext()).split())

    def form(self, surface: str = "main") -> Element:
        frames = (e for e in self.root.iter() if e.get("id") == f"ui-{surface}")
        return next(e for e in next(frames).iter(f"{XHTML}form"))

    def fields(self, surface: str = "main") -> list[Field]:
        """What a browser would post of the form, without a button."""
        return list(_entries(self.form(surface)))

    def values(self, surface: str = "main") -> dict[str, Any]:
        return dict(self.fields(surface))

    def error_of(self, field: str) -> str:
        """The text beside a field."""
        wrapper = next(e for e in self.root.iter() if e.get("data-field") == field)
        found = (e for e in wrapper.iter() if e.get("class") == "ui-error")
        return next(("".join(e.itertext()) for e in found), "")

    def button(self, label: str, surface: str = "main") -> str:
        """The `_press` of the button with a label."""
        for element in self.form(surface).iter(f"{XHTML}button"):
            if "".join(element.itertext()).strip() == label and element.get("name") == "_press":
                return str(element.get("value"))
        raise LookupError(f"no button {label!r}")

    # --- posting ----------------------------------------------------------------------------------

    def post_of(
        self,
        button: str,
        typed: Mapping[str, Any] | None = None,
        *,
        surface: str = "main",
        files: Mapping[str, File] | None = None,
    ) -> list[Field]:
        """The fields of a press: everything on the form, with what was typed and chosen."""
        typed = {f"f.{name}": value for name, value in (typed or {}).items()}
        chosen = {f"f.{name}": file for name, file in (files or {}).items()}
        found: list[Field] = []
        for name, value in self.fields(surface):
            if isinstance(value, tuple):
                found.append((name, chosen.get(name, value)))
            elif name not in typed:
                found.append((name, value))
        for name, value in typed.items():
            found.extend((name, item) for item in (value if isinstance(value, list) else [value]))
        return [*found, ("_press", self.button(button, surface))]

    def press(
        self,
        button: str,
        typed: Mapping[str, Any] | None = None,
        *,
        surface: str = "main",
        files: Mapping[str, File] | None = None,
        **headers: str,
    ) -> Browser:
        """Type, choose files, press; the page that comes back is read from then on."""
        post = self.post_of(button, typed, surface=surface, files=files)
        self.response = self.send(post, **headers)
        return self

    def send(self, post: Iterable[Field], *, path: str | None = None, **headers: str) -> Response:
        """Post fields as a browser does."""
        parts = [
            (name, value if isinstance(value, tuple) else (None, value)) for name, value in post
        ]
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.post(path or self.path, files=parts, headers=told)

    def pick(self, **chosen: str) -> Browser:
        """Press a button that runs an example turn."""
        form = next(e for e in self.root.iter(f"{XHTML}form") if e.get("class") == "ui-turns")
        data = {**dict(_entries(form)), **chosen}
        self.response = self.client.post(str(form.get("action")), data=data)
        return self


def changed(post: Iterable[Field], **values: Any) -> list[Field]:
    """A post with some fields changed; None takes one out, `f__x` is spelled `f.x`."""
    named = {name.replace("__", "."): value for name, value in values.items()}
    kept = [(n, named.pop(n, None) if n in named else v) for n, v in post]
    return [(n, v) for n, v in [*kept, *named.items()] if v is not None]


def _entries(form: Element) -> Iterable[Field]:
    """The entry list of a form (HTML, "Constructing the entry list")."""
    for element in form.iter():
        tag, name = element.tag.removeprefix(XHTML), element.get("name")
        if not name or element.get("disabled") is not None:
            continue
        if tag == "textarea":
            yield name, "".join(element.itertext())
        elif tag == "select":
            yield name, _selected(element)
        elif tag == "input":
            yield from _input(element, name)


def _selected(element: Element) -> str:
    options = list(element.iter(f"{XHTML}option"))
    chosen = [option for option in options if option.get("selected") is not None]
    return str((chosen or options)[0].get("value"))


def _input(element: Element, name: str) -> Iterable[Field]:
    kind = element.get("type", "text")
    if kind == "file":
        yield name, ("", b"", "application/octet-stream")
    elif kind not in ("checkbox", "radio", "submit") or element.get("checked") is not None:
        yield name, element.get("value", "")
