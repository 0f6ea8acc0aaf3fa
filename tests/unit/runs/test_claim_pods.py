"""How many pods of an object use a claim."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.claims import ASK, catalog, controller, custom, pod, said
from tests.support.cli import make_job, render


@pytest.mark.parametrize(
    ("api_version", "kind", "spec"),
    [
        ("kubernetes.dask.org/v1", "DaskWorkerGroup", "  worker:\n    replicas: NUMBER\n    spec: {containers: [{name: worker}]}\n"),
    ],
)  # fmt: skip
@pytest.mark.parametrize(("number", "warned"), [("1", False), ("4", True), ("9" * 5000, False)])
def test_how_kinds_call_the_number_of_their_pods(
    api_version: str, kind: str, spec: str, number: str, warned: bool
) -> None:
    head = controller(kind, api_version=api_version).partition("spec:\n  template:")[0]
    found = said(catalog("ReadWriteOnce"), head + "spec:\n" + spec.replace("NUMBER", number))
    assert [code for code, _, _ in found] == ["claim-in-use"] * warned


def test_a_rendered_stream_is_judged_the_same() -> None:
    stream = catalog("ReadWriteOnce") + make_job(ASK, name="one") + make_job(ASK, name="two")
    once, problems = render(stream.encode(), [])
    assert render(once, [])[0] == once
    assert [problem.message for problem in render(once, [])[1]] == [problem.message for problem in problems]


@pytest.mark.parametrize(
    ("api_version", "kind", "inside"),
    [
        ("kubeflow.org/v1", "PyTorchJob", "  pytorchReplicaSpecs:\n    Worker:\n      replicas: {}\n      template:\n"),
        ("batch.volcano.sh/v1alpha1", "Job", "  tasks:\n  -   name: worker\n      replicas: {}\n      template:\n"),
        ("ray.io/v1", "RayCluster", "  workerGroupSpecs:\n  -   groupName: w\n      replicas: {}\n      template:\n"),
    ],
)
@pytest.mark.parametrize(("replicas", "warned"), [(1, False), (2, True)])
def test_replicas_of_other_operators_kinds(
    api_version: str, kind: str, inside: str, replicas: int, warned: bool
) -> None:
    head = controller(kind, api_version=api_version).partition("spec:\n  template:")[0]
    pod = "        spec:\n          containers: [{name: main, image: busybox}]\n"
    found = said(catalog("ReadWriteOnce"), head + "spec:\n" + inside.format(replicas) + pod)
    assert [code for code, _, _ in found] == ["claim-in-use"] * warned


JOB_INSIDE = {
    "apiVersion": "batch/v1",
    "kind": "Job",
    "metadata": {"name": "in"},
    "spec": {"template": {"spec": pod("b")}},
}


POD_INSIDE = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "in"}, "spec": pod("a")}


NARROWED: dict[str, tuple[str, dict[str, Any]]] = {
    "PyTorchJob": (
        "kubeflow.org/v1",
        {"pytorchReplicaSpecs": {"Master": {"template": {"spec": pod("a")}}, "Worker": {"template": {"spec": pod("b")}}}},
    ),
    "InferenceService": ("serving.kserve.io/v1beta1", {"predictor": pod("a"), "transformer": pod("b")}),
    "AppWrapper": (
        "workload.codeflare.dev/v1beta2",
        {"components": [{"template": POD_INSIDE}, {"template": JOB_INSIDE}]},
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", NARROWED)
@pytest.mark.parametrize(("containers", "warned"), [("a", False), ("a,b", True)])
def test_a_pod_that_gets_no_volumes_mounts_no_claim(kind: str, containers: str, warned: bool) -> None:
    api_version, spec = NARROWED[kind]
    found = said(catalog("ReadWriteOnce"), custom(api_version, kind, spec, containers=containers))
    assert [code for code, _, _ in found] == ["claim-in-use"] * warned


def test_a_pod_that_gets_no_volumes_may_have_the_claim_by_its_own() -> None:
    replicas = {"Master": {"template": {"spec": pod("a")}}, "Worker": {"template": {"spec": pod("b", volumes=VOLUMES)}}}
    document = custom("kubeflow.org/v1", "PyTorchJob", {"pytorchReplicaSpecs": replicas}, containers="a")
    assert [code for code, _, _ in said(catalog("ReadWriteOnce"), document)] == ["claim-in-use"]


def test_a_pod_that_gets_no_volumes_does_not_mount_them_writable() -> None:
    more = "      other: {mountPath: /o, existingClaim: disk}\n"
    api_version, spec = NARROWED["PyTorchJob"]
    document = custom(api_version, "PyTorchJob", spec, containers="a").replace("[disk]", "[other]")
    found = said(catalog("ReadOnlyMany", ", readOnly: true") + more, make_job(ASK), document)
    assert [code for code, _, _ in found] == ["read-only-claim"]


VOLUMES = [{"name": "v", "persistentVolumeClaim": {"claimName": "disk"}}]


def job_of(**spec: Any) -> dict[str, Any]:
    return {"apiVersion": "batch/v1", "kind": "Job", "spec": {**spec, "template": {"spec": pod("main")}}}


@pytest.mark.parametrize(
    ("replicas", "job", "warned"),
    [
        (4, {}, True),
        (1, {}, False),
        (1, {"parallelism": 2}, True),
        (4, {"parallelism": 0}, False),
        (4, {"suspend": True}, False),
        (0, {"parallelism": 2}, False),
    ],
)
def test_replicated_jobs_of_a_set(replicas: int, job: dict[str, Any], warned: bool) -> None:
    spec = {"replicatedJobs": [{"name": "a", "replicas": replicas, "template": {"spec": job_of(**job)["spec"]}}]}
    document = custom("jobset.x-k8s.io/v1alpha2", "JobSet", spec)
    assert [code for code, _, _ in said(catalog("ReadWriteOnce"), document)] == ["claim-in-use"] * warned


@pytest.mark.parametrize(("suspend", "warned"), [(True, False), (False, True)])
def test_what_a_suspended_object_holds_waits_anyway(suspend: bool, warned: bool) -> None:
    spec = {"suspend": suspend, "components": [{"template": job_of(parallelism=2)}]}
    document = custom("workload.codeflare.dev/v1beta2", "AppWrapper", spec)
    assert [code for code, _, _ in said(catalog("ReadWriteOnce"), document)] == ["claim-in-use"] * warned


def test_an_alias_in_what_only_counts_is_no_problem() -> None:
    job = make_job(ASK, spec="suspend: *yes\nparallelism: *two\n").replace(
        "metadata:\n", "x: [&yes true, &two 2]\nmetadata:\n", 1
    )
    assert said(catalog("ReadWriteOnce"), job) == []


def test_the_parallelism_of_a_workflow_is_only_a_limit() -> None:
    spec = {"parallelism": 4, "templates": [{"name": "a", "parallelism": 4, "container": {"image": "busybox"}}]}
    assert said(catalog("ReadWriteOnce"), custom("argoproj.io/v1alpha1", "Workflow", spec)) == []


def test_a_kind_of_the_site_that_asks_for_nothing_may_have_the_claim_too() -> None:
    kinds = "    workloads: [{group: example.com, kind: Train, podSpecs: [spec.template.spec]}]\n"
    other = custom("example.com/v1", "Train", {"template": {"spec": pod("main", volumes=VOLUMES)}}, asks=False)
    message = "the claim disk is ReadWriteOnce, but Job/train mounts it too"
    assert said(catalog("ReadWriteOnce") + kinds, make_job(ASK), other) == [("claim-in-use", "Train/other", message)]


def test_what_holds_for_several_templates_of_an_object_is_reported_once() -> None:
    templates = [{"name": name, "container": {"image": "busybox"}} for name in ("a", "b", "c")]
    workflow = custom("argoproj.io/v1alpha1", "Workflow", {"templates": templates})
    several = "the claim disk is ReadWriteOnce, but several pod templates of this object mount it"
    assert said(catalog("ReadWriteOnce"), workflow) == [("claim-in-use", "Workflow/other", several)]
    first = "the claim disk is ReadWriteOnce, but Job/train mounts it too"
    assert said(catalog("ReadWriteOnce"), make_job(ASK), workflow) == [("claim-in-use", "Workflow/other", first)]
