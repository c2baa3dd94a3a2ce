# unfit: every target is one call of one verb. Plain `make` lists them.
PYTHON ?= python3
VENV ?= .venv
UNFIT := $(VENV)/bin/unfit
EXERCISE ?=
SUBMISSION ?=
OUT ?= grades/$(or $(EXERCISE),sample)
CORES ?= $(shell nproc 2>/dev/null || echo 2)

.DEFAULT_GOAL := help
.PHONY: help setup grade test test-all attacks plant validate prove new export coverage standard doctor bench bench-cohort lock clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1|\2/' | awk -F'|' '{printf "%-18s %s\n", $$1, $$2}'

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "error: unfit needs Python 3.11 or newer; $(PYTHON) is older. Say PYTHON=python3.12, for example."; exit 3; }
	@$(PYTHON) -m venv $(VENV) || { echo "error: $(PYTHON) cannot make virtual environments. On Debian or Ubuntu type: sudo apt-get install python3-venv"; rm -rf $(VENV); exit 3; }

$(VENV)/.kit: pyproject.toml harness/unfit/data/environment.lock | $(VENV)/bin/python
	@echo "setting up the kit in $(VENV)"
	@$(VENV)/bin/python -m pip install -q --disable-pip-version-check -e .
	@$(UNFIT) setup
	@touch $@

$(VENV)/.dev: $(VENV)/.kit
	@$(VENV)/bin/python -m pip install -q --disable-pip-version-check -e '.[dev]'
	@touch $@

setup: $(VENV)/.kit ## install the kit, its sandbox and the environment that runs submissions

$(VENV)/.cohort: $(VENV)/.kit
	@$(VENV)/bin/python -m pip install -q --disable-pip-version-check -e '.[cohort]'
	@touch $@

grade: $(if $(SUBMISSIONS),$(VENV)/.cohort,$(VENV)/.kit) ## grade a submission: EXERCISE=slug SUBMISSION=path OUT=folder (the bundled sample without them), or a folder of them: SUBMISSIONS=folder
ifdef SUBMISSIONS
	@$(UNFIT) cohort $(SUBMISSIONS) $(if $(EXERCISE),--exercise $(EXERCISE)) --out $(OUT)
else
	@$(UNFIT) grade $(EXERCISE) $(SUBMISSION) --out $(OUT)
endif

test: $(VENV)/.dev ## run the tests, the linters and the type checker
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/ruff format --check .
	@$(VENV)/bin/mypy
	@$(VENV)/bin/lint-imports
	@$(VENV)/bin/pytest -n $(CORES) -m "not slow and not gate"

test-all: test ## run the long suites too
	@$(VENV)/bin/pytest -n $(CORES) -m slow

attacks: $(VENV)/.dev ## try every attack on the sandbox, and count those contained
	@$(VENV)/bin/pytest -q -n $(CORES) tests/attacks

plant: $(VENV)/.kit ## regenerate exercises/ from solutions/
	@$(UNFIT) plant

validate: $(VENV)/.kit ## prove an exercise: EXERCISE=slug
	@$(UNFIT) validate $(EXERCISE)

prove: $(VENV)/.kit ## validate, over two seeds, what changed since its last clean validation
	@$(UNFIT) validate --changed --seeds 2

new: $(VENV)/.kit ## start an exercise of your own: NAME=slug
	@$(UNFIT) new $(NAME)

export: $(VENV)/.kit ## make a candidate's repository: EXERCISE=slug TO=folder OPTIONS="--form b --seed 7"
	@$(UNFIT) export $(EXERCISE) $(TO) $(OPTIONS)

coverage: $(VENV)/.kit ## write docs/reference/coverage.md: which known mistakes the exercises plant
	@$(UNFIT) coverage > docs/reference/coverage.md

standard: $(VENV)/.kit ## write STANDARD.md, and the pages of the reference about it: the rules that all services keep, and the experiments
	@$(UNFIT) standard > STANDARD.md
	@$(UNFIT) standard --authors > docs/reference/standard.md
	@$(UNFIT) standard --experiments > docs/reference/experiments.md

doctor: $(VENV)/.kit ## say whether this machine can isolate, and what to do if not
	@$(UNFIT) doctor

# An environment of its own: what nbgrader brings along would make every start of the kit dearer.
$(VENV)/.bench: $(VENV)/.dev
	@$(VENV)/bin/python -m venv $(VENV)/nbgrader
	@$(VENV)/nbgrader/bin/python -m pip install -q --disable-pip-version-check -e '.[bench]'
	@touch $@

bench: $(VENV)/.bench ## what judging costs: over the same calls bare, and over nbgrader
	@$(VENV)/bin/python tests/bench.py
	@$(VENV)/bin/python tests/bench_notebook.py $(VENV)/nbgrader/bin/python

bench-cohort: $(VENV)/.dev ## what a cohort costs: with one and two workers, and up to 10,000 submissions
	@$(VENV)/bin/python tests/bench_cohort.py

lock: ## renew the locked environment of exercises
	@uv pip compile -q --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate harness/unfit/data/environment.in -o harness/unfit/data/environment.lock

clean: ## remove what was set up and every cache
	@rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
