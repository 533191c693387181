# The one door. `make help` lists what there is.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
TESTED := sharethings migrations tests hatch_build.py

.PHONY: help run test quick lint types format client vectors wheel lock system clean

help: ## List the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

run: .build/run client ## Install, build, migrate, start the server
	@$(BIN)/sharethings serve

test: system .build/dev client vectors ## Everything: lint, types, all tests, real browsers and HAProxy
	@scripts/test

quick: .build/dev ## The one-minute part that needs Python alone
	@$(MAKE) --no-print-directory lint types
	@$(BIN)/python -m pytest -q -n 2 tests/unit tests/vectors

lint: .build/dev ## Ruff and the import contracts
	@$(BIN)/ruff check $(TESTED)
	@$(BIN)/ruff format --check $(TESTED)
	@$(BIN)/lint-imports

types: .build/dev ## Mypy, strict
	@$(BIN)/mypy

format: .build/dev ## Format Python and TypeScript
	@$(BIN)/ruff format $(TESTED)
	@$(PYTHON) hatch_build.py modules && cd client && npm run format

client: ## Build the browser client when it changed
	@$(PYTHON) hatch_build.py

vectors: ## Build the page that runs the vectors in a browser
	@$(PYTHON) hatch_build.py modules
	@cd client && npm run --silent build:vectors -- --logLevel warn

wheel: .build/dev ## Build the wheel into dist/
	@$(BIN)/python -m hatchling build -t wheel

lock: ## Renew the hash-pinned locks (needs uv)
	@uv pip compile --quiet --generate-hashes --no-emit-index-url --no-header --universal \
	  --python-version 3.11 --group build pyproject.toml -o requirements.lock
	@uv pip compile --quiet --generate-hashes --no-emit-index-url --no-header --universal \
	  --python-version 3.11 --group dev pyproject.toml -c requirements.lock \
	  -o requirements-dev.lock

system: ## Install the Debian packages that the tests need, where that is allowed
	@scripts/system-packages

clean: ## Remove all that was made, but not data/
	@rm -rf .venv .build dist sharethings/static client/node_modules client/.vectors-dist

.build/run: requirements.lock pyproject.toml
	@scripts/environment requirements.lock && touch $@

.build/dev: requirements-dev.lock pyproject.toml
	@scripts/environment requirements-dev.lock && touch $@ .build/run
