"""`uicompiler compile`: one envelope in; JSONL, a JSON array or HTML out."""

from __future__ import annotations

import argparse
import os
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from uicompiler.cli.common import (
    APP_HELP,
    UsageError,
    add_file,
    app_folder,
    app_for,
    command,
    json_text,
    out,
    read_input,
    say,
    say_all,
    write_files,
)

if TYPE_CHECKING:
    from uicompiler.app import ClientProfile, UIApp
    from uicompiler.compiler import CompileResult
    from uicompiler.ir.state import UIState

_REFUSED: Final = 1
_DEGRADED: Final = 3
_UPDATES: Final = ("auto", "full", "diff", "reset")
_SIGNS_OF_ANOTHER_APP: Final = frozenset(
    {"DIRECTIVE_UNKNOWN_TYPE", "DIRECTIVE_TEMPLATE_UNKNOWN", "A2UI_S2C_VIEW_EXPIRED"}
)
_DESCRIPTION: Final = """\
Compile what a model wrote. The app of a file that lies in an app's folder is found by itself.
OUT is a file of its own each time, and never -, since standard output carries the messages.

exit status: 0 done, warnings allowed · 1 refused: nothing ran, or --strict found something
             2 wrong usage · 3 degraded: a surface could not be shown and fell back
Nothing is printed and no file is written when the status is 1 or 2."""
_EXAMPLES: Final = """\
uicompiler compile examples/crm/turns/01_show_form.json
uicompiler compile answer.txt --app examples/crm --state-out state.json
uicompiler compile next.txt --app examples/crm --state state.json --state-out state.json
model-writes-something | uicompiler compile --strict - | uicompiler validate"""


def add(commands: Any) -> None:  # argparse does not name its type
    """Add the command."""
    parser = command(
        commands,
        "compile",
        run,
        summary="compile what a model wrote into A2UI messages",
        description=_DESCRIPTION,
        examples=_EXAMPLES,
    )
    add_file(parser, "what the model wrote: an envelope, prose around it allowed")
    parser.add_argument("--app", metavar="P", help=APP_HELP)
    parser.add_argument(
        "--backend", metavar="NAME", default="a2ui-v0.8", help="default: %(default)s"
    )
    parser.add_argument(
        "--client",
        metavar="P",
        default="web_core",
        help="what the client does: web_core (default), spec, no_incremental, amnesiac",
    )
    parser.add_argument("--strict", action="store_true", help="refuse whatever needs a repair")
    parser.add_argument(
        "--update",
        choices=_UPDATES,
        default="auto",
        help="how a surface of --state is brought up to date: `diff` sends what changed, `full` "
        "its components again, `reset` builds it anew, which loses what is typed and not sent; "
        "`auto`, the default, sends a diff (--trace says what was done, and why)",
    )
    parser.add_argument("--state", metavar="IN", help="the state the last turn gave")
    parser.add_argument("--state-out", metavar="OUT", help="write the state of this turn")
    parser.add_argument("--format", choices=("jsonl", "json"), default="jsonl")
    parser.add_argument("--result", metavar="OUT", help="write the whole result as JSON")
    parser.add_argument("--trace", metavar="OUT", help="write the turn's trace as JSON")
    parser.add_argument("--conversation", metavar="ID", default="", help="the conversation's id")


def run(args: argparse.Namespace) -> int:
    """Compile; see the module docstring."""
    from uicompiler.app import TurnContext
    from uicompiler.compiler import compile
    from uicompiler.errors import UICompilerError

    _check_files(args)
    client = _client(args)
    app = app_for(args.app, args.file)
    state = _state(args, app)
    source = read_input(args.file)
    started = time.perf_counter()
    try:
        result = compile(
            source,
            app=app,
            state=state,
            backend=args.backend,
            client=client,
            turn=TurnContext(conversation_id=args.conversation),
            strict=args.strict,
            update=args.update,
        )
    except UICompilerError as exc:
        say_all(exc.diagnostics)
        return _REFUSED
    taken_ms = (time.perf_counter() - started) * 1000
    status = _deliver(args, result, taken_ms)
    codes = [item.code for item in result.diagnostics]
    if args.app is None and not _SIGNS_OF_ANOTHER_APP.isdisjoint(codes):
        say(f"note: {_which_app(args.file)}; name another with --app P")
    return status


def _which_app(file: str) -> str:
    folder = app_folder(file)
    if folder is not None:
        return f"the app is the one whose folder the file lies in, {folder}"
    lies = "standard input is of no app" if file == "-" else "the file lies in no app's folder"
    return f"{lies}, so the standard app was used"


def _check_files(args: argparse.Namespace) -> None:
    given = {"--state-out": args.state_out, "--result": args.result, "--trace": args.trace}
    for option, name in given.items():
        if name == "-":
            raise UsageError(
                f"{option} - would mix with the messages on standard output; name a file (./- for "
                "one of that name)"
            )
    named = [os.path.realpath(name) for name in given.values() if name is not None]
    if len(set(named)) != len(named):
        raise UsageError("--state-out, --result and --trace name the same file; give each its own")


def _client(args: argparse.Namespace) -> ClientProfile:
    from uicompiler.app import ClientProfile
    from uicompiler.backends.registry import backend_named

    try:
        backend_named(args.backend)
        return ClientProfile.named(args.client)
    except ValueError as exc:
        raise UsageError(str(exc)) from exc


def _state(args: argparse.Namespace, app: UIApp) -> UIState | None:
    from uicompiler.errors import StoreError
    from uicompiler.ir.state import UIState

    if args.state is None:
        return None
    if args.state == args.file == "-":
        raise UsageError("FILE and --state are both standard input; name a file for one of them")
    try:
        state = UIState.from_json(read_input(args.state), nodes=app.nodes)
    except StoreError as exc:
        raise UsageError(
            f"--state {args.state}: {exc.message}; give what --state-out wrote"
        ) from exc
    if args.conversation not in ("", state.conversation_id):
        raise UsageError(
            f"--state {args.state} is of conversation {state.conversation_id!r}, --conversation "
            f"says {args.conversation!r}; leave --conversation out"
        )
    return state


def _deliver(args: argparse.Namespace, result: CompileResult, taken_ms: float) -> int:
    status = _status(result)
    say_all(result.diagnostics)
    if result.fallback is not None:
        say(f"fallback: {result.fallback.text}")
    if status == _REFUSED:
        return status
    # Files first: what was printed but not remembered could not be taken back.
    write_files(_files(args, result, taken_ms))
    out(_output(args, result))
    return status


def _status(result: CompileResult) -> int:
    if result.ok:
        return 0
    fell_back = result.fallback is not None and result.fallback.surfaces
    return _DEGRADED if fell_back else _REFUSED


def _files(args: argparse.Namespace, result: CompileResult, taken_ms: float) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    if args.state_out is not None:
        files[args.state_out] = result.state.to_json().encode()
    if args.result is not None:
        files[args.result] = result.to_json().encode() + b"\n"
    if args.trace is not None:
        files[args.trace] = _trace(result, taken_ms)
    return files


def _trace(result: CompileResult, taken_ms: float) -> bytes:
    """The trace with the times of this run; the result itself has none and stays repeatable."""
    taken = round(taken_ms, 3)
    trace = replace(
        result.trace,
        started_at=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        timings_ms={**result.trace.timings_ms, "compile_ms": taken, "total_ms": taken},
    )
    return json_text(trace.to_dict()).encode("utf-8", "backslashreplace") + b"\n"


def _output(args: argparse.Namespace, result: CompileResult) -> bytes:
    if result.html:
        return "".join(f"{markup}\n" for markup in result.html.values()).encode()
    if args.format == "jsonl":
        return result.jsonl()
    lines = [line for batch in result.batches for line in batch.encoded]
    return b"[" + b",".join(lines) + b"]\n"
