"""Which kept Jobs are stale, and what the printed commands delete."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

import pytest
import yaml

from tests.support.cli import make_job, run
from tests.support.inventory import (
    KEEP,
    Object,
    as_live,
    job_name,
    make_kept,
    make_manifest,
    must_run,
    read_inventory,
    write,
)
from tests.support.messages import heads

if TYPE_CHECKING:
    from pathlib import Path

OLD = make_manifest(make_kept("old"))
NEW = make_manifest(make_kept("new"))
STALE = job_name(OLD)
CURRENT = job_name(NEW)
SERVICE: Object = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web"}}
DELETE = f"kubectl delete --namespace vision jobs.batch/{STALE}"


def states(folder: Path, live: list[Object], *manifests: list[Object], words: tuple[str, ...] = ()) -> dict[str, str]:
    paths = [write(folder / "live", live, as_list=True)]
    paths += [write(folder / f"manifest-{number}", objects) for number, objects in enumerate(manifests)]
    found = read_inventory(*words, *paths)
    assert found["problems"] == []
    return {job["object"].partition("/")[2]: job["state"] for job in found["keptJobs"]}


def lines(folder: Path, live: list[Object], *manifests: list[Object]) -> list[str]:
    paths = [write(folder / "live", live, as_list=True)]
    paths += [write(folder / f"manifest-{number}", objects) for number, objects in enumerate(manifests)]
    return must_run("--stale", *paths).splitlines()


def test_a_job_is_stale_if_its_release_has_other_content(tmp_path: Path) -> None:
    assert states(tmp_path, as_live([*OLD, *NEW]), NEW) == {STALE: "stale", CURRENT: "current"}
    assert lines(tmp_path, as_live([*OLD, *NEW]), NEW) == ["# 1 stale Job, finished", DELETE]


def test_a_release_without_runs_makes_its_jobs_stale(tmp_path: Path) -> None:
    catalog = [item for item in NEW if item["kind"] == "ConfigMap"]
    assert states(tmp_path, as_live(OLD), catalog) == {STALE: "stale"}


def test_each_content_of_two_manifests_of_a_release_is_current(tmp_path: Path) -> None:
    assert set(states(tmp_path, as_live([*OLD, *NEW]), OLD, NEW).values()) == {"current"}


@pytest.mark.parametrize(
    ("manifest", "hint"),
    [
        ([SERVICE], "give `helm get manifest demo --namespace vision`"),
        (make_manifest(make_kept("new"), release="other"), "give `helm get manifest demo --namespace vision`"),
        (
            make_manifest(make_kept("new"), namespace="speech"),
            "the manifest of demo in the input is of namespace speech: give `helm get manifest demo --namespace vision`",
        ),
        (as_live(NEW), "give `helm get manifest demo --namespace vision`"),
        (
            make_manifest(make_kept("new"), namespace=""),
            "write --namespace vision before the file with the manifest of its release",
        ),
    ],
    ids=["none", "other release", "other namespace", "only live objects", "no namespace"],
)
def test_without_a_manifest_of_its_own_release_a_job_is_unknown(
    tmp_path: Path, manifest: list[Object], hint: str
) -> None:
    assert states(tmp_path, as_live(OLD), manifest)[STALE] == "unknown"
    found = lines(tmp_path, as_live(OLD), manifest)
    assert found[0] == "# 0 stale Jobs, finished"
    assert found[-1].endswith(f", not known whether stale: {hint}")
    assert not [line for line in found if not line.startswith("#")]


def test_the_command_line_gives_a_namespace_to_the_next_file(tmp_path: Path) -> None:
    live = write(tmp_path / "live", as_live(OLD), as_list=True)
    new = write(tmp_path / "new", make_manifest(make_kept("new"), namespace=""))
    other = write(tmp_path / "other", make_manifest(make_kept("other"), namespace="", release="other"))

    def state(*words: str) -> str:
        return str(read_inventory(*words)["keptJobs"][0]["state"])

    assert state(live, "--namespace", "vision", new, other) == "stale"
    assert state(live, "--namespace", "speech", new, other) == "unknown"
    assert state(live, new, "--namespace", "vision", other) == "unknown"
    assert state(new, "--namespace", "vision", other, live) == "unknown"


def test_a_namespace_of_the_object_itself_counts_more(tmp_path: Path) -> None:
    path = write(tmp_path / "live", as_live(OLD), as_list=True)
    found = read_inventory("--namespace", "speech", path, write(tmp_path / "new", NEW))
    assert [job["state"] for job in found["keptJobs"]] == ["stale"]
    (problem,) = found["problems"]
    assert (problem["code"], problem["severity"], problem["stream"]) == ("unused-namespace", "warning", path)
    assert problem["message"].startswith("--namespace speech changes no object of this file")
    live = as_live(OLD)
    del live[0]["metadata"]["namespace"]
    assert states(tmp_path, live, NEW, words=("--namespace", "vision")) == {STALE: "stale"}


def test_a_job_without_a_namespace_or_a_release_is_unknown(tmp_path: Path) -> None:
    for field, where, reason in (
        ("namespace", ("metadata",), "write --namespace before the file with the Job, which has no namespace"),
        ("app.kubernetes.io/instance", ("metadata", "labels"), "the Job has no label app.kubernetes.io/instance"),
    ):
        live = as_live(OLD)
        holder = live[0]
        for key in where:
            holder = holder[key]
        del holder[field]
        assert lines(tmp_path, live, NEW)[-1] == f"# 1 Job, not known whether stale: {reason}"


def test_a_label_that_can_not_be_a_release_is_no_part_of_a_command(tmp_path: Path) -> None:
    live = as_live(OLD)
    live[0]["metadata"]["labels"]["app.kubernetes.io/instance"] = "demo; ls"
    (line,) = lines(tmp_path, live, NEW)[1:]
    assert line.endswith("its label app.kubernetes.io/instance is not the name of a release")


@pytest.mark.parametrize(
    ("change", "status"),
    [({}, "active"), ({"status": {"conditions": [{"type": "Failed", "status": "False"}]}}, "active"), ({"status": {}}, "active")],
)  # fmt: skip
def test_a_job_in_progress_is_listed_apart_without_a_command(tmp_path: Path, change: Object, status: str) -> None:
    live = [as_live(OLD, status="")[0] | change]
    assert states(tmp_path, live, NEW) == {STALE: "stale"}
    assert lines(tmp_path, live, NEW) == [
        "# 0 stale Jobs, finished",
        "# 1 stale Job, not finished",
        f"# vision/{STALE} is {status}",
    ]


def test_a_suspended_job_can_go_on(tmp_path: Path) -> None:
    live = as_live(OLD, status="")
    live[0]["spec"]["suspend"] = True
    assert lines(tmp_path, live, NEW)[-1] == f"# vision/{STALE} is suspended"


def test_a_failed_job_is_finished(tmp_path: Path) -> None:
    assert DELETE in lines(tmp_path, as_live(OLD, status="Failed"), NEW)


@pytest.mark.parametrize(
    "annotation", ["helm.sh/resource-policy", "polyaxon.com/base-name"], ids=["not kept", "not named by its content"]
)
def test_other_jobs_are_not_judged(tmp_path: Path, annotation: str) -> None:
    live = as_live(OLD)
    del live[0]["metadata"]["annotations"][annotation]
    assert states(tmp_path, live, NEW) == {}


def test_a_manifest_that_was_not_rendered_proves_no_job_stale(tmp_path: Path) -> None:
    stream = make_kept("new").replace("  annotations:\n", "  namespace: vision\n  labels: {app.kubernetes.io/instance: demo}\n  annotations:\n")  # fmt: skip
    site = tmp_path / "site"
    site.write_text("persistence: {outputs: {results: {mountPath: /results, existingClaim: results}}}\n")
    rendered = run("--persistence", str(site), stdin=stream).output.decode()
    manifest = tmp_path / "bare"
    manifest.write_text(stream)
    current = list(yaml.safe_load_all(rendered))
    live = write(tmp_path / "live", as_live([*OLD, *current]), as_list=True)
    found = read_inventory("--persistence", str(site), live, str(manifest))
    assert {job["object"]: job["state"] for job in found["keptJobs"]} == {
        f"Job/{STALE}": "unknown",
        f"Job/{job_name(current)}": "current",
    }
    not_rendered = "the manifest of demo is not rendered: give `helm get manifest demo --namespace vision`"
    assert not_rendered in {job["reason"] for job in found["keptJobs"]}
    assert "kubectl" not in must_run("--stale", "--persistence", str(site), live, str(manifest))
    # Without its catalog, the content is not known.
    found = read_inventory(live, str(manifest))
    assert [problem["code"] for problem in found["problems"]] == ["no-catalog"]
    assert {(job["state"], job["reason"]) for job in found["keptJobs"]} == {("unknown", not_rendered)}


def test_a_rendered_manifest_of_a_site_catalog_needs_no_catalog(tmp_path: Path) -> None:
    site = tmp_path / "site"
    site.write_text("persistence: {outputs: {results: {mountPath: /results, existingClaim: results}}}\n")
    stream = make_kept("new").replace("  annotations:\n", "  namespace: vision\n  labels: {app.kubernetes.io/instance: demo}\n  annotations:\n")  # fmt: skip
    rendered = list(yaml.safe_load_all(run("--persistence", str(site), stdin=stream).output.decode()))
    assert states(tmp_path, as_live([*OLD, *rendered]), rendered) == {STALE: "stale", job_name(rendered): "current"}


def test_a_build_without_volumes_is_rendered_when_it_has_its_name(tmp_path: Path) -> None:
    build = make_job("kind: build\n", annotations=KEEP)
    rendered = make_manifest(build)
    assert states(tmp_path, as_live(OLD), rendered)[STALE] == "stale"
    bare = [item for item in yaml.safe_load_all(build) if item]
    bare[0]["metadata"] |= {"namespace": "vision", "labels": {"app.kubernetes.io/instance": "demo"}}
    assert states(tmp_path, as_live(OLD), bare)[STALE] == "unknown"


def test_a_job_of_an_operator_is_not_judged(tmp_path: Path) -> None:
    live = as_live(OLD)
    live[0]["apiVersion"] = "batch.volcano.sh/v1alpha1"
    assert states(tmp_path, live, NEW) == {}


# Its ConfigMaps

FILED = make_manifest(make_kept("old", files="demo-train-1"), files="demo-train-1")


def config_maps(folder: Path, live: list[Object], *manifests: list[Object]) -> list[str]:
    return [word for line in lines(folder, live, *manifests) for word in line.split() if word.startswith("configmaps/")]


def test_its_own_config_map_is_deleted_with_it(tmp_path: Path) -> None:
    assert config_maps(tmp_path, as_live(FILED), NEW) == ["configmaps/demo-train-1"]


def test_pods_of_the_job_are_no_other_users(tmp_path: Path) -> None:
    live = as_live(FILED)
    (job,) = [item for item in live if item["kind"] == "Job"]
    pod: Object = {"apiVersion": "v1", "kind": "Pod", "spec": job["spec"]["template"]["spec"]}
    owner = {"controller": True, "uid": job["metadata"]["uid"], "kind": "Job"}
    pod["metadata"] = {"name": "train-x", "namespace": "vision", "uid": "pod", "ownerReferences": [owner]}
    assert config_maps(tmp_path, [*live, pod], NEW) == ["configmaps/demo-train-1"]
    owner["uid"] = "another"
    assert config_maps(tmp_path, [*live, pod], NEW) == []


USERS = {
    "another stale Job": (as_live(make_manifest(make_kept("older", files="demo-train-1"))), NEW),
    "a current Job": (as_live(make_manifest(make_kept("new", files="demo-train-1"))), NEW),
    "a Job of the manifest": ([], make_manifest(make_kept("new", files="demo-train-1"))),
    "a Job without a namespace": ([], [*NEW, *make_manifest(make_kept("new", files="demo-train-1"), namespace="", release="x")]),
    "the manifest has it": ([], [*NEW, {**FILED[-1], "metadata": {**FILED[-1]["metadata"], "annotations": {}}}]),
}  # fmt: skip


@pytest.mark.parametrize("users", USERS.values(), ids=list(USERS))
def test_a_config_map_that_something_else_needs_stays(tmp_path: Path, users: tuple[list[Object], list[Object]]) -> None:
    live, manifest = users
    assert config_maps(tmp_path, [*as_live(FILED), *live], manifest) == []


def test_the_same_name_in_another_namespace_is_another_config_map(tmp_path: Path) -> None:
    other = make_manifest(make_kept("new", files="demo-train-1"), namespace="speech", files="demo-train-1")
    assert config_maps(tmp_path, as_live([*FILED, *other]), NEW, other) == ["configmaps/demo-train-1"]


CHANGES: dict[str, Object | None] = {
    "not in the input": None,
    "not kept": {"annotations": {}},
    "not of a run": {"labels": {"app.kubernetes.io/instance": "demo"}},
    "of another release": {"labels": {"app.kubernetes.io/instance": "other", "polyaxon.com/run": "train"}},
    "not in the cluster": {"uid": None},
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=list(CHANGES))
def test_only_a_kept_config_map_of_the_chart_is_its_own(tmp_path: Path, change: Object | None) -> None:
    live = as_live(FILED)
    if change is None:
        live = [item for item in live if item["kind"] == "Job"]
    else:
        live[-1]["metadata"] |= change
    assert config_maps(tmp_path, live, NEW) == []


@pytest.mark.parametrize(
    "pod",
    [
        "volumes: [{name: a, projected: {sources: [{configMap: {name: demo-train-1}}]}}]\n",
        "initContainers: [{name: i, image: busybox, envFrom: [{configMapRef: {name: demo-train-1}}]}]\n",
        "initContainers: [{name: i, image: busybox, env: [{name: A, valueFrom: {configMapKeyRef: {name: demo-train-1, key: a}}}]}]\n",
    ],
    ids=["projected", "envFrom", "env"],
)
def test_a_config_map_can_be_used_in_other_ways(tmp_path: Path, pod: str) -> None:
    users = make_manifest(make_job(name="other", annotations=KEEP, pod=pod), files="demo-train-1")
    assert config_maps(tmp_path, as_live([*FILED, users[1]]), NEW) == []
    assert config_maps(tmp_path, as_live(users), NEW) == ["configmaps/demo-train-1"]


# Names

HOSTILE = ["train; ls", "$(ls)", "-o", "../x", "a\nkubectl delete all", "Train", "x" * 254]


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("what", ["the name of the Job", "the namespace"])
def test_a_name_that_is_no_dns_name_is_an_error(tmp_path: Path, what: str, name: str) -> None:
    live = as_live(copy.deepcopy(OLD))
    manifest = copy.deepcopy(NEW)
    if what == "the namespace":
        for item in (*live, *manifest):
            item["metadata"]["namespace"] = name
    else:
        live[0]["metadata"]["name"] = name
    paths = [write(tmp_path / "live", live, as_list=True), write(tmp_path / "new", manifest)]
    result = run("inventory", "--stale", *paths)
    assert result.exit_code == 1
    assert result.output == b"# 1 stale Job, finished\n"
    (head,) = heads(result.error)
    assert head.startswith("error[invalid-name] Job/")
    assert f": {what} " in head
    assert "is not a DNS name" in head


def test_the_name_of_a_config_map_is_checked(tmp_path: Path) -> None:
    live = as_live(make_manifest(make_kept("old", files="'a;ls'"), files="a;ls"))
    paths = [write(tmp_path / "live", live, as_list=True), write(tmp_path / "new", NEW)]
    result = run("inventory", "--stale", *paths)
    assert (result.exit_code, result.output) == (1, b"# 1 stale Job, finished\n")
    assert 'the name of the ConfigMap "a;ls" is not a DNS name' in result.error
