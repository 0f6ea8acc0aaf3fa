"""`inventory` of a cluster with three releases in two namespaces: who uses which claim, and which Jobs are stale."""

from __future__ import annotations

import json
import shlex
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.e2e.cluster.support import GOES_ON, IMAGE, KUBECTL, Namespace, until
from tests.support.cli import run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.e2e.cluster.support import Helm, Object

LIVE = ("get", "jobs,cronjobs,deployments,pods,configmaps", "--all-namespaces", "-o", "yaml")


class Release:
    """A release in the namespace of a Helm."""

    def __init__(self, helm: Helm, name: str) -> None:
        self.helm = helm
        self.name = name

    def upgrade(self, text: str, **run: object) -> None:
        """Install one run, with a small file. Another text is another content."""
        persistence = {
            "data": {"images": {"mountPath": "/data/images", "existingClaim": "images", "readOnly": True}},
            "outputs": {"results": {"mountPath": "/outputs/results", "existingClaim": "results"}},
        }
        train = {"command": ["/bin/true"], "files": {"a.txt": text}, **run}
        values = {"persistence": persistence, "runDefaults": {**IMAGE}, "runs": {"train": train}}
        file = self.helm.folder / f"{self.name}.yaml"
        file.write_text(json.dumps(values))
        words = ("upgrade", "--install", self.name, "chart", "-f", str(file), "--post-renderer", "polyaxon-persistence")
        done = self.helm.run(*words)
        assert done.returncode == 0, done.stderr + self.helm.why()

    def jobs(self) -> set[str]:
        return {job["metadata"]["name"] for job in self.helm.space.get("jobs", instance=self.name)}

    def config_maps(self) -> set[str]:
        found = self.helm.space.get("configmaps", instance=self.name, run="train")
        return {one["metadata"]["name"] for one in found}

    def manifest(self, folder: Path) -> str:
        path = folder / f"{self.helm.space.name}-{self.name}.yaml"
        path.write_text(self.helm.must("get", "manifest", self.name))
        return str(path)


@pytest.fixture
def releases(
    make_helm: Callable[[str, Namespace], Helm], make_namespace: Callable[[], Namespace]
) -> Iterator[list[Release]]:
    """`demo` and `other` in one namespace, and another `demo` in a second one."""
    spaces = [make_namespace() for _ in range(2)]
    for space in spaces:
        space.make_claims("images", "results")
    first, second = (make_helm(name, space) for name, space in zip(("helm3", "helm4"), spaces, strict=True))
    yield [Release(first, "demo"), Release(first, "other"), Release(second, "demo")]
    for space in spaces:
        space.kubectl("delete", "jobs,deployments,pods", "--all", "--wait=false")


def read_live(folder: Path) -> str:
    path = folder / "live.yaml"
    path.write_text(Namespace("default").kubectl(*LIVE))
    return str(path)


def users_of(claim: str, *paths: str) -> dict[tuple[str, str, str], str]:
    """Namespace, release and object of each user of a claim -> whether it reads or writes."""
    result = run("inventory", "--claim", claim, "--output", "json", *paths)
    assert result.exit_code == 0, result.error
    return {
        (str(user["namespace"]), str(user["release"]), user["object"]): user["access"]
        for storage in json.loads(result.output)["storage"]
        for user in storage["users"]
        if storage["namespace"] == user["namespace"]
    }


def make_viewer(space: Namespace) -> Object:
    """A pod that reads the results, and asks for no volumes of a catalog."""
    container = {"name": "main", "command": ["/bin/sleep", "1000"], **IMAGE}
    mount = {"name": "results", "mountPath": "/results", "readOnly": True}
    volume = {"name": "results", "persistentVolumeClaim": {"claimName": "results"}}
    spec = {"containers": [{**container, "volumeMounts": [mount]}], "volumes": [volume]}
    template = {"metadata": {"labels": {"app": "viewer"}}, "spec": {**spec, "terminationGracePeriodSeconds": 0}}
    metadata = {"name": "viewer", "namespace": space.name}
    selector = {"matchLabels": {"app": "viewer"}}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": metadata,
        "spec": {"selector": selector, "template": template},
    }


def test_the_users_of_each_claim_and_the_stale_jobs(releases: list[Release], tmp_path: Path) -> None:
    demo, other, second = releases
    # The first content of each release: two end at once, one goes on.
    demo.upgrade("1")
    other.upgrade("1")
    second.upgrade("1", command=GOES_ON)
    first_jobs = {release: release.jobs() for release in releases}
    first_files = {release: release.config_maps() for release in releases}
    assert [len(found) for found in (*first_jobs.values(), *first_files.values())] == [1] * 6
    for release in (demo, other):
        for job in first_jobs[release]:
            release.helm.space.wait_for_end(job)
    second.helm.space.wait_for_pods()
    # `demo` and the second `demo` change. `other` stays as it is.
    demo.upgrade("2")
    second.upgrade("2", command=GOES_ON)
    space = demo.helm.space
    space.apply(make_viewer(space))
    until("the second content", lambda: len(demo.jobs()) == len(second.jobs()) == 2)

    live = read_live(tmp_path)
    manifests = [release.manifest(tmp_path) for release in releases]
    names = {release.helm.space.name for release in releases}
    found = {key: access for key, access in users_of("results", live, *manifests).items() if key[0] in names}
    wanted = {
        (release.helm.space.name, release.name, f"Job/{job}"): "writes"
        for release in releases
        for job in release.jobs()
    }
    assert found == {**wanted, (space.name, "None", "Deployment/viewer"): "reads"}
    found = {key: access for key, access in users_of("images", live, *manifests).items() if key[0] in names}
    assert found == dict.fromkeys(wanted, "reads")

    # Only the content of `demo` that was replaced is finished. The one of the second `demo` goes on.
    result = run("inventory", "--stale", live, *manifests)
    assert (result.exit_code, result.error) == (0, "")
    text = result.output.decode()
    (stale,) = first_jobs[demo]
    (files,) = first_files[demo]
    (active,) = first_jobs[second]
    commands = [line for line in text.splitlines() if not line.startswith("#")]
    assert commands == [f"kubectl delete --namespace {space.name} jobs.batch/{stale} configmaps/{files}"]
    assert f"# {second.helm.space.name}/{active} is active\n" in text

    before = {release: (release.jobs(), release.config_maps()) for release in releases}
    for line in commands:
        words = shlex.split(line)
        done = subprocess.run([KUBECTL, *words[1:]], capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr
    for release, (jobs, config_maps) in before.items():
        gone = release is demo
        assert release.jobs() == jobs - ({stale} if gone else set())
        assert release.config_maps() == config_maps - ({files} if gone else set())
    until("the pod of the stale Job is gone", lambda: not space.get("pods", job=stale))
    assert "kubectl" not in run("inventory", "--stale", read_live(tmp_path), *manifests).output.decode()


def test_without_a_manifest_no_job_is_stale(releases: list[Release], tmp_path: Path) -> None:
    demo, *_ = releases
    demo.upgrade("1")
    (job,) = demo.jobs()
    demo.helm.space.wait_for_end(job)
    demo.upgrade("2")
    text = run("inventory", "--stale", read_live(tmp_path)).output.decode()
    assert "kubectl" not in text
    hint = f"give `helm get manifest demo --namespace {demo.helm.space.name}`"
    assert f"# 2 Jobs, not known whether stale: {hint}\n" in text
