"""A message about an object of the chart names the run and its path in the values; another message never does."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.support.cli import make_catalog, make_job, run
from tests.support.messages import heads, places

if TYPE_CHECKING:
    from pathlib import Path

ASK = "      environment: {persistence: {data: [data-fo]}}\n"
LABELS = {
    "app.kubernetes.io/instance": "demo",
    "app.kubernetes.io/managed-by": "Helm",
    "app.kubernetes.io/name": "polyaxon-persistence",
    "helm.sh/chart": "polyaxon-persistence-0.2.0",
    "polyaxon.com/kind": "job",
    "polyaxon.com/run": "train",
}
MESSAGE = 'polyaxon.com/polyaxonfile: no data volume "data-fo"'


def chart_job(source: str = "polyaxon-persistence/templates/job.yaml", kind: str = "Job", **labels: str | None) -> str:
    """A Job as the chart writes it. ``labels``: changes of its labels, where None removes one."""
    names = {"run": "polyaxon.com/run", "kind_label": "polyaxon.com/kind", "chart": "helm.sh/chart"}
    own = {**LABELS, **{names[key]: value for key, value in labels.items()}}
    lines = "".join(f"    {key}: {json.dumps(value)}\n" for key, value in own.items() if value is not None)
    text = make_job(name="demo-train").replace("      {}\n", ASK).replace("chart/templates/runs.yaml", source)
    return text.replace("  annotations:\n", f"  labels:\n{lines}  annotations:\n", 1).replace(
        "kind: Job", f"kind: {kind}"
    )


def head_of(stream: str) -> str:
    (head,) = heads(run(stdin=make_catalog() + stream).error)
    return head


SOURCES = [
    ("polyaxon-persistence/templates/job.yaml", "polyaxon-persistence", "runs.train.polyaxonfile"),
    ("team/charts/vision/templates/job.yaml", "vision", "vision.runs.train.polyaxonfile"),
    ("team/charts/mid/charts/deep/templates/job.yaml", "deep", "mid.deep.runs.train.polyaxonfile"),
]


@pytest.mark.parametrize(("source", "chart", "path"), SOURCES)
def test_a_run_of_the_chart(source: str, chart: str, path: str) -> None:
    stream = chart_job(source, chart=f"{chart}-0.2.0")
    assert head_of(stream) == (
        f"error[unknown-volume] run train (values: {path}), Job/demo-train ({source}), {MESSAGE}"
    )
    (problem,) = json.loads(run("check", "--output", "json", stdin=make_catalog() + stream).output)["problems"]
    assert (problem["run"], problem["values"], problem["file"]) == ("train", path, source)


FOREIGN = {
    "another chart's label": {"chart": "other-0.2.0"},
    "no version": {"chart": "polyaxon-persistence"},
    "no chart": {"chart": None},
    "no run": {"run": None},
    "no kind": {"kind_label": None},
    "another template": {"source": "polyaxon-persistence/templates/train.yaml"},
    "a template of the umbrella chart": {"source": "team/templates/job.yaml"},
    "no template": {"source": "job.yaml"},
    "another kind": {"kind": "Deployment"},
}


@pytest.mark.parametrize("change", FOREIGN.values(), ids=FOREIGN)
def test_a_run_of_another_chart_has_only_its_template_in_brackets(change: dict[str, str]) -> None:
    stream = chart_job(**change)
    if change.get("kind"):
        stream = stream.replace("batch/v1", "apps/v1")
    source = change.get("source", "polyaxon-persistence/templates/job.yaml")
    assert head_of(stream) == (f"error[unknown-volume] {change.get('kind', 'Job')}/demo-train ({source}), {MESSAGE}")
    (problem,) = json.loads(run("check", "--output", "json", stdin=make_catalog() + stream).output)["problems"]
    assert (problem["run"], problem["values"]) == ("", "")


@pytest.mark.parametrize(
    ("annotation", "path"),
    [
        ("polyaxon.com/containers: none", "runs.train.containers"),
        ("polyaxon.com/project: a/b", "runs.train.project"),
        ("polyaxon.com/user: a/b", "runs.train.user"),
        ("polyaxon.com/run-policy: kept", "runs.train.policy"),
        ("polyaxon.com/run-folder: a/b", "runs.train.folder"),
        ("polyaxon.com/unknown: a", "runs.train"),
    ],
)
def test_the_path_is_that_of_the_value_behind_an_annotation(annotation: str, path: str) -> None:
    stream = chart_job().replace(ASK, f"      {{}}\n    {annotation}\n")
    assert f"] run train (values: {path}), Job/demo-train (" in head_of(stream)


@pytest.mark.parametrize(
    ("run_label", "group", "key"),
    [
        ("hp-09703c87", "hp", "hp"),
        ("hp-09703c87", None, "hp-09703c87"),  # not a member of a grid, so this is its name in the values
        ("hp-09703c8", "hp", "hp-09703c8"),
        ("hp-09703cxy", "hp", "hp-09703cxy"),
        ("09703c87", "hp", "09703c87"),
    ],
)
@pytest.mark.parametrize("is_label", [True, False])
def test_the_path_of_a_member_of_a_grid_is_that_of_the_grid(
    run_label: str, group: str | None, key: str, *, is_label: bool
) -> None:
    stream = chart_job(run=run_label)
    if group:
        place = "  labels:\n" if is_label else "  annotations:\n"
        key = key if is_label else run_label  # migrate writes the annotation for runs that are in the values
        stream = stream.replace(place, f"{place}    polyaxon.com/group: {group}\n", 1)
    assert f"] run {run_label} (values: runs.{key}.polyaxonfile), Job/demo-train (" in head_of(stream)


def test_a_list_that_looks_like_an_object_of_the_chart_has_no_run() -> None:
    item = "\n".join("  " + line for line in chart_job().splitlines()[2:]).replace("  apiVersion", "- apiVersion", 1)
    stream = f"---\n# Source: polyaxon-persistence/templates/job.yaml\napiVersion: v1\nkind: List\nitems:\n{item}\n"
    error = run(stdin=make_catalog() + stream).error
    line = (make_catalog() + stream).splitlines().index("  " + ASK.rstrip()) + 1
    assert error.startswith(
        f"<stdin>:{line}: error[unknown-volume] Job/demo-train (polyaxon-persistence/templates/job.yaml), {MESSAGE}\n"
    )


UNREADABLE = {
    "a key twice": "    a: b\n    a: c\n",
    "a key that is a list": "    ? [a]\n    : b\n",
    "a value that is a list": "    a: [b]\n",
    "an alias": "    a: &x b\n    c: *x\n",
    "a merge key": "    <<: {a: b}\n",
}


@pytest.mark.parametrize("more", UNREADABLE.values(), ids=UNREADABLE)
def test_odd_labels_are_no_reason_to_fail(more: str) -> None:
    stream = chart_job().replace("  labels:\n", f"  labels:\n{more}", 1)
    assert head_of(stream).endswith('no data volume "data-fo"')


@pytest.mark.parametrize("labels", ["labels: x", "labels: []", "labels:", "labels: {}"])
def test_labels_of_another_type_are_no_reason_to_fail(labels: str) -> None:
    stream = chart_job().replace("  labels:\n", f"  {labels}\n  x:\n", 1)
    found = heads(run(stdin=make_catalog() + stream).error)
    assert found
    assert all("] Job/demo-train (polyaxon-persistence/templates/job.yaml)" in head for head in found), found


CATALOG = """\
---
# Source: team/charts/vision/templates/catalog.yaml
apiVersion: v1
kind: ConfigMap
data:
  persistence.yaml: |
    data: {a: {mountPath: a, existingClaim: a}}
    typo: 1
metadata:
  name: demo-vision-persistence
  labels:
    polyaxon.com/catalog: v1
    app.kubernetes.io/name: vision
    app.kubernetes.io/instance: demo
    app.kubernetes.io/managed-by: Helm
    helm.sh/chart: vision-0.2.0
"""
WHERE = "ConfigMap/demo-vision-persistence (team/charts/vision/templates/catalog.yaml)"


def test_the_catalog_of_the_chart() -> None:
    first, second = run("check", stdin=CATALOG).error.splitlines()[::2]
    begin = "error[invalid-entry] catalog (values: vision.persistence.data.a)"
    assert first == f'<stdin>:7: {begin}, {WHERE}: mountPath "a" is not absolute'
    begin = "error[invalid-catalog] catalog (values: vision.persistence.typo)"
    assert second == f"<stdin>:8: {begin}, {WHERE}: unknown key"
    (broken,) = heads(run("check", stdin=CATALOG.replace("typo: 1", "]")).error)
    assert broken.startswith(
        f"error[invalid-catalog] catalog (values: vision.persistence), {WHERE}, persistence.yaml: "
    )


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("    app.kubernetes.io/managed-by: Helm\n", ""),
        ("helm.sh/chart: vision", "team: x\n    helm.sh/chart: vision"),
        ("helm.sh/chart: vision", "helm.sh/chart: team"),
        ("charts/vision/templates/catalog.yaml", "templates/catalog.yaml"),
        ("charts/vision/templates/catalog.yaml", "charts/vision/templates/volumes.yaml"),
    ],
)
def test_the_catalog_of_another_chart_has_no_path_in_the_values(old: str, new: str) -> None:
    for head in heads(run("check", stdin=CATALOG.replace(old, new)).error):
        assert "values:" not in head
        assert ", persistence." in head


def test_catalog_files_come_before_the_stream(tmp_path: Path) -> None:
    first, second = tmp_path / "z.yaml", tmp_path / "a.yaml"
    first.write_text("x: 1\ndata:\n  one: {mountPath: one, existingClaim: a}\n")
    second.write_text("y: 1\n")
    stream = make_catalog() + chart_job() + make_job("kind: x\n", name="b")
    error = run("check", "--persistence", str(first), "--persistence", str(second), stdin=stream).error
    lines = [int(place.rpartition(":")[2]) for place in places(error)]
    assert places(error)[:3] == [f"{first}:1", f"{first}:3", f"{second}:1"]
    assert all(place.startswith("<stdin>:") for place in places(error)[3:])
    assert lines[3:] == sorted(lines[3:])
    assert len(lines) == 5
