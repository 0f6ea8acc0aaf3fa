"""Which containers of an operator's object get the volumes, by name and by default."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.custom_resources import (
    POLYAXONFILE,
    annotated,
    has_ours,
    pod,
    ray,
    refused,
    rendered,
    task,
    workflow,
)
from tests.support.messages import read_messages


def test_a_container_that_one_of_the_pods_has_gets_it_there_alone() -> None:
    spec = rendered(ray(containers="ray-worker"))["spec"]
    head, worker = spec["headGroupSpec"]["template"]["spec"], spec["workerGroupSpecs"][0]["template"]["spec"]
    assert head == pod("ray-head", "log")
    assert has_ours(worker["containers"][0])
    assert [volume["name"] for volume in worker["volumes"]] == ["results", "images"]


def test_a_container_that_none_of_the_pods_has_is_a_problem_once() -> None:
    error = refused(ray(containers="ray-worker,ray-haed"))
    assert error.count("error[") == 1
    assert "error[unknown-container] RayCluster/train" in error
    assert 'polyaxon.com/containers: the pods have no container "ray-haed"' in error
    assert 'did you mean "ray-head"? Known: log, ray-head, ray-worker' in error


def test_a_template_decides_for_its_own_containers() -> None:
    found = ray()
    del found["metadata"]["annotations"]
    template = found["spec"]["workerGroupSpecs"][0]["template"]
    template["metadata"] = {"annotations": {POLYAXONFILE: "{}", "polyaxon.com/containers": "ray-head"}}
    error = refused(found)
    assert 'the pod has no container "ray-head"' in error
    template["metadata"]["annotations"]["polyaxon.com/containers"] = "ray-worker"
    spec = rendered(found)["spec"]
    assert spec["headGroupSpec"]["template"]["spec"] == pod("ray-head", "log")
    assert has_ours(spec["workerGroupSpecs"][0]["template"]["spec"]["containers"][0])


NATIVE = [{"name": "wait", "image": "x"}, {"name": "proxy", "image": "x", "restartPolicy": "Always"}]


@pytest.mark.parametrize(("names", "expected"), [("", ["main"]), ("proxy", ["proxy"]), ("wait,main", ["wait", "main"])])
def test_init_containers_and_native_sidecars_are_left_alone_unless_they_are_named(
    names: str, expected: list[str]
) -> None:
    more = {"containers": names} if names else {}
    spec = {"pytorchReplicaSpecs": {"Master": {"template": {"spec": pod("main", initContainers=NATIVE)}}}}
    found = rendered(annotated("kubeflow.org", "PyTorchJob", spec, **more))["spec"]
    template = found["pytorchReplicaSpecs"]["Master"]["template"]["spec"]
    both = [*template["initContainers"], *template["containers"]]
    assert [container["name"] for container in both if has_ours(container)] == expected


@pytest.mark.parametrize(
    ("names", "expected"),
    [("", [False, True, False]), ("wait,cache", [True, False, True]), ("main", [False, True, False])],
)
def test_containers_of_argo_workflows(names: str, expected: list[bool]) -> None:
    steps, found = rendered(workflow(**({"containers": names} if names else {})))["spec"]["templates"]
    assert steps == {"name": "s", "suspend": {}}
    containers = [found["initContainers"][0], found["container"], found["sidecars"][0]]
    assert [has_ours(container) for container in containers] == expected
    assert "Known: cache, main, wait" in refused(workflow(containers="mian"))


def test_all_steps_of_a_tekton_task_have_it_by_the_template() -> None:
    for template in (None, {"env": [{"name": "A", "value": "$(POLYAXON_RUN_OUTPUTS_PATH)"}]}):
        spec = rendered(task(template=template))["spec"]
        assert has_ours(spec["stepTemplate"])
        assert not any(map(has_ours, [*spec["steps"], *spec["sidecars"]]))


def test_named_steps_and_sidecars_of_a_tekton_task() -> None:
    spec = rendered(task(containers="train,cache"))["spec"]
    assert "stepTemplate" not in spec
    assert [has_ours(container) for container in [*spec["steps"], *spec["sidecars"]]] == [False, True, True]
    assert 'no container "sidecar"' in refused(task(containers="sidecar"))


def test_what_is_no_container_is_not_named_as_one() -> None:
    assert "hint: Known: cache, prepare, train\n" in refused(task(template={"env": []}, containers="unheard-of"))


def test_a_step_that_would_hide_what_the_template_says_is_a_problem() -> None:
    error = refused(task(step={"env": [{"name": "POLYAXON_DATA_PATHS", "value": "{}"}]}))
    assert "error[conflict] Task/train" in error
    assert 'container "train" sets POLYAXON_DATA_PATHS, but the post-renderer must set it to another value' in error
    error = refused(task(step={"volumeMounts": [{"name": "own", "mountPath": "/outputs"}]}))
    assert 'container "train" mounts volume "own" at "/outputs"' in error


def test_a_step_of_a_step_action_has_it_by_the_template_only() -> None:
    error = refused(task(step={"ref": {"name": "fit"}}, containers="prepare,train"))
    assert error.count("error[") == 1
    assert "error[not-injectable] Task/train" in error
    assert read_messages(error) == [(
        "not-injectable",
        'container "train" refers to another object, so it can\'t have env and volumeMounts',
        "remove it from polyaxon.com/containers: without this annotation, all containers of the pod get the volumes",
    )]  # fmt: skip
    for more in ({}, {"containers": "prepare"}):
        spec = rendered(task(step={"ref": {"name": "fit"}}, **more))["spec"]
        assert spec["steps"][1] == {"name": "train", "image": "x", "ref": {"name": "fit"}}
        assert has_ours(spec["steps"][0] if more else spec["stepTemplate"])


def test_what_the_template_says_already_counts_for_a_named_step() -> None:
    done = rendered(task())["spec"]["stepTemplate"]
    spec = rendered(task(template=done, containers="train"))["spec"]
    assert not any(map(has_ours, spec["steps"]))


@pytest.mark.parametrize(("names", "expected"), [("driver", [True, False]), ("executor", [False, True])])
def test_driver_and_executor_of_spark(names: str, expected: list[bool]) -> None:
    spark = annotated(
        "sparkoperator.k8s.io", "SparkApplication", {"driver": {"cores": 1}, "executor": {"cores": 1}}, containers=names
    )
    spec = rendered(spark)["spec"]
    assert [has_ours(spec["driver"]), has_ours(spec["executor"])] == expected
    assert [volume["name"] for volume in spec["volumes"]] == ["results", "images"]


def spark_with_asides(names: str) -> dict[str, Any]:
    asides = {"initContainers": [{"name": "fetch", "image": "x"}], "sidecars": [{"name": "log", "image": "x"}]}
    spec = {"driver": {"env": [{"name": "A", "value": "b"}], **asides}, "executor": {"cores": 1}}
    return annotated("sparkoperator.k8s.io", "SparkApplication", spec, **({"containers": names} if names else {}))


@pytest.mark.parametrize(
    ("names", "expected"), [("", ["driver"]), ("driver,log", ["driver", "log"]), ("fetch,driver", ["driver", "fetch"])]
)
def test_sidecars_and_init_containers_of_spark_have_it_by_name(names: str, expected: list[str]) -> None:
    driver = rendered(spark_with_asides(names))["spec"]["driver"]
    containers = [{**driver, "name": "driver"}, *driver["initContainers"], *driver["sidecars"]]
    assert [container["name"] for container in containers if has_ours(container)] == expected


def test_a_sidecar_of_spark_has_no_volumes_without_its_driver() -> None:
    error = refused(spark_with_asides("executor,log"))
    assert error.count("error[") == 1
    assert "error[not-injectable] SparkApplication/train" in error
    assert 'container "log" can mount only volumes that driver mounts too' in error
    assert "hint: add driver to polyaxon.com/containers" in error


def test_the_model_of_kserve_is_called_as_in_the_cluster() -> None:
    spec = {"predictor": {"sklearn": {"storageUri": "x"}, **pod("collect")}, "transformer": pod("kserve-container")}
    found = rendered(annotated("serving.kserve.io", "InferenceService", spec, containers="kserve-container"))["spec"]
    assert has_ours(found["predictor"]["sklearn"])
    assert not has_ours(found["predictor"]["containers"][0])
    assert has_ours(found["transformer"]["containers"][0])
