"""Whole polyaxonfiles in the shapes of the documentation of 0.1, 0.4 and 0.6, as annotations, unchanged."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml

from tests.support.cli import make_catalog, make_job, run
from tests.support.paths import ROOT

FOLDER = ROOT / "tests" / "polyaxonfiles" / "requests"
DATA = {"data1": "/data/1", "data2": "/data/2", "data-foo": "/data/foo"}
ALL = ["data-foo", "data1", "data2"]
# Of each file: the data that it gets, the outputs volume, and how many results of other runs; None: no volume at all.
ASKED: dict[str, tuple[list[str], str, list[str]] | None] = {
    "0.1-experiment": (["data1", "data-foo"], "/outputs/foo", []),
    "0.1-job": (ALL, "/outputs/2", ["experiments/vision.train"]),
    "0.1-notebook": (["data2"], "/outputs/foo", []),
    "0.1-tensorboard": ([], "/outputs/foo", []),
    "0.1-build": None,
    "0.4-experiment": ([], "/outputs/2", ["jobs/prepare", "experiments/vision.first", "experiments/ann.vision.second"]),
    "0.4-job": (["data-foo", "data1"], "/outputs/foo", []),
    "0.4-notebook": (["data1", "data2"], "/outputs/foo", []),
    "0.4-tensorboard": ([], "/outputs/2", []),
    "0.4-build": None,
    "0.6-experiment": (["data1", "data2"], "/outputs/foo", []),
    "0.6-job": ([], "/outputs/2", ["experiments/ann.vision.ranking"]),
    "0.6-notebook": (["data1"], "/outputs/foo", []),
    "0.6-tensorboard": ([], "/outputs/foo", ["experiments/ranking", "experiments/second"]),
    "0.6-build": None,
}
# What a file asks for that it does not get, in Polyaxon neither.
WARNED = {
    "0.6-job": 'from artifact_refs it gets only "outputs2"',
    "0.6-build": "a build gets no volumes",
}


def test_every_file_is_expected_to_ask_for_something() -> None:
    assert sorted(path.stem for path in FOLDER.iterdir()) == sorted(ASKED)


def render(text: str) -> tuple[dict[str, Any], str]:
    result = run(stdin=make_catalog() + make_job(text, name="here"))
    assert result.exit_code == 0, result.error
    (job,) = (found for found in yaml.safe_load_all(result.output) if found["kind"] == "Job")
    assert job["metadata"]["annotations"]["polyaxon.com/polyaxonfile"] == text
    return job, result.error


@pytest.mark.parametrize("name", ASKED)
def test_a_whole_polyaxonfile_asks_for_what_it_asked_polyaxon_for(name: str) -> None:
    job, said = render((FOLDER / f"{name}.yaml").read_text())
    assert [line for line in said.splitlines() if line.startswith("error")] == []
    assert WARNED.get(name, "") in said
    assert said.count("warning[") == (name in WARNED)
    pod = job["spec"]["template"]["spec"]
    asked = ASKED[name]
    if asked is None:
        assert pod == {"restartPolicy": "Never", "containers": [{"name": "main", "image": "busybox"}]}
        return
    data, outputs, references = asked
    (container,) = pod["containers"]
    variables = {variable["name"]: variable.get("value") for variable in container["env"]}
    assert json.loads(variables["POLYAXON_DATA_PATHS"]) == {entry: DATA[entry] for entry in data}
    assert list(json.loads(variables["POLYAXON_DATA_PATHS"])) == data
    assert variables["POLYAXON_BASE_OUTPUTS_PATH"] == outputs
    refs = [f"/polyaxon/refs/{reference}" for reference in references]
    paths = [outputs, "/polyaxon/outputs", *(DATA[entry] for entry in data), *refs]
    assert [mount["mountPath"] for mount in container["volumeMounts"]] == paths


@pytest.mark.parametrize("name", ASKED)
def test_a_reader_sees_it_as_it_was(name: str) -> None:
    """The annotation may come quoted on one line, as JSON or by `toYaml`: it asks for the same."""
    text = (FOLDER / f"{name}.yaml").read_text()
    stream = make_catalog() + make_job("{}\n", name="here").replace("|\n      {}\n", json.dumps(text) + "\n")
    result = run(stdin=stream)
    assert result.exit_code == 0, result.error
    (job,) = (found for found in yaml.safe_load_all(result.output) if found["kind"] == "Job")
    assert job == render(text)[0]
