# Two commands set everything up on a fresh machine: `make demo` and `make test`. `make help` lists the rest.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
export PATH := $(CURDIR)/$(BIN):$(PATH)
unexport PYTHONPATH HELM_PLUGINS

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.venv/.ready: requirements-dev.lock pyproject.toml post_renderer/__init__.py
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed: make PYTHON=python3.12 …")'
	@echo "setting up .venv"
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

.PHONY: venv
venv: .venv/.ready ## the Python environment, from the lock file

.PHONY: tools
tools: venv ## both Helms, helm-unittest, kubeconform and their schemas, into .tools
	@ci/tools.sh
	@$(BIN)/python ci/schemas.py .tools/schemas 1.27 1.37

.PHONY: demo
demo: venv ## render the documented example and explain it (no cluster)
	@command -v helm >/dev/null || ci/tools.sh helm3
	@$(BIN)/python ci/demo.py

.PHONY: test
test: lint test-python test-chart ## everything: linters, both Helms, all tests
	@$(BIN)/python ci/counts.py reports

.PHONY: lint
lint: venv ## ruff, mypy, and the chart's README against its values
	@echo "ruff, mypy"
	@$(BIN)/ruff check --quiet
	@$(BIN)/ruff format --quiet --check
	@$(BIN)/mypy --no-error-summary
	@$(BIN)/python ci/chart_docs.py --check

.PHONY: test-python
test-python: tools ## pytest with coverage, then without Helm on every other Python of this machine
	@mkdir -p reports && rm -f reports/*.xml
	@$(BIN)/python -m pytest -q -n auto --cov --cov-report=term --junitxml=reports/pytest.xml
	@$(BIN)/python ci/pythons.py

.PHONY: test-chart
test-chart: tools ## the chart's helm-unittest suites
	@mkdir -p reports && rm -f reports/helm-unittest.xml
	@.tools/bin/helm-unittest --strict -t JUnit -o reports/helm-unittest.xml chart

.PHONY: format
format: venv ## format the Python code and the chart's README
	@$(BIN)/ruff check --quiet --fix-only
	@$(BIN)/ruff format
	@$(BIN)/python ci/chart_docs.py

.PHONY: lock
lock: venv ## pin the development dependencies anew
	@$(BIN)/uv pip compile --quiet --upgrade --universal --generate-hashes --python-version 3.11 --no-header \
		--no-emit-index-url --no-emit-find-links requirements-dev.in -o requirements-dev.lock

.PHONY: build
build: venv ## wheel and sdist into dist
	@$(BIN)/python -m build --no-isolation

.PHONY: clean
clean: ## remove all that was made here
	@rm -rf .venv .venv-* .tools dist build reports .coverage* .hypothesis .mypy_cache .pytest_cache .ruff_cache
