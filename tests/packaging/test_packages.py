"""The chart and the Helm 4 plugin as packages: of one version with the wheel, pushed, signed, verified and installed."""

from __future__ import annotations

import subprocess
import tarfile
from typing import TYPE_CHECKING

import pytest
import yaml

import post_renderer
from ci.chart_changes import list_changes
from tests.support.examples import POST_RENDERER, env_of, objects, template
from tests.support.paths import ROOT
from tests.support.registry import serve_registry

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.pure  # make packages the source

PACKAGE = f"polyaxon-persistence-{post_renderer.__version__}.tgz"
VALUES = ["-f", "values-examples/documented.yaml"]


def start(*words: str | Path, env: dict[str, str], code: int = 0) -> str:
    command = [str(word) for word in words]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture
def chart(tools: Path, helm_env: dict[str, str], tmp_path: Path) -> Path:
    assert tools.is_dir()
    start("make", "package-chart", f"DIST={tmp_path}", env=helm_env)
    return tmp_path / PACKAGE


def test_the_charts_package_holds_the_chart_and_no_tests(chart: Path) -> None:
    with tarfile.open(chart) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"Chart.yaml", "values.yaml", "values.schema.json", "README.md", "templates/job.yaml"} <= names
    assert not any(name.startswith("tests") for name in names)


def test_the_charts_package_lists_its_changes_for_artifact_hub(chart: Path) -> None:
    with tarfile.open(chart) as archive:
        file = archive.extractfile("polyaxon-persistence/Chart.yaml")
        assert file
        packaged = yaml.safe_load(file.read())
    changes = yaml.safe_load(packaged["annotations"].pop("artifacthub.io/changes"))
    assert changes == list_changes((ROOT / "CHANGELOG.md").read_text())
    assert packaged == yaml.safe_load((ROOT / "chart" / "Chart.yaml").read_text())


@pytest.fixture
def registry(tools: Path) -> Iterator[str]:
    with serve_registry(tools) as address:
        yield address


@pytest.mark.parametrize("helm", ["helm3", "helm4"])
def test_the_chart_goes_through_an_oci_registry(
    helm: str, registry: str, chart: Path, tools: Path, helm_env: dict[str, str]
) -> None:
    env = env_of(helm, helm_env)
    start(tools / helm, "push", chart, f"oci://{registry}/charts", "--plain-http", env=env)
    source = f"oci://{registry}/charts/polyaxon-persistence"
    words = ["template", "demo", source, "--version", post_renderer.__version__, "--plain-http", *VALUES]
    done = subprocess.run(
        [tools / helm, *words, *POST_RENDERER], cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert objects(done.stdout) == objects(template(tools, helm_env, "documented", helm).stdout)


@pytest.fixture
def plugin(keys: Path, tools: Path, helm_env: dict[str, str], tmp_path: Path) -> Path:
    assert tools.is_dir()
    key = ("KEY=Release", f"KEYRING={keys / 'secring.gpg'}")
    start("make", "package-plugin", *key, f"DIST={tmp_path / 'dist'}", env=helm_env)
    return tmp_path / "dist" / "plugin" / PACKAGE


def test_the_signed_plugin_is_verified_and_renders(
    plugin: Path, keys: Path, tools: Path, helm_env: dict[str, str], tmp_path: Path
) -> None:
    helm = tools / "helm4"
    public = ("--keyring", keys / "pubring.gpg")
    assert "Release <release@example.com>" in start(helm, "plugin", "verify", plugin, *public, env=helm_env)
    env = {**helm_env, "HELM_DATA_HOME": str(tmp_path / "data")}
    start(helm, "plugin", "install", plugin, *public, env=env)
    assert "signed" in start(helm, "plugin", "list", env=env)
    expected = objects(template(tools, helm_env, "documented", "helm4").stdout)
    assert objects(template(tools, env, "documented", "helm4").stdout) == expected


def test_a_plugin_that_was_changed_or_not_signed_is_refused(
    plugin: Path, keys: Path, tools: Path, helm_env: dict[str, str], tmp_path: Path
) -> None:
    env = {**helm_env, "HELM_DATA_HOME": str(tmp_path / "data")}
    install = (tools / "helm4", "plugin", "install", plugin, "--keyring", keys / "pubring.gpg")
    plugin.write_bytes(plugin.read_bytes() + b"\0")
    assert "verif" in start(*install, env=env, code=1)
    plugin.with_name(plugin.name + ".prov").unlink()
    assert "prov" in start(*install, env=env, code=1)


def test_without_a_key_nothing_is_signed(helm_env: dict[str, str]) -> None:
    assert "KEY=name" in start("make", "package-plugin", env=helm_env, code=2)
    missing = ("KEY=release", "KEYRING=missing.gpg")
    assert "there is no file missing.gpg" in start("make", "package-plugin", *missing, env=helm_env, code=2)
