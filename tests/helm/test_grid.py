"""A grid in the chart: the values of a matrix, and the names of its members, by both Helms and for each way to write it."""

from __future__ import annotations

import json
import math
import resource
import subprocess
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.support.examples import POST_RENDERER, env_of, objects, pod_spec
from tests.support.migrate import migrate
from tests.support.paths import ROOT
from tests.support.process import PROGRAM

if TYPE_CHECKING:
    from pathlib import Path

HELMS = ["helm3", "helm4", "helm4-oldest"]
RUNS = {"persistence": {"outputs": {"results": {"mountPath": "/outputs", "existingClaim": "results"}}}}


def polyaxonfile(matrix: dict[str, Any], **tuning: Any) -> dict[str, Any]:
    cmd = "train " + " ".join(f"--{name}={{{{ {name} }}}}" for name in matrix)
    return {
        "kind": "group",
        "hptuning": {"matrix": matrix, **tuning},
        "build": {"image": "busybox"},
        "run": {"cmd": cmd},
    }


class Render:
    def __init__(self, tools: Path, env: dict[str, str], folder: Path) -> None:
        self.tools, self.env, self.folder = tools, env, folder

    def run(self, helm: str, values: dict[str, Any], *more: str) -> subprocess.CompletedProcess[str]:
        path = self.folder / "values.yaml"
        path.write_text(yaml.safe_dump({**RUNS, **values}, sort_keys=False))
        command = [str(self.tools / helm), "template", "demo", "chart", "-f", str(path), *more]
        return subprocess.run(
            command, cwd=ROOT, env=env_of(helm, self.env), capture_output=True, text=True, timeout=120, check=False
        )

    def jobs(self, helm: str, values: dict[str, Any], *more: str) -> list[dict[str, Any]]:
        done = self.run(helm, values, *more)
        assert done.returncode == 0, done.stderr
        return [item for item in objects(done.stdout) if item["kind"] == "Job"]

    def grid(self, helm: str, matrix: dict[str, Any], *more: str) -> dict[str, dict[str, Any]]:
        """The params of each member, by its name in the chart."""
        file = {**polyaxonfile(matrix), "run": {"cmd": "train"}}
        jobs = self.jobs(helm, {"runs": {"train": {"polyaxonfile": file}}}, *more)
        return {job["metadata"]["labels"]["polyaxon.com/run"]: params_of(job) for job in jobs}


def params_of(job: dict[str, Any]) -> dict[str, Any]:
    env = {variable["name"]: variable.get("value") for variable in pod_spec(job)["containers"][0]["env"]}
    assert env["POLYAXON_PARAMS"] == env["POLYAXON_DECLARATIONS"]
    found: dict[str, Any] = json.loads(env["POLYAXON_PARAMS"])
    return found


@pytest.fixture
def render(tools: Path, helm_env: dict[str, str], tmp_path: Path) -> Render:
    return Render(tools, helm_env, tmp_path)


# What numpy 1.15 gives for the same numbers, as arange and linspace; the last digit may differ.
VALUES: list[tuple[dict[str, Any], list[Any]]] = [
    ({"values": [0.1, "0.1", True, [64, 32], {"units": 3}, None]}, [0.1, "0.1", True, [64, 32], {"units": 3}, None]),
    ({"values": [0], "range": None}, [0]),
    ({"range": "1:10:2"}, [1, 3, 5, 7, 9]),
    ({"range": [1, 10, 2]}, [1, 3, 5, 7, 9]),
    ({"range": {"step": 2, "start": 1, "stop": 10}}, [1, 3, 5, 7, 9]),
    ({"range": " 0 : 1 : .25 "}, [0, 0.25, 0.5, 0.75]),
    ({"range": "0.1:0.5:0.1"}, [0.1, 0.2, 0.3, 0.4]),
    ({"range": ["1e-3", "+4e-3", "1.e-3"]}, [0.001, 0.002, 0.003]),
    ({"range": "-2:1:1"}, [-2, -1, 0]),
    ({"linspace": "0.01:0.1:5"}, [0.01, 0.0325, 0.055, 0.0775, 0.1]),
    ({"linspace": [0, 1, 4]}, [0, 1 / 3, 2 / 3, 1]),
    ({"linspace": {"start": -1, "stop": 1, "num": 3}}, [-1, 0, 1]),
    ({"linspace": "0.5:0.9:1"}, [0.5]),
    ({"linspace": "1e-10:1e-8:4"}, [1e-10, 3.4e-9, 6.7e-9, 1e-8]),
    ({"linspace": "1:100000:3"}, [1, 50000.5, 100000]),
]


@pytest.mark.parametrize("helm", HELMS[:2])
def test_the_values_of_a_param_are_those_of_polyaxon(helm: str, render: Render) -> None:
    for option, wanted in VALUES:
        found = [params["lr"] for params in render.grid(helm, {"lr": option}).values()]
        assert len(found) == len(wanted), option
        for value in wanted:
            if isinstance(value, float):
                assert any(isinstance(one, float) and math.isclose(one, value, rel_tol=1e-14) for one in found), option
            else:
                assert any(one == value and isinstance(one, bool) == isinstance(value, bool) for one in found), option


def test_the_program_gets_the_numbers_as_people_write_them(render: Render) -> None:
    jobs = render.jobs("helm4", {"runs": {"train": {"polyaxonfile": polyaxonfile({"lr": {"linspace": "0.1:0.9:9"}})}}})
    commands = {pod_spec(job)["containers"][0]["command"][2] for job in jobs}
    assert commands == {f"train --lr=0.{digit}" for digit in range(1, 10)}


MATRIX = {"lr": {"values": [0.1, 1, 1e-05, 1e-7]}, "batch": {"values": [32, "64", True]}}


@pytest.mark.parametrize("helm", HELMS)
def test_a_member_is_named_by_its_values_in_each_helm_and_in_each_form(helm: str, render: Render) -> None:
    """The canonical text is JSON with sorted keys, without spaces, and with numbers as 64-bit floats."""
    texts = [
        f'{{"batch":{batch},"lr":{lr}}}' for lr in ("0.1", "1", "0.00001", "1e-7") for batch in ("32", '"64"', "true")
    ]
    names = {"train-" + sha256(text.encode()).hexdigest()[:8] for text in texts}
    assert set(render.grid(helm, MATRIX)) == names
    as_text = render.folder / "polyaxonfile.yml"
    as_text.write_text(yaml.safe_dump(polyaxonfile(MATRIX)))
    jobs = render.jobs(helm, {"runs": {"train": {}}}, "--set-file", f"runs.train.polyaxonfile={as_text}")
    assert {job["metadata"]["labels"]["polyaxon.com/run"] for job in jobs} == names
    whole = json.dumps(polyaxonfile(MATRIX)).replace("[0.1, 1, ", "[0.1, 1.0, ")
    assert ", 1.0, " in whole
    jobs = render.jobs(helm, {"runs": {"train": {}}}, "--set-json", f"runs.train.polyaxonfile={whole}")
    assert {job["metadata"]["labels"]["polyaxon.com/run"] for job in jobs} == names


# Small files in the shapes of 2018 to 2020, with the arguments that Polyaxon gave to the programs of the experiments.
FILES = {
    "group of 0.2 with declarations": (
        (
            "version: 1\nkind: group\nhptuning:\n  concurrency: 2\n  matrix:\n    learning_rate:\n      linspace: 0.001:0.1:3\n"
            "    layers:\n      values: [2, 3]\ndeclarations:\n  batch: 128\nbuild:\n  image: busybox\n"
            "run:\n  cmd: python3 t.py --lr={{ learning_rate }} --layers={{ layers }} --batch={{ batch }}\n"
        ),
        [f"--lr={rate} --layers={layers} --batch=128" for rate in (0.001, 0.0505, 0.1) for layers in (2, 3)],
    ),
    "group of 0.5 with params and no concurrency": (
        (
            "version: 1\nkind: group\nparams: {epochs: 3}\nhptuning: {matrix: {lr: {range: [1, 4, 1]}}}\n"
            "build: {image: busybox}\nrun: {cmd: 'python3 t.py --lr={{ lr }} {{epochs}}'}\n"
        ),
        ["--lr=1 3", "--lr=2 3", "--lr=3 3"],
    ),
    "matrix of 0.0 at the top": (
        (
            "version: 1\nmatrix:\n  optimizer:\n    values: [adam, sgd]\nbuild:\n  image: busybox\n"
            "run:\n  cmd: python3 t.py --optimizer={{ optimizer }}\n"
        ),
        ["--optimizer=adam", "--optimizer=sgd"],
    ),
    "lists of one value, and strings with commas": (
        (
            "version: 1\nkind: group\nhptuning:\n  matrix:\n    file:\n      values: ['a/b.py']\n    blocks:\n      values:\n"
            "        - 'conv:64,flatten'\n        - 'dense:5'\nbuild: {image: busybox}\n"
            "run:\n  cmd: python3 t.py {{ file }} --blocks={{ blocks }}\n"
        ),
        ["a/b.py --blocks=conv:64,flatten", "a/b.py --blocks=dense:5"],
    ),
    "lists as values": (
        (
            "version: 1\nkind: group\nhptuning: {matrix: {units: {values: [[64, 32], [128]]}}}\nbuild: {image: busybox}\n"
            "run: {cmd: 'python3 t.py --units \"{{ units }}\"'}\n"
        ),
        ['--units "[64, 32]"', '--units "[128]"'],
    ),
}


@pytest.mark.parametrize("file", FILES)
def test_a_file_means_the_same_as_a_map_as_text_and_through_migrate(file: str, render: Render) -> None:
    text, arguments = FILES[file]
    path = render.folder / "polyaxonfile.yml"
    path.write_text(text)
    migrated = migrate(text, "--name", "train")[1]
    ways = [
        render.jobs("helm4", {"runs": {"train": {"polyaxonfile": yaml.safe_load(text)}}}),
        render.jobs("helm3", {"runs": {"train": {}}}, "--set-file", f"runs.train.polyaxonfile={path}"),
        render.jobs("helm3", yaml.safe_load(migrated)),
    ]
    for jobs in ways:
        commands = [pod_spec(job)["containers"][0]["command"][2] for job in jobs]
        assert sorted(commands) == sorted(f"python3 t.py {words}" for words in arguments)
        assert [job["spec"] for job in jobs] == [job["spec"] for job in ways[0]]


@pytest.mark.parametrize("helm", HELMS[:2])
def test_a_new_value_of_the_first_param_adds_jobs_and_renames_none(helm: str, render: Render) -> None:
    """With the post-renderer, so with the hash of the content, which is what starts a run again."""

    def names(*rates: float) -> set[str]:
        matrix = {"a-rate": {"values": list(rates)}, "depth": {"values": [1, 2]}}
        jobs = render.jobs(helm, {"runs": {"train": {"polyaxonfile": polyaxonfile(matrix)}}}, *POST_RENDERER)
        return {job["metadata"]["name"] for job in jobs}

    before, after = names(0.1, 0.2), names(0.05, 0.1, 0.2)
    assert (len(before), len(after)) == (4, 6)
    assert before < after


@pytest.mark.parametrize("helm", HELMS[:2])
def test_each_member_has_its_own_run_folder_in_that_of_the_group(helm: str, render: Render) -> None:
    values = {"runs": {"train": {"polyaxonfile": polyaxonfile({"lr": {"values": [1, 2]}})}}}
    jobs = render.jobs(helm, values, *POST_RENDERER)
    folders = [
        variable["value"]
        for job in jobs
        for variable in pod_spec(job)["containers"][0]["env"]
        if variable["name"] == "POLYAXON_RUN_FOLDER"
    ]
    assert folders == ["$(POLYAXON_K8S_NAMESPACE)/groups/demo-train/$(POLYAXON_RUN_NAME)"] * 2


@pytest.mark.parametrize("helm", HELMS[:2])
def test_a_run_refers_to_a_member_by_its_name_in_the_chart(helm: str, render: Render) -> None:
    member = "train-" + sha256(b'{"lr":2}').hexdigest()[:8]
    report = {"kind": "job", "environment": {"outputs": {"experiments": [member]}}, "build": {"image": "busybox"}}
    runs = {"train": {"polyaxonfile": polyaxonfile({"lr": {"values": [1, 2]}})}, "report": {"polyaxonfile": report}}
    jobs = {
        job["metadata"]["labels"]["polyaxon.com/run"]: job for job in render.jobs(helm, {"runs": runs}, *POST_RENDERER)
    }
    mounts = {mount["mountPath"]: mount for mount in pod_spec(jobs["report"])["containers"][0]["volumeMounts"]}
    folder = f"$(POLYAXON_K8S_NAMESPACE)/groups/demo-train/{jobs[member]['metadata']['name']}"
    assert mounts[f"/polyaxon/refs/experiments/{member}"]["subPathExpr"] == folder


@pytest.mark.parametrize("helm", HELMS[:2])
def test_the_post_renderer_warns_of_a_concurrency_once(helm: str, render: Render) -> None:
    run: dict[str, Any] = {"polyaxonfile": polyaxonfile({"lr": {"values": [1, 2, 3]}}, concurrency=2)}

    def warnings() -> str:
        stream = render.run(helm, {"runs": {"train": run}}).stdout
        done = subprocess.run([*PROGRAM, "check"], input=stream, capture_output=True, text=True, check=False)
        assert done.returncode == 0
        return done.stdout + done.stderr

    assert warnings().count("[concurrency]") == 1
    run["labels"] = {"kueue.x-k8s.io/queue-name": "two"}
    assert "[concurrency]" not in warnings()


@pytest.mark.parametrize("helm", HELMS[:2])
def test_the_largest_grid_is_rendered_within_five_seconds(helm: str, render: Render) -> None:
    matrix = {"lr": {"linspace": "0.01:0.1:20"}, "batch": {"range": "1:11:1"}}
    files = {"train.py": "print('a line of a program')\n" * 18_000}  # 600 KB, which only the first member reads
    values = {"runs": {"train": {"files": files, "polyaxonfile": polyaxonfile(matrix)}}}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = render.run(helm, values, *POST_RENDERER)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)  # time of the processor: other tests may run at the same time
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 5
    assert done.returncode == 0, done.stderr
    jobs = [item for item in objects(done.stdout) if item["kind"] == "Job"]
    assert len(jobs) == 200
    sources = {
        volume["configMap"]["name"] for job in jobs for volume in pod_spec(job)["volumes"] if "configMap" in volume
    }
    assert len(sources) == 1
