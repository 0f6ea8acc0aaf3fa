"""What an operator's object has already: volumes, mounts and variables of the whole object or of its templates."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.custom_resources import annotated, has_ours, mounts_of, pod, refused, rendered, workflow
from tests.support.messages import read_messages

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
    message = 'volume "images" comes from volumeClaimTemplates, but the catalog has an entry with this name'
    hint = "rename the pod's volume or the entry of the catalog"
    assert read_messages(refused(found)) == [("conflict", message, hint)]


def test_claim_templates_at_two_places_count_both() -> None:
    found = workflow()
    found["spec"]["volumeClaimTemplates"] = [{"metadata": {"name": "images"}}]
    for template in found["spec"]["templates"]:
        template["volumeClaimTemplates"] = [{"metadata": {"name": "scratch"}}]
    assert [code for code, _, _ in read_messages(refused(found))] == ["conflict"]


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
        'the pod has its own volume "images" (emptyDir), but the catalog\'s volume of this name is the claim images',
    ),
    "a volume of a claim without a name": (
        {"volumes": [{"name": "images", "persistentVolumeClaim": {}}]},
        'the pod has its own volume "images" (persistentVolumeClaim), but the catalog\'s volume',
    ),
    "a mount": (
        {"container": {"volumeMounts": [{"name": "own", "mountPath": "/outputs"}]}},
        'container "main" mounts volume "own" at "/outputs", but the catalog mounts "results" at this path',
    ),
    "a variable": (
        {"container": {"env": [{"name": "POLYAXON_DATA_PATHS", "value": "{}"}]}},
        'container "main" sets POLYAXON_DATA_PATHS, but the post-renderer must set it to another value',
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
    assert (
        'container "main" mounts a volume of the object at "/outputs", but the catalog mounts "results" at this path'
        in error
    )
    text = json.dumps(found).replace('"/outputs"', '"/elsewhere"')
    assert "results" in json.dumps(rendered(json.loads(text)))


@pytest.mark.parametrize("key", ["envVars", "envSecretKeyRefs"])
def test_variables_of_spark_that_a_mapping_names(key: str) -> None:
    def spark(name: str) -> dict[str, Any]:
        return annotated("sparkoperator.k8s.io", "SparkApplication", {"driver": {key: {name: "b"}}, "executor": {}})

    error = refused(spark("POLYAXON_DATA_PATHS"))
    assert error.count("error[") == 1
    assert "error[conflict] SparkApplication/train" in error
    assert 'container "driver" sets POLYAXON_DATA_PATHS, but the post-renderer must set it to another value' in error
    driver = rendered(spark("A"))["spec"]["driver"]
    assert has_ours(driver)
    assert driver[key] == {"A": "b"}


def test_claim_templates_beside_the_pods_of_a_leader_worker_set() -> None:
    templates = [{"metadata": {"name": "images"}, "spec": {}}]
    inner = {"workerTemplate": {"spec": pod("main")}, "volumeClaimTemplates": templates}
    found = annotated("leaderworkerset.x-k8s.io", "LeaderWorkerSet", {"leaderWorkerTemplate": inner})
    message = 'volume "images" comes from volumeClaimTemplates, but the catalog has an entry with this name'
    hint = "rename the pod's volume or the entry of the catalog"
    assert read_messages(refused(found)) == [("conflict", message, hint)]
