"""The pytest plugin: recorded conversations as tests of the app that they were recorded with.

One line in the host app's configuration, `uicompiler_app = "apps/crm"`, makes a test of every log
in `tests/replays/`. Each is run again through today's code (`uicompiler.replay`); handlers and
tools are never called. What goes out differently fails, told by text, field and action. Where
`uicompiler_app` is not set, nothing here does anything, and nothing heavy is imported.
"""

from __future__ import annotations

import os
import sys
import traceback
import warnings
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from uicompiler.app import UIApp
    from uicompiler.errors import StoreError
    from uicompiler.replay import ReplayResult, ReplayTurn

_APP: Final = "uicompiler_app"
_REPLAYS: Final = "uicompiler_replays"
_DEFAULT: Final = "tests/replays/*.jsonl"
_UPDATE: Final = "--update-replays"
_REFUSED: Final = "--update-refused-replays"
_PROPERTY: Final = "uicompiler_replay"
_SHOWN_TURNS: Final = 10
_SHOWN_DIFFERENCES: Final = 20


class ReplayWarning(pytest.PytestWarning):
    """A replay says something that fails no test, such as that the app has changed since."""


class ReplayFailed(Exception):
    """What went wrong with one log, as text for a person."""


# --- settings -------------------------------------------------------------------------------------


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add what can be set in a configuration file or on the command line."""
    parser.addini(_APP, "the app of the replays: its folder, or module:attribute")
    parser.addini(
        _REPLAYS,
        f"patterns of recorded conversations, from the root folder; {_DEFAULT} by default",
        type="linelist",
        default=[_DEFAULT],
    )
    group = parser.getgroup("uicompiler", "recorded conversations (uicompiler)")
    group.addoption(
        _UPDATE,
        action="store_true",
        help="write what goes out now into the recorded conversations, and say which changed",
    )
    group.addoption(
        _REFUSED,
        action="store_true",
        help=f"with {_UPDATE}: also where turns that were taken are refused now, or the reverse",
    )
    group.addoption(
        "--replay-app", metavar="APP", help=f"the app of the replays, instead of {_APP}"
    )


class _Replays:
    """What a session knows of its replays.

    Attributes:
        named: Whether the app is named on the command line, whatever the logs say.
        place: Where the app is; "" where the plugin is not used.
        files: The recorded conversations.
    """

    def __init__(self, config: pytest.Config) -> None:
        self.named = bool(config.getoption("--replay-app"))
        self.place = str(config.getoption("--replay-app") or config.getini(_APP) or "")
        self.patterns: Sequence[str] = config.getini(_REPLAYS) if self.place else ()
        self.root = config.rootpath
        self.files = frozenset(self._found())
        self._app: UIApp | ReplayFailed | None = None

    def _found(self) -> Iterator[Path]:
        for pattern in self.patterns:
            if Path(pattern).is_absolute():
                raise pytest.UsageError(f"{_REPLAYS}: {pattern!r} has to be relative to the root")
            yield from self.root.glob(pattern)

    def folders(self) -> list[Path]:
        """The folders of the patterns, as far as they are named."""
        parts = [_fixed_parts(pattern) for pattern in self.patterns]
        return [self.root.joinpath(*fixed) for fixed in parts]

    def app(self) -> UIApp:
        """The app, loaded once.

        Raises:
            ReplayFailed: it cannot be; every replay fails then.
        """
        if self._app is None:
            self._app = self._loaded()
        if isinstance(self._app, ReplayFailed):
            raise self._app
        return self._app

    def _loaded(self) -> UIApp | ReplayFailed:
        from uicompiler.app import UIApp
        from uicompiler.errors import UICompilerError

        folder = self.root / self.place
        if not folder.exists() and str(self.root) not in sys.path:
            sys.path.insert(0, str(self.root))  # as for `python -m`
        said = f"the app {self.place} cannot be loaded"
        try:
            return UIApp.load(folder if folder.exists() else self.place)
        except UICompilerError as exc:
            found = "\n".join(f"  {_line(str(item))}" for item in exc.diagnostics)
            return ReplayFailed(f"{said}:\n{found}\nsee {_APP} in {self._configured()}")
        except Exception:  # the app's own code runs here
            return ReplayFailed(f"{said}, since its code fails:\n{traceback.format_exc()}")

    def _configured(self) -> str:
        return f"the configuration of {self.root}"


def _fixed_parts(pattern: str) -> Iterator[str]:
    for part in Path(pattern).parent.parts:
        if any(sign in part for sign in "*?["):
            return
        yield part


_STASH: Final = pytest.StashKey[_Replays]()


def pytest_configure(config: pytest.Config) -> None:
    """Find the recorded conversations; where the tests' folders are configured, add theirs."""
    replays = _Replays(config)
    config.stash[_STASH] = replays
    if config.args_source is not pytest.Config.ArgsSource.TESTPATHS:
        return
    known = [(config.invocation_params.dir / name).resolve() for name in config.args]
    for folder in replays.folders():
        inside = any(folder.resolve().is_relative_to(place) for place in known)
        if folder.is_dir() and not inside:
            config.args.append(str(folder))


def pytest_report_header(config: pytest.Config) -> str | None:
    """Say what is replayed, and how many files there are; nothing where there is no app."""
    replays = config.stash[_STASH]
    if not replays.place:
        return None
    count, patterns = len(replays.files), ", ".join(replays.patterns)
    return f"uicompiler: {count} replay{'' if count == 1 else 's'} ({patterns}) of {replays.place}"


# --- collection -----------------------------------------------------------------------------------


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> ReplayFile | None:
    """A recorded conversation is a file of one test."""
    replays = parent.config.stash[_STASH]
    named = file_path.suffix == ".jsonl" and parent.session.isinitpath(file_path)
    if not replays.place or not (named or file_path in replays.files):
        return None
    return ReplayFile.from_parent(parent, path=file_path)


class ReplayFile(pytest.File):
    """One recorded conversation."""

    def collect(self) -> Iterable[ReplayItem]:
        """The one test that it is; nothing is read yet."""
        yield ReplayItem.from_parent(self, name="replay")


class ReplayItem(pytest.Item):
    """One recorded conversation, run again."""

    def runtest(self) -> None:
        """Run it; or, with `--update-replays`, write down what goes out now.

        Raises:
            ReplayFailed: something goes out differently, the log is broken, or there is no app.
        """
        from uicompiler.errors import StoreError

        app = self.config.stash[_STASH].app()
        self._check_app(app)
        try:
            (self._update if self.config.getoption(_UPDATE) else self._run)(app)
        except StoreError as exc:
            raise ReplayFailed(_refused(self._name, exc)) from exc

    def _check_app(self, app: UIApp) -> None:
        """Refuse a log of another app, unless that is what was asked for."""
        from uicompiler.replay import recorded_app

        known = recorded_app(self.path.read_bytes())
        if known and known != app.id and not self.config.stash[_STASH].named:
            where = f"{_APP} in the configuration names {app.id!r}"
            why = f"{self._name} was recorded with the app {_line(repr(known))}, but {where}"
            raise ReplayFailed(f"{why}; name the one to replay it with by --replay-app")

    @property
    def _name(self) -> str:
        return self.nodeid.partition("::")[0]

    def _run(self, app: UIApp) -> None:
        from uicompiler import replay

        result = replay.run(self.path, app)
        for item in result.diagnostics:
            if item.severity == "warning":
                self._warn(f"{self._name}: {_line(_hinted(str(item)))}")
        if not result.ok:
            raise ReplayFailed("\n".join(_report(self._name, result, self._verbose)))

    def _update(self, app: UIApp) -> None:
        from uicompiler import replay

        before = self.path.read_bytes()
        after = replay.update(before, app, refused=self.config.getoption(_REFUSED))
        if after == before:
            self.user_properties.append((_PROPERTY, "unchanged"))
            return
        result = replay.run(before, app)
        changed = [turn.title for turn in result.turns if turn.differences]
        _write(self.path, after)
        what = ", ".join(changed) if changed else "only what it was recorded with"
        self.user_properties.append((_PROPERTY, f"updated ({what})"))

    def _warn(self, text: str) -> None:
        """Warn, of no line: pytest would show all of it, and a log's first one is long."""
        warnings.warn_explicit(ReplayWarning(text), None, filename=str(self.path), lineno=0)

    @property
    def _verbose(self) -> bool:
        return self.config.get_verbosity() > 1

    def repr_failure(
        self, excinfo: pytest.ExceptionInfo[BaseException], style: object = None
    ) -> str:
        """What differs, or is broken; a bug comes with its traceback."""
        if isinstance(excinfo.value, (ReplayFailed, ReplayWarning)):
            return str(excinfo.value)
        return str(super().repr_failure(excinfo))

    def reportinfo(self) -> tuple[Path, int, str]:
        """Where the test is, in words."""
        return self.path, 0, self._name


def _write(path: Path, content: bytes) -> None:
    """Write a file so that it is there whole, whatever happens."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    draft.write_bytes(content)
    draft.replace(path)


# --- what is said ---------------------------------------------------------------------------------


def _refused(name: str, error: StoreError) -> str:
    """Why a log was not replayed, or not written anew."""
    kept = error.code in ("REPLAY_REFUSED", "REPLAY_CHAINED")
    what = "stays as it is" if kept else "is no log that can be replayed"
    found = [f"  {_line(_hinted(str(item)))}" for item in error.diagnostics]
    return "\n".join([f"{name} {what}:", *found])


def _report(name: str, result: ReplayResult, verbose: bool) -> Iterator[str]:
    """What differs, turn by turn."""
    differing = [turn for turn in result.turns if turn.differences or turn.refusal]
    count = len(result.turns) + len(result.left_out)
    refused = any(turn.refusal for turn in differing)
    verb = "sends" if len(differing) == 1 else "send"
    what = "came to something else" if refused else f"{verb} something else"
    yield f"{name}: {len(differing)} of {count} turns {what}"
    shown = differing if verbose else differing[:_SHOWN_TURNS]
    for turn in shown:
        yield from _turn(turn, verbose)
    if len(shown) < len(differing):
        yield f"and {len(differing) - len(shown)} more turns (-vv shows all)"
    flags = f"{_UPDATE} {_REFUSED}" if refused else _UPDATE
    yield f"If it is meant, write it down and review the difference: pytest {flags} {name}"


def _turn(turn: ReplayTurn, verbose: bool) -> Iterator[str]:
    yield f"{turn.title}{f' {turn.refusal}' if turn.refusal else ''}:"
    shown = turn.differences if verbose else turn.differences[:_SHOWN_DIFFERENCES]
    for difference in shown:
        yield f"  {_line(str(difference))}"
    if len(shown) < len(turn.differences):
        yield f"  and {len(turn.differences) - len(shown)} more (-vv shows all)"


def _hinted(text: str) -> str:
    """A finding whose hint names the options of pytest, not those of the command."""
    return text.replace("--update-snapshots", _UPDATE).replace("--update-refused", _REFUSED)


def _line(text: str) -> str:
    """Text of a log or an app on one line, where it can do nothing to a terminal."""
    from uicompiler.ir.text import printable

    return printable(text)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """With `--update-replays`, say which files changed."""
    if not terminalreporter.config.getoption(_UPDATE):
        return
    reports = [*terminalreporter.getreports("passed"), *terminalreporter.getreports("")]
    told = sorted(
        (report.nodeid.partition("::")[0], value)
        for report in reports
        for name, value in getattr(report, "user_properties", ())
        if name == _PROPERTY and getattr(report, "when", "") == "call"
    )
    if not terminalreporter.config.stash[_STASH].place:
        terminalreporter.write_line(f"uicompiler: no app is named; set {_APP}", red=True)
        return
    terminalreporter.section("replays")
    for file, what in told:
        if what != "unchanged":
            terminalreporter.write_line(f"{file}: {what}")
    unchanged = sum(what == "unchanged" for _, what in told)
    terminalreporter.write_line(f"{len(told) - unchanged} updated, {unchanged} unchanged")
