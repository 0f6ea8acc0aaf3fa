"""Objects that can't have volumes: the message says where to write the annotation instead."""

from __future__ import annotations

from typing import Any

import pytest

from post_renderer.workloads import NATIVE_KINDS
from post_renderer.workloads.operator_kinds import SHAPES
from post_renderer.workloads.pod_paths import EMBEDDED
from tests.support.custom_resources import (
    POLYAXONFILE,
    ROWS,
    annotated,
    has_ours,
    mounts_of,
    pod,
    ray,
    refused,
    render,
    rendered,
)

# What can't be had

ELSEWHERE: dict[str, tuple[dict[str, Any], str]] = {
    "a RayJob on a cluster": (
        annotated("ray.io", "RayJob", {"clusterSelector": {"a": "b"}}),
        "annotate the RayCluster that clusterSelector names",
    ),
    "a Rollout of a Deployment": (
        annotated("argoproj.io", "Rollout", {"workloadRef": {"name": "d"}}),
        "annotate the workload that workloadRef names",
    ),
    "a PipelineRun of a Pipeline": (
        annotated("tekton.dev", "PipelineRun", {"pipelineRef": {"name": "p"}, "taskRunTemplate": {"podTemplate": {}}}),
        "annotate the Task that it refers to: pod templates of runs have no mounts",
    ),
    "a Workflow of a template": (
        annotated("argoproj.io", "Workflow", {"workflowTemplateRef": {"name": "t"}}),
        "annotate the WorkflowTemplate that it refers to",
    ),
    "a PyTorchJob without replicas": (
        annotated("kubeflow.org", "PyTorchJob", {}),
        "write spec.pytorchReplicaSpecs.*.template.spec",
    ),
}


@pytest.mark.parametrize("what", ELSEWHERE)
def test_an_object_whose_pods_are_elsewhere_says_where(what: str) -> None:
    found, hint = ELSEWHERE[what]
    error = refused(found)
    assert f"error[wrong-type] {found['kind']}/train" in error
    assert f"the object has no pod template with a spec\n  hint: {hint}\n" in error


OTHERS = [(group, kind) for group, kind in ROWS if (group, kind) not in NATIVE_KINDS]


@pytest.mark.parametrize(("group", "kind"), OTHERS)
def test_an_object_without_pods_says_what_to_write_in_its_own_words(group: str, kind: str) -> None:
    error = refused(annotated(group, kind, {}))
    assert f"error[wrong-type] {kind}/train" in error
    _, _, hint = error.partition("hint: ")
    assert not any(f":{shape}" in hint for shape in (*SHAPES, EMBEDDED))
    assert hint.startswith(("write ", "annotate ", "add "))


INLINE = {"templates": [{"name": "b", "inputs": {}}], "templateDefaults": {"container": {"image": "x"}}}


WRITE: dict[str, tuple[dict[str, Any], str]] = {
    "a Task without steps": (annotated("tekton.dev", "Task", {"steps": []}), "spec.steps"),
    "a TaskRun of nothing": (annotated("tekton.dev", "TaskRun", {}), "spec.taskSpec.steps"),
    "a SparkApplication without a driver": (annotated("sparkoperator.k8s.io", "SparkApplication", {}), "spec.driver"),
    "a Rollout of nothing": (annotated("argoproj.io", "Rollout", {}), "spec.template.spec"),
    # Argo refuses a template without a container, whatever the defaults are.
    "a Workflow without containers": (annotated("argoproj.io", "Workflow", INLINE), "spec.templates[].container"),
}


@pytest.mark.parametrize("what", WRITE)
def test_an_object_that_refers_to_no_other_says_what_to_write_in_it(what: str) -> None:
    found, place = WRITE[what]
    assert f"the object has no pod template with a spec\n  hint: write {place}\n" in refused(found)


def test_some_pods_elsewhere_are_a_warning() -> None:
    tasks = [{"name": "a", "taskSpec": {"steps": [{"image": "x"}]}}, {"name": "b", "taskRef": {"name": "t"}}]
    result = render(annotated("tekton.dev", "Pipeline", {"tasks": tasks}))
    assert result.exit_code == 0
    assert "warning[pod-elsewhere] Pipeline/train" in result.error
    assert "annotate the Task that it refers to" in result.error
    nested = {"name": "s", "steps": [[{"name": "a", "templateRef": {"name": "t"}}]]}
    result = render(
        annotated("argoproj.io", "Workflow", {"templates": [nested, {"name": "c", "container": {"image": "x"}}]})
    )
    assert "warning[pod-elsewhere] Workflow/train" in result.error


def test_flink_templates_that_would_be_merged_by_position_are_refused() -> None:
    template = {"podTemplate": {"spec": pod("flink-main-container")}}
    for path in ([], ["template", "spec"]):
        spec: dict[str, Any] = {**template, "taskManager": template}
        for key in reversed(path):
            spec = {key: spec}
        kind = "FlinkBlueGreenDeployment" if path else "FlinkDeployment"
        error = refused(annotated("flink.apache.org", kind, spec))
        assert f"error[not-injectable] {kind}/train" in error
        assert "Flink merges the lists" in error


def test_knative_has_no_run_folder() -> None:
    service = annotated("serving.knative.dev", "Service", {"template": {"spec": pod("main")}})
    error = refused(service)
    assert "error[not-injectable] Service/train" in error
    assert "does not support subPathExpr" in error
    assert "hint: use an outputs entry with createRunFolder: false, and don't refer to other runs" in error
    spec = rendered(service, catalog="data:\n  images: {mountPath: /data/images, existingClaim: images}\n")["spec"]
    assert mounts_of(spec["template"]["spec"]["containers"][0]) == ["/data/images"]


@pytest.mark.parametrize("outputs", ["", "outputs:\n  results: {mountPath: /outputs, existingClaim: results}\n"])
def test_knative_has_no_directory_for_each_project(outputs: str) -> None:
    service = annotated("serving.knative.dev", "Service", {"template": {"spec": pod("main")}})
    data = "data:\n  images: {mountPath: /data/images, existingClaim: images, subPath: '{namespace}'}\n"
    error = refused(service, catalog=data + outputs)
    assert "does not support subPathExpr, which mounts a subPath with placeholders (images)\n" in error
    assert "hint: ask for other data volumes, or write subPath without placeholders" in error
    assert ("which mounts run folders" in error) is bool(outputs)


BROKEN: dict[str, dict[str, Any]] = {
    "replicas as a list": annotated("kubeflow.org", "TFJob", {"tfReplicaSpecs": [1]}),
    "tasks as a mapping": annotated("batch.volcano.sh", "Job", {"tasks": {"a": 1}}),
    "a template that is a word": annotated("argoproj.io", "Workflow", {"templates": ["a"]}),
    "a trial that is a word": annotated("kubeflow.org", "Experiment", {"trialTemplate": {"trialSpec": "a"}}),
    "a pod without containers": annotated("flink.apache.org", "FlinkDeployment", {"podTemplate": {"spec": {}}}),
    "steps of words": annotated("tekton.dev", "Task", {"steps": ["a"]}),
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_custom_resource_of_the_wrong_shape_is_a_problem(what: str) -> None:
    assert f"error[wrong-type] {BROKEN[what]['kind']}/train" in refused(BROKEN[what])


def test_annotations_without_a_polyaxonfile_do_nothing() -> None:
    found = ray(project="a")
    del found["metadata"]["annotations"][POLYAXONFILE]
    error = refused(found)
    assert error.count("error[no-request] RayCluster/train") == 1
    found["spec"]["workerGroupSpecs"][0]["template"]["metadata"] = {"annotations": {POLYAXONFILE: "{}"}}
    spec = rendered(found)["spec"]  # the template's polyaxonfile gives the workload's annotation something to do
    assert has_ours(spec["workerGroupSpecs"][0]["template"]["spec"]["containers"][0])
    assert spec["headGroupSpec"]["template"]["spec"] == pod("ray-head", "log")
