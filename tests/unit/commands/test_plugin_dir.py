"""The directory that `helm plugin install` gets."""

from __future__ import annotations

from pathlib import Path

import pytest

import post_renderer
from tests.support.cli import run

PACKAGE = Path(post_renderer.__file__).parent
DIRECTORY = f"{PACKAGE}\n".encode()
WARNING = """\
warning: {} is Helm {}. Helm 3 loads no plugins at all from a plugins directory that has a Helm 4 plugin.
  hint: install the plugin with another HELM_DATA_HOME for Helm 4; Helm 3 needs no plugin, it finds polyaxon-persistence \
on PATH
"""


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only directory on PATH, which is empty."""
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def make_helm(path: Path, script: str) -> None:
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def test_the_directory_is_the_package_with_the_plugin(path: Path) -> None:
    assert not list(path.iterdir())
    result = run("plugin-dir")
    assert (result.exit_code, result.output, result.error) == (0, DIRECTORY, "")
    assert (PACKAGE / "plugin.yaml").exists()


@pytest.mark.parametrize(
    ("scripts", "warned"),
    [
        ({"helm": "echo v3.22.0"}, ("helm", "v3.22.0")),
        ({"helm": "echo v4.2.0"}, None),
        ({"helm": "echo v4.2.0", "helm3": "echo v3.22.1"}, ("helm3", "v3.22.1")),
        ({"helm3": "echo v3.22.1"}, ("helm3", "v3.22.1")),
        ({"helm": "exit 1", "helm3": "echo v3.22.1"}, ("helm3", "v3.22.1")),
        ({"helm": 'test "$*" = "version --template {{.Version}}" && echo v3.22.0'}, ("helm", "v3.22.0")),
        ({"helm": "echo v3.22.0 >&2"}, None),
        ({"helm": "printf 'v3.\\377'"}, ("helm", "v3.\ufffd")),
    ],
)
def test_a_helm_3_on_path_is_named(path: Path, scripts: dict[str, str], warned: tuple[str, str] | None) -> None:
    for name, script in scripts.items():
        make_helm(path / name, script)
    result = run("plugin-dir")
    assert (result.exit_code, result.output) == (0, DIRECTORY)
    assert result.error == (WARNING.format(path / warned[0], warned[1]) if warned else "")


def test_a_helm_that_does_not_start_is_no_reason_to_fail(path: Path) -> None:
    (path / "helm").write_bytes(b"\x7fELF")
    (path / "helm").chmod(0o755)
    make_helm(path / "helm3", "echo v3.22.0")
    result = run("plugin-dir")
    assert (result.exit_code, result.output) == (0, DIRECTORY)
    assert result.error == WARNING.format(path / "helm3", "v3.22.0")
