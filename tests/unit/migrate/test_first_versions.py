"""The spellings of Polyaxon 0.0 and 0.1.0, through migrate, and as a map and as text in the chart."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from post_renderer.migrate.polyaxonfile import find_polyaxonfile_edits
from post_renderer.migrate.source_text import LineEdit, apply, read_page
from post_renderer.yamltree import parse
from tests.support.examples import env_of, give_polyaxonfile
from tests.support.migrate import NEXT, migrate, migrated, whole
from tests.support.paths import ROOT

if TYPE_CHECKING:
    from pathlib import Path


def run_of(text: str) -> dict[str, Any]:
    (run,) = migrated(text)["runs"].values()
    return dict(run)


# A file in the shape of early 2018.
OLD = """\
---
version: 1

project:   # ours
  name: ada/mnist

settings:
  logging:
    level: WARNING   # less text
  run_type: minikube

run:
  image: python:3.12-slim
  envs:
    - [STEPS, 100]   # a few
  cmd:  python run.py
"""


def test_a_file_of_0_0_runs() -> None:
    assert run_of(OLD) == {
        "polyaxonfile": {
            "version": 1,
            "kind": "experiment",
            "build": {"image": "python:3.12-slim"},
            "run": {"env_vars": [["STEPS", 100]], "cmd": "python run.py"},
        },
        "project": "mnist",
        "user": "ada",
    }
    exit_code, output, error = migrate(OLD)
    assert exit_code == 0
    assert all(comment in output for comment in ("# ours", "# less text", "# a few"))
    assert error.splitlines() == [
        "-: settings.run_type, settings are comments now, because they have no effect on the run",
        "<stdin>:2: warning[changed-meaning] version: it has no kind: Polyaxon read it as an experiment",
        "  hint: nothing to do",
        "<stdin>:8: warning[not-migrated] settings.logging: it has no counterpart here",
        "  hint: set the log level in the program, or write POLYAXON_LOG_LEVEL in run.env_vars for get_log_level()",
        NEXT.rstrip(),
    ]


@pytest.mark.parametrize(
    ("project", "expected"),
    [
        ("project: mnist", {"project": "mnist"}),
        ("project: {name: mnist}", {"project": "mnist"}),
        ("project:\n  name: ada/mnist", {"project": "mnist", "user": "ada"}),
        ("project: ada/mnist", {"project": "mnist", "user": "ada"}),
        ("user: ada\nproject: ada/mnist", {"project": "mnist", "user": "ada"}),
        ("project: {name: mnist, user: ada}", {"project": "mnist", "user": "ada"}),
        ("project:\n  name: mnist\n  is_public: true   # all", {"project": "mnist"}),
        ("project: {name: '2018'}", {"project": "2018"}),
    ],
)
def test_a_project(project: str, expected: dict[str, str]) -> None:
    text = whole(project + "\n")
    assert {key: value for key, value in run_of(text).items() if key != "polyaxonfile"} == expected
    assert "warning" not in migrate(text)[2]


@pytest.mark.parametrize(
    ("text", "about", "hint"),
    [
        ("project: a/b/c\n", "project: must be the name of a project", "project: NAME"),
        ("project: {name: }\n", "project: must be the name of a project", "project: NAME"),
        ("project: [a]\n", "project: must be the name of a project", "project: NAME"),
        ("project: /a\n", "project: must be the name of a project", "project: NAME"),
        ("user: eve\nproject: ada/mnist\n", "project: its user is different from the key user", "without the user"),
        ("run: {envs: [[A, b]], env_vars: [[C, d]]}\n", "run.envs: envs is the old spelling", "under env_vars"),
        ("run: {steps: [a]}\n", "run.steps: is not supported", "build an image with these steps"),
        ("settings: {sede: 1}\n", "settings.sede: is not supported", "matrix, concurrency"),
        ("settings: text\n", "settings: must be a mapping", "settings: {matrix"),
        ("matrix: {a: {values: [1]}}\nsettings: {search_method: random, n_experiments: 3}\n", "settings.search_method: is not supported: a random search", "one run for each set of params"),
        ("matrix: {a: {values: [1]}}\nsettings: {n_experiments: 0.5}\n", "settings.n_experiments: is not supported", "the number of runs"),
        ("settings: {matrix: {a: {values: [1]}}}\nhptuning: {seed: 1}\n", "settings: settings is the old spelling of hptuning", "under hptuning"),
        ("environment: {n_workers: 2}\n", "environment.n_workers: is not supported", "one run for each replica"),
        ("environment: {worker_resources: [{index: 1}]}\n", "environment.worker_resources: is not supported", "one run for each replica"),
        ("train: {a: 1}\n", "train: is not supported", "the program that run.cmd starts"),
    ],
)  # fmt: skip
def test_what_can_not_be_translated_is_an_error(text: str, about: str, hint: str) -> None:
    exit_code, output, error = migrate(whole(text))
    assert (exit_code, output) == (1, "")
    said = [block for block in error.split("error[not-migratable] ")[1:] if about in block]
    assert said, error
    assert hint in said[0].split("  hint: ")[1]


@pytest.mark.parametrize(
    ("text", "hptuning"),
    [
        ("kind: group\nsettings: {matrix: {a: {values: [1]}}, concurrency: 5}\n", {"matrix": {"a": {"values": [1]}}, "concurrency": 5}),
        ("kind: group\nsettings:\n  # the space\n  matrix:\n    a: {values: [1]}\n  seed: 3\n  grid_search: {n_experiments: 1}\n  logging: {level: INFO}\n", {"matrix": {"a": {"values": [1]}}, "seed": 3, "grid_search": {"n_experiments": 1}}),
        ("settings:\n  concurrent_experiments: 5   # at once\n  search_method: sequential\n  n_experiments: 4   # some\nmatrix:\n  a:   # few\n    values: [1, 2]\n", {"concurrency": 5, "grid_search": {"n_experiments": 4}, "matrix": {"a": {"values": [1, 2]}}}),
    ],
)  # fmt: skip
def test_the_settings_of_a_search_become_hptuning(text: str, hptuning: dict[str, Any]) -> None:
    """Whether the search itself can run is another question."""
    page = read_page(text + "build: {image: x}\n")
    for _ in range(20):
        edits = [
            item for item in find_polyaxonfile_edits(page, parse(page.text, full=True)) if isinstance(item, LineEdit)
        ]
        page, done = apply(page, edits)
        if not done:
            break
    file = yaml.safe_load(page.text)
    assert (file["kind"], file["hptuning"]) == ("group", hptuning)
    assert not file.keys() & {"settings", "matrix"}
    assert text.count("#") <= page.text.count("#")


def test_settings_of_a_search_without_a_matrix_have_no_effect() -> None:
    text = whole("settings: {concurrent_experiments: 5, seed: 3}\n")
    assert run_of(text)["polyaxonfile"] == {"kind": "experiment", "build": {"image": "x"}}
    assert "settings.concurrent_experiments, settings.seed, settings are comments now" in migrate(text)[2]


def test_the_resources_of_the_master_are_those_of_the_run() -> None:
    text = whole("environment:\n  master_resources:\n    gpu: {requests: 1, limits: 1}\n")
    assert run_of(text)["polyaxonfile"]["environment"] == {"resources": {"gpu": {"requests": 1, "limits": 1}}}


# What the chart says of the keys that it does not accept: each names what to write.
CHART = {
    "run: {envs: [[A, b]]}": "run.envs is not supported: write run.env_vars",
    "run: {steps: [a]}": "run.steps is not supported: build an image with these steps and write its name in runs.train.image",
    "project: {name: mnist}": "project is not supported: write runs.train.project; for user/project, write the user in runs.train.user",
    "project: ada/mnist": "project is not supported: write runs.train.project; for user/project",
    "settings: {logging: {level: INFO}}": "settings is not supported: write its matrix and the other keys about the search under hptuning, and remove logging and run_type",
    "settings: {run_type: local}": "settings is not supported: ",
    "environment: {master_resources: {cpu: {limits: 1}}}": "environment.master_resources is not supported: write environment.resources",
    "environment: {n_workers: 2}": "environment.n_workers is not supported: write one run for each replica",
    "environment: {restart_policy: Never}": "environment.restart_policy is not supported: write environment.max_restarts",
    "train: {a: 1}": "train is not supported: write the model in the program that run.cmd starts",
    "termination: {max_restarts: 3}": "termination is not supported: write environment.max_restarts, and runs.train.activeDeadlineSeconds",
    "ops: [a]": "ops is not supported: write one run for each operation",
    "builds: {image: x}": 'builds is not supported: did you mean "build"? The known keys are: ',
    "environment: {resource: {}}": 'environment.resource is not supported: did you mean "resources"?',
    "node_selector: {a: b}": "node_selector is not supported: write environment.node_selector",
    "grid_search: {n_experiments: 1}": "grid_search is not supported: write hptuning.grid_search",
    "environment: {max_retries: 1}": "environment.max_retries is not supported: write environment.max_restarts",
    "run: {lang_env: C}": "run.lang_env is not supported: write build.lang_env",
    "run: {dockerfile: D}": "run.dockerfile is not supported: build that image and write its name in runs.train.image",
    "run: {resources: {cpu: 1}}": "run.resources is not supported: write environment.resources",
    "build: {steps: [a]}": "build.steps is not supported: remove the key; the known keys are: ",
    "hptuning: {matrix: {lr: {value: [1]}}}": 'hptuning.matrix.lr.value is not supported: did you mean "values"? Or write values: ',
    "nobody: 1": "nobody is not supported: remove the key; the known keys are: ",
}  # fmt: skip


@pytest.mark.parametrize("form", ["map", "text"])
@pytest.mark.parametrize("text", CHART)
def test_the_chart_says_what_to_write(
    text: str, form: str, tools: Path, helm_env: dict[str, str], tmp_path: Path
) -> None:
    more = give_polyaxonfile(text, form, tmp_path / "given.yml")
    done = subprocess.run(
        [str(tools / "helm4"), "template", "demo", "chart", "--set", "runs.train.command={a}", *more],
        cwd=ROOT, env=env_of("helm4", helm_env), capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert f"runs.train.polyaxonfile: {CHART[text]}" in done.stderr
