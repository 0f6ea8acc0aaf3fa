"""What a team sees in Argo CD: docs/argocd.md, shown by the real one on a real cluster."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
import yaml

from tests.e2e.argocd.support import FOLDER, Application, by_name, found, make_values, native, several
from tests.e2e.cluster.support import until

if TYPE_CHECKING:
    from collections.abc import Callable

    from ci.argocd.argocd import ArgoCD
    from tests.e2e.cluster.support import Object

TWO: dict[str, Object] = {"train": {}, "eval": {}}
CHANGED: Object = {"env": [{"name": "EPOCHS", "value": "2"}]}


@pytest.mark.parametrize("sources", [by_name, found, native, several])
def test_pods_read_their_data_and_the_application_is_synced_and_healthy(
    application: Application, sources: Callable[[str], Object]
) -> None:
    application.deploy(sources(application.repository.url), make_values(**TWO))
    for run in TWO:
        (pod,) = application.space.wait_for_pods(run=run).values()
        application.space.wait_for_log(pod, "from-the-data-volume")
        (job,) = application.space.get("jobs", run=run)
        assert job["spec"]["backoffLimit"] == 2  # the page's parameter; the chart's own is 0


@pytest.mark.parametrize("sources", [by_name, native])
def test_another_refresh_shows_no_drift_and_starts_nothing(
    application: Application, sources: Callable[[str], Object]
) -> None:
    revision = application.deploy(sources(application.repository.url), make_values(**TWO))
    jobs = application.space.jobs()
    for how in ("normal", "hard"):
        application.refresh(how)
        application.wait_for(revision)
        assert application.drift() == []
    assert application.space.jobs() == jobs


@pytest.mark.parametrize("sources", [by_name, native])
def test_a_commit_that_changes_one_run_starts_just_that_one_while_the_other_goes_on(
    application: Application, sources: Callable[[str], Object]
) -> None:
    application.deploy(sources(application.repository.url), make_values(**TWO))
    pods = {run: application.space.wait_for_pods(run=run) for run in TWO}
    application.push(make_values(**TWO | {"train": CHANGED}))
    # The changed run's first Job goes on, too: nobody ended it.
    assert pods["train"].items() < application.space.wait_for_pods(2, run="train").items()
    assert application.space.running_pods("eval") == pods["eval"]
    assert set(application.space.jobs("eval")) == set(pods["eval"])


def test_a_run_removed_from_git_goes_on_and_the_application_stays_synced(application: Application) -> None:
    application.deploy(by_name(application.repository.url), make_values(**TWO))
    pods = application.space.wait_for_pods(run="eval")
    revision = application.push(make_values(train={}))
    application.refresh("hard")
    application.wait_for(revision)
    assert application.space.running_pods("eval") == pods
    # Nothing was out of sync so far, so Argo CD had no reason to prune. Now it has one.
    application.push(make_values(train=CHANGED))
    application.space.wait_for_pods(2, run="train")
    assert application.space.running_pods("eval") == pods


def test_a_failed_run_does_not_degrade_the_application(application: Application) -> None:
    fails: Object = {"command": ["/bin/false"], "backoffLimit": 0}
    revision = application.deploy(by_name(application.repository.url), make_values(train={}, eval=fails))
    (job,) = until("the failing Job", lambda: application.space.jobs("eval"))
    assert application.space.wait_for_end(job) == "Failed"
    application.refresh("hard")
    application.wait_for(revision)
    assert set(application.space.jobs("eval")) == {job}


def test_a_deleted_job_starts_again_while_its_run_is_in_git(application: Application) -> None:
    revision = application.deploy(by_name(application.repository.url), make_values(train={}))
    ((job, uid),) = application.space.jobs().items()
    application.space.wait_for_pods()
    application.space.kubectl("delete", "job", job)
    until("the Job, made anew", lambda: application.space.jobs().get(job, uid) != uid)
    application.space.wait_for_pods()
    application.wait_for(revision)


def test_a_job_deleted_after_its_run_left_git_stays_away(application: Application) -> None:
    application.deploy(by_name(application.repository.url), make_values(**TWO))
    revision = application.push(make_values(train={}))
    (job,) = application.space.jobs("eval")
    application.space.kubectl("delete", "job", job)
    for _ in range(2):
        application.refresh("hard")
        application.wait_for(revision)
        assert application.space.jobs("eval") == {}


def test_a_suspended_run_stops_without_being_deleted_and_goes_on_later(application: Application) -> None:
    application.deploy(by_name(application.repository.url), make_values(train={}))
    jobs = application.space.jobs()
    application.space.wait_for_pods()
    revision = application.repository.commit(make_values(train={"suspend": True}))
    application.refresh()
    until("no running pod", lambda: not application.space.running_pods())
    application.wait_for(revision)
    assert application.space.jobs() == jobs
    application.push(make_values(train={}))
    assert set(application.space.wait_for_pods()) == set(jobs)


@pytest.mark.parametrize("sources", [by_name, native])
def test_an_unknown_volume_is_reported_in_the_conditions_and_changes_nothing(
    application: Application, sources: Callable[[str], Object]
) -> None:
    application.deploy(sources(application.repository.url), make_values(**TWO))
    pods = {run: application.space.wait_for_pods(run=run) for run in TWO}
    asks = {"polyaxonfile": {"environment": {"persistence": {"data": ["sett"]}}}}
    application.repository.commit(make_values(**TWO | {"train": {**CHANGED, **asks}}))
    application.refresh()
    told = "".join(item["message"] for item in until("a condition", application.conditions))
    assert "error[unknown-volume] run train (values: runs.train.polyaxonfile), Job/" in told
    assert 'no data volume "sett"' in told
    assert 'did you mean "set"?' in told
    application.refresh("hard")
    assert {run: application.space.running_pods(run) for run in TWO} == pods
    assert {run: set(application.space.jobs(run)) for run in TWO} == {run: set(names) for run, names in pods.items()}


def test_an_application_can_not_name_a_site_catalog(application: Application) -> None:
    # Such a catalog would give each team each volume. The variable counts only in the environment of the plugin itself.
    theirs = {"persistence": {"data": {"set": {"mountPath": "/data/set", "hostPath": "/etc", "existingClaim": None}}}}
    (application.repository.clone / FOLDER / "theirs.yaml").write_text(yaml.safe_dump(theirs["persistence"]))
    source = by_name(application.repository.url)
    source["source"]["plugin"]["env"] = [{"name": "POLYAXON_PERSISTENCE_FILES", "value": "theirs.yaml"}]
    application.repository.commit(make_values(train={}))
    application.apply(source)
    told = "".join(item["message"] for item in until("a condition", application.conditions))
    assert "ARGOCD_ENV_POLYAXON_PERSISTENCE_FILES: unknown parameter" in told
    assert application.space.jobs() == {}
    del source["source"]["plugin"]["env"]
    application.deploy(source, make_values(train={}))
    (pod,) = application.space.wait_for_pods(run="train").values()
    application.space.wait_for_log(pod, "from-the-data-volume")
    (job,) = application.space.get("jobs", run="train")
    assert "hostPath" not in json.dumps(job["spec"]["template"])


def test_without_plugin_and_wrapper_the_runs_stay_gated_and_with_it_they_start(
    application: Application, argocd: ArgoCD
) -> None:
    program = argocd.wrapper.readlink()
    argocd.wrapper.unlink()
    try:
        revision = application.repository.commit(make_values(train={}))
        application.apply(native(application.repository.url))
        application.wait_for(revision)
        until(
            "a pod that is SchedulingGated",
            lambda: "SchedulingGated" in json.dumps(application.space.get("pods", run="train")),
        )
        assert application.space.running_pods() == {}
    finally:
        argocd.wrapper.symlink_to(program)
    application.refresh("hard")
    application.space.wait_for_pods()
    application.wait_for(revision)
