# Two commands set everything up on a fresh machine: `make demo` and `make test`. `make help` lists the rest.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.NOTPARALLEL:
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
export PATH := $(CURDIR)/$(BIN):$(PATH)
unexport PYTHONPATH HELM_PLUGINS

# The part of the lock file that the program imports (first row) and that installs a checkout (second row).
RUNTIME := deepmerge pyyaml ruamel-yaml \
           editables hatchling packaging pathspec pluggy tomlkit trove-classifiers
empty :=
RUNTIME_PATTERN := ^($(subst $(empty) $(empty),|,$(strip $(RUNTIME))))==

.PHONY: help
help: ## start: list the targets
	@for group in start check show cluster maintain; do \
		echo "$$group:"; \
		sed -nE "s/^([a-z-]+):.*## $$group: (.*)/\\1\t\\2/p" $(MAKEFILE_LIST) | awk -F '\t' '{printf "  make %-15s %s\n", $$1, $$2}'; \
	done

.PHONY: demo
demo: .venv/.runtime ## start: render the documented example and explain it (no cluster)
	@command -v helm go >/dev/null || { echo "make demo needs a helm on PATH, or Go to build one" >&2; exit 1; }
	@command -v helm >/dev/null || ci/tools.sh helm3
	@$(BIN)/python ci/demo.py

# The parts go on after one of them failed, so that one run tells everything; the closing line counts all tests.
.PHONY: test
test: tools ## check: everything: linters, both Helms, all tests, the time of each part and the counts
	@rm -rf reports; failed=; \
	for part in lint test-python test-chart; do \
		started=$$SECONDS; \
		$(MAKE) --no-print-directory $$part || failed="$$failed $$part"; \
		echo "--- $$part: $$((SECONDS - started)) s"; \
	done; \
	if [ -n "$$failed" ]; then echo "failed:$$failed"; fi; \
	$(BIN)/python ci/junit_summary.py reports pytest helm-unittest; \
	[ -z "$$failed" ]

# The loop while you write: no external tool, and a tenth of the random examples.
.PHONY: check
check: venv lint ## check: linters, and all tests that need no external tool (two minutes on two cores)
	@EXAMPLES_SHARE=10 $(BIN)/python -m pytest -q -n auto -m "not helm"

.PHONY: lint
lint: venv ## check: ruff, mypy, and the chart's README against its values
	@echo "ruff check, ruff format --check"
	@$(BIN)/ruff check --quiet
	@$(BIN)/ruff format --quiet --check
	@echo "mypy --strict"
	@$(BIN)/mypy --no-error-summary
	@echo "the table in chart/README.md"
	@$(BIN)/python -m ci.generate.chart_readme --check
	@echo "the tables in docs/kinds.md"
	@$(BIN)/python -m ci.generate.kinds_page --check
	@echo "docs/errors.md"
	@$(BIN)/python -m ci.generate.errors_page --check
	@echo "chart/files/operators.yaml"
	@$(BIN)/python -m ci.generate.admission_kinds --check
	@echo "the stages in docs/architecture.md"
	@$(BIN)/python -m ci.generate.architecture_page --check

.PHONY: test-python
test-python: tools ## check: pytest with coverage, then without Helm on every other Python of this machine
	@mkdir -p reports; rm -f reports/pytest*.xml
	@echo "pytest with both Helms and kubeconform, $$($(BIN)/python --version)"
	@$(BIN)/python -m pytest -q -n auto --cov --cov-report=term --junitxml=reports/pytest.xml
	@$(BIN)/python ci/other_pythons.py

.PHONY: test-chart
test-chart: tools ## check: the chart's helm-unittest suites
	@mkdir -p reports; rm -f reports/helm-unittest.xml
	@echo "helm-unittest --strict"
	@.tools/bin/helm-unittest --strict -t JUnit -o reports/helm-unittest.xml chart

.PHONY: bench
bench: venv ## show: what a render costs, next to its peers (ROUNDS=15; ROWS="a b" ONLY="pyc ours" for some), and how times grow
	@ci/tools.sh helm3 helm4
	@$(BIN)/python -m ci.bench --rounds $(or $(ROUNDS),15) $(if $(ROWS),--rows "$(ROWS)") $(if $(ONLY),--only "$(ONLY)")
	@$(if $(ROWS)$(ONLY),true,$(MAKE) --no-print-directory bench-growth)

.PHONY: bench-growth
bench-growth: venv ## show: how each command's time grows with each shape of input, up to SIZE=16000; fails over 2.4 a doubling
	@$(BIN)/python -m ci.bench.growth --size $(or $(SIZE),16000)

.PHONY: bench-page
bench-page: venv ## show: docs/benchmark.md from the figures of the last `make bench`
	@$(BIN)/python -m ci.bench --page docs/benchmark.md

.PHONY: install
install: ## start: how to install the command and the Helm 4 plugin
	@echo 'pipx install .                                               # or: pip install .'
	@echo 'helm plugin install "$$(polyaxon-persistence plugin-dir)"     # Helm 4 only; Helm 3 finds the command on PATH'

.PHONY: venv
venv: .venv/.ready ## start: the development environment, from the lock file

# The lock file names all of them (--no-deps): older pips look for the newest of what is wanted with an extra, whatever it
# pins, and refuse that. "pip check" tells what it forgot.
.venv/.runtime: requirements-dev.lock pyproject.toml post_renderer/__init__.py
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed: make PYTHON=python3.12 …")'
	@echo "installing polyaxon-persistence into .venv, $$($(PYTHON) --version)"
	@$(PYTHON) -m venv .venv
	@awk '/^[a-z]/ {wanted = $$0 ~ "$(RUNTIME_PATTERN)"} wanted' requirements-dev.lock > .venv/runtime.lock
	@$(PIP) --no-deps --require-hashes -r .venv/runtime.lock
	@$(PIP) --no-deps --no-build-isolation -e .
	@touch $@

.venv/.ready: .venv/.runtime
	@echo "installing the development tools into .venv"
	@$(PIP) --no-deps --require-hashes -r requirements-dev.lock
	@$(BIN)/python -m pip --disable-pip-version-check check > .venv/pip-check || { cat .venv/pip-check; exit 1; }
	@touch $@

# What installs the program where a test makes an environment of its own: there pip reads this folder and no registry.
.tools/wheels/.ready: .venv/.runtime
	@rm -rf .tools/wheels
	@$(BIN)/python -m pip download --quiet --disable-pip-version-check --no-deps --require-hashes --only-binary :all: \
		-r .venv/runtime.lock --dest .tools/wheels
	@touch $@

.PHONY: tools
tools: venv .tools/wheels/.ready ## start: both Helms, helm-unittest, kubeconform, their schemas, Polyaxon's libraries and Ansible, into .tools
	@ci/tools.sh
	@ci/libraries.sh $(BIN)/python
	@$(BIN)/python ci/schemas.py .tools/schemas 1.27 1.37

.PHONY: format
format: venv ## maintain: format the Python code, and write the chart's README, pages and chart/files anew
	@$(BIN)/ruff check --quiet --fix-only
	@$(BIN)/ruff format
	@$(BIN)/python -m ci.generate.chart_readme
	@$(BIN)/python -m ci.generate.kinds_page
	@$(BIN)/python -m ci.generate.errors_page
	@$(BIN)/python -m ci.generate.admission_kinds
	@$(BIN)/python -m ci.generate.architecture_page

.PHONY: lock
lock: venv ## maintain: pin the development dependencies anew
	@$(BIN)/uv pip compile --quiet --upgrade --universal --generate-hashes --python-version 3.11 --no-header \
		--no-emit-index-url --no-emit-find-links requirements-dev.in -o requirements-dev.lock
	@ci/libraries.sh --lock $(BIN)/uv

.PHONY: build
build: venv ## maintain: wheel and sdist into dist
	@$(BIN)/python -m build --no-isolation

DIST := dist

.PHONY: package
package: build package-chart ## maintain: wheel, sdist and the chart as .tgz, all of one version, into dist

.PHONY: package-chart
package-chart: ## maintain: the chart as .tgz
	@ci/tools.sh helm4
	@.tools/bin/helm4 package chart --destination "$(DIST)"

# The plugin's program is the command on PATH, so the plugin is its file alone.
.PHONY: package-plugin
package-plugin: ## maintain: the Helm 4 plugin as .tgz with its signature, into dist/plugin (KEY=name KEYRING=exported secret keys)
	@[ -n "$(KEY)" ] && [ -n "$(KEYRING)" ] || { echo "make package-plugin KEY=name KEYRING=secring.gpg [PASSPHRASE_FILE=file]" >&2; exit 2; }
	@[ -f "$(KEYRING)" ] || { echo "make package-plugin: there is no file $(KEYRING)" >&2; exit 2; }
	@ci/tools.sh helm4
	@folder=$$(mktemp -d); trap 'rm -r "$$folder"' EXIT; \
	cp post_renderer/plugin.yaml LICENSE "$$folder"; mkdir -p "$(DIST)/plugin"; \
	.tools/bin/helm4 plugin package "$$folder" --key "$(KEY)" --keyring "$(KEYRING)" --destination "$(DIST)/plugin" \
		$(if $(PASSPHRASE_FILE),--passphrase-file "$(PASSPHRASE_FILE)")

.PHONY: test-images
test-images: tools ## check: the container images, built by podman and run without rights (root, Linux)
	@mkdir -p reports
	@$(PYTHON) -m ci.podman_setup
	@$(BIN)/python -m pytest -q tests/e2e/images --junitxml=reports/images.xml

# A node of Kubernetes on this machine (root, Linux, Debian's packages), and what real pods show. Any cluster will do for
# the tests, by KUBECONFIG, when its nodes have the images of ci/cluster/images.py.
.PHONY: cluster
cluster: ## cluster: one node of Kubernetes in a network namespace of its own (root, Linux)
	@$(PYTHON) -m ci.cluster.up

.PHONY: cluster-down
cluster-down: ## cluster: end that node, and leave nothing behind
	@$(PYTHON) -m ci.cluster.down

.PHONY: demo-cluster
demo-cluster: .venv/.runtime ## cluster: the first run and the documented example as running pods, and what they printed
	@command -v helm >/dev/null || ci/tools.sh helm3
	@[ -n "$${KUBECONFIG:-}" ] || $(MAKE) --no-print-directory cluster
	@$(BIN)/python -m ci.demo_cluster

.PHONY: test-cluster
test-cluster: tools ## cluster: what real pods see and do, with both Helms, on KUBECONFIG or else on the node of `make cluster`
	@mkdir -p reports
	@[ -n "$${KUBECONFIG:-}" ] || $(MAKE) --no-print-directory cluster
	@$(BIN)/python -m pytest -q tests/e2e/cluster -n 6 --dist worksteal --junitxml=reports/cluster.xml

# Tools that take minutes to build: not among those of `make test`.
.PHONY: test-others
test-others: tools ## cluster: helmfile, OpenTofu and Skaffold with both Helms, on KUBECONFIG or else on the node of `make cluster` (builds them: minutes)
	@mkdir -p reports
	@ci/tools.sh helmfile tofu skaffold
	@[ -n "$${KUBECONFIG:-}" ] || $(MAKE) --no-print-directory cluster
	@$(BIN)/python -m pytest -q tests/e2e/tools tests/e2e/cluster/tools -n auto --junitxml=reports/others.xml

.PHONY: test-gitops
test-gitops: tools ## cluster: what the real Argo CD makes of runs, on KUBECONFIG or else on the node of `make cluster`
	@mkdir -p reports
	@$(BIN)/python -m ci.argocd.build
	@[ -n "$${KUBECONFIG:-}" ] || $(MAKE) --no-print-directory cluster
	@$(BIN)/python -m pytest -q tests/e2e/argocd --junitxml=reports/gitops.xml

.PHONY: prove-cluster
prove-cluster: tools ## cluster: features taken out of a copy, one at a time: their scenarios on the cluster must fail
	@$(BIN)/python -m ci.argocd.build
	@[ -n "$${KUBECONFIG:-}" ] || $(MAKE) --no-print-directory cluster
	@$(BIN)/python -m ci.cluster.feature_mutations

.PHONY: clean
clean: ## maintain: remove all that was made here
	@[ ! -d .cluster ] || $(MAKE) --no-print-directory cluster-down
	@rm -rf .venv .venv-* .tools .bench dist build reports .coverage* .hypothesis .mypy_cache .pytest_cache .ruff_cache
