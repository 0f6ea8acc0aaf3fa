"""An Application of Argo CD, and the plugin's commands in it."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.support.cli import Result, run
from tests.support.examples import env_of, link_helm, objects
from tests.support.messages import codes, heads
from tests.support.paths import ROOT

if TYPE_CHECKING:
    from pathlib import Path


ARGOCD = ROOT / "deploy" / "argocd"


PLUGIN = yaml.safe_load((ARGOCD / "plugin.yaml").read_text())["spec"]


HELMS = ("helm3", "helm4")


SHARED = "persistence: {data: {data2: {existingClaim: shared-pvc}}}\n"


# A chart that shows what Helm was told.
SHOWING = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: shown}
data:
  release: {{ .Release.Name }}
  namespace: {{ .Release.Namespace }}
  version: {{ .Capabilities.KubeVersion.Version | quote }}
  api: {{ .Capabilities.APIVersions.Has "example.com/v1/Widget" | quote }}
  other: {{ .Capabilities.APIVersions.Has "example.com/v2" | quote }}
  values: {{ toJson .Values | quote }}
"""


HOOK = "apiVersion: v1\nkind: Secret\nmetadata: {name: hook, annotations: {helm.sh/hook: pre-install}}\n"


LIST = "HELM_REPOSITORY_CONFIG"


@pytest.fixture(params=HELMS)
def helm(
    request: pytest.FixtureRequest,
    tools: Path,
    helm_env: dict[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> str:
    """One of the Helms as ``helm`` on PATH, in the environment of a plugin's container."""
    name: str = request.param
    binaries = link_helm(tmp_path / "bin", tools / name)
    for key, value in env_of(name, helm_env).items():
        monkeypatch.setenv(key, value)
    monkeypatch.setenv("PATH", f"{binaries}:{helm_env['PATH']}")
    return name


@pytest.fixture
def one_helm(tools: Path, helm_env: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Helm 4 as ``helm``: for what does not depend on it."""
    binaries = link_helm(tmp_path / "bin", tools / "helm4")
    for key, value in helm_env.items():
        monkeypatch.setenv(key, value)
    monkeypatch.setenv("PATH", f"{binaries}:{helm_env['PATH']}")


@pytest.fixture
def homes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The directories of Helm in the plugin's container, all empty."""
    home = tmp_path / "home"
    for name in ("CACHE", "CONFIG", "DATA"):
        monkeypatch.setenv(f"HELM_{name}_HOME", str(home / name))
    for name in (LIST, "HELM_REPOSITORY_CACHE", "HELM_REGISTRY_CONFIG", "HELM_CONTENT_CACHE", "HELM_PLUGINS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    monkeypatch.setattr("tempfile.tempdir", None)
    (tmp_path / "tmp").mkdir()
    return home


@pytest.fixture
def application(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with our chart as an application, and the current folder in it."""
    folder = tmp_path / "checkout" / "deploy" / "training"
    shutil.copytree(ROOT / "chart", folder, ignore=shutil.ignore_patterns("tests"))
    shutil.copy(ROOT / "values-examples" / "documented.yaml", folder / "values-production.yaml")
    (folder.parent / "common").mkdir()
    (folder.parent / "common" / "persistence.yaml").write_text(SHARED)
    enter(folder, "deploy/training", monkeypatch)
    return folder


def enter(folder: Path, source_path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    monkeypatch.setenv("ARGOCD_APP_NAME", "training")
    monkeypatch.setenv("ARGOCD_APP_NAMESPACE", "vision")
    monkeypatch.setenv("ARGOCD_APP_SOURCE_PATH", source_path)


def make_chart(folder: Path, head: str = "name: showing", **templates: str) -> Path:
    (folder / "templates").mkdir(parents=True)
    (folder / "Chart.yaml").write_text(f"apiVersion: v2\nversion: 0.1.0\n{head}\n")
    for name, text in (templates or {"shown": SHOWING}).items():
        (folder / "templates" / f"{name}.yaml").write_text(text)
    return folder


def generate(*more: str) -> Result:
    command = PLUGIN["generate"]
    assert command["command"] == ["polyaxon-persistence"]
    return run(*command["args"], *more)


def set_parameters(monkeypatch: pytest.MonkeyPatch, **parameters: Any) -> None:
    """Set them as Argo CD does; a name's dashes are underscores here."""
    types = {"str": "string", "list": "array", "dict": "map"}
    entries = [
        {"name": name.replace("_", "-"), types[type(value).__name__]: value} for name, value in parameters.items()
    ]
    monkeypatch.setenv("ARGOCD_APP_PARAMETERS", json.dumps(entries))


def quoted(result: Result) -> dict[str, Any]:
    assert result.exit_code == 0, result.error
    (found,) = (item for item in objects(result.output.decode()) if item["metadata"]["name"] == "shown")
    return {**found["data"], "values": json.loads(found["data"]["values"])}


def refusals(result: Result) -> list[str]:
    """The codes of all problems; nothing was written."""
    assert (result.exit_code, result.output) == (1, b"")
    said = [line for line in result.error.splitlines() if not line.startswith("  hint: ")]
    assert len(heads(result.error)) == len(said) == result.error.count("error["), result.error
    return codes(result.error)
