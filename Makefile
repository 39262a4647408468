# Every entry to this project. `make help` lists them; `make check` is what CI runs.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules

VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
PIP := $(BIN)/python -m pip --disable-pip-version-check
# Options for pytest, such as `make test PYTEST_ARGS="-k patch -x"`.
PYTEST_ARGS ?=
# One more than there are processors, since tests that wait for browsers and servers leave one idle.
WORKERS = $(shell echo $$(( $$(nproc 2>/dev/null || getconf _NPROCESSORS_ONLN) + 1 )))
# How many `make fuzz` and `make fuzz-properties` try, and what of: see `make fuzz WHAT=help`.
N ?= 1000
WHAT ?= streams
FUZZ_ARGS ?=
BENCH_ARGS ?=
WEB_CLIENT := examples/web_client
TYPED = $(wildcard src/uicompiler clientsim tests/typing)

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: setup
setup: $(STAMP) ## make .venv with the pinned tools and this library, editable (PYTHON=… names the Python)

$(STAMP): pyproject.toml constraints.txt
	@python=$$(sh tools/find_python.sh); \
	echo "setup: $$("$$python" --version) in $(VENV)"; \
	rm -rf $(VENV); \
	"$$python" -m venv $(VENV)
	@$(PIP) install -qq --require-hashes -r constraints.txt
	@$(PIP) install -qq --no-deps --no-build-isolation --editable .
	@touch $@

.PHONY: demo
demo: $(STAMP) ## run the main job on embedded defaults (DEMO_ONCE=1: once, without waiting)
	@if [ "$${DEMO_ONCE:-}" = 1 ] || ! [ -t 0 ]; then $(BIN)/uicompiler demo --once; \
	else $(BIN)/uicompiler demo; fi

.PHONY: demo-a2ui
demo-a2ui: $(STAMP) $(WEB_CLIENT)/dist/index.html ## the same in the official A2UI renderer (needs Node 20; DEMO_ONCE=1: checked once)
	@if [ "$${DEMO_ONCE:-}" = 1 ] || ! [ -t 0 ]; then \
	$(BIN)/python tools/check_web_client.py $(WEB_CLIENT)/dist; \
	else $(BIN)/uicompiler serve --web-client $(WEB_CLIENT)/dist; fi

$(WEB_CLIENT)/dist/index.html: $(WEB_CLIENT)/package-lock.json $(WEB_CLIENT)/build.mjs $(wildcard $(WEB_CLIENT)/src/*)
	@command -v npm >/dev/null || { echo "demo-a2ui: needs npm (Node 20 or newer); make demo needs neither" >&2; exit 1; }
	@cd $(WEB_CLIENT) && npm ci --ignore-scripts --no-progress && npm run --silent build

.PHONY: test
test: export HYPOTHESIS_PROFILE ?= $(if $(ALL),,quick)
test: $(STAMP) ## run the tests, without what shows the same once more or takes long (ALL=1: that too)
	$(BIN)/python -m pytest -n $(if $(ALL),auto,$(WORKERS)) $(if $(ALL),,-m "not thorough") $(PYTEST_ARGS)

.PHONY: check
check: ALL := 1
check: lint types contract test eval determinism wheel-smoke bench-compare ## everything CI runs

.PHONY: lint
lint: $(STAMP) ## ruff, format and rules; lock files
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	sh tools/check_lock_files.sh

.PHONY: fmt
fmt: $(STAMP) ## rewrite the sources in the project's format
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

.PHONY: types
types: $(STAMP) ## mypy, strict
	$(BIN)/mypy $(TYPED)

.PHONY: contract
contract: $(STAMP) ## which room may import which (the table in docs/architecture.md)
	$(BIN)/lint-imports

.PHONY: determinism
# The conversations of a run; 10000 take a quarter of an hour on two processors.
CONVERSATIONS ?= 1000
determinism: $(STAMP) ## hash seeds and a second Python: one digest over fixtures, examples, CONVERSATIONS=1000 replays
	$(BIN)/python tools/determinism.py
	$(BIN)/python tools/determinism.py --conversations $(CONVERSATIONS) --only

.PHONY: eval
eval: $(STAMP) ## the simulated models by all strategies; fails below 99.5 % usable (docs/evals.md)
	@runs=$$(mktemp -d); trap 'rm -rf "$$runs"' EXIT; \
	$(BIN)/uicompiler eval --provider sim --strategy all --min-usable 0.995 --max-avoidable 0.03 \
		--out "$$runs/run" | sed -n '/^## Strategies$$/,/^## Strategies compared/p'

.PHONY: wheel-smoke
wheel-smoke: $(STAMP) ## build the wheel and use it in an empty environment
	bash tools/wheel_smoke.sh $(BIN)/python

.PHONY: golden
golden: $(STAMP) ## rewrite the expected outputs in fixtures/; review the diff
	UICOMPILER_GOLDEN=update $(BIN)/python -m pytest tests/test_fixtures.py \
		tests/test_hostile.py $(PYTEST_ARGS)

.PHONY: bench
bench: $(STAMP) ## measure everything and write benchmarks/RESULTS.md (BENCH_ARGS="--turns 100000"); then HTML, log, host, tokens
	$(BIN)/python -m benchmarks.results --write $(BENCH_ARGS)
	$(BIN)/uicompiler bench --backend html
	$(BIN)/python -m benchmarks.store
	$(BIN)/python -m benchmarks.host
	$(BIN)/python -m benchmarks.tokens

.PHONY: bench-compare
bench-compare: $(STAMP) ## a minute of the benchmarks, beside benchmarks/results.json; warns of what slid by a fifth
	@$(BIN)/python -m benchmarks.results --compare

.PHONY: fuzz
fuzz: $(STAMP) ## long runs against the official clients (N=1000 WHAT=streams FUZZ_ARGS="--seed 7"; WHAT=help)
	$(BIN)/python -m tests.official.fuzz $(if $(filter help,$(WHAT)),--help,$(WHAT) --count $(N) $(FUZZ_ARGS))

.PHONY: fuzz-properties
fuzz-properties: export UICOMPILER_EXAMPLES := $(N)
fuzz-properties: export HYPOTHESIS_PROFILE := fuzz
fuzz-properties: $(STAMP) ## long property tests (N=1000 examples a property)
	$(BIN)/python -m pytest -n auto -m fuzz $(PYTEST_ARGS)

.PHONY: docs
docs: $(STAMP) ## write the pages that come from the code and from the official clients
	$(BIN)/python tools/generate_docs.py
	$(BIN)/python -m tests.official.report

.PHONY: lock
lock: ## compile the constraints again (LOCK_ARGS=--upgrade moves to the newest versions)
	sh tools/lock.sh $(LOCK_ARGS)

.PHONY: clean
clean: ## remove environments, caches and build results
	rm -rf .venv .venv-* build dist .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find . -name node_modules -prune -o -name __pycache__ -type d -prune -exec rm -rf {} +
