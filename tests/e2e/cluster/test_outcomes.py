"""Each row of the table in docs/outcomes.md, with both Helms: what becomes of a run."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from tests.e2e.cluster import outcomes
from tests.e2e.cluster.outcomes import POLICIES, ROWS, Release, Row

if TYPE_CHECKING:
    from tests.e2e.cluster.support import Helm, Namespace, Object

# Where the pod of a run without a policy changes, all of its release fails: it has one of its own.
CASES = [
    pytest.param(row, policies, id=f"{row.title}-{'-'.join(policies)}")
    for row in ROWS
    for policies in (POLICIES[:2], POLICIES[2:])
]


def look(space: Namespace, run: str) -> dict[str, str]:
    """A run's Jobs by uid, and how they are: running (with the pod), gated, suspended, finished or pending."""
    pods: dict[str, Object] = {
        pod["metadata"]["labels"]["batch.kubernetes.io/job-name"]: pod
        for pod in space.get("pods", run=run)
        if "deletionTimestamp" not in pod["metadata"]
    }
    return {
        job["metadata"]["uid"]: judge(job, pods.get(job["metadata"]["name"]))
        for job in space.get("jobs", run=run)
        if "deletionTimestamp" not in job["metadata"]
    }


def judge(job: Object, pod: Object | None) -> str:
    conditions = {item["type"] for item in job["status"].get("conditions", []) if item["status"] == "True"}
    if conditions & {"Complete", "Failed"}:
        return "finished"
    if job["spec"].get("suspend"):
        return "pending" if pod else "suspended"  # its controller takes the pod away a moment later
    if pod is None:
        return "pending"
    reasons = {item.get("reason") for item in pod["status"].get("conditions", [])}
    if "SchedulingGated" in reasons:
        return "gated"
    return f"runs as {pod['metadata']['uid']}" if pod["status"]["phase"] == "Running" else "pending"


def describe(before: dict[str, str], after: dict[str, str]) -> str:
    """The words of the table for what became of the Jobs."""
    # What waited at the gate never ran: it is no run that could be lost.
    ran = {uid: state for uid, state in before.items() if state != "gated"}
    kept = {uid: state for uid, state in ran.items() if uid in after}
    parts = []
    if ran and not kept:
        parts.append(outcomes.DELETED)
    elif ran and kept == ran and all(after[uid] == state for uid, state in ran.items()):
        parts.append(outcomes.STAYS if set(ran.values()) == {"finished"} else outcomes.GOES_ON)
    elif ran and kept == ran and {after[uid] for uid in ran} == {"suspended"}:
        parts.append(outcomes.SUSPENDED)
    elif ran:
        parts.append(f"{ran} became {after}")
    new = [state.partition(" ")[0] for uid, state in after.items() if uid not in before]
    words = {"runs": "a new one starts", "finished": "a new one starts", "gated": "a new one waits at the gate"}
    beside = " beside it" if kept and new == ["runs"] else ""
    if parts and new:
        parts[0] = parts[0].replace("the run", "the old run")  # so the reader knows which of the two
    parts += [words.get(state, state) + beside for state in new]
    return "; ".join(parts)


def settle(release: Release) -> dict[str, dict[str, str]]:
    """The Jobs of each run when none is pending any more."""
    deadline = time.monotonic() + 60
    while True:
        seen = {run: look(release.helm.space, run) for run in release.policies}
        pending = any("pending" in jobs.values() for jobs in seen.values())
        if not pending or time.monotonic() > deadline:
            return seen
        time.sleep(0.2)


@pytest.mark.parametrize(("row", "policies"), CASES)
def test_outcome(row: Row, policies: tuple[str, ...], helm: Helm, other_helm: Helm) -> None:
    release = Release(helm, other_helm, policies)
    assert release.upgrade() == 0, helm.why()
    settle(release)
    row.before(release)
    before = settle(release)
    failed = row.act(release) != 0
    after = settle(release)
    found = {run: (outcomes.FAILS if failed else "") + describe(before[run], after[run]) for run in policies}
    wanted = dict(zip(POLICIES, row.outcome, strict=True))
    assert found == {run: wanted[run] for run in policies}
