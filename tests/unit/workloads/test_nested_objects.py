"""Names and run folders of other operators' objects, and objects inside objects."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.custom_resources import (
    POLYAXONFILE,
    annotated,
    has_ours,
    inner_pods,
    job,
    pod,
    ray,
    refused,
    render,
    rendered,
    trial,
    workflow,
    wrapper,
)

# Names and folders


def env_of(container: Any) -> dict[str, Any]:
    return {item["name"]: item.get("value") or item["valueFrom"]["fieldRef"]["fieldPath"] for item in container["env"]}


def test_a_generated_name_comes_from_the_label_of_the_pods() -> None:
    found = workflow()
    found["metadata"] = {"generateName": "train-", "annotations": found["metadata"]["annotations"]}
    env = env_of(rendered(found)["spec"]["templates"][1]["container"])
    assert env["POLYAXON_RUN_NAME"] == "metadata.labels['workflows.argoproj.io/workflow']"
    assert env["POLYAXON_RUN_FOLDER"] == "$(POLYAXON_K8S_NAMESPACE)/jobs/$(POLYAXON_RUN_NAME)"


def test_a_written_name_is_the_name() -> None:
    env = env_of(rendered(workflow())["spec"]["templates"][1]["container"])
    assert "POLYAXON_RUN_NAME" not in env
    assert env["POLYAXON_RUN_FOLDER"] == "$(POLYAXON_K8S_NAMESPACE)/jobs/train"


@pytest.mark.parametrize(("more", "folder"), [({}, ""), ({"run_folder": "nightly"}, "nightly/")])
def test_an_object_of_many_runs_has_a_run_folder_for_each(more: dict[str, str], folder: str) -> None:
    spec = {"workflowSpec": {"templates": [{"name": "t", "script": {"image": "x"}}]}}
    found = rendered(annotated("argoproj.io", "CronWorkflow", spec, **more))
    env = env_of(found["spec"]["workflowSpec"]["templates"][0]["script"])
    assert env["POLYAXON_RUN_FOLDER"] == f"$(POLYAXON_K8S_NAMESPACE)/jobs/{folder}$(POLYAXON_RUN_NAME)"


def test_a_generated_name_that_no_label_holds_needs_a_directory() -> None:
    found = ray()
    found["metadata"] = {"generateName": "a-", "annotations": found["metadata"]["annotations"]}
    assert "error[run-folder] RayCluster/a-*" in refused(found)


SERVICE = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "s"}}


def test_an_object_decides_for_the_objects_inside_it() -> None:
    found = rendered(wrapper(SERVICE, job("a"), job("b")))
    folders = [env_of(item["containers"][0])["POLYAXON_RUN_FOLDER"] for item in inner_pods(found)]
    assert folders == ["$(POLYAXON_K8S_NAMESPACE)/jobs/a", "$(POLYAXON_K8S_NAMESPACE)/jobs/b"]


def test_an_object_inside_may_decide_for_itself_alone() -> None:
    found = wrapper(SERVICE, job("a", **{POLYAXONFILE: "{}"}), job("b"))
    del found["metadata"]["annotations"]
    first, second = inner_pods(rendered(found))
    assert has_ours(first["containers"][0])
    assert second == pod("main")


def test_objects_that_contradict_each_other() -> None:
    error = refused(wrapper(job("a", **{POLYAXONFILE: "kind: notebook\n"})))
    assert "error[contradiction] AppWrapper/train" in error


def test_an_annotation_on_another_object_inside_is_a_problem() -> None:
    stray = {**SERVICE, "metadata": {"name": "s", "annotations": {POLYAXONFILE: "{}"}}}
    error = refused(wrapper(stray, job()))
    assert error.count("error[") == 1
    assert "error[not-a-workload] AppWrapper/train" in error
    assert '"Service" is not a known kind of workload' in error


RUNTIME = "annotate the TrainingRuntime or ClusterTrainingRuntime that runtimeRef names"


OWN_KINDS = "list the known kinds with `polyaxon-persistence kinds`, or add this kind under `persistence.workloads`"


PODS = {"template": {"spec": pod("x")}}


BARE: dict[str, tuple[str, str, Any, str, str, str]] = {
    "a kind without pods of its own": (
        "trainer.kubeflow.org", "TrainJob", {}, "not-injectable", "a TrainJob can't get volumes: ", RUNTIME,
    ),
    "an unknown kind": (
        "example.com", "Sweep", PODS, "not-a-workload", '"Sweep.example.com" is not a known kind of workload', OWN_KINDS,
    ),
    "a kind whose pods are elsewhere": (
        "ray.io", "RayJob", {"clusterSelector": {"a": "b"}}, "wrong-type",
        "the object has no pod template with a spec", "annotate the RayCluster that clusterSelector names",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", BARE)
def test_an_object_inside_that_gets_no_volumes_is_never_silence(what: str) -> None:
    group, kind, spec, code, why, hint = BARE[what]
    inner = annotated(group, kind, spec)
    error = refused(wrapper(inner, job()))
    assert error.count("error[") == 1
    assert f"error[{code}] AppWrapper/train" in error
    assert why in error
    assert f"hint: {hint}\n" in error
    own = wrapper(inner)  # the annotation on the inner object alone
    del own["metadata"]["annotations"]
    assert f"error[{code}] AppWrapper/train" in refused(own)
    del inner["metadata"]["annotations"]
    result = render(wrapper(job(), inner, SERVICE))
    assert result.exit_code == 0
    assert result.error.count("warning[") == 1
    assert "warning[pod-elsewhere] AppWrapper/train" in result.error
    assert f"{kind}/train inside this object gets no volumes: {why}" in result.error
    assert f"hint: {hint}\n" in result.error
    outer = wrapper(job(**{POLYAXONFILE: "{}"}), inner)  # the Job speaks for itself alone
    del outer["metadata"]["annotations"]
    rendered(outer)


def test_an_annotation_on_a_pod_template_of_an_unknown_kind_inside_is_reported_for_that_kind() -> None:
    template = {"metadata": {"annotations": {POLYAXONFILE: "{}"}}, "spec": pod("x")}
    inner = {"apiVersion": "example.com/v1", "kind": "Sweep", "spec": {"template": template}}
    found = wrapper(job(), inner)
    del found["metadata"]["annotations"]
    error = refused(found)
    assert error.count("error[") == 1
    assert "error[not-a-workload] AppWrapper/train" in error


@pytest.mark.parametrize("templates", [[], [SERVICE], [{"apiVersion": "example.com/v1", "kind": "Job", "spec": {}}]])
def test_an_object_without_known_objects_inside_is_a_problem(templates: list[dict[str, Any]]) -> None:
    error = refused(wrapper(*templates))
    assert "error[wrong-type] AppWrapper/train" in error
    assert "hint: write a component with an object of a kind that `polyaxon-persistence kinds` lists" in error


def test_a_job_inside_an_object_is_not_named_by_its_content() -> None:
    error = refused(wrapper(job(**{"polyaxon.com/run-policy": "keep"})))
    assert "error[run-policy] AppWrapper/train" in error
    assert "run-policy is not possible for a Job inside another object" in error


@pytest.mark.parametrize(("more", "folder"), [({}, ""), ({"run_folder": "tune"}, "tune/")])
def test_a_trial_gets_its_name_in_the_cluster(more: dict[str, str], folder: str) -> None:
    found = rendered(trial("batch/v1", "Job", {"template": {"spec": pod("main")}}, **more))
    env = env_of(found["spec"]["trialTemplate"]["trialSpec"]["spec"]["template"]["spec"]["containers"][0])
    assert env["POLYAXON_RUN_NAME"] == "metadata.labels['batch.kubernetes.io/job-name']"
    assert env["POLYAXON_RUN_FOLDER"] == f"$(POLYAXON_K8S_NAMESPACE)/jobs/{folder}$(POLYAXON_RUN_NAME)"


def test_trials_whose_names_no_label_holds_need_a_directory() -> None:
    spec = {"headGroupSpec": {"template": {"spec": pod("main")}}}
    assert "error[run-folder] Experiment/train" in refused(trial("ray.io/v1", "RayCluster", spec))
    found = rendered(trial("ray.io/v1", "RayCluster", spec, run_folder="tune"))
    env = env_of(
        found["spec"]["trialTemplate"]["trialSpec"]["spec"]["headGroupSpec"]["template"]["spec"]["containers"][0]
    )
    assert env["POLYAXON_RUN_FOLDER"] == "$(POLYAXON_K8S_NAMESPACE)/jobs/tune"


def test_a_list_of_custom_resources_is_a_list() -> None:
    item = {key: value for key, value in ray().items() if key not in ("apiVersion", "kind")}
    found = rendered({"apiVersion": "ray.io/v1", "kind": "RayClusterList", "items": [item]})
    assert has_ours(found["items"][0]["spec"]["workerGroupSpecs"][0]["template"]["spec"]["containers"][0])
