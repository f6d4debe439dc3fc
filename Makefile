# Two commands are enough to start with: `make run` and `make test`. `make help` lists the others.

PYTHON ?= python3
PORT ?= 8000
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -qq
PYTEST := OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2
FAULTS := OMP_NUM_THREADS=1 $(BIN)/python -m pytest tests/faults -n 2 --dist load --maxschedchunk 1
HUNTS := rules amounts recheck accept audit
EVERY ?= 1
LOCK := $(BIN)/uv pip compile --quiet --generate-hashes --python-version 3.11 \
	--custom-compile-command "make lock"

.DEFAULT_GOAL := help
.PHONY: help run test long check branches mutants lock migration faults soak bench bench-batch bench-audit clean

help: ## list these targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1 - \2/p' Makefile

run: .venv/runs ## install, prepare the demo, serve on 127.0.0.1:8000 until Ctrl-C
	@$(BIN)/counteroffer demo --port $(PORT)

test: .venv/tests ## install, run the fast tier
	@$(PYTEST) -m "not long"

long: .venv/tests ## the longer tiers
	@$(PYTEST) -m long --durations 10

check: .venv/tests ## lint, types, import order, Dockerfile
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/hadolint Dockerfile

branches: .venv/tests ## every branch of what guards an offer is taken by a test
	@OMP_NUM_THREADS=1 $(BIN)/python -m tests.mutants.branches

mutants: .venv/tests ## change what guards an offer in every small way, so that a test notices: EVERY=8 is one in eight
	@set -e; for hunt in $(HUNTS); do OMP_NUM_THREADS=1 $(BIN)/python -m tests.mutants $$hunt --every $(EVERY); done

lock: .venv/tests ## resolve requirements*.in into requirements*.txt, with hashes
	@$(LOCK) requirements.in --output-file requirements.txt
	@$(LOCK) requirements-postgres.in --constraint requirements.txt --output-file requirements-postgres.txt
	@$(LOCK) requirements-dev.in --output-file requirements-dev.txt

migration: .venv/tests ## write the revision that ledger/tables.py asks for: TITLE="what changes", ANEW=--anew
	@$(BIN)/python -m ledger.new_revision "$(or $(TITLE),initial schema)" $(ANEW)
	@$(BIN)/ruff format --quiet ledger/migrations/versions

faults: .venv/tests ## crashes on purpose: kills, full disks, lost answers, races (docs/faults.md); BUT=word leaves out
	@$(FAULTS) $(if $(BUT),-k "not $(BUT)")

soak: .venv/tests ## the same many times over: ID=B1, or without ID all of it, one after the other; PART="sqlite and part_3_of_4"
	@$(FAULTS) --soak $(addprefix --only=,$(ID)) $(if $(PART),-k "$(PART)") -n 0

bench: .venv/tests ## /offer over HTTP beside the plain version
	@$(BIN)/python -m benchmarks.offer

bench-batch: .venv/tests ## rows a second of the file door
	@$(BIN)/python -m benchmarks.batch

bench-audit: .venv/tests ## events a second that the audit walks
	@$(BIN)/python -m benchmarks.audit

clean: ## forget the environment, the demo and every cache
	@rm -rf .venv var build *.egg-info .pytest_cache .hypothesis .mypy_cache .ruff_cache .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The two stamps below say what .venv holds; each is remade when what it came from changes.
.venv/runs: requirements.txt requirements.in pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and \
		"error: Counteroffer needs Python 3.11 or newer; $(PYTHON) is " + sys.version.split()[0])'
	@echo "Installing Counteroffer into .venv (about a minute the first time) ..."
	@$(PYTHON) -m venv .venv
	@$(PIP) install --require-hashes --requirement requirements.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

.venv/tests: .venv/runs requirements-dev.txt
	@echo "Installing what the tests need ..."
	@$(PIP) install --require-hashes --requirement requirements-dev.txt
	@touch $@
