"""Same inputs, same bytes: on every hash seed, and on a second version of Python.

Run by itself it is the driver: it starts `determinism.py digest` in fresh processes and compares.
`digest` compiles every fixture and example turn and replays every example conversation in this
interpreter, and prints a line per case and, last, one SHA-256 over all of them.

The driver uses only the standard library; `digest` the library itself and, for fixtures, the helper
the tests run them with.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
SEEDS = range(10)
CORE = ROOT / "constraints-core.txt"


def main() -> int:
    """Run the driver, or with the argument `digest` the digest."""
    if sys.argv[1:] == ["digest"]:
        return digest()
    return drive()


# --- the digest: one interpreter, one hash seed ---------------------------------------------------


def digest() -> int:
    """Print `sha256  case` for each case, then the SHA-256 over those lines."""
    total = hashlib.sha256()
    cases = 0
    for name, output in sorted(outputs(), key=lambda case: case[0]):
        line = f"{hashlib.sha256(output).hexdigest()}  {name}"
        total.update(line.encode() + b"\n")
        cases += 1
        print(line)
    print(f"{total.hexdigest()}  total of {cases} cases")
    return 0 if cases else 1


def outputs() -> Iterator[tuple[str, bytes]]:
    """Each case by name, with every byte the library makes of it."""
    yield from fixture_outputs()
    for folder in sorted(path.parent for path in ROOT.glob("examples/*/app.yaml")):
        yield from example_outputs(folder)


def fixture_outputs() -> Iterator[tuple[str, bytes]]:
    """Fixtures, each with its own app and options; refused inputs give their diagnostics."""
    from tests.fixture_cases import as_bytes, cases, run_anew

    for case in cases():
        yield f"fixtures/{case.name}", as_bytes(run_anew(case))


def example_outputs(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Turns compiled and conversations replayed with the app they belong to."""
    from uicompiler import UIApp, replay

    app = UIApp.load(str(folder))
    for path in folder.glob("turns/*.json"):
        yield from compiled(path, app)
    for path in folder.glob("conversations/*.jsonl"):
        yield str(path.relative_to(ROOT)), replay.run(path, app).jsonl()


def compiled(path: Path, app: Any) -> Iterator[tuple[str, bytes]]:
    """One envelope through every backend, with everything the result holds."""
    from uicompiler import compile
    from uicompiler.backends.registry import BACKENDS

    for backend in sorted(BACKENDS):
        result = compile(path.read_text("utf-8"), app=app, backend=backend)
        yield f"{path.relative_to(ROOT)} {backend}", result.to_json().encode() + result.jsonl()


# --- the driver -----------------------------------------------------------------------------------


def drive() -> int:
    """Compare all seeds here and the first on another Python with the first seed here."""
    runs = [(f"Python {minor_version()}, seed {seed}", sys.executable, seed) for seed in SEEDS]
    other = other_python()
    if other:
        runs.append((f"Python {minor_version(other)}, seed 0", other, 0))
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        texts = list(pool.map(lambda run: run_digest(run[1], run[2]), runs))
    failed = [
        run[0] for run, text in zip(runs, texts, strict=True) if differs(run[0], texts[0], text)
    ]
    if failed:
        print(f"determinism: FAILED: {'; '.join(failed)}", file=sys.stderr)
        return 1
    print(f"determinism: {len(runs)} runs agree, {runs[0][0]} to {runs[-1][0]}")
    print(f"determinism: {texts[0].splitlines()[-1]}")
    return 0 if other or not in_ci() else 1


def run_digest(python: str, seed: int) -> str:
    """What `digest` prints in a fresh process, or its error."""
    env = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    env |= {"PYTHONHASHSEED": str(seed), "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"}
    command = [python, __file__, "digest"]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    return done.stdout if done.returncode == 0 else f"{done.stdout}{done.stderr}\n(failed)"


def differs(name: str, expected: str, text: str) -> bool:
    """Whether a run failed or differs from the first; says where."""
    if text == expected and not text.endswith("(failed)"):
        return False
    if text.endswith("(failed)"):
        print(f"determinism: {name} did not finish:\n{text}", file=sys.stderr)
    else:
        new = [line for line in text.splitlines() if line not in set(expected.splitlines())]
        shown = "\n  ".join(new[:10])
        print(f"determinism: {name} differs in {len(new) - 1} cases:\n  {shown}", file=sys.stderr)
    return True


def other_python() -> str | None:
    """A second version of Python with the core dependencies, in a cached environment."""
    command = ["sh", str(ROOT / "tools" / "find_python.sh"), "other", minor_version()]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    if found.returncode:
        loud = "FAILED (CI needs a second Python)" if in_ci() else "SECOND PYTHON NOT TESTED"
        print(f"{'*' * 72}\ndeterminism: {loud}\n{found.stderr}{'*' * 72}", file=sys.stderr)
        return None
    return environment(found.stdout.strip())


def environment(base: str) -> str:
    """The Python of `.venv-3.x`, made from the core constraints when they changed."""
    folder = ROOT / f".venv-{minor_version(base)}"
    python, stamp = folder / "bin" / "python", folder / ".installed"
    wanted = hashlib.sha256(CORE.read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text() == wanted:
        return str(python)
    print(f"determinism: making {folder.name}", file=sys.stderr)
    subprocess.run([base, "-m", "venv", "--clear", str(folder)], check=True)
    pip = [str(python), "-m", "pip", "--disable-pip-version-check", "install", "-qq"]
    subprocess.run([*pip, "--require-hashes", "-r", str(CORE)], check=True)
    stamp.write_text(wanted)
    return str(python)


def minor_version(python: str = sys.executable) -> str:
    """Such as `3.11`."""
    code = "import sys; print('%d.%d' % sys.version_info[:2])"
    return subprocess.check_output([python, "-c", code], text=True).strip()


def in_ci() -> bool:
    """Whether what is missing has to turn the run red."""
    return os.environ.get("CI") == "true"


if __name__ == "__main__":
    sys.exit(main())
