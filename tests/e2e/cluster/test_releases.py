"""Whole releases: problems, both ways of applying, hooks, schedules, generated names and another chart."""

from __future__ import annotations

import json
import subprocess
import time
from typing import TYPE_CHECKING

import pytest

from tests.e2e.cluster.support import IMAGE, PROBE, make_pod, make_workload, one_run, render_with

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.e2e.cluster.support import Helm, Namespace, Object


def uids(space: Namespace) -> dict[str, str]:
    listed = json.loads(space.kubectl("get", "jobs,configmaps,secrets,cronjobs", "-o", "json"))["items"]
    return {f"{item['kind']}/{item['metadata']['name']}": item["metadata"]["uid"] for item in listed}


def test_a_problem_in_one_of_50_runs_changes_nothing(helm: Helm) -> None:
    helm.must_upgrade(one_run())
    pods = helm.space.wait_for_pods()
    before = uids(helm.space)
    values = one_run()
    values["runs"] = {f"run-{number}": {} for number in range(50)}
    values["runs"]["run-49"] = {"polyaxonfile": {"environment": {"persistence": {"outputs": "result"}}}}
    done = helm.upgrade(values)
    assert done.returncode != 0
    assert 'did you mean "results"?' in helm.why()
    assert uids(helm.space) == before
    assert helm.space.running_pods() == pods


def test_both_helms_apply_over_each_other_without_a_conflict(helm: Helm, other_helm: Helm) -> None:
    """Helm 4 applies on the server, Helm 3 by a three-way merge."""
    for number, program in enumerate((helm, helm, other_helm, helm)):
        program.must_upgrade(one_run(policy="replace", backoffLimit=number))
    (job,) = helm.space.jobs()
    spec = json.loads(helm.space.kubectl("get", "job", job, "-o", "json"))["spec"]
    assert spec["backoffLimit"] == 3


def test_hooks_get_their_volumes_by_helm_4(helm4: Helm) -> None:
    helm4.must_upgrade(one_run(PROBE, hook="post-install,post-upgrade"))
    report = helm4.space.report_of("train")
    assert report["mounts"] == ["/outputs/results", "/polyaxon/outputs"]


def test_hooks_are_refused_by_helm_3_with_the_reason(helm3: Helm) -> None:
    done = helm3.upgrade(one_run(PROBE, hook="post-install"))
    assert done.returncode != 0
    assert "Helm 3" in done.stderr
    assert not helm3.space.get("jobs")


def test_every_job_of_a_schedule_has_a_directory_of_its_own(helm: Helm) -> None:
    helm.must_upgrade(one_run(PROBE, schedule="0 0 1 1 *"))
    folders = []
    for name in ("first", "second"):
        helm.space.kubectl("create", "job", name, "--from=cronjob/demo-train")
        folders.append(helm.space.report_of_job(name)["variables"]["POLYAXON_RUN_FOLDER"])
    assert folders == [f"{helm.space.name}/jobs/{name}" for name in ("first", "second")]


@pytest.mark.parametrize("kind", ["Job", "Pod"])
def test_every_object_of_a_generated_name_has_a_directory_of_its_own(kind: str, space: Namespace) -> None:
    """`kubectl create` twice of one rendered manifest, as an Argo or Tekton step would do it."""
    pod = make_pod("", PROBE)
    job = {"apiVersion": "batch/v1", "kind": "Job", "spec": {"backoffLimit": 0, "template": {"spec": pod["spec"]}}}
    metadata = {"generateName": "train-", "annotations": {"polyaxon.com/polyaxonfile": "{}"}}
    manifest = {**(job if kind == "Job" else pod), "metadata": metadata}
    rendered = render_with(one_run()["persistence"], manifest)
    names = [space.kubectl("create", "-f", "-", "-o", "name", stdin=rendered).strip().split("/")[1] for _ in range(2)]
    for name in names:
        report = space.report_of_job(name) if kind == "Job" else space.report_of_pod(name)
        assert report["variables"]["POLYAXON_RUN_FOLDER"] == f"{space.name}/jobs/{name}"
        assert report["run_folder_was_there"]
    assert len(set(names)) == 2


SITE = ("--post-renderer-args", "--persistence", "--post-renderer-args")


def roll_out(helm: Helm, persistence: Object) -> None:
    """Install another chart's Deployment with a site's catalog, and wait for the pod of this rendering."""
    site = helm.folder / "site.yaml"
    site.write_text(json.dumps({"persistence": persistence}))
    values = {"image": IMAGE["image"], "data": [], "outputs": "results"}
    done = helm.upgrade(values, chart="values-examples/other-chart", more=(*SITE, str(site)))
    assert done.returncode == 0, done.stderr + helm.why()
    helm.space.kubectl("rollout", "status", "deployment/demo", "--timeout=60s")


def test_another_charts_deployment_is_served_by_its_annotation(helm: Helm) -> None:
    """The deployed program serves its run folder over HTTP."""
    roll_out(helm, one_run()["persistence"])
    told = helm.space.kubectl("exec", "deployment/demo", "--", "printenv", "POLYAXON_RUN_OUTPUTS_PATH").strip()
    assert told == f"/outputs/results/{helm.space.name}/jobs/demo"
    helm.space.kubectl("exec", "deployment/demo", "--", "/bin/sh", "-c", "touch $POLYAXON_RUN_OUTPUTS_PATH/made")


def test_a_changed_catalog_rolls_another_charts_deployment_out(helm: Helm) -> None:
    persistence = one_run()["persistence"]
    roll_out(helm, persistence)
    persistence["outputs"]["results"]["mountPath"] = "/outputs/moved"
    roll_out(helm, persistence)
    told = helm.space.kubectl("exec", "deployment/demo", "--", "printenv", "POLYAXON_BASE_OUTPUTS_PATH").strip()
    assert told == "/outputs/moved"


def test_a_stateful_set_is_served_by_its_annotation_and_rolled_out_after_the_catalog_changed(space: Namespace) -> None:
    manifest = make_workload("apps", "StatefulSet", {"polyaxon.com/polyaxonfile": "{}"}, {})
    manifest["spec"]["template"]["spec"]["containers"][0]["command"] = ["/bin/sleep", "1000"]
    manifest["spec"]["template"]["spec"]["terminationGracePeriodSeconds"] = 0
    persistence = one_run()["persistence"]
    for path in ("/outputs/results", "/outputs/moved"):
        persistence["outputs"]["results"]["mountPath"] = path
        space.kubectl("apply", "-f", "-", stdin=render_with(persistence, manifest))
        space.kubectl("rollout", "status", "statefulset/w", "--timeout=60s")
        told = space.kubectl("exec", "w-0", "--", "printenv", "POLYAXON_RUN_OUTPUTS_PATH").strip()
        assert told == f"{path}/{space.name}/jobs/w"
        space.kubectl("exec", "w-0", "--", "/bin/sh", "-c", "touch $POLYAXON_RUN_OUTPUTS_PATH/made")


def test_helm_test_proves_from_inside_that_volumes_are_there(helm4: Helm) -> None:
    proves = "cd $POLYAXON_RUN_OUTPUTS_PATH && touch it && [ -e $POLYAXON_BASE_OUTPUTS_PATH/$POLYAXON_RUN_FOLDER/it ]"
    helm4.must_upgrade(one_run(["/bin/bash", "-c", proves], hook="test"))
    assert not helm4.space.get("jobs")
    helm4.must("test", "demo", "--timeout", "60s")
    helm4.must_upgrade(one_run(["/bin/bash", "-c", f"! ({proves})"], hook="test"))
    assert helm4.run("test", "demo", "--timeout", "60s").returncode != 0


def test_helm_3_renders_no_test_with_a_request(helm3: Helm) -> None:
    refused = helm3.upgrade(one_run(hook="test"))
    assert refused.returncode != 0
    assert "runs.train.hook needs Helm 4" in refused.stderr


def test_200_runs_of_one_release_are_all_admitted(helm: Helm, record_property: Callable[[str, str], None]) -> None:
    """Suspended, so that one node is enough; says what the post-renderer took of Helm's time."""
    values = one_run(suspend=True)
    values["runs"] = {f"run-{number}": {"suspend": True} for number in range(200)}
    started = time.monotonic()
    helm.must_upgrade(values)
    whole = time.monotonic() - started
    assert len(helm.space.get("jobs", instance="demo")) == 200
    bare = helm.must("template", "demo", "chart", "-f", str(helm.folder / "0.yaml"))
    started = time.monotonic()
    command = ["polyaxon-persistence"]
    rendered = subprocess.run(command, input=bare, env=helm.env, capture_output=True, text=True, check=True).stdout
    ours = time.monotonic() - started
    assert rendered.count("kind: Job\n") == 200
    record_property("share", f"200 runs by {helm.name}: {whole:.1f} s, the post-renderer's part of it {ours:.2f} s")
