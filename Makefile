# The only way in. `make help` lists the targets; .venv is made from requirements.lock when that changes.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= python3
PIP_ARGS ?=
TOPIC ?= correlation
BIN := .venv/bin

chapter: $(BIN)/.ready ## one chapter alone, TOPIC=edges, under _build/chapter
	mkdir -p _build/chapter/$(TOPIC)
	printf 'format: jb-book\nroot: book/$(TOPIC)\n' > _build/chapter/$(TOPIC)/_toc.yml
	$(BIN)/jupyter-book build . --toc _build/chapter/$(TOPIC)/_toc.yml --path-output _build/chapter/$(TOPIC)
	@echo "open _build/chapter/$(TOPIC)/_build/html/book/$(TOPIC).html"
