"""Who uses a claim: no user may get lost, because a claim without users gets deleted."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.support.cli import make_catalog, make_job, run
from tests.support.inventory import Object, must_run, read_inventory, write

if TYPE_CHECKING:
    from pathlib import Path

MOUNT = {"volumeMounts": [{"name": "data", "mountPath": "/data"}]}


def make_spec(claim: str = "", **container: Any) -> Object:
    """A pod spec whose container writes to a claim."""
    volumes = [{"name": "data", "persistentVolumeClaim": {"claimName": claim}}] if claim else []
    return {"containers": [{"name": "a", **(container or MOUNT)}], "volumes": volumes}


def make(
    kind: str, name: str, spec: Object, owner: Object | None = None, group: str = "apps/v1", **more: Any
) -> Object:
    """An object of the cluster. `owner`: its controller."""
    metadata: Object = {"name": name, "namespace": "vision", "uid": f"{kind}-{name}"}
    if owner:
        uid, of = owner["metadata"]["uid"], owner["metadata"]["name"]
        metadata["ownerReferences"] = [{"kind": owner["kind"], "name": of, "uid": uid, "controller": True}]
    inner = spec if kind == "Pod" else {"template": {"spec": spec}, **more}
    return {"apiVersion": "v1" if kind == "Pod" else group, "kind": kind, "metadata": metadata, "spec": inner}


def users(folder: Path, claim: str, *files: list[Object]) -> list[str]:
    paths = [write(folder / f"file-{number}", objects) for number, objects in enumerate(files)]
    found = read_inventory("--claim", claim, *paths)["storage"]
    return sorted(user["object"] for storage in found for user in storage["users"])


TEMPLATES = [{"metadata": {"name": "data"}, "spec": {"accessModes": ["ReadWriteOnce"]}}]
WEB = make("StatefulSet", "web", make_spec(), volumeClaimTemplates=TEMPLATES)


@pytest.mark.parametrize("number", [0, 77])
def test_a_claim_that_a_stateful_set_makes(tmp_path: Path, number: int) -> None:
    """Its pods can be gone: after a smaller number of replicas, the claim waits for the next pod."""
    claim = f"data-web-{number}"
    pod = make("Pod", f"web-{number}", make_spec(claim), WEB)
    assert users(tmp_path, claim, [WEB]) == ["StatefulSet/web"]
    assert users(tmp_path, claim, [WEB, pod]) == ["StatefulSet/web"]
    assert users(tmp_path, claim, [pod]) == [f"Pod/web-{number}"]
    assert users(tmp_path, "data-web-x", [WEB]) == users(tmp_path, "data-web-1-0", [WEB]) == []


def test_a_claim_of_a_stateful_set_is_listed_by_its_number(tmp_path: Path) -> None:
    job = make_job(pod="volumes: [{name: d, persistentVolumeClaim: {claimName: data-web-3}}]\n")
    (tmp_path / "a").write_text(make_catalog() + job)
    found = read_inventory("--namespace", "vision", str(tmp_path / "a"), write(tmp_path / "b", [WEB]))["storage"]
    (storage,) = [one for one in found if one["name"] == "data-web-3"]
    assert [user["object"] for user in storage["users"]] == ["Job/train", "StatefulSet/web"]


def test_the_claim_of_an_ephemeral_volume(tmp_path: Path) -> None:
    spec = make_spec()
    spec["volumes"] = [{"name": "data", "ephemeral": {"volumeClaimTemplate": {"spec": {}}}}]
    assert users(tmp_path, "web-1-data", [make("Pod", "web-1", spec)]) == ["Pod/web-1"]


def test_a_mount_of_a_container_for_debugging(tmp_path: Path) -> None:
    spec = make_spec("images", env=[])
    spec["ephemeralContainers"] = [{"name": "b", **MOUNT}]
    (storage,) = read_inventory("--claim", "images", write(tmp_path / "a", [make("Pod", "web", spec)]))["storage"]
    assert storage["users"][0]["access"] == "writes"


def test_a_job_that_its_cron_job_made_before_it_changed(tmp_path: Path) -> None:
    cron_job = make("CronJob", "nightly", {}, group="batch/v1")
    cron_job["spec"] = {"jobTemplate": {"spec": {"template": {"spec": make_spec("new")}}}}
    job = make("Job", "nightly-1", make_spec("old"), cron_job, group="batch/v1")
    pod = make("Pod", "nightly-1-x", make_spec("old"), job)
    assert users(tmp_path, "old", [cron_job, job, pod]) == ["Job/nightly-1"]
    assert users(tmp_path, "new", [cron_job, job, pod]) == ["CronJob/nightly"]


def test_a_pod_of_a_rollout_and_one_that_writes_where_its_controller_reads(tmp_path: Path) -> None:
    reader = {"volumeMounts": [{"name": "data", "mountPath": "/data", "readOnly": True}]}
    web = make("Deployment", "web", make_spec("new", **reader))
    old, same, writer = (
        make("Pod", name, make_spec(claim, **more), web)
        for name, claim, more in (("old", "old", {}), ("same", "new", reader), ("writer", "new", {}))
    )
    assert users(tmp_path, "old", [web, old, same, writer]) == ["Pod/old"]
    assert users(tmp_path, "new", [web, old, same, writer]) == ["Deployment/web", "Pod/writer"]


def test_a_pod_whose_controller_has_pods_in_no_known_place(tmp_path: Path) -> None:
    cluster: Object = {"apiVersion": "example.com/v1", "kind": "Cluster", "spec": {}}
    cluster["metadata"] = {"name": "c", "namespace": "vision", "uid": "c"}
    pod = make("Pod", "c-1", make_spec("images"), cluster)
    assert users(tmp_path, "images", [cluster, pod]) == ["Pod/c-1"]


def test_two_inputs_without_a_namespace_are_two_places(tmp_path: Path) -> None:
    """As `helm get manifest` prints two releases of one chart with the same name."""
    files = [[make("Deployment", "web", make_spec(claim))] for claim in ("prod", "staging", "staging")]
    for (item,) in files:
        del item["metadata"]["namespace"], item["metadata"]["uid"]
    assert users(tmp_path, "prod", *files) == ["Deployment/web"]
    assert users(tmp_path, "staging", *files) == ["Deployment/web", "Deployment/web"]


def test_an_object_has_another_claim_in_its_manifest_or_in_a_second_file_of_the_cluster(tmp_path: Path) -> None:
    old, new = (make("Deployment", "web", make_spec(claim)) for claim in ("old", "new"))
    manifest = copy.deepcopy(new)
    del manifest["metadata"]["uid"]
    for files in ([[old], [manifest]], [[manifest], [old]], [[old], [new]], [[new], [old]]):
        for claim in ("old", "new"):
            assert users(tmp_path, claim, *files) == ["Deployment/web"]


# Objects that name a claim, and whose pods the inventory does not know

NAMING: dict[str, Object] = {
    "a resource of an operator": {"apiVersion": "example.com/v1", "kind": "Cluster", "spec": {"claim": "images"}},
    "the volume of the claim": {"apiVersion": "v1", "kind": "PersistentVolume", "spec": {"claimRef": {"name": "images"}}},
    "a catalog": {"apiVersion": "v1", "kind": "ConfigMap", "data": {"a": "data:\n  x: {existingClaim: images}\n"}},
    "the source of another claim": {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "spec": {"dataSource": {"name": "images"}}},
    "a sentence": {"apiVersion": "v1", "kind": "ConfigMap", "data": {"a": "The pods write to images."}},
}  # fmt: skip


@pytest.mark.parametrize("item", NAMING.values(), ids=list(NAMING))
@pytest.mark.parametrize("dump", [yaml.safe_dump, json.dumps], ids=["YAML", "JSON"])
def test_an_object_with_the_name_in_its_text(tmp_path: Path, item: Object, dump: Any) -> None:
    named = {**item, "metadata": {"name": "x", "namespace": "vision"}}
    path = tmp_path / "a"
    path.write_text(dump({"apiVersion": "v1", "kind": "List", "items": [named]}))
    text = must_run("--claim", "images", str(path))
    assert text.startswith(
        "No pod of the input uses the claim images, but these objects have its name in their text:\n"
        f"  {item['kind']}/x, namespace vision\n\n"
    )
    data = read_inventory("--claim", "images", str(path))
    assert [one["object"] for one in data["mentions"]] == [f"{item['kind']}/x"]
    assert "1 other object" in must_run("--claim", "images", "--output", "markdown", str(path))
    for other in ("image", "ages", "images-2"):
        assert must_run("--claim", other, str(path)).startswith(f"Nothing in the input uses the claim {other}.\n")


def test_the_claim_itself_is_no_user(tmp_path: Path) -> None:
    claim = {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "images", "namespace": "vision"}}
    path = write(tmp_path / "a", [claim])
    assert must_run("--claim", "images", path).startswith("Nothing in the input uses the claim images.\n")


def test_objects_of_other_namespaces_are_named_beside_the_users(tmp_path: Path) -> None:
    naming = [{**NAMING["a catalog"], "metadata": {"name": "x", "namespace": name}} for name in ("vision", "speech")]
    path = write(tmp_path / "a", [make("Pod", "web", make_spec("images")), *naming])
    found = must_run("--claim", "images", path)
    assert (
        "In other namespaces, these objects have its name in their text:\n  ConfigMap/x, namespace speech\n\n" in found
    )
    assert found.count("ConfigMap") == 1


def test_what_was_not_read_may_use_the_claim(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("apiVersion: v1\nkind: Pod\nmetadata: [\n")
    pod = write(tmp_path / "b", [make("Pod", "web", make_spec("images"))])
    reason = f"The input may have more users of the claim: {tmp_path / 'a'}:3 can't be read.\n"
    for claim, first in (("images", "claim images"), ("x", "Nothing in the part of the input that was read uses the claim x.")):  # fmt: skip
        text = run("inventory", "--claim", claim, str(tmp_path / "a"), pod).output.decode()
        assert text.startswith(first)
        assert reason in text
    data = read_inventory("--claim", "x", str(tmp_path / "a"), pod)
    assert data["gaps"] == [f"{tmp_path / 'a'}:3 can't be read"]
    assert "A part of the input was not read" in run("inventory", "--claim", "x", "-o", "html", str(tmp_path / "a")).output.decode()  # fmt: skip
