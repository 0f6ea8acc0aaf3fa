"""Objects and lists for the KRM function, and how kustomize calls it."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import yaml

from tests.support.cli import DOCUMENTED, run
from tests.support.examples import env_of
from tests.support.paths import ROOT

if TYPE_CHECKING:
    from pathlib import Path


EXAMPLE = ROOT / "docs" / "examples" / "kustomize"


FLAGS = ("--enable-helm", "--enable-alpha-plugins", "--enable-exec")


def make_job(name: str = "train", request: str = "{}", **annotations: str) -> dict[str, Any]:
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": name, "annotations": {"polyaxon.com/polyaxonfile": request, **annotations}},
        "spec": {"template": {"spec": {"restartPolicy": "Never", "containers": [{"name": "main", "image": "a"}]}}},
    }


def make_list(*items: dict[str, Any], config: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    found = {"apiVersion": "config.kubernetes.io/v1", "kind": "ResourceList", "items": list(items), **more}
    return {**found, "functionConfig": config} if config else found


def make_config(**catalog: Any) -> dict[str, Any]:
    kinds = {"apiVersion": "polyaxon.com/v1", "kind": "Persistence", "metadata": {"name": "persistence"}}
    return {**kinds, "persistence": catalog or yaml.safe_load(DOCUMENTED)}


def call(given: Any, *more: str, flow: bool = False) -> tuple[int, dict[str, Any], str]:
    """Exit code, list and standard error of the function, for a list in block style or as JSON."""
    text = json.dumps(given) if flow else yaml.safe_dump(given, sort_keys=False)
    done = run("krm", *more, stdin=text)
    return done.exit_code, yaml.safe_load(done.output) or {}, done.error


def volumes(job: dict[str, Any]) -> list[str]:
    return [volume["name"] for volume in job["spec"]["template"]["spec"].get("volumes", [])]


def make_catalog_map(text: str = DOCUMENTED) -> dict[str, Any]:
    metadata = {"name": "catalog", "labels": {"polyaxon.com/catalog": "v1"}}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"persistence.yaml": text}}


def copy_kustomization(folder: Path, values: Path = ROOT / "values-examples" / "documented.yaml") -> Path:
    """The documented directory, with the project's chart and one of the values files."""
    shutil.copytree(EXAMPLE, folder)
    shutil.copytree(ROOT / "chart", folder / "charts" / "polyaxon-persistence")
    shutil.copy(values, folder / "values.yaml")
    return folder


def build(tools: Path, env: dict[str, str], folder: Path, *flags: str, helm: str = "helm4") -> Any:
    command = [str(tools / "kustomize"), "build", *flags, "--helm-command", str(tools / helm), str(folder)]
    return subprocess.run(
        command, cwd=folder, env=env_of(helm, env), capture_output=True, text=True, check=False, timeout=120
    )
