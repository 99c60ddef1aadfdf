# Two commands do everything: `make run` and `make test`. `make` alone lists the targets.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PYTHON := .venv/bin/python
STAMP := .venv/stamp
export HOST ?= 127.0.0.1
export PORT ?= 8000

.PHONY: help run test check format lock bench clean venv check-lock check-drift

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile

venv:
	@.ci/venv

run: venv ## install, create or migrate the database, serve (PORT, DATA_DIR, DATABASE_URL, DEMO=0)
	@$(PYTHON) -m flask --app wsgi setup
	@exec $(PYTHON) -m app.server

test: venv ## run every test (installs a browser and fonts where they are missing)
	@.ci/system
	$(PYTHON) -m pytest -n 2 --dist worksteal $(ARGS)

check: venv ## formatter, linter, types, layers, templates, migrations, lock file
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m ruff check .
	$(PYTHON) -m mypy
	.venv/bin/lint-imports
	$(PYTHON) -m djlint app/templates --lint --quiet
	@$(MAKE) check-drift
	@$(MAKE) check-lock

# A throw-away SQLite database is migrated from empty; models and migrations must then agree, in one line of revisions.
check-drift: venv
	@folder=$$(mktemp -d); trap 'rm -rf "$$folder"' EXIT; \
	export DATA_DIR="$$folder" DATABASE_URL= ; \
	heads=$$($(PYTHON) -m flask --app wsgi db heads 2>/dev/null | grep -c '(head)' || true); \
	if [ "$$heads" != 1 ]; then echo "migrations: $$heads heads, wanted one" >&2; exit 1; fi; \
	$(PYTHON) -m flask --app wsgi db upgrade; \
	$(PYTHON) -m flask --app wsgi db check

# The lock must answer pyproject.toml, and name no registry.
check-lock: venv
	@if grep -nE '://|--(extra-)?index-url|--find-links' requirements.lock; then echo "requirements.lock holds addresses" >&2; exit 1; fi
	@$(PYTHON) .ci/lock_answers.py

format: venv ## format code and sort imports
	$(PYTHON) -m ruff check --fix-only --quiet .
	$(PYTHON) -m ruff format .

lock: venv ## make requirements.lock from pyproject.toml (keeps known versions; UPGRADE=1 takes newer ones)
	.venv/bin/uv pip compile pyproject.toml --extra dev --extra matching --generate-hashes --no-emit-index-url \
	  --no-header --universal --python-version 3.11 -q -o requirements.lock $(if $(UPGRADE),--upgrade)

bench: venv ## measure (ARGS="--json out.json" for JSON; see benchmarks/README.md)
	@.ci/system
	$(PYTHON) -m benchmarks $(ARGS)

clean: ## remove what was built; data (instance/) stays
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache benchmarks/out
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
