"""A chart of one's own that asks for volumes by annotations: all Helms give the same pods and the same names of Jobs."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.examples import env_of, objects, pod_spec
from tests.support.paths import ROOT

if TYPE_CHECKING:
    from pathlib import Path

TEMPLATE = """\
{{- range $name, $asks := .Values.jobs }}
---
apiVersion: batch/v1
kind: Job
metadata:
  name: {{ $name }}
  annotations:
    polyaxon.com/run-policy: keep
    {{- range $key, $value := $asks.outer }}
    polyaxon.com/{{ $key }}: {{ $value }}
    {{- end }}
spec:
  template:
    metadata:
      annotations:
        {{- range $key, $value := $asks.inner }}
        polyaxon.com/{{ $key }}: {{ $value }}
        {{- else }} {}
        {{- end }}
    spec:
      restartPolicy: Never
      containers:
      - name: main
        image: python:3.12-slim
{{- end }}
"""
# The texts of the annotations as the template writes them, and the volumes of the pod.
JOBS: dict[str, tuple[dict[str, str], dict[str, str], list[str]]] = {
    "workload": ({"data": "data1, data-foo", "outputs": "outputs2"}, {}, ["outputs2", "data1", "data-foo"]),
    "template": ({}, {"data": "'data1, data-foo'", "outputs": '"outputs2"'}, ["outputs2", "data1", "data-foo"]),
    "none": ({"kind": "experiment"}, {"data": '""'}, ["outputs-foo"]),
    "literal": ({}, {"data": "|-\n          data2,data1"}, ["outputs-foo", "data2", "data1"]),
}
# The hash of a name is an interface.
NAMES = {
    "workload": "workload-739309a6d6",
    "template": "template-ab44f2d43f",
    "none": "none-3df67f3306",
    "literal": "literal-0e07aaa6e7",
}


@pytest.fixture(scope="module", params=["helm3", "helm4", "helm4-oldest"])
def rendered(
    request: pytest.FixtureRequest, tools: Path, helm_env: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Any]:
    chart = tmp_path_factory.mktemp("own")
    (chart / "templates").mkdir()
    (chart / "Chart.yaml").write_text("{apiVersion: v2, name: own, version: 0.1.0}\n")
    (chart / "templates" / "jobs.yaml").write_text(TEMPLATE)
    jobs = {name: {"outer": outer, "inner": inner} for name, (outer, inner, _) in JOBS.items()}
    (chart / "values.yaml").write_text(json.dumps({"jobs": jobs}))
    command = [str(tools / request.param), "template", "demo", str(chart), "--post-renderer", "polyaxon-persistence"]
    command += ["--post-renderer-args", f"--persistence={ROOT / 'values-examples' / 'documented.yaml'}"]
    done = subprocess.run(
        command, env=env_of(request.param, helm_env), capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return {item["metadata"]["annotations"]["polyaxon.com/base-name"]: item for item in objects(done.stdout)}


@pytest.mark.parametrize("name", JOBS)
def test_each_job_gets_what_its_annotations_name(name: str, rendered: dict[str, Any]) -> None:
    assert [volume["name"] for volume in pod_spec(rendered[name])["volumes"]] == JOBS[name][2]
    assert any(item["name"] == "POLYAXON_DATA_PATHS" for item in pod_spec(rendered[name])["containers"][0]["env"])


def test_the_names_of_the_jobs_are_the_same_with_all_helms(rendered: dict[str, Any]) -> None:
    assert {name: item["metadata"]["name"] for name, item in rendered.items()} == NAMES
