"""The pytest plugin in host apps of all kinds: each test is a project with runs of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from uicompiler import UIApp, replay
from uicompiler.cli.live import play_all

pytest_plugins = ["pytester"]

APP = """\
id: notes
version: 1
actions:
  save: {}
forms:
  note:
    title: A note
    fields:
      - {id: title, label: Title}
      - id: kind
        kind: choice
        label: Kind
        options: [{value: a, label: Idea}, {value: b, label: Task}]
    buttons:
      - {label: Save, action: save, submit: true}
"""
SCRIPT: list[dict[str, Any]] = [
    {
        "v": 1,
        "kind": "model",
        "envelope": [{"type": "ui.show_form", "payload": {"form_id": "note"}}],
    },
    {"v": 1, "kind": "edit", "field": "title", "value": "Milk"},
    {"v": 1, "kind": "action", "press": "save"},
    {"v": 1, "kind": "restore", "to": 1},
]
LINE = 'uicompiler_app = "app"\n'


@pytest.fixture
def project(pytester: pytest.Pytester) -> pytest.Pytester:
    """A host app: `app/`, two replays, one line of configuration."""
    pytester.makepyprojecttoml(f"[tool.pytest.ini_options]\n{LINE}")
    pytester.mkdir("app")
    written(pytester, APP)
    logs = pytester.path / "tests" / "replays"
    logs.mkdir(parents=True)
    records = replay.dump(play_all(SCRIPT, UIApp.load(pytester.path / "app")))
    (logs / "one.jsonl").write_bytes(records)
    (logs / "two.jsonl").write_bytes(records)
    return pytester


def written(project: pytest.Pytester, app: str) -> None:
    (project.path / "app" / "app.yaml").write_text(app, "utf-8")


def log(project: pytest.Pytester, name: str = "one") -> Path:
    return project.path / "tests" / "replays" / f"{name}.jsonl"


def run(project: pytest.Pytester, *args: str) -> pytest.RunResult:
    """Run pytest in this process, where warnings are no errors as they are outside."""
    return project.runpytest("-W", "default", *args)


def outcomes(result: pytest.RunResult) -> dict[str, int]:
    return {
        name: count
        for name, count in result.parseoutcomes().items()
        if name not in ("warnings", "warning")
    }


# --- collection -----------------------------------------------------------------------------------


def test_every_file_is_a_test(project: pytest.Pytester) -> None:
    result = run(project, "-v")
    assert outcomes(result) == {"passed": 2}
    result.stdout.fnmatch_lines(
        [
            "uicompiler: 2 replays (tests/replays/?.jsonl) of app".replace("?", "[*]"),
            "tests/replays/one.jsonl::replay PASSED*",
            "tests/replays/two.jsonl::replay PASSED*",
        ]
    )


def test_without_an_app_nothing_is_collected(project: pytest.Pytester) -> None:
    project.makepyprojecttoml("[tool.pytest.ini_options]\n")
    result = run(project)
    assert outcomes(result) == {}
    assert "uicompiler:" not in result.stdout.str()


def test_the_app_may_be_named_on_the_command_line(project: pytest.Pytester) -> None:
    project.makepyprojecttoml("[tool.pytest.ini_options]\n")
    assert outcomes(run(project, "--replay-app", "app")) == {"passed": 2}
    project.makepyprojecttoml('[tool.pytest.ini_options]\nuicompiler_app = "nowhere"\n')
    assert outcomes(run(project, "--replay-app", "app")) == {"passed": 2}


def test_the_app_may_be_an_attribute_of_a_module(project: pytest.Pytester) -> None:
    project.makepyprojecttoml('[tool.pytest.ini_options]\nuicompiler_app = "mine:app"\n')
    project.makepyfile(mine="from uicompiler import UIApp\napp = UIApp.load('app')\n")
    assert outcomes(project.runpytest_subprocess()) == {"passed": 2}


def test_an_ini_file_will_do(project: pytest.Pytester) -> None:
    (project.path / "pyproject.toml").unlink()
    project.makeini("[pytest]\nuicompiler_app = app\nuicompiler_replays =\n  logs/**/*.jsonl\n")
    deep = project.path / "logs" / "deep" / "er"
    deep.mkdir(parents=True)
    (deep / "three.jsonl").write_bytes(log(project).read_bytes())
    result = run(project, "-v")
    assert outcomes(result) == {"passed": 1}
    result.stdout.fnmatch_lines(["logs/deep/er/three.jsonl::replay PASSED*"])


def test_replays_beside_the_tests_folders_are_found_too(project: pytest.Pytester) -> None:
    project.makepyprojecttoml(
        f'[tool.pytest.ini_options]\n{LINE}testpaths = ["unit"]\n'
        'uicompiler_replays = ["logs/*.jsonl"]\n'
    )
    (project.path / "tests" / "replays").rename(project.path / "logs")
    (project.mkdir("unit") / "test_it.py").write_text("def test_it(): pass\n")
    assert outcomes(run(project)) == {"passed": 3}
    assert outcomes(run(project, "unit")) == {"passed": 1}
    assert outcomes(run(project, "-n", "2")) == {"passed": 3}


def test_a_file_that_is_named_is_run_wherever_it_is(project: pytest.Pytester) -> None:
    other = project.path / "other.jsonl"
    other.write_bytes(log(project).read_bytes())
    assert outcomes(run(project, "other.jsonl")) == {"passed": 1}
    assert outcomes(run(project, "tests/replays/one.jsonl")) == {"passed": 1}
    assert outcomes(run(project, "tests/replays/one.jsonl::replay")) == {"passed": 1}


def test_other_files_of_that_kind_are_left_alone(project: pytest.Pytester) -> None:
    (project.path / "tests" / "data.jsonl").write_text('{"a": 1}\n')
    assert outcomes(run(project)) == {"passed": 2}


def test_a_pattern_is_relative(project: pytest.Pytester) -> None:
    project.makepyprojecttoml(
        f'[tool.pytest.ini_options]\n{LINE}uicompiler_replays = ["/logs/*.jsonl"]\n'
    )
    result = run(project)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*uicompiler_replays: '/logs/[*].jsonl' has to be relative*"])


def test_only_collecting_reads_nothing(project: pytest.Pytester) -> None:
    log(project).write_text("no log")
    result = run(project, "--collect-only", "-q")
    result.stdout.fnmatch_lines(["tests/replays/one.jsonl::replay", "tests/replays/two.jsonl::re*"])
    assert result.ret == 0


def test_k_and_the_first_failure_and_the_last_failed(project: pytest.Pytester) -> None:
    assert outcomes(run(project, "-k", "one")) == {"passed": 1, "deselected": 1}
    log(project).write_text("no log")
    assert outcomes(run(project, "-x")) == {"failed": 1}
    assert outcomes(run(project)) == {"failed": 1, "passed": 1}
    again = run(project, "--lf", "-v")
    assert outcomes(again) == {"failed": 1}
    again.stdout.fnmatch_lines(["tests/replays/one.jsonl::replay FAILED*"])


# --- what differs ---------------------------------------------------------------------------------


def test_a_changed_text_field_and_action_are_told_turn_by_turn(project: pytest.Pytester) -> None:
    changed = APP.replace("label: Title", "label: Heading").replace("label: Save", "label: Keep")
    written(project, changed.replace("label: Task", "label: Job"))
    result = run(project)
    assert outcomes(result) == {"failed": 2}
    result.stdout.fnmatch_lines(
        [
            "tests/replays/one.jsonl: * of 3 turns send* something else",
            "turn 1 (model, line 2):",
            '  surface main, TextField "Title" (*): label changed: "Title" -> "Heading"',
            '*option "b" label changed: "Task" -> "Job"',
            '*Text "Save" (*): text changed: "Save" -> "Keep"',
            "If it is meant, write it down and review the difference: "
            "pytest --update-replays tests/replays/one.jsonl",
        ]
    )


def test_many_differences_are_cut_unless_all_are_asked_for(project: pytest.Pytester) -> None:
    fields = "".join(f"      - {{id: f{n}, label: F{n}}}\n" for n in range(30))
    written(project, APP.replace("      - {id: title", fields + "      - {id: title"))
    short, long = run(project, "-k", "one"), run(project, "-k", "one", "-vv")
    short.stdout.fnmatch_lines(["  and * more (-vv shows all)"])
    assert "(-vv shows all)" not in long.stdout.str()


def test_what_a_log_says_cannot_play_with_the_terminal(project: pytest.Pytester) -> None:
    raw = log(project).read_text("utf-8").replace("A note", "A \\u001b[31mnote")
    log(project).write_text(raw, "utf-8")
    result = run(project, "-k", "one", "--color=no")
    assert outcomes(result)["failed"] == 1
    assert "\x1b[31m" not in result.stdout.str()
    assert "A \\x1b[31mnote" in result.stdout.str().replace("\\\\", "\\").replace("u001b", "x1b")


def test_an_app_that_changed_without_a_difference_is_a_warning(project: pytest.Pytester) -> None:
    written(project, APP + "texts: {en: {form.submit: Go}}\n")
    result = run(project)
    assert outcomes(result) == {"passed": 2}
    result.stdout.fnmatch_lines(["*ReplayWarning: tests/replays/one.jsonl:*REPLAY_APP_CHANGED*"])


def test_turns_that_were_redacted_are_a_warning(project: pytest.Pytester) -> None:
    records = [json.loads(line) for line in log(project).read_bytes().splitlines()]
    action = next(item for item in records if item["kind"] == "action")
    action["event"]["userAction"]["context"]["title"] = {"redacted": "ab" * 32}
    log(project).write_bytes(replay.dump(records))
    result = run(project, "-k", "one")
    assert outcomes(result) == {"passed": 1, "deselected": 1}
    result.stdout.fnmatch_lines(["*ReplayWarning: tests/replays/one.jsonl:*REPLAY_REDACTED*"])


# --- what is broken -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "a conversation begins with a meta record"),
        ("{", "line 1*the line is no record"),
        ('{"v":1,"kind":"edit"}', "'surface' is a required property"),
        ("\udcff", "line 1*the line is no record"),
    ],
)
def test_a_broken_log_fails_with_its_line(project: pytest.Pytester, text: str, said: str) -> None:
    log(project).write_bytes(text.encode("utf-8", "surrogateescape"))
    result = run(project, "-k", "one")
    assert outcomes(result) == {"failed": 1, "deselected": 1}
    result.stdout.fnmatch_lines(["tests/replays/one.jsonl is no log that can be replayed:"])
    result.stdout.fnmatch_lines([f"*{said}*"])
    assert "Traceback" not in result.stdout.str()


@pytest.mark.parametrize(
    ("app", "said"),
    [
        (None, "*APP_NOT_FOUND*"),
        ("id: notes\nwhatever: 1\n", "*APP_INVALID*"),
        (APP + "code: broken.py\n", "*ZeroDivisionError*"),
    ],
)
def test_an_app_that_cannot_be_loaded_fails_every_replay(
    project: pytest.Pytester, app: str | None, said: str
) -> None:
    place = project.path / "app" / "app.yaml"
    place.unlink() if app is None else written(project, app)
    (project.path / "app" / "broken.py").write_text("def register(app):\n    1 / 0\n")
    result = run(project)
    assert outcomes(result) == {"failed": 2}
    result.stdout.fnmatch_lines(["the app app cannot be loaded*", said])


def test_a_module_that_is_not_there_fails_every_replay(project: pytest.Pytester) -> None:
    result = run(project, "--replay-app", "no_such_module:app")
    assert outcomes(result) == {"failed": 2}
    result.stdout.fnmatch_lines(["the app no_such_module:app cannot be loaded*"])


# --- writing anew ---------------------------------------------------------------------------------


def test_update_writes_what_goes_out_and_says_which_changed(project: pytest.Pytester) -> None:
    before = log(project).read_bytes()
    written(project, APP.replace("label: Title", "label: Heading"))
    first = run(project, "--update-replays", "-k", "one")
    assert outcomes(first) == {"passed": 1, "deselected": 1}
    first.stdout.fnmatch_lines(
        [
            "*= replays =*",
            "tests/replays/one.jsonl: updated (turn 1 (model, line 2)*)",
            "1 updated, 0 unchanged",
        ]
    )
    assert log(project).read_bytes() != before == log(project, "two").read_bytes()
    assert not list(log(project).parent.glob(".*"))
    assert outcomes(run(project, "-k", "one")) == {"passed": 1, "deselected": 1}
    second = run(project, "--update-replays")
    second.stdout.fnmatch_lines(["tests/replays/two.jsonl: updated*", "1 updated, 1 unchanged"])


def test_update_of_what_only_names_another_app_says_so(project: pytest.Pytester) -> None:
    written(project, APP + "texts: {en: {form.submit: Go}}\n")
    result = run(project, "--update-replays")
    result.stdout.fnmatch_lines(
        ["tests/replays/one.jsonl: updated (only what it was recorded with)"]
    )
    assert "ReplayWarning" not in run(project).stdout.str()


def test_update_leaves_a_broken_log_as_it_is_and_fails(project: pytest.Pytester) -> None:
    log(project).write_text("{")
    result = run(project, "--update-replays")
    assert outcomes(result) == {"failed": 1, "passed": 1}
    assert log(project).read_text() == "{"


def test_update_without_an_app_says_what_is_missing(project: pytest.Pytester) -> None:
    project.makepyprojecttoml("[tool.pytest.ini_options]\n")
    result = run(project, "--update-replays")
    result.stdout.fnmatch_lines(["uicompiler: no app is named; set uicompiler_app"])


HANDLED = APP + "code: handlers.py\n"
CODE = """\
from uicompiler import Outcome


def register(app):
    app.add_action("save", lambda action, view: Outcome())
"""
TWICE = [*SCRIPT[:1], {"v": 1, "kind": "action", "press": "save"}, *SCRIPT[1:3]]
STRICT = HANDLED.replace("label: Title", "label: Title, required: true")


def recorded(project: pytest.Pytester, script: list[dict[str, Any]], app: str) -> bytes:
    """One replay, of an app with a handler."""
    (project.path / "app" / "handlers.py").write_text(CODE)
    written(project, app)
    log(project, "two").unlink()
    records = replay.dump(play_all(script, UIApp.load(project.path / "app")))
    log(project).write_bytes(records)
    return records


@pytest.mark.parametrize(
    ("script", "then", "now", "said"),
    [
        (
            [SCRIPT[0], SCRIPT[2]],
            HANDLED,
            STRICT,
            "turn 2 (action, line 4) is refused now: A2UI_C2S_FIELD_INVALID:",
        ),
        (TWICE, STRICT, HANDLED, "turn 2 (action, line 4) is taken now, and was refused*"),
    ],
)
def test_a_turn_that_is_refused_now_is_not_written_down(
    project: pytest.Pytester, script: list[dict[str, Any]], then: str, now: str, said: str
) -> None:
    before = recorded(project, script, then)
    written(project, now)
    first = run(project)
    assert outcomes(first) == {"failed": 1}
    first.stdout.fnmatch_lines([said.replace("[", "[[]"), "*--update-refused-replays*"])

    refused = run(project, "--update-replays")
    assert outcomes(refused) == {"failed": 1}
    refused.stdout.fnmatch_lines(
        ["tests/replays/one.jsonl stays as it is:", "*REPLAY_REFUSED*--update-refused-replays*"]
    )
    assert log(project).read_bytes() == before

    assert outcomes(run(project, "--update-replays", "--update-refused-replays")) == {"passed": 1}
    assert log(project).read_bytes() != before


def test_a_log_of_another_app_fails_unless_the_app_is_named(project: pytest.Pytester) -> None:
    before = log(project).read_bytes()
    log(project).write_bytes(before.replace(b'"id":"notes"', b'"id":"orders"', 1))
    for more in ((), ("--update-replays",)):
        result = run(project, "-k", "one", *more)
        assert outcomes(result) == {"failed": 1, "deselected": 1}
        result.stdout.fnmatch_lines(["*recorded with the app 'orders'*--replay-app*"])
    result = run(project, "-k", "one", "--replay-app", "app")
    assert outcomes(result) == {"passed": 1, "deselected": 1}


def test_a_warning_shows_no_line_of_the_log_and_names_the_option(
    project: pytest.Pytester,
) -> None:
    written(project, APP + "texts: {en: {form.submit: Go}}\n")
    for more in ((), ("-W", "error::uicompiler.pytest_plugin.ReplayWarning")):
        text = run(project, "-k", "one", *more).stdout.str()
        assert "the log was recorded with another version of it" in text
        assert "--update-replays" in text
        assert "--update-snapshots" not in text
        assert '"kind"' not in text
        assert "Traceback" not in text
        assert "warn_explicit" not in text


# --- beside others --------------------------------------------------------------------------------


def test_with_xdist(project: pytest.Pytester) -> None:
    assert outcomes(run(project, "-n", "2")) == {"passed": 2}
    written(project, APP.replace("label: Title", "label: Heading"))
    failed = run(project, "-n", "2")
    assert outcomes(failed) == {"failed": 2}
    failed.stdout.fnmatch_lines(['*label changed: "Title" -> "Heading"'])
    updated = run(project, "-n", "2", "--update-replays")
    updated.stdout.fnmatch_lines(["tests/replays/one.jsonl: updated*", "2 updated, 0 unchanged"])
    assert outcomes(run(project, "-n", "2")) == {"passed": 2}


def test_beside_syrupy(project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)  # it reports in no worker
    project.makepyfile(
        **{"tests/test_shot": "def test_shot(snapshot):\n    assert {'a': 1} == snapshot\n"}
    )
    made = project.runpytest_subprocess("--snapshot-update")
    assert outcomes(made)["passed"] == 3
    result = project.runpytest_subprocess()
    assert outcomes(result)["passed"] == 3
    result.stdout.fnmatch_lines(["*1 snapshot passed*"])
    written(project, APP.replace("label: Title", "label: Heading"))
    both = project.runpytest_subprocess("--update-replays", "--snapshot-update")
    assert both.ret == 0
    both.stdout.fnmatch_lines(["2 updated, 0 unchanged"])
    failed = project.runpytest_subprocess("--snapshot-details", "-n", "2")
    assert failed.ret == 0


def test_warnings_as_errors_fail_where_there_is_one(project: pytest.Pytester) -> None:
    assert outcomes(run(project, "-W", "error")) == {"passed": 2}
    written(project, APP + "texts: {en: {form.submit: Go}}\n")
    result = run(project, "-W", "error")
    assert outcomes(result) == {"failed": 2}
    result.stdout.fnmatch_lines(["*REPLAY_APP_CHANGED*"])


def test_the_plugin_imports_nothing_heavy() -> None:
    program = """
import sys, uicompiler.pytest_plugin
heavy = {"pydantic", "jsonschema", "orjson", "yaml", "jinja2", "clientsim", "starlette"}
print(sorted(heavy & set(sys.modules)), [n for n in sys.modules if n.startswith("uicompiler.")])
"""
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == "[] ['uicompiler.pytest_plugin']\n"


def test_an_unused_plugin_costs_a_test_run_nothing(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        "import sys\n"
        "def test_it():\n"
        "    assert 'uicompiler.pytest_plugin' in sys.modules\n"
        "    assert 'uicompiler.app' not in sys.modules\n"
    )
    result = pytester.runpytest_subprocess("-p", "no:hypothesispytest")
    assert outcomes(result) == {"passed": 1}
