"""``check``: every problem, and what an upgrade would do to the runs of a release."""

from __future__ import annotations

import re

import pytest

from tests.support.cli import make_job
from tests.unit.commands.conftest import (
    CHANGED,
    CHANGED_PLAIN,
    FAST,
    KEPT,
    NO_JOBS,
    NOTHING,
    PLAIN,
    REPLACE,
    Checker,
    as_live,
    name_in,
    render,
    source,
)


def deployment(**parts: str) -> str:
    return make_job(**parts).replace("batch/v1", "apps/v1").replace("kind: Job", "kind: Deployment")


def pod() -> str:
    text = make_job().replace("batch/v1", "v1").replace("kind: Job", "kind: Pod")
    return text.replace("  template:\n    spec:\n      restartPolicy: Never\n      containers:", "  containers:")


REPLACED, CHANGED_REPLACED = make_job(annotations=REPLACE), make_job(annotations=REPLACE, container=FAST)


def test_a_first_install_may_find_a_kept_job(checker: Checker) -> None:
    name = name_in(render(KEPT))
    assert checker.outcomes(source(KEPT), NOTHING) == {name: "starts unless kept"}
    assert checker.outcomes(source(KEPT), NOTHING, NO_JOBS) == {name: "starts"}
    assert checker.outcomes(source(KEPT), NOTHING, as_live(render(KEPT))) == {name: "left alone"}


def test_an_unchanged_run_is_left_alone(checker: Checker) -> None:
    name = name_in(render(KEPT))
    assert checker.outcomes(source(KEPT), render(KEPT)) == {name: "left alone"}
    assert checker.outcomes(source(KEPT), render(KEPT), as_live(render(KEPT))) == {name: "left alone"}


def test_a_job_that_was_deleted_by_hand_starts_again(checker: Checker) -> None:
    name = name_in(render(KEPT))
    assert checker.outcomes(source(KEPT), render(KEPT), NO_JOBS) == {name: "starts"}
    text = checker.run(source(KEPT), render(KEPT), NO_JOBS).output.decode()
    assert "its Job was deleted" in text


def test_a_changed_kept_run_starts_and_the_old_one_goes_on(checker: Checker) -> None:
    old, new = name_in(render(KEPT)), name_in(render(CHANGED))
    assert checker.outcomes(source(CHANGED), render(KEPT)) == {new: "starts unless kept", old: "goes on"}
    assert checker.outcomes(source(CHANGED), render(KEPT), as_live(render(KEPT))) == {new: "starts", old: "goes on"}


def test_going_back_to_a_content_whose_job_is_still_there_starts_nothing(checker: Checker) -> None:
    old, new = name_in(render(KEPT)), name_in(render(CHANGED))
    live = as_live(render(KEPT)) + as_live(render(CHANGED))
    assert checker.outcomes(source(KEPT), render(CHANGED), live) == {old: "left alone", new: "goes on"}


def test_a_changed_run_with_replace_takes_the_place_of_the_old_one(checker: Checker) -> None:
    old, new = name_in(render(REPLACED)), name_in(render(CHANGED_REPLACED))
    assert checker.outcomes(source(CHANGED_REPLACED), render(REPLACED)) == {new: "starts unless kept", old: "replaced"}


def test_the_policy_that_was_deployed_decides_about_the_old_job(checker: Checker) -> None:
    old, new = name_in(render(KEPT)), name_in(render(CHANGED_REPLACED))
    assert checker.outcomes(source(CHANGED_REPLACED), render(KEPT))[old] == "goes on"
    assert checker.outcomes(source(CHANGED_REPLACED), render(KEPT))[new] == "starts unless kept"


def test_a_run_that_left_the_values(checker: Checker) -> None:
    assert checker.outcomes(source(), render(KEPT)) == {name_in(render(KEPT)): "goes on"}
    assert checker.outcomes(source(), render(REPLACED)) == {name_in(render(REPLACED)): "removed"}
    assert checker.outcomes(source(), render(PLAIN)) == {"Job/train": "removed"}
    assert checker.outcomes(source(), render(deployment())) == {"Deployment/train": "removed"}


def test_a_release_without_the_post_renderer_is_replaced(checker: Checker) -> None:
    """Its Job has no hash and no keep: an upgrade with the post-renderer removes it and starts the real one."""
    name = name_in(render(KEPT))
    assert checker.outcomes(source(KEPT), source(KEPT)) == {name: "starts unless kept", "Job/train": "replaced"}


PLAIN_ROWS = {
    "new": (PLAIN, NOTHING, None, "starts"),
    "new, live objects known": (PLAIN, NOTHING, NO_JOBS, "starts"),
    "unchanged": (PLAIN, render(PLAIN), None, "left alone"),
    "unchanged and alive": (PLAIN, render(PLAIN), as_live(render(PLAIN)), "left alone"),
    "alive, and nothing else known": (PLAIN, None, as_live(render(PLAIN)), "left alone"),
    "deleted": (PLAIN, render(PLAIN), NO_JOBS, "starts"),
    "changed": (CHANGED_PLAIN, render(PLAIN), None, "blocked"),
    "changed, and alive": (CHANGED_PLAIN, render(PLAIN), as_live(render(PLAIN)), "blocked"),
    "changed in the template's metadata": (PLAIN.replace("  template:\n", "  template:\n    metadata: {labels: {a: b}}\n"), render(PLAIN), None, "blocked"),
    "changed, but not in the pod": (make_job(spec="suspend: true\n"), render(PLAIN), None, "left alone"),
    "a catalog that grew": (PLAIN, render(make_job("environment: {persistence: {data: [data1]}}\n")), None, "blocked"),
}  # fmt: skip


@pytest.mark.parametrize("what", PLAIN_ROWS)
def test_a_job_that_keeps_its_name(what: str, checker: Checker) -> None:
    job, installed, live, outcome = PLAIN_ROWS[what]
    assert checker.outcomes(source(job), installed, live) == {"Job/train": outcome}


def test_what_live_objects_alone_can_not_tell_is_reported(checker: Checker) -> None:
    text = checker.run(source(PLAIN), None, as_live(render(PLAIN))).output.decode()
    assert "left alone  unless its pod changed: add --against with `helm get manifest` to know" in text


OTHER_KINDS = {
    "a new Deployment": (deployment(), NOTHING, {"Deployment/train": "updated"}),
    "a Deployment": (deployment(), render(deployment()), {"Deployment/train": "left alone"}),
    "a changed Deployment": (deployment(container=FAST), render(deployment()), {"Deployment/train": "updated"}),
    "a new Pod": (pod(), NOTHING, {"Pod/train": "starts"}),
    "a Pod": (pod(), render(pod()), {"Pod/train": "left alone"}),
    "a changed Pod": (pod() + "        tty: true\n", render(pod()), {"Pod/train": "blocked"}),
}


@pytest.mark.parametrize("what", OTHER_KINDS)
def test_other_kinds(what: str, checker: Checker) -> None:
    stream, installed, outcomes = OTHER_KINDS[what]
    assert checker.outcomes(source(stream), installed) == outcomes


def test_unrelated_objects_are_not_checked(checker: Checker) -> None:
    other = "---\nkind: Deployment\napiVersion: apps/v1\nmetadata: {name: polyaxon.com}\nspec: {}\n"
    broken = "---\npolyaxon.com: [\n"
    assert checker.outcomes(source(other, broken), other) == {}
    text = checker.run(source(other), other).output.decode()
    assert text.startswith(
        "There are no runs before or after the upgrade.\n0 runs in 2 objects: 0 errors, 0 warnings\n"
    )
    assert text.endswith("add a run to the values, or the annotation polyaxon.com/polyaxonfile: '{}' to a workload.\n")


@pytest.mark.parametrize("metadata", ["{name: x, name: y}", "text"])
def test_an_unrelated_object_that_can_not_be_read_is_passed(metadata: str, checker: Checker) -> None:
    other = f"---\napiVersion: v1\nkind: ConfigMap\nmetadata: {metadata}\ndata: {{note: polyaxon.com}}\n"
    result = checker.run(source(make_job()), render(make_job()) + other)
    assert (result.exit_code, result.error) == (0, "")
    assert b"left alone" in result.output


def test_jobs_of_others_among_the_live_ones(checker: Checker) -> None:
    live = (
        "apiVersion: v1\nkind: List\nitems:\n- apiVersion: batch/v1\n  kind: Job\n  metadata: {name: backup, uid: 1}\n"
    )
    assert checker.outcomes(source(PLAIN), None, live) == {"Job/train": "starts"}


REASONS = [
    (CHANGED, KEPT, NO_JOBS, "starts", "a new Job"),
    (KEPT, "", None, "starts", "a new Job. If this Job is in the cluster already, it is not started again (--against live.yaml shows that)"),
    (KEPT, KEPT, None, "left alone", "its content has not changed"),
    (CHANGED_REPLACED, REPLACED, None, "replaced", "the old Job is deleted, and stopped if it runs"),
    (CHANGED, KEPT, None, "goes on", "kept: Helm no longer manages it, and it runs to its end"),
    ("", PLAIN, None, "removed", "Helm deletes it, and stops it if it runs"),
    (CHANGED_PLAIN, PLAIN, None, "blocked", "the pod template changes, but the Job's name does not: delete the Job first, or give it a run-policy, which deletes the Job, also if it runs"),
    (deployment(container=FAST), deployment(), None, "updated", "its pods are created again"),
    (deployment(), "", None, "updated", "new"),
    (KEPT, KEPT, NO_JOBS, "starts", "its Job was deleted, and Helm creates missing Jobs of a release again"),
    (make_job(annotations="helm.sh/hook: pre-upgrade\n"), "", None, "starts", "a hook: every upgrade starts it again"),
]  # fmt: skip


@pytest.mark.parametrize(("new", "old", "live", "outcome", "why"), REASONS)
def test_the_table_has_a_reason_for_each_outcome(
    new: str, old: str, live: str | None, outcome: str, why: str, checker: Checker
) -> None:
    lines = checker.run(source(new), render(old) if old else NOTHING, live).output.decode().splitlines()
    assert [outcome, why] in [re.split(" {2,}", line)[1:] for line in lines]
