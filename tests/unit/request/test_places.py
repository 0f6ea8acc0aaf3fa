"""The lines of problems where a workload and its pod template both have annotations."""

from __future__ import annotations

import re

import pytest

from tests.support.cli import make_catalog, make_job, run

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
    place = f"(chart/templates/runs.yaml, line {line_with(text, 'dataX')} of the stream)"
    assert error.startswith(f"error[unknown-volume] Job/train {place}, polyaxon.com/polyaxonfile: ")


def test_both_ask_for_the_same_unknown_volume() -> None:
    text = stream(f"polyaxon.com/polyaxonfile: '{ASK}'", f"polyaxon.com/polyaxonfile: '{ASK}  # again'")
    assert f"error[unknown-volume] Job/train (chart/templates/runs.yaml, line {line_with(text, 'again')} of" in (
        run(stdin=text).error
    )


def test_no_request_is_where_the_pod_template_s_annotation_is() -> None:
    text = stream("polyaxon.com/project: vision", "polyaxon.com/user: ann")
    error = run(stdin=text).error
    assert error.count("error[") == 1
    place = f"(chart/templates/runs.yaml, line {line_with(text, 'user: ann')} of the stream)"
    assert error.startswith(f"error[no-request] Job/train {place}: ")


def test_the_first_of_several_annotations_is_the_place() -> None:
    text = stream("polyaxon.com/project: vision\n    polyaxon.com/user: ann", "free: yes")
    assert f"line {line_with(text, 'project: vision')} of the stream): the object has annotations of polyaxon.com" in (
        run(stdin=text).error
    )


@pytest.mark.parametrize("is_outer", [True, False])
def test_a_problem_of_the_whole_request_is_where_the_polyaxonfile_is(*, is_outer: bool) -> None:
    own = "polyaxon.com/project: vision\n    polyaxon.com/polyaxonfile: '{}'\n    polyaxon.com/user: ann"
    both = (own, "polyaxon.com/containers: main") if is_outer else ("polyaxon.com/containers: main", own)
    locked = make_catalog("outputs:\n  o: {mountPath: /o, existingClaim: o, readOnly: true}\n")
    text = locked + stream(both[0], both[1].replace("\n    ", "\n        ")).removeprefix(make_catalog())
    error = run(stdin=text).error
    assert error.count("error[") == 1
    assert f"(chart/templates/runs.yaml, line {line_with(text, 'polyaxonfile')} of the stream)" in error


@pytest.mark.parametrize("text", ["kind: experimnt", "kind: [job]", "environment: {data: [a]}", ASK])
def test_two_runs_with_one_wrong_polyaxonfile_have_lines_of_their_own(text: str) -> None:
    jobs = make_job(text + "\n") + make_job(text + "\n", name="other")
    error = run(stdin=make_catalog() + jobs).error
    lines = [number for number, line in enumerate((make_catalog() + jobs).splitlines(), 1) if line.strip() == text]
    assert len(lines) == 2
    assert [int(number) for number in re.findall(r"line (\d+) of the stream", error)] == lines
