# The only way in: `make help` lists the targets. .venv is made from requirements.lock, and again
# whenever that changes. Everything that can be made again is under _build; grading/ is never touched.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
PIP_ARGS ?=
TOPIC ?= correlation
CLASS ?= 30
ASSIGNMENT ?=
STUDENT ?=
PROBLEM ?=
FORCE ?=
WORKERS ?=
SCHEDULER ?=
PORT ?= 8000
TESTS ?= tests engine/tests src engine/src
PAGES ?=
RUNS ?= 3

KNOWN := PYTHON PIP_ARGS TOPIC CLASS ASSIGNMENT STUDENT PROBLEM FORCE WORKERS SCHEDULER PORT TESTS PAGES RUNS SITE_URL OMP_NUM_THREADS
given = $(if $(filter command,$(origin $(1))),$(1))
UNKNOWN := $(filter-out $(KNOWN),$(foreach name,$(.VARIABLES),$(call given,$(name))))
ifneq ($(UNKNOWN),)
  $(error there is no variable $(UNKNOWN); there are: $(KNOWN))
endif

BIN := .venv/bin
READY := .venv/.ready
BOOK := _build/html
RUN := $(BIN)/python
ENGINE := $(RUN) -m nbexaminer
NARROW = $(if $(ASSIGNMENT),--assignment '$(ASSIGNMENT)') $(if $(WORKERS),--workers '$(WORKERS)')

export OMP_NUM_THREADS ?= 1
export JUPYTER_PLATFORM_DIRS := 1
export PATH := $(CURDIR)/$(BIN):$(PATH)

.PHONY: help course env book serve chapter lab exercises grade status feedback report demo release test test-fast campaign check bank bench lighthouse endurance hostile screenshots clean

help: ## this table
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 14

course: env ## everything: environment, book, exercises, a graded sample class
	$(MAKE) book exercises
	$(MAKE) demo CLASS=7
	@printf '\n%s\n' 'The course is ready. Four places to look at:'
	@printf '  %-10s %s\n' book $(BOOK)/index.html exercises exercises/ \
	  grades _build/demo/grading/reports/scores.html report _build/demo/grading/reports/index.html

env: $(READY) ## .venv, from requirements.lock

$(READY): requirements.lock pyproject.toml engine/pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(0 if v >= (3, 11) else f"make: {sys.executable} is Python {v[0]}.{v[1]}; the course needs 3.11 or newer: make PYTHON=python3.11 course")'
	@$(PYTHON) -m venv .venv || { echo "make: $(PYTHON) has no venv module; install it (Debian: apt-get install python3-venv)" >&2; exit 2; }
	@echo 'installing what requirements.lock pins …'
	@$(BIN)/pip install --quiet --disable-pip-version-check $(PIP_ARGS) -r requirements.lock > .venv/install.log 2>&1 \
	  && $(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e engine -e . >> .venv/install.log 2>&1 \
	  || { grep -m1 -E '^ERROR' .venv/install.log >&2 || true; echo 'make: the packages could not be installed; is the network there? Details: .venv/install.log' >&2; exit 2; }
	@touch $@

book: env ## the book, in _build/html; a warning is an error
	@PYTHONPATH=book $(RUN) -m practice.assets
	@$(BIN)/jupyter-book build . --path-output . -W --keep-going -q 2> >(grep -v 'IPKernelApp' >&2)
	@test -s $(BOOK)/index.html
	@echo "book: $(BOOK)/index.html"

serve: book ## the book at http://localhost:8000 (PORT=)
	@$(RUN) book/serve.py $(BOOK) '$(PORT)'

chapter: env ## one chapter alone, TOPIC=edges, under _build/chapter
	@test -f book/$(TOPIC).md || { echo "make: there is no book/$(TOPIC).md; TOPIC is one of: $$(sed -n 's|.*file: book/||p' _toc.yml | tr '\n' ' ')" >&2; exit 2; }
	@PYTHONPATH=book $(RUN) -m practice.assets
	@mkdir -p _build/chapter/$(TOPIC)
	@printf 'format: jb-book\nroot: book/$(TOPIC)\n' > _build/chapter/$(TOPIC)/_toc.yml
	@$(BIN)/jupyter-book build . --toc _build/chapter/$(TOPIC)/_toc.yml --path-output _build/chapter/$(TOPIC) -q 2> >(grep -v 'IPKernelApp' >&2)
	@echo "chapter: _build/chapter/$(TOPIC)/_build/html/book/$(TOPIC).html"

lab: env ## JupyterLab with the exercises and nbgrader's extensions
	@$(BIN)/jupyter server extension enable --sys-prefix nbgrader.server_extensions.formgrader > /dev/null 2>&1
	@$(BIN)/jupyter lab --LabApp.default_url=/lab/tree/exercises

exercises: env ## points into solutions/, exercises/ from solutions/; fails if those committed were stale
	@$(RUN) -m problems.points
	@$(ENGINE) release --check

grade: env ## what is new in grading/submitted, and the class report (ASSIGNMENT= STUDENT= WORKERS= SCHEDULER= FORCE=1)
	@$(ENGINE) grade $(NARROW) $(if $(SCHEDULER),--scheduler '$(SCHEDULER)') $(if $(STUDENT),--student '$(STUDENT)',--report) $(if $(FORCE),--force)

status: env ## what is graded, what has changed since, what waits (ASSIGNMENT=)
	@$(ENGINE) status $(if $(ASSIGNMENT),--assignment '$(ASSIGNMENT)')

feedback: env ## feedback pages again, with the marks given by hand (ASSIGNMENT= STUDENT=)
	@$(ENGINE) feedback $(if $(ASSIGNMENT),--assignment '$(ASSIGNMENT)') $(if $(STUDENT),--student '$(STUDENT)')

report: env ## what the class did, for staff, in grading/reports/index.html (ASSIGNMENT=)
	@$(ENGINE) report $(if $(ASSIGNMENT),--assignment '$(ASSIGNMENT)')

demo: env ## a sample class, graded under _build/demo (CLASS=30 ASSIGNMENT= WORKERS=)
	@$(ENGINE) demo --bank problems --size '$(CLASS)' $(NARROW)

release: book exercises ## _build/release: the site and the student zips
	@$(RUN) book/release.py $(BOOK) _build/release

test: env ## everything checked, but for more of the same (campaign); fails loudly
	@$(MAKE) --jobs=2 check book
	@$(RUN) -m pytest -n 2 --dist loadfile -m 'not campaign' $(TESTS)

test-fast: env ## the engine, the bank and the reference in a minute: no book, browser or sandbox
	@$(RUN) -m pytest -q -n 2 --dist loadfile -m 'not browser and not sandbox and not slow' tests/convolutions tests/problems engine/tests src engine/src

campaign: book ## what `make test` does on some pages and cases, on the others
	@$(RUN) -m pytest -n 2 --dist loadfile -m campaign tests engine/tests

check: env ## lint, format, types, import contracts, points, graded cells
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check --quiet || { echo 'make: run .venv/bin/ruff format' >&2; exit 1; }
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo 2>/dev/null || $(BIN)/lint-imports
	@$(RUN) -m problems.points --check
	@$(ENGINE) check

bank: env ## what the problem bank accepts, refuses, kills and names; its table in the guide (PROBLEM=)
	@PYTHONPATH=benchmarks $(RUN) -m bank $(PROBLEM)

bench: env ## figures of speed, as ratios, in _build/bench
	@$(RUN) benchmarks/corr2d.py
	@$(RUN) benchmarks/book.py
	@$(RUN) benchmarks/grading.py
	@PYTHONPATH=benchmarks $(RUN) -m bank.cost

lighthouse: book ## scores, weight and script time of every page by Lighthouse, in benchmarks/lighthouse.md (PAGES= RUNS=3)
	@PYTHONPATH=tests/site:book $(RUN) benchmarks/lighthouse.py --runs '$(RUNS)' $(PAGES)

endurance: env ## a class killed 50 times, and graded 60 times beside a hog: the same grades
	@$(RUN) benchmarks/endurance.py

hostile: env ## the hostile bank under stock nbgrader and here, as a table in the instructor guide (root)
	@$(RUN) benchmarks/hostile_class.py

screenshots: book ## the pictures of README, from the built book
	@$(RUN) tests/site/screenshots.py

clean: ## _build gone; grading/ and .venv stay
	@rm -rf _build
