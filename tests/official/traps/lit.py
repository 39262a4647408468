"""The official Lit elements, run in Node on a page of jsdom.

`LitClient` starts `lit.mjs`. A page takes steps (messages, clicks, typing) and then tells what
each element drew. What only a browser has stays unseen: layout, fonts, the network, the top layer.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.official import bridge

PROGRAM = Path(__file__).parent / "lit.mjs"


@dataclass(frozen=True)
class Element:
    """One element of the page: the component's id, and what it drew in its shadow."""

    id: str
    tag: str
    html: str
    text: str
    inputs: list[dict[str, Any]]
    attributes: dict[str, str]


@dataclass(frozen=True)
class Page:
    """A page after its steps.

    Attributes:
        results: Per step None, or the name and message of what the processor threw.
        shown: Every element in tree order.
        loose: Texts beside the elements.
        events: Name and source of every action that a host would hear.
        thrown: Names and messages of what elements threw while they drew.
        data: The surface's data model.
    """

    results: list[dict[str, str] | None]
    shown: list[Element]
    loose: list[str]
    events: list[dict[str, str]]
    thrown: list[dict[str, str]]
    data: Any

    def __getitem__(self, ident: str) -> Element:
        """The element of a component."""
        return next(element for element in self.shown if element.id == ident)

    def of(self, kind: str) -> list[Element]:
        """The elements of a type, such as `TextField`."""
        return [element for element in self.shown if element.tag == f"a2ui-{kind.lower()}"]

    def one(self, kind: str) -> Element:
        """The only element of a type."""
        [element] = self.of(kind)
        return element


def click(component: str, inside: str | None = None) -> dict[str, Any]:
    """A click on a component, or on what a selector finds in its shadow."""
    return {"what": "click", "component": component, "inside": inside}


def typing(component: str, value: str | bool) -> dict[str, Any]:
    """Typing into a component's input, or ticking it."""
    return {"what": "type", "component": component, "value": value}


class LitClient:
    """One Node process that serves any number of pages.

    Args:
        tz: Time zone of the client.
        markdown: Whether the package that renders markdown is installed.
    """

    def __init__(self, *, tz: str = "UTC", markdown: bool = True) -> None:
        self._tz = tz
        self._arguments = [] if markdown else ["--without-markdown"]
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Start the process; installs the official packages when they are not there."""
        bridge.ensure_node_modules()
        self._process = subprocess.Popen(
            ["node", str(PROGRAM), *self._arguments],
            env={**os.environ, "TZ": self._tz, "NODE_OPTIONS": ""},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
        )

    def page(self, messages: Iterable[Any], *steps: dict[str, Any], **options: Any) -> Page:
        """A page of its own after messages and steps.

        Args:
            messages: What the client is sent, first.
            steps: `click`, `typing` or further messages.
            options: `surface`, its id; `custom`, whether other elements are let in.
        """
        assert self._process is not None
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        done = [
            step if "what" in step else {"what": "apply", "message": step}
            for step in (*messages, *steps)
        ]
        self._process.stdin.write(json.dumps({"id": 0, "steps": done, **options}) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        if "refused" in answer:
            raise AssertionError(answer["refused"])
        shown = [Element(**element) for element in answer["shown"]]
        names = ("results", "loose", "events", "thrown", "data")
        return Page(shown=shown, **{name: answer[name] for name in names})

    def close(self) -> None:
        """End the process."""
        process, self._process = self._process, None
        if process is not None and process.stdin is not None and process.stdout is not None:
            process.stdin.close()
            process.wait(timeout=10)
            process.stdout.close()
