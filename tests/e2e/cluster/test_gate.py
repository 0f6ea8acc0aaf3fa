"""A release that was rendered without the post-renderer: nothing runs without its volumes, and the next upgrade mends it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.e2e.cluster.support import make_workload, one_run, render_with, until

if TYPE_CHECKING:
    from tests.e2e.cluster.support import Helm, Namespace

GATE = [{"name": "polyaxon.com/needs-post-renderer"}]


def is_gated(helm: Helm) -> bool:
    pods = helm.space.get("pods", run="train")
    reasons = [item.get("reason") for pod in pods for item in pod["status"].get("conditions", [])]
    return "SchedulingGated" in reasons and all(pod["spec"]["schedulingGates"] == GATE for pod in pods)


def test_a_bare_install_stays_gated_and_the_notes_say_why(helm: Helm) -> None:
    notes = helm.must_upgrade(one_run(), post=False)
    until("a pod that is SchedulingGated", lambda: is_gated(helm))
    assert "SchedulingGated" in notes
    assert "--post-renderer polyaxon-persistence" in notes


def test_the_next_upgrade_removes_the_gated_job_and_starts_the_real_one(helm: Helm) -> None:
    helm.must_upgrade(one_run(), post=False)
    until("a pod that is SchedulingGated", lambda: is_gated(helm))
    helm.must_upgrade(one_run())
    (job,) = helm.space.wait_for_pods()
    until("the gated Job is gone", lambda: set(helm.space.jobs()) == {job})


def test_a_later_bare_upgrade_touches_no_running_run(helm: Helm) -> None:
    helm.must_upgrade(one_run())
    pods = helm.space.wait_for_pods()
    helm.must_upgrade(one_run(), post=False)
    until("a pod that is SchedulingGated", lambda: any(is_waiting(pod) for pod in helm.space.get("pods", run="train")))
    assert helm.space.running_pods() == pods
    helm.must_upgrade(one_run())
    until("the gated Job is gone", lambda: set(helm.space.jobs()) == set(pods))
    assert helm.space.running_pods() == pods


def test_a_deployment_recovers_by_itself_when_it_is_rendered(space: Namespace) -> None:
    manifest = make_workload("apps", "Deployment", {"polyaxon.com/polyaxonfile": "{}"}, {})
    pod = manifest["spec"]["template"]["spec"]
    pod["schedulingGates"] = GATE
    pod["containers"][0]["command"] = ["/bin/sleep", "1000"]
    space.apply(manifest)
    until("a pod that is SchedulingGated", lambda: any(is_waiting(pod) for pod in space.get("pods", app="w")))
    space.kubectl("apply", "-f", "-", stdin=render_with(one_run()["persistence"], manifest))
    space.kubectl("rollout", "status", "deployment/w", "--timeout=60s")
    space.kubectl("exec", "deployment/w", "--", "/bin/sh", "-c", "touch $POLYAXON_RUN_OUTPUTS_PATH/made")
    until("the gated pod is gone", lambda: not any(is_waiting(pod) for pod in space.get("pods", app="w")))


def is_waiting(pod: dict[str, object]) -> bool:
    return "SchedulingGated" in json.dumps(pod["status"])
