"""What is shipped: wheel and sdist, the plugin file, and the versions that must be one."""

from __future__ import annotations

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

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, ROOT], check=True, capture_output=True
    )
    return folder


def test_wheel_holds_the_package_and_nothing_else(built: Path) -> None:
    (wheel,) = built.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        (metadata,) = (name for name in names if name.endswith(".dist-info/METADATA"))
        (entry_points,) = (name for name in names if name.endswith("entry_points.txt"))
        assert "polyaxon-persistence = post_renderer.cli:main" in archive.read(entry_points).decode()
        text = archive.read(metadata).decode()
        assert "License-Expression: Apache-2.0" in text
    assert {"post_renderer/plugin.yaml", "post_renderer/py.typed", "post_renderer/tree/full.py"} <= set(names)
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert not [name for name in names if not name.startswith(("post_renderer/", "polyaxon_persistence-"))]


def test_sdist_holds_what_its_tests_need(built: Path) -> None:
    (sdist,) = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    needed = {"LICENSE", "README.md", "CHANGELOG.md", "Makefile", "pyproject.toml", "chart/Chart.yaml", "ci/tools.sh"}
    assert needed <= names
    assert any(name.startswith("tests/golden/") for name in names)
    assert any(name.startswith("values-examples/") for name in names)


def test_versions_are_one() -> None:
    plugin = yaml.safe_load((ROOT / "post_renderer" / "plugin.yaml").read_text())
    chart = yaml.safe_load((ROOT / "chart" / "Chart.yaml").read_text())
    versions = {plugin["version"], chart["version"], chart["appVersion"], post_renderer.__version__}
    assert len(versions) == 1
    assert f"## {post_renderer.__version__}\n" in (ROOT / "CHANGELOG.md").read_text()


def test_plugin_command_and_console_script_have_one_name() -> None:
    plugin = yaml.safe_load((ROOT / "post_renderer" / "plugin.yaml").read_text())
    assert list(PROJECT["scripts"]) == [plugin["name"]] == [PROJECT["name"]]
    assert plugin["runtimeConfig"]["platformCommand"] == [{"command": plugin["name"]}]


def test_lock_file_pins_everything_by_hash() -> None:
    lock = (ROOT / "requirements-dev.lock").read_text()
    pinned = {re.split("==", line)[0].lower() for line in lock.splitlines() if "==" in line}
    wanted = {re.split("[>=]", requirement)[0].lower() for requirement in PROJECT["dependencies"]}
    wanted_here = (ROOT / "requirements-dev.in").read_text().splitlines()
    wanted |= {line.partition("#")[0].strip().lower() for line in wanted_here if line and not line.startswith("#")}
    assert {name.replace(".", "-") for name in wanted} <= {name.replace(".", "-") for name in pinned}
    assert lock.count("--hash=") > len(pinned)


def test_ci_script_can_be_run() -> None:
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
    assert os.access(ROOT / "ci" / "tools.sh", os.X_OK)
