"""The example values, and how each is rendered."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING, Any, NamedTuple

import yaml

from tests.support.paths import ROOT

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

EXAMPLES_FOLDER = ROOT / "values-examples"
POST_RENDERER = ("--post-renderer", "polyaxon-persistence")


class Example(NamedTuple):
    """One rendering: chart and values files, the Helms that can do it, and the --persistence files it needs."""

    chart: str
    files: tuple[str, ...]
    helms: tuple[str, ...] = ("helm3", "helm4", "helm4-oldest")
    persistence: tuple[str, ...] = ()

    def arguments(self) -> list[str]:
        """The post-renderer's own arguments."""
        return [word for file in self.persistence for word in ("--persistence", f"values-examples/{file}")]


HELM4 = ("helm4", "helm4-oldest")
EXAMPLES = {
    "documented": Example("chart", ("documented.yaml",)),
    "first-run": Example("chart", ("first-run.yaml",)),
    "choosing-volumes": Example("chart", ("choosing-volumes.yaml",)),
    "volume-sources": Example("chart", ("volume-sources.yaml",)),
    "buckets": Example("chart", ("buckets.yaml",)),
    "references": Example("chart", ("references.yaml",)),
    "cron": Example("chart", ("cron.yaml",)),
    "everything": Example("chart", ("everything.yaml",)),
    "claims": Example("chart", ("claims.yaml",)),
    "notebook": Example("chart", ("notebook.yaml",)),
    "files": Example("chart", ("files.yaml",)),
    "grid": Example("chart", ("grid.yaml",)),
    "hook": Example("chart", ("hook.yaml",), HELM4),
    "layered": Example("chart", ("layered-site.yaml", "layered-team.yaml")),
    "other-chart": Example(
        "values-examples/other-chart", ("other-chart/values.yaml",), persistence=("documented.yaml",)
    ),
}
RENDERINGS = [(name, helm) for name, example in EXAMPLES.items() for helm in example.helms]


def link_helm(folder: Path, program: Path) -> str:
    """Make a directory in which this program is called helm, and return its path, for PATH."""
    folder.mkdir(parents=True)
    (folder / "helm").symlink_to(program)
    return str(folder)


def env_of(helm: str, env: dict[str, str]) -> dict[str, str]:
    """Helm 3 gets a data folder of its own: one Helm 4 plugin there would disable all of its plugins."""
    return {**env, "HELM_DATA_HOME": env["HELM_DATA_HOME"] + "-of-helm3"} if helm == "helm3" else env


def template(
    tools: Path,
    env: dict[str, str],
    name: str,
    helm: str,
    *more: str,
    post: Sequence[str] = POST_RENDERER,
) -> subprocess.CompletedProcess[str]:
    """``helm template`` of an example, with the post-renderer unless ``post`` says otherwise."""
    example = EXAMPLES[name]
    command = [str(tools / helm), "template", "demo", example.chart]
    for file in example.files:
        command += ["-f", f"values-examples/{file}"]
    if post:
        command += [word for argument in example.arguments() for word in ("--post-renderer-args", argument)]
    return subprocess.run(
        [*command, *post, *more],
        cwd=ROOT,
        env=env_of(helm, env),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def kubeconform(tools: Path, stream: str, version: str) -> subprocess.CompletedProcess[str]:
    """What kubeconform says of a stream, by the schemas of a Kubernetes such as 1.37, strictly."""
    schema = "{{.NormalizedKubernetesVersion}}/{{.ResourceKind}}{{.KindSuffix}}.json"
    command = [str(tools / "kubeconform"), "-strict", "-summary", "-kubernetes-version", f"{version}.0"]
    return subprocess.run(
        [*command, "-schema-location", f"{tools.parent}/schemas/{schema}"],
        input=stream,
        capture_output=True,
        text=True,
        check=False,
    )


def objects(stream: str) -> list[dict[str, Any]]:
    """A stream's objects, ordered by kind and name: the Helms order documents differently."""
    found = [document for document in yaml.safe_load_all(stream) if document]
    return sorted(found, key=lambda item: (item["kind"], item["metadata"]["name"]))


def pod_spec(workload: dict[str, Any]) -> dict[str, Any]:
    """The pod spec of a Job, a CronJob or a Deployment."""
    spec = workload["spec"]
    spec = spec.get("jobTemplate", {"spec": spec})["spec"]
    found: dict[str, Any] = spec["template"]["spec"]
    return found


def give_polyaxonfile(text: str, form: str, path: Path) -> list[str]:
    """Write a polyaxonfile for the run `train`, and return Helm's arguments. ``form``: a map in the values, or text."""
    if form == "text":
        path.write_text(text)
        return ["--set-file", f"runs.train.polyaxonfile={path}"]
    path.write_text(yaml.safe_dump({"runs": {"train": {"polyaxonfile": yaml.safe_load(text)}}}))
    return ["-f", str(path)]
