"""The image for Argo CD, built on a stand-in for Argo CD's own: the plugin and the wrapper, as user 999."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest
import yaml

from tests.support.examples import objects, template
from tests.support.paths import ROOT

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

    from tests.e2e.images.conftest import Podman

SIDECAR = yaml.safe_load((ROOT / "deploy" / "argocd" / "sidecar.yaml").read_text())["spec"]["template"]["spec"]
REPO_SERVER = yaml.safe_load((ROOT / "deploy" / "argocd" / "repo-server-helm.yaml").read_text())["spec"]["template"][
    "spec"
]


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Our chart with the documented values, as Argo CD hands a repository over; user 999 may read it."""
    folder = tmp_path / "repository"
    shutil.copytree(ROOT / "chart", folder / "chart")
    shutil.copy(ROOT / "values-examples" / "documented.yaml", folder / "chart" / "production.yaml")
    (folder / ".git").mkdir()
    return folder


def start(
    engine: Podman, image: str, repository: Path, env: list[dict[str, str]], *words: str
) -> subprocess.CompletedProcess[str]:
    variables = [f"--env={item['name']}={item['value']}" for item in env]
    # As in the sidecar: a read-only root, and a /tmp of its own.
    places = ["--tmpfs=/tmp", f"--volume={repository}:/repository:ro", "--workdir=/repository/chart"]
    return engine.run(*variables, *places, "--entrypoint", words[0], image, *words[1:])


def test_it_runs_as_argo_cds_user(engine: Podman, image_for_argo_cd: str) -> None:
    (found,) = json.loads(engine.must("image", "inspect", image_for_argo_cd))
    assert found["Config"]["User"] == "999"
    assert SIDECAR["containers"][0]["securityContext"]["runAsUser"] == 999


def test_the_plugin_renders_there(
    engine: Podman, image_for_argo_cd: str, repository: Path, tools: Path, helm_env: dict[str, str]
) -> None:
    parameters = [{"name": "values-files", "array": ["production.yaml"]}]
    application = [
        {"name": "ARGOCD_APP_NAME", "value": "demo"},
        {"name": "ARGOCD_APP_NAMESPACE", "value": "vision"},
        {"name": "ARGOCD_APP_PARAMETERS", "value": json.dumps(parameters)},
    ]
    env = SIDECAR["containers"][0]["env"] + application
    plugin = yaml.safe_load((ROOT / "deploy" / "argocd" / "plugin.yaml").read_text())["spec"]
    found = start(
        engine, image_for_argo_cd, repository, env, *plugin["discover"]["find"]["command"], "argocd", "discover"
    )
    assert found.returncode == 0, found.stderr
    assert found.stdout
    words = plugin["generate"]["command"] + plugin["generate"]["args"]
    done = start(engine, image_for_argo_cd, repository, env, *words)
    assert done.returncode == 0, done.stderr
    by_helm = template(tools, helm_env, "documented", "helm3", "--namespace", "vision")
    assert objects(done.stdout) == objects(by_helm.stdout)


def test_the_wrapper_renders_there(
    engine: Podman, image_for_argo_cd: str, repository: Path, tools: Path, helm_env: dict[str, str]
) -> None:
    env = REPO_SERVER["containers"][0]["env"]
    words = ("helm", "template", "demo", ".", "-f", "production.yaml", "--namespace", "vision")
    done = start(engine, image_for_argo_cd, repository, env, *words)
    assert done.returncode == 0, done.stderr
    by_helm = template(tools, helm_env, "documented", "helm3", "--namespace", "vision")
    assert objects(done.stdout) == objects(by_helm.stdout)
    assert "v3." in start(engine, image_for_argo_cd, repository, env, "helm", "version").stdout
