# What you can do here. `make` alone lists it.
# Only relative paths, so that a directory whose name has a space is no problem.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)
export PORT ?= 8000
# npm then trusts what the machine trusts, as pip does: a company's own certificate authority too.
export NODE_USE_SYSTEM_CA ?= 1

.DEFAULT_GOAL := help
.PHONY: help run test check check-types check-the-rest bench dev types migration h5 format screenshots clean

help:  ## List what you can do
	@grep -hE '^[a-z0-9-]+:.*##' Makefile | sed -E 's/:[^#]*## /\t/' | expand -t 12

run: $(VENV)/.ready h5/dist/index.html  ## Install, build the pages, load the demo, serve on PORT (8000)
	@$(BIN)/waiqin demo

test: $(VENV)/.ready-dev h5/dist/index.html tests/vendors/node_modules/.ready  ## Install everything and run every test
	@$(BIN)/python -m tests.needs
	@cd h5 && npm test --silent
	@$(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder

check: $(VENV)/.ready-dev h5/node_modules/.ready  ## Format, lint, types, import contracts, generated files
	@$(MAKE) --no-print-directory -j 2 check-types check-the-rest

check-types:  # the longest, beside all others
	@$(BIN)/mypy

check-the-rest:
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/lint-imports
	@cd h5 && npm run --silent lint && npm run --silent typecheck
	@$(BIN)/pytest tests/architecture

bench: $(VENV)/.ready-dev  ## Measure speed, always against a yardstick in the same run
	@$(BIN)/python -m benchmarks

dev: $(VENV)/.ready-dev h5/node_modules/.ready  ## Serve the demo, and the pages with live reload on 5173
	@cd h5 && (npm run dev & trap "kill $$!" EXIT; cd .. && $(BIN)/waiqin demo)

types: $(VENV)/.ready h5/node_modules/.ready  ## Write h5/src/api/schema.ts from the server's schemas
	@mkdir -p build && $(BIN)/waiqin openapi --no-examples > build/openapi.json
	@cd h5 && npm run --silent types -- ../build/openapi.json --output src/api/schema.ts

migration: $(VENV)/.ready-dev  ## Generate a migration from the models: make migration NAME="add x to y"
	@$(BIN)/python -m field_ops.migrations.generate "$(NAME)"

h5: h5/dist/index.html  ## Build the pages

screenshots: $(VENV)/.ready-dev  ## Take the pictures in docs/ from the demo that runs on PORT
	@$(BIN)/python -m tests.browser.take_screenshots http://127.0.0.1:$(PORT)

format: $(VENV)/.ready-dev  ## Format the Python sources
	@$(BIN)/ruff format --quiet . && $(BIN)/ruff check --fix --quiet .

clean:  ## Remove what was installed and built (not the data)
	rm -rf $(VENV) h5/node_modules tests/vendors/node_modules h5/dist build

# --- how the pieces come about ---------------------------------------------------------------

$(VENV)/bin/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Waiqin needs Python 3.11 or newer: sudo apt-get install python3, or set PYTHON="; exit 1; }
	@$(PYTHON) -m venv $(VENV) \
	  || { echo "Python cannot make environments here: sudo apt-get install python3-venv"; exit 1; }

$(VENV)/.ready: requirements.lock pyproject.toml | $(VENV)/bin/pip
	@echo "Installing Python packages (about a minute the first time)…"
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.ready-dev: requirements-dev.lock $(VENV)/.ready
	@echo "Installing tools for tests…"
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

h5/node_modules/.ready: h5/package-lock.json | $(VENV)/.ready
	@echo "Installing packages of the pages…"
	@cd h5 && npm ci --loglevel=error --no-audit --no-fund
	@touch $@

tests/vendors/node_modules/.ready: tests/vendors/package-lock.json | $(VENV)/.ready
	@echo "Installing the hosts' own JavaScript packages for tests…"
	@cd tests/vendors && npm ci --loglevel=error --no-audit --no-fund
	@touch $@

H5_SOURCES := $(shell find h5/src h5/index.html h5/vite.config.ts h5/public -type f 2>/dev/null)

h5/dist/index.html: h5/node_modules/.ready $(H5_SOURCES)
	@echo "Building the pages…"
	@cd h5 && npm run --silent build
	@touch $@
