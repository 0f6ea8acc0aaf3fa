"""Fixtures of the tests that run real tools. A missing tool fails the run: it never skips a test."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.examples import env_of, link_helm
from tests.support.git import Repository, make_origin
from tests.support.paths import ROOT

NAMES = ("helm3", "helm4", "helm4-oldest", "kubeconform", "kustomize", "helm-unittest", "registry")


def pytest_configure() -> None:
    """A run in the background (nohup, &) ignores these signals. Programs that tests start and end by them would, too."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


@pytest.hookimpl(tryfirst=True)  # pytest's own hook reads the markers for -m
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs the external tools, so that no test can forget it: `-m "not helm"` works without `make tools`."""
    for item in items:
        if {"tools", "libraries", "make_browser"} & set(getattr(item, "fixturenames", ())):
            item.add_marker("helm")


@pytest.fixture(scope="session")
def tools() -> Path:
    """The folder of the external tools."""
    folder = ROOT / ".tools" / "bin"
    missing = [name for name in NAMES if not os.access(folder / name, os.X_OK)]
    if missing:
        pytest.fail(f"{', '.join(missing)} missing in .tools/bin: run `make tools`")
    return folder


@pytest.fixture(scope="session")
def libraries() -> dict[str, Path]:
    """The Python of each of Polyaxon's own libraries, of Ansible and of tensorboard."""
    found = {
        lock.stem: ROOT / ".tools" / "libraries" / lock.stem / "bin" / "python"
        for lock in (ROOT / "ci" / "libraries").glob("*.lock")
    }
    missing = [name for name, python in found.items() if not os.access(python, os.X_OK)]
    if missing or not found:
        pytest.fail(f"{', '.join(missing)} missing in .tools/libraries: run `make tools`")
    return found


@pytest.fixture(scope="session")
def helm_env(tools: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An environment in which Helm finds the post-renderer: on PATH, and as Helm 4's plugin.

    `tests.support.examples.env_of` turns it into Helm 3's, which must not see a Helm 4 plugin.
    """
    home = tmp_path_factory.mktemp("helm")
    env = {key: value for key, value in os.environ.items() if not key.startswith(("HELM_", "KUBE"))}
    env |= {
        "PATH": f"{Path(sys.executable).parent}:{env['PATH']}",
        "HELM_DATA_HOME": str(home / "data"),
        "HELM_CACHE_HOME": str(home / "cache"),
        "HELM_CONFIG_HOME": str(home / "config"),
        "XDG_STATE_HOME": str(home / "state"),
    }
    subprocess.run(
        [tools / "helm4", "plugin", "install", "./post_renderer"], cwd=ROOT, env=env, check=True, capture_output=True
    )
    return env


@pytest.fixture(scope="session")
def pip_env(tools: Path) -> dict[str, str]:
    """Variables with which pip and uv read .tools/wheels and no registry."""
    wheels = tools.parent / "wheels"
    if not list(wheels.glob("hatchling-*.whl")):
        pytest.fail("no wheels in .tools/wheels: run `make tools`")
    pip = {"CONFIG_FILE": "/dev/null", "DISABLE_PIP_VERSION_CHECK": "1", "NO_INDEX": "1", "FIND_LINKS": str(wheels)}
    uv = {"NO_CONFIG": "1", "NO_INDEX": "1", "FIND_LINKS": str(wheels), "OFFLINE": "1", "PYTHON_DOWNLOADS": "never"}
    return {f"PIP_{key}": value for key, value in pip.items()} | {f"UV_{key}": value for key, value in uv.items()}


@pytest.fixture(scope="session")
def git_env(
    tools: Path, helm_env: dict[str, str], pip_env: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, str]:
    """A home of its own, git, Helm 3 as `helm`, no polyaxon-persistence; pip reads .tools/wheels and no registry."""
    home = tmp_path_factory.mktemp("home")
    binaries = link_helm(home / "bin", tools / "helm3")
    who = {f"GIT_{role}_{part}": "dev@example.com" for role in ("AUTHOR", "COMMITTER") for part in ("NAME", "EMAIL")}
    return {
        **env_of("helm3", helm_env),
        **who,
        **pip_env,
        "HOME": str(home),
        "PATH": f"{binaries}:/usr/local/bin:/usr/bin:/bin",
        "GIT_CONFIG_GLOBAL": "/dev/null",
    }


@pytest.fixture(scope="session")
def origin(git_env: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """This project's own repository, for tools that install the program from there."""
    return make_origin(tmp_path_factory.mktemp("origin") / "polyaxon-persistence", git_env)


@pytest.fixture(params=["helm3", "helm4"])
def helm(request: pytest.FixtureRequest) -> str:
    """The name of either Helm, unless a file's tests need more of it."""
    name: str = request.param
    return name


@pytest.fixture(autouse=True)
def _own_report(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads or writes the report of whoever runs it."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what tests measured besides passing: the share of documents that the small reader took."""
    for report in terminalreporter.getreports("passed"):
        for name, value in report.user_properties:
            if name == "share":
                terminalreporter.write_line(str(value))
