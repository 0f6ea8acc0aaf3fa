"""Who uses a storage: objects of several inputs, each once, by namespace."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.support.cli import make_catalog, make_job
from tests.support.inventory import Object, as_live, job_name, make_kept, make_manifest, read_inventory, write

if TYPE_CHECKING:
    from pathlib import Path

CLAIM = "outputs-foo-pvc"  # the first writable outputs volume of the documented catalog
WEB: Object = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "web", "namespace": "vision"},
    "spec": {
        "template": {
            "spec": {
                "containers": [{"name": "a", "volumeMounts": [{"name": "v", "mountPath": "/v", "readOnly": True}]}],
                "volumes": [{"name": "v", "persistentVolumeClaim": {"claimName": CLAIM}}],
            }
        }
    },
}


def users(*paths: str, claim: str = CLAIM) -> list[tuple[str | None, str | None, str, str, bool]]:
    """Namespace of the claim, release, object, access, and whether it is from the cluster (its file is `live`)."""
    return [
        (storage["namespace"], user["release"], user["object"], user["access"], user["stream"].endswith("live"))
        for storage in read_inventory(*paths)["storage"]
        for user in storage["users"]
        if storage["name"] == claim
    ]


def test_a_claim_of_each_namespace_is_another_claim(tmp_path: Path) -> None:
    vision = make_manifest(make_kept())
    speech = make_manifest(make_kept(), make_kept(name="tune"), namespace="speech", release="other")
    paths = [write(tmp_path / "a", vision), write(tmp_path / "b", speech)]
    name, tune = job_name(vision), job_name(speech, "tune")
    found = read_inventory(*paths)["storage"]
    assert [(one["type"], one["namespace"]) for one in found if one["name"] == CLAIM] == [
        ("claim", "speech"),
        ("claim", "vision"),
    ]
    assert users(*paths) == [
        ("speech", "other", f"Job/{name}", "writes", False),
        ("speech", "other", f"Job/{tune}", "writes", False),
        ("vision", "demo", f"Job/{name}", "writes", False),
    ]


def test_a_path_of_the_nodes_has_the_users_of_all_namespaces(tmp_path: Path) -> None:
    paths = [write(tmp_path / name, make_manifest(make_kept(), namespace=name)) for name in ("vision", "speech")]
    (storage,) = [one for one in read_inventory(*paths)["storage"] if one["type"] == "hostPath"]
    assert (storage["namespace"], storage["name"]) == (None, "/path/to/data")
    assert [(user["namespace"], user["access"]) for user in storage["users"]] == [
        ("speech", "reads"),
        ("vision", "reads"),
    ]


def test_an_object_of_two_inputs_counts_once_as_it_is_in_the_cluster(tmp_path: Path) -> None:
    manifest = make_manifest(make_kept())
    paths = [write(tmp_path / "manifest", manifest), write(tmp_path / "live", as_live(manifest), as_list=True)]
    assert users(*paths) == [("vision", "demo", f"Job/{job_name(manifest)}", "writes", True)]
    assert users(*reversed(paths)) == users(*paths)


def test_without_a_namespace_it_is_unknown_and_the_command_line_can_give_it(tmp_path: Path) -> None:
    manifest = make_manifest(make_kept(), namespace="")
    path = write(tmp_path / "manifest", manifest)
    who = ("demo", f"Job/{job_name(manifest)}", "writes", False)
    assert users(path) == [(None, *who)]
    assert users("--namespace", "vision", path) == [("vision", *who)]


def test_other_objects_are_listed_beside_runs(tmp_path: Path) -> None:
    paths = [write(tmp_path / "a", make_manifest(make_kept())), write(tmp_path / "b", [WEB])]
    found = [one for one in read_inventory(*paths)["storage"] if one["name"] == CLAIM]
    assert [
        (user["object"].split("/")[0], user["isRun"], user["access"]) for one in found for user in one["users"]
    ] == [
        ("Deployment", False, "reads"),
        ("Job", True, "writes"),
    ]


def test_storage_without_a_run_is_listed_only_by_its_name(tmp_path: Path) -> None:
    path = write(tmp_path / "b", [WEB])
    assert users(path) == []
    assert users("--claim", CLAIM, path) == [("vision", None, "Deployment/web", "reads", False)]


def test_pods_whose_owner_is_in_the_input_are_part_of_it(tmp_path: Path) -> None:
    live = as_live(make_manifest(make_kept()))
    spec = live[0]["spec"]["template"]["spec"]
    owner = {"uid": live[0]["metadata"]["uid"], "controller": True}
    metadata = {"name": "train-abcde", "namespace": "vision", "uid": "1", "ownerReferences": [owner]}
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}
    assert [row[2] for row in users(write(tmp_path / "a", [*live, pod]))] == [f"Job/{live[0]['metadata']['name']}"]
    assert [row[2] for row in users(write(tmp_path / "b", [pod]))] == ["Pod/train-abcde"]
    owner["controller"] = False
    assert len(users(write(tmp_path / "c", [*live, pod]))) == 2


def test_a_run_from_the_cluster_needs_no_catalog(tmp_path: Path) -> None:
    path = write(tmp_path / "live", as_live(make_manifest(make_kept())), as_list=True)
    data = read_inventory(path)
    assert data["problems"] == []
    assert len(data["storage"]) == 4


def test_a_live_run_without_its_volumes_uses_nothing(tmp_path: Path) -> None:
    """It was installed without the post-renderer: what it asks for is not what it uses."""
    stream = make_catalog() + make_job().replace("  name: train\n", "  name: train\n  uid: '1'\n")
    (tmp_path / "a").write_text(stream)
    data = read_inventory(str(tmp_path / "a"))
    assert (data["storage"], data["problems"]) == ([], [])


def test_a_run_with_an_error_is_reported_and_not_listed() -> None:
    wrong = make_job("environment: {persistence: {data: [data-fo]}}\n", name="wrong")
    data = read_inventory(stdin=make_catalog() + make_job() + wrong)
    assert [problem["code"] for problem in data["problems"]] == ["unknown-volume"]
    assert {user["object"] for one in data["storage"] for user in one["users"]} == {"Job/train"}


def make_pod_of_web(template: str, replica_set: str) -> Object:
    labels = {"pod-template-hash": template}
    owner = {"kind": "ReplicaSet", "name": replica_set, "uid": "9", "controller": True}
    metadata = {"name": "web-5c46-x", "namespace": "vision", "uid": "7", "labels": labels, "ownerReferences": [owner]}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": WEB["spec"]["template"]["spec"]}


def test_a_pod_of_a_deployment_is_part_of_it_without_the_replica_set_between_them(tmp_path: Path) -> None:
    web = {**WEB, "metadata": {**WEB["metadata"], "uid": "8"}}
    pod = make_pod_of_web("5c46", "web-5c46")
    elsewhere = {**pod, "metadata": {**pod["metadata"], "namespace": "speech"}}
    seen = [
        [row[2] for row in users("--claim", CLAIM, write(tmp_path / "a", objects))]
        for objects in ([web, pod], [WEB, pod], [web, elsewhere], [web, make_pod_of_web("5c46", "web-beside")])
    ]
    both = ["Deployment/web", "Pod/web-5c46-x"]
    assert [sorted(names) for names in seen] == [["Deployment/web"], both, both, both]
