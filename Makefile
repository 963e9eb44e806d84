# `make demo` shows Gatewatch at work, `make test` checks everything; both set themselves up.
# CONTRIBUTING.md says the rest.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
MAKEFLAGS += --no-print-directory
.NOTPARALLEL:
.DEFAULT_GOAL := help

BIN := .venv/bin
PYTEST := $(BIN)/pytest --quiet --numprocesses 2 --dist loadfile --no-loadscope-reorder
export PYTHON
# Where it is set, each of the hundreds of processes that tests start would compile everything anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help
help: ## List what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' Makefile

.PHONY: demo
demo: ## Run the demo; ARGS="--auto" and the like are passed on
	@tools/venv.sh runtime
	@$(BIN)/gatewatch demo $(ARGS)

.PHONY: test
test: ARGS = --ignore tests/flows # those are the tests of `coverage`
test: system-packages lint types imports coverage unit wheel ## Check everything, as CI does
	@tools/system_packages.sh left-out

.PHONY: check
check: lint types imports ## Check what needs no running: style, types, import directions

.PHONY: venv
venv: ## Make .venv from locks/dev.txt
	@tools/venv.sh dev

.PHONY: system-packages
system-packages: ## Install the system packages that tests need, where that is allowed
	@tools/system_packages.sh install

.PHONY: lint
lint: venv ## Check style and form with ruff
	$(BIN)/ruff check
	$(BIN)/ruff format --check

.PHONY: types
types: venv ## Check types with mypy
	$(BIN)/mypy

.PHONY: imports
imports: venv ## Check import directions with import-linter
	@$(BIN)/lint-imports --no-logo

# The warnings that fail and asyncio's debug mode are in pyproject.toml. The tests of a file stay on
# one worker, so that what they share is built once; tests/conftest.py says which files come first.
.PHONY: unit
unit: venv ## Run the tests; ARGS="-k word" and the like are passed on
	$(PYTEST) $(ARGS)

# The other tests add no branch, and to trace them as well would nearly double their time.
.PHONY: coverage
coverage: venv ## Demand that the tests of flows/ take every branch of it
	$(PYTEST) --cov=flows tests/flows

.PHONY: wheel
wheel: venv ## Build the wheel and run the demo from an empty environment
	@tools/wheel.sh

.PHONY: soak
soak: venv ## Run the tests that take minutes
	$(BIN)/pytest -m soak --timeout 1800 $(ARGS)

.PHONY: bench-probe
bench-probe: venv ## Measure what TCP and TLS checks cost beside others' and C; takes two minutes
	@$(BIN)/python bench/probe.py

.PHONY: bench-idle
bench-idle: venv ## Measure what a probe of 50 paths costs; takes three minutes
	@$(BIN)/python -m bench.probe_idle

.PHONY: bench-rtt
bench-rtt: venv ## Measure what a busy probe says of a path of 20 ms; takes a minute
	@$(BIN)/python -m bench.probe_rtt

.PHONY: dashboards
dashboards: venv ## Write deploy/grafana/dashboards anew after a change of their code
	@$(BIN)/python -m deploy.grafana.generate

.PHONY: bench-collector
bench-collector: venv ## Measure what the collector costs, a quarter of an hour; ARGS="--only ingest,tls --quick"
	@$(BIN)/python -m bench.collector $(ARGS)

.PHONY: lock
lock: venv ## Write locks/ anew after a change of pyproject.toml; ARGS=--upgrade takes newer releases
	@tools/lock.sh $(ARGS)

.PHONY: clean
clean: ## Remove everything that make made
	rm -rf .venv build dist .coverage .coverage.* .pytest_cache .mypy_cache .ruff_cache \
	    .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
