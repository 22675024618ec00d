# Everything a newcomer needs is `make demo` and `make test`; both set up .venv themselves.
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: help demo test test-slow check bench clean
help:           ## what there is
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*##/\t/' | expand -t 14

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Encore needs Python 3.11 or newer: make PYTHON=python3.11 …" >&2; exit 1; }
	@[ -x $(BIN)/python ] || $(PYTHON) -m venv $(VENV)
	@command -v uv >/dev/null || [ -x $(BIN)/uv ] || $(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	@UV=$$(command -v uv || echo $(BIN)/uv); \
	  VIRTUAL_ENV=$(CURDIR)/$(VENV) $$UV pip install --quiet --constraint constraints.txt --editable . --group dev
	@touch $@

demo: $(READY) ## a simulated service, four weeks of a campaign, and the truth beside the report
	@$(BIN)/encore demo

test: $(READY) ## the tests, in a few minutes
	@$(BIN)/pytest -m "not slow" -n 2 --dist loadgroup -q

test-slow: $(READY) ## the tests that take minutes: simulated worlds, kills, the wheel
	@$(BIN)/pytest -m slow -q

check: $(READY) ## what CI runs: format, lint, types, architecture, tests with coverage
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/pytest -m "not slow" -n 2 --dist loadgroup -q --cov --cov-report=term:skip-covered

bench: $(READY) ## the table of figures, each a ratio against a bare floor measured in the same run
	@$(BIN)/python -m bench

clean:          ## remove what was built, not what was kept under .encore
	@rm -rf $(VENV) dist build .mypy_cache .ruff_cache .import_linter_cache .hypothesis .coverage
