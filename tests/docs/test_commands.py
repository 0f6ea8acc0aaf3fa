"""What README and docs show is what there is: each command is run by a test, and each option and command is on a page."""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
import yaml

from ci.generate import page_outputs
from post_renderer.console.options import COMMANDS as OUR_COMMANDS
from post_renderer.console.options import OPTIONS
from tests.support.examples import env_of, link_helm
from tests.support.pages import PAGES, commands_of
from tests.support.paths import ROOT

if TYPE_CHECKING:
    from pathlib import Path

# Pages whose commands another file tests.
TESTED_BY = {
    **dict.fromkeys([page.name for page in page_outputs.PAGES], "docs/test_readme.py"),
    "tutorial.md": "docs/test_tutorial.py",
    "errors.md": "unit/commands/test_why.py",
    "inherited.md": "e2e/cluster/test_inherited.py",
    "inventory.md": "docs/test_inventory_page.py",
}
# All pages but the generated list of commands and options: a page must also explain them.
TEXT = "\n".join(text for page, text in PAGES.items() if page != "command-line.md")
# Commands that need a cluster or are run elsewhere, with where.
ELSEWHERE = {
    'helm plugin install "$(polyaxon-persistence plugin-dir)"': "tests/helm/test_rendering.py installs the plugin",
    "polyaxon-persistence verify -- helm get manifest demo": "tests/e2e/cluster/test_verify.py",
    "kubectl get jobs,cronjobs,deployments,statefulsets,configmaps -o yaml | polyaxon-persistence verify": "tests/e2e/cluster/test_verify.py",
    "pip install .": "tests/packaging installs the program",
    "make build": "tests/packaging builds the wheel",
    "docker build -f deploy/argocd/Dockerfile --build-arg ARGOCD=quay.io/argoproj/argocd:v3.6.1 -t registry.example.com/polyaxon-persistence-argocd:0.2.0 .": "tests/e2e/images/test_argocd.py builds the image",
    "docker push registry.example.com/polyaxon-persistence-argocd:0.2.0": "docker's own command",
    "helm get manifest demo > installed.yaml": "needs a cluster; here a rendering is used for it",
    "kubectl get jobs -o yaml > live.yaml": "needs a cluster; here a list of Jobs is used for it",
    "polyaxon-persistence init -- kubectl get pvc -o yaml > volumes.yaml": "tests/helm/test_init.py",
}
COMMANDS = commands_of(*(page for page in PAGES if page not in TESTED_BY))
RUN_HERE = sorted({command for command in COMMANDS if command not in ELSEWHERE})


def test_commands_are_run_here_or_known_to_run_elsewhere() -> None:
    assert len(RUN_HERE) >= 4
    assert set(ELSEWHERE) <= set(COMMANDS)


@pytest.mark.parametrize("page", sorted(TESTED_BY))
def test_another_file_tests_the_commands_of_a_page(page: str) -> None:
    text = (ROOT / "tests" / TESTED_BY[page]).read_text()
    assert page in text or "page_outputs.PAGES" in text


@pytest.mark.parametrize("option", sorted(OPTIONS))
def test_every_option_is_on_a_page(option: str) -> None:
    assert option in TEXT or option == "--output"


@pytest.mark.parametrize("command", sorted(OUR_COMMANDS))
def test_every_command_is_on_a_page(command: str) -> None:
    assert command == "render" or f"polyaxon-persistence {command}" in TEXT


def test_options_and_verbs_of_the_pages_exist() -> None:
    for words in re.findall(r"polyaxon-persistence ((?:[a-z-]+|--[a-z-]+)(?: --?[a-z-]+)*)", "\n".join(COMMANDS)):
        for word in words.split():
            known = (
                word in OUR_COMMANDS or word in OPTIONS or word in ("--post-renderer-args", "--help", "--version", "--")
            )
            assert known, word


@pytest.mark.parametrize("helm", ["helm3", "helm4"])
@pytest.mark.parametrize("command", RUN_HERE)
def test_command_of_a_page(command: str, helm: str, tools: Path, helm_env: dict[str, str], tmp_path: Path) -> None:
    """Each command as it stands, in a folder with the chart and the files that it names; no cluster is changed."""
    shutil.copytree(ROOT / "chart", tmp_path / "chart")
    shutil.copy(ROOT / "values-examples" / "documented.yaml", tmp_path / "my-values.yaml")
    shutil.copy(ROOT / "values-examples" / "documented.yaml", tmp_path / "polyaxon-config.yml")
    shutil.copy(ROOT / "values-examples" / "documented.yaml", tmp_path / "volumes.yaml")
    (tmp_path / "polyaxonfile.yml").write_text("runs: {more: {image: busybox, command: ['true']}}\n")
    (tmp_path / "site.yaml").write_text(
        "data: {data2: {mountPath: /data/2, existingClaim: data-2-pvc, readOnly: true}}\n"
    )
    binaries = link_helm(tmp_path / "bin", tools / helm)
    env = {**env_of(helm, helm_env), "PATH": f"{binaries}:{helm_env['PATH']}"}
    rendering = f"{helm} template demo ./chart -f my-values.yaml --post-renderer polyaxon-persistence > installed.yaml"
    subprocess.run(rendering.replace(helm, "helm", 1), shell=True, cwd=tmp_path, env=env, check=True, timeout=120)
    installed = yaml.safe_load_all((tmp_path / "installed.yaml").read_text())
    live = [{**item, "metadata": {**item["metadata"], "uid": "1"}} for item in installed if item["kind"] == "Job"]
    (tmp_path / "live.yaml").write_text(yaml.safe_dump({"apiVersion": "v1", "kind": "List", "items": live}))
    harmless = command.replace("helm upgrade --install", "helm template")
    done = subprocess.run(harmless, shell=True, cwd=tmp_path, env=env, capture_output=True, timeout=120, check=False)
    assert done.stdout, done.stderr.decode()
    # `check --strict` of the documented example reports its read-only outputs volume where a run asks for it.
    assert done.returncode == 0, done.stderr.decode() + done.stdout.decode()
