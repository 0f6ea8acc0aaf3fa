"""The lines of problems where a workload and its pod template both have annotations."""

from __future__ import annotations

import pytest

from tests.support.cli import make_catalog, make_job, run
from tests.support.messages import places

ASK = "environment: {persistence: {data: [dataX]}}"


def stream(outer: str, inner: str) -> str:
    """A Job whose annotations, and those of its pod template, end in one of these lines."""
    return make_catalog() + (
        "---\n# Source: chart/templates/runs.yaml\napiVersion: batch/v1\nkind: Job\nmetadata:\n  name: train\n"
        f"  annotations:\n    team: vision\n    {outer}\nspec:\n  template:\n    metadata:\n      annotations:\n"
        f"        team: vision\n        {inner}\n    spec:\n      restartPolicy: Never\n"
        "      containers: [{name: main, image: x}]\n"
    )


def line_with(text: str, words: str) -> int:
    (line,) = (number for number, content in enumerate(text.splitlines(), 1) if words in content)
    return line


@pytest.mark.parametrize("style", [f"'{ASK}'", f"|\n          version: 1\n          {ASK}"])
@pytest.mark.parametrize("other", ["project: vision", "containers: main", "run-folder: a"])
@pytest.mark.parametrize("is_outer", [True, False])
def test_an_unknown_volume_is_where_the_polyaxonfile_is(style: str, other: str, *, is_outer: bool) -> None:
    both = (f"polyaxon.com/polyaxonfile: {style}", f"polyaxon.com/{other}")
    text = stream(*(both if is_outer else both[::-1]))
    error = run(stdin=text).error
    assert error.count("error[") == 1
    place = f"<stdin>:{line_with(text, 'dataX')}: "
    assert error.startswith(
        f"{place}error[unknown-volume] Job/train (chart/templates/runs.yaml), polyaxon.com/polyaxonfile: "
    )


def test_both_ask_for_the_same_unknown_volume() -> None:
    text = stream(f"polyaxon.com/polyaxonfile: '{ASK}'", f"polyaxon.com/polyaxonfile: '{ASK}  # again'")
    assert f"<stdin>:{line_with(text, 'again')}: error[unknown-volume] Job/train (chart/templates/runs.yaml), " in (
        run(stdin=text).error
    )


def test_no_request_is_where_the_pod_template_s_annotation_is() -> None:
    text = stream("polyaxon.com/project: vision", "polyaxon.com/user: ann")
    error = run(stdin=text).error
    assert error.count("error[") == 1
    place = f"<stdin>:{line_with(text, 'user: ann')}: "
    assert error.startswith(f"{place}error[no-request] Job/train (chart/templates/runs.yaml): ")


def test_the_first_of_several_annotations_is_the_place() -> None:
    text = stream("polyaxon.com/project: vision\n    polyaxon.com/user: ann", "free: yes")
    place = f"<stdin>:{line_with(text, 'project: vision')}: "
    begin = (
        f"{place}error[no-request] Job/train (chart/templates/runs.yaml): the object has annotations of polyaxon.com"
    )
    assert begin in run(stdin=text).error


@pytest.mark.parametrize("is_outer", [True, False])
def test_a_problem_of_the_whole_request_is_where_the_polyaxonfile_is(*, is_outer: bool) -> None:
    own = "polyaxon.com/project: vision\n    polyaxon.com/polyaxonfile: '{}'\n    polyaxon.com/user: ann"
    both = (own, "polyaxon.com/containers: main") if is_outer else ("polyaxon.com/containers: main", own)
    locked = make_catalog("outputs:\n  o: {mountPath: /o, existingClaim: o, readOnly: true}\n")
    text = locked + stream(both[0], both[1].replace("\n    ", "\n        ")).removeprefix(make_catalog())
    error = run(stdin=text).error
    assert error.count("error[") == 1
    assert places(error) == [f"<stdin>:{line_with(text, 'polyaxonfile')}"]


@pytest.mark.parametrize("text", ["kind: experimnt", "kind: [job]", "environment: {data: [a]}", ASK])
def test_two_runs_with_one_wrong_polyaxonfile_have_lines_of_their_own(text: str) -> None:
    jobs = make_job(text + "\n") + make_job(text + "\n", name="other")
    error = run(stdin=make_catalog() + jobs).error
    lines = [number for number, line in enumerate((make_catalog() + jobs).splitlines(), 1) if line.strip() == text]
    assert len(lines) == 2
    assert places(error) == [f"<stdin>:{line}" for line in lines]
