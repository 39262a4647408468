"""What the documentation says is so: its code runs, its steps work, its names exist.

Fenced Python in README and docs/ runs as it stands, but for the steps of docs/extending.md: those
are marked with comments (`<!-- new: path -->` and so on) and are carried out in a copy.
"""

from __future__ import annotations

import dataclasses
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from uicompiler.app_file import AppFile
from uicompiler.cli import main
from uicompiler.ir.state import Surface

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted(DOCS.rglob("*.md"))]

FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
STEP = re.compile(
    r"^<!-- (?P<verb>\w+)(?: `(?P<mark>.+?)`)?(?:: (?P<path>\S+))? -->\n"
    r"```\w*\n(?P<body>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)


def page_id(page: Path) -> str:
    return str(page.relative_to(ROOT))


# --- what is generated ----------------------------------------------------------------------------


def test_generated_pages_are_current() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "tools" / "generate_docs.py", "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


# --- code -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Block:
    """A fenced block of code: its page, the line it begins at, its content."""

    page: Path
    line: int
    code: str


def python_blocks() -> Iterator[Block]:
    for page in PAGES:
        text = page.read_text("utf-8")
        steps = {match.end() for match in STEP.finditer(text)}
        for match in FENCE.finditer(text):
            if match[1] == "python" and match.end() not in steps:
                yield Block(page, text.count("\n", 0, match.start()) + 2, match[2])


@pytest.mark.parametrize(
    "block", list(python_blocks()), ids=lambda block: f"{page_id(block.page)}:{block.line}"
)
def test_python_in_the_docs_runs(block: Block, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    padded = "\n" * (block.line - 1) + block.code
    code = compile(padded, block.page, "exec", dont_inherit=True)
    exec(code, {"__name__": "__docs__"})


def test_there_is_python_to_run() -> None:
    assert {page_id(block.page) for block in python_blocks()} >= {"README.md", "docs/design.md"}


# --- commands -------------------------------------------------------------------------------------


def commands(page: Path) -> Iterator[list[str]]:
    """Every `uicompiler COMMAND …` in code, as words."""
    for line in code_lines(page.read_text("utf-8")):
        for part in re.split(r"\||&&|;|\\$", line):
            words = part.split()
            if words[:1] == ["uicompiler"] and re.fullmatch("[a-z]+", " ".join(words[1:2])):
                yield words[1:]


def code_lines(text: str) -> Iterator[str]:
    """Inline code and the lines of fenced and indented blocks."""
    yield from re.findall(r"`([^`\n]+)`", FENCE.sub("", text))
    yield from re.findall(r"^ {4}(\S.*)$", text, re.MULTILINE)
    for _, body in FENCE.findall(text):
        yield from body.splitlines()


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_commands_and_their_options_exist(page: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, *words in commands(page):
        has_commands = name in ("log", "eval")
        own = [word for word in words[:1] if has_commands and not word.startswith("-")]
        assert main([name, *own, "--help"]) == 0, f"there is no command {name} {own}"
        help_text = capsys.readouterr().out
        options = {word.partition("=")[0] for word in words if word.startswith("--")}
        assert sorted(option for option in options if option not in help_text) == [], name


def test_the_readme_shows_commands() -> None:
    assert {words[0] for words in commands(ROOT / "README.md")} >= {"compile", "validate", "sim"}


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_make_targets_exist(page: Path) -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = set(re.findall(r"^([a-z0-9-]+):", makefile, re.MULTILINE))
    lines = code_lines(page.read_text("utf-8"))
    named = {match[1] for line in lines if (match := re.match(r"make ([a-z0-9-]+)", line))}
    assert named <= targets


# --- names ----------------------------------------------------------------------------------------

SUFFIXES = (".py", ".md", ".json", ".jsonl", ".yaml", ".toml", ".sh")


def paths_named(page: Path) -> Iterator[str]:
    """Whatever looks like a path in code."""
    for line in code_lines(page.read_text("utf-8")):
        for word in line.split():
            named = re.fullmatch(r"[\w*-][\w.*-]*(/[\w.*-]+)*/?", word)
            if named and (word.endswith(SUFFIXES) or (word.endswith("/") and len(word) > 1)):
                yield word


@pytest.mark.parametrize("name", ["README.md", "docs/tour.md", "docs/architecture.md"])
def test_every_file_named_exists(name: str) -> None:
    beside = ROOT
    for path in paths_named(ROOT / name):
        places = (ROOT, ROOT / "src" / "uicompiler", beside, *existing_folders(beside))
        found = next((base for base in places if any(base.glob(path.rstrip("/")))), None)
        if found is None and path in WRITTEN_BY_READERS:
            continue
        assert found is not None, f"{name} names {path}, which is not there"
        beside = found / path if path.endswith("/") else (found / path).parent


WRITTEN_BY_READERS = {
    *("answer.json", "answer.txt", "state.json", "stream.jsonl", "app.yaml"),
    "eval-runs/mini/trials.jsonl",
}
"""Names of files that a reader is to write."""


def existing_folders(folder: Path) -> Iterator[Path]:
    """The folders above one, up to the root: a tour goes on nearby."""
    return (parent for parent in folder.parents if parent.is_relative_to(ROOT))


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_links_lead_somewhere(page: Path) -> None:
    text = re.sub(r"`[^`\n]*`", "", FENCE.sub("", page.read_text("utf-8")))
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        assert file.exists(), f"{page_id(page)} links to {target}"
        if anchor:
            assert anchor in anchors(file), f"{page_id(page)} links to {target}"


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", FENCE.sub("", page.read_text("utf-8")), re.MULTILINE)
    kept = (re.sub(r"[^\w\- ]", "", heading.replace("`", "")) for heading in headings)
    return {heading.strip().lower().replace(" ", "-") for heading in kept}


def design_sections() -> list[int]:
    text = (DOCS / "design.md").read_text("utf-8")
    return [int(number) for number in re.findall(r"^## (\d+)\. ", text, re.MULTILINE)]


def test_the_design_has_its_sections_in_order() -> None:
    assert design_sections() == list(range(1, 15))


def test_the_design_names_every_key_of_app_yaml() -> None:
    text = (DOCS / "design.md").read_text("utf-8").partition("**Files.**")[2].partition("\n\n")[0]
    assert [name for name in AppFile.model_fields if f"`{name}`" not in text] == []


def test_the_design_names_what_a_surface_holds() -> None:
    text = (DOCS / "design.md").read_text("utf-8").partition("## 5. ")[2].partition("\n\n- ")[0]
    told = {
        "nonce_key_id": "nonce key id",
        "data": "document",
        "error_resets": "resets its errors have caused",
    }
    said = " ".join(text.split())
    names = [item.name for item in dataclasses.fields(Surface) if item.compare]
    assert [name for name in names if told.get(name, name) not in said] == []


def test_every_section_of_the_design_that_code_cites_exists() -> None:
    cited: dict[int, str] = {}
    for folder in ("src", "clientsim", "tools", "tests"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            text = " ".join(path.read_text("utf-8").split())
            for numbers in re.findall(r"DESIGN sections? (\d+(?:(?:, | and | to )\d+)*)", text):
                cited.update({int(n): page_id(path) for n in re.findall(r"\d+", numbers)})
    assert cited, "the code cites the design"
    assert {n: path for n, path in cited.items() if n not in design_sections()} == {}


def test_the_table_of_rooms_is_the_import_contract() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    contracts = settings["tool"]["importlinter"]["contracts"]
    layers = next(item["layers"] for item in contracts if item["id"] == "rooms")
    text = (DOCS / "architecture.md").read_text("utf-8").partition("## Rooms")[2]
    table = text[text.index("\n|") + 1 :].partition("\n\n")[0]
    rows = re.findall(r"^\| (`.+?) \|", table, re.MULTILINE)
    assert [set(re.findall(r"\w+", row)) for row in rows] == [
        set(re.findall(r"\w+", layer)) for layer in reversed(layers)
    ]


# --- docs/extending.md, followed to the letter ----------------------------------------------------

COPIED = ("src", "clientsim", "examples", "catalogs", "schemas", "fixtures", "tests", "tools")


@pytest.mark.slow
def test_the_steps_of_extending_work(tmp_path: Path) -> None:
    copy = copied(tmp_path / "checkout")
    said = ""
    steps = list(STEP.finditer((DOCS / "extending.md").read_text("utf-8")))
    assert {step["verb"] for step in steps} <= {*EDITS, "run", "prints"}
    for step in steps:
        if step["verb"] == "run":
            said = run(step["body"], copy)
        elif step["verb"] == "prints":
            missing = [line for line in step["body"].splitlines() if line.strip() not in said]
            assert missing == [], said
        else:
            EDITS[step["verb"]](copy / step["path"], step["mark"], step["body"])


def copied(root: Path) -> Path:
    ignored = shutil.ignore_patterns("__pycache__", "node_modules")
    for name in (*COPIED, "docs"):
        shutil.copytree(ROOT / name, root / name, ignore=ignored)
    shutil.copy(ROOT / "pyproject.toml", root)
    return root


def run(script: str, folder: Path) -> str:
    """Run the lines of a shell block and give what they print."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    done = subprocess.run(
        [
            "bash",
            "-euo",
            "pipefail",
            "-c",
            f'uicompiler() {{ python -m uicompiler "$@"; }}\n{script}',
        ],
        cwd=folder,
        env={**kept, "PATH": path, "PYTHONPATH": f"{folder / 'src'}{os.pathsep}{folder}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{script}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def write_new(path: Path, _mark: str | None, body: str) -> None:
    assert not path.exists(), f"{path.name} is there already"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(body, "utf-8")


def write_at_end(path: Path, _mark: str | None, body: str) -> None:
    path.write_text(path.read_text("utf-8") + body, "utf-8")


def write_before(path: Path, mark: str, body: str) -> None:
    insert(path, mark, body, after=False)


def write_after(path: Path, mark: str, body: str) -> None:
    insert(path, mark, body, after=True)


def insert(path: Path, mark: str, body: str, *, after: bool) -> None:
    """Put a block before or after the first line that holds a mark; functions stand apart."""
    lines = path.read_text("utf-8").splitlines(keepends=True)
    at = next((index for index, line in enumerate(lines) if mark in line), None)
    assert at is not None, f"{path.name} has no line with {mark}"
    lines.insert(at + after, f"{body}\n\n" if mark.startswith("def ") else body)
    path.write_text("".join(lines), "utf-8")


def write_instead(path: Path, mark: str, body: str) -> None:
    text = path.read_text("utf-8")
    assert mark in text, f"{path.name} does not hold {mark}"
    path.write_text(text.replace(mark, body.strip(), 1), "utf-8")


EDITS = {
    "new": write_new,
    "end": write_at_end,
    "before": write_before,
    "after": write_after,
    "replace": write_instead,
}
