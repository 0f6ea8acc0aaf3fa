"""What the containers of a pod read and write, from their volumes, mounts and variables."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from tests.support.cli import make_catalog, make_job, run
from tests.support.inventory import Object, read_inventory

PERSISTENCE = """\
data:
  images: {mountPath: /data/images, existingClaim: images, readOnly: true}
  labels: {mountPath: /data/labels, existingClaim: labels, subPath: team-a}
  own: {mountPath: /data/own, existingClaim: own, subPath: '{project}/data'}
  node: {mountPath: /data/node, hostPath: /srv/data, readOnly: true}
  share: {mountPath: /data/share, volumeSource: {nfs: {server: files, path: /exports/a, readOnly: true}}}
  memory: {mountPath: /data/memory, volumeSource: {emptyDir: {}}}
  s3: {store: s3, bucket: 's3://images/train', secret: keys, secretKey: k}
outputs:
  results: {mountPath: /results, existingClaim: results, subPath: team}
  models: {store: gcs, bucket: 'gs://models/team'}
  other: {store: gcs, bucket: 'gs://other'}
"""
ASK = "kind: experiment\nenvironment: {persistence: {data: [%s], outputs: %s}}\n"


def pod(*containers: str, volumes: str = "[]", kind: str = "Pod") -> str:
    listed = "".join(f"  - {container}\n" for container in containers)
    return f"---\napiVersion: v1\nkind: {kind}\nmetadata: {{name: web, namespace: vision}}\nspec:\n  volumes: {volumes}\n  containers:\n{listed}"


def users(stream: str, *words: str) -> dict[str, Object]:
    """The only user of each storage, by the name of the storage."""
    data = read_inventory(*words, stdin=stream)
    assert [problem["code"] for problem in data["problems"] if problem["severity"] == "error"] == []
    found = {}
    for storage in data["storage"]:
        (found[storage["name"]],) = storage["users"]
    return found


def asking(data: str, outputs: str = "results", *, annotations: str = "polyaxon.com/project: mnist\n") -> str:
    job = make_job(ASK % (data, outputs), annotations=annotations)
    return make_catalog(PERSISTENCE) + job.replace("  name: train\n", "  name: train\n  namespace: vision\n", 1)


@pytest.mark.parametrize(
    ("data", "name", "access", "path"),
    [
        ("images", "images", "reads", ""),
        ("labels", "labels", "writes", "team-a"),
        ("own", "own", "writes", "mnist/data"),
        ("node", "/srv/data", "reads", ""),
        ("share", "files:/exports/a", "reads", ""),
        ("s3", "s3://images/train", "reads", ""),
    ],
)
@pytest.mark.parametrize("rendered", [True, False], ids=["rendered", "bare"])
def test_a_data_volume(data: str, name: str, access: str, path: str, *, rendered: bool) -> None:
    stream = asking(data)
    if rendered:
        stream = run(stdin=stream).output.decode()
    found = users(stream)[name]
    assert (found["access"], found["uses"]) == (access, [{"volume": data, "path": path, "writes": access == "writes"}])
    assert (found["object"], found["namespace"], found["isRun"], found["results"]) == (
        "Job/train",
        "vision",
        True,
        None,
    )


def test_a_volume_of_each_pod_is_no_storage() -> None:
    assert set(users(asking("memory"))) == {"results"}


def test_results_on_a_claim() -> None:
    found = users(asking(""))["results"]
    assert found["results"] == "team/vision/experiments/train"
    assert found["uses"] == [
        {"volume": "results", "path": "team", "writes": True},
        {"volume": "results", "path": "team/vision/experiments/train", "writes": True},
    ]


@pytest.mark.parametrize("setting", ["isolateRuns: true\n", ""])
def test_results_of_an_isolated_run_and_without_the_mount_of_the_run_folder(setting: str) -> None:
    stream = asking("").replace("    data:\n", f"    {setting}    data:\n" if setting else "    data:\n", 1)
    if not setting:
        stream = stream.replace("subPath: team}", "subPath: team, createRunFolder: false}")
    found = users(stream)["results"]
    assert found["results"] == "team/vision/experiments/train"
    assert [use["path"] for use in found["uses"]] == ["team/vision/experiments/train" if setting else "team"]


def test_results_in_a_bucket() -> None:
    found = users(asking("", "models"))["gs://models/team"]
    assert (found["access"], found["results"]) == ("writes", "vision/experiments/train")
    assert found["uses"] == [{"volume": "outputs", "path": "", "writes": True}]


def test_a_read_only_outputs_volume_gets_no_results() -> None:
    stream = asking("").replace("subPath: team}", "subPath: team, readOnly: true}")
    found = users(stream)["results"]
    assert (found["access"], found["results"]) == ("reads", None)


@pytest.mark.parametrize(
    ("outputs", "name", "path"),
    [
        ("results", "results", "team/vision/experiments/train"),
        ("models", "gs://models/team", "vision/experiments/train"),
    ],
)
@pytest.mark.parametrize("own", ["results", "models", "other"])
def test_the_results_of_another_run_are_read(outputs: str, name: str, path: str, own: str) -> None:
    asks = f"environment: {{persistence: {{data: [], outputs: {own}}}, outputs: {{experiments: [train]}}}}\n"
    report = make_job(asks, name="report").replace("  name: report\n", "  name: report\n  namespace: vision\n", 1)
    data = read_inventory(stdin=asking("", outputs) + report)
    (storage,) = [one for one in data["storage"] if one["name"] == name]
    found = {user["object"]: user for user in storage["users"]}["Job/report"]
    assert [use["path"] for use in found["uses"] if not use["writes"]] == [path]
    assert found["access"] == ("writes" if own == outputs else "reads")


def test_where_only_the_cluster_knows_a_name() -> None:
    job = make_job(ASK % ("", "results")).replace("  name: train\n", "  generateName: train-\n")
    (user,) = users(make_catalog(PERSISTENCE) + job).values()
    assert user["object"] == "Job/(no name)"
    assert user["results"] == "team/<namespace>/experiments/<name in the cluster>"


def test_variables_are_expanded_as_the_kubelet_does() -> None:
    env = "env: [{name: POLYAXON_A, value: x}, {name: POLYAXON_B, value: '$(POLYAXON_A)/$$(POLYAXON_A)/$(POLYAXON_C)'}, {name: POLYAXON_C, value: y}]"
    stream = pod(f"{{name: a, {env}, volumeMounts: [{{name: v, mountPath: /v, subPathExpr: $(POLYAXON_B)}}]}}", volumes="[{name: v, persistentVolumeClaim: {claimName: c}}]")  # fmt: skip
    (use,) = users(stream, "--claim", "c")["c"]["uses"]
    assert use["path"] == "x/$(POLYAXON_A)/$(POLYAXON_C)"


FIELD = "{name: A, valueFrom: {fieldRef: {fieldPath: %s}}}"


@pytest.mark.parametrize(
    ("variable", "path"),
    [
        (FIELD % "metadata.name", "web"),
        (FIELD % "metadata.namespace", "vision"),
        (FIELD % "spec.nodeName", "<unknown>"),
        ("{name: A, valueFrom: {secretKeyRef: {name: s, key: k}}}", "$(A)"),
        ("{name: A, value: secret}", "$(A)"),
        ("{name: A}", "$(A)"),
    ],
)
def test_a_variable_of_the_pod(variable: str, path: str) -> None:
    stream = pod(f"{{name: a, env: [{variable}], volumeMounts: [{{name: v, mountPath: /v, subPathExpr: $(A)}}]}}", volumes="[{name: v, persistentVolumeClaim: {claimName: c}}]")  # fmt: skip
    (use,) = users(stream, "--claim", "c")["c"]["uses"]
    assert use["path"] == path


@pytest.mark.parametrize(
    ("source", "mount", "writes"),
    [
        ("{claimName: c}", "mountPath: /v", True),
        ("{claimName: c}", "mountPath: /v, readOnly: true", False),
        ("{claimName: c, readOnly: true}", "mountPath: /v", False),
        ("{claimName: c, readOnly: false}", "mountPath: /v, readOnly: false", True),
    ],
)
def test_a_mount_is_read_only_or_writable(source: str, mount: str, *, writes: bool) -> None:
    stream = pod(f"{{name: a, volumeMounts: [{{name: v, {mount}}}]}}", volumes=f"[{{name: v, persistentVolumeClaim: {source}}}]")  # fmt: skip
    assert users(stream, "--claim", "c")["c"]["access"] == ("writes" if writes else "reads")


def test_one_container_that_writes_is_enough() -> None:
    reads = "{name: a, volumeMounts: [{name: v, mountPath: /v, readOnly: true}]}"
    writes = "{name: b, volumeMounts: [{name: v, mountPath: /v}]}"
    for containers in ((reads, writes), (writes, reads)):
        stream = pod(*containers, volumes="[{name: v, persistentVolumeClaim: {claimName: c}}]")
        assert users(stream, "--claim", "c")["c"]["access"] == "writes"


@pytest.mark.parametrize(
    ("container", "access"),
    [
        ("{name: a}", "unmounted"),
        ("{name: a, volumeMounts: [{name: w, mountPath: /v}]}", "unmounted"),
        ("{name: a, volumeMounts: [{name: v, mountPath: /v, readOnly: true}]}", "reads"),
        ("{name: a, volumeDevices: [{name: v, devicePath: /dev/x}]}", "writes"),
    ],
)
def test_a_pod_uses_its_volumes_in_any_way(container: str, access: str) -> None:
    """The claim of a volume that no container mounts can't be deleted either, as long as the pod is there."""
    stream = pod(container, volumes="[{name: v, persistentVolumeClaim: {claimName: c}}]")
    (storage,) = read_inventory("--claim", "c", stdin=stream)["storage"]
    assert [(user["object"], user["access"]) for user in storage["users"]] == [("Pod/web", access)]


def test_a_block_device_of_a_read_only_claim_is_read() -> None:
    container = "{name: a, volumeDevices: [{name: v, devicePath: /dev/x}]}"
    stream = pod(container, volumes="[{name: v, persistentVolumeClaim: {claimName: c, readOnly: true}}]")
    (storage,) = read_inventory("--claim", "c", stdin=stream)["storage"]
    assert storage["users"][0]["access"] == "reads"


@pytest.mark.parametrize(
    "broken",
    [
        "{name: a, volumeMounts: 3}",
        "{name: a, volumeMounts: [3, {name: w}]}",
        "{name: a, env: [{name: POLYAXON_RUN_DATA_PATHS, value: '[s3://x'}]}",
        '{name: a, env: [{name: POLYAXON_RUN_DATA_PATHS, value: \'{"a": {"b": "s3://x"}}\'}]}',
        "{name: a, env: [3]}",
    ],
)
def test_what_somebody_else_wrote_is_left_out(broken: str) -> None:
    data = read_inventory(stdin=pod(broken, volumes="[3, {name: v}, {name: w, hostPath: 3}]"))
    assert data["storage"] == []


def test_a_volume_that_volcano_mounts_in_all_containers() -> None:
    job: Object = {
        "apiVersion": "batch.volcano.sh/v1alpha1",
        "kind": "Job",
        "metadata": {"name": "v", "namespace": "vision"},
        "spec": {
            "volumes": [{"mountPath": "/data", "volumeClaimName": "labels"}],
            "tasks": [{"name": "a", "template": {"spec": {"containers": [{"name": "a"}]}}}],
        },
    }
    found = users(yaml.safe_dump(job), "--claim", "labels")["labels"]
    assert (found["object"], found["access"]) == ("Job/v", "writes")


def test_a_bare_run_with_a_key_twice_where_nothing_is_read() -> None:
    stream = asking("images").replace("image: busybox", "image: busybox\n        resources: {a: 1, a: 2}")
    assert users(stream)["images"]["access"] == "reads"


def test_the_mounts_that_all_steps_of_a_tekton_task_inherit() -> None:
    task: dict[str, Any] = {
        "apiVersion": "tekton.dev/v1",
        "kind": "Task",
        "metadata": {"name": "t", "annotations": {"polyaxon.com/data": "labels", "polyaxon.com/outputs": "results"}},
        "spec": {"steps": [{"name": "a", "image": "busybox"}]},
    }
    found = users(make_catalog(PERSISTENCE) + "---\n" + yaml.safe_dump(task))
    assert {name: user["access"] for name, user in found.items()} == {"labels": "writes", "results": "writes"}
