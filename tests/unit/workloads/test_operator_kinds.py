"""Kinds of other operators: each has a golden case (kind-*) that hangs on its row, and the three shapes work alike."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import kubernetes_validate
import pytest
import yaml

from post_renderer import workloads
from post_renderer.workloads import NATIVE_KINDS, list_kinds
from post_renderer.workloads.operator_kinds import SHAPES, TABLE
from post_renderer.workloads.pod_paths import EMBEDDED
from tests.support.cli import Result, make_catalog, make_job, run
from tests.support.imports import DEAR, RENDER, loaded
from tests.support.paths import GOLDEN

if TYPE_CHECKING:
    from pathlib import Path

POLYAXONFILE = "polyaxon.com/polyaxonfile"
CASES = sorted(path.name for path in GOLDEN.glob("kind*") if path.is_dir())
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


def kinds_of(case: str) -> set[tuple[str, str]]:
    """Group and kind of each object of a case that asks for volumes, those inside Lists included."""
    found = set()
    for document in yaml.safe_load_all((GOLDEN / case / "input.yaml").read_text()):
        for item in document.get("items") or [document]:
            api, kind = item.get("apiVersion", document["apiVersion"]), item.get("kind", document["kind"])
            if POLYAXONFILE in json.dumps(item):
                found.add((api.rpartition("/")[0], kind.removesuffix("List")))
    return found


KINDS_OF_CASES = {case: kinds_of(case) for case in CASES}
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


# The table and its golden cases


def test_there_are_many_of_them() -> None:
    assert len(ROWS) >= 45 + len(NATIVE_KINDS)


@pytest.mark.parametrize(("group", "kind"), ROWS)
def test_each_row_has_a_case_that_fails_without_it(group: str, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    cases = [case for case, kinds in KINDS_OF_CASES.items() if (group, kind) in kinds]
    assert cases, f"no golden case for {kind}.{group}"
    # A changed copy: an item that is deleted and put back is the last of its dict, and the tests share one process.
    if (group, kind) in NATIVE_KINDS:
        native = {key: row for key, row in NATIVE_KINDS.items() if key != (group, kind)}
        monkeypatch.setattr(workloads, "NATIVE_KINDS", native)
    else:
        operators = {key: rows for key, rows in TABLE[group].items() if key != kind}
        monkeypatch.setitem(TABLE, group, operators)
    for case in cases:
        result = run(stdin=(GOLDEN / case / "input.yaml").read_bytes())
        assert (result.exit_code, result.output) == (1, b"")
        assert f"error[not-a-workload] {kind}" in result.error


@pytest.mark.parametrize("case", INJECTED)
def test_each_container_of_a_case_gets_all_of_it(case: str) -> None:
    text = (GOLDEN / case / "output.yaml").read_text()
    counted = (
        text.count('mountPath: "/outputs"\n'),
        text.count('mountPath: "/data/images"\n'),
        text.count('name: "POLYAXON_RUN_OUTPUTS_PATH"\n'),
    )
    assert counted == (INJECTED[case],) * 3


def test_each_case_of_another_operator_is_counted() -> None:
    others = {case for case, kinds in KINDS_OF_CASES.items() if not kinds <= set(NATIVE_KINDS)}
    assert others == set(INJECTED)


def find_owners(node: Any) -> list[dict[str, Any]]:
    """Mappings that got our volumes, wherever they are."""
    found: list[dict[str, Any]] = []
    if isinstance(node, dict):
        if any(isinstance(item, dict) and item.get("name") == "results" for item in node.get("volumes") or ()):
            found.append(node)
        node = list(node.values())
    for item in node if isinstance(node, list) else ():
        found += find_owners(item)
    return found


def find_containers(node: Any) -> list[dict[str, Any]]:
    """Mappings with mounts of ours, below one that has the volumes."""
    if isinstance(node, list):
        return [found for item in node for found in find_containers(item)]
    if not isinstance(node, dict):
        return []
    own = (
        [node]
        if any(isinstance(item, dict) and item.get("name") == "results" for item in node.get("volumeMounts", ()))
        else []
    )
    return own + [found for value in node.values() for found in find_containers(value)]


@pytest.mark.parametrize("case", INJECTED)
def test_what_a_pod_gets_is_valid_to_kubernetes(case: str) -> None:
    (found,) = list(yaml.safe_load_all((GOLDEN / case / "output.yaml").read_text()))[-1:]
    owners = find_owners(found)
    assert owners
    for owner in owners:
        containers = [
            {"name": f"c{number}", "image": "x", **{key: container[key] for key in ("env", "volumeMounts")}}
            for number, container in enumerate(find_containers(owner))
        ]
        assert containers
        spec = {"containers": containers, "volumes": owner["volumes"]}
        names = {volume["name"] for volume in owner["volumes"]}
        assert {mount["name"] for item in containers for mount in item["volumeMounts"]} - names <= {
            "scratch",
            "flink-logs",
        }
        pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x"}, "spec": spec}
        kubernetes_validate.validate(pod, "1.34", strict=True)


@pytest.mark.parametrize(("group", "kind", "why", "advice"), REFUSED)
def test_a_kind_that_can_not_be_injected_says_what_to_do(group: str, kind: str, why: str, advice: str) -> None:
    error = refused(annotated(group, kind, {}))
    assert f"error[not-injectable] {kind}/train " in error
    assert f"a {kind} can't get volumes: {why}\n  hint: {advice}\n" in error
    assert render(f"apiVersion: {group}/v1\nkind: {kind}\nmetadata: {{name: polyaxon.com}}\n").exit_code == 0


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


# Containers by name


def ray(**more: str) -> dict[str, Any]:
    spec = {"headGroupSpec": {"template": {"spec": pod("ray-head", "log")}}}
    return annotated(
        "ray.io", "RayCluster", {**spec, "workerGroupSpecs": [{"template": {"spec": pod("ray-worker")}}]}, **more
    )


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


def test_a_template_speaks_for_its_own_containers() -> None:
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


def workflow(**more: str) -> dict[str, Any]:
    template = {
        "name": "t",
        "initContainers": [{"name": "wait", "image": "x"}],
        "container": {"image": "x"},
        "sidecars": [{"name": "cache", "image": "x"}],
    }
    return annotated("argoproj.io", "Workflow", {"templates": [{"name": "s", "suspend": {}}, template]}, **more)


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


def task(*, template: Any = None, step: Any = None, **more: str) -> dict[str, Any]:
    steps = [{"name": "prepare", "image": "x"}, {"name": "train", "image": "x", **(step or {})}]
    spec = {"steps": steps, "sidecars": [{"name": "cache", "image": "x"}]}
    return annotated("tekton.dev", "Task", {**spec, **({"stepTemplate": template} if template else {})}, **more)


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
    assert 'container "train" sets POLYAXON_DATA_PATHS itself' in error
    error = refused(task(step={"volumeMounts": [{"name": "own", "mountPath": "/outputs"}]}))
    assert 'container "train" mounts volume "own" at "/outputs"' in error


def test_a_step_of_a_step_action_has_it_by_the_template_only() -> None:
    error = refused(task(step={"ref": {"name": "fit"}}, containers="prepare,train"))
    assert error.count("error[") == 1
    assert "error[not-injectable] Task/train" in error
    assert 'polyaxon.com/containers: container "train" refers to another object' in error
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
    assert 'container "log" can only mount volumes that driver mounts, too' in error
    assert "hint: name driver in polyaxon.com/containers as well" in error


def test_the_model_of_kserve_is_called_as_in_the_cluster() -> None:
    spec = {"predictor": {"sklearn": {"storageUri": "x"}, **pod("collect")}, "transformer": pod("kserve-container")}
    found = rendered(annotated("serving.kserve.io", "InferenceService", spec, containers="kserve-container"))["spec"]
    assert has_ours(found["predictor"]["sklearn"])
    assert not has_ours(found["predictor"]["containers"][0])
    assert has_ours(found["transformer"]["containers"][0])


# What is there already


def test_a_volume_of_the_whole_workflow_is_not_hidden_by_one_of_a_template() -> None:
    found = workflow()
    found["spec"]["volumes"] = [{"name": "images", "emptyDir": {}}]
    assert "error[conflict] Workflow/train" in refused(found)
    found["spec"]["volumes"] = [{"name": "results", "persistentVolumeClaim": {"claimName": "results"}}]
    template = rendered(found)["spec"]["templates"][1]
    assert [volume["name"] for volume in template["volumes"]] == ["images"]
    assert has_ours(template["container"])


def test_a_claim_template_of_a_workflow_counts_as_a_volume() -> None:
    found = workflow()
    found["spec"]["volumeClaimTemplates"] = [{"metadata": {"name": "images"}}]
    assert 'volume "images" comes from volumeClaimTemplates' in refused(found)


def test_mounts_of_a_container_set_count_for_its_containers() -> None:
    shared = [{"name": "results", "mountPath": "/outputs"}]
    template = {"name": "t", "containerSet": {"volumeMounts": shared, "containers": [{"name": "main", "image": "x"}]}}
    found = annotated("argoproj.io", "Workflow", {"templates": [template]})
    (container,) = rendered(found)["spec"]["templates"][0]["containerSet"]["containers"]
    assert mounts_of(container) == ["/polyaxon/outputs", "/data/images"]
    found["spec"]["templates"][0]["containerSet"]["volumeMounts"][0]["name"] = "own"
    assert 'container "main" mounts volume "own" at "/outputs"' in refused(found)


DEFAULTS: dict[str, tuple[dict[str, Any], str]] = {
    "a volume": (
        {"volumes": [{"name": "images", "emptyDir": {}}]},
        'the pod has its own volume "images" (emptyDir), and the catalog\'s is claim images',
    ),
    "a mount": (
        {"container": {"volumeMounts": [{"name": "own", "mountPath": "/outputs"}]}},
        'container "main" mounts volume "own" at "/outputs", where the catalog mounts "results"',
    ),
    "a variable": (
        {"container": {"env": [{"name": "POLYAXON_DATA_PATHS", "value": "{}"}]}},
        'container "main" sets POLYAXON_DATA_PATHS itself',
    ),
}


@pytest.mark.parametrize("inline", [False, True])
@pytest.mark.parametrize("what", DEFAULTS)
def test_defaults_of_a_workflows_templates_are_not_hidden(what: str, inline: bool) -> None:
    defaults, message = DEFAULTS[what]
    template: dict[str, Any] = {"name": "a", "container": {"args": ["a"]}}
    if inline:
        template = {"name": "s", "steps": [[{"name": "a", "inline": template}]]}
    error = refused(annotated("argoproj.io", "Workflow", {"templateDefaults": defaults, "templates": [template]}))
    assert error.count("error[") == 1
    assert "error[conflict] Workflow/train" in error
    assert message in error


def test_defaults_of_a_workflows_templates_stay_as_they_are() -> None:
    defaults = {
        "volumes": [{"name": "results", "persistentVolumeClaim": {"claimName": "results"}}],
        "container": {"image": "x", "env": [{"name": "A", "value": "b"}]},
        "script": {"image": "x", "env": [{"name": "POLYAXON_DATA_PATHS", "value": "not a container's"}]},
    }
    spec = {"templateDefaults": defaults, "templates": [{"name": "a", "container": {"args": ["a"]}}]}
    found = rendered(annotated("argoproj.io", "Workflow", spec))["spec"]
    assert found["templateDefaults"] == defaults
    (template,) = found["templates"]
    assert [volume["name"] for volume in template["volumes"]] == ["images"]
    assert has_ours(template["container"])


VOLCANO = {"spec": {"tasks": [{"template": {"spec": pod("main")}}], "volumes": [{"mountPath": "/outputs"}]}}


@pytest.mark.parametrize(
    ("group", "kind", "spec"),
    [
        ("batch.volcano.sh", "Job", VOLCANO["spec"]),
        ("batch.volcano.sh", "CronJob", {"jobTemplate": VOLCANO}),
        ("flow.volcano.sh", "JobTemplate", VOLCANO["spec"]),
    ],
)
def test_a_volume_of_a_whole_volcano_job_is_mounted_in_its_containers(group: str, kind: str, spec: Any) -> None:
    found = annotated(group, kind, spec)
    error = refused(found)
    assert error.count("error[") == 1
    assert f"error[conflict] {kind}/train" in error
    assert 'container "main" mounts a volume of the object at "/outputs", where the catalog mounts "results"' in error
    text = json.dumps(found).replace('"/outputs"', '"/elsewhere"')
    assert "results" in json.dumps(rendered(json.loads(text)))


@pytest.mark.parametrize("key", ["envVars", "envSecretKeyRefs"])
def test_variables_of_spark_that_a_mapping_names(key: str) -> None:
    def spark(name: str) -> dict[str, Any]:
        return annotated("sparkoperator.k8s.io", "SparkApplication", {"driver": {key: {name: "b"}}, "executor": {}})

    error = refused(spark("POLYAXON_DATA_PATHS"))
    assert error.count("error[") == 1
    assert "error[conflict] SparkApplication/train" in error
    assert 'container "driver" sets POLYAXON_DATA_PATHS itself, to another value than the catalog' in error
    driver = rendered(spark("A"))["spec"]["driver"]
    assert has_ours(driver)
    assert driver[key] == {"A": "b"}


def test_claim_templates_beside_the_pods_of_a_leader_worker_set() -> None:
    templates = [{"metadata": {"name": "images"}, "spec": {}}]
    inner = {"workerTemplate": {"spec": pod("main")}, "volumeClaimTemplates": templates}
    found = annotated("leaderworkerset.x-k8s.io", "LeaderWorkerSet", {"leaderWorkerTemplate": inner})
    assert 'volume "images" comes from volumeClaimTemplates' in refused(found)


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
def test_what_stands_for_many_runs_has_a_folder_for_each(more: dict[str, str], folder: str) -> None:
    spec = {"workflowSpec": {"templates": [{"name": "t", "script": {"image": "x"}}]}}
    found = rendered(annotated("argoproj.io", "CronWorkflow", spec, **more))
    env = env_of(found["spec"]["workflowSpec"]["templates"][0]["script"])
    assert env["POLYAXON_RUN_FOLDER"] == f"$(POLYAXON_K8S_NAMESPACE)/jobs/{folder}$(POLYAXON_RUN_NAME)"


def test_a_generated_name_that_no_label_holds_needs_a_folder() -> None:
    found = ray()
    found["metadata"] = {"generateName": "a-", "annotations": found["metadata"]["annotations"]}
    assert "error[run-folder] RayCluster/a-*" in refused(found)


# Objects inside objects


def wrapper(*templates: dict[str, Any], **more: str) -> dict[str, Any]:
    return annotated(
        "workload.codeflare.dev", "AppWrapper", {"components": [{"template": item} for item in templates]}, **more
    )


def job(name: str = "inner", **annotations: str) -> dict[str, Any]:
    metadata = {"name": name, **({"annotations": annotations} if annotations else {})}
    return {"apiVersion": "batch/v1", "kind": "Job", "metadata": metadata, "spec": {"template": {"spec": pod("main")}}}


SERVICE = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "s"}}


def inner_pods(found: Any) -> list[Any]:
    templates = [component["template"] for component in found["spec"]["components"]]
    return [item["spec"]["template"]["spec"] for item in templates if "spec" in item]


def test_an_object_speaks_for_the_objects_that_it_holds() -> None:
    found = rendered(wrapper(SERVICE, job("a"), job("b")))
    folders = [env_of(item["containers"][0])["POLYAXON_RUN_FOLDER"] for item in inner_pods(found)]
    assert folders == ["$(POLYAXON_K8S_NAMESPACE)/jobs/a", "$(POLYAXON_K8S_NAMESPACE)/jobs/b"]


def test_an_object_inside_may_speak_for_itself_alone() -> None:
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
OWN_KINDS = "`polyaxon-persistence kinds` lists the known kinds; add your own to workloads in the catalog"
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
    assert f"{kind}/train inside it gets no volumes: {why}" in result.error
    assert f"hint: {hint}\n" in result.error
    outer = wrapper(job(**{POLYAXONFILE: "{}"}), inner)  # the Job speaks for itself alone
    del outer["metadata"]["annotations"]
    rendered(outer)


def test_an_annotation_on_a_pod_template_of_an_unknown_kind_inside_is_told_as_that_kinds() -> None:
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
    assert "a Job inside another object can't be named by its content" in error


def trial(api: str, kind: str, spec: Any, **more: str) -> dict[str, Any]:
    inner = {"apiVersion": api, "kind": kind, "spec": spec}
    return annotated("kubeflow.org", "Experiment", {"trialTemplate": {"trialSpec": inner}}, **more)


@pytest.mark.parametrize(("more", "folder"), [({}, ""), ({"run_folder": "tune"}, "tune/")])
def test_a_trial_gets_its_name_in_the_cluster(more: dict[str, str], folder: str) -> None:
    found = rendered(trial("batch/v1", "Job", {"template": {"spec": pod("main")}}, **more))
    env = env_of(found["spec"]["trialTemplate"]["trialSpec"]["spec"]["template"]["spec"]["containers"][0])
    assert env["POLYAXON_RUN_NAME"] == "metadata.labels['batch.kubernetes.io/job-name']"
    assert env["POLYAXON_RUN_FOLDER"] == f"$(POLYAXON_K8S_NAMESPACE)/jobs/{folder}$(POLYAXON_RUN_NAME)"


def test_trials_whose_names_no_label_holds_need_a_folder() -> None:
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
        assert "Flink merges lists by position" in error


def test_knative_has_no_run_folder() -> None:
    service = annotated("serving.knative.dev", "Service", {"template": {"spec": pod("main")}})
    error = refused(service)
    assert "error[not-injectable] Service/train" in error
    assert "does not support subPathExpr" in error
    assert "hint: use an outputs entry with createRunFolder: false, and don't refer to other runs" in error
    spec = rendered(service, catalog="data:\n  images: {mountPath: /data/images, existingClaim: images}\n")["spec"]
    assert mounts_of(spec["template"]["spec"]["containers"][0]) == ["/data/images"]


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


# A site's own kinds


OWN = SITE_CATALOG + "workloads:\n- {group: example.com, kind: Sweep, podSpecs: ['spec.runs[].*.pod', spec.main.pod]}\n"


def test_a_site_adds_a_kind() -> None:
    spec = {"runs": [{"a": {"pod": pod("x")}, "b": {"pod": pod("y")}}], "main": {"pod": pod("z")}}
    found = rendered(annotated("example.com", "Sweep", spec), catalog=OWN)["spec"]
    pods = [found["runs"][0]["a"]["pod"], found["runs"][0]["b"]["pod"], found["main"]["pod"]]
    assert all(has_ours(item["containers"][0]) for item in pods)
    assert "error[not-a-workload] Sweep/train" in refused(annotated("example.org", "Sweep", spec), catalog=OWN)


@pytest.mark.parametrize("place", ["spec.*.template.spec", "spec.*.*.spec"])
def test_a_star_passes_over_what_is_no_mapping(place: str) -> None:
    own = f"{SITE_CATALOG}workloads: [{{group: example.com, kind: Train, podSpecs: ['{place}']}}]\n"
    spec = {"backoff": 3, "names": ["a"], "none": None, "workers": {"replicas": 2, "template": {"spec": pod("x")}}}
    found = rendered(annotated("example.com", "Train", spec), catalog=own)["spec"]
    assert has_ours(found["workers"]["template"]["spec"]["containers"][0])
    assert (found["backoff"], found["names"], found["none"]) == (3, ["a"], None)
    assert "has no pod template" in refused(annotated("example.com", "Train", {"backoff": 3}), catalog=own)


def test_a_star_does_not_pass_over_an_alias() -> None:
    own = f"{SITE_CATALOG}workloads: [{{group: example.com, kind: Train, podSpecs: ['spec.*.template.spec']}}]\n"
    found = yaml.safe_dump(annotated("example.com", "Train", {"main": {"template": {"spec": pod("x")}}}))
    found = found.replace("  main:\n", "  main: &main\n") + "  copy: *main\n"
    assert "error[alias] Train/train" in refused(found, catalog=own)


def test_a_path_of_a_site_may_lead_through_lists_of_lists() -> None:
    own = f"{SITE_CATALOG}workloads: [{{group: example.com, kind: Train, podSpecs: ['spec.steps[][].pod']}}]\n"
    found = rendered(annotated("example.com", "Train", {"steps": [[{"pod": pod("x")}], []]}), catalog=own)["spec"]
    assert has_ours(found["steps"][0][0]["pod"]["containers"][0])


@pytest.mark.parametrize("again", ["spec.template.spec", "spec.*.spec"])
def test_a_pod_to_which_two_paths_of_a_site_lead_is_one(again: str) -> None:
    own = f"{SITE_CATALOG}workloads: [{{group: example.com, kind: Train, podSpecs: [spec.template.spec, '{again}']}}]\n"
    found = rendered(annotated("example.com", "Train", {"template": {"spec": pod("x")}}), catalog=own)
    spec = found["spec"]["template"]["spec"]
    assert [volume["name"] for volume in spec["volumes"]] == ["results", "images"]
    assert mounts_of(spec["containers"][0]) == ["/outputs", "/polyaxon/outputs", "/data/images"]


def test_a_kind_of_a_site_may_stand_inside_another_object() -> None:
    own = SITE_CATALOG + "workloads: [{group: example.com, kind: Sweep, podSpecs: [spec.template.spec]}]\n"
    inner = {
        "apiVersion": "example.com/v1",
        "kind": "Sweep",
        "metadata": {"name": "a"},
        "spec": {"template": {"spec": pod("x")}},
    }
    (found,) = inner_pods(rendered(wrapper(inner), catalog=own))
    assert has_ours(found["containers"][0])


def test_a_site_knows_its_version_of_a_kind_better() -> None:
    own = SITE_CATALOG + "workloads: [{group: ray.io, kind: RayCluster, podSpecs: [spec.head]}]\n"
    found = rendered(annotated("ray.io", "RayCluster", {"head": pod("x")}), catalog=own)
    assert has_ours(found["spec"]["head"]["containers"][0])


def of_release(release: str, found: str | dict[str, Any]) -> dict[str, Any]:
    labelled: dict[str, Any] = yaml.safe_load(found) if isinstance(found, str) else found
    labelled["metadata"].setdefault("labels", {})["app.kubernetes.io/instance"] = release
    return labelled


def test_kinds_are_those_of_the_catalog_of_an_objects_own_release(tmp_path: Path) -> None:
    both = {"old": {"spec": pod("x")}, "new": {"spec": pod("x")}}
    places = {"red": "spec.old.spec", "blue": "spec.new.spec"}
    entry = "workloads: [{{group: example.com, kind: Train, podSpecs: [{}]}}]\n"
    catalogs = [of_release(name, make_catalog(SITE_CATALOG + entry.format(places[name]))) for name in places]
    objects = [of_release(name, annotated("example.com", "Train", both)) for name in places]
    objects[1]["metadata"]["name"] = "other"
    stray = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "s", "labels": "not ours"}}
    stream = "".join(f"---\n{yaml.safe_dump(item)}" for item in [*catalogs, *objects, stray])
    result = run(stdin=stream)
    assert (result.exit_code, result.error) == (0, "")
    *_, red, blue, last = yaml.safe_load_all(result.output)
    assert (has_ours(red["spec"]["old"]["spec"]["containers"][0]), red["spec"]["new"]) == (True, both["new"])
    assert (has_ours(blue["spec"]["new"]["spec"]["containers"][0]), blue["spec"]["old"]) == (True, both["old"])
    assert last == stray
    assert run("verify", stdin=result.output).exit_code == 0
    (tmp_path / "installed").write_bytes(result.output)
    against = run("check", "--output", "json", "--against", str(tmp_path / "installed"), stdin=stream)
    assert [change["outcome"] for change in json.loads(against.output)["runs"]] == ["left alone"] * 2
    blue = yaml.safe_dump(of_release("blue", make_catalog(SITE_CATALOG)))
    result = run(stdin=f"---\n{yaml.safe_dump(catalogs[0])}---\n{blue}---\n{yaml.safe_dump(objects[1])}")
    assert (result.exit_code, result.output) == (1, b"")
    assert "error[not-a-workload] Train/other" in result.error


WRONG = {
    "workloads: {a: b}": "must be a list of kinds",
    "workloads: [a]": "entry 1: a kind must be a mapping",
    "workloads: [{}]": "entry 1: group is missing",
    "workloads: [{group: a.b, kind: C}]": "entry 1: podSpecs must be a list of paths to pod specs",
    "workloads: [{group: a.b, podSpecs: [x]}]": "entry 1: kind is missing",
    "workloads: [{group: batch, kind: Job, podSpecs: [x]}]": 'entry 1: group "batch" is not the group of a custom resource',
    "workloads: [{group: a.b/v1, kind: Job, podSpecs: [x]}]": 'entry 1: group "a.b/v1" is not the group of a custom resource',
    "workloads: [{group: a.b, kind: c/d, podSpecs: [x]}]": 'entry 1: kind "c/d" is not the name of a kind',
    "workloads: [{group: a.b, kind: true, podSpecs: [x]}]": 'entry 1: kind "true" is not the name of a kind',
    "workloads: [{group: a.b, kind: C, podSpec: [x]}]": 'entry 1: unknown key "podSpec"',
    "workloads: [{group: a.b, kind: C, podSpecs: ['spec.pods[]']}]": 'entry 1: "spec.pods[]" is not a path to pod specs',
    "workloads: [{group: a.b, kind: C, podSpecs: ['spec.*']}]": 'entry 1: "spec.*" is not a path to pod specs',
    "workloads: [{group: a.b, kind: C, podSpecs: ['a[][].b[]']}]": 'entry 1: "a[][].b[]" is not a path to pod specs',
    "workloads: [{group: a.b, kind: C, podSpecs: ['a[]b.c']}]": 'entry 1: "a[]b.c" is not a path to pod specs',
    "workloads: [{group: a.b, kind: C, podSpecs: ['[].c']}]": 'entry 1: "[].c" is not a path to pod specs',
    "workloads: [{group: a.b, kind: C, podSpecs: [.spec]}]": 'entry 1: ".spec" is not a path to pod specs',
    "workloads: [{group: a.b, kind: C, podSpecs: ['a:argo']}]": 'entry 1: "a:argo" is not a path to pod specs',
    "workloads: [{group: a.b, kind: C, podSpecs: ['a b']}]": 'entry 1: "a b" is not a path to pod specs',
    "workloads: [{group: a.b, kind: C, podSpecs: [{}]}]": 'entry 1: "{}" is not a path to pod specs',
    "workloads: [{group: a.b, kind: C, podSpecs: [x]}, {group: a.b, kind: C, podSpecs: [y]}]": 'entry 2: "C.a.b" is repeated',
}


@pytest.mark.parametrize("text", WRONG)
def test_a_wrong_kind_of_a_site_is_a_problem(text: str) -> None:
    result = run("check", stdin=make_catalog(SITE_CATALOG + text + "\n"))
    assert result.exit_code == 1
    assert "error[invalid-catalog] ConfigMap/catalog" in result.error
    assert f"persistence.workloads: {WRONG[text]}" in result.error


# The verb, and the other verbs


def test_kinds_lists_all_of_them() -> None:
    result = run("kinds")
    assert (result.exit_code, result.error) == (0, "")
    rows = [line.split() for line in result.output.decode().splitlines()]
    for group, kind, *_ in [*ROWS, *REFUSED]:
        assert any(row[: 2 if group else 1] == ([kind, group] if group else [kind]) for row in rows), kind
    assert ["TFJob", "kubeflow.org", "spec.tfReplicaSpecs.*.template.spec"] in rows
    assert any(row[:3] == ["TrainJob", "trainer.kubeflow.org", "-"] for row in rows)


def test_kinds_lists_those_of_a_site(tmp_path: Path) -> None:
    file = tmp_path / "site.yaml"
    file.write_text(
        "persistence:\n  defaultOutputs: of-the-stream\n  workloads: [{group: a.b, kind: C, podSpecs: [x.y]}]\n"
    )
    assert ["C", "a.b", "x.y"] in [
        line.split() for line in run("kinds", "--persistence", str(file)).output.decode().splitlines()
    ]
    file.write_text("workloads: [{}]\n")
    result = run("kinds", "--persistence", str(file))
    assert (result.exit_code, result.output) == (1, b"")
    assert f"error[invalid-catalog] (catalog) ({file}, line 1), persistence.workloads: entry 1" in result.error
    file.write_text("workloads: [\n")
    assert run("kinds", "--persistence", str(file)).exit_code == 1


def test_kinds_as_json() -> None:
    data = json.loads(run("kinds", "--output", "json").output)
    assert data["problems"] == []
    by_kind = {(item["group"], item["kind"]): item for item in data["kinds"]}
    assert set(by_kind) == set(ROWS) | {row[:2] for row in REFUSED}
    assert by_kind["kubernetes.dask.org", "DaskCluster"]["pods"] == ["spec.scheduler.spec", "spec.worker.spec"]
    assert by_kind["kueue.x-k8s.io", "Workload"] == {
        "group": "kueue.x-k8s.io",
        "kind": "Workload",
        "pods": [],
        "note": "Kueue makes it: annotate the Job, or the other object that waits in the queue",
    }


def test_explain_tells_runs_inside_an_object_apart() -> None:
    stream = make_catalog(SITE_CATALOG) + "---\n" + yaml.safe_dump(wrapper(job("a"), job("b")))
    data = json.loads(run("explain", "--output", "json", stdin=stream).output)
    assert [row["object"] for row in data["runs"]] == ["AppWrapper/train (Job)"] * 2
    assert [row["results"] for row in data["runs"]] == [f"claim results:/<namespace>/jobs/{name}" for name in "ab"]


@pytest.mark.parametrize(("change", "outcome"), [("", "left alone"), ("x2", "changed")])
def test_check_against_does_not_take_another_operators_job_for_a_job(change: str, outcome: str, tmp_path: Path) -> None:
    def stream(image: str) -> str:
        spec = {"tasks": [{"template": {"spec": {"containers": [{"name": "main", "image": image}]}}}]}
        return (
            make_catalog(OWN)
            + "---\n"
            + yaml.safe_dump(annotated("batch.volcano.sh", "Job", spec))
            + "---\n"
            + yaml.safe_dump(
                annotated(
                    "example.com",
                    "Sweep",
                    {"main": {"pod": {"containers": [{"name": "main", "image": image}]}}},
                    run_folder="sweep",
                )
            )
        )

    installed = tmp_path / "installed.yaml"
    installed.write_bytes(run(stdin=stream("x")).output)
    result = run("check", "--against", str(installed), "--output", "json", stdin=stream(change or "x"))
    runs = json.loads(result.output)["runs"]
    assert [(row["object"], row["outcome"]) for row in runs] == [("Job/train", outcome), ("Sweep/train", outcome)]


def test_claims_are_counted_in_the_pods_of_all_kinds() -> None:
    once = SITE_CATALOG.replace("existingClaim: results", "existingClaim: results, accessModes: [ReadWriteOnce]")
    volumes = [{"name": "v", "persistentVolumeClaim": {"claimName": "results"}}]
    other = annotated("ray.io", "RayCluster", {"headGroupSpec": {"template": {"spec": pod("head", volumes=volumes)}}})
    del other["metadata"]["annotations"]
    result = render(wrapper(job()), other, catalog=once)
    assert result.exit_code == 0
    assert "warning[claim-in-use] RayCluster/train" in result.error
    assert "AppWrapper/train (Job) mounts the claim results too, which is ReadWriteOnce" in result.error
    workers = {"workerGroupSpecs": [{"replicas": 2, "template": {"spec": pod("worker")}}]}
    error = render(annotated("ray.io", "RayCluster", workers), catalog=once).error
    assert "several of its pods mount the claim results, which is ReadWriteOnce" in error


def test_runs_of_all_kinds_may_refer_to_each_other() -> None:
    asks = "environment: {outputs: {jobs: [a, fit]}}\n"
    found = workflow()
    found["metadata"]["annotations"][POLYAXONFILE] = asks
    fit = {**ray(), "metadata": {**ray()["metadata"], "name": "fit"}}
    container = rendered(wrapper(job("a")), fit, found)["spec"]["templates"][1]["container"]
    folders = {mount["mountPath"]: mount.get("subPathExpr") for mount in container["volumeMounts"]}
    assert folders["/polyaxon/refs/jobs/a"] == "$(POLYAXON_K8S_NAMESPACE)/jobs/a"
    assert folders["/polyaxon/refs/jobs/fit"] == "$(POLYAXON_K8S_NAMESPACE)/jobs/fit"
    found["metadata"]["annotations"][POLYAXONFILE] = asks.replace("fit", "nightly")
    spec = {"workflowSpec": {"templates": [{"name": "t", "script": {"image": "x"}}]}}
    cron = annotated("argoproj.io", "CronWorkflow", spec)
    cron["metadata"]["name"] = "nightly"
    error = refused(wrapper(job("a")), cron, found)
    assert "is CronWorkflow/nightly, which writes into run folders whose names only the cluster knows" in error


# Other texts of the same objects, and what they cost


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("case", INJECTED)
def test_json_gets_the_same(case: str, indent: int | None) -> None:
    *catalog, found = yaml.safe_load_all((GOLDEN / case / "input.yaml").read_text())
    stream = f"---\n{yaml.safe_dump(*catalog)}---\n{json.dumps(found, indent=indent)}\n"
    result = run(stdin=stream)
    assert result.exit_code == 0
    expected = list(yaml.safe_load_all((GOLDEN / case / "output.yaml").read_text()))
    assert list(yaml.safe_load_all(result.output)) == expected
    assert run("check", stdin=result.output).exit_code == 0  # which parses again what was written


@pytest.mark.parametrize("case", INJECTED)
def test_verify_finds_all_of_it_and_none_of_it(case: str) -> None:
    for file, state in (("output.yaml", "verified"), ("input.yaml", "bare")):
        result = run("verify", "--output", "json", stdin=(GOLDEN / case / file).read_bytes())
        runs = json.loads(result.output)["runs"]
        assert runs
        assert {found["state"] for found in runs} == {state}
        assert result.exit_code == (0 if state == "verified" else 1)


def test_verify_tells_what_a_step_template_lacks() -> None:
    found = rendered(task(template={"env": [{"name": "A", "value": "b"}]}))
    found["spec"]["stepTemplate"]["volumeMounts"].pop()
    del found["spec"]["volumes"][1]
    stream = make_catalog(SITE_CATALOG) + "---\n" + yaml.safe_dump(found, sort_keys=False)
    (verdict,) = json.loads(run("verify", "--output", "json", stdin=stream).output)["runs"]
    assert verdict["missing"] == [
        {"container": None, "what": "volume", "name": "images"},
        {"container": "stepTemplate", "what": "mount", "name": "/data/images"},
    ]


def test_the_table_is_read_for_custom_resources_only() -> None:
    table = {"post_renderer.workloads.pod_paths", "post_renderer.workloads.operator_kinds"}
    catalog = make_catalog(SITE_CATALOG)
    assert not table & loaded(RENDER, catalog + make_job())
    assert not table & loaded(RENDER, catalog + "---\n" + yaml.safe_dump({**ray(), "metadata": {"name": "a"}}))
    modules = loaded(RENDER, catalog + "---\n" + yaml.safe_dump(ray()))
    assert table <= modules
    assert not modules & (DEAR | {"yaml"})
