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


@pytest.mark.parametrize(
    ("code", "outer", "inner"),
    [
        ("unknown-container", "polyaxon.com/user: ann", "polyaxon.com/containers: mian"),
        ("unknown-container", "polyaxon.com/containers: mian", "polyaxon.com/user: ann"),
        ("run-policy", "polyaxon.com/run-policy: keep\n    helm.sh/hook: test", "polyaxon.com/user: ann"),
        ("run-policy", "polyaxon.com/user: ann", "polyaxon.com/run-policy: keep  # on a Job with its own selector"),
        ("base-name", "polyaxon.com/base-name: other", "polyaxon.com/user: ann"),
        ("contradiction", "polyaxon.com/project: b", "polyaxon.com/project: a"),
        ("contradiction", "polyaxon.com/user: b", "polyaxon.com/user: a"),
        ("contradiction", "polyaxon.com/run-folder: b", "polyaxon.com/run-folder: a"),
        (
            "conflict",
            "polyaxon.com/run-policy: replace\n    helm.sh/resource-policy: keep",
            "polyaxon.com/user: ann",
        ),
    ],
)
@pytest.mark.parametrize("ask", ["polyaxonfile: '{}'", "data: images"])
def test_an_error_about_an_annotation_is_where_this_annotation_is(code: str, outer: str, inner: str, ask: str) -> None:
    request = f"polyaxon.com/{ask}"
    text = stream(f"{request}\n    {outer}", f"free: yes\n        {inner}\n        last: yes")
    text = text.replace("data1:", "images:").replace("  data2:", "  data3:")
    if "own selector" in inner:
        text = text.replace("spec:\n  template:", "spec:\n  selector: {matchLabels: {a: b}}\n  template:", 1)
    error = run(stdin=text).error
    name = (inner if "user: ann" not in inner else outer).partition(":")[0]
    value = (inner if "user: ann" not in inner else outer).splitlines()[0]
    assert places(error) == [f"<stdin>:{line_with(text, value)}"], error
    assert f"error[{code}] Job/train (chart/templates/runs.yaml), {name}: " in error


def test_a_policy_that_flux_can_not_apply_is_where_the_policy_is() -> None:
    text = stream("polyaxon.com/polyaxonfile: '{}'\n    polyaxon.com/run-policy: keep", "free: yes")
    error = run("flux-patches", stdin=text).error
    assert places(error) == [f"<stdin>:{line_with(text, 'run-policy')}"]


def test_a_limit_of_a_group_is_where_the_limit_is() -> None:
    limits = "polyaxon.com/group: g\npolyaxon.com/concurrency: '1'\n"
    text = make_catalog() + make_job(annotations=limits) + make_job(name="other", annotations=limits)
    error = run(stdin=text).error
    first = text[: text.index("concurrency")].count("\n") + 1
    assert "warning[concurrency] " in error
    assert places(error) == [f"<stdin>:{first}"]
