"""Reading and running `fixtures/hostile/<case>/`: attacks by models, clients and app files.

The files of a case are those of the other areas (`fixtures/README.md`). An app file is attacked by
a folder with an `app.yaml`: it is loaded, and whatever it holds is shown, each on a surface.
"""

from __future__ import annotations

import functools
import hashlib
import json
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tests.fixture_cases import FIXTURES, Case, Ran, exit_status, run_anew
from uicompiler import CompileResult, UIApp, UICompilerError, compile
from uicompiler.templates.view import ViewTemplate

HOSTILE = FIXTURES / "hostile"
OWN_FILES = frozenset({"attack.md", "expected.json", "options.json", "before.json", "app"})


@dataclass(frozen=True)
class Attack(Case):
    """One folder.

    Attributes:
        scale: How many times `repeat` stands for what it says; a benchmark asks for more or less.
    """

    scale: float = 1

    @functools.cached_property
    def options(self) -> dict[str, Any]:
        """`options.json`, or {}; `repeat` by scale."""
        path = self.folder / "options.json"
        found: dict[str, Any] = json.loads(path.read_bytes()) if path.is_file() else {}
        if "repeat" in found:
            repeat = found["repeat"]
            found["repeat"] = {**repeat, "times": max(1, round(repeat["times"] * self.scale))}
        return found

    @functools.cached_property
    def why(self) -> str:
        """What is attacked, and what the shield is."""
        return (self.folder / "attack.md").read_text("utf-8").strip()

    @functools.cached_property
    def stated(self) -> dict[str, Any]:
        """`expected.json`; nothing for a case that is new."""
        path = self.expected_json
        found: dict[str, Any] = json.loads(path.read_bytes()) if path.is_file() else {}
        return found

    @property
    def is_app(self) -> bool:
        """Whether an app file is the attack."""
        return any((self.folder / name).is_file() for name in ("app.yaml", "app.json"))

    @property
    def shows(self) -> list[str]:
        """Texts that must be on the screen as they are."""
        return [str(text) for text in self.options.get("shows", ())]

    @property
    def absent(self) -> list[str]:
        """Texts that may be nowhere: not in what goes out, nor in the state or the answer."""
        return [str(text) for text in self.options.get("absent", ())]


@dataclass(frozen=True)
class Verdict:
    """What came of an attack.

    Attributes:
        exit: 0 neutralised, 1 refused, 3 degraded.
        codes: Of all findings, in order.
        output: What the last step sends; empty when nothing goes out.
        results: The results of all steps; of an app file, of what it shows.
        ran: The run, unless an app file is attacked.
        messages: Of all findings, with hints.
        asked: The directives that an app file was shown with.
        app: The app that was loaded, where an app file is attacked.
    """

    exit: int
    codes: tuple[str, ...]
    output: bytes
    results: tuple[CompileResult, ...]
    ran: Ran | None
    messages: tuple[str, ...]
    asked: tuple[dict[str, Any], ...] = ()
    app: UIApp | None = None

    @property
    def output_hash(self) -> str | None:
        """SHA-256 of the output, or None for none."""
        return hashlib.sha256(self.output).hexdigest() if self.output else None

    def expectation(self) -> dict[str, Any]:
        """The content of `expected.json`."""
        return {"exit": self.exit, "codes": list(self.codes), "output_hash": self.output_hash}


@functools.cache
def cases() -> tuple[Attack, ...]:
    """Every attack, by name."""
    return tuple(Attack(path) for path in sorted(HOSTILE.glob("*/")) if path.is_dir())


@functools.cache
def verdict(case: Attack) -> Verdict:
    """What came of an attack; the same case gives the same object."""
    return verdict_anew(case)


def verdict_anew(case: Attack) -> Verdict:
    """What comes of an attack, run from its files."""
    return _of_app(case) if case.is_app else _of_run(run_anew(case))


def _of_run(ran: Ran) -> Verdict:
    if ran.result is None:
        codes, messages = _said(() if ran.error is None else ran.error.diagnostics)
        return Verdict(1, codes, b"", ran.steps, ran, messages)
    codes, messages = _said(ran.result.diagnostics)
    output = ran.result.jsonl()
    return Verdict(exit_status(ran.result), codes, output, ran.steps, ran, messages)


def _said(found: Any) -> tuple[tuple[str, ...], tuple[str, ...]]:
    listed = list(found)
    return tuple(item.code for item in listed), tuple(f"{i.message} {i.hint}" for i in listed)


# ---------------------------------------------------------------- app files


def written_app(case: Attack, folder: Path) -> Path:
    """The app's own files in a folder, with what is repeated written out."""
    repeat = case.options.get("repeat", {"text": "", "times": 0})
    every = [str(repeat["text"]).replace("@N@", str(n)) for n in range(repeat["times"])]
    for path in sorted(case.folder.rglob("*")):
        name = path.relative_to(case.folder)
        if path.is_dir() or str(name) in OWN_FILES:
            continue
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        raw = path.read_bytes()
        if b"@HEX@" in raw:
            raw = bytes.fromhex(case.options["hex"])
        (folder / name).write_bytes(raw.replace(b"@REPEAT@", "".join(every).encode()))
    return folder


def _of_app(case: Attack) -> Verdict:
    folder = Path(tempfile.mkdtemp(prefix="uicompiler-attack-")) / "app"
    folder.mkdir()
    try:
        app = UIApp.load(written_app(case, folder))
    except UICompilerError as exc:
        codes, messages = _said(exc.diagnostics)
        return Verdict(1, codes, b"", (), None, messages)
    finally:
        shutil.rmtree(folder.parent)
    asked = tuple(everything_of(app))
    result = compile(list(asked), app=app)
    codes, messages = _said(result.diagnostics)
    output = result.jsonl()
    return Verdict(exit_status(result), codes, output, (result,), None, messages, asked, app)


def everything_of(app: UIApp) -> Iterator[dict[str, Any]]:
    """A directive for every form, wizard and view of an app, each on a surface of its own."""
    named = [*app.forms.items(), *app.views.items()]
    for number, (name, template) in enumerate(named[:16]):
        is_view = isinstance(template, ViewTemplate)
        kind, key = ("ui.show_view", "view_id") if is_view else ("ui.show_form", "form_id")
        yield {"type": kind, "payload": {"surface": f"s{number}", key: name}}


def scaled(case: Attack, scale: float) -> Attack:
    """The same attack, larger or smaller."""
    return replace(case, scale=scale)
