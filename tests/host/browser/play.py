"""A recorded conversation, played again by a person in a browser, on the real host.

Recordings are of A2UI. What their user typed is typed into the page's own controls, and the button
that is the twin of the pressed component is pressed. Then the handlers must have been given what
those of the recording were, and have decided the same; the host's state must hold the same
documents; and the page must show what the library shows of that state, with what was typed since.
"""

from __future__ import annotations

import functools
import json
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, expect

from tests.examples import app_of, name_of
from tests.host.web import folder
from uicompiler import StepResult, Surface, UIApp, replay
from uicompiler.backends.registry import backend_named
from uicompiler.canonical import number_text
from uicompiler.host.turns.tools import read_upload
from uicompiler.ir import data
from uicompiler.ir.field_kinds import REDACTED, SECRET_HANDLE, UPLOAD_HANDLE
from uicompiler.ir.inputs import Input
from uicompiler.ir.values import thaw

from .hands import Hands, Keys, Mouse, payload
from .server import Handled, Server, Site
from .tab import Tab, Tabs

A2UI, HTML = backend_named("a2ui-v0.8"), backend_named("html")

PIN = "471108"
"""What is typed where a log only says that there was a secret."""

GONE = '"gone"'
"""A file that cannot be read a moment after it was taken."""

PASTED = ("character_card/paste",)
"""Recorded with a client that has no files: its user pastes what ours has in a file."""


@functools.cache
def log_of(path: Path) -> Sequence[replay.Record]:
    """The records of a log."""
    return replay.read_log(path)


@functools.cache
def turns_of(path: Path) -> Mapping[int, replay.ReplayTurn]:
    """What each turn of a log comes to with A2UI, by its line."""
    return {turn.line: turn for turn in replay.run(path, app_of(path)).turns}


def site_of(server: Server, path: Path) -> Site:
    """The example of a log, whose tools answer as they did in the log that is played."""
    example = path.parent.parent.name
    name = f"recorded-{example}"
    tools = {tool: _tool(tool) for tool in ("read_upload", "contacts.search", "contacts.delete")}
    tools["sales.list_deals"] = _tool("sales.list_deals")
    site = server.kept(
        name, lambda: UIApp.load(folder(example)), folder=folder(example), tools=tools
    )
    site.handled.clear()
    _ANSWERS.clear()
    _ANSWERS.update(_answers(log_of(path)))
    return site


_ANSWERS: dict[str, deque[Any]] = {}
"""What tools answered in the log that is played, by name."""


def _answers(records: Sequence[replay.Record]) -> dict[str, deque[Any]]:
    found: dict[str, deque[Any]] = {}
    asked: Sequence[Mapping[str, Any]] = ()
    for record in records:
        if record.kind == "outcome":
            results = record.data["tool_results"] or {}
            for call in asked:
                found.setdefault(call["name"], deque()).append(results[call["id"]])
            asked = record.data["outcome"]["tool_calls"]
    return found


def _tool(name: str) -> Any:
    def run(arguments: Any, context: Any) -> Any:
        result = _ANSWERS[name].popleft() if name in _ANSWERS else {}
        if name != "read_upload" or "error" in result:
            return result
        return read_upload(arguments, context)  # the file itself, which holds the same

    return run


@dataclass
class Play:
    """One log, played.

    Attributes:
        path: The log.
        tab: Where.
        hands: By what.
        compared: How many screens were compared.
        kinds: Kinds of fields and of nodes that were there.
    """

    path: Path
    tab: Tab
    hands: Hands
    compared: int = 0
    kinds: set[str] = field(default_factory=set)
    _typed: dict[tuple[str, str], Any] = field(default_factory=dict)
    _ahead: dict[tuple[str, str], Any] = field(default_factory=dict)
    _files: deque[str] = field(default_factory=deque)
    _expected: list[Handled] = field(default_factory=list)
    _chosen: str = ""
    _a2ui: Any = None

    def run(self) -> Iterator[replay.Record]:
        """Do all that the log says; gives each cause when the page shows what came of it."""
        log, turns = log_of(self.path), turns_of(self.path)
        self._files = deque(_files(log))
        causes = [record for record in log if record.line in turns]
        rounds = {r.line: _rounds(log, r, turns) for r in causes}
        for record in log:
            if record.kind == "edit":
                self._edit(record.data["surface"], record.data["field"], record.data["value"])
            if record.line not in turns:
                continue
            last = rounds[record.line]
            if last is None:  # a round of tools, which the host ran with the press before
                continue
            self._cause(record)
            if self._is_refused():
                self._a2ui = turns[last[-1]].result.state
                continue
            told = ""
            for line in last:
                result = turns[line].result
                toasts = [item.data["text"] for item in result.effects if item.kind == "toast"]
                told = toasts[-1] if toasts else told
                if isinstance(result, StepResult) and result.outcome is not None:
                    assert result.action is not None
                    self._expected.append(Handled(result.action, result.outcome))
            self._compare(turns[last[-1]].result.state)
            if told and record.kind != "error":
                expect(self.tab.page.locator(".ui-toast").last).to_have_text(told)
            self._a2ui = turns[last[-1]].result.state
            yield record

    def _is_refused(self) -> bool:
        """Whether the host refused what the recording's had taken: a .json that is no JSON."""
        chosen, self._chosen = self._chosen, ""
        if not chosen or _is_json(chosen):
            return False
        expect(self.tab.error("file")).to_contain_text("of this kind")
        return True

    # --- what the log says ------------------------------------------------------------------------

    def _edit(self, surface: str, name: str, value: Any) -> None:
        known = self._input(surface, name)
        self.kinds.add(f"field {known.field.kind}")
        if known.field.kind == "upload":
            self._chosen = self._files.popleft()
            self.hands.choose(surface, name, payload(self._chosen))
            return
        value = PIN if value == REDACTED else value
        self.hands.fill(surface, name, known.field, value)
        self._typed[surface, name] = self._ahead[surface, name] = value

    def _cause(self, record: replay.Record) -> None:
        if self._a2ui is None:
            self.tab.begin("conversation", self.path.stem).settle()
        elif record.kind == "model":
            self.hands.press(self._next_turn())
            self._keep_typing(lambda surface, name: not self._is_written(record, surface, name))
        elif record.kind == "error":
            assert self.tab.post(record.data["event"]) == 200
            self._begin_anew(record.data["event"]["error"]["surfaceId"])
            self.tab.settle() if self.tab.scripts else self.tab.page.reload()
        else:
            action = record.data["event"]["userAction"]
            address = A2UI.address(action["surfaceId"])
            assert address is not None
            button = self._twin(address.surface, action["sourceComponentId"])
            self.hands.press(button)
            self._typed = {k: v for k, v in self._typed.items() if k[0] != address.surface}
            sent = action["context"]
            self._ahead = {k: v for k, v in self._ahead.items() if k[1] not in sent}

    def _begin_anew(self, surface_id: str) -> None:
        """A surface is shown anew: the page keeps what was typed if scripts run, else nobody."""
        address = A2UI.address(surface_id)
        assert address is not None
        for known in (self._ahead, *(() if self.tab.scripts else (self._typed,))):
            for key in [key for key in known if key[0] == address.surface]:
                del known[key]

    def _keep_typing(self, stays: Any) -> None:
        """A turn went by: what it wrote is no longer what was typed.

        Without scripts it came as a page of its own, and a person types again what is not sent.
        """
        self._typed = {key: value for key, value in self._typed.items() if stays(*key)}
        self._ahead = {key: value for key, value in self._ahead.items() if stays(*key)}
        if not self.tab.scripts:
            for (surface, name), value in self._typed.items():
                self.hands.fill(surface, name, self._input(surface, name).field, value)

    def _is_written(self, record: replay.Record, surface: str, name: str) -> bool:
        """Whether a turn wrote an input, or took it away."""
        before = self._a2ui.surfaces.get(surface)
        after = self.tab.state.surfaces.get(surface)
        if after is None or all(item.id != name for item in after.inputs):
            return True
        place = self._input(surface, name).place
        old, new = (data.get(found.data["draft"], place) for found in (before, after))
        return bool(old != new)

    def _next_turn(self) -> Locator:
        name = self.path.stem
        return self.tab.page.locator(f'.ui-turns button[name="conversation"][value="{name}"]')

    def _input(self, surface: str, name: str) -> Input:
        inputs = self.tab.state.surfaces[surface].inputs
        found: Input = next(item for item in inputs if item.id == name)
        return found

    def _twin(self, surface: str, component: str) -> Locator:
        """The button that stands for a component: the two backends name them in one order."""
        theirs = A2UI.buttons(self._a2ui.surfaces[surface])
        order = list({id(pressed): pressed for pressed in theirs.values()})
        ours = list(HTML.buttons(self.tab.state.surfaces[surface]))
        ident = ours[order.index(id(theirs[component]))]
        return self.tab.page.locator(f'button[id="{ident}"]')

    # --- what came of it --------------------------------------------------------------------------

    def _compare(self, expected: Any) -> None:
        self._compare_handled()
        state = self.tab.state
        live = {surface.name for surface in state.live_surfaces()}
        assert live == {surface.name for surface in expected.live_surfaces()}
        for name in live:
            self._compare_documents(state.surfaces[name], expected.surfaces[name])
            self.kinds |= _kinds(state.surfaces[name])
        self._compare_page()

    def _compare_documents(self, ours: Surface, theirs: Surface) -> None:
        """They are equal, but that a browser sends what was typed with every button."""
        for part in ("committed", "draft"):
            found, expected = (loose(thaw(surface.data[part])) for surface in (ours, theirs))
            if part == "draft":
                self._bring_ahead(ours, expected)
            assert found == expected, part
        assert ours.view == theirs.view

    def _bring_ahead(self, ours: Surface, draft: Any) -> None:
        for item in ours.inputs:
            key = (ours.name, item.id)
            if key in self._ahead and key not in self._typed:
                *above, last = item.place
                place, mine = draft, ours.data["draft"]
                for step in above:
                    place, mine = place[step], mine[step]
                if loose(thaw(mine[last])) == loose(self._ahead[key]):
                    place[last] = loose(self._ahead[key])
        if name_of(self.path) in PASTED and "file" in draft:
            draft["file"] = loose(ours.data["draft"]["file"])

    def _compare_handled(self) -> None:
        pasted = name_of(self.path) in PASTED
        ours = [_told(item) for item in self.tab.site.handled if not _only_reads(item, pasted)]
        theirs = [_told(item) for item in self._expected]
        if pasted:
            ours, theirs = ([item[1] for item in told] for told in (ours, theirs))
        assert ours == theirs

    def _compare_page(self) -> None:
        tab = self.tab
        markup = tab.site.markup(tab.id, tab.language)
        shown, expected, said = tab.looked_at(markup)
        named = {surface_id.partition("#")[0]: surface_id for surface_id in markup}
        assert shown.keys() == named.keys()
        for name, surface_id in named.items():
            wanted = [self._with_typed(name, item) for item in expected[surface_id]]
            assert shown[name] == wanted
            self.compared += 1
        assert said == [text for _, text in tab.site.kept(tab.id).messages]

    def _with_typed(self, surface: str, item: list[Any]) -> list[Any]:
        if item[0] != "field" or (surface, item[1]) not in self._typed or item[2] == "password":
            return item
        return [*item[:-1], _held(item[2], self._typed[surface, item[1]])]


def _held(kind: str, value: Any) -> list[str]:
    if kind in ("radio", "checkbox"):
        if isinstance(value, bool):
            return ["true"] if value else []
        return [value] if isinstance(value, str) else list(value)
    return [str(value)]


def _rounds(
    log: Sequence[replay.Record], cause: replay.Record, turns: Mapping[int, Any]
) -> list[int] | None:
    """Lines of a cause and of the rounds of tools after it; None for such a round itself."""
    following = [record for record in log if record.line >= cause.line]
    if _is_round(following):
        return None
    lines = [cause.line]
    for at, record in enumerate(following[1:], 1):
        if record.line in turns:
            if not _is_round(following[at:]):
                break
            lines.append(record.line)
    return lines


def _is_round(following: Sequence[replay.Record]) -> bool:
    said = [record.data for record in following[:2]]
    return said[0]["kind"] == "action" and len(said) > 1 and bool(said[1].get("tool_results"))


def _files(log: Sequence[replay.Record]) -> list[str]:
    """What is in the files of a log, in order: what a tool then read, or what was pasted."""
    found: list[str] = []
    for record in log:
        pasted = str(record.data["value"]) if record.kind == "edit" else UPLOAD_HANDLE
        if not pasted.startswith(UPLOAD_HANDLE) and record.data["field"] == "file":
            found.append(pasted)
        results = record.data.get("tool_results") if record.kind == "outcome" else None
        if results and "read" in results:
            found.append(results["read"].get("text", GONE))
    return found


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def _only_reads(item: Handled, pasted: bool) -> bool:
    return pasted and bool(item.outcome.tool_calls)


def _told(item: Handled) -> tuple[Any, Any]:
    own = ("component_id", "timestamp", "idempotency_key")
    action = {k: v for k, v in item.action.to_dict().items() if k not in own}
    return loose(thaw(action)), loose(thaw(item.outcome.to_dict()))


def loose(value: Any) -> Any:
    """A value without what a browser changes: handles, the order of options, numbers as texts."""
    if isinstance(value, str):
        return next((h for h in (SECRET_HANDLE, UPLOAD_HANDLE) if value.startswith(h)), value)
    if isinstance(value, Mapping):
        return {key: loose(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        found = [loose(item) for item in value]
        return sorted(found) if all(isinstance(item, str) for item in found) else found
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return number_text(value)
    return value


def _kinds(surface: Surface) -> set[str]:
    if surface.view is None:
        return set()
    found, waiting = set(), [surface.view.root]
    while waiting:
        node = waiting.pop()
        found.add(f"node {node.node}")
        waiting.extend(getattr(node, "children", ()))
    return found


def played(
    tabs: Tabs, server: Server, path: Path, *, scripts: bool, keys: bool = False
) -> Iterator[tuple[Play, replay.Record]]:
    """Play a log, and stop at each of its turns."""
    site = site_of(server, path)
    language = "he" if path.stem == "hebrew" else "en"
    tab = tabs.open(site, scripts=scripts, language=language)
    play = Play(path, tab, Keys(tab) if keys else Mouse(tab))
    for record in play.run():
        yield play, record
