"""The whole path with the real Helms: values to manifests to volumes, names and messages."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
from typing import TYPE_CHECKING, Any

import kubernetes_validate
import pytest

from tests.support.cli import run
from tests.support.examples import EXAMPLES, RENDERINGS, env_of, kubeconform, objects, pod_spec, template
from tests.support.paths import ROOT

if TYPE_CHECKING:
    from pathlib import Path


SHARED = sorted(name for name, example in EXAMPLES.items() if len(example.helms) == 3)
GATE = "polyaxon.com/needs-post-renderer"
UNKNOWN = """
persistence:
  data: {data1: {mountPath: /data/1, existingClaim: a}, data-foo: {mountPath: /data/foo, existingClaim: b}}
  outputs: {outputs-foo: {mountPath: /outputs/foo, existingClaim: c}}
runDefaults: {image: busybox}
runs:
  one: {polyaxonfile: {environment: {persistence: {data: [data-fo]}}}}
  two: {polyaxonfile: {environment: {persistence: {outputs: outputs-fo}}}}
"""


def jobs_by_run(stream: str) -> dict[str, dict[str, Any]]:
    return {item["metadata"]["labels"]["polyaxon.com/run"]: item for item in objects(stream) if item["kind"] == "Job"}


def variables_of(job: dict[str, Any]) -> dict[str, str]:
    return {item["name"]: item.get("value", "") for item in pod_spec(job)["containers"][0]["env"]}


def volumes_of(job: dict[str, Any], ours: tuple[str, ...] = ("data", "outputs")) -> list[str]:
    return [volume["name"] for volume in pod_spec(job)["volumes"] if volume["name"].startswith(ours)]


@pytest.mark.parametrize("helm", EXAMPLES["documented"].helms)
def test_documented_example(helm: str, tools: Path, helm_env: dict[str, str]) -> None:
    done = template(tools, helm_env, "documented", helm)
    assert done.returncode == 0, done.stderr
    jobs = jobs_by_run(done.stdout)
    default = next(job for job in jobs.values() if len(volumes_of(job)) == 4)
    assert volumes_of(default) == ["outputs-foo", "data-foo", "data1", "data2"]
    assert json.loads(variables_of(default)["POLYAXON_DATA_PATHS"]) == {
        "data-foo": "/data/foo",
        "data1": "/data/1",
        "data2": "/data/2",
    }
    assert (
        variables_of(default)["POLYAXON_DATA_PATHS"]
        == '{"data-foo": "/data/foo", "data1": "/data/1", "data2": "/data/2"}'
    )
    assert variables_of(default)["POLYAXON_RUN_OUTPUTS_PATH"].startswith("/outputs/foo/")
    mounts = pod_spec(default)["containers"][0]["volumeMounts"]
    assert [mount["name"] for mount in mounts if mount.get("readOnly")] == ["data1"]
    subsets = [volumes_of(job) for job in jobs.values()]
    assert ["outputs-foo", "data1", "data-foo"] in subsets
    assert any(variables_of(job)["POLYAXON_RUN_OUTPUTS_PATH"].startswith("/outputs/2/") for job in jobs.values())


@pytest.mark.parametrize("name", SHARED)
def test_all_helms_give_the_same_documents_and_job_names(name: str, tools: Path, helm_env: dict[str, str]) -> None:
    streams = [template(tools, helm_env, name, helm).stdout for helm in EXAMPLES[name].helms]
    assert objects(streams[0])
    assert objects(streams[0]) == objects(streams[1]) == objects(streams[2])


@pytest.mark.parametrize(("name", "helm"), RENDERINGS)
def test_a_second_render_changes_nothing(name: str, helm: str, tools: Path, helm_env: dict[str, str]) -> None:
    done = template(tools, helm_env, name, helm)
    assert done.returncode == 0, done.stderr
    again = run(*EXAMPLES[name].arguments(), stdin=done.stdout)
    assert again.output.decode() == done.stdout
    assert again.exit_code == 0


@pytest.mark.parametrize(("name", "helm"), RENDERINGS)
def test_a_bare_rendering_is_gated_and_has_no_name_by_content(
    name: str, helm: str, tools: Path, helm_env: dict[str, str]
) -> None:
    bare = template(tools, helm_env, name, helm, post=())
    assert bare.returncode == 0, bare.stderr
    rendered = template(tools, helm_env, name, helm)
    assert 'name: "POLYAXON_DATA_PATHS"' not in bare.stdout
    assert 'name: "POLYAXON_DATA_PATHS"' in rendered.stdout
    assert GATE not in rendered.stdout
    for item in objects(bare.stdout):
        # The gate is our chart's; another chart's workload has none.
        annotations = item["metadata"].get("annotations", {})
        if "polyaxon.com/polyaxonfile" not in annotations or item["kind"] not in ("Job", "CronJob"):
            continue
        assert pod_spec(item)["schedulingGates"] == [{"name": GATE}]
        assert "selector" not in item["spec"]
        assert "helm.sh/resource-policy" not in annotations
    for item in objects(rendered.stdout):
        annotations = item["metadata"].get("annotations", {})
        if "polyaxon.com/run-policy" in annotations:
            base = annotations["polyaxon.com/base-name"]
            assert item["metadata"]["name"].startswith(base + "-")
            assert item["spec"]["selector"]["matchLabels"] == {"batch.kubernetes.io/job-name": item["metadata"]["name"]}
            kept = annotations.get("helm.sh/resource-policy") == "keep"
            assert kept == (annotations["polyaxon.com/run-policy"] == "keep")


@pytest.mark.parametrize("version", ["1.27", "1.37"])
@pytest.mark.parametrize(("name", "helm"), RENDERINGS)
def test_renderings_are_valid(name: str, helm: str, version: str, tools: Path, helm_env: dict[str, str]) -> None:
    done = template(tools, helm_env, name, helm)
    for item in objects(done.stdout):
        kubernetes_validate.validate(item, version, strict=True)
    checked = kubeconform(tools, done.stdout, version)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "Skipped: 0" in checked.stdout


@pytest.mark.parametrize("helm", ["helm3", "helm4"])
def test_unknown_names_are_reported_in_one_go(helm: str, tools: Path, helm_env: dict[str, str], tmp_path: Path) -> None:
    done = render_unknown(tools / helm, env_of(helm, helm_env), tmp_path)
    assert done.returncode != 0
    assert not done.stdout
    for text in (done.stderr, last_report(helm_env)):
        assert 'no data volume "data-fo"' in text
        assert re.search(
            r"^<stdin>:\d+: error\[unknown-volume\] run one \(values: runs\.one\.polyaxonfile\), Job/",
            text,
            re.MULTILINE,
        )
        assert 'did you mean "data-foo"?' in text
        assert 'no outputs volume "outputs-fo"' in text
        assert 'did you mean "outputs-foo"?' in text


def test_helm_4_problems_reach_a_terminal(tools: Path, helm_env: dict[str, str], tmp_path: Path) -> None:
    leader, follower = pty.openpty()
    try:
        done = render_unknown(tools / "helm4", helm_env, tmp_path, stderr=follower)
        shown = os.read(leader, 1 << 16).decode()
    finally:
        os.close(leader)
        os.close(follower)
    assert done.returncode != 0
    assert 'no data volume "data-fo"' in shown


def render_unknown(
    helm: Path, env: dict[str, str], folder: Path, stderr: int = subprocess.PIPE
) -> subprocess.CompletedProcess[str]:
    values = folder / "values.yaml"
    values.write_text(UNKNOWN)
    command = [str(helm), "template", "demo", "chart", "-f", str(values), "--post-renderer", "polyaxon-persistence"]
    return subprocess.run(
        command, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=stderr, text=True, timeout=120, check=False
    )


def last_report(env: dict[str, str]) -> str:
    return subprocess.run(
        ["polyaxon-persistence", "last-report"], env=env, capture_output=True, text=True, check=True
    ).stdout


def test_helm_3_and_helm_4_hand_over_the_same_to_kept_jobs(tools: Path, helm_env: dict[str, str]) -> None:
    """Another chart version, and what is not part of a Job's content, leave every name as it is."""
    plain = jobs_by_run(template(tools, helm_env, "documented", "helm3").stdout)
    more = ("--set", "runDefaults.backoffLimit=3", "--set", "runDefaults.ttlSecondsAfterFinished=60")
    changed = jobs_by_run(template(tools, helm_env, "documented", "helm4", *more).stdout)
    assert {run: job["metadata"]["name"] for run, job in plain.items()} == {
        run: job["metadata"]["name"] for run, job in changed.items()
    }
    grown = ("--set", "persistence.data.data3.mountPath=/data/3", "--set", "persistence.data.data3.existingClaim=d3")
    after = jobs_by_run(template(tools, helm_env, "documented", "helm3", *grown).stdout)
    moved = {run for run in plain if plain[run]["metadata"]["name"] != after[run]["metadata"]["name"]}
    assert moved == {run for run in plain if len(volumes_of(plain[run])) == 4}


@pytest.mark.parametrize("known_live", [False, True])
def test_check_says_what_an_upgrade_would_do(
    known_live: bool, tools: Path, helm_env: dict[str, str], tmp_path: Path
) -> None:
    installed = template(tools, helm_env, "documented", "helm3").stdout
    (tmp_path / "installed.yaml").write_text(installed)
    arguments = ["check", "--output", "json", "--against", str(tmp_path / "installed.yaml")]
    if known_live:
        live = [{**job, "metadata": {**job["metadata"], "uid": "1"}} for job in jobs_by_run(installed).values()]
        (tmp_path / "live.yaml").write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": live}))
        arguments += ["--against", str(tmp_path / "live.yaml")]
    same = json.loads(run(*arguments, stdin=template(tools, helm_env, "documented", "helm4", post=()).stdout).output)
    assert {row["outcome"] for row in same["runs"]} == {"left alone"}
    grown = ("--set", "persistence.data.data3.mountPath=/data/3", "--set", "persistence.data.data3.existingClaim=d3")
    bare = template(tools, helm_env, "documented", "helm4", *grown, post=()).stdout
    rows = json.loads(run(*arguments, stdin=bare).output)["runs"]
    outcomes = [row["outcome"] for row in rows]
    assert outcomes.count("starts" if known_live else "starts unless kept") == outcomes.count("goes on") > 0
    assert run(*arguments, "--max-starts", "0", stdin=bare).exit_code == 1


@pytest.mark.parametrize("helm", ["helm4", "helm4-oldest"])
def test_plugin_installs_from_a_checkout_and_from_plugin_dir(
    helm: str, tools: Path, helm_env: dict[str, str], tmp_path: Path
) -> None:
    folder = subprocess.run(
        ["polyaxon-persistence", "plugin-dir"], env=helm_env, capture_output=True, text=True, check=True
    ).stdout.strip()
    for number, source in enumerate((folder, "./post_renderer")):
        env = {**helm_env, "HELM_DATA_HOME": str(tmp_path / str(number))}
        install = [str(tools / helm), "plugin", "install", source]
        done = subprocess.run(install, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert "POLYAXON_DATA_PATHS" in template(tools, env, "documented", helm).stdout


def test_hook_runs_are_injected_by_helm_4_and_refused_by_helm_3(tools: Path, helm_env: dict[str, str]) -> None:
    rendered = template(tools, helm_env, "hook", "helm4")
    hooks = [item for item in objects(rendered.stdout) if "helm.sh/hook" in item["metadata"].get("annotations", {})]
    assert hooks
    assert all("POLYAXON_DATA_PATHS" in variables_of(hook) for hook in hooks if hook["kind"] == "Job")
    refused = template(tools, helm_env, "hook", "helm3")
    assert refused.returncode != 0
    assert "Helm 3" in refused.stderr


@pytest.mark.parametrize("helm", ["helm3", "helm4"])
@pytest.mark.parametrize("example", ["chart", "values-examples/other-chart"])
def test_charts_pass_strict_lint(example: str, helm: str, tools: Path, helm_env: dict[str, str]) -> None:
    values = "documented.yaml" if example == "chart" else "other-chart/values.yaml"
    command = [str(tools / helm), "lint", "--strict", example, "-f", f"values-examples/{values}"]
    done = subprocess.run(command, cwd=ROOT, env=env_of(helm, helm_env), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
