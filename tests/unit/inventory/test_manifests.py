"""Which manifest proves that a Job is stale: a manifest of exactly its release. And what counts as the Job's end."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

import pytest

from tests.support.cli import run
from tests.support.inventory import (
    Object,
    as_live,
    job_name,
    make_kept,
    make_manifest,
    must_run,
    read_inventory,
    write,
)

if TYPE_CHECKING:
    from pathlib import Path

OLD = make_manifest(make_kept("old"))
NEW = make_manifest(make_kept("new"))
STALE = job_name(OLD)
CATALOG, NEW_JOB = sorted(NEW, key=lambda item: str(item["kind"]))
SERVICE: Object = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "a", "namespace": "vision"}}
ROLE: Object = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": "a"}}
ASK = "give `helm get manifest demo --namespace vision`"
GIVE_NAMESPACE = "write --namespace vision before the file with the manifest of its release"


def label(item: Object, release: str = "demo", namespace: str = "") -> Object:
    """The object with the label of a release, and in this namespace if there is one."""
    found = copy.deepcopy(item)
    found["metadata"].setdefault("labels", {})["app.kubernetes.io/instance"] = release
    if namespace:
        found["metadata"]["namespace"] = namespace
    return found


def unplaced(item: Object) -> Object:
    found = copy.deepcopy(item)
    del found["metadata"]["namespace"]
    return found


def by_helm(live: list[Object], release: str = "demo", namespace: str = "vision") -> list[Object]:
    """The objects as Helm installs them."""
    for item in live:
        names = {"meta.helm.sh/release-name": release, "meta.helm.sh/release-namespace": namespace}
        item["metadata"]["annotations"] = {**item["metadata"].get("annotations", {}), **names}
    return live


def with_uid(item: Object, uid: str) -> Object:
    found = copy.deepcopy(item)
    found["metadata"]["uid"] = uid
    return found


def judge(folder: Path, live: list[Object], *manifests: list[Object], words: tuple[str, ...] = ()) -> str:
    """`stale`, or the reason why it is not known. `words`: before the first manifest."""
    paths = [write(folder / f"manifest-{number}", objects) for number, objects in enumerate(manifests)]
    found = read_inventory(write(folder / "live", live, as_list=True), *words, *paths)["keptJobs"]
    (job,) = [job for job in found if job["object"] == f"Job/{STALE}"]
    assert (job["delete"] is not None) == (job["state"] == "stale")
    return str(job["state"] if job["state"] != "unknown" else job["reason"])


OTHER_DEMO = [label(CATALOG, namespace="team-a"), label(SERVICE)]  # a release demo in team-a, with an object in vision


@pytest.mark.parametrize("live", [as_live(OLD), by_helm(as_live(OLD))], ids=["without annotations", "by Helm"])
def test_a_release_of_another_namespace_that_has_an_object_here(tmp_path: Path, live: list[Object]) -> None:
    given = ("--namespace", "team-a")
    assert judge(tmp_path, live, OTHER_DEMO, words=given) == f"the manifest of demo in the input is of namespace team-a: {ASK}"  # fmt: skip
    assert "unused-namespace" not in run("inventory", *given, str(tmp_path / "manifest-0")).error
    assert judge(tmp_path, live, OTHER_DEMO) == GIVE_NAMESPACE
    here = [CATALOG, label(SERVICE, namespace="team-a"), NEW_JOB]
    live = [*live, *by_helm(as_live([NEW_JOB]))]
    assert judge(tmp_path, live, here, words=("--namespace", "vision")) == "stale"


@pytest.mark.parametrize("other", [label(unplaced(CATALOG)), label(unplaced(SERVICE)), unplaced(NEW_JOB)])
def test_an_object_without_a_namespace_may_be_anywhere(tmp_path: Path, other: Object) -> None:
    assert judge(tmp_path, as_live(OLD), [CATALOG, other]) == GIVE_NAMESPACE
    assert judge(tmp_path, as_live(OLD), [CATALOG, other], words=("--namespace", "vision")) == "stale"


def test_an_object_without_a_label_can_be_of_the_release(tmp_path: Path) -> None:
    other = label(SERVICE, namespace="team-a")
    del other["metadata"]["labels"]
    assert judge(tmp_path, as_live(OLD), [CATALOG, other]) == GIVE_NAMESPACE
    assert judge(tmp_path, as_live(OLD), [CATALOG, unplaced(other)]) == GIVE_NAMESPACE
    assert judge(tmp_path, by_helm(as_live([*OLD, *NEW])), [*NEW, unplaced(other)]) == "stale"


def test_a_kind_without_a_namespace_needs_none(tmp_path: Path) -> None:
    assert judge(tmp_path, as_live(OLD), [CATALOG, label(ROLE)]) == "stale"


def test_the_job_itself_without_label_or_namespace(tmp_path: Path) -> None:
    job = next(item for item in OLD if item["kind"] == "Job")
    bare = copy.deepcopy(job)
    del bare["metadata"]["labels"]["app.kubernetes.io/instance"]
    assert judge(tmp_path, as_live(OLD), NEW, [bare]) == "current"
    assert judge(tmp_path, as_live(OLD), NEW, [unplaced(bare)]) == GIVE_NAMESPACE


def test_a_manifest_with_neither_a_catalog_nor_a_workload(tmp_path: Path) -> None:
    reason = f"the manifest of demo has no catalog and no workload: {ASK}"
    assert judge(tmp_path, as_live(OLD), [label(SERVICE)]) == reason
    assert judge(tmp_path, as_live(OLD), [label(SERVICE), CATALOG]) == "stale"
    assert judge(tmp_path, as_live(OLD), [label(SERVICE), NEW_JOB]) == "stale"


def test_a_manifest_that_was_cut_between_two_objects(tmp_path: Path) -> None:
    """The files of a run are there, and the run is not. Helm writes ConfigMaps before Jobs."""
    manifest = make_manifest(make_kept("old", files="files-1"), files="files-1")
    whole = sorted(manifest, key=lambda item: str(item["kind"]))
    path = write(tmp_path / "live", as_live(manifest), as_list=True)
    (job,) = read_inventory(path, write(tmp_path / "cut", whole[:-1]))["keptJobs"]
    what = "the manifest of demo has ConfigMap/files-1, but not its run, so a part may be missing"
    assert (job["state"], job["reason"], job["delete"]) == ("unknown", f"{what}: {ASK}", None)
    (job,) = read_inventory(path, write(tmp_path / "whole", whole))["keptJobs"]
    assert job["state"] == "current"


def test_a_second_manifest_takes_no_proof_away(tmp_path: Path) -> None:
    assert judge(tmp_path, as_live(OLD), NEW, [unplaced(item) for item in NEW]) == "stale"


# Helm's annotations


@pytest.mark.parametrize("manifest", [[label(SERVICE, "training")], [label(item, "training") for item in NEW]])
def test_a_fixed_label_of_two_releases_of_one_chart(tmp_path: Path, manifest: list[Object]) -> None:
    """The manifest is of the release a, the Job of the release b."""
    jobs = by_helm([label(item, "training") for item in as_live(OLD)], "b")
    own = by_helm([label(item, "training") for item in as_live(NEW)], "a")
    assert judge(tmp_path, [*jobs, *own], manifest) == "give `helm get manifest b --namespace vision`"


def test_a_fixed_label_that_is_the_name_of_one_release(tmp_path: Path) -> None:
    """Both releases write the label demo. The manifest is of the release other."""
    live = by_helm(as_live(OLD))
    assert judge(tmp_path, [*live, *by_helm(as_live(NEW), "other")], NEW) == ASK
    assert judge(tmp_path, live, NEW) == (
        "the input from the cluster has no object of the manifest of demo, so its release is not certain: "
        "add configmaps to `kubectl get`"
    )


@pytest.mark.parametrize("release", ["demo", "b"])
def test_an_object_in_the_cluster_shows_the_release_of_its_manifest(tmp_path: Path, release: str) -> None:
    """The label is another name, or the name of the release."""
    live = by_helm(as_live([*OLD, *NEW]), release)
    assert judge(tmp_path, live, NEW) == "stale"
    catalog = by_helm([with_uid(CATALOG, "c")], release)
    assert judge(tmp_path, [*by_helm(as_live(OLD), release), *catalog], [CATALOG]) == "stale"


def test_a_release_can_have_its_jobs_in_another_namespace(tmp_path: Path) -> None:
    live = by_helm(as_live([*OLD, *NEW]), namespace="team-a")
    assert judge(tmp_path, live, NEW) == "stale"
    assert judge(tmp_path, live) == "give `helm get manifest demo --namespace team-a`"


def test_manifests_of_two_releases_with_one_label_in_one_file(tmp_path: Path) -> None:
    other = make_manifest(make_kept("other"))
    live = [*by_helm(as_live([*OLD, *NEW])), *by_helm(as_live(other), "other")]
    assert judge(tmp_path, live, [*NEW, *other]) == f"the manifest of demo has objects of several releases: {ASK}"
    assert judge(tmp_path, live, NEW, other) == "stale"


def test_an_annotation_that_can_not_be_a_release_is_no_part_of_a_command(tmp_path: Path) -> None:
    live = by_helm(as_live([*OLD, *NEW]), "demo; ls")
    assert judge(tmp_path, live, NEW) == "its annotation meta.helm.sh/release-name is not the name of a release"
    live = by_helm(as_live([*OLD, *NEW]), namespace="a`ls`")
    assert judge(tmp_path, live, NEW) == "its annotation meta.helm.sh/release-namespace is not the name of a namespace"


# Several copies of a Job


def copies(folder: Path, *live: list[Object]) -> str:
    paths = [write(folder / f"live-{number}", objects, as_list=True) for number, objects in enumerate(live)]
    return must_run("--stale", *paths, write(folder / "manifest", NEW))


@pytest.mark.parametrize("change", [{}, {"labels": {}}, {"namespace": None}])
def test_a_job_that_is_not_finished_in_one_dump(tmp_path: Path, change: Object) -> None:
    done, active = as_live(OLD), as_live(OLD, status="")
    active[0]["metadata"] |= change
    for live in ([done, active], [active, done]):
        text = copies(tmp_path, *live)
        assert "kubectl delete" not in text
        assert f"# vision/{STALE} is active\n" in text
    assert "kubectl delete" in copies(tmp_path, done, done)


def test_a_job_that_was_made_again_between_two_dumps(tmp_path: Path) -> None:
    done, again = as_live(OLD), as_live(OLD)
    again[0]["metadata"]["uid"] = "another"
    reason = "the input has this Job twice, with different uids: save the cluster again"
    assert copies(tmp_path, done, again).splitlines()[1:] == [f"# 1 Job, not known whether stale: {reason}"]


def test_a_config_map_that_was_made_again_between_two_dumps(tmp_path: Path) -> None:
    live = as_live(make_manifest(make_kept("old", files="files-1"), files="files-1"))
    assert "configmaps/files-1" in copies(tmp_path, live)
    again = copy.deepcopy(live)
    again[-1]["metadata"]["uid"] = "another"
    assert "configmaps/files-1" not in copies(tmp_path, live, again)


def test_a_job_of_a_cron_job_keeps_the_files_that_its_cron_job_no_longer_mounts(tmp_path: Path) -> None:
    live = as_live(make_manifest(make_kept("old", files="files-1"), files="files-1"))
    metadata = {"name": "nightly", "namespace": "vision", "uid": "c"}
    cron_job: Object = {"apiVersion": "batch/v1", "kind": "CronJob", "metadata": metadata, "spec": {}}
    owner = {"kind": "CronJob", "name": "nightly", "uid": "c", "controller": True}
    job = copy.deepcopy(live[0])
    job["metadata"] = {"name": "nightly-1", "namespace": "vision", "uid": "j", "ownerReferences": [owner]}
    assert "configmaps/files-1" not in copies(tmp_path, [*live, cron_job, job])
