# The one door. `make help` lists what there is.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
export PYTHON ?= python3
# Hundreds of programs are started here: none is to read the source of our modules again.
unexport PYTHONDONTWRITEBYTECODE
BIN := .venv/bin
CHECKED := sharethings migrations tests hatch_build.py

.PHONY: help run test quick e2e fault fault-long soak bench lint types format docs client vectors \
  wheel lock system clean \
  environment environment-dev

help: ## List the targets
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

run: client ## Install, build, migrate, start the server
	@SHARETHINGS_LOG_FORMAT=$${SHARETHINGS_LOG_FORMAT:-console} exec $(BIN)/sharethings serve

test: system environment-dev client vectors ## Everything: lint, types, all tests, real browsers and HAProxy
	@scripts/test

quick: environment-dev ## The one-minute part that needs Python alone
	@$(MAKE) lint types
	@$(BIN)/python -m pytest -q -n 2 tests/unit tests/vectors

e2e: system environment-dev client vectors ## The tests with real browsers and HAProxy
	@$(BIN)/python -m pytest -m "browser or haproxy or firefox or webkit"

fault: system environment-dev ## Crashes, I/O errors, power cuts, full disks, damage
	@$(BIN)/python -m pytest -n 2 --dist loadgroup tests/fault tests/property

fault-long: system environment-dev ## The same with as many rounds as a night has time for
	@$(BIN)/python -m pytest -n 2 --dist loadgroup --long tests/fault tests/property

soak: system environment-dev client ## 16 GiB through a server, 5 GiB through browsers (needs 18 GB)
	@$(BIN)/python -m tests.bench soak
	@$(BIN)/python -m pytest --long -m large tests

bench: system environment-dev client ## Measure beside peers (ONLY=upload: one, QUICK=1: a look)
	@tests/bench/peers/install
	@$(BIN)/python -m tests.bench $(ONLY)

lint: environment-dev ## Ruff and the import contracts
	@$(BIN)/ruff check $(CHECKED)
	@$(BIN)/ruff format --check $(CHECKED)
	@$(BIN)/lint-imports

types: environment-dev ## Mypy, strict
	@$(BIN)/mypy

format: environment-dev ## Format Python and TypeScript
	@$(BIN)/ruff check --fix-only $(CHECKED)
	@$(BIN)/ruff format $(CHECKED)
	@$(BIN)/python hatch_build.py modules
	@cd client && npm run --silent format

docs: environment-dev ## Renew the generated parts of docs/ and of the client
	@$(BIN)/python scripts/document
	@$(BIN)/python -m sharethings.protocol.typescript

client: environment ## Build the browser client when it changed
	@$(BIN)/python hatch_build.py

vectors: environment ## Build the page that runs the vectors in a browser
	@$(BIN)/python hatch_build.py vectors

wheel: environment client ## Build the wheel into dist/
	@$(BIN)/python -m hatchling build -t wheel

lock: ## Renew the hash-pinned locks (needs uv)
	@command -v uv >/dev/null || { echo "make lock needs uv: pip install uv" >&2; exit 1; }
	@scripts/lock

system: ## Install the Debian packages that the tests need, where that is allowed
	@scripts/system-packages

clean: ## Remove all that was made, but not data/
	@rm -rf .venv .build dist sharethings/static client/node_modules client/.vectors-dist

environment:
	@scripts/environment run

environment-dev:
	@scripts/environment dev
