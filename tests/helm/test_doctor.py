"""`doctor` finds what real Helms complain about, and its remedies are commands that help."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from post_renderer import __version__
from tests.support.examples import link_helm
from tests.support.paths import ROOT

CHART = str(ROOT / "chart")
RENDER = ("helm", "template", "demo", CHART, "--post-renderer", "polyaxon-persistence")


class Machine(NamedTuple):
    """The programs on PATH, and the variables of Helm."""

    folder: Path
    env: dict[str, str]

    def start(self, *words: str) -> tuple[int, str]:
        done = subprocess.run(
            words, cwd=self.folder, env=self.env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            timeout=120, check=False,
        )  # fmt: skip
        return done.returncode, done.stdout

    def doctor(self, check: str) -> tuple[int, list[list[str]]]:
        """The exit code, and the row of a check in two parts: what it says, and its remedy."""
        code, output = self.start("polyaxon-persistence", "doctor")
        rows = output.replace("\n  remedy: ", " => ").splitlines()
        return code, [" ".join(row.split()).split(" => ") for row in rows if row.split()[1:2] == [check]]


@pytest.fixture
def machine(tmp_path: Path, helm_env: dict[str, str]) -> Machine:
    """An empty directory for Helm's data, and no Helm yet."""
    path = f"{tmp_path / 'bin'}:{Path(sys.executable).parent}:/usr/bin:/bin"
    data = str(tmp_path / "data")
    return Machine(tmp_path, {**helm_env, "PATH": path, "HELM_DATA_HOME": data})


def test_helm_3_needs_no_plugin(machine: Machine, tools: Path) -> None:
    link_helm(machine.folder / "bin", tools / "helm3")
    assert machine.doctor("plugin") == (
        0,
        [[f"ok plugin Helm 3 needs no plugin, and {machine.folder}/data/plugins has none of Helm 4"]],
    )
    ((row,),) = machine.doctor("helm")[1]
    assert row.startswith("ok helm Helm v3.")
    assert machine.start(*RENDER)[0] == 0


def test_the_plugin_of_helm_4_is_missing_and_its_remedy_installs_it(machine: Machine, tools: Path) -> None:
    link_helm(machine.folder / "bin", tools / "helm4")
    assert machine.start(*RENDER)[0] == 1
    code, ((message, remedy),) = machine.doctor("plugin")
    assert code == 1
    assert message == f"error plugin Helm 4 finds no plugin polyaxon-persistence in {machine.folder}/data/plugins"
    assert machine.start("bash", "-c", remedy.removeprefix("run "))[0] == 0
    assert machine.doctor("plugin") == (
        0,
        [[f"ok plugin plugin {__version__}, {machine.folder}/data/plugins/post_renderer"]],
    )
    assert machine.start(*RENDER)[0] == 0


def test_a_plugins_directory_that_the_installation_of_helm_4_ignores(machine: Machine, tools: Path) -> None:
    link_helm(machine.folder / "bin", tools / "helm4")
    machine.env["HELM_PLUGINS"] = str(machine.folder / "own plugins")
    (machine.folder / "own plugins").mkdir()
    assert machine.start("bash", "-c", 'helm plugin install "$(polyaxon-persistence plugin-dir)"')[0] == 0
    assert machine.start(*RENDER)[0] == 1
    code, ((message, remedy),) = machine.doctor("plugin")
    assert (code, message.endswith("/own plugins")) == (1, True)
    link, _, unset = remedy.removeprefix("run ").partition(", or ")
    assert machine.start("bash", "-c", link)[0] == 0
    assert machine.doctor("plugin")[0] == 0
    assert machine.start(*RENDER)[0] == 0
    assert unset.startswith("unset HELM_PLUGINS and run helm plugin install ")


def test_a_link_to_a_python_that_is_gone(machine: Machine, tools: Path) -> None:
    link_helm(machine.folder / "bin", tools / "helm4")
    package = machine.folder / "old" / "post_renderer"
    package.mkdir(parents=True)
    shutil.copy(ROOT / "post_renderer" / "plugin.yaml", package)
    assert machine.start("helm", "plugin", "install", str(package))[0] == 0
    assert machine.doctor("plugin")[0] == 0
    shutil.rmtree(package)
    code, output = machine.start(*RENDER)
    assert code == 1
    assert "not found" in output
    link = machine.folder / "data" / "plugins" / "post_renderer"
    code, ((message, remedy),) = machine.doctor("plugin")
    assert (code, message) == (1, f"error plugin {link} is a link to {package}, which does not exist")
    remove, _, install = remedy.partition(", and run ")
    assert remove == "remove this link"
    link.unlink()
    assert machine.start("bash", "-c", install)[0] == 0
    assert machine.start(*RENDER)[0] == 0


def test_a_plugins_directory_that_both_helms_read(machine: Machine, tools: Path) -> None:
    link_helm(machine.folder / "bin", tools / "helm4")
    (machine.folder / "bin" / "helm3").symlink_to(tools / "helm3")
    assert machine.start("bash", "-c", 'helm plugin install "$(polyaxon-persistence plugin-dir)"')[0] == 0
    assert "failed to load plugins" in machine.start("helm3", "plugin", "list")[1]
    code, rows = machine.doctor("plugin")
    assert code == 1
    assert rows[0][0].startswith("ok plugin plugin ")
    link = machine.folder / "data" / "plugins" / "post_renderer"
    assert (
        rows[1][0] == f"error plugin {machine.folder}/bin/helm3 loads no plugins at all, because {link} is for Helm 4"
    )
    # helm3 as a script with its own directory, as somebody can install it
    (machine.folder / "bin" / "helm3").unlink()
    (machine.folder / "bin" / "helm3").write_text(
        f'#!/bin/sh\nHELM_DATA_HOME={machine.folder}/data3 exec {tools / "helm3"} "$@"\n'
    )
    (machine.folder / "bin" / "helm3").chmod(0o755)
    assert "failed" not in machine.start("helm3", "plugin", "list")[1]
    code, rows = machine.doctor("plugin")
    assert code == 0
    assert rows[1] == [f"ok plugin Helm 3 needs no plugin, and {machine.folder}/data3/plugins has none of Helm 4"]


def test_the_dependency_that_helm_packed(machine: Machine, tools: Path, helm: str) -> None:
    link_helm(machine.folder / "bin", tools / helm)
    machine = machine._replace(folder=machine.folder / "team")
    machine.folder.mkdir()
    (machine.folder / "Chart.yaml").write_text(
        "apiVersion: v2\nname: team\nversion: 1.0.0\ndependencies:\n"
        f"- {{name: polyaxon-persistence, version: '>=0.1.0', repository: 'file://{CHART}', alias: vision}}\n"
    )
    code, ((message, remedy),) = machine.doctor("chart")
    assert code == 1
    assert (
        message == 'error chart chart "team" with the dependency polyaxon-persistence >=0.1.0, which is not in charts/'
    )
    code, output = machine.start(*remedy.removeprefix("run ").split())
    assert code == 0, output
    assert machine.doctor("chart")[1] == [
        [f'ok chart chart "team" with the dependency polyaxon-persistence {__version__}']
    ]
