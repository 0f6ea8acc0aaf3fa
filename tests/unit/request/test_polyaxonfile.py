"""Whole polyaxonfiles in the shapes of the documentation of 0.1, 0.4 and 0.6, as annotations, unchanged."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml

from tests.support.cli import make_catalog, make_job, run
from tests.support.messages import heads
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
    "0.6-build": "a run of kind build gets no volumes, so the named volumes have no effect",
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
    assert [head for head in heads(said) if head.startswith("error")] == []
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


@pytest.mark.parametrize("outputs", ["{jobs: [a], jobs: [b]}", "{jobs: [a], experiments: [b], jobs: [a]}"])
def test_a_repeated_key_among_references_is_a_problem(outputs: str) -> None:
    targets = make_job(name="a") + make_job(name="b")
    result = run(stdin=make_catalog() + targets + make_job(f"environment: {{outputs: {outputs}}}\n"))
    assert (result.exit_code, result.output) == (1, b"")
    assert result.error.count("error[") == 1
    assert "error[duplicate-key] Job/train" in result.error


# Three letters are no typing mistake, nor are two in a word of four: what nothing reads may have such a name.
@pytest.mark.parametrize("key", ["inputs", "outpost", "persister"])
def test_a_key_of_environment_three_letters_away_is_not_read(key: str) -> None:
    job, error = render(f"environment: {{{key}: {{a: 1}}}}\n")
    assert (error, len(job["spec"]["template"]["spec"]["volumes"])) == ("", 4)  # as a run that asks for nothing


@pytest.mark.parametrize("key", ["output", "outlets", "persistent_", "data_rows", "data-ref"])
def test_a_key_of_environment_two_letters_away_is_a_mistake(key: str) -> None:
    result = run(stdin=make_catalog() + make_job(f"environment: {{{key}: {{a: 1}}}}\n"))
    assert "error[invalid-request] Job/train" in result.error
    assert f'unknown key "{key}" in environment' in result.error


@pytest.mark.parametrize(("key", "is_mistake"), [("kids", False), ("mine", False), ("kid", True), ("bind", True)])
def test_one_letter_of_a_short_key(key: str, *, is_mistake: bool) -> None:
    result = run(stdin=make_catalog() + make_job(f"{key}: {{a: 1}}\n"))
    assert (f'unknown key "{key}" in the polyaxonfile' in result.error) is is_mistake
    assert result.exit_code == int(is_mistake)
