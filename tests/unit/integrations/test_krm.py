"""The KRM function: what kustomize gives it and takes back, what else its list may hold, and its results."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.support.cli import run
from tests.support.examples import objects, template
from tests.support.krm import (
    FLAGS,
    build,
    call,
    copy_kustomization,
    make_catalog_map,
    make_config,
    make_job,
    make_list,
    volumes,
)

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("flow", [False, True])
def test_runs_of_a_list_get_their_volumes(flow: bool) -> None:
    service = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "s"}}
    code, after, error = call(make_list(service, make_job(), config=make_config()), flow=flow)
    assert (code, error) == (0, "")
    assert after["items"][0] == service
    assert volumes(after["items"][1]) == ["outputs-foo", "data-foo", "data1", "data2"]
    assert "results" not in after
    again, second, _ = call(after, flow=flow)
    assert (again, second) == (0, after)


@pytest.mark.parametrize("flow", [False, True])
def test_a_run_of_a_list_can_ask_by_annotations(flow: bool) -> None:
    job = make_job(**{"polyaxon.com/data": "data2", "polyaxon.com/outputs": "outputs2"})
    del job["metadata"]["annotations"]["polyaxon.com/polyaxonfile"]
    code, after, error = call(make_list(job, config=make_config()), flow=flow)
    assert (code, error) == (0, "")
    assert volumes(after["items"][0]) == ["outputs2", "data2"]


def test_whatever_the_items_carry_stays_also_on_a_renamed_job() -> None:
    carried = {
        "kustomize.config.k8s.io/id": "group: batch\nkind: Job\nname: train\nversion: v1\n",
        "internal.config.kubernetes.io/index": "0",
        "internal.config.kubernetes.io/previousNames": "train",
        "config.kubernetes.io/path": "job.yaml",
        "config.k8s.io/id": "1",
    }
    job = make_job(**{"polyaxon.com/run-policy": "replace"}, **carried)
    code, after, _ = call(make_list(job, config=make_config()))
    assert code == 0
    metadata = after["items"][0]["metadata"]
    assert metadata["name"].startswith("train-")
    assert carried.items() <= metadata["annotations"].items()
    rendered = run(stdin=yaml.safe_dump(make_catalog_map()) + "---\n" + yaml.safe_dump(job)).output
    assert metadata["name"] in rendered.decode()


def test_the_catalogs_layers() -> None:
    """The list's own at the bottom, then the functionConfig, then the files."""
    config = make_config(data={"data1": {"hostPath": None, "existingClaim": "by-config"}, "data2": {"readOnly": True}})
    code, after, _ = call(make_list(make_catalog_map(), make_job(), config=config))
    assert code == 0
    found = {volume["name"]: volume for volume in after["items"][1]["spec"]["template"]["spec"]["volumes"]}
    assert found["data1"]["persistentVolumeClaim"]["claimName"] == "by-config"
    assert found["data2"]["persistentVolumeClaim"]["readOnly"] is True


@pytest.mark.parametrize("flow", [False, True])
def test_one_catalog_may_be_there_twice(flow: bool) -> None:
    """As a hook and as a template, for one."""
    code, output, said = call(make_list(make_catalog_map(), make_catalog_map(), make_job()), flow=flow)
    assert (code, said) == (0, "")
    assert volumes(output["items"][2])


def test_files_go_over_the_function_config(tmp_path: Path) -> None:
    path = tmp_path / "site.yaml"
    path.write_text("persistence: {data: {data2: {existingClaim: by-file}}}\n")
    code, after, _ = call(make_list(make_job(), config=make_config()), "--persistence", str(path))
    assert code == 0
    assert "by-file" in str(after)


@pytest.mark.parametrize("style", ["block", "flow", "json", "comments"])
def test_the_function_config_in_every_style(style: str) -> None:
    given = make_list(make_job(), config=make_config())
    text = yaml.safe_dump(given, sort_keys=False, default_flow_style=style == "flow")
    if style == "json":
        text = json.dumps(given, indent=1)
    if style == "comments":
        text = text.replace("      data2:\n", "# left of its block\n\n      data2:  # a comment\n")
        assert "# left" in text
    done = run("krm", stdin=text)
    assert (done.exit_code, done.error) == (0, "")
    (job,) = yaml.safe_load(done.output)["items"]
    assert volumes(job) == ["outputs-foo", "data-foo", "data1", "data2"]


def test_a_config_map_may_be_the_function_config() -> None:
    """kpt's functions take one."""
    code, after, _ = call(make_list(make_job(), config=make_catalog_map()))
    assert code == 0
    assert len(volumes(after["items"][0])) == 4
    code, _, _ = call(make_list(make_catalog_map(), make_job(), config={"kind": "ConfigMap"}))
    assert code == 0
    code, _, _ = call(make_list(make_catalog_map(), make_job(), config={"kind": "Persistence"}))
    assert code == 0


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"kind": "Persistence", "persistance": {}}, 'unknown key "persistance"'),
        ({"kind": "ConfigMap", "data": {"persistence.yml": ""}}, 'unknown key "persistence.yml"'),
        ({"kind": "Persistence", "persistence": []}, "the catalog is not a mapping"),
        ({"kind": "Persistence", "persistence": {"dta": {}}}, "unknown key"),
        ({"kind": "ConfigMap", "data": {"persistence.yaml": "a: ["}}, ""),
    ],
)
def test_a_function_config_that_is_wrong(config: dict[str, Any], message: str) -> None:
    code, _, error = call(make_list(make_catalog_map(), make_job(), config=config))
    assert code == 1
    assert "(functionConfig)" in error
    assert message in error


@pytest.mark.parametrize("flow", [False, True])
def test_problems_are_results_and_the_list_stays_as_it_came(flow: bool) -> None:
    bad = make_job("bad", "environment: {persistence: {data: [data-fo]}}", **{"config.kubernetes.io/path": "bad.yaml"})
    bad["metadata"]["namespace"] = "vision"
    given = make_list(make_job(), bad, config=make_config())
    code, after, error = call(given, flow=flow)
    assert code == 1
    (result,) = after.pop("results")
    assert after == given
    assert result == {
        "message": 'no data volume "data-fo"',
        "severity": "error",
        "tags": {"code": "unknown-volume", "hint": 'did you mean "data-foo"? Known: data-foo, data1, data2'},
        "field": {"path": "polyaxon.com/polyaxonfile"},
        "resourceRef": {"apiVersion": "batch/v1", "kind": "Job", "name": "bad", "namespace": "vision"},
        "file": {"path": "bad.yaml"},
    }
    assert error.startswith("error[unknown-volume] Job/bad (bad.yaml), polyaxon.com/polyaxonfile: no data volume")


def test_warnings_are_results_too_and_do_not_stop_it() -> None:
    job = make_job(request="environment: {persistence: {outputs: outputs1}}")
    code, after, error = call(make_list(job, config=make_config(), results=[{"message": "of another function"}]))
    assert (code, error.count("warning[read-only-outputs]")) == (0, 1)
    assert [result["severity"] for result in after["results"][1:]] == ["warning"]
    assert volumes(after["items"][0])
    code, after, _ = call(make_list(job, config=make_config()), "--strict")
    assert (code, after["results"][0]["severity"], volumes(after["items"][0])) == (1, "error", [])


HEAD = b"apiVersion: config.kubernetes.io/v1\nkind: ResourceList\n"


@pytest.mark.parametrize(
    ("text", "code", "message"),
    [
        (b"", 2, "is not a ResourceList"),
        (b"- a\n", 2, "is not a ResourceList"),
        (b"apiVersion: v1\nkind: List\nitems: []\n", 2, "is not a ResourceList"),
        (b"kind: ResourceList\n", 2, "is not a ResourceList"),
        (b"a: [\n", 1, "invalid-yaml"),
        (b"a: \xff\n", 1, "invalid-encoding"),
        (
            HEAD + b"items: 1\n",
            1,
            "error[wrong-type] (stream), items: this value is a single value, but it must be a list",
        ),
        (
            HEAD + b"items: [1]\n",
            1,
            "error[wrong-type] (stream), items: this value is a single value, but it must be a mapping",
        ),
        (
            HEAD + b"functionConfig: 1\n",
            1,
            "error[wrong-type] (functionConfig): this value is a single value, but it must be a mapping",
        ),
    ],
)
def test_what_is_no_list_is_refused(text: bytes, code: int, message: str) -> None:
    done = run("krm", stdin=text)
    assert (done.exit_code, done.output) == (code, b"")
    assert message in done.error


@pytest.mark.parametrize("outputs", ["outputs-fo", "outputs1"], ids=["error", "warning"])
def test_results_of_others_that_are_no_list(outputs: str) -> None:
    job = make_job(request=f"environment: {{persistence: {{outputs: {outputs}}}}}")
    code, after, error = call(make_list(job, config=make_config(), results="text"))
    assert (code, after) == (1, {})
    assert "error[wrong-type] (stream), results: this value is a" in error
    assert outputs in error


def test_an_empty_list() -> None:
    assert call(make_list())[0] == 0
    assert run("krm", stdin="apiVersion: config.kubernetes.io/v1\nkind: ResourceList\n").exit_code == 0


@pytest.fixture
def kustomization(tmp_path: Path) -> Path:
    return copy_kustomization(tmp_path / "kustomization")


@pytest.mark.parametrize("helm", ["helm3", "helm4"])
def test_kustomize_renders_the_chart_with_volumes(
    helm: str, kustomization: Path, tools: Path, helm_env: dict[str, str], tmp_path: Path
) -> None:
    done = build(tools, helm_env, kustomization, *FLAGS, helm=helm)
    assert done.returncode == 0, done.stderr
    site = tmp_path / "site.yaml"
    site.write_text("persistence: {data: {data2: {existingClaim: site-data-2-pvc}}}\n")
    more = ("--post-renderer-args", "--persistence", "--post-renderer-args", str(site), "--namespace", "vision")
    by_helm = template(tools, helm_env, "documented", helm, *more)
    assert by_helm.returncode == 0, by_helm.stderr
    assert objects(done.stdout) == objects(by_helm.stdout)
    assert "site-data-2-pvc" in done.stdout


def test_without_enable_exec_the_gate_shows_that_nothing_ran(
    kustomization: Path, tools: Path, helm_env: dict[str, str]
) -> None:
    """kustomize skips such a function without a word."""
    done = build(tools, helm_env, kustomization, "--enable-helm", "--enable-alpha-plugins")
    assert (done.returncode, done.stderr) == (0, "")
    assert "POLYAXON_DATA_PATHS" not in done.stdout.replace("os.environ['POLYAXON_DATA_PATHS']", "")
    jobs = [item for item in objects(done.stdout) if item["kind"] == "Job"]
    gates = [job["spec"]["template"]["spec"]["schedulingGates"] for job in jobs]
    assert gates == [[{"name": "polyaxon.com/needs-post-renderer"}]] * 4


def test_kustomize_shows_problems(kustomization: Path, tools: Path, helm_env: dict[str, str]) -> None:
    with (kustomization / "values.yaml").open("a") as values:
        values.write("  bad: {polyaxonfile: {environment: {persistence: {data: [data-fo]}}}}\n")
    done = build(tools, helm_env, kustomization, *FLAGS)
    assert (done.returncode, done.stdout) == (1, "")
    assert 'no data volume "data-fo"' in done.stderr
    assert "error[unknown-volume] Job/demo-bad" in done.stderr


def test_kustomize_may_change_our_output(kustomization: Path, tools: Path, helm_env: dict[str, str]) -> None:
    """A renamed Job is still the one that later patches look for by its old name."""
    over = kustomization.parent / "over"
    over.mkdir()
    patch = '[{"op": "add", "path": "/metadata/labels/team", "value": "vision"}]'
    target = "{kind: Job, labelSelector: polyaxon.com/run=defaults}"
    text = f"resources: [../kustomization]\npatches:\n- {{target: {target}, patch: '{patch}'}}\n"
    (over / "kustomization.yaml").write_text(text)
    done = build(tools, helm_env, over, *FLAGS)
    assert done.returncode == 0, done.stderr
    jobs = [item for item in objects(done.stdout) if item["kind"] == "Job"]
    labelled = [job["metadata"]["name"] for job in jobs if job["metadata"]["labels"].get("team") == "vision"]
    assert [name.rpartition("-")[0] for name in labelled] == ["demo-defaults"]
