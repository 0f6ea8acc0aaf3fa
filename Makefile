# On a new machine, `make demo` and `make test` each install everything that they need. `make help` lists all targets.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.NOTPARALLEL:
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
export PATH := $(CURDIR)/$(BIN):$(PATH)
unexport PYTHONPATH HELM_PLUGINS

# The packages of the lock file that the program imports (first row) and that install a checkout (second row).
RUNTIME := deepmerge jinja2 markdown-it-py markupsafe mdurl pygments pyyaml rich ruamel-yaml \
           editables hatchling packaging pathspec pip pluggy tomlkit trove-classifiers
# What compiles a wheel, beside those.
COMPILER := ast-serialize librt mypy mypy-extensions setuptools types-pyyaml typing-extensions
empty :=
PATTERN = ^($(subst $(empty) $(empty),|,$(strip $(1))))==
# Prints the rows of the lock file of some packages.
LOCKED = awk '/^[a-z]/ {wanted = $$0 ~ "$(call PATTERN,$(1))"} wanted' requirements-dev.lock

.PHONY: help
help: ## start: list the targets
	@echo "Times are for two cores with warm caches."; \
	for group in start check show cluster maintain; do \
		echo "$$group:"; \
		sed -nE "s/^([a-z-]+):.*## $$group: (.*)/\\1\t\\2/p" $(MAKEFILE_LIST) | awk -F '\t' '{printf "  make %-15s %s\n", $$1, $$2}'; \
	done

.PHONY: demo
demo: .venv/.runtime ## start: render the documented example and explain it, without a cluster (15 s)
	@command -v helm go >/dev/null || { echo "make demo needs a helm on PATH, or Go to build one" >&2; exit 1; }
	@command -v helm >/dev/null || ci/tools.sh helm3
	@$(BIN)/python ci/demo.py

# A failed part does not stop the others, so that one run reports all failures. The last line counts all tests.
.PHONY: test
test: tools ## check: run the linters and all tests that need no cluster, with Helm 3 and Helm 4 (16 min)
	@rm -rf reports; failed=; \
	for part in lint test-python test-compiled test-chart; do \
		started=$$SECONDS; \
		$(MAKE) --no-print-directory $$part || failed="$$failed $$part"; \
		echo "--- $$part: $$((SECONDS - started)) s"; \
	done; \
	if [ -n "$$failed" ]; then echo "failed:$$failed"; fi; \
	$(BIN)/python ci/junit_summary.py reports pytest pytest-compiled helm-unittest; \
	[ -z "$$failed" ]

# For use while you write code: these tests need no external tool, and run a tenth of the random examples.
.PHONY: check
check: venv lint ## check: run the linters and all tests that need no external tool (2 min)
	@EXAMPLES_SHARE=10 $(BIN)/python -m pytest -q -n auto --dist worksteal -m "not helm"

.PHONY: lint
lint: venv ## check: run ruff and mypy, and compare the generated pages with their sources (5 s)
	@echo "ruff check, ruff format --check"
	@$(BIN)/ruff check --quiet
	@$(BIN)/ruff format --quiet --check
	@echo "mypy --strict"
	@$(BIN)/mypy --no-error-summary
	@echo "the table in chart/README.md"
	@$(BIN)/python -m ci.generate.chart_readme --check
	@echo "the descriptions in chart/values.schema.json, and post_renderer/schemas"
	@$(BIN)/python -m ci.generate.chart_schema --check
	@$(BIN)/python -m ci.generate.editor_schemas --check
	@echo "the tables in docs/kinds.md"
	@$(BIN)/python -m ci.generate.kinds_page --check
	@echo "docs/errors.md"
	@$(BIN)/python -m ci.generate.errors_page --check
	@echo "chart/files/operators.yaml"
	@$(BIN)/python -m ci.generate.admission_kinds --check
	@echo "the stages in docs/architecture.md"
	@$(BIN)/python -m ci.generate.architecture_page --check
	@echo "the completion scripts and the manual page"
	@$(BIN)/python -m ci.generate.completion --check
	@$(BIN)/python -m ci.generate.manual --check
	@echo "docs/command-line.md"
	@$(BIN)/python -m ci.generate.command_line_page --check
	@echo "docs/pictures"
	@$(BIN)/python -m ci.generate.pictures --check

.PHONY: test-python
test-python: tools ## check: run pytest with coverage; then again, without the tests that need Helm, for each of the other Python versions on this machine (10 min)
	@mkdir -p reports; rm -f reports/pytest*.xml
	@echo "pytest with both Helms and kubeconform, $$($(BIN)/python --version)"
	@$(BIN)/python -m pytest -q -n auto --dist worksteal --cov --cov-report=term --junitxml=reports/pytest.xml
	@$(BIN)/python ci/other_pythons.py

.PHONY: test-compiled
test-compiled: tools ## check: compile the program, install it into .venv-compiled, and run the tests on it, with a tenth of the random examples; needs a C compiler (6 min)
	@mkdir -p reports; rm -f reports/pytest-compiled.xml
	@echo "pytest on the compiled program, $$($(BIN)/python --version)"
	@$(BIN)/python -m ci.compiled.suite

.PHONY: compare-compiled
compare-compiled: tools ## check: compare the outputs of the compiled and the pure program for all examples, and for MUTATIONS=20000 random changes of the golden cases (5 min)
	@$(BIN)/python -m ci.compiled.compare $(or $(MUTATIONS),20000)

.PHONY: test-chart
test-chart: tools ## check: run the helm-unittest suites of the chart (3 s)
	@mkdir -p reports; rm -f reports/helm-unittest.xml
	@echo "helm-unittest --strict"
	@.tools/bin/helm-unittest --strict -t JUnit -o reports/helm-unittest.xml chart

.PHONY: bench
bench: venv ## show: compare the time and memory of a render, pure and compiled, with other programs, then run bench-growth (30 min). ROUNDS=15 sets the rounds; ROWS="a b" and ONLY="pyc pure" choose some rows and programs
	@ci/tools.sh helm3 helm4
	@$(BIN)/python -m ci.bench --rounds $(or $(ROUNDS),15) $(if $(ROWS),--rows "$(ROWS)") $(if $(ONLY),--only "$(ONLY)")
	@$(if $(ROWS)$(ONLY),true,$(MAKE) --no-print-directory bench-growth)

.PHONY: bench-growth
bench-growth: venv ## show: measure how each command's time grows with the input, up to SIZE=16000 objects; fails if a doubling takes over 2.4 times as long
	@$(BIN)/python -m ci.bench.growth --size $(or $(SIZE),16000)

.PHONY: bench-page
bench-page: venv ## show: write docs/benchmark.md from the figures of the last `make bench`
	@$(BIN)/python -m ci.bench --page docs/benchmark.md

.PHONY: docs
docs: venv ## show: build the docs site into build/docs/site; a dead link or anchor is an error (5 s)
	@$(BIN)/python -m ci.site

.PHONY: docs-serve
docs-serve: venv ## show: show the docs site at http://localhost:8000, and build it again when a page changes
	@$(BIN)/python -m ci.site serve

.PHONY: install
install: ## start: print how to install the command and the Helm 4 plugin
	@echo 'pipx install .                                               # or: pip install .'
	@echo 'helm plugin install "$$(polyaxon-persistence plugin-dir)"     # Helm 4 only; Helm 3 finds the command on PATH'

# The compiled wheel is installed, and not the checkout: compiled files in the checkout would hide the edited code.
.PHONY: install-compiled
install-compiled: venv ## start: compile the program of this checkout, and install it as polyaxon-persistence for this user; needs a C compiler (1 min)
	@rm -rf build/wheel
	@$(SET_TIME); $(BIN)/python -m ci.compiled.wheels build/wheel --one
	@$(BIN)/uv tool install --force --python $(BIN)/python build/wheel/*.whl

.PHONY: venv
venv: .venv/.ready ## start: install the development environment from the lock file (1 min)

# The lock file names all packages, so pip resolves none (--no-deps): older versions of pip look for the newest version of
# a package with an extra, although the lock file pins another one, and refuse it. "pip check" finds a missing package.
.venv/.runtime: requirements-dev.lock pyproject.toml post_renderer/__init__.py scripts/polyaxon-persistence
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed: make PYTHON=python3.12 …")'
	@echo "installing polyaxon-persistence into .venv, $$($(PYTHON) --version)"
	@$(PYTHON) -m venv .venv
	@$(call LOCKED,$(RUNTIME)) > .venv/runtime.lock
	@$(PIP) --no-deps --require-hashes -r .venv/runtime.lock
	@$(PIP) --no-deps --no-build-isolation -e .
	@touch $@

.venv/.ready: .venv/.runtime
	@echo "installing the development tools into .venv"
	@$(PIP) --no-deps --require-hashes -r requirements-dev.lock
	@$(BIN)/python -m pip --disable-pip-version-check check > .venv/pip-check || { cat .venv/pip-check; exit 1; }
	@touch $@

# Tests that make their own environment install the program from these wheels: pip, uv and pipx read this directory and
# no registry. pipx also installs a pip from there.
.tools/wheels/.ready: .venv/.runtime
	@rm -rf .tools/wheels; mkdir -p .tools/wheels
	@$(call LOCKED,$(RUNTIME) $(COMPILER)) > .tools/wheels/lock
	@$(BIN)/python -m pip download --quiet --disable-pip-version-check --no-deps --require-hashes --only-binary :all: \
		-r .tools/wheels/lock --dest .tools/wheels
	@touch $@

.PHONY: tools
tools: venv .tools/wheels/.ready ## start: build the test tools into .tools: Helm 3, Helm 4, helm-unittest, kubeconform, Ansible, Chromium and others; needs Go and Node.js (7 min the first time)
	@ci/tools.sh
	@ci/libraries.sh $(BIN)/python
	@ci/language_server.sh
	@$(BIN)/python ci/schemas.py .tools/schemas 1.27 1.37
	@$(BIN)/python -m ci.debian_packages
	@$(BIN)/python -m ci.browser_setup

.PHONY: format
format: venv ## maintain: format the Python code, and generate the chart's README, the schemas, the pages and chart/files
	@$(BIN)/ruff check --quiet --fix-only
	@$(BIN)/ruff format
	@$(BIN)/python -m ci.generate.chart_readme
	@$(BIN)/python -m ci.generate.chart_schema
	@$(BIN)/python -m ci.generate.editor_schemas
	@$(BIN)/python -m ci.generate.kinds_page
	@$(BIN)/python -m ci.generate.errors_page
	@$(BIN)/python -m ci.generate.admission_kinds
	@$(BIN)/python -m ci.generate.architecture_page
	@$(BIN)/python -m ci.generate.completion
	@$(BIN)/python -m ci.generate.manual
	@$(BIN)/python -m ci.generate.command_line_page
	@$(BIN)/python -m ci.generate.pictures
	@ci/tools.sh helm3
	@$(BIN)/python -m ci.generate.page_outputs

.PHONY: lock
lock: venv ## maintain: update the pinned development dependencies
	@$(BIN)/uv pip compile --quiet --upgrade --universal --generate-hashes --python-version 3.11 --no-header \
		--no-emit-index-url --no-emit-find-links requirements-dev.in -o requirements-dev.lock
	@ci/libraries.sh --lock $(BIN)/uv
	@$(BIN)/uv pip compile --quiet --upgrade --universal --generate-hashes --python-version 3.11 --no-header \
		--no-emit-index-url --no-emit-find-links ci/fuzz/requirements.in -o ci/fuzz/requirements.lock

# `ONLY="render krm"` chooses some targets. The fuzzer has its own directory: it has wheels for Linux on x86-64 only.
.PHONY: fuzz
fuzz: venv ## maintain: give each target of tests/robustness/fuzz random bytes, guided by coverage, for DURATION=600 seconds in total; fails on a finding
	@$(BIN)/python -m ci.fuzz --duration $(or $(DURATION),600) $(if $(ONLY),--only "$(ONLY)")

DIST := dist
# All packages contain this time, so that two builds of a commit give the same bytes. hatchling and Helm 4.3 read it.
SET_TIME = SOURCE_DATE_EPOCH=$$($(PYTHON) ci/source_date.py); export SOURCE_DATE_EPOCH

# Each mutant is one change of the code. A change that no test finds is a missing test.
.PHONY: mutation
mutation: venv ## maintain: run the tests that need no external tool against random changes of the code (40 min). SAMPLE=300 sets their number (all: a night), SEED=1 chooses others, AGAIN=1 repeats only those that the last run did not find
	@$(BIN)/python -m ci.mutation --seed $(or $(SEED),1) --sample $(or $(SAMPLE),300) $(if $(AGAIN),--again)

.PHONY: build
build: venv ## maintain: build the wheel and the sdist into dist
	@$(SET_TIME); $(BIN)/python -m build --no-isolation --outdir "$(DIST)"

# A compiled wheel fits one version of Python on one platform. pip takes the pure wheel everywhere else.
.PHONY: wheels
wheels: build ## maintain: build also a compiled wheel for each Python from 3.11 to 3.13 of this machine into dist; needs a C compiler (1 min for each)
	@$(SET_TIME); $(BIN)/python -m ci.compiled.wheels "$(DIST)"

.PHONY: package
package: build sbom package-chart ## maintain: build the wheel, the sdist, the SBOM and the chart as .tgz into dist, all with the same version

.PHONY: sbom
sbom: venv ## maintain: write the SBOM into dist: the packages that a user needs to run the program (CycloneDX)
	@mkdir -p "$(DIST)"
	@$(BIN)/python -m ci.sbom "$(DIST)"

# Helm 3 writes the current time into a package.
.PHONY: package-chart
package-chart: venv ## maintain: build the chart as .tgz, with its changes for Artifact Hub
	@ci/tools.sh helm4
	@$(SET_TIME); $(BIN)/python -m ci.chart_package "$(DIST)"

# The plugin starts the command on PATH, so its package contains only plugin.yaml and the license. Helm writes the time,
# mode and owner of the files into it, so only builds of the same user have the same bytes. A signature has its own time.
.PHONY: package-plugin
package-plugin: ## maintain: build the signed Helm 4 plugin as .tgz into dist/plugin (KEY=name of the key, KEYRING=file of exported secret keys)
	@[ -n "$(KEY)" ] && [ -n "$(KEYRING)" ] || { echo "make package-plugin KEY=name KEYRING=secring.gpg [PASSPHRASE_FILE=file]" >&2; exit 2; }
	@[ -f "$(KEYRING)" ] || { echo "make package-plugin: there is no file $(KEYRING)" >&2; exit 2; }
	@ci/tools.sh helm4
	@folder=$$(mktemp -d); trap 'rm -r "$$folder"' EXIT; \
	cp post_renderer/plugin.yaml LICENSE "$$folder"; mkdir -p "$(DIST)/plugin"; \
	chmod 755 "$$folder"; chmod 644 "$$folder"/*; \
	$(PYTHON) ci/source_date.py "$$folder"/* "$$folder"; \
	.tools/bin/helm4 plugin package "$$folder" --key "$(KEY)" --keyring "$(KEYRING)" --destination "$(DIST)/plugin" \
		$(if $(PASSPHRASE_FILE),--passphrase-file "$(PASSPHRASE_FILE)")

.PHONY: test-images
test-images: tools ## check: build the container images with podman, and test them in containers without privileges; podman needs root on Linux (4 min)
	@mkdir -p reports
	@$(PYTHON) -m ci.podman_setup
	@$(BIN)/python -m pytest -q tests/e2e/images -o timeout=1800 --junitxml=reports/images.xml

# A Kubernetes node on this machine needs root, Linux and Debian's packages. The tests can use any cluster instead, given
# by KUBECONFIG, if its nodes have the images of ci/cluster/images.py.
.PHONY: cluster
cluster: ## cluster: start a Kubernetes node in its own network namespace; needs root on Linux (1 min; 7 min the first time)
	@$(PYTHON) -m ci.cluster.up

.PHONY: cluster-down
cluster-down: ## cluster: stop the node of `make cluster` and remove all its files
	@$(PYTHON) -m ci.cluster.down

.PHONY: demo-cluster
demo-cluster: .venv/.runtime ## cluster: start two examples (values-examples/first-run.yaml and documented.yaml) as pods, and show their logs (1 min after the node is ready)
	@command -v helm >/dev/null || ci/tools.sh helm3
	@[ -n "$${KUBECONFIG:-}" ] || $(MAKE) --no-print-directory cluster
	@$(BIN)/python -m ci.demo_cluster

.PHONY: test-cluster
test-cluster: tools ## cluster: test with real pods, Helm 3 and Helm 4, on the cluster of KUBECONFIG, or else on the node of `make cluster` (9 min)
	@mkdir -p reports
	@[ -n "$${KUBECONFIG:-}" ] || $(MAKE) --no-print-directory cluster
	@$(BIN)/python -m pytest -q tests/e2e/cluster -n 6 --dist worksteal --junitxml=reports/cluster.xml

# `make test` leaves these tools out, because their build takes minutes.
.PHONY: test-others
test-others: tools ## cluster: test helmfile, OpenTofu and Skaffold with Helm 3 and Helm 4, on the same cluster as test-cluster (2 min; 10 min the first time)
	@mkdir -p reports
	@ci/tools.sh helmfile tofu skaffold
	@[ -n "$${KUBECONFIG:-}" ] || $(MAKE) --no-print-directory cluster
	@$(BIN)/python -m pytest -q tests/e2e/tools tests/e2e/cluster/tools -n auto --junitxml=reports/others.xml

.PHONY: test-gitops
test-gitops: tools ## cluster: test runs with the real Argo CD and the compiled program, on the same cluster as test-cluster (3 min; 8 min the first time)
	@mkdir -p reports
	@$(BIN)/python -m ci.argocd.build
	@[ -n "$${KUBECONFIG:-}" ] || $(MAKE) --no-print-directory cluster
	@PROGRAMS=$$($(BIN)/python -m ci.compiled.environment) \
		$(BIN)/python -m pytest -q tests/e2e/argocd --junitxml=reports/gitops.xml

.PHONY: prove-cluster
prove-cluster: tools ## cluster: remove one feature at a time from a copy of the code, and check that the feature's tests on the cluster fail (30 min)
	@$(BIN)/python -m ci.argocd.build
	@[ -n "$${KUBECONFIG:-}" ] || $(MAKE) --no-print-directory cluster
	@$(BIN)/python -m ci.cluster.feature_mutations

.PHONY: clean
clean: ## maintain: remove everything that make created
	@[ ! -d .cluster ] || $(MAKE) --no-print-directory cluster-down
	@rm -rf .venv .venv-* .tools .bench .fuzz dist build reports .coverage* .hypothesis .mypy_cache .pytest_cache .ruff_cache
