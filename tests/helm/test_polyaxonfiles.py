"""Whole polyaxonfiles of three eras, for each kind of run: in the chart and as annotations of other charts' objects."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
import yaml

from tests.support.examples import env_of, kubeconform, objects, pod_spec
from tests.support.paths import ROOT

if TYPE_CHECKING:
    from pathlib import Path


FOLDER = ROOT / "tests" / "polyaxonfiles"
BUILT = "registry.example.com/built:1"
CATALOG = """\
data:
  cifar: {mountPath: /data/cifar, existingClaim: cifar-pvc, readOnly: true}
  mnist: {mountPath: /data/mnist, existingClaim: mnist-pvc, readOnly: true}
outputs:
  archive: {mountPath: /outputs/archive, existingClaim: archive-pvc}
  fast: {mountPath: /outputs/fast, existingClaim: fast-pvc}
  results: {mountPath: /outputs/results, existingClaim: results-pvc}
defaultOutputs: fast
"""


class File(NamedTuple):
    """What one polyaxonfile asks for, and what the chart writes instead of what it can't honour."""

    data: tuple[str, ...]
    outputs: str
    references: dict[str, list[str]]
    refused: str = ""


ALL = ("cifar", "mnist")  # data of a run that names none
STEPS = "build.build_steps is not supported: build an image with these steps and write its name in runs.run.image"
DOCKERFILE = "build.dockerfile is not supported: build that image and write its name in runs.run.image"
ELSEWHERE = 'kind "build" is not supported: build the image elsewhere and write its name in build.image'
CONV = "/polyaxon/refs/experiments/conv-0123456789"
FILES = {
    "experiment-0.1": File(("mnist", "cifar"), "archive", {}, STEPS),
    "experiment-0.4": File(ALL, "archive", {"jobs": ["/polyaxon/refs/jobs/prepare-0123456789"]}),
    "experiment-0.6": File(("cifar",), "results", {}, DOCKERFILE),
    "job-0.1": File(ALL, "fast", {}, STEPS),
    "job-0.4": File(("mnist",), "fast", {}),
    "job-0.6": File(
        ("mnist", "cifar"), "fast", {"experiments": [CONV, "/polyaxon/refs/experiments/vision.older-0123456789"]}
    ),
    "notebook-0.1": File(ALL, "fast", {}, STEPS),
    "notebook-0.4": File(("cifar",), "archive", {}),
    "notebook-0.6": File(("mnist",), "results", {}, STEPS),
    "tensorboard-0.1": File((), "fast", {}),
    "tensorboard-0.4": File((), "archive", {}),
    "tensorboard-0.6": File((), "archive", {"experiments": [CONV]}),
    "build-0.1": File((), "", {}, ELSEWHERE),
    "build-0.4": File((), "", {}, ELSEWHERE),
    "build-0.6": File((), "", {}, ELSEWHERE),
}
RUNS = [name for name in FILES if not name.startswith("build")]
SH = ["/bin/bash", "-c"]
# What else the chart makes of them: fields of the pod, and of its container.
POD: dict[str, dict[str, Any]] = {
    "experiment-0.1": {"nodeSelector": {"polyaxon": "experiments"}},
    "experiment-0.4": {
        "nodeSelector": {"polyaxon": "experiments"},
        "tolerations": [{"key": "key", "operator": "Exists", "effect": "NoSchedule"}],
    },
    "experiment-0.6": {"serviceAccountName": "trainer", "imagePullSecrets": [{"name": "registry"}]},
    "notebook-0.6": {"nodeSelector": {"polyaxon": "notebooks"}},
    "tensorboard-0.6": {"tolerations": [{"operator": "Exists"}]},
}
CONTAINER: dict[str, dict[str, Any]] = {
    "experiment-0.1": {
        "image": BUILT,
        "command": [*SH, 'python3 train.py --batch_size=128 --lr=0.1 --units="200"'],
        "resources": {
            "requests": {"cpu": "1", "memory": "256Mi"},
            "limits": {"cpu": "2", "memory": "1024Mi", "nvidia.com/gpu": "1"},
        },
    },
    "experiment-0.4": {
        "image": "tensorflow/tensorflow:1.4.1-py3",
        "command": [*SH, "python3 fetch.py && python3 train.py --lr=0.01"],
        "envFrom": [
            {"configMapRef": {"name": "settings"}},
            {"secretRef": {"name": "keys"}},
            {"secretRef": {"name": "more-keys"}},
        ],
    },
    "experiment-0.6": {"command": [*SH, 'python3 train.py --kernels="[32, 32]" --dropout=0.25']},
    "job-0.4": {"command": [*SH, "python3 prepare_data.py --from=$POLYAXON_DATA_PATHS"], "image": "python:3"},
    "job-0.6": {"command": [*SH, "python3 report.py --rows=1000"]},
    "notebook-0.4": {
        "image": "jupyter/base-notebook",
        "resources": {
            "requests": {"cpu": "2", "memory": "512Mi"},
            "limits": {"cpu": "4", "memory": "2048Mi", "nvidia.com/gpu": "1"},
        },
    },
    "tensorboard-0.4": {
        "args": ["--logdir=$(POLYAXON_BASE_OUTPUTS_PATH)", "--host=0.0.0.0", "--port=6006"],
    },
    "tensorboard-0.6": {"args": ["--logdir=/polyaxon/refs", "--host=0.0.0.0", "--port=6006"]},
}
VARIABLES = {
    "experiment-0.1": {"DATA_FORMAT": "channels_last", "THREADS": "4"},
    "experiment-0.6": {"LANG": "C.UTF-8", "POLYAXON_PARAMS": '{"convolutions":{"conv1":{"kernels":[32,32]}},"dropout":0.25}'},
    "job-0.6": {"POLYAXON_DECLARATIONS": '{"rows":1000}'},
}  # fmt: skip
TEMPLATE = """\
{{- range $path, $_ := .Files.Glob "files/*.yml" }}
{{- $name := base $path | trimSuffix ".yml" }}
{{- $job := regexMatch "^(experiment|job|build)" $name }}
---
apiVersion: {{ ternary "batch/v1" "apps/v1" $job }}
kind: {{ ternary "Job" "Deployment" $job }}
metadata:
  name: {{ replace "." "-" $name }}
  annotations:
    polyaxon.com/polyaxonfile: |
{{ $.Files.Get $path | indent 6 }}
spec:
  {{- if not $job }}
  selector:
    matchLabels: {app: {{ $name | quote }}}
  {{- end }}
  template:
    metadata:
      labels: {app: {{ $name | quote }}}
    spec:
      restartPolicy: {{ ternary "Never" "Always" $job }}
      containers:
      - name: main
        image: busybox
{{- end }}
"""


def text_of(name: str) -> str:
    return (FOLDER / f"{name}.yml").read_text()


def render(
    tools: Path, env: dict[str, str], helm: str, chart: str, *arguments: str
) -> subprocess.CompletedProcess[str]:
    command = [str(tools / helm), "template", "demo", chart, "--post-renderer", "polyaxon-persistence", *arguments]
    return subprocess.run(
        command, cwd=ROOT, env=env_of(helm, env), capture_output=True, text=True, timeout=120, check=False
    )


def find_workloads(stream: str) -> dict[str, dict[str, Any]]:
    """The annotated objects by the polyaxonfile they came from."""
    found = {}
    for item in objects(stream):
        if item["kind"] in ("Job", "Deployment"):
            labels = item["metadata"].get("labels", {})
            name = labels.get("polyaxon.com/run", item["metadata"]["name"])
            found["-".join(name.split("-")[:-2]) + "-" + ".".join(name.split("-")[-2:])] = item
    return found


def variables_of(workload: dict[str, Any]) -> dict[str, str]:
    return {item["name"]: item.get("value", "") for item in pod_spec(workload)["containers"][0].get("env", [])}


def check_request(name: str, workload: dict[str, Any]) -> None:
    """The pod has the volumes that its polyaxonfile asks for, in order, and is told of them."""
    file, spec = FILES[name], pod_spec(workload)
    variables = variables_of(workload)
    volumes = [volume["name"] for volume in spec.get("volumes", []) if volume["name"] != "shm"]
    assert volumes == [name for name in (file.outputs, *file.data) if name]
    if name.startswith("build"):
        assert "env" not in spec["containers"][0]
        return
    paths = yaml.safe_load(variables["POLYAXON_DATA_PATHS"])
    assert list(paths.items()) == [(entry, f"/data/{entry}") for entry in file.data]
    assert variables["POLYAXON_RUN_DATA_PATHS"] == variables["POLYAXON_DATA_PATHS"]
    assert variables["POLYAXON_RUN_OUTPUTS_PATH"] == f"/outputs/{file.outputs}/$(POLYAXON_RUN_FOLDER)"
    assert yaml.safe_load(variables.get("POLYAXON_REFS_OUTPUTS_PATHS", "{}")) == file.references
    mounts = [mount["mountPath"] for mount in spec["containers"][0]["volumeMounts"]]
    assert all(path in mounts for paths in file.references.values() for path in paths)


def test_there_are_three_for_each_kind() -> None:
    assert {path.stem for path in FOLDER.glob("*.yml")} == set(FILES)
    for name in FILES:
        assert yaml.safe_load(text_of(name))["kind"] == name.split("-")[0]


@pytest.fixture(scope="module", params=["helm3", "helm4"])
def in_chart(
    request: pytest.FixtureRequest, tools: Path, helm_env: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> str:
    """One release of all runs; where the chart says that an image must be built first, it is named as the chart says."""
    runs = {
        name.replace(".", "-"): {"polyaxonfile": text_of(name)} | ({"image": BUILT} if FILES[name].refused else {})
        for name in RUNS
    }
    values = tmp_path_factory.mktemp("chart") / "values.yaml"
    values.write_text(yaml.safe_dump({"persistence": yaml.safe_load(CATALOG), "runs": runs}))
    done = render(tools, helm_env, request.param, "chart", "-f", str(values))
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_chart_gives_each_run_what_it_asks_for(in_chart: str) -> None:
    workloads = find_workloads(in_chart)
    assert set(workloads) == set(RUNS)
    for name, workload in workloads.items():
        check_request(name, workload)
        served = name.startswith(("notebook", "tensorboard"))
        assert workload["kind"] == ("Deployment" if served else "Job")


@pytest.mark.parametrize("name", sorted({*POD, *CONTAINER, *VARIABLES}))
def test_the_chart_makes_a_pod_of_the_rest(name: str, in_chart: str) -> None:
    workload = find_workloads(in_chart)[name]
    spec = pod_spec(workload)
    for key, value in POD.get(name, {}).items():
        assert spec[key] == value
    for key, value in CONTAINER.get(name, {}).items():
        assert spec["containers"][0][key] == value
    assert VARIABLES.get(name, {}).items() <= variables_of(workload).items()


def test_the_chart_takes_what_belongs_to_the_object(in_chart: str) -> None:
    workloads = find_workloads(in_chart)
    assert workloads["experiment-0.6"]["spec"]["backoffLimit"] == 4
    assert workloads["job-0.6"]["spec"]["backoffLimit"] == 2
    metadata = workloads["experiment-0.6"]["spec"]["template"]["metadata"]
    assert metadata["labels"]["team"] == "vision"
    assert metadata["annotations"] == {"example.com/cost-center": "4711"}
    assert "exec jupyter lab " in pod_spec(workloads["notebook-0.6"])["containers"][0]["command"][2]
    assert "exec jupyter notebook " in pod_spec(workloads["notebook-0.4"])["containers"][0]["command"][2]


@pytest.mark.parametrize("version", ["1.27", "1.37"])
def test_kubeconform_accepts_the_release(version: str, in_chart: str, tools: Path) -> None:
    checked = kubeconform(tools, in_chart, version)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "Skipped: 0" in checked.stdout


@pytest.mark.parametrize("helm", ["helm3", "helm4"])
@pytest.mark.parametrize("name", [name for name, file in FILES.items() if file.refused])
def test_the_chart_says_what_to_write_instead(name: str, helm: str, tools: Path, helm_env: dict[str, str]) -> None:
    file = f"runs.run.polyaxonfile={FOLDER / name}.yml"
    done = render(tools, helm_env, helm, "chart", "--set-file", file)
    assert done.returncode != 0
    assert not done.stdout
    assert f"runs.run.polyaxonfile: {FILES[name].refused}" in done.stderr


@pytest.fixture(scope="module", params=["helm3", "helm4"])
def annotated(
    request: pytest.FixtureRequest, tools: Path, helm_env: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> str:
    """The release of another chart, whose objects carry the files as they are."""
    chart = tmp_path_factory.mktemp("annotated")
    (chart / "Chart.yaml").write_text("apiVersion: v2\nname: annotated\nversion: 0.1.0\n")
    (chart / "templates").mkdir()
    (chart / "templates" / "runs.yaml").write_text(TEMPLATE)
    (chart / "files").mkdir()
    for name in FILES:
        (chart / "files" / f"{name}.yml").write_text(text_of(name))
    catalog = tmp_path_factory.mktemp("site") / "site.yaml"
    catalog.write_text(CATALOG)
    words = [word for argument in ("--persistence", str(catalog)) for word in ("--post-renderer-args", argument)]
    done = render(tools, helm_env, request.param, str(chart), *words)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_an_annotation_gives_each_object_what_it_asks_for(annotated: str) -> None:
    workloads = find_workloads(annotated)
    assert set(workloads) == set(FILES)
    for name, workload in workloads.items():
        check_request(name, workload)


@pytest.mark.parametrize("version", ["1.27", "1.37"])
def test_kubeconform_accepts_the_annotated_objects(version: str, annotated: str, tools: Path) -> None:
    checked = kubeconform(tools, annotated, version)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert f"Valid: {len(FILES)}, Invalid: 0, Errors: 0, Skipped: 0" in checked.stdout
