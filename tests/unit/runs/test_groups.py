"""Groups of runs: their run folders, references to their members, and the warning about their concurrency."""

from __future__ import annotations

import pytest

from tests.support.cli import DOCUMENTED, make_catalog, make_job, run
from tests.support.references import NAMESPACE, in_release, mounts_of, refer, render, variables_of

GROUP = "polyaxon.com/group: sweep\n"


def folder_of(document: str, catalog: str = DOCUMENTED) -> str:
    return variables_of(render(document, catalog=catalog)[0])["POLYAXON_RUN_FOLDER"]


def test_the_kind_in_the_run_folder_is_the_group() -> None:
    assert folder_of(make_job("kind: experiment\n", annotations=GROUP)) == f"{NAMESPACE}/groups/sweep/train"
    assert folder_of(make_job("kind: job\n", annotations=GROUP)) == f"{NAMESPACE}/groups/sweep/train"
    catalog = DOCUMENTED + "runFolder: '{project}/{kind}/runs/{name}'\n"
    own = GROUP + "polyaxon.com/project: vision\n"
    assert folder_of(make_job(annotations=own), catalog) == "vision/groups/sweep/runs/train"


def test_the_annotation_of_a_pod_template_counts_for_this_template() -> None:
    template = make_job().replace(
        "  template:\n", "  template:\n    metadata: {annotations: {polyaxon.com/group: own}}\n"
    )
    assert folder_of(template) == f"{NAMESPACE}/groups/own/train"


def test_a_reference_finds_the_results_of_a_member() -> None:
    member = make_job("kind: experiment\n", annotations=GROUP)
    found = render(make_job(refer(experiments=["train"]), name="eval"), member)[0]
    ((_, folder),) = mounts_of(found).values()
    assert folder == f"{NAMESPACE}/groups/sweep/train"


@pytest.mark.parametrize(
    ("name", "folder"),
    [
        ("train-0123456789", "groups/sweep/train-0123456789"),
        ("vision/train-0123456789", "groups/sweep/train-0123456789"),
        ("train-012345678", "experiments/train-012345678"),
        ("train-012345678x", "experiments/train-012345678x"),
        ("trian-0123456789", "experiments/trian-0123456789"),
        ("other-0123456789", "experiments/other-0123456789"),
        ("prepare-0123456789", "experiments/prepare-0123456789"),
    ],
)
def test_an_earlier_run_of_a_member_is_in_the_directory_of_its_group(name: str, folder: str) -> None:
    """The name of an earlier run has a hash. The run of that name without the hash says which group it had."""
    keep = "polyaxon.com/run-policy: keep\n"
    member = make_job("kind: experiment\n", annotations=GROUP + keep)
    other = make_job("kind: experiment\n", annotations=keep, name="other")
    prepare = make_job("kind: job\n", annotations=keep, name="prepare")
    found = render(make_job(refer(experiments=[name]), name="eval"), member, other, prepare)[0]
    ((_, expr),) = mounts_of(found).values()
    assert expr == f"{NAMESPACE}/{folder}"


def test_outputs_are_spread_over_the_members_by_group_and_name() -> None:
    """The rule of a run without a group is that of release 0.1.0; two groups need not have the same volume."""
    catalog = DOCUMENTED.replace("readOnly: true", "readOnly: false") + "outputsSelection: spread\n"

    def picks(annotations: str) -> list[str]:
        stream = [make_job(annotations=annotations, name=f"train-{number}") for number in range(12)]
        return [variables_of(found)["POLYAXON_BASE_OUTPUTS_PATH"] for found in render(*stream, catalog=catalog)]

    assert picks(GROUP) == picks(GROUP)
    assert len({tuple(picks(f"polyaxon.com/group: {name}\n")) for name in ("a", "b")} | {tuple(picks(""))}) == 3


def test_a_group_alone_asks_for_nothing() -> None:
    text = make_job().replace("polyaxon.com/polyaxonfile: |\n      {}\n", GROUP)
    result = run(stdin=make_catalog() + text)
    assert result.exit_code == 1
    assert "error[no-request]" in result.error


def limited(number: int, limit: int, extra: str = "", group: str = GROUP) -> str:
    annotations = f"{group}polyaxon.com/concurrency: '{limit}'\n"
    jobs = [make_job(annotations=annotations, name=f"train-{index}") for index in range(number)]
    return make_catalog() + "".join(job.replace("  annotations:", f"{extra}  annotations:") for job in jobs)


QUEUE = "  labels: {kueue.x-k8s.io/queue-name: two}\n"
TWO = "  namespace: two\n"


@pytest.mark.parametrize(
    ("stream", "warnings"),
    [
        (limited(3, 2), 1),
        (limited(2, 2), 0),
        (limited(1, 1), 0),
        (limited(3, 2, QUEUE), 0),
        (limited(3, 2, QUEUE.replace("kueue.x-k8s.io", "example.com")), 1),
        (limited(3, 2, group=""), 0),
        (limited(2, 2) + limited(2, 2, TWO).removeprefix(make_catalog()), 0),
        (limited(3, 2) + limited(3, 2, TWO).removeprefix(make_catalog()), 2),
        (limited(2, 2) + make_job(annotations=GROUP), 0),
        (limited(2, 2) + limited(2, 2).removeprefix(make_catalog()), 0),  # each Job twice, so these are two Jobs
    ],
)
def test_a_group_with_more_runs_than_its_concurrency_is_one_warning(stream: str, warnings: int) -> None:
    result = run(stdin=stream)
    assert result.exit_code == 0
    assert result.error.count("warning[concurrency]") == warnings


def test_the_warning_names_the_group_the_numbers_and_the_label_of_a_queue() -> None:
    error = run(stdin=limited(3, 2)).error
    assert "] Job/train-0 (chart/templates/runs.yaml), " in error
    assert (
        'polyaxon.com/concurrency: all 3 runs of the group "sweep" start at the same time, but Polyaxon ran 2 at a time\n'
        in error
    )
    assert "label kueue.x-k8s.io/queue-name of a queue that admits 2, or remove concurrency\n" in error
    assert run("render", "--strict", stdin=limited(3, 2)).exit_code == 1


KEEP = "polyaxon.com/run-policy: keep\n"


def member(digits: str, policy: str = KEEP) -> str:
    """One member of the grid sweep of the chart's release demo."""
    document = make_job(
        "kind: experiment\n", annotations=GROUP.replace("sweep", "demo-sweep") + policy, name=f"demo-sweep-{digits}"
    )
    return in_release(document, "demo", f"sweep-{digits}")


def reader(name: str, kind: str = "experiments") -> str:
    request = refer(jobs=[name]) if kind == "jobs" else refer(experiments=[name])
    return in_release(make_job(request, name="demo-report"), "demo", "report")


@pytest.mark.parametrize("name", ["sweep", "demo-sweep", "vision/demo-sweep"])
@pytest.mark.parametrize("kind", ["experiments", "jobs"])
def test_a_reference_to_a_group_is_an_error_that_lists_the_members(name: str, kind: str) -> None:
    result = run(stdin=make_catalog() + reader(name, kind) + member("11111111") + member("22222222"))
    assert (result.exit_code, result.output) == (1, b"")
    assert f'"{kind}/{name}" is the group "demo-sweep", and not a run\n' in result.error
    assert "hint: write the names of its members: demo-sweep-11111111, demo-sweep-22222222\n" in result.error


def test_the_name_of_a_grid_means_only_the_grid_of_the_same_release() -> None:
    other = in_release(make_job(refer(experiments=["sweep"]), name="report"), "other", "report")
    ((_, folder),) = mounts_of(render(other, member("11111111"))[0]).values()
    assert folder == f"{NAMESPACE}/experiments/sweep"


def test_a_removed_member_is_in_the_directory_of_its_group() -> None:
    name = "demo-sweep-09703c87-f73e7694c7"
    ((_, folder),) = mounts_of(render(reader(name), member("11111111"))[0]).values()
    assert folder == f"{NAMESPACE}/groups/demo-sweep/{name}"
    without_policy = "demo-sweep-09703c87"
    ((_, folder),) = mounts_of(render(reader(without_policy), member("11111111", ""))[0]).values()
    assert folder == f"{NAMESPACE}/groups/demo-sweep/{without_policy}"


@pytest.mark.parametrize("name", ["sweep-09703c87", "demo-sweep-09703c87", "sweep-09703c87-f73e7694c7"])
def test_a_name_that_a_removed_member_did_not_have_as_a_job_is_an_error(name: str) -> None:
    """The run folder of a kept member has the full name of its Job."""
    result = run(stdin=make_catalog() + reader(name) + member("11111111"))
    assert (result.exit_code, result.output) == (1, b"")
    assert f'"experiments/{name}" is no member of the group "demo-sweep" now\n' in result.error
    assert (
        "hint: for an earlier member, write the full name of its Job; the members are: demo-sweep-11111111\n"
        in result.error
    )


def test_explain_names_the_path_of_a_run_that_is_not_in_the_stream() -> None:
    result = run("explain", stdin=make_catalog() + reader("swep") + member("11111111"))
    assert result.exit_code == 0
    text = " ".join(result.output.decode().split())
    place = "in the directory <namespace>/experiments/swep"
    assert f"swep is not in this stream: its results are expected in this run's outputs volume, {place}" in text
