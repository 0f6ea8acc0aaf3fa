"""References to other runs: which run is meant, where its results lie, and what becomes of names by content."""

from __future__ import annotations

import pytest

from tests.support.cli import make_job
from tests.support.references import NAMESPACE, TARGET, in_release, mounts_of, paths_of, refer, render, variables_of


def test_the_mount_the_variable_and_the_volume_of_a_reference() -> None:
    train = make_job("kind: experiment\nenvironment: {persistence: {outputs: outputs2}}\n")
    found = render(make_job(refer(experiments=["train"]), name="eval"), train)[0]
    path = "/polyaxon/refs/experiments/train"
    assert mounts_of(found) == {path: ("outputs2", f"{NAMESPACE}/experiments/train")}
    assert variables_of(found)["POLYAXON_REFS_OUTPUTS_PATHS"] == f'{{"experiments": ["{path}"]}}'
    volumes = found["spec"]["template"]["spec"]["volumes"]
    # After outputs and data. The claim is not read-only: the kubelet makes the folder where the run has not begun.
    assert volumes[-1] == {"name": "outputs2", "persistentVolumeClaim": {"claimName": "outputs-2-pvc"}}
    assert [volume["name"] for volume in volumes[:-1]] == ["outputs-foo", "data-foo", "data1", "data2"]


def test_jobs_come_before_experiments_and_both_in_the_order_in_which_they_are_named() -> None:
    text = refer(experiments=["b", "a"], jobs=["d", "c"])
    found = render(make_job(text))[0]
    assert paths_of(found) == {
        "jobs": ["/polyaxon/refs/jobs/d", "/polyaxon/refs/jobs/c"],
        "experiments": ["/polyaxon/refs/experiments/b", "/polyaxon/refs/experiments/a"],
    }
    assert list(paths_of(found)) == ["jobs", "experiments"]


NAMES = [
    ("train", True), ("vision/train", True), ("vision.train", True), ("ann/vision/train", True),
    ("ann.vision.train", True), ("text/train", False), ("bob/vision/train", False), ("vision/ann/train", False),
    ("trian", False), ("best", True), ("vision/best", True), ("first", True), ("text/first", False),
]  # fmt: skip


@pytest.mark.parametrize(("text", "is_meant"), NAMES)
def test_the_names_of_a_run(text: str, is_meant: bool) -> None:
    """Its own, its fixed folder's and our chart's, each with project and user, which may stay away."""
    target = make_job(annotations=TARGET + "polyaxon.com/run-folder: best\n").replace(
        "  annotations:", "  labels: {polyaxon.com/run: first}\n  annotations:"
    )
    found = render(make_job(refer(jobs=[text]), name="eval"), target)[0]
    ((_, folder),) = mounts_of(found).values()
    outside = f"{NAMESPACE}/jobs/{text.rpartition('/')[2].rpartition('.')[2]}"
    assert folder == (f"{NAMESPACE}/jobs/best" if is_meant else outside)


def test_a_mount_path_has_a_dot_for_each_slash() -> None:
    found = render(make_job(refer(jobs=["ann/vision/train"]), name="eval"))[0]
    assert paths_of(found) == {"jobs": ["/polyaxon/refs/jobs/ann.vision.train"]}


def test_two_names_of_one_run_are_mounted_once() -> None:
    found = render(make_job(refer(jobs=["train", "vision/train"]), name="eval"), make_job())[0]
    assert paths_of(found) == {"jobs": ["/polyaxon/refs/jobs/train"]}


def test_a_name_with_dots_is_looked_for_as_a_whole_first() -> None:
    found = render(make_job(refer(jobs=["v1.train"]), name="eval"), make_job(name="train"), make_job(name="v1.train"))
    assert mounts_of(found[0])["/polyaxon/refs/jobs/v1.train"][1] == f"{NAMESPACE}/jobs/v1.train"


def test_the_chart_s_names_are_those_of_the_same_release() -> None:
    runs = [in_release(make_job(name=f"{name}-train"), name, "train") for name in ("first", "second")]
    runs += [in_release(make_job(refer(jobs=["train"]), name=f"{name}-x"), name, "x") for name in ("first", "second")]
    folders = [next(iter(mounts_of(found).values()))[1] for found in render(*runs)[2:]]
    assert folders == [f"{NAMESPACE}/jobs/first-train", f"{NAMESPACE}/jobs/second-train"]


def test_an_object_s_own_name_goes_before_the_chart_s() -> None:
    runs = [in_release(make_job(name="demo-train"), "demo", "train"), in_release(make_job(), "demo", "other")]
    found = render(in_release(make_job(refer(jobs=["train"]), name="x"), "demo", "x"), *runs)[0]
    assert mounts_of(found)["/polyaxon/refs/jobs/train"][1] == f"{NAMESPACE}/jobs/train"


@pytest.mark.parametrize(("own", "other", "is_meant"), [("", "a", True), ("a", "", True), ("a", "a", True), ("a", "b", False)])  # fmt: skip
def test_a_run_of_another_namespace_is_another_one(own: str, other: str, is_meant: bool) -> None:
    catalog = "outputs: {o: {mountPath: /o, existingClaim: o}, p: {mountPath: /p, existingClaim: p}}\n"

    def place(document: str, namespace: str) -> str:
        return document.replace("  name:", f"  namespace: {namespace}\n  name:", 1) if namespace else document

    target = place(make_job("environment: {persistence: {outputs: p}}\n"), other)
    found = render(place(make_job(refer(jobs=["train"]), name="eval"), own), target, catalog=catalog)[0]
    assert mounts_of(found)["/polyaxon/refs/jobs/train"][0] == ("p" if is_meant else "o")


@pytest.mark.parametrize("is_first", [True, False])
def test_of_two_runs_with_one_name_the_one_of_the_group_is_meant(*, is_first: bool) -> None:
    job = make_job("environment: {persistence: {outputs: outputs2}}\n")
    other = make_job("kind: experiment\n").replace("batch/v1", "apps/v1").replace("kind: Job", "kind: Deployment")
    found = render(make_job(refer(jobs=["train"]), name="eval"), *((job, other) if is_first else (other, job)))[0]
    assert mounts_of(found) == {"/polyaxon/refs/jobs/train": ("outputs2", f"{NAMESPACE}/jobs/train")}
    found = render(make_job(refer(experiments=["train"]), name="eval"), *((job, other) if is_first else (other, job)))[
        0
    ]
    assert mounts_of(found) == {"/polyaxon/refs/experiments/train": ("outputs-foo", f"{NAMESPACE}/experiments/train")}
