"""What is shipped: wheel and sdist, the plugin file, and the versions that must be one."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest
import yaml

import post_renderer
from ci.cluster.feature_mutations import FEATURES, Feature
from post_renderer.console.options import SCHEMAS
from tests.support.compiled import HOOK
from tests.support.examples import env_of, kubeconform
from tests.support.paths import ROOT

pytestmark = pytest.mark.pure

PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
PROJECT = PYPROJECT["project"]
SCRIPTS = PYPROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["shared-scripts"]


SCRIPT = f"polyaxon_persistence-{post_renderer.__version__}.data/scripts/polyaxon-persistence"
# Where shells and `man` look below the prefix of an installation.
SHARED = {
    f"polyaxon_persistence-{post_renderer.__version__}.data/data/share/{path}"
    for path in (
        "bash-completion/completions/polyaxon-persistence",
        "fish/vendor_completions.d/polyaxon-persistence.fish",
        "man/man1/polyaxon-persistence.1",
        "zsh/site-functions/_polyaxon-persistence",
    )
}


def git_files(*options: str) -> set[str]:
    listed = subprocess.run(["git", "ls-files", "-z", *options], cwd=ROOT, check=True, capture_output=True, text=True)
    return {name for name in listed.stdout.split("\0") if name and (ROOT / name).exists()}


TRACKED = git_files()
NOT_IGNORED = git_files("--cached", "--others", "--exclude-standard")


def test_wheel_holds_the_package_and_nothing_else(built: Path) -> None:
    (wheel,) = built.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        (metadata,) = (archive.read(name).decode() for name in names if name.endswith(".dist-info/METADATA"))
        script = archive.getinfo(SCRIPT)
        assert archive.read(script).startswith(b"#!python\n")
    assert script.external_attr >> 16 & 0o777 == 0o755
    lines = metadata.partition("\n\n")[0].splitlines()
    assert {
        f"Version: {post_renderer.__version__}",
        "License-Expression: Apache-2.0",
        "Requires-Python: >=3.11",
    } <= set(lines)
    required = {re.split("[>=]", line)[0] for line in lines if line.startswith("Requires-Dist: ")}
    assert required == {f"Requires-Dist: {name}" for name in ("deepmerge", "jinja2", "pyyaml", "rich", "ruamel-yaml")}
    assert {"post_renderer/plugin.yaml", "post_renderer/py.typed"} <= names
    assert {name for name in names if ".dist-info/" not in name} == {
        SCRIPT, *SHARED, *(name for name in NOT_IGNORED if name.startswith("post_renderer/"))
    }  # fmt: skip
    assert not any(name.endswith("entry_points.txt") for name in names)
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in names)


def test_sdist_holds_every_file_of_the_project(built: Path) -> None:
    (sdist,) = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert not TRACKED - names
    assert names - NOT_IGNORED == {"PKG-INFO"}


def test_installed_wheel_runs_and_brings_the_plugin(built: Path, tmp_path: Path) -> None:
    (wheel,) = built.glob("*.whl")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", str(tmp_path)]
    subprocess.run([*pip, str(wheel)], check=True)
    command = tmp_path / "bin" / "polyaxon-persistence"
    env = {**os.environ, "PYTHONPATH": str(tmp_path)}
    version, folder = (
        subprocess.run(
            [command, word], cwd=tmp_path, env=env, check=True, capture_output=True, text=True
        ).stdout.strip()
        for word in ("--version", "plugin-dir")
    )
    assert version == post_renderer.__version__
    assert Path(folder) == tmp_path / "post_renderer"
    assert (Path(folder) / "plugin.yaml").is_file()
    for name in SCHEMAS:
        printed = subprocess.run([command, "schema", name], cwd=tmp_path, env=env, check=True, capture_output=True)
        assert json.loads(printed.stdout)["$schema"] == "http://json-schema.org/draft-07/schema#"


def test_versions_are_one() -> None:
    plugin = yaml.safe_load((ROOT / "post_renderer" / "plugin.yaml").read_text())
    chart = yaml.safe_load((ROOT / "chart" / "Chart.yaml").read_text())
    versions = {plugin["version"], chart["version"], chart["appVersion"], post_renderer.__version__}
    assert len(versions) == 1
    headings = re.findall(r"(?m)^## (\S+)", (ROOT / "CHANGELOG.md").read_text())
    assert headings[0] == post_renderer.__version__
    umbrella = yaml.safe_load((ROOT / "docs" / "examples" / "umbrella" / "Chart.yaml").read_text())
    assert umbrella["dependencies"][0]["version"] == f">={post_renderer.__version__}"


def test_the_docs_name_the_argo_cd_that_is_tested() -> None:
    tested = re.search(r"argoproj/argo-cd/v3 (v\S+)", (ROOT / "ci" / "tools" / "argocd" / "go.mod").read_text())
    assert tested
    for path in ("docs/argocd.md", "deploy/argocd/Dockerfile"):
        named = re.findall(r"argocd:(v[0-9.]+[0-9])", (ROOT / path).read_text())
        assert named
        assert set(named) == {tested[1]}
    assert f"Argo CD {tested[1][1:4]} itself" in (ROOT / "docs" / "argocd.md").read_text()


def test_plugin_command_and_console_script_have_one_name() -> None:
    plugin = yaml.safe_load((ROOT / "post_renderer" / "plugin.yaml").read_text())
    assert list(SCRIPTS.values()) == [plugin["name"]] == [PROJECT["name"]]
    assert "scripts" not in PROJECT  # an installer would write its own script over ours
    assert plugin["runtimeConfig"]["platformCommand"] == [{"command": plugin["name"]}]


def test_lock_file_pins_everything_by_hash() -> None:
    lock = (ROOT / "requirements-dev.lock").read_text()
    pinned = {re.split("==", line)[0].lower() for line in lock.splitlines() if "==" in line}
    wanted = {re.split("[>=]", requirement)[0].lower() for requirement in PROJECT["dependencies"]}
    wanted_here = (ROOT / "requirements-dev.in").read_text().splitlines()
    wanted |= {
        line.partition("#")[0].partition("[")[0].strip().lower()
        for line in wanted_here
        if line and not line.startswith("#")
    }
    assert {name.replace(".", "-") for name in wanted} <= {name.replace(".", "-") for name in pinned}
    assert lock.count("--hash=") > len(pinned)


def test_the_compiler_of_a_wheel_is_the_tested_one() -> None:
    """Each version of mypyc can compile other code wrongly."""
    pins = [name for name in HOOK["dependencies"] if name.startswith("mypy[mypyc]==")]
    assert len(pins) == 1
    lock = (ROOT / "requirements-dev.lock").read_text()
    assert f"\nmypy=={pins[0].partition('==')[2]} \\\n" in lock, (
        "write the version of requirements-dev.lock into pyproject.toml"
    )


def test_the_compiler_has_the_types_of_each_dependency() -> None:
    """mypyc reads all modules that the compiled ones import anywhere, and an isolated build has only these packages."""
    needed = {re.split("[>=]", requirement)[0].lower() for requirement in PROJECT["dependencies"]}
    there = {re.split("[>=[]", requirement)[0].lower().removeprefix("types-") for requirement in HOOK["dependencies"]}
    assert needed <= there


def test_ci_script_can_be_run() -> None:
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
    assert os.access(ROOT / "ci" / "tools.sh", os.X_OK)


@pytest.mark.parametrize("feature", FEATURES, ids=[feature.what for feature in FEATURES])
def test_what_the_cluster_proof_takes_out_is_there(feature: Feature) -> None:
    assert (ROOT / feature.file).read_text().count(feature.old) == 1
    file, words = feature.scenarios
    tests = (ROOT / "tests" / "e2e" / file).read_text()
    for name in re.findall(r"test_\w+", words):
        assert f"def {name}" in tests


def test_a_cluster_of_ones_own_is_asked_by_the_kubectl_on_path(tmp_path: Path) -> None:
    """Where nothing was built, as on a Mac: the scenarios' own kubectl, not only the function that finds it."""
    (tmp_path / "kubectl").write_text("#!/bin/sh\n")
    (tmp_path / "kubectl").chmod(0o755)
    tell = "from ci.cluster import paths; paths.find_kubectl.__defaults__ = (paths.ROOT / 'none',); "
    tell += "from tests.e2e.cluster.support import KUBECTL; print(KUBECTL)"
    done = subprocess.run(
        [sys.executable, "-c", tell], cwd=ROOT, env={"PATH": str(tmp_path)}, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == str(tmp_path / "kubectl")


def count(folder: Path, **reports: str) -> subprocess.CompletedProcess[str]:
    for name, attributes in reports.items():
        report = f"<testsuites><testsuite {attributes}/></testsuites>"
        (folder / f"{name.replace('_', '-')}.xml").write_text(report)
    command = [sys.executable, str(ROOT / "ci" / "junit_summary.py"), str(folder), "pytest", "helm-unittest"]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_closing_line_sums_the_reports_and_fails_with_them(tmp_path: Path) -> None:
    good = count(tmp_path, pytest='tests="5" skipped="1"', helm_unittest='tests="3" failures="0"')
    assert (good.returncode, good.stdout.splitlines()[-1]) == (0, "7 passed, 0 failed")
    more = count(tmp_path, cluster='tests="2"')
    assert (more.returncode, more.stdout.splitlines()[-1]) == (0, "9 passed, 0 failed")
    bad = count(tmp_path, pytest='tests="5" failures="1" errors="2"')
    assert (bad.returncode, bad.stdout.splitlines()[-1]) == (1, "7 passed, 3 failed")


def test_closing_line_needs_every_report_and_a_test_in_each(tmp_path: Path) -> None:
    missing = count(tmp_path, pytest='tests="5"')
    assert (missing.returncode, missing.stdout) == (1, "")
    assert "no report helm-unittest:" in missing.stderr
    empty = count(tmp_path, helm_unittest='tests="0"')
    assert (empty.returncode, empty.stdout) == (1, "")
    assert "no test ran in helm-unittest.xml" in empty.stderr


@pytest.mark.parametrize("name", ["helm3", "helm4", "helm4-oldest"])
def test_helms_know_their_pinned_version(name: str, tools: Path, helm_env: dict[str, str], tmp_path: Path) -> None:
    """A build that is not told says v3.22 or v4.3 at best, and charts that ask are misled."""
    pinned = re.search(r"helm\.sh/helm/v\d (v\S+)", (ROOT / "ci" / "tools" / name / "go.mod").read_text())
    client = re.search(r"k8s\.io/client-go v0\.(\d+)", (ROOT / "ci" / "tools" / name / "go.mod").read_text())
    assert pinned
    assert client
    (tmp_path / "Chart.yaml").write_text("{apiVersion: v2, name: versions, version: 0.1.0}")
    (tmp_path / "templates").mkdir()
    template = "{{ .Capabilities.HelmVersion.Version }} {{ .Capabilities.KubeVersion.Version }}"
    (tmp_path / "templates" / "versions.yaml").write_text(f"said: {template}")
    rendered = subprocess.run(
        [tools / name, "template", tmp_path], env=env_of(name, helm_env), check=True, capture_output=True, text=True
    ).stdout
    assert yaml.safe_load(rendered) == {"said": f"{pinned[1]} v1.{client[1]}.0"}


@pytest.mark.parametrize("version", ["1.27", "1.37"])
@pytest.mark.parametrize(("key", "accepted"), [("mountPath", True), ("mountpath", False)])
def test_kubeconform_reports_a_misspelt_key(key: str, version: str, tools: Path, *, accepted: bool) -> None:
    """Otherwise its word on the rendered examples would be worth nothing."""
    pod = {"containers": [{"name": "main", "image": "busybox", "volumeMounts": [{"name": "data", key: "/data"}]}]}
    manifest = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "train"}, "spec": pod}
    checked = kubeconform(tools, json.dumps(manifest), version)
    assert (checked.returncode == 0) == accepted, checked.stdout
    assert accepted or "mountpath" in checked.stdout
