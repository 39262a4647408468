#!/usr/bin/env bash
# Does the wheel work by itself? Builds sdist and wheel, installs the wheel with its core
# dependencies into an empty environment outside the repository, and runs the commands there.
#
#   tools/wheel_smoke.sh PYTHON    where PYTHON has `build` and `hatchling`
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
python=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
unset PYTHONPATH

step() { echo "wheel-smoke: $*"; }

step "build the sdist, and the wheel from it"
"$python" -m build --no-isolation --outdir "$scratch/dist" "$root" >"$scratch/build.log" 2>&1 ||
    { cat "$scratch/build.log" >&2; exit 1; }

step "install it into an empty environment"
"$python" -m venv "$scratch/venv"
bin=$scratch/venv/bin
"$bin/python" -m pip install -qq --disable-pip-version-check --require-hashes \
    -r "$root/constraints-core.txt"
"$bin/python" -m pip install -qq --disable-pip-version-check --no-deps "$scratch"/dist/*.whl

mkdir "$scratch/elsewhere"
cd "$scratch/elsewhere"
"$bin/python" - "$scratch" <<'PY'
import importlib.resources
import pathlib
import sys

import clientsim
import uicompiler

for package in (clientsim, uicompiler):
    where = pathlib.Path(package.__file__)
    assert where.is_relative_to(pathlib.Path(sys.argv[1]).resolve()), f"{where} is not the wheel's"
    assert importlib.resources.files(package).joinpath("py.typed").is_file(), f"{where}: no py.typed"
PY

step "demo"
"$bin/uicompiler" demo --once </dev/null >demo.out
[ -s demo.out ] || { echo "wheel-smoke: the demo printed nothing" >&2; exit 1; }

step "compile, validate and sim a shipped example turn"
crm=$("$bin/python" -c "import uicompiler.resources as r; print(r.data_path('examples/crm'))")
turns=("$crm"/turns/*.json)
"$bin/uicompiler" compile "${turns[0]}" | tee turn.jsonl | "$bin/uicompiler" validate -
"$bin/uicompiler" compile "${turns[0]}" | "$bin/uicompiler" sim --json - >sim.json
"$bin/python" - <<'PY'
import json
import pathlib

lines = pathlib.Path("turn.jsonl").read_text().splitlines()
sim = json.loads(pathlib.Path("sim.json").read_text())
assert lines, "compile wrote no message"
assert sim["surfaces"] and not sim["errors"], sim
print(f"wheel-smoke: {len(lines)} messages, surfaces {', '.join(sorted(sim['surfaces']))}")
PY
step "ask simulated models about the scenarios that ship, without litellm; read the traces"
"$bin/uicompiler" eval --provider sim --strategy all --trials 1 --out run >eval.md 2>eval.log ||
    { cat eval.log >&2; exit 1; }
"$bin/uicompiler" trace --check run/trials.jsonl
"$bin/python" - <<'PY'
import json
import pathlib

run = pathlib.Path("run")
asked = json.loads((run / "run.json").read_text())["scenarios"]
apps = {scenario["app"] for scenario in asked}
assert {"standard", "booking", "character_card", "crm"} <= apps, apps
trials = [json.loads(line) for line in (run / "trials.jsonl").read_text().splitlines()]
usable = [trial["usable"] for trial in trials if trial["key"]["strategy"] == "production"]
share = sum(usable) / len(usable)
assert share > 0.95, share
assert (run / "report.html").is_file()
print(f"wheel-smoke: {len(asked)} scenarios, {len(trials)} trials, {share:.1%} usable")
PY
step "ok"
