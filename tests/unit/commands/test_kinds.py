"""The commands on other operators' kinds."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
import yaml

from post_renderer.commands import kinds
from post_renderer.console.parser import parse
from tests.support.cli import make_catalog, make_job, run
from tests.support.custom_resources import (
    INJECTED,
    OWN,
    POLYAXONFILE,
    REFUSED,
    ROWS,
    SITE_CATALOG,
    annotated,
    job,
    pod,
    ray,
    refused,
    render,
    rendered,
    task,
    workflow,
    wrapper,
)
from tests.support.imports import DEAR, RENDER, loaded
from tests.support.paths import GOLDEN

if TYPE_CHECKING:
    from pathlib import Path


# The verb, and the other verbs


def test_kinds_lists_all_of_them() -> None:
    result = run("kinds")
    assert (result.exit_code, result.error) == (0, "")
    rows = [line.split() for line in result.output.decode().splitlines()]
    for group, kind, *_ in [*ROWS, *REFUSED]:
        assert any(row[: 2 if group else 1] == ([kind, group] if group else [kind]) for row in rows), kind
    assert ["TFJob", "kubeflow.org", "spec.tfReplicaSpecs.*.template.spec"] in rows
    assert any(row[:3] == ["TrainJob", "trainer.kubeflow.org", "-"] for row in rows)


def test_kinds_lists_those_of_a_site(tmp_path: Path) -> None:
    file = tmp_path / "site.yaml"
    file.write_text(
        "persistence:\n  defaultOutputs: of-the-stream\n  workloads: [{group: a.b, kind: C, podSpecs: [x.y]}]\n"
    )
    assert ["C", "a.b", "x.y"] in [
        line.split() for line in run("kinds", "--persistence", str(file)).output.decode().splitlines()
    ]
    file.write_text("workloads: [{}]\n")
    result = run("kinds", "--persistence", str(file))
    assert (result.exit_code, result.output) == (1, b"")
    assert f"{file}:1: error[invalid-catalog] workloads: entry 1" in result.error
    file.write_text("workloads: [\n")
    assert run("kinds", "--persistence", str(file)).exit_code == 1


def test_kinds_as_json() -> None:
    data = json.loads(run("kinds", "--output", "json").output)
    assert data["problems"] == []
    by_kind = {(item["group"], item["kind"]): item for item in data["kinds"]}
    assert set(by_kind) == set(ROWS) | {row[:2] for row in REFUSED}
    assert by_kind["kubernetes.dask.org", "DaskCluster"]["pods"] == ["spec.scheduler.spec", "spec.worker.spec"]
    assert by_kind["kueue.x-k8s.io", "Workload"] == {
        "group": "kueue.x-k8s.io",
        "kind": "Workload",
        "pods": [],
        "note": "Kueue makes it: annotate the Job, or the other object that waits in the queue",
    }


def test_explain_distinguishes_runs_inside_an_object() -> None:
    stream = make_catalog(SITE_CATALOG) + "---\n" + yaml.safe_dump(wrapper(job("a"), job("b")))
    data = json.loads(run("explain", "--output", "json", stdin=stream).output)
    assert [row["object"] for row in data["runs"]] == ["AppWrapper/train (Job)"] * 2
    assert [row["results"] for row in data["runs"]] == [f"claim results:/<namespace>/jobs/{name}" for name in "ab"]


@pytest.mark.parametrize(("change", "outcome"), [("", "left alone"), ("x2", "changed")])
def test_check_against_does_not_take_another_operators_job_for_a_job(change: str, outcome: str, tmp_path: Path) -> None:
    def stream(image: str) -> str:
        spec = {"tasks": [{"template": {"spec": {"containers": [{"name": "main", "image": image}]}}}]}
        return (
            make_catalog(OWN)
            + "---\n"
            + yaml.safe_dump(annotated("batch.volcano.sh", "Job", spec))
            + "---\n"
            + yaml.safe_dump(
                annotated(
                    "example.com",
                    "Sweep",
                    {"main": {"pod": {"containers": [{"name": "main", "image": image}]}}},
                    run_folder="sweep",
                )
            )
        )

    installed = tmp_path / "installed.yaml"
    installed.write_bytes(run(stdin=stream("x")).output)
    result = run("check", "--against", str(installed), "--output", "json", stdin=stream(change or "x"))
    runs = json.loads(result.output)["runs"]
    assert [(row["object"], row["outcome"]) for row in runs] == [("Job/train", outcome), ("Sweep/train", outcome)]


def test_claims_are_counted_in_the_pods_of_all_kinds() -> None:
    once = SITE_CATALOG.replace("existingClaim: results", "existingClaim: results, accessModes: [ReadWriteOnce]")
    volumes = [{"name": "v", "persistentVolumeClaim": {"claimName": "results"}}]
    other = annotated("ray.io", "RayCluster", {"headGroupSpec": {"template": {"spec": pod("head", volumes=volumes)}}})
    del other["metadata"]["annotations"]
    result = render(wrapper(job()), other, catalog=once)
    assert result.exit_code == 0
    assert "warning[claim-in-use] RayCluster/train" in result.error
    assert "the claim results is ReadWriteOnce, but AppWrapper/train (Job) mounts it too" in result.error
    workers = {"workerGroupSpecs": [{"replicas": 2, "template": {"spec": pod("worker")}}]}
    error = render(annotated("ray.io", "RayCluster", workers), catalog=once).error
    assert "the claim results is ReadWriteOnce, but several pods of this object mount it" in error


def test_runs_of_all_kinds_may_refer_to_each_other() -> None:
    asks = "environment: {outputs: {jobs: [a, fit]}}\n"
    found = workflow()
    found["metadata"]["annotations"][POLYAXONFILE] = asks
    fit = {**ray(), "metadata": {**ray()["metadata"], "name": "fit"}}
    container = rendered(wrapper(job("a")), fit, found)["spec"]["templates"][1]["container"]
    folders = {mount["mountPath"]: mount.get("subPathExpr") for mount in container["volumeMounts"]}
    assert folders["/polyaxon/refs/jobs/a"] == "$(POLYAXON_K8S_NAMESPACE)/jobs/a"
    assert folders["/polyaxon/refs/jobs/fit"] == "$(POLYAXON_K8S_NAMESPACE)/jobs/fit"
    found["metadata"]["annotations"][POLYAXONFILE] = asks.replace("fit", "nightly")
    spec = {"workflowSpec": {"templates": [{"name": "t", "script": {"image": "x"}}]}}
    cron = annotated("argoproj.io", "CronWorkflow", spec)
    cron["metadata"]["name"] = "nightly"
    error = refused(wrapper(job("a")), cron, found)
    assert "is CronWorkflow/nightly, which writes into run folders whose names only the cluster knows" in error


# Other texts of the same objects, and what they cost


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("case", INJECTED)
def test_json_gets_the_same(case: str, indent: int | None) -> None:
    *catalog, found = yaml.safe_load_all((GOLDEN / case / "input.yaml").read_text())
    stream = f"---\n{yaml.safe_dump(*catalog)}---\n{json.dumps(found, indent=indent)}\n"
    result = run(stdin=stream)
    assert result.exit_code == 0
    expected = list(yaml.safe_load_all((GOLDEN / case / "output.yaml").read_text()))
    assert list(yaml.safe_load_all(result.output)) == expected
    assert run("check", stdin=result.output).exit_code == 0  # which parses again what was written


@pytest.mark.parametrize("case", INJECTED)
def test_verify_finds_all_of_it_and_none_of_it(case: str) -> None:
    for file, state in (("output.yaml", "verified"), ("input.yaml", "bare")):
        result = run("verify", "--output", "json", stdin=(GOLDEN / case / file).read_bytes())
        runs = json.loads(result.output)["runs"]
        assert runs
        assert {found["state"] for found in runs} == {state}
        assert result.exit_code == (0 if state == "verified" else 1)


def test_verify_reports_what_a_step_template_lacks() -> None:
    found = rendered(task(template={"env": [{"name": "A", "value": "b"}]}))
    found["spec"]["stepTemplate"]["volumeMounts"].pop()
    del found["spec"]["volumes"][1]
    stream = make_catalog(SITE_CATALOG) + "---\n" + yaml.safe_dump(found, sort_keys=False)
    (verdict,) = json.loads(run("verify", "--output", "json", stdin=stream).output)["runs"]
    assert verdict["missing"] == [
        {"container": None, "what": "volume", "name": "images"},
        {"container": "stepTemplate", "what": "mount", "name": "/data/images"},
    ]


def test_the_table_is_read_for_custom_resources_only() -> None:
    table = {"post_renderer.workloads.pod_paths", "post_renderer.workloads.operator_kinds"}
    catalog = make_catalog(SITE_CATALOG)
    assert not table & loaded(RENDER, catalog + make_job())
    assert not table & loaded(RENDER, catalog + "---\n" + yaml.safe_dump({**ray(), "metadata": {"name": "a"}}))
    modules = loaded(RENDER, catalog + "---\n" + yaml.safe_dump(ray()))
    assert table <= modules
    assert not modules & (DEAR | {"yaml"})


def test_the_table_is_as_wide_as_the_terminal() -> None:
    options = parse(["kinds"])
    options.width = 70
    narrow = kinds.run(options, [], []).output
    assert isinstance(narrow, str)
    assert max(map(len, narrow.splitlines())) <= 70 < max(map(len, run("kinds").output.decode().splitlines()))
