"""Custom resources of several operators, rendered with a site's catalog."""

from __future__ import annotations

import json
from typing import Any

import yaml

from post_renderer.workloads import list_kinds
from tests.support.cli import Result, make_catalog, run

POLYAXONFILE = "polyaxon.com/polyaxonfile"


# How many containers of each case get the volumes: counted in its input, from what the operator makes of it.
INJECTED = {
    "kind-analysis-run": 1, "kind-analysis-template": 1, "kind-app-wrapper": 1, "kind-autoscaling-runner-set": 1,
    "kind-cluster-analysis-template": 1, "kind-cluster-serving-runtime": 2, "kind-cluster-training-runtime": 1,
    "kind-cluster-workflow-template": 1, "kind-cron-workflow": 1, "kind-dask-cluster": 2, "kind-dask-job": 3,
    "kind-dask-worker-group": 1, "kind-deployment-config": 1, "kind-disaggregated-set": 2,
    "kind-flink-blue-green-deployment": 2, "kind-flink-deployment": 1, "kind-inference-service": 3, "kind-jaxjob": 1,
    "kind-jobset": 2, "kind-katib-experiment": 1, "kind-katib-trial": 1, "kind-knative-configuration": 1,
    "kind-knative-service": 1, "kind-kruise-advanced-cron-job": 1, "kind-kruise-broadcast-job": 1,
    "kind-kruise-clone-set": 1, "kind-kruise-daemon-set": 1, "kind-kruise-sidecar-set": 1,
    "kind-kruise-stateful-set": 1, "kind-kruise-united-deployment": 1, "kind-leader-worker-set": 2,
    "kind-llm-inference-service": 1, "kind-llm-inference-service-config": 5, "kind-mpijob": 2, "kind-notebook": 1,
    "kind-paddlejob": 1, "kind-polyaxon-operation": 1, "kind-pytorchjob": 2, "kind-ray-cluster": 3,
    "kind-ray-cron-job": 2, "kind-ray-job": 3, "kind-ray-service": 2, "kind-rollout": 1, "kind-rollouts-experiment": 2,
    "kind-scaled-job": 1, "kind-scheduled-spark-application": 2, "kind-seldon-deployment": 1, "kind-seldon-server": 1,
    "kind-seldon-server-config": 3, "kind-serving-runtime": 1, "kind-spark-application": 2, "kind-spark-connect": 2,
    "kind-tekton-pipeline": 3, "kind-tekton-pipeline-run": 2, "kind-tekton-task": 1, "kind-tekton-task-run": 1,
    "kind-tfjob": 2, "kind-training-runtime": 1, "kind-volcano-cron-job": 1, "kind-volcano-job": 2,
    "kind-volcano-job-template": 1, "kind-workflow": 5, "kind-workflow-template": 1, "kind-xgboostjob": 2,
}  # fmt: skip


SITE_CATALOG = (
    "data:\n  images: {mountPath: /data/images, existingClaim: images}\noutputs:\n"
    "  results: {mountPath: /outputs, existingClaim: results}\n"
)


ROWS = [(group, kind) for group, kind, row in list_kinds() if not row.unsupported_reason]


REFUSED = [
    (group, kind, row.unsupported_reason, row.advice) for group, kind, row in list_kinds() if row.unsupported_reason
]


def render(*objects: str | dict[str, Any], catalog: str = SITE_CATALOG) -> Result:
    texts = [item if isinstance(item, str) else yaml.safe_dump(item, sort_keys=False) for item in objects]
    return run(stdin=make_catalog(catalog) + "".join(f"---\n{text}" for text in texts))


def rendered(*objects: str | dict[str, Any], catalog: str = SITE_CATALOG) -> Any:
    """The last object of a rendering without problems, which a second one does not change."""
    result = render(*objects, catalog=catalog)
    assert (result.exit_code, result.error) == (0, "")
    assert run(stdin=result.output).output == result.output
    return list(yaml.safe_load_all(result.output))[-1]


def refused(*objects: str | dict[str, Any], catalog: str = SITE_CATALOG) -> str:
    result = render(*objects, catalog=catalog)
    assert (result.exit_code, result.output) == (1, b"")
    return result.error


def mounts_of(container: Any) -> list[str]:
    return [mount["mountPath"] for mount in container.get("volumeMounts", [])]


def has_ours(container: Any) -> bool:
    """Whether all of it is there: mounts and variables."""
    names = [variable["name"] for variable in container.get("env", [])]
    mounted = "/outputs" in mounts_of(container)
    assert mounted == ("POLYAXON_RUN_OUTPUTS_PATH" in names)
    return mounted


def annotated(group: str, kind: str, spec: Any, **more: str) -> dict[str, Any]:
    annotations = {
        POLYAXONFILE: "{}",
        **{f"polyaxon.com/{key.replace('_', '-')}": value for key, value in more.items()},
    }
    return {
        "apiVersion": f"{group}/v1",
        "kind": kind,
        "metadata": {"name": "train", "annotations": annotations},
        "spec": json.loads(json.dumps(spec)),  # no part of it twice, which YAML would write as an alias
    }


def pod(*names: str, **more: Any) -> dict[str, Any]:
    return {"containers": [{"name": name, "image": "x"} for name in names], **more}


def ray(**more: str) -> dict[str, Any]:
    spec = {"headGroupSpec": {"template": {"spec": pod("ray-head", "log")}}}
    return annotated(
        "ray.io", "RayCluster", {**spec, "workerGroupSpecs": [{"template": {"spec": pod("ray-worker")}}]}, **more
    )


def workflow(**more: str) -> dict[str, Any]:
    template = {
        "name": "t",
        "initContainers": [{"name": "wait", "image": "x"}],
        "container": {"image": "x"},
        "sidecars": [{"name": "cache", "image": "x"}],
    }
    return annotated("argoproj.io", "Workflow", {"templates": [{"name": "s", "suspend": {}}, template]}, **more)


def task(*, template: Any = None, step: Any = None, **more: str) -> dict[str, Any]:
    steps = [{"name": "prepare", "image": "x"}, {"name": "train", "image": "x", **(step or {})}]
    spec = {"steps": steps, "sidecars": [{"name": "cache", "image": "x"}]}
    return annotated("tekton.dev", "Task", {**spec, **({"stepTemplate": template} if template else {})}, **more)


def wrapper(*templates: dict[str, Any], **more: str) -> dict[str, Any]:
    return annotated(
        "workload.codeflare.dev", "AppWrapper", {"components": [{"template": item} for item in templates]}, **more
    )


def job(name: str = "inner", **annotations: str) -> dict[str, Any]:
    metadata = {"name": name, **({"annotations": annotations} if annotations else {})}
    return {"apiVersion": "batch/v1", "kind": "Job", "metadata": metadata, "spec": {"template": {"spec": pod("main")}}}


def inner_pods(found: Any) -> list[Any]:
    templates = [component["template"] for component in found["spec"]["components"]]
    return [item["spec"]["template"]["spec"] for item in templates if "spec" in item]


def trial(api: str, kind: str, spec: Any, **more: str) -> dict[str, Any]:
    inner = {"apiVersion": api, "kind": kind, "spec": spec}
    return annotated("kubeflow.org", "Experiment", {"trialTemplate": {"trialSpec": inner}}, **more)


OWN = SITE_CATALOG + "workloads:\n- {group: example.com, kind: Sweep, podSpecs: ['spec.runs[].*.pod', spec.main.pod]}\n"
