"""Groups of runs: their run folders, references to their members, and the warning about their concurrency."""

from __future__ import annotations

import pytest

from tests.support.cli import DOCUMENTED, make_catalog, make_job, run
from tests.support.references import NAMESPACE, mounts_of, refer, render, variables_of

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
