# unfit: every target is one call of one verb. Plain `make` lists them.
VARIABLES := PYTHON VENV EXERCISE SUBMISSION SUBMISSIONS OUT NAME TO OPTIONS CORES ENGINE
PYTHON ?= python3
VENV ?= .venv
CORES ?= $(shell nproc 2>/dev/null || echo 2)

# A value is text, whatever it holds: make does not expand it, and recipes read it from the environment, in quotes.
given = $(or $(filter command%,$(origin $1)),$(and $(filter environment%,$(origin $1)),$(findstring $$,$(value $1))))
$(foreach name,$(.VARIABLES),$(if $(call given,$(name)),$(eval override $(name) := $$(value $(name)))$(eval export $(name))))
export $(VARIABLES)

UNFIT = "$$VENV/bin/unfit"
PIP = "$$VENV/bin/python" -m pip install -q --disable-pip-version-check
# A stamp in the environment says that a target is done; it is stale where what it was made from is newer.
DONE = [ -z "$$(find pyproject.toml harness/unfit/data/environment.lock -newer "$$VENV/.$@" 2>&1)" ]
COMPILE = "$$VENV/bin/uv" pip compile -q --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate

.DEFAULT_GOAL := help
.PHONY: help kit kit-dev kit-cohort kit-bench setup grade test test-all attacks plant validate prove new export coverage accuracy standard docs layers picture doctor image bench bench-cohort bench-review bench-validate lock clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' Makefile | sed -E 's/^([a-z-]+):.*## (.*)/  make \1|\2/' | awk -F'|' '{printf "%-18s %s\n", $$1, $$2}'

kit:
	@[ -x "$$VENV/bin/python" ] || "$$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { printf 'error: unfit needs Python 3.11 or newer; %s is older. Say PYTHON=python3.12, for example.\n' "$$PYTHON"; exit 3; }
	@[ -x "$$VENV/bin/python" ] || "$$PYTHON" -m venv -- "$$VENV" || { printf 'error: %s cannot make virtual environments. On Debian or Ubuntu type: sudo apt-get install python3-venv\n' "$$PYTHON"; rm -rf -- "$$VENV"; exit 3; }
	@$(DONE) || { printf 'setting up the kit in %s\n' "$$VENV" && $(PIP) -e . && $(UNFIT) setup && touch -- "$$VENV/.$@"; }

kit-dev: kit
	@$(DONE) || { $(PIP) -e '.[dev]' && touch -- "$$VENV/.$@"; }

kit-cohort: kit
	@$(DONE) || { $(PIP) -e '.[cohort]' && touch -- "$$VENV/.$@"; }

# An environment of its own: what nbgrader brings along would make every start of the kit dearer.
kit-bench: kit-dev
	@$(DONE) || { "$$VENV/bin/python" -m venv -- "$$VENV/nbgrader" && "$$VENV/nbgrader/bin/python" -m pip install -q --disable-pip-version-check -e '.[bench]' && touch -- "$$VENV/.$@"; }

setup: kit ## install the kit, its sandbox and the environment that runs submissions

grade: $(if $(SUBMISSIONS),kit-cohort,kit) ## grade a submission: EXERCISE=slug SUBMISSION=path OUT=folder (the bundled sample without them), or a folder of them: SUBMISSIONS=folder
	@: "$${OUT:=grades/$${EXERCISE:-sample}}"; if [ -n "$$SUBMISSIONS" ]; \
	then $(UNFIT) cohort $${EXERCISE:+"--exercise=$$EXERCISE"} "--out=$$OUT" -- "$$SUBMISSIONS"; \
	else $(UNFIT) grade "--out=$$OUT" -- $${EXERCISE:+"$$EXERCISE"} $${SUBMISSION:+"$$SUBMISSION"}; fi

test: kit-dev ## run the tests, the linters and the type checker
	@"$$VENV/bin/ruff" check .
	@"$$VENV/bin/ruff" format --check .
	@"$$VENV/bin/mypy"
	@"$$VENV/bin/lint-imports"
	@"$$VENV/bin/pytest" -n "$$CORES" -m "not slow and not gate"

test-all: test ## run the long suites too, and draw fresh examples
	@UNFIT_FRESH_EXAMPLES=1 "$$VENV/bin/pytest" -n "$$CORES" -m "slow or hypothesis"

attacks: kit-dev ## try every attack on the sandbox, and count those contained
	@"$$VENV/bin/pytest" -q -n "$$CORES" tests/attacks

plant: kit ## regenerate exercises/ from solutions/
	@$(UNFIT) plant

validate: kit ## prove an exercise: EXERCISE=slug
	@$(UNFIT) validate -- $${EXERCISE:+"$$EXERCISE"}

prove: kit ## validate, over two seeds, what changed since its last clean validation
	@$(UNFIT) validate --changed --seeds 2

new: kit ## start an exercise of your own: NAME=slug
	@$(UNFIT) new -- $${NAME:+"$$NAME"}

export: kit ## make a candidate's repository: EXERCISE=slug TO=folder OPTIONS="--form b --seed 7"
	@printf '%s\n' "$$OPTIONS" | xargs sh -c '$(UNFIT) export "$$@" -- $${EXERCISE:+"$$EXERCISE"} $${TO:+"$$TO"}' sh

coverage: kit ## write docs/reference/coverage.md: which known mistakes the exercises plant
	@$(UNFIT) coverage > docs/reference/coverage.md

accuracy: kit ## write docs/reference/accuracy.md: on how many labelled fixes the hidden checks are right
	@$(UNFIT) accuracy > docs/reference/accuracy.md

standard: kit ## write STANDARD.md, and the pages of the reference about it: the rules that all services keep, and the experiments
	@$(UNFIT) standard > STANDARD.md
	@$(UNFIT) standard --authors > docs/reference/standard.md
	@$(UNFIT) standard --experiments > docs/reference/experiments.md

docs: kit-dev ## build the documentation as a site, in site/; look at it with: python3 -m http.server -d site
	@NO_MKDOCS_2_WARNING=1 "$$VENV/bin/mkdocs" build -q

layers: kit-dev ## draw docs/images/layers.svg: the layers that imports keep
	@"$$VENV/bin/python" tests/layers.py

picture: kit-dev ## take the pictures of a report that the README shows, in docs/images
	@$(UNFIT) grade --seed 1 --out grades/picture
	@"$$VENV/bin/python" tests/picture.py grades/picture/report.html

doctor: kit ## say whether this machine can isolate, and what to do if not
	@$(UNFIT) doctor

image: kit ## build the image in which `--engine` grades, with docker or podman, whichever is there: ENGINE=podman
	@$(UNFIT) setup --engine "$${ENGINE:-$$(docker info >/dev/null 2>&1 && echo docker || echo podman)}"

bench: kit-bench ## what judging costs: over the same calls bare, and over nbgrader
	@"$$VENV/bin/python" tests/bench.py
	@"$$VENV/bin/python" tests/bench_notebook.py "$$VENV/nbgrader/bin/python"

bench-review: kit-dev ## print how well reviews are matched with defects, and write docs/explanation/review-matching.md
	@"$$VENV/bin/python" tests/bench_review.py

bench-cohort: kit-dev ## what a cohort costs: with one and two workers, and up to 10,000 submissions
	@"$$VENV/bin/python" tests/bench_cohort.py

bench-validate: kit-dev ## what authors wait for: one tree tried, an exercise proven, a cluster of two workers
	@"$$VENV/bin/python" tests/bench_validate.py

lock: kit-dev ## renew both locks: the environment of exercises, and kit.lock, which the image is made of
	@$(COMPILE) harness/unfit/data/environment.in -o harness/unfit/data/environment.lock
	@echo hatchling | $(COMPILE) --extra cohort --extra cluster pyproject.toml - -o kit.lock

clean: ## remove what was set up and every cache
	@rm -rf -- "$$VENV" .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
