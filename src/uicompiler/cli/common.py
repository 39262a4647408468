"""What several commands need: input, output, files written whole, apps, words safe to print."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import stat
import sys
import traceback
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from uicompiler.ir.text import printable as printable

if TYPE_CHECKING:
    from uicompiler.app import UIApp
    from uicompiler.errors import Diagnostic

MAX_INPUT_BYTES: Final = 256 * 1024 * 1024
APP_HELP: Final = "folder with an app.yaml, or module:attribute"


class UsageError(Exception):
    """The command cannot be run like this; the message says what, and what to do."""


def command(
    commands: Any,  # argparse does not name its type
    name: str,
    run: Callable[[argparse.Namespace], int],
    *,
    summary: str,
    description: str,
    examples: str,
) -> argparse.ArgumentParser:
    """Add one command with its help; `examples` is one command a line."""
    parser: argparse.ArgumentParser = commands.add_parser(
        name,
        help=summary,
        description=description,
        epilog="examples:\n" + "".join(f"  {line}\n" for line in examples.splitlines()),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.set_defaults(run=run, parser=parser)
    return parser


def add_file(parser: argparse.ArgumentParser, what: str) -> None:
    """Add the argument FILE, standard input by default."""
    parser.add_argument(
        "file", nargs="?", default="-", metavar="FILE", help=f"{what}; - (default) reads stdin"
    )


# --- input ----------------------------------------------------------------------------------------


def read_input(name: str) -> bytes:
    """All bytes of a file, or of standard input for `-`.

    Raises:
        UsageError: it cannot be read, or is larger than any input has to be.
    """
    try:
        if name == "-":
            return _limited(_standard_input(), "standard input")
        with Path(name).open("rb") as stream:
            return _limited(stream, name)
    except (OSError, ValueError) as exc:
        reason = exc.strerror if isinstance(exc, OSError) else exc
        raise UsageError(
            f"cannot read {name}: {reason}; give a file, or - for standard input"
        ) from exc


def _standard_input() -> BinaryIO:
    if sys.stdin is None:  # as when a shell closed it: `<&-`
        raise ValueError("standard input is closed")
    return sys.stdin.buffer


def _limited(stream: BinaryIO, name: str) -> bytes:
    content = stream.read(MAX_INPUT_BYTES + 1)
    if len(content) > MAX_INPUT_BYTES:
        raise UsageError(f"{name} has more than {MAX_INPUT_BYTES} bytes; give it in parts")
    return content


# --- output ---------------------------------------------------------------------------------------


def out(data: bytes | str) -> None:
    """Write data to standard output: bytes as they are, text as UTF-8."""
    raw = data if isinstance(data, bytes) else data.encode("utf-8", "backslashreplace")
    sys.stdout.flush()
    sys.stdout.buffer.write(raw)
    sys.stdout.buffer.flush()


def say(line: str) -> None:
    """Write one line to standard error, whatever is in it."""
    with contextlib.suppress(OSError):
        print(printable(line), file=sys.stderr, flush=True)


def say_all(findings: Iterable[Diagnostic]) -> None:
    """Write diagnostics to standard error, one a line."""
    for finding in findings:
        say(str(finding))


def json_text(value: object, *, indent: int | None = None) -> str:
    """A JSON value as text; compact without an indent."""
    separators = (",", ":") if indent is None else None
    return json.dumps(value, ensure_ascii=False, separators=separators, indent=indent)


def write_files(contents: Mapping[str, bytes]) -> None:
    """Write files so that each is there whole or as it was, and all of them or none.

    Raises:
        UsageError: one cannot be written; all are as they were.
    """
    staged: list[tuple[Path, Path]] = []
    try:
        for name, content in contents.items():
            target = Path(os.path.realpath(name))
            if _is_special(target):  # such as /dev/stdout, which a rename would replace
                target.write_bytes(content)
                continue
            draft = target.with_name(f".{target.name}.{os.getpid()}.tmp")
            staged.append((draft, target))
            _stage(draft, target, content)
        for draft, target in staged:
            draft.replace(target)
    except OSError as exc:
        place = ", ".join(contents)
        raise UsageError(f"cannot write {place}: {exc.strerror or exc}; nothing was sent") from exc
    finally:
        for draft, _ in staged:
            draft.unlink(missing_ok=True)


def _is_special(path: Path) -> bool:
    return path.exists() and not path.is_file() and not path.is_dir()


def _stage(draft: Path, target: Path, content: bytes) -> None:
    if target.is_dir():
        raise IsADirectoryError(21, "it is a folder", str(target))
    draft.write_bytes(content)
    if target.exists():
        draft.chmod(stat.S_IMODE(target.stat().st_mode))


# --- apps -----------------------------------------------------------------------------------------


def app_for(place: str | None, file: str) -> UIApp:
    """The app that is named, else the one the file lies in, else the standard one.

    Raises:
        UsageError: no such app, or it cannot be loaded.
    """
    from uicompiler.app import UIApp

    if place is not None:
        return load_app(place)
    folder = app_folder(file)
    return UIApp.standard() if folder is None else load_app(str(folder))


def load_app(place: str) -> UIApp:
    """Load an app.

    Raises:
        UsageError: no such app, or its files or its code are wrong.
    """
    from uicompiler.app import UIApp
    from uicompiler.errors import UICompilerError

    if ":" in place and str(Path.cwd()) not in sys.path:
        # As `python -m` does; the console script starts without the current folder.
        sys.path.insert(0, str(Path.cwd()))
    try:
        return UIApp.load(place)
    except UICompilerError as exc:
        raise UsageError("; ".join(str(item) for item in exc.diagnostics)) from exc
    except Exception as exc:
        # An app's own code runs here; that it fails is a fact about --app, not about us.
        if os.environ.get("UICOMPILER_TRACEBACK") == "1":
            raise
        last = traceback.extract_tb(exc.__traceback__)[-1]
        where = f"{Path(last.filename).name}, line {last.lineno}"
        raise UsageError(
            f"the app {place} cannot be loaded: {type(exc).__name__}: {exc} ({where}; "
            "UICOMPILER_TRACEBACK=1 shows the way there)"
        ) from exc


def app_folder(file: str) -> Path | None:
    """The closest folder above a file that holds an app.yaml, or an app.json."""
    if file == "-":
        return None
    for folder in Path(os.path.realpath(file)).parents:
        if any((folder / name).is_file() for name in ("app.yaml", "app.json")):
            # Loading an app runs its code; nobody vouches for a folder all may write to.
            return None if folder.stat().st_mode & stat.S_ISVTX else folder
    return None
