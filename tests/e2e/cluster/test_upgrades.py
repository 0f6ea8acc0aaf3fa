"""What upgrades do to runs besides the rows of docs/outcomes.md: waiting, policies that change, folders that stay."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.e2e.cluster.outcomes import ATOMIC, BROKEN, CHANGED
from tests.e2e.cluster.support import one_run, until

if TYPE_CHECKING:
    from tests.e2e.cluster.support import Helm, Object


def test_a_changed_run_starts_beside_the_kept_one_which_goes_on_to_its_end(helm: Helm) -> None:
    helm.must_upgrade(one_run())
    old = helm.space.wait_for_pods()
    helm.must_upgrade(one_run(**CHANGED))
    pods = helm.space.wait_for_pods(2)
    assert old.items() < pods.items()
    helm.space.end_runs()
    assert {helm.space.wait_for_end(job) for job in pods} == {"Complete"}


def test_suspend_stops_the_pod_and_keeps_the_job(helm: Helm) -> None:
    helm.must_upgrade(one_run())
    helm.space.wait_for_pods()
    jobs = helm.space.jobs()
    helm.must_upgrade(one_run(suspend=True))
    until("no pod runs", lambda: not helm.space.running_pods())
    assert helm.space.jobs() == jobs
    helm.must_upgrade(one_run(suspend=False))
    assert set(helm.space.wait_for_pods()) == set(jobs)


def test_a_failed_upgrade_leaves_the_running_run_alone_and_a_good_one_follows(helm: Helm) -> None:
    helm.must_upgrade(one_run())
    pods = helm.space.wait_for_pods()
    assert helm.upgrade(one_run(**BROKEN)).returncode != 0
    assert helm.space.running_pods() == pods
    helm.must_upgrade(one_run(**CHANGED))
    assert pods.items() < helm.space.wait_for_pods(2).items()


def test_without_a_policy_a_changed_run_is_refused_by_kubernetes(helm: Helm) -> None:
    helm.must_upgrade(one_run(policy="none"))
    (job,) = helm.space.jobs()
    assert job == "demo-train"
    done = helm.upgrade(one_run(policy="none", **CHANGED))
    assert done.returncode != 0
    assert "immutable" in done.stderr


@pytest.mark.parametrize("option", ["--wait", "--rollback-on-failure"])
def test_helm_4_fails_to_wait_while_a_run_of_the_values_is_failed(option: str, helm4: Helm) -> None:
    failing = one_run(command=["/bin/false"])
    helm4.must_upgrade(failing)
    (job,) = helm4.space.jobs()
    assert helm4.space.wait_for_end(job) == "Failed"
    assert helm4.upgrade(failing, more=(option, "--timeout", "20s")).returncode != 0
    assert set(helm4.space.jobs()) == {job}


@pytest.mark.parametrize("option", ["--wait", "--rollback-on-failure"])
def test_helm_4_fails_to_wait_while_a_run_of_the_values_is_suspended(option: str, helm4: Helm) -> None:
    helm4.must_upgrade(one_run(suspend=True))
    assert helm4.upgrade(one_run(suspend=True), more=(option, "--timeout", "5s")).returncode != 0


def test_helm_3_waits_neither_for_a_failed_nor_for_a_suspended_run(helm3: Helm) -> None:
    values = one_run(suspend=True)
    values["runs"]["failing"] = {"command": ["/bin/false"]}
    helm3.must_upgrade(values)
    (job,) = helm3.space.jobs("failing")
    assert helm3.space.wait_for_end(job) == "Failed"
    helm3.must_upgrade(values, more=("--wait", "--timeout", "20s"))


@pytest.mark.parametrize("run", [{"command": ["/bin/false"]}, {"suspend": True}], ids=["failed", "suspended"])
def test_helm_3_fails_with_wait_for_jobs_while_a_run_is_failed_or_suspended(run: Object, helm3: Helm) -> None:
    helm3.must_upgrade(one_run(**run))
    if "command" in run:  # a run in progress is not waited out in five seconds either
        (job,) = helm3.space.jobs()
        assert helm3.space.wait_for_end(job) == "Failed"
    done = helm3.upgrade(one_run(**run), more=("--wait", "--wait-for-jobs", "--timeout", "5s"))
    assert done.returncode != 0


def test_helm_3_waits_for_the_end_of_a_run_in_progress_with_wait_for_jobs_only(helm3: Helm) -> None:
    helm3.must_upgrade(one_run())
    helm3.space.wait_for_pods()
    helm3.must_upgrade(one_run(), more=("--wait", "--timeout", "20s"))
    waits = ("--wait", "--wait-for-jobs", "--timeout")
    assert helm3.upgrade(one_run(), more=(*waits, "5s")).returncode != 0
    helm3.space.end_runs()
    helm3.must_upgrade(one_run(), more=(*waits, "60s"))


@pytest.mark.parametrize("option", ["--wait", "--rollback-on-failure"])
def test_helm_4_does_not_wait_for_the_end_of_a_run_in_progress(option: str, helm4: Helm) -> None:
    helm4.must_upgrade(one_run(), more=(option, "--timeout", "60s"))
    assert len(helm4.space.wait_for_pods()) == 1


def test_a_first_install_that_fails_atomically_leaves_the_kept_run_running(helm: Helm) -> None:
    values = one_run()
    values["runs"]["broken"] = {**BROKEN}
    assert helm.upgrade(values, more=(ATOMIC[helm.name], "--timeout", "20s")).returncode != 0
    assert len(helm.space.wait_for_pods()) == 1


def test_a_policy_changed_with_the_content_is_that_of_the_deployed_job(helm: Helm) -> None:
    """From keep to replace: the old Job was deployed to be kept, so it goes on."""
    helm.must_upgrade(one_run())
    old = helm.space.wait_for_pods()
    helm.must_upgrade(one_run(policy="replace", **CHANGED))
    assert old.items() < helm.space.wait_for_pods(2).items()


def test_replaced_content_that_returns_runs_again(helm: Helm) -> None:
    helm.must_upgrade(one_run(policy="replace"))
    ((name, uid),) = helm.space.jobs().items()
    helm.must_upgrade(one_run(policy="replace", **CHANGED))
    until("the old Job is gone", lambda: name not in helm.space.jobs())
    helm.must_upgrade(one_run(policy="replace"))
    assert helm.space.jobs()[name] != uid


def test_a_fixed_directory_is_where_a_replaced_run_goes_on(helm: Helm) -> None:
    writes = "ls $POLYAXON_RUN_OUTPUTS_PATH; touch $POLYAXON_RUN_OUTPUTS_PATH/$RATE"
    for rate in ("1", "2"):
        env = [{"name": "RATE", "value": rate}]
        helm.must_upgrade(one_run(["/bin/bash", "-c", writes], policy="replace", folder="fixed", env=env))
        (job,) = until("one Job", lambda: jobs if len(jobs := helm.space.jobs()) == 1 else {})
        assert helm.space.wait_for_end(job) == "Complete"
    assert helm.space.kubectl("logs", f"job/{job}").split() == ["1"]
