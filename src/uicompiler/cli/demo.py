"""`uicompiler demo`: a whole conversation, live, with everything that passes between the parts.

The model's turns come from a script; all else is real: compile, a simulated client that shows and
sends, the app's own handlers. Plain text; colours only for a terminal that wants them.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from uicompiler.cli.common import APP_HELP, UsageError, command, json_text, load_app, out, printable

if TYPE_CHECKING:
    from uicompiler.cli.live import LiveStep
    from uicompiler.compiler import CompileResult
    from uicompiler.ir.state import UIState

_DESCRIPTION: Final = """\
Play conversations of the example CRM: what the model writes, the A2UI messages made of it, the
screen a client shows, the action that comes back, and what is committed in the end. Without a name
two are played, of another app's folder all.

Waits for Enter between turns; not with --once, with DEMO_ONCE=1, or away from a terminal."""
_EXAMPLES: Final = """\
uicompiler demo
uicompiler demo pipeline --once --full
uicompiler demo --app examples/crm"""

_SHORT: Final = ("contact", "bulk_delete")
"""What is played of the example CRM when nobody asks for more."""

_INDENT: Final = "    "
_STYLES: Final = {"title": "1;36", "turn": "1", "label": "2", "user": "33", "note": "35"}


def add(commands: Any) -> None:  # argparse does not name its type
    """Add the command."""
    parser = command(
        commands,
        "demo",
        run,
        summary="play the example conversations",
        description=_DESCRIPTION,
        examples=_EXAMPLES,
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="a conversation, such as pipeline")
    parser.add_argument("--once", action="store_true", help="do not wait between turns")
    parser.add_argument("--full", action="store_true", help="do not shorten long lines")
    parser.add_argument("--app", metavar="P", help=f"default: the example CRM; {APP_HELP}")


def run(args: argparse.Namespace) -> int:
    """Play; see the module docstring."""
    folder = _folder(args.app)
    scripts = _scripts(folder, args.names or (_SHORT if args.app is None else ()))
    page = _Page.of(full=args.full, waits=_waits(once=args.once))
    for number, script in enumerate(scripts, start=1):
        page.title(f"conversation {number} of {len(scripts)}: {script.stem}")
        _play(script, folder, page)
    return 0


def _scripts(folder: Path, names: Sequence[str]) -> list[Path]:
    """The conversations to play, by name; all of the folder's for no names."""
    known = {path.stem: path for path in sorted((folder / "conversations").glob("*.jsonl"))}
    if not known:
        raise UsageError(
            f"{folder} has no conversations/*.jsonl to play; leave --app out for the example CRM"
        )
    unknown = [name for name in names if name not in known]
    if unknown:
        raise UsageError(f"no conversation is called {unknown[0]!r}; known: {', '.join(known)}")
    return [known[name] for name in names or known]


def _folder(place: str | None) -> Path:
    from uicompiler.resources import data_path

    if place is not None:
        return Path(place)
    try:
        return data_path("examples/crm")
    except FileNotFoundError as exc:
        raise UsageError(f"{exc}; name an app's folder with --app") from exc


def _waits(*, once: bool) -> bool:
    asked = once or os.environ.get("DEMO_ONCE") == "1"
    return not asked and sys.stdin is not None and sys.stdin.isatty() and sys.stdout.isatty()


def _play(script: Path, folder: Path, page: _Page) -> None:
    from uicompiler.cli.live import play
    from uicompiler.errors import StoreError

    state: UIState | None = None
    turns = 0
    try:
        for step in play(script, load_app(str(folder))):
            if step.result is None:
                _between(step, page)
                continue
            if turns:
                page.wait()
            turns += 1
            state = step.result.state
            _turn(turns, step, step.result, page)
    except StoreError as exc:
        raise UsageError(f"{script} cannot be played: {exc}") from exc
    if state is not None:
        _end(state, page)


# --- what is shown --------------------------------------------------------------------------------


def _between(step: LiveStep, page: _Page) -> None:
    """An edit, or the beginning."""
    if step.record.data.get("kind") != "meta":
        page.line(f"> {step.says}", "user")


def _turn(number: int, step: LiveStep, result: CompileResult, page: _Page) -> None:
    page.turn(f"turn {number}: {step.says}")
    if step.action is not None:
        page.block("the action that came back", [_action(step)])
    if result.assistant_text:
        page.block("the model says", result.assistant_text.split("\n"))
    page.block("directives", _directives(step))
    page.block("tools to run", _tools(result))
    page.block("effects", [json_text(effect.to_dict()) for effect in result.effects])
    sent = result.jsonl().decode()
    page.block(f"A2UI messages ({len(sent.encode())} bytes)", sent.split("\n")[:-1])
    page.block("findings", map(str, result.diagnostics))
    if result.fallback is not None:
        page.block("fallback", [result.fallback.text])
    page.block("the screen", step.screen.split("\n"), short=False)


def _action(step: LiveStep) -> str:
    action = step.action
    if action is None:
        return ""
    values = {**action.context, **action.args, **({"row": action.row} if action.row else {})}
    results = "" if action.tool_results is None else f" {_compact(action.tool_results)}"
    return f"{action.name} {_compact(values)}{results}"


def _directives(step: LiveStep) -> Iterator[str]:
    """The directives of a turn: the model's, or those an action's handler answered with."""
    outcome = getattr(step.result, "outcome", None)
    for op in () if outcome is None else outcome.commit:
        yield f"commit {op.op} {op.path} {_compact(op.value)}"
    found = _model_directives(step) if outcome is None else outcome.directives
    for item in found:
        known = isinstance(item, dict) and isinstance(item.get("type"), str)
        yield f"{item['type']} {_compact(item.get('payload', {}))}" if known else _compact(item)


def _model_directives(step: LiveStep) -> Iterable[Any]:
    from uicompiler.directives.envelope import parse_envelope

    data = step.record.data
    source = data.get("text", data.get("envelope"))
    envelope = None if source is None else parse_envelope(source).envelope
    return () if envelope is None else envelope.directives


def _tools(result: CompileResult) -> Iterator[str]:
    """What the edge is asked for."""
    for call in getattr(result, "tool_calls", ()):
        yield f"{call.name} {_compact(call.arguments)}"


def _compact(value: object) -> str:
    from uicompiler.ir.values import thaw

    return json_text(thaw(value))


def _end(state: UIState, page: _Page) -> None:
    page.turn("in the end")
    for surface in state.surfaces.values():
        page.block(f"committed on {surface.name}", _pretty(surface.data["committed"]), short=False)
    page.block("state hash", [state.hash])
    page.line("")


def _pretty(value: object) -> list[str]:
    from uicompiler.ir.values import thaw

    return json_text(thaw(value), indent=2).split("\n")


# --- the page -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Page:
    """Where lines go.

    Attributes:
        width: Longest line; 0 for any.
        colours: Whether styles are shown.
        waits: Whether a person is asked to press Enter.
    """

    width: int
    colours: bool
    waits: bool

    @classmethod
    def of(cls, *, full: bool, waits: bool) -> _Page:
        """The page for this terminal, or for none."""
        terminal = sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
        width = 0 if full else max(40, shutil.get_terminal_size((100, 24)).columns)
        return cls(width, terminal and not os.environ.get("NO_COLOR"), waits)

    def title(self, text: str) -> None:
        self.line(f"=== {text} {'=' * max(0, 60 - len(text))}", "title")

    def turn(self, text: str) -> None:
        self.line("")
        self.line(text, "turn")

    def block(self, label: str, lines: Iterable[str], *, short: bool = True) -> None:
        """A label and lines under it; nothing without lines."""
        shown = [line for line in lines if line]
        if shown:
            self.line(f"  {label}", "label")
        for line in shown:
            self.line(f"{_INDENT}{line}", short=short)

    def line(self, text: str, style: str = "", *, short: bool = True) -> None:
        safe = printable(text)
        if short and self.width and len(safe) > self.width:
            safe = f"{safe[: self.width - 1]}…"
        code = _STYLES.get(style)
        out(f"\x1b[{code}m{safe}\x1b[0m\n" if code and self.colours else f"{safe}\n")

    def wait(self) -> None:
        """Let a person read on when ready; the end of input counts as Enter."""
        if self.waits:
            out("\n[Enter] ")
            sys.stdin.readline()
