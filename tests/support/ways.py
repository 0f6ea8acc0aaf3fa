"""The ways to render a chart, to compare what they make."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import yaml

from tests.support.cli import run
from tests.support.examples import EXAMPLES, env_of, link_helm, objects
from tests.support.krm import copy_kustomization
from tests.support.paths import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Ways = dict[str, Callable[["Place", str], str]]


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
        return link_helm(self.folder / helm, self.tools / helm)


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
    folder = copy_kustomization(place.folder / "kustomization", place.values)
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
