"""Same inputs, same bytes: on every hash seed, and on a second version of Python.

Run by itself it is the driver: it starts `determinism.py digest` in fresh processes and compares.
`digest` compiles every fixture and example turn and replays every example conversation in this
interpreter, and prints a line per case and, last, one SHA-256 over all of them.

With `--conversations N` the driver makes N conversations first, each the function of a seed
(`tests/recorded.py`), and what is digested is their replays: every message that goes out, every
diagnostic, the state in the end, which has to be the one that the conversation was recorded with.
`--conversations N --only` leaves the fixtures and examples out, and takes fewer hash seeds.

The driver uses only the standard library; `digest` the library itself and, for fixtures, the helper
the tests run them with. What makes conversations needs the tools of the tests.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
SEEDS = range(10)
CORE = ROOT / "constraints-core.txt"


def main() -> int:
    """Run the driver, or what it runs in processes of their own."""
    args = _parser().parse_args()
    if args.what == "digest":
        return digest(args.files, only=args.only)
    if args.what == "record":
        return record(Path(args.files[0]), range(args.first, args.conversations, args.step))
    return drive(args.conversations, only=args.only)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="The same bytes wherever the library runs.")
    parser.add_argument("what", nargs="?", choices=["drive", "digest", "record"], default="drive")
    parser.add_argument("files", nargs="*", help="of conversations, for digest and record")
    parser.add_argument("--conversations", type=int, default=0, metavar="N", help="generated ones")
    parser.add_argument("--only", action="store_true", help="no fixtures, no examples")
    parser.add_argument("--first", type=int, default=0, help=argparse.SUPPRESS)
    parser.add_argument("--step", type=int, default=1, help=argparse.SUPPRESS)
    return parser


# --- the digest: one interpreter, one hash seed ---------------------------------------------------


def digest(files: Sequence[str] = (), *, only: bool = False) -> int:
    """Print `sha256  case` for each case, then the SHA-256 over those lines."""
    total = hashlib.sha256()
    lines = sorted(
        (name, hashlib.sha256(output).hexdigest()) for name, output in outputs(files, only=only)
    )
    for name, sha256 in lines:
        line = f"{sha256}  {name}"
        total.update(line.encode() + b"\n")
        print(line)
    print(f"{total.hexdigest()}  total of {len(lines)} cases")
    return 0 if lines else 1


def outputs(files: Sequence[str], *, only: bool) -> Iterator[tuple[str, bytes]]:
    """Each case by name, with every byte the library makes of it."""
    for file in files:
        yield from replayed(Path(file))
    if only:
        return
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


def record(file: Path, seeds: Sequence[int]) -> int:
    """Write the conversations of some seeds, one a line."""
    import orjson

    from tests.recorded import conversation_of

    with file.open("wb") as stream:
        for seed in seeds:
            stream.write(orjson.dumps(conversation_of(seed)) + b"\n")
    return 0


def replayed(file: Path) -> Iterator[tuple[str, bytes]]:
    """Recorded conversations, run again; each must come to what was recorded."""
    from tests.journey_app import app_with
    from uicompiler import replay

    with file.open("rb") as stream:
        for line in stream:
            known = json.loads(line)
            name = f"conversation {known['seed']:06}"
            result = replay.run(known["log"], app_with(known["templates"]))
            if result.diagnostics or result.state.hash != known["state"]:
                found = "; ".join(map(str, result.diagnostics)) or "it ends in another state"
                raise SystemExit(f"{name} does not replay as recorded: {found}")
            said = [[str(item) for item in turn.result.diagnostics] for turn in result.turns]
            state = result.state.to_json()
            yield name, b"\n".join([result.jsonl(), state.encode(), json.dumps(said).encode()])


# --- the driver -----------------------------------------------------------------------------------


def drive(conversations: int = 0, *, only: bool = False) -> int:
    """Compare all seeds here and the first on another Python with the first seed here."""
    seeds = SEEDS[:2] if only else SEEDS
    runs = [(f"Python {minor_version()}, seed {seed}", sys.executable, seed) for seed in seeds]
    other = other_python()
    if other:
        name = f"Python {minor_version(other)}"
        runs += [(f"{name}, seed {seed}", other, seed) for seed in (seeds if only else SEEDS[:1])]
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(os.cpu_count()) as pool:
        files = list(pool.map(lambda job: recorded(*job), jobs(Path(folder), conversations)))
        made = time.monotonic()
        more = [*files, *(["--only"] if only else [])]
        texts = list(pool.map(lambda run: run_digest(run[1], run[2], more), runs))
    failed = [
        run[0] for run, text in zip(runs, texts, strict=True) if differs(run[0], texts[0], text)
    ]
    if failed:
        print(f"determinism: FAILED: {'; '.join(failed)}", file=sys.stderr)
        return 1
    print(f"determinism: {len(runs)} runs agree, {runs[0][0]} to {runs[-1][0]}")
    if conversations:
        took = f"{made - began:.0f} s to make, {time.monotonic() - made:.0f} s to replay"
        print(f"determinism: {conversations} conversations, {took} {len(runs)} times")
    print(f"determinism: {texts[0].splitlines()[-1]}")
    return 0 if other or not in_ci() else 1


def jobs(folder: Path, conversations: int) -> list[tuple[Path, int, int, int]]:
    """A file, the first seed, how many there are and every how many: one job a processor."""
    step = min(os.cpu_count() or 1, conversations)
    return [(folder / f"{first}.jsonl", first, conversations, step) for first in range(step)]


def recorded(file: Path, first: int, conversations: int, step: int) -> str:
    """The name of the file, once its conversations are in it."""
    where = ["--first", str(first), "--step", str(step), "--conversations", str(conversations)]
    done = own_process(sys.executable, 0, ["record", str(file), *where])
    if done.returncode:
        raise SystemExit(f"determinism: no conversations were made:\n{done.stdout}{done.stderr}")
    return str(file)


def run_digest(python: str, seed: int, more: Sequence[str] = ()) -> str:
    """What `digest` prints in a fresh process, or its error."""
    done = own_process(python, seed, ["digest", *more])
    return done.stdout if done.returncode == 0 else f"{done.stdout}{done.stderr}\n(failed)"


def own_process(python: str, seed: int, args: Sequence[str]) -> subprocess.CompletedProcess[str]:
    """This script in a process of its own, with a hash seed."""
    env = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    env |= {"PYTHONHASHSEED": str(seed), "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"}
    command = [python, __file__, *args]
    return subprocess.run(command, env=env, capture_output=True, text=True, check=False)


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
