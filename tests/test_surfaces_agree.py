"""Whatever renders a chart, the manifests mean the same and the Jobs have the same names."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.examples import EXAMPLES, ROOT, env_of, objects
from tests.support import run

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Ways = dict[str, Callable[["Place", str], str]]

pytestmark = pytest.mark.helm

COMPARED = ("documented", "everything")
HELMS = ("helm3", "helm4")
WORDS = ["template", "demo", "chart", "--namespace", "vision"]


class Place:
    """Where one way of rendering works: tools, Helm's environment, values and a folder of its own."""

    def __init__(self, tools: Path, env: dict[str, str], name: str, folder: Path) -> None:
        self.tools = tools
        self.env = env
        self.values = ROOT / "values-examples" / EXAMPLES[name].files[0]
        self.folder = folder

    def helm(self, helm: str, *more: str) -> str:
        command = [str(self.tools / helm), *WORDS, "-f", str(self.values), *more]
        return self.start(command, helm)

    def start(self, command: list[str], helm: str, **more: str) -> str:
        env = {**env_of(helm, self.env), **more}
        done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False, timeout=120)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def link(self, helm: str) -> str:
        """A folder in which that Helm is called helm."""
        folder = self.folder / helm
        folder.mkdir(parents=True)
        (folder / "helm").symlink_to(self.tools / helm)
        return str(folder)


def by_post_renderer(place: Place, helm: str) -> str:
    return place.helm(helm, "--post-renderer", "polyaxon-persistence")


def by_pipe(place: Place, helm: str) -> str:
    return run(stdin=place.helm(helm)).output.decode()


def by_wrapper(place: Place, helm: str) -> str:
    words = ["polyaxon-persistence", "helm", *WORDS, "-f", str(place.values)]
    return place.start(words, helm, PATH=f"{place.link(helm)}:{place.env['PATH']}")


def by_argo_cds_plugin(place: Place, helm: str) -> str:
    path = f"{place.link(helm)}:{place.env['PATH']}"
    application = place.folder / "application"
    shutil.copytree(ROOT / "chart", application)
    shutil.copy(place.values, application / "production.yaml")
    parameters = json.dumps([{"name": "values-files", "array": ["production.yaml"]}])
    env = {**env_of(helm, place.env), "PATH": path, "ARGOCD_APP_NAME": "demo", "ARGOCD_APP_NAMESPACE": "vision"}
    done = subprocess.run(
        ["polyaxon-persistence", "argocd", "generate"],
        cwd=application, env={**env, "ARGOCD_APP_PARAMETERS": parameters}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def by_kustomize(place: Place, helm: str) -> str:
    folder = place.folder / "kustomization"
    shutil.copytree(ROOT / "docs" / "examples" / "kustomize", folder)
    shutil.copytree(ROOT / "chart", folder / "charts" / "polyaxon-persistence")
    shutil.copy(place.values, folder / "values.yaml")
    function = yaml.safe_load((folder / "persistence.yaml").read_text())
    del function["persistence"]  # the documented one changes the catalog
    (folder / "persistence.yaml").write_text(yaml.safe_dump(function))
    flags = ["--enable-helm", "--enable-alpha-plugins", "--enable-exec", "--helm-command", str(place.tools / helm)]
    return place.start([str(place.tools / "kustomize"), "build", *flags, str(folder)], helm)


WAYS: Ways = {
    "post-renderer": by_post_renderer,
    "pipe": by_pipe,
    "wrapper": by_wrapper,
    "argo-cd": by_argo_cds_plugin,
    "kustomize": by_kustomize,
}


def quoted(stream: str) -> list[dict[str, Any]]:
    return [item for item in objects(stream) if "helm.sh/hook" not in item["metadata"].get("annotations", {})]


def check_agreement(ways: Ways, name: str, tools: Path, env: dict[str, str], folder: Path) -> None:
    """All ways, by both Helms, give what the post-renderer gives."""
    expected = quoted(by_post_renderer(Place(tools, env, name, folder / "first"), "helm4"))
    jobs = [item["metadata"]["name"] for item in expected if item["kind"] == "Job"]
    assert sum(job.rpartition("-")[2].isalnum() and len(job.rpartition("-")[2]) == 10 for job in jobs) >= 2
    for way, render in ways.items():
        for helm in HELMS:
            place = Place(tools, env, name, folder / f"{way}-{helm}")
            assert quoted(render(place, helm)) == expected, (way, helm)


@pytest.mark.parametrize("name", COMPARED)
def test_all_ways_agree(name: str, tools: Path, helm_env: dict[str, str], tmp_path: Path) -> None:
    """tests/others compares these with the tools that take minutes to build."""
    check_agreement(WAYS, name, tools, helm_env, tmp_path)


@pytest.mark.parametrize("name", COMPARED)
def test_fluxs_patches_agree_names_aside(name: str, tools: Path, helm_env: dict[str, str], tmp_path: Path) -> None:
    place = Place(tools, helm_env, name, tmp_path)
    runs = yaml.safe_load(place.values.read_text())["runs"]
    served = {
        item["metadata"]["labels"].get("polyaxon.com/run")
        for item in objects(place.helm("helm4"))
        if item["kind"] == "Deployment"
    }
    fixed = [word for key in runs if key not in served for word in ("--set", f"runs.{key}.policy=none")]
    bare = place.helm("helm4", *fixed)
    patched = run("flux-patches", stdin=bare)
    assert patched.exit_code == 0, patched.error
    (renderer,) = yaml.safe_load(patched.output)["spec"]["postRenderers"]
    (tmp_path / "bare.yaml").write_text(bare)
    kustomization = {"resources": ["bare.yaml"], "patches": renderer["kustomize"]["patches"]}
    (tmp_path / "kustomization.yaml").write_text(yaml.safe_dump(kustomization))
    built = place.start([str(tools / "kustomize"), "build", str(tmp_path)], "helm4")
    assert objects(built) == objects(run(stdin=bare).output.decode())
    asked = [item for item in objects(built) if "polyaxon.com/polyaxonfile" in item["metadata"].get("annotations", {})]
    assert len(asked) >= len(runs)
    assert all("POLYAXON_DATA_PATHS" in str(item["spec"]) for item in asked)
